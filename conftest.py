"""Runs the examples of the documentation: Python, and the console with what it prints."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from doctest import ELLIPSIS
from pathlib import Path

from sybil import Document, Example, Region, Sybil
from sybil.document import PythonDocStringDocument
from sybil.parsers.markdown import PythonCodeBlockParser
from sybil.parsers.rest import DocTestParser

FILE = re.compile(r"^```(?:csv|json) (?P<name>\S+)\n(?P<text>.*?)^```", re.DOTALL | re.MULTILINE)
CONSOLE = re.compile(r"^```console\n(?P<text>.*?)^```", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(
    r"^\$ (?P<command>.*<<END\n(?:.*\n)*?END\n|.*\n(?: {4,}.*\n)*)"
    r"(?P<output>(?:[^$\n].*\n|\n)*)",
    re.MULTILINE,
)


def parse_console(document: Document) -> Iterable[Region]:
    for block in CONSOLE.finditer(document.text):
        yield Region(block.start(), block.end(), block["text"], run_console)


def parse_files(document: Document) -> Iterable[Region]:
    document.namespace["page"] = document.text  # for examples that check what the page says
    for block in FILE.finditer(document.text):
        yield Region(block.start(), block.end(), (block["name"], block["text"]), write_file)


def write_file(example: Example) -> None:
    """Save a block as the text asks for."""
    name, text = example.parsed
    (Path(example.namespace["folder"]) / name).write_text(text, "utf-8")


def run_console(example: Example) -> str | None:
    """Run each command as a shell would, in the document's folder, and compare what it prints."""
    scripts = str(Path(sys.executable).parent)
    environment = os.environ | {
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "100",
    }
    for match in COMMAND.finditer(example.parsed):
        command = match["command"]
        done = subprocess.run(  # noqa: S602 - the examples are ours
            command,
            shell=True,
            cwd=example.namespace["folder"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        wanted = match["output"].strip("\n")
        pattern = re.escape(wanted).replace(re.escape("…"), ".*")
        if not re.fullmatch(pattern, done.stdout.strip("\n"), re.DOTALL):
            return f"{command}printed\n{done.stdout}instead of\n{wanted}"
    return None


def enter(namespace: dict[str, object]) -> None:
    folder = tempfile.TemporaryDirectory()
    namespace |= {"folder": folder.name, "_folder": folder, "_back": Path.cwd()}
    os.chdir(folder.name)


def leave(namespace: dict[str, object]) -> None:
    os.chdir(str(namespace["_back"]))
    folder = namespace["_folder"]
    assert isinstance(folder, tempfile.TemporaryDirectory)  # noqa: S101
    folder.cleanup()


pages = Sybil(
    parsers=[PythonCodeBlockParser(doctest_optionflags=ELLIPSIS), parse_console, parse_files],
    patterns=["*.md"],
    setup=enter,
    teardown=leave,
)
docstrings = Sybil(
    parsers=[DocTestParser(ELLIPSIS)],
    patterns=["*.py"],
    document_types={".py": PythonDocStringDocument},
    path="src",
)
pytest_collect_file = (pages + docstrings).pytest()

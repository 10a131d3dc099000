"""The reference host as programs of their own, which tests may stop, kill and start again."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from attrs import frozen

_PATIENCE = 120
"""Seconds that a program may take to start."""
_HASTY = Path(__file__).with_name("hasty.py")
_KEY = re.compile(r"ce_\w{12}_[\w-]{43}")
_ADDRESS = re.compile(r"Serving at (http://127\.0\.0\.1:[0-9]+);")


@frozen(eq=False)
class Program:
    """A running command; what it prints and logs goes to a file."""

    process: subprocess.Popen[bytes]
    log: Path
    begins: int
    """Where in the log its own lines begin: several programs may share a log, one after the other."""

    @property
    def text(self) -> str:
        """What it has printed and logged."""
        return self.log.read_bytes()[self.begins :].decode()

    def wait_for(self, what: str | re.Pattern[str]) -> re.Match[str]:
        """Wait until it has printed or logged a text, or what a pattern matches."""
        limit = time.monotonic() + _PATIENCE
        pattern = re.compile(re.escape(what)) if isinstance(what, str) else what
        while (found := pattern.search(self.text)) is None:
            assert self.process.poll() is None, self.text
            assert time.monotonic() < limit, self.text
            time.sleep(0.02)
        return found


@frozen(eq=False)
class Server(Program):
    """A running server."""

    url: str
    """Without a slash at the end."""
    key: str
    """Of the demo's organisation; empty if the demo was not taken in just now."""


@contextmanager
def serving(
    folder: Path,
    *options: str,
    demo: bool = True,
    port: int = 0,
    log: Path | None = None,
    lease: float | None = None,
) -> Iterator[Server]:
    """A server that answers, and is killed in the end if it has not ended by itself.

    Args:
        folder: Of its data.
        options: More of ``closient-export serve``.
        demo: Whether it takes in the demo and makes a key for it.
        port: To listen at; a free one, which the server finds, if it is not given.
        log: Where its lines go; a file beside the folder if it is not given.
        lease: Seconds of a lease, and small parts; both as the host has them if it is not given.
    """
    arguments = ["serve", "--port", str(port), "--rate", "1000000/1", *options]
    if demo:
        arguments.append("--demo")
    with _running(folder, arguments, log, lease) as program:
        url = program.wait_for(_ADDRESS)[1]
        limit = time.monotonic() + _PATIENCE
        while not _is_ready(url):
            assert program.process.poll() is None, program.text
            assert time.monotonic() < limit, program.text
            time.sleep(0.02)
        found = _KEY.search(program.text)
        yield Server(
            process=program.process,
            log=program.log,
            begins=program.begins,
            url=url,
            key=found[0] if found else "",
        )


@contextmanager
def working(
    folder: Path, *options: str, log: Path | None = None, lease: float | None = None
) -> Iterator[Program]:
    """A worker, likewise."""
    with _running(folder, ["worker", *options], log, lease) as program:
        program.wait_for("Working")
        yield program


@contextmanager
def _running(
    folder: Path, arguments: list[str], log: Path | None, lease: float | None
) -> Iterator[Program]:
    log = log or folder.with_name(f"{folder.name}.{arguments[0]}.log")
    program = ["-m", "closient_export"] if lease is None else [str(_HASTY), str(lease)]
    command = [sys.executable, *program, *arguments, "--data", str(folder)]
    with log.open("ab") as output:
        begins = output.tell()
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        yield Program(process, log, begins)
    finally:
        process.kill()
        process.wait()


def _is_ready(url: str) -> bool:
    try:
        with urlopen(f"{url}/health/ready", timeout=60) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except OSError:
        return False

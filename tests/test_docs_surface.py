"""What the documentation says of the code is what the code says."""

import inspect
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, get_args, get_type_hints

import click
import pytest
from PIL import Image

import closient_export
from closient_export.cli import main
from closient_export.trace.findings import RULES

ROOT = Path(__file__).parent.parent
API = ROOT / "docs" / "reference" / "api"
PUBLIC = (
    *("", ".plugins", ".ports", ".service", ".adapters.*", ".errors"),
    *(".trace.sheets", ".trace.workbook", ".testing"),
)
ENTRY = re.compile(r"^\.\. (auto\w+):: closient_export\.(\w+)$", re.MULTILINE)


def run(*command: str | Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_the_reference_describes_the_names_of_the_package_and_nothing_else() -> None:
    text = (API / "closient_export.rst").read_text("utf-8")
    names = [name for _, name in ENTRY.findall(text)]
    assert names == sorted(closient_export.__all__)
    assert len(names) == len(re.findall(r"^\.\. ", text, re.MULTILINE))
    for directive, name in ENTRY.findall(text):
        thing = getattr(closient_export, name)
        is_exception = isinstance(thing, type) and issubclass(thing, Exception)
        kind = "exception" if is_exception else "class" if isinstance(thing, type) else "function"
        assert directive == f"auto{kind}", name


@pytest.mark.parametrize("area", ["plugins", "ports", "service", "errors"])
def test_each_public_module_has_a_page_that_describes_all_of_it(area: str) -> None:
    text = (API / f"{area}.rst").read_text("utf-8")
    assert f".. public-module:: closient_export.{area}\n" in text
    module = import_module(f"closient_export.{area}")
    assert module.__doc__
    assert sorted(module.__all__) == sorted(set(module.__all__))


def test_sheets_and_the_workbook_have_a_page() -> None:
    text = (API / "sheets.rst").read_text("utf-8")
    for name in ("trace.sheets", "trace.workbook"):
        assert f".. public-module:: closient_export.{name}\n" in text


def ours_in(hint: Any) -> set[type]:
    """The classes of this library that an annotation names."""
    if get_args(hint):
        return {found for each in get_args(hint) for found in ours_in(each)}
    is_ours = isinstance(hint, type) and hint.__module__.startswith("closient_export")
    return {hint} if is_ours else set()


@pytest.mark.parametrize("area", ["plugins", "ports"])
def test_what_an_author_implements_names_nothing_that_he_could_not_import(area: str) -> None:
    module = import_module(f"closient_export.{area}")
    public = {getattr(module, name) for name in module.__all__ if name[0].isupper()}
    own = [thing for thing in public if getattr(thing, "__module__", "") == module.__name__]
    assert own
    for thing in filter(inspect.isclass, own):
        annotated = [thing, *(each for each in vars(thing).values() if inspect.isfunction(each))]
        for each in annotated:
            named = {found for hint in get_type_hints(each).values() for found in ours_in(hint)}
            assert named <= public, each


def test_what_the_page_of_adapters_leaves_out_is_there() -> None:
    text = (API / "adapters.rst").read_text("utf-8")
    [(folder, without)] = re.findall(r"public-folder:: (\S+)\n +:without: (.+)", text)
    for name in without.split():
        assert import_module(f"{folder}.{name}").__doc__


def test_what_is_public_is_the_same_in_all_places() -> None:
    text = (ROOT / "docs" / "reference" / "stability.md").read_text("utf-8")
    table = text.partition("## What is public")[2].partition("\n\nThe reference")[0]
    promised = re.findall(r"^\| `closient_export(\S*)` \|", table, re.MULTILINE)
    assert promised == list(PUBLIC)


def options_of(command: click.Command) -> set[str]:
    """The options of a command and of its subcommands."""
    found = {name for each in command.params for name in each.opts if name.startswith("--")}
    parts = command.commands.values() if isinstance(command, click.Group) else ()
    return found.union(*map(options_of, parts))


@pytest.mark.parametrize("name", main.commands)
def test_the_page_of_the_command_line_has_every_command_and_every_option(name: str) -> None:
    text = (ROOT / "docs" / "reference" / "command-line.md").read_text("utf-8")
    sections = dict(
        re.findall(r"^## `closient-export (\w+).*`\n((?:(?!## ).*\n)*)", text, re.MULTILINE)
    )
    assert sections.keys() == set(main.commands)
    elsewhere = {"check": "trace", "worker": "serve", "keys": "serve"}
    described = sections[name] + sections.get(elsewhere.get(name, ""), "")
    heading = re.search(rf"^## `closient-export {name}.*", text, re.MULTILINE)
    assert heading
    named = set(re.findall(r"--[a-z0-9-]+", described + heading[0]))
    assert options_of(main.commands[name]) <= named


def test_every_error_is_drawn_where_it_is_described() -> None:
    errors = import_module("closient_export.errors")
    drawn = re.findall(r"\b[A-Z]\w+Error\b", errors.__doc__ or "")
    assert set(errors.__all__) - {"Problem"} <= set(drawn)


def test_generated_pages_are_what_the_code_says() -> None:
    done = run("tools/generate_reference.py", "--check")
    assert (done.returncode, done.stdout) == (0, "")


def test_every_finding_has_an_anchor_of_its_own() -> None:
    text = (ROOT / "docs" / "reference" / "findings.md").read_text("utf-8")
    assert sorted(re.findall(r"^### `(.+)`$", text, re.MULTILINE)) == sorted(RULES)


def test_pictures_show_what_the_tool_draws_now() -> None:
    done = run("tools/draw_pictures.py", "--check")
    assert (done.returncode, done.stdout) == (0, "")


def test_a_picture_of_something_else_or_of_other_words_is_not_current(tmp_path: Path) -> None:
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        draw_pictures = import_module("draw_pictures")
    finally:
        sys.path.pop(0)
    images = ROOT / "docs" / "images"
    with Image.open(images / "lot-page.png") as page, Image.open(images / "lot.png") as lot:
        page.load()
        assert "nothing that the rule requires was found missing" in page.info["Description"]
        assert draw_pictures.is_like(page, images / "lot-page.png")
        assert not draw_pictures.is_like(page, images / "lot.png")
        assert not draw_pictures.is_like(lot, images / "lot-page.png")
        assert not draw_pictures.is_like(page, tmp_path / "absent.png")
        page.info["Description"] += "."
        assert not draw_pictures.is_like(page, images / "lot-page.png")
        del page.info["Description"]
        assert not draw_pictures.is_like(page, images / "lot-page.png")


def test_links_lead_somewhere() -> None:
    done = run("tools/check_links.py")
    assert done.returncode == 0, done.stdout


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        check_links = import_module("check_links")
    finally:
        sys.path.pop(0)
    page = tmp_path / "page.md"
    other = tmp_path / "other.md"
    other.write_text(
        "# A `word`, and more\n\n## Twice\n\n## Twice\n\n```\n# no heading\n```\n", "utf-8"
    )
    links = {
        "other.md": True,
        "other.md#a-word-and-more": True,
        "other.md#twice-1": True,
        "other.md#twice-2": False,
        "other.md#no-heading": False,
        "nowhere.md": False,
        "#here": True,
        "#there": False,
        "https://example.com/nowhere": True,
    }
    page.write_text("# Here\n\n" + "\n".join(f"[x]({link})" for link in links), "utf-8")
    found = check_links.problems(page, tmp_path)
    assert [problem.split(": ")[1].split(" ")[0] for problem in found] == [
        link for link, is_right in links.items() if not is_right
    ]

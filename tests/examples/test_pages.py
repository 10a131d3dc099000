"""What the pages on embedding quote is what the examples say."""

import ast
import io
import re
import textwrap
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
QUOTE = re.compile(r"^```py (?P<file>\S+)\n(?P<text>.*?)^```", re.DOTALL | re.MULTILINE)
NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


def page(name: str) -> str:
    return (ROOT / "docs" / "how-to" / name).read_text("utf-8")


def holds(file: str, quoted: str) -> bool:
    """Whether the lines follow each other in a file, further in or not."""
    lines = (ROOT / file).read_text("utf-8").splitlines()
    count = len(quoted.splitlines())
    return any(
        textwrap.dedent("\n".join(lines[at : at + count])).strip() == quoted.strip()
        for at in range(len(lines))
    )


@pytest.mark.parametrize(
    ("name", "least"), [("embed-in-django.md", 11), ("embed-in-fastapi.md", 6)]
)
def test_quotes_are_in_the_files(name: str, least: int) -> None:
    quotes = [(match["file"], match["text"]) for match in QUOTE.finditer(page(name))]
    assert len(quotes) >= least
    assert [quote for quote in quotes if not holds(*quote)] == []


def lines_of_code(source: str) -> int:
    """Lines that are neither blank nor comments nor docstrings."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in NO_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            lines.difference_update(range(node.lineno, (node.end_lineno or 0) + 1))
    return len(lines)


def test_the_project_is_as_long_as_its_page_says() -> None:
    aside = {"migrations", "models.py", "settings.py", "load_demo.py"}
    project = ROOT / "examples" / "django_project"
    sources = [path for path in project.rglob("*.py") if not aside & set(path.parts)]
    count = sum(lines_of_code(path.read_text("utf-8")) for path in sources)
    assert f"it is {count} lines of code" in page("embed-in-django.md")

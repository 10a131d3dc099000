"""The page of the documentation that has the tables, and its chart."""

import json
import os
import platform
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from importlib.metadata import PackageNotFoundError, version
from math import ceil, floor, log10
from pathlib import Path
from typing import Any

import attrs
from measuring import Claim, Table, markdown, short

__all__ = ["machine", "write_page"]

_PACKAGES = (
    *("closient-export", "numpy", "isal", "segno", "qrcode", "zxing-cpp", "pylibdmtx", "pyStrich"),
    *("python-barcode", "reportlab", "openpyxl", "XlsxWriter", "lxml", "pillow"),
)
_DATE = "Date"

_OPENING = """\
# How fast it is

Ours beside what one would write with another library or with zint: the sides of a table run in turn
on the same input, {runs}, in one run of the benchmark on one machine. The tables have the medians.
Slow sides get fewer items, since what counts is the rate. *Of CPU* are the seconds of all processors
that a side takes, with those of its processes, which other programs disturb little. The lower of the two
ratios is the one that is judged.

Labels are of serials in a CSV catalogue, such as `https://id.gs1.org/01/09506000134352/10/L0042/21/332606081`.
Ours checks each of them by GS1's rules and writes a manifest with checksums; the loops of the others do
neither, but zint checks element strings. Loading a library is not measured, and files are kept in memory.
`make bench` measures all of it again.

![How many times as fast ours is as each of the others, on a logarithmic scale]({chart})

{machine}
"""


def machine(*, quick: bool) -> dict[str, str]:
    """What the figures depend on."""
    model = re.search(r"^model name\s*: (.+)$", _read("/proc/cpuinfo"), re.MULTILINE)
    return {
        _DATE: f"{datetime.now(UTC):%Y-%m-%d}",
        "Processor": f"{model[1] if model else platform.processor()}, {_processors()} cores",
        "System": platform.platform(),
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "Libraries": ", ".join(filter(None, map(_version, _PACKAGES))),
        "Programs": _zint(),
        "Runs": "3, of a tenth of the items" if quick else "5",
    }


def _read(path: str) -> str:
    return Path(path).read_text("utf-8") if Path(path).exists() else ""


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _version(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return ""


def _zint() -> str:
    try:
        done = subprocess.run(["zint", "--version"], check=True, capture_output=True, text=True)
    except FileNotFoundError:
        return "zint is not installed"
    return done.stdout.strip().replace("Zint version", "zint")


def write_page(
    page: Path,
    about: Mapping[str, str],
    tables: Mapping[str, Sequence[Table]],
    order: Sequence[str],
) -> None:
    """Put the tables of some rows into the page, beside those of other rows that were measured alike.

    What is measured is kept beside the page as JSON.
    """
    kept = page.with_suffix(".json")
    known: dict[str, Any] = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    if _without_date(known.get("machine", {})) != _without_date(about):
        known = {"rows": {}}
    rows = known["rows"] | {name: [attrs.asdict(each) for each in tables[name]] for name in tables}
    rows = {name: rows[name] for name in order if name in rows}
    page.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps({"machine": about, "rows": rows}, indent=1) + "\n", "utf-8")
    found = [_table(each) for row in rows.values() for each in row]
    chart = page.with_suffix(".svg")
    chart.write_text(draw_chart(found), "utf-8")
    opening = _OPENING.format(
        runs=_runs_in_words(about["Runs"]),
        chart=chart.name,
        machine="\n".join(f"- {name}: {value}" for name, value in about.items()),
    )
    page.write_text("\n".join([opening, *(f"{markdown(each)}\n" for each in found)]), "utf-8")


def _without_date(about: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in about.items() if name != _DATE}


def _runs_in_words(runs: str) -> str:
    return "five times" if runs == "5" else "three times, on a tenth of the items"


def _table(kept: dict[str, Any]) -> Table:
    return Table(
        title=kept["title"],
        headings=tuple(kept["headings"]),
        lines=tuple(map(tuple, kept["lines"])),
        claims=tuple(Claim(**claim) for claim in kept["claims"]),
        said=tuple(kept["said"]),
        notes=tuple(kept["notes"]),
    )


_LEFT, _RIGHT, _WIDTH = 250, 60, 800
_BAR, _GAP, _ROOM_OF_NUMBER = 18, 6, 50


def draw_chart(tables: Sequence[Table]) -> str:
    """Bars on a logarithmic scale, with a mark where a ratio is wanted to be."""
    shown = [
        (table.title, claims)
        for table in tables
        if (claims := [claim for claim in table.claims if claim.charted])
    ]
    values = [1, *(claim.ratio for _, claims in shown for claim in claims)]
    values += [claim.wanted or 1 for _, claims in shown for claim in claims]
    first, last = floor(log10(min(values))), max(1, ceil(log10(max(values))))

    def across(ratio: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (log10(ratio) - first) / (last - first)

    y, body = 30, []
    for title, claims in shown:
        y += 24
        body.append(f'<text x="10" y="{y - 6}" font-weight="bold">{escape(title)}</text>')
        for claim in claims:
            body.append(_bar(claim, across, y))
            y += _BAR + _GAP
    bottom = y + 6
    grid = []
    for decade in range(first, last + 1):
        x = across(10.0**decade)
        grid.append(f'<path d="M{x:.1f} 26V{bottom}" stroke="#ccc"/>')
        grid.append(f'<text x="{x:.1f}" y="20" text-anchor="middle">{10.0**decade:,g}</text>')
    height = bottom + 10
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" '
        f'viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" font-size="13" role="img">\n'
        "<title>How many times as fast ours is; the dark marks are what is wanted</title>\n"
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>\n'
        + "\n".join([*grid, *body])
        + "\n</svg>\n"
    )


def _bar(claim: Claim, across: Callable[[float], float], y: int) -> str:
    even, middle = across(1), y + _BAR - 5
    start, end = sorted((even, across(claim.ratio)))
    colour = "#4a7fb5" if claim.ratio >= 1 else "#b5624a"
    parts = [
        f'<text x="{_LEFT - 8}" y="{middle}" text-anchor="end">{escape(claim.what)}</text>',
        f'<rect x="{start:.1f}" y="{y}" width="{end - start:.1f}" height="{_BAR}" fill="{colour}"/>',
    ]
    if claim.wanted is not None:
        mark = across(claim.wanted)
        parts.append(f'<path d="M{mark:.1f} {y - 2}v{_BAR + 4}" stroke="#222" stroke-width="2"/>')
        if end < mark < end + _ROOM_OF_NUMBER:
            end = mark
    parts.append(f'<text x="{end + 6:.1f}" y="{middle}">{short(claim.ratio)}</text>')
    return "".join(parts)

"""Sides that do the same work, measured in turn, and tables of how they compare."""

import gc
import resource
import shutil
import sys
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

from attrs import field, frozen

__all__ = [
    "Claim",
    "Contest",
    "Measured",
    "Side",
    "Table",
    "compare",
    "cpu_seconds",
    "markdown",
    "short",
]

Work = Callable[[Any, Path], Path | None]
"""Takes what was prepared and an empty folder; gives the file that it made, if any."""

_FEW = 70
"""So many items are made before any are measured, which loads what is loaded when first needed."""
_MANIFEST = "manifest.csv"


@frozen
class Side:
    """One way to do the work."""

    name: str
    work: Work
    count: int
    """Of the items in a run; slow ones get fewer."""
    wanted: tuple[float, ...] = ()
    """How many times as fast as this one each of ours is to be."""
    prepare: Callable[[Any], Any] = field(default=lambda given: given, kw_only=True)
    """What may be done with the contest's input before the clock runs."""
    needs: tuple[str, ...] = field(default=(), kw_only=True)
    """Modules, and programs as ``zint!``."""


@frozen(kw_only=True)
class Contest:
    """Work that ours and others do."""

    row: str
    titles: tuple[str, ...]
    """A table for each of ours."""
    ours: tuple[Side, ...]
    peers: tuple[Side, ...]
    prepare: Callable[[Path, int], Any]
    """Makes the input of so many items in a folder."""
    items: str = "labels"
    share: float | None = None
    """How much of the first peer's bytes ours may take."""
    notes: tuple[str, ...] = ()


@frozen(kw_only=True)
class Claim:
    """A ratio, and what it is wanted to be."""

    what: str
    ratio: float
    wanted: float | None = None
    at_most: bool = False
    charted: bool = False

    @property
    def met(self) -> bool | None:
        """Whether it is as wanted, if anything is."""
        if self.wanted is None:
            return None
        return self.ratio <= self.wanted if self.at_most else self.ratio >= self.wanted

    @property
    def verdict(self) -> str:
        """The same in a word."""
        return {None: "", True: "met", False: "missed"}[self.met]

    def __str__(self) -> str:
        if self.wanted is None:
            return f"{self.what}: {short(self.ratio)}"
        bound = "at most" if self.at_most else "at least"
        wanted = f"{bound} {short(self.wanted)} wanted: {self.verdict}"
        return f"{self.what}: {short(self.ratio)} ({wanted})"


@frozen(kw_only=True)
class Table:
    """What a row of the benchmark has found."""

    title: str
    headings: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    claims: tuple[Claim, ...] = ()
    said: tuple[str, ...] = ()
    """Claims that are not in the lines, in words."""
    notes: tuple[str, ...] = ()


@frozen(kw_only=True)
class Measured:
    """The rates of one side."""

    name: str
    count: int
    cpu: float
    """Items for each second of processors, the side's processes together."""
    wall: float
    """Items for each second of the clock."""
    size: float | None = field(default=None)
    """Bytes of the file for each item."""
    manifest: float = 0
    """Of these, bytes of the manifest."""


def cpu_seconds() -> float:
    """What this process has taken of the processors, and those it has waited for."""
    return time.process_time() + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])


def compare(contest: Contest, folder: Path, runs: int, *, tenth: bool) -> list[Table]:
    """Measure all sides in turn, so many times, and set each of ours beside the peers."""
    left_out: list[str] = []
    able: list[tuple[Side, int, Any]] = []
    for side in (*contest.ours, *contest.peers):
        why = _obstacle(contest, side, folder)
        if why:
            left_out.append(f"Left out: {side.name}: {why}.")
            print(f"{contest.row}: {left_out[-1]}", file=sys.stderr)
            continue
        count = max(side.count // 10, 100) if tenth else side.count
        able.append((side, count, side.prepare(contest.prepare(folder, count))))
    if not any(side in contest.ours for side, _, _ in able):
        return []
    found: dict[str, list[Measured]] = {side.name: [] for side, _, _ in able}
    for number in range(1, runs + 1):
        print(f"{contest.row}: run {number} of {runs}", file=sys.stderr)
        for side, count, given in able:
            found[side.name].append(_run(side, count, given, folder))
    best = {name: _median(each) for name, each in found.items()}
    peers = [side for side, _, _ in able if side in contest.peers]
    return [
        _table(contest, position, best, peers, (*contest.notes, *left_out))
        for position, side in enumerate(contest.ours)
        if side.name in best
    ]


def _obstacle(contest: Contest, side: Side, folder: Path) -> str:
    """Why a side cannot run, else nothing."""
    for name in side.needs:
        is_program = name.endswith("!")
        if not (shutil.which(name[:-1]) if is_program else find_spec(name)):
            return f"{name.rstrip('!')} is not installed"
    try:
        _run(side, _FEW, side.prepare(contest.prepare(folder, _FEW)), folder)
    except (Exception, SystemExit) as error:  # whatever it is, the others go on
        return f"{type(error).__name__}: {error}".rstrip(".")
    return ""


def _run(side: Side, count: int, given: Any, folder: Path) -> Measured:
    scratch = folder / "scratch"
    scratch.mkdir()
    try:
        gc.collect()
        clock, cpu = time.perf_counter(), cpu_seconds()
        made = side.work(given, scratch)
        cpu, clock = cpu_seconds() - cpu, time.perf_counter() - clock
        size = made.stat().st_size / count if made else None
        manifest = _look_into(made, count) / count if made and made.suffix == ".zip" else 0
    finally:
        shutil.rmtree(scratch)
    rates = {"cpu": count / cpu, "wall": count / clock}
    return Measured(name=side.name, count=count, size=size, manifest=manifest, **rates)


def _look_into(path: Path, count: int) -> int:
    """Make sure that nothing is missing; gives the bytes that the manifest takes."""
    with zipfile.ZipFile(path) as archive:
        sizes = {each.filename: each.compress_size for each in archive.infolist()}
    manifest = sizes.pop(_MANIFEST, 0)
    if len(sizes) != count:
        raise ValueError(f"{len(sizes)} files were made of {count}")
    return manifest


def _median(runs: Sequence[Measured]) -> Measured:
    first = runs[0]
    return Measured(
        name=first.name,
        count=first.count,
        cpu=median(run.cpu for run in runs),
        wall=median(run.wall for run in runs),
        size=first.size,
        manifest=first.manifest,
    )


def _table(
    contest: Contest,
    position: int,
    found: Mapping[str, Measured],
    peers: Sequence[Side],
    notes: tuple[str, ...],
) -> Table:
    ours = found[contest.ours[position].name]
    has_sizes = ours.size is not None
    lines, claims = [(*_figures(ours, has_sizes=has_sizes), "", "", "")], []
    for side in peers:
        peer = found[side.name]
        cpu, wall = ours.cpu / peer.cpu, ours.wall / peer.wall
        claim = Claim(
            what=side.name,
            ratio=min(cpu, wall),
            wanted=side.wanted[position] if side.wanted else None,
            charted=True,
        )
        claims.append(claim)
        wanted = "" if claim.wanted is None else f"{short(claim.wanted)}: {claim.verdict}"
        ratios = (short(cpu), short(wall), wanted)
        lines.append((*_figures(peer, has_sizes=has_sizes), *ratios))
    said = []
    if contest.share is not None and peers and ours.size and (size := found[peers[0].name].size):
        what = f"bytes, of those of {peers[0].name}"
        claims.append(Claim(what=what, ratio=ours.size / size, wanted=contest.share, at_most=True))
        said.append(f"{claims[-1]}")
    if ours.manifest:
        notes = (f"Of our bytes, {ours.manifest:,.0f} are the manifest's.", *notes)
    items = contest.items
    return Table(
        title=contest.titles[position],
        headings=(
            "",
            f"{items} a run",
            f"{items}/s of CPU",
            f"{items}/s",
            *(["bytes each"] if has_sizes else []),
            "times as fast, CPU",
            "and clock",
            "wanted of both",
        ),
        lines=tuple(lines),
        claims=tuple(claims),
        said=tuple(said),
        notes=notes,
    )


def _figures(found: Measured, *, has_sizes: bool) -> tuple[str, ...]:
    rates = (found.name, f"{found.count:,}", f"{found.cpu:,.0f}", f"{found.wall:,.0f}")
    if not has_sizes:
        return rates
    return (*rates, "" if found.size is None else f"{found.size:,.0f}")


def short(number: float) -> str:
    """Three digits."""
    if number >= 100:
        return f"{number:,.0f}"
    return f"{number:.3g}"


def markdown(table: Table) -> str:
    """The table as Markdown that reads well as it is."""
    rows = [table.headings, *table.lines]
    widths = [max(3, *map(len, column)) for column in zip(*rows, strict=True)]
    lines = [_line(row, widths) for row in rows]
    rule = [f"{'-' * (width - 1)}:" for width in widths]
    lines.insert(1, _line([f":{rule[0][1:-1]}-", *rule[1:]], widths))
    texts = [*(f"{said[0].upper()}{said[1:]}." for said in table.said), *table.notes]
    return "\n\n".join([f"## {table.title}", "\n".join(lines), *texts])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    texts = [cells[0].ljust(widths[0])]
    texts += [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)]
    return f"| {' | '.join(texts)} |"

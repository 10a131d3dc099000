"""Traces through supply networks: rates, how they grow with the network, and peak memory.

    python benchmarks/bench_trace.py [EVENTS …]      (default: 1000 10000)

Each run is a process of its own, ours and the plain loop in turn on the same file, small ones three
times; the tables give medians of CPU time, which other programs disturb little. Reading stands
beside ``json.load``, which checks nothing and keeps everything; the workbook beside a loop that
appends the same cells, without their looks, to openpyxl's write-only worksheets. Peak memory is that
of the process up to the end of the step.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from supply_network import (
    FIRST_DAY,
    PORTION_PRODUCT,
    events_of,
    lots_to_ask,
    rework_lot,
    write_network,
    write_rework,
)

if TYPE_CHECKING:
    from closient_export.trace.graph import LotGraph
    from closient_export.trace.report import TraceReport

Figures = dict[str, float]

_LARGEST_WHOLE = 100_000
"""Of the networks that are traced as a whole; of larger ones a month of one product is."""
_SMALL = 20_000
"""Networks up to this size are measured three times."""
_CHAIN = 100_000
_THE_CHAIN = 0
"""Stands for the size of the network that is one chain of lots."""


class _Steps:
    """The seconds of each step, and the peak of memory after it."""

    def __init__(self) -> None:
        self.figures: Figures = {}

    def measure(self, name: str, step: Callable[[], Any]) -> Any:
        start = time.process_time()
        found = step()
        self.figures[name] = time.process_time() - start
        self.figures[f"{name} MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return found


def read_ours(path: Path, _: int) -> Figures:
    from closient_export.epcis import read_events  # noqa: PLC0415 - only its own side is loaded

    def read() -> None:
        with path.open("rb") as file:
            for _ in read_events(file, path.name):
                pass

    steps = _Steps()
    steps.measure("read", read)
    return steps.figures


def read_plain(path: Path, _: int) -> Figures:
    def read() -> Any:
        with path.open("rb") as file:
            return json.load(file)

    steps = _Steps()
    steps.measure("read", read)
    return steps.figures


def walk(path: Path, size: int) -> Figures:
    """Load a network and walk from lots all over it, each for the first time."""
    from closient_export.adapters.event_files import read_event_files  # noqa: PLC0415
    from closient_export.trace.report import make_report  # noqa: PLC0415
    from closient_export.trace.walk import Selection, run_walk  # noqa: PLC0415

    steps = _Steps()
    files = steps.measure("load", lambda: read_event_files([path]))
    master_data = files.master_data()
    walks, reports, reached, rows, findings = [], [], [], 0, 0
    for lot in lots_to_ask(size):
        selection = Selection(lots=(lot,))
        start = time.process_time()
        graph = run_walk(files.source, selection)
        walked = time.process_time()
        report = make_report(graph, master_data)
        reports.append(time.process_time() - walked)
        walks.append(walked - start)
        reached.append(_reached(graph))
        rows += sum(map(len, report.rows.values()))
        findings += len(report.findings)
    return steps.figures | {
        "events": len(files.source),
        "walks": len(walks),
        "reached": sum(reached) / len(reached),
        "walk": median(map(_ratio, walks, reached)),
        "mean walk": sum(walks) / sum(reached),
        "worst walk": max(walks),
        "report": sum(reports) / rows,
        "rows": rows / len(walks),
        "findings": findings / len(walks),
    }


def _ratio(seconds: float, number: int) -> float:
    return seconds / number


def _reached(graph: "LotGraph") -> int:
    """How many events a walk's result has."""
    moved = {each.event.digest for found in graph.movements.values() for each in found}
    made = {event.digest for each in graph.transformations for event in each.events}
    return len(moved | made)


def workbook_ours(path: Path, size: int) -> Figures:
    from closient_export.trace.workbook import WorkbookWriter  # noqa: PLC0415

    return _workbook(path, size, WorkbookWriter().write)


def workbook_plain(path: Path, size: int) -> Figures:
    return _workbook(path, size, _write_plainly)


def _workbook(path: Path, size: int, write: Callable[["TraceReport", Any], None]) -> Figures:
    """A trace of everything, of a month of one product, or of one long chain, and its workbook."""
    from closient_export.adapters.event_files import read_event_files  # noqa: PLC0415
    from closient_export.trace.report import make_report  # noqa: PLC0415
    from closient_export.trace.walk import Selection, run_walk  # noqa: PLC0415

    first = FIRST_DAY.date() + timedelta(days=10)
    selection = Selection()
    if size == _THE_CHAIN:
        selection = Selection(lots=(rework_lot(_CHAIN // 2),))
    elif size > _LARGEST_WHOLE:
        selection = Selection(
            products=(PORTION_PRODUCT,), since=first, until=first + timedelta(days=29)
        )
    steps = _Steps()
    files = steps.measure("load", lambda: read_event_files([path]))
    graph = steps.measure("walk", lambda: run_walk(files.source, selection))
    report = steps.measure(
        "report", lambda: make_report(graph, files.master_data(), selection=selection)
    )
    with tempfile.TemporaryFile() as file:
        steps.measure("workbook", lambda: write(report, file))
        megabytes = file.tell() / 1e6
    return steps.figures | {
        "file MB": megabytes,
        "events": len(files.source),
        "lots": len(graph.lots),
        "reached": _reached(graph),
        "rows": sum(map(len, report.rows.values())),
        "findings": len(report.findings),
    }


def _write_plainly(report: "TraceReport", out: Any) -> None:
    """The loop that most people write, over the same cells."""
    from openpyxl import Workbook  # noqa: PLC0415

    from closient_export.trace.spreadsheet import Link, Marked  # noqa: PLC0415
    from closient_export.trace.workbook import sheets_of  # noqa: PLC0415

    book = Workbook(write_only=True)
    for sheet in sheets_of(report):
        worksheet = book.create_sheet(sheet.name)
        worksheet.append([column.heading for column in sheet.columns])
        for row in sheet.rows:
            worksheet.append(
                [
                    cell.value
                    if isinstance(cell, Marked)
                    else cell.text
                    if isinstance(cell, Link)
                    else cell
                    for cell in row
                ]
            )
    book.save(out)


SIDES: dict[str, Callable[[Path, int], Figures]] = {
    "read-ours": read_ours,
    "read-plain": read_plain,
    "walk": walk,
    "workbook-ours": workbook_ours,
    "workbook-plain": workbook_plain,
}


def run(side: str, path: Path, size: int) -> Figures:
    """The figures of one side in a process of its own."""
    command = [sys.executable, __file__, side, str(path), str(size)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    figures: Figures = json.loads(done.stdout)
    return figures


def medians(sides: tuple[str, ...], path: Path, size: int) -> list[Figures]:
    """The figures of each side, all of them in turn as often as the size allows."""
    times = 3 if _THE_CHAIN < size <= _SMALL else 1
    found = [[run(side, path, size) for side in sides] for _ in range(times)]
    return [
        {name: median(figures[name] for figures in runs) for name in runs[0]}
        for runs in zip(*found, strict=True)
    ]


class _Table:
    """A table that is printed row by row."""

    def __init__(self, title: str, *columns: tuple[str, str]) -> None:
        self._formats = [(max(len(heading), 7), form) for heading, form in columns]
        headings = zip(columns, self._formats, strict=True)
        print(f"\n{title}")
        print(" ".join(f"{heading:>{width}}" for (heading, _), (width, _) in headings))

    def add(self, *values: float) -> None:
        cells = zip(values, self._formats, strict=True)
        print(" ".join(f"{value:>{width}{form}}" for value, (width, form) in cells), flush=True)


_WHOLE, _TENTHS, _HUNDREDTHS = ",.0f", ",.1f", ",.2f"


def _reading(networks: dict[int, Path]) -> None:
    table = _Table(
        "Reading a network; peer: json.load, all in memory and unchecked",
        *(("events", _WHOLE), ("file MB", _TENTHS)),
        *(("ours/s", _WHOLE), ("MB", _WHOLE), ("peer/s", _WHOLE), ("MB", _WHOLE)),
        ("ratio", _HUNDREDTHS),
    )
    for size, path in networks.items():
        events = events_of(size)
        ours, peer = medians(("read-ours", "read-plain"), path, size)
        table.add(
            *(events, path.stat().st_size / 1e6, events / ours["read"], ours["read MB"]),
            *(events / peer["read"], peer["read MB"], peer["read"] / ours["read"]),
        )


def _walking(networks: dict[int, Path]) -> None:
    table = _Table(
        "Walking both ways from one lot, and its rows and findings, as the network around it grows",
        *(("events", _WHOLE), ("load/s", _WHOLE), ("MB", _WHOLE), ("walks", _WHOLE)),
        *(("reached", _WHOLE), ("µs/event", _TENTHS), ("mean µs", _TENTHS)),
        *(("worst ms", _TENTHS), ("growth", _HUNDREDTHS)),
        *(("rows", _WHOLE), ("findings", _TENTHS), ("µs/row", _TENTHS)),
    )
    first = 0.0
    for size, path in networks.items():
        [ours] = medians(("walk",), path, size)
        first = first or ours["walk"]
        table.add(
            *(ours["events"], ours["events"] / ours["load"], ours["load MB"], ours["walks"]),
            *(ours["reached"], ours["walk"] * 1e6, ours["mean walk"] * 1e6),
            *(ours["worst walk"] * 1e3, ours["walk"] / first),
            *(ours["rows"], ours["findings"], ours["report"] * 1e6),
        )


def _exporting(networks: dict[int, Path]) -> None:
    table = _Table(
        "Big traces with their workbooks: the whole network; beyond 100,000 events, a month of one\n"
        "product; last, one chain of lots. Peer: a plain loop over write-only sheets of openpyxl",
        *(("events", _WHOLE), ("lots", _WHOLE), ("reached", _WHOLE), ("walk s", _HUNDREDTHS)),
        *(("MB", _WHOLE), ("rows", _WHOLE), ("findings", _WHOLE), ("report s", _HUNDREDTHS)),
        *(("MB", _WHOLE), ("book s", _HUNDREDTHS), ("MB", _WHOLE), ("file MB", _TENTHS)),
        *(("peer s", _HUNDREDTHS), ("MB", _WHOLE), ("file MB", _TENTHS), ("ratio", _HUNDREDTHS)),
    )
    for size, path in networks.items():
        ours, peer = medians(("workbook-ours", "workbook-plain"), path, size)
        table.add(
            *(ours["events"], ours["lots"], ours["reached"], ours["walk"], ours["walk MB"]),
            *(ours["rows"], ours["findings"], ours["report"], ours["report MB"]),
            *(ours["workbook"], ours["workbook MB"], ours["file MB"]),
            *(peer["workbook"], peer["workbook MB"], peer["file MB"]),
            peer["workbook"] / ours["workbook"],
        )


def main() -> None:
    if sys.argv[1:2] and sys.argv[1] in SIDES:
        print(json.dumps(SIDES[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))))
        return
    sizes = [int(text) for text in sys.argv[1:]] or [1000, 10000]
    with tempfile.TemporaryDirectory() as folder:
        networks = {size: Path(folder) / f"network-{size}.jsonld" for size in sizes}
        for size, path in networks.items():
            write_network(path, size)
        chain = Path(folder) / "chain.jsonld"
        write_rework(chain, _CHAIN)
        _reading(networks)
        _walking(networks)
        _exporting({**networks, _THE_CHAIN: chain})


if __name__ == "__main__":
    main()

"""Ours and what users would write with other libraries, side by side on the same input.

    python benchmarks/bench_peers.py [--quick] [ROW …] [--write PAGE]

Rows are matrices, svg, png, datamatrix, gs1-128, sheets, processes, workbook, epcis and memory: all of
them if none is named. The sides of a row run in turn, five times, slow ones on fewer items; a table
has the medians of their rates, by the seconds of all processors and by the clock, and how many times
as fast ours is. What is not installed is left out by name. With --quick there are a tenth of the
items, but in the rows processes and epcis, and three runs.

With --write the tables go into a page of the documentation, with a chart beside it; rows that were
not run stay if they were measured on the same machine in the same manner.
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

import label_contests
import trace_contests
from attrs import frozen
from measuring import Claim, Contest, Table, compare, cpu_seconds, markdown
from peers_labels import catalog
from speed_page import machine, write_page

_MEMORY = Path("/dev/shm")  # noqa: S108 - a file system in memory
_ROOM = 8 << 30
_MANY = 400_000
"""Labels of the row processes, whose second one has to start first."""
_MOST = 1_000_000
_FEW = 10_000
_MEGABYTES = 100


@frozen
class _Run:
    """How to measure."""

    folder: Path
    quick: bool

    @property
    def runs(self) -> int:
        return 3 if self.quick else 5


def _contests(*contests: Contest) -> Callable[[_Run], list[Table]]:
    def row(run: _Run) -> list[Table]:
        return [
            table
            for contest in contests
            for table in compare(contest, run.folder, run.runs, tenth=run.quick)
        ]

    return row


# Rows that need processes of their own


def _labels_of() -> Callable[[Path], None]:
    def make(path: Path) -> None:
        with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
            label_contests.make_svg(path, Path(scratch))

    return make


_CHILDREN: Mapping[str, Callable[[], Callable[[Path], None]]] = {
    "labels": _labels_of,
    "read-ours": trace_contests.read_ours,
    "read-plain": trace_contests.read_plain,
}


def _be_child(name: str, path: Path) -> None:
    work = _CHILDREN[name]()
    clock, cpu = time.perf_counter(), cpu_seconds()
    work(path)
    cpu, clock = cpu_seconds() - cpu, time.perf_counter() - clock
    print(json.dumps({"cpu": cpu, "clock": clock, "megabytes": _peak_megabytes()}))


def _peak_megabytes() -> float:
    """Of this program alone: what Linux gives as ru_maxrss counts the process that started it."""
    status = Path("/proc/self/status")
    if status.exists():
        [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _child(name: str, path: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--child", name, str(path)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _processes(run: _Run) -> list[Table]:
    path, out = catalog(run.folder, _MANY), run.folder / "out.zip"
    command = [sys.executable, "-m", "closient_export", "labels", str(path), "--out", str(out)]
    command += ["--scope", "serials", "--type", "qr_codes", "--format", "svg"]
    seconds: dict[int, list[float]] = {1: [], 2: []}
    for number in range(1, run.runs + 1):
        print(f"processes: run {number} of {run.runs}", file=sys.stderr)
        for processes, found in seconds.items():
            start = time.perf_counter()
            whole = [*command, "--jobs", str(processes)]
            subprocess.run(whole, check=True, capture_output=True)
            found.append(time.perf_counter() - start)
    out.unlink()
    one, two = median(seconds[1]), median(seconds[2])
    claim = Claim(what="times as fast with two processes", ratio=one / two, wanted=1.5)
    return [
        Table(
            title="QR Codes as SVG in a ZIP, with a second process",
            headings=("", "labels a run", "seconds", "labels/s"),
            lines=tuple(
                (f"--jobs {processes}", f"{_MANY:,}", f"{found:.2f}", f"{_MANY / found:,.0f}")
                for processes, found in ((1, one), (2, two))
            ),
            claims=(claim,),
            said=(str(claim),),
            notes=("By the clock, the whole command with its start.",),
        )
    ]


def _epcis(run: _Run) -> list[Table]:
    path = trace_contests.write_document(run.folder, _MEGABYTES)
    found: dict[str, list[dict[str, float]]] = {"read-ours": [], "read-plain": []}
    for number in range(1, run.runs + 1):
        print(f"epcis: run {number} of {run.runs}", file=sys.stderr)
        for name, figures in found.items():
            figures.append(_child(name, path))
    ours, peer = (
        {name: median(figures[name] for figures in runs) for name in runs[0]}
        for runs in found.values()
    )
    size = path.stat().st_size / 1e6
    path.unlink()
    slower = max(ours[name] / peer[name] for name in ("cpu", "clock"))
    memory = ours["megabytes"] / peer["megabytes"]
    claims = (
        Claim(what="its time, of that of json.loads", ratio=slower, wanted=3, at_most=True),
        Claim(what="its memory, of that of json.loads", ratio=memory, wanted=0.1, at_most=True),
    )
    return [
        Table(
            title=f"An EPCIS document of {size:,.0f} MB, read to events",
            headings=("", "seconds of CPU", "seconds", "MB/s", "peak MB"),
            lines=tuple(
                (
                    *(name, f"{side['cpu']:.2f}", f"{side['clock']:.2f}"),
                    *(f"{size / side['clock']:,.0f}", f"{side['megabytes']:,.0f}"),
                )
                for name, side in (("closient-export", ours), ("json.loads", peer))
            ),
            claims=claims,
            said=tuple(map(str, claims)),
            notes=("json.loads checks nothing and keeps everything. Each run is a process.",),
        )
    ]


def _memory(run: _Run) -> list[Table]:
    counts = (_FEW, _MOST // 10 if run.quick else _MOST)
    peaks = [_child("labels", catalog(run.folder, count))["megabytes"] for count in counts]
    grown = Claim(
        what="memory with so many more", ratio=peaks[1] / peaks[0], wanted=1.2, at_most=True
    )
    return [
        Table(
            title="Memory: QR Codes as SVG in a ZIP",
            headings=("labels", "peak MB"),
            lines=tuple(
                (f"{count:,}", f"{peak:,.0f}") for count, peak in zip(counts, peaks, strict=True)
            ),
            claims=(grown,),
            said=(str(grown),),
            notes=("Each number is of one process.",),
        )
    ]


_ROWS: Mapping[str, Callable[[_Run], list[Table]]] = {
    "matrices": _contests(label_contests.MATRICES),
    "svg": _contests(label_contests.SVG),
    "png": _contests(label_contests.PNG),
    "datamatrix": _contests(label_contests.DATAMATRIX),
    "gs1-128": _contests(*label_contests.GS1_128),
    "sheets": _contests(label_contests.SHEETS),
    "processes": _processes,
    "workbook": _contests(trace_contests.WORKBOOK),
    "epcis": _epcis,
    "memory": _memory,
}


def _scratch() -> Any:
    """A folder in memory where there is room, so that no disk is measured."""
    has_room = _MEMORY.exists() and shutil.disk_usage(_MEMORY).free > _ROOM
    return tempfile.TemporaryDirectory(dir=_MEMORY if has_room else None)


def main() -> None:
    if sys.argv[1:2] == ["--child"]:
        _be_child(sys.argv[2], Path(sys.argv[3]))
        return
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(_ROWS)}")
    parser.add_argument("--quick", action="store_true", help="a tenth of the items, three runs")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="a page of the documentation")
    given = parser.parse_args()
    unknown = [name for name in given.rows if name not in _ROWS]
    if unknown:
        parser.error(f"expected rows of {', '.join(_ROWS)}; got {', '.join(unknown)}")
    about = machine(quick=given.quick)
    for name, value in about.items():
        print(f"{name}: {value}")
    found: dict[str, list[Table]] = {}
    with _scratch() as folder:
        for name in given.rows or _ROWS:
            found[name] = _ROWS[name](_Run(Path(folder), given.quick))
            for table in found[name]:
                print(f"\n{markdown(table)}", flush=True)
            if given.write and found[name]:
                write_page(given.write, about, {name: found[name]}, tuple(_ROWS))
    claims = [claim for tables in found.values() for table in tables for claim in table.claims]
    wanted = [claim for claim in claims if claim.met is not None]
    print(f"\n{sum(bool(claim.met) for claim in wanted)} of {len(wanted)} ratios are as wanted")
    missing = [name for name, tables in found.items() if not tables]
    if missing:
        raise SystemExit(f"ours did not run: {', '.join(missing)}")


if __name__ == "__main__":
    main()

"""The reference host under load: how fast it answers, whether its memory stays flat, and crashes.

    python benchmarks/load_host.py [--seconds 120] [--pollers 200] [--submitters 20]
    python benchmarks/load_host.py --kill [--lease 5]
    python benchmarks/load_host.py --abuse

A server and a worker run as processes of their own, on the demo and 2,000 more serials from a CSV
file. Pollers ask about once a second how a job stands, submitters ask for exports one after the
other and download them. Any answer that is not expected, any job that fails, changes after it has
ended, or goes back, is a violation; in the end every job must have ended, with one artifact that
holds what it should. With --kill the server and the worker are killed in turn, every few seconds,
and started again. With --abuse nothing is loaded; the host is sent what it should refuse.

It exits with 1 if there was a violation.
"""

# ruff: noqa: S311 - chances, not secrets

import argparse
import asyncio
import io
import json
import random
import socket
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from importlib.resources import files
from pathlib import Path
from typing import Any

from attrs import define, field
from host_clients import Load

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "host"))

from host_abuse import abuse
from hosts import Program, serving, working
from ports import reserved_port

from closient_export.adapters.csv_catalog import CsvCatalog
from closient_export.subjects import Scope

_PAIRS = (
    ("qr_codes", "svg"),
    ("qr_codes", "png"),
    ("datamatrix", "svg"),
    ("datamatrix", "png"),
    ("barcodes_1d", "svg"),
    ("barcodes_1d", "eps"),
    ("codes_combined", "svg"),
    ("sheet_pdf", "pdf"),
)
_GTIN = "09506000134352"
_MANY = 2000
_WARM = 0.25
"""After this share of the time what is loaded when first needed has been loaded."""


@define
class Programs:
    """The server and the worker, which are started again when they have been killed."""

    folder: Path
    options: argparse.Namespace
    reserved: socket.socket = field(factory=reserved_port)
    """Keeps the port for the next server while one is killed."""
    key: str = ""
    running: dict[str, tuple[Program, ExitStack]] = field(factory=dict)
    kills: Counter[str] = field(factory=Counter)

    @property
    def port(self) -> int:
        """Where every server listens."""
        port: int = self.reserved.getsockname()[1]
        return port

    def start(self, name: str) -> None:
        """Start one of them."""
        stack = ExitStack()
        lease = self.options.lease
        if name == "worker":
            options = (
                ()
                if self.options.processes is None
                else ("--processes", str(self.options.processes))
            )
            self.running[name] = (
                stack.enter_context(working(self.folder, *options, lease=lease)),
                stack,
            )
            return
        server = stack.enter_context(
            serving(self.folder, "--no-worker", demo=not self.key, port=self.port, lease=lease)
        )
        self.key = self.key or server.key
        self.running[name] = (server, stack)

    def kill(self, name: str) -> None:
        """Kill one of them as the kernel would when memory is short."""
        self.running.pop(name)[1].close()
        self.kills[name] += 1

    def resident(self) -> dict[str, float]:
        """Their memory in megabytes, that of the worker's own processes apart."""
        found: dict[str, float] = {}
        for name, (program, _) in list(self.running.items()):
            pid = program.process.pid
            children = Path(f"/proc/{pid}/task/{pid}/children")
            try:
                found[name] = _resident(pid)
                if name == "worker":
                    drawing = [_resident(int(child)) for child in _descendants(children)]
                    found["drawing"] = sum(drawing)
            except OSError:
                continue
        return found

    def close(self) -> None:
        """Kill them all."""
        while self.running:
            self.running.popitem()[1][1].close()
        self.reserved.close()


def _descendants(children: Path) -> list[str]:
    """The processes that any thread of a process has started."""
    tasks = children.parents[1].glob("*/children")
    return [child for task in tasks for child in task.read_text().split()]


def _resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def _exports() -> list[tuple[dict[str, Any], int]]:
    """Requests for labels of one product each, with how many items they are for."""
    counts: Counter[tuple[Scope, str]] = Counter()
    catalog = (files("closient_export") / "demo" / "catalog.csv").read_bytes()
    for _, subject in CsvCatalog(io.BytesIO(catalog), "catalogue").rows(Scope.LOTS):
        counts[subject.scope, str(subject.gtin)] += 1
    found = []
    for (scope, gtin), count in sorted([*counts.items(), ((Scope.SERIALS, _GTIN), _MANY)]):
        for export_type, file_format in _PAIRS:
            request: dict[str, Any] = {
                "scope": scope.value,
                "export_type": export_type,
                "file_format": file_format,
                "filters": {"gtins": [gtin]},
            }
            if export_type == "barcodes_1d":  # the demo's longest lots are too wide for GS1-128
                request["asset_config"] = {"symbology": "itf_14"}
            if export_type == "sheet_pdf":  # its longest codes need larger labels than the default
                request["asset_config"] = {"sheet_template": "5160"}
            found.append((request, count))
    return found


async def _prepare(load: Load) -> None:
    """Import the serials, and see which lots events name."""
    rows = "".join(f"{_GTIN},MANY-1,{number:06}\n" for number in range(_MANY))
    connection = load.connection()
    await load.call(
        connection,
        "import",
        "/products/api/v1/catalog/import/",
        200,
        body=f"gtin,lot,serial\n{rows}".encode(),
        headers={"Content-Type": "text/csv"},
    )
    answer = json.loads(await load.call(connection, "list lots", "/products/api/v1/lots/", 200))
    for lot in answer["lots"]:
        path = f"/epcis/api/2.0/traceability/lots/{lot['lot_id']}/kde-readiness"
        readiness = json.loads(await load.call(connection, "readiness", path, 200))
        if all(finding["rule"] != "lot-unknown" for finding in readiness["findings"]):
            load.lots.append(lot["lot_id"])
    connection.close()
    load.exports = _exports()


async def _poller(load: Load) -> None:
    connection = load.connection()
    await asyncio.sleep(random.random())
    while not load.over.is_set():
        begun = time.monotonic()
        if not load.jobs or random.random() < 0.05:
            await load.call(connection, "list lots", "/products/api/v1/lots/?search=RH", 200)
        else:
            await load.poll(connection, random.choice(list(load.jobs.values())[-500:]))
        await asyncio.sleep(max(0.0, begun + random.uniform(0.8, 1.2) - time.monotonic()))
    connection.close()


async def _submitter(load: Load) -> None:
    connection = load.connection()
    await asyncio.sleep(random.random())
    while not load.over.is_set():
        job = await load.submit(connection)
        while not job.ended and not load.over.is_set():
            await asyncio.sleep(random.uniform(0.8, 1.2))
            await load.poll(connection, job)
        if job.seen.get("status") in ("completed", "delivered"):
            await load.download(connection, job)
        await asyncio.sleep(random.uniform(0.2, 1.0))
    connection.close()


async def _killer(load: Load, programs: Programs, seconds: float) -> None:
    """Kill the server and the worker in turn, some times each."""
    names = ["worker", "server"]
    while not load.over.is_set():
        await asyncio.sleep(random.uniform(0.7, 1.3) * max(1.5, seconds / 12))
        if load.over.is_set():
            break
        name = names[sum(programs.kills.values()) % len(names)]
        await asyncio.to_thread(programs.kill, name)
        await asyncio.sleep(random.uniform(0, 1))
        await asyncio.to_thread(programs.start, name)


async def _watch(programs: Programs, samples: list[dict[str, float]]) -> None:
    while True:
        samples.append(programs.resident())
        await asyncio.sleep(1)


async def _settle(load: Load, programs: Programs, patience: float) -> None:
    """Wait until all jobs have ended, then look closely at what they have made."""
    limit = time.monotonic() + patience
    connection = load.connection()
    while waiting := [job for job in load.jobs.values() if not job.ended]:
        if time.monotonic() > limit:
            load.violations["a job has not ended"] += len(waiting)
            break
        for job in waiting:
            await load.poll(connection, job)
        await asyncio.sleep(0.5)
    for job in load.jobs.values():
        await load.poll(connection, job)  # it is as it was
        if job.seen["status"] in ("completed", "delivered"):
            await load.download(connection, job, deep=True)
    connection.close()
    while faults := _at_rest(load, programs.folder):
        if time.monotonic() > limit:
            load.violations.update(faults)
            break
        await asyncio.sleep(0.5)  # what a killed worker owes is done by the next


def _at_rest(load: Load, folder: Path) -> list[str]:
    """What is not as it should be in the database and among the artifacts."""
    faults = []
    connection = sqlite3.connect(f"file:{folder / 'closient.db'}?mode=ro", uri=True)
    try:
        (count,) = connection.execute("SELECT count(*) FROM closient_jobs").fetchone()
    finally:
        connection.close()
    if count != len(load.jobs):
        faults.append(f"{count} jobs are kept, and {len(load.jobs)} were accepted")
    artifacts = folder / "artifacts"
    for job_id in load.jobs:
        found = list(artifacts.glob(f"artifacts~/{job_id}~/[!.]*"))
        if len(found) != 1:
            faults.append(f"{len(found)} artifacts of a job")
        if any(artifacts.glob(f"parts~/{job_id}~/[!.]*")):
            faults.append("parts of a job that has ended")
    return faults


async def _run(options: argparse.Namespace, programs: Programs) -> Load:
    load = Load(programs.port, programs.key, breaks=options.kill)
    samples: list[dict[str, float]] = []
    await _prepare(load)
    load.seconds.clear()
    begun = time.monotonic()
    watch = asyncio.create_task(_watch(programs, samples))
    clients = [_poller(load) for _ in range(options.pollers)]
    clients += [_submitter(load) for _ in range(options.submitters)]
    tasks = [asyncio.create_task(client) for client in clients]
    if options.kill:
        tasks.append(asyncio.create_task(_killer(load, programs, options.seconds)))
    await asyncio.sleep(options.seconds)
    load.over.set()
    await asyncio.gather(*tasks)
    took = time.monotonic() - begun
    await _settle(load, programs, options.patience)
    watch.cancel()
    _report(load, programs, samples, took)
    return load


def _report(load: Load, programs: Programs, samples: list[dict[str, float]], took: float) -> None:
    calls = sum(map(len, load.seconds.values()))
    kinds = Counter(job.what for job in load.jobs.values())
    print(f"{calls:,} calls in {took:.0f} s: {calls / took:.0f} a second")
    print(
        f"{len(load.jobs):,} jobs: {', '.join(f'{n} {kind}' for kind, n in sorted(kinds.items()))}"
    )
    if programs.kills:
        killed = ", ".join(f"the {name} {count} times" for name, count in programs.kills.items())
        print(f"killed {killed}; {load.interrupted} calls were interrupted and made again")
    print(f"{'milliseconds':18}{'calls':>8}{'p50':>8}{'p90':>8}{'p99':>8}{'max':>8}")
    for kind, seconds in sorted(load.seconds.items()):
        ordered = sorted(seconds)
        shares = [
            ordered[min(len(ordered) - 1, int(p * len(ordered)))] for p in (0.5, 0.9, 0.99, 1)
        ]
        print(f"{kind:18}{len(ordered):>8}" + "".join(f"{1000 * share:>8.1f}" for share in shares))
    warm = samples[int(_WARM * len(samples)) :] or samples
    print(f"{'megabytes':18}{'start':>8}{'warm':>8}{'end':>8}{'max':>8}")
    for name in ("server", "worker", "drawing"):
        of_name = [sample[name] for sample in samples if name in sample]
        of_warm = [sample[name] for sample in warm if name in sample]
        if of_name and of_warm:
            figures = (of_name[0], of_warm[0], of_name[-1], max(of_name))
            print(f"{name:18}" + "".join(f"{figure:>8.0f}" for figure in figures))
    print(f"{load.violations.total()} violations")
    for text, count in load.violations.most_common(20):
        print(f"{count:>6} of: {text}")


def main() -> int:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--pollers", type=int, default=200)
    parser.add_argument("--submitters", type=int, default=20)
    parser.add_argument("--kill", action="store_true")
    parser.add_argument("--abuse", action="store_true")
    parser.add_argument(
        "--lease", type=float, help="seconds, with small parts; the host's if not given"
    )
    parser.add_argument("--processes", type=int, help="of the worker, which draw")
    parser.add_argument(
        "--patience", type=float, default=600, help="seconds until all jobs have ended"
    )
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random.seed(options.seed)
    if options.abuse:
        faults = abuse()
        print("\n".join(faults) or "all refused")
        return 1 if faults else 0
    with tempfile.TemporaryDirectory(prefix="host-") as folder:
        programs = Programs(Path(folder) / "data", options)
        try:
            programs.start("server")
            programs.start("worker")
            load = asyncio.run(_run(options, programs))
        finally:
            programs.close()
    return 1 if load.violations else 0


if __name__ == "__main__":
    sys.exit(main())

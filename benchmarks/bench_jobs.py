"""Label exports as jobs on processes: what a second worker gains, and memory that stays flat.

    python benchmarks/bench_jobs.py [COUNT …]        (default: 10000)
    python benchmarks/bench_jobs.py --crash COUNT

Serials come from a CSV catalogue; jobs are kept in SQLite, parts and artifacts in files. Each run
is a process of its own, with one worker and with two in turn: the table gives their seconds, those
of all processors, the peak megabytes of the process that drives and of the largest worker, and the
ratio of the times. The renderer writes the Digital Link as text, which costs next to nothing; QR
Codes as SVG are made of 10,000 serials at most.

With --crash a worker is killed three times and the driver once; the job is then finished, and its
artifact compared with that of a quiet run.
"""

import csv
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from multiprocessing import active_children
from pathlib import Path
from typing import Any

from closient_export.adapters.csv_entities import CsvEntitySource
from closient_export.adapters.file_artifacts import FileArtifactStore
from closient_export.adapters.memory import MemoryEventSource, MemoryMasterData
from closient_export.adapters.processes import process_executor
from closient_export.adapters.sql import SqlJobStore, open_sqlite
from closient_export.gs1 import digital_link
from closient_export.plugins import Subject, SymbolZipRenderer
from closient_export.registry import RendererRegistry
from closient_export.requests import RendererKey
from closient_export.service import ExportService, Settings, Workplace

GTIN = "09506000134352"
OWNER = "bench"
MOST_SYMBOLS = 10_000
LEASE = timedelta(seconds=2)


class LinkRenderer(SymbolZipRenderer):
    """Writes the Digital Link as text."""

    member_extension = "txt"
    compress = False

    def draw(self, subject: Subject, _config: Any) -> bytes:  # noqa: D102
        return digital_link(subject.element_string()).encode()


class NoSigner:
    """Signs nothing."""

    def sign(self, key: str, **_: Any) -> str:  # noqa: D102
        return key


def write_catalog(path: Path, count: int) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["gtin", "lot", "serial"])
        for number in range(count):
            writer.writerow([GTIN, f"L{number // 1000:04d}", f"{number * 7919 % 10**9:09d}"])


def open_service(folder: Path, workers: int) -> ExportService:
    registry = RendererRegistry()
    registry.register(RendererKey("links", "txt"), LinkRenderer)
    return ExportService(
        Workplace(
            jobs=SqlJobStore(open_sqlite(folder / "jobs.sqlite")),
            artifacts=FileArtifactStore(folder / "artifacts"),
            signer=NoSigner(),
            entities=CsvEntitySource(path=folder.parent / "catalog.csv", owner=OWNER),
            events=lambda _owner: MemoryEventSource(),
            master_data=lambda _owner: MemoryMasterData(),
            make_executor=process_executor(workers) if workers else ThreadPoolExecutor,
            registry=registry,
            settings=Settings(window=2 * workers or 2, lease=LEASE),
        )
    )


def submit(service: ExportService, pair: str) -> str:
    export_type, file_format = pair.split(".")
    payload = {"scope": "serials", "export_type": export_type, "file_format": file_format}
    return service.submit_labels(OWNER, payload).job_id


def drive(folder: Path, workers: int, job: str) -> None:
    """Do a job, or a new one of a pair; print seconds, those of processors, and megabytes."""
    start = time.perf_counter()
    service = open_service(folder, workers)
    record = service.run(OWNER, submit(service, job) if "." in job else job)
    seconds = time.perf_counter() - start
    for process in active_children():
        process.join()
    peaks = [
        resource.getrusage(who).ru_maxrss / 1024
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    cpu = time.process_time() + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    print(record.job.status, seconds, cpu, *peaks)


def command(folder: Path, workers: int, job: str) -> list[str]:
    return [sys.executable, __file__, "--drive", str(folder), str(workers), job]


def measure(folder: Path, workers: int, pair: str) -> list[float]:
    with tempfile.TemporaryDirectory(dir=folder) as run:
        done = subprocess.run(
            command(Path(run), workers, pair), check=True, capture_output=True, text=True
        )
    status, *numbers = done.stdout.split()
    if status != "completed":
        raise SystemExit(done.stdout)
    return [float(number) for number in numbers]


def table(folder: Path, title: str, pair: str, counts: list[int]) -> None:
    print(title)
    print(
        f"{'serials':>9} {'1: s':>7} {'CPU s':>7} {'driver':>7} {'worker':>7} "
        f"{'2: s':>7} {'CPU s':>7} {'driver':>7} {'worker':>7} {'ratio':>6}"
    )
    for count in counts:
        write_catalog(folder / "catalog.csv", count)
        one, two = (measure(folder, workers, pair) for workers in (1, 2))
        print(
            f"{count:>9,} {one[0]:>7.1f} {one[1]:>7.1f} {one[2]:>7.0f} {one[3]:>7.0f} "
            f"{two[0]:>7.1f} {two[1]:>7.1f} {two[2]:>7.0f} {two[3]:>7.0f} {one[0] / two[0]:>6.2f}",
            flush=True,
        )


def children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def crash(folder: Path, count: int) -> None:
    write_catalog(folder / "catalog.csv", count)
    shaken, quiet = folder / "shaken", folder / "quiet"
    shaken.mkdir()
    quiet.mkdir()
    service = open_service(shaken, 2)
    job_id = submit(service, "links.txt")
    driver = subprocess.Popen(command(shaken, 2, job_id))

    def made() -> int:
        return service.job(OWNER, job_id).processed_items  # type: ignore[union-attr]

    for quarter in (1, 2, 3, 4):
        while made() < count * quarter // 6:
            time.sleep(0.01)
        if quarter < 4:
            os.kill(children(driver.pid)[-1], signal.SIGKILL)
    driver.kill()
    driver.wait()
    before = made()
    print(f"killed three workers, and the driver at {before:,} of {count:,}")
    while not service.reconcile().resume:
        time.sleep(0.1)
    subprocess.run(command(shaken, 2, job_id), check=True, stdout=subprocess.DEVNULL)
    calm = open_service(quiet, 2)
    calm_id = submit(calm, "links.txt")
    subprocess.run(command(quiet, 2, calm_id), check=True, stdout=subprocess.DEVNULL)
    with service.download(OWNER, job_id) as one, calm.download(OWNER, calm_id) as other:
        same = one.read() == other.read()
    print(f"the artifact is {'the same as' if same else 'not that'} of a quiet run")
    sys.exit(not same)


def main() -> None:
    if sys.argv[1:2] == ["--drive"]:
        drive(Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
        return
    with tempfile.TemporaryDirectory() as folder:
        if sys.argv[1:2] == ["--crash"]:
            crash(Path(folder), int(sys.argv[2]))
        counts = [int(text) for text in sys.argv[1:]] or [10_000]
        table(Path(folder), "Digital Links as text, in a ZIP", "links.txt", counts)
        symbols = sorted({min(count, MOST_SYMBOLS) for count in counts})
        table(Path(folder), "QR Codes as SVG, in a ZIP", "qr_codes.svg", symbols)


if __name__ == "__main__":
    main()

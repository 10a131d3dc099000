"""A host for the tests, also as a program of its own: files in a folder, shared by processes.

python export_hosts.py FOLDER OWNER JOB_ID    does a job with two worker processes
"""

import math
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from attrs import frozen

from closient_export.adapters.csv_entities import CsvEntitySource
from closient_export.adapters.file_artifacts import FileArtifactStore
from closient_export.adapters.memory import MemoryEventSource, MemoryMasterData
from closient_export.adapters.processes import process_executor
from closient_export.adapters.sql import SqlJobStore, open_sqlite
from closient_export.plugins import Part, Subject, SymbolZipRenderer
from closient_export.registry import RendererRegistry
from closient_export.requests import RendererKey
from closient_export.service import ExportService, Settings, Workplace

GTIN = "09506000134352"
OWNER = "acme"
PAYLOAD = {"scope": "serials", "export_type": "plain", "file_format": "txt"}


class PlainRenderer(SymbolZipRenderer):
    """Writes the Digital Link as text."""

    member_extension = "txt"
    compress = False

    def draw(self, subject: Subject, _config: Any) -> bytes:
        return subject.element_string().hri().encode()


@frozen
class LoggingRenderer(PlainRenderer):
    """Takes its time, and notes which parts it makes, and in which process.

    It begins those that are held back (`hold`), and goes on with them once they are let go.
    """

    log: Path
    pause: float

    def render_part(self, subjects: Any, config: Any, first_index: int) -> Part:
        with self.log.open("a") as file:
            file.write(f"{first_index} {os.getpid()}\n")
        time.sleep(self.pause)
        while first_index >= _held_from(self.log.parent):
            time.sleep(0.02)
        return super().render_part(subjects, config, first_index)


class Signer:
    def sign(
        self, key: str, *, owner: str, filename: str, media_type: str, expires_at: datetime
    ) -> str:
        return f"https://files.example/{key}?{owner}&{filename}&{media_type}&{expires_at}"


class InlineExecutor(Executor):
    """Does each task at once."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def hold(folder: Path, first_index: int = 0) -> None:
    """Have no part get done that begins there or later, so that a job is sure to be under way."""
    (folder / "held~").write_text(str(first_index))
    (folder / "held~").replace(folder / "held")  # those who read it see all of it


def let_go(folder: Path) -> None:
    """Have all parts get done."""
    (folder / "held").unlink(missing_ok=True)


def _held_from(folder: Path) -> float:
    try:
        return int((folder / "held").read_text())
    except FileNotFoundError:
        return math.inf


def registry_with(renderer: Callable[[], SymbolZipRenderer]) -> RendererRegistry:
    registry = RendererRegistry()
    registry.register(RendererKey("plain", "txt"), renderer)
    return registry


def write_catalog(folder: Path, count: int) -> None:
    """Every thousandth serial cannot be drawn."""
    serials = (f"{n:07}" if n % 1000 else "#" for n in range(1, count + 1))
    rows = (f"{GTIN},L1,{serial}\n" for serial in serials)
    (folder / "catalog.csv").write_text("gtin,lot,serial\n" + "".join(rows))


def read_log(folder: Path) -> list[tuple[int, int]]:
    """Which parts were begun so far, by first index, and in which process."""
    log = folder / "renders.log"
    lines = log.read_text().splitlines() if log.exists() else []
    pairs = (line.split() for line in lines)
    return [(int(first), int(pid)) for first, pid in pairs]


def open_workplace(
    folder: Path,
    make_executor: Callable[[], Executor] = InlineExecutor,
    *,
    part_size: int = 100,
    pause: float = 0.0,
    window: int = 4,
    lease: timedelta = timedelta(seconds=2),
) -> Workplace:
    renderer = partial(LoggingRenderer, folder / "renders.log", pause)
    return Workplace(
        jobs=SqlJobStore(open_sqlite(folder / "jobs.sqlite")),
        artifacts=FileArtifactStore(folder / "artifacts"),
        signer=Signer(),
        entities=CsvEntitySource(path=folder / "catalog.csv", owner=OWNER),
        events=lambda _owner: MemoryEventSource(),
        master_data=lambda _owner: MemoryMasterData(),
        make_executor=make_executor,
        registry=registry_with(renderer),
        settings=Settings(part_size=part_size, window=window, lease=lease),
    )


def quiet_artifact(folder: Path, **settings: Any) -> bytes:
    """What a job on the same catalogue makes when nothing goes wrong."""
    quiet = folder / "quiet"
    quiet.mkdir()
    (quiet / "catalog.csv").symlink_to(folder / "catalog.csv")
    return finished(ExportService(open_workplace(quiet, **settings)))


def finished(service: ExportService) -> bytes:
    """The artifact of a new job."""
    receipt = service.submit_labels(OWNER, PAYLOAD)
    service.run(OWNER, receipt.job_id)
    with service.download(OWNER, receipt.job_id) as file:
        return file.read()


def main(folder: Path, owner: str, job_id: str) -> None:
    place = open_workplace(folder, process_executor(2), pause=0.05)
    print(ExportService(place).run(owner, job_id).job.status)  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])

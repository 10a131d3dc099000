"""Faults happen when and where they are told to, and the service lives with them."""

import io
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closient_export.adapters.file_artifacts import FileArtifactStore
from closient_export.adapters.memory import MemoryEventSource, MemoryMasterData
from closient_export.adapters.memory_entities import MemoryEntitySource
from closient_export.adapters.memory_stores import MemoryArtifactStore, MemoryJobStore
from closient_export.adapters.signing import HmacUrlSigner
from closient_export.errors import ArtifactError, EventSourceError, StoreError
from closient_export.gs1 import Gtin
from closient_export.ids import new_short_id
from closient_export.jobs import TraceabilityExportJob, TraceabilityJobStatus
from closient_export.plugins import TRACE_WRITER_API
from closient_export.ports import ArtifactStore, EventSource, FrontierQuery, JobStore
from closient_export.registry import TraceWriterRegistry
from closient_export.requests import LabelFilters
from closient_export.service import ExportService, Settings, Workplace
from closient_export.subjects import Scope, Serial, Subject
from closient_export.testing.event_builders import lot, made, of, place, shipped
from closient_export.testing.faults import (
    FailingArtifactStore,
    FailingEntitySource,
    FailingEventSource,
    FailingJobStore,
    Killed,
    Mishap,
    SkewedClock,
    StoppedClock,
)
from closient_export.testing.job_histories import label_record, receipt
from closient_export.trace.report import TraceReport

START = datetime(2027, 3, 31, tzinfo=UTC)
LEASE = timedelta(minutes=1)
FULL = OSError(28, "no space left")


def outcomes(mishap: Mishap, operation: str, count: int) -> list[str]:
    """What comes of some steps."""
    found = []
    for _ in range(count):
        try:
            mishap.step(operation)
        except (Exception, Killed) as error:
            found.append(type(error).__name__)
        else:
            found.append("")
    return found


@given(steps=st.integers(1, 8))
def test_a_mishap_happens_once_at_its_step(steps: int) -> None:
    mishap = Mishap()
    mishap.arm(steps, FULL)
    assert outcomes(mishap, "x", steps - 1) == [""] * (steps - 1)
    assert mishap.disarm()
    mishap.arm(steps, Killed())
    assert outcomes(mishap, "x", steps + 3) == [""] * (steps - 1) + ["Killed"] + [""] * 3
    assert not mishap.disarm()


def test_only_steps_of_an_operation_count() -> None:
    mishap = Mishap()
    mishap.arm(2, FULL, operation="jobs.get")
    assert outcomes(mishap, "jobs.add", 5) == [""] * 5
    assert outcomes(mishap, "jobs.get", 3) == ["", "OSError", ""]


def test_a_schedule_is_followed() -> None:
    mishap = Mishap()
    mishap.follow([None, FULL, StoreError("locked"), None, FULL])
    assert outcomes(mishap, "x", 6) == ["", "OSError", "StoreError", "", "OSError", ""]
    assert not mishap.disarm()
    mishap.follow([None, FULL])
    mishap.arm(3, FULL)
    assert outcomes(mishap, "x", 3) == ["", "", "OSError"]


def test_a_mishap_goes_to_other_processes() -> None:
    mishap = Mishap()
    mishap.arm(2, StoreError("locked"))
    twin = pickle.loads(pickle.dumps(mishap))  # noqa: S301
    assert outcomes(twin, "x", 2) == ["", "StoreError"]
    assert mishap.disarm()


def test_whoever_takes_the_step_waits() -> None:
    seen: list[str] = []
    mishap = Mishap()
    mishap.interrupt(1, lambda: seen.append("meanwhile"))
    mishap.step()
    assert seen == ["meanwhile"]


class Steps(Mishap):
    """Notes the steps, and lets nothing happen."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[str] = []

    def step(self, operation: str = "") -> None:
        self.taken.append(operation)


def test_every_call_of_a_job_store_is_two_steps_and_answers_as_it_would() -> None:
    steps = Steps()
    store: JobStore = FailingJobStore(MemoryJobStore(), steps)
    record = store.add(label_record("acme"))
    assert store.get("acme", record.job_id) == record
    changed = store.replace(record)
    store.add_receipt("acme", record.job_id, receipt(0))
    assert store.receipts("acme", record.job_id) == [receipt(0)]
    assert store.progress("acme", record.job_id).parts == 1
    assert store.due(changed.due, limit=3) == [changed]
    store.remove(changed)
    names = "add get replace add_receipt receipts progress due remove".split()  # noqa: SIM905
    assert steps.taken == [f"jobs.{name}" for name in names for _ in range(2)]


def test_steps_of_files_entities_and_events() -> None:
    steps = Steps()
    artifacts: ArtifactStore = FailingArtifactStore(MemoryArtifactStore(), steps)
    with artifacts.create("a") as file:
        assert file.write(b"abcd") == 4
    with artifacts.open("a") as file:
        assert file.read() == b"abcd"
    assert list(artifacts.keys("")) == ["a"]
    artifacts.delete("a")
    create, delete = "artifacts.create", "artifacts.delete"
    assert steps.taken == [
        *(create, "artifacts.write", create, create, "artifacts.open", "artifacts.keys"),
        *(delete, delete),
    ]
    steps.taken.clear()
    memory = MemoryEntitySource()
    memory.add("acme", serials(3))
    entities = FailingEntitySource(memory, steps)
    filters = LabelFilters()
    plan = entities.plan("acme", Scope.SERIALS, filters, part_size=5)
    found = entities.subjects("acme", Scope.SERIALS, filters, plan.snapshot, plan.ranges[0])
    assert list(found) == serials(3)
    entities.record_printed("acme", Scope.SERIALS, filters, plan.snapshot, [], START)
    counts = {name: steps.taken.count(f"entities.{name}") for name in ("plan", "subjects")}
    assert counts == {"plan": 2, "subjects": 4}
    steps.taken.clear()
    events = FailingEventSource(MemoryEventSource(CHAIN), steps)
    assert list(events.fetch(FrontierQuery())) == CHAIN
    assert steps.taken == ["events.fetch"] * 3


def serials(count: int) -> list[Subject]:
    return [Serial(gtin=Gtin.parse("9506000134352"), serial=str(n)) for n in range(count)]


KILLED = """
import sys
from pathlib import Path
from closient_export.adapters.file_artifacts import FileArtifactStore
from closient_export.testing.faults import FailingArtifactStore, Mishap
mishap = Mishap()
mishap.kill(int(sys.argv[2]), operation=sys.argv[3])
store = FailingArtifactStore(FileArtifactStore(Path(sys.argv[1])), mishap)
for number in range(2):
    with store.create(f"file-{number}") as file:
        for _ in range(2):
            file.write(b"x" * 1000)
print("alive")
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kills processes")
@pytest.mark.parametrize(
    ("step", "operation", "whole"),
    [
        (1, "artifacts.create", 0),
        (2, "artifacts.create", 0),
        (3, "artifacts.create", 1),
        (2, "artifacts.write", 0),
        (4, "artifacts.write", 1),
    ],
)
def test_a_process_ends_at_a_step_and_leaves_whole_files(
    step: int, operation: str, whole: int, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path), str(step), operation]
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, b"")
    store = FileArtifactStore(tmp_path)
    keys = list(store.keys(""))
    assert keys == [f"file-{number}" for number in range(whole)]
    for key in keys:
        with store.open(key) as file:
            assert file.read() == b"x" * 2000


def test_clocks() -> None:
    right = StoppedClock(START)
    fast = SkewedClock(right, timedelta(hours=1))
    gaining = SkewedClock(right, timedelta(0), drift=0.5)
    assert (right(), fast(), gaining()) == (START, START + timedelta(hours=1), START)
    right.advance(timedelta(minutes=10))
    assert right() == START + timedelta(minutes=10)
    assert fast() == START + timedelta(minutes=70)
    assert gaining() == START + timedelta(minutes=15)


CHAIN = [
    made(0, [of(lot("RAW"), 5)], [of(lot("A"), 5)], at_place=place(1)),
    shipped(1, of(lot("A"), 5), at_place=place(1), to=place(2)),
]


class Lines:
    """A writer that is quick: the steps of a workbook are very many."""

    api_version: ClassVar[int] = TRACE_WRITER_API
    media_type: ClassVar[str] = "text/plain"
    extension: ClassVar[str] = "txt"

    def write(self, report: TraceReport, out: BinaryIO) -> None:
        out.writelines(f"{each}\n".encode() for each in report.graph.lots)


def line_writers() -> TraceWriterRegistry:
    registry = TraceWriterRegistry()
    registry.register("xlsx", Lines, replace=True)
    return registry


class Host:
    """A service that traces a lot, and whose stores, sources and clock may fail."""

    def __init__(self) -> None:
        self.clock = StoppedClock(START)
        self.mishap = Mishap()
        self.jobs, self.artifacts = MemoryJobStore(), MemoryArtifactStore()
        self.service = self.colleague(self.clock)
        status = self.service.submit_trace("acme", {"lot_id": new_short_id()})
        self.job_id = status.job_short_id

    def colleague(self, clock: Callable[[], datetime]) -> ExportService:
        """A worker with a clock of its own."""

        def events(_owner: str) -> EventSource:
            return FailingEventSource(MemoryEventSource(CHAIN), self.mishap)

        return ExportService(
            Workplace(
                jobs=FailingJobStore(self.jobs, self.mishap),
                artifacts=FailingArtifactStore(self.artifacts, self.mishap),
                signer=HmacUrlSigner("https://x.example/files", {"1": b"k" * 32}, "1"),
                entities=MemoryEntitySource(),
                events=events,
                master_data=lambda _owner: MemoryMasterData(),
                make_executor=lambda: ThreadPoolExecutor(1),
                find_lot=lambda _owner, _id: lot("A"),
                clock=clock,
                writers=line_writers(),
                worker="worker",
                settings=Settings(lease=LEASE),
            )
        )

    def job(self) -> TraceabilityExportJob:
        job = self.service.job("acme", self.job_id)
        assert isinstance(job, TraceabilityExportJob)
        return job

    def artifact(self) -> bytes:
        with self.service.download("acme", self.job_id) as file:
            return io.BytesIO(file.read()).getvalue()


@pytest.mark.parametrize(
    ("error", "ends"),
    [
        (Killed(), TraceabilityJobStatus.DELIVERED),
        (EventSourceError("away", retryable=True), TraceabilityJobStatus.DELIVERED),
        (ArtifactError("away", retryable=True), TraceabilityJobStatus.DELIVERED),
        (StoreError("locked"), TraceabilityJobStatus.DELIVERED),
        (EventSourceError("no such table"), TraceabilityJobStatus.FAILED),
    ],
    ids=repr,
)
def test_a_trace_survives_what_passes_at_any_step(
    error: BaseException, ends: TraceabilityJobStatus
) -> None:
    quiet = Host()
    quiet.service.run("acme", quiet.job_id)
    steps, happened, found = 0, True, set()
    while happened:
        steps += 1
        host = Host()
        host.mishap.arm(steps, error)
        with suppress(type(error)):
            host.service.run("acme", host.job_id)
        happened = not host.mishap.disarm()
        for _ in range(3):
            host.clock.advance(2 * LEASE)
            for owner, job_id in host.service.reconcile().resume:
                host.service.run(owner, job_id)
        found.add(host.job().status)
        if host.job().status is TraceabilityJobStatus.DELIVERED:
            assert host.artifact() == quiet.artifact()
        else:
            assert host.job().error
            assert not list(host.artifacts.keys(""))
    assert steps > 20
    assert found == {TraceabilityJobStatus.DELIVERED, ends}


@given(minutes=st.integers(-3000, 3000), drift=st.floats(-0.5, 0.5))
def test_a_worker_whose_clock_is_wrong_delivers_the_trace(minutes: int, drift: float) -> None:
    host = Host()
    wrong = SkewedClock(host.clock, timedelta(minutes=minutes), drift=drift)
    host.colleague(wrong).run("acme", host.job_id)
    job = host.job()
    assert job.status is TraceabilityJobStatus.DELIVERED
    assert job.delivered_at == max(START, START + timedelta(minutes=minutes))
    assert job.deadline_met() is (minutes < 24 * 60)

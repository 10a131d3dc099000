"""Whatever happens to a job, and in whatever order: what its owner sees is right."""

import io
import itertools
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from export_hosts import PlainRenderer
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)
from mishaps import LEASE, RETENTION, START, failing_workplace
from object_storage import PATIENT

from closient_export.adapters.file_artifacts import FileArtifactStore
from closient_export.adapters.memory_entities import MemoryEntitySource
from closient_export.adapters.memory_stores import MemoryArtifactStore, MemoryJobStore
from closient_export.adapters.s3_artifacts import S3ArtifactStore
from closient_export.adapters.sql import SqlJobStore, open_sqlite
from closient_export.errors import IdempotencyConflictError, JobNotFoundError
from closient_export.gs1 import Gtin
from closient_export.ids import ShortId
from closient_export.jobs import JobStatus, LabelExportJob
from closient_export.plugins import NoConfig
from closient_export.ports import ArtifactStore, JobStore
from closient_export.records import JobRecord
from closient_export.service import ExportService
from closient_export.subjects import Serial
from closient_export.testing.faults import Killed, Mishap

Stores = tuple[JobStore, ArtifactStore]

GTIN = Gtin.parse("9506000134352")
OWNERS = {"acme": 23, "beta": 11}
BROKEN = 7
"""The serial of each owner that cannot be drawn."""
PAYLOADS: tuple[dict[str, Any], ...] = (
    {"scope": "serials", "export_type": "plain", "file_format": "txt"},
    {
        "scope": "serials",
        "export_type": "plain",
        "file_format": "txt",
        "filters": {"never_printed": True},
    },
)
WORKERS = 3

owners = st.sampled_from(sorted(OWNERS))
workers = st.integers(0, WORKERS - 1)
deaths = st.none() | st.integers(1, 40)
"""At which step of what it does a worker dies, if it does."""
interludes = st.sampled_from(["wait", "wait", "run", "start", "finish", "cancel", "fail"])


def memory_stores(_folder: Path) -> Stores:
    return MemoryJobStore(), MemoryArtifactStore()


def file_stores(folder: Path) -> Stores:
    return SqlJobStore(open_sqlite(folder / "jobs.sqlite")), FileArtifactStore(folder / "files")


class PrintingSource(MemoryEntitySource):
    """Knows what was printed, and refuses to print a thing twice for one job."""

    def quiet_artifact(self, record: JobRecord) -> bytes:
        """What a job makes in one piece, when nothing goes wrong."""
        assert record.plan is not None
        assert isinstance(record.job, LabelExportJob)
        request, snapshot = record.job.request, record.plan.snapshot
        found = [
            subject
            for keys in record.plan.ranges
            for subject in self.subjects(
                record.owner, request.scope, request.filters, snapshot, keys
            )
        ]
        out = io.BytesIO()
        renderer = PlainRenderer()
        renderer.assemble([renderer.render_part(found, NoConfig(), 0)], out)
        return out.getvalue()


class Histories(RuleBasedStateMachine):
    """Submissions, workers that die, clocks that differ, messages in any order."""

    make_stores: Callable[[Path], Stores] = staticmethod(memory_stores)
    jobs = Bundle("jobs")
    messages = Bundle("messages")

    def __init__(self) -> None:
        super().__init__()
        numbers = itertools.count(1 << 100)
        self.ids = patch("uuid.uuid4", lambda: UUID(int=next(numbers)))  # the same each time
        self.ids.start()
        self.folder = tempfile.TemporaryDirectory()
        self.store, self.artifacts = self.make_stores(Path(self.folder.name))
        self.entities = PrintingSource()
        for owner, count in OWNERS.items():
            serials = (f"{n:03}" if n != BROKEN else "#" for n in range(count))
            self.entities.add(owner, [Serial(gtin=GTIN, serial=each) for each in serials])
        self.now = START
        self.mishap = Mishap()
        self.stalled = self.long_ago = False
        """Whether the retention of some jobs is over."""
        self.ended: dict[tuple[str, ShortId], JobRecord] = {}
        self.seen: dict[tuple[str, ShortId], int] = {}
        self.keys: dict[tuple[str, str], tuple[int, str]] = {}

    @initialize(skews=st.tuples(*[st.integers(-150, 150)] * WORKERS))
    def hire(self, skews: tuple[int, ...]) -> None:
        self.skews = skews
        self.services = [self.new_service(number) for number in range(WORKERS)]

    def new_service(self, number: int) -> ExportService:
        skew = timedelta(seconds=self.skews[number])

        def clock() -> datetime:
            return self.now + skew

        return ExportService(
            failing_workplace(
                self.store, self.artifacts, self.entities, self.mishap, clock, f"worker-{number}"
            )
        )

    def teardown(self) -> None:
        try:
            if hasattr(self, "services"):
                self.come_to_an_end()
        finally:
            self.ids.stop()
            self.folder.cleanup()

    # What happens

    @rule(
        target=jobs,
        owner=owners,
        worker=workers,
        payload=st.sampled_from([0, 0, 1]),
        key=st.sampled_from(["", "", "k1", "k2"]),
    )
    def submit(self, owner: str, worker: int, payload: int, key: str) -> Any:
        known = self.keys.get((owner, key))
        service = self.services[worker]
        try:
            receipt = service.submit_labels(owner, PAYLOADS[payload], idempotency_key=key)
        except IdempotencyConflictError:
            assert known is not None
            assert known[0] != payload
            return multiple()
        if known is not None:
            assert known == (payload, receipt.job_id)
            return multiple()
        if key:
            self.keys[owner, key] = (payload, receipt.job_id)
        self.seen[owner, receipt.job_id] = 0
        return owner, receipt.job_id

    @rule(target=messages, job=jobs)
    def enqueue(self, job: tuple[str, Any]) -> Any:
        return (*job, "start")

    @rule(target=messages, job=jobs, index=st.integers(0, 4))
    def enqueue_out_of_order(self, job: tuple[str, Any], index: int) -> Any:
        return multiple((*job, index), (*job, "finish"))

    @rule(target=messages, message=consumes(messages), worker=workers, death=deaths)
    def deliver(self, message: Any, worker: int, death: int | None) -> Any:
        """The message is gone if all goes well; it is kept if its worker dies."""
        sent = self.dying(death, lambda: self.handle(worker, message))
        return multiple(message) if sent is None else multiple(*sent)

    @rule(target=messages, message=messages, worker=workers, death=deaths)
    def deliver_a_copy(self, message: Any, worker: int, death: int | None) -> Any:
        return multiple(*(self.dying(death, lambda: self.handle(worker, message)) or ()))

    @rule(_message=consumes(messages))
    def lose(self, _message: Any) -> None:
        pass

    @rule(job=jobs, worker=workers, death=deaths)
    def run_job(self, job: tuple[str, Any], worker: int, death: int | None) -> None:
        self.dying(death, lambda: self.handle(worker, (*job, "run")))

    @rule(
        job=jobs,
        worker=workers,
        step=st.sampled_from(["run", "start", 0, 4, "finish"]),
        calls=st.integers(1, 40),
        meanwhile=st.lists(st.tuples(interludes, workers, deaths), min_size=1, max_size=6),
    )
    def stall(
        self, job: tuple[str, Any], worker: int, step: Any, calls: int, meanwhile: list[Any]
    ) -> None:
        """A worker stands still in the middle of its work, others go on, and it wakes up."""

        def happen() -> None:
            for what, other, death in meanwhile:
                self.dying(death, partial(self.interlude, job, what, other))

        self.stalled = True
        self.mishap.interrupt(calls, happen)
        try:
            self.handle(worker, (*job, step))
        finally:
            self.mishap.disarm()

    def interlude(self, job: tuple[str, Any], what: Any, worker: int) -> None:
        if what == "wait":
            self.now += 5 * LEASE
        elif what == "cancel":
            self.found(lambda: self.services[worker].cancel(*job))
        elif what == "fail":
            self.mishap.arm(12, OSError(5, "input/output error"))
            with suppress(OSError):
                self.handle(worker, (*job, "run"))
        else:
            self.handle(worker, (*job, what))
        self.jobs_are_right()

    @rule(job=jobs, worker=workers, death=st.none() | st.integers(1, 6))
    def cancel(self, job: tuple[str, Any], worker: int, death: int | None) -> None:
        self.dying(death, lambda: self.found(lambda: self.services[worker].cancel(*job)))

    @rule(target=messages, worker=workers, death=deaths)
    def reconcile(self, worker: int, death: int | None) -> Any:
        upkeep = self.dying(death, self.services[worker].reconcile)
        return multiple(*((*job, "start") for job in upkeep.resume)) if upkeep else multiple()

    @rule(seconds=st.sampled_from([1, 20, 31, 61, 300]))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @precondition(lambda self: self.ended)
    @rule()
    def wait_for_days(self) -> None:
        self.now += RETENTION
        self.long_ago = True

    @rule(worker=workers)
    def restart(self, worker: int) -> None:
        self.services[worker] = self.new_service(worker)

    @rule(job=jobs, worker=workers)
    def poll(self, job: tuple[str, Any], worker: int) -> None:
        owner, job_id = job
        other = next(name for name in OWNERS if name != owner)
        messages = set()
        for stranger, unknown in ((other, job_id), (other, "2222222222222222222222")):
            with pytest.raises(JobNotFoundError) as caught:
                self.services[worker].status(stranger, unknown)
            messages.add(str(caught.value))
        assert len(messages) == 1
        status = self.found(lambda: self.services[worker].status(owner, job_id))
        if status is not None:
            self.check_progress(job, status.processed_items, status.status)
            has_artifact = self.store.get(*job).artifact_key != ""
            assert (status.download_url is not None) == has_artifact

    # How it is done

    def dying(self, death: int | None, work: Callable[[], Any]) -> Any:
        """What comes of some work, ``None`` if its worker dies of it."""
        if death is not None:
            self.mishap.arm(death, Killed())
        try:
            return work()
        except Killed:
            return None
        finally:
            self.mishap.disarm()

    def found(self, ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except JobNotFoundError:
            return None

    def handle(self, worker: int, message: Any) -> list[Any]:
        """What a queue's task does; returns what it enqueues."""
        owner, job_id, step = message
        labels = self.services[worker].labels
        try:
            if step == "finish":
                labels.finish(owner, job_id)
                return []
            if step == "run":
                self.services[worker].run(owner, job_id)
                return []
            if step == "start":
                steps: list[Any] = list(labels.prepare(owner, job_id))
                return [(owner, job_id, each) for each in steps or ["finish"]]
            record = self.store.get(owner, job_id)
            if record.plan is not None and step >= len(record.plan.ranges):
                return []
            return [(owner, job_id, "finish")] if labels.make_part(owner, job_id, step) else []
        except JobNotFoundError:
            return []

    # What is always so

    @invariant()
    def jobs_are_right(self) -> None:
        for (owner, job_id), processed in list(self.seen.items()):
            job = (owner, job_id)
            try:
                record = self.store.get(owner, job_id)
            except JobNotFoundError:
                assert self.ended[job].terminal
                del self.seen[job], self.ended[job]
                self.keys = {k: v for k, v in self.keys.items() if v[1] != job_id}
                continue
            assert isinstance(record.job, LabelExportJob)
            counted = self.store.progress(owner, record.job_id)
            assert counted.items <= (record.plan.count if record.plan else 0)
            if job in self.ended:
                assert record.job == self.ended[job].job
                kept = record.artifact_key == self.ended[job].artifact_key
                assert kept or (record.artifact_key == "" and self.long_ago)
            elif record.terminal:
                self.ended[job] = record
                assert record.job.processed_items >= processed
            if record.job.status is JobStatus.COMPLETED and record.artifact_key:
                self.check_completed(record)

    def check_progress(self, job: tuple[str, Any], processed: int, status: JobStatus) -> None:
        assert processed >= self.seen[job]
        self.seen[job] = processed
        record = self.store.get(*job)
        if status is JobStatus.COMPLETED:
            assert record.plan is not None
            assert processed == record.plan.count

    def check_completed(self, record: JobRecord) -> None:
        assert not record.cancelled
        assert record.plan is not None
        assert isinstance(record.job, LabelExportJob)
        assert record.job.processed_items == record.job.total_items == record.plan.count
        with self.artifacts.open(record.artifact_key) as file:
            artifact = file.read()
        assert artifact == self.entities.quiet_artifact(record)
        assert len(artifact) == record.job.file_size_bytes

    def come_to_an_end(self) -> None:
        """Once nothing goes wrong any more, every job ends, and what is left over goes."""
        for _ in range(12):
            self.now += 16 * LEASE
            service = self.services[0]
            for job in service.reconcile(self.now).resume:
                messages: list[Any] = [(*job, "start")]
                while messages:
                    messages += self.handle(0, messages.pop(0))
            self.jobs_are_right()
        assert set(self.ended) == set(self.seen)
        for job, record in self.ended.items():
            kept = list(self.artifacts.keys(f"artifacts/{job[1]}/"))
            if record.job.status is JobStatus.COMPLETED:
                assert kept == [self.store.get(*job).artifact_key]
                # Who stood still may store a part of a job that has ended meanwhile.
                assert self.stalled or not list(self.artifacts.keys(f"parts/{job[1]}/"))
        self.long_ago = True
        for _ in range(3):
            self.now += 2 * RETENTION
            self.services[0].reconcile(self.now)
        self.jobs_are_right()
        assert not self.seen
        assert not list(self.artifacts.keys(""))


@pytest.mark.parametrize(
    ("where", "examples", "steps"),
    [("memory", 40, 40), ("sqlite", 6, 25), ("postgresql", 6, 25), ("s3", 10, 25)],
)
def test_any_history(where: str, examples: int, steps: int, request: pytest.FixtureRequest) -> None:
    class HistoriesThere(Histories):
        make_stores = staticmethod(memory_stores if where == "memory" else file_stores)

    if where == "postgresql":
        engine = request.getfixturevalue("postgresql_engine")

        def make_stores(_folder: Path) -> Stores:
            store = SqlJobStore(engine)
            for record in store.due(START + 1000 * RETENTION, limit=1_000):
                store.remove(record)
            return store, MemoryArtifactStore()

        HistoriesThere.make_stores = staticmethod(make_stores)
    if where == "s3":
        url = request.getfixturevalue("moto").url
        prefixes = map(str, itertools.count())

        def make_stores_in_objects(_folder: Path) -> Stores:
            objects = S3ArtifactStore(
                "exports", f"histories/{next(prefixes)}", endpoint_url=url, config=PATIENT
            )
            return MemoryJobStore(), objects

        HistoriesThere.make_stores = staticmethod(make_stores_in_objects)
    run_state_machine_as_test(
        HistoriesThere,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            suppress_health_check=list(HealthCheck),
        ),
    )

"""A store fails at every step of a job in turn: nothing is shown that is not whole."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import cast

import pytest
from export_hosts import OWNER, PAYLOAD
from mishaps import LEASE, RETENTION, START, failing_workplace

from closient_export.adapters.memory_entities import MemoryEntitySource
from closient_export.adapters.memory_stores import MemoryArtifactStore, MemoryJobStore
from closient_export.errors import ArtifactError, JobNotFoundError, StoreError
from closient_export.gs1 import Gtin
from closient_export.ids import ShortId
from closient_export.jobs import JobStatus, LabelExportStatus
from closient_export.service import ExportService
from closient_export.subjects import Serial
from closient_export.testing.faults import Killed, Mishap

Way = Callable[[ExportService, ShortId], object]


class Host:
    """A service in whose stores a mishap is to happen."""

    def __init__(self) -> None:
        self.now = START
        self.seen = True
        self.jobs = MemoryJobStore()
        self.artifacts = MemoryArtifactStore()
        self.entities = MemoryEntitySource()
        gtin = Gtin.parse("9506000134352")
        self.entities.add(OWNER, [Serial(gtin=gtin, serial=f"{n:02}") for n in range(12)])
        self.mishap = Mishap()
        self.service = self.colleague("worker")

    def colleague(self, name: str) -> ExportService:
        """Another worker on the same stores."""
        return ExportService(
            failing_workplace(
                self.jobs, self.artifacts, self.entities, self.mishap, self.clock, name
            )
        )

    def clock(self) -> datetime:
        return self.now

    def submit(self) -> ShortId:
        return self.service.submit_labels(OWNER, PAYLOAD, idempotency_key="k").job_id

    def status(self, job_id: ShortId) -> LabelExportStatus:
        return cast("LabelExportStatus", self.service.status(OWNER, job_id))

    def visible(self) -> list[bytes]:
        """All artifacts that anybody could see."""
        found = []
        for key in self.artifacts.keys("artifacts/"):
            with self.artifacts.open(key) as file:
                found.append(file.read())
        return found


def run_whole(service: ExportService, job_id: ShortId) -> object:
    return service.run(OWNER, job_id)


def run_as_tasks(service: ExportService, job_id: ShortId) -> object:
    for index in service.labels.prepare(OWNER, job_id):
        service.labels.make_part(OWNER, job_id, index)
    return service.labels.finish(OWNER, job_id)


def quiet() -> bytes:
    host = Host()
    run_whole(host.service, host.submit())
    (artifact,) = host.visible()
    return artifact


ERRORS = [
    Killed(),
    OSError(28, "no space left on device"),
    ArtifactError("the share is away", retryable=True),
    ArtifactError("the key is too long"),
]


@pytest.mark.parametrize("way", [run_whole, run_as_tasks])
@pytest.mark.parametrize("error", ERRORS, ids=repr)
def test_a_job_survives_a_failure_at_any_step(way: Way, error: BaseException) -> None:
    artifact = quiet()
    steps = 0
    happened = True
    while happened:
        steps += 1
        host = Host()
        job_id = host.submit()
        host.mishap.arm(steps, error)
        with suppress(type(error)):
            way(host.service, job_id)
        happened = not host.mishap.disarm()

        assert set(host.visible()) <= {artifact}
        for _ in range(3):
            host.now += 2 * LEASE
            for _, each in host.service.reconcile().resume:
                way(host.service, each)
        status = host.status(job_id)
        if status.status is JobStatus.FAILED:
            assert str(error) == "the key is too long"  # trying again would be of no use
            assert status.error
            assert host.visible() == []
        else:
            assert status.status is JobStatus.COMPLETED
            assert host.visible() == [artifact]
            assert not list(host.artifacts.keys("parts/"))
    assert steps > 60


@pytest.mark.parametrize("error", ERRORS[:-1], ids=repr)
def test_upkeep_survives_a_failure_at_any_step(error: BaseException) -> None:
    steps = 0
    happened = True
    while happened:
        steps += 1
        host = Host()
        job_id = host.submit()
        run_whole(host.service, job_id)
        host.now += RETENTION + timedelta(seconds=1)
        host.mishap.arm(steps, error)
        with suppress(type(error)):
            host.service.reconcile()
        happened = not host.mishap.disarm()
        with suppress(JobNotFoundError):
            assert host.status(job_id).download_url is None or host.visible()
        host.now += 2 * LEASE
        host.service.reconcile()
        assert not list(host.artifacts.keys(""))
        with pytest.raises(JobNotFoundError):
            host.service.status(OWNER, job_id)
    assert steps > 6


def test_the_upkeep_of_one_job_is_not_kept_up_by_another() -> None:
    host = Host()
    first = host.submit()
    run_whole(host.service, first)
    second = host.service.submit_labels(OWNER, PAYLOAD).job_id
    host.now += RETENTION + timedelta(seconds=1)
    host.mishap.arm(7, OSError(5, "input/output error"))
    upkeep = host.service.reconcile()
    assert upkeep.removed == ()
    assert upkeep.resume == ((OWNER, second),)
    host.now += 2 * LEASE
    assert host.service.reconcile().removed == ((OWNER, first),)


def test_a_submission_that_failed_can_be_repeated() -> None:
    for steps in (1, 2):
        host = Host()
        host.mishap.arm(steps, StoreError("the database is locked"))
        with pytest.raises(StoreError):
            host.submit()
        job_id = host.submit()
        assert [record.job_id for record in host.jobs.due(host.now)] == [job_id]
        assert host.submit() == job_id


def test_a_job_that_kills_its_workers_ends() -> None:
    host = Host()
    job_id = host.submit()
    for _ in range(60):
        host.now += 20 * LEASE
        for owner, each in host.service.reconcile().resume:
            host.mishap.arm(12, Killed())
            with suppress(Killed):
                host.service.run(owner, each)
            host.mishap.disarm()
    status = host.status(job_id)
    assert status.error == "The export was begun 20 times and never finished."
    assert list(host.artifacts.keys("")) == []


@pytest.mark.parametrize("way", [run_whole, run_as_tasks])
def test_a_worker_that_stood_still_takes_nothing_away(way: Way) -> None:
    artifact = quiet()
    steps = 0
    happened = True
    while happened:
        steps += 1
        host = Host()
        job_id = host.submit()

        def meanwhile(host: Host = host, job_id: ShortId = job_id) -> None:
            """One worker begins the job and is set back, the next one completes it."""
            host.now += 20 * LEASE
            host.mishap.arm(11, OSError(5, "input/output error"))
            host.colleague("second").run(OWNER, job_id)
            host.mishap.disarm()
            host.now += 20 * LEASE
            host.colleague("third").run(OWNER, job_id)

        host.mishap.interrupt(steps, meanwhile)
        way(host.service, job_id)
        happened = not host.mishap.disarm()
        assert host.status(job_id).status is JobStatus.COMPLETED
        assert host.visible() == [artifact]
    assert steps > 60


def test_a_cancellation_is_seen_whenever_it_comes() -> None:
    steps = 0
    happened = True
    while happened:
        steps += 1
        host = Host()
        job_id = host.submit()

        def cancel(host: Host = host, job_id: ShortId = job_id) -> None:
            host.seen = host.service.cancel(OWNER, job_id).status.terminal

        host.mishap.interrupt(steps, cancel)
        run_whole(host.service, job_id)
        happened = not host.mishap.disarm()
        status = host.status(job_id)
        if status.status is JobStatus.FAILED:
            assert status.error == "The export was cancelled."
            assert host.visible() == []
        else:  # it had ended before
            assert host.seen
    assert steps > 60


def test_whoever_has_lost_the_lease_lets_the_job_be() -> None:
    steps = lost = 0
    happened = True
    while happened:
        steps += 1
        host = Host()
        job_id = host.submit()

        def meanwhile(host: Host = host, job_id: ShortId = job_id) -> None:
            """Another worker takes the job over and dies."""
            host.now += 2 * LEASE
            host.mishap.arm(7, Killed())
            with suppress(Killed):
                host.colleague("second").run(OWNER, job_id)
            host.mishap.disarm()

        host.mishap.interrupt(steps, meanwhile)
        run_whole(host.service, job_id)
        happened = not host.mishap.disarm()
        record = host.jobs.get(OWNER, job_id)
        if record.lease is not None and record.lease.holder == "second":
            lost += 1
            assert not record.terminal
            assert host.colleague("third").run(OWNER, job_id) == record
    assert lost > 40

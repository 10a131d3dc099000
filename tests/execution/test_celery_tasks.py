import logging
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from export_hosts import OWNER, PAYLOAD, InlineExecutor, PlainRenderer, Signer, registry_with
from kombu.exceptions import OperationalError
from mishaps import START

from closient_export.adapters.celery import ExportTasks, register_tasks
from closient_export.adapters.memory import MemoryEventSource, MemoryMasterData
from closient_export.adapters.memory_entities import MemoryEntitySource
from closient_export.adapters.memory_stores import MemoryArtifactStore, MemoryJobStore
from closient_export.gs1 import Gtin
from closient_export.jobs import JobStatus, TraceabilityJobStatus
from closient_export.plugins import Part
from closient_export.service import ExportService, Settings, Workplace
from closient_export.subjects import Lot, Serial

celery = pytest.importorskip("celery")

LOT_ID = "MMr86QwRRjvDGR6MjGRNdQ"
GTIN = Gtin.parse("9506000134352")


class FaultyRenderer(PlainRenderer):
    """Fails with an error of its author's."""

    def render_part(self, *_args: Any) -> Part:
        raise ZeroDivisionError


class FaultySource(MemoryEntitySource):
    """Gives nothing the first times."""

    failures = 0

    def subjects(self, *args: Any) -> Any:
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the database is away")
        return super().subjects(*args)


class Host:
    def __init__(self, renderer: Callable[[], PlainRenderer] = PlainRenderer) -> None:
        self.now = START
        self.source = FaultySource()
        self.source.add(OWNER, [Serial(gtin=GTIN, serial=str(n)) for n in range(12)])
        self.source.add(OWNER, [Lot(gtin=GTIN, lot="L1", id=LOT_ID)])
        self.place = Workplace(
            jobs=MemoryJobStore(),
            artifacts=MemoryArtifactStore(),
            signer=Signer(),
            entities=self.source,
            events=lambda _owner: MemoryEventSource(),
            master_data=lambda _owner: MemoryMasterData(),
            make_executor=InlineExecutor,
            registry=registry_with(renderer),
            clock=self.clock,
            settings=Settings(part_size=5),
        )
        self.made: list[ExportService] = []
        self.app = celery.Celery("exports", broker="memory://")
        self.app.conf.task_always_eager = True
        self.tasks: ExportTasks = register_tasks(self.app, self.make_service, max_retries=4)

    def clock(self) -> datetime:
        return self.now

    def make_service(self) -> ExportService:
        self.made.append(ExportService(self.place))
        return self.made[-1]

    def labels(self) -> Any:
        receipt = self.tasks.submit_labels(OWNER, PAYLOAD)
        return self.tasks.service().job(OWNER, receipt.job_id)


def test_a_submission_is_done_by_tasks() -> None:
    host = Host()
    job = host.labels()
    assert job.status is JobStatus.COMPLETED
    assert len(host.made) == 1


def test_what_fails_for_a_while_is_tried_again() -> None:
    host = Host()
    host.source.failures = 4
    assert host.labels().status is JobStatus.COMPLETED


def test_a_part_that_cannot_be_made_ends_its_job() -> None:
    host = Host()
    host.source.failures = 5
    assert host.labels().error == "Part 0 cannot be made: the export failed."
    assert host.source.failures == 0
    job = Host(FaultyRenderer).labels()
    assert job.error == (
        "Part 0 cannot be made: the renderer plain.txt failed on one of the items 0 to 4."
    )


def test_a_part_that_loses_its_workers_ends_its_job() -> None:
    host = Host()
    labels = host.tasks.service().labels
    job_id = host.tasks.service().submit_labels(OWNER, PAYLOAD).job_id
    labels.prepare(OWNER, job_id)
    task = host.tasks.part
    task.push_request(delivery_info={"redelivered": True}, retries=4, called_directly=False)
    task.run(OWNER, job_id, 1)
    task.pop_request()
    job = host.tasks.service().job(OWNER, job_id)
    assert job.error == "Part 1 cannot be made: the export failed."


def test_a_broker_that_is_away_loses_no_submission(monkeypatch: pytest.MonkeyPatch) -> None:
    host = Host()

    def refuse(*_args: object) -> None:
        raise OperationalError("no route to host")

    with monkeypatch.context() as patched:
        patched.setattr(host.tasks.start, "delay", refuse)
        receipt = host.tasks.submit_labels(OWNER, PAYLOAD)
        assert receipt.status is JobStatus.PENDING
    host.now += timedelta(minutes=1)
    host.tasks.reconcile.delay()
    job = host.tasks.service().job(OWNER, receipt.job_id)
    assert job.status is JobStatus.COMPLETED


def test_what_is_asked_for_again_is_enqueued_once_until_its_message_must_be_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    host = Host()
    enqueued: list[str] = []
    monkeypatch.setattr(host.tasks.start, "delay", lambda _owner, job_id: enqueued.append(job_id))

    def ask() -> str:
        receipt = host.tasks.submit_labels(OWNER, PAYLOAD, idempotency_key="once")
        assert receipt.status is JobStatus.PENDING
        return host.tasks.submit_trace(OWNER, {"lot_id": LOT_ID}).job_short_id

    trace = {ask() for _ in range(50)}
    assert len(enqueued) == 2
    assert trace < set(enqueued)
    host.tasks.reconcile.delay()  # the messages may still come
    assert len(enqueued) == 2
    host.now += host.place.settings.lease
    host.tasks.reconcile.delay()
    assert sorted(enqueued[2:]) == sorted(enqueued[:2])
    ask()
    assert len(enqueued) == 4
    host.now += host.place.settings.lease
    ask()
    ask()
    assert sorted(enqueued[4:]) == sorted(enqueued[:2])


def test_what_is_done_or_begun_waits_for_nobody() -> None:
    host = Host()
    service = host.tasks.service()
    job_id = service.submit_labels(OWNER, PAYLOAD).job_id
    assert host.place.claim(OWNER, job_id) is not None
    assert not service.take_up(OWNER, job_id)
    host.now += host.place.settings.lease
    assert service.take_up(OWNER, job_id)
    service.cancel(OWNER, job_id)
    host.now += host.place.settings.retention
    assert not service.take_up(OWNER, job_id)


def test_small_exports_are_not_enqueued() -> None:
    host = Host()
    host.place = evolve(host.place, settings=Settings(sync_threshold=100))
    host.app.tasks.pop("closient_export.start")
    receipt = host.tasks.submit_labels(OWNER, PAYLOAD)
    assert receipt.status is JobStatus.COMPLETED


def test_a_trace_is_done_by_its_task_and_one_that_is_late_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    host = Host()
    status = host.tasks.submit_trace(OWNER, {"lot_id": LOT_ID})
    job = host.tasks.service().job(OWNER, status.job_short_id)
    assert (job.status, job.error) == (TraceabilityJobStatus.FAILED, "No event names the lot.")
    late = host.tasks.service().submit_trace(OWNER, {"lot_id": LOT_ID}).job_short_id
    host.now += timedelta(hours=21)
    with caplog.at_level(logging.ERROR):
        host.tasks.reconcile.delay()
    assert [record.getMessage() for record in caplog.records] == [
        f"the trace {late} is not delivered, and its 24 hours are almost over"
    ]


def test_messages_of_jobs_that_are_gone_do_nothing() -> None:
    host = Host()
    gone = "2222222222222222222222"
    for task in (host.tasks.start, host.tasks.finish, host.tasks.trace):
        task.delay(OWNER, gone)
    host.tasks.part.delay(OWNER, gone, 3)


def test_the_upkeep_has_a_schedule_and_names_have_a_prefix() -> None:
    app = celery.Celery("exports", broker="memory://")
    register_tasks(app, Host().make_service, name_prefix="labels", reconcile_every=timedelta(0, 90))
    app.finalize()
    entry = app.conf.beat_schedule["labels.reconcile"]
    assert (entry["task"], entry["schedule"]) == ("labels.reconcile", 90)
    names = {name for name in app.tasks if name.startswith("labels.")}
    assert names == {f"labels.{n}" for n in ("start", "part", "finish", "trace", "reconcile")}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_each_process_has_a_service_of_its_own(tmp_path: Path) -> None:
    host = Host()
    mine = host.tasks.service()
    assert host.tasks.service() is mine
    pid = os.fork()
    if pid == 0:
        try:
            (tmp_path / "new").write_text(str(host.tasks.service() is not mine))
        finally:
            os._exit(0)  # whatever happens: nobody else goes on with the tests
    os.waitpid(pid, 0)
    assert (tmp_path / "new").read_text() == "True"

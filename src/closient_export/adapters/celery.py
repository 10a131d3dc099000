"""Exports as Celery tasks: a label export is planned, each part is a task, the last one joins them.

The job store knows which parts are made, so that neither chords nor a result backend are needed,
and a message that comes twice, late or never does no harm: `reconcile` finds what is left.
"""

import logging
import os
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from attrs import frozen
from celery.utils.time import get_exponential_backoff_interval
from kombu.exceptions import OperationalError

from closient_export.errors import JobNotFoundError, StoreError
from closient_export.execution import is_final
from closient_export.ids import ShortId
from closient_export.jobs import (
    LabelExportJob,
    LabelExportReceipt,
    TraceabilityExportStatus,
)
from closient_export.service import ExportService

__all__ = ["ExportTasks", "register_tasks"]

logger = logging.getLogger(__name__)

_LONGEST_PAUSE = 300


@frozen(eq=False, kw_only=True)
class ExportTasks:
    """The tasks of an app, and how a host hands them work."""

    start: Any
    """Begins a job, or goes on with it: ``(owner, job_id)``."""
    part: Any
    """Makes a part of a label export: ``(owner, job_id, index)``."""
    finish: Any
    """Joins the parts of a label export: ``(owner, job_id)``."""
    trace: Any
    """Does a traceability export: ``(owner, job_id)``."""
    reconcile: Any
    """Looks after what is left over; without arguments."""
    service: Callable[[], ExportService]
    """The service of this process."""

    def submit_labels(
        self, owner: str, payload: object, *, idempotency_key: str = ""
    ) -> LabelExportReceipt:
        """Accept a label export, as `ExportService.submit_labels`, and enqueue it once."""
        receipt = self.service().submit_labels(owner, payload, idempotency_key=idempotency_key)
        if not receipt.status.terminal:
            self._enqueue(owner, receipt.job_id)
        return receipt

    def submit_trace(self, owner: str, payload: object) -> TraceabilityExportStatus:
        """Accept a traceability export, as `ExportService.submit_trace`, and enqueue it once.

        One that is in the queue already, or on its way, is not enqueued again.
        """
        status = self.service().submit_trace(owner, payload)
        if not status.status.terminal:
            self._enqueue(owner, status.job_short_id)
        return status

    def _enqueue(self, owner: str, job_id: ShortId) -> None:
        try:
            if self.service().take_up(owner, job_id):
                self.start.delay(owner, job_id)
        except (OperationalError, StoreError) as error:  # `reconcile` will find it
            logger.warning("job %s is not enqueued yet: %s", job_id, error)


def register_tasks(
    app: Any,
    service_factory: Callable[[], ExportService],
    *,
    name_prefix: str = "closient_export",
    max_retries: int = 8,
    reconcile_every: timedelta = timedelta(minutes=1),
) -> ExportTasks:
    """Register the tasks of both exports with a Celery app, and the schedule of `reconcile`.

    A task is acknowledged when it is done. One that fails is tried again, after a pause that
    doubles, and so is one whose worker was lost, which may have been its own doing.

    Args:
        app: A `celery.Celery`; workers import the module that calls this.
        service_factory: Makes a service; called once in each process, when it is first needed, so
            that no connection is shared between processes.
        name_prefix: What the tasks' names begin with, as in ``closient_export.part``.
        max_retries: How often a task is tried again before it is given up.
        reconcile_every: How often ``celery beat`` enqueues the upkeep.
    """
    service = _PerProcess(service_factory)

    def register(
        name: str, work: Callable[..., None], give_up: Callable[..., object] | None = None
    ) -> Any:
        def run(task: Any, *args: Any) -> None:
            retries = task.request.retries
            try:
                if (task.request.delivery_info or {}).get("redelivered"):
                    raise _LostWorkerError("a worker was lost")
                work(*args)
            except JobNotFoundError:
                return  # its retention is over
            except Exception as error:
                if give_up and (is_final(error) or retries >= max_retries):
                    give_up(*args, error)
                    return
                pause = get_exponential_backoff_interval(1, retries, _LONGEST_PAUSE, True)
                raise task.retry(exc=error, countdown=pause) from error

        return app.task(
            run,
            name=f"{name_prefix}.{name}",
            bind=True,
            shared=False,
            ignore_result=True,
            acks_late=True,
            reject_on_worker_lost=True,
            max_retries=max_retries,
        )

    def start(owner: str, job_id: ShortId) -> None:
        if not isinstance(service().job(owner, job_id), LabelExportJob):
            tasks.trace.delay(owner, job_id)
            return
        missing = service().labels.prepare(owner, job_id)
        for index in missing:
            tasks.part.delay(owner, job_id, index)
        if not missing:
            tasks.finish.delay(owner, job_id)

    def part(owner: str, job_id: ShortId, index: int) -> None:
        if service().labels.make_part(owner, job_id, index):
            tasks.finish.delay(owner, job_id)

    def give_up(owner: str, job_id: ShortId, index: int, error: Exception) -> None:
        service().labels.give_up(owner, job_id, index, error)

    def finish(owner: str, job_id: ShortId) -> None:
        service().labels.finish(owner, job_id)

    def trace(owner: str, job_id: ShortId) -> None:
        service().run(owner, job_id)

    def reconcile() -> None:
        upkeep = service().reconcile()
        for owner, job_id in upkeep.resume:
            tasks.start.delay(owner, job_id)
        for _, job_id in upkeep.overdue:
            logger.error("the trace %s is not delivered, and its 24 hours are almost over", job_id)

    tasks = ExportTasks(
        start=register("start", start),
        part=register("part", part, give_up),
        finish=register("finish", finish),
        trace=register("trace", trace),
        reconcile=register("reconcile", reconcile),
        service=service,
    )
    every = reconcile_every.total_seconds()
    app.add_periodic_task(
        every, tasks.reconcile.s(), name=f"{name_prefix}.reconcile", expires=every
    )
    return tasks


class _LostWorkerError(Exception):
    """A task is delivered again, since the worker that had it is gone."""


class _PerProcess:
    """Makes a service when this process first needs one, also after a fork."""

    def __init__(self, factory: Callable[[], ExportService]) -> None:
        self._factory = factory
        self._lock = threading.Lock()
        self._made: tuple[int, ExportService] | None = None

    def __call__(self) -> ExportService:
        with self._lock:
            if self._made is None or self._made[0] != os.getpid():
                self._made = os.getpid(), self._factory()
            return self._made[1]

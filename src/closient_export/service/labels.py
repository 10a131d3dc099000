"""Label exports as jobs: planned, made part by part, joined.

`prepare`, `make_part` and `finish` are what a queue runs as tasks: the fan-in is the job store's,
since whoever stores the last receipt finishes the job. `run` does all of it with an executor.
"""

from collections.abc import Iterable
from concurrent.futures import BrokenExecutor
from contextlib import suppress
from functools import partial
from typing import Any, cast

from attrs import frozen

from closient_export.errors import StaleJobError
from closient_export.execution import (
    PartTask,
    PoisonedTaskError,
    read_parts,
    render_part,
    run_tasks,
)
from closient_export.ids import ShortId
from closient_export.jobs import JobStatus, LabelExportJob
from closient_export.plugins import Renderer
from closient_export.records import JobRecord, Plan
from closient_export.service.holding import Cancelled, Hold, work_on
from closient_export.service.workplace import CANCELLED, Workplace, logger, public_message
from closient_export.wire import renderer_config

__all__ = ["LabelWork"]

_QUEUE = "(queue)"
"""Holds the lease of a job whose parts are tasks of a queue, whichever worker does them."""


@frozen(eq=False)
class LabelWork:
    """What is done for the label exports of a workplace."""

    place: Workplace

    def run(self, owner: str, job_id: ShortId) -> JobRecord:
        """Do all of a job, or what is left of it; somebody else's job is let be."""
        record = self.place.claim(owner, job_id)
        if record is None:
            return self.place.jobs.get(owner, job_id)
        return work_on(self.place, record, self._run)

    def _run(self, hold: Hold) -> JobRecord:
        record = self._planned(hold)
        if record.terminal:
            return record
        renderer, config = self._renderer(record)
        work = partial(render_part, self.place.entities, self.place.artifacts, renderer, config)
        try:
            done = run_tasks(
                self._missing(record),
                work,
                self.place.make_executor,
                window=self.place.settings.window,
                on_result=partial(self.place.jobs.add_receipt, record.owner, record.job_id),
                stop=hold.glance,
                beat=self.place.settings.lease.total_seconds() / 4,
                attempts=self.place.settings.attempts,
            )
        except PoisonedTaskError as error:
            logger.debug("a part failed", exc_info=error.cause)
            why = _cannot(cast("PartTask", error.task).index, error.cause)
            if isinstance(error.cause, BrokenExecutor):
                return hold.fail(why)
            return hold.give_up(error.cause, why)
        if not done:
            hold.check()
            raise Cancelled
        return self._join(hold, renderer)

    def prepare(self, owner: str, job_id: ShortId) -> list[int]:
        """Plan a job for a queue; returns the parts that are still to be made.

        There are none if it has ended, if somebody works on it, or if it cannot be planned now,
        and perhaps none if nothing is left to do but `finish`.
        """
        record = self.place.claim(owner, job_id, holder=_QUEUE)
        if record is None:
            return []
        record = work_on(self.place, record, self._planned)
        if record.terminal or record.plan is None or not _is_held_by_queue(record):
            return []
        return [task.index for task in self._missing(record)]

    def make_part(self, owner: str, job_id: ShortId, index: int) -> bool:
        """Make one part of a planned job; returns whether all are made now.

        Raises:
            Exception: it cannot be made; the queue may try again, and `give_up` in the end.
        """
        record = self.place.jobs.get(owner, job_id)
        if record.terminal or record.plan is None:
            return False
        if record.cancelled:
            self._fail(owner, job_id, CANCELLED)
            return False
        if _is_held_by_queue(record):
            with suppress(StaleJobError):  # another worker has renewed the lease
                self.place.renew(record)
        if index not in {receipt.index for receipt in self.place.jobs.receipts(owner, job_id)}:
            renderer, config = self._renderer(record)
            task = _task(record, record.plan, index)
            receipt = render_part(self.place.entities, self.place.artifacts, renderer, config, task)
            self.place.jobs.add_receipt(owner, job_id, receipt)
        return self._all_made(record)

    def give_up(self, owner: str, job_id: ShortId, index: int, error: Exception) -> JobRecord:
        """A part could not be made however often it was tried: the job fails."""
        return self._fail(owner, job_id, _cannot(index, error))

    def _fail(self, owner: str, job_id: ShortId, why: str) -> JobRecord:
        """End a job whoever works on it."""
        while True:
            record = self.place.jobs.get(owner, job_id)
            if record.terminal:
                return record
            with suppress(StaleJobError):
                return self.place.fail(record, why)

    def finish(self, owner: str, job_id: ShortId) -> JobRecord:
        """Join the parts of a job; one that is not so far, or somebody else's, is let be."""
        record = self.place.jobs.get(owner, job_id)
        if record.terminal or not self._all_made(record):
            return record
        claimed = self.place.claim(owner, job_id, over=_QUEUE)
        if claimed is None:
            return self.place.jobs.get(owner, job_id)
        return work_on(
            self.place, claimed, lambda hold: self._join(hold, self._renderer(claimed)[0])
        )

    def _all_made(self, record: JobRecord) -> bool:
        progress = self.place.jobs.progress(record.owner, record.job_id)
        return record.plan is not None and progress.parts == len(record.plan.ranges)

    def _planned(self, hold: Hold) -> JobRecord:
        """The job as it is being processed: with a plan, unless there is nothing to do."""
        hold.check()
        record, job = hold.record, _job(hold.record)
        if record.plan is not None:
            return record
        request = job.request
        plan = self.place.entities.plan(
            record.owner,
            request.scope,
            request.filters,
            part_size=self.place.settings.part_size,
        )
        if not plan.ranges:
            return hold.fail("The filters select nothing, so there is nothing to export.")
        return hold.change(job.start().resolve(plan.count), plan=plan)

    def _missing(self, record: JobRecord) -> Iterable[PartTask]:
        plan = cast("Plan", record.plan)
        receipts = self.place.jobs.receipts(record.owner, record.job_id)
        made = {receipt.index for receipt in receipts}
        return [_task(record, plan, n) for n in range(len(plan.ranges)) if n not in made]

    def _renderer(self, record: JobRecord) -> tuple[Renderer, Any]:
        request = _job(record).request
        renderer = self.place.registry.renderer(request.key)
        return renderer, renderer_config(renderer, request.asset_config)

    def _join(self, hold: Hold, renderer: Renderer) -> JobRecord:
        hold.check()
        record = hold.record
        place, job, plan = self.place, _job(record), cast("Plan", record.plan)
        receipts = place.jobs.receipts(record.owner, record.job_id)
        failed = sum(len(receipt.failed) for receipt in receipts)
        if failed == plan.count:
            first = next(filter(None, (receipt.first_failure for receipt in receipts)), "")
            why = f"; the first: {first}" if first else ""
            return hold.fail(f"None of the {plan.count} items can be drawn{why}")
        epoch = record.lease.epoch if record.lease else 0
        parts = hold.over(read_parts(place.artifacts, receipts))
        record = hold.deliver(
            f"artifacts/{job.job_id}/{epoch}.{renderer.extension}",
            lambda file: renderer.assemble(parts, file),
            lambda size: job.advance(plan.count, failed).complete(
                extension=renderer.extension, file_size_bytes=size
            ),
            due=place.clock(),
        )
        return self.settle(record)

    def settle(self, record: JobRecord) -> JobRecord:
        """What remains once a job is completed: the source learns what was printed."""
        job, plan = _job(record), record.plan
        if job.status is JobStatus.COMPLETED and plan is not None and not record.printed:
            receipts = self.place.jobs.receipts(record.owner, record.job_id)
            self.place.entities.record_printed(
                record.owner,
                job.request.scope,
                job.request.filters,
                plan.snapshot,
                [(plan.ranges[receipt.index], receipt.failed) for receipt in receipts],
                self.place.clock(),
            )
        self.place.clear(f"parts/{record.job_id}/")
        self.place.clear(f"artifacts/{record.job_id}/", but=record.artifact_key)
        due = self.place.clock() + self.place.settings.retention
        return self.place.change(record, printed=True, due=due)


def _is_held_by_queue(record: JobRecord) -> bool:
    return record.lease is not None and record.lease.holder == _QUEUE


def _job(record: JobRecord) -> LabelExportJob:
    return cast("LabelExportJob", record.job)


def _task(record: JobRecord, plan: Plan, index: int) -> PartTask:
    return PartTask(
        owner=record.owner,
        job_id=record.job_id,
        request=_job(record).request,
        snapshot=plan.snapshot,
        index=index,
        keys=plan.ranges[index],
    )


def _cannot(index: int, error: BaseException) -> str:
    reason = public_message(error)
    return f"Part {index} cannot be made: {reason[:1].lower()}{reason[1:]}"

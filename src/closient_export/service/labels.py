"""Label exports as jobs: planned, made part by part, joined.

`prepare`, `make_part` and `finish` are what a queue runs as tasks: the fan-in is the job store's,
since whoever stores the last receipt finishes the job. `run` does all of it with an executor.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any, cast

from attrs import frozen

from closient_export.errors import ExportError, StaleJobError
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
from closient_export.records import JobRecord, PartReceipt, Plan
from closient_export.service.workplace import CountingWriter, Workplace, logger, public_message
from closient_export.wire import renderer_config

__all__ = ["LabelWork"]

CANCELLED = "The export was cancelled."


@frozen(eq=False)
class LabelWork:
    """What is done for the label exports of a workplace."""

    place: Workplace

    def run(self, owner: str, job_id: ShortId) -> JobRecord:
        """Do all of a job, or what is left of it; somebody else's job is let be."""
        record = self.place.claim(owner, job_id)
        if record is None:
            return self.place.jobs.get(owner, job_id)
        try:
            return self._run(record)
        except StaleJobError:
            return self.place.jobs.get(owner, job_id)
        except Exception as error:
            return self._give_up(owner, job_id, error)

    def _give_up(self, owner: str, job_id: ShortId, error: Exception) -> JobRecord:
        record = self.place.jobs.get(owner, job_id)
        if record.terminal or record.lease is None or record.lease.holder != self.place.worker:
            return record
        if isinstance(error, ExportError) and not getattr(error, "retryable", False):
            return self._fail(record, public_message(error))
        return self.place.set_back(record, error)

    def _fail(self, record: JobRecord, why: str) -> JobRecord:
        """End a job without an artifact; what was made of it is of no use."""
        record = self.place.end(record, _job(record).fail(why))
        self.place.clear(f"parts/{record.job_id}/")
        return record

    def _run(self, record: JobRecord) -> JobRecord:
        record = self._planned(record)
        if record.terminal or record.plan is None:
            return record
        state = _Watch(self.place, record)
        renderer, config = self._renderer(record)
        work = partial(render_part, self.place.entities, self.place.artifacts, renderer, config)
        try:
            done = run_tasks(
                self._missing(record),
                work,
                self.place.make_executor,
                window=self.place.settings.window,
                on_result=state.keep,
                stop=state.stopped,
                attempts=self.place.settings.attempts,
            )
        except PoisonedTaskError as error:
            return self._fail(state.record, _why(error))
        if not done:
            return self._stop(state.record)
        return self._join(state.record, renderer)

    def prepare(self, owner: str, job_id: ShortId) -> list[int]:
        """Plan a job; returns the parts that are still to be made, none if it has ended."""
        record = self.place.jobs.get(owner, job_id)
        if record.terminal:
            return []
        try:
            record = self._planned(record)
        except StaleJobError:  # another worker plans it at the same time
            record = self.place.jobs.get(owner, job_id)
        return [task.index for task in self._missing(record)] if record.plan else []

    def make_part(self, owner: str, job_id: ShortId, index: int) -> bool:
        """Make one part of a planned job; returns whether all are made now.

        Raises:
            Exception: it cannot be made; the queue may try again, and `give_up` in the end.
        """
        record = self.place.jobs.get(owner, job_id)
        if record.terminal or record.plan is None:
            return False
        if record.cancelled:
            self._stop(record)
            return False
        if index not in {receipt.index for receipt in self.place.jobs.receipts(owner, job_id)}:
            renderer, config = self._renderer(record)
            task = _task(record, record.plan, index)
            receipt = render_part(self.place.entities, self.place.artifacts, renderer, config, task)
            self.place.jobs.add_receipt(owner, job_id, receipt)
        return self.place.jobs.progress(owner, job_id).parts == len(record.plan.ranges)

    def give_up(self, owner: str, job_id: ShortId, index: int, error: Exception) -> JobRecord:
        """A part could not be made however often it was tried: the job fails."""
        record = self.place.jobs.get(owner, job_id)
        if record.terminal:
            return record
        return self._fail(record, _cannot(index, error))

    def finish(self, owner: str, job_id: ShortId) -> JobRecord:
        """Join the parts of a job, all of which are made."""
        record = self.place.claim(owner, job_id)
        if record is None or record.plan is None:
            return self.place.jobs.get(owner, job_id)
        try:
            return self._join(record, self._renderer(record)[0])
        except StaleJobError:
            return self.place.jobs.get(owner, job_id)
        except Exception as error:
            return self._give_up(owner, job_id, error)

    def _planned(self, record: JobRecord) -> JobRecord:
        """The job as it is being processed: with a plan, unless there is nothing to do."""
        job = _job(record)
        if record.cancelled:
            return self._stop(record)
        if record.plan is not None:
            return record
        request = job.request
        plan = self.place.entities.plan(
            record.owner,
            request.scope,
            request.filters,
            part_size=self.place.settings.part_size,
        )
        if job.status is JobStatus.PENDING:
            job = job.start()
        if not plan.ranges:
            message = "The filters select nothing, so there is nothing to export."
            return self._fail(record, message)
        return self.place.change(record, job.resolve(plan.count), plan=plan)

    def _missing(self, record: JobRecord) -> Iterable[PartTask]:
        plan = cast("Plan", record.plan)
        receipts = self.place.jobs.receipts(record.owner, record.job_id)
        made = {receipt.index for receipt in receipts}
        return [_task(record, plan, n) for n in range(len(plan.ranges)) if n not in made]

    def _renderer(self, record: JobRecord) -> tuple[Renderer, Any]:
        request = _job(record).request
        renderer = self.place.registry.renderer(request.key)
        return renderer, renderer_config(renderer, request.asset_config)

    def _stop(self, record: JobRecord) -> JobRecord:
        """End a job that its owner has cancelled."""
        record = self.place.jobs.get(record.owner, record.job_id)
        if record.terminal:
            return record
        return self._fail(record, CANCELLED)

    def _join(self, record: JobRecord, renderer: Renderer) -> JobRecord:
        place, job, plan = self.place, _job(record), cast("Plan", record.plan)
        receipts = place.jobs.receipts(record.owner, record.job_id)
        if [receipt.index for receipt in receipts] != list(range(len(plan.ranges))):
            return record  # somebody thought too early that all parts are made
        failed = sum(len(receipt.failed) for receipt in receipts)
        if failed == plan.count:
            first = next(filter(None, (receipt.first_failure for receipt in receipts)), "")
            why = f"; the first: {first}" if first else ""
            message = f"None of the {plan.count} items can be drawn{why}"
            return self._fail(record, message)
        epoch = record.lease.epoch if record.lease else 0
        key = f"artifacts/{job.job_id}/{epoch}.{renderer.extension}"
        with place.artifacts.create(key) as file:
            counted = CountingWriter(file)
            renderer.assemble(read_parts(place.artifacts, receipts), cast("Any", counted))
        done = job.advance(plan.count, failed).complete(
            extension=renderer.extension, file_size_bytes=counted.written
        )
        try:
            record = place.end(record, done, artifact_key=key, due=place.clock())
        except StaleJobError:
            place.artifacts.delete(key)
            raise
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


class _Watch:
    """Keeps receipts and the lease while parts are being made."""

    def __init__(self, place: Workplace, record: JobRecord) -> None:
        self._place = place
        self.record = record

    def keep(self, receipt: PartReceipt) -> None:
        """Store a receipt."""
        self._place.jobs.add_receipt(self.record.owner, self.record.job_id, receipt)

    def stopped(self) -> bool:
        """Renew the lease where it is time, and see whether the owner has cancelled."""
        stored = self._place.jobs.get(self.record.owner, self.record.job_id)
        if stored.lease is None or self.record.lease is None:
            raise StaleJobError("the lease is lost")
        if stored.lease.epoch != self.record.lease.epoch or stored.terminal:
            raise StaleJobError("the lease is lost")
        self.record = self._place.renew(stored)
        return self.record.cancelled


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


def _why(error: PoisonedTaskError) -> str:
    logger.debug("a part failed", exc_info=error.cause)
    return _cannot(cast("PartTask", error.task).index, error.cause)


def _cannot(index: int, error: BaseException) -> str:
    reason = public_message(error)
    return f"Part {index} cannot be made: {reason[:1].lower()}{reason[1:]}"

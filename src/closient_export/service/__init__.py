"""The asynchronous half of both exports: submit, run, poll, download.

Every call is for one owner, the organisation that the caller acts for. A malformed id is refused
before any store is asked; an unknown one and another owner's are the same `JobNotFoundError`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, BinaryIO, cast

from attrs import evolve, frozen

from closient_export.errors import (
    IdempotencyConflictError,
    InvalidTransitionError,
    JobNotFoundError,
    Problem,
    RequestError,
    StaleJobError,
)
from closient_export.ids import ShortId, parse_short_id
from closient_export.jobs import (
    JobStatus,
    LabelExportJob,
    LabelExportReceipt,
    LabelExportStatus,
    TraceabilityExportJob,
    TraceabilityExportStatus,
    TraceabilityJobStatus,
)
from closient_export.records import Job, JobRecord
from closient_export.service.labels import LabelWork
from closient_export.service.traces import TraceWork
from closient_export.service.workplace import (
    CANCELLED,
    Settings,
    Workplace,
    fingerprint_of,
    logger,
)
from closient_export.wire import parse_label_request, parse_traceability_request, to_json

__all__ = ["ExportService", "Settings", "Upkeep", "Workplace"]


@frozen(kw_only=True)
class Upkeep:
    """What `ExportService.reconcile` has found."""

    resume: tuple[tuple[str, ShortId], ...] = ()
    """Owner and id of the jobs that nobody works on: hand them to `ExportService.run` again."""
    removed: tuple[tuple[str, ShortId], ...] = ()
    """Those whose retention is over; they and their files are gone."""
    overdue: tuple[tuple[str, ShortId], ...] = ()
    """Traces that are near, or past, their 24 hours and not delivered."""


class ExportService:
    """Exports as jobs, on the ports of a `Workplace`."""

    def __init__(self, workplace: Workplace) -> None:
        self._place = workplace
        self.labels = LabelWork(workplace)
        """The steps of a label export, for queues."""
        self._traces = TraceWork(workplace)

    def submit_labels(
        self, owner: str, payload: object, *, idempotency_key: str = ""
    ) -> LabelExportReceipt:
        """Accept a label export; a small one has ended when this returns.

        Args:
            owner: The caller's organisation.
            payload: The request's JSON.
            idempotency_key: Of the caller's choice: the same key again gives the same job.

        Raises:
            RequestError: the payload has problems.
            IdempotencyConflictError: the key was used for another request.
        """
        request = parse_label_request(payload, self._place.registry)
        key = f"labels/{idempotency_key}" if idempotency_key else ""
        record = self._add(owner, LabelExportJob(request=request), key, to_json(request))
        if self._is_small(record):
            record = self.labels.run(owner, record.job_id)
        return cast("LabelExportJob", record.job).receipt()

    def _is_small(self, record: JobRecord) -> bool:
        threshold = self._place.settings.sync_threshold
        job = record.job
        if record.terminal or not threshold or not isinstance(job, LabelExportJob):
            return False
        plan = self._place.entities.plan(
            record.owner, job.request.scope, job.request.filters, part_size=threshold
        )
        return plan.count <= threshold

    def submit_trace(self, owner: str, payload: object) -> TraceabilityExportStatus:
        """Accept a traceability export, or report the one that is in flight or still kept.

        A failed one is tried again; its 24 hours run on.

        Raises:
            RequestError: the payload has problems.
        """
        request = parse_traceability_request(payload, self._place.writers)
        key = f"trace/{request.lot_id}/{request.direction}/{request.format}"
        now = self._place.clock()
        while True:
            job = TraceabilityExportJob(request=request, requested_at=now)
            record = self._add(owner, job, key, to_json(request))
            if record.job.status is not TraceabilityJobStatus.FAILED:
                return cast("TraceabilityExportStatus", self._view(record))
            if record.job.deadline > now:
                now = record.job.requested_at
            try:
                self._place.jobs.replace(evolve(record, idempotency_key=""))
            except StaleJobError:
                continue

    def _add(self, owner: str, job: Job, key: str, request: dict[str, Any]) -> JobRecord:
        record = JobRecord(
            owner=owner,
            job=job,
            due=self._place.clock(),
            idempotency_key=key,
            fingerprint=fingerprint_of(request),
        )
        kept = self._place.jobs.add(record)
        if kept.fingerprint != record.fingerprint:
            raise IdempotencyConflictError(
                f"the key of job {kept.job_id} came with another request"
            )
        return kept

    def run(self, owner: str, job_id: str) -> JobRecord:
        """Do the work of a job, or what is left of it; a job that somebody works on is let be."""
        record = self._get(owner, job_id)
        work = self.labels if isinstance(record.job, LabelExportJob) else self._traces
        return work.run(owner, record.job_id)

    def job(self, owner: str, job_id: str) -> Job:
        """A job itself, which knows more than its status, such as how many items failed.

        Raises:
            RequestError: the id is malformed.
            JobNotFoundError: there is no such job for this owner.
        """
        return self._place.counted(self._get(owner, job_id))

    def status(self, owner: str, job_id: str) -> LabelExportStatus | TraceabilityExportStatus:
        """How a job stands, with an address to download from that is minted now.

        Raises:
            RequestError: the id is malformed.
            JobNotFoundError: there is no such job for this owner.
        """
        return self._view(self._get(owner, job_id))

    def _get(self, owner: str, job_id: str) -> JobRecord:
        try:
            parsed = parse_short_id(job_id)
        except ValueError as error:
            raise RequestError([Problem("job_id", str(error))]) from error
        return self._place.jobs.get(owner, parsed)

    def _view(self, record: JobRecord) -> LabelExportStatus | TraceabilityExportStatus:
        job = self._place.counted(record)
        url, expires_at = None, None
        if record.artifact_key:
            expires_at = self._place.clock() + self._place.settings.url_lifetime
            url = self._place.signer.sign(
                record.artifact_key,
                owner=record.owner,
                filename=job.output_filename or "",
                media_type=self._media_type(job),
                expires_at=expires_at,
            )
        if isinstance(job, TraceabilityExportJob):
            return job.status_view(signed_download_url=url)
        return job.status_view(download_url=url, expires_at=expires_at)

    def _media_type(self, job: Job) -> str:
        if isinstance(job, TraceabilityExportJob):
            return self._place.writers.writer(job.request.format).media_type
        return self._place.registry.renderer(job.request.key).media_type

    @contextmanager
    def download(self, owner: str, job_id: str) -> Iterator[BinaryIO]:
        """The artifact of a job, as a stream; a download of a trace is counted.

        Raises:
            InvalidTransitionError: there is none, or no longer.
        """
        record = self._get(owner, job_id)
        if not record.artifact_key:
            raise InvalidTransitionError(f"a job that is {record.job.status} cannot be downloaded")
        with self._place.artifacts.open(record.artifact_key) as file:
            yield file
        self.count_download(owner, job_id)

    def count_download(self, owner: str, job_id: str) -> None:
        """Count a download of a trace that a host has served itself; one of labels is not counted.

        Raises:
            RequestError: the id is malformed.
            JobNotFoundError: there is no such job for this owner.
        """
        record = self._get(owner, job_id)
        while isinstance(record.job, TraceabilityExportJob):
            try:
                self._place.change(record, record.job.count_download())
            except StaleJobError:
                record = self._get(owner, job_id)
            else:
                return

    def cancel(self, owner: str, job_id: str) -> LabelExportStatus | TraceabilityExportStatus:
        """End a job: at once if nobody works on it, else as soon as its worker sees it.

        A job that has ended stays as it is.
        """
        while True:
            record = self._get(owner, job_id)
            if record.terminal:
                return self._view(record)
            try:
                if record.leased(self._place.clock()):
                    return self._view(self._place.change(record, cancelled=True))
                return self._view(self._place.fail(record, CANCELLED))
            except StaleJobError:
                continue

    def reconcile(self, now: datetime | None = None, *, limit: int = 100) -> Upkeep:
        """Look after what dead workers have left, and after what is over.

        Args:
            now: The time to judge by, the clock's if it is not given.
            limit: How many jobs to look at; those to resume are then this caller's for a while.
        """
        now = now or self._place.clock()
        resume, removed, overdue = [], [], []
        for record in self._place.jobs.due(now, limit=limit):
            who = (record.owner, record.job_id)
            if record.terminal:
                if self._close(record, now):
                    removed.append(who)
                continue
            if not self._put_off(record, now):
                continue
            resume.append(who)
            if isinstance(record.job, TraceabilityExportJob):
                left = record.job.time_left(now)
                if left is not None and left <= self._place.settings.deadline_warning:
                    overdue.append(who)
        return Upkeep(resume=tuple(resume), removed=tuple(removed), overdue=tuple(overdue))

    def take_up(self, owner: str, job_id: str) -> bool:
        """Whether a job waits for somebody to do it; it then is this caller's for a while.

        Ask before a job is enqueued: the answer is ``True`` once, however often the job is submitted
        or asked for. It is again once `Settings.lease` is over and nobody has begun the job, which
        `reconcile` then finds too.

        Raises:
            RequestError: the id is malformed.
            JobNotFoundError: there is no such job for this owner.
        """
        record, now = self._get(owner, job_id), self._place.clock()
        waits = not record.terminal and record.due <= now
        return waits and self._put_off(record, now)

    def _put_off(self, record: JobRecord, now: datetime) -> bool:
        """Look at a job again later; returns whether nobody else has changed it meanwhile."""
        try:
            self._place.change(record, due=now + self._place.settings.lease)
        except (StaleJobError, JobNotFoundError):
            return False
        return True

    def _close(self, record: JobRecord, now: datetime) -> bool:
        """Finish what an ended job still owes, and forget it once its retention is over.

        What keeps one job from that is no matter of the others.
        """
        try:
            return self._closed(record, now)
        except Exception as error:
            logger.warning("upkeep of job %s failed: %s", record.job_id, type(error).__name__)
            logger.debug("upkeep of job %s failed", record.job_id, exc_info=True)
            self._put_off(record, now)
            return False

    def _closed(self, record: JobRecord, now: datetime) -> bool:
        unsettled = isinstance(record.job, LabelExportJob) and not record.printed
        if unsettled and record.job.status is JobStatus.COMPLETED:
            self.labels.settle(record)
            return False
        if record.due > now:
            return False
        if record.artifact_key:  # nobody is to be sent to a file that is gone
            record = self._place.change(record, artifact_key="")
        self._place.clear(f"parts/{record.job_id}/")
        self._place.clear(f"artifacts/{record.job_id}/")
        self._place.jobs.remove(record)
        return True

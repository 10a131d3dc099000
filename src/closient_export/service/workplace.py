"""What all work on jobs needs: the host's ports, its rules, and how a job is changed."""

import hashlib
import json
import logging
import os
import socket
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from attrs import evolve, field, frozen, validators

from closient_export.errors import ExportError, StaleJobError
from closient_export.execution import PART_SIZE, Attempts
from closient_export.ids import ShortId
from closient_export.jobs import JobStatus, LabelExportJob
from closient_export.ports import (
    ArtifactStore,
    EntitySource,
    EventSource,
    JobStore,
    MasterData,
    UrlSigner,
)
from closient_export.records import Job, JobRecord
from closient_export.registry import RendererRegistry, TraceWriterRegistry
from closient_export.service.lots import lot_of_id
from closient_export.trace.classification import Rules
from closient_export.trace.findings import Thresholds
from closient_export.trace.walk import Limits

__all__ = ["CANCELLED", "Settings", "Workplace", "fingerprint_of", "public_message"]

CANCELLED = "The export was cancelled."
_LONGEST_LEASE = 4
"""How often a lease doubles."""

logger = logging.getLogger("closient_export.service")


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _never() -> bool:
    return False


@frozen(kw_only=True)
class Settings:
    """What a host may set; each has a default that works."""

    part_size: int = field(default=PART_SIZE, validator=validators.ge(1))
    """How many entities make a part."""
    sync_threshold: int = field(default=0, validator=validators.ge(0))
    """Label exports of so many entities run inside the call that submits them."""
    window: int = field(factory=lambda: 2 * (os.cpu_count() or 1), validator=validators.ge(1))
    """How many parts are given to an executor at a time."""
    attempts: Attempts = field(factory=Attempts)
    lease: timedelta = timedelta(minutes=1)
    """How long a worker may be silent before another one takes its job over.

    A lease is renewed with each part, and with each hop of a trace. It doubles each time that the
    job changes hands, up to sixteen times, so that no job is slower than every lease.
    """
    glance: timedelta = timedelta(seconds=0.5)
    """How often at most a worker looks between parts whether its job was cancelled or is lost."""
    setbacks: int = field(default=5, validator=validators.ge(1))
    """How often work on a job is given up for reasons that may pass, before the job fails."""
    takeovers: int = field(default=20, validator=validators.ge(1))
    """How often work on a job is begun, by whomever, before the job fails: some kill workers."""
    url_lifetime: timedelta = timedelta(minutes=15)
    retention: timedelta = timedelta(days=7)
    """How long an artifact is kept."""
    deadline_warning: timedelta = timedelta(hours=4)
    """How long before its 24 hours are over a trace that is not delivered is reported."""
    limits: Limits = field(factory=Limits)
    rules: Rules = field(factory=Rules)
    thresholds: Thresholds = field(factory=Thresholds)


def fingerprint_of(payload: Any) -> str:
    """What tells one request from another."""
    return hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()


@frozen(kw_only=True, eq=False)
class Workplace:
    """The host's side of the service."""

    jobs: JobStore
    artifacts: ArtifactStore
    signer: UrlSigner
    entities: EntitySource
    events: Callable[[str], EventSource]
    """An owner's events."""
    master_data: Callable[[str], MasterData]
    """An owner's places and products."""
    make_executor: Callable[[], Executor]
    registry: RendererRegistry = field(factory=RendererRegistry)
    writers: TraceWriterRegistry = field(factory=TraceWriterRegistry)
    clock: Callable[[], datetime] = _utc_now
    settings: Settings = field(factory=Settings)
    find_lot: Callable[[str, ShortId], str | None] = field()
    """The canonical URI of the lot of an owner that has a short id.

    Where it is not given, `entities` are asked: then what can be labelled can be traced.
    """
    stopping: Callable[[], bool] = _never
    """Whether this worker is told to stop: it then hands its jobs back as they are."""
    worker: str = field(factory=lambda: f"{socket.gethostname()}-{os.getpid()}")

    @find_lot.default
    def _among_entities(self) -> Callable[[str, ShortId], str | None]:
        return partial(lot_of_id, self.entities)

    def change(self, record: JobRecord, job: Job | None = None, **changes: Any) -> JobRecord:
        """Keep a changed job.

        Raises:
            StaleJobError: somebody else has changed it.
        """
        return self.jobs.replace(evolve(record, job=job or record.job, **changes))

    def claim(
        self, owner: str, job_id: ShortId, *, holder: str = "", over: str = ""
    ) -> JobRecord | None:
        """A job with a lease of it, or ``None`` if it has ended or somebody works on it.

        Args:
            owner: Whose job it is.
            job_id: Its id.
            holder: Whose lease it will be; this worker's if it is not given.
            over: A holder whose lease does not count.
        """
        while True:
            record = self.jobs.get(owner, job_id)
            now = self.clock()
            lease = record.lease
            if record.terminal or (record.leased(now) and lease and lease.holder != over):
                return None
            begun = lease.epoch if lease else 0
            period = self._period(begun + 1)
            with suppress(StaleJobError):
                if begun >= self.settings.takeovers:
                    self.fail(record, f"The export was begun {begun} times and never finished.")
                    return None
                return self.jobs.replace(record.claim(holder or self.worker, now, period))

    def _period(self, epoch: int) -> timedelta:
        """How long the lease with that number is."""
        return self.settings.lease * (1 << min(epoch - 1, _LONGEST_LEASE))

    def renew(self, record: JobRecord) -> JobRecord:
        """The same job with a longer lease, once half of it is over.

        Raises:
            StaleJobError: the job was changed.
        """
        lease = record.lease
        if lease is None:
            return record
        now, period = self.clock(), self._period(lease.epoch)
        if lease.until - now > period / 2:
            return record
        until = now + period
        return self.change(record, lease=evolve(lease, until=until), due=until)

    def end(self, record: JobRecord, job: Job, **changes: Any) -> JobRecord:
        """Keep a job that has ended: until its retention is over there is nothing to do."""
        due = self.clock() + self.settings.retention
        return self.change(record, job, **({"lease": None, "due": due} | changes))

    def fail(self, record: JobRecord, why: str) -> JobRecord:
        """End a job without an artifact; what was made of it is of no use."""
        record = self.end(record, self.counted(record).fail(why))
        try:
            self.clear(f"parts/{record.job_id}/")
            self.clear(f"artifacts/{record.job_id}/")
        except Exception as error:  # they go when the retention is over
            logger.warning("job %s leaves files: %s", record.job_id, type(error).__name__)
        return record

    def counted(self, record: JobRecord) -> Job:
        """A job as far as its receipts say that it is."""
        job = record.job
        if not isinstance(job, LabelExportJob) or job.status is not JobStatus.PROCESSING:
            return job
        progress = self.jobs.progress(record.owner, record.job_id)
        return job.advance(progress.items, progress.failed)

    def hand_back(self, record: JobRecord) -> JobRecord:
        """Give up the lease: whoever looks next goes on with the job."""
        now = self.clock()
        # The number of the lease is kept: it tells this worker from the next.
        lease = record.lease and evolve(record.lease, until=now)
        return self.change(record, lease=lease, due=now)

    def set_back(self, record: JobRecord, error: BaseException, why: str) -> JobRecord:
        """Give up work on a job for now; the time until the next try grows."""
        logger.warning("work on job %s was given up: %s", record.job_id, type(error).__name__)
        logger.debug("work on job %s was given up", record.job_id, exc_info=error)
        if record.setbacks + 1 >= self.settings.setbacks:
            return self.fail(record, why)
        now = self.clock()
        pause = self.settings.lease * 2**record.setbacks
        # The number of the lease is kept: it tells this worker from the next.
        lease = record.lease and evolve(record.lease, until=now)
        return self.change(record, lease=lease, setbacks=record.setbacks + 1, due=now + pause)

    def clear(self, prefix: str, *, but: str = "") -> None:
        """Delete the files whose keys begin with `prefix`, all but one."""
        for key in list(self.artifacts.keys(prefix)):
            if key != but:
                self.artifacts.delete(key)


def public_message(error: BaseException) -> str:
    """What may be shown of any error."""
    return error.public_message if isinstance(error, ExportError) else "The export failed."

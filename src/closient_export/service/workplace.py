"""What all work on jobs needs: the host's ports, its rules, and how a job is changed."""

import hashlib
import json
import logging
import os
import socket
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO

from attrs import evolve, field, frozen, validators

from closient_export.errors import ExportError, StaleJobError
from closient_export.execution import PART_SIZE, Attempts
from closient_export.ids import ShortId
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
from closient_export.trace.classify import Rules
from closient_export.trace.findings import Thresholds
from closient_export.trace.walk import Limits

__all__ = ["Settings", "Workplace", "fingerprint_of"]

logger = logging.getLogger("closient_export.service")


def _utc_now() -> datetime:
    return datetime.now(UTC)


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
    """How long a worker may be silent before another one takes its job over."""
    setbacks: int = field(default=5, validator=validators.ge(1))
    """How often work on a job is given up for reasons that may pass, before the job fails."""
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
    worker: str = field(factory=lambda: f"{socket.gethostname()}-{os.getpid()}")

    def change(self, record: JobRecord, job: Job | None = None, **changes: Any) -> JobRecord:
        """Keep a changed job.

        Raises:
            StaleJobError: somebody else has changed it.
        """
        return self.jobs.replace(evolve(record, job=job or record.job, **changes))

    def claim(self, owner: str, job_id: ShortId) -> JobRecord | None:
        """A job with a lease of it, or ``None`` if it has ended or somebody works on it."""
        record = self.jobs.get(owner, job_id)
        now = self.clock()
        if record.terminal or record.leased(now):
            return None
        try:
            return self.jobs.replace(record.claim(self.worker, now, self.settings.lease))
        except StaleJobError:
            return None

    def renew(self, record: JobRecord) -> JobRecord:
        """The same job with a longer lease, once half of it is over.

        Raises:
            StaleJobError: the lease is lost, or the job was changed.
        """
        now = self.clock()
        lease = record.lease
        if lease is None or lease.until - now > self.settings.lease / 2:
            return record
        until = now + self.settings.lease
        return self.change(record, lease=evolve(lease, until=until), due=until)

    def end(self, record: JobRecord, job: Job, **changes: Any) -> JobRecord:
        """Keep a job that has ended: until its retention is over there is nothing to do."""
        due = self.clock() + self.settings.retention
        return self.change(record, job, **({"lease": None, "due": due} | changes))

    def set_back(self, record: JobRecord, error: Exception) -> JobRecord:
        """Give up work on a job for now; the time until the next try grows."""
        job = record.job
        logger.warning("work on job %s was given up: %s", record.job_id, type(error).__name__)
        logger.debug("work on job %s was given up", record.job_id, exc_info=error)
        if record.setbacks + 1 >= self.settings.setbacks:
            return self.end(record, job.fail(public_message(error)))
        pause = self.settings.lease * 2**record.setbacks
        return self.change(
            record, lease=None, setbacks=record.setbacks + 1, due=self.clock() + pause
        )

    def clear(self, prefix: str, *, but: str = "") -> None:
        """Delete the files whose keys begin with `prefix`, all but one."""
        for key in list(self.artifacts.keys(prefix)):
            if key != but:
                self.artifacts.delete(key)


def public_message(error: BaseException) -> str:
    """What may be shown of any error."""
    return error.public_message if isinstance(error, ExportError) else "The export failed."


class CountingWriter:
    """Counts what is written to a file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.written = 0

    def write(self, data: bytes) -> int:
        """Write all of `data`."""
        self._file.write(data)
        self.written += len(memoryview(data).cast("B"))
        return len(data)

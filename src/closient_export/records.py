"""What is kept of a job while it is on its way: its parts, who works on it, what it made."""

from datetime import datetime, timedelta
from typing import Self

from attrs import evolve, field, frozen, validators

from closient_export.ids import ShortId
from closient_export.jobs import LabelExportJob, TraceabilityExportJob
from closient_export.jobs._states import as_utc, check_utc, natural

__all__ = ["Job", "JobRecord", "KeyRange", "Lease", "PartReceipt", "Plan", "Progress"]

Job = LabelExportJob | TraceabilityExportJob


@frozen(kw_only=True)
class KeyRange:
    """A run of a selection's entities, in its order: what one part of a job is made from."""

    first_index: int = field(validator=natural)
    count: int = field(validator=validators.ge(1))
    start: str
    """The source's own key of the first entity."""
    stop: str
    """Its key of the last one."""


@frozen(kw_only=True)
class Plan:
    """A selection, cut into ranges once and for all."""

    snapshot: str
    """How the source finds this very selection again, whatever is printed or added since."""
    ranges: tuple[KeyRange, ...]

    @property
    def count(self) -> int:
        """How many entities are selected."""
        return sum(each.count for each in self.ranges)


@frozen(kw_only=True)
class PartReceipt:
    """A part that is made and stored."""

    index: int = field(validator=natural)
    key: str
    """Where the artifact store has it; it names the content, so that a twin has the same."""
    item_count: int = field(validator=natural)
    failed: tuple[int, ...] = ()
    """Which of the items, from 0 on in the part, could not be drawn."""
    first_failure: str | None = None


@frozen(kw_only=True)
class Progress:
    """The receipts of a job, added up."""

    parts: int = 0
    items: int = 0
    failed: int = 0


@frozen(kw_only=True)
class Lease:
    """The right to work on a job for a while."""

    holder: str
    epoch: int = field(validator=natural)
    """Counts the leases of a job: who has an older one has lost it."""
    until: datetime = field(converter=as_utc, validator=check_utc)


@frozen(kw_only=True)
class JobRecord:
    """A job as a store keeps it: the job itself, and what it takes to finish it."""

    owner: str = field(validator=validators.min_len(1))
    """The organisation; no store answers for another one."""
    job: Job
    revision: int = field(default=0, validator=natural)
    """Counts the changes; a change of another revision than the stored one is refused."""
    due: datetime = field(converter=as_utc, validator=check_utc)
    """When it should be looked at next, if nothing happens before."""
    idempotency_key: str = ""
    fingerprint: str = ""
    """Of the request that came with the key."""
    plan: Plan | None = None
    lease: Lease | None = None
    setbacks: int = field(default=0, validator=natural)
    """How often work on it was given up for reasons that may pass."""
    cancelled: bool = False
    """Whether its owner wants it to end."""
    artifact_key: str = ""
    """Where the artifact store has what it made; empty until then, and once that is deleted."""
    printed: bool = False
    """Whether the source knows which of its entities were printed."""

    @property
    def job_id(self) -> ShortId:
        """The job's short id."""
        return self.job.job_id

    @property
    def terminal(self) -> bool:
        """Whether the job has ended."""
        return self.job.status.terminal

    def leased(self, now: datetime) -> bool:
        """Whether somebody works on it."""
        return self.lease is not None and self.lease.until > now

    def claim(self, holder: str, now: datetime, period: timedelta) -> Self:
        """The same with a new lease."""
        epoch = self.lease.epoch + 1 if self.lease else 1
        until = now + period
        return evolve(self, lease=Lease(holder=holder, epoch=epoch, until=until), due=until)

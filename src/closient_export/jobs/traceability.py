"""The traceability export job: its states, its 24 hours, and what its owner sees of it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Self

from attrs import converters, evolve, field, frozen, validators

from closient_export.errors import InvalidTransitionError
from closient_export.ids import ShortId, new_short_id, parse_short_id
from closient_export.jobs._states import as_utc, check_transition, check_utc, natural, require, utc
from closient_export.requests import Direction, TraceabilityExportRequest, check_word

__all__ = [
    "DELIVERY_PERIOD",
    "TRACEABILITY_TRANSITIONS",
    "TraceabilityExportJob",
    "TraceabilityExportStatus",
    "TraceabilityJobStatus",
]

DELIVERY_PERIOD = timedelta(hours=24)
"""How long after FDA's request the records must be there (21 CFR 1.1455(c)(1) and (3))."""


class TraceabilityJobStatus(StrEnum):
    """Where a traceability export stands."""

    PENDING = "pending"
    PROCESSING = "processing"
    DELIVERED = "delivered"
    FAILED = "failed"

    @property
    def terminal(self) -> bool:
        """Whether nothing can follow."""
        return not TRACEABILITY_TRANSITIONS[self]


TRACEABILITY_TRANSITIONS: Mapping[TraceabilityJobStatus, frozenset[TraceabilityJobStatus]] = (
    MappingProxyType(
        {
            TraceabilityJobStatus.PENDING: frozenset(
                {TraceabilityJobStatus.PROCESSING, TraceabilityJobStatus.FAILED}
            ),
            TraceabilityJobStatus.PROCESSING: frozenset(
                {TraceabilityJobStatus.DELIVERED, TraceabilityJobStatus.FAILED}
            ),
            TraceabilityJobStatus.DELIVERED: frozenset(),
            TraceabilityJobStatus.FAILED: frozenset(),
        }
    )
)
"""Which state may follow which; from a terminal state none."""


@frozen(kw_only=True)
class TraceabilityExportStatus:
    """The answer to a call, field by field as on the wire."""

    job_short_id: ShortId = field(converter=parse_short_id)
    status: TraceabilityJobStatus = field(converter=TraceabilityJobStatus)
    lot_id: ShortId = field(converter=parse_short_id)
    direction: Direction = field(converter=Direction)
    format: str = field(validator=check_word)
    requested_at: datetime = field(converter=as_utc, validator=check_utc)
    signed_download_url: str | None = None

    def __attrs_post_init__(self) -> None:
        delivered = self.status is TraceabilityJobStatus.DELIVERED
        require(
            self.signed_download_url is None or delivered,
            "signed_download_url: only when delivered",
        )


@frozen(kw_only=True)
class TraceabilityExportJob:
    """One traceability export from the request to its end: a value, changed by its methods only.

    A job in a state that the contract does not know cannot be built (`ValueError`), and no
    transition leads out of a terminal state (`InvalidTransitionError`). Of a delivered job nothing
    changes but `download_count`. A failed one stays as it is: the next call makes a new job.
    """

    request: TraceabilityExportRequest = field(
        validator=validators.instance_of(TraceabilityExportRequest)
    )
    job_id: ShortId = field(factory=new_short_id, converter=parse_short_id)
    status: TraceabilityJobStatus = field(
        default=TraceabilityJobStatus.PENDING, converter=TraceabilityJobStatus
    )
    requested_at: datetime = field(converter=as_utc, validator=check_utc)
    """When the records were asked for, in UTC: from here the 24 hours count."""
    delivered_at: datetime | None = field(
        default=None,
        converter=converters.optional(as_utc),
        validator=validators.optional(check_utc),
    )
    """When the artifact was whole and ready to download, in UTC."""
    output_filename: str | None = None
    file_size_bytes: int | None = field(default=None, validator=validators.optional(natural))
    error: str | None = None
    """Why it failed, safe to show."""
    download_count: int = field(default=0, validator=natural)
    """How often the artifact was downloaded."""

    def __attrs_post_init__(self) -> None:
        delivered = self.status is TraceabilityJobStatus.DELIVERED
        for name in ("delivered_at", "output_filename", "file_size_bytes"):
            require(
                (getattr(self, name) is not None) == delivered,
                f"{name}: set exactly when delivered",
            )
        require(
            bool(self.error) == (self.status is TraceabilityJobStatus.FAILED) and self.error != "",
            "error: set exactly when failed",
        )
        require(delivered or self.download_count == 0, "download_count: 0 until delivered")
        require(
            self.delivered_at is None or self.delivered_at >= self.requested_at,
            f"delivered_at: expected no time before requested_at, got {self.delivered_at}",
        )
        require(
            self.requested_at.year < datetime.max.year,  # so that it has a deadline
            f"requested_at: expected a time before the year 9999, got {self.requested_at}",
        )

    @property
    def deadline(self) -> datetime:
        """When the records must be there: 24 hours after the request, whatever clocks show.

        No switch to or from daylight saving time makes these hours more or fewer.
        """
        return self.requested_at + DELIVERY_PERIOD

    def time_left(self, now: datetime) -> timedelta | None:
        """How long there is until the deadline, never less than nothing; ``None`` once delivered.

        The records of a failed job are still owed, so its time runs on.

        Raises:
            ValueError: the zone of `now` is not said.
        """
        left = self.deadline - utc("now", now)
        return None if self.delivered_at is not None else max(left, timedelta(0))

    def deadline_met(self, now: datetime | None = None) -> bool | None:
        """Whether it was delivered in less than 24 hours; ``None`` as long as that is not known.

        Args:
            now: The time by which a job that is not delivered is known to have missed its deadline.

        Raises:
            ValueError: the zone of `now` is not said.
        """
        if self.delivered_at is not None:
            return self.delivered_at < self.deadline
        return False if now is not None and utc("now", now) >= self.deadline else None

    def start(self) -> Self:
        """Begin: the lot is being traced."""
        return self._to(TraceabilityJobStatus.PROCESSING)

    def deliver(self, *, delivered_at: datetime, file_size_bytes: int, extension: str) -> Self:
        """The artifact, a file of that size and kind, is whole and can be downloaded.

        A `delivered_at` before the request comes from a clock that is slow, on another machine; the
        time of the request stands in for it, since a file that is there is delivered.
        """
        return self._to(
            TraceabilityJobStatus.DELIVERED,
            delivered_at=max(utc("delivered_at", delivered_at), self.requested_at),
            file_size_bytes=file_size_bytes,
            output_filename=(
                f"traceability-{self.job_id[:4]}-{self.request.direction}.{extension}"
            ),
        )

    def fail(self, error: str) -> Self:
        """It cannot be done, for a reason that is safe to show."""
        return self._to(TraceabilityJobStatus.FAILED, error=error)

    def count_download(self) -> Self:
        """The artifact was downloaded once more.

        Raises:
            InvalidTransitionError: there is none to download.
        """
        if self.status is not TraceabilityJobStatus.DELIVERED:
            raise InvalidTransitionError(f"a job that is {self.status} cannot be downloaded")
        return evolve(self, download_count=self.download_count + 1)

    def _to(self, status: TraceabilityJobStatus, **changes: Any) -> Self:
        check_transition(TRACEABILITY_TRANSITIONS, self.status, status)
        return evolve(self, status=status, **changes)

    def status_view(self, *, signed_download_url: str | None = None) -> TraceabilityExportStatus:
        """The answer to a call, with the signed URL that was minted for it."""
        return TraceabilityExportStatus(
            job_short_id=self.job_id,
            status=self.status,
            lot_id=self.request.lot_id,
            direction=self.request.direction,
            format=self.request.format,
            requested_at=self.requested_at,
            signed_download_url=signed_download_url,
        )

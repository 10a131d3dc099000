"""The label export job: its states, what may follow what, and what its owner sees of it."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Self

from attrs import evolve, field, frozen, validators

from closient_export.errors import InvalidTransitionError
from closient_export.ids import ShortId, new_short_id, parse_short_id
from closient_export.jobs._states import check_transition, natural, require
from closient_export.requests import LabelExportRequest

__all__ = [
    "TRANSITIONS",
    "JobStatus",
    "LabelExportJob",
    "LabelExportReceipt",
    "LabelExportStatus",
    "poll_url",
]

POLL_PATH = "/products/api/v1/labels/export/"


class JobStatus(StrEnum):
    """Where a label export stands."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"

    @property
    def terminal(self) -> bool:
        """Whether nothing can follow."""
        return not TRANSITIONS[self]


TRANSITIONS: Mapping[JobStatus, frozenset[JobStatus]] = MappingProxyType(
    {
        JobStatus.PENDING: frozenset({JobStatus.PROCESSING, JobStatus.FAILED}),
        JobStatus.PROCESSING: frozenset({JobStatus.COMPLETED, JobStatus.FAILED}),
        JobStatus.COMPLETED: frozenset(),
        JobStatus.FAILED: frozenset(),
    }
)
"""Which state may follow which; from a terminal state none."""


def poll_url(job_id: str) -> str:
    """Where the state of a job is asked for."""
    return f"{POLL_PATH}{job_id}/"


def _percent(processed: int, total: int) -> int:
    return 100 * processed // total if total else 0


@frozen(kw_only=True)
class LabelExportReceipt:
    """The answer to a submission."""

    job_id: ShortId = field(converter=parse_short_id)
    status: JobStatus = field(converter=JobStatus)
    poll_url: str


@frozen(kw_only=True)
class LabelExportStatus:
    """The answer to a poll, field by field as on the wire."""

    job_id: ShortId = field(converter=parse_short_id)
    status: JobStatus = field(converter=JobStatus)
    total_items: int = field(validator=natural)
    processed_items: int = field(validator=natural)
    progress_percent: int = field(validator=natural)
    download_url: str | None = None
    expires_at: datetime | None = None
    output_filename: str | None = None
    file_size_bytes: int | None = field(default=None, validator=validators.optional(natural))
    error: str | None = None

    def __attrs_post_init__(self) -> None:
        _check_outcome(self)
        completed = self.status is JobStatus.COMPLETED
        require(self.download_url is None or completed, "download_url: only when completed")
        require(
            (self.expires_at is None) == (self.download_url is None),
            "expires_at: null exactly when download_url is",
        )
        require(
            self.expires_at is None or self.expires_at.utcoffset() is not None,
            "expires_at: expected a time with its zone",
        )
        require(
            self.progress_percent == _percent(self.processed_items, self.total_items),
            "progress_percent: expected processed_items / total_items, in percent",
        )


def _check_outcome(job: "LabelExportJob | LabelExportStatus") -> None:
    """The rules that hold for a job and for what is shown of it."""
    completed = job.status is JobStatus.COMPLETED
    require(job.processed_items <= job.total_items, "processed_items: expected at most total_items")
    require(
        job.status is not JobStatus.PENDING or job.total_items == 0,
        "total_items: 0 until the filters are resolved",
    )
    require(
        not completed or 0 < job.processed_items == job.total_items,
        "processed_items: expected all of at least one item when completed",
    )
    require(
        (job.output_filename is not None) == completed,
        "output_filename: set exactly when completed",
    )
    require(
        (job.file_size_bytes is not None) == completed,
        "file_size_bytes: set exactly when completed",
    )
    require(
        bool(job.error) == (job.status is JobStatus.FAILED) and job.error != "",
        "error: set exactly when failed",
    )


@frozen(kw_only=True)
class LabelExportJob:
    """One label export from submission to its end: a value, changed only by its transitions.

    A job in a state that the contract does not know cannot be built (`ValueError`), and no
    transition leads out of a terminal state (`InvalidTransitionError`).
    """

    request: LabelExportRequest = field(validator=validators.instance_of(LabelExportRequest))
    job_id: ShortId = field(factory=new_short_id, converter=parse_short_id)
    status: JobStatus = field(default=JobStatus.PENDING, converter=JobStatus)
    total_items: int = field(default=0, validator=natural)
    """How many entities the filters select; 0 until they are resolved."""
    processed_items: int = field(default=0, validator=natural)
    """How many of them are done, drawn or not."""
    failed_items: int = field(default=0, validator=natural)
    """How many of those could not be drawn."""
    output_filename: str | None = None
    file_size_bytes: int | None = field(default=None, validator=validators.optional(natural))
    error: str | None = None
    """Why it failed, safe to show."""

    def __attrs_post_init__(self) -> None:
        _check_outcome(self)
        require(
            self.failed_items <= self.processed_items,
            "failed_items: expected at most processed_items",
        )
        require(
            self.status is not JobStatus.COMPLETED or self.failed_items < self.total_items,
            "failed_items: a job in which every item failed is failed",
        )

    def start(self) -> Self:
        """Begin: the filters are being resolved."""
        return self._to(JobStatus.PROCESSING)

    def resolve(self, total_items: int) -> Self:
        """The filters select that many entities, once and for all."""
        if self.status is not JobStatus.PROCESSING or self.total_items:
            resolved = f" with {self.total_items} items" if self.total_items else ""
            raise InvalidTransitionError(
                f"the items of a job that is {self.status}{resolved} cannot be resolved"
            )
        require(total_items > 0, f"total_items: expected at least 1, got {total_items}")
        return evolve(self, total_items=total_items)

    def advance(self, processed_items: int, failed_items: int) -> Self:
        """So many are done by now; neither number ever falls."""
        falls = processed_items < self.processed_items or failed_items < self.failed_items
        if self.status is not JobStatus.PROCESSING or falls:
            raise InvalidTransitionError(
                f"progress of a job that is {self.status} cannot go from {self.processed_items} "
                f"done, {self.failed_items} failed to {processed_items} and {failed_items}"
            )
        return evolve(self, processed_items=processed_items, failed_items=failed_items)

    def complete(self, *, extension: str, file_size_bytes: int) -> Self:
        """All is done and the artifact, a file of that kind and size, is whole."""
        return self._to(
            JobStatus.COMPLETED,
            output_filename=self._filename(extension),
            file_size_bytes=file_size_bytes,
        )

    def fail(self, error: str) -> Self:
        """It cannot be done, for a reason that is safe to show."""
        return self._to(JobStatus.FAILED, error=error)

    def _to(self, status: JobStatus, **changes: Any) -> Self:
        check_transition(TRANSITIONS, self.status, status)
        return evolve(self, status=status, **changes)

    def _filename(self, extension: str) -> str:
        kind = self.request.export_type.split("_")[0]
        scope = f"-{self.request.scope}" if extension == "zip" else ""
        return f"{kind}{scope}-{self.job_id[:4]}-{self.total_items}.{extension}"

    def receipt(self) -> LabelExportReceipt:
        """The answer to the submission."""
        return LabelExportReceipt(
            job_id=self.job_id, status=self.status, poll_url=poll_url(self.job_id)
        )

    def status_view(
        self, *, download_url: str | None = None, expires_at: datetime | None = None
    ) -> LabelExportStatus:
        """The answer to a poll, with the signed URL that was minted for it."""
        return LabelExportStatus(
            job_id=self.job_id,
            status=self.status,
            total_items=self.total_items,
            processed_items=self.processed_items,
            progress_percent=_percent(self.processed_items, self.total_items),
            download_url=download_url,
            expires_at=expires_at,
            output_filename=self.output_filename,
            file_size_bytes=self.file_size_bytes,
            error=self.error,
        )

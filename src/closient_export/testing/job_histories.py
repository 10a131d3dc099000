"""Histories of jobs, which a `closient_export.ports.JobStore` and the one in memory tell alike.

Needs Hypothesis.
"""
# ruff: noqa: D102, S101 - these are tests

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from attrs import evolve
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, multiple, rule

from closient_export.adapters.memory_stores import MemoryJobStore
from closient_export.errors import JobError, JobNotFoundError
from closient_export.ids import new_short_id
from closient_export.jobs import LabelExportJob, TraceabilityExportJob
from closient_export.ports import JobStore
from closient_export.records import JobRecord, PartReceipt
from closient_export.requests import LabelExportRequest, LabelFilters, TraceabilityExportRequest
from closient_export.subjects import Scope

__all__ = ["NOW", "JobHistories", "label_record", "receipt", "trace_record"]

NOW = datetime(2027, 3, 31, 9, 30, 0, 123_456, tzinfo=UTC)


def label_record(owner: str, *, due: datetime = NOW, key: str = "") -> JobRecord:
    """A new label export of an owner."""
    filters = LabelFilters(lot_ids=(new_short_id(),), never_printed=True)
    request = LabelExportRequest(
        scope=Scope.SERIALS, export_type="qr_codes", file_format="svg", filters=filters
    )
    job = LabelExportJob(request=request)
    return JobRecord(owner=owner, job=job, due=due, idempotency_key=key, fingerprint="f")


def trace_record(owner: str, *, due: datetime = NOW, key: str = "") -> JobRecord:
    """A new traceability export of an owner."""
    job = TraceabilityExportJob(
        request=TraceabilityExportRequest(lot_id=new_short_id()), requested_at=NOW
    )
    return JobRecord(owner=owner, job=job, due=due, idempotency_key=key)


def receipt(index: int, *, key: str = "parts/one") -> PartReceipt:
    """The receipt of a part in which some could not be drawn."""
    return PartReceipt(
        index=index, key=key, item_count=10, failed=(0, 3), first_failure="too 'long'\0"
    )


class JobHistories(RuleBasedStateMachine):
    """The same calls on a store and on the one in memory: the same answers."""

    jobs = Bundle("jobs")

    def __init__(self, store: JobStore) -> None:
        super().__init__()
        self._store = store
        self._model = MemoryJobStore()
        self._prefix = uuid4().hex
        self._records: list[JobRecord] = []

    def _same(self, call: Callable[[JobStore], Any]) -> Any:
        answers = []
        for store in (self._store, self._model):
            try:
                answers.append(call(store))
            except JobError as error:
                answers.append((type(error), str(error)))
        assert answers[0] == answers[1], (
            "the store must answer as the one in memory does: "
            f"expected {answers[1]!r}, got {answers[0]!r}"
        )
        return answers[0]

    @rule(
        target=jobs,
        owner=st.sampled_from("ab"),
        key=st.sampled_from(["", "k", "l"]),
        delay=st.integers(0, 3),
        make=st.sampled_from([label_record, trace_record]),
    )
    def add(self, owner: str, key: str, delay: int, make: Callable[..., JobRecord]) -> JobRecord:
        record = make(self._prefix + owner, due=NOW + timedelta(seconds=delay), key=key)
        self._records.append(record)
        kept: JobRecord = self._same(lambda store: store.add(record))
        return kept

    @rule(
        target=jobs,
        record=jobs,
        setbacks=st.integers(0, 3),
        delay=st.integers(0, 3),
        keep=st.booleans(),
    )
    def replace(self, record: JobRecord, setbacks: int, delay: int, keep: bool) -> Any:
        key = record.idempotency_key if keep and self._has_key(record) else ""
        due = NOW + timedelta(seconds=delay)
        changed = evolve(record, setbacks=setbacks, due=due, idempotency_key=key)
        kept = self._same(lambda store: store.replace(changed))
        return kept if isinstance(kept, JobRecord) else multiple()

    def _has_key(self, record: JobRecord) -> bool:
        """Whether no other job has its key by now: what a store says to that is its own affair."""
        try:
            stored = self._model.get(record.owner, record.job_id)
        except JobNotFoundError:
            return True
        return stored.idempotency_key == record.idempotency_key

    @rule(record=jobs)
    def get(self, record: JobRecord) -> None:
        self._same(lambda store: store.get(record.owner, record.job_id))

    @rule(record=jobs, index=st.integers(0, 4), key=st.sampled_from("xy"))
    def add_receipt(self, record: JobRecord, index: int, key: str) -> None:
        made = receipt(index, key=key)
        self._same(lambda store: store.add_receipt(record.owner, record.job_id, made))

    @rule(record=jobs)
    def look_at_receipts(self, record: JobRecord) -> None:
        self._same(lambda store: list(store.receipts(record.owner, record.job_id)))
        self._same(lambda store: store.progress(record.owner, record.job_id))

    @rule(delay=st.integers(0, 3))
    def look_at_due(self, delay: int) -> None:
        def ours(store: JobStore) -> list[JobRecord]:
            due = store.due(NOW + timedelta(seconds=delay), limit=10_000)
            return [record for record in due if record.owner.startswith(self._prefix)]

        self._same(ours)

    @rule(record=consumes(jobs))
    def remove(self, record: JobRecord) -> None:
        self._same(lambda store: store.remove(record))

    def teardown(self) -> None:
        for record in self._records:
            self._store.remove(record)

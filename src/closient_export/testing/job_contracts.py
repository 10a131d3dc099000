"""What every `closient_export.ports.JobStore` must do, as tests for its author.

Needs pytest and Hypothesis.
"""
# ruff: noqa: D102, S101 - these are tests

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from attrs import evolve
from hypothesis.stateful import run_state_machine_as_test

from closient_export.errors import JobNotFoundError, StaleJobError
from closient_export.ids import ShortId, new_short_id
from closient_export.ports import JobStore
from closient_export.records import JobRecord, KeyRange, Plan, Progress
from closient_export.testing.contract_tools import histories
from closient_export.testing.job_histories import (
    NOW,
    JobHistories,
    label_record,
    receipt,
    trace_record,
)

__all__ = ["JobStoreContract"]

CALLERS = 8
HOSTILE = "\0\ud800'; drop table jobs; --" + "x" * 10_000
"""What a caller may send as an idempotency key."""


class JobStoreContract:
    """Subclass it as ``Test…`` and override the fixture `store`.

    Tests use owners of their own, so that the fixture may give the same store again.
    """

    @pytest.fixture
    def store(self) -> JobStore:
        """The store under test."""
        raise NotImplementedError

    @pytest.fixture
    def owner(self) -> str:
        """An owner that no other test uses."""
        return uuid4().hex

    @pytest.mark.parametrize("make", [label_record, trace_record])
    def test_what_was_added_is_there(
        self, store: JobStore, owner: str, make: Callable[[str], JobRecord]
    ) -> None:
        record = make(owner)
        assert store.add(record) == record
        assert store.get(owner, record.job_id) == record

    def test_a_change_is_kept_with_the_next_revision(self, store: JobStore, owner: str) -> None:
        record = store.add(label_record(owner))
        keys = KeyRange(first_index=0, count=500, start="1", stop="x'\0")
        changed = evolve(
            record.claim("worker", NOW, timedelta(minutes=1)),
            job=record.job.start(),
            plan=Plan(snapshot="\u2028", ranges=(keys,)),
            setbacks=2,
            cancelled=True,
        )
        kept = store.replace(changed)
        assert kept == evolve(changed, revision=record.revision + 1)
        assert store.get(owner, record.job_id) == kept

    def test_a_change_of_an_older_revision_is_refused(self, store: JobStore, owner: str) -> None:
        record = store.add(label_record(owner))
        kept = store.replace(evolve(record, setbacks=1))
        with pytest.raises(StaleJobError):
            store.replace(evolve(record, setbacks=2))
        assert store.get(owner, record.job_id) == kept

    def test_absent_and_foreign_jobs_look_the_same(self, store: JobStore, owner: str) -> None:
        record = store.add(label_record(owner))
        messages = set()
        for other, job_id in ((f"{owner}-2", record.job_id), (owner, new_short_id())):
            foreign = evolve(record, owner=other, job=evolve(record.job, job_id=job_id))
            calls: list[Callable[[], object]] = [
                lambda other=other, job_id=job_id: store.get(other, job_id),  # type: ignore[misc]
                lambda foreign=foreign: store.replace(foreign),  # type: ignore[misc]
                lambda other=other, job_id=job_id: store.receipts(other, job_id),  # type: ignore[misc]
                lambda other=other, job_id=job_id: store.progress(other, job_id),  # type: ignore[misc]
                lambda other=other, job_id=job_id: store.add_receipt(other, job_id, receipt(0)),  # type: ignore[misc]
            ]
            for call in calls:
                with pytest.raises(JobNotFoundError) as caught:
                    call()
                messages.add(str(caught.value))
            store.remove(foreign)
        assert len(messages) == 1
        assert store.get(owner, record.job_id) == record

    @pytest.mark.parametrize("key", ["labels/once", HOSTILE])
    def test_an_idempotency_key_is_one_job_of_its_owner(
        self, store: JobStore, owner: str, key: str
    ) -> None:
        first = store.add(label_record(owner, key=key))
        assert store.add(label_record(owner, key=key)) == first
        assert store.add(trace_record(owner, key=key)) == first
        other = label_record(f"{owner}-2", key=key)
        assert store.add(other) == other
        none = [label_record(owner), label_record(owner)]
        assert [store.add(each) for each in none] == none

    def test_a_key_is_free_again_once_its_job_is_gone_or_gives_it_up(
        self, store: JobStore, owner: str
    ) -> None:
        first = store.add(label_record(owner, key="k"))
        store.replace(evolve(first, idempotency_key=""))
        second = label_record(owner, key="k")
        assert store.add(second) == second
        store.remove(second)
        third = label_record(owner, key="k")
        assert store.add(third) == third

    def test_removing_twice_is_removing_once(self, store: JobStore, owner: str) -> None:
        record = store.add(label_record(owner))
        store.add_receipt(owner, record.job_id, receipt(0))
        store.remove(record)
        store.remove(record)
        with pytest.raises(JobNotFoundError):
            store.get(owner, record.job_id)
        store.add(record)
        assert list(store.receipts(owner, record.job_id)) == []

    def test_the_first_receipt_of_a_part_counts(self, store: JobStore, owner: str) -> None:
        record = store.add(label_record(owner))
        assert store.progress(owner, record.job_id) == Progress()
        for index in (11, 2, 0):
            store.add_receipt(owner, record.job_id, receipt(index))
        store.add_receipt(owner, record.job_id, receipt(2, key="parts/another"))
        kept = list(store.receipts(owner, record.job_id))
        assert kept == [receipt(n) for n in (0, 2, 11)], (
            "no receipt may be lost, the first of a part counts, and they come in the order of "
            f"their parts: expected those of 0, 2 and 11, got {kept}"
        )
        progress = store.progress(owner, record.job_id)
        assert progress == Progress(parts=3, items=30, failed=6), (
            f"progress must be the receipts added up, got {progress}"
        )

    def test_the_most_overdue_come_first(self, store: JobStore, owner: str) -> None:
        early = datetime(2000, 1, 1, tzinfo=UTC)
        delays = [3, 1, 2, 5]
        records = [
            store.add(label_record(f"{owner}-{n}", due=early + timedelta(microseconds=n)))
            for n in delays
        ]
        due = store.due(early + timedelta(microseconds=3), limit=1000)
        found = [record for record in due if record in records]
        assert found == [records[1], records[2], records[0]]
        assert len(store.due(NOW, limit=2)) == 2
        for record in records:
            store.remove(record)

    def test_of_many_who_change_a_job_at_once_one_wins(self, store: JobStore, owner: str) -> None:
        record = store.add(label_record(owner))

        def change(number: int) -> bool:
            try:
                store.replace(evolve(record, setbacks=number))
            except StaleJobError:
                return False
            return True

        with ThreadPoolExecutor(CALLERS) as pool:
            for _ in range(3):
                won = list(pool.map(change, range(CALLERS)))
                assert sum(won) == 1, (
                    f"of those who change a job at once exactly one of them may win, got {won}"
                )
                record = store.get(owner, record.job_id)
                assert record.setbacks == won.index(True)

    def test_of_many_who_use_a_key_at_once_all_get_one_job(
        self, store: JobStore, owner: str
    ) -> None:
        def add(_number: int) -> ShortId:
            return store.add(label_record(owner, key="k")).job_id

        with ThreadPoolExecutor(CALLERS) as pool:
            assert len(set(pool.map(add, range(CALLERS)))) == 1

    def test_any_history_is_that_of_the_store_in_memory(self, store: JobStore) -> None:
        class Histories(JobHistories):
            def __init__(self) -> None:
                super().__init__(store)

        run_state_machine_as_test(Histories, settings=histories(30))

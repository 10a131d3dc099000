"""Jobs and their receipts."""

import json
from collections.abc import Sequence
from datetime import datetime

from attrs import evolve
from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from closient_export.adapters.sql.engines import InDatabase
from closient_export.adapters.sql.schema import digest_of, jobs, receipts
from closient_export.adapters.sql.statements import insert_into, micros
from closient_export.adapters.sql.transactions import reading, writing
from closient_export.errors import IdempotencyConflictError, JobNotFoundError, StaleJobError
from closient_export.ids import ShortId
from closient_export.records import JobRecord, PartReceipt, Progress
from closient_export.wire import from_json, to_json

__all__ = ["SqlJobStore"]

_ABSENT = "there is no such job"


class SqlJobStore(InDatabase):
    """A `closient_export.ports.JobStore` for all processes that use a database.

    What the database does not do just now is a `closient_export.errors.StoreError`.
    """

    def add(self, record: JobRecord) -> JobRecord:
        """Keep a new job, or return the one that has its idempotency key.

        Whoever asks again only reads, and waits for nobody who writes.
        """
        owned, same = jobs.c.owner == record.owner, jobs.c.job_id == record.job_id
        if record.idempotency_key:
            has_key = jobs.c.idempotency == _key(record)
            known = self._find(and_(owned, has_key))
            if known is not None:
                return known
            same = or_(same, has_key)
        with writing(self._engine) as connection:
            new = insert_into(connection, jobs).on_conflict_do_nothing().returning(jobs.c.job_id)
            values = _row(record) | {"owner": record.owner, "job_id": record.job_id}
            kept = select(jobs.c.record).where(owned, same)
            while True:
                if connection.execute(new.values(values)).scalar() is not None:
                    return record
                stored: str | None = connection.execute(kept).scalar()
                if stored is not None:  # else it was removed just now
                    return _record(stored)

    def get(self, owner: str, job_id: ShortId) -> JobRecord:
        """A job of an owner."""
        found = self._find(_is(owner, job_id))
        if found is None:
            raise JobNotFoundError(_ABSENT)
        return found

    def _find(self, which: ColumnElement[bool]) -> JobRecord | None:
        with reading(self._engine) as connection:
            stored = connection.execute(select(jobs.c.record).where(which)).scalar()
        return None if stored is None else _record(stored)

    def replace(self, record: JobRecord) -> JobRecord:
        """Keep a changed job, if nobody else has changed it.

        Raises:
            IdempotencyConflictError: its idempotency key is another job's.
        """
        changed = evolve(record, revision=record.revision + 1)
        this = _is(record.owner, record.job_id)
        unchanged = and_(this, jobs.c.revision == record.revision)
        with writing(self._engine) as connection:
            try:
                done = connection.execute(update(jobs).where(unchanged).values(_row(changed)))
            except IntegrityError as error:
                message = f"the idempotency key of job {record.job_id} is another job's"
                raise IdempotencyConflictError(message) from error
            if done.rowcount:
                return changed
            if connection.execute(select(jobs.c.revision).where(this)).scalar() is None:
                raise JobNotFoundError(_ABSENT)
        raise StaleJobError(f"job {record.job_id} was changed meanwhile")

    def remove(self, record: JobRecord) -> None:
        """Forget a job and its receipts."""
        with writing(self._engine) as connection:
            connection.execute(delete(jobs).where(_is(record.owner, record.job_id)))

    def add_receipt(self, owner: str, job_id: ShortId, receipt: PartReceipt) -> None:
        """Keep the first receipt of a part."""
        values = {
            "owner": owner,
            "job_id": job_id,
            "part": receipt.index,
            "items": receipt.item_count,
            "failed": len(receipt.failed),
            "receipt": json.dumps(to_json(receipt)),
        }
        with writing(self._engine) as connection:
            new = insert_into(connection, receipts).on_conflict_do_nothing()
            try:
                connection.execute(new.values(values))
            except IntegrityError as error:  # it refers to a job
                raise JobNotFoundError(_ABSENT) from error

    def receipts(self, owner: str, job_id: ShortId) -> Sequence[PartReceipt]:
        """The receipts of a job, in order."""
        query = (
            select(receipts.c.receipt)
            .select_from(jobs.outerjoin(receipts))
            .where(_is(owner, job_id))
            .order_by(receipts.c.part)
        )
        with reading(self._engine) as connection:
            found = connection.execute(query).scalars().all()
        if not found:
            raise JobNotFoundError(_ABSENT)
        return [from_json(json.loads(text), PartReceipt) for text in found if text is not None]

    def progress(self, owner: str, job_id: ShortId) -> Progress:
        """The receipts of a job, added up."""
        query = (
            select(
                func.count(receipts.c.part),
                func.coalesce(func.sum(receipts.c["items"]), 0),
                func.coalesce(func.sum(receipts.c.failed), 0),
            )
            .select_from(jobs.outerjoin(receipts))
            .where(_is(owner, job_id))
            .group_by(jobs.c.job_id)
        )
        with reading(self._engine) as connection:
            found = connection.execute(query).one_or_none()
        if found is None:
            raise JobNotFoundError(_ABSENT)
        parts, items, failed = map(int, found)
        return Progress(parts=parts, items=items, failed=failed)

    def due(self, now: datetime, *, limit: int = 100) -> Sequence[JobRecord]:
        """Jobs of all owners that should have been looked at by now, the most overdue first."""
        query = (
            select(jobs.c.record)
            .where(jobs.c.due <= micros(now))
            .order_by(jobs.c.due, jobs.c.job_id)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return [_record(stored) for stored in connection.execute(query).scalars()]


def _is(owner: str, job_id: ShortId) -> ColumnElement[bool]:
    return and_(jobs.c.owner == owner, jobs.c.job_id == job_id)


def _key(record: JobRecord) -> bytes | None:
    return digest_of(record.idempotency_key) if record.idempotency_key else None


def _row(record: JobRecord) -> dict[str, object]:
    return {
        "revision": record.revision,
        "due": micros(record.due),
        "idempotency": _key(record),
        "record": json.dumps(to_json(record)),
    }


def _record(stored: str) -> JobRecord:
    return from_json(json.loads(stored), JobRecord)

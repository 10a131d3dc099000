"""EPCIS events, found by what they name."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, func, insert, select, union
from sqlalchemy.exc import SQLAlchemyError

from closient_export.adapters.sql.engines import InDatabase
from closient_export.adapters.sql.event_text import event_from_text, event_to_text, sorted_text
from closient_export.adapters.sql.owning import lock_owner
from closient_export.adapters.sql.schema import digest_of, event_names, events, number_of
from closient_export.adapters.sql.statements import insert_into, insert_rows, numbers
from closient_export.adapters.sql.transactions import reading, writing
from closient_export.epcis import Event, class_of
from closient_export.errors import EventSourceError, StoreError
from closient_export.ports import FrontierQuery

__all__ = ["SqlEventSource", "insert_events"]

_AT_ONCE = 1000
_ID, _PRODUCT, _EVENT = "id", "product", "event"


class SqlEventSource(InDatabase):
    """A `closient_export.ports.EventSource` of an owner's events."""

    def __init__(self, engine: Engine, owner: str) -> None:
        super().__init__(engine)
        self._owner = owner

    def __len__(self) -> int:
        query = select(func.count()).where(events.c.owner == self._owner)
        with reading(self._engine) as connection:
            return int(connection.execute(query).scalar_one())

    def add(self, given: Iterable[Event]) -> int:
        """Take in more events, all or none; one that is there already stays there once.

        Returns:
            How many are new.
        """
        with writing(self._engine) as connection:
            return insert_events(connection, self._owner, given)

    def fetch(self, query: FrontierQuery) -> Iterator[Event]:
        """The events that a query asks for, each once, in the order in which they came.

        Raises:
            EventSourceError: the database fails.
        """
        try:
            with reading(self._engine) as connection:
                rows = connection.execution_options(yield_per=_AT_ONCE).execute(
                    self._answer(connection, query)
                )
                yield from map(event_from_text, rows.scalars())
        except (SQLAlchemyError, StoreError) as error:
            raise EventSourceError(
                "the events cannot be read from the database",
                retryable=isinstance(error, StoreError),
            ) from error

    def _answer(self, connection: Connection, query: FrontierQuery) -> Select[Any]:
        ours = [events.c.owner == self._owner, *_days(query.since, query.until)]
        if not query.everything:
            names = [number_of(_ID, each) for each in query.ids]
            names += [number_of(_PRODUCT, each) for each in query.products]
            naming = select(event_names.c.event).where(
                event_names.c.owner == self._owner,
                event_names.c.name.in_(numbers(connection, names)),
            )
            ours.append(events.c.number.in_(naming))
        elif query.since is None and query.until is None:  # so that copies are among them
            return select(events.c.body).where(*ours).order_by(events.c.number)
        found = select(events.c.number, events.c.event_number).where(*ours).cte("found")
        copies = select(events.c.number).where(
            events.c.owner == self._owner,
            events.c.event_number.in_(select(found.c.event_number)),
        )
        answer = union(select(found.c.number), copies)
        return select(events.c.body).where(events.c.number.in_(answer)).order_by(events.c.number)


def insert_events(connection: Connection, owner: str, given: Iterable[Event]) -> int:
    """What `SqlEventSource.add` does, in a transaction of the caller's."""
    lock_owner(connection, owner)
    count = 0
    batches = iter(given)
    while batch := {digest_of(sorted_text(each)): each for each in islice(batches, _AT_ONCE)}:
        count += _insert(connection, owner, batch)
    return count


def _insert(connection: Connection, owner: str, batch: dict[bytes, Event]) -> int:
    rows = [_row(owner, fingerprint, event) for fingerprint, event in batch.items()]
    new = insert_into(connection, events).on_conflict_do_nothing()
    kept = new.returning(events.c.number, events.c.fingerprint)
    inserted = insert_rows(connection, kept, rows)
    added = {number: batch[fingerprint] for number, fingerprint in inserted}
    names = [
        {"owner": owner, "name": name, "event": number}
        for number, event in added.items()
        for name in _names(event)
    ]
    if names:
        insert_rows(connection, insert(event_names), names)
    return len(added)


def _row(owner: str, fingerprint: bytes, event: Event) -> dict[str, Any]:
    return {
        "owner": owner,
        "fingerprint": fingerprint,
        "event_number": number_of(_EVENT, event.event_id) if event.event_id else None,
        "day": event.local_date.toordinal(),
        "body": event_to_text(event),
    }


def _names(event: Event) -> set[int]:
    ids = set(event.named_ids())
    products = {class_of(each) or each for each in ids}
    return {number_of(_ID, each) for each in ids} | {number_of(_PRODUCT, each) for each in products}


def _days(since: date | None, until: date | None) -> list[ColumnElement[bool]]:
    first = [] if since is None else [events.c.day >= since.toordinal()]
    last = [] if until is None else [events.c.day <= until.toordinal()]
    return first + last

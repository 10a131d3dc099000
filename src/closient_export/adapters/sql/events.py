"""EPCIS events, found by what they name."""

from collections.abc import Iterable, Iterator
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
        """What finds the events by their keys, step by step, whatever a planner knows of them."""
        if query.everything:
            days = _days(events.c.day, query)
            found = select(events.c.number, events.c.event_number).where(self._ours, *days)
            if not days:  # copies are among them
                return select(events.c.body).where(self._ours).order_by(events.c.number)
        else:
            ids = [number_of(_ID, each) for each in query.ids]
            products = [number_of(_PRODUCT, each) for each in query.products]
            naming = union(
                self._naming(connection, ids),
                self._naming(connection, products).where(*_days(event_names.c.day, query)),
            ).cte("naming")
            found = select(events.c.number, events.c.event_number).join_from(
                naming, events, events.c.number == naming.c.event
            )
        wanted = found.cte("wanted")
        keys = select(wanted.c.event_number).distinct().cte("keys")
        copies = (
            select(events.c.number)
            .join_from(keys, events, events.c.event_number == keys.c.event_number)
            .where(self._ours)
        )
        answer = union(select(wanted.c.number), copies).cte("answer")
        return (
            select(events.c.body)
            .join_from(answer, events, events.c.number == answer.c.number)
            .order_by(events.c.number)
        )

    def _naming(self, connection: Connection, names: list[int]) -> Select[Any]:
        return select(event_names.c.event).where(
            event_names.c.owner == self._owner,
            event_names.c.name.in_(numbers(connection, names)),
        )

    @property
    def _ours(self) -> ColumnElement[bool]:
        return events.c.owner == self._owner


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
    added = {row.number: batch[row.fingerprint] for row in inserted}
    names = [
        {"owner": owner, "name": name, "event": number, "day": event.local_date.toordinal()}
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


def _days(day: ColumnElement[int], query: FrontierQuery) -> list[ColumnElement[bool]]:
    first = [] if query.since is None else [day >= query.since.toordinal()]
    last = [] if query.until is None else [day <= query.until.toordinal()]
    return first + last

"""Products, lots and serials, in the order in which they came."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, func, select, update

from closient_export.adapters.sql.engines import InDatabase
from closient_export.adapters.sql.entity_rows import READ, Added, insert_entities, subject_of
from closient_export.adapters.sql.owning import Counters, counters, lock_owner, set_counters
from closient_export.adapters.sql.schema import entities
from closient_export.adapters.sql.selecting import selected
from closient_export.adapters.sql.statements import micros, numbers
from closient_export.adapters.sql.transactions import reading, writing
from closient_export.records import KeyRange, Plan
from closient_export.requests import LabelFilters
from closient_export.subjects import Scope, Subject

__all__ = ["SqlEntitySource"]


class SqlEntitySource(InDatabase):
    """A `closient_export.ports.EntitySource` of all owners' entities.

    A snapshot is the highest number of an owner's entities, and how often printing had been noted.
    """

    def add(self, owner: str, given: Iterable[Subject]) -> Added:
        """Give an owner more entities, all or none.

        Of one that is there already, what is said now counts and what is left blank stays. A serial
        is there if its GTIN has it, in whichever lot.
        """
        with writing(self._engine) as connection:
            return insert_entities(connection, owner, given)

    def count(self, owner: str) -> int:
        """How many entities an owner has."""
        query = select(func.count()).where(entities.c.owner == owner)
        with reading(self._engine) as connection:
            return int(connection.execute(query).scalar_one())

    def plan(self, owner: str, scope: Scope, filters: LabelFilters, *, part_size: int) -> Plan:
        """What scope and filters select now, cut into ranges."""
        with reading(self._engine) as connection:
            now = counters(connection, owner)
            place = func.row_number().over(order_by=entities.c.number) - 1
            chosen = (
                select(entities.c.number, (place // part_size).label("part"))
                .where(*selected(connection, owner, scope, filters, now))
                .subquery()
            )
            number = chosen.c.number
            cuts = (
                select(func.min(number), func.max(number), func.count())
                .group_by(chosen.c.part)
                .order_by(chosen.c.part)
            )
            ranges = tuple(
                KeyRange(
                    first_index=part_size * index, count=count, start=str(first), stop=str(last)
                )
                for index, (first, last, count) in enumerate(connection.execute(cuts))
            )
        return Plan(snapshot=f"{now.last_entity}:{now.last_note}", ranges=ranges)

    def subjects(
        self, owner: str, scope: Scope, filters: LabelFilters, snapshot: str, keys: KeyRange
    ) -> Iterator[Subject]:
        """The entities of a range."""
        then = _counters(snapshot)
        with reading(self._engine) as connection:
            query = (
                select(*READ)
                .where(
                    entities.c.number.between(int(keys.start), int(keys.stop)),
                    *selected(connection, owner, scope, filters, then),
                )
                .order_by(entities.c.number)
            )
            rows = connection.execute(query).all()
        return (subject_of(row, then.last_note) for row in rows)

    def record_printed(
        self,
        owner: str,
        scope: Scope,
        filters: LabelFilters,
        snapshot: str,
        printed: Iterable[tuple[KeyRange, Collection[int]]],
        at: datetime,
    ) -> None:
        """Note that the entities of some ranges were printed, all of them together or none."""
        with writing(self._engine) as connection:
            now = lock_owner(connection, owner)
            note = now.last_note + 1
            set_counters(connection, owner, now._replace(last_note=note))
            those = selected(connection, owner, scope, filters, _counters(snapshot))
            changes = {  # the first printing counts: a snapshot tells the same of it for ever
                "note": func.coalesce(entities.c.note, note),
                "printed_at": func.coalesce(entities.c.printed_at, micros(at)),
            }
            whole = []
            for keys, failed in printed:
                limits = {"first": int(keys.start), "last": int(keys.stop)}
                if failed:
                    drawn = update(entities).where(
                        *those, _IN_RANGE, _but(connection, those, failed)
                    )
                    connection.execute(drawn.values(changes), limits)
                else:
                    whole.append(limits)
            if whole:
                connection.execute(update(entities).where(*those, _IN_RANGE).values(changes), whole)


_IN_RANGE = entities.c.number.between(bindparam("first"), bindparam("last"))


def _but(
    connection: Connection, those: list[ColumnElement[bool]], failed: Collection[int]
) -> ColumnElement[bool]:
    """All in a range but those at some places of it."""
    place = (func.row_number().over(order_by=entities.c.number) - 1).label("place")
    placed = select(entities.c.number, place).where(*those, _IN_RANGE).subquery()
    undrawn = select(placed.c.number).where(placed.c.place.in_(numbers(connection, failed)))
    return entities.c.number.not_in(undrawn)


def _counters(snapshot: str) -> Counters:
    return Counters(*map(int, snapshot.split(":")))

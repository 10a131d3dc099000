"""Products, lots and serials as rows."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any

from attrs import frozen
from sqlalchemy import Connection, Row, and_, func, or_, select
from sqlalchemy.sql.dml import ReturningInsert

from closient_export.adapters.sql.owning import Counters, lock_owner, set_counters
from closient_export.adapters.sql.schema import digest_of, entities, number_of
from closient_export.adapters.sql.statements import insert_into, insert_rows, micros, moment
from closient_export.gs1 import Gtin
from closient_export.subjects import Lot, Product, Scope, Serial, Subject

__all__ = ["READ", "Added", "insert_entities", "kind_of", "subject_of"]

_KINDS = {Scope.PRODUCTS: 0, Scope.LOTS: 1, Scope.SERIALS: 2}
_TYPES: Mapping[int, type[Subject]] = {0: Product, 1: Lot, 2: Serial}
_AT_ONCE = 5000
_OF_ALL = ("product_name", "brand", "product_id", "id")
_OF_DATED = (*_OF_ALL, "lot_run_id", "expiry", "best_before", "production_date")
_PRINTING = ("printed_at", "note")
_KEPT_IF_BLANK = ("lot", "lot_number", *_OF_DATED)


@frozen(kw_only=True)
class Added:
    """What came of adding entities."""

    new: int
    changed: int
    """How many were there already, and say something else now."""


def kind_of(scope: Scope) -> int:
    """The number of a scope in the table."""
    return _KINDS[scope]


@lru_cache(maxsize=1 << 10)
def _lot_number(gtin: str, lot: str) -> int:
    return number_of(gtin, lot)


def insert_entities(connection: Connection, owner: str, given: Iterable[Subject]) -> Added:
    """What `SqlEntitySource.add` does, in a transaction of the caller's."""
    before = lock_owner(connection, owner)
    note = before.last_note + 1
    rows = (_row(owner, entity, note) for entity in given)
    statement = _upsert(connection)
    touched = 0
    while batch := _once_each(islice(rows, _AT_ONCE)):
        touched += len(insert_rows(connection, statement, batch).all())
    if not touched:
        return Added(new=0, changed=0)
    added = select(func.count(), func.max(entities.c.number)).where(
        entities.c.number > before.last_entity, entities.c.owner == owner
    )
    new, last = connection.execute(added).one()
    set_counters(connection, owner, Counters(last or before.last_entity, note))
    return Added(new=new, changed=touched - new)


def _once_each(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of which no two are of one entity; the later one counts, as `_upsert` has it."""
    found: dict[bytes, dict[str, Any]] = {}
    for row in rows:
        earlier = found.setdefault(row["identity"], row)
        if earlier is not row:
            earlier |= {name: row[name] for name in _KEPT_IF_BLANK if row[name] is not None}
            if earlier["note"] is None:
                earlier |= {name: row[name] for name in _PRINTING}
    return list(found.values())


def _row(owner: str, entity: Subject, note: int) -> dict[str, Any]:
    gtin, lot, serial = entity.gtin.value, None, None
    if isinstance(entity, Serial):
        lot, serial = entity.lot, entity.serial
        identity = digest_of("serial", gtin, serial)  # GTIN and serial are one item, for good
    elif isinstance(entity, Lot):
        lot = entity.lot
        identity = digest_of("lot", gtin, lot)
    else:
        identity = digest_of("product", gtin)
    printed_at = getattr(entity, "printed_at", None)
    return {
        "owner": owner,
        "kind": _KINDS[entity.scope],
        "identity": identity,
        "gtin": gtin,
        "lot": lot,
        "serial": serial,
        "lot_number": None if lot is None else _lot_number(gtin, lot),
        **{name: getattr(entity, name, None) for name in _OF_DATED},
        "printed_at": None if printed_at is None else micros(printed_at),
        "note": None if printed_at is None else note,
    }


def _upsert(connection: Connection) -> ReturningInsert[Any]:
    """New rows; of those that are there, what is said now counts, and what is left blank stays."""
    new = insert_into(connection, entities)
    now, said = entities.c, new.excluded
    changes = {name: func.coalesce(said[name], now[name]) for name in _KEPT_IF_BLANK}
    first = and_(now.note.is_(None), said.note.is_not(None))
    differs = [
        and_(said[name].is_not(None), now[name].is_distinct_from(said[name]))
        for name in _KEPT_IF_BLANK
    ]
    printing = {name: func.coalesce(now[name], said[name]) for name in _PRINTING}
    return new.on_conflict_do_update(
        index_elements=[now.owner, now.identity],
        set_=changes | printing,
        where=or_(first, *differs),
    ).returning(now.number)


READ = tuple(
    entities.c[name] for name in ("kind", "gtin", "lot", "serial", "printed_at", "note", *_OF_DATED)
)
"""The columns that `subject_of` reads."""


def subject_of(row: Row[Any], last_note: int) -> Subject:
    """The entity of a row, printed or not as it was when printing had been noted so often."""
    number, gtin, lot, serial, printed_at, note, *rest = tuple(row)
    kind = _TYPES[number]
    values = dict(zip(_OF_ALL if kind is Product else _OF_DATED, rest, strict=False))
    values["gtin"] = Gtin.parse(gtin)
    if kind is not Product:
        values["lot"] = lot
        is_printed = note is not None and note <= last_note
        values["printed_at"] = moment(printed_at) if is_printed else None
    if kind is Serial:
        values["serial"] = serial
    return kind(**values)

"""Scope and filters of a label export as conditions of a query."""

from sqlalchemy import ColumnElement, Connection, false, or_, select, tuple_

from closient_export.adapters.sql.entity_rows import kind_of
from closient_export.adapters.sql.owning import Counters
from closient_export.adapters.sql.schema import entities
from closient_export.adapters.sql.statements import texts
from closient_export.requests import LabelFilters
from closient_export.subjects import Scope

__all__ = ["selected"]


def selected(
    connection: Connection, owner: str, scope: Scope, filters: LabelFilters, then: Counters
) -> list[ColumnElement[bool]]:
    """What holds for the entities that were selected when an owner's counters stood so."""
    entity = entities.c
    conditions = [
        entity.owner == owner,
        entity.kind == kind_of(scope),
        entity.number <= then.last_entity,
    ]
    if filters.gtins is not None:
        gtins = texts(connection, (gtin.value for gtin in filters.gtins))
        conditions.append(entity.gtin.in_(gtins))
    if filters.product_id is not None:
        conditions.append(entity.product_id == filters.product_id)
    if filters.serial_ids is not None:
        conditions.append(entity.id.in_(texts(connection, filters.serial_ids)))
    if filters.lot_ids is not None:
        conditions.append(_of_lots(connection, owner, scope, filters.lot_ids, then))
    if filters.lot_run_id is not None:
        conditions.append(entity.lot_run_id == filters.lot_run_id)
    if filters.never_printed:
        conditions.append(or_(entity.note.is_(None), entity.note > then.last_note))
    return conditions


def _of_lots(
    connection: Connection, owner: str, scope: Scope, ids: tuple[str, ...], then: Counters
) -> ColumnElement[bool]:
    if scope is Scope.PRODUCTS:
        return false()
    wanted = texts(connection, ids)
    if scope is Scope.LOTS:
        return entities.c.id.in_(wanted)
    lots = entities.alias("lots").c
    named = select(lots.lot_number, lots.gtin, lots.lot).where(
        lots.owner == owner,
        lots.kind == kind_of(Scope.LOTS),
        lots.number <= then.last_entity,
        lots.id.in_(wanted),
    )
    return tuple_(entities.c.lot_number, entities.c.gtin, entities.c.lot).in_(named)

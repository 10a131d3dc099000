"""Every row of FDA's spreadsheet that a graph gives."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from closient_export.trace.classification import Classification
from closient_export.trace.delivery_rows import receiving_rows, shipping_rows
from closient_export.trace.facts import Facts
from closient_export.trace.graph import Movement, Transformation
from closient_export.trace.harvest_rows import cooling_rows, harvesting_rows
from closient_export.trace.kdes import CriticalTrackingEvent
from closient_export.trace.landing_rows import landing_rows
from closient_export.trace.rows import Row
from closient_export.trace.transformation_rows import MADE, transformation_rows

__all__ = ["all_rows"]

_BUILDERS: Mapping[
    CriticalTrackingEvent, Callable[[Facts, Movement, str, Classification], Iterator[Row]]
] = MappingProxyType(
    {
        CriticalTrackingEvent.HARVESTING: harvesting_rows,
        CriticalTrackingEvent.COOLING: cooling_rows,
        CriticalTrackingEvent.FIRST_LAND_BASED_RECEIVING: landing_rows,
        CriticalTrackingEvent.SHIPPING: shipping_rows,
        CriticalTrackingEvent.RECEIVING: receiving_rows,
        CriticalTrackingEvent.RECEIVING_FROM_EXEMPT: receiving_rows,
    }
)


def all_rows(facts: Facts) -> Mapping[CriticalTrackingEvent, tuple[Row, ...]]:
    """The rows by sheet, in FDA's order of sheets, each sheet in order of time."""
    found: dict[CriticalTrackingEvent, list[Row]] = {cte: [] for cte in CriticalTrackingEvent}
    for row in (*_movement_rows(facts), *_transformation_rows(facts)):
        found[row.cte].append(row)
    return MappingProxyType(
        {cte: tuple(sorted(rows, key=lambda row: row.order)) for cte, rows in found.items()}
    )


def _movement_rows(facts: Facts) -> Iterator[Row]:
    for lot in facts.graph.lots:
        for movement in facts.graph.movements.get(lot, ()):
            found = facts.classified.movement(movement, lot)
            if found.cte in MADE:  # as only a host can know, since no event says what was used
                yield from transformation_rows(facts, _making(movement, lot), found)
            elif build := _BUILDERS.get(found.cte) if found.cte else None:
                yield from build(facts, movement, lot, found)


def _making(movement: Movement, lot: str) -> Transformation:
    event = movement.event
    outputs = ((event, portion) for portion in movement.portions if portion.lot == lot)
    return Transformation(event.key, (event,), (), tuple(outputs))


def _transformation_rows(facts: Facts) -> Iterator[Row]:
    for transformation in facts.graph.transformations:
        found = facts.classified.transformation(transformation)
        yield from transformation_rows(facts, transformation, found)

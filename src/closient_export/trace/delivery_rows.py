"""The rows of the sheets Shipping, Receiving and Receiving From Exempt (1.1340, 1.1345)."""

from collections.abc import Iterator

from closient_export.trace.cells import Cell, Provenance, document_cells, stated
from closient_export.trace.classify import Classification
from closient_export.trace.deliveries import amounts_of, party_of
from closient_export.trace.facts import Facts
from closient_export.trace.graph import Evidence, Movement
from closient_export.trace.kdes import CriticalTrackingEvent
from closient_export.trace.rows import Row

__all__ = ["receiving_rows", "shipping_rows"]


def shipping_rows(
    facts: Facts, movement: Movement, lot: str, found: Classification
) -> Iterator[Row]:
    """One row for each amount of a lot that an event ships (21 CFR 1.1340(a))."""
    event = movement.event
    origin = party_of(event.sources, ("location",)) or event.place or party_of(event.sources)
    place = party_of(event.destinations)
    delivery = facts.delivery(lot, event)
    arrival = delivery.received[0].event if delivery and delivery.received else None
    recipient = facts.location("recipient", place)
    if not place and arrival is not None:
        place = arrival.place
        recipient = facts.location("recipient", place, arrival)
    yield from _moved(
        facts,
        movement,
        lot,
        found,
        recipient | facts.location("shipped_from", origin),
        (origin, place),
    )


def receiving_rows(
    facts: Facts, movement: Movement, lot: str, found: Classification
) -> Iterator[Row]:
    """One row for each amount of a lot that an event receives (21 CFR 1.1345)."""
    event = movement.event
    place = event.place or party_of(event.destinations)
    origin = party_of(event.sources)
    delivery = facts.delivery(lot, event)
    departure = delivery.shipped.event if delivery and delivery.shipped else None
    previous = facts.location("previous_source", origin)
    if not origin and departure is not None:
        origin = party_of(departure.sources, ("location",)) or departure.place
        previous = facts.location("previous_source", origin, departure)
    if found.cte is CriticalTrackingEvent.RECEIVING_FROM_EXEMPT:
        ends = previous | facts.assigned_source(place, lot)
    else:
        ends = previous | facts.location("received", place)
    yield from _moved(facts, movement, lot, found, ends, (origin, place))


def _moved(
    facts: Facts,
    movement: Movement,
    lot: str,
    found: Classification,
    ends: dict[str, Cell],
    places: tuple[str, str],
) -> Iterator[Row]:
    """What the rows of shipping and receiving have in common."""
    assert found.cte is not None  # noqa: S101 - builders are looked up by it
    event = movement.event
    words, more = document_cells(event.documents)
    source = facts.source(lot) if "source.phone" not in ends else {}
    for amount in amounts_of(movement.portions, lot):
        code = facts.code(lot)
        held = amount.container and amount.evidence is not Evidence.STATED
        yield Row(
            cte=found.cte,
            lot=lot,
            event=event,
            cells={
                "traceability_lot_code": Cell(code, Provenance.DERIVED, amount.container)
                if held
                else stated(code)
            }
            | facts.amount(amount, event)
            | facts.product("product", lot)
            | ends
            | {"date": stated(event.local_date)}
            | source
            | words,
            container=amount.container or event.parent,
            origin_place=places[0],
            destination_place=places[1],
            further_documents=more,
            assumption=found.reason,
        )

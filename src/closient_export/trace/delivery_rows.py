"""The rows of the sheets Shipping, Receiving and Receiving From Exempt (1.1340, 1.1345)."""

from collections.abc import Iterator

from closient_export.epcis import Event, Party
from closient_export.trace.cells import Cell, Provenance, amount_cells, stated
from closient_export.trace.classification import Classification
from closient_export.trace.deliveries import amounts_of, left_from, party_of, received_at
from closient_export.trace.facts import Facts
from closient_export.trace.graph import Movement
from closient_export.trace.kdes import CriticalTrackingEvent
from closient_export.trace.rows import Row

__all__ = ["receiving_rows", "shipping_rows"]


def shipping_rows(
    facts: Facts, movement: Movement, lot: str, found: Classification
) -> Iterator[Row]:
    """One row for each amount of a lot that an event ships (21 CFR 1.1340(a))."""
    event = movement.event
    origin = left_from(event)
    delivery = facts.delivery(lot, event)
    arrival = delivery.received[0].event if delivery and delivery.received else None
    seen_at = received_at(arrival) if arrival else ""
    place, recipient = _end(facts, "recipient", event.destinations, seen_at, arrival)
    ends = recipient | facts.location("shipped_from", origin)
    yield from _moved(facts, movement, lot, found, ends, (origin, place))


def receiving_rows(
    facts: Facts, movement: Movement, lot: str, found: Classification
) -> Iterator[Row]:
    """One row for each amount of a lot that an event receives (21 CFR 1.1345)."""
    event = movement.event
    place = received_at(event)
    delivery = facts.delivery(lot, event)
    departure = delivery.shipped.event if delivery and delivery.shipped else None
    seen_at = left_from(departure) if departure else ""
    origin, previous = _end(facts, "previous_source", event.sources, seen_at, departure)
    if found.cte is CriticalTrackingEvent.RECEIVING_FROM_EXEMPT:
        ends = previous | facts.assigned_source(place, lot)
    else:
        ends = previous | facts.location("received", place)
    yield from _moved(facts, movement, lot, found, ends, (origin, place))


def _end(
    facts: Facts, block: str, named: tuple[Party, ...], seen_at: str, seen: Event | None
) -> tuple[str, dict[str, Cell]]:
    """The other end of a move: the place that the event names, else the party if it is described.

    Else it is where the goods were seen: who ships or receives knows the own place best.
    """
    place = party_of(named)
    is_known = party_of(named, ("location",)) or facts.descriptions.location(place)
    if seen is None or is_known:
        return place, facts.location(block, place)
    return place or seen_at, facts.location(block, seen_at, seen)


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
    words, more = facts.documents(event, lot)
    source = facts.source(lot) if "source.phone" not in ends else {}
    for amount in amounts_of(movement.portions, lot):
        code = facts.code(lot)
        yield Row(
            cte=found.cte,
            lot=lot,
            event=event,
            cells={
                "traceability_lot_code": Cell(code, Provenance.DERIVED, amount.container)
                if amount.container
                else stated(code)
            }
            | amount_cells(amount)
            | facts.product("product", lot)
            | ends
            | {"date": stated(event.local_date)}
            | source
            | words,
            container=amount.container or event.parent,
            origin_place=places[0],
            destination_place=places[1],
            further_documents=more,
            assumption=found.reason or facts.classified.moves.doubt(event, lot),
        )

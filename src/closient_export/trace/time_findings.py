"""Findings about time: what is said to have happened before it could have."""

from collections.abc import Iterator

from closient_export.epcis import Event
from closient_export.trace.descriptions import site_of
from closient_export.trace.facts import Facts
from closient_export.trace.findings import Finding, Thresholds
from closient_export.trace.graph import Portion, Transformation
from closient_export.trace.kdes import RECEIPTS, CriticalTrackingEvent
from closient_export.trace.steps import RECEIVING_STEPS, SHIPPING_STEPS, moment_of

__all__ = ["time_findings"]


def time_findings(facts: Facts, thresholds: Thresholds) -> Iterator[Finding]:
    """Where time runs backwards, further than clocks differ."""
    for lot in filter(facts.classified.on_list, facts.graph.lots):
        yield from _before_its_making(facts, lot, thresholds)
        yield from _before_its_arrival(facts, lot, thresholds)
        yield from _before_its_shipment(facts, lot, thresholds)
    for transformation in facts.graph.transformations:
        yield from _after_its_output(facts, transformation, thresholds)
        for lot in filter(facts.classified.on_list, sorted(transformation.input_lots)):
            yield from _used_before(facts, transformation, lot, thresholds)


def _before_its_making(facts: Facts, lot: str, thresholds: Thresholds) -> Iterator[Finding]:
    """Nothing can be moved before it is made."""
    origin = facts.classified.origin(lot)
    if origin is None or origin.transformation is None:
        return
    made = origin.event
    for movement in facts.graph.movements.get(lot, ()):
        event = movement.event
        moved = event.biz_step in (*SHIPPING_STEPS, *RECEIVING_STEPS)
        if moved and made.time - event.time > thresholds.clock:
            yield _backwards(facts, lot, event, "moved, before", made, "made")


def _before_its_arrival(facts: Facts, lot: str, thresholds: Thresholds) -> Iterator[Finding]:
    """Nothing can be shipped from where it was not made before it has arrived there."""
    made_at = {site_of(origin.event.place) for origin in facts.classified.origins(lot)}
    arrivals: dict[str, Event] = {}
    for movement in facts.moves(lot, RECEIVING_STEPS):
        arrivals.setdefault(site_of(movement.event.place), movement.event)
    for movement in facts.moves(lot, SHIPPING_STEPS):
        event, site = movement.event, site_of(movement.event.place)
        arrival = arrivals.get(site) if site and site not in made_at else None
        if arrival is not None and arrival.time - event.time > thresholds.clock:
            yield _backwards(facts, lot, event, "shipped, before", arrival, "received there")


def _before_its_shipment(facts: Facts, lot: str, thresholds: Thresholds) -> Iterator[Finding]:
    """Nothing can arrive before it has left."""
    for delivery in facts.deliveries.get(lot, ()):
        shipped = delivery.shipped
        if shipped is None:
            continue
        ships = facts.classified.movement(shipped, lot).cte is CriticalTrackingEvent.SHIPPING
        for movement in delivery.received if ships else ():
            event = movement.event
            arrives = facts.classified.movement(movement, lot).cte in RECEIPTS
            if arrives and shipped.event.time - event.time > thresholds.clock:
                yield Finding(
                    rule="time-backwards",
                    lot=lot,
                    event=event.key,
                    cte=CriticalTrackingEvent.RECEIVING,
                    found=f"{facts.code(lot)} was received on {_clock_words(event, shipped.event)}, "
                    f"before it was shipped on {_clock_words(shipped.event, event)}.",
                )


def _after_its_output(
    facts: Facts, transformation: Transformation, thresholds: Thresholds
) -> Iterator[Finding]:
    """Nothing can be used after what was made of it."""
    made = min((event for event, _ in transformation.outputs), key=moment_of, default=None)
    for event, portion in transformation.inputs:
        if made is not None and event.time - made.time > thresholds.clock:
            yield Finding(
                rule="input-after-output",
                lot=portion.lot,
                event=event.key,
                cte=facts.classified.transformation(transformation).cte,
                found=f"{_name(facts, portion)} was used on {_clock_words(event, made)}, "
                f"after the output of {_clock_words(made, event)}.",
            )


def _name(facts: Facts, portion: Portion) -> str:
    return facts.code(portion.lot) if portion.lot else portion.item.id


def _used_before(
    facts: Facts, transformation: Transformation, lot: str, thresholds: Thresholds
) -> Iterator[Finding]:
    """A lot cannot be used before it is made, nor where it has not arrived."""
    used = transformation.completed
    origin = facts.classified.origin(lot)
    if origin is not None and origin.event.time - used.time > thresholds.clock:
        yield _backwards(facts, lot, used, "used, before", origin.event, "made")
    here = site_of(used.place)
    arrivals = [
        delivery
        for delivery in facts.deliveries.get(lot, ())
        for receipt in delivery.received
        if site_of(receipt.event.place) == here
    ]
    times = [receipt.event.time for delivery in arrivals for receipt in delivery.received]
    made_here = origin is not None and site_of(origin.event.place) == here
    if times and not made_here and min(times) - used.time > thresholds.clock:
        for delivery in arrivals:
            for movement in filter(None, (delivery.shipped, *delivery.received)):
                word = "shipped" if movement is delivery.shipped else "received"
                if movement.event.time > used.time:
                    yield _backwards(facts, lot, movement.event, f"{word}, after", used, "used")


def _backwards(
    facts: Facts, lot: str, event: Event, happened: str, other: Event, too: str
) -> Finding:
    return Finding(
        rule="time-backwards",
        lot=lot,
        event=event.key,
        found=f"On {_clock_words(event, other)} {facts.code(lot)} was {happened} it was {too} "
        f"on {_clock_words(other, event)}.",
    )


def _clock_words(event: Event, other: Event) -> str:
    """When an event happened, for people; with the zone, if it is another one than that of `other`."""
    words = f"{event.local_time:%m/%d/%Y %H:%M}"
    return words if event.offset == other.offset else f"{words} {event.local_time:%Z}"

"""Findings about what was shipped and what arrived, and about how much of it there was."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal

from closient_export.epcis import Action, Event, class_of, lot_number
from closient_export.epcis.units import in_words
from closient_export.trace.deliveries import (
    Delivery,
    amounts_of,
    left_from,
    party_of,
    received_at,
    totals,
)
from closient_export.trace.descriptions import site_of
from closient_export.trace.facts import Facts
from closient_export.trace.findings import Finding, Thresholds
from closient_export.trace.graph import Movement, Portion
from closient_export.trace.kdes import RECEIPTS, CriticalTrackingEvent
from closient_export.trace.loads import carries
from closient_export.trace.steps import RECEIVING_STEPS, SHIPPING_STEPS, moment_of

__all__ = ["delivery_findings", "sums_of"]

_Totals = Mapping[str, Decimal | None]
"""By unit: how much, ``None`` where that is not said."""


def delivery_findings(facts: Facts, thresholds: Thresholds) -> Iterator[Finding]:
    """What does not fit between the two ends of each delivery of the reached lots."""
    matched = {
        lot: found for lot, found in facts.deliveries.items() if facts.classified.on_list(lot)
    }
    strays = _by_paper(each for found in matched.values() for each in found if not each.shipped)
    yield from _doubts(facts)
    for lot in facts.graph.lots.keys() & matched.keys():
        settled, own = _settled_routes(matched[lot]), _stating(facts, lot)
        for delivery in matched[lot]:
            shipped, is_settled = delivery.shipped, _route(delivery) in settled
            if shipped is None:
                yield from _found(facts, delivery)
            elif _cte(facts, shipped, lot) is CriticalTrackingEvent.SHIPPING:
                other = list(_exchanged(facts, lot, shipped, own))
                yield from other
                if delivery.received:
                    yield from _compare(facts, delivery, thresholds, is_settled=is_settled)
                elif not other and not is_settled:
                    yield _lost(facts, lot, shipped, strays)


def _cte(facts: Facts, movement: Movement, lot: str) -> CriticalTrackingEvent | None:
    return facts.classified.movement(movement, lot).cte


def _doubts(facts: Facts) -> Iterator[Finding]:
    """Shipments and receipts that may be others told again: they have rows all the same."""
    for lot in facts.graph.lots:
        for movement in facts.moves(lot, (*SHIPPING_STEPS, *RECEIVING_STEPS)):
            doubt, cte = (
                facts.classified.moves.doubt(movement.event, lot),
                _cte(facts, movement, lot),
            )
            if doubt and cte in (CriticalTrackingEvent.SHIPPING, *RECEIPTS):
                yield Finding(
                    rule="assumed",
                    lot=lot,
                    event=movement.event.key,
                    cte=cte,
                    found=f"This {doubt}.",
                )


def _route(delivery: Delivery) -> tuple[str, str]:
    received = delivery.received[0].event.place if delivery.received else ""
    if delivery.shipped is None:
        return "", site_of(received)
    event = delivery.shipped.event
    end = party_of(event.destinations, ("location",)) or received
    return site_of(event.place), site_of(end)


def _settled_routes(found: Iterable[Delivery]) -> set[tuple[str, str]]:
    """Where as much arrived as left, though which receipt is of which shipment is not known."""
    routes: dict[tuple[str, str], list[Delivery]] = defaultdict(list)
    for delivery in found:
        if delivery.shipped is not None:
            routes[_route(delivery)].append(delivery)
    return {
        route
        for route, each in routes.items()
        if len(each) > 1
        and not any(map(_is_certain, each))
        and _sent(each) == _came(each)
        and None not in _sent(each).values()
    }


def _is_certain(delivery: Delivery) -> bool:
    """Whether a container tells that a receipt is of this shipment."""
    legs = [leg for leg in (delivery.shipped, *delivery.received) if leg is not None]
    first, *others = [
        {leg.event.parent, *(box for each in leg.portions for box in each.containers)} - {""}
        for leg in legs
    ]
    return any(not first.isdisjoint(other) for other in others)


def _sent(found: Iterable[Delivery]) -> _Totals:
    return sums_of(p for d in found if d.shipped for p in d.shipped.portions if p.lot == d.lot)


def _came(found: Iterable[Delivery]) -> _Totals:
    return sums_of(p for d in found for m in d.received for p in m.portions if p.lot == d.lot)


def sums_of(portions: Iterable[Portion]) -> _Totals:
    """By unit; all portions are of one lot."""
    kept = list(portions)
    lot = kept[0].lot if kept else ""
    return {each.uom: each.quantity for each in amounts_of(kept, lot, by_container=False)}


def _found(facts: Facts, delivery: Delivery) -> Iterator[Finding]:
    """Receipts of what nobody shipped; what comes from an exempt person needs no shipment."""
    lot = delivery.lot
    for movement in delivery.received:
        if _cte(facts, movement, lot) is CriticalTrackingEvent.RECEIVING:
            event = movement.event
            origin = _at(facts, " from", party_of(event.sources))
            yield Finding(
                rule="not-shipped",
                lot=lot,
                event=event.key,
                cte=CriticalTrackingEvent.RECEIVING,
                found=f"{_quantity(movement, lot)} of {facts.code(lot)} arrived"
                f"{_at(facts, ' at', received_at(event))}{origin} on "
                f"{event.local_date:%m/%d/%Y}, and no event says that it was shipped.",
            )


def _at(facts: Facts, word: str, place: str) -> str:
    """A place in a sentence, which goes on without it where it is not known."""
    return f"{word} {facts.descriptions.place_name(place)}" if place else ""


def _by_paper(found: Iterable[Delivery]) -> Mapping[str, list[tuple[str, Movement]]]:
    """By reference document: what arrived without a shipment."""
    papers: dict[str, list[tuple[str, Movement]]] = defaultdict(list)
    for delivery in found:
        for movement in delivery.received:
            for document in movement.event.documents:
                papers[document.id].append((delivery.lot, movement))
    return papers


def _lost(
    facts: Facts,
    lot: str,
    shipped: Movement,
    strays: Mapping[str, list[tuple[str, Movement]]],
) -> Finding:
    """A shipment that did not arrive, unless as much of another lot did, with the same papers."""
    event = shipped.event
    for document in event.documents:
        for other, movement in strays.get(document.id, ()):
            same_amount = totals([movement], other) == totals([shipped], lot)
            if same_amount and event.time <= movement.event.time and _is_renamed(lot, other):
                return _as_other(facts, lot, event, (movement.event, other), "with its papers")
    return Finding(
        rule="not-received",
        lot=lot,
        event=event.key,
        cte=CriticalTrackingEvent.SHIPPING,
        found=f"{_quantity(shipped, lot)} of {facts.code(lot)} left"
        f"{_at(facts, '', left_from(event))} on {event.local_date:%m/%d/%Y}, and no "
        "event says that it arrived.",
    )


def _is_renamed(lot: str, other: str) -> bool:
    """Whether two lots differ in the lot number only, or in the product only."""
    return class_of(lot) == class_of(other) or lot_number(lot) == lot_number(other)


def _stating(facts: Facts, lot: str) -> set[str]:
    """The digests of the events that name a lot itself."""
    return {
        movement.event.digest
        for movement in facts.graph.movements[lot]
        if any(portion.lot == lot and not portion.containers for portion in movement.portions)
    }


def _exchanged(
    facts: Facts, lot: str, shipped: Movement, own: Collection[str]
) -> Iterator[Finding]:
    """Another lot than was packed into a container, seen in it or taken out of it on arrival."""
    packed = {portion.lot for portion in shipped.portions}
    carrying = {movement.event.digest for movement in facts.graph.movements[lot]}
    boxes = {p.containers[-1] for p in shipped.portions if p.lot == lot and p.containers}
    for box in sorted(boxes):
        events = list(_opened(facts, box, shipped.event, carrying))
        if any(event.digest in own for event in events):
            continue
        others = {
            (class_of(item.lot) != class_of(lot), item.lot): event
            for event in reversed(events)
            for item in event.items
            if item.lot and item.lot not in packed
        }
        for (_, other), event in sorted(others.items(), key=lambda each: each[0])[:1]:
            yield _as_other(facts, lot, shipped.event, (event, other), "in its container")


def _opened(
    facts: Facts, container: str, shipped: Event, carrying: Collection[str]
) -> Iterator[Event]:
    """What was seen in a container or taken out of it elsewhere, before it was used again.

    Args:
        facts: What is known of the graph.
        container: Its identifier.
        shipped: The event that it left with.
        carrying: The digests of the events that are about the lot it left with.
    """
    for event in facts.graph.container_events.get(container, ()):
        if moment_of(event) <= moment_of(shipped):
            continue
        elsewhere = site_of(event.place) != site_of(shipped.place)
        opened = event.parent == container and carries(event)
        emptied = event.action is Action.DELETE and not event.items
        if opened and (event.action is Action.ADD or emptied):
            return
        ships = event.biz_step in SHIPPING_STEPS
        is_other_load = not opened and event.digest not in carrying
        if (ships and elsewhere) or (
            is_other_load and (ships or event.biz_step in RECEIVING_STEPS)
        ):
            return
        if opened and (elsewhere or event.biz_step in RECEIVING_STEPS):
            yield event


def _as_other(
    facts: Facts, lot: str, shipped: Event, arrived: tuple[Event, str], where: str
) -> Finding:
    event, other = arrived
    same_product = class_of(lot) == class_of(other)
    return Finding(
        rule="code-changed" if same_product else "product-changed",
        lot=lot,
        event=event.key,
        cte=CriticalTrackingEvent.RECEIVING,
        found=f"{facts.code(lot)} was shipped on {shipped.local_date:%m/%d/%Y}, but "
        f"{facts.code(other)} arrived {where}, without a transformation.",
    )


def _compare(
    facts: Facts, delivery: Delivery, thresholds: Thresholds, *, is_settled: bool
) -> Iterator[Finding]:
    assert delivery.shipped is not None  # noqa: S101 - the caller has looked
    lot, shipped = delivery.lot, delivery.shipped.event
    received = [each for each in delivery.received if _cte(facts, each, lot) in RECEIPTS]
    sent = _sent([delivery])
    came = _came([Delivery(lot, delivery.shipped, tuple(received))])
    for uom in sorted(came) if came.keys() <= sent.keys() and not is_settled else ():
        before, after = sent[uom], came[uom]
        if before is None or after is None:
            continue
        if abs(before - after) > before * thresholds.quantity:
            yield Finding(
                rule="quantity-differs",
                lot=lot,
                event=received[0].event.key,
                cte=CriticalTrackingEvent.RECEIVING,
                found=f"Of {facts.code(lot)}, {in_words(before, uom)} were shipped"
                f"{_at(facts, ' from', left_from(shipped))} and {in_words(after, uom)} were "
                f"received{_at(facts, ' at', received_at(received[0].event))}.",
            )


def _quantity(movement: Movement, lot: str) -> str:
    known = totals([movement], lot).items()
    words = [in_words(total, uom) for uom, total in known if total is not None]
    return " and ".join(words) or "An unknown quantity"

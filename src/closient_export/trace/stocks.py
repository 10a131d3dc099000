"""What of a harvested lot was at each of the places that it came through."""

from collections import defaultdict
from collections.abc import Container
from datetime import date

from closient_export.epcis import Event
from closient_export.trace.deliveries import Delivery, left_from, party_of, received_at, totals
from closient_export.trace.descriptions import site_of
from closient_export.trace.facts import Facts
from closient_export.trace.graph import Movement, Portion
from closient_export.trace.kdes import CriticalTrackingEvent
from closient_export.trace.on_hand import LOSS, OnHand, Told
from closient_export.trace.steps import RECEIVING_STEPS

__all__ = ["ANYWHERE", "came_from", "stocks_of", "what_came"]

ANYWHERE = "anywhere"
"""The place of all that was harvested and not used yet."""


def stocks_of(facts: Facts, lot: str) -> dict[str, OnHand]:
    """By place, and `ANYWHERE`: what of a lot may be there at a time."""
    if lot not in facts.stocks:
        went = _went(facts, lot)
        facts.stocks[lot] = {
            place: OnHand(there, went.get(place, ()))
            for place, there in _came(facts, lot, went).items()
        }
    return facts.stocks[lot]


def what_came(facts: Facts, lot: str, place: str) -> list[Movement]:
    """What may have brought some of a lot to a place: receipts there, and harvests there.

    The harvests there are what a receipt is of that does not come from another place.
    """
    found = facts.arrivals(lot, place)
    if all(came_from(facts, lot, receipt.event) for receipt in found):
        found += (
            harvest
            for harvest in _harvested(facts, lot)
            if site_of(harvest.event.place) == site_of(place)
        )
    return found


def _harvested(facts: Facts, lot: str) -> list[Movement]:
    """The harvests of a lot, whether they are told as transformations or not."""
    told = {each.event.digest: each for each in facts.graph.movements.get(lot, ())}
    for made in facts.graph.made_by.get(lot, ()):
        event = made.completion(lot)
        told[event.digest] = Movement(event, tuple(portion for _, portion in made.outputs))
    return [told[event.digest] for event in facts.harvests(lot)]


def came_from(facts: Facts, lot: str, event: Event) -> tuple[str, Event] | None:
    """The place that goods had left before an event, and the event that tells when they left it.

    ``None`` where nothing says it.
    """
    delivery = facts.delivery(lot, event)
    if delivery is None or delivery.shipped is None:
        left, place = event, site_of(party_of(event.sources))
    elif _is_more_than_left(delivery):
        return None
    else:
        left = delivery.shipped.event
        place = site_of(left_from(left))
    return None if place in ("", site_of(received_at(event))) else (place, left)


def _is_more_than_left(delivery: Delivery) -> bool:
    """Whether some of what was received must have been of another shipment."""
    shipped = totals(filter(None, [delivery.shipped]), delivery.lot)
    return any(
        amount is not None
        and (sent := shipped.get(unit)) is not None
        and amount > sent * (1 + LOSS)
        for unit, amount in totals(delivery.received, delivery.lot).items()
    )


def _came(facts: Facts, lot: str, left: Container[str]) -> dict[str, list[Told]]:
    """By place, and `ANYWHERE`: what came there.

    Where nothing did and goods left, they are known to have been there on days of cooling.
    """
    movements = facts.graph.movements.get(lot, ())
    received = (each.event for each in movements if each.event.biz_step in RECEIVING_STEPS)
    places = {site_of(received_at(event)) for event in received}
    places.update(site_of(event.place) for event in facts.harvests(lot))
    found = {place: what_came(facts, lot, place) for place in places}
    found[ANYWHERE] = _harvested(facts, lot)
    told = {each.event.digest: each for each in movements}
    cooled: dict[str, dict[date, Movement]] = defaultdict(dict)
    for event in facts.events_as(lot, CriticalTrackingEvent.COOLING):
        cooled[site_of(event.place)].setdefault(event.local_date, told[event.digest])
    for place, days in cooled.items():
        if place not in found and place in left:
            found[place] = list(days.values())
    return {
        place: [(each.event, totals([each], lot)) for each in there]
        for place, there in found.items()
    }


def _went(facts: Facts, lot: str) -> dict[str, list[Told]]:
    """By place: what left and what was used there."""
    found: dict[str, list[Told]] = defaultdict(list)
    for delivery in facts.deliveries.get(lot, ()):
        first = delivery.shipped or delivery.received[0]
        is_shipped = delivery.shipped is not None
        start = left_from(first.event) if is_shipped else party_of(first.event.sources)
        found[site_of(start)].append((first.event, totals([first], lot)))
    for transformation in facts.graph.used_by.get(lot, ()):
        used: dict[str, tuple[Event, list[Portion]]] = {}
        for event, portion in transformation.inputs:
            used.setdefault(event.digest, (event, []))[1].append(portion)
        for event, portions in used.values():
            if amounts := totals([Movement(event, tuple(portions))], lot):
                found[site_of(event.place)].append((event, amounts))
                found[ANYWHERE].append((event, amounts))
    return found

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

__all__ = ["ANYWHERE", "came_from", "stocks_of"]

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


def came_from(facts: Facts, lot: str, event: Event) -> tuple[str, Event]:
    """The place that goods had left before an event, and the event that tells when they left it.

    The place is empty where nothing says it.
    """
    delivery = facts.delivery(lot, event)
    if delivery is None or delivery.shipped is None:
        left, place = event, site_of(party_of(event.sources))
    elif _is_more_than_left(delivery):
        left, place = event, ""
    else:
        left = delivery.shipped.event
        place = site_of(left_from(left))
    return ("" if place == site_of(received_at(event)) else place), left


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
    """By place: harvests and receipts there.

    Where there are neither and goods left, they are known to have been there on days of cooling.
    """
    movements = facts.graph.movements.get(lot, ())
    amounts = {each.event.digest: totals([each], lot) for each in movements}
    found: dict[str, list[Event]] = defaultdict(list)
    for harvest in facts.harvests(lot):
        found[ANYWHERE].append(harvest)
        found[site_of(harvest.place)].append(harvest)
    received = (each.event for each in movements if each.event.biz_step in RECEIVING_STEPS)
    for place in dict.fromkeys(site_of(received_at(event)) for event in received):
        found[place] += (each.event for each in facts.arrivals(lot, place))
    cooled: dict[str, dict[date, Event]] = defaultdict(dict)
    for event in facts.events_as(lot, CriticalTrackingEvent.COOLING):
        cooled[site_of(event.place)].setdefault(event.local_date, event)
    for place, days in cooled.items():
        if place not in found and place in left:
            found[place] += days.values()
    return {
        place: [(event, amounts.get(event.digest, {})) for event in events]
        for place, events in found.items()
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

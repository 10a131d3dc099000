"""What of the past of a harvested lot may be in some of it: receipts, harvests, stays."""

from collections.abc import Container, Iterable, Sequence

from attrs import Factory, define, frozen

from closient_export.epcis import Event
from closient_export.trace.descriptions import site_of
from closient_export.trace.facts import Facts
from closient_export.trace.graph import Movement
from closient_export.trace.new_lots import Part
from closient_export.trace.steps import in_order, moment_of
from closient_export.trace.stocks import ANYWHERE, came_from, stocks_of, what_came

__all__ = ["Past", "before", "came_for", "harvests_before", "past_of"]


def before(event: Event, others: Iterable[Event]) -> list[Event]:
    """Those that may have been before an event.

    Some write down at night what they harvested at noon: if none was before, those of its day may.
    """
    known = list(others)
    return [other for other in known if other.time <= event.time] or [
        other for other in known if other.local_date <= event.local_date
    ]


@frozen
class _Stay:
    """That something came to a place, and the event by which it had gone from there."""

    place: str
    came: Event
    gone: Event

    def covers(self, event: Event) -> bool:
        """Whether an event may have been while it was there."""
        is_here = site_of(event.place) == self.place
        return is_here and bool(before(event, [self.came]) and before(self.gone, [event]))


@define
class Past:
    """What may have happened to some of a lot until it was packed."""

    packed: Event
    there: Event
    """What brought it to where it was packed; the packing itself where that is not known."""
    places: Container[str]
    """Where something tells that some of the lot came or left."""
    harvests: list[Event] = Factory(list)
    stays: list[_Stay] = Factory(list)
    unknown_before: list[Event] = Factory(list)
    """Events before which nothing says where it was."""

    def covers(self, event: Event) -> bool:
        """Whether it may have been where and when an event was."""
        until = list(self.unknown_before)
        if site_of(event.place) not in self.places:
            until.append(self.there)
        return any(stay.covers(event) for stay in self.stays) or any(
            before(later, [event]) for later in until
        )


def came_for(facts: Facts, raw: Part, packed: Event) -> list[Movement | None]:
    """What may have brought that of a lot which was packed: receipts there, and harvests there.

    The last is ``None`` where more was used than is known to have come: a receipt is not told.

    Args:
        facts: What is known.
        raw: What was packed, with the events that used it.
        packed: The event that completed the packing.
    """
    lot, _, used = raw
    place = site_of(packed.place)
    came = {movement.event.digest: movement for movement in what_came(facts, lot, place)}
    if not came:
        return [None]
    first, stock = min(used, key=moment_of), stocks_of(facts, lot)[place]
    found = before(packed, stock.during(first, packed))
    found = found or before(packed, (movement.event for movement in came.values()))
    is_untold = not found or stock.lacks(first, packed)
    return [*(came[event.digest] for event in found), *([None] if is_untold else [])]


def past_of(facts: Facts, raw: Part, received: Event | None, packed: Event) -> Past:
    """What may have happened to what was received, as far as places and quantities tell.

    Args:
        facts: What is known.
        raw: What was packed, with the events that used it.
        received: What brought it to where it was packed, if that is known.
        packed: The event that completed the packing.
    """
    lot, _, used = raw
    past = Past(packed, received or packed, stocks_of(facts, lot))
    if received is None:
        past.unknown_before.append(packed)
        past.harvests = _harvested(facts, lot, min(used, key=moment_of), packed)
        return past
    harvests = {each.digest for each in facts.harvests(lot)}
    past.stays.append(_Stay(site_of(packed.place), received, packed))
    seen, unread = {received.digest}, [received]
    while unread:
        event = unread.pop()
        if event.digest in harvests:
            past.harvests.append(event)
            continue
        earlier: list[Event] = []
        if came := came_from(facts, lot, event):
            place, left = came
            earlier = before(received, _there(facts, lot, place, left, left))
            past.stays += (_Stay(place, each, left) for each in earlier)
        if not earlier:
            past.unknown_before.append(event)
            earlier = [
                each
                for each in _harvested(facts, lot, event, received)
                if each.local_date <= event.local_date
            ]
        unread += (each for each in earlier if each.digest not in seen)
        seen.update(each.digest for each in earlier)
    return past


def harvests_before(facts: Facts, part: Part, event: Event) -> list[Event]:
    """The harvests that some of a lot may be of which is where an event is, in order of time.

    Args:
        facts: What is known.
        part: What the event is about, with the event.
        event: Such as a cooling.
    """
    found = {
        harvest.digest: harvest
        for came in came_for(facts, part, event)
        for harvest in past_of(facts, part, came.event if came else None, event).harvests
    }
    return in_order(found.values())


def _there(facts: Facts, lot: str, place: str, first: Event, last: Event) -> Sequence[Event]:
    stock = stocks_of(facts, lot).get(place)
    return stock.during(first, last) if stock else ()


def _harvested(facts: Facts, lot: str, first: Event, last: Event) -> list[Event]:
    """The harvests of what may be anywhere from one event to another."""
    there = before(last, _there(facts, lot, ANYWHERE, first, last))
    return there or before(last, facts.harvests(lot))

"""What was in which container, when, nested as they are."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from attrs import frozen

from closient_export.epcis import Event, IdentifierKind, Item, parse_identifier
from closient_export.trace.graph import Evidence, Portion
from closient_export.trace.ledger import Ledger
from closient_export.trace.loads import Loads, Span, carries, moment_inside, stays
from closient_export.trace.steps import Moment, moment_of

__all__ = ["Containment", "Inside", "carries", "may_hold", "moment_inside"]


def may_hold(item: Item) -> bool:
    """Whether an item may be a container: anything but a quantity of a lot or product."""
    if item.lot == item.id:
        return False
    kind = parse_identifier(item.id).kind
    return kind not in (IdentifierKind.LOT, IdentifierKind.PRODUCT)


@frozen
class Inside:
    """What a container holds, through every container inside."""

    portions: tuple[Portion, ...] = ()
    """Lots, and things of no known lot."""
    closed: tuple[str, ...] = ()
    """The containers, itself or inside, of which nobody says what is in them."""


class Containment:
    """Answers what was in a container at a moment, from the events of a ledger.

    Args:
        ledger: All events that name a container must be there before it is asked about.
        reuse_gap: A container that was moved and is packed again after so long holds a new load,
            even if nobody said that it was emptied.
    """

    def __init__(self, ledger: Ledger, *, reuse_gap: timedelta) -> None:
        self._ledger = ledger
        self._reuse_gap = reuse_gap
        self._loads: dict[str, Loads] = {}
        self._direct: dict[tuple[str, tuple[datetime, int]], tuple[tuple[Item, ...], Evidence]] = {}
        self._events_with: dict[str, Mapping[str, Sequence[Event]]] = {}
        self._stays: dict[str, Mapping[str, Span]] = {}
        self._inside: dict[tuple[str, tuple[datetime, int]], Inside] = {}
        self._known = (0, 0)

    def is_container(self, item: Item) -> bool:
        """Whether an item is known to hold other things, or is a logistic unit."""
        if not may_hold(item):
            return False
        loads = self._loads_of(item.id)
        if loads is not None and loads.spans:
            return True
        return parse_identifier(item.id).kind is IdentifierKind.CONTAINER

    def reused(self, container: str) -> Sequence[Event]:
        """The packings that began a new load though the container had not been emptied."""
        loads = self._loads_of(container)
        return loads.reused if loads is not None else ()

    def contents(self, container: str, at: Moment) -> tuple[tuple[Item, ...], Evidence]:
        """What was directly inside, and how that is known."""
        loads = self._loads_of(container)
        if loads is None:
            return (), Evidence.UNKNOWN
        place = (container, at[:2])
        if place not in self._direct:
            self._direct[place] = loads.contents(at)
        return self._direct[place]

    def spans(self, container: str, name: str) -> Sequence[Span]:
        """From when to when there were loads of a container of which a thing was a part."""
        loads = self._loads_of(container)
        return loads.spans.get(name, ()) if loads is not None else ()

    def stays(self, name: str) -> Mapping[str, Span]:
        """By container: from when to when a thing that has been asked about may have been inside."""
        self._forget()
        if name not in self._stays:
            self._stays[name] = stays(name, self._ledger.naming([name]))
        return self._stays[name]

    def events_with(self, container: str, name: str, span: Span) -> Sequence[Event]:
        """What happened to a container while a thing was directly inside, in order.

        Left out are the events that name what they put in or take out themselves.
        """
        if self._loads_of(container) is None:
            return ()
        if container not in self._events_with:
            self._events_with[container] = self._list_events_with(container)
        events = self._events_with[container].get(name, ())
        first = bisect_left(events, span[0], key=lambda event: moment_of(event)[:2])
        return events[first : bisect_right(events, span[1], key=lambda e: moment_of(e)[:2])]

    def _list_events_with(self, container: str) -> Mapping[str, Sequence[Event]]:
        found: dict[str, list[Event]] = defaultdict(list)
        for event in self._ledger.naming([container]):
            if not (event.parent == container and carries(event) and event.items):
                items, _ = self.contents(container, moment_inside(event))
                for name in {item.id for item in items}:
                    found[name].append(event)
        return found

    def within(self, container: str, at: Moment) -> Inside:
        """The lots and things inside, through every container inside."""
        self._forget()
        place = (container, at[:2])
        if place not in self._inside:
            self._inside[place] = self._open(container, at)
        return self._inside[place]

    def _open(self, container: str, at: Moment) -> Inside:
        found: list[Portion] = []
        closed: list[str] = []
        paths: dict[str, tuple[str, ...]] = {container: (container,)}
        unopened = [container]
        while unopened:
            current = unopened.pop()
            items, evidence = self.contents(current, at)
            if evidence is Evidence.UNKNOWN:
                closed.append(current)
            for item in items:
                holds = self.is_container(item)
                if not holds or self._ledger.lot_of(item) is not None:
                    lot = self._ledger.stands_for(item)
                    found.append(Portion(lot, item, paths[current], evidence))
                if holds and item.id not in paths:
                    paths[item.id] = (*paths[current], item.id)
                    unopened.append(item.id)
        return Inside(tuple(found), tuple(sorted(closed)))

    def _forget(self) -> None:
        """Forget what further answers to the walk's queries may have changed."""
        known = (self._ledger.answers, self._ledger.withdrawals)
        if known == self._known:
            return
        self._inside.clear()  # what was a closed box may be open now
        if known[1] != self._known[1]:
            self._loads.clear()
            self._direct.clear()
            self._events_with.clear()
            self._stays.clear()
        self._known = known

    def _loads_of(self, container: str) -> Loads | None:
        """The loads of a container, if it has been asked about at the source."""
        self._forget()
        if container not in self._loads:
            if container not in self._ledger.fetched:
                return None
            events = self._ledger.naming([container])
            self._loads[container] = Loads(container, events, self._reuse_gap)
        return self._loads[container]

"""What was in which container, when: a timeline for each container, nested as they are."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from attrs import Factory, define

from closient_export.epcis import Action, Event, EventType, IdentifierKind, Item, parse_identifier
from closient_export.trace.graph import Evidence, Portion
from closient_export.trace.ledger import Ledger
from closient_export.trace.steps import Moment, moment_of

__all__ = ["Containment", "carries"]


@define
class _Load:
    """What a container held from one packing to the next."""

    start: Moment
    steps: list[tuple[Moment, tuple[Item, ...]]] = Factory(list)
    """The contents after each event that changes them."""
    seen: list[tuple[Moment, tuple[Item, ...]]] = Factory(list)
    taken_out: list[tuple[Moment, tuple[Item, ...]]] = Factory(list)
    emptied: bool = False
    follows_emptying: bool = False
    moved: datetime | None = None
    """When it was last seen on its way."""


_BEGINNING: Moment = (datetime.min.replace(tzinfo=UTC), -1, "")


def carries(event: Event) -> bool:
    """Whether an event puts things into, sees them in, or takes them out of a container.

    An association with a place is no transport (EPCIS 2.0, 7.4.6).
    """
    if not event.parent or event.type is EventType.TRANSACTION:
        return False
    if event.type is EventType.ASSOCIATION:
        return parse_identifier(event.parent).kind is not IdentifierKind.PLACE
    return event.type is EventType.AGGREGATION


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
        self._loads: dict[str, list[_Load]] = {}
        self._fetched = 0
        self._within: dict[tuple[str, tuple[datetime, int]], list[Portion]] = {}
        self.reused: dict[str, list[Event]] = {}
        """By container: the packings that began a new load though it had not been emptied."""

    def is_container(self, name: str) -> bool:
        """Whether something is known to hold other things, or is a logistic unit."""
        return parse_identifier(name).kind is IdentifierKind.CONTAINER or any(
            load.steps or load.seen for load in self._loads_of(name)
        )

    def contents(self, container: str, at: Moment) -> tuple[tuple[Item, ...], Evidence]:
        """What was directly inside, and how that is known."""
        loads = self._loads_of(container)
        number = bisect_right([load.start for load in loads], at) - 1
        if number < 0:
            return (), Evidence.UNKNOWN
        load = loads[number]
        step = bisect_right(load.steps, at[:2], key=lambda step: step[0][:2]) - 1
        if step >= 0 and (load.steps[step][1] or load.emptied):
            items = load.steps[step][1]
            return (items, Evidence.PACKED) if items else ((), Evidence.EMPTY)
        return _proven(load, at)

    def within(self, container: str, at: Moment) -> list[Portion]:
        """The lots and things inside, through every container inside."""
        if len(self._ledger.fetched) != self._fetched:
            self._within.clear()  # what was a closed box may be open now
            self._fetched = len(self._ledger.fetched)
        place = (container, at[:2])
        if place not in self._within:
            self._within[place] = self._open(container, at)
        return self._within[place]

    def _open(self, container: str, at: Moment) -> list[Portion]:
        found: list[Portion] = []
        paths: dict[str, tuple[str, ...]] = {container: (container,)}
        unopened = [container]
        while unopened:
            current = unopened.pop()
            items, evidence = self.contents(current, at)
            for item in items:
                lot = self._ledger.lot_of(item)
                holds = self.is_container(item.id)
                if lot is not None or not holds:
                    found.append(Portion(lot or item.id, item, paths[current], evidence))
                if holds and item.id not in paths:
                    paths[item.id] = (*paths[current], item.id)
                    unopened.append(item.id)
        return found

    def inner_containers(self, container: str, at: Moment) -> Iterator[str]:
        """The containers directly inside."""
        items, _ = self.contents(container, at)
        for item in items:
            if self._ledger.lot_of(item) is None:
                yield item.id

    def _loads_of(self, container: str) -> list[_Load]:
        if container not in self._loads:
            if container not in self._ledger.fetched:
                return []
            self._loads[container] = self._divide(container, self._ledger.naming([container]))
        return self._loads[container]

    def _divide(self, container: str, events: Iterable[Event]) -> list[_Load]:
        """The loads of a container, from everything that ever happened to it, in order."""
        loads: list[_Load] = []
        contents: dict[tuple[str, str], Item] = {}
        for event in events:
            moment = moment_of(event)
            packs = event.parent == container and carries(event)
            adds = packs and event.action is Action.ADD
            last = loads[-1] if loads else None
            reused = adds and last is not None and self._is_reuse(last, event)
            if reused:
                self.reused.setdefault(container, []).append(event)
            if last is None or reused or (last.emptied and (adds or not packs or event.items)):
                first = _BEGINNING if last is None and not adds else moment
                load = _Load(first, follows_emptying=last is not None and last.emptied)
                loads.append(load)
                contents = {}
            load = loads[-1]
            if not packs:
                load.moved = event.time
            elif event.action is Action.OBSERVE:
                load.seen.append((moment, event.items))
            else:
                _change(contents, event)
                load.emptied = not contents and (not event.items or bool(load.steps))
                if not adds:
                    load.taken_out.append((moment, event.items))
                if adds or load.steps or not event.items:
                    load.steps.append((moment, tuple(contents.values())))
        return loads

    def _is_reuse(self, load: _Load, event: Event) -> bool:
        return (
            load.moved is not None
            and bool(load.steps)
            and event.time - load.moved >= self._reuse_gap
        )


def _change(contents: dict[tuple[str, str], Item], event: Event) -> None:
    if event.action is Action.DELETE and not event.items:
        contents.clear()
    for item in event.items:
        place = (item.id, item.uom)
        known = contents.get(place)
        if event.action is Action.ADD:
            contents[place] = _sum(known, item, 1) if known else item
        elif known is not None:
            left = _sum(known, item, -1)
            if left.quantity is None or item.quantity is None or left.quantity <= 0:
                del contents[place]
            else:
                contents[place] = left


def _sum(known: Item, item: Item, sign: int) -> Item:
    if known.quantity is None or item.quantity is None:
        return Item(known.id, known.lot, None, known.uom)
    return Item(known.id, known.lot, known.quantity + sign * item.quantity, known.uom)


def _proven(load: _Load, at: Moment) -> tuple[tuple[Item, ...], Evidence]:
    """What a load must have been, though no packing before the moment says so."""
    for moment, items in load.seen:
        if moment[:2] >= at[:2]:
            return items, Evidence.PROVEN_LATER
    packed_later = [items for moment, items in load.steps if items and moment[:2] > at[:2]]
    if packed_later:
        return packed_later[0], Evidence.PROVEN_LATER
    taken = [item for moment, items in load.taken_out for item in items if moment[:2] >= at[:2]]
    if taken:
        return tuple(_together(taken).values()), Evidence.PROVEN_LATER
    if load.seen:
        return load.seen[-1][1], Evidence.SEEN_BEFORE
    return (), Evidence.EMPTY if load.follows_emptying else Evidence.UNKNOWN


def _together(items: Iterable[Item]) -> Mapping[tuple[str, str], Item]:
    found: dict[tuple[str, str], Item] = {}
    for item in items:
        place = (item.id, item.uom)
        found[place] = _sum(found[place], item, 1) if place in found else item
    return found

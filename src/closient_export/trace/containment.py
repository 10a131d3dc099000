"""What was in which container, when: a timeline for each container, nested as they are."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from attrs import Factory, define, frozen

from closient_export.epcis import Action, Event, EventType, IdentifierKind, Item, parse_identifier
from closient_export.trace.graph import Evidence, Portion
from closient_export.trace.ledger import Ledger
from closient_export.trace.steps import Moment, moment_of

__all__ = ["Containment", "Inside", "carries", "moment_inside"]

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


def moment_inside(event: Event) -> Moment:
    """When to look into the containers of an event: just before, if it empties its parent."""
    time, rank, key = moment_of(event)
    empties = carries(event) and event.action is Action.DELETE and not event.items
    return (time, rank - empties, key)


@frozen
class Inside:
    """What a container holds, through every container inside."""

    portions: tuple[Portion, ...] = ()
    """Lots, and things of no known lot."""
    closed: tuple[str, ...] = ()
    """The containers, itself or inside, of which nobody says what is in them."""


@frozen
class _Change:
    """What an event says of the contents of its parent."""

    moment: Moment
    action: Action | None
    items: tuple[Item, ...]


@define
class _Load:
    """What happened to a container from one packing to the next."""

    start: Moment
    follows_emptying: bool = False
    changes: list[_Change] = Factory(list)
    moved: datetime | None = None
    """When it was last seen on its way."""


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
        self._direct: dict[tuple[str, tuple[datetime, int]], tuple[tuple[Item, ...], Evidence]] = {}
        self._events_with: dict[str, Mapping[str, Sequence[Event]]] = {}
        self._inside: dict[tuple[str, tuple[datetime, int]], Inside] = {}
        self._known = (0, 0)
        self._reused: dict[str, list[Event]] = {}

    def is_container(self, name: str) -> bool:
        """Whether something is known to hold other things, or is a logistic unit."""
        return parse_identifier(name).kind is IdentifierKind.CONTAINER or any(
            change.items for load in self._loads_of(name) for change in load.changes
        )

    def reused(self, container: str) -> Sequence[Event]:
        """The packings that began a new load though the container had not been emptied."""
        self._loads_of(container)
        return self._reused.get(container, ())

    def contents(self, container: str, at: Moment) -> tuple[tuple[Item, ...], Evidence]:
        """What was directly inside, and how that is known."""
        loads = self._loads_of(container)
        place = (container, at[:2])
        if place not in self._direct:
            number = bisect_right(loads, at[:2], key=lambda load: load.start[:2]) - 1
            found = _contents(loads[number], at) if number >= 0 else ((), Evidence.UNKNOWN)
            if not loads:
                return found
            self._direct[place] = found
        return self._direct[place]

    def events_with(self, container: str) -> Mapping[str, Sequence[Event]]:
        """By thing: what happened to the container while that was directly inside, in order.

        Left out are the events that name what they put in or take out themselves.
        """
        loads = self._loads_of(container)
        if not loads:
            return {}
        if container not in self._events_with:
            found: dict[str, list[Event]] = defaultdict(list)
            for event in self._ledger.naming([container]):
                if event.parent == container and carries(event) and event.items:
                    continue
                items, _ = self.contents(container, moment_inside(event))
                for name in {item.id for item in items}:
                    found[name].append(event)
            self._events_with[container] = found
        return self._events_with[container]

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
                lot = self._ledger.lot_of(item)
                holds = self.is_container(item.id)
                if lot is not None or not holds:
                    found.append(Portion(lot or item.id, item, paths[current], evidence))
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
            self._reused.clear()
        self._known = known

    def _loads_of(self, container: str) -> list[_Load]:
        self._forget()
        if container not in self._loads:
            if container not in self._ledger.fetched:
                return []
            self._loads[container] = self._divide(container, self._ledger.naming([container]))
        return self._loads[container]

    def _divide(self, container: str, events: Iterable[Event]) -> list[_Load]:
        """The loads of a container, from everything that ever happened to it, in order."""
        loads: list[_Load] = []
        held = _Held()
        for event in events:
            moment = moment_of(event)
            packs = event.parent == container and carries(event)
            adds = packs and event.action is Action.ADD
            emptied = held.evidence is Evidence.EMPTY
            last = loads[-1] if loads else None
            reused = adds and last is not None and self._is_reuse(last, event)
            if reused and held.items:
                self._reused.setdefault(container, []).append(event)
            if last is None or reused or (emptied and (adds or not packs or event.items)):
                start = _BEGINNING if last is None and not adds else moment
                loads.append(_Load(start, follows_emptying=emptied))
                held = _Held()
            if packs:
                held.apply(event.action, event.items)
                loads[-1].changes.append(_Change(moment, event.action, event.items))
            if not packs or event.action is Action.OBSERVE:
                loads[-1].moved = event.time
        return loads

    def _is_reuse(self, load: _Load, event: Event) -> bool:
        return load.moved is not None and event.time - load.moved >= self._reuse_gap


class _Held:
    """Things in a container, with their quantities."""

    def __init__(self) -> None:
        self._items: dict[tuple[str, str], Item] = {}
        self.evidence = Evidence.UNKNOWN

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(self._items.values())

    def apply(self, action: Action | None, items: Sequence[Item]) -> None:
        """Go on to after an event."""
        if action is Action.ADD:
            if self.evidence is Evidence.SEEN_BEFORE:
                self._drop(items)  # what was seen and is packed now is no more than that
            self.put(items)
            self.evidence = Evidence.PACKED
        elif action is Action.DELETE:
            known = bool(self._items)
            if items:
                self.take(items)
            else:
                self._items.clear()
            if not items or (known and not self._items):
                self.evidence = Evidence.EMPTY
        elif items and self.evidence is not Evidence.PACKED:
            self._items.clear()
            self.put(items)
            self.evidence = Evidence.SEEN_BEFORE

    def put(self, items: Iterable[Item]) -> None:
        for item in items:
            place = (item.id, item.uom)
            known = self._items.get(place)
            self._items[place] = _sum(known, item, 1) if known else item

    def take(self, items: Iterable[Item]) -> Iterable[Item]:
        """What of some things was not there to be taken."""
        missing = []
        for item in items:
            places = [(item.id, item.uom)]
            if item.quantity is None:  # all of it, in whatever unit
                places = [place for place in self._items if place[0] == item.id] or places
            for place in places:
                known = self._items.pop(place, None)
                if known is None:
                    missing.append(item)
                elif item.quantity is not None and known.quantity is not None:
                    left = _sum(known, item, -1)
                    if known.quantity > item.quantity:
                        self._items[place] = left
                    elif known.quantity < item.quantity:
                        missing.append(_sum(item, known, -1))
        return missing

    def _drop(self, items: Iterable[Item]) -> None:
        names = {item.id for item in items}
        self._items = {place: item for place, item in self._items.items() if place[0] not in names}


def _sum(known: Item, item: Item, sign: int) -> Item:
    if known.quantity is None or item.quantity is None:
        return Item(known.id, known.lot, None, known.uom)
    return Item(known.id, known.lot, known.quantity + sign * item.quantity, known.uom)


def _contents(load: _Load, at: Moment) -> tuple[tuple[Item, ...], Evidence]:
    """What a load was at a moment: as it was packed, or what it must have been."""
    after = bisect_right(load.changes, at[:2], key=lambda change: change.moment[:2])
    held = _Held()
    for change in load.changes[:after]:
        held.apply(change.action, change.items)
    if held.evidence in (Evidence.PACKED, Evidence.EMPTY):
        return held.items, held.evidence
    since = bisect_left(load.changes, at[:2], key=lambda change: change.moment[:2])
    proven, complete = _proven(load.changes[since:])
    seen = {item.id for item in held.items}
    if proven and (complete or not seen.issuperset(item.id for item in proven)):
        return proven, Evidence.PROVEN_LATER
    if held.items:
        return held.items, Evidence.SEEN_BEFORE
    if load.follows_emptying:
        return (), Evidence.EMPTY
    packed = () if load.changes[:after] else _packed_later(load.changes)
    return packed, Evidence.PROVEN_LATER if packed else Evidence.UNKNOWN


def _proven(later: Iterable[_Change]) -> tuple[tuple[Item, ...], bool]:
    """What was seen inside or taken out later, and not put in since; and whether that is all."""
    before, since = _Held(), _Held()
    for change in later:
        if change.action is Action.ADD:
            since.put(change.items)
        else:
            before.put(since.take(change.items))
            if change.action is Action.OBSERVE and change.items:
                return before.items, True
    return before.items, False


def _packed_later(changes: Iterable[_Change]) -> tuple[Item, ...]:
    """What a container that nobody knew before was packed with, though too late."""
    held = _Held()
    for change in changes:
        if change.action is not Action.ADD:
            break
        held.put(change.items)
    return held.items



"""What a container held from one packing to the next, by everything that happened to it."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property

from attrs import Factory, define, frozen

from closient_export.epcis import Action, Event, EventType, IdentifierKind, Item, parse_identifier
from closient_export.trace.descriptions import site_of
from closient_export.trace.graph import Evidence
from closient_export.trace.steps import RECEIVING_STEPS, SHIPPING_STEPS, Moment, moment_of

__all__ = ["ALWAYS", "Loads", "Span", "carries", "moment_inside", "overlap", "stays"]

_BEGINNING: Moment = (datetime.min.replace(tzinfo=UTC), -1, "")
_LATE = timedelta(days=1)
"""A packing of a container counts for moves that are recorded so long before it."""

Span = tuple[tuple[datetime, int], tuple[datetime, int]]
"""From a time and a place among events of the same time to another, both included."""
ALWAYS: Span = (_BEGINNING[:2], (datetime.max.replace(tzinfo=UTC), 0))


def overlap(one: Span, other: Span) -> Span | None:
    """What two spans have in common."""
    common = (max(one[0], other[0]), min(one[1], other[1]))
    return common if common[0] <= common[1] else None


def stays(name: str, events: Iterable[Event]) -> dict[str, Span]:
    """By container: from when to when a thing may have been inside.

    Args:
        name: The thing.
        events: Everything that names it, in order of time.
    """
    found: dict[str, Span] = {}
    inside: set[str] = set()
    for event in events:
        if not carries(event) or all(item.id != name for item in event.items):
            continue
        time, rank, _ = moment_of(event)
        earliest = max(time, ALWAYS[0][0] + _LATE) - _LATE
        begin, _ = found.get(event.parent, ((earliest, rank), None))
        if event.action is not Action.ADD and event.parent not in inside:
            begin = ALWAYS[0]  # somebody had put it there, and nobody says when
        if event.action is Action.DELETE:
            inside.discard(event.parent)
            latest = min(time, ALWAYS[1][0] - _LATE) + _LATE
            found[event.parent] = (begin, (latest, rank))
        else:
            inside.add(event.parent)
            found[event.parent] = (begin, ALWAYS[1])
    return found


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
class _Change:
    """What an event says of the contents of its parent."""

    moment: Moment
    action: Action | None
    items: tuple[Item, ...]


def _as_it_was(container: str, events: Sequence[Event]) -> list[tuple[Moment, Event]]:
    """Events with their moments; an unpacking that is recorded before the receipt comes after it."""
    timed = [(moment_of(event), event) for event in events]
    for number, event in enumerate(events):
        empties = carries(event) and event.parent == container and event.action is Action.DELETE
        for later in events[number + 1 :] if empties else ():
            adds = later.parent == container and later.action is Action.ADD
            if adds or later.time - event.time > _LATE:
                break
            is_here = site_of(later.place) == site_of(event.place) != ""
            if later.biz_step in RECEIVING_STEPS and is_here:
                _, rank, key = timed[number][0]
                timed[number] = ((later.time, rank, key), event)
                break
    return sorted(timed, key=lambda each: each[0])


def _found_next(
    container: str, timed: Sequence[tuple[Moment, Event]]
) -> list[Collection[str | None]]:
    """By event: the lots that it or the next one finds, before the container is packed again."""
    found: list[Collection[str | None]] = []
    lots: Collection[str | None] = ()
    for _, event in reversed(timed):
        if event.parent == container and carries(event):
            is_known = event.action is not Action.ADD and event.items
            lots = {item.lot for item in event.items} if is_known else ()
        found.append(lots)
    return found[::-1]


@define
class _Load:
    """What happened to a container from one packing to the next."""

    start: Moment
    follows_emptying: bool = False
    changes: list[_Change] = Factory(list)
    moved: datetime | None = None
    """When it was last seen on its way."""

    def rested(self, until: datetime) -> timedelta:
        """How long it has not been moved."""
        return until - self.moved if self.moved is not None else timedelta(0)


class Loads:
    """The loads of a container, one after the other.

    Args:
        container: Its identifier.
        events: Everything that names it, in order of time.
        reuse_gap: Packed again so long after it was last moved, it holds a new load; so it does
            when it is packed elsewhere than it was received, since nobody moves a load unseen.
            Moved again so long after, it does if it leaves from where its load had left, or if
            other lots are found in it then.
    """

    def __init__(self, container: str, events: Iterable[Event], reuse_gap: timedelta) -> None:
        self._loads: list[_Load] = []
        self.reused: list[Event] = []
        """What began a new load though nobody had emptied the container."""
        self._divide(container, events, reuse_gap)

    def _divide(self, container: str, events: Iterable[Event], reuse_gap: timedelta) -> None:
        held = _Held()
        seen_at = left_from = ""
        timed = _as_it_was(container, list(events))
        for (moment, event), found in zip(timed, _found_next(container, timed), strict=True):
            packs = event.parent == container and carries(event)
            adds = packs and event.action is Action.ADD
            emptied = held.evidence is Evidence.EMPTY
            last = self._loads[-1] if self._loads else None
            here = site_of(event.place)
            elsewhere = seen_at != "" and here not in ("", seen_at)
            is_late = last is not None and last.rested(event.time) >= reuse_gap
            ships = event.biz_step in SHIPPING_STEPS
            if adds:
                is_new = last is not None and (is_late or elsewhere)
            elif found and (known := {item.lot for item in held.items}):
                is_other = None not in known and known.isdisjoint(found)
                is_new = is_late and is_other and (ships or seen_at != "")
            else:
                is_new = is_late and ships and (elsewhere or here == left_from != "")
            if is_new and held.items:
                self.reused.append(event)
            if last is None or is_new or (emptied and (adds or not packs or event.items)):
                start = _BEGINNING if last is None and not adds else moment
                self._loads.append(_Load(start, follows_emptying=emptied))
                held = _Held()
            if packs:
                held.apply(event.action, event.items)
                self._loads[-1].changes.append(_Change(moment, event.action, event.items))
            if not packs or event.action is Action.OBSERVE:
                self._loads[-1].moved = event.time
            if event.biz_step in RECEIVING_STEPS:
                seen_at, left_from = here, left_from if here != left_from else ""
            elif ships or not packs:
                seen_at, left_from = "", here if ships else left_from  # it may be anywhere by now

    @cached_property
    def spans(self) -> Mapping[str, Sequence[Span]]:
        """By thing: from when to when there were loads of which it was a part; empty if of none."""
        found: dict[str, list[Span]] = defaultdict(list)
        ends = [*(load.start[:2] for load in self._loads[1:]), ALWAYS[1]]
        for load, end in zip(self._loads, ends, strict=False):
            for name in {item.id for change in load.changes for item in change.items}:
                found[name].append((load.start[:2], end))
        return found

    def contents(self, at: Moment) -> tuple[tuple[Item, ...], Evidence]:
        """What was directly inside at a moment, and how that is known."""
        number = bisect_right(self._loads, at[:2], key=lambda load: load.start[:2]) - 1
        return _contents(self._loads[number], at) if number >= 0 else ((), Evidence.UNKNOWN)


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
    packed = () if load.changes[:after] else _packed_late(load.changes, at[0])
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


def _packed_late(changes: Iterable[_Change], moved: datetime) -> tuple[Item, ...]:
    """What a container that nobody knew before was packed with soon after it was moved."""
    held = _Held()
    for change in changes:
        if change.action is not Action.ADD or change.moment[0] - moved > _LATE:
            break
        held.put(change.items)
    return held.items

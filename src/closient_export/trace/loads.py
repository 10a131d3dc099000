"""The loads of a container, one after the other, by everything that happened to it."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property

from attrs import Factory, define

from closient_export.epcis import Action, Event, EventType, IdentifierKind, Item, parse_identifier
from closient_export.trace.contents import LATE, Change, Held, contents_at
from closient_export.trace.descriptions import site_of
from closient_export.trace.graph import Evidence
from closient_export.trace.steps import RECEIVING_STEPS, SHIPPING_STEPS, Moment, moment_of

__all__ = ["ALWAYS", "Loads", "Span", "carries", "moment_inside", "overlap", "stays"]

_BEGINNING: Moment = (datetime.min.replace(tzinfo=UTC), -1, "")

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
        earliest = max(time, ALWAYS[0][0] + LATE) - LATE
        begin, _ = found.get(event.parent, ((earliest, rank), None))
        if event.action is not Action.ADD and event.parent not in inside:
            begin = ALWAYS[0]  # somebody had put it there, and nobody says when
        if event.action is Action.DELETE:
            inside.discard(event.parent)
            latest = min(time, ALWAYS[1][0] - LATE) + LATE
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


def _as_it_was(container: str, events: Sequence[Event]) -> list[tuple[Moment, Event]]:
    """Events with their moments; an unpacking that is recorded before the receipt comes after it."""
    timed = [(moment_of(event), event) for event in events]
    for number, event in enumerate(events):
        empties = carries(event) and event.parent == container and event.action is Action.DELETE
        for later in events[number + 1 :] if empties else ():
            adds = later.parent == container and later.action is Action.ADD
            if adds or later.time - event.time > LATE:
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
    changes: list[Change] = Factory(list)
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
        held = Held()
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
                held = Held()
            if packs:
                held.apply(event.action, event.items)
                self._loads[-1].changes.append(Change(moment, event.action, event.items))
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
        if number < 0:
            return (), Evidence.UNKNOWN
        load = self._loads[number]
        return contents_at(load.changes, at, follows_emptying=load.follows_emptying)

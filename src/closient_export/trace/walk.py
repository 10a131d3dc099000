"""From the asked lots through every transformation, forward, backward, or both.

`walk` is a generator that yields queries and receives events, so that one walk serves sources of
any kind: `run_walk` drives it over an `closient_export.ports.EventSource`, and a host with an
asynchronous source writes the same loop with ``await``.
"""

from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from attrs import Attribute, field, frozen

from closient_export.epcis import (
    Event,
    EventType,
    IdentifierKind,
    Item,
    class_of,
    parse_identifier,
)
from closient_export.errors import TraceLimitError
from closient_export.ports import EventSource, FrontierQuery
from closient_export.requests import Direction
from closient_export.trace.containment import Containment, carries
from closient_export.trace.graph import (
    Evidence,
    LotGraph,
    Movement,
    Portion,
    ReachedLot,
    Transformation,
)
from closient_export.trace.ledger import Excluded, Ledger
from closient_export.trace.steps import Moment, moment_of

__all__ = ["Limits", "Selection", "run_walk", "walk"]


@frozen(kw_only=True)
class Selection:
    """Which lots a trace begins with.

    FDA asks for foods and date ranges, or for traceability lot codes (21 CFR 1.1455(c)(3)).
    """

    lots: tuple[str, ...] = ()
    """Canonical URIs."""
    products: tuple[str, ...] = ()
    """Canonical URIs of products; with the dates, every lot of them that an event names then."""
    since: date | None = None
    until: date | None = None

    @property
    def by_events(self) -> bool:
        """Whether the lots must be looked up; with no lots and products, all there are."""
        return not self.lots or bool(self.products)


def _limit(_instance: object, attribute: "Attribute[Any]", value: Any) -> None:
    if value is not None and value < 0:
        message = f"{attribute.name}: expected a number from 0 on or none, got {value}"
        raise ValueError(message)


@frozen(kw_only=True)
class Limits:
    """How far a walk may go; ``None`` does not limit."""

    hops: int | None = field(default=None, validator=_limit)
    """Transformations from an asked lot."""
    lots: int | None = field(default=250_000, validator=_limit)
    events: int | None = field(default=5_000_000, validator=_limit)
    """Fetched, not only reached."""
    truncate: bool = False
    """Whether the walk ends at a limit with what it has, instead of raising."""
    container_reuse: timedelta = timedelta(days=21)
    """A container packed again so long after it was last moved holds a new load."""


def run_walk(
    source: EventSource,
    selection: Selection,
    direction: Direction = Direction.BOTH,
    limits: Limits | None = None,
) -> LotGraph:
    """Walk over a source.

    Raises:
        TraceLimitError: a limit would be passed.
        EventSourceError: the source fails.
    """
    steps = walk(selection, direction, limits)
    try:
        query = next(steps)
        while True:
            query = steps.send(source.fetch(query))
    except StopIteration as end:
        graph: LotGraph = end.value
        return graph


Walk = Generator[FrontierQuery, Iterable[Event], LotGraph]
_Fetching = Generator[FrontierQuery, Iterable[Event], None]


def walk(
    selection: Selection,
    direction: Direction = Direction.BOTH,
    limits: Limits | None = None,
) -> Walk:
    """The steps of a walk: yields queries, is sent their events, returns the graph.

    Forward and backward are two passes from the asked lots: a pass never turns round, since
    otherwise everything that ever met would be reached. Links that contradict time are kept.

    Raises:
        TraceLimitError: a limit would be passed.
    """
    return (yield from _Walk(direction, limits or Limits()).run(selection))


def _time_of(transformation: Transformation) -> Moment:
    return moment_of(transformation.completed)


class _LimitReached(Exception):
    """Ends a pass; the message says which limit."""


class _Walk:
    def __init__(self, direction: Direction, limits: Limits) -> None:
        self._direction = direction
        self._limits = limits
        self._ledger = Ledger()
        self._containment = Containment(self._ledger, reuse_gap=limits.container_reuse)
        self._transformations: dict[str, Transformation] = {}
        self._touching: dict[str, list[Event]] = {}
        self._containers: set[str] = set()
        self._unassigned: list[Event] = []
        """Events that name no lot, of a walk over everything."""
        self._event_count = 0

    def run(self, selection: Selection) -> Walk:
        asked: tuple[str, ...] = ()
        reached: dict[Direction, dict[str, int]] = {}
        truncated = ""
        try:
            asked = yield from self._asked(selection)
            for direction in (Direction.BACKWARD, Direction.FORWARD):
                if self._direction in (direction, Direction.BOTH):
                    reached[direction] = {}
                    yield from self._pass(direction, asked, reached[direction])
            yield from self._fetch(self._unassigned_names)
            yield from self._resolve(self._context(reached))
        except _LimitReached as limit:
            truncated = str(limit)
            if not self._limits.truncate:
                raise TraceLimitError(truncated) from limit
        return self._graph(asked, reached, truncated)

    def _asked(
        self, selection: Selection
    ) -> Generator[FrontierQuery, Iterable[Event], tuple[str, ...]]:
        lots = set(selection.lots)
        if selection.by_events:
            query = FrontierQuery(
                products=frozenset(selection.products),
                since=selection.since,
                until=selection.until,
            )
            events = yield query
            lots.update(self._lots_of(events, query))
        return tuple(sorted(lots))

    def _lots_of(self, events: Iterable[Event], query: FrontierQuery) -> Iterator[str]:
        for event in events:
            day = event.local_date
            if (query.since and day < query.since) or (query.until and day > query.until):
                continue
            lots = {item.lot for item in event.all_items() if item.lot}
            if query.everything and not lots:
                self._unassigned.append(event)
            for lot in lots:
                if query.everything or class_of(lot) in query.products:
                    yield lot

    def _pass(
        self, direction: Direction, asked: Iterable[str], reached: dict[str, int]
    ) -> _Fetching:
        """Breadth first, so that a lot's distance is the shortest there is."""
        level = sorted(asked)
        reached.update(dict.fromkeys(level, 0))
        hops = 0
        while level:
            self._check(len(reached), self._limits.lots, "lots")
            yield from self._resolve(level)
            following = {
                neighbour
                for lot in level
                for neighbour in self._neighbours(lot, direction)
                if neighbour not in reached
            }
            hops += 1
            if following:
                self._check(hops, self._limits.hops, "hops")
            reached.update(dict.fromkeys(following, hops))
            level = sorted(following)

    def _check(self, count: int, limit: int | None, what: str) -> None:
        if limit is not None and count > limit:
            message = f"The trace would pass its limit of {limit:,} {what}."
            raise _LimitReached(message)

    def _resolve(self, lots: list[str]) -> _Fetching:
        """Fetch all that names some lots, their serials, and what they were ever inside of."""
        yield from self._fetch(lambda: (name for lot in lots for name in self._names(lot)))

    def _fetch(self, names: Callable[[], Iterable[str]]) -> _Fetching:
        """Fetch what `names` says, which may be more once the answer is there."""
        while wanted := set(names()) - self._ledger.fetched:
            events = list((yield FrontierQuery(ids=frozenset(wanted))))
            self._event_count += len(events)
            self._ledger.add(wanted, events)
            self._check(self._event_count, self._limits.events, "events")

    def _unassigned_names(self) -> Iterator[str]:
        for event in self._unassigned:
            yield from self._boxes((*event.items, Item(event.parent)), event)

    def _names(self, lot: str) -> Iterator[str]:
        """What must be fetched to know what happened to a lot, as far as that is known by now."""
        yield from self._ledger.ids_of(lot)
        events, containers = self._follow(lot)
        yield from containers
        for event in events:
            if event.type is EventType.TRANSFORMATION:
                if event.transformation_id:
                    yield event.transformation_id
                for part in self._parts(event):
                    yield from self._boxes((*part.inputs, *part.outputs), part)

    def _boxes(self, items: Iterable[Item], event: Event) -> Iterator[str]:
        """The containers among some items, and those inside them, opened or not."""
        boxes = [item.id for item in items if self._may_be_container(item)]
        seen = set(boxes)
        while boxes:
            box = boxes.pop()
            yield box
            if box in self._ledger.fetched:
                inner = set(self._containment.inner_containers(box, moment_of(event))) - seen
                seen |= inner
                boxes += sorted(inner)

    def _may_be_container(self, item: Item) -> bool:
        return (
            self._ledger.lot_of(item) is None
            and parse_identifier(item.id).kind is not IdentifierKind.PRODUCT
        )

    def _follow(self, lot: str) -> tuple[list[Event], set[str]]:
        """The events that a lot takes part in, itself or inside a container; the containers."""
        found: dict[str, Event] = {}
        containers: set[str] = set()
        unopened: list[str] = []

        def take(event: Event) -> None:
            found[event.digest] = event
            if carries(event) and event.parent not in containers:
                containers.add(event.parent)
                unopened.append(event.parent)

        for event in self._ledger.naming(self._ledger.ids_of(lot)):
            take(event)
        while unopened:
            container = unopened.pop()
            for event in self._ledger.naming([container]):
                own = event.parent == container and carries(event)
                if own and event.items:
                    continue  # its children speak for themselves
                inside = self._containment.within(container, moment_of(event))
                if any(portion.lot == lot for portion in inside):
                    found.setdefault(event.digest, event) if own else take(event)
        return list(found.values()), containers

    def _parts(self, event: Event) -> list[Event]:
        """All events of the transformation that an event belongs to."""
        if not event.transformation_id:
            return [event]
        named = self._ledger.naming([event.transformation_id])
        return [each for each in named if each.type is EventType.TRANSFORMATION]

    def _events_of(self, lot: str) -> list[Event]:
        if lot not in self._touching:
            self._touching[lot], containers = self._follow(lot)
            self._containers |= containers
        return self._touching[lot]

    def _neighbours(self, lot: str, direction: Direction) -> Iterator[str]:
        for event in self._events_of(lot):
            if event.type is EventType.TRANSFORMATION:
                transformation = self._transformation(event)
                if direction is Direction.FORWARD and lot in transformation.input_lots:
                    yield from transformation.output_lots
                if direction is Direction.BACKWARD and lot in transformation.output_lots:
                    yield from transformation.input_lots

    def _transformation(self, event: Event) -> Transformation:
        key = event.transformation_id or event.key
        if key not in self._transformations:
            parts = self._parts(event)
            self._transformations[key] = Transformation(
                key=key,
                events=tuple(parts),
                inputs=tuple((e, p) for e in parts for p in self._all_portions(e.inputs, e)),
                outputs=tuple((e, p) for e in parts for p in self._all_portions(e.outputs, e)),
            )
        return self._transformations[key]

    def _all_portions(self, items: Iterable[Item], event: Event) -> Iterator[Portion]:
        """What a transformation uses or makes; a closed box stands for itself."""
        portions, unknown = self._portions(items, event)
        yield from portions
        for container in unknown:
            yield Portion(container, Item(container), evidence=Evidence.UNKNOWN)

    def _portions(self, items: Iterable[Item], event: Event) -> tuple[list[Portion], list[str]]:
        """The lots that items are or hold, and the containers of unknown content."""
        stated: list[Portion] = []
        held: list[Portion] = []
        unknown: list[str] = []
        for item in items:
            lot = self._ledger.lot_of(item)
            if lot is not None or parse_identifier(item.id).kind is IdentifierKind.PRODUCT:
                stated.append(Portion(lot or "", item))
            elif not self._containment.is_container(item.id):
                stated.append(Portion(item.id, item))
            elif inside := self._containment.within(item.id, moment_of(event)):
                held += inside
            else:
                _, evidence = self._containment.contents(item.id, moment_of(event))
                if evidence is Evidence.UNKNOWN:
                    unknown.append(item.id)
        # An event that names a container and lots names what is inside twice.
        named = {portion.lot for portion in stated}
        return stated + [portion for portion in held if portion.lot not in named], unknown

    def _movement(self, event: Event) -> Movement:
        items = event.items
        if event.parent and not items:
            items = (Item(event.parent),)
        portions, unknown = self._portions(items, event)
        return Movement(event, tuple(portions), () if portions else tuple(unknown))

    def _traversed(self, reached: Mapping[Direction, Mapping[str, int]]) -> list[Transformation]:
        """What the passes went through: not what else was made of a lot on the way back."""
        upstream = reached.get(Direction.BACKWARD, {}).keys()
        downstream = reached.get(Direction.FORWARD, {}).keys()
        lots = [lot for lot in sorted({*upstream, *downstream}) if lot in self._ledger.fetched]
        found = {
            transformation.key: transformation
            for lot in lots
            for event in self._events_of(lot)
            if event.type is EventType.TRANSFORMATION
            for transformation in [self._transformation(event)]
            if transformation.output_lots & upstream or transformation.input_lots & downstream
        }
        return sorted(found.values(), key=_time_of)

    def _context(self, reached: Mapping[Direction, Mapping[str, int]]) -> list[str]:
        """What was used together with the reached lots: its own history tells what was done."""
        lots = set().union(*reached.values())
        return sorted({lot for each in self._traversed(reached) for lot in each.input_lots} - lots)

    def _unknown_movements(self) -> Iterator[Movement]:
        for event in {event.digest: event for event in self._unassigned}.values():
            movement = self._movement(event)
            if movement.unknown_containers and self._ledger.counts(event):
                yield movement

    def _excluded(self, lots: Iterable[str]) -> Iterator[Excluded]:
        names = {name for lot in lots for name in self._ledger.ids_of(lot)}
        for excluded in self._ledger.excluded(names | self._containers):
            event = excluded.event
            if not names.isdisjoint(event.named_ids()) or any(
                portion.lot in names
                for container in self._containers.intersection(event.named_ids())
                for portion in self._containment.within(container, moment_of(event))
            ):
                yield excluded

    def _reused(self) -> Iterator[Event]:
        for container in sorted(self._containers):
            yield from self._containment.reused.get(container, ())

    def _graph(
        self,
        asked: tuple[str, ...],
        reached: Mapping[Direction, Mapping[str, int]],
        truncated: str,
    ) -> LotGraph:
        lots = {
            lot: ReachedLot(
                lot,
                reached.get(Direction.BACKWARD, {}).get(lot),
                reached.get(Direction.FORWARD, {}).get(lot),
            )
            for lot in sorted(set().union(*reached.values()))
            if lot in self._ledger.fetched
        }
        traversed = self._traversed(reached)
        known = sorted({*lots, *self._context(reached)} & self._ledger.fetched)
        movements = {
            event.digest: self._movement(event)
            for lot in known
            for event in self._events_of(lot)
            if event.type is not EventType.TRANSFORMATION
        }
        made_by, used_by = defaultdict(list), defaultdict(list)
        for transformation in sorted(self._transformations.values(), key=_time_of):
            for lot in transformation.output_lots.intersection(known):
                made_by[lot].append(transformation)
            for lot in transformation.input_lots.intersection(known):
                used_by[lot].append(transformation)
        return LotGraph(
            asked=asked,
            direction=self._direction,
            lots=lots,
            transformations=tuple(traversed),
            movements={
                lot: tuple(
                    movements[event.digest]
                    for event in sorted(self._events_of(lot), key=moment_of)
                    if event.digest in movements
                )
                for lot in known
            },
            made_by={lot: tuple(found) for lot, found in made_by.items()},
            used_by={lot: tuple(found) for lot, found in used_by.items()},
            unknown_containers=tuple(self._unknown_movements()),
            container_events={
                container: tuple(self._ledger.naming([container]))
                for container in sorted(self._containers)
            },
            excluded=tuple(self._excluded(lots)),
            contradictory_ids=tuple(
                movement.event
                for movement in movements.values()
                if self._ledger.says_otherwise(movement.event)
            ),
            reused_containers=tuple(self._reused()),
            truncated=truncated,
        )

"""From the asked lots through every transformation, forward, backward, or both.

`walk` is a generator that yields queries and receives events, so that one walk serves sources of
any kind: `run_walk` drives it over an `closient_export.ports.EventSource`, and a host with an
asynchronous source writes the same loop with ``await``.
"""

from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from datetime import date, timedelta

from closient_export.epcis import Event, IdentifierKind, Item, class_of, parse_identifier
from closient_export.errors import TraceLimitError
from closient_export.ports import EventSource, FrontierQuery
from closient_export.requests import Direction
from closient_export.trace.assembly import Reached, assemble, context_of
from closient_export.trace.graph import LotGraph
from closient_export.trace.histories import Histories
from closient_export.trace.ledger import Ledger
from closient_export.trace.selection import Limits, Selection

__all__ = ["Limits", "Selection", "run_walk", "walk"]


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
_Finding = Generator[FrontierQuery, Iterable[Event], set[str]]


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


class _Enough(Exception):
    """Ends a walk that may end early."""


class _Walk:
    def __init__(self, direction: Direction, limits: Limits) -> None:
        self._direction = direction
        self._limits = limits
        self._ledger = Ledger()
        self._histories = Histories(self._ledger, reuse_gap=limits.container_reuse)
        self._unassigned: dict[str, Event] = {}
        """By digest: events that name no lot, of a walk over everything."""
        self._event_count = 0
        self._truncated = ""

    def run(self, selection: Selection) -> Walk:
        asked = sorted(selection.lots)
        reached = Reached()
        try:
            asked = yield from self._asked(selection)
            if self._direction in (Direction.BACKWARD, Direction.BOTH):
                yield from self._pass(asked, reached.upstream, self._sources)
            if self._direction in (Direction.FORWARD, Direction.BOTH):
                yield from self._pass(asked, reached.downstream, self._products)
            yield from self._resolve(context_of(self._ledger, self._histories, reached))
        except _Enough:
            pass
        return assemble(
            self._ledger,
            self._histories,
            reached,
            asked=tuple(asked),
            direction=self._direction,
            unassigned=self._unassigned.values(),
            truncated=self._truncated,
        )

    def _sources(self, lot: str) -> Iterator[str]:
        for transformation in self._histories.transformations(lot):
            if lot in transformation.output_lots:
                yield from transformation.input_lots

    def _products(self, lot: str) -> Iterator[str]:
        for transformation in self._histories.transformations(lot):
            if lot in transformation.input_lots:
                yield from transformation.output_lots

    def _pass(
        self,
        asked: Collection[str],
        reached: dict[str, int],
        neighbours: Callable[[str], Iterable[str]],
    ) -> _Fetching:
        """Breadth first, so that a lot's distance is the shortest there is."""
        level = sorted(asked)
        reached.update(dict.fromkeys(level, 0))
        hops = 0
        while level:
            yield from self._resolve(level)
            following = {each for lot in level for each in neighbours(lot) if each not in reached}
            self._histories.settle()
            hops += 1
            if following and self._passes(hops, self._limits.hops, "hops"):
                return  # the other direction has hops of its own
            self._require(len(reached) + len(following), self._limits.lots, "lots")
            reached.update(dict.fromkeys(following, hops))
            level = sorted(following)

    def _passes(self, count: int, limit: int | None, what: str) -> bool:
        if limit is None or count <= limit:
            return False
        self._truncated = f"The trace would pass its limit of {limit:,} {what}."
        if not self._limits.truncate:
            raise TraceLimitError(self._truncated)
        return True

    def _require(self, count: int, limit: int | None, what: str) -> None:
        if self._passes(count, limit, what):
            raise _Enough

    def _resolve(self, lots: Collection[str]) -> _Fetching:
        """Fetch all that names some lots, their serials, and what they were ever inside of."""
        yield from self._fetch(
            lambda: (name for lot in lots for name in self._histories.needs(lot))
        )

    def _fetch(self, names: Callable[[], Iterable[str]]) -> _Fetching:
        """Fetch what `names` says, which may be more once the answer is there."""
        while wanted := set(names()) - self._ledger.fetched:
            answer = yield FrontierQuery(ids=frozenset(wanted))
            self._ledger.add(wanted, list(self._counted(answer)))

    def _counted(self, events: Iterable[Event]) -> Iterator[Event]:
        for event in events:
            self._event_count += 1
            self._require(self._event_count, self._limits.events, "events")
            yield event

    def _asked(self, selection: Selection) -> Generator[FrontierQuery, Iterable[Event], list[str]]:
        names = set(selection.lots)
        if selection.products:
            names |= yield from self._of_products(selection)
        elif not names:
            names |= yield from self._everything(selection)
        self._require(len(names), self._limits.lots, "lots")
        yield from self._fetch(lambda: names)
        return sorted({self._ledger.stands_for(Item(name)) or name for name in names})

    def _of_products(self, selection: Selection) -> _Finding:
        """The lots of some products; with dates, those to which something happened then."""
        query = FrontierQuery(
            products=frozenset(selection.products),
            since=_shifted(selection.since, -selection.closed_for),
            until=_shifted(selection.until, selection.closed_for),
        )
        events = yield query
        found = {
            name
            for event in events
            for name in _followed(event.all_items())
            if class_of(name) in query.products
        }
        if selection.since is None and selection.until is None:
            return found
        yield from self._resolve(found)
        return {
            name
            for name in found
            for event in self._histories.of(name).events
            if selection.includes(event.local_date)
        }

    def _everything(self, selection: Selection) -> _Finding:
        """Every lot that an event of the dates names, or that is in a container that it names."""
        found: set[str] = set()
        for event in (yield FrontierQuery(since=selection.since, until=selection.until)):
            if selection.includes(event.local_date):
                lots = set(_followed(event.all_items()))
                found |= lots
                if not lots:
                    self._unassigned[event.digest] = event
        yield from self._fetch(
            lambda: (
                box
                for event in self._unassigned.values()
                for box in self._histories.boxes(_things(event), event)
            )
        )
        for event in self._unassigned.values():
            if self._ledger.counting(event) is not None:
                found.update(_followed(self._histories.items_in(_things(event), event)))
        return found


def _followed(items: Iterable[Item]) -> Iterator[str]:
    """The lots that items name, and the serials whose lot they do not name."""
    for item in items:
        if item.lot is not None:
            yield item.lot
        elif parse_identifier(item.id).kind is IdentifierKind.SERIAL:
            yield item.id


def _things(event: Event) -> list[Item]:
    return [*event.all_items(), *([Item(event.parent)] if event.parent else [])]


def _shifted(day: date | None, by: timedelta) -> date | None:
    if day is None:
        return None
    try:
        return day + by
    except OverflowError:
        return None

"""From what a walk has reached to its graph."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from attrs import Factory, frozen

from closient_export.epcis import Event, EventType
from closient_export.requests import Direction
from closient_export.trace.graph import LotGraph, Movement, ReachedLot, Transformation
from closient_export.trace.histories import Histories
from closient_export.trace.ledger import Excluded, Ledger
from closient_export.trace.loads import moment_inside
from closient_export.trace.steps import Moment, in_order, moment_of

__all__ = ["Reached", "assemble", "context_of"]


@frozen
class Reached:
    """How many transformations lie between the asked lots and each lot of both passes."""

    upstream: dict[str, int] = Factory(dict)
    downstream: dict[str, int] = Factory(dict)

    @property
    def lots(self) -> set[str]:
        """All of them."""
        return {*self.upstream, *self.downstream}


def context_of(ledger: Ledger, histories: Histories, reached: Reached) -> list[str]:
    """What was used together with the reached lots: its own history tells what was done."""
    return _context(reached, _traversed(ledger, histories, reached))


def _context(reached: Reached, traversed: Iterable[Transformation]) -> list[str]:
    return sorted({lot for each in traversed for lot in each.input_lots} - reached.lots)


def _traversed(
    ledger: Ledger, histories: Histories, reached: Reached
) -> tuple[Transformation, ...]:
    """What the passes went through: not what else was made of a lot on the way back."""
    found = {
        transformation.key: transformation
        for lot in reached.lots & ledger.fetched
        for transformation in histories.transformations(lot)
        if not reached.upstream.keys().isdisjoint(transformation.output_lots)
        or not reached.downstream.keys().isdisjoint(transformation.input_lots)
    }
    return tuple(sorted(found.values(), key=_time_of))


def _time_of(transformation: Transformation) -> Moment:
    return moment_of(transformation.completed)


def assemble(
    ledger: Ledger,
    histories: Histories,
    reached: Reached,
    *,
    asked: tuple[str, ...],
    direction: Direction,
    unassigned: Collection[Event],
    truncated: str,
) -> LotGraph:
    """The graph of a walk that is over.

    Args:
        ledger: Everything that was fetched.
        histories: What happened to lots by that.
        reached: The lots of both passes; those whose events were not fetched are left out.
        asked: Where the walk began.
        direction: Where it went.
        unassigned: Events that name no lot, of a walk over everything.
        truncated: Which limit ended it early.
    """
    lots = sorted(reached.lots & ledger.fetched)
    traversed = _traversed(ledger, histories, reached)
    known = sorted({*lots, *_context(reached, traversed)} & ledger.fetched)
    moved = {
        lot: [each for each in histories.of(lot).events if each.type != EventType.TRANSFORMATION]
        for lot in known
    }
    events = {event.digest: event for lot in known for event in histories.of(lot).events}
    ordered = in_order(events.values())
    movements = {
        event.digest: histories.movement(event)
        for event in ordered
        if event.type != EventType.TRANSFORMATION
    }
    containers = sorted({name for lot in known for name in histories.of(lot).containers})
    made_by, used_by = _makers_and_users(histories, known)
    return LotGraph(
        asked=asked,
        direction=direction,
        lots={
            lot: ReachedLot(lot, reached.upstream.get(lot), reached.downstream.get(lot))
            for lot in lots
        },
        transformations=traversed,
        movements={
            lot: tuple(movements[event.digest] for event in history)
            for lot, history in moved.items()
        },
        made_by=made_by,
        used_by=used_by,
        unknown_containers=tuple(_unknown_movements(ledger, histories, unassigned)),
        container_events={name: tuple(ledger.naming([name])) for name in containers},
        excluded=tuple(_excluded(ledger, histories, lots)),
        contradictory_ids=tuple(
            event for event in ordered if event.event_id and ledger.says_otherwise(event)
        ),
        reused_containers=tuple(
            event for name in containers for event in histories.containment.reused(name)
        ),
        truncated=truncated,
    )


_ByLot = Mapping[str, tuple[Transformation, ...]]


def _makers_and_users(histories: Histories, lots: Iterable[str]) -> tuple[_ByLot, _ByLot]:
    """By lot: the transformations that made it, and those that used it, in order of time."""
    made_by: dict[str, tuple[Transformation, ...]] = {}
    used_by: dict[str, tuple[Transformation, ...]] = {}
    for lot in lots:
        found = {each.key: each for each in histories.transformations(lot)}
        ordered = sorted(found.values(), key=_time_of)
        if made := tuple(each for each in ordered if lot in each.output_lots):
            made_by[lot] = made
        if used := tuple(each for each in ordered if lot in each.input_lots):
            used_by[lot] = used
    return made_by, used_by


def _unknown_movements(
    ledger: Ledger, histories: Histories, unassigned: Iterable[Event]
) -> Iterator[Movement]:
    for event in in_order(filter(None, map(ledger.counting, unassigned))):
        movement = histories.movement(event)
        if movement.unknown_containers:
            yield movement


def _excluded(ledger: Ledger, histories: Histories, lots: Iterable[str]) -> Iterator[Excluded]:
    """What does not count of the events that name a lot, or a container while it is inside."""
    names: set[str] = set()
    containers: dict[str, set[str]] = defaultdict(set)
    for lot in lots:
        names |= ledger.ids_of(lot)
        for container in histories.of(lot).containers:
            containers[container].add(lot)
    for excluded in ledger.excluded({*names, *containers}):
        event = excluded.event
        if not names.isdisjoint(event.named_ids()) or any(
            portion.lot in containers[container]
            for container in containers.keys() & set(event.named_ids())
            for portion in histories.containment.within(container, moment_inside(event)).portions
        ):
            yield excluded

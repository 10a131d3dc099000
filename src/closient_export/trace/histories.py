"""What happened to each lot, as far as the events of a ledger say."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Generic, TypeVar

from attrs import frozen

from closient_export.epcis import Event, EventType, Item
from closient_export.trace.containment import Containment, carries, may_hold, moment_inside
from closient_export.trace.graph import Evidence, Movement, Portion, Transformation
from closient_export.trace.ledger import Ledger
from closient_export.trace.loads import ALWAYS, overlap
from closient_export.trace.steps import in_order

__all__ = ["Histories", "History"]


T = TypeVar("T")


class _Answers(Generic[T]):
    """What has been answered, for as long as no event comes on which it depends."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._settled: dict[str, T] = {}
        self._fresh: dict[str, T] = {}
        self._known = (0, 0, 0)

    def get(self, name: str) -> T | None:
        known = (self._ledger.withdrawals, self._ledger.late_lots, self._ledger.answers)
        if known != self._known:
            self._fresh.clear()
            if known[:2] != self._known[:2]:
                self._settled.clear()
            self._known = known
        return self._settled.get(name) or self._fresh.get(name)

    def put(self, name: str, answer: T) -> T:
        self._fresh[name] = answer
        return answer

    def settle(self) -> None:
        self._settled.update(self._fresh)
        self._fresh.clear()


@frozen
class History:
    """What one lot took part in, itself or inside a container."""

    events: Sequence[Event]
    """In order of time."""
    containers: frozenset[str]
    """What ever held it."""
    possible_containers: frozenset[str]
    """What may have held it: whether it did is known when their events are fetched."""

    @property
    def transforming(self) -> Iterator[Event]:
        """The events that are transformations, or parts of them."""
        return (event for event in self.events if event.type is EventType.TRANSFORMATION)


class Histories:
    """Answers what happened to lots; `needs` says what else must be fetched to answer fully."""

    def __init__(self, ledger: Ledger, *, reuse_gap: timedelta) -> None:
        self._ledger = ledger
        self.containment = Containment(ledger, reuse_gap=reuse_gap)
        self._lots: _Answers[History] = _Answers(ledger)
        self._transformations: _Answers[Transformation] = _Answers(ledger)

    def settle(self) -> None:
        """Keep what has been answered: all that is needed for it has been fetched."""
        self._lots.settle()
        self._transformations.settle()

    def of(self, lot: str) -> History:
        """The events that a lot takes part in, and what held it."""
        return self._lots.get(lot) or self._lots.put(lot, self._follow(lot))

    def _follow(self, lot: str) -> History:
        """From the lot outwards: what names it, then what names a container while it is inside."""
        names = self._ledger.ids_of(lot)
        found = {event.digest: event for event in self._ledger.naming(names)}
        steps = {
            (event.parent, item.id, ALWAYS)
            for event in found.values()
            if carries(event)
            for item in event.items
            if item.id in names
        }
        containers = {container for container, _, _ in steps}
        unopened = list(steps)
        while unopened:
            container, name, span = unopened.pop()
            for load in self.containment.spans(container, name):
                if (common := overlap(load, span)) is None:
                    continue
                for event in self.containment.events_with(container, name, common):
                    if event.digest in found or self._holds(container, lot, event):
                        found[event.digest] = event
                        containers.add(container)
                        if carries(event):
                            containers.add(event.parent)
                for outer, stay in self.containment.stays(container).items():
                    step = (outer, container, common)
                    if step not in steps and overlap(stay, common) is not None:
                        steps.add(step)
                        unopened.append(step)
        possible = frozenset(container for container, _, _ in steps)
        return History(in_order(found.values()), frozenset(containers), possible)

    def _holds(self, container: str, lot: str, event: Event) -> bool:
        inside = self.containment.within(container, moment_inside(event))
        return any(portion.lot == lot for portion in inside.portions)

    def needs(self, lot: str) -> Iterator[str]:
        """What must be fetched to know what happened to a lot, as far as that is known by now."""
        yield from self._ledger.ids_of(lot)
        if lot not in self._ledger.fetched:
            return
        history = self.of(lot)
        yield from history.possible_containers
        for event in history.transforming:
            if event.transformation_id:
                yield event.transformation_id
            for part in self._parts(event):
                yield from self.boxes((*part.inputs, *part.outputs), part)

    def boxes(self, items: Iterable[Item], event: Event) -> Iterator[str]:
        """What may be containers among some items, and inside them, opened or not."""
        boxes = [item.id for item in items if may_hold(item)]
        seen = set(boxes)
        while boxes:
            box = boxes.pop()
            yield box
            inside, _ = self.containment.contents(box, moment_inside(event))
            for item in inside:
                if item.id not in seen and may_hold(item):
                    seen.add(item.id)
                    boxes.append(item.id)

    def _parts(self, event: Event) -> list[Event]:
        """All events of the transformation that an event belongs to."""
        if not event.transformation_id:
            return [event]
        named = self._ledger.naming([event.transformation_id])
        return [each for each in named if each.type is EventType.TRANSFORMATION]

    def transformations(self, lot: str) -> Iterator[Transformation]:
        """Those that used or made a lot."""
        return map(self._transformation, self.of(lot).transforming)

    def _transformation(self, event: Event) -> Transformation:
        key = event.transformation_id or event.digest
        known = self._transformations.get(key)
        return known or self._transformations.put(key, self._put_together(event))

    def _put_together(self, event: Event) -> Transformation:
        key = event.transformation_id or event.key
        if key == event.event_id and self._ledger.shares_id(event):
            key = f"ni:///sha-256;{event.digest}"
        parts = self._parts(event)
        return Transformation(
            key=key,
            events=tuple(parts),
            inputs=tuple((e, p) for e in parts for p in self._all_portions(e.inputs, e)),
            outputs=tuple((e, p) for e in parts for p in self._all_portions(e.outputs, e)),
        )

    def _all_portions(self, items: Sequence[Item], event: Event) -> Iterator[Portion]:
        """What a transformation uses or makes; a closed box stands for itself."""
        portions, closed = self._portions(items, event)
        yield from portions
        for box in closed:
            yield Portion(box, Item(box), evidence=Evidence.UNKNOWN)

    def items_in(self, items: Sequence[Item], event: Event) -> list[Item]:
        """The quantities and objects that some items of an event are or hold."""
        portions, _ = self._portions(items, event)
        return [portion.item for portion in portions]

    def movement(self, event: Event) -> Movement:
        """An event that is no transformation, with what it is about."""
        items = self._ledger.items_of(event)
        if event.parent and not event.items:
            items = (Item(event.parent),)
        portions, closed = self._portions(items, event)
        return Movement(event, tuple(portions), () if portions else tuple(closed))

    def _portions(self, items: Sequence[Item], event: Event) -> tuple[list[Portion], list[str]]:
        """The lots that items are or hold, and the containers of unknown content."""
        stated: list[Portion] = []
        held: list[Portion] = []
        closed: dict[str, None] = {}
        for item in items:
            holds = self.containment.is_container(item)
            is_stated = not holds or self._ledger.lot_of(item) is not None
            if is_stated:
                stated.append(Portion(self._ledger.stands_for(item), item))
            if holds:
                inside = self.containment.within(item.id, moment_inside(event))
                held += inside.portions
                closed |= {box: None for box in inside.closed if not (is_stated and box == item.id)}
        # An event that names a container and lots names what is inside twice.
        named = {portion.item.id for portion in stated}
        held = [each for each in held if named.isdisjoint((each.lot, each.item.id))]
        return stated + held, list(closed)

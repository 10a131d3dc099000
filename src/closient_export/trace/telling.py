"""What an event about a lot tells of a shipment or receipt of it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import cached_property

from attrs import Factory, define

from closient_export.epcis import Event, EventType, IdentifierKind, Item, parse_identifier
from closient_export.trace.containment import carries
from closient_export.trace.deliveries import party_of, totals
from closient_export.trace.descriptions import site_of
from closient_export.trace.graph import Evidence, Movement
from closient_export.trace.steps import SHIPPING_STEPS

__all__ = ["Clue", "Telling", "ToldMove", "added", "ends_of", "told_together"]

_ONE_MOVE = timedelta(days=7)
"""How far apart events may be that tell of the same move."""

Clue = str | Item | tuple[str, bool]


def ends_of(event: Event) -> tuple[str, str]:
    """Where a shipment or receipt says that it starts and ends; empty where it does not."""
    start, end = (party_of(ends, ("location",)) for ends in (event.sources, event.destinations))
    if event.biz_step in SHIPPING_STEPS:
        return start or event.place, end
    return start, end or event.place


@define(eq=False)
class Telling:
    """What an event tells of a move of one lot."""

    movement: Movement
    lot: str
    ships: bool

    @property
    def event(self) -> Event:
        """What tells of it."""
        return self.movement.event

    @cached_property
    def ends(self) -> tuple[str, str]:
        """Where the move starts and ends, as far as the event says."""
        return ends_of(self.event)

    @cached_property
    def site(self) -> str:
        """Where the goods leave or arrive."""
        return site_of(self.ends[0 if self.ships else 1])

    @cached_property
    def papers(self) -> frozenset[str]:
        """The identifiers of its reference documents."""
        return frozenset(document.id for document in self.event.documents)

    @cached_property
    def things(self) -> frozenset[str]:
        """The boxes and single items that the event or what it is about names."""
        single = (IdentifierKind.CONTAINER, IdentifierKind.SERIAL)
        named = {n for n in self.event.named_ids() if parse_identifier(n).kind in single}
        return frozenset(named.union(name for name in self.names if isinstance(name, str)))

    @cached_property
    def names(self) -> frozenset[str | Item]:
        """What it is about: innermost boxes and single items, else quantities."""
        box = self.event.parent if carries(self.event) else ""
        return frozenset(
            each.item.id
            if each.item.id != each.lot
            else each.containers[-1]
            if each.containers
            else box or each.item
            for each in self.movement.portions
            if each.lot == self.lot
        )

    @cached_property
    def amounts(self) -> Mapping[str, Decimal | None]:
        """By unit: how much of the lot it is about; ``None`` where that is not said."""
        return totals([self.movement], self.lot)

    @property
    def is_stated(self) -> bool:
        """Whether the event itself says how much it is about."""
        portions = (each for each in self.movement.portions if each.lot == self.lot)
        return all(each.evidence is Evidence.STATED for each in portions)

    @property
    def only_links(self) -> bool:
        """Whether it gives a move its papers rather than telling of it."""
        return self.event.type is EventType.TRANSACTION

    @cached_property
    def is_boxed(self) -> bool:
        """Whether it is about boxes and single items alone, rather than about quantities."""
        return all(isinstance(name, str) for name in self.names)

    @property
    def clues(self) -> Iterator[str | Item]:
        """What another event may have in common with it."""
        yield from self.names | self.things | self.papers

    def is_linked(self, other: "Telling") -> bool:
        """Whether things or papers say that both are about the same goods."""
        return not (self.things.isdisjoint(other.things) and self.papers.isdisjoint(other.papers))

    def agrees(self, other: "Telling") -> bool:
        """Whether nothing that both say speaks against their being one move."""
        if abs(self.event.time - other.event.time) > _ONE_MOVE:
            return False
        for one, another in zip(self.ends, other.ends, strict=True):
            if one and another and site_of(one) != site_of(another):
                return False
        if self.papers and other.papers and self.papers.isdisjoint(other.papers):
            # One move may have papers of two kinds, but two of one business step are two moves.
            is_other = self.event.biz_step == other.event.biz_step
            is_other = is_other and not (self.only_links or other.only_links)
            return not is_other and not self.things.isdisjoint(other.things)
        return self.is_linked(other) or not self.names.isdisjoint(other.names)


@define(eq=False)
class ToldMove:
    """The events that tell of one shipment or receipt; the first of them counts."""

    tellings: list[Telling]
    told: dict[str, set[str | Item]] = Factory(lambda: defaultdict(set))
    """By business step: what events other than the first have told of."""
    amounts: dict[str, dict[str, Decimal | None]] = Factory(lambda: defaultdict(dict))
    """By business step: how much these were about."""

    @property
    def first(self) -> Telling:
        """The event that counts."""
        return self.tellings[0]

    def add(self, each: Telling, names: Iterable[str | Item]) -> None:
        """Take an event to tell of this move, as far as some names go."""
        self.tellings.append(each)
        self.told[each.event.biz_step].update(names)
        amounts = self.amounts[each.event.biz_step]
        for uom, amount in each.amounts.items():
            amounts[uom] = added(amounts.get(uom, Decimal(0)), amount)

    def room(self, step: str, uom: str) -> Decimal | None:
        """How much of a move no event of a step has told of; ``None`` if that is not known."""
        told = self.amounts[step].get(uom, Decimal(0))
        limit = self.first.amounts.get(uom)
        return None if limit is None or told is None else max(limit - told, Decimal(0))

    def has_room(self, each: Telling) -> bool:
        """Whether a move is of as much as an event, and those of its step before it, tell of."""
        step = each.event.biz_step
        for uom, amount in each.amounts.items():
            room = self.room(step, uom)
            if amount is None or room is None:
                return not self.amounts[step]  # there is nothing to compare, so it is one for one
            if amount > room:
                return False
        return True


def told_together(moves: Sequence[ToldMove], each: Telling) -> list[ToldMove]:
    """Of some moves, nearest first, the one or those of as much as an event tells of; else none."""
    step = each.event.biz_step
    for move in moves:
        if move.has_room(each):
            return [move]
    left = dict(each.amounts)
    found = []
    for move in moves:
        rooms = {uom: move.room(step, uom) for uom in left}
        if any(rooms.values()):
            found.append(move)
        for uom, room in rooms.items():
            left[uom] = added(left[uom], None if room is None else -room)
        if all(amount is not None and amount <= 0 for amount in left.values()):
            return found
    return []


def added(known: Decimal | None, more: Decimal | None) -> Decimal | None:
    """A sum, which is not known where one of its parts is not."""
    return None if known is None or more is None else known + more

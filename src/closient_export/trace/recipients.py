"""Where a harvested or cooled lot went next: its immediate subsequent recipients (21 CFR 1.1325)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain

from attrs import evolve, frozen

from closient_export.epcis import Event
from closient_export.trace.cells import MISSING, Cell, amount_cells, repeated
from closient_export.trace.deliveries import (
    Amount,
    amounts_of,
    left_from,
    party_of,
    received_at,
    totals,
)
from closient_export.trace.descriptions import site_of
from closient_export.trace.facts import Facts
from closient_export.trace.graph import Movement, Portion
from closient_export.trace.kdes import CriticalTrackingEvent
from closient_export.trace.on_hand import LOSS
from closient_export.trace.steps import RECEIVING_STEPS, moment_of

__all__ = ["Share", "shares"]

_HARVESTING = CriticalTrackingEvent.HARVESTING


@frozen
class Share:
    """A part of what an event harvested or cooled, and where it went."""

    recipient: str
    """Empty where no event says it."""
    cells: dict[str, Cell]
    """Of the recipient, and of quantity and unit."""


def shares(
    facts: Facts, event: Event, lot: str, amount: Amount, cte: CriticalTrackingEvent
) -> Iterator[Share]:
    """Who got an amount that an event harvested or cooled, and how much of it.

    Args:
        facts: What is known.
        event: The harvest or the cooling.
        lot: What it is about.
        amount: How much of it, perhaps in one of several containers.
        cte: What the event is, by which others of its kind are known.
    """
    if place := party_of(event.destinations):
        yield _share(facts, place, amount_cells(amount))
        return
    batch = _batch(facts, event, lot, amount, cte)
    if not batch.parts:
        place, later = _next(facts, event, lot, amount)
        yield _share(facts, place, amount_cells(amount), later)
        return
    parts, rest = _split(batch, amount)
    if len(parts) < 2 and rest is None:
        place, later, _ = (parts or batch.parts)[-1]
        yield _share(facts, place, amount_cells(amount), later)
        return
    for place, later, part in parts:
        yield _share(facts, place, amount_cells(part, event=later), later)
    if rest is not None:
        yield _share(facts, "", amount_cells(evolve(amount, quantity=rest), event=event))


def _share(facts: Facts, place: str, amount: dict[str, Cell], later: Event | None = None) -> Share:
    where = facts.location("recipient", place, later) if place else repeated("recipient", MISSING)
    return Share(place, where | amount)


_Part = tuple[str, Event, Amount]
"""Where something went, the event that says so, and how much."""


@frozen
class _Batch:
    """What was harvested or cooled at one place with nothing taken away between, and what then was."""

    whole: Mapping[str, Decimal | None]
    """By unit: how much it is; ``None`` where that is not said."""
    before: Decimal
    """How much of it is of events before the one in question, in the unit of its amount."""
    is_last: bool
    """Whether none of it is of a later event."""
    parts: Sequence[_Part]
    """By recipient, in the order in which they got something."""

    def is_short(self, uom: str) -> bool:
        """Whether more than may have been lost is not known to have left."""
        whole = self.whole[uom]
        if whole is None:
            return False
        left = whole
        for _, _, part in self.parts:
            if part.quantity is None or part.uom not in self.whole:
                return False
            if part.uom == uom:
                left -= part.quantity
        return left > whole * LOSS


def _split(batch: _Batch, amount: Amount) -> tuple[list[_Part], Decimal | None]:
    """What became of an amount of a batch, and what is left of it, if that is known.

    What came before it went first. A little that is left may have been lost.
    """
    if amount.quantity is None:
        return list(batch.parts), None
    before, left = batch.before, amount.quantity
    found: list[_Part] = []
    for place, later, part in batch.parts:
        if part.quantity is None or part.uom not in batch.whole:
            found.append((place, later, part))
        elif part.uom == amount.uom:
            passed = min(before, part.quantity)
            before -= passed
            taken = part.quantity - passed
            if not batch.is_last:
                taken = min(taken, left)
            # More may have left than was harvested, by what partners say: it is told as they say it.
            left -= taken
            if taken:
                found.append((place, later, evolve(part, quantity=taken)))
    is_rest = left > amount.quantity * LOSS and batch.is_short(amount.uom)
    return found, left if is_rest else None


def _batch(
    facts: Facts, event: Event, lot: str, amount: Amount, cte: CriticalTrackingEvent
) -> _Batch:
    here, now = site_of(event.place), moment_of(event)
    alike: list[Movement] = []
    others: list[Movement] = []
    for movement in _movements(facts, lot, _containers(amount.portions)):
        kind = facts.classified.movement(movement, lot).cte
        if kind is not cte and kind is not _HARVESTING:
            others.append(movement)
        # An event that says itself where its goods went says nothing of those of others.
        elif kind is cte and site_of(movement.event.place) == here:
            alike += [] if party_of(movement.event.destinations) else [movement]
    legs = _legs(others, here)
    earlier = [moment_of(leg[1].event) for leg in legs if moment_of(leg[1].event) < now]
    after = [leg for leg in legs if moment_of(leg[1].event) > now]
    if after:
        # Goods leave before more of them come: what leaves after the next harvest is of that one.
        first = moment_of(after[0][1].event)
        following = [moment_of(each.event) for each in alike if moment_of(each.event) > first]
        after = [leg for leg in after if not following or moment_of(leg[1].event) < following[0]]
        alike = [each for each in alike if moment_of(each.event) < first]
    together = {
        each.event.digest: each
        for each in alike
        if not earlier or moment_of(each.event) > earlier[-1]
    }
    together.setdefault(event.digest, Movement(event, amount.portions))
    before = [each for each in together.values() if moment_of(each.event) < now]
    return _Batch(
        whole=totals(together.values(), lot),
        before=totals(before, lot).get(amount.uom) or Decimal(0),
        is_last=all(moment_of(each.event) <= now for each in together.values()),
        parts=list(_by_recipient(after, lot, amount.uom)),
    )


def _containers(portions: Iterable[Portion]) -> set[str]:
    return {name for portion in portions for name in portion.containers}


def _movements(facts: Facts, lot: str, containers: set[str]) -> Iterator[Movement]:
    """What happened to a lot, or to what of it is in some containers."""
    for movement in facts.graph.movements.get(lot, ()):
        portions = tuple(
            each
            for each in movement.portions
            if each.lot == lot and not (containers and containers.isdisjoint(each.containers))
        )
        if portions:
            yield Movement(movement.event, portions)


_Leg = tuple[str, Movement]
"""Where something went, and what tells it."""


def _legs(movements: Iterable[Movement], here: str) -> list[_Leg]:
    """What says that some of a lot was taken from a place, and where to.

    A receipt says it where nothing that left does.
    """
    sent: list[_Leg] = []
    came: list[_Leg] = []
    for movement in movements if here else ():
        event = movement.event
        if event.biz_step in RECEIVING_STEPS:
            place, start = received_at(event), party_of(event.sources)
            legs = came
        else:
            place, start = party_of(event.destinations), left_from(event)
            legs = sent
        if place and site_of(start) == here != site_of(place):
            legs.append((place, movement))
    known = {site_of(place) for place, _ in sent}
    if all("/414/" in place for place in known):
        sent += [leg for leg in came if site_of(leg[0]) not in known]
    return sorted(sent, key=lambda leg: moment_of(leg[1].event))


def _by_recipient(legs: Iterable[_Leg], lot: str, uom: str) -> Iterator[_Part]:
    """How much each recipient got; a step that tells of the same again adds nothing."""
    told: dict[str, dict[str, list[_Leg]]] = defaultdict(lambda: defaultdict(list))
    for place, movement in legs:
        told[site_of(place)][movement.event.biz_step].append((place, movement))
    for by_step in told.values():
        place, first = next(iter(by_step.values()))[0]
        amounts = [
            amounts_of(
                (portion for _, movement in same for portion in movement.portions),
                lot,
                by_container=False,
            )
            for same in by_step.values()
        ]
        # The unit of the harvest says most, and then the step that tells of most.
        for amount in max(
            amounts, key=lambda step: max((each.uom == uom, each.quantity or 0) for each in step)
        ):
            yield place, first.event, amount


def _next(facts: Facts, event: Event, lot: str, amount: Amount) -> tuple[str, Event | None]:
    """The next place of a lot that anything tells, but for what happened to other containers."""
    here, now = site_of(event.place), moment_of(event)
    movements = facts.graph.movements.get(lot, ())
    same = [each.portions for each in movements if moment_of(each.event) == now]
    others = _containers(chain.from_iterable(same)) - _containers(amount.portions)
    for movement in movements:
        later = movement.event
        is_other = all(
            not others.isdisjoint(each.containers) for each in movement.portions if each.lot == lot
        )
        kind = facts.classified.movement(movement, lot).cte
        if moment_of(later) > now and not is_other and kind is not _HARVESTING:
            is_receipt = later.biz_step in RECEIVING_STEPS
            place = received_at(later) if is_receipt else party_of(later.destinations)
            if place and site_of(place) != here:
                return place, later
    return "", None

"""Where a harvested or cooled lot went next: its immediate subsequent recipients (21 CFR 1.1325)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from attrs import evolve, frozen

from closient_export.epcis import Event
from closient_export.trace.cells import MISSING, Cell, amount_cells, repeated
from closient_export.trace.deliveries import Amount, amounts_of, left_from, party_of, received_at
from closient_export.trace.descriptions import site_of
from closient_export.trace.facts import Facts
from closient_export.trace.graph import Movement
from closient_export.trace.kdes import CriticalTrackingEvent
from closient_export.trace.on_hand import LOSS
from closient_export.trace.steps import RECEIVING_STEPS, moment_of

__all__ = ["Share", "shares"]


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
    parts = _split(_batch(facts, event, lot, amount, cte), event, amount)
    if not parts:
        place, later = _next(facts, event, lot)
        yield _share(facts, place, amount_cells(amount), later)
        return
    told = [part for _, _, part in parts]
    rest = _rest(amount, told)
    if len(parts) == 1 and not rest:
        yield _share(facts, parts[0][0], amount_cells(amount), parts[0][1])
        return
    for place, later, part in parts:
        yield _share(facts, place, amount_cells(part, event=later), later)
    if rest:
        yield _share(facts, "", amount_cells(evolve(amount, quantity=rest), event=event))


def _share(facts: Facts, place: str, amount: dict[str, Cell], later: Event | None = None) -> Share:
    where = facts.location("recipient", place, later) if place else repeated("recipient", MISSING)
    return Share(place, where | amount)


def _rest(amount: Amount, told: Sequence[Amount]) -> Decimal | None:
    """What is left of an amount, if that is known and more than may have been lost."""
    gone = [part.quantity for part in told if part.uom == amount.uom]
    if amount.quantity is None or len(gone) < len(told):
        return None
    left = amount.quantity
    for quantity in gone:
        if quantity is None:
            return None
        left -= quantity
    return left if left > amount.quantity * LOSS else None


_Part = tuple[str, Event, Amount]
"""Where something went, the event that says so, and how much."""


def _split(batch: "_Batch", event: Event, amount: Amount) -> list[_Part]:
    """What became of one of the events of a batch: those before it went first."""
    before = Decimal(0)
    for other, quantity in batch.events:
        if other.digest == event.digest:
            break
        before += quantity
    left = amount.quantity
    is_last = bool(batch.events) and batch.events[-1][0].digest == event.digest
    found: list[_Part] = []
    for place, later, part in batch.parts:
        taken = part.quantity
        if taken is None or left is None or part.uom != amount.uom:
            found.append((place, later, part))
            continue
        passed = min(before, taken)
        before -= passed
        # More may have left than was harvested, by what partners say: it is told as they say it.
        taken = taken - passed if is_last else min(taken - passed, left)
        left -= taken
        if taken:
            found.append((place, later, evolve(part, quantity=taken)))
    return found


@frozen
class _Batch:
    """Events of one kind at one place with nothing taken away between them, and what then was."""

    events: tuple[tuple[Event, Decimal], ...]
    """With how much they are about."""
    parts: tuple[_Part, ...]
    """By recipient, in the order in which they got something."""


def _batch(
    facts: Facts, event: Event, lot: str, amount: Amount, cte: CriticalTrackingEvent
) -> _Batch:
    here = site_of(event.place)
    legs = list(_legs(facts, lot, here, amount.container))
    after = [leg for leg in legs if moment_of(leg[1].event) > moment_of(event)]
    alike = [
        movement
        for movement in facts.graph.movements.get(lot, ())
        if not amount.container
        and site_of(movement.event.place) == here
        and facts.classified.movement(movement, lot).cte is cte
    ]
    if after:
        # Goods leave before more of them come: what leaves after the next harvest is of that one.
        following = [
            each.event for each in alike if moment_of(each.event) > moment_of(after[0][1].event)
        ]
        if following:
            end = moment_of(following[0])
            after = [leg for leg in after if moment_of(leg[1].event) < end]
    start = max(
        (moment_of(m.event) for _, m in legs if moment_of(m.event) < moment_of(event)),
        default=None,
    )
    together = [
        (each.event, sum((a.quantity or Decimal(0) for a in amounts), Decimal(0)))
        for each in alike
        if (start is None or moment_of(each.event) > start)
        and (amounts := amounts_of(each.portions, lot))
    ]
    return _Batch(tuple(together), tuple(_by_recipient(after, lot, amount.container)))


_Leg = tuple[str, Movement]
"""Where something went, and what tells it."""


def _legs(facts: Facts, lot: str, here: str, container: str) -> Iterator[_Leg]:
    """What says that some of a lot was taken from a place, and where to.

    A receipt says it where nothing that left does.
    """
    sent: list[_Leg] = []
    came: list[_Leg] = []
    for movement in facts.graph.movements.get(lot, ()):
        event = movement.event
        if not here or (container and not _moves(movement, lot, container)):
            continue
        if event.biz_step in RECEIVING_STEPS:
            place, start = received_at(event), party_of(event.sources)
            legs = came
        else:
            place, start = party_of(event.destinations), left_from(event)
            legs = sent
        if place and site_of(start) == here != site_of(place):
            legs.append((place, movement))
    known = {site_of(place) for place, _ in sent}
    parties = any("/414/" not in place for place in known)
    legs = sent + [leg for leg in came if site_of(leg[0]) not in known and not parties]
    yield from sorted(legs, key=lambda leg: moment_of(leg[1].event))


def _moves(movement: Movement, lot: str, container: str) -> bool:
    return any(p.lot == lot and container in p.containers for p in movement.portions)


def _by_recipient(legs: Iterable[_Leg], lot: str, container: str) -> Iterator[_Part]:
    """How much each recipient got; a step that tells of the same again adds nothing."""
    told: dict[str, dict[str, list[_Leg]]] = defaultdict(lambda: defaultdict(list))
    for place, movement in legs:
        told[site_of(place)][movement.event.biz_step].append((place, movement))
    for by_step in told.values():
        place, first = next(iter(by_step.values()))[0]
        totals = [
            amounts_of(
                (
                    portion
                    for _, movement in same
                    for portion in movement.portions
                    if not container or container in portion.containers
                ),
                lot,
                by_container=False,
            )
            for same in by_step.values()
        ]
        most = max(totals, key=lambda amounts: max((a.quantity or 0 for a in amounts), default=0))
        for amount in most:
            yield place, first.event, amount


def _next(facts: Facts, event: Event, lot: str) -> tuple[str, Event | None]:
    """The next place of a lot that anything tells."""
    for movement in facts.graph.movements.get(lot, ()):
        later = movement.event
        if moment_of(later) <= moment_of(event):
            continue
        place = party_of(later.destinations)
        if later.biz_step in RECEIVING_STEPS:
            place = received_at(later)
            if site_of(place) == site_of(event.place):
                continue
        if place:
            return place, later
    return "", None

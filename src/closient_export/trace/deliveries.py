"""Which shipment of a lot arrived in which receipt."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from attrs import frozen

from closient_export.epcis import Event, Item, Party
from closient_export.epcis.units import in_words
from closient_export.trace.descriptions import site_of
from closient_export.trace.graph import Evidence, Movement, Portion

__all__ = [
    "Amount",
    "Delivery",
    "added_up",
    "amounts_of",
    "deliveries",
    "left_from",
    "party_of",
    "received_at",
    "totals",
]

PARTY_TYPES = ("location", "possessing_party", "owning_party")
"""In the order of how well each says where goods are: the physical place first (CBV 2.0, 7.4)."""


@frozen
class Amount:
    """How much of one lot an event is about, in one of the containers that it names."""

    container: str
    """As the event names it; empty where it names the lot."""
    quantity: Decimal | None
    uom: str
    portions: tuple[Portion, ...]

    @property
    def evidence(self) -> Evidence:
        """How it is known."""
        return self.portions[0].evidence

    @property
    def serials(self) -> Iterator[str]:
        """The single items of it that are named."""
        yield from (each.item.id for each in self.portions if each.item.id != each.lot)


def amounts_of(portions: Iterable[Portion], lot: str, *, by_container: bool = True) -> list[Amount]:
    """The portions of one lot, added up for each unit, and for each container that is named."""
    groups: dict[tuple[str, str], list[Portion]] = defaultdict(list)
    for portion in portions:
        if portion.lot == lot:
            container = next(iter(portion.containers), "") if by_container else ""
            groups[container, portion.item.uom].append(portion)
    return [
        Amount(container, _sum(each.item for each in group), uom, tuple(group))
        for (container, uom), group in sorted(groups.items())
    ]


def _sum(items: Iterable[Item]) -> Decimal | None:
    total = Decimal(0)
    for item in items:
        if item.quantity is None and item.id == item.lot:
            return None
        total += 1 if item.quantity is None else item.quantity  # a single object counts as one
    return total


def added_up(amounts: Iterable[Amount]) -> str:
    """What amounts are together, for people, as far as that is said."""
    known = (amount for amount in amounts if amount.quantity is not None)
    return " + ".join(in_words(amount.quantity, amount.uom) for amount in known)


def totals(movements: Iterable[Movement], lot: str) -> dict[str, Decimal | None]:
    """By unit: how much of a lot some events are about together; ``None`` where one does not say."""
    found: dict[str, Decimal | None] = {}
    for movement in movements:
        for amount in amounts_of(movement.portions, lot):
            known = found.get(amount.uom, Decimal(0))
            if known is None or amount.quantity is None:
                found[amount.uom] = None
            else:
                found[amount.uom] = known + amount.quantity
    return found


def party_of(parties: Iterable[Party], kinds: Sequence[str] = PARTY_TYPES) -> str:
    """The best of the sources or destinations of an event; empty if there is none."""
    by_type = {party.type: party.id for party in parties}
    return next((by_type[kind] for kind in kinds if kind in by_type), "")


def left_from(event: Event) -> str:
    """Where a shipment left from: a party only where no place is said."""
    return party_of(event.sources, ("location",)) or event.place or party_of(event.sources)


def received_at(event: Event) -> str:
    """Where a receipt took place."""
    return event.place or party_of(event.destinations)


@frozen
class Delivery:
    """A shipment of a lot and the receipts of it; one of both may be missing."""

    lot: str
    shipped: Movement | None
    received: tuple[Movement, ...]


def deliveries(
    lot: str, shipments: Sequence[Movement], receipts: Sequence[Movement]
) -> list[Delivery]:
    """Match the shipments of a lot with its receipts.

    The same container says most, then the same papers, then the places; where nothing is said, the
    earliest open shipment has arrived, rather than one of which all has. Of several shipments in one
    container it is the latest, since a container arrives before it is shipped again.

    Args:
        lot: Its canonical URI.
        shipments: Its shipments, in order of time.
        receipts: Its receipts, in order of time.
    """
    ships = [
        _Leg(each, lot, left_from(each.event), party_of(each.event.destinations))
        for each in shipments
    ]
    found: dict[int, list[Movement]] = defaultdict(list)
    unmatched = []
    index: dict[str, list[int]] = defaultdict(list)
    for number, ship in enumerate(ships):
        for clue in (*ship.containers, *ship.papers, ship.there if _is_place(ship.there) else "?"):
            index[clue].append(number)
    for movement in receipts:
        event = movement.event
        leg = _Leg(movement, lot, received_at(event), party_of(event.sources))
        clues = (*leg.containers, *leg.papers, leg.here, "?")
        candidates = {number for clue in clues for number in index.get(clue, ())}
        best = max(
            candidates,
            key=lambda number: _fitness(ships[number], leg, number, number not in found),
            default=None,
        )
        if best is None or _likeness(ships[best], leg) <= 0:
            unmatched.append(Delivery(lot, None, (movement,)))
        else:
            found[best].append(movement)
            ships[best].arrive(leg)
    matched = [Delivery(lot, s.movement, tuple(found[n])) for n, s in enumerate(ships)]
    return [*matched, *unmatched]


class _Leg:
    """One end of a delivery: what it says of the other end."""

    def __init__(self, movement: Movement, lot: str, own: str, other: str) -> None:
        self.movement = movement
        self.event: Event = movement.event
        self.containers = {
            container
            for portion in movement.portions
            if portion.lot == lot
            for container in portion.containers
        }
        if movement.event.parent:
            self.containers.add(movement.event.parent)
        self.papers = {document.id for document in movement.event.documents}
        self.here = site_of(own)
        self.there = site_of(other)
        self.amounts = totals([movement], lot)
        self._arrived: dict[str, Decimal | None] = {}

    def arrive(self, receipt: "_Leg") -> None:
        """Take a receipt to be of this shipment."""
        for uom, amount in receipt.amounts.items():
            known = self._arrived.get(uom, Decimal(0))
            self._arrived[uom] = None if known is None or amount is None else known + amount

    @property
    def has_arrived(self) -> bool:
        """Whether all of a shipment has been received."""
        return bool(self._arrived) and all(
            amount is not None and (self._arrived.get(uom) or 0) >= amount
            for uom, amount in self.amounts.items()
        )


def _fitness(ship: _Leg, receipt: _Leg, number: int, is_open: bool) -> tuple[int, bool, int]:
    """What the best of several shipments is found by."""
    likeness = _likeness(ship, receipt)
    if not ship.containers.isdisjoint(receipt.containers):
        return (likeness, True, number)
    if ship.has_arrived and ship.papers.isdisjoint(receipt.papers):
        likeness -= 3  # more of it would be another shipment's, if there is one
    return (likeness, is_open, -number)


def _likeness(ship: _Leg, receipt: _Leg) -> int:
    score = 0
    if ship.containers and receipt.containers:
        score += 8 if ship.containers & receipt.containers else -4
    score += 4 if ship.papers & receipt.papers else 0
    for said, seen in ((ship.there, receipt.here), (receipt.there, ship.here)):
        if _is_place(said) and _is_place(seen):
            score += 2 if said == seen else -6
    if _is_place(ship.here) and ship.here == receipt.here:
        score -= 3  # it may have come back, but not without any other sign
    # A receipt before the shipment may be a wrong clock, but not without any other sign.
    return score + (1 if ship.event.time <= receipt.event.time else -3)


def _is_place(identifier: str) -> bool:
    return bool(identifier) and "/417/" not in identifier and ":party:" not in identifier

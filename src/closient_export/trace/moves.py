"""Which shipments and receipts are moves from one street address to another (21 CFR 1.1310)."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta

from closient_export.epcis import Event, EventType, IdentifierKind, Item, parse_identifier
from closient_export.master_data import LocationDescription
from closient_export.trace.deliveries import party_of
from closient_export.trace.descriptions import site_of
from closient_export.trace.graph import Movement
from closient_export.trace.origins import Origin
from closient_export.trace.steps import RECEIVING_STEPS, SHIPPING_STEPS

__all__ = ["Moves"]

_ONE_MOVE = timedelta(days=7)
"""How far apart events may be that tell of one and the same move."""


class Moves:
    """Tells moves from what only looks like one.

    Args:
        movements: By lot, what happened to it.
        origin_of: How a lot came to be.
        location_of: Describes a place, as far as master data do.
    """

    def __init__(
        self,
        movements: Mapping[str, Sequence[Movement]],
        origin_of: Callable[[str], Origin | None],
        location_of: Callable[[str], LocationDescription | None],
    ) -> None:
        self._movements = movements
        self._origin_of = origin_of
        self._location_of = location_of
        self._no_moves: dict[tuple[str, str], str] = {}
        self._clues: dict[str, dict[str, dict[str, Event]]] = {}
        """By lot, and by what tells that it is the same move: shipments and receipts."""

    def no_move(self, event: Event, lot: str) -> str:
        """Why a shipment or receipt is no move from one street address to another; empty if it is."""
        place = (lot, event.digest)
        if place not in self._no_moves:
            self._no_moves[place] = self._no_move(event, lot)
        return self._no_moves[place]

    def _no_move(self, event: Event, lot: str) -> str:
        ships = event.biz_step in SHIPPING_STEPS
        ours, theirs = (SHIPPING_STEPS, RECEIVING_STEPS)[:: 1 if ships else -1]
        if event.biz_step not in ours:
            return ""
        better = ours[: ours.index(event.biz_step)]
        if self._is_told_by_others(event, lot):
            return (
                f"the papers of a {'shipment' if ships else 'receipt'} that another event records"
            )
        is_open = not all(_ends_of(event))
        is_within = self._is_within(event) or (not ships and self._was_made_here(event, lot))
        for other in self._maybe_same_moves(event, lot) if better or is_open else ():
            repeats = other.biz_step in better and site_of(other.place) == site_of(event.place)
            told = is_open and other.biz_step in theirs and self._is_within(other)
            if (repeats or told) and _is_same_move(event, other):
                if repeats:
                    move = "departure of a shipment" if ships else "arrival of a receipt"
                    return f"the {move} that another event records"
                is_within = True
        return "within one street address (21 CFR 1.1310)" if is_within else ""

    def _is_told_by_others(self, event: Event, lot: str) -> bool:
        """Whether an event only links a move to its papers: others name all that it has of a lot."""
        if event.type is not EventType.TRANSACTION:
            return False
        named = self._names_of(event, lot)
        for other in self._maybe_same_moves(event, lot):
            is_move = other.type is not event.type and other.biz_step == event.biz_step
            is_here = site_of(other.place) == site_of(event.place)
            if is_move and is_here and _is_same_move(event, other):
                named -= self._names_of(other, lot)
        return not named

    def _names_of(self, event: Event, lot: str) -> set[str | Item]:
        """What an event names of a lot: boxes, and the lot or its items themselves."""
        return {
            portion.containers[0] if portion.containers else portion.item
            for movement in self._movements.get(lot, ())
            if movement.event.digest == event.digest
            for portion in movement.portions
            if portion.lot == lot
        }

    def _maybe_same_moves(self, event: Event, lot: str) -> Iterator[Event]:
        """The other shipments and receipts of a lot that may tell of the same move."""
        if lot not in self._clues:
            clues = self._clues[lot] = defaultdict(dict)
            for each in (movement.event for movement in self._movements.get(lot, ())):
                if each.biz_step in (*SHIPPING_STEPS, *RECEIVING_STEPS):
                    for clue in ("", *_things_of(each), *(_papers_of(each) or ("no papers",))):
                        clues[clue][each.digest] = each
        papers = _papers_of(event)
        wanted = (*_things_of(event), *papers, "no papers") if papers else ("",)
        found = {digest: e for clue in wanted for digest, e in self._clues[lot][clue].items()}
        yield from (other for digest, other in found.items() if digest != event.digest)

    def _is_within(self, event: Event) -> bool:
        """Whether an event states both ends of a move, with one street address and one owner."""
        start, end = _ends_of(event)
        owners = {party_of(ends, _OWNERS) for ends in (event.sources, event.destinations)} - {""}
        return bool(start and end) and len(owners) < 2 and self.same_address(start, end)

    def _was_made_here(self, event: Event, lot: str) -> bool:
        """Whether a lot is received where it got its code, and nobody says that it ever left."""
        origin = self._origin_of(lot)
        return (
            origin is not None
            and origin.assigns_code
            and not event.sources
            and site_of(origin.event.place) == site_of(event.place)
            and not any(
                other.event.biz_step in SHIPPING_STEPS and other.event.time <= event.time
                for other in self._movements[lot]
            )
        )

    def same_address(self, one: str, other: str) -> bool:
        """Whether two places are parts of one location, or have the same street address."""
        if site_of(one) == site_of(other):
            return True
        addresses = [_address(self._location_of(place)) for place in (one, other)]
        return addresses[0] == addresses[1] != ()


_PLACES = ("location",)
_OWNERS = ("owning_party",)


def _address(location: LocationDescription | None) -> tuple[str, ...]:
    if location is None or not (location.street and location.city):
        return ()
    parts = (location.street, location.city, location.state)
    return tuple(" ".join(part.casefold().split()) for part in parts)


def _ends_of(event: Event) -> tuple[str, str]:
    """Where a shipment or receipt says that it starts and ends; empty where it does not."""
    start, end = (party_of(ends, _PLACES) for ends in (event.sources, event.destinations))
    if event.biz_step in SHIPPING_STEPS:
        return start or event.place, end
    return start, end or event.place


def _is_same_move(event: Event, other: Event) -> bool:
    """Whether two events tell of the same goods on the same way: by their boxes, papers, or lots."""
    if abs(event.time - other.time) > _ONE_MOVE:
        return False
    for one, another in zip(_ends_of(event), _ends_of(other), strict=True):
        if one and another and site_of(one) != site_of(another):
            return False
    if not _things_of(event).isdisjoint(_things_of(other)):
        return True
    papers, others = _papers_of(event), _papers_of(other)
    if papers and others:
        return not papers.isdisjoint(others)
    return not set(event.items).isdisjoint(other.items)


def _things_of(event: Event) -> set[str]:
    """The boxes and single items that an event names."""
    single = (IdentifierKind.CONTAINER, IdentifierKind.SERIAL)
    return {name for name in event.named_ids() if parse_identifier(name).kind in single}


def _papers_of(event: Event) -> set[str]:
    return {document.id for document in event.documents}

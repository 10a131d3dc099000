"""Which shipments and receipts are moves from one street address to another (21 CFR 1.1310)."""

from collections.abc import Callable, Mapping, Sequence

from closient_export.epcis import Event
from closient_export.master_data import LocationDescription
from closient_export.trace.deliveries import party_of
from closient_export.trace.descriptions import site_of
from closient_export.trace.graph import Movement
from closient_export.trace.origins import Origin
from closient_export.trace.same_moves import SameMoves
from closient_export.trace.steps import RECEIVING_STEPS, SHIPPING_STEPS
from closient_export.trace.telling import ends_of

__all__ = ["Moves"]


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
        self._told: dict[str, SameMoves] = {}

    def no_move(self, event: Event, lot: str) -> str:
        """Why a shipment or receipt is no move from one street address to another; empty if it is."""
        if event.biz_step not in (*SHIPPING_STEPS, *RECEIVING_STEPS):
            return ""
        same = self._same_moves(lot)
        if reason := same.repeats.get(event.digest, ""):
            return reason
        ships = event.biz_step in SHIPPING_STEPS
        is_within = event.digest in same.inside or self._is_within(event)
        if is_within or (not ships and self._was_made_here(event, lot)):
            return "within one street address (21 CFR 1.1310)"
        return ""

    def doubt(self, event: Event, lot: str) -> str:
        """Why a shipment or receipt that counts as a move may be none; empty if nothing says so."""
        if doubt := self._same_moves(lot).doubts.get(event.digest, ""):
            return doubt
        start, end = ends_of(event)
        names = self._names_at_one_address(start, end)
        if len(names) < 2 or _changes_hands(event) is not None:
            return ""
        return f"counts as a move since {' and '.join(names)} are two names at one street address"

    def _same_moves(self, lot: str) -> SameMoves:
        if lot not in self._told:
            self._told[lot] = SameMoves(lot, self._movements.get(lot, ()), self._is_within)
        return self._told[lot]

    def _is_within(self, event: Event) -> bool:
        """Whether an event states both ends of a move, with one street address and one firm.

        The rule leaves out moves within a company only, not those between firms of one market.
        """
        start, end = ends_of(event)
        if not (start and end and self.same_address(start, end)):
            return False
        changes = _changes_hands(event)
        return not (len(self._names_at_one_address(start, end)) > 1 if changes is None else changes)

    def _names_at_one_address(self, start: str, end: str) -> list[str]:
        """What the firms at two places of one street address are called, as far as that differs.

        A location number is one firm's, whatever the parts of the location are called.
        """
        if not (start and end) or site_of(start) == site_of(end):
            return []
        if not self.same_address(start, end):
            return []
        places = [self._location_of(place) for place in (start, end)]
        names = {_bare(place.business_name): place.business_name for place in places if place}
        return [name for bare, name in names.items() if bare]

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


def _changes_hands(event: Event) -> bool | None:
    """Whether goods go from one party to another, as far as an event says; ``None`` if it does not."""
    answer = None
    for kind in ("owning_party", "possessing_party"):
        giver, taker = (party_of(ends, (kind,)) for ends in (event.sources, event.destinations))
        if giver and taker and giver != taker:
            return True
        if giver and taker and kind == "possessing_party":
            answer = False
    return answer


def _bare(name: str) -> str:
    """A name without what is written now so, now so."""
    return "".join(character for character in name.casefold() if character.isalnum())


def _address(location: LocationDescription | None) -> tuple[str, ...]:
    if location is None or not (location.street and location.city):
        return ()
    parts = (location.street, location.city, location.state)
    return tuple(" ".join(part.casefold().split()) for part in parts)

"""The genealogy of a lot as a graph of lots, places and dates, ready to be drawn."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from attrs import field, frozen, validators

__all__ = [
    "Delivery",
    "Diagram",
    "DiagramLink",
    "DiagramLot",
    "DiagramPlace",
    "DiagramShipment",
    "deliveries",
    "format_date",
    "printable",
]

_AMOUNT = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?) (\S.*)", re.DOTALL)


@frozen(kw_only=True)
class DiagramLot:
    """A lot."""

    id: str
    """Its canonical URI, which no other lot of the diagram has."""
    code: str
    """The traceability lot code as printed."""
    product: str
    """The name of the product; empty when unknown."""
    place: str
    """The id of the place that assigned the code, the source; empty when unknown."""
    quantity: str
    """How much there was, with its unit, such as ``420 cases``; empty when unknown."""
    created: date | None
    """When the code was assigned."""
    asked: bool
    """Whether it is the lot that the trace was asked for."""
    hops: int
    """Transformations away from the asked lot: negative before it, positive after it."""
    errors: int = field(default=0, validator=validators.ge(0))
    """How many errors the trace found in its records."""
    warnings: int = field(default=0, validator=validators.ge(0))
    """How many warnings the trace found in its records."""
    harvested_only: bool = False
    """Whether it was harvested but has no traceability lot code yet."""


@frozen(kw_only=True)
class DiagramPlace:
    """A farm, a packing house, a warehouse, a store."""

    id: str
    """Its identifier, which no other place of the diagram has."""
    name: str
    """What people call it."""
    locality: str
    """Town and state, such as ``Yuma, AZ``; empty when unknown."""


@frozen(kw_only=True)
class DiagramLink:
    """That one lot went into another."""

    source: str
    """The id of the lot that was used."""
    target: str
    """The id of the lot that was made."""
    label: str
    """How it was made, such as ``Transformation`` or ``Initial packing``."""
    date: "date | None"
    """When it was made."""
    quantity: str
    """How much of `source` was used; empty when unknown."""
    doubtful: bool
    """Whether the dates contradict each other: made before its ingredient was."""


@frozen(kw_only=True)
class DiagramShipment:
    """That some of a lot was sent from one place to another."""

    lot: str
    """The id of the lot."""
    origin: str
    """The id of the place that sent it; empty when unknown."""
    destination: str
    """The id of the place that it was sent to; empty when unknown."""
    shipped: date | None
    """When it left."""
    received: date | None
    """When it arrived."""
    quantity: str
    """How much was sent; empty when unknown."""


@frozen(kw_only=True)
class Diagram:
    """What there is to draw.

    Every id that a part names is the id of a lot or a place of the diagram, where ids are unique and
    those of places are not empty (`ValueError`).
    """

    title: str
    subtitle: str
    lots: tuple[DiagramLot, ...]
    places: tuple[DiagramPlace, ...]
    links: tuple[DiagramLink, ...]
    shipments: tuple[DiagramShipment, ...]
    truncated: bool
    """Whether a limit was reached, so that lots, links or shipments may be missing."""

    def __attrs_post_init__(self) -> None:
        lots = _unique("lots", (lot.id for lot in self.lots))
        places = _unique("places", (place.id for place in self.places))
        if "" in places:
            raise ValueError("places: expected ids that are not empty, which means unknown")
        places.add("")
        _known("lots", "place", (lot.place for lot in self.lots), places)
        _known("links", "lot", (link.source for link in self.links), lots)
        _known("links", "lot", (link.target for link in self.links), lots)
        _known("shipments", "lot", (shipment.lot for shipment in self.shipments), lots)
        _known("shipments", "place", (shipment.origin for shipment in self.shipments), places)
        _known("shipments", "place", (shipment.destination for shipment in self.shipments), places)


@frozen(kw_only=True)
class Delivery:
    """All shipments of one lot from one place to one other place."""

    lot: str
    origin: str
    destination: str
    count: int
    """How many shipments they are."""
    quantity: str
    """The sum where the units agree, otherwise one quantity after the other."""
    shipped: str
    """The day or the first and the last day that a shipment left; empty when unknown."""
    received: str
    """The day or the first and the last day that a shipment arrived; empty when unknown."""


def deliveries(shipments: Iterable[DiagramShipment]) -> tuple[Delivery, ...]:
    """The shipments added up, sorted by lot, origin and destination."""
    legs: dict[tuple[str, str, str], list[DiagramShipment]] = {}
    for shipment in sorted(shipments, key=_sent):
        leg = (shipment.lot, shipment.origin, shipment.destination)
        legs.setdefault(leg, []).append(shipment)
    return tuple(
        Delivery(
            lot=lot,
            origin=origin,
            destination=destination,
            count=len(members),
            quantity=_sum([shipment.quantity for shipment in members]),
            shipped=_days(shipment.shipped for shipment in members),
            received=_days(shipment.received for shipment in members),
        )
        for (lot, origin, destination), members in sorted(legs.items())
    )


def _sent(shipment: DiagramShipment) -> tuple[str, str, str]:
    return str(shipment.shipped), str(shipment.received), shipment.quantity


def format_date(day: date) -> str:
    """A date as mm/dd/yyyy.

    >>> format_date(date(2026, 4, 9))
    '04/09/2026'
    """
    return f"{day.month:02}/{day.day:02}/{day.year:04}"


def printable(text: str) -> str:
    r"""`text` on one line, without what cannot be seen or would turn its neighbours around.

    Left out are control characters, surrogates, noncharacters and the marks that change the
    direction of writing, so that what is left may stand in XML and beside other text.

    >>> printable("Romaine\x00\n hearts ")
    'Romaine hearts'
    """
    spaced = "".join(" " if character.isspace() else character for character in text)
    return " ".join("".join(filter(_is_printable, spaced)).split())


def _is_printable(character: str) -> bool:
    # Cf holds the direction marks, and two joiners that letters need to take their shapes.
    if unicodedata.category(character) in {"Cc", "Cf", "Co", "Cs"}:
        return character in "\u200c\u200d"
    code = ord(character)
    return code & 0xFFFE != 0xFFFE and not 0xFDD0 <= code <= 0xFDEF


def _sum(quantities: Sequence[str]) -> str:
    known = [quantity for quantity in quantities if quantity]
    matches = [match for match in map(_AMOUNT.fullmatch, known) if match]
    units = {match[2] for match in matches}
    if len(matches) < len(known) or len(units) != 1:
        return " + ".join(known)
    total = sum((Decimal(match[1]) for match in matches), Decimal())
    return f"{total:f} {units.pop()}"


def _days(days: Iterable[date | None]) -> str:
    known = sorted({day for day in days if day is not None})
    if not known:
        return ""
    first, last = format_date(known[0]), format_date(known[-1])
    return first if first == last else f"{first} to {last}"


def _unique(field_name: str, ids: Iterable[str]) -> set[str]:
    seen: set[str] = set()
    for identifier in ids:
        if identifier in seen:
            raise ValueError(f"{field_name}: expected every id once, got {identifier!r} again")
        seen.add(identifier)
    return seen


def _known(field_name: str, kind: str, ids: Iterable[str], known: set[str]) -> None:
    for identifier in ids:
        if identifier not in known:
            raise ValueError(f"{field_name}: expected the id of a {kind}, got {identifier!r}")

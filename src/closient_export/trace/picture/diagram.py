"""What a picture of the genealogy of a lot shows: lots, places, links and shipments."""

from collections.abc import Iterable
from datetime import date

from attrs import field, frozen, validators

from closient_export.trace.picture.text import format_date

__all__ = [
    "INCOMPLETE",
    "Diagram",
    "DiagramLink",
    "DiagramLot",
    "DiagramPlace",
    "DiagramShipment",
]

INCOMPLETE = "This picture is incomplete: a limit was reached"
"""What a picture of a truncated diagram says."""


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

    @property
    def made(self) -> str:
        """When it was made or harvested, in words; empty when unknown."""
        verb = "harvested" if self.harvested_only else "made"
        return f"{verb} {format_date(self.created)}" if self.created else ""


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

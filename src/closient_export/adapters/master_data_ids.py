"""Which identifiers descriptions of places and products may have."""

import re

from closient_export.epcis import IdentifierKind, parse_identifier
from closient_export.errors import shown
from closient_export.gs1 import CANONICAL_STEM
from closient_export.master_data import LocationDescription, ProductDescription

__all__ = ["GLN", "GTIN", "OTHERS", "Description", "id_problem"]

Description = LocationDescription | ProductDescription

GTIN, GLN = re.compile("[0-9]{8}|[0-9]{12,14}"), re.compile("[0-9]{13}")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:\S.*", re.DOTALL)
OTHERS = {
    LocationDescription: (IdentifierKind.PRODUCT, IdentifierKind.LOT, IdentifierKind.SERIAL),
    ProductDescription: (IdentifierKind.PLACE, IdentifierKind.PARTY),
}
_WANTED = {
    LocationDescription: "a place or party",
    ProductDescription: "a product or lot",
}


def id_problem(identifier: str, kind: type[Description]) -> str | None:
    """What is wrong with the id of a description, or ``None``."""
    if not _URI.fullmatch(identifier):
        meant = ""
        if kind is LocationDescription and GLN.fullmatch(identifier):
            meant = f" (did you mean {CANONICAL_STEM}/414/{identifier}?)"
        elif kind is ProductDescription and GTIN.fullmatch(identifier):
            meant = f" (did you mean {CANONICAL_STEM}/01/{identifier.zfill(14)}?)"
        return f"expected a Digital Link, a URN or another URI, got {shown(identifier)}{meant}"
    named = parse_identifier(identifier).kind
    if named in OTHERS[kind]:
        return f"expected {_WANTED[kind]}, got a {named}: {shown(identifier)}"
    return None

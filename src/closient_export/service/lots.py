"""The lot that a short id stands for."""

from urllib.parse import quote

from closient_export.gs1 import CANONICAL_STEM
from closient_export.gs1.digital_link import percent_encode
from closient_export.ids import ShortId
from closient_export.ports import EntitySource
from closient_export.requests import LabelFilters
from closient_export.subjects import Lot, Scope

__all__ = ["lot_of_id", "lot_uri"]


def lot_uri(lot: Lot) -> str:
    """The canonical URI of a lot; one that GS1 forbids has one, too, if somebody uses it."""
    try:
        code = percent_encode(lot.lot)
    except UnicodeEncodeError:  # GS1's lots are ASCII, and a byte of an address is a character
        code = quote(lot.lot, safe="", errors="surrogatepass")
    return f"{CANONICAL_STEM}/01/{lot.gtin}/10/{code}"


def lot_of_id(entities: EntitySource, owner: str, lot_id: ShortId) -> str | None:
    """The canonical URI of the lot of an owner that has a short id."""
    filters = LabelFilters(lot_ids=(lot_id,))
    plan = entities.plan(owner, Scope.LOTS, filters, part_size=1)
    for keys in plan.ranges:
        for lot in entities.subjects(owner, Scope.LOTS, filters, plan.snapshot, keys):
            if isinstance(lot, Lot):
                return lot_uri(lot)
    return None

"""The key data elements of each critical tracking event, as FDA's spreadsheet lays them out.

The sheets, their columns and the paragraph of 21 CFR behind each column are those of FDA's
Electronic Sortable Spreadsheet template (June 2024), a work of the US Government.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from attrs import frozen

__all__ = [
    "LOCATION_PARTS",
    "PRODUCT_PARTS",
    "RECEIPTS",
    "CriticalTrackingEvent",
    "KeyDataElement",
    "key_data_elements",
    "template_sheets",
]


class CriticalTrackingEvent(StrEnum):
    """What the rule wants records of; each value is the name of its sheet."""

    HARVESTING = "Harvesting"
    COOLING = "Cooling"
    INITIAL_PACKING = "Initial Packing"
    INITIAL_PACKING_SPROUTS = "Initial Packing Sprouts"
    INITIAL_PACKING_FROM_EXEMPT = "Initial Packing from Exempt"
    FIRST_LAND_BASED_RECEIVING = "First Land-Based Receiving"
    SHIPPING = "Shipping"
    RECEIVING = "Receiving"
    RECEIVING_FROM_EXEMPT = "Receiving From Exempt"
    TRANSFORMATION = "Transformation"

    @property
    def paragraph(self) -> str:
        """The paragraph of 21 CFR that asks for its records."""
        return _PARAGRAPHS[self]


RECEIPTS = (CriticalTrackingEvent.RECEIVING, CriticalTrackingEvent.RECEIVING_FROM_EXEMPT)
"""That food was received, from whomever (21 CFR 1.1345)."""

_PARAGRAPHS: Mapping[str, str] = MappingProxyType(
    {
        "Harvesting": "1.1325(a)",
        "Cooling": "1.1325(b)",
        "Initial Packing": "1.1330(a)",
        "Initial Packing Sprouts": "1.1330(b)",
        "Initial Packing from Exempt": "1.1330(c)",
        "First Land-Based Receiving": "1.1335",
        "Shipping": "1.1340(a)",
        "Receiving": "1.1345(a)",
        "Receiving From Exempt": "1.1345(b)",
        "Transformation": "1.1350(a)",
    }
)


@frozen
class KeyDataElement:
    """A column of FDA's spreadsheet."""

    name: str
    """Ours, such as ``recipient.phone``; empty on sheets that are not about events."""
    column: str
    """Its letter."""
    header: str
    hint: str
    paragraph: str
    """Of 21 CFR, such as ``1.1340(a)(4)``."""

    @property
    def heading(self) -> str:
        """The whole text of the heading cell."""
        return f"{self.header} {self.hint}" if self.hint else self.header

    @property
    def if_applicable(self) -> bool:
        """Whether records without it may be all that there are.

        More headings have the words, but there an empty cell is a gap: what does not apply is
        ``n/a``, so that food which was used, or a place where it was cooled, is known to be.
        """
        return _IF_APPLICABLE.search(self.header) is not None


_IF_APPLICABLE = re.compile(r"(Brand Name|Commodity|Variety) \(if applicable\)|\(if available\)")

LOCATION_PARTS = ("business_name", "phone", "address", "city", "state", "postal_code", "country")
"""A location description (21 CFR 1.1310), in the order of FDA's columns."""
PRODUCT_PARTS = (
    "product_name",
    "brand",
    "commodity",
    "variety",
    "packaging_size",
    "packaging_style",
)
"""A product description (21 CFR 1.1310), in the order of FDA's columns."""


def _location(name: str) -> tuple[str, ...]:
    return tuple(f"{name}.{part}" for part in LOCATION_PARTS)


def _product(name: str) -> tuple[str, ...]:
    return tuple(f"{name}.{part}" for part in PRODUCT_PARTS)


_DOCUMENTS = ("document_type", "document_number", "document_type_2", "document_number_2")
_LAYOUT: Mapping[CriticalTrackingEvent, tuple[str, ...]] = MappingProxyType(
    {
        CriticalTrackingEvent.HARVESTING: (
            *_location("recipient"),
            *("commodity", "variety", "quantity", "unit"),
            *_location("farm"),
            *("growing_area", "aquaculture_container", "date"),
            *_DOCUMENTS,
        ),
        CriticalTrackingEvent.COOLING: (
            *_location("recipient"),
            *("commodity", "variety", "quantity", "unit"),
            *_location("cooled"),
            "date",
            *_location("farm"),
            *_DOCUMENTS,
        ),
        CriticalTrackingEvent.INITIAL_PACKING: (
            *("commodity", "variety", "receive_date", "received_quantity", "received_unit"),
            *_location("farm"),
            *("growing_area", "aquaculture_container"),
            *("harvester.business_name", "harvester.phone", "harvest_date"),
            *_location("cooled"),
            *("cooling_date", "traceability_lot_code"),
            *_product("product"),
            *("quantity", "unit"),
            *_location("source"),
            *("source_reference", "date"),
            *_DOCUMENTS,
        ),
        CriticalTrackingEvent.INITIAL_PACKING_SPROUTS: (
            *_location("grower"),
            "seed_harvest_date",
            *_location("conditioner"),
            *("conditioner_lot_code", "conditioning_date"),
            *_location("packinghouse"),
            *("seed_packing_date", "packinghouse_lot_code"),
            *_location("repacker"),
            *("seed_repacking_date", "repacker_lot_code"),
            *_location("supplier"),
            *("supplier_lot_code", "supplier_sub_lot_code", "sprouter_lot_code"),
            *("seed_type", "seed_growing", "seed_packaging", "seed_treatment", "receive_date"),
            *_DOCUMENTS,
        ),
        CriticalTrackingEvent.INITIAL_PACKING_FROM_EXEMPT: (
            *("commodity", "variety", "receive_date", "received_quantity", "received_unit"),
            *_location("supplier"),
            "traceability_lot_code",
            *_product("product"),
            *("quantity", "unit"),
            *_location("source"),
            *("source_reference", "date"),
            *_DOCUMENTS,
        ),
        CriticalTrackingEvent.FIRST_LAND_BASED_RECEIVING: (
            *("traceability_lot_code", "species"),
            *_product("product"),
            *("quantity", "unit", "harvest_start", "harvest_end", "harvest_locations"),
            *_location("source"),
            *("source_reference", "date"),
            *_DOCUMENTS,
        ),
        CriticalTrackingEvent.SHIPPING: (
            *("traceability_lot_code", "quantity", "unit"),
            *_product("product"),
            *_location("recipient"),
            *_location("shipped_from"),
            "date",
            *_location("source"),
            "source_reference",
            *_DOCUMENTS,
        ),
        CriticalTrackingEvent.RECEIVING: (
            *("traceability_lot_code", "quantity", "unit"),
            *_product("product"),
            *_location("previous_source"),
            *_location("received"),
            "date",
            *_location("source"),
            "source_reference",
            *_DOCUMENTS,
        ),
        CriticalTrackingEvent.RECEIVING_FROM_EXEMPT: (
            *("traceability_lot_code", "quantity", "unit"),
            *_product("product"),
            *_location("previous_source"),
            *_location("source"),
            *("source_reference", "date"),
            *_DOCUMENTS,
        ),
        CriticalTrackingEvent.TRANSFORMATION: (
            "input_lot_code",
            *_product("input"),
            *("input_quantity", "input_unit", "traceability_lot_code"),
            *_location("source"),
            *("source_reference", "date"),
            *_product("product"),
            *("quantity", "unit"),
            *_DOCUMENTS,
        ),
    }
)


def key_data_elements(cte: CriticalTrackingEvent) -> tuple[KeyDataElement, ...]:
    """The columns of a critical tracking event's sheet, in order.

    >>> key_data_elements(CriticalTrackingEvent.SHIPPING)[0].paragraph
    '1.1340(a)(1)'
    """
    return template_sheets()[cte]


@cache
def template_sheets() -> Mapping[str, tuple[KeyDataElement, ...]]:
    """All sheets of FDA's template that take data, in its order, by their exact names."""
    text = (files("closient_export") / "trace" / "ess_template.tsv").read_text("utf-8")
    sheets: dict[str, list[KeyDataElement]] = {}
    for line in text.splitlines()[1:]:
        sheet, column, header, hint, paragraph = line.split("\t")
        elements = sheets.setdefault(sheet, [])
        names = _LAYOUT.get(sheet, ())  # type: ignore[call-overload]
        name = names[len(elements)] if names else ""
        elements.append(KeyDataElement(name, column, header, hint, paragraph))
    return MappingProxyType({sheet: tuple(elements) for sheet, elements in sheets.items()})

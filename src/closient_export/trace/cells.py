"""The cells of FDA's spreadsheet: a value, and where it comes from."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum

from attrs import frozen

from closient_export.epcis import BusinessDocument, Event, document_number
from closient_export.epcis.units import unit
from closient_export.master_data import LocationDescription, ProductDescription
from closient_export.trace.deliveries import Amount
from closient_export.trace.kdes import LOCATION_PARTS, PRODUCT_PARTS
from closient_export.trace.wording import NOT_APPLICABLE as NOT_APPLICABLE_TEXT
from closient_export.trace.wording import country, document_type, territory

__all__ = [
    "MISSING",
    "NOT_APPLICABLE",
    "SEE_REFERENCE",
    "Cell",
    "Provenance",
    "amount_cells",
    "coordinates",
    "derived",
    "document_cells",
    "location_cells",
    "product_cells",
    "repeated",
    "stated",
]


class Provenance(StrEnum):
    """Where a value comes from."""

    STATED = "stated"
    """In the event that the row is about."""
    DERIVED = "derived"
    """From another event, found by walking."""
    MASTER_DATA = "master data"
    NOT_APPLICABLE = "not applicable"
    MISSING = "missing"


@frozen
class Cell:
    """A value and its provenance."""

    value: str | Decimal | date
    provenance: Provenance
    source: str = ""
    """The key of the event that it is derived from, or the identifier that it describes."""


MISSING = Cell("", Provenance.MISSING)
NOT_APPLICABLE = Cell(NOT_APPLICABLE_TEXT, Provenance.NOT_APPLICABLE)
SEE_REFERENCE = Cell("n/a (See Traceability Lot Code Source Reference)", Provenance.NOT_APPLICABLE)
"""What FDA's own sample writes where a reference stands for the location description."""


def stated(value: str | Decimal | date | None) -> Cell:
    """A value of the row's own event, if there is one."""
    return MISSING if value is None or value == "" else Cell(value, Provenance.STATED)


def derived(value: str | Decimal | date | None, event: Event | None) -> Cell:
    """A value of another event, if there is one."""
    if value is None or value == "" or event is None:
        return MISSING
    return Cell(value, Provenance.DERIVED, event.key)


def repeated(prefix: str, cell: Cell) -> dict[str, Cell]:
    """The same cell for each part of a location or product description."""
    parts = PRODUCT_PARTS if prefix in ("product", "input") else LOCATION_PARTS
    return {f"{prefix}.{part}": cell for part in parts}


def location_cells(
    prefix: str, place: str, description: LocationDescription | None
) -> dict[str, Cell]:
    """The seven cells of a location description (21 CFR 1.1310)."""
    if description is None:
        return repeated(prefix, Cell("", Provenance.MISSING, place))

    def cell(value: str) -> Cell:
        provenance = Provenance.MASTER_DATA if value else Provenance.MISSING
        return Cell(value, provenance, place)

    abroad = bool(description.country) and country(description.country) != NOT_APPLICABLE_TEXT
    regional = NOT_APPLICABLE if abroad else cell("")
    state = description.state or territory(description.country)
    values = {
        "business_name": cell(description.business_name),
        "phone": cell(description.phone),
        "address": cell(description.street or coordinates(description)),
        "city": cell(description.city),
        "state": cell(state) if state else regional,
        "postal_code": cell(description.postal_code) if description.postal_code else regional,
        "country": cell(country(description.country) if description.country else ""),
    }
    return {f"{prefix}.{part}": value for part, value in values.items()}


def coordinates(description: LocationDescription) -> str:
    """Latitude and longitude, which may stand for a street address; empty if not both are known."""
    both = (description.latitude, description.longitude)
    return ", ".join(both) if all(both) else ""


def product_cells(prefix: str, lot: str, description: ProductDescription | None) -> dict[str, Cell]:
    """The six cells of a product description (21 CFR 1.1310)."""
    if description is None:
        return repeated(prefix, Cell("", Provenance.MISSING, lot))

    def cell(part: str) -> Cell:
        if value := getattr(description, part):
            return Cell(value, Provenance.MASTER_DATA, lot)
        if part in ("brand", "commodity", "variety"):
            return NOT_APPLICABLE
        return Cell("", Provenance.MISSING, lot)

    return {f"{prefix}.{part}": cell(part) for part in PRODUCT_PARTS}


def amount_cells(amount: Amount, prefix: str = "", event: Event | None = None) -> dict[str, Cell]:
    """Quantity and unit; `event` is where they are derived from, if not from the row's own.

    What is in a container that the row's event names is derived from what packed it.
    """
    source = event.key if event else amount.container
    uom = amount.uom or ("each" if any(amount.serials) else "")

    def cell(value: str | Decimal | None) -> Cell:
        if value is None or value == "":
            return MISSING
        return Cell(value, Provenance.DERIVED if source else Provenance.STATED, source)

    return {f"{prefix}quantity": cell(amount.quantity), f"{prefix}unit": cell(unit(uom))}


def document_cells(
    documents: Iterable[BusinessDocument], event: Event | None = None
) -> tuple[dict[str, Cell], str]:
    """The four cells of reference documents, and as text those that they have no room for."""
    unique = list(dict.fromkeys(documents))
    cells: dict[str, Cell] = {}
    for number, suffix in enumerate(("", "_2")):
        if number < len(unique):
            document = unique[number]
            values = (document_type(document.type), document_number(document.id))
            words = [derived(v, event) if event else stated(v) for v in values]
        else:
            words = [NOT_APPLICABLE if number else MISSING] * 2
        cells[f"document_type{suffix}"], cells[f"document_number{suffix}"] = words
    more = [f"{document_type(d.type)} {document_number(d.id)}".strip() for d in unique[2:]]
    return cells, "; ".join(more)

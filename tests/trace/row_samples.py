"""A small chain of lettuce, with its places and products, and ways to read the rows of its trace."""

from typing import Any

from trace_samples import (
    COOLER,
    FARM,
    FIELD,
    FISH,
    HARBOUR,
    KITCHEN,
    PACKED,
    PACKER,
    RAW,
    SALAD,
    STEM,
    STORE,
    Json,
    cell,
    destination,
    event,
    of,
    papers,
    quantity,
    source,
    traced,
)

from closient_export.epcis import Event
from closient_export.master_data import LocationDescription, ProductDescription
from closient_export.trace.classification import Classification, Rules
from closient_export.trace.kdes import CriticalTrackingEvent
from closient_export.trace.report import TraceReport
from closient_export.trace.rows import Row

Cte = CriticalTrackingEvent
STATED, DERIVED, MASTER_DATA, MISSING, NOT_APPLICABLE = (
    "stated",
    "derived",
    "master data",
    "missing",
    "not applicable",
)
PALLET = f"{STEM}/00/106141410000000018"
Told = tuple[str, str, str]
"""What a cell says, how that is known, and from where."""
MANY_PAPERS = papers(("prodorder", "1"), ("inv", "2"), ("bol", "3"), ("po", "4"))
NOTHING = ("n/a", NOT_APPLICABLE, "")
UNKNOWN = ("", MISSING, "")
FARM_2, NOWHERE = f"{STEM}/414/0614141000067", f"{STEM}/414/0614141000890"
PALLET_2 = f"{STEM}/00/106141410000000025"
PACKED_CODE = "(01)10614141000026(10)PACKED"
LOCATION = ("business_name", "phone", "address", "city", "state", "postal_code", "country")


def named(place: str, name: str, **more: str) -> LocationDescription:
    address = {
        "phone": "+1 555 0100",
        "street": f"{name} Road 1",
        "city": "Yuma",
        "state": "AZ",
        "postal_code": "85364",
        "country": "US",
    }
    return LocationDescription(id=place, business_name=name, **(address | more))


PLACES = [
    named(FARM, "Farm"),
    LocationDescription(id=FIELD, growing_area="East 7"),
    named(COOLER, "Cooler"),
    named(PACKER, "Packer"),
    named(KITCHEN, "Kitchen"),
    named(STORE, "Store"),
    named(HARBOUR, "Harbour"),
]
PRODUCTS = [
    ProductDescription(
        id=lot.partition("/10/")[0],
        product_name=name,
        commodity=name,
        packaging_size="10 lb",
        packaging_style="Carton",
    )
    for lot, name in ((RAW, "Romaine"), (PACKED, "Romaine hearts"), (SALAD, "Salad"), (FISH, "Cod"))
]

harvest = event(
    "ObjectEvent",
    "2027-03-01T08:00:00-07:00",
    "creating_class_instance",
    FARM,
    action="ADD",
    bizLocation={"id": FIELD},
    **papers(("prodorder", "H-1")),
    **of(RAW, 500, "LBR"),
)
chilled = event(
    "ObjectEvent", "2027-03-01T15:00:00-07:00", "other", COOLER, action="OBSERVE",
    sensorElementList=[{"sensorReport": [{"type": "Temperature", "value": 3.0, "uom": "CEL"}]}],
    **of(RAW, 500, "LBR"),
)  # fmt: skip
brought = event(
    "ObjectEvent", "2027-03-01T14:00:00-07:00", "receiving", COOLER, action="OBSERVE",
    **papers(("recadv", "C-1")), **source(FARM), **of(RAW, 500, "LBR"),
)  # fmt: skip
at_packer = event(
    "ObjectEvent", "2027-03-02T07:00:00-07:00", "receiving", PACKER, action="OBSERVE",
    **source(COOLER), **of(RAW, 490, "LBR"),
)  # fmt: skip
packing = event(
    "TransformationEvent", "2027-03-02T12:00:00-07:00", "creating_class_instance", PACKER,
    inputQuantityList=[quantity(RAW, 490, "LBR")], outputQuantityList=[quantity(PACKED, 40)],
    **papers(("prodorder", "P-1")),
)  # fmt: skip
shipping = event(
    "ObjectEvent", "2027-03-03T09:00:00-07:00", "shipping", PACKER, action="OBSERVE",
    **papers(("bol", "B-1")), **destination(KITCHEN), **of(PACKED, 40),
)  # fmt: skip
receiving = event(
    "ObjectEvent", "2027-03-04T09:00:00-07:00", "receiving", KITCHEN, action="OBSERVE",
    **papers(("recadv", "R-1")), **source(PACKER), **of(PACKED, 40),
)  # fmt: skip
TO_PACKING = (harvest, brought, chilled, at_packer, packing)


def without(said: Json, *names: str) -> Json:
    return {name: value for name, value in said.items() if name not in names}


def report(*events: Json, places: Any = PLACES, products: Any = PRODUCTS, **more: Any) -> Any:
    return traced(*events, places=places, products=products, **more)


def only(found: TraceReport, cte: Cte) -> Row:
    (row,) = found.rows[cte]
    return row


def key(found: TraceReport, step: str) -> str:
    """How other rows name the event with a step."""
    return next(
        movement.event.key
        for movements in found.graph.movements.values()
        for movement in movements
        if movement.event.biz_step == step
    )


def called(name: str, said: Json, **changes: object) -> Json:
    """An event with an id that ends so."""
    return said | {"eventID": f"urn:x:{name}"} | changes


def told(row: Row) -> dict[str, Told]:
    return {name: cell(row, name) for name in row.cells}


def beside(row: Row) -> dict[str, str]:
    """What stands after FDA's last column, as far as anything does."""
    names = (
        *("input_lot", "container", "origin_place", "destination_place"),
        *("further_documents", "linked_codes", "assumption"),
    )
    return {name: getattr(row, name) for name in names if getattr(row, name)}


def site(prefix: str, name: str, provenance: str, told_by: str) -> dict[str, Told]:
    """The cells of one of `PLACES`."""
    values = (name, "+1 555 0100", f"{name} Road 1", "Yuma", "AZ", "85364", "n/a")
    return {
        f"{prefix}.{part}": (value, provenance, told_by)
        for part, value in zip(LOCATION, values, strict=True)
    }


def nowhere(prefix: str, each: Told) -> dict[str, Told]:
    return {f"{prefix}.{part}": each for part in LOCATION}


def goods(prefix: str, name: str, lot: str) -> dict[str, Told]:
    """The cells of one of `PRODUCTS`."""
    return {
        f"{prefix}.product_name": (name, MASTER_DATA, lot),
        f"{prefix}.brand": NOTHING,
        f"{prefix}.commodity": (name, MASTER_DATA, lot),
        f"{prefix}.variety": NOTHING,
        f"{prefix}.packaging_size": ("10 lb", MASTER_DATA, lot),
        f"{prefix}.packaging_style": ("Carton", MASTER_DATA, lot),
    }


def documents(*words: str) -> dict[str, Told]:
    """Type and number of each document, as the row's own event states them."""
    names = ("document_type", "document_number", "document_type_2", "document_number_2")
    said = [(word, STATED, "") for word in words]
    return dict(zip(names, [*said, NOTHING, NOTHING][:4], strict=True))


def host(step: str, cte: Cte) -> Rules:
    """A host that says what events with a business step are."""

    def classifier(judged: Event, found: Classification) -> Cte | None:
        return cte if judged.biz_step == step else found.cte

    return Rules(classifier=classifier)

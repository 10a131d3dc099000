"""What the sheets say where lots are made: transformation, initial packing, sprouts."""

from typing import Any

import pytest
from row_samples import (
    DERIVED,
    MANY_PAPERS,
    MASTER_DATA,
    MISSING,
    NOT_APPLICABLE,
    NOTHING,
    PACKED_CODE,
    PALLET,
    PALLET_2,
    PLACES,
    PRODUCTS,
    STATED,
    UNKNOWN,
    Cte,
    at_packer,
    beside,
    called,
    chilled,
    documents,
    goods,
    harvest,
    host,
    named,
    nowhere,
    only,
    packing,
    report,
    site,
    told,
    without,
)
from trace_samples import (
    COOLER,
    FARM,
    KITCHEN,
    PACKED,
    PACKER,
    RAW,
    SALAD,
    STEM,
    STORE,
    Json,
    cell,
    event,
    of,
    quantity,
    source,
)

from closient_export.master_data import ProductDescription
from closient_export.trace.classification import Rules
from closient_export.trace.rows import Row

# --- transformation -------------------------------------------------------------------------

cooking = event(
    "TransformationEvent", "2027-03-05T12:00:00-07:00", "commissioning", KITCHEN,
    inputQuantityList=[quantity(PACKED, 7)], outputQuantityList=[quantity(SALAD, 90)],
    **MANY_PAPERS,
)  # fmt: skip


def boxed(pallet: str, lot: str, amount: float, place: str, day: str) -> Json:
    return event(
        "AggregationEvent", f"2027-03-{day}T08:00:00-07:00", "packing", place, action="ADD",
        parentID=pallet, childQuantityList=[quantity(lot, amount)],
    )  # fmt: skip


def test_a_whole_row_of_transformation() -> None:
    row = only(report(cooking), Cte.TRANSFORMATION)
    assert told(row) == {
        "input_lot_code": (PACKED_CODE, STATED, ""),
        **goods("input", "Romaine hearts", PACKED),
        "input_quantity": ("7", STATED, ""),
        "input_unit": ("cases", STATED, ""),
        "traceability_lot_code": ("(01)10614141000033(10)SALAD", STATED, ""),
        **site("source", "Kitchen", MASTER_DATA, KITCHEN),
        "source_reference": NOTHING,
        "date": ("03/05/2027", STATED, ""),
        **goods("product", "Salad", SALAD),
        "quantity": ("90", STATED, ""),
        "unit": ("cases", STATED, ""),
        **documents("Work Order", "1", "Invoice", "2"),
    }
    assert beside(row) == {
        "input_lot": PACKED,
        "origin_place": KITCHEN,
        "destination_place": KITCHEN,
        "further_documents": "Bill of Lading 3; Purchase Order 4",
        "assumption": f"no event says how {PACKED} came to be, so it may be an initial packing",
    }


def test_what_is_made_and_not_on_the_list_has_no_row() -> None:
    salad = ProductDescription(id=SALAD, on_food_traceability_list=False)
    found = report(cooking, products=[*PRODUCTS[:2], salad])
    assert not found.rows[Cte.TRANSFORMATION]


def test_of_what_is_not_on_the_list_no_lot_was_used() -> None:
    romaine = ProductDescription(
        id=PACKED, product_name="Romaine hearts", on_food_traceability_list=False
    )
    row = only(report(cooking, products=[romaine]), Cte.TRANSFORMATION)
    note = ("n/a (Romaine hearts not on FTL)", NOT_APPLICABLE, "")
    assert {name: each for name, each in told(row).items() if name.startswith("input")} == {
        **dict.fromkeys(("input_lot_code", "input_quantity", "input_unit"), note),
        **{f"input.{name.partition('.')[2]}": note for name in goods("input", "", "")},
    }
    assert beside(row)["origin_place"] == KITCHEN
    assert row.input_lot == ""


def test_what_was_used_out_of_several_boxes_is_one_row() -> None:
    used = without(cooking, "inputQuantityList") | {"inputEPCList": [PALLET, PALLET_2]}
    boxes = (boxed(PALLET, PACKED, 7, KITCHEN, "04"), boxed(PALLET_2, PACKED, 5, KITCHEN, "04"))
    row = only(report(*boxes, used), Cte.TRANSFORMATION)
    assert cell(row, "input_lot_code") == (PACKED_CODE, STATED, "")
    assert cell(row, "input_quantity") == ("12", STATED, "")


def test_a_harvest_that_is_recorded_as_a_transformation() -> None:
    """A pond of fry is harvested as a lot of fish, over two days: the last one completes it."""
    fry = f"{STEM}/01/00614141000074/10/FRY"
    caught = without(cooking, "inputQuantityList", "outputQuantityList") | {
        "bizStep": "urn:gdst:bizStep:farmHarvest",
        "transformationID": "urn:x:pond-3",
        "readPoint": {"id": FARM},
    }
    first = caught | {"inputQuantityList": [quantity(fry, 1)]}
    first |= {"outputQuantityList": [quantity(RAW, 300, "LBR")]}
    last = caught | {"eventTime": "2027-03-06T12:00:00-07:00"}
    last |= {"outputQuantityList": [quantity(RAW, 200, "LBR")]}
    row = only(report(first, last), Cte.HARVESTING)
    assert cell(row, "quantity") == ("500", STATED, "")
    assert cell(row, "date") == ("03/06/2027", STATED, "")
    assert cell(row, "farm.business_name") == ("Farm", MASTER_DATA, FARM)
    assert row.lot == RAW


# --- initial packing ------------------------------------------------------------------------


def test_a_whole_row_of_initial_packing() -> None:
    found = report(
        called("harvest", harvest),
        called("chilled", chilled),
        called("arrival", at_packer),
        packing | MANY_PAPERS,
    )
    row = only(found, Cte.INITIAL_PACKING)
    assert told(row) == {
        "commodity": ("Romaine", MASTER_DATA, RAW),
        "variety": NOTHING,
        "receive_date": ("03/02/2027", DERIVED, "urn:x:arrival"),
        "received_quantity": ("490", DERIVED, "urn:x:arrival"),
        "received_unit": ("pounds", DERIVED, "urn:x:arrival"),
        **site("farm", "Farm", DERIVED, "urn:x:harvest"),
        "growing_area": ("East 7", DERIVED, "urn:x:harvest"),
        "aquaculture_container": NOTHING,
        "harvester.business_name": ("Farm", DERIVED, "urn:x:harvest"),
        "harvester.phone": ("+1 555 0100", DERIVED, "urn:x:harvest"),
        "harvest_date": ("03/01/2027", DERIVED, "urn:x:harvest"),
        **site("cooled", "Cooler", DERIVED, "urn:x:chilled"),
        "cooling_date": ("03/01/2027", DERIVED, "urn:x:chilled"),
        "traceability_lot_code": (PACKED_CODE, STATED, ""),
        **goods("product", "Romaine hearts", PACKED),
        "quantity": ("40", STATED, ""),
        "unit": ("cases", STATED, ""),
        **site("source", "Packer", MASTER_DATA, PACKER),
        "source_reference": NOTHING,
        "date": ("03/02/2027", STATED, ""),
        **documents("Work Order", "1", "Invoice", "2"),
    }
    assert beside(row) == {
        "input_lot": RAW,
        "origin_place": FARM,
        "destination_place": PACKER,
        "further_documents": "Bill of Lading 3; Purchase Order 4",
    }


def test_what_nobody_says_how_it_came_was_received_as_it_was_used() -> None:
    """Neither the harvest elsewhere nor what else happened at the packer is a receipt."""
    stored = event(
        "ObjectEvent", "2027-03-02T09:00:00-07:00", "storing", PACKER, action="OBSERVE",
        **of(RAW, 480, "LBR"),
    )  # fmt: skip
    row = only(report(harvest, stored, packing), Cte.INITIAL_PACKING)
    assert cell(row, "receive_date") == UNKNOWN
    assert cell(row, "received_quantity") == ("490", STATED, "")
    assert cell(row, "farm.business_name")[0] == "Farm"


def test_what_is_packed_at_the_farm_came_with_its_own_harvest() -> None:
    """The shed is a part of the farm; another farm's harvest of the lot is no receipt there."""
    there = called("there", harvest, readPoint={"id": STORE}, bizLocation={"id": STORE})
    shed = packing | {"readPoint": {"id": f"{FARM}/254/SHED"}}
    row = only(report(called("here", harvest), there, shed), Cte.INITIAL_PACKING)
    assert cell(row, "receive_date") == ("03/01/2027", DERIVED, "urn:x:here")
    assert cell(row, "farm.business_name") == ("Farm", DERIVED, "urn:x:here")


def test_what_arrives_in_several_boxes_is_one_receipt() -> None:
    boxes = (boxed(PALLET, RAW, 7, FARM, "01"), boxed(PALLET_2, RAW, 5, FARM, "01"))
    arrived = without(at_packer, "quantityList") | {"epcList": [PALLET, PALLET_2]}
    row = only(report(harvest, *boxes, called("arrival", arrived), packing), Cte.INITIAL_PACKING)
    assert cell(row, "received_quantity") == ("12", DERIVED, "urn:x:arrival")


def test_a_day_of_harvest_in_a_field_is_told_once_by_its_first_event() -> None:
    later = called("later", harvest, eventTime="2027-03-01T11:00:00-07:00")
    row = only(report(called("first", harvest), later, at_packer, packing), Cte.INITIAL_PACKING)
    assert cell(row, "harvest_date") == ("03/01/2027", DERIVED, "urn:x:first")


def test_each_place_and_day_of_cooling_is_told_once_by_its_first_event() -> None:
    """Each is a record of its own (21 CFR 1.1330(a)(9), (10))."""
    still = called("still", chilled, eventTime="2027-03-01T18:00:00-07:00")
    next_day = called("next day", chilled, eventTime="2027-03-02T01:00:00-07:00")
    elsewhere = called("elsewhere", chilled, eventTime="2027-03-02T02:00:00-07:00")
    elsewhere |= {"readPoint": {"id": STORE}}
    coolings = (called("first", chilled), still, next_day, elsewhere)
    found = report(harvest, *coolings, at_packer, packing)
    assert [
        (cell(row, "cooled.business_name"), cell(row, "cooling_date"))
        for row in found.rows[Cte.INITIAL_PACKING]
    ] == [
        (("Cooler", DERIVED, "urn:x:first"), ("03/01/2027", DERIVED, "urn:x:first")),
        (("Cooler", DERIVED, "urn:x:next day"), ("03/02/2027", DERIVED, "urn:x:next day")),
        (("Store", DERIVED, "urn:x:elsewhere"), ("03/02/2027", DERIVED, "urn:x:elsewhere")),
    ]


EXEMPT = Rules(is_exempt=FARM.__eq__)


def test_a_whole_row_of_initial_packing_from_an_exempt_farm() -> None:
    arrived = called("arrival", without(at_packer, "sourceList"))
    found = report(called("harvest", harvest), arrived, packing | MANY_PAPERS, rules=EXEMPT)
    row = only(found, Cte.INITIAL_PACKING_FROM_EXEMPT)
    assert told(row) == {
        "commodity": ("Romaine", MASTER_DATA, RAW),
        "variety": NOTHING,
        "receive_date": ("03/02/2027", DERIVED, "urn:x:arrival"),
        "received_quantity": ("490", DERIVED, "urn:x:arrival"),
        "received_unit": ("pounds", DERIVED, "urn:x:arrival"),
        **site("supplier", "Farm", DERIVED, "urn:x:harvest"),
        "traceability_lot_code": (PACKED_CODE, STATED, ""),
        **goods("product", "Romaine hearts", PACKED),
        "quantity": ("40", STATED, ""),
        "unit": ("cases", STATED, ""),
        **site("source", "Packer", MASTER_DATA, PACKER),
        "source_reference": NOTHING,
        "date": ("03/02/2027", STATED, ""),
        **documents("Work Order", "1", "Invoice", "2"),
    }
    assert beside(row) == {
        "input_lot": RAW,
        "origin_place": FARM,
        "destination_place": PACKER,
        "further_documents": "Bill of Lading 3; Purchase Order 4",
    }


def test_an_exempt_supplier_whom_nobody_names() -> None:
    rules = host("creating_class_instance", Cte.INITIAL_PACKING_FROM_EXEMPT)
    row = only(report(packing, rules=rules), Cte.INITIAL_PACKING_FROM_EXEMPT)
    supplier = {name: each for name, each in told(row).items() if name.startswith("supplier.")}
    assert supplier == nowhere("supplier", UNKNOWN)
    assert beside(row) == {
        "input_lot": RAW,
        "origin_place": PACKER,
        "destination_place": PACKER,
        "assumption": "as the host classifies it",
    }


# --- sprouts --------------------------------------------------------------------------------

SPROUTS = f"{STEM}/01/10614141000057/10/SPROUTS"
MUNG = ProductDescription(
    id=SPROUTS, product_name="Mung sprouts", food_traceability_list_category="Sprouts"
)
CLEAN, BAG, OWN = (f"urn:example:seeds:{name}" for name in ("CLEAN", "BAG", "OWN"))


def grown(
    *events: Json, seeds: str = BAG, products: tuple[ProductDescription, ...] = (), **more: Any
) -> Row:
    """The row of sprouts that the kitchen grew from some seeds."""
    growing = used("sprouting", "09", KITCHEN, [seeds], SPROUTS)
    found = report(*events, growing | MANY_PAPERS, products=[MUNG, *products], **more)
    return only(found, Cte.INITIAL_PACKING_SPROUTS)


def used(name: str, day: str, place: str, before: list[str], after: str) -> Json:
    made = event(
        "TransformationEvent", f"2027-03-{day}T08:00:00-07:00", "commissioning", place,
        inputQuantityList=[quantity(each, 50, "LBR") for each in before],
        outputQuantityList=[quantity(after, 50, "LBR")],
    )  # fmt: skip
    return called(name, made)


def moved(name: str, day: str, step: str, place: str, lot: str, **more: object) -> Json:
    seen = event(
        "ObjectEvent", f"2027-03-{day}T08:00:00-07:00", step, place, action="OBSERVE",
        **of(lot, 50, "LBR"),
    )  # fmt: skip
    return called(name, seen, **more)


def sown(lot: str, place: str = FARM) -> Json:
    seeds = without(harvest, "bizLocation", "quantityList") | of(lot, 50, "LBR")
    return called(f"harvest of {lot}", seeds, readPoint={"id": place})


FIRST = "urn:example:seeds:RAW"
BOUGHT = (
    sown(FIRST),
    used("cleaning", "03", COOLER, [FIRST], CLEAN),
    used("bagging", "04", PACKER, [CLEAN], BAG),
    moved("shipment", "05", "shipping", PACKER, BAG),
    moved("arrival", "06", "receiving", KITCHEN, BAG),
)


def supplier(row: Row) -> tuple[object, ...]:
    names = ("supplier.business_name", "supplier_lot_code", "sprouter_lot_code", "receive_date")
    return tuple(cell(row, name) for name in names)


def test_a_whole_row_of_sprouts() -> None:
    own = used("own code", "07", KITCHEN, [BAG], OWN)
    bag = ProductDescription(id=BAG, commodity="Mung beans", packaging_style="50 lb poly bag")
    treated = {"example:seedTreatment": "Calcium hypochlorite"}
    conditioned = BOUGHT[1] | treated
    row = grown(BOUGHT[0], conditioned, *BOUGHT[2:], own, seeds=OWN, products=(bag,))
    assert told(row) == {
        **site("grower", "Farm", DERIVED, f"urn:x:harvest of {FIRST}"),
        "seed_harvest_date": ("03/01/2027", DERIVED, f"urn:x:harvest of {FIRST}"),
        **site("conditioner", "Cooler", DERIVED, "urn:x:cleaning"),
        "conditioner_lot_code": (CLEAN, DERIVED, "urn:x:cleaning"),
        "conditioning_date": ("03/03/2027", DERIVED, "urn:x:cleaning"),
        **site("packinghouse", "Packer", DERIVED, "urn:x:bagging"),
        "packinghouse_lot_code": (BAG, DERIVED, "urn:x:bagging"),
        "seed_packing_date": ("03/04/2027", DERIVED, "urn:x:bagging"),
        **nowhere("repacker", NOTHING),
        "repacker_lot_code": NOTHING,
        "seed_repacking_date": NOTHING,
        **site("supplier", "Packer", DERIVED, "urn:x:shipment"),
        "supplier_lot_code": (BAG, STATED, ""),
        "supplier_sub_lot_code": NOTHING,
        "sprouter_lot_code": (OWN, STATED, ""),
        "seed_type": ("Mung beans", MASTER_DATA, BAG),
        "seed_growing": UNKNOWN,
        "seed_packaging": ("50 lb poly bag", MASTER_DATA, BAG),
        "seed_treatment": ("Calcium hypochlorite", DERIVED, "urn:x:cleaning"),
        "receive_date": ("03/06/2027", DERIVED, "urn:x:arrival"),
        **documents("Work Order", "1", "Invoice", "2"),
    }
    assert beside(row) == {
        "input_lot": OWN,
        "destination_place": KITCHEN,
        "further_documents": "Bill of Lading 3; Purchase Order 4",
        "linked_codes": "(01)10614141000057(10)SPROUTS",
    }


def test_sprouts_from_seeds_of_which_nothing_is_known() -> None:
    """What the grower has not told is not the sprouter's to know (21 CFR 1.1330(b)(1))."""
    found = told(grown())
    assert {name: each for name, each in found.items() if not name.startswith("document")} == {
        **nowhere("grower", NOTHING),
        "seed_harvest_date": NOTHING,
        **nowhere("conditioner", UNKNOWN),
        "conditioner_lot_code": UNKNOWN,
        "conditioning_date": UNKNOWN,
        **nowhere("packinghouse", UNKNOWN),
        "packinghouse_lot_code": UNKNOWN,
        "seed_packing_date": UNKNOWN,
        **nowhere("repacker", NOTHING),
        "repacker_lot_code": NOTHING,
        "seed_repacking_date": NOTHING,
        **nowhere("supplier", UNKNOWN),
        "supplier_lot_code": (BAG, STATED, ""),
        "supplier_sub_lot_code": NOTHING,
        "sprouter_lot_code": NOTHING,
        "seed_type": ("", MISSING, BAG),
        "seed_growing": UNKNOWN,
        "seed_packaging": ("", MISSING, BAG),
        "seed_treatment": NOTHING,
        "receive_date": UNKNOWN,
    }


def test_sprouts_are_harvested_where_they_are_packed() -> None:
    """Where and when the seeds were harvested is on the sheet for sprouts (21 CFR 1.1330(b)(1))."""
    growing = used("sprouting", "09", KITCHEN, [BAG, OWN], SPROUTS)
    sprouts = ProductDescription(
        id=SPROUTS, commodity="Mung sprouts", food_traceability_list_category="Sprouts"
    )
    row = only(report(sown(BAG), growing, products=[sprouts]), Cte.INITIAL_PACKING)
    found = told(row)
    names = ("commodity", "variety", "received_", "harvest", "farm.", "cool", "grow", "aqua")
    assert {name: found[name] for name in found if name.startswith((*names, "receive_"))} == {
        "commodity": ("Mung sprouts", MASTER_DATA, SPROUTS),
        "variety": NOTHING,
        "receive_date": ("03/09/2027", STATED, ""),
        "received_quantity": ("50", STATED, ""),
        "received_unit": ("pounds", STATED, ""),
        **site("farm", "Kitchen", MASTER_DATA, KITCHEN),
        "growing_area": ("", MISSING, KITCHEN),
        "aquaculture_container": NOTHING,
        "harvester.business_name": ("Kitchen", MASTER_DATA, KITCHEN),
        "harvester.phone": ("+1 555 0100", MASTER_DATA, KITCHEN),
        "harvest_date": ("03/09/2027", STATED, ""),
        **nowhere("cooled", NOTHING),
        "cooling_date": NOTHING,
    }
    assert beside(row) == {"origin_place": KITCHEN, "destination_place": KITCHEN}


def test_seeds_of_sprouts_are_not_on_the_list() -> None:
    """However often they were cleaned and bagged; unless something else was made of them."""
    growing = used("sprouting", "09", KITCHEN, [BAG], SPROUTS)
    found = report(*BOUGHT, growing, products=[MUNG])
    assert [cte for cte, rows in found.rows.items() if rows] == [
        Cte.INITIAL_PACKING,
        Cte.INITIAL_PACKING_SPROUTS,
    ]
    milled = used("milling", "05", PACKER, [CLEAN], "urn:example:flour:1")
    found = report(*BOUGHT, growing, milled, products=[MUNG])
    assert [row.lot for row in found.rows[Cte.HARVESTING]] == [FIRST]
    assert not found.rows[Cte.SHIPPING]


def test_sprouts_that_were_harvested_before_are_packed_as_such() -> None:
    picked = ProductDescription(
        id=RAW, commodity="Mung sprouts", food_traceability_list_category="SPROUTS"
    )
    packing_them = used("packing", "09", KITCHEN, [RAW], SPROUTS)
    row = only(report(sown(RAW), packing_them, products=[MUNG, picked]), Cte.INITIAL_PACKING)
    assert cell(row, "harvest_date") == ("03/01/2027", DERIVED, f"urn:x:harvest of {RAW}")
    assert cell(row, "farm.business_name")[0] == "Farm"
    assert row.input_lot == RAW


def test_the_supplier_is_whom_the_receipt_names() -> None:
    """Though they left another place: a broker sells what a packer ships."""
    broker = f"{STEM}/417/0614141000999"
    came = BOUGHT[4] | source(broker, "possessing_party")
    row = grown(*BOUGHT[:4], came, places=[*PLACES, named(broker, "Broker")])
    name, *_, date = supplier(row)
    assert name == ("Broker", DERIVED, "urn:x:arrival")
    assert date == ("03/06/2027", DERIVED, "urn:x:arrival")


def test_a_receipt_from_nobody() -> None:
    assert supplier(grown(*BOUGHT[:3], BOUGHT[4])) == (
        UNKNOWN,
        (BAG, STATED, ""),
        NOTHING,
        ("03/06/2027", DERIVED, "urn:x:arrival"),
    )


def test_seeds_that_the_sprouter_books_in_under_an_own_code_were_bought_before() -> None:
    """What is received where it got its code has not moved: the supplier is of the lot before."""
    own = used("own code", "07", KITCHEN, [BAG], OWN)
    booked = moved("booked", "08", "receiving", KITCHEN, OWN)
    assert supplier(grown(*BOUGHT, own, booked, seeds=OWN)) == (
        ("Packer", DERIVED, "urn:x:shipment"),
        (BAG, STATED, ""),
        (OWN, STATED, ""),
        ("03/06/2027", DERIVED, "urn:x:arrival"),
    )


@pytest.mark.parametrize(
    ("variety", "commodity", "name", "kind"),
    [
        ("Vigna radiata", "Beans", "Mung beans", "Vigna radiata"),
        ("", "Beans", "Mung beans", "Beans"),
        ("", "", "Mung beans", "Mung beans"),
    ],
)
def test_what_seeds_are_called(variety: str, commodity: str, name: str, kind: str) -> None:
    bag = ProductDescription(id=BAG, variety=variety, commodity=commodity, product_name=name)
    row = grown(products=(bag,))
    assert cell(row, "seed_type") == (kind, MASTER_DATA, BAG)
    assert cell(row, "seed_packaging") == ("", MISSING, BAG)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("growingSpecifications", "seed_growing"),
        ("growingMethod", "seed_growing"),
        ("growingMethodCode", "seed_growing"),
        ("antimicrobialTreatment", "seed_treatment"),
        ("seedTreatment", "seed_treatment"),
    ],
)
def test_what_extensions_say_of_seeds(said: str, name: str) -> None:
    row = grown(moved("arrival", "06", "receiving", KITCHEN, BAG, **{f"example:{said}": "as told"}))
    assert cell(row, name) == ("as told", DERIVED, "urn:x:arrival")


def test_of_seeds_from_several_growers_the_nearest_is_told() -> None:
    """At the same distance it is the first by name, as often as it is asked."""
    lots = [f"urn:example:seeds:{letter}" for letter in "ABCDEFGH"]
    harvests = [sown(lot, STORE) for lot in lots]
    row = grown(*harvests, used("bagging", "04", PACKER, lots[::-1], BAG))
    assert cell(row, "seed_harvest_date")[2] == f"urn:x:harvest of {lots[0]}"
    older = [f"{lot}-0" for lot in lots[:2]]
    cleaned = [
        used(f"cleaning {lot}", "03", COOLER, [before], lot)
        for lot, before in zip(lots, older, strict=False)
    ]
    bagged = used("bagging", "04", PACKER, lots[:2], BAG)
    row = grown(*map(sown, older), *cleaned, bagged)
    assert cell(row, "seed_harvest_date")[2] == f"urn:x:harvest of {older[0]}"
    row = grown(sown(older[0]), sown(lots[1], STORE), cleaned[0], bagged)
    assert cell(row, "grower.business_name") == ("Store", DERIVED, f"urn:x:harvest of {lots[1]}")

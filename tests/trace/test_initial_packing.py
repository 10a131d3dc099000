"""What of the past of a field lot belongs to an initial packing of it (21 CFR 1.1330(a))."""

import pytest
from row_samples import (
    DERIVED,
    MASTER_DATA,
    NOT_APPLICABLE,
    NOTHING,
    PACKED_CODE,
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
    Json,
    cell,
    event,
    of,
    papers,
    quantity,
    rows_of,
    source,
)

from closient_export.master_data import ProductDescription
from closient_export.trace.classification import Rules
from closient_export.trace.report import TraceReport

NEXT = f"{STEM}/01/10614141000026/10/NEXT"
NEXT_CODE = "(01)10614141000026(10)NEXT"


def on(day: str, said: Json) -> Json:
    """An event at the same time of another day of March."""
    return said | {"eventTime": f"2027-03-{day}{said['eventTime'][10:]}"}


def packed(found: TraceReport, *names: str, code: str = PACKED_CODE) -> list[tuple[str, ...]]:
    """Some cells of the rows of one packed lot."""
    rows = rows_of(found, Cte.INITIAL_PACKING)
    return [
        tuple(row[name] for name in names) for row in rows if row["traceability_lot_code"] == code
    ]


DAYS = ("harvest_date", "cooling_date", "receive_date", "date")
ONE_DAY = (on("01", harvest), on("01", at_packer), on("01", packing))
OTHER_PACKING = on("02", packing) | {"outputQuantityList": [quantity(NEXT, 5)]}
OTHER_CHILLED = chilled | {"eventTime": "2027-03-02T06:00:00-07:00"}


def early(said: Json) -> Json:
    """An event of a day's harvest, so early that what follows is possible on that day."""
    return said | {"eventTime": f"{said['eventTime'][:10]}T05:00:00-07:00"}


TWO_DAYS = (
    *map(early, (on("01", harvest), on("02", harvest))),
    *(on("01", at_packer), on("01", packing)),
    *(OTHER_CHILLED, on("02", at_packer), OTHER_PACKING),
)


def test_nothing_that_happened_after_a_packing_is_in_its_rows() -> None:
    assert packed(report(*TWO_DAYS), *DAYS) == [("03/01/2027", "n/a", "03/01/2027", "03/01/2027")]


def test_a_harvest_that_may_have_been_packed_is_told_where_it_is_possible_in_time() -> None:
    """The lot of the first day was not packed up: what was left of it was not cooled elsewhere."""
    first, second, packed_on = "03/01/2027", "03/02/2027", "03/02/2027"
    half = on("01", packing) | {"inputQuantityList": [quantity(RAW, 245, "LBR")]}
    found = report(*TWO_DAYS[:3], half, *TWO_DAYS[4:])
    assert packed(found, *DAYS, code=NEXT_CODE) == [
        (first, "n/a", first, packed_on),
        (first, second, second, packed_on),
        (second, second, second, packed_on),
    ]


@pytest.mark.parametrize("members", [of(RAW, 490, "LBR"), {"quantityList": [{"epcClass": RAW}]}])
def test_what_was_harvested_and_received_only_after_it_was_packed_is_not_known(
    members: Json,
) -> None:
    """That the clocks contradict each other is a finding."""
    found = report(on("03", harvest), on("04", at_packer) | members, packing)
    assert packed(found, *DAYS) == [("", "n/a", "", "03/02/2027")]
    assert packed(found, "received_quantity", "farm.business_name") == [("490", "")]
    assert cell(only(found, Cte.INITIAL_PACKING), "harvester.business_name") == UNKNOWN


def test_what_else_is_told_of_a_packing_where_no_harvest_is_known() -> None:
    crew = f"{STEM}/417/0614141000982"
    sold = at_packer | source(crew, "owning_party")
    events = (on("03", harvest), chilled, sold, packing)
    found = report(*events, places=[*PLACES, named(crew, "Crew")])
    names = ("harvest_date", "harvester.business_name", "cooling_date", "receive_date")
    assert packed(found, *names) == [("", "Crew", "03/01/2027", "03/02/2027")]


SPROUTS = [
    ProductDescription(id=lot, food_traceability_list_category="Sprouts") for lot in (RAW, PACKED)
]


@pytest.mark.parametrize("products", [PRODUCTS, SPROUTS])
def test_what_is_not_on_the_list_has_no_row_of_its_own(products: list[ProductDescription]) -> None:
    """Nor does it make sprouts, which were harvested before, new ones."""
    carton = f"{STEM}/01/10614141000064/10/CARTON"
    cartons = ProductDescription(id=carton, on_food_traceability_list=False)
    both = packing | {"inputQuantityList": [quantity(RAW, 490, "LBR"), quantity(carton, 40)]}
    found = report(harvest, at_packer, both, products=[*products, cartons])
    assert only(found, Cte.INITIAL_PACKING).input_lot == RAW
    assert packed(found, "harvest_date") == [("03/01/2027",)]


@pytest.mark.parametrize("seeds", [["urn:example:seeds:1"], []])
def test_sprouts_are_harvested_when_the_last_of_them_are_packed(seeds: list[str]) -> None:
    """Of what they grew where nothing is said to have been used, nobody knows."""
    run = {"transformationID": "urn:x:run"}
    first = packing | run | {"inputQuantityList": [quantity(each, 5) for each in seeds]}
    second = without(on("03", packing), "inputQuantityList") | run
    found = report(first, second, products=SPROUTS)
    harvested = "03/03/2027" if seeds else ""
    assert packed(found, "harvest_date", "date") == [(harvested, "03/03/2027")]


def test_a_lot_is_cooled_where_it_is_packed_also_after_it_was_received() -> None:
    there = chilled | {"eventTime": "2027-03-02T08:00:00-07:00", "readPoint": {"id": PACKER}}
    found = report(harvest, at_packer, there, packing)
    assert packed(found, "cooled.business_name", *DAYS) == [
        ("Packer", "03/01/2027", "03/02/2027", "03/02/2027", "03/02/2027")
    ]


def test_nothing_that_happened_later_in_a_run_is_in_the_rows_of_what_was_completed_before() -> None:
    there = chilled | {"eventTime": "2027-03-03T08:00:00-07:00", "readPoint": {"id": PACKER}}
    first, second = (
        said | {"transformationID": "urn:x:run", "inputQuantityList": [quantity(RAW, 245, "LBR")]}
        for said in (packing, on("03", OTHER_PACKING))
    )
    found = report(harvest, at_packer, first, there, second)
    cooled_on = {
        code: packed(found, "cooling_date", code=code) for code in (PACKED_CODE, NEXT_CODE)
    }
    assert cooled_on == {PACKED_CODE: [("n/a",)], NEXT_CODE: [("03/03/2027",)]}


def test_who_harvested_is_who_owned_that_harvest_before_it_was_packed() -> None:
    crews = [f"{STEM}/417/06141410009{number}" for number in ("82", "99")]
    places = [*PLACES, *(named(crew, f"Crew {crew[-1]}") for crew in crews)]
    owned = [
        harvested | source(crew, "owning_party")
        for harvested, crew in zip(TWO_DAYS[:2], crews, strict=True)
    ]
    found = report(*owned, *TWO_DAYS[2:], places=places)
    name = "harvester.business_name"
    assert packed(found, "harvest_date", name) == [("03/01/2027", "Crew 2")]
    assert packed(found, "harvest_date", name, code=NEXT_CODE)[-1] == ("03/02/2027", "Crew 9")


# --- raw agricultural commodities that go into a transformation (21 CFR 1.1350(b)) ------------

CHEESE = f"{STEM}/01/10614141000095/10/CHEESE"
made = event(
    "ObjectEvent", "2027-02-27T08:00:00-07:00", "commissioning", PACKER, action="ADD",
    **of(CHEESE, 500),
)  # fmt: skip
bought = event(
    "ObjectEvent", "2027-03-01T11:00:00-07:00", "receiving", KITCHEN, action="OBSERVE",
    **source(PACKER), **of(CHEESE, 10),
)  # fmt: skip
brought_in = called("arrival", at_packer, readPoint={"id": KITCHEN})
cooking = event(
    "TransformationEvent", "2027-03-02T12:00:00-07:00", "creating_class_instance", KITCHEN,
    inputQuantityList=[quantity(RAW, 490, "LBR"), quantity(CHEESE, 10)],
    outputQuantityList=[quantity(SALAD, 90)], **papers(("prodorder", "P-1")),
)  # fmt: skip
COOKED = (called("harvest", harvest), made, bought, brought_in, called("cooking", cooking))
SALAD_CODE = "(01)10614141000033(10)SALAD"


def test_a_harvested_lot_that_is_used_with_lots_that_have_codes_is_packed_first() -> None:
    """It has no traceability lot code, so the sheet Transformation has none of it."""
    found = report(*COOKED)
    (used,) = rows_of(found, Cte.TRANSFORMATION)
    assert used["input_lot_code"] == "(01)10614141000095(10)CHEESE"
    assert (used["traceability_lot_code"], used["quantity"]) == (SALAD_CODE, "90")
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
        **nowhere("cooled", NOTHING),
        "cooling_date": NOTHING,
        "traceability_lot_code": (SALAD_CODE, STATED, ""),
        **goods("product", "Salad", SALAD),
        "quantity": ("90", STATED, ""),
        "unit": ("cases", STATED, ""),
        **site("source", "Kitchen", MASTER_DATA, KITCHEN),
        "source_reference": NOTHING,
        "date": ("03/02/2027", STATED, ""),
        **documents("Work Order", "P-1"),
    }
    assert beside(row) == {
        "input_lot": RAW,
        "origin_place": FARM,
        "destination_place": KITCHEN,
        "assumption": "a raw agricultural commodity that is packed for the first time by a "
        "transformation (21 CFR 1.1350(b))",
    }


def test_a_harvested_lot_from_an_exempt_farm_that_is_transformed() -> None:
    found = report(*COOKED, rules=Rules(is_exempt=FARM.__eq__))
    row = only(found, Cte.INITIAL_PACKING_FROM_EXEMPT)
    assert (row.input_lot, row.lot) == (RAW, SALAD)
    assert cell(row, "supplier.business_name")[0] == "Cooler"
    assert not found.rows[Cte.INITIAL_PACKING]
    assert [each.input_lot for each in found.rows[Cte.TRANSFORMATION]] == [CHEESE]


@pytest.mark.parametrize(
    ("said", "names"), [({}, ["Farm", "Kitchen"]), (source(COOLER), ["Cooler"])]
)
def test_each_exempt_farm_may_be_the_supplier_where_the_receipt_names_none(
    said: Json, names: list[str]
) -> None:
    """The first harvest of each is told by its place."""
    farms = [(FARM, "05"), (KITCHEN, "06"), (FARM, "07")]
    harvests = [
        harvest | {"eventTime": f"2027-03-01T{hour}:00:00-07:00", "readPoint": {"id": farm}}
        for farm, hour in farms
    ]
    arrival = without(at_packer, "sourceList") | said
    exempt = Rules(is_exempt=lambda place: place in (FARM, KITCHEN))
    rows = report(*harvests, arrival, packing, rules=exempt).rows[Cte.INITIAL_PACKING_FROM_EXEMPT]
    assert [cell(row, "supplier.business_name")[0] for row in rows] == names
    assert rows[0].origin_place == FARM


def test_a_host_s_transformation_of_harvested_lots_alone_names_no_code() -> None:
    rules = host("creating_class_instance", Cte.TRANSFORMATION)
    sown = harvest | {"bizStep": "urn:gdst:bizStep:farmHarvest"}
    found = report(sown, packing, rules=rules)
    row = only(found, Cte.TRANSFORMATION)
    note = ("n/a (Not initially packed before)", NOT_APPLICABLE, "")
    assert cell(row, "input_lot_code") == note
    assert cell(row, "input.product_name") == ("Romaine", MASTER_DATA, RAW)
    assert cell(row, "input_quantity") == ("490", STATED, "")
    assert only(found, Cte.INITIAL_PACKING).input_lot == RAW

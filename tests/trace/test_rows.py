"""Rows of FDA's sheets, cell by cell: what each says, how that is known, and from where."""

from itertools import pairwise
from typing import Any

import pytest
from row_samples import (
    DERIVED,
    MASTER_DATA,
    MISSING,
    NOT_APPLICABLE,
    PALLET,
    PLACES,
    PRODUCTS,
    STATED,
    TO_PACKING,
    Cte,
    at_packer,
    brought,
    harvest,
    key,
    named,
    only,
    packing,
    receiving,
    report,
    shipping,
    without,
)
from trace_samples import (
    ASKED,
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
    demo_chain,
    destination,
    event,
    of,
    papers,
    quantity,
    rows_of,
    source,
)

from closient_export.epcis import Event
from closient_export.master_data import LocationDescription, ProductDescription
from closient_export.testing.event_builders import shipped
from closient_export.trace.cells import Cell, Provenance
from closient_export.trace.classification import Classification, Rules
from closient_export.trace.kdes import key_data_elements
from closient_export.trace.report import trace_lots
from closient_export.trace.rows import Row
from closient_export.trace.walk import Selection


def test_each_way_in_which_a_value_is_known() -> None:
    found = report(*TO_PACKING, shipping, products=PRODUCTS[:1])
    row = only(found, Cte.SHIPPING)
    packed = found.graph.transformations[0].completed
    assert cell(row, "quantity") == ("40", STATED, "")
    assert cell(row, "date") == ("03/03/2027", STATED, "")
    assert cell(row, "shipped_from.business_name") == ("Packer", MASTER_DATA, PACKER)
    assert cell(row, "source.business_name") == ("Packer", DERIVED, packed.key)
    assert cell(row, "source.country") == ("n/a", DERIVED, packed.key)
    assert cell(row, "source_reference") == ("n/a", NOT_APPLICABLE, "")
    assert cell(row, "document_number_2") == ("n/a", NOT_APPLICABLE, "")
    assert cell(row, "product.product_name") == ("", MISSING, PACKED)
    assert not row.complete


def test_a_quantity_of_nothing_is_a_quantity() -> None:
    found = report(shipping | of(PACKED, 0))
    assert cell(only(found, Cte.SHIPPING), "quantity") == ("0", STATED, "")


def test_harvesting() -> None:
    row = only(report(*TO_PACKING), Cte.HARVESTING)
    assert cell(row, "commodity") == ("Romaine", MASTER_DATA, RAW)
    assert cell(row, "variety") == ("n/a", NOT_APPLICABLE, "")
    assert cell(row, "farm.business_name") == ("Farm", MASTER_DATA, FARM)
    assert cell(row, "growing_area") == ("East 7", MASTER_DATA, FIELD)
    assert cell(row, "aquaculture_container")[:2] == ("n/a", NOT_APPLICABLE)
    assert cell(row, "date") == ("03/01/2027", STATED, "")
    assert cell(row, "document_number") == ("H-1", STATED, "")
    assert row.linked_codes == "(01)10614141000026(10)PACKED"
    assert row.complete


def test_the_recipient_is_the_next_place_however_it_is_known() -> None:
    carried = event(
        "ObjectEvent", "2027-03-01T10:00:00-07:00", "transporting", FARM, action="OBSERVE",
        **destination(COOLER), **of(RAW, 500, "LBR"),
    )  # fmt: skip
    on = event(
        "ObjectEvent", "2027-03-01T20:00:00-07:00", "transporting", COOLER, action="OBSERVE",
        **destination(PACKER), **of(RAW, 500, "LBR"),
    )  # fmt: skip
    ways = {
        STATED: (harvest | destination(COOLER), on),
        "the next event": (harvest, carried, brought, on),
        "the receipt": (harvest, brought, on),
    }
    for events in ways.values():
        row = only(report(*events), Cte.HARVESTING)
        assert cell(row, "recipient.business_name")[0] == "Cooler"
        assert row.destination_place == COOLER
    assert cell(only(report(harvest), Cte.HARVESTING), "recipient.city")[1] == MISSING


@pytest.mark.parametrize(
    ("field", "area", "container"),
    [
        ({"growing_area": "East 7"}, ("East 7", MASTER_DATA), ("n/a", NOT_APPLICABLE)),
        ({"aquaculture_container": "Pond 3"}, ("n/a", NOT_APPLICABLE), ("Pond 3", MASTER_DATA)),
        (
            {"latitude": "32.7", "longitude": "-114.6"},
            ("32.7, -114.6", MASTER_DATA),
            ("n/a", NOT_APPLICABLE),
        ),
        ({}, ("", MISSING), ("n/a", NOT_APPLICABLE)),
    ],
)
def test_growing_area_or_aquaculture_container(
    field: dict[str, str], area: tuple[str, str], container: tuple[str, str]
) -> None:
    places = [named(FARM, "Farm"), LocationDescription(id=FIELD, **field)]
    row = only(report(harvest, places=places), Cte.HARVESTING)
    assert cell(row, "growing_area")[:2] == area
    assert cell(row, "aquaculture_container")[:2] == container


def test_the_farm_s_own_coordinates_are_no_field() -> None:
    places = [named(FARM, "Farm", latitude="32.7", longitude="-114.6"), PLACES[1]]
    unnamed = [places[0], LocationDescription(id=FIELD)]
    assert cell(only(report(harvest, places=unnamed), Cte.HARVESTING), "growing_area")[1] == MISSING


def test_cooling() -> None:
    row = only(report(*TO_PACKING), Cte.COOLING)
    assert cell(row, "cooled.business_name") == ("Cooler", MASTER_DATA, COOLER)
    assert cell(row, "farm.business_name")[:2] == ("Farm", DERIVED)
    assert cell(row, "recipient.business_name")[:2] == ("Packer", DERIVED)
    # The cooling has no papers of its own; those of the receipt there go with it.
    assert cell(row, "document_type")[:2] == ("Receiving Advice", DERIVED)
    assert cell(row, "document_number")[:2] == ("C-1", DERIVED)
    assert row.complete


def test_initial_packing() -> None:
    found = report(*TO_PACKING)
    row = only(found, Cte.INITIAL_PACKING)
    assert cell(row, "receive_date")[:2] == ("03/02/2027", DERIVED)
    assert cell(row, "received_quantity")[:2] == ("490", DERIVED)
    assert cell(row, "harvester.business_name")[:2] == ("Farm", DERIVED)
    assert cell(row, "harvest_date")[:2] == ("03/01/2027", DERIVED)
    assert cell(row, "growing_area")[:2] == ("East 7", DERIVED)
    assert cell(row, "cooled.business_name")[:2] == ("Cooler", DERIVED)
    assert cell(row, "cooling_date")[:2] == ("03/01/2027", DERIVED)
    assert cell(row, "traceability_lot_code") == ("(01)10614141000026(10)PACKED", STATED, "")
    assert cell(row, "source.business_name") == ("Packer", MASTER_DATA, PACKER)
    assert (row.lot, row.input_lot, row.origin_place) == (PACKED, RAW, FARM)
    assert row.complete


def test_what_is_packed_where_it_grew_was_received_when_it_was_harvested() -> None:
    found = report(harvest, packing | {"readPoint": {"id": FARM}})
    row = only(found, Cte.INITIAL_PACKING)
    assert cell(row, "receive_date")[:2] == ("03/01/2027", DERIVED)
    assert cell(row, "received_quantity")[:2] == ("500", DERIVED)
    assert cell(row, "cooled.business_name")[:2] == ("n/a", NOT_APPLICABLE)


def test_each_receipt_of_what_was_packed_is_a_row() -> None:
    later = at_packer | {"eventTime": "2027-03-02T09:00:00-07:00"} | of(RAW, 10, "LBR")
    announced = at_packer | {"bizStep": "arriving", "eventTime": "2027-03-02T06:00:00-07:00"}
    found = rows_of(report(*TO_PACKING, later, announced), Cte.INITIAL_PACKING)
    assert [row["received_quantity"] for row in found] == ["490", "10"]


def test_the_harvester_is_who_owned_the_harvest() -> None:
    owner = f"{STEM}/417/0614141000999"
    owned = event(
        "ObjectEvent", "2027-03-01T09:00:00-07:00", "transporting", FARM, action="OBSERVE",
        **source(owner, "owning_party"), **of(RAW, 500, "LBR"),
    )  # fmt: skip
    places = [*PLACES, named(owner, "Harvest crews", phone="+1 555 0199")]
    row = only(report(*TO_PACKING, owned, places=places), Cte.INITIAL_PACKING)
    assert cell(row, "harvester.business_name")[0] == "Harvest crews"
    assert cell(row, "harvester.phone")[0] == "+1 555 0199"


def test_packing_materials_have_no_rows() -> None:
    carton = f"{STEM}/01/00614141000999"
    used = [quantity(RAW, 490, "LBR"), quantity(carton, 40)]
    products = [*PRODUCTS, ProductDescription(id=carton, on_food_traceability_list=False)]
    found = report(*TO_PACKING[:-1], packing | {"inputQuantityList": used}, products=products)
    assert only(found, Cte.INITIAL_PACKING).input_lot == RAW


def test_initial_packing_of_what_an_exempt_farm_supplied_without_events() -> None:
    """Who is exempt captures none; the receipt names the supplier, and the host knows the rest."""

    def classifier(told: Event, found: Classification) -> Cte | None:
        if told.biz_step == "receiving" and told.place == PACKER:
            return None
        return Cte.INITIAL_PACKING_FROM_EXEMPT if told.outputs else found.cte

    bought = at_packer | source(FARM)
    found = report(bought, packing, rules=Rules(is_exempt=FARM.__eq__, classifier=classifier))
    row = only(found, Cte.INITIAL_PACKING_FROM_EXEMPT)
    assert cell(row, "supplier.business_name")[:2] == ("Farm", DERIVED)
    assert cell(row, "receive_date")[:2] == ("03/02/2027", DERIVED)
    assert not found.rows[Cte.RECEIVING_FROM_EXEMPT]


def test_a_host_knows_that_a_commissioning_is_an_initial_packing() -> None:
    """Nothing says what was packed, and the row says what is known all the same."""
    made = event(
        "ObjectEvent", "2027-03-02T12:00:00-07:00", "commissioning", PACKER, action="ADD",
        **papers(("prodorder", "P-1")), **of(PACKED, 40),
    )  # fmt: skip

    def classifier(told: Event, found: Classification) -> Cte | None:
        return Cte.INITIAL_PACKING if told.biz_step == "commissioning" else found.cte

    found = report(made, shipping, rules=Rules(classifier=classifier))
    row = only(found, Cte.INITIAL_PACKING)
    assert cell(row, "traceability_lot_code")[:2] == ("(01)10614141000026(10)PACKED", STATED)
    assert cell(row, "quantity") == ("40", STATED, "")
    assert cell(row, "source.business_name") == ("Packer", MASTER_DATA, PACKER)
    assert cell(row, "commodity") == ("", MISSING, "")
    assert set(row.cells) == {each.name for each in key_data_elements(Cte.INITIAL_PACKING)}


def test_two_lots_of_one_commissioning_have_a_row_each() -> None:
    made = event(
        "ObjectEvent", "2027-03-02T12:00:00-07:00", "commissioning", PACKER, action="ADD",
        quantityList=[quantity(PACKED, 40), quantity(SALAD, 20)],
    )  # fmt: skip
    found = report(made, rules=Rules(classifier=lambda *_: Cte.INITIAL_PACKING))
    rows = {row.lot: cell(row, "quantity")[0] for row in found.rows[Cte.INITIAL_PACKING]}
    assert rows == {PACKED: "40", SALAD: "20"}
    assert len(found.rows[Cte.INITIAL_PACKING]) == 2


def test_shipping_to_a_party_whose_place_only_the_receipt_tells() -> None:
    owner = f"{STEM}/417/0614141000036"
    sold = without(shipping, "destinationList") | destination(owner, "owning_party")
    arrived = receiving | papers(("bol", "B-1"))
    row = only(report(sold, arrived), Cte.SHIPPING)
    assert cell(row, "recipient.business_name")[:2] == ("Kitchen", DERIVED)
    assert row.destination_place == owner
    described = report(sold, arrived, places=[*PLACES, named(owner, "Kitchens Inc.")])
    row = only(described, Cte.SHIPPING)
    assert cell(row, "recipient.business_name") == ("Kitchens Inc.", MASTER_DATA, owner)


def test_a_place_that_is_named_and_not_described_is_not_another_place() -> None:
    row = only(report(shipping | destination(f"{STEM}/414/0614141000890"), receiving), Cte.SHIPPING)
    assert cell(row, "recipient.business_name")[1] == MISSING


def test_ends_that_no_event_names_are_inferred_from_the_other_event() -> None:
    found = report(without(shipping, "destinationList"), without(receiving, "sourceList"))
    row = only(found, Cte.SHIPPING)
    assert cell(row, "recipient.business_name") == ("Kitchen", DERIVED, key(found, "receiving"))
    row = only(found, Cte.RECEIVING)
    assert cell(row, "previous_source.business_name")[:2] == ("Packer", DERIVED)
    assert row.origin_place == PACKER


def test_documents_beyond_the_second_stand_after_fda_s_columns() -> None:
    many = papers(("po", "1"), ("inv", "2"), ("bol", "3"), ("urn:example:btt:Waybill", "4"))
    row = only(report(shipping | many), Cte.SHIPPING)
    assert [cell(row, f"document_number{slot}")[0] for slot in ("", "_2")] == ["1", "2"]
    assert row.further_documents == "Bill of Lading 3; Waybill 4"


def test_papers_of_the_packing_go_with_the_shipment_but_not_those_of_another_move() -> None:
    packed = event(
        "AggregationEvent", "2027-03-05T08:00:00-07:00", "packing", KITCHEN, action="ADD",
        parentID=PALLET, childQuantityList=[quantity(PACKED, 40)], **papers(("po", "PO-9")),
    )  # fmt: skip
    sent = event(
        "ObjectEvent", "2027-03-05T09:00:00-07:00", "shipping", KITCHEN, action="OBSERVE",
        epcList=[PALLET], **destination(STORE),
    )  # fmt: skip
    row = only(report(receiving, packed, sent), Cte.SHIPPING)
    assert cell(row, "document_number")[:2] == ("PO-9", DERIVED)
    loose = without(sent, "epcList") | of(PACKED, 40)
    row = only(report(receiving, loose), Cte.SHIPPING)
    assert cell(row, "document_number")[1] == MISSING


def test_a_pallet_with_two_lots_is_two_rows() -> None:
    packed = event(
        "AggregationEvent", "2027-03-03T08:00:00-07:00", "packing", PACKER, action="ADD",
        parentID=PALLET, childQuantityList=[quantity(PACKED, 30), quantity(SALAD, 12)],
    )  # fmt: skip
    sent = without(shipping, "quantityList") | {"epcList": [PALLET]}
    found = report(packed, sent).rows[Cte.SHIPPING]
    assert [(row.lot, cell(row, "quantity"), row.container) for row in found] == [
        (PACKED, ("30", DERIVED, PALLET), PALLET),
        (SALAD, ("12", DERIVED, PALLET), PALLET),
    ]
    assert cell(found[0], "traceability_lot_code")[1:] == (DERIVED, PALLET)


def test_serials_of_a_lot_are_counted() -> None:
    serials = [f"{STEM}/01/10614141000026/10/PACKED/21/{number}" for number in range(3)]
    row = only(report(without(shipping, "quantityList") | {"epcList": serials}), Cte.SHIPPING)
    assert (row.lot, cell(row, "quantity")[0], cell(row, "unit")[0]) == (PACKED, "3", "each")


def test_the_source_is_where_the_code_was_assigned_whatever_partners_claim() -> None:
    claim = {"example:traceabilityLotCodeSource": {"id": STORE}}
    row = only(report(*TO_PACKING, shipping | claim), Cte.SHIPPING)
    assert cell(row, "source.business_name")[:2] == ("Packer", DERIVED)
    row = only(report(shipping | claim), Cte.SHIPPING)
    assert cell(row, "source.business_name")[:2] == ("Store", DERIVED)


def test_a_source_reference_stays_as_it_came() -> None:
    """It is an address to be opened, so that another host would be another answer."""
    link = "https://www.example.com/01/10614141000026/10/PACKED"
    found = report(shipping | {"example:tlcSourceReference": link})
    row = only(found, Cte.SHIPPING)
    assert cell(row, "source_reference") == (link, DERIVED, row.event.key)
    assert cell(row, "source.city")[:2] == (
        "n/a (See Traceability Lot Code Source Reference)",
        NOT_APPLICABLE,
    )
    assigned = packing | {"ilmd": {"example:tlcSourceReference": link}}
    row = only(report(*TO_PACKING[:-1], assigned, shipping), Cte.SHIPPING)
    assert cell(row, "source_reference")[:2] == (link, DERIVED)
    assert cell(row, "source.business_name")[:2] == ("Packer", DERIVED)


def test_receiving_from_exempt() -> None:
    found = report(receiving, rules=Rules(is_exempt=PACKER.__eq__))
    row = only(found, Cte.RECEIVING_FROM_EXEMPT)
    assert cell(row, "previous_source.business_name")[0] == "Packer"
    assert cell(row, "source.business_name") == ("Kitchen", MASTER_DATA, KITCHEN)
    onward = shipping | {"eventTime": "2027-03-06T09:00:00-07:00", "readPoint": {"id": KITCHEN}}
    onward |= destination(STORE)
    row = only(report(receiving, onward, rules=Rules(is_exempt=PACKER.__eq__)), Cte.SHIPPING)
    assert cell(row, "source.business_name")[:2] == ("Kitchen", DERIVED)


def test_a_gdst_landing_after_trips_that_fishing_events_tell() -> None:
    def fishing(time: str, area: str) -> Json:
        caught = {"vesselName": "Mary Ann", "catchArea": area}
        return event(
            "ObjectEvent", time, "urn:gdst:bizStep:fishingEvent", action="OBSERVE",
            ilmd={"cbvmda:catch": [caught]}, **of(FISH, 100, "KGM"),
        )  # fmt: skip

    landing = event(
        "ObjectEvent", "2027-04-09T06:00:00-08:00", "urn:gdst:bizStep:landing", HARBOUR,
        action="OBSERVE", **papers(("cert", "T-1")), **of(FISH, 200, "KGM"),
    )  # fmt: skip
    products = [ProductDescription(id=FISH, species="Cod (Gadus morhua)", packaged=False)]
    found = report(
        fishing("2027-04-06T12:00:00-08:00", "FAO 67"),
        fishing("2027-04-03T12:00:00-08:00", "FAO 61"),
        landing,
        products=products,
    )
    row = only(found, Cte.FIRST_LAND_BASED_RECEIVING)
    assert cell(row, "species") == ("Cod (Gadus morhua)", MASTER_DATA, FISH)
    assert cell(row, "product.brand") == ("n/a (Unpackaged)", NOT_APPLICABLE, "")
    assert cell(row, "harvest_start")[:2] == ("04/03/2027", DERIVED)
    assert cell(row, "harvest_end")[:2] == ("04/06/2027", DERIVED)
    assert cell(row, "harvest_locations")[:2] == ("FAO 61; FAO 67", DERIVED)
    assert cell(row, "source.business_name") == ("Harbour", MASTER_DATA, HARBOUR)
    told = landing | {"ilmd": {"https://ref.gs1.org/voc/catchZone": [{"@value": "FAO 77"}]}}
    row = only(report(fishing("2027-04-06T12:00:00-08:00", "FAO 67"), told), row.cte)
    assert cell(row, "harvest_locations") == ("FAO 77", STATED, "")


def test_foreign_addresses() -> None:
    abroad = named(PACKER, "Dairy", state="", postal_code="", country="GR")
    found = report(shipping, places=[abroad, named(KITCHEN, "Kitchen", postal_code="")])
    row = only(found, Cte.SHIPPING)
    assert cell(row, "shipped_from.state")[:2] == ("n/a", NOT_APPLICABLE)
    assert cell(row, "shipped_from.postal_code")[:2] == ("n/a", NOT_APPLICABLE)
    assert cell(row, "shipped_from.country")[:2] == ("Greece", MASTER_DATA)
    assert cell(row, "recipient.postal_code") == ("", MISSING, KITCHEN)
    assert cell(row, "recipient.country")[:2] == ("n/a", MASTER_DATA)


def test_addresses_of_territories_are_domestic() -> None:
    market = named(KITCHEN, "Market", state="", postal_code="", country="PR")
    found = report(shipping, places=[market])
    row = only(found, Cte.SHIPPING)
    assert cell(row, "recipient.state") == ("PR", MASTER_DATA, KITCHEN)
    assert cell(row, "recipient.postal_code") == ("", MISSING, KITCHEN)
    assert cell(row, "recipient.country")[:2] == ("n/a", MASTER_DATA)


def test_a_part_of_a_place_is_where_the_place_is() -> None:
    dock = f"{PACKER}/254/DOCK-5"
    row = only(report(shipping | {"readPoint": {"id": dock}}), Cte.SHIPPING)
    assert cell(row, "shipped_from.business_name") == ("Packer", MASTER_DATA, dock)


def test_coordinates_stand_for_a_street() -> None:
    found = report(shipping | {"readPoint": {"id": "geo:32.7,-114.6"}})
    row = only(found, Cte.SHIPPING)
    assert cell(row, "shipped_from.address")[:2] == ("32.7, -114.6", MASTER_DATA)


cooking = event(
    "TransformationEvent", "2027-03-05T12:00:00-07:00", "commissioning", KITCHEN,
    inputQuantityList=[quantity(PACKED, 7)], outputQuantityList=[quantity(SALAD, 90)],
)  # fmt: skip


def test_an_ingredient_without_a_lot() -> None:
    product = PACKED.partition("/10/")[0]
    found = report(cooking | {"inputQuantityList": [quantity(product, 7)]})
    row = only(found, Cte.TRANSFORMATION)
    assert cell(row, "input_lot_code") == ("", MISSING, "")
    assert cell(row, "input.product_name") == ("Romaine hearts", MASTER_DATA, product)
    assert cell(row, "input_quantity") == ("7", STATED, "")
    assert found.findings


def test_a_closed_box_is_no_lot_that_was_used() -> None:
    used = without(cooking, "inputQuantityList") | {"inputEPCList": [PALLET]}
    row = only(report(used), Cte.TRANSFORMATION)
    assert cell(row, "input_lot_code") == ("", MISSING, "")


def test_what_is_not_known_of_food_that_was_used_is_a_finding() -> None:
    """FDA's headings of ingredients say "if applicable", and they are once there are some."""
    unsaid = [{"epcClass": PACKED}]
    found = report(cooking | {"inputQuantityList": unsaid}, products=PRODUCTS[2:])
    assert cell(only(found, Cte.TRANSFORMATION), "input_quantity") == ("", MISSING, "")
    missing = {finding.lot: finding.rule for finding in found.findings if finding.rule != "assumed"}
    assert missing[PACKED] == "missing-product"
    assert "1.1350(a)(1)(iii)" in {finding.paragraph for finding in found.findings}


SEEDS = "urn:example:seeds:"
SPROUTS = f"{STEM}/01/10614141000057/10/SPROUTS"
SEED_PRODUCT = ProductDescription(
    id=f"{SEEDS}BAG", variety="Vigna radiata", packaging_style="50 lb poly bag"
)


def sprouting(*, treated: bool) -> list[Json]:
    """Seeds from harvest over two processors to a sprouter, who gives them a code of his own."""

    def made(time: str, place: str, before: str, after: str) -> Json:
        return event(
            "TransformationEvent", time, "commissioning", place,
            inputQuantityList=[quantity(before, 50, "LBR")],
            outputQuantityList=[quantity(after, 50, "LBR")],
        )  # fmt: skip

    raw, clean, bag, own = (f"{SEEDS}{name}" for name in ("RAW", "CLEAN", "BAG", "OWN"))
    arrival = event(
        "ObjectEvent", "2027-02-03T08:00:00-07:00", "receiving", KITCHEN, action="OBSERVE",
        **source(STORE), **of(bag, 50, "LBR"),
    )  # fmt: skip
    if treated:
        arrival["example:antimicrobialTreatment"] = "Calcium hypochlorite"
        arrival["example:growingSpecifications"] = "organic"
    return [
        without(harvest, "bizLocation", "quantityList") | of(raw, 50, "LBR"),
        made("2027-03-01T10:00:00-07:00", COOLER, raw, clean),
        made("2027-03-01T12:00:00-07:00", PACKER, clean, bag),
        arrival | {"eventTime": "2027-03-02T08:00:00-07:00"},
        made("2027-03-03T08:00:00-07:00", KITCHEN, bag, own),
        made("2027-03-09T08:00:00-07:00", KITCHEN, own, SPROUTS)
        | papers(("prodorder", "S-1"), ("recadv", "S-2")),
    ]


def test_sprouts() -> None:
    products = [
        ProductDescription(
            id=SPROUTS, product_name="Mung sprouts", food_traceability_list_category="Sprouts"
        ),
        SEED_PRODUCT,
    ]
    row = only(report(*sprouting(treated=True), products=products), Cte.INITIAL_PACKING_SPROUTS)
    assert set(row.cells) == {each.name for each in key_data_elements(row.cte)}
    assert {
        name: cell(row, name)[0]
        for name in row.cells
        if name.endswith(("business_name", "lot_code", "date", "number", "number_2"))
        or name.startswith("seed_")
    } == {
        "grower.business_name": "Farm",
        "seed_harvest_date": "03/01/2027",
        "conditioner.business_name": "Cooler",
        "conditioner_lot_code": f"{SEEDS}CLEAN",
        "conditioning_date": "03/01/2027",
        "packinghouse.business_name": "Packer",
        "seed_packing_date": "03/01/2027",
        "packinghouse_lot_code": f"{SEEDS}BAG",
        "repacker.business_name": "n/a",
        "seed_repacking_date": "n/a",
        "repacker_lot_code": "n/a",
        "supplier.business_name": "Store",
        "supplier_lot_code": f"{SEEDS}BAG",
        "supplier_sub_lot_code": "n/a",
        "sprouter_lot_code": f"{SEEDS}OWN",
        "seed_type": "Vigna radiata",
        "seed_growing": "organic",
        "seed_packaging": "50 lb poly bag",
        "seed_treatment": "Calcium hypochlorite",
        "receive_date": "03/02/2027",
        "document_number": "S-1",
        "document_number_2": "S-2",
    }
    assert row.linked_codes == "(01)10614141000057(10)SPROUTS"
    row = only(report(*sprouting(treated=False), products=products), Cte.INITIAL_PACKING_SPROUTS)
    assert cell(row, "seed_growing") == ("", MISSING, "")
    assert cell(row, "seed_treatment") == ("n/a", NOT_APPLICABLE, "")


def test_the_demo_chain_has_every_key_data_element() -> None:
    found = trace_lots(*demo_chain(), Selection(lots=(ASKED,)))
    assert {cte.value: len(rows) for cte, rows in found.rows.items() if rows} == {
        "Harvesting": 3,
        "Cooling": 3,
        "Initial Packing": 4,
        "First Land-Based Receiving": 2,
        "Shipping": 14,
        "Receiving": 13,
        "Transformation": 7,
    }
    for cte, rows in found.rows.items():
        for row in rows:
            assert row.complete
            assert set(row.cells) == {element.name for element in key_data_elements(cte)}
    assert {
        each.provenance
        for rows in found.rows.values()
        for row in rows
        for each in row.cells.values()
    } == (set(Provenance) - {Provenance.MISSING})


# --- what a row is --------------------------------------------------------------------------


def a_row(cte: Cte, **more: Any) -> Row:
    fields: dict[str, Any] = {"lot": RAW, "event": shipped(1, RAW, at_place=FARM), "cells": {}}
    return Row(cte=cte, **fields | more)


@pytest.mark.parametrize("cte", Cte)
def test_where_what_a_row_records_was_done(cte: Cte) -> None:
    """Who ships has the record of it, who receives has another; all else is done where it is seen."""
    moved = {"origin_place": PACKER, "destination_place": STORE}
    expected = {
        Cte.SHIPPING: PACKER,
        Cte.RECEIVING: STORE,
        Cte.RECEIVING_FROM_EXEMPT: STORE,
    }
    assert a_row(cte, **moved).place == expected.get(cte, FARM)
    assert a_row(cte).place == FARM


def test_a_row_is_complete_when_nothing_is_missing() -> None:
    known, missing = Cell("x", Provenance.STATED), Cell("", Provenance.MISSING)
    other = Cell("", Provenance.NOT_APPLICABLE)
    assert a_row(Cte.SHIPPING).complete
    assert a_row(Cte.SHIPPING, cells={"lot_code": known, "date": other}).complete
    assert not a_row(Cte.SHIPPING, cells={"lot_code": known, "date": missing}).complete


def test_rows_are_in_order_of_time_then_of_what_they_name() -> None:
    later, one, other = shipped(2, RAW), "urn:x:1", "urn:x:2"
    ordered = [
        a_row(Cte.SHIPPING, lot=one, input_lot=one),
        a_row(Cte.SHIPPING, lot=one, input_lot=one, container=one),
        a_row(Cte.SHIPPING, lot=one, input_lot=one, container=other),
        a_row(Cte.SHIPPING, lot=one, input_lot=other),
        a_row(Cte.SHIPPING, lot=other),
        a_row(Cte.SHIPPING, lot=one, event=later),
    ]
    assert all(before.order < after.order for before, after in pairwise(ordered))


def test_what_nobody_says_of_a_row_is_empty() -> None:
    row = a_row(Cte.SHIPPING)
    assert (row.input_lot, row.container, row.origin_place, row.destination_place) == ("",) * 4
    assert (row.further_documents, row.linked_codes, row.assumption) == ("",) * 3

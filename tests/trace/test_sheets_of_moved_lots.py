"""What the sheets say of lots on their way: harvesting, cooling, landing, shipping, receiving."""

import pytest
from row_samples import (
    DERIVED,
    FARM_2,
    MANY_PAPERS,
    MASTER_DATA,
    MISSING,
    NOT_APPLICABLE,
    NOTHING,
    NOWHERE,
    PACKED_CODE,
    PALLET,
    PLACES,
    STATED,
    UNKNOWN,
    Cte,
    Told,
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
    receiving,
    report,
    shipping,
    site,
    told,
    without,
)
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
)

from closient_export.master_data import LocationDescription, ProductDescription
from closient_export.trace.report import TraceReport

# --- harvesting and cooling -----------------------------------------------------------------


def test_a_whole_row_of_harvesting() -> None:
    row = only(report(harvest | MANY_PAPERS | destination(COOLER), packing), Cte.HARVESTING)
    assert told(row) == {
        **site("recipient", "Cooler", MASTER_DATA, COOLER),
        "commodity": ("Romaine", MASTER_DATA, RAW),
        "variety": NOTHING,
        "quantity": ("500", STATED, ""),
        "unit": ("pounds", STATED, ""),
        **site("farm", "Farm", MASTER_DATA, FARM),
        "growing_area": ("East 7", MASTER_DATA, FIELD),
        "aquaculture_container": NOTHING,
        "date": ("03/01/2027", STATED, ""),
        **documents("Work Order", "1", "Invoice", "2"),
    }
    assert beside(row) == {
        "origin_place": FARM,
        "destination_place": COOLER,
        "further_documents": "Bill of Lading 3; Purchase Order 4",
        "linked_codes": PACKED_CODE,
    }


def test_a_harvest_that_may_be_none_says_so() -> None:
    commissioned = harvest | {"bizStep": "commissioning"}
    row = only(report(commissioned, packing), Cte.HARVESTING)
    assert beside(row) == {
        "origin_place": FARM,
        "linked_codes": PACKED_CODE,
        "assumption": "commissioned, and used without being shipped, so it may be a harvest",
    }


def test_the_field_is_where_it_was_read_or_where_it_belongs() -> None:
    read_in_field = harvest | {"readPoint": {"id": FIELD}, "bizLocation": {"id": FARM}}
    row = only(report(read_in_field), Cte.HARVESTING)
    assert cell(row, "growing_area") == ("East 7", MASTER_DATA, FIELD)


def test_a_field_that_is_not_known_is_missing_where_it_was_looked_for() -> None:
    unnamed = [named(FARM, "Farm"), LocationDescription(id=FIELD)]
    row = only(report(harvest, places=unnamed), Cte.HARVESTING)
    assert cell(row, "growing_area") == ("", MISSING, FIELD)
    row = only(report(without(harvest, "bizLocation")), Cte.HARVESTING)
    assert cell(row, "growing_area") == ("", MISSING, FARM)


def test_a_whole_row_of_cooling() -> None:
    packed = event(
        "AggregationEvent", "2027-03-01T09:00:00-07:00", "packing", FARM, action="ADD",
        parentID=PALLET, childQuantityList=[quantity(RAW, 500, "LBR")],
    )  # fmt: skip
    cooled = without(chilled, "quantityList", "sensorElementList") | {"epcList": [PALLET]}
    found = report(
        called("harvest", harvest),
        packed,
        cooled | MANY_PAPERS,
        called("arrival", at_packer),
        packing,
    )
    row = only(found, Cte.COOLING)
    assert told(row) == {
        **site("recipient", "Packer", DERIVED, "urn:x:arrival"),
        "commodity": ("Romaine", MASTER_DATA, RAW),
        "variety": NOTHING,
        "quantity": ("500", DERIVED, PALLET),
        "unit": ("pounds", DERIVED, PALLET),
        **site("cooled", "Cooler", MASTER_DATA, COOLER),
        "date": ("03/01/2027", STATED, ""),
        **site("farm", "Farm", DERIVED, "urn:x:harvest"),
        **documents("Work Order", "1", "Invoice", "2"),
    }
    assert beside(row) == {
        "container": PALLET,
        "origin_place": COOLER,
        "destination_place": PACKER,
        "further_documents": "Bill of Lading 3; Purchase Order 4",
        "linked_codes": PACKED_CODE,
        "assumption": "step 'other' of a harvested lot",
    }


def test_a_lot_from_two_farms_has_a_row_for_each() -> None:
    """FDA's sheet has room for one farm; that there are two harvests is a finding, too."""
    again = called("second", harvest, eventTime="2027-03-01T10:00:00-07:00")
    again |= {"readPoint": {"id": FARM_2}, "bizLocation": {"id": FARM_2}}
    places = [*PLACES, named(FARM_2, "Second farm")]
    found = report(called("first", harvest), again, chilled, packing, places=places)
    assert [cell(row, "farm.business_name") for row in found.rows[Cte.COOLING]] == [
        ("Farm", DERIVED, "urn:x:first"),
        ("Second farm", DERIVED, "urn:x:second"),
    ]


def test_cooling_of_what_nobody_says_where_it_grew() -> None:
    found = report(chilled, packing, rules=host("other", Cte.COOLING))
    row = only(found, Cte.COOLING)
    assert {name: each for name, each in told(row).items() if name.startswith("farm.")} == nowhere(
        "farm", UNKNOWN
    )


# --- first land-based receiving -------------------------------------------------------------

landing = called(
    "landing",
    event(
        "ObjectEvent", "2027-04-09T06:00:00-08:00", "urn:gdst:bizStep:landing", HARBOUR,
        action="OBSERVE", **of(FISH, 200, "KGM"),
    ),
)  # fmt: skip


def fishing(name: str, time: str, step: str = "urn:gdst:bizStep:fishingEvent", **ilmd: str) -> Json:
    caught = event(
        "ObjectEvent", time, step, action="OBSERVE",
        ilmd={f"cbvmda:{said}": value for said, value in ilmd.items()}, **of(FISH, 100, "KGM"),
    )  # fmt: skip
    return called(name, caught)


def trip(found: TraceReport) -> list[Told]:
    row = only(found, Cte.FIRST_LAND_BASED_RECEIVING)
    return [cell(row, name) for name in ("harvest_start", "harvest_end", "harvest_locations")]


def test_a_whole_row_of_landing() -> None:
    vessel = f"{STEM}/417/0614141000999"
    packed = event(
        "AggregationEvent", "2027-04-08T09:00:00-08:00", "packing", action="ADD",
        parentID=PALLET, childQuantityList=[quantity(FISH, 200, "KGM")],
    )  # fmt: skip
    caught = fishing("catch", "2027-04-06T12:00:00-08:00", catchArea="FAO 67")
    caught["action"] = "ADD"
    unloaded = without(landing, "quantityList") | {"bizStep": "unloading", "epcList": [PALLET]}
    found = report(caught, packed, unloaded | MANY_PAPERS | source(vessel, "possessing_party"))
    row = only(found, Cte.FIRST_LAND_BASED_RECEIVING)
    assert told(row) == {
        "traceability_lot_code": ("(01)10614141000040(10)FISH", STATED, ""),
        "species": ("n/a (Packaged)", NOT_APPLICABLE, ""),
        **goods("product", "Cod", FISH),
        "quantity": ("200", DERIVED, PALLET),
        "unit": ("kilograms", DERIVED, PALLET),
        "harvest_start": ("04/06/2027", DERIVED, "urn:x:catch"),
        "harvest_end": ("04/06/2027", DERIVED, "urn:x:catch"),
        "harvest_locations": ("FAO 67", DERIVED, "urn:x:catch"),
        **site("source", "Harbour", MASTER_DATA, HARBOUR),
        "source_reference": NOTHING,
        "date": ("04/09/2027", STATED, ""),
        **documents("Work Order", "1", "Invoice", "2"),
    }
    assert beside(row) == {
        "container": PALLET,
        "origin_place": vessel,
        "destination_place": HARBOUR,
        "further_documents": "Bill of Lading 3; Purchase Order 4",
        "assumption": "caught at sea and landed by no event, so this may be where it was",
    }


@pytest.mark.parametrize(
    ("packaged", "style", "species"),
    [
        (None, "Carton", "n/a (Packaged)"),
        (None, "", "Gadus morhua"),
        (True, "", "n/a (Packaged)"),
        (False, "Carton", "Gadus morhua"),
    ],
)
def test_whether_fish_is_packaged(*, packaged: bool | None, style: str, species: str) -> None:
    product = ProductDescription(
        id=FISH, species="Gadus morhua", packaging_style=style, packaged=packaged
    )
    row = only(report(landing, products=[product]), Cte.FIRST_LAND_BASED_RECEIVING)
    assert cell(row, "species")[0] == species


def test_what_fish_is_called_stands_for_its_species() -> None:
    product = ProductDescription(id=FISH, product_name="Cod, whole", packaged=False)
    row = only(report(landing, products=[product]), Cte.FIRST_LAND_BASED_RECEIVING)
    assert cell(row, "species") == ("Cod, whole", MASTER_DATA, FISH)
    row = only(report(landing, products=[]), Cte.FIRST_LAND_BASED_RECEIVING)
    assert cell(row, "species") == UNKNOWN


@pytest.mark.parametrize(
    ("start", "end"),
    [("harvestDateStart", "harvestDateEnd"), ("harvestStartDate", "harvestEndDate")],
)
def test_the_days_of_a_trip_are_those_that_are_said(start: str, end: str) -> None:
    said = {start: "2027-04-02T18:30:00-08:00", end: "2027-04-05"}
    caught = fishing("catch", "2027-04-06T12:00:00-08:00", **said)
    assert trip(report(caught, landing)) == [
        ("04/02/2027", DERIVED, "urn:x:catch"),
        ("04/05/2027", DERIVED, "urn:x:catch"),
        UNKNOWN,
    ]
    ilmd = {"ilmd": {f"cbvmda:{name}": value for name, value in said.items()}}
    assert trip(report(caught, landing | ilmd))[:2] == [
        ("04/02/2027", STATED, ""),
        ("04/05/2027", STATED, ""),
    ]


def test_a_day_that_is_none_is_missing() -> None:
    said = {"ilmd": {"cbvmda:harvestDateStart": "in spring"}}
    assert trip(report(landing | said)) == [UNKNOWN, UNKNOWN, UNKNOWN]


def test_catches_of_one_day_are_told_by_the_first() -> None:
    one = fishing("one", "2027-04-06T09:00:00-08:00", catchArea="FAO 67")
    two = fishing(
        "two", "2027-04-06T12:00:00-08:00", step="urn:example:catching", catchArea="FAO 61"
    )
    assert trip(report(two, one, landing)) == [
        ("04/06/2027", DERIVED, "urn:x:one"),
        ("04/06/2027", DERIVED, "urn:x:one"),
        ("FAO 67; FAO 61", DERIVED, "urn:x:one"),
    ]


def test_only_catches_before_the_landing_tell_of_the_trip() -> None:
    caught = fishing("catch", "2027-04-06T12:00:00-08:00", catchArea="FAO 67")
    others = [
        fishing("sold", "2027-04-03T12:00:00-08:00", "transporting", catchArea="FAO 1"),
        fishing("same", "2027-04-09T06:00:00-08:00", catchArea="FAO 2"),
        fishing("next", "2027-04-12T12:00:00-08:00", catchArea="FAO 3"),
    ]
    assert trip(report(caught, *others, landing)) == [
        ("04/06/2027", DERIVED, "urn:x:catch"),
        ("04/06/2027", DERIVED, "urn:x:catch"),
        ("FAO 67", DERIVED, "urn:x:catch"),
    ]


def vessel(area: str, start: str = "", end: str = "") -> Json:
    """What is said of the catch of one vessel."""
    said = {"catchArea": area, "harvestStartDate": start, "harvestEndDate": end}
    return {f"cbvmda:{name}": value for name, value in said.items() if value}


def of_vessels(*caught: Json) -> Json:
    information = {"cbvmda:vesselCatchInformation": list(caught)}
    return {"ilmd": {"cbvmda:vesselCatchInformationList": information}}


def test_a_landing_of_several_vessels_tells_of_all() -> None:
    """The range is of them all, and an area is told once (21 CFR 1.1335(d))."""
    vessels = of_vessels(
        vessel("FAO 77", "2027-04-01", "2027-04-03"),
        vessel("FAO 67", "2027-03-20", "2027-04-04"),
        vessel("FAO 77", "2027-03-30", "in spring"),
    )
    assert trip(report(landing | vessels)) == [
        ("03/20/2027", STATED, ""),
        ("04/04/2027", STATED, ""),
        ("FAO 77; FAO 67", STATED, ""),
    ]


def test_a_catch_of_several_vessels_tells_of_all() -> None:
    vessels = of_vessels(
        vessel("FAO 77", "2027-04-01", "2027-04-03"), vessel("FAO 67", "2027-03-20", "2027-04-04")
    )
    caught = fishing("catch", "2027-04-06T12:00:00-08:00") | vessels
    assert trip(report(caught, landing)) == [
        ("03/20/2027", DERIVED, "urn:x:catch"),
        ("04/04/2027", DERIVED, "urn:x:catch"),
        ("FAO 77; FAO 67", DERIVED, "urn:x:catch"),
    ]


def test_catches_tell_of_what_was_made_of_them_on_board() -> None:
    """Two catches, headed and gutted as one lot: the trip is that of both."""
    lots = [f"{FISH}-{number}" for number in "12"]
    catches = [
        fishing(name, f"2027-04-0{day}T12:00:00-08:00", catchArea=area)
        | of(lot, 100, "KGM")
        | {"action": "ADD", "readPoint": {"id": STORE}}
        for name, day, area, lot in zip(
            ("one", "two"), "25", ("FAO 67", "FAO 77"), lots, strict=True
        )
    ]
    gutted = event(
        "TransformationEvent", "2027-04-06T10:00:00-08:00", "creating_class_instance", STORE,
        inputQuantityList=[quantity(lot, 100, "KGM") for lot in lots],
        outputQuantityList=[quantity(FISH, 180, "KGM")],
    )  # fmt: skip
    assert trip(report(*catches, gutted, landing)) == [
        ("04/02/2027", DERIVED, "urn:x:one"),
        ("04/05/2027", DERIVED, "urn:x:two"),
        ("FAO 67; FAO 77", DERIVED, "urn:x:one"),
    ]


# --- shipping and receiving -----------------------------------------------------------------


def test_a_whole_row_of_shipping_in_a_container() -> None:
    packed = event(
        "AggregationEvent", "2027-03-03T08:00:00-07:00", "packing", PACKER, action="ADD",
        parentID=PALLET, childQuantityList=[quantity(PACKED, 40)],
    )  # fmt: skip
    sent = without(shipping, "quantityList") | {"epcList": [PALLET]} | MANY_PAPERS
    row = only(report(called("packing", packing), packed, sent), Cte.SHIPPING)
    assert told(row) == {
        "traceability_lot_code": (PACKED_CODE, DERIVED, PALLET),
        "quantity": ("40", DERIVED, PALLET),
        "unit": ("cases", DERIVED, PALLET),
        **goods("product", "Romaine hearts", PACKED),
        **site("recipient", "Kitchen", MASTER_DATA, KITCHEN),
        **site("shipped_from", "Packer", MASTER_DATA, PACKER),
        "date": ("03/03/2027", STATED, ""),
        **site("source", "Packer", DERIVED, "urn:x:packing"),
        "source_reference": NOTHING,
        **documents("Work Order", "1", "Invoice", "2"),
    }
    assert beside(row) == {
        "container": PALLET,
        "origin_place": PACKER,
        "destination_place": KITCHEN,
        "further_documents": "Bill of Lading 3; Purchase Order 4",
    }


def test_what_a_container_is_shipped_with_is_stated() -> None:
    loaded = event(
        "AggregationEvent", "2027-03-03T09:00:00-07:00", "shipping", PACKER, action="ADD",
        parentID=PALLET, childQuantityList=[quantity(PACKED, 40)],
        **papers(("bol", "B-1")), **destination(KITCHEN),
    )  # fmt: skip
    row = only(report(loaded), Cte.SHIPPING)
    assert cell(row, "traceability_lot_code") == (PACKED_CODE, STATED, "")
    assert cell(row, "quantity") == ("40", STATED, "")
    assert row.container == PALLET


def test_a_shipment_that_only_the_host_knows_to_be_one_has_no_delivery() -> None:
    carried = without(shipping, "destinationList") | {"bizStep": "transporting"}
    found = report(carried, receiving, rules=host("transporting", Cte.SHIPPING))
    row = only(found, Cte.SHIPPING)
    assert cell(row, "recipient.business_name") == UNKNOWN
    assert beside(row) == {"origin_place": PACKER, "assumption": "as the host classifies it"}


def test_what_arrives_in_parts_went_where_the_first_part_arrived() -> None:
    order = papers(("po", "PO-1"))
    sent = without(shipping, "destinationList") | order
    first = called("first", receiving | of(PACKED, 30) | order)
    rest = called("rest", receiving | of(PACKED, 10) | order, readPoint={"id": STORE})
    rest |= {"eventTime": "2027-03-05T09:00:00-07:00"}
    row = only(report(sent, first, rest), Cte.SHIPPING)
    assert cell(row, "recipient.business_name") == ("Kitchen", DERIVED, "urn:x:first")
    assert row.destination_place == KITCHEN


def test_a_place_that_a_shipment_names_counts_though_nobody_describes_it() -> None:
    """Its pallet arrived elsewhere, but where it was sent is for the shipper to say."""
    packed = event(
        "AggregationEvent", "2027-03-03T08:00:00-07:00", "packing", PACKER, action="ADD",
        parentID=PALLET, childQuantityList=[quantity(PACKED, 40)],
    )  # fmt: skip
    boxed = {"epcList": [PALLET]}
    sent = without(shipping, "quantityList") | boxed | destination(NOWHERE)
    came = without(receiving, "quantityList") | boxed
    row = only(report(packed, sent, came), Cte.SHIPPING)
    assert cell(row, "recipient.business_name") == ("", MISSING, NOWHERE)
    assert row.destination_place == NOWHERE


@pytest.mark.parametrize("kind", ["possessing_party", "owning_party"])
def test_a_party_that_nobody_describes_is_what_is_missing(kind: str) -> None:
    buyer = f"{STEM}/417/0614141000890"
    row = only(report(shipping | destination(buyer, kind)), Cte.SHIPPING)
    assert cell(row, "recipient.business_name") == ("", MISSING, buyer)
    assert row.destination_place == buyer


def test_a_whole_row_of_receiving() -> None:
    row = only(report(receiving | MANY_PAPERS), Cte.RECEIVING)
    assert told(row) == {
        "traceability_lot_code": (PACKED_CODE, STATED, ""),
        "quantity": ("40", STATED, ""),
        "unit": ("cases", STATED, ""),
        **goods("product", "Romaine hearts", PACKED),
        **site("previous_source", "Packer", MASTER_DATA, PACKER),
        **site("received", "Kitchen", MASTER_DATA, KITCHEN),
        "date": ("03/04/2027", STATED, ""),
        **nowhere("source", UNKNOWN),
        "source_reference": NOTHING,
        **documents("Work Order", "1", "Invoice", "2"),
    }
    assert beside(row) == {
        "origin_place": PACKER,
        "destination_place": KITCHEN,
        "further_documents": "Bill of Lading 3; Purchase Order 4",
    }


def test_where_a_shipment_left_from() -> None:
    """The place that it names as its source, else where it was seen, else who had it."""
    keeper = f"{STEM}/417/0614141000999"
    places = [*PLACES, named(keeper, "Keeper")]
    kept = shipping | source(keeper, "possessing_party")
    for sent, name in (
        (shipping | source(STORE), "Store"),
        (kept, "Packer"),
        (without(kept, "readPoint"), "Keeper"),
    ):
        row = only(report(sent, places=places), Cte.SHIPPING)
        assert cell(row, "shipped_from.business_name")[0] == name


def test_a_receipt_that_only_the_host_knows_to_be_one() -> None:
    came = without(receiving, "sourceList") | {"bizStep": "storing"}
    row = only(report(shipping, came, rules=host("storing", Cte.RECEIVING)), Cte.RECEIVING)
    assert cell(row, "previous_source.business_name") == UNKNOWN
    assert cell(row, "received.business_name") == ("Kitchen", MASTER_DATA, KITCHEN)


def test_what_was_not_landed_has_no_source_yet() -> None:
    """Though a host takes what left the vessel for a shipment: its code was not assigned at sea."""
    caught = fishing("catch", "2027-04-06T12:00:00-08:00") | {"action": "ADD"}
    caught |= {"readPoint": {"id": STORE}}
    sold = event(
        "ObjectEvent", "2027-04-08T12:00:00-08:00", "shipping", STORE, action="OBSERVE",
        **destination(KITCHEN), **of(FISH, 100, "KGM"),
    )  # fmt: skip
    row = only(report(caught, sold, rules=host("shipping", Cte.SHIPPING)), Cte.SHIPPING)
    assert {
        name: each for name, each in told(row).items() if name.startswith("source.")
    } == nowhere("source", UNKNOWN)

"""Documents as other producers write them: no row may be missing, and none may be there twice."""

from trace_samples import (
    FARM,
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
    destination,
    event,
    of,
    opened,
    papers,
    quantity,
    rows_of,
    source,
    traced,
    written,
)

from closient_export.master_data import LocationDescription
from closient_export.trace.genealogy import diagram_of
from closient_export.trace.kdes import CriticalTrackingEvent as Cte
from closient_export.trace.recall import recall_scope
from closient_export.trace.report import TraceReport
from closient_export.trace.summaries import lot_summaries

GDST = "urn:gdst:bizStep:"
BOAT = f"{STEM}/414/0614141000067"
PALLET = f"{STEM}/00/106141410000000018"


def at(day: int) -> str:
    return f"2027-03-{day:02}T09:30:00-07:00"


def moved(day: int, step: str, place: str, **members: object) -> Json:
    return event("ObjectEvent", at(day), step, place, action="OBSERVE", **members)


def made(day: int, place: str, used: str, lot: str, **members: object) -> Json:
    return event(
        "TransformationEvent",
        at(day),
        "commissioning",
        place,
        inputQuantityList=[quantity(used, 100, "KGM")],
        outputQuantityList=[quantity(lot, 20)],
        **members,
    )


FISHING = event(
    "ObjectEvent", at(1), f"{GDST}fishingEvent", BOAT, action="ADD", **of(FISH, 100, "KGM")
)


def test_what_is_made_ashore_of_a_catch_that_nobody_landed_has_its_rows() -> None:
    report = traced(
        FISHING,
        made(2, PACKER, FISH, PACKED),
        moved(3, "shipping", PACKER, **of(PACKED, 20), **destination(STORE)),
    )
    assert len(report.rows[Cte.TRANSFORMATION]) == len(report.rows[Cte.SHIPPING]) == 1
    assert [finding.found for finding in report.findings if finding.rule == "assumed"] == [
        f"No event says that {FISH} was landed, but this is not where it was caught."
    ]


def test_a_step_of_another_vocabulary_may_be_named_as_the_cbv_names_its_own() -> None:
    landing = moved(
        2, "https://traceability-dialogue.org/epcis/BizStep-landing", HARBOUR, **of(FISH, 100)
    )
    assert len(traced(FISHING, landing).rows[Cte.FIRST_LAND_BASED_RECEIVING]) == 1


def test_a_code_is_assigned_where_the_first_items_of_the_lot_are_commissioned() -> None:
    serials = [f"urn:epc:id:sgtin:0614141.100002.{number}" for number in range(2)]
    report = traced(
        event(
            "ObjectEvent",
            at(1),
            "commissioning",
            PACKER,
            action="ADD",
            epcList=serials,
            ilmd={"cbvmda:lotNumber": "PACKED"},
        ),
        moved(2, "shipping", PACKER, epcList=serials, **destination(STORE)),
    )
    assert report.facts.source(PACKED)["source.phone"].source == PACKER
    assert "source-missing" not in {f.rule for f in report.findings if "assigned" in f.found}


def test_items_that_are_commissioned_later_at_the_same_place_are_counted() -> None:
    def commissioned(day: int, *serials: int) -> Json:
        return event(
            "ObjectEvent",
            at(day),
            "commissioning",
            PACKER,
            action="ADD",
            epcList=[f"{PACKED}/21/{number}" for number in serials],
        )

    shipped = [f"{PACKED}/21/{number}" for number in (1, 2, 3)]
    report = traced(
        commissioned(1, 1, 2),
        moved(2, "shipping", PACKER, epcList=shipped[:2], **destination(STORE)),
        commissioned(3, 3, 4),
        moved(4, "shipping", PACKER, epcList=shipped[2:], **destination(STORE)),
    )
    assert "unbalanced" not in {finding.rule for finding in report.findings}
    assert [row[-1] for row in recall_scope(report)][:1] == [f"{STEM}/01/10614141000026/21/4"]


def test_what_has_left_a_place_without_a_read_point_is_not_there_any_more() -> None:
    report = traced(
        made(1, PACKER, RAW, PACKED),
        moved(2, "shipping", "", **of(PACKED, 20), **source(PACKER), **destination(STORE)),
    )
    assert [
        (row[2], row[-2])
        for row in recall_scope(report)
        if row[0] == "(01)10614141000026(10)PACKED"
    ] == [
        (PACKER, "all sent on"),
        (STORE, "sent there, arrival not recorded"),
    ]
    (shipment,) = diagram_of(report).shipments
    assert shipment.origin == PACKER


def test_the_genealogy_counts_the_items_that_were_made() -> None:
    items = [f"{PACKED}/21/{number}" for number in range(3)]
    report = traced(
        {**made(1, PACKER, RAW, PACKED), "outputQuantityList": [], "outputEPCList": items}
    )
    sheet = opened(written(report))["Lot Genealogy"]
    headings, row = sheet.iter_rows(values_only=True)
    assert dict(zip(headings, row, strict=True))["Quantity Made"] == "3"


def test_clocks_of_two_zones_are_told_with_their_zones() -> None:
    report = traced(
        moved(2, "shipping", PACKER, **of(PACKED, 20), **destination(STORE)),
        event(
            "ObjectEvent",
            "2027-03-02T10:00:00-06:00",
            "receiving",
            STORE,
            action="OBSERVE",
            **of(PACKED, 20),
            **source(PACKER),
        ),
    )
    assert [finding.found for finding in report.findings if finding.rule == "time-backwards"] == [
        "(01)10614141000026(10)PACKED was received on 03/02/2027 10:00 UTC-06:00, "
        "before it was shipped on 03/02/2027 09:30 UTC-07:00."
    ]


def test_a_transaction_event_gives_a_move_its_papers_and_is_no_move_of_its_own() -> None:
    report = traced(
        event(
            "AggregationEvent",
            at(1),
            "packing",
            PACKER,
            action="ADD",
            parentID=PALLET,
            childQuantityList=[quantity(PACKED, 20)],
        ),
        moved(2, "shipping", PACKER, epcList=[PALLET], **destination(STORE)),
        moved(3, "receiving", STORE, epcList=[PALLET]),
        event(
            "TransactionEvent",
            "2027-03-03T11:00:00-07:00",
            "receiving",
            STORE,
            action="ADD",
            epcList=[PALLET],
            **papers(("recadv", "RA-7")),
        ),
    )
    rows = rows_of(report, Cte.RECEIVING)
    assert [(row["quantity"], row["document_number"]) for row in rows] == [("20", "RA-7")]


def test_what_only_a_transaction_event_names_is_not_lost() -> None:
    second = f"{STEM}/00/106141410000000025"
    report = traced(
        *(
            event(
                "AggregationEvent",
                at(1),
                "packing",
                PACKER,
                action="ADD",
                parentID=box,
                childQuantityList=[quantity(lot, amount) for lot, amount in contents],
            )
            for box, contents in (
                (PALLET, [(PACKED, 20), (SALAD, 5)]),
                (second, [(PACKED, 10)]),
            )
        ),
        moved(2, "shipping", PACKER, epcList=[PALLET], **destination(STORE)),
        event(
            "TransactionEvent",
            at(2),
            "shipping",
            PACKER,
            action="ADD",
            epcList=[PALLET, second],
            **papers(("bol", "BOL-7")),
        ),
    )
    assert {
        (row.lot, row.container, str(row.cells["quantity"].value))
        for row in report.rows[Cte.SHIPPING]
    } == {(PACKED, PALLET, "20"), (PACKED, second, "10"), (SALAD, PALLET, "5")}
    assert len([row for row in report.rows[Cte.SHIPPING] if row.lot == SALAD]) == 1


def test_a_transaction_event_is_a_move_if_nothing_else_tells_of_it() -> None:
    report = traced(
        event(
            "TransactionEvent",
            at(2),
            "shipping",
            PACKER,
            action="ADD",
            **of(PACKED, 20),
            **papers(("po", "PO-7")),
        ),
    )
    rows = rows_of(report, Cte.SHIPPING)
    assert [(row["quantity"], row["document_number"]) for row in rows] == [("20", "PO-7")]


def test_coordinates_do_not_hide_the_location_that_is_known() -> None:
    report = traced(
        moved(1, "receiving", "geo:41.1,-112.2", bizLocation={"id": STORE}, **of(PACKED, 20)),
        places=[LocationDescription(id=STORE, business_name="Corner Market")],
    )
    (row,) = rows_of(report, Cte.RECEIVING)
    assert row["received.business_name"] == "Corner Market"


def test_coordinates_of_the_harvest_stand_for_the_growing_area() -> None:
    harvest = event(
        "ObjectEvent",
        at(1),
        "creating_class_instance",
        "geo:41.1,-112.2",
        action="ADD",
        bizLocation={"id": FARM},
        **of(RAW, 100, "KGM"),
    )
    (row,) = rows_of(traced(harvest), Cte.HARVESTING)
    assert row["growing_area"] == "41.1, -112.2"


def test_a_move_without_a_read_point_is_told_of_by_the_places_that_it_names() -> None:
    said = [
        finding.found
        for report in (
            traced(moved(1, "shipping", "", **of(PACKED, 20), **source(PACKER))),
            traced(moved(2, "receiving", "", **of(SALAD, 20), **destination(STORE))),
            traced(moved(1, "shipping", "", **of(PACKED, 20))),
            traced(moved(2, "receiving", "", **of(SALAD, 20))),
        )
        for finding in report.findings
        if finding.rule in ("not-received", "not-shipped")
    ]
    assert [found.partition("3/0")[0][:-1] for found in said] == [
        f"20 cases of (01)10614141000026(10)PACKED left {PACKER} on ",
        f"20 cases of (01)10614141000033(10)SALAD arrived at {STORE} on ",
        "20 cases of (01)10614141000026(10)PACKED left on ",
        "20 cases of (01)10614141000033(10)SALAD arrived on ",
    ]


def test_a_lot_that_was_harvested_twice_has_both_harvests_where_it_is_packed() -> None:
    def harvest(day: int, farm: str) -> Json:
        return event(
            "ObjectEvent",
            at(day),
            "creating_class_instance",
            farm,
            action="ADD",
            **of(RAW, 50, "KGM"),
        )

    report = traced(
        harvest(1, FARM),
        harvest(2, FARM),
        harvest(2, KITCHEN),
        moved(3, "receiving", PACKER, **of(RAW, 150, "KGM")),
        made(4, PACKER, RAW, PACKED),
    )
    rows = report.rows[Cte.INITIAL_PACKING]
    assert [(row.origin_place, str(row.cells["harvest_date"].value)) for row in rows] == [
        (FARM, "2027-03-01"),
        (FARM, "2027-03-02"),
        (KITCHEN, "2027-03-02"),
    ]
    assert {str(row.cells["received_quantity"].value) for row in rows} == {"150"}
    assert {each.uri: each.made for each in lot_summaries(report)}[RAW] == "150 kilograms"


def packed(day: int, place: str, action: str, *lots: tuple[str, int], hour: int = 9) -> Json:
    children = {"childQuantityList": [quantity(*lot) for lot in lots]} if lots else {}
    step = "unpacking" if action == "DELETE" else "packing"
    time = f"2027-03-{day:02}T{hour:02}:00:00-07:00"
    return event("AggregationEvent", time, step, place, action=action, parentID=PALLET, **children)


def pallet(day: int, step: str, place: str, **members: object) -> Json:
    return moved(day, step, place, epcList=[PALLET], **members)


def amounts(report: TraceReport, cte: Cte) -> list[tuple[str, str]]:
    return [
        (row["traceability_lot_code"].partition("(10)")[2], row["quantity"])
        for row in rows_of(report, cte)
    ]


def test_moves_without_read_points_are_matched_by_the_ends_that_they_name() -> None:
    ends = {**source(PACKER), **destination(STORE)}
    report = traced(
        moved(2, "shipping", "", **of(PACKED, 5), **ends),
        moved(3, "receiving", "", **of(PACKED, 5), **ends),
    )
    assert not {"not-received", "not-shipped"} & {each.rule for each in report.findings}


def test_an_unpacking_recorded_before_the_receipt_does_not_hide_it() -> None:
    report = traced(
        packed(1, PACKER, "ADD", (PACKED, 10)),
        pallet(2, "shipping", PACKER, **destination(STORE)),
        packed(3, STORE, "DELETE", hour=9),
        pallet(3, "receiving", STORE),
    )
    assert amounts(report, Cte.RECEIVING) == [("PACKED", "10")]


def test_a_part_of_a_shipment_may_be_withdrawn() -> None:
    ends = destination(STORE)
    report = traced(
        moved(2, "shipping", PACKER, **of(PACKED, 100), **ends),
        moved(3, "void_shipping", PACKER, **of(PACKED, 40), **ends),
    )
    assert amounts(report, Cte.SHIPPING) == [("PACKED", "60")]
    assert "shipment withdrawn in part" in {each.reason for each in report.graph.excluded}


def test_a_pallet_packed_elsewhere_than_it_was_received_holds_another_load() -> None:
    report = traced(
        packed(1, PACKER, "ADD", (PACKED, 10)),
        pallet(2, "shipping", PACKER, **destination(STORE)),
        pallet(3, "receiving", STORE),
        packed(20, KITCHEN, "ADD", (SALAD, 7)),
        pallet(21, "shipping", KITCHEN, **destination(STORE)),
    )
    assert amounts(report, Cte.SHIPPING) == [("PACKED", "10"), ("SALAD", "7")]
    assert [each.rule for each in report.findings if each.rule == "container-reused"]


def test_serials_made_by_a_transformation_are_of_the_lot_that_their_master_data_name() -> None:
    serials = [f"{STEM}/01/10614141000033/21/{number}" for number in range(3)]
    report = traced(
        event(
            "TransformationEvent",
            at(2),
            "commissioning",
            KITCHEN,
            inputQuantityList=[quantity(PACKED, 5)],
            outputEPCList=serials,
            ilmd={"cbvmda:lotNumber": "SALAD"},
        ),
    )
    [row] = rows_of(report, Cte.TRANSFORMATION)
    assert (row["traceability_lot_code"], row["quantity"]) == ("(01)10614141000033(10)SALAD", "3")

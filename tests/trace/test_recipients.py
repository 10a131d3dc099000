"""Where harvested and cooled lots went: a row for each recipient (21 CFR 1.1325(a)(1)(i), (b)(1)(i))."""

from typing import Any

import pytest
from row_samples import (
    FARM_2,
    PALLET,
    PALLET_2,
    PLACES,
    Cte,
    called,
    chilled,
    harvest,
    named,
    report,
    without,
)
from trace_samples import (
    COOLER,
    FARM,
    KITCHEN,
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
    quantity,
    source,
)

from closient_export.trace.report import TraceReport

Told = tuple[str, str, str]
"""Recipient, quantity, and unit."""
CASE, CASE_2 = (f"{STEM}/00/1061414100000000{number}" for number in (32, 49))
UNTOLD = {"quantityList": [{"epcClass": RAW}]}


def carried(day: str, hour: str, place: str, to: str, amount: float, uom: str = "LBR") -> Json:
    return called(
        f"{day}T{hour}",
        event(
            "ObjectEvent", f"2027-03-{day}T{hour}:00:00-07:00", "transporting", place,
            action="OBSERVE", **destination(to), **of(RAW, amount, uom),
        ),
    )  # fmt: skip


def came(day: str, hour: str, place: str, start: str, amount: float) -> Json:
    return called(
        f"{day}T{hour}",
        event(
            "ObjectEvent", f"2027-03-{day}T{hour}:00:00-07:00", "receiving", place,
            action="OBSERVE", **source(start), **of(RAW, amount, "LBR"),
        ),
    )  # fmt: skip


def picked(day: str, hour: str, amount: float, uom: str = "LBR", **more: Any) -> Json:
    """Another harvest of the lot."""
    time = {"eventTime": f"2027-03-{day}T{hour}:00:00-07:00"}
    return without(harvest, "quantityList") | time | of(RAW, amount, uom) | more


def packed(box: str, amount: float) -> Json:
    return event(
        "AggregationEvent", "2027-03-01T09:00:00-07:00", "packing", FARM, action="ADD",
        parentID=box, childQuantityList=[quantity(RAW, amount, "LBR")],
    )  # fmt: skip


def of_boxes(said: Json, *boxes: str) -> Json:
    """An event about boxes instead of a quantity."""
    return without(said, "quantityList") | {"epcList": list(boxes)}


def told(found: TraceReport, cte: Cte = Cte.HARVESTING) -> list[Told]:
    names = ("recipient.business_name", "quantity", "unit")
    return [
        (cell(row, names[0])[0], cell(row, names[1])[0], cell(row, names[2])[0])
        for row in found.rows[cte]
    ]


def test_what_goes_to_two_recipients_is_a_row_for_each() -> None:
    found = report(
        harvest, carried("01", "10", FARM, PACKER, 300), carried("01", "11", FARM, KITCHEN, 200)
    )
    assert told(found) == [("Packer", "300", "pounds"), ("Kitchen", "200", "pounds")]
    rows = found.rows[Cte.HARVESTING]
    assert [cell(row, "quantity")[1:] for row in rows] == [
        ("derived", "urn:x:01T10"),
        ("derived", "urn:x:01T11"),
    ]
    assert [row.destination_place for row in rows] == [PACKER, KITCHEN]


def test_receipts_from_the_farm_tell_it_where_nothing_that_left_does() -> None:
    found = report(
        harvest, came("01", "12", PACKER, FARM, 300), came("01", "13", KITCHEN, FARM, 200)
    )
    assert told(found) == [("Packer", "300", "pounds"), ("Kitchen", "200", "pounds")]
    found = report(
        harvest,
        carried("01", "10", FARM, PACKER, 300),
        came("01", "12", PACKER, FARM, 290),
        came("01", "13", KITCHEN, FARM, 200),
        came("01", "20", STORE, PACKER, 290),
    )
    assert told(found) == [("Packer", "300", "pounds"), ("Kitchen", "200", "pounds")]


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (450, [("Packer", "500", "pounds")]),
        (449, [("Packer", "449", "pounds"), ("", "51", "pounds")]),
    ],
)
def test_what_is_left_over_stays_visible(amount: float, expected: list[Told]) -> None:
    """A tenth may be lost to drying and trimming."""
    assert told(report(harvest, carried("01", "10", FARM, PACKER, amount))) == expected


def test_more_than_was_harvested_is_told_as_the_moves_say() -> None:
    found = report(
        harvest, carried("01", "10", FARM, PACKER, 400), carried("01", "11", FARM, KITCHEN, 400)
    )
    assert told(found) == [("Packer", "400", "pounds"), ("Kitchen", "400", "pounds")]


def test_what_is_left_over_of_two_recipients_has_none() -> None:
    found = report(
        harvest, carried("01", "10", FARM, PACKER, 300), carried("01", "11", FARM, KITCHEN, 100)
    )
    assert told(found) == [
        ("Packer", "300", "pounds"),
        ("Kitchen", "100", "pounds"),
        ("", "100", "pounds"),
    ]
    rest = found.rows[Cte.HARVESTING][-1]
    assert cell(rest, "recipient.phone")[1] == "missing"
    assert cell(rest, "quantity") == ("100", "derived", rest.event.key)
    assert rest.destination_place == ""


def test_what_two_steps_tell_went_once() -> None:
    loaded = called("loaded", carried("01", "10", FARM, PACKER, 290), bizStep="loading")
    found = report(
        harvest,
        loaded,
        carried("01", "11", FARM, PACKER, 300),
        carried("01", "12", FARM, KITCHEN, 200),
    )
    assert told(found) == [("Packer", "300", "pounds"), ("Kitchen", "200", "pounds")]


def test_a_step_that_tells_it_in_the_unit_of_the_harvest_says_most() -> None:
    found = report(
        harvest,
        called("crates", carried("01", "09", FARM, PACKER, 600, "CS"), bizStep="loading"),
        carried("01", "10", FARM, PACKER, 300),
        carried("01", "11", FARM, KITCHEN, 200),
    )
    assert told(found) == [("Packer", "300", "pounds"), ("Kitchen", "200", "pounds")]


def test_what_a_step_tells_in_two_units_is_a_row_of_each() -> None:
    both = {"quantityList": [quantity(RAW, 3, "CS"), quantity(RAW, 300, "LBR")]}
    found = report(
        harvest,
        called("loaded", carried("01", "09", FARM, PACKER, 3, "CS"), bizStep="loading"),
        carried("01", "10", FARM, PACKER, 1) | both,
    )
    assert told(found) == [("Packer", "3", "cases"), ("Packer", "300", "pounds")]


def test_a_step_that_tells_how_much_says_more_than_one_that_does_not() -> None:
    found = report(
        picked("01", "07", 2, ""),
        called("loaded", carried("01", "09", FARM, PACKER, 1), bizStep="loading") | UNTOLD,
        carried("01", "10", FARM, PACKER, 1, ""),
        carried("01", "11", FARM, KITCHEN, 1, ""),
    )
    assert told(found) == [("Packer", "1", ""), ("Kitchen", "1", "")]


def test_several_loads_to_one_recipient_are_one_row_of_the_first() -> None:
    found = report(
        harvest,
        packed(PALLET, 100),
        packed(PALLET_2, 50),
        of_boxes(carried("01", "10", FARM, PACKER, 1), PALLET, PALLET_2),
        carried("01", "11", FARM, KITCHEN, 200),
        carried("01", "12", FARM, f"{PACKER}/254/DOCK-2", 150),
    )
    assert told(found) == [("Packer", "300", "pounds"), ("Kitchen", "200", "pounds")]
    first = found.rows[Cte.HARVESTING][0]
    assert first.destination_place == PACKER
    assert cell(first, "quantity")[2] == "urn:x:01T10"


def test_each_day_s_harvest_went_where_it_was_carried_that_day() -> None:
    second = harvest | {"eventTime": "2027-03-02T08:00:00-07:00"} | of(RAW, 100, "LBR")
    found = report(
        harvest,
        carried("01", "10", FARM, PACKER, 490),
        second,
        carried("02", "10", FARM, KITCHEN, 100),
    )
    assert told(found) == [("Packer", "500", "pounds"), ("Kitchen", "100", "pounds")]


def test_what_was_harvested_first_goes_first() -> None:
    """Two pickings, and then two lorries: 300 and 100 pounds, of which the first takes 350."""
    picked = [
        harvest | {"eventTime": f"2027-03-01T0{hour}:00:00-07:00"} | of(RAW, amount, "LBR")
        for hour, amount in ((7, 300), (8, 100))
    ]
    found = report(
        *picked, carried("01", "10", FARM, PACKER, 350), carried("01", "11", FARM, KITCHEN, 50)
    )
    assert told(found) == [
        ("Packer", "300", "pounds"),
        ("Packer", "50", "pounds"),
        ("Kitchen", "50", "pounds"),
    ]


def test_what_was_cooled_may_go_on_to_two_recipients() -> None:
    found = report(
        harvest,
        carried("01", "10", FARM, COOLER, 500),
        chilled,
        carried("02", "10", COOLER, PACKER, 200),
        carried("02", "11", COOLER, KITCHEN, 300),
    )
    assert told(found) == [("Cooler", "500", "pounds")]
    assert told(found, Cte.COOLING) == [("Packer", "200", "pounds"), ("Kitchen", "300", "pounds")]


def test_what_was_cooled_first_goes_first() -> None:
    found = report(
        harvest,
        chilled | of(RAW, 300, "LBR"),
        chilled | of(RAW, 200, "LBR") | {"eventTime": "2027-03-01T16:00:00-07:00"},
        carried("02", "10", COOLER, PACKER, 300),
        carried("02", "11", COOLER, KITCHEN, 200),
    )
    assert told(found, Cte.COOLING) == [("Packer", "300", "pounds"), ("Kitchen", "200", "pounds")]


def test_each_container_has_its_own_recipient() -> None:
    cooled = of_boxes(chilled, PALLET, PALLET_2)
    gone = [
        of_boxes(carried("02", hour, COOLER, place, 1), box)
        for hour, place, box in (("10", PACKER, PALLET_2), ("11", KITCHEN, PALLET))
    ]
    found = report(harvest, packed(PALLET, 300), packed(PALLET_2, 200), cooled, *gone)
    rows = [(row.container, row.destination_place) for row in found.rows[Cte.COOLING]]
    assert rows == [(PALLET, KITCHEN), (PALLET_2, PACKER)]
    assert told(found, Cte.COOLING) == [("Kitchen", "300", "pounds"), ("Packer", "200", "pounds")]


def test_quantities_in_other_units_are_told_as_they_left() -> None:
    found = report(
        harvest,
        carried("01", "10", FARM, PACKER, 3, "CS"),
        carried("01", "11", FARM, KITCHEN, 2, "CS"),
    )
    assert told(found) == [("Packer", "3", "cases"), ("Kitchen", "2", "cases")]


def test_other_units_may_be_of_each_of_several_harvests() -> None:
    found = report(
        picked("01", "07", 300),
        picked("01", "08", 100),
        carried("01", "10", FARM, PACKER, 3, "CS"),
        carried("01", "11", FARM, KITCHEN, 2, "CS"),
    )
    assert told(found) == 2 * [("Packer", "3", "cases"), ("Kitchen", "2", "cases")]


def test_what_was_harvested_in_two_units_leaves_in_two_units() -> None:
    found = report(
        picked("01", "07", 10, "CS"),
        picked("01", "08", 100),
        carried("01", "10", FARM, PACKER, 10, "CS"),
        carried("01", "11", FARM, PACKER, 60),
        carried("01", "12", FARM, KITCHEN, 40),
    )
    assert told(found) == [
        ("Packer", "10", "cases"),
        ("Packer", "60", "pounds"),
        ("Kitchen", "40", "pounds"),
    ]


def test_a_harvest_of_which_only_the_other_unit_left_is_left_over() -> None:
    found = report(
        picked("01", "07", 10, "CS"),
        picked("01", "08", 100),
        carried("01", "10", FARM, PACKER, 10, "CS"),
    )
    assert told(found) == [("Packer", "10", "cases"), ("", "100", "pounds")]


def test_of_three_pickings_each_has_what_the_ones_before_it_left() -> None:
    found = report(
        *(picked("01", hour, amount) for hour, amount in (("06", 100), ("07", 200), ("08", 100))),
        carried("01", "10", FARM, PACKER, 150),
        carried("01", "11", FARM, KITCHEN, 250),
    )
    assert told(found) == [
        ("Packer", "100", "pounds"),
        ("Packer", "50", "pounds"),
        ("Kitchen", "150", "pounds"),
        ("Kitchen", "100", "pounds"),
    ]


def test_what_did_not_leave_of_two_pickings_has_no_recipient() -> None:
    first, second = picked("01", "07", 300), picked("01", "08", 100)
    found = report(first, second, carried("01", "10", FARM, PACKER, 300))
    assert told(found) == [("Packer", "300", "pounds"), ("", "100", "pounds")]


def test_a_tenth_of_all_pickings_may_be_lost_of_the_last_one() -> None:
    """Of 400 pounds 360 left, or 359."""
    first, second = picked("01", "07", 300), picked("01", "08", 100)
    found = report(first, second, carried("01", "10", FARM, PACKER, 360))
    assert told(found) == [("Packer", "300", "pounds"), ("Packer", "100", "pounds")]
    found = report(first, second, carried("01", "10", FARM, PACKER, 359))
    assert told(found)[1:] == [("Packer", "59", "pounds"), ("", "41", "pounds")]


def test_a_last_picking_that_may_be_lost_went_where_the_last_lorry_did() -> None:
    found = report(
        picked("01", "07", 300),
        picked("01", "08", 10),
        carried("01", "10", FARM, PACKER, 200),
        carried("01", "11", FARM, KITCHEN, 100),
    )
    assert told(found) == [
        ("Packer", "200", "pounds"),
        ("Kitchen", "100", "pounds"),
        ("Kitchen", "10", "pounds"),
    ]


def test_a_picking_of_which_all_but_a_tenth_left_has_no_rest() -> None:
    """What else is left is of the next one."""
    first, second = picked("01", "07", 300), picked("01", "08", 100)
    found = report(first, second, carried("01", "10", FARM, PACKER, 270))
    assert told(found) == [("Packer", "300", "pounds"), ("", "100", "pounds")]


def test_each_of_three_days_harvests_goes_its_own_way() -> None:
    """The last one is more than was picked, by what the moves say."""
    found = report(
        picked("01", "07", 500),
        carried("01", "10", FARM, PACKER, 490),
        picked("02", "07", 100),
        carried("02", "10", FARM, KITCHEN, 100),
        picked("03", "07", 100),
        carried("03", "10", FARM, PACKER, 40),
        carried("03", "11", FARM, STORE, 80),
    )
    assert told(found) == [
        ("Packer", "500", "pounds"),
        ("Kitchen", "100", "pounds"),
        ("Packer", "40", "pounds"),
        ("Store", "80", "pounds"),
    ]


def test_pickings_of_a_second_day_are_divided_among_its_lorries() -> None:
    found = report(
        picked("01", "07", 500),
        carried("01", "10", FARM, PACKER, 500),
        picked("02", "07", 100),
        picked("02", "08", 100),
        carried("02", "10", FARM, KITCHEN, 150),
        carried("02", "11", FARM, STORE, 50),
    )
    assert told(found) == [
        ("Packer", "500", "pounds"),
        ("Kitchen", "100", "pounds"),
        ("Kitchen", "50", "pounds"),
        ("Store", "50", "pounds"),
    ]


def test_more_than_was_harvested_is_told_though_more_is_harvested_later() -> None:
    found = report(
        picked("01", "07", 500),
        carried("01", "10", FARM, PACKER, 400),
        carried("01", "11", FARM, KITCHEN, 400),
        picked("02", "07", 100),
        carried("02", "10", FARM, STORE, 100),
    )
    assert told(found) == [
        ("Packer", "400", "pounds"),
        ("Kitchen", "400", "pounds"),
        ("Store", "100", "pounds"),
    ]


def test_another_farm_s_harvest_went_its_own_way() -> None:
    found = report(
        picked("01", "07", 300),
        picked("01", "08", 200, readPoint={"id": FARM_2}),
        carried("01", "10", FARM, PACKER, 300),
        carried("01", "11", FARM_2, KITCHEN, 200),
    )
    assert told(found) == [("Packer", "300", "pounds"), ("Kitchen", "200", "pounds")]


def test_a_harvest_that_names_its_recipient_says_nothing_of_another_one() -> None:
    to_packer = picked("01", "08", 200, **destination(PACKER))
    found = report(
        picked("01", "07", 300),
        to_packer,
        picked("01", "09", 100),
        carried("01", "10", FARM, KITCHEN, 300),
        carried("01", "11", FARM, STORE, 100),
    )
    assert told(found) == [
        ("Kitchen", "300", "pounds"),
        ("Packer", "200", "pounds"),
        ("Store", "100", "pounds"),
    ]
    found = report(picked("01", "07", 300), to_packer)
    assert told(found) == [("", "300", "pounds"), ("Packer", "200", "pounds")]


def test_what_is_cooled_on_the_farm_may_say_where_the_harvest_goes() -> None:
    cooled = chilled | {"readPoint": {"id": FARM}} | destination(PACKER)
    assert told(report(harvest, cooled)) == [("Packer", "500", "pounds")]
    later = picked("02", "08", 100, **destination(KITCHEN))
    at_farm = chilled | {"readPoint": {"id": FARM}}
    found = report(harvest, at_farm, later, carried("03", "10", FARM, PACKER, 500))
    assert told(found, Cte.COOLING) == [("Packer", "500", "pounds")]


@pytest.mark.parametrize("without_quantity", [("07",), ("08",)])
def test_how_much_was_picked_may_be_untold(without_quantity: tuple[str, ...]) -> None:
    pickings = [
        picked("01", hour, 100) | (UNTOLD if hour in without_quantity else {})
        for hour in ("07", "08")
    ]
    found = report(
        *pickings, carried("01", "10", FARM, PACKER, 60), carried("01", "11", FARM, KITCHEN, 40)
    )
    assert told(found) == 2 * [("Packer", "60", "pounds"), ("Kitchen", "40", "pounds")]


def test_a_harvest_of_no_told_quantity_is_told_as_it_left() -> None:
    found = report(
        harvest | UNTOLD,
        carried("01", "10", FARM, PACKER, 60, ""),
        carried("01", "11", FARM, KITCHEN, 40, ""),
    )
    assert told(found) == [("Packer", "60", ""), ("Kitchen", "40", "")]
    alone = report(harvest | UNTOLD, carried("01", "10", FARM, PACKER, 60, ""))
    assert told(alone) == [("Packer", "", "")]


def test_of_pickings_of_which_one_does_not_say_how_much_nothing_is_left_over() -> None:
    found = report(
        picked("01", "07", 1) | UNTOLD,
        picked("01", "08", 100, ""),
        carried("01", "10", FARM, PACKER, 60, ""),
    )
    assert told(found) == [("Packer", "", ""), ("Packer", "100", "")]


def test_a_lorry_of_no_told_quantity_leaves_nothing_over() -> None:
    found = report(
        picked("01", "07", 100, ""),
        carried("01", "10", FARM, PACKER, 1) | UNTOLD,
        carried("01", "11", FARM, KITCHEN, 40, ""),
    )
    assert told(found) == [("Packer", "", ""), ("Kitchen", "40", "")]


def test_of_a_harvest_by_a_run_more_or_less_may_have_left() -> None:
    run = event(
        "TransformationEvent", "2027-03-01T08:00:00-07:00", "urn:gdst:bizStep:farmHarvest", FARM,
        inputQuantityList=[quantity(SALAD, 1)], outputQuantityList=[quantity(RAW, 500, "LBR")],
    )  # fmt: skip
    found = report(
        run, carried("01", "10", FARM, PACKER, 400), carried("01", "11", FARM, KITCHEN, 400)
    )
    assert told(found) == [("Packer", "400", "pounds"), ("Kitchen", "400", "pounds")]
    found = report(run, carried("01", "10", FARM, PACKER, 300))
    assert told(found) == [("Packer", "300", "pounds"), ("", "200", "pounds")]


def test_what_is_carried_about_the_farm_has_not_left_it() -> None:
    found = report(
        harvest,
        carried("01", "09", FARM, f"{FARM}/254/DOCK", 500),
        came("01", "10", f"{FARM}/254/DOCK", f"{FARM}/254/EAST-7", 500),
        called("seen", without(carried("01", "11", FARM, FARM, 500), "destinationList")),
        came("01", "12", PACKER, STORE, 500),
    )
    assert told(found) == [("Packer", "500", "pounds")]


def test_what_left_before_a_harvest_says_nothing_of_it() -> None:
    found = report(harvest, carried("01", "10", FARM, PACKER, 500), picked("02", "08", 100))
    assert told(found) == [("Packer", "500", "pounds"), ("", "100", "pounds")]


def test_of_what_was_harvested_at_no_told_place_the_next_one_is_told() -> None:
    nowhere = [
        without(each, "readPoint", "bizLocation")
        for each in (
            harvest,
            carried("01", "10", FARM, PACKER, 300),
            carried("02", "10", PACKER, STORE, 200),
        )
    ]
    assert told(report(*nowhere)) == [("Packer", "500", "pounds")]


def test_what_left_is_told_as_it_left_though_more_was_received() -> None:
    found = report(
        harvest,
        carried("01", "10", FARM, PACKER, 300),
        came("01", "12", PACKER, FARM, 310),
        came("01", "13", KITCHEN, FARM, 190),
    )
    assert told(found) == [("Packer", "300", "pounds"), ("Kitchen", "190", "pounds")]


def test_a_firm_that_got_it_may_be_the_one_that_received_it() -> None:
    """Goods went to a party of no known place, so no receipt adds another recipient."""
    party = f"{STEM}/417/0614141000029"
    found = report(
        harvest,
        carried("01", "10", FARM, party, 300),
        came("01", "12", PACKER, FARM, 290),
        places=[*PLACES, named(party, "Packer, Inc.")],
    )
    assert told(found) == [("Packer, Inc.", "300", "pounds"), ("", "200", "pounds")]


def test_containers_that_are_cooled_one_by_one_have_their_own_recipients() -> None:
    found = report(
        harvest,
        packed(PALLET, 300),
        packed(PALLET_2, 200),
        of_boxes(chilled, PALLET),
        of_boxes(chilled, PALLET_2) | {"eventTime": "2027-03-01T16:00:00-07:00"},
        of_boxes(carried("02", "10", COOLER, PACKER, 1), PALLET),
        of_boxes(carried("02", "11", COOLER, KITCHEN, 1), PALLET_2),
    )
    assert told(found, Cte.COOLING) == [("Packer", "300", "pounds"), ("Kitchen", "200", "pounds")]


COOLED = (
    harvest,
    packed(PALLET, 300),
    packed(PALLET_2, 200),
    of_boxes(chilled, PALLET, PALLET_2),
)


def test_containers_that_leave_together_are_a_row_each() -> None:
    unpacked = event(
        "AggregationEvent", "2027-03-02T08:00:00-07:00", "unpacking", COOLER, action="DELETE",
        parentID=PALLET, childQuantityList=[quantity(RAW, 60, "LBR")],
    )  # fmt: skip
    gone = of_boxes(carried("02", "10", COOLER, PACKER, 1), PALLET, PALLET_2)
    assert told(report(*COOLED, gone), Cte.COOLING) == [
        ("Packer", "300", "pounds"),
        ("Packer", "200", "pounds"),
    ]
    assert told(report(*COOLED, unpacked, gone), Cte.COOLING) == [
        ("Packer", "240", "pounds"),
        ("", "60", "pounds"),
        ("Packer", "200", "pounds"),
    ]


def test_where_one_container_went_says_nothing_of_the_other() -> None:
    gone = of_boxes(carried("02", "10", COOLER, PACKER, 1), PALLET, CASE)
    salad = packed(CASE, 1) | {"childQuantityList": [quantity(SALAD, 9)]}
    assert told(report(*COOLED, salad, gone), Cte.COOLING) == [
        ("Packer", "300", "pounds"),
        ("", "200", "pounds"),
    ]
    came_here = of_boxes(came("02", "12", KITCHEN, COOLER, 1), PALLET_2)
    to_party = of_boxes(carried("02", "10", COOLER, f"{STEM}/417/0614141000029", 1), PALLET)
    found = report(*COOLED, to_party, came_here)
    assert told(found, Cte.COOLING)[1:] == [("Kitchen", "200", "pounds")]


def test_what_left_a_container_may_be_told_without_it() -> None:
    found = report(*COOLED, came("02", "12", KITCHEN, STORE, 500))
    assert told(found, Cte.COOLING) == [("Kitchen", "300", "pounds"), ("Kitchen", "200", "pounds")]


def test_what_is_packed_again_may_be_of_any_container_that_did_not_leave() -> None:
    """Of the second pallet: the first one leaves as it is, and with it a case of the lot."""
    left = of_boxes(carried("02", "10", COOLER, KITCHEN, 1), PALLET, CASE)
    case = packed(CASE, 200) | {"eventTime": "2027-03-02T08:00:00-07:00"}
    found = report(*COOLED, case, left)
    assert told(found, Cte.COOLING) == [("Kitchen", "300", "pounds"), ("Kitchen", "200", "pounds")]


def test_a_container_that_holds_another_lot_by_now_says_nothing() -> None:
    emptied, filled = (
        event(
            "AggregationEvent", f"2027-03-02T0{hour}:00:00-07:00", step, COOLER, action=action,
            parentID=PALLET, **inside,
        )
        for hour, step, action, inside in (
            (7, "unpacking", "DELETE", {}),
            (8, "packing", "ADD", {"childQuantityList": [quantity(SALAD, 9)]}),
        )
    )  # fmt: skip
    left = of_boxes(carried("02", "10", COOLER, KITCHEN, 1), PALLET, PALLET_2)
    found = report(*COOLED, emptied, filled, left)
    assert told(found, Cte.COOLING) == [("", "300", "pounds"), ("Kitchen", "200", "pounds")]


def test_cases_of_a_pallet_may_go_to_several_recipients() -> None:
    pallet = event(
        "AggregationEvent", "2027-03-01T10:00:00-07:00", "packing", FARM, action="ADD",
        parentID=PALLET, childEPCs=[CASE, CASE_2],
    )  # fmt: skip
    apart = pallet | {
        "eventTime": "2027-03-02T08:00:00-07:00", "bizStep": "unpacking", "action": "DELETE",
        "readPoint": {"id": COOLER},
    }  # fmt: skip
    found = report(
        harvest,
        packed(CASE, 300),
        packed(CASE_2, 200),
        pallet,
        of_boxes(chilled, PALLET),
        apart,
        of_boxes(carried("02", "10", COOLER, KITCHEN, 1), CASE_2),
        of_boxes(carried("02", "11", COOLER, PACKER, 1), CASE),
    )
    assert told(found, Cte.COOLING) == [("Kitchen", "200", "pounds"), ("Packer", "300", "pounds")]

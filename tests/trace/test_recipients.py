"""Where harvested and cooled lots went: a row for each recipient (21 CFR 1.1325(a)(1)(i), (b)(1)(i))."""

import pytest
from row_samples import PALLET, PALLET_2, Cte, called, chilled, harvest, report, without
from trace_samples import (
    COOLER,
    FARM,
    KITCHEN,
    PACKER,
    RAW,
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


def test_what_two_steps_tell_went_once() -> None:
    loaded = called("loaded", carried("01", "10", FARM, PACKER, 300), bizStep="loading")
    found = report(
        harvest,
        loaded,
        carried("01", "11", FARM, PACKER, 300),
        carried("01", "12", FARM, KITCHEN, 200),
    )
    assert told(found) == [("Packer", "300", "pounds"), ("Kitchen", "200", "pounds")]


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


def test_each_container_has_its_own_recipient() -> None:
    boxes = [
        event(
            "AggregationEvent", "2027-03-01T09:00:00-07:00", "packing", FARM, action="ADD",
            parentID=box, childQuantityList=[quantity(RAW, amount, "LBR")],
        )
        for box, amount in ((PALLET, 300), (PALLET_2, 200))
    ]  # fmt: skip
    cooled = without(chilled, "quantityList") | {"epcList": [PALLET, PALLET_2]}
    gone = [
        without(carried("02", hour, COOLER, place, 1), "quantityList") | {"epcList": [box]}
        for hour, place, box in (("10", PACKER, PALLET_2), ("11", KITCHEN, PALLET))
    ]
    found = report(harvest, *boxes, cooled, *gone)
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

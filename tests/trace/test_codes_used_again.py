"""A harvested lot whose code is used again each day: which days may be in which packing."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st
from row_samples import PLACES, Cte, named, report
from trace_samples import (
    COOLER,
    FARM,
    PACKER,
    RAW,
    STEM,
    Json,
    destination,
    event,
    of,
    papers,
    quantity,
    rows_of,
    source,
)

FARM_2, PACKER_2 = f"{STEM}/414/0614141000067", f"{STEM}/414/0614141000074"
HERE = [*PLACES, named(FARM_2, "Farm 2"), named(PACKER_2, "Packer 2")]


def at(day: int, hour: int) -> str:
    """A time of a day after the first of March."""
    return f"{datetime(2027, 3, 1) + timedelta(days=day, hours=hour):%Y-%m-%dT%H:%M:%S}-07:00"


def harvested(time: str, amount: float = 500, farm: str = FARM) -> Json:
    return event(
        "ObjectEvent", time, "creating_class_instance", farm, action="ADD", **of(RAW, amount, "LBR")
    )


def observed(time: str, step: str, place: str, amount: float, **more: object) -> Json:
    return event(
        "ObjectEvent", time, step, place, action="OBSERVE", **of(RAW, amount, "LBR"), **more
    )


def cooled(time: str, amount: float, place: str = COOLER) -> Json:
    degrees = {"type": "Temperature", "value": 3.0, "uom": "CEL"}
    return observed(time, "other", place, amount, sensorElementList=[{"sensorReport": [degrees]}])


def packed(time: str, amount: float, made: str, place: str = PACKER) -> Json:
    return event(
        "TransformationEvent", time, "creating_class_instance", place,
        inputQuantityList=[quantity(RAW, amount, "LBR")],
        outputQuantityList=[quantity(f"{STEM}/01/10614141000026/10/{made}", 40)],
    )  # fmt: skip


def harvested_by_a_transformation(time: str, farm: str = FARM) -> Json:
    return event(
        "TransformationEvent", time, "urn:gdst:bizStep:farmHarvest", farm,
        inputQuantityList=[quantity(f"{STEM}/01/10614141000057/10/SEED", 1)],
        outputQuantityList=[quantity(RAW, 500, "LBR")],
    )  # fmt: skip


Days = tuple[str, str, str, str]
"""Of harvest, cooling, receipt and packing."""


def days(*events: Json) -> list[Days]:
    names = ("harvest_date", "cooling_date", "receive_date", "date")
    found = rows_of(report(*events, places=HERE), Cte.INITIAL_PACKING)
    return [(row[names[0]], row[names[1]], row[names[2]], row[names[3]]) for row in found]


def each_day(*, says_where_from: bool, loss: int) -> Iterator[Json]:
    """Sixty days: harvested, received and packed, and some of it lost on the way."""
    more = source(FARM) if says_where_from else {}
    for day in range(60):
        yield harvested(at(day, 7))
        yield observed(at(day, 12), "receiving", PACKER, 500 - loss, **more)
        yield packed(at(day, 16), 500 - 2 * loss, f"P{day}")


def on(day: int) -> str:
    return f"{date(2027, 3, 1) + timedelta(days=day):%m/%d/%Y}"


@pytest.mark.parametrize(
    ("says_where_from", "loss"), [(True, 0), (True, 14), (False, 0), (False, 7)]
)
def test_what_was_packed_up_each_day_is_told_day_by_day(says_where_from: bool, loss: int) -> None:
    events = each_day(says_where_from=says_where_from, loss=loss)
    assert days(*events) == [(on(day), "n/a", on(day), on(day)) for day in range(60)]


@pytest.mark.parametrize("hours", [(7, 12, 16), (0, 0, 0)])
def test_what_lies_over_night_may_be_in_what_is_packed_next(hours: tuple[int, int, int]) -> None:
    """Also where events tell their day alone."""
    events: list[Json] = []
    for day, amount in enumerate((400, 600, 500)):
        times = [at(day, hour) for hour in hours]
        events += (
            *(harvested(times[0]), observed(times[1], "receiving", PACKER, 500, **source(FARM))),
            packed(times[2], amount, f"P{day}"),
        )
    found = days(*events)
    assert found == [
        (on(0), "n/a", on(0), on(0)),
        (on(0), "n/a", on(0), on(1)),
        (on(1), "n/a", on(1), on(1)),
        (on(2), "n/a", on(2), on(2)),
    ]


@pytest.mark.parametrize("says_where_from", [True, False])
def test_what_is_written_down_at_night_is_of_that_day(says_where_from: bool) -> None:
    more = source(FARM) if says_where_from else {}
    events: list[Json] = []
    for day in range(20):
        events += (
            observed(at(day, 12), "receiving", PACKER, 500, **more),
            packed(at(day, 16), 500, f"P{day}"),
            harvested(at(day, 21)),
        )
    assert days(*events) == [(on(day), "n/a", on(day), on(day)) for day in range(20)]


@pytest.mark.parametrize("harvest_hour", [7, 10, 21])
def test_what_lies_in_a_cooler_over_night_is_not_what_comes_next_morning(harvest_hour: int) -> None:
    """The farm writes down its harvest before, or after, it has shipped it."""
    events: list[Json] = []
    for day in range(20):
        events += (
            harvested(at(day, harvest_hour)),
            observed(at(day, 9), "shipping", FARM, 500, **destination(COOLER)),
            observed(at(day, 11), "receiving", COOLER, 500, **source(FARM)),
            cooled(at(day, 13), 500),
            observed(at(day + 1, 6), "shipping", COOLER, 500, **destination(PACKER)),
            observed(at(day + 1, 8), "receiving", PACKER, 500, **source(COOLER)),
            packed(at(day + 1, 12), 500, f"P{day}"),
        )
    found = [(on(day), on(day), on(day + 1), on(day + 1)) for day in range(20)]
    assert days(*events) == found


def test_a_harvest_that_is_written_down_after_it_left_may_be_in_it_where_some_lay_before() -> None:
    found = days(
        *(harvested(at(0, 10)), observed(at(0, 9), "shipping", FARM, 400, **destination(PACKER))),
        *(
            observed(at(0, 11), "receiving", PACKER, 400, **source(FARM)),
            packed(at(0, 12), 400, "P"),
        ),
        *(harvested(at(1, 10)), observed(at(1, 9), "shipping", FARM, 500, **destination(PACKER))),
        *(
            observed(at(1, 11), "receiving", PACKER, 500, **source(FARM)),
            packed(at(1, 12), 500, "Q"),
        ),
    )
    assert found == [
        (on(0), "n/a", on(0), on(0)),
        (on(0), "n/a", on(1), on(1)),
        (on(1), "n/a", on(1), on(1)),
    ]


def test_a_small_rest_may_have_been_kept_for_the_next_day() -> None:
    """Who never packs the last bin of a day has it in what the next day packs."""
    events: list[Json] = []
    for day in range(20):
        events += (
            *(
                harvested(at(day, 7)),
                observed(at(day, 12), "receiving", PACKER, 500, **source(FARM)),
            ),
            packed(at(day, 16), 475, f"P{day}"),
        )
    told = [(0, 0), *((came, day) for day in range(1, 20) for came in (day - 1, day))]
    assert days(*events) == [(on(came), "n/a", on(came), on(used)) for came, used in told]


def test_a_small_rest_was_not_lost_if_more_is_packed_than_came_after_it() -> None:
    """The 15 of the first day and the 10 of the second one may be in what the third day packs."""
    events: list[Json] = []
    for day, amount in enumerate((485, 490, 525, 500)):
        events += (
            *(harvested(at(day, 7)), observed(at(day, 8), "shipping", FARM, 500)),
            observed(at(day, 12), "receiving", PACKER, 500, **source(FARM)),
            packed(at(day, 16), amount, f"P{day}"),
        )
    told = ((0, 0), (0, 1), (1, 1), (0, 2), (1, 2), (2, 2), (3, 3))
    assert days(*events) == [(on(came), "n/a", on(came), on(used)) for came, used in told]


def test_a_receipt_that_is_packed_in_two_parts_is_of_its_day() -> None:
    events: list[Json] = []
    for day in range(20):
        events += (
            *(harvested(at(day, 7)), observed(at(day, 12), "receiving", PACKER, 500)),
            *(packed(at(day, 14), 460, f"P{day}"), packed(at(day, 16), 40, f"Q{day}")),
        )
    assert days(*events) == [
        (on(day), "n/a", on(day), on(day)) for day in range(20) for _ in range(2)
    ]


def test_what_is_packed_in_two_parts_and_written_down_at_night_is_of_its_day() -> None:
    """Also where scales say that a little more was packed than came."""
    events: list[Json] = []
    for day in range(5):
        events += (
            *(packed(at(day, 14), 500, f"P{day}"), packed(at(day, 16), 5, f"Q{day}")),
            *(harvested(at(day, 20)), observed(at(day, 21), "receiving", PACKER, 500)),
        )
    assert days(*events) == [
        (on(day), "n/a", on(day), on(day)) for day in range(5) for _ in range(2)
    ]


def test_each_of_two_coolers_is_told_with_what_came_through_it() -> None:
    events = [harvested(at(0, 6)), harvested(at(0, 6), farm=FARM_2)]
    for farm, cooler, hour in ((FARM, COOLER, 8), (FARM_2, PACKER_2, 9)):
        events += [
            observed(at(0, hour), "receiving", cooler, 500, **source(farm)),
            cooled(at(0, hour + 1), 500, cooler),
            observed(at(1, hour), "receiving", PACKER, 490, **source(cooler)),
        ]
    rows = rows_of(report(*events, packed(at(1, 12), 980, "P"), places=HERE), Cte.INITIAL_PACKING)
    names = ("farm.business_name", "cooled.business_name")
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("Farm", "Cooler"),
        ("Farm 2", "Packer 2"),
    ]


def test_what_is_harvested_by_a_transformation_is_told_day_by_day() -> None:
    bought, own = [], []
    for day in range(3):
        bought += [
            harvested_by_a_transformation(at(day, 7)),
            observed(at(day, 12), "receiving", PACKER, 500, **source(FARM)),
            packed(at(day, 16), 500, f"P{day}"),
        ]
        own += [harvested_by_a_transformation(at(day, 7), PACKER), bought[-1]]
    told = [(on(day), "n/a", on(day), on(day)) for day in range(3)]
    assert days(*bought) == told
    assert days(*own) == told


@pytest.mark.parametrize("more", [{}, source(PACKER)])
def test_who_books_in_an_own_harvest_receives_it_once(more: Json) -> None:
    events: list[Json] = []
    for day in range(3):
        events += (
            harvested(at(2 * day, 7), farm=PACKER),
            observed(at(2 * day + 1, 7), "receiving", PACKER, 500, **more),
            packed(at(2 * day + 1, 16), 500, f"P{day}"),
        )
    told = [(on(2 * day), "n/a", on(2 * day + 1), on(2 * day + 1)) for day in range(3)]
    assert days(*events) == told


def test_an_own_harvest_is_booked_in_also_where_others_are_bought() -> None:
    found = days(
        *(harvested(at(0, 6), farm=PACKER), observed(at(1, 5), "receiving", PACKER, 500)),
        *(harvested(at(1, 6)), observed(at(1, 7), "receiving", PACKER, 500, **source(FARM))),
        packed(at(1, 12), 1000, "P"),
    )
    assert found == [(on(0), "n/a", on(1), on(1)), (on(1), "n/a", on(1), on(1))]


def test_an_own_harvest_that_was_not_booked_in_may_be_in_what_is_packed() -> None:
    """That the first receipt is of another one is not told, so own harvests may be booked in."""
    found = days(
        *(harvested(at(0, 6)), observed(at(0, 8), "receiving", PACKER, 500)),
        packed(at(0, 12), 400, "P"),
        *(harvested(at(1, 6), farm=PACKER), packed(at(1, 12), 600, "Q")),
    )
    known = [(0, on(0), 0), (0, "", 0), (0, on(0), 1), (0, "", 1), (1, "", 1)]
    assert found == [(on(day), "n/a", received, on(used)) for day, received, used in known]


@pytest.mark.parametrize(
    ("shipped", "amounts", "farm"),
    [
        (quantity(RAW, 500, "LBR"), [quantity(RAW, 50, "LBR")], "Farm"),
        (quantity(RAW, 500, "LBR"), [quantity(RAW, 51, "LBR")], "Farm 2"),
        (quantity(RAW, 500, "LBR"), [quantity(RAW, 51, "LBR"), quantity(RAW, 5)], "Farm 2"),
        (quantity(RAW, 500, "LBR"), [{"epcClass": RAW}], "Farm"),
        ({"epcClass": RAW}, [quantity(RAW, 51, "LBR")], "Farm 2"),
    ],
)
def test_a_receipt_is_not_of_a_shipment_of_which_all_has_arrived(
    shipped: Json, amounts: list[Json], farm: str
) -> None:
    """But scales may differ by a tenth."""
    first = observed(at(0, 8), "shipping", FARM, 500, **destination(PACKER))
    second = observed(at(1, 8), "receiving", PACKER, 50)
    rows = rows_of(
        report(
            *(harvested(at(0, 6)), first | {"quantityList": [shipped]}),
            observed(at(0, 9), "receiving", PACKER, 500),
            *(packed(at(0, 12), 500, "P"), harvested(at(1, 6), 51, FARM_2)),
            *(second | {"quantityList": amounts}, packed(at(1, 12), 51, "Q")),
            places=HERE,
        ),
        Cte.INITIAL_PACKING,
    )
    days_of_it = (on(1), on(1))
    found = [row for row in rows if (row["receive_date"], row["date"]) == days_of_it]
    assert {row["farm.business_name"] for row in found} == {farm}


def test_a_cooling_is_told_of_what_was_in_the_cooler_then() -> None:
    events: list[Json] = [harvested(at(0, 5)), harvested(at(0, 5), farm=FARM_2)]
    for day, farm in enumerate((FARM, FARM_2)):
        events += (
            observed(at(day, 6), "shipping", farm, 500, **destination(COOLER)),
            observed(at(day, 7), "receiving", COOLER, 500, **source(farm)),
            cooled(at(day, 8), 500),
            observed(at(day, 9), "shipping", COOLER, 500, **destination(PACKER)),
            observed(at(day, 10), "receiving", PACKER, 500, **source(COOLER)),
        )
    found = days(*events, packed(at(1, 12), 1000, "P"))
    assert found == [(on(0), on(0), on(0), on(1)), (on(0), on(1), on(1), on(1))]


def test_a_cooling_where_nothing_is_told_to_have_come_was_before_the_receipt() -> None:
    found = days(
        *(harvested(at(0, 5)), cooled(at(0, 8), 500)),
        observed(at(1, 7), "receiving", PACKER, 500, **source(FARM)),
        *(cooled(at(2, 7), 500), packed(at(2, 8), 500, "P")),
    )
    assert found == [(on(0), on(0), on(1), on(2))]


@pytest.mark.parametrize("is_received", [True, False])
def test_what_came_from_an_unknown_place_may_have_been_cooled_wherever_some_was(
    *, is_received: bool
) -> None:
    found = days(
        *(harvested(at(0, 5)), observed(at(0, 7), "receiving", COOLER, 500, **source(FARM))),
        cooled(at(0, 8), 500),
        *([observed(at(1, 7), "receiving", PACKER, 500)] if is_received else []),
        packed(at(1, 8), 500, "P"),
    )
    assert found == [(on(0), on(0), on(1) if is_received else "", on(1))]


def test_where_no_receipt_tells_what_came_coolings_tell_the_days() -> None:
    """Each day's goods are cooled twice, and leave on the next one."""
    events: list[Json] = []
    for day in range(5):
        events += (
            *(harvested(at(day, 7)), cooled(at(day, 12), 500), cooled(at(day, 15), 500)),
            observed(at(day + 1, 4), "shipping", COOLER, 500, **destination(PACKER)),
            observed(at(day + 1, 5), "receiving", PACKER, 500, **source(COOLER)),
            packed(at(day + 1, 6), 500, f"P{day}"),
        )
    found = [(on(day), on(day), on(day + 1), on(day + 1)) for day in range(5)]
    assert days(*events) == found


def test_what_was_cooled_the_day_before_is_not_of_the_next_morning() -> None:
    found = days(
        *(harvested(at(0, 7)), cooled(at(0, 12), 500), harvested(at(1, 6))),
        observed(at(1, 7), "shipping", COOLER, 500, **destination(PACKER)),
        observed(at(1, 8), "receiving", PACKER, 500, **source(COOLER)),
        packed(at(1, 10), 500, "P"),
    )
    assert found == [(on(0), on(0), on(1), on(1))]


def test_what_is_cooled_and_packed_where_no_receipt_is_told() -> None:
    found = days(harvested(at(0, 7)), cooled(at(0, 9), 500, PACKER), packed(at(0, 12), 500, "P"))
    assert found == [(on(0), on(0), "", on(0))]


def test_no_cooling_before_a_harvest_is_of_it() -> None:
    found = days(
        *(harvested(at(0, 7)), cooled(at(0, 9), 500)),
        *(harvested(at(1, 7)), cooled(at(1, 9), 500)),
        *(observed(at(1, 12), "receiving", PACKER, 1000), packed(at(1, 14), 1000, "P")),
    )
    known = [(on(0), on(0)), (on(0), on(1)), (on(1), on(1))]
    assert found == [(*each, on(1), on(1)) for each in known]


def test_goods_that_go_to_and_fro_on_one_day() -> None:
    legs = [(FARM, COOLER), (COOLER, PACKER), (PACKER, COOLER), (COOLER, PACKER)]
    moves = [
        observed(at(0, 8 + hour), "receiving", to, 500, **source(place))
        for hour, (place, to) in enumerate(legs)
    ]
    found = days(harvested(at(0, 6)), *moves, packed(at(0, 14), 500, "P"))
    assert set(found) == {(on(0), "n/a", on(0), on(0))}


@pytest.mark.parametrize("hour", [18, 20])
def test_times_count_rather_than_days_where_some_write_the_time_of_greenwich(hour: int) -> None:
    events: list[Json] = []
    for day in range(3):
        written = f"{datetime(2027, 3, 1) + timedelta(days=day, hours=hour + 7):%Y-%m-%dT%H:%M:%S}"
        events += (
            harvested(at(day, 7)),
            observed(f"{written}+00:00", "receiving", PACKER, 500, **source(FARM)),
            packed(at(day, 20), 500, f"P{day}"),
        )
    assert days(*events) == [(on(day), "n/a", on(day + 1), on(day)) for day in range(3)]


def test_what_is_cooled_is_told_of_each_farm_that_it_may_come_from() -> None:
    """Two farms on the first day, one of them on the second."""
    events = [
        *(harvested(at(0, 6)), harvested(at(0, 6), farm=FARM_2)),
        *(observed(at(0, 8), "receiving", COOLER, 500, **source(farm)) for farm in (FARM, FARM_2)),
        cooled(at(0, 9), 1000),
        observed(at(0, 12), "receiving", PACKER, 1000, **source(COOLER)),
        *(harvested(at(1, 6), farm=FARM_2), cooled(at(1, 9), 500)),
        observed(at(1, 8), "receiving", COOLER, 500, **source(FARM_2)),
        observed(at(1, 12), "receiving", PACKER, 500, **source(COOLER)),
    ]
    rows = rows_of(report(*events, places=HERE), Cte.COOLING)
    names = ("date", "farm.business_name", "quantity", "recipient.business_name")
    assert [tuple(row[name] for name in names) for row in rows] == [
        (on(0), "Farm", "1000", "Packer"),
        (on(0), "Farm 2", "1000", "Packer"),
        (on(1), "Farm 2", "500", "Packer"),
    ]


def test_where_a_receipt_was_forgotten_any_day_before_may_be_meant() -> None:
    """More left the cooler on the second day than had come to it."""
    found = days(
        *(harvested(at(0, 6)), observed(at(0, 8), "receiving", COOLER, 500, **source(FARM))),
        observed(at(0, 10), "receiving", PACKER, 500, **source(COOLER)),
        *(harvested(at(1, 6)), observed(at(1, 10), "receiving", PACKER, 500, **source(COOLER))),
        packed(at(1, 12), 1000, "P"),
    )
    assert found == [
        (on(0), "n/a", on(0), on(1)),
        (on(0), "n/a", on(1), on(1)),
        (on(1), "n/a", on(1), on(1)),
    ]


@pytest.mark.parametrize("members", [of(RAW, 500, "LBR"), {"quantityList": [{"epcClass": RAW}]}])
def test_where_a_receipt_may_be_forgotten_any_farm_may_be_meant(members: Json) -> None:
    """More left the cooler than came, or it is not told how much came."""
    bought = observed(at(0, 8), "receiving", COOLER, 500, **source(FARM))
    found = report(
        *(harvested(at(0, 6)), harvested(at(0, 6), farm=FARM_2), bought | members),
        observed(at(0, 10), "receiving", PACKER, 1000, **source(COOLER)),
        packed(at(0, 12), 1000, "P"),
        places=HERE,
    )
    rows = rows_of(found, Cte.INITIAL_PACKING)
    assert [row["farm.business_name"] for row in rows] == ["Farm", "Farm 2"]


def test_what_was_harvested_after_a_receipt_from_nobody_is_not_in_it() -> None:
    found = days(
        *(harvested(at(0, 6)), observed(at(0, 8), "receiving", COOLER, 500)),
        *(harvested(at(1, 6)), observed(at(2, 8), "receiving", PACKER, 500, **source(COOLER))),
        packed(at(2, 12), 500, "P"),
    )
    assert found == [(on(0), "n/a", on(2), on(2))]


def test_any_harvest_before_may_be_meant_where_none_says_how_much() -> None:
    harvests = [harvested(at(day, 6)) | {"quantityList": [{"epcClass": RAW}]} for day in range(3)]
    received = observed(at(1, 8), "receiving", PACKER, 500)
    found = days(*harvests, received, packed(at(1, 12), 500, "P"))
    assert found == [(on(day), "n/a", on(1), on(1)) for day in range(2)]


def test_what_was_packed_without_a_receipt_may_be_of_any_harvest_before() -> None:
    """The receipt from the second farm was forgotten, so its harvest is in no other row."""
    found = report(
        *(harvested(at(0, 6)), harvested(at(0, 6), farm=FARM_2)),
        *(
            observed(at(0, 9), "receiving", PACKER, 500, **source(FARM)),
            packed(at(0, 12), 1000, "P"),
        ),
        *(harvested(at(1, 6)), observed(at(1, 9), "receiving", PACKER, 500, **source(FARM))),
        packed(at(1, 12), 500, "Q"),
        places=HERE,
    )
    names = ("farm.business_name", "harvest_date", "receive_date", "date")
    rows = rows_of(found, Cte.INITIAL_PACKING)
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("Farm", on(0), on(0), on(0)),
        ("Farm", on(0), "", on(0)),
        ("Farm 2", on(0), "", on(0)),
        ("Farm", on(1), on(1), on(1)),
    ]


def test_a_farm_that_packs_its_own_and_what_it_bought() -> None:
    found = days(
        *(harvested(at(0, 6), farm=PACKER), harvested(at(1, 6))),
        observed(at(2, 6), "receiving", PACKER, 500, **source(FARM)),
        packed(at(2, 12), 1000, "P"),
    )
    assert found == [(on(0), "n/a", on(0), on(2)), (on(1), "n/a", on(2), on(2))]


def each_packed(*amounts: float, received: Json | None = None) -> list[Json]:
    """Each day 500 are harvested and received; the first receipt may be another one."""
    events: list[Json] = []
    for day, amount in enumerate(amounts):
        receipt = observed(at(day, 12), "receiving", PACKER, 500, **source(FARM))
        events += (
            harvested(at(day, 7)),
            receipt | (received or {}) if day == 0 else receipt,
            packed(at(day, 16), amount, f"P{day}"),
        )
    return events


def came_and_used(*events: Json) -> list[tuple[str, str]]:
    return [(received, used) for _, _, received, used in days(*events)]


@pytest.mark.parametrize(
    ("amount", "others"),
    [
        (485, []),
        (484, [(0, 1), (1, 2)]),
        (450, [(0, 1), (1, 2)]),
        (449, [(0, 1), (0, 2), (1, 2)]),
    ],
)
def test_a_tenth_may_be_lost_or_kept_for_a_day(
    amount: float, others: list[tuple[int, int]]
) -> None:
    """Scales may differ by three parts of a hundred; more than a tenth stays until it has gone.

    What was kept may be used the next day, when as much of that day's is kept instead.
    """
    told = came_and_used(*each_packed(amount, 500, 500))
    known = [(0, 0), (1, 1), (2, 2), *others]
    assert sorted(told) == sorted((on(came), on(used)) for came, used in known)


def test_a_tenth_is_of_what_came_last() -> None:
    """The 80 that are left of the second day are more than a tenth of what came on it."""
    told = came_and_used(*each_packed(500, 420, 500))
    assert told == [(on(0), on(0)), (on(1), on(1)), (on(1), on(2)), (on(2), on(2))]


def test_a_tenth_is_of_all_that_came_on_a_day() -> None:
    half = observed(at(0, 11), "receiving", PACKER, 250, **source(FARM))
    events = each_packed(460, 500, 500, received={"quantityList": [quantity(RAW, 250, "LBR")]})
    assert (on(0), on(2)) not in came_and_used(half, *events)


def test_times_count_where_days_do_not_explain_more() -> None:
    """What comes in the afternoon is packed the next morning; the first receipt was forgotten."""
    events = [packed(at(0, 8), 500, "P0")]
    for day in range(2, 5):
        events += (
            harvested(at(day, 7)),
            observed(at(day, 16), "receiving", PACKER, 500, **source(FARM)),
            packed(at(day + 1, 8), 500, f"P{day}"),
        )
    told = [(on(day), on(day + 1)) for day in range(2, 5)]
    assert came_and_used(*events) == [("", on(0)), *told]


@pytest.mark.parametrize(("amount", "untold"), [(550, []), (550.1, [(on(0), on(1)), ("", on(1))])])
def test_a_tenth_more_than_came_is_a_matter_of_scales(
    amount: float, untold: list[tuple[str, str]]
) -> None:
    told = came_and_used(*each_packed(500, amount, 500))
    assert set(told) == {*((on(day), on(day)) for day in range(3)), *untold}


@pytest.mark.parametrize(
    ("amounts", "others"),
    [
        ((485, 490, 510), [(1, 2)]),
        ((500, 485, 515), [(1, 2)]),
        ((499, 501), [(0, 1)]),
        ((500, 505), []),
        ((505, 500), []),
        ((500, 480, 500, 500), [(1, 2), (2, 3)]),
    ],
)
def test_only_what_may_be_left_may_be_used_later(
    amounts: tuple[float, ...], others: list[tuple[int, int]]
) -> None:
    told = came_and_used(*each_packed(*amounts))
    known = [*((day, day) for day in range(len(amounts))), *others]
    assert sorted(told) == sorted((on(came), on(used)) for came, used in known)


def test_what_was_lost_is_not_found_again_where_a_receipt_is_missing() -> None:
    told = came_and_used(*each_packed(485, 600))
    assert set(told) == {(on(0), on(0)), (on(0), on(1)), (on(1), on(1)), ("", on(1))}


@pytest.mark.parametrize(
    "quantities",
    [
        [{"epcClass": RAW}],
        [quantity(RAW, 400, "LBR"), quantity(RAW, 10, "CS")],
    ],
)
def test_where_quantities_cannot_be_added_up_any_receipt_before_may_be_meant(
    quantities: list[Json],
) -> None:
    told = came_and_used(*each_packed(500, 500, received={"quantityList": quantities}))
    assert set(told) == {(on(0), on(0)), (on(0), on(1)), (on(1), on(1))}


def test_a_run_uses_what_was_there_from_its_first_day_on() -> None:
    run = {"transformationID": "urn:x:run"}
    first, second = packed(at(0, 16), 500, "P"), packed(at(1, 16), 500, "P")
    told = came_and_used(
        *each_packed(500, 500)[0:2],
        *({**first, **run, "outputQuantityList": []}, {**second, **run}),
        *each_packed(500, 500)[3:5],
    )
    assert told == [(on(0), on(1)), (on(1), on(1))]
    unreceived = [harvested(at(0, 7)), {**first, **run, "outputQuantityList": []}]
    found = days(*unreceived, harvested(at(1, 7)), {**second, **run})
    assert found == [(on(0), "n/a", "", on(1)), (on(1), "n/a", "", on(1))]


def test_what_lies_over_night_where_it_is_packed_may_be_cooled_there() -> None:
    found = days(
        *(harvested(at(0, 7)), observed(at(0, 8), "shipping", FARM, 500, **destination(PACKER))),
        observed(at(0, 12), "receiving", PACKER, 500, **source(FARM)),
        *(cooled(at(0, 14), 500, PACKER), packed(at(1, 8), 500, "P")),
        *(harvested(at(1, 9)), observed(at(1, 10), "shipping", FARM, 500, **destination(PACKER))),
        observed(at(1, 12), "receiving", PACKER, 500, **source(FARM)),
        *(cooled(at(2, 7), 500, PACKER), packed(at(2, 8), 500, "Q")),
    )
    assert found == [(on(0), on(0), on(0), on(1)), (on(1), on(2), on(1), on(2))]


@frozen
class Bin:
    """A ninth of a day's harvest, and what has really happened to it."""

    harvested: tuple[str, str]
    cooled: tuple[str, ...] = ()
    received: str = ""


class Season:
    """Farms, a cooler and two packers, where any bins may be taken next."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._bins: dict[str, list[Bin]] = {}
        self._under_way: list[tuple[str, str, Json, list[Bin]]] = []
        self._time = datetime(2027, 3, 1, 6, tzinfo=UTC)
        self.events: list[Json] = []
        self.packed: dict[str, list[Bin]] = {}
        """By the day of packing."""

    def go_on(self, step: str, count: int) -> None:
        """Do something in the next half of a day, if there is anything to do it with."""
        self._time += timedelta(hours=13)
        time = f"{self._time:%Y-%m-%dT%H:%M:%S}+00:00"
        match step:
            case "harvest":
                self._harvest(time, (FARM, FARM_2)[count % 2])
            case "cool":
                self._cool(time)
            case "ship":
                self._ship(time, count)
            case "receive":
                self._receive(time)
            case "pack":
                self._pack(time, count)

    def _taken(self, places: tuple[str, ...], count: int) -> tuple[str, list[Bin]]:
        place = self._random.choice([each for each in places if self._bins.get(each)] or [""])
        bins = self._bins.get(place, [])
        self._random.shuffle(bins)
        taken, bins[:] = bins[: 3 * count], bins[3 * count :]
        return place, taken

    def _day(self) -> str:
        return f"{self._time:%m/%d/%Y}"

    def _harvest(self, time: str, farm: str) -> None:
        name = "Farm" if farm == FARM else "Farm 2"
        self._bins.setdefault(farm, []).extend([Bin((name, self._day()))] * 9)
        self.events.append(harvested(time, 9, farm))

    def _cool(self, time: str) -> None:
        bins = self._bins.get(COOLER, [])
        if bins:
            bins[:] = [evolve(each, cooled=(*each.cooled, self._day())) for each in bins]
            self.events.append(cooled(time, len(bins)))

    def _ship(self, time: str, count: int) -> None:
        place, taken = self._taken((FARM, FARM_2, COOLER), count)
        if taken:
            to = self._random.choice([PACKER, PACKER_2, *([] if place == COOLER else [COOLER] * 2)])
            bill = papers(("bol", f"B-{len(self.events)}"))
            if self._random.random() < 0.5:
                more = destination(to) | source(place) | bill
                self.events.append(observed(time, "shipping", place, len(taken), **more))
            self._under_way.append((place, to, bill, taken))

    def _receive(self, time: str) -> None:
        if self._under_way:
            number = self._random.randrange(len(self._under_way))
            place, to, bill, bins = self._under_way.pop(number)
            more = bill | (source(place) if self._random.random() < 0.7 else {})
            self.events.append(observed(time, "receiving", to, len(bins), **more))
            bins = [evolve(each, received=self._day()) for each in bins]
            self._bins.setdefault(to, []).extend(bins)

    def _pack(self, time: str, count: int) -> None:
        place, taken = self._taken((PACKER, PACKER_2), count)
        if taken:
            self.events.append(packed(time, len(taken), f"P{len(self.events)}", place))
            self.packed[self._day()] = self.packed.get(self._day(), []) + taken


steps = st.tuples(
    st.sampled_from(["harvest", "cool", "ship", "ship", "receive", "receive", "pack"]),
    st.integers(1, 3),
)


@given(st.lists(steps, max_size=60), st.randoms(use_true_random=False))
def test_nothing_that_is_in_a_packing_is_missing_in_its_rows(
    done: list[tuple[str, int]], random: Random
) -> None:
    season = Season(random)
    for step, count in done:
        season.go_on(step, count)
    rows = rows_of(report(*season.events, places=HERE), Cte.INITIAL_PACKING) if done else []
    names = ("date", "farm.business_name", "harvest_date", "receive_date", "cooling_date")
    told = {tuple(row[name] for name in names) for row in rows}
    for day, bins in season.packed.items():
        for each in bins:
            known = {row[4] for row in told if row[:4] == (day, *each.harvested, each.received)}
            assert known
            assert known.issuperset(each.cooled)

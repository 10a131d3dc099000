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


def test_what_lies_over_night_may_be_in_what_is_packed_next() -> None:
    found = days(
        *(harvested(at(0, 7)), observed(at(0, 12), "receiving", PACKER, 500, **source(FARM))),
        packed(at(0, 16), 400, "P0"),
        *(harvested(at(1, 7)), observed(at(1, 12), "receiving", PACKER, 500, **source(FARM))),
        packed(at(1, 16), 600, "P1"),
        *(harvested(at(2, 7)), observed(at(2, 12), "receiving", PACKER, 500, **source(FARM))),
        packed(at(2, 16), 500, "P2"),
    )
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


@pytest.mark.parametrize(("amount", "is_untold"), [(550, False), (551, True)])
def test_a_tenth_more_than_came_is_a_matter_of_scales(amount: float, is_untold: bool) -> None:
    told = came_and_used(*each_packed(amount, 500))
    assert told == [(on(0), on(0)), *([("", on(0))] if is_untold else []), (on(1), on(1))]


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

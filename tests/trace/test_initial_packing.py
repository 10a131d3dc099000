"""What of the past of a field lot belongs to an initial packing of it (21 CFR 1.1330(a))."""

from row_samples import (
    PACKED_CODE,
    PLACES,
    Cte,
    at_packer,
    chilled,
    harvest,
    named,
    packing,
    report,
)
from trace_samples import (
    PACKER,
    STEM,
    Json,
    quantity,
    rows_of,
    source,
)

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
    """The lot of the first day may not have been packed up: then it was not cooled elsewhere."""
    first, second, packed_on = "03/01/2027", "03/02/2027", "03/02/2027"
    assert packed(report(*TWO_DAYS), *DAYS, code=NEXT_CODE) == [
        (first, "n/a", first, packed_on),
        (first, second, second, packed_on),
        (second, second, second, packed_on),
    ]


def test_what_was_harvested_and_received_only_after_it_was_packed_is_not_known() -> None:
    """That the clocks contradict each other is a finding."""
    found = report(on("03", harvest), on("04", at_packer), packing)
    assert packed(found, *DAYS) == [("", "n/a", "", "03/02/2027")]
    assert packed(found, "received_quantity", "farm.business_name") == [("490", "")]


def test_a_lot_is_cooled_where_it_is_packed_also_after_it_was_received() -> None:
    there = chilled | {"eventTime": "2027-03-02T08:00:00-07:00", "readPoint": {"id": PACKER}}
    found = report(harvest, at_packer, there, packing)
    assert packed(found, "cooled.business_name", *DAYS) == [
        ("Packer", "03/01/2027", "03/02/2027", "03/02/2027", "03/02/2027")
    ]


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

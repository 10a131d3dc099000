"""Events that tell of one shipment or receipt make one row of it, and no other row is lost."""

from typing import Any

import pytest
from row_samples import PALLET, PALLET_2, Cte, report
from trace_samples import (
    PACKER,
    SALAD,
    STORE,
    Json,
    destination,
    event,
    of,
    papers,
    quantity,
    source,
)

from closient_export.trace.report import TraceReport

NO_ALARM = {"missing-product", "missing-element", "content-inferred"}
MADE = event(
    "ObjectEvent", "2027-02-27T08:00:00-07:00", "commissioning", PACKER, action="ADD",
    **of(SALAD, 500),
)  # fmt: skip


def at(day: int, hour: int) -> str:
    return f"2027-03-{day:02}T{hour:02}:00:00-07:00"


def leaves(day: int, hour: int, step: str, about: Json, **more: Any) -> Json:
    return event("ObjectEvent", at(day, hour), step, PACKER, action="OBSERVE", **about, **more)


def comes(day: int, hour: int, step: str, about: Json, **more: Any) -> Json:
    return event("ObjectEvent", at(day, hour), step, STORE, action="OBSERVE", **about, **more)


def boxes(*names: str) -> Json:
    return {"epcList": list(names)}


def packs(box: str, amount: float, lot: str = SALAD) -> Json:
    return event(
        "AggregationEvent", at(1, 1), "packing", PACKER, action="ADD", parentID=box,
        childQuantityList=[quantity(lot, amount)],
    )  # fmt: skip


def sees(
    day: int, hour: int, box: str, amount: float, step: str = "receiving", **more: Any
) -> Json:
    return event(
        "AggregationEvent", at(day, hour), step, STORE, action="OBSERVE", parentID=box,
        childQuantityList=[quantity(SALAD, amount)], **more,
    )  # fmt: skip


def told(found: TraceReport, cte: Cte, lot: str = SALAD) -> list[tuple[str, str, str, str]]:
    """When, how much, in what, and what is assumed."""
    return [
        (
            f"{row.event.local_time:%d %H}",
            str(row.cells["quantity"].value),
            row.container,
            row.assumption,
        )
        for row in found.rows[cte]
        if row.lot == lot
    ]


def alarms(found: TraceReport) -> list[str]:
    return sorted(each.rule for each in found.findings if each.rule not in NO_ALARM)


def may_be(day: int, what: str = "shipment") -> str:
    return f"may be the {what} of 03/{day:02}/2027 that another event records"


TO_STORE, FROM_PACKER = destination(STORE), source(PACKER)
BOL, BOL_2 = papers(("bol", "1")), papers(("bol", "2"))
TEN = of(SALAD, 10)


def test_a_departure_after_the_receipt_of_a_shipment_is_another_one() -> None:
    found = report(
        MADE,
        leaves(1, 8, "shipping", TEN, **TO_STORE, **BOL),
        comes(1, 18, "receiving", TEN, **FROM_PACKER, **BOL),
        leaves(5, 8, "departing", TEN),
        comes(5, 18, "arriving", TEN, **FROM_PACKER),
    )
    assert told(found, Cte.SHIPPING) == [("01 08", "10", "", ""), ("05 08", "10", "", "")]
    assert told(found, Cte.RECEIVING) == [("01 18", "10", "", ""), ("05 18", "10", "", "")]
    assert alarms(found) == []


SHIPMENTS: dict[str, tuple[list[Json], list[tuple[str, str, str, str]]]] = {
    "a departure is its shipment's": (
        [leaves(1, 8, "shipping", TEN), leaves(1, 9, "departing", TEN)],
        [("01 08", "10", "", "")],
    ),
    "a second departure may be another shipment": (
        [
            leaves(1, 8, "shipping", TEN),
            leaves(1, 9, "departing", TEN),
            leaves(1, 12, "departing", TEN),
        ],
        [("01 08", "10", "", ""), ("01 12", "10", "", may_be(1))],
    ),
    "two departures of two shipments": (
        [
            leaves(1, 8, "shipping", TEN),
            leaves(1, 9, "shipping", TEN),
            leaves(1, 10, "departing", TEN),
            leaves(1, 11, "departing", TEN),
        ],
        [("01 08", "10", "", ""), ("01 09", "10", "", "")],
    ),
    "equal quantities days apart, and nothing else that says so": (
        [leaves(1, 8, "shipping", TEN), leaves(4, 8, "departing", TEN)],
        [("01 08", "10", "", ""), ("04 08", "10", "", may_be(1))],
    ),
    "the same papers days apart": (
        [leaves(1, 8, "shipping", TEN, **BOL), leaves(4, 8, "departing", TEN, **BOL)],
        [("01 08", "10", "", "")],
    ),
    "a departure on the same day, but after the receipt": (
        [
            leaves(1, 8, "shipping", TEN),
            comes(1, 10, "receiving", TEN),
            leaves(1, 12, "departing", TEN),
        ],
        [("01 08", "10", "", ""), ("01 12", "10", "", may_be(1))],
    ),
    "a receipt with other papers is not the shipment's": (
        [
            leaves(1, 8, "shipping", TEN, **BOL),
            comes(1, 10, "receiving", TEN, **BOL_2),
            leaves(1, 12, "departing", TEN),
        ],
        [("01 08", "10", "", "")],
    ),
    "a pallet that departs again after its receipt": (
        [
            packs(PALLET, 10),
            leaves(1, 8, "shipping", boxes(PALLET)),
            comes(2, 8, "receiving", boxes(PALLET)),
            leaves(4, 8, "departing", boxes(PALLET)),
        ],
        [("01 08", "10", PALLET, ""), ("04 08", "10", PALLET, "")],
    ),
    "departures in parts with the papers of the shipment, and one more": (
        [
            leaves(1, 8, "shipping", TEN, **BOL),
            leaves(1, 9, "departing", of(SALAD, 4), **BOL),
            leaves(1, 10, "departing", of(SALAD, 6), **BOL),
            leaves(1, 11, "departing", of(SALAD, 3), **BOL),
        ],
        [("01 08", "10", "", ""), ("01 11", "3", "", may_be(1))],
    ),
    "one departure of pallets that were shipped one by one": (
        [
            packs(PALLET, 10),
            packs(PALLET_2, 7),
            leaves(1, 8, "shipping", boxes(PALLET), **BOL),
            leaves(1, 9, "shipping", boxes(PALLET_2), **BOL_2),
            leaves(2, 9, "departing", boxes(PALLET, PALLET_2)),
        ],
        [("01 08", "10", PALLET, ""), ("01 09", "7", PALLET_2, "")],
    ),
    "a departure of pallets of which one was not shipped": (
        [
            packs(PALLET, 10),
            packs(PALLET_2, 7),
            leaves(1, 8, "shipping", boxes(PALLET)),
            leaves(2, 9, "departing", boxes(PALLET, PALLET_2)),
        ],
        [
            ("01 08", "10", PALLET, ""),
            ("02 09", "10", PALLET, may_be(1)),
            ("02 09", "7", PALLET_2, may_be(1)),
        ],
    ),
    "the departure of what was consigned and shipped": (
        [
            leaves(1, 8, "shipping", boxes(PALLET), **BOL),
            leaves(1, 8, "consigning", TEN, **BOL),
            leaves(1, 9, "departing", TEN),
            packs(PALLET, 10),
        ],
        [("01 08", "10", PALLET, "")],
    ),
    "a shipment inside tells nothing of another one": (
        [
            leaves(1, 8, "shipping", TEN),
            leaves(1, 10, "shipping", TEN),
            event(
                "ObjectEvent", at(1, 11), "receiving", PACKER, action="OBSERVE", **TEN,
                **source(f"{PACKER}/254/A"), **destination(f"{PACKER}/254/B"),
            ),
        ],
        [("01 08", "10", "", "")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SHIPMENTS)
def test_each_shipment_has_its_row(name: str) -> None:
    events, expected = SHIPMENTS[name]
    found = report(MADE, *events)
    assert told(found, Cte.SHIPPING) == expected
    doubtful = [each[3] for each in expected if each[3]]
    said = [each.found for each in found.findings if each.rule == "assumed"]
    assert set(said) == {f"This {each}." for each in doubtful}


RECEIPTS: dict[str, tuple[list[Json], list[tuple[str, str, str, str]]]] = {
    "an arrival is its receipt's": (
        [comes(2, 8, "arriving", TEN), comes(2, 9, "receiving", TEN)],
        [("02 09", "10", "", "")],
    ),
    "what has arrived but is received before another shipment left": (
        [
            comes(2, 8, "arriving", TEN),
            leaves(2, 10, "shipping", TEN),
            comes(2, 12, "receiving", TEN),
        ],
        [("02 08", "10", "", may_be(2, "receipt")), ("02 12", "10", "", "")],
    ),
    "accepted and arrived, received by no event": (
        [comes(2, 8, "arriving", TEN), comes(2, 9, "accepting", TEN)],
        [("02 09", "10", "", "")],
    ),
}


@pytest.mark.parametrize("name", RECEIPTS)
def test_each_receipt_has_its_row(name: str) -> None:
    events, expected = RECEIPTS[name]
    assert told(report(MADE, *events), Cte.RECEIVING) == expected

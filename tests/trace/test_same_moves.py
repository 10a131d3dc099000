"""Events that tell of one shipment or receipt make one row of it, and no other row is lost."""

from typing import Any

import pytest
from row_samples import PALLET, PALLET_2, Cte, report
from trace_samples import (
    PACKER,
    SALAD,
    STEM,
    STORE,
    Json,
    destination,
    event,
    of,
    papers,
    quantity,
    source,
)

from closient_export.trace.recall import recall_scope
from closient_export.trace.report import TraceReport
from closient_export.trace.summaries import lot_summaries

NO_ALARM = {"missing-product", "missing-element", "content-inferred"}
MADE = event(
    "ObjectEvent", "2027-02-27T08:00:00-07:00", "commissioning", PACKER, action="ADD",
    **of(SALAD, 500),
)  # fmt: skip


def at(day: int, hour: int, minute: int = 0) -> str:
    return f"2027-03-{day:02}T{hour:02}:{minute:02}:00-07:00"


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
UNTOLD = {"quantityList": [{"epcClass": SALAD}]}


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


def test_a_truck_that_leaves_while_another_is_received_adds_no_receipt() -> None:
    days = range(2, 8)
    found = report(
        MADE,
        *(leaves(day, 6, "shipping", TEN, **TO_STORE) for day in days),
        *(
            leaves(day, 6, "departing", TEN, **TO_STORE) | {"eventTime": at(day, 6, 10)}
            for day in days
        ),
        *(comes(day + 1, 6, "arriving", TEN, **FROM_PACKER) for day in days),
        *(
            comes(day + 1, 6, "receiving", TEN, **FROM_PACKER) | {"eventTime": at(day + 1, 6, 30)}
            for day in days
        ),
    )
    assert told(found, Cte.SHIPPING) == [(f"{day:02} 06", "10", "", "") for day in days]
    assert told(found, Cte.RECEIVING) == [(f"{day + 1:02} 06", "10", "", "") for day in days]


@pytest.mark.parametrize("paper", [{}, BOL])
def test_clocks_of_two_partners_may_differ_by_minutes(paper: Json) -> None:
    found = report(
        MADE,
        leaves(2, 6, "shipping", TEN, **TO_STORE, **paper),
        comes(2, 6, "arriving", TEN, **FROM_PACKER, **paper) | {"eventTime": at(2, 6, 7)},
        leaves(2, 6, "departing", TEN, **TO_STORE, **paper) | {"eventTime": at(2, 6, 10)},
        comes(2, 6, "receiving", TEN, **FROM_PACKER, **paper) | {"eventTime": at(2, 6, 20)},
    )
    assert told(found, Cte.SHIPPING) == [("02 06", "10", "", "")]
    assert told(found, Cte.RECEIVING) == [("02 06", "10", "", "")]


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
    "one departure, with their papers, of what was shipped one by one": (
        [
            packs(PALLET, 10),
            packs(PALLET_2, 7),
            leaves(1, 8, "shipping", boxes(PALLET), **BOL),
            leaves(1, 9, "shipping", boxes(PALLET_2), **BOL),
            leaves(1, 10, "departing", of(SALAD, 17), **BOL),
            leaves(1, 11, "departing", of(SALAD, 1), **BOL),
        ],
        [
            ("01 08", "10", PALLET, ""),
            ("01 09", "7", PALLET_2, ""),
            ("01 11", "1", "", may_be(1)),
        ],
    ),
    "of one shipment without a quantity one departure is told": (
        [
            leaves(1, 8, "shipping", UNTOLD, **BOL),
            leaves(1, 9, "departing", of(SALAD, 3), **BOL),
            leaves(1, 11, "departing", of(SALAD, 4), **BOL),
        ],
        [("01 08", "", "", ""), ("01 11", "4", "", may_be(1))],
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


SENT = [packs(PALLET, 10), leaves(1, 8, "shipping", boxes(PALLET), **BOL)]
CASE, CASE_2 = (f"{STEM}/00/1061414100000000{number}" for number in (32, 49))
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
    "a closed pallet and what is seen on it at once": (
        [*SENT, comes(2, 8, "receiving", boxes(PALLET), **BOL), sees(2, 8, PALLET, 10, **BOL)],
        [("02 08", "10", PALLET, "")],
    ),
    "what is seen on a pallet says more than what was packed": (
        [*SENT, comes(2, 8, "receiving", boxes(PALLET), **BOL), sees(2, 9, PALLET, 8, **BOL)],
        [("02 09", "8", PALLET, "")],
    ),
    "a pallet at the gate and again inside": (
        [
            *SENT,
            comes(2, 8, "receiving", boxes(PALLET), **BOL),
            comes(2, 12, "receiving", boxes(PALLET), **BOL),
        ],
        [("02 08", "10", PALLET, "")],
    ),
    "a pallet again some days later": (
        [
            *SENT,
            comes(2, 8, "receiving", boxes(PALLET), **BOL),
            comes(5, 8, "receiving", boxes(PALLET), **BOL),
        ],
        [("02 08", "10", PALLET, ""), ("05 08", "10", PALLET, may_be(2, "receipt"))],
    ),
    "a pallet that came back": (
        [
            *SENT,
            comes(2, 8, "receiving", boxes(PALLET), **BOL),
            event(
                "ObjectEvent",
                at(2, 10),
                "shipping",
                STORE,
                action="OBSERVE",
                **boxes(PALLET),
                **destination(PACKER),
            ),
            comes(2, 18, "receiving", boxes(PALLET), **BOL),
        ],
        [("02 08", "10", PALLET, ""), ("02 18", "10", PALLET, "")],
    ),
    "pallets received together and one of them looked into": (
        [
            *SENT,
            packs(PALLET_2, 7),
            leaves(1, 9, "shipping", boxes(PALLET_2), **BOL),
            comes(2, 8, "receiving", boxes(PALLET, PALLET_2), **BOL),
            sees(2, 8, PALLET, 10, **BOL),
        ],
        [("02 08", "10", PALLET, ""), ("02 08", "7", PALLET_2, "")],
    ),
    "cases one by one, and then their pallet": (
        [
            *(packs(case, 5) for case in (CASE, CASE_2)),
            event(
                "AggregationEvent",
                at(1, 2),
                "packing",
                PACKER,
                action="ADD",
                parentID=PALLET,
                childEPCs=[CASE, CASE_2],
            ),
            leaves(1, 8, "shipping", boxes(PALLET), **BOL),
            comes(2, 8, "receiving", boxes(CASE), **BOL),
            comes(2, 9, "receiving", boxes(CASE_2), **BOL),
            comes(2, 10, "receiving", boxes(PALLET), **BOL),
        ],
        [("02 08", "5", CASE, ""), ("02 09", "5", CASE_2, "")],
    ),
    "a closed pallet, and less that is counted": (
        [
            *SENT,
            comes(2, 8, "receiving", boxes(PALLET), **BOL),
            comes(3, 8, "receiving", of(SALAD, 4), **BOL),
            comes(3, 9, "receiving", of(SALAD, 5), **BOL),
        ],
        [("03 08", "4", "", ""), ("03 09", "5", "", "")],
    ),
    "a pallet and as many loose cases": (
        [
            *SENT,
            leaves(1, 9, "shipping", TEN, **BOL),
            comes(2, 8, "receiving", boxes(PALLET), **BOL),
            comes(2, 9, "receiving", TEN, **BOL),
        ],
        [("02 08", "10", PALLET, ""), ("02 09", "10", "", "")],
    ),
    "a pallet and as many loose cases, of which nobody says that they were shipped": (
        [
            packs(PALLET, 10),
            comes(2, 8, "receiving", boxes(PALLET), **BOL),
            comes(2, 9, "receiving", TEN, **BOL),
        ],
        [("02 08", "10", PALLET, ""), ("02 09", "10", "", may_be(2, "receipt"))],
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


def test_a_receipt_that_is_told_twice_counts_once_in_every_sheet() -> None:
    found = report(
        MADE,
        *SENT,
        comes(2, 8, "receiving", boxes(PALLET), **FROM_PACKER, **BOL),
        sees(2, 8, PALLET, 10, **FROM_PACKER, **BOL),
    )
    assert alarms(found) == []
    (summary,) = (each for each in lot_summaries(found) if each.uri == SALAD)
    assert (summary.shipped, summary.received) == ("10 cases", "10 cases")
    assert [(row[2], *row[9:12]) for row in recall_scope(found)] == [
        ("Packer", "500 cases", "10 cases", "490 cases"),
        ("Store", "10 cases", "0 cases", "10 cases"),
    ]

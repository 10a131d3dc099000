"""What speaks for two events' telling of one move, and how much of a move events have told of."""

import pytest
from row_samples import PALLET, PALLET_2, Cte, report
from test_same_moves import (
    BOL,
    BOL_2,
    CASE,
    MADE,
    SENT,
    TEN,
    UNTOLD,
    at,
    boxes,
    comes,
    leaves,
    may_be,
    packs,
    sees,
    told,
)
from trace_samples import (
    KITCHEN,
    PACKED,
    PACKER,
    SALAD,
    STORE,
    Json,
    destination,
    event,
    of,
    quantity,
    source,
)

Rows = list[tuple[str, str, str, str]]
ONE: Rows = [("01 08", "10", "", "")]
SHIPPED = leaves(1, 8, "shipping", TEN, **BOL)


def linked(about: Json, **more: Json) -> Json:
    """A transaction event of a shipment."""
    return event("TransactionEvent", at(1, 9), "shipping", PACKER, action="ADD", **about, **more)


def two_units(cases: float, pounds: float) -> Json:
    return {"quantityList": [quantity(SALAD, cases), quantity(SALAD, pounds, "LBR")]}


SHIPMENTS: dict[str, tuple[list[Json], Rows]] = {
    "a departure with its papers after a week": (
        [SHIPPED, leaves(8, 8, "departing", TEN, **BOL)],
        ONE,
    ),
    "and after more than a week": (
        [SHIPPED, leaves(8, 8, "departing", TEN, **BOL) | {"eventTime": at(8, 8, 1)}],
        [*ONE, ("08 08", "10", "", "")],
    ),
    "a shipment that an office records": (
        [
            SHIPPED | {"readPoint": {"id": KITCHEN}} | source(PACKER),
            leaves(1, 9, "departing", TEN, **BOL),
        ],
        ONE,
    ),
    "a departure elsewhere": (
        [SHIPPED, leaves(1, 9, "departing", TEN, **BOL) | {"readPoint": {"id": KITCHEN}}],
        [*ONE, ("01 09", "10", "", "")],
    ),
    "a departure of which only the papers are told besides": (
        [leaves(1, 8, "shipping", TEN), leaves(1, 9, "departing", TEN, **BOL)],
        ONE,
    ),
    "a pallet that departs with papers of another kind": (
        [*SENT, leaves(1, 9, "departing", boxes(PALLET), **BOL_2)],
        [("01 08", "10", PALLET, "")],
    ),
    "more papers of a pallet's shipment": (
        [*SENT, linked(boxes(PALLET), **BOL_2)],
        [("01 08", "10", PALLET, "")],
    ),
    "a departure of one more than was shipped": (
        [SHIPPED, leaves(1, 9, "departing", of(SALAD, 11), **BOL)],
        [*ONE, ("01 09", "11", "", may_be(1))],
    ),
    "departures in parts, and one of a single case": (
        [
            SHIPPED,
            *(
                leaves(1, hour, "departing", of(SALAD, amount), **BOL)
                for hour, amount in ((9, 4), (10, 6), (11, 1))
            ),
        ],
        [*ONE, ("01 11", "1", "", may_be(1))],
    ),
    "one departure of one more than two shipments": (
        [
            SHIPPED,
            leaves(1, 9, "shipping", of(SALAD, 7), **BOL),
            leaves(1, 10, "departing", of(SALAD, 18), **BOL),
        ],
        [*ONE, ("01 09", "7", "", ""), ("01 10", "18", "", may_be(1))],
    ),
    "a departure without a quantity, and then another one": (
        [
            leaves(1, 8, "shipping", of(SALAD, 10, ""), **BOL),
            leaves(1, 9, "departing", UNTOLD, **BOL),
            leaves(1, 10, "departing", of(SALAD, 4, ""), **BOL),
        ],
        [*ONE, ("01 10", "4", "", may_be(1))],
    ),
    "a departure, and then another one without a quantity": (
        [
            leaves(1, 8, "shipping", of(SALAD, 10, ""), **BOL),
            leaves(1, 9, "departing", of(SALAD, 4, ""), **BOL),
            leaves(1, 10, "departing", UNTOLD, **BOL),
        ],
        [*ONE, ("01 10", "", "", may_be(1))],
    ),
    "a departure that is too much in one of two units": (
        [
            leaves(1, 8, "shipping", two_units(10, 5), **BOL),
            leaves(1, 9, "departing", two_units(10, 7), **BOL),
        ],
        [
            *ONE,
            ("01 08", "5", "", ""),
            ("01 09", "10", "", may_be(1)),
            ("01 09", "7", "", may_be(1)),
        ],
    ),
    "departures of two shipments in two units": (
        [
            leaves(1, 8, "shipping", two_units(10, 5), **BOL),
            leaves(1, 9, "shipping", two_units(6, 3), **BOL),
            leaves(1, 10, "departing", of(SALAD, 10), **BOL),
            leaves(1, 11, "departing", of(SALAD, 1), **BOL),
            leaves(1, 12, "departing", two_units(5, 8), **BOL),
            leaves(1, 13, "departing", of(SALAD, 4, "LBR"), **BOL),
        ],
        [
            *ONE,
            ("01 08", "5", "", ""),
            ("01 09", "6", "", ""),
            ("01 09", "3", "", ""),
            ("01 13", "4", "", may_be(1)),
        ],
    ),
}


@pytest.mark.parametrize("name", SHIPMENTS)
def test_which_departures_are_shipments_of_their_own(name: str) -> None:
    events, expected = SHIPMENTS[name]
    assert told(report(MADE, *events), Cte.SHIPPING) == expected


def on_pallet(**inside: object) -> Json:
    """What is seen on a pallet, an hour after it was received."""
    return event(
        "AggregationEvent", at(2, 9), "receiving", STORE, action="OBSERVE", parentID=PALLET,
        **inside, **BOL,
    )  # fmt: skip


CLOSED = comes(2, 8, "receiving", boxes(PALLET), **BOL)
EIGHT = [quantity(SALAD, 8)]
RECEIPTS: dict[str, tuple[list[Json], Rows]] = {
    "a receipt that an office records": (
        [
            comes(2, 8, "receiving", TEN, **destination(STORE)) | {"readPoint": {"id": KITCHEN}},
            comes(2, 9, "arriving", TEN),
        ],
        [("02 08", "10", "", "")],
    ),
    "as much on another pallet": (
        [sees(2, 8, PALLET, 10, "arriving"), sees(2, 9, PALLET_2, 10)],
        [("02 08", "10", PALLET, ""), ("02 09", "10", PALLET_2, "")],
    ),
    "a pallet that is received with other papers": (
        [packs(PALLET, 10), CLOSED, comes(2, 12, "receiving", boxes(PALLET), **BOL_2)],
        [("02 08", "10", PALLET, ""), ("02 12", "10", PALLET, "")],
    ),
    "what is seen on a pallet beside a closed case of another lot": (
        [
            *SENT,
            packs(CASE, 5, PACKED),
            CLOSED,
            on_pallet(childEPCs=[CASE], childQuantityList=EIGHT),
        ],
        [("02 09", "8", PALLET, "")],
    ),
}


@pytest.mark.parametrize("name", RECEIPTS)
def test_which_receipts_are_told_again(name: str) -> None:
    events, expected = RECEIPTS[name]
    assert told(report(MADE, *events), Cte.RECEIVING) == expected

"""A pallet that is used again, and nobody says that it was emptied or packed."""

from typing import Any

import pytest
from row_samples import PALLET, Cte, report
from trace_samples import (
    KITCHEN,
    PACKER,
    SALAD,
    STEM,
    STORE,
    Json,
    destination,
    event,
    papers,
    quantity,
    source,
)

from closient_export.trace.report import TraceReport

OTHER = f"{STEM}/01/10614141000033/10/OTHER"


def pallet(day: str, hour: int, step: str, place: str, **more: Any) -> Json:
    time = f"{day}T{hour:02}:00:00-07:00"
    return event("ObjectEvent", time, step, place, action="OBSERVE", epcList=[PALLET], **more)


def opened(
    day: str, step: str, place: str, action: str, lot: str, amount: float, **more: Any
) -> Json:
    return event(
        "AggregationEvent", f"{day}T12:00:00-07:00", step, place, action=action, parentID=PALLET,
        childQuantityList=[quantity(lot, amount)], **more,
    )  # fmt: skip


def shipments(found: TraceReport) -> list[tuple[str, str, str]]:
    """When, of which lot, how much."""
    return [
        (f"{row.event.local_date}", row.lot.rpartition("/")[2], str(row.cells["quantity"].value))
        for row in found.rows[Cte.SHIPPING]
    ]


def alarms(found: TraceReport) -> set[str]:
    rules = ("code-changed", "product-changed", "container-reused", "quantity-differs")
    return {each.rule for each in found.findings if each.rule in rules}


def unpacked(day: str, lot: str, amount: float) -> Json:
    return opened(day, "unpacking", STORE, "DELETE", lot, amount)


BOL, BOL_2 = papers(("bol", "1")), papers(("bol", "2"))
PACKED_AND_LEFT = [
    opened("2026-01-01", "packing", PACKER, "ADD", SALAD, 40),
    pallet("2026-01-01", 14, "shipping", PACKER, **destination(KITCHEN), **BOL),
]
CAME = pallet("2026-01-02", 10, "receiving", KITCHEN, **source(PACKER), **BOL)
LEFT_AGAIN = pallet("2027-03-01", 10, "shipping", PACKER, **destination(STORE), **BOL_2)
FIRST = ("2026-01-01", "SALAD", "40")

REUSED: dict[str, tuple[list[Json], list[tuple[str, str, str]], set[str]]] = {
    "another lot is unpacked": (
        [*PACKED_AND_LEFT, CAME, LEFT_AGAIN, unpacked("2027-03-02", OTHER, 30)],
        [FIRST, ("2027-03-01", "OTHER", "30")],
        {"container-reused"},
    ),
    "another lot is seen on receipt": (
        [
            *PACKED_AND_LEFT,
            CAME,
            LEFT_AGAIN,
            opened(
                "2027-03-02", "receiving", STORE, "OBSERVE", OTHER, 30, **source(PACKER), **BOL_2
            ),
        ],
        [FIRST, ("2027-03-01", "OTHER", "30")],
        {"container-reused"},
    ),
    "another lot is unpacked, and the first receipt is not recorded": (
        [*PACKED_AND_LEFT, LEFT_AGAIN, unpacked("2027-03-02", OTHER, 30)],
        [FIRST, ("2027-03-01", "OTHER", "30")],
        {"container-reused"},
    ),
    "nobody knew the first load": (
        [PACKED_AND_LEFT[1], LEFT_AGAIN, unpacked("2027-03-02", OTHER, 30)],
        [("2027-03-01", "OTHER", "30")],
        set(),
    ),
    "nobody says what the second load is": (
        [*PACKED_AND_LEFT, CAME, LEFT_AGAIN],
        [FIRST],
        {"container-reused"},
    ),
    "its packing is recorded late": (
        [
            *PACKED_AND_LEFT,
            CAME,
            LEFT_AGAIN,
            opened("2027-03-01", "packing", PACKER, "ADD", OTHER, 30),
        ],
        [FIRST, ("2027-03-01", "OTHER", "30")],
        {"container-reused"},
    ),
    "it left from where it had been received, with another lot in it": (
        [
            *PACKED_AND_LEFT,
            CAME,
            pallet("2026-06-01", 10, "shipping", KITCHEN, **destination(STORE), **BOL_2),
            unpacked("2026-06-02", OTHER, 30),
        ],
        [FIRST, ("2026-06-01", "OTHER", "30")],
        {"container-reused"},
    ),
    "it was received elsewhere, with another lot in it": (
        [
            *PACKED_AND_LEFT,
            CAME,
            pallet("2026-06-01", 10, "receiving", STORE),
            unpacked("2026-06-02", OTHER, 30),
        ],
        [FIRST],
        {"container-reused"},
    ),
}  # fmt: skip
KEPT: dict[str, tuple[list[Json], list[tuple[str, str, str]], set[str]]] = {
    "it was stored for months": (
        [
            *PACKED_AND_LEFT,
            CAME,
            pallet("2026-06-01", 10, "shipping", KITCHEN, **destination(STORE), **BOL_2),
        ],
        [FIRST, ("2026-06-01", "SALAD", "40")],
        set(),
    ),
    "it came back unseen, and the same lot is unpacked in the end": (
        [*PACKED_AND_LEFT, CAME, LEFT_AGAIN, unpacked("2027-03-02", SALAD, 40)],
        [FIRST, ("2027-03-01", "SALAD", "40")],
        set(),
    ),
    "it leaves again after some days": (
        [
            *PACKED_AND_LEFT,
            CAME,
            pallet("2026-01-12", 10, "shipping", PACKER, **destination(STORE), **BOL_2),
        ],
        [FIRST, ("2026-01-12", "SALAD", "40")],
        set(),
    ),
    "another lot is unpacked after some days": (
        [
            *PACKED_AND_LEFT,
            CAME,
            pallet("2026-01-05", 10, "shipping", KITCHEN, **destination(STORE), **BOL_2),
            unpacked("2026-01-06", OTHER, 30),
        ],
        [FIRST, ("2026-01-05", "SALAD", "40")],
        {"code-changed"},
    ),
    "it was on its way for months, with another lot in it": (
        [
            *PACKED_AND_LEFT,
            pallet("2026-03-01", 10, "receiving", STORE),
            unpacked("2026-03-01", OTHER, 30),
        ],
        [FIRST],
        {"code-changed"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REUSED | KEPT)
def test_what_a_pallet_carries_when_it_is_shipped_again(name: str) -> None:
    events, expected, rules = (REUSED | KEPT)[name]
    found = report(*events)
    assert (shipments(found), alarms(found)) == (expected, rules)

"""What a recall finds: how much came to each place, how much is gone, and how much may be there."""

from typing import Any

import pytest
from row_samples import PALLET, report
from trace_samples import (
    COOLER,
    FARM,
    PACKED,
    PACKER,
    RAW,
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


def seen(hour: int, step: str, place: str, about: Json, **more: Any) -> Json:
    time = f"2027-03-0{1 + hour // 24}T{hour % 24:02}:00:00-07:00"
    return event("ObjectEvent", time, step, place, **({"action": "OBSERVE"} | about | more))


def packs(hour: int, action: str, step: str, place: str) -> Json:
    return event(
        "AggregationEvent", f"2027-03-01T{hour:02}:00:00-07:00", step, place, action=action,
        parentID=PALLET, **({"childQuantityList": [quantity(PACKED, 10)]} if action == "ADD" else {}),
    )  # fmt: skip


def used(hour: int, lot: str, amount: float, uom: str) -> Json:
    return event(
        "TransformationEvent", f"2027-03-02T{hour:02}:00:00-07:00", "creating_class_instance",
        PACKER, inputQuantityList=[quantity(lot, amount, uom)],
        outputQuantityList=[quantity(PACKED if lot == RAW else RAW, 6)],
    )  # fmt: skip


BOL = papers(("bol", "1"))
TEN = of(PACKED, 10)
MADE = seen(1, "commissioning", PACKER, TEN, action="ADD")
SENT = [
    MADE,
    seen(2, "shipping", PACKER, TEN, **destination(STORE), **BOL),
    seen(9, "receiving", STORE, TEN, **source(PACKER), **BOL),
]
HARVEST = seen(1, "creating_class_instance", FARM, of(RAW, 100, "LBR"), action="ADD")
TO_COOLER = seen(2, "transporting", FARM, of(RAW, 100, "LBR"), **destination(COOLER))
AT_COOLER = seen(3, "receiving", COOLER, of(RAW, 100, "LBR"), **source(FARM))
TO_PACKER = seen(4, "transporting", COOLER, of(RAW, 100, "LBR"), **destination(PACKER))
AT_PACKER = seen(5, "receiving", PACKER, of(RAW, 100, "LBR"), **source(COOLER))
USED = used(1, RAW, 100, "LBR")
GONE = ("Packer", "10 cases", "10 cases", "0 cases", "all sent on")

Stocks = list[tuple[str, str, str, str, str]]
STOCKS: dict[str, tuple[list[Json], str, Stocks]] = {
    "destroyed": (
        [*SENT, seen(20, "destroying", STORE, TEN, action="DELETE")],
        PACKED,
        [GONE, ("Store", "10 cases", "10 cases", "0 cases", "destroyed there")],
    ),
    "destroyed in part": (
        [*SENT, seen(20, "destroying", STORE, of(PACKED, 4))],
        PACKED,
        [GONE, ("Store", "10 cases", "4 cases", "6 cases", "may be there")],
    ),
    "decommissioned": (
        [*SENT, seen(20, "decommissioning", STORE, of(PACKED, 10), action="DELETE")],
        PACKED,
        [GONE, ("Store", "10 cases", "10 cases", "0 cases", "destroyed there")],
    ),
    "the label of a pallet is decommissioned, not what was on it": (
        [
            MADE,
            packs(1, "ADD", "packing", PACKER),
            seen(2, "decommissioning", PACKER, {"epcList": [PALLET]}, action="DELETE"),
        ],
        PACKED,
        [("Packer", "10 cases", "0 cases", "10 cases", "may be there")],
    ),
    "a pallet is destroyed with what is on it": (
        [
            MADE,
            packs(1, "ADD", "packing", PACKER),
            seen(2, "destroying", PACKER, {"epcList": [PALLET]}, action="DELETE"),
        ],
        PACKED,
        [("Packer", "10 cases", "10 cases", "0 cases", "destroyed there")],
    ),
    "what was used is decommissioned": (
        [
            HARVEST, TO_COOLER, AT_COOLER, TO_PACKER, AT_PACKER, used(1, RAW, 60, "LBR"),
            seen(30, "decommissioning", PACKER, of(RAW, 60, "LBR"), action="DELETE"),
        ],
        RAW,
        [
            ("Farm", "100 pounds", "100 pounds", "0 pounds", "all sent on"),
            ("Cooler", "100 pounds", "100 pounds", "0 pounds", "all sent on"),
            ("Packer", "100 pounds", "60 pounds", "40 pounds", "may be there"),
        ],
    ),
    "used and destroyed": (
        [
            HARVEST, TO_COOLER, AT_COOLER, TO_PACKER, AT_PACKER, used(1, RAW, 60, "LBR"),
            seen(30, "destroying", PACKER, of(RAW, 40, "LBR"), action="DELETE"),
        ],
        RAW,
        [
            ("Farm", "100 pounds", "100 pounds", "0 pounds", "all sent on"),
            ("Cooler", "100 pounds", "100 pounds", "0 pounds", "all sent on"),
            ("Packer", "100 pounds", "100 pounds", "0 pounds", "sent on, used up or destroyed"),
        ],
    ),
    "a harvest on its way": (
        [HARVEST, TO_COOLER, AT_COOLER, TO_PACKER, AT_PACKER, USED],
        RAW,
        [
            ("Farm", "100 pounds", "100 pounds", "0 pounds", "all sent on"),
            ("Cooler", "100 pounds", "100 pounds", "0 pounds", "all sent on"),
            ("Packer", "100 pounds", "100 pounds", "0 pounds", "used up there"),
        ],
    ),
    "a harvest of which the arrival is not recorded": (
        [HARVEST, TO_COOLER],
        RAW,
        [
            ("Farm", "100 pounds", "100 pounds", "0 pounds", "all sent on"),
            ("Cooler", "100 pounds", "0 pounds", "100 pounds", "sent there, arrival not recorded"),
        ],
    ),
    "a harvest of which nobody says where it went": (
        [HARVEST, seen(2, "transporting", FARM, of(RAW, 40, "LBR"))],
        RAW,
        [
            ("", "40 pounds", "0 pounds", "40 pounds", "sent there, arrival not recorded"),
            ("Farm", "100 pounds", "40 pounds", "60 pounds", "may be there"),
        ],
    ),
    "used where it was brought, without a receipt": (
        [HARVEST, seen(2, "transporting", FARM, of(RAW, 100, "LBR"), **destination(PACKER)), USED],
        RAW,
        [
            ("Farm", "100 pounds", "100 pounds", "0 pounds", "all sent on"),
            ("Packer", "0 pounds", "100 pounds", "0 pounds", "used up there"),
        ],
    ),
    "transporting what was shipped": (
        [
            seen(1, "commissioning", PACKER, of(PACKED, 50), action="ADD"),
            *SENT[1:],
            seen(3, "transporting", PACKER, TEN, **destination(STORE)),
        ],
        PACKED,
        [
            ("Packer", "50 cases", "10 cases", "40 cases", "may be there"),
            ("Store", "10 cases", "0 cases", "10 cases", "may be there"),
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STOCKS)
def test_what_may_be_where(name: str) -> None:
    events, lot, expected = STOCKS[name]
    found = report(*events)
    code = found.facts.code(lot)
    assert [(row[2], *row[9:13]) for row in recall_scope(found) if row[0] == code] == expected

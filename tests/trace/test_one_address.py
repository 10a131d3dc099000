"""Moves at one street address: within a company they are none, between firms they are (1.1310)."""

import pytest
from row_samples import Cte, named, report
from trace_samples import (
    KITCHEN,
    PACKER,
    SALAD,
    STEM,
    Json,
    destination,
    event,
    of,
    parties,
    source,
)

MARKET = "772 Edgewater Road"
ALPHA, BETA = (f"{STEM}/417/{number}" for number in ("0614141000005", "0614141000012"))


def moved(*, start: str = PACKER, end: str = KITCHEN, **more: Json) -> list[Json]:
    """A shipment and its receipt, which both name both ends."""
    times = {"shipping": "2027-03-01T11:00:00-07:00", "receiving": "2027-03-01T12:00:00-07:00"}
    return [
        event(
            "ObjectEvent", times[step], step, place, action="OBSERVE", **of(SALAD, 10), **more
        )
        for step, place in (("shipping", start), ("receiving", end))
    ]  # fmt: skip


def between(first: str, second: str, kind: str) -> Json:
    return {
        "sourceList": [
            *source(PACKER)["sourceList"],
            *parties("source", kind, first)["sourceList"],
        ],
        "destinationList": [
            *destination(KITCHEN)["destinationList"],
            *parties("destination", kind, second)["destinationList"],
        ],
    }


ENDS = source(PACKER) | destination(KITCHEN)
TWO_NAMES = ("Alpha Produce, Inc.", "Beta Foods LLC")
IN_DOUBT = (
    "counts as a move since Alpha Produce, Inc. and Beta Foods LLC are two names at one street "
    "address"
)
SCENARIOS: dict[str, tuple[tuple[str, str], Json, list[str]]] = {
    "two firms of a market": (TWO_NAMES, ENDS, [IN_DOUBT, IN_DOUBT]),
    "two firms, and two owners that are told": (
        TWO_NAMES,
        between(ALPHA, BETA, "owning_party"),
        ["", ""],
    ),
    "two firms, and two possessors that are told": (
        TWO_NAMES,
        between(ALPHA, BETA, "possessing_party"),
        ["", ""],
    ),
    "one name, and two possessors": (
        ("Alpha", "Alpha"),
        between(ALPHA, BETA, "possessing_party"),
        ["", ""],
    ),
    "two names, and one possessor": (TWO_NAMES, between(ALPHA, ALPHA, "possessing_party"), []),
    "two names, and one owner, who may only have stored it there": (
        TWO_NAMES,
        between(ALPHA, ALPHA, "owning_party"),
        [IN_DOUBT, IN_DOUBT],
    ),
    "one firm": (("Alpha Produce, Inc.", "ALPHA  Produce Inc"), ENDS, []),
    "a firm of no known name": (("Alpha Produce, Inc.", ""), ENDS, []),
}  # fmt: skip


@pytest.mark.parametrize("name", SCENARIOS)
def test_firms_at_one_street_address(name: str) -> None:
    names, ends, expected = SCENARIOS[name]
    places = [
        named(place, business, street=MARKET)
        for place, business in zip((PACKER, KITCHEN), names, strict=True)
    ]
    found = report(*moved(**ends), places=places)
    rows = [row for cte in (Cte.SHIPPING, Cte.RECEIVING) for row in found.rows[cte]]
    assert [row.assumption for row in rows] == expected
    said = [each.found for each in found.findings if each.rule == "assumed"]
    assert said == [f"This {each}." for each in expected if each]


def test_parts_of_one_location_are_of_one_firm_whatever_they_are_called() -> None:
    dock, room = f"{PACKER}/254/DOCK", f"{PACKER}/254/ROOM"
    found = report(
        *moved(start=dock, end=room, **source(dock), **destination(room)),
        places=[named(dock, "Dock 5"), named(room, "Cold room")],
    )
    assert (found.rows[Cte.SHIPPING], found.rows[Cte.RECEIVING]) == ((), ())

"""Transformations of several events: each lot is completed when the last of it comes out."""

from row_samples import Cte, called, report
from trace_samples import (
    KITCHEN,
    PACKED,
    PACKER,
    SALAD,
    STEM,
    STORE,
    Json,
    destination,
    event,
    of,
    quantity,
    rows_of,
    source,
)

SECOND = f"{STEM}/01/10614141000033/10/SECOND"


def part(name: str, day: str, hour: str, used: float = 0, **made: float) -> Json:
    """A part of a run: how much it uses, and how much it makes of which lots."""
    lots = {"salad": SALAD, "second": SECOND}
    return called(
        name,
        event(
            "TransformationEvent", f"2027-03-{day}T{hour}:00:00-07:00", "commissioning", KITCHEN,
            transformationID="urn:epcglobal:cbv:xform:0614141000036:RUN-7",
            inputQuantityList=[quantity(PACKED, used)] if used else [],
            outputQuantityList=[quantity(lots[lot], made[lot]) for lot in made],
        ),
    )  # fmt: skip


came = event(
    "ObjectEvent", "2027-02-28T08:00:00-07:00", "receiving", KITCHEN, action="OBSERVE",
    **source(PACKER), **of(PACKED, 50),
)  # fmt: skip
sent = event(
    "ObjectEvent", "2027-03-01T18:00:00-07:00", "shipping", KITCHEN, action="OBSERVE",
    **destination(STORE), **of(SALAD, 100),
)  # fmt: skip
arrived = event(
    "ObjectEvent", "2027-03-02T06:00:00-07:00", "receiving", STORE, action="OBSERVE",
    **source(KITCHEN), **of(SALAD, 100),
)  # fmt: skip
RUN = (
    came,
    part("first use", "01", "08", 20),
    part("first", "01", "12", salad=100),
    sent,
    arrived,
    part("second use", "02", "08", 30),
    part("second", "02", "12", second=150),
)


def completed(*events: Json) -> dict[str, tuple[str, str]]:
    """By new lot: when it was completed, and how much of it was made."""
    return {
        row["traceability_lot_code"].rpartition(")")[2]: (row["date"], row["quantity"])
        for row in rows_of(report(*events), Cte.TRANSFORMATION)
    }


def test_each_lot_of_a_run_is_completed_when_the_last_of_it_is_made() -> None:
    assert completed(*RUN) == {"SALAD": ("03/01/2027", "100"), "SECOND": ("03/02/2027", "150")}
    more = part("more", "03", "12", salad=5)
    assert completed(*RUN, more) == {
        "SALAD": ("03/03/2027", "105"),
        "SECOND": ("03/02/2027", "150"),
    }


def test_what_was_shipped_after_it_was_made_was_not_made_after_it_was_shipped() -> None:
    found = report(*RUN)
    assert [each.rule for each in found.findings if each.rule == "time-backwards"] == []
    (row,) = found.rows[Cte.SHIPPING]
    assert row.cells["source.business_name"].source == "urn:x:first"

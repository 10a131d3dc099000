"""Which papers of other events are those of an event that names none."""

import pytest
from row_samples import (
    DERIVED,
    MISSING,
    PALLET,
    PALLET_2,
    Cte,
    called,
    only,
    receiving,
    report,
    shipping,
    without,
)
from trace_samples import (
    KITCHEN,
    PACKED,
    PACKER,
    Json,
    cell,
    event,
    of,
    papers,
    quantity,
)

from closient_export.trace.report import TraceReport

sent = without(shipping, "bizTransactionList")
came = without(receiving, "bizTransactionList")
boxed = without(sent, "quantityList") | {"epcList": [PALLET]}
PO = ("po", "PO-9")


def done(time: str, step: str, place: str, *documents: tuple[str, str], **more: object) -> Json:
    """Something else that was done with the lot; on another day of March, or at a whole time."""
    when = time if "T" in time else f"2027-03-{time}T09:00:00-07:00"
    seen = event(
        "ObjectEvent", when, step, place, action="OBSERVE", **of(PACKED, 40), **papers(*documents)
    )
    return called("other", seen, **more)


def packed(time: str, box: str, *documents: tuple[str, str]) -> Json:
    return called(
        "other",
        event(
            "AggregationEvent", time, "packing", PACKER, action="ADD", parentID=box,
            childQuantityList=[quantity(PACKED, 40)], **papers(*documents),
        ),
    )  # fmt: skip


def shown(found: TraceReport, cte: Cte) -> list[tuple[str, str, str]]:
    row = only(found, cte)
    return [cell(row, f"document_{part}") for part in ("type", "number")]


NONE = [("", MISSING, "")] * 2
ORDER = [("Purchase Order", DERIVED, "urn:x:other"), ("PO-9", DERIVED, "urn:x:other")]


def test_a_work_order_of_months_before_is_none_of_the_shipment() -> None:
    made = event(
        "ObjectEvent", "2027-01-05T08:00:00-07:00", "commissioning", PACKER, action="ADD",
        **of(PACKED, 50), **papers(("prodorder", "WO-77")),
    )  # fmt: skip
    found = report(made, sent)
    assert shown(found, Cte.SHIPPING) == NONE
    assert "1.1340(a)(8)" in {each.cfr for each in found.findings}


def test_a_test_result_of_days_after_is_none_of_the_receipt() -> None:
    found = report(sent, came, done("12", "inspecting", KITCHEN, ("testres", "TR-1")))
    assert shown(found, Cte.RECEIVING) == NONE
    assert "1.1345(a)(8)" in {each.cfr for each in found.findings}


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2027-03-02T09:00:00-07:00", ORDER),
        ("2027-03-02T08:59:59-07:00", NONE),
        ("2027-03-04T09:00:00-07:00", ORDER),
        ("2027-03-04T09:00:01-07:00", NONE),
    ],
)
def test_of_what_was_done_with_the_lot_the_papers_of_a_day_count(
    time: str, expected: list[tuple[str, str, str]]
) -> None:
    assert shown(report(sent, done(time, "picking", PACKER, PO)), Cte.SHIPPING) == expected


@pytest.mark.parametrize("kind", ["prodorder", "testprd", "testres"])
def test_papers_of_making_and_testing_do_not_go_with_a_move(kind: str) -> None:
    """Other papers of the same event do, and a move may name them itself."""
    picked = done("03", "inspecting", PACKER, (kind, "X-1"))
    assert shown(report(sent, picked), Cte.SHIPPING) == NONE
    picked = done("03", "inspecting", PACKER, (kind, "X-1"), PO)
    assert shown(report(sent, picked), Cte.SHIPPING) == ORDER
    (_, number) = shown(report(sent | papers((kind, "X-1"))), Cte.SHIPPING)
    assert number == ("X-1", "stated", "")


@pytest.mark.parametrize(
    ("time", "expected"),
    [("2027-02-01T09:00:00-07:00", ORDER), ("2027-02-01T08:59:59-07:00", NONE)],
)
def test_papers_of_the_same_container_count_for_as_long_as_it_is_not_used_again(
    time: str, expected: list[tuple[str, str, str]]
) -> None:
    """Thirty days, as a pallet may stand in the cold store."""
    found = report(packed(time, PALLET, PO), boxed)
    assert shown(found, Cte.SHIPPING) == expected


def test_papers_of_another_container_are_none_of_this_one() -> None:
    """Though both hold the lot, and nothing else was done on that day."""
    other = packed("2027-03-03T07:00:00-07:00", PALLET_2, PO)
    own = without(packed("2027-03-03T08:00:00-07:00", PALLET), "bizTransactionList", "eventID")
    assert shown(report(other, own, boxed), Cte.SHIPPING) == NONE


def test_a_transaction_event_is_made_to_lend_its_papers() -> None:
    ordered = event(
        "TransactionEvent", "2027-02-20T09:00:00-07:00", "", PACKER, action="ADD",
        **of(PACKED, 40), **papers(PO),
    )  # fmt: skip
    del ordered["bizStep"]
    assert shown(report(sent, called("other", ordered)), Cte.SHIPPING) == ORDER

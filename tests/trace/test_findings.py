"""What a trace finds: each rule fires on records that are wrong, and not once they are mended."""

import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, field, frozen
from trace_samples import (
    COOLER,
    FARM,
    KITCHEN,
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
    read,
    source,
)

from closient_export.adapters.event_files import read_event_files
from closient_export.adapters.master_data_files import read_master_data
from closient_export.adapters.memory import MemoryEventSource, MemoryMasterData
from closient_export.epcis import Refusal
from closient_export.errors import Problem
from closient_export.master_data import LocationDescription, ProductDescription
from closient_export.requests import Direction
from closient_export.trace.classification import Rules
from closient_export.trace.findings import RULES, Finding, Severity, Thresholds
from closient_export.trace.kdes import CriticalTrackingEvent
from closient_export.trace.report import TraceReport, make_report, trace_lots
from closient_export.trace.walk import Limits, Selection, run_walk

Cte = CriticalTrackingEvent
Said = tuple[str, str, str, str, str, str]
"""Rule, severity, paragraph, critical tracking event, element, sentence."""

NUTS, SALAD_2, SOUP, SAME = (
    f"{STEM}/01/{gtin}/10/{lot}"
    for gtin, lot in (
        ("00614141000050", "NUTS"),
        ("10614141000033", "SALAD-2"),
        ("10614141000064", "SOUP"),
        ("10614141000064", "SALAD"),
    )
)
CODE, CODE_2, SOUP_CODE, SAME_CODE = (
    "(01)10614141000033(10)SALAD",
    "(01)10614141000033(10)SALAD-2",
    "(01)10614141000064(10)SOUP",
    "(01)10614141000064(10)SALAD",
)
PALLET, CRATE = f"{STEM}/00/106141410000000018", f"{STEM}/00/106141410000000025"


def place(name: str, identifier: str, **more: str) -> LocationDescription:
    known = {
        "phone": "+1 555 0100",
        "street": f"1 {name} Road",
        "city": "Yuma",
        "state": "AZ",
        "postal_code": "85364",
        "country": "US",
    }
    return LocationDescription(id=identifier, business_name=name, **(known | more))


def product(lot: str, name: str, **more: Any) -> ProductDescription:
    known: dict[str, Any] = {
        "commodity": name,
        "packaging_size": "10 lb",
        "packaging_style": "Carton",
        "on_food_traceability_list": True,
    }
    return ProductDescription(id=lot[: lot.index("/10/")], product_name=name, **(known | more))


PLACES = (
    place("Farm", FARM, growing_area="East 7"),
    place("Cooler", COOLER),
    place("Packer", PACKER),
    place("Kitchen", KITCHEN),
    place("Store", STORE),
)
PRODUCTS = (
    product(NUTS, "Nuts", on_food_traceability_list=False),
    product(SALAD, "Salad"),
    product(SOUP, "Soup"),
)


@frozen(kw_only=True)
class Case:
    """What is traced, and how."""

    events: Sequence[Json]
    places: Sequence[LocationDescription] = PLACES
    products: Sequence[ProductDescription] = PRODUCTS
    selection: Selection = field(factory=Selection)
    limits: Limits | None = None
    rules: Rules | None = None
    thresholds: Thresholds | None = None
    refusals: Sequence[Refusal] = ()

    def report(self) -> TraceReport:
        source = MemoryEventSource(read(*self.events))
        graph = run_walk(source, self.selection, Direction.BOTH, self.limits)
        return make_report(
            graph,
            MemoryMasterData(self.places, self.products),
            selection=self.selection,
            rules=self.rules,
            thresholds=self.thresholds,
            refusals=self.refusals,
        )

    def said(self) -> list[Said]:
        return list(map(said, self.report().findings))


def said(finding: Finding) -> Said:
    return (
        finding.rule,
        finding.severity,
        finding.paragraph,
        finding.cte or "",
        finding.element,
        finding.found,
    )


def rules_of(case: Case) -> list[str]:
    return [finding.rule for finding in case.report().findings]


def at(day: int, hour: int = 8) -> str:
    return f"2027-03-{day:02}T{hour:02}:00:00-07:00"


def made(name: str, day: int, where: str, used: Iterable[Json], *new: Json, **members: Any) -> Json:
    return event(
        "TransformationEvent",
        at(day),
        "commissioning",
        where,
        eventID=f"urn:test:{name}",
        inputQuantityList=list(used),
        outputQuantityList=list(new),
        **papers(("prodorder", name)),
        **members,
    )


def seen(name: str, when: str, step: str, where: str, **members: Any) -> Json:
    about = {"action": "OBSERVE", "eventID": f"urn:test:{name}"}
    return event("ObjectEvent", when, step, where, **(about | members))


def goods(lot: str = SALAD, amount: float = 10, uom: str = "CS") -> Json:
    return of(lot, amount, uom)


def boxed(*boxes: str) -> Json:
    return {"epcList": list(boxes)}


def ship(day: int, about: Json, start: str = KITCHEN, end: str = STORE, **members: Any) -> Json:
    name = members.pop("name", f"ship-{day}")
    ends = source(start) | destination(end) | papers(("bol", members.pop("paper", "1")))
    return seen(name, at(day), "shipping", start, **(about | ends | members))


def receive(day: int, about: Json, start: str = KITCHEN, end: str = STORE, **members: Any) -> Json:
    name = members.pop("name", f"receive-{day}")
    ends = source(start) | destination(end) | papers(("bol", members.pop("paper", "1")))
    return seen(name, at(day, 12), "receiving", end, **(about | ends | members))


def pack(
    day: int,
    box: str,
    *children: Json,
    action: str = "ADD",
    step: str = "packing",
    where: str = KITCHEN,
    **members: Any,
) -> Json:
    return event(
        "AggregationEvent",
        at(day, 13 if action == "DELETE" else 7),
        step,
        where,
        action=action,
        parentID=box,
        **({"childQuantityList": list(children)} if children else {}),
        **({"eventID": f"urn:test:{step}-{day}"} | members),
    )


def receive_opened(day: int, box: str, *children: Json) -> Json:
    """A receipt that tells what was in the box."""
    ends = source(KITCHEN) | destination(STORE) | papers(("bol", "1"))
    return pack(day, box, *children, action="OBSERVE", step="receiving", where=STORE, **ends) | {
        "eventTime": at(day, 12)
    }


MAKING = made("making", 1, KITCHEN, [quantity(NUTS, 5)], quantity(SALAD, 30))
MAKING_2 = made("making-2", 1, KITCHEN, [quantity(NUTS, 5)], quantity(SALAD_2, 30))
MAKING_SAME = made("same", 1, KITCHEN, [quantity(NUTS, 5)], quantity(SAME, 30))
MAKING_SOUP = made("soup", 1, KITCHEN, [quantity(NUTS, 5)], quantity(SOUP, 30))
SHIPPED, RECEIVED = ship(2, goods()), receive(3, goods())
GOOD = Case(events=[MAKING, SHIPPED, RECEIVED])


def with_events(*events: Json) -> Case:
    return evolve(GOOD, events=events)


def but_place(changed: LocationDescription, **values: str) -> Case:
    """The good case, with something else in the master data."""
    places = [evolve(each, **values) if each is changed else each for each in PLACES]
    return evolve(GOOD, places=places)


def but_product(changed: ProductDescription, **values: Any) -> Case:
    products = [evolve(each, **values) if each is changed else each for each in PRODUCTS]
    return evolve(GOOD, products=products)


REFUSED = Refusal(
    document="kitchen.jsonld",
    index=0,
    event_id="urn:test:late",
    problems=(Problem("eventTime", "expected a time, got 'yesterday'"),),
)
DECLARATION = RECEIVED | {
    "errorDeclaration": {"declarationTime": at(9), "reason": "incorrect_data"}
}
TWO_PARTS = {"transformationID": "urn:test:batch", **papers(("prodorder", "1"))}
OUT_OF_BATCH = event(
    "TransformationEvent",
    at(1),
    "commissioning",
    KITCHEN,
    eventID="urn:test:out",
    outputQuantityList=[quantity(SALAD_2, 30)],
    **TWO_PARTS,
)


def into_batch(day: int) -> Json:
    return event(
        "TransformationEvent",
        at(day),
        "commissioning",
        KITCHEN,
        eventID="urn:test:in",
        inputQuantityList=[quantity(SALAD, 30)],
        **TWO_PARTS,
    )


WHAT_IS_IN_IT = pack(2, PALLET, quantity(SALAD, 10))
WRONG_GLN = f"{STEM}/414/0614141000044"

CASES: dict[str, tuple[Case, Case, list[Said]]] = {
    # rule: wrong records, the same records mended, all that is found in the wrong ones
    "missing-element": (
        with_events(MAKING, SHIPPED | {"bizTransactionList": []}, RECEIVED),
        GOOD,
        [
            (
                "missing-element",
                "error",
                "1.1340(a)(8)",
                "Shipping",
                "Reference Document Type; Reference Document Number",
                f"No event says it of {CODE}.",
            )
        ],
    ),
    "missing-location": (
        but_place(PLACES[4], phone="", postal_code=""),
        GOOD,
        [
            (
                "missing-location",
                "error",
                "1.1310",
                "Shipping",
                "phone, ZIP or postal code",
                f"Not known of Store ({STORE}): phone, ZIP or postal code.",
            )
        ],
    ),
    "missing-product": (
        but_product(PRODUCTS[1], packaging_style=""),
        GOOD,
        [
            (
                "missing-product",
                "error",
                "1.1310",
                "Shipping",
                "packaging style",
                f"Not known of Salad ({STEM}/01/10614141000033): packaging style.",
            )
        ],
    ),
    "source-missing": (
        with_events(SHIPPED, RECEIVED),
        GOOD,
        [
            (
                "source-missing",
                "error",
                "1.1340(a)(7)",
                "Shipping",
                "Traceability lot code source",
                f"No event says where {CODE} was assigned.",
            )
        ],
    ),
    "source-contradicted": (
        with_events(MAKING, SHIPPED | {"example:traceabilityLotCodeSource": PACKER}, RECEIVED),
        with_events(
            MAKING,
            SHIPPED | {"example:traceabilityLotCodeSource": f"{KITCHEN}/254/LINE-1"},
            RECEIVED,
        ),
        [
            (
                "source-contradicted",
                "error",
                "1.1320",
                "",
                "Traceability lot code source",
                f"{CODE} was assigned at Kitchen, but this event says Packer.",
            )
        ],
    ),
    "code-changed": (
        with_events(
            MAKING,
            MAKING_2,
            WHAT_IS_IN_IT,
            ship(2, boxed(PALLET)),
            receive_opened(3, PALLET, quantity(SALAD_2, 10)),
        ),
        with_events(
            MAKING,
            MAKING_2,
            WHAT_IS_IN_IT,
            ship(2, boxed(PALLET)),
            receive_opened(3, PALLET, quantity(SALAD, 10)),
        ),
        [
            (
                "code-changed",
                "error",
                "1.1320(b)",
                "Receiving",
                "",
                f"{CODE} was shipped on 03/02/2027, but {CODE_2} arrived in its container, "
                "without a transformation.",
            ),
            (
                "not-shipped",
                "warning",
                "1.1340(a)",
                "Receiving",
                "",
                f"10 cases of {CODE_2} arrived at Store from Kitchen on 03/03/2027, and no event "
                "says that it was shipped.",
            ),
        ],
    ),
    "product-changed": (
        with_events(MAKING, MAKING_SAME, SHIPPED, receive(3, goods(SAME))),
        with_events(MAKING, MAKING_SAME, SHIPPED, RECEIVED),
        [
            (
                "product-changed",
                "error",
                "1.1345(a)(3)",
                "Receiving",
                "",
                f"{CODE} was shipped on 03/02/2027, but {SAME_CODE} arrived with its papers, "
                "without a transformation.",
            ),
            (
                "not-shipped",
                "warning",
                "1.1340(a)",
                "Receiving",
                "",
                f"10 cases of {SAME_CODE} arrived at Store from Kitchen on 03/03/2027, and no "
                "event says that it was shipped.",
            ),
        ],
    ),
    "code-kept": (
        with_events(MAKING, made("soup", 2, KITCHEN, [quantity(SALAD, 30)], quantity(SAME, 5))),
        with_events(MAKING, made("soup", 2, KITCHEN, [quantity(SALAD, 30)], quantity(SOUP, 5))),
        [
            (
                "code-kept",
                "warning",
                "1.1350(a)(2)(i)",
                "Transformation",
                "",
                f"{SAME_CODE} was made of {CODE}, whose lot number it keeps.",
            )
        ],
    ),
    "assigned-in-transit": (
        with_events(SHIPPED | {"action": "ADD"}, RECEIVED),
        GOOD,
        [
            (
                "source-missing",
                "error",
                "1.1340(a)(7)",
                "Shipping",
                "Traceability lot code source",
                f"No event says where {CODE} was assigned.",
            ),
            (
                "assigned-in-transit",
                "warning",
                "1.1320(b)",
                "Shipping",
                "",
                f"{CODE} is first told to exist by an event of shipping.",
            ),
        ],
    ),
    "no-lot": (
        with_events(
            MAKING,
            SHIPPED
            | {
                "quantityList": [
                    quantity(SALAD, 10),
                    quantity(f"{STEM}/01/10614141000064", 3),
                    quantity(f"{STEM}/01/00614141000050", 3),
                ]
            },
            RECEIVED,
        ),
        GOOD,
        [
            (
                "no-lot",
                "error",
                "1.1340(a)",
                "Shipping",
                f"{STEM}/01/10614141000064",
                "(01)10614141000064 is named without a lot.",
            )
        ],
    ),
    "not-received": (
        with_events(MAKING, SHIPPED),
        GOOD,
        [
            (
                "not-received",
                "warning",
                "1.1345(a)",
                "Shipping",
                "",
                f"10 cases of {CODE} left Kitchen on 03/02/2027, and no event says that it "
                "arrived.",
            )
        ],
    ),
    "not-shipped": (
        with_events(MAKING, RECEIVED),
        GOOD,
        [
            (
                "not-shipped",
                "warning",
                "1.1340(a)",
                "Receiving",
                "",
                f"10 cases of {CODE} arrived at Store from Kitchen on 03/03/2027, and no event "
                "says that it was shipped.",
            )
        ],
    ),
    "quantity-differs": (
        with_events(MAKING, SHIPPED, receive(3, goods(amount=9))),
        GOOD,
        [
            (
                "quantity-differs",
                "warning",
                "1.1345(a)(2)",
                "Receiving",
                "",
                f"Of {CODE}, 10 cases were shipped from Kitchen and 9 cases were received at "
                "Store.",
            )
        ],
    ),
    "time-backwards": (
        with_events(MAKING, ship(4, goods()), RECEIVED),
        GOOD,
        [
            (
                "time-backwards",
                "warning",
                "1.1345(a)",
                "Receiving",
                "",
                f"{CODE} was received on 03/03/2027 12:00, before it was shipped on "
                "03/04/2027 08:00.",
            )
        ],
    ),
    "input-after-output": (
        with_events(MAKING, OUT_OF_BATCH, into_batch(2)),
        with_events(MAKING, OUT_OF_BATCH, into_batch(1)),
        [
            (
                "input-after-output",
                "warning",
                "1.1350(a)(2)(iii)",
                "Transformation",
                "",
                f"{CODE} was used on 03/02/2027 08:00, after the output of 03/01/2027 08:00.",
            )
        ],
    ),
    "unbalanced": (
        with_events(
            MAKING,
            ship(2, goods(amount=20)),
            receive(3, goods(amount=20)),
            ship(4, goods(amount=20), paper="2"),
            receive(5, goods(amount=20), paper="2"),
        ),
        with_events(
            MAKING,
            ship(2, goods(amount=20)),
            receive(3, goods(amount=20)),
            ship(4, goods(amount=10), paper="2"),
            receive(5, goods(amount=10), paper="2"),
        ),
        [
            (
                "unbalanced",
                "warning",
                "",
                "",
                KITCHEN,
                f"40 cases of {CODE} were used or shipped at Kitchen, but only 30 cases were "
                "made or received there.",
            )
        ],
    ),
    "unknown-content": (
        with_events(MAKING, SHIPPED, RECEIVED, ship(5, boxed(PALLET)), receive(6, boxed(PALLET))),
        with_events(
            MAKING,
            SHIPPED,
            RECEIVED,
            WHAT_IS_IN_IT,
            ship(5, boxed(PALLET)),
            receive(6, boxed(PALLET)),
        ),
        [
            (
                "unknown-content",
                "warning",
                "1.1340(a)",
                "Shipping",
                PALLET,
                f"{PALLET} was moved by an event of shipping, and by 1 more; no event says what "
                "was in it.",
            )
        ],
    ),
    "unclassified": (
        with_events(*GOOD.events, seen("odd", at(9), "urn:example:blessing", STORE, **goods())),
        with_events(*GOOD.events, seen("odd", at(9), "storing", STORE, **goods())),
        [
            (
                "unclassified",
                "warning",
                "",
                "",
                "",
                "No critical tracking event: business step 'urn:example:blessing'.",
            )
        ],
    ),
    "two-events-one-id": (
        with_events(*GOOD.events, seen("making", at(9), "storing", STORE, **goods())),
        with_events(*GOOD.events, seen("storing", at(9), "storing", STORE, **goods())),
        [
            (
                "two-events-one-id",
                "warning",
                "",
                "",
                "",
                "Another event with the id urn:test:making says something else.",
            )
        ],
    ),
    "lot-unknown": (
        evolve(GOOD, selection=Selection(lots=(SALAD, SALAD_2))),
        evolve(GOOD, selection=Selection(lots=(SALAD,))),
        [("lot-unknown", "error", "1.1455(c)", "", "", f"No event names {CODE_2}.")],
    ),
    "truncated": (
        evolve(GOOD, limits=Limits(hops=0, truncate=True), selection=Selection(lots=(SALAD,))),
        evolve(GOOD, limits=Limits(hops=9, truncate=True), selection=Selection(lots=(SALAD,))),
        [
            (
                "truncated",
                "error",
                "1.1455(c)",
                "",
                "",
                "The trace would pass its limit of 0 hops.",
            )
        ],
    ),
    "refused": (
        evolve(GOOD, refusals=[REFUSED]),
        GOOD,
        [
            (
                "refused",
                "error",
                "1.1455(c)",
                "",
                "kitchen.jsonld",
                "kitchen.jsonld, event 0 ('urn:test:late'): eventTime: expected a time, got "
                "'yesterday'.",
            )
        ],
    ),
    "excluded": (
        with_events(*GOOD.events, DECLARATION),
        GOOD,
        [
            (
                "not-received",
                "warning",
                "1.1345(a)",
                "Shipping",
                "",
                f"10 cases of {CODE} left Kitchen on 03/02/2027, and no event says that it "
                "arrived.",
            ),
            (
                "excluded",
                "note",
                "",
                "",
                "",
                "The event does not count: declared wrong by urn:test:receive-3.",
            ),
            (
                "excluded",
                "note",
                "",
                "",
                "",
                "The event does not count: declares an earlier event wrong.",
            ),
        ],
    ),
    "assumed": (
        with_events(made("making", 1, KITCHEN, [quantity(SOUP, 5)], quantity(SALAD, 30))),
        with_events(
            MAKING_SOUP, made("making", 2, KITCHEN, [quantity(SOUP, 5)], quantity(SALAD, 30))
        ),
        [
            (
                "assumed",
                "note",
                "1.1350(a)",
                "Transformation",
                "",
                f"No event says how {SOUP} came to be, so it may be an initial packing.",
            )
        ],
    ),
    "content-inferred": (
        with_events(MAKING, ship(2, boxed(PALLET)), receive_opened(3, PALLET, quantity(SALAD, 10))),
        with_events(
            MAKING,
            WHAT_IS_IN_IT,
            ship(2, boxed(PALLET)),
            receive_opened(3, PALLET, quantity(SALAD, 10)),
        ),
        [
            (
                "content-inferred",
                "note",
                "1.1340(a)",
                "Shipping",
                PALLET,
                f"That {PALLET} held {CODE} is inferred: no event packed it, but it was found "
                "there afterwards.",
            )
        ],
    ),
    "check-digit": (
        evolve(
            with_events(
                MAKING,
                ship(2, goods(), end=f"{WRONG_GLN}/254/DOCK"),
                receive(3, goods(), end=WRONG_GLN),
            ),
            places=[*PLACES, place("Other Store", WRONG_GLN)],
        ),
        GOOD,
        [
            (
                "check-digit",
                "note",
                "",
                "",
                WRONG_GLN,
                "0614141000044 has the check digit 4, expected 3.",
            )
        ],
    ),
}
ROUND_TRIP = [MAKING, WHAT_IS_IN_IT, ship(2, boxed(PALLET)), receive(3, boxed(PALLET))]
PACKED_AGAIN = pack(28, PALLET, quantity(SALAD_2, 10))
CASES["container-reused"] = (
    with_events(*ROUND_TRIP, MAKING_2, PACKED_AGAIN),
    with_events(*ROUND_TRIP, pack(4, PALLET, action="DELETE", step="unpacking", where=STORE),
                MAKING_2, PACKED_AGAIN),
    [
        (
            "container-reused",
            "warning",
            "",
            "",
            PALLET,
            f"{PALLET} was packed again after it had been moved, and no event emptied it.",
        )
    ],
)  # fmt: skip


def test_there_is_a_case_for_every_rule() -> None:
    assert CASES.keys() == RULES.keys()


def test_good_records_have_no_findings() -> None:
    report = GOOD.report()
    assert report.findings == ()
    assert report.ready


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_fires_on_wrong_records_only(rule: str) -> None:
    wrong, mended, expected = CASES[rule]
    assert wrong.said() == expected
    assert mended.said() == []
    assert rule in {each[0] for each in expected}


@pytest.mark.parametrize("rule", CASES)
def test_only_errors_are_in_the_way_of_readiness(rule: str) -> None:
    wrong, mended, expected = CASES[rule]
    assert wrong.report().ready == ("error" not in {each[1] for each in expected})
    assert mended.report().ready


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_says_what_would_mend_it(rule: str) -> None:
    finding = Finding(rule=rule, found="It is so.")
    assert finding.fix.endswith(".")
    assert finding.severity in Severity


def test_findings_name_lot_event_row_and_what_would_fix_them() -> None:
    (missing,) = CASES["missing-element"][0].report().findings
    assert (missing.lot, missing.event) == (SALAD, "urn:test:ship-2")
    assert (missing.row, missing.row_count) == (0, 1)
    assert missing.fix == "Ask whoever captured the event for it."
    (differs,) = CASES["quantity-differs"][0].report().findings
    assert (differs.lot, differs.event) == (SALAD, "urn:test:receive-3")
    assert differs.fix == "Settle which count is right, and correct the other event."
    (nowhere,) = CASES["source-missing"][0].report().findings
    assert (nowhere.lot, nowhere.row, nowhere.row_count) == (SALAD, 0, 2)


THRESHOLDS: dict[str, tuple[Sequence[Json], Thresholds, Thresholds]] = {
    "quantity-differs": (
        CASES["quantity-differs"][0].events,
        Thresholds(quantity=Decimal("0.1")),
        Thresholds(quantity=Decimal("0.09")),
    ),
    "unbalanced": (
        CASES["unbalanced"][0].events,
        Thresholds(balance=Decimal("0.34")),
        Thresholds(balance=Decimal("0.33")),
    ),
    "time-backwards": (
        CASES["time-backwards"][0].events,
        Thresholds(clock=timedelta(hours=20)),
        Thresholds(clock=timedelta(hours=19)),
    ),
    "input-after-output": (
        CASES["input-after-output"][0].events,
        Thresholds(clock=timedelta(hours=24)),
        Thresholds(clock=timedelta(hours=23)),
    ),
}


@pytest.mark.parametrize("rule", THRESHOLDS)
def test_what_is_small_enough_is_no_finding(rule: str) -> None:
    events, enough, too_little = THRESHOLDS[rule]
    assert rules_of(evolve(GOOD, events=events, thresholds=enough)) == []
    assert rules_of(evolve(GOOD, events=events, thresholds=too_little)) == [rule]


@pytest.mark.parametrize(
    "values",
    [{"quantity": Decimal(-1)}, {"balance": Decimal(-1)}, {"clock": timedelta(-1)}],
)
def test_thresholds_are_not_negative(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be >= "):
        Thresholds(**values)


OTHER_ROAD = ship(2, goods(amount=10), name="other-road", end=COOLER, paper="9")
IN_A_BOX = [MAKING, WHAT_IS_IN_IT, ship(2, boxed(PALLET))]
TWO_IN_A_BOX = [
    MAKING,
    MAKING_2,
    pack(2, PALLET, quantity(SALAD, 10), quantity(SALAD_2, 10)),
    ship(2, boxed(PALLET)),
]
NO_PAPER = {"bizTransactionList": [], **papers(("po", "7"))}

NO_ALARM: dict[str, Sequence[Json]] = {
    "a delivery received in parts": [
        MAKING,
        SHIPPED,
        receive(3, goods(amount=4)),
        receive(4, goods(amount=6)),
    ],
    "two deliveries received at once": [
        MAKING,
        ship(2, goods()) | NO_PAPER,
        ship(3, goods()) | NO_PAPER,
        receive(4, goods(amount=20)) | NO_PAPER,
    ],
    "two deliveries of which the second arrives first": [
        MAKING,
        ship(2, goods(amount=12)) | NO_PAPER,
        ship(3, goods(amount=18)) | NO_PAPER,
        receive(4, goods(amount=18)) | NO_PAPER,
        receive(5, goods(amount=12)) | NO_PAPER,
    ],
    "a box that is received at the gate and again inside": [
        *IN_A_BOX,
        receive(3, boxed(PALLET)),
        receive(4, boxed(PALLET)),
    ],
    "a box that is received closed and again counted": [
        *IN_A_BOX,
        receive(3, boxed(PALLET)),
        receive(4, goods()),
    ],
    "a box and loose cases": [
        MAKING,
        WHAT_IS_IN_IT,
        ship(2, {**boxed(PALLET), **goods(amount=14)}),
        receive(3, boxed(PALLET)),
        receive(4, goods(amount=4)),
    ],
    "a box of which one of two lots is taken out": [
        *TWO_IN_A_BOX,
        receive(3, boxed(PALLET)),
        pack(4, PALLET, quantity(SALAD_2, 5), action="DELETE", step="unpacking", where=STORE),
    ],
    "a box that is emptied, and then seen with something else": [
        *IN_A_BOX,
        receive(3, boxed(PALLET)),
        pack(4, PALLET, action="DELETE", step="unpacking", where=STORE),
        MAKING_2,
        pack(5, PALLET, quantity(SALAD_2, 5), action="OBSERVE", step="storing", where=STORE),
    ],
    "shipping, departing, arriving and receiving": [
        MAKING,
        SHIPPED,
        ship(2, goods(), name="out", bizStep="departing"),
        receive(3, goods(), name="in", bizStep="arriving"),
        RECEIVED,
    ],
    "made by weight and shipped in cases": [
        made("making", 1, KITCHEN, [quantity(NUTS, 5)], quantity(SALAD, 9, "LBR")),
        SHIPPED,
        RECEIVED,
    ],
    "made by weight, brought back and shipped in cases": [
        made("making", 1, KITCHEN, [quantity(NUTS, 5)], quantity(SALAD, 90, "LBR")),
        SHIPPED,
        RECEIVED,
        ship(4, goods(amount=2), STORE, KITCHEN, paper="2"),
        receive(5, goods(amount=2), STORE, KITCHEN, paper="2"),
        ship(6, goods(amount=8), paper="3"),
        receive(7, goods(amount=8), paper="3"),
    ],
    "shipped in cases and received by weight": [
        MAKING,
        SHIPPED,
        receive(3, goods(amount=100, uom="LBR")),
    ],
    "shipped without a quantity": [
        MAKING,
        ship(2, {"quantityList": [{"epcClass": SALAD}]}),
        RECEIVED,
    ],
    "shipped and received without a quantity": [
        MAKING,
        ship(2, {"quantityList": [{"epcClass": SALAD}]}),
        receive(3, {"quantityList": [{"epcClass": SALAD}]}),
    ],
    "put away where it was made": [
        MAKING,
        seen("put-away", at(1, 9), "receiving", f"{KITCHEN}/254/STOCK", **goods()),
        SHIPPED,
        RECEIVED,
    ],
    "a claim of the source that is a company": [
        MAKING,
        SHIPPED | {"example:traceabilityLotCodeSource": f"{STEM}/417/0614141000005"},
        RECEIVED,
    ],
    "a claim of the source that is no identifier": [
        MAKING,
        SHIPPED | {"example:tlcSource": "FFRN:13344288264"},
        RECEIVED,
    ],
    "another lot with the same papers and another quantity is not the lost one": [
        MAKING,
        MAKING_2,
        SHIPPED,
        RECEIVED,
        ship(2, goods(SALAD_2, 4), name="more"),
        receive(3, goods(SALAD_2, 4), name="came"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", NO_ALARM)
def test_no_alarm_for(name: str) -> None:
    found = with_events(*NO_ALARM[name]).said()
    # A quantity that nobody tells is missing, and nothing can be said of it.
    quantities = ("Quantity; Unit of Measure", "Unit of Measure")
    assert [each for each in found if each[4] not in quantities] == []


MORE: dict[str, tuple[Sequence[Json], list[tuple[str, str]]]] = {
    "another lot is taken out of the box": (
        [
            *IN_A_BOX,
            MAKING_2,
            receive(3, boxed(PALLET)),
            pack(4, PALLET, quantity(SALAD_2, 10), action="DELETE", step="unpacking", where=STORE),
        ],
        [
            (
                "code-changed",
                f"{CODE} was shipped on 03/02/2027, but {CODE_2} arrived in its container, "
                "without a transformation.",
            )
        ],
    ),
    "of two exchanged lots the one of the same product is told": (
        [
            *IN_A_BOX,
            MAKING_2,
            MAKING_SOUP,
            receive(3, boxed(PALLET)),
            pack(
                4,
                PALLET,
                quantity(SOUP, 10),
                quantity(SALAD_2, 10),
                action="DELETE",
                step="unpacking",
                where=STORE,
            ),
        ],
        [
            (
                "code-changed",
                f"{CODE} was shipped on 03/02/2027, but {CODE_2} arrived in its container, "
                "without a transformation.",
            )
        ],
    ),
    "another lot with the same papers": (
        [MAKING, MAKING_2, SHIPPED, receive(3, goods(SALAD_2))],
        [
            (
                "code-changed",
                f"{CODE} was shipped on 03/02/2027, but {CODE_2} arrived with its papers, "
                "without a transformation.",
            ),
            (
                "not-shipped",
                f"10 cases of {CODE_2} arrived at Store from Kitchen on 03/03/2027, and no event "
                "says that it was shipped.",
            ),
        ],
    ),
    "less is counted than the closed box held": (
        [*IN_A_BOX, receive(3, boxed(PALLET)), receive(4, goods(amount=8))],
        [
            (
                "quantity-differs",
                f"Of {CODE}, 10 cases were shipped from Kitchen and 8 cases were received at "
                "Store.",
            )
        ],
    ),
    "boxes whose contents differ, though the sums agree": (
        [
            MAKING,
            WHAT_IS_IN_IT,
            pack(2, CRATE, quantity(SALAD, 10), eventID="urn:test:crate"),
            ship(2, boxed(PALLET)),
            ship(2, boxed(CRATE), name="ship-crate"),
            receive_opened(3, PALLET, quantity(SALAD, 9)),
            receive_opened(3, CRATE, quantity(SALAD, 11)) | {"eventID": "urn:test:came-crate"},
        ],
        [
            (
                "quantity-differs",
                f"Of {CODE}, 10 cases were shipped from Kitchen and 11 cases were received at "
                "Store.",
            ),
            (
                "quantity-differs",
                f"Of {CODE}, 10 cases were shipped from Kitchen and 9 cases were received at "
                "Store.",
            ),
        ],
    ),
    "one of two roads": (
        [MAKING, SHIPPED, RECEIVED, OTHER_ROAD],
        [
            (
                "not-received",
                f"10 cases of {CODE} left Kitchen on 03/02/2027, and no event says that it "
                "arrived.",
            )
        ],
    ),
    "moved before it was made": (
        [
            made("making", 9, KITCHEN, [quantity(NUTS, 5)], quantity(SALAD, 30)),
            SHIPPED,
            RECEIVED,
        ],
        [
            (
                "time-backwards",
                f"On 03/02/2027 08:00 {CODE} was moved, before it was made on 03/09/2027 08:00.",
            ),
            (
                "time-backwards",
                f"On 03/03/2027 12:00 {CODE} was moved, before it was made on 03/09/2027 08:00.",
            ),
        ],
    ),
    "shipped on before it came": (
        [
            MAKING,
            ship(3, goods()),
            receive(5, goods()),
            ship(4, goods(), STORE, COOLER, paper="2"),
            receive(5, goods(), STORE, COOLER, paper="2", name="end"),
        ],
        [
            (
                "time-backwards",
                f"On 03/04/2027 08:00 {CODE} was shipped, before it was received there on "
                "03/05/2027 12:00.",
            )
        ],
    ),
    "used before it came": (
        [
            MAKING,
            SHIPPED,
            RECEIVED,
            made("soup", 1, STORE, [quantity(SALAD, 10)], quantity(SOUP, 5)),
        ],
        [
            (
                "time-backwards",
                f"On 03/02/2027 08:00 {CODE} was shipped, after it was used on 03/01/2027 08:00.",
            ),
            (
                "time-backwards",
                f"On 03/03/2027 12:00 {CODE} was received, after it was used on 03/01/2027 08:00.",
            ),
        ],
    ),
    "used before it was made": (
        [
            made("making", 2, KITCHEN, [quantity(NUTS, 5)], quantity(SALAD, 30)),
            made("soup", 1, KITCHEN, [quantity(SALAD, 10)], quantity(SOUP, 5)),
        ],
        [
            (
                "time-backwards",
                f"On 03/01/2027 08:00 {CODE} was used, before it was made on 03/02/2027 08:00.",
            )
        ],
    ),
    "more is used than came": (
        [
            MAKING,
            SHIPPED,
            RECEIVED,
            made("soup", 4, STORE, [quantity(SALAD, 12)], quantity(SOUP, 5)),
        ],
        [
            (
                "unbalanced",
                f"12 cases of {CODE} were used or shipped at Store, but only 10 cases were made "
                "or received there.",
            )
        ],
    ),
    "a closed box is used": (
        [made("soup", 4, STORE, [], quantity(SOUP, 5)) | {"inputEPCList": [PALLET]}],
        [
            (
                "unknown-content",
                f"{PALLET} was used, and no event says what was in it.",
            ),
            (
                "assumed",
                f"No event says how {PALLET} came to be, so it may be an initial packing.",
            ),
        ],
    ),
    "a product and a serial without a lot are used": (
        [
            made("soup", 4, STORE, [quantity(f"{STEM}/01/10614141000033", 12)], quantity(SOUP, 5))
            | {"inputEPCList": [f"{STEM}/01/10614141000088/21/7", f"{STEM}/01/10614141000088/21/8"]}
        ],
        [
            ("no-lot", "(01)10614141000033 is named without a lot."),
            ("no-lot", "(01)10614141000088 is named without a lot."),
            (
                "assumed",
                f"No event says how {STEM}/01/10614141000088/21/7 came to be, so it may be an "
                "initial packing.",
            ),
        ],
    ),
    "a withdrawn shipment": (
        [*GOOD.events, OTHER_ROAD, seen("void", at(3), "void_shipping", KITCHEN, **goods(), **papers(("bol", "9")))],
        [
            ("excluded", "The event does not count: shipment withdrawn by urn:test:void."),
            ("excluded", "The event does not count: withdraws a shipment."),
        ],
    ),
    "what one event is about is told once": (
        [
            *GOOD.events,
            MAKING_2,
            seen("odd", at(9), "urn:example:blessing", STORE, quantityList=[quantity(SALAD, 1), quantity(SALAD_2, 1)]),
        ],
        [("unclassified", "No critical tracking event: business step 'urn:example:blessing'.")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MORE)
def test_found(name: str) -> None:
    events, expected = MORE[name]
    found = with_events(*events).said()
    elements = ("missing-element", "missing-product")
    assert [(each[0], each[5]) for each in found if each[0] not in elements] == expected


def test_what_is_not_known_of_a_product_is_told_once_for_all_its_lots() -> None:
    case = evolve(
        but_product(PRODUCTS[1], packaging_style=""),
        events=[MAKING, SHIPPED, RECEIVED, MAKING_2, ship(4, goods(SALAD_2)),
                receive(5, goods(SALAD_2))],
    )  # fmt: skip
    (finding,) = case.report().findings
    assert (finding.rule, finding.lot, finding.row_count) == ("missing-product", "", 6)


def test_what_is_missing_of_an_input_names_the_input() -> None:
    case = with_events(
        MAKING_SOUP,
        made("making", 2, KITCHEN, [{"epcClass": SOUP}], quantity(SALAD, 30)),
    )
    ((*_, element, found),) = case.said()
    assert element.startswith("Quantity of the food from this traceability lot that was used")
    assert found == f"No event says it of {SOUP_CODE}."


def test_a_harvested_lot_that_nobody_packs_has_no_source() -> None:
    harvest = seen("harvest", at(1), "creating_class_instance", FARM, **goods(), action="ADD")
    found = with_events(harvest | papers(("prodorder", "1")), SHIPPED, RECEIVED).said()
    assert [each[5] for each in found if each[0] == "source-missing"] == [
        f"{CODE} was harvested, and no event says where it was packed first."
    ]


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(lots=(SALAD,)), []),
        (Selection(products=(f"{STEM}/01/10614141000033",)), []),
        (Selection(), []),
        (
            Selection(products=(f"{STEM}/01/10614141000064",)),
            ["No event that was asked for names a lot of (01)10614141000064."],
        ),
    ],
)
def test_readiness_of_a_lot_a_product_or_everything(
    selection: Selection, expected: list[str]
) -> None:
    report = evolve(GOOD, selection=selection).report()
    assert [finding.found for finding in report.findings] == expected
    assert report.ready == (not expected)


WITHDRAWN = seen("slip", at(2), "storing", KITCHEN, **goods(SALAD_2), action="OBSERVE")
DECLARED = WITHDRAWN | {"errorDeclaration": {"declarationTime": at(9), "reason": "did_not_occur"}}


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(), []),
        (Selection(lots=(SALAD, SALAD_2)), [f"No event that counts names {CODE_2}."]),
    ],
)
def test_a_lot_of_withdrawn_events_is_missed_only_by_whoever_asks_for_it(
    selection: Selection, expected: list[str]
) -> None:
    case = evolve(GOOD, events=[*GOOD.events, WITHDRAWN, DECLARED], selection=selection)
    found = [each for each in case.report().findings if each.rule != "excluded"]
    assert [each.found for each in found] == expected


def test_serials_without_a_lot_are_told_once_for_their_product() -> None:
    serials = {"epcList": [f"{STEM}/01/10614141000033/21/{number}" for number in range(9)]}
    found = with_events(ship(2, serials), receive(3, serials)).said()
    assert [(each[0], each[3], each[5]) for each in found if each[4] != "Unit of Measure"] == [
        ("no-lot", cte, "(01)10614141000033 is named without a lot.")
        for cte in ("Receiving", "Shipping")
    ]


def test_equipment_that_is_not_moved_is_no_closed_box() -> None:
    crate = f"{STEM}/8003/00614141000005CRATE"
    assert (
        with_events(*GOOD.events, seen("x", at(4), "inspecting", STORE, **boxed(crate))).said()
        == []
    )


def test_nothing_is_not_ready() -> None:
    report = with_events().report()
    assert [finding.found for finding in report.findings] == [
        "No event that was asked for names a lot."
    ]
    assert not report.ready


HOSTILE = "urn:x:" + "y" * 3000
CONTROL = "urn:x:a\nb\u2028c\u202ed\0e\ud800"


@pytest.mark.parametrize("name", [HOSTILE, CONTROL, "urn:x:" + "y\n" * 3000])
def test_a_finding_is_one_short_line_whatever_identifiers_hold(name: str) -> None:
    finding = Finding(rule="no-lot", found=f"{name} is {name}.", element=name)
    for text in (finding.found, finding.element):
        assert len(text) <= 500
        assert text.isprintable()


def test_a_long_identifier_leaves_the_rest_of_the_sentence() -> None:
    finding = Finding(rule="no-lot", found=f"{HOSTILE} is named without a lot.")
    assert finding.found == f"{HOSTILE[:60]}…{'y' * 30} is named without a lot."


@pytest.mark.parametrize("name", [HOSTILE, "urn:x:" + "%0A" * 500])
def test_hostile_events_make_short_findings(name: str) -> None:
    lot, where, box = f"{name}lot", f"{name}place", f"{name}box"
    events = [
        pack(2, box, quantity(lot, 10), where=where),
        ship(2, boxed(box), where, f"{where}2", name=f"{name}1"),
        receive(3, goods(lot, 9), where, f"{where}2", name=f"{name}2"),
        made(f"{name}3", 1, where, [quantity(lot, 99)], quantity(f"{lot}2", 5)),
        seen(f"{name}4", at(4), f"{name}step", where, **goods(lot)),
    ]
    findings = with_events(*events).report().findings
    assert len({finding.rule for finding in findings}) > 5
    for finding in findings:
        assert len(finding.found) <= 500
        assert len(finding.element) <= 500
        assert (finding.found + finding.element).isprintable()


def everything_wrong() -> list[Json]:
    return [each for wrong, _, _ in CASES.values() for each in wrong.events]


def test_findings_do_not_depend_on_the_order_of_events_and_the_worst_come_first() -> None:
    events = everything_wrong()
    expected = with_events(*events).report().findings
    assert len(expected) > 20
    severities = [list(Severity).index(finding.severity) for finding in expected]
    assert severities == sorted(severities)
    for seed in range(3):
        random.Random(seed).shuffle(events)  # noqa: S311
        assert with_events(*events).report().findings == expected


DEMO = files("closient_export") / "demo" / "chain"
ASKED = f"{STEM}/01/10614141003034/10/CK26090"
SCRIPT = """
import sys
from pathlib import Path
from closient_export.adapters.event_files import read_event_files
from closient_export.trace.report import trace_lots
from closient_export.trace.walk import Selection
found = read_event_files(sorted(Path(sys.argv[1]).glob("*.jsonld")))
for finding in trace_lots(found.source, found.master_data(), Selection()).findings:
    print(finding)
"""


def test_findings_do_not_depend_on_the_process() -> None:
    outputs = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT, str(DEMO)],
            capture_output=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    (output,) = outputs
    assert output.count(b"\n") > 10  # without master data, much is missing


def demo(*lots: str) -> TraceReport:
    chain = Path(str(DEMO))
    found = read_event_files(sorted(chain.glob("*.jsonld")))
    with (chain / "master_data.json").open("rb") as file:
        known = found.master_data(*read_master_data(file, "master_data.json"))
    return trace_lots(found.source, known, Selection(lots=lots))


KALE = "(01)10614141003034(10)CK26090"
NEVER_CAME = (
    "not-received",
    "warning",
    "1.1345(a)",
    "Shipping",
    "",
    f"18 cases of {KALE} left Trellis Markets Distribution Center on 04/02/2026, and no event "
    "says that it arrived.",
)
TOO_FEW = (
    "quantity-differs",
    "warning",
    "1.1345(a)(2)",
    "Receiving",
    "",
    f"Of {KALE}, 12 cases were shipped from Trellis Markets Distribution Center and 10 cases were "
    "received at Trellis Market #9.",
)


def test_the_sample_chain_has_its_two_deliberate_findings() -> None:
    report = demo(ASKED)
    assert list(map(said, report.findings)) == [NEVER_CAME, TOO_FEW]
    assert report.ready


def test_the_whole_sample_chain_has_one_more_lot_in_the_lost_pallet() -> None:
    also_lost = "16 cases of (01)10614141003027(10)CF26089 left Trellis Markets Distribution Center"
    report = demo()
    assert list(map(said, report.findings)) == [
        (
            *NEVER_CAME[:5],
            f"{also_lost} on 04/02/2026, and no event says that it arrived.",
        ),
        NEVER_CAME,
        TOO_FEW,
    ]
    assert report.ready


@pytest.fixture
def published(pytestconfig: pytest.Config) -> Callable[[str], TraceReport]:
    """A trace of everything in a document that OpenTraceability tests with."""
    folder: Path = pytestconfig.getoption("--reference-data")

    def report(name: str) -> TraceReport:
        path = folder / "epcis" / "opentraceability" / name
        found = read_event_files([path], lenient=True)
        assert found.refusals == ()
        return trace_lots(found.source, found.master_data(), Selection())

    return report


def told(report: TraceReport, *left_out: str) -> list[tuple[str, str]]:
    lot = "urn:gdst:example.org:product:lot:class:"
    return [
        (finding.rule, finding.found.replace(lot, ""))
        for finding in report.findings
        if not finding.rule.startswith("missing-") and finding.rule not in left_out
    ]


@pytest.mark.reference_data
def test_feed_that_comes_after_it_was_used(published: Callable[[str], TraceReport]) -> None:
    report = published("traceback_tests.jsonld")
    feed, fish = "feedmill.1u.ff11252021", "fisherman01.tunau.v1-0122-2022"
    assert told(report, "two-events-one-id") == [
        (
            "not-shipped",
            f"9876 kilograms of {fish} arrived at Processing Plant from Fisherman on 01/23/2022, "
            "and no event says that it was shipped.",
        ),
        (
            "time-backwards",
            f"On 02/03/2022 08:12 {feed} was shipped, after it was used on 01/19/2022 11:09.",
        ),
        (
            "time-backwards",
            f"On 02/03/2022 11:12 {feed} was received, after it was used on 01/19/2022 11:09.",
        ),
        (
            "unbalanced",
            f"10000 kilograms of {fish} were used or shipped at Processing Plant, but only 9876 "
            "kilograms were made or received there.",
        ),
    ]
    with_one_id = [f.event[-4:] for f in report.findings if f.rule == "two-events-one-id"]
    assert with_one_id == ["e20U", "93dU", "6a7U"]
    gaps = Counter(f.rule for f in report.findings if f.rule.startswith("missing-"))
    assert gaps["missing-element"] == 8  # of initial packing, too: the farmed fish was not packed
    assert {f.element for f in report.findings if f.rule == "missing-element"} == {
        "Reference Document Type; Reference Document Number"
    }


@pytest.mark.reference_data
def test_fish_made_on_board_and_salmon_that_nobody_packs(
    published: Callable[[str], TraceReport],
) -> None:
    report = published("all_wholechain_events.jsonld")
    plant = "urn:gdst:example.org:location:loc:processor.plant1"
    salmon = "urn:gdst:wholechain.com:product:lot:class:fishcompany.sal-whole.eiwo493"
    assert told(report) == [
        (
            "source-missing",
            f"{salmon} was harvested, and no event says where it was packed first.",
        ),
        (
            "unbalanced",
            "10000 kilograms of fisherman01.tuna.v1-0122-2022 were used or shipped at "
            f"{plant}, but only 9876 kilograms were made or received there.",
        ),
    ]


@pytest.mark.reference_data
@pytest.mark.parametrize("name", ["traceback_tests.jsonld", "all_wholechain_events.jsonld"])
def test_no_gap_is_told_twice(name: str, published: Callable[[str], TraceReport]) -> None:
    gaps = [f for f in published(name).findings if f.rule.startswith("missing-")]
    keys = Counter((f.rule, f.cte, f.lot, f.event, f.element, f.found) for f in gaps)
    assert set(keys.values()) == {1}
    places = [f.found.partition(":")[0] for f in gaps if f.rule == "missing-location"]
    assert len(places) == len({f.found for f in gaps if f.rule == "missing-location"})
    assert len(gaps) < 40


@pytest.mark.parametrize(
    ("cte", "row", "columns", "where"),
    [
        (None, None, (), ""),
        (Cte.SHIPPING, None, (), "Shipping"),
        (Cte.SHIPPING, 0, (), "Shipping, row 2"),
        (Cte.SHIPPING, 1, ("K",), "Shipping, row 3, column K"),
        (Cte.SHIPPING, 1, ("K", "J"), "Shipping, row 3, columns J to K"),
        (Cte.COOLING, 1, ("Z", "AA", "Y", "B"), "Cooling, row 3, columns B, Y to AA"),
        (Cte.COOLING, 1, ("A", "C", "E"), "Cooling, row 3, columns A, C, E"),
    ],
)
def test_a_finding_says_where_it_is(
    cte: Cte | None, row: int | None, columns: tuple[str, ...], where: str
) -> None:
    finding = Finding(rule="missing-element", found="", cte=cte, row=row, columns=columns)
    assert finding.where == where

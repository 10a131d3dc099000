"""What a trace finds: each rule fires on records that are wrong, and not once they are mended."""

import io
import json
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
from attrs import evolve, frozen
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
    document,
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
from closient_export.epcis import Refusal, read_events
from closient_export.master_data import LocationDescription, ProductDescription
from closient_export.requests import Direction
from closient_export.trace.classify import Rules
from closient_export.trace.findings import RULES, Finding, Severity, Thresholds
from closient_export.trace.kdes import CriticalTrackingEvent
from closient_export.trace.report import TraceReport, make_report, trace_lots
from closient_export.trace.walk import Limits, Selection, run_walk

Cte = CriticalTrackingEvent
Said = tuple[str, str, str, str, str, str]
"""Rule, severity, paragraph, critical tracking event, element, sentence."""

NUTS, SALAD_2, SOUP = (
    f"{STEM}/01/{gtin}/10/{lot}"
    for gtin, lot in (
        ("00614141000050", "NUTS"),
        ("10614141000033", "SALAD-2"),
        ("10614141000064", "SALAD"),
    )
)
CODE, CODE_2, SOUP_CODE = (
    "(01)10614141000033(10)SALAD",
    "(01)10614141000033(10)SALAD-2",
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
    return ProductDescription(
        id=lot[: lot.index("/10/")], product_name=name, **(known | more)
    )


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
    selection: Selection = Selection()
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


def made(
    name: str, day: int, where: str, used: Iterable[Json], *new: Json, **members: Any
) -> Json:
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
    return pack(
        day, box, *children, action="OBSERVE", step="receiving", where=STORE, **ends
    ) | {"eventTime": at(day, 12)}


MAKING = made("making", 1, KITCHEN, [quantity(NUTS, 5)], quantity(SALAD, 30))
MAKING_2 = made("making-2", 1, KITCHEN, [quantity(NUTS, 5)], quantity(SALAD_2, 30))
MAKING_SOUP = made("soup", 1, KITCHEN, [quantity(NUTS, 5)], quantity(SOUP, 30))
SHIPPED, RECEIVED = ship(2, goods()), receive(3, goods())
GOOD = Case(events=[MAKING, SHIPPED, RECEIVED])


def with_events(*events: Json) -> Case:
    return evolve(GOOD, events=events)


def but(changed: LocationDescription | ProductDescription, **values: Any) -> Case:
    """The good case, with something else in the master data."""
    other = evolve(changed, **values)
    return evolve(
        GOOD,
        places=[other if each is changed else each for each in PLACES],
        products=[other if each is changed else each for each in PRODUCTS],
    )


REFUSED = []
list(
    read_events(
        io.BytesIO(document([MAKING | {"eventTime": "yesterday"}])),
        "kitchen.jsonld",
        on_refusal=REFUSED.append,
    )
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
        but(PLACES[4], phone="", postal_code=""),
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
        but(PRODUCTS[1], packaging_style=""),
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
        with_events(MAKING, MAKING_SOUP, SHIPPED, receive(3, goods(SOUP))),
        with_events(MAKING, MAKING_SOUP, SHIPPED, RECEIVED),
        [
            (
                "product-changed",
                "error",
                "1.1345(a)(3)",
                "Receiving",
                "",
                f"{CODE} was shipped on 03/02/2027, but {SOUP_CODE} arrived with its papers, "
                "without a transformation.",
            ),
            (
                "not-shipped",
                "warning",
                "1.1340(a)",
                "Receiving",
                "",
                f"10 cases of {SOUP_CODE} arrived at Store from Kitchen on 03/03/2027, and no "
                "event says that it was shipped.",
            ),
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
                f"{PALLET} is named by an event (shipping) and 1 more, and no event says what "
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
        evolve(GOOD, refusals=REFUSED),
        GOOD,
        [
            (
                "refused",
                "error",
                "1.1455(c)",
                "",
                "kitchen.jsonld",
                "kitchen.jsonld, event 0 ('urn:test:making'): eventTime: expected a time with an "
                "offset, such as 2027-03-31T09:30:00-04:00, got 'yesterday'.",
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
        with_events(
            MAKING, ship(2, boxed(PALLET)), receive_opened(3, PALLET, quantity(SALAD, 10))
        ),
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

"""Which critical tracking event an event is: a small scenario for each ambiguity."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import pytest
from trace_samples import (
    COOLER,
    FARM,
    FIELD,
    FISH,
    HARBOUR,
    KITCHEN,
    PACKED,
    PACKER,
    RAW,
    SALAD,
    STEM,
    STORE,
    Json,
    destination,
    event,
    of,
    papers,
    parties,
    quantity,
    source,
    traced,
)

from closient_export.epcis import Event
from closient_export.master_data import LocationDescription, ProductDescription
from closient_export.trace.classification import Classification, Rules
from closient_export.trace.kdes import CriticalTrackingEvent
from closient_export.trace.report import TraceReport

Cte = CriticalTrackingEvent
PALLET = f"{STEM}/00/106141410000000018"
BOAT = "urn:gdst:example.org:location:loc:boat.1"
GDST = "urn:gdst:bizStep:"


def at(day: int, hour: int = 8) -> str:
    return f"2027-03-{day:02}T{hour:02}:00:00-07:00"


def thing(name: str, day: int, step: str, place: str, lot: str, **members: Any) -> Json:
    """An object event about a lot, seen unless something else is said."""
    about = {"action": "OBSERVE", **of(lot, 10), "eventID": f"urn:test:{name}"}
    return event("ObjectEvent", at(day), step, place, **(about | members))


def made(name: str, day: int, step: str, place: str, used: Sequence[str], *lots: str) -> Json:
    return event(
        "TransformationEvent",
        at(day),
        step,
        place,
        eventID=f"urn:test:{name}",
        inputQuantityList=[quantity(lot, 10) for lot in used],
        outputQuantityList=[quantity(lot, 10) for lot in lots],
    )


def add(name: str, day: int, step: str, place: str, lot: str, **members: Any) -> Json:
    return thing(name, day, step, place, lot, action="ADD", **members)


def ship(day: int, start: str, end: str, lot: str, **members: Any) -> Json:
    ends = source(start) | destination(end)
    return thing(members.pop("name", "ship"), day, "shipping", start, lot, **(ends | members))


def receive(day: int, start: str, end: str, lot: str, **members: Any) -> Json:
    ends = source(start) | destination(end)
    return thing(members.pop("name", "receive"), day, "receiving", end, lot, **(ends | members))


def answers(report: TraceReport) -> dict[str, str]:
    """What each event is for the lot that it is about: of several lots, the first."""
    found: dict[str, str] = {}
    classified = report.facts.classified
    for lot in report.graph.lots:
        for movement in report.graph.movements.get(lot, ()):
            answer = classified.movement(movement, lot)
            found.setdefault(name_of(movement.event), answer.cte or answer.reason)
    for transformation in report.graph.transformations:
        answer = classified.transformation(transformation)
        found[name_of(transformation.completed)] = answer.cte or answer.reason
    return found


def name_of(found: Event) -> str:
    return found.event_id.rpartition(":")[2]


def notes(report: TraceReport) -> list[tuple[str, str, str]]:
    return [
        (finding.rule, finding.cte or "", finding.found)
        for finding in report.findings
        if finding.rule in ("assumed", "unclassified")
    ]


CATCH = {"ilmd": {"gs1:catchZone": ["FAO 67"], "gs1:fishType": "cod"}}
HARVEST = add("harvest", 1, "creating_class_instance", FARM, RAW)
PACKING = made("packing", 3, "creating_class_instance", PACKER, [RAW], PACKED)
FISHING = add("fishing", 1, f"{GDST}fishingEvent", BOAT, FISH, ilmd={"cbvmda:vesselName": "Ada"})
LANDING = thing("landing", 2, f"{GDST}landing", HARBOUR, FISH)

HARVESTS_AND_LANDINGS = {
    "an instance of a class, without data of a catch": (
        [HARVEST],
        {"harvest": Cte.HARVESTING},
    ),
    "an instance of a class, with data of a catch": (
        [add("new", 1, "creating_class_instance", HARBOUR, FISH, **CATCH)],
        {"new": Cte.FIRST_LAND_BASED_RECEIVING},
    ),
    "commissioned with data of a catch": (
        [add("new", 1, "commissioning", HARBOUR, FISH, **CATCH)],
        {"new": Cte.FIRST_LAND_BASED_RECEIVING},
    ),
    "collected": (
        [add("new", 1, "collecting", FARM, RAW)],
        {"new": Cte.HARVESTING},
    ),
    "a harvest from a pond tells the kind of fish too": (
        [add("new", 1, f"{GDST}farmHarvest", FARM, FISH, ilmd={"gs1:fishType": "trout"})],
        {"new": Cte.HARVESTING},
    ),
    "fishing is no landing, whatever it tells of the vessel": (
        [FISHING, thing("over", 2, f"{GDST}transshipment", BOAT, FISH), LANDING],
        {
            "fishing": f"no critical tracking event: business step '{GDST}fishingEvent'",
            "over": f"no critical tracking event: business step '{GDST}transshipment'",
            "landing": Cte.FIRST_LAND_BASED_RECEIVING,
        },
    ),
    "a ship that carries a container is no fishing vessel": (
        [ship(2, KITCHEN, STORE, SALAD, **{"example:vesselName": "Ever Green"})],
        {"ship": Cte.SHIPPING},
    ),
    "a shipment from the vessel is none of the rule's": (
        [FISHING, ship(1, BOAT, HARBOUR, FISH), LANDING],
        {
            "fishing": f"no critical tracking event: business step '{GDST}fishingEvent'",
            "ship": "before first land-based receiving (21 CFR 1.1340(c))",
            "landing": Cte.FIRST_LAND_BASED_RECEIVING,
        },
    ),
    "what is made on board is not transformed; its landing gives it a code": (
        [
            FISHING,
            made("mixing", 2, f"{GDST}commingling", BOAT, [FISH], RAW),
            made("heading", 3, "commissioning", BOAT, [RAW], PACKED),
            thing("landing", 4, f"{GDST}landing", HARBOUR, PACKED),
            made("filleting", 5, "commissioning", HARBOUR, [PACKED], SALAD),
        ],
        {
            "fishing": f"no critical tracking event: business step '{GDST}fishingEvent'",
            "mixing": "on board, before first land-based receiving (21 CFR 1.1335)",
            "heading": "on board, before first land-based receiving (21 CFR 1.1335)",
            "landing": Cte.FIRST_LAND_BASED_RECEIVING,
            "filleting": Cte.TRANSFORMATION,
        },
    ),
}
PACKING_AND_TRANSFORMATION = {
    "of what was only harvested": (
        [HARVEST, PACKING],
        {"harvest": Cte.HARVESTING, "packing": Cte.INITIAL_PACKING},
    ),
    "of what was harvested and cooled": (
        [
            HARVEST,
            thing("cooling", 2, "other", COOLER, RAW, sensorElementList=[{"sensorReport": []}]),
            PACKING,
        ],
        {
            "harvest": Cte.HARVESTING,
            "cooling": Cte.COOLING,
            "packing": Cte.INITIAL_PACKING,
        },
    ),
    "of what was packed before": (
        [HARVEST, PACKING, made("cutting", 4, "commissioning", KITCHEN, [PACKED], SALAD)],
        {
            "harvest": Cte.HARVESTING,
            "packing": Cte.INITIAL_PACKING,
            "cutting": Cte.TRANSFORMATION,
        },
    ),
    "of both": (
        [
            HARVEST,
            add("landing", 1, f"{GDST}landing", HARBOUR, FISH),
            made("mixing", 4, "commissioning", KITCHEN, [RAW, FISH], SALAD),
        ],
        {
            "harvest": Cte.HARVESTING,
            "landing": Cte.FIRST_LAND_BASED_RECEIVING,
            "mixing": Cte.TRANSFORMATION,
        },
    ),
    "of what was landed": (
        [FISHING, LANDING, made("smoking", 4, "commissioning", KITCHEN, [FISH], SALAD)],
        {
            "fishing": f"no critical tracking event: business step '{GDST}fishingEvent'",
            "landing": Cte.FIRST_LAND_BASED_RECEIVING,
            "smoking": Cte.TRANSFORMATION,
        },
    ),
    "a harvest from a pond, of fry that was moved there": (
        [
            add("hatching", 1, f"{GDST}hatching", FARM, RAW),
            ship(2, FARM, COOLER, RAW),
            receive(3, FARM, COOLER, RAW),
            made("harvest", 9, f"{GDST}farmHarvest", COOLER, [RAW], FISH),
            made("packing", 10, "commissioning", PACKER, [FISH], PACKED),
        ],
        {
            "hatching": f"no critical tracking event: business step '{GDST}hatching'",
            "ship": "before the harvest (21 CFR 1.1340(c))",
            "receive": "before the harvest (21 CFR 1.1345(c))",
            "harvest": Cte.HARVESTING,
            "packing": Cte.INITIAL_PACKING,
        },
    ),
    "feed that is commissioned is not harvested": (
        [
            add("feed", 1, "commissioning", FARM, RAW),
            made("harvest", 9, f"{GDST}farmHarvest", FARM, [RAW], FISH),
        ],
        {
            "feed": "no critical tracking event: business step 'commissioning'",
            "harvest": Cte.HARVESTING,
        },
    ),
}
MOVES = {
    "transporting is no shipping": (
        [HARVEST, thing("truck", 2, "transporting", FARM, RAW), PACKING],
        {
            "harvest": Cte.HARVESTING,
            "truck": "no critical tracking event: business step 'transporting'",
            "packing": Cte.INITIAL_PACKING,
        },
    ),
    "before initial packing": (
        [HARVEST, ship(2, FARM, PACKER, RAW), receive(2, FARM, PACKER, RAW), PACKING],
        {
            "harvest": Cte.HARVESTING,
            "ship": "before initial packing (21 CFR 1.1340(c))",
            "receive": "before initial packing (21 CFR 1.1345(c))",
            "packing": Cte.INITIAL_PACKING,
        },
    ),
    "after it": (
        [HARVEST, PACKING, ship(4, PACKER, STORE, PACKED), receive(5, PACKER, STORE, PACKED)],
        {
            "harvest": Cte.HARVESTING,
            "packing": Cte.INITIAL_PACKING,
            "ship": Cte.SHIPPING,
            "receive": Cte.RECEIVING,
        },
    ),
    "a harvested lot that nobody packs is shipped": (
        [HARVEST, ship(2, FARM, STORE, RAW)],
        {"harvest": Cte.HARVESTING, "ship": Cte.SHIPPING},
    ),
    "departing alone, arriving alone": (
        [
            ship(1, KITCHEN, STORE, SALAD, name="out", bizStep="departing"),
            receive(2, KITCHEN, STORE, SALAD, name="in", bizStep="arriving"),
        ],
        {"out": Cte.SHIPPING, "in": Cte.RECEIVING},
    ),
    "consigning and accepting alone": (
        [
            ship(1, KITCHEN, STORE, SALAD, name="out", bizStep="consigning"),
            receive(2, KITCHEN, STORE, SALAD, name="in", bizStep="accepting"),
        ],
        {"out": Cte.SHIPPING, "in": Cte.RECEIVING},
    ),
    "departing after shipping, arriving before receiving": (
        [
            ship(1, KITCHEN, STORE, SALAD),
            ship(1, f"{KITCHEN}/254/GATE", STORE, SALAD, name="out", bizStep="departing"),
            receive(2, KITCHEN, f"{STORE}/254/GATE", SALAD, name="in", bizStep="arriving"),
            receive(2, KITCHEN, STORE, SALAD),
        ],
        {
            "ship": Cte.SHIPPING,
            "out": "the departure of a shipment that another event records",
            "in": "the arrival of a receipt that another event records",
            "receive": Cte.RECEIVING,
        },
    ),
    "departing with other papers": (
        [
            ship(1, KITCHEN, STORE, SALAD, **papers(("bol", "1"))),
            ship(2, KITCHEN, STORE, SALAD, name="out", bizStep="departing", **papers(("bol", "2"))),
        ],
        {"ship": Cte.SHIPPING, "out": Cte.SHIPPING},
    ),
    "departing at another time": (
        [
            ship(1, KITCHEN, STORE, SALAD),
            ship(20, KITCHEN, STORE, SALAD, name="out", bizStep="departing"),
        ],
        {"ship": Cte.SHIPPING, "out": Cte.SHIPPING},
    ),
    "departing to another place": (
        [
            ship(1, KITCHEN, STORE, SALAD),
            ship(1, KITCHEN, COOLER, SALAD, name="out", bizStep="departing"),
        ],
        {"ship": Cte.SHIPPING, "out": Cte.SHIPPING},
    ),
    "departing with another quantity": (
        [
            ship(1, KITCHEN, STORE, SALAD),
            ship(1, KITCHEN, STORE, SALAD, name="out", bizStep="departing", **of(SALAD, 3)),
        ],
        {"ship": Cte.SHIPPING, "out": Cte.SHIPPING},
    ),
    "departing from another place": (
        [
            ship(1, KITCHEN, STORE, SALAD),
            ship(2, COOLER, STORE, SALAD, name="out", bizStep="departing"),
        ],
        {"ship": Cte.SHIPPING, "out": Cte.SHIPPING},
    ),
    "a withdrawn shipment": (
        [
            ship(1, KITCHEN, STORE, SALAD),
            thing("void", 2, "void_shipping", KITCHEN, SALAD),
            ship(3, KITCHEN, COOLER, SALAD, name="again"),
        ],
        {"again": Cte.SHIPPING},
    ),
    "a step that nobody knows": (
        [thing("what", 1, "https://example.com/steps/Blessing", STORE, SALAD)],
        {"what": "no critical tracking event: business step 'https://example.com/steps/Blessing'"},
    ),
}
WITHIN = "within one street address (21 CFR 1.1310)"
ONE_ADDRESS = {
    "one location at both ends": (
        [
            ship(1, f"{STORE}/254/A", f"{STORE}/254/B", SALAD),
            receive(1, f"{STORE}/254/A", f"{STORE}/254/B", SALAD),
        ],
        {"ship": WITHIN, "receive": WITHIN},
    ),
    "one end is told by the other event": (
        [
            ship(1, f"{STORE}/254/A", f"{STORE}/254/B", SALAD),
            thing("receive", 1, "receiving", f"{STORE}/254/B", SALAD),
        ],
        {"ship": WITHIN, "receive": WITHIN},
    ),
    "where it was made, with no word of a way": (
        [
            made("making", 1, "commissioning", STORE, [RAW], SALAD),
            thing("receive", 2, "receiving", f"{STORE}/254/B", SALAD),
        ],
        {"making": Cte.TRANSFORMATION, "receive": WITHIN},
    ),
    "back to where it was made": (
        [
            made("making", 1, "commissioning", STORE, [RAW], SALAD),
            thing("ship", 2, "shipping", STORE, SALAD),
            thing("receive", 3, "receiving", STORE, SALAD),
        ],
        {"making": Cte.TRANSFORMATION, "ship": Cte.SHIPPING, "receive": Cte.RECEIVING},
    ),
    "a move inside hides no delivery of the same lot": (
        [
            ship(1, KITCHEN, STORE, SALAD),
            thing("in", 2, "receiving", STORE, SALAD, **of(SALAD, 8)),
            receive(2, f"{STORE}/254/A", f"{STORE}/254/B", SALAD, name="inside", **of(SALAD, 2)),
        ],
        {"ship": Cte.SHIPPING, "in": Cte.RECEIVING, "inside": WITHIN},
    ),
    "a box tells that it is one move": (
        [
            thing("ship", 1, "shipping", f"{STORE}/254/A", SALAD, epcList=[PALLET]),
            receive(1, f"{STORE}/254/A", f"{STORE}/254/B", SALAD, epcList=[PALLET]),
        ],
        {"ship": WITHIN, "receive": WITHIN},
    ),
    "equal addresses in master data": (
        [ship(1, PACKER, KITCHEN, SALAD), receive(1, PACKER, KITCHEN, SALAD)],
        {"ship": WITHIN, "receive": WITHIN},
    ),
    "equal addresses of two owners": (
        [
            ship(
                1,
                PACKER,
                KITCHEN,
                SALAD,
                sourceList=[
                    {"type": "location", "source": PACKER},
                    {"type": "owning_party", "source": f"{STEM}/417/0614141000005"},
                ],
                destinationList=[
                    {"type": "location", "destination": KITCHEN},
                    {"type": "owning_party", "destination": f"{STEM}/417/0614141000012"},
                ],
            )
        ],
        {"ship": Cte.SHIPPING},
    ),
    "another street of the same town": (
        [ship(1, PACKER, COOLER, SALAD)],
        {"ship": Cte.SHIPPING},
    ),
    "no street is no address": (
        [ship(1, HARBOUR, STORE, SALAD)],
        {"ship": Cte.SHIPPING},
    ),
    "a company's address is not where the goods go": (
        [ship(1, PACKER, STORE, SALAD, **parties("destination", "owning_party", KITCHEN))],
        {"ship": Cte.SHIPPING},
    ),
}
ADDRESSES = [
    LocationDescription(id=PACKER, street="1 Main St", city="Yuma", state="AZ"),
    LocationDescription(id=KITCHEN, street="1  MAIN ST ", city="Yuma", state="AZ"),
    LocationDescription(id=COOLER, street="2 Main St", city="Yuma", state="AZ"),
    LocationDescription(id=HARBOUR, city="Yuma", state="AZ"),
    LocationDescription(id=STORE, city="Yuma", state="AZ"),
]
SCENARIOS = HARVESTS_AND_LANDINGS | PACKING_AND_TRANSFORMATION | MOVES | ONE_ADDRESS


@pytest.mark.parametrize("name", SCENARIOS)
def test_each_event_is_what_the_rule_calls_it(name: str) -> None:
    events, expected = SCENARIOS[name]
    assert answers(traced(*events, places=ADDRESSES if name in ONE_ADDRESS else ())) == expected


FROM_FARM = {
    "to a packer": (
        [HARVEST, ship(2, FARM, PACKER, RAW), receive(2, FARM, PACKER, RAW), PACKING],
        "packing",
        (Cte.INITIAL_PACKING_FROM_EXEMPT, Cte.INITIAL_PACKING),
    ),
    "to a store, as it says": (
        [receive(2, FARM, STORE, RAW)],
        "receive",
        (Cte.RECEIVING_FROM_EXEMPT, Cte.RECEIVING),
    ),
    "to a store, as the shipper says": (
        [
            thing("ship", 1, "shipping", FARM, RAW),
            thing("receive", 2, "receiving", STORE, RAW),
            ship(3, STORE, KITCHEN, RAW, name="on"),
        ],
        "receive",
        (Cte.RECEIVING_FROM_EXEMPT, Cte.RECEIVING),
    ),
    "to a store, a second time": (
        [receive(2, FARM, STORE, RAW), receive(9, FARM, KITCHEN, RAW, name="again")],
        "again",
        (Cte.RECEIVING_FROM_EXEMPT, Cte.RECEIVING),
    ),
    "on from there": (
        [
            thing("ship", 1, "shipping", FARM, RAW),
            thing("receive", 2, "receiving", STORE, RAW),
            thing("on", 3, "shipping", STORE, RAW),
            thing("end", 4, "receiving", KITCHEN, RAW),
        ],
        "end",
        (Cte.RECEIVING, Cte.RECEIVING),
    ),
}


@pytest.mark.parametrize("name", FROM_FARM)
def test_only_the_host_knows_who_is_exempt(name: str) -> None:
    events, which, (exempt, otherwise) = FROM_FARM[name]
    assert answers(traced(*events, rules=Rules(is_exempt=FARM.__eq__)))[which] is exempt
    assert answers(traced(*events))[which] is otherwise


def test_whoever_receives_from_an_exempt_farm_assigns_the_code() -> None:
    report = traced(
        HARVEST,
        ship(2, FARM, STORE, RAW),
        receive(2, FARM, STORE, RAW),
        ship(3, STORE, KITCHEN, RAW, name="on"),
        rules=Rules(is_exempt=FARM.__eq__),
    )
    origin = report.facts.classified.origin(RAW)
    assert origin is not None
    assert (origin.cte, origin.event.place) == (Cte.RECEIVING_FROM_EXEMPT, STORE)
    assert answers(report)["harvest"] is Cte.HARVESTING
    assert "source-missing" not in {finding.rule for finding in report.findings}


def test_food_that_is_not_on_the_list_has_no_events() -> None:
    bread = ProductDescription(id=SALAD[: SALAD.index("/10/")], on_food_traceability_list=False)
    events = [ship(1, KITCHEN, STORE, SALAD), receive(2, KITCHEN, STORE, SALAD)]
    reason = "a food that is not on the Food Traceability List"
    assert answers(traced(*events, products=[bread])) == {"ship": reason, "receive": reason}


ASSUMPTIONS: dict[str, tuple[list[Json], dict[str, str], list[tuple[str, str, str]]]] = {
    "commissioned and used, not shipped": (
        [add("new", 1, "commissioning", FARM, RAW), PACKING],
        {"new": Cte.HARVESTING, "packing": Cte.INITIAL_PACKING},
        [
            (
                "assumed",
                cte,
                "Commissioned, and used without being shipped, so it may be a harvest.",
            )
            for cte in (Cte.HARVESTING, Cte.INITIAL_PACKING)
        ],
    ),
    "commissioned, shipped and used": (
        [
            add("new", 1, "commissioning", FARM, RAW),
            ship(2, FARM, PACKER, RAW),
            receive(2, FARM, PACKER, RAW),
            PACKING,
        ],
        {
            "new": "no critical tracking event: business step 'commissioning'",
            "ship": Cte.SHIPPING,
            "receive": Cte.RECEIVING,
            "packing": Cte.TRANSFORMATION,
        },
        [],
    ),
    "made of what nobody made": (
        [PACKING],
        {"packing": Cte.TRANSFORMATION},
        [
            (
                "assumed",
                Cte.TRANSFORMATION,
                f"No event says how {RAW} came to be, so it may be an initial packing.",
            )
        ],
    ),
    "something other than cooling": (
        [HARVEST, thing("other", 2, "other", COOLER, RAW), PACKING],
        {"harvest": Cte.HARVESTING, "other": Cte.COOLING, "packing": Cte.INITIAL_PACKING},
        [("assumed", Cte.COOLING, "Step 'other' of a harvested lot.")],
    ),
    "caught and received, but not landed": (
        [FISHING, thing("receive", 2, "receiving", HARBOUR, FISH)],
        {
            "fishing": f"no critical tracking event: business step '{GDST}fishingEvent'",
            "receive": Cte.FIRST_LAND_BASED_RECEIVING,
        },
        [
            (
                "assumed",
                Cte.FIRST_LAND_BASED_RECEIVING,
                "Caught at sea and landed by no event, so this may be where it was.",
            )
        ],
    ),
    "a step that nobody knows": (
        [thing("what", 1, "urn:example:blessing", STORE, SALAD)],
        {"what": "no critical tracking event: business step 'urn:example:blessing'"},
        [
            (
                "unclassified",
                "",
                "No critical tracking event: business step 'urn:example:blessing'.",
            )
        ],
    ),
}


@pytest.mark.parametrize("name", ASSUMPTIONS)
def test_what_is_assumed_is_said(name: str) -> None:
    events, expected, said = ASSUMPTIONS[name]
    report = traced(*events)
    assert answers(report) == expected
    assert notes(report) == said


@pytest.mark.parametrize(("action", "rules"), [("ADD", []), ("OBSERVE", ["unclassified"])])
def test_packing_needs_no_business_step(action: str, rules: list[str]) -> None:
    pack = event(
        "AggregationEvent",
        at(1),
        "",
        KITCHEN,
        action=action,
        parentID=PALLET,
        childQuantityList=[quantity(SALAD, 10)],
    )
    del pack["bizStep"]
    assert [rule for rule, _, _ in notes(traced(pack))] == rules


def host(**answers_of: Cte | None) -> Callable[[Event, Classification], Cte | None]:
    return lambda event, found: answers_of.get(name_of(event), found.cte)


@pytest.mark.parametrize(
    ("events", "said", "expected"),
    [
        pytest.param(
            [ship(1, KITCHEN, STORE, SALAD)],
            {"ship": None},
            {"ship": "as the host classifies it"},
            id="no event at all",
        ),
        pytest.param(
            [thing("blessing", 1, "urn:example:blessing", STORE, SALAD)],
            {"blessing": Cte.RECEIVING},
            {"blessing": Cte.RECEIVING},
            id="an event after all",
        ),
        pytest.param(
            [PACKING],
            {"packing": Cte.INITIAL_PACKING},
            {"packing": Cte.INITIAL_PACKING},
            id="a packing of what nobody made",
        ),
        pytest.param(
            [
                add("new", 1, "commissioning", FARM, RAW),
                ship(2, FARM, PACKER, RAW),
                receive(2, FARM, PACKER, RAW),
                PACKING,
            ],
            {"new": Cte.HARVESTING},
            {
                "new": Cte.HARVESTING,
                "ship": "before initial packing (21 CFR 1.1340(c))",
                "receive": "before initial packing (21 CFR 1.1345(c))",
                "packing": Cte.INITIAL_PACKING,
            },
            id="a harvest, and all that follows from it",
        ),
        pytest.param(
            [receive(1, BOAT, HARBOUR, FISH), ship(2, HARBOUR, STORE, FISH)],
            {"receive": Cte.FIRST_LAND_BASED_RECEIVING},
            {"receive": Cte.FIRST_LAND_BASED_RECEIVING, "ship": Cte.SHIPPING},
            id="a landing that looks like a receipt",
        ),
    ],
)
def test_the_host_has_the_last_word(
    events: list[Json], said: dict[str, Cte | None], expected: dict[str, str]
) -> None:
    assert answers(traced(*events, rules=Rules(classifier=host(**said)))) == expected


def test_a_landing_that_the_host_names_is_the_source() -> None:
    events = [receive(1, BOAT, HARBOUR, FISH), ship(2, HARBOUR, STORE, FISH)]
    rules = Rules(classifier=host(receive=Cte.FIRST_LAND_BASED_RECEIVING))
    assert "source-missing" in {finding.rule for finding in traced(*events).findings}
    report = traced(*events, rules=rules)
    origin = report.facts.classified.origin(FISH)
    assert origin is not None
    assert origin.event.place == HARBOUR
    assert "source-missing" not in {finding.rule for finding in report.findings}


def test_the_host_sees_what_the_library_would_say() -> None:
    seen: dict[str, Classification] = {}

    def classifier(event: Event, found: Classification) -> Cte | None:
        seen[name_of(event)] = found
        return found.cte

    events = [HARVEST, ship(2, FARM, PACKER, RAW), PACKING]
    report = traced(*events, rules=Rules(classifier=classifier))
    assert answers(report) == answers(traced(*events))
    assert seen == {
        "harvest": Classification(Cte.HARVESTING),
        "ship": Classification(None, "before initial packing (21 CFR 1.1340(c))"),
        "packing": Classification(Cte.INITIAL_PACKING),
    }


def test_a_lot_that_comes_from_itself_ends_somewhere() -> None:
    report = traced(
        made("one", 1, "commissioning", KITCHEN, [SALAD], PACKED),
        made("two", 2, "commissioning", KITCHEN, [PACKED], SALAD),
    )
    assert set(answers(report)) == {"one", "two"}


def test_a_lot_may_come_from_very_many_steps_before() -> None:
    lots = [f"{STEM}/01/10614141000033/10/{number}" for number in range(1500)]
    steps = [
        made(f"step-{number}", 2, "commissioning", KITCHEN, [used], new)
        for number, (used, new) in enumerate(pairwise(lots))
    ]
    first = add("harvest", 1, "creating_class_instance", FARM, lots[0])
    last = thing("receive", 3, "receiving", KITCHEN, lots[-1])
    found = answers(traced(first, *steps, last))
    assert found["step-0"] is Cte.INITIAL_PACKING
    assert found["step-1498"] is Cte.TRANSFORMATION
    assert found["receive"] == WITHIN


def test_field_and_farm_are_one_place() -> None:
    report = traced(HARVEST, ship(2, FIELD, FARM, RAW))
    assert answers(report)["ship"] == WITHIN

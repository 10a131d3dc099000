"""An event is read whole, or refused with every problem it has."""

import copy
import decimal
import json
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from epcis_samples import (
    AGGREGATION,
    ASSOCIATION,
    EVENTS,
    FULL,
    LOT,
    PLACE,
    TRANSACTION,
    TRANSFORMATION,
    Json,
    json_values,
    object_event,
)
from hypothesis import given
from hypothesis import strategies as st

from closient_export.epcis import (
    Action,
    BusinessDocument,
    ErrorDeclaration,
    Event,
    EventType,
    Item,
    Party,
)
from closient_export.epcis.event_json import EventJson, EventProblems

STEM = "https://id.gs1.org"


def read(value: object, prefixes: dict[str, str] | None = None) -> Event:
    decoded = json.loads(json.dumps(value), parse_float=Decimal)
    return EventJson(prefixes or {}).read(decoded)


def problems_of(value: object) -> list[str]:
    with pytest.raises(EventProblems) as caught:
        read(value)
    return list(map(str, caught.value.problems))


def without(event: Json, *names: str) -> Json:
    return {name: value for name, value in event.items() if name not in names}


def test_everything_that_an_event_says() -> None:
    assert read(FULL) == Event(
        type=EventType.OBJECT,
        event_id="urn:example:ObjectEvent",
        time=datetime(2027, 3, 31, 13, 30, tzinfo=UTC),
        offset=timedelta(hours=-4),
        record_time=datetime(2027, 4, 1, tzinfo=UTC),
        action=Action.ADD,
        biz_step="packing",
        disposition="in_progress",
        persistent_dispositions=("completeness_verified",),
        read_point=PLACE,
        biz_location=f"{STEM}/414/0614141073467/254/1234",
        documents=(
            BusinessDocument("po", "https://example.com/po/1"),
            BusinessDocument("bol", "https://example.com/bol/1"),
        ),
        sources=(
            Party("location", PLACE),
            Party("owning_party", f"{STEM}/417/0614141007776"),
        ),
        destinations=(Party("possessing_party", "urn:example:buyer"),),
        items=(
            Item(LOT, LOT, Decimal("12.5"), "KGM"),
            Item("urn:example:a"),
            Item("urn:example:b"),
        ),
        ilmd={"cbvmda:lotNumber": "A1", "example:levels": [1, Decimal("2.5"), {"deep": True}]},
        extensions={
            "sensorElementList": [
                {"sensorReport": [{"type": "Temperature", "value": Decimal("3.5")}]}
            ],
            "persistentDisposition": {"unset": ["completeness_inferred"]},
        },
    )


def test_the_other_kinds() -> None:
    aggregation = read(AGGREGATION)
    assert aggregation.parent == f"{STEM}/00/106141412345678908"
    assert aggregation.items == (
        Item(LOT, LOT, Decimal(10)),
        Item(f"{STEM}/01/10614141073464/21/2017"),
        Item(f"{STEM}/01/10614141073464/21/2018"),
    )
    transformation = read(TRANSFORMATION)
    output = f"{STEM}/01/04023333020008/10/2019-10-07"
    serial = f"{STEM}/01/09506000134369/21/1"
    assert transformation.action is None
    assert transformation.inputs == (Item(LOT, LOT, Decimal(10), "KGM"),)
    assert transformation.outputs == (
        Item(output, output),
        Item(serial, f"{STEM}/01/09506000134369/10/B"),
    )
    assert transformation.items == ()
    assert set(transformation.named_ids()) == {
        LOT,
        output,
        serial,
        f"{STEM}/01/09506000134369/10/B",
    }
    transaction = read(TRANSACTION)
    assert transaction.documents == (
        BusinessDocument("po", "urn:epcglobal:cbv:bt:0614141073467:PO1"),
        BusinessDocument("", "https://example.com/any"),
    )
    assert read(ASSOCIATION).parent == read(ASSOCIATION).place == PLACE


def test_old_and_abbreviated_forms() -> None:
    old = without(object_event(), "type", "eventID") | {
        "isA": "epcis:ObjectEvent",
        "baseExtension": {
            "eventID": "urn:x:1",
            "errorDeclaration": {"declarationTime": "2027-04-01T00:00:00"},
        },
        "bizStep": "e:landing",
        "disposition": "",
        "bizLocation": None,
    }
    event = read(old, {"e": "urn:gdst:bizStep:"})
    assert event.event_id == "urn:x:1"
    assert event.error == ErrorDeclaration(datetime(2027, 4, 1, tzinfo=UTC))
    assert event.biz_step == "urn:gdst:bizStep:landing"
    assert event.extensions == {}


def test_an_error_declaration() -> None:
    declared = {
        "declarationTime": "2027-04-01T00:00:00+02:00",
        "reason": "urn:epcglobal:cbv:er:incorrect_data",
        "correctiveEventIDs": ["urn:x:2", "urn:x:3"],
    }
    assert read(object_event(errorDeclaration=declared)).error == ErrorDeclaration(
        datetime(2027, 3, 31, 22, tzinfo=UTC), "incorrect_data", ("urn:x:2", "urn:x:3")
    )


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2027-03-31T09:30:00Z", datetime(2027, 3, 31, 9, 30, tzinfo=UTC)),
        ("2027-03-31T09:30:00.7520000+00:00", datetime(2027, 3, 31, 9, 30, 0, 752000, tzinfo=UTC)),
        (
            "2027-03-31T09:30:00.123456789-05:30",
            datetime(2027, 3, 31, 15, 0, 0, 123456, tzinfo=UTC),
        ),
        ("0001-01-01T14:00:00Z", datetime(1, 1, 1, 14, tzinfo=UTC)),
    ],
)
def test_times(text: str, time: datetime) -> None:
    event = read(object_event(eventTime=text, eventTimeZoneOffset="-14:00"))
    assert event.time == time
    assert event.local_time == time
    assert event.local_date == (time - timedelta(hours=14)).date()


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("22-07-2026", "'22-07-2026'"),
        ("2027-03-31T09:30:00", "'2027-03-31T09:30:00'"),
        ("2027-03-31", "'2027-03-31'"),
        ("2027-03-31T09:30:60Z", "'2027-03-31T09:30:60Z'"),
        ("0001-01-01T00:00:00+01:00", "'0001-01-01T00:00:00+01:00'"),
        ("9999-12-31T23:00:00-01:00", "'9999-12-31T23:00:00-01:00'"),
        ("\ud800", "'\\ud800'"),
        (1806480000, "1806480000"),
        ([], "[]"),
    ],
)
def test_what_is_no_time(value: object, shown: str) -> None:
    expected = f"expected a time with its zone as 2027-03-31T09:30:00Z, got {shown}"
    found = problems_of(object_event(eventTime=value))
    assert found[0] == f"eventTime: {expected}"
    if value != "2027-03-31T09:30:00":  # a recordTime may do without
        assert problems_of(object_event(recordTime=value or ["x"]))[0].startswith("recordTime: ")


def test_local_dates_exist() -> None:
    early = object_event(eventTime="0001-01-01T03:00:00Z")
    assert problems_of(early) == [
        "eventTime: expected a year from 1 to 9999, got 0001-01-01 03:00:00+00:00"
    ]


@pytest.mark.parametrize("text", ["+00:00", "-00:00", "+05:30", "-14:00", "+14:00", "+13:59"])
def test_offsets(text: str) -> None:
    sign = -1 if text[0] == "-" else 1
    expected = sign * timedelta(hours=int(text[1:3]), minutes=int(text[4:]))
    assert read(object_event(eventTimeZoneOffset=text)).offset == expected


@pytest.mark.parametrize(
    "value", ["Z", "+14:01", "05:30", "+5:30", "+05:60", "+٠٥:٣٠", " +05:30", 5]
)
def test_what_is_no_offset(value: object) -> None:
    assert problems_of(object_event(eventTimeZoneOffset=value)) == [
        f"eventTimeZoneOffset: expected an offset from -14:00 to +14:00, got {value!r}"
    ]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", "0"),
        ("-0.0", "0"),
        ("1000", "1000"),
        ("1000.00", "1000"),
        ("1e3", "1000"),
        ("0.10", "0.1"),
        ("2.2046226218487757", "2.2046226218487757"),
        ("0.33333333333333333333333333333", "0.333333333333333333"),
        ("999999999999999999", "999999999999999999"),
        ("0.999999999999999999999", "1"),
        ("1e-17", "1E-17"),
    ],
)
def test_quantities(text: str, number: str) -> None:
    quantity = f'{{"epcClass": "{LOT}", "quantity": {text}}}'
    event = json.dumps(object_event(quantityList=["?"])).replace('"?"', quantity)
    with decimal.localcontext() as context:  # a host may have its own
        context.prec = 3
        context.traps[decimal.Inexact] = True
        found = EventJson({}).read(json.loads(event, parse_float=Decimal)).items[0].quantity
    assert str(found) == number


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("twenty", "expected a number, got 'twenty'"),
        (True, "expected a number, got True"),
        ([], "expected a number, got []"),
        (-1, "expected a number from 0 on with at most 18 digits"),
        (10**18, "expected a number from 0 on with at most 18 digits"),
        (1e300, "expected a number from 0 on with at most 18 digits"),
        (1e-18, "expected a number from 0 on with at most 18 digits"),
        (-0.5, "expected a number from 0 on with at most 18 digits"),
    ],
)
def test_what_is_no_quantity(value: object, message: str) -> None:
    event = object_event(quantityList=[{"epcClass": LOT, "quantity": value}])
    assert problems_of(event) == [f"quantityList[0].quantity: {message}"]


def test_quantities_of_things_without_gs1_identifiers_are_of_lots() -> None:
    quantities = [
        {"epcClass": "urn:example:lot:1"},
        {"epcClass": "urn:gdst:a.org:product:class:tuna"},
        {"epcClass": f"{STEM}/01/09506000134352", "quantity": 0},
    ]
    items = read(object_event(quantityList=quantities)).items
    assert [item.lot for item in items] == [None, "urn:example:lot:1", None]
    assert [item.quantity for item in items] == [0, None, None]


@pytest.mark.parametrize(
    ("event", "problems"),
    [
        (5, ["expected an event, got 5"]),
        ([], ["expected an event, got []"]),
        (
            {},
            [
                "type: expected one of ObjectEvent, AggregationEvent, AssociationEvent, "
                "TransactionEvent, TransformationEvent, got None"
            ],
        ),
        (
            {"type": "ObjectEvent"},
            [
                "eventTime: required, but missing",
                "eventTimeZoneOffset: required, but missing",
                "action: required, but missing",
                "epcList or quantityList: required without a sensorElementList, but missing",
            ],
        ),
        (
            object_event(eventTime="", action="", quantityList=[]),
            [
                "eventTime: required, but missing",
                "action: required, but missing",
                "epcList or quantityList: required without a sensorElementList, but missing",
            ],
        ),
        (
            without(AGGREGATION, "parentID", "childEPCs", "childQuantityList"),
            [
                "parentID: required with action ADD, but missing",
                "childEPCs or childQuantityList: required with action ADD, but missing",
            ],
        ),
        (
            without(ASSOCIATION, "parentID", "childEPCs") | {"action": "DELETE"},
            ["parentID: required with action DELETE, but missing"],
        ),
        (
            without(TRANSACTION, "bizTransactionList"),
            ["bizTransactionList: required, but missing"],
        ),
        (
            without(TRANSFORMATION, "inputQuantityList", "outputEPCList", "outputQuantityList"),
            [
                "inputEPCList or inputQuantityList: required without a transformationID, but missing",
                "outputEPCList or outputQuantityList: required without a transformationID, "
                "but missing",
            ],
        ),
        (
            without(TRANSFORMATION, "inputQuantityList", "outputEPCList", "outputQuantityList")
            | {"transformationID": "urn:x:1"},
            [
                "inputEPCList or inputQuantityList or outputEPCList or outputQuantityList: "
                "required, but missing"
            ],
        ),
        (
            object_event(
                epcList=["x", 5, "urn:a:b", ""], quantityList=[{}, [], {"epcClass": LOT, "uom": 5}]
            ),
            [
                "quantityList[0].epcClass: required, but missing",
                "quantityList[1]: expected an object, got []",
                "quantityList[2].uom: expected text, got 5",
                "epcList[0]: expected a URI, got 'x'",
                "epcList[1]: expected a URI, got 5",
                "epcList[3]: expected a URI, got ''",
            ],
        ),
        (
            object_event(
                eventID="no uri",
                action="CREATE",
                bizStep="transforming",
                disposition=5,
                persistentDisposition={"set": ["x"], "unset": "y"},
                readPoint="urn:a:b",
                bizLocation={},
                bizTransactionList=[{"type": "po"}, {"type": "xx", "bizTransaction": "1"}],
                sourceList={"type": "location", "source": PLACE},
                destinationList=[{"type": "place", "destination": PLACE}, {"type": "location"}],
                ilmd=[],
                errorDeclaration={"reason": "x", "declarationTime": "x"},
            ),
            [
                "eventID: expected a URI, got 'no uri'",
                "bizStep: expected a word of the CBV or a URI, got 'transforming'",
                "disposition: expected a word of the CBV or a URI, got 5",
                "readPoint: expected an object, got 'urn:a:b'",
                "action: expected one of ADD, OBSERVE, DELETE, got 'CREATE'",
                "persistentDisposition.set[0]: expected a word of the CBV or a URI, got 'x'",
                "bizLocation.id: required, but missing",
                "bizTransactionList[0].bizTransaction: required, but missing",
                "bizTransactionList[1].type: expected a word of the CBV or a URI, got 'xx'",
                "sourceList: expected a list, got {'source': 'https://id.gs1.org/414/9506000134376', 'type': 'location'}",
                "destinationList[0].type: expected a word of the CBV or a URI, got 'place'",
                "destinationList[1].destination: required, but missing",
                "ilmd: expected an object, got []",
                "errorDeclaration.reason: expected a word of the CBV or a URI, got 'x'",
            ],
        ),
        (
            object_event(errorDeclaration={"correctiveEventIDs": ["x"]}),
            ["errorDeclaration.correctiveEventIDs[0]: expected a URI, got 'x'"],
        ),
        (
            object_event(errorDeclaration={"reason": "did_not_occur"}),
            ["errorDeclaration.declarationTime: required, but missing"],
        ),
    ],
)
def test_all_problems_at_once(event: object, problems: list[str]) -> None:
    assert problems_of(event) == problems


@pytest.mark.parametrize(
    "event",
    [
        without(AGGREGATION, "childEPCs", "childQuantityList") | {"action": "DELETE"},
        without(AGGREGATION, "parentID") | {"action": "OBSERVE"},
        without(ASSOCIATION, "parentID", "childEPCs"),
        without(TRANSFORMATION, "inputQuantityList") | {"transformationID": "T 1"},
        object_event(quantityList=[], sensorElementList=[{}]),
        without(TRANSACTION, "epcList"),
    ],
)
def test_what_may_be_missing(event: Json) -> None:
    assert read(event).event_id == event["eventID"]


def test_absurdly_nested_values_are_refused() -> None:
    deep: Any = []
    for _ in range(64):
        deep = [deep]
    assert problems_of(object_event(x=deep, ilmd={"y": {"z": deep}})) == [
        "x: expected at most 64 levels of nested values",
        "ilmd: expected at most 64 levels of nested values",
    ]
    assert len(read(object_event(x=deep[0])).digest) == 64


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A valid event with a few of its values, at any depth, dropped or replaced."""
    event = copy.deepcopy(draw(st.sampled_from(EVENTS)))
    for _ in range(draw(st.integers(1, 3))):
        place: Any = event
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(place[key], dict | list) and draw(st.booleans()):
                place = place[key]
                continue
            if draw(st.booleans()):
                del place[key]
            else:
                place[key] = draw(json_values)
            break
    return event


def read_or_problems(event: Any) -> Event | EventProblems:
    try:
        return read(event)
    except EventProblems as problems:
        return problems


@given(mutated() | json_values)
def test_mutated_events_are_read_or_refused(event: Any) -> None:
    found = read_or_problems(event)
    if isinstance(found, Event):
        assert len(found.digest) == 64
        assert found.local_date.year == 2027
        assert found.key
        assert all(found.named_ids())
    else:
        assert 0 < max(len(str(problem)) for problem in found.problems) < 250


def shuffled(value: Any, rng: random.Random) -> Any:
    """The same with every list but `sensorElementList` and `ilmd` in another order."""
    if isinstance(value, dict):
        keys = list(value)
        rng.shuffle(keys)
        keep = ("ilmd", "sensorElementList")
        return {key: value[key] if key in keep else shuffled(value[key], rng) for key in keys}
    if isinstance(value, list):
        return rng.sample([shuffled(each, rng) for each in value], len(value))
    return value


URNS = {
    LOT: "urn:epc:class:lgtin:9506000.013435.A1",
    PLACE: "urn:epc:id:sgln:9506000.13437.0",
    "https://id.gs1.org/00/106141412345678908": "urn:epc:id:sscc:0614141.1234567890",
}


@given(st.sampled_from(EVENTS), st.randoms(use_true_random=False))
def test_copies_from_two_partners_have_one_digest(event: Json, rng: random.Random) -> None:
    text = json.dumps(shuffled(event, rng))
    for link, urn in URNS.items():
        text = text.replace(f'"{link}"', f'"{urn}"')
    copied = json.loads(text) | {
        "eventID": "urn:example:other",
        "recordTime": "2028-01-01T00:00:00Z",
        "errorDeclaration": {"declarationTime": "2028-01-01T00:00:00Z"},
        "bizStep": "https://ref.gs1.org/cbv/BizStep-packing",
        "eventTime": "2027-03-31T13:30:00Z",
    }
    assert read(copied).digest == read(event).digest
    assert read(copied).key == "urn:example:other"
    assert read(without(event, "eventID")).key == f"ni:///sha-256;{read(event).digest}"


def test_numbers_of_one_value_have_one_digest() -> None:
    def digest(value: str) -> str:
        event = json.dumps(object_event(x="?")).replace('"?"', value)
        return EventJson({}).read(json.loads(event, parse_float=Decimal)).digest

    assert digest("2.0") == digest("2") != digest('"2"')
    assert digest("2.50") == digest("2.5") != digest('"2.5"')
    assert digest("1e400") != digest("1e401")
    assert digest("1" * 30) != digest("1" * 31)


def test_any_other_difference_makes_another_digest() -> None:
    event = read(FULL)
    changes: dict[str, Any] = {
        "type": EventType.TRANSACTION,
        "time": event.time + timedelta(microseconds=1),
        "offset": timedelta(0),
        "action": Action.OBSERVE,
        "biz_step": "shipping",
        "disposition": "",
        "persistent_dispositions": (),
        "read_point": "",
        "biz_location": event.read_point,
        "documents": event.documents[1:],
        "sources": event.destinations,
        "destinations": event.sources,
        "parent": "urn:x:1",
        "items": event.items[1:],
        "inputs": event.items,
        "outputs": event.items,
        "transformation_id": "urn:x:1",
        "ilmd": {"cbvmda:lotNumber": "A2"},
        "extensions": {},
    }
    outside = {"event_id", "record_time", "error"}
    assert set(changes) | outside == {field.name for field in attrs.fields(Event)}
    digests = {attrs.evolve(event, **{name: value}).digest for name, value in changes.items()}
    for change in (
        {"lot": None},
        {"quantity": Decimal(1)},
        {"quantity": None},
        {"uom": "LBR"},
        {"id": "urn:x:1"},
    ):
        first, *others = event.items
        items = (attrs.evolve(first, **change), *others)
        digests.add(attrs.evolve(event, items=items).digest)
    assert len(digests | {event.digest}) == len(changes) + 6

"""Documents in every shell, whole or broken: events, or one sentence that says what is wrong."""

import copy
import io
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest
from epcis_samples import (
    AGGREGATION,
    CONTEXT,
    EVENTS,
    LOT,
    TRANSACTION,
    TRANSFORMATION,
    Json,
    Trickle,
    as_bytes,
    document,
    gzipped,
    json_values,
    lines,
    object_event,
    query_document,
    read,
    read_leniently,
    read_master_data,
)
from hypothesis import example, given
from hypothesis import strategies as st

from closient_export.epcis import Event, Refusal, VocabularyElement, json_stream, read_events
from closient_export.errors import EventDocumentError, Problem

ALL = [event["eventID"] for event in EVENTS]


def ids(events: list[Event]) -> list[str]:
    return [event.event_id for event in events]


def numbered(*numbers: int) -> list[Json]:
    return [object_event(eventID=f"urn:x:{number}") for number in numbers]


SHELLS = {
    "document": document(*EVENTS),
    "query document": query_document(*EVENTS),
    "master data document with events": document(*EVENTS, type="EPCISMasterDataDocument"),
    "list of events": EVENTS,
    "list of documents": [document(*EVENTS[:2]), [query_document(*EVENTS[2:])]],
    "events line by line": lines(*EVENTS),
    "documents line by line": lines(document(*EVENTS[:1]), query_document(*EVENTS[1:])),
    "events without a break": b"".join(map(as_bytes, EVENTS)),
    "body as a list": document(epcisBody=[{"eventList": EVENTS[:1]}, {"eventList": EVENTS[1:]}]),
    "one event in the body": lines(*(document(epcisBody={"event": event}) for event in EVENTS)),
    "old type": {("isA" if k == "type" else k): v for k, v in document(*EVENTS).items()},
    "body first": dict(reversed(document(*EVENTS).items())),
    "byte order mark": b"\xef\xbb\xbf" + as_bytes(document(*EVENTS)),
    "indented": json.dumps(document(*EVENTS), indent=2).encode(),
    "windows lines": json.dumps(document(*EVENTS), indent=2).replace("\n", "\r\n").encode(),
    "version as a number": document(*EVENTS, schemaVersion=2.0),
    "gzip": gzipped(document(*EVENTS)),
    "gzip in two members": gzipped(lines(*EVENTS[:2])) + gzipped(lines(*EVENTS[2:])),
    "late context": {"type": "EPCISDocument", "schemaVersion": "2.0"} | document(*EVENTS),
    "more in the body": document(epcisBody={"x": {"eventList": 5}, "eventList": EVENTS, "y": 1}),
}


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("chunk", [11, 1 << 20])
def test_every_shell(shell: str, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "_CHUNK", chunk)
    assert ids(read(SHELLS[shell])) == ALL


@given(
    st.sampled_from(sorted(SHELLS)),
    st.lists(st.integers(1, 99), min_size=1, max_size=4),
    st.integers(1, 5000),
)
def test_how_the_bytes_come_does_not_matter(shell: str, sizes: list[int], chunk: int) -> None:
    data = as_bytes(SHELLS[shell])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "_CHUNK", chunk)
        assert list(read_events(cast("BinaryIO", Trickle(data, sizes)), "x")) == read(data)


def test_bare_event() -> None:
    assert ids(read(EVENTS[1])) == [ALL[1]]
    assert ids(read({"@context": CONTEXT} | EVENTS[1])) == [ALL[1]]


def test_prefixes_hold_where_they_are_declared() -> None:
    own = object_event(bizStep="e:landing")
    with_context = own | {"@context": [CONTEXT, {"e": "urn:own:"}]}
    events = [own, with_context, own]
    found = read([document(*events, **{"@context": [CONTEXT, {"e": "urn:all:"}]}), own])
    assert [event.biz_step for event in found] == [
        "urn:all:landing",
        "urn:own:landing",
        "urn:all:landing",
        "e:landing",
    ]
    assert all("@context" not in event.extensions for event in found)


def test_master_data() -> None:
    places = {
        "type": "urn:epcglobal:epcis:vtype:Location",
        "vocabularyElementList": [
            {
                "id": "urn:epc:id:sgln:0614141.00777.0",
                "attributes": [
                    {"id": "cbvmda:name", "attribute": "Wharf 1"},
                    {"id": "urn:epcglobal:cbv:mda#city", "attribute": "Astoria"},
                    {"id": 5, "attribute": "passed over"},
                    "passed over",
                ],
            },
            {"attributes": []},
            5,
        ],
    }
    data = {"vocabularyList": [places, None, {"type": 5, "vocabularyElementList": [{"id": "x"}]}]}
    expected = [
        VocabularyElement(
            "location", "urn:epc:id:sgln:0614141.00777.0", {"name": "Wharf 1", "city": "Astoria"}
        ),
        VocabularyElement("5", "x"),
    ]
    header: Json = {"epcisHeader": {"epcisMasterData": data}}
    no_body = document(type="EPCISMasterDataDocument") | header
    del no_body["epcisBody"]
    for each in (
        document(EVENTS[0], **header),
        document(EVENTS[0], EPCISHeader={"EPCISMasterData": data}),
        document(type="EPCISMasterDataDocument", epcisBody=data),
        no_body,
    ):
        assert read_master_data(each) == expected
        assert read_master_data(json.dumps(each, indent=1).encode()) == expected
    for nonsense in (5, {"epcisMasterData": 5}, {"epcisMasterData": {"vocabularyList": 5}}):
        assert read_master_data(document(EVENTS[0], epcisHeader=nonsense)) == []


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", "expected an EPCIS document, got nothing"),
        (b" \r\n\t", "expected an EPCIS document, got nothing"),
        (b"\xef\xbb\xbf", "expected an EPCIS document, got nothing"),
        (b" " * 20_000_000, "expected an EPCIS document, got nothing"),
        (b"5", ", event 0: expected an EPCIS document or event, got 5"),
        (b'"x"', ", event 0: expected an EPCIS document or event, got 'x'"),
        (b"null", ", event 0: expected an EPCIS document or event, got None"),
        (
            b"<epcis:EPCISDocument/>",
            ", event 0: line 1: expected EPCIS 2.0 in JSON or JSON-LD, got XML",
        ),
        (b"\xff\xfe{\x00", ", event 0: line 1: expected text in UTF-8, got the byte 0xff"),
        (b"[" * 100_000, ", event 0: line 1: expected less deeply nested values"),
        (b'{"a":' * 100_000, ", event 0: line 1: expected less deeply nested values"),
        (
            b'{"epcisBody":' + b"[" * 100_000,
            ", event 0: line 1: expected less deeply nested values",
        ),
        (
            b'{"epcisBody":' + b'{"queryResults":' * 100_000,
            ", event 0: line 1: expected less deeply nested values",
        ),
        (document(5), ", event 0: expected an event, got 5"),
        (document(EVENTS[0], []), ", event 1: expected an event, got []"),
        (document(epcisBody={"eventList": {}}), "epcisBody.eventList: expected a list, got {}"),
        (document(epcisBody={"eventList": None}), "epcisBody.eventList: expected a list, got None"),
        (document(epcisBody={}), "epcisBody.eventList: required, but missing"),
        (document(epcisBody={"x": 1}), "epcisBody.eventList: required, but missing"),
        (document(epcisBody=5), "epcisBody: expected an object, got 5"),
        (document(epcisBody=[[], 5]), "epcisBody: expected an object, got 5"),
        (document(epcisBody={"queryResults": {}}), "epcisBody.eventList: required, but missing"),
        (document(type="X"), "type: expected one of EPCISDocument, EPCISQueryDocument, EPCISMasterDataDocument, got 'X'"),
        (document(schemaVersion="1.2"), "schemaVersion: expected 2.0, got '1.2'"),
        (document(schemaVersion=None), "schemaVersion: expected 2.0, got None"),
        (
            {"epcisBody": {"eventList": []}},
            "type: expected one of EPCISDocument, EPCISQueryDocument, EPCISMasterDataDocument, "
            "got None; @context: required, but missing; schemaVersion: expected 2.0, got None",
        ),
        ({"type": "EPCISDocument"}, "epcisBody: required, but missing"),
        (as_bytes(object_event()).replace(b"12.5", b"NaN"), ", event 0: line 1: expected a number, got NaN"),
        (
            as_bytes(object_event(eventID="urn:x:1")).replace(b"12.5", b"1e400"),
            ", event 0 ('urn:x:1'): quantityList[0].quantity: expected a number from 0 on with "
            "at most 18 digits",
        ),
        (
            as_bytes(object_event(eventID="urn:x:1")).replace(b"12.5", b"9" * 5000),
            ", event 0 ('urn:x:1'): quantityList[0].quantity: expected a number from 0 on with "
            "at most 18 digits",
        ),
        (as_bytes(document(EVENTS[0])).replace(b"KGM", b"\xff"), ", event 0: line 1: expected text in UTF-8, got the byte 0xff"),
        (as_bytes(document(EVENTS[0])) + b"]", ", event 1: line 1: expected JSON: Expecting value"),
    ],
)  # fmt: skip
def test_the_first_refusal_raises_one_sentence(data: Any, refusal: str) -> None:
    refusal = f"x.json{refusal}" if refusal.startswith(",") else f"x.json: {refusal}"
    with pytest.raises(EventDocumentError) as caught:
        read(data)
    assert str(caught.value) == refusal
    _, refusals = read_leniently(data)
    assert refusals[0] == refusal


BAD = "https://id.gs1.org/01/09506000134352/10/BAD"


@pytest.mark.parametrize(
    ("event", "path"),
    [
        (object_event(epcList=[f"{LOT}/21/1", f"{BAD}/21/1"]), "epcList[1]"),
        (object_event(quantityList=[{"epcClass": BAD}]), "quantityList[0].epcClass"),
        (AGGREGATION | {"childEPCs": [f"{BAD}/21/1"]}, "childEPCs[0]"),
        (TRANSACTION | {"quantityList": [{"epcClass": BAD}]}, "quantityList[0].epcClass"),
        (TRANSFORMATION | {"inputEPCList": [BAD]}, "inputEPCList[0]"),
        (
            TRANSFORMATION | {"outputQuantityList": [{"epcClass": LOT}, {"epcClass": BAD}]},
            "outputQuantityList[1].epcClass",
        ),
        (
            object_event(
                epcList=["https://id.gs1.org/01/09506000134352/21/1"], ilmd={"lotNumber": "BAD"}
            ),
            "ilmd",
        ),
    ],
)
def test_a_lot_that_the_caller_does_not_take_is_refused_where_it_stands(
    event: Json, path: str
) -> None:
    refusals: list[Refusal] = []
    lots = []

    def check(lot: str) -> None:
        lots.append(lot)
        if lot == BAD:
            raise ValueError("not this one")

    data = io.BytesIO(as_bytes(document(EVENTS[0], event, EVENTS[1])))
    found = list(read_events(data, "x", on_refusal=refusals.append, check_lot=check))
    assert ids(found) == ALL[:2]
    assert [(each.index, each.problems) for each in refusals] == [
        (1, (Problem(path, "not this one"),))
    ]
    named = {item.lot for each in found for item in each.all_items() if item.lot}
    assert named | {BAD} <= set(lots)


def test_no_events_are_fine() -> None:
    empty: list[Any] = [document(), query_document(), [], [[]], document(epcisBody=[])]
    for each in empty:
        assert read(each) == []


def test_lenient_reading_goes_on_and_reports_each() -> None:
    bad = object_event(action="X", eventID="urn:bad:1")
    events, refusals = read_leniently(document(EVENTS[0], bad, 5, *EVENTS[1:], bad))
    assert ids(events) == ALL
    expected = "action: expected one of ADD, OBSERVE, DELETE, got 'X'"
    assert refusals == [
        f"x.json, event 1 ('urn:bad:1'): {expected}",
        "x.json, event 2: expected an event, got 5",
        f"x.json, event 8 ('urn:bad:1'): {expected}",
    ]
    with pytest.raises(EventDocumentError) as caught:
        read(document(EVENTS[0], bad))
    assert str(caught.value) == refusals[0]


BROKEN = {
    "cut off": b'{"type": "ObjectEvent", "a": "b',
    "one brace too few": b'{"type": "ObjectEvent"',
    "one brace too few inside": b'{"a": {"b": 1}, "c": [1, 2',
    "one brace too many": as_bytes(numbered(2)[0]) + b"}",
    "no JSON": b"nonsense",
    "only a brace": b"{",
    "an open text": b'{"a',
    "no value": b'{"a":}',
    "bad byte": b'{"a": "\xff"}',
    "bad byte in a key": b'{"\xff": 1}',
    "not a number": b'{"a": NaN}',
    "deep": b'{"a": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "two values": b'{"a": 1 2}',
    "document": as_bytes(document(*numbered(2)))[:-3],
    "document with a fault before its events": b'{"type": EPCISDocument, "epcisBody": {}}',
}


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("chunk", [17, 100, 1 << 20])
def test_a_broken_line_loses_only_itself(
    broken: str, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_stream, "_CHUNK", chunk)
    data = lines(*numbered(0, 1), BROKEN[broken], *numbered(3, 4), BROKEN[broken], *numbered(6))
    events, refusals = read_leniently(data)
    assert [each for each in ids(events) if each != "urn:x:2"] == [
        f"urn:x:{n}" for n in (0, 1, 3, 4, 6)
    ]
    assert len(refusals) == 2
    assert "line 3: " in refusals[0] or "line 4: " in refusals[0]  # where the next one begins
    assert "line 6: " in refusals[1] or "line 7: " in refusals[1]


def test_refused_lines_count_as_events() -> None:
    data = lines(*numbered(0), b"{", {"type": "X"}, b"5", b'{"a" 1}', *numbered(5))
    events, refusals = read_leniently(data)
    assert len(events) == 2
    assert [refusal.split(":")[0] for refusal in refusals] == [
        f"x.json, event {index}" for index in (1, 2, 3, 4)
    ]


@pytest.mark.parametrize(
    "data",
    [
        as_bytes(document(*EVENTS[:1])),
        as_bytes(query_document(TRANSACTION)),
        json.dumps([document(TRANSACTION)], indent=1).encode(),
        gzipped(document(EVENTS[1])),
        as_bytes(EVENTS[0]),
    ],
    ids=["document", "query document", "list", "gzip", "event"],
)
def test_every_proper_prefix_is_refused(data: bytes) -> None:
    for length in range(len(data)):
        events, refusals = read_leniently(data[:length])
        assert refusals, length
        assert len(events) <= 1
        assert len(refusals) <= 2
        with pytest.raises(EventDocumentError):
            read(data[:length])


def test_lines_cut_anywhere_give_the_whole_ones() -> None:
    data = lines(*numbered(0, 1, 2))
    ends = [number for number, byte in enumerate(data) if byte == ord("\n")]
    for length in range(1, len(data)):
        events, refusals = read_leniently(data[:length])
        whole = sum(end <= length for end in ends)
        assert len(events) == whole
        is_cut = data[:length].rstrip(b"\n") != data[: ends[whole - 1] if whole else 0]
        assert len(refusals) == int(is_cut)


def test_a_broken_archive_gives_what_came_before() -> None:
    whole = gzipped(lines(*numbered(*range(20_000))))
    events, refusals = read_leniently(whole[: len(whole) // 2])
    assert 5_000 < len(events) < 20_000
    assert ids(events) == [f"urn:x:{number}" for number in range(len(events))]
    assert len(refusals) == 1
    assert "expected whole gzip data, got 'Compressed file ended" in refusals[0]
    with pytest.raises(EventDocumentError, match="expected whole gzip data"):
        read(whole[: len(whole) // 2])


def test_every_fault_of_an_archive_is_reported() -> None:
    whole = gzipped(lines(*numbered(0), b"{", b"nonsense"))
    events, refusals = read_leniently(whole[:-8])
    assert ids(events) == ["urn:x:0"]
    assert len(refusals) == 2
    assert "event 1: line 3: expected" in refusals[0]
    assert refusals[1].startswith("x.json: line 4: expected whole gzip data")


def test_the_last_of_two_members_of_one_name_counts() -> None:
    text = json.dumps(object_event()).replace('"action": "ADD"', '"action": "X", "action": "ADD"')
    assert read(text.encode()) == read(object_event())
    doubled = json.dumps(document(EVENTS[0]))[:-1] + ', "epcisBody": {"eventList": []}}'
    assert ids(read(doubled.encode())) == ALL[:1]


def test_values_have_a_longest() -> None:
    data = lines(*numbered(0), object_event(x="x" * 5000), *numbered(2))
    events, refusals = read_leniently(data, longest_value=4000)
    assert ids(events) == ["urn:x:0", "urn:x:2"]
    assert refusals == ["x.json, event 1: line 2: expected a value of at most 4,000 characters"]


def test_refusals_are_short() -> None:
    nasty = "\ud800\n\x1b[31m" * 100
    event = object_event(
        eventID=f"urn:x:{nasty}",
        action=nasty,
        epcList=[nasty] * 10_000,
        bizStep={nasty: [[[[nasty]]]]},
        sourceList=[{"type": nasty, "source": [nasty] * 100}] * 100,
    )
    for data in (event, document(event), document(type=nasty, schemaVersion=[nasty] * 10)):
        _, refusals = read_leniently(data)
        assert refusals
        for refusal in refusals:
            assert len(refusal) < 2000
            assert refusal.isprintable()
    assert read_leniently(event)[1][0].endswith("; and more")
    assert str(Refusal(document="x", index=None, problems=(Problem("", "y"),))) == "x: y"


@st.composite
def mutated_documents(draw: st.DrawFn) -> bytes:
    value: Any = copy.deepcopy(draw(st.sampled_from([document(*EVENTS[:2]), query_document(*EVENTS[:2]), EVENTS[:2]])))  # fmt: skip
    for _ in range(draw(st.integers(0, 3))):
        place: Any = value
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(place[key], dict | list) and draw(st.integers(0, 3)):
                place = place[key]
                continue
            place[key] = draw(json_values)
            break
    data = bytearray(as_bytes(value))
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(data)))
        piece = st.binary(max_size=3) | st.sampled_from(
            [b'"', b"{", b"}", b"[", b"]", b",", b"\n{"]
        )
        data[at : at + draw(st.integers(0, 3))] = draw(piece)
    return bytes(data)


@given(mutated_documents() | st.binary() | json_values.map(as_bytes), st.integers(1, 50))
@example(b"\x1f\x8b", 1)
@example(b"\x1f\x8b\x08\x00", 1)
@example(b"\xc2", 1)
@example(b"\xef\xbb", 1)
def test_any_bytes_are_read_or_refused(data: bytes, chunk: int) -> None:
    events, refusals = read_leniently(data)
    for refusal in refusals:
        assert len(refusal) < 2000
        assert refusal.isprintable()
    if refusals:
        with pytest.raises(EventDocumentError) as caught:
            read(data)
        assert str(caught.value) == refusals[0]
    else:
        assert read(data) == events
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "_CHUNK", chunk)
        in_pieces, _ = read_leniently(data)
    assert in_pieces == events


class Generated(io.RawIOBase):
    """A file that is made while it is read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces = pieces
        self._left = b""

    def read(self, size: int = -1, /) -> bytes:
        while len(self._left) < size and (piece := next(self._pieces, b"")):
            self._left += piece
        found, self._left = self._left[:size], self._left[size:]
        return found


@pytest.mark.parametrize(("shell", "count"), [("document", 8000), ("lines", 1000)])
def test_memory_does_not_grow_with_the_document(shell: str, count: int) -> None:
    padding = "x" * 25_000

    def pieces() -> Iterator[bytes]:
        before, after = as_bytes(document("?")).split(b'"?"')
        if shell == "document":
            yield before
        for number in range(count):
            lot = f"https://id.gs1.org/01/09506000134352/10/{number}"
            event = object_event(quantityList=[{"epcClass": lot}], padding=padding)
            yield as_bytes(event) + (b"" if number == count - 1 else b"," if shell == "document" else b"\n")  # fmt: skip
        if shell == "document":
            yield after

    tracemalloc.start()
    try:
        found = sum(1 for _ in read_events(cast("BinaryIO", Generated(pieces())), "x"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found == count
    assert peak < 20_000_000


EVENTS_OF_CORPUS = {
    "gs1us/harvest-cte.jsonld": 2,
    "gs1us/receiving-cte.jsonld": 2,
    "gs1us/shipping-cte.jsonld": 3,
    "gs1us/transformation-cte.jsonld": 1,
    "openepcis/Capture__Documents__AggregationEvent.json": 1,
    "openepcis/Capture__Documents__AggregationEvent_with_digitalLink.json": 1,
    "openepcis/Capture__Documents__AggregationEvent_with_sensorData.json": 1,
    "openepcis/Capture__Documents__AssociationEvent.json": 2,
    "openepcis/Capture__Documents__AssociationEvent_all_possible_fields.json": 1,
    "openepcis/Capture__Documents__AssociationEvent_with_userExtensions.json": 1,
    "openepcis/Capture__Documents__CurieString_document.json": 1,
    "openepcis/Capture__Documents__Namespaces_at_different_level.json": 5,
    "openepcis/Capture__Documents__ObjectEvent_all_possible_fields.json": 1,
    "openepcis/Capture__Documents__ObjectEvent_with_custom_bizStep_uri.json": 1,
    "openepcis/Capture__Documents__ObjectEvent_with_error_declaration.json": 2,
    "openepcis/Capture__Documents__ObjectEvent_with_sensorData.json": 1,
    "openepcis/Capture__Documents__SensorData_and_extension.json": 1,
    "openepcis/Capture__Documents__TransactionEvent.json": 2,
    "openepcis/Capture__Documents__TransactionEvent_with_sensorData.json": 1,
    "openepcis/Capture__Documents__TransformationEvent.json": 1,
    "openepcis/Capture__Documents__TransformationEvent_with_digitalLink.json": 1,
    "openepcis/Capture__Documents__TransformationEvent_with_sensorData.json": 1,
    "openepcis/Capture__Documents__epcisDocWithAllGS1Keys.json": 1,
    "openepcis/Capture__Events__AggregationEvent.json": 1,
    "openepcis/Capture__Events__ObjectEvent.json": 1,
    "openepcis/Capture__Events__TransformationEvent.json": 1,
    "openepcis/Query__Combination_of_different_event.json": 6,
    "openepcis/Query__JumbledFieldsOrder.json": 1,
    "openepcis/Query__QueryDocumentWithMultipleEvents.json": 2,
    "openepcis/Query__TransactionEvent_with_userExtensions.json": 1,
    "openepcis/Query__queryDocument.json": 1,
    "opentraceability/EPCISQUERYDOCUMENT_with_errorDeclarations.jsonld": 9,
    "opentraceability/EPCISQueryDocument_duplicate_eventIDs.jsonld": 2,
    "opentraceability/all_wholechain_events.jsonld": 31,
    "opentraceability/traceback_tests.jsonld": 21,
}
NO_TIME = "expected a time with its zone as 2027-03-31T09:30:00Z, got '22-07-2026'"
NO_ACTION = "expected one of ADD, OBSERVE, DELETE, got"
NO_WORD = "expected a word of the CBV or a URI, got"
REFUSALS_OF_CORPUS = {
    "Combination_of_multiple_invalid_fields": [
        f", event 0: bizStep: {NO_WORD} 'transforming'",
        f", event 1: disposition: {NO_WORD} 'in_transport'",
        f", event 2: sourceList[0].type: {NO_WORD} 'place'",
        f", event 4: eventTime: {NO_TIME}; action: {NO_ACTION} 'CREATE'",
    ],
    "EPCISDocument_without_context": [": @context: required, but missing"],
    "ObjectEvent_with_invalid_action": [f", event 0: action: {NO_ACTION} 'CREATE'"],
    "ObjectEvent_with_invalid_eventTime_format": [f", event 0: eventTime: {NO_TIME}"],
    "ObjectEvent_with_non_standard_bizStep_in_second_event": [
        f", event 1: bizStep: {NO_WORD} 'transforming'"
    ],
    "ObjectEvent_with_quantity_as_text": [
        ", event 0: quantityList[0].quantity: expected a number, got 'twenty'"
    ],
    "ObjectEvent_without_action_and_eventTime": [
        ", event 0: eventTime: required, but missing; eventTimeZoneOffset: required, but missing; "
        "action: required, but missing"
    ],
    "QueryDocument_with_invalid_action": [f", event 0: action: {NO_ACTION} 'INVALIDACTION'"],
}


@pytest.fixture(scope="session")
def corpus(pytestconfig: pytest.Config) -> Path:
    """Documents that GS1 US, OpenEPCIS and OpenTraceability publish."""
    folder: Path = pytestconfig.getoption("--reference-data")
    return folder / "epcis"


@pytest.mark.reference_data
def test_published_documents_are_read_whole(corpus: Path) -> None:
    for name, count in EVENTS_OF_CORPUS.items():
        data = (corpus / name).read_bytes()
        events = read(data, name)
        assert len(events) == count, name
        assert read(json.dumps(json.loads(data.decode("utf-8-sig"))).encode(), name) == events
    documents = {path.relative_to(corpus).as_posix() for path in corpus.glob("*/*.json*")}
    others = {name for name in documents - set(EVENTS_OF_CORPUS) if "Invalid" not in name}
    assert {name.rpartition("/")[2] for name in others} == {
        "EPCISQueryDocument_malformed.jsonld",
        "ftl-categories.json",
        "ftl-product.jsonld",
    }


@pytest.mark.reference_data
def test_published_faults_are_named(corpus: Path) -> None:
    documents = sorted((corpus / "openepcis").glob("*Invalid__*"))
    assert len(documents) == len(REFUSALS_OF_CORPUS)
    for path in documents:
        name = path.stem.rpartition("__")[2]
        _, refusals = read_leniently(path.read_bytes(), name=name)
        assert refusals == [f"{name}{rest}" for rest in REFUSALS_OF_CORPUS[name]]
        with pytest.raises(EventDocumentError) as caught:
            read(path.read_bytes(), name)
        assert str(caught.value) == refusals[0]


@pytest.mark.reference_data
def test_a_published_document_that_is_cut_off(corpus: Path) -> None:
    path = corpus / "opentraceability" / "EPCISQueryDocument_malformed.jsonld"
    assert read_leniently(path.read_bytes()) == (
        [],
        [
            "x.json, event 0: eventTimeZoneOffset: required, but missing; epcList or quantityList: "
            "required without a sensorElementList, but missing",
            "x.json, event 1: line 2: expected ']', got the end of the text",
        ],
    )


@pytest.mark.reference_data
def test_published_urns_and_links_mean_the_same(corpus: Path) -> None:
    folder = corpus / "openepcis"
    for kind in ("AggregationEvent", "TransformationEvent"):
        (link,) = read((folder / f"Capture__Documents__{kind}_with_digitalLink.json").read_bytes())
        named = [*link.named_ids(), link.read_point, link.biz_location]
        assert all(name.startswith("https://id.gs1.org/") for name in named if name), named
    assert LOT

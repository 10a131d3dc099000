"""Events, documents and identifiers in the forms that partners write, and short ways to read them."""

import gzip
import io
import json
from typing import Any

from hypothesis import strategies as st

from closient_export.epcis import Event, Refusal, VocabularyElement, read_events
from closient_export.gs1.linters.characters import CSET_82

Json = dict[str, Any]

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
LOT = "https://id.gs1.org/01/09506000134352/10/A1"
PLACE = "https://id.gs1.org/414/9506000134376"


def _event(kind: str, **members: Any) -> Json:
    return {
        "type": kind,
        "eventID": f"urn:example:{kind}",
        "eventTime": "2027-03-31T09:30:00.000-04:00",
        "eventTimeZoneOffset": "-04:00",
        "bizStep": "packing",
        "disposition": "in_progress",
        "readPoint": {"id": PLACE},
        **members,
    }


def object_event(**members: Any) -> Json:
    quantities = [{"epcClass": LOT, "quantity": 12.5, "uom": "KGM"}]
    return _event("ObjectEvent", action="ADD", quantityList=quantities) | members


AGGREGATION = _event(
    "AggregationEvent",
    action="ADD",
    parentID="urn:epc:id:sscc:0614141.1234567890",
    childEPCs=["urn:epc:id:sgtin:0614141.107346.2018", "urn:epc:id:sgtin:0614141.107346.2017"],
    childQuantityList=[{"epcClass": LOT, "quantity": 10}],
)
ASSOCIATION = _event(
    "AssociationEvent", action="OBSERVE", parentID=PLACE, childEPCs=["urn:example:sensor:1"]
)
TRANSACTION = _event(
    "TransactionEvent",
    action="ADD",
    epcList=["https://id.gs1.org/00/106141412345678908"],
    bizTransactionList=[
        {"type": "po", "bizTransaction": "urn:epcglobal:cbv:bt:0614141073467:PO1"},
        {"bizTransaction": "https://example.com/any"},
    ],
)
TRANSFORMATION = _event(
    "TransformationEvent",
    inputQuantityList=[{"epcClass": LOT, "quantity": 10, "uom": "KGM"}],
    outputEPCList=["https://id.gs1.org/01/09506000134369/10/B/21/1"],
    outputQuantityList=[{"epcClass": "urn:epc:class:lgtin:4023333.002000.2019-10-07"}],
)
FULL = object_event(
    recordTime="2027-04-01T00:00:00Z",
    bizLocation={"id": "urn:epc:id:sgln:0614141.07346.1234"},
    epcList=["urn:example:b", "urn:example:a"],
    persistentDisposition={"set": ["completeness_verified"], "unset": ["completeness_inferred"]},
    bizTransactionList=[
        {"type": "po", "bizTransaction": "https://example.com/po/1"},
        {"type": "bol", "bizTransaction": "https://example.com/bol/1"},
    ],
    sourceList=[
        {"type": "owning_party", "source": "urn:epc:id:pgln:0614141.00777"},
        {"type": "location", "source": PLACE},
    ],
    destinationList=[{"type": "possessing_party", "destination": "urn:example:buyer"}],
    ilmd={"cbvmda:lotNumber": "A1", "example:levels": [1, 2.5, {"deep": True}]},
    sensorElementList=[{"sensorReport": [{"type": "Temperature", "value": 3.5}]}],
)
EVENTS = [object_event(), AGGREGATION, ASSOCIATION, TRANSACTION, TRANSFORMATION, FULL]


def document(*events: Any, **members: Any) -> Json:
    return {
        "@context": CONTEXT,
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2027-04-01T00:00:00Z",
        "epcisBody": {"eventList": list(events)},
    } | members


def query_document(*events: Any) -> Json:
    results = {"queryName": "x", "resultsBody": {"eventList": list(events)}}
    return document(type="EPCISQueryDocument", epcisBody={"queryResults": results})


def as_bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def lines(*values: Any) -> bytes:
    return b"\n".join(map(as_bytes, values)) + b"\n"


def read(value: Any, name: str = "x.json", **options: Any) -> list[Event]:
    """Every event; the first refusal raises."""
    return list(read_events(io.BytesIO(as_bytes(value)), name, **options))


def read_leniently(value: Any, **options: Any) -> tuple[list[Event], list[str]]:
    """Every event, and the refusals as text."""
    refusals: list[Refusal] = []
    events = read(value, on_refusal=refusals.append, **options)
    return events, [str(refusal) for refusal in refusals]


def read_master_data(value: Any) -> list[VocabularyElement]:
    found: list[VocabularyElement] = []
    read(value, on_refusal=lambda _: None, on_master_data=found.append)
    return found


def gzipped(value: Any) -> bytes:
    return gzip.compress(as_bytes(value), mtime=0)


class Trickle(io.RawIOBase):
    """A stream that gives few bytes at once, and not always as many."""

    def __init__(self, data: bytes, sizes: list[int]) -> None:
        super().__init__()
        self._data = data
        self._sizes = sizes
        self._reads = 0

    def read(self, size: int = -1, /) -> bytes:
        count = min(self._sizes[self._reads % len(self._sizes)], size)
        self._reads += 1
        piece, self._data = self._data[:count], self._data[count:]
        return piece


def digits(length: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=length, max_size=length)


serials = st.text(st.sampled_from(CSET_82), min_size=1, max_size=20)
"""Lots, serials and extensions."""
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["2027-03-31", "ADD", "urn:a:b", "https://id.gs1.org/01/1", "set", LOT]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=3) | st.sampled_from(["id", "type", "source", "set", "epcClass"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)

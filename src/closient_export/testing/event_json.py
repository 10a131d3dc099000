"""Events as the JSON of EPCIS, and back."""

import io
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from closient_export.epcis import Event, EventType, Item, read_events
from closient_export.testing.event_builders import PREFIX, STEM

__all__ = ["as_json", "as_urn", "document", "read"]


def document(events: Iterable[Event], write: Callable[[str], str] = str) -> dict[str, Any]:
    """An EPCIS document of some events, with their identifiers as `write` has them."""
    return {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2027-03-31T18:00:00Z",
        "epcisBody": {"eventList": [as_json(each, write) for each in events]},
    }


def as_urn(name: str) -> str:
    """The EPC URN of a Digital Link of `event_builders`; other text as it is."""
    ai, *rest = name.removeprefix(f"{STEM}/").split("/")
    if not name.startswith(STEM) or ai not in ("00", "01", "414"):
        return name
    if ai == "00":
        return f"urn:epc:id:sscc:{PREFIX}.{rest[0][0]}{rest[0][8:17]}"
    if ai == "414":
        return f"urn:epc:id:sgln:{PREFIX}.{rest[0][7:12]}.0"
    item = f"{PREFIX}.{rest[0][0]}{rest[0][8:13]}"
    if len(rest) == 1:
        return f"urn:epc:idpat:sgtin:{item}.*"
    return f"urn:epc:{'class:lgtin' if rest[1] == '10' else 'id:sgtin'}:{item}.{rest[2]}"


def as_json(each: Event, write: Callable[[str], str] = str) -> dict[str, Any]:
    """An event of `event_builders` as EPCIS writes it, with its identifiers as `write` has them."""
    objects, quantities = {
        EventType.AGGREGATION: ("childEPCs", "childQuantityList"),
    }.get(each.type, ("epcList", "quantityList"))
    found: dict[str, Any] = {
        "type": each.type.value,
        "eventTime": each.time.isoformat(),
        "eventTimeZoneOffset": _offset(each),
        "eventID": each.event_id,
        "recordTime": each.record_time and each.record_time.isoformat(),
        "action": each.action,
        "bizStep": each.biz_step,
        "parentID": write(each.parent),
        "transformationID": each.transformation_id,
        "readPoint": {"id": write(each.read_point)} if each.read_point else None,
        "bizLocation": {"id": write(each.biz_location)} if each.biz_location else None,
        "disposition": each.disposition,
        "sourceList": [{"type": p.type, "source": write(p.id)} for p in each.sources],
        "destinationList": [
            {"type": p.type, "destination": write(p.id)} for p in each.destinations
        ],
        "ilmd": dict(each.ilmd),
        "bizTransactionList": [
            {"type": paper.type, "bizTransaction": paper.id} for paper in each.documents
        ],
    }
    for items, epcs, classes in (
        (each.items, objects, quantities),
        (each.inputs, "inputEPCList", "inputQuantityList"),
        (each.outputs, "outputEPCList", "outputQuantityList"),
    ):
        found[epcs] = [_object_json(item, write) for item in items if item.id != item.lot]
        found[classes] = [_quantity_json(item, write) for item in items if item.id == item.lot]
    if each.error is not None:
        found["errorDeclaration"] = {"declarationTime": each.error.time.isoformat()}
    return {name: value for name, value in found.items() if value}


def _offset(each: Event) -> str:
    minutes = int(each.offset.total_seconds()) // 60
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _object_json(item: Item, write: Callable[[str], str]) -> str:
    if item.lot is None:
        return write(item.id)
    name, _, number = item.lot.rpartition("/10/")
    return f"{name}/10/{number}/21/{item.id.rpartition('/21/')[2]}"


def _quantity_json(item: Item, write: Callable[[str], str]) -> dict[str, Any]:
    found: dict[str, Any] = {"epcClass": write(item.id)}
    if item.quantity is not None:
        found["quantity"] = float(item.quantity)
    return {**found, "uom": item.uom} if item.uom else found


def read(documents: Iterable[Mapping[str, Any]]) -> list[Event]:
    """The events that the reader finds in JSON."""
    text = "\n".join(map(json.dumps, documents))
    return list(read_events(io.BytesIO(text.encode()), "network"))

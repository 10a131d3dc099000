"""Documents of other producers: what must be refused, and what must be read."""

import io
import json
from typing import Any

import pytest

from closient_export.epcis import Event, read_events
from closient_export.errors import EventDocumentError

EVENT = {
    "type": "ObjectEvent",
    "eventTime": "2027-03-01T10:00:00Z",
    "eventTimeZoneOffset": "-07:00",
    "action": "OBSERVE",
    "epcList": ["https://id.gs1.org/00/106141410000000018"],
}


def read(context: object, version: object = "2.0", **members: object) -> Event:
    document: dict[str, Any] = {
        "@context": context,
        "type": "EPCISDocument",
        "schemaVersion": version,
        "epcisBody": {"eventList": [{**EVENT, **members}]},
    }
    (found,) = read_events(io.BytesIO(json.dumps(document).encode()), "events.jsonld")
    return found


@pytest.mark.parametrize("version", ["20", "2xyz", "2.", 20, True])
def test_another_version_is_refused(version: object) -> None:
    with pytest.raises(EventDocumentError, match=r"events.jsonld: schemaVersion: expected 2\.0"):
        read([], version)


@pytest.mark.parametrize("version", ["2", "2.0", "2.0.1", 2])
def test_every_edition_of_the_second_version_is_read(version: object) -> None:
    assert read([], version).action == "OBSERVE"


def test_a_prefix_may_be_declared_as_an_object() -> None:
    context = [{"my": {"@id": "https://ref.gs1.org/cbv/", "@prefix": True}}]
    assert read(context, bizStep="my:BizStep-shipping").biz_step == "shipping"

"""EPCIS capture, as the REST binding of EPCIS 2.0 has it (section 12.7), for whole documents."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from closient_export.errors import Problem, RequestError
from closient_export.host.access import Call, in_thread
from closient_export.host.bodies import check_media_type
from closient_export.host.captures import Capture
from closient_export.host.problems import Refused, json_response
from closient_export.ids import parse_short_id

__all__ = ["CAPTURE_PATH", "capture", "capture_job"]

CAPTURE_PATH = "/epcis/api/2.0/capture"
_VERSION = "GS1-EPCIS-Version"
_VERSION_2 = re.compile(r"2(?:\.[0-9]{1,3}){0,2}")
_VERSIONS = {_VERSION: "2.0.0", "GS1-CBV-Version": "2.0.0"}
_BEHAVIOUR = "GS1-Capture-Error-Behaviour"


async def capture(call: Call) -> Response:
    """Take in a document; when this answers, it is stored."""
    call.query()
    check_media_type(call.request, "application/json", "application/ld+json")
    _check_headers(call.request.headers)
    async with call.upload() as document:
        done = await in_thread(call.host.captures.add, call.owner, document)
    headers = _VERSIONS | {"Location": f"{CAPTURE_PATH}/{done.capture_id}"}
    return json_response(_job(done), HTTPStatus.ACCEPTED, headers=headers)


async def capture_job(call: Call) -> Response:
    """What came of a capture."""
    call.query()
    try:
        capture_id = parse_short_id(call.request.path_params["capture_id"])
    except ValueError as error:
        raise RequestError([Problem("capture_id", str(error))]) from None
    found = await in_thread(call.host.captures.get, call.owner, capture_id)
    if found is None:
        raise Refused(HTTPStatus.NOT_FOUND, "There is no such capture.")
    return json_response(_job(found), headers=_VERSIONS)


def _check_headers(headers: Mapping[str, str]) -> None:
    problems = []
    if headers.get(_BEHAVIOUR, "rollback") != "rollback":
        expected = "expected rollback: a document is taken in as a whole or not at all"
        problems.append(Problem(_BEHAVIOUR, expected))
    if not _VERSION_2.fullmatch(headers.get(_VERSION, "2.0")):
        problems.append(Problem(_VERSION, "expected 2.0"))
    if problems:
        raise RequestError(problems)


def _job(capture: Capture) -> dict[str, Any]:
    return {
        "captureID": capture.capture_id,
        "createdAt": capture.begun_at.isoformat(),
        "finishedAt": capture.ended_at.isoformat(),
        "running": False,
        "success": True,
        "captureErrorBehaviour": "rollback",
        "errors": [],
        "eventCount": capture.events,
    }

"""Label exports, and what labels are made for, over HTTP."""

import re
from http import HTTPStatus

from starlette.responses import Response

from closient_export.adapters.file_kinds import FileKind, kind_of
from closient_export.errors import JobNotFoundError, Problem, RequestError
from closient_export.host.access import Call, in_thread
from closient_export.host.bodies import check_media_type
from closient_export.host.lots import lots_asked
from closient_export.host.problems import json_response
from closient_export.jobs import LabelExportStatus
from closient_export.subjects import Scope
from closient_export.wire import to_json

__all__ = ["import_catalog", "list_lots", "poll", "submit"]

_KEY = re.compile(r"[!-~]{0,255}")
_LOTS_A_PAGE = 100


async def submit(call: Call) -> Response:
    """Accept a label export."""
    call.query()
    idempotency_key = call.request.headers.get("idempotency-key", "")
    if not _KEY.fullmatch(idempotency_key):
        expected = "expected at most 255 printable ASCII characters without blanks"
        raise RequestError([Problem("Idempotency-Key", expected)])
    payload = await call.json()
    receipt = await in_thread(
        call.host.service.submit_labels, call.owner, payload, idempotency_key=idempotency_key
    )
    call.service.worker.wake()
    return json_response(
        to_json(receipt), HTTPStatus.ACCEPTED, headers={"Location": receipt.poll_url}
    )


async def poll(call: Call) -> Response:
    """How a label export stands."""
    call.query()
    status = await in_thread(
        call.host.service.status, call.owner, call.request.path_params["job_id"]
    )
    if not isinstance(status, LabelExportStatus):  # another kind of job has another address
        raise JobNotFoundError
    return json_response(to_json(status))


async def import_catalog(call: Call) -> Response:
    """Take in a catalogue of lots and serials, or descriptions of places and products."""
    call.query()
    media_type = check_media_type(call.request, "text/csv", "application/json")
    limits = call.host.settings.limits
    most = limits.master_data_bytes if media_type == "application/json" else None
    async with call.upload(most) as file:
        kind = await in_thread(kind_of, file) if most is None else FileKind.DESCRIPTIONS
        if kind is FileKind.DESCRIPTIONS:
            found = await in_thread(call.host.import_master_data, call.owner, file)
            return json_response(to_json(found))
        entities = await in_thread(call.host.import_catalog, call.owner, file)
    held = {scope.value: entities.held.get(scope, 0) for scope in Scope}
    return json_response(held | {"new": entities.new, "changed": entities.changed})


async def list_lots(call: Call) -> Response:
    """The lots that can be traced or labelled, and their ids."""
    asked = lots_asked(call.query("search", "page"))
    lots, more = await in_thread(call.host.lots.listed, call.owner, *asked, size=_LOTS_A_PAGE)
    return json_response({"lots": list(map(to_json, lots)), "next_page": more})

"""The API: requests in, statuses out, and files to whoever has a signed address."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from django.http import HttpRequest, JsonResponse, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from closient_export import ExportError, RequestError, to_json
from closient_export.adapters.signing import SignedFile
from closient_export.errors import (
    ArtifactNotFoundError,
    IdempotencyConflictError,
    JobNotFoundError,
    Problem,
    SignatureError,
    StoreError,
)
from exports.models import ApiKey
from exports.service import artifacts, signer
from exports.tasks import tasks

PIECE = 1 << 16


def with_api_key(view: Callable[..., Any]) -> Callable[..., Any]:
    """A view that gets the caller's organisation, and whose errors are answers."""

    @wraps(view)
    def answer(request: HttpRequest, **arguments: str) -> Any:
        owner = ApiKey.owner_of(request.headers.get("X-API-Key", ""))
        if owner is None:
            return refusal(401, "A valid API key is required in the header X-API-Key.")
        try:
            return view(request, owner, **arguments)
        except RequestError as error:
            return refusal(422, "The request has problems.", error.problems)
        except JobNotFoundError as error:
            return refusal(404, error.public_message)
        except IdempotencyConflictError as error:
            return refusal(409, error.public_message)
        except StoreError:
            return refusal(503, "This cannot be done just now; it may go well later.")

    return answer


def refusal(status: int, detail: str, problems: Iterable[Problem] = ()) -> JsonResponse:
    """An answer that says why there is no other (RFC 9457)."""
    body: dict[str, Any] = {"status": status, "detail": detail}
    if problems:
        body["problems"] = [{"path": each.path, "message": each.message} for each in problems]
    return JsonResponse(body, status=status, content_type="application/problem+json")


@csrf_exempt  # no cookie proves anything here
@require_POST
@with_api_key
def submit_labels(request: HttpRequest, owner: str) -> JsonResponse:
    """Accept a label export."""
    try:
        payload = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise RequestError([Problem("", "expected JSON")]) from error
    key = request.headers.get("Idempotency-Key", "")
    receipt = tasks.submit_labels(owner, payload, idempotency_key=key)
    return JsonResponse(to_json(receipt), status=202)


@require_GET
@with_api_key
def poll_labels(_request: HttpRequest, owner: str, job_id: str) -> JsonResponse:
    """How a label export stands."""
    return JsonResponse(to_json(tasks.service().status(owner, job_id)))


@require_GET
@with_api_key
def fda_export(request: HttpRequest, owner: str, lot_id: str) -> JsonResponse:
    """Accept the trace of a lot, or report the one that there is."""
    status = tasks.submit_trace(owner, request.GET.dict() | {"lot_id": lot_id})
    return JsonResponse(to_json(status), status=200 if status.status.terminal else 202)


@require_GET
def download(request: HttpRequest) -> JsonResponse | StreamingHttpResponse:
    """The file that a signed address is about."""
    try:
        file = signer.verify(request.META["QUERY_STRING"], datetime.now(UTC))
        pieces = read_pieces(file)
        next(pieces)
    except (SignatureError, ArtifactNotFoundError):
        return refusal(404, "The address is not valid, or it has expired.")
    return StreamingHttpResponse(pieces, headers=file.headers)


def read_pieces(file: SignedFile) -> Iterator[bytes]:
    """A file, piece by piece; the first one is empty and says that the file is there."""
    with artifacts.open(file.key) as stream:
        yield b""
        while piece := stream.read(PIECE):
            yield piece
    with suppress(ExportError):  # whoever has the whole file is not to see an error
        tasks.service().count_download(file.owner, file.job_id)

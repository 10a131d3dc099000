"""Everything that is not as it should be, as RFC 9457 problem details."""

import errno
import json
import logging
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from closient_export.errors import (
    ArtifactNotFoundError,
    CatalogError,
    EventDocumentError,
    ExportError,
    IdempotencyConflictError,
    JobNotFoundError,
    MasterDataError,
    Problem,
    RequestError,
    SignatureError,
)
from closient_export.host.logs import whereabouts

__all__ = [
    "CATALOG",
    "MASTER_DATA",
    "Refused",
    "json_response",
    "problem_of",
    "problem_response",
    "too_large",
]

CATALOG, MASTER_DATA = "catalogue", "master data"
"""What messages call the files that are sent."""

logger = logging.getLogger("closient_export.host.problems")

_MOST_PROBLEMS = 100
_PLACE = re.compile(
    rf"(?:{CATALOG}|{MASTER_DATA})(?:, |: )"
    r"(?:(line [0-9]+(?: \(row [0-9]+\)|, column [0-9]+)?|[a-z_]+(?:\[[0-9]+\])?(?:\.[a-z_]+)*): )?"
)


class Refused(Exception):
    """A request that is answered by a problem; nothing has been done of it."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        problems: Sequence[Problem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.problems = tuple(problems)
        self.headers = dict(headers or {})


def problem_of(error: Exception) -> Refused | None:
    """The problem that an error is for whoever has sent the request, if it is theirs.

    Why something cannot be done just now is told in the log alone.
    """
    if isinstance(error, Refused):
        return error
    if isinstance(error, RequestError):
        return invalid(error.problems)
    if isinstance(error, EventDocumentError | CatalogError | MasterDataError):
        return invalid(list(map(_located, str(error).splitlines())))
    if isinstance(error, JobNotFoundError | ArtifactNotFoundError):
        return Refused(HTTPStatus.NOT_FOUND, "There is no such job.")
    if isinstance(error, SignatureError):
        return Refused(HTTPStatus.FORBIDDEN, error.public_message)
    if isinstance(error, IdempotencyConflictError):
        return Refused(HTTPStatus.CONFLICT, error.public_message)
    if _may_pass(error):
        logger.warning("not now", extra={"fields": whereabouts(error.__cause__ or error)})
        return Refused(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "This cannot be done just now; the same request may go well later.",
            headers={"Retry-After": "5"},
        )
    return None


def _may_pass(error: Exception) -> bool:
    """Whether the same may go well later, as when there is room on the disk again."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return isinstance(error, ExportError) and bool(getattr(error, "retryable", False))


def _located(message: str) -> Problem:
    """A line of an error about a file, which begins with what the file is called and a place in it."""
    found = _PLACE.match(message)
    return Problem(found[1] or "", message[found.end() :]) if found else Problem("", message)


def invalid(problems: Sequence[Problem]) -> Refused:
    """What was sent breaks rules: all of them, each with its path."""
    count = len(problems)
    kept = tuple(problems[:_MOST_PROBLEMS])
    more = f", of which {len(kept)} are listed" if len(kept) < count else ""
    detail = f"The request has {count} problem{'s' * (count != 1)}{more}."
    return Refused(HTTPStatus.UNPROCESSABLE_ENTITY, detail, problems=kept)


def too_large(most: int) -> Refused:
    """More than so many bytes were sent, or are in what was sent."""
    # The connection stays: closing it on what is still on its way would hide the answer.
    return Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"Expected at most {most:,} bytes.")


def problem_response(refused: Refused) -> Response:
    """The answer that tells a problem."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": refused.status.phrase,
        "status": int(refused.status),
        "detail": refused.detail,
    }
    if refused.problems:
        body["problems"] = [
            {"path": problem.path, "message": problem.message} for problem in refused.problems
        ]
    return json_response(
        body, refused.status, media_type="application/problem+json", headers=refused.headers
    )


def json_response(
    body: object,
    status: int = HTTPStatus.OK,
    *,
    media_type: str = "application/json",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """JSON in ASCII: what callers have sent, and what is quoted to them, may be no text."""
    content = json.dumps(body, separators=(",", ":")).encode("ascii")
    every = {"Cache-Control": "no-store"} | dict(headers or {})
    return Response(content, status, every, media_type)

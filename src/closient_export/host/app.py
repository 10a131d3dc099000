"""The ASGI app: routes, what all answers have in common, and the worker's life."""

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from closient_export.errors import ExportError
from closient_export.host import capture_api, label_api, trace_api
from closient_export.host.access import Service, guarded, in_thread
from closient_export.host.description import description_routes
from closient_export.host.downloads import download
from closient_export.host.hosting import DOWNLOADS, Host
from closient_export.host.keys import Permission
from closient_export.host.logs import whereabouts
from closient_export.host.pages import pages_routes
from closient_export.host.problems import Refused, json_response, problem_response
from closient_export.host.rate_limits import RateLimits
from closient_export.host.upload_slots import UploadSlots
from closient_export.host.worker import Worker
from closient_export.ids import new_short_id

__all__ = ["create_app"]

logger = logging.getLogger("closient_export.host")

_LOT = "/epcis/api/2.0/traceability/lots/{lot_id}"


def create_app(host: Host, *, works: bool = True) -> Starlette:
    """The host as an ASGI app.

    Args:
        host: Closed when the app ends.
        works: Whether the app also does the jobs that it accepts, rather than workers elsewhere.
    """
    worker = Worker(host)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        limits = host.settings.limits
        app.state.service = Service(
            host, worker, RateLimits(limits.rate), UploadSlots(limits.uploads)
        )
        if works:
            worker.start()
        yield
        if works and not await in_thread(worker.stop):
            logger.warning("some jobs are left to other workers")
        await in_thread(host.close)

    app = Starlette(
        routes=[*_api(), *_operations(), *description_routes(), *pages_routes()],
        lifespan=lifespan,
        exception_handlers={HTTPException: _http_problem},
    )
    app.router.redirect_slashes = False
    app.add_middleware(_Answers, secure=host.settings.public_url.startswith("https:"))
    return app


def _api() -> list[BaseRoute]:
    """The paths of the contract."""
    labels = "/products/api/v1/labels/export/"
    routes = [
        (labels, "POST", Permission.LABELS, label_api.submit),
        (f"{labels}{{job_id}}/", "GET", Permission.LABELS, label_api.poll),
        ("/products/api/v1/lots/", "GET", Permission.LABELS, label_api.list_lots),
        (
            "/products/api/v1/catalog/import/",
            "POST",
            Permission.CATALOG,
            label_api.import_catalog,
        ),
        (capture_api.CAPTURE_PATH, "POST", Permission.CAPTURE, capture_api.capture),
        (
            f"{capture_api.CAPTURE_PATH}/{{capture_id}}",
            "GET",
            Permission.CAPTURE,
            capture_api.capture_job,
        ),
        (f"{_LOT}/fda-export", "GET", Permission.TRACES, trace_api.fda_export),
        (f"{_LOT}/kde-readiness", "GET", Permission.TRACES, trace_api.kde_readiness),
        (f"{_LOT}/recall-scope", "GET", Permission.TRACES, trace_api.recall),
    ]
    return [
        _only(Route(path, guarded(permission, endpoint), methods=[method]))
        for path, method, permission, endpoint in routes
    ]


def _operations() -> list[BaseRoute]:
    return [
        Route(DOWNLOADS, download),
        Route("/health/live", _live),
        Route("/health/ready", _ready),
    ]


def _only(route: Route) -> Route:
    """Without the HEAD that Starlette adds: a call that counts or enqueues answers GET alone."""
    route.methods = set(route.methods or ()) - {"HEAD"}
    return route


async def _live(_request: Request) -> Response:
    return json_response({"status": "ok"})


async def _ready(request: Request) -> Response:
    service: Service = request.app.state.service
    try:
        await in_thread(service.host.check)
    except ExportError:
        refused = Refused(
            HTTPStatus.SERVICE_UNAVAILABLE, "The database or the artifacts cannot be had."
        )
        return problem_response(refused)
    return json_response({"status": "ok"})


async def _http_problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - what it is registered for
    details = {
        HTTPStatus.NOT_FOUND: "There is nothing at this address.",
        HTTPStatus.METHOD_NOT_ALLOWED: "This address is not for this method.",
    }
    status = HTTPStatus(error.status_code)
    detail = details.get(status, status.description)
    return problem_response(Refused(status, detail, headers=error.headers))


class _Answers:
    """What all answers have in common: a request id, headers, a line in the log, and no secrets.

    Whatever goes wrong is told in the log; the caller learns nothing but the id to ask about.
    """

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        headers = _HEADERS | ({"Strict-Transport-Security": "max-age=31536000"} if secure else {})
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.monotonic()
        request_id = new_short_id()
        fields: dict[str, Any] = {"request_id": request_id, "method": scope["method"]}
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = {name for name, _ in message["headers"]}
                added = [pair for pair in self._headers if pair[0] not in given]
                added.append((b"x-request-id", request_id.encode()))
                message["headers"] = [*message["headers"], *added]
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except ClientDisconnect:
            fields["gone"] = True  # there is nobody to answer
        except Exception as error:
            fields |= whereabouts(error)
            if status:
                raise
            detail = f"Something went wrong here; the request's id is {request_id}."
            refused = Refused(HTTPStatus.INTERNAL_SERVER_ERROR, detail)
            await problem_response(refused)(scope, receive, answer)
        finally:
            route = scope.get("route")
            fields |= {
                "route": getattr(route, "path", None),
                "key": scope.get("closient.key_id"),
                "status": status,
                "milliseconds": round(1000 * (time.monotonic() - begun), 1),
            }
            level = logging.ERROR if status >= HTTPStatus.INTERNAL_SERVER_ERROR else logging.INFO
            logger.log(level, "answered", extra={"fields": fields})


_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

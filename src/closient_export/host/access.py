"""Who calls, and whether they may: API keys, permissions, rates."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus
from typing import Any, BinaryIO, TypeVar

from anyio import to_thread
from attrs import frozen
from starlette.requests import Request
from starlette.responses import Response

from closient_export.errors import Problem, RequestError
from closient_export.host.bodies import read_json, spool
from closient_export.host.hosting import Host
from closient_export.host.keys import ApiKey, Permission
from closient_export.host.problems import Refused, problem_of, problem_response
from closient_export.host.rate_limits import Allowance, RateLimits
from closient_export.host.upload_slots import UploadSlots
from closient_export.host.worker import Worker

__all__ = ["Call", "Endpoint", "Service", "answered", "guarded", "in_thread"]

T = TypeVar("T")


@frozen(eq=False)
class Service:
    """What the app shares between its requests."""

    host: Host
    worker: Worker
    rates: RateLimits
    uploads: UploadSlots


@frozen(eq=False)
class Call:
    """A request of a caller who may make it."""

    service: Service
    request: Request
    key: ApiKey

    @property
    def owner(self) -> str:
        """The organisation that the caller acts for."""
        return self.key.owner

    @property
    def host(self) -> Host:
        """The host."""
        return self.service.host

    async def json(self) -> Any:
        """What was sent, as JSON."""
        limits = self.host.settings.limits
        return await read_json(self.request, most_bytes=limits.json_bytes, depth=limits.json_depth)

    @asynccontextmanager
    async def upload(self, most_bytes: int | None = None) -> AsyncIterator[BinaryIO]:
        """What was sent, as a file that can be read more than once; it is gone afterwards.

        Args:
            most_bytes: Of it, also when it is inflated; the limits of the settings if not given.
        """
        limits = self.host.settings.limits
        async with self.service.uploads.taken(self.owner):
            with await spool(
                self.request,
                most_bytes=most_bytes or limits.upload_bytes,
                most_inflated=most_bytes or limits.inflated_bytes,
            ) as file:
                yield file

    def query(self, *names: str) -> dict[str, str]:
        """The parameters of the query.

        Raises:
            RequestError: one is not among these names, or is given twice.
        """
        given: dict[str, str] = {}
        problems = []
        for name, value in self.request.query_params.multi_items():
            if name not in names:
                known = f"expected one of {', '.join(names)}" if names else "expected none"
                problems.append(Problem("query", f"unknown parameter {name!r}, {known}"))
            elif name in given:
                problems.append(Problem(name, "given twice"))
            given[name] = value
        if problems:
            raise RequestError(problems)
        return given


Endpoint = Callable[[Call], Awaitable[Response]]


async def in_thread(do: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Call what would keep others waiting."""
    return await to_thread.run_sync(partial(do, *args, **kwargs))


def guarded(permission: Permission, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint for callers whose key has a permission."""

    async def answer(request: Request) -> Response:
        service: Service = request.app.state.service
        allowance: Allowance | None = None

        async def work() -> Response:
            nonlocal allowance
            key = await _key_of(service, request)
            allowance = service.rates.take(key.key_id)
            request.scope["closient.key_id"] = key.key_id
            if allowance.wait:
                raise Refused(HTTPStatus.TOO_MANY_REQUESTS, "Too many requests; wait a little.")
            if permission not in key.permissions:
                raise Refused(
                    HTTPStatus.FORBIDDEN, f"The API key has no permission for {permission}."
                )
            return await endpoint(Call(service, request, key))

        response = await answered(work)
        if allowance is not None:
            response.headers.update(allowance.headers)
        return response

    return answer


async def answered(work: Callable[[], Awaitable[Response]]) -> Response:
    """What some work answers, or the problem that it has with the request."""
    try:
        return await work()
    except Exception as error:
        refused = problem_of(error)
        if refused is None:
            raise
        return problem_response(refused)


async def _key_of(service: Service, request: Request) -> ApiKey:
    given = request.headers.getlist("x-api-key")
    key = await in_thread(service.host.keys.find, given[0]) if len(given) == 1 else None
    if key is None:
        raise Refused(
            HTTPStatus.UNAUTHORIZED,
            "Expected a valid API key in the header X-API-Key.",
            headers={"WWW-Authenticate": 'ApiKey realm="closient-export"'},
        )
    return key

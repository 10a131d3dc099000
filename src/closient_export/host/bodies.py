"""Reading what is sent, within limits: nothing is kept, decoded or inflated beyond them."""

import json
import re
from collections import Counter
from collections.abc import AsyncGenerator
from http import HTTPStatus
from typing import Any, BinaryIO, NoReturn

from anyio import current_time, fail_after, to_thread
from starlette.datastructures import Headers
from starlette.requests import Request

from closient_export.errors import Problem, RequestError, shown
from closient_export.host.inflating import Inflating, is_gzip, temporary_file
from closient_export.host.problems import Refused, too_large

__all__ = ["check_media_type", "json_of", "read_body", "read_json", "received", "spool"]

_GRACE = 30.0
"""For how many seconds of waiting a body may come as slowly as it will."""
_SLOWEST = 1 << 14
"""Bytes a second, of all of a body beyond that."""
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_BRACKETS = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def check_media_type(request: Request, *accepted: str) -> str:
    """The media type of what is sent, without its parameters.

    Raises:
        Refused: it is none of those that are accepted (415).
    """
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given in accepted:
        return given
    wanted = " or ".join(accepted)
    got = shown(given) if given else "none"
    raise Refused(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Expected a Content-Type of {wanted}, got {got}."
    )


async def read_json(request: Request, *, most_bytes: int, depth: int) -> Any:
    """A small body as JSON.

    Raises:
        Refused: it is too large, or not sent as JSON.
        RequestError: it is no JSON.
    """
    check_media_type(request, "application/json")
    _check_encoding(request, "identity")
    return json_of(await read_body(request, most_bytes), depth=depth)


def json_of(body: bytes, *, depth: int) -> Any:
    """JSON that is no deeper than allowed, has no key twice, and no number that is none.

    Raises:
        RequestError: it is not.
    """
    if _depth(body) > depth:
        raise RequestError([Problem("", f"expected at most {depth} values within each other")])
    try:
        return json.loads(
            body.decode("utf-8"), parse_constant=_no_number, object_pairs_hook=_object
        )
    except UnicodeDecodeError:
        raise RequestError([Problem("", "expected text in UTF-8")]) from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise RequestError([Problem("", f"expected JSON: {error.msg}, {where}")]) from None
    except (ValueError, RecursionError) as error:
        raise RequestError([Problem("", f"expected JSON: {error}")]) from None


def _depth(body: bytes) -> int:
    deepest = now = 0
    for bracket in _STRING.sub(b"", body).translate(_BRACKETS, _NO_BRACKETS):
        now += 1 if bracket == ord("[") else -1
        deepest = max(deepest, now)
    return deepest


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"a number cannot be {name}")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        given = Counter(name for name, _ in pairs)
        twice = next(name for name in given if given[name] > 1)
        raise ValueError(f"the key {shown(twice)} is given twice")
    return members


async def spool(request: Request, *, most_bytes: int, most_inflated: int) -> BinaryIO:
    """A large body as a temporary file that stands at its beginning, inflated if it was gzipped.

    Raises:
        Refused: it is too large, before or after inflating (413), encoded otherwise (415), or comes
            too slowly (408).
        RequestError: it is broken, or gzipped without saying so.
    """
    encoding = _check_encoding(request, "identity", "gzip")
    file = temporary_file()
    inflating = Inflating(file, most_inflated) if encoding == "gzip" else None
    take = file.write if inflating is None else inflating.write
    try:
        async for chunk in received(request, most_bytes):
            await to_thread.run_sync(take, chunk)  # others are not to wait for it
        if inflating is not None:
            inflating.end()
        elif is_gzip(file):  # whoever reads it would inflate it, to any size
            expected = "got gzip data, expected the header Content-Encoding: gzip with them"
            raise RequestError([Problem("", expected)])
    except BaseException:
        file.close()
        raise
    return file


def _check_encoding(request: Request, *accepted: str) -> str:
    given = request.headers.get("content-encoding", "identity").lower()
    if given in accepted:
        return given
    detail = f"Expected no such Content-Encoding as {shown(given)}."
    raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail)


async def read_body(request: Request, most_bytes: int) -> bytes:
    """A small body, as `received` lets it in."""
    body = bytearray()
    async for chunk in received(request, most_bytes):
        body += chunk
    return bytes(body)


async def received(request: Request, most_bytes: int) -> AsyncGenerator[bytes, None]:
    """What is sent, piece by piece.

    Raises:
        Refused: it is too large (413), or comes too slowly (408).
    """
    if _length(request.headers) > most_bytes:
        raise too_large(most_bytes)
    size, waited = 0, 0.0
    stream = request.stream()
    while True:
        begun = current_time()
        try:
            with fail_after(_GRACE + size / _SLOWEST - waited):
                chunk = await anext(stream, None)
        except TimeoutError:
            raise _too_slow() from None
        if chunk is None:
            return
        waited += current_time() - begun
        size += len(chunk)
        if size > most_bytes:
            raise too_large(most_bytes)
        yield chunk


def _length(headers: Headers) -> int:
    text = headers.get("content-length", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0


def _too_slow() -> Refused:
    return Refused(
        HTTPStatus.REQUEST_TIMEOUT,
        f"Expected {_SLOWEST:,} bytes a second or more.",
        headers={"Connection": "close"},
    )

"""Signed downloads: whole files, or a range of one (RFC 9110, section 14)."""

import hashlib
import io
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from http import HTTPStatus
from typing import BinaryIO

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from closient_export.adapters.signing import HmacUrlSigner, SignedFile
from closient_export.errors import ArtifactNotFoundError, ExportError, SignatureError
from closient_export.host.access import Service, answered, in_thread
from closient_export.host.problems import Refused

__all__ = ["download"]

logger = logging.getLogger("closient_export.host.downloads")

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
_CHUNK = 1 << 18


async def download(request: Request) -> Response:
    """The file that a signed address is good for; the address is all the proof there is."""
    return await answered(lambda: in_thread(_answer, request.app.state.service, request))


def _answer(service: Service, request: Request) -> Response:
    signer = service.host.signer
    if not isinstance(signer, HmacUrlSigner):
        raise SignatureError("S3 serves these files")
    query = request.scope["query_string"].decode("latin-1")
    file = signer.verify(query, service.host.clock())
    etag = f'"{hashlib.sha256(file.key.encode()).hexdigest()[:32]}"'  # a key is written once
    headers = file.headers | {"ETag": etag, "Accept-Ranges": "bytes"}
    if _holds(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": etag})
    with ExitStack() as opened:
        try:
            stream = opened.enter_context(service.host.artifacts.open(file.key))
        except ArtifactNotFoundError:
            raise Refused(HTTPStatus.NOT_FOUND, "The file is no longer kept.") from None
        size = stream.seek(0, io.SEEK_END)
        part = asked_range(request.method, request.headers, etag, size)
        status = HTTPStatus.OK
        if part is None:
            part = range(size)
        else:
            status = HTTPStatus.PARTIAL_CONTENT
            headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
        headers["Content-Length"] = str(len(part))
        if request.method == "HEAD":
            return Response(status_code=status, headers=headers)
        stream.seek(part.start)
        chunks = _sent(service, file, stream, len(part), opened.pop_all(), part.stop == size)
        return StreamingResponse(chunks, status, headers)


def _sent(
    service: Service,
    file: SignedFile,
    stream: BinaryIO,
    left: int,
    opened: ExitStack,
    is_end: bool,
) -> Iterator[bytes]:
    """The bytes; who has got the last one has downloaded the file."""
    with opened:
        while left and (chunk := stream.read(min(left, _CHUNK))):
            left -= len(chunk)
            yield chunk
    if is_end and not left:
        try:
            service.host.service.count_download(file.owner, file.job_id)
        except ExportError as error:  # they have the file all the same
            logger.warning("a download is not counted: %s", type(error).__name__)


def _holds(header: str, etag: str) -> bool:
    tags = {tag.strip().removeprefix("W/") for tag in header.split(",")}
    return etag in tags or tags == {"*"}


def asked_range(method: str, headers: Mapping[str, str], etag: str, size: int) -> range | None:
    """Which bytes of a file a caller wants; ``None`` for all of them.

    What is not one range of bytes that can be read is passed over, as RFC 9110 has it.

    Raises:
        Refused: the range begins where there is nothing (416).
    """
    found = _RANGE.fullmatch(headers.get("range", "").replace(" ", ""))
    if method != "GET" or found is None or headers.get("if-range", etag) != etag:
        return None
    first, last = found.groups()
    if first:
        if last and int(last) < int(first):
            return None
        start, stop = int(first), int(last) + 1 if last else size
    elif last:
        start, stop = max(0, size - int(last)) if int(last) else size, size
    else:
        return None
    if start >= size:
        raise Refused(
            HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
            f"Expected a range that begins within {size:,} bytes.",
            headers={"Content-Range": f"bytes */{size}"},
        )
    return range(start, min(stop, size))

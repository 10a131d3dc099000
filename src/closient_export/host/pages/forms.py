"""What forms send, within the limits of the host."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import BinaryIO
from urllib.parse import parse_qsl

from attrs import frozen
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from closient_export.errors import Problem, RequestError
from closient_export.host.bodies import check_media_type, read_body, received
from closient_export.host.inflating import Inflating, is_gzip, temporary_file

__all__ = ["Upload", "inflated", "read_form", "read_uploads"]

_MOST_FIELDS = 500
_MOST_FILES = 50
_LONGEST_FIELD = 1 << 16
_READ_AT_ONCE = 1 << 16


@frozen
class Upload:
    """A file that somebody has chosen; it is gone when the request is answered."""

    name: str
    file: BinaryIO


async def read_form(request: Request, *, most_bytes: int) -> dict[str, str]:
    """The fields of a form without files; of several with one name, the last one.

    Raises:
        Refused: it is too large, or not sent as forms are.
        RequestError: it cannot be read.
    """
    check_media_type(request, "application/x-www-form-urlencoded")
    body = await read_body(request, most_bytes)
    try:
        fields = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="replace",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError:
        raise RequestError([Problem("", "expected the fields of a form")]) from None
    return dict(fields)


@asynccontextmanager
async def read_uploads(
    request: Request, *, most_bytes: int
) -> AsyncIterator[tuple[Mapping[str, str], list[Upload]]]:
    """The fields and the files of a form.

    Raises:
        Refused: it is too large, or not sent as forms with files are.
        RequestError: it cannot be read.
    """
    check_media_type(request, "multipart/form-data")
    parser = MultiPartParser(
        request.headers,
        received(request, most_bytes),
        max_files=_MOST_FILES,
        max_fields=_MOST_FIELDS,
        max_part_size=_LONGEST_FIELD,
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise RequestError([Problem("", error.message)]) from None
    try:
        fields: dict[str, str] = {}
        uploads = []
        for name, value in form.multi_items():
            if not isinstance(value, UploadFile):
                fields[name] = value
            elif value.filename:  # a field of files in which none was chosen has one without a name
                uploads.append(Upload(value.filename, value.file))
        yield fields, uploads
    finally:
        await form.close()


def inflated(file: BinaryIO, *, most_bytes: int) -> BinaryIO:
    """The same file, or what is in it if it is gzipped, from its beginning.

    Raises:
        Refused: it would be too large.
        RequestError: it is broken, or packed more than once.
    """
    if not is_gzip(file):
        return file
    whole = temporary_file()
    inflating = Inflating(whole, most_bytes)
    try:
        while chunk := file.read(_READ_AT_ONCE):
            inflating.write(chunk)
        inflating.end()
    except BaseException:
        whole.close()
        raise
    return whole

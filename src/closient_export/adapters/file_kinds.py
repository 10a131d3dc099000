"""What a file that somebody hands over holds, seen from its content."""

import csv
import re
from enum import StrEnum
from typing import BinaryIO

from attrs import fields

from closient_export.adapters.csv_catalog import COLUMNS
from closient_export.master_data import LocationDescription, ProductDescription

__all__ = ["FileKind", "kind_of"]

_GZIP = b"\x1f\x8b"
_EPCIS = re.compile(
    rb'"(?:epcis:)?(?:EPCIS(?:Query|MasterData)?Document|epcisBody|eventTime'
    rb'|(?:Object|Aggregation|Association|Transaction|Transformation)Event)"'
)
_CHUNK, _OVERLAP = 1 << 20, 64
_OF_DESCRIPTIONS = {
    field.name for kind in (LocationDescription, ProductDescription) for field in fields(kind)
}


class FileKind(StrEnum):
    """What may be taken in."""

    EVENTS = "events"
    """EPCIS documents in JSON or JSON-LD; everything that is gzipped is taken for some."""
    ENTITIES = "entities"
    """A catalogue of lots and serials, in CSV."""
    DESCRIPTIONS = "descriptions"
    """Places and products, in JSON or CSV."""


def kind_of(file: BinaryIO) -> FileKind:
    """The kind of a file that can be seeked; it stands at its beginning afterwards."""
    file.seek(0)
    try:
        start = file.read(_CHUNK)
        if start.startswith(_GZIP):
            return FileKind.EVENTS
        text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
        if text[:1] in (b"{", b"["):
            file.seek(0)
            return FileKind.EVENTS if _names_events(file) else FileKind.DESCRIPTIONS
        return FileKind.DESCRIPTIONS if _describes(text) else FileKind.ENTITIES
    finally:
        file.seek(0)


def _names_events(file: BinaryIO) -> bool:
    """Whether there is a word of EPCIS anywhere, since a document may begin with its header."""
    before = b""
    while chunk := file.read(_CHUNK):
        if _EPCIS.search(before + chunk):
            return True
        before = chunk[-_OVERLAP:]
    return False


def _describes(text: bytes) -> bool:
    """Whether CSV describes places or products, rather than having them on its rows."""
    first = text.partition(b"\n")[0].decode("utf-8", "replace")
    columns = {cell.strip() for cell in next(csv.reader([first.strip()]), [])}
    return "gtin" not in columns and bool(columns & (_OF_DESCRIPTIONS - set(COLUMNS)))

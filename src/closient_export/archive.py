"""ZIP archives whose bytes depend on their members alone, written as a stream, from parts.

A part is a run of finished member records, made anywhere; `ArchiveWriter` copies parts one after
the other and writes the directory that belongs to them. There is no clock and no name of a
machine in an archive, and memory does not grow with the number of members: the directory waits
in a temporary file until the end (APPNOTE.TXT 6.3.10, with ZIP64 where sizes ask for it).
"""

import re
import struct
import unicodedata
import zlib
from collections.abc import Iterable, Iterator
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import BinaryIO, Self

from closient_export.compression import RAW, SMALL, STORED, Compressor

__all__ = ["ArchiveWriter", "encode_member", "member_name"]

_SPOOL = 1 << 22
_COPY = 1 << 16
_STORED, _DEFLATED = 0, 8
_DOS_EPOCH = (1 << 5) | 1
"""1 January 1980, 00:00, the first moment that the format knows, as DOS date."""
_UNIX_FILE = 0o100644 << 16
_MADE_BY_UNIX = 3 << 8
_LIMIT_16, _LIMIT_32 = 0xFFFF, 0xFFFFFFFF

# version needed, flags, method, time, date, CRC, compressed, plain, name, extra
_COMMON = struct.Struct("<HHHHHIIIHH")
"""What the header of a member and its entry in the directory both say."""
_LOCAL_SIGNATURE = struct.pack("<I", 0x04034B50)
_LOCAL_SIZE = len(_LOCAL_SIGNATURE) + _COMMON.size
_LOCAL_LENGTHS = struct.Struct("<18xI4xH")
"""Of the compressed content and of the name."""
_ENTRY_START = struct.pack("<IH", 0x02014B50, _MADE_BY_UNIX | 45)
# (comment, disk, internal attributes,) external attributes, offset
_ENTRY_END = struct.Struct("<6xII")
_END = struct.Struct("<IHHHHIIH")
_END_SIGNATURE = 0x06054B50
# signature, size of the rest, made by, needed, disk, disk of directory, entries, entries, size,
# offset
_END_64 = struct.Struct("<IQHHIIQQQQ")
_END_64_SIGNATURE = 0x06064B50
_LOCATOR_64 = struct.Struct("<IIQI")
_LOCATOR_64_SIGNATURE = 0x07064B50
_EXTRA_64 = struct.Struct("<HHQQ")

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_-]")
_LONGEST_SLUG = 60
_PLAIN_SLUG = re.compile(rf"{_PLAIN_NAME.pattern}{{,{_LONGEST_SLUG}}}")


def member_name(index: int, identifiers: Iterable[str], extension: str, suffix: str = "") -> str:
    """The name of the item at `index`: its number, then as much of its identifiers as is safe.

    The number alone tells the members apart, on any file system: the rest is for people. Other
    characters than letters, digits, ``-`` and ``_`` are written as ``~`` and their hexadecimal
    code, so no serial can leave the folder, hide, or name a device. `suffix` tells the files of one
    item apart.

    >>> member_name(7, ["09506000134352", "../../x"], "svg")
    '00000007-09506000134352-~2e~2e~2f~2e~2e~2fx.svg'
    """
    slug = "-".join(identifiers)
    if not _PLAIN_SLUG.fullmatch(slug):
        slug = _escaped(unicodedata.normalize("NFC", slug))
    ending = f"-{suffix}" if suffix else ""
    return f"{index:08d}-{slug}{ending}.{extension}"


def _escaped(text: str) -> str:
    slug = ""
    for character in text:
        safe = character if _PLAIN_NAME.fullmatch(character) else f"~{ord(character):02x}"
        if len(slug) + len(safe) > _LONGEST_SLUG:
            break
        slug += safe
    return slug


def encode_member(name: str, data: bytes, recipe: Compressor) -> bytes:
    """The record of one member: header, name, content. Records are joined to make a part.

    Args:
        name: In ASCII.
        data: What the member holds.
        recipe: What compresses it; `STORED` leaves it as it is.
    """
    method, stored = (_STORED, data) if recipe is STORED else (_DEFLATED, recipe.deflated(data))
    header = _COMMON.pack(
        *(20, 0, method, 0, _DOS_EPOCH, recipe.crc32(data), len(stored), len(data), len(name), 0)
    )
    return b"".join((_LOCAL_SIGNATURE, header, name.encode("ascii"), stored))


class ArchiveWriter:
    """Writes parts and then the directory to a binary stream that need not be seekable.

    Use it as a context manager; only leaving the block without an error completes the archive.
    """

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._offset = 0
        self._members = 0
        self._directory = SpooledTemporaryFile(max_size=_SPOOL)  # noqa: SIM115 - closed in __exit__

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._directory:
            if kind is None:
                self._finish()

    def append(self, records: bytes) -> None:
        """Add the members of a part, as `encode_member` made them."""
        entries = []
        position = 0
        while position < len(records):
            stored, name_length = _LOCAL_LENGTHS.unpack_from(records, position)
            name_at = position + _LOCAL_SIZE
            start = name_at + name_length
            # Both kinds of header say the same things in the same order.
            common = records[position + len(_LOCAL_SIGNATURE) : name_at]
            entries.append(self._entry(common, records[name_at:start], self._offset + position))
            position = start + stored
        self._directory.write(b"".join(entries))
        self._members += len(entries)
        self._write(records)

    def add_stream(self, name: str, chunks: Iterable[bytes], recipe: Compressor = SMALL) -> None:
        """Add one compressed member of any size; its content waits in a temporary file."""
        compressor = recipe.begin(RAW)
        crc = plain = 0
        with SpooledTemporaryFile(max_size=_SPOOL) as content:
            for chunk in _blocks(chunks):
                crc = zlib.crc32(chunk, crc)
                plain += len(chunk)
                content.write(compressor.compress(chunk))
            content.write(compressor.flush())
            stored = content.tell()
            offset = self._offset
            self._write(self._stream_header(name, crc, stored, plain))
            content.seek(0)
            for chunk in _chunks(content):
                self._write(chunk)
        encoded = name.encode("ascii")
        self._directory.write(self._large_entry(encoded, _DEFLATED, crc, stored, plain, offset))
        self._members += 1

    @staticmethod
    def _stream_header(name: str, crc: int, stored: int, plain: int) -> bytes:
        large = max(stored, plain) >= _LIMIT_32
        extra = _EXTRA_64.pack(1, 16, plain, stored) if large else b""
        sizes = (_LIMIT_32, _LIMIT_32) if large else (stored, plain)
        encoded = name.encode("ascii")
        header = _COMMON.pack(
            *(45 if large else 20, 0, _DEFLATED, 0, _DOS_EPOCH, crc),
            *(*sizes, len(encoded), len(extra)),
        )
        return b"".join((_LOCAL_SIGNATURE, header, encoded, extra))

    def _entry(self, common: bytes, name: bytes, offset: int) -> bytes:
        """The entry of the directory for a member, from the fields that its header shares."""
        if offset < _LIMIT_32:
            return b"".join((_ENTRY_START, common, _ENTRY_END.pack(_UNIX_FILE, offset), name))
        _, _, method, _, _, crc, stored, plain, _, _ = _COMMON.unpack(common)
        return self._large_entry(name, method, crc, stored, plain, offset)

    @staticmethod
    def _large_entry(
        name: bytes, method: int, crc: int, stored: int, plain: int, offset: int
    ) -> bytes:
        # ZIP64: only the values that do not fit move to the extra field, in this order.
        large = [value for value in (plain, stored, offset) if value >= _LIMIT_32]
        extra = struct.pack(f"<HH{len(large)}Q", 1, 8 * len(large), *large) if large else b""
        common = _COMMON.pack(
            *(45 if large else 20, 0, method, 0, _DOS_EPOCH, crc),
            *(min(stored, _LIMIT_32), min(plain, _LIMIT_32), len(name), len(extra)),
        )
        end = _ENTRY_END.pack(_UNIX_FILE, min(offset, _LIMIT_32))
        return b"".join((_ENTRY_START, common, end, name, extra))

    def _finish(self) -> None:
        start, size = self._offset, self._directory.tell()
        self._directory.seek(0)
        for chunk in _chunks(self._directory):
            self._write(chunk)
        if self._members >= _LIMIT_16 or max(start, size) >= _LIMIT_32:
            at = self._offset
            self._write(
                _END_64.pack(
                    _END_64_SIGNATURE,
                    _END_64.size - 12,
                    _MADE_BY_UNIX | 45,
                    45,
                    0,
                    0,
                    self._members,
                    self._members,
                    size,
                    start,
                )
            )
            self._write(_LOCATOR_64.pack(_LOCATOR_64_SIGNATURE, 0, at, 1))
        members = min(self._members, _LIMIT_16)
        self._write(
            _END.pack(
                _END_SIGNATURE,
                0,
                0,
                members,
                members,
                min(size, _LIMIT_32),
                min(start, _LIMIT_32),
                0,
            )
        )

    def _write(self, data: bytes) -> None:
        self._out.write(data)
        self._offset += len(data)


def _blocks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of one size: what a compressor makes of them depends on the pieces."""
    waiting = bytearray()
    for chunk in chunks:
        waiting += chunk
        whole = len(waiting) - len(waiting) % _COPY
        for start in range(0, whole, _COPY):
            yield bytes(waiting[start : start + _COPY])
        del waiting[:whole]
    yield bytes(waiting)


def _chunks(file: "SpooledTemporaryFile[bytes]") -> Iterator[bytes]:
    while chunk := file.read(_COPY):
        yield chunk

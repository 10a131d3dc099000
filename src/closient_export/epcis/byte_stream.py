"""The bytes of a stream, plain or gzipped."""

import gzip
import zlib
from typing import BinaryIO, cast

__all__ = ["BROKEN_GZIP", "ByteStream"]

BROKEN_GZIP = (EOFError, zlib.error, gzip.BadGzipFile)
"""What Python's own reader of gzip raises."""
_GZIP_STARTS = b"\x1f\x8b"


class ByteStream:
    """Reads as many bytes as asked for, however few the stream gives at once.

    What comes before a fault of gzip data can be read; then the fault is raised.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._fault: Exception | None = None
        self._read = self._read_first

    def _read_first(self, size: int) -> bytes:
        first = b""
        while len(first) < len(_GZIP_STARTS) and (more := self._stream.read(1)):
            first += more
        rest = _Continued(first, self._stream)
        if first == _GZIP_STARTS:
            self._read = gzip.GzipFile(fileobj=cast("BinaryIO", rest)).read1
        else:
            self._read = rest.read
        return self._read(size)

    def read(self, size: int) -> bytes:
        """The next `size` bytes; fewer only at the end.

        Raises:
            EOFError, zlib.error, gzip.BadGzipFile: the gzip data are broken here.
        """
        pieces = []
        while size > 0 and self._fault is None:
            try:
                piece = self._read(size)
            except BROKEN_GZIP as error:
                self._fault = error
                break
            if not piece:
                break
            pieces.append(piece)
            size -= len(piece)
        if self._fault is not None and not pieces:
            raise self._fault
        return b"".join(pieces)


class _Continued:
    """A stream with the bytes that have been read from it put back in front."""

    def __init__(self, first: bytes, rest: BinaryIO) -> None:
        self._first = first
        self._rest = rest

    def read(self, size: int = -1) -> bytes:
        if self._first:
            first, self._first = self._first, b""
            return first
        return self._rest.read(size)

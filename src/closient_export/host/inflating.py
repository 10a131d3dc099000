"""Gzip data that are sent, inflated as they come: once, and to so many bytes at most."""

import tempfile
import zlib
from typing import BinaryIO, cast

from closient_export.errors import Problem, RequestError
from closient_export.host.problems import too_large

__all__ = ["Inflating", "is_gzip", "temporary_file"]

_MOST_IN_MEMORY = 1 << 20
_INFLATED_AT_ONCE = 1 << 18
_GZIP_STARTS = b"\x1f\x8b"


def temporary_file() -> BinaryIO:
    """A file that is gone when it is closed, and in memory while it is small."""
    return cast("BinaryIO", tempfile.SpooledTemporaryFile(_MOST_IN_MEMORY))


def is_gzip(file: BinaryIO) -> bool:
    """Whether a file begins as gzip data do; it then stands at its beginning."""
    file.seek(0)
    start = file.read(len(_GZIP_STARTS))
    file.seek(0)
    return start == _GZIP_STARTS


class Inflating:
    """What gzip data are packed from, written to a file.

    Args:
        file: Can be read and sought as well.
        most_bytes: Of it, when all is inflated.
    """

    def __init__(self, file: BinaryIO, most_bytes: int) -> None:
        self._file = file
        self._most_bytes = most_bytes
        self._left = most_bytes
        self._inflater = zlib.decompressobj(wbits=31)

    def write(self, chunk: bytes) -> None:
        """Take the next bytes.

        Raises:
            Refused: inflated, they are too many (413).
            RequestError: they are no gzip data.
        """
        rest = chunk
        while rest:
            if self._inflater.eof:  # several gzip members are one file, as are zeros after them
                rest = rest.lstrip(b"\0")
                if not rest:
                    return
                self._inflater = zlib.decompressobj(wbits=31)
            try:
                piece = self._inflater.decompress(rest, _INFLATED_AT_ONCE)
            except zlib.error:
                raise RequestError([Problem("", "expected gzip data")]) from None
            self._left -= len(piece)
            if self._left < 0:
                raise too_large(self._most_bytes)
            self._file.write(piece)
            rest = self._inflater.unused_data or self._inflater.unconsumed_tail

    def end(self) -> None:
        """There are no more; the file then stands at its beginning.

        Raises:
            RequestError: they end too early, or are packed twice: whoever reads the file would
                inflate it again, to any size.
        """
        if not self._inflater.eof:
            raise RequestError([Problem("", "expected gzip data to the end, got a part")])
        if is_gzip(self._file):
            raise RequestError(
                [Problem("", "got gzip data within gzip data, expected one of them")]
            )

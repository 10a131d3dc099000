"""Which DEFLATE compressor makes the bytes of an artifact, and how hard it works (RFC 1951).

Compressors differ in the bytes they make of the same data, so which one it was belongs to the
artifact: the manifest names it. Intel's ISA-L (the extra ``fast``) is several times as fast as zlib;
where it is not installed, zlib takes its place, and its name in the manifest.
"""

import zlib
from collections.abc import Callable
from functools import cache
from typing import Any, Literal

from attrs import frozen

__all__ = ["RAW", "SMALL", "STORED", "Compression", "Compressor", "compressor", "zlib_compressor"]

RAW = -zlib.MAX_WBITS
"""Compressed data without header and checksum."""
Compression = Literal["fast", "small", "stored"]
"""``fast`` is ISA-L's level 1, else zlib's; ``small`` zlib's level 6; ``stored`` none at all."""


@frozen(eq=False)
class Compressor:
    """One of them at one level."""

    name: str
    """What the manifest says, such as ``zlib-6``."""
    deflated: Callable[[bytes], bytes]
    """The compressed data alone, as ZIP holds it (RFC 1951)."""
    zlib_stream: Callable[[bytes], bytes]
    """With header and checksum, as PNG and PDF hold it (RFC 1950)."""
    crc32: Callable[[bytes], int]
    """The checksum of ZIP members; of all compressors the same."""
    begin: Callable[[int], Any]
    """A compressor for data that come piece by piece, with ``compress`` and ``flush`` as zlib's has
    them, from its ``wbits``: `RAW` or `zlib.MAX_WBITS`."""


def zlib_compressor(level: int, name: str = "") -> Compressor:
    """Python's zlib at a level from 0 to 9."""
    return Compressor(
        name or f"zlib-{level}",
        lambda data: zlib.compress(data, level, RAW),
        lambda data: zlib.compress(data, level),
        zlib.crc32,
        lambda wbits: zlib.compressobj(level, zlib.DEFLATED, wbits),
    )


STORED = zlib_compressor(0, "stored")
"""The one that compresses nothing."""
SMALL = zlib_compressor(6)


@cache
def compressor(compression: Compression) -> Compressor:
    """The one that this process has for it."""
    if compression == "stored":
        return STORED
    if compression == "small":
        return SMALL
    try:
        from isal import isal_zlib  # noqa: PLC0415 - of the extra "fast"
    except ImportError:
        return zlib_compressor(1)
    return Compressor(
        "isal-1",
        lambda data: isal_zlib.compress(data, 1, RAW),
        lambda data: isal_zlib.compress(data, 1, zlib.MAX_WBITS),
        isal_zlib.crc32,
        lambda wbits: isal_zlib.compressobj(1, isal_zlib.DEFLATED, wbits),
    )

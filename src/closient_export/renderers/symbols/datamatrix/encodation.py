"""From element strings to data codewords in ASCII encodation (ISO/IEC 16022 5.2.3).

All characters of all element strings stand in one long array, so that nothing is done for each of
them alone: an element string starts with FNC1, which is no digit, and so no pair of digits reaches
from one into the next.
"""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FNC1", "GS", "AsciiEncodation", "ascii_encodation", "padded"]

FNC1 = 231
"""Stands for FNC1 among the characters: as each of them, it is one less than its codeword."""
GS = b"\x1d"

_FIRST_PAIR = 130
"""The codeword of the digits 00."""
_PAD = 129


class AsciiEncodation(NamedTuple):
    """The codewords of some element strings, one after the other."""

    codewords: "NDArray[np.uint8]"
    counts: "NDArray[np.intp]"
    """How many of them each element string has."""
    singles: "NDArray[np.intp]"
    """How many of these are one character of data each, be it a digit."""


def ascii_encodation(texts: Sequence[bytes]) -> AsciiEncodation:
    """Encode element strings, each of which starts with `FNC1`."""
    characters = np.frombuffer(b"".join(texts), np.uint8)
    lengths = np.fromiter(map(len, texts), np.intp, len(texts))
    starts = np.cumsum(lengths) - lengths
    digits = characters - np.uint8(ord("0"))
    is_digit = digits < 10
    # The last place that held no digit says how many digits there were since.
    places = np.arange(len(characters), dtype=np.int32)
    before_run = np.maximum.accumulate(np.where(is_digit, 0, places))
    is_second = is_digit & ((places - before_run) & 1 == 0)
    codewords = characters + np.uint8(1)
    seconds = np.flatnonzero(is_second)
    codewords[seconds - 1] = _FIRST_PAIR + 10 * digits[seconds - 1] + digits[seconds]
    is_separator = (characters == FNC1) | (characters == ord(GS))
    counts = lengths - np.add.reduceat(is_second, starts, dtype=np.intp)
    pairs_and_separators = np.add.reduceat(is_second | is_separator, starts, dtype=np.intp)
    return AsciiEncodation(codewords[~is_second], counts, counts - pairs_and_separators)


def padded(
    codewords: "NDArray[np.uint8]", counts: "NDArray[np.intp]", capacity: int
) -> "NDArray[np.uint8]":
    """The data codewords of a symbol for each element string with pad characters (5.2.4).

    Args:
        codewords: Those of the element strings, one after the other.
        counts: How many of them each has, at most as many as the symbol.
        capacity: How many data codewords a symbol has.
    """
    rows = np.repeat(_pads(capacity)[None], len(counts), axis=0)
    unfilled = np.flatnonzero(counts < capacity)
    rows[unfilled, counts[unfilled]] = _PAD
    # Both sides go through the rows in turn, and from left to right in each.
    rows[np.arange(capacity) < counts[:, None]] = codewords
    return rows


@cache
def _pads(capacity: int) -> "NDArray[np.uint8]":
    """A pad for each place in a symbol but for the first, by the 253-state algorithm (annex B.1)."""
    places = np.arange(1, capacity + 1)
    pads = _PAD + 149 * places % 253 + 1
    return np.where(pads <= 254, pads, pads - 254).astype(np.uint8)

"""How text is cut into segments of numeric, alphanumeric and byte mode (ISO/IEC 18004 7.4.7).

Only what kind of character stands where decides, so texts of one make are cut once.
"""

import re
from functools import lru_cache
from typing import NamedTuple

__all__ = ["LAST_VERSIONS", "MODES", "Cut", "bit_length", "kinds_of", "segments"]


class Cut(NamedTuple):
    """A run of characters in one mode."""

    mode: str
    """``numeric``, ``alphanumeric`` or ``byte``."""
    start: int
    stop: int


class _Mode(NamedTuple):
    sixths: int
    """What a character costs, in sixths of a bit (ISO/IEC 18004 7.4.4 to 7.4.6)."""
    count_bits: tuple[int, int, int]
    """Bits of the character count in each range of versions (table 3)."""


MODES = {
    "numeric": _Mode(20, (10, 12, 14)),
    "alphanumeric": _Mode(33, (9, 11, 13)),
    "byte": _Mode(48, (8, 16, 16)),
}
MODE_BITS = 4
LAST_VERSIONS = (9, 26, 40)
"""Of the three ranges of versions that differ in the bits of a character count."""

_NAMES = tuple(MODES)
_SIXTHS = tuple(mode.sixths for mode in MODES.values())
_OPENING = tuple(
    tuple(6 * (MODE_BITS + mode.count_bits[version_range]) for mode in MODES.values())
    for version_range in range(len(LAST_VERSIONS))
)
"""By range of versions and mode: what a new segment costs, in sixths of a bit."""
_MODES_OF_KIND = ((0, 1, 2), (1, 2), (2,))
_IMPOSSIBLE = 1 << 30
_RUN = re.compile(rb"\x00+|\x01+|\x02+")
_ALPHANUMERIC = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_KINDS = bytes(
    0 if character in b"0123456789" else 1 if character in _ALPHANUMERIC else 2
    for character in range(256)
)


def kinds_of(text: bytes) -> bytes:
    """For each character, the first of the modes that can hold it; those after it can, too."""
    return text.translate(_KINDS)


@lru_cache(maxsize=1 << 14)
def segments(kinds: bytes, version_range: int = 0) -> tuple[Cut, ...]:
    """Cut text into the segments that take the fewest bits.

    A character that moves from a cheap mode to the next one costs at least 5 bits there and saves at
    most 4, so segments change only where the kind of character does. For each run of one kind the
    cheapest way to its end in each mode is found, from left to right.

    Args:
        kinds: What `kinds_of` says of the text.
        version_range: 0, 1 or 2 for versions 1 to 9, 10 to 26 and 27 to 40.
    """
    opening = _OPENING[version_range]
    # By mode: the cost in sixths of a bit of all so far, to be in that mode
    best = [_IMPOSSIBLE, _IMPOSSIBLE, _IMPOSSIBLE]
    cheapest, cheapest_mode = 0, 0
    came_from: list[tuple[int, list[int]]] = []
    for run in _RUN.finditer(kinds):
        start, stop = run.span()
        origin = [cheapest_mode] * 3
        reached = [_IMPOSSIBLE] * 3
        switched, before = cheapest, cheapest_mode
        cheapest = _IMPOSSIBLE
        for mode in _MODES_OF_KIND[kinds[start]]:
            cost, stay = switched + opening[mode], best[mode]
            if stay < cost or (stay == cost and mode < before):
                cost, origin[mode] = stay, mode
            reached[mode] = cost = cost + _SIXTHS[mode] * (stop - start)
            # A segment ends on a whole bit: what it leaves of the last one is lost.
            whole = -(-cost // 6) * 6
            if whole < cheapest:
                cheapest, cheapest_mode = whole, mode
        best = reached
        came_from.append((start, origin))
    return _trace_back(cheapest_mode, came_from, len(kinds))


def _trace_back(mode: int, came_from: list[tuple[int, list[int]]], stop: int) -> tuple[Cut, ...]:
    found: list[Cut] = []
    for start, origin in reversed(came_from):
        before = origin[mode]
        if before != mode or start == 0:
            found.append(Cut(_NAMES[mode], start, stop))
            stop, mode = start, before
    return tuple(found[::-1])


def bit_length(cuts: tuple[Cut, ...], version_range: int) -> int:
    """How many bits segments take with their indicators."""
    return sum(
        MODE_BITS
        + MODES[cut.mode].count_bits[version_range]
        + -(-MODES[cut.mode].sixths * (cut.stop - cut.start) // 6)
        for cut in cuts
    )

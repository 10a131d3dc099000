"""How text is cut into segments of numeric, alphanumeric and byte mode (ISO/IEC 18004 7.4.7).

Only what kind of character stands where decides, so texts of one make are cut once.
"""

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

    The cheapest way to reach each character in each mode is found from left to right, as in
    ISO/IEC 18004 annex J, but without its rules of thumb.

    Args:
        kinds: What `kinds_of` says of the text.
        version_range: 0, 1 or 2 for versions 1 to 9, 10 to 26 and 27 to 40.
    """
    opening = [6 * (MODE_BITS + mode.count_bits[version_range]) for mode in MODES.values()]
    sixths = [mode.sixths for mode in MODES.values()]
    # best[mode]: cost in sixths of a bit to have encoded all so far and be in that mode
    best: dict[int, int] = {}
    came_from: list[dict[int, int]] = []
    for kind in kinds:
        reached: dict[int, int] = {}
        origin: dict[int, int] = {}
        for mode in range(kind, len(_NAMES)):
            # A segment ends on a whole bit: what it leaves of the last one is lost.
            ways = [(-(-cost // 6) * 6 + opening[mode], before) for before, cost in best.items()]
            ways += [(best[mode], mode)] if mode in best else []
            cost, origin[mode] = min(ways or [(opening[mode], mode)])
            reached[mode] = cost + sixths[mode]
        best = reached
        came_from.append(origin)
    return _trace_back(min(best, key=lambda mode: (-(-best[mode] // 6), mode)), came_from)


def _trace_back(mode: int, came_from: list[dict[int, int]]) -> tuple[Cut, ...]:
    found: list[Cut] = []
    stop = len(came_from)
    for position in range(len(came_from) - 1, -1, -1):
        before = came_from[position][mode]
        if before != mode or position == 0:
            found.append(Cut(_NAMES[mode], position, stop))
            stop, mode = position, before
    return tuple(found[::-1])


def bit_length(cuts: tuple[Cut, ...], version_range: int) -> int:
    """How many bits segments take with their indicators."""
    return sum(
        MODE_BITS
        + MODES[cut.mode].count_bits[version_range]
        + -(-MODES[cut.mode].sixths * (cut.stop - cut.start) // 6)
        for cut in cuts
    )

"""Symbol characters of GS1-128 and their bars (ISO/IEC 15417).

python-barcode knows the patterns. The choice of code sets is ours, because the fewest symbol
characters can decide whether a symbol is within GS1's limit of 165.1 mm. It depends only on where
there are digits and separators, so it is made once for all data that are alike in that.
"""

from collections.abc import Callable
from functools import cache, lru_cache
from itertools import groupby
from operator import itemgetter, mul
from struct import Struct
from typing import Any, NamedTuple

from closient_export.gs1 import FNC1

__all__ = ["gs1_128_patterns"]

_START_B, _START_C, _TO_B, _TO_C, _FNC1_VALUE = 104, 105, 100, 99, 102
_CODES = (_START_B, _START_C, _TO_B, _TO_C, _FNC1_VALUE)
"""Values that no data stand for."""
_WEIGHTS = (1, *range(1, 1 << 8))
_MODULUS = 103

_DIGIT, _OTHER, _SEPARATOR = "0", "A", FNC1
_PAIR = _DIGIT * 2
_KINDS = bytes(
    ord(_DIGIT if chr(code).isdecimal() else FNC1 if chr(code) == FNC1 else _OTHER)
    for code in range(1 << 7)
) + bytes(ord(_OTHER) for _ in range(1 << 7))

_VALUES: dict[bytes, int] = {
    **{b"%02d" % pair: pair for pair in range(100)},
    **{bytes((code,)): code - ord(" ") for code in range(ord(" "), 0x7F)},
    FNC1.encode("ascii"): _FNC1_VALUE,
}
"""Of what one symbol character says: a pair of digits in code set C, one character in B."""


def gs1_128_patterns(raw: str) -> tuple[str, ...]:
    """The widths of bars and spaces of each symbol character, from start to stop.

    Args:
        raw: What the symbol says, without the FNC1 that opens it.
    """
    data = raw.encode("ascii")
    cut, order = _plan(data.translate(_KINDS))
    values = order((*map(_VALUES.__getitem__, cut(data)), *_CODES))
    check = sum(map(mul, values, _WEIGHTS)) % _MODULUS
    patterns, stop = _patterns()
    return (*map(patterns.__getitem__, values), patterns[check], stop)


class _Plan(NamedTuple):
    """How data are said."""

    cut: Callable[[bytes], tuple[Any, ...]]
    """Into what one symbol character says."""
    order: Callable[[tuple[int, ...]], tuple[int, ...]]
    """All values without the check character, from those of the pieces and `_CODES`."""


@lru_cache(maxsize=1 << 12)
def _plan(kinds: bytes) -> _Plan:
    steps = _steps(kinds.decode("ascii"))
    sizes = [step for step in steps if isinstance(step, str)]
    places, pieces = [], 0
    for step in steps:
        if isinstance(step, str):
            places.append(pieces)
            pieces += 1
        else:
            places.append(len(sizes) + _CODES.index(step))
    return _Plan(Struct("".join(sizes)).unpack, itemgetter(*places))


def _steps(kinds: str) -> list[int | str]:
    """The fewest symbol characters that say data of some kinds, without check character and stop.

    Code set A has nothing that GS1's character sets need. For each place, from the right, the
    cheapest rest in code set B and in C is found; where both cost the same, the set that is in use
    is kept.

    Returns:
        Values of `_CODES`, and for each character of data ``1s`` or ``2s``, the size of what it
        says.
    """
    rest_b: list[int] = [0] * (len(kinds) + 1)
    rest_c: list[int] = [0] * (len(kinds) + 1)
    for place in range(len(kinds) - 1, -1, -1):
        stay_b = 1 + rest_b[place + 1]
        if kinds.startswith(_PAIR, place):
            stay_c = 1 + rest_c[place + 2]
        elif kinds[place] == _SEPARATOR:
            stay_c = 1 + rest_c[place + 1]
        else:
            stay_c = stay_b + 2  # more than by way of code set B
        rest_b[place] = stay_b if stay_b <= stay_c else 1 + stay_c
        rest_c[place] = stay_c if stay_c <= stay_b else 1 + stay_b
    in_c = rest_c[0] <= rest_b[0]
    steps: list[int | str] = [_START_C if in_c else _START_B, _FNC1_VALUE]
    place = 0
    while place < len(kinds):
        rest = rest_c if in_c else rest_b
        single = not in_c or kinds[place] == _SEPARATOR
        size = 1 if single else 2
        possible = single or kinds.startswith(_PAIR, place)
        if possible and rest[place] == 1 + rest[place + size]:
            steps.append(f"{size}s")
            place += size
        else:
            steps.append(_TO_B if in_c else _TO_C)
            in_c = not in_c
    return steps


@cache
def _patterns() -> tuple[tuple[str, ...], str]:
    """Of all values, and of the stop character."""
    from barcode.charsets import code128  # noqa: PLC0415 - loaded when first needed

    codes: list[str] = code128.CODES
    return tuple(map(_widths, codes)), _widths(code128.STOP + "11")


def _widths(modules: str) -> str:
    return "".join(str(len(list(run))) for _, run in groupby(modules))

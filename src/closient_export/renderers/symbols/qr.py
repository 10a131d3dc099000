"""QR Code symbols (ISO/IEC 18004), model 2, as small as the data allow.

segno makes the symbol; what is decided here is how the data are cut into segments of numeric,
alphanumeric and byte mode, which segno leaves to its caller. Micro QR and ECI are not part of the
GS1 system (GenSpecs 5.7), so neither is used.
"""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from closient_export.errors import RenderError
from closient_export.renderers.symbols.matrix import MatrixSymbol

__all__ = ["ErrorCorrection", "Segment", "encode", "segments"]

ErrorCorrection = Literal["L", "M", "Q", "H"]

_QUIET_ZONE = 4

_ALPHANUMERIC = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")


class Segment(NamedTuple):
    """A run of characters in one mode."""

    mode: str
    """``numeric``, ``alphanumeric`` or ``byte``."""
    text: str


class _Mode(NamedTuple):
    name: str
    sixths: int
    """What a character costs, in sixths of a bit (ISO/IEC 18004 7.4.3 to 7.4.5)."""
    count_bits: tuple[int, int, int]
    """Bits of the character count in versions 1 to 9, 10 to 26, 27 to 40 (table 3)."""


_MODES = (
    _Mode("numeric", 20, (10, 12, 14)),
    _Mode("alphanumeric", 33, (9, 11, 13)),
    _Mode("byte", 48, (8, 16, 16)),
)
_MODE_BITS = 4
_LAST_VERSIONS = (9, 26, 40)


def _modes_of(character: str) -> Sequence[int]:
    if "0" <= character <= "9":
        return (0, 1, 2)
    return (1, 2) if character in _ALPHANUMERIC else (2,)


def segments(text: str, version_range: int = 0) -> list[Segment]:
    """Cut ASCII text into the segments that take the fewest bits.

    The cheapest way to reach each character in each mode is found from left to right, as in
    ISO/IEC 18004 annex J, but without its rules of thumb.

    Args:
        text: What to encode.
        version_range: 0, 1 or 2 for versions 1 to 9, 10 to 26 and 27 to 40.
    """
    opening = [6 * (_MODE_BITS + mode.count_bits[version_range]) for mode in _MODES]
    # best[mode]: cost in sixths of a bit to have encoded all so far and be in that mode
    best: dict[int, int] = {}
    came_from: list[dict[int, int]] = []
    for character in text:
        reached: dict[int, int] = {}
        origin: dict[int, int] = {}
        for mode in _modes_of(character):
            # A segment ends on a whole bit: what it leaves of the last one is lost.
            ways = [(-(-cost // 6) * 6 + opening[mode], before) for before, cost in best.items()]
            ways += [(best[mode], mode)] if mode in best else []
            cost, origin[mode] = min(ways or [(opening[mode], mode)])
            reached[mode] = cost + _MODES[mode].sixths
        best = reached
        came_from.append(origin)
    return _trace_back(text, min(best, key=lambda mode: (-(-best[mode] // 6), mode)), came_from)


def _trace_back(text: str, mode: int, came_from: list[dict[int, int]]) -> list[Segment]:
    found: list[Segment] = []
    end = len(text)
    for position in range(len(text) - 1, -1, -1):
        before = came_from[position][mode]
        if before != mode or position == 0:
            found.append(Segment(_MODES[mode].name, text[position:end]))
            end, mode = position, before
    return found[::-1]


def encode(text: str, error_correction: ErrorCorrection) -> MatrixSymbol:
    """The smallest symbol for ASCII text at exactly that error correction level.

    Raises:
        RenderError: the text does not fit the largest symbol, version 40.
    """
    import segno  # noqa: PLC0415 - loaded when first needed
    from segno import consts  # noqa: PLC0415

    modes = {
        "numeric": consts.MODE_NUMERIC,
        "alphanumeric": consts.MODE_ALPHANUMERIC,
        "byte": consts.MODE_BYTE,
    }
    for version_range, last in enumerate(_LAST_VERSIONS):
        # segno's annotations know text alone, its documentation segments too
        parts: Any = [(part.text, modes[part.mode]) for part in segments(text, version_range)]
        try:
            code = segno.make(parts, error=error_correction, micro=False, boost_error=False)
        except segno.DataOverflowError:
            break
        version = int(code.version)
        if version <= last:
            rows = tuple(map(bytes, code.matrix))
            name = f"QR {version}-{error_correction} {len(rows)}x{len(rows)}"
            return MatrixSymbol(rows, _QUIET_ZONE, name, text)
    raise RenderError(
        f"a payload of {len(text)} characters does not fit a QR Code at level {error_correction}"
    )

"""Linear symbols: GS1-128, ITF-14, EAN-13, UPC-A and EAN-8 as widths of bars and spaces.

python-barcode knows the patterns. The choice of code sets of GS1-128 is ours, because the fewest
symbol characters can decide whether a symbol is within GS1's limit of 165.1 mm.
"""

from functools import cache
from itertools import groupby
from typing import Any, Literal, NamedTuple

from attrs import frozen

from closient_export.errors import RenderError
from closient_export.gs1 import FNC1, ElementString, Gtin

__all__ = [
    "Kind",
    "LinearSymbol",
    "TextBox",
    "encode_gs1_128",
    "encode_gtin",
    "encode_itf_14",
]

Kind = Literal["GS1-128", "ITF-14", "EAN-13", "UPC-A", "EAN-8"]

_LONGEST_DATA = 48
"""Characters of a GS1-128 symbol, AIs and separators included (GenSpecs 5.4.4.3)."""
_QUIET_ZONES: dict[Kind, tuple[int, int]] = {
    "GS1-128": (10, 10),
    "ITF-14": (10, 10),
    "EAN-13": (11, 7),
    "UPC-A": (9, 9),
    "EAN-8": (7, 7),
}


class TextBox(NamedTuple):
    """Text below the bars, centred between two places, in X from the first bar."""

    text: str
    start: float
    stop: float


@frozen(kw_only=True)
class LinearSymbol:
    """A linear symbol: what it says, its bars, and the text below them. All widths are in X."""

    kind: Kind
    payload: str
    """What a reader returns."""
    elements: tuple[float, ...]
    """The widths of bars and spaces in turn, from the first to the last bar."""
    guards: frozenset[int] = frozenset()
    """Indices of the bars that reach below the others."""
    text: tuple[TextBox, ...]

    @property
    def quiet_zones(self) -> tuple[int, int]:
        """Light space that it needs on the left and on the right."""
        return _QUIET_ZONES[self.kind]

    @property
    def bars_width(self) -> float:
        """From the first to the last bar."""
        return sum(self.elements)

    @property
    def width(self) -> float:
        """With its quiet zones."""
        return self.bars_width + sum(self.quiet_zones)


def _elements(pattern: str, units: int = 1) -> tuple[float, ...]:
    """The widths of a pattern with ``0`` for light and anything else for dark."""
    return tuple(
        sum(1 for _ in run) / units for _, run in groupby(pattern, key=lambda module: module == "0")
    )


# GS1-128 (ISO/IEC 15417)

_START_B, _START_C, _TO_B, _TO_C, _FNC1_VALUE = 104, 105, 100, 99, 102


def _code_sets(data: str) -> list[int]:
    """The fewest values that say `data`, from FNC1 on, without check character and stop.

    Code set A has nothing that GS1's character sets need. For each place, from the right, the
    cheapest rest in code set B and in C is found; where both cost the same, the set that is in use
    is kept.
    """
    rest_b: list[int] = [0] * (len(data) + 1)
    rest_c: list[int] = [0] * (len(data) + 1)
    for place in range(len(data) - 1, -1, -1):
        stay_b = 1 + rest_b[place + 1]
        stay_c = len(data) * 2 + 2
        if data[place] == FNC1:
            stay_c = 1 + rest_c[place + 1]
        elif _is_pair(data, place):
            stay_c = 1 + rest_c[place + 2]
        rest_b[place] = min(stay_b, 1 + stay_c)
        rest_c[place] = min(stay_c, 1 + stay_b)
    in_c = rest_c[0] <= rest_b[0]
    values = [_START_C if in_c else _START_B, _FNC1_VALUE]
    place = 0
    while place < len(data):
        rest = rest_c if in_c else rest_b
        single = not in_c or data[place] == FNC1
        step = 1 if single else 2
        if (single or _is_pair(data, place)) and rest[place] == 1 + rest[place + step]:
            values.append(_value(data[place : place + step], in_c=in_c))
            place += step
        else:
            values.append(_TO_B if in_c else _TO_C)
            in_c = not in_c
    return values


def _is_pair(data: str, place: int) -> bool:
    pair = data[place : place + 2]
    return len(pair) == 2 and pair.isdigit()


def _value(text: str, *, in_c: bool) -> int:
    if text == FNC1:
        return _FNC1_VALUE
    return int(text) if in_c else ord(text) - ord(" ")


@cache
def _code_128() -> Any:
    from barcode.charsets import code128  # noqa: PLC0415 - loaded when first needed

    return code128


def encode_gs1_128(elements: ElementString) -> LinearSymbol:
    """A GS1-128 symbol for an element string.

    Raises:
        RenderError: it has more than 48 characters (GenSpecs 5.4.4.3).
    """
    raw = elements.raw()
    if len(raw) > _LONGEST_DATA:
        raise RenderError(
            f"expected at most {_LONGEST_DATA} characters in a GS1-128 symbol, separators "
            f"included, got {len(raw)}"
        )
    values = _code_sets(raw)
    check = values[0] + sum(weight * value for weight, value in enumerate(values[1:], 1))
    tables = _code_128()
    pattern = "".join(tables.CODES[value] for value in (*values, check % 103)) + tables.STOP + "11"
    bars = _elements(pattern)
    return LinearSymbol(
        kind="GS1-128",
        payload=raw,
        elements=bars,
        text=tuple(TextBox(f"({ai}){value}", 0, sum(bars)) for ai, value in elements),
    )


# EAN/UPC (ISO/IEC 15420)


def encode_gtin(gtin: Gtin) -> LinearSymbol:
    """The symbol that carries a bare GTIN by its native length: EAN-8, UPC-A, EAN-13 or ITF-14."""
    if gtin.native_length == 14:
        return encode_itf_14(gtin)
    from barcode import ean  # noqa: PLC0415 - loaded when first needed

    if gtin.native_length == 8:
        pattern = ean.EAN8(gtin.native, guardbar=True).build()[0]
        left, right = gtin.native[:4], gtin.native[4:]
        halves = (TextBox(left, 3, 31), TextBox(right, 36, 64))
        return _ean("EAN-8", gtin.native, pattern, halves)
    pattern = ean.EAN13(gtin.value[1:], guardbar=True).build()[0]
    digits = gtin.native
    if gtin.native_length == 13:
        halves = (TextBox(digits[1:7], 3, 45), TextBox(digits[7:], 50, 92))
        return _ean("EAN-13", digits, pattern, (TextBox(digits[0], -10, -2), *halves))
    # The bars of the first and the last digit of UPC-A are as long as the guards.
    tall = "".join(
        "G" if module == "1" and (place < 10 or place >= 85) else module
        for place, module in enumerate(pattern)
    )
    sides = (TextBox(digits[0], -9, -2), TextBox(digits[-1], 97, 104))
    halves = (TextBox(digits[1:6], 10, 45), TextBox(digits[6:-1], 50, 85))
    return _ean("UPC-A", gtin.value[1:], tall, (*sides, *halves))


def _ean(kind: Kind, payload: str, pattern: str, text: tuple[TextBox, ...]) -> LinearSymbol:
    runs = [("".join(run)) for _, run in groupby(pattern, key=lambda module: module == "0")]
    return LinearSymbol(
        kind=kind,
        payload=payload,
        elements=tuple(map(len, runs)),
        guards=frozenset(index for index, run in enumerate(runs) if "G" in run),
        text=text,
    )


# ITF-14 (ISO/IEC 16390)

_UNITS = 2
"""python-barcode's units in a narrow bar; a wide one has five, the target ratio of 2.5."""


def encode_itf_14(gtin: Gtin) -> LinearSymbol:
    """An ITF-14 symbol with all 14 digits of a GTIN."""
    from barcode.itf import ITF  # noqa: PLC0415 - loaded when first needed

    bars = _elements(ITF(gtin.value, narrow=_UNITS, wide=5).build()[0], _UNITS)
    value = gtin.value
    spaced = f"{value[0]} {value[1:3]} {value[3:8]} {value[8:13]} {value[13]}"
    return LinearSymbol(
        kind="ITF-14", payload=value, elements=bars, text=(TextBox(spaced, 0, sum(bars)),)
    )

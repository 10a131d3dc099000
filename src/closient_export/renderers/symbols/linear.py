"""Linear symbols: GS1-128, ITF-14, EAN-13, UPC-A and EAN-8 as widths of bars and spaces.

python-barcode knows the patterns.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from typing import Literal, NamedTuple

from attrs import frozen

from closient_export.errors import RenderError
from closient_export.gs1 import ElementString, Gtin
from closient_export.renderers.symbols.linear_code_128 import gs1_128_patterns

__all__ = [
    "Kind",
    "LinearSymbol",
    "Run",
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
_GTINS = 1 << 10
"""How many symbols of bare GTINs are kept, because the lots of a product repeat it."""


class TextBox(NamedTuple):
    """Digits among the guards, centred between two places, in X from the first bar."""

    text: str
    start: float
    stop: float


class Run(NamedTuple):
    """Bars of one height that follow each other."""

    start: float
    """In X from the first bar of the symbol."""
    patterns: tuple[str, ...]
    """The widths of bars and spaces in turn, a digit for each, in the symbol's units; each pattern
    starts with a bar."""
    is_guard: bool = False
    """Whether they reach below the others."""


@frozen(kw_only=True)
class LinearSymbol:
    """A linear symbol: what it says, its bars, and the text below them. All widths are in X."""

    kind: Kind
    payload: str
    """What a reader returns."""
    title: str
    """What it says, for people who do not see it."""
    bars_width: float
    """From the first to the last bar."""
    runs: tuple[Run, ...]
    text: tuple[str, ...] = ()
    """Below the bars, in lines of one or more of these, none of which is split."""
    digits: tuple[TextBox, ...] = ()
    """Instead of text, in EAN/UPC symbols."""
    unit: float = 1
    """That of the widths of bars and spaces."""

    @property
    def quiet_zones(self) -> tuple[int, int]:
        """Light space that it needs on the left and on the right."""
        return _QUIET_ZONES[self.kind]

    @property
    def width(self) -> float:
        """With its quiet zones."""
        return self.bars_width + sum(self.quiet_zones)


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
    patterns = gs1_128_patterns(raw)
    width = 11 * len(patterns) + 2  # the stop character has a bar more than others
    return LinearSymbol(
        kind="GS1-128",
        payload=raw,
        title=elements.hri(),
        bars_width=width,
        runs=(Run(0, patterns),),
        text=tuple([f"({ai}){value}" for ai, value in elements]),
    )


# EAN/UPC (ISO/IEC 15420)


@lru_cache(maxsize=_GTINS)
def encode_gtin(gtin: Gtin) -> LinearSymbol:
    """The symbol that carries a bare GTIN by its native length: EAN-8, UPC-A, EAN-13 or ITF-14."""
    if gtin.native_length == 14:
        return encode_itf_14(gtin)
    from barcode import ean  # noqa: PLC0415 - loaded when first needed

    if gtin.native_length == 8:
        modules = ean.EAN8(gtin.native, guardbar=True).build()[0]
        left, right = gtin.native[:4], gtin.native[4:]
        halves = (TextBox(left, 3, 31), TextBox(right, 36, 64))
        return _ean("EAN-8", gtin.native, modules, halves)
    modules = ean.EAN13(gtin.value[1:], guardbar=True).build()[0]
    digits = gtin.native
    if gtin.native_length == 13:
        halves = (TextBox(digits[1:7], 3, 45), TextBox(digits[7:], 50, 92))
        return _ean("EAN-13", digits, modules, (TextBox(digits[0], -10, -2), *halves))
    # The bars of the first and the last digit of UPC-A are as long as the guards.
    tall = "".join(
        "G" if module == "1" and (place < 10 or place >= 85) else module
        for place, module in enumerate(modules)
    )
    sides = (TextBox(digits[0], -9, -2), TextBox(digits[-1], 97, 104))
    halves = (TextBox(digits[1:6], 10, 45), TextBox(digits[6:-1], 50, 85))
    return _ean("UPC-A", gtin.value[1:], tall, (*sides, *halves))


def _ean(kind: Kind, payload: str, modules: str, digits: tuple[TextBox, ...]) -> LinearSymbol:
    return LinearSymbol(
        kind=kind,
        payload=payload,
        title=payload,
        bars_width=len(modules),
        runs=tuple(_runs(modules)),
        digits=digits,
    )


def _runs(modules: str) -> Iterator[Run]:
    """Modules, with ``0`` for light and ``G`` for the dark ones of guards, as runs."""
    bars = "".join(str(len(list(bar))) for _, bar in groupby(modules, key="0".__eq__))
    kinds = ["G" in bar for is_light, bar in groupby(modules, key="0".__eq__) if not is_light]
    place = first = 0
    for is_guard, alike in groupby(kinds):
        pattern = bars[2 * first : 2 * (first + len(list(alike)))]
        pairs = tuple(pattern[at : at + 2] for at in range(0, len(pattern), 2))
        yield Run(place, pairs, is_guard)
        place += sum(map(int, pattern))
        first += len(pattern) // 2


# ITF-14 (ISO/IEC 16390)

_UNITS = 2
"""python-barcode's units in a narrow bar; a wide one has five, the target ratio of 2.5."""


@lru_cache(maxsize=_GTINS)
def encode_itf_14(gtin: Gtin) -> LinearSymbol:
    """An ITF-14 symbol with all 14 digits of a GTIN."""
    from barcode.itf import ITF  # noqa: PLC0415 - loaded when first needed

    value = gtin.value
    modules = ITF(value, narrow=_UNITS, wide=5).build()[0]
    spaced = f"{value[0]} {value[1:3]} {value[3:8]} {value[8:13]} {value[13]}"
    width = len(modules) / _UNITS
    return LinearSymbol(
        kind="ITF-14",
        payload=value,
        title=value,
        bars_width=width,
        runs=tuple(_runs(modules)),
        text=(spaced,),
        unit=1 / _UNITS,
    )

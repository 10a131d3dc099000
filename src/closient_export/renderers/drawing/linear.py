"""Linear symbols drawn: bars, guard bars, bearer bars, and the text below them.

Proportions of GenSpecs 5.2.3 (EAN/UPC), 5.3.2 (ITF-14) and 5.4.6 (GS1-128).
"""

from collections.abc import Iterable, Iterator
from typing import Literal

from closient_export.renderers.drawing.artwork import (
    CAPITAL_HEIGHT,
    Artwork,
    Bars,
    Rectangle,
    Text,
    text_width,
)
from closient_export.renderers.symbols.linear import LinearSymbol, TextBox

__all__ = ["BearerBars", "draw_linear"]

BearerBars = Literal["horizontal", "frame", "none"]

_GUARD_REACH = 5
"""How far guard bars reach below the others, in X."""
_BEARER_WIDTH = 2
"""In X: enough where ink is not pressed on by plates."""
_EAN_DIGIT = 8.3
"""The height of the digits of EAN/UPC symbols, in X."""
_EAN_TEXT_SHARE = 0.94
"""How much of the room between two guards they may take."""
_TEXT_SIZE = 2.5 / CAPITAL_HEIGHT
"""Of the digits below other symbols, in mm: they are 2.5 mm high."""
_TEXT_GAP = 1.02
"""Between bars or bearer bars and text, in mm."""
_LINE_HEIGHT = 1.3
_DESCENT = 0.25
"""How far text reaches below its line, in font sizes."""


def draw_linear(
    symbol: LinearSymbol,
    *,
    x_dimension_mm: float,
    height_mm: float,
    text: bool,
    bearer_bars: BearerBars,
    title: str,
) -> Artwork:
    """A linear symbol with its quiet zones.

    Args:
        symbol: Its bars.
        x_dimension_mm: The width of its narrowest bar, in millimetres.
        height_mm: The height of its bars, without guards.
        text: Whether the human readable text is written below.
        bearer_bars: What surrounds ITF-14; other symbols have none.
        title: What it is, for people who do not see it.
    """
    x = x_dimension_mm
    bearers = symbol.kind == "ITF-14" and bearer_bars != "none"
    frame = bearers and bearer_bars == "frame"
    bearer = _BEARER_WIDTH * x if bearers else 0
    side = bearer if frame else 0
    width = symbol.width * x + 2 * side
    left = side + symbol.quiet_zones[0] * x
    bottom = bearer + height_mm
    bars = tuple(_bars(symbol, x, left, bearer, height_mm))
    rectangles: list[Rectangle] = []
    if bearers:
        rectangles += [Rectangle(0, 0, width, bearer), Rectangle(0, bottom, width, bearer)]
    if frame:
        rectangles += [Rectangle(0, bearer, bearer, height_mm)]
        rectangles += [Rectangle(width - bearer, bearer, bearer, height_mm)]
    texts: list[Text] = []
    ends = [bottom + bearer, *[run.y + run.height for run in bars]]
    if text:
        start = bottom + bearer + _TEXT_GAP
        texts = [_digits(box, x, left, bottom) for box in symbol.digits]
        texts += _lines(symbol.text, width, start, left, symbol.bars_width * x)
        ends.append(max([line.baseline for line in texts]) + _DESCENT * texts[-1].size)
    return Artwork(
        width=width,
        height=max(ends),
        bars=bars,
        rectangles=tuple(rectangles),
        texts=tuple(texts),
        title=title,
    )


def _bars(symbol: LinearSymbol, x: float, left: float, top: float, height: float) -> Iterator[Bars]:
    for run in symbol.runs:
        reach = _GUARD_REACH * x if run.is_guard else 0
        yield Bars(left + run.start * x, top, symbol.unit * x, height + reach, run.patterns)


def _digits(box: TextBox, x: float, left: float, bottom: float) -> Text:
    """The digits of an EAN/UPC symbol, each half as wide as its bars."""
    size = _EAN_DIGIT * x / CAPITAL_HEIGHT
    room = (box.stop - box.start) * x
    size = min(size, size * _EAN_TEXT_SHARE * room / text_width(box.text, size))
    start = left + box.start * x + (room - text_width(box.text, size)) / 2
    return Text(box.text, start, bottom + x + CAPITAL_HEIGHT * size, size)


def _lines(
    parts: Iterable[str], width: float, top: float, left: float, room: float
) -> Iterator[Text]:
    """Text in as many lines as it takes; no part of it is split (GenSpecs 4.14)."""
    lines: list[str] = []
    widths: list[float] = []
    for part in parts:
        wide = text_width(part, _TEXT_SIZE)
        if lines and widths[-1] + wide <= width:
            lines[-1] += part
            widths[-1] += wide
        else:
            lines.append(part)
            widths.append(wide)
    baseline = top + CAPITAL_HEIGHT * _TEXT_SIZE
    for line, wide in zip(lines, widths, strict=True):
        # A single part wider than the symbol is written smaller.
        share = min(1, width / wide)
        start = left + (room - wide * share) / 2
        start = min(max(start, 0), width - wide * share)
        yield Text(line, start, baseline, _TEXT_SIZE * share)
        baseline += _LINE_HEIGHT * _TEXT_SIZE

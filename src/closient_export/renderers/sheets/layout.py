"""What is where on one label: a symbol as large as fits, and lines of text.

On a rectangular label the text stands beside the symbol or below it, on a round one above and below
it within the circle. All lengths are millimetres, from the upper left corner of the label.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from attrs import evolve, frozen

from closient_export.errors import RenderError
from closient_export.renderers.drawing.fonts import FontChain
from closient_export.renderers.sheets.templates import Shape
from closient_export.renderers.symbols.specifications import XDimension

__all__ = ["Layout", "Line", "Room", "WrittenLine", "lay_out", "write_above"]

_SIZES = (3.2, 2.8, 2.4, 2.1, 1.9, 1.7, 1.5, 1.35, 1.2)
"""Font sizes that are tried, the largest first."""
_READABLE = 5
"""So many of them are large enough that a name is rather written smaller than shortened."""
_LINE_HEIGHT = 1.18
"""In font sizes."""
_BASELINE = 0.86
"""From the top of a line, in font sizes."""
_GAP = 0.8
"""Between symbol and text."""
_WIDE = 1.45
"""From this proportion of width to height on, text stands beside the symbol."""
_SHORTEST_NAME = 6
"""Characters that must be left of a line that is shortened."""
_ELLIPSIS = "…"


@frozen
class Line:
    """A line of text before it has a place."""

    text: str
    font: int
    shortens: bool = False
    """Whether its end may give way to an ellipsis; an identifier's never may."""


class WrittenLine(NamedTuple):
    """A line of text in its place."""

    text: str
    font: int
    size: float
    x: float
    baseline: float


@frozen(kw_only=True)
class Room:
    """A label without its margin."""

    shape: Shape
    margin: float
    width: float
    """Of the label, margins included."""
    height: float


@frozen(kw_only=True)
class Layout:
    """Where the symbol and the lines go."""

    x: float
    """The left end of the symbol, quiet zone included."""
    y: float
    """Its upper end."""
    x_dimension: float
    lines: tuple[WrittenLine, ...]


class _Trial(NamedTuple):
    """How much room one size of text leaves the symbol, and how the label then looks."""

    width: float
    height: float
    place: Callable[[float], Layout]
    """From the X-dimension; raises `_NoRoom` if a line has to be shortened too much."""


class _NoRoom(Exception):
    """Text of that size does not fit."""


def lay_out(
    room: Room,
    modules: tuple[float, float],
    x_dimension: XDimension,
    lines: Sequence[Line],
    fonts: FontChain,
) -> Layout:
    """Find a place for a symbol and its lines.

    The text is as large as leaves the symbol its target size, or else as small as can be read; a name
    is shortened where even small text has no room for all of it.

    Args:
        room: The label.
        modules: The width and the height of the symbol in X, quiet zones included.
        x_dimension: How large X may be.
        lines: The text, top to bottom.
        fonts: What it is written in.

    Raises:
        RenderError: it does not fit; the message says how much room there is and how much is needed.
    """
    whole = [evolve(line, shortens=False) for line in lines]
    for size in _SIZES[:_READABLE]:
        found, fits = _tried(room, modules, x_dimension, whole, fonts, size)
        if found is not None and fits >= x_dimension.target:
            return found
    best = 0.0
    fitting: Layout | None = None
    for size in _SIZES:
        found, fits = _tried(room, modules, x_dimension, lines, fonts, size)
        best = max(best, fits)
        fitting = found or fitting
        if found is not None and fits >= x_dimension.target:
            break
    if fitting is not None:
        return fitting
    least = f"{modules[0] * x_dimension.minimum:.1f} x {modules[1] * x_dimension.minimum:.1f} mm"
    offered = f"{modules[0] * best:.1f} x {modules[1] * best:.1f} mm" if best else "none"
    beside = f" with {len(lines)} lines of text" if lines else ""
    raise RenderError(
        f"expected room for a symbol of {least}, at an X-dimension of {x_dimension.minimum} mm; the "
        f"label has {offered}{beside}"
    )


def _tried(
    room: Room,
    modules: tuple[float, float],
    x_dimension: XDimension,
    lines: Sequence[Line],
    fonts: FontChain,
    size: float,
) -> tuple[Layout | None, float]:
    """The layout with text of that size, if it is one, and the X-dimension that fits."""
    fits = 0.0
    try:
        trial = _trial(room, modules, lines, fonts, size)
        fits = min(trial.width / modules[0], trial.height / modules[1], x_dimension.maximum)
        return (trial.place(fits) if fits >= x_dimension.minimum else None), fits
    except _NoRoom:
        return None, fits


def write_above(
    room: Room, lines: Sequence[Line], fonts: FontChain, *, least_below: float
) -> tuple[tuple[WrittenLine, ...], float]:
    """Write lines along the top of a rectangular label, and say where they end.

    Args:
        room: The label.
        lines: The text.
        fonts: What it is written in.
        least_below: How much room must be left below the text.

    Raises:
        RenderError: there is not as much room.
    """
    inner = room.height - 2 * room.margin
    for size in _SIZES:
        block = len(lines) * size * _LINE_HEIGHT + (_GAP if lines else 0)
        if block + least_below <= inner:
            try:
                written = tuple(
                    _centred(
                        line,
                        _fitted(line, size, room.width - 2 * room.margin, fonts),
                        size,
                        room.width / 2,
                        room.margin + step,
                        fonts,
                    )
                    for line, step in zip(lines, _steps(lines, size), strict=True)
                )
            except _NoRoom:
                continue
            return written, room.margin + block
    raise RenderError(
        f"expected room for {least_below:.1f} mm below {len(lines)} lines of text; the label has "
        f"{inner:.1f} mm"
    )


def _trial(
    room: Room,
    modules: tuple[float, float],
    lines: Sequence[Line],
    fonts: FontChain,
    size: float,
) -> _Trial:
    if room.shape == "round":
        return _in_circle(room, modules, lines, fonts, size)
    if lines and room.width >= _WIDE * room.height and modules[0] < _WIDE * modules[1]:
        return _beside(room, modules, lines, fonts, size)
    return _below(room, modules, lines, fonts, size)


def _below(
    room: Room,
    modules: tuple[float, float],
    lines: Sequence[Line],
    fonts: FontChain,
    size: float,
) -> _Trial:
    width, height = room.width - 2 * room.margin, room.height - 2 * room.margin
    block = len(lines) * size * _LINE_HEIGHT + (_GAP if lines else 0)
    texts = [_fitted(line, size, width, fonts) for line in lines]

    def place(x_dimension: float) -> Layout:
        symbol = modules[1] * x_dimension
        top = (room.height - symbol - block) / 2
        written = [
            _centred(line, text, size, room.width / 2, top + symbol + _GAP + step, fonts)
            for line, text, step in zip(lines, texts, _steps(lines, size), strict=True)
        ]
        x = (room.width - modules[0] * x_dimension) / 2
        return Layout(x=x, y=top, x_dimension=x_dimension, lines=tuple(written))

    return _Trial(width, height - block, place)


def _beside(
    room: Room,
    modules: tuple[float, float],
    lines: Sequence[Line],
    fonts: FontChain,
    size: float,
) -> _Trial:
    width, height = room.width - 2 * room.margin, room.height - 2 * room.margin
    block = len(lines) * size * _LINE_HEIGHT
    fixed = (fonts.fonts[x.font].width(x.text, size) for x in lines if not x.shortens)
    symbol_width = width - max(fixed, default=width / 3) - _GAP
    if block > height or symbol_width <= 0:
        raise _NoRoom

    def place(x_dimension: float) -> Layout:
        left = room.margin + modules[0] * x_dimension + _GAP
        top = (room.height - block) / 2
        written = []
        for line, step in zip(lines, _steps(lines, size), strict=True):
            text = _fitted(line, size, room.width - room.margin - left, fonts)
            baseline = top + step + _BASELINE * size
            written.append(WrittenLine(text, line.font, size, left, baseline))
        y = (room.height - modules[1] * x_dimension) / 2
        return Layout(x=room.margin, y=y, x_dimension=x_dimension, lines=tuple(written))

    return _Trial(symbol_width, height, place)


def _in_circle(
    room: Room,
    modules: tuple[float, float],
    lines: Sequence[Line],
    fonts: FontChain,
    size: float,
) -> _Trial:
    radius = room.width / 2 - room.margin
    upper = lines[: len(lines) // 2]
    # The corners of the symbol lie within the circle, and so do the outer corners of each line.
    height = 2 * radius * modules[1] / math.hypot(*modules)
    step = size * _LINE_HEIGHT
    for block in (upper[::-1], lines[len(upper) :]):
        for nth, line in enumerate(block, 1):
            width = 0.0 if line.shortens else fonts.fonts[line.font].width(line.text, size)
            if width >= 2 * radius:
                raise _NoRoom
            reach = math.sqrt(radius**2 - (width / 2) ** 2) - nth * step - _GAP / 2
            height = min(height, 2 * reach)
    if height <= 0:
        raise _NoRoom

    def place(x_dimension: float) -> Layout:
        half = modules[1] * x_dimension / 2 + _GAP / 2
        tops = [-half - len(upper) * step + n * step for n in range(len(upper))]
        tops += [half + n * step for n in range(len(lines) - len(upper))]
        written = []
        for line, top in zip(lines, tops, strict=True):
            outer = max(abs(top), abs(top + step))
            chord = 2 * math.sqrt(max(radius**2 - outer**2, 0))
            text = _fitted(line, size, chord, fonts)
            written.append(_centred(line, text, size, room.width / 2, room.height / 2 + top, fonts))
        x = (room.width - modules[0] * x_dimension) / 2
        y = (room.height - modules[1] * x_dimension) / 2
        return Layout(x=x, y=y, x_dimension=x_dimension, lines=tuple(written))

    return _Trial(height * modules[0] / modules[1], height, place)


def _steps(lines: Sequence[Line], size: float) -> list[float]:
    """The top of each line from that of the first."""
    return [number * size * _LINE_HEIGHT for number in range(len(lines))]


def _centred(
    line: Line, text: str, size: float, middle: float, top: float, fonts: FontChain
) -> WrittenLine:
    start = middle - fonts.fonts[line.font].width(text, size) / 2
    return WrittenLine(text, line.font, size, start, top + _BASELINE * size)


def _fitted(line: Line, size: float, room: float, fonts: FontChain) -> str:
    """The text of a line as far as there is room for it."""
    font = fonts.fonts[line.font]
    fitting = font.fitting(line.text, size, room + 1e-9)
    if fitting == len(line.text):
        return line.text
    if line.shortens and not font.missing(_ELLIPSIS):
        for length in range(fitting, _SHORTEST_NAME - 1, -1):
            text = line.text[:length].rstrip() + _ELLIPSIS
            if font.width(text, size) <= room:
                return text
    raise _NoRoom

"""A drawing in millimetres that any vector format can show: bars, and text as outlines."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple, TypeVar

from attrs import frozen

from closient_export.errors import RenderError
from closient_export.renderers.drawing._glyphs import GLYPHS

__all__ = [
    "CAPITAL_HEIGHT",
    "UNITS_PER_EM",
    "Artwork",
    "Bars",
    "Pieces",
    "Rectangle",
    "Step",
    "Text",
    "glyph_steps",
    "text_width",
]

_Piece = TypeVar("_Piece")

UNITS_PER_EM = 1000
"""Of the outlines, in a font size."""
CAPITAL_HEIGHT = 0.729
"""The height of digits and capitals, in font sizes."""


class Rectangle(NamedTuple):
    """A black rectangle; `x` and `y` are its upper left corner, in mm from that of the drawing."""

    x: float
    y: float
    width: float
    height: float


class Bars(NamedTuple):
    """Black bars side by side; `x` and `y` are the upper left corner of the first."""

    x: float
    y: float
    unit: float
    """That of the widths, in mm."""
    height: float
    patterns: tuple[str, ...]
    """The widths of bars and spaces in turn, a digit for each; each pattern starts with a bar."""


class Text(NamedTuple):
    """A line of text; `x` and `baseline` are where it starts, `size` is that of the font, in mm."""

    text: str
    x: float
    baseline: float
    size: float


@frozen(kw_only=True)
class Artwork:
    """Black on white, from edge to edge of the quiet zones."""

    width: float
    """In millimetres."""
    height: float
    bars: tuple[Bars, ...] = ()
    rectangles: tuple[Rectangle, ...] = ()
    texts: tuple[Text, ...] = ()
    title: str


class Pieces(dict[str, _Piece]):
    """What the same few things look like in a format, made when first needed."""

    def __init__(self, make: Callable[[str], _Piece]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, thing: str) -> _Piece:
        self[thing] = piece = self._make(thing)
        return piece


_ADVANCES = {character: advance for character, (advance, _) in GLYPHS.items()}


@lru_cache(maxsize=1 << 12)
def text_width(text: str, size: float) -> float:
    """How wide text is, in the unit of its font size.

    Raises:
        RenderError: it has a character that human readable text never has.
    """
    try:
        return sum(map(_ADVANCES.__getitem__, text)) * size / UNITS_PER_EM
    except KeyError as error:
        raise RenderError(f"no outline for the character {error.args[0]!r}") from None


class Step(NamedTuple):
    """A step of an outline: ``m``, ``l``, ``q`` (control point and end) or ``z``.

    Points are relative to where the step starts, y upwards.
    """

    command: str
    numbers: tuple[float, ...] = ()


def glyph_steps(character: str) -> Iterator[Step]:
    """The outline of a character, from where it starts to where the next one does."""
    advance, commands = GLYPHS[character]
    x = y = start_x = start_y = 0.0
    for command, numbers in commands:
        if command == "Z":
            yield Step("z")
            x, y = start_x, start_y
            continue
        away = [number - (y if place % 2 else x) for place, number in enumerate(numbers)]
        yield Step(command.lower(), tuple(away))
        x, y = numbers[-2:]
        if command == "M":
            start_x, start_y = x, y
    yield Step("m", (advance - x, -y))

"""A drawing in millimetres that any vector format can show: rectangles, and text as outlines."""

from collections.abc import Iterator
from typing import NamedTuple

from attrs import frozen

from closient_export.errors import RenderError
from closient_export.renderers.drawing._glyphs import GLYPHS

__all__ = ["CAPITAL_HEIGHT", "Artwork", "Outline", "Rectangle", "Text", "text_width"]

CAPITAL_HEIGHT = 0.729
"""The height of digits and capitals, in font sizes."""


class Rectangle(NamedTuple):
    """A black rectangle; `x` and `y` are its upper left corner, in mm from that of the drawing."""

    x: float
    y: float
    width: float
    height: float


class Outline(NamedTuple):
    """A step of an outline: ``M``, ``L``, ``C`` or ``Z`` with points in mm, y downwards."""

    command: str
    numbers: tuple[float, ...]


def text_width(text: str, size: float) -> float:
    """How wide text is, in the unit of its font size.

    Raises:
        RenderError: it has a character that human readable text never has.
    """
    try:
        return sum(GLYPHS[character][0] for character in text) * size / 1000
    except KeyError as error:
        raise RenderError(f"no outline for the character {error.args[0]!r}") from None


class Text(NamedTuple):
    """A line of text; `x` and `baseline` are where it starts, `size` is that of the font, in mm."""

    text: str
    x: float
    baseline: float
    size: float

    def outlines(self) -> Iterator[Outline]:
        """The text drawn, glyph by glyph."""
        scale = self.size / 1000
        x = self.x
        for character in self.text:
            advance, commands = GLYPHS[character]
            for command, numbers in commands:
                points = (
                    x + number * scale if place % 2 == 0 else self.baseline - number * scale
                    for place, number in enumerate(numbers)
                )
                yield Outline(command, tuple(points))
            x += advance * scale


@frozen(kw_only=True)
class Artwork:
    """Black on white, from edge to edge of the quiet zones."""

    width: float
    """In millimetres."""
    height: float
    rectangles: tuple[Rectangle, ...]
    texts: tuple[Text, ...]
    title: str

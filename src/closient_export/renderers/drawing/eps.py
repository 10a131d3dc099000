"""Encapsulated PostScript (EPSF-3.0), in millimetres, for print shops.

There is no clock in a file, nothing but printable ASCII, and no font: text is outlines.
"""

import math
from typing import Literal

from closient_export.renderers.drawing.artwork import Artwork, Rectangle

__all__ = ["Black", "draw_artwork"]

Black = Literal["gray", "k"]
"""Black as a grey level, or as full black ink and nothing else (``0 0 0 1 setcmykcolor``)."""

_POINTS_PER_MM = 72 / 25.4
_INK = {"gray": "0 setgray", "k": "0 0 0 1 setcmykcolor"}
_OPERATORS = {"M": "moveto", "L": "lineto", "C": "curveto", "Z": "closepath"}
_LONGEST_TITLE = 200


def draw_artwork(artwork: Artwork, *, black: Black) -> bytes:
    """A drawing as an EPS file whose bounding box includes the quiet zones."""
    width, height = artwork.width * _POINTS_PER_MM, artwork.height * _POINTS_PER_MM
    lines = [
        "%!PS-Adobe-3.0 EPSF-3.0",
        f"%%BoundingBox: 0 0 {math.ceil(width)} {math.ceil(height)}",
        f"%%HiResBoundingBox: 0 0 {_number(width)} {_number(height)}",
        f"%%Title: ({_comment(artwork.title)})",
        "%%LanguageLevel: 2",
        "%%DocumentData: Clean7Bit",
        "%%Pages: 0",
        "%%EndComments",
        "gsave",
        f"{_number(_POINTS_PER_MM)} dup scale",
        _INK[black],
        *(_rectangle(bar, artwork.height) for bar in artwork.rectangles),
        *_outlines(artwork),
        "grestore",
        "%%EOF",
    ]
    return ("\n".join(lines) + "\n").encode("ascii")


def _rectangle(bar: Rectangle, height: float) -> str:
    numbers = (bar.x, height - bar.y - bar.height, bar.width, bar.height)
    return f"{' '.join(map(_number, numbers))} rectfill"


def _outlines(artwork: Artwork) -> list[str]:
    steps = []
    for text in artwork.texts:
        for step in text.outlines():
            points = (
                number if place % 2 == 0 else artwork.height - number
                for place, number in enumerate(step.numbers)
            )
            steps.append(" ".join([*map(_number, points), _OPERATORS[step.command]]))
        steps.append("fill")
    return steps


def _number(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _comment(text: str) -> str:
    """`text` as a PostScript string: a line that no title can end or add to."""
    escaped = ""
    for character in text:
        plain = " " <= character <= "~" and character not in "()\\"
        piece = character if plain else _octal(character)
        if len(escaped) + len(piece) > _LONGEST_TITLE:
            break
        escaped += piece
    return escaped


def _octal(character: str) -> str:
    return "".join(f"\\{byte:03o}" for byte in character.encode("utf-8", "replace"))

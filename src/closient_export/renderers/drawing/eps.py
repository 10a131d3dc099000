"""Encapsulated PostScript (EPSF-3.0), in millimetres, for print shops.

There is no clock in a file, nothing but printable ASCII, and no font: text is outlines. What a file
draws more than once is a procedure in a dictionary of its own.
"""

import math
import re
import textwrap
from functools import cache, lru_cache
from typing import Literal

from closient_export.renderers.drawing.artwork import UNITS_PER_EM, Artwork, glyph_steps

__all__ = ["Black", "draw_artwork"]

Black = Literal["gray", "k"]
"""Black as a grey level, or as full black ink and nothing else (``0 0 0 1 setcmykcolor``)."""

_POINTS_PER_MM = 72 / 25.4
_INK = {"gray": "0 setgray", "k": "0 0 0 1 setcmykcolor"}
_LONGEST_TITLE = 200
_UNPRINTABLE = re.compile("[^ -~]")
_LONGEST_LINE = 240
"""Lines have at most 255 characters (DSC 3.0)."""

_BARS = """\
/bars{gsave 5 1 roll 4 2 roll translate scale 0 true 3 -1 roll
{48 sub exch{2 copy 0 exch 1 rectfill add false}{add true}ifelse}forall
pop pop grestore}bind def"""
"""``x y unit height (widths) bars``: from the lower left corner of the first bar. What is on the
stack is where the next bar or space starts, in whole units, and whether it is a bar."""
_TEXT = f"""\
/glyphs 128 dict def
/glyph{{glyphs 3 1 roll put}}bind def
/text{{gsave 4 1 roll 3 1 roll translate {UNITS_PER_EM} div dup scale 0 0 moveto
{{glyphs exch get exec}}forall fill grestore}}bind def
/m/rmoveto load def/l/rlineto load def/z/closepath load def
/q{{4 2 roll 2 mul 3 div exch 2 mul 3 div exch 3 index 3 div 2 index add
3 index 3 div 2 index add 6 -2 roll rcurveto}}bind def"""
"""``x y size (text) text``, ``code {outline} glyph``, and the steps of outlines; ``q`` is a
quadratic curve, with its control point and its end."""


def draw_artwork(artwork: Artwork, *, black: Black) -> bytes:
    """A drawing as an EPS file whose bounding box includes the quiet zones."""
    before, between = _head(artwork.width, artwork.height, black)
    lines = [f"{before}{_comment(artwork.title)}{between}"]
    if artwork.bars:
        lines.append(_BARS)
    for x, y, unit, height, patterns in artwork.bars:
        place = _numbers(x, artwork.height - y - height, unit, height)
        lines.append(f"{place}\n({_continued(''.join(patterns))})bars")
    for x, y, width, height in artwork.rectangles:
        lines.append(f"{_numbers(x, artwork.height - y - height, width, height)} rectfill")
    if artwork.texts:
        lines.append(_definitions(frozenset("".join([line.text for line in artwork.texts]))))
    for text, x, baseline, size in artwork.texts:
        lines.append(f"{_numbers(x, artwork.height - baseline, size)}({_escaped(text)})text")
    lines.append("end grestore\n%%EOF\n")
    return "\n".join(lines).encode("ascii")


@lru_cache(maxsize=64)
def _head(width_mm: float, height_mm: float, black: Black) -> tuple[str, str]:
    """What comes before the title, and what between it and the drawing."""
    width, height = width_mm * _POINTS_PER_MM, height_mm * _POINTS_PER_MM
    before = (
        "%!PS-Adobe-3.0 EPSF-3.0",
        f"%%BoundingBox: 0 0 {math.ceil(width)} {math.ceil(height)}",
        f"%%HiResBoundingBox: 0 0 {_numbers(width, height)}",
        "%%Title: (",
    )
    between = (
        ")",
        "%%LanguageLevel: 2",
        "%%DocumentData: Clean7Bit",
        "%%Pages: 0",
        "%%EndComments",
        "gsave 16 dict begin",
        f"{_number(_POINTS_PER_MM)} dup scale",
        _INK[black],
    )
    return "\n".join(before), "\n".join(between)


def _continued(text: str) -> str:
    """What stands in a string, in as many lines as it takes."""
    if len(text) <= _LONGEST_LINE:
        return text
    starts = range(0, len(text), _LONGEST_LINE)
    return "\\\n".join(text[start : start + _LONGEST_LINE] for start in starts)


@lru_cache(maxsize=1 << 8)
def _definitions(characters: frozenset[str]) -> str:
    """What lines of text with these characters need."""
    return "\n".join([_TEXT, *map(_glyph, sorted(characters))])


@cache
def _glyph(character: str) -> str:
    steps = " ".join(
        " ".join([*(f"{number:g}" for number in numbers), command])
        for command, numbers in glyph_steps(character)
    )
    lines = textwrap.wrap(
        f"{ord(character)}{{{steps}}}glyph", _LONGEST_LINE, break_on_hyphens=False
    )
    return "\n".join(lines)


def _numbers(*values: float) -> str:
    return " ".join(map(_number, values))


@lru_cache(maxsize=1 << 12)
def _number(value: float) -> str:
    return f"{round(value, 6) + 0:.6f}".rstrip("0").rstrip(".")


def _comment(text: str) -> str:
    """`text` as a PostScript string: a line that no title can end or add to."""
    text = text[:_LONGEST_TITLE]
    while len(escaped := _escaped(text)) > _LONGEST_TITLE:
        text = text[:-1]
    return escaped


def _escaped(text: str) -> str:
    for character in "\\()":
        text = text.replace(character, f"\\{ord(character):03o}")
    return _UNPRINTABLE.sub(_octal, text)


def _octal(found: re.Match[str]) -> str:
    return "".join(f"\\{byte:03o}" for byte in found[0].encode("utf-8", "replace"))

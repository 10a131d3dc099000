"""Layouts that are found once for all labels that look alike.

A layout goes by how wide the text is, and digits are equally wide: labels that differ in digits
alone, as those of a run of serials do, have one layout.
"""

from collections.abc import Sequence
from functools import lru_cache

from attrs import evolve

from closient_export.errors import RenderError
from closient_export.renderers.drawing.fonts import FontChain
from closient_export.renderers.sheets.layout import Layout, Line, Room, WrittenLine, lay_out
from closient_export.renderers.symbols.specifications import XDimension

__all__ = ["lay_out_alike"]

_ALIKE = str.maketrans("123456789", "000000000")


def lay_out_alike(
    room: Room,
    modules: tuple[float, float],
    x_dimension: XDimension,
    lines: Sequence[Line],
    fonts: FontChain,
) -> Layout:
    """As `closient_export.renderers.sheets.layout.lay_out`, which is asked for new looks only.

    Raises:
        RenderError: the lines and the symbol do not fit.
    """
    looks = tuple(_look(line, fonts) for line in lines)
    found = _found(room, modules, x_dimension, looks, fonts)
    if isinstance(found, str):
        raise RenderError(found)
    written = map(_restored, found.lines, looks, lines)
    return evolve(found, lines=tuple(written))


def _look(line: Line, fonts: FontChain) -> Line:
    if not fonts.fonts[line.font].digits_are_alike:
        return line
    return Line(line.text.translate(_ALIKE), line.font, line.shortens)


@lru_cache(maxsize=1 << 12)
def _found(
    room: Room,
    modules: tuple[float, float],
    x_dimension: XDimension,
    lines: tuple[Line, ...],
    fonts: FontChain,
) -> Layout | str:
    """The layout, or why there is none."""
    try:
        return lay_out(room, modules, x_dimension, lines, fonts)
    except RenderError as error:
        return str(error)


def _restored(written: WrittenLine, look: Line, line: Line) -> WrittenLine:
    """The line with its own digits, shortened where its look was."""
    if written.text == look.text:
        return written._replace(text=line.text)
    kept = len(written.text) - 1
    return written._replace(text=line.text[:kept] + written.text[kept:])

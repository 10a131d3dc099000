"""SVG drawings, in millimetres."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import zip_longest
from xml.sax.saxutils import escape

from closient_export.renderers.drawing.artwork import (
    UNITS_PER_EM,
    Artwork,
    Pieces,
    Rectangle,
    glyph_steps,
)
from closient_export.renderers.symbols.matrix import MatrixSymbols

__all__ = ["draw_artwork", "draw_matrices"]

_PLAIN = re.compile(r"[ !-%'-;=?-~]*")
"""Text that needs no escape."""


def draw_matrices(
    symbols: MatrixSymbols, *, x_dimension_mm: float, titles: Sequence[str]
) -> Iterator[bytes]:
    """Matrix symbols as SVG documents: white to the edge of the quiet zone, one dark path.

    Args:
        symbols: The modules.
        x_dimension_mm: The width of a module, in millimetres.
        titles: What each is, for people who do not see it.
    """
    from closient_export.renderers.drawing.runs import RunTexts  # noqa: PLC0415 - brings numpy

    width, height = symbols.width, symbols.height
    size = (width * x_dimension_mm, height * x_dimension_mm)
    before, between, after = _document(size, (str(width), str(height)))
    origin = symbols.quiet_zone
    between += f'<path d="M{origin} {origin}'.encode("ascii")
    after = b'"/>' + after
    paths = RunTexts("m{x} {y}", "v1h{length}v-1", relative=True).of(symbols.modules)
    for title, path in zip(titles, paths, strict=True):
        yield b"".join((before, _text(title), between, path, after))


def draw_artwork(artwork: Artwork) -> bytes:
    """A drawing as an SVG document: a white ground, a path of each row of bars and line of text."""
    before, between, after = _artwork_document(artwork.width, artwork.height)
    parts = [before, _text(artwork.title), between]
    for bars in artwork.bars:
        x, y, unit, height, patterns = bars
        # Bars of height 1 in whole numbers are made as large as they are.
        parts.append(_transformed(x, y, f"{_scale(unit)} {_scale(height)}"))
        parts += map(_PATTERNS.__getitem__, patterns)
        parts.append(b'"/>')
    if artwork.rectangles:
        parts.append(f'<path d="{"".join(map(_rectangle, artwork.rectangles))}"/>'.encode("ascii"))
    for line in artwork.texts:
        text, x, baseline, size = line
        parts.append(_transformed(x, baseline, _scale(size / UNITS_PER_EM), _SMOOTH))
        parts += map(_GLYPHS.__getitem__, text)
        parts.append(b'"/>')
    parts.append(after)
    return b"".join(parts)


@lru_cache(maxsize=64)
def _artwork_document(width: float, height: float) -> tuple[bytes, bytes, bytes]:
    return _document((width, height), (_number(width), _number(height)))


_SMOOTH = ' shape-rendering="auto"'


def _transformed(x: float, y: float, scale: str, attributes: str = "") -> bytes:
    """The start of a path that has its origin at a place and is drawn larger or smaller."""
    return (
        f'<path{attributes} transform="translate({_number(x)} {_number(y)})scale({scale})" d="M0 0'
    ).encode("ascii")


def _pattern(widths: str) -> bytes:
    """Bars and spaces, from the upper left corner of the first bar to that of what follows."""
    bars, spaces = widths[::2], widths[1::2]
    return "".join(
        f"v1h{bar}v-1m{space} 0" if space else f"v1h{bar}v-1"
        for bar, space in zip_longest(bars, spaces)
    ).encode("ascii")


def _rectangle(bar: Rectangle) -> str:
    width = _number(bar.width)
    return f"M{_number(bar.x)} {_number(bar.y)}h{width}v{_number(bar.height)}h-{width}z"


def _glyph(character: str) -> bytes:
    """The outline of a character, from where it starts to where the next one does."""
    path, last = "", ""
    mirrored: list[float] = []
    for command, numbers in glyph_steps(character):
        points = [-number if place % 2 else number for place, number in enumerate(numbers)]
        short, said = command, points
        if command == "l" and 0 in points:
            short, said = ("h", points[:1]) if points[1] == 0 else ("v", points[1:])
        elif command == "q" and points[:2] == mirrored:
            short, said = "t", points[2:]
        mirrored = [points[2] - points[0], points[3] - points[1]] if command == "q" else []
        text = " ".join(f"{number:g}" for number in said).replace(" -", "-")
        gap = "" if text.startswith("-") else " "
        path += f"{short}{text}" if short in ("m", "z") or short != last else f"{gap}{text}"
        last = short
    return path.encode("ascii")


_PATTERNS, _GLYPHS = Pieces(_pattern), Pieces(_glyph)


def _document(size: tuple[float, float], view: tuple[str, str]) -> tuple[bytes, bytes, bytes]:
    """An SVG document of a size in mm, drawn on white in units of its own.

    Returns:
        What comes before the title, between title and content, and after the content.
    """
    width, height = view
    return (
        (
            '<svg xmlns="http://www.w3.org/2000/svg" '
            f'width="{_number(size[0])}mm" height="{_number(size[1])}mm" '
            f'viewBox="0 0 {width} {height}" role="img" shape-rendering="crispEdges"><title>'
        ).encode("ascii"),
        f'</title><path fill="#fff" d="M0 0h{width}v{height}h-{width}z"/>'.encode("ascii"),
        b"</svg>\n",
    )


@lru_cache(maxsize=1 << 12)
def _number(value: float) -> str:
    return f"{round(value, 4) + 0:.4f}".rstrip("0").rstrip(".")


@lru_cache(maxsize=1 << 10)
def _scale(value: float) -> str:
    """A factor by which many small numbers are multiplied."""
    return f"{value:.9f}".rstrip("0").rstrip(".").removeprefix("0")


def _text(text: str) -> bytes:
    """`text` as character data, without what XML 1.0 cannot say (section 2.2)."""
    if not _PLAIN.fullmatch(text):
        text = escape("".join(filter(_is_xml, text)))
    return text.encode("ascii", "xmlcharrefreplace")


def _is_xml(character: str) -> bool:
    code = ord(character)
    return code >= 0x20 and not 0xD800 <= code <= 0xDFFF and code not in (0xFFFE, 0xFFFF)

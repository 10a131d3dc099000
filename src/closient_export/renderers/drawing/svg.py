"""SVG drawings, in millimetres."""

import re
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from closient_export.renderers.drawing.artwork import Artwork
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
    """A drawing as an SVG document: a white ground, one path of bars, one of text."""
    bars = "".join(
        f"M{_number(bar.x)} {_number(bar.y)}h{_number(bar.width)}v{_number(bar.height)}"
        f"h-{_number(bar.width)}z"
        for bar in artwork.rectangles
    )
    outlines = "".join(
        step.command + " ".join(map(_number, step.numbers))
        for text in artwork.texts
        for step in text.outlines()
    )
    text = f'<path shape-rendering="auto" d="{outlines}"/>' if outlines else ""
    size = (artwork.width, artwork.height)
    view = (_number(artwork.width), _number(artwork.height))
    before, between, after = _document(size, view)
    content = f'<path d="{bars}"/>{text}'.encode("ascii")
    return b"".join((before, _text(artwork.title), between, content, after))


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


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")


def _text(text: str) -> bytes:
    """`text` as character data, without what XML 1.0 cannot say (section 2.2)."""
    if not _PLAIN.fullmatch(text):
        text = escape("".join(filter(_is_xml, text)))
    return text.encode("ascii", "xmlcharrefreplace")


def _is_xml(character: str) -> bool:
    code = ord(character)
    return code >= 0x20 and not 0xD800 <= code <= 0xDFFF and code not in (0xFFFE, 0xFFFF)

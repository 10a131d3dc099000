"""SVG drawings, in millimetres."""

import re
from xml.sax.saxutils import escape

from closient_export.renderers.drawing.artwork import Artwork
from closient_export.renderers.symbols.matrix import MatrixSymbol

__all__ = ["draw_artwork", "draw_matrix"]

_DARK_RUN = re.compile(b"\x01+")


def draw_matrix(symbol: MatrixSymbol, *, x_dimension_mm: float, title: str) -> bytes:
    """A matrix symbol as an SVG document: white to the edge of the quiet zone, one dark path.

    Args:
        symbol: The modules.
        x_dimension_mm: The width of a module, in millimetres.
        title: What it is, for people who do not see it.
    """
    width, height, quiet_zone = symbol.width, symbol.height, symbol.quiet_zone
    path = "".join(
        f"M{run.start() + quiet_zone} {y}h{run.end() - run.start()}v1h-{run.end() - run.start()}z"
        for y, row in enumerate(symbol.rows, quiet_zone)
        for run in _DARK_RUN.finditer(row)
    )
    size = (width * x_dimension_mm, height * x_dimension_mm)
    return _document(size, (str(width), str(height)), f'<path d="{path}"/>', title)


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
    return _document(size, view, f'<path d="{bars}"/>{text}', artwork.title)


def _document(size: tuple[float, float], view: tuple[str, str], content: str, title: str) -> bytes:
    """An SVG document of a size in mm whose `content` is drawn on white in units of its own."""
    width, height = view
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" '
        f'width="{_number(size[0])}mm" height="{_number(size[1])}mm" '
        f'viewBox="0 0 {width} {height}" role="img" shape-rendering="crispEdges">'
        f"<title>{_text(title)}</title>"
        f'<path fill="#fff" d="M0 0h{width}v{height}h-{width}z"/>'
        f"{content}</svg>\n"
    ).encode("ascii", "xmlcharrefreplace")


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")


def _text(text: str) -> str:
    """`text` as character data, without what XML 1.0 cannot say (section 2.2)."""
    return escape("".join(filter(_is_xml, text)))


def _is_xml(character: str) -> bool:
    code = ord(character)
    return code >= 0x20 and not 0xD800 <= code <= 0xDFFF and code not in (0xFFFE, 0xFFFF)

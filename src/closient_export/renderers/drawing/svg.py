"""SVG drawings, in millimetres."""

import re
from collections.abc import Sequence
from xml.sax.saxutils import escape

__all__ = ["draw_matrix"]

_DARK_RUN = re.compile(b"\x01+")


def draw_matrix(
    rows: Sequence[bytes], *, quiet_zone: int, x_dimension_mm: float, title: str
) -> bytes:
    """A matrix symbol as an SVG document: white to the edge of the quiet zone, one dark path.

    Args:
        rows: The modules, one byte each, 1 for dark.
        quiet_zone: Light modules on all sides.
        x_dimension_mm: The width of a module, in millimetres.
        title: What it is, for people who do not see it.
    """
    width = len(rows[0]) + 2 * quiet_zone
    height = len(rows) + 2 * quiet_zone
    path = "".join(
        f"M{run.start() + quiet_zone} {y}h{run.end() - run.start()}v1h-{run.end() - run.start()}z"
        for y, row in enumerate(rows, quiet_zone)
        for run in _DARK_RUN.finditer(row)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" '
        f'width="{_mm(width * x_dimension_mm)}mm" height="{_mm(height * x_dimension_mm)}mm" '
        f'viewBox="0 0 {width} {height}" role="img" shape-rendering="crispEdges">'
        f"<title>{_text(title)}</title>"
        f'<path fill="#fff" d="M0 0h{width}v{height}h-{width}z"/>'
        f'<path d="{path}"/></svg>\n'
    ).encode("ascii", "xmlcharrefreplace")


def _mm(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")


def _text(text: str) -> str:
    """`text` as character data, without what XML 1.0 cannot say (section 2.2)."""
    return escape("".join(filter(_is_xml, text)))


def _is_xml(character: str) -> bool:
    code = ord(character)
    return code >= 0x20 and not 0xD800 <= code <= 0xDFFF and code not in (0xFFFE, 0xFFFF)

"""The genealogy of a lot as an SVG picture that reads from left to right.

A lot is a box, in the frame of the place that assigned its code. What a lot was made from arrives
from the left, by way of a box that says how and when; what was sent arrives at a rounded box of
the place that received it. A text stands beside the end of the line that it belongs to, in room
of its own, so that no line runs through it.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from xml.sax.saxutils import escape

from closient_export.trace.picture.cards import badge, lot_box, receiver_box
from closient_export.trace.picture.chain import Chain
from closient_export.trace.picture.diagram import INCOMPLETE, Diagram
from closient_export.trace.picture.drawing import draw
from closient_export.trace.picture.scene import Scene
from closient_export.trace.picture.shapes import (
    ERROR,
    GROUND,
    GROUND_EDGE,
    INK,
    LINE,
    MUTED,
    PAPER,
    SENT,
    WARNING,
    WARNING_INK,
    arrow,
    box,
    label,
    moved,
    number,
)
from closient_export.trace.picture.text import measure, printable

__all__ = ["svg"]

_EDGE = 28.0
_LEAST_WIDTH = 860.0
_NO_ADDRESSES: Mapping[str, str] = MappingProxyType({})


def svg(diagram: Diagram, *, addresses: Mapping[str, str] = _NO_ADDRESSES) -> str:
    """The picture as an SVG document of its own, in ASCII, with nothing to load or to run.

    Whatever the texts of the diagram hold, the document is well-formed; a text that does not fit
    is shortened and there in full when pointed at. The same lots, places, links and shipments give
    the same document, in whichever order they come.

    Args:
        diagram: What is drawn.
        addresses: Where lots link to, by their ids, for a picture that is part of a page.
    """
    scene = Scene(Chain(diagram))
    width = max([_LEAST_WIDTH, *scene.rights])
    head, top = _head(diagram, width)
    content = draw(scene, addresses) if diagram.lots else label(0, 20, "No lots", 12, width)
    bottom = top + max(scene.placement.height, 30) + 30
    legend, legend_height = _legend(diagram, width)
    size = [number(width + 2 * _EDGE), number(bottom + legend_height + 2 * _EDGE)]
    role = "group" if addresses else "img"  # what is in an image cannot be reached
    document = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]}" height="{size[1]}" '
        f'viewBox="0 0 {size[0]} {size[1]}" role="{role}" '
        f'font-family="Helvetica, Arial, sans-serif" fill="{INK}">\n'
        f"<title>{escape(printable(diagram.title))}</title>\n"
        f'<path fill="{PAPER}" d="M0 0H{size[0]}V{size[1]}H0z"/>\n'
        f"{moved(_EDGE, _EDGE, head)}\n{moved(_EDGE, _EDGE + top, content)}\n"
        f"{moved(_EDGE, _EDGE + bottom, legend)}\n</svg>\n"
    )
    return document.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _head(diagram: Diagram, width: float) -> tuple[str, float]:
    """What stands above the drawing, and its height."""
    head = label(0, 18, printable(diagram.title), 20, width, bold=True)
    head += label(0, 38, printable(diagram.subtitle), 12, width, fill=MUTED)
    if not diagram.truncated:
        return head, 58.0
    warning = f"! {INCOMPLETE}"
    room = measure(warning, 12, bold=True) + 24
    head += box(0, 50, room, 26, radius=2, fill=WARNING, stroke=WARNING_INK)
    head += label(12, 67.5, warning, 12, width, bold=True, fill=WARNING_INK)
    return head, 92.0


def _legend(diagram: Diagram, width: float) -> tuple[str, float]:
    """What the signs mean, as many beside each other as there is room for, and its height."""
    drawn = [f'<path d="M0 0H{number(width)}" stroke="{GROUND_EDGE}"/>']
    x, y = 0.0, 24.0
    for sign, meaning in _signs(diagram):
        room = 46 + measure(meaning, 10) + 22
        if x and x + room > width:
            x, y = 0.0, y + 24
        drawn.append(moved(x, y, sign + label(46, 3.5, meaning, 10, 400)))
        x += room
    return "".join(drawn), y + 8


def _signs(diagram: Diagram) -> Iterator[tuple[str, str]]:
    """The signs that occur, and what they mean."""
    lots, links = diagram.lots, diagram.links
    size, line = (0, -8, 36, 16), ("M0 0H34", 36, 0)
    frame = box(*size, radius=3, fill=GROUND, stroke=GROUND_EDGE)
    yield frame, "place that assigned the codes (source)"
    plain = lot_box(*size, asked=False, harvested_only=False)
    yield plain, "lot: product, traceability lot code, quantity"
    if any(lot.asked for lot in lots):
        yield lot_box(*size, asked=True, harvested_only=False), "the lot asked for"
    if any(lot.harvested_only for lot in lots):
        yield lot_box(*size, asked=False, harvested_only=True), "harvested, no lot code yet"
    if diagram.shipments:
        yield receiver_box(*size, radius=8), "place that received"
    if links:
        yield arrow(*line, LINE, straight=True), "went into"
    if diagram.shipments:
        yield arrow(*line, SENT, dashed=True, straight=True), "was shipped"
    if any(link.doubtful for link in links):
        yield arrow(*line, ERROR, width=2.2, straight=True), "dates contradict each other"
    if any(lot.hops for lot in lots):
        hops = label(18, 4, "-1  +1", 10, 40, fill=MUTED, anchor="middle")
        yield hops, "transformations before and after the asked lot"
    if any(lot.errors for lot in lots):
        yield badge(36, -7, 1, error=True)[0], "errors in its records"
    if any(lot.warnings for lot in lots):
        yield badge(36, -7, 1, error=False)[0], "warnings in its records"

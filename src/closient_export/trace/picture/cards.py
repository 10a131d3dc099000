"""The boxes that say what is known of one lot, one transformation, one receiver."""

import math
from collections.abc import Sequence

from closient_export.trace.picture.chain import Making
from closient_export.trace.picture.diagram import DiagramLot, DiagramPlace
from closient_export.trace.picture.names import (
    BADGE_GAP,
    BADGE_SIZE,
    MARGINS,
    PRODUCT,
    badge_text,
    badge_width,
    product_lines,
)
from closient_export.trace.picture.scene import (
    MAKING,
    NAME_LINE,
    NAMED_PLACES,
    PRODUCT_LINE,
    ROW_GAP,
    TAB,
)
from closient_export.trace.picture.shapes import (
    ASKED,
    ASKED_GROUND,
    ERROR,
    HARVEST,
    LINE,
    MADE_GROUND,
    MUTED,
    PAPER,
    SENT,
    WARNING,
    WARNING_INK,
    box,
    label,
    tipped,
)
from closient_export.trace.picture.text import fit_end, largest, measure, printable

__all__ = ["badge", "lot_box", "lot_card", "making_card", "receiver_box", "receiver_card"]


def lot_card(
    lot: DiagramLot,
    *,
    place: str,
    circular: bool,
    short: bool,
    x: float,
    middle: float,
    width: float,
    row: float,
) -> str:
    """A lot in its row, in one line if `short`; all that is known of it shows when pointed at."""
    code, product = printable(lot.code) or "no code", printable(lot.product)
    quantity = printable(lot.quantity)
    harvest = "harvested, no lot code yet" if lot.harvested_only else ""
    facts = " · ".join(filter(None, ("made from itself" if circular else "", quantity, lot.made)))
    height = row - (6 if short else 10)
    top = middle - height / 2
    drawn = ""
    if lot.asked:
        drawn = box(x, top, 58, TAB + 4, radius=2, fill=ASKED)
        drawn += label(x + 29, top + 11.5, "ASKED", 10, 52, bold=True, fill=PAPER, anchor="middle")
        top, height = top + TAB, height - TAB
    drawn += lot_box(x, top, width, height, asked=lot.asked, harvested_only=lot.harvested_only)
    badges, badges_width = _badges(lot, x + width - 7, top + (5 if short else 7))
    drawn += badges
    if short:
        left, line, room = x + 9, top + 16, width - 18 - badges_width
        # A code is told from others by its end, and takes what it needs.
        for_code = min(math.ceil(measure(code, 11, bold=True)), room * 0.56)
        for_quantity = min(math.ceil(measure(quantity, 10)), room * 0.22)
        for_product = room - for_code - for_quantity - 16
        drawn += label(left, line, fit_end(code, 11, for_code, bold=True), 11, for_code, bold=True)
        drawn += label(left + for_code + 8, line, product or harvest, 10, for_product)
        drawn += label(left + room, line, quantity, 10, for_quantity, anchor="end", fill=MUTED)
    else:
        left, right, room, line = x + 10, x + width - 9, width - MARGINS, top + 19
        hops = f"{lot.hops:+d}" if lot.hops else ""
        first, second = product_lines(lot)
        name = first or "Product not known"
        drawn += label(left, line, name, PRODUCT, room - badges_width)
        if second:
            line += PRODUCT_LINE
            drawn += label(left, line, second, PRODUCT, room)
        size = largest(code, 14, room, least=10.5, bold=True)
        shown = fit_end(code, size, room, bold=True)
        drawn += label(left, line + 19, shown, size, room, bold=True)
        drawn += label(left, line + 37, facts or harvest, 10, room - 28, fill=MUTED)
        drawn += label(right, line + 37, hops, 10, 26, fill=MUTED, anchor="end")
    known = (product, f"lot {code}", place, facts, harvest, _findings(lot), printable(lot.id))
    return tipped("\n".join(filter(None, known)), drawn)


def lot_box(
    x: float, y: float, width: float, height: float, *, asked: bool, harvested_only: bool
) -> str:
    """The box of a lot without its texts."""
    return box(
        x,
        y,
        width,
        height,
        radius=2,
        fill=ASKED_GROUND if asked else HARVEST if harvested_only else PAPER,
        stroke=ASKED if asked else LINE,
        line=3 if asked else 1.1,
        dashes="1.5 2.5" if harvested_only else "",
    )


def making_card(making: Making, *, x: float, top: float, height: float) -> str:
    """How and when lots were made."""
    middle, centre, room = top + height / 2, x + MAKING / 2, MAKING - 12
    name, day = making.label or "Made", making.day
    baseline = middle - 3 if day else middle + 4
    colour = ERROR if making.back else LINE
    return tipped(
        " ".join(filter(None, (name, day))),
        box(x, top, MAKING, height, radius=2, fill=MADE_GROUND, stroke=colour)
        + label(centre, baseline, name, 10.5, room, bold=True, anchor="middle")
        + label(centre, middle + 11, day, 10.5, room, anchor="middle"),
    )


def receiver_card(
    names: Sequence[str],
    place: DiagramPlace | None,
    *,
    x: float,
    middle: float,
    width: float,
    row: float,
) -> str:
    """A place that received, or several as one, in its row."""
    height, left, room = row - ROW_GAP, x + 14, width - 28
    top = middle - height / 2
    if len(names) > 1:
        drawn = receiver_box(x + 4, top + 4, width - 4, height - 1, radius=14, line=1)
        drawn += receiver_box(x, top, width - 4, height, radius=14)
        line = middle - (NAMED_PLACES + 1) * NAME_LINE / 2 + 2
        drawn += label(left, line, f"→ {len(names)} places", 12, room, bold=True)
        shown = [*names[:NAMED_PLACES], f"and {len(names) - NAMED_PLACES} more"]
        for number, name in enumerate(shown, 1):
            drawn += label(left, line + 2 + number * NAME_LINE, name, 10, room, fill=MUTED)
    else:
        locality = printable(place.locality) if place else ""
        baseline = middle - 3 if locality else middle + 4
        drawn = receiver_box(x, top, width, height, radius=14)
        size = largest(names[0], 11.5, room, least=9.5, bold=True)
        drawn += label(left, baseline, names[0], size, room, bold=True)
        drawn += label(left, middle + 12, locality, 10, room, fill=MUTED)
    return tipped("\n".join(names), drawn)


def receiver_box(
    x: float, y: float, width: float, height: float, *, radius: float, line: float = 1.4
) -> str:
    """The box of a receiver without its texts."""
    return box(x, y, width, height, radius=radius, fill=PAPER, stroke=SENT, line=line)


def badge(right: float, top: float, count: int, *, error: bool) -> tuple[str, float]:
    """The count of errors or warnings, ending at `right`, and the width that it takes."""
    # In black and white: errors are white on dark, warnings dark on light with an outline.
    text, width = badge_text(count), badge_width(count)
    middle = right - width / 2
    fill, stroke, ink = (ERROR, ERROR, PAPER) if error else (WARNING, WARNING_INK, WARNING_INK)
    radius = 2 if error else 7
    drawn = box(right - width, top, width, 14, radius=radius, fill=fill, stroke=stroke)
    drawn += label(
        middle, top + 10.5, text, BADGE_SIZE, width, bold=True, fill=ink, anchor="middle"
    )
    return drawn, width


def _badges(lot: DiagramLot, right: float, top: float) -> tuple[str, float]:
    drawn, taken = "", 0.0
    for count, error in ((lot.warnings, False), (lot.errors, True)):
        if count:
            sign, width = badge(right - taken, top, count, error=error)
            drawn, taken = drawn + sign, taken + width + BADGE_GAP
    return drawn, taken


def _findings(lot: DiagramLot) -> str:
    counts = ((lot.errors, "error"), (lot.warnings, "warning"))
    return ", ".join(f"{count} {word}{'s' * (count != 1)}" for count, word in counts if count)

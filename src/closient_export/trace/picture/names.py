"""How the texts of a lot's card are laid out, which decides how large the card is."""

from closient_export.trace.picture.diagram import DiagramLot
from closient_export.trace.picture.text import measure, printable, split

__all__ = [
    "BADGE_GAP",
    "BADGE_SIZE",
    "LOT",
    "MARGINS",
    "PRODUCT",
    "badge_text",
    "badge_width",
    "product_lines",
]

LOT = 272.0
"""The width of a card."""
PRODUCT = 11.0
"""The size of the product's name."""
MARGINS = 20.0
"""The room left and right of the texts together."""
BADGE_SIZE, BADGE_GAP = 9.5, 4.0


def badge_text(count: int) -> str:
    """What a badge says of so many errors or warnings."""
    return f"! {min(count, 9999)}"


def badge_width(count: int) -> float:
    """The room that a badge takes."""
    return measure(badge_text(count), BADGE_SIZE, bold=True) + 10


def product_lines(lot: DiagramLot) -> tuple[str, str]:
    """The product's name in one line or in two; the badges stand beside the first one."""
    badges = sum(badge_width(count) + BADGE_GAP for count in (lot.warnings, lot.errors) if count)
    return split(printable(lot.product), PRODUCT, LOT - MARGINS - badges)

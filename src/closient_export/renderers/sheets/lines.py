"""The lines of text on a label: which ones, and what they say."""

from datetime import date

from closient_export.renderers.sheets.config import LineKind
from closient_export.subjects import Subject

__all__ = ["AUTO", "NAMED", "choices_of", "texts_of"]

AUTO: tuple[tuple[LineKind, ...], ...] = (
    ("product_name", "lot", "serial", "expiry"),
    ("lot", "serial", "expiry"),
    ("lot", "serial"),
    (),
)
"""Lines give way to the symbol, the product's name first."""
NAMED: tuple[tuple[LineKind, ...], ...] = (("product_name",), ())
"""Where the symbol has its own text, which says all but the name."""


def choices_of(kinds: tuple[LineKind, ...]) -> tuple[tuple[LineKind, ...], ...]:
    """The lines to try, in order, for what the knob ``lines`` says."""
    return AUTO if kinds == ("auto",) else (kinds,)


def texts_of(subject: Subject, kind: LineKind) -> list[str]:
    """The lines of that kind; none where the subject has no such thing."""
    if kind == "hri":
        return [f"({ai}){value}" for ai, value in subject.element_string()]
    value = getattr(subject, kind, None)
    if value is None:
        return []
    text = value.isoformat() if isinstance(value, date) else str(value)
    return [f"{_TITLES[kind]} {text}" if kind in _TITLES else text]


_TITLES = {
    "gtin": "GTIN",
    "lot": "LOT",
    "serial": "SER",
    "expiry": "EXP",
    "best_before": "BEST BEFORE",
    "production_date": "PROD",
}
"""GS1's data titles, shortened where they are long."""

"""A small catalogue, of which the contract of entity sources makes its own.

Needs Hypothesis.
"""

from datetime import UTC, date, datetime

from hypothesis import strategies as st

from closient_export.gs1 import Gtin
from closient_export.ids import new_short_id
from closient_export.requests import LabelFilters
from closient_export.subjects import Lot, Product, Serial, Subject

__all__ = [
    "AT",
    "EVERYTHING",
    "GTINS",
    "IDS",
    "NEVER",
    "identity",
    "serials",
    "some_filters",
    "some_serials",
    "some_subjects",
]

GTINS = tuple(map(Gtin.parse, ("9506000134352", "614141000036", "95200002")))
IDS = tuple(new_short_id() for _ in range(6))
AT = datetime(2027, 3, 31, 9, 30, tzinfo=UTC)
NEVER = LabelFilters(never_printed=True)
EVERYTHING = LabelFilters()


def serials(*names: str, lot: str | None = "A") -> list[Serial]:
    """Serials of a lot."""
    return [Serial(gtin=GTINS[0], lot=lot, serial=name) for name in names]


_ids = st.none() | st.sampled_from(IDS)
_dates = st.none() | st.dates(date(2000, 1, 1), date(2075, 12, 31))
_lot_codes = st.sampled_from(["A", "a", "A/B", "../x", "é"])
_printing = st.none() | st.just(AT)
_products = st.builds(
    Product, gtin=st.sampled_from(GTINS), product_name=st.none() | st.just("Kale"), product_id=_ids
)
_lots = st.builds(
    Lot,
    gtin=st.sampled_from(GTINS),
    lot=_lot_codes,
    brand=st.none() | st.just("'"),
    expiry=_dates,
    id=_ids,
    product_id=_ids,
    lot_run_id=_ids,
    printed_at=_printing,
)
some_serials = st.builds(
    Serial,
    gtin=st.sampled_from(GTINS),
    lot=st.none() | _lot_codes,
    serial=st.sampled_from("0123456789abcdef"),
    best_before=_dates,
    production_date=_dates,
    id=_ids,
    product_id=_ids,
    lot_run_id=_ids,
    printed_at=_printing,
)


def identity(subject: Subject) -> tuple[object, ...]:
    """What tells an entity from others of its owner."""
    return (
        subject.scope,
        subject.gtin,
        getattr(subject, "serial", None) or getattr(subject, "lot", None),
    )


some_subjects = st.lists(_products | _lots | some_serials, max_size=25, unique_by=identity)
_many_ids = st.none() | st.lists(st.sampled_from(IDS), max_size=4).map(tuple)
some_filters = st.builds(
    LabelFilters,
    gtins=st.none() | st.lists(st.sampled_from(GTINS), max_size=2),
    product_id=_ids,
    lot_ids=_many_ids,
    lot_run_id=_ids,
    never_printed=st.booleans(),
)

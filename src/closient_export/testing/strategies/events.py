"""Events of any kind that name some of a few things, so that they have to do with each other."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from closient_export.epcis import (
    Action,
    BusinessDocument,
    ErrorDeclaration,
    Event,
    EventType,
    Item,
    Party,
)

__all__ = ["LOTS", "OTHERS", "PALLETS", "PRODUCTS", "events"]

PRODUCTS = tuple(f"https://id.gs1.org/01/0950600013435{n}" for n in range(3))
LOTS = tuple(f"{product}/10/{lot}" for product in PRODUCTS for lot in ("A", "a%2F", "é"))
PALLETS = tuple(f"https://id.gs1.org/00/00000000000000000{n}" for n in range(3))
OTHERS = ("urn:acme:lot:1", "no URI at all \0\ud800", "x" * 5000)

_lot_items = st.builds(
    lambda lot, quantity: Item(lot, lot, quantity, "KGM" if quantity else ""),
    st.sampled_from((*LOTS, *OTHERS)),
    st.none() | st.decimals(0, 10**18, allow_nan=False, allow_infinity=False),
)
_serial_items = st.builds(
    lambda lot, serial: Item(f"{lot.partition('/10/')[0]}/21/{serial}", lot),
    st.sampled_from(LOTS),
    st.sampled_from("123"),
)
_product_items = st.sampled_from(PRODUCTS).map(Item)
_items = st.lists(_lot_items | _serial_items | _product_items, max_size=3).map(tuple)
_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(), max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "$", "$number", "$$x", "é"]), inner, max_size=3)
    ),
    max_leaves=6,
)
_extensions = st.dictionaries(
    st.sampled_from(["acme:note", "$number", "$x", "type"]), _values, max_size=3
)
_times = st.datetimes(datetime(2027, 3, 29), datetime(2027, 4, 2), timezones=st.just(UTC))
_text = st.sampled_from(["", "urn:a", "b"])


def events() -> st.SearchStrategy[Event]:
    """Events that name some of a few things, so that they have to do with each other."""
    return st.builds(
        Event,
        type=st.sampled_from(EventType),
        time=_times,
        offset=st.integers(-14 * 60, 14 * 60).map(lambda minutes: timedelta(minutes=minutes)),
        event_id=st.sampled_from(["", "urn:uuid:1", "urn:uuid:2", "urn:uuid:3\0\ud800"]),
        record_time=st.none() | _times,
        action=st.none() | st.sampled_from(Action),
        biz_step=_text,
        disposition=_text,
        persistent_dispositions=st.lists(_text, max_size=2).map(tuple),
        read_point=_text,
        biz_location=_text,
        documents=st.lists(st.builds(BusinessDocument, _text, _text), max_size=2).map(tuple),
        sources=st.lists(st.builds(Party, _text, _text), max_size=2).map(tuple),
        destinations=st.lists(st.builds(Party, _text, _text), max_size=2).map(tuple),
        parent=st.just("") | st.sampled_from(PALLETS),
        items=_items,
        inputs=_items,
        outputs=_items,
        transformation_id=st.just("") | st.sampled_from(OTHERS),
        ilmd=_extensions,
        error=st.none()
        | st.builds(ErrorDeclaration, _times, _text, st.lists(_text, max_size=2).map(tuple)),
        extensions=_extensions,
    )

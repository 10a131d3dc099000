"""What every source of events and of master data must do, as tests for its author.

Needs pytest and Hypothesis.
"""
# ruff: noqa: D102, S101 - these are tests

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from closient_export.adapters.memory import MemoryEventSource, MemoryMasterData
from closient_export.epcis import (
    Action,
    BusinessDocument,
    ErrorDeclaration,
    Event,
    EventType,
    Item,
    Party,
)
from closient_export.master_data import LocationDescription, ProductDescription
from closient_export.ports import EventSource, FrontierQuery, MasterData

__all__ = ["EventSourceContract", "MasterDataContract", "events"]

TIME = datetime(2027, 3, 31, 9, 30, 0, 123_456, tzinfo=UTC)
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


_days = st.none() | st.dates(date(2027, 3, 28), date(2027, 4, 3))
_queries = st.builds(
    FrontierQuery,
    ids=st.frozensets(st.sampled_from((*LOTS, *PALLETS, *OTHERS, *PRODUCTS)), max_size=4),
    products=st.frozensets(st.sampled_from(PRODUCTS), max_size=2),
    since=_days,
    until=_days,
)
_examples = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
SHIPPED = Event(
    type=EventType.OBJECT,
    time=TIME,
    offset=timedelta(hours=-7),
    event_id="urn:uuid:shipped",
    action=Action.OBSERVE,
    items=(Item(LOTS[0], LOTS[0], Decimal("1.50"), "KGM"),),
    extensions={"acme:note": [Decimal("2.50"), 2, None, {"$number": "1"}]},
)


class EventSourceContract:
    """Subclass it as ``Test…`` and override the fixture `make_source`."""

    @pytest.fixture
    def make_source(self) -> Callable[[Iterable[Event]], EventSource]:
        """A function that gives some events to a new owner, and returns that owner's source."""
        raise NotImplementedError

    @_examples
    @given(given_events=st.lists(events(), max_size=8), query=_queries)
    def test_it_answers_what_the_source_in_memory_answers(
        self,
        make_source: Callable[[Iterable[Event]], EventSource],
        given_events: list[Event],
        query: FrontierQuery,
    ) -> None:
        answer = list(make_source(given_events).fetch(query))
        for wanted in MemoryEventSource(given_events).fetch(query):
            assert wanted in answer
        assert all(event in given_events for event in answer)

    def test_events_come_back_as_they_were(
        self, make_source: Callable[[Iterable[Event]], EventSource]
    ) -> None:
        [found] = make_source([SHIPPED]).fetch(FrontierQuery(ids=frozenset([LOTS[0]])))
        assert found == SHIPPED
        assert str(found.items[0].quantity) == "1.50"
        assert found.digest == SHIPPED.digest

    def test_copies_of_an_answer_are_among_it(
        self, make_source: Callable[[Iterable[Event]], EventSource]
    ) -> None:
        error = ErrorDeclaration(TIME, "incorrect_data")
        withdrawal = evolve(SHIPPED, items=(), time=TIME + timedelta(days=9), error=error)
        source = make_source([SHIPPED, withdrawal, evolve(withdrawal, event_id="urn:uuid:else")])
        for query in (
            FrontierQuery(ids=frozenset([LOTS[0]])),
            FrontierQuery(products=frozenset([PRODUCTS[0]]), until=date(2027, 3, 31)),
            FrontierQuery(until=date(2027, 3, 31)),
        ):
            answer = list(source.fetch(query))
            assert SHIPPED in answer
            assert withdrawal in answer

    def test_events_without_an_id_are_no_copies(
        self, make_source: Callable[[Iterable[Event]], EventSource]
    ) -> None:
        unnamed = evolve(SHIPPED, event_id="")
        source = make_source([unnamed, evolve(unnamed, items=(Item(LOTS[1], LOTS[1]),))])
        assert list(source.fetch(FrontierQuery(ids=frozenset([LOTS[0]])))) == [unnamed]

    def test_owners_do_not_see_each_other(
        self, make_source: Callable[[Iterable[Event]], EventSource]
    ) -> None:
        copy = evolve(SHIPPED, biz_step="shipping")
        ours, theirs = make_source([SHIPPED]), make_source([copy])
        for query in (FrontierQuery(), FrontierQuery(ids=frozenset([LOTS[0]]))):
            assert list(ours.fetch(query)) == [SHIPPED]
            assert list(theirs.fetch(query)) == [copy]

    def test_a_frontier_may_be_wide(
        self, make_source: Callable[[Iterable[Event]], EventSource]
    ) -> None:
        many = [
            evolve(SHIPPED, event_id=f"urn:uuid:{n}", items=(Item(f"urn:lot:{n}", f"urn:lot:{n}"),))
            for n in range(0, 50_000, 1000)
        ]
        source = make_source([SHIPPED, *many])
        query = FrontierQuery(ids=frozenset(f"urn:lot:{n}" for n in range(50_000)))
        assert sorted(event.event_id for event in source.fetch(query)) == sorted(
            event.event_id for event in many
        )


PLACE = LocationDescription(id="urn:epc:id:sgln:0614141.07346.1234", business_name="Two Ditch \0")
KALE = ProductDescription(id=PRODUCTS[0], product_name="Kale", packaged=False)


class MasterDataContract:
    """Subclass it as ``Test…`` and override the fixture `make_source`."""

    @pytest.fixture
    def make_source(
        self,
    ) -> Callable[[Sequence[LocationDescription], Sequence[ProductDescription]], MasterData]:
        """A function that gives descriptions to a new owner, and returns that owner's source."""
        raise NotImplementedError

    def test_what_is_known_is_answered_and_the_rest_left_out(
        self, make_source: Callable[..., MasterData]
    ) -> None:
        lot = ProductDescription(id=LOTS[1], traceability_lot_code="A", packaged=True)
        source = make_source([PLACE], [KALE, lot])
        assert source.locations([PLACE.id, KALE.id, "urn:x"]) == {PLACE.id: PLACE}
        assert source.products([*LOTS, *PRODUCTS]) == {KALE.id: KALE, lot.id: lot}
        assert source.locations([]) == {}
        assert source.products(()) == {}

    def test_descriptions_that_come_together_fill_each_others_gaps(
        self, make_source: Callable[..., MasterData]
    ) -> None:
        more = LocationDescription(id=PLACE.id, business_name="Another", phone="+1 555")
        again = (MemoryMasterData([PLACE, more]), make_source([PLACE, more], []))
        memory, source = (each.locations([PLACE.id]) for each in again)
        assert source == memory
        assert source[PLACE.id] == evolve(PLACE, phone="+1 555")

    def test_owners_do_not_see_each_other(self, make_source: Callable[..., MasterData]) -> None:
        ours, theirs = make_source([PLACE], []), make_source([], [KALE])
        assert ours.products([KALE.id]) == {}
        assert theirs.locations([PLACE.id]) == {}

    def test_a_question_may_be_wide(self, make_source: Callable[..., MasterData]) -> None:
        source = make_source([PLACE], [])
        assert list(source.locations([PLACE.id, *(f"urn:x:{n}" for n in range(50_000))])) == [
            PLACE.id
        ]

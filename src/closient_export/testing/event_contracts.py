"""What every source of events and of master data must do, as tests for its author.

Needs pytest and Hypothesis.
"""
# ruff: noqa: D102, S101 - these are tests

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from closient_export.adapters.memory import MemoryEventSource, MemoryMasterData
from closient_export.epcis import Action, ErrorDeclaration, Event, EventType, Item
from closient_export.master_data import LocationDescription, ProductDescription
from closient_export.ports import EventSource, FrontierQuery, MasterData
from closient_export.testing.contract_tools import examples
from closient_export.testing.strategies.events import LOTS, OTHERS, PALLETS, PRODUCTS, events

__all__ = ["EventSourceContract", "MasterDataContract"]

TIME = datetime(2027, 3, 31, 9, 30, 0, 123_456, tzinfo=UTC)

_days = st.none() | st.dates(date(2027, 3, 28), date(2027, 4, 3))
_queries = st.builds(
    FrontierQuery,
    ids=st.frozensets(st.sampled_from((*LOTS, *PALLETS, *OTHERS, *PRODUCTS)), max_size=4),
    products=st.frozensets(st.sampled_from(PRODUCTS), max_size=2),
    since=_days,
    until=_days,
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

    @examples(40)
    @given(given_events=st.lists(events(), max_size=8), query=_queries)
    def test_it_answers_what_the_source_in_memory_answers(
        self,
        make_source: Callable[[Iterable[Event]], EventSource],
        given_events: list[Event],
        query: FrontierQuery,
    ) -> None:
        answer = list(make_source(given_events).fetch(query))
        for wanted in MemoryEventSource(given_events).fetch(query):
            assert wanted in answer, (
                f"an answer must hold every event that is asked for, not found: {wanted!r}"
            )
        assert all(event in given_events for event in answer), (
            "an answer must hold events of one owner alone, as they were given"
        )

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
            assert SHIPPED in answer, f"what is asked for must be among the answer to {query}"
            assert withdrawal in answer, (
                f"every event with the id of one of them must be among the answer to {query}"
            )

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

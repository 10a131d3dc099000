"""Walks from lots through transformations and containers."""

import asyncio
import random
import time
from collections import deque
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from networks import (
    RecordingSource,
    amount,
    as_json,
    as_urn,
    at,
    commissioned,
    crate,
    lot,
    lots_of,
    made,
    moves,
    networks,
    of,
    packed,
    pallet,
    product,
    reached,
    read,
    serial,
    serial_of,
    shipped,
    told_again,
    unpacked,
    voided,
    walked,
    wrong,
)

from closient_export.adapters.memory import MemoryEventSource
from closient_export.epcis import Event, Item
from closient_export.errors import TraceLimitError
from closient_export.ports import FrontierQuery
from closient_export.requests import Direction
from closient_export.trace.graph import Evidence, LotGraph
from closient_export.trace.walk import Limits, Selection, run_walk, walk

A, B, C, D, E, F = (lot(name) for name in "ABCDEF")
P, Q, R = (pallet(number) for number in (1, 2, 3))
FORWARD, BACKWARD = Direction.FORWARD, Direction.BACKWARD


def distances(everything: LotGraph, start: str, direction: Direction) -> dict[str, int]:
    """The shortest distances from a lot, by the transformations of all lots."""
    found = {start: 0}
    queue = deque([start])
    while queue:
        current = queue.popleft()
        for each in everything.transformations:
            sources, targets = each.input_lots, each.output_lots
            if direction is BACKWARD:
                sources, targets = targets, sources
            for target in targets if current in sources else ():
                if target not in found:
                    found[target] = found[current] + 1
                    queue.append(target)
    return found


def told_of(graph: LotGraph, name: str) -> list[Any]:
    """All that a graph says of one lot."""
    return [
        (movement.event, [portion for portion in movement.portions if portion.lot == name])
        for movement in graph.movements[name]
    ] + [graph.made_by.get(name), graph.used_by.get(name)]


# --- properties -----------------------------------------------------------------------------


@given(networks())
def test_a_walk_from_one_lot_finds_what_a_walk_over_everything_finds(events: list[Event]) -> None:
    everything = walked(events)
    for start in lots_of(events):
        graph = walked(events, start)
        upstream = distances(everything, start, BACKWARD)
        downstream = distances(everything, start, FORWARD)
        assert reached(graph) == {*upstream, *downstream}
        for name, found in graph.lots.items():
            assert (found.upstream, found.downstream) == (upstream.get(name), downstream.get(name))
            assert told_of(graph, name) == told_of(everything, name)


@given(networks(), st.none() | st.integers(0, 2))
def test_forward_reaches_what_backward_is_reached_from(
    events: list[Event], hops: int | None
) -> None:
    limits = Limits(hops=hops, truncate=True)
    lots = lots_of(events)
    forward = {a: reached(walked(events, a, direction=FORWARD, limits=limits)) for a in lots}
    backward = {b: reached(walked(events, b, direction=BACKWARD, limits=limits)) for b in lots}
    for a in lots:
        for b in lots:
            assert (b in forward[a]) == (a in backward[b])


@given(networks(), st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(events: list[Event], random_: random.Random) -> None:
    graph = walked(events)
    shuffled = events + told_again(events)
    random_.shuffle(shuffled)
    assert walked(shuffled) == graph
    for start in lots_of(events)[:2]:
        assert walked(shuffled, start) == walked(events, start)


@given(networks(), networks())
def test_events_about_other_things_change_nothing(events: list[Event], others: list[Event]) -> None:
    for start in lots_of(events)[:2]:
        source = RecordingSource(events)
        graph = run_walk(source, Selection(lots=(start,)))
        ids = {each.event_id for each in events}
        more = [
            each
            for each in others
            if each.event_id not in ids and not set(source.asked).intersection(each.named_ids())
        ]
        assert walked(events + more, start) == graph


@given(networks())
def test_a_source_may_return_more_than_it_is_asked_for(events: list[Event]) -> None:
    for start in lots_of(events)[:2]:
        generous = RecordingSource(events, generous=True)
        assert run_walk(generous, Selection(lots=(start,))) == walked(events, start)
    generous = RecordingSource(events, generous=True)
    assert run_walk(generous, Selection()) == walked(events)


@given(networks())
def test_nothing_is_asked_for_twice(events: list[Event]) -> None:
    for selection in (Selection(), *(Selection(lots=(start,)) for start in lots_of(events)[:2])):
        source = RecordingSource(events)
        run_walk(source, selection)
        assert len(source.asked) == len(set(source.asked))
        assert all(query.ids for query in source.queries[selection.by_events :])


@given(networks(most=8))
def test_the_form_of_identifiers_changes_nothing(events: list[Event]) -> None:
    links, urns = (read(as_json(each, form) for each in events) for form in (str, as_urn))
    assert walked(urns) == walked(links)
    for start in lots_of(links)[:2]:
        assert walked(urns, start) == walked(links, start)


@given(networks())
def test_links_lead_from_lot_to_lot(events: list[Event]) -> None:
    for start in lots_of(events)[:2]:
        graph = walked(events, start)
        links = [(source, target) for source, target, _ in graph.links()]
        for name, found in graph.lots.items():
            if found.downstream:
                before = [s for s, t in links if t == name]
                assert found.downstream - 1 in [graph.lots[each].downstream for each in before]
            if found.upstream:
                after = [t for s, t in links if s == name]
                assert found.upstream - 1 in [graph.lots[each].upstream for each in after]


# --- lots and transformations ---------------------------------------------------------------


def test_a_chain_with_its_distances() -> None:
    events = [made(1, [A], [B]), made(2, [B], [C]), made(3, [C], [D]), made(4, [E], [F])]
    graph = walked(events, C)
    assert {name: found.hops for name, found in graph.lots.items()} == {A: -2, B: -1, C: 0, D: 1}
    assert [(s, t) for s, t, _ in graph.links()] == [(A, B), (B, C), (C, D)]
    assert graph.lots[C].asked
    assert not graph.lots[A].asked
    assert graph.truncated == ""


def test_a_distance_is_the_shortest() -> None:
    events = [made(1, [A], [B]), made(2, [B], [C]), made(3, [C], [D]), made(4, [A], [D])]
    graph = walked(events, A)
    assert {name: found.downstream for name, found in graph.lots.items()} == {
        A: 0,
        B: 1,
        C: 2,
        D: 1,
    }


def test_a_walk_never_turns_round() -> None:
    """B's sister, the other lot in D, and what F became have nothing to do with B."""
    events = [made(1, [A], [B, E]), made(2, [B, C], [D]), made(3, [C], [F]), made(4, [E], [F])]
    graph = walked(events, B)
    assert reached(graph) == {A, B, D}
    assert reached(walked(events, B, direction=FORWARD)) == {B, D}
    assert reached(walked(events, B, direction=BACKWARD)) == {A, B}
    assert [each.events[0].time for each in graph.transformations] == [at(1), at(2)]


def test_what_was_used_together_with_a_lot_is_told_but_not_reached() -> None:
    events = [shipped(0, of(C, 5)), made(2, [B, of(C, 5)], [D]), made(3, [C], [F])]
    graph = walked(events, B)
    assert reached(graph) == {B, D}
    assert moves(graph, C) == [("shipping", 5)]
    assert len(graph.used_by[C]) == 2
    assert F not in graph.movements


def test_cycles_end() -> None:
    events = [made(1, [A], [B]), made(2, [B], [A, C]), made(3, [C], [C])]
    graph = walked(events, A)
    assert {name: (each.upstream, each.downstream) for name, each in graph.lots.items()} == {
        A: (0, 0),
        B: (1, 1),
        C: (None, 2),
    }
    assert graph.lots[B].hops == -1


def test_the_events_of_one_transformation_are_one() -> None:
    parts = [
        made(1, [of(A, 5)], [], transformation_id="urn:x:t"),
        made(2, [of(B, 5)], [], transformation_id="urn:x:t"),
        made(3, [], [of(C, 9)], transformation_id="urn:x:t"),
        made(4, [D], [E], transformation_id="urn:x:other"),
    ]
    graph = walked(parts, A)
    assert reached(graph) == {A, C}
    [transformation] = graph.transformations
    assert transformation.key == "urn:x:t"
    assert transformation.events == tuple(parts[:3])
    assert transformation.completed == parts[2]
    assert transformation.input_lots == {A, B}
    assert reached(walked(parts, C, direction=BACKWARD)) == {A, B, C}


def test_links_that_contradict_time_are_kept() -> None:
    assert reached(walked([made(5, [A], [B]), made(1, [B], [C])], A)) == {A, B, C}


def test_two_transformations_with_one_id_are_two() -> None:
    """Somebody gave an id twice; neither may hide the other."""
    events = [made(1, [A], [B], event_id="urn:x:e"), made(2, [B], [C], event_id="urn:x:e")]
    for order in (events, events[::-1]):
        graph = walked(order, A)
        assert reached(graph) == {A, B, C}
        assert len({each.key for each in graph.transformations}) == 2
        assert graph.contradictory_ids == tuple(events)


def test_a_product_without_a_lot_is_never_followed() -> None:
    box = packed(1, P, Item(product(), None, Decimal(3)))
    events = [box, made(2, [A, P], [B]), made(3, [product()], [C])]
    graph = walked(events, A)
    assert reached(graph) == {A, B}
    [transformation] = graph.transformations
    assert [portion.lot for _, portion in transformation.inputs] == [A, ""]


def test_a_product_as_asked_lot_is_itself_alone() -> None:
    events = [made(1, [product()], [B]), shipped(2, product())]
    graph = walked(events, product())
    assert reached(graph) == {product()}
    assert len(graph.movements[product()]) == 1


def test_a_lot_that_nobody_names() -> None:
    graph = walked([made(1, [A], [B])], F)
    assert reached(graph) == {F}
    assert graph.movements == {F: ()}
    assert not graph.transformations


# --- serials --------------------------------------------------------------------------------

S, S2 = serial("S1"), serial("S2")


def test_a_serial_stands_for_its_lot() -> None:
    events = [
        made(1, [A], [serial_of(S, B)]),
        shipped(2, S),
        made(3, [S], [C]),
        made(4, [serial_of(S2, B)], [D]),
    ]
    graph = walked(events, S)
    assert graph.asked == (B,)
    assert reached(graph) == {A, B, C, D}
    assert walked(events, B) == graph
    assert [portion.item.id for portion in graph.movements[B][0].portions] == [S]


def test_a_serial_of_no_known_lot_stands_for_itself() -> None:
    events = [made(1, [A], [S]), shipped(2, S), made(3, [S], [C]), made(4, [S2], [D])]
    assert reached(walked(events, S)) == {A, S, C}
    assert reached(walked(events, A, direction=FORWARD)) == {A, S, C}


def test_a_serial_whose_lot_only_its_commissioning_tells() -> None:
    number = {"cbvmda:lotNumber": "B"}
    events = [
        made(1, [A], [S]),
        commissioned(2, S, S2, ilmd=number),
        made(3, [S2], [C]),
        made(4, [B], [D]),
    ]
    assert reached(walked(events, A, direction=FORWARD)) >= {A, B, D}
    assert reached(walked(events, C, direction=BACKWARD)) >= {B, C}
    assert walked(events, S).asked == (B,)


def test_a_lot_that_is_named_with_its_serials_alone() -> None:
    events = [
        commissioned(1, serial_of(S, B), serial_of(S2, B)),
        shipped(2, S),
        packed(3, P, S2),
        shipped(4, P),
        made(5, [S], [C]),
        made(6, [P], [D]),
    ]
    graph = walked(events, B)
    assert reached(graph) == {B, C, D}
    assert [step for step, _ in moves(graph, B)] == [
        "commissioning",
        "commissioning",
        "shipping",
        "packing",
        "shipping",
    ]


def test_a_lot_that_was_told_wrongly_is_none() -> None:
    """The first commissioning was declared wrong: the serial is not of lot A."""
    first = commissioned(1, serial_of(S, A), event_id="urn:x:1")
    events = [first, wrong(first), commissioned(1, serial_of(S, B)), made(2, [S], [C])]
    assert reached(walked(events, B)) == {B, C}
    assert reached(walked(events, A)) == {A}
    assert reached(walked(events, C)) == {B, C}


# --- containers -----------------------------------------------------------------------------


def test_containers_as_inputs_are_what_they_hold_then() -> None:
    events = [
        packed(1, P, of(A, 10)),
        packed(2, Q, P, of(B, 3)),
        unpacked(3, P, of(A, 10)),
        packed(4, P, of(C, 7)),  # while it is in the other one
        made(5, [Q], [D]),
        unpacked(6, Q),
        packed(7, Q, of(E, 1)),
        made(8, [Q], [F]),
    ]
    graph = walked(events, D, direction=BACKWARD)
    assert reached(graph) == {B, C, D}
    [transformation] = graph.transformations
    assert [(p.lot, amount(p.item), p.containers) for _, p in transformation.inputs] == [
        (B, 3, (Q,)),
        (C, 7, (Q, P)),
    ]
    assert reached(walked(events, A, direction=FORWARD)) == {A}
    assert reached(walked(events, C, direction=FORWARD)) == {C, D}
    assert reached(walked(events, E, direction=FORWARD)) == {E, F}


def test_closed_boxes_stand_for_themselves() -> None:
    events = [packed(1, P, Q), made(2, [P, A], [B])]
    [transformation] = walked(events, B).transformations
    assert [(portion.lot, portion.evidence) for _, portion in transformation.inputs] == [
        (A, Evidence.STATED),
        (Q, Evidence.UNKNOWN),
    ]
    assert reached(walked(events, B)) == {A, B, Q}


def test_a_container_as_output_is_what_it_is_packed_with() -> None:
    assert reached(walked([made(1, [A], [P]), packed(2, P, of(B, 1))], A)) == {A, B}


def test_what_is_named_beside_its_container_is_told_once() -> None:
    """A lot in both ways counts as it is named; of serials, those that are named count once."""
    events = [
        packed(1, P, of(A, 10), of(B, 4), serial_of(S, C), serial_of(S2, C)),
        shipped(2, P, of(A, 10), serial_of(S, C)),
    ]
    graph = walked(events, A)
    assert moves(graph, A) == [("packing", 10), ("shipping", 10)]
    assert moves(walked(events, B), B) == [("packing", 4), ("shipping", 4)]
    assert moves(walked(events, C), C) == [("packing", None)] * 2 + [("shipping", None)] * 2


def test_a_case_that_is_of_a_lot_and_holds_another() -> None:
    """A master case with a code of its own, packed with consumer units of another lot."""
    case = serial_of(S, A)
    events = [packed(1, S, of(B, 12)), packed(2, P, case), shipped(3, P), made(4, [case], [C])]
    graph = walked(events, B)
    assert reached(graph) == {B, C}
    assert moves(graph, B) == [("packing", 12), ("packing", 12), ("shipping", 12)]
    assert reached(walked(events, C)) == {A, B, C}
    assert moves(walked(events, A), A) == [("packing", None), ("shipping", None)]


def test_only_what_moved_while_a_lot_was_inside_is_its_own() -> None:
    events = [
        shipped(0, P),
        packed(1, P, of(A, 10), of(B, 4)),
        shipped(2, P),
        unpacked(3, P, of(A, 10)),
        shipped(4, P),
        unpacked(5, P),
        shipped(6, P),
        packed(7, P, of(C, 1)),
    ]
    graph = walked(events, A)
    assert [step for step, _ in moves(graph, A)] == [
        "shipping",
        "packing",
        "shipping",
        "unpacking",
    ]
    assert graph.movements[A][0].portions[0].evidence is Evidence.PROVEN_LATER
    assert [step for step, _ in moves(walked(events, B), B)] == [
        "shipping",
        "packing",
        "shipping",
        "shipping",
        "unpacking",
    ]
    assert graph.container_events == {P: tuple(events)}


def test_a_crate_that_goes_on_the_same_trailer_with_another_load() -> None:
    events = [
        packed(1, crate(1), of(A, 5)),
        packed(2, P, crate(1)),
        shipped(3, P),
        unpacked(4, P),
        unpacked(5, crate(1)),
        packed(11, crate(1), of(B, 7)),
        packed(12, P, crate(1)),
        shipped(13, P),
    ]
    graph = walked(events, A)
    assert [movement.event for movement in graph.movements[A]] == events[:5]
    assert {amount for _, amount in moves(graph, A)} == {5}
    assert moves(walked(events, B), B) == [("packing", 7), ("packing", 7), ("shipping", 7)]


def test_a_lot_that_is_in_a_container_twice_and_beside_it() -> None:
    """Directly on the trailer, and in a crate on it that was in another one before."""
    events = [
        packed(1, crate(1), of(A, 5)),
        packed(2, P, of(A, 3), crate(1)),
        shipped(3, P),
    ]
    graph = walked(events, A)
    assert moves(graph, A)[-2:] == [("shipping", 3), ("shipping", 5)]
    assert [portion.containers for portion in graph.movements[A][-1].portions] == [
        (P,),
        (P, crate(1)),
    ]


def test_a_voided_pallet_is_no_movement_of_its_lots() -> None:
    events = [
        packed(1, P, of(A, 1)),
        packed(1, Q, of(B, 1)),
        shipped(2, P, Q, event_id="urn:x:s"),
        voided(3, P, event_id="urn:x:v"),
    ]
    graph = walked(events, A)
    assert [step for step, _ in moves(graph, A)] == ["packing"]
    assert [(each.event.event_id, each.reason.name, each.by) for each in graph.excluded] == [
        ("urn:x:s", "VOIDED", "urn:x:v"),
        ("urn:x:v", "VOIDING", ""),
    ]
    other = walked(events, B)
    assert moves(other, B) == [("packing", 1), ("shipping", 1)]
    [shipment] = other.movements[B][1:]
    assert [portion.lot for portion in shipment.portions] == [B]


def test_reused_containers_and_ids_that_contradict_are_told() -> None:
    week = 7 * 24 * 60
    events = [
        packed(1, P, of(A, 1), event_id="urn:x:1"),
        shipped(2, P, event_id="urn:x:1"),
        packed(5 * week, P, of(B, 1)),
        shipped(5 * week + 1, P),
    ]
    graph = walked(events, A)
    assert graph.reused_containers == (events[2],)
    assert graph.contradictory_ids == (events[0], events[1])
    assert [step for step, _ in moves(graph, A)] == ["packing", "shipping"]
    soon = Limits(container_reuse=timedelta(days=365))
    assert len(moves(walked(events, A, limits=soon), A)) == 3


# --- selections -----------------------------------------------------------------------------

DAY = 24 * 60


def asked(events: Iterable[Event], **selection: Any) -> tuple[str, ...]:
    return run_walk(MemoryEventSource(events), Selection(**selection)).asked


def test_a_selection_by_product_and_dates() -> None:
    other = lot("A", item=77777)
    events = [
        shipped(0, A),
        shipped(DAY, B),
        shipped(2 * DAY, C),
        shipped(DAY, other),
        shipped(DAY, serial("S9")),
        made(3 * DAY, [serial_of(S, D)], [E]),
    ]
    second = {"since": date(2027, 3, 2), "until": date(2027, 3, 2)}
    assert asked(events, products=[product()], **second) == (B, serial("S9"))
    assert asked(events, products=[product(77777)], **second) == (other,)
    assert asked(events, products=[product()], since=date(2027, 3, 3)) == (C, D, E)
    assert asked(events, products=[product()], until=date(2027, 3, 1)) == (A,)
    assert asked(events, products=[product(77777)], since=date(2027, 3, 3)) == ()
    assert asked(events, products=[product()], lots=[other], **second) == (B, serial("S9"), other)
    assert asked(events, products=[product(), product(77777)]) == (
        A, B, C, D, E, serial("S9"), other,
    )  # fmt: skip


def test_a_lot_is_selected_by_the_moves_of_its_container() -> None:
    """FDA asks for a food and a range of dates; the pallet may have been packed before."""
    events = [packed(0, P, of(A, 1)), shipped(5 * DAY, P), packed(0, Q, of(B, 1))]
    sixth = {"since": date(2027, 3, 6), "until": date(2027, 3, 6)}
    assert asked(events, products=[product()], **sixth) == (A,)
    assert asked(events, **sixth) == (A,)
    assert asked(events, products=[product()], closed_for=timedelta(days=2), **sixth) == ()
    assert asked(events, products=[product()], until=date.max, since=date.min) == (A, B)


def test_a_selection_of_everything() -> None:
    events = [
        made(1, [A], [serial_of(S, B)]),
        made(2, [S2], [C]),
        packed(3, P, of(D, 1)),
        shipped(4, P),
        shipped(5, Q),
        shipped(6, product()),
    ]
    graph = run_walk(MemoryEventSource(events), Selection())
    assert graph.asked == (A, B, C, D, S2)
    assert [movement.event for movement in graph.unknown_containers] == [events[4]]
    assert [movement.unknown_containers for movement in graph.unknown_containers] == [(Q,)]
    assert asked(events, since=date(2027, 3, 2)) == ()


def test_everything_of_a_day_is_what_was_in_the_pallets_that_moved() -> None:
    """Also single objects, of a known lot or of none."""
    sealed = packed(0, Q, S, serial_of(S2, B), of(A, 1))
    events = [sealed, packed(1, P, Q), shipped(3 * DAY, P), commissioned(0, serial_of(S2, B))]
    fourth = {"since": date(2027, 3, 4), "until": date(2027, 3, 4)}
    assert asked(events, **fourth) == (A, B, S)


def test_everything_of_a_day_is_what_was_in_a_pallet_that_was_emptied() -> None:
    events = [packed(0, P, of(A, 1)), unpacked(3 * DAY, P)]
    assert asked(events, since=date(2027, 3, 4), until=date(2027, 3, 4)) == (A,)


def test_lots_of_other_products_are_not_asked_for() -> None:
    other = lot("A", item=77777)
    events = [made(1, [A, other], [B])]
    assert asked(events, products=[product()]) == (A, B)
    assert asked(events, products=[product(77777)]) == (other,)


def test_a_source_is_asked_for_no_more_than_the_dates() -> None:
    """And, for products, for as long before and after as a lot may be in a closed box."""
    first, last = date(2027, 3, 1), date(2027, 3, 9)
    everything, some = RecordingSource([]), RecordingSource([])
    run_walk(everything, Selection(since=first, until=last))
    assert everything.queries == [FrontierQuery(since=first, until=last)]
    of_product = Selection(
        products=(product(),), since=first, until=last, closed_for=timedelta(days=10)
    )
    run_walk(some, of_product)
    assert some.queries == [
        FrontierQuery(
            products=frozenset({product()}), since=date(2027, 2, 19), until=date(2027, 3, 19)
        )
    ]


def test_the_first_and_the_last_day_of_all() -> None:
    first, last = (datetime(year, 1, 1, tzinfo=UTC) for year in (1, 9999))
    events = [
        evolve(packed(0, P, of(A, 1)), time=first),
        evolve(packed(0, Q, P), time=first),
        evolve(shipped(1, Q), time=last),
    ]
    assert [step for step, _ in moves(walked(events, A), A)] == ["packing", "packing", "shipping"]


def test_closed_boxes_in_boxes_are_told() -> None:
    events = [packed(1, P, Q), shipped(2, P), shipped(3, R), voided(4, R)]
    graph = run_walk(MemoryEventSource(events), Selection())
    assert [each.event.biz_step for each in graph.unknown_containers] == ["packing", "shipping"]
    assert {each.unknown_containers for each in graph.unknown_containers} == {(Q,)}


# --- limits ---------------------------------------------------------------------------------

CHAIN = [made(number, [lot(number)], [lot(number + 1)]) for number in range(10)]


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(hops=2), "The trace would pass its limit of 2 hops."),
        (Limits(lots=3), "The trace would pass its limit of 3 lots."),
        (Limits(events=4), "The trace would pass its limit of 4 events."),
        (Limits(lots=0), "The trace would pass its limit of 0 lots."),
    ],
)
def test_a_limit_ends_a_walk(limits: Limits, message: str) -> None:
    with pytest.raises(TraceLimitError) as caught:
        walked(CHAIN, lot(5), limits=limits)
    assert str(caught.value) == message
    graph = walked(CHAIN, lot(5), limits=evolve(limits, truncate=True))
    assert graph.truncated == message
    assert len(graph.lots) <= 5
    assert graph.asked in ((), (lot(5),))


def test_what_a_limit_just_allows_is_walked() -> None:
    """Eleven lots, ten hops, and the events that the answers hold, each as often as it comes."""
    source = RecordingSource(CHAIN)
    graph = run_walk(source, Selection(lots=(lot(0),)))
    answered = sum(
        not query.ids.isdisjoint(each.named_ids()) for query in source.queries for each in CHAIN
    )
    needed: dict[str, Any] = {"hops": 10, "lots": 11, "events": answered}
    enough = Limits(hops=10, lots=11, events=answered, truncate=True)
    assert walked(CHAIN, lot(0), limits=enough) == graph
    for what, count in needed.items():
        fewer = evolve(enough, **{what: count - 1})
        message = f"The trace would pass its limit of {count - 1} {what}."
        assert walked(CHAIN, lot(0), limits=fewer).truncated == message
        assert len(walked(CHAIN, lot(0), limits=fewer).lots) <= 10


def test_lots_that_are_asked_for_count() -> None:
    assert walked(CHAIN, lot(10), direction=FORWARD, limits=Limits(lots=1)).truncated == ""
    with pytest.raises(TraceLimitError, match="limit of 1 lots"):
        walked([], A, B, limits=Limits(lots=1))


def test_a_walk_that_ends_at_once_names_what_was_asked() -> None:
    none = Limits(events=0, truncate=True)
    for order in ((A, B), (B, A)):
        graph = walked([made(1, [A], [B])], *order, limits=none)
        assert graph.asked == (A, B)
        assert graph.truncated == "The trace would pass its limit of 0 events."


def test_hops_are_limited_in_both_directions() -> None:
    graph = walked(CHAIN, lot(5), limits=Limits(hops=2, truncate=True))
    assert {found.hops for found in graph.lots.values()} == {-2, -1, 0, 1, 2}
    assert len(graph.transformations) == 6  # the first ones beyond, too, but not their other lots
    assert walked(CHAIN, lot(0), limits=Limits(hops=10)).truncated == ""


def test_a_limit_on_what_is_selected() -> None:
    limits = Limits(lots=5, truncate=True)
    graph = walked(CHAIN, limits=limits)
    assert graph.truncated == "The trace would pass its limit of 5 lots."
    assert graph.lots == {}


def test_limits_are_no_less_than_nothing() -> None:
    with pytest.raises(ValueError, match=r"^hops: expected a number from 0 on or none, got -1$"):
        Limits(hops=-1)


def test_an_endless_answer_is_not_read_to_its_end() -> None:
    def endless(_query: FrontierQuery) -> Iterable[Event]:
        while True:
            yield CHAIN[0]

    steps = walk(Selection(lots=(lot(0),)), limits=Limits(events=100))
    query = next(steps)
    with pytest.raises(TraceLimitError):
        steps.send(endless(query))


# --- queries --------------------------------------------------------------------------------


def queries(events: Iterable[Event], *lots: str, direction: Direction = FORWARD) -> int:
    source = RecordingSource(events)
    run_walk(source, Selection(lots=lots), direction)
    return len(source.queries)


def test_one_query_for_each_hop() -> None:
    assert queries(CHAIN, lot(0)) == 11
    assert queries(CHAIN, lot(10), direction=BACKWARD) == 11
    wide = [made(n, [A], [lot(f"B{n}")]) for n in range(50)]
    wide += [made(n, [lot(f"B{n}")], [lot(f"C{n}")]) for n in range(50)]
    assert queries(wide, A) == 3


def test_one_more_query_for_each_level_of_containers() -> None:
    nested = [packed(1, P, of(A, 1)), packed(2, Q, P), packed(3, R, Q), shipped(4, R)]
    assert queries(nested, A) == 4
    assert queries([*nested, packed(1, crate(1), of(A, 1))], A) == 4
    joined = [
        made(1, [A], [], transformation_id="urn:x:t"),
        made(1, [], [B], transformation_id="urn:x:t"),
    ]
    assert queries(joined, A) == 3


def test_an_asynchronous_source() -> None:
    source = MemoryEventSource(CHAIN)

    async def fetch(query: FrontierQuery) -> list[Event]:
        await asyncio.sleep(0)
        return list(source.fetch(query))

    async def drive() -> LotGraph:
        steps = walk(Selection(lots=(lot(5),)))
        try:
            query = next(steps)
            while True:
                query = steps.send(await fetch(query))
        except StopIteration as end:
            graph: LotGraph = end.value
            return graph

    assert asyncio.run(drive()) == walked(CHAIN, lot(5))


# --- size -----------------------------------------------------------------------------------


def test_a_chain_of_many_lots() -> None:
    """Neither recursion nor anything that grows with the square of the length."""
    count = 20_000
    source = MemoryEventSource(made(n, [lot(n)], [lot(n + 1)]) for n in range(count))
    begin = time.process_time()
    graph = run_walk(source, Selection(lots=(lot(0),)))
    assert len(graph.lots) == count + 1
    assert graph.lots[lot(count)].downstream == count
    assert time.process_time() - begin < 20


def test_a_crate_that_every_lot_was_in() -> None:
    """Each lot is packed into the same crate, shipped, taken out, and becomes the next one."""
    count = 2_000
    events = []
    for n in range(count):
        events += [
            packed(10 * n, crate(1), of(lot(n), 1)),
            shipped(10 * n + 1, crate(1)),
            unpacked(10 * n + 2, crate(1)),
            made(10 * n + 3, [lot(n)], [lot(n + 1)]),
        ]
    begin = time.process_time()
    graph = walked(events, lot(0))
    assert len(graph.lots) == count + 1
    assert all(len(graph.movements[lot(n)]) == 3 for n in range(count))
    assert time.process_time() - begin < 20


# --- what a graph is made of ----------------------------------------------------------------


def test_the_lots_and_boxes_of_a_graph_are_in_order() -> None:
    names = [lot(name) for name in "HGFEDCBA"]
    boxes = [pallet(number) for number in range(8, 0, -1)]
    events = [
        packed(n, box, of(name, 5)) for n, (box, name) in enumerate(zip(boxes, names, strict=True))
    ]
    events += [shipped(20, *boxes), made(30, names, [of(lot("Z"), 1)])]
    graph = walked(events, lot("Z"))
    assert list(graph.lots) == [*names[::-1], lot("Z")]
    assert list(graph.movements) == [*names[::-1], lot("Z")]
    assert list(graph.container_events) == boxes[::-1]
    assert graph.made_by.keys() == {lot("Z")}
    assert graph.used_by.keys() == {*names}


def test_what_else_was_made_of_a_lot_on_the_way_back_is_not_walked_through() -> None:
    events = [made(1, [of(A, 9)], [of(B, 4)]), made(2, [of(A, 5), of(D, 1)], [of(C, 4)])]
    for direction in (BACKWARD, Direction.BOTH):
        graph = walked(events, B, direction=direction)
        assert [each.output_lots for each in graph.transformations] == [{B}]
        assert list(graph.movements) == [A, B]
        assert [each.output_lots for each in graph.used_by[A]] == [{B}, {C}]


def test_a_withdrawn_shipment_of_a_pallet_is_told_of_each_lot_on_it() -> None:
    events = [
        packed(0, P, of(A, 5), of(B, 7)),
        shipped(1, P, papers=["urn:x:1"]),
        voided(2, P, papers=["urn:x:1"]),
    ]
    for name in (A, B):
        times = [excluded.event.time for excluded in walked(events, name).excluded]
        assert times == [at(1), at(2)]


def test_a_withdrawn_shipment_of_a_pallet_that_a_lot_has_left_is_another_s() -> None:
    events = [
        packed(0, P, of(A, 5)),
        unpacked(1, P),
        packed(2, Q, of(A, 5)),
        packed(3, P, of(B, 7)),
        shipped(4, P, papers=["urn:x:1"]),
        voided(5, P, papers=["urn:x:1"]),
    ]
    assert walked(events, A).excluded == ()
    assert len(walked(events, B).excluded) == 2

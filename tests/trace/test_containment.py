"""What was in which container, when."""

import time
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from networks import (
    amount,
    at,
    containment_of,
    crate,
    event,
    ledger_of,
    lot,
    made,
    moves,
    of,
    packed,
    pallet,
    place,
    product,
    received,
    seen,
    serial,
    serial_of,
    shipped,
    unpacked,
    walked,
    wrong,
)

from closient_export.epcis import Action, Event, EventType, Item
from closient_export.trace.containment import Containment, carries, may_hold, moment_inside
from closient_export.trace.graph import Evidence
from closient_export.trace.ledger import Ledger
from closient_export.trace.loads import ALWAYS
from closient_export.trace.steps import Moment, moment_of

A, B, C, D = (lot(name) for name in "ABCD")
P, Q, R = (pallet(number) for number in (1, 2, 3))
CRATE = crate(1)
S, S2 = serial("S"), serial("S2")
WEEK = 7 * 24 * 60
LAST = 9
LATE = timedelta(days=7)


def moment(minutes: float) -> Moment:
    """After everything that happens at a time."""
    return (at(minutes), LAST, "")


def inside(events: list[Event], container: str, minutes: float) -> Any:
    """What is directly inside, in short, and how that is known."""
    items, evidence = containment_of(events).contents(container, moment(minutes))
    found: dict[Any, float | None] = {}
    for item in items:
        place: Any = (item.id, item.uom) if item.uom else item.id
        found[place] = amount(item)
    return found, evidence


def lots(events: list[Event], container: str, minutes: float) -> list[tuple[str, float | None]]:
    portions = containment_of(events).within(container, moment(minutes)).portions
    return sorted((portion.lot, amount(portion.item)) for portion in portions)


def kg(**quantities: float) -> dict[tuple[str, str], float]:
    return {(lot(name), "KGM"): quantity for name, quantity in quantities.items()}


# --- packing and unpacking ------------------------------------------------------------------


def test_additions_add_up() -> None:
    events = [
        packed(1, P, of(A, 5)),
        packed(2, P, of(A, 3), of(B, 1)),
        packed(3, P, of(A, 1, "LBR")),
    ]
    assert inside(events, P, 1) == (kg(A=5), Evidence.PACKED)
    assert inside(events, P, 2) == (kg(A=8, B=1), Evidence.PACKED)
    assert inside(events, P, 3) == (kg(A=8, B=1) | {(A, "LBR"): 1.0}, Evidence.PACKED)


def test_removals_of_a_part() -> None:
    events = [packed(1, P, of(A, 5), of(B, 1), S), unpacked(2, P, of(A, 2)), unpacked(3, P, S)]
    assert inside(events, P, 2) == (dict[Any, Any](kg(A=3, B=1)) | {S: None}, Evidence.PACKED)
    assert inside(events, P, 3) == (kg(A=3, B=1), Evidence.PACKED)


def test_removals_of_all() -> None:
    events = [packed(1, P, of(A, 5), of(B, 1)), unpacked(2, P)]
    assert inside(events, P, 2) == ({}, Evidence.EMPTY)
    named = [packed(1, P, of(A, 5), of(B, 1)), unpacked(2, P, of(A, 5), of(B, 2))]
    assert inside(named, P, 2) == ({}, Evidence.EMPTY)


def test_a_removal_without_a_quantity_is_of_all_of_it_in_any_unit() -> None:
    events = [packed(1, P, of(A, 5), of(A, 3, "LBR"), of(B, 1)), unpacked(2, P, of(A))]
    assert inside(events, P, 2) == (kg(B=1), Evidence.PACKED)


def test_an_unknown_quantity_stays_unknown() -> None:
    events = [packed(1, P, Item(A, A, None, "KGM")), packed(2, P, of(A, 3))]
    assert inside(events, P, 2) == ({(A, "KGM"): None}, Evidence.PACKED)


def test_nobody_knows() -> None:
    assert inside([shipped(1, P)], P, 1) == ({}, Evidence.UNKNOWN)
    assert inside([], P, 1) == ({}, Evidence.UNKNOWN)
    assert inside([packed(3, P, of(A, 1))], P, 2) == ({}, Evidence.UNKNOWN)


def test_it_is_empty_from_its_unpacking_to_its_packing() -> None:
    """What an empty crate is packed with later was not in it when it was sent back."""
    events = [
        packed(1, CRATE, of(A, 5)),
        unpacked(3, CRATE),
        shipped(4, CRATE),
        packed(5, CRATE, of(B, 1)),
    ]
    assert inside(events, CRATE, 3) == ({}, Evidence.EMPTY)
    assert inside(events, CRATE, 4) == ({}, Evidence.EMPTY)
    assert inside(events, CRATE, 5) == (kg(B=1), Evidence.PACKED)
    assert [step for step, _ in moves(walked(events, B), B)] == ["packing"]


# --- the same instant -----------------------------------------------------------------------


def at_event(events: list[Event], number: int) -> Any:
    """What is in the pallet when one of the events happens to it."""
    items, evidence = containment_of(events).contents(P, moment_inside(events[number]))
    return {item.id for item in items}, evidence


def test_packing_and_shipping_at_once() -> None:
    assert at_event([shipped(1, P), packed(1, P, of(A, 1))], 0) == ({A}, Evidence.PACKED)


def test_receiving_and_unpacking_at_once() -> None:
    events = [packed(0, P, of(A, 1)), unpacked(1, P), received(1, P)]
    assert at_event(events, 2) == ({A}, Evidence.PACKED)
    as_receipt = [packed(0, P, of(A, 1)), unpacked(1, P, biz_step="receiving"), received(1, P)]
    assert at_event(as_receipt, 2) == ({A}, Evidence.PACKED)


def test_unpacking_everything_is_about_what_was_inside() -> None:
    events = [packed(0, P, of(A, 1)), unpacked(1, P)]
    assert at_event(events, 1) == ({A}, Evidence.PACKED)
    assert moves(walked(events, A), A) == [("packing", 1), ("unpacking", 1)]


def test_using_what_was_unpacked_and_packing_what_was_made_at_once() -> None:
    events = [packed(0, P, of(A, 1)), made(1, [P], [B]), unpacked(1, P), packed(1, P, of(B, 1))]
    assert inside(events, P, 1) == (kg(B=1), Evidence.PACKED)


# --- evidence without packing ---------------------------------------------------------------


def test_what_is_seen_on_arrival_was_inside_when_it_was_shipped() -> None:
    events = [shipped(1, P), seen(2, P, of(A, 5), of(B, 1), biz_step="receiving"), shipped(3, P)]
    assert inside(events, P, 1) == (kg(A=5, B=1), Evidence.PROVEN_LATER)
    assert inside(events, P, 3) == (kg(A=5, B=1), Evidence.SEEN_BEFORE)


def test_what_is_taken_out_was_inside_before() -> None:
    events = [shipped(1, P), unpacked(2, P, of(A, 5)), unpacked(3, P, of(A, 2), of(B, 1))]
    assert inside(events, P, 1) == (kg(A=7, B=1), Evidence.PROVEN_LATER)
    assert moves(walked(events, A), A) == [("shipping", 7), ("unpacking", 5), ("unpacking", 2)]


def test_what_is_taken_out_before_the_rest_is_seen() -> None:
    events = [shipped(1, P), unpacked(2, P, of(A, 5)), seen(3, P, of(B, 1))]
    assert inside(events, P, 1) == (kg(A=5, B=1), Evidence.PROVEN_LATER)


def test_what_is_put_in_and_seen_later_was_not_inside_before() -> None:
    events = [shipped(1, P), packed(2, P, of(B, 1)), seen(3, P, of(A, 5), of(B, 1))]
    assert inside(events, P, 1) == (kg(A=5), Evidence.PROVEN_LATER)
    used = [
        shipped(1, P),
        unpacked(2, P, of(A, 5)),
        packed(3, P, of(B, 1)),
        unpacked(4, P, of(B, 1)),
    ]
    assert inside(used, P, 1) == (kg(A=5), Evidence.PROVEN_LATER)


def test_what_was_seen_less_what_was_taken_out() -> None:
    events = [seen(1, P, of(A, 5), of(B, 1)), unpacked(2, P, of(A, 5)), shipped(3, P)]
    assert inside(events, P, 3) == (kg(B=1), Evidence.SEEN_BEFORE)
    assert inside([*events, unpacked(4, P, of(B, 1)), shipped(5, P)], P, 5) == ({}, Evidence.EMPTY)


def test_what_was_seen_and_what_is_added() -> None:
    events = [seen(1, P, of(A, 5)), packed(2, P, of(B, 1))]
    assert inside(events, P, 2) == (kg(A=5, B=1), Evidence.PACKED)
    again = [seen(1, P, of(A, 5)), packed(2, P, of(A, 5))]
    assert inside(again, P, 2) == (kg(A=5), Evidence.PACKED)


def test_seeing_does_not_change_what_was_packed() -> None:
    events = [packed(1, P, of(A, 5)), seen(2, P, of(B, 9)), seen(3, P), shipped(4, P)]
    assert inside(events, P, 4) == (kg(A=5), Evidence.PACKED)


def test_a_packing_that_is_recorded_late() -> None:
    """A shipment's time may be a little before its packing's, but not a week."""
    soon = [shipped(1, P), packed(5, P, of(A, 1)), packed(6, P, of(B, 1)), shipped(7, P)]
    assert inside(soon, P, 1) == (kg(A=1, B=1), Evidence.PROVEN_LATER)
    assert inside([shipped(1, P), packed(WEEK, P, of(A, 1))], P, 1) == ({}, Evidence.UNKNOWN)


# --- reuse ----------------------------------------------------------------------------------


def test_reuse_with_an_unpacking() -> None:
    events = [packed(1, P, of(A, 1)), shipped(2, P), unpacked(3, P), packed(4, P, of(B, 1))]
    assert inside(events, P, 2) == (kg(A=1), Evidence.PACKED)
    assert inside(events, P, 4) == (kg(B=1), Evidence.PACKED)
    assert containment_of(events).reused(P) == []


def test_reuse_without_an_unpacking() -> None:
    events = [packed(1, P, of(A, 1)), shipped(2, P), packed(5 * WEEK, P, of(B, 1))]
    containment = containment_of(events)
    assert inside(events, P, 5 * WEEK) == (kg(B=1), Evidence.PACKED)
    assert containment.reused(P) == [events[2]]
    soon = [packed(1, P, of(A, 1)), shipped(2, P), packed(WEEK, P, of(B, 1))]
    assert inside(soon, P, WEEK) == (kg(A=1, B=1), Evidence.PACKED)
    strict = containment_of(soon, timedelta(days=1))
    assert [item.id for item in strict.contents(P, moment(WEEK))[0]] == [B]


def test_a_container_that_was_not_moved_is_filled_on() -> None:
    events = [packed(1, P, of(A, 1)), packed(5 * WEEK, P, of(B, 1))]
    assert inside(events, P, 5 * WEEK) == (kg(A=1, B=1), Evidence.PACKED)


def test_receiving_what_is_inside_is_a_move() -> None:
    events = [
        packed(1, P, of(A, 1)),
        seen(2, P, of(A, 1), biz_step="receiving"),
        packed(5 * WEEK, P, of(B, 1)),
    ]
    assert inside(events, P, 5 * WEEK) == (kg(B=1), Evidence.PACKED)


def test_a_load_of_which_nothing_is_known_is_not_the_next_one() -> None:
    events = [shipped(1, P), packed(5 * WEEK, P, of(B, 1)), unpacked(5 * WEEK + 1, P, of(B, 1))]
    assert inside(events, P, 1) == ({}, Evidence.UNKNOWN)
    assert containment_of(events).reused(P) == []


# --- nesting --------------------------------------------------------------------------------


def test_nested_pallets() -> None:
    events = [
        packed(1, P, of(A, 5), of(B, 1)),
        packed(2, Q, P, of(A, 2)),
        packed(3, R, Q),
        unpacked(5, P, of(A, 5)),
    ]
    assert lots(events, R, 4) == [(A, 2), (A, 5), (B, 1)]
    assert lots(events, R, 5) == [(A, 2), (B, 1)]
    portions = containment_of(events).within(R, moment(4)).portions
    assert {portion.containers for portion in portions} == {(R, Q), (R, Q, P)}
    assert lots(events, R, 2) == []


def test_each_lot_has_the_quantity_that_is_on_the_pallet() -> None:
    events = [
        packed(1, P, of(A, 30)),
        packed(1, Q, of(A, 12)),
        shipped(2, P),
        shipped(2, Q),
    ]
    assert sorted(moves(walked(events, A), A)) == [
        ("packing", 12),
        ("packing", 30),
        ("shipping", 12),
        ("shipping", 30),
    ]


def test_closed_boxes_are_told() -> None:
    events = [packed(1, P, Q, of(A, 1)), shipped(2, R)]
    containment = containment_of(events)
    assert containment.within(P, moment(1)).closed == (Q,)
    assert containment.within(R, moment(2)).closed == (R,)
    emptied = containment_of([packed(1, P, Q), packed(1, Q, of(A, 1)), unpacked(2, Q)])
    assert emptied.within(P, moment(2)).closed == ()
    assert emptied.within(P, moment(2)).portions == ()


def test_containers_in_each_other_end() -> None:
    events = [packed(1, P, Q, of(A, 1)), packed(2, Q, P, of(B, 1)), packed(3, R, R)]
    assert lots(events, P, 3) == [(A, 1), (B, 1)]
    assert lots(events, R, 3) == []
    assert walked([*events, shipped(4, P)], A).movements[A][-1].event == shipped(4, P)


def test_things_and_products_inside() -> None:
    events = [packed(1, P, S, serial_of(S2, A), Item(product(), None, None)), shipped(2, P)]
    portions = containment_of(events).within(P, moment(1)).portions
    assert [(portion.lot, portion.item.id) for portion in portions] == [
        ("", product()),
        (S, S),
        (A, S2),
    ]


# --- what carries ---------------------------------------------------------------------------


def associated(minutes: float, parent: str, *things: str | Item, **more: Any) -> Event:
    return event(minutes, EventType.ASSOCIATION, Action.ADD, parent=parent, items=things, **more)


def test_an_association_with_an_object_carries() -> None:
    events = [associated(1, CRATE, of(A, 1)), shipped(2, CRATE)]
    assert carries(events[0])
    assert moves(walked(events, A), A)[-1] == ("shipping", 1)


def test_an_association_with_a_place_does_not() -> None:
    events = [associated(1, place(1), of(A, 1)), associated(2, place(1), of(B, 1))]
    assert not carries(events[0])
    assert len(walked(events, A).movements[A]) == 1
    assert walked(events, A).container_events == {}


@pytest.mark.parametrize(
    "other",
    [
        shipped(1, A),
        event(1, EventType.TRANSACTION, Action.ADD, parent=P, items=[A]),
        made(1, [A], [B]),
    ],
)
def test_no_other_event_does(other: Event) -> None:
    assert not carries(other)


def test_what_is_known_to_hold_something_is_a_container() -> None:
    tote = "urn:x:tote:1"
    for known in (packed(1, tote, of(A, 1)), seen(1, tote, of(A, 1)), unpacked(1, tote, of(A, 1))):
        assert containment_of([known]).is_container(of(tote))
    assert not containment_of([shipped(1, tote)]).is_container(of(tote))
    assert containment_of([]).is_container(of(P))
    assert not containment_of([packed(1, P, of(A, 1))]).is_container(of(A))


def test_quantities_and_products_hold_nothing() -> None:
    for nothing in (of(A, 5), of(A), Item(A), Item(product())):
        assert not may_hold(nothing)
    for box in (of(P), of(CRATE), of(S), serial_of(S, A), of("urn:x:tote:1")):
        assert may_hold(box)


# --- models and size ------------------------------------------------------------------------

_NAMES = [A, B, C, S]
_STEPS = st.lists(
    st.tuples(
        st.sampled_from([P, Q]),
        st.sampled_from([Action.ADD, Action.DELETE]),
        st.lists(
            st.tuples(st.sampled_from(_NAMES), st.integers(1, 4)),
            max_size=3,
            unique_by=lambda pair: pair[0],
        ),
    ),
    max_size=12,
)


@given(_STEPS)
def test_contents_are_what_a_simple_model_says(
    steps: list[tuple[str, Action, list[tuple[str, int]]]],
) -> None:
    """Well-formed histories: nothing is taken out that was not put in, no two at one time."""
    model: dict[str, dict[str, int]] = defaultdict(dict)
    events: list[Event] = []
    expected = []
    for minutes, (container, action, pairs) in enumerate(steps):
        held = model[container]
        things = {name: 1 if name == S else quantity for name, quantity in pairs}
        if action is Action.ADD:
            if not things or (S in things and S in {**model[P], **model[Q]}):
                continue
            for name, quantity in things.items():
                held[name] = held.get(name, 0) + quantity
        else:
            things = {n: min(q, held[n]) for n, q in things.items() if n in held}
            if not things:
                held.clear()
            for name, quantity in things.items():
                held[name] -= quantity
                if not held[name]:
                    del held[name]
        items = [of(name) if name == S else of(name, n) for name, n in things.items()]
        events.append((packed if action is Action.ADD else unpacked)(minutes, container, *items))
        expected.append((minutes, {name: dict(found) for name, found in model.items()}))
    containment = containment_of(events)
    for minutes, by_container in expected:
        for container, found in by_container.items():
            held_items, evidence = containment.contents(container, moment(minutes))
            assert {item.id: int(item.quantity or 1) for item in held_items} == found
            assert evidence is not Evidence.PACKED or found


def test_a_crate_that_is_used_for_years() -> None:
    count = 2_000
    events = []
    for number in range(count):
        events += [
            packed(10 * number, CRATE, of(lot(number), 1)),
            shipped(10 * number + 1, CRATE),
            received(10 * number + 2, CRATE),
            unpacked(10 * number + 3, CRATE),
        ]
    begin = time.process_time()
    containment = containment_of(events)
    for each in events:
        containment.within(CRATE, moment_of(each))
    graph = walked(events)
    assert all(len(graph.movements[lot(number)]) == 4 for number in range(count))
    assert time.process_time() - begin < 20


def test_a_bin_that_is_never_emptied() -> None:
    """Thousands of things go in one by one, and it moves now and then."""
    events = [packed(number, CRATE, of(lot(number), 1)) for number in range(3_000)]
    events += [shipped(number * 100 + 0.5, CRATE) for number in range(30)]
    begin = time.process_time()
    graph = walked(events, lot(0))
    assert len(graph.movements[lot(0)]) == 31
    assert time.process_time() - begin < 20


def test_contents_do_not_depend_on_who_asks_first() -> None:
    """Two packings at one time, of which the one that sorts later begins the load."""
    events = [unpacked(0, P), packed(1, P, of(A, 1)), packed(1, P, of(B, 1))]
    for order in (events, events[::-1]):
        containment = Containment(ledger_of(order), reuse_gap=timedelta(days=21))
        for each in order:
            items, _ = containment.contents(P, moment_of(each))
            assert {item.id for item in items} == ({A, B} if each.items else set())


def test_what_is_inside_at_one_time_depends_on_what_happens_first() -> None:
    """A receipt comes before the unpacking and the packing of the same minute, whoever asks first."""
    events = [packed(0, P, of(A, 1)), unpacked(1, P), packed(1, P, of(B, 1))]
    ranks = {0: {A}, 1: set(), LAST: {B}}
    for order in (ranks, reversed(ranks)):
        containment = containment_of(events)
        for rank in order:
            at_once = (at(1), rank, "")
            items, _ = containment.contents(P, at_once)
            assert {item.id for item in items} == ranks[rank]
            assert {each.lot for each in containment.within(P, at_once).portions} == ranks[rank]


def test_what_happens_while_a_thing_is_inside() -> None:
    """From the first moment of a span to its last, without what names the thing itself."""
    invoiced = event(3, EventType.TRANSACTION, Action.ADD, parent=P, items=[of(B)])
    emptied = unpacked(5, P)
    events = [packed(1, P, of(A, 1)), shipped(2, P), invoiced, shipped(4, P), emptied]
    containment = containment_of(events)
    first, last = (moment_of(events[n])[:2] for n in (1, 3))
    assert containment.events_with(P, A, (first, last)) == events[1:4]
    assert containment.events_with(P, A, (first, first)) == [events[1]]
    assert containment.events_with(P, A, (last, last)) == [events[3]]
    assert containment.events_with(P, A, (first, (at(4), 0))) == events[1:3]
    assert containment.events_with(P, A, ALWAYS) == events[1:]
    assert list(containment.events_with(P, B, ALWAYS)) == []
    assert list(containment.spans(P, B)) == list(containment.spans(Q, A)) == []


def test_a_withdrawn_packing_was_never_inside() -> None:
    """Whatever has been asked before is answered anew when an event is declared wrong."""
    packing = packed(1, P, of(A, 1), event_id="urn:x:1")
    ledger = ledger_of([packing, packed(2, Q, P), shipped(3, Q)])
    asked: list[Callable[[Containment], object]] = [
        lambda containment: containment.stays(A),
        lambda containment: containment.spans(P, A),
        lambda containment: containment.events_with(P, A, ALWAYS),
        lambda containment: containment.contents(P, moment(3))[0],
        lambda containment: containment.within(Q, moment(3)).portions,
    ]
    asked_before = [(ask, Containment(ledger, reuse_gap=3 * LATE)) for ask in asked]
    assert all(ask(containment) for ask, containment in asked_before)
    ledger.add(packing.named_ids(), [wrong(packing)])
    assert [ask(containment) for ask, containment in asked_before] == [{}, (), (), (), ()]


def test_a_box_is_opened_when_more_is_known_of_it() -> None:
    ledger = Ledger()
    inner, outer = packed(1, P, of(A, 1)), packed(2, Q, P)
    ledger.add([Q], [outer])
    containment = Containment(ledger, reuse_gap=3 * LATE)
    assert containment.within(Q, moment(2)).closed == (P,)
    assert containment.contents(P, moment(2)) == ((), Evidence.UNKNOWN)
    assert containment.reused(P) == ()
    assert list(containment.events_with(P, A, ALWAYS)) == []
    ledger.add([P], [inner, outer])
    assert list(containment.events_with(P, A, ALWAYS)) == [outer]
    opened = containment.within(Q, moment(2))
    assert opened.closed == ()
    assert [each.lot for each in opened.portions] == [A]


def test_several_closed_boxes_are_told_in_order() -> None:
    events = [packed(1, R, Q, P, crate(1), of(A, 1))]
    for order in (events, [packed(1, R, crate(1), P, Q, of(A, 1))]):
        inside = containment_of(order).within(R, moment(1))
        assert inside.closed == tuple(sorted([P, Q, crate(1)]))

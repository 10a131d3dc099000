"""Which events count: declarations of errors, copies, and withdrawn shipments."""

import random
from collections.abc import Iterable
from typing import Any

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from networks import (
    at,
    commissioned,
    ledger_of,
    lot,
    networks,
    of,
    packed,
    pallet,
    received,
    serial,
    serial_of,
    shipped,
    told_again,
    unpacked,
    voided,
    wrong,
)

from closient_export.epcis import Event
from closient_export.trace.ledger import Exclusion, Ledger

A, B = lot("A"), lot("B")
P, Q = pallet(1), pallet(2)
S = serial("S")
X, Y = "urn:x:event:x", "urn:x:event:y"


def counting(*events: Event, name: str = A) -> list[Event]:
    return ledger_of(events).naming([name])


def exclusions(*events: Event, name: str = A) -> list[tuple[str, Exclusion, str]]:
    return [(e.event.event_id, e.reason, e.by) for e in ledger_of(events).excluded([name])]


# --- error declarations ---------------------------------------------------------------------


def test_a_declaration_withdraws_the_event_of_its_id() -> None:
    event, other = shipped(1, A, event_id=X), shipped(2, A, event_id=Y)
    assert counting(event, wrong(event), other) == [other]
    assert exclusions(event, wrong(event), other) == [
        (X, Exclusion.DECLARATION, ""),
        (X, Exclusion.DECLARED_WRONG, X),
    ]


def test_a_declaration_without_an_id_withdraws_the_same_content() -> None:
    event, other = shipped(1, A), shipped(2, A)
    assert counting(event, wrong(event), other) == [other]
    assert counting(evolve(event, event_id=X), wrong(event), other) == [other]


def test_a_copy_without_an_id_is_withdrawn_with_its_original() -> None:
    event = shipped(1, A, event_id=X)
    assert counting(event, evolve(event, event_id=""), wrong(event)) == []


def test_a_double_capture_that_is_declared_wrong_leaves_the_other_one() -> None:
    event = shipped(1, A, event_id=X)
    double = evolve(event, event_id=Y)
    assert counting(event, double, wrong(double)) == [event]
    assert exclusions(event, double, wrong(double)) == [
        (Y, Exclusion.DECLARATION, ""),
        (Y, Exclusion.DECLARED_WRONG, Y),
    ]


def test_a_declaration_whose_prior_is_absent() -> None:
    event = shipped(1, A, event_id=X)
    assert counting(wrong(event)) == []
    assert exclusions(wrong(event)) == [(X, Exclusion.DECLARATION, "")]


def test_corrective_events_stay() -> None:
    event = shipped(1, of(A, 10), event_id=X)
    corrected = shipped(1, of(A, 9), event_id=Y)
    assert counting(event, wrong(event, corrective_event_ids=(Y,)), corrected) == [corrected]


def test_a_corrective_event_stays_even_if_it_says_the_same() -> None:
    """What was wrong may be outside of what is compared, such as the id itself."""
    event, corrected = shipped(1, A), shipped(1, A, event_id=Y)
    declaration = wrong(event, corrective_event_ids=(Y,))
    assert counting(event, declaration, corrected) == [corrected]
    assert counting(event, wrong(event), corrected) == []


def test_a_declaration_leaves_another_event_of_the_same_id() -> None:
    """Somebody has published the correction under the old id."""
    event = shipped(1, of(A, 10), event_id=X)
    corrected = shipped(1, of(A, 9), event_id=X)
    assert counting(event, wrong(event), corrected) == [corrected]


def test_a_declaration_with_another_content_means_the_event_of_its_id() -> None:
    event = shipped(1, of(A, 10), event_id=X)
    sloppy = wrong(shipped(1, A, event_id=X))
    assert counting(event, sloppy) == []


def test_what_a_wrong_event_says_of_lots_is_not_believed() -> None:
    first = commissioned(1, serial_of(S, A), event_id=X)
    ledger = ledger_of([first, wrong(first), commissioned(1, serial_of(S, B), event_id=Y)])
    assert ledger.lot_of(of(S)) == B
    assert ledger.ids_of(A) == {A}
    assert ledger.ids_of(B) == {B, S}


def test_partners_who_disagree_on_a_lot_are_heard_in_any_order() -> None:
    events = [commissioned(1, serial_of(S, B)), received(2, serial_of(S, A))]
    assert ledger_of(events).lot_of(of(S)) == ledger_of(events[::-1]).lot_of(of(S)) == A


# --- copies ---------------------------------------------------------------------------------


def test_true_copies_are_one() -> None:
    event = shipped(1, A, event_id=X, record_time=at(2))
    assert counting(event, *told_again([event, event])) == [event]
    assert exclusions(event, *told_again([event])) == []


def test_copies_under_other_ids_are_one_and_told() -> None:
    event = shipped(1, A, event_id=X)
    copy = evolve(event, event_id=Y)
    assert counting(copy, event) == [event]
    assert exclusions(copy, event) == [(Y, Exclusion.COPY, X)]


def test_a_copy_with_an_id_says_more_than_one_without() -> None:
    event = shipped(1, A, event_id=X)
    assert counting(evolve(event, event_id=""), event) == [event]
    assert exclusions(evolve(event, event_id=""), event) == []


def test_two_events_of_one_id_are_both_kept_and_told() -> None:
    one, other = shipped(1, A, event_id=X), shipped(2, A, event_id=X)
    ledger = ledger_of([one, other, shipped(3, A, event_id=Y), shipped(4, A)])
    events = ledger.naming([A])
    assert [ledger.says_otherwise(event) for event in events] == [True, True, False, False]
    with_error = ledger_of([one, other, wrong(other)])
    assert with_error.naming([A]) == [one]
    assert not with_error.says_otherwise(one)


# --- withdrawn shipments --------------------------------------------------------------------


def test_void_shipping_withdraws_what_has_its_documents() -> None:
    events = [
        shipped(1, A, event_id="urn:x:1", papers=["urn:x:bol:1"]),
        shipped(2, A, event_id="urn:x:2", papers=["urn:x:bol:2"]),
        voided(3, A, event_id="urn:x:v", papers=["urn:x:bol:1", "urn:x:po"]),
        shipped(4, A, event_id="urn:x:4", papers=["urn:x:bol:1"]),
    ]
    assert counting(*events) == [events[1], events[3]]
    assert exclusions(*events) == [
        ("urn:x:1", Exclusion.VOIDED, "urn:x:v"),
        ("urn:x:v", Exclusion.VOIDING, ""),
    ]


def test_void_shipping_without_documents_withdraws_the_latest_shipment_before() -> None:
    events = [shipped(1, A), shipped(2, A), voided(3, A), shipped(4, A), received(2.5, A)]
    assert counting(*events) == [events[0], events[4], events[3]]


def test_void_shipping_of_one_pallet_of_two() -> None:
    events = [shipped(1, P, Q), voided(2, P)]
    ledger = ledger_of(events)
    assert ledger.naming([P]) == []
    assert ledger.naming([Q]) == [events[0]]
    assert [item.id for item in ledger.items_of(events[0])] == [Q]
    assert [each.reason for each in ledger.excluded([P])] == [Exclusion.VOIDED, Exclusion.VOIDING]
    both = ledger_of([*events, voided(3, Q)])
    assert both.naming([P, Q]) == []


def test_void_shipping_of_a_parent_withdraws_its_children() -> None:
    shipment = packed(1, P, of(A, 1), biz_step="shipping")
    assert counting(shipment, voided(2, P)) == []


def test_void_shipping_withdraws_nothing_but_shipments() -> None:
    events = [packed(1, P, of(A, 1)), received(2, P), voided(3, P), unpacked(3, P)]
    assert counting(*events, name=P) == [events[0], events[1], events[3]]


def test_void_shipping_of_a_single_item_leaves_its_lot() -> None:
    events = [shipped(1, of(A, 100)), voided(2, serial_of(S, A))]
    assert counting(*events) == [events[0]]


def test_void_shipping_without_a_shipment() -> None:
    events = [received(1, A), voided(2, A, event_id=Y), shipped(3, A)]
    assert counting(*events) == [events[0], events[2]]
    assert exclusions(*events) == [(Y, Exclusion.VOIDING, "")]


def test_void_shipping_that_is_declared_wrong_withdraws_nothing() -> None:
    void = voided(2, A, event_id=Y)
    shipment = shipped(1, A)
    assert counting(shipment, void, wrong(void)) == [shipment]


def test_a_shipment_that_is_declared_wrong_is_not_the_latest() -> None:
    events = [shipped(1, A), shipped(2, A, event_id=X), voided(3, A)]
    assert counting(*events, wrong(events[1])) == []


# --- all together ---------------------------------------------------------------------------


def everything_about(ledger: Ledger, names: Iterable[str]) -> list[Any]:
    return [
        (
            name,
            ledger.naming([name]),
            [ledger.items_of(event) for event in ledger.naming([name])],
            [ledger.says_otherwise(event) for event in ledger.naming([name])],
            ledger.excluded([name]),
            ledger.ids_of(name),
            ledger.lot_of(of(name)),
        )
        for name in sorted(names)
    ]


@given(networks(), st.randoms(use_true_random=False), st.data())
def test_no_answer_depends_on_order_repetition_or_the_size_of_answers(
    events: list[Event], random_: random.Random, data: st.DataObject
) -> None:
    names = {name for event in events for name in event.named_ids()}
    expected = everything_about(ledger_of(events), names)
    shuffled = events + told_again(events)
    random_.shuffle(shuffled)
    ledger = Ledger()
    ledger.fetched.update(names)
    while shuffled:
        size = data.draw(st.integers(1, len(shuffled)))
        ledger.add((), shuffled[:size])
        del shuffled[:size]
        if data.draw(st.booleans()):
            everything_about(ledger, names)  # what it answers now may become otherwise
    assert everything_about(ledger, names) == expected


def is_copy(one: Event, other: Event) -> bool:
    """Whether two events differ in nothing but when they were recorded."""
    return evolve(one, record_time=None) == evolve(other, record_time=None)


@given(networks())
def test_every_event_counts_or_is_excluded(events: list[Event]) -> None:
    ledger = ledger_of(events)
    names = {name for event in events for name in event.named_ids()}
    stand = {event.digest for event in ledger.naming(names)}
    for event in events:
        excluded = ledger.excluded(event.named_ids())
        told = [each.reason for each in excluded if is_copy(each.event, event)]
        if event.error is not None:
            assert told == [Exclusion.DECLARATION]
        elif event.digest not in stand:
            assert told
    assert not any(event.error for event in ledger.naming(names))


def test_what_was_not_asked_for_is_left_out() -> None:
    ledger = Ledger()
    event, other = shipped(1, A, event_id=X), shipped(1, B, event_id=Y)
    ledger.add([A], [other, event, wrong(shipped(3, Q, event_id=X))])
    assert ledger.naming([A]) == []
    assert ledger.naming([B]) == []
    assert [each.reason for each in ledger.excluded([A])] == [Exclusion.DECLARED_WRONG]
    ledger.add([B], [other])
    assert ledger.naming([B]) == [other]

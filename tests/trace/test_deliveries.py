"""Which shipment arrived in which receipt."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from networks import (
    lot,
    of,
    packed,
    pallet,
    place,
    received,
    seen,
    serial,
    serial_of,
    shipped,
    unpacked,
    walked,
)

from closient_export.epcis import Event, Item, Party
from closient_export.trace.deliveries import added_up, amounts_of, deliveries, party_of, totals
from closient_export.trace.graph import Evidence, Movement, Portion
from closient_export.trace.steps import RECEIVING_STEPS, SHIPPING_STEPS

A, B = lot("A"), lot("B")
P, Q, R = (pallet(number) for number in (1, 2, 3))
HERE, THERE, ELSEWHERE = (place(number) for number in (1, 2, 3))
COMPANY = "https://id.gs1.org/417/9506000134376"


def matched(
    events: Iterable[Event], name: str = A, *others: str
) -> list[tuple[float | None, list[float]]]:
    """By the minutes of their times: each shipment with its receipts, where others are traced too."""
    events = list(events)
    movements = walked(events, name, *others).movements[name]

    def doing(steps: Sequence[str]) -> list[Movement]:
        return [movement for movement in movements if movement.event.biz_step in steps]

    def minutes(movement: Movement) -> float:
        return (movement.event.time.hour - 8) * 60 + movement.event.time.minute

    return [
        (
            minutes(delivery.shipped) if delivery.shipped is not None else None,
            [minutes(movement) for movement in delivery.received],
        )
        for delivery in deliveries(name, doing(SHIPPING_STEPS), doing(RECEIVING_STEPS))
    ]


# --- what says that they belong together ----------------------------------------------------


def test_the_earliest_open_shipment_has_arrived() -> None:
    events = [shipped(1, A), shipped(2, A), received(3, A), received(4, A)]
    assert matched(events) == [(1, [3]), (2, [4])]


def test_the_same_container() -> None:
    events = [
        packed(0, P, of(A, 5)),
        packed(0, Q, of(A, 7)),
        shipped(1, P),
        shipped(2, Q),
        received(3, Q),
        received(4, P),
    ]
    assert matched(events) == [(1, [4]), (2, [3])]


def test_a_container_in_the_container_that_was_shipped() -> None:
    events = [
        packed(0, P, of(A, 5)),
        packed(0, Q, of(A, 5)),
        packed(0, R, Q),
        shipped(1, P),
        shipped(2, R),
        received(3, Q),
    ]
    assert matched(events) == [(1, []), (2, [3])]


def test_a_receipt_that_names_what_is_in_the_container() -> None:
    events = [
        packed(0, P, of(A, 5)),
        shipped(1, A),
        shipped(2, P),
        seen(3, P, of(A, 5), biz_step="receiving"),
    ]
    assert matched(events) == [(1, []), (2, [3])]


def test_the_latest_shipment_in_the_same_container() -> None:
    """The first receipt was not recorded; the pallet cannot have been shipped twice meanwhile."""
    events = [packed(0, P, of(A, 5)), shipped(1, P), shipped(2, P), received(3, P), received(4, P)]
    assert matched(events) == [(1, []), (2, [3, 4])]


def test_the_same_papers() -> None:
    events = [
        shipped(1, A, papers=["urn:x:1"]),
        shipped(2, A, papers=["urn:x:2", "urn:x:po"]),
        received(3, A, papers=["urn:x:2"]),
        received(4, A, papers=["urn:x:1"]),
    ]
    assert matched(events) == [(1, [4]), (2, [3])]


def test_papers_of_an_order_that_was_shipped_in_parts() -> None:
    papers = ["urn:x:po"]
    events = [shipped(1, A, papers=papers), shipped(2, A, papers=papers)]
    events += [received(3, A, papers=papers), received(4, A, papers=papers)]
    assert matched(events) == [(1, [3]), (2, [4])]


def test_the_places() -> None:
    events = [
        shipped(1, A, at_place=HERE, to=THERE),
        shipped(2, A, at_place=HERE, to=ELSEWHERE),
        received(3, A, at_place=f"{ELSEWHERE}/254/DOCK-1"),
        received(4, A, at_place=THERE),
    ]
    assert matched(events) == [(1, [4]), (2, [3])]


def test_where_it_comes_from() -> None:
    events = [
        shipped(1, A, at_place=HERE),
        shipped(2, A, at_place=ELSEWHERE),
        received(3, A, at_place=THERE, since=ELSEWHERE),
        received(4, A, at_place=THERE, since=HERE),
    ]
    assert matched(events) == [(1, [4]), (2, [3])]


def test_a_shipment_to_a_company_arrives_at_its_place() -> None:
    events = [shipped(1, A, at_place=HERE, to=COMPANY), received(2, A, at_place=THERE)]
    assert matched(events) == [(1, [2])]


def test_a_container_that_went_elsewhere_than_it_was_sent() -> None:
    events = [
        packed(0, P, of(A, 5)),
        shipped(1, P, at_place=HERE, to=THERE),
        received(2, P, at_place=ELSEWHERE),
    ]
    assert matched(events) == [(1, [2])]


def test_a_receipt_before_its_shipment_needs_another_sign() -> None:
    """A wrong clock."""
    assert matched([shipped(2, A), received(1, A)]) == [(2, []), (None, [1])]
    papers = ["urn:x:1"]
    events = [shipped(2, A, papers=papers), received(1, A, papers=papers)]
    assert matched(events) == [(2, [1])]


# --- what arrives in parts, and what does not -----------------------------------------------


def test_split_receipts() -> None:
    events = [
        packed(0, P, of(A, 5)),
        packed(0, Q, of(A, 7)),
        shipped(1, P, Q, papers=["urn:x:1"]),
        received(2, P),
        received(3, Q),
        received(4, of(A, 1), papers=["urn:x:1"]),
    ]
    assert matched(events) == [(1, [2, 3, 4])]


def test_a_receipt_without_a_shipment() -> None:
    assert matched([received(1, A)]) == [(None, [1])]
    assert matched([]) == []


def test_no_pair_where_containers_differ() -> None:
    events = [packed(0, P, of(A, 5)), packed(0, Q, of(A, 5)), shipped(1, P), received(2, Q)]
    assert matched(events) == [(1, []), (None, [2])]


def test_no_pair_where_places_differ() -> None:
    events = [shipped(1, A, at_place=HERE, to=THERE), received(2, A, at_place=ELSEWHERE)]
    assert matched(events) == [(1, []), (None, [2])]
    events = [shipped(1, A, at_place=HERE), received(2, A, at_place=THERE, since=ELSEWHERE)]
    assert matched(events) == [(1, []), (None, [2])]


def test_no_pair_at_one_place_alone() -> None:
    """What arrives where it was shipped from is something else, unless the papers say so."""
    events = [shipped(1, A, at_place=HERE), received(2, A, at_place=HERE)]
    assert matched(events) == [(1, []), (None, [2])]
    refused = [evolve(each, documents=shipped(0, papers=["urn:x:1"]).documents) for each in events]
    assert matched(refused) == [(1, [2])]


def test_a_pallet_that_came_back_has_not_arrived() -> None:
    events = [
        packed(0, P, of(A, 5)),
        shipped(1, P, at_place=HERE, to=THERE),
        received(2, P, at_place=HERE),
    ]
    assert matched(events) == [(1, []), (None, [2])]


def test_a_pallet_that_goes_on_is_not_the_one_that_came() -> None:
    """It crosses a dock under one order: what came before it left, and stays where it leaves."""
    papers = ["urn:x:po"]
    events = [
        packed(0, P, of(A, 5)),
        received(1, P, at_place=HERE, papers=papers),
        shipped(2, P, at_place=HERE, to=THERE, papers=papers),
    ]
    assert matched(events) == [(2, []), (None, [1])]


def test_the_same_container_says_more_than_papers_and_places() -> None:
    papers = ["urn:x:po"]
    events = [
        shipped(1, of(A, 5), at_place=HERE, to=THERE, papers=papers),
        packed(1, P, of(A, 5)),
        shipped(2, P),
        received(3, P, at_place=THERE, since=HERE, papers=papers),
    ]
    assert matched(events) == [(1, []), (2, [3])]


def test_the_same_papers_say_more_than_another_container() -> None:
    papers = ["urn:x:1"]
    events = [packed(0, P, of(A, 5)), packed(0, Q, of(A, 5))]
    events += [shipped(1, P, papers=papers), received(2, Q, papers=papers)]
    assert matched(events) == [(1, [2])]


def test_a_pallet_at_one_end_says_nothing() -> None:
    boxed = packed(0, P, of(A, 5))
    sent, came = shipped(1, P, at_place=HERE, to=THERE), received(2, A, at_place=THERE)
    assert matched([boxed, sent, came]) == [(1, [2])]
    loose = shipped(1, of(A, 5), at_place=HERE, to=THERE)
    stacked = seen(2, P, of(A, 5), biz_step="receiving", at_place=THERE)
    assert matched([loose, stacked]) == [(1, [2])]


def test_papers_of_a_receipt_that_names_no_place() -> None:
    papers = ["urn:x:1"]
    sent = shipped(1, A, at_place=HERE, to=THERE, papers=papers)
    assert matched([sent, received(2, A, papers=papers)]) == [(1, [2])]
    assert matched([sent, received(2, A)]) == [(1, []), (None, [2])]


def test_a_company_of_another_vocabulary_is_no_place_either() -> None:
    buyer = "urn:gdst:example.org:party:buyer.1"
    events = [shipped(1, A, at_place=HERE, to=buyer), received(2, A, at_place=THERE)]
    assert matched(events) == [(1, [2])]


def test_containers_of_other_lots_in_the_same_events_say_nothing() -> None:
    """Of lot A, pallet R went with the first truck; with the second one went a pallet of lot B."""
    events = [
        packed(0, P, of(A, 5)),
        packed(0, Q, of(B, 5)),
        packed(0, R, of(A, 7)),
        shipped(1, R),
        shipped(2, P, Q),
        received(3, R, Q),
    ]
    assert matched(events, A, B) == [(1, [3]), (2, [])]
    assert matched(events, B, A) == [(2, [3])]


def test_what_arrives_at_the_minute_at_which_it_left() -> None:
    events = [shipped(1, A, at_place=HERE, to=THERE), received(1, A, at_place=THERE)]
    assert matched(events) == [(1, [1])]


def test_a_wrong_clock_and_a_wrong_sender() -> None:
    """The pallet is the same, and it is where it was sent."""
    events = [
        packed(0, P, of(A, 5)),
        received(1, P, at_place=THERE, since=ELSEWHERE),
        shipped(2, P, at_place=HERE, to=THERE),
    ]
    assert matched(events) == [(2, [1])]


def test_what_comes_back_with_its_papers_is_what_had_left() -> None:
    """Though another shipment is open, and older."""
    papers = ["urn:x:1"]
    events = [
        shipped(1, A, at_place=ELSEWHERE),
        shipped(2, A, at_place=HERE, papers=papers),
        received(3, A, at_place=HERE, papers=papers),
    ]
    assert matched(events) == [(1, []), (2, [3])]


def test_a_chain_of_places() -> None:
    """Each receipt belongs to the shipment before it, though nothing but places and times say so."""
    events = [
        shipped(1, A, at_place=HERE),
        received(2, A, at_place=THERE),
        shipped(3, A, at_place=THERE),
        received(4, A, at_place=ELSEWHERE),
    ]
    assert matched(events) == [(1, [2]), (3, [4])]


_LEGS = st.lists(
    st.builds(
        lambda step, minutes, things, papers, here, other: step(
            minutes,
            *things,
            papers=papers,
            at_place=here,
            **({"to": other} if step is shipped else {"since": other}),
        ),
        st.sampled_from([shipped, received]),
        st.integers(1, 50),
        st.sampled_from([[A], [P], [Q], [P, Q], [P, of(A, 5)]]),
        st.sampled_from([(), ("urn:x:1",), ("urn:x:2",)]),
        st.sampled_from(["", HERE, THERE, ELSEWHERE]),
        st.sampled_from(["", HERE, THERE, COMPANY]),
    ),
    max_size=8,
)


@given(_LEGS)
def test_every_shipment_and_every_receipt_is_told_once(legs: list[Event]) -> None:
    movements = walked([packed(0, P, of(A, 5)), packed(0, Q, of(A, 7)), *legs], A).movements[A]
    ships = [each for each in movements if each.event.biz_step == "shipping"]
    receipts = [each for each in movements if each.event.biz_step == "receiving"]
    found = deliveries(A, ships, receipts)
    assert [each.shipped for each in found if each.shipped] == ships
    told = [movement for each in found for movement in each.received]
    assert sorted(map(receipts.index, told)) == list(range(len(receipts)))
    assert all(len(each.received) == 1 for each in found if each.shipped is None)


# --- amounts --------------------------------------------------------------------------------


def test_amounts_by_container_and_unit() -> None:
    portions = [
        Portion(A, of(A, 5), (P,), Evidence.PACKED),
        Portion(A, of(A, 2), (P, Q), Evidence.PACKED),
        Portion(A, of(A, 1, "LBR")),
        Portion(B, of(B, 9), (P,)),
    ]
    found = [
        (each.container, each.uom, int(each.quantity or 0)) for each in amounts_of(portions, A)
    ]
    assert found == [("", "LBR", 1), (P, "KGM", 7)]
    together = amounts_of(portions, A, by_container=False)
    assert [(each.container, each.uom, int(each.quantity or 0)) for each in together] == [
        ("", "KGM", 7),
        ("", "LBR", 1),
    ]
    assert [each.evidence for each in amounts_of(portions, A)] == [Evidence.STATED, Evidence.PACKED]


def test_serials_count_as_one_each() -> None:
    serials = [serial("1"), serial("2")]
    portions = [Portion(A, serial_of(serials[0], A)), Portion(A, Item(serials[1]))]
    [amount] = amounts_of(portions, A)
    assert amount.quantity == 2
    assert list(amount.serials) == serials


def test_an_unknown_quantity_makes_the_total_unknown() -> None:
    [amount] = amounts_of([Portion(A, of(A)), Portion(A, of(A, 5, ""))], A)
    assert amount.quantity is None
    movements = [Movement(shipped(1, A), (Portion(A, of(A, 5)), Portion(A, of(A))))]
    assert totals(movements, A) == {"KGM": Decimal(5), "": None}
    assert totals(movements * 2, A) == {"KGM": Decimal(10), "": None}
    assert totals(
        [*movements, Movement(shipped(1, A), (Portion(A, Item(A, A, None, "KGM")),))], A
    ) == {
        "KGM": None,
        "": None,
    }


def test_a_total_that_is_unknown_stays_so() -> None:
    unsaid = Movement(shipped(1, A), (Portion(A, Item(A, A, None, "KGM")),))
    said = Movement(shipped(2, A), (Portion(A, of(A, 5)),))
    assert totals([unsaid, said], A) == {"KGM": None}
    assert totals([said, unsaid, said], A) == {"KGM": None}


def test_amounts_together_are_those_that_are_said() -> None:
    portions = [
        Portion(A, of(A, 5)),
        Portion(A, Item(A, A, None, "CS")),
        Portion(A, of(A, 2, "LBR")),
    ]
    assert added_up(amounts_of(portions, A)) == "5 kilograms + 2 pounds"


def test_the_physical_place_comes_first() -> None:
    parties = (Party("owning_party", COMPANY), Party("location", HERE))
    assert party_of(parties) == HERE
    assert party_of(parties[:1]) == COMPANY
    assert party_of(parties, ("possessing_party",)) == ""
    keeper = Party("possessing_party", ELSEWHERE)
    assert party_of((parties[0], keeper)) == ELSEWHERE
    assert party_of(()) == ""


def test_what_is_shipped_in_a_container_that_was_unpacked_is_nothing() -> None:
    events = [packed(0, P, of(A, 5)), unpacked(1, P), shipped(2, P), received(3, P)]
    assert matched(events) == []

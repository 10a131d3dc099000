"""Small supply networks: events of lots, serials and pallets that have to do with each other."""

import gzip
import json
from collections.abc import Callable, Collection
from typing import Any

from attrs import evolve
from hypothesis import strategies as st

from closient_export.adapters.memory import MemoryEventSource
from closient_export.epcis import Event, Item
from closient_export.requests import Direction
from closient_export.testing.event_builders import (
    at,
    commissioned,
    lot,
    made,
    of,
    packed,
    pallet,
    received,
    seen,
    serial,
    serial_of,
    shipped,
    unpacked,
    voided,
    wrong,
)
from closient_export.testing.event_json import as_json, as_urn, document
from closient_export.trace.graph import LotGraph
from closient_export.trace.selection import Selection
from closient_export.trace.walk import run_walk

__all__ = ["epcis_documents", "epcis_files", "lot_graphs", "lots_of", "networks"]

_LOTS = [lot(name) for name in "ABCDEF"]
_SERIALS = {serial(number): _LOTS[number % 3] for number in range(5)}
"""With the lot that they are of."""
_PALLETS = [pallet(number) for number in range(4)]
_PROCESSES = ["urn:uuid:00000000-0000-4000-8000-000000000001", "urn:x:process:2"]

_quantities = st.sampled_from([1, 2, 5, 10])
_lots = st.builds(of, st.sampled_from(_LOTS), _quantities)
_serials = st.sampled_from(sorted(_SERIALS)).flatmap(
    lambda name: st.sampled_from([of(name), serial_of(name, _SERIALS[name])])
)
_pallets = st.sampled_from(_PALLETS).map(of)


def _some(things: st.SearchStrategy[Item], most: int = 2) -> st.SearchStrategy[list[Item]]:
    return st.lists(things, min_size=1, max_size=most, unique_by=lambda item: item.id)


def _steps() -> st.SearchStrategy[Callable[[float], list[Event]]]:
    """What happens, but for when."""
    goods, boxed = _lots | _serials, _lots | _serials | _pallets
    papers = st.sampled_from([(), ("urn:x:bol:1",), ("urn:x:bol:2",)])

    def split(
        process: str, inputs: list[Item], outputs: list[Item]
    ) -> Callable[[float], list[Event]]:
        return lambda t: [
            made(t, inputs, (), transformation_id=process),
            made(t + 1, (), outputs, transformation_id=process),
        ]

    def inside(pallet_and_things: tuple[str, list[Item]]) -> bool:
        name, things = pallet_and_things
        return all(thing.id != name for thing in things)

    packings = st.tuples(st.sampled_from(_PALLETS), _some(boxed, 3)).filter(inside)
    return st.one_of(
        st.builds(lambda i, o: lambda t: [made(t, i, o)], _some(boxed), _some(goods)),
        st.builds(split, st.sampled_from(_PROCESSES), _some(boxed), _some(goods)),
        packings.map(lambda p: lambda t: [packed(t, p[0], *p[1])]),
        packings.map(lambda p: lambda t: [unpacked(t, p[0], *p[1])]),
        packings.map(lambda p: lambda t: [seen(t, p[0], *p[1])]),
        st.sampled_from(_PALLETS).map(lambda name: lambda t: [unpacked(t, name)]),
        st.builds(lambda i, p: lambda t: [shipped(t, *i, papers=p)], _some(boxed), papers),
        st.builds(lambda i, p: lambda t: [received(t, *i, papers=p)], _some(boxed), papers),
        st.builds(lambda i, p: lambda t: [voided(t, *i, papers=p)], _some(boxed), papers),
        _some(goods).map(lambda i: lambda t: [commissioned(t, *i)]),
    )


@st.composite
def networks(draw: st.DrawFn, most: int = 12) -> list[Event]:
    """Events that a few partners may have captured: true, wrong, withdrawn, told twice.

    Lots are transformed, packed on pallets that may stand on others, moved and unpacked, in any
    order.

    Args:
        draw: Hypothesis'.
        most: How many things happen at most; a few may be told in two events.
    """
    events: list[Event] = []
    for step in draw(st.lists(_steps(), min_size=1, max_size=most)):
        minutes = draw(st.integers(0, 3 * most))
        for each in step(minutes):
            event_id = draw(st.sampled_from(["", f"urn:x:event:{len(events)}"]))
            events.append(evolve(each, event_id=event_id, record_time=each.time))
    some = st.lists(st.sampled_from(events), max_size=2)
    declared, copied = draw(some), draw(some)
    other_ids = draw(st.lists(st.sampled_from(["", "urn:x:copy"]), min_size=2, max_size=2))
    return [
        *events,
        *(wrong(prior, 10**4) for prior in declared),
        *(
            evolve(prior, event_id=event_id, record_time=at(10**4))
            for prior, event_id in zip(copied, other_ids, strict=False)
        ),
    ]


def lots_of(events: Collection[Event]) -> list[str]:
    """The lots that some events name, sorted."""
    return sorted({item.lot for each in events for item in each.all_items() if item.lot})


def epcis_documents() -> st.SearchStrategy[dict[str, Any]]:
    """The JSON of EPCIS documents of `networks`, with Digital Links or URNs for identifiers."""
    return st.builds(document, networks(), st.sampled_from([str, as_urn]))


def epcis_files() -> st.SearchStrategy[bytes]:
    """The bytes of files of `networks`, in each of the forms that partners send.

    Documents, query documents, lists, bare events on a line each; plain, with a byte order mark,
    or gzipped.
    """
    text = st.builds(lambda form, events: form(events), st.sampled_from(_FORMS), networks())
    return st.builds(lambda pack, each: pack(each.encode()), st.sampled_from(_PACKINGS), text)


def _query_document(events: list[Event]) -> str:
    results = {"queryName": "q", "resultsBody": document(events)["epcisBody"]}
    body = {"queryResults": results}
    return json.dumps({**document([]), "type": "EPCISQueryDocument", "epcisBody": body})


_FORMS: list[Callable[[list[Event]], str]] = [
    lambda events: json.dumps(document(events)),
    lambda events: json.dumps(document(events), indent=2),
    _query_document,
    lambda events: json.dumps([as_json(each) for each in events]),
    lambda events: "\n".join(json.dumps(as_json(each)) for each in events),
    lambda events: json.dumps(document(events, as_urn)),
]
_PACKINGS: list[Callable[[bytes], bytes]] = [
    bytes,
    lambda data: b"\xef\xbb\xbf" + data,
    lambda data: gzip.compress(data, mtime=0),
]


def lot_graphs() -> st.SearchStrategy[LotGraph]:
    """What a walk finds in `networks`, from one of their lots or from all, either way or both."""

    def walks(events: list[Event]) -> st.SearchStrategy[LotGraph]:
        known = lots_of(events)
        one = st.sampled_from(known).map(lambda name: (name,)) if known else st.just(())
        return st.builds(
            lambda lots, direction: run_walk(
                MemoryEventSource(events), Selection(lots=lots), direction
            ),
            one | st.just(tuple(known)),
            st.sampled_from(Direction),
        )

    return networks().flatmap(walks)

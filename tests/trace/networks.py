"""What walks, ledgers and containment say of events, and sources that note what they are asked."""

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from attrs import evolve

from closient_export.adapters.memory import MemoryEventSource
from closient_export.epcis import Event, Item
from closient_export.ports import FrontierQuery
from closient_export.testing.event_builders import (
    at,
    commissioned,
    crate,
    event,
    lot,
    made,
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
    voided,
    wrong,
)
from closient_export.testing.event_json import as_json, as_urn, read
from closient_export.testing.strategies.networks import lots_of, networks
from closient_export.trace.containment import Containment
from closient_export.trace.graph import LotGraph
from closient_export.trace.ledger import Ledger
from closient_export.trace.walk import Limits, Selection, run_walk

__all__ = [
    "RecordingSource",
    "amount",
    "as_json",
    "as_urn",
    "at",
    "commissioned",
    "containment_of",
    "crate",
    "event",
    "ledger_of",
    "lot",
    "lots_of",
    "made",
    "moves",
    "networks",
    "of",
    "packed",
    "pallet",
    "place",
    "product",
    "reached",
    "read",
    "received",
    "seen",
    "serial",
    "serial_of",
    "shipped",
    "told_again",
    "unpacked",
    "voided",
    "walked",
    "wrong",
]

FOREVER = 10**6


def walked(
    events: Iterable[Event], *lots: str, limits: Limits | None = None, **more: Any
) -> LotGraph:
    """A walk from some lots, or from everything."""
    return run_walk(MemoryEventSource(events), Selection(lots=lots), limits=limits, **more)


def ledger_of(events: Iterable[Event]) -> Ledger:
    """With all that the events name."""
    events = list(events)
    ledger = Ledger()
    ledger.add({name for each in events for name in each.named_ids()}, events)
    return ledger


def containment_of(
    events: Iterable[Event], reuse_gap: timedelta = timedelta(days=21)
) -> Containment:
    return Containment(ledger_of(events), reuse_gap=reuse_gap)


def reached(graph: LotGraph) -> set[str]:
    return set(graph.lots)


def moves(graph: LotGraph, name: str) -> list[tuple[str, float | None]]:
    """What happened to a lot, with how much of it."""
    return [
        (movement.event.biz_step, amount(portion.item))
        for movement in graph.movements[name]
        for portion in movement.portions
        if portion.lot == name
    ]


def amount(item: Item) -> float | None:
    return None if item.quantity is None else float(item.quantity)


class RecordingSource:
    """An event source that notes what it is asked, and can answer more than that.

    Args:
        events: What it knows.
        generous: Whether it answers every query with everything, twice, in any order.
    """

    def __init__(self, events: Iterable[Event], *, generous: bool = False) -> None:
        self.events = list(events)
        self.queries: list[FrontierQuery] = []
        self._source = MemoryEventSource(self.events)
        self._generous = generous
        self._random = random.Random(0)  # noqa: S311 - any order will do

    @property
    def asked(self) -> list[str]:
        """Every identifier, as often as it was asked about."""
        return [name for query in self.queries for name in query.ids]

    def fetch(self, query: FrontierQuery) -> Iterator[Event]:
        self.queries.append(query)
        if self._generous:
            answer = self.events * 2
            self._random.shuffle(answer)
            return iter(answer)
        return self._source.fetch(query)


def told_again(events: Sequence[Event]) -> list[Event]:
    """True copies, recorded later."""
    return [evolve(each, record_time=at(FOREVER)) for each in events]

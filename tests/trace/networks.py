"""EPCIS events in a line each, and hypothesis strategies for small supply networks."""

import io
import json
import random
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from attrs import evolve
from hypothesis import strategies as st

from closient_export.adapters.memory import MemoryEventSource
from closient_export.epcis import (
    Action,
    BusinessDocument,
    ErrorDeclaration,
    Event,
    EventType,
    Item,
    Party,
    read_events,
)
from closient_export.epcis.lot_numbers import with_lot_number
from closient_export.gs1.linters import check_digit
from closient_export.ports import FrontierQuery
from closient_export.trace.containment import Containment
from closient_export.trace.graph import LotGraph
from closient_export.trace.ledger import Ledger
from closient_export.trace.walk import Limits, Selection, run_walk

STEM = "https://id.gs1.org"
PREFIX = "9506000"
START = datetime(2027, 3, 1, 8, tzinfo=UTC)
FOREVER = 10**6


def gtin(item: int = 13435) -> str:
    digits = f"0{PREFIX}{item:05d}"
    return digits + check_digit(digits)


def lot(name: object, item: int = 13435) -> str:
    return f"{STEM}/01/{gtin(item)}/10/{name}"


def serial(name: object, item: int = 13435) -> str:
    return f"{STEM}/01/{gtin(item)}/21/{name}"


def product(item: int = 13435) -> str:
    return f"{STEM}/01/{gtin(item)}"


def pallet(number: int) -> str:
    digits = f"0{PREFIX}{number:09d}"
    return f"{STEM}/00/{digits}{check_digit(digits)}"


def crate(number: int) -> str:
    """A returnable asset."""
    digits = f"{PREFIX}00001"
    return f"{STEM}/8003/0{digits}{check_digit(digits)}{number}"


def place(number: int) -> str:
    digits = f"{PREFIX}{number:05d}"
    return f"{STEM}/414/{digits}{check_digit(digits)}"


def of(name: str, quantity: float | None = None, uom: str = "KGM") -> Item:
    """A quantity of a lot, a container, or an object whose lot is not said."""
    amount = None if quantity is None else Decimal(str(quantity))
    return Item(name, name if "/10/" in name else None, amount, uom if quantity is not None else "")


def serial_of(name: str, of_lot: str) -> Item:
    """An object with its lot, as an event states it."""
    return Item(name, of_lot)


def _items(things: Iterable[str | Item]) -> tuple[Item, ...]:
    """In the order in which the reader has them."""
    found = [of(thing) if isinstance(thing, str) else thing for thing in things]
    return tuple(sorted(found, key=lambda i: (i.id, i.lot or "", i.quantity or 0, i.uom)))


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def event(
    minutes: float,
    kind: EventType = EventType.OBJECT,
    action: Action | None = Action.OBSERVE,
    *,
    items: Iterable[str | Item] = (),
    papers: Iterable[str] = (),
    at_place: str = "",
    to: str = "",
    since: str = "",
    **more: Any,
) -> Event:
    return Event(
        type=kind,
        time=at(minutes),
        offset=timedelta(0),
        action=action,
        items=_items(items),
        documents=tuple(BusinessDocument("bol", paper) for paper in papers),
        read_point=at_place,
        destinations=(Party("location", to),) if to else (),
        sources=(Party("location", since),) if since else (),
        **more,
    )


def made(
    minutes: float, inputs: Iterable[str | Item], outputs: Iterable[str | Item], **more: Any
) -> Event:
    return event(
        minutes,
        EventType.TRANSFORMATION,
        None,
        inputs=_items(inputs),
        outputs=_items(outputs),
        **{"biz_step": "creating_class_instance", **more},
    )


def packed(minutes: float, into: str, *things: str | Item, **more: Any) -> Event:
    return event(
        minutes,
        EventType.AGGREGATION,
        Action.ADD,
        parent=into,
        items=things,
        **{"biz_step": "packing", **more},
    )


def unpacked(minutes: float, from_: str, *things: str | Item, **more: Any) -> Event:
    """Of everything, if no things are named."""
    return event(
        minutes,
        EventType.AGGREGATION,
        Action.DELETE,
        parent=from_,
        items=things,
        **{"biz_step": "unpacking", **more},
    )


def seen(minutes: float, in_: str, *things: str | Item, **more: Any) -> Event:
    return event(minutes, EventType.AGGREGATION, Action.OBSERVE, parent=in_, items=things, **more)


def shipped(minutes: float, *things: str | Item, **more: Any) -> Event:
    return event(minutes, items=things, **{"biz_step": "shipping", **more})


def received(minutes: float, *things: str | Item, **more: Any) -> Event:
    return event(minutes, items=things, **{"biz_step": "receiving", **more})


def voided(minutes: float, *things: str | Item, **more: Any) -> Event:
    return event(minutes, items=things, **{"biz_step": "void_shipping", **more})


def commissioned(minutes: float, *things: str | Item, **more: Any) -> Event:
    items = tuple(of(thing) if isinstance(thing, str) else thing for thing in things)
    things = with_lot_number(items, more.get("ilmd", {}))  # as the reader does
    return event(minutes, action=Action.ADD, items=things, **{"biz_step": "commissioning", **more})


def wrong(prior: Event, minutes: float = 0, **more: Any) -> Event:
    """The declaration that an event was wrong."""
    return evolve(prior, error=ErrorDeclaration(at(minutes), **more))


# --- questions ------------------------------------------------------------------------------


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


# --- JSON -----------------------------------------------------------------------------------


def as_urn(name: str) -> str:
    """The EPC URN of a canonical Digital Link of these networks; other text as it is."""
    ai, *rest = name.removeprefix(f"{STEM}/").split("/")
    if not name.startswith(STEM) or ai not in ("00", "01", "414"):
        return name
    if ai == "00":
        return f"urn:epc:id:sscc:{PREFIX}.{rest[0][0]}{rest[0][8:17]}"
    if ai == "414":
        return f"urn:epc:id:sgln:{PREFIX}.{rest[0][7:12]}.0"
    item = f"{PREFIX}.{rest[0][0]}{rest[0][8:13]}"
    if len(rest) == 1:
        return f"urn:epc:idpat:sgtin:{item}.*"
    return f"urn:epc:{'class:lgtin' if rest[1] == '10' else 'id:sgtin'}:{item}.{rest[2]}"


def as_json(each: Event, write: Callable[[str], str] = str) -> dict[str, Any]:
    """An event of these networks as EPCIS writes it, with its identifiers as `write` has them."""
    objects, quantities = {
        EventType.AGGREGATION: ("childEPCs", "childQuantityList"),
    }.get(each.type, ("epcList", "quantityList"))
    found: dict[str, Any] = {
        "type": each.type.value,
        "eventTime": each.time.isoformat(),
        "eventTimeZoneOffset": "+00:00",
        "eventID": each.event_id,
        "recordTime": each.record_time and each.record_time.isoformat(),
        "action": each.action,
        "bizStep": each.biz_step,
        "parentID": write(each.parent),
        "transformationID": each.transformation_id,
        "readPoint": {"id": write(each.read_point)} if each.read_point else None,
        "ilmd": dict(each.ilmd),
        "bizTransactionList": [
            {"type": each.type, "bizTransaction": each.id} for each in each.documents
        ],
    }
    for items, epcs, classes in (
        (each.items, objects, quantities),
        (each.inputs, "inputEPCList", "inputQuantityList"),
        (each.outputs, "outputEPCList", "outputQuantityList"),
    ):
        found[epcs] = [_object_json(item, write) for item in items if item.id != item.lot]
        found[classes] = [_quantity_json(item, write) for item in items if item.id == item.lot]
    if each.error is not None:
        found["errorDeclaration"] = {"declarationTime": each.error.time.isoformat()}
    return {name: value for name, value in found.items() if value}


def _object_json(item: Item, write: Callable[[str], str]) -> str:
    if item.lot is None:
        return write(item.id)
    name, _, number = item.lot.rpartition("/10/")
    return f"{name}/10/{number}/21/{item.id.rpartition('/21/')[2]}"


def _quantity_json(item: Item, write: Callable[[str], str]) -> dict[str, Any]:
    found: dict[str, Any] = {"epcClass": write(item.id)}
    if item.quantity is not None:
        found["quantity"] = float(item.quantity)
    return {**found, "uom": item.uom} if item.uom else found


def read(documents: Iterable[dict[str, Any]]) -> list[Event]:
    text = "\n".join(map(json.dumps, documents))
    return list(read_events(io.BytesIO(text.encode()), "network"))


# --- strategies -----------------------------------------------------------------------------

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
    """Events that a few partners may have captured: true, wrong, withdrawn, told twice."""
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
    return sorted({item.lot for each in events for item in each.all_items() if item.lot})


def told_again(events: Sequence[Event]) -> list[Event]:
    """True copies, recorded later."""
    return [evolve(each, record_time=at(FOREVER)) for each in events]

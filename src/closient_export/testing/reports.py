"""Reports of traces to write: one that is real, one of nothing, one that means harm, a large one."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from importlib.resources import as_file, files
from types import MappingProxyType

from attrs import evolve

from closient_export.adapters.event_files import EventFiles, read_event_files
from closient_export.adapters.master_data_files import read_master_data
from closient_export.adapters.memory import MemoryEventSource, MemoryMasterData
from closient_export.epcis import BusinessDocument, Event, Item, parse_lot
from closient_export.master_data import LocationDescription, ProductDescription
from closient_export.testing.event_builders import (
    lot,
    made,
    of,
    packed,
    pallet,
    place,
    product,
    received,
    shipped,
    unpacked,
)
from closient_export.testing.strategies.text import HOSTILE
from closient_export.trace.report import TraceReport, trace_lots
from closient_export.trace.selection import Selection

__all__ = ["REPORTS", "demo_report", "hostile_report", "large_report", "report_of_nothing"]

_DEMO_LOT = "(01)10614141003034(10)CK26090"


@cache
def _demo() -> tuple[EventFiles, MemoryMasterData]:
    with as_file(files("closient_export") / "demo" / "chain") as chain:
        found = read_event_files(sorted(chain.glob("*.jsonld")))
        with (chain / "master_data.json").open("rb") as file:
            described = read_master_data(file, "master_data.json")
    return found, found.master_data(*described)


def demo_report() -> TraceReport:
    """The trace of the salad kit that comes with the library: every sheet has rows."""
    found, master_data = _demo()
    return trace_lots(found.source, master_data, Selection(lots=(parse_lot(_DEMO_LOT),)))


def report_of_nothing() -> TraceReport:
    """The trace of a lot that no event names: no rows, one finding."""
    return trace_lots(MemoryEventSource(), MemoryMasterData(), Selection(lots=(lot("NONE"),)))


def hostile_report() -> TraceReport:
    """The trace of lots whose names, places and papers are made of `strategies.HOSTILE`.

    Text that is longer than a cell of a spreadsheet is among it.
    """
    texts = [text for kind in HOSTILE.values() for text in kind]
    texts += ["x" * 40_000, "\udce9=1"]
    return trace_lots(
        MemoryEventSource(event for n, text in enumerate(texts) for event in _hostile(n, text)),
        MemoryMasterData(
            [
                LocationDescription(
                    id=place(n), business_name=text, phone=text, street=text, city=text, state=text
                )
                for n, text in enumerate(texts)
            ],
            [ProductDescription(id=product(), product_name=texts[0], brand=texts[1])],
        ),
        Selection(),
    )


def _hostile(number: int, text: str) -> Iterator[Event]:
    name, raw = f"urn:acme:lot:{text}", f"urn:acme:raw:{text}"
    goods = Item(name, name, Decimal(5), text)
    papers = (BusinessDocument("bol", text), BusinessDocument(text, f"urn:x:{number}"))
    there = {"at_place": place(number)}
    yield made(number, [Item(raw, raw)], [goods], event_id=text, **there)
    moved = shipped(number + 1, goods, to=place(number + 1), **there)
    yield evolve(moved, documents=papers, ilmd={text: text}, extensions={text: [text]})


def large_report(lots: int = 400) -> TraceReport:
    """The trace of many lots that were made, packed, shipped, received and unpacked.

    Args:
        lots: How many; each has four rows or so.
    """
    events = (event for number in range(lots) for event in _shipment(number))
    places = [LocationDescription(id=place(n), business_name=f"Store {n}") for n in range(20)]
    source = MemoryEventSource(events)
    return trace_lots(source, MemoryMasterData(places), Selection())


def _shipment(number: int) -> Iterator[Event]:
    minutes = 10 * number
    raw, goods, unit = lot(f"RAW-{number // 10}"), lot(f"L{number}", 13437), pallet(number)
    here, there = place(number % 7), place(7 + number % 13)
    papers = (f"urn:x:bol:{number}",)
    yield made(minutes, [of(raw, 5)], [of(goods, 40, "CS")], at_place=here)
    yield packed(minutes + 1, unit, of(goods, 40, "CS"), at_place=here)
    yield shipped(minutes + 2, unit, papers=papers, at_place=here, to=there)
    yield received(minutes + 3, unit, papers=papers, at_place=there, since=here)
    yield unpacked(minutes + 4, unit, at_place=there)


REPORTS: Mapping[str, Callable[[], TraceReport]] = MappingProxyType(
    {
        "a salad kit": demo_report,
        "nothing": report_of_nothing,
        "hostile text": hostile_report,
        "many lots": large_report,
    }
)
"""What a trace writer must be able to write, by what it is."""

"""Short ways to write EPCIS events, to trace them, and to read the workbook that comes out."""

import io
import json
from collections.abc import Iterable, Iterator
from datetime import date
from importlib.resources import files
from typing import Any

from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from closient_export.adapters.master_data_files import read_master_data
from closient_export.adapters.memory import MemoryEventSource, MemoryMasterData
from closient_export.epcis import Event, read_events
from closient_export.master_data import LocationDescription, ProductDescription
from closient_export.trace.cells import Cell
from closient_export.trace.classification import Rules
from closient_export.trace.kdes import CriticalTrackingEvent
from closient_export.trace.report import TraceReport, trace_lots
from closient_export.trace.rows import Row
from closient_export.trace.walk import Selection
from closient_export.trace.workbook import WorkbookWriter

Json = dict[str, Any]

STEM = "https://id.gs1.org"
FARM, FIELD, COOLER, PACKER, KITCHEN, STORE, HARBOUR = (
    f"{STEM}/414/{gln}"
    for gln in (
        "0614141000005",
        "0614141000005/254/EAST-7",
        "0614141000012",
        "0614141000029",
        "0614141000036",
        "0614141000043",
        "0614141000050",
    )
)
RAW, PACKED, SALAD, FISH = (
    f"{STEM}/01/{gtin}/10/{lot}"
    for gtin, lot in (
        ("00614141000012", "RAW"),
        ("10614141000026", "PACKED"),
        ("10614141000033", "SALAD"),
        ("10614141000040", "FISH"),
    )
)


def event(kind: str, time: str, step: str, place: str = "", **members: Any) -> Json:
    """An event whose local time is `time`, such as ``2027-03-31T09:30:00-04:00``."""
    found: Json = {
        "type": kind,
        "eventTime": time,
        "eventTimeZoneOffset": time[-6:],
        "bizStep": step,
        **members,
    }
    return {**found, "readPoint": {"id": place}} if place else found


def quantity(lot: str, amount: float, uom: str = "CS") -> Json:
    return {"epcClass": lot, "quantity": amount, "uom": uom}


def of(lot: str, amount: float, uom: str = "CS") -> Json:
    """The members of an event about one quantity."""
    return {"quantityList": [quantity(lot, amount, uom)]}


def parties(list_name: str, kind: str, *ids: str) -> Json:
    return {f"{list_name}List": [{"type": kind, list_name: each} for each in ids]}


def source(place: str, kind: str = "location") -> Json:
    return parties("source", kind, place)


def destination(place: str, kind: str = "location") -> Json:
    return parties("destination", kind, place)


def papers(*documents: tuple[str, str]) -> Json:
    return {
        "bizTransactionList": [
            {"type": kind, "bizTransaction": f"urn:epcglobal:cbv:bt:0614141000005:{number}"}
            for kind, number in documents
        ]
    }


def document(events: Iterable[Json]) -> bytes:
    return json.dumps(
        {
            "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": "2027-04-01T00:00:00Z",
            "epcisBody": {"eventList": list(events)},
        }
    ).encode()


def read(*events: Json) -> Iterator[Event]:
    return read_events(io.BytesIO(document(events)), "events.jsonld")


def traced(
    *events: Json,
    places: Iterable[LocationDescription] = (),
    products: Iterable[ProductDescription] = (),
    rules: Rules | None = None,
) -> TraceReport:
    """A trace of every lot that the events name."""
    return trace_lots(
        MemoryEventSource(read(*events)),
        MemoryMasterData(places, products),
        Selection(),
        rules=rules,
    )


CHAIN = files("closient_export") / "demo" / "chain"
CHAIN_FILES = sorted(each.name for each in CHAIN.iterdir() if each.name.endswith(".jsonld"))
ASKED = f"{STEM}/01/10614141003034/10/CK26090"
"""The lot of the demo chain that has most behind and before it."""


def demo_chain() -> tuple[MemoryEventSource, MemoryMasterData]:
    """The events and the master data that come with the package."""
    events = MemoryEventSource()
    for name in CHAIN_FILES:
        events.add(read_events(io.BytesIO((CHAIN / name).read_bytes()), name))
    return events, demo_master_data()


def demo_master_data() -> MemoryMasterData:
    name = "master_data.json"
    return MemoryMasterData(*read_master_data(io.BytesIO((CHAIN / name).read_bytes()), name))


def rows_of(report: TraceReport, cte: CriticalTrackingEvent) -> list[dict[str, str]]:
    """The cells of a sheet as text."""
    return [texts(row) for row in report.rows[cte]]


def texts(row: Row) -> dict[str, str]:
    return {name: text(cell.value) for name, cell in row.cells.items()}


def cell(row: Row, name: str) -> tuple[str, str, str]:
    """What a cell says, how that is known, and from where."""
    found: Cell = row.cells[name]
    return text(found.value), found.provenance, found.source


def text(value: object) -> str:
    """A value as people read it in the spreadsheet."""
    if isinstance(value, date):
        return f"{value:%m/%d/%Y}"
    return "" if value is None else str(value)


def written(report: TraceReport) -> bytes:
    out = io.BytesIO()
    WorkbookWriter().write(report, out)
    return out.getvalue()


def opened(data: bytes) -> Workbook:
    return load_workbook(io.BytesIO(data))

"""The workbook that a firm hands to FDA (21 CFR 1.1455(c)(3)(ii)).

First FDA's own sheets, those with rows, with FDA's names, headings and order; our columns stand
only after FDA's last one. Then our own sheets, with what is needed to understand the records
(21 CFR 1.1455(c)(1)).
"""

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, BinaryIO, ClassVar

from closient_export.plugins import TRACE_WRITER_API
from closient_export.trace.cells import Cell as ReportCell
from closient_export.trace.cells import Provenance
from closient_export.trace.kdes import (
    CriticalTrackingEvent,
    KeyDataElement,
    key_data_elements,
)
from closient_export.trace.own_sheets import own_sheets
from closient_export.trace.report import TraceReport
from closient_export.trace.rows import Row
from closient_export.trace.spreadsheet import (
    Cell,
    Column,
    ColumnStyle,
    Mark,
    Marked,
    Sheet,
    write_workbook,
)

__all__ = ["WorkbookWriter", "sheets_of"]

_EXTENSIONS = (
    ("Status", 12.0),
    ("Event ID", 46.0),
    ("Event Time", 27.0),
    ("Lot URI", 50.0),
    ("Input Lot URI", 50.0),
    ("Origin Location ID", 40.0),
    ("Destination Location ID", 40.0),
    ("Container", 42.0),
    ("Further Reference Documents", 30.0),
    ("Linked Traceability Lot Codes", 40.0),
    ("Derived Values", 100.0),
    ("Assumption", 40.0),
)
_NARROW = ("quantity", "unit", "state", "country", "postal_code", "date", "variety")


class WorkbookWriter:
    """The writer of the format ``xlsx``."""

    api_version: ClassVar[int] = TRACE_WRITER_API
    media_type: ClassVar[str] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    extension: ClassVar[str] = "xlsx"

    def write(self, report: Any, out: BinaryIO) -> None:
        """Write the workbook of a `TraceReport`; the same report gives the same bytes."""
        title = "Food traceability records, FDA-aligned spreadsheet"
        write_workbook(sheets_of(report), out, title=title)


def sheets_of(report: TraceReport) -> Iterator[Sheet]:
    """All sheets of the workbook, in order."""
    corrections = _corrections(report)
    for cte, rows in report.rows.items():
        if rows:
            yield _fda_sheet(cte, rows, corrections)
    yield from own_sheets(report)


def _fda_sheet(
    cte: CriticalTrackingEvent, rows: Sequence[Row], corrections: frozenset[str]
) -> Sheet:
    elements = key_data_elements(cte)
    cells_of = itemgetter(*(element.name for element in elements))
    return Sheet(
        name=cte,
        columns=(*map(_official, elements), *_extension_columns()),
        rows=(_cells(elements, cells_of(row.cells), row, corrections) for row in rows),
        tab_colour="1F4E79",
    )


def _official(element: KeyDataElement) -> Column:
    part = element.name.rpartition(".")[2]
    narrow = part in _NARROW or element.name.endswith("date")
    return Column(
        heading=element.heading,
        width=16.0 if narrow else 34.0 if part.endswith("lot_code") else 26.0,
        style=ColumnStyle.OFFICIAL,
        wrap=True,
    )


def _extension_columns() -> Iterator[Column]:
    for heading, width in _EXTENSIONS:
        yield Column(heading=heading, width=width, style=ColumnStyle.EXTENSION, wrap=True)


def _corrections(report: TraceReport) -> frozenset[str]:
    """The ids of events that correct others which were declared wrong."""
    return frozenset(
        corrective
        for excluded in report.graph.excluded
        if excluded.event.error is not None
        for corrective in excluded.event.error.corrective_event_ids
    )


_DERIVED, _MISSING = Provenance.DERIVED, Provenance.MISSING
_MISSING_CELL = Marked(None, Mark.MISSING)


def _cells(
    elements: Sequence[KeyDataElement],
    cells: Sequence[ReportCell],
    row: Row,
    corrections: frozenset[str],
) -> list[Cell]:
    given: list[Cell] = []
    derived: dict[str, list[str]] = {}
    for element, cell in zip(elements, cells, strict=True):
        provenance = cell.provenance
        if provenance is _DERIVED:
            given.append(Marked(cell.value, Mark.DERIVED))
            derived.setdefault(cell.source, []).append(element.column)
        else:
            given.append(_MISSING_CELL if provenance is _MISSING else cell.value)
    return [
        *given,
        "incomplete"
        if not row.complete
        else "corrected"
        if row.event.event_id in corrections
        else "complete",
        row.event.key,
        row.event.local_time.isoformat(),
        row.lot,
        row.input_lot,
        row.origin_place,
        row.destination_place,
        row.container,
        row.further_documents,
        row.linked_codes,
        _derivations(derived, row.container),
        row.assumption,
    ]


def _derivations(derived: Mapping[str, Sequence[str]], container: str) -> str:
    """Which columns another event or the contents of a container gave, and which."""
    return "; ".join(
        f"columns {', '.join(columns)} from "
        f"{'the contents of ' if source == container else ''}{source}"
        for source, columns in derived.items()
    )

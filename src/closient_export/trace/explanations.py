"""What whoever reads the workbook needs to know to understand it (21 CFR 1.1455(c)(1))."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby

from closient_export.trace.findings import Severity
from closient_export.trace.kdes import CriticalTrackingEvent, key_data_elements
from closient_export.trace.report import TraceReport
from closient_export.trace.spreadsheet import Cell, Mark, Marked

__all__ = ["explanations"]


def explanations(report: TraceReport) -> Iterator[tuple[Cell, Cell]]:
    """What the first of our own sheets says, line by line."""
    graph, selection = report.graph, report.selection
    yield (
        "What this is",
        (
            "Records of critical tracking events and key data elements, prepared from EPCIS events in "
            "the layout of FDA's Electronic Sortable Spreadsheet template (21 CFR 1.1455(c)(3)(ii)). "
            "FDA-aligned; whether the records meet the rule is for the firm to judge."
        ),
    )
    yield "Lots asked for", "; ".join(map(report.facts.code, graph.asked)) or "none found"
    if selection.products:
        yield "Products asked for", "; ".join(selection.products)
    if selection.since or selection.until:
        yield "Dates asked for", f"{selection.since or 'any'} to {selection.until or 'any'}"
    yield (
        "Direction",
        {
            "forward": "Forward: what the lots became and where they went.",
            "backward": "Backward: what the lots were made of and where that came from.",
            "both": "Both: backward to every origin, and forward to every destination.",
        }[graph.direction]
        + " Of each lot that was reached, all that happened to it is given.",
    )
    if graph.truncated:
        yield "Incomplete", Marked(graph.truncated, Mark.MISSING)
    yield "Lots reached", Decimal(len(graph.lots))
    for cte, rows in report.rows.items():
        yield f"Rows of {cte}", Decimal(len(rows))
    for severity in Severity:
        number = sum(finding.severity is severity for finding in report.findings)
        yield f"Findings: {severity}s", Decimal(number)
    yield "Documents and events refused", Decimal(len(report.refusals))
    yield (
        "One row",
        (
            "One traceability lot of one event, in one container that the event names. Under "
            "Transformation and the Initial Packing sheets: one new lot and one lot that may be in "
            "it, as it was harvested and received, so that quantities stand in several rows and must not be added up down a column."
        ),
    )
    yield (
        "How the columns correspond",
        (
            "The columns with blue headings are those of FDA's template; the paragraphs of 21 CFR "
            "that ask for them stand below. Those with green headings after them are ours: "
            "identifiers as they are in the events, and where values come from."
        ),
    )
    for cte, rows in report.rows.items():
        if rows:
            yield f"Columns of {cte}", _paragraphs(cte)
    yield (
        "Colours of cells",
        (
            "Red and empty: not known, see Findings. Blue and slanted: derived from another event or "
            "from what was in a container, which the column Derived Values names. No colour: stated in the event itself, or from "
            "the master data of places and products."
        ),
    )
    yield (
        "n/a",
        "Not applicable. The country of addresses in the United States is n/a, as in FDA's sample.",
    )
    yield (
        "Traceability lot code",
        (
            "A GTIN (AI 01) and a batch or lot (AI 10), written (01)…(10)…, or as the firm prints it. "
            "Lot URI is the same as a GS1 Digital Link."
        ),
    )
    yield (
        "Traceability lot code source",
        (
            "The place where the code was assigned, found by walking to the event that assigned it: "
            "initial packing, first land-based receiving, transformation, or receiving from an "
            "exempt person (21 CFR 1.1320)."
        ),
    )
    yield "Dates", "Local dates of where the event happened; Event Time has the offset from UTC."
    yield (
        "Coding systems",
        (
            "GS1: GTIN (01), batch or lot (10), serial (21), SSCC (00) of logistic units, GLN of "
            "places (414, extension 254) and parties (417). Units of measure: UN/ECE Recommendation "
            "20, in words. Events: EPCIS 2.0 and CBV 2.0. Countries: ISO 3166."
        ),
    )
    yield (
        "Reference documents",
        (
            "Types are those of the CBV in words (bol: Bill of Lading, desadv: Advance Shipping "
            "Notice, po: Purchase Order, recadv: Receiving Advice, prodorder: Work Order …)."
        ),
    )


def _paragraphs(cte: CriticalTrackingEvent) -> str:
    """Which columns of a sheet answer which paragraph."""
    elements = key_data_elements(cte)
    groups = groupby(elements, key=lambda element: element.paragraph)
    words = []
    for paragraph, group in groups:
        columns = [element.column for element in group]
        span = columns[0] if len(columns) == 1 else f"{columns[0]} to {columns[-1]}"
        words.append(f"{span}: {paragraph}")
    return "; ".join(words)

"""Our own sheets of the workbook: what is needed to understand FDA's ones, and what to do next."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from closient_export.epcis import Event, class_of
from closient_export.trace.deliveries import added_up, amounts_of
from closient_export.trace.explanations import explanations
from closient_export.trace.graph import Transformation
from closient_export.trace.recall import recall_scope
from closient_export.trace.report import TraceReport
from closient_export.trace.spreadsheet import Cell, Column, ColumnStyle, Link, Mark, Marked, Sheet
from closient_export.trace.summaries import LotSummary, lot_summaries

__all__ = ["own_sheets"]


def own_sheets(report: TraceReport) -> Iterator[Sheet]:
    """Every sheet that is not FDA's."""
    yield _about(report)
    yield _lots(report)
    yield _genealogy(report)
    yield _recall(report)
    yield _findings(report)
    yield _locations(report)
    yield _products(report)
    yield _excluded(report)


def _sheet(name: str, columns: Mapping[str, float], rows: Iterable[Sequence[Cell]]) -> Sheet:
    return Sheet(
        name=name,
        columns=tuple(
            Column(heading=heading, width=width, style=ColumnStyle.PLAIN, wrap=True)
            for heading, width in columns.items()
        ),
        rows=rows,
        tab_colour="7F7F7F",
    )


def _about(report: TraceReport) -> Sheet:
    columns = {"Subject": 34.0, "Explanation": 110.0}
    return _sheet("About This Export", columns, explanations(report))


def _lots(report: TraceReport) -> Sheet:
    columns = {
        "Traceability Lot Code": 40.0,
        "Lot URI": 50.0,
        "Product": 40.0,
        "Relation": 14.0,
        "Steps From Asked Lot": 12.0,
        "How It Came To Be": 26.0,
        "Traceability Lot Code Source": 34.0,
        "First Event": 14.0,
        "Last Event": 14.0,
        "Made": 18.0,
        "Shipped (All Moves)": 18.0,
        "Received (All Moves)": 18.0,
        "Used": 18.0,
        "Errors": 9.0,
        "Warnings": 9.0,
    }
    return _sheet("Lots", columns, (_lot_row(each) for each in lot_summaries(report)))


def _lot_row(lot: LotSummary) -> list[Cell]:
    return [
        lot.code,
        lot.uri,
        lot.product or Marked(None, Mark.MISSING),
        lot.relation,
        lot.hops,
        lot.came_by,
        lot.source or Marked(None, Mark.MISSING),
        lot.first_event,
        lot.last_event,
        *(lot.made, lot.shipped, lot.received, lot.used),
        lot.errors,
        lot.warnings,
    ]


def _genealogy(report: TraceReport) -> Sheet:
    columns = {
        "From Lot": 40.0,
        "From Product": 40.0,
        "To Lot": 40.0,
        "To Product": 40.0,
        "What Happened": 20.0,
        "Date": 14.0,
        "Place": 34.0,
        "Quantity Used": 18.0,
        "Quantity Made": 18.0,
        "Event ID": 46.0,
    }
    return _sheet("Lot Genealogy", columns, _genealogy_rows(report))


def _genealogy_rows(report: TraceReport) -> Iterator[list[Cell]]:
    facts = report.facts
    for source, target, transformation in report.graph.links():
        completed = transformation.completion(target)
        yield [
            facts.code(source),
            _product_name(report, source),
            facts.code(target),
            _product_name(report, target),
            str(facts.classified.transformation(transformation).cte or ""),
            completed.local_date,
            facts.descriptions.place_name(completed.place),
            _quantities(transformation, source, of_inputs=True),
            _quantities(transformation, target, of_inputs=False),
            completed.key,
        ]


def _product_name(report: TraceReport, lot: str) -> str:
    product = report.facts.descriptions.product(lot)
    return product.product_name if product else ""


def _quantities(transformation: Transformation, lot: str, *, of_inputs: bool) -> str:
    portions = transformation.inputs if of_inputs else transformation.outputs
    amounts = amounts_of((portion for _, portion in portions), lot, by_container=False)
    return added_up(amounts)


def _recall(report: TraceReport) -> Sheet:
    columns = {
        "Traceability Lot Code": 40.0,
        "Product": 40.0,
        "Place": 34.0,
        "Phone Number": 18.0,
        "Street Address or Geographic Coordinates": 34.0,
        "City": 18.0,
        "State or Region": 12.0,
        "Country": 12.0,
        "Arrived": 14.0,
        "Came": 16.0,
        "Went On": 16.0,
        "May Be There": 16.0,
        "Status": 24.0,
        "Serials": 40.0,
    }
    return _sheet("Recall Scope", columns, recall_scope(report))


def _findings(report: TraceReport) -> Sheet:
    columns = {
        "Severity": 11.0,
        "Rule": 20.0,
        "21 CFR": 18.0,
        "Critical Tracking Event": 22.0,
        "Row": 20.0,
        "Rows": 8.0,
        "Traceability Lot Code": 40.0,
        "Key Data Element": 36.0,
        "What Was Found": 80.0,
        "What Would Fix It": 60.0,
        "Event ID": 46.0,
    }
    return _sheet("Findings", columns, _finding_rows(report))


def _finding_rows(report: TraceReport) -> Iterator[list[Cell]]:
    first_rows = {
        (cte, row.event.key, row.lot): number
        for cte, rows in report.rows.items()
        for number, row in reversed(list(enumerate(rows)))
    }
    for finding in report.findings:
        number = finding.row
        if number is None and finding.cte is not None:
            number = first_rows.get((finding.cte, finding.event, finding.lot))
        link: Cell = ""
        if number is not None and finding.cte is not None:
            link = Link(text=f"{finding.cte}, row {number + 2}", sheet=finding.cte, row=number + 2)
        yield [
            finding.severity,
            finding.rule,
            finding.paragraph,
            finding.cte or "",
            link,
            finding.row_count or None,
            report.facts.code(finding.lot) if finding.lot else "",
            f"{finding.element} ({finding.cells})" if finding.cells else finding.element,
            finding.found,
            finding.fix,
            finding.event,
        ]


_LOCATION_PARTS = {
    "Location ID": ("id", 46.0),
    "Business Name": ("business_name", 34.0),
    "Phone Number": ("phone", 18.0),
    "Street Address": ("street", 34.0),
    "City": ("city", 18.0),
    "State or Region": ("state", 12.0),
    "ZIP or Postal Code": ("postal_code", 12.0),
    "Country": ("country", 12.0),
    "Latitude": ("latitude", 12.0),
    "Longitude": ("longitude", 12.0),
    "Growing Area": ("growing_area", 24.0),
    "Aquaculture Container": ("aquaculture_container", 24.0),
    "Traceability Lot Code Source Reference": ("source_reference", 34.0),
}


def _locations(report: TraceReport) -> Sheet:
    names = sorted(report.facts.descriptions.places)
    columns = {heading: width for heading, (_, width) in _LOCATION_PARTS.items()}
    return _sheet("Locations", columns, (_location_row(report, name) for name in names))


def _location_row(report: TraceReport, name: str) -> list[Cell]:
    location = report.facts.descriptions.location(name)
    if location is None:
        return [name, *[Marked(None, Mark.MISSING)] * (len(_LOCATION_PARTS) - 1)]
    return [name, *(getattr(location, part) for part, _ in list(_LOCATION_PARTS.values())[1:])]


_PRODUCT_PARTS = {
    "Product ID": ("id", 46.0),
    "Product Name": ("product_name", 40.0),
    "Brand": ("brand", 20.0),
    "Commodity": ("commodity", 20.0),
    "Variety": ("variety", 20.0),
    "Packaging Size": ("packaging_size", 18.0),
    "Packaging Style": ("packaging_style", 24.0),
    "Species": ("species", 30.0),
    "Food Traceability List Category": ("food_traceability_list_category", 30.0),
    "On the Food Traceability List": ("on_food_traceability_list", 16.0),
}


def _products(report: TraceReport) -> Sheet:
    names = sorted({class_of(lot) or lot for lot in report.graph.lots})
    columns = {heading: width for heading, (_, width) in _PRODUCT_PARTS.items()}
    return _sheet("Products", columns, (_product_row(report, name) for name in names))


def _product_row(report: TraceReport, name: str) -> list[Cell]:
    product = report.facts.descriptions.product(name)
    if product is None:
        return [name, *[Marked(None, Mark.MISSING)] * (len(_PRODUCT_PARTS) - 1)]
    values = [getattr(product, part) for part, _ in list(_PRODUCT_PARTS.values())[1:-1]]
    on_list = {True: "yes", False: "no", None: "not known"}[product.on_food_traceability_list]
    return [name, *values, on_list]


def _excluded(report: TraceReport) -> Sheet:
    columns = {
        "Why": 50.0,
        "Event ID": 46.0,
        "Event Time": 27.0,
        "Event Type": 20.0,
        "Business Step": 26.0,
        "Place": 34.0,
        "Lots": 50.0,
        "Because Of": 46.0,
    }
    return _sheet("Excluded Events", columns, _excluded_rows(report))


def _excluded_rows(report: TraceReport) -> Iterator[list[Cell]]:
    facts = report.facts
    for refusal in report.refusals:
        where = refusal.document
        yield [f"refused: {refusal}", refusal.event_id, "", "", "", where, "", ""]
    told: list[tuple[str, Event, Iterable[str], str]] = [
        (excluded.reason, excluded.event, _lots_of(excluded.event), excluded.by)
        for excluded in report.graph.excluded
    ]
    told += [(reason, event, lots, "") for reason, event, lots in report.not_tracked()]
    for reason, event, lots, by in told:
        yield [
            reason,
            event.key,
            event.local_time.isoformat(),
            event.type,
            event.biz_step,
            facts.descriptions.place_name(event.place),
            "; ".join(map(facts.code, lots)),
            by,
        ]


def _lots_of(event: Event) -> list[str]:
    return sorted({item.lot for item in event.all_items() if item.lot})

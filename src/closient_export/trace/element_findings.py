"""Findings about cells of FDA's spreadsheet that are empty."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from closient_export.epcis import IdentifierKind, class_of, parse_identifier
from closient_export.trace.cells import Provenance
from closient_export.trace.facts import Facts
from closient_export.trace.findings import Finding
from closient_export.trace.kdes import CriticalTrackingEvent, KeyDataElement, key_data_elements
from closient_export.trace.rows import Row

__all__ = ["element_findings"]

Rows = Mapping[CriticalTrackingEvent, Sequence[Row]]
_WORDS = {
    "business_name": "business name",
    "postal_code": "ZIP or postal code",
    "address": "street address or geographic coordinates",
    "growing_area": "growing area or aquaculture container",
}
_OF_INPUT = ("input", "received", "farm", "harvester", "supplier", "harvest_date", "receive_date")
"""What elements of a packing or transformation begin with that are about what went in."""
_At = tuple[CriticalTrackingEvent, int, str]
"""A sheet, which of its rows, and the letter of the column."""
_Gap = tuple[str, str, str, str]
"""What is not stated: elements, paragraph, event, and the lot that they are about."""


def element_findings(facts: Facts, rows: Rows) -> Iterator[Finding]:
    """One finding for each gap: what is not known of a place is not told for each of its rows."""
    undescribed: dict[tuple[str, str], dict[str, list[_At]]] = defaultdict(dict)
    lots: dict[str, set[str]] = defaultdict(set)
    sourceless: dict[str, list[_At]] = defaultdict(list)
    unstated: dict[_Gap, list[_At]] = defaultdict(list)
    for cte, on_sheet in rows.items():
        for number, row in enumerate(on_sheet):
            for (group, described), missing in _gaps(cte, row).items():
                if described:
                    product = class_of(described) or described
                    lots[product].add(described)
                    gaps = undescribed[_rule_for(missing[0]), product]
                    for element in missing:
                        gaps.setdefault(_part(element), []).append((cte, number, element.column))
                elif _is_told_as_without_lot(missing[0], row):
                    continue
                elif group == "source":
                    sourceless[row.lot] += _cells(cte, number, missing)
                else:
                    subject = _subject(missing[0], row)
                    gap = (_headers(missing), missing[0].paragraph, row.event.key, subject)
                    unstated[gap] += _cells(cte, number, missing)
    for gap, places in unstated.items():
        yield _not_stated(facts, gap, places)
    for (rule, described), gaps in undescribed.items():
        yield _not_described(facts, rule, described, gaps, lots[described])
    for lot, places in sourceless.items():
        yield _without_source(facts, lot, places)


def _gaps(cte: CriticalTrackingEvent, row: Row) -> dict[tuple[str, str], list[KeyDataElement]]:
    """The required elements that a row lacks: those of one description or paragraph together."""
    found: dict[tuple[str, str], list[KeyDataElement]] = defaultdict(list)
    for element in key_data_elements(cte):
        cell = row.cells[element.name]
        if cell.provenance is Provenance.MISSING and not element.if_applicable:
            block, dot, _ = element.name.partition(".")
            found[block if dot else element.paragraph, cell.source].append(element)
    return found


def _part(element: KeyDataElement) -> str:
    return element.name.rpartition(".")[2]


def _rule_for(element: KeyDataElement) -> str:
    block, dot, _ = element.name.partition(".")
    of_product = block in ("product", "input") if dot else element.name != "growing_area"
    return "missing-product" if of_product else "missing-location"


def _subject(element: KeyDataElement, row: Row) -> str:
    """The lot that an element is about: of what went in, or of what came out."""
    return row.input_lot if row.input_lot and element.name.startswith(_OF_INPUT) else row.lot


def _is_told_as_without_lot(element: KeyDataElement, row: Row) -> bool:
    """Whether an element is the code, or its source, of what has no lot: that is one finding."""
    kind = parse_identifier(_subject(element, row)).kind
    return kind in (IdentifierKind.PRODUCT, IdentifierKind.SERIAL) and element.name.startswith(
        ("traceability_lot_code", "input_lot_code", "source.")
    )


def _headers(missing: Sequence[KeyDataElement]) -> str:
    """A whole location or product description by its name, other elements by theirs."""
    if "." in missing[0].name and len(missing) > 1:
        return missing[0].header.rpartition(" - ")[0] or missing[0].header
    return "; ".join(element.header for element in missing)


def _cells(cte: CriticalTrackingEvent, row: int, missing: Iterable[KeyDataElement]) -> list[_At]:
    return [(cte, row, element.column) for element in missing]


def _rows(places: Sequence[_At]) -> dict[str, Any]:
    """What a finding says of where it is: the first row of all, and the columns in it."""
    cte, row, _ = places[0]
    rows: dict[tuple[CriticalTrackingEvent, int], list[str]] = {}
    for sheet, number, column in places:
        rows.setdefault((sheet, number), []).append(column)
    columns = tuple(dict.fromkeys(rows[cte, row]))
    return {"cte": cte, "row": row, "columns": columns, "row_count": len(rows)}


def _not_stated(facts: Facts, gap: _Gap, places: Sequence[_At]) -> Finding:
    headers, paragraph, event, lot = gap
    return Finding(
        rule="missing-element",
        cfr=paragraph,
        lot=lot,
        event=event,
        element=headers,
        found=f"No event says it of {facts.code(lot)}.",
        **_rows(places),
    )


def _without_source(facts: Facts, lot: str, places: Sequence[_At]) -> Finding:
    found = f"No event says where {facts.code(lot)} was assigned."
    if facts.classified.harvested_only(lot):
        found = f"{facts.code(lot)} was harvested, and no event says where it was packed first."
    return Finding(
        rule="source-missing",
        lot=lot,
        element="Traceability lot code source",
        found=found,
        **_rows(places),
    )


def _not_described(
    facts: Facts,
    rule: str,
    described: str,
    gaps: Mapping[str, Sequence[_At]],
    lots: Collection[str],
) -> Finding:
    words = ", ".join(_WORDS.get(part, part.replace("_", " ")) for part in gaps)
    lot = min(lots) if rule == "missing-product" and len(lots) == 1 else ""
    known = (
        facts.descriptions.location(described)
        if rule == "missing-location"
        else facts.descriptions.product(lot or described)
    )
    name = getattr(known, "business_name", "") or getattr(known, "product_name", "")
    what = f"{name} ({described})" if name else described
    found = f"Nothing describes {what}." if known is None else f"Not known of {what}: {words}."
    return Finding(
        rule=rule,
        element=words,
        found=found,
        lot=lot,
        **_rows([place for places in gaps.values() for place in places]),
    )

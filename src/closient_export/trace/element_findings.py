"""Findings about cells of FDA's spreadsheet that are empty."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

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
}
_At = tuple[CriticalTrackingEvent, int]
"""A sheet, and which of its rows."""


def element_findings(facts: Facts, rows: Rows) -> Iterator[Finding]:
    """One finding for each gap: what is not known of a place is not told for each of its rows."""
    undescribed: dict[tuple[str, str], dict[str, list[_At]]] = defaultdict(dict)
    sourceless: dict[str, list[_At]] = defaultdict(list)
    for cte, on_sheet in rows.items():
        for number, row in enumerate(on_sheet):
            for block, missing in _gaps(cte, row).items():
                described = row.cells[missing[0].name].source
                if described:
                    gaps = undescribed[_rule_for(missing[0]), described]
                    for element in missing:
                        gaps.setdefault(_part(element), []).append((cte, number))
                elif block == "source":
                    sourceless[row.lot].append((cte, number))
                else:
                    yield _not_stated(facts, missing, row, (cte, number))
    for (rule, described), gaps in sorted(undescribed.items()):
        yield _not_described(facts, rule, described, gaps)
    for lot, places in sorted(sourceless.items()):
        yield Finding(
            rule="source-missing",
            lot=lot,
            element="Traceability lot code source",
            found=f"No event says where {facts.code(lot)} was assigned.",
            **_rows(places),
        )


def _gaps(cte: CriticalTrackingEvent, row: Row) -> dict[str, list[KeyDataElement]]:
    """The required elements that a row lacks; those of one description stand together."""
    found: dict[str, list[KeyDataElement]] = defaultdict(list)
    for element in key_data_elements(cte):
        if row.cells[element.name].provenance is Provenance.MISSING and not element.if_applicable:
            found[element.name.partition(".")[0]].append(element)
    return found


def _part(element: KeyDataElement) -> str:
    return element.name.rpartition(".")[2]


def _rule_for(element: KeyDataElement) -> str:
    block, dot, _ = element.name.partition(".")
    of_product = block in ("product", "input") if dot else element.name != "growing_area"
    return "missing-product" if of_product else "missing-location"


def _rows(places: Sequence[_At]) -> dict[str, Any]:
    cte, row = places[0]
    return {"cte": cte, "row": row, "row_count": len(set(places))}


def _not_stated(facts: Facts, missing: Sequence[KeyDataElement], row: Row, place: _At) -> Finding:
    header = missing[0].header
    if len(missing) > 1:
        header = header.rpartition(" - ")[0] or header
    return Finding(
        rule="missing-element",
        cfr=missing[0].paragraph,
        lot=row.lot,
        event=row.event.key,
        element=header,
        found=f"Neither the event nor any other one says it for {facts.code(row.lot)}.",
        **_rows([place]),
    )


def _not_described(
    facts: Facts, rule: str, described: str, gaps: Mapping[str, Sequence[_At]]
) -> Finding:
    words = ", ".join(_WORDS.get(part, part.replace("_", " ")) for part in gaps)
    known = (
        facts.descriptions.location(described)
        if rule == "missing-location"
        else facts.descriptions.product(described)
    )
    name = getattr(known, "business_name", "") or getattr(known, "product_name", "")
    what = f"{name} ({described})" if name else described
    found = f"Nothing describes {what}." if known is None else f"Not known of {what}: {words}."
    return Finding(
        rule=rule,
        element=words,
        found=found,
        lot=described if rule == "missing-product" else "",
        **_rows([place for places in gaps.values() for place in places]),
    )

"""What the page of a lot shows of its trace, in words."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from attrs import frozen
from markupsafe import Markup

from closient_export.gs1 import CANONICAL_STEM
from closient_export.host.lots import id_of_lot
from closient_export.subjects import Subject
from closient_export.trace.findings import Finding, Severity
from closient_export.trace.genealogy import diagram_of
from closient_export.trace.picture import svg
from closient_export.trace.recall import recall_scope
from closient_export.trace.report import TraceReport
from closient_export.trace.rows import Row
from closient_export.trace.sheets import Cell, Link, Marked

__all__ = ["FoundView", "LotLink", "LotView", "RecallView", "StepView", "lot_picture", "lot_view"]

_MOST = 500
"""How much of a list is on the page; the workbook has all of it."""
_LARGEST_PICTURE = 4 << 20
_GTIN_DIGITS = 14

_SEVERITIES = {
    Severity.ERROR: ("Errors", "Something that the rule requires is missing or contradicted."),
    Severity.WARNING: ("Warnings", "The records do not fit together."),
    Severity.NOTE: ("Notes", "Something was assumed or left out."),
}


@frozen(kw_only=True)
class LotLink:
    """A lot, and the address of its page."""

    code: str
    address: str


@frozen(kw_only=True)
class FoundView:
    """A finding."""

    rule: str
    paragraph: str
    """Of 21 CFR; empty where it is about the data alone."""
    found: str
    fix: str
    lot: LotLink | None
    event: str


@frozen(kw_only=True)
class StepView:
    """A row of FDA's sheets, as a step of what happened."""

    time: datetime
    cte: str
    paragraph: str
    place: str
    product: str
    lot: LotLink
    source: LotLink | None
    """What was used, if something was made."""
    source_quantity: str
    quantity: str
    destination: str
    """Where it was sent; empty for all but shipments."""
    assumption: str
    complete: bool
    event: str


@frozen(kw_only=True)
class RecallView:
    """A lot at a place."""

    lot: str
    product: str
    place: str
    address: str
    phone: str
    arrived: date | None
    came: str
    went: str
    left: str
    status: str
    serials: str


@frozen(kw_only=True)
class LotView:
    """All of it."""

    lot_id: str
    code: str
    product: str
    details: Sequence[tuple[str, str]]
    """What else is known of the product, by what it is called."""
    labels: str
    """Which labels there may be, as the query of the page that asks for them; empty for none."""
    ready: bool
    truncated: str
    lots: int
    rows: int
    complete_rows: int
    picture: Markup | None
    findings: Sequence[tuple[str, str, Sequence[FoundView], int]]
    """By severity: what it is called, what it means, the findings, and how many there are."""
    steps: Sequence[StepView]
    recall: Sequence[RecallView]
    recall_count: int


def lot_view(report: TraceReport, lot_id: str, lot: str, catalogued: Subject | None) -> LotView:
    """What the page shows of a lot that was asked for, and that the catalogue may have."""
    words = _Words(report, {lot: lot_id})
    product = report.facts.descriptions.product(lot)
    rows = sorted((row for on_sheet in report.rows.values() for row in on_sheet), key=_order)
    recalled = [_recalled(row) for row in recall_scope(report)]
    drawn = svg(diagram_of(report), addresses=words.addresses(report.graph.lots))
    details = ("brand", "commodity", "variety", "species", "packaging_size", "packaging_style")
    return LotView(
        lot_id=lot_id,
        code=report.facts.code(lot),
        product=(product and product.product_name)
        or (catalogued and catalogued.product_name)
        or "",
        details=[
            (name.replace("_", " ").capitalize(), value)
            for name in details
            if product and (value := getattr(product, name))
        ],
        labels=f"lot_ids={lot_id}" if catalogued else _of_product(lot),
        ready=report.ready,
        truncated=report.graph.truncated,
        lots=len(report.graph.lots),
        rows=len(rows),
        complete_rows=sum(row.complete for row in rows),
        # Every text in it is escaped.
        picture=Markup(drawn) if len(drawn) <= _LARGEST_PICTURE else None,  # noqa: S704
        findings=list(_by_severity(report.findings, words)),
        steps=[words.step(row) for row in rows[:_MOST]],
        recall=recalled[:_MOST],
        recall_count=len(recalled),
    )


def lot_picture(report: TraceReport) -> str:
    """The genealogy as an SVG document of its own."""
    return svg(diagram_of(report))


def _order(row: Row) -> Any:
    return row.order


def _of_product(lot: str) -> str:
    gtin = lot.removeprefix(f"{CANONICAL_STEM}/01/").partition("/")[0]
    return f"gtins={gtin}" if len(gtin) == _GTIN_DIGITS and gtin.isdigit() else ""


class _Words:
    def __init__(self, report: TraceReport, ids: dict[str, str]) -> None:
        self._report = report
        self._ids = ids
        """Of lots that go by another id than the one that they have for everybody."""

    def addresses(self, lots: Iterable[str]) -> dict[str, str]:
        return {lot: self._address(lot) for lot in lots}

    def _address(self, lot: str) -> str:
        return f"/lots/{quote(self._ids.get(lot) or id_of_lot(lot), safe='')}"

    def link(self, lot: str) -> LotLink | None:
        if not lot:
            return None
        return LotLink(code=self._report.facts.code(lot), address=self._address(lot))

    def step(self, row: Row) -> StepView:
        facts = self._report.facts
        product = facts.descriptions.product(row.lot)
        shipped = row.destination_place if row.cte.name == "SHIPPING" else ""
        return StepView(
            time=row.event.local_time,
            cte=row.cte.value,
            paragraph=row.cte.paragraph,
            place=facts.descriptions.place_name(row.place) if row.place else "",
            product=product.product_name if product else "",
            lot=LotLink(code=facts.code(row.lot), address=self._address(row.lot)),
            source=self.link(row.input_lot),
            source_quantity=_amount(row, "input_"),
            quantity=_amount(row, ""),
            destination=facts.descriptions.place_name(shipped) if shipped else "",
            assumption=row.assumption,
            complete=row.complete,
            event=row.event.key,
        )


def _amount(row: Row, prefix: str) -> str:
    cells = (row.cells.get(f"{prefix}{name}") for name in ("quantity", "unit"))
    return " ".join(_plain(cell.value) for cell in cells if cell is not None).strip()


def _plain(value: object) -> str:
    return f"{value:f}" if hasattr(value, "as_tuple") else str(value)


def _by_severity(
    findings: Sequence[Finding], words: _Words
) -> Iterable[tuple[str, str, Sequence[FoundView], int]]:
    for severity, (title, meaning) in _SEVERITIES.items():
        those = [finding for finding in findings if finding.severity is severity]
        if those:
            views = [
                FoundView(
                    rule=finding.rule,
                    paragraph=finding.paragraph,
                    found=finding.found,
                    fix=finding.fix,
                    lot=words.link(finding.lot),
                    event=finding.event,
                )
                for finding in those[:_MOST]
            ]
            yield title, meaning, views, len(those)


def _recalled(row: Sequence[Cell]) -> RecallView:
    lot, product, place, phone, *parts, arrived, came, went, left, status, serials = map(
        _value, row
    )
    return RecallView(
        lot=str(lot or ""),
        product=str(product or ""),
        place=str(place or ""),
        phone=str(phone or ""),
        address=", ".join(str(part) for part in parts if part and part != "n/a"),
        arrived=arrived if isinstance(arrived, date) else None,
        came=str(came or ""),
        went=str(went or ""),
        left=str(left or ""),
        status=str(status or ""),
        serials=str(serials or ""),
    )


def _value(cell: Cell) -> object:
    if isinstance(cell, Link):
        return cell.text
    return cell.value if isinstance(cell, Marked) else cell

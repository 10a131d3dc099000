"""What happened to each lot, in a line."""

from collections.abc import Iterable, Iterator
from datetime import date

from attrs import frozen

from closient_export.epcis.units import in_words
from closient_export.trace.deliveries import totals
from closient_export.trace.graph import Movement, ReachedLot
from closient_export.trace.kdes import CriticalTrackingEvent
from closient_export.trace.report import TraceReport

__all__ = ["LotSummary", "lot_summaries"]


@frozen(kw_only=True)
class LotSummary:
    """A reached lot: what it is, where it came from, how much of it went where."""

    uri: str
    code: str
    product: str
    relation: str
    hops: int
    came_by: str
    source: str
    source_place: str
    first_event: date | None
    last_event: date | None
    made: str
    shipped: str
    received: str
    used: str
    errors: int
    warnings: int


def lot_summaries(report: TraceReport) -> Iterator[LotSummary]:
    """The lots, those furthest upstream first."""
    counts: dict[tuple[str, str], int] = {}
    for finding in report.findings:
        place = (finding.lot, finding.severity)
        counts[place] = counts.get(place, 0) + 1
    for lot in sorted(report.graph.lots.values(), key=lambda lot: (lot.hops, lot.uri)):
        yield _summary(report, lot, counts)


def _summary(
    report: TraceReport, reached: ReachedLot, counts: dict[tuple[str, str], int]
) -> LotSummary:
    facts, lot = report.facts, reached.uri
    movements = report.graph.movements.get(lot, ())
    made_by = report.graph.made_by.get(lot, ())
    used_by = report.graph.used_by.get(lot, ())
    events = [movement.event for movement in movements]
    events += [event for each in (*made_by, *used_by) for event in each.events]
    days = [event.local_date for event in events]
    origin = facts.classified.origin(lot)
    product = facts.descriptions.product(lot)
    assigns = origin is not None and origin.assigns_code
    source_place = origin.event.place if origin is not None and assigns else ""
    made = [Movement(event, (portion,)) for t in made_by for event, portion in t.outputs]
    if origin is not None and origin.transformation is None:
        origins = {each.event.digest for each in facts.classified.origins(lot)}
        made = [movement for movement in movements if movement.event.digest in origins]
    used = [Movement(event, (portion,)) for t in used_by for event, portion in t.inputs]
    return LotSummary(
        uri=lot,
        code=facts.code(lot),
        product=product.product_name if product else "",
        relation="asked" if reached.asked else "upstream" if reached.hops < 0 else "downstream",
        hops=reached.hops,
        came_by="not known" if origin is None else str(origin.cte or "made, inputs not known"),
        source=facts.descriptions.place_name(source_place) if source_place else "",
        source_place=source_place,
        first_event=min(days, default=None),
        last_event=max(days, default=None),
        made=_words(made, lot),
        shipped=_words(_as(report, lot, CriticalTrackingEvent.SHIPPING), lot),
        received=_words(
            [
                *_as(report, lot, CriticalTrackingEvent.RECEIVING),
                *_as(report, lot, CriticalTrackingEvent.RECEIVING_FROM_EXEMPT),
            ],
            lot,
        ),
        used=_words(used, lot),
        errors=counts.get((lot, "error"), 0),
        warnings=counts.get((lot, "warning"), 0),
    )


def _as(report: TraceReport, lot: str, cte: CriticalTrackingEvent) -> list[Movement]:
    return [
        movement
        for movement in report.graph.movements.get(lot, ())
        if report.facts.classified.movement(movement, lot).cte is cte
    ]


def _words(movements: Iterable[Movement], lot: str) -> str:
    return " + ".join(in_words(total, uom) for uom, total in sorted(totals(movements, lot).items()))

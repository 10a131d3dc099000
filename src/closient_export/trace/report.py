"""Everything that a trace has found, ready to be written in any format."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from attrs import frozen

from closient_export.epcis import (
    Event,
    IdentifierKind,
    Refusal,
    class_of,
    lot_code,
    parse_identifier,
)
from closient_export.ports import EventSource, MasterData
from closient_export.requests import Direction
from closient_export.trace.all_rows import all_rows
from closient_export.trace.classification import Rules
from closient_export.trace.classify import Classified
from closient_export.trace.delivery_findings import delivery_findings
from closient_export.trace.descriptions import Descriptions, site_of
from closient_export.trace.element_findings import element_findings
from closient_export.trace.facts import Facts
from closient_export.trace.findings import Finding, Thresholds
from closient_export.trace.graph import LotGraph, Portion
from closient_export.trace.kdes import CriticalTrackingEvent
from closient_export.trace.ledger import Exclusion
from closient_export.trace.lot_findings import lot_findings
from closient_export.trace.rows import Row
from closient_export.trace.steps import RECEIVING_STEPS, SHIPPING_STEPS, moment_of
from closient_export.trace.time_findings import time_findings
from closient_export.trace.walk import Limits, Selection, run_walk

__all__ = ["TraceReport", "make_report", "trace_lots"]


@frozen(kw_only=True)
class TraceReport:
    """A trace: the graph, FDA's rows, and the findings, worst first."""

    selection: Selection
    facts: Facts
    rows: Mapping[CriticalTrackingEvent, tuple[Row, ...]]
    findings: tuple[Finding, ...]
    refusals: tuple[Refusal, ...] = ()
    """Documents and events that could not be read."""

    @property
    def graph(self) -> LotGraph:
        """The lots, and how they came from each other."""
        return self.facts.graph

    @property
    def ready(self) -> bool:
        """Whether nothing that the rule requires is missing or contradicted."""
        return not any(finding.severity == "error" for finding in self.findings)

    def not_tracked(self) -> list[tuple[str, Event, list[str]]]:
        """The events of the lots that are no critical tracking event: why, and of which lots."""
        found: dict[tuple[str, str], tuple[Event, list[str]]] = {}
        for lot in self.graph.lots:
            for movement in self.graph.movements.get(lot, ()):
                classification = self.facts.classified.movement(movement, lot)
                if classification.cte is None:
                    place = (movement.event.digest, classification.reason)
                    found.setdefault(place, (movement.event, []))[1].append(lot)
        rows = [(reason, event, lots) for (_, reason), (event, lots) in found.items()]
        return sorted(rows, key=lambda row: (moment_of(row[1]), row[0]))


def trace_lots(
    source: EventSource,
    master_data: MasterData,
    selection: Selection,
    direction: Direction = Direction.BOTH,
    *,
    limits: Limits | None = None,
    rules: Rules | None = None,
    thresholds: Thresholds | None = None,
    refusals: Iterable[Refusal] = (),
    records_of: Collection[str] = (),
) -> TraceReport:
    """Walk from the selected lots and report what was found: `run_walk`, then `make_report`.

    Raises:
        TraceLimitError: a limit would be passed.
        EventSourceError: the source fails.
    """
    graph = run_walk(source, selection, direction, limits)
    return make_report(
        graph,
        master_data,
        selection=selection,
        rules=rules,
        thresholds=thresholds,
        refusals=refusals,
        records_of=records_of,
    )


def make_report(
    graph: LotGraph,
    master_data: MasterData,
    *,
    selection: Selection | None = None,
    rules: Rules | None = None,
    thresholds: Thresholds | None = None,
    refusals: Iterable[Refusal] = (),
    records_of: Collection[str] = (),
) -> TraceReport:
    """Turn the result of a walk into rows and findings.

    Args:
        graph: From `closient_export.trace.walk.run_walk`.
        master_data: Describes places and products; it is asked twice, for all at once.
        selection: What was asked for; the graph's asked lots, if it is not given.
        rules: What only the host knows.
        thresholds: What is small enough to be no finding.
        refusals: What could not be read.
        records_of: The places, by canonical identifier, of a firm that hands over its own records
            and not the whole chain; rows and findings are then of what was done there. A place
            without an extension stands for all its parts.
    """
    descriptions = Descriptions(graph, master_data)
    classified = Classified(graph, descriptions.product, rules or Rules(), descriptions.location)
    facts = Facts(graph, classified, descriptions)
    rows = all_rows(facts)
    if records_of:
        rows = {cte: _kept_by(records_of, on_sheet) for cte, on_sheet in rows.items()}
    refused = tuple(sorted(refusals, key=str))
    thresholds = thresholds or Thresholds()
    selection = selection or Selection(lots=graph.asked)
    found = {
        *element_findings(facts, rows),
        *delivery_findings(facts, thresholds),
        *lot_findings(facts, thresholds),
        *time_findings(facts, thresholds),
        *_selection_findings(facts, selection),
        *_event_findings(facts),
        *(
            Finding(rule="refused", event=each.event_id, element=each.document, found=f"{each}.")
            for each in refused
        ),
    }
    if records_of:
        kept = {row.event.key for on_sheet in rows.values() for row in on_sheet}
        found = {finding for finding in found if not finding.event or finding.event in kept}
    return TraceReport(
        selection=selection,
        facts=facts,
        rows=rows,
        findings=tuple(sorted(found, key=lambda finding: finding.order)),
        refusals=refused,
    )


def _kept_by(places: Collection[str], rows: Sequence[Row]) -> tuple[Row, ...]:
    return tuple(row for row in rows if {row.place, site_of(row.place)} & set(places))


def _selection_findings(facts: Facts, selection: Selection) -> Iterator[Finding]:
    graph = facts.graph
    if graph.truncated:
        yield Finding(rule="truncated", found=graph.truncated)
    withdrawn = {name for each in graph.excluded for name in each.event.named_ids()}
    for lot in graph.lots:
        if graph.movements.get(lot) or graph.made_by.get(lot) or graph.used_by.get(lot):
            continue
        if lot in selection.lots or lot not in withdrawn:
            counts = " that counts" if lot in withdrawn else ""
            found = f"No event{counts} names {facts.code(lot)}."
            yield Finding(rule="lot-unknown", lot=lot, found=found)
    known = {class_of(lot) for lot in graph.asked}
    for product in sorted(set(selection.products) - known):
        found = f"No event that was asked for names a lot of {lot_code(product)}."
        yield Finding(rule="lot-unknown", element=product, found=found)
    if not graph.asked and not selection.products:
        yield Finding(rule="lot-unknown", found="No event that was asked for names a lot.")


def _event_findings(facts: Facts) -> Iterator[Finding]:
    graph = facts.graph
    yield from _closed_boxes(graph)
    yield from _without_lot(facts)
    contents: dict[str, set[str]] = defaultdict(set)
    for event in _events(graph):
        contents[event.key].add(event.digest)
    contradictory = {event.key for event in graph.contradictory_ids}
    for key in sorted(contradictory | {key for key, each in contents.items() if len(each) > 1}):
        yield Finding(
            rule="two-events-one-id",
            event=key,
            found=f"Another event with the id {key} says something else.",
        )
    for event in graph.reused_containers:
        yield Finding(
            rule="container-reused",
            event=event.key,
            element=event.parent,
            found=f"{event.parent} was packed again after it had been moved, and no event "
            "emptied it."
            if event.parent
            else "What was moved here had been moved long before, and no event emptied and "
            "packed it again, so that its content of then does not count.",
        )
    for excluded in graph.excluded:
        if excluded.reason is not Exclusion.COPY:
            lots = {item.lot for item in excluded.event.all_items() if item.lot}
            by = f" by {excluded.by}" if excluded.by else ""
            yield Finding(
                rule="excluded",
                lot=min(lots) if len(lots) == 1 else "",
                event=excluded.event.key,
                found=f"The event does not count: {excluded.reason}{by}.",
            )


def _events(graph: LotGraph) -> Iterator[Event]:
    for movements in graph.movements.values():
        yield from (movement.event for movement in movements)
    for transformation in graph.transformations:
        yield from transformation.events


_CARRYING_STEPS = ("staging_outbound", "loading", "transporting", "unloading")


def _closed_boxes(graph: LotGraph) -> Iterator[Finding]:
    """Containers that were moved without anybody saying what was in them: each told once."""
    moved: dict[str, list[Event]] = defaultdict(list)
    for movement in graph.unknown_containers:
        if movement.event.biz_step in (*SHIPPING_STEPS, *RECEIVING_STEPS, *_CARRYING_STEPS):
            for container in movement.unknown_containers:
                moved[container].append(movement.event)
    for container, events in moved.items():
        first = min(events, key=moment_of)
        shipped = CriticalTrackingEvent.SHIPPING if first.biz_step in SHIPPING_STEPS else None
        received = CriticalTrackingEvent.RECEIVING if first.biz_step in RECEIVING_STEPS else None
        more = f", and by {len(events) - 1} more" if len(events) > 1 else ""
        yield Finding(
            rule="unknown-content",
            event=first.key,
            element=container,
            cte=shipped or received,
            found=f"{container} was moved by an event of {first.biz_step}{more}; no event says "
            "what was in it.",
        )


def _without_lot(facts: Facts) -> Iterator[Finding]:
    """Products that a critical tracking event of some lot names without a lot of theirs."""
    named: dict[tuple[str, str, CriticalTrackingEvent], None] = {}
    for lot, movements in facts.graph.movements.items():
        for movement in movements:
            cte = facts.classified.movement(movement, lot).cte
            for portion in movement.portions if cte else ():
                if cte and (product := _lotless(facts, portion)):
                    named[product, movement.event.key, cte] = None
    for transformation in facts.graph.transformations:
        cte = facts.classified.transformation(transformation).cte
        for _, portion in (*transformation.inputs, *transformation.outputs):
            if cte and (product := _lotless(facts, portion)):
                named[product, transformation.completed.key, cte] = None
    for product, event, cte in named:
        yield Finding(
            rule="no-lot",
            event=event,
            element=product,
            cte=cte,
            cfr=cte.paragraph,
            found=f"{lot_code(product)} is named without a lot.",
        )


def _lotless(facts: Facts, portion: Portion) -> str:
    """The product of what is named without its lot; empty if it has one or is not on the list."""
    item = portion.item
    kind = parse_identifier(item.id).kind
    if portion.lot not in ("", item.id) or kind not in _PRODUCTS:
        return ""
    product = class_of(item.id) or item.id
    return product if facts.classified.on_list(product) else ""


_PRODUCTS = (IdentifierKind.PRODUCT, IdentifierKind.SERIAL)

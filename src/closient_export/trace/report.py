"""Everything that a trace has found, ready to be written in any format."""

from collections.abc import Iterable, Iterator, Mapping

from attrs import frozen

from closient_export.epcis import Event, Refusal
from closient_export.ports import EventSource, MasterData
from closient_export.requests import Direction
from closient_export.trace.all_rows import all_rows
from closient_export.trace.classify import Classified, Rules
from closient_export.trace.delivery_findings import delivery_findings
from closient_export.trace.descriptions import Descriptions
from closient_export.trace.element_findings import element_findings
from closient_export.trace.facts import Facts
from closient_export.trace.findings import Finding, Thresholds
from closient_export.trace.graph import LotGraph
from closient_export.trace.kdes import CriticalTrackingEvent
from closient_export.trace.ledger import Exclusion
from closient_export.trace.lot_findings import lot_findings
from closient_export.trace.rows import Row
from closient_export.trace.steps import moment_of
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
) -> TraceReport:
    """Walk from the selected lots and report what was found: `run_walk`, then `make_report`.

    Raises:
        TraceLimitError: a limit would be passed.
        EventSourceError: the source fails.
    """
    graph = run_walk(source, selection, direction, limits)
    return make_report(graph, master_data, selection=selection, rules=rules, thresholds=thresholds)


def make_report(
    graph: LotGraph,
    master_data: MasterData,
    *,
    selection: Selection | None = None,
    rules: Rules | None = None,
    thresholds: Thresholds | None = None,
    refusals: Iterable[Refusal] = (),
) -> TraceReport:
    """Turn the result of a walk into rows and findings.

    Args:
        graph: From `closient_export.trace.walk.run_walk`.
        master_data: Describes places and products; it is asked twice, for all at once.
        selection: What was asked for; the graph's asked lots, if it is not given.
        rules: What only the host knows.
        thresholds: What is small enough to be no finding.
        refusals: What could not be read.
    """
    descriptions = Descriptions(graph, master_data)
    facts = Facts(graph, Classified(graph, descriptions.product, rules or Rules()), descriptions)
    rows = all_rows(facts)
    refused = tuple(sorted(refusals, key=str))
    thresholds = thresholds or Thresholds()
    found = {
        *element_findings(facts, rows),
        *delivery_findings(facts, thresholds),
        *lot_findings(facts, thresholds),
        *_graph_findings(graph),
        *(Finding(rule="refused", element=r.document, found=str(r)) for r in refused),
    }
    return TraceReport(
        selection=selection or Selection(lots=graph.asked),
        facts=facts,
        rows=rows,
        findings=tuple(sorted(found, key=lambda finding: finding.order)),
        refusals=refused,
    )


def _graph_findings(graph: LotGraph) -> Iterator[Finding]:
    if graph.truncated:
        yield Finding(rule="truncated", found=graph.truncated)
    for movement in graph.unknown_containers:
        for container in movement.unknown_containers:
            yield Finding(
                rule="unknown-content",
                event=movement.event.key,
                element=container,
                found=f"{container} was moved ({movement.event.biz_step or 'no business step'}), "
                "and no event says what was in it.",
            )
    for event in graph.contradictory_ids:
        yield Finding(
            rule="two-events-one-id",
            event=event.key,
            found=f"Another event with the id {event.key} says something else.",
        )
    for event in graph.reused_containers:
        yield Finding(
            rule="container-reused",
            event=event.key,
            element=event.parent,
            found=f"{event.parent} was packed again long after it was moved, and no event "
            "emptied it.",
        )
    for excluded in graph.excluded:
        if excluded.reason is not Exclusion.COPY:
            by = f" by {excluded.by}" if excluded.by else ""
            yield Finding(
                rule="excluded",
                event=excluded.event.key,
                found=f"The event does not count: {excluded.reason}{by}.",
            )

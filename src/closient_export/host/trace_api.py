"""Traceability exports, what is ready of a lot's records, and how far a recall would reach."""

from collections.abc import Callable, Sequence
from datetime import date
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from closient_export.host.access import Call, in_thread
from closient_export.host.problems import json_response
from closient_export.jobs import TraceabilityJobStatus
from closient_export.trace.recall import recall_scope
from closient_export.trace.report import TraceReport
from closient_export.trace.spreadsheet import Cell, Marked
from closient_export.wire import to_json

__all__ = ["fda_export", "kde_readiness", "recall"]

_OF_RECALL = (
    "traceability_lot_code",
    "product",
    "place",
    "phone",
    "address",
    "city",
    "state",
    "country",
    "arrived",
    "came",
    "went_on",
    "may_be_there",
    "status",
    "serials",
)
"""What the cells of a row are called."""


async def fda_export(call: Call) -> Response:
    """Ask for a lot's workbook, or how that stands."""
    query = call.query("direction", "format")
    lot_id, _ = await in_thread(
        call.host.lots.named, call.owner, call.request.path_params["lot_id"]
    )
    status = await in_thread(call.host.service.submit_trace, call.owner, query | {"lot_id": lot_id})
    if status.status is TraceabilityJobStatus.PENDING:
        call.service.worker.wake()
    code = HTTPStatus.OK if status.status.terminal else HTTPStatus.ACCEPTED
    return json_response(to_json(status), code)


async def kde_readiness(call: Call) -> Response:
    """What is missing or contradicted in a lot's records, and what would fix it."""
    return await _answered(call, _readiness)


async def recall(call: Call) -> Response:
    """Where a lot and what was made of it has gone, and how much may still be there."""
    return await _answered(call, _recall)


async def _answered(call: Call, answer: Callable[[TraceReport], dict[str, Any]]) -> Response:
    call.query()

    def work() -> dict[str, Any]:
        lot_id, lot = call.host.lots.named(call.owner, call.request.path_params["lot_id"])
        return {"lot_id": lot_id, "lot": lot} | answer(call.host.report(call.owner, lot))

    return json_response(await in_thread(work))


def _readiness(report: TraceReport) -> dict[str, Any]:
    rows = [row for rows in report.rows.values() for row in rows]
    return {
        "ready": report.ready,
        "lots": len(report.graph.lots),
        "rows": len(rows),
        "complete_rows": sum(row.complete for row in rows),
        "findings": [
            {
                "severity": finding.severity.value,
                "rule": finding.rule,
                "paragraph": finding.paragraph,
                "lot": report.facts.code(finding.lot) if finding.lot else "",
                "event": finding.event,
                "element": finding.element,
                "where": finding.where,
                "found": finding.found,
                "fix": finding.fix,
            }
            for finding in report.findings
        ],
    }


def _recall(report: TraceReport) -> dict[str, Any]:
    return {"rows": [_named(row) for row in recall_scope(report)]}


def _named(row: Sequence[Cell]) -> dict[str, Any]:
    return dict(zip(_OF_RECALL, map(_plain, row), strict=True))


def _plain(cell: Cell) -> Any:
    value = cell.value if isinstance(cell, Marked) else cell
    return value.isoformat() if isinstance(value, date) else value

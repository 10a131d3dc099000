"""The page of one lot: where it came from and went, what its records lack, and FDA's workbook."""

from starlette.responses import Response

from closient_export.host.access import in_thread
from closient_export.host.pages.lot_view import LotView, lot_picture, lot_view
from closient_export.host.pages.selection import first_selected
from closient_export.host.pages.visits import Visit
from closient_export.ids import ShortId
from closient_export.requests import Direction, LabelFilters
from closient_export.subjects import Scope

__all__ = ["export", "picture", "show"]

_DIRECTIONS = {
    Direction.BOTH: "both ways, as FDA may ask for",
    Direction.BACKWARD: "backward: where it came from",
    Direction.FORWARD: "forward: where it went",
}


async def show(visit: Visit) -> Response:
    """All that the trace of a lot says."""

    def work() -> LotView:
        lot_id, lot = _lot(visit)
        one = LabelFilters(lot_ids=(lot_id,))
        catalogued = first_selected(visit.host, visit.owner, Scope.LOTS, one)
        return lot_view(visit.host.report(visit.owner, lot), lot_id, lot, catalogued)

    return visit.page(
        "lot.html",
        view=await in_thread(work),
        directions=_DIRECTIONS,
        formats=visit.host.place.writers.formats(),
    )


async def picture(visit: Visit) -> Response:
    """The genealogy as a file."""

    def work() -> tuple[ShortId, str]:
        lot_id, lot = _lot(visit)
        return lot_id, lot_picture(visit.host.report(visit.owner, lot))

    lot_id, svg = await in_thread(work)
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="lot-{lot_id[:4]}.svg"',
    }
    return Response(svg, headers=headers, media_type="image/svg+xml")


async def export(visit: Visit) -> Response:
    """Prepare the workbook, or show the one that is being prepared or was."""
    form = await visit.form()
    lot_id, _ = await in_thread(_lot, visit)
    payload = {
        "lot_id": lot_id,
        "direction": form.get("direction", ""),
        "format": form.get("format", ""),
    }
    status = await in_thread(visit.host.service.submit_trace, visit.owner, payload)
    visit.service.worker.wake()
    return visit.go(f"/exports/{status.job_short_id}")


def _lot(visit: Visit) -> tuple[ShortId, str]:
    """The lot of the path: its short id, and its canonical URI."""
    return visit.host.lots.named(visit.owner, visit.request.path_params["lot_id"])

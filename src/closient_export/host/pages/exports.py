"""The page of one export, of labels or of a trace: how it stands, and where it is to be had."""

from starlette.responses import Response

from closient_export.host.access import in_thread
from closient_export.host.keys import Permission
from closient_export.host.pages.visits import Visit
from closient_export.jobs import TraceabilityExportJob
from closient_export.records import Job

__all__ = ["PERMISSIONS", "cancel", "show"]

PERMISSIONS = (Permission.LABELS, Permission.TRACES)


async def show(visit: Visit) -> Response:
    """How an export stands."""
    job = await _job(visit)
    status = await in_thread(visit.host.service.status, visit.owner, job.job_id)
    if isinstance(job, TraceabilityExportJob):
        now = visit.host.clock()
        left = job.time_left(now)
        return visit.page(
            "trace_export.html",
            job=job,
            status=status,
            now=now,
            seconds_left=None if left is None else int(left.total_seconds()),
            met=job.deadline_met(now),
        )
    return visit.page("label_export.html", job=job, status=status)


async def cancel(visit: Visit) -> Response:
    """End an export, as soon as whoever works on it sees that."""
    await visit.form()
    job = await _job(visit)
    await in_thread(visit.host.service.cancel, visit.owner, job.job_id)
    return visit.go(f"/exports/{job.job_id}")


async def _job(visit: Visit) -> Job:
    """The job of the path, if the key is good for its kind."""
    job_id = visit.request.path_params["job_id"]
    job = await in_thread(visit.host.service.job, visit.owner, job_id)
    traces = isinstance(job, TraceabilityExportJob)
    visit.demand(Permission.TRACES if traces else Permission.LABELS)
    return job

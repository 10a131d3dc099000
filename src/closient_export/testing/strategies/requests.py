"""What callers ask for, and the jobs that come of it."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from typing import Any

from hypothesis import strategies as st

from closient_export.gs1 import CANONICAL_STEM, ElementString, Gtin, digital_link
from closient_export.jobs import JobStatus, LabelExportJob, TraceabilityExportJob
from closient_export.registry import BUILT_IN, Registration, RendererRegistry
from closient_export.requests import (
    Direction,
    LabelExportRequest,
    LabelFilters,
    RendererKey,
    TraceabilityExportRequest,
)
from closient_export.subjects import Scope
from closient_export.testing.strategies.gs1 import gtins, lot_codes
from closient_export.testing.strategies.identifiers import short_ids, times
from closient_export.testing.strategies.knobs import knobs
from closient_export.trace.selection import Selection

__all__ = [
    "label_export_jobs",
    "label_export_requests",
    "label_filters",
    "renderer_keys",
    "selections",
    "traceability_jobs",
    "traceability_requests",
]


def label_filters(*, serial_ids: bool = True) -> st.SearchStrategy[LabelFilters]:
    """Filters of every kind, alone and together.

    Args:
        serial_ids: Whether they may narrow serials, which only that scope allows.
    """
    some = st.none() | st.lists(short_ids(), max_size=3)
    return st.builds(
        LabelFilters,
        gtins=st.none() | st.lists(gtins(), max_size=3),
        product_id=st.none() | short_ids(),
        lot_ids=some,
        serial_ids=some if serial_ids else st.none(),
        lot_run_id=st.none() | short_ids(),
        never_printed=st.booleans(),
    )


@cache
def _built_in() -> RendererRegistry:
    claims = (
        Registration(key=RendererKey.parse(name), target=target, distribution="closient-export")
        for name, target in BUILT_IN.items()
    )
    return RendererRegistry(registrations=claims)


def renderer_keys() -> st.SearchStrategy[RendererKey]:
    """The pairs of export type and file format that the built-in renderers make."""
    return st.sampled_from(sorted(map(RendererKey.parse, BUILT_IN)))


def label_export_requests(
    registry: RendererRegistry | None = None,
) -> st.SearchStrategy[LabelExportRequest]:
    """Requests that are valid: any pair that goes together, its scopes, filters and knobs.

    Args:
        registry: Whose pairs; those of the built-in renderers if not given.
    """
    known = registry or _built_in()

    @cache
    def of_pair(key: RendererKey) -> st.SearchStrategy[LabelExportRequest]:
        renderer = known.renderer(key)
        settings = knobs(renderer)
        return st.sampled_from(sorted(renderer.scopes)).flatmap(
            lambda scope: st.builds(
                LabelExportRequest,
                scope=st.just(scope),
                export_type=st.just(key.export_type),
                file_format=st.just(key.file_format),
                filters=label_filters(serial_ids=scope is Scope.SERIALS),
                asset_config=st.just({}) | settings,
            )
        )

    return st.sampled_from([claim.key for claim in known.registrations()]).flatmap(of_pair)


def traceability_requests() -> st.SearchStrategy[TraceabilityExportRequest]:
    """Requests for the trace of a lot, in the built-in format."""
    return st.builds(
        TraceabilityExportRequest, lot_id=short_ids(), direction=st.sampled_from(Direction)
    )


_errors = st.sampled_from(["The filters select nothing.", "cancelled", "(10): expected less"])
_sizes = st.integers(0, 1 << 40)


@st.composite
def label_export_jobs(draw: st.DrawFn) -> LabelExportJob:
    """Label exports at any point of their way, all states among them."""
    job = LabelExportJob(request=draw(label_export_requests()), job_id=draw(short_ids()))
    goal = draw(st.sampled_from(JobStatus))
    if goal is JobStatus.PENDING:
        return job
    if goal is JobStatus.FAILED and draw(st.booleans()):
        return job.fail(draw(_errors))
    job = job.start()
    if goal is not JobStatus.COMPLETED and draw(st.booleans()):
        return job if goal is JobStatus.PROCESSING else job.fail(draw(_errors))
    total = draw(st.integers(1, 10**7))
    job = job.resolve(total)
    done = total if goal is JobStatus.COMPLETED else draw(st.integers(0, total))
    most = done - 1 if goal is JobStatus.COMPLETED else done
    job = job.advance(done, draw(st.integers(0, most)))
    if goal is JobStatus.FAILED:
        return job.fail(draw(_errors))
    if goal is JobStatus.COMPLETED:
        extension = draw(st.sampled_from(["zip", "pdf"]))
        return job.complete(extension=extension, file_size_bytes=draw(_sizes))
    return job


@st.composite
def traceability_jobs(draw: st.DrawFn) -> TraceabilityExportJob:
    """Traceability exports at any point of their way, all states among them."""
    job = TraceabilityExportJob(
        request=draw(traceability_requests()),
        job_id=draw(short_ids()),
        requested_at=draw(times()),
    )
    step: Callable[[Any], Any]
    for step in draw(st.sampled_from(_WAYS)):
        job = step(draw)(job)
    return job


def _deliver(draw: st.DrawFn) -> Callable[[TraceabilityExportJob], TraceabilityExportJob]:
    late = timedelta(seconds=draw(st.integers(-60, 48 * 3600)))
    size = draw(_sizes)
    return lambda job: job.deliver(
        delivered_at=job.requested_at + late, file_size_bytes=size, extension="xlsx"
    )


def _fail(draw: st.DrawFn) -> Callable[[TraceabilityExportJob], TraceabilityExportJob]:
    error = draw(_errors)
    return lambda job: job.fail(error)


def _start(_draw: st.DrawFn) -> Callable[[TraceabilityExportJob], TraceabilityExportJob]:
    return TraceabilityExportJob.start


def _download(_draw: st.DrawFn) -> Callable[[TraceabilityExportJob], TraceabilityExportJob]:
    return TraceabilityExportJob.count_download


_WAYS: list[tuple[Callable[[st.DrawFn], Any], ...]] = [
    (),
    (_start,),
    (_fail,),
    (_start, _fail),
    (_start, _deliver),
    (_start, _deliver, _download, _download),
]


def selections() -> st.SearchStrategy[Selection]:
    """What a trace may begin with: lots, products, dates, or everything."""
    return st.builds(
        lambda days, **more: Selection(since=days[0], until=days[1], **more),
        days=_periods(),
        lots=st.lists(st.builds(_lot_uri, gtins(), lot_codes()), max_size=3),
        products=st.lists(gtins().map(lambda gtin: f"{CANONICAL_STEM}/01/{gtin}"), max_size=2),
    )


def _lot_uri(gtin: Gtin, lot: str) -> str:
    return digital_link(ElementString([("01", gtin.value), ("10", lot)]))


def _periods() -> st.SearchStrategy[tuple[date | None, date | None]]:
    day = st.dates(date(2027, 1, 1), date(2027, 12, 31))
    both = st.tuples(day, day).map(lambda pair: (min(pair), max(pair)))
    return st.just((None, None)) | st.tuples(day, st.none()) | st.tuples(st.none(), day) | both

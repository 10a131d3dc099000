"""Runs a label export in this call, its parts made by any executor."""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from typing import Any, BinaryIO, cast

from closient_export.errors import RenderError
from closient_export.execution.direct import PART_SIZE, CountingWriter, ended, extras_of
from closient_export.execution.driver import PoisonedTaskError, results_of_tasks
from closient_export.execution.parts import PartTask, read_parts, render_part
from closient_export.jobs import LabelExportJob
from closient_export.plugins import Part, Renderer
from closient_export.ports import ArtifactStore, EntitySource
from closient_export.records import PartReceipt

__all__ = ["run_label_export_in_parts"]

logger = logging.getLogger(__name__)


def run_label_export_in_parts(
    job: LabelExportJob,
    renderer: Renderer,
    config: Any,
    source: EntitySource,
    out: BinaryIO,
    *,
    owner: str,
    artifacts: ArtifactStore,
    make_executor: Callable[[], Executor],
    window: int,
    part_size: int = PART_SIZE,
    on_progress: Callable[[LabelExportJob], object] = lambda _job: None,
    manifest: BinaryIO | None = None,
) -> tuple[LabelExportJob, Callable[[], None]]:
    """As `run_label_export`, but the parts are made by workers, and wait in a store.

    The artifact's bytes are the same, however many workers there are.

    Returns:
        The job as it ended, and what to call once the artifact is safe: it tells the source what
        was printed.
    """
    extras = extras_of(renderer, manifest, job)
    request = job.request
    # Workers that start at once do so while the parts are planned.
    executor = make_executor()
    try:
        plan = source.plan(owner, request.scope, request.filters, part_size=part_size)
    except BaseException:
        executor.shutdown(wait=False)
        raise
    job = job.start()
    if not plan.ranges:
        executor.shutdown(wait=False)
        return job.fail("The filters select nothing, so there is nothing to export."), _nothing
    job = job.resolve(plan.count)
    tasks = (
        PartTask(
            owner=owner,
            job_id=job.job_id,
            request=request,
            snapshot=plan.snapshot,
            index=index,
            keys=keys,
        )
        for index, keys in enumerate(plan.ranges)
    )
    work = partial(render_part, source, artifacts, renderer, config)
    executors = chain([executor], iter(make_executor, None))
    results = results_of_tasks(tasks, work, lambda: next(executors), window=window)
    ordered: list[PartReceipt] = []

    def parts() -> Iterator[Part]:
        """The parts in order; the job is kept up to date as they are made."""
        nonlocal job
        waiting: dict[int, PartReceipt] = {}
        for receipt in results:
            waiting[receipt.index] = receipt
            items, failed = job.processed_items + receipt.item_count, len(receipt.failed)
            job = job.advance(items, job.failed_items + failed)
            on_progress(job)
            while following := waiting.pop(len(ordered), None):
                ordered.append(following)
                yield from read_parts(artifacts, [following])

    counted = CountingWriter(out)
    try:
        renderer.assemble(parts(), cast("BinaryIO", counted), **extras)
    except PoisonedTaskError as error:
        if isinstance(error.cause, RenderError):
            logger.debug("label export %s failed", job.job_id, exc_info=error.cause)
            return job.fail(error.cause.public_message), _nothing
        raise error.cause from error
    finally:
        results.close()
    if len(ordered) < len(plan.ranges):
        return job.fail(f"The renderer {request.key} left out parts of the artifact."), _nothing
    first = next((each.first_failure for each in ordered if each.first_failure), None)
    note = partial(
        source.record_printed,
        owner,
        request.scope,
        request.filters,
        plan.snapshot,
        [(plan.ranges[each.index], each.failed) for each in ordered],
        datetime.now(UTC),
    )
    return ended(job, renderer.extension, counted.written, first), note


def _nothing() -> None:
    pass

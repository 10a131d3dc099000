"""Runs a label export: cuts the subjects into parts, has them rendered, joins them."""

import logging
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, BinaryIO

from closient_export.errors import ExportError, RenderError
from closient_export.jobs import LabelExportJob
from closient_export.plugins import Part, Renderer
from closient_export.subjects import Subject

__all__ = ["PART_SIZE", "run_label_export"]

PART_SIZE = 500
"""How many subjects make a part: memory and the steps of progress, never the artifact's bytes."""

logger = logging.getLogger(__name__)


def run_label_export(
    job: LabelExportJob,
    renderer: Renderer,
    config: Any,
    subjects: Iterable[Subject],
    out: BinaryIO,
    *,
    total_items: int,
    part_size: int = PART_SIZE,
    on_progress: Callable[[LabelExportJob], object] | None = None,
) -> LabelExportJob:
    """Render the subjects to an artifact, in this process, and return the job as it ended.

    Args:
        job: A pending job.
        renderer: That of the job's pair.
        config: Its configuration, an instance of ``renderer.config``.
        subjects: What the job's filters select, in order; read once, as a stream.
        out: Where the artifact goes, from its current position on. What is there when the job
            has failed is of no use.
        total_items: How many subjects there are.
        part_size: How many subjects make a part.
        on_progress: Called with the job after each part.

    Raises:
        OSError: `out` cannot be written, or the source of the subjects cannot be read.
    """
    job = job.start()
    if total_items == 0:
        return job.fail("The filters select nothing, so there is nothing to export.")
    job = job.resolve(total_items)
    first_failure = None

    def parts() -> Iterator[Part]:
        nonlocal job, first_failure
        for part in _render(job, renderer, config, subjects, part_size):
            job = job.advance(
                job.processed_items + part.item_count, job.failed_items + part.failed_count
            )
            first_failure = first_failure or part.first_failure
            if on_progress is not None:
                on_progress(job)
            yield part

    start = out.tell()
    try:
        renderer.assemble(parts(), out)
    except ExportError as error:
        logger.exception("label export %s failed", job.job_id)
        return job.fail(error.public_message)
    if job.failed_items == total_items:
        return job.fail(f"None of the {total_items} items can be drawn; the first: {first_failure}")
    if job.processed_items != total_items:
        return job.fail("The selection changed while it was being exported.")
    return job.complete(extension=renderer.extension, file_size_bytes=out.tell() - start)


def _render(
    job: LabelExportJob,
    renderer: Renderer,
    config: Any,
    subjects: Iterable[Subject],
    part_size: int,
) -> Iterator[Part]:
    remaining = iter(subjects)
    first_index = 0
    while batch := list(islice(remaining, part_size)):
        if first_index + len(batch) > job.total_items:
            raise RenderError("The selection changed while it was being exported.")
        try:
            part = renderer.render_part(batch, config, first_index)
        except Exception as error:
            raise RenderError(
                f"The renderer {job.request.key} failed on one of the items {first_index} to "
                f"{first_index + len(batch) - 1}."
            ) from error
        yield part
        first_index += len(batch)

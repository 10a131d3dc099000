"""Runs a label export in this process, as a stream."""

import io
import logging
from collections.abc import Callable, Iterable, Iterator
from errno import EAGAIN
from itertools import islice
from typing import Any, BinaryIO, cast

from closient_export.errors import ExportError, RendererError, RenderError
from closient_export.execution.parts import checked_part
from closient_export.jobs import LabelExportJob
from closient_export.plugins import ManifestRenderer, Part, Renderer
from closient_export.subjects import Subject

__all__ = ["PART_SIZE", "run_label_export"]

PART_SIZE = 1 << 10
"""How many subjects make a part: memory and the steps of progress, never the artifact's bytes."""

logger = logging.getLogger(__name__)
logger.addHandler(logging.NullHandler())


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
    manifest: BinaryIO | None = None,
) -> LabelExportJob:
    """Render the subjects to an artifact, in this process, and return the job as it ended.

    Args:
        job: A pending job.
        renderer: That of the job's pair.
        config: Its configuration, an instance of ``renderer.config``.
        subjects: What the job's filters select, in order; read once, as a stream.
        out: Where the artifact goes; it need not be seekable. What is there when the job has
            failed is of no use.
        total_items: How many subjects there are.
        part_size: How many subjects make a part.
        on_progress: Called with the job after each part.
        manifest: Where the manifest goes too, for renderers that write one.

    Raises:
        OSError: `out` cannot be written.
        RendererError: a manifest is asked for and the renderer writes none.
        Exception: what `subjects` raises, as it is.
    """
    extras = extras_of(renderer, manifest, job)
    job = job.start()
    if total_items == 0:
        return job.fail("The filters select nothing, so there is nothing to export.")
    job = job.resolve(total_items)
    run = _Run(job, renderer, config, part_size, on_progress)
    counted = CountingWriter(out)
    try:
        renderer.assemble(run.parts(iter(subjects)), cast("BinaryIO", counted), **extras)
    except OSError:
        raise
    except Exception as error:
        if error is run.source_error:
            raise
        logger.error("label export %s failed: %s", job.job_id, type(error).__name__)
        logger.debug("label export %s failed", job.job_id, exc_info=True)
        if isinstance(error, ExportError):
            return run.job.fail(error.public_message)
        return run.job.fail(f"The renderer {job.request.key} failed.")
    return run.finish(renderer.extension, counted.written)


def extras_of(
    renderer: Renderer, manifest: BinaryIO | None, job: LabelExportJob
) -> dict[str, BinaryIO]:
    """What `assemble` gets besides parts and output.

    Raises:
        RendererError: a manifest is asked for and the renderer writes none.
    """
    if manifest is None:
        return {}
    if not isinstance(renderer, ManifestRenderer):
        raise RendererError(f"the renderer for {job.request.key} writes no manifest")
    return {"manifest": manifest}


def ended(
    job: LabelExportJob, extension: str, size: int, first_failure: str | None
) -> LabelExportJob:
    """How a job ended whose artifact is written: failed, if nothing could be drawn."""
    if job.failed_items == job.total_items:
        first = f"; the first: {first_failure}" if first_failure else ""
        return job.fail(f"None of the {job.total_items} items can be drawn{first}")
    return job.complete(extension=extension, file_size_bytes=size)


class CountingWriter(io.RawIOBase):
    """Writes all it is given, however little `out` takes at once, and knows how much that was."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self.written = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        rest = memoryview(data).cast("B")
        length = len(rest)
        while rest:
            taken = self._out.write(rest)
            if not taken:
                raise OSError(EAGAIN, "the output takes no more data")
            rest = rest[taken:]
        self.written += length
        return length


class _Run:
    """A job on its way: renders part after part and keeps count."""

    def __init__(
        self,
        job: LabelExportJob,
        renderer: Renderer,
        config: Any,
        part_size: int,
        on_progress: Callable[[LabelExportJob], object] | None,
    ) -> None:
        self.job = job
        self.source_error: Exception | None = None
        self._renderer = renderer
        self._config = config
        self._part_size = part_size
        self._on_progress = on_progress
        self._first_failure: str | None = None
        self._exhausted = False

    def parts(self, subjects: Iterator[Subject]) -> Iterator[Part]:
        """The parts in order; the job is kept up to date as each is handed out."""
        while batch := self._next(subjects):
            first = self.job.processed_items
            if first + len(batch) > self.job.total_items:
                raise RenderError(_CHANGED)
            part = self._render(batch, first)
            self.job = self.job.advance(
                first + part.item_count, self.job.failed_items + part.failed_count
            )
            self._first_failure = self._first_failure or part.first_failure
            if self._on_progress is not None:
                self._on_progress(self.job)
            yield part
        self._exhausted = True

    def _next(self, subjects: Iterator[Subject]) -> list[Subject]:
        try:
            return list(islice(subjects, self._part_size))
        except Exception as error:
            self.source_error = error
            raise

    def _render(self, batch: list[Subject], first: int) -> Part:
        return checked_part(self._renderer, self._config, batch, first, self.job.request)

    def finish(self, extension: str, size: int) -> LabelExportJob:
        """How the job ended, now that the artifact is written."""
        job = self.job
        if not self._exhausted:
            return job.fail(f"The renderer {job.request.key} left out parts of the artifact.")
        if job.processed_items != job.total_items:
            return job.fail(_CHANGED)
        return ended(job, extension, size, self._first_failure)


_CHANGED = "The selection changed while it was being exported."

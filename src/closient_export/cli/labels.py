"""``labels``: from a catalogue to an artifact."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, BinaryIO

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from closient_export.adapters.csv_catalog import CsvCatalog
from closient_export.adapters.csv_entities import CsvEntitySource
from closient_export.adapters.file_artifacts import FileArtifactStore
from closient_export.adapters.files import write_atomically
from closient_export.adapters.processes import process_executor, processes_end
from closient_export.cli.catalogs import is_stored, open_stored, spooled
from closient_export.cli.console import (
    OWNER,
    FailedExport,
    check_distinct,
    counted,
    prefer_option,
    read_pairs,
    say,
    traceback_option,
    tracebacks,
)
from closient_export.errors import RequestError, UnknownRendererError
from closient_export.execution import run_label_export, run_label_export_in_parts
from closient_export.jobs import JobStatus, LabelExportJob
from closient_export.plugins import Renderer
from closient_export.ports import EntitySource
from closient_export.registry import RendererRegistry
from closient_export.requests import LabelExportRequest, LabelFilters, RendererKey
from closient_export.subjects import Scope
from closient_export.wire import knob_from_text, parse_label_request, renderer_config

if TYPE_CHECKING:
    from closient_export.cli.stored import StoredCatalog

__all__ = ["export_labels", "labels", "open_catalog", "report_labels"]

_PERCENT_PER_LINE = 10
"""How often progress is told where there is no terminal to draw on."""


@click.command()
@click.argument("catalog", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--scope",
    required=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="What to label.",
)
@click.option("--type", "export_type", required=True, help="What to make, such as qr_codes.")
@click.option("--format", "file_format", required=True, help="As what, such as svg.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The file to write.")
@click.option(
    "--filter",
    "filters",
    multiple=True,
    metavar="KEY=VALUE",
    callback=read_pairs,
    help="Narrow the selection: gtins=…,… lot_ids=… serial_ids=… lot_run_id=… product_id=… "
    "never_printed=true.",
)
@click.option(
    "--config",
    multiple=True,
    metavar="KNOB=VALUE",
    callback=read_pairs,
    help="Set a knob of the renderer; `closient-export renderers` lists them.",
)
@click.option(
    "--manifest",
    type=click.Path(path_type=Path),
    help="Write the manifest to a file of its own, too.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="How many processes draw; the bytes are the same.",
)
@prefer_option
@traceback_option
def labels(
    catalog: Path,
    scope: str,
    export_type: str,
    file_format: str,
    out: Path,
    filters: dict[str, str],
    config: dict[str, str],
    manifest: Path | None,
    jobs: int,
    prefer: dict[str, str],
    with_tracebacks: bool,
) -> None:
    """Make labels for the lots or serials of CATALOG, a CSV file (- for standard input).

    CATALOG may also be a file that `closient-export init` has made, which remembers what was
    printed. CSV is UTF-8 with a header row and one row for each lot or serial: gtin, lot, serial
    (blank on the row of a lot) and optionally product_name, brand, expiry, best_before,
    production_date, product_id, lot_run_id, printed_at, id.
    """
    check_distinct({"CATALOG": catalog, "--out": out, "--manifest": manifest})
    if str(out) == "-":
        raise click.BadParameter("expected a file, since progress is told", param_hint="'--out'")
    with tracebacks(with_tracebacks):
        registry = RendererRegistry(prefer=prefer)
        payload = {
            "scope": scope,
            "export_type": export_type,
            "file_format": file_format,
            "filters": {name: _filter_value(name, text) for name, text in filters.items()},
            "asset_config": _knobs(registry, export_type, file_format, config),
        }
        request = parse_label_request(payload, registry)
        if jobs > 1 and not catalog.is_file():
            raise click.BadParameter("expected a CATALOG that is a file", param_hint="'--jobs'")
        with open_catalog(catalog) as source:
            if jobs > 1:
                job = export_in_parts(request, registry, source, catalog, out, manifest, jobs)
            else:
                job = export_labels(request, registry, source, out, manifest)
    report_labels(job, out)


def _filter_value(name: str, text: str) -> object:
    if name in ("gtins", "lot_ids", "serial_ids"):
        return [item.strip() for item in text.split(",") if item.strip()]
    if name == "never_printed":
        return {"true": True, "false": False}.get(text.lower(), text)
    return text


def _knobs(
    registry: RendererRegistry, export_type: str, file_format: str, config: Mapping[str, str]
) -> dict[str, Any]:
    try:
        renderer = registry.renderer(RendererKey(export_type, file_format))
    except (RequestError, UnknownRendererError):
        return dict(config)  # what is wrong with the pair is reported with the whole request
    return {name: knob_from_text(renderer, name, text) for name, text in config.items()}


@contextmanager
def open_catalog(path: Path) -> "Iterator[CsvCatalog | StoredCatalog]":
    """The catalogue in a file, or on standard input where the path is ``-``."""
    if is_stored(path):
        with open_stored(path) as stored:
            yield stored
        return
    if str(path) == "-":
        with spooled(sys.stdin.buffer) as copy:
            yield CsvCatalog(copy, "standard input")
        return
    with path.open("rb") as file:
        if file.seekable():
            yield CsvCatalog(file, path.name)
            return
        with spooled(file) as copy:
            yield CsvCatalog(copy, path.name)


def export_labels(
    request: LabelExportRequest,
    registry: RendererRegistry,
    catalog: "CsvCatalog | StoredCatalog",
    out: Path,
    manifest: Path | None = None,
) -> LabelExportJob:
    """Run a request on a catalogue and write the artifact, whole or not at all.

    A catalogue that is kept learns what was printed.
    """
    stored = None if isinstance(catalog, CsvCatalog) else catalog
    renderer = registry.renderer(request.key)
    if stored:
        renderer = stored.watched(renderer)
    config = renderer_config(renderer, request.asset_config)
    job = LabelExportJob(request=request)
    with ExitStack() as stack:
        file = stack.enter_context(write_atomically(out))
        copy = stack.enter_context(write_atomically(manifest)) if manifest else None
        job = _run_with_progress(job, renderer, config, catalog, file, copy)
        if job.status is JobStatus.FAILED:
            raise FailedExport(job.error)
    if stored:
        stored.record_printed()
    return job


def export_in_parts(
    request: LabelExportRequest,
    registry: RendererRegistry,
    catalog: "CsvCatalog | StoredCatalog",
    path: Path,
    out: Path,
    manifest: Path | None,
    processes: int,
) -> LabelExportJob:
    """As `export_labels`, with processes that draw."""
    source: EntitySource = (
        CsvEntitySource(path=path, owner=OWNER)
        if isinstance(catalog, CsvCatalog)
        else catalog.entities
    )
    renderer = registry.renderer(request.key)
    config = renderer_config(renderer, request.asset_config)
    with ExitStack() as stack:
        parts = FileArtifactStore(Path(stack.enter_context(TemporaryDirectory())))
        stack.enter_context(processes_end())  # before the directory is removed that they write to
        file = stack.enter_context(write_atomically(out))
        copy = stack.enter_context(write_atomically(manifest)) if manifest else None
        with _progress(str(request.key)) as show:
            job, record_printed = run_label_export_in_parts(
                LabelExportJob(request=request),
                renderer,
                config,
                source,
                file,
                owner=OWNER,
                artifacts=parts,
                make_executor=process_executor(processes, at_once=True),
                window=2 * processes,
                on_progress=show,
                manifest=copy,
            )
        if job.status is JobStatus.FAILED:
            raise FailedExport(job.error)
    record_printed()
    return job


def _nothing(request: LabelExportRequest, row_count: int) -> str:
    kinds = {
        Scope.PRODUCTS: "neither lot nor serial",
        Scope.LOTS: "a lot and no serial",
        Scope.SERIALS: "a serial",
    }
    filters = "" if request.filters == LabelFilters() else " and the filters"
    rows = counted(row_count, "row")
    return (
        f"nothing to export: of {rows}, scope '{request.scope}' takes those with "
        f"{kinds[request.scope]}{filters}"
    )


def _run_with_progress(
    job: LabelExportJob,
    renderer: Renderer,
    config: Any,
    catalog: "CsvCatalog | StoredCatalog",
    file: BinaryIO,
    manifest: BinaryIO | None,
) -> LabelExportJob:
    selection = catalog.select(job.request.scope, job.request.filters)
    if selection.count == 0:
        raise FailedExport(_nothing(job.request, selection.row_count))
    say(f"{selection.count:,} of {counted(selection.row_count, 'row')} selected")
    with _progress(str(job.request.key)) as show:
        return run_label_export(
            job,
            renderer,
            config,
            selection.subjects,
            file,
            total_items=selection.count,
            on_progress=show,
            manifest=manifest,
        )


@contextmanager
def _progress(name: str) -> Iterator[Callable[[LabelExportJob], None]]:
    """Shows a job as it goes on: a bar on a terminal, else a line now and then."""
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    ) as progress:
        task = progress.add_task(name, total=None)
        said = 0

        def show(job: LabelExportJob) -> None:
            nonlocal said
            progress.update(task, completed=job.processed_items, total=job.total_items)
            percent = job.status_view().progress_percent
            if not console.is_terminal and percent >= said + _PERCENT_PER_LINE:
                said = percent
                say(f"{job.processed_items:,} of {job.total_items:,} done")

        yield show


def report_labels(job: LabelExportJob, out: Path) -> None:
    """Say what an artifact holds, and what it does not."""
    made = job.total_items - job.failed_items
    click.echo(f"{out}: {counted(made, 'label')}, {counted(job.file_size_bytes or 0, 'byte')}")
    if job.failed_items:
        has_manifest = (job.output_filename or "").endswith((".zip", ".pdf"))
        where = "its manifest" if has_manifest else "a file made by --manifest"
        say(f"{out}: {counted(job.failed_items, 'item')} could not be drawn; {where} says why")

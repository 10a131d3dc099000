"""``labels``: from a catalogue to an artifact."""

import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from closient_export.adapters.csv_catalog import CsvCatalog
from closient_export.adapters.files import write_atomically
from closient_export.cli.console import (
    FailedExport,
    check_distinct,
    counted,
    prefer_option,
    read_pairs,
    say,
)
from closient_export.errors import RequestError, UnknownRendererError
from closient_export.execution import run_label_export
from closient_export.jobs import JobStatus, LabelExportJob
from closient_export.plugins import Renderer
from closient_export.registry import RendererRegistry
from closient_export.requests import LabelExportRequest, LabelFilters, RendererKey
from closient_export.subjects import Scope
from closient_export.wire import knob_from_text, parse_label_request, renderer_config

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
@prefer_option
def labels(
    catalog: Path,
    scope: str,
    export_type: str,
    file_format: str,
    out: Path,
    filters: dict[str, str],
    config: dict[str, str],
    manifest: Path | None,
    prefer: dict[str, str],
) -> None:
    """Make labels for the lots or serials of CATALOG, a CSV file (- for standard input).

    CATALOG is UTF-8 with a header row and one row for each lot or serial: gtin, lot, serial
    (blank on the row of a lot) and optionally product_name, brand, expiry, best_before,
    production_date, product_id, lot_run_id, printed_at, id.
    """
    check_distinct({"CATALOG": catalog, "--out": out, "--manifest": manifest})
    if str(out) == "-":
        raise click.BadParameter("expected a file, since progress is told", param_hint="'--out'")
    registry = RendererRegistry(prefer=prefer)
    payload = {
        "scope": scope,
        "export_type": export_type,
        "file_format": file_format,
        "filters": {name: _filter_value(name, text) for name, text in filters.items()},
        "asset_config": _knobs(registry, export_type, file_format, config),
    }
    request = parse_label_request(payload, registry)
    with open_catalog(catalog) as source:
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
def open_catalog(path: Path) -> Iterator[CsvCatalog]:
    """The catalogue in a file, or on standard input where the path is ``-``."""
    if str(path) == "-":
        with _spooled(sys.stdin.buffer) as copy:
            yield CsvCatalog(copy, "standard input")
        return
    with path.open("rb") as file:
        if file.seekable():
            yield CsvCatalog(file, path.name)
            return
        with _spooled(file) as copy:
            yield CsvCatalog(copy, path.name)


@contextmanager
def _spooled(stream: BinaryIO) -> Iterator[BinaryIO]:
    """A copy of what can be read only once."""
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(stream, copy)
        yield copy


def export_labels(
    request: LabelExportRequest,
    registry: RendererRegistry,
    catalog: CsvCatalog,
    out: Path,
    manifest: Path | None = None,
) -> LabelExportJob:
    """Run a request on a catalogue and write the artifact, whole or not at all."""
    renderer = registry.renderer(request.key)
    config = renderer_config(renderer, request.asset_config)
    job = LabelExportJob(request=request)
    with ExitStack() as stack:
        file = stack.enter_context(write_atomically(out))
        copy = stack.enter_context(write_atomically(manifest)) if manifest else None
        job = _run_with_progress(job, renderer, config, catalog, file, copy)
        if job.status is JobStatus.FAILED:
            raise FailedExport(job.error)
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
    catalog: CsvCatalog,
    file: BinaryIO,
    manifest: BinaryIO | None,
) -> LabelExportJob:
    selection = catalog.select(job.request.scope, job.request.filters)
    if selection.count == 0:
        raise FailedExport(_nothing(job.request, selection.row_count))
    say(f"{selection.count:,} of {counted(selection.row_count, 'row')} selected")
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    ) as progress:
        task = progress.add_task(str(job.request.key), total=selection.count)

        said = 0

        def show(job: LabelExportJob) -> None:
            nonlocal said
            progress.update(task, completed=job.processed_items)
            percent = job.status_view().progress_percent
            if not console.is_terminal and percent >= said + _PERCENT_PER_LINE:
                said = percent
                say(f"{job.processed_items:,} of {job.total_items:,} done")

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


def report_labels(job: LabelExportJob, out: Path) -> None:
    """Say what an artifact holds, and what it does not."""
    made = job.total_items - job.failed_items
    click.echo(f"{out}: {counted(made, 'label')}, {counted(job.file_size_bytes or 0, 'byte')}")
    if job.failed_items:
        say(f"{out}: {counted(job.failed_items, 'item')} could not be drawn; its manifest says why")

"""``labels`` and ``demo``: from a catalogue to an artifact."""

import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib.resources import as_file, files
from itertools import combinations
from pathlib import Path
from typing import Any, BinaryIO

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from closient_export.adapters.csv_catalog import CsvCatalog
from closient_export.adapters.files import write_atomically
from closient_export.cli.console import (
    FailedExport,
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

__all__ = ["demo", "labels"]

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
    _check_distinct({"CATALOG": catalog, "--out": out, "--manifest": manifest})
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
    with _catalog(catalog) as source:
        job = _export(request, registry, source, out, manifest)
    _report(job, out)


def _check_distinct(paths: Mapping[str, Path | None]) -> None:
    """Nothing that is read or written may be written over."""
    given = [(name, path) for name, path in paths.items() if path is not None]
    for (other_name, other), (name, path) in combinations(given, 2):
        both_exist = other.exists() and path.exists()
        if other.resolve() == path.resolve() or (both_exist and other.samefile(path)):
            message = f"expected another file than that of {other_name}"
            raise click.BadParameter(message, param_hint=f"'{name}'")


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
def _catalog(path: Path) -> Iterator[CsvCatalog]:
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


def _export(
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


def _report(job: LabelExportJob, out: Path) -> None:
    made = job.total_items - job.failed_items
    click.echo(f"{out}: {counted(made, 'label')}, {counted(job.file_size_bytes or 0, 'byte')}")
    if job.failed_items:
        say(f"{out}: {counted(job.failed_items, 'item')} could not be drawn; its manifest says why")


_DEMO_ARTIFACTS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    # scope, export type, file format, knobs
    ("lots", "qr_codes", "png", {}),
    ("serials", "qr_codes", "svg", {}),
    ("serials", "datamatrix", "svg", {}),
    ("lots", "datamatrix", "png", {}),
    ("lots", "barcodes_1d", "svg", {"environment": "other"}),
    ("lots", "barcodes_1d", "eps", {"environment": "other"}),
    ("lots", "codes_combined", "svg", {"environment": "other"}),
    ("serials", "sheet_pdf", "pdf", {"sheet_template": "avery_5160"}),
)


@click.command()
@click.option(
    "--out",
    default="demo-output",
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder to write to.",
)
def demo(out: Path) -> None:
    """Make labels from the catalogue that comes with the library."""
    registry = RendererRegistry()
    out.mkdir(parents=True, exist_ok=True)
    with as_file(files("closient_export") / "demo" / "catalog.csv") as path:
        for scope, export_type, file_format, knobs in _DEMO_ARTIFACTS:
            payload = {"scope": scope, "export_type": export_type, "file_format": file_format}
            request = parse_label_request(payload | {"asset_config": knobs}, registry)
            extension = registry.renderer(request.key).extension
            target = out / f"{scope}-{export_type}-{file_format}.{extension}"
            with _catalog(path) as catalog:
                _report(_export(request, registry, catalog, target), target)

"""``demo``: the main jobs, on data that come with the library."""

from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import click

from closient_export.cli.labels import export_labels, open_catalog, report_labels
from closient_export.cli.tracing import run_trace, write_trace
from closient_export.cli.tracing_options import Tracing
from closient_export.epcis import parse_lot
from closient_export.registry import RendererRegistry, TraceWriterRegistry
from closient_export.trace.picture import svg
from closient_export.trace.walk import Selection
from closient_export.wire import parse_label_request

__all__ = ["demo"]

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


_DEMO_LOT = "(01)10614141003034(10)CK26090"
"""A salad kit, made of lettuce from three fields and of two landings of fish, sent to four stores."""


@click.command()
@click.option(
    "--out",
    default="demo-output",
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder to write to.",
)
def demo(out: Path) -> None:
    """Make labels, and trace a lot, from the data that come with the library."""
    out.mkdir(parents=True, exist_ok=True)
    _make_labels(out)
    _trace_lot(out)


def _make_labels(out: Path) -> None:
    registry = RendererRegistry()
    with as_file(files("closient_export") / "demo" / "catalog.csv") as path:
        for scope, export_type, file_format, knobs in _DEMO_ARTIFACTS:
            payload = {"scope": scope, "export_type": export_type, "file_format": file_format}
            request = parse_label_request(payload | {"asset_config": knobs}, registry)
            extension = registry.renderer(request.key).extension
            target = out / f"{scope}-{export_type}-{file_format}.{extension}"
            with open_catalog(path) as catalog:
                report_labels(export_labels(request, registry, catalog, target), target)


def _trace_lot(out: Path) -> None:
    with as_file(files("closient_export") / "demo" / "chain") as chain:
        report = run_trace(
            Tracing(
                events=sorted(chain.glob("*.jsonld")),
                selection=Selection(lots=(parse_lot(_DEMO_LOT),)),
                master_data=[chain / "master_data.json"],
            )
        )
    writer = TraceWriterRegistry().writer("xlsx")
    write_trace(report, writer, out / "lot.xlsx", {out / "lot.svg": svg})

"""``trace`` and ``check``: from EPCIS documents to FDA's workbook, or to a table of findings."""

import gc
import sys
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

import click
from rich.console import Console
from rich.table import Table

from closient_export.adapters.event_files import read_event_files
from closient_export.adapters.files import write_atomically
from closient_export.adapters.master_data_files import read_master_data
from closient_export.adapters.memory import MemoryMasterData
from closient_export.cli.catalogs import is_stored, open_stored
from closient_export.cli.console import (
    FailedExport,
    check_distinct,
    counted,
    read_pairs,
    say,
    traceback_option,
    tracebacks,
)
from closient_export.cli.tracing_options import Tracing, tracing_of, tracing_options
from closient_export.epcis import Refusal
from closient_export.errors import ExportError
from closient_export.master_data import LocationDescription, ProductDescription
from closient_export.plugins import TraceWriter
from closient_export.ports import EventSource, MasterData
from closient_export.registry import TraceWriterRegistry
from closient_export.trace.classification import Rules
from closient_export.trace.findings import Finding, Severity, Thresholds
from closient_export.trace.genealogy import diagram_of
from closient_export.trace.picture import dot, svg, to_json_text
from closient_export.trace.report import TraceReport, make_report
from closient_export.trace.walk import Limits, run_walk

__all__ = ["check", "run_trace", "trace", "write_trace"]

_FILE = click.Path(path_type=Path, dir_okay=False)


def run_trace(tracing: Tracing) -> TraceReport:
    """Read the files, walk, and report."""
    gc.disable()  # looking through millions of living objects for dead ones takes longest
    if is_stored(tracing.events[0]):
        with open_stored(tracing.events[0]) as stored:
            say(f"{counted(len(stored.events), 'event')} in the catalogue")
            given = MemoryMasterData(*_described(tracing.master_data))
            return _report(tracing, stored.events, stored.master_data(given))
    files = read_event_files(tracing.events, lenient=tracing.lenient)
    described = _described(tracing.master_data)
    refused = f", {len(files.refusals):,} refused" if files.refusals else ""
    say(f"{counted(len(files.source), 'event')} read{refused}")
    return _report(tracing, files.source, files.master_data(*described), files.refusals)


def _described(
    paths: Sequence[Path],
) -> tuple[list[LocationDescription], list[ProductDescription]]:
    locations: list[LocationDescription] = []
    products: list[ProductDescription] = []
    for path in paths:
        with path.open("rb") as file:
            found = read_master_data(file, path.name)
        locations += found[0]
        products += found[1]
    return locations, products


def _report(
    tracing: Tracing,
    source: EventSource,
    master_data: MasterData,
    refusals: tuple[Refusal, ...] = (),
) -> TraceReport:
    limits = Limits(hops=tracing.max_hops, truncate=tracing.max_hops is not None)
    graph = run_walk(source, tracing.selection, tracing.direction, limits)
    tolerance = Decimal(str(tracing.quantity_tolerance))
    return make_report(
        graph,
        master_data,
        selection=tracing.selection,
        rules=Rules(is_exempt=tracing.exempt.__contains__),
        thresholds=Thresholds(quantity=tolerance, balance=tolerance),
        refusals=refusals,
        records_of=tracing.records_of,
    )


@click.command()
@tracing_options
@click.option("--out", required=True, type=_FILE, help="The workbook to write.")
@click.option("--format", "file_format", help="Of --out, if its name does not say it.")
@click.option("--picture", type=_FILE, help="Draw the lots' genealogy, as SVG.")
@click.option("--dot", "dot_file", type=_FILE, help="Write the genealogy for Graphviz.")
@click.option("--json", "json_file", type=_FILE, help="Write the genealogy as JSON.")
@click.option(
    "--prefer",
    multiple=True,
    metavar="FORMAT=DISTRIBUTION",
    callback=read_pairs,
    help="Which distribution's writer to take for a format that several claim.",
)
@traceback_option
def trace(
    out: Path,
    file_format: str | None,
    picture: Path | None,
    dot_file: Path | None,
    json_file: Path | None,
    prefer: dict[str, str],
    with_tracebacks: bool,
    **options: Any,
) -> None:
    """Trace lots through EVENTS, EPCIS 2.0 documents, and write FDA's spreadsheet.

    EVENTS are JSON or JSON-LD: documents, query documents, bare events, lists, or one after the
    other; .gz too. Or they are a catalogue that `closient-export import` has filled. Without
    --lot and --product every lot that an event names is traced.
    """
    tracing = tracing_of(options)
    check_distinct(
        {
            **{f"EVENTS {path.name}": path for path in dict.fromkeys(tracing.events)},
            **{f"--master-data {path.name}": path for path in tracing.master_data},
            "--out": out,
            "--picture": picture,
            "--dot": dot_file,
            "--json": json_file,
        }
    )
    with tracebacks(with_tracebacks):
        writer = _writer(out, file_format, TraceWriterRegistry(prefer=prefer))
        report = run_trace(tracing)
        _require_lots(report)
        drawings = {picture: svg, dot_file: dot, json_file: to_json_text}
        write_trace(report, writer, out, {path: draw for path, draw in drawings.items() if path})


def _writer(out: Path, file_format: str | None, registry: TraceWriterRegistry) -> TraceWriter:
    """The writer of the format that is asked for, or that the name of the file says."""
    ending = out.suffix.removeprefix(".").lower()
    found = file_format or registry.format_of(ending)
    if found is None:
        known = " or ".join(f".{name}" for name in registry.formats())
        message = f"expected a name that ends in {known}, or --format; got {out.name!r}"
        raise click.BadParameter(message, param_hint="'--out'")
    return registry.writer(found)


def _unknown(report: TraceReport) -> list[Finding]:
    return [finding for finding in report.findings if finding.rule == "lot-unknown"]


def _require_lots(report: TraceReport) -> None:
    unknown = _unknown(report)
    if len(unknown) >= len(report.graph.lots):
        found = unknown[0].found if unknown else "no event names a lot that was asked for"
        raise FailedExport(found)


def write_trace(
    report: TraceReport, writer: TraceWriter, out: Path, drawings: dict[Path, Callable[[Any], str]]
) -> None:
    """Write the workbook and what is drawn, each whole or not at all, and say what they hold."""
    with write_atomically(out) as file:
        _write(report, writer, file)
    rows = sum(map(len, report.rows.values()))
    unknown = len(_unknown(report))
    missing = f", {counted(unknown, 'lot')} not found" if unknown else ""
    lots = counted(len(report.graph.lots) - unknown, "lot")
    click.echo(f"{out}: {lots}, {counted(rows, 'row')}{missing}")
    for path, draw in drawings.items():
        with write_atomically(path) as file:
            file.write(draw(diagram_of(report)).encode())
        click.echo(f"{path}: the lots' genealogy")
    say(_verdict(report))


def _write(report: TraceReport, writer: TraceWriter, file: BinaryIO) -> None:
    try:
        writer.write(report, file)
    except (ExportError, OSError):
        raise
    except Exception as error:
        name = f"{type(writer).__module__}.{type(writer).__qualname__}"
        raise FailedExport(
            f"the trace writer {name} failed: {type(error).__name__}: {error}; "
            "--traceback says where"
        ) from error


def _verdict(report: TraceReport) -> str:
    counts = dict.fromkeys(Severity, 0)
    for finding in report.findings:
        counts[finding.severity] += 1
    words = [counted(number, severity) for severity, number in counts.items() if number]
    return f"findings: {', '.join(words)}" if words else "no findings"


@click.command()
@tracing_options
def check(**options: Any) -> None:
    """Say what is missing or inconsistent in EVENTS, without writing a workbook.

    With --lot or --product, of these lots and what they came from and became; else of every lot.
    Exit 1 when something that the rule requires is missing or contradicted.
    """
    report = run_trace(tracing_of(options))
    _require_lots(report)
    _show(report)
    rows = [row for rows in report.rows.values() for row in rows]
    complete = sum(row.complete for row in rows)
    say(
        f"{counted(len(report.graph.lots), 'lot')}, {complete:,} of {counted(len(rows), 'row')} "
        f"complete; {_verdict(report)}"
    )
    if not report.ready:
        sys.exit(1)


def _show(report: TraceReport) -> None:
    """The findings: a table on a terminal, tab-separated lines in a pipe."""
    console = Console()
    if not console.is_terminal:
        click.echo("\t".join(_HEADINGS))
        for finding in report.findings:
            click.echo("\t".join(_words(report, finding)))
        return
    table = Table()
    for heading in ("Severity", "Finding", "21 CFR", "Lot", "What was found", "What would fix it"):
        table.add_column(heading, overflow="fold")  # identifiers tell one finding from another
    colours = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "blue"}
    for finding in report.findings:
        severity, rule, paragraph, lot, element, found, fix, _, where = _words(report, finding)
        what = "\n".join(filter(None, (f"{element}: {found}" if element else found, where)))
        table.add_row(
            *(_plain(word) for word in (severity, rule, paragraph, lot, what, fix)),
            style=colours[finding.severity],
        )
    console.print(table)


_HEADINGS = (
    "Severity",
    "Finding",
    "21 CFR",
    "Lot",
    "Key data element",
    "What was found",
    "What would fix it",
    "Event",
    "Where in the workbook",
)


def _words(report: TraceReport, finding: Finding) -> tuple[str, ...]:
    lot = report.facts.code(finding.lot) if finding.lot else ""
    words = (finding.severity, finding.rule, finding.paragraph, lot, finding.element)
    more = (finding.found, finding.fix, finding.event, _where(finding))
    return tuple(_one_line(word) for word in (*words, *more))


def _where(finding: Finding) -> str:
    others = f", the first of {finding.row_count:,} rows" if finding.row_count > 1 else ""
    return finding.where + others


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


def _plain(text: str) -> Any:
    from rich.text import Text  # noqa: PLC0415 - markup in a lot code must stay text

    return Text(text)

"""``trace`` and ``check``: from EPCIS documents to FDA's workbook, or to a table of findings."""

import gc
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import click
from attrs import frozen
from rich.console import Console
from rich.table import Table

from closient_export.adapters.event_files import read_event_files
from closient_export.adapters.files import write_atomically
from closient_export.adapters.master_data_files import read_master_data
from closient_export.adapters.memory import MemoryMasterData
from closient_export.cli.catalogs import is_stored, open_stored
from closient_export.cli.console import FailedExport, check_distinct, counted, say
from closient_export.epcis import IdentifierKind, Refusal, parse_identifier, parse_lot
from closient_export.errors import Gs1Error
from closient_export.gs1 import Gtin
from closient_export.ids import parse_short_id
from closient_export.master_data import LocationDescription, ProductDescription
from closient_export.plugins import TraceWriter
from closient_export.ports import EventSource, MasterData
from closient_export.registry import TraceWriterRegistry
from closient_export.requests import Direction
from closient_export.trace.classify import Rules
from closient_export.trace.findings import Finding, Severity, Thresholds
from closient_export.trace.genealogy import diagram_of
from closient_export.trace.picture import dot, svg, to_json_text
from closient_export.trace.report import TraceReport, make_report
from closient_export.trace.walk import Limits, Selection, run_walk

__all__ = ["Tracing", "check", "run_trace", "trace", "write_trace"]

F = TypeVar("F", bound=Callable[..., Any])


def _lot(_context: object, _parameter: object, values: tuple[str, ...]) -> tuple[str, ...]:
    """Canonical lots, and short ids as they are, since it takes a catalogue to know them."""
    return tuple(value if _is_short_id(value) else _parsed_lot(value) for value in values)


def _is_short_id(text: str) -> bool:
    with suppress(ValueError):
        return bool(parse_short_id(text))
    return False


def _parsed_lot(text: str) -> str:
    try:
        return parse_lot(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="'--lot'") from error


def _found_lot(text: str, events: Sequence[Path]) -> str:
    """A canonical lot, by its short id if it is one."""
    if not _is_short_id(text):
        return text
    if not is_stored(events[0]):
        return _parsed_lot(text)
    with open_stored(events[0]) as stored:
        found = stored.lot(parse_short_id(text))
    if found is None:
        message = f"no lot of {events[0]} has the id {text}"
        raise click.BadParameter(message, param_hint="'--lot'")
    return found


def _product(
    _context: object, parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[str, ...]:
    return tuple(_product_id(value, parameter) for value in values)


def _product_id(text: str, parameter: click.Parameter) -> str:
    try:
        return parse_identifier(f"https://id.gs1.org/01/{Gtin.parse(text)}").uri
    except Gs1Error as error:
        found = parse_identifier(text)
        if found.kind is IdentifierKind.PRODUCT:
            return found.uri
        raise click.BadParameter(
            f"expected a GTIN or the URI of a product: {error}", param=parameter
        ) from error


def _day(_context: object, _parameter: object, value: datetime | None) -> date | None:
    return value.date() if value else None


def _firms(_context: object, parameter: click.Parameter, values: tuple[str, ...]) -> frozenset[str]:
    """The places and parties that are meant: a GLN is both, as a location and as a party."""
    found: set[str] = set()
    for value in values:
        text = f"https://id.gs1.org/414/{value}" if _GLN.fullmatch(value) else value
        identifier = parse_identifier(text)
        if ":" not in value and text == value:
            message = f"expected a GLN, or the URI of a place or party, got {value!r}"
            raise click.BadParameter(message, param=parameter)
        found.add(identifier.uri)
        if identifier.kind in (IdentifierKind.PLACE, IdentifierKind.PARTY):
            gln = identifier.uri.partition("/254/")[0].rpartition("/")[2]
            found |= {f"https://id.gs1.org/{key}/{gln}" for key in ("414", "417")}
    return frozenset(found)


_GLN = re.compile("[0-9]{13}")
_FILE = click.Path(path_type=Path, dir_okay=False)
_OPTIONS = (
    click.argument("events", type=_FILE, nargs=-1, required=True),
    click.option(
        "--lot",
        "lots",
        multiple=True,
        callback=_lot,
        help="A lot to begin with: a Digital Link, an LGTIN URN, (01)…(10)…, or its id in a catalogue; "
        "may be repeated.",
    ),
    click.option(
        "--product",
        "products",
        multiple=True,
        callback=_product,
        help="Begin with every lot of a GTIN that an event names between --since and --until.",
    ),
    click.option(
        "--since", type=click.DateTime(["%Y-%m-%d"]), callback=_day, help="First local date."
    ),
    click.option(
        "--until", type=click.DateTime(["%Y-%m-%d"]), callback=_day, help="Last local date."
    ),
    click.option(
        "--direction",
        type=click.Choice([direction.value for direction in Direction]),
        default=Direction.BOTH.value,
        show_default=True,
        help="Forward: where the lot went. Backward: where it came from.",
    ),
    click.option(
        "--master-data",
        type=_FILE,
        multiple=True,
        help="Describes places and products, as JSON or CSV; may be repeated.",
    ),
    click.option(
        "--exempt",
        multiple=True,
        callback=_firms,
        help="The GLN or URI of a place or party that is exempt from the rule; may be repeated.",
    ),
    click.option(
        "--records-of",
        multiple=True,
        callback=_firms,
        help="Only what was done at a place, by its GLN or URI, instead of the whole chain.",
    ),
    click.option(
        "--lenient", is_flag=True, help="Go on where an event cannot be read, and list it."
    ),
    click.option("--max-hops", type=click.IntRange(min=0), help="How many transformations to go."),
    click.option(
        "--quantity-tolerance",
        type=click.FloatRange(min=0, max=1),
        default=0.0,
        show_default=True,
        help="How far quantities may differ, as a fraction.",
    ),
)


def _tracing_options(command: F) -> F:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@frozen(kw_only=True)
class Tracing:
    """What `trace` and `check` have in common."""

    events: Sequence[Path]
    selection: Selection
    direction: Direction = Direction.BOTH
    master_data: Sequence[Path] = ()
    exempt: frozenset[str] = frozenset()
    records_of: frozenset[str] = frozenset()
    lenient: bool = False
    max_hops: int | None = None
    quantity_tolerance: float = 0.0


def _tracing(options: dict[str, Any]) -> Tracing:
    dates = {name: options.pop(name) for name in ("since", "until")}
    if any(dates.values()) and options["lots"]:
        raise click.UsageError("--since and --until go with --product, or with no lot at all")
    if all(dates.values()) and dates["since"] > dates["until"]:
        raise click.UsageError("--since is later than --until")
    events = options["events"]
    if len(events) > 1 and any(map(is_stored, events)):
        raise click.UsageError("a catalogue goes alone: `import` the other EVENTS into it")
    lots = tuple(_found_lot(lot, events) for lot in options.pop("lots"))
    selection = Selection(lots=lots, products=options.pop("products"), **dates)
    options["direction"] = Direction(options["direction"])
    return Tracing(selection=selection, **options)


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
@_tracing_options
@click.option("--out", required=True, type=_FILE, help="The workbook to write.")
@click.option("--format", "file_format", help="Of --out, if its name does not say it.")
@click.option("--picture", type=_FILE, help="Draw the lots' genealogy, as SVG.")
@click.option("--dot", "dot_file", type=_FILE, help="Write the genealogy for Graphviz.")
@click.option("--json", "json_file", type=_FILE, help="Write the genealogy as JSON.")
def trace(
    out: Path,
    file_format: str | None,
    picture: Path | None,
    dot_file: Path | None,
    json_file: Path | None,
    **options: Any,
) -> None:
    """Trace lots through EVENTS, EPCIS 2.0 documents, and write FDA's spreadsheet.

    EVENTS are JSON or JSON-LD: documents, query documents, bare events, lists, or one after the
    other; .gz too. Or they are a catalogue that `closient-export import` has filled. Without --lot and --product every lot that an event names is traced.
    """
    tracing = _tracing(options)
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
    writer = _writer(out, file_format)
    report = run_trace(tracing)
    _require_lots(report)
    drawings = {picture: svg, dot_file: dot, json_file: to_json_text}
    write_trace(report, writer, out, {path: draw for path, draw in drawings.items() if path})


def _writer(out: Path, file_format: str | None) -> TraceWriter:
    """The writer of the format that is asked for, or that the name of the file says."""
    registry = TraceWriterRegistry()
    ending = out.suffix.removeprefix(".").lower()
    if file_format is None and ending not in registry.formats():
        known = " or ".join(f".{name}" for name in registry.formats())
        message = f"expected a name that ends in {known}, or --format; got {out.name!r}"
        raise click.BadParameter(message, param_hint="'--out'")
    return registry.writer(file_format or ending)


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
        writer.write(report, file)
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


def _verdict(report: TraceReport) -> str:
    counts = dict.fromkeys(Severity, 0)
    for finding in report.findings:
        counts[finding.severity] += 1
    words = [counted(number, severity) for severity, number in counts.items() if number]
    return f"findings: {', '.join(words)}" if words else "no findings"


@click.command()
@_tracing_options
def check(**options: Any) -> None:
    """Say what is missing or inconsistent in EVENTS, without writing a workbook.

    With --lot or --product, of these lots and what they came from and became; else of every lot.
    Exit 1 when something that the rule requires is missing or contradicted.
    """
    report = run_trace(_tracing(options))
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
    table = Table("Severity", "Finding", "21 CFR", "Lot", "What was found", "What would fix it")
    colours = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "blue"}
    for finding in report.findings:
        severity, rule, paragraph, lot, element, found, fix, _ = _words(report, finding)
        what = f"{element}: {found}" if element else found
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
)


def _words(report: TraceReport, finding: Finding) -> tuple[str, ...]:
    lot = report.facts.code(finding.lot) if finding.lot else ""
    words = (finding.severity, finding.rule, finding.paragraph, lot, finding.element)
    more = (finding.found, finding.fix, finding.event)
    return tuple(_one_line(word) for word in (*words, *more))


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


def _plain(text: str) -> Any:
    from rich.text import Text  # noqa: PLC0415 - markup in a lot code must stay text

    return Text(text)

"""What ``trace`` and ``check`` are told: which events, which lots, which way."""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
from attrs import frozen

from closient_export.cli.catalogs import is_stored, open_stored
from closient_export.epcis import IdentifierKind, parse_identifier, parse_lot
from closient_export.errors import Gs1Error
from closient_export.gs1 import Gtin
from closient_export.ids import parse_short_id
from closient_export.requests import Direction
from closient_export.trace.walk import Selection

__all__ = ["Tracing", "tracing_of", "tracing_options"]

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


def tracing_options(command: F) -> F:
    """Give a command the options that `trace` and `check` have in common."""
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


def tracing_of(options: dict[str, Any]) -> Tracing:
    """What the options mean together, once they agree with one another."""
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

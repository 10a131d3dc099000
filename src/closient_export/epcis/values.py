"""The values of an event's members: each function reads one from its JSON or says what is wrong."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from functools import lru_cache
from typing import Any, TypeVar

from closient_export.epcis.events import Action, Item
from closient_export.epcis.identifiers import (
    Identifier,
    IdentifierKind,
    is_uri,
    parse_identifier,
)
from closient_export.errors import Problem, shown

__all__ = [
    "NestedProblems",
    "as_it_came",
    "read_action",
    "read_identifier",
    "read_item",
    "read_list",
    "read_loose_time",
    "read_member",
    "read_object",
    "read_offset",
    "read_place",
    "read_quantity",
    "read_reference",
    "read_time",
    "read_uri",
]

T = TypeVar("T")

_OFFSET = re.compile(r"[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00)")
_MOST_DIGITS = 18
_TOO_LARGE = 10**_MOST_DIGITS
_NUMBERS = Context(prec=_MOST_DIGITS)
_MOST_LEVELS = 64
_LONGEST_REMEMBERED = 500
_MOST_PROBLEMS = 100
"""Of one list: who has seen as many need not see them all."""


class NestedProblems(ValueError):
    """What is wrong inside a value, each problem with its path from there."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems)
        self.problems = problems


def read_list(read: Callable[[Any], T]) -> Callable[[Any], tuple[T, ...]]:
    """A reader of lists whose elements `read` reads."""

    def read_all(value: Any) -> tuple[T, ...]:
        if not isinstance(value, list):
            message = f"expected a list, got {shown(value)}"
            raise ValueError(message)
        try:
            return tuple(map(read, value))
        except ValueError as error:
            raise NestedProblems(_problems_of(read, value)) from error

    return read_all


def _problems_of(read: Callable[[Any], object], elements: list[Any]) -> list[Problem]:
    problems: list[Problem] = []
    for index, element in enumerate(elements):
        if len(problems) >= _MOST_PROBLEMS:
            break
        try:
            read(element)
        except NestedProblems as error:
            problems += [Problem(f"[{index}]{p.path}", p.message) for p in error.problems]
        except ValueError as error:
            problems.append(Problem(f"[{index}]", str(error)))
    return problems


def read_member(members: Mapping[str, Any], name: str, read: Callable[[Any], T]) -> T:
    """A required member of an object inside a value."""
    try:
        value = members.get(name)
        if value is None:
            message = "required, but missing"
            raise ValueError(message)
        return read(value)
    except NestedProblems as error:
        raise NestedProblems(
            [Problem(f".{name}{p.path}", p.message) for p in error.problems]
        ) from error
    except ValueError as error:
        raise NestedProblems([Problem(f".{name}", str(error))]) from error


def _read_text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        message = f"expected text, got {shown(value)}"
        raise ValueError(message)
    return value


def read_object(value: Any) -> dict[str, Any]:
    """A JSON object."""
    if not isinstance(value, dict):
        message = f"expected an object, got {shown(value)}"
        raise ValueError(message)
    return value


def as_it_came(value: Any) -> Any:
    """Any JSON that is not nested absurdly, so that whatever walks it later can."""
    if _is_deeper(value, _MOST_LEVELS):
        message = f"expected at most {_MOST_LEVELS} levels of nested values"
        raise ValueError(message)
    return value


def _is_deeper(value: Any, levels: int) -> bool:
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list):
        return False
    if not levels:
        return True
    return any(_is_deeper(e, levels - 1) for e in value if isinstance(e, dict | list))


def read_uri(value: Any) -> str:
    """A URI as it came."""
    if not isinstance(value, str) or not is_uri(value):
        message = f"expected a URI, got {shown(value)}"
        raise ValueError(message)
    return value


def _read_known(value: Any) -> Identifier:
    if type(value) is str and len(value) <= _LONGEST_REMEMBERED:
        return _remembered(value)
    return _read_any(value)


def _read_any(value: Any) -> Identifier:
    if isinstance(value, str):
        found = parse_identifier(value)
        if found.kind is not IdentifierKind.OTHER or is_uri(value):
            return found
    message = f"expected a URI, got {shown(value)}"
    raise ValueError(message)


_remembered = lru_cache(maxsize=1 << 13)(_read_any)


def read_identifier(value: Any) -> str:
    """The canonical form of an identifier."""
    return _read_known(value).uri


def read_reference(value: Any) -> str:
    """The canonical form of an identifier, or text that some people write instead of one."""
    return parse_identifier(_read_text(value)).uri


def read_place(value: Any) -> str:
    """The identifier of a read point or business location."""
    try:
        return _read_known(value["id"]).uri
    except (LookupError, TypeError, ValueError):  # what is wrong is said below
        return read_member(read_object(value), "id", read_identifier)


def read_item(value: Any) -> Item:
    """An object from its identifier."""
    found = _read_known(value)
    return Item(found.uri, found.lot)


def read_quantity(value: Any) -> Item:
    """A quantity element (EPCIS 2.0, section 7.3.3.3)."""
    members = read_object(value)
    try:
        found = _read_known(members.get("epcClass"))
    except ValueError:
        found = read_member(members, "epcClass", _read_known)
    lot = found.lot
    if lot is None and found.kind is IdentifierKind.OTHER:
        lot = found.uri  # quantities are of lots or products; who names lots his own way, may
    quantity = None
    if members.get("quantity") is not None:
        quantity = read_member(members, "quantity", _read_number)
    uom = read_member(members, "uom", _read_text) if members.get("uom") else ""
    return Item(found.uri, lot, quantity, uom)


def _read_number(value: Any) -> Decimal:
    """A number in the one notation that it has here: 1000.0 and 1E+3 are 1000."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        message = f"expected a number, got {shown(value)}"
        raise ValueError(message)
    if type(value) is int and 0 <= value < _TOO_LARGE:
        return Decimal(value)
    number = Decimal(value)
    if number < 0 or (number and not -_MOST_DIGITS < number.adjusted() < _MOST_DIGITS):
        message = f"expected a number from 0 on with at most {_MOST_DIGITS} digits"
        raise ValueError(message)
    number = number.copy_abs().normalize(_NUMBERS)
    is_whole = number == number.to_integral_value()
    return number.quantize(_ONE, context=_NUMBERS) if is_whole else number


_ONE = Decimal(1)


def read_action(value: Any) -> Action:
    """ADD, OBSERVE or DELETE."""
    if isinstance(value, str) and value in _ACTIONS:
        return _ACTIONS[value]
    message = f"expected one of {', '.join(_ACTIONS)}, got {shown(value)}"
    raise ValueError(message)


_ACTIONS = {action.value: action for action in Action}


def read_time(value: Any) -> datetime:
    """A time in UTC."""
    try:
        time = datetime.fromisoformat(value)
        if time.tzinfo is UTC:
            return time
        if time.tzinfo is not None:
            return time.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        pass
    message = f"expected a time with its zone as 2027-03-31T09:30:00Z, got {shown(value)}"
    raise ValueError(message)


def read_loose_time(value: Any) -> datetime:
    """A time that no date depends on; real data leave out its zone, which is UTC then."""
    try:
        return read_time(value)
    except ValueError:
        with suppress(ValueError):
            return read_time(f"{_read_text(value)}Z")
        raise


def read_offset(value: Any) -> timedelta:
    """An offset from UTC (EPCIS 2.0, section 7.4.1)."""
    if isinstance(value, str) and len(value) == len("+00:00") and _OFFSET.fullmatch(value):
        return _offset(value)
    message = f"expected an offset from -14:00 to +14:00, got {shown(value)}"
    raise ValueError(message)


@lru_cache(maxsize=1 << 11)
def _offset(text: str) -> timedelta:
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[4:6]))
    return -offset if text[0] == "-" else offset

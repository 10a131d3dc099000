"""JSON to this library's types and back."""

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum, IntEnum, StrEnum
from functools import cache, partial
from types import GenericAlias
from typing import Any, Literal, TypeVar, cast, get_args, get_origin

import attrs
from cattrs import BaseValidationError, Converter
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from closient_export.errors import RequestError, shown, suggestion
from closient_export.gs1 import Gtin
from closient_export.ids import ShortId, parse_short_id
from closient_export.jobs import LabelExportJob, TraceabilityExportJob
from closient_export.records import Job
from closient_export.requests import LabelExportRequest, LabelFilters, TraceabilityExportRequest
from closient_export.subjects import parse_time
from closient_export.wire.problems import problems_of

__all__ = ["from_json", "is_enum", "structure", "to_json"]

T = TypeVar("T")


def from_json(payload: object, kind: type[T]) -> T:
    """One of the contract's types from its JSON.

    Raises:
        RequestError: with every problem of the payload.
    """
    try:
        return _converter().structure(payload, kind)
    except (BaseValidationError, ValueError) as error:
        raise RequestError(problems_of(error, "")) from error


def to_json(value: object) -> dict[str, Any]:
    """The JSON of one of the contract's types."""
    result: dict[str, Any] = _converter().unstructure(value)
    return result


def structure(value: object, kind: Any) -> Any:
    """A value of some type from its JSON; what is wrong is raised as cattrs does."""
    return _converter().structure(value, kind)


@cache
def _converter() -> Converter:
    converter = Converter()
    converter.register_structure_hook_factory(attrs.has, lambda kind: _object(kind, converter))
    converter.register_structure_hook_factory(
        _originates(tuple), lambda kind: _list(kind, converter)
    )
    converter.register_structure_hook_func(
        _originates(Literal), lambda value, kind: _choice(value, get_args(kind))
    )
    converter.register_structure_hook_func(
        _originates(Mapping), lambda value, _kind: _mapping(value)
    )
    converter.register_structure_hook_func(
        lambda kind: kind is ShortId, lambda value, _kind: parse_short_id(value)
    )
    for scalar, read in _SCALARS.items():
        converter.register_structure_hook(scalar, partial(_scalar, read))
    for enumeration in (Enum, StrEnum, IntEnum):  # the latter are text and numbers too
        converter.register_structure_hook(enumeration, _enum)
        converter.register_unstructure_hook(enumeration, lambda member: member.value)
    converter.register_structure_hook_func(
        lambda kind: kind == Job, lambda value, _kind: _job(value, converter)
    )
    converter.register_unstructure_hook(Gtin, str)
    converter.register_unstructure_hook(datetime, datetime.isoformat)
    converter.register_unstructure_hook(LabelFilters, _filters_to_json(converter))
    return converter


def _job(value: Any, converter: Converter) -> Job:
    """A job of either kind: they are told apart by what only a trace has."""
    kind = TraceabilityExportJob if "requested_at" in _mapping(value) else LabelExportJob
    return cast("Job", converter.structure(value, kind))


def _scalar(read: Callable[[Any], Any], value: Any, _kind: Any) -> Any:
    return read(value)


def _originates(origin: Any) -> Callable[[Any], bool]:
    return lambda kind: get_origin(kind) is origin


def is_enum(kind: Any) -> bool:
    """Whether a type is an enumeration."""
    return isinstance(kind, type) and issubclass(kind, Enum)


def _expected(what: str, value: object) -> ValueError:
    return ValueError(f"expected {what}, got {shown(value)}")


def _object(kind: type[Any], converter: Converter) -> Callable[[Any, Any], Any]:
    structure = make_dict_structure_fn(kind, converter, _cattrs_forbid_extra_keys=True)
    nullable = kind in (LabelExportRequest, LabelFilters, TraceabilityExportRequest)

    def read(value: Any, _kind: Any) -> Any:
        members = _mapping(value)
        if nullable:  # the contract lets null stand for an optional member that is left out
            required = {
                field.name for field in attrs.fields(kind) if field.default is attrs.NOTHING
            }
            members = {k: v for k, v in members.items() if v is not None or k in required}
        return structure(members, kind)

    return read


def _list(kind: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    """Tuples of any or of a fixed length, from JSON lists and from nothing else."""
    arguments = get_args(kind)
    if Ellipsis not in arguments:
        return lambda value, _kind: _fixed_tuple(value, arguments, converter)
    items: Any = GenericAlias(list, arguments[:1])

    def read(value: Any, _kind: Any) -> Any:
        if not isinstance(value, list | tuple):
            raise _expected("a list", value)
        return tuple(converter.structure(value, items))

    return read


def _fixed_tuple(value: Any, kinds: tuple[Any, ...], converter: Converter) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple) or len(value) != len(kinds):
        raise _expected(f"a list of {len(kinds)}", value)
    return tuple(converter.structure(item, kind) for item, kind in zip(value, kinds, strict=True))


def _enum(value: Any, kind: type[Enum]) -> Enum:
    return kind(_choice(value, [member.value for member in kind]))


def _choice(value: Any, choices: Any) -> Any:
    if not any(type(value) is type(choice) and value == choice for choice in choices):
        words = list(map(str, choices))
        message = f"expected one of {', '.join(words)}, got {shown(value)}"
        raise ValueError(message + suggestion(value, words))
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _expected("text", value)
    return value


def _bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _expected("true or false", value)
    return value


def _int(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _expected("a whole number", value)
    return value


def _float(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _expected("a number", value)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise _expected("a number", value)
    return number


def _datetime(value: Any) -> datetime:
    return parse_time(_text(value))


def _gtin(value: Any) -> Gtin:
    return Gtin.parse(_text(value))


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise _expected("an object", value)
    return dict(value)


_SCALARS: dict[Any, Callable[[Any], Any]] = {
    str: _text,
    bool: _bool,
    int: _int,
    float: _float,
    datetime: _datetime,
    Gtin: _gtin,
}


def _filters_to_json(converter: Converter) -> Callable[[LabelFilters], dict[str, Any] | None]:
    left_out: dict[str, Any] = {
        field.name: override(omit_if_default=True) for field in attrs.fields(LabelFilters)
    }
    unstructure = make_dict_unstructure_fn(LabelFilters, converter, **left_out)
    return lambda filters: unstructure(filters) or None

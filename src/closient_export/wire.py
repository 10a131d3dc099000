"""JSON on one side, this library's types on the other; the only module that knows cattrs.

What comes in is checked whole: every problem is reported, each with its path. What goes out has
exactly the contract's fields, in its order. "JSON" here means what `json.loads` returns.
"""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from enum import Enum, IntEnum, StrEnum
from functools import cache, partial
from types import GenericAlias
from typing import Any, Literal, TypeVar, cast, get_args, get_origin

import attrs
from cattrs import (
    AttributeValidationNote,
    BaseValidationError,
    Converter,
    ForbiddenExtraKeysError,
    IterableValidationNote,
)
from cattrs.errors import StructureHandlerNotFoundError
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from closient_export.errors import (
    Gs1Error,
    Problem,
    RendererLoadError,
    RequestError,
    shown,
)
from closient_export.gs1 import Gtin
from closient_export.ids import ShortId, parse_short_id
from closient_export.jobs import LabelExportJob, TraceabilityExportJob
from closient_export.plugins import Renderer
from closient_export.records import Job
from closient_export.registry import RendererRegistry, TraceWriterRegistry
from closient_export.requests import (
    LabelExportRequest,
    LabelFilters,
    RendererKey,
    TraceabilityExportRequest,
    serial_ids_problem,
)
from closient_export.subjects import Scope, parse_time

__all__ = [
    "default_knobs",
    "from_json",
    "knob_from_text",
    "parse_label_request",
    "parse_traceability_request",
    "renderer_config",
    "to_json",
]

T = TypeVar("T")


def parse_label_request(payload: object, registry: RendererRegistry) -> LabelExportRequest:
    """Read the payload of a submission and check all that can be known before it is run.

    Args:
        payload: The request's JSON.
        registry: Which renderers there are; the one that is asked for is loaded, because it
            knows its scopes and its knobs.

    Raises:
        RequestError: with every problem, in the order of the contract's fields.
        RendererError: the renderer cannot be loaded, or several claim the pair; no caller's fault.
    """
    return _parsed(payload, LabelExportRequest, partial(_problems_between_fields, registry))


def parse_traceability_request(
    payload: object, writers: TraceWriterRegistry
) -> TraceabilityExportRequest:
    """Read what is asked for of a lot's trace and check all that can be known before it is run.

    Args:
        payload: The request's JSON: ``lot_id`` of the path, ``direction`` and ``format`` of the
            query, as far as they are given.
        writers: Which formats there are; no writer is loaded.

    Raises:
        RequestError: with every problem, in the order of the contract's fields.
    """
    return _parsed(payload, TraceabilityExportRequest, partial(_unknown_format, writers))


def _parsed(
    payload: object, kind: type[T], more: Callable[[Mapping[str, Any]], Iterable[Problem]]
) -> T:
    """A request that has neither problems of its own nor `more` of them."""
    problems: list[Problem] = []
    request = None
    try:
        request = from_json(payload, kind)
    except RequestError as error:
        problems += error.problems
    if isinstance(payload, Mapping):
        problems += more(payload)
    if problems or request is None:
        order = [field.name for field in attrs.fields(cast("type[Any]", kind))]
        unique = dict.fromkeys(problems)
        raise RequestError(sorted(unique, key=lambda problem: _rank(problem.path, order)))
    return request


def _rank(path: str, order: list[str]) -> int:
    head = path.partition(".")[0]
    return order.index(head) if head in order else len(order)


def _unknown_format(writers: TraceWriterRegistry, payload: Mapping[str, Any]) -> Iterator[Problem]:
    asked = payload.get("format")
    if isinstance(asked, str) and (unknown := writers.unknown_format(asked)):
        yield Problem("format", unknown)


def _problems_between_fields(
    registry: RendererRegistry, payload: Mapping[str, Any]
) -> Iterator[Problem]:
    """What is wrong with one field because of another, as far as the fields themselves are right."""
    scope, filters = payload.get("scope"), payload.get("filters")
    if isinstance(filters, Mapping) and filters.get("serial_ids") is not None:
        yield from serial_ids_problem(scope)
    export_type, file_format = payload.get("export_type"), payload.get("file_format")
    if not (isinstance(export_type, str) and isinstance(file_format, str)):
        return  # reported with the fields themselves
    if unknown := registry.unknown_pair(export_type, file_format):
        known = registry.file_formats(export_type)
        yield Problem("file_format" if known else "export_type", unknown)
        return
    key = RendererKey(export_type, file_format)
    renderer = registry.renderer(key)
    if scope in list(Scope) and scope not in renderer.scopes:
        supported = " or ".join(sorted(f"'{known}'" for known in renderer.scopes))
        yield Problem("scope", f"expected {supported}, which {key} supports, got '{scope}'")
    knobs = payload.get("asset_config")
    if isinstance(knobs, Mapping):
        try:
            renderer_config(renderer, knobs)
        except RequestError as error:
            yield from error.problems


def renderer_config(renderer: Renderer, knobs: Mapping[str, Any]) -> Any:
    """An instance of the renderer's config class from the knobs of a request.

    Raises:
        RequestError: for each unknown knob and each bad value, with what is accepted.
    """
    fields = _knobs(renderer)
    values, problems = {}, []
    for name, value in knobs.items():
        path = _join("asset_config", _key(name))
        if name not in fields:
            accepted = f"one of {', '.join(sorted(fields))}" if fields else "none"
            problems.append(Problem(path, f"unknown knob, expected {accepted}"))
            continue
        try:
            values[name] = _structured(renderer, fields[name], value)
            if validator := fields[name].validator:
                # One that reads other knobs finds none yet; it judges when all are together.
                with suppress(AttributeError):
                    validator(None, fields[name], values[name])
        except (BaseValidationError, ValueError, TypeError) as error:
            problems.extend(_problems(error, path))
    if problems:
        raise RequestError(problems)
    try:
        return renderer.config(**values)
    except ValueError as error:
        raise RequestError(_problems(error, "asset_config")) from error


def _structured(renderer: Renderer, knob: "attrs.Attribute[Any]", value: Any) -> Any:
    try:
        return _converter().structure(value, knob.type or Any)
    except StructureHandlerNotFoundError as error:
        raise RendererLoadError(
            f"the knob {knob.name} of {type(renderer).__name__} has a type that no JSON can say: "
            f"{knob.type}"
        ) from error


def default_knobs(renderer: Renderer) -> dict[str, Any]:
    """The knobs of a renderer with their defaults, as JSON values."""
    return to_json(renderer.config())


def knob_from_text(renderer: Renderer, name: str, text: str) -> object:
    """The JSON value that `text` means for a knob, where all values are written as text.

    Text stays text, a list may be written with commas, and anything else is JSON.
    """
    knob = _knobs(renderer).get(name)
    wanted = knob.type if knob else str
    if str in (wanted, *get_args(wanted)) or get_origin(wanted) is Literal or _is_enum(wanted):
        return text
    if get_origin(wanted) is tuple and not text.startswith("["):
        return [_json_or_text(item.strip()) for item in text.split(",")]
    return _json_or_text(text)


def _json_or_text(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _knobs(renderer: Renderer) -> "dict[str, attrs.Attribute[Any]]":
    fields = attrs.fields(attrs.resolve_types(renderer.config))
    return {field.alias or field.name: field for field in fields}


def from_json(payload: object, kind: type[T]) -> T:
    """One of the contract's types from its JSON.

    Raises:
        RequestError: with every problem of the payload.
    """
    try:
        return _converter().structure(payload, kind)
    except (BaseValidationError, ValueError) as error:
        raise RequestError(_problems(error, "")) from error


def to_json(value: object) -> dict[str, Any]:
    """The JSON of one of the contract's types."""
    result: dict[str, Any] = _converter().unstructure(value)
    return result


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


def _is_enum(kind: Any) -> bool:
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
        raise _expected(f"one of {', '.join(map(str, choices))}", value)
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


def _problems(error: BaseException, path: str) -> Iterator[Problem]:
    """The tree of exceptions that cattrs raises, as a list with paths."""
    if isinstance(error, BaseValidationError):
        for inner in error.exceptions:
            yield from _problems(inner, _join(path, _step(inner)))
    elif isinstance(error, ForbiddenExtraKeysError):
        known = ", ".join(field.name for field in attrs.fields(error.cl))
        for name in sorted(error.extra_fields):
            yield Problem(_join(path, _key(name)), f"unknown key, expected one of {known}")
    elif isinstance(error, RequestError):
        for problem in error.problems:
            yield Problem(_join(path, problem.path), problem.message)
    elif isinstance(error, KeyError):
        yield Problem(_join(path, str(error.args[0])), "required, but missing")
    elif isinstance(error, Gs1Error):
        yield Problem(path, f"{shown(error.value)}: {error.expectation}")
    elif isinstance(error, ValueError | TypeError):
        yield Problem(path, str(error.args[0]) if error.args else "invalid value")
    else:
        raise error


def _step(error: BaseException) -> str:
    """Which field or which index of the outer value an inner exception is about."""
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, IterableValidationNote):
            return f"[{note.index}]"
        if isinstance(note, AttributeValidationNote) and not isinstance(error, KeyError):
            return note.name
    return ""


def _key(name: str) -> str:
    """A key of the payload as a path shows it: whatever it is, it stays on its line."""
    return name if name.isidentifier() and name.isascii() and len(name) < 80 else shown(name)


def _join(path: str, step: str) -> str:
    return path + step if not path or not step or step.startswith("[") else f"{path}.{step}"

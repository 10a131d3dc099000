"""What callers ask for, checked whole."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, TypeVar, cast

import attrs

from closient_export.errors import Problem, RequestError
from closient_export.registry import RendererRegistry, TraceWriterRegistry
from closient_export.requests import (
    LabelExportRequest,
    RendererKey,
    TraceabilityExportRequest,
    serial_ids_problem,
)
from closient_export.subjects import Scope
from closient_export.wire.conversion import from_json
from closient_export.wire.knobs import renderer_config

__all__ = ["parse_label_request", "parse_traceability_request"]

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

"""The knobs of renderers: typed by each renderer, given as JSON or as text."""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Literal, get_args, get_origin

import attrs
from cattrs import BaseValidationError
from cattrs.errors import StructureHandlerNotFoundError

from closient_export.errors import Problem, RendererLoadError, RequestError, suggestion
from closient_export.plugins import Renderer
from closient_export.wire.conversion import is_enum, structure, to_json
from closient_export.wire.problems import join, key, problems_of

__all__ = ["default_knobs", "knob_from_text", "knobs_of", "renderer_config"]


def renderer_config(renderer: Renderer, knobs: Mapping[str, Any]) -> Any:
    """An instance of the renderer's config class from the knobs of a request.

    Raises:
        RequestError: for each unknown knob and each bad value, with what is accepted.
    """
    fields = knobs_of(renderer)
    values, problems = {}, []
    for name, value in knobs.items():
        path = join("asset_config", key(name))
        if name not in fields:
            accepted = f"one of {', '.join(sorted(fields))}" if fields else "none"
            hint = suggestion(name, fields)
            problems.append(Problem(path, f"unknown knob, expected {accepted}{hint}"))
            continue
        try:
            values[name] = _structured(renderer, fields[name], value)
            if validator := fields[name].validator:
                # One that reads other knobs finds none yet; it judges when all are together.
                with suppress(AttributeError):
                    validator(None, fields[name], values[name])
        except (BaseValidationError, ValueError, TypeError) as error:
            problems.extend(problems_of(error, path))
    if problems:
        raise RequestError(problems)
    try:
        return renderer.config(**values)
    except ValueError as error:
        raise RequestError(problems_of(error, "asset_config")) from error


def _structured(renderer: Renderer, knob: "attrs.Attribute[Any]", value: Any) -> Any:
    try:
        return structure(value, knob.type or Any)
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
    knob = knobs_of(renderer).get(name)
    wanted = knob.type if knob else str
    if str in (wanted, *get_args(wanted)) or is_enum(wanted):
        return text
    if get_origin(wanted) is Literal:
        return next((choice for choice in get_args(wanted) if str(choice) == text), text)
    if get_origin(wanted) is tuple and not text.startswith("["):
        return [_json_or_text(item.strip()) for item in text.split(",")] if text.strip() else []
    return _json_or_text(text)


def _json_or_text(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def knobs_of(renderer: Renderer) -> "dict[str, attrs.Attribute[Any]]":
    """The fields of a renderer's config class, by the names of its knobs."""
    fields = attrs.fields(attrs.resolve_types(renderer.config))
    return {field.alias or field.name: field for field in fields}

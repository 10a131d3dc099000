"""Knobs of any renderer, as a request's ``asset_config`` has them."""

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from types import NoneType
from typing import Any, Literal, get_args, get_origin

import attrs
from hypothesis import strategies as st

from closient_export.errors import RequestError
from closient_export.plugins import Renderer
from closient_export.renderers.sheets.templates import LabelTemplate, built_in_templates
from closient_export.testing.strategies.gs1 import stems
from closient_export.wire import renderer_config, to_json

__all__ = ["knobs"]

_WHOLE = (0, 1, 2, 3, 5, 10, 40, 72, 100, 203, 300, 600, 1200, 2400)
_FRACTIONS = (
    -2.5, 0.0, 0.1, 0.25, 0.38, 0.4, 0.495, 0.5, 0.66, 0.743, 0.8, 0.95, 0.99, 1.0, 1.016, 1.05, 2.0,
    6.0, 12.7, 31.75, 60.0,
)  # fmt: skip
_KNOWN: Mapping[str, Callable[[], st.SearchStrategy[Any]]] = {
    "digital_link_stem": stems,
    "sheet_template": lambda: st.sampled_from([*built_in_templates(), "5160", "l7160"]),
}
"""Strategies for knobs that are any text by their type."""


def knobs(
    renderer: Renderer, **values: st.SearchStrategy[Any]
) -> st.SearchStrategy[dict[str, Any]]:
    """Knobs that a renderer accepts, none, some or all of them.

    Values are found by the types of the knobs, and those that the renderer refuses are left out.
    Text is taken to be anything only where it is a knob of the library's own renderers.

    Args:
        renderer: Whose knobs.
        **values: For knobs whose values their type does not tell: strategies of JSON values.
    """
    fields = attrs.fields(attrs.resolve_types(renderer.config))
    found: dict[str, st.SearchStrategy[Any]] = {}
    for field in fields:
        name = field.alias or field.name
        if name in values:
            found[name] = values[name]
        elif (strategy := _of_knob(renderer, name, field.type)) is not None:
            found[name] = strategy
    return _together(renderer, found)


def _of_knob(renderer: Renderer, name: str, kind: Any) -> st.SearchStrategy[Any] | None:
    if name in _KNOWN:
        return _KNOWN[name]()
    accepted = [value for value in _candidates(kind) if _accepts(renderer, {name: value})]
    return st.sampled_from(accepted) if accepted else None


def _candidates(kind: Any) -> Iterable[Any]:
    """JSON values of a type."""
    arguments = get_args(kind)
    if kind is bool:
        return (False, True)
    if kind is int:
        return _WHOLE
    if kind is float:
        return _FRACTIONS
    if kind is LabelTemplate:
        return map(to_json, built_in_templates().values())
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [member.value for member in kind]
    if get_origin(kind) is Literal:
        return arguments
    if get_origin(kind) is tuple:
        items = list(_candidates(arguments[0]))
        return [[], *([item] for item in items), *([a, b] for a in items for b in items if a != b)]
    if NoneType in arguments:
        return [None, *(value for each in arguments for value in _candidates(each))]
    return ()


def _accepts(renderer: Renderer, chosen: Mapping[str, Any]) -> bool:
    try:
        renderer_config(renderer, chosen)
    except RequestError:
        return False
    return True


@st.composite
def _together(
    draw: st.DrawFn, renderer: Renderer, found: Mapping[str, st.SearchStrategy[Any]]
) -> dict[str, Any]:
    """Some of them; what does not go with the others is left out."""
    chosen: dict[str, Any] = {}
    for name in draw(
        st.lists(st.sampled_from(sorted(found)), unique=True) if found else st.just([])
    ):
        more = {**chosen, name: draw(found[name])}
        if _accepts(renderer, more):
            chosen = more
    return chosen

"""The knobs of a renderer as fields of a form, made from its config class."""

import json
from collections.abc import Mapping, Sequence
from enum import Enum
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import attrs
from attrs import frozen

from closient_export.plugins import ArtifactConfig, Renderer
from closient_export.renderers.sheets.config import SheetConfig
from closient_export.renderers.sheets.templates import built_in_templates
from closient_export.wire import default_knobs, knob_from_text
from closient_export.wire.knob_descriptions import field_docstrings

__all__ = ["PREFIX", "KnobField", "knob_fields", "knobs_given"]

PREFIX = "knob."
"""What the names of the fields begin with."""


@frozen(kw_only=True)
class KnobField:
    """A field of the form."""

    name: str
    label: str
    value: str
    meaning: str
    choices: Sequence[tuple[str, str]] = ()
    """Values and what they are called; none for what is typed in."""
    is_number: bool = False
    is_long: bool = False

    @property
    def field(self) -> str:
        """Its name in the form."""
        return f"{PREFIX}{self.name}"


def knob_fields(renderer: Renderer, given: Mapping[str, str]) -> list[KnobField]:
    """The fields, with what was given or else the defaults; those of any artifact come last."""
    types = {
        field.alias or field.name: field.type
        for field in attrs.fields(attrs.resolve_types(renderer.config))
    }
    meanings = field_docstrings(renderer.config)
    fields = []
    general = {field.name for field in attrs.fields(ArtifactConfig)}
    for name, default in sorted(
        default_knobs(renderer).items(), key=lambda knob: knob[0] in general
    ):
        value = given.get(f"{PREFIX}{name}", _text(default))
        kinds = _kinds(types[name])
        fields.append(
            KnobField(
                name=name,
                label=_label(name),
                value=value,
                meaning=meanings.get(name, "").replace("``", "") + _listed(types[name]),
                choices=_choices(renderer, name, types[name]),
                is_number=bool(kinds & {int, float}),
                is_long=any(attrs.has(kind) for kind in kinds if isinstance(kind, type)),
            )
        )
    return fields


def knobs_given(renderer: Renderer, given: Mapping[str, str]) -> dict[str, Any]:
    """The knobs of a request, as JSON values: those that are not as the renderer has them anyway."""
    knobs: dict[str, Any] = {}
    for name, default in default_knobs(renderer).items():
        text = given.get(f"{PREFIX}{name}", "").replace("\r\n", "\n").strip()
        if f"{PREFIX}{name}" not in given or text == _text(default):
            continue
        if not text and isinstance(default, list):
            knobs[name] = []
        elif text or isinstance(default, str):
            knobs[name] = knob_from_text(renderer, name, text)
    return knobs


def _text(value: Any) -> str:
    """A JSON value as somebody would type it in."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, list) and all(isinstance(item, str | int | float) for item in value):
        return ", ".join(map(str, value))
    return json.dumps(value)


def _label(name: str) -> str:
    """The name of a knob in words, its unit in brackets.

    >>> _label("x_dimension_mm"), _label("dpi")
    ('X-dimension (mm)', 'DPI')
    """
    words = name.replace("x_dimension", "X-dimension").split("_")
    unit = f" ({_UNITS[words.pop()]})" if words[-1] in _UNITS and len(words) > 1 else ""
    if words == ["dpi"]:
        return "DPI"
    text = " ".join("QR Code" if word == "qr" else word for word in words)
    return text[:1].upper() + text[1:] + unit


_UNITS = {"mm": "mm", "deg": "degrees"}


def _kinds(kind: Any) -> set[Any]:
    """A type, or those of which it is a union."""
    return set(get_args(kind)) if get_origin(kind) in (Union, UnionType) else {kind}


def _values(kind: Any) -> list[str]:
    if get_origin(kind) is Literal:
        return [str(value) for value in get_args(kind)]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [str(member.value) for member in kind]
    return []


def _choices(renderer: Renderer, name: str, kind: Any) -> list[tuple[str, str]]:
    if name == "sheet_template" and issubclass(renderer.config, SheetConfig):
        return _label_stock()
    kinds = _kinds(kind)
    if bool in kinds:
        values = ["true", "false"]
    else:
        values = [value for each in get_args(kind) or (kind,) for value in _values(each)]
        values = _values(kind) or values if get_origin(kind) is not tuple else []
    blank = [("", "not set")] if values and type(None) in kinds else []
    words = {"true": "yes", "false": "no"} if bool in kinds else {}
    return blank + [(value, words.get(value, value.replace("_", " "))) for value in values]


def _label_stock() -> list[tuple[str, str]]:
    found = []
    for key, template in built_in_templates().items():
        size = f"{template.label_width_mm:g} x {template.label_height_mm:g} mm"
        also = f" ({', '.join(template.also)})" if template.also else ""
        found.append((key, f"{key}{also}: {template.count} labels, {size}"))
    return found


def _listed(kind: Any) -> str:
    """What the items of a list may be, for a field that is typed in."""
    if get_origin(kind) is not tuple:
        return " As JSON." if any(attrs.has(k) for k in _kinds(kind) if isinstance(k, type)) else ""
    values = [value for item in get_args(kind) for value in _values(item)]
    return " Separated by commas" + (f": {', '.join(values)}." if values else ".")

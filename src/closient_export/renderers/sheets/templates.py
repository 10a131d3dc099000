"""Label stock: where the labels are on a sheet."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from attrs import field, frozen, validators

from closient_export.errors import suggestion

__all__ = ["LabelTemplate", "Shape", "built_in_templates", "find_template"]

Shape = Literal["rect", "round"]

_TOLERANCE_MM = 0.02
"""Published geometries are rounded to hundredths of a millimetre."""

_positive = [validators.gt(0), validators.le(2000)]
_offset = [validators.ge(0), validators.le(2000)]
_count = [validators.ge(1), validators.le(1000)]


@frozen(kw_only=True)
class LabelTemplate:
    """The labels of a sheet, in millimetres from its upper left corner.

    Raises:
        ValueError: the labels do not fit the page, or overlap.
    """

    description: str = ""
    also: tuple[str, ...] = ()
    """Product numbers that have this geometry."""
    page_width_mm: float = field(validator=_positive)
    page_height_mm: float = field(validator=_positive)
    columns: int = field(validator=_count)
    rows: int = field(validator=_count)
    shape: Shape = "rect"
    """``round`` for round labels, which are as wide as they are high."""
    label_width_mm: float = field(validator=_positive)
    label_height_mm: float = field(validator=_positive)
    left_mm: float = field(validator=_offset)
    """Of the first column."""
    top_mm: float = field(validator=_offset)
    """Of the first row."""
    pitch_x_mm: float = field(validator=_positive)
    """From one column to the next."""
    pitch_y_mm: float = field(validator=_positive)
    """From one row to the next."""

    def __attrs_post_init__(self) -> None:
        for axis, first, pitch, label, count, page in (
            ("columns", self.left_mm, self.pitch_x_mm, self.label_width_mm, self.columns, self.page_width_mm),
            ("rows", self.top_mm, self.pitch_y_mm, self.label_height_mm, self.rows, self.page_height_mm),
        ):  # fmt: skip
            end = first + (count - 1) * pitch + label
            if end > page + _TOLERANCE_MM:
                message = f"expected {axis} that end within {page} mm, got {end:.2f} mm"
                raise ValueError(message)
            if count > 1 and pitch < label - _TOLERANCE_MM:
                message = f"expected {axis} that do not overlap, got labels of {label} mm every {pitch} mm"
                raise ValueError(message)
        if self.shape == "round" and self.label_width_mm != self.label_height_mm:
            raise ValueError("expected round labels as wide as high")

    @property
    def count(self) -> int:
        """How many labels a sheet has."""
        return self.columns * self.rows

    def corner(self, position: int) -> tuple[float, float]:
        """The upper left corner of the label at a position, counted from 0 row by row."""
        row, column = divmod(position, self.columns)
        return self.left_mm + column * self.pitch_x_mm, self.top_mm + row * self.pitch_y_mm


@cache
def built_in_templates() -> Mapping[str, LabelTemplate]:
    """The label stock that comes with the library, by its keys."""
    text = (files("closient_export.renderers.sheets") / "templates.toml").read_text("utf-8")
    return {key: LabelTemplate(**_tuples(values)) for key, values in tomllib.loads(text).items()}


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    return values | {"also": tuple(values["also"])}


def find_template(name: str) -> LabelTemplate:
    """The built-in template of that key or product number.

    Raises:
        ValueError: there is none; the message lists the keys.
    """
    templates = built_in_templates()
    if name in templates:
        return templates[name]
    for template in templates.values():
        if name.lower() in map(str.lower, template.also):
            return template
    numbers = [number for template in templates.values() for number in template.also]
    hint = suggestion(name, [*templates, *numbers])
    known = f"{', '.join(templates)}, or a product number of theirs"
    raise ValueError(f"expected one of {known}, got {name!r}{hint}")

"""The knobs of a label."""

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

from attrs import Attribute, field, frozen

from closient_export import ElementString, digital_link
from closient_export.plugins import Problem, RequestError
from closient_export_zpl.dimensions import (
    DOTS_PER_MM,
    X_DIMENSIONS,
    Environment,
    SymbolKind,
    XDimension,
    dots_within,
)

__all__ = ["LineKind", "ZplConfig"]

LineKind = Literal["product_name", "brand", "gtin", "lot", "serial", "expiry", "best_before", "hri"]

_SHORTEST_TEXT = 10
"""Dots; scalable fonts are not smaller (^A)."""
_BAR_HEIGHTS = {"general_distribution": 31.75, "other": 12.70}
_LOWEST_BARS = 5.8


def _within(
    low: float, high: float, unit: str = " mm"
) -> Callable[[Any, "Attribute[Any]", Any], None]:
    def check(_instance: Any, _attribute: "Attribute[Any]", value: float | None) -> None:
        if value is not None and not low <= value <= high:
            raise ValueError(f"expected {low} to {high}{unit}, got {value}")

    return check


def _check_dpi(_instance: Any, _attribute: "Attribute[int]", value: int) -> None:
    if value not in DOTS_PER_MM:
        raise ValueError(f"expected one of {', '.join(map(str, DOTS_PER_MM))}, got {value}")


def _check_stem(_instance: Any, _attribute: "Attribute[str]", value: str) -> None:
    digital_link(ElementString([("01", "09506000134352")]), value)


@frozen(kw_only=True)
class ZplConfig:
    """The knobs of a label."""

    symbol: SymbolKind = "qr"
    """A QR Code with a Digital Link, a GS1 DataMatrix, or GS1-128."""
    dpi: int = field(default=203, validator=_check_dpi)
    """The resolution of the print head: 203, 300 or 600."""
    width_mm: float = field(default=76.2, validator=_within(10, 300))
    height_mm: float = field(default=50.8, validator=_within(5, 1000))
    """Of the label, in the printer's direction: what is printed first is its top."""
    margin_mm: float = field(default=1.0, validator=_within(0, 50))
    """What stays white along the edge of the label."""
    environment: Environment | None = None
    """Where symbols are read; if not given, ``retail_pos``, or ``general_distribution`` for GS1-128."""
    x_dimension_mm: float | None = field(default=None, validator=_within(0.1, 3))
    """The width of a module, rounded up to whole dots; if not given, GS1's target, or less, where
    that is legal and the label has no room for more."""
    bar_height_mm: float | None = field(default=None, validator=_within(_LOWEST_BARS, 200))
    """Of GS1-128; GS1's if not given."""
    error_correction: Literal["L", "M", "Q", "H"] = "M"
    """Of QR Codes."""
    digital_link_stem: str = field(default="https://id.gs1.org", validator=_check_stem)
    """The resolver's address, of QR Codes."""
    lines: tuple[LineKind, ...] = ("product_name", "hri")
    """The text, top to bottom; ``hri`` is a line for each element."""
    text_height_mm: float = field(default=2.5, validator=_within(0.5, 50))
    copies: int = field(default=1, validator=_within(1, 99_999_999, ""))
    """How many labels are printed of each subject."""

    def __attrs_post_init__(self) -> None:
        if (self.symbol, self.where) not in X_DIMENSIONS:
            allowed = [where for symbol, where in X_DIMENSIONS if symbol == self.symbol]
            expected = f"expected one of {', '.join(allowed)} for {self.symbol}, got {self.where}"
            raise RequestError([Problem("environment", expected)])
        low, _, high = self.x_dimensions
        if self.x_dimension_mm is not None and not low <= self.x_dimension_mm <= high:
            expected = f"expected {low} to {high} mm in the environment '{self.where}'"
            raise RequestError(
                [Problem("x_dimension_mm", f"{expected}, got {self.x_dimension_mm}")]
            )
        if not dots_within(self.symbol, self.x_dimensions, self.dots_per_mm):
            expected = f"expected a print head that has modules of {low} to {high} mm in whole dots"
            raise RequestError(
                [Problem("dpi", f"{expected}, as many as ZPL takes, got {self.dpi}")]
            )
        if self.dots(self.text_height_mm) < _SHORTEST_TEXT:
            shortest = _SHORTEST_TEXT / self.dots_per_mm
            expected = f"expected at least {shortest:.2f} mm, which are {_SHORTEST_TEXT} dots"
            raise RequestError(
                [Problem("text_height_mm", f"{expected}, got {self.text_height_mm}")]
            )

    @property
    def dots_per_mm(self) -> int:
        """The resolution of the print head."""
        return DOTS_PER_MM[self.dpi]

    @property
    def where(self) -> Environment:
        """The environment, given or usual."""
        usual: Environment = "general_distribution" if self.symbol == "gs1_128" else "retail_pos"
        return self.environment or usual

    @property
    def x_dimensions(self) -> XDimension:
        """What GS1 allows for the symbol in the environment."""
        return X_DIMENSIONS[self.symbol, self.where]

    @property
    def module_widths(self) -> Sequence[int]:
        """The widths of a module to try, in dots, the best one first."""
        legal = dots_within(self.symbol, self.x_dimensions, self.dots_per_mm)
        wanted = self.x_dimensions.target if self.x_dimension_mm is None else self.x_dimension_mm
        best = min(max(math.ceil(round(wanted * self.dots_per_mm, 6)), legal[0]), legal[-1])
        return range(best, legal[0] - 1, -1) if self.x_dimension_mm is None else (best,)

    @property
    def bar_height(self) -> int:
        """Of GS1-128, in dots."""
        height = self.bar_height_mm or _BAR_HEIGHTS[self.where]
        return math.ceil(round(height * self.dots_per_mm, 6))

    def dots(self, millimetres: float) -> int:
        """A length in whole dots, no longer than it is."""
        return math.floor(round(millimetres * self.dots_per_mm, 6))

    def millimetres(self, dots: int) -> float:
        """A number of dots as a length."""
        return dots / self.dots_per_mm

"""Matrix symbols as files: how large they are printed, and as what."""

import math
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import Attribute, field, frozen

from closient_export.errors import shown
from closient_export.plugins import Drawing, Problem, RequestError, Subject, SymbolZipRenderer
from closient_export.renderers.drawing import png, svg
from closient_export.renderers.symbols.matrix import MatrixSymbol
from closient_export.renderers.symbols.specifications import Environment, XDimension

__all__ = ["MatrixConfig", "MatrixPngRenderer", "MatrixRenderer", "MatrixSvgRenderer", "Pixels"]

_MM_PER_INCH = 25.4
_DPI_RANGE = (72, 2400)


# Without slots, so that a symbology's knobs and those of pixels can be inherited together.
@frozen(kw_only=True, slots=False)
class MatrixConfig:
    """The knobs that decide how large a module is printed."""

    x_dimensions: ClassVar[Mapping[Environment, XDimension]]
    """What GS1 allows for the symbology."""

    environment: Environment = "retail_pos"
    """Where it will be read, which decides how large a module may be."""
    x_dimension_mm: float | None = None
    """The width of a module in millimetres; the environment's target size if not given."""

    def __attrs_post_init__(self) -> None:
        if self.environment not in self.x_dimensions:
            expected = f"expected one of {', '.join(self.x_dimensions)}"
            raise RequestError([Problem("environment", f"{expected}, got {self.environment}")])
        minimum, _, maximum = self.x_dimensions[self.environment]
        if not minimum <= self.x_dimension <= maximum:
            expected = f"expected {minimum} to {maximum} mm in the environment '{self.environment}'"
            problem = Problem("x_dimension_mm", f"{expected}, got {shown(self.x_dimension_mm)}")
            raise RequestError([problem])

    @property
    def x_dimension(self) -> float:
        """The width of a module in millimetres."""
        if self.x_dimension_mm is None:
            return self.x_dimensions[self.environment].target
        return self.x_dimension_mm


def _check_dpi(_instance: object, _attribute: "Attribute[int]", value: int) -> None:
    low, high = _DPI_RANGE
    if not low <= value <= high:
        message = f"expected {low} to {high} dots to the inch, got {shown(value)}"
        raise ValueError(message)


@frozen(kw_only=True, slots=False)
class Pixels(MatrixConfig):
    """The knobs of a symbol in pixels.

    A module is a whole number of pixels, or scanners see uneven modules: the X-dimension is
    rounded up to the next one, and down only where that would leave GS1's range.
    """

    dpi: int = field(default=300, validator=_check_dpi)
    """Of the printer, in dots to the inch."""

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        minimum, _, maximum = self.x_dimensions[self.environment]
        if not minimum <= round(self.printed, 6) <= maximum:
            expected = (
                f"expected a resolution with a whole number of dots of {minimum} to {maximum} mm, "
                f"got {self.dpi}, where {self.pixels} dots are {self.printed:.3f} mm"
            )
            raise RequestError([Problem("dpi", expected)])

    @property
    def pixels(self) -> int:
        """The width of a module in pixels."""
        exact = self.x_dimension * self.dpi / _MM_PER_INCH
        rounded_up = math.ceil(round(exact, 6))
        maximum = self.x_dimensions[self.environment].maximum
        too_wide = round(rounded_up * _MM_PER_INCH / self.dpi, 6) > maximum
        return max(1, rounded_up - 1 if too_wide else rounded_up)

    @property
    def printed(self) -> float:
        """The width of a module in millimetres, as it comes out of the printer."""
        return self.pixels * _MM_PER_INCH / self.dpi


class MatrixRenderer(SymbolZipRenderer):
    """A matrix symbol for each subject; a symbology says which."""

    @abstractmethod
    def symbol(self, subject: Subject, config: Any) -> MatrixSymbol:
        """The symbol of one subject.

        Raises:
            ExportError: it cannot be made.
        """


class MatrixSvgRenderer(MatrixRenderer):
    """SVG files, sized in millimetres."""

    member_extension: ClassVar[str] = "svg"

    def draw(self, subject: Subject, config: MatrixConfig) -> Drawing:
        """The symbol with its human readable text as title."""
        symbol = self.symbol(subject, config)
        title = subject.element_string().hri()
        data = svg.draw_matrix(symbol, x_dimension_mm=config.x_dimension, title=title)
        return Drawing(data, symbol.payload, symbol.name, symbol.width * config.x_dimension)


class MatrixPngRenderer(MatrixRenderer):
    """PNG images of one bit for each pixel."""

    member_extension: ClassVar[str] = "png"
    compress: ClassVar[bool] = False

    def draw(self, subject: Subject, config: Pixels) -> Drawing:
        """The symbol in whole pixels."""
        symbol = self.symbol(subject, config)
        data = png.draw_matrix(symbol, pixels=config.pixels, dpi=config.dpi)
        return Drawing(data, symbol.payload, symbol.name, symbol.width * config.printed)

"""QR Codes that carry a GS1 Digital Link, one file for each lot or serial."""

import math
from typing import Any, ClassVar

from attrs import Attribute, field, frozen

from closient_export.errors import Gs1Error
from closient_export.gs1 import CANONICAL_STEM, check_stem, digital_link
from closient_export.plugins import Drawing, Problem, RequestError, Subject, SymbolZipRenderer
from closient_export.renderers.drawing import png, svg
from closient_export.renderers.symbols import qr
from closient_export.renderers.symbols.specifications import QR_X_DIMENSIONS, Environment

__all__ = ["QrConfig", "QrPngConfig", "QrPngRenderer", "QrSvgRenderer"]

_MM_PER_INCH = 25.4
_LONGEST_STEM = 200
_DPI_RANGE = (72, 2400)


def _check_stem(_instance: object, _attribute: "Attribute[str]", value: str) -> None:
    if len(value) > _LONGEST_STEM:
        message = f"expected a stem of at most {_LONGEST_STEM} characters, got {len(value)}"
        raise ValueError(message)
    try:
        check_stem(value)
    except Gs1Error as error:
        raise ValueError(str(error)) from error


@frozen(kw_only=True)
class QrConfig:
    """The knobs of a QR Code."""

    digital_link_stem: str = field(default=CANONICAL_STEM, validator=_check_stem)
    """What comes before the first AI: a resolver's address, such as ``https://example.com``."""
    error_correction: qr.ErrorCorrection = "M"
    """The same for all symbols of a job; about 7, 15, 25 or 30 % may be lost."""
    environment: Environment = "retail_pos"
    """Where it will be read, which decides how large a module may be."""
    x_dimension_mm: float | None = None
    """The width of a module in millimetres; the environment's target size if not given."""

    def __attrs_post_init__(self) -> None:
        minimum, _, maximum = QR_X_DIMENSIONS[self.environment]
        if not minimum <= self.x_dimension <= maximum:
            expected = f"expected {minimum} to {maximum} mm in the environment '{self.environment}'"
            problem = Problem("x_dimension_mm", f"{expected}, got {self.x_dimension_mm}")
            raise RequestError([problem])

    @property
    def x_dimension(self) -> float:
        """The width of a module in millimetres."""
        if self.x_dimension_mm is None:
            return QR_X_DIMENSIONS[self.environment].target
        return self.x_dimension_mm


def _check_dpi(_instance: object, _attribute: "Attribute[int]", value: int) -> None:
    low, high = _DPI_RANGE
    if not low <= value <= high:
        message = f"expected {low} to {high} dots to the inch, got {value}"
        raise ValueError(message)


@frozen(kw_only=True)
class QrPngConfig(QrConfig):
    """The knobs of a QR Code in pixels.

    A module is a whole number of pixels, or scanners see uneven modules: the X-dimension is
    rounded up to the next one, and down only where that would leave GS1's range.
    """

    dpi: int = field(default=300, validator=_check_dpi)
    """Of the printer, in dots to the inch."""

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        minimum, _, maximum = QR_X_DIMENSIONS[self.environment]
        printed = self.pixels * _MM_PER_INCH / self.dpi
        if not minimum <= printed <= maximum:
            expected = (
                f"expected a resolution with a whole number of dots of {minimum} to {maximum} mm, "
                f"got {self.dpi}, where {self.pixels} dots are {printed:.3f} mm"
            )
            raise RequestError([Problem("dpi", expected)])

    @property
    def pixels(self) -> int:
        """The width of a module in pixels."""
        exact = self.x_dimension * self.dpi / _MM_PER_INCH
        rounded_up = math.ceil(round(exact, 6))
        maximum = QR_X_DIMENSIONS[self.environment].maximum
        too_wide = rounded_up * _MM_PER_INCH / self.dpi > maximum
        return max(1, rounded_up - 1 if too_wide else rounded_up)


def _symbol(subject: Subject, config: QrConfig) -> tuple[str, qr.QrSymbol, str]:
    elements = subject.element_string()
    payload = digital_link(elements, config.digital_link_stem)
    return payload, qr.encode(payload, config.error_correction), elements.hri()


def _width_mm(symbol: qr.QrSymbol, x_dimension_mm: float) -> float:
    return (symbol.size + 2 * qr.QUIET_ZONE) * x_dimension_mm


class QrSvgRenderer(SymbolZipRenderer):
    """QR Codes as SVG files, sized in millimetres."""

    config: ClassVar[type[Any]] = QrConfig
    member_extension: ClassVar[str] = "svg"

    def draw(self, subject: Subject, config: QrConfig) -> Drawing:
        """The Digital Link of the subject as a QR Code."""
        payload, symbol, hri = _symbol(subject, config)
        data = svg.draw_matrix(
            symbol.rows, quiet_zone=qr.QUIET_ZONE, x_dimension_mm=config.x_dimension, title=hri
        )
        return Drawing(data, payload, str(symbol), _width_mm(symbol, config.x_dimension))


class QrPngRenderer(SymbolZipRenderer):
    """QR Codes as PNG images of one bit for each pixel."""

    config: ClassVar[type[Any]] = QrPngConfig
    member_extension: ClassVar[str] = "png"
    compress: ClassVar[bool] = False

    def draw(self, subject: Subject, config: QrPngConfig) -> Drawing:
        """The Digital Link of the subject as a QR Code."""
        payload, symbol, _ = _symbol(subject, config)
        data = png.draw_matrix(
            symbol.rows, quiet_zone=qr.QUIET_ZONE, pixels=config.pixels, dpi=config.dpi
        )
        printed = config.pixels * _MM_PER_INCH / config.dpi
        return Drawing(data, payload, str(symbol), _width_mm(symbol, printed))

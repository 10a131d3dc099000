"""Matrix symbols as files: how large they are printed, and as what."""

import math
from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

from attrs import Attribute, field, frozen

from closient_export.errors import ExportError, shown
from closient_export.gs1 import ElementString
from closient_export.plugins import (
    ArtifactConfig,
    BulkSymbolZipRenderer,
    Drawing,
    Problem,
    RequestError,
    Subject,
)
from closient_export.renderers.drawing import png, svg
from closient_export.renderers.symbols.matrix import EncodedPayloads, MatrixSymbols
from closient_export.renderers.symbols.specifications import Environment, XDimension

__all__ = [
    "EncodedSubjects",
    "MatrixConfig",
    "MatrixPngRenderer",
    "MatrixRenderer",
    "MatrixSvgRenderer",
    "Pixels",
    "encoded",
]

_MM_PER_INCH = 25.4
_DPI_RANGE = (72, 2400)


# Without slots, so that a symbology's knobs and those of pixels can be inherited together.
@frozen(kw_only=True, slots=False)
class MatrixConfig(ArtifactConfig):
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


class MatrixRenderer(BulkSymbolZipRenderer):
    """A matrix symbol for each subject; a symbology says what it holds and how it is made."""

    @abstractmethod
    def payload(self, elements: ElementString, config: Any) -> str:
        """What the symbol for an element string says.

        Raises:
            ExportError: it cannot be said.
        """

    @abstractmethod
    def encode(self, payloads: Sequence[str], config: Any) -> EncodedPayloads:
        """The symbols for some payloads."""

    @abstractmethod
    def files(
        self, symbols: MatrixSymbols, elements: Sequence[ElementString], config: Any
    ) -> Iterable[bytes]:
        """The file of each symbol; `elements` is what they say, in order."""

    @abstractmethod
    def module_width(self, config: Any) -> float:
        """How wide a module is printed, in millimetres."""

    def draw_all(
        self, subjects: Sequence[Subject], config: MatrixConfig
    ) -> list[Drawing | ExportError]:
        """The subjects' symbols, those of one size together."""
        groups, errors = encoded(
            subjects,
            lambda elements: self.payload(elements, config),
            lambda payloads: self.encode(payloads, config),
        )
        drawn: dict[int, Drawing | ExportError] = {**errors}
        for group in groups:
            symbols = group.symbols
            width = symbols.width * self.module_width(config)
            files = self.files(symbols, group.elements, config)
            for place, payload, file in zip(group.places, group.payloads, files, strict=True):
                drawn[place] = Drawing(file, payload, symbols.name, width)
        return [drawn[place] for place in range(len(subjects))]


class EncodedSubjects(NamedTuple):
    """Subjects whose symbols are of one size; the sequences go side by side."""

    symbols: MatrixSymbols
    places: list[int]
    """Which of the subjects they are."""
    elements: list[ElementString]
    payloads: list[str]


def encoded(
    subjects: Sequence[Subject],
    payload: Callable[[ElementString], str],
    encode: Callable[[Sequence[str]], EncodedPayloads],
) -> tuple[list[EncodedSubjects], dict[int, ExportError]]:
    """The symbols of subjects, those of one size together, and the errors of the others.

    Args:
        subjects: What the symbols are for.
        payload: What the symbol for an element string says; it may raise an ExportError.
        encode: Makes the symbols for some payloads.
    """
    errors: dict[int, ExportError] = {}
    places, elements, payloads = [], [], []
    for place, subject in enumerate(subjects):
        try:
            said = subject.element_string()
            payloads.append(payload(said))
        except ExportError as error:
            errors[place] = error
        else:
            places.append(place)
            elements.append(said)
    found = encode(payloads)
    errors |= {places[at]: error for at, error in found.errors.items()}
    groups = [
        EncodedSubjects(
            symbols,
            [places[at] for at in symbols.places],
            [elements[at] for at in symbols.places],
            [payloads[at] for at in symbols.places],
        )
        for symbols in found.groups
    ]
    return groups, errors


class MatrixSvgRenderer(MatrixRenderer):
    """SVG files, sized in millimetres."""

    member_extension: ClassVar[str] = "svg"

    def module_width(self, config: MatrixConfig) -> float:
        """The X-dimension."""
        return config.x_dimension

    def files(
        self, symbols: MatrixSymbols, elements: Sequence[ElementString], config: MatrixConfig
    ) -> Iterable[bytes]:
        """SVG documents with their human readable text as title."""
        titles = [each.hri() for each in elements]
        return svg.draw_matrices(symbols, x_dimension_mm=config.x_dimension, titles=titles)


class MatrixPngRenderer(MatrixRenderer):
    """PNG images of one bit for each pixel."""

    member_extension: ClassVar[str] = "png"
    compress: ClassVar[bool] = False

    def module_width(self, config: Pixels) -> float:
        """That of a whole number of pixels."""
        return config.printed

    def files(
        self, symbols: MatrixSymbols, elements: Sequence[ElementString], config: Pixels
    ) -> Iterable[bytes]:
        """PNG images in whole pixels."""
        del elements
        return png.draw_matrices(
            symbols, pixels=config.pixels, dpi=config.dpi, compressor=self.compressor(config)
        )

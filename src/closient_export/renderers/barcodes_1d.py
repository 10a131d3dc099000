"""Linear bar codes, one file for each lot or serial, or for its bare GTIN."""

from abc import abstractmethod
from typing import Any, ClassVar, Literal

from attrs import Attribute, field, frozen

from closient_export.errors import RenderError
from closient_export.plugins import ArtifactConfig, Drawing, Subject, SymbolZipRenderer
from closient_export.renderers.drawing import eps, svg
from closient_export.renderers.drawing.artwork import Artwork
from closient_export.renderers.drawing.linear import BearerBars, draw_linear
from closient_export.renderers.symbols.linear import (
    LinearSymbol,
    encode_gs1_128,
    encode_gtin,
    encode_itf_14,
)
from closient_export.renderers.symbols.specifications import (
    LINEAR_SPECIFICATIONS,
    Environment,
    LinearSpecification,
    sizes_in,
)
from closient_export.subjects import Product

__all__ = [
    "LOWEST_BARS",
    "WIDEST_GS1_128",
    "LinearConfig",
    "LinearEpsConfig",
    "LinearEpsRenderer",
    "LinearSvgRenderer",
    "draw_bars",
    "linear_symbol",
]

Symbology = Literal["auto", "gs1_128", "gtin", "itf_14"]

WIDEST_GS1_128 = 165.10
"""In millimetres, quiet zones included (GenSpecs 5.4.4.3)."""
LOWEST_BARS = 5.8
"""In millimetres, where space is tight."""


def _check_positive(_instance: object, _attribute: "Attribute[Any]", value: float | None) -> None:
    if value is not None and not 0 < value <= 10:
        message = f"expected more than 0 and at most 10 mm, got {value}"
        raise ValueError(message)


def _check_height(_instance: object, _attribute: "Attribute[Any]", value: float | None) -> None:
    if value is not None and not LOWEST_BARS <= value <= 200:
        message = f"expected {LOWEST_BARS} to 200 mm, got {value}"
        raise ValueError(message)


@frozen(kw_only=True)
class LinearConfig(ArtifactConfig):
    """The knobs of a linear bar code."""

    symbology: Symbology = "auto"
    """``auto`` is GS1-128 for lots and serials, and the symbol of the bare GTIN for products;
    ``gtin`` the bare GTIN by its native length: EAN-8, UPC-A, EAN-13 or ITF-14."""
    environment: Environment = "general_distribution"
    """Where it will be read, which decides how large it must be."""
    x_dimension_mm: float | None = field(default=None, validator=_check_positive)
    """The width of the narrowest bar in millimetres; if not given, the environment's target, or
    what fits GS1-128's greatest width."""
    height_mm: float | None = field(default=None, validator=_check_height)
    """The height of the bars in millimetres; what GS1 asks for if not given."""
    text: bool = True
    """Whether the human readable text is written below."""
    bearer_bars: BearerBars = "horizontal"
    """What surrounds ITF-14: bars above and below, a frame, or nothing."""


@frozen(kw_only=True)
class LinearEpsConfig(LinearConfig):
    """The knobs of a linear bar code as EPS."""

    black: eps.Black = "gray"
    """Black as a grey level, or as full black ink alone, as print shops ask for."""


def linear_symbol(subject: Subject, symbology: Symbology) -> LinearSymbol:
    """The symbol that the symbology chooses for a subject.

    Raises:
        Gs1Error: GS1's rules forbid the lot or the serial.
        RenderError: the symbol cannot hold it.
    """
    if symbology == "itf_14":
        return encode_itf_14(subject.gtin)
    if symbology == "gtin" or (symbology == "auto" and isinstance(subject, Product)):
        return encode_gtin(subject.gtin)
    return encode_gs1_128(subject.element_string())


def draw_bars(symbol: LinearSymbol, config: LinearConfig) -> tuple[Artwork, float]:
    """The artwork of a symbol and its X-dimension in millimetres.

    Raises:
        RenderError: no X-dimension that GS1 allows there fits.
    """
    specification = sizes_in(LINEAR_SPECIFICATIONS[symbol.kind], config.environment, symbol.kind)
    x_dimension = _x_dimension(symbol, config, specification)
    artwork = draw_linear(
        symbol,
        x_dimension_mm=x_dimension,
        height_mm=config.height_mm or specification.height(x_dimension),
        text=config.text,
        bearer_bars=config.bearer_bars,
        title=symbol.title,
    )
    return artwork, x_dimension


def _x_dimension(
    symbol: LinearSymbol, config: LinearConfig, specification: LinearSpecification
) -> float:
    minimum, target, maximum = specification.x_dimension
    wanted = target if config.x_dimension_mm is None else config.x_dimension_mm
    if not minimum <= wanted <= maximum:
        raise RenderError(
            f"expected an X-dimension of {minimum} to {maximum} mm for {symbol.kind} in the "
            f"environment '{config.environment}', got {wanted}"
        )
    if symbol.kind != "GS1-128" or symbol.width * wanted <= WIDEST_GS1_128:
        return wanted
    widest = WIDEST_GS1_128 / symbol.width
    if config.x_dimension_mm is not None or widest < minimum:
        least = wanted if config.x_dimension_mm is not None else minimum
        raise RenderError(
            f"expected a GS1-128 symbol of at most {WIDEST_GS1_128:.1f} mm, got "
            f"{symbol.width * least:.1f} mm at an X-dimension of {least} mm"
        )
    return widest


class _LinearRenderer(SymbolZipRenderer):
    config: ClassVar[type[Any]] = LinearConfig

    @abstractmethod
    def encode(self, artwork: Artwork, config: Any) -> bytes:
        """The file of a drawing."""

    def draw(self, subject: Subject, config: LinearConfig) -> Drawing:
        """The subject's bar code with its text."""
        symbol = linear_symbol(subject, config.symbology)
        artwork, x_dimension = draw_bars(symbol, config)
        name = f"{symbol.kind} X={x_dimension:.3f}"
        return Drawing(self.encode(artwork, config), symbol.payload, name, artwork.width)


class LinearSvgRenderer(_LinearRenderer):
    """Linear bar codes as SVG files."""

    member_extension: ClassVar[str] = "svg"

    def encode(self, artwork: Artwork, config: LinearConfig) -> bytes:
        """An SVG document."""
        del config
        return svg.draw_artwork(artwork)


class LinearEpsRenderer(_LinearRenderer):
    """Linear bar codes as EPS files."""

    config: ClassVar[type[Any]] = LinearEpsConfig
    member_extension: ClassVar[str] = "eps"

    def encode(self, artwork: Artwork, config: LinearEpsConfig) -> bytes:
        """An EPS file."""
        return eps.draw_artwork(artwork, black=config.black)

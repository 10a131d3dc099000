"""GS1's symbol specification tables (SST): how large symbols are printed, by where they are read.

Values of GenSpecs section 5.12.3.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeVar

from closient_export.errors import RenderError

__all__ = [
    "DATAMATRIX_X_DIMENSIONS",
    "LINEAR_SPECIFICATIONS",
    "QR_X_DIMENSIONS",
    "Environment",
    "LinearSpecification",
    "XDimension",
    "sizes_in",
]

_T = TypeVar("_T")

Environment = Literal["retail_pos", "general_distribution", "retail_pos_and_distribution", "other"]
"""Where a symbol is read: SST 1, 2, 3 and 4."""


class XDimension(NamedTuple):
    """How wide a module may be, in millimetres."""

    minimum: float
    target: float
    maximum: float


QR_X_DIMENSIONS: dict[Environment, XDimension] = {
    "retail_pos": XDimension(0.396, 0.495, 0.990),
    "general_distribution": XDimension(0.743, 0.743, 1.500),
    "retail_pos_and_distribution": XDimension(0.743, 0.990, 0.990),
    "other": XDimension(0.380, 0.380, 0.495),
}
"""Of a QR Code with a Digital Link URI; in general distribution, of a QR Code."""

DATAMATRIX_X_DIMENSIONS: dict[Environment, XDimension] = {
    "retail_pos": XDimension(0.375, 0.625, 0.990),
    "general_distribution": XDimension(0.743, 0.743, 1.500),
    "other": XDimension(0.380, 0.380, 0.495),
}
"""Of a GS1 DataMatrix with an element string."""


def sizes_in(tables: Mapping[Environment, _T], environment: Environment, name: str) -> _T:
    """What GS1's table for that environment says of the symbol called `name`.

    Raises:
        RenderError: there is no table of that symbol for the environment.
    """
    if environment not in tables:
        raise RenderError(
            f"{name} has no size in the environment '{environment}', expected one of "
            f"{', '.join(tables)}"
        )
    return tables[environment]


class LinearSpecification(NamedTuple):
    """How large a linear symbol must be, in millimetres."""

    x_dimension: XDimension
    bar_height: float
    """Of the bars: a minimum, or for EAN/UPC the height at `nominal`, to which it is proportional."""
    nominal: float | None = None

    def height(self, x_dimension: float) -> float:
        """The height of the bars at an X-dimension."""
        return (
            self.bar_height
            if self.nominal is None
            else self.bar_height * x_dimension / self.nominal
        )


_EAN_SMALL, _EAN_LARGE = XDimension(0.264, 0.330, 0.660), XDimension(0.495, 0.660, 0.660)


def _ean(height: float) -> Mapping[Environment, LinearSpecification]:
    small = LinearSpecification(_EAN_SMALL, height, 0.330)
    large = LinearSpecification(_EAN_LARGE, height, 0.330)
    return {
        "retail_pos": small,
        "general_distribution": large,
        "retail_pos_and_distribution": large,
        "other": small,
    }


_NOT_FOR_RETAIL: Mapping[Environment, LinearSpecification] = {
    "general_distribution": LinearSpecification(XDimension(0.495, 0.495, 1.016), 31.75),
    "other": LinearSpecification(XDimension(0.250, 0.495, 0.495), 12.70),
}

LINEAR_SPECIFICATIONS: Mapping[str, Mapping[Environment, LinearSpecification]] = {
    "EAN-13": _ean(22.85),
    "UPC-A": _ean(22.85),
    "EAN-8": _ean(18.23),
    "ITF-14": _NOT_FOR_RETAIL,
    "GS1-128": _NOT_FOR_RETAIL,
}
"""Of linear symbols; GS1-128 and ITF-14 are not read at the point of sale."""

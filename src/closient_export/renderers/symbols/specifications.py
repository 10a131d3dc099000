"""GS1's symbol specification tables (SST): how large symbols are printed, by where they are read.

Values of GenSpecs section 5.12.3. Where scanning environments overlap, the narrower one rules.
"""

from typing import Literal, NamedTuple

__all__ = ["QR_X_DIMENSIONS", "Environment", "XDimension"]

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
    "retail_pos_and_distribution": XDimension(0.743, 0.743, 0.990),
    "other": XDimension(0.380, 0.380, 0.495),
}
"""Of a QR Code with a Digital Link URI."""

"""How large GS1 allows a module to be, and which of these sizes a printer can print.

A printer prints whole dots, and no scanner likes uneven modules, so a module is a whole number of dots.
"""

import math
from collections.abc import Mapping
from typing import Literal, NamedTuple

__all__ = ["DOTS_PER_MM", "X_DIMENSIONS", "Environment", "SymbolKind", "XDimension", "dots_within"]

SymbolKind = Literal["qr", "datamatrix", "gs1_128"]
Environment = Literal["retail_pos", "general_distribution", "other"]

DOTS_PER_MM: Mapping[int, int] = {203: 8, 300: 12, 600: 24}
"""Zebra's print heads, by their nominal resolution in dots to the inch."""


class XDimension(NamedTuple):
    """The width of a module in millimetres."""

    minimum: float
    target: float
    maximum: float


X_DIMENSIONS: Mapping[tuple[SymbolKind, Environment], XDimension] = {
    ("qr", "retail_pos"): XDimension(0.396, 0.495, 0.990),
    ("qr", "general_distribution"): XDimension(0.743, 0.743, 1.500),
    ("qr", "other"): XDimension(0.380, 0.380, 0.495),
    ("datamatrix", "retail_pos"): XDimension(0.375, 0.625, 0.990),
    ("datamatrix", "general_distribution"): XDimension(0.743, 0.743, 1.500),
    ("datamatrix", "other"): XDimension(0.380, 0.380, 0.495),
    ("gs1_128", "general_distribution"): XDimension(0.495, 0.495, 1.016),
    ("gs1_128", "other"): XDimension(0.250, 0.495, 0.495),
}
"""GS1's symbol specification tables; GS1-128 is not for retail points of sale."""

_MOST_DOTS: Mapping[SymbolKind, int] = {"qr": 100, "datamatrix": 1000, "gs1_128": 10}
"""What the commands of the symbols take: ^BQ's magnification, ^BX's height, ^BY's module width."""


def dots_within(kind: SymbolKind, x_dimension: XDimension, dots_per_mm: int) -> range:
    """The widths of a module that are legal and can be printed, in dots, ascending."""
    fewest = math.ceil(round(x_dimension.minimum * dots_per_mm, 6))
    most = math.floor(round(x_dimension.maximum * dots_per_mm, 6))
    return range(fewest, min(most, _MOST_DOTS[kind]) + 1)

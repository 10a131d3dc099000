"""GS1 DataMatrix symbols with the element string of each lot or serial, one file for each."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from attrs import frozen

from closient_export.gs1 import ElementString
from closient_export.renderers.matrix import (
    MatrixConfig,
    MatrixPngRenderer,
    MatrixRenderer,
    MatrixSvgRenderer,
    Pixels,
)
from closient_export.renderers.symbols import datamatrix, libdmtx
from closient_export.renderers.symbols.matrix import EncodedPayloads
from closient_export.renderers.symbols.specifications import (
    DATAMATRIX_X_DIMENSIONS,
    Environment,
    XDimension,
)

__all__ = [
    "DataMatrixConfig",
    "DataMatrixPngConfig",
    "DataMatrixPngRenderer",
    "DataMatrixSvgRenderer",
]


@frozen(kw_only=True, slots=False)
class DataMatrixConfig(MatrixConfig):
    """The knobs of a GS1 DataMatrix."""

    x_dimensions: ClassVar[Mapping[Environment, XDimension]] = DATAMATRIX_X_DIMENSIONS

    shape: datamatrix.Shape = "square"
    """A square, or one of the six rectangles of ISO/IEC 16022 where the data fit."""
    separator: datamatrix.Separator = "fnc1"
    """What stands between elements: FNC1, or the control character GS for readers that want it."""


@frozen(kw_only=True, slots=False)
class DataMatrixPngConfig(DataMatrixConfig, Pixels):
    """The knobs of a GS1 DataMatrix in pixels."""


class _DataMatrixRenderer(MatrixRenderer):
    def __init__(self) -> None:
        libdmtx.load()

    def payload(self, elements: ElementString, config: DataMatrixConfig) -> str:
        """AIs and data, with separators where they are needed."""
        del config
        return elements.raw()

    def encode(self, payloads: Sequence[str], config: DataMatrixConfig) -> EncodedPayloads:
        """GS1 DataMatrix symbols."""
        return datamatrix.encode(payloads, config.shape, config.separator)


class DataMatrixSvgRenderer(_DataMatrixRenderer, MatrixSvgRenderer):
    """GS1 DataMatrix symbols as SVG files."""

    config: ClassVar[type[Any]] = DataMatrixConfig


class DataMatrixPngRenderer(_DataMatrixRenderer, MatrixPngRenderer):
    """GS1 DataMatrix symbols as PNG images."""

    config: ClassVar[type[Any]] = DataMatrixPngConfig

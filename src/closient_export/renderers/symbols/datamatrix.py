"""GS1 DataMatrix symbols (ISO/IEC 16022, ECC 200, FNC1 first), as small as the data allow."""

from typing import Literal

from closient_export.gs1 import FNC1, ElementString
from closient_export.renderers.symbols import libdmtx
from closient_export.renderers.symbols.matrix import MatrixSymbol

__all__ = ["Separator", "Shape", "encode"]

Shape = Literal["square", "rectangular"]
Separator = Literal["fnc1", "gs"]
"""What stands between elements where one is needed: both are legal, some readers want GS."""

_QUIET_ZONE = 1
_FNC1_BYTE = 0xE8
"""No byte of an element string: it stands for FNC1 on the way to libdmtx."""


def encode(elements: ElementString, shape: Shape, separator: Separator) -> MatrixSymbol:
    """The symbol for an element string.

    Raises:
        RenderError: it does not fit a symbol of that shape.
        RendererLoadError: libdmtx is not installed.
    """
    raw = elements.raw()
    data = raw if separator == "gs" else raw.replace(FNC1, chr(_FNC1_BYTE))
    rows = libdmtx.encode(
        (chr(_FNC1_BYTE) + data).encode("latin-1"),
        fnc1=_FNC1_BYTE,
        rectangular=shape == "rectangular",
    )
    return MatrixSymbol(rows, _QUIET_ZONE, f"GS1 DataMatrix {len(rows)}x{len(rows[0])}", raw)

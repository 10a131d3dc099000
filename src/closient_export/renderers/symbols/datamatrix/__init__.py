"""GS1 DataMatrix symbols (ISO/IEC 16022, ECC 200, FNC1 first), as small as the data allow.

libdmtx says what is right: ASCII encodation, unless its mixture of encodations gives a smaller
symbol. Where no mixture can, up to 64x64, batches of symbols are made at once, equal to libdmtx's
module for module, and the library is not needed; it makes the others.
"""

from collections.abc import Sequence
from typing import Literal

from closient_export.renderers.symbols.matrix import EncodedPayloads

__all__ = ["Separator", "Shape", "encode"]

Shape = Literal["square", "rectangular"]
"""A square, or one of the six rectangles of ISO/IEC 16022."""
Separator = Literal["fnc1", "gs"]
"""What stands between elements where one is needed: both are legal, some readers want GS."""


def encode(payloads: Sequence[str], shape: Shape, separator: Separator) -> EncodedPayloads:
    """The smallest symbol of that shape for each of some raw element strings.

    They are those of `closient_export.gs1.ElementString.raw`. One that fits no symbol of that shape
    is an error of its own.

    Raises:
        RendererLoadError: libdmtx is needed, and not installed.
    """
    from closient_export.renderers.symbols.datamatrix import batches  # noqa: PLC0415 - brings numpy

    return batches.encode(payloads, shape, separator)

"""QR Code symbols (ISO/IEC 18004), model 2, as small as the data allow.

segno says what is right. It makes the large symbols; up to version 11 batches of symbols are made at
once, equal to segno's module for module. How the data are cut into segments of numeric,
alphanumeric and byte mode, which segno leaves to its caller, is decided here. Micro QR and ECI are
not part of the GS1 system (GenSpecs 5.7), so neither is used.
"""

from collections.abc import Sequence
from typing import Literal

from closient_export.renderers.symbols.matrix import EncodedPayloads

__all__ = ["ErrorCorrection", "encode"]

ErrorCorrection = Literal["L", "M", "Q", "H"]


def encode(texts: Sequence[str], error_correction: ErrorCorrection) -> EncodedPayloads:
    """The smallest symbol for each of some ASCII texts at exactly that error correction level.

    A text that does not fit the largest symbol, version 40, is an error of its own.
    """
    from closient_export.renderers.symbols.qr import batches  # noqa: PLC0415 - brings numpy

    return batches.encode(texts, error_correction)

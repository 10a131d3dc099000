"""PNG images of one bit for each pixel (ISO/IEC 15948)."""

import struct
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from closient_export.compression import Compressor
from closient_export.renderers.symbols.matrix import MatrixSymbols

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["draw_matrices"]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREYSCALE = 0
_UNIT_METRE = 1
_UP = 2
"""The filter type of a scanline that says how it differs from the one above (9.2)."""
_BATCH = 64
"""Images that are laid out at once."""


def draw_matrices(
    symbols: MatrixSymbols, *, pixels: int, dpi: int, compressor: Compressor
) -> Iterator[bytes]:
    """Matrix symbols as PNG images, black on white to the edge of the quiet zone.

    Args:
        symbols: The modules.
        pixels: The width of a module.
        dpi: Pixels to the inch, recorded in the image so that it prints at its size.
        compressor: What compresses the pixels.
    """
    size = (symbols.width * pixels, symbols.height * pixels)
    per_metre = round(dpi / 0.0254)
    before = b"".join(
        (
            _SIGNATURE,
            _chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 1, _GREYSCALE, 0, 0, 0)),
            _chunk(b"pHYs", struct.pack(">IIB", per_metre, per_metre, _UNIT_METRE)),
        )
    )
    end = _chunk(b"IEND", b"")
    for start in range(0, len(symbols), _BATCH):
        some = symbols.modules[start : start + _BATCH]
        for scanlines in _scanlines(some, symbols.quiet_zone, pixels):
            data = compressor.zlib_stream(scanlines)
            yield b"".join((before, _chunk(b"IDAT", data), end))


def _scanlines(modules: "NDArray[np.uint8]", quiet_zone: int, pixels: int) -> Iterator[bytes]:
    """The scanlines of each image behind their filter types; a set bit is white.

    A row of modules is one scanline, and then others that differ from it in nothing, which
    compresses in no time.
    """
    import numpy as np  # noqa: PLC0415 - loaded when first needed

    zone = (quiet_zone, quiet_zone)
    dark = np.pad(modules, ((0, 0), zone, zone))
    count, height, width = dark.shape
    white = np.repeat(dark ^ 1, pixels, axis=2)
    scanlines = np.zeros((count, height, pixels, 1 + -(-width * pixels // 8)), np.uint8)
    scanlines[:, :, 0, 1:] = np.packbits(white, axis=2)
    scanlines[:, :, 1:, 0] = _UP
    image = height * pixels * scanlines.shape[3]
    data = scanlines.tobytes()
    return (data[start : start + image] for start in range(0, len(data), image))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

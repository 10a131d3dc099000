"""PNG images of one bit for each pixel (ISO/IEC 15948)."""

import struct
import zlib

from closient_export.renderers.symbols.matrix import MatrixSymbol

__all__ = ["draw_matrix"]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREYSCALE = 0
_UNIT_METRE = 1


def draw_matrix(symbol: MatrixSymbol, *, pixels: int, dpi: int) -> bytes:
    """A matrix symbol as a PNG image, black on white to the edge of the quiet zone.

    Args:
        symbol: The modules.
        pixels: The width of a module.
        dpi: Pixels to the inch, recorded in the image so that it prints at its size.
    """
    width, height = symbol.width * pixels, symbol.height * pixels
    quiet_zone = symbol.quiet_zone
    light = _scanline(bytes(len(symbol.rows[0])), quiet_zone, pixels)
    margin = light * (quiet_zone * pixels)
    dark = b"".join(_scanline(row, quiet_zone, pixels) * pixels for row in symbol.rows)
    image = margin + dark + margin
    per_metre = round(dpi / 0.0254)
    return b"".join(
        (
            _SIGNATURE,
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, _GREYSCALE, 0, 0, 0)),
            _chunk(b"pHYs", struct.pack(">IIB", per_metre, per_metre, _UNIT_METRE)),
            _chunk(b"IDAT", zlib.compress(image, 9)),
            _chunk(b"IEND", b""),
        )
    )


def _scanline(row: bytes, quiet_zone: int, pixels: int) -> bytes:
    """A row of pixels behind its filter type, "none"; a set bit is white."""
    margin = "1" * (quiet_zone * pixels)
    bits = margin + "".join(("0" if module else "1") * pixels for module in row) + margin
    padded = bits + "1" * (-len(bits) % 8)
    return b"\x00" + int(padded, 2).to_bytes(len(padded) // 8, "big")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

"""PNG images of one bit for each pixel (ISO/IEC 15948)."""

import struct
import zlib
from collections.abc import Sequence

__all__ = ["draw_matrix"]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREYSCALE = 0
_UNIT_METRE = 1


def draw_matrix(rows: Sequence[bytes], *, quiet_zone: int, pixels: int, dpi: int) -> bytes:
    """A matrix symbol as a PNG image, black on white to the edge of the quiet zone.

    Args:
        rows: The modules, one byte each, 1 for dark.
        quiet_zone: Light modules on all sides.
        pixels: The width of a module.
        dpi: Pixels to the inch, recorded in the image so that it prints at its size.
    """
    width = (len(rows[0]) + 2 * quiet_zone) * pixels
    height = (len(rows) + 2 * quiet_zone) * pixels
    light = _scanline([0] * len(rows[0]), quiet_zone, pixels)
    margin = light * (quiet_zone * pixels)
    image = margin + b"".join(_scanline(row, quiet_zone, pixels) * pixels for row in rows) + margin
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


def _scanline(row: Sequence[int], quiet_zone: int, pixels: int) -> bytes:
    """A row of pixels behind its filter type, "none"; a set bit is white."""
    margin = "1" * (quiet_zone * pixels)
    bits = margin + "".join(("0" if module else "1") * pixels for module in row) + margin
    padded = bits + "1" * (-len(bits) % 8)
    return b"\x00" + int(padded, 2).to_bytes(len(padded) // 8, "big")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

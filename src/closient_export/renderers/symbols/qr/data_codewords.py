"""From text to data codewords (ISO/IEC 18004 7.4), for a batch of texts cut in the same way."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from closient_export.renderers.symbols.qr.segments import MODES, Cut

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["data_codewords"]

_MODE_INDICATORS = {"numeric": 0b0001, "alphanumeric": 0b0010, "byte": 0b0100}
"""Table 2."""
_TERMINATOR = 4
_PADS = (0b11101100, 0b00010001)

_ALPHANUMERIC = np.zeros(128, np.uint16)
"""Table 5: the value of each character."""
for _value, _character in enumerate(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"):
    _ALPHANUMERIC[_character] = _value


def data_codewords(
    texts: "NDArray[np.uint8]", cuts: Sequence[Cut], version_range: int, count: int
) -> "NDArray[np.uint8]":
    """The data codewords of a symbol for each text.

    Args:
        texts: By text, its ASCII characters.
        cuts: How all of them are cut into segments.
        version_range: As `closient_export.renderers.symbols.qr.segments.segments` has it.
        count: How many data codewords the symbol has (table 7); they suffice.
    """
    pieces = [piece for cut in cuts for piece in _segment(texts, cut, version_range)]
    used = sum(piece.shape[1] for piece in pieces)
    # 7.4.9: the terminator, as much of it as there is room for
    terminator = min(_TERMINATOR, 8 * count - used)
    # 7.4.10: zeros up to a whole codeword. segno 1.6.6 adds a whole codeword of them where there is
    # nothing to fill; readers stop before it, and our symbols are those of segno.
    filled = min(8 * count, (used + terminator) // 8 * 8 + 8)
    bits = np.zeros((len(texts), filled), np.uint8)
    at = 0
    for piece in pieces:
        bits[:, at : at + piece.shape[1]] = piece
        at += piece.shape[1]
    codewords = np.empty((len(texts), count), np.uint8)
    start = filled // 8
    codewords[:, :start] = np.packbits(bits, axis=1)
    for place in range(start, count):
        codewords[:, place] = _PADS[(place - start) % 2]
    return codewords


def _segment(
    texts: "NDArray[np.uint8]", cut: Cut, version_range: int
) -> Iterator["NDArray[np.uint8]"]:
    """Mode indicator, character count indicator and data, as bits."""
    characters = texts[:, cut.start : cut.stop]
    length = cut.stop - cut.start
    header = np.array([[_MODE_INDICATORS[cut.mode], length]], np.uint16)
    yield _bits(header[:, :1], 4)
    yield _bits(header[:, 1:], MODES[cut.mode].count_bits[version_range])
    if cut.mode == "numeric":
        yield from _groups(characters - np.uint8(ord("0")), 10, (10, 7, 4))
    elif cut.mode == "alphanumeric":
        yield from _groups(_ALPHANUMERIC[characters], 45, (11, 6))
    else:
        yield np.unpackbits(characters, axis=1)


def _groups(
    values: "NDArray[np.unsignedinteger]", base: int, widths: Sequence[int]
) -> Iterator["NDArray[np.uint8]"]:
    """Values in groups of as many as there are widths, the last one shorter (7.4.4, 7.4.5).

    Args:
        values: By text, the value of each character.
        base: Of the number that a group is.
        widths: Of the bits of a group that is whole, lacks one value, lacks two.
    """
    size = len(widths)
    whole = values.shape[1] // size * size
    for group, missing in ((values[:, :whole], 0), (values[:, whole:], None)):
        length = size if missing == 0 else group.shape[1]
        if group.shape[1]:
            digits = group.reshape(len(group), -1, length).astype(np.uint16)
            number = digits[..., 0]
            for place in range(1, length):
                number = number * np.uint16(base) + digits[..., place]
            yield _bits(number, widths[size - length])


def _bits(numbers: "NDArray[np.uint16]", width: int) -> "NDArray[np.uint8]":
    """Numbers by text in so many bits each, one after the other."""
    octets = numbers.astype(">u2").view(np.uint8).reshape(len(numbers), -1, 2)
    bits = np.unpackbits(octets, axis=2)[:, :, 16 - width :]
    return bits.reshape(len(numbers), -1)

"""What a version and an error correction level make of a symbol's data codewords.

ISO/IEC 18004 6.3 (patterns), 7.5 and 7.6 (error correction, interleaving), 7.7 (placement), 7.8.2
(masks), 7.9 and 7.10 (format and version information). The tables of numbers are segno's.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import count, product
from typing import TYPE_CHECKING, Any

import numpy as np
from segno import consts as segno_consts

from closient_export.renderers.symbols.codeword_map import Block, CodewordMap, packed
from closient_export.renderers.symbols.qr.masks import PATTERNS, MaskChoice
from closient_export.renderers.symbols.reed_solomon import check_bits

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LARGEST_VERSION", "Structure", "capacity", "structure"]

consts: Any = segno_consts  # whose annotations say nothing of the tables

LARGEST_VERSION = 11
"""A row of its 61 modules fits a word of 64 bits; that of a larger one does not."""

_FIELD = 0x11D
"""x^8 + x^4 + x^3 + x^2 + 1 (7.5.2)."""
_BATCH = 256
"""Symbols whose masks are judged at once: as many as keep within a processor's second cache."""

_LIGHT, _DARK, _FREE = 0, 1, 2


def capacity(version: int, level: str) -> int:
    """How many bits of data a symbol holds (table 7)."""
    bits: int = consts.SYMBOL_CAPACITY[version][consts.ERROR_MAPPING[level]]
    return bits


class Structure:
    """Makes the symbols of one version and error correction level."""

    def __init__(self, version: int, level: str) -> None:
        error = consts.ERROR_MAPPING[level]
        self.width = 17 + 4 * version
        self.data_count = capacity(version, level) // 8
        patterns = _function_patterns(version, self.width)
        free = patterns == _FREE
        fixed = np.where(free, _LIGHT, patterns).astype(np.uint8)
        places = list(_placement(free))
        # Remainder bits (table 1) are left light.
        bits = [places[at : at + 8] for at in range(0, len(places) // 8 * 8, 8)]
        self.codeword_map = CodewordMap(fixed, bits, list(_blocks(consts.ECC[version][error])))
        rows, columns = np.indices(free.shape)
        masks = np.array([free & pattern(rows, columns) for pattern in PATTERNS])
        self._masks = packed(masks)
        # Judged without, printed with format and version information.
        information = (_information(version, error, mask, self.width) for mask in range(8))
        self._finished_masks = self._masks ^ packed(np.array(list(information)))

    def rows(self, codewords: "NDArray[np.uint8]") -> "NDArray[Any]":
        """The rows of modules of finished symbols as words, by symbol and row.

        Args:
            codewords: By symbol, its data codewords.
        """
        found = self.codeword_map.rows(codewords)
        size = min(_BATCH, len(found))
        upright = np.zeros((self.width, size), found.dtype)
        # It works in arrays of its own, so that threads do not share them.
        choose = MaskChoice(self._masks, size)
        for start in range(0, len(found), size):
            some = found[start : start + size]
            upright[:, : len(some)] = some.T
            some ^= self._finished_masks.take(choose(upright)[: len(some)], axis=0)
        return found


@lru_cache(maxsize=16)
def structure(version: int, level: str) -> Structure:
    """That of a version from 1 to `LARGEST_VERSION` and a level."""
    return Structure(version, level)


def _function_patterns(version: int, width: int) -> "NDArray[np.uint8]":
    """6.3: all modules that carry no codeword; those of format and version information light."""
    modules = np.full((width, width), _FREE, np.uint8)
    modules[8, :9] = modules[:9, 8] = modules[8, -8:] = modules[-8:, 8] = _LIGHT
    if version >= 7:
        modules[:6, -11:-8] = modules[-11:-8, :6] = _LIGHT
    # 6.3.5: timing patterns
    modules[6] = modules[:, 6] = np.arange(1, width + 1) % 2
    # 6.3.6: alignment patterns, but where finder patterns are
    centres: Sequence[int] = consts.ALIGNMENT_POS[version - 2] if version > 1 else ()
    for row, column in product(centres, repeat=2):
        if (row, column) not in ((6, 6), (6, centres[-1]), (centres[-1], 6)):
            _square(modules, row, column, "\1\0\1")
    # 6.3.3, 6.3.4: finder patterns with their separators
    for row, column in ((3, 3), (3, width - 4), (width - 4, 3)):
        _square(modules, row, column, "\1\1\0\1\0")
    return modules


def _square(modules: "NDArray[np.uint8]", row: int, column: int, rings: str) -> None:
    """Draw squares about a module, the innermost ring first, as far as the symbol reaches."""
    for radius in range(len(rings) - 1, -1, -1):
        top, left = max(row - radius, 0), max(column - radius, 0)
        modules[top : row + radius + 1, left : column + radius + 1] = ord(rings[radius])


def _placement(free: "NDArray[np.bool_]") -> Iterator[tuple[int, int]]:
    """7.7.3: two columns at a time from the right, upwards and downwards in turn."""
    width = len(free)
    upwards = True
    for right in range(width - 1, 0, -2):
        # The vertical timing pattern is skipped.
        pair = (right, right - 1) if right > 6 else (right - 1, right - 2)
        for row in reversed(range(width)) if upwards else range(width):
            yield from ((row, column) for column in pair if free[row, column])
        upwards = not upwards


def _blocks(sizes: Any) -> Iterator[Block]:
    """7.5, 7.6: the blocks of a symbol, and where interleaving puts their codewords."""
    shapes = [
        (size.num_data, size.num_total - size.num_data)
        for size in sizes
        for _ in range(size.num_blocks)
    ]
    placed: list[tuple[list[int], list[int]]] = [([], []) for _ in shapes]
    places = count()
    for kind in (0, 1):
        for turn in range(max(shape[kind] for shape in shapes)):
            for shape, block in zip(shapes, placed, strict=True):
                if turn < shape[kind]:
                    block[kind].append(next(places))
    for (data_count, check_count), (data, checks) in zip(shapes, placed, strict=True):
        bits = check_bits(data_count, check_count, polynomial=_FIELD, first_root=0)
        yield Block(data, checks, bits)


def _information(version: int, error: int, mask: int, width: int) -> "NDArray[np.uint8]":
    """7.9, 7.10: the modules of format and version information, and the lone dark module."""
    modules = np.zeros((width, width), np.uint8)
    bits_of_level = {
        consts.ERROR_LEVEL_L: 1,
        consts.ERROR_LEVEL_M: 0,
        consts.ERROR_LEVEL_Q: 3,
        consts.ERROR_LEVEL_H: 2,
    }
    form = consts.FORMAT_INFO[bits_of_level[error] << 3 | mask]
    skips = [0, 1, 2, 3, 4, 5, 7, 8]
    for bit in range(8):
        low, high = form >> bit & 1, form >> (14 - bit) & 1
        modules[skips[bit], 8] = modules[8, width - 1 - bit] = low
        if bit < 7:
            modules[8, skips[bit]] = modules[width - 1 - bit, 8] = high
    modules[width - 8, 8] = _DARK
    if version >= 7:
        number = consts.VERSION_INFO[version - 7]
        for bit in range(18):
            row, column = bit // 3, width - 11 + bit % 3
            modules[row, column] = modules[column, row] = number >> bit & 1
    return modules

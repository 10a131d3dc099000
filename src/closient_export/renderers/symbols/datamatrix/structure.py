"""What a symbol's size makes of its data codewords.

ISO/IEC 16022 5.7 and annex A (error correction, interleaving), 5.8 and annex F (construction), for
the sizes of table 7 whose rows fit a word.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from closient_export.renderers.symbols.codeword_map import Block, CodewordMap
from closient_export.renderers.symbols.reed_solomon import check_bits

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SIZES", "Size", "Structure", "structure"]


class Size(NamedTuple):
    """A row of table 7."""

    height: int
    width: int
    data_count: int
    check_count: int
    regions: tuple[int, int] = (1, 1)
    """How many data regions are below each other, and beside each other."""
    blocks: int = 1
    """Over how many interleaved blocks the codewords are spread."""


SIZES = {
    "square": (
        Size(10, 10, 3, 5),
        Size(12, 12, 5, 7),
        Size(14, 14, 8, 10),
        Size(16, 16, 12, 12),
        Size(18, 18, 18, 14),
        Size(20, 20, 22, 18),
        Size(22, 22, 30, 20),
        Size(24, 24, 36, 24),
        Size(26, 26, 44, 28),
        Size(32, 32, 62, 36, (2, 2)),
        Size(36, 36, 86, 42, (2, 2)),
        Size(40, 40, 114, 48, (2, 2)),
        Size(44, 44, 144, 56, (2, 2)),
        Size(48, 48, 174, 68, (2, 2)),
        Size(52, 52, 204, 84, (2, 2), blocks=2),
        Size(64, 64, 280, 112, (4, 4), blocks=2),
    ),
    "rectangular": (
        Size(8, 18, 5, 7),
        Size(8, 32, 10, 11, (1, 2)),
        Size(12, 26, 16, 14),
        Size(12, 36, 22, 18, (1, 2)),
        Size(16, 36, 32, 24, (1, 2)),
        Size(16, 48, 49, 28, (1, 2)),
    ),
}
"""From the smallest on; the squares from 72x72 on are too wide for a word of 64 bits."""

_FIELD = 0x12D
"""x^8 + x^5 + x^3 + x^2 + 1 (5.7.1)."""

Module = tuple[int, int]


class Structure:
    """Makes the symbols of one size."""

    def __init__(self, size: Size) -> None:
        self.width = size.width
        blocks = list(_blocks(size))
        height, width = _mapping_matrix(size)
        places = [
            [_in_symbol(module, size) for module in modules]
            for modules in _placement(height, width)
        ]
        self._map = CodewordMap(_fixed(size, places), places, blocks)
        self._order = np.concatenate([block.data for block in blocks])

    def rows(self, codewords: "NDArray[np.uint8]") -> "NDArray[Any]":
        """The rows of modules of symbols as words, by symbol and row.

        Args:
            codewords: By symbol, its data codewords.
        """
        return self._map.rows(codewords[:, self._order])


@lru_cache(maxsize=32)
def structure(size: Size) -> Structure:
    """That of a size."""
    return Structure(size)


def _blocks(size: Size) -> Iterator[Block]:
    """5.7.1, annex A: the codewords are dealt to the blocks in turn, and come back in turn."""
    data_count, check_count = size.data_count // size.blocks, size.check_count // size.blocks
    bits = check_bits(data_count, check_count, polynomial=_FIELD, first_root=1)
    total = size.data_count + size.check_count
    for block in range(size.blocks):
        data = range(block, size.data_count, size.blocks)
        checks = range(size.data_count + block, total, size.blocks)
        yield Block(data, checks, bits)


def _mapping_matrix(size: Size) -> tuple[int, int]:
    """Rows and columns of all the data regions put together."""
    below, beside = size.regions
    return size.height - 2 * below, size.width - 2 * beside


def _in_symbol(module: Module, size: Size) -> Module:
    """Where a module of the mapping matrix is in the symbol, beyond the patterns between regions."""
    row, column = module
    height, width = _mapping_matrix(size)
    below, beside = size.regions
    return (
        row + 1 + row // (height // below) * 2,
        column + 1 + column // (width // beside) * 2,
    )


def _fixed(size: Size, places: Sequence[Sequence[Module]]) -> "NDArray[np.uint8]":
    """All modules that carry no codeword."""
    modules = np.zeros((size.height, size.width), np.uint8)
    # 5.8: solid on the left and below, alternating above and on the right, about every region
    height, width = size.height // size.regions[0], size.width // size.regions[1]
    for top in range(0, size.height, height):
        modules[top, ::2] = 1
        modules[top + height - 1] = 1
    for left in range(0, size.width, width):
        modules[:, left] = 1
        modules[1::2, left + width - 1] = 1
        modules[::2, left + width - 1] = 0
    for bottom in range(height - 1, size.height, height):
        modules[bottom] = 1
    # Annex F: where the codewords leave four modules in the last corner, two of them are dark
    row, column = size.height - 2, size.width - 2
    if (row, column) not in {module for codeword in places for module in codeword}:
        modules[row, column] = modules[row - 1, column - 1] = 1
    return modules


_UTAH = ((-2, -2), (-2, -1), (-1, -2), (-1, -1), (-1, 0), (0, -2), (0, -1), (0, 0))
"""Annex F: the shape of a codeword, as seen from its last bit."""
_CORNERS = (
    ((-1, 0), (-1, 1), (-1, 2), (0, -2), (0, -1), (1, -1), (2, -1), (3, -1)),
    ((-3, 0), (-2, 0), (-1, 0), (0, -4), (0, -3), (0, -2), (0, -1), (1, -1)),
    ((-3, 0), (-2, 0), (-1, 0), (0, -2), (0, -1), (1, -1), (2, -1), (3, -1)),
    ((-1, 0), (-1, -1), (0, -3), (0, -2), (0, -1), (1, -3), (1, -2), (1, -1)),
)
"""Annex F: codewords that corners cut up; a negative number counts from the other end."""


def _placement(height: int, width: int) -> list[list[Module]]:
    """Annex F: where each bit of each codeword goes in the mapping matrix."""
    taken: set[Module] = set()
    found: list[list[Module]] = []

    def place(modules: list[Module]) -> None:
        found.append(modules)
        taken.update(modules)

    for row, column in _zigzag(height, width):
        corner = _corner(row, column, height, width)
        if corner is not None:
            place([(below % height, right % width) for below, right in _CORNERS[corner]])
        if 0 <= row < height and 0 <= column < width and (row, column) not in taken:
            place([_wrapped(row + up, column + left, height, width) for up, left in _UTAH])
    return found


def _zigzag(height: int, width: int) -> Iterator[Module]:
    """Upwards to the right and downwards to the left in turn, four diagonals apart."""
    row, column = 4, 0
    while row < height or column < width:
        while row >= 0 and column < width:
            yield row, column
            row, column = row - 2, column + 2
        row, column = row + 1, column + 3
        while row < height and column >= 0:
            yield row, column
            row, column = row + 2, column - 2
        row, column = row + 3, column + 1


def _corner(row: int, column: int, height: int, width: int) -> int | None:
    """Which of the corner shapes comes before a place on the way, if any."""
    if (row, column) == (height, 0):
        return 0
    if (row, column) == (height - 2, 0) and width % 4:
        return 1
    if (row, column) == (height - 2, 0) and width % 8 == 4:
        return 2
    if (row, column) == (height + 4, 2) and width % 8 == 0:
        return 3
    return None


def _wrapped(row: int, column: int, height: int, width: int) -> Module:
    """Where a module beyond an edge goes: to the opposite edge, moved a little along it."""
    if row < 0:
        row, column = row + height, column + 4 - (height + 4) % 8
    if column < 0:
        row, column = row + 4 - (width + 4) % 8, column + width
    return row, column

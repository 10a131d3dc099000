"""From data codewords to modules, for a whole batch of symbols of one size.

All that happens to a symbol's data codewords, but for the choice of a mask, is linear over GF(2):
error correction, interleaving and placement only copy bits and add them. So a symbol is

    its fixed patterns  XOR  one row of a table for each half of each of its data codewords,

and the tables hold what that half alone does to the modules. A row of modules is a word of 32 or 64
bits, bit *j* for column *j*, so that a XOR works on a whole row of modules at once. Halves that are
the same in all symbols of a batch are added only once.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["WIDEST", "Block", "CodewordMap", "packed", "unpacked"]

WIDEST = 64
"""How many modules a row of a packed symbol can have."""

Module = tuple[int, int]
"""Row and column."""


class Block(NamedTuple):
    """Codewords that are corrected together, by their places in the order of placement."""

    data: Sequence[int]
    checks: Sequence[int]
    check_bits: "NDArray[np.uint8]"
    """As `closient_export.renderers.symbols.reed_solomon.check_bits` gives them."""


def _word(width: int) -> type[Any]:
    return np.uint32 if width <= 32 else np.uint64


def packed(modules: "NDArray[Any]") -> "NDArray[Any]":
    """Rows of modules as words, bit *j* for column *j*; the last axis is that of columns."""
    word = _word(modules.shape[-1])
    weights = word(1) << np.arange(modules.shape[-1], dtype=word)
    words: NDArray[Any] = np.bitwise_or.reduce(modules.astype(word) * weights, axis=-1)
    return words


def unpacked(rows: "NDArray[Any]", width: int) -> "NDArray[np.uint8]":
    """Modules from rows of them as words, in an axis more."""
    little = np.ascontiguousarray(rows, rows.dtype.newbyteorder("<"))
    octets = little.view(np.uint8).reshape(*rows.shape, rows.dtype.itemsize)
    return np.unpackbits(octets, axis=-1, count=width, bitorder="little")


class CodewordMap:
    """Makes symbols of one size from their data codewords.

    Args:
        fixed: What is the same in all symbols, 1 for dark, by row and column.
        places: Where each bit of each codeword goes, in the order of placement, from the most
            significant bit on.
        blocks: Which codewords are corrected together; the message fills their data in turn.
    """

    def __init__(
        self,
        fixed: "NDArray[np.uint8]",
        places: Sequence[Sequence[Module]],
        blocks: Sequence[Block],
    ) -> None:
        self.fixed = packed(fixed)
        word = self.fixed.dtype.type
        alone = np.zeros((len(places), 8, len(fixed)), word)
        for codeword, modules in enumerate(places):
            for bit, (row, column) in enumerate(modules):
                alone[codeword, bit, row] ^= word(1) << word(column)
        self._halves = np.array(
            [
                _half(bits)
                for block in blocks
                for each in _effects(alone, block)
                for bits in (each[:4], each[4:])
            ]
        )
        """By half codeword, its value and the row of modules, what that does to the row."""

    def rows(self, codewords: "NDArray[np.uint8]") -> "NDArray[Any]":
        """The rows of modules of each symbol as words, by row and symbol.

        Args:
            codewords: By symbol, its data codewords.
        """
        halves = np.stack([codewords >> 4, codewords & 15], axis=2).reshape(len(codewords), -1)
        first = halves[0]
        varies = (halves != first).any(axis=0)
        same = np.flatnonzero(~varies)
        fixed = self.fixed ^ np.bitwise_xor.reduce(self._halves[same, first[same]], axis=0)
        rows = np.repeat(fixed[None], len(codewords), axis=0)
        effect = np.empty_like(rows)
        for half in np.flatnonzero(varies):
            # mode="clip" skips the check of indices and the copy that goes with it
            self._halves[half].take(halves[:, half], axis=0, out=effect, mode="clip")
            rows ^= effect
        return rows


def _effects(alone: "NDArray[Any]", block: Block) -> "NDArray[Any]":
    """By data codeword of a block, its bit and row, what it does with its check codewords."""
    shares = np.unpackbits(block.check_bits[..., None], axis=-1).astype(bool)
    checks = alone[list(block.checks)]
    effects = alone[list(block.data)]
    for codeword, share in enumerate(shares):
        effects[codeword] ^= np.bitwise_xor.reduce(checks * share[..., None], axis=(1, 2))
    return effects


def _half(bits: "NDArray[Any]") -> "NDArray[Any]":
    """What the 16 values of four bits do, from what each bit does."""
    table = np.zeros((16, bits.shape[1]), bits.dtype)
    for value in range(16):
        for bit in range(4):
            if value & 8 >> bit:
                table[value] ^= bits[bit]
    return table

"""The choice of a data mask (ISO/IEC 18004 7.8), for a batch of symbols of one version.

A row of modules is a word, bit *j* for column *j*. What the four rules look for is then found in
all columns at once: ``row ^ row >> 1`` has a 0 where a module is like its right neighbour, four such
neighbours are ``e & e >> 1 & e >> 2 & e >> 3``, and the set bits of the result are counted. Downwards
the same is done with neighbouring rows. The penalty is that of segno, which judges the symbol before
format and version information are added and counts a 1:1:3:1:1 pattern from the left or the top.

Arrays are by row and symbol, and all work is done in arrays that are made once: what fits a
processor's cache is several times as fast as what does not.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["PATTERNS", "MaskChoice"]

PATTERNS: tuple[Callable[[Any, Any], Any], ...] = (
    lambda i, j: (i + j) % 2 == 0,
    lambda i, _: i % 2 == 0,
    lambda _, j: j % 3 == 0,
    lambda i, j: (i + j) % 3 == 0,
    lambda i, j: (i // 2 + j // 3) % 2 == 0,
    lambda i, j: i * j % 2 + i * j % 3 == 0,
    lambda i, j: (i * j % 2 + i * j % 3) % 2 == 0,
    lambda i, j: ((i + j) % 2 + i * j % 3) % 2 == 0,
)
"""Table 10: whether the module in row *i* and column *j* is inverted."""

_N2, _N3, _N4 = 3, 40, 10
_FINDER = 7
"""Modules of the pattern 1:1:3:1:1."""
_DARK, _LIGHT = (2, 3, 4, 6), (1, 5)
"""Which of them are dark and which light, after the first, which is dark."""
_AREA = 4
"""Light modules that make it look like a finder pattern, on either side."""

_and, _or, _xor, _not = np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert
_right, _left, _ones = np.right_shift, np.left_shift, np.bitwise_count


class MaskChoice:
    """Chooses the mask of the lowest penalty, the first one where there are several.

    It works in arrays of its own: a thread needs one of its own.

    Args:
        masks: By mask, its rows of inverted modules as words.
        count: How many symbols are judged at once.
    """

    def __init__(self, masks: "NDArray[Any]", count: int) -> None:
        self._masks = masks
        width = masks.shape[1]
        word = masks.dtype.type
        self._width = width
        self._columns = word((1 << width) - 1)
        self._pairs = word((1 << (width - 1)) - 1)
        self._steps = tuple(word(step) for step in range(_FINDER + 1))
        # Light rows above and below the symbol, for what looks beyond its edges.
        self._framed = np.zeros((width + 2 * _FINDER, count), word)
        self._symbol = self._framed[_FINDER:-_FINDER]
        self._inverse, self._like_right, self._like_below = (
            np.empty((width, count), word) for _ in range(3)
        )
        self._scratch = [np.empty(self._framed.shape, word) for _ in range(4)]
        self._runs, self._blocks, self._patterns, self._dark, self._count = (
            np.zeros((width, count), np.uint8) for _ in range(5)
        )
        share = np.arange(width * width + 1) / (width * width) * 100
        self._n4 = _N4 * (np.abs(share - 50) / 5).astype(np.uint32)

    def __call__(self, rows: "NDArray[Any]") -> "NDArray[np.intp]":
        """The number of the mask for each symbol.

        Args:
            rows: By row and symbol, the modules as words, before masking.
        """
        penalties = np.empty((len(self._masks), rows.shape[1]), np.uint32)
        for mask, penalty in zip(self._masks, penalties, strict=True):
            _xor(rows, mask[:, None], out=self._symbol)
            self._judge(penalty)
        chosen: NDArray[np.intp] = penalties.argmin(axis=0)
        return chosen

    def _judge(self, penalty: "NDArray[np.uint32]") -> None:
        """Table 11."""
        _not(self._symbol, out=self._inverse)
        self._compare_neighbours()
        self._count_runs_in_rows()
        self._count_runs_in_columns()
        self._count_blocks()
        self._count_patterns_in_rows()
        self._count_patterns_in_columns()
        _ones(self._symbol, out=self._dark)
        penalty[:] = self._n4.take(_sum(self._dark))
        penalty += _sum(self._runs)
        penalty += _N2 * _sum(self._blocks)
        penalty += _N3 * _sum(self._patterns)

    def _compare_neighbours(self) -> None:
        """Set the bits of modules of the same colour as the one to the right, the one below."""
        right, below = self._like_right, self._like_below[:-1]
        _right(self._symbol, self._steps[1], out=right)
        _xor(right, self._inverse, out=right)
        _and(right, self._pairs, out=right)
        _xor(self._symbol[1:], self._inverse[:-1], out=below)
        _and(below, self._columns, out=below)

    def _count_runs_in_rows(self) -> None:
        """N1.

        A run of 5 + *i* modules of one colour has 1 + *i* places from where on four neighbours are
        alike, and costs two more than that. Rows and columns together give no row of the symbol
        more than 242, so a byte suffices.
        """
        fours, other = (each[: self._width] for each in self._scratch[:2])
        _right(self._like_right, self._steps[1], out=fours)
        _and(fours, self._like_right, out=fours)
        _right(fours, self._steps[2], out=other)
        _and(fours, other, out=fours)
        _ones(fours, out=self._runs)
        _left(fours, self._steps[1], out=other)
        _not(other, out=other)
        _and(other, fours, out=other)
        _add_twice(self._runs, _ones(other, out=self._count))

    def _count_runs_in_columns(self) -> None:
        below, size = self._like_below[:-1], self._width - 4
        pairs = self._scratch[0][: size + 2]
        fours, starts = (each[:size] for each in self._scratch[1:3])
        runs, count = self._runs[:size], self._count[:size]
        _and(below[1:], below[:-1], out=pairs)
        _and(pairs[2:], pairs[:-2], out=fours)
        runs += _ones(fours, out=count)
        starts[0] = fours[0]
        _not(fours[:-1], out=starts[1:])
        _and(starts[1:], fours[1:], out=starts[1:])
        _add_twice(runs, _ones(starts, out=count))

    def _count_blocks(self) -> None:
        """N2: blocks of two by two, which share modules in larger ones."""
        block = self._scratch[0][: self._width - 1]
        _and(self._like_right[1:], self._like_right[:-1], out=block)
        _and(block, self._like_below[:-1], out=block)
        _ones(block, out=self._blocks[:-1])

    def _count_patterns_in_rows(self) -> None:
        """N3.

        A pattern counts with light modules on one side. Patterns share four or a single module at
        most; of two that do, the second does not count.
        """
        symbol, steps = self._symbol, self._steps
        found, after, before, other = (each[: self._width] for each in self._scratch)
        _right(self._inverse, steps[_LIGHT[0]], out=found)
        _and(found, symbol, out=found)
        for modules, places in ((symbol, _DARK), (self._inverse, _LIGHT[1:])):
            for place in places:
                _right(modules, steps[place], out=other)
                _and(found, other, out=found)
        # Dark modules among the four that follow,
        _right(symbol, steps[1], out=other)
        _or(other, symbol, out=other)
        _right(other, steps[2], out=after)
        _or(after, other, out=after)
        _right(after, steps[_FINDER], out=after)
        # and among the four that go before.
        _left(symbol, steps[1], out=other)
        _left(other, steps[1], out=before)
        _or(before, other, out=before)
        _left(before, steps[2], out=other)
        _or(before, other, out=before)
        _and(after, before, out=other)
        _not(other, out=other)
        _and(found, other, out=found)
        _left(found, steps[4], out=after)
        _left(found, steps[6], out=before)
        _or(after, before, out=other)
        _not(other, out=other)
        _and(found, other, out=found)
        _ones(found, out=self._patterns)

    def _count_patterns_in_columns(self) -> None:
        symbol, size = self._symbol, self._width - _FINDER + 1
        found, other = (each[:size] for each in self._scratch[:2])
        _and(symbol[:size], self._inverse[_LIGHT[0] : _LIGHT[0] + size], out=found)
        for modules, places in ((symbol, _DARK), (self._inverse, _LIGHT[1:])):
            for place in places:
                _and(found, modules[place : place + size], out=found)
        # Dark modules among four from each row on, of the frame, too.
        two, four = self._scratch[2][:-1], self._scratch[3][:-3]
        _or(self._framed[:-1], self._framed[1:], out=two)
        _or(two[:-2], two[2:], out=four)
        before, after = _FINDER - _AREA, 2 * _FINDER
        _and(four[before : before + size], four[after : after + size], out=other)
        _not(other, out=other)
        _and(found, other, out=found)
        counted, first = (each[:size] for each in self._scratch[2:])
        counted[:] = found
        for step in (4, 6):
            _not(found[:-step], out=first[step:])
            _and(counted[step:], first[step:], out=counted[step:])
        self._patterns[:size] += _ones(counted, out=self._count[:size])


def _sum(counts: "NDArray[np.uint8]") -> "NDArray[np.uint32]":
    """By symbol, over its rows."""
    total: NDArray[np.uint32] = np.add.reduce(counts, axis=0, dtype=np.uint16).astype(np.uint32)
    return total


def _add_twice(total: "NDArray[np.uint8]", count: "NDArray[np.uint8]") -> None:
    total += count
    total += count

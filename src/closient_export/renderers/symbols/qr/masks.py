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

_N1, _N2, _N3, _N4 = 3, 3, 40, 10
_FINDER = 7
"""Modules of the pattern 1:1:3:1:1."""
_LIGHT = 4
"""Light modules that make it look like a finder pattern, on either side."""

_and, _or, _xor, _not = np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert
_right, _left, _ones = np.right_shift, np.left_shift, np.bitwise_count


class MaskChoice:
    """Chooses the mask of the lowest penalty, the first one where there are several.

    Args:
        masks: By mask, its rows of inverted modules as words.
        count: How many symbols are judged at once.
    """

    def __init__(self, masks: "NDArray[Any]", count: int) -> None:
        self._masks = masks
        width = masks.shape[1]
        word = masks.dtype.type
        self._width = width
        self._all = word((1 << width) - 1)
        self._pairs = word((1 << (width - 1)) - 1)
        self._shifts = tuple(word(step) for step in range(_FINDER + 1))
        # Light rows above and below the symbol, for what looks beyond its edges.
        self._framed = np.zeros((width + 2 * _FINDER, count), word)
        self._words = [np.empty((width + 2 * _FINDER, count), word) for _ in range(6)]
        self._counts = [np.empty((width, count), np.uint8) for _ in range(5)]
        share = np.arange(width * width + 1) / (width * width) * 100
        self._n4 = _N4 * (np.abs(share - 50) / 5).astype(np.uint32)

    def __call__(self, rows: "NDArray[Any]") -> "NDArray[np.intp]":
        """The number of the mask for each symbol.

        Args:
            rows: By row and symbol, the modules as words, before masking.
        """
        penalties = np.empty((len(self._masks), rows.shape[1]), np.uint32)
        symbol = self._framed[_FINDER:-_FINDER]
        for mask, penalty in zip(self._masks, penalties, strict=True):
            _xor(rows, mask[:, None], out=symbol)
            self._judge(symbol, penalty)
        chosen: NDArray[np.intp] = penalties.argmin(axis=0)
        return chosen

    def _judge(self, symbol: "NDArray[Any]", penalty: "NDArray[np.uint32]") -> None:
        """Table 11, on the symbols in the frame."""
        runs, blocks, patterns, dark, _ = self._counts
        self._count_runs_and_blocks(symbol, runs, blocks)
        self._count_patterns(symbol, patterns)
        _ones(symbol, out=dark)
        penalty[:] = self._n4.take(_sum(dark))
        penalty += _sum(runs)
        penalty += _N2 * _sum(blocks)
        penalty += _N3 * _sum(patterns)

    def _count_runs_and_blocks(
        self, symbol: "NDArray[Any]", runs: "NDArray[np.uint8]", blocks: "NDArray[np.uint8]"
    ) -> None:
        """N1 and N2.

        A run of 5 + *i* modules of one colour has 1 + *i* places where four neighbours follow each
        other, and costs two more than that. No row gets more than 242 of them, so a byte suffices.
        """
        one, two = self._shifts[1], self._shifts[2]
        width = self._width
        like_right, like_below, fours, starts, _, _ = (each[:width] for each in self._words)
        count = self._counts[4]
        _right(symbol, one, out=like_right)
        _xor(like_right, symbol, out=like_right)
        _not(like_right, out=like_right)
        _and(like_right, self._pairs, out=like_right)
        _right(like_right, one, out=fours)
        _and(fours, like_right, out=fours)
        _right(fours, two, out=starts)
        _and(fours, starts, out=fours)
        _ones(fours, out=runs)
        _left(fours, one, out=starts)
        _not(starts, out=starts)
        _and(starts, fours, out=starts)
        _add_twice(runs, _ones(starts, out=count))

        below = like_below[:-1]
        _xor(symbol[1:], symbol[:-1], out=below)
        _not(below, out=below)
        _and(below, self._all, out=below)
        block = fours[:-1]
        _and(like_right[1:], like_right[:-1], out=block)
        _and(block, below, out=block)
        _ones(block, out=blocks[:-1])
        blocks[-1] = 0
        pairs = fours[:-2]
        _and(below[1:], below[:-1], out=pairs)
        columns = starts[:-4]
        _and(pairs[2:], pairs[:-2], out=columns)
        _ones(columns, out=count[:-4])
        runs[:-4] += count[:-4]
        first = fours[: width - 4]
        _not(columns[:-1], out=first[1:])
        _and(first[1:], columns[1:], out=first[1:])
        first[0] = columns[0]
        _add_twice(runs[:-4], _ones(first, out=count[:-4]))

    def _count_patterns(self, symbol: "NDArray[Any]", patterns: "NDArray[np.uint8]") -> None:
        """N3.

        A pattern counts with light modules on one side. Patterns share four or a single module at
        most; of two that do, the second does not count.
        """
        shifts = self._shifts
        found, light, around, other, more, beyond = self._words
        light, found_rows = light[: self._width], found[: self._width]
        _not(symbol, out=light)
        around_rows, other_rows, more_rows = (each[: self._width] for each in (around, other, more))
        _right(light, shifts[1], out=found_rows)
        _and(found_rows, symbol, out=found_rows)
        for step, modules in ((2, symbol), (3, symbol), (4, symbol), (5, light), (6, symbol)):
            _right(modules, shifts[step], out=other_rows)
            _and(found_rows, other_rows, out=found_rows)
        # dark modules among the four after the pattern, and among the four before
        _right(symbol, shifts[1], out=other_rows)
        _or(other_rows, symbol, out=other_rows)
        _right(other_rows, shifts[2], out=around_rows)
        _or(around_rows, other_rows, out=around_rows)
        _right(around_rows, shifts[7], out=around_rows)
        _left(symbol, shifts[1], out=other_rows)
        _left(other_rows, shifts[1], out=more_rows)
        _or(more_rows, other_rows, out=more_rows)
        _left(more_rows, shifts[2], out=other_rows)
        _or(more_rows, other_rows, out=more_rows)
        _and(around_rows, more_rows, out=around_rows)
        _not(around_rows, out=around_rows)
        _and(found_rows, around_rows, out=found_rows)
        _left(found_rows, shifts[4], out=other_rows)
        _left(found_rows, shifts[6], out=more_rows)
        _or(other_rows, more_rows, out=other_rows)
        _not(other_rows, out=other_rows)
        _and(found_rows, other_rows, out=found_rows)
        _ones(found_rows, out=patterns)

        count = self._counts[4]
        height = self._width - _FINDER + 1
        matches = found[:height]
        _and(symbol[:height], symbol[2 : height + 2], out=matches)
        for step, modules in ((3, symbol), (4, symbol), (6, symbol), (1, light), (5, light)):
            _and(matches, modules[step : height + step], out=matches)
        two, four = other[:-1], beyond[:-3]
        _or(self._framed[:-1], self._framed[1:], out=two)
        _or(two[:-2], two[2:], out=four)
        both = around[:height]
        before, after = _FINDER - _LIGHT, 2 * _FINDER
        _and(four[before : before + height], four[after : after + height], out=both)
        _not(both, out=both)
        _and(matches, both, out=matches)
        counted = around[:height]
        counted[:] = matches
        for step in (4, 6):
            _not(matches[:-step], out=more[: height - step])
            _and(counted[step:], more[: height - step], out=counted[step:])
        _ones(counted, out=count[:height])
        patterns[:height] += count[:height]


def _sum(counts: "NDArray[np.uint8]") -> "NDArray[np.uint32]":
    """By symbol, over its rows."""
    total: NDArray[np.uint32] = np.add.reduce(counts, axis=0, dtype=np.uint16).astype(np.uint32)
    return total


def _add_twice(total: "NDArray[np.uint8]", count: "NDArray[np.uint8]") -> None:
    total += count
    total += count

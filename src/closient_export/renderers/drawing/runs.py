"""Runs of dark modules as text, for all symbols of a batch at once.

Where a row of modules changes colour, a run starts or ends. With the places of all changes in one
array, runs and the way from each to the next are differences of neighbours, and their texts are
looked up in tables; what is shorter than a table's cell is filled up with NUL, which is left out at
the end.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["RunTexts"]

_BATCH = 128
"""Symbols whose texts are made at once: as many as keep within a processor's second cache."""
_CELL = 8


class RunTexts:
    """Writes the runs of a symbol, row by row from the upper left, with two patterns.

    Args:
        place: Where a run starts, with ``{x}`` modules from the left and ``{y}`` rows from the top
            of the symbol.
        run: A run of ``{length}`` modules.
        relative: Whether ``{x}`` and ``{y}`` are counted from the end of the last run instead, in the
            row of its start.
    """

    def __init__(self, place: str, run: str, *, relative: bool = False) -> None:
        self._patterns = (place, run)
        self._relative = relative

    def of(self, modules: "NDArray[np.uint8]") -> Iterator[bytes]:
        """The text of each symbol.

        Args:
            modules: By symbol, row and column, 1 for dark.
        """
        count, height, width = modules.shape
        places, runs = _tables(*self._patterns, height, width)
        for first in range(0, count, _BATCH):
            some = modules[first : first + _BATCH]
            starts, ends, line = _bounds(some)
            corners = np.arange(len(some) + 1, dtype=starts.dtype) * (height * line)
            firsts = np.searchsorted(starts, corners)
            y = starts // line
            if self._relative:
                x, y = _ways(starts, ends, y)
                opening = firsts[:-1][firsts[:-1] < firsts[1:]]
                y[opening] = starts[opening] // line % height
                x[opening] = starts[opening] % line
                x[opening] += y[opening] * line
            else:
                y %= height
                x = starts % (height * line)
            x -= y * line
            cells = np.empty((len(starts), 2, places.shape[1]), np.uint64)
            cells[:, 0] = places.take(y * (2 * width) + x + width, axis=0)
            cells[:, 1] = runs.take(ends - starts, axis=0)
            text = cells.tobytes()
            limits = (firsts * cells[:1].nbytes).tolist()
            for left, right in pairwise(limits):
                yield text[left:right].translate(None, b"\0")


def _ways(
    starts: "NDArray[np.int32]", ends: "NDArray[np.int32]", rows: "NDArray[np.int32]"
) -> tuple["NDArray[np.int32]", "NDArray[np.int32]"]:
    """From each run to the next, in modules of a line and in rows."""
    x, y = starts.copy(), rows.copy()
    x[1:] -= ends[:-1]
    y[1:] -= rows[:-1]
    return x, y


def _bounds(
    modules: "NDArray[np.uint8]",
) -> tuple["NDArray[np.int32]", "NDArray[np.int32]", np.int32]:
    """Where runs start and end, as indices into lines of one module more than a row.

    Returns:
        The starts, the ends, and the length of a line.
    """
    count, height, width = modules.shape
    framed = np.zeros((count, height, width + 2), np.bool_)
    framed[:, :, 1:-1] = modules
    changes = np.flatnonzero(framed[:, :, 1:] ^ framed[:, :, :-1]).astype(np.int32)
    return changes[::2].copy(), changes[1::2].copy(), np.int32(width + 1)


@lru_cache(maxsize=64)
def _tables(
    place: str, run: str, height: int, width: int
) -> tuple["NDArray[np.uint64]", "NDArray[np.uint64]"]:
    """The texts of all places, by y and by x from ``-width`` on, and of all runs by length."""
    places = [place.format(x=x, y=y) for y in range(height) for x in range(-width, width)]
    runs = [run.format(length=length) for length in range(width + 1)]
    size = -(-max(map(len, places + runs)) // _CELL) * _CELL
    return _cells(places, size), _cells(runs, size)


def _cells(texts: list[str], size: int) -> "NDArray[np.uint64]":
    data = b"".join(text.encode("ascii").ljust(size, b"\0") for text in texts)
    return np.frombuffer(data, np.uint64).reshape(len(texts), -1)

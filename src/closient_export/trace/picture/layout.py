"""Where the boxes and the lines of a layered drawing go: numbers in, numbers out.

Layers are columns, from left to right. A unit is placed as a whole; lines arrive at the rows of
its left edge and leave from the rows of its right edge. Between the columns lines may cross, but
none runs through a unit. The same input gives the same numbers, and nothing recurses, however long
a chain is.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from attrs import frozen

from closient_export.trace.picture.ordering import Ordering
from closient_export.trace.picture.units import Route, Unit

__all__ = ["FRAME_BOTTOM", "FRAME_TOP", "Placement", "place"]

FRAME_TOP, FRAME_BOTTOM = 26.0, 8.0
"""The room that a frame takes above and below its units."""
_SWEEPS = 12
_MARGIN = 16.0
"""The distance of two units or frames above each other."""
_GAP, _WIDEST_GAP = 44.0, 170.0
"""The distance of two columns, and what it grows to where lines climb far."""
_SLOPE = 0.12
"""How much of the height that a line climbs is added to the distance of its columns."""


@frozen(kw_only=True)
class Placement:
    """Where everything is, from the upper left corner at (0, 0)."""

    columns: tuple[tuple[float, float], ...]
    """The left and the right edge of each layer."""
    height: float
    tops: tuple[float, ...]
    """The upper edge of each unit."""
    departures: tuple[tuple[float, ...], ...]
    """The middle of each row of each unit."""
    arrivals: tuple[tuple[tuple[float, ...], ...], ...]
    """The middle of each row of each rack of each unit."""
    frames: dict[tuple[int, str], tuple[float, float]]
    """The upper and the lower edge of each frame, by layer and group."""
    paths: tuple[tuple[tuple[float, float], ...], ...]
    """The points of each route: the right edge of its column, the edges of the columns that it
    passes, the left edge of the last. In a column it is level, between columns it climbs."""


def place(units: Sequence[Unit], routes: Sequence[Route]) -> Placement:
    """Order the units of every layer so that few lines cross, and give everything its place.

    Raises:
        ValueError: If a route does not lead to a later layer.
    """
    stacks = _Stacks(Ordering(units, routes))
    return stacks.placement(len(units), routes)


class _Pull(NamedTuple):
    """How a line would have a block stand relative to the block at its other end."""

    from_left: bool
    other: int
    distance: float
    weight: float


class _Stacks:
    """The blocks of each layer under each other, their units and their rows.

    A block is what stands in one frame, or one unit without a frame.
    """

    def __init__(self, ordering: Ordering) -> None:
        self.units, self.ordering = ordering.units, ordering
        self.layers: list[list[int]] = []
        self.blocks: list[list[int]] = []
        self.heights: list[float] = []
        self.block_of = [0] * len(self.units)
        self.offsets = [0.0] * len(self.units)
        """How far below the top of its block each unit begins."""
        for blocks in ordering.layers:
            self.layers.append([self._stack(block) for block in blocks])
        self.departures = [
            _middles(unit.departures, ranks, (unit.height - sum(unit.departures)) / 2)
            for unit, ranks in zip(self.units, ordering.departures, strict=True)
        ]
        self.arrivals = [tuple(self._racks(number)) for number in range(len(self.units))]
        self.tops = self._straightened()

    def _stack(self, block: list[int]) -> int:
        framed = self.units[block[0]].group is not None
        bottom = FRAME_TOP if framed else 0.0
        for position, unit in enumerate(block):
            self.block_of[unit] = len(self.blocks)
            self.offsets[unit] = bottom + (_MARGIN / 2 if position else 0)
            bottom = self.offsets[unit] + self.units[unit].height
        self.blocks.append(block)
        self.heights.append(bottom + (FRAME_BOTTOM if framed else 0))
        return len(self.blocks) - 1

    def _racks(self, number: int) -> Iterator[tuple[float, ...]]:
        unit = self.units[number]
        top = (unit.height - sum(map(sum, unit.arrivals))) / 2
        for heights, ranks in zip(unit.arrivals, self.ordering.arrivals(number), strict=True):
            yield _middles(heights, ranks, top)
            top += sum(heights)

    def _straightened(self) -> list[float]:
        """The tops of the blocks, in their order, where their lines climb least."""
        tops = [0.0] * len(self.blocks)
        pulls = self._pulls()

        def settle(layer: list[int], wishes: Sequence[tuple[float, float]]) -> None:
            heights = [self.heights[block] for block in layer]
            for block, top in zip(layer, _settled(heights, wishes), strict=True):
                tops[block] = top

        for layer in self.layers:
            settle(layer, [(0.0, 1.0)] * len(layer))
        for sweep in range(_SWEEPS):
            forward, both = sweep % 2 == 0, sweep >= _SWEEPS - 4
            for layer in self.layers if forward else reversed(self.layers):
                wishes = []
                for block in layer:
                    wish, total = 0.001 * tops[block], 0.001
                    for pull in pulls[block]:
                        if both or pull.from_left == forward:
                            wish += pull.weight * (tops[pull.other] + pull.distance)
                            total += pull.weight
                    wishes.append((wish / total, total))
                settle(layer, wishes)
        return tops

    def _pulls(self) -> list[list[_Pull]]:
        pulls: list[list[_Pull]] = [[] for _ in self.blocks]
        for step in self.ordering.steps:
            start = self.offsets[step.source] + self.departures[step.source][step.departure]
            end = self.offsets[step.target] + self.arrivals[step.target][step.rack][step.row]
            slots = sum(not self.units[unit].width for unit in (step.source, step.target))
            weight = 1.0 + 3.0 * slots
            left, right = self.block_of[step.source], self.block_of[step.target]
            pulls[left].append(_Pull(False, right, end - start, weight))
            pulls[right].append(_Pull(True, left, start - end, weight))
        return pulls

    def placement(self, count: int, routes: Sequence[Route]) -> Placement:
        """The result for the first `count` units, those that are no slots."""
        shift = min((self.tops[layer[0]] for layer in self.layers if layer), default=0.0)
        tops = [
            self.tops[block] + offset - shift
            for block, offset in zip(self.block_of, self.offsets, strict=True)
        ]
        columns = self._columns(tops)
        starts = [
            tuple(top + middle for middle in middles)
            for top, middles in zip(tops, self.departures, strict=True)
        ]
        ends = [
            tuple(tuple(top + middle for middle in rack) for rack in racks)
            for top, racks in zip(tops, self.arrivals, strict=True)
        ]
        paths = []
        for route, slots in zip(routes, self.ordering.slots, strict=True):
            left, right = (self.units[unit].layer for unit in (route.source, route.target))
            points = [(columns[left][1], starts[route.source][route.departure])]
            for layer, slot in enumerate(slots, left + 1):
                points += ((x, starts[slot][0]) for x in columns[layer])
            points.append((columns[right][0], ends[route.target][route.rack][route.row]))
            paths.append(tuple(points))
        frames = {}
        for block, height in zip(self.blocks, self.heights, strict=True):
            first = self.units[block[0]]
            if first.group is not None:
                top = tops[block[0]] - FRAME_TOP
                frames[first.layer, first.group] = (top, top + height)
        return Placement(
            columns=columns,
            height=max(
                (top + height - shift for top, height in zip(self.tops, self.heights, strict=True)),
                default=0.0,
            ),
            tops=tuple(tops[:count]),
            departures=tuple(starts[:count]),
            arrivals=tuple(ends[:count]),
            frames=frames,
            paths=tuple(paths),
        )

    def _columns(self, tops: Sequence[float]) -> tuple[tuple[float, float], ...]:
        climbs = [0.0] * len(self.layers)
        for step in self.ordering.steps:
            start = tops[step.source] + self.departures[step.source][step.departure]
            climb = abs(tops[step.target] + self.arrivals[step.target][step.rack][step.row] - start)
            layer = self.units[step.source].layer
            climbs[layer] = max(climbs[layer], climb)
        columns, left = [], 0.0
        for layer, climb in enumerate(climbs):
            blocks = (self.blocks[block] for block in self.layers[layer])
            widths = (self.units[unit].width for block in blocks for unit in block)
            right = left + max(widths, default=0.0)
            columns.append((left, right))
            left = right + min(_WIDEST_GAP, _GAP + _SLOPE * climb)
        return tuple(columns)


def _middles(heights: Sequence[float], ranks: Sequence[int], top: float) -> tuple[float, ...]:
    """The middles of rows stacked from `top` on, each at its rank."""
    middles = [0.0] * len(heights)
    for index in sorted(range(len(heights)), key=ranks.__getitem__):
        middles[index] = top + heights[index] / 2
        top += heights[index]
    return tuple(middles)


def _settled(heights: Sequence[float], wishes: Sequence[tuple[float, float]]) -> list[float]:
    """The tops of blocks under each other, as near to their wished tops as their order allows.

    Args:
        heights: The heights of the blocks, from the top.
        wishes: For each, where its top would best be, and how much that weighs.

    Returns:
        The tops with the least sum of weighted squares of distances: blocks that are in each
        other's way join into one that is placed at the mean of their wishes.
    """
    runs: list[tuple[float, float, int]] = []
    below = 0.0
    belows = []
    for height, (wish, weight) in zip(heights, wishes, strict=True):
        mean, total, count = wish - below, weight, 1
        while runs and runs[-1][0] > mean:
            other, other_total, other_count = runs.pop()
            mean = (mean * total + other * other_total) / (total + other_total)
            total, count = total + other_total, count + other_count
        runs.append((mean, total, count))
        belows.append(below)
        below += height + _MARGIN
    tops = [mean for mean, _, count in runs for _ in range(count)]
    return [top + below for top, below in zip(tops, belows, strict=True)]

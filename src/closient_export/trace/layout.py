"""Where the boxes and the lines of a layered drawing go: numbers in, numbers out.

Layers are columns, from left to right. A unit is placed as a whole; lines arrive at the rows of
its left edge and leave from the rows of its right edge. A line that passes other layers gets a
slot of its own in each, so that between the columns lines may cross, but never run through a unit.
The same input gives the same numbers, and nothing recurses, however long a chain is.
"""

from bisect import bisect_right, insort
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from attrs import frozen

__all__ = ["Frame", "Placement", "Route", "Unit", "assign_layers", "place"]

_ORDER_SWEEPS = 8
_HEIGHT_SWEEPS = 12
_SLOT = 10.0
"""The height that a passing line takes in a column."""
_MARGIN = 16.0
"""The distance of two units or frames above each other."""
_GAP, _WIDEST_GAP = 44.0, 170.0
"""The distance of two columns, and what it grows to where lines climb far."""
_SLOPE = 0.12
"""How much of the height that a line climbs is added to the distance of its columns."""


@frozen(kw_only=True)
class Unit:
    """A rectangle to place. All lengths have the same unit, which is the caller's choice."""

    layer: int
    """Its column, from 0."""
    width: float
    departures: tuple[float, ...]
    """The heights of the rows that lines leave from; they are put in the order that suits."""
    arrivals: tuple[tuple[float, ...], ...] = ()
    """The heights of the rows that lines arrive at, rack by rack; racks keep their order."""
    group: int | None = None
    """Units with the same group and layer stand together in a frame; None for no frame."""

    @property
    def height(self) -> float:
        """That of the higher side."""
        return max(sum(self.departures), sum(map(sum, self.arrivals)))


@frozen(kw_only=True)
class Route:
    """A line from a row of one unit to a row of a unit in a later layer."""

    source: int
    departure: int
    target: int
    rack: int
    row: int
    trunk: int = 0
    """Lines that leave from the same row run together where their trunk is the same."""


@frozen(kw_only=True)
class Frame:
    """The room that a frame takes above and below its units."""

    top: float
    bottom: float


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
    frames: dict[tuple[int, int], tuple[float, float]]
    """The upper and the lower edge of each frame, by layer and group."""
    paths: tuple[tuple[tuple[float, float], ...], ...]
    """The points of each route: the right edge of its column, the edges of the columns that it
    passes, the left edge of the last. In a column it is level, between columns it climbs."""


class _Step(NamedTuple):
    """The part of a route between two neighbouring layers."""

    source: int
    departure: int
    target: int
    rack: int
    row: int


def assign_layers(
    count: int, edges: Sequence[tuple[int, int]]
) -> tuple[tuple[int, ...], frozenset[int]]:
    """The layer of each vertex, by the longest path to it, and the edges that would go back.

    Args:
        count: How many vertices there are.
        edges: From which to which vertex. An edge from a vertex to itself counts as going back.

    Returns:
        The layers, and the indices of the edges that were turned round to break cycles. All other
        edges lead to a later layer, those to an earlier one. Vertices that more lead out of than
        into stand as late as they can, close to what follows them.
    """
    back = _cycle_breakers(count, edges)
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    for index, (source, target) in enumerate(edges):
        if source != target:
            first, second = (target, source) if index in back else (source, target)
            after[first].append(second)
            before[second].append(first)
    waiting = list(map(len, before))
    order: list[int] = []
    ready = [vertex for vertex in range(count) if not waiting[vertex]]
    while ready:
        vertex = ready.pop()
        order.append(vertex)
        for follower in after[vertex]:
            waiting[follower] -= 1
            if not waiting[follower]:
                ready.append(follower)
    layers = [0] * count
    for vertex in order:
        layers[vertex] = max((layers[earlier] + 1 for earlier in before[vertex]), default=0)
    for vertex in reversed(order):
        if len(after[vertex]) > len(before[vertex]):
            layers[vertex] = min(layers[follower] for follower in after[vertex]) - 1
    return tuple(layers), back


def _cycle_breakers(count: int, edges: Sequence[tuple[int, int]]) -> frozenset[int]:
    """The edges that lead to a vertex on the way to them, searched from the first vertices on."""
    outgoing: list[list[int]] = [[] for _ in range(count)]
    entered = [False] * count
    for index, (source, target) in enumerate(edges):
        outgoing[source].append(index)
        entered[target] = True
    unseen, on_the_way, done = range(3)
    state = [unseen] * count
    back: set[int] = set()
    for start in sorted(range(count), key=entered.__getitem__):
        if state[start] != unseen:
            continue
        state[start] = on_the_way
        way = [(start, iter(outgoing[start]))]
        while way:
            vertex, rest = way[-1]
            index = next(rest, -1)
            if index < 0:
                state[vertex] = done
                way.pop()
                continue
            target = edges[index][1]
            if state[target] == on_the_way:
                back.add(index)
            elif state[target] == unseen:
                state[target] = on_the_way
                way.append((target, iter(outgoing[target])))
    return frozenset(back)


def place(units: Sequence[Unit], routes: Sequence[Route], *, frame: Frame) -> Placement:
    """Order the units of every layer so that few lines cross, and give everything its place.

    Raises:
        ValueError: If a route does not lead to a later layer.
    """
    drawing = _Drawing(units, routes)
    drawing.order()
    drawing.stack(frame)
    drawing.straighten()
    return drawing.placement(len(units), routes, frame)


class _Drawing:
    """The state of one `place`; the slots of passing lines are units after the given ones."""

    def __init__(self, units: Sequence[Unit], routes: Sequence[Route]) -> None:
        self.units = list(units)
        self.steps: list[_Step] = []
        slots: dict[tuple[int, int, int, int], int] = {}
        self.chains = [self._lead(route, slots) for route in routes]
        self.incoming: list[list[int]] = [[] for _ in self.units]
        self.outgoing: list[list[int]] = [[] for _ in self.units]
        for index, step in enumerate(self.steps):
            self.outgoing[step.source].append(index)
            self.incoming[step.target].append(index)
        self.layers = self._blocks()
        self.ranks = [list(range(len(unit.departures))) for unit in self.units]
        self.spans = [(0.0, 1.0)] * len(self.units)

    def _lead(self, route: Route, slots: dict[tuple[int, int, int, int], int]) -> list[int]:
        """Cut a route into steps, and return the slots that it passes."""
        first, last = self.units[route.source].layer, self.units[route.target].layer
        if first >= last:
            raise ValueError(f"route: expected a layer after {first}, got {last}")
        chain = []
        end = (route.source, route.departure)
        for layer in range(first + 1, last):
            key = (route.source, route.departure, route.trunk, layer)
            if key not in slots:
                slots[key] = len(self.units)
                rows = (_SLOT,)
                self.units.append(Unit(layer=layer, width=0, departures=rows, arrivals=(rows,)))
                self.steps.append(_Step(*end, slots[key], 0, 0))
            end = (slots[key], 0)
            chain.append(slots[key])
        self.steps.append(_Step(*end, route.target, route.rack, route.row))
        return chain

    def _blocks(self) -> list[list[list[int]]]:
        """The units layer by layer and block by block: what stands in one frame is a block."""
        count = max((unit.layer for unit in self.units), default=-1) + 1
        layers: list[list[list[int]]] = [[] for _ in range(count)]
        groups: dict[tuple[int, int], list[int]] = {}
        for index, unit in enumerate(self.units):
            block: list[int] = []
            if unit.group is not None:
                block = groups.setdefault((unit.layer, unit.group), block)
            if not block:
                layers[unit.layer].append(block)
            block.append(index)
        return layers

    def order(self) -> None:
        """Barycentre sweeps; of all orders seen, the one with the fewest crossings stays."""
        self._number(self.layers)
        best = (self._crossings(), *self._copy())
        for sweep in range(_ORDER_SWEEPS):
            forward = sweep % 2 == 0
            for blocks in self.layers if forward else reversed(self.layers):
                self._sort(blocks, self._from_left if forward else self._from_right)
                self._number([blocks])
            crossings = self._crossings()
            if crossings < best[0]:
                best = (crossings, *self._copy())
        _, self.layers, self.ranks = best
        self._number(self.layers)

    def _copy(self) -> tuple[list[list[list[int]]], list[list[int]]]:
        layers = [[block[:] for block in blocks] for blocks in self.layers]
        return layers, [ranks[:] for ranks in self.ranks]

    def _number(self, layers: list[list[list[int]]]) -> None:
        """Note which part of its layer each unit takes, from 0 at the top to 1."""
        for blocks in layers:
            share = 1 / max(1, sum(map(len, blocks)))
            for position, unit in enumerate(unit for block in blocks for unit in block):
                self.spans[unit] = (position * share, share)

    def _sort(self, blocks: list[list[int]], value: Callable[[int], float]) -> None:
        values = {unit: value(unit) for block in blocks for unit in block}
        for block in blocks:
            block.sort(key=values.__getitem__)
        blocks.sort(key=lambda block: sum(values[unit] for unit in block) / len(block))

    def _from_left(self, unit: int) -> float:
        return _mean(map(self._start, self.incoming[unit]), self._within(unit, 0, 1))

    def _from_right(self, unit: int) -> float:
        ranks = self.ranks[unit]
        if len(ranks) > 1:
            ends: list[list[float]] = [[] for _ in ranks]
            for step in self.outgoing[unit]:
                ends[self.steps[step].departure].append(self._end(step))
            self.ranks[unit] = _ranks(
                [
                    _mean(own, self._within(unit, rank, len(ranks)))
                    for own, rank in zip(ends, ranks, strict=True)
                ]
            )
        return _mean(map(self._end, self.outgoing[unit]), self._within(unit, 0, 1))

    def _within(self, unit: int, index: int, count: int) -> float:
        start, share = self.spans[unit]
        return start + share * (index + 0.5) / count

    def _start(self, step: int) -> float:
        unit, departure = self.steps[step][:2]
        return self._within(unit, self.ranks[unit][departure], len(self.ranks[unit]))

    def _end(self, step: int) -> float:
        unit, rack = self.steps[step][2:4]
        return self._within(unit, rack, len(self.units[unit].arrivals))

    def _crossings(self) -> int:
        between: list[list[tuple[float, float]]] = [[] for _ in self.layers]
        for index, step in enumerate(self.steps):
            ends = (self._start(index), self._end(index))
            between[self.units[step.source].layer].append(ends)
        return sum(map(_inversions, between))

    def stack(self, frame: Frame) -> None:
        """Measure the blocks, and where in them their units and the ends of lines are."""
        self.block_of = [(0, 0)] * len(self.units)
        self.offsets = [0.0] * len(self.units)
        self.heights: list[list[float]] = [[] for _ in self.layers]
        for layer, blocks in enumerate(self.layers):
            for block in blocks:
                framed = self.units[block[0]].group is not None
                bottom = frame.top if framed else 0.0
                for position, unit in enumerate(block):
                    self.block_of[unit] = (layer, len(self.heights[layer]))
                    self.offsets[unit] = bottom + (_MARGIN / 2 if position else 0)
                    bottom = self.offsets[unit] + self.units[unit].height
                self.heights[layer].append(bottom + (frame.bottom if framed else 0))
        self.departures = [
            _middles(unit.departures, ranks, (unit.height - sum(unit.departures)) / 2)
            for unit, ranks in zip(self.units, self.ranks, strict=True)
        ]
        self.arrivals = [self._racks(index, unit) for index, unit in enumerate(self.units)]

    def _racks(self, index: int, unit: Unit) -> tuple[tuple[float, ...], ...]:
        """The rows of each rack in the order that their lines come in."""
        starts = {self.steps[step][3:]: self._start(step) for step in self.incoming[index]}
        top = (unit.height - sum(map(sum, unit.arrivals))) / 2
        racks = []
        for rack, heights in enumerate(unit.arrivals):
            order = _ranks([starts.get((rack, row), 0.0) for row in range(len(heights))])
            racks.append(_middles(heights, order, top))
            top += sum(heights)
        return tuple(racks)

    def straighten(self) -> None:
        """Move the blocks, in their order, to where their lines climb least."""
        self.tops = [_settle(heights, [(0.0, 1.0)] * len(heights)) for heights in self.heights]
        pulls: list[list[list[tuple[bool, int, int, float, float]]]] = [
            [[] for _ in heights] for heights in self.heights
        ]
        for source, departure, target, rack, row in self.steps:
            start = self.offsets[source] + self.departures[source][departure]
            end = self.offsets[target] + self.arrivals[target][rack][row]
            weight = 1.0 + 3.0 * sum(not self.units[unit].width for unit in (source, target))
            (left, upper), (right, lower) = self.block_of[source], self.block_of[target]
            pulls[left][upper].append((False, right, lower, end - start, weight))
            pulls[right][lower].append((True, left, upper, start - end, weight))
        last = len(self.layers) - 1
        for sweep in range(_HEIGHT_SWEEPS):
            forward, both = sweep % 2 == 0, sweep >= _HEIGHT_SWEEPS - 4
            for position in range(last + 1):
                layer = position if forward else last - position
                wishes = []
                for block, top in enumerate(self.tops[layer]):
                    wish, total = 0.001 * top, 0.001
                    for from_left, other, index, distance, weight in pulls[layer][block]:
                        if both or from_left == forward:
                            wish += weight * (self.tops[other][index] + distance)
                            total += weight
                    wishes.append((wish / total, total))
                self.tops[layer] = _settle(self.heights[layer], wishes)

    def placement(self, count: int, routes: Sequence[Route], frame: Frame) -> Placement:
        """The result, without the slots."""
        shift = min((tops[0] for tops in self.tops if tops), default=0.0)
        tops = [
            self.tops[layer][block] + offset - shift
            for (layer, block), offset in zip(self.block_of, self.offsets, strict=True)
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
        for route, chain in zip(routes, self.chains, strict=True):
            left, right = (self.units[unit].layer for unit in (route.source, route.target))
            points = [(columns[left][1], starts[route.source][route.departure])]
            for layer, slot in enumerate(chain, left + 1):
                points += ((x, starts[slot][0]) for x in columns[layer])
            points.append((columns[right][0], ends[route.target][route.rack][route.row]))
            paths.append(tuple(points))
        frames: dict[tuple[int, int], tuple[float, float]] = {}
        for layer, blocks in enumerate(self.layers):
            for block, height in zip(blocks, self.heights[layer], strict=True):
                group = self.units[block[0]].group
                if group is not None:
                    top = tops[block[0]] - frame.top
                    frames[layer, group] = (top, top + height)
        return Placement(
            columns=columns,
            height=max(
                (a[-1] + b[-1] - shift for a, b in zip(self.tops, self.heights, strict=True) if a),
                default=0.0,
            ),
            tops=tuple(tops[:count]),
            departures=tuple(starts[:count]),
            arrivals=tuple(ends[:count]),
            frames=frames,
            paths=tuple(paths),
        )

    def _columns(self, tops: Sequence[float]) -> tuple[tuple[float, float], ...]:
        climbs = [0.0] * (len(self.layers) + 1)
        for source, departure, target, rack, row in self.steps:
            start = tops[source] + self.departures[source][departure]
            climb = abs(tops[target] + self.arrivals[target][rack][row] - start)
            layer = self.units[source].layer
            climbs[layer] = max(climbs[layer], climb)
        columns, left = [], 0.0
        for blocks, climb in zip(self.layers, climbs, strict=False):
            widths = (self.units[unit].width for block in blocks for unit in block)
            right = left + max(widths, default=0.0)
            columns.append((left, right))
            left = right + min(_WIDEST_GAP, _GAP + _SLOPE * climb)
        return tuple(columns)


def _mean(values: Iterable[float], otherwise: float) -> float:
    known = list(values)
    return sum(known) / len(known) if known else otherwise


def _ranks(values: Sequence[float]) -> list[int]:
    """The place of each value when they are sorted; equal values keep their order."""
    ranks = [0] * len(values)
    for rank, index in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        ranks[index] = rank
    return ranks


def _middles(heights: Sequence[float], ranks: Sequence[int], top: float) -> tuple[float, ...]:
    """The middles of rows stacked from `top` on, each at its rank."""
    middles = [0.0] * len(heights)
    for index in sorted(range(len(heights)), key=ranks.__getitem__):
        middles[index] = top + heights[index] / 2
        top += heights[index]
    return tuple(middles)


def _inversions(ends: list[tuple[float, float]]) -> int:
    """How often two lines cross between their starts and their ends."""
    ends.sort()
    seen: list[float] = []
    crossings = 0
    for _, end in ends:
        crossings += len(seen) - bisect_right(seen, end)
        insort(seen, end)
    return crossings


def _settle(heights: Sequence[float], wishes: Sequence[tuple[float, float]]) -> list[float]:
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

"""In which order units stand above each other, so that few lines cross."""

from bisect import bisect_right, insort
from collections.abc import Callable, Iterable, Sequence

from attrs import evolve

from closient_export.trace.picture.units import Route, Unit

__all__ = ["Ordering"]

_SWEEPS = 8
_SLOT = 10.0
"""The height that a passing line takes in a column."""


class Ordering:
    """The order of the units of each layer, and of the rows of each unit.

    A line that passes other layers gets a slot of its own in each: a unit after the given ones. So
    every line is cut into steps that lead from one layer to the next.

    Raises:
        ValueError: If a route does not lead to a later layer.
    """

    units: list[Unit]
    """The given ones, then the slots."""
    steps: list[Route]
    """The parts of all routes between neighbouring layers."""
    slots: list[list[int]]
    """The slots that each route passes."""
    layers: list[list[list[int]]]
    """The units layer by layer and block by block: what stands in one frame is a block."""
    departures: list[list[int]]
    """The places of the rows that lines leave a unit from, counted from the top."""

    def __init__(self, units: Sequence[Unit], routes: Sequence[Route]) -> None:
        self.units, self.steps = list(units), []
        shared: dict[tuple[int, int, int, int], int] = {}
        self.slots = [self._cut(route, shared) for route in routes]
        self._incoming: list[list[Route]] = [[] for _ in self.units]
        self._outgoing: list[list[Route]] = [[] for _ in self.units]
        for step in self.steps:
            self._outgoing[step.source].append(step)
            self._incoming[step.target].append(step)
        self.layers = self._blocks()
        self.departures = [list(range(len(unit.departures))) for unit in self.units]
        self._spans = [(0.0, 1.0)] * len(self.units)
        self._sweep()

    def arrivals(self, unit: int) -> list[list[int]]:
        """The places of the rows of each rack of a unit: in the order that their lines come in."""
        starts = {(step.rack, step.row): self._start(step) for step in self._incoming[unit]}
        return [
            _ranks([starts.get((rack, row), 0.0) for row in range(len(rows))])
            for rack, rows in enumerate(self.units[unit].arrivals)
        ]

    def _cut(self, route: Route, shared: dict[tuple[int, int, int, int], int]) -> list[int]:
        """Cut a route into steps, and return the slots that it passes."""
        first, last = self.units[route.source].layer, self.units[route.target].layer
        if first >= last:
            raise ValueError(f"route: expected a layer after {first}, got {last}")
        slots = []
        source, departure = route.source, route.departure
        for layer in range(first + 1, last):
            key = (route.source, route.departure, route.trunk, layer)
            if key not in shared:
                shared[key] = slot = len(self.units)
                rows = (_SLOT,)
                self.units.append(Unit(layer=layer, width=0, departures=rows, arrivals=(rows,)))
                self.steps.append(
                    Route(source=source, departure=departure, target=slot, rack=0, row=0)
                )
            source, departure = shared[key], 0
            slots.append(source)
        self.steps.append(evolve(route, source=source, departure=departure))
        return slots

    def _blocks(self) -> list[list[list[int]]]:
        count = max((unit.layer for unit in self.units), default=-1) + 1
        layers: list[list[list[int]]] = [[] for _ in range(count)]
        framed: dict[tuple[int, str], list[int]] = {}
        for index, unit in enumerate(self.units):
            block: list[int] = []
            if unit.group is not None:
                block = framed.setdefault((unit.layer, unit.group), block)
            if not block:
                layers[unit.layer].append(block)
            block.append(index)
        return layers

    def _sweep(self) -> None:
        """Barycentre sweeps; of all orders seen, the one with the fewest crossings stays."""
        self._number(self.layers)
        best = (self._crossings(), *self._copy())
        for sweep in range(_SWEEPS):
            forward = sweep % 2 == 0
            for blocks in self.layers if forward else reversed(self.layers):
                self._sort(blocks, self._from_left if forward else self._from_right)
                self._number([blocks])
            crossings = self._crossings()
            if crossings < best[0]:
                best = (crossings, *self._copy())
        _, self.layers, self.departures = best
        self._number(self.layers)

    def _copy(self) -> tuple[list[list[list[int]]], list[list[int]]]:
        layers = [[block[:] for block in blocks] for blocks in self.layers]
        return layers, [ranks[:] for ranks in self.departures]

    def _number(self, layers: Sequence[Sequence[Sequence[int]]]) -> None:
        """Note which part of its layer each unit takes, from 0 at the top to 1."""
        for blocks in layers:
            share = 1 / max(1, sum(map(len, blocks)))
            for position, unit in enumerate(unit for block in blocks for unit in block):
                self._spans[unit] = (position * share, share)

    def _sort(self, blocks: list[list[int]], value: Callable[[int], float]) -> None:
        values = {unit: value(unit) for block in blocks for unit in block}
        for block in blocks:
            block.sort(key=values.__getitem__)
        blocks.sort(key=lambda block: sum(values[unit] for unit in block) / len(block))

    def _from_left(self, unit: int) -> float:
        return _mean(map(self._start, self._incoming[unit]), self._within(unit, 0, 1))

    def _from_right(self, unit: int) -> float:
        ranks = self.departures[unit]
        if len(ranks) > 1:
            ends: list[list[float]] = [[] for _ in ranks]
            for step in self._outgoing[unit]:
                ends[step.departure].append(self._end(step))
            self.departures[unit] = _ranks(
                [
                    _mean(own, self._within(unit, rank, len(ranks)))
                    for own, rank in zip(ends, ranks, strict=True)
                ]
            )
        return _mean(map(self._end, self._outgoing[unit]), self._within(unit, 0, 1))

    def _within(self, unit: int, index: int, count: int) -> float:
        start, share = self._spans[unit]
        return start + share * (index + 0.5) / count

    def _start(self, step: Route) -> float:
        ranks = self.departures[step.source]
        return self._within(step.source, ranks[step.departure], len(ranks))

    def _end(self, step: Route) -> float:
        return self._within(step.target, step.rack, len(self.units[step.target].arrivals))

    def _crossings(self) -> int:
        between: list[list[tuple[float, float]]] = [[] for _ in self.layers]
        for step in self.steps:
            between[self.units[step.source].layer].append((self._start(step), self._end(step)))
        return sum(map(_inversions, between))


def _mean(values: Iterable[float], otherwise: float) -> float:
    known = list(values)
    return sum(known) / len(known) if known else otherwise


def _ranks(values: Sequence[float]) -> list[int]:
    """The place of each value when they are sorted; equal values keep their order."""
    ranks = [0] * len(values)
    for rank, index in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        ranks[index] = rank
    return ranks


def _inversions(ends: list[tuple[float, float]]) -> int:
    """How often two lines cross between their starts and their ends."""
    ends.sort()
    seen: list[float] = []
    crossings = 0
    for _, end in ends:
        crossings += len(seen) - bisect_right(seen, end)
        insort(seen, end)
    return crossings

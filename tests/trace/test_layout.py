import random
from itertools import pairwise

import pytest
from effort import calls_of
from hypothesis import given
from hypothesis import strategies as st

from closient_export.trace.picture.layers import assign_layers
from closient_export.trace.picture.layout import FRAME_BOTTOM, FRAME_TOP, Placement, place
from closient_export.trace.picture.units import Route, Unit


@st.composite
def graphs(draw: st.DrawFn) -> tuple[int, list[tuple[int, int]]]:
    count = draw(st.integers(1, 12))
    vertices = st.integers(0, count - 1)
    return count, draw(st.lists(st.tuples(vertices, vertices), max_size=25))


def drawing(
    count: int, edges: list[tuple[int, int]], seed: int = 0
) -> tuple[list[Unit], list[Route], frozenset[int]]:
    """Units and routes for a graph: some units framed, some with more than one row."""
    numbers = random.Random(seed)  # noqa: S311 - only has to be the same each time
    layers, back = assign_layers(count, edges)
    departures = [
        tuple(numbers.choice([20.0, 60.0]) for _ in range(numbers.randint(1, 3)))
        for _ in range(count)
    ]
    rows = [0] * count
    routes = []
    for index, (source, target) in enumerate(edges):
        if source != target:
            left, right = (target, source) if index in back else (source, target)
            departure = numbers.randrange(len(departures[left]))
            routes.append(
                Route(source=left, departure=departure, target=right, rack=0, row=rows[right])
            )
            rows[right] += 1
    units = [
        Unit(
            layer=layers[vertex],
            width=100,
            departures=departures[vertex],
            arrivals=((14.0,) * rows[vertex],) if rows[vertex] else (),
            group=numbers.choice([None, "x", "y"]),
        )
        for vertex in range(count)
    ]
    return units, routes, back


def occupied(units: list[Unit], placement: Placement) -> dict[int, list[tuple[float, float]]]:
    """What is taken of each layer, from the top: frames, units without one, passing lines."""
    taken: dict[int, set[tuple[float, float]]] = {unit.layer: set() for unit in units}
    for (layer, _), frame in placement.frames.items():
        taken[layer].add(frame)
    for unit, top in zip(units, placement.tops, strict=True):
        if unit.group is None:
            taken[unit.layer].add((top, top + unit.height))
    by_left = {left: layer for layer, (left, _) in enumerate(placement.columns)}
    for path in placement.paths:
        for (x, y), _ in list(pairwise(path))[1:-1:2]:
            taken[by_left[x]].add((y - 2, y + 2))
    return {layer: sorted(spans) for layer, spans in taken.items()}


@given(graphs())
def test_every_edge_leads_to_a_later_layer_unless_it_breaks_a_cycle(
    graph: tuple[int, list[tuple[int, int]]],
) -> None:
    count, edges = graph
    layers, back = assign_layers(count, edges)
    for index, (source, target) in enumerate(edges):
        if source == target:
            assert index in back
        elif index in back:
            assert layers[source] > layers[target]
        else:
            assert layers[source] < layers[target]
    assert set(layers) == set(range(max(layers) + 1))


def test_without_a_cycle_no_edge_goes_back() -> None:
    numbers = random.Random(7)  # noqa: S311 - only has to be the same each time
    edges = [(numbers.randrange(target), target) for target in range(1, 60) for _ in range(3)]
    assert assign_layers(60, edges)[1] == frozenset()


def test_layers_are_the_longest_paths_and_late_ingredients_stand_beside_their_use() -> None:
    layers, back = assign_layers(5, [(0, 1), (1, 2), (0, 2), (2, 3), (4, 3)])
    assert (layers, back) == ((0, 1, 2, 3, 2), frozenset())


def test_a_cycle_is_broken_at_the_edge_that_closes_it() -> None:
    assert assign_layers(3, [(0, 1), (1, 2), (2, 0)]) == ((0, 1, 2), frozenset({2}))


def test_a_long_chain_needs_no_recursion() -> None:
    edges = [(vertex, vertex + 1) for vertex in range(20_000)]
    assert assign_layers(20_001, edges)[0][-1] == 20_000


@given(graphs(), st.integers(0, 9))
def test_nothing_overlaps(graph: tuple[int, list[tuple[int, int]]], seed: int) -> None:
    units, routes, _ = drawing(*graph, seed)
    placement = place(units, routes)
    for spans in occupied(units, placement).values():
        for (_, bottom), (top, _) in pairwise(spans):
            assert bottom < top
    tops = placement.tops
    for first, upper in enumerate(units):
        for second, lower in enumerate(units):
            if first < second and upper.layer == lower.layer:
                apart = (
                    tops[first] + upper.height <= tops[second]
                    or tops[second] + lower.height <= tops[first]
                )
                assert apart
    for (_, right), (left, _) in pairwise(placement.columns):
        assert right < left


@given(graphs(), st.integers(0, 9))
def test_frames_hold_their_units_and_units_their_rows(
    graph: tuple[int, list[tuple[int, int]]], seed: int
) -> None:
    units, routes, _ = drawing(*graph, seed)
    placement = place(units, routes)
    for index, unit in enumerate(units):
        top = placement.tops[index]
        bottom = top + unit.height
        assert 0 <= top < bottom <= placement.height + 1e-6
        if unit.group is not None:
            frame_top, frame_bottom = placement.frames[unit.layer, unit.group]
            assert frame_top + FRAME_TOP <= top + 1e-6
            assert bottom <= frame_bottom - FRAME_BOTTOM + 1e-6
        rows = [*placement.departures[index], *sum(placement.arrivals[index], ())]
        assert all(top < row < bottom for row in rows)
        assert len(set(placement.departures[index])) == len(unit.departures)


@given(graphs(), st.integers(0, 9))
def test_lines_lead_from_left_to_right_and_are_level_within_columns(
    graph: tuple[int, list[tuple[int, int]]], seed: int
) -> None:
    units, routes, _ = drawing(*graph, seed)
    placement = place(units, routes)
    for route, path in zip(routes, placement.paths, strict=True):
        assert all(x < to_x for (x, _), (to_x, _) in pairwise(path))
        assert all(y == to_y for (_, y), (_, to_y) in list(pairwise(path))[1::2])
        source, target = units[route.source], units[route.target]
        assert path[0] == (
            placement.columns[source.layer][1],
            placement.departures[route.source][route.departure],
        )
        assert path[-1] == (
            placement.columns[target.layer][0],
            placement.arrivals[route.target][route.rack][route.row],
        )


@given(graphs())
def test_the_same_input_gives_the_same_numbers(
    graph: tuple[int, list[tuple[int, int]]],
) -> None:
    units, routes, _ = drawing(*graph)
    assert place(units, routes) == place(units, routes)


def test_a_tangle_that_can_be_undone_is_undone() -> None:
    row = (30.0,)
    left = [Unit(layer=0, width=100, departures=row) for _ in range(6)]
    right = [Unit(layer=1, width=100, departures=row, arrivals=(row,)) for _ in range(6)]
    routes = [
        Route(source=n, departure=0, target=6 + (5 * n + 2) % 6, rack=0, row=0) for n in range(6)
    ]
    placement = place([*left, *right], routes)
    for path in placement.paths:
        assert path[0][1] == pytest.approx(path[-1][1], abs=0.5)


def test_rows_of_a_rack_stand_in_the_order_of_what_arrives() -> None:
    left = [Unit(layer=0, width=100, departures=(30.0,)) for _ in range(5)]
    right = Unit(layer=1, width=100, departures=(30.0,), arrivals=((14.0,) * 5,))
    routes = [Route(source=n, departure=0, target=5, rack=0, row=4 - n) for n in range(5)]
    placement = place([*left, right], routes)
    by_start = sorted(placement.paths)
    assert [path[-1][1] for path in by_start] == sorted(path[-1][1] for path in by_start)


def test_a_route_that_does_not_lead_on_is_refused() -> None:
    units = [Unit(layer=1, width=9, departures=(9.0,), arrivals=((9.0,),)) for _ in range(2)]
    with pytest.raises(ValueError, match="route: expected a layer after 1, got 1"):
        place(units, [Route(source=0, departure=0, target=1, rack=0, row=0)])


def test_nothing_has_no_size() -> None:
    placement = place([], [])
    assert (placement.columns, placement.height, placement.tops) == ((), 0, ())


def many_lots(count: int) -> tuple[int, list[tuple[int, int]]]:
    """Each of some of those before it."""
    numbers = random.Random(1)  # noqa: S311 - only has to be the same each time
    edges = [
        (numbers.randrange(max(0, target - 80), target), target)
        for target in range(1, count)
        for _ in range(numbers.choice([1, 1, 2, 3]))
    ]
    return count, edges


def test_the_layout_of_many_lots_costs_no_more_for_each() -> None:
    def lay_out(count: int) -> None:
        units, routes, _ = drawing(*many_lots(count))
        place(units, routes)

    assert calls_of(lambda: lay_out(5000)) < 12 * calls_of(lambda: lay_out(500))


@pytest.mark.parametrize("count", [500, 5000])
def test_many_lots_are_laid_out(count: int) -> None:
    units, routes, back = drawing(*many_lots(count))
    placement = place(units, routes)
    assert not back
    for spans in occupied(units, placement).values():
        assert all(bottom < top for (_, bottom), (top, _) in pairwise(spans))

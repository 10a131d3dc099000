"""Which column each vertex of a graph stands in, so that edges lead to the right."""

from collections.abc import Sequence

__all__ = ["assign_layers"]


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

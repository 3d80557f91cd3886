"""Needs that choose in turn among flows that all goals leave equal.

    maximize, entry by entry, (x(n₁), x(n₂), …)   over the flows that all goals leave,
    x(n) the units of need n, in the order of turns

Each need in turn gets as many units as it can, given what those before it got: one
augmenting path after the other. Nodes from which a need cannot be served any more stay
so, since no later path leaves them: each is looked at in vain only once. With turns
drawn by lot it is the random serial dictatorship of Abdulkadiroğlu and Sönmez (1998).

Four nodes: the hub, a slot with one place, and two choirs that ask for it; the goals
leave both plans. In the turns (second, first) the second takes the place, along a path
that takes it from the first if the flow had it there; the first then has none.
"""

from collections import deque
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.codes import NONE
from sharematch.core.network.program import Network, Program, Source
from sharematch.solvers.flow.circulation import Face

__all__ = ["Turns", "need_edges"]

Ints = NDArray[np.int64]


def need_edges(program: Program) -> Ints:
    """Return the edge that carries the units of each need, NONE where no arc is."""
    for source, _, node in program.places:
        if source == Source("quantity"):
            return np.where(node == NONE, NONE, program.network.edge_of(node))
    raise AssertionError("every program bounds the quantity of needs")


class Turns:
    """The flows of a face, to choose from.

    Parameters
    ----------
    network, face
        Not merged: each need has its own edge.
    """

    def __init__(self, network: Network, face: Face) -> None:
        self.face = face
        num_edges = len(network.tail)
        near_node = np.concatenate([network.tail, network.head])
        far_node = np.concatenate([network.head, network.tail])
        # Edges that may change, from either end; backward ones count from `num_edges`.
        free = np.flatnonzero(face.lower < face.upper)
        sides = np.concatenate([free, free + num_edges])
        order = sides[np.argsort(near_node[sides], kind="stable")]
        first_side = np.searchsorted(near_node[order], np.arange(network.num_nodes + 1))
        self._num_edges = num_edges
        self._first, self._side = first_side.tolist(), order.tolist()
        self._other = far_node[order].tolist()
        self._tail, self._head = network.tail, network.head

    def flow(self, edges: Iterable[int]) -> Ints:
        """Return the flow in which the needs of these edges choose in turn."""
        face = self.face
        self._flow: list[int] = face.flow.tolist()
        self._upper: list[int] = face.upper.tolist()
        self._lower: list[int] = face.lower.tolist()
        self._closed: dict[int, set[int]] = {}
        for edge in edges:
            if edge == NONE:
                continue
            while self._flow[edge] < self._upper[edge] and self._raise(edge):
                pass
            self._lower[edge] = self._upper[edge] = self._flow[edge]
        return np.array(self._flow, np.int64)

    def _room(self, side: int) -> int:
        """Return how many more units may pass an edge from one of its ends."""
        if side < self._num_edges:
            return self._upper[side] - self._flow[side]
        return self._flow[side - self._num_edges] - self._lower[side - self._num_edges]

    def _raise(self, edge: int) -> bool:
        """Raise the flow of one edge along a path from its head to its tail."""
        start, goal = int(self._head[edge]), int(self._tail[edge])
        came_by = self._search(start, goal, edge)
        if came_by is None:
            return False
        path, node = [], goal
        while node != start:
            side, node = came_by[node]
            path.append(side)
        more_units = min(self._upper[edge] - self._flow[edge], *map(self._room, path))
        for side in path:
            if side < self._num_edges:
                self._flow[side] += more_units
            else:
                self._flow[side - self._num_edges] -= more_units
        self._flow[edge] += more_units
        return True

    def _search(
        self, start: int, goal: int, edge: int
    ) -> dict[int, tuple[int, int]] | None:
        """Return how each node was reached, up to the goal; None if it was not."""
        closed_nodes = self._closed.setdefault(goal, set())
        if start in closed_nodes:
            return None
        came_by: dict[int, tuple[int, int]] = {start: (NONE, NONE)}
        queue = deque([start])
        while queue:
            node = queue.popleft()
            if node == 0 and queue:
                queue.append(node)  # the hub leads everywhere: last of all
                node = queue.popleft()
            for position in range(self._first[node], self._first[node + 1]):
                side, next_node = self._side[position], self._other[position]
                if next_node in came_by or next_node in closed_nodes:
                    continue
                if side % self._num_edges == edge or self._room(side) <= 0:
                    continue
                came_by[next_node] = (side, node)
                if next_node == goal:
                    return came_by
                queue.append(next_node)
        closed_nodes |= came_by.keys()
        return None

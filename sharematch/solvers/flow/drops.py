"""Edges whose units cost more from some unit on, as several edges side by side.

Cost is convex along an edge, so a flow of least cost fills its pieces in order, and all
of these flows are those within bounds of the edge again: the sums of their pieces'.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import NONE
from sharematch.core.network.program import LinearGoal, Network
from sharematch.solvers.flow.circulation import Face, Graph

__all__ = ["Pieces"]

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Pieces:
    """A graph with further edges: piece i of edge `edge[i]`, which holds what is left.

    `start` and `end` say which units of the edge a piece carries, `first` which ones
    the edge itself.
    """

    graph: Graph
    edge: Ints
    start: Ints
    end: Ints
    cost: Ints
    first: Ints
    """The start of the first piece of each edge of the network."""

    @classmethod
    def of(cls, network: Network, goal: LinearGoal) -> "Pieces":
        """Return the pieces of a goal, and what all edges cost."""
        drops = goal.drops
        node = goal.node[drops.group]
        there = node != NONE
        group, start, amount = (
            x[there] for x in (drops.group, drops.start, drops.amount)
        )
        edge = network.edge_of(node[there])
        follows = np.append(group[1:] == group[:-1], False)
        end = np.where(follows, np.append(start[1:], 0), np.iinfo(np.int64).max)
        num = len(network.tail)
        first = np.full(num, np.iinfo(np.int64).max)
        np.minimum.at(first, edge, start)
        total = np.cumsum(amount)
        opens = np.append(True, ~follows[:-1])[: len(group)]
        before = np.maximum.accumulate(np.where(opens, total - amount, 0))
        cost = np.zeros(num, np.int64)
        cost[: network.num_arcs] = goal.cost
        graph = Graph(
            network.num_nodes,
            np.concatenate([network.tail, network.tail[edge]]),
            np.concatenate([network.head, network.head[edge]]),
        )
        whole = np.concatenate([cost, cost[edge] + total - before])
        return cls(graph, edge, start, end, whole, first)

    def split(self, face: Face) -> Face:
        """Return a face over all pieces, cheaper ones first."""
        return Face(*map(self._split, (face.lower, face.upper, face.flow)))

    def joined(self, face: Face) -> Face:
        """Return a face over pieces as one over the edges that they are pieces of."""
        return replace(face, **{name: self.sum(getattr(face, name)) for name in FIELDS})

    def sum(self, units: Ints) -> Ints:
        """Return units on the edges of which there are pieces."""
        total = units[: len(self.first)].copy()
        np.add.at(total, self.edge, units[len(self.first) :])
        return total

    def _split(self, units: Ints) -> Ints:
        own = units[self.edge]
        piece = np.minimum(own, self.end) - np.minimum(own, self.start)
        return np.concatenate([np.minimum(units, self.first), piece])


FIELDS = ("lower", "upper", "flow")

"""Edges whose units cost more from some unit on, as several edges side by side.

    minimize  Σ over edges e of cost(e) · x(e)
            + Σ over drops d of amount(d) · max(0, x(edge(d)) - start(d))

Cost is convex along an edge, so a flow of least cost fills its pieces in order (Ahuja,
Magnanti and Orlin, Network Flows, 1993, chapter 14), and all of these flows are those
within bounds of the edge again: the sums of their pieces'.

Four nodes: the hub, a hall with four places, two clubs that ask for three units each.
A unit is worth 3, but the third of the first club only 2: its edge becomes two pieces,
two units at -3 and the others at -2. Of the ways to fill the hall, 1 + 3, 2 + 2 and
3 + 1, the first two stay.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.codes import NONE
from sharematch.core.network.program import LinearGoal, Network
from sharematch.solvers.flow.circulation import Face, Graph

__all__ = ["Pieces"]

Ints = NDArray[np.int64]
ENDLESS = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Pieces:
    """A graph with further edges: piece i is of edge `edge[i]`.

    It carries units `start` to `end` of that edge, which itself keeps those before its
    first piece.
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
        has_node = node != NONE
        group, start_unit, amount = (
            x[has_node] for x in (drops.group, drops.start, drops.amount)
        )
        edge = network.edge_of(node[has_node])
        follows = np.append(group[1:] == group[:-1], False)
        end_unit = np.where(follows, np.append(start_unit[1:], 0), ENDLESS)
        num = len(network.tail)
        first_start = np.full(num, ENDLESS)
        np.minimum.at(first_start, edge, start_unit)
        # What drops of one group add up to; sums over all before it are taken off.
        total = np.cumsum(amount)
        opens = np.append(True, ~follows[:-1])[: len(group)]
        total -= np.maximum.accumulate(np.where(opens, total - amount, 0))
        cost = np.zeros(num, np.int64)
        cost[: network.num_arcs] = goal.cost
        graph = Graph(
            network.num_nodes,
            np.concatenate([network.tail, network.tail[edge]]),
            np.concatenate([network.head, network.head[edge]]),
        )
        piece_cost = cost[edge] + total
        cost = np.concatenate([cost, piece_cost])
        return cls(graph, edge, start_unit, end_unit, cost, first_start)

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
        edge_units = units[self.edge]
        piece_units = np.clip(edge_units, self.start, self.end) - self.start
        return np.concatenate([np.minimum(units, self.first), piece_units])


FIELDS = ("lower", "upper", "flow")

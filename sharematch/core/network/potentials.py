"""Node potentials: prices under which no edge of a residual graph is worth taking.

p[head] ≤ p[tail] + length for every edge; they exist unless a cycle is negative
(Bellman 1958, Ford 1956; as a proof of optimality Ahuja et al. 1993, chapter 9).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.lookup import expand

__all__ = ["Exchanges", "Index", "potentials"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Positions = NDArray[np.integer[Any]]


def potentials(
    num_nodes: int, tail: Positions, head: Positions, length: Ints
) -> Ints | None:
    """Return p with p[head] ≤ p[tail] + length for all edges, None if there is none.

    There is none exactly where a cycle has negative length.

    Examples
    --------
    >>> potentials(3, np.array([0, 1]), np.array([1, 2]), np.array([-2, 1])).tolist()
    [0, -2, -1]
    """
    every, none = np.ones(len(tail), bool), np.zeros(len(tail), bool)
    return Exchanges(num_nodes, tail, head, none).potentials(every, none, length)


class Exchanges:
    """The residual graph of a flow, whose edges are ordered once for many prices.

    Parameters
    ----------
    tail, head
        Of each edge.
    can_fall
        Which edges may ever carry less: these lead back from head to tail, too.

    Examples
    --------
    Of two units of one place the dearer one may go, as long as it carries something:

    >>> tail, head, cost = np.array([0, 0]), np.array([1, 1]), np.array([1, 3])
    >>> free, dear = np.array([True, False]), np.array([False, True])
    >>> Exchanges(2, tail, head, dear).potentials(free, dear, cost) is None
    True
    >>> Exchanges(2, tail, head, dear).potentials(~free, dear, cost).tolist()
    [-3, 0]
    """

    def __init__(
        self, num_nodes: int, tail: Positions, head: Positions, can_fall: Bools
    ) -> None:
        self._num_nodes, self._tail, self._head = num_nodes, tail, head
        falling = np.flatnonzero(can_fall)
        self._onward = Index(tail, np.arange(len(tail)), num_nodes)
        self._back = Index(head[falling], falling, num_nodes)

    def potentials(
        self, can_rise: Bools, can_fall: Bools, up: Ints, down: Ints | None = None
    ) -> Ints | None:
        """Return potentials under which no unit is worth moving; None: there are none.

        Bellman and Ford, in each round only the edges out of nodes that have just come
        down.

        Parameters
        ----------
        can_rise, can_fall
            Which edges may carry more, and which less.
        up, down
            What one unit more on each costs, and what the last one does; the same if
            left out.
        """
        down = up if down is None else down
        potential = np.zeros(self._num_nodes, np.int64)

        def steps(more: Ints, less: Ints) -> tuple[Positions, Ints]:
            """Return where edges lead that rise or fall, and at what length."""
            target = np.concatenate([self._head[more], self._tail[less]])
            return target, np.concatenate([up[more], -down[less]])

        # All begin at 0, where only an edge below 0 is worth taking.
        more = np.flatnonzero(can_rise & (up < 0))
        less = np.flatnonzero(can_fall & (down > 0))
        target, reach = steps(more, less)
        for _ in range(self._num_nodes + 1):
            better = np.flatnonzero(reach < potential[target])
            if not len(better):
                return potential
            target = target[better]
            np.minimum.at(potential, target, reach[better])
            is_lowered = np.zeros(self._num_nodes, bool)
            is_lowered[target] = True
            lowered = np.flatnonzero(is_lowered)
            rising, more = self._onward.of(lowered, can_rise)
            falling, less = self._back.of(lowered, can_fall)
            target, reach = steps(more, less)
            reach += potential[lowered[np.concatenate([rising, falling])]]
        return None


class Index:
    """Edges by one of their ends."""

    def __init__(self, end: Positions, edges: Ints, num_nodes: int) -> None:
        self._edges = edges[np.argsort(end, kind="stable")]
        count = np.bincount(end, minlength=num_nodes)
        self._first = np.append(0, np.cumsum(count))

    def of(self, nodes: Ints, among: Bools | None = None) -> tuple[Ints, Ints]:
        """Return (row, edge) for every edge at each of the nodes.

        Parameters
        ----------
        among
            Which edges are looked at, all if left out.
        """
        row, position = expand(self._first[nodes], self._first[nodes + 1])
        edges = self._edges[position]
        if among is None:
            return row, edges
        kept = np.flatnonzero(among[edges])
        return row[kept], edges[kept]

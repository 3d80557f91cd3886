"""Node potentials: prices under which no edge of a residual graph is worth taking.

p[head] ≤ p[tail] + length for every edge; they exist unless a cycle is negative
(Bellman 1958, Ford 1956; as a proof of optimality Ahuja et al. 1993, chapter 9).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["potentials"]

Ints = NDArray[np.int64]
Positions = NDArray[np.integer[Any]]


def potentials(
    num_nodes: int, tail: Positions, head: Positions, length: Ints
) -> Ints | None:
    """Return p with p[head] ≤ p[tail] + length for all edges, None if there is none.

    Bellman and Ford, in each round only the edges out of nodes that have just come
    down. There is none exactly where a cycle has negative length.

    Examples
    --------
    >>> potentials(3, np.array([0, 1]), np.array([1, 2]), np.array([-2, 1])).tolist()
    [0, -2, -1]
    """
    order = np.argsort(tail, kind="stable")
    head, length = head[order], length[order]
    degree = np.bincount(tail, minlength=num_nodes)
    first = np.cumsum(degree) - degree
    potential = np.zeros(num_nodes, np.int64)
    # All begin at 0, where only an edge below 0 is worth taking.
    edge = np.flatnonzero(length < 0)
    reach = length[edge]
    for _ in range(num_nodes + 1):
        better = reach < potential[head[edge]]
        if not better.any():
            return potential
        target = head[edge[better]]
        np.minimum.at(potential, target, reach[better])
        is_lowered = np.zeros(num_nodes, bool)
        is_lowered[target] = True
        lowered = np.flatnonzero(is_lowered)
        count = degree[lowered]
        begin = np.cumsum(count) - count
        edge = np.arange(int(count.sum())) + np.repeat(first[lowered] - begin, count)
        reach = np.repeat(potential[lowered], count) + length[edge]
    return None

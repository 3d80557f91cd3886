"""Sites that nothing tells apart: of such, the first ones open."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sharematch.core.network.program import GroupGoal, LinearGoal, Program

__all__ = ["twins"]

Ints = NDArray[np.int64]


def twins(base: Program, arc_site: Ints, weights: Sequence[Ints]) -> Ints:
    """Return for each site the one that opens before it if they are equal, else -1.

    Equal sites are one node of the network each, without floors, no group of a goal,
    with the same arcs at the same costs into them, and the same `weights`.

    Parameters
    ----------
    arc_site
        Of each arc edge; the number of sites where its slot is always open.
    weights
        By site, of all that counts openings.
    """
    network, num = base.network, base.network.num_arcs
    named = np.zeros(network.num_nodes, bool)
    for goal in base.goals:
        if isinstance(goal, GroupGoal):
            named[goal.node[goal.node >= 0]] = True
    costs = [goal.cost for goal in base.goals if isinstance(goal, LinearGoal)]
    num_sites = len(weights[0]) - 1 if weights else 0
    order = np.lexsort((network.tail[:num], arc_site))
    bounds = np.searchsorted(arc_site[order], np.arange(num_sites + 1))
    before = np.full(num_sites, -1, np.int64)
    latest: dict[tuple[bytes, ...], int] = {}
    for site in range(num_sites):
        arcs = order[bounds[site] : bounds[site + 1]]
        nodes = np.unique(network.head[arcs])
        if len(nodes) != 1 or named[nodes[0]] or network.lower[arcs].any():
            continue
        at = network.edge_of(nodes)
        if network.lower[at].any():
            continue
        alike = [network.parent[nodes], network.upper[at], network.tail[arcs]]
        alike += [network.upper[arcs], *(cost[arcs] for cost in costs)]
        alike += [weight[[site]] for weight in weights]
        key = tuple(np.ascontiguousarray(part).tobytes() for part in alike)
        before[site] = latest.get(key, -1)
        latest[key] = site
    return before

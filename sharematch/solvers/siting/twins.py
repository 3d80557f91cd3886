"""Sites that nothing tells apart: of such, the first ones open.

    before(s) = the last site t < s with the same arcs, costs, room and weights as s;
    s is open only where before(s) is

To exchange two such sites maps plans to plans that are worth the same, so of all sets
that exchanges make from one another the first stands for all (orbits; Margot 2010,
Symmetry in integer linear programming). With three equal halls of which two open one
set is looked at, not three.

Four nodes: the hub, a choir and two halls at the same place, with the same room: before
the second comes the first, so of {1}, {2}, {1, 2} only {1} and {1, 2} are tried.
"""

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
    is_of_group = np.zeros(network.num_nodes, bool)
    for goal in base.goals:
        if isinstance(goal, GroupGoal):
            is_of_group[goal.node[goal.node >= 0]] = True
    costs = [goal.cost for goal in base.goals if isinstance(goal, LinearGoal)]
    num_sites = len(weights[0]) - 1 if weights else 0
    order = np.lexsort((network.tail[:num], arc_site))
    bounds = np.searchsorted(arc_site[order], np.arange(num_sites + 1))
    earlier_twin = np.full(num_sites, -1, np.int64)
    latest_equal: dict[tuple[bytes, ...], int] = {}
    for site in range(num_sites):
        arcs = order[bounds[site] : bounds[site + 1]]
        nodes = np.unique(network.head[arcs])
        # What has several nodes, a floor or a group may differ in more than this.
        if len(nodes) != 1 or is_of_group[nodes[0]] or network.lower[arcs].any():
            continue
        node_edge = network.edge_of(nodes)
        if network.lower[node_edge].any():
            continue
        alike = [network.parent[nodes], network.upper[node_edge], network.tail[arcs]]
        alike += [network.upper[arcs], *(cost[arcs] for cost in costs)]
        alike += [weight[[site]] for weight in weights]
        key = tuple(np.ascontiguousarray(array).tobytes() for array in alike)
        earlier_twin[site] = latest_equal.get(key, -1)
        latest_equal[key] = site
    return earlier_twin

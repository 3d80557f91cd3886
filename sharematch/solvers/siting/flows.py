"""What a set of open sites is worth: the flow through it, exact in every goal."""

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import NONE
from sharematch.core.network.program import GroupGoal, LinearGoal, Network, Source
from sharematch.solvers.flow.circulation import Graph, mended
from sharematch.solvers.flow.lexicographic import solve_network
from sharematch.solvers.siting.shape import Siting

__all__ = ["Barrier", "Flows", "Value", "Worth"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Value = int | tuple[Fraction, ...]


@dataclass(frozen=True)
class Worth:
    """A set of open sites, the best flow through it, and what each goal is worth.

    The smaller values are better, goal by goal; a vector is negated for that.
    """

    members: Ints
    edges: Ints
    """The flow on all edges of the network with all sites open."""
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Barrier:
    """Open sites need room of at least `least` for all floors to hold."""

    room: Ints
    """By site, and of what is always open."""
    least: int

    def short(self, members: Ints) -> Ints:
        """Return the room that each set of sites, a row of `members`, lacks."""
        is_open = np.zeros((len(members), len(self.room)), bool)
        is_open[np.arange(len(members))[:, None], members] = is_open[:, -1] = True
        lacking: Ints = np.maximum(self.least - is_open @ self.room, 0)
        return lacking


class Flows:
    """Flows through open sites."""

    def __init__(self, siting: Siting) -> None:
        self.siting, self.base = siting, siting.base
        network = self.base.network
        self.arc_site = siting.site[self.base.measures.arcs.slot[self.base.arc_of_edge]]
        self.slot_node = next(
            node for source, _, node in self.base.places if source == Source("capacity")
        )
        self.node_site = self._node_sites()
        self.node_edges = np.arange(network.num_arcs, len(network.tail))

    def _node_sites(self) -> Ints:
        """Return the one site whose arcs pass each node, -1 where there are several."""
        network, num = self.base.network, self.siting.num_sites
        arcs = slice(network.num_arcs)
        low = np.full(network.num_nodes, num + 1)
        high = np.full(network.num_nodes, -1)
        for end in (network.tail[arcs], network.head[arcs]):
            np.minimum.at(low, end, self.arc_site)
            np.maximum.at(high, end, self.arc_site)
        for depth in range(int(network.depth.max(initial=0)), 0, -1):
            nodes = np.flatnonzero(network.depth == depth)
            np.minimum.at(low, network.parent[nodes], low[nodes])
            np.maximum.at(high, network.parent[nodes], high[nodes])
        one = (low == high) & (low < num) & ~network.on_need_side
        one[0] = False
        return np.where(one, low, -1)

    def network(self, members: Ints) -> tuple[Network, Ints]:
        """Return the network in which only these sites are open, and its edges."""
        network, siting = self.base.network, self.siting
        is_open = np.zeros(siting.num_sites + 1, bool)
        is_open[members] = is_open[-1] = True
        arcs = np.flatnonzero(is_open[self.arc_site])
        edges = np.concatenate([arcs, self.node_edges])
        kept = replace(
            network,
            num_arcs=len(arcs),
            tail=network.tail[edges],
            head=network.head[edges],
            lower=network.lower[edges],
            upper=network.upper[edges],
        )
        if siting.is_exact:
            here = np.isin(siting.site, members[members < siting.num_sites])
            at = kept.edge_of(self.slot_node[here])
            kept.lower[at] = np.maximum(kept.lower[at], 1)
        for limit in siting.limits:
            if limit.node is not None:
                paid = [int(x.of(members[None, :])[0]) for x in limit.groups]
                most = (limit.most - np.array(paid)) // limit.per_unit
                there = limit.node != NONE
                at = kept.edge_of(limit.node[there])
                np.minimum.at(kept.upper, at, most[there])
        return kept, edges

    def units(self, worth: Worth) -> Ints:
        """Return the units on each arc of the instance."""
        return self.base.lift(worth.edges[: self.base.network.num_arcs])

    def size(self, members: Ints) -> int:
        """Return how many edges the network of these open sites has."""
        is_open = np.zeros(self.siting.num_sites + 1, bool)
        is_open[members] = is_open[-1] = True
        return int(is_open[self.arc_site].sum()) + len(self.node_edges)

    def worth(self, members: Ints) -> Worth | Barrier | None:
        """Return the best flow through open sites, or what bars one.

        None where nothing is known of why there is none.
        """
        network, edges = self.network(members)
        if (network.lower > network.upper).any():
            return None
        program = self.base.on(
            network, edges[: network.num_arcs], np.arange(network.num_nodes)
        )
        outcome = solve_network(program)
        if outcome is None:
            return self._barrier(network)
        flow = np.zeros(self.base.network.num_arcs, np.int64)
        flow[edges[: network.num_arcs]] = self._on_edges(
            outcome.units, edges[: network.num_arcs]
        )
        whole = self.base.network.complete(flow)
        return Worth(members, whole, self._values(members, whole))

    def _on_edges(self, units: Ints, arcs: Ints) -> Ints:
        """Return units on edges; what a baseline holds of an arc comes first."""
        num = len(self.base.measures.arcs)
        of = self.base.arc_of_edge[arcs]
        flow = np.where(arcs < num, units[of], 0)
        twins = np.flatnonzero(arcs >= num)
        if len(twins):
            kept = np.minimum(units[of[twins]], self.base.network.upper[arcs[twins]])
            flow[twins] = kept
            first = np.empty(num, np.int64)
            first[of[arcs < num]] = np.flatnonzero(arcs < num)
            flow[first[of[twins]]] -= kept
        return flow

    def _barrier(self, network: Network) -> Barrier | None:
        """Return the room that sites would have to have (Hoffman's condition)."""
        graph = Graph(network.num_nodes, network.tail, network.head)
        _, cut = mended(graph, network.lower, network.upper, network.lower)
        if cut is None:
            return None
        if self.siting.is_exact or any(x.node is not None for x in self.siting.limits):
            return None  # bounds differ from set to set
        whole, num = self.base.network, self.base.network.num_arcs
        enters = ~cut[whole.tail] & cut[whole.head]
        leaves = cut[whole.tail] & ~cut[whole.head]
        room = np.zeros(self.siting.num_sites + 1, np.int64)
        arcs = np.flatnonzero(leaves[:num])
        through = np.zeros(whole.num_nodes, np.int64)
        np.add.at(through, whole.head[arcs], whole.upper[arcs])
        site = np.zeros(whole.num_nodes, np.int64)
        site[whole.head[arcs]] = self.arc_site[arcs]
        # What enters a slot is no more than it has room for.
        node = np.flatnonzero((through > 0) & ~cut[whole.parent])
        through[node] = np.minimum(through[node], whole.upper[whole.edge_of(node)])
        np.add.at(room, site, through)
        # What leaves slots, of sites that may be closed, and what leaves all else.
        edge = np.flatnonzero(leaves[num:]) + num
        own = self.node_site[edge - num + 1]
        np.add.at(room, own[own >= 0], whole.upper[edge[own >= 0]])
        least = int(whole.lower[enters].sum()) - int(whole.upper[edge[own < 0]].sum())
        return Barrier(room, least)

    def _values(self, members: Ints, flow: Ints) -> tuple[Value, ...]:
        values: list[Value] = []
        for position, items in zip(self.siting.flows, self.siting.pays, strict=True):
            value: Value = 0
            if position is not None:
                value = self.goal_value(position, flow)
            if items is not None:
                assert isinstance(value, int)
                sign = self.siting.signs[len(values)]
                value += sign * int(items.of(members[None, :])[0])
            values.append(value)
        return tuple(values)

    def goal_value(self, position: int, flow: Ints) -> Value:
        """Return what a goal of the network is worth, the smaller the better."""
        goal = self.base.goals[position]
        network = self.base.network
        if isinstance(goal, LinearGoal):
            return int(goal.cost @ flow[: network.num_arcs])
        return tuple(-x for x in sorted(ratios(goal, self.units_of(goal, flow))))

    def units_of(self, goal: GroupGoal, flow: Ints) -> Ints:
        """Return the units of each group."""
        network = self.base.network
        at = network.edge_of(np.maximum(goal.node, 1))
        return np.where(goal.node == NONE, 0, flow[at])


def ratios(goal: GroupGoal, units: Ints) -> list[Fraction]:
    """Return the value of each group with these units."""
    over = goal.start + goal.sign * units
    return [
        Fraction(a, b) for a, b in zip(over.tolist(), goal.weight.tolist(), strict=True)
    ]

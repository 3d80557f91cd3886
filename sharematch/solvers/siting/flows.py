"""What a set of open sites is worth: the flow through it, exact in every goal.

    worth(S) = lexicographic minimum over flows x through S of
               (goal 1, goal 2, …)(x) + what S pays in each

Where there is none, a cut of the network shows it: units that must enter a set of nodes
are more than its edges out carry (Hoffman 1960). Taken over all sites, each edge out
counts for the site it belongs to, so the cut says for any set of sites what room it
lacks; it bars all that lack some, as a feasibility cut does (Benders 1962).

Four nodes: the hub, a choir of which two units have to be served, two halls with one
place each. Through the first hall alone there is no flow; the cut around the choir and
the halls needs a room of 2, of which each hall has 1. Both halls lack nothing.
"""

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.codes import NONE
from sharematch.core.network.program import GroupGoal, LinearGoal, Network, Source
from sharematch.solvers.flow.circulation import Graph, mended
from sharematch.solvers.flow.lexicographic import solve_network
from sharematch.solvers.siting.shape import Siting

__all__ = ["Barrier", "Flows", "Value", "Worth", "ratios"]

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

    def lacking(self, members: Ints) -> Ints:
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
        least_site = np.full(network.num_nodes, num + 1)
        greatest_site = np.full(network.num_nodes, -1)
        for end in (network.tail[arcs], network.head[arcs]):
            np.minimum.at(least_site, end, self.arc_site)
            np.maximum.at(greatest_site, end, self.arc_site)
        for depth in range(int(network.depth.max(initial=0)), 0, -1):
            nodes = np.flatnonzero(network.depth == depth)
            np.minimum.at(least_site, network.parent[nodes], least_site[nodes])
            np.maximum.at(greatest_site, network.parent[nodes], greatest_site[nodes])
        is_single = (least_site == greatest_site) & (least_site < num)
        is_single &= ~network.on_need_side
        is_single[0] = False
        return np.where(is_single, least_site, -1)

    def network(self, members: Ints) -> tuple[Network, Ints]:
        """Return the network in which only these sites are open, and its edges."""
        network, siting = self.base.network, self.siting
        open_arcs = np.flatnonzero(siting.mask(members)[self.arc_site])
        edges = np.concatenate([open_arcs, self.node_edges])
        open_network = replace(
            network,
            num_arcs=len(open_arcs),
            tail=network.tail[edges],
            head=network.head[edges],
            lower=network.lower[edges],
            upper=network.upper[edges],
        )
        if siting.is_exact:
            is_in_set = np.isin(siting.site, members[members < siting.num_sites])
            edge = open_network.edge_of(self.slot_node[is_in_set])
            open_network.lower[edge] = np.maximum(open_network.lower[edge], 1)
        for limit in siting.limits:
            if limit.node is not None:
                # What is left of the budget once openings are paid goes to units.
                paid = [int(items.of(members[None, :])[0]) for items in limit.groups]
                most_units = (limit.most - np.array(paid)) // limit.per_unit
                has_node = limit.node != NONE
                edge = open_network.edge_of(limit.node[has_node])
                np.minimum.at(open_network.upper, edge, most_units[has_node])
        return open_network, edges

    def units(self, worth: Worth) -> Ints:
        """Return the units on each arc of the instance."""
        return self.base.lift(worth.edges[: self.base.network.num_arcs])

    def size(self, members: Ints) -> int:
        """Return how many edges the network of these open sites has."""
        is_open = self.siting.mask(members)
        return int(is_open[self.arc_site].sum()) + len(self.node_edges)

    def worth(self, members: Ints) -> Worth | Barrier | None:
        """Return the best flow through open sites, or what bars one.

        None where nothing is known of why there is none.
        """
        open_network, edges = self.network(members)
        if (open_network.lower > open_network.upper).any():
            return None
        arcs = edges[: open_network.num_arcs]
        same_nodes = np.arange(open_network.num_nodes)
        outcome = solve_network(self.base.on(open_network, arcs, same_nodes))
        if outcome is None:
            return self._barrier(open_network)
        arc_flow = np.zeros(self.base.network.num_arcs, np.int64)
        arc_flow[arcs] = self._on_edges(outcome.units, arcs)
        edge_flow = self.base.network.complete(arc_flow)
        return Worth(members, edge_flow, self._values(members, edge_flow))

    def _on_edges(self, units: Ints, arcs: Ints) -> Ints:
        """Return units on edges; what a baseline holds of an arc comes first."""
        num = len(self.base.measures.arcs)
        arc = self.base.arc_of_edge[arcs]
        flow = np.where(arcs < num, units[arc], 0)
        kept_edges = np.flatnonzero(arcs >= num)
        if len(kept_edges):
            kept_upper = self.base.network.upper[arcs[kept_edges]]
            kept_units = np.minimum(units[arc[kept_edges]], kept_upper)
            flow[kept_edges] = kept_units
            first_edge = np.empty(num, np.int64)
            first_edge[arc[arcs < num]] = np.flatnonzero(arcs < num)
            flow[first_edge[arc[kept_edges]]] -= kept_units
        return flow

    def to_price(self, worth: Worth) -> Worth:
        """Return the flow whose prices bound other sets: here this one."""
        return worth

    def _barrier(self, open_network: Network) -> Barrier | None:
        """Return the room that sites would have to have (Hoffman's condition)."""
        graph = Graph.of(open_network)
        lower, upper = open_network.lower, open_network.upper
        _, cut = mended(graph, lower, upper, lower)
        if cut is None:
            return None
        if self.siting.is_exact or any(x.node is not None for x in self.siting.limits):
            return None  # bounds differ from set to set
        network, num_arcs = self.base.network, self.base.network.num_arcs
        enters = ~cut[network.tail] & cut[network.head]
        leaves = cut[network.tail] & ~cut[network.head]
        room = np.zeros(self.siting.num_sites + 1, np.int64)
        arcs = np.flatnonzero(leaves[:num_arcs])
        entering = np.zeros(network.num_nodes, np.int64)
        np.add.at(entering, network.head[arcs], network.upper[arcs])
        slot_site = np.zeros(network.num_nodes, np.int64)
        slot_site[network.head[arcs]] = self.arc_site[arcs]
        # What enters a slot is no more than it has room for.
        node = np.flatnonzero((entering > 0) & ~cut[network.parent])
        capacity = network.upper[network.edge_of(node)]
        entering[node] = np.minimum(entering[node], capacity)
        np.add.at(room, slot_site, entering)
        # What leaves slots, of sites that may be closed, and what leaves all else.
        edge = np.flatnonzero(leaves[num_arcs:]) + num_arcs
        upper, site = network.upper[edge], self.node_site[edge - num_arcs + 1]
        np.add.at(room, site[site >= 0], upper[site >= 0])
        least = int(network.lower[enters].sum()) - int(upper[site < 0].sum())
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
        edge = network.edge_of(np.maximum(goal.node, 1))
        return np.where(goal.node == NONE, 0, flow[edge])


def ratios(goal: GroupGoal, units: Ints) -> list[Fraction]:
    """Return the value of each group with these units."""
    numerator = goal.start + goal.sign * units
    return list(map(Fraction, numerator.tolist(), goal.weight.tolist()))

"""What a solver gets: a circulation with bounds, and goals over its edges.

    flow conserved at every node, lower ≤ flow ≤ upper on every edge

`lowering.lower` turns columns, arcs and a policy into a `Program`; `Program.lift` reads
the units on each arc back. Every bounded set of arcs keeps the term it came from.
"""

from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.attributes import Key
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.constant import taken
from sharematch.core.measures.ceilings import Drops
from sharematch.core.measures.measures import Measures

__all__ = ["HUB", "GroupGoal", "LinearGoal", "Network", "Program", "Source"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Positions = NDArray[np.integer[Any]]
HUB = 0
"""The node that all units leave and come back to."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a bound comes from: a field of records, a rule or a goal."""

    kind: Literal[
        "quantity",
        "capacity",
        "reserve",
        "max_units",
        "rule",
        "goal",
        "whole",
        "min_quantity",
        "sessions",
        "every",
        "times",
        "per_day",
        "rest",
        "person",
        "together",
        "decision",
        "min_units",
        "either",
        "use",
    ]
    position: int = 0
    """Of the rule or goal in the policy."""


@dataclass(frozen=True)
class Network:
    """A circulation through node 0, the hub.

    Units leave the hub, pass nested sets of the need side from outer to inner, one
    arc, nested sets of the slot side from inner to outer, and come back to the hub.
    The first `num_arcs` edges are the arcs, edge `num_arcs + v - 1` is that of node v.
    """

    num_nodes: int
    num_arcs: int
    tail: Positions
    head: Positions
    lower: Ints
    upper: Ints
    parent: Ints
    """Of each node; the hub is its own."""
    depth: Ints
    on_need_side: Bools
    unbounded: int
    """An upper bound that no plan reaches beyond."""

    def edge_of(self, node: Positions) -> Ints:
        """Return the edges that carry all units of these nodes."""
        return node + np.int64(self.num_arcs - 1)

    def complete(self, arc_flow: Ints) -> Ints:
        """Return the flow on all edges that these flows on arcs make."""
        carrying = np.flatnonzero(arc_flow != 0)
        through = np.zeros(self.num_nodes, np.int64)
        np.add.at(through, self.tail[carrying], arc_flow[carrying])
        np.add.at(through, self.head[carrying], arc_flow[carrying])
        for depth in range(int(self.depth.max(initial=0)), 0, -1):
            nodes = np.flatnonzero(self.depth == depth)
            np.add.at(through, self.parent[nodes], through[nodes])
        return np.concatenate([arc_flow, through[1:]])

    def tightened(self, lower: Ints, upper: Ints) -> tuple[Ints, Ints]:
        """Return bounds in which sets that must be full fill the sets in them.

        Where a set must carry all its inner sets can, each of these is full; where it
        can carry no more than they must, none has more.
        """
        nodes = np.arange(1, self.num_nodes)
        nodes = nodes[self.depth[nodes] > 1]
        edges, outer = self.edge_of(nodes), self.edge_of(self.parent[nodes])
        num = len(self.tail)
        sums = np.zeros((2, num), np.int64)
        np.add.at(sums[0], outer, lower[edges])
        np.add.at(sums[1], outer, np.minimum(upper[edges], self.unbounded))
        has_arcs = np.zeros(self.num_nodes, bool)
        has_arcs[self.tail[: self.num_arcs]] = has_arcs[self.head[: self.num_arcs]] = (
            True
        )
        holds_sets_only = ~has_arcs[self.parent[nodes]]
        lower, upper = lower.copy(), upper.copy()
        full = edges[holds_sets_only & (lower[outer] >= sums[1][outer])]
        least = edges[holds_sets_only & (upper[outer] <= sums[0][outer])]
        lower[full] = upper[full]
        upper[least] = lower[least]
        return lower, upper


@dataclass(frozen=True)
class LinearGoal:
    """Make Σ `cost` × flow over edges as small as possible, and what drops cost.

    Beyond `drops.start` units in the node of its group each unit costs `drops.amount`
    more. `keys` are the groups that have any, `node` the node of each, NONE for one
    that no arc serves.
    """

    position: int
    cost: Ints
    """Per arc edge."""
    keys: tuple[Key, ...] = ()
    node: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    drops: Drops = field(default_factory=Drops)

    @property
    def has_drops(self) -> bool:
        """Whether units of some group may be worth less than those before them."""
        return bool(len(self.drops.group))


@dataclass(frozen=True)
class GroupGoal:
    """Make the sorted vector of (start + sign × units) ÷ weight as great as possible.

    Parameters
    ----------
    node
        The network's node of each group, NONE for a group that no arc serves.
    start, weight
        Integers per group, weights positive.
    sign
        1 where more units are better for a group, -1 where fewer are.
    """

    position: int
    keys: tuple[Key, ...]
    node: Ints
    start: Ints
    weight: Ints
    sign: int


@dataclass(frozen=True)
class Program:
    """A network, goals in order, and how to read its flow."""

    measures: Measures
    network: Network
    goals: tuple[LinearGoal | GroupGoal, ...]
    arc_of_edge: Positions
    broken: tuple[Source, ...] = ()
    """Terms that no plan can meet, whatever the others say."""
    layers: tuple[tuple[Source, Ints, Ints, Ints], ...] = field(default=(), repr=False)
    """Every bounded family of arcs: source, label by arc, lower and upper by label."""
    places: tuple[tuple[Source, str, Ints], ...] = field(default=(), repr=False)
    """Of every family, those of goals too: its side, and the node of each label."""

    def on(self, network: Network, arcs: Ints, number: Ints) -> "Program":
        """Return the program on another network.

        Parameters
        ----------
        arcs
            The edge here of each arc there.
        number
            The node there of each node here; those of groups stay.
        """
        goals: list[LinearGoal | GroupGoal] = []
        for goal in self.goals:
            node = np.where(goal.node == NONE, NONE, number[goal.node])
            if isinstance(goal, LinearGoal):
                goals.append(replace(goal, cost=taken(goal.cost, arcs), node=node))
            else:
                goals.append(replace(goal, node=node))
        return replace(
            self,
            network=network,
            goals=tuple(goals),
            arc_of_edge=self.arc_of_edge.take(arcs),
        )

    def lift(self, flow: Ints) -> Ints:
        """Return the units on each arc of a flow on the network's edges."""
        units = np.zeros(len(self.measures.arcs), np.int64)
        carrying = np.flatnonzero(flow[: self.network.num_arcs] != 0)
        np.add.at(units, self.arc_of_edge[carrying], flow[carrying])
        return units

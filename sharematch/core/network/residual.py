"""Exchanges around an optimal plan: shortest paths in the order of the goals.

The cost of a step has one entry for each goal, compared one after the other; for a
goal of groups it is the rank of the unit that a group gains or loses. A plan is optimal
exactly if no cycle costs less than nothing (Ahuja, Magnanti, Orlin 1993, chapter 9),
which for groups takes that no bound of their side holds some of them together: then a
cycle changes at most two of them.

Example: needs a and b want the one place of slot s, a has it. A path b → s → a → hub
tells what goal would lose first if b had it instead: b's group gains what a's loses.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.codes import NONE
from sharematch.core.network.program import GroupGoal, LinearGoal, Program

__all__ = ["Paths", "Residual"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MOST_STEPS = 400
"""Steps of a path; longer ones are not looked for.

Costs of all goals share 62 bits, and a goal takes twice its largest cost times the
steps: so many leave room for three goals with costs up to a thousand, and for fewer
steps beside more. A need that has to move takes two steps, or a few more in groups.
"""
LIMIT = 2**62
"""What no path costs, with room to add one step more in 64 bits."""


@dataclass(frozen=True)
class Paths:
    """The cheapest paths from one node, or to it, to all that are reached."""

    cost: Ints
    """Of each node; goals are packed into one integer, see `Residual.goal_of`."""
    reached: Bools
    step: Ints
    """The last step to each node, or the first from it; NONE at the end."""


class Residual:
    """What a plan could still change, edge by edge.

    Parameters
    ----------
    program
        Of a policy without ``moved``.
    units
        An optimal plan, on each arc.
    closed
        Arcs that carry nothing and never shall.
    """

    def __init__(self, program: Program, units: Ints, closed: Bools) -> None:
        self.network = network = program.network
        num = network.num_arcs
        flow = network.complete(units[program.arc_of_edge])
        rises = flow < np.minimum(network.upper, network.unbounded)
        # What bounds an arc by itself is that of its ends, which have edges too.
        rises[:num] = ~closed[program.arc_of_edge[:num]]
        falls = flow > network.lower
        self.flow = flow
        rise, fall = _costs(program, flow)
        self.weight, self.most_steps = _weights(np.concatenate([rise, fall], axis=1))
        self.rise, self.fall = self.weight @ rise, self.weight @ fall
        more, less = np.flatnonzero(rises), np.flatnonzero(falls)
        self.edge = np.concatenate([more, less])
        self.is_rise = np.arange(len(self.edge)) < len(more)
        self.tail = np.concatenate([network.tail[more], network.head[less]])
        self.head = np.concatenate([network.head[more], network.tail[less]])
        self.cost = np.concatenate([self.rise[more], self.fall[less]])

    def paths(self, node: int, *, backward: bool = False, without: int = NONE) -> Paths:
        """Return the cheapest paths from a node, or to it.

        Parameters
        ----------
        without
            An edge that no path takes, either way.

        Returns
        -------
        Nothing reached beyond the node itself where paths have too many steps.
        """
        begin, end = (self.head, self.tail) if backward else (self.tail, self.head)
        order = np.argsort(begin, kind="stable")
        order = order[self.edge[order] != without]
        num_nodes = self.network.num_nodes
        degree = np.bincount(begin[order], minlength=num_nodes)
        first = np.cumsum(degree) - degree
        cost = np.full(num_nodes, LIMIT)
        via = np.full(num_nodes, NONE)
        cost[node] = 0
        # Rounds of Bellman and Ford: step costs may be below zero.
        front = np.array([node])
        for _ in range(self.most_steps):
            count = degree[front]
            begins = np.cumsum(count) - count
            place = np.repeat(first[front] - begins, count)
            step = order[place + np.arange(len(place))]
            path_cost = np.repeat(cost[front], count) + self.cost[step]
            target = end[step]
            better = path_cost < cost[target]
            if not better.any():
                return Paths(cost, cost < LIMIT, via)
            path_cost, step, target = path_cost[better], step[better], target[better]
            np.minimum.at(cost, target, path_cost)
            is_best = path_cost == cost[target]
            via[target[is_best]] = step[is_best]
            is_new = np.zeros(num_nodes, bool)
            is_new[target] = True
            front = np.flatnonzero(is_new)
        alone = np.zeros(num_nodes, bool)
        alone[node] = True
        return Paths(cost, alone, via)

    def goal_of(self, cost: int) -> int | None:
        """Return the first goal for which a cost is not nothing."""
        for goal, weight in enumerate(self.weight.tolist()):
            if (2 * cost + weight) // (2 * weight) if weight else 0:
                return goal
        return None

    def along(
        self, paths: Paths, node: int, *, backward: bool = False
    ) -> Iterator[int]:
        """Yield the steps of a path, beginning at its far end."""
        near = self.head if backward else self.tail
        while paths.step[node] != NONE:
            step = int(paths.step[node])
            yield step
            node = int(near[step])


def _weights(cost: Ints) -> tuple[Ints, int]:
    """Return what a unit of each goal weighs in one integer, and how long paths may be.

    So much that what later goals sum up to along a path never makes up for it; 0 for a
    goal that no step changes. Paths of no step where integers are too small.
    """
    largest = [int(x) for x in np.abs(cost).max(axis=1, initial=0)]
    steps = MOST_STEPS
    while steps:
        weights, weight = [], 1
        for largest_cost in reversed(largest):
            weights.append(weight if largest_cost else 0)
            weight *= 2 * (steps + 4) * largest_cost + 1
        if weight < LIMIT:
            return np.array(weights[::-1], np.int64), steps
        steps //= 2
    return np.zeros(len(largest), np.int64), 0


def _costs(program: Program, flow: Ints) -> tuple[Ints, Ints]:
    """Return (goals, edges): what one unit more, and one fewer, costs each goal."""
    shape = len(program.goals), len(flow)
    rise, fall = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for row, goal in enumerate(program.goals):
        if isinstance(goal, LinearGoal):
            rise[row, : program.network.num_arcs] = goal.cost
            fall[row] = -rise[row]
            if goal.has_drops:
                with_node = np.flatnonzero(goal.node != NONE)
                edge = program.network.edge_of(goal.node[with_node])
                group_units = np.zeros(len(goal.node), np.int64)
                group_units[with_node] = flow[edge]
                rise[row, edge] += goal.drops.up_to(group_units + 1)[with_node]
                fall[row, edge] -= goal.drops.up_to(group_units)[with_node]
        else:
            edge, gain, loss = _ranks(program, goal, flow)
            more, less = (gain, loss) if goal.sign > 0 else (loss, gain)
            rise[row, edge], fall[row, edge] = more, less
    return rise, fall


def _ranks(program: Program, goal: GroupGoal, flow: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the edges of groups, and what a unit gained and one lost cost.

    A unit is worth the more the lower the ratio before it, then the larger its step.
    """
    with_node = np.flatnonzero(goal.node != NONE)
    edge = program.network.edge_of(goal.node[with_node])
    worth = goal.start[with_node] + goal.sign * flow[edge]
    keys = []
    for value, weight in zip(
        worth.tolist(), goal.weight[with_node].tolist(), strict=True
    ):
        step = Fraction(1, weight)
        now = Fraction(value, weight)
        keys.append(((now, -step), (now - step, -step)))
    ordered = sorted({key for pair in keys for key in pair})
    rank = {key: i - len(ordered) for i, key in enumerate(ordered)}
    gain = np.array([rank[after] for after, _ in keys], np.int64)
    loss = np.array([-rank[before] for _, before in keys], np.int64)
    return edge, gain, loss

"""Goals as stages: what sets of sites could reach in each, the best one before.

A linear goal is looked at together with all linear ones before it, each of them worth
more than all that come after; so one sum of integers compares them in order. A goal
that compares groups is bounded by what each could have if others had nothing. Later
sums keep every group at what the best plan so far gives the worst.

    sum of goals 1 … k:   Σ scale(i) · goal(i),   scale(i) > scale(i+1) · range(i+1)

Four nodes: the hub, a choir of two units, two halls. Serving a unit is worth more than
all minutes there could be: with at most 9 minutes for each, 19 to 1; of the sets that
serve 2 (38 less minutes) the one of fewer minutes comes first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, lcm
from operator import mul
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.codes import NONE
from sharematch.core.network.program import GroupGoal, LinearGoal
from sharematch.solvers.flow.unit_order import cutoff
from sharematch.solvers.siting.bounds import LARGEST, Bound, Pricing
from sharematch.solvers.siting.flows import Flows, Worth, ratios

__all__ = ["GroupStage", "Stage", "Stages", "SumStage", "stages_of"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
MOST_BOUNDS = 4
"""Bounds by prices that are kept for sets yet to come. With one there are 1.07 times
the flows and 0.7 times the sets to bound, with all as many flows and 1.5 times the
sets."""
MOST_LEVELED = 3_000
"""Different rooms for which it is dealt out to groups one by one: half a second at
most. With it 17 flows prove a town of 24 sites, without 2,500 are not enough."""


class SumStage:
    """Linear goals up to one, as one sum.

    Parameters
    ----------
    weights
        By goal of the policy, 0 for those that compare groups.
    """

    def __init__(self, flows: Flows, goal: int, weights: Sequence[int]) -> None:
        self.goal, self.weights = goal, weights
        self.flows, siting = flows, flows.siting
        terms = list(zip(weights, siting.flows, siting.pays, siting.signs, strict=True))
        self.pays = [
            (sign * weight, items)
            for weight, _, items, sign in terms
            if weight and items is not None
        ]
        cost = np.zeros(siting.base.network.num_arcs, np.int64)
        for weight, position, _, _ in terms:
            if weight and position is not None:
                linear_goal = siting.base.goals[position]
                assert isinstance(linear_goal, LinearGoal)
                cost += weight * linear_goal.cost
        opening = sum(abs(weight) * items.most for weight, items in self.pays)
        self.pricing = Pricing(flows, cost, opening)
        self.bounds: list[Bound] = [self.pricing.unpriced()]

    @property
    def num_costs(self) -> int:
        """Costs that are looked at for each site of a set."""
        return sum(len(bound.cost) for bound in self.bounds)

    def of(self, members: Ints) -> Ints:
        """Return what sets of sites cannot beat, by row."""
        values = self.bounded_by(self.bounds[0], members)
        for bound in self.bounds[1:]:
            values = np.maximum(values, self.bounded_by(bound, members))
        return values

    def bounded_by(self, bound: Bound, members: Ints) -> Ints:
        """Return what one bound says."""
        total = bound.of(members)
        for weight, items in self.pays:
            total = total + weight * items.of(members)
        return total

    def value(self, worth: Worth) -> int:
        """Return the sum of a plan."""
        total = 0
        for weight, value in zip(self.weights, worth.values, strict=True):
            if weight:
                assert isinstance(value, int)
                total += weight * value
        return total

    def compare(self, bounds: Ints, best: Worth) -> Ints:
        """Return -1 where a bound is better than the best plan, 1 where worse."""
        return np.sign(bounds - self.value(best))

    def tighten(self, worth: Worth, floors: Ints | None) -> Bound | None:
        """Return, and keep, the bound by the prices of a flow."""
        bound = self.pricing.priced(worth, floors)
        if bound is not None:
            self.bounds = [self.bounds[0], *self.bounds[1:][-MOST_BOUNDS:], bound]
        return bound


class GroupStage:
    """A goal that compares groups: sorted vectors, scaled to integers."""

    def __init__(self, flows: Flows, goal: int) -> None:
        self.goal, self.flows = goal, flows
        siting = flows.siting
        position = siting.flows[goal]
        assert position is not None
        group_goal = siting.base.goals[position]
        assert isinstance(group_goal, GroupGoal)
        self.group_goal = group_goal
        self.scale = lcm(1, *group_goal.weight.tolist())
        network = siting.base.network
        most = int(np.abs(group_goal.start).max(initial=0)) + network.unbounded
        self.kind: Any = np.int64 if most * self.scale < LARGEST else object
        self.reachable = np.flatnonzero(group_goal.node != NONE)
        group_edge = network.edge_of(group_goal.node[self.reachable])
        self.upper = np.minimum(network.upper[group_edge], network.unbounded)
        self.lower = network.lower[group_edge]
        nodes = group_goal.node[self.reachable].tolist()
        self.reach = [Pricing(flows, -self._below(node)).unpriced() for node in nodes]
        self.room = self._room()

    def _below(self, node: int) -> Ints:
        """Return 1 for each arc whose units pass a node."""
        network = self.flows.base.network
        num = network.num_arcs
        is_below = np.zeros(network.num_nodes, bool)
        is_below[node] = True
        for depth in range(1, int(network.depth.max(initial=0)) + 1):
            nodes = np.flatnonzero(network.depth == depth)
            is_below[nodes] |= is_below[network.parent[nodes]]
        inside = is_below[network.tail[:num]] | is_below[network.head[:num]]
        return inside.astype(np.int64)

    def _room(self) -> Ints:
        """Return the units that each site has room for."""
        flows, siting = self.flows, self.flows.siting
        network = flows.base.network
        node = flows.slot_node
        has_node = np.flatnonzero(node != NONE)
        room = np.zeros(siting.num_sites + 1, np.int64)
        upper = network.upper[network.edge_of(node[has_node])]
        np.add.at(room, siting.site[has_node], np.minimum(upper, network.unbounded))
        return room

    @property
    def num_costs(self) -> int:
        """Costs that are looked at for each site of a set."""
        return sum(len(bound.cost) for bound in self.reach)

    def of(self, members: Ints) -> Any:
        """Return the sorted vectors that sets of sites cannot beat, by row."""
        goal, count = self.group_goal, len(self.group_goal.node)
        units = np.zeros((len(members), count), np.int64)
        if goal.sign < 0:
            units[:, self.reachable] = self.lower
            return self._sorted(units)
        for group, bound, upper in zip(
            self.reachable.tolist(), self.reach, self.upper.tolist(), strict=True
        ):
            units[:, group] = np.minimum(-bound.of(members), upper)
        room = self.room[members].sum(axis=1) + self.room[-1]
        # Each group by itself could have so many; together they share the room, which
        # sets of equal reach and room do alike.
        rows = np.column_stack([units, np.minimum(room, units.sum(axis=1))])
        rows, row_of_set = np.unique(rows, axis=0, return_inverse=True)
        if len(rows) <= MOST_LEVELED:
            leveled = [self._leveled(row[:-1], int(row[-1])) for row in rows]
            units = np.array(leveled).reshape(len(rows), count)[row_of_set.ravel()]
        return self._sorted(units)

    def _leveled(self, most: Ints, total: int) -> Ints:
        """Return the units of each group if they share all there is room for."""
        goal, least = self.group_goal, np.zeros_like(most)
        if total >= int(most.sum()):
            return most
        below, upto = cutoff(goal.start, goal.weight, least, most, total)
        tied = np.flatnonzero(upto > below)[: total - int(below.sum())]
        level = below.copy()
        level[tied] = upto[tied]
        return level

    def _sorted(self, units: Ints) -> Any:
        goal = self.group_goal
        numerator = (goal.start + goal.sign * units).astype(self.kind)
        times = np.array([self.scale // w for w in goal.weight.tolist()], self.kind)
        return -np.sort(numerator * times, axis=1)

    def vector(self, scaled: Any) -> tuple[Fraction, ...]:
        """Return a sorted vector, the smaller the better, from what `of` returns."""
        return tuple(Fraction(int(x), self.scale) for x in scaled)

    def _scaled(self, best: Worth) -> list[int]:
        vector = best.values[self.goal]
        assert isinstance(vector, tuple)
        return [int(x * self.scale) for x in vector]

    def compare(self, bounds: Any, best: Worth) -> Ints:
        """Return -1 where a bound is better than the best plan, 1 where worse."""
        order = np.zeros(len(bounds), np.int64)
        for column, value in enumerate(self._scaled(best)):
            entry = bounds[:, column]
            comparison = (entry > value).astype(np.int64) - (entry < value)
            order = np.where(order != 0, order, comparison)
        return order

    def floors(self, best: Worth, floors: Ints) -> Ints:
        """Return floors with those that any plan as good in this goal keeps.

        Groups that can never have more than the worst are worst in any plan; the worst
        of the others is that of the next entry, and so on.
        """
        goal, vector = self.group_goal, best.values[self.goal]
        assert isinstance(vector, tuple)
        if goal.sign < 0 or not len(goal.node):
            return floors
        most_units = np.zeros(len(goal.node), np.int64)
        everything = np.arange(self.flows.siting.num_sites)[None, :]
        for group, bound, upper in zip(
            self.reachable.tolist(), self.reach, self.upper.tolist(), strict=True
        ):
            most_units[group] = min(int(-bound.of(everything)[0]), upper)
        top_values = ratios(goal, most_units)
        order = sorted(range(len(top_values)), key=top_values.__getitem__)
        entries = iter(-x for x in vector)
        floor_value = next(entries)
        stuck: set[int] = set()
        for group in order:
            if top_values[group] > floor_value:
                break
            stuck.add(group)
            floor_value = next(entries, floor_value)
        floors = floors.copy()
        for group in self.reachable.tolist():
            value = top_values[group] if group in stuck else floor_value
            node = int(goal.node[group])
            least = ceil(value * int(goal.weight[group])) - int(goal.start[group])
            floors[node] = max(int(floors[node]), least)
        return floors


Stage = SumStage | GroupStage


@dataclass(frozen=True)
class Stages:
    """Stages in order, and whether they decide between any two sets of sites."""

    stages: tuple[Stage, ...]
    is_complete: bool


def stages_of(flows: Flows) -> Stages:
    """Return the stages of a policy's goals, as far as integers reach."""
    siting = flows.siting
    stages: list[Stage] = []
    ranges: list[int | None] = []
    for goal, (position, items) in enumerate(
        zip(siting.flows, siting.pays, strict=True)
    ):
        network_goal = None if position is None else siting.base.goals[position]
        if isinstance(network_goal, GroupGoal):
            ranges.append(None)
            stages.append(GroupStage(flows, goal))
            continue
        opening_range = 0 if items is None else items.most
        flow_range = 0 if network_goal is None else _range(flows, network_goal.cost)
        ranges.append(opening_range + flow_range)
        weights = _weights(ranges, len(siting.flows))
        if weights is None:
            return Stages(tuple(stages), is_complete=False)
        stages.append(SumStage(flows, goal, weights))
    return Stages(tuple(stages), is_complete=True)


def _range(flows: Flows, cost: Ints) -> int:
    """Return by how much a sum of costs may differ between any two flows."""
    network = flows.base.network
    tail = network.tail[: network.num_arcs]
    high, low = np.zeros((2, network.num_nodes), np.int64)
    np.maximum.at(high, tail, cost)
    np.minimum.at(low, tail, cost)
    nodes = np.flatnonzero(high - low)
    upper = network.upper[network.edge_of(nodes)]
    upper = np.minimum(upper, network.unbounded)
    spread = (high - low)[nodes]
    return sum(map(mul, upper.tolist(), spread.tolist()))  # may not fit into 64 bits


def _weights(ranges: Sequence[int | None], num_goals: int) -> list[int] | None:
    """Return weights under which each goal outweighs all later ones, if they fit."""
    weights = [0] * num_goals
    weight = 1
    for goal, goal_range in reversed([*enumerate(ranges)]):
        if goal_range is not None:
            weights[goal] = weight
            weight *= goal_range + 1
    # Signs, what is open and prices of room may each add as much again.
    return weights if 4 * weight < LARGEST else None

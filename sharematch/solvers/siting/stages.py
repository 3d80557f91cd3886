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
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import NONE
from sharematch.core.network.program import GroupGoal, LinearGoal
from sharematch.solvers.flow.unit_order import cutoff
from sharematch.solvers.siting.bounds import LARGEST, Bound, Pricing
from sharematch.solvers.siting.flows import Flows, Worth

__all__ = ["GroupStage", "Stage", "Stages", "SumStage", "stages_of"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
MOST_BOUNDS = 4
"""Bounds by prices that are kept for sets yet to come."""
MOST_LEVELED = 3_000
"""Sets for which room is dealt out to groups one by one."""


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
                own = siting.base.goals[position]
                assert isinstance(own, LinearGoal)
                cost += weight * own.cost
        opening = sum(abs(weight) * items.most for weight, items in self.pays)
        self.pricing = Pricing(flows, cost, opening)
        self.bounds: list[Bound] = [self.pricing.unpriced()]

    def of(self, members: Ints) -> Ints:
        """Return what sets of sites cannot beat, by row."""
        found = self.by(self.bounds[0], members)
        for bound in self.bounds[1:]:
            found = np.maximum(found, self.by(bound, members))
        return found

    def by(self, bound: Bound, members: Ints) -> Ints:
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

    def compare(self, found: Ints, best: Worth) -> Ints:
        """Return -1 where a bound is better than the best plan, 1 where worse."""
        return np.sign(found - self.value(best))

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
        own = siting.base.goals[position]
        assert isinstance(own, GroupGoal)
        self.own = own
        self.scale = lcm(1, *own.weight.tolist())
        network = siting.base.network
        most = int(np.abs(own.start).max(initial=0)) + network.unbounded
        self.kind: Any = np.int64 if most * self.scale < LARGEST else object
        self.there = np.flatnonzero(own.node != NONE)
        at = network.edge_of(own.node[self.there])
        self.upper = np.minimum(network.upper[at], network.unbounded)
        self.lower = network.lower[at]
        inside = [self._below(node) for node in own.node[self.there].tolist()]
        self.reach = [Pricing(flows, -arcs).unpriced() for arcs in inside]
        self.room = self._room()

    def _below(self, node: int) -> Ints:
        """Return 1 for each arc whose units pass a node."""
        network = self.flows.base.network
        num = network.num_arcs
        under = np.zeros(network.num_nodes, bool)
        under[node] = True
        for depth in range(1, int(network.depth.max(initial=0)) + 1):
            nodes = np.flatnonzero(network.depth == depth)
            under[nodes] |= under[network.parent[nodes]]
        inside = under[network.tail[:num]] | under[network.head[:num]]
        return inside.astype(np.int64)

    def _room(self) -> Ints:
        """Return the units that each site has room for."""
        flows, siting = self.flows, self.flows.siting
        network = flows.base.network
        node = flows.slot_node
        there = np.flatnonzero(node != NONE)
        room = np.zeros(siting.num_sites + 1, np.int64)
        upper = network.upper[network.edge_of(node[there])]
        np.add.at(room, siting.site[there], np.minimum(upper, network.unbounded))
        return room

    def of(self, members: Ints) -> Any:
        """Return the sorted vectors that sets of sites cannot beat, by row."""
        goal, count = self.own, len(self.own.node)
        units = np.zeros((len(members), count), np.int64)
        if goal.sign < 0:
            units[:, self.there] = self.lower
            return self._sorted(units)
        for at, bound, upper in zip(
            self.there.tolist(), self.reach, self.upper.tolist(), strict=True
        ):
            units[:, at] = np.minimum(-bound.of(members), upper)
        room = self.room[members].sum(axis=1) + self.room[-1]
        key = np.column_stack([units, np.minimum(room, units.sum(axis=1))])
        different, back = np.unique(key, axis=0, return_inverse=True)
        if len(different) <= MOST_LEVELED:
            leveled = np.array([self._leveled(*row) for row in _split(different)])
            units = leveled.reshape(len(different), count)[back.ravel()]
        return self._sorted(units)

    def _leveled(self, most: Ints, total: int) -> Ints:
        """Return the units of each group if they share all there is room for."""
        goal, least = self.own, np.zeros_like(most)
        if total >= int(most.sum()):
            return most
        below, upto = cutoff(goal.start, goal.weight, least, most, total)
        missing = total - int(below.sum())
        tied = np.flatnonzero(upto > below)[:missing]
        below = below.copy()
        below[tied] = upto[tied]
        return below

    def _sorted(self, units: Ints) -> Any:
        goal = self.own
        over = (goal.start + goal.sign * units).astype(self.kind)
        times = np.array([self.scale // w for w in goal.weight.tolist()], self.kind)
        return -np.sort(over * times, axis=1)

    def vector(self, found: Any) -> tuple[Fraction, ...]:
        """Return a sorted vector, the smaller the better, from what `of` returns."""
        return tuple(Fraction(int(x), self.scale) for x in found)

    def _scaled(self, best: Worth) -> list[int]:
        vector = best.values[self.goal]
        assert isinstance(vector, tuple)
        return [int(x * self.scale) for x in vector]

    def compare(self, found: Any, best: Worth) -> Ints:
        """Return -1 where a bound is better than the best plan, 1 where worse."""
        order = np.zeros(len(found), np.int64)
        for column, value in enumerate(self._scaled(best)):
            own = found[:, column]
            order = np.where(
                order != 0, order, (own > value).astype(np.int64) - (own < value)
            )
        return order

    def floors(self, best: Worth, floors: Ints) -> Ints:
        """Return floors with those that any plan as good in this goal keeps.

        Groups that can never have more than the worst are worst in any plan; the worst
        of the others is that of the next entry, and so on.
        """
        goal, vector = self.own, best.values[self.goal]
        assert isinstance(vector, tuple)
        if goal.sign < 0 or not len(goal.node):
            return floors
        top = np.zeros(len(goal.node), np.int64)
        everything = np.arange(self.flows.siting.num_sites)[None, :]
        for at, bound, upper in zip(
            self.there.tolist(), self.reach, self.upper.tolist(), strict=True
        ):
            top[at] = min(int(-bound.of(everything)[0]), upper)
        tops = [
            Fraction(a, b)
            for a, b in zip(
                (goal.start + top).tolist(), goal.weight.tolist(), strict=True
            )
        ]
        order = sorted(range(len(tops)), key=tops.__getitem__)
        rest = iter(-x for x in vector)
        level = next(rest)
        stuck: set[int] = set()
        for group in order:
            if tops[group] > level:
                break
            stuck.add(group)
            level = next(rest, level)
        floors = floors.copy()
        for group in self.there.tolist():
            value = tops[group] if group in stuck else level
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
        own = None if position is None else siting.base.goals[position]
        if isinstance(own, GroupGoal):
            ranges.append(None)
            stages.append(GroupStage(flows, goal))
            continue
        ranges.append(
            (0 if own is None else _range(flows, own.cost))
            + (0 if items is None else items.most)
        )
        weights = _weights(ranges, len(siting.flows))
        if weights is None:
            return Stages(tuple(stages), is_complete=False)
        stages.append(SumStage(flows, goal, weights))
    return Stages(tuple(stages), is_complete=True)


def _range(flows: Flows, cost: Ints) -> int:
    """Return by how much a sum of costs may differ between any two flows."""
    network = flows.base.network
    edges = np.arange(network.num_arcs)
    tail = network.tail[edges]
    high, low = np.zeros((2, network.num_nodes), np.int64)
    np.maximum.at(high, tail, cost)
    np.minimum.at(low, tail, cost)
    nodes = np.flatnonzero(high - low)
    upper = network.upper[network.edge_of(nodes)]
    upper = np.minimum(upper, network.unbounded)
    return sum(int(u) * int(d) for u, d in zip(upper, (high - low)[nodes], strict=True))


def _weights(ranges: Sequence[int | None], num_goals: int) -> list[int] | None:
    """Return weights under which each goal outweighs all later ones, if they fit."""
    weights = [0] * num_goals
    weight = total = 1
    for goal in range(len(ranges) - 1, -1, -1):
        own = ranges[goal]
        if own is None:
            continue
        weights[goal] = weight
        total = weight * (own + 1)
        weight = total
    return weights if 4 * total < LARGEST else None


def _split(rows: Ints) -> list[tuple[Ints, int]]:
    return [(row[:-1], int(row[-1])) for row in rows]

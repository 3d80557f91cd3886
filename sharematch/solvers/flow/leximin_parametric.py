"""Exact integral leximin of any groups in a network, ratio by ratio.

    maximize, in the order of leximin, the sorted vector of
    (start(g) + sign · x(g)) ÷ weight(g),  x(g) the units of group g, over flows

From the lowest ratio up, as few groups as possible stay at it (after Megiddo, 1974).
Ratios at which none has to stay are passed all at once, so the number of flows depends
on how many groups there are, not on how many units.

Four nodes: the hub, a station with 3 places, Tianfeng that asks for 4 and Lianqiao that
asks for 2. No group has to stay at 0 or at 1/4. At 1/2 both would go on and one has to
stay; there is no place more, so both do, and the ratios are 1/2 and 1/2.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.codes import NONE
from sharematch.core.network.program import GroupGoal, Network
from sharematch.solvers.flow.circulation import Face, Graph, cheapest, mended, narrowed
from sharematch.solvers.flow.unit_order import cutoff
from sharematch.solvers.monitor import UNWATCHED, Monitor

__all__ = ["leximin_by_ratio"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def leximin_by_ratio(
    network: Network,
    face: Face,
    goal: GroupGoal,
    monitor: Monitor = UNWATCHED,
) -> Face:
    """Return the face of all leximin-optimal flows, for any groups of the network.

    Where some group has to stay at a ratio: one least-cost flow with a unit edge for
    each group that may leave or arrive, and its optimal face. The monitor is looked at
    before each; what it raises stops the search.
    """
    groups = _Groups.of(network, goal)
    last: _Ratio | None = None
    while True:
        monitor.check()
        levels = groups.levels(face, last)
        ratio = levels.next_ratio()
        if ratio is None:
            return face
        last = _Ratio(ratio, is_passed=True)
        leaving = levels.leaving & (_compare(levels.before, groups.weight, ratio) == 0)
        waiting = levels.waiting & (
            _compare(levels.before + 1, groups.weight, ratio) == 0
        )
        group_edge = groups.edge
        face = _leave(
            network, face, group_edge[leaving], group_edge[waiting], goal.sign
        )
        new_levels = groups.levels(face, last)
        stays = (new_levels.level <= levels.level)[leaving]
        arrives = (new_levels.most > levels.level)[waiting]
        if not stays.any() and not arrives.any():
            face, last = _pass(network, face, new_levels, last)


@dataclass(frozen=True)
class _Ratio:
    """How far the ratios have been looked at, with or without this one."""

    ratio: Fraction
    is_passed: bool


@dataclass(frozen=True)
class _Groups:
    """Groups by their own edges; with `sign` -1 each unit makes them worse off."""

    edge: Ints
    start: Ints
    weight: Ints
    sign: int

    @classmethod
    def of(cls, network: Network, goal: GroupGoal) -> "_Groups":
        """Return the groups of a goal that have a node."""
        has_node = np.flatnonzero(goal.node != NONE)
        edge = network.edge_of(goal.node[has_node])
        return cls(edge, goal.start[has_node], goal.weight[has_node], goal.sign)

    def levels(self, face: Face, last: _Ratio | None) -> "_Levels":
        """Return how groups stand within a face."""
        bounds = self.sign * np.stack([face.lower[self.edge], face.upper[self.edge]])
        level, most = bounds.min(axis=0), bounds.max(axis=0)
        loose = level < most
        waiting = np.zeros(len(level), bool)
        if last is not None:
            limit = 1 if last.is_passed else 0
            over = self.start + level
            waiting = loose & (_compare(over, self.weight, last.ratio) < limit)
            arrived = _compare(over + 1, self.weight, last.ratio) < limit
            loose &= ~(waiting & arrived)
        return _Levels(self, level, most, loose & ~waiting, loose & waiting)


@dataclass(frozen=True)
class _Levels:
    """The least and the most units of each group that the flows left allow.

    Groups that are `leaving` stand at a ratio not looked at yet. The next unit of those
    that are `waiting` left an earlier one; they wait to see where it arrives.
    """

    groups: _Groups
    level: Ints
    most: Ints
    leaving: Bools
    waiting: Bools

    @property
    def before(self) -> Ints:
        """What stands over the weight in each group's ratio."""
        return self.groups.start + self.level

    def next_ratio(self) -> Fraction | None:
        """Return the lowest ratio at which a group stands or may arrive."""
        is_pending = self.leaving | self.waiting
        numerator = (self.before + self.waiting)[is_pending]
        return min(_ratios(numerator, self.groups.weight[is_pending]), default=None)


def _pass(
    network: Network, face: Face, levels: _Levels, last: _Ratio
) -> tuple[Face, _Ratio]:
    """Go to the highest ratio below which no group has to stay or to arrive.

    It is first taken as high as each group by itself allows, then lowered to what each
    cut allows that shows no flow for it (Newton's method, Dinkelbach 1967).
    """
    lowest, sign = levels.next_ratio(), levels.groups.sign
    leaving, waiting = np.flatnonzero(levels.leaving), np.flatnonzero(levels.waiting)
    if lowest is None or not len(leaving):
        return face, last
    # Units that are taken for sure: given to a group, or no longer open to one.
    group = np.concatenate([leaving, waiting])
    gives = np.arange(len(group)) < len(leaving)
    start, weight = levels.groups.start[group] + ~gives, levels.groups.weight[group]
    least = levels.level[group]
    most = np.where(gives, levels.most[group], least + 1)
    ratio = min(_ratios((start + most)[gives], weight[gives]))
    graph = Graph.of(network)
    edge, given = levels.groups.edge[group], gives if sign > 0 else ~gives
    while ratio > lowest:
        taken = np.clip(_reach(start, weight, ratio), least, most)
        lower, upper = face.lower.copy(), face.upper.copy()
        level = np.where(gives, taken, levels.most[group] + least - taken)
        lower[edge[given]] = sign * level[given]
        upper[edge[~given]] = sign * level[~given]
        flow, cut = mended(graph, lower, upper, face.flow)
        if cut is None:
            return Face(lower, upper, flow), _Ratio(ratio, is_passed=False)
        is_tail_inside, is_head_inside = cut[network.tail], cut[network.head]
        into, out = ~is_tail_inside & is_head_inside, is_tail_inside & ~is_head_inside
        spare = int(face.upper[out].sum() - face.lower[into].sum())
        counts = np.where(given, into[edge], out[edge])
        keys = start[counts], weight[counts]
        # The cut carries `spare` units: down to the ratio before the next one.
        ratio = _after(keys, least[counts], most[counts], spare)
    return face, last


def _reach(start: Ints, weight: Ints, ratio: Fraction) -> Ints:
    """Return the least level of each group at or above a ratio."""
    if int(weight.max()) * max(abs(ratio.numerator), ratio.denominator) >= 2**62:
        weight = weight.astype(object)
    reached: Ints = -((-ratio.numerator * weight) // ratio.denominator) - start
    return reached


def _after(keys: tuple[Ints, Ints], least: Ints, most: Ints, count: int) -> Fraction:
    """Return the ratio before the unit that comes after the `count` first ones."""
    start, weight = keys
    below, upto = cutoff(start, weight, least, most, count)
    level = below if int((upto - least).sum()) > count else upto
    has_next_unit = level < most
    return min(_ratios((start + level)[has_next_unit], weight[has_next_unit]))


def _ratios(numerator: Ints, denominator: Ints) -> set[Fraction]:
    common = np.gcd(numerator, denominator)
    pairs = np.unique(np.stack([numerator // common, denominator // common]), axis=1)
    return {Fraction(a, b) for a, b in pairs.T.tolist()}


def _compare(numerator: Ints, denominator: Ints, ratio: Fraction) -> Ints:
    """Return the signs of numerator / denominator - ratio, exactly."""
    largest = max(np.abs(x).max(initial=0) for x in (numerator, denominator))
    if int(largest) * max(abs(ratio.numerator), ratio.denominator) >= 2**62:
        numerator, denominator = numerator.astype(object), denominator.astype(object)
    value, limit = numerator * ratio.denominator, denominator * ratio.numerator
    return (value > limit).astype(np.int64) - (value < limit).astype(np.int64)


def _leave(
    network: Network, face: Face, leaving: Ints, arriving: Ints, sign: int
) -> Face:
    """Return the face where as many groups as possible leave a ratio.

    Groups that may arrive at it count against those that leave. `leaving` and
    `arriving` are the groups' edges; an edge that may leave is split in two, its
    next unit apart from the rest.
    """
    num = len(network.tail)
    extra = num + np.arange(len(leaving))
    graph = Graph(
        network.num_nodes,
        np.concatenate([network.tail, network.tail[leaving]]),
        np.concatenate([network.head, network.head[leaving]]),
    )
    lower = np.concatenate([face.lower, np.zeros(len(leaving), np.int64)])
    upper = np.concatenate([face.upper, np.ones(len(leaving), np.int64)])
    upper[leaving] -= 1
    carried = face.flow[leaving]
    # A rising group fills its next unit first, a falling one gives it up first.
    spare = carried - (lower if sign > 0 else upper)[leaving]
    next_unit = np.clip(spare, 0, 1)
    flow = np.concatenate([face.flow, next_unit])
    flow[leaving] = carried - next_unit
    # One for each: the most groups leave, less those that arrive in their place.
    cost = np.zeros(num + len(leaving), np.int64)
    cost[extra] = -sign
    cost[arriving] = sign
    split = Face(lower, upper, flow)
    best = cheapest(graph, split, cost)
    optimal = narrowed(graph, split, best, cost)

    def joined(values: Ints) -> Ints:
        whole_edges = values[:num].copy()
        whole_edges[leaving] += values[extra]
        return whole_edges

    return Face(*map(joined, (optimal.lower, optimal.upper, optimal.flow)))

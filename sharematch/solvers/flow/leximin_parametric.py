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

from sharematch.core.columns.arrays import NONE
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
        at = groups.levels(face, last)
        ratio = at.next_ratio()
        if ratio is None:
            return face
        last = _Ratio(ratio, is_passed=True)
        leaving = at.leaving & (_compare(at.before, groups.weight, ratio) == 0)
        waiting = at.waiting & (_compare(at.before + 1, groups.weight, ratio) == 0)
        own = groups.edge
        face = _leave(network, face, own[leaving], own[waiting], goal.sign)
        then = groups.levels(face, last)
        stays = (then.level <= at.level)[leaving]
        arrives = (then.most > at.level)[waiting]
        if not stays.any() and not arrives.any():
            face, last = _pass(network, face, then, last)


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
        some = np.flatnonzero(goal.node != NONE)
        edge = network.edge_of(goal.node[some])
        return cls(edge, goal.start[some], goal.weight[some], goal.sign)

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
        some = self.leaving | self.waiting
        over = (self.before + self.waiting)[some]
        return min(_ratios(over, self.groups.weight[some]), default=None)


def _pass(
    network: Network, face: Face, at: _Levels, last: _Ratio
) -> tuple[Face, _Ratio]:
    """Go to the highest ratio below which no group has to stay or to arrive.

    It is first taken as high as each group by itself allows, then lowered to what each
    cut allows that shows no flow for it (Newton's method, Dinkelbach 1967).
    """
    lowest, sign = at.next_ratio(), at.groups.sign
    leaving, waiting = np.flatnonzero(at.leaving), np.flatnonzero(at.waiting)
    if lowest is None or not len(leaving):
        return face, last
    # Units that are taken for sure: given to a group, or no longer open to one.
    group = np.concatenate([leaving, waiting])
    gives = np.arange(len(group)) < len(leaving)
    start, weight = at.groups.start[group] + ~gives, at.groups.weight[group]
    least = at.level[group]
    most = np.where(gives, at.most[group], least + 1)
    ratio = min(_ratios((start + most)[gives], weight[gives]))
    graph = Graph(network.num_nodes, network.tail, network.head)
    edge, given = at.groups.edge[group], gives if sign > 0 else ~gives
    while ratio > lowest:
        taken = np.clip(_reach(start, weight, ratio), least, most)
        lower, upper = face.lower.copy(), face.upper.copy()
        level = np.where(gives, taken, at.most[group] + least - taken)
        lower[edge[given]] = sign * level[given]
        upper[edge[~given]] = sign * level[~given]
        flow, cut = mended(graph, lower, upper, face.flow)
        if cut is None:
            return Face(lower, upper, flow), _Ratio(ratio, is_passed=False)
        begins, ends = cut[network.tail], cut[network.head]
        into, out = ~begins & ends, begins & ~ends
        spare = int(face.upper[out].sum() - face.lower[into].sum())
        counts = np.where(given, into[edge], out[edge])
        keys = start[counts], weight[counts]
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
    some = level < most
    return min(_ratios((start + level)[some], weight[some]))


def _ratios(over: Ints, under: Ints) -> set[Fraction]:
    common = np.gcd(over, under)
    pairs = np.unique(np.stack([over // common, under // common]), axis=1)
    return {Fraction(a, b) for a, b in pairs.T.tolist()}


def _compare(over: Ints, under: Ints, ratio: Fraction) -> Ints:
    """Return the signs of over/under - ratio, exactly."""
    largest = max(int(np.abs(over).max(initial=0)), int(under.max(initial=0)))
    if largest * max(abs(ratio.numerator), ratio.denominator) >= 2**62:
        over, under = over.astype(object), under.astype(object)
    left, right = over * ratio.denominator, under * ratio.numerator
    return (left > right).astype(np.int64) - (left < right).astype(np.int64)


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
    on = face.flow[leaving]
    # A rising group fills its next unit first, a falling one gives it up first.
    unit = np.minimum(on - lower[leaving], 1) if sign > 0 else on - upper[leaving]
    unit = np.clip(unit, 0, 1)
    flow = np.concatenate([face.flow, unit])
    flow[leaving] = on - unit
    cost = np.zeros(num + len(leaving), np.int64)
    cost[extra] = -sign
    cost[arriving] = sign
    split = Face(lower, upper, flow)
    best = cheapest(graph, split, cost)
    wide = narrowed(graph, split, best, cost)
    merged = [x[:num].copy() for x in (wide.lower, wide.upper, wide.flow)]
    for whole, part in zip(merged, (wide.lower, wide.upper, wide.flow), strict=True):
        whole[leaving] += part[extra]
    return Face(*merged)

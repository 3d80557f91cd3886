"""Too many sets of sites to look at all: good ones by swaps, the rest by bounds.

A set is grown and swapped without room in mind, then swapped for real: every set one
swap away is bounded in all goals, the promising ones get their flow. What no set can
beat comes from branching on sites: few sets are looked at one by one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, gcd

import numpy as np
from numpy.typing import NDArray

from sharematch.solvers.coupled import Watch
from sharematch.solvers.siting.bounds import Pricing
from sharematch.solvers.siting.flows import Barrier, Flows, Worth
from sharematch.solvers.siting.medians import Median
from sharematch.solvers.siting.sets import all_sets, padded
from sharematch.solvers.siting.stages import GroupStage, Stage, Stages, SumStage
from sharematch.solvers.siting.trying import Trial, Tried

__all__ = ["Branching"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

FEW = 2_000
"""Sets below a branch that are looked at one by one."""
MENDINGS = 50
"""Sets looked at for one with enough room."""
KICKS = 30
"""How often the best set is shaken before its flow is sought."""
ROOT, ROUNDS = 500, 60
"""Steps of prices for one bound on all sets, and on a part of them."""
AGAIN = 6
"""How often prices are sought again once sites are settled."""
TOLERANCE = 1e-9
"""What floating point may be off, as a share of the value."""
LEAST_WORK = 1_000_000
"""What a branch takes however small it is."""
WORK = 100_000_000_000
"""Costs looked at where there is no limit, each as often as it is."""


@dataclass(frozen=True)
class _Node:
    bound: float
    is_open: Bools
    is_closed: Bools
    price: Floats


class Branching:
    """The best set of many sites, and what no set can beat."""

    def __init__(self, flows: Flows, stages: Stages) -> None:
        self.flows, self.siting, self.stages = flows, flows.siting, stages
        self.best: Worth | None = None
        self.bound = -np.inf

    def run(self, watch: Watch) -> Tried:
        """Return the best set that was found, and what is sure of each goal."""
        sums = [x for x in self.stages.stages if isinstance(x, SumStage)]
        self._begin(self._unlimited(sums[-1] if sums else None), watch)
        self._improve(watch)
        if self.best is None:
            return Tried(None, (False,) * len(self.siting.flows), ())
        proved = 0  # goals in which no set can be better
        for stage in self.stages.stages:
            if self._may_be_better(stage):
                break
            proved = stage.goal + 1
        else:
            return self._tried(proved)
        if isinstance(stage, GroupStage):
            return self._tried(proved)
        branch = _Branch(self, stage)
        if branch.run(watch):
            return self._tried(len(self.siting.flows))
        return self._tried(proved, stage.value(self.best) - branch.bound)

    def _may_be_better(self, stage: Stage) -> bool:
        """Return whether some set could be, as far as sites tell that all open."""
        assert self.best is not None
        if isinstance(stage, SumStage) and stage.pays:
            return True
        everything = np.arange(self.siting.num_sites)[None, :]
        return bool(stage.compare(stage.of(everything), self.best)[0] < 0)

    def _tried(self, proved: int, missing: int | None = None) -> Tried:
        count = len(self.siting.flows)
        known: list[int | None] = [0] * proved + [None] * (count - proved)
        if missing is not None:
            known[proved] = max(missing, 0)
        return Tried(self.best, tuple(x == 0 for x in known), tuple(known))

    # ---- good sets

    def _unlimited(self, stage: SumStage | None) -> Median:
        """Return the problem of all sums, or of the most units, without room."""
        if stage is not None:
            return self.median(stage)
        num_arcs = self.siting.base.network.num_arcs
        bound = Pricing(self.flows, np.full(num_arcs, -1)).unpriced()
        return Median(self.siting, bound, np.zeros(self.siting.num_sites + 1))

    def _begin(self, median: Median, watch: Watch) -> None:
        """Find a good set without room in mind, and its flow."""
        rng = np.random.default_rng(0)
        is_open = median.grown(self.siting.forced)
        try:
            is_open = median.swapped(is_open, watch.check)
            worth = median.worth(is_open)
            for _ in range(KICKS):
                other = median.swapped(self._shaken(is_open, rng), watch.check)
                if (now := median.worth(other)) < worth:
                    is_open, worth = other, now
        except watch.stop:
            pass
        self._mend(is_open, median)

    def _mend(self, is_open: Bools, median: Median) -> None:
        """Find the flow of a set, or of one near it that has the room."""
        barriers: list[Barrier] = []
        for _ in range(MENDINGS):
            found = self.flows.worth(np.flatnonzero(is_open))
            if isinstance(found, Worth):
                self.best = found
            if not isinstance(found, Barrier):
                return
            barriers.append(found)
            while (short := _short(barriers, np.flatnonzero(is_open)[None, :])[0]) > 0:
                sets = self._near(np.flatnonzero(is_open))
                left = _short(barriers, sets)
                if not len(sets) or left.min() >= short:
                    return
                good = sets[left == left.min()]
                worth = [median.worth(self._mask(x)) for x in good[:MENDINGS]]
                is_open = self._mask(good[int(np.argmin(worth))])

    def _mask(self, members: Ints) -> Bools:
        is_open = np.zeros(self.siting.num_sites + 1, bool)
        is_open[members] = True
        return is_open[:-1]

    def _shaken(self, is_open: Bools, rng: np.random.Generator) -> Bools:
        """Return a set in which some sites are others."""
        free = is_open & ~self.siting.forced
        count = max(1, int(free.sum()) // 5)
        shaken = is_open.copy()
        shaken[rng.permutation(np.flatnonzero(free))[:count]] = False
        for site in rng.permutation(np.flatnonzero(~is_open))[:count].tolist():
            shaken[site] = True
            if not self.siting.holds(np.flatnonzero(shaken)[None, :])[0]:
                shaken[site] = False
        return shaken

    def _improve(self, watch: Watch) -> None:
        """Go to the best set one swap away, until there is none."""
        while self.best is not None:
            sets = self._near(self.best.members)
            before = self.best
            tried = Trial(self.flows, self.stages, sets).run(watch, before)
            assert tried.best is not None
            if tried.best is before or not tried.best.values < before.values:
                return
            self.best = tried.best

    def _near(self, members: Ints) -> Ints:
        """Return all sets with one site more, one less, or another one."""
        is_open = self._mask(members)
        free = np.flatnonzero(is_open & ~self.siting.forced)
        closed = np.flatnonzero(~is_open)
        pairs = [(a, b) for a in (-1, *free) for b in (-1, *closed) if a >= 0 or b >= 0]
        chosen = np.repeat(is_open[None, :], len(pairs), axis=0)
        rows = np.arange(len(pairs))
        closes, opens = np.array(pairs, np.int64).reshape(-1, 2).T
        chosen[rows[closes >= 0], closes[closes >= 0]] = False
        chosen[rows[opens >= 0], opens[opens >= 0]] = True
        sets = padded(chosen)
        return sets[self.siting.holds(sets)]

    def median(self, stage: SumStage) -> Median:
        """Return the problem without room, but with prices where room is short."""
        bound = stage.bounds[0]
        if self.best is not None:
            members = self.best.members[None, :]
            if int(stage.by(bound, members)[0]) < stage.value(self.best):
                bound = stage.tighten(self.best, None) or bound
        opening = np.zeros(self.siting.num_sites + 1)
        for weight, items in stage.pays:
            opening += weight * items.weight
        return Median(self.siting, bound, opening)

    def look_at(self, sets: Ints, watch: Watch) -> bool:
        """Look at some sets one by one; return whether that came to an end."""
        trial = Trial(self.flows, self.stages, sets)
        self.best = trial.run(watch, self.best).best
        return not len(trial.alive)


class _Branch:
    """All sets, most of them by bounds in one goal.

    `bound` is in the end what this goal cannot be below.
    """

    def __init__(self, search: Branching, stage: SumStage) -> None:
        self.search, self.stage = search, stage
        self.median = search.median(stage)
        self.step = _step(stage)
        stages = search.stages
        self.is_last = stages.is_complete and stages.stages[-1] is stage
        self.bound = -(2**62)

    def run(self, watch: Watch) -> bool:
        """Look at all sets; return whether that came to an end."""
        num = self.search.siting.num_sites
        median = self.median
        price = np.minimum(median.always, np.median(median.cost, axis=1))
        forced = self.search.siting.forced
        root = _Node(-np.inf, forced.copy(), np.zeros(num, bool), price)
        nodes, done = [root], 0
        work = WORK // max(ROUNDS * median.cost.size, LEAST_WORK)
        try:
            while nodes:
                watch.check()
                if done >= work and watch.remaining() is None:
                    break
                node = nodes.pop()
                if self._is_out(np.array([node.bound]))[0]:
                    continue
                try:
                    nodes += self._parts(node, watch, ROUNDS if done else ROOT)
                except watch.stop:
                    nodes.append(replace(node, bound=max(node.bound, self._root)))
                    raise
                done += 1
        except watch.stop:
            pass
        if nodes:
            self.bound = self._least(min(node.bound for node in nodes))
        return not nodes

    _root = -np.inf
    """The best bound so far on all sets, before there were parts."""

    def _reached(self) -> int:
        assert self.search.best is not None
        return self.stage.value(self.search.best)

    def _least(self, bound: float) -> int:
        """Return the least value of a plan that a bound leaves."""
        if not np.isfinite(bound):
            return -(2**62) if bound < 0 else 2**62
        least = ceil(bound - TOLERANCE * max(1.0, abs(bound))) + self.median.constant
        return -(-least // self.step) * self.step

    def _is_out(self, bounds: Floats) -> Bools:
        """Return which bounds leave no set that could be better."""
        reached = self._reached() + (0 if self.is_last else 1)
        return np.array([self._least(bound) >= reached for bound in bounds.tolist()])

    def _parts(self, node: _Node, watch: Watch, rounds: int) -> list[_Node]:
        """Return what is left to look at of a node, the better part last."""
        is_open, is_closed = node.is_open.copy(), node.is_closed.copy()
        price, bound = node.price, node.bound
        target = float(self._reached() - self.median.constant)
        for _ in range(AGAIN):
            found = self.median.priced(
                is_open, is_closed, price, target, watch.check, rounds
            )
            bound, price = max(bound, found.bound), found.price
            if rounds == ROOT:
                self._root = bound
            if self._is_out(np.array([bound]))[0]:
                return []
            free = ~is_closed & ~is_open
            shut = free & self._is_out(found.inside)
            held = free & self._is_out(found.outside)
            if (shut & held).any():
                return []
            is_closed |= shut
            is_open |= held
            sets = all_sets(
                self.search.siting, FEW, is_open=is_open, is_closed=is_closed
            )
            if sets is not None:
                if not self.search.look_at(sets, watch):
                    raise watch.stop
                return []
            if not (shut.any() or held.any()):
                break
        free = np.flatnonzero(~is_open & ~is_closed)
        site = int(free[np.abs(found.share[free] - 0.5).argmin()])
        parts: list[_Node] = []
        for opens in (False, True):
            one, other = is_open.copy(), is_closed.copy()
            (one if opens else other)[site] = True
            side = float((found.inside if opens else found.outside)[site])
            parts.append(_Node(max(bound, side), one, other, price))
        return parts if found.share[site] >= 0.5 else parts[::-1]


def _short(barriers: Sequence[Barrier], sets: Ints) -> Ints:
    """Return the room that sets of sites lack."""
    return np.sum([barrier.short(sets) for barrier in barriers], axis=0)


def _step(stage: SumStage) -> int:
    """Return a number that divides the value of every plan."""
    cost = np.unique(np.abs(stage.pricing.cost)).tolist()
    weights = [abs(w) * int(x) for w, items in stage.pays for x in items.weight]
    weights += [abs(w) * c for w, items in stage.pays for c, _ in items.shared]
    return max(1, gcd(*cost, *weights))

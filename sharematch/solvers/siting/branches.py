"""Branching on sites: most sets are left out by a bound in one goal, the rest tried."""

from dataclasses import replace
from math import ceil, gcd

import numpy as np
from numpy.typing import NDArray

from sharematch.solvers.coupled import Watch, is_over
from sharematch.solvers.siting.flows import Flows, Worth
from sharematch.solvers.siting.improving import Improving
from sharematch.solvers.siting.medians import Priced, Scope
from sharematch.solvers.siting.sets import all_sets
from sharematch.solvers.siting.stages import GroupStage, Stage, Stages, SumStage
from sharematch.solvers.siting.trying import Tried

__all__ = ["Branching"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SHARES = 0.2, 1.0
"""Of the seconds left, or of the work, that branching gets at first and at last."""
SHAKING = 0.3
"""Share of the seconds left in which better sets are sought between both."""
FEW = 2_000
"""Sets below a branch that are looked at one by one."""
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


class Branching:
    """The best set of many sites, and what no set can beat."""

    def __init__(self, flows: Flows, stages: Stages) -> None:
        self.siting, self.stages = flows.siting, stages
        self.good = Improving(flows, stages)

    def run(self, watch: Watch) -> Tried:
        """Return the best set that was found, and what is sure of each goal."""
        self.good.begin(watch)
        if self.good.best is None:
            count = len(self.siting.flows)
            return Tried(None, (False,) * count, (None,) * count)
        proved = 0  # goals in which no set can be better
        for stage in self.stages.stages:
            if self._may_be_better(stage, self.good.best):
                break
            proved = stage.goal + 1
        else:
            return self._tried(proved)
        if isinstance(stage, GroupStage):
            self.good.shake(watch)
            return self._tried(proved)
        bound = -(2**62)
        for share in SHARES:
            branches = _Branches(self.good, stage, bound)
            if branches.run(watch.share(share), share):
                return self._tried(len(self.siting.flows))
            bound = branches.bound
            if share < 1:
                self.good.shake(watch.share(SHAKING))
        return self._tried(proved, stage.value(self.good.best) - bound)

    def _may_be_better(self, stage: Stage, best: Worth) -> bool:
        """Return whether some set could be, as far as sites tell that all open."""
        if isinstance(stage, SumStage) and stage.pays:
            return True
        everything = np.arange(self.siting.num_sites)[None, :]
        return bool(stage.compare(stage.of(everything), best)[0] < 0)

    def _tried(self, proved: int, missing: int | None = None) -> Tried:
        count = len(self.siting.flows)
        known: list[int | None] = [0] * proved + [None] * (count - proved)
        if missing is not None:
            known[proved] = max(missing, 0)
        return Tried(self.good.best, tuple(x == 0 for x in known), tuple(known))


class _Branches:
    """All sets, most of them by bounds in one goal.

    `bound` is in the end what this goal cannot be below.
    """

    def __init__(self, good: Improving, stage: SumStage, bound: int) -> None:
        self.good, self.siting, self.stage = good, good.siting, stage
        self.median = good.median(stage)
        self.step = _step(stage)
        stages = good.stages
        self.is_last = stages.is_complete and stages.stages[-1] is stage
        self.bound = bound

    def run(self, watch: Watch, share: float) -> bool:
        """Look at all sets; return whether that came to an end."""
        table = self.median.cost
        nodes, done = [self.median.everything(self.siting.forced)], 0
        work = int(share * WORK) // max(ROUNDS * table.size, LEAST_WORK)
        while nodes:
            if is_over(watch) or (done >= work and watch.remaining() is None):
                break
            node = nodes.pop()
            if not self._is_out(np.array([node.bound]))[0]:
                nodes += self._parts(node, watch, ROUNDS if done else ROOT)
                done += 1
        if nodes:
            found = self._least(min(node.bound for node in nodes))
            self.bound = min(max(self.bound, found), self._reached())
        return not nodes

    def _reached(self) -> int:
        assert self.good.best is not None
        return self.stage.value(self.good.best)

    def _least(self, bound: float) -> int:
        """Return the least value of a plan that a bound leaves."""
        if not np.isfinite(bound):
            return -(2**62) if bound < 0 else 2**62
        least = ceil(bound - TOLERANCE * max(1.0, abs(bound))) + self.median.constant
        return -(-least // self.step) * self.step

    def _is_out(self, bounds: Floats) -> Bools:
        """Return which bounds leave no set that could be better."""
        reached = self._reached() + (0 if self.is_last else 1)
        return np.array([self._least(x) >= reached for x in bounds.tolist()], bool)

    def _parts(self, node: Scope, watch: Watch, rounds: int) -> list[Scope]:
        """Return what is left to look at of a node, the better part last."""
        found = None
        for _ in range(AGAIN):
            target = float(self._reached() - self.median.constant)
            found = self.median.priced(node, target, watch, rounds)
            node = found.scope
            free = ~node.is_closed & ~node.is_open
            shut = free & self._is_out(found.inside)
            held = free & self._is_out(found.outside)
            if self._is_out(np.array([node.bound]))[0] or (shut & held).any():
                return []
            if is_over(watch):
                return [node]
            is_open, is_closed = self.siting.closed(
                node.is_open | held, node.is_closed | shut
            )
            if (is_open & is_closed).any():
                return []
            node = replace(node, is_open=is_open, is_closed=is_closed)
            sets = all_sets(
                self.siting, FEW, is_open=node.is_open, is_closed=node.is_closed
            )
            if sets is not None:
                return [] if self.good.look_at(sets, watch) else [node]
            if not (shut | held).any():
                break
        assert found is not None
        return self._split(node, found)

    def _split(self, node: Scope, found: Priced) -> list[Scope]:
        """Return both parts of a node by the site of which prices are least sure."""
        free = np.flatnonzero(~node.is_open & ~node.is_closed)
        site = int(free[np.abs(found.share[free] - 0.5).argmin()])
        here = np.arange(len(node.is_open)) == site
        parts: list[Scope] = []
        for side, opens, closes in (
            (found.outside, node.is_open, node.is_closed | here),
            (found.inside, node.is_open | here, node.is_closed),
        ):
            is_open, is_closed = self.siting.closed(opens, closes)
            if not (is_open & is_closed).any():
                bound = max(node.bound, float(side[site]))
                parts.append(Scope(is_open, is_closed, node.price, bound))
        return parts if found.share[site] >= 0.5 else parts[::-1]


def _step(stage: SumStage) -> int:
    """Return a number that divides the value of every plan."""
    cost = np.unique(np.abs(stage.pricing.cost)).tolist()
    weights = [abs(w) * int(x) for w, items in stage.pays for x in items.weight]
    weights += [abs(w) * c for w, items in stage.pays for c, _ in items.shared]
    return max(1, gcd(*cost, *weights))

"""Branching on sites: most sets are left out by a bound in one goal, the rest tried.

    a branch   sites settled open, sites settled closed, the others free
    it is out  where its bound (`medians`) is no better than the best set known
    it parts   on a free site: once open, once closed
    it is few  where its sets can be looked at one by one (`trying`)

Branch and bound (Land and Doig 1960) on the siting relaxation without room (Efroymson
and Ray 1966). Four nodes: two rows, two sites; the best set known costs 9 and the bound
of all sets is 9 (see `medians`): out at once, no site is branched on.
"""

from dataclasses import replace
from math import ceil, gcd

import numpy as np
from numpy.typing import NDArray

from sharematch.solvers.monitor import Monitor
from sharematch.solvers.siting.flows import Flows, Worth
from sharematch.solvers.siting.improving import Improving
from sharematch.solvers.siting.medians import Priced, Scope
from sharematch.solvers.siting.sets import all_sets
from sharematch.solvers.siting.stages import Stage, Stages, SumStage
from sharematch.solvers.siting.trying import Tried

__all__ = ["Branching"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SHAKING = 0.3
"""Share of the seconds left in which better sets are sought before branching."""
FEW = 2_000
"""Sets below a branch that are looked at one by one."""
ROOT, ROUNDS = 500, 60
"""Steps of prices for one bound on all sets, and on a part of them."""
AGAIN = 6
"""How often prices are sought again once sites are settled."""
TOLERANCE = 1e-9
"""What floating point may be off, as a share of the value: prices are doubles, of 16
digits, and sums of up to millions of them lose six. What opens is compared exactly."""
LEAST_WORK = 1_000_000
"""What a branch takes however small it is."""
QUICK = 60_000_000
"""Costs looked at to begin with, each as often as it is."""
MORE = 1_000_000_000
"""The same between linear programs."""
WORK = 20_000_000_000
"""The same, in the end, where there is no limit."""
EDGE = 20
"""What an edge of a flow is worth of them."""


class Branching:
    """The best set of many sites, and what no set can beat."""

    def __init__(self, flows: Flows, stages: Stages) -> None:
        self.siting, self.stages = flows.siting, stages
        self.good = Improving(flows, stages)

    def begin(self, monitor: Monitor) -> Tried:
        """Return a good set, the best one where few branches prove it."""
        self.good.begin(monitor)
        return self._branched(monitor, QUICK)

    def further(self, monitor: Monitor, best: Worth) -> Tried:
        """Return what some more branches tell, from one set on."""
        self.good.best = best
        return self._branched(monitor, MORE)

    def run(self, monitor: Monitor, best: Worth) -> Tried:
        """Return the best set that is found from one on."""
        self.good.best = best
        _, stage = self._deciding(best)
        is_sum = isinstance(stage, SumStage)
        self.good.shake(monitor.share(SHAKING) if is_sum else monitor)
        return self._branched(
            monitor, None if monitor.remaining() is not None else WORK
        )

    def is_short(self, best: Worth) -> bool:
        """Return whether a set is worse than it would be with room for all."""
        _, stage = self._deciding(best)
        if not isinstance(stage, SumStage):
            return False
        bound = stage.by(stage.bounds[0], best.members[None, :])
        return int(bound[0]) < stage.value(best)

    def _branched(self, monitor: Monitor, work: int | None) -> Tried:
        """Return what branching tells of each goal, within some work."""
        count, best = len(self.siting.flows), self.good.best
        if best is None:
            return Tried(None, (False,) * count, (None,) * count)
        proved, stage = self._deciding(best)
        if not isinstance(stage, SumStage):
            return self._tried(proved)
        branches = _Branches(self.good, stage)
        if branches.run(monitor, work):
            return self._tried(count)
        return self._tried(proved, branches.missing)

    def _deciding(self, best: Worth) -> tuple[int, Stage | None]:
        """Return the first goal in which some set may be better, and its stage."""
        proved = 0
        for stage in self.stages.stages:
            if self._may_be_better(stage, best):
                return proved, stage
            proved = stage.goal + 1
        return proved, None

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

    `missing` is in the end by how much this goal may be better, None if not known.
    """

    def __init__(self, good: Improving, stage: SumStage) -> None:
        self.good, self.siting, self.stage = good, good.siting, stage
        self.median = good.median(stage)
        self.step = _step(stage)
        stages = good.stages
        self.is_last = stages.is_complete and stages.stages[-1] is stage
        self.missing: int | None = None

    def run(self, monitor: Monitor, work: int | None) -> bool:
        """Look at all sets; return whether that came to an end."""
        table = self.median.cost
        nodes, done = [self.median.everything(self.siting.forced)], 0
        begun = EDGE * self.good.effort
        while nodes:
            spent = done * max(ROUNDS * table.size, LEAST_WORK)
            spent += EDGE * self.good.effort - begun
            if monitor.is_over() or (work is not None and spent >= work):
                break
            node = nodes.pop()
            if not self._is_out(np.array([node.bound]))[0]:
                nodes += self._parts(node, monitor, ROUNDS if done else ROOT)
                done += 1
        if nodes:
            found = self._least(min(node.bound for node in nodes))
            self.missing = max(self._reached() - found, 0)
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

    def _parts(self, node: Scope, monitor: Monitor, rounds: int) -> list[Scope]:
        """Return what is left to look at of a node, the better part last."""
        found = None
        for _ in range(AGAIN):
            target = float(self._reached() - self.median.constant)
            found = self.median.priced(node, target, monitor, rounds)
            node = found.scope
            free = ~node.is_closed & ~node.is_open
            shut = free & self._is_out(found.inside)
            held = free & self._is_out(found.outside)
            if self._is_out(np.array([node.bound]))[0] or (shut & held).any():
                return []
            if monitor.is_over():
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
                return [] if self.good.look_at(sets, monitor) else [node]
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

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
from sharematch.solvers.siting.medians import Node, Priced
from sharematch.solvers.siting.sets import all_sets
from sharematch.solvers.siting.stages import Stage, Stages, SumStage
from sharematch.solvers.siting.trying import Tried

__all__ = ["Branching"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# Ratios are of the work for a proof, with another number to that with this one, in six
# to twelve towns of 60 to 400 needs and 24 to 100 sites: medians, scarce room, budgets.
SHAKING = 0.3
"""Share of the seconds left in which better sets are sought before branching: where no
proof is near, a better set is of more use than a closer bound."""
FEW = 2_000
"""Sets below a branch that are looked at one by one. With 500 there are 1.36 times the
branches, with 8,000 0.75 times, but more than twice the sets to bound."""
ROOT, ROUNDS = 500, 60
"""Steps of prices for one bound on all sets, and on a part of them. All branches begin
with the prices of the first; 2,000 there change nothing. With 200 below there are twice
the steps for as many branches, with 20 half for 1.02 times as many."""
AGAIN = 6
"""How often prices are sought again once sites are settled. Once alone leaves 1.06
times the branches; twenty times save a hundredth."""
TOLERANCE = 1e-9
"""What floating point may be off, as a share of the value: prices are doubles, of 16
digits, and sums of up to millions of them lose six. What opens is compared exactly."""
LEAST_WORK = 1_000_000
"""What a branch takes however small it is: sixty steps of a hundred numbers take some
milliseconds, in which a million costs are looked at."""
QUICK = 60_000_000
"""Costs looked at to begin with, each as often as it is; at 2 to 18 ns for each (large
tables to small) up to a second: then linear programs may be quicker."""
MORE = 1_000_000_000
"""The same between linear programs: as long as these take."""
EDGE = 20
"""What an edge of a flow counts of them. It takes as long as 120 to 320, all goals of
it, but flows are what betters the set: work is to end branching rather than them."""


class Branching:
    """The best set of many sites, and what no set can beat."""

    def __init__(self, flows: Flows, stages: Stages) -> None:
        self.siting, self.stages = flows.siting, stages
        self.search = Improving(flows, stages)

    def begin(self, monitor: Monitor) -> Tried:
        """Return a good set, the best one where few branches prove it."""
        self.search.begin(monitor)
        return self._branched(monitor, QUICK)

    def further(self, monitor: Monitor, best: Worth) -> Tried:
        """Return what some more branches tell, from one set on."""
        self.search.best = best
        return self._branched(monitor, MORE)

    def run(self, monitor: Monitor, best: Worth) -> Tried:
        """Return the best set that is found from one on."""
        self.search.best = best
        _, stage = self._deciding(best)
        is_sum = isinstance(stage, SumStage)
        self.search.shake(monitor.share(SHAKING) if is_sum else monitor)
        return self._branched(monitor, None)

    def is_short(self, best: Worth) -> bool:
        """Return whether a set is worse than it would be with room for all."""
        _, stage = self._deciding(best)
        if not isinstance(stage, SumStage):
            return False
        bounds = stage.bounded_by(stage.bounds[0], best.members[None, :])
        return int(bounds[0]) < stage.value(best)

    def _branched(self, monitor: Monitor, work: int | None) -> Tried:
        """Return what branching tells of each goal, within some work."""
        count, best = len(self.siting.flows), self.search.best
        if best is None:
            return Tried.nothing(count)
        num_proved, stage = self._deciding(best)
        if not isinstance(stage, SumStage):
            return self._tried(num_proved)
        branches = _Branches(self.search, stage)
        if branches.run(monitor, work):
            return self._tried(count)
        return self._tried(num_proved, branches.gap)

    def _deciding(self, best: Worth) -> tuple[int, Stage | None]:
        """Return the first goal in which some set may be better, and its stage."""
        num_proved = 0
        for stage in self.stages.stages:
            if self._may_be_better(stage, best):
                return num_proved, stage
            num_proved = stage.goal + 1
        return num_proved, None

    def _may_be_better(self, stage: Stage, best: Worth) -> bool:
        """Return whether some set could be, as far as sites tell that all open."""
        if isinstance(stage, SumStage) and stage.pays:
            return True
        everything = np.arange(self.siting.num_sites)[None, :]
        return bool(stage.compare(stage.of(everything), best)[0] < 0)

    def _tried(self, num_proved: int, gap: int | None = None) -> Tried:
        count = len(self.siting.flows)
        gaps: list[int | None] = [0] * num_proved + [None] * (count - num_proved)
        if gap is not None:
            gaps[num_proved] = max(gap, 0)
        return Tried(self.search.best, tuple(x == 0 for x in gaps), tuple(gaps))


class _Branches:
    """All sets, most of them by bounds in one goal.

    `gap` is in the end by how much this goal may be better, None if not known.
    """

    def __init__(self, search: Improving, stage: SumStage) -> None:
        self.search, self.siting, self.stage = search, search.siting, stage
        self.median = search.median(stage)
        self.step = _step(stage)
        stages = search.stages
        self.is_last = stages.is_complete and stages.stages[-1] is stage
        self.gap: int | None = None

    def run(self, monitor: Monitor, work: int | None) -> bool:
        """Look at all sets; return whether that came to an end."""
        nodes, num_branched = [self.median.root(self.siting.forced)], 0
        node_work = max(ROUNDS * self.median.cost.size, LEAST_WORK)
        effort_before = self.search.effort
        while nodes:
            work_done = num_branched * node_work
            work_done += EDGE * (self.search.effort - effort_before)
            if monitor.is_over() or (work is not None and work_done >= work):
                break
            node = nodes.pop()
            if not self._is_out(np.array([node.bound]))[0]:
                rounds = ROUNDS if num_branched else ROOT
                nodes += self._children(node, monitor, rounds)
                num_branched += 1
        if nodes:
            least = self._least_value(min(node.bound for node in nodes))
            self.gap = max(self._reached() - least, 0)
        return not nodes

    def _reached(self) -> int:
        assert self.search.best is not None
        return self.stage.value(self.search.best)

    def _least_value(self, bound: float) -> int:
        """Return the least value of a plan that a bound leaves."""
        if not np.isfinite(bound):
            return -(2**62) if bound < 0 else 2**62
        least = ceil(bound - TOLERANCE * max(1.0, abs(bound))) + self.median.constant
        return -(-least // self.step) * self.step

    def _is_out(self, bounds: Floats) -> Bools:
        """Return which bounds leave no set that could be better."""
        reached = self._reached() + (0 if self.is_last else 1)
        least = map(self._least_value, bounds.tolist())
        return np.array([value >= reached for value in least], bool)

    def _children(self, node: Node, monitor: Monitor, rounds: int) -> list[Node]:
        """Return what is left to look at of a node, the better part last."""
        priced = None
        for _ in range(AGAIN):
            target = float(self._reached() - self.median.constant)
            priced = self.median.priced(node, target, monitor, rounds)
            node = priced.node
            is_free = ~node.is_closed & ~node.is_open
            # A site that no better set opens is closed, and the other way round.
            must_close = is_free & self._is_out(priced.bound_if_open)
            must_open = is_free & self._is_out(priced.bound_if_closed)
            is_out = bool(self._is_out(np.array([node.bound]))[0])
            if is_out or (must_close & must_open).any():
                return []
            if monitor.is_over():
                return [node]
            is_open, is_closed = self.siting.implied(
                node.is_open | must_open, node.is_closed | must_close
            )
            if (is_open & is_closed).any():
                return []
            node = replace(node, is_open=is_open, is_closed=is_closed)
            sets = all_sets(self.siting, FEW, is_open=is_open, is_closed=is_closed)
            if sets is not None:
                return [] if self.search.look_at(sets, monitor) else [node]
            if not (must_close | must_open).any():
                break
        assert priced is not None
        return self._split(node, priced)

    def _split(self, node: Node, priced: Priced) -> list[Node]:
        """Return both parts of a node by the site of which prices are least sure."""
        free = np.flatnonzero(~node.is_open & ~node.is_closed)
        site = int(free[np.abs(priced.open_share[free] - 0.5).argmin()])
        is_site = np.arange(len(node.is_open)) == site
        without = (node.is_open, node.is_closed | is_site), priced.bound_if_closed
        within = (node.is_open | is_site, node.is_closed), priced.bound_if_open
        children: list[Node] = []
        for settled, bounds in (without, within):
            is_open, is_closed = self.siting.implied(*settled)
            if not (is_open & is_closed).any():
                bound = max(node.bound, float(bounds[site]))
                children.append(Node(is_open, is_closed, node.price, bound))
        return children if priced.open_share[site] >= 0.5 else children[::-1]


def _step(stage: SumStage) -> int:
    """Return a number that divides the value of every plan."""
    costs = np.unique(np.abs(stage.pricing.cost)).tolist()
    for weight, items in stage.pays:
        costs += [abs(weight) * cost for cost in items.weight.tolist()]
        costs += [abs(weight) * cost for cost, _ in items.shared]
    return max(1, gcd(*costs))

"""All sets of sites, by bounds in order of goals, the most promising first.

    alive = all sets
    while some are alive: find the flow through the one of the best bounds;
                          leave out whose bounds, goal by goal, are not better

Best-first search; each bound is worked out only for sets that are level in all goals
before (lazy). Four nodes: the hub, a need, two sites, so three sets. The flow through
both serves 2; a bound of 1 on each alone leaves them out: one flow has told all.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.progress import Stop
from sharematch.solvers.monitor import UNWATCHED, Monitor
from sharematch.solvers.siting.flows import Barrier, Flows, Worth
from sharematch.solvers.siting.stages import GroupStage, Stage, Stages, SumStage

__all__ = ["Trial", "Tried"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
EDGE, LOOK = 1.5e-6, 1e-9
"""Deterministic seconds for an edge of a flow, all goals of it (0.6 to 3 µs), and for a
cost that is looked at to bound a set of sites (0.8 to 1 ns)."""
AT_ONCE = 10_000
"""Sets that are bounded between two looks at the clock."""


@dataclass(frozen=True)
class Tried:
    """The best set of sites, and what of each goal no other could beat.

    `gaps` say by how much less, at best, each goal could be; None where unknown.
    """

    best: Worth | None
    is_proved: tuple[bool, ...]
    gaps: tuple[int | None, ...]

    @classmethod
    def nothing(cls, num_goals: int, best: Worth | None = None) -> "Tried":
        """Return a set of which nothing is proved."""
        return cls(best, (False,) * num_goals, (None,) * num_goals)

    @property
    def is_done(self) -> bool:
        """Whether every goal is proved."""
        return self.best is not None and all(self.is_proved)

    def followed_by(self, later: "Tried") -> "Tried":
        """Return what both say, the later one having gone on from this one's best."""
        if self.best is None or later.best is None:
            return later
        is_proved = np.array(self.is_proved) | np.array(later.is_proved)
        gaps: list[int | None] = []
        for gap, later_gap, value, later_value in zip(
            self.gaps, later.gaps, self.best.values, later.best.values, strict=True
        ):
            known_gaps = [] if later_gap is None else [later_gap]
            if gap is not None and isinstance(value, int):
                assert isinstance(later_value, int)
                known_gaps.append(max(gap - (value - later_value), 0))
            gaps.append(min(known_gaps, default=None))
            if value != later_value:
                break  # what was known of later goals held where this one was the same
        gaps += later.gaps[len(gaps) :]
        return Tried(later.best, tuple(is_proved.tolist()), tuple(gaps))


class Trial:
    """Sets of sites that are not yet known to be no better than the best."""

    def __init__(self, flows: Flows, stages: Stages, sets: Ints) -> None:
        self.flows, self.sets = flows, sets
        self.stages, self.is_complete = stages.stages, stages.is_complete
        self.alive = np.arange(len(sets))
        self.bound_values: list[Any] = [None] * len(self.stages)
        self.is_bounded = np.zeros((len(self.stages), len(sets)), bool)
        self.best: Worth | None = None
        self.effort = 0
        """Edges of all flows."""
        self._monitor = UNWATCHED

    def run(self, monitor: Monitor, best: Worth | None = None) -> Tried:
        """Try sets until none is left, or the time is over."""
        self.best, self._monitor = best, monitor
        with suppress(Stop):
            if best is not None:
                self._prune(best)
            while len(self.alive):
                monitor.check()
                self._step(self._most_promising())
        if self.best is None and len(self.alive):
            with suppress(Stop):
                self._step(int(self.alive[0]))
        return self._tried()

    def _step(self, chosen: int) -> None:
        """Find the flow through a set, and leave out what it shows to be no better."""
        members = self.sets[chosen]
        self.effort += self.flows.size(members)
        self._monitor.spend(EDGE * self.flows.size(members))
        worth = self.flows.worth(members)
        self.alive = self.alive[self.alive != chosen]
        if isinstance(worth, Barrier):
            # Whatever else opens, sets that lack this room have no flow either.
            self.alive = self.alive[worth.lacking(self.sets[self.alive]) == 0]
        if not isinstance(worth, Worth):
            return
        if self.best is None or worth.values < self.best.values:
            self.best = worth
        self._tighten(chosen, worth)
        self._prune(self.best)

    def _bounds(self, stage: int, sets: Ints) -> Any:
        """Return what some sets cannot beat in a stage, worked out once for each."""
        unbounded = sets[~self.is_bounded[stage, sets]]
        first = unbounded[:AT_ONCE]
        while len(first) or self.bound_values[stage] is None:
            looks = self.stages[stage].num_costs * self.sets[first].size
            self._monitor.spend(LOOK * looks)
            bounds = self.stages[stage].of(self.sets[first])
            if self.bound_values[stage] is None:
                shape = (len(self.sets), *bounds.shape[1:])
                self.bound_values[stage] = np.zeros(shape, bounds.dtype)
            self.bound_values[stage][first] = bounds
            self.is_bounded[stage, first] = True
            unbounded = unbounded[AT_ONCE:]
            first = unbounded[:AT_ONCE]
            if len(first):
                self._monitor.check()
        return self.bound_values[stage][sets]

    def _most_promising(self) -> int:
        """Return the set with the best bounds, goal by goal."""
        candidates = self.alive
        for stage in range(len(self.stages)):
            if len(candidates) == 1:
                break
            bounds = self._bounds(stage, candidates)
            if bounds.ndim == 1:
                candidates = candidates[bounds == bounds.min()]
                continue
            for column in range(bounds.shape[1]):
                is_best = bounds[:, column] == bounds[:, column].min()
                candidates, bounds = candidates[is_best], bounds[is_best]
        return int(candidates[0])

    def _tighten(self, chosen: int, worth: Worth) -> None:
        """Where the bound of this set was too good, use its prices for all sets."""
        assert self.best is not None
        has_gap = False
        floors: Ints | None = None
        for position, stage in enumerate(self.stages):
            if isinstance(stage, GroupStage):
                if floors is None:
                    floors = np.zeros(self.flows.base.network.num_nodes, np.int64)
                floors = stage.floors(self.best, floors)
                continue
            if not self.is_bounded[position, chosen] and not has_gap:
                continue
            value = stage.value(worth)
            bound = int(self._bounds(position, np.array([chosen]))[0])
            has_gap |= value > bound
            # Sums hold those before them: from the first gap on all are short.
            if has_gap:
                self._price(position, stage, worth, floors)

    def _price(
        self, position: int, stage: SumStage, worth: Worth, floors: Ints | None
    ) -> None:
        bound = stage.tighten(worth, floors)
        bounded_sets = self.alive[self.is_bounded[position, self.alive]]
        if bound is not None and len(bounded_sets):
            values = self.bound_values[position]
            tighter = stage.bounded_by(bound, self.sets[bounded_sets])
            values[bounded_sets] = np.maximum(values[bounded_sets], tighter)

    def _prune(self, best: Worth) -> None:
        """Leave out sets that cannot be better than the best."""
        is_better = np.zeros(len(self.alive), bool)  # perhaps, in an earlier goal
        for position, stage in enumerate(self.stages):
            undecided = np.flatnonzero(~is_better)
            bounds = self._bounds(position, self.alive[undecided])
            order = np.zeros(len(self.alive), np.int64)
            order[undecided] = stage.compare(bounds, best)
            is_out = order > 0
            if self.is_complete and position == len(self.stages) - 1:
                is_out |= ~is_better & (order == 0)
            # Later sums with floors say nothing of a set that is better before them.
            if any(isinstance(x, GroupStage) for x in self.stages[position:]):
                is_better |= order < 0
            self.alive, is_better = self.alive[~is_out], is_better[~is_out]

    def _tried(self) -> Tried:
        count = len(self.flows.siting.flows)
        if self.best is None:
            return Tried.nothing(count)
        if not len(self.alive):
            return Tried(self.best, (True,) * count, (0,) * count)
        gaps: list[int | None] = []
        with suppress(Stop):
            for position, stage in enumerate(self.stages):
                gap = self._gap(position, stage, self.best)
                gaps.append(gap)
                if gap != 0:
                    break
        gaps += [None] * (count - len(gaps))
        return Tried(self.best, tuple(gap == 0 for gap in gaps), tuple(gaps))

    def _gap(self, position: int, stage: Stage, best: Worth) -> int | None:
        """Return by how much less a goal could be, None where that is no number."""
        bounds = self._bounds(position, self.alive)
        if isinstance(stage, SumStage):
            return max(stage.value(best) - int(bounds.min()), 0)
        return None if (stage.compare(bounds, best) < 0).any() else 0

"""All sets of sites, by bounds in order of goals, the most promising first.

    alive = all sets
    while some are alive: find the flow through the one of the best bounds;
                          leave out whose bounds, goal by goal, are not better

Best-first search; each bound is worked out only for sets that are level in all goals
before (lazy). Four nodes: the hub, a need, two sites, so three sets. The flow through
both serves 2; a bound of 1 on each alone leaves them out: one flow has told all.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.progress import Stop
from sharematch.solvers.monitor import Monitor
from sharematch.solvers.siting.flows import Barrier, Flows, Worth
from sharematch.solvers.siting.stages import GroupStage, Stages, SumStage

__all__ = ["Trial", "Tried"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
EFFORT = 100_000_000
"""Edges of all flows together after which no more are tried, without a limit."""


@dataclass(frozen=True)
class Tried:
    """The best set of sites, and what of each goal no other could beat.

    `short` says by how much less, at best, a goal could be; None where unknown.
    """

    best: Worth | None
    is_proved: tuple[bool, ...]
    short: tuple[int | None, ...]

    @property
    def is_done(self) -> bool:
        """Whether every goal is proved."""
        return self.best is not None and all(self.is_proved)

    def then(self, later: "Tried") -> "Tried":
        """Return what both say, the later one having gone on from this one's best."""
        if self.best is None or later.best is None:
            return later
        proved = [a or b for a, b in zip(self.is_proved, later.is_proved, strict=True)]
        short: list[int | None] = []
        for one, other, before, now in zip(
            self.short, later.short, self.best.values, later.best.values, strict=True
        ):
            known = [] if other is None else [other]
            if one is not None and isinstance(before, int) and isinstance(now, int):
                known.append(max(one - (before - now), 0))
            short.append(min(known, default=None))
            if before != now:
                break  # what was known of later goals held where this one was the same
        short += later.short[len(short) :]
        return Tried(later.best, tuple(proved), tuple(short))


class Trial:
    """Sets of sites that are not yet known to be no better than the best."""

    def __init__(self, flows: Flows, stages: Stages, sets: Ints) -> None:
        self.flows, self.sets = flows, sets
        self.stages, self.is_complete = stages.stages, stages.is_complete
        self.alive = np.arange(len(sets))
        self.known: list[Any] = [None] * len(self.stages)
        self.is_known = np.zeros((len(self.stages), len(sets)), bool)
        self.best: Worth | None = None
        self.effort = 0

    def run(self, monitor: Monitor, best: Worth | None = None) -> Tried:
        """Try sets until none is left, or the time is over."""
        self.best = best
        if best is not None:
            self._prune(best)
        try:
            while len(self.alive) and self.effort < EFFORT:
                monitor.check()
                self._step()
        except Stop:
            if self.best is None and len(self.alive):
                self._step()
        return self._tried()

    def _step(self) -> None:
        """Find the flow through the most promising set."""
        one = self._first()
        members = self.sets[one]
        self.effort += self.flows.size(members)
        worth = self.flows.worth(members)
        self.alive = self.alive[self.alive != one]
        if isinstance(worth, Barrier):
            self.alive = self.alive[worth.short(self.sets[self.alive]) == 0]
        if not isinstance(worth, Worth):
            return
        if self.best is None or worth.values < self.best.values:
            self.best = worth
        self._tighten(one, worth)
        self._prune(self.best)

    def _bounds(self, stage: int, at: Ints) -> Any:
        """Return what some sets cannot beat in a stage."""
        missing = at[~self.is_known[stage, at]]
        if len(missing) or self.known[stage] is None:
            found = self.stages[stage].of(self.sets[missing])
            if self.known[stage] is None:
                shape = (len(self.sets), *found.shape[1:])
                self.known[stage] = np.zeros(shape, found.dtype)
            self.known[stage][missing] = found
            self.is_known[stage, missing] = True
        return self.known[stage][at]

    def _first(self) -> int:
        """Return the set with the best bounds, goal by goal."""
        at = self.alive
        for stage in range(len(self.stages)):
            if len(at) == 1:
                break
            found = self._bounds(stage, at)
            if found.ndim == 1:
                at = at[found == found.min()]
                continue
            for column in range(found.shape[1]):
                kept = found[:, column] == found[:, column].min()
                at, found = at[kept], found[kept]
        return int(at[0])

    def _tighten(self, one: int, worth: Worth) -> None:
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
            if not self.is_known[position, one] and not has_gap:
                continue
            value = stage.value(worth)
            bound = int(self._bounds(position, np.array([one]))[0])
            has_gap |= value > bound
            if has_gap:
                self._price(position, stage, worth, floors)

    def _price(
        self, position: int, stage: SumStage, worth: Worth, floors: Ints | None
    ) -> None:
        bound = stage.tighten(worth, floors)
        known = self.alive[self.is_known[position, self.alive]]
        if bound is not None and len(known):
            more = stage.by(bound, self.sets[known])
            self.known[position][known] = np.maximum(self.known[position][known], more)

    def _prune(self, best: Worth) -> None:
        """Leave out sets that cannot be better than the best."""
        is_better = np.zeros(len(self.alive), bool)  # perhaps, in an earlier goal
        for position, stage in enumerate(self.stages):
            at = np.flatnonzero(~is_better)
            order = np.zeros(len(self.alive), np.int64)
            order[at] = stage.compare(self._bounds(position, self.alive[at]), best)
            is_out = order > 0
            if self.is_complete and position == len(self.stages) - 1:
                is_out |= ~is_better & (order == 0)
            # Later sums with floors say nothing of a set that is better before them.
            if any(isinstance(x, GroupStage) for x in self.stages[position:]):
                is_better |= order < 0
            self.alive, is_better = self.alive[~is_out], is_better[~is_out]

    def _tried(self) -> Tried:
        count = len(self.flows.siting.flows)
        proved, short = [False] * count, [None] * count
        if self.best is None:
            return Tried(None, tuple(proved), tuple(short))
        if not len(self.alive):
            return Tried(self.best, (True,) * count, (0,) * count)
        known: list[int | None] = [None] * count
        for position, stage in enumerate(self.stages):
            if not isinstance(stage, SumStage):
                order = stage.compare(self._bounds(position, self.alive), self.best)
                if (order < 0).any():
                    break
                proved[stage.goal], known[stage.goal] = True, 0
                continue
            least = int(self._bounds(position, self.alive).min())
            missing = max(stage.value(self.best) - least, 0)
            proved[stage.goal], known[stage.goal] = not missing, missing
            if missing:
                break
        return Tried(self.best, tuple(proved), tuple(known))

"""Good sets of many sites.

A set is grown and swapped without room in mind, then swapped for real: every set one
swap away is bounded in all goals, and the promising ones get their flow.

    neighbors of S:   S with one site more, one less, or one exchanged

Swap-based local search (Teitz and Bart 1968), from shaken sets on when it is stuck
(iterated local search; Lourenço, Martin and Stützle 2003). Four nodes: two needs and
two sites, of which one may open; from the first the only neighbor is the second. What
it counts is fixed work, so that without a limit every run goes the same way.
"""

from collections.abc import Sequence
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from sharematch.progress import Stop
from sharematch.solvers.monitor import Monitor
from sharematch.solvers.siting.bounds import Pricing
from sharematch.solvers.siting.flows import Barrier, Flows, Worth
from sharematch.solvers.siting.medians import Median
from sharematch.solvers.siting.sets import padded
from sharematch.solvers.siting.stages import Stages, SumStage
from sharematch.solvers.siting.trying import Trial

__all__ = ["Improving"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SHAKES = 20
"""How often search goes on from a shaken set, if not by the clock. Of twenty towns with
26 to 40 sites of unequal room five had a better set by shakes: first by the 3rd to the
11th."""
PRICINGS = 20
"""How often sites are swapped by prices of room; a guard, since each has to better the
set. Without any there are 1.3 times the steps to a proof (see `branches`)."""
MENDINGS = 50
"""Sets looked at for one with enough room; a guard: in 24 towns whose room was scarce
and unequal the first or the second set had it."""
KICKS = 30
"""How often the best set is shaken before its flow is sought. Without, 1.15 times the
flows to a proof; with 100 three times the swaps for 0.95 times the flows."""
KICKED = 5
"""Of so many open sites one is closed for another in a shake: more than one swap away,
or the same swaps would lead back, and near enough to keep most of a good set."""


class Improving:
    """The best set of many sites that was found so far."""

    def __init__(self, flows: Flows, stages: Stages) -> None:
        self.flows, self.siting, self.stages = flows, flows.siting, stages
        self.best: Worth | None = None
        self.effort = 0
        """Edges of the flows of all sets that were looked at."""

    def begin(self, monitor: Monitor) -> None:
        """Find a good set, and better ones near it."""
        sums = [x for x in self.stages.stages if isinstance(x, SumStage)]
        self._begin(self._roomy(sums[-1] if sums else None), monitor)
        for _ in range(PRICINGS if sums else 0):
            if not self._is_swapped(sums[-1], monitor):
                break
        self._improve(monitor)

    def _is_swapped(self, stage: SumStage, monitor: Monitor) -> bool:
        """Swap by the prices of room in the best set; return whether that helps."""
        if self.best is None or monitor.is_over():
            return False
        median = self.median(stage)
        with suppress(Stop):
            is_open = median.swapped(self._mask(self.best.members), monitor)
            swapped = self.flows.worth(np.flatnonzero(is_open))
            if isinstance(swapped, Worth) and swapped.values < self.best.values:
                self.best = swapped
                return True
        return False

    def look_at(self, sets: Ints, monitor: Monitor) -> bool:
        """Look at some sets one by one; return whether that came to an end."""
        trial = Trial(self.flows, self.stages, sets)
        self.best = trial.run(monitor, self.best).best
        self.effort += trial.effort
        return not len(trial.alive)

    def _roomy(self, stage: SumStage | None) -> Median:
        """Return the problem of all sums, or of the most units, without room."""
        if stage is not None:
            return self.median(stage)
        num_arcs = self.siting.base.network.num_arcs
        bound = Pricing(self.flows, np.full(num_arcs, -1)).unpriced()
        return Median(self.siting, bound, np.zeros(self.siting.num_sites + 1))

    def _begin(self, median: Median, monitor: Monitor) -> None:
        """Find a good set without room in mind, and its flow."""
        rng = np.random.default_rng(0)  # the same shakes in every run
        is_open = median.grown(self.siting.forced, monitor)
        try:
            is_open = median.swapped(is_open, monitor)
            cost = median.cost_of(is_open)
            for _ in range(KICKS):
                kicked = median.swapped(self._shaken(is_open, rng), monitor)
                if (kicked_cost := median.cost_of(kicked)) < cost:
                    is_open, cost = kicked, kicked_cost
        except Stop:
            pass
        self._mend(is_open, median)

    def _mend(self, is_open: Bools, median: Median) -> None:
        """Find the flow of a set, or of one near it that has the room."""
        barriers: list[Barrier] = []
        for _ in range(MENDINGS):
            worth = self.flows.worth(np.flatnonzero(is_open))
            if isinstance(worth, Worth):
                self.best = worth
            if not isinstance(worth, Barrier):
                return
            # Each cut says what room is missing, so sets are compared without a flow,
            # until one lacks nothing by all cuts so far.
            barriers.append(worth)
            members = np.flatnonzero(is_open)
            lacking = _lacking_room(barriers, members[None, :])[0]
            while lacking > 0:
                sets = self._neighbors(members)
                lacking_room = _lacking_room(barriers, sets)
                if not len(sets) or lacking_room.min() >= lacking:
                    return
                lacking = lacking_room.min()
                roomiest = sets[lacking_room == lacking][:MENDINGS]
                costs = [median.cost_of(self._mask(members)) for members in roomiest]
                members = roomiest[int(np.argmin(costs))]
            is_open = self._mask(members)

    def _mask(self, members: Ints) -> Bools:
        return self.siting.mask(members)[:-1]

    def shake(self, monitor: Monitor) -> None:
        """Go on from sets near the best one, as long as there is time."""
        rng = np.random.default_rng(0)
        best, count = self.best, 0
        while best is not None and not monitor.is_over():
            if count >= SHAKES and monitor.remaining() is None:
                break
            count += 1
            is_open = self._shaken(self._mask(best.members), rng)
            shaken = None
            with suppress(Stop):
                shaken = self.flows.worth(np.flatnonzero(is_open))
            if isinstance(shaken, Worth):
                self.best = shaken
                self._improve(monitor)
                assert self.best is not None
                best = self.best if self.best.values < best.values else best
        self.best = best

    def _shaken(self, is_open: Bools, rng: np.random.Generator) -> Bools:
        """Return a set in which some sites are others."""
        free = is_open & ~self.siting.forced
        count = max(1, int(free.sum()) // KICKED)
        shaken = is_open.copy()
        shaken[rng.permutation(np.flatnonzero(free))[:count]] = False
        for site in rng.permutation(np.flatnonzero(~is_open))[:count].tolist():
            shaken[site] = True
            if not self.siting.holds(np.flatnonzero(shaken)[None, :])[0]:
                shaken[site] = False
        return shaken

    def _improve(self, monitor: Monitor) -> None:
        """Go to the best set one swap away, until there is none."""
        while self.best is not None:
            sets = self._neighbors(self.best.members)
            before = self.best
            tried = Trial(self.flows, self.stages, sets).run(monitor, before)
            assert tried.best is not None
            if tried.best is before or not tried.best.values < before.values:
                return
            self.best = tried.best

    def _neighbors(self, members: Ints) -> Ints:
        """Return all sets with one site more, one less, or another one.

        So with all sites that pay for one opening.
        """
        is_open = self._mask(members)
        num = len(is_open)
        single = np.eye(num, dtype=bool)
        nothing = np.zeros((1, num), bool)
        may_close = is_open & ~self.siting.forced
        closes = [nothing, single[may_close], *self._joint_moves(is_open)]
        opens = [nothing, single[~is_open], *self._joint_moves(~is_open)]
        stays = is_open & ~np.concatenate(closes)
        neighbors = stays[:, None, :] | np.concatenate(opens)[None, :, :]
        sets = padded(neighbors.reshape(-1, num)[1:])  # the first closes, opens nothing
        return sets[self.siting.holds(sets)]

    def _joint_moves(self, mask: Bools) -> list[Bools]:
        """Return what of the mask opens or closes together, each as one row."""
        free = mask & ~self.siting.forced
        moves = [free & sites for sites in self.siting.joint_openings]
        return [sites[None, :] for sites in moves if np.count_nonzero(sites) > 1]

    def median(self, stage: SumStage) -> Median:
        """Return the problem without room, but with prices where room is short."""
        bound = stage.bounds[0]
        if self.best is not None:
            members = self.best.members[None, :]
            if int(stage.bounded_by(bound, members)[0]) < stage.value(self.best):
                bound = stage.tighten(self.best, None) or bound
        opening = np.zeros(self.siting.num_sites + 1)
        for weight, items in stage.pays:
            opening += weight * items.spread
        return Median(self.siting, bound, opening)


def _lacking_room(barriers: Sequence[Barrier], sets: Ints) -> Ints:
    """Return the room that sets of sites lack."""
    lacking = np.zeros(len(sets), np.int64)
    for barrier in barriers:
        lacking += barrier.lacking(sets)
    return lacking

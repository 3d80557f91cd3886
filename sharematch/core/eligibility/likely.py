"""Likely arcs: a few of each need's, where first come would take them, and others.

    for each need by (since, hash): its nearest arcs, as far as capacity tells,
    what it takes of them, and some drawn at random

A plan over them is a plan over all arcs; which of them are left out no rule is asked.
For problems with so many arcs that the rows of all could not be made in time.

Example: a club wants 12 Mondays, and 40 halls have 8 starts each: 3,840 arcs. Kept are
those of the 12 series that have most dates free, and hall and start in each are one.
"""

from collections.abc import Callable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.lookup import pairs
from sharematch.core.eligibility.arcs import Arcs
from sharematch.core.eligibility.order import turns

__all__ = ["likely"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SPARE = 2
"""Ways beyond those taken that each need keeps in any case, of each kind."""


def likely(
    columns: Columns,
    arcs: Arcs,
    seed: int,
    most: int,
    is_over: Callable[[], bool] = lambda: False,
) -> Ints:
    """Return the sorted positions of likely arcs, about so many at the most.

    Parameters
    ----------
    arcs
        Sorted by need.
    is_over
        Where it says so, needs that come later have none.
    """
    return _Likely(columns, arcs, seed, most).run(is_over)


class _Likely:
    def __init__(self, columns: Columns, arcs: Arcs, seed: int, most: int) -> None:
        self.columns, self.arcs = columns, arcs
        needs = np.arange(len(columns.need_ids) + 1)
        self.first = np.searchsorted(arcs.need, needs)
        num_asking = int(np.count_nonzero(np.diff(self.first)))
        self.most = max(most // max(num_asking, 1), 1)
        self.order = turns(columns, seed)
        self.room = columns.slot_capacity[columns.cells.slot].copy()
        is_whole = columns.need_whole | (columns.need_together != NONE)
        is_whole |= (columns.need_sessions > 1) | columns.is_booked
        self.size = np.where(is_whole, np.maximum(columns.need_quantity, 1), 1)
        self.is_whole = is_whole
        self.rng = np.random.default_rng(0)
        self._chains: dict[int, Ints] = {}

    def run(self, is_over: Callable[[], bool]) -> Ints:
        kept = np.zeros(len(self.arcs), bool)
        # Who sits together does so where all can: that is left to rows.
        kept[self.columns.need_together[self.arcs.need] != NONE] = True
        for need in self.order.tolist():
            if is_over():
                break
            span = slice(*self.first[need : need + 2])
            if span.start < span.stop:
                kept[span] |= self._of(need, span)
        return np.flatnonzero(kept)

    def _of(self, need: int, span: slice) -> Bools:
        """Return which arcs of a need are kept; take the room of those it has."""
        free = self._free(span)
        fits = free >= self.size[need] * self.arcs.units[span]
        if self.columns.need_sessions[need] > 1:
            return self._in_series(need, span, fits)
        return self._alone(need, span, np.where(fits, free, 0))

    def _free(self, span: slice) -> Ints:
        """Return the units that each arc has room for, all else kept."""
        cell, steps = self.arcs.cell[span], self.arcs.steps[span]
        free = self.room[cell]
        for step in range(1, int(steps.max(initial=1))):
            later = cell + np.minimum(step, steps - 1)
            np.minimum(free, self.room[later], out=free)
        if self._has_reserve:
            reserve = self.columns.slot_reserve[self.arcs.slot[span]]
            free = free - np.where(self.arcs.tier[span] > 0, reserve, 0)
        return free

    @cached_property
    def _has_reserve(self) -> bool:
        return bool(self.columns.slot_reserve.any())

    def _take(self, arc: Ints, units: Ints) -> None:
        steps = self.arcs.steps[arc]
        for step in range(int(steps.max(initial=0))):
            lasting = step < steps
            cells = self.arcs.cell[arc[lasting]] + step
            np.subtract.at(self.room, cells, units[lasting])

    # ---- single bookings and units

    def _alone(self, need: int, span: slice, free: Ints) -> Bools:
        columns, arcs = self.columns, self.arcs
        count = len(free)
        order = np.lexsort((arcs.distance[span], free == 0))
        slot = arcs.slot[span][order]
        # Starts in one opening overlap each other: two of each are enough.
        rank = _rank_within(slot)
        order = order[np.argsort(rank // 2, kind="stable")]
        if self.is_whole[need]:
            units = self.size[need] * arcs.units[span][order]
            wanted = int(columns.need_times[need])
            taken = np.flatnonzero(free[order] > 0)[:wanted]
        else:
            units = np.minimum(free[order], self.columns.need_quantity[need])
            enough = np.cumsum(units) - units < columns.need_quantity[need]
            taken = np.flatnonzero(enough & (units > 0))
        self._take(span.start + order[taken], units[taken])
        kept = np.zeros(count, bool)
        kept[order[taken]] = True
        num_spare = max(self.most - len(taken), 2 * SPARE) // 2
        kept[order[~kept[order]][:num_spare]] = True
        kept[self.rng.integers(0, count, num_spare)] = True
        return kept

    # ---- series

    def _chain(self, every: int) -> Ints:
        """Return by cell the number of its facility and phase of a rhythm."""
        if every not in self._chains:
            columns, cells = self.columns, self.columns.cells
            facility = columns.slot_facility[cells.slot]
            phase = np.zeros(len(cells), np.int64)
            if every != NONE:
                phase = cells.starts(every, np.arange(len(cells))) % every
            self._chains[every] = pairs(facility, phase).place
        return self._chains[every]

    def _in_series(self, need: int, span: slice, fits: Bools) -> Bools:
        columns = self.columns
        chain = self._chain(int(columns.need_every[need]))[self.arcs.cell[span]]
        count = np.bincount(chain)
        num_free = np.bincount(chain[fits], minlength=len(count))
        sessions = int(columns.need_sessions[need])
        least = int(columns.need_held_sessions[need])
        there = np.flatnonzero(count >= least)
        free = np.minimum(num_free[there], sessions)
        distance = np.bincount(chain, self.arcs.distance[span])[there] / count[there]
        order = np.lexsort((distance, -free))
        times = int(columns.need_times[need])
        taken = np.zeros(len(count), bool)
        taken[there[order[free[order] >= least][:times]]] = True
        arc = np.flatnonzero(fits & taken[chain])
        arc = span.start + arc[_rank_within(chain[arc]) < sessions]
        self._take(arc, self.size[need] * self.arcs.units[arc])
        num_kept = max(self.most // max(sessions, 1), times + 2 * SPARE)
        kept = np.zeros(len(count), bool)
        kept[there[order[: max(num_kept // 2, times + SPARE)]]] = True
        if len(there):
            kept[self.rng.choice(there, num_kept // 2)] = True
        return np.asarray(kept[chain])


def _rank_within(label: Ints) -> Ints:
    """Return for each entry how many before it have the same label."""
    order = np.argsort(label, kind="stable")
    is_new = np.append(True, np.diff(label[order]) != 0)[: len(label)]
    begin = np.maximum.accumulate(np.where(is_new, np.arange(len(label)), 0))
    rank = np.empty(len(label), np.int64)
    rank[order] = np.arange(len(label)) - begin
    return rank

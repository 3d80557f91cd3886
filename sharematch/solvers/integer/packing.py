"""A total where whole needs of several sizes are packed into rooms.

    min Σ cost × x,   Σ size × x ≤ space in each room, each need in one at most

The linear relaxation splits few needs, no more than there are rooms: the others stay
where it has them, for a first plan. Branch and bound improves it and bounds the total,
single rooms at a price bound it better, and in the rest of the time a few rooms at a
time are packed anew, among arcs that the relaxation's prices favor (generalized
assignment; Fisher, Jaikumar & Van Wassenhove 1986).

Example: needs of 3, 3, 2 and 2 and two rooms of 5: the relaxation may split one need;
3 + 2 and 3 + 2 is found when one room is packed after the other.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sharematch.core.integer.coupled import CoupledProgram
from sharematch.core.integer.program import FREE, Rows, Total
from sharematch.solvers.integer.completion import with_totals
from sharematch.solvers.integer.cpsat import Answer, Model
from sharematch.solvers.integer.goals import best
from sharematch.solvers.integer.lagrangian import lagrangian_bound, narrowed
from sharematch.solvers.integer.mip import relax
from sharematch.solvers.integer.moves import Patched
from sharematch.solvers.integer.neighborhoods import EFFORT
from sharematch.solvers.integer.repacking import repacked
from sharematch.solvers.integer.search import Search

__all__ = ["packed"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

PER_NEED = 4
"""Arcs kept for each need, on average: those of least reduced cost."""
NEARLY = 1e-6
"""What a relaxed value may lack of a whole one."""
PATIENCE = 5.0
"""Deterministic seconds for a first plan where there is no limit."""
PACE = 5_000
"""Entries of the rows for which branch and bound must have a second, else none is
begun."""
QUICK, PRICED, LONG = 0.15, 0.1, 0.4
"""Shares of the seconds left for packing anew at first, a better bound, and packing
anew before branch and bound is tried once more."""
BRANCHED = ((0.5, 0.7), (0.9, 0.4))
"""Shares of the variables down to which they are narrowed, and of the seconds left that
branch and bound gets then; it gets none where a plan leaves more of them."""


def packed(
    program: CoupledProgram, search: Search, goal: Total, num_goals: int
) -> Answer:
    """Return the best answer for a total over rows that pack; keep its plan."""
    return _Packing(program, search, goal, num_goals).run()


class _Packing:
    """The total as a cost, and the best plan and bound so far."""

    def __init__(
        self, program: CoupledProgram, search: Search, goal: Total, num_goals: int
    ) -> None:
        self.program, self.search, self.goal = program, search, goal
        self.rows, self.monitor = search.settled(), search.monitor
        if num_goals > 1:
            self.monitor = search.monitor.share(0.5)
        self.sign = -1 if goal.maximize else 1
        self.cost = goal.cost(self.rows.num_variables)
        self.arcs = np.unique(program.variable)
        self.price: Floats | None = None
        """Of rows, in the linear relaxation; None where that was not ready in time."""
        self.dear = np.empty(0, np.int64)
        """Arcs that a good plan hardly has at these prices."""
        self.bound: int | None = None

    def run(self) -> Answer:
        """Return the best answer within the seconds left."""
        self._begin()
        self._repack(QUICK, longest=EFFORT)
        self._branch(self._chance())
        if not self.search.has_plan:
            return Answer(None, None, is_proved=False)
        self._price()
        is_limited = self.monitor.is_limited
        self._repack(LONG if is_limited and self._chance() else 1)
        if is_limited and self._chance():
            self._branch(1)
        bound = None if self.bound is None else self.sign * self.bound
        return Answer(self.search.values, bound, self._is_proved())

    def _reached(self) -> int:
        return int(self.cost @ self.search.values)

    def _is_proved(self) -> bool:
        return self.bound is not None and self._reached() == self.bound

    def _keep(self, values: Ints | None) -> bool:
        """Keep a plan unless the one there is better; return whether there was one."""
        if values is None:
            return False
        if not self.search.has_plan or self.cost @ values < self._reached():
            self.search.values, self.search.has_plan = values, True
        return True

    # ---- a first plan

    def _begin(self) -> None:
        """Find a plan at once, or near the relaxation, or among few arcs."""
        rows, shares = self.rows, self._shares()
        self._keep(self._filled(rows.lower, shares))
        relaxed = relax(rows, self.cost, self.monitor)
        if relaxed is None:
            return
        self.monitor.spend(relaxed.work)
        self.price = relaxed.price
        reduced = self.cost - rows.matrix.T @ relaxed.price
        count = PER_NEED * len(np.unique(self.program.measures.arcs.need))
        self.dear = self.arcs[np.argsort(reduced[self.arcs], kind="stable")[count:]]
        near = np.floor(relaxed.values + NEARLY).astype(np.int64)
        near = np.clip(near, rows.lower, rows.upper)
        has_filled = [
            self._keep(self._filled(near, order)) for order in (reduced, shares)
        ]
        if not any(has_filled):
            monitor = self.monitor.share(0.5)
            few = self._promising(rows.lower)
            answer = Model(few).solve(
                monitor, seconds=monitor.remaining(), patience=PATIENCE
            )
            self._keep(answer.values)

    def _shares(self) -> Floats:
        """Return what one of each variable takes of its room."""
        rows = self.rows
        is_room = np.array([source.kind == "capacity" for source in rows.sources])
        room_rows = np.flatnonzero(is_room[rows.source])
        entry, room = (
            rows.matrix[room_rows].tocoo(),
            np.maximum(rows.most[room_rows], 1),
        )
        shares = np.zeros(rows.num_variables)
        np.maximum.at(shares, entry.col, entry.data / room[entry.row])
        return shares

    def _filled(self, values: Ints, order: Floats) -> Ints | None:
        """Return values with what still fits, in this order, if they keep all rows."""
        open_rows = replace(self.rows, least=np.full(len(self.rows.least), -FREE))
        plan = Patched(self.program, open_rows, values)
        plan.fill(
            self.arcs[np.argsort(order[self.arcs], kind="stable")],
            np.zeros(len(values), np.int64),
            np.array([FREE]),
        )
        filled = with_totals(self.program, plan.values)
        return filled if self.rows.holds(filled) else None

    def _promising(self, values: Ints) -> Rows:
        """Return the rows without arcs that are unused and dear in the relaxation."""
        upper = self.rows.upper.copy()
        upper[self.dear] = np.maximum(values, self.rows.lower)[self.dear]
        return replace(self.rows, upper=upper)

    # ---- better ones

    def _repack(self, share: float, *, longest: float | None = None) -> None:
        if not self.search.has_plan or self._is_proved():
            return
        values = self.search.values
        rows, monitor = self._promising(values), self.monitor.share(share)
        self._keep(
            repacked(self.program, rows, values, self.goal, monitor, longest=longest)
        )

    def _narrowed(self) -> Rows:
        """Return the rows without what no better plan has."""
        if self.price is None or not self.search.has_plan:
            return self.rows
        return narrowed(self.rows, self.cost, self.price, self.search.values)

    def _chance(self) -> float:
        """Return the share of the seconds left that branch and bound is worth."""
        if not self.search.has_plan or not self.monitor.is_limited:
            return 1
        num_free, num_narrowed = (
            np.count_nonzero(rows.upper > rows.lower)
            for rows in (self.rows, self._narrowed())
        )
        return next(
            (share for most, share in BRANCHED if num_narrowed <= most * num_free), 0
        )

    def _branch(self, share: float) -> None:
        """Let branch and bound look for a better plan, and for none."""
        monitor = self.monitor.share(share)
        least = self.rows.matrix.nnz / PACE
        limits = (monitor.remaining(), monitor.effort)
        is_short = any(limit is not None and limit < least for limit in limits)
        if self._is_proved() or ((is_short or not share) and self.search.has_plan):
            return
        inner = Search(self._narrowed(), monitor)
        inner.patience = self.search.patience
        inner.values, inner.has_plan = self.search.values, self.search.has_plan
        answer = best(inner, self.goal, 1)
        if inner.has_plan:
            self._keep(inner.values)
        if answer.bound is not None:
            self._raise(self.sign * answer.bound)

    def _price(self) -> None:
        """Raise the bound by single rooms at a price."""
        if self.price is None or self._is_proved():
            return
        monitor, reached = self.monitor.share(PRICED), self._reached()
        priced_bound = lagrangian_bound(
            self.rows, self.cost, reached, monitor, self.price
        )
        if priced_bound is not None:
            self._raise(priced_bound)

    def _raise(self, bound: int) -> None:
        """Keep a bound if it is better; none is above what a plan has."""
        if self.search.has_plan:
            bound = min(bound, self._reached())
        self.bound = bound if self.bound is None else max(self.bound, bound)

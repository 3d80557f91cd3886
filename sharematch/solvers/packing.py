"""A total where whole needs of several sizes are packed into rooms.

What a unit is worth in the linear relaxation tells which arcs a good plan has: among
these few CP-SAT finds a first plan at once. Branch and bound improves it and bounds the
total, single rooms at a price bound it better, and in the rest of the time a few rooms
at a time are packed anew.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sharematch.core.coupled import CoupledProgram
from sharematch.core.rows import FREE, Rows, Total
from sharematch.solvers.completion import with_totals
from sharematch.solvers.coupled import Answer, Model
from sharematch.solvers.goals import best
from sharematch.solvers.lagrangian import lagrangian_bound
from sharematch.solvers.linear import duals
from sharematch.solvers.patches import Patched
from sharematch.solvers.repacking import repacked
from sharematch.solvers.search import Search

__all__ = ["packed"]

Ints = NDArray[np.int64]
Reduced = NDArray[np.float64]

PER_NEED = 4
"""Arcs kept for each need, on average: those of least reduced cost."""
FIRST = 0.9
"""Share of the seconds left in which CP-SAT looks for a first plan among them."""
PACE = 5_000
"""Entries of the rows for which branch and bound must have a second, else none is
begun."""
PATIENCE = 5.0
"""Deterministic seconds that it gets where there is no limit."""
BRANCHED = 0.65
"""Share of the seconds left for branch and bound."""
PRICED = 0.25
"""Share of those after it for a better bound."""


def packed(
    program: CoupledProgram, search: Search, goal: Total, num_goals: int
) -> Answer:
    """Return the best answer for a total over rows that pack; keep its plan."""
    watch, rows = search.watch, search.settled()
    sign = 1 if goal.maximize else -1
    cost = np.zeros(rows.num_variables, np.int64)
    np.add.at(cost, goal.variable, -sign * goal.factor)
    if not search.has_plan:
        _fill(program, search)
    price = duals(rows, cost, watch, seconds=watch.remaining())
    reduced = None if price is None else cost - rows.matrix.T @ price
    if reduced is not None:
        _begin(program, search, cost, reduced)
    answer = Answer(None, None, is_proved=False)
    if _is_worth(search) or not search.has_plan:
        search.watch = watch.share(BRANCHED)
        answer = best(search, goal, num_goals)
        search.watch = watch
    if answer.is_proved or not search.has_plan:
        return answer
    rest = watch if num_goals == 1 else watch.share(0.5)
    bound = answer.bound
    if price is not None:
        reached = int(cost @ search.values)
        found = lagrangian_bound(rows, cost, reached, rest.share(PRICED), price)
        if found is not None:
            bounds = [-sign * found, *([] if bound is None else [bound])]
            bound = min(bounds) if goal.maximize else max(bounds)
    few = _few(program, rows, search.values, reduced)
    search.values = repacked(program, few, search.values, goal, rest)
    is_proved = int(goal.factor @ search.values[goal.variable]) == bound
    return Answer(search.values, bound, is_proved)


def _is_worth(search: Search) -> bool:
    """Return whether branch and bound has the time to get anywhere."""
    left = search.watch.remaining()
    return left is None or left > search.rows.matrix.nnz / PACE


def _fill(program: CoupledProgram, search: Search) -> None:
    """Look for a plan at once: what takes the least of its rooms first."""
    rows = search.settled()
    open_rows = replace(rows, least=np.full(len(rows.least), -FREE))
    is_room = np.array([source.kind == "capacity" for source in rows.sources])
    entry = rows.matrix.tocoo()
    taken = entry.data / np.maximum(rows.most, 1)[entry.row]
    share = np.zeros(rows.num_variables)
    np.maximum.at(share, entry.col, np.where(is_room[rows.source[entry.row]], taken, 0))
    plan = Patched(program, open_rows, rows.lower)
    order = np.unique(program.variable)
    order = order[np.argsort(share[order], kind="stable")]
    plan.fill(order, np.zeros(rows.num_variables, np.int64), np.array([FREE]))
    values = with_totals(program, plan.values)
    if rows.holds(values):
        search.values, search.has_plan = values, True


def _begin(
    program: CoupledProgram, search: Search, cost: Ints, reduced: Reduced
) -> None:
    """Look for a first plan among few arcs."""
    rows, watch = search.settled(), search.watch.share(FIRST)
    few = _few(program, rows, rows.lower, reduced)
    answer = Model(few).solve(watch, seconds=watch.remaining(), patience=PATIENCE)
    if answer.values is None:
        return
    if not search.has_plan or cost @ answer.values < cost @ search.values:
        search.values, search.has_plan = answer.values, True


def _few(
    program: CoupledProgram, rows: Rows, values: Ints, reduced: Reduced | None
) -> Rows:
    """Return the rows without arcs that are unused and dear in the relaxation."""
    if reduced is None:
        return rows
    arcs = np.unique(program.variable)
    count = PER_NEED * len(np.unique(program.measures.arcs.need))
    dear = arcs[np.argsort(reduced[arcs], kind="stable")[count:]]
    upper = rows.upper.copy()
    upper[dear] = np.maximum(values, rows.lower)[dear]
    return replace(rows, upper=upper)

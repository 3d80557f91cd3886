"""A total where whole needs of several sizes are packed into rooms.

The linear relaxation splits few needs, no more than there are rooms: the others stay
where it has them, for a first plan. Branch and bound improves it and bounds the total,
single rooms at a price bound it better, and in the rest of the time a few rooms at a
time are packed anew, among arcs that the relaxation's prices favor.
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
from sharematch.solvers.linear import Relaxed, relax
from sharematch.solvers.patches import Patched
from sharematch.solvers.repacking import repacked
from sharematch.solvers.search import Search

__all__ = ["packed"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

PER_NEED = 4
"""Arcs kept for each need, on average: those of least reduced cost."""
FIRST = 0.5
"""Share of the seconds left in which CP-SAT looks for a first plan among them."""
PATIENCE = 5.0
"""Deterministic seconds that it gets where there is no limit."""
PACE = 5_000
"""Entries of the rows for which branch and bound must have a second, else none is
begun."""
BRANCHED = 0.65
"""Share of the seconds left for branch and bound."""
PRICED = 0.25
"""Share of those after it for a better bound."""
NEARLY = 1e-6
"""What a relaxed value may lack of a whole one."""


def packed(
    program: CoupledProgram, search: Search, goal: Total, num_goals: int
) -> Answer:
    """Return the best answer for a total over rows that pack; keep its plan."""
    watch, rows = search.watch, search.settled()
    sign = 1 if goal.maximize else -1
    cost = np.zeros(rows.num_variables, np.int64)
    np.add.at(cost, goal.variable, -sign * goal.factor)
    _keep(search, cost, _filled(program, rows, rows.lower, _shares(rows)))
    relaxed = relax(rows, cost, watch, seconds=watch.remaining())
    reduced = None if relaxed is None else cost - rows.matrix.T @ relaxed.price
    if relaxed is not None and reduced is not None:
        _begin(program, search, cost, relaxed, reduced)
    answer = Answer(None, None, is_proved=False)
    if _is_worth(search) or not search.has_plan:
        search.watch = watch.share(BRANCHED)
        answer = best(search, goal, num_goals)
        search.watch = watch
    if answer.is_proved or not search.has_plan:
        return answer
    rest = watch if num_goals == 1 else watch.share(0.5)
    bound, few = answer.bound, rows
    if relaxed is not None and reduced is not None:
        reached = int(cost @ search.values)
        priced = rest.share(PRICED)
        found = lagrangian_bound(rows, cost, reached, priced, relaxed.price)
        if found is not None:
            bounds = [-sign * found, *([] if bound is None else [bound])]
            bound = min(bounds) if goal.maximize else max(bounds)
        few = _promising(program, rows, search.values, reduced)
    search.values = repacked(program, few, search.values, goal, rest)
    is_proved = int(goal.factor @ search.values[goal.variable]) == bound
    return Answer(search.values, bound, is_proved)


def _is_worth(search: Search) -> bool:
    """Return whether branch and bound has the time to get anywhere."""
    left = search.watch.remaining()
    return left is None or left > search.rows.matrix.nnz / PACE


# ---- a first plan


def _keep(search: Search, cost: Ints, values: Ints | None) -> bool:
    """Keep a plan unless the one there is better; return whether there was one."""
    if values is None:
        return False
    if not search.has_plan or cost @ values < cost @ search.values:
        search.values, search.has_plan = values, True
    return True


def _begin(
    program: CoupledProgram,
    search: Search,
    cost: Ints,
    relaxed: Relaxed,
    reduced: Floats,
) -> None:
    """Look for a plan near the relaxation, or else among few arcs."""
    rows = search.settled()
    near = np.floor(relaxed.values + NEARLY).astype(np.int64)
    near = np.clip(near, rows.lower, rows.upper)
    found = [
        _keep(search, cost, _filled(program, rows, near, order))
        for order in (reduced, _shares(rows))
    ]
    if not any(found):
        few = _promising(program, rows, rows.lower, reduced)
        watch = search.watch.share(FIRST)
        answer = Model(few).solve(watch, seconds=watch.remaining(), patience=PATIENCE)
        _keep(search, cost, answer.values)


def _shares(rows: Rows) -> Floats:
    """Return what one of each variable takes of its room."""
    is_room = np.array([source.kind == "capacity" for source in rows.sources])
    entry = rows.matrix[np.flatnonzero(is_room[rows.source])].tocoo()
    room = rows.most[is_room[rows.source]]
    shares = np.zeros(rows.num_variables)
    np.maximum.at(shares, entry.col, entry.data / np.maximum(room, 1)[entry.row])
    return shares


def _filled(
    program: CoupledProgram, rows: Rows, values: Ints, order: Floats
) -> Ints | None:
    """Return values with what still fits, in this order, None if rows are not kept."""
    arcs = np.unique(program.variable)
    plan = Patched(
        program, replace(rows, least=np.full(len(rows.least), -FREE)), values
    )
    plan.fill(
        arcs[np.argsort(order[arcs], kind="stable")],
        np.zeros(rows.num_variables, np.int64),
        np.array([FREE]),
    )
    filled = with_totals(program, plan.values)
    return filled if rows.holds(filled) else None


def _promising(
    program: CoupledProgram, rows: Rows, values: Ints, reduced: Floats
) -> Rows:
    """Return the rows without arcs that are unused and dear in the relaxation."""
    arcs = np.unique(program.variable)
    count = PER_NEED * len(np.unique(program.measures.arcs.need))
    dear = arcs[np.argsort(reduced[arcs], kind="stable")[count:]]
    upper = rows.upper.copy()
    upper[dear] = np.maximum(values, rows.lower)[dear]
    return replace(rows, upper=upper)

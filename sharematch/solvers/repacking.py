"""Rooms that are packed tightly, emptied and packed anew a few at a time.

Branch and bound soon knows what packing costs at least, but its plans stay short of
that. What a unit is worth in the linear relaxation tells which arcs a good plan has;
among these few CP-SAT packs small groups of rooms to the end.
"""

from contextlib import suppress
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sharematch.core.coupled import CoupledProgram
from sharematch.core.rows import Rows, Total
from sharematch.solvers.coupled import Watch
from sharematch.solvers.linear import duals
from sharematch.solvers.neighborhoods import Aim, Neighborhoods

__all__ = ["repacked"]

Ints = NDArray[np.int64]

PER_NEED = 4
"""Arcs kept for each need, on average: those of least reduced cost."""
SMALLEST = 3
"""Rooms of a group in the first sweep."""
SURE, UNSURE = 0.9, 0.5
"""Shares of groups solved to the end from which they grow, and below which shrink."""
STILL = 8
"""Sweeps in a row that gain nothing before the plan is left as it is."""


def repacked(
    program: CoupledProgram, rows: Rows, values: Ints, goal: Total, watch: Watch
) -> Ints:
    """Return a plan that keeps all rows, in a total at least as good as this one.

    It ends with the watch, or when sweeps gain no more.
    """
    sign = 1 if goal.maximize else -1
    aim = Aim(goal.variable, sign * goal.factor)
    promising = _promising(program, rows, values, aim, watch)
    hood = Neighborhoods(program, promising, values, [aim], watch)
    rng = np.random.default_rng(0)
    size, still = SMALLEST, 0
    with suppress(watch.stop):
        while still < STILL:
            before = hood.value()
            groups = hood.partition(size, rng)
            sure = hood.sweep(groups, 1)
            is_better = hood.value() > before
            if sure < UNSURE:
                size = max(size - 1, SMALLEST)
            elif sure >= SURE and not is_better:
                if len(groups) == 1:
                    break  # nothing is left to others
                size += 1
            still = 0 if is_better else still + 1
    return hood.values


def _promising(
    program: CoupledProgram, rows: Rows, values: Ints, aim: Aim, watch: Watch
) -> Rows:
    """Return the rows without arcs that are unused and dear in the relaxation."""
    cost = np.zeros(rows.num_variables, np.int64)
    np.add.at(cost, aim.variable, -aim.factor)
    price = duals(rows, cost, watch, seconds=watch.remaining())
    if price is None:
        return rows
    reduced = cost - rows.matrix.T @ price
    arcs = np.unique(program.variable)
    count = PER_NEED * len(np.unique(program.measures.arcs.need))
    dear = arcs[np.argsort(reduced[arcs], kind="stable")[count:]]
    upper = rows.upper.copy()
    upper[dear] = np.maximum(values, rows.lower)[dear]
    return replace(rows, upper=upper)

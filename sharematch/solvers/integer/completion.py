"""What couples is decided; all else is a flow around it, solved exactly."""

import numpy as np
from numpy.typing import NDArray

from sharematch.core.integer.lowering import CoupledProgram
from sharematch.core.integer.relaxation import relaxation
from sharematch.solvers.flow.lexicographic import solve_network
from sharematch.solvers.monitor import UNWATCHED, Monitor

__all__ = ["completed", "with_totals"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def completed(
    program: CoupledProgram,
    fixed: Bools,
    units: Ints,
    monitor: Monitor = UNWATCHED,
    *,
    for_all: bool = False,
) -> Ints | None:
    """Return the best units on all arcs, those on fixed ones given.

    Rules and goals that no network has are left out, unless it is to be `for_all`.
    None where no flow keeps the rules.
    """
    relaxed = relaxation(program, decided=(fixed, units))
    if relaxed is None or (for_all and not relaxed.has_all):
        return None
    outcome = solve_network(relaxed.program, monitor)
    return None if outcome is None else relaxed.lift(outcome.units)


def with_totals(program: CoupledProgram, plan: Ints) -> Ints:
    """Return values of a program's variables with the totals of its groups."""
    rows, values = program.rows, plan.copy()
    kind = np.array([source.kind == "goal" for source in rows.sources], bool)
    at = np.flatnonzero(kind[rows.source])
    # Each row is a sum less its total, which was made last; they equal a constant.
    spans = zip(rows.matrix.indptr[at], rows.matrix.indptr[at + 1], strict=True)
    total = [int(rows.matrix.indices[start:stop].max()) for start, stop in spans]
    values[total] = 0
    values[total] = (rows.matrix[at] @ values) - rows.least[at]
    return values

"""What couples is decided; all else is a flow around it, solved exactly.

    best flow of all units such that those on arcs that couple are as they are

Once what couples is fixed the rows left are sums of nested sets: a network, whose
corners are whole (Hoffman & Kruskal 1956). So a plan with good choices of what couples
is completed to the best one with these choices.

Example: two whole needs of 2 and two divisible ones of 1, a slot for 4. With one whole
need in it the flow puts both others beside it; with two whole ones, none.
"""

import numpy as np
from numpy.typing import NDArray

from sharematch.core.integer.coupled import CoupledProgram
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
    total_rows = np.flatnonzero(kind[rows.source])
    # Each row is a sum less its total, which was made last; they equal a constant.
    spans = zip(
        rows.matrix.indptr[total_rows], rows.matrix.indptr[total_rows + 1], strict=True
    )
    total = [int(rows.matrix.indices[start:stop].max()) for start, stop in spans]
    values[total] = 0
    values[total] = (rows.matrix[total_rows] @ values) - rows.least[total_rows]
    return values

"""A flow through open sites as values of a coupled program's variables."""

import numpy as np
from numpy.typing import NDArray

from sharematch.core.integer.lowering import CoupledProgram
from sharematch.solvers.integer.completion import with_totals
from sharematch.solvers.siting.flows import Flows, Worth

__all__ = ["values_of"]

Ints = NDArray[np.int64]


def values_of(program: CoupledProgram, flows: Flows, worth: Worth) -> Ints | None:
    """Return values of all variables, with switches of what is in use and totals.

    None where they break a row.
    """
    units = flows.units(worth)
    rows = program.rows
    values = rows.lower.copy()
    values[program.variable] = units // program.step
    values[0] = 0
    uses = np.array([source.kind == "use" for source in rows.sources], bool)
    at = np.flatnonzero(uses[rows.source] & (rows.most == 0))
    entry = rows.matrix[at].tocoo()
    is_arc = np.zeros(rows.num_variables, bool)
    is_arc[program.variable] = True
    in_use = np.zeros(len(at), bool)
    in_use[entry.row[(entry.data > 0) & (values[entry.col] > 0)]] = True
    switch = (entry.data < 0) & ~is_arc[entry.col] & in_use[entry.row]
    values[entry.col[switch]] = 1
    values = with_totals(program, values)
    return values if rows.holds(values) else None

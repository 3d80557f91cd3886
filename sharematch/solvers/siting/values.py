"""A flow through open sites as values of a coupled program's variables."""

import numpy as np
from numpy.typing import NDArray

from sharematch.core.integer.coupled import CoupledProgram
from sharematch.solvers.siting.flows import Flows, Worth

__all__ = ["values_of"]

Ints = NDArray[np.int64]


def values_of(program: CoupledProgram, flows: Flows, worth: Worth) -> Ints | None:
    """Return values of all variables, with switches of what is in use and totals.

    None where they break a row.
    """
    values = program.values_of(flows.units(worth))
    return values if program.rows.holds(values) else None

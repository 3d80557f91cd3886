"""The linear relaxation of a total: a bound, and a plan that follows it.

    relax    min Σ cost × x over all rows, each x anywhere between its bounds;
    bound    the prices of its rows, rounded to parts that are whole, in integers
             (Geoffrion 1974): valid whatever floating point did;
    plan     what it gives whole is taken, then needs in the order in which it serves
             them, each where it has most of them.

Example: three needs of one unit, a room for two of them that costs 4 to open, and 2 to
spend. Half a room is opened for one unit: no plan serves more than one. None is served,
for half a room is none.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sharematch.core.integer.lowering import CoupledProgram
from sharematch.core.integer.program import Rows
from sharematch.solvers.anytime.construction import Board, built
from sharematch.solvers.integer.lagrangian import priced_bound
from sharematch.solvers.integer.mip import relax
from sharematch.solvers.monitor import Monitor

__all__ = ["Guide", "guided"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

WHOLE = 1e-6
"""What floating point may lack of a whole value."""
PLENTY = 3_600.0
"""Seconds for a relaxation where there is no limit: it ends by itself."""


@dataclass(frozen=True)
class Guide:
    """What a relaxation says.

    Attributes
    ----------
    relaxed
        Its values of the program's variables.
    values
        Those of a plan that follows it; None where they break a row.
    bound
        What Σ cost × variable cannot fall below; None where 64 bits do not hold it.
    """

    relaxed: Floats
    values: Ints | None
    bound: int | None


def guided(
    program: CoupledProgram, rows: Rows, cost: Ints, watch: Monitor
) -> Guide | None:
    """Return what the linear relaxation says, None where it is not ready in time.

    Parameters
    ----------
    rows
        Those of the program, first, and more.
    cost
        Of each of their variables.
    """
    seconds = watch.remaining()
    relaxed = relax(rows, cost, watch, seconds=PLENTY if seconds is None else seconds)
    if relaxed is None:
        return None
    wanted = relaxed.values[: program.rows.num_variables]
    values = _followed(program, wanted)
    return Guide(
        wanted,
        values if program.rows.holds(values) else None,
        priced_bound(rows, cost, relaxed.price),
    )


def _followed(program: CoupledProgram, relaxed: Floats) -> Ints:
    """Return the values of a plan near those of a relaxation."""
    board = Board(program, is_strict=True)
    wanted = relaxed[board.column]
    whole = np.floor(wanted + WHOLE).astype(np.int64)
    liking = wanted / np.maximum(program.rows.upper[board.column], 1)
    likely = np.argsort(-liking, kind="stable")
    for at in likely[whole[likely] > 0].tolist():
        need, size = board.need[at], int(board.size[at])
        lacking = int(board.demand[need] - board.served[need]) // max(size, 1)
        times = min(int(whole[at]), lacking)
        if times > 0 and board.fitting(np.array([at]))[0]:
            board.put(at, times)
    served = np.bincount(board.need, liking, minlength=len(board.demand))
    asking = np.flatnonzero(board.demand > 0)
    order = asking[np.argsort(-served[asking], kind="stable")]
    return next(built(board, iter(order.tolist()), -liking))

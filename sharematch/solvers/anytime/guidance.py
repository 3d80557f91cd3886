"""The linear relaxation of a total: a bound, and a plan that follows it.

    relax    min Σ cost × x over all rows, each x anywhere between its bounds;
    bound    the prices of its rows, rounded to parts that are whole, in integers
             (Geoffrion 1974): valid whatever floating point did;
    plan     what it gives whole is taken and the rest completed by CP-SAT (Berthold's
             RENS, 2014), all in rows with what is not whole anew if that cannot be;
             else needs are placed in the order in which it serves them, each where it
             has most of them.

Example: three needs of one unit, a room for two of them that costs 4 to open, and 2 to
spend. Half a room is opened for one unit: no plan serves more than one. None is served,
for half a room is none.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import NONE
from sharematch.core.integer.lowering import CoupledProgram
from sharematch.core.integer.program import Rows
from sharematch.solvers.anytime.construction import Board, built
from sharematch.solvers.integer.cpsat import Answer, Model
from sharematch.solvers.integer.lagrangian import narrowed, priced_bound
from sharematch.solvers.integer.mip import relax
from sharematch.solvers.monitor import Monitor

__all__ = ["Guide", "guided"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

WHOLE = 1e-6
"""What floating point may lack of a whole value."""
EFFORT = 10.0
"""Deterministic seconds to complete what a relaxation has whole."""
LONG, FEW = 0.05, 50
"""Rows over a greater share of all variables, and more, hold everything together."""
PLENTY = 3_600.0
"""Seconds for a relaxation where there is no limit: it ends by itself."""


@dataclass(frozen=True)
class Guide:
    """What a relaxation says of some rows, which hold those of a program first.

    Attributes
    ----------
    relaxed
        Its values of all variables.
    price
        What it would pay for a unit of each row.
    bound
        What Σ cost × variable cannot fall below; None where 64 bits do not hold it.
    """

    program: CoupledProgram
    rows: Rows
    cost: Ints
    relaxed: Floats
    price: Floats
    bound: int | None

    def narrowed(self, rows: Rows, values: Ints) -> Rows:
        """Return these rows, maybe with other bounds, without all that is dearer."""
        return narrowed(rows, self.cost, self.price, values)

    def plan(self, watch: Monitor) -> Ints | None:
        """Return values of the program's variables that follow it, None without any."""
        is_whole = np.abs(self.relaxed - np.rint(self.relaxed)) <= WHOLE
        kept = is_whole & (self.relaxed > WHOLE)
        kept[len(self.program.owner) :] = False
        kept[: len(self.program.owner)] &= self.program.owner != NONE
        for held in (kept, kept & ~self._beside(~is_whole)):
            answer = self._completed(held, watch)
            if answer.values is not None:
                return answer.values
            if not answer.is_proved:
                break
        values = _followed(self.program, self.relaxed)
        return values if self.program.rows.holds(values) else None

    def _beside(self, broken: Bools) -> Bools:
        """Return the variables in a row with broken ones, long rows apart."""
        matrix = self.rows.matrix
        is_short = np.diff(matrix.indptr) <= max(LONG * matrix.shape[1], FEW)
        touched = is_short & (matrix.astype(bool) @ broken.astype(np.int64) > 0)
        return np.asarray(matrix.T.astype(bool) @ touched.astype(np.int64) > 0, bool)

    def _completed(self, held: Bools, watch: Monitor) -> Answer:
        """Return the best plan with some variables as the relaxation has them."""
        value = np.rint(self.relaxed).astype(np.int64)
        rows = replace(
            self.rows,
            lower=np.where(held, value, self.rows.lower),
            upper=np.where(held, value, self.rows.upper),
        )
        return Model(rows).solve(
            None,
            variable=np.arange(len(self.cost)),
            factor=self.cost,
            maximize=False,
            effort=EFFORT,
            seconds=watch.remaining(),
        )


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
    bound = priced_bound(rows, cost, relaxed.price)
    return Guide(program, rows, cost, relaxed.values, relaxed.price, bound)


def _followed(program: CoupledProgram, relaxed: Floats) -> Ints:
    """Return the values of a plan near those of a relaxation, one need at a time."""
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

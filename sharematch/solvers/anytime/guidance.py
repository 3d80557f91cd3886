"""Linear relaxations of whole models: a bound, and a plan that follows it.

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
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from sharematch.core.integer.coupled import CoupledProgram
from sharematch.core.integer.program import FREE, Rows, Total, Vector
from sharematch.core.network.program import Source
from sharematch.solvers.anytime.board import Board
from sharematch.solvers.anytime.construction import built
from sharematch.solvers.integer.cpsat import Answer, Model
from sharematch.solvers.integer.lagrangian import narrowed, priced_bound
from sharematch.solvers.integer.mip import relax
from sharematch.solvers.monitor import Monitor

__all__ = ["Guide", "followed", "guided", "later_cost", "least_bound", "total_bound"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

WHOLE = 1e-6
"""What floating point may lack of a whole value."""
EFFORT, LOOSE_EFFORT = 2.0, 5.0
"""Deterministic seconds to complete what a relaxation has whole, and with less held."""
LONG, FEW = 0.05, 50
"""Rows over a greater share of all variables, and more, hold everything together."""
FINE = 2**20
"""Prices of groups are whole in this part."""
LOUD = 2.0**45
"""What costs of two goals together may add up to."""
LARGEST = 2**30
"""Weights of groups beyond which no bound of the least is worked out."""
COMPLETED = 0.1
"""Share of the work for a relaxation that a completion may take."""


@dataclass(frozen=True)
class Guide:
    """What a relaxation says of min Σ `cost` × variable over some rows.

    Attributes
    ----------
    is_choice
        Which of the first variables are chosen; all others follow from them.
    relaxed
        The relaxation's values of all variables.
    price
        What it would pay for a unit of each row.
    is_corner
        Whether values are exact and at a corner.
    """

    rows: Rows
    cost: Ints
    is_choice: Bools
    relaxed: Floats
    price: Floats
    is_corner: bool

    def bound(self) -> int | None:
        """Return what the sum cannot fall below; None where 64 bits do not hold it."""
        return priced_bound(self.rows, self.cost, self.price)

    def narrowed(self, rows: Rows, values: Ints) -> Rows:
        """Return these rows, maybe with other bounds, without all that is dearer."""
        return narrowed(rows, self.cost, self.price, values)

    def completed(self, monitor: Monitor, *, is_short: bool = False) -> Ints | None:
        """Return values of a plan that has what is whole, None where none was found.

        First all of it is held, which is soon done; then what touches something broken
        is placed anew too, from there. What is not at a corner has hardly anything
        whole.

        Parameters
        ----------
        is_short
            Take the first plan that is found.
        """
        if not self.is_corner:
            return None
        is_whole = np.abs(self.relaxed - np.rint(self.relaxed)) <= WHOLE
        held = is_whole & (self.relaxed > WHOLE)
        held[len(self.is_choice) :] = False
        held[: len(self.is_choice)] &= self.is_choice
        first = self._holding(held, EFFORT, monitor)
        is_enough = is_short and first.values is not None
        if is_enough or not first.is_proved or self._is_best(first.values):
            return first.values
        looser = held & ~self._beside(~is_whole)
        second = self._holding(looser, LOOSE_EFFORT, monitor, first.values)
        return first.values if second.values is None else second.values

    def _is_best(self, values: Ints | None) -> bool:
        """Return whether values are at the relaxation's bound."""
        least = self.bound()
        return values is not None and least == int(self.cost @ values)

    def _beside(self, broken: Bools) -> Bools:
        """Return the variables in a row with broken ones, long rows apart."""
        matrix = self.rows.matrix.astype(bool)
        is_short = np.diff(matrix.indptr) <= max(LONG * matrix.shape[1], FEW)
        touched = is_short & (matrix @ broken.astype(np.int64) > 0)
        return np.asarray(matrix.T @ touched.astype(np.int64) > 0, bool)

    def _holding(
        self, held: Bools, effort: float, monitor: Monitor, hint: Ints | None = None
    ) -> Answer:
        """Return the best plan with some variables as the relaxation has them."""
        value = np.rint(self.relaxed).astype(np.int64)
        rows = replace(
            self.rows,
            lower=np.where(held, value, self.rows.lower),
            upper=np.where(held, value, self.rows.upper),
        )
        return Model(rows).solve(
            monitor,
            variable=np.arange(len(self.cost)),
            factor=self.cost,
            maximize=False,
            hint=hint,
            effort=min(effort, COMPLETED * monitor.effort)
            if monitor.effort is not None
            else effort,
            seconds=monitor.remaining(),
        )


def guided(rows: Rows, cost: Ints, is_choice: Bools, monitor: Monitor) -> Guide | None:
    """Return what the linear relaxation says, None where it is not ready in time."""
    relaxed = relax(rows, cost, monitor)
    if relaxed is None:
        return None
    return Guide(
        rows, cost, is_choice, relaxed.values, relaxed.price, relaxed.is_corner
    )


def total_bound(rows: Rows, cost: Ints, monitor: Monitor) -> int | None:
    """Return what a sum of costs cannot fall below, None if it is not known in time."""
    relaxed = relax(rows, cost, monitor, at_corner=False)
    return None if relaxed is None else priced_bound(rows, cost, relaxed.price)


def least_bound(rows: Rows, goal: Vector, monitor: Monitor) -> Fraction | None:
    """Return what the least entry of a sorted vector cannot exceed.

    max t such that each entry is at least t. Its prices weigh the groups; what a
    weighted mean of the entries cannot exceed, in integers, the least one cannot.
    """
    weight = np.array([w.numerator for w in goal.weight], object)
    times = np.array([w.denominator for w in goal.weight], object)
    if not len(weight) or max(*weight, *times) >= LARGEST:
        return None
    weight, times = weight.astype(np.int64), times.astype(np.int64)
    widest = np.maximum(np.abs(rows.lower), np.abs(rows.upper))[goal.total]
    most = int((widest * times // weight).max()) + 1
    groups = np.arange(len(weight))
    entries = (
        np.concatenate([goal.sign * times, -weight]),
        (
            np.concatenate([groups, groups]),
            np.append(goal.total, np.full(len(weight), rows.num_variables)),
        ),
    )
    shape = (len(weight), rows.num_variables + 1)
    raised = rows.with_variables(np.array([-most]), np.array([most])).with_rows(
        csr_array(entries, shape=shape),
        np.zeros(len(weight), np.int64),
        np.full(len(weight), FREE),
        Source("goal"),
    )
    cost = np.zeros(raised.num_variables, np.int64)
    cost[-1] = -1
    relaxed = relax(raised, cost, monitor, at_corner=False)
    if relaxed is None:
        return None
    row_price, group_price = np.split(relaxed.price * FINE, [len(rows.least)])
    share = np.rint(np.maximum(group_price, 0)).astype(np.int64)
    mean = np.zeros(rows.num_variables, np.int64)
    np.add.at(mean, goal.total, -goal.sign * share * times)
    least = priced_bound(rows, mean, row_price)
    total = int(share @ weight)
    return None if least is None or not total else Fraction(-least, total)


def later_cost(program: CoupledProgram, position: int) -> Ints:
    """Return what variables cost the totals after a goal, the first two of them.

    One unit of the first outweighs all that the second can say, unless numbers would
    grow too large: then it is the first alone.
    """
    count, upper = program.rows.num_variables, program.rows.upper
    later = program.goals[position + 1 :]
    costs = [goal.cost(count) for goal in later if isinstance(goal, Total)][:2]
    if len(costs) < 2:
        return costs[0] if costs else np.zeros(count, np.int64)
    first, second = costs
    reach = np.abs(second).astype(float) @ upper + 1
    if reach * (np.abs(first).astype(float) @ upper + 1) >= LOUD:
        return first
    return first * int(reach) + second


def followed(program: CoupledProgram, relaxed: Floats) -> Ints:
    """Return the values of a plan near those of a relaxation, one need at a time."""
    board = Board(program, is_strict=True)
    wanted = relaxed[board.column]
    whole = np.floor(wanted + WHOLE).astype(np.int64)
    liking = wanted / np.maximum(program.rows.upper[board.column], 1)
    likely = np.argsort(-liking, kind="stable")
    for column in likely[whole[likely] > 0].tolist():
        need, size = board.need[column], int(board.size[column])
        lacking = int(board.demand[need] - board.served[need]) // max(size, 1)
        times = min(int(whole[column]), lacking)
        if times > 0 and board.fitting(np.array([column]))[0]:
            board.put(column, times)
    served = np.bincount(board.need, liking, minlength=len(board.demand))
    asking = np.flatnonzero(board.demand > 0)
    order = asking[np.argsort(-served[asking], kind="stable")]
    return next(built(board, iter(order.tolist()), -liking))

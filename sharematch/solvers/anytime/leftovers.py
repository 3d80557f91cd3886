"""Nothing left lying: what still fits into a plan with nobody moved is put in.

    while some need can have more, all others kept, and the goals in order gain: give it

A search that ends by the clock may leave a need unserved that one more column serves.
Each such need is tried with all others kept; what makes the goals, in order, better and
keeps every row stays. The same trial says why a need stays unmet (`Room`).

Example: slots a and b of one place, need 1 in a, b free. Need 2 can use a only and
stays out, nobody being moved; need 3 can use b and gets it; need 4 finds it taken then.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from sharematch.core.integer.coupled import CoupledProgram
from sharematch.core.integer.program import FREE, Rows
from sharematch.core.network.program import Source
from sharematch.solvers.anytime.board import Board
from sharematch.solvers.anytime.construction import later_price
from sharematch.solvers.anytime.neighborhood import Incumbent, served_more
from sharematch.solvers.anytime.worth import Worth, worth
from sharematch.solvers.monitor import UNWATCHED, Monitor

__all__ = ["Room", "filled"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LOOKS = 2e8
"""Entries of rows that are looked at in a deterministic second."""
PASSES = 3
"""Times that all needs are looked at: one that is served may make room for another."""


def filled(
    program: CoupledProgram,
    values: Ints,
    monitor: Monitor,
    floors: tuple[object, ...] = (),
) -> Ints:
    """Return values in which no need can have more, nobody moved, to any goal's gain.

    Parameters
    ----------
    values
        They keep all rows.
    floors
        Of goals with slack: how much of them counts.

    Where the monitor ends it, by its time or its work, the needs that come later are
    not looked at.
    """
    if monitor.is_over():
        return values
    room = Room(program, values, monitor=monitor)
    best, price = worth(program, values, floors), later_price(room.board)
    for _ in range(PASSES):
        before = best
        for need in room.lacking():
            if monitor.is_over():
                return values
            before_need = room.board.snapshot()
            for plan in room.served(need, price):
                value: Worth = worth(program, plan, floors)
                if value > best:
                    best, values = value, plan
                    room.board.load(values)
                    break
            else:
                room.board.restore(before_need)
        if best == before:
            break
    return values


class Room:
    """What is left beside a plan, need by need.

    Parameters
    ----------
    without
        Rows that are not asked: those of a policy's rules, say.
    monitor
        Looked at where it takes a search to tell what is possible; told of all work.
    """

    def __init__(
        self,
        program: CoupledProgram,
        values: Ints,
        *,
        without: Bools | None = None,
        monitor: Monitor = UNWATCHED,
    ) -> None:
        self.program, self.without, self.monitor = program, without, monitor
        rows = program.rows
        self.rows = rows if without is None else rows.only(~without)
        self.board = Board(program, without=without)
        self.board.load(values)
        self.start = values
        self._incumbent: Incumbent | None = None
        self._nothing = np.zeros(rows.num_variables, np.int64)

    def lacking(self) -> list[int]:
        """Return the needs that could have more, as far as single limits tell."""
        board = self.board
        open_ = board.served < board.demand
        open_columns = np.flatnonzero(open_[board.need])
        fits = board.fitting(open_columns)
        fits &= (
            board.size[open_columns]
            <= (board.demand - board.served)[board.need[open_columns]]
        )
        needs = np.zeros(len(open_), bool)
        needs[board.need[open_columns[fits]]] = True
        return np.flatnonzero(needs).tolist()

    def served(self, need: int, price: NDArray[np.float64]) -> Iterator[Ints]:
        """Yield plans in which a need has more and all others what they have.

        First all it can have, then one column more at a time.
        """
        yield from self._in_full(need, price)
        yield from self._by_one_column(need, price)

    def least(self, need: int) -> Iterator[Ints]:
        """Yield plans in which a need has the least more, one for each way."""
        price = np.zeros(len(self.board.column))
        plans = self._by_one_column(need, price)
        first = next(plans, None)
        if first is None:
            yield from self._in_full(need, price)
            return
        yield first
        yield from plans

    def _in_full(self, need: int, price: NDArray[np.float64]) -> Iterator[Ints]:
        board, before = self.board, self.board.snapshot()
        if board.serve(need, price):
            plan = board.complete()
            if self._holds(plan):
                yield plan
            board.restore(before)

    def _holds(self, plan: Ints) -> bool:
        """Return whether a plan keeps all rows that are asked."""
        self.monitor.spend(self.rows.matrix.nnz / LOOKS)
        return self.rows.holds(plan)

    def _by_one_column(self, need: int, price: NDArray[np.float64]) -> Iterator[Ints]:
        board, before = self.board, self.board.snapshot()
        columns = board.columns_of(need)
        if board.is_course[need]:
            return
        lacking = board.demand[need] - board.served[need]
        good = columns[board.fitting(columns) & (board.size[columns] <= lacking)]
        good = good[board.opening_well(good)]
        for position in good[np.argsort(price[good], kind="stable")].tolist():
            if self.monitor.is_over():
                return
            if board.put(position):
                plan = board.complete()
                if self._holds(plan):
                    yield plan
                board.restore(before)

    def is_possible(self, need: int) -> bool:
        """Return whether a need can have more with all that is placed kept.

        Where the monitor is over, it only seems that it cannot.
        """
        board = self.board
        columns = board.columns_of(need)
        is_date, is_free = board.is_date[columns], bool(board.is_free[need])
        by_dates = is_free and bool(is_date.all()) and not board.may_relieve
        if by_dates and not board.may_hold_more(need):
            return False
        # A date alone is nothing: its series has to be held with it.
        if is_free and board.least[need] < 2 and not is_date.any():
            lacking = board.demand[need] - board.served[need]
            good = columns[board.fitting(columns) & (board.size[columns] <= lacking)]
            # A column and what it opens may each fit alone, and not both together.
            for column in good.tolist():
                if board.put(column):
                    board.take(column)
                    return True
            return False
        price = np.zeros(len(board.column))
        before = board.snapshot()
        better_plan = next(self.served(need, price), None)
        board.restore(before)
        if better_plan is not None:
            return True
        if self._incumbent is None:
            self._incumbent = Incumbent(self.program, self.start, self._rows_of_more())
        before_work = self._incumbent.work
        more = served_more(self._incumbent, need, self._nothing, self.monitor)
        self.monitor.spend(self._incumbent.work - before_work)
        return more is not None

    def _rows_of_more(self) -> Rows:
        """Return the rows, and that each place stays: more is not other places."""
        units = self.program.lift(self.start)
        taken = np.flatnonzero(units)
        places: Any = csr_array(self.program.cover[taken])
        places.resize((len(taken), self.rows.num_variables))
        most = np.full(len(taken), FREE)
        return self.rows.with_rows(places, units[taken], most, Source("decision"))

"""A plan of rows, and small problems cut out of it: some needs anew, all else kept.

    maximize  aim(x_F)   over the columns F of the chosen needs and what follows,
    such that all rows hold with every other variable as it is.

Columns that do not fit beside what is kept are left out before anything is built, and
so are rows that no values of F can break: a neighborhood of fifty needs with a hundred
columns each is a problem of some hundreds.

Example: needs 1 and 2 of four are chosen; 3 has slot a and 4 has b, of one place each.
Their columns into a and b are left out, and so are the limits of c and d, which have
room for two: what is left is one row for each of them.

Grounds: in a district of 2,000 needs small problems have 1,500 rows instead of 12,000,
and of a minute their building takes 3 seconds instead of 14.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array

from sharematch.core.integer.coupled import CoupledProgram
from sharematch.core.integer.program import FREE, Rows
from sharematch.solvers.integer.cpsat import Model
from sharematch.solvers.monitor import Monitor

__all__ = ["Cut", "Incumbent", "served_more"]

EFFORT = 1.0
"""Deterministic seconds to serve one need."""
FEW = 300
"""Variables up to which nobody waits for that."""

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Cut:
    """Variables that may change, the rows they stand in, and what they are now.

    `matrix` is these rows over these variables; `inner` has those of them that can be
    broken at all while every other variable is as it is.
    """

    free: Ints
    touched: Ints
    matrix: Any
    inner: Rows
    now: Ints

    def place(self, variable: Ints) -> tuple[Ints, Ints]:
        """Return which of some variables are free, and where they stand in the cut."""
        place = np.searchsorted(self.free, variable)
        inside = np.flatnonzero(place < len(self.free))
        inside = inside[self.free[place[inside]] == variable[inside]]
        return inside, place[inside]


class Incumbent:
    """Values of all variables and sums of all rows, kept in step.

    Attributes
    ----------
    column, first
        The variables that can be chosen, by the need that owns them.

    Parameters
    ----------
    rows
        In place of all rows of the program.
    """

    def __init__(
        self, program: CoupledProgram, values: Ints, rows: Rows | None = None
    ) -> None:
        rows = program.rows if rows is None else rows
        self.program, self.rows = program, rows
        self.by_variable = csc_array(rows.matrix)
        self.column, self.first = program.column, program.first
        self.need = program.owner[self.column]
        self.num_needs = len(self.first) - 1
        self.asking = np.flatnonzero(np.diff(self.first) > 0)
        """Needs that have columns."""
        self.effects = _effects(program)
        entry = rows.matrix.tocoo()
        odd = ~program.is_choice[entry.col] | (entry.data < 0)
        self.is_room = rows.most < FREE
        """Rows that only say how much room there is for columns."""
        self.is_room[entry.row[odd]] = False
        self.work = 0.0
        """Deterministic seconds that `served_more` took so far."""
        self.set(values)

    def set(self, values: Ints) -> None:
        """Take other values."""
        self.values = values[: self.rows.num_variables].copy()
        self.sums = self.rows.matrix @ self.values

    def columns_of(self, needs: Ints) -> Ints:
        """Return the variables of some needs, sorted by need."""
        return self.column[spans(self.first[needs], self.first[needs + 1])]

    def placed(self) -> Ints:
        """Return the positions in `column` of what is chosen."""
        return np.flatnonzero(self.values[self.column] > 0)

    # ---- what stands in the way

    def blockers(self, needs: Ints, wanted: Ints) -> Floats:
        """Return by need how often it takes room that wanted columns lack.

        Parameters
        ----------
        needs
            Whose own places count as free.
        wanted
            Variables that these needs would like to have.
        """
        columns_held = self.columns_of(needs)
        columns_held = columns_held[self.values[columns_held] > 0]
        freed = self.by_variable[:, columns_held] @ self.values[columns_held]
        room = np.where(self.is_room, self.rows.most - self.sums + freed, FREE)
        entry = self.by_variable[:, wanted].tocoo()
        short = np.bincount(
            entry.row[entry.data > room[entry.row]], minlength=len(room)
        )
        touch = np.zeros(self.num_needs)
        lacking = np.flatnonzero(short)
        if len(lacking):
            placed = self.placed()
            part = csr_array(self.rows.matrix[lacking])
            weight = np.zeros(self.rows.num_variables)
            weight += np.bincount(
                part.indices,
                np.repeat(short[lacking], np.diff(part.indptr)),
                minlength=len(weight),
            )
            np.add.at(touch, self.need[placed], weight[self.column[placed]])
            touch[needs] = 0
        return touch

    # ---- small problems

    def cut(self, needs: Ints) -> Cut:
        """Return the problem of placing some needs anew."""
        mains = self.columns_of(needs)
        here = self.values[mains]
        held = mains[here > 0]
        others = self.sums - self.by_variable[:, held] @ self.values[held]
        room = np.where(self.is_room, self.rows.most - others, FREE)
        entry = self.by_variable[:, mains].tocoo()
        fits = np.ones(len(mains), bool)
        fits[entry.col[entry.data > room[entry.row]]] = False
        mains = mains[fits | (here > 0)]
        following = np.unique(self.effects[mains].indices)
        free = np.union1d(mains, following)
        columns = csr_array(self.by_variable[:, free])
        touched = np.flatnonzero(np.diff(columns.indptr))
        part = csr_array(columns[touched])
        now = self.values[free]
        others = self.sums[touched] - part @ now
        lower, upper = self.rows.lower[free], self.rows.upper[free]
        rising, falling = part.maximum(0), part.minimum(0)
        highest = others + rising @ upper + falling @ lower
        lowest = others + rising @ lower + falling @ upper
        tight = np.flatnonzero(
            (highest > self.rows.most[touched]) | (lowest < self.rows.least[touched])
        )
        inner = self.rows.inside(
            free, touched[tight], csr_array(part[tight]), others[tight]
        )
        return Cut(free, touched, part, inner, now)

    def changed(self, cut: Cut, values: Ints) -> Ints | None:
        """Return all values with a cut's own in place, None where that breaks a row."""
        change = values - cut.now
        now = self.values[cut.free] + change
        sums = self.sums[cut.touched] + cut.matrix @ change
        rows = self.rows
        within = (now >= rows.lower[cut.free]) & (now <= rows.upper[cut.free])
        rows_hold = (sums >= rows.least[cut.touched]) & (sums <= rows.most[cut.touched])
        if not (within.all() and rows_hold.all()):
            return None
        whole = self.values.copy()
        whole[cut.free] = now
        return whole


def served_more(
    incumbent: Incumbent, need: int, cost: Ints, monitor: Monitor
) -> Ints | None:
    """Return all values with a need served more, all others kept, None if it cannot be.

    Parameters
    ----------
    cost
        By variable: among the most units, the least of it.
    """
    cut = incumbent.cut(np.array([need]))
    inside, place = cut.place(np.sort(incumbent.columns_of(np.array([need]))))
    if not len(inside):
        return None
    variable = cut.free[place]
    size = incumbent.program.size[variable]
    big = int((cost[variable] * cut.inner.upper[place]).sum()) + 1
    gain = np.zeros(len(cut.free), np.int64)
    gain[place] = size * big - cost[variable]
    answer = Model(cut.inner).solve(
        monitor if len(cut.free) > FEW else None,  # what is small ends by itself
        variable=np.arange(len(gain)),
        factor=gain,
        hint=cut.now,
        effort=EFFORT,
    )
    incumbent.work += answer.work
    if answer.values is None or size @ (answer.values[place] - cut.now[place]) <= 0:
        return None
    return incumbent.changed(cut, answer.values)


def spans(start: Ints, stop: Ints) -> Ints:
    """Return all positions from each start up to its stop, one span after the other."""
    count = stop - start
    offset: Ints = np.repeat(start - np.cumsum(count) + count, count)
    return offset + np.arange(count.sum())


def _effects(program: CoupledProgram) -> Any:
    """Return which variables follow, directly or not, from each chosen one."""
    count = program.rows.num_variables
    dependents = program.dependents
    row, column = [], []
    for sums in (
        dependents.switches,
        dependents.parts,
        dependents.totals,
        dependents.least,
    ):
        entry = sums.matrix.tocoo()
        row.append(entry.col)
        column.append(sums.variable[entry.row])
    above = dependents.above
    row.append(dependents.parts.variable[above[:, 1]])
    column.append(above[:, 0])
    source, target = np.concatenate(row), np.concatenate(column)
    ones = np.ones(len(source), np.int64)
    direct = csr_array((ones, (source, target)), shape=(count, count))
    reach = direct
    for _ in range(3):  # switches, then parts, then their signs and totals
        reach = direct + direct @ reach
        reach.data[:] = 1
    return csr_array(reach)

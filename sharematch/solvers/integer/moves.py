"""A plan that keeps all rows, and changes of a few of its variables at a time.

    sums' = sums + A_F (x'_F - x_F),   least ≤ sums' ≤ most in the rows that F touches

What follows from chosen variables (totals, switches) is freed with them, and no row
without one of them is looked at: a change costs what it touches.

Example: needs 1 to 4 in slots a and b; need 1 moved from a to b touches the rows of
need 1, of a and of b, and the total of its group.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array

from sharematch.core.integer.coupled import CoupledProgram
from sharematch.core.integer.program import FREE, Rows

__all__ = ["Patch", "Patched"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Patch:
    """Variables that may change, the rows they stand in, and what they are now.

    `inner` holds these rows over these variables alone, all others being as they are.
    """

    free: Ints
    rows: Ints
    inner: Rows
    here: Ints


class Patched:
    """Values of all variables and sums of all rows, kept in step."""

    def __init__(self, program: CoupledProgram, rows: Rows, values: Ints) -> None:
        self.program, self.rows = program, rows
        self.values = values.copy()
        self.sums = rows.matrix @ values
        self.columns = csc_array(rows.matrix)
        self.is_arc = np.zeros(rows.num_variables, bool)
        self.is_arc[: len(program.owner)] = program.is_choice
        entry = rows.matrix.tocoo()
        odd = (entry.data < 0) | ~self.is_arc[entry.col]
        self.is_plain = rows.least <= -FREE
        """Rows that only say how much room there is for arcs."""
        self.is_plain[entry.row[odd]] = False
        kinds = [source.kind == "goal" for source in rows.sources]
        self.is_count = np.array(kinds, bool)[rows.source]
        """Rows that say what goals count: they limit nothing."""

    def patch(self, variable: Ints, *, without: Bools | None = None) -> Patch:
        """Return a patch of some variables of arcs, and of all that go with them.

        Rows `without` are left out.
        """
        free, rows = self._around(np.unique(variable), without)
        part = _columns(self.rows.matrix[rows], free)
        here = self.values[free]
        others = self.sums[rows] - part @ here
        inner = self.rows.inside(free, rows, part, others)
        return Patch(free, rows, inner, here)

    def _around(self, free: Ints, without: Bools | None) -> tuple[Ints, Ints]:
        """Return the variables that go with these, and the rows they stand in."""
        found_rows = np.empty(0, np.int64)
        edge = free
        while len(edge):
            new = np.unique(entries(self.columns, edge))
            if without is not None:
                new = new[~without[new]]
            found_rows = np.union1d(found_rows, new)
            in_rows = np.unique(entries(self.rows.matrix, new))
            edge = np.setdiff1d(in_rows[~self.is_arc[in_rows]], free)
            free = np.union1d(free, edge)
        return free, found_rows

    def put(self, patch: Patch, values: Ints) -> bool:
        """Make a change, unless what changed since the patch was made forbids it."""
        change = values - patch.here
        now = self.values[patch.free] + change
        sums = self.sums[patch.rows] + patch.inner.matrix @ change
        rows, changed_rows = self.rows, patch.rows
        good = (now >= rows.lower[patch.free]) & (now <= rows.upper[patch.free])
        rows_hold = (sums >= rows.least[changed_rows]) & (
            sums <= rows.most[changed_rows]
        )
        if not (good.all() and rows_hold.all()):
            return False
        self.values[patch.free] = now
        self.sums[changed_rows] = sums
        return True

    # ---- room that is left

    def room(self, *, without: Bools | None = None) -> tuple[Bools, Bools]:
        """Return which variables can be one greater, all others kept.

        The second mask says of which that is known: those in rows of plain room alone.
        Rows `without` are left out.
        """
        entry = self.rows.matrix.tocoo()
        row, column, factor = entry.row, entry.col, entry.data
        if without is not None:
            asked = ~without[row]
            row, column, factor = row[asked], column[asked], factor[asked]
        can = self.values < self.rows.upper
        can[column[(self.rows.most - self.sums)[row] < factor]] = False
        is_certain = self.is_arc.copy()
        is_certain[column[~self.is_plain[row]]] = False
        return can, is_certain

    def fill(self, order: Ints, owner: Ints, quota: Ints) -> None:
        """Make variables one greater where there is room, in this order.

        Parameters
        ----------
        owner, quota
            Of each variable, and of each owner the units it may get; it stops with
            the one that reaches them.
        """
        quota, unit = quota.copy(), np.ones(len(self.values), np.int64)
        unit[self.program.variable] = self.program.step
        can, is_certain = self.room(without=self.is_count)
        starts, rows, factors = (
            self.columns.indptr,
            self.columns.indices,
            self.columns.data,
        )
        for one in order[(can & is_certain)[order]].tolist():
            if quota[owner[one]] <= 0:
                continue
            span = slice(starts[one], starts[one + 1])
            its_rows = rows[span]
            asked = ~self.is_count[its_rows]
            room_left = self.rows.most[its_rows] - self.sums[its_rows]
            if (room_left >= factors[span])[asked].all():
                self.values[one] += 1
                self.sums[its_rows] += factors[span]
                quota[owner[one]] -= unit[one]


def _columns(rows: csr_array, chosen: Ints) -> csr_array:
    """Return some sorted columns of a few rows, at the cost of these rows alone."""
    entry = rows.tocoo()
    place = np.searchsorted(chosen, entry.col)
    is_chosen = place < len(chosen)
    is_chosen[is_chosen] = chosen[place[is_chosen]] == entry.col[is_chosen]
    return csr_array(
        (entry.data[is_chosen], (entry.row[is_chosen], place[is_chosen])),
        shape=(rows.shape[0], len(chosen)),
    )


def entries(matrix: csc_array, major: Ints) -> Ints:
    """Return the minor indices in some columns (of a csc) or rows (of a csr)."""
    start, stop = matrix.indptr[major], matrix.indptr[major + 1]
    size = stop - start
    position = np.repeat(start - np.cumsum(size) + size, size) + np.arange(size.sum())
    return np.asarray(matrix.indices[position], np.int64)

"""A coupled program: rows over integers, goals in order, and the way back to units.

Units on arcs are a sum of variables, each times the units that it stands for:

    units[a] = Σ over v of cover[a, v] × value[v],

one for an arc of a divisible need or a booking, several where series pass through.

Example: a need of 2 units, whole, with arcs to two slots, has two variables that are 0
or 1; `cover` holds a 2 for each, and values (0, 1) are lifted to the units (0, 2).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from sharematch.core.columns.codes import NONE
from sharematch.core.eligibility.windows import Windows
from sharematch.core.integer.dependents import Dependents
from sharematch.core.integer.holdings import Holdings
from sharematch.core.integer.program import FREE, Rows, Total, Vector
from sharematch.core.measures.measures import Measures

__all__ = ["CoupledProgram", "Terms"]

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Terms:
    """What a program was lowered from, beside arcs; see `lower_coupled`."""

    rules: tuple[Any, ...]
    goals: tuple[Any, ...]
    seed: int
    alone: Mapping[str, int]
    pins: Ints | None


@dataclass(frozen=True)
class CoupledProgram:
    """Rows, goals in order, and how to read their values.

    Units on arcs are `cover` @ values. An arc that no series uses has a `variable` of
    its own, whose value × `step` are its units; others have one that is always 0.
    `owner` says whose arcs a variable stands for: a need (of those that sit together
    their `leader`, given by need), NONE for what only follows from others. `demand` is,
    by need, what it and those who sit with it ask for in units, at its leader.
    """

    measures: Measures
    terms: Terms
    rows: Rows
    goals: tuple[Total | Vector, ...]
    variable: Ints
    step: Ints
    cover: Any
    owner: Ints
    leader: Ints
    demand: Ints
    dependents: Dependents
    windows: Windows
    date: Ints
    """By date of `windows`: its variable."""

    @property
    def has_series(self) -> bool:
        """Whether some variable stands for several sessions at once."""
        return bool(self.cover.nnz > np.count_nonzero(self.variable))

    @cached_property
    def size(self) -> Ints:
        """Units per value of each variable, 0 for what only follows from others."""
        return np.asarray(self.cover.sum(axis=0), np.int64).ravel()

    @cached_property
    def is_choice(self) -> Bools:
        """Which variables stand for units, all others following from them."""
        return np.asarray(self.owner != NONE, bool)

    @cached_property
    def column(self) -> Ints:
        """The variables that can be chosen, sorted by the need that owns them."""
        chosen = np.flatnonzero(self.is_choice & (self.rows.upper > 0))
        return chosen[np.argsort(self.owner[chosen], kind="stable")]

    @cached_property
    def first(self) -> Ints:
        """By need, where its columns begin in `column`; one more entry at the end."""
        needs = np.arange(len(self.leader) + 1)
        return np.searchsorted(self.owner[self.column], needs)

    @property
    def nothing(self) -> Ints:
        """Values of the plan that has nothing but what must be."""
        values = self.rows.lower.copy()
        values[self.dependents.switches.variable] = 0
        return self.dependents.complete(values)

    def lift(self, values: Ints) -> Ints:
        """Return the units on each arc; values of later variables play no part."""
        units: Ints = self.cover @ values[: self.cover.shape[1]]
        return units

    def values_of(self, units: Ints) -> Ints:
        """Return the values of all variables for a plan's units on each arc."""
        entry = self.cover.tocoo()
        # A series is held where all its arcs are: as often as the arc with least units.
        most = np.full(self.rows.num_variables, FREE)
        np.minimum.at(most, entry.col, units[entry.row] // entry.data)
        values = np.where(most < FREE, most, self.rows.lower)
        self._put_in_series(values, units)
        return self.dependents.complete(values)

    def _put_in_series(self, values: Ints, units: Ints) -> None:
        """Give bookings of needs with several series, or loose ones, to their series.

        What no series hold is left out: values then tell less than the plan.
        """
        columns, arcs = self.measures.columns, self.measures.arcs
        loose = np.zeros(len(self.leader), bool)
        loose[self.windows.need] = True
        loose |= (columns.need_sessions > 1) & (columns.need_times > 1)
        held = np.flatnonzero((units > 0) & loose[arcs.need])
        held = held[self.leader[arcs.need[held]] == arcs.need[held]]
        owned = np.flatnonzero(self.is_choice)
        values[owned[loose[self.owner[owned]]]] = 0
        for need in np.unique(arcs.need[held]).tolist():
            arcs_of_need = held[arcs.need[held] == need]
            chosen = self._holdings.chosen(need, arcs_of_need.tolist())
            values[np.array(chosen or [], np.int64)] = 1

    @cached_property
    def _holdings(self) -> Holdings:
        """The series and windows of needs."""
        arcs, by_variable = self.measures.arcs, csc_array(self.cover)
        is_date = np.zeros(self.rows.num_variables, bool)
        is_date[self.date] = True
        several = (self.owner != NONE) & ~is_date
        start = self.measures.columns.cells.start[arcs.cell]
        series: dict[int, list[tuple[int, tuple[int, ...]]]] = {}
        for variable in np.flatnonzero(several).tolist():
            span = slice(*by_variable.indptr[variable : variable + 2])
            series_arcs, need = by_variable.indices[span], int(self.owner[variable])
            series_arcs = series_arcs[arcs.need[series_arcs] == need]
            series_arcs = series_arcs[np.argsort(start[series_arcs], kind="stable")]
            series.setdefault(need, []).append((variable, tuple(series_arcs.tolist())))
        columns = self.measures.columns
        return Holdings(columns, arcs, series, self.windows, self.date)

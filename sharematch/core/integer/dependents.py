"""Variables that follow from others: switches, parts above zero, totals, least values.

    switch  1 if Σ ≥ threshold, else 0      total  Σ
    part    max(Σ, 0)                       least  the least of several Σ

Only what is decided (units on arcs, series) has to be chosen; `Dependents.complete`
says what all else then is. It takes the tightest values: a switch is on only where
something is in use. A plan that keeps all rows with any values keeps them with these.

Example: two units chosen in a slot that costs 3 to open: its switch is 1, the total
cost 3 + 2 × 1 = 5, the least of it and of a ceiling of 4 is 4.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

__all__ = ["Definitions", "Dependents"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class _Sum:
    """Variables and the sums they follow from; `row` says whose entries are."""

    variable: Ints
    row: Ints
    others: Any
    factors: Any
    number: int
    """Added to each sum; of a switch the least sum that turns it on."""

    @classmethod
    def of(cls, variable: int, others: Any, factors: Any, number: int) -> "_Sum":
        """Return the sum of one variable."""
        row = np.zeros(len(others), np.int64)
        return cls(np.array([variable]), row, others, factors, number)


@dataclass
class Definitions:
    """What each variable that follows from others follows from, in the making."""

    switches: list[_Sum] = field(default_factory=list)
    parts: list[_Sum] = field(default_factory=list)
    above: list[tuple[int, int]] = field(default_factory=list)
    totals: list[_Sum] = field(default_factory=list)
    least: list[_Sum] = field(default_factory=list)

    def switch(self, variable: int, others: Any, *, threshold: int = 1) -> None:
        """Define a variable as 1 where these add up to the threshold, 0 elsewhere."""
        ones = np.ones(len(others), np.int64)
        self.switches.append(_Sum.of(variable, others, ones, threshold))

    def switches_of(self, variable: Ints, row: Ints, others: Ints) -> None:
        """Define many variables as 1 where one of the others is on, of rows 0, 1, …."""
        self.switches.append(_Sum(variable, row, others, np.ones_like(others), 1))

    def part(
        self, variable: int, others: Any, factors: Any, constant: int, above: int | None
    ) -> None:
        """Define a variable as a sum, or 0 where that is less; `above` as where not."""
        if above is not None:
            self.above.append((above, len(self.parts)))
        self.parts.append(_Sum.of(variable, others, factors, constant))

    def total(self, variable: int, others: Any, factors: Any, constant: int) -> None:
        """Define a variable as a sum."""
        self.totals.append(_Sum.of(variable, others, factors, constant))

    def at_most(self, variable: int, others: Any, factors: Any, constant: int) -> None:
        """Define a variable as the least of all sums that it is given."""
        self.least.append(_Sum.of(variable, others, factors, constant))

    def finish(self, num_variables: int) -> "Dependents":
        """Return them as arrays."""
        switches, parts, totals, least = (
            _Sums.of(sums, num_variables)
            for sums in (self.switches, self.parts, self.totals, self.least)
        )
        return Dependents(
            switches,
            parts,
            totals,
            least,
            above=np.array(self.above, np.int64).reshape(-1, 2),
        )


@dataclass(frozen=True)
class _Sums:
    variable: Ints
    matrix: Any
    number: Ints

    @classmethod
    def of(cls, sums: Sequence[_Sum], num_variables: int) -> "_Sums":
        empty = np.empty(0, np.int64)
        sizes = [len(item.variable) for item in sums]
        first = np.cumsum([0, *sizes]).tolist()
        row = np.concatenate(
            [
                empty,
                *(item.row + start for item, start in zip(sums, first, strict=False)),
            ]
        )
        column = np.concatenate([empty, *(item.others for item in sums)])
        factor = np.concatenate([empty, *(item.factors for item in sums)])
        matrix = csr_array(
            (factor.astype(np.int64, copy=False), (row, column)),
            shape=(first[-1], num_variables),
        )
        variable = np.concatenate([empty, *(item.variable for item in sums)])
        number = np.repeat(np.array([item.number for item in sums], np.int64), sizes)
        return cls(variable, matrix, number)

    def values(self, values: Ints) -> Ints:
        sums: Ints = self.matrix @ values + self.number
        return sums


@dataclass(frozen=True)
class Dependents:
    """All definitions, in the order in which they follow from each other.

    `above` holds pairs of a variable and the part whose sign it tells.
    """

    switches: _Sums
    parts: _Sums
    totals: _Sums
    least: _Sums
    above: Ints

    def sums_of(self, totals: Ints) -> Any:
        """Return what each variable adds to some totals, a row for each of them."""
        order = np.argsort(self.totals.variable)
        place = np.searchsorted(self.totals.variable, totals, sorter=order)
        return self.totals.matrix[order[place]]

    def complete(self, values: Ints) -> Ints:
        """Return values in which all that follows from the chosen ones does so."""
        completed = values.copy()
        # In this order: parts look at switches, totals at both, the least at totals.
        on = self.switches.matrix @ completed >= self.switches.number
        completed[self.switches.variable] = on
        parts = self.parts.values(completed)
        completed[self.parts.variable] = np.maximum(parts, 0)
        completed[self.above[:, 0]] = parts[self.above[:, 1]] > 0
        completed[self.totals.variable] = self.totals.values(completed)
        floors = self.least.values(completed)
        completed[self.least.variable] = np.iinfo(np.int64).max
        np.minimum.at(completed, self.least.variable, floors)
        return completed

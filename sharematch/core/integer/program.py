"""Rows: integer variables, sums of them within bounds, goals over them.

    lower ≤ x ≤ upper, least ≤ A x ≤ most, x whole

What a solver of coupled problems gets, whatever the records and rules were.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from sharematch.core.columns.attributes import Key
from sharematch.core.integer.dependents import Definitions
from sharematch.core.network.program import Source

__all__ = ["FREE", "Draft", "Rows", "Total", "Vector", "reach"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FREE = 2**62
"""Beyond this a row has no bound."""


@dataclass(frozen=True)
class Rows:
    """Integer variables x with `lower` ≤ x ≤ `upper` and `least` ≤ matrix @ x ≤ `most`.

    `source` holds, for each row, the position in `sources` of where it comes from.
    """

    lower: Ints
    upper: Ints
    matrix: Any
    least: Ints
    most: Ints
    source: Ints
    sources: tuple[Source, ...]

    @property
    def num_variables(self) -> int:
        """How many variables there are."""
        return len(self.lower)

    def holds(self, values: Ints) -> bool:
        """Return whether values keep all bounds."""
        sums = self.matrix @ values
        within = (values >= self.lower) & (values <= self.upper)
        return bool(within.all() and ((sums >= self.least) & (sums <= self.most)).all())

    def only(self, mask: Bools) -> "Rows":
        """Return some of these rows over all variables."""
        return replace(
            self,
            matrix=self.matrix[mask],
            least=self.least[mask],
            most=self.most[mask],
            source=self.source[mask],
        )

    def inside(self, variable: Ints, row: Ints, matrix: Any, others: Ints) -> "Rows":
        """Return some rows over some variables alone, all others kept as they are.

        Parameters
        ----------
        matrix
            These rows over these variables.
        others
            What all other variables add to each of these rows.
        """
        least, most = self.least[row], self.most[row]
        return replace(
            self,
            lower=self.lower[variable],
            upper=self.upper[variable],
            matrix=matrix,
            least=np.where(least <= -FREE, -FREE, least - others),
            most=np.where(most >= FREE, FREE, most - others),
            source=self.source[row],
        )

    def with_variables(self, lower: Ints, upper: Ints) -> "Rows":
        """Return these rows with further variables, in no row yet."""
        count = self.num_variables + len(lower)
        matrix = self.matrix.copy()
        matrix.resize((self.matrix.shape[0], count))
        return replace(
            self,
            lower=np.concatenate([self.lower, lower]),
            upper=np.concatenate([self.upper, upper]),
            matrix=matrix,
        )

    def with_rows(self, matrix: Any, least: Ints, most: Ints, source: Source) -> "Rows":
        """Return these rows with more below them, all of one source."""
        sources = self.sources
        if source not in sources:
            sources = (*sources, source)
        source_position = np.full(len(least), sources.index(source), np.int64)
        return replace(
            self,
            matrix=csr_array(vstack([self.matrix, matrix], format="csr")),
            least=np.concatenate([self.least, least]),
            most=np.concatenate([self.most, most]),
            source=np.concatenate([self.source, source_position]),
            sources=sources,
        )


@dataclass(frozen=True)
class Total:
    """Make Σ `factor` × variable as great as possible, or as small.

    The goal's value is (that sum + `constant`) ÷ `denominator`. The sum is never better
    than `best`, where that is known.
    """

    position: int
    variable: Ints
    factor: Ints
    constant: int
    denominator: int
    maximize: bool
    slack: Fraction | None = None
    best: int | None = None

    def cost(self, num_variables: int) -> Ints:
        """Return what a unit of each variable costs, so that the least sum is best."""
        cost = np.zeros(num_variables, np.int64)
        np.add.at(cost, self.variable, -self.factor if self.maximize else self.factor)
        return cost


@dataclass(frozen=True)
class Vector:
    """Make the sorted vector of sign × variable ÷ weight as great as possible.

    The value of group g is that of variable `total[g]` ÷ `weight[g]`. `sign` is 1 for
    leximin, -1 for leximax.
    """

    position: int
    keys: tuple[Key, ...]
    total: Ints
    weight: tuple[Fraction, ...]
    sign: int


def reach(ends: Sequence[tuple[int, int]], weight: Sequence[Fraction]) -> int:
    """Return how large numbers get where groups are compared by their ratios.

    Parameters
    ----------
    ends
        The least and the greatest value of each group.
    weight
        What its value is divided by.
    """
    sizes = [max(-low, high, 1) for low, high in ends]
    groups = [*zip(sizes, weight, strict=True)]
    scaled = max(size * w.denominator * ceil(1 / w) for size, w in groups)
    most = max(ceil(size / w) for size, w in groups)
    return max(scaled, most * max(w.numerator for w in weight))


class Draft:
    """Rows in the making.

    Parameters
    ----------
    check
        Called before rows are added; what it raises ends the making of them.
    """

    def __init__(self, check: Callable[[], None] = lambda: None) -> None:
        self.check = check
        self._lower: list[Ints] = []
        self._upper: list[Ints] = []
        self._entries: list[tuple[Ints, Ints, Ints]] = []
        self._bounds: list[tuple[Ints, Ints, Ints]] = []
        self._sources: dict[Source, int] = {}
        self.definitions = Definitions()
        """Of variables that follow from others."""
        self.num_variables = 0
        self.num_rows = 0

    def variables(self, upper: Any, lower: Any = 0) -> Ints:
        """Add variables with these bounds; return their positions."""
        high = np.atleast_1d(np.asarray(upper, np.int64))
        self._upper.append(high)
        self._lower.append(np.broadcast_to(np.asarray(lower, np.int64), high.shape))
        first, self.num_variables = self.num_variables, self.num_variables + len(high)
        return np.arange(first, self.num_variables)

    def switch(self) -> int:
        """Add one variable that is 0 or 1."""
        return int(self.variables(1)[0])

    def rows(
        self,
        source: Source,
        row: Ints,
        variable: Ints,
        factor: Any,
        *,
        least: Any = -FREE,
        most: Any = FREE,
        count: int | None = None,
    ) -> None:
        """Add rows 0, 1, …, of which `row` says where each entry stands.

        Equal entries add up. `least` and `most` are one number or one by row.
        """
        self.check()
        if count is None:
            count = int(row.max(initial=-1)) + 1
        factors = np.broadcast_to(np.asarray(factor, np.int64), np.shape(row))
        self._entries.append((row + self.num_rows, variable, factors))
        origin = self._sources.setdefault(source, len(self._sources))
        self._bounds.append(
            (
                np.broadcast_to(np.asarray(least, np.int64), count),
                np.broadcast_to(np.asarray(most, np.int64), count),
                np.full(count, origin, np.int64),
            )
        )
        self.num_rows += count

    def row(
        self,
        source: Source,
        variable: Any,
        factor: Any,
        *,
        least: int = -FREE,
        most: int = FREE,
    ) -> None:
        """Add one row."""
        variables = np.asarray(variable, np.int64)
        zero = np.zeros(len(variables), np.int64)
        self.rows(source, zero, variables, factor, least=least, most=most, count=1)

    def bound(self, variable: Ints, *, least: Any = None, most: Any = None) -> None:
        """Narrow the bounds of variables."""
        self._settle()
        if least is not None:
            np.maximum.at(self._lower[0], variable, least)
        if most is not None:
            np.minimum.at(self._upper[0], variable, most)

    def upper(self, variable: Ints) -> Ints:
        """Return the upper bounds of variables."""
        self._settle()
        return self._upper[0][variable]

    def lower(self, variable: Ints) -> Ints:
        """Return the lower bounds of variables."""
        self._settle()
        return self._lower[0][variable]

    def _settle(self) -> None:
        if len(self._lower) != 1:
            self._lower = [_joined(self._lower)]
            self._upper = [_joined(self._upper)]

    def finish(self) -> Rows:
        """Return the rows."""
        self.check()
        self._settle()
        row, variable, factor = (
            _joined([entry[i] for entry in self._entries]) for i in range(3)
        )
        self.check()
        matrix = csr_array(
            (factor, (row, variable)), shape=(self.num_rows, self.num_variables)
        )
        self.check()
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
        least, most, source = (
            _joined([bound[i] for bound in self._bounds]) for i in range(3)
        )
        return Rows(
            lower=self._lower[0],
            upper=self._upper[0],
            matrix=matrix,
            least=least,
            most=most,
            source=source,
            sources=tuple(self._sources),
        )


def _joined(parts: list[Ints]) -> Ints:
    joined: Ints = np.concatenate([np.empty(0, np.int64), *parts])
    return joined.astype(np.int64, copy=False)

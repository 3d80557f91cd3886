"""Which hidden counts follow from a page: from its sums, and from what cannot be less.

Whoever reads the page knows sums, what is shown of them, and how small each hidden
count can be at least. A hidden count follows if it is the same in all solutions. As
the true counts are one, it does so exactly if no direction leads away from them in
which it changes: a linear program finds out which counts at their least can rise, and
linear algebra does the rest.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import block_array, csr_array, eye_array, hstack
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

__all__ = ["Key", "Line", "Page"]

Key = tuple[str, ...]
Line = tuple[Key, ...]
"""A total, then its parts."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

TINY = 1e-6
"""Changes below it are none; those that are some were made to be about 1."""
MOST_IDLE = 3
"""Searches in which no count comes to another value, before each has its own."""


class Page:
    """What is shown, what is hidden, and what sums to what.

    Parameters
    ----------
    values, sums
        All counts, and totals with their parts; parts that nobody counts are 0.
    limits
        Further sums, with factors, that do not hang on the counts.
    implied
        Counts on no page: they cannot be shown, and may be 0.
    public
        Counts that say nothing of anybody; rather others are hidden.
    """

    def __init__(
        self,
        values: Mapping[Key, int],
        sums: Sequence[Line],
        limits: Sequence[Mapping[Key, int]],
        *,
        implied: Collection[Key],
        public: Collection[Key],
    ) -> None:
        self.values, self.implied, self.public = values, implied, public
        self.out: set[Key] = set()
        self.lines = [
            (line[0], *(key for key in line[1:] if key in values)) for line in sums
        ]
        self.keys = [*values]
        self.at = {key: i for i, key in enumerate(self.keys)}
        rows = [{line[0]: -1, **dict.fromkeys(line[1:], 1)} for line in self.lines]
        rows += map(dict, limits)
        cells = [(i, key, by) for i, row in enumerate(rows) for key, by in row.items()]
        place = [i for i, _, _ in cells], [self.at[key] for _, key, _ in cells]
        factor = [float(by) for _, _, by in cells]
        shape = len(rows), len(self.keys)
        self.matrix: Any = csr_array((factor, place), shape=shape)
        least = np.array([0 if key in implied else 1 for key in self.keys], float)
        self.fall = np.array([values[key] for key in self.keys], float) - least
        """How much less each count could be, as far as anybody knows."""
        self.is_least = self.fall == 0
        self.is_unknown = np.array([key in implied for key in self.keys], bool)
        self.may_hide = ~self.is_unknown & [values[key] > 0 for key in self.keys]

    def hide(self, keys: Iterable[Key]) -> None:
        """Hide counts."""
        for key in keys:
            self.out.add(key)
            self.is_unknown[self.at[key]] = True

    def close(self, small: Collection[Key]) -> None:
        """Hide more until no sum by itself gives a hidden or small count away."""
        lines_of: dict[Key, list[int]] = defaultdict(list)
        for i, line in enumerate(self.lines):
            for key in line:
                lines_of[key].append(i)
        todo = [*range(len(self.lines))]
        while todo:
            line = self.lines[todo.pop()]
            unknown = [key for key in line if self.is_unknown[self.at[key]]]
            if not any(key in self.out or key in small for key in unknown):
                continue
            is_total_shown = line[0] not in unknown
            are_least = all(self.is_least[self.at[key]] for key in unknown)
            if len(unknown) == 1 or (is_total_shown and are_least):
                cell = self._least_telling(line)
                if cell is not None:
                    self.hide([cell])
                    todo += lines_of[cell]

    def _least_telling(self, keys: Iterable[Key]) -> Key | None:
        """Return which of some counts to hide: no places if it can be, the smallest."""
        hideable = [k for k in keys if self.may_hide[self.at[k]] and k not in self.out]
        return min(
            hideable, key=lambda k: (k in self.public, self.values[k], k), default=None
        )

    # What follows exactly

    def fixed(self) -> set[Key]:
        """Return the hidden and implied counts that follow from the page."""
        unknown = np.flatnonzero(self.is_unknown)
        is_fixed = _forced(self.matrix[:, unknown], self.is_least[unknown])
        return {self.keys[i] for i in unknown[is_fixed].tolist()}

    def narrow(self, keys: Iterable[Key]) -> dict[Key, Floats]:
        """Return which of some counts have no other whole value, and why.

        They may change, but by less than 1. Returns weights of the sums that show it.
        """
        unknown = np.flatnonzero(self.is_unknown)
        place = {int(i): j for j, i in enumerate(unknown.tolist())}
        matrix, fall = self.matrix[:, unknown], self.fall[unknown]
        asked = np.array(sorted(place[self.at[key]] for key in keys), np.int64)
        rng = np.random.default_rng(0)
        idle = 0
        while len(asked) and idle < MOST_IDLE:
            goal = np.zeros(len(unknown))
            goal[asked] = rng.choice([-1.0, 1.0], len(asked)) * (1 + rng.random())
            change, _ = _furthest(matrix, fall, goal)
            moved = np.abs(change[asked]) > 1 - TINY
            asked, idle = asked[~moved], 0 if moved.any() else idle + 1
        weights = {}
        for cell in asked.tolist():
            goal = np.zeros(len(unknown))
            for sign in (1.0, -1.0):
                goal[cell] = sign
                change, weight = _furthest(matrix, fall, goal)
                if abs(change[cell]) > 1 - TINY:
                    break
            else:
                weights[self.keys[int(unknown[cell])]] = weight
        return weights

    def widen(self, narrow: Mapping[Key, Floats]) -> bool:
        """Hide a count for each that is narrow, out of what makes it so.

        Returns whether there was anything left to hide.
        """
        new: set[Key] = set()
        for weight in narrow.values():
            share = self.matrix.T @ weight
            bears = (np.abs(share) > TINY) & self.may_hide & ~self.is_unknown
            bearing = {self.keys[i] for i in np.flatnonzero(bears).tolist()}
            if bearing and new.isdisjoint(bearing):
                new |= {key for key in [self._least_telling(bearing)] if key}
        if not new and (key := self._least_telling(self.keys)):
            new = {key}
        self.hide(new)
        return bool(new)

    def hide_more(self, given_away: Iterable[Key]) -> bool:
        """Hide others such that not all of these follow any more, but some perhaps.

        Returns whether there was anything left to hide.

        One proof shows that none of them can rise. Where it falls into parts without
        an unknown count in common, one count that bears weight is hidden in each.
        """
        unknown = np.flatnonzero(self.is_unknown)
        asked = np.isin(unknown, [self.at[key] for key in given_away])
        matrix = self.matrix[:, unknown]
        weight = _why(matrix, self.is_least[unknown], asked)
        rows = np.flatnonzero(np.abs(weight) > TINY)
        graph = block_array([[None, matrix[rows]], [matrix[rows].T, None]])
        part = connected_components(graph, directed=False)[1]
        share = self.matrix[rows].multiply(weight[rows, None]).tocsr()
        asked_parts = {*part[len(rows) :][asked].tolist()}
        new: set[Key | None] = set()
        for asked_part in sorted(asked_parts & {*part[: len(rows)].tolist()}):
            borne = share[part[: len(rows)] == asked_part].sum(axis=0)
            breaks = (borne < -TINY) | (~self.is_least & (borne > TINY))
            bearing = np.flatnonzero(breaks & self.may_hide & ~self.is_unknown)
            new.add(self._least_telling(self.keys[i] for i in bearing.tolist()))
        to_hide = {key for key in new if key}
        if not to_hide and (key := self._least_telling(self.keys)):
            to_hide = {key}  # in exact arithmetic a proof always has one
        self.hide(to_hide)
        return bool(to_hide)


def _forced(matrix: Any, is_least: Bools) -> Bools:
    """Return the variables that no direction changes in which all sums stay.

    Those at their least can only rise.
    """
    is_fixed = np.zeros(matrix.shape[1], bool)
    nonempty = matrix[np.diff(matrix.indptr) > 0]
    rising = np.flatnonzero(is_least)
    if len(rising) and nonempty.shape[0]:
        is_fixed[rising[~_can_rise(nonempty, rising)]] = True
    loose = np.flatnonzero(~is_fixed)
    nonempty = matrix[:, loose]
    nonempty = nonempty[np.diff(nonempty.indptr) > 0]
    if nonempty.shape[0]:
        is_fixed[loose[~_changes(nonempty)]] = True
    return is_fixed


def _can_rise(matrix: Any, rising: Ints) -> Bools:
    """Return which of these variables, none of which may fall, can rise at all."""
    count = len(rising)
    # Each is a part of at most 1, that counts, and any more: directions have no length.
    both = hstack([matrix, matrix[:, rising]], format="csr")
    bounds: Any = np.full((both.shape[1], 2), [-np.inf, np.inf])
    bounds[rising] = 0, np.inf
    bounds[-count:] = 0, 1
    cost = np.zeros(both.shape[1])
    cost[-count:] = -1
    done = linprog(
        cost, A_eq=both, b_eq=np.zeros(both.shape[0]), bounds=bounds, method="highs"
    )
    assert done.x is not None, done.message
    return np.asarray(done.x[-count:] > 0.5)


def _changes(matrix: Any) -> Bools:
    """Return the variables that change among the solutions of homogeneous sums.

    Of a random point that part which is a solution: 0 by chance alone elsewhere.
    """
    rng = np.random.default_rng(0)
    square = matrix @ matrix.T
    solver = splu((square + 1e-9 * eye_array(square.shape[0])).tocsc())
    change = np.zeros(matrix.shape[1])
    for _ in range(2):
        point = rng.uniform(1, 2, matrix.shape[1]) * rng.choice([-1, 1], len(change))
        right = matrix @ point
        weight = np.zeros(len(right))
        for _ in range(4):  # dependent sums are solved for step by step
            weight += solver.solve(right - square @ weight)
        change = np.maximum(change, np.abs(point - matrix.T @ weight))
    return np.asarray(change > TINY)


def _why(matrix: Any, is_least: Bools, asked: Bools) -> Floats:
    """Return weights of sums that show that none of the asked variables can rise.

    With them added up, every variable that may rise has at least its share, 1 if it
    is asked for; every other one has just that.
    """
    bounds: Any = np.full((matrix.shape[1], 2), [-np.inf, np.inf])
    bounds[is_least, 0] = 0
    bounds[asked, 0] = np.maximum(bounds[asked, 0], -1)
    bounds[asked, 1] = 1
    done = linprog(
        -asked.astype(float),
        A_eq=matrix,
        b_eq=np.zeros(matrix.shape[0]),
        bounds=bounds,
        method="highs",
    )
    assert done.status == 0, done.message
    return np.asarray(-done.eqlin.marginals)


def _furthest(matrix: Any, fall: Floats, goal: Floats) -> tuple[Floats, Floats]:
    """Return the change that is best for a goal, and the weights of sums in its proof.

    What the goal looks at changes by 1 at most, no count falls by more than it may.
    """
    asked = goal != 0
    bounds: Any = np.stack((-fall, np.full(len(fall), np.inf)), axis=1)
    bounds[asked, 0] = np.maximum(bounds[asked, 0], -1)
    bounds[asked, 1] = 1
    done = linprog(
        -goal,
        A_eq=matrix,
        b_eq=np.zeros(matrix.shape[0]),
        bounds=bounds,
        method="highs",
    )
    assert done.x is not None, done.message
    return done.x, np.asarray(-done.eqlin.marginals)

"""Goals in strict order over rows: each one's optimum becomes a row for the next."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from sharematch.core.coupled import CoupledProgram
from sharematch.core.program import Source
from sharematch.core.rows import FREE, Rows, Total, Vector
from sharematch.errors import SolverError
from sharematch.solvers.coupled import Answer, Model, Watch
from sharematch.solvers.rounding import begin, flow_bound

SMALL = 1_500
"""Variables of arcs up to which CP-SAT needs no plan to begin with."""
LARGE = 20_000
"""Variables beyond which the whole is never searched at once."""

__all__ = ["Found", "has_plan", "solve_coupled"]

Ints = NDArray[np.int64]
Number = Fraction | tuple[Fraction, ...]


@dataclass(frozen=True)
class Found:
    """The units on each arc, and for each goal what no plan can beat.

    A bound is that of a total in the measure's smallest unit, or a sorted vector.
    """

    units: Ints
    bounds: tuple[Number, ...]
    is_proved: tuple[bool, ...]
    values: Ints
    """Of the program's variables."""


def has_plan(program: CoupledProgram, watch: Watch) -> bool | None:
    """Return whether any plan keeps all rows, None if the search was stopped."""
    answer = Model(program.rows).solve(watch, seconds=watch.remaining())
    if answer.values is not None:
        return True
    return False if answer.is_proved else None


def solve_coupled(
    program: CoupledProgram,
    watch: Watch,
    before_goal: Callable[[int], None],
    *,
    exact: bool = False,
) -> Found | None:
    """Return the best plan found, or None where none exists or none was found.

    Without a limit that is an optimal one, unless the problem is large; with `exact`
    it is one in any case.
    """
    search = _Search(program.rows, watch)
    with suppress(watch.stop):
        before_goal(0)
    optima = _start(program, search, exact=exact)
    if optima is None:
        return None
    bounds: list[Number] = []
    proved: list[bool] = []
    for goal in program.goals:
        try:
            if goal.position:
                before_goal(goal.position)
            else:
                watch.check()
        except watch.stop:
            break
        if search.is_large:
            bound, is_proved = _hold(search, goal), False
        else:
            bound, is_proved = _optimize(search, goal)
        bounds.append(bound)
        proved.append(is_proved)
    for goal in program.goals[len(bounds) :]:
        bounds.append(_simple_bound(program.rows, goal))
        proved.append(False)
    units = program.lift(search.values)
    if search.is_begun:
        _tighten(program, units, optima, bounds, proved)
    values = search.values[: program.rows.num_variables]
    return Found(units, tuple(bounds), tuple(proved), values)


def _start(
    program: CoupledProgram, search: "_Search", *, exact: bool
) -> tuple[Any, ...] | None:
    """Find a first plan; return what relaxed goals reach, None without a plan."""
    rows = program.rows
    live = np.count_nonzero(rows.upper[np.unique(program.variable)])
    if live > SMALL and program.goals:
        search.is_large = bool(live > LARGE) and not exact
        begun = begin(program, search.watch.share(0.9 if search.is_large else 0.5))
        if begun is not None:
            search.is_begun = True
            search.values = begun.values
            return begun.optima
        search.is_large = False
    if rows.holds(search.values):
        return ()
    return () if search.best(None).values is not None else None


def _hold(search: "_Search", goal: Total | Vector) -> Number:
    """Keep what a goal has for later goals; return what it could have at most."""
    if isinstance(goal, Total):
        _keep(search, goal)
    else:
        for total in goal.total.tolist():
            value = goal.sign * int(search.values[total])
            search.row(np.array([total]), np.array([goal.sign]), value)
    return _simple_bound(search.rows, goal)


def _tighten(
    program: CoupledProgram,
    units: Ints,
    optima: tuple[Any, ...],
    bounds: list[Number],
    proved: list[bool],
) -> None:
    """Bound goals that are not proved by what flows reach."""
    is_reached = True  # whether all earlier goals are at their relaxed optimum
    for position, (goal, term) in enumerate(
        zip(program.goals, program.terms.goals, strict=True)
    ):
        value = program.measures.goal_value(term, units)
        found = None
        if is_reached and position < len(optima):
            found = optima[position]
        elif not proved[position]:
            found = flow_bound(program, position, units)
        if found is not None:
            bounds[position] = _tighter(goal, bounds[position], _number(found))
            proved[position] = proved[position] or value == found
        is_reached = is_reached and found is not None and value == found


def _number(value: Any) -> Number:
    return value if isinstance(value, tuple) else Fraction(value)


def _tighter(goal: Total | Vector, one: Number, other: Number) -> Number:
    upward = goal.maximize if isinstance(goal, Total) else goal.sign > 0
    return min(one, other) if upward else max(one, other)


class _Search:
    """Rows that grow, and the best plan that keeps them."""

    def __init__(self, rows: Rows, watch: Watch) -> None:
        self.rows, self.watch = rows, watch
        self.model: Model | None = None
        self.is_large = self.is_begun = False
        self.values = np.zeros(rows.num_variables, np.int64)
        self._new: list[tuple[Ints, Ints, int, int]] = []

    def add(self, lower: Ints, upper: Ints, values: Ints) -> Ints:
        """Add variables with their values in the best plan; return their positions."""
        first = self.rows.num_variables
        self.rows = self.rows.with_variables(lower, upper)
        self.values = np.concatenate([self.values, values])
        return np.arange(first, self.rows.num_variables)

    def row(self, variable: Ints, factor: Ints, least: int, most: int = FREE) -> None:
        """Add one row."""
        self._new.append((variable, factor, least, most))

    def _settled(self) -> Model:
        """Return the model with all new rows."""
        if self._new:
            variables, factors, least, most = zip(*self._new, strict=True)
            row = np.repeat(np.arange(len(variables)), [len(v) for v in variables])
            matrix = csr_array(
                (np.concatenate(factors), (row, np.concatenate(variables))),
                shape=(len(variables), self.rows.num_variables),
            )
            matrix.sum_duplicates()
            self.rows = self.rows.with_rows(
                matrix, np.array(least), np.array(most), Source("goal")
            )
            self._new = []
        if self.model is None:
            self.model = Model(self.rows)
        else:
            self.model.extend(self.rows)
        return self.model

    def best(
        self, objective: tuple[Ints, Ints] | None, *, maximize: bool = True
    ) -> Answer:
        """Return the best answer and keep its plan."""
        model = self._settled()
        variable, factor = objective or (None, None)
        answer = model.solve(
            self.watch,
            variable=variable,
            factor=factor,
            maximize=maximize,
            hint=self.values,
            seconds=self.watch.remaining(),
        )
        if answer.values is not None:
            self.values = answer.values
        elif answer.is_proved and objective is not None:
            raise SolverError("a plan that kept all rows no longer does")
        return answer


def _optimize(search: _Search, goal: Total | Vector) -> tuple[Number, bool]:
    """Return what no plan can beat for a goal, and whether that is reached."""
    if isinstance(goal, Total):
        return _total(search, goal)
    return _Levels(search, goal).run()


def _simple_bound(rows: Rows, goal: Total | Vector) -> Number:
    """Return what the bounds of single variables allow."""
    if isinstance(goal, Vector):
        tops = zip(_ends(rows, goal)[1], goal.weight, strict=True)
        return tuple(goal.sign * x for x in sorted(top / w for top, w in tops))
    best = goal.factor * np.where(
        (goal.factor > 0) == goal.maximize,
        rows.upper[goal.variable],
        rows.lower[goal.variable],
    )
    return Fraction(int(best.sum()) + goal.constant, goal.denominator)


def _total(search: _Search, goal: Total) -> tuple[Fraction, bool]:
    """Optimize a total and keep its value for later goals."""
    answer = search.best((goal.variable, goal.factor), maximize=goal.maximize)
    value = _keep(search, goal)
    if answer.is_proved:
        return value / goal.denominator, True
    simple = _simple_bound(search.rows, goal)
    assert isinstance(simple, Fraction)
    if answer.bound is None:
        return simple, False
    bound = Fraction(answer.bound + goal.constant, goal.denominator)
    return (min if goal.maximize else max)(bound, simple), False


def _keep(search: _Search, goal: Total) -> Fraction:
    """Keep the value of a total for later goals, less its slack; return it."""
    reached = int(goal.factor @ search.values[goal.variable])
    value = Fraction(reached + goal.constant)
    slack = goal.slack or Fraction(0)
    if goal.maximize:
        least = ceil((1 - slack) * value) - goal.constant
        search.row(goal.variable, goal.factor, least)
    else:
        most = floor((1 + slack) * value) - goal.constant
        search.row(goal.variable, goal.factor, -FREE, most)
    return value


# ---- vectors


def _ends(rows: Rows, goal: Vector) -> tuple[list[int], list[int]]:
    """Return the least and the greatest sign × total of each group."""
    ends = rows.lower[goal.total].tolist(), rows.upper[goal.total].tolist()
    if goal.sign > 0:
        return ends
    return [-x for x in ends[1]], [-x for x in ends[0]]


class _Levels:
    """Optimize a sorted vector level by level.

    A level is the least value t that more groups can exceed: first t as great as
    possible, then as many groups as possible above it.
    """

    def __init__(self, search: _Search, goal: Vector) -> None:
        self.search, self.goal = search, goal
        self.count = len(goal.total)
        self.least, self.most = _ends(search.rows, goal)
        self.above: Ints | None = None
        """A switch for each group that is above the level so far."""
        self.proved: list[Fraction] = []
        """The first entries of the best vector."""
        self.open_bound: Fraction | None = None

    def _value(self, group: int) -> Fraction:
        reached = int(self.search.values[self.goal.total[group]])
        return self.goal.sign * reached / self.goal.weight[group]

    def run(self) -> tuple[Number, bool]:
        """Return the bound, and whether it is reached."""
        passed = 0  # groups at or below the level
        is_proved = True
        while passed < self.count:
            level, level_proved = self._raise(passed)
            above, above_bound = self._exceed(level)
            if is_proved and level_proved:
                self.proved += [level] * (self.count - above_bound - passed)
            is_proved = is_proved and level_proved and above == above_bound
            passed = self.count - above
        return self.bound(), is_proved

    def bound(self) -> tuple[Fraction, ...]:
        """Return a vector that no plan's exceeds, the first difference deciding."""
        simple = sorted(
            top / weight
            for top, weight in zip(self.most, self.goal.weight, strict=True)
        )
        known = len(self.proved)
        rest = simple[known:]
        if rest and self.open_bound is not None:
            rest[0] = min(rest[0], self.open_bound)
        return tuple(self.goal.sign * x for x in (*self.proved, *rest))

    def _raise(self, passed: int) -> tuple[Fraction, bool]:
        """Raise the least value of the groups above the last level."""
        scale, is_exact = self._scale()
        search, goal = self.search, self.goal
        values = sorted(self._value(g) for g in range(self.count))
        low = min(
            floor(e / w * scale) for e, w in zip(self.least, goal.weight, strict=True)
        )
        high = max(
            floor(e / w * scale) for e, w in zip(self.most, goal.weight, strict=True)
        )
        (height,) = search.add(
            np.array([low]), np.array([high]), np.array([floor(values[passed] * scale)])
        )
        for group in range(self.count):
            self._keep_above(group, int(height), scale, high)
        answer = search.best((np.array([height]), np.ones(1, np.int64)))
        values = sorted(self._value(g) for g in range(self.count))
        level = values[passed]
        if answer.bound is not None:
            top = answer.bound if is_exact else answer.bound + 1
            self._know(passed, Fraction(top, 1) / scale)
        is_proved = answer.is_proved
        while is_proved and not is_exact:
            # Between two steps of the scale there may be a better ratio.
            switch = self._all_above(level)
            if switch is None:
                break
            answer = search.best((np.array([switch]), np.ones(1, np.int64)))
            is_proved = answer.is_proved
            if not search.values[switch]:
                break
            level = sorted(self._value(g) for g in range(self.count))[passed]
        for group in range(self.count):
            self._at_least(group, ceil(level * goal.weight[group]), self._switch(group))
        return level, is_proved

    def _know(self, passed: int, bound: Fraction) -> None:
        if len(self.proved) == passed:
            self.open_bound = bound

    def _scale(self) -> tuple[int, bool]:
        """Return how many steps a ratio of 1 has, and whether they tell all apart."""
        exact = lcm(*(weight.numerator for weight in self.goal.weight))
        tops = zip(self.least, self.most, self.goal.weight, strict=True)
        reach = max(
            max(-low, high, 1) * weight.denominator * ceil(1 / weight)
            for low, high, weight in tops
        )
        roomy = 2**50 // reach
        return (exact, True) if exact <= roomy else (max(roomy, 1), False)

    def _switch(self, group: int) -> int | None:
        return None if self.above is None else int(self.above[group])

    def _keep_above(self, group: int, height: int, scale: int, high: int) -> None:
        """Keep a group's scaled value at `height`, if it is above the last level."""
        weight, total = self.goal.weight[group], int(self.goal.total[group])
        # sign × total ÷ weight × scale ≥ height, in integers
        gain = self.goal.sign * scale * weight.denominator
        need = weight.numerator
        switch = self._switch(group)
        if switch is None:
            self.search.row(np.array([total, height]), np.array([gain, -need]), 0)
            return
        worst = self.least[group] * scale * weight.denominator - need * high
        self.search.row(
            np.array([total, height, switch]),
            np.array([gain, -need, min(worst, 0)]),
            min(worst, 0),
        )

    def _at_least(self, group: int, bound: int, switch: int | None) -> None:
        """Keep sign × total of a group at `bound`, where the switch is on."""
        total, sign, low = (
            int(self.goal.total[group]),
            self.goal.sign,
            self.least[group],
        )
        if bound <= low:
            return
        if switch is None:
            self.search.row(np.array([total]), np.array([sign]), bound)
        else:
            factors = np.array([sign, low - bound])
            self.search.row(np.array([total, switch]), factors, low)

    def _all_above(self, level: Fraction) -> int | None:
        """Return a switch that lifts all groups in play above the level."""
        (lifted,) = self.search.add(
            np.zeros(1, np.int64), np.ones(1, np.int64), np.zeros(1, np.int64)
        )
        for group in range(self.count):
            bound = floor(level * self.goal.weight[group]) + 1
            switch = self._switch(group)
            low = self.least[group]
            if switch is None:
                self._at_least(group, bound, int(lifted))
            elif bound > low:
                # Both switches on: at least the bound.
                factors = np.array([self.goal.sign, low - bound, low - bound])
                total = int(self.goal.total[group])
                self.search.row(
                    np.array([total, switch, lifted]), factors, 2 * low - bound
                )
        return int(lifted)

    def _exceed(self, level: Fraction) -> tuple[int, int]:
        """Let as many groups as possible exceed the level; return how many, at most."""
        search, goal = self.search, self.goal
        over = [self._value(g) > level for g in range(self.count)]
        top = np.array(
            [m / w > level for m, w in zip(self.most, goal.weight, strict=True)],
            np.int64,
        )
        before = self.above
        now = search.add(np.zeros(self.count, np.int64), top, np.array(over, np.int64))
        for group in range(self.count):
            bound = floor(level * goal.weight[group]) + 1
            if top[group]:
                self._at_least(group, bound, int(now[group]))
            if before is not None:
                search.row(np.array([before[group], now[group]]), np.array([1, -1]), 0)
        self.above = now
        ones = np.ones(self.count, np.int64)
        answer = search.best((now, ones))
        above = int(search.values[now].sum())
        search.row(now, ones, above)
        if answer.is_proved:
            return above, above
        return above, self.count if answer.bound is None else answer.bound

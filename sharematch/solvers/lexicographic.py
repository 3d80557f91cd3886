"""Goals in strict order over rows: each one's optimum becomes a row for the next."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.coupled import CoupledProgram
from sharematch.core.rows import FREE, Total, Vector
from sharematch.solvers.coupled import Answer, Model, Watch
from sharematch.solvers.levels import Levels
from sharematch.solvers.linear import engine
from sharematch.solvers.rounding import begin, flow_bound
from sharematch.solvers.search import Number, Search, simple_bound

SMALL = 1_500
"""Variables of arcs up to which CP-SAT needs no plan to begin with."""
LARGE = 20_000
"""Variables beyond which the whole is never searched at once."""

__all__ = ["Found", "has_plan", "solve_coupled"]

Ints = NDArray[np.int64]


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
    search = Search(program.rows, watch)
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
            bound, is_proved = _optimize(search, goal, len(program.goals))
        bounds.append(bound)
        proved.append(is_proved)
    for goal in program.goals[len(bounds) :]:
        bounds.append(simple_bound(program.rows, goal))
        proved.append(False)
    units = program.lift(search.values)
    if search.is_begun:
        _tighten(program, units, optima, bounds, proved)
    values = search.values[: program.rows.num_variables]
    return Found(units, tuple(bounds), tuple(proved), values)


def _start(
    program: CoupledProgram, search: Search, *, exact: bool
) -> tuple[Any, ...] | None:
    """Find a first plan; return what relaxed goals reach, None without a plan."""
    rows = program.rows
    first = program.goals[0] if program.goals else None
    if isinstance(first, Total) and engine(rows, first.variable) is not None:
        search.known[first.position] = _best(search, first, len(program.goals))
        return () if search.has_plan else None
    live = np.count_nonzero(rows.upper[np.unique(program.variable)])
    if live > SMALL and program.goals:
        search.is_large = bool(live > LARGE) and not exact
        begun = begin(program, search.watch.share(0.9 if search.is_large else 0.5))
        if begun is not None:
            search.is_begun = True
            search.values, search.has_plan = begun.values, True
            return begun.optima
        search.is_large = False
    if not search.has_plan:
        search.best(None)
    return () if search.has_plan else None


def _hold(search: Search, goal: Total | Vector) -> Number:
    """Keep what a goal has for later goals; return what it could have at most."""
    if isinstance(goal, Total):
        _keep(search, goal)
    else:
        for total in goal.total.tolist():
            value = goal.sign * int(search.values[total])
            search.row(np.array([total]), np.array([goal.sign]), value)
    return simple_bound(search.rows, goal)


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


def _optimize(
    search: Search, goal: Total | Vector, num_goals: int
) -> tuple[Number, bool]:
    """Return what no plan can beat for a goal, and whether that is reached."""
    if isinstance(goal, Total):
        return _total(search, goal, num_goals)
    return Levels(search, goal, _watch(search, goal, num_goals)).run()


def _watch(search: Search, goal: Total | Vector, num_goals: int) -> Watch:
    """Return a watch over half the seconds left, over all for the last goal."""
    is_last = goal.position == num_goals - 1
    return search.watch if is_last else search.watch.share(0.5)


def _best(search: Search, goal: Total, num_goals: int) -> Answer:
    return search.best(
        (goal.variable, goal.factor),
        maximize=goal.maximize,
        watch=_watch(search, goal, num_goals),
    )


def _total(search: Search, goal: Total, num_goals: int) -> tuple[Fraction, bool]:
    """Optimize a total and keep its value for later goals."""
    answer = search.known.get(goal.position) or _best(search, goal, num_goals)
    value = _keep(search, goal)
    if answer.is_proved:
        return value / goal.denominator, True
    simple = simple_bound(search.rows, goal)
    assert isinstance(simple, Fraction)
    if answer.bound is None:
        return simple, False
    bound = Fraction(answer.bound + goal.constant, goal.denominator)
    return (min if goal.maximize else max)(bound, simple), False


def _keep(search: Search, goal: Total) -> Fraction:
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

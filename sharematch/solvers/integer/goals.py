"""One goal over rows: optimized, and its value kept for later goals.

    total    max Σ factor × x, then Σ factor × x ≥ that (less its slack)
    vector   level by level (`leximin`), then each group at least where it is

The method of goals in order (lexicographic optimization): what a later goal may choose
among are the optima of all before it.

Example: of four needs two can be served, in one way or another: first served = 2, then
among these ways the one with the least travel.
"""

from fractions import Fraction
from math import ceil, floor

import numpy as np

from sharematch.core.integer.program import FREE, Total, Vector
from sharematch.solvers.integer.cpsat import Answer
from sharematch.solvers.integer.leximin import Levels
from sharematch.solvers.integer.search import Search, simple_bound
from sharematch.solvers.monitor import Monitor
from sharematch.solvers.outcome import Number

__all__ = ["best", "keep", "keep_each", "keep_worst", "optimize"]


def optimize(
    search: Search, goal: Total | Vector, num_goals: int
) -> tuple[Number, bool]:
    """Return what no plan can beat for a goal, and whether that is reached."""
    if isinstance(goal, Total):
        return _total(search, goal, num_goals)
    return Levels(search, goal, _monitor_of(search, goal, num_goals)).run()


def _monitor_of(search: Search, goal: Total | Vector, num_goals: int) -> Monitor:
    """Return a monitor over half the seconds left, over all for the last goal."""
    is_last = goal.position == num_goals - 1
    return search.monitor if is_last else search.monitor.share(0.5)


def best(search: Search, goal: Total, num_goals: int) -> Answer:
    """Return the best answer for a total in its share of the seconds left."""
    return search.best(
        (goal.variable, goal.factor),
        maximize=goal.maximize,
        monitor=_monitor_of(search, goal, num_goals),
    )


def _total(search: Search, goal: Total, num_goals: int) -> tuple[Fraction, bool]:
    """Optimize a total and keep its value for later goals."""
    answer = search.answers.get(goal.position) or best(search, goal, num_goals)
    value = keep(search, goal)
    if answer.is_proved:
        return value / goal.denominator, True
    simple = simple_bound(search.rows, goal)
    assert isinstance(simple, Fraction)
    if answer.bound is None:
        return simple, False
    bound = Fraction(answer.bound + goal.constant, goal.denominator)
    return (min if goal.maximize else max)(bound, simple), False


def keep(search: Search, goal: Total) -> Fraction:
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


def keep_worst(search: Search, goal: Vector) -> None:
    """Keep every entry of a vector at its worst one or better."""
    values = search.values[goal.total].tolist()
    worst = min(
        (goal.sign * v / w for v, w in zip(values, goal.weight, strict=True)),
        default=Fraction(0),
    )
    for total, weight in zip(goal.total.tolist(), goal.weight, strict=True):
        search.row(np.array([total]), np.array([goal.sign]), ceil(worst * weight))


def keep_each(search: Search, goal: Vector) -> None:
    """Keep every entry of a vector at its own value or better."""
    for total in goal.total.tolist():
        least = goal.sign * int(search.values[total])
        search.row(np.array([total]), np.array([goal.sign]), least)

"""Goals in strict order over rows: each one's optimum becomes a row for the next."""

from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.coupled import CoupledProgram
from sharematch.core.rows import Total, Vector
from sharematch.solvers.coupled import Model, Watch, is_over
from sharematch.solvers.goals import best, keep, keep_worst, optimize
from sharematch.solvers.lagrangian import lagrangian_bound
from sharematch.solvers.linear import PACKING, engine
from sharematch.solvers.packing import packed
from sharematch.solvers.parts import solve_parts
from sharematch.solvers.rounding import begin, flow_bounds
from sharematch.solvers.search import Found, Number, Search, simple_bound
from sharematch.solvers.siting import solve_siting

SMALL = 1_500
"""Variables of arcs up to which CP-SAT needs no plan to begin with."""
PATIENCE = 60.0
"""Deterministic seconds that it gets for each answer beyond that without a limit."""
LARGE = 20_000
"""Variables beyond which the whole is never searched at once."""
BOUNDS = 0.15
"""Share of the seconds left that is kept for bounds, once a plan is there."""

__all__ = ["has_plan", "solve_coupled"]

Ints = NDArray[np.int64]


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

    Without a limit that is an optimal one, unless the problem is large and a proof is
    out of reach; with `exact` it is one in any case.
    """
    with suppress(watch.stop):
        before_goal(0)
    parted = None if exact else solve_parts(program, watch, before_goal)
    if parted is None and not exact:
        parted = solve_siting(program, watch, before_goal)
    return parted or _solve_whole(program, watch, before_goal, exact=exact)


def _solve_whole(
    program: CoupledProgram,
    watch: Watch,
    before_goal: Callable[[int], None],
    *,
    exact: bool,
) -> Found | None:
    search = Search(program.rows, watch)
    optima = _start(program, search, exact=exact)
    if optima is None:
        return None
    bounds: list[Number] = []
    proved: list[bool] = []
    for goal in program.goals:
        if _is_over(search, goal, before_goal):
            break
        if search.is_large:
            bound, is_proved = _hold(search, goal), False
        else:
            bound, is_proved = optimize(search, goal, len(program.goals))
        bounds.append(bound)
        proved.append(is_proved)
        watch.tell(Fraction(0) if is_proved else _gap(search, goal, bound))
    for goal in program.goals[len(bounds) :]:
        bounds.append(simple_bound(program.rows, goal))
        proved.append(False)
    units = program.lift(search.values)
    values = search.values[: program.rows.num_variables]
    if search.is_begun:
        _tighten(program, units, optima, bounds, proved)
        _price(program, values, bounds, proved, watch)
    is_mixed = search.is_mixed and search.is_large
    return Found(units, tuple(bounds), tuple(proved), values, is_mixed)


def _is_over(
    search: Search, goal: Total | Vector, before_goal: Callable[[int], None]
) -> bool:
    """Return whether a goal has no answer and gets no time."""
    try:
        if goal.position:
            before_goal(goal.position)
        else:
            search.watch.check()
    except search.watch.stop:
        return goal.position not in search.known
    return False


def _start(
    program: CoupledProgram, search: Search, *, exact: bool
) -> tuple[Any, ...] | None:
    """Find a first plan; return what relaxed goals reach, None without a plan."""
    rows = program.rows
    first = program.goals[0] if program.goals else None
    is_live = np.zeros(rows.num_variables, bool)
    is_live[program.variable] = True
    live = np.count_nonzero(is_live & (rows.upper != 0))
    if live > SMALL and not exact:
        search.patience = PATIENCE
    if isinstance(first, Total) and engine(rows, first.variable) is not None:
        packs = not exact and engine(rows, first.variable) == PACKING
        search.known[first.position] = (
            packed(program, search, first, len(program.goals))
            if packs
            else best(search, first, len(program.goals))
        )
        return () if search.has_plan else None
    if live > SMALL and program.goals:
        search.is_large = bool(live > LARGE) and not exact
        search.watch = search.watch.share(1 - BOUNDS)
        begun = begin(program, search.watch.share(1 if search.is_large else 0.5))
        if begun is not None:
            search.is_begun, search.is_mixed = True, begun.is_mixed
            search.values, search.has_plan = begun.values, True
            return begun.optima
        search.is_large = False
    if not search.has_plan:
        search.best(None)
    return () if search.has_plan else None


def _hold(search: Search, goal: Total | Vector) -> Number:
    """Keep what a goal has for later goals; return what it could have at most."""
    if isinstance(goal, Total):
        keep(search, goal)
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
    ahead = list(optima)  # of this goal and later ones, all before them reached
    for position, (goal, term) in enumerate(
        zip(program.goals, program.terms.goals, strict=True)
    ):
        value = program.measures.goal_value(term, units)
        if not ahead and not proved[position]:
            ahead = flow_bounds(program, position, units)
        found = ahead.pop(0) if ahead else None
        if found is not None:
            bounds[position] = _tighter(goal, bounds[position], _number(found))
            proved[position] = proved[position] or value == found
        if value != found:
            ahead = []


def _price(
    program: CoupledProgram,
    values: Ints,
    bounds: list[Number],
    proved: list[bool],
    watch: Watch,
) -> None:
    """Bound totals that are not proved by packing rooms, earlier goals being kept."""
    for position, goal in enumerate(program.goals):
        if proved[position] or not isinstance(goal, Total) or is_over(watch):
            continue
        search = Search(program.rows, watch)
        search.values = values
        for earlier in program.goals[:position]:
            if isinstance(earlier, Total):
                keep(search, earlier)
            else:
                keep_worst(search, earlier)
        sign = -1 if goal.maximize else 1
        cost = np.zeros(program.rows.num_variables, np.int64)
        np.add.at(cost, goal.variable, sign * goal.factor)
        reached = int(cost @ values)
        share = watch.share(1 / (len(proved) - sum(proved[position:]) - position))
        found = lagrangian_bound(search.settled(), cost, reached, share)
        if found is not None:
            bound = Fraction(sign * found + goal.constant, goal.denominator)
            bounds[position] = _tighter(goal, bounds[position], bound)
            proved[position] = found == reached


def _gap(search: Search, goal: Total | Vector, bound: Number) -> Fraction:
    """Return how far the best plan may be from optimal in a goal."""
    if isinstance(goal, Total):
        reached = int(goal.factor @ search.values[goal.variable]) + goal.constant
        value = Fraction(reached, goal.denominator)
        assert isinstance(bound, Fraction)
        return abs(bound - value) / max(Fraction(1), abs(value))
    totals = zip(search.values[goal.total].tolist(), goal.weight, strict=True)
    vector = (goal.sign * x for x in sorted(goal.sign * t / w for t, w in totals))
    assert isinstance(bound, tuple)
    differences = (abs(b - v) for b, v in zip(bound, vector, strict=True))
    return next(filter(None, differences), Fraction(0))


def _number(value: Any) -> Number:
    return value if isinstance(value, tuple) else Fraction(value)


def _tighter(goal: Total | Vector, one: Number, other: Number) -> Number:
    upward = goal.maximize if isinstance(goal, Total) else goal.sign > 0
    return min(one, other) if upward else max(one, other)

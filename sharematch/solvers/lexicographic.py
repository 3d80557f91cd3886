"""Goals in strict order over rows: each one's optimum becomes a row for the next.

    v₁ = min c₁ · x,   v₂ = min c₂ · x with c₁ · x = v₁,   …   over integers x in rows

The epsilon-constraint way to a lexicographic optimum (Isermann 1982; Ehrgott 2005,
Multicriteria Optimization), without weights between goals. What is small is searched
goal by goal until a proof; what is large is bettered as a whole as long as there is
time (`anytime`), and goals are bounded by flows and prices afterwards.

Four nodes: the hub, a team of two that only comes as a whole, a hall for two 3 minutes
away and a club for one 1 minute away. Served first: 2, in the hall. "Served = 2" is a
row from then on, under which the least travel is 6; the club is no longer open to it.
"""

import logging
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.integer.coupled import CoupledProgram
from sharematch.core.integer.partition import COUPLING
from sharematch.core.integer.program import Total, Vector
from sharematch.progress import Stop
from sharematch.solvers.anytime.greedy import first_come_values
from sharematch.solvers.anytime.leftovers import filled
from sharematch.solvers.anytime.solving import PROVABLE, solve_anytime
from sharematch.solvers.anytime.start import best_start
from sharematch.solvers.anytime.worth import slack_floor, worth
from sharematch.solvers.integer.cpsat import Model
from sharematch.solvers.integer.goals import best, keep, keep_worst, optimize
from sharematch.solvers.integer.lagrangian import lagrangian_bound
from sharematch.solvers.integer.mip import PACKING, engine
from sharematch.solvers.integer.packing import packed
from sharematch.solvers.integer.rounding import begin, flow_bounds, is_mostly_flow
from sharematch.solvers.integer.search import Search, simple_bound
from sharematch.solvers.monitor import UNWATCHED, Monitor
from sharematch.solvers.outcome import IntegerOutcome, Number

SMALL = 1_500
"""Variables of arcs up to which CP-SAT goes on until it has a proof."""
FEW = 150
"""The same where time or work are limited."""
SEARCH = 0.95
"""Share of the seconds for the search; then what still fits is put in."""
PATIENCE = 60.0
"""Deterministic seconds that it gets for each answer beyond that without a limit."""
SOON = 0.2
"""Seconds for bounds of flows once a search was stopped."""
LARGE = 20_000
"""Variables beyond which the whole is never searched at once."""
BOUNDS = 0.12
"""Share of the seconds that is kept for bounds where they take some."""
BEGIN = {True: 0.3, False: 0.9}
"""Share of the rest for a plan around the relaxed flow: of small models, of large."""

__all__ = ["SEARCH", "filled_up", "has_plan", "not_behind", "solve_coupled"]

log = logging.getLogger("sharematch")

Ints = NDArray[np.int64]


def has_plan(program: CoupledProgram, monitor: Monitor) -> bool | None:
    """Return whether any plan keeps all rows, None if the search was stopped."""
    try:
        model = Model(program.rows, monitor.check)
    except Stop:
        return None
    answer = model.solve(monitor, seconds=monitor.remaining())
    if answer.values is not None:
        return True
    return False if answer.is_proved else None


def solve_coupled(
    program: CoupledProgram,
    monitor: Monitor = UNWATCHED,
    *,
    exact: bool = False,
) -> IntegerOutcome | None:
    """Return the best plan found, or None where none exists or none was found.

    Without a limit that is an optimal one, unless the problem is large and a proof is
    out of reach; with `exact` it is one in any case.
    """
    with suppress(Stop):
        monitor.goal(0)
    if exact:
        return _solve_whole(program, monitor.within(None), exact=True)
    main, outcome = monitor.share(SEARCH), None
    with suppress(Stop):
        outcome = _solve_whole(program, main, exact=False)
    if outcome is None and main.is_over():
        outcome = _simple(program, monitor)
    if outcome is None or all(outcome.is_proved):
        return outcome
    return filled_up(program, outcome, monitor)


def _simple(program: CoupledProgram, monitor: Monitor) -> IntegerOutcome | None:
    """Return the plan of first come where a search has ended before it had any."""
    values = first_come_values(program, monitor.last_look())
    if values is None or not program.rows.holds(values):
        return None
    bounds = [simple_bound(program.rows, goal) for goal in program.goals]
    return IntegerOutcome.of(program, values, bounds, [False] * len(bounds))


def not_behind(
    program: CoupledProgram, outcome: IntegerOutcome, monitor: Monitor
) -> IntegerOutcome:
    """Return what was found, or a simple plan of the whole where that is better."""
    values = program.dependents.complete(outcome.values[: program.rows.num_variables])
    last_look = monitor.last_look()
    if monitor.is_over():
        start = first_come_values(program, last_look)
    else:
        start = best_start(program, last_look)
    if start is None or not program.rows.holds(start):
        return outcome
    floors = [_floor(goal, values) for goal in program.goals]
    if worth(program, start, floors) <= worth(program, values, floors):
        return outcome
    return replace(outcome, units=program.lift(start), values=start)


def filled_up(
    program: CoupledProgram, outcome: IntegerOutcome, monitor: Monitor
) -> IntegerOutcome:
    """Return what was found with all that still fits beside it, nobody moved."""
    values = outcome.values[: program.rows.num_variables]
    floors = tuple(_floor(goal, values) for goal in program.goals)
    values = program.dependents.complete(values)
    values = filled(program, values, monitor.finishing(), floors)
    return replace(outcome, units=program.lift(values), values=values)


def _solve_whole(
    program: CoupledProgram,
    monitor: Monitor,
    *,
    exact: bool,
) -> IntegerOutcome | None:
    num_live = _num_live(program)
    is_large = num_live > (FEW if monitor.is_limited else SMALL)
    is_large &= bool(program.goals)
    if not exact and is_large and not _is_assignment(program):
        return _solve_large(program, monitor)
    log.debug("%d columns: goal by goal until a proof", num_live)
    search = Search(program.rows, monitor)
    start = None if exact else _offer_start(program, search)
    if not _start(program, search, exact=exact):
        return None
    bounds: list[Number] = []
    proved: list[bool] = []
    for goal in program.goals:
        if _is_over(search, goal):
            break
        bound, is_proved = optimize(search, goal, len(program.goals))
        bounds.append(bound)
        proved.append(is_proved)
        monitor.close(Fraction(0) if is_proved else _gap(search, goal, bound))
    for goal in program.goals[len(bounds) :]:
        bounds.append(simple_bound(program.rows, goal))
        proved.append(False)
    values = search.values[: program.rows.num_variables]
    if not exact and not all(proved):
        # What is equal in a goal may be worse in later ones when time is over.
        floors = [_floor(goal, values) for goal in program.goals]
        plans = (values, start, first_come_values(program, monitor.last_look()))
        whole = [x for x in plans if x is not None and program.rows.holds(x)]
        values = max(whole, key=lambda plan: worth(program, plan, floors))
    return IntegerOutcome.of(program, values, bounds, proved)


def _floor(goal: Total | Vector, values: Ints) -> int | None:
    if isinstance(goal, Total) and goal.slack:
        return slack_floor(goal, values)
    return None


def _num_live(program: CoupledProgram) -> int:
    """Return how many variables of arcs can be more than 0."""
    return len(program.column)


def _is_large(program: CoupledProgram) -> bool:
    return _num_live(program) > SMALL and bool(program.goals)


def _is_assignment(program: CoupledProgram) -> bool:
    """Return whether the first goal packs units of several sizes, nothing else."""
    first = program.goals[0]
    return (
        isinstance(first, Total)
        and _is_packing(program)
        and engine(program.rows, first.variable) == PACKING
    )


def _offer_start(program: CoupledProgram, search: Search) -> Ints | None:
    """Give a search the best plan that can be had at once."""
    start = best_start(program, search.monitor, only_at_once=True)
    if start is not None:
        search.values, search.has_plan = start, True
    return start


def _solve_large(program: CoupledProgram, monitor: Monitor) -> IntegerOutcome | None:
    """Return the best plan found: around the relaxed flow where that says most."""
    begun, whole_monitor = None, monitor
    if not program.has_series and (is_mostly_flow(program) or _is_packing(program)):
        searching = monitor.share(1 - BOUNDS)
        is_small = program.rows.matrix.nnz <= PROVABLE
        effort = searching.effort
        begun = begin(program, searching.share(BEGIN[is_small]))
        # What a first plan takes is less than that, and none of what betters it.
        monitor = (monitor if begun is None else searching).within(effort)
    how = "a start by scarcity" if begun is None else "around the relaxed flow"
    log.debug("%d columns: %s, then small problems", _num_live(program), how)
    other_plans = [] if begun is None else [begun.values]

    def tightened(outcome: IntegerOutcome) -> IntegerOutcome:
        """Bound what is not proved; what time that leaves the search gets back."""
        bounds, proved = [*outcome.bounds], [*outcome.is_proved]
        optima = () if begun is None else begun.optima
        _tighten(program, outcome.units, optima, (bounds, proved), whole_monitor)
        if not all(proved) and begun is not None:
            _price(program, outcome.values, bounds, proved, whole_monitor)
        return replace(outcome, bounds=tuple(bounds), is_proved=tuple(proved))

    outcome = solve_anytime(program, monitor, other_plans, tightened, whole_monitor)
    if outcome is None:
        return None
    is_mixed = begun is not None and begun.is_mixed and _num_live(program) > LARGE
    return replace(outcome, structure="mixed" if is_mixed else "coupled")


def _is_packing(program: CoupledProgram) -> bool:
    """Return whether nothing couples but that needs are whole."""
    rows = program.rows
    kinds = {rows.sources[source].kind for source in np.unique(rows.source).tolist()}
    return not kinds & {*COUPLING}


def _is_over(search: Search, goal: Total | Vector) -> bool:
    """Return whether a goal has no answer and gets no time."""
    try:
        if goal.position:
            search.monitor.goal(goal.position)
        else:
            search.monitor.check()
    except Stop:
        return goal.position not in search.answers
    return False


def _start(program: CoupledProgram, search: Search, *, exact: bool) -> bool:
    """Find a first plan, for packing the best; return whether there is one."""
    first = program.goals[0] if program.goals else None
    if _is_large(program) and not exact:
        search.patience = PATIENCE
    if isinstance(first, Total) and engine(program.rows, first.variable) is not None:
        packs = not exact and engine(program.rows, first.variable) == PACKING
        search.answers[first.position] = (
            packed(program, search, first, len(program.goals))
            if packs and not program.has_series
            else best(search, first, len(program.goals))
        )
    elif not search.has_plan:
        search.best(None)
    return search.has_plan


def _tighten(
    program: CoupledProgram,
    units: Ints,
    optima: tuple[Any, ...],
    known: tuple[list[Number], list[bool]],
    monitor: Monitor,
) -> None:
    """Bound goals that are not proved by what flows reach."""
    (bounds, proved), last_look = known, monitor.last_look(SOON)
    optima_ahead = list(optima)  # of this goal and later ones, all before them reached
    for position, (goal, term) in enumerate(
        zip(program.goals, program.terms.goals, strict=True)
    ):
        value = program.measures.goal_value(term, units)
        if not optima_ahead and not proved[position]:
            with suppress(Stop):
                optima_ahead = flow_bounds(program, position, units, last_look)
        optimum = optima_ahead.pop(0) if optima_ahead else None
        if optimum is not None:
            bounds[position] = _tighter(goal, bounds[position], _number(optimum))
            proved[position] = proved[position] or value == optimum
        if value != optimum:
            optima_ahead = []


def _price(
    program: CoupledProgram,
    values: Ints,
    bounds: list[Number],
    proved: list[bool],
    monitor: Monitor,
) -> None:
    """Bound totals that are not proved by packing rooms, earlier goals being kept."""
    for position, goal in enumerate(program.goals):
        if proved[position] or not isinstance(goal, Total) or monitor.is_over():
            continue
        search = Search(program.rows, monitor)
        search.values = values
        for earlier in program.goals[:position]:
            if isinstance(earlier, Total):
                keep(search, earlier)
            else:
                keep_worst(search, earlier)
        sign = -1 if goal.maximize else 1
        cost = goal.cost(program.rows.num_variables)
        reached = int(cost @ values)
        share = monitor.share(1 / (len(proved) - sum(proved[position:]) - position))
        priced_bound = lagrangian_bound(search.settled(), cost, reached, share)
        if priced_bound is not None:
            bound = Fraction(sign * priced_bound + goal.constant, goal.denominator)
            bounds[position] = _tighter(goal, bounds[position], bound)
            proved[position] = priced_bound == reached


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


def _tighter(goal: Total | Vector, bound: Number, other_bound: Number) -> Number:
    upward = goal.maximize if isinstance(goal, Total) else goal.sign > 0
    return min(bound, other_bound) if upward else max(bound, other_bound)

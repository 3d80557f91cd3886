"""solve(): columns → arcs → program → solver, goal by goal → verify → Result."""

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.allocation import Allocation
from sharematch.assurance import assure, best_conceivable
from sharematch.conflicts import conflict_of
from sharematch.core import arcs as arcs_module
from sharematch.core.arcs import Arcs
from sharematch.core.columns import Columns
from sharematch.core.coupled import CoupledProgram
from sharematch.core.duals import certify
from sharematch.core.encoding import encode
from sharematch.core.lookup import find
from sharematch.core.measures import Measures
from sharematch.core.program import Program
from sharematch.errors import InputError, SolverError
from sharematch.model.canonical import policy_hash
from sharematch.model.instance import Instance
from sharematch.model.policy import Goal, Maximize, Policy
from sharematch.model.vocabulary import MEASURES
from sharematch.model.wording import goal_text, policy_text
from sharematch.programs import Programs
from sharematch.progress import OnProgress, Progress, Stop
from sharematch.reasons import unmet_needs
from sharematch.result import (
    GoalValue,
    Result,
    Status,
    measure_plan,
)
from sharematch.solvers.budget import solve_within
from sharematch.solvers.coupled import Watch
from sharematch.solvers.greedy import first_come, first_come_coupled
from sharematch.solvers.lexicographic import solve_coupled
from sharematch.solvers.network import solve_network
from sharematch.solvers.parts import is_mixed
from sharematch.verifier import verify

__all__ = ["join", "solve"]

log = logging.getLogger("sharematch")

FEW_ARCS = 1_500
"""Up to so many a limit on moves is left to CP-SAT, beyond them moves are priced."""
TELL_EVERY = 0.2
"""Seconds after which a long goal is told of again."""

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class _Found:
    """The units on each arc; for each goal a bound, where known, and whether it holds.

    Bounds are in the measure's smallest unit.
    """

    units: Ints
    is_proved: tuple[bool, ...]
    bounds: tuple[Any, ...]
    values: Ints | None = None
    """Of the variables of a coupled program."""
    is_drawn: bool = True
    """Whether all had their turn."""
    is_priced: bool = False
    """Whether moves were limited by a price on them."""
    is_mixed: bool = False
    """Whether what does not couple was solved as flows."""


class _Clock:
    """Times phases, tells progress, keeps the limit and the wish to stop."""

    def __init__(self, limit: float | None, on_progress: OnProgress | None) -> None:
        self.begin = self.lap = self.told = time.perf_counter()
        self.limit = limit
        self.on_progress = on_progress
        self.timings: dict[str, float] = {}
        self.event = Progress("", 0.0)
        self.stopped = False
        self.gap: Fraction | None = None

    def enter(self, phase: str, **details: Any) -> None:
        """Begin a phase; raises what `on_progress` raises, Stop apart."""
        now = time.perf_counter()
        if self.event.phase:
            spent = self.timings.get(self.event.phase, 0.0)
            self.timings[self.event.phase] = spent + now - self.lap
        self.lap = now
        self.event = Progress(phase, now - self.begin, **details)
        log.debug("%s %s", phase, self.event.text)
        self._tell(now)

    def _tell(self, now: float) -> None:
        self.told = now
        if self.on_progress is None:
            return
        try:
            left, seconds = self.remaining(), now - self.begin
            event = replace(self.event, seconds=seconds, gap=self.gap, remaining=left)
            self.on_progress(event)
        except Stop:
            self.stopped = True

    def check(self) -> None:
        """Raise Stop when the time is over or `on_progress` asked for it."""
        now = time.perf_counter()
        if now - self.told > TELL_EVERY:
            self._tell(now)
        left = self.remaining()
        if self.stopped or (left is not None and left <= 0):
            raise Stop

    def note(self, gap: Fraction) -> None:
        """Take note of the gap of a goal that is done."""
        self.gap = gap if self.gap is None else max(self.gap, gap)

    def remaining(self) -> float | None:
        """Return the seconds left, None without a limit."""
        if self.limit is None:
            return None
        return max(self.limit - (time.perf_counter() - self.begin), 0.0)

    @property
    def watch(self) -> Watch:
        """What programses look at."""
        return Watch(self.check, Stop, self.remaining, self.note)


def solve(
    instance: Instance | Columns,
    policy: Policy | None = None,
    *,
    time_limit: float | None = None,
    seed: int = 0,
    baseline: Result | Allocation | None = None,
    turns: Sequence[str] | None = None,
    on_progress: OnProgress | None = None,
) -> Result:
    """Decide who gets what: the best plan under a policy, verified.

    Parameters
    ----------
    instance
        The records of one round, or their columns.
    policy
        Rules and goals; `Policy.fair()` if left out.
    time_limit
        Seconds after which the best plan so far is returned, with a bound and a gap
        for each goal. Then a rerun may differ, and a warning says so.
    seed
        Breaks ties that all goals leave, by keyed hashes of ids.
    baseline
        An earlier result or plan, for the measure ``moved``.
    turns
        Needs in the order in which they choose among the plans that all goals leave:
        each gets as many units as it can. The seed then decides only where.
    on_progress
        Called with a `Progress` at every step. Raising `sharematch.progress.Stop` in
        it ends the search with the best plan so far, anything else is passed on.

    Returns
    -------
    A result whose plan keeps all records and rules (checked by the verifier); each
    goal optimal among the optima of the earlier ones if `status` is ``optimal``. The
    same input, seed and version give the same result, whatever the order of records.

    Raises
    ------
    InputError
        For a policy that names what the instance does not have.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.Instance(
    ...     communities=[sm.Community(id="tianfeng"), sm.Community(id="lianqiao")],
    ...     facilities=[sm.Facility(id="station", community="tianfeng")],
    ...     slots=[sm.Slot(id="mon", facility="station", kinds=["health"], capacity=3)],
    ...     needs=[
    ...         sm.Need(id="t", community="tianfeng", kind="health", quantity=4),
    ...         sm.Need(id="l", community="lianqiao", kind="health", quantity=2),
    ...     ],
    ... )
    >>> [str(ratio) for ratio in sm.solve(town).goals[0].value]
    ['1/2', '1/2']
    """
    if time_limit is not None and not time_limit > 0:
        raise InputError(f"time_limit {time_limit}: must be above 0 seconds")
    policy = Policy.fair() if policy is None else policy
    clock = _Clock(time_limit, on_progress)
    clock.enter("arcs")
    columns = encode(instance)
    _check_turns(turns, policy, columns)
    everything = arcs_module.build(columns)
    programs = Programs(
        columns, everything, policy, seed, _earlier(baseline), watch=clock.watch
    )
    clock.enter("lower")
    program = found = None
    with suppress(Stop):  # over before there is a plan
        priced = None if turns is not None else _priced(programs)
        if priced is None:
            program = programs.program(policy.rules, programs.pins)
        else:
            program = priced[0]
            found = _run_within(*priced, policy, clock)
        if turns is not None and isinstance(program, CoupledProgram):
            goals = (*policy.goals, *_turn_goals(turns))
            program = programs.program(policy.rules, programs.pins, goals=goals)
        chosen = None if turns is None else [columns.position["need"][n] for n in turns]
        if program is not None and priced is None:
            found = _run(program, policy, clock, chosen)
    if program is None or found is None:
        result = _without_plan(programs, program, clock)
    else:
        result = _with_plan(programs, program, instance, found, clock)
    clock.enter("done")
    return result


def join(
    instance: Instance | Columns,
    everything: Arcs,
    policy: Policy,
    plan: tuple[Ints, Ints, Ints],
    known: Sequence[tuple[bool, Any]],
    *,
    seed: int = 0,
    time_limit: float | None = None,
) -> Result:
    """Return the verified result of a plan that was put together from parts.

    Parameters
    ----------
    everything
        All arcs of the instance.
    plan
        Positions of needs and slots, and the units of each of these pairs.
    known
        For each goal whether it is proved, and a bound in the smallest unit.
    seed, time_limit
        With which the parts were solved.

    Raises
    ------
    SolverError
        For a plan that does not keep all records and rules.
    """
    clock = _Clock(time_limit, None)
    clock.enter("lower")
    columns = encode(instance)
    programs = Programs(columns, everything, policy, seed, None, watch=Watch())
    program = programs.program(policy.rules, programs.pins)
    assert program is not None  # else a pin is no arc, and its part has no plan
    arcs, width = program.measures.arcs, max(len(columns.slot_ids), 1)
    need, slot, quantity = plan
    units = np.zeros(len(arcs), np.int64)
    at = find(arcs.need * width + arcs.slot, need * width + slot)
    units[at] = quantity
    found = _Found(
        units,
        tuple(is_proved for is_proved, _ in known),
        tuple(bound for _, bound in known),
        is_mixed=isinstance(program, CoupledProgram) and is_mixed(program),
    )
    result = _with_plan(programs, program, instance, found, clock)
    clock.enter("done")
    return result


def _earlier(baseline: Result | Allocation | None) -> Allocation | None:
    return baseline.allocation if isinstance(baseline, Result) else baseline


def _turn_goals(turns: Sequence[str]) -> list[Goal]:
    """Return what turns mean where needs couple: each need's units in turn."""
    return [Maximize("served", where={"need": need}) for need in turns]


def _check_turns(turns: Sequence[str] | None, policy: Policy, columns: Columns) -> None:
    if turns is None:
        return
    if policy.method != "goals":
        raise InputError(f"{policy.method} has an order of its own: no turns")
    unknown = [need for need in turns if need not in columns.position["need"]]
    if unknown or len(set(turns)) < len(turns):
        wrong = unknown[0] if unknown else max(turns, key=list(turns).count)
        raise InputError(f"turns: {wrong} must be a need, named once")


def _run(
    program: Program | CoupledProgram,
    policy: Policy,
    clock: _Clock,
    turns: Sequence[int] | None,
) -> _Found | None:
    """Return the best plan and what is known of each goal, or None without a plan."""
    if policy.method == "first_come":
        return _first_come(program, clock)

    count, before_goal = len(policy.goals), _teller(program, policy, clock)
    if isinstance(program, CoupledProgram):
        found = solve_coupled(program, clock.watch, before_goal)
        if found is None:
            return None
        known = found.is_proved[:count], found.bounds[:count]
        is_drawn = all(found.is_proved[count:])
        return _Found(
            found.units, *known, found.values, is_drawn, is_mixed=found.is_mixed
        )
    outcome = solve_network(program, before_goal, clock.check, stop=Stop, turns=turns)
    if outcome is None:
        return None
    proved = tuple(i < outcome.num_proved for i in range(count))
    return _Found(outcome.units, proved, (None,) * count)


def _teller(
    program: Program | CoupledProgram, policy: Policy, clock: _Clock
) -> Callable[[int], None]:
    """Return what tells of each goal before it is solved for."""
    count = len(policy.goals)

    def before_goal(position: int) -> None:
        clock.check()
        if position and isinstance(program, Program):
            clock.note(Fraction(0))  # what is a flow is solved to the end
        if position < count:  # what couples is searched for a plan without goals too
            text = goal_text(policy.goals[position])
            clock.enter("goal", goal=position + 1, num_goals=count, text=text)
        clock.check()

    return before_goal


def _priced(programs: Programs) -> tuple[Program, int] | None:
    """Return flows and a limit, where moves are limited and the instance is large."""
    if len(programs.everything) <= FEW_ARCS or programs.policy.method != "goals":
        return None
    return programs.within_budget(programs.policy.rules, programs.pins)


def _run_within(
    program: Program, limit: int, policy: Policy, clock: _Clock
) -> _Found | None:
    """Return a plan that moves little enough, and what it may miss of each goal."""
    found = solve_within(program, limit, _teller(program, policy, clock), clock.check)
    if found is None:
        return None
    measures, bounds = program.measures, []
    for goal, missing in zip(policy.goals, found.slack, strict=True):
        bound: Any = None
        if isinstance(missing, np.ndarray):
            bound = measures.goal_value(goal, missing)
        elif missing is not None:
            values = measures.values(goal.measure, found.units, None, goal.where)
            share = Fraction(missing, max(int(values.denominator[0]), 1))
            value: Any = measures.goal_value(goal, found.units)
            bound = value + share if goal.op == "maximize" else value - share
        bounds.append(bound)
    return _Found(found.units, found.is_proved, tuple(bounds), is_priced=True)


def _first_come(program: Program | CoupledProgram, clock: _Clock) -> _Found | None:
    clock.enter("goal", text="first come")
    if isinstance(program, CoupledProgram):
        units = first_come_coupled(program, clock.watch)
    else:
        units = first_come(program)
    return None if units is None else _Found(units, (), ())


def _with_plan(
    programs: Programs,
    program: Program | CoupledProgram,
    instance: Instance | Columns,
    found: _Found,
    clock: _Clock,
) -> Result:
    units = found.units
    policy, columns = programs.policy, programs.columns
    clock.enter("verify")
    measures = program.measures
    allocation = _allocation(columns, measures.arcs, units)
    violations = verify(instance, allocation, policy, baseline=programs.baseline)
    if violations:
        raise SolverError(
            "the plan found does not pass verification: "
            + "; ".join(str(violation) for violation in violations[:5])
        )
    plan = measure_plan(columns, measures.arcs, units, measures.baseline)
    goals = tuple(
        _goal_value(measures, goal, units, is_proved=is_proved, bound=bound)
        for goal, is_proved, bound in zip(
            policy.goals, found.is_proved, found.bounds, strict=True
        )
    )
    is_proved = all(found.is_proved) and found.is_drawn
    is_optimal = policy.method == "goals" and is_proved
    is_best = is_optimal or policy.method != "goals"
    return Result(
        status=Status.OPTIMAL if is_optimal else Status.FEASIBLE,
        structure=_structure(program, found) if policy.method == "goals" else "greedy",
        goals=goals,
        allocation=allocation,
        unmet=unmet_needs(program, units, found.values),
        policy=policy,
        provenance=_provenance(programs),
        certificate=_certificate(
            program,
            policy,
            units,
            goals,
            is_proved=is_optimal and not found.is_priced,
        ),
        warnings=_warnings(measures.arcs, cut=clock.limit is not None and not is_best),
        timings=clock.timings,
        baseline=programs.baseline if _asks_what_moved(policy) else None,
        instance=instance if isinstance(instance, Instance) else None,
        _plan=plan,
    )


def _asks_what_moved(policy: Policy) -> bool:
    return any(term.measure == "moved" for term in (*policy.rules, *policy.goals))


def _certificate(
    program: Program | CoupledProgram,
    policy: Policy,
    units: Ints,
    goals: Sequence[GoalValue],
    *,
    is_proved: bool,
) -> dict[str, Any] | None:
    """Return prices that prove the plan; else what is sure of it; None without goals.

    A policy that needs no goals, only rules, is proved by its plan.
    """
    if is_proved and isinstance(program, Program):
        prices = certify(program, policy.rules, policy.goals, units)
        if prices is not None:
            return prices
    if not is_proved and not goals:
        return None
    return assure(program.measures, units, policy.rules, goals)


def _structure(
    program: Program | CoupledProgram | None, found: _Found | None = None
) -> str:
    """Return what was solved as a whole, or that flows and what couples were.

    Flows with a price on moves are ``priced``.
    """
    if found is not None and (found.is_mixed or found.is_priced):
        return "mixed" if found.is_mixed else "priced"
    return "coupled" if isinstance(program, CoupledProgram) else "network"


def _allocation(columns: Columns, arcs: Arcs, units: Ints) -> Allocation:
    on = np.flatnonzero(units)
    # Positions follow ids, so their order is that of an allocation.
    on = on[np.lexsort((arcs.need[on], arcs.slot[on]))]
    return Allocation.of_columns(
        map(columns.slot_ids.__getitem__, arcs.slot[on].tolist()),
        map(columns.need_ids.__getitem__, arcs.need[on].tolist()),
        units[on],
    )


def _without_plan(
    programs: Programs, program: Program | CoupledProgram | None, clock: _Clock
) -> Result:
    clock.enter("conflict")
    conflict = None
    with suppress(Stop):  # then nobody knows
        conflict = conflict_of(programs)
    status = Status.UNSOLVED if conflict is None else Status.INFEASIBLE
    return Result(
        status=status,
        structure=_structure(program),
        goals=(),
        allocation=Allocation(),
        unmet=(),
        policy=programs.policy,
        provenance=_provenance(programs),
        conflict=conflict,
        timings=clock.timings,
    )


def _goal_value(
    measures: Measures, goal: Any, units: Ints, *, is_proved: bool, bound: Any
) -> GoalValue:
    """Return a goal with its value; `bound` is None or in the smallest unit."""
    value: Any = measures.goal_value(goal, units)
    scale = 100 if MEASURES[goal.measure].unit == "money" else 1
    if is_proved and not getattr(goal, "slack", None):
        bound = value
    elif bound is None:
        bound = best_conceivable(measures, goal, value)
    if isinstance(value, tuple):
        value, bound = (tuple(x / scale for x in vector) for vector in (value, bound))
        gaps = [abs(b - v) for b, v in zip(bound, value, strict=True) if b != v]
        return GoalValue(goal, value, bound, gaps[0] if gaps else Fraction(0))
    if MEASURES[goal.measure].unit != "ratio":
        bound = int(bound)
    gap = Fraction(abs(bound - value)) / max(1, abs(value))
    if scale > 1:
        money = Decimal(int(value)).scaleb(-2), Decimal(int(bound)).scaleb(-2)
        return GoalValue(goal, *money, gap * max(1, abs(value)) / max(100, abs(value)))
    return GoalValue(goal, value, bound, gap)


def _warnings(arcs: Arcs, *, cut: bool) -> tuple[str, ...]:
    found: list[str] = []
    if arcs.num_unknown:
        found.append(
            f"{arcs.num_unknown} of {len(arcs)} possible pairs have no known distance; "
            f"each counts as {int(arcs.distance.max(initial=0))}"
        )
    if cut:
        found.append("not proved within the time limit: another run may differ")
    return tuple(found)


@cache
def _version(package: str) -> str:
    return version(package)


def _provenance(programs: Programs) -> dict[str, Any]:
    return {
        "sharematch": _version("sharematch"),
        "ortools": _version("ortools"),
        "instance": programs.columns.digest,
        "policy": policy_hash(programs.policy),
        "seed": programs.seed,
        "text": policy_text(programs.policy),
    }

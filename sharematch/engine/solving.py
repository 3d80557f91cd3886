"""solve(): columns → arcs → program → solver, goal by goal → verify → Result."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.encoding import encode
from sharematch.core.columns.lookup import find
from sharematch.core.eligibility import arcs as arcs_module
from sharematch.core.eligibility.arcs import Arcs
from sharematch.core.integer.lowering import CoupledProgram
from sharematch.core.network.program import Program
from sharematch.engine.outcome import with_plan, without_plan
from sharematch.engine.problem import Programs
from sharematch.errors import InputError
from sharematch.model.arguments import expect
from sharematch.model.instance import Instance
from sharematch.model.policy import Goal, Maximize, Policy
from sharematch.model.wording import goal_text
from sharematch.plans.allocation import Allocation
from sharematch.plans.results.result import Result
from sharematch.progress import OnProgress, Stop
from sharematch.solvers.anytime.greedy import first_come, first_come_coupled
from sharematch.solvers.flow.budget import solve_within
from sharematch.solvers.flow.lexicographic import solve_network
from sharematch.solvers.integer.decomposition import is_mixed
from sharematch.solvers.lexicographic import solve_coupled
from sharematch.solvers.monitor import UNWATCHED, Monitor
from sharematch.solvers.outcome import Outcome, Structure

__all__ = ["join", "solve"]

FEW_ARCS = 1_500
"""Up to so many a limit on moves is left to CP-SAT, beyond them moves are priced."""

Ints = NDArray[np.int64]


def solve(
    instance: Instance | Columns,
    policy: Policy | None = None,
    *,
    time_limit: float | None = None,
    effort: float | None = None,
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
    effort
        Work in deterministic seconds, about those of one quiet core, after which the
        best plan so far is returned: the same on every machine under any load. Flows
        are solved to the end whatever it is. Without it and a limit, what is out of
        reach of a proof ends after fixed work.
    seed
        Breaks ties that all goals leave, by keyed hashes of ids.
    baseline
        An earlier result or plan, for the measure ``moved``; a limit on moves between
        0 and 1 is a share of its units, and stands in units in the result's policy.
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
    same input, seed and version give the same result, whatever the order of records,
    if no time limit is hit.

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
    expect(Instance, Columns, instance=instance)
    expect(Policy, None, policy=policy)
    expect(Real, None, time_limit=time_limit)
    expect(Integral, seed=seed)
    expect(Result, Allocation, None, baseline=baseline)
    expect(Sequence, None, turns=turns)
    expect(Callable, None, on_progress=on_progress)
    if time_limit is not None and not time_limit > 0:
        raise InputError(
            "value.must_be_above_0_seconds", field="time_limit", value=str(time_limit)
        )
    if effort is not None and not effort > 0:
        raise InputError(
            "value.must_be_above_0_deterministic_seconds",
            field="effort",
            value=str(effort),
        )
    policy = Policy.fair() if policy is None else policy
    earlier = _earlier(baseline)
    if earlier is not None:
        policy = policy.with_moves_in_units(earlier.units)
    goals = [goal_text(goal) for goal in policy.goals]
    monitor = Monitor.of(time_limit, on_progress, effort, goals)
    monitor.enter("arcs")
    columns = encode(instance)
    _check_turns(turns, policy, columns)
    everything = arcs_module.build(columns)
    programs = Programs(columns, everything, policy, seed, earlier, watch=monitor)
    monitor.enter("lower")
    program = found = None
    with suppress(Stop):  # over before there is a plan
        priced = None if turns is not None else _priced(programs)
        if priced is None:
            program = programs.program(policy.rules, programs.pins)
        else:
            program = priced[0]
            found = solve_within(*priced, policy.goals, monitor)
        if turns is not None and isinstance(program, CoupledProgram):
            in_turn = (*policy.goals, *_turn_goals(turns))
            program = programs.program(policy.rules, programs.pins, goals=in_turn)
        chosen = None if turns is None else [columns.position["need"][n] for n in turns]
        if program is not None and priced is None:
            found = _run(program, policy, monitor, chosen)
    if program is None or found is None:
        result = without_plan(programs, program, monitor)
    else:
        result = with_plan(programs, program, instance, found, monitor)
    monitor.enter("done")
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
    monitor = Monitor.of(time_limit)
    monitor.enter("lower")
    columns = encode(instance)
    programs = Programs(columns, everything, policy, seed, None, watch=UNWATCHED)
    program = programs.program(policy.rules, programs.pins)
    assert program is not None  # else a pin is no arc, and its part has no plan
    arcs, width = program.measures.arcs, max(len(columns.slot_ids), 1)
    need, slot, quantity = plan
    units = np.zeros(len(arcs), np.int64)
    at = find(arcs.need * width + arcs.slot, need * width + slot)
    units[at] = quantity
    outcome = Outcome(
        units,
        tuple(bound for _, bound in known),
        tuple(is_proved for is_proved, _ in known),
        _structure_of_parts(program, policy),
    )
    result = with_plan(programs, program, instance, outcome, monitor)
    monitor.enter("done")
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
        raise InputError("ask.has_an_order_of_its_own", method=policy.method)
    unknown = [need for need in turns if need not in columns.position["need"]]
    if unknown or len(set(turns)) < len(turns):
        wrong = unknown[0] if unknown else max(turns, key=list(turns).count)
        raise InputError("ask.must_be_a_need_named_once", need=wrong, field="turns")


def _structure_of_parts(program: Program | CoupledProgram, policy: Policy) -> Structure:
    """Return what parts that are solved one by one were solved as."""
    if policy.method != "goals":
        return "greedy"
    if not isinstance(program, CoupledProgram):
        return "network"
    return "mixed" if is_mixed(program) else "coupled"


def _run(
    program: Program | CoupledProgram,
    policy: Policy,
    monitor: Monitor,
    turns: Sequence[int] | None,
) -> Outcome | None:
    """Return the best plan and what is known of each goal, or None without a plan."""
    if policy.method == "first_come":
        return _first_come(program, monitor)
    if isinstance(program, CoupledProgram):
        return solve_coupled(program, monitor)
    return solve_network(program, monitor, turns)


def _priced(programs: Programs) -> tuple[Program, int] | None:
    """Return flows and a limit, where moves are limited and the instance is large."""
    if len(programs.everything) <= FEW_ARCS or programs.policy.method != "goals":
        return None
    return programs.within_budget(programs.policy.rules, programs.pins)


def _first_come(program: Program | CoupledProgram, monitor: Monitor) -> Outcome | None:
    monitor.enter("goal", text="first come")
    if isinstance(program, CoupledProgram):
        units = first_come_coupled(program, monitor)
    else:
        units = first_come(program)
    return None if units is None else Outcome(units, (), (), "greedy")

"""solve(): instance and policy → problem → solver → outcome → verified result."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.encoding import encode
from sharematch.core.columns.labels import labels
from sharematch.core.columns.lookup import find
from sharematch.core.eligibility.arcs import Arcs
from sharematch.core.integer.coupled import CoupledProgram
from sharematch.core.measures.measures import Measures
from sharematch.core.network.program import Program
from sharematch.engine.choice import choose, first_plan
from sharematch.engine.outcome import assemble, explain_conflict, least_plan
from sharematch.engine.problem import Problem
from sharematch.errors import InputError
from sharematch.model.arguments import expect, typed
from sharematch.model.instance import Instance
from sharematch.model.policy import Policy
from sharematch.model.wording import goal_text, policy_shown
from sharematch.plans.allocation import Allocation
from sharematch.plans.results.result import Result
from sharematch.progress import OnProgress, Stop
from sharematch.solvers.integer.decomposition import is_mixed
from sharematch.solvers.monitor import Monitor
from sharematch.solvers.outcome import Outcome, Structure

__all__ = ["join", "solve"]

Ints = NDArray[np.int64]
Form = Program | CoupledProgram | Measures | None


@typed
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
    expect(Sequence, None, turns=turns)
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
    monitor = Monitor.of(time_limit, on_progress, effort)
    monitor.enter("arcs")
    columns = encode(instance)
    # Names are looked up only where somebody is told of goals.
    is_told = on_progress is not None
    shown = policy_shown(policy, labels(columns)) if is_told else policy
    monitor.run.goals = tuple(map(goal_text, shown.goals))
    _check_turns(turns, policy, columns)
    problem = Problem.of(columns, policy, seed, earlier, turns=turns, monitor=monitor)
    monitor.enter("lower")
    form, outcome, is_cut = _found(problem, monitor)
    if form is not None and outcome is not None:
        result = assemble(problem, form, outcome, instance, monitor)
    else:
        least = least_plan(problem, instance, monitor) if is_cut else None
        result = least or explain_conflict(problem, form, instance, monitor)
    monitor.enter("done")
    return result


def join(
    instance: Instance | Columns,
    everything: Arcs,
    policy: Policy,
    plan: tuple[Ints, Ints, Ints],
    goal_claims: Sequence[tuple[bool, Any]],
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
    goal_claims
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
    problem = Problem.of(columns, policy, seed, arcs=everything)
    program = problem.program
    assert program is not None  # else a pin is no arc, and its part has no plan
    arcs, width = program.measures.arcs, max(len(columns.slot_ids), 1)
    need, slot, quantity = plan
    units = np.zeros(len(arcs), np.int64)
    arc = find(arcs.need * width + arcs.slot, need * width + slot)
    units[arc] = quantity
    outcome = Outcome(
        units,
        tuple(bound for _, bound in goal_claims),
        tuple(is_proved for is_proved, _ in goal_claims),
        _structure_of_parts(program, policy),
    )
    result = assemble(problem, program, outcome, instance, monitor)
    monitor.enter("done")
    return result


def _found(problem: Problem, monitor: Monitor) -> tuple[Form, Outcome | None, bool]:
    """Return what was solved, what was found, and whether it was cut short."""
    form: Form = None
    with suppress(Stop):
        solver = choose(problem)
        form = solver.program(problem)
        return form, solver.solve(problem, monitor), False
    with suppress(Stop):
        simple = first_plan(problem, monitor)
        if simple is not None:
            return problem.measures, simple, True
    return form, None, True


def _earlier(baseline: Result | Allocation | None) -> Allocation | None:
    return baseline.allocation if isinstance(baseline, Result) else baseline


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

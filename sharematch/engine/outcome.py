"""The outcome of a solve: what was found is verified and becomes a `Result`."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.eligibility.pins import Pin
from sharematch.core.eligibility.travel import Travel
from sharematch.core.integer.coupled import CoupledProgram
from sharematch.core.measures.ceilings import has_ceilings
from sharematch.core.measures.measures import Measures
from sharematch.core.network.program import Program
from sharematch.engine.afterwards import Afterwards
from sharematch.engine.choice import choose, may_have_plan
from sharematch.engine.problem import Problem
from sharematch.errors import SolverError
from sharematch.model.canonical import policy_hash
from sharematch.model.instance import Instance
from sharematch.model.measures import MEASURES, own_measures
from sharematch.model.policy import Policy
from sharematch.model.wording import policy_text
from sharematch.plans.allocation import Allocation
from sharematch.plans.results.conflicts import conflict_of
from sharematch.plans.results.gaps import assure, best_conceivable, gap
from sharematch.plans.results.later import Later
from sharematch.plans.results.plan import (
    Plan,
    allocation_of,
    measure_plan,
    unmatched_terms,
    warnings_of,
)
from sharematch.plans.results.result import Result
from sharematch.plans.results.status import GoalValue, Status
from sharematch.plans.results.unmet import measures_of, unmet_needs
from sharematch.plans.verification import Violation, verify
from sharematch.progress import Stop
from sharematch.solvers.monitor import Monitor
from sharematch.solvers.outcome import IntegerOutcome, Outcome
from sharematch.text import Text, about

__all__ = ["assemble", "explain_conflict", "least_plan"]

Ints = NDArray[np.int64]


def assemble(
    problem: Problem,
    program: Program | CoupledProgram | Measures,
    outcome: Outcome,
    instance: Instance | Columns,
    monitor: Monitor,
) -> Result:
    """Return the verified result of a plan for a program of the problem.

    Raises
    ------
    SolverError
        For a plan that does not keep all records and rules.
    """
    monitor.enter("verify")
    arcs = measures_of(program).arcs
    allocation = allocation_of(problem.columns, arcs, outcome.units)
    violations = _violations(problem, allocation, instance)
    if violations:
        broken = "; ".join(str(violation) for violation in violations[:5])
        raise SolverError(about(Text("claim.the_plan_found_does_not_pass"), broken))
    return _result(problem, program, (outcome, allocation), instance, monitor)


def least_plan(
    problem: Problem, instance: Instance | Columns, monitor: Monitor
) -> Result | None:
    """Return the result of a plan of decisions alone, None where that breaks a rule.

    It takes no program: for a search that ends before there is one.
    """
    if problem.is_misplaced:
        return None
    monitor.enter("verify")
    measures, units = problem.measures, problem.pinned_units
    allocation = allocation_of(problem.columns, measures.arcs, units)
    if _violations(problem, allocation, instance):
        return None
    num_goals = len(problem.policy.goals)
    bounds, is_proved = (None,) * num_goals, (False,) * num_goals
    outcome = Outcome(units, bounds, is_proved, "coupled")
    return _result(problem, measures, (outcome, allocation), instance, monitor)


def _violations(
    problem: Problem, allocation: Allocation, instance: Instance | Columns
) -> tuple[Violation, ...]:
    """Return what a plan does not keep."""
    return verify(instance, allocation, problem.policy, baseline=problem.baseline)


def _result(
    problem: Problem,
    form: Program | CoupledProgram | Measures,
    verified: tuple[Outcome, Allocation],
    instance: Instance | Columns,
    monitor: Monitor,
) -> Result:
    """Return the result of a plan that is verified.

    Parameters
    ----------
    form
        The program that was solved, measures where there is none.
    """
    (outcome, allocation), policy, columns = verified, problem.policy, problem.columns
    units, measures, values = outcome.units, measures_of(form), None
    if isinstance(outcome, IntegerOutcome) and isinstance(form, CoupledProgram):
        known = outcome.values[: form.rows.num_variables]
        values = form.dependents.complete(known)
    plan = measure_plan(columns, measures.arcs, units, policy, measures.baseline)
    # What others count may look at all arcs, anything else at those in use alone.
    is_own = bool(_counted_by(policy)) or columns.given is not None
    measured = Plan(measures, units) if is_own else plan
    goals = tuple(
        _goal_value(measures, goal, measured, is_proved=is_proved, bound=bound)
        for goal, is_proved, bound in zip(
            policy.goals,
            outcome.is_proved[: len(policy.goals)],
            outcome.bounds[: len(policy.goals)],
            strict=True,
        )
    )
    is_proved = all(outcome.is_proved)  # turns, too
    is_optimal = policy.method == "goals" and is_proved
    is_best = is_optimal or policy.method != "goals"
    if isinstance(form, Program):
        is_provable = is_optimal and outcome.structure != "priced"
        unmet, certificate = _told_later(
            problem, form, units, goals, is_proved=is_provable
        )
    else:
        unmet = unmet_needs(form, units, monitor.after(), values=values)
        has_claims = is_optimal or goals
        certificate = (
            assure(measures, units, policy.rules, goals) if has_claims else None
        )
    return Result(
        status=Status.OPTIMAL if is_optimal else Status.FEASIBLE,
        structure=outcome.structure,
        goals=goals,
        allocation=allocation,
        unmet=unmet,
        policy=policy,
        provenance=_provenance(problem),
        certificate=certificate,
        warnings=warnings_of(
            measures, policy, cut=monitor.run.limit is not None and not is_best
        ),
        timings=monitor.run.timings,
        baseline=problem.baseline if _asks_what_moved(policy) else None,
        instance=instance if isinstance(instance, Instance) else None,
        _plan=plan,
    )


def explain_conflict(
    problem: Problem,
    program: Program | CoupledProgram | Measures | None,
    instance: Instance | Columns,
    monitor: Monitor,
) -> Result:
    """Return the result where no plan was found, with what cannot hold together."""
    monitor.enter("conflict")
    conflict = None

    def holds(rules: Sequence[Any], pins: list[Pin]) -> bool:
        monitor.check()
        return may_have_plan(problem.under(rules, pins), monitor)

    with suppress(Stop):  # then nobody knows
        conflict = conflict_of(problem, holds)
    status = Status.UNSOLVED if conflict is None else Status.INFEASIBLE
    return Result(
        status=status,
        structure="coupled" if isinstance(program, CoupledProgram) else "network",
        goals=(),
        allocation=Allocation(),
        unmet=(),
        policy=problem.policy,
        provenance=_provenance(problem),
        conflict=conflict,
        warnings=tuple(
            unmatched_terms(
                Measures(problem.columns, problem.everything), problem.policy
            )
        ),
        timings=monitor.run.timings,
        instance=instance if isinstance(instance, Instance) else None,
    )


def _asks_what_moved(policy: Policy) -> bool:
    terms = (*policy.rules, *policy.goals)
    return any(MEASURES[term.measure].needs_baseline for term in terms)


def _told_later(
    problem: Problem,
    program: Program,
    units: Ints,
    goals: Sequence[GoalValue],
    *,
    is_proved: bool,
) -> tuple[Any, Any]:
    """Return what makes the needs that wait, and a certificate, when asked for.

    What a function of somebody else counts is told at once, as it may count anew
    later; so is what may be refused.
    """
    policy, seed, earlier = problem.policy, problem.seed, problem.baseline
    columns, turns = problem.columns, problem.turns

    def remade(policy: Policy) -> Program:
        same = Problem.of(columns, policy, seed, earlier, turns=turns)
        program = choose(same).program(same)
        assert isinstance(program, Program)
        return program

    afterwards = Afterwards(program, units, remade, policy, goals, is_proved=is_proved)
    if _counted_by(policy) or Travel(columns).may_be_too_far:
        return afterwards.unmet(), afterwards.certificate()
    return Later(afterwards.unmet), Later(afterwards.certificate)


def _goal_value(
    measures: Measures, goal: Any, plan: Plan, *, is_proved: bool, bound: Any
) -> GoalValue:
    """Return a goal with its value; `bound` is None or in the smallest unit."""
    value: Any = plan.measures.goal_value(goal, plan.units)
    measure = MEASURES[goal.measure]
    if is_proved and not goal.slack:
        bound = value
    elif bound is None:
        bound = best_conceivable(measures, goal, value)
    is_broken = has_ceilings(goal) and Fraction(bound).denominator > 1
    is_whole = not isinstance(value, tuple) and measure.unit != "ratio"
    if is_whole and not is_broken:
        bound = int(bound)
    value, bound = measure.to_major(value), measure.to_major(bound)
    shown = GoalValue(goal, value, bound, Fraction(0))
    return replace(shown, gap=gap(shown))


@cache
def _version(package: str) -> str:
    return version(package)


def _provenance(problem: Problem) -> dict[str, Any]:
    return {
        "sharematch": _version("sharematch"),
        "ortools": _version("ortools"),
        "instance": problem.columns.digest,
        "policy": policy_hash(problem.policy),
        "seed": problem.seed,
        "text": policy_text(problem.policy),
        **_counted_by(problem.policy),
    }


def _counted_by(policy: Policy) -> dict[str, Any]:
    """Return which functions count the measures that are somebody's own, if any."""
    origins = own_measures((*policy.rules, *policy.goals))
    return {"own_measures": origins} if origins else {}

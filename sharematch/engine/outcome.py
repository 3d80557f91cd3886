"""The outcome of a solve: what was found is verified and becomes a `Result`."""

from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.eligibility.pins import Pin
from sharematch.core.integer.lowering import CoupledProgram
from sharematch.core.measures.ceilings import has_ceilings
from sharematch.core.measures.measures import Measures
from sharematch.core.network.program import Program
from sharematch.engine.choice import may_have_plan
from sharematch.engine.problem import Problem
from sharematch.errors import SolverError
from sharematch.model.canonical import policy_hash
from sharematch.model.instance import Instance
from sharematch.model.policy import Policy
from sharematch.model.vocabulary import MEASURES
from sharematch.model.wording import policy_text
from sharematch.plans.allocation import Allocation
from sharematch.plans.certificates.prices import certify
from sharematch.plans.results.conflicts import conflict_of
from sharematch.plans.results.gaps import assure, best_conceivable
from sharematch.plans.results.plan import (
    allocation_of,
    measure_plan,
    unmatched_terms,
    warnings_of,
)
from sharematch.plans.results.result import Result
from sharematch.plans.results.status import GoalValue, Status
from sharematch.plans.results.unmet import unmet_needs
from sharematch.plans.verification import verify
from sharematch.progress import Stop
from sharematch.solvers.monitor import Monitor
from sharematch.solvers.outcome import Outcome
from sharematch.text import Text, about

__all__ = ["assemble", "explain_conflict"]

Ints = NDArray[np.int64]


def assemble(
    problem: Problem,
    program: Program | CoupledProgram,
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
    units, policy, columns = outcome.units, problem.policy, problem.columns
    monitor.enter("verify")
    measures = program.measures
    allocation = allocation_of(columns, measures.arcs, units)
    violations = verify(instance, allocation, policy, baseline=problem.baseline)
    if violations:
        broken = "; ".join(str(violation) for violation in violations[:5])
        raise SolverError(about(Text("claim.the_plan_found_does_not_pass"), broken))
    plan = measure_plan(columns, measures.arcs, units, measures.baseline)
    goals = tuple(
        _goal_value(measures, goal, units, is_proved=is_proved, bound=bound)
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
    return Result(
        status=Status.OPTIMAL if is_optimal else Status.FEASIBLE,
        structure=outcome.structure,
        goals=goals,
        allocation=allocation,
        unmet=unmet_needs(program, units, monitor.after()),
        policy=policy,
        provenance=_provenance(problem),
        certificate=_certificate(
            program,
            policy,
            units,
            goals,
            is_proved=is_optimal and outcome.structure != "priced",
        ),
        warnings=warnings_of(
            measures, policy, cut=monitor.run.limit is not None and not is_best
        ),
        timings=monitor.run.timings,
        baseline=problem.baseline if _asks_what_moved(policy) else None,
        instance=instance if isinstance(instance, Instance) else None,
        _plan=plan,
    )


def explain_conflict(
    problem: Problem, program: Program | CoupledProgram | None, monitor: Monitor
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
    is_broken = has_ceilings(goal) and Fraction(bound).denominator > 1
    if MEASURES[goal.measure].unit != "ratio" and not is_broken:
        bound = int(bound)
    gap = Fraction(abs(bound - value)) / max(1, abs(value))
    if scale > 1:
        money = Decimal(int(value)).scaleb(-2), Decimal(int(bound)).scaleb(-2)
        return GoalValue(goal, *money, gap * max(1, abs(value)) / max(100, abs(value)))
    return GoalValue(goal, value, bound, gap)


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
    }

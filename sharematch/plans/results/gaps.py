"""What is sure of a plan that no prices prove, and what is the solver's word alone.

For plans of policies that couple, or cut short by a limit: values, gaps and how close
the plan comes to each rule follow from the records; a bound does only where records
alone say that no plan can beat it. Nothing here solves anything.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.measures.admission import bounds_of
from sharematch.core.measures.measures import Measures
from sharematch.model.measures import MEASURES
from sharematch.model.values import write_value
from sharematch.model.vocabulary import units_below_alone
from sharematch.plans.results.status import GoalValue
from sharematch.text import Text, about

__all__ = ["assure", "best_conceivable", "disproved"]

Ints = NDArray[np.int64]


def assure(
    measures: Measures, units: Ints, rules: Sequence[Any], goals: Sequence[GoalValue]
) -> dict[str, Any]:
    """Return what is sure of a plan that keeps records and rules.

    Returns
    -------
    For each goal ``value``, ``bound``, ``gap`` and ``basis``: "records" where no plan
    whatever can be better, "solver" where that is the solver's claim. For each rule by
    group or total the ``bound`` and the ``closest`` value to it.
    """
    return {
        "kind": "bounds",
        "goals": [
            {
                "value": write_value(goal.value),
                "bound": write_value(goal.bound),
                "gap": write_value(gap(goal)),
                "basis": _basis(measures, units, goal),
            }
            for goal in goals
        ],
        "rules": [*_closest_to_rules(measures, units, rules)],
    }


def disproved(measures: Measures, units: Ints, goals: Sequence[GoalValue]) -> list[str]:
    """Return what does not hold of the values and bounds claimed for a plan."""
    false_claims: list[str] = []
    for position, goal in enumerate(goals, 1):
        wrong: str | None = None
        if goal_value(measures, units, goal) != goal.value:
            wrong = Text("claim.its_value_is_not_that_of")
        elif _length(goal.bound) != _length(goal.value):
            wrong = Text("claim.its_bound_is_no_value_of")
        elif _is_better(goal, goal.value, goal.bound):
            wrong = Text("claim.the_plan_is_better_than_its")
        elif gap(goal) != goal.gap:
            wrong = Text("claim.its_gap_is_not", found=gap(goal), claimed=goal.gap)
        if wrong is not None:
            false_claims.append(about(Text("policy.goal", number=position), wrong))
    return false_claims


def goal_value(measures: Measures, units: Ints, goal: GoalValue) -> Any:
    """Return what a plan is worth for a goal, money in major units."""
    return MEASURES[goal.measure].to_major(measures.goal_value(goal.goal, units))


def gap(goal: GoalValue) -> Fraction:
    """Return how far a bound is from a value; of vectors, the first difference."""
    value: Any = goal.value
    bound: Any = goal.bound
    if goal.op in ("leximin", "leximax"):
        apart = (abs(b - v) for b, v in zip(bound, value, strict=True) if b != v)
        return next(apart, Fraction(0))
    worth, best = Fraction(value), Fraction(bound)
    return abs(best - worth) / max(Fraction(1), abs(worth))


def _length(value: Any) -> int | None:
    """Return the length of a vector, None for a number."""
    return len(value) if isinstance(value, tuple) else None


def _is_better(goal: GoalValue, value: Any, other: Any) -> bool:
    if goal.goal.sense > 0:
        return bool(value > other)
    return bool(value < other)


def _basis(measures: Measures, units: Ints, goal: GoalValue) -> str:
    if goal.bound != goal.value or MEASURES[goal.measure].needs_baseline:
        return "solver"
    value = measures.goal_value(goal.goal, units)
    best = best_conceivable(measures, goal.goal, value)
    return "records" if best == value else "solver"


def best_conceivable(measures: Measures, goal: Any, value: Any) -> Any:
    """Return what no plan can beat, whatever the rules, and at least `value`.

    Every arc is thought to carry as much as its two ends allow, or nothing.
    """
    if goal.op == "leximax":
        return tuple(min(Fraction(0), v) for v in value)
    if goal.op == "minimize":
        return min(value, 0)
    # Bounds of single arcs only, so that a reader can follow it from the records.
    best = measures.goal_value(*_at_most(measures, goal))
    if isinstance(best, tuple):
        return tuple(max(pair) for pair in zip(best, value, strict=True))
    return max(value, best)


def _at_most(measures: Measures, goal: Any) -> tuple[Any, Ints]:
    """Return a goal and units on arcs that no plan is worth more than."""
    columns, arcs = measures.columns, measures.arcs
    if measures.form(goal.measure).unit_sign < 0:  # the less is served, the more
        return goal, np.zeros(len(arcs), np.int64)
    if MEASURES[goal.measure].never_above:
        goal = goal.model_copy(update={"measure": MEASURES[goal.measure].never_above})
    return goal, np.minimum(
        columns.need_quantity[arcs.need], columns.slot_capacity[arcs.slot]
    )


def _closest_to_rules(
    measures: Measures, units: Ints, rules: Sequence[Any]
) -> Iterator[dict[str, Any]]:
    """Yield how close the plan comes to each rule with a number by group or total.

    Where each group has a number of its own, that of the group which is closest to it.
    """
    for position, rule in enumerate(rules, 1):
        is_within = rule.op == "within" or units_below_alone(rule) is not None
        if rule.by == "assignment" or is_within:
            continue
        values = measures.values(rule.measure, units, rule.by, rule.where)
        grouping = measures.grouping(rule.measure, rule.by, rule.where)
        bounds = bounds_of(measures.columns, rule, grouping)
        sign = 1 if rule.op == "at_least" else -1
        distances = [
            (sign * (values.fraction(i) - bound), bound, values.fraction(i))
            for i in np.flatnonzero(values.judged).tolist()
            if (bound := bounds[i]) is not None
        ]
        if distances:
            _, bound, closest = min(distances)
            yield {
                "rule": position,
                "bound": write_value(bound),
                "closest": write_value(closest),
            }

"""How the groups that a policy is fair between stand in a plan."""

from fractions import Fraction
from typing import Any

from sharematch.analysis.advice.values import Rates
from sharematch.core.columns.arrays import Columns
from sharematch.core.measures.bounds import name_of
from sharematch.plans.results.plan import plan_of
from sharematch.plans.results.result import Result

__all__ = ["rates_of", "units_of"]


def units_of(columns: Columns, result: Result, goal: Any) -> dict[str, int]:
    """Return the numerators of a group goal's measure, by group."""
    plan = plan_of(columns, result.allocation, result.policy)
    values = plan.measures.values(goal.measure, plan.units, goal.by, goal.where)
    return {
        name_of(key): int(values.numerator[i])
        for i, key in enumerate(values.keys)
        if values.judged[i]
    }


def rates_of(columns: Columns, result: Result, goal: Any) -> Rates:
    """Return the shares of a goal's groups; none without a goal."""
    if goal is None:
        return Rates("", {}, {})
    plan = plan_of(columns, result.allocation, result.policy)
    grouping = plan.measures.grouping(goal.measure, goal.by, goal.where)
    values = plan.measures.values(goal.measure, plan.units, goal.by, goal.where)
    weights = plan.measures.weights(goal, grouping)
    now, per_unit = {}, {}
    for i, key in enumerate(values.keys):
        if values.judged[i] and weights[i] > 0:
            under = int(values.denominator[i]) * weights[i]
            now[name_of(key)] = int(values.numerator[i]) / Fraction(under)
            per_unit[name_of(key)] = 1 / Fraction(under)
    return Rates(" and ".join(goal.groups), now, per_unit)

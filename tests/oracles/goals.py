"""The values of goals."""

import math
from fractions import Fraction
from typing import Any

from tests.oracles.numbers import exact
from tests.oracles.rules import Rules
from tests.oracles.vocabulary import MONEY, GoalResult, Group, Plan, Value, plain


class Goals(Rules):
    """Goals by their definitions."""

    def weight(self, goal: Any, group: Group) -> Fraction:
        """Return the weight of a group in a leximin goal, 0: it takes no part."""
        weights = goal.weights
        if weights is None:
            return Fraction(1)
        if isinstance(weights, str):
            by = plain(goal.by)
            amount = self.field(goal.measure, weights, by, goal.where, group)
            return amount or Fraction(0)
        return exact(weights[group]) if group in weights else Fraction(0)

    def goal_value(self, goal: Any, plan: Plan) -> GoalResult:
        """Return the exact value of a goal: a sorted tuple, or one number."""
        if getattr(goal, "by", None) is None and getattr(goal, "upto", None) is None:
            value: Value = self.measure(plan, goal.measure, None, goal.where)
            return value
        if goal.op in ("maximize", "minimize"):
            return self.capped(goal, plan)
        values = self.judged(plan, goal.measure, goal.by, goal.where)
        if goal.op == "leximax":
            return tuple(sorted(values.values(), reverse=True))
        shares = [
            value / weight
            for group, value in values.items()
            if (weight := self.weight(goal, group)) > 0
        ]
        return tuple(sorted(shares))

    def capped(self, goal: Any, plan: Plan) -> Fraction:
        """Return the sum over groups, each counted as far as its bound."""
        by = plain(goal.by)
        if by is None:
            whole = self.measure(plan, goal.measure, None, goal.where)
            values: dict[Any, Fraction] = {"all": Fraction(whole)}
        else:
            values = self.judged(plan, goal.measure, by, goal.where)
        if goal.upto is None:
            return sum(values.values(), Fraction(0))
        most = self.limits(goal.measure, goal.upto, by, goal.where, values)
        capped = (min(value, most.get(g, value)) for g, value in values.items())
        return sum(capped, Fraction(0))

    def smallest_units(self, goal: Any, value: Any) -> Fraction:
        """Return the value of a linear goal in its measure's smallest unit.

        Of a sum over groups, in one so small that all values are whole numbers of it.
        """
        if goal.op == "maximize" and (goal.by is not None or goal.upto is not None):
            return Fraction(value) * 600 * math.lcm(*range(1, 40))
        chosen = self.selection(goal.measure, None, goal.where)
        scale = 100 if goal.measure in MONEY else 1
        if goal.measure == "fill_rate":
            scale = sum(self.demand(n) for n in chosen.needs.values())
        if goal.measure == "utilization":
            scale = chosen.capacity_of_all()
        return Fraction(value) * scale

"""The values of goals."""

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
            members = [
                c
                for c in self.instance.communities
                if group == (c.id if plain(goal.by) == "community" else c.area)
            ]
            given = [getattr(c, weights) for c in members]
            return sum((exact(w) for w in given if w is not None), Fraction(0))
        return exact(weights[group]) if group in weights else Fraction(0)

    def goal_value(self, goal: Any, plan: Plan) -> GoalResult:
        """Return the exact value of a goal: a sorted tuple, or one number."""
        if goal.op in ("maximize", "minimize"):
            value: Value = self.measure(plan, goal.measure, None, goal.where)
            return value
        values = self.judged(plan, goal.measure, goal.by, goal.where)
        if goal.op == "leximax":
            return tuple(sorted(values.values(), reverse=True))
        shares = [
            value / weight
            for group, value in values.items()
            if (weight := self.weight(goal, group)) > 0
        ]
        return tuple(sorted(shares))

    def smallest_units(self, goal: Any, value: Any) -> Fraction:
        """Return the value of a linear goal in its measure's smallest unit."""
        chosen = self.selection(goal.measure, None, goal.where)
        scale = 100 if goal.measure in MONEY else 1
        if goal.measure == "fill_rate":
            scale = sum(self.demand(n) for n in chosen.needs.values())
        if goal.measure == "utilization":
            scale = sum(s.capacity for s in chosen.slots.values())
        return Fraction(value) * scale

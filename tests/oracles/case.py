"""The best plan of all there are."""

import math
from collections.abc import Iterable, Iterator
from typing import Any

from tests.oracles.goals import Goals
from tests.oracles.numbers import exact
from tests.oracles.vocabulary import GoalResult, Pair, plain


class Case(Goals):
    """One instance under the rules by assignment, with what follows looked up once.

    Parameters
    ----------
    instance
        The records.
    rules
        Rules of a policy; those by assignment decide which pairs are eligible.
    baseline
        An earlier plan, for the measure `moved`.
    """

    def plans(self) -> Iterator[dict[Pair, int]]:
        """Yield every feasible plan once."""
        kept = self.kept()
        if not set(kept) <= set(self.arcs):
            return
        rules = [rule for rule in self.rules if plain(rule.by) != "assignment"]
        needs = [*self.needs] if self.couples() else []
        for plan in self.fillings(self.arcs, kept):  # within all other limits
            if needs and self.coupled_violations(plan, needs):
                continue
            if not any(self.rule_violations(rule, plan) for rule in rules):
                yield plan

    def best(
        self, goals: Iterable[Any]
    ) -> tuple[list[GoalResult], dict[Pair, int]] | None:
        """Return the lexicographic optimum of the goals and one plan, None: none."""
        left = list(self.plans())
        if not left:
            return None
        optimum: list[GoalResult] = []
        for goal in goals:
            values: list[Any] = [self.goal_value(goal, plan) for plan in left]
            upward = goal.op in ("maximize", "leximin")
            best_value = max(values) if upward else min(values)
            optimum.append(best_value)
            slack = getattr(goal, "slack", None)
            if slack is None:
                keep = [value == best_value for value in values]
            else:
                units = self.smallest_units(goal, best_value)
                inside = [self.smallest_units(goal, value) for value in values]
                if upward:
                    least = math.ceil((1 - exact(slack)) * units)
                    keep = [value >= least for value in inside]
                else:
                    most = math.floor((1 + exact(slack)) * units)
                    keep = [value <= most for value in inside]
            left = [plan for plan, stays in zip(left, keep, strict=True) if stays]
        return optimum, left[0]

"""All plans by one yardstick: the library's own check and measures, exactly."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sharematch as sm
from benchmarks.race.entrants import Run
from sharematch.model.policy import Goal
from sharematch.plans.results.plan import plan_of

__all__ = ["Judged", "behind", "judged", "leaders"]


@dataclass(frozen=True)
class Judged:
    """A run, what its plan is worth goal by goal, and what it breaks."""

    run: Run
    values: tuple[Any, ...] | None
    broken: tuple[str, ...]

    @property
    def is_proved(self) -> bool:
        proved = self.run.answer.is_proved
        return self.values is not None and len(proved) > 0 and all(proved)


def judged(
    run: Run,
    instance: sm.Instance,
    policy: sm.Policy,
    before: sm.Allocation | None = None,
) -> Judged:
    if run.answer.plan is None:
        return Judged(run, None, ())
    allocation = sm.Allocation(run.answer.plan)
    violations = sm.verify(instance, allocation, policy, baseline=before)
    broken = tuple(map(str, violations))
    plan = plan_of(instance, allocation, policy, before)
    values = tuple(plan.goal_value(goal) for goal in policy.goals)
    return Judged(run, None if broken else values, broken)


def _key(goal: Goal, value: Any) -> tuple[Fraction, ...]:
    """Return what is greater for a better plan."""
    values = value if isinstance(value, tuple) else (value,)
    if goal.op in ("maximize", "leximin"):
        return tuple(map(Fraction, values))
    return tuple(-Fraction(each) for each in values)


def _standing(policy: sm.Policy, plan: Judged) -> tuple[Any, ...]:
    if plan.values is None:
        return (0,)
    keys = (_key(g, v) for g, v in zip(policy.goals, plan.values, strict=True))
    return (1, *keys)


def behind(policy: sm.Policy, ours: Judged, other: Judged) -> int | None:
    """Return the first goal in which ours is worse, from 1; 0 where we have no plan.

    None where it is not behind: equal, or better in the first goal that differs.
    """
    here, there = _standing(policy, ours), _standing(policy, other)
    if here >= there:
        return None
    return next(i for i, (a, b) in enumerate(zip(here, there, strict=False)) if a != b)


def leaders(policy: sm.Policy, plans: Mapping[str, Judged]) -> list[str]:
    """Return who has the best plan; nobody where none is valid."""
    best = max(_standing(policy, plan) for plan in plans.values())
    if best == (0,):
        return []
    return [name for name, plan in plans.items() if _standing(policy, plan) == best]

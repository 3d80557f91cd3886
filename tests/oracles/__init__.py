"""Brute force: slow, exact answers to compare the library with.

Everything here is computed from the public fields of records and policies, in plain
Python integers and fractions, by enumeration. Nothing of the library is imported.
A plan is a mapping from (need id, slot id) to a positive number of units; in openings
the start of the booking is the third part of the key.
"""

# ruff: noqa: PLR0917  # the order of the arguments is that of the words
from collections.abc import Iterable, Iterator
from typing import Any

from tests.oracles.case import Case
from tests.oracles.network import is_network
from tests.oracles.numbers import half_up
from tests.oracles.vocabulary import By, GoalResult, Pair, Plan, Where

__all__ = [
    "Case",
    "GoalResult",
    "Pair",
    "Plan",
    "alone",
    "best",
    "eligible_pairs",
    "goal_value",
    "half_up",
    "is_feasible",
    "is_network",
    "measure",
    "plans",
    "refusal",
    "tier",
    "travel",
    "violations",
]


def refusal(
    instance: Any, policy_rules: Iterable[Any], need: Any, slot: Any
) -> str | None:
    """Return the code of the first reason why a pair may not be matched."""
    return Case(instance, policy_rules).refusal(need, slot)


def travel(instance: Any, need: Any, slot: Any) -> int | None:
    """Return whole metres or seconds of a pair, None: unknown."""
    return Case(instance).travel(need, slot)


def tier(instance: Any, need: Any, slot: Any) -> int | None:
    """Return the tier of a pair, None: nothing in common."""
    return Case(instance).tier(need, slot)


def eligible_pairs(instance: Any, rules: Iterable[Any] = ()) -> list[Pair]:
    """Return all pairs of ids that may be matched, in the order of the records."""
    return Case(instance, rules).arcs


def measure(
    instance: Any,
    plan: Plan,
    name: str,
    by: By = None,
    where: Where = None,
    baseline: Plan | None = None,
    rules: Iterable[Any] = (),
) -> Any:
    """Return a measure of a plan, exactly.

    Units, metres, seconds, days and counts are integers, ratios fractions, money is
    decimal. With `by` the result maps every group that has a value to it. The rules
    matter only for `travel`: they decide what an unknown distance counts as.
    """
    return Case(instance, rules, baseline).measure(plan, name, by, where)


def violations(
    instance: Any, policy: Any, plan: Plan, baseline: Plan | None = None
) -> list[str]:
    """Return what is wrong with a plan, each as "code: words"; empty if feasible."""
    return Case(instance, policy.rules, baseline).violations(plan)


def alone(instance: Any, rules: Iterable[Any], community_id: str) -> int:
    """Return the most units that a community's own slots could serve it."""
    return Case(instance, rules).alone(community_id)


def plans(
    instance: Any, policy: Any, baseline: Plan | None = None
) -> Iterator[dict[Pair, int]]:
    """Yield every feasible plan of a tiny instance once."""
    return Case(instance, policy.rules, baseline).plans()


def goal_value(
    instance: Any,
    goal: Any,
    plan: Plan,
    baseline: Plan | None = None,
    rules: Iterable[Any] = (),
) -> GoalResult:
    """Return a goal's value: sorted fractions for leximin and leximax, or a number."""
    return Case(instance, rules, baseline).goal_value(goal, plan)


def is_feasible(instance: Any, policy: Any) -> bool:
    """Say whether there is any plan."""
    return next(plans(instance, policy), None) is not None


def best(
    instance: Any, policy: Any, baseline: Plan | None = None
) -> tuple[list[GoalResult], dict[Pair, int]] | None:
    """Return the optimal values of all goals and one optimal plan, None: infeasible.

    The value of a goal is its optimum given the goals before it; with slack, the plan
    returned may fall short of it by what the slack allows.
    """
    return Case(instance, policy.rules, baseline).best(policy.goals)

"""solve() against every plan there is, on thousands of tiny towns that couple."""

import os
from collections import Counter
from typing import Any

import pytest

import sharematch as sm
from tests import oracles
from tests.engine.test_brute_force import holds
from tests.tiny_coupled import plan_of, tiny_coupled_case

CHUNK = 64
CASES = 12_800 if os.environ.get("HYPOTHESIS_PROFILE") == "deep" else 3_072


def case(seed: int) -> tuple[sm.Instance, sm.Policy, sm.Allocation | None, Any]:
    instance, policy, baseline = tiny_coupled_case(seed)
    earlier = None if baseline is None else sm.Allocation(baseline)
    return sm.Instance(**instance), sm.Policy(**policy), earlier, plan_of(baseline)


@pytest.mark.parametrize("first", range(0, CASES, CHUNK))
def test_solve_equals_brute_force(first: int):
    seen: Counter[str] = Counter()
    for seed in range(first, first + CHUNK):
        instance, policy, baseline, before = case(seed)
        oracle = oracles.Case(instance, policy.rules, before)
        best = oracle.best(policy.goals)
        result = sm.solve(instance, policy, baseline=baseline)
        seen[result.structure] += 1
        if best is None:
            assert result.status == "infeasible", seed
            continue
        assert result.status == "optimal", seed
        plan = {(a.need, a.slot): a.quantity for a in result.allocation}
        assert not oracle.violations(plan), seed
        values = [oracle.goal_value(goal, plan) for goal in policy.goals]
        assert values == [goal.value for goal in result.goals], seed
        assert [goal.bound for goal in result.goals] == list(best[0]), seed
        for goal, value, optimum in zip(policy.goals, values, best[0], strict=True):
            assert value == optimum or getattr(goal, "slack", None), seed
    assert seen["coupled"] >= 0.6 * CHUNK


@pytest.mark.parametrize("first", [0, 320])
def test_conflicts_are_irreducible(first: int):
    found = 0
    for seed in range(first, first + 320):
        instance, policy, baseline, _ = case(seed)
        if baseline is not None:
            continue
        result = sm.solve(instance, policy)
        if result.status != "infeasible":
            continue
        assert result.conflict, seed
        assert not holds(instance, policy, result.conflict), seed
        for left_out in range(len(result.conflict)):
            rest = [t for i, t in enumerate(result.conflict) if i != left_out]
            assert holds(instance, policy, rest), seed
        found += 1
    assert found

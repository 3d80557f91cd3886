"""Goals that count up to a ceiling, and bounds by group, against every plan."""

import os
from collections import Counter
from typing import Any

import pytest

import sharematch as sm
from sharematch.core.network.merging import Merged
from sharematch.solvers.flow import lexicographic as network
from tests import oracles
from tests.tiny import tiny_case
from tests.tiny.upto import with_ceilings
from tests.tiny_coupled import tiny_coupled_case

CHUNK = 50
CASES = 10_000 if os.environ.get("HYPOTHESIS_PROFILE") == "deep" else 150


def check(
    seed: int, instance: sm.Instance, policy: sm.Policy, **more: Any
) -> sm.Result:
    """Solve and compare with all plans there are."""
    baseline = more.get("baseline")
    before = None
    if baseline is not None:
        before = {(a.need, a.slot): a.quantity for a in baseline}
    oracle = oracles.Case(instance, policy.rules, before)
    best = oracle.best(policy.goals)
    result = sm.solve(instance, policy, **more)
    if best is None:
        assert result.status == "infeasible", seed
        return result
    assert result.status == "optimal", seed
    plan = {(a.need, a.slot): a.quantity for a in result.allocation}
    assert not oracle.violations(plan), seed
    values = [oracle.goal_value(goal, plan) for goal in policy.goals]
    assert values == [goal.value for goal in result.goals], seed
    assert [goal.bound for goal in result.goals] == list(best[0]), seed
    for goal, value, optimum in zip(policy.goals, values, best[0], strict=True):
        assert value == optimum or getattr(goal, "slack", None), seed
    return result


@pytest.mark.parametrize("first", range(0, CASES, CHUNK))
def test_flows_with_ceilings_equal_brute_force(
    first: int, monkeypatch: pytest.MonkeyPatch
):
    seen: Counter[str] = Counter()
    for seed in range(first, first + CHUNK):
        fields, policy_fields = tiny_case(seed)
        instance = sm.Instance(**fields)
        policy = sm.Policy(**with_ceilings(seed, fields, policy_fields))
        with monkeypatch.context() as patch:
            if seed % 3 == 2:
                patch.setattr(network, "merge", Merged)
            result = check(seed, instance, policy)
        seen[f"{result.structure} {result.status}"] += 1
        if result.structure == "network" and result.status == "optimal":
            assert result.certificate["kind"] == "prices", seed
            assert sm.check_certificate(instance, result) == (), seed
        again = sm.Result.from_dict(result.to_dict(), instance)
        assert again.goals == result.goals, seed
    assert seen["network optimal"] >= 0.4 * CHUNK, seen
    assert seen["coupled optimal"], seen


@pytest.mark.parametrize("first", range(0, CASES, CHUNK))
def test_coupled_ceilings_equal_brute_force(first: int):
    for seed in range(first, first + CHUNK):
        fields, policy_fields, baseline = tiny_coupled_case(seed)
        earlier = None if baseline is None else sm.Allocation(baseline)
        policy = sm.Policy(**with_ceilings(seed, fields, policy_fields))
        check(seed, sm.Instance(**fields), policy, baseline=earlier)

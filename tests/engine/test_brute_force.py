"""solve() against every plan there is, on thousands of tiny random towns.

The oracle shares no code with the library; see `tests.oracles`.
"""

import json
import os
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

import sharematch as sm
from sharematch.core.network.merging import Merged
from sharematch.solvers.flow import circulation as flow
from sharematch.solvers.flow import lexicographic as network
from tests import oracles
from tests.tiny import tiny_case

CHUNK = 60
CASES = 15_000 if os.environ.get("HYPOTHESIS_PROFILE") == "deep" else 3_300


def case(seed: int) -> tuple[sm.Instance, sm.Policy]:
    instance, policy = tiny_case(seed)
    return sm.Instance(**instance), sm.Policy(**policy)


def plan_of(result: sm.Result) -> dict[tuple[str, str], int]:
    return {(a.need, a.slot): a.quantity for a in result.allocation}


def take_other_ways(patch: pytest.MonkeyPatch, seed: int) -> None:
    """Make every third case go part by part in local order, every third unmerged."""
    if seed % 3 == 1:
        patch.setattr(network, "LARGE", 0)
        for limit, value in {"BATCH": 1, "FEW": 0, "LARGE": 0}.items():
            patch.setattr(flow, limit, value)
    elif seed % 3 == 2:
        patch.setattr(network, "merge", Merged)


@pytest.mark.parametrize("first", range(0, CASES, CHUNK))
def test_solve_equals_brute_force(first: int, monkeypatch: pytest.MonkeyPatch):
    seen: Counter[str] = Counter()
    for seed in range(first, first + CHUNK):
        instance, policy = case(seed)
        oracle = oracles.Case(instance, policy.rules)
        best = oracle.best(policy.goals)
        with monkeypatch.context() as patch:
            take_other_ways(patch, seed)
            result = sm.solve(instance, policy)
        if result.structure == "coupled" and oracles.is_network(instance, policy):
            assert any("group" in term.groups for term in policy.goals), seed
        seen[result.structure] += 1
        if best is None:
            assert result.status == "infeasible", seed
            seen["infeasible"] += 1
            continue
        assert result.status == "optimal", seed
        plan = plan_of(result)
        assert not oracle.violations(plan), seed
        values = [oracle.goal_value(goal, plan) for goal in policy.goals]
        assert values == list(best[0]), seed
        assert values == [goal.value for goal in result.goals], seed
        assert values == [goal.bound for goal in result.goals], seed
        seen["optimal"] += 1
    assert seen["optimal"] >= 0.7 * CHUNK
    assert seen["coupled"] <= 0.2 * CHUNK


@pytest.mark.parametrize("first", range(0, 600, CHUNK))
def test_conflicts_are_irreducible(first: int):
    found = 0
    for seed in range(first, first + CHUNK):
        instance, policy = case(seed)
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


def holds(instance: sm.Instance, policy: sm.Policy, terms: Sequence[Any]) -> bool:
    """Return whether some plan keeps these rules and decisions and no others."""
    pairs = {(term.need, term.slot) for term in terms if term.kind == "decision"}
    decisions = [
        d
        for d in instance.decisions
        if d.status in ("declined", "forbidden") or (d.need, d.slot) in pairs
    ]
    rules = [policy.rules[term.rule - 1] for term in terms if term.kind == "rule"]
    changed = instance.replace(decisions=decisions)
    return oracles.is_feasible(changed, sm.Policy(rules=rules))


@pytest.mark.parametrize("first", range(0, 300, CHUNK))
def test_neither_order_nor_names_matter(first: int):
    for seed in range(first, first + CHUNK):
        fields, policy_fields = tiny_case(seed)
        policy = sm.Policy(**policy_fields)
        rng = random.Random(seed)
        shuffled: dict[str, Any] = {
            key: rng.sample(value, len(value)) if isinstance(value, list) else value
            for key, value in fields.items()
        }
        result = sm.solve(sm.Instance(**fields), policy)
        other = sm.solve(sm.Instance(**shuffled), policy)
        assert json.dumps(result.to_dict()) == json.dumps(other.to_dict()), seed
        renamed = rename(fields, [n["id"] for n in fields["needs"]])
        if "need" in json.dumps(policy_fields):
            continue  # the policy names needs itself
        other = sm.solve(sm.Instance(**renamed), policy, seed=seed)
        assert [g.value for g in other.goals] == [g.value for g in result.goals], seed


def rename(value: Any, ids: Sequence[str]) -> Any:
    """Return the fields of an instance with its needs numbered the other way."""
    new = dict(zip(ids, sorted((f"z-{id_}" for id_ in ids), reverse=True), strict=True))

    def walk(node: Any, key: str = "") -> Any:
        if isinstance(node, Mapping):
            return {k: walk(v, k) for k, v in node.items()}
        if isinstance(node, list):
            return [walk(item, key) for item in node]
        return new.get(node, node) if key in ("id", "need") else node

    renamed = walk(
        {k: v for k, v in value.items() if k in ("needs", "pairs", "decisions")}
    )
    return {**value, **renamed}

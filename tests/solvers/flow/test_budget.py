"""A limit on moves by flows and prices, against CP-SAT and brute force."""

import os
import random
from collections import Counter

import pytest

import sharematch as sm
from sharematch.engine import choice
from tests.tiny import tiny_case

CASES = 3_000 if os.environ.get("HYPOTHESIS_PROFILE") == "deep" else 200
CHUNK = 50


@pytest.mark.parametrize("first", range(0, CASES, CHUNK))
def test_priced_plans_are_valid_and_bounded(
    first: int, monkeypatch: pytest.MonkeyPatch
):
    seen: Counter[str] = Counter()
    for seed in range(first, first + CHUNK):
        fields, policy_fields = tiny_case(seed)
        instance, policy = sm.Instance(**fields), sm.Policy(**policy_fields)
        away = sm.Policy(rules=policy.rules, goals=[sm.Minimize("served")])
        draft = sm.solve(instance, away if seed % 2 else policy, seed=seed)
        before = sm.Allocation(draft.allocation)
        if draft.status != "optimal" or not before:
            continue
        rng = random.Random(seed)
        goals = rng.sample(policy.goals, len(policy.goals))
        limit = rng.choice((0, 1, 1, 2, 3))
        limited = sm.Policy(
            rules=(*policy.rules, sm.AtMost("moved", limit)), goals=goals
        )
        exact = sm.solve(instance, limited, baseline=before)
        with monkeypatch.context() as patch:
            patch.setattr(choice, "FEW_ARCS", -1)
            priced = sm.solve(instance, limited, baseline=before)
        seen[priced.structure] += 1
        assert priced.status == "infeasible" or priced.value("moved") <= limit, seed
        assert (priced.status == "infeasible") == (exact.status == "infeasible"), seed
        if priced.structure != "priced":
            continue
        compare(priced, exact, seed, seen)
    assert seen["priced"] >= 0.3 * CHUNK
    assert seen["proved"] >= 0.7 * seen["goals"]


def compare(priced: sm.Result, exact: sm.Result, seed: int, seen: Counter[str]) -> None:
    """Compare goals up to the first that is not proved: from there others differ."""
    for mine, best in zip(priced.goals, exact.goals, strict=True):
        seen["goals"] += 1
        upward = mine.op in ("maximize", "leximin")
        worse, better = (mine.value, best.value)[:: 1 if upward else -1]
        assert worse <= better, seed  # type: ignore[operator]
        low, high = (best.value, mine.bound)[:: 1 if upward else -1]
        assert low <= high, seed  # type: ignore[operator]
        if mine.gap:
            assert priced.status == "feasible", seed
            return
        seen["proved"] += 1
        assert mine.value == best.value, seed


def test_a_budget_between_two_breakpoints_has_a_gap_that_is_told(
    monkeypatch: pytest.MonkeyPatch,
):
    # The way is short only if both change places: one move alone buys nothing.
    town = sm.Instance(
        communities=[
            sm.Community(id=c, location=(x, 0)) for c, x in (("a", 0), ("b", 9))
        ],
        facilities=[sm.Facility(id=f, community=f) for f in "ab"],
        slots=[sm.Slot(id=f, facility=f, kinds=["k"], capacity=1) for f in "ab"],
        needs=[sm.Need(id=f"n{c}", community=c, kind="k") for c in "ab"],
        travel={"metric": "plane"},
    )
    crossed = sm.Allocation([("a", "nb", 1), ("b", "na", 1)])
    policy = sm.Policy(
        rules=[sm.AtLeast("served", 2), sm.AtMost("moved", 1)],
        goals=[sm.Minimize("travel")],
    )
    monkeypatch.setattr(choice, "FEW_ARCS", -1)
    result = sm.solve(town, policy, baseline=crossed)
    (goal,) = result.goals
    assert (result.status, result.structure) == ("feasible", "priced")
    assert (goal.value, goal.bound) == (18000, 9000)
    assert result.value("moved") == 0

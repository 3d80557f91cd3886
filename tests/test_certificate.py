"""Certificates: every optimal plan is proved, no other plan and no false claim is."""

import copy
import os
import random
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from itertools import islice
from typing import Any

import pytest

import sharematch as sm
from tests import oracles
from tests.tiny import tiny_case

CHUNK = 100
CASES = 12_000 if os.environ.get("HYPOTHESIS_PROFILE") == "deep" else 2_000


def solved(seed: int) -> tuple[sm.Instance, sm.Result] | None:
    fields, policy = tiny_case(seed)
    instance = sm.Instance(**fields)
    result = sm.solve(instance, sm.Policy(**policy))
    return (instance, result) if result.certificate is not None else None


def with_plan(result: sm.Result, plan: dict[tuple[str, str], int]) -> sm.Result:
    """Return a result that claims to be as good with another plan."""
    triples = [(slot, need, units) for (need, slot), units in plan.items() if units]
    return replace(result, allocation=sm.Allocation(triples))


def with_values(
    instance: sm.Instance, result: sm.Result, plan: dict[tuple[str, str], int]
) -> sm.Result:
    """Return the result with another plan and the values that it has."""
    rules = result.policy.rules
    goals = tuple(
        replace(
            goal,
            value=oracles.goal_value(instance, goal.goal, plan, rules=rules),
            bound=oracles.goal_value(instance, goal.goal, plan, rules=rules),
        )
        for goal in result.goals
    )
    return replace(with_plan(result, plan), goals=goals)


@pytest.mark.parametrize("first", range(0, CASES, CHUNK))
def test_optimal_plans_are_proved_and_no_others(first: int):
    seen: Counter[str] = Counter()
    for seed in range(first, first + CHUNK):
        found = solved(seed)
        if found is None:
            continue
        instance, result = found
        assert sm.check_certificate(instance, result) == (), seed
        seen["proved"] += 1
        best = [goal.value for goal in result.goals]
        rules, goals = result.policy.rules, result.policy.goals
        rng = random.Random(seed)
        plans = [*islice(oracles.plans(instance, result.policy), 300)]
        for plan in rng.sample(plans, min(8, len(plans))):
            values = [
                oracles.goal_value(instance, goal, plan, rules=rules) for goal in goals
            ]
            if values == best:
                continue
            other = with_values(instance, result, plan)
            assert sm.check_certificate(instance, other), (seed, plan)
            if claim := forged(result.certificate, rng):
                other = replace(other, certificate=claim)
                assert sm.check_certificate(instance, other), (seed, plan)
            seen["refused"] += 1
    assert seen["proved"] >= 0.6 * CHUNK


def forged(certificate: Any, rng: random.Random) -> Any:
    """Return the certificate with one price or level changed, None if it has none."""
    claim = copy.deepcopy(certificate)
    tables = [
        table
        for goal in claim["goals"]
        for table in (*goal["prices"].values(), goal.get("levels"))
        if table
    ]
    if not tables:
        return None
    table = rng.choice(tables)
    key = rng.choice(sorted(table))
    table[key] += rng.choice([-5, -1, 1, 7])
    return claim


def test_forged_prices_prove_nothing_else():
    """A changed price is refused, or proves the same plan, never another one."""
    rng = random.Random(1)
    refused = 0
    for seed in range(400):
        found = solved(seed)
        if found is None or not (claim := forged(found[1].certificate, rng)):
            continue
        instance, result = found
        false = replace(result, certificate=claim)
        refused += bool(sm.check_certificate(instance, false))
    assert refused > 100


@pytest.mark.parametrize(
    "claim",
    [
        {},
        {"goals": [], "sides": {}},
        {"goals": [{}, {}, {}], "sides": {"capacity": "slot"}},
        {"goals": 3, "sides": None},
        {"goals": [{"prices": {"capacity": {"nowhere": 1}}}] * 3},
        {"goals": [{"prices": {"capacity": {"mon": True}}, "levels": {}}] * 3},
        {"goals": [{"prices": [], "levels": 4}] * 3},
    ],
)
def test_nonsense_is_refused(claim: Any):
    town = sm.Instance(
        communities=[sm.Community(id="a")],
        facilities=[sm.Facility(id="hall", community="a")],
        slots=[sm.Slot(id="mon", facility="hall", kinds=["any"], capacity=1)],
        needs=[sm.Need(id="x", community="a", kind="any", quantity=2)],
    )
    result = sm.solve(town)
    assert sm.check_certificate(town, result) == ()
    full = {"sides": result.certificate["sides"], **claim}
    assert sm.check_certificate(town, replace(result, certificate=full))
    assert sm.check_certificate(town, replace(result, certificate=None))
    worse = with_plan(result, {})
    assert sm.check_certificate(town, worse)


def test_the_checker_loads_no_solver():
    code = "import sys, sharematch.certificate; print('ortools' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


def test_inner_groups_have_no_certificate_yet():
    town = sm.Instance(
        communities=[sm.Community(id="a"), sm.Community(id="b")],
        facilities=[sm.Facility(id="hall", community="a")],
        slots=[
            sm.Slot(id="s1", facility="hall", kinds=["one"], capacity=2),
            sm.Slot(id="s2", facility="hall", kinds=["two"], capacity=2),
        ],
        needs=[
            sm.Need(id="n1", community="a", kind="one", quantity=2),
            sm.Need(id="n2", community="a", kind="two", quantity=2),
            sm.Need(id="n3", community="b", kind="two", quantity=2),
        ],
    )
    policy = sm.Policy(
        rules=[sm.AtMost("served", 2, by="community")],
        goals=[sm.Leximin("fill_rate", by="need")],
    )
    result = sm.solve(town, policy)
    assert result.certificate is None
    (problem,) = sm.check_certificate(town, result)
    assert "no certificate" in str(problem)

"""Offices worked by hand: goals, the only plan, measures and codes."""

import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import sharematch as sm
from sharematch.core.columns.encoding import encode
from sharematch.core.eligibility import arcs
from sharematch.io.publishing.publishing import publish
from sharematch.io.publishing.reading import columns_of
from tests.offices.cases import oracle_of, plan_of
from tests.offices.worked import WORKED, Fields


@pytest.fixture(params=WORKED, ids=lambda case: case["instance"]["name"])
def worked(request: pytest.FixtureRequest) -> Fields:
    case: Fields = request.param
    return case


def town_of(case: Fields) -> sm.Instance:
    fields = {
        k: v for k, v in case["instance"].items() if k not in ("format", "version")
    }
    return sm.Instance(**fields)


def policy_of(case: Fields) -> sm.Policy:
    return sm.Policy(name="worked", rules=case.get("rules", []), goals=case["goals"])


def baseline_of(case: Fields) -> sm.Allocation | None:
    return sm.Allocation(case["baseline"]) if "baseline" in case else None


def number(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(map(Fraction, value))
    return Decimal(value) if isinstance(value, str) and "." in value else value


def test_the_answer_is_the_one_worked_out(worked: Fields):
    town, policy, earlier = town_of(worked), policy_of(worked), baseline_of(worked)
    result = sm.solve(town, policy, baseline=earlier)
    assert result.is_optimal
    assert [goal.value for goal in result.goals] == [*map(number, worked["values"])]
    if worked["plan"] is not None:
        assert result.allocation == sm.Allocation(worked["plan"])
    for measure, value in worked["measures"].items():
        assert result.value(measure) == number(value), measure
    assert sm.verify(town, result.allocation, policy, baseline=earlier) == ()


def test_brute_force_works_out_the_same(worked: Fields):
    rows = {"baseline": None, **worked}
    terms = {"rules": worked.get("rules", []), "goals": worked["goals"]}
    oracle, policy = oracle_of({**rows, "policy": terms})
    plans = list(oracle.plans())
    for goal, value in zip(policy.goals, worked["values"], strict=True):
        values: list[Any] = [oracle.goal_value(goal, plan) for plan in plans]
        best = max(values) if goal.op in ("maximize", "leximin") else min(values)
        assert best == number(value)
        plans = [p for p, reached in zip(plans, values, strict=True) if reached == best]
    if worked["plan"] is not None:
        assert plans == [plan_of(worked["plan"])]
    for measure, value in worked["measures"].items():
        assert {oracle.measure(p, measure) for p in plans} == {number(value)}, measure
    for slot, need, code in worked.get("codes", ()):
        assert oracle.codes[need, slot] == code


def test_what_was_worked_out_is_verified(worked: Fields):
    if worked["plan"] is not None:
        town, policy = town_of(worked), policy_of(worked)
        earlier = baseline_of(worked)
        assert sm.verify(town, worked["plan"], policy, baseline=earlier) == ()


def test_pairs_that_are_no_arcs_say_why(worked: Fields):
    columns = encode(town_of(worked))
    for slot, need, code in worked.get("codes", ()):
        pair = [
            np.array([columns.position[type_][id_]])
            for type_, id_ in (("need", need), ("slot", slot))
        ]
        assert arcs.CODES[arcs.reasons(columns, *pair)[0]] == code, (slot, need)


def test_answers_survive_files(worked: Fields):
    town, policy = town_of(worked), policy_of(worked)
    result = sm.solve(town, policy, baseline=baseline_of(worked))
    again = sm.Result.from_dict(result.to_dict(), town)
    assert again.allocation == result.allocation
    assert again.to_dict() == result.to_dict()
    for measure in worked["measures"]:
        assert again.value(measure) == result.value(measure)


def test_what_is_published_is_verified_by_anybody(worked: Fields):
    town, policy = town_of(worked), policy_of(worked)
    result = sm.solve(town, policy, baseline=baseline_of(worked))
    public = publish(town, result, key=b"0123456789abcdef")
    instance, document = (
        json.loads(json.dumps(part)) for part in (public.instance, public.result)
    )
    seen = columns_of(instance)
    shown = sm.Result.from_dict(document, seen)
    assert [goal.value for goal in shown.goals] == [*map(number, worked["values"])]
    told = shown.allocation, shown.policy
    assert sm.verify(seen, *told, baseline=shown.baseline) == ()
    assert len(shown.allocation) == len(result.allocation)

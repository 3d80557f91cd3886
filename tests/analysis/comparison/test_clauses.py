"""Prices of clauses against every plan there is."""

from collections import Counter
from dataclasses import replace

import pytest

import sharematch as sm
from sharematch.analysis.comparison import clauses
from sharematch.comparison import price_of_clauses
from sharematch.errors import InfeasibleError, InputError, SolverError
from tests import oracles
from tests.analysis.comparison.test_plans import town
from tests.tiny import tiny_case


@pytest.mark.parametrize("first", range(0, 200, 50))
def test_values_with_and_without_are_those_of_brute_force(first: int):
    seen: Counter[str] = Counter()
    for seed in range(first, first + 50):
        fields, policy_fields = tiny_case(seed)
        instance, policy = sm.Instance(**fields), sm.Policy(**policy_fields)
        best = oracles.best(instance, policy)
        if best is None or policy.method != "goals":
            continue
        for price in price_of_clauses(instance, policy):
            rules, goals = list(policy.rules), list(policy.goals)
            del (rules if price.kind == "rule" else goals)[price.position - 1]
            less = sm.Policy(rules=rules, goals=goals)
            without = oracles.best(instance, less)
            assert without is not None
            values, others = list(best[0]), list(without[0])
            if price.kind == "goal":
                assert price.own is not None
                assert price.own.value == values.pop(price.position - 1), seed
                # What is kept before it stays; what it brought cannot be beaten.
                assert values[: price.position - 1] == others[: price.position - 1]
            assert [goal.value for goal in price.goals] == values, seed
            assert [goal.without for goal in price.goals] == others, seed
            assert price.costs_nothing == (values == others), seed
            seen[f"{price.kind} {price.costs_nothing}"] += 1
    assert min(seen["goal True"], seen["goal False"], seen["rule True"]) > 3
    assert seen["rule False"] > 0


def test_a_rule_that_costs_and_one_that_does_not():
    rules = [sm.AtMost("served", 2, by="community"), sm.AtMost("served", 9)]
    policy = sm.Policy(rules=rules, goals=[sm.Maximize("served"), sm.Minimize("cost")])
    lone = town().replace(needs=[sm.Need(id="m", community="a", kind="h", quantity=4)])
    cap, idle, most, cheap = price_of_clauses(lone, policy)
    assert cap.costs_nothing is False
    assert cap.broken == 1
    assert (cap.goals[0].value, cap.goals[0].without) == (2, 3)
    assert cap.change is not None
    assert cap.change.losses == {"a": 1}
    assert idle.changes_nothing
    assert str(idle) == "rule 2 (units served at most 9): changes nothing"
    assert most.own is not None
    assert (most.own.value, most.own.without) == (2, 0)
    assert most.costs_nothing is False
    assert cheap.changes_nothing


def test_a_goal_that_costs_nothing_but_brings_something():
    goals = [sm.Maximize("served", where={"community": c}) for c in "ba"]
    price = price_of_clauses(town(), sm.Policy(goals=goals))[1]
    assert price.costs_nothing
    assert not price.changes_nothing
    assert str(price).endswith("costs nothing\n  brings: 1, without it 0")
    assert price.to_dict()["own"] == {"goal": 2, "value": 1, "without": 0}


def test_what_has_no_price():
    with pytest.raises(InputError, match="first come"):
        price_of_clauses(town(), sm.Policy.first_come())
    impossible = sm.Policy(name="x", rules=[sm.AtLeast("served", 9)])
    with pytest.raises(InfeasibleError, match="x allows no plan: units served at le"):
        price_of_clauses(town(), impossible)


def test_prices_are_not_claimed_where_time_was_over(monkeypatch: pytest.MonkeyPatch):
    prices = price_of_clauses(town(), time_limit=1e-9)
    assert {price.costs_nothing for price in prices} == {None}
    assert {price.changes_nothing for price in prices} == {None}
    assert "not proved within the limit" in str(prices[0])
    found = sm.solve(town())
    unsolved = replace(found, status=sm.Status.UNSOLVED, allocation=sm.Allocation())
    answers = iter([found, unsolved, unsolved, unsolved, unsolved])
    monkeypatch.setattr(clauses, "solve", lambda *_, **__: next(answers))
    price = price_of_clauses(town())[0]
    assert price.change is None
    assert str(price).endswith("without it no plan was found in time")
    assert price.to_dict()["change"] is None
    with pytest.raises(SolverError, match="fair: no plan was found within the limit"):
        price_of_clauses(town())

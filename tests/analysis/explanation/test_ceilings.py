"""Which ceilings stop a need: by hand in words, by brute force on random offices."""

import json
import os
import random
from fractions import Fraction
from typing import Any

import pytest

import sharematch as sm
from sharematch.analysis.explanation.ceilings import stopping
from sharematch.analysis.explanation.facts import Ceiling, RuleFacts
from sharematch.analysis.explanation.setting import Setting
from sharematch.core.columns.encoding import encode
from tests import oracles
from tests.offices.cases import oracle_of, priced_office
from tests.offices.checking import check_unmet, keys_of, more_for, plan_in, problem_of
from tests.oracles.vocabulary import plain


def helped(rule: sm.AtMost) -> sm.Result:
    """Return help at home for two residents and a guest under a ceiling."""
    town = sm.Instance(
        currency="CNY",
        communities=[
            sm.Community(id="tf", name="Tianfeng"),
            sm.Community(id="lq", name="Lianqiao"),
        ],
        facilities=[sm.Facility(id="help", community="tf", name="Help at home")],
        slots=[
            sm.Slot(
                id="visits",
                facility="help",
                kinds=["help"],
                capacity=20,
                unit_cost=40,
                fee=10,
                concessions={"low-income": 0},
            )
        ],
        needs=[
            sm.Need(id="a", community="tf", kind="help", quantity=5, person="p1"),
            sm.Need(
                id="b",
                community="tf",
                kind="help",
                quantity=5,
                person="p2",
                groups=["low-income"],
            ),
            sm.Need(id="c", community="lq", kind="help", quantity=8),
        ],
    )
    return sm.solve(town, sm.Policy(rules=[rule], goals=[sm.Maximize("served")]))


PERSON = sm.AtMost("unit_subsidy", {"p1": 100, "p2": 90}, by="person")
COMMUNITY = sm.AtMost("unit_cost", {"tf": 390, "lq": 120}, by="community")


@pytest.mark.parametrize(
    ("rule", "need", "lang", "words"),
    [
        (
            PERSON,
            "a",
            "en",
            "Your ceiling for subsidy of units is 100.00 CNY: 90.00 CNY of it is used,"
            " and the least that would still be possible takes 30.00 CNY more.",
        ),
        (
            PERSON,
            "b",
            "zh",
            "您在“名额补贴”上的上限是 90.00 CNY："
            "已用 80.00 CNY，再安排至少还要 40.00 CNY。",
        ),
        (
            COMMUNITY,
            "c",
            "en",
            "The ceiling of Lianqiao for cost of units is 120.00 CNY:"
            " all of it is used.",
        ),
        (
            sm.AtMost("cost", 300),
            "a",
            "en",
            "The ceiling of all together for cost is 300.00 CNY: 280.00 CNY of it is"
            " used, and the least that would still be possible takes 40.00 CNY more.",
        ),
        (
            sm.AtMost("served", 2, by=("person", "kind")),
            "b",
            "en",
            "Your ceiling for units served (help) is 2: all of it is used.",
        ),
    ],
)
def test_the_ceiling_is_named(rule: sm.AtMost, need: str, lang: str, words: str):
    explanation = sm.explain(helped(rule), need=need)
    assert words in explanation.text(lang)
    assert "p1" not in explanation.text(lang)


def test_a_higher_ceiling_would_have_helped():
    explanation = sm.explain(helped(PERSON), need="a")
    text = explanation.text()
    assert "- the ceiling for subsidy of units higher by 20.00 CNY" in text
    data = json.loads(json.dumps(explanation.to_dict()))["facts"]
    assert data["ceilings"] == [
        {
            "rule": 1,
            "measure": "unit_subsidy",
            "by": "person",
            "group": "p1",
            "used": "90/1",
            "bound": "100/1",
            "more": "30/1",
        }
    ]
    assert [c["after"] for c in data["changes"]] == [{"p1": "120/1", "p2": "90/1"}]


def test_a_rule_with_too_little_left_holds_back():
    explanation = sm.explain(helped(PERSON), rule=1)
    assert isinstance(explanation.facts, RuleFacts)
    assert explanation.facts.binds
    assert explanation.facts.short == ("p1", "p2")
    assert "It leaves too little for one more for p1 and p2." in str(explanation)
    assert "holds nobody back" not in str(explanation)


IS_DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
SEEDS = range(1_200 if IS_DEEP else 24)
AMOUNTS = ("unit_subsidy", "unit_cost", "fees", "served", "bookings", "cost", "subsidy")
NEED_SIDE = ("person", "community", "need", "group", ("community", "kind"), None)
SLOT_SIDE = ("slot", "facility", None)


@pytest.mark.parametrize("first", SEEDS[::12])
def test_ceilings_are_those_that_more_would_break(first: int):
    num_ceilings = 0
    for seed in range(first, first + 12):
        case = priced_office(seed)
        if case["baseline"] is not None:
            continue
        case["policy"]["rules"] += tight_rules(case, random.Random(seed))
        instance, policy, _ = problem_of(case)
        result: Any = sm.solve(instance, policy)
        if not result.status.has_plan:
            continue
        oracle, _ = oracle_of(case)
        plan = keys_of(plan_in(result), oracle)
        check_unmet(oracle, result, plan)
        setting = Setting(encode(instance), result)
        for row in result.unmet:
            ceilings = stopping(setting, setting.columns.position["need"][row.need])
            assert row.reason == "rule" or not ceilings
            if row.reason == "rule":
                check_ceilings(oracle, plan, row.need, ceilings)
                num_ceilings += len(ceilings)
    assert num_ceilings > 3


def tight_rules(case: dict[str, Any], rng: random.Random) -> list[dict[str, Any]]:
    """Return ceilings at, or a little above, what a plan without them uses."""
    instance, policy, _ = problem_of(case)
    result = sm.solve(instance, policy)
    if not result.status.has_plan:
        return []
    oracle, _ = oracle_of(case)
    plan = keys_of(plan_in(result), oracle)
    rules = []
    for measure in rng.sample(AMOUNTS, 2):
        by = rng.choice(SLOT_SIDE if measure in ("cost", "subsidy") else NEED_SIDE)
        part = rng.choice((Fraction(0), Fraction(1, 2), Fraction(1)))
        values: Any = oracle.measure(plan, measure, by)
        most = values if by is None else max(values.values(), default=0)
        bound: Any = str(float(round(Fraction(most) * part, 2)))
        if by is not None and rng.random() < 0.6:
            bound = {
                named(group): str(float(round(Fraction(value) * part, 2)))
                for group, value in values.items()
            }
        rules.append({"op": "at_most", "measure": measure, "bound": bound, "by": by})
    return rules


def named(group: Any) -> str:
    return " | ".join(group) if isinstance(group, tuple) else str(group)


def check_ceilings(
    oracle: oracles.Case, plan: Any, need: str, ceilings: tuple[Ceiling, ...]
) -> None:
    """Check that what is named would be broken, and that something named always is."""
    now = ceilings_of(oracle, plan, only_broken=False)
    ways = [
        ceilings_of(oracle, way)
        for way in more_for(oracle, plan, oracle.needs[need])
        if not oracle.room_violations(way)
        and not oracle.coupled_violations(way, [*oracle.needs])
    ]
    told = {(c.rule, c.group): c for c in ceilings}
    for key, ceiling in told.items():
        used = now.get(key, Fraction(0))
        assert ceiling.used == used, key
        more = [way[key] - used for way in ways if key in way]
        # Less of more needs is not always less of a mix.
        is_mix = oracle.rules[ceiling.rule - 1].measure == "mix"
        assert ceiling.more in more if is_mix else ceiling.more == min(more), key
        assert used + ceiling.more > ceiling.bound
    for way in ways:
        assert not way or not told.keys().isdisjoint(way), way


def ceilings_of(
    oracle: oracles.Case, plan: Any, *, only_broken: bool = True
) -> dict[tuple[int, str], Fraction]:
    """Return the values of ceilings by rule and group, or of those that are broken."""
    found = {}
    for position, rule in enumerate(oracle.rules, 1):
        by, where = plain(rule.by), rule.where
        if rule.op != "at_most" or by == "assignment":
            continue
        if rule.measure == "mix":
            values = oracle.mixes(plan, by, where)
        else:
            values = oracle._judged_values(rule, plan, by, where)
        limits = oracle.limits(rule.measure, rule.bound, by, where, values)
        for group, value in values.items():
            is_broken = group in limits and value > limits[group]
            name = named(group)
            if is_broken or not only_broken:
                found[position, "" if by is None else name] = Fraction(value)
    return found

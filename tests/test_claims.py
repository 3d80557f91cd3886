"""The check of claims finds every claim of a result that does not hold."""

from dataclasses import replace
from fractions import Fraction

import pytest

import sharematch as sm
from sharematch.claims import check_claims

TOWN = sm.Instance(
    communities=[sm.Community(id="a"), sm.Community(id="b")],
    facilities=[sm.Facility(id="f", community="a")],
    slots=[
        sm.Slot(id="s", facility="f", kinds=["h"], capacity=3, fee=2, unit_cost="1.50"),
        sm.Slot(id="t", facility="f", kinds=["tea"], capacity=1),
    ],
    needs=[
        sm.Need(id="m", community="a", kind="h", quantity=4),
        sm.Need(id="n", community="b", kind="h", quantity=2),
    ],
)
POLICY = sm.Policy(goals=[*sm.Policy.fair().goals, sm.Minimize("cost")])


@pytest.fixture(scope="module")
def result() -> sm.Result:
    return sm.solve(TOWN, POLICY)


def test_a_result_holds(result: sm.Result):
    assert check_claims(TOWN, result) == ()


def test_another_instance(result: sm.Result):
    (finding,) = check_claims(TOWN.replace(name="other"), result)
    assert finding.code == "hash"
    assert str(finding).startswith("instance: hash sha256:")


def test_another_policy(result: sm.Result):
    changed = replace(result, policy=sm.Policy.efficient())
    assert [finding.code for finding in check_claims(TOWN, changed)] == ["hash"]


def test_goal_value(result: sm.Result):
    goals = list(result.goals)
    goals[0] = replace(goals[0], value=(Fraction(1), Fraction(1)))
    goals[3] = replace(goals[3], value=0)
    findings = check_claims(TOWN, replace(result, goals=tuple(goals)))
    assert [str(finding) for finding in findings] == [
        "goal 1: (1, 1) is claimed, (1/2, 1/2) found",
        "goal 4: 0 is claimed, 4.50 found",
    ]


def test_unmet(result: sm.Result):
    findings = check_claims(TOWN, replace(result, unmet=()))
    assert [str(finding) for finding in findings] == [
        "unmet m: 0 is claimed, 2 found",
        "unmet n: 0 is claimed, 1 found",
    ]


def test_without_a_plan_there_is_nothing_to_hold():
    policy = sm.Policy(rules=[sm.AtLeast("served", 100)])
    assert check_claims(TOWN, sm.solve(TOWN, policy)) == ()


def test_loads_in_money_hold():
    policy = sm.Policy(
        goals=[sm.Maximize("served"), sm.Leximax("fees", by="community")]
    )
    assert check_claims(TOWN, sm.solve(TOWN, policy)) == ()

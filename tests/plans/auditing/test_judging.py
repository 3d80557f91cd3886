"""The check of claims finds every claim of a result that does not hold."""

import json
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any

import pytest

import sharematch as sm
from sharematch.claims import check_claims, judge
from sharematch.core.columns.encoding import encode
from sharematch.errors import InputError
from sharematch.plans.auditing.audited import flows_of
from sharematch.plans.checking import measured
from sharematch.plans.results.gaps import assure, goal_value
from sharematch.plans.results.plan import plan_of
from sharematch.plans.results.result import Result
from sharematch.plans.results.status import Unmet
from sharematch.plans.results.unmet import unmet_needs
from sharematch.season import draw, resolve
from tests.tiny import tiny_case
from tests.tiny_coupled import tiny_coupled_case

CASES = {"ci": 24, "deep": 1_000}.get(os.environ.get("HYPOTHESIS_PROFILE", ""), 12)

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


def written(result: sm.Result, instance: sm.Instance = TOWN) -> sm.Result:
    """Return a result as it is read from its file."""
    return Result.from_dict(json.loads(json.dumps(result.to_dict())), instance)


def forged(
    result: sm.Result, change: Callable[[Any], object], instance: sm.Instance = TOWN
) -> sm.Result:
    """Return a result as it is read from its file after a change of that."""
    document = json.loads(json.dumps(result.to_dict()))
    change(document)
    return Result.from_dict(document, instance)


@pytest.mark.parametrize(
    ("change", "part", "message"),
    [
        (lambda d: d["goals"][0].update(op="leximax"), "numbers", "goal 1"),
        (lambda d: d["goals"][1].update(measure="unmet"), "numbers", "goal 2"),
        (lambda d: d["goals"][0].update(by="area"), "numbers", "goal 1"),
        (lambda d: d["goals"][1].update(where={"kind": "h"}), "numbers", "goal 2"),
        (lambda d: d.update(goals=[]), "numbers", "goals: 0 is claimed, 4 found"),
        (lambda d: d["unmet"][0].update(reason="goal"), "numbers", "unmet m: goal"),
        (lambda d: d["unmet"][0].update(code="fee"), "numbers", "unmet m: full (fee)"),
        (lambda d: d["unmet"].append(d["unmet"][0]), "numbers", "needs unmet"),
        (lambda d: d["provenance"].update(text="Fair."), "numbers", "policy in words"),
        (lambda d: d["provenance"].update(seed="0"), "numbers", "seed"),
        (lambda d: d["provenance"].update(audited="yes"), "numbers", "audited"),
        (lambda d: d["provenance"].update(max_moved="3"), "numbers", "max_moved"),
        (lambda d: d["warnings"].append("x"), "numbers", 'the warning "x"'),
        (lambda d: d.update(structure="coupled"), "numbers", "structure: coupled"),
        (lambda d: d["goals"][1].update(bound=5), "claim", "its gap is"),
        (lambda d: d["goals"][1].update(bound=2), "claim", "better than its bound"),
        (lambda d: d["goals"][1].update(bound=5, gap="2/3"), "claim", "below its bou"),
        (lambda d: d.update(certificate=None), "claim", "without its proof"),
        (
            lambda d: d["certificate"].update(kind="bounds"),
            "claim",
            "without its proof",
        ),
    ],
)
def test_every_word_counts(
    result: sm.Result, change: Callable[[Any], object], part: str, message: str
):
    verdict = judge(TOWN, forged(result, change))
    assert not verdict.is_valid
    assert not verdict.is_proved
    found = [(f.part, str(f)) for f in verdict.findings]
    assert any(p == part and message in text for p, text in found), found


def test_a_plan_of_flows_is_the_best_only_with_its_proof():
    """A worse plan, or none, claimed to be the best with all its numbers right."""
    for units in ({}, {("s", "m"): 3}, {("s", "m"): 1, ("s", "n"): 1}):
        plan = sm.Allocation((s, n, q) for (s, n), q in units.items())
        for certificate in (None, "bounds"):
            claim = claimed(TOWN, POLICY, plan, certificate=certificate)
            verdict = judge(TOWN, claim)
            assert {f.part for f in verdict.findings} == {"claim"}
            assert "best without its proof" in " ".join(map(str, verdict.findings))


def claimed(
    town: sm.Instance, policy: sm.Policy, plan: sm.Allocation, **claims: Any
) -> sm.Result:
    """Return a plan as the best, all numbers being its own: what a forger can do."""
    columns = encode(town)
    before = sm.solve(town, policy)
    measures, units = measured(columns, replace(before, allocation=plan))
    goals = [
        replace(goal, value=value, bound=value, gap=Fraction(0))
        for goal in before.goals
        for value in [goal_value(measures, units, goal)]
    ]
    made = replace(
        before,
        goals=tuple(goals),
        allocation=plan,
        certificate=None,
        _plan=plan_of(columns, plan, policy),
    )
    program = flows_of(measures, policy.rules, policy.goals)
    if program is not None:
        made = replace(made, unmet=unmet_needs(program, units))
    if claims.get("certificate"):
        sure = assure(measures, units, policy.rules, made.goals)
        made = replace(made, certificate=sure)
    return written(made, town)


def test_a_coupled_plan_to_which_a_need_can_be_added_is_not_the_best():
    town = TOWN.replace(
        needs=[n.model_copy(update={"min_quantity": 2}) for n in TOWN.needs]
    )
    best = sm.solve(town, POLICY)
    verdict = judge(town, written(best, town))
    assert (best.structure, verdict.is_valid, verdict.is_proved) == (
        "coupled",
        True,
        False,
    )
    for certificate in (None, "bounds"):
        empty = claimed(town, POLICY, sm.Allocation(), certificate=certificate)
        empty = replace(
            empty, unmet=tuple(Unmet(n.id, n.quantity, "coupled") for n in town.needs)
        )
        found = [f for f in judge(town, empty).findings if f.part == "claim"]
        assert "fits into s besides" in str(found[0])


def test_a_reason_where_units_couple_does_not_contradict_the_plan():
    """A need that fits with nobody moved is not kept out by rules or conditions."""
    town = TOWN.replace(
        needs=[n.model_copy(update={"min_quantity": 2}) for n in TOWN.needs]
    )
    policy = sm.Policy(goals=[sm.Minimize("fees")])
    result = sm.solve(town, policy)
    assert {unmet.reason for unmet in result.unmet} == {"goal"}
    for reason in ("rule", "coupled"):
        unmet = [{"need": "m", "quantity": 4, "reason": reason}, *NOT_SERVED]
        found = judge(town, forged(result, partial(dict.update, unmet=unmet), town))
        assert "that it fits into s found" in str(found.findings[0])
    for reason in ("full", "no_arc"):
        unmet = [{"need": "m", "quantity": 4, "reason": reason}, *NOT_SERVED]
        found = judge(town, forged(result, partial(dict.update, unmet=unmet), town))
        assert "room in a slot found" in str(found.findings[0])


NOT_SERVED = [{"need": "n", "quantity": 2, "reason": "goal"}]


def test_what_is_solved_holds_and_what_is_proved_is_so():
    """Whatever the records, rules, goals; drawn, and made anew after answers."""
    seen: Counter[tuple[str, bool]] = Counter()

    def check(instance: sm.Instance, result: sm.Result) -> None:
        verdict = judge(instance, written(result, instance))
        assert verdict.findings == ()
        seen[result.status.value, verdict.is_proved] += 1
        if result.structure == "network" and result.status == "optimal":
            assert verdict.is_proved

    for seed in range(CASES):
        fields, policy_fields = tiny_case(seed)
        instance, policy = sm.Instance(**fields), sm.Policy(**policy_fields)
        check(instance, sm.solve(instance, policy))
        drawn = draw(instance, policy, seed=f"text {seed}", round="spring").result
        check(instance, drawn)
        if drawn.allocation.needs:
            answer = (drawn.allocation.needs[0], "", "withdrawn")
            try:
                check(instance, resolve(drawn, [answer]).result)
            except InputError:  # the policy names the need that was withdrawn
                seen["named", False] += 1
        fields, policy_fields, rows = tiny_coupled_case(seed)
        instance, policy = sm.Instance(**fields), sm.Policy(**policy_fields)
        baseline = None if rows is None else sm.Allocation(rows)
        check(instance, sm.solve(instance, policy, baseline=baseline))
    assert seen["optimal", True] > 2 * CASES
    assert seen["optimal", False] > CASES // 2

"""What is said not to hold together is checked by flows: nothing false is accepted."""

import json
import os
import random
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

import sharematch as sm
from sharematch.claims import Verdict, judge
from sharematch.core.columns.encoding import encode
from sharematch.plans.auditing.conflict import Flows
from sharematch.plans.results.result import Result
from sharematch.plans.results.terms import Term
from tests import oracles
from tests.tiny import tiny_case
from tests.tiny_coupled import tiny_coupled_case

CASES = {"ci": 24, "deep": 1_000}.get(os.environ.get("HYPOTHESIS_PROFILE", ""), 16)

TOWN = sm.Instance(
    communities=[sm.Community(id="tianfeng"), sm.Community(id="lianqiao")],
    facilities=[sm.Facility(id="station", community="tianfeng")],
    slots=[sm.Slot(id="mon", facility="station", kinds=["health"], capacity=3)],
    needs=[
        sm.Need(id="t", community="tianfeng", kind="health", quantity=4),
        sm.Need(id="l", community="lianqiao", kind="health", quantity=4),
        sm.Need(id="tea", community="lianqiao", kind="tea"),
    ],
    decisions=[
        sm.Decision(need="t", slot="mon", status="pinned", quantity=2),
        sm.Decision(need="l", slot="mon", status="accepted", quantity=1),
    ],
)
FLOOR = sm.AtLeast("served", 2, where={"community": "lianqiao"})
POLICY = sm.Policy(rules=[sm.AtMost("served", 9), FLOOR])
CAP: dict[str, Any] = {
    "kind": "rule",
    "rule": 1,
    "text": "units served at most 9",
    "relaxed": "10",
}


def some_rules(rng: random.Random) -> list[Any]:
    """Return rules that often cannot all hold."""
    return [
        rng.choice(
            [
                sm.AtLeast("served", rng.randint(1, 6)),
                sm.AtMost("served", rng.randint(0, 4)),
                sm.AtLeast("fill_rate", "1/2", by="community"),
                sm.AtLeast("fill_rate", "alone", by="community"),
                sm.AtLeast("used", 2, by="slot"),
                sm.AtMost("used", 1, by="slot"),
                sm.AtMost("tier", 0, by="assignment"),
                sm.AtMost("fill_rate", "1/3", by="need"),
                sm.Within("served", 0, by="community"),
            ]
        )
        for _ in range(rng.randint(1, 3))
    ]


def crowded(seed: int, make: Callable[[int], Any]) -> tuple[sm.Instance, sm.Policy]:
    """Return a tiny town with more rules than it may hold."""
    fields, policy_fields, *_ = make(seed)
    own = [r for r in sm.Policy(**policy_fields).rules if r.measure != "moved"]
    more = some_rules(random.Random(seed))
    return sm.Instance(**fields), sm.Policy(rules=[*own, *more])


def judged(
    instance: sm.Instance, result: sm.Result, change: Callable[[Any], object] = len
) -> Verdict:
    """Return the verdict on a result's file after a change of it."""
    document = json.loads(json.dumps(result.to_dict()))
    change(document)
    return judge(instance, Result.from_dict(document, instance))


@pytest.mark.parametrize("make", [tiny_case, tiny_coupled_case])
def test_what_flows_say_is_what_all_plans_say(make: Callable[[int], Any]):
    seen: Counter[bool | None] = Counter()
    for seed in range(CASES):
        instance, policy = crowded(seed, make)
        flows = Flows(encode(instance), policy)
        pins = [Term(i, pin) for i, pin in enumerate(flows.pins)]
        rules = [Term(i, rule) for i, rule in enumerate(policy.rules)]
        for terms in ([], rules[:1], rules[1:], rules):
            some = sm.Policy(rules=[term.value for term in terms])
            told = flows.holds([*pins, *terms])
            seen[told] += 1
            if told is not None:
                assert told == oracles.is_feasible(instance, some), (seed, some)
    assert seen[True] > CASES
    assert seen[False] > CASES // 2
    assert seen[None] < (1 if make is tiny_case else 2 * CASES)


@pytest.mark.parametrize("make", [tiny_case, tiny_coupled_case])
def test_conflicts_that_are_found_hold(make: Callable[[int], Any]):
    seen: Counter[bool] = Counter()
    for seed in range(CASES):
        instance, policy = crowded(seed, make)
        result = sm.solve(instance, policy)
        if result.status != "infeasible":
            continue
        verdict = judged(instance, result)
        assert verdict.findings == (), seed
        couples = any(rule.op == "within" for rule in policy.rules)
        if result.structure == "network" and not couples:
            assert verdict.is_proved, seed
        seen[verdict.is_proved] += 1
    assert seen[True] > CASES // 4


@pytest.mark.parametrize("make", [tiny_case, tiny_coupled_case])
def test_a_plan_that_is_there_is_not_denied(make: Callable[[int], Any]):
    """Any rules named as a conflict, of towns that have a plan."""
    rng, refused, doubted = random.Random(1), 0, 0
    for seed in range(CASES):
        instance, policy = crowded(seed, make)
        result = sm.solve(instance, policy)
        if not result.status.has_plan or not policy.rules:
            continue
        some = rng.sample(range(len(policy.rules)), rng.randint(0, len(policy.rules)))
        claim = [{"kind": "rule", "rule": i + 1, "text": "x"} for i in some]
        lie: dict[str, Any] = {"status": "infeasible", "conflict": claim}
        lie |= {"goals": [], "unmet": [], "assignments": []}
        lie |= {"certificate": None, "measures": {}, "by": {}}
        verdict = judged(instance, result, partial(dict.update, **lie))
        assert not verdict.is_proved
        refused += not verdict.is_valid
        doubted += bool(verdict.unproved)
    assert refused > doubted


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.update(conflict=[]), "names nothing"),
        (lambda d: d.update(conflict=None), "names nothing"),
        (lambda d: d["conflict"].pop(), "can hold together: there is a plan"),
        (lambda d: d["conflict"].append(CAP), "at most 9: without it"),
        (lambda d: d["conflict"].append(d["conflict"][0]), "twice"),
        (lambda d: d["conflict"][0].update(need="tea"), "not in policy and records"),
        (lambda d: d["conflict"][0].update(slot="tue"), "not in policy and records"),
        (lambda d: d["conflict"][0].update(quantity=3), "is in policy and records"),
        (lambda d: d["conflict"][0].update(code="fee"), "is in policy and records"),
        (lambda d: d["conflict"][-1].update(text="x"), "is in policy and records"),
        (lambda d: d["conflict"][-1].update(relaxed="0"), "1 is"),
        (lambda d: d["conflict"][-1].update(remains=True), "1 is"),
        (lambda d: d.update(status="unsolved"), "tells of a conflict"),
        (lambda d: d["warnings"].append("x"), 'the warning "x"'),
        (lambda d: d["provenance"].update(text="x"), "policy in words"),
        (lambda d: d["provenance"].update(seed=None), "seed"),
        (
            lambda d: d.update(unmet=[{"need": "t", "quantity": 1, "reason": "full"}]),
            "plan",
        ),
    ],
)
def test_a_false_conflict_is_refused(change: Callable[[Any], object], message: str):
    result = sm.solve(TOWN, POLICY)
    assert judged(TOWN, result).is_proved
    assert [term.kind for term in result.conflict or ()] == ["decision", "rule"]
    verdict = judged(TOWN, result, change)
    assert not verdict.is_valid
    assert message in " ".join(map(str, verdict.findings))


def test_what_was_not_found_in_time_may_be_left_out():
    result = sm.solve(TOWN, POLICY)
    told = judged(TOWN, result, lambda d: [t.pop("relaxed") for t in d["conflict"]])
    assert told.is_proved


def test_more_units_than_flows_count_are_not_told():
    many = [n.model_copy(update={"quantity": 2**31}) for n in TOWN.needs[:2]]
    wide = [TOWN.slots[0].model_copy(update={"capacity": 2**31})]
    town = TOWN.replace(needs=many, slots=wide, decisions=[])
    policy = sm.Policy(rules=[sm.AtLeast("served", 2**31, by="community")])
    verdict = judged(town, sm.solve(town, policy))
    assert (verdict.is_valid, verdict.is_proved) == (True, False)
    assert "not shown here" in str(verdict.unproved[0])


def test_what_moves_is_not_told_without_the_earlier_plan():
    baseline = sm.Allocation([("mon", "t", 3)])
    policy = sm.Policy(rules=[sm.AtMost("moved", 0), FLOOR])
    town = TOWN.replace(decisions=[])
    verdict = judged(town, sm.solve(town, policy, baseline=baseline))
    assert (verdict.is_valid, verdict.is_proved) == (True, False)


def test_a_budget_that_is_too_small_is_counted():
    """Money couples: neither flows nor cuts, but a sum of rows shows it."""
    dear = [TOWN.slots[0].model_copy(update={"unit_cost": "7.50"})]
    town = TOWN.replace(slots=dear, decisions=[])
    policy = sm.Policy(rules=[sm.AtMost("cost", 20), sm.AtLeast("served", 3)])
    result = sm.solve(town, policy)
    assert result.status == "infeasible"
    assert judged(town, result).is_proved
    for change, message in (
        (lambda d: d["conflict"].pop(0), "there is a plan"),
        (lambda d: d["conflict"][0].update(relaxed="22"), "22.5 is"),
    ):
        verdict = judged(town, result, change)
        assert message in " ".join(map(str, verdict.findings))


@pytest.mark.parametrize("asked", [4, 5])
def test_bookings_of_several_steps_are_no_flow(asked: int):
    times: dict[str, Any] = {"start": "2027-09-06T17:00", "end": "2027-09-06T20:30"}
    town = sm.Instance(
        communities=[sm.Community(id="tianfeng")],
        facilities=[sm.Facility(id="hall", community="tianfeng")],
        slots=[
            sm.Slot(
                id="mon", facility="hall", kinds=["x"], capacity=1, step=30, **times
            )
        ],
        needs=[
            sm.Need(id=f"team {i}", community="tianfeng", kind="x", minutes=60)
            for i in range(4)
        ],
    )
    rule = sm.AtLeast("served", asked)
    result = sm.solve(town, sm.Policy(rules=[rule], goals=[sm.Maximize("served")]))
    assert result.status == "infeasible"
    assert judge(town, result).is_valid

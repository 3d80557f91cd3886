"""What resolves a conflict: the least relaxation does, one unit less does not."""

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import Any

import jsonschema
import pytest

import sharematch as sm
import sharematch.io
from sharematch.model.refusals import conflict_text
from sharematch.result import ConflictTerm
from tests import oracles
from tests.tiny import tiny_case
from tests.tiny_coupled import tiny_coupled_case

CASES = 150


def holds(instance: sm.Instance, policy: sm.Policy, terms: list[ConflictTerm]) -> bool:
    """Return whether some plan keeps these terms, as their `relaxed` says."""
    kept = [d for d in instance.decisions if d.status in ("declined", "forbidden")]
    for term in terms:
        if term.kind == "decision" and term.relaxed != "0":
            (own,) = (
                d
                for d in instance.decisions
                if (d.need, d.slot) == (term.need, term.slot)
            )
            units = int(term.relaxed) if term.relaxed else own.quantity
            kept.append(own.model_copy(update={"quantity": units}))
    rules = [loosened(policy.rules[t.rule - 1], t.relaxed) for t in terms if t.rule]
    changed = instance.replace(decisions=kept)
    return oracles.best(changed, sm.Policy(rules=rules)) is not None


def loosened(rule: Any, bound: str) -> Any:
    field = "width" if rule.op == "within" else "bound"
    value = bound or getattr(rule, field)
    fields = {"measure": rule.measure, "by": rule.by, "where": rule.where}
    return type(rule)(**fields, **{field: value})


def stricter(term: ConflictTerm, policy: sm.Policy) -> ConflictTerm:
    """Return the term one step less relaxed."""
    if term.kind == "decision":
        return replace(term, relaxed=str(int(term.relaxed) + 1))
    assert term.rule
    rule = policy.rules[term.rule - 1]
    step = Fraction(1, 10**6)
    bound = Fraction(term.relaxed)
    return replace(
        term, relaxed=str(bound + step if rule.op == "at_least" else bound - step)
    )


@pytest.mark.parametrize("case", [tiny_case, tiny_coupled_case])
def test_the_least_relaxation_resolves_and_one_step_less_does_not(case: Any):
    seen: Counter[str] = Counter()
    for seed in range(CASES):
        fields, terms, *baseline = case(seed)
        if any(baseline):
            continue
        instance, policy = sm.Instance(**fields), sm.Policy(**terms)
        result = sm.solve(instance, policy)
        for i, term in enumerate(result.conflict or ()):
            assert result.conflict
            others = [
                replace(t, relaxed="") for j, t in enumerate(result.conflict) if j != i
            ]
            if not term.relaxed:
                assert term.rule
                assert getattr(policy.rules[term.rule - 1], "bound", "") == "alone"
                continue
            assert holds(instance, policy, [*others, term]), (seed, term)
            if not term.relaxed.isalpha():
                less = stricter(term, policy)
                assert not holds(instance, policy, [*others, less]), (seed, term)
            everything = every_term(instance, policy, term)
            assert term.remains == (not holds(instance, policy, everything)), seed
            seen[term.kind] += 1
    assert seen["rule"] >= 1


def every_term(
    instance: sm.Instance, policy: sm.Policy, relaxed: ConflictTerm
) -> list[ConflictTerm]:
    """Return all rules and decisions, one of them relaxed."""
    terms = [ConflictTerm("rule", "", rule=i + 1) for i in range(len(policy.rules))]
    terms += [
        ConflictTerm("decision", "", need=d.need, slot=d.slot)
        for d in instance.decisions
        if d.status in ("pinned", "accepted")
    ]

    def same(term: ConflictTerm) -> bool:
        return (term.rule, term.need, term.slot) == (
            relaxed.rule,
            relaxed.need,
            relaxed.slot,
        )

    return [relaxed if same(term) else term for term in terms]


TOWN = sm.Instance(
    communities=[sm.Community(id="tianfeng"), sm.Community(id="lianqiao")],
    facilities=[sm.Facility(id="station", community="tianfeng")],
    slots=[sm.Slot(id="mon", facility="station", kinds=["health"], capacity=3)],
    needs=[
        sm.Need(id="t", community="tianfeng", kind="health", quantity=4),
        sm.Need(id="l", community="lianqiao", kind="health", quantity=2),
    ],
    decisions=[sm.Decision(need="t", slot="mon", status="accepted", quantity=3)],
)
POLICY = sm.Policy(rules=[sm.AtLeast("fill_rate", "1/2", by="community")])


def test_a_conflict_says_in_words_what_is_enough():
    result = sm.solve(TOWN, POLICY)
    assert "- t keeps 3 of mon; enough would be: t keeps 2 of mon" in str(result)
    assert (
        "- for each community: share of demand served at least 50 %; enough would be: "
        "for each community: share of demand served at least 0 %"
    ) in str(result)
    chinese = [
        conflict_text(term, POLICY.rules, "zh") for term in result.conflict or ()
    ]
    assert chinese == [
        "t 保留 mon 的 3 个名额；放宽到这样即可：t 保留 mon 的 2 个名额",
        "每个社区：满足率不低于 50 %；放宽到这样即可：每个社区：满足率不低于 0 %",
    ]


def test_what_is_left_in_conflict_is_said():
    forbidden = sm.Decision(need="l", slot="mon", status="pinned", quantity=1)
    far = TOWN.replace(
        decisions=[*TOWN.decisions, forbidden],
        slots=[TOWN.slots[0].model_copy(update={"groups": frozenset({"staff"})})],
    )
    result = sm.solve(far, sm.Policy())
    assert result.conflict
    (term,) = result.conflict
    assert (term.code, term.relaxed, term.remains) == ("group", "0", True)
    assert conflict_text(term, ()) == (
        f"{term.need} keeps {term.quantity} of mon (not possible: it is for other "
        "groups); it would have to be withdrawn (then something else still conflicts)"
    )


def test_documents_carry_what_is_enough():
    result = sm.solve(TOWN, POLICY)
    document = result.to_dict()
    jsonschema.validate(document, sharematch.io.schema("result"))
    assert document["conflict"][0]["relaxed"] == "2"
    assert document["conflict"][1]["relaxed"] == "0"
    again = sm.Result.from_dict(document)
    assert again.conflict == result.conflict
    assert str(again).startswith("Status: infeasible")

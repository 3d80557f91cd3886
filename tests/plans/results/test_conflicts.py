"""What resolves a conflict: the least relaxation does, one unit less does not."""

import random
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import Any

import jsonschema
import pytest

import sharematch as sm
import sharematch.io
from sharematch.claims import check_claims
from sharematch.model.refusals import conflict_notes, conflict_text
from sharematch.plans.results.status import ConflictTerm
from tests import oracles
from tests.tiny import tiny_case
from tests.tiny_coupled import tiny_coupled_case

CASES = 150
GROUPS = (None, "community", "need", "slot")


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
    return oracles.is_feasible(changed, sm.Policy(rules=rules))


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
    if term.relaxed.startswith("alone - "):
        less = int(term.relaxed.removeprefix("alone - ")) - 1
        return replace(term, relaxed=f"alone - {less}" if less else "alone")
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
        check(sm.Instance(**fields), sm.Policy(**terms), seen)
    assert seen["rule"] >= 1


def test_how_much_less_than_alone_communities_would_have_to_get():
    seen: Counter[str] = Counter()
    for seed in range(CASES):
        rng = random.Random(seed)
        fields, terms = tiny_case(seed)
        instance = sm.Instance(**fields)
        given = sm.Policy(**terms).rules
        rules: list[Any] = [rule for rule in given if rule.by == "assignment"]
        rules.append(sm.AtLeast("fill_rate", "alone", by="community"))
        rules.append(sm.AtMost("served", rng.randrange(4), by=rng.choice(GROUPS)))
        policy = sm.Policy(rules=rules, goals=sm.Policy.fair().goals)
        for term in check(instance, policy, seen):
            if not term.relaxed.startswith("alone"):
                continue
            seen[term.relaxed] += 1
            assert term.rule
            rules[term.rule - 1] = loosened(policy.rules[term.rule - 1], term.relaxed)
            looser = sm.Policy(rules=rules, goals=policy.goals)
            best, after = oracles.best(instance, looser), sm.solve(instance, looser)
            assert (best is None) == term.remains == (after.status == "infeasible")
            if best is not None:
                assert [goal.value for goal in after.goals] == list(best[0]), seed
                assert after.structure != "network" or not sm.check_certificate(
                    instance, after
                )
    assert seen["alone - 1"] >= 3
    assert seen["alone - 2"] >= 1


def check(
    instance: sm.Instance, policy: sm.Policy, seen: Counter[str]
) -> tuple[ConflictTerm, ...]:
    """Check what is said of a conflict, if there is one; return it."""
    result = sm.solve(instance, policy)
    for i, term in enumerate(result.conflict or ()):
        assert result.conflict
        others = [
            replace(t, relaxed="") for j, t in enumerate(result.conflict) if j != i
        ]
        assert term.relaxed
        assert not holds(instance, policy, [*others, replace(term, relaxed="")])
        assert holds(instance, policy, [*others, term]), term
        if not term.relaxed.isalpha():
            less = stricter(term, policy)
            assert not holds(instance, policy, [*others, less]), term
        everything = every_term(instance, policy, term)
        assert term.remains == (not holds(instance, policy, everything))
        seen[term.kind] += 1
    return result.conflict or ()


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
        "- for each community: share of demand served at least 50%; enough would be: "
        "for each community: share of demand served at least 0%"
    ) in str(result)
    chinese = [
        conflict_text(term, POLICY.rules, "zh") for term in result.conflict or ()
    ]
    assert chinese == [
        "t 保留 mon 的 3 个名额；放宽到这样即可：t 保留 mon 的 2 个名额",
        "每个社区：满足率不低于 50%；放宽到这样即可：每个社区：满足率不低于 0%",
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


def crowd(asked: list[int], places: int, **slot: Any) -> sm.Instance:
    """Return a hall and communities that ask for so many units each."""
    ids = [f"c{i}" for i in range(len(asked))]
    return sm.Instance(
        communities=[sm.Community(id=id_) for id_ in ids],
        facilities=[sm.Facility(id="hall", community="c0")],
        slots=[
            sm.Slot(id="mon", facility="hall", kinds=["k"], capacity=places, **slot)
        ],
        needs=[
            sm.Need(
                id=f"n-{id_}",
                community=id_,
                kind="k",
                quantity=quantity,
                groups={"young"} if quantity % 2 else set(),
            )
            for id_, quantity in zip(ids, asked, strict=True)
        ],
    )


EACH = [sm.AtLeast("served", 3, where={"community": f"c{i}"}) for i in range(8)]
ONE_ALONE = "To resolve this, changing one of these alone is enough."


@pytest.mark.parametrize(
    ("instance", "rules", "numbers"),
    [
        (crowd([5] * 8, 22), EACH, (24, None, 22)),
        (crowd([5] * 8, 22), [sm.AtLeast("served", 3, by="community")], (24, None, 22)),
        (crowd([7], 22), [sm.AtLeast("served", 12)], (12, 7, None)),
        (crowd([7, 8], 5), [sm.AtLeast("served", 16)], (16, 15, 5)),
        (
            crowd([7, 8], 22),
            [sm.AtLeast("served", 8, where={"group": "young"})],
            (8, 7, None),
        ),
        (crowd([7, 9], 22), [sm.AtLeast("served", 8, by="community")], (8, 7, None)),
        (crowd([4, 4], 6), [sm.AtMost("unmet", 1)], (7, None, 6)),
        (crowd([4, 6], 6), [sm.AtLeast("fill_rate", "4/5")], (8, None, 6)),
        (
            crowd([1, 6], 8, reserve=3),
            [sm.AtLeast("served", 6, where={"community": "c1"})],
            (6, None, 5),
        ),
    ],
)
def test_floors_beyond_what_there_is_are_told_with_both_numbers(
    instance: sm.Instance, rules: list[Any], numbers: tuple[Any, ...]
):
    result = sm.solve(instance, sm.Policy(rules=rules))
    assert result.conflict
    least, asked, places = numbers
    for term in result.conflict:
        assert (term.least, term.asked) == (least, asked)
        assert places is None or term.places in (places, None)
    text, chinese = str(result), " ".join(conflict_notes(result.conflict, "zh"))
    there = places if asked is None else asked
    assert f"at least {least} units" in text
    assert f"至少需要 {least} 个名额" in chinese
    assert f"asked for are {there}" in text or f"places for {there}" in text
    assert (ONE_ALONE in text) == (len(rules) > 1)
    document = result.to_dict()
    jsonschema.validate(document, sharematch.io.schema("result"))
    assert sm.Result.from_dict(document).conflict == result.conflict


def test_false_numbers_of_a_conflict_are_refused():
    town, policy = crowd([5] * 8, 22), sm.Policy(rules=EACH)
    document = sm.solve(town, policy).to_dict()
    for change, is_true in (({}, True), ({"least": 25}, False), ({"places": 9}, False)):
        terms = [{**term, **change} for term in document["conflict"]]
        told = sm.Result.from_dict({**document, "conflict": terms}, town)
        assert (not check_claims(town, told)) == is_true
    numbers = ("least", "asked", "places")
    terms = [
        {key: value for key, value in term.items() if key not in numbers}
        for term in document["conflict"]
    ]
    untold = sm.Result.from_dict({**document, "conflict": terms}, town)
    assert not check_claims(town, untold)


def test_no_numbers_where_there_is_enough():
    result = sm.solve(TOWN, POLICY)
    assert str(result).endswith(ONE_ALONE)
    closed = crowd([4], 9, groups={"staff"})
    alone = sm.solve(closed, sm.Policy(rules=[sm.AtLeast("served", 4)])).conflict or ()
    assert [(t.least, t.asked, t.places) for t in alone] == [(4, None, 0)]
    capped = sm.Policy(rules=[sm.AtLeast("served", 4), sm.AtMost("served", 3)])
    both = sm.solve(crowd([4], 9), capped).conflict or ()
    assert [(t.least, t.asked, t.places) for t in both] == [(None, None, None)] * 2


def test_what_is_short_is_never_more_than_there_is():
    seen = 0
    for seed in range(100):
        fields, terms = tiny_case(seed)
        instance, policy = sm.Instance(**fields), sm.Policy(**terms)
        for term in sm.solve(instance, policy).conflict or ():
            if term.least is None:
                continue
            there = [x for x in (term.asked, term.places) if x is not None]
            assert max(there) < term.least
            assert term.asked is None or term.asked <= sum(
                n.quantity * n.sessions for n in instance.needs
            )
            assert term.places is None or term.places <= sum(
                s.capacity for s in instance.slots
            )
            seen += 1
    assert seen > 0

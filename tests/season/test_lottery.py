"""Lots: numbers anyone can compute, outcomes that keep rules, chances."""

import hashlib
import random
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

import sharematch as sm
from sharematch import season
from sharematch.claims import judge
from sharematch.core.columns.encoding import encode
from sharematch.errors import InfeasibleError, InputError
from sharematch.plans.auditing.audited import Audited
from sharematch.plans.auditing.drawn import false_lots
from sharematch.season import chances, commitment, draw, number, resolve
from tests import oracles
from tests.season import replay
from tests.season.test_decisions import town
from tests.tiny import tiny_case

COUPLED = [
    sm.Need(id="choir", community="tianfeng", kind="health", quantity=2, whole=True),
    sm.Need(id="t", community="tianfeng", kind="health", quantity=3),
    sm.Need(id="l", community="lianqiao", kind="health", quantity=1),
]


def in_turn(case: oracles.Case, policy: sm.Policy, needs: Any) -> dict[str, int]:
    """Return each need's units where needs choose in turn, by looking at all plans."""
    left: list[Any] = list(case.plans())
    for goal in policy.goals:
        values: list[Any] = [case.goal_value(goal, plan) for plan in left]
        best = max(values) if goal.op in ("maximize", "leximin") else min(values)
        left = [plan for plan, v in zip(left, values, strict=True) if v == best]
    for need in needs:
        most = max(units(plan, need) for plan in left)
        left = [plan for plan in left if units(plan, need) == most]
    return {need: units(left[0], need) for need in needs}


def units(plan: Any, need: str) -> int:
    return sum(quantity for (n, _), quantity in plan.items() if n == need)


def towns(count: int, first: int = 0) -> Any:
    """Yield tiny towns with a policy of some goals, or none, that some plan keeps."""
    for seed in range(first, first + 4 * count):
        fields, policy_fields = tiny_case(seed)
        instance, policy = sm.Instance(**fields), sm.Policy(**policy_fields)
        goals = policy.goals[: seed % 3]
        policy = sm.Policy(rules=policy.rules, goals=goals)
        case = oracles.Case(instance, policy.rules)
        if 0 < len(list(case.plans())) < 200 and len(instance.needs) < 5:
            yield seed, instance, policy, case


@pytest.mark.parametrize("first", range(0, 400, 200))
def test_needs_choose_in_the_order_of_their_numbers(first: int):
    differ = 0
    for seed, instance, policy, case in towns(50, first):
        drawn = draw(instance, policy, seed=f"text {seed}", round="spring")
        assert list(drawn.numbers) == sorted(
            drawn.numbers, key=lambda need: number(f"text {seed}", "spring", need)
        )
        result = drawn.result
        assert result.status == "optimal", seed
        served = {row["id"]: row["served"] for row in result.by("need")}
        assert not sm.verify(instance, result.allocation, policy), seed
        expected = in_turn(case, policy, list(drawn.numbers))
        assert {need: served.get(need, 0) for need in expected} == expected, seed
        assert [goal.value for goal in result.goals] == [
            goal.value for goal in sm.solve(instance, policy).goals
        ], seed
        differ += expected != in_turn(case, policy, [*drawn.numbers][::-1])
    assert differ >= 5


def test_a_winner_who_was_swapped_is_found_without_a_solver():
    """Of all plans that are as good in all goals, only those by lots are accepted."""
    seen: Counter[bool] = Counter()
    for seed, instance, policy, case in towns(14):
        result = draw(instance, policy, seed=f"text {seed}", round="spring").result
        best: list[Any] = list(case.plans())
        for goal in policy.goals:
            values = [case.goal_value(goal, plan) for plan in best]
            top = max(values) if goal.op in ("maximize", "leximin") else min(values)
            best = [p for p, v in zip(best, values, strict=True) if v == top]
        mine = {need.id: 0 for need in instance.needs}
        for assignment in result.allocation:
            mine[assignment.need] += assignment.quantity
        for plan in best:
            other = sm.Allocation((s, n, q) for (n, s), q in plan.items() if q)
            found = Audited.of(encode(instance), replace(result, allocation=other))
            swapped = any(units(plan, need) != got for need, got in mine.items())
            told = bool([*false_lots(found)])
            if found.program is not None:
                assert told == swapped, (seed, plan)
                seen[swapped] += 1
            assert swapped or not told, (seed, plan)
    assert seen[True] > 30
    assert seen[False] > 15


def test_a_draw_is_bound_to_its_commitment():
    result = draw(town(), seed="a", round="spring").result
    told = result.provenance["draw"]
    changes: list[dict[str, Any]] = [
        {"seed": "b"},
        {"round": "spring 2"},
        {"needs": commitment("a", "spring", ["t"]).needs},
        {"commitment": "sha256:0"},
        {"late": ["t"]},
        {"gone": ["x"]},
        {"seed": 3},
        {"seed": "a\nb"},
        {"numbers": []},
    ]
    for change in changes:
        drawn = {"draw": {**told, **change}}
        false = replace(result, provenance={**result.provenance, **drawn})
        assert [f.code for f in judge(town(), false).findings][:1] == ["draw"], change
    false = replace(result, provenance={**result.provenance, "seed": 1})
    assert "seed of ties" in str(judge(town(), false).findings[0])
    nonsense: list[Any] = [{}, [], "a"]
    for what in nonsense:
        false = replace(result, provenance={**result.provenance, "draw": what})
        assert "does not say" in str(judge(town(), false).findings[0])


def test_lots_are_drawn_where_needs_couple():
    instance = town(needs=COUPLED)
    policy = sm.Policy(goals=[sm.Maximize("served")])
    case = oracles.Case(instance, policy.rules)
    for seed in "abcdef":
        drawn = draw(instance, policy, seed=seed)
        assert (drawn.result.status, drawn.result.structure) == ("optimal", "coupled")
        served = {row["id"]: row["served"] for row in drawn.result.by("need")}
        assert served == in_turn(case, policy, list(drawn.numbers))
        assert len(drawn.result.goals) == 1


def test_another_need_changes_no_number():
    few = draw(town(), seed="x").numbers
    late = sm.Need(id="late", community="lianqiao", kind="health")
    more = draw(town(needs=(*town().needs, late)), seed="x").numbers
    assert {need: more[need] for need in few} == few
    assert [need for need in more if need != "late"] == list(few)


def test_a_replay_in_forty_lines_gives_the_same_plan():
    rng = random.Random(1)
    for seed in map(str, range(30)):
        slots = [
            sm.Slot(
                id=s, facility="station", kinds=["health"], capacity=rng.randint(1, 3)
            )
            for s in ("mon", "tue")
        ]
        needs = [
            sm.Need(
                id=f"n{i}",
                community="lianqiao",
                kind="health",
                quantity=rng.randint(1, 2),
                choices=rng.choice(((), ("mon",), ("tue",))),
            )
            for i in range(5)
        ]
        drawn = draw(town(slots=slots, needs=needs), seed=seed, round="r")
        assert drawn.numbers == replay.numbers(seed, "r", [n.id for n in needs])
        served = {row["id"]: row["served"] for row in drawn.result.by("need")}
        reach = {n.id: n.choices or ("mon", "tue") for n in needs}
        assert served == replay.served(
            list(drawn.numbers),
            {need.id: need.quantity for need in needs},
            {slot.id: slot.capacity for slot in slots},
            reach,
        )


def test_what_is_given_back_goes_to_the_next_number():
    needs = [sm.Need(id=f"n{i}", community="lianqiao", kind="health") for i in range(6)]
    drawn = draw(town(needs=needs), seed="x")
    first, *others = drawn.numbers
    (slot,) = (a.slot for a in drawn.result.allocation if a.need == first)
    revision = resolve(drawn.result, [(first, "", "withdrawn")])
    assert sorted(revision.allocation.needs) == sorted(others[:4])
    assert [(c.need, c.slot) for c in revision.changes if c.gained] == [
        (others[3], slot)
    ]
    told = drawn.result.provenance["draw"]
    assert revision.result.provenance["draw"] == {**told, "gone": [first]}


def test_who_comes_after_the_draw_chooses_last():
    """Else an id could be tried until it wins, once the seed is known."""
    places = [sm.Slot(id="mon", facility="station", kinds=["health"], capacity=2)]
    needs = [sm.Need(id=f"n{i}", community="lianqiao", kind="health") for i in range(4)]
    drawn = draw(town(slots=places, needs=needs), seed="x")
    first, second, third, fourth = drawn.numbers
    lucky = next(
        name
        for i in range(1000)
        if number("x", "", name := f"late {i}") < drawn.numbers[first]
    )
    late = sm.Need(id=lucky, community="lianqiao", kind="health")
    wider = town(slots=places, needs=[*needs, late])
    given_back = [(first, "", "withdrawn")]
    revision = resolve(drawn.result, given_back, instance=wider)
    assert sorted(revision.allocation.needs) == sorted([second, third])
    told = revision.result.provenance["draw"]
    assert (told["late"], told["gone"]) == ([lucky], [first])
    again = resolve(revision.result, [(n, "", "withdrawn") for n in (second, third)])
    assert sorted(again.allocation.needs) == sorted([fourth, lucky])
    assert again.result.provenance["draw"]["late"] == [lucky]


def test_a_commitment_binds_seed_round_and_list():
    needs = [need.id for need in town().needs]
    made = commitment("a", "spring", needs)
    assert made == commitment("a", "spring", reversed(needs))
    for committed in (made, made.hash):
        held = draw(town(), seed="a", round="spring", committed=committed)
        assert held.commitment == made
        told = held.result.provenance["draw"]
        assert told == {**made.to_dict(), "seed": "a"}
    fewer = town(needs=town().needs[:1])
    for other, seed, round_, differs in (
        (town(), "b", "spring", "another seed"),
        (town(), "a", "spring 2", 'round "spring", not "spring 2"'),
        (fewer, "a", "spring", "another list of needs"),
    ):
        with pytest.raises(InputError, match=differs):
            draw(other, seed=seed, round=round_, committed=made)
        with pytest.raises(InputError, match="another than was committed to"):
            draw(other, seed=seed, round=round_, committed=made.hash)
    for short, binds in (
        (hashlib.sha256(b"a").hexdigest(), "binds neither round nor list"),
        (hashlib.sha256(b"a\nspring").hexdigest(), "binds no list of needs"),
    ):
        with pytest.raises(InputError, match=binds):
            draw(town(), seed="a", round="spring", committed=f"sha256:{short}")


def test_a_commitment_is_read_back_or_refused():
    made = commitment("a", "spring", ["t"])
    assert season.Commitment.from_dict(made.to_dict()) == made
    false: list[Any] = [{}, [], {**made.to_dict(), "round": "autumn"}]
    for wrong in false:
        with pytest.raises(InputError, match="commitment"):
            season.Commitment.from_dict(wrong)


def test_the_hash_of_a_list_is_that_of_its_sorted_lines():
    ids = ["well street", "天封", "Mill Lane", "mill lane"]
    lines = "".join(f"{name}\n" for name in sorted(ids, key=str.encode))
    expected = hashlib.sha256(lines.encode()).hexdigest()
    assert commitment("a", "", ids).needs == f"sha256:{expected}"


def test_the_replay_is_short_and_the_one_in_the_guide():
    code = Path(replay.__file__).read_text(encoding="utf-8")
    assert len(code.splitlines()) <= 40
    guide = Path(__file__).parents[2] / "docs" / "howto" / "lottery.md"
    assert f"```python\n{code}```" in guide.read_text(encoding="utf-8")
    assert "sharematch" not in code


@pytest.mark.parametrize("first", range(0, 240, 120))
def test_chances_are_exact_where_few_contend(first: int):
    seen: Counter[bool] = Counter()
    for seed, instance, policy, case in towns(30, first):
        needs = [need.id for need in instance.needs]
        orders = list(permutations(needs))
        total = dict.fromkeys(needs, 0)
        for turn in orders:
            for need, quantity in in_turn(case, policy, turn).items():
                total[need] += quantity
        asked = {need.id: need.quantity for need in instance.needs}
        for chance in chances(instance, policy, draws=2):
            if asked[chance.need]:
                mean = Fraction(total[chance.need], len(orders) * asked[chance.need])
                assert chance.share == mean or not chance.is_exact, seed
                seen[chance.is_exact] += 1
    assert seen[True] > 4 * seen[False]


def test_estimated_chances_agree_with_what_is_known():
    # Nine needs for three places: one in three each, too many for all orders.
    needs = [sm.Need(id=f"n{i}", community="lianqiao", kind="health") for i in range(9)]
    slots = [sm.Slot(id="mon", facility="station", kinds=["health"], capacity=3)]
    found = chances(town(needs=needs, slots=slots), draws=600)
    assert not any(chance.is_exact for chance in found)
    assert sum(chance.share for chance in found) == 3
    for chance in found:
        assert chance.error == pytest.approx(0.0192, abs=0.002)
        assert abs(float(chance.share) - 1 / 3) < 4 * chance.error
    coupled = chances(town(needs=COUPLED), draws=40)
    assert [chance.need for chance in coupled] == ["choir", "l", "t"]
    assert not any(chance.is_exact for chance in coupled)


def test_what_cannot_be_drawn_is_told():
    for end in "\n\r\t\x00\u2028":
        with pytest.raises(InputError, match="one line each"):
            draw(town(), seed=f"a{end}b")
        with pytest.raises(InputError, match="one line each"):
            draw(town(), seed="a", round=f"spring{end}")
    with pytest.raises(InputError, match="has an order of its own"):
        draw(town(), sm.Policy.first_come(), seed="a")
    with pytest.raises(InputError, match="turns: x must be a need"):
        sm.solve(town(), turns=["x"])
    with pytest.raises(InputError, match="turns: t must be a need, named once"):
        sm.solve(town(), turns=["t", "t"])
    impossible = sm.Policy(rules=[sm.AtLeast("served", 100)])
    with pytest.raises(InfeasibleError):
        chances(town(), impossible)
    assert draw(town(), impossible, seed="a").result.status == "infeasible"
    assert commitment("a", "", []) != commitment("b", "", [])

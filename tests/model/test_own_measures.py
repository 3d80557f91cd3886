"""Measures of one's own: as goal, rule and table, checked, verified and published."""

import random
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import sharematch as sm
from sharematch.claims import check_claims
from sharematch.comparison import price_of_fairness
from sharematch.measures import Pairs
from sharematch.model.measures import MEASURES
from sharematch.model.ways import Travel
from sharematch.publication import columns_of, publish

STEPS = {"hall": 40, "club": 3, "station": 0}
KEY = b"0123456789abcdef"


def best() -> list[Any]:
    """Return goals that look at steps, as soon as these are known."""
    return [sm.Maximize("served"), sm.Minimize("steps")]


def steps(pairs: Pairs) -> Any:
    """Return the steps up to each pair's facility."""
    return pairs.numbers("facility", STEPS)


def noisy(pairs: Pairs) -> Any:
    """Count units in the hall."""
    return pairs.bears("facility", "hall")


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    """Register two measures, and take all away that a test adds."""
    before = dict(MEASURES._measures)
    sm.register_measure(
        "steps",
        steps,
        text={"en": "steps to climb", "zh": "台阶数"},
        may_be_published=True,
    )
    sm.register_measure("noisy", noisy, counts=True)
    yield
    MEASURES._measures = before


def town(**more: Any) -> sm.Instance:
    """Return a town of three places, each with room for three."""
    places = {"hall": "tianfeng", "club": "lianqiao", "station": "junmiao"}
    fields: dict[str, Any] = {
        "communities": [sm.Community(id=name) for name in places.values()],
        "facilities": [
            sm.Facility(id=name, community=home) for name, home in places.items()
        ],
        "slots": [
            sm.Slot(
                id=f"{name}-{day}", facility=name, kinds=["room"], capacity=3, fee=2
            )
            for name in places
            for day in ("mon", "tue")
        ],
        "needs": [
            sm.Need(id="t", community="tianfeng", kind="room", quantity=4),
            sm.Need(
                id="l",
                community="lianqiao",
                kind="room",
                quantity=5,
                groups={"elderly"},
                choices=["hall-mon", "club-mon"],
            ),
        ],
    }
    return sm.Instance(**(fields | more))


def total(result: sm.Result, need: str | None = None) -> int:
    """Return the steps of a plan, counted by hand."""
    return sum(
        STEPS[a.slot.split("-")[0]] * a.quantity
        for a in result.allocation
        if need in (None, a.need)
    )


def test_a_measure_of_ones_own_is_a_goal_and_a_column_of_tables():
    result = sm.solve(town(), sm.Policy(goals=best()))
    assert result.is_optimal
    assert result.structure == "network"
    # Three of `l` find the club, two have to climb; all of `t` find the station.
    assert result.value("steps") == total(result) == 3 * 3 + 2 * 40
    assert result.goals[1].value == result.goals[1].bound == 89
    assert result.to_dict()["measures"]["steps"] == 89
    assert {row["id"]: row["steps"] for row in result.by("need")} == {"t": 0, "l": 89}
    assert {row["id"]: row["steps"] for row in result.by("facility")} == {
        "club": 9,
        "hall": 80,
        "station": 0,
    }
    assert result.value("steps", where={"group": "elderly"}) == total(result, "l")
    assert sm.check_certificate(town(), result) == ()
    assert check_claims(town(), result) == ()


def test_a_policy_that_does_not_look_at_it_has_the_same_result_as_without():
    document = sm.solve(town()).to_dict()
    assert "steps" not in document["measures"]
    assert "own_measures" not in document["provenance"]
    MEASURES._measures.pop("steps")
    assert sm.solve(town()).to_dict() == document


@pytest.mark.parametrize(
    ("rule", "served"),
    [
        (
            lambda: sm.AtMost("steps", 10, by="assignment", where={"group": "elderly"}),
            7,
        ),
        (lambda: sm.AtMost("steps", 50, by="need"), 8),
        (lambda: sm.AtMost("steps", 60), 8),
    ],
)
def test_a_rule_bounds_it_for_an_assignment_a_group_and_the_whole(
    rule: Callable[[], Any], served: int
):
    policy = sm.Policy(rules=[rule()], goals=best())
    result = sm.solve(town(), policy)
    assert result.is_optimal
    assert result.value("served") == served
    assert sm.verify(town(), result.allocation, policy) == ()
    free = sm.solve(town(), sm.Policy(goals=best()))
    broken = sm.verify(town(), free.allocation, policy)
    assert {violation.code for violation in broken} == {"rule"}


def test_what_counts_units_one_by_one_is_leveled_and_bounded_as_a_flow():
    policy = sm.Policy(
        rules=[sm.AtMost("noisy", 1, by="need")],
        goals=[sm.Maximize("served"), sm.Leximax("noisy", by="slot")],
    )
    result = sm.solve(town(), policy)
    assert result.structure == "network"
    assert result.value("served") == 4 + 3 + 1
    assert result.goals[1].value == (1, *[Fraction(0)] * 5)
    assert sm.check_certificate(town(), result) == ()


def test_money_is_decimal_and_its_bounds_in_major_units():
    sm.register_measure("heat", lambda pairs: [150] * len(pairs), unit="money")
    policy = sm.Policy(rules=[sm.AtMost("heat", 3)], goals=[sm.Maximize("served")])
    result = sm.solve(town(), policy)
    assert result.value("served") == 2
    assert str(result.value("heat")) == "3.00"
    assert result.to_dict()["measures"]["heat"] == "3.00"


def test_random_towns_have_the_value_that_brute_force_finds():
    for seed in range(12):
        rng = random.Random(seed)
        pairs = {f"{n}-{s}": rng.randrange(4) for n in "abc" for s in "xyz"}

        def cost(given: Pairs, pairs: dict[str, int] = pairs) -> list[int]:
            ends = zip(given.ids("need"), given.ids("slot"), strict=True)
            return [pairs[f"{need}-{slot}"] for need, slot in ends]

        sm.register_measure(f"walk_{seed}", cost)
        small = sm.Instance(
            communities=[sm.Community(id="tianfeng")],
            facilities=[sm.Facility(id="hall", community="tianfeng")],
            slots=[
                sm.Slot(id=s, facility="hall", kinds=["room"], capacity=1)
                for s in "xyz"
            ],
            needs=[sm.Need(id=n, community="tianfeng", kind="room") for n in "abc"],
        )
        policy = sm.Policy(goals=[sm.Maximize("served"), sm.Minimize(f"walk_{seed}")])
        result = sm.solve(small, policy)
        least = min(
            sum(
                pairs[f"{need}-{slot}"] for need, slot in zip("abc", order, strict=True)
            )
            for order in ("xyz", "xzy", "yxz", "yzx", "zxy", "zyx")
        )
        assert result.value(f"walk_{seed}") == least


# ---- results, files, plans side by side


def test_a_result_names_who_counts_it_and_needs_it_to_be_read():
    result = sm.solve(town(), sm.Policy(goals=best()))
    document = result.to_dict()
    assert document["provenance"]["own_measures"] == {"steps": f"{__name__}.steps"}
    read = sm.Result.from_dict(document)
    assert read.value("steps") == 89
    MEASURES._measures.pop("steps")
    with pytest.raises(sm.SharematchError, match=r"steps.*not registered here.*steps"):
        sm.Result.from_dict(document)
    document["provenance"].pop("own_measures")
    with pytest.raises(sm.SharematchError, match="steps: is not a measure"):
        sm.Result.from_dict(document)


def test_a_result_that_hides_who_counts_is_found():
    result = sm.solve(town(), sm.Policy(goals=best()))
    document = result.to_dict()
    document["provenance"].pop("own_measures")
    found = check_claims(town(), sm.Result.from_dict(document))
    assert [finding.code for finding in found] == ["provenance"]


def test_what_a_function_says_later_is_what_is_verified(
    monkeypatch: pytest.MonkeyPatch,
):
    policy = sm.Policy(rules=[sm.AtMost("steps", 100)], goals=best())
    result = sm.solve(town(), policy)
    monkeypatch.setitem(STEPS, "hall", 70)
    assert sm.verify(town(), result.allocation, policy)
    assert sm.check_certificate(town(), result)


def test_policies_in_files_may_name_it(tmp_path):
    path = tmp_path / "policy.toml"
    sm.io.write_policy(sm.Policy(goals=best()), path)
    assert [goal.measure for goal in sm.io.read_policy(path).goals] == [
        "served",
        "steps",
    ]
    assert (
        "as few steps to climb as possible"
        in sm.solve(town(), sm.io.read_policy(path)).provenance["text"]
    )


def test_plans_are_compared_by_it_and_fairness_has_its_price():
    some = sm.solve(town(), sm.Policy(name="calm", goals=best()))
    other = sm.solve(town(), sm.Policy(name="plain", goals=[sm.Maximize("served")]))
    rows = {row["plan"]: row["steps"] for row in sm.compare(some, other).totals}
    assert rows == {"calm": 89, "plain": total(other)}
    price = price_of_fairness(town(), measures=["steps"])
    assert [each.best for each in price.prices] == [9, 89]
    kept = sm.Result.from_dict(other.to_dict())
    assert "steps" not in sm.compare(some, kept).totals.columns


# ---- published plans


def test_a_published_plan_is_checked_by_who_has_no_function():
    result = sm.solve(town(), sm.Policy(goals=best()))
    shown = publish(town(), result, KEY)
    MEASURES._measures.pop("steps")
    columns = columns_of(shown.instance)
    read = sm.Result.from_dict(shown.result, columns)
    assert sm.check_certificate(columns, read) == ()
    assert read.value("steps") == 89
    assert "hall" not in str(shown.instance)
    # What is known of published pairs alone says nothing of others.
    with pytest.raises(sm.SharematchError, match="published pairs only"):
        sm.solve(town(), sm.Policy(goals=best()))
    # Nor does it keep anybody from registering the measure itself.
    sm.register_measure("steps", steps)
    assert sm.solve(town(), sm.Policy(goals=best())).value("steps") == 89


def test_a_published_plan_tells_a_false_value():
    result = sm.solve(town(), sm.Policy(goals=best()))
    shown = publish(town(), result, KEY)
    row = next(row for row in shown.instance["arcs"] if "own" in row)
    row["own"]["steps"] += 1
    columns = columns_of(shown.instance)
    assert sm.check_certificate(columns, sm.Result.from_dict(shown.result, columns))


def test_what_may_not_be_published_is_not():
    policy = sm.Policy(goals=[sm.Maximize("served"), sm.Minimize("noisy")])
    result = sm.solve(town(), policy)
    with pytest.raises(sm.SharematchError, match=r"noisy.*would be seen by all"):
        publish(town(), result, KEY)


def test_a_published_instance_says_nothing_of_other_measures():
    shown = publish(town(), sm.solve(town(), sm.Policy(goals=best())), KEY)
    columns = columns_of(shown.instance)
    with pytest.raises(sm.SharematchError, match="not in this published instance"):
        sm.solve(columns, sm.Policy(goals=[sm.Minimize("noisy")]))


def test_another_measure_of_the_same_name_is_refused():
    shown = publish(town(), sm.solve(town(), sm.Policy(goals=best())), KEY)
    shown.instance["own_measures"]["steps"]["unit"] = "money"
    with pytest.raises(sm.SharematchError, match="steps: is taken"):
        columns_of(shown.instance)


# ---- what is refused


@pytest.mark.parametrize(
    ("said", "counts", "message"),
    [
        (lambda n: [0.5] * n, False, "0.5: what a unit of l in .* whole number"),
        (lambda n: [1.0] * n, False, "1.0: .* whole number"),
        (lambda n: [*[1] * (n - 1), float("nan")], False, "nan: .* whole number"),
        (lambda n: np.full(n, np.nan), False, "nan: .* whole number"),
        (lambda n: ["1"] * n, False, "1: .* whole number"),
        (lambda n: [None] * n, False, "None: .* whole number"),
        (lambda n: [-1] * n, False, "-1: .* not be below 0"),
        (lambda n: [2**41] * n, False, f"{2**41}: .* out of range"),
        (lambda n: [2**70] * n, False, f"{2**70}: .* out of range"),
        (lambda n: np.full(n, 2**63, np.uint64), False, "out of range"),
        (lambda n: [2] * n, True, "2: .* must be 0 or 1"),
        (lambda n: [1] * (n + 1), False, "one number for each of 8 pairs, not"),
        (lambda n: [[1]] * n, False, "one number for each of 8 pairs, not"),
        (lambda _: 1, False, "one number for each of 8 pairs, not"),
        (lambda _: None, False, "one number for each of 8 pairs, not"),
        (range, False, "depends on other pairs: alone it is 0"),
        (lambda n: 1 // (n - n), False, "its function fails: ZeroDivisionError"),
        (lambda n: [[1], [2, 3]][:n], False, "its function fails: ValueError"),
    ],
)
def test_bad_coefficients_are_told(
    said: Callable[[int], Any],
    counts: bool,
    message: str,
):
    sm.register_measure("bad", lambda pairs: said(len(pairs)), counts=counts)
    with pytest.raises(sm.SharematchError, match=f"bad: .*{message}"):
        sm.solve(town(), sm.Policy(goals=[sm.Minimize("bad")]))


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda pairs: pairs.slot("fees"), "fees: slot has no number of this name"),
        (lambda pairs: pairs.need("kind_of"), "need has no number of this name"),
        (lambda pairs: pairs.pair("speed"), "pair has no number of this name"),
        (lambda pairs: pairs.ids("place"), "place: is no record of a pair"),
    ],
)
def test_fields_that_are_not_there_are_told(ask: Callable[[Pairs], Any], message: str):
    sm.register_measure("bad", ask)
    with pytest.raises(sm.SharematchError, match=message):
        sm.solve(town(), sm.Policy(goals=[sm.Minimize("bad")]))


def test_travel_is_looked_at_only_where_it_is_known():
    sm.register_measure("far", lambda pairs: pairs.pair("travel") // 100)
    policy = sm.Policy(goals=[sm.Maximize("served"), sm.Minimize("far")])
    places = {"tianfeng": (0, 0), "lianqiao": (0, 1), "junmiao": (1, 0)}
    known = [sm.Community(id=name, location=at) for name, at in places.items()]
    some = [*known[:2], sm.Community(id="junmiao")]
    plane = Travel(metric="plane")
    result = sm.solve(town(communities=known, travel=plane), policy)
    assert result.value("far") == result.value("travel") // 100
    with pytest.raises(sm.SharematchError, match="no known distance"):
        sm.solve(town(communities=some, travel=plane), policy)


@pytest.mark.parametrize("name", ["served", "moved", "id", "community", "gini"])
def test_names_that_are_taken_are_refused(name: str):
    with pytest.raises(sm.SharematchError, match=f"name {name}: is taken"):
        sm.register_measure(name, steps)


@pytest.mark.parametrize("name", ["", "Steps", "two words", "1st", "a" * 41])
def test_what_is_no_name_is_refused(name: str):
    with pytest.raises(sm.SharematchError, match="is no name for a measure"):
        sm.register_measure(name, steps)


def test_the_same_function_may_come_again_another_may_not():
    sm.register_measure("steps", steps, unit="count")
    with pytest.raises(sm.SharematchError, match="name steps: is taken"):
        sm.register_measure("steps", noisy)
    with pytest.raises(sm.SharematchError, match="unit ratio: is none"):
        sm.register_measure("share", steps, unit="ratio")
    with pytest.raises(sm.SharematchError, match="coefficients"):
        sm.register_measure("share", 3)  # type: ignore[arg-type]  # ty: what is tested

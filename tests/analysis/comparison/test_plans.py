"""Comparisons against what the assignments and records say."""

from collections import Counter
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import Any

import pytest

import sharematch as sm
from sharematch.analysis.comparison.plans import gini
from sharematch.comparison import Comparison
from sharematch.errors import InputError
from tests import oracles
from tests.tiny import tiny_case


def town(**more: Any) -> sm.Instance:
    return sm.Instance(
        communities=[sm.Community(id="a"), sm.Community(id="b")],
        facilities=[sm.Facility(id="f", community="a")],
        slots=[
            sm.Slot(id="s", facility="f", kinds=["h"], capacity=3, unit_cost="1.50")
        ],
        needs=[
            sm.Need(id="m", community="a", kind="h", quantity=4),
            sm.Need(id="n", community="b", kind="h", quantity=2),
        ],
        **more,
    )


@pytest.fixture(scope="module")
def own_and_fair() -> Comparison:
    own, fair = sm.solve(town(), sm.Policy.own_only()), sm.solve(town())
    return sm.compare(own, fair)


def test_a_comparison_by_hand(own_and_fair: Comparison):
    (change,) = own_and_fair.changes
    assert change.gains == {"b": 1}
    assert change.losses == {"a": 1}
    assert (change.needs_gaining, change.needs_losing) == (1, 1)
    assert change.totals["served"] == 0
    assert change.totals["least_fill_rate"] == Fraction(1, 2)
    own, fair = own_and_fair.totals
    assert (own["plan"], fair["plan"]) == ("own only", "fair")
    assert own["cost"] == fair["cost"] == Decimal("4.50")
    assert (own["gini"], fair["gini"]) == (Fraction(1, 2), 0)
    rates = own_and_fair.by_community("fill_rate").to_dict()
    assert rates["fair"] == [Fraction(1, 2), Fraction(1, 2)]
    assert rates["change"] == [Fraction(-1, 4), Fraction(1, 2)]


def test_a_comparison_as_text(own_and_fair: Comparison):
    text = str(own_and_fair)
    assert "fair: 1 community gains 1 unit, 1 community loses 1 unit" in text
    assert "  gain: b 1\n  lose: a 1" in text


@pytest.mark.parametrize(
    ("unit", "english", "chinese"),
    [
        ("km", "1,234,560 m", "1,234,560 米"),
        ("min", "74,073.6 minutes", "74,073.6 分钟"),
    ],
)
def test_travel_has_its_unit(unit: str, english: str, chinese: str):
    amount = "1234.56" if unit == "km" else "74073.6"
    far = town(
        travel={"unit": unit}, links=[sm.Link(source="a", target="b", travel=amount)]
    )
    own_only, both = sm.solve(far, sm.Policy.own_only()), sm.solve(far)
    found = sm.compare(own_only, both)
    (change,) = found.changes
    assert f"travel +{english}" in change.text()
    assert f"路程 +{chinese}" in change.text("zh")
    assert str(found).count(english) == 2
    read = [sm.Result.from_dict(result.to_dict()) for result in (own_only, both)]
    assert f"travel +{change.totals['travel']:,}," in str(sm.compare(*read))


def test_results_read_without_their_instance_compare_the_same(
    own_and_fair: Comparison,
):
    results = [sm.solve(town(), p) for p in (sm.Policy.own_only(), sm.Policy.fair())]
    read = [sm.Result.from_dict(result.to_dict()) for result in results]
    assert sm.compare(*read).to_dict() == own_and_fair.to_dict()


@pytest.mark.parametrize("first", range(0, 200, 50))
def test_changes_are_those_of_the_assignments(first: int):
    seen: Counter[str] = Counter()
    for seed in range(first, first + 50):
        fields, _ = tiny_case(seed)
        instance = sm.Instance(**fields)
        policies = sm.Policy.efficient(), sm.Policy.fair(), sm.Policy.first_come()
        results = [sm.solve(instance, policy) for policy in policies]
        if any(result.status == "infeasible" for result in results):
            continue
        comparison = sm.compare(*results)
        home = {need.id: need.community for need in instance.needs}
        units = [Counter({home[n.id]: 0 for n in instance.needs}) for _ in results]
        by_need: list[Counter[str]] = [Counter() for _ in results]
        for i, result in enumerate(results):
            for a in result.allocation:
                units[i][home[a.need]] += a.quantity
                by_need[i][a.need] += a.quantity
        for i, change in enumerate(comparison.changes, 1):
            assert change.gains == dict(sorted((units[i] - units[0]).items()))
            assert change.losses == dict(sorted((units[0] - units[i]).items()))
            assert change.needs_gaining == len(by_need[i] - by_need[0])
            assert change.needs_losing == len(by_need[0] - by_need[i])
            seen["moves"] += bool(change.gains)
        for result, row in zip(results, comparison.totals, strict=True):
            plan = {(a.need, a.slot): a.quantity for a in result.allocation}
            for name in ("served", "travel", "cost", "subsidy", "wait"):
                rules = result.policy.rules
                expected = oracles.measure(instance, plan, name, rules=rules)
                assert row[name] == expected, (seed, name)
    assert seen["moves"] > 5


def test_gini_is_half_the_mean_difference():
    rates = [Fraction(n, 7) for n in (0, 3, 3, 5, 7)]
    pairs = sum(abs(a - b) for a, b in combinations(rates, 2))
    assert gini(rates) == Fraction(pairs, len(rates) * sum(rates))
    assert gini([]) == gini([Fraction(0)]) == 0


def test_a_result_without_a_plan_has_a_row_without_values():
    impossible = sm.Policy(
        name="too much", rules=[sm.AtLeast("served", 9)], goals=[sm.Maximize("served")]
    )
    comparison = sm.compare(sm.solve(town()), sm.solve(town(), impossible))
    assert comparison.totals.rows[1]["served"] is None
    assert comparison.changes == ()
    assert comparison.by_community().rows[0]["change"] is None
    assert comparison.to_dict()["plans"][1]["served"] is None


def test_equal_names_are_told_apart():
    results = [sm.solve(town(), seed=seed) for seed in (0, 1)]
    assert sm.compare(*results).names == ("fair", "fair (2)")
    assert sm.compare(*results, names=["x", "demand"]).names == ("x", "demand (2)")


def test_what_cannot_be_compared():
    one, other = sm.solve(town()), sm.solve(town(name="other"))
    with pytest.raises(InputError, match="different instances"):
        sm.compare(one, other)
    with pytest.raises(InputError, match="no result"):
        sm.compare()
    with pytest.raises(InputError, match="1 name for 2"):
        sm.compare(one, one, names=["x"])
    with pytest.raises(InputError, match="happiness is not known by community\nMaybe"):
        sm.compare(one, one).by_community("happiness")

"""Numbers beyond 64 bits: exact, or refused by name; what nobody asks stops nothing."""

import json
import random
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import sharematch as sm
from sharematch.claims import check_claims
from sharematch.core.columns.integers import LIMIT, largest, product, sums, total
from sharematch.model.measures import MEASURES, table_order
from sharematch.report import html_report
from tests import oracles

LARGE = 10**12
SIZES = (1, 2, 3, 10**6, 2**31, 2**32, 10**9, LARGE - 1, LARGE)
TOTALS = table_order("total")
MEASURED = [
    name
    for name, each in MEASURES.items()
    if name != "moved" and not each.only_in_rules
]
BY = {"need": (None, "community", "group"), "slot": (None, "facility", "week")}
REFUSALS = ("64-bit integers", "fewer than 2³¹ units")


def town(rng: random.Random) -> sm.Instance:
    """Return a town of few records where any number may be large."""

    def size(*, zero: bool = False) -> int:
        return rng.choice((0, *SIZES) if zero else SIZES)

    def some(chance: float, value: Any) -> Any:
        return value if rng.random() < chance else None

    def only(**fields: Any) -> dict[str, Any]:
        return {key: value for key, value in fields.items() if value is not None}

    slots, needs = range(rng.randint(1, 3)), range(rng.randint(1, 3))
    couples = rng.random() < 0.4
    capacities = [size() for _ in slots]
    quantities = [size() for _ in needs]
    days = [f"2026-03-{day + 2:02}T" for day in slots]
    fields: dict[str, Any] = {
        "communities": [
            only(id=c, population=some(0.5, size()), entitlement=some(0.5, size()))
            for c in ("junmiao", "lianqiao")
        ],
        "facilities": [
            only(id="hall", community="junmiao", max_units=some(0.3, size())),
            only(
                id="school",
                community="lianqiao",
                opening_cost=some(0.3 * couples, size()),
            ),
        ],
        "slots": [
            only(
                id=f"s{i}",
                facility=rng.choice(("hall", "school")),
                kinds=["sport"],
                capacity=capacities[i],
                reserve=some(0.3, rng.randint(0, capacities[i])),
                min_units=some(0.3 * couples, rng.randint(0, capacities[i])),
                fee=size(zero=True),
                staff_fee=some(0.5, size(zero=True)),
                unit_cost=size(zero=True),
                opening_cost=some(0.3 * couples, size()),
                start=f"{days[i]}10:00",
                end=f"{days[i]}11:00",
            )
            for i in slots
        ],
        "needs": [
            only(
                id=f"n{i}",
                community=rng.choice(("junmiao", "lianqiao")),
                kind="sport",
                quantity=quantities[i],
                weight=size(zero=True),
                groups=rng.choice(([], ["girls"], ["girls", "club"])),
                since=some(0.5, "2026-02-01"),
                due=some(0.5, "2026-02-05"),
                whole=some(0.4 * couples, True),
                min_quantity=some(0.3 * couples, rng.randint(0, quantities[i])),
            )
            for i in needs
        ],
        "pairs": [
            only(
                need=f"n{i}",
                slot=f"s{j}",
                cost=size(zero=True),
                units=some(0.5 * couples, rng.choice(SIZES[:6])),
            )
            for i in needs
            for j in slots
            if rng.random() < 0.4
        ],
        "links": [sm.Link(source="junmiao", target="lianqiao", travel=size())],
        "past": [
            sm.Past(community=c, served=min(pair), demand=max(pair))
            for c in ("junmiao", "lianqiao")
            if (pair := (size(), size())) and rng.random() < 0.4
        ],
    }
    return sm.Instance(**fields)


def goals(rng: random.Random) -> list[Any]:
    """Return three goals, on any measure."""
    levelled: list[Any] = [
        sm.Leximin("fill_rate", by="community"),
        sm.Leximin("served", by="community", weights="population"),
        sm.Leximin("served", by="community", weights="entitlement"),
        sm.Leximax("used", by="slot"),
        sm.Leximin("fill_rate", by="need"),
    ]
    first = rng.choice(levelled)
    others = [
        rng.choice((sm.Maximize, sm.Minimize))(name) for name in rng.sample(MEASURED, 2)
    ]
    return rng.choice(([first, *others], [others[0], first], others))


def rules(rng: random.Random) -> list[Any]:
    """Return none to two rules with bounds of any size."""
    choices = [
        sm.AtMost(rng.choice(TOTALS), rng.choice(SIZES)),
        sm.AtLeast("served", 1, by="community"),
        sm.Within("fill_rate", Fraction(1, 3), by="community"),
        sm.AtMost(rng.choice(("cost", "fees", "travel")), LARGE, by="assignment"),
    ]
    return rng.sample(choices, rng.choice((0, 0, 1, 2)))


def compare_measures(result: sm.Result, case: oracles.Case) -> None:
    """Compare every total, table and goal of a result with the oracle's."""
    plan = {(a.need, a.slot): a.quantity for a in result.allocation}
    for name in TOTALS:
        assert result.value(name) == case.measure(plan, name), name
    for group in ("community", "facility"):
        table = result.by(group)
        for name in table.columns[1:]:
            expected = case.measure(plan, name, group)
            for row in table:
                assert row[name] == expected.get(row["id"], row[name]), (name, group)
    for goal in result.goals:
        assert goal.value == case.goal_value(goal.goal, plan)


@pytest.mark.parametrize("first", range(0, 80, 40))
def test_results_are_exact_or_refused_by_name(first: int):
    seen: Counter[str] = Counter()
    for seed in range(first, first + 40):
        rng = random.Random(seed)
        instance = town(rng)
        policy = sm.Policy(rules=rules(rng), goals=goals(rng))
        case = oracles.Case(instance, policy.rules)
        try:
            result = sm.solve(instance, policy, time_limit=0.5)
        except sm.errors.InputError as error:
            if not any(text in str(error) for text in REFUSALS):
                raise
            seen["refused"] += 1
            continue
        if not result.status.has_plan:
            continue
        plan = {(a.need, a.slot): a.quantity for a in result.allocation}
        assert not case.violations(plan), seed
        compare_measures(result, case)
        read = sm.Result.from_dict(json.loads(json.dumps(result.to_dict())), instance)
        compare_measures(read, case)
        assert not [f for f in check_claims(instance, read) if f.code != "claimed"]
        if seed % 8 == 0:
            pages = str(sm.compare(result, read)), html_report(instance, read)
            assert not any("nan" in page.lower() for page in pages)
        assert not [
            v for v in sm.check_certificate(instance, result) if v.code != "claimed"
        ]
        seen["compared"] += 1
    assert seen["compared"] > 20
    assert seen["refused"] < 20


def test_random_plans_measure_and_verify_as_in_python_integers():
    """Plans that keep nothing are measured and refused exactly, too."""
    broken = 0
    for seed in range(120):
        rng = random.Random(seed)
        instance = town(rng)
        case = oracles.Case(instance)
        plan = {pair: rng.choice(SIZES) for pair in case.arcs if rng.random() < 0.7}
        rows = [(slot, need, units) for (need, slot), units in plan.items()]
        expected = {line.partition(":")[0] for line in case.violations(plan)}
        found = sm.verify(instance, rows)
        assert {violation.code for violation in found} == expected, seed
        broken += bool(expected)
    assert broken > 60


def test_sizes_beyond_64_bits_are_over_capacity():
    many = 2**32
    instance = sm.Instance(
        communities=[sm.Community(id="junmiao")],
        facilities=[sm.Facility(id="hall", community="junmiao", max_units=5)],
        slots=[sm.Slot(id="mon", facility="hall", kinds=["sport"], capacity=5)],
        needs=[sm.Need(id="n", community="junmiao", kind="sport", quantity=many)],
        pairs=[sm.Pair(need="n", slot="mon", units=many)],
    )
    codes = [violation.code for violation in sm.verify(instance, [("mon", "n", many)])]
    assert codes == ["capacity", "max_units"]


@pytest.mark.parametrize("field", ["unit_cost", "fee"])
def test_money_that_nobody_asks_for_is_exact(field: str):
    count = 10**9
    price: dict[str, Any] = {field: count}
    slot = sm.Slot(id="mon", facility="hall", kinds=["sport"], capacity=count, **price)
    instance = sm.Instance(
        communities=[sm.Community(id="junmiao")],
        facilities=[sm.Facility(id="hall", community="junmiao")],
        slots=[slot],
        needs=[sm.Need(id="n", community="junmiao", kind="sport", quantity=count)],
    )
    result = sm.solve(instance)
    measure = "fees" if field == "fee" else "cost"
    assert result.status == "optimal"
    assert result.value(measure) == Decimal(10**18)
    assert result.to_dict()["measures"][measure] == "1000000000000000000.00"
    with pytest.raises(sm.SharematchError, match=f"{measure} may grow beyond 64-bit"):
        sm.solve(instance, sm.Policy(goals=[sm.Minimize(measure)]))


def test_weights_that_lie_too_far_apart_are_named():
    for whole in (False, True):
        instance = sm.Instance(
            communities=[
                sm.Community(id="junmiao", entitlement="999999999999.999999999"),
                sm.Community(id="lianqiao", entitlement="0.000000001"),
            ],
            facilities=[sm.Facility(id="hall", community="junmiao")],
            slots=[sm.Slot(id="mon", facility="hall", kinds=["sport"], capacity=7)],
            needs=[
                sm.Need(id=c, community=c, kind="sport", quantity=3, whole=whole)
                for c in ("junmiao", "lianqiao")
            ],
        )
        goal = sm.Leximin("served", by="community", weights="entitlement")
        with pytest.raises(sm.errors.InputError, match="lie too far apart"):
            sm.solve(instance, sm.Policy(goals=[goal]))


def test_more_than_can_be_counted_is_no_need():
    with pytest.raises(sm.errors.InputError, match="sessions 10000000: "):
        sm.Need(id="n", community="c", kind="k", quantity=10**9, sessions=10**7)


def test_bounds_may_be_as_large_as_sums():
    count = 10**9
    instance = sm.Instance(
        communities=[sm.Community(id="junmiao"), sm.Community(id="lianqiao")],
        facilities=[sm.Facility(id="hall", community="junmiao")],
        slots=[
            sm.Slot(
                id="mon",
                facility="hall",
                kinds=["sport"],
                capacity=2 * count,
                unit_cost=count,
            )
        ],
        needs=[
            sm.Need(id=c, community=c, kind="sport", quantity=count)
            for c in ("junmiao", "lianqiao")
        ],
    )
    whole = instance.replace(
        needs=[n.model_copy(update={"whole": True}) for n in instance.needs]
    )
    served = [sm.Maximize("served")]
    for rule, units in (
        (sm.AtMost("cost", 10**18), count),
        (sm.AtMost("cost", 10**18 - 1), count - 1),
        (sm.AtMost("cost", 10**25), 2 * count),
        (sm.AtLeast("cost", 10**18), 2 * count),
        (sm.AtMost("served", 10**25), 2 * count),
        (sm.Within("served", 10**25, by="community"), 2 * count),
        (sm.Within("fees", 10**25, by="community"), 2 * count),
    ):
        policy = sm.Policy(rules=[rule], goals=served)
        result = sm.solve(instance, policy)
        assert (result.status, result.value("served")) == ("optimal", units), rule
        assert not sm.verify(instance, result.allocation, policy)
        if "cost" not in rule.measure:
            assert sm.solve(whole, policy).value("served") == 2 * count
    for bound in (10**25, 2 * count + 1):
        floor = sm.Policy(rules=[sm.AtLeast("served", bound)])
        conflict = sm.solve(instance, floor).conflict
        assert conflict is not None
        (term,) = conflict
        assert (term.least, term.asked) == (bound, 2 * count)


EDGES = (0, 1, 2, 7, 2**31, 2**32 + 1, LIMIT - 1)


def test_integer_arrays_never_wrap():
    for seed in range(300):
        rng = random.Random(seed)
        count = rng.randint(0, 6)
        one, other = ([rng.choice(EDGES) for _ in range(count)] for _ in range(2))
        left, right = (np.array(x, np.int64) for x in (one, other))
        sign = rng.choice((1, -1))
        pairs = [*zip(one, other, strict=True)]
        assert product(left, sign * right).tolist() == [sign * a * b for a, b in pairs]
        assert total(left) == sum(one)
        assert largest(sign * left) == max(one, default=0)
        code = np.array([rng.randint(-1, 2) for _ in one], np.int64)
        expected = [
            sum(a for a, c in zip(one, code.tolist(), strict=True) if c == k)
            for k in range(3)
        ]
        found = sums(code, left, 3)
        assert found.tolist() == expected
        assert (found.dtype == np.int64) == (max(expected) < LIMIT)

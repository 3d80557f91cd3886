"""The price of fairness and the frontier, against every plan there is."""

import random
from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

import sharematch as sm
from sharematch.comparison import frontier, price_of_fairness
from sharematch.errors import InputError
from tests import oracles
from tests.analysis.comparison.test_plans import town
from tests.tiny import tiny_case

if TYPE_CHECKING:
    from sharematch.model.policy import Goal


@pytest.mark.parametrize("first", range(0, 200, 50))
def test_prices_are_those_of_brute_force(first: int):
    seen: Counter[str] = Counter()
    for seed in range(first, first + 50):
        fields, policy_fields = tiny_case(seed)
        instance, policy = sm.Instance(**fields), sm.Policy(**policy_fields)
        case = oracles.Case(instance, policy.rules)
        plans = [*case.plans()]
        if not plans:
            continue
        price = price_of_fairness(instance, policy, measures=["travel", "fees"])
        served, travel, fees = price.prices
        result = sm.solve(instance, policy)
        assert served.value == result.value("served")
        assert travel.value == result.value("travel")
        most = max(case.measure(plan, "served") for plan in plans)
        assert served.best == most, seed
        plans = [plan for plan in plans if case.measure(plan, "served") == most]
        for found in (travel, fees):
            least = min(case.measure(plan, found.measure) for plan in plans)
            assert found.best == least, seed
        assert served.price == int(served.best) - int(served.value) >= 0
        assert travel.price == int(travel.value) - int(travel.best)
        seen["served"] += served.price > 0
        seen["travel"] += travel.price > 0
    assert seen["served"] + seen["travel"] > 0


def test_fairness_by_community_costs_no_service():
    compared = 0
    for seed in range(100):
        fields, _ = tiny_case(seed)
        instance = sm.Instance(**fields)
        fair = sm.Policy.fair()
        if oracles.is_network(instance, fair) and oracles.is_feasible(instance, fair):
            price = price_of_fairness(instance, measures=["travel"])
            assert price.prices[0].price == 0, seed
            compared += 1
    assert compared > 50


def test_a_price_by_hand():
    link = sm.Link(source="a", target="b", travel=2)
    price = price_of_fairness(town(links=[link]))
    assert [(p.measure, p.price, p.share) for p in price.prices] == [
        ("served", 0, 0),
        ("travel", 2000, None),
        ("cost", 0, 0),
    ]
    assert price.comparison.names == ("fair", "least travel", "least cost")
    assert price.comparison.changes[0].gains == {"a": 1}
    assert price.to_dict()["prices"][1]["share"] is None


def spread_town(seed: int) -> sm.Instance:
    """Three communities at different distances from scarce places, two with a past."""
    rng = random.Random(seed)
    return sm.Instance(
        communities=[sm.Community(id=c) for c in "abc"],
        facilities=[sm.Facility(id="f", community="a")],
        slots=[
            sm.Slot(id="s", facility="f", kinds=["h"], capacity=rng.randint(3, 5)),
            sm.Slot(id="t", facility="f", kinds=["h"], capacity=2, groups=["x"]),
        ],
        needs=[
            sm.Need(
                id=c,
                community=c,
                kind="h",
                quantity=rng.randint(1, 6),
                groups=rng.choice([(), ("x",)]),
            )
            for c in "abc"
        ],
        links=[sm.Link(source="a", target=c, travel=rng.randint(1, 9)) for c in "bc"],
        past=[
            sm.Past(community=c, served=rng.randint(0, 2), demand=rng.randint(2, 4))
            for c in rng.sample("abc", rng.randint(0, 2))
        ],
    )


class Worth(NamedTuple):
    """What a plan is worth: `levels` are its fill rates from the lowest."""

    rates: Mapping[str, Fraction]
    levels: tuple[Fraction, ...]
    served: int
    travel: int


def every_worth(instance: sm.Instance) -> list[Worth]:
    """Return what each plan there is is worth."""
    case = oracles.Case(instance)
    fairest: Any = sm.Leximin("fill_rate", by="community")
    found = []
    for plan in case.plans():
        rates = case.measure(plan, "fill_rate", "community")
        levels: Any = case.goal_value(fairest, plan)
        served, travel = (case.measure(plan, name) for name in ("served", "travel"))
        found.append(Worth(rates, levels, served, travel))
    return found


def best_with_floors(
    worths: Iterable[Worth], floors: Mapping[str, Fraction]
) -> tuple[int, int]:
    """Return the most served, and the least travel with them, among some plans."""
    served, travel = max(
        (worth.served, -worth.travel)
        for worth in worths
        if all(worth.rates[group] >= floor for group, floor in floors.items())
    )
    return served, -travel


@pytest.mark.parametrize("first", range(0, 60, 15))
def test_points_are_the_best_with_their_floors(first: int):
    seen: Counter[int] = Counter()
    for seed in range(first, first + 15):
        instance = spread_town(seed)
        line = frontier(instance, points=9)
        worths = every_worth(instance)
        cheap = max(worths, key=lambda w: (w.served, -w.travel, w.levels))
        fair = max(worths, key=lambda w: (w.levels, w.served, -w.travel))
        start, end = line.points[0], line.points[-1]
        begin = start.rates, start.served, start.spent
        assert begin == (cheap.levels, cheap.served, cheap.travel), seed
        finish = end.rates, end.served, end.spent
        assert finish == (fair.levels, fair.served, fair.travel), seed
        spend: list[Goal] = [sm.Maximize("served"), sm.Minimize("travel")]
        fairest = sm.Leximin("fill_rate", by="community")
        rates = {
            str(row["id"]): Fraction(str(row["fill_rate"]))
            for row in sm.solve(instance, sm.Policy(goals=[fairest, *spend])).by(
                "community"
            )
        }
        for point in line.points:
            assert point.is_proved
            if point.floor is None:
                continue
            levels = [r for r in rates.values() if r <= point.floor]
            floors = {
                group: max(
                    (level for level in levels if level <= rate), default=Fraction(0)
                )
                for group, rate in rates.items()
            }
            found = point.served, point.spent
            assert found == best_with_floors(worths, floors), seed
        for one, other in pairwise(line.points):
            assert one.rates < other.rates, seed
            assert one.spent < other.spent, seed
        seen[len(line.points)] += 1
    assert seen[2] + seen[3] > 3


def test_fewer_points_are_some_of_all():
    instance = spread_town(3)
    everything = frontier(instance, points=9).points
    assert set(frontier(instance, points=2).points) <= set(everything)
    assert frontier(instance, points=2).points[-1] == everything[-1]


def test_floors_between_cheapest_and_fairest():
    """One place after another goes to those further away."""
    instance = sm.Instance(
        communities=[sm.Community(id=c) for c in "abc"],
        facilities=[sm.Facility(id="f", community="a")],
        slots=[
            sm.Slot(id="far", facility="f", kinds=["h"], capacity=4),
            sm.Slot(id="near", facility="f", kinds=["h"], capacity=2, groups=["x"]),
        ],
        needs=[
            sm.Need(id="a", community="a", kind="h", quantity=4),
            sm.Need(id="b", community="b", kind="h", quantity=4, groups={"x"}),
            sm.Need(id="c", community="c", kind="h", quantity=4),
        ],
        links=[
            sm.Link(source="a", target="b", travel=1),
            sm.Link(source="a", target="c", travel=5),
        ],
    )
    line = frontier(instance)
    quarter = Fraction(1, 4)
    assert [(p.floor, p.spent, p.rates) for p in line.points] == [
        (0, 2000, (0, 2 * quarter, 4 * quarter)),
        (None, 12000, (2 * quarter,) * 3),
    ]
    assert line.table.rows[-1]["floor"] == "fair"
    assert line.to_dict()["points"][-1]["floor"] is None


def test_what_is_no_frontier():
    with pytest.raises(InputError, match="served is not spent\nMaybe travel"):
        frontier(town(), measure="served")
    with pytest.raises(InputError, match="need: a frontier"):
        frontier(town(), by="need")
    with pytest.raises(InputError, match="points 1"):
        frontier(town(), points=1)
    with pytest.raises(InputError, match="no measure"):
        price_of_fairness(town(), measures=[])

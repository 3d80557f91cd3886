"""What a budget buys where every set of places is solved anew."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from itertools import product
from typing import Any

import pytest

import sharematch as sm
from sharematch.analysis.advice.exact import Exact
from sharematch.analysis.advice.places import changed
from sharematch.core.columns.encoding import encode
from tests.analysis.advice.towns import town

ALONE = sm.Policy(
    rules=[sm.AtLeast("fill_rate", "alone", by="community")],
    goals=sm.Policy.fair().goals,
)
CHEAP = sm.Policy(
    rules=[sm.AtMost("cost", 12)], goals=[sm.Maximize("served"), sm.Minimize("travel")]
)


def alone(seed: int) -> tuple[sm.Instance, sm.Policy]:
    return town(seed), ALONE


def cheap(seed: int) -> tuple[sm.Instance, sm.Policy]:
    return town(seed), CHEAP


def whole(seed: int) -> tuple[sm.Instance, sm.Policy]:
    """Return a town where every second need comes whole or not at all."""
    instance = town(seed)
    needs = [
        need.model_copy(update={"whole": i % 2 == 0})
        for i, need in enumerate(instance.needs)
    ]
    return changed(instance, {"needs": needs}), sm.Policy.fair()


class Worth:
    """What any places are worth under the policy's goals, the more the better."""

    def __init__(self, instance: sm.Instance, policy: sm.Policy) -> None:
        columns = encode(instance)
        self.slots = columns.slot_ids

        @cache
        def worth(places: tuple[int, ...]) -> tuple[Any, ...]:
            room = columns.slot_capacity + places
            found = sm.solve(replace(columns, slot_capacity=room), policy)
            assert found.is_optimal
            values: list[Any] = [goal.value for goal in found.goals]
            return tuple(
                -value if goal.op == "minimize" else value
                for goal, value in zip(found.goals, values, strict=True)
            )

        self._worth = worth

    def __call__(self, places: Mapping[str, int]) -> tuple[Any, ...]:
        return self._worth(tuple(places.get(slot, 0) for slot in self.slots))


def affordable(prices: Mapping[str, int], budget: int) -> Iterator[dict[str, int]]:
    most = (range(budget // price + 1) for price in prices.values())
    for counts in product(*most):
        places = dict(zip(prices, counts, strict=True))
        if sum(n * prices[slot] for slot, n in places.items()) <= budget:
            yield places


@pytest.mark.parametrize("case", [alone, cheap, whole])
def test_purchases_against_all_there_are(case: Any):
    seen: Counter[str] = Counter()
    for seed in range(30):
        instance, policy = case(seed)
        before, rng = sm.solve(instance, policy), random.Random(seed)
        worth = Worth(instance, policy)
        budget = rng.randint(1, 3)
        prices = {slot: rng.randint(1, 2) for slot in worth.slots}
        if len(prices) > 3 or not before.is_optimal:
            continue
        if before.structure == "network" and Exact.of(
            encode(instance), policy, before.allocation
        ):
            continue  # nothing is solved anew
        advice = sm.advise(before, amounts=[1], prices=prices, budget=budget)
        bought = advice.purchase
        assert bought is not None
        cost = sum(n * prices[slot] for slot, n in bought.places.items())
        assert bought.spent == cost <= budget
        after = worth(bought.places)
        assert bought.step.goals == after
        left = budget - cost
        for slot, price in prices.items():  # nothing more at one slot would help
            more = Counter(bought.places) + Counter({slot: left // price})
            assert worth(more) <= after, (seed, slot)
        best = max(map(worth, affordable(prices, budget)))
        assert not bought.is_best or after == best, seed
        seen["best" if after == best else "worse"] += 1
        seen["promised"] += bought.is_best
        seen["bought"] += bool(bought.places)
    assert seen["bought"] > 3
    assert seen["promised"] > 3
    assert seen["best"] >= 9 * seen["worse"]


def test_a_whole_group_gets_all_its_places_at_once():
    instance = sm.Instance(
        communities=[sm.Community(id="tianfeng")],
        facilities=[sm.Facility(id="hall", community="tianfeng")],
        slots=[
            sm.Slot(id=day, facility="hall", kinds=["song"], capacity=2)
            for day in ("mon", "tue")
        ],
        needs=[
            sm.Need(
                id=f"choir{size}",
                community="tianfeng",
                kind="song",
                quantity=size,
                whole=True,
                choices=[day],
            )
            for size, day in ((6, "mon"), (4, "tue"))
        ],
    )
    result = sm.solve(instance)
    bought = sm.advise(result, budget=7).purchase
    assert bought is not None
    assert bought.places == {"tue": 2, "mon": 4}
    assert bought.spent == 6
    assert bought.step.served == 10
    assert bought.is_best
    some = sm.advise(result, budget=3).purchase
    assert some is not None
    assert some.places == {"tue": 2}
    none = sm.advise(result, budget=1).purchase
    assert none is not None
    assert not none.places
    assert none.spent == 0
    assert none.is_best

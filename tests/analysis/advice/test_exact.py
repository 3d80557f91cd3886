"""What is read off the residual graph is what solving anew gives, to the last unit."""

import os
import random
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

import sharematch as sm
from sharematch.analysis.advice.exact import Exact
from sharematch.analysis.advice.groups import rates_of
from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.encoding import encode
from tests.analysis.advice.towns import town
from tests.tiny import tiny_case

DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
CHUNK = 125
FAIR = sm.Policy.fair()
POLICIES = (
    FAIR,
    sm.Policy.efficient(),
    sm.Policy(rules=[sm.AtMost("served", 3, by="community")], goals=FAIR.goals),
    sm.Policy(rules=[sm.AtLeast("served", 1, by="community")], goals=FAIR.goals),
    sm.Policy(goals=[sm.Maximize("served"), sm.Leximin("fill_rate", by="need")]),
)


def with_room(columns: Columns, slot: str, places: int) -> Columns:
    room = columns.slot_capacity.copy()
    room[columns.position["slot"][slot]] += places
    return replace(columns, slot_capacity=room)


def levels_of(result: sm.Result) -> Any:
    return next((goal.value for goal in result.goals if goal.op == "leximin"), ())


def compare_with_solving(
    instance: sm.Instance, policy: sm.Policy, rng: random.Random, seen: Counter[str]
) -> None:
    """Check one slot of one case, with one place more and with several."""
    columns = encode(instance)
    before = sm.solve(columns, policy)
    if not before.is_optimal or before.structure != "network":
        return
    exact = Exact.of(columns, policy, before.allocation)
    if exact is None or not columns.slot_ids:
        seen["solved anew"] += 1
        return
    rates = rates_of(columns, before, exact.goal)
    for slot, places in product(
        rng.sample(columns.slot_ids, 1), (1, rng.choice([2, 5]))
    ):
        after = sm.solve(with_room(columns, slot, places), policy)
        step = exact.step([slot], places)
        served = int(after.value("served")) - int(before.value("served"))
        assert step.served == served, (slot, places)
        if rates.by:
            assert rates.after(step.changes) == levels_of(after), (slot, places)
        seen["gains" if served else "gains nothing"] += 1
        seen["exchanges"] += any(units < 0 for units in step.changes.values())


@pytest.mark.parametrize("first", range(0, 20_000 if DEEP else 375, CHUNK))
def test_tiny_cases_of_every_kind(first: int):
    seen: Counter[str] = Counter()
    for seed in range(first, first + CHUNK):
        fields, terms = tiny_case(seed)
        policy = sm.Policy(**terms)
        if any(goal.measure == "moved" for goal in policy.goals):
            continue
        if seed % 2:  # often enough a policy that the graph tells of
            policy = sm.Policy(rules=policy.rules, goals=FAIR.goals)
        instance = sm.Instance(**fields)
        compare_with_solving(instance, policy, random.Random(seed), seen)
    assert seen["gains"] > CHUNK / 10
    assert seen["gains nothing"] > CHUNK / 10
    assert seen["solved anew"] > 0


@pytest.mark.parametrize("first", range(0, 20_000 if DEEP else 375, CHUNK))
def test_towns_in_which_several_limits_bind(first: int):
    seen: Counter[str] = Counter()
    for seed in range(first, first + CHUNK):
        policy = POLICIES[seed % len(POLICIES)]
        compare_with_solving(town(seed), policy, random.Random(seed), seen)
    assert seen["gains"] > CHUNK / 4
    assert seen["exchanges"] > 0


@pytest.mark.parametrize("seed", range(6))
def test_towns_of_middle_size(seed: int):
    seen: Counter[str] = Counter()
    # In such a town some community cannot have a unit: no rule may ask for it.
    policy = POLICIES[(0, 1, 2, 4)[seed % 4]]
    instance = town(seed, scale=15)
    for draw in range(3):
        rng = random.Random(f"{seed} {draw}")
        compare_with_solving(instance, policy, rng, seen)
    assert seen["gains"] + seen["gains nothing"] == 6


def test_all_first_steps_are_those_of_each_slot_by_itself():
    for seed in range(60):
        instance = town(seed)
        before = sm.solve(instance)
        exact = Exact.of(encode(instance), before.policy, before.allocation)
        assert exact is not None
        for slot in encode(instance).slot_ids:
            alone = exact.step([slot, slot], 1)  # added one by one, not all at once
            assert exact.step([slot], 1) == alone
            assert exact.may_gain([slot]) == bool(alone.changes)


def best_set(
    instance: sm.Instance, policy: sm.Policy, prices: dict[str, Decimal], budget: int
) -> tuple[Any, ...]:
    """Return what the best places for a budget bring, by trying all sets."""
    columns = encode(instance)
    slots = [slot for slot in columns.slot_ids if prices[slot] <= budget]
    best: tuple[Any, ...] = ()
    for counts in product(*(range(int(budget / prices[s]) + 1) for s in slots)):
        if sum(n * prices[s] for n, s in zip(counts, slots, strict=True)) > budget:
            continue
        room = columns
        for slot, places in zip(slots, counts, strict=True):
            room = with_room(room, slot, places)
        after = sm.solve(room, policy)
        best = max(best, (levels_of(after), int(after.value("served"))))
    return best


def test_a_purchase_that_says_so_is_the_best_there_is():
    promised = 0
    for seed in range(50):
        instance, policy = town(seed), POLICIES[seed % 2]
        before = sm.solve(instance, policy)
        slots = encode(instance).slot_ids
        if len(slots) > 4:
            continue
        prices: Any = {s: 1 + (i % 2) * (seed % 3 > 0) for i, s in enumerate(slots)}
        advice = sm.advise(before, prices=prices, budget=3)
        bought = advice.purchase
        assert bought is not None
        assert bought.spent == sum(prices[s] * n for s, n in bought.places.items())
        assert bought.spent <= 3
        if bought.is_best:
            money = {slot: Decimal(price) for slot, price in prices.items()}
            found = best_set(instance, policy, money, 3)
            served = int(before.value("served")) + bought.step.served
            assert (advice.rates_after(bought.step), served) == found, seed
            promised += 1
    assert promised > 5

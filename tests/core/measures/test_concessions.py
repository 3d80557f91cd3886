"""Fees by group: what is paid is the least, in measures, limits, proofs and reports."""

import random
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

import sharematch as sm
from sharematch.io.publishing.publishing import publish
from sharematch.io.publishing.reading import columns_of
from sharematch.plans.auditing.judging import judge

GROUPS = ("youth", "low-income", "elderly")


def drawn(rng: random.Random) -> sm.Instance:
    """Return a few slots with fees by group, and needs with groups and limits."""
    slots = [
        sm.Slot(
            id=f"s{number}",
            facility="f",
            kinds=["x"],
            capacity=rng.randint(0, 2),
            fee=rng.randint(0, 4),
            staff_fee=rng.choice([None, 1, 3]),
            unit_cost=rng.randint(0, 3),
            concessions={
                group: rng.randint(0, 5) for group in GROUPS if rng.random() < 0.5
            },
        )
        for number in range(2)
    ]
    needs = [
        sm.Need(
            id=f"n{number}",
            community=rng.choice("cd"),
            kind="x",
            quantity=rng.randint(0, 2),
            groups=[group for group in GROUPS if rng.random() < 0.4],
            max_fee=rng.choice([None, 1, 2]),
        )
        for number in range(3)
    ]
    return sm.Instance(
        communities=[sm.Community(id="c"), sm.Community(id="d")],
        facilities=[sm.Facility(id="f", community="c")],
        slots=slots,
        needs=needs,
    )


def price(need: sm.Need, slot: sm.Slot) -> Decimal:
    own = [fee for group, fee in slot.concessions.items() if group in need.groups]
    return min([slot.fee, *own])


def best(town: sm.Instance) -> tuple[int, Decimal, dict[str, Decimal]]:
    """Return most served, then least fees, by every plan there is."""
    pairs = [
        (need, slot)
        for need in town.needs
        for slot in town.slots
        if need.max_fee is None or price(need, slot) <= need.max_fee
    ]
    found: Any = None
    for units in product(range(3), repeat=len(pairs)):
        plan = list(zip(pairs, units, strict=True))
        given = {n.id: sum(u for (m, _), u in plan if m is n) for n in town.needs}
        taken = {s.id: sum(u for (_, m), u in plan if m is s) for s in town.slots}
        if any(given[n.id] > n.quantity for n in town.needs):
            continue
        if any(taken[s.id] > s.capacity for s in town.slots):
            continue
        fees = sum((u * price(n, s) for (n, s), u in plan), Decimal(0))
        gap = sum(
            u * max(price(n, s) - s.staff_fee, Decimal(0))
            for (n, s), u in plan
            if s.staff_fee is not None
        )
        key = (-sum(units), fees, gap)
        found = key if found is None else min(found, key)
    return -found[0], found[1], {"parity_gap": Decimal(found[2])}


@pytest.mark.parametrize("seed", range(30))
def test_plans_are_those_of_brute_force(seed):
    town = drawn(random.Random(seed))
    policy = sm.Policy(
        goals=[sm.Maximize("served"), sm.Minimize("fees"), sm.Minimize("parity_gap")]
    )
    result = sm.solve(town, policy)
    served, fees, others = best(town)
    assert [goal.value for goal in result.goals] == [served, fees, others["parity_gap"]]
    assert sm.verify(town, result.allocation, policy) == ()
    assert judge(town, result).is_proved
    published = publish(town, result, b"secret" * 6)
    columns = columns_of(published.instance)
    read = sm.Result.from_dict(published.result, columns)
    verdict = judge(columns, read)
    assert verdict.is_valid
    assert read.goals[1].value == fees


@pytest.mark.parametrize("seed", range(10))
def test_subsidy_and_rules_by_assignment_follow(seed):
    town = drawn(random.Random(seed))
    rule = sm.AtMost("parity_gap", 0, by="assignment")
    policy = sm.Policy(rules=[rule], goals=[sm.Maximize("served")])
    result = sm.solve(town, policy)
    needs = {need.id: need for need in town.needs}
    slots = {slot.id: slot for slot in town.slots}
    subsidy = Decimal(0)
    for id_, slot in slots.items():
        here = [(needs[a.need], a.quantity) for a in result.allocation if a.slot == id_]
        for need, _ in here:
            assert slot.staff_fee is None or price(need, slot) <= slot.staff_fee
        left = sum(n * (slot.unit_cost - price(need, slot)) for need, n in here)
        subsidy += max(Decimal(left), Decimal(0))
    assert result.value("subsidy") == subsidy


def test_an_instance_without_concessions_is_published_as_before():
    town = drawn(random.Random(1))
    plain = [slot.model_copy(update={"concessions": {}}) for slot in town.slots]
    policy = sm.Policy(goals=[sm.Minimize("fees")])
    for slots, is_told in ((plain, False), (town.slots, True)):
        result = sm.solve(town.replace(slots=slots), policy)
        found = publish(town.replace(slots=slots), result, b"secret" * 6)
        assert all(("fee" in row) == is_told for row in found.instance["arcs"])

"""What a proof leaves after its goals: exactly the plans as good, by brute force."""

import random
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import sharematch as sm
from sharematch.core.columns.encoding import encode
from sharematch.core.eligibility import arcs
from sharematch.core.measures.measures import Measures
from sharematch.core.network.lowering import lower
from sharematch.plans.certificates.leximin import Standing, _least, _ranks
from sharematch.plans.certificates.prices import certify
from sharematch.plans.certificates.proof import Proof
from sharematch.plans.checking import measured, proof_of
from tests import oracles

Ints = NDArray[np.int64]
CHUNK = 40
MEASURES = ("fill_rate", "served", "unmet", "lent", "borrowed")


def crossed_town(rng: random.Random) -> sm.Instance:
    """Return a town in which a community and a hall bind needs of several kinds."""
    kinds = ("one", "two")
    return sm.Instance(
        communities=[sm.Community(id=name) for name in "ab"],
        facilities=[
            sm.Facility(id=f"f{name}", community=name, location=(0, 0)) for name in "ab"
        ],
        slots=[
            sm.Slot(
                id=f"s{i}",
                facility=f"f{rng.choice('ab')}",
                kinds=rng.choice((kinds[:1], kinds[1:], kinds)),
                capacity=rng.randint(1, 4),
            )
            for i in range(rng.randint(1, 3))
        ],
        needs=[
            sm.Need(
                id=f"n{i}",
                community=rng.choice("ab"),
                kind=rng.choice(kinds),
                quantity=rng.randint(1, 4),
            )
            for i in range(rng.randint(2, 4))
        ],
    )


def crossing_policy(rng: random.Random) -> sm.Policy:
    """Return goals over groups that cross the bounds of the rules, most of the time."""
    rules: list[Any] = []
    if rng.random() < 0.8:
        by = rng.choice(("community", "kind", "facility"))
        rules.append(sm.AtMost("served", rng.randint(1, 5), by=by))
    if rng.random() < 0.2:
        rules.append(sm.AtLeast("served", 1, by=rng.choice(("community", "kind"))))
    goals: list[Any] = []
    for _ in range(rng.randint(1, 3)):
        measure = rng.choice(MEASURES)
        fewer = (measure in ("unmet", "lent", "borrowed")) ^ (rng.random() < 0.15)
        over: Any = rng.choice(
            ("need", "need", "need", "community", ("community", "kind"))
        )
        if rng.random() < 0.2:
            goals.append((sm.Minimize if fewer else sm.Maximize)(measure))
        else:
            goals.append((sm.Leximax if fewer else sm.Leximin)(measure, by=over))
    return sm.Policy(rules=rules, goals=goals)


def total_of(label: Ints, change: Ints, count: int) -> Ints:
    """Return the change of each set; arcs in none are labeled -1."""
    total: Ints = np.bincount(label % (count + 1), change, count + 1)[:count]
    return total


def steps(proof: Proof, plan: Ints) -> Iterator[tuple[int, Standing, Ints]]:
    """Yield goal, groups and steps from the proof's plan to another."""
    for position, standing in proof.standing.items():
        for family in standing.families:
            total = total_of(family.label, plan - proof.units, len(standing.keys))
            yield position, standing, standing.sign * total


def is_left(proof: Proof, plan: Ints) -> bool:
    """Return whether the bounds of a proof and ranges of its groups admit a plan."""
    bounds = [
        (np.arange(len(plan)), proof.arc_can_rise, proof.arc_can_fall),
        (proof.measures.arcs.need, proof.need_can_rise, proof.need_can_fall),
        *((b.label, b.can_rise, b.can_fall) for b in proof.bounds.values()),
    ]
    for label, rise, fall in bounds:
        change = total_of(label, plan - proof.units, len(rise))
        if ((change > 0) & ~rise | (change < 0) & ~fall).any():
            return False
    return all(
        ((standing.low <= step) & (step <= standing.high)).all()
        for _, standing, step in steps(proof, plan)
    )


@pytest.mark.parametrize("first", [0, 40, 80, 120, 440])
def test_optimal_plans_alone_are_proved_and_left(first: int):
    stages = 0
    for seed in range(first, first + CHUNK):
        rng = random.Random(seed)
        town, policy = crossed_town(rng), crossing_policy(rng)
        result = sm.solve(town, policy)
        if result.structure != "network" or not result.is_optimal:
            continue
        measures, units = measured(encode(town), result)
        proof, certificate = proof_of(measures, units, result), result.certificate
        assert not [*proof.place(certificate["sides"])], seed
        by_rank: set[int] = set()
        for position, claim in enumerate(certificate["goals"]):
            assert not [*proof.step(position, claim)], (seed, position)
            stages += len(claim.get("stages", ()))
            if "levels" in claim:
                by_rank.add(position)
        case = oracles.Case(town, policy.rules)
        best = [goal.value for goal in result.goals]
        program = lower(measures, policy.rules, policy.goals)
        for plan in case.plans():
            arrays = vector(measures, plan)
            is_good = [case.goal_value(goal, plan) for goal in policy.goals] == best
            if rng.random() < 0.02:
                certified = certify(program, policy.rules, policy.goals, arrays)
                assert (certified is not None) == is_good, (seed, plan)
            # A level says what the next unit is worth to a group, not any further one.
            is_near = all(
                (np.abs(step) <= 1).all()
                for position, _, step in steps(proof, arrays)
                if position in by_rank
            )
            if is_good or is_near:
                assert is_left(proof, arrays) == is_good, (seed, plan)
    assert stages >= 3


def vector(measures: Measures, plan: oracles.Plan) -> Ints:
    """Return the units of a plan on each arc."""
    columns, arcs = measures.columns, measures.arcs
    pairs = zip(arcs.need.tolist(), arcs.slot.tolist(), strict=True)
    return np.array(
        [plan.get((columns.need_ids[n], columns.slot_ids[s]), 0) for n, s in pairs],
        np.int64,
    )


def test_terms_that_no_prices_prove_have_no_certificate():
    town = crossed_town(random.Random(0))
    columns = encode(town)
    measures = Measures(columns, arcs.build(columns))
    goals = [sm.Maximize("served")]
    result = sm.solve(town, sm.Policy(goals=goals))
    assert result.allocation is not None
    plan = {(a.need, a.slot): a.quantity for a in result.allocation}
    program, units = lower(measures, [], goals), vector(measures, plan)
    assert certify(program, [], goals, units) is not None
    assert certify(program, [sm.Within("served", 9, by="need")], goals, units) is None


def test_the_least_of_ratios_is_exact_where_numbers_round():
    over = np.array([3 * 10**17 + 1, 3 * 10**17 + 3, 3 * 10**17, 10**17], np.int64)
    under = np.array([1, 1, 1, 1], np.int64)
    for kept in ([0, 1, 2], [0, 1], [1, 2], [0, 1, 2, 3]):
        least = min(Fraction(int(over[i]), int(under[i])) for i in kept)
        some = over[kept].astype(object), under[kept].astype(object)
        assert _least(*some) == least


@pytest.mark.parametrize("most", [3, 12, 2**33, 2**70])
def test_ranks_of_steps_are_those_of_exact_ratios(most: int):
    rng = random.Random(most)
    over, under, jump = (
        np.array([rng.randint(low, most) for _ in range(30)], object)
        for low in (-most, 1, 1)
    )
    steps = [
        (Fraction(over[i] - back * jump[i], under[i]), Fraction(-jump[i], under[i]))
        for back in (1, 0)
        for i in range(30)
    ]
    in_order = sorted({*steps})
    expected = [in_order.index(step) - len(in_order) for step in steps]
    assert _ranks(over, under, jump).ravel().tolist() == expected

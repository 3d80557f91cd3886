"""Equal needs as one: no plan is lost, none is better, and each gets its own again."""

import os
import random
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

import sharematch as sm
from sharematch.core.columns.encoding import encode
from sharematch.core.integer.coupled import CoupledProgram
from sharematch.core.integer.equals import merged
from sharematch.engine.problem import Problem
from sharematch.solvers import lexicographic
from sharematch.solvers.anytime.worth import worth
from sharematch.solvers.lexicographic import solve_coupled
from sharematch.solvers.monitor import UNWATCHED
from tests.engine.test_coupled_brute_force import case
from tests.solvers.anytime.test_leftovers import season

CASES = 600 if os.environ.get("HYPOTHESIS_PROFILE") == "deep" else 60
MONDAY = datetime(2027, 9, 6, 16)


def rows_of(instance: sm.Instance, policy: sm.Policy) -> CoupledProgram:
    problem = Problem.of(encode(instance), policy, 0, None, monitor=UNWATCHED)
    return problem.rows


def twinned(instance: sm.Instance, seed: int) -> sm.Instance:
    """Return an instance in which some needs are there twice or three times."""
    rng, needs = random.Random(seed), list(instance.needs)
    for need in list(needs):
        names = [f"{need.id}-{again}" for again in range(rng.choice([0, 1, 1, 2]))]
        needs += [need.model_copy(update={"id": name}) for name in names]
    rng.shuffle(needs)
    return instance.replace(needs=needs)


def trainings(*units: int, capacity: int = 2) -> sm.Instance:
    """Return a team's trainings, so many alike of each size, with one trainer."""
    return sm.Instance(
        communities=[sm.Community(id="tianfeng")],
        facilities=[sm.Facility(id="hall", community="tianfeng")],
        slots=[
            sm.Slot(
                id=f"day {day}",
                facility="hall",
                kinds=["sport"],
                capacity=capacity,
                start=MONDAY + timedelta(days=day),
                end=MONDAY + timedelta(days=day, hours=3),
                step=30,
            )
            for day in range(2)
        ],
        needs=[
            sm.Need(
                id=f"{quantity}-{i}",
                community="tianfeng",
                kind="sport",
                quantity=quantity,
                minutes=90,
                person="coach",
            )
            for quantity, count in enumerate(units, 1)
            for i in range(count)
        ],
    )


def test_trainings_alike_are_one_with_a_count():
    program = rows_of(trainings(3, 2), sm.Policy(goals=[sm.Maximize("served")]))
    equal = merged(program)
    starts = 2 * 4
    assert len(program.column) == 5 * starts
    assert len(equal.program.column) == 2 * starts
    assert equal.num_merged == 3 * starts
    assert sorted(equal.program.demand.tolist()) == [0, 0, 0, 3, 4]
    # With one trainer one at a time: no column is there twice.
    assert set(equal.program.rows.upper[equal.column].tolist()) == {1}


def test_who_differs_in_anything_that_counts_stays_apart():
    instance = trainings(3)
    policy = sm.Policy(goals=[sm.Leximin("served", by="need")])
    assert merged(rows_of(instance, policy)).num_merged == 0
    first, second, third = instance.needs
    early = second.model_copy(
        update={"windows": [(MONDAY, MONDAY + timedelta(hours=2))]}
    )
    instance = instance.replace(needs=[first, early, third])
    served = sm.Policy(goals=[sm.Maximize("served")])
    assert merged(rows_of(instance, served)).num_merged == 2 * 4


def test_each_gets_its_own_again():
    program = rows_of(
        trainings(4, capacity=3), sm.Policy(goals=[sm.Maximize("served")])
    )
    equal = merged(program)
    values = program.nothing
    values[equal.column[[0, 5]]] = 1
    unfolded = equal.unfold(values)
    assert unfolded[program.column].sum() == 2
    assert len(set(program.owner[np.flatnonzero(unfolded)].tolist()) - {-1}) == 2
    assert np.array_equal(equal.fold(unfolded), values)


@pytest.mark.parametrize("first", range(0, CASES, 20))
def test_nothing_is_lost_and_nothing_won(first: int):
    num_merged = 0
    for seed in range(first, first + 20):
        instance, policy, baseline, _ = case(seed)
        if baseline is not None or any(getattr(g, "slack", None) for g in policy.goals):
            continue
        problem = Problem.of(
            encode(twinned(instance, seed)), policy, 0, None, monitor=UNWATCHED
        )
        program = problem.rows
        equal = merged(program)
        num_merged += equal.num_merged
        best = solve_coupled(program, exact=True)
        best_of_equals = solve_coupled(equal.program, exact=True)
        assert (best is None) == (best_of_equals is None), seed
        if best is None or best_of_equals is None:
            continue
        count = program.rows.num_variables
        folded = equal.fold(best.values[:count])
        assert equal.program.rows.holds(folded), seed
        unfolded = equal.unfold(best_of_equals.values[:count])
        assert program.rows.holds(unfolded), seed
        values = [best.values[:count], folded, unfolded]
        reached = [worth(program, program.dependents.complete(v)) for v in values]
        assert reached[0] == reached[1] == reached[2], seed
        assert best.bounds == best_of_equals.bounds, seed
    assert num_merged


@pytest.mark.parametrize("seed", range(3))
def test_what_equals_get_does_not_depend_on_the_order_of_rows(
    seed: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(lexicographic, "SMALL", 0)
    monkeypatch.setattr(lexicographic, "FEW", 0)
    instance, policy = season(seed)
    instance = twinned(instance, seed)
    assert merged(rows_of(instance, policy)).num_merged
    plans: list[Any] = []
    for order in (1, -1):
        ordered = instance.replace(needs=[*instance.needs][::order])
        result = sm.solve(ordered, policy, effort=0.3)
        plans.append(sorted((a.need, a.slot, a.quantity) for a in result.allocation))
    assert plans[0] == plans[1]

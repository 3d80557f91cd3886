"""Ceilings of sorted vectors, against all values that keep the rows."""

import random
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest

from sharematch.core.integer.program import Rows, Vector
from sharematch.solvers.anytime.ceilings import ceiling_of, evenly
from sharematch.solvers.monitor import UNWATCHED
from tests.solvers.anytime.test_guidance import rows_of


def sorted_vector(goal: Vector, values: Any) -> tuple[Fraction, ...]:
    pairs = zip(goal.total.tolist(), goal.weight, strict=True)
    return tuple(sorted(goal.sign * int(values[total]) / w for total, w in pairs))


def best_vector(rows: Rows, goal: Vector) -> tuple[Fraction, ...]:
    """Return the best vector of all values that keep the rows."""
    values = product(*(range(int(u) + 1) for u in rows.upper))
    plans = (np.array(x, np.int64) for x in values)
    return max(sorted_vector(goal, x) for x in plans if rows.holds(x))


def vector(weight: list[int], sign: int = 1) -> Vector:
    keys: Any = tuple((str(g),) for g in range(len(weight)))
    total = np.arange(len(weight))
    return Vector(0, keys, total, tuple(map(Fraction, weight)), sign)


@pytest.mark.parametrize("seed", range(20))
def test_nothing_beats_the_ceiling_of_a_vector(seed: int) -> None:
    rng = random.Random(seed)
    count = rng.randint(1, 4)
    matrix = [[rng.randint(0, 2) for _ in range(count)] for _ in range(3)]
    most = [rng.randint(1, 8) for _ in matrix]
    rows = rows_of(matrix, most, [rng.randint(1, 4) for _ in range(count)])
    goal = vector([rng.randint(1, 6) for _ in range(count)], rng.choice([1, 1, -1]))
    bound = ceiling_of(rows, goal, UNWATCHED)
    assert bound is None or bound.vector >= best_vector(rows, goal)


@pytest.mark.parametrize("seed", range(20))
def test_places_that_all_can_reach_are_shared_out_as_evenly_as_can_be(
    seed: int,
) -> None:
    rng = random.Random(seed)
    count = rng.randint(1, 5)
    high = np.array([rng.randint(0, 5) for _ in range(count)])
    most = rng.randint(0, 14)
    goal = vector([rng.randint(1, 6) for _ in range(count)])
    values = evenly(goal, np.zeros(count, np.int64), high, most)
    assert values is not None
    rows = rows_of([[1] * count], [most], high.tolist())
    assert rows.holds(values)
    assert sorted_vector(goal, values) == best_vector(rows, goal)
    bound = ceiling_of(rows, goal, UNWATCHED)
    assert bound is not None
    assert bound.vector == sorted_vector(goal, values)
    assert bound.rows(rows, goal).holds(bound.values)


def test_what_two_groups_can_have_together_cuts_too() -> None:
    rows = rows_of([[1, 1, 1], [0, 1, 1]], [6, 3], [2, 3, 4])
    bound = ceiling_of(rows, vector([2, 3, 4]), UNWATCHED)
    assert bound is not None
    assert bound.vector == (Fraction(1, 3), Fraction(1, 2), Fraction(1))
    assert bound.values.tolist() == [2, 1, 2]

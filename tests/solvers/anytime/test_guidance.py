"""Relaxations: no plan beats their bounds, and plans that follow them keep all rows."""

from fractions import Fraction
from itertools import product
from random import Random

import numpy as np
import pytest
from scipy.sparse import csr_array

from sharematch.core.integer.program import FREE, Rows, Vector
from sharematch.core.network.program import Source
from sharematch.solvers.anytime.guidance import guided, least_bound, total_bound
from sharematch.solvers.integer import mip
from sharematch.solvers.monitor import UNWATCHED


def rows_of(matrix: list[list[int]], most: list[int], upper: list[int]) -> Rows:
    """Return limits from above over variables from 0 up."""
    count = len(matrix)
    return Rows(
        lower=np.zeros(len(upper), np.int64),
        upper=np.array(upper, np.int64),
        matrix=csr_array(np.array(matrix, np.int64)),
        least=np.full(count, -FREE),
        most=np.array(most, np.int64),
        source=np.zeros(count, np.int64),
        sources=(Source("capacity"),),
    )


def random_rows(seed: int) -> tuple[Rows, list[tuple[int, ...]]]:
    """Return limits with switches and sums, and all values that keep them."""
    rng = Random(seed)
    num = rng.randint(2, 5)
    matrix = [[rng.choice([0, 0, 1, 2, -3]) for _ in range(num)] for _ in range(4)]
    rows = rows_of(
        matrix,
        [rng.randint(0, 6) for _ in matrix],
        [rng.randint(1, 3) for _ in range(num)],
    )
    points = product(*(range(int(u) + 1) for u in rows.upper))
    return rows, [point for point in points if rows.holds(np.array(point))]


@pytest.mark.parametrize("seed", range(40))
def test_no_values_beat_the_bound_and_completed_ones_keep_all_rows(seed: int) -> None:
    rows, points = random_rows(seed)
    rng = Random(-seed)
    cost = np.array([rng.randint(-9, 4) * 10 ** (seed % 3) for _ in rows.upper])
    guide = guided(rows, cost, np.ones(len(cost), bool), UNWATCHED)
    assert guide is not None
    best = min(int(cost @ np.array(point)) for point in points)
    bound = guide.bound()
    assert bound is not None
    assert bound <= best
    values = guide.completed(UNWATCHED)
    assert values is None or (rows.holds(values) and cost @ values >= best)
    kept = guide.narrowed(rows, np.zeros(len(cost), np.int64))
    assert any(kept.holds(np.array(p)) and cost @ np.array(p) == best for p in points)


def test_half_a_room_is_opened_for_a_bound_and_none_for_a_plan() -> None:
    # Three needs, a room for two of them that costs 4 to open, and 2 to spend.
    rows = rows_of([[1, 1, 1, -2], [0, 0, 0, 4]], [0, 2], [1, 1, 1, 1])
    guide = guided(
        rows, np.array([-1, -1, -1, 0]), np.array([1, 1, 1, 0]) > 0, UNWATCHED
    )
    assert guide is not None
    assert guide.bound() == -1
    values = guide.completed(UNWATCHED)
    assert values is None or not values.any()


@pytest.mark.parametrize("seed", range(20))
def test_nothing_beats_a_bound_from_rough_prices(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, points = random_rows(seed)
    cost = np.array([Random(-seed).randint(-9, 4) for _ in rows.upper])
    monkeypatch.setattr(mip, "LARGE", 0)
    bound = total_bound(rows, cost, UNWATCHED)
    monkeypatch.undo()
    exact = total_bound(rows, cost, UNWATCHED)
    assert bound is not None
    assert exact is not None
    assert bound <= min(int(cost @ np.array(point)) for point in points)
    assert bound >= exact - 1


@pytest.mark.parametrize("large", [mip.LARGE, 0])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("seed", range(20))
def test_nothing_beats_the_bound_of_the_least(
    seed: int, sign: int, large: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mip, "LARGE", large)
    rows, points = random_rows(seed)
    total = np.array([0, 1])
    weight = (Fraction(3), Fraction(2 + seed % 3, 1 + seed % 2))
    goal = Vector(0, ("east", "west"), total, weight, sign)
    bound = least_bound(rows, goal, UNWATCHED)
    best = max(
        min(sign * point[g] / w for g, w in zip(total, weight, strict=True))
        for point in points
    )
    assert bound is not None
    assert best <= bound

"""Bounds of packed rooms, against the optimum and the linear relaxation."""

from typing import Any

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from sharematch.core.program import Source
from sharematch.core.rows import FREE, Draft, Rows
from sharematch.solvers.coupled import Watch
from sharematch.solvers.lagrangian import lagrangian_bound


def random_rows(rng: np.random.Generator) -> tuple[Rows, Any]:
    """Return rooms, rows of any kind between them, and a cost."""
    draft = Draft()
    count = int(rng.integers(4, 13))
    low = rng.integers(-1, 2, size=count) * (rng.random(count) < 0.3)
    draft.variables(low + rng.integers(0, 4, size=count), low)
    room = rng.integers(0, 4, size=count)  # the last of four is none
    packed = np.flatnonzero(room < 3)
    size = rng.integers(1, 6, size=len(packed))
    base = np.zeros(3, np.int64)
    np.add.at(base, room[packed], size * low[packed])
    draft.rows(
        Source("capacity"),
        room[packed],
        packed,
        size,
        most=base + rng.integers(0, 12, size=3),
        count=3,
    )
    for _ in range(int(rng.integers(1, 5))):
        some = rng.permutation(count)[: rng.integers(1, count + 1)]
        factor = rng.integers(-2, 4, size=len(some))
        least, width = (int(x) for x in rng.integers(-3, 6, size=2))
        limits = ({"least": least}, {"most": least}, {"least": least, "most": least})
        kind = limits[rng.integers(3)] if width else {"most": least}
        draft.row(Source("rule"), some, factor, **kind)
    return draft.finish(), rng.integers(-5, 20, size=count)


def optimum(rows: Rows, cost: Any, *, whole: bool) -> float | None:
    """Return the least cost by HiGHS, None where nothing keeps all rows."""
    least = np.where(rows.least <= -FREE, -np.inf, rows.least)
    most = np.where(rows.most >= FREE, np.inf, rows.most)
    found = milp(
        cost,
        integrality=np.full(len(cost), int(whole)),
        bounds=Bounds(rows.lower, rows.upper),
        constraints=LinearConstraint(rows.matrix, least, most),
    )
    return None if found.x is None else float(found.fun)


@pytest.mark.parametrize("first", range(0, 300, 100))
def test_between_the_linear_relaxation_and_the_optimum(first: int):
    better = 0
    for seed in range(first, first + 100):
        rng = np.random.default_rng(seed)
        rows, cost = random_rows(rng)
        best = optimum(rows, cost, whole=True)
        if best is None:
            continue
        reached = round(best) + int(rng.integers(3))
        bound = lagrangian_bound(rows, cost, reached, Watch())
        if bound is None:
            continue
        assert bound <= best + 1e-6, seed
        relaxed = optimum(rows, cost, whole=False)
        assert relaxed is not None
        assert bound >= np.ceil(relaxed - 0.05), seed
        better += bound >= np.ceil(relaxed + 0.05)
    assert better > 3

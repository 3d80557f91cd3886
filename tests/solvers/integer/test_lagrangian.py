"""Bounds of packed rooms, against the optimum and the linear relaxation."""

from typing import Any

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from sharematch.core.integer.program import FREE, Draft, Rows
from sharematch.core.network.program import Source
from sharematch.solvers.integer import lagrangian
from sharematch.solvers.integer.lagrangian import lagrangian_bound, narrowed
from sharematch.solvers.integer.mip import relax
from sharematch.solvers.monitor import UNWATCHED, Monitor


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


def solved(rows: Rows, cost: Any, *, whole: bool) -> Any:
    """Return what HiGHS finds of least cost."""
    least = np.where(rows.least <= -FREE, -np.inf, rows.least)
    most = np.where(rows.most >= FREE, np.inf, rows.most)
    return milp(
        cost,
        integrality=np.full(len(cost), int(whole)),
        bounds=Bounds(rows.lower, rows.upper),
        constraints=LinearConstraint(rows.matrix, least, most),
    )


def optimum(rows: Rows, cost: Any, *, whole: bool) -> float | None:
    """Return the least cost, None where nothing keeps all rows."""
    found = solved(rows, cost, whole=whole)
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
        bound = lagrangian_bound(rows, cost, reached, UNWATCHED)
        if bound is None:
            continue
        assert bound <= best + 1e-6, seed
        relaxed = optimum(rows, cost, whole=False)
        assert relaxed is not None
        assert bound >= np.ceil(relaxed - 0.05), seed
        better += bound >= np.ceil(relaxed + 0.05)
    assert better > 3


@pytest.mark.parametrize("first", range(0, 300, 100))
def test_what_is_left_out_is_in_no_better_plan(first: int):
    fewer = proved = 0
    for seed in range(first, first + 100):
        rng = np.random.default_rng(seed)
        rows, cost = random_rows(rng)
        some = solved(rows, rng.integers(-5, 20, size=len(cost)), whole=True)
        if some.x is None:
            continue
        plan = np.rint(some.x).astype(np.int64)
        relaxed = relax(rows, cost, UNWATCHED)
        assert relaxed is not None
        few = narrowed(rows, cost, relaxed.price, plan)
        assert few.holds(plan)
        assert (few.lower >= rows.lower).all()
        assert (few.upper <= rows.upper).all()
        best = optimum(rows, cost, whole=True)
        assert optimum(few, cost, whole=True) == pytest.approx(best), seed
        fewer += (few.upper - few.lower).sum() < (rows.upper - rows.lower).sum()
        proved += best == pytest.approx(cost @ plan)
    assert fewer > 20
    assert fewer > proved


def test_without_room_to_pack_all_rows_have_prices(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lagrangian, "CELLS", 0)
    same = 0
    for seed in range(60):
        rows, cost = random_rows(np.random.default_rng(seed))
        relaxed = optimum(rows, cost, whole=False)
        if relaxed is None:
            continue
        bound = lagrangian_bound(rows, cost, 10**6, UNWATCHED)
        if bound is not None:
            assert bound == pytest.approx(np.ceil(relaxed - 1e-3), abs=0.9), seed
            same += 1
    assert same > 20


def test_work_bounds_how_many_prices_are_tried(monkeypatch: pytest.MonkeyPatch):
    rows, cost = random_rows(np.random.default_rng(7))
    full = Monitor.of(effort=1e9)
    bound = lagrangian_bound(rows, cost, FREE // 2**30, full)
    assert bound is not None
    assert full.run.work > 0
    monkeypatch.setattr(lagrangian, "PACKED", 1e-3)  # one round is all there is
    tried: list[Any] = []
    packed = lagrangian._packed

    def counted(*arguments: Any) -> Any:
        tried.append(arguments)
        return packed(*arguments)

    monkeypatch.setattr(lagrangian, "_packed", counted)
    short = lagrangian_bound(rows, cost, FREE // 2**30, Monitor.of(effort=1.0))
    assert len(tried) == 1
    assert short is not None
    assert short <= bound
    assert lagrangian_bound(rows, cost, 0, Monitor.of(effort=1e-9)) is None

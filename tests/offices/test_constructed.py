"""Plans made at once for random offices keep all records and lead back to rows."""

from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import numpy as np
import pytest

import sharematch as sm
from sharematch.core.columns.encoding import encode
from sharematch.core.integer.lowering import lower_coupled
from sharematch.core.measures.admission import admitted_arcs
from sharematch.core.measures.measures import Measures
from sharematch.plans.results.plan import allocation_of
from sharematch.solvers.anytime.board import Board
from sharematch.solvers.anytime.construction import constructed
from tests.offices.cases import office

GOALS: list[Any] = [
    sm.Leximin("fill_rate", by="need"),
    sm.Maximize("served"),
    sm.Minimize("unpreferred"),
]


def town_of(seed: int) -> sm.Instance:
    town: sm.Instance = sm.Instance.model_validate(office(seed)["instance"])
    return town


@pytest.mark.parametrize("first", range(0, 48, 12))
def test_constructive_plans_are_plans(first: int):
    num_plans = 0
    for seed in range(first, first + 12):
        town = town_of(seed)
        columns = encode(town)
        arcs = admitted_arcs(columns, ())
        program = lower_coupled(Measures(columns, arcs), (), GOALS)
        for values in constructed(program):
            if not program.rows.holds(values):
                continue
            num_plans += 1
            units = program.lift(values)
            found = sm.verify(town, allocation_of(columns, arcs, units))
            # Nothing here was told what is decided.
            assert not [one for one in found if one.code != "decision"]
            assert program.rows.holds(program.values_of(units))
    assert num_plans > 20


def test_first_come_keeps_all_records():
    for seed in range(24):
        result = sm.solve(town_of(seed), sm.Policy.first_come())
        assert result.status in ("feasible", "infeasible")


def series_town(seed: int) -> sm.Instance:
    """Return two halls open on some days of four weeks, and teams that train weekly."""
    rng = Random(f"series {seed}")
    days = [date(2027, 9, 6) + timedelta(n) for n in rng.sample(range(28), 12)]
    slots: list[Any] = []
    for i, day in enumerate(days):
        start = datetime.combine(day, time(17 + rng.randrange(2)))
        slot: dict[str, Any] = {
            "id": f"s{i:02}",
            "facility": f"f{i % 2}",
            "kinds": ["sport"],
        }
        slot |= {"start": start, "end": start + timedelta(hours=2)}
        slots.append(slot | {"capacity": rng.choice((1, 2)), "step": 60})
    needs: list[Any] = []
    for i in range(6):
        need = {"id": f"n{i}", "community": "c", "kind": "sport", "minutes": 60}
        need |= {
            "sessions": 3,
            "every": 7 * 24 * 60,
            "min_sessions": rng.choice((1, 2)),
        }
        needs.append(need | {"person": f"p{rng.randrange(4)}"})
    return sm.Instance(
        communities=[sm.Community(id="c")],
        facilities=[sm.Facility(id=f"f{i}", community="c") for i in range(2)],
        slots=slots,
        needs=needs,
    )


def test_first_come_gives_series_in_step_as_much_as_a_search_would(
    monkeypatch: pytest.MonkeyPatch,
):
    policy = sm.Policy.first_come()
    at_once = [sm.solve(series_town(seed), policy) for seed in range(5)]
    monkeypatch.setattr(Board, "_rows_in_step", lambda *_: np.empty(0, np.int64))
    for seed, result in enumerate(at_once):
        searched = sm.solve(series_town(seed), policy)
        assert result.by("need") == searched.by("need"), seed
    assert sum(result.value("served") for result in at_once) > 30

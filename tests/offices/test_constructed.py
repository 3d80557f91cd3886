"""Plans made at once for random offices keep all records and lead back to rows."""

from typing import Any

import pytest

import sharematch as sm
from sharematch.core.columns.encoding import encode
from sharematch.core.integer.lowering import lower_coupled
from sharematch.core.measures.admission import admitted_arcs
from sharematch.core.measures.measures import Measures
from sharematch.plans.results.plan import allocation_of
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

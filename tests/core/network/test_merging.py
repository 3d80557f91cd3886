"""Merged programs: as good as whole ones, and every unit comes back to a real arc."""

import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import sharematch as sm
from benchmarks.arrays import Arrays, program_of
from sharematch.core.network.merging import Merged, merge
from sharematch.solvers.flow import lexicographic as network
from sharematch.solvers.flow.lexicographic import solve_network


def arrays(rng: random.Random) -> Arrays:
    """Return needs and slots of which many are alike, arcs in any order."""
    num_slots, num_groups = rng.randint(1, 6), rng.randint(1, 3)
    slots = range(num_slots)
    reach = [sorted(rng.sample(slots, rng.randint(1, num_slots))) for _ in range(2)]
    price = [rng.randint(0, 2) for _ in slots]
    if rng.random() < 0.5:  # all slots alike
        reach, price = [list(slots)] * 2, [1] * num_slots
    needs = [(rng.randrange(num_groups), rng.choice(reach)) for _ in range(8)]
    arcs = [(n, s, price[s]) for n, (_, near) in enumerate(needs) for s in near]
    rng.shuffle(arcs)
    need, slot, cost = np.array(arcs).T
    return Arrays(
        community=np.array([group for group, _ in needs]),
        quantity=np.array([rng.randint(0, 3) for _ in needs]),
        capacity=np.array([rng.randint(0, 5) for _ in slots]),
        need=need,
        slot=slot,
        cost=cost,
        num_communities=num_groups,
    )


def worth(town: Arrays, units: Any) -> tuple[Any, ...]:
    """Return the values of all goals."""
    town.check(units)
    demand = town.demand_by_community().tolist()
    served = town.served_by_community(units).tolist()
    ratios = [Fraction(u, d) for u, d in zip(served, demand, strict=True) if d]
    return sorted(ratios), int(units.sum()), int(units @ town.cost)


@pytest.mark.parametrize("first", range(0, 1500, 250))
def test_merging_loses_nothing(first: int, monkeypatch: pytest.MonkeyPatch):
    smaller = 0
    for seed in range(first, first + 250):
        town = arrays(random.Random(seed))
        program = program_of(town)
        merged = merge(program)
        saved = program.network.num_arcs - merged.program.network.num_arcs
        found = solve_network(program)
        with monkeypatch.context() as patch:
            patch.setattr(network, "merge", Merged)
            whole = solve_network(program)
        assert found is not None
        assert whole is not None
        assert worth(town, found.units) == worth(town, whole.units), seed
        smaller += saved > 0
    assert smaller > 200


def test_equal_needs_and_equal_slots_become_one_arc():
    town = Arrays(
        community=np.zeros(3, np.int64),
        quantity=np.array([2, 1, 4]),
        capacity=np.array([3, 2]),
        need=np.repeat(np.arange(3), 2),
        slot=np.tile(np.arange(2), 3),
        cost=np.ones(6, np.int64),
        num_communities=1,
    )
    merged = merge(program_of(town))
    assert merged.program.network.num_arcs == 1
    units = np.zeros(6, np.int64)
    units[merged.program.arc_of_edge] = 5
    assert merged.lift(units).tolist() == [2, 0, 1, 0, 0, 2]


@pytest.mark.parametrize("changed", ["community", "cost", "slot"])
def test_needs_that_differ_stay_apart(changed: str):
    fields: dict[str, Any] = {
        "community": np.array([0, 0]),
        "quantity": np.array([1, 1]),
        "capacity": np.array([1, 3]),
        "need": np.array([0, 1]),
        "slot": np.array([0, 0]),
        "cost": np.array([5, 5]),
        "num_communities": 2,
    }
    assert merge(program_of(Arrays(**fields))).program.network.num_arcs == 1
    fields[changed] = fields[changed] + np.array([0, 1])
    assert merge(program_of(Arrays(**fields))).program.network.num_arcs == 2


def test_units_kept_of_a_baseline_keep_their_own_bound():
    """Slots merged elsewhere once let two units pass as one that stays."""
    town = sm.Instance(
        communities=[sm.Community(id="a")],
        facilities=[sm.Facility(id="hall", community="a")],
        slots=[
            sm.Slot(id="mon", facility="hall", kinds=["x", "y"], capacity=2),
            sm.Slot(id="tue", facility="hall", kinds=["x"], capacity=4),
            sm.Slot(id="wed", facility="hall", kinds=["z"], capacity=1),
            sm.Slot(id="thu", facility="hall", kinds=["z"], capacity=1),
        ],
        needs=[
            sm.Need(id="n0", community="a", kind="y"),
            sm.Need(id="n1", community="a", kind="x", quantity=2),
            *(sm.Need(id=f"z{i}", community="a", kind="z") for i in range(3)),
        ],
    )
    before = sm.Allocation([("mon", "n0", 1), ("mon", "n1", 1), ("tue", "n1", 1)])
    policy = sm.Policy(goals=[sm.Maximize("served"), sm.Minimize("moved")])
    for seed in range(5):
        result = sm.solve(town, policy, baseline=before, seed=seed)
        assert [goal.value for goal in result.goals] == [5, 0]
        assert result.allocation.quantities.tolist().count(2) == 0

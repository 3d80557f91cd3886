"""Two roads to leximin: decomposition and ratio by ratio must meet."""

import os
import random
from fractions import Fraction
from typing import Any

import networkx as nx
import pytest

import sharematch as sm
from sharematch.core.columns.encoding import encode
from sharematch.core.network.program import Program
from sharematch.engine.problem import Problem
from sharematch.solvers.flow import circulation as flow
from sharematch.solvers.flow import lexicographic as network
from sharematch.solvers.flow.lexicographic import solve_network
from tests.tiny import tiny_case

MIDDLE_SIZED = 3_000 if os.environ.get("HYPOTHESIS_PROFILE") == "deep" else 24


@pytest.mark.parametrize("first", range(0, 1200, 200))
def test_both_ways_give_the_same_goals(first: int, monkeypatch: pytest.MonkeyPatch):
    compared = 0
    for seed in range(first, first + 200):
        fields, policy_fields = tiny_case(seed)
        if not any(goal["op"][:4] == "lexi" for goal in policy_fields["goals"]):
            continue
        columns, policy = encode(sm.Instance(**fields)), sm.Policy(**policy_fields)
        program = Problem.of(columns, policy, 0).program
        if not isinstance(program, Program):
            continue  # what couples goes other ways
        usual = solve_network(program)
        with monkeypatch.context() as patch:
            patch.setattr(network, "is_outermost", lambda *_: False)
            patch.setattr(network, "LARGE", seed % 2)
            other = solve_network(program)
        if usual is None or other is None:
            assert usual is other, seed
            continue
        for goal in policy.goals:
            values = [
                program.measures.goal_value(goal, way.units) for way in (usual, other)
            ]
            assert values[0] == values[1], seed
        assert not sm.verify(columns, plan_on(program, other.units), policy), seed
        compared += 1
    assert compared > 60


def plan_on(program: Program, units: Any) -> list[tuple[str, str, int]]:
    columns, arcs = program.measures.columns, program.measures.arcs
    return [
        (columns.slot_ids[arcs.slot[i]], columns.need_ids[arcs.need[i]], int(units[i]))
        for i in units.nonzero()[0]
    ]


def city(rng: random.Random, needs: int) -> sm.Instance:
    """Return a middle-sized town of one kind with distances; half the needs repeat."""
    communities = [f"c{i}" for i in range(rng.randint(1, 9))]
    slots = [f"s{i}" for i in range(needs // 5)]
    kinds = [
        (rng.choice(communities), rng.sample(slots, rng.randint(1, 4)))
        for _ in range(needs // 2)
    ]
    return sm.Instance(
        communities=[sm.Community(id=c) for c in communities],
        facilities=[sm.Facility(id=f"f-{s}", community=communities[0]) for s in slots],
        slots=[
            sm.Slot(id=s, facility=f"f-{s}", kinds=["any"], capacity=rng.randint(0, 9))
            for s in slots
        ],
        needs=[
            sm.Need(
                id=f"n{i}",
                community=community,
                kind="any",
                quantity=rng.randint(1, 4),
                choices=choices,
            )
            for i, (community, choices) in enumerate(rng.choices(kinds, k=needs))
        ],
        links=[
            sm.Link(source=c, target=f"f-{s}", travel=rng.randint(0, 9), two_way=False)
            for c in communities
            for s in slots
        ],
    )


def weighted_flow(instance: sm.Instance) -> tuple[dict[str, int], int]:
    """Return served by community and travel, as ONE flow with huge rewards.

    Unit k of a community with demand d earns base^rank of (k - 1)/d, so that no number
    of later units outweighs an earlier one; travel is worth less than any unit.
    """
    demand: dict[str, int] = {}
    for need in instance.needs:
        demand[need.community] = demand.get(need.community, 0) + need.quantity
    total = sum(demand.values())
    travel = {(k.source, k.target): int(k.travel) * 1000 for k in instance.links}
    keys = sorted(
        {(k / d, d) for d in demand.values() for k in range(d)}, key=lambda x: x
    )
    reward = {key: (total + 1) ** (len(keys) - i) for i, key in enumerate(keys)}
    scale = total * max(travel.values()) + 1
    graph: Any = nx.MultiDiGraph()
    graph.add_node("source", demand=-total)
    graph.add_node("sink", demand=total)
    graph.add_edge("source", "sink", capacity=total, weight=0)
    for community, units in demand.items():
        for k in range(units):
            gain = -reward[k / units, units] * scale
            graph.add_edge("source", community, capacity=1, weight=gain)
    for need in instance.needs:
        graph.add_edge(need.community, need.id, capacity=need.quantity, weight=0)
        for slot in need.choices:
            cost = travel[need.community, f"f-{slot}"]
            graph.add_edge(need.id, slot, capacity=need.quantity, weight=cost)
    for place in instance.slots:
        graph.add_edge(place.id, "sink", capacity=place.capacity, weight=0)
    _, flow = nx.network_simplex(graph)
    served = {c: sum(flow["source"].get(c, {}).values()) for c in demand}
    way = sum(
        units * travel[need.community, f"f-{slot}"]
        for need in instance.needs
        for slot, edges in flow[need.id].items()
        for units in edges.values()
    )
    return served, way


@pytest.mark.parametrize("seed", range(MIDDLE_SIZED))
def test_middle_sized_towns_equal_one_huge_flow(
    seed: int, monkeypatch: pytest.MonkeyPatch
):
    rng = random.Random(seed)
    instance = city(rng, rng.randint(50, 200))
    served, travel = weighted_flow(instance)
    if seed % 2:
        monkeypatch.setattr(network, "LARGE", 0)
        monkeypatch.setattr(flow, "BATCH", 50)
        monkeypatch.setattr(flow, "FEW", 0)
        monkeypatch.setattr(flow, "LARGE", 0)
    result = sm.solve(instance)
    rows: list[Any] = list(result.by("community"))
    demand = {row["id"]: row["demand"] for row in rows}
    assert result.goals[0].value == tuple(
        sorted(Fraction(units, demand[c]) for c, units in served.items())
    )
    assert result.value("served") == sum(served.values())
    assert result.value("travel") == travel

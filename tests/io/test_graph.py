"""Graphs of networkx: what they hold, ways back, algorithms that agree with ours."""

from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings

import sharematch as sm
from sharematch.errors import InputError
from sharematch.graph import (
    SINK,
    SOURCE,
    allocation_of,
    eligible_pairs,
    flow_network,
    lending,
    links_of,
    travel_network,
)
from tests.oracles import Case
from tests.strategies import instances
from tests.tiny import namespace, tiny_case

MOST = sm.Policy(goals=[sm.Maximize("served")])


def case_of(seed: int) -> tuple[sm.Instance, Case]:
    fields, _ = tiny_case(seed)
    return sm.Instance.model_validate(fields), Case(namespace(fields))


@pytest.fixture(scope="module")
def old_town() -> tuple[sm.Instance, sm.Result]:
    town = sm.scenario.old_town()
    return town, sm.solve(town)


@pytest.mark.parametrize("seed", range(30))
def test_pairs_are_those_of_brute_force(seed: int):
    instance, case = case_of(seed)
    graph = eligible_pairs(instance)
    found = {(need, slot) for (_, need), (_, slot) in graph.edges}
    assert found == {pair for pair, code in case.codes.items() if code is None}
    sides = nx.get_node_attributes(graph, "bipartite")
    assert nx.is_bipartite(graph)
    assert sum(side == 0 for side in sides.values()) == len(instance.needs)
    demand = {need.id: need.quantity * need.sessions for need in instance.needs}
    for (side, name), data in graph.nodes(data=True):
        if side == "need":
            assert data["asked"] == demand[name]
    for (_, need), (_, slot), data in graph.edges(data=True):
        records = case.needs[need], case.slots[slot]
        assert data["travel"] == case.travel(*records)
        assert data["units"] == case.size(*records)


def test_a_policy_leaves_fewer_pairs(old_town: Any):
    town, _ = old_town
    own = eligible_pairs(town, sm.Policy.own_only())
    every = eligible_pairs(town)
    assert set(own.edges) < set(every.edges)
    assert {data["tier"] for _, _, data in own.edges(data=True)} == {0}


def test_components_fall_apart_by_kind_and_place(old_town: Any):
    graph = eligible_pairs(old_town[0])
    parts = [part for part in nx.connected_components(graph) if len(part) > 1]
    assert sum(len(part) for part in parts) <= len(graph)
    kinds = [
        {name for side, name in part if side == "need" and "payout" in name}
        for part in parts
    ]
    # Relief is paid out at counters that serve nothing else.
    (payout,) = (found for found in kinds if found)
    (part,) = (part for part in parts if ("need", min(payout)) in part)
    assert all("payout" in name for _, name in part)


def test_the_greatest_flow_is_the_most_that_we_serve(old_town: Any):
    town, _ = old_town
    value, flow = nx.maximum_flow(flow_network(town), SOURCE, SINK)
    assert value == sm.solve(town, MOST).value("served")
    plan = allocation_of(town, flow)
    assert sum(assignment.quantity for assignment in plan) == value
    assert sm.verify(town, plan, MOST) == ()


@given(instances(bookings=False))
@settings(max_examples=25)
def test_the_greatest_flow_is_ours_on_any_instance(instance: sm.Instance):
    result = sm.solve(instance, MOST)
    if result.structure != "network" or result.status != "optimal":
        return
    if instance.decisions:
        return
    value = nx.maximum_flow_value(flow_network(instance), SOURCE, SINK)
    assert value == result.value("served")


def test_the_cheapest_flow_travels_as_far_as_our_plan(old_town: Any):
    town, _ = old_town
    policy = sm.Policy(goals=[sm.Maximize("served"), sm.Minimize("travel")])
    result = sm.solve(town, policy)
    graph = flow_network(town)
    flow = nx.max_flow_min_cost(graph, SOURCE, SINK)
    assert nx.cost_of_flow(graph, flow) == result.value("travel")


def test_a_plan_is_a_flow_and_comes_back(old_town: Any):
    town, result = old_town
    graph = flow_network(town, result=result)
    flow: dict[Any, dict[Any, int]] = {node: {} for node in graph}
    for one, other, data in graph.edges(data=True):
        assert data["flow"] <= data.get("capacity", data["flow"])
        flow[one][other] = data["flow"]
    for node in set(graph) - {SOURCE, SINK}:
        arrives = sum(data["flow"] for _, _, data in graph.in_edges(node, data=True))
        assert arrives == sum(flow[node].values())
    assert sum(flow[SOURCE].values()) == result.value("served")
    assert allocation_of(town, flow) == result.allocation


def test_lending_has_what_the_result_says(old_town: Any):
    town, result = old_town
    graph: Any = lending(town, result)
    for row in result.by("community"):
        name = row["id"]
        assert graph.nodes[name] == {"demand": row["demand"], "served": row["served"]}
        lent = sum(n for _, to, n in graph.out_edges(name, data="units") if to != name)
        got = sum(n for by, _, n in graph.in_edges(name, data="units") if by != name)
        assert (lent, got) == (row["lent"], row["borrowed"])
    assert nx.is_weakly_connected(graph)


def linked(*links: sm.Link) -> sm.Instance:
    return sm.Instance(
        communities=[sm.Community(id=c) for c in ("tianfeng", "lianqiao", "junmiao")],
        facilities=[sm.Facility(id="station", community="tianfeng")],
        links=links,
    )


def test_links_come_back():
    town = linked(
        sm.Link(source="lianqiao", target="tianfeng", travel="0.4"),
        sm.Link(source="tianfeng", target="station", travel="0.1", two_way=False),
        sm.Link(source="junmiao", target="lianqiao", travel=2, two_way=False),
        sm.Link(source="lianqiao", target="junmiao", travel=3, two_way=False),
        sm.Link(source="tianfeng", target="lianqiao", travel=9, two_way=False),
    )
    graph = travel_network(town)
    assert graph.number_of_edges() == 5
    again = links_of(graph)
    assert set(graph.edges(data="travel")) == set(
        travel_network(linked(*again)).edges(data="travel")
    )
    assert len(again) == 4
    far = nx.shortest_path_length(graph, "junmiao", "station", weight="travel")
    assert str(far) == "2.5"


def test_an_undirected_graph_makes_ways_both_ways():
    graph: nx.Graph[str] = nx.Graph()
    graph.add_edge("tianfeng", "lianqiao", length=0.4)
    (link,) = links_of(graph, weight="length")
    assert link.two_way
    assert str(link.travel) == "0.4"
    with pytest.raises(InputError, match="tianfeng to lianqiao") as caught:
        links_of(graph)
    assert "weight= one of length" in str(caught.value)


def test_a_flow_of_other_needs_is_refused():
    flow = {("need", "nobody"): {("slot", "s"): 1}}
    with pytest.raises(InputError, match="nobody"):
        allocation_of(linked(), flow)

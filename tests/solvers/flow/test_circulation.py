"""Flows against networkx, and faces against what they must hold."""

import random
from typing import Any

import networkx as nx
import numpy as np
import pytest

from sharematch.core.network.potentials import potentials
from sharematch.solvers.flow import circulation
from sharematch.solvers.flow.circulation import (
    Face,
    Graph,
    cheapest,
    feasible,
    narrowed,
    push,
)


def network(
    seed: int, *, lower: bool
) -> tuple[Graph, Face, list[np.ndarray], random.Random]:
    """Return random edges through node 0, bounds with a feasible flow, two costs."""
    rng = random.Random(seed)
    num_nodes = rng.randint(2, 8)
    num_edges = rng.randint(1, 24)

    def draw(low: int, high: int) -> np.ndarray:
        return np.array([rng.randint(low, high) for _ in range(num_edges)])

    tail, head = draw(0, num_nodes - 1), draw(0, num_nodes - 1)
    least = draw(0, 2) if lower else draw(0, 0)
    graph = Graph(num_nodes, tail, head)
    face = Face(least, least + draw(0, 5), least)
    return graph, face, [draw(-9, 9), draw(-9, 9)], rng


def best_by_networkx(graph: Graph, face: Face, cost: np.ndarray) -> int | None:
    """Return the least cost of a circulation, None if there is none."""
    other: Any = nx.MultiDiGraph()
    other.add_nodes_from(range(graph.num_nodes), demand=0)
    fixed = 0
    for tail, head, low, high, price in zip(
        graph.tail.tolist(),
        graph.head.tolist(),
        face.lower.tolist(),
        face.upper.tolist(),
        cost.tolist(),
        strict=True,
    ):
        fixed += low * price
        other.nodes[tail]["demand"] += low
        other.nodes[head]["demand"] -= low
        other.add_edge(tail, head, capacity=high - low, weight=price)
    try:
        return fixed + int(nx.network_simplex(other)[0])
    except nx.NetworkXUnfeasible:
        return None


@pytest.mark.parametrize("lower", [False, True])
@pytest.mark.parametrize("large", [0, circulation.LARGE])
def test_feasible_and_cheapest_equal_networkx(
    lower: bool, large: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(circulation, "LARGE", large)
    monkeypatch.setattr(circulation, "BATCH", 5)
    monkeypatch.setattr(circulation, "FEW", 10)
    found = 0
    for seed in range(400):
        graph, bounds, (cost, later), _ = network(seed, lower=lower)
        flow = feasible(graph, bounds.lower, bounds.upper)
        expected = best_by_networkx(graph, bounds, cost)
        assert (flow is None) == (expected is None), seed
        if flow is None:
            continue
        found += 1
        face = Face(bounds.lower, bounds.upper, flow)
        best = cheapest(graph, face, cost)
        assert (cost * best).sum() == expected, seed
        # Every optimum, and nothing else, lies in the narrowed face: the next goal
        # costs there what it costs behind a weight that nothing outweighs.
        inner = narrowed(graph, face, best, cost)
        assert (inner.lower <= best).all()
        assert (best <= inner.upper).all()
        second = cheapest(graph, inner, later)
        weight = int(np.abs(later).sum() * 10 + 1)
        both = best_by_networkx(graph, bounds, cost * weight + later)
        assert (cost * weight + later) @ second == both, seed
    assert found > 50


def test_potentials_leave_no_negative_reduced_cost():
    for seed in range(200):
        graph, bounds, (cost, _), _ = network(seed, lower=False)
        best = cheapest(graph, bounds, cost)
        more, less = best < bounds.upper, best > bounds.lower
        price = potentials(
            graph.num_nodes,
            np.concatenate([graph.tail[more], graph.head[less]]),
            np.concatenate([graph.head[more], graph.tail[less]]),
            np.concatenate([cost[more], -cost[less]]),
        )
        assert price is not None
        reduced = cost + price[graph.tail] - price[graph.head]
        assert (reduced[best < bounds.upper] >= 0).all()
        assert (reduced[best > bounds.lower] <= 0).all()


def test_push_is_a_maximum_flow_with_its_cut():
    for seed in range(200):
        graph, bounds, _, rng = network(seed, lower=False)
        source, sink = rng.sample(range(graph.num_nodes), 2)
        offer = np.array([rng.randint(0, 9)])
        take = np.array([rng.randint(0, 9)])
        pushed = push(
            graph,
            bounds.upper,
            np.zeros_like(bounds.upper),
            (np.array([source]), offer),
            (np.array([sink]), take),
        )
        other: Any = nx.DiGraph()
        other.add_nodes_from(range(graph.num_nodes))
        for tail, head, room in zip(graph.tail, graph.head, bounds.upper, strict=True):
            if tail != head:
                old = other.get_edge_data(tail, head, {"capacity": 0})["capacity"]
                other.add_edge(tail, head, capacity=old + room)
        other.add_edge("from", source, capacity=offer[0])
        other.add_edge(sink, "to", capacity=take[0])
        flow = np.zeros_like(bounds.upper)
        for edges, units in pushed.moves:
            flow[edges] += units
        taken, given, cut = pushed.taken, pushed.given, pushed.cut()
        assert pushed.value == nx.maximum_flow_value(other, "from", "to")
        assert pushed.value == given.sum() == taken.sum()
        assert (flow <= bounds.upper).all()
        leaves = cut[graph.tail] & ~cut[graph.head]
        enters = ~cut[graph.tail] & cut[graph.head]
        assert (flow[leaves] == bounds.upper[leaves]).all()
        assert (flow[enters] == 0).all()
        assert cut[source] or taken == offer
        assert not cut[sink] or given == take


def test_components_are_those_without_the_hub(monkeypatch: pytest.MonkeyPatch):
    for seed in range(300):
        monkeypatch.setattr(circulation, "LARGE", 100 * (seed % 2))
        graph, _, _, _ = network(seed, lower=False)
        other: Any = nx.Graph()
        other.add_nodes_from(range(graph.num_nodes))
        other.add_edges_from(
            (a, b) for a, b in zip(graph.tail, graph.head, strict=True) if a and b
        )
        label = circulation._components(graph.num_nodes, graph.tail, graph.head)
        # Numbered by the first node of each.
        expected = sorted(map(sorted, nx.connected_components(other)))
        for number, nodes in enumerate(expected):
            assert (label[nodes] == number).all(), seed
        assert sum(map(len, expected)) == len(label)

"""Orders and prices on small graphs, against networkx and by hand."""

import hashlib
import random
from typing import Any

import networkx as nx
import numpy as np
import pytest

from sharematch.core.eligibility.order import _in_order, hash_rank
from sharematch.core.network.potentials import Exchanges, potentials


def test_rank_is_the_place_among_hashes():
    ids = [f"need-{i}" for i in range(40)]
    digests = sorted(hashlib.sha256(f"7\0{id_}".encode()).digest() for id_ in ids)
    for id_, rank in zip(ids, hash_rank(7, ids).tolist(), strict=True):
        assert digests[rank] == hashlib.sha256(f"7\0{id_}".encode()).digest()
    assert hash_rank(7, ids).tolist() != hash_rank(8, ids).tolist()
    assert hash_rank(7, []).tolist() == []


@pytest.mark.parametrize("seed", range(60))
def test_potentials_are_distances_unless_a_cycle_is_negative(seed: int):
    rng = random.Random(seed)
    nodes = rng.randint(1, 7)
    ends = [(rng.randrange(nodes), rng.randrange(nodes)) for _ in range(12)]
    length = [rng.randint(-2, 6) for _ in ends]
    graph: Any = nx.MultiDiGraph()
    graph.add_weighted_edges_from((*e, w) for e, w in zip(ends, length, strict=True))
    graph.add_weighted_edges_from(("hub", v, 0) for v in range(nodes))
    tail, head = np.array(ends, np.int64).T
    found = potentials(nodes, tail, head, np.array(length, np.int64))
    if nx.negative_edge_cycle(graph):
        assert found is None
    else:
        distance = nx.single_source_bellman_ford_path_length(graph, "hub")
        assert found is not None
        assert found.tolist() == [distance[v] for v in range(nodes)]


def test_a_long_chain_of_negative_edges_is_no_cycle():
    ends = np.arange(5)
    found = potentials(6, ends, ends + 1, np.full(5, -1))
    assert found is not None
    assert found.tolist() == [0, -1, -2, -3, -4, -5]


@pytest.mark.parametrize("seed", range(40))
def test_prices_of_what_a_flow_may_still_change_are_distances(seed: int):
    rng = np.random.default_rng(seed)
    nodes, edges = 6, 14
    tail, head = rng.integers(nodes, size=(2, edges))
    rises, falls = rng.random((2, edges)) < 0.6
    exchanges = Exchanges(nodes, tail, head, falls)
    for _ in range(3):  # what may change becomes less, goal by goal
        up = rng.integers(-1, 6, edges)
        down = up - rng.integers(0, 3, edges)
        found = exchanges.potentials(rises, falls, up, down)
        more, less = np.flatnonzero(rises), np.flatnonzero(falls)
        expected = potentials(
            nodes,
            np.concatenate([tail[more], head[less]]),
            np.concatenate([head[more], tail[less]]),
            np.concatenate([up[more], -down[less]]),
        )
        assert (found is None) == (expected is None)
        if found is not None and expected is not None:
            assert found.tolist() == expected.tolist()
        rises &= rng.random(edges) < 0.8
        falls &= rng.random(edges) < 0.8


def test_where_first_numbers_are_equal_the_others_decide():
    words = np.random.default_rng(3).integers(3, size=(200, 4)).astype(np.uint64)
    rows = [tuple(row) for row in words.tolist()]
    ordered = [rows[i] for i in _in_order(words).tolist()]
    assert ordered == sorted(rows)
    distinct = np.arange(12, dtype=np.uint64)[::-1].reshape(3, 4)
    assert _in_order(distinct).tolist() == [2, 1, 0]

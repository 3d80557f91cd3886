"""Readers and mappings against other solvers, on small fresh problems."""

import json
import random
from itertools import combinations
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, linear_sum_assignment, milp

from benchmarks.known_optima import __main__ as program
from benchmarks.known_optima.formats import FormatError, read
from benchmarks.known_optima.problems import FacilityLocation, PMedian


def run(text: str, tmp_path: Path, capsys: Any, *options: str) -> list[dict[str, Any]]:
    """Return the rows that the command line prints for a text."""
    path = tmp_path / "problem.txt"
    path.write_text(text)
    program.main([str(path), *options, "--json"])
    rows: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return rows


def words(*numbers: Any) -> str:
    return " ".join(str(number) for number in np.concatenate(numbers, axis=None))


def test_linear_assignment(tmp_path: Path, capsys: Any) -> None:
    rng = np.random.default_rng(1)
    cost = rng.integers(1, 100, (12, 12))
    (row,) = run(words([12], cost), tmp_path, capsys)
    assert row["format"] == "assign"
    assert row["status"] == "optimal"
    assert row["value"] == row["bound"] == cost[linear_sum_assignment(cost)].sum()


@pytest.mark.parametrize("seed", range(20))
def test_min_cost_flow(seed: int, tmp_path: Path, capsys: Any) -> None:
    rng = random.Random(seed)
    num = rng.randint(2, 7)
    arcs = []
    for _ in range(rng.randint(1, 18)):
        tail, head = rng.sample(range(num), 2)
        least = rng.choice([0, 0, 0, 1])
        arcs.append((tail, head, least, least + rng.randint(0, 5), rng.randint(-3, 9)))
    graph: Any = nx.MultiDiGraph()
    graph.add_nodes_from(range(num), demand=0)
    supply = [0] * num
    for tail, head, _, most, _ in arcs:  # some flow exists
        units = rng.randint(0, most)
        supply[tail] += units
        supply[head] -= units
    fixed = 0
    left = list(supply)
    for tail, head, least, most, cost in arcs:
        fixed += least * cost
        left[tail] -= least
        left[head] += least
        graph.add_edge(tail, head, capacity=most - least, weight=cost)
    for node, units in enumerate(left):
        graph.nodes[node]["demand"] = -units
    lines = ["c fresh", f"p min {num} {len(arcs)}"]
    lines += [f"n {node + 1} {units}" for node, units in enumerate(supply) if units]
    lines += [f"a {t + 1} {h + 1} {low} {m} {c}" for t, h, low, m, c in arcs]
    (row,) = run("\n".join(lines), tmp_path, capsys)
    assert row["format"] == "dimacs"
    try:
        best = fixed + nx.min_cost_flow_cost(graph)
    except nx.NetworkXUnfeasible:
        assert row["status"] == "infeasible"
    else:
        assert row["value"] == best


def best(cost: Any, equal: Any, right: Any, upper: Any, most: Any) -> float:
    """Return the least of cost · x over x in {0, 1} by HiGHS.

    `equal` · x is `right`, `upper` · x at most `most`.
    """
    found = milp(
        cost,
        integrality=np.ones(len(cost), int),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(equal, right, right),
            LinearConstraint(upper, -np.inf, most),
        ],
    )
    assert found.status == 0
    return float(found.fun)


@pytest.mark.parametrize("options", [[], ["--maximize"]])
def test_generalized_assignment(
    options: list[str], tmp_path: Path, capsys: Any
) -> None:
    rng = np.random.default_rng(4)
    agents, jobs = 3, 9
    cost, size = rng.integers(10, 50, (2, agents, jobs))
    room = np.full(agents, size.sum() // agents // 2)
    text = words([1, agents, jobs], cost, size, room)
    (row,) = run(text, tmp_path, capsys, *options)
    sign = -1 if options else 1
    one_agent = np.kron(np.ones(agents), np.eye(jobs))
    within = np.kron(np.eye(agents), np.ones(jobs)) * size.ravel()
    least = best(sign * cost.ravel(), one_agent, 1, within, room)
    assert row["status"] == "optimal"
    assert row["value"] == row["bound"] == sign * least


@pytest.mark.parametrize("options", [[], ["--single-source"]])
def test_facility_location(options: list[str], tmp_path: Path, capsys: Any) -> None:
    rng = np.random.default_rng(7)
    places, customers = 4, 7
    demand = rng.integers(1, 6, customers)
    room = np.full(places, demand.sum() // 2)
    opening = rng.integers(20, 60, places) + 0.5
    per_unit = rng.integers(1, 30, (customers, places)) / 8
    cost = per_unit * demand[:, None]
    rows = [[units, *line] for units, line in zip(demand, cost, strict=True)]
    ends = np.stack([room, opening], axis=1)
    text = words([places, customers], ends, np.array(rows))
    (row,) = run(text, tmp_path, capsys, *options)
    # One variable for each unit of a customer at a place, then one for each place.
    units = np.ones(customers, int) if options else demand
    owner = np.repeat(np.arange(customers), units)
    weight = demand[owner] / units[owner]
    served = np.kron(np.eye(len(owner)), np.ones(places))
    served = np.hstack([served, np.zeros((len(owner), places))])
    load = np.kron(weight, np.eye(places)).reshape(places, -1)
    load = np.hstack([load, -np.diag(room)])
    price = (per_unit[owner] * weight[:, None]).ravel()
    least = best(np.concatenate([price, opening]), served, 1, load, 0)
    assert row["status"] == "optimal"
    assert row["value"] == pytest.approx(least, abs=1e-6)


def test_p_median(tmp_path: Path, capsys: Any) -> None:
    rng = random.Random(3)
    graph: Any = nx.connected_watts_strogatz_graph(9, 4, 0.5, seed=3)
    for _, _, edge in graph.edges(data=True):
        edge["weight"] = rng.randint(1, 9)
    edges = [(a + 1, b + 1, e["weight"]) for a, b, e in graph.edges(data=True)]
    (row,) = run(words([9, len(edges), 2], edges), tmp_path, capsys)
    way = dict(nx.all_pairs_dijkstra_path_length(graph))
    least = min(
        sum(min(way[v][p] for p in chosen) for v in graph)
        for chosen in combinations(graph, 2)
    )
    assert row["format"] == "pmed"
    assert row["value"] == row["bound"] == least


def test_formats_are_told_apart() -> None:
    cap = words([2, 3], [5, 10.5, 7, 20], [2, 4, 6], [3, 3, 9], [1, 8, 2])
    name, (problem,) = read(cap)
    assert name == "cap"
    assert isinstance(problem, FacilityLocation)
    assert problem.demand == (2, 3, 1)
    _, (other,) = read(cap, "holmberg")
    assert isinstance(other, FacilityLocation)
    assert other.demand == (2, 4, 6)
    assert other.single_source
    name, (problem,) = read(words([3, 2, 1], [1, 2, 5], [2, 1, 4]))
    assert name == "pmed"
    assert isinstance(problem, PMedian)
    assert problem.edges == ((0, 1, 4),)
    one = words([2, 3], [1, 2, 3], [4, 5, 6], [1, 1, 1], [2, 2, 2], [3, 3])
    assert read(one)[0] == "gap"
    name, problems = read(words([2], [one, one]))
    assert name == "gap"
    assert len(problems) == 2


@pytest.mark.parametrize(
    ("name", "text", "wrong"),
    [
        ("assign", "1 2/0", "2/0"),
        ("cap", "1 1 capacity 10 3 4", "capacity"),
        ("cap", "1 1 -5 10 3 4", "capacity -5"),
        ("gap", "1 1 2.5 1 1", "5/2 is not a whole number"),
        ("dimacs", "p min 2 3\na 1 2 0 5 1", "1 arcs, not 3"),
        ("dimacs", "p min 2 1\na 1 2 6 5 1", "arc 1 2: at least 6, at most 5"),
        ("dimacs", "p min 2 0\nn 0 5", "node 0 is not there"),
        ("dimacs", "p max 2 1\na 1 2 1", "p max"),
        ("dimacs", "7", "line '7'"),
        ("pmed", "2 1 1 1 5 3", "not there"),
    ],
)
def test_errors_say_what_is_wrong(name: str, text: str, wrong: str) -> None:
    with pytest.raises(FormatError, match=wrong):
        read(text, name)


def test_capacity_is_put_into_files_that_leave_it_open(
    tmp_path: Path, capsys: Any
) -> None:
    text = "1 2 capacity 7.5 2 4 3 3"
    (row,) = run(text, tmp_path, capsys, "--format", "cap", "--capacity", "5")
    assert (row["status"], row["value"]) == ("optimal", 7.5 + 4 + 3)


@pytest.mark.parametrize("text", ["", "1 2 x", "3 1 2", "p min 2 1\na 1 5 0 1 1"])
def test_other_texts_are_refused(text: str, tmp_path: Path, capsys: Any) -> None:
    with pytest.raises(FormatError):
        read(text)
    with pytest.raises(SystemExit, match="1"):
        run(text, tmp_path, capsys)

"""The methods of this environment: each returns the units on every arc.

Plain ones make the most served, then the least cost; a unit served is worth more than
any saving of cost, so that the first goal is never given up for the second.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.arrays import Arrays, program_of, solve
from benchmarks.plain import has_lemon, solve_lemon, solve_ortools
from benchmarks.quality.problems import Problem
from sharematch.solvers.flow.lexicographic import solve_network

__all__ = ["METHODS", "NoAnswerError", "limits"]

Ints = NDArray[np.int64]
SECONDS = 60.0
"""What methods with a limit are given."""


class NoAnswerError(Exception):
    """A method found no plan in its time."""


def fair(problem: Problem) -> Ints:
    """Leximin by community, then most served, then least cost."""
    return solve(problem.arrays)


def efficient(problem: Problem) -> Ints:
    """Most served, then least cost, by sharematch."""
    program = program_of(problem.arrays)
    outcome = solve_network(replace(program, goals=program.goals[1:]))
    assert outcome is not None
    return outcome.units


def no_sharing(problem: Problem) -> Ints:
    """The fair plan, each community in its own slots alone."""
    own = np.flatnonzero(problem.tier == 0)
    units = np.zeros(len(problem.arrays), np.int64)
    units[own] = solve(_part(problem.arrays, own))
    return units


def _part(arrays: Arrays, on: Ints) -> Arrays:
    return replace(
        arrays, need=arrays.need[on], slot=arrays.slot[on], cost=arrays.cost[on]
    )


def first_come(problem: Problem) -> Ints:
    """Needs in the order in which they came, each in its nearest free slots."""
    arrays = problem.arrays
    return _taken(arrays, np.lexsort((arrays.cost, problem.since[arrays.need])))


def greedy_nearest(problem: Problem) -> Ints:
    """Pairs by cost, the least first, while there is room."""
    arrays = problem.arrays
    return _taken(arrays, np.argsort(arrays.cost, kind="stable"))


def _taken(arrays: Arrays, order: Ints) -> Ints:
    left, room = arrays.quantity.tolist(), arrays.capacity.tolist()
    need, slot = arrays.need.tolist(), arrays.slot.tolist()
    units = np.zeros(len(arrays), np.int64)
    for arc in order.tolist():
        amount = min(left[need[arc]], room[slot[arc]])
        if amount:
            units[arc] = amount
            left[need[arc]] -= amount
            room[slot[arc]] -= amount
    return units


def ortools_flow(problem: Problem) -> Ints:
    """OR-Tools' SimpleMinCostFlow, written directly."""
    return solve_ortools(problem.arrays)


def lemon(problem: Problem) -> Ints:
    """LEMON's network simplex, through pylmcf."""
    return solve_lemon(problem.arrays)


def networkx_flow(problem: Problem) -> Ints:
    """networkx' min-cost flow by capacity scaling, its faster one."""
    import networkx as nx  # noqa: PLC0415 (counted where it is used)

    arrays = problem.arrays
    graph: nx.DiGraph[object] = nx.DiGraph()
    total = int(arrays.quantity.sum())
    big = min(len(arrays.quantity), len(arrays.capacity)) * int(arrays.cost.max()) + 1
    graph.add_node("source", demand=-total)
    graph.add_node("sink", demand=total)
    graph.add_edge("source", "sink", capacity=total, weight=big)
    for need, quantity in enumerate(arrays.quantity.tolist()):
        graph.add_edge("source", ("need", need), capacity=quantity, weight=0)
    for slot, capacity in enumerate(arrays.capacity.tolist()):
        graph.add_edge(("slot", slot), "sink", capacity=capacity, weight=0)
    pairs = zip(
        arrays.need.tolist(), arrays.slot.tolist(), arrays.cost.tolist(), strict=True
    )
    for need, slot, cost in pairs:
        most = int(arrays.quantity[need])
        graph.add_edge(("need", need), ("slot", slot), capacity=most, weight=cost)
    _, flow = nx.capacity_scaling(graph)
    ends = zip(arrays.need.tolist(), arrays.slot.tolist(), strict=True)
    return np.array([flow["need", n]["slot", s] for n, s in ends], np.int64)


def scipy_milp(problem: Problem) -> Ints:
    """scipy's HiGHS: most served, then least cost with as many served."""
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415
    from scipy.sparse import csr_array  # noqa: PLC0415

    arrays = problem.arrays
    count = len(arrays)
    one, arc = np.ones(count), np.arange(count)
    rows = [
        LinearConstraint(
            csr_array((one, (ends, arc)), shape=(len(room), count)), 0, room
        )
        for ends, room in (
            (arrays.need, arrays.quantity),
            (arrays.slot, arrays.capacity),
        )
    ]
    most = arrays.quantity[arrays.need]
    common: dict[str, Any] = {
        "integrality": one,
        "bounds": Bounds(0, most),
        "options": {"time_limit": SECONDS / 2},
    }
    first: Any = milp(-one, constraints=rows, **common)
    if first.x is None:
        raise NoAnswerError(f"no answer in {SECONDS / 2:g} s")
    served = LinearConstraint(csr_array(one[None]), round(-first.fun), np.inf)
    second: Any = milp(arrays.cost, constraints=[*rows, served], **common)
    best = second if second.x is not None else first
    return np.asarray(np.rint(best.x), np.int64)


def cp_sat_weighted(problem: Problem) -> Ints:
    """CP-SAT, the weighted sum of places and cost, as city offices have tried it."""
    from ortools.sat.python import cp_model  # noqa: PLC0415

    arrays = problem.arrays
    model = cp_model.CpModel()
    most = arrays.quantity[arrays.need].tolist()
    x = [model.new_int_var(0, units, "") for units in most]
    for ends, limits_ in (
        (arrays.need, arrays.quantity),
        (arrays.slot, arrays.capacity),
    ):
        order = np.argsort(ends, kind="stable")
        starts = np.searchsorted(ends[order], np.arange(len(limits_) + 1))
        for i, limit in enumerate(limits_.tolist()):
            on = order[starts[i] : starts[i + 1]].tolist()
            if on:
                model.add(cp_model.LinearExpr.sum([x[arc] for arc in on]) <= limit)
    big = 10 * int(arrays.cost.max(initial=1))
    weights = (big - arrays.cost).tolist()
    model.maximize(cp_model.LinearExpr.weighted_sum(x, weights))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 2
    solver.parameters.max_time_in_seconds = SECONDS
    solver.parameters.random_seed = 1
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise NoAnswerError(f"no answer in {SECONDS} s")
    return np.array([solver.value(v) for v in x], np.int64)


METHODS: dict[str, Callable[[Problem], Ints]] = {
    "sharematch fair": fair,
    "sharematch efficient": efficient,
    "no sharing": no_sharing,
    "first come": first_come,
    "greedy nearest": greedy_nearest,
    "OR-Tools flow": ortools_flow,
    **({"LEMON": lemon} if has_lemon() else {}),
    "networkx": networkx_flow,
    "scipy HiGHS": scipy_milp,
    "CP-SAT weighted sum": cp_sat_weighted,
}
"""By the name they have in the table."""

_LARGEST = {"networkx": 20_000, "scipy HiGHS": 50_000, "CP-SAT weighted sum": 50_000}
"""Arcs above which a method takes far more than a minute here."""


def limits(name: str, problem: Problem) -> bool:
    """Return whether a method is run on a problem of this size."""
    return len(problem.arrays) <= _LARGEST.get(name, 10**9)

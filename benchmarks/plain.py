"""Plans without fairness: most served, then least travel, as one min-cost flow.

Units leave a source, pass a need, an arc and a slot, and end in a sink; a bypass from
source to sink takes those that stay unserved. Its cost per unit is above that of any
chain of exchanges, so that no travel saved outweighs a unit served.
"""

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import min_cost_flow

from benchmarks.arrays import Arrays

__all__ = ["has_lemon", "solve_lemon", "solve_ortools"]

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class _Flow:
    """A min-cost flow; the arcs' edges are those of `arcs`."""

    supply: Ints
    tail: Ints
    head: Ints
    capacity: Ints
    cost: Ints
    arcs: slice


def _flow(arrays: Arrays) -> _Flow:
    needs, slots, num = len(arrays.quantity), len(arrays.capacity), len(arrays)
    source, sink = needs + slots, needs + slots + 1
    total = int(arrays.quantity.sum())
    num_edges = needs + num + slots + 1
    tail, head = np.empty(num_edges, np.int64), np.empty(num_edges, np.int64)
    capacity, cost = np.empty(num_edges, np.int64), np.zeros(num_edges, np.int64)
    offers, arcs = slice(0, needs), slice(needs, needs + num)
    ends = slice(needs + num, num_edges - 1)
    tail[offers], head[offers] = source, np.arange(needs)
    capacity[offers] = arrays.quantity
    tail[arcs], head[arcs] = arrays.need, needs + arrays.slot
    capacity[arcs] = arrays.quantity[arrays.need]
    cost[arcs] = arrays.cost
    tail[ends], head[ends] = np.arange(needs, source), sink
    capacity[ends] = arrays.capacity
    tail[-1], head[-1], capacity[-1] = source, sink, total
    # An exchange passes each need and each slot once at most.
    longest = min(needs, slots)
    cost[-1] = longest * int(arrays.cost.max(initial=0)) + 1
    supply = np.zeros(needs + slots + 2, np.int64)
    supply[source], supply[sink] = total, -total
    return _Flow(supply, tail, head, capacity, cost, arcs)


def solve_ortools(arrays: Arrays) -> Ints:
    """Return the units on each arc by OR-Tools' cost scaling."""
    flow = _flow(arrays)
    solver: Any = min_cost_flow.SimpleMinCostFlow()
    solver.add_arcs_with_capacity_and_unit_cost(
        flow.tail.astype(np.int32),
        flow.head.astype(np.int32),
        flow.capacity,
        flow.cost,
    )
    nodes = np.arange(len(flow.supply), dtype=np.int32)
    solver.set_nodes_supplies(nodes, flow.supply)
    status = solver.solve()
    assert status == solver.OPTIMAL, status
    edges = np.arange(flow.arcs.start, flow.arcs.stop, dtype=np.int32)
    return np.asarray(solver.flows(edges), np.int64)


def has_lemon() -> bool:
    """Return whether LEMON is there: pylmcf, of the extra `bench`."""
    return find_spec("pylmcf") is not None


def solve_lemon(arrays: Arrays) -> Ints:
    """Return the units on each arc by LEMON's network simplex, from pylmcf."""
    pylmcf_cpp = import_module("pylmcf.pylmcf_cpp")  # of an extra

    flow = _flow(arrays)
    units = pylmcf_cpp.lmcf(flow.supply, flow.tail, flow.head, flow.capacity, flow.cost)
    return np.asarray(units, np.int64)[flow.arcs]

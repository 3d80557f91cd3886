"""Circulations: feasible ones, cheapest ones, and all cheapest ones at once.

    minimize    Σ cost(e) · x(e)            over integers
    subject to  lower(e) ≤ x(e) ≤ upper(e)  on each edge,
                as much in as out           at each node

All optima form a face of the flow polytope, described by narrower bounds on edges: an
edge of positive reduced cost stays at its lower bound, one of negative reduced cost at
its upper (complementary slackness, any optimal potentials; Ahuja, Magnanti and Orlin,
Network Flows, 1993, chapter 9). Everything is integer arithmetic.

Four nodes: from the hub (0) two units may come to a choir (1), worth 5 each, and go on
to a hall (2) with one place or a club (3) with two, each at a cost of 1. All cheapest
flows serve both units and fill the places in either way:

>>> ints = lambda *xs: np.array(xs)
>>> graph = Graph(4, tail=ints(0, 1, 1, 2, 3), head=ints(1, 2, 3, 0, 0))
>>> nothing = ints(0, 0, 0, 0, 0)
>>> face = Face(lower=nothing, upper=ints(2, 2, 2, 1, 2), flow=nothing)
>>> cost = ints(-5, 1, 1, 0, 0)
>>> flow = cheapest(graph, face, cost)
>>> best = narrowed(graph, face, flow, cost)
>>> best.lower.tolist(), best.upper.tolist()
([2, 0, 0, 0, 0], [2, 2, 2, 1, 2])
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import max_flow, min_cost_flow
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from sharematch.core.network.potentials import potentials
from sharematch.errors import SolverError
from sharematch.text import Text

__all__ = [
    "Face",
    "Graph",
    "Push",
    "cheapest",
    "feasible",
    "mended",
    "narrowed",
    "push",
]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
BATCH = 20_000
"""Edges from which a component is solved by itself; to set a solver up for each of many
small ones takes longer than to solve them together."""


@dataclass(frozen=True, slots=True)
class Graph:
    """Directed edges between nodes 0, 1, …, `num_nodes` - 1."""

    num_nodes: int
    tail: Ints
    head: Ints


@dataclass(frozen=True, slots=True)
class Face:
    """A set of flows: those within these bounds; `flow` is one of them."""

    lower: Ints
    upper: Ints
    flow: Ints


class Push(NamedTuple):
    """What a maximum flow does to a residual graph."""

    value: int
    change: Ints
    """What each edge carries more, or less."""
    taken: Ints
    """Units from each source."""
    given: Ints
    """Units to each sink."""
    cut: Bools
    """The nodes on the sources' side of a tight cut; sources with units left are."""


def push(
    graph: Graph,
    more: Ints,
    less: Ints,
    sources: tuple[Ints, Ints],
    sinks: tuple[Ints, Ints],
) -> Push:
    """Push as many units as possible from nodes that offer to nodes that take them.

    Parameters
    ----------
    more, less
        How much more, and how much less, each edge could carry.
    sources, sinks
        Nodes, and how many units each offers or takes.
    """
    # Solved backwards, from sinks to sources: measured a fifth faster, as arcs fan
    # out from the scarce side.
    num_nodes = graph.num_nodes
    source, sink = num_nodes, num_nodes + 1
    (from_node, offer), (to_node, take) = sources, sinks
    forth, back = np.flatnonzero(more > 0), np.flatnonzero(less > 0)
    cuts = np.cumsum([len(forth), len(back), len(offer), len(take)])
    onward, backward, out, into = (slice(*x) for x in pairwise([0, *cuts.tolist()]))
    total = int(cuts[-1])
    if not total:
        return Push(0, np.zeros_like(more), offer, take, np.ones(num_nodes, bool))
    tail, head = np.empty((2, total), np.int32)
    room = np.empty(total, np.int64)
    tail[onward], head[onward] = graph.tail[forth], graph.head[forth]
    room[onward] = more[forth]
    tail[backward], head[backward] = graph.head[back], graph.tail[back]
    room[backward] = less[back]
    tail[out], head[out], room[out] = source, from_node, offer
    tail[into], head[into], room[into] = to_node, sink, take
    solver: Any = max_flow.SimpleMaxFlow()  # its stubs misread arrays
    solver.add_arcs_with_capacity(head, tail, room)
    status = solver.solve(sink, source)
    if status != solver.OPTIMAL:
        raise SolverError("solver.maximum_flow_failed", status=status)
    flow = np.asarray(solver.flows(np.arange(total, dtype=np.int32)), np.int64)
    change = np.zeros_like(more)
    change[forth] = flow[onward]
    change[back] -= flow[backward]
    cut = np.ones(num_nodes + 2, bool)
    cut[np.asarray(solver.get_source_side_min_cut(), np.int64)] = False
    value = int(solver.optimal_flow())
    return Push(value, change, flow[out], flow[into], cut[:num_nodes])


def feasible(graph: Graph, lower: Ints, upper: Ints) -> Ints | None:
    """Return a circulation within the bounds, or None where there is none."""
    if not lower.any():
        return np.zeros(len(lower), np.int64)
    if (lower > upper).any():
        return None
    flow, cut = mended(graph, lower, upper, lower)
    return flow if cut is None else None


def mended(
    graph: Graph, lower: Ints, upper: Ints, flow: Ints
) -> tuple[Ints, Bools | None]:
    """Return a circulation within the bounds, made from any flow, and None.

    Where there is none, the second is a set of nodes that shows it: lower bounds of the
    edges into it add up to more than upper bounds of those out of it (Hoffman, 1960).
    """
    result = np.clip(flow, lower, upper)
    excess = _excess(graph, result)
    more, less = np.flatnonzero(excess > 0), np.flatnonzero(excess < 0)
    free = np.flatnonzero(lower < upper)
    found = push(
        Graph(graph.num_nodes, graph.tail[free], graph.head[free]),
        (upper - result)[free],
        (result - lower)[free],
        (more, excess[more]),
        (less, -excess[less]),
    )
    result[free] += found.change
    is_mended = found.value == int(excess[more].sum())
    return result, None if is_mended else found.cut


def _excess(graph: Graph, flow: Ints) -> Ints:
    """Return what each node receives beyond what it sends."""
    excess = np.zeros(graph.num_nodes, np.int64)
    np.add.at(excess, graph.head, flow)
    np.subtract.at(excess, graph.tail, flow)
    return excess


def cheapest(graph: Graph, face: Face, cost: Ints) -> Ints:
    """Return a flow of least cost in the face.

    Node 0 is a hub that lets parts of the network be solved one by one.

    Raises
    ------
    SolverError
        When costs are too large for the solver's integers.
    """
    flow = face.flow.copy()
    free = np.flatnonzero(face.lower < face.upper)
    if not len(free) or not cost[free].any():
        return flow
    tail, head = graph.tail, graph.head
    excess = _excess(graph, face.lower)
    number = np.empty(graph.num_nodes, np.int32)
    room = face.upper - face.lower
    for edges in _parts(graph, free, cost):
        ends = tail[edges], head[edges]
        occurs = np.zeros(graph.num_nodes, bool)
        occurs[0] = occurs[ends[0]] = occurs[ends[1]] = True
        nodes = np.flatnonzero(occurs)
        number[nodes] = np.arange(len(nodes))
        supply = excess[nodes]
        supply[0] = -int(supply[1:].sum())
        solver: Any = min_cost_flow.SimpleMinCostFlow()
        e = len(edges)
        solver.add_arcs_with_capacity_and_unit_cost(
            number[ends[0]],
            number[ends[1]],
            room[edges],
            cost[edges],
        )
        solver.set_nodes_supplies(np.arange(len(nodes), dtype=np.int32), supply)
        status = solver.solve()
        if status != solver.OPTIMAL:
            raise SolverError(
                "problem.maybe",
                what=Text("solver.least_cost_flow_failed_costs_may", status=status),
                hint=Text("solver.use_larger_units_for_money_or"),
            )
        flow[edges] = face.lower[edges] + solver.flows(np.arange(e, dtype=np.int32))
    return flow


def _parts(graph: Graph, free: Ints, cost: Ints) -> list[Ints]:
    """Split free edges into parts that meet at the hub only; small ones together.

    A part without any cost is left out: every flow in it is as good.
    """
    tail, head, num_nodes = graph.tail, graph.head, graph.num_nodes
    inner = free[(tail[free] != 0) & (head[free] != 0)]
    links = coo_matrix(
        (np.ones(len(inner), np.int8), (tail[inner], head[inner])),
        shape=(num_nodes, num_nodes),
    )
    count, part = connected_components(links, directed=False)
    end = np.where(tail[free] == 0, head[free], tail[free])
    of = part[end]
    has_cost = np.zeros(count, bool)
    has_cost[of[cost[free] != 0]] = True
    kept = has_cost[of]
    free, of = free[kept], of[kept]
    size = np.bincount(of, minlength=count)
    order = np.argsort(-size, kind="stable")
    batch_of = np.empty(count, np.int64)
    batch_of[order] = (np.cumsum(size[order]) - size[order]) // BATCH
    batch = batch_of[of]
    by_batch = np.argsort(batch.astype(np.int32), kind="stable")
    cuts = np.flatnonzero(np.diff(batch[by_batch])) + 1
    return [free[edges] for edges in np.split(by_batch, cuts) if len(edges)]


def narrowed(graph: Graph, face: Face, flow: Ints, cost: Ints) -> Face:
    """Return the face of all flows of least cost, one of which is `flow`."""
    more = np.flatnonzero(flow < face.upper)
    less = np.flatnonzero(flow > face.lower)
    price = potentials(
        graph.num_nodes,
        np.concatenate([graph.tail[more], graph.head[less]]),
        np.concatenate([graph.head[more], graph.tail[less]]),
        np.concatenate([cost[more], -cost[less]]),
    )
    if price is None:
        raise SolverError("solver.a_flow_said_to_be_of")
    reduced = cost + price[graph.tail] - price[graph.head]
    return Face(
        lower=np.where(reduced < 0, face.upper, face.lower),
        upper=np.where(reduced > 0, face.lower, face.upper),
        flow=flow,
    )

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
from sharematch.core.network.program import Network
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
Positions = NDArray[np.integer[Any]]
BATCH = 20_000
"""Edges from which a component is solved by itself; to set a solver up for each of many
small ones takes longer than to solve them together."""


@dataclass(frozen=True, slots=True)
class Graph:
    """Directed edges between nodes 0, 1, …, `num_nodes` - 1."""

    num_nodes: int
    tail: Positions
    head: Positions

    @classmethod
    def of(cls, network: Network) -> "Graph":
        """Return the edges of a network, those of arcs first."""
        return cls(network.num_nodes, network.tail, network.head)


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
    raisable: Ints,
    lowerable: Ints,
    sources: tuple[Ints, Ints],
    sinks: tuple[Ints, Ints],
) -> Push:
    """Push as many units as possible from nodes that offer to nodes that take them.

    Parameters
    ----------
    raisable, lowerable
        How much more, and how much less, each edge could carry.
    sources, sinks
        Nodes, and how many units each offers or takes.
    """
    # Solved backwards, from sinks to sources: a twentieth faster where it is large, as
    # arcs fan out from the scarce side.
    num_nodes = graph.num_nodes
    source, sink = num_nodes, num_nodes + 1
    (from_node, offer), (to_node, take) = sources, sinks
    onward_edges = np.flatnonzero(raisable > 0)
    backward_edges = np.flatnonzero(lowerable > 0)
    cuts = np.cumsum([len(onward_edges), len(backward_edges), len(offer), len(take)])
    onward, backward, out, into = (slice(*x) for x in pairwise([0, *cuts.tolist()]))
    total = int(cuts[-1])
    if not total:
        return Push(0, np.zeros_like(raisable), offer, take, np.ones(num_nodes, bool))
    tail, head = np.empty((2, total), np.int32)
    room = np.empty(total, np.int64)
    tail[onward], head[onward] = graph.tail[onward_edges], graph.head[onward_edges]
    room[onward] = raisable[onward_edges]
    tail[backward] = graph.head[backward_edges]
    head[backward] = graph.tail[backward_edges]
    room[backward] = lowerable[backward_edges]
    tail[out], head[out], room[out] = source, from_node, offer
    tail[into], head[into], room[into] = to_node, sink, take
    solver: Any = max_flow.SimpleMaxFlow()  # its stubs misread arrays
    solver.add_arcs_with_capacity(head, tail, room)
    status = solver.solve(sink, source)
    if status != solver.OPTIMAL:
        raise SolverError("solver.maximum_flow_failed", status=status)
    flow = np.asarray(solver.flows(np.arange(total, dtype=np.int32)), np.int64)
    change = np.zeros_like(raisable)
    change[onward_edges] = flow[onward]
    change[backward_edges] -= flow[backward]
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
    mended_flow = np.clip(flow, lower, upper)
    excess = _excess(graph, mended_flow)
    surplus = np.flatnonzero(excess > 0)
    shortage = np.flatnonzero(excess < 0)
    free_edges = np.flatnonzero(lower < upper)
    pushed = push(
        Graph(graph.num_nodes, graph.tail[free_edges], graph.head[free_edges]),
        (upper - mended_flow)[free_edges],
        (mended_flow - lower)[free_edges],
        (surplus, excess[surplus]),
        (shortage, -excess[shortage]),
    )
    mended_flow[free_edges] += pushed.change
    is_mended = pushed.value == int(excess[surplus].sum())
    return mended_flow, None if is_mended else pushed.cut


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
        tails, heads = tail[edges], head[edges]
        occurs = np.zeros(graph.num_nodes, bool)
        occurs[0] = occurs[tails] = occurs[heads] = True
        nodes = np.flatnonzero(occurs)
        number[nodes] = np.arange(len(nodes))
        supply = excess[nodes]
        supply[0] = -int(supply[1:].sum())
        solver: Any = min_cost_flow.SimpleMinCostFlow()
        solver.add_arcs_with_capacity_and_unit_cost(
            number[tails],
            number[heads],
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
        position = np.arange(len(edges), dtype=np.int32)
        flow[edges] = face.lower[edges] + solver.flows(position)
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
    count, part_of_node = connected_components(links, directed=False)
    inner_end = np.where(tail[free] == 0, head[free], tail[free])
    part_of_edge = part_of_node[inner_end]
    has_cost = np.zeros(count, bool)
    has_cost[part_of_edge[cost[free] != 0]] = True
    is_priced = has_cost[part_of_edge]
    free, part_of_edge = free[is_priced], part_of_edge[is_priced]
    size = np.bincount(part_of_edge, minlength=count)
    order = np.argsort(-size, kind="stable")
    batch_of = np.empty(count, np.int64)
    batch_of[order] = (np.cumsum(size[order]) - size[order]) // BATCH
    batch = batch_of[part_of_edge]
    sizes = np.bincount(batch)
    # Numbers of 8 and 16 bits are sorted by counting.
    narrow = batch.astype(np.min_scalar_type(len(sizes)))
    by_batch = np.argsort(narrow, kind="stable")
    cuts = np.cumsum(sizes)[:-1]
    return [free[edges] for edges in np.split(by_batch, cuts) if len(edges)]


def narrowed(graph: Graph, face: Face, flow: Ints, cost: Ints) -> Face:
    """Return the face of all flows of least cost, one of which is `flow`."""
    raisable = np.flatnonzero(flow < face.upper)
    lowerable = np.flatnonzero(flow > face.lower)
    price = potentials(
        graph.num_nodes,
        np.concatenate([graph.tail[raisable], graph.head[lowerable]]),
        np.concatenate([graph.head[raisable], graph.tail[lowerable]]),
        np.concatenate([cost[raisable], -cost[lowerable]]),
    )
    if price is None:
        raise SolverError("solver.a_flow_said_to_be_of")
    reduced = cost + price[graph.tail] - price[graph.head]
    return Face(
        lower=np.where(reduced < 0, face.upper, face.lower),
        upper=np.where(reduced > 0, face.lower, face.upper),
        flow=flow,
    )

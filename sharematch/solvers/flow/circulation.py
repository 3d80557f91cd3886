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

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import max_flow, min_cost_flow
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sharematch.core.network.potentials import Exchanges
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
Shorts = NDArray[np.int32]
Bools = NDArray[np.bool_]
Positions = NDArray[np.integer[Any]]
Moves = tuple[tuple[Ints, Ints], tuple[Ints, Ints]]
"""Edges that carry more and how much, then edges that carry less and how much."""
BATCH = 500
"""Edges from which a component is solved by itself: together they would take longer (a
third of a district's least travel), each of many tiny ones has its own overhead."""
FEW = 4_000
"""Edges that are solved all at once."""
LARGE = 50_000
"""Edges from which a cheapest flow is sought from the one at hand: 0.95 of the time of
a solve with 100,000 arcs and with a million, 0.86 with ten millions."""


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


@dataclass(frozen=True, slots=True)
class Push:
    """What a maximum flow does to a residual graph."""

    value: int
    moves: Moves
    taken: Ints
    """Units from each source."""
    given: Ints
    """Units to each sink."""
    num_nodes: int
    solver: Any
    """None where there is no edge at all."""

    def cut(self) -> Bools:
        """Return the nodes on the sources' side of a tight cut.

        From these no sink can be reached any more; sources with units left are there.
        """
        cut = np.ones(self.num_nodes + 2, bool)
        if self.solver is not None:
            cut[np.asarray(self.solver.get_source_side_min_cut(), np.int64)] = False
        return cut[: self.num_nodes]


@dataclass(frozen=True, slots=True)
class _Residual:
    """How flows may change: edges that could carry more, and others backwards."""

    onward: Ints
    backward: Ints
    tail: Shorts
    head: Shorts
    room: Ints

    @classmethod
    def of(
        cls, graph: Graph, raisable: Ints, lowerable: Ints, num_more: int = 0
    ) -> "_Residual":
        """Return the graph of what each edge could carry more, and less.

        At the end it has room for `num_more` edges.
        """
        onward, backward = np.flatnonzero(raisable > 0), np.flatnonzero(lowerable > 0)
        num_onward, num = len(onward), len(onward) + len(backward)
        tail, head = np.empty((2, num + num_more), np.int32)
        room = np.empty(num + num_more, np.int64)
        for part, edges, begin, end, units in (
            (slice(num_onward), onward, graph.tail, graph.head, raisable),
            (slice(num_onward, num), backward, graph.head, graph.tail, lowerable),
        ):
            tail[part], head[part] = begin.take(edges), end.take(edges)
            room[part] = units.take(edges)
        return cls(onward, backward, tail, head, room)

    def cost(self, cost: Ints) -> Ints:
        """Return what a unit costs on each edge of it."""
        return np.concatenate([cost.take(self.onward), -cost.take(self.backward)])

    def moves(self, flow: Ints) -> Moves:
        """Return what flows on it mean for the edges of the graph."""
        num_onward, num = len(self.onward), len(self.onward) + len(self.backward)
        more, less = flow[:num_onward], flow[num_onward:num]
        raised, lowered = np.flatnonzero(more != 0), np.flatnonzero(less != 0)
        return (
            (self.onward.take(raised), more.take(raised)),
            (self.backward.take(lowered), -less.take(lowered)),
        )


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
    residual = _Residual.of(graph, raisable, lowerable, len(offer) + len(take))
    tail, head, room = residual.tail, residual.head, residual.room
    total = len(room)
    if not total:
        return Push(0, residual.moves(room), offer, take, num_nodes, None)
    into = slice(total - len(take), total)
    out = slice(into.start - len(offer), into.start)
    tail[out], head[out], room[out] = source, from_node, offer
    tail[into], head[into], room[into] = to_node, sink, take
    solver: Any = max_flow.SimpleMaxFlow()  # its stubs misread arrays
    solver.add_arcs_with_capacity(head, tail, room)
    status = solver.solve(sink, source)
    if status != solver.OPTIMAL:
        raise SolverError("solver.maximum_flow_failed", status=status)
    flow = np.asarray(solver.flows(np.arange(total, dtype=np.int32)), np.int64)
    value, moves = int(solver.optimal_flow()), residual.moves(flow)
    return Push(value, moves, flow[out], flow[into], num_nodes, solver)


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
    for edges, units in pushed.moves:
        mended_flow[free_edges[edges]] += units
    is_mended = pushed.value == int(excess[surplus].sum())
    return mended_flow, None if is_mended else pushed.cut()


def _excess(graph: Graph, flow: Ints) -> Ints:
    """Return what each node receives beyond what it sends."""
    excess = np.zeros(graph.num_nodes, np.int64)
    carrying = np.flatnonzero(flow != 0)
    units = flow.take(carrying)
    np.add.at(excess, graph.head.take(carrying), units)
    np.subtract.at(excess, graph.tail.take(carrying), units)
    return excess


def cheapest(graph: Graph, face: Face, cost: Ints) -> Ints:
    """Return a flow of least cost in the face.

    Node 0 is a hub that lets parts of the network be solved one by one.

    Raises
    ------
    SolverError
        When costs are too large for the solver's integers.
    """
    start = face.flow if len(face.flow) >= LARGE else face.lower
    residual = _Residual.of(graph, face.upper - start, start - face.lower)
    cost = residual.cost(cost)
    supply = _excess(graph, start)
    moved = np.zeros(len(cost), np.int64)
    # Edges that no part has stay as they are.
    moved[: len(residual.onward)] = (face.flow - start).take(residual.onward)
    for part in _parts(graph.num_nodes, residual, cost):
        solver: Any = min_cost_flow.SimpleMinCostFlow()
        solver.add_arcs_with_capacity_and_unit_cost(
            part.tail,
            part.head,
            residual.room.take(part.edges),
            cost.take(part.edges),
        )
        part_supply = np.append(0, supply.take(part.nodes))
        part_supply[0] = -part_supply.sum()
        solver.set_nodes_supplies(
            np.arange(len(part_supply), dtype=np.int32), part_supply
        )
        status = solver.solve()
        if status != solver.OPTIMAL:
            raise SolverError(
                "problem.maybe",
                what=Text("solver.least_cost_flow_failed_costs_may", status=status),
                hint=Text("solver.use_larger_units_for_money_or"),
            )
        position = np.arange(len(part.edges), dtype=np.int32)
        moved[part.edges] = solver.flows(position)
    flow = start.copy()
    for edges, units in residual.moves(moved):
        flow[edges] += units
    return flow


@dataclass(frozen=True, slots=True)
class _Part:
    """Edges that meet all others at the hub only.

    Their ends are counted within the part: the hub is 0, `nodes` are 1, 2, …
    """

    nodes: Ints
    edges: Ints
    tail: Shorts
    head: Shorts


def _parts(num_nodes: int, residual: _Residual, cost: Ints) -> Iterator[_Part]:
    """Yield the parts of a residual graph, small ones together.

    A part without any cost is left out: every flow in it is as good.
    """
    # Either end tells the part, unless it is the hub.
    label = _components(num_nodes, residual.tail, residual.head)
    edge_label = label.take(np.maximum(residual.tail, residual.head))
    size = np.bincount(edge_label, minlength=int(label.max(initial=0)) + 1)
    has_cost = np.zeros(len(size), bool)
    has_cost[edge_label.take(np.flatnonzero(cost != 0))] = True
    size[~has_cost] = 0
    order = np.argsort(-size, kind="stable")
    batch_of = np.empty(len(size), np.int64)
    batch_size = FEW if len(cost) < FEW else BATCH
    batch_of[order] = (np.cumsum(size[order]) - size[order]) // batch_size
    num_batches = int(batch_of[has_cost].max(initial=-1)) + 1
    # What has no cost comes last.
    batch_of[~has_cost] = num_batches
    edges_of = _by_batch(batch_of.take(edge_label), num_batches)
    nodes_of = _by_batch(batch_of.take(label[1:]), num_batches)
    number = np.zeros(num_nodes, np.int32)
    for edges, inner_nodes in zip(edges_of, nodes_of, strict=True):
        if len(edges):
            nodes = inner_nodes + 1
            number[nodes] = np.arange(1, len(nodes) + 1)
            tail, head = (
                number.take(ends.take(edges)) for ends in (residual.tail, residual.head)
            )
            yield _Part(nodes, edges, tail, head)


def _by_batch(batch: Ints, num_batches: int) -> list[Ints]:
    """Return what is in each batch, by its position."""
    sizes = np.bincount(batch, minlength=num_batches)
    # Numbers of 8 and 16 bits are sorted by counting.
    batch = batch.astype(np.min_scalar_type(num_batches))
    by_batch = np.argsort(batch, kind="stable")
    return np.split(by_batch, np.cumsum(sizes[:num_batches]))[:num_batches]


def _components(num_nodes: int, tail: Positions, head: Positions) -> Positions:
    """Return the component of each node, edges at the hub left aside.

    Of many edges every fourth joins nearly all that is joined; the others only what
    it leaves.
    """
    inner = np.flatnonzero((tail != 0) & (head != 0))
    tail, head = tail.take(inner), head.take(inner)
    if len(tail) < LARGE:
        return _linked(num_nodes, tail, head)
    label = _linked(num_nodes, tail[::4], head[::4])
    tail, head = label.take(tail), label.take(head)
    apart = np.flatnonzero(tail != head)
    more = _linked(num_nodes, tail.take(apart), head.take(apart))
    return more.take(label)


def _linked(num_nodes: int, tail: Positions, head: Positions) -> Positions:
    """Return the component of each node, numbered by their first nodes."""
    links = coo_array((np.ones(len(tail)), (tail, head)), shape=(num_nodes, num_nodes))
    links.has_canonical_format = True  # an edge twice does no harm
    label: Positions = connected_components(links.tocsr(), directed=False)[1]
    return label


def narrowed(graph: Graph, face: Face, flow: Ints, cost: Ints) -> Face:
    """Return the face of all flows of least cost, one of which is `flow`."""
    can_rise, can_fall = flow < face.upper, flow > face.lower
    exchanges = Exchanges(graph.num_nodes, graph.tail, graph.head, can_fall)
    price = exchanges.potentials(can_rise, can_fall, cost)
    if price is None:
        raise SolverError("solver.a_flow_said_to_be_of")
    reduced = cost + price[graph.tail] - price[graph.head]
    return Face(
        lower=np.where(reduced < 0, face.upper, face.lower),
        upper=np.where(reduced > 0, face.lower, face.upper),
        flow=flow,
    )

"""The residual graph of a plan: what may change in its flow, with more places too.

    a step along an edge e     where x(e) < upper(e), it gains a unit
    a step against an edge e   where x(e) > lower(e), it loses one

A way of such steps from a group to a slot is an exchange: all between stay served
(Ford and Fulkerson 1956). Bounds may grow by places and be taken back, so many places
are tried on one graph.

Four nodes: the hub, a hall, a choir served there and one that waits. With a place more
the hall's edge may rise; the way from the waiting choir leads along its pair with the
hall and out to the hub: one unit more for it, and the other keeps its place.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.codes import NONE
from sharematch.core.network.potentials import Index, potentials
from sharematch.core.network.program import Network, Program

__all__ = ["Residual", "Steps", "Trace", "within"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Positions = NDArray[np.integer[Any]]
Moves = tuple[Positions, Positions, Positions, Ints]
"""Residual steps: node, the node it leads to or comes from, edge, what that gains."""
Steps = list[tuple[int, int]]
"""Edges, and what each gains."""
OWN = ("capacity", "reserve")
"""The bounds of a slot that grow with its places."""


class Residual:
    """The flow of a plan and the bounds that it must keep, which may grow.

    Parameters
    ----------
    flow
        On all edges of the program's network.
    groups
        Nodes within which units may be exchanged among needs.

    Attributes
    ----------
    slot_node, guest_node, need_node
        The nodes that bound each slot, its guests and each need, NONE where none does.
    """

    def __init__(self, program: Program, flow: Ints, groups: Ints) -> None:
        self.network, self.flow = program.network, flow
        self._read_bounds(program)
        self._index_edges(groups)
        self._log: list[tuple[Ints, Ints, Ints]] | None = None

    def _read_bounds(self, program: Program) -> None:
        """Part the bounds of each node into those that grow with places and others."""
        network, columns = self.network, program.measures.columns
        self._own, self._other = np.full((2, network.num_nodes), network.unbounded)
        slots = len(columns.slot_ids)
        self.slot_node, self.guest_node = np.full((2, slots), NONE, np.int64)
        self.need_node = np.full(len(columns.need_ids), NONE)
        bounds = {source: upper for source, _, _, upper in program.layers}
        for source, _, node in program.places:
            if source not in bounds:
                continue
            there = node != NONE
            is_own = source.kind in OWN
            upper = self._own if is_own else self._other
            np.minimum.at(upper, node[there], bounds[source][there])
            if source.kind == "quantity":
                self.need_node = node
            if is_own:
                is_capacity = source.kind == "capacity"
                slot_bound = self.slot_node if is_capacity else self.guest_node
                slot_bound[there] = node[there]
        self._lower = network.lower
        self._upper = network.upper.copy()
        self._upper[: network.num_arcs] = network.unbounded

    def _index_edges(self, groups: Ints) -> None:
        """Keep the edges within groups and on the way to the hub, by their ends."""
        network, num = self.network, self.network.num_nodes
        inside = within(network, groups)
        kept = np.ones(len(network.tail), bool)
        nodes = np.arange(1, num)
        is_slots = ~network.on_need_side[nodes]
        kept[network.num_arcs :] = np.where(
            is_slots,
            network.parent[nodes] != 0,
            inside[network.parent[nodes]],
        )
        self._edges = np.flatnonzero(kept)
        ends = network.tail[self._edges], network.head[self._edges]
        self._out, self._into = (Index(end, self._edges, num) for end in ends)

    # ---- what may change

    def can_rise(self, edge: Ints) -> Bools:
        """Return which edges may carry a unit more."""
        return np.asarray(self.flow[edge] < self._upper[edge], bool)

    def can_fall(self, edge: Ints) -> Bools:
        """Return which edges may carry a unit less."""
        return np.asarray(self.flow[edge] > self._lower[edge], bool)

    def leads_out(self, slots: Ints) -> Bools:
        """Return whether a unit that one more place takes goes on to the hub.

        That is so where nothing around the slot is full, and no other bound shares its
        node or that of its guests.
        """
        network = self.network
        node, guest = self.slot_node[slots], self.guest_node[slots]
        good = node != NONE
        for side in (node, guest):
            edge = network.edge_of(side)
            good &= (side == NONE) | (self._other[side] > self.flow[edge])
        above = np.where(node == NONE, 0, network.parent[node])
        for _ in range(int(network.depth.max(initial=0))):
            good &= (above == 0) | self.can_rise(network.edge_of(above))
            above = network.parent[above]
        return np.asarray(good, bool)

    def spread(self, source: Ints, price: Ints) -> Ints:
        """Return for each node the least price of the sources that reach it, or 0."""
        network, edges = self.network, self._edges
        more, less = edges[self.can_rise(edges)], edges[self.can_fall(edges)]
        begin = np.concatenate([network.tail[more], network.head[less]])
        end = np.concatenate([network.head[more], network.tail[less]])
        num = network.num_nodes
        # Shortest ways from an extra node, which leads to each source at its price.
        price_of = potentials(
            num + 1,
            np.concatenate([begin, np.full(len(source), num)]),
            np.concatenate([end, source]),
            np.concatenate([np.zeros(len(begin), np.int64), price]),
        )
        assert price_of is not None  # no length is below 0 on a cycle
        return price_of[:num]

    def steps(self, nodes: Ints, sign: int) -> Moves:
        """Return residual steps out of nodes (sign 1) or into them (sign -1)."""
        network = self.network
        rising, falling = self._out, self._into
        far_rising, far_falling = network.head, network.tail
        if sign < 0:
            rising, falling = falling, rising
            far_rising, far_falling = far_falling, far_rising
        row, edge = rising.of(nodes)
        good = self.can_rise(edge)
        more = nodes[row[good]], far_rising[edge[good]], edge[good]
        row, edge = falling.of(nodes)
        good = self.can_fall(edge)
        less = nodes[row[good]], far_falling[edge[good]], edge[good]
        near, far, edge = (np.concatenate(x) for x in zip(more, less, strict=True))
        gain = np.repeat([1, -1], [len(more[0]), len(less[0])])
        return near, far, edge, gain

    def chain(self, node: int, change: int) -> Iterator[tuple[int, int]]:
        """Yield the edges between a node and the hub, with what they gain."""
        while node:
            yield node + self.network.num_arcs - 1, change
            node = int(self.network.parent[node])

    # ---- changes

    @contextmanager
    def trial(self) -> Iterator[None]:
        """Undo afterwards what is changed within."""
        kept, self._log = self._log, []
        try:
            yield
        finally:
            for array, index, before in reversed(self._log):
                array[index] = before
            self._log = kept

    def _set(self, array: Ints, index: Ints, value: Ints) -> None:
        if self._log is not None:  # what a trial changes is put back in reverse order
            self._log.append((array, index, array[index].copy()))
        array[index] = value

    def open(self, slot: int) -> tuple[Ints, Ints, Ints]:
        """Give a slot one place more; return what `close` needs to take it away."""
        nodes = np.unique([self.slot_node[slot], self.guest_node[slot]])
        nodes = nodes[nodes != NONE]
        edges = self.network.edge_of(nodes)
        undo = nodes, self._own[nodes].copy(), self._upper[edges].copy()
        self._set(self._own, nodes, self._own[nodes] + 1)
        self._set(self._upper, edges, np.minimum(self._own[nodes], self._other[nodes]))
        return undo

    def close(self, undo: tuple[Ints, Ints, Ints]) -> None:
        """Take a place away again."""
        nodes, places, upper = undo
        self._set(self._own, nodes, places)
        self._set(self._upper, self.network.edge_of(nodes), upper)

    def push(self, steps: Iterable[tuple[int, int]]) -> None:
        """Change the flow of edges by what each gains."""
        gain: dict[int, int] = {}
        for edge, change in steps:
            gain[edge] = gain.get(edge, 0) + change
        edges = np.array([*gain], np.int64)
        self._set(self.flow, edges, self.flow[edges] + np.array([*gain.values()]))


def within(network: Network, nodes: Ints) -> Bools:
    """Return which nodes stand in some of the sets that these nodes are."""
    inside = np.zeros(network.num_nodes, bool)
    inside[nodes] = True
    for _ in range(int(network.depth.max(initial=0))):
        inside |= inside[network.parent]
    return inside


class Trace:
    """Which nodes a search has seen, and the step that led to each."""

    def __init__(self, starts: Ints) -> None:
        self._before: dict[int, tuple[int, int, int]] = {}
        self._starts = set(starts.tolist())

    def follow(self, steps: Moves) -> Ints:
        """Note steps to nodes not seen yet; return these."""
        near, far, edge, gain = steps
        new, first = np.unique(far, return_index=True)
        fresh = []
        for node, position in zip(new.tolist(), first.tolist(), strict=True):
            if node not in self._before and node not in self._starts:
                step = near[position], edge[position], gain[position]
                self._before[node] = (int(step[0]), int(step[1]), int(step[2]))
                fresh.append(node)
        return np.array(fresh, np.int64)

    def steps(self, node: int) -> Steps:
        """Return edges and their gains between a node and where the search began."""
        steps = []
        while node not in self._starts:
            node, edge, gain = self._before[node]
            steps.append((edge, gain))
        return steps

    def start_of(self, node: int) -> int:
        """Return where the search that found a node began."""
        while node not in self._starts:
            node = self._before[node][0]
        return node

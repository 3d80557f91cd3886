"""What more places bring, read off the residual graph of an optimal plan.

One place more lets at most one group gain a unit: the one worst off among those that
can reach the place along a path of exchanges. That is exact where the groups' units
form a polymatroid, for adding a place is an elementary lift of it, and the greedy bases
of a matroid and of its lift are nested (Oxley, *Matroid Theory*, 7.3). Several places
are added one by one. Nothing is solved anew.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns import NONE
from sharematch.core.lookup import expand
from sharematch.core.potentials import potentials
from sharematch.core.program import GroupGoal, Network, Program
from sharematch.solvers.flow import Face
from sharematch.solvers.leximin import contract

__all__ = ["Move", "Residual", "residual"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Steps = list[tuple[int, int]]
"""Edges, and what each gains."""
Key = tuple[Fraction, int]
"""Of a unit: the ratio before it, then the group's weight; the least comes first."""
OWN = ("capacity", "reserve")
"""The bounds of a slot that grow with its places."""


@dataclass(frozen=True, slots=True)
class Move:
    """What one more place does: a group gains a unit, another may lose one.

    Positions among the groups; `lowered` is NONE where nobody loses. With no goal
    between groups `raised` says nothing.
    """

    slot: int
    key: Key
    raised: int
    lowered: int = NONE


def residual(program: Program, units: Ints) -> "Residual | None":
    """Return the residual graph of an optimal plan, None where it does not tell all.

    It does where the first goal is leximin of groups of needs that hold every unit
    and that no bound binds together, or to serve as many as possible; the latter may
    also come before the former, which it never contradicts.
    """
    network = program.network
    goals = list(program.goals)
    while goals and not isinstance(goals[0], GroupGoal):
        if not (goals[0].cost == -1).all() or not len(goals[0].cost):
            break
        goals.pop(0)
    if goals and isinstance(goals[0], GroupGoal):
        goal = goals[0]
        some = goal.node[goal.node != NONE]
        if goal.sign < 0 or not len(some) or not network.on_need_side[some].all():
            return None
        flow = network.complete(units[program.arc_of_edge])
        face = Face(network.lower, network.upper, flow)
        outer = contract(network, face, some)[network.parent[some]]
        if outer.any() or not _has_all_needs(network, some):
            return None
        return Residual(program, flow, goal)
    if len(goals) == len(program.goals):
        return None
    return Residual(program, network.complete(units[program.arc_of_edge]), None)


def _within(network: Network, nodes: Ints) -> Bools:
    """Return which nodes stand in some of the sets that these nodes are."""
    inside = np.zeros(network.num_nodes, bool)
    inside[nodes] = True
    for _ in range(int(network.depth.max(initial=0))):
        inside |= inside[network.parent]
    return inside


def _has_all_needs(network: Network, groups: Ints) -> bool:
    """Return whether every need that asks for anything is in some group."""
    need = network.tail[: network.num_arcs]
    asks = network.upper[network.edge_of(need)] > 0
    return bool((_within(network, groups)[need] | ~asks).all())


class Residual:
    """An optimal plan, and what it could still do with more places.

    Parameters
    ----------
    flow
        On all edges of the program's network.
    goal
        Whose groups gain; None if only the number of units counts.
    """

    def __init__(self, program: Program, flow: Ints, goal: GroupGoal | None) -> None:
        self.program, self.network, self.flow = program, program.network, flow
        network, num = self.network, self.network.num_nodes
        self._read_bounds()
        outermost = np.flatnonzero((network.parent == 0) & network.on_need_side)
        if goal is None:
            node = outermost[outermost > 0]
            self.start, self.weight = np.zeros((2, len(node)), np.int64)
        else:
            node, self.start, self.weight = goal.node, goal.start, goal.weight
        self.goal = goal
        self.counts = goal is None
        self.node = node
        here = np.flatnonzero(node != NONE)
        self.group_at = np.full(num, NONE, np.int64)
        self.group_at[node[here]] = here
        self.level = np.where(node == NONE, 0, flow[network.edge_of(node)])
        self._index_edges()
        self.keys, self.first, self.label = self._labels()
        self._is_bounded = True
        self._log: list[tuple[NDArray[np.int64], Ints, Ints]] | None = None

    # ---- what may change

    def _read_bounds(self) -> None:
        """Part the bounds of each node into those that grow with places and others."""
        network, program = self.network, self.program
        self.own, self.other = np.full((2, network.num_nodes), network.unbounded)
        slots = len(program.measures.columns.slot_ids)
        self.slot_node, self.guest_node = np.full((2, slots), NONE, np.int64)
        self.need_node = np.full(len(program.measures.columns.need_ids), NONE)
        bounds = {source: upper for source, _, _, upper in program.layers}
        for source, _, node in program.places:
            if source not in bounds:
                continue
            there = node != NONE
            is_own = source.kind in OWN
            of = self.own if is_own else self.other
            np.minimum.at(of, node[there], bounds[source][there])
            if source.kind == "quantity":
                self.need_node = node
            if is_own:
                (self.slot_node if source.kind == "capacity" else self.guest_node)[
                    there
                ] = node[there]
        self.lower = network.lower
        self.upper = network.upper.copy()
        self.upper[: network.num_arcs] = network.unbounded

    def _index_edges(self) -> None:
        """Keep the edges within groups and on the way to the hub, by their ends."""
        network, num = self.network, self.network.num_nodes
        inside = _within(network, self.node[self.node != NONE])
        kept = np.ones(len(network.tail), bool)
        nodes = np.arange(1, num)
        is_slots = ~network.on_need_side[nodes]
        kept[network.num_arcs :] = np.where(
            is_slots,
            network.parent[nodes] != 0,
            inside[network.parent[nodes]],
        )
        self.edges = np.flatnonzero(kept)
        ends = network.tail[self.edges], network.head[self.edges]
        self._out, self._into = (_Index(end, self.edges, num) for end in ends)

    def _can_rise(self, edge: Ints) -> Bools:
        return np.asarray(self.flow[edge] < self.upper[edge], bool)

    def _can_fall(self, edge: Ints) -> Bools:
        return np.asarray(self.flow[edge] > self.lower[edge], bool)

    def key(self, group: int, units: int = 0) -> Key:
        """Return the key of a group's next unit, or of one before or after it."""
        if self.counts:
            return Fraction(0), 0
        weight = int(self.weight[group])
        over = int(self.start[group] + self.level[group]) + units
        return Fraction(over, weight), weight

    def _is_loose(self, group: int, *, up: bool) -> bool:
        edge = self.network.edge_of(self.node[[group]])
        return bool((self._can_rise if up else self._can_fall)(edge)[0])

    # ---- one place more, for all slots at once

    def _labels(self) -> tuple[list[Key], Ints, Ints]:
        """Return keys in order, their groups, and the first one that reaches each node.

        Positions in the keys; their number where no group can reach a node.
        """
        here = np.flatnonzero(self.node != NONE)
        here = here[self._can_rise(self.network.edge_of(self.node[here]))]
        if self.counts:
            keys = [(Fraction(0), 0)] * len(here)
        else:
            pairs = np.stack([(self.start + self.level)[here], self.weight[here]], 1)
            unique, place = np.unique(pairs, axis=0, return_inverse=True)
            known = [(Fraction(a, b), b) for a, b in unique.tolist()]
            order = sorted(range(len(known)), key=known.__getitem__)
            rank = np.empty(len(known), np.int64)
            rank[order] = np.arange(len(known))
            by_key = np.argsort(rank[place.reshape(-1)], kind="stable")
            here = here[by_key]
            keys = [known[i] for i in place.reshape(-1)[by_key].tolist()]
        price = np.arange(len(here)) - len(here)
        return keys, here, self._spread(self.node[here], price) + len(here)

    def _spread(self, source: Ints, price: Ints) -> Ints:
        """Return for each node the least price of the sources that reach it, or 0."""
        network, edges = self.network, self.edges
        more, less = edges[self._can_rise(edges)], edges[self._can_fall(edges)]
        begin = np.concatenate([network.tail[more], network.head[less]])
        end = np.concatenate([network.head[more], network.tail[less]])
        num = network.num_nodes
        price_of = potentials(
            num + 1,
            np.concatenate([begin, np.full(len(source), num)]),
            np.concatenate([end, source]),
            np.concatenate([np.zeros(len(begin), np.int64), price]),
        )
        assert price_of is not None  # no length is below 0 on a cycle
        return price_of[:num]

    def first_moves(self) -> list[list[Move]]:
        """Return what one more place at each slot does; nothing where it is empty."""
        reach = np.append(self.label, len(self.keys))
        rank = np.minimum(reach[self.slot_node], reach[self.guest_node])
        leads = self._leads_out(np.arange(len(rank)))
        moves: list[list[Move]] = [[] for _ in range(len(rank))]
        for slot in np.flatnonzero(rank < len(self.keys)).tolist():
            if leads[slot]:
                at = int(rank[slot])
                moves[slot] = [Move(slot, self.keys[at], int(self.first[at]))]
            else:
                with self.trial():
                    moves[slot] = self.extend(np.array([slot]), 1)
        return moves

    @property
    def always_leads(self) -> bool:
        """Whether nothing but their own places bounds any slot, so gains are nested."""
        slots = np.flatnonzero(self.slot_node != NONE)
        return bool(self._leads_out(slots).all())

    def may_push(self, needs: Ints) -> bool:
        """Return whether some group could send a unit more to one of these needs."""
        node = self.need_node[needs]
        return bool((node == NONE).any() or (self.label[node] < len(self.keys)).any())

    def _leads_out(self, slots: Ints) -> Bools:
        """Return whether a unit that one more place takes goes on to the hub.

        That is so where nothing around the slot is full, and no other bound shares its
        node or that of its guests.
        """
        network = self.network
        node, guest = self.slot_node[slots], self.guest_node[slots]
        good = node != NONE
        for own in (node, guest):
            edge = network.edge_of(own)
            good &= (own == NONE) | (self.other[own] > self.flow[edge])
        above = np.where(node == NONE, 0, network.parent[node])
        for _ in range(int(network.depth.max(initial=0))):
            good &= (above == 0) | self._can_rise(network.edge_of(above))
            above = network.parent[above]
        return np.asarray(good, bool)

    # ---- more places, one by one

    @contextmanager
    def trial(self) -> Iterator[None]:
        """Undo afterwards what is added within."""
        kept = self._log, self._is_bounded
        self._log = []
        try:
            yield
        finally:
            for array, index, before in reversed(self._log):
                array[index] = before
            self._log, self._is_bounded = kept

    def _set(self, array: Ints, index: Ints, value: Ints) -> None:
        if self._log is not None:
            self._log.append((array, index, array[index].copy()))
        array[index] = value

    def extend(self, slots: Ints, count: int) -> list[Move]:
        """Add places, each at the best of some slots, as long as one brings anything.

        Parameters
        ----------
        slots
            Positions of slots.
        count
            The most places.
        """
        moves: list[Move] = []
        for _ in range(count):
            more = self._one_more(slots)
            if not more:
                break
            moves += more
        return moves

    def _one_more(self, slots: Ints) -> list[Move]:
        slots = slots[self.slot_node[slots] != NONE]
        leads = self._leads_out(slots)
        best, steps = self._through(slots[leads])
        for slot in slots[~leads].tolist():
            undo = self._open(slot)
            one = self._exchange(slot)
            self._close(undo)
            if one is not None and (best is None or self._is_better(one[0], best)):
                best, steps = one
        if best is None:
            return []
        self._open(best.slot)
        self._push(best, steps)
        moves = [best]
        is_lift = bool(leads[slots == best.slot].all())
        if not is_lift:
            self._is_bounded = False  # others may come first again
        while self.guest_node[best.slot] != NONE and not is_lift:
            # Two bounds have opened, and each may let an exchange through.
            one = self._exchange(best.slot)
            if one is None:
                break
            self._push(*one)
            moves.append(one[0])
        return moves

    def _through(self, slots: Ints) -> tuple[Move | None, Steps]:
        """Return the best move through slots that nothing around them bounds."""
        nodes = np.stack([self.slot_node[slots], self.guest_node[slots]], axis=1)
        row, _ = np.nonzero(nodes != NONE)
        starts, first = np.unique(nodes[nodes != NONE], return_index=True)
        found = self._origin(starts)
        if found is None:
            return None, []
        key, group, start, steps = found
        slot = int(slots[row[first[np.searchsorted(starts, start)]]])
        return Move(slot, key, group), [*steps, *self._chain(start, 1)]

    def _is_better(self, move: Move, than: Move) -> bool:
        if move.key != than.key:
            return move.key < than.key
        if NONE in (move.lowered, than.lowered):
            return move.lowered == NONE != than.lowered
        return self.key(move.lowered, -1) > self.key(than.lowered, -1)

    def _open(self, slot: int) -> tuple[Ints, Ints, Ints]:
        nodes = np.unique([self.slot_node[slot], self.guest_node[slot]])
        nodes = nodes[nodes != NONE]
        edges = self.network.edge_of(nodes)
        undo = nodes, self.own[nodes].copy(), self.upper[edges].copy()
        self._set(self.own, nodes, self.own[nodes] + 1)
        self._set(self.upper, edges, np.minimum(self.own[nodes], self.other[nodes]))
        return undo

    def _close(self, undo: tuple[Ints, Ints, Ints]) -> None:
        nodes, own, upper = undo
        self._set(self.own, nodes, own)
        self._set(self.upper, self.network.edge_of(nodes), upper)

    def _origin(self, starts: Ints) -> tuple[Key, int, int, Steps] | None:
        """Return the best group that reaches some nodes: key, group, node, steps."""
        trace = _Trace(starts)
        pending: dict[int, list[Ints]] = {}
        best: tuple[Key, int] | None = None
        fresh = starts
        while True:
            best = self._first_group(fresh, best)
            bound = self._bound(fresh)
            for level in np.unique(bound).tolist():
                if level < len(self.keys) or not self._is_bounded:
                    pending.setdefault(level, []).append(fresh[bound == level])
            if not pending:
                break
            level = min(pending)
            if self._is_bounded and best is not None and best[0] <= self.keys[level]:
                break
            fresh = trace.follow(self._steps(np.concatenate(pending.pop(level)), -1))
        if best is None:
            return None
        key, group = best
        steps = trace.steps(int(self.node[group]))
        start = trace.start_of(int(self.node[group]))
        return key, group, start, [*self._chain(int(self.node[group]), 1), *steps]

    def _bound(self, nodes: Ints) -> Ints:
        """Return the first key that can reach nodes at best: it never gets better."""
        return self.label[nodes] if self._is_bounded else np.zeros(len(nodes), np.int64)

    def _first_group(
        self, nodes: Ints, best: tuple[Key, int] | None
    ) -> tuple[Key, int] | None:
        groups = self.group_at[nodes]
        for group in groups[groups != NONE].tolist():
            if self._is_loose(group, up=True):
                key = self.key(group)
                if best is None or (key, group) < best:
                    best = key, group
        return best

    def _steps(self, nodes: Ints, sign: int) -> tuple[Ints, Ints, Ints, Ints]:
        """Return residual steps out of nodes (sign 1) or into them (sign -1).

        As node, the node it leads to or comes from, edge, and what the edge gains.
        """
        network = self.network
        rising, falling = self._out, self._into
        far_rising, far_falling = network.head, network.tail
        if sign < 0:
            rising, falling = falling, rising
            far_rising, far_falling = far_falling, far_rising
        row, edge = rising.of(nodes)
        good = self._can_rise(edge)
        more = nodes[row[good]], far_rising[edge[good]], edge[good]
        row, edge = falling.of(nodes)
        good = self._can_fall(edge)
        less = nodes[row[good]], far_falling[edge[good]], edge[good]
        near, far, edge = (np.concatenate(x) for x in zip(more, less, strict=True))
        gain = np.repeat([1, -1], [len(more[0]), len(less[0])])
        return near, far, edge, gain

    def _exchange(self, slot: int) -> tuple[Move, Steps] | None:
        """Return the best move through a slot, whatever bounds what is around it."""
        bounded, self._is_bounded = self._is_bounded, False
        found = self._origin(self.slot_node[[slot]])
        self._is_bounded = bounded
        if found is None:
            return None
        key, group, start, steps = found
        way = self._way_out(start, key)
        if way is None:
            return None
        return Move(slot, key, group, way[1]), [*steps, *way[0]]

    def _way_out(self, node: int, key: Key) -> tuple[Steps, int] | None:
        """Return steps from a slot to the hub, or to a group that may lose a unit.

        Only to one whose last unit comes after `key`, the last such.
        """
        network = self.network
        fresh = np.array([node])
        trace = _Trace(fresh)
        worst: tuple[Key, int] | None = None
        while len(fresh):
            is_slots = ~network.on_need_side[fresh]
            outer = fresh[(network.parent[fresh] == 0) & is_slots]
            out = outer[self._can_rise(network.edge_of(outer))]
            if len(out):
                there = int(out[0])
                return [*trace.steps(there), *self._chain(there, 1)], NONE
            groups = self.group_at[fresh]
            for group in groups[groups != NONE].tolist():
                last = self.key(group, -1)
                is_later = last > key and (worst is None or last > worst[0])
                if is_later and self._is_loose(group, up=False):
                    worst = last, group
            fresh = trace.follow(self._steps(fresh, 1))
        if worst is None:
            return None
        there = int(self.node[worst[1]])
        return [*trace.steps(there), *self._chain(there, -1)], worst[1]

    def _push(self, move: Move, steps: Steps) -> None:
        gain: dict[int, int] = {}
        for edge, change in steps:
            gain[edge] = gain.get(edge, 0) + change
        edges = np.array([*gain], np.int64)
        self._set(self.flow, edges, self.flow[edges] + np.array([*gain.values()]))
        groups = np.array([g for g in (move.raised, move.lowered) if g != NONE])
        own = self.network.edge_of(self.node[groups])
        self._set(self.level, groups, self.flow[own])

    def _chain(self, node: int, change: int) -> Iterator[tuple[int, int]]:
        """Yield the edges between a node and the hub, with what they gain."""
        while node:
            yield node + self.network.num_arcs - 1, change
            node = int(self.network.parent[node])


class _Index:
    """Edges by one of their ends."""

    def __init__(self, end: Ints, edges: Ints, num_nodes: int) -> None:
        order = np.argsort(end, kind="stable")
        self._edges = edges[order]
        self._first = np.searchsorted(end[order], np.arange(num_nodes + 1))

    def of(self, nodes: Ints) -> tuple[Ints, Ints]:
        """Return (row, edge) for every edge at each of the nodes."""
        row, at = expand(self._first[nodes], self._first[nodes + 1])
        return row, self._edges[at]


class _Trace:
    """Which nodes a search has seen, and the step that led to each."""

    def __init__(self, starts: Ints) -> None:
        self._before: dict[int, tuple[int, int, int]] = {}
        self._starts = set(starts.tolist())

    def follow(self, steps: tuple[Ints, Ints, Ints, Ints]) -> Ints:
        """Note steps to nodes not seen yet; return these."""
        near, far, edge, gain = steps
        new, first = np.unique(far, return_index=True)
        fresh = []
        for node, at in zip(new.tolist(), first.tolist(), strict=True):
            if node not in self._before and node not in self._starts:
                self._before[node] = int(near[at]), int(edge[at]), int(gain[at])
                fresh.append(node)
        return np.array(fresh, np.int64)

    def steps(self, node: int) -> Steps:
        """Return edges and their gains between a node and where the search began."""
        found = []
        while node not in self._starts:
            node, edge, gain = self._before[node]
            found.append((edge, gain))
        return found

    def start_of(self, node: int) -> int:
        """Return where the search that found a node began."""
        while node not in self._starts:
            node = self._before[node][0]
        return node

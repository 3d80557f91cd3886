"""What more places bring, read off the residual graph of an optimal plan.

One place more lets at most one group gain a unit: the one worst off among those that
can reach the place along a path of exchanges. That is exact where the groups' units
form a polymatroid, for adding a place is an elementary lift of it, and the greedy bases
of a matroid and of its lift are nested (Oxley, *Matroid Theory*, 7.3). Several places
are added one by one. Nothing is solved anew.

    gain(slot) = the least key of a group that reaches the slot in the residual graph,
    key(group) = (ratio before its next unit, weight)

Four nodes: the hub, a full station, Tianfeng with 1 of 4 and Lianqiao with 1 of 2. A
place more there goes to Tianfeng, whose key (1/4, 4) comes before (1/2, 2). Could only
Lianqiao reach the station, one of its units elsewhere would move there, and Tianfeng
get the place that this leaves.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from sharematch.analysis.advice.residual import Residual, Steps, Trace, within
from sharematch.core.columns.codes import NONE
from sharematch.core.network.program import GroupGoal, Network, Program
from sharematch.solvers.flow.circulation import Face
from sharematch.solvers.flow.leximin import contract

__all__ = ["Gains", "Move", "gains"]

Ints = NDArray[np.int64]
Key = tuple[Fraction, int]
"""Of a unit: the ratio before it, then the group's weight; the least comes first."""


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


def gains(program: Program, units: Ints) -> "Gains | None":
    """Return what an optimal plan could gain, None where its graph does not tell all.

    It does where the first goal is leximin of groups of needs that hold every unit
    and that no bound binds together, or to serve as many as possible; the latter may
    also come before the former, which it never contradicts.
    """
    network = program.network
    goals = list(program.goals)
    while goals and not isinstance(goals[0], GroupGoal):
        if not (goals[0].cost == -1).all() or not len(goals[0].cost):
            break
        if goals[0].has_drops:
            break
        goals.pop(0)
    if goals and isinstance(goals[0], GroupGoal):
        goal = goals[0]
        group_node = goal.node[goal.node != NONE]
        if (
            goal.sign < 0
            or not len(group_node)
            or not network.on_need_side[group_node].all()
        ):
            return None
        flow = network.complete(units[program.arc_of_edge])
        face = Face(network.lower, network.upper, flow)
        outer = contract(network, face, group_node)[network.parent[group_node]]
        if outer.any() or not _has_all_needs(network, group_node):
            return None
        return Gains(program, flow, goal)
    if len(goals) == len(program.goals):
        return None
    return Gains(program, network.complete(units[program.arc_of_edge]), None)


def _has_all_needs(network: Network, groups: Ints) -> bool:
    """Return whether every need that asks for anything is in some group."""
    need = network.tail[: network.num_arcs]
    asks = network.upper[network.edge_of(need)] > 0
    return bool((within(network, groups)[need] | ~asks).all())


class Gains:
    """The groups of an optimal plan, and what they would gain with more places.

    Parameters
    ----------
    flow
        On all edges of the program's network.
    goal
        Whose groups gain; None if only the number of units counts.
    """

    def __init__(self, program: Program, flow: Ints, goal: GroupGoal | None) -> None:
        network = self.network = program.network
        outermost = np.flatnonzero((network.parent == 0) & network.on_need_side)
        if goal is None:
            node = outermost[outermost > 0]
            self.start, self.weight = np.zeros((2, len(node)), np.int64)
        else:
            node, self.start, self.weight = goal.node, goal.start, goal.weight
        self.goal = goal
        self.node = node
        here = np.flatnonzero(node != NONE)
        self.group_at = np.full(network.num_nodes, NONE, np.int64)
        self.group_at[node[here]] = here
        self.graph = Residual(program, flow, node[here])
        self.keys, self.first, self.label = self._labels(here)
        self._is_bounded = True

    def key(self, group: int, units: int = 0) -> Key:
        """Return the key of a group's next unit, or of one before or after it."""
        if self.goal is None:
            return Fraction(0), 0
        weight = int(self.weight[group])
        edge = self.network.edge_of(self.node[group])
        over = int(self.start[group] + self.graph.flow[edge]) + units
        return Fraction(over, weight), weight

    def _is_loose(self, group: int, *, up: bool) -> bool:
        edge = self.network.edge_of(self.node[[group]])
        return bool((self.graph.can_rise if up else self.graph.can_fall)(edge)[0])

    # ---- one place more, for all slots at once

    def _labels(self, here: Ints) -> tuple[list[Key], Ints, Ints]:
        """Return keys in order, their groups, and the first one that reaches each node.

        Positions in the keys; their number where no group can reach a node.
        """
        here = here[self.graph.can_rise(self.network.edge_of(self.node[here]))]
        if self.goal is None:
            keys = [(Fraction(0), 0)] * len(here)
        else:
            level = self.graph.flow[self.network.edge_of(self.node[here])]
            pairs = np.stack([self.start[here] + level, self.weight[here]], 1)
            unique, place = np.unique(pairs, axis=0, return_inverse=True)
            known = [(Fraction(a, b), b) for a, b in unique.tolist()]
            order = sorted(range(len(known)), key=known.__getitem__)
            rank = np.empty(len(known), np.int64)
            rank[order] = np.arange(len(known))
            by_key = np.argsort(rank[place.reshape(-1)], kind="stable")
            here = here[by_key]
            keys = [known[i] for i in place.reshape(-1)[by_key].tolist()]
        # The least price that reaches a node is the first key's; below 0, for 0 is said
        # of nodes that none reaches.
        price = np.arange(len(here)) - len(here)
        return keys, here, self.graph.spread(self.node[here], price) + len(here)

    def first_moves(self) -> list[list[Move]]:
        """Return what one more place at each slot does; nothing where it is empty."""
        graph = self.graph
        reach = np.append(self.label, len(self.keys))
        rank = np.minimum(reach[graph.slot_node], reach[graph.guest_node])
        leads = graph.leads_out(np.arange(len(rank)))
        moves: list[list[Move]] = [[] for _ in range(len(rank))]
        for slot in np.flatnonzero(rank < len(self.keys)).tolist():
            if leads[slot]:
                label = int(rank[slot])
                moves[slot] = [Move(slot, self.keys[label], int(self.first[label]))]
            else:
                with self.trial():
                    moves[slot] = self.extend(np.array([slot]), 1)
        return moves

    @property
    def always_leads(self) -> bool:
        """Whether nothing but their own places bounds any slot, so gains are nested."""
        slots = np.flatnonzero(self.graph.slot_node != NONE)
        return bool(self.graph.leads_out(slots).all())

    def may_push(self, needs: Ints) -> bool:
        """Return whether some group could send a unit more to one of these needs."""
        node = self.graph.need_node[needs]
        return bool((node == NONE).any() or (self.label[node] < len(self.keys)).any())

    # ---- more places, one by one

    @contextmanager
    def trial(self) -> Iterator[None]:
        """Undo afterwards what is added within."""
        kept = self._is_bounded
        with self.graph.trial():
            try:
                yield
            finally:
                self._is_bounded = kept

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
        graph = self.graph
        slots = slots[graph.slot_node[slots] != NONE]
        leads = graph.leads_out(slots)
        best, steps = self._through(slots[leads])
        # Where other bounds stand around a slot, a place more may open nothing, or make
        # somebody lose a unit: looked at with the place there.
        for slot in slots[~leads].tolist():
            undo = graph.open(slot)
            exchange = self._exchange(slot)
            graph.close(undo)
            if exchange is not None and (
                best is None or self._is_better(exchange[0], best)
            ):
                best, steps = exchange
        if best is None:
            return []
        graph.open(best.slot)
        graph.push(steps)
        moves = [best]
        is_lift = bool(leads[slots == best.slot].all())
        if not is_lift:
            self._is_bounded = False  # others may come first again
        while graph.guest_node[best.slot] != NONE and not is_lift:
            # Two bounds have opened, and each may let an exchange through.
            exchange = self._exchange(best.slot)
            if exchange is None:
                break
            graph.push(exchange[1])
            moves.append(exchange[0])
        return moves

    def _through(self, slots: Ints) -> tuple[Move | None, Steps]:
        """Return the best move through slots that nothing around them bounds."""
        graph = self.graph
        nodes = np.stack([graph.slot_node[slots], graph.guest_node[slots]], axis=1)
        row, _ = np.nonzero(nodes != NONE)
        starts, first = np.unique(nodes[nodes != NONE], return_index=True)
        origin = self._origin(starts)
        if origin is None:
            return None, []
        key, group, start, steps = origin
        slot = int(slots[row[first[np.searchsorted(starts, start)]]])
        return Move(slot, key, group), [*steps, *graph.chain(start, 1)]

    def _is_better(self, move: Move, than: Move) -> bool:
        if move.key != than.key:
            return move.key < than.key
        if NONE in (move.lowered, than.lowered):
            return move.lowered == NONE != than.lowered
        return self.key(move.lowered, -1) > self.key(than.lowered, -1)

    def _origin(self, starts: Ints) -> tuple[Key, int, int, Steps] | None:
        """Return the best group that reaches some nodes: key, group, node, steps."""
        trace = Trace(starts)
        pending: dict[int, list[Ints]] = {}
        best: tuple[Key, int] | None = None
        fresh = starts
        # Best first: a node's label bounds all that is found beyond it, for no group
        # comes nearer to a place by what was added. Until no bound is better.
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
            nodes = np.concatenate(pending.pop(level))
            fresh = trace.follow(self.graph.steps(nodes, -1))
        if best is None:
            return None
        key, group = best
        there = int(self.node[group])
        steps = [*self.graph.chain(there, 1), *trace.steps(there)]
        return key, group, trace.start_of(there), steps

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

    def _exchange(self, slot: int) -> tuple[Move, Steps] | None:
        """Return the best move through a slot, whatever bounds what is around it."""
        bounded, self._is_bounded = self._is_bounded, False
        origin = self._origin(self.graph.slot_node[[slot]])
        self._is_bounded = bounded
        if origin is None:
            return None
        key, group, start, steps = origin
        way = self._way_out(start, key)
        if way is None:
            return None
        return Move(slot, key, group, way[1]), [*steps, *way[0]]

    def _way_out(self, node: int, key: Key) -> tuple[Steps, int] | None:
        """Return steps from a slot to the hub, or to a group that may lose a unit.

        Only to one whose last unit comes after `key`, the last such.
        """
        network, graph = self.network, self.graph
        fresh = np.array([node])
        trace = Trace(fresh)
        worst: tuple[Key, int] | None = None
        while len(fresh):
            is_slots = ~network.on_need_side[fresh]
            outer = fresh[(network.parent[fresh] == 0) & is_slots]
            out = outer[graph.can_rise(network.edge_of(outer))]
            if len(out):
                there = int(out[0])
                return [*trace.steps(there), *graph.chain(there, 1)], NONE
            groups = self.group_at[fresh]
            for group in groups[groups != NONE].tolist():
                last = self.key(group, -1)
                is_later = last > key and (worst is None or last > worst[0])
                if is_later and self._is_loose(group, up=False):
                    worst = last, group
            fresh = trace.follow(graph.steps(fresh, 1))
        if worst is None:
            return None
        there = int(self.node[worst[1]])
        return [*trace.steps(there), *graph.chain(there, -1)], worst[1]

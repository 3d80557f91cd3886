"""The exchanges within a plan that would give a need one unit more.

A unit more for a need comes from somewhere: a free place, or a chain of units that move
and one that someone else loses. The best such chain, a cheapest path in the residual
network of the plan, tells for every best plan whether the need would be served.
"""

from collections.abc import Iterable
from dataclasses import fields, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.analysis.explanation.edit import Edit
from sharematch.analysis.explanation.facts import Units
from sharematch.analysis.explanation.need import Misses
from sharematch.analysis.explanation.setting import Setting
from sharematch.core.columns.codes import NONE
from sharematch.core.eligibility.arcs import Arcs
from sharematch.core.eligibility.travel import UNKNOWN
from sharematch.core.network.program import GroupGoal, Program
from sharematch.core.network.residual import Paths, Residual
from sharematch.plans.results.status import Status
from sharematch.solvers.flow.circulation import Face
from sharematch.solvers.flow.leximin import is_outermost

__all__ = ["Exchange"]

Ints = NDArray[np.int64]

EXTRA = 400
"""Slots out of reach that are looked at, the nearest of each kind."""


class Exchange:
    """The exchanges that would give a need one unit more."""

    def __init__(
        self,
        program: Program,
        residual: Residual,
        need: int,
        served: int,
        edge_of_slot: Ints,
    ) -> None:
        self.program, self.residual = program, residual
        self.need, self.is_served = need, served > 0
        self.edge_of_slot = edge_of_slot
        """The edge of each slot's pair with the need, NONE where there is none."""
        network = program.network
        self.node = int(_nodes(program, "quantity")[need])
        self.edge = int(network.edge_of(np.array([self.node]))[0])
        self.outer = int(network.parent[self.node])
        self.own = int(residual.rise[self.edge])
        upper = min(int(network.upper[self.edge]), network.unbounded)
        self.is_capped = int(residual.flow[self.edge]) >= upper
        """Whether a rule allows the need no more."""

    @classmethod
    def around(
        cls, setting: Setting, need: int, edits: Iterable[Edit]
    ) -> "Exchange | None":
        """Return the exchanges, None where the plan is not one of flows, or not best.

        Slots that edits open are added as pairs that carry nothing.
        """
        result = setting.result
        if result.structure != "network" or result.status is not Status.OPTIMAL:
            return None
        if setting.is_moving or not (setting.arcs.need == need).any():
            return None
        slots = dict.fromkeys(s for edit in edits for s in edit.opens)
        arcs, is_extra = _with_pairs(setting, need, [*slots][:EXTRA])
        program = replace(setting.problem, everything=arcs).program
        if not isinstance(program, Program) or not _is_comparable(program):
            return None
        units = np.zeros(len(arcs), np.int64)
        units[~is_extra] = setting.units
        residual = Residual(program, units, is_extra)
        edge_of_slot = np.full(len(setting.columns.slot_ids), NONE, np.int64)
        edges = np.arange(program.network.num_arcs)
        mine = arcs.need[program.arc_of_edge] == need
        edge_of_slot[arcs.slot[program.arc_of_edge[mine]]] = edges[mine]
        served = int(setting.served[need])
        return cls(program, residual, need, served, edge_of_slot)

    @cached_property
    def onward(self) -> Paths:
        """The cheapest paths from the need."""
        return self.residual.paths(self.node, without=self.edge)

    @cached_property
    def home(self) -> Paths:
        """The cheapest paths to where a unit more for the need comes from."""
        return self.residual.paths(self.outer, backward=True, without=self.edge)

    @cached_property
    def moving(self) -> Paths:
        """The cheapest paths to the need by which it would only move."""
        return self.residual.paths(self.node, backward=True, without=self.edge)

    @cached_property
    def others(self) -> Paths:
        """The cheapest paths by which someone else gets a unit more."""
        return self.residual.paths(0, without=self.edge)

    def decided(self) -> tuple[str, int | None]:
        """Return why the best exchange for the need is not made."""
        paths = self.onward
        if self.is_capped or not paths.reached[self.outer]:
            return "limits", None
        cost = self.own + int(paths.cost[self.outer])
        if cost < 0:
            return "", None
        first = self.residual.goal_of(cost)
        return ("draw", None) if first is None else ("goal", first + 1)

    def is_served_by_slots(self, slots: Iterable[int]) -> bool | None:
        """Return whether every best plan serves the need more if these are open to it.

        None where ties leave it open, or units of the need would rather move.
        """
        opened = [*slots]
        if any(map(self._has_steps, opened)):  # of several pairs `at` knows one
            return None
        edges = [int(self.edge_of_slot[slot]) for slot in opened]
        network = self.program.network
        if any(e == NONE or network.tail[e] != self.node for e in edges):
            return None
        costs = [cost for edge in edges if (cost := self.through(edge)) is not None]
        best = min(costs, default=1)
        if best == 0 or (self.is_served and any(map(self.is_move, edges))):
            return None
        return best < 0

    def through(self, edge: int) -> int | None:
        """Return what the exchange through a pair costs, None if there is none."""
        node = int(self.program.network.head[edge])
        if not self.home.reached[node]:
            return None
        return int(self.residual.rise[edge] + self.own + self.home.cost[node])

    def is_move(self, edge: int) -> bool:
        """Return whether it would be better to move a unit of the need to a pair."""
        node = int(self.program.network.head[edge])
        cost = int(self.residual.rise[edge] + self.moving.cost[node])
        return bool(self.moving.reached[node]) and cost < 0

    def is_served_by_place(self, slot: int) -> bool | None:
        """Return whether every best plan gives one place more in a slot to the need."""
        network, residual = self.program.network, self.residual
        if self._has_steps(slot):  # a place more is one at each of them
            return None
        cell = int(self.program.measures.columns.cells.first[slot])
        node = int(_nodes(self.program, "capacity")[cell])
        edge = int(network.edge_of(np.array([node]))[0])
        is_plain = network.parent[node] == 0 and not self._is_shared(node)
        if not is_plain or (self.outer != 0 and not self.home.reached[0]):
            return None
        nodes = [node]
        guests = _nodes(self.program, "reserve", cell)
        nodes += [guests] if guests not in (None, NONE, node) else []
        mine, other = (
            min((int(p.cost[node]) for node in nodes if p.reached[node]), default=None)
            for p in (self.onward, self.others)
        )
        if mine is None:
            return False
        last = int(residual.rise[edge])
        way_home = 0 if self.outer == 0 else int(self.home.cost[0])
        cost = mine + last + way_home + self.own
        if cost > 0:
            return False
        if cost == 0 or (other is not None and other + last <= cost):
            return None
        return True

    def _has_steps(self, slot: int) -> bool:
        """Return whether bookings may begin in a slot at more than one time."""
        first = self.program.measures.columns.cells.first
        return bool(first[slot + 1] - first[slot] != 1)

    def _is_shared(self, node: int) -> bool:
        """Return whether a slot's node bears bounds beside its capacity."""
        count = sum(
            bool((nodes == node).any())
            for source, side, nodes in self.program.places
            if side == "slot" and source.kind not in ("capacity", "reserve")
        )
        return count > 0

    def paid_by(self, edit: Edit, opened: list[int]) -> tuple[Units, ...]:
        """Return the communities with a unit less after the best exchange."""
        network, residual = self.program.network, self.residual
        if edit.code == "capacity":
            return ()
        edges = [int(self.edge_of_slot[slot]) for slot in opened]
        costs = [(cost, e) for e in edges if (cost := self.through(e)) is not None]
        _, edge = min(costs)
        columns = self.program.measures.columns
        node = _nodes(self.program, "quantity")
        of = dict(zip(node.tolist(), range(len(node)), strict=True))
        change = np.zeros(len(columns.community_ids), np.int64)
        start = int(network.head[edge])
        for step in residual.along(self.home, start, backward=True):
            e = int(residual.edge[step])
            owner = of.get(e - network.num_arcs + 1) if e >= network.num_arcs else None
            if owner is not None:
                home = columns.need_community[owner]
                change[home] += 1 if residual.is_rise[step] else -1
        change[columns.need_community[self.need]] += 1
        return tuple(
            Units(columns.community_ids[i], int(-change[i]))
            for i in np.flatnonzero(change < 0).tolist()
        )


def _is_comparable(program: Program) -> bool:
    """Return whether exchanges of single units tell which plan is better."""
    groups = [goal for goal in program.goals if isinstance(goal, GroupGoal)]
    network = program.network
    face = Face(network.lower, network.upper, np.zeros_like(network.lower))
    return len(groups) < 2 and all(is_outermost(network, face, g) for g in groups)


def _with_pairs(
    setting: Setting, need: int, slots: list[int]
) -> tuple[Arcs, NDArray[np.bool_]]:
    """Return the eligible pairs with further ones of a need, and which those are."""
    arcs = setting.arcs
    extra = Misses(setting, need).pairs
    extra = extra.keep(np.isin(extra.slot, np.array(slots, np.int64)))
    if (arcs.travel == UNKNOWN).any():  # what they count as must not change
        extra = extra.keep(extra.travel <= arcs.travel.max(initial=0))
    if not len(extra):
        return arcs, np.zeros(len(arcs), bool)
    both = [[getattr(part, f.name) for part in (arcs, extra)] for f in fields(Arcs)]
    joined_fields: list[Any] = [
        None if one is None else np.concatenate([one, other]) for one, other in both
    ]
    joined = Arcs(*joined_fields)
    order = np.lexsort((joined.slot, joined.need))
    return joined.keep(order), order >= len(arcs)


def _nodes(program: Program, kind: str, slot: int | None = None) -> Any:
    """Return the nodes of a family of bounds, or that of one slot."""
    for source, _, nodes in program.places:
        if source.kind == kind:
            return nodes if slot is None else int(nodes[slot])
    return None

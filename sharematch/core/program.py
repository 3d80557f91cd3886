"""What a solver gets: a circulation with bounds, and goals over its edges.

`lower` turns columns, arcs and a policy into a `Program`; `Program.lift` reads the
units on each arc back. Every bounded set of arcs keeps the term it came from.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from math import ceil, floor, lcm
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns import NONE
from sharematch.core.laminar import Forest, are_laminar, plant
from sharematch.core.measures import Grouping, Key, Measures, bound_of
from sharematch.errors import InputError, Problem, UnsupportedError
from sharematch.model.vocabulary import MEASURES, group_side

__all__ = [
    "GroupGoal",
    "LinearGoal",
    "Network",
    "Program",
    "Source",
    "hash_rank",
    "lower",
]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
HUB = 0
LIMIT = 2**62


@dataclass(frozen=True, slots=True)
class Source:
    """Where a bound comes from: a field of records, a rule or a goal."""

    kind: Literal[
        "quantity",
        "capacity",
        "reserve",
        "max_units",
        "rule",
        "goal",
        "whole",
        "min_quantity",
        "sessions",
        "every",
        "person",
        "together",
        "min_units",
        "either",
        "use",
    ]
    position: int = 0
    """Of the rule or goal in the policy."""


@dataclass(frozen=True)
class _Layer:
    """Disjoint sets of arcs with bounds on their units."""

    source: Source
    sides: tuple[str, ...]
    """Where it may stand in the network, the better side first."""
    label: Ints
    keys: Sequence[Any]
    lower: Ints
    upper: Ints


@dataclass(frozen=True)
class Network:
    """A circulation through node 0, the hub.

    Units leave the hub, pass nested sets of the need side from outer to inner, one
    arc, nested sets of the slot side from inner to outer, and come back to the hub.
    The first `num_arcs` edges are the arcs, edge `num_arcs + v - 1` is that of node v.
    """

    num_nodes: int
    num_arcs: int
    tail: Ints
    head: Ints
    lower: Ints
    upper: Ints
    parent: Ints
    """Of each node; the hub is its own."""
    depth: Ints
    on_need_side: Bools
    unbounded: int
    """An upper bound that no plan reaches beyond."""

    def edge_of(self, node: Ints) -> Ints:
        """Return the edges that carry all units of these nodes."""
        return node + (self.num_arcs - 1)

    def complete(self, arc_flow: Ints) -> Ints:
        """Return the flow on all edges that these flows on arcs make."""
        on = np.flatnonzero(arc_flow)
        through = np.zeros(self.num_nodes, np.int64)
        np.add.at(through, self.tail[on], arc_flow[on])
        np.add.at(through, self.head[on], arc_flow[on])
        for depth in range(int(self.depth.max(initial=0)), 0, -1):
            nodes = np.flatnonzero(self.depth == depth)
            np.add.at(through, self.parent[nodes], through[nodes])
        return np.concatenate([arc_flow, through[1:]])

    def tightened(self, lower: Ints, upper: Ints) -> tuple[Ints, Ints]:
        """Return bounds in which sets that must be full fill the sets in them.

        Where a set must carry all its inner sets can, each of these is full; where it
        can carry no more than they must, none has more.
        """
        nodes = np.arange(1, self.num_nodes)
        nodes = nodes[self.depth[nodes] > 1]
        edges, outer = self.edge_of(nodes), self.edge_of(self.parent[nodes])
        num = len(self.tail)
        sums = np.zeros((2, num), np.int64)
        np.add.at(sums[0], outer, lower[edges])
        np.add.at(sums[1], outer, np.minimum(upper[edges], self.unbounded))
        whole = np.ones(self.num_nodes, bool)
        whole[self.tail[: self.num_arcs]] = whole[self.head[: self.num_arcs]] = False
        whole = whole[self.parent[nodes]]
        lower, upper = lower.copy(), upper.copy()
        full = edges[whole & (lower[outer] >= sums[1][outer])]
        least = edges[whole & (upper[outer] <= sums[0][outer])]
        lower[full] = upper[full]
        upper[least] = lower[least]
        return lower, upper


@dataclass(frozen=True)
class LinearGoal:
    """Make Σ `cost` × flow over edges as small as possible."""

    position: int
    cost: Ints
    """Per arc edge."""


@dataclass(frozen=True)
class GroupGoal:
    """Make the sorted vector of (start + sign × units) ÷ weight as great as possible.

    Parameters
    ----------
    node
        The network's node of each group, NONE for a group that no arc serves.
    start, weight
        Integers per group, weights positive.
    sign
        1 where more units are better for a group, -1 where fewer are.
    """

    position: int
    keys: tuple[Key, ...]
    node: Ints
    start: Ints
    weight: Ints
    sign: int


@dataclass(frozen=True)
class Program:
    """A network, goals in order, and how to read its flow."""

    measures: Measures
    network: Network
    goals: tuple[LinearGoal | GroupGoal, ...]
    arc_of_edge: Ints
    broken: tuple[Source, ...] = ()
    """Terms that no plan can meet, whatever the others say."""
    layers: tuple[tuple[Source, Ints, Ints, Ints], ...] = field(default=(), repr=False)
    """Every bounded family of arcs: source, label by arc, lower and upper by label."""
    places: tuple[tuple[Source, str, Ints], ...] = field(default=(), repr=False)
    """Of every family, those of goals too: its side, and the node of each label."""

    def on(self, network: Network, arcs: Ints, number: Ints) -> "Program":
        """Return the program on another network.

        Parameters
        ----------
        arcs
            The edge here of each arc there.
        number
            The node there of each node here; those of groups stay.
        """
        goals: list[LinearGoal | GroupGoal] = []
        for goal in self.goals:
            if isinstance(goal, LinearGoal):
                goals.append(replace(goal, cost=goal.cost[arcs]))
            else:
                node = np.where(goal.node == NONE, NONE, number[goal.node])
                goals.append(replace(goal, node=node))
        return replace(
            self,
            network=network,
            goals=tuple(goals),
            arc_of_edge=self.arc_of_edge[arcs],
        )

    def lift(self, flow: Ints) -> Ints:
        """Return the units on each arc of a flow on the network's edges."""
        units = np.zeros(len(self.measures.arcs), np.int64)
        np.add.at(units, self.arc_of_edge, flow[: self.network.num_arcs])
        return units


def lower(
    measures: Measures,
    rules: Sequence[Any],
    goals: Sequence[Any],
    *,
    seed: int = 0,
    alone: Mapping[str, int] | None = None,
    pins: Ints | None = None,
) -> Program:
    """Return the program of a policy over the arcs that its rules admit.

    Parameters
    ----------
    measures
        Over the admitted arcs.
    alone
        For the bound "alone": what each community can be served by itself.
    pins
        Units that must stay on each arc.

    Raises
    ------
    UnsupportedError
        For a record, rule or goal that leaves the network class, by name.
    InputError
        For a filter or weight that names what the instance does not have.
    """
    builder = _Builder(measures, rules, goals, alone or {}, seed)
    return builder.program(pins)


class _Builder:
    def __init__(
        self,
        measures: Measures,
        rules: Sequence[Any],
        goals: Sequence[Any],
        alone: Mapping[str, int],
        seed: int,
    ) -> None:
        self.measures = measures
        self.columns = measures.columns
        self.arcs = measures.arcs
        self.rules, self.goals = rules, goals
        self.alone = alone
        self.seed = seed
        self.broken: list[Source] = []
        self.unbounded = int(self.columns.need_quantity.sum()) + 1

    def program(self, pins: Ints | None) -> Program:
        self._refuse_coupled_records()
        for position, term in enumerate((*self.rules, *self.goals)):
            self._check_filter(position, term)
        layers = [*self._structure(), *self._rule_layers()]
        placed = [*layers, *self._goal_layers()]
        sides = self._place(placed)
        network, nodes, arc_of_edge = self._network(placed, sides, pins)
        goals: list[LinearGoal | GroupGoal] = []
        for position, goal in enumerate(self.goals):
            own = [
                node
                for layer, node in zip(placed, nodes, strict=True)
                if layer.source == Source("goal", position)
            ]
            if own:
                node = np.max(own, axis=0)
                goals.append(self._group_goal(position, goal, node))
            else:
                goals.append(self._linear_goal(position, goal, arc_of_edge))
        return Program(
            measures=self.measures,
            network=network,
            goals=tuple(goals),
            arc_of_edge=arc_of_edge,
            broken=tuple(dict.fromkeys(self.broken)),
            layers=tuple((x.source, x.label, x.lower, x.upper) for x in layers),
            places=tuple(
                (layer.source, side, node)
                for layer, side, node in zip(placed, sides, nodes, strict=True)
            ),
        )

    # ---- what the network class does not cover

    def _refuse_coupled_records(self) -> None:
        columns, arcs = self.columns, self.arcs
        reached = np.bincount(arcs.need, minlength=len(columns.need_ids)) > 0
        used = np.bincount(arcs.slot, minlength=len(columns.slot_ids)) > 0
        several = columns.need_quantity > 1
        together = columns.need_together
        grouped = (together != NONE) & reached & (_repeated(together) | several)
        tests: tuple[tuple[str, str, Bools, tuple[str, ...]], ...] = (
            ("need", "whole", columns.need_whole & several & reached, columns.need_ids),
            (
                "need",
                "min_quantity",
                (columns.need_min_quantity > 1) & reached,
                columns.need_ids,
            ),
            (
                "need",
                "sessions",
                (columns.need_sessions > 1) & reached,
                columns.need_ids,
            ),
            ("need", "person", self._clashing(), columns.need_ids),
            ("need", "together", grouped, columns.need_ids),
            (
                "slot",
                "min_units",
                (columns.slot_min_units > 1) & used,
                columns.slot_ids,
            ),
            (
                "slot",
                "either",
                _repeated(columns.slot_either, used) & used,
                columns.slot_ids,
            ),
        )
        for record, field_, found, ids in tests:
            if found.any():
                raise _unsupported(f'{record} "{ids[int(found.argmax())]}"', field_)
        if (arcs.units > 1).any():
            at = int((arcs.units > 1).argmax())
            need, slot = (
                columns.need_ids[arcs.need[at]],
                columns.slot_ids[arcs.slot[at]],
            )
            raise _unsupported(f'pair "{need} → {slot}"', "units")

    def _clashing(self) -> Bools:
        """Return needs of one person that could be in two places at once."""
        columns, arcs = self.columns, self.arcs
        person = columns.need_person[arcs.need]
        at = np.flatnonzero((person != NONE) & columns.slot_is_timed[arcs.slot])
        at = at[np.lexsort((columns.slot_start[arcs.slot[at]], person[at]))]
        clash = np.zeros(len(columns.need_ids), bool)
        running: list[tuple[int, int, int]] = []  # need, end, slot of one person
        last = NONE
        for arc in at.tolist():
            need, slot = int(arcs.need[arc]), int(arcs.slot[arc])
            if person[arc] != last:
                last, running = int(person[arc]), []
            begin, end = int(columns.slot_start[slot]), int(columns.slot_end[slot])
            # The same slot clashes even if it lasts no time.
            running = [x for x in running if x[1] > begin or x[2] == slot]
            others = [x[0] for x in running if x[0] != need]
            clash[others] = True
            clash[need] |= bool(others)
            running.append((need, end, slot))
        return clash

    def _check_filter(self, position: int, term: Any) -> None:
        unknown = self.measures.unknown_values(term.where)
        if unknown:
            kind = "rule" if position < len(self.rules) else "goal"
            number = position + 1 - (0 if kind == "rule" else len(self.rules))
            raise InputError(
                [
                    Problem(
                        f"names no {key} of this instance",
                        kind,
                        str(number),
                        f"where.{key}",
                        value,
                    )
                    for key, value in unknown
                ]
            )

    # ---- layers

    def _structure(self) -> Iterator[_Layer]:
        columns, arcs = self.columns, self.arcs
        yield _Layer(
            Source("quantity"),
            ("need",),
            arcs.need,
            columns.need_ids,
            np.zeros(len(columns.need_ids), np.int64),
            columns.need_quantity,
        )
        zero = np.zeros(len(columns.slot_ids), np.int64)
        yield _Layer(
            Source("capacity"),
            ("slot",),
            arcs.slot,
            columns.slot_ids,
            zero,
            columns.slot_capacity,
        )
        guest = (columns.slot_reserve[arcs.slot] > 0) & (arcs.tier > 0)
        if guest.any():
            yield _Layer(
                Source("reserve"),
                ("slot",),
                np.where(guest, arcs.slot, NONE),
                columns.slot_ids,
                zero,
                columns.slot_capacity - columns.slot_reserve,
            )
        facility = columns.slot_facility[arcs.slot]
        limited = columns.facility_max_units[facility] != NONE
        if limited.any():
            yield _Layer(
                Source("max_units"),
                ("slot",),
                np.where(limited, facility, NONE),
                columns.facility_ids,
                np.zeros(len(columns.facility_ids), np.int64),
                columns.facility_max_units,
            )

    def _rule_layers(self) -> Iterator[_Layer]:
        for position, rule in enumerate(self.rules):
            if rule.by == "assignment":
                continue
            name = f"rule {position + 1} ({rule.op} {rule.measure})"
            if rule.op == "within":
                raise UnsupportedError(f"{name}: Within couples groups")
            yield from self._layers_of_rule(position, rule, name)

    def _layers_of_rule(self, position: int, rule: Any, name: str) -> Iterator[_Layer]:
        source = Source("rule", position)
        grouping = self.measures.grouping(rule.measure, rule.by, rule.where)
        judged = grouping.judged if rule.by is not None else np.ones(1, bool)
        if rule.measure == "demand":
            bound = bound_of(self.columns, rule)
            holds = [
                size <= bound if rule.op == "at_most" else size >= bound
                for size in grouping.size[judged].tolist()
            ]
            if not all(holds):
                self.broken.append(source)
            return
        factor, entries = self._unit_factor(rule, name, grouping)
        keep = entries & judged[grouping.group]
        low = np.zeros(len(grouping.keys), np.int64)
        high = np.full(len(grouping.keys), self.unbounded, np.int64)
        for group in np.flatnonzero(judged):
            least, most = self._unit_bounds(rule, grouping, int(group), factor)
            low[group] = max(0, min(least, LIMIT))
            high[group] = max(-1, min(most, self.unbounded))
        sizes = np.bincount(grouping.group[keep], minlength=len(low))
        if (high < low).any() or (low[sizes == 0] > 0).any():
            self.broken.append(source)
            low, high = np.minimum(low, 0), np.maximum(high, 0)
        for label in self._labels(grouping, keep):
            yield _Layer(source, self._sides(rule), label, grouping.keys, low, high)

    def _unit_factor(
        self, rule: Any, name: str, grouping: Grouping
    ) -> tuple[int, Bools]:
        """Return what one unit adds to the measure, the same on all arcs that count."""
        measure = rule.measure
        if measure in ("opened_slots", "opened_facilities", "moved"):
            raise UnsupportedError(f"{name}: a bound on {measure} couples slots")
        if measure in ("cost", "subsidy"):
            self._refuse_opening(name, measure)
        per_unit = self.measures.coefficients(measure)[grouping.arc]
        entries = per_unit != 0
        factors = np.unique(np.abs(per_unit[entries]))
        if len(factors) > 1:
            raise UnsupportedError(
                f"{name}: a bound on {measure} with unequal values per unit couples"
            )
        return (int(factors[0]) if len(factors) else 1), entries

    def _unit_bounds(
        self, rule: Any, grouping: Grouping, group: int, factor: int
    ) -> tuple[int, int]:
        """Return the least and the most units of one group that a rule allows."""
        free = (0, self.unbounded)
        if rule.bound == "alone":
            key = grouping.keys[group]
            assert isinstance(key, str)
            return self.alone.get(key, 0), self.unbounded
        bound = bound_of(self.columns, rule)
        size = int(grouping.size[group])
        if rule.measure == "fill_rate":
            past = int(grouping.past_demand[group])
            bound = bound * (past + size) - int(grouping.past_served[group])
        elif rule.measure == "utilization":
            bound = bound * size
        elif rule.measure == "unmet":
            # At most so much unmet is at least so much served, and the reverse.
            served = size - bound
            if rule.op == "at_most":
                return ceil(served), free[1]
            return free[0], floor(served)
        bound = bound / factor
        return (ceil(bound), free[1]) if rule.op == "at_least" else (0, floor(bound))

    def _goal_layers(self) -> Iterator[_Layer]:
        for position, goal in enumerate(self.goals):
            name = f"goal {position + 1} ({goal.op} {goal.measure})"
            if goal.op in ("maximize", "minimize"):
                if goal.slack:
                    raise UnsupportedError(f"{name}: slack couples goals")
                continue
            if not MEASURES[goal.measure].counts:
                raise UnsupportedError(f"{name}: {goal.measure} by group couples")
            grouping = self.measures.grouping(goal.measure, goal.by, goal.where)
            entries = self.measures.coefficients(goal.measure)[grouping.arc] != 0
            keep = entries & self._takes_part(goal, grouping)[grouping.group]
            count = len(grouping.keys)
            zero = np.zeros(count, np.int64)
            most = np.full(count, self.unbounded, np.int64)
            source, sides = Source("goal", position), self._sides(goal)
            for label in self._labels(grouping, keep):
                yield _Layer(source, sides, label, grouping.keys, zero, most)

    def _takes_part(self, goal: Any, grouping: Grouping) -> Bools:
        weights = self.measures.weights(goal, grouping)
        takes = grouping.judged & np.array([w > 0 for w in weights], bool)
        return np.asarray(takes, bool)

    def _sides(self, term: Any) -> tuple[str, ...]:
        """Return the sides a term may stand on, the more natural one first."""
        keys = [*term.groups, *(term.where or {})]
        sides = [group_side(key, term.measure) for key in keys]
        if sides.count("slot") > sides.count("need") or (
            not sides and MEASURES[term.measure].side == "slot"
        ):
            return ("slot", "need")
        return ("need", "slot")

    def _labels(self, grouping: Grouping, keep: Bools) -> Iterator[Ints]:
        """Yield the group of each arc; a layer for each group where groups overlap."""
        arc, group = grouping.arc[keep], grouping.group[keep]
        overlaps = grouping.overlaps and len(np.unique(arc)) < len(arc)
        for one in range(len(grouping.keys)) if overlaps else (None,):
            label = np.full(len(self.arcs), NONE, np.int64)
            here = slice(None) if one is None else group == one
            label[arc[here]] = group[here]
            yield label

    def _refuse_opening(self, name: str, measure: str) -> None:
        columns, arcs = self.columns, self.arcs
        slots = np.unique(arcs.slot)
        slot_open = columns.slot_opening_cost[slots] > 0
        facility_open = columns.facility_opening_cost[columns.slot_facility[slots]] > 0
        if slot_open.any() or facility_open.any():
            raise UnsupportedError(f"{name}: opening_cost couples the units of a slot")
        if measure == "subsidy" and (arcs.cost > 0).any():
            raise UnsupportedError(f"{name}: subsidy with pair costs couples")

    # ---- network

    def _place(self, layers: Sequence[_Layer]) -> list[str]:
        """Return a side for every layer, such that both families are laminar."""
        views = [self._compact(layer) for layer in layers]
        sides: list[str] = []
        deepest = 0

        @cache
        def fits(i: int, j: int) -> bool:
            return self._laminar(views[i], views[j])

        def search(i: int) -> bool:
            nonlocal deepest
            deepest = max(deepest, i)
            if i == len(layers):
                return True
            for side in layers[i].sides:
                if all(fits(j, i) for j in range(i) if sides[j] == side):
                    sides.append(side)
                    if search(i + 1):
                        return True
                    sides.pop()
            return False

        if not search(0):
            source = layers[deepest].source
            terms = self.rules if source.kind == "rule" else self.goals
            term = terms[source.position]
            raise UnsupportedError(
                f"{source.kind} {source.position + 1} ({term.op} {term.measure}): "
                "its groups cross those of other bounds, which couples them"
            )
        return sides

    def _compact(self, layer: _Layer) -> dict[str, Ints]:
        """Return a layer's labels by arc, and by need or slot where that says all."""
        views = {"arc": layer.label}
        for side, end, count in (
            ("need", self.arcs.need, len(self.columns.need_ids)),
            ("slot", self.arcs.slot, len(self.columns.slot_ids)),
        ):
            code = np.full(count, NONE, np.int64)
            code[end] = layer.label
            if (code[end] == layer.label).all():
                views[side] = code
        return views

    def _laminar(self, one: dict[str, Ints], other: dict[str, Ints]) -> bool:
        """Return whether two layers are laminar; over needs or slots if it will do."""
        for side, end in (("need", self.arcs.need), ("slot", self.arcs.slot)):
            if side in one and side in other:
                there = np.unique(end)
                return are_laminar(one[side][there], other[side][there])
        return are_laminar(one["arc"], other["arc"])

    def _network(
        self, layers: Sequence[_Layer], sides: Sequence[str], pins: Ints | None
    ) -> tuple[Network, list[Ints], Ints]:
        order = self._arc_order()
        need, slot = self.arcs.need[order], self.arcs.slot[order]
        most = np.minimum(
            self.columns.need_quantity[need], self.columns.slot_capacity[slot]
        )
        least = np.zeros(len(order), np.int64) if pins is None else pins[order]
        num_nodes = 1
        nodes: list[Ints] = [np.empty(0, np.int64)] * len(layers)
        parts: list[tuple[Forest, int]] = []
        for side in ("need", "slot"):
            at = [i for i, placed in enumerate(sides) if placed == side]
            forest = plant(
                [layers[i].label[order] for i in at],
                [len(layers[i].keys) for i in at],
            )
            for i, node in zip(at, forest.node, strict=True):
                nodes[i] = np.where(node == NONE, NONE, node + num_nodes)
            parts.append((forest, num_nodes))
            num_nodes += len(forest.parent)
        low = np.zeros(num_nodes, np.int64)
        high = np.full(num_nodes, self.unbounded, np.int64)
        for layer, node in zip(layers, nodes, strict=True):
            there = node != NONE
            np.maximum.at(low, node[there], layer.lower[there])
            np.minimum.at(high, node[there], layer.upper[there])
        parent = np.zeros(num_nodes, np.int64)
        depth = np.zeros(num_nodes, np.int64)
        for forest, start in parts:
            span = slice(start, start + len(forest.parent))
            parent[span] = np.where(forest.parent == NONE, HUB, forest.parent + start)
            depth[span] = forest.depth + 1
        (needs, need_start), (slots, slot_start) = parts
        on_need_side = np.zeros(num_nodes, bool)
        on_need_side[need_start:slot_start] = True
        inner = np.arange(1, num_nodes)
        outward = on_need_side[1:]
        tail = np.concatenate(
            [needs.leaf + need_start, np.where(outward, parent[1:], inner)]
        )
        head = np.concatenate(
            [slots.leaf + slot_start, np.where(outward, inner, parent[1:])]
        )
        network = Network(
            num_nodes=num_nodes,
            num_arcs=len(order),
            tail=tail,
            head=head,
            lower=np.concatenate([least, low[1:]]),
            upper=np.concatenate([np.maximum(most, least), high[1:]]),
            parent=parent,
            depth=depth,
            on_need_side=on_need_side,
            unbounded=self.unbounded,
        )
        return self._with_kept_edges(network, order, nodes)

    def _with_kept_edges(
        self, network: Network, order: Ints, nodes: list[Ints]
    ) -> tuple[Network, list[Ints], Ints]:
        """Split arcs of a baseline in two where a goal counts moves: kept, and more."""
        baseline = self.measures.baseline
        if baseline is None or all(goal.measure != "moved" for goal in self.goals):
            return network, nodes, order
        base = baseline[0][order]
        twin = np.flatnonzero((base > 0) & (network.upper[: len(order)] > 0))
        num = len(order)
        upper, lower_ = network.upper.copy(), network.lower.copy()
        kept_upper = np.minimum(base[twin], upper[twin])
        kept_lower = np.minimum(lower_[twin], kept_upper)
        upper[twin] -= kept_upper
        lower_[twin] -= kept_lower

        def join(values: Ints, extra: Ints) -> Ints:
            return np.concatenate([values[:num], extra, values[num:]])

        network = Network(
            num_nodes=network.num_nodes,
            num_arcs=num + len(twin),
            tail=join(network.tail, network.tail[twin]),
            head=join(network.head, network.head[twin]),
            lower=join(lower_, kept_lower),
            upper=join(upper, kept_upper),
            parent=network.parent,
            depth=network.depth,
            on_need_side=network.on_need_side,
            unbounded=network.unbounded,
        )
        return network, nodes, np.concatenate([order, order[twin]])

    def _arc_order(self) -> Ints:
        """Return arcs by keyed hashes of ids, so that no name or row is favored."""
        need = hash_rank(self.seed, self.columns.need_ids)
        slot = hash_rank(self.seed, self.columns.slot_ids)
        key = need[self.arcs.need] * len(slot) + slot[self.arcs.slot]
        return np.argsort(key)

    # ---- goals

    def _linear_goal(self, position: int, goal: Any, arc_of_edge: Ints) -> LinearGoal:
        name = f"goal {position + 1} ({goal.op} {goal.measure})"
        if goal.measure in ("opened_slots", "opened_facilities"):
            raise UnsupportedError(
                f"{name}: {goal.measure} couples the units of a slot"
            )
        if goal.measure in ("cost", "subsidy"):
            self._refuse_opening(name, goal.measure)
        sign = 1 if goal.op == "minimize" else -1
        if goal.measure == "moved":
            return LinearGoal(position, self._moved_cost(goal, arc_of_edge, sign, name))
        per_unit = self.measures.coefficients(goal.measure)
        per_unit = np.where(self.measures.mask(goal.measure, goal.where), per_unit, 0)
        largest = float(np.abs(per_unit).max(initial=0))
        if largest * max(self.unbounded, 1) >= LIMIT:
            raise InputError(
                f"{name}: {goal.measure} may grow beyond 64-bit integers "
                f"({largest:.0f} per unit × {self.unbounded} units)\n"
                "Maybe use larger units for quantities or money"
            )
        return LinearGoal(position, sign * per_unit[arc_of_edge])

    def _moved_cost(self, goal: Any, arc_of_edge: Ints, sign: int, name: str) -> Ints:
        if self.measures.baseline is None:
            raise InputError(f"{name}: moved needs a baseline, an earlier result")
        if sign < 0:
            raise UnsupportedError(f"{name}: to move as much as possible couples")
        cost = np.zeros(len(arc_of_edge), np.int64)
        cost[len(self.arcs) :] = -1
        return np.where(self.measures.mask("moved", goal.where)[arc_of_edge], cost, 0)

    def _group_goal(self, position: int, goal: Any, node: Ints) -> GroupGoal:
        grouping = self.measures.grouping(goal.measure, goal.by, goal.where)
        part = self._takes_part(goal, grouping)
        weights = self.measures.weights(goal, grouping)
        common = lcm(*(w.denominator for w, p in zip(weights, part, strict=True) if p))
        start = np.zeros(len(grouping.keys), np.int64)
        weight = np.ones(len(grouping.keys), np.int64)
        sign = 1
        if goal.measure == "fill_rate":
            start, weight = grouping.past_served, grouping.past_demand + grouping.size
        elif goal.measure == "utilization":
            weight = grouping.size
        elif goal.measure == "unmet":
            start, sign = grouping.size, -1
        elif getattr(goal, "weights", None) is not None:
            weight = np.array(
                [
                    int(w * common) if p else 1
                    for w, p in zip(weights, part, strict=True)
                ],
                np.int64,
            )
        if goal.op == "leximax":
            start, sign = -start, -sign
        inner = node[part & (node != NONE)]
        if len(np.unique(inner)) < len(inner):
            name = f"goal {position + 1} ({goal.op} {goal.measure})"
            raise UnsupportedError(f"{name}: groups that overlap couple")
        return GroupGoal(
            position=position,
            keys=tuple(k for k, p in zip(grouping.keys, part, strict=True) if p),
            node=node[part],
            start=start[part],
            weight=weight[part],
            sign=sign,
        )


def _unsupported(record: str, field_: str) -> UnsupportedError:
    return UnsupportedError(f"{record}: {field_} couples needs or slots")


def _repeated(label: Ints, among: Bools | None = None) -> Bools:
    """Return the entries whose label stands at least twice among the marked ones."""
    there = label != NONE
    marked = there if among is None else there & among
    counts = np.bincount(label[marked], minlength=int(label.max(initial=0)) + 1)
    return np.asarray(there & (counts[np.maximum(label, 0)] > 1), bool)


def hash_rank(seed: int, ids: Sequence[str]) -> Ints:
    """Return each id's place in the order of SHA-256(seed, id)."""
    prefix = f"{seed}\0".encode()
    digests = [hashlib.sha256(prefix + id_.encode()).digest() for id_ in ids]
    rank = np.empty(len(ids), np.int64)
    rank[sorted(range(len(ids)), key=digests.__getitem__)] = np.arange(len(ids))
    return rank

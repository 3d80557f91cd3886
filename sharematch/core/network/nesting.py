"""Nesting: layers become the nested sets on the two sides of a network.

Each layer stands on the need side or the slot side, such that any two layers of one
side are nested or disjoint. Layers may stand on either side where both make sense, so
sides are found by going through the layers and back where none is left; there are few
layers, and nearly all fit where they come first.

Example: capacity (slots), quantity (needs), a rule by facility: it holds whole slots
and crosses needs, so it stands on the slot side, around them.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.codes import NONE
from sharematch.core.columns.lookup import spans
from sharematch.core.measures.measures import Measures
from sharematch.core.network.laminar import (
    Cut,
    Forest,
    are_laminar,
    cut,
    plant,
    whole_sets,
)
from sharematch.core.network.layers import Layer
from sharematch.core.network.program import HUB, Network
from sharematch.core.network.uncoupled import Reason
from sharematch.text import about

__all__ = ["nest", "place", "with_kept_edges"]

Ints = NDArray[np.int64]
Positions = NDArray[np.integer[Any]]


class Views:
    """Layers' labels by need or by slot, where that says all, else by arc."""

    def __init__(self, layers: Sequence[Layer], measures: Measures) -> None:
        columns, arcs = measures.columns, measures.arcs
        self.layers = layers
        self.ends = {"need": arcs.need, "slot": arcs.cell}
        self.counts = {"need": len(columns.need_ids), "slot": len(columns.cells)}
        self._by_end: dict[tuple[str, int], Ints | None] = {}

    def by_end(self, side: str, i: int) -> Ints | None:
        """Return the labels of a layer by need or slot, None where these have more."""
        if (side, i) not in self._by_end:
            label = whole_sets(self.ends[side], self.counts[side], self.layers[i].label)
            self._by_end[side, i] = label
        return self._by_end[side, i]

    def are_laminar(self, i: int, j: int) -> bool:
        """Return whether two layers are laminar; over needs or slots if it will do."""
        for side in self.ends:
            label, other_label = self.by_end(side, i), self.by_end(side, j)
            if label is not None and other_label is not None:
                return are_laminar(label, other_label)
        return are_laminar(self.layers[i].label, self.layers[j].label)

    def cut(self, side: str, chosen: Sequence[int]) -> Cut:
        """Return the needs or slots, parted where the chosen layers part their arcs."""
        labels = [self.by_end(side, i) for i in chosen]
        known = [label for label in labels if label is not None]
        if len(known) == len(chosen):
            return Cut(self.ends[side], known)
        layers = [self.layers[i].label for i in chosen]
        return cut(self.ends[side], self.counts[side], layers)


def place(views: Views) -> list[str] | Reason:
    """Return a side for every layer, such that both families are laminar.

    Where there are none: the rule or goal whose groups cross those of other bounds.
    """
    layers = views.layers
    sides: list[str] = []
    deepest = 0

    # Going back asks the same two layers again, and each time takes all arcs.
    @cache
    def fits(i: int, j: int) -> bool:
        return views.are_laminar(i, j)

    def search(i: int) -> bool:
        nonlocal deepest
        deepest = max(deepest, i)
        if i == len(layers):
            return True
        for side in _sides_left(layers[: i + 1], sides):
            if all(fits(j, i) for j in range(i) if sides[j] == side):
                sides.append(side)
                if search(i + 1):
                    return True
                sides.pop()
        return False

    if not search(0):
        return about(layers[deepest].term, "coupling.its_groups_cross_those_of_other")
    return sides


def _sides_left(layers: Sequence[Layer], sides: Sequence[str]) -> Sequence[str]:
    """Return where the last layer may stand, given where those before it do.

    Overlapping groups that a goal compares are all on one side: what is exchanged
    between them is of that side alone.
    """
    last, earlier = layers[-1], zip(layers, sides, strict=False)
    taken = {side for layer, side in earlier if layer.source == last.source}
    if last.source.kind != "goal" or not taken:
        return last.sides
    return [side for side in last.sides if {side} == taken]


def nest(
    views: Views,
    sides: Sequence[str],
    order: Positions,
    measures: Measures,
    *,
    unbounded: int,
    pins: Ints | None = None,
) -> tuple[Network, list[Ints]]:
    """Return the network of layers on their sides, and the nodes of each layer.

    Parameters
    ----------
    order
        Which arc each arc edge is.
    unbounded
        An upper bound that no plan reaches beyond.
    pins
        Units that must stay on each arc.
    """
    columns, arcs = measures.columns, measures.arcs
    num = len(order)
    (needs, slots), nodes = _planted(views, sides, order)
    num_nodes = slots.start + len(slots.forest.parent)
    low = np.zeros(num_nodes, np.int64)
    high = np.full(num_nodes, unbounded, np.int64)
    for layer, node in zip(views.layers, nodes, strict=True):
        # Equal sets of several layers are one node, whose tightest bounds hold.
        is_set = node != NONE
        np.maximum.at(low, node[is_set], layer.lower[is_set])
        np.minimum.at(high, node[is_set], layer.upper[is_set])
    parent = np.zeros(num_nodes, np.int64)
    depth = np.zeros(num_nodes, np.int64)
    for forest, start, *_ in (needs, slots):
        span = slice(start, start + len(forest.parent))
        parent[span] = np.where(forest.parent == NONE, HUB, forest.parent + start)
        depth[span] = forest.depth + 1
    on_need_side = np.zeros(num_nodes, bool)
    on_need_side[needs.start : slots.start] = True
    inner = np.arange(1, num_nodes)
    outward = on_need_side[1:]
    # New arrays of all arcs cost more than what is done to them: few are made, and
    # written a part at a time.
    tail, head = (np.empty(num + num_nodes - 1, np.int32) for _ in range(2))
    upper = np.empty(num + num_nodes - 1, np.int64)
    for some in spans(num):
        arc = order[some]
        tail[some], head[some] = needs.around(arc), slots.around(arc)
        # No arc carries more than its ends; that alone tells solvers where to stop.
        room = columns.slot_capacity[arcs.slot[arc]]
        upper[some] = np.minimum(columns.need_quantity[arcs.need[arc]], room)
    tail[num:] = np.where(outward, parent[1:], inner)
    head[num:] = np.where(outward, inner, parent[1:])
    lower = np.zeros(num + num_nodes - 1, np.int64)
    lower[num:], upper[num:] = low[1:], high[1:]
    if pins is not None:
        lower[:num] = pins[order]
        np.maximum(upper[:num], lower[:num], out=upper[:num])
    network = Network(
        num_nodes=num_nodes,
        num_arcs=num,
        tail=tail,
        head=head,
        lower=lower,
        upper=upper,
        parent=parent,
        depth=depth,
        on_need_side=on_need_side,
        unbounded=unbounded,
    )
    return network, nodes


class _Side(NamedTuple):
    """The nested sets of one side: a forest, whose sets are nodes from `start` on.

    Arcs are in parts, each in one smallest set.
    """

    forest: Forest
    start: int
    part: Ints
    leaf: Ints
    """Of each part that has arcs: the node around it."""

    def around(self, arc: Positions) -> Ints:
        """Return the node of the smallest set around arcs."""
        return self.leaf[self.part[arc]]


def _planted(
    views: Views, sides: Sequence[str], order: Positions
) -> tuple[list[_Side], list[Ints]]:
    """Return both sides, needs first, and each layer's nodes."""
    first = HUB + 1
    nodes: list[Ints] = [np.empty(0, np.int64)] * len(sides)
    planted: list[_Side] = []
    for side in ("need", "slot"):
        layers_of_side = [i for i, placed in enumerate(sides) if placed == side]
        part, labels = views.cut(side, layers_of_side)
        parts = _by_first(part, order)
        forest = plant(
            [label[parts] for label in labels],
            [len(views.layers[i].keys) for i in layers_of_side],
        )
        for i, node in zip(layers_of_side, forest.node, strict=True):
            nodes[i] = np.where(node == NONE, NONE, node + first)
        leaf = np.empty(int(part.max(initial=NONE)) + 1, np.int64)
        leaf[parts] = forest.leaf + first
        planted.append(_Side(forest, first, part, leaf))
        first += len(forest.parent)
    return planted, nodes


def _by_first(values: Ints, order: Positions) -> Ints:
    """Return the different values, as they first occur in an order of all entries."""
    first = np.full(int(values.max(initial=NONE)) + 1, len(order), np.int32)
    for some in reversed([*spans(len(order))]):
        # What comes first is written last, and stays.
        place = np.arange(some.start, some.stop, dtype=np.int32)
        first[values[order[some]][::-1]] = place[::-1]
    return np.argsort(first)[: np.count_nonzero(first < len(order))]


def with_kept_edges(
    network: Network, order: Positions, units: Ints
) -> tuple[Network, Positions]:
    """Split the edges of a baseline's arcs in two: what is kept, and more.

    Returns the network and which arc each edge is; those kept stand last.
    """
    base = units[order]
    twin = np.flatnonzero((base > 0) & (network.upper[: len(order)] > 0))
    num = len(order)
    upper, lower = network.upper.copy(), network.lower.copy()
    # One edge carries what may stay where it was, at a gain; its twin all else.
    kept_upper = np.minimum(base[twin], upper[twin])
    kept_lower = np.minimum(lower[twin], kept_upper)
    upper[twin] -= kept_upper
    lower[twin] -= kept_lower

    def join(values: NDArray[Any], extra: NDArray[Any]) -> NDArray[Any]:
        return np.concatenate([values[:num], extra, values[num:]])

    network = replace(
        network,
        num_arcs=num + len(twin),
        tail=join(network.tail, network.tail[twin]),
        head=join(network.head, network.head[twin]),
        lower=join(lower, kept_lower),
        upper=join(upper, kept_upper),
    )
    return network, np.concatenate([order, order[twin]])

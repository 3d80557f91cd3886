"""Numbering that keeps neighbors near in memory: large flows are bound by its speed.

Sets of needs that share slots get near numbers, by reverse Cuthill-McKee (Cuthill &
McKee, 1969) over the graph of who shares slots with whom; slots and needs follow them.
What is solved stays the same: only nodes and arcs are numbered otherwise.

Example: communities 0 and 2 share slots, 1 and 3 do: the order is 0, 2, 1, 3.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, csr_matrix
from scipy.sparse.csgraph import reverse_cuthill_mckee

from sharematch.core.network.program import Network, Program

__all__ = ["with_neighbors_near"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Positions = NDArray[np.integer[Any]]
ENOUGH = 16
"""Slots for each set that tell who shares with whom: with a million needs a third of
the time that all 66 take."""
DENSE = 8
"""Cells of a table for each arc up to which it is faster than sorting."""


def with_neighbors_near(program: Program) -> Program:
    """Return the same program with nodes and arcs numbered by place.

    Outermost sets of the need side come in reverse Cuthill-McKee order of the slots
    they share, slots at the mean place of those who reach them, needs by their outer
    set and the mean place of their slots. Nothing else changes.
    """
    network = program.network
    number = np.empty(network.num_nodes, np.int64)
    order = _order(network)
    number[order] = np.arange(network.num_nodes)
    short, num = number.astype(np.int32), network.num_arcs
    # By tail, a counting sort: rows of a sparse array.
    links = coo_array(
        (np.ones(num, np.int8), (short.take(network.tail[:num]), np.arange(num))),
        shape=(len(order), num),
    )
    links.has_canonical_format = True
    rows = links.tocsr()
    arcs = rows.indices.astype(np.int64)
    nodes = order[1:] + (num - 1)
    edges = np.concatenate([arcs, nodes])
    tail = np.repeat(np.arange(len(order), dtype=np.int32), np.diff(rows.indptr))
    near = replace(
        network,
        tail=np.concatenate([tail, short.take(network.tail.take(nodes))]),
        head=short.take(network.head.take(edges)),
        lower=network.lower.take(edges) if network.lower.any() else network.lower,
        upper=network.upper.take(edges),
        parent=number[network.parent[order]],
        depth=network.depth[order],
        on_need_side=network.on_need_side[order],
    )
    return program.on(near, arcs, number)


def _order(network: Network) -> Ints:
    """Return all nodes by place, the hub first."""
    num, nodes = network.num_arcs, network.num_nodes
    tail, head = network.tail[:num], network.head[:num]
    outer = _outermost(network)
    sets, set_of = _numbered(outer[tail], nodes)
    slots, slot_of = _numbered(head, nodes)
    place = np.empty(len(sets))
    # Who shares with whom is sets × sets: with few slots a set it is too dense to help.
    if len(sets) * 5 < len(slots):
        step = max(1, len(slots) // (ENOUGH * len(sets)))
        asked = np.flatnonzero(slot_of % step == 0)
        shape = -(-len(slots) // step), len(sets)
        reach = _pairs(slot_of.take(asked) // step, set_of.take(asked), shape)
        by = reverse_cuthill_mckee(csr_matrix(reach.T @ reach), symmetric_mode=True)
        place[by] = np.arange(len(sets))
    else:
        place[:] = np.arange(len(sets))
    of_slot = np.zeros(nodes)
    of_slot[slots] = _means(slot_of, place[set_of], len(slots))
    needs = np.flatnonzero(network.on_need_side)
    within = _means(tail, of_slot[head], nodes)
    of_set = np.zeros(nodes)
    of_set[sets] = place
    inner = np.lexsort((within[needs], network.depth[needs], of_set[outer[needs]]))
    others = np.flatnonzero(~network.on_need_side)[1:]
    out = np.lexsort((of_slot[others], network.depth[others]))
    return np.concatenate([[0], needs[inner], others[out]])


def _pairs(row: Ints, column: Ints, shape: tuple[int, int]) -> csr_array:
    """Return a sparse array with what occurs; few rows and columns are marked first."""
    if shape[0] * shape[1] <= DENSE * len(row):
        occurs = np.zeros(shape[0] * shape[1], bool)
        occurs[row * shape[1] + column] = True
        row, column = np.divmod(np.flatnonzero(occurs), shape[1])
    return csr_array((np.ones(len(row), np.float32), (row, column)), shape=shape)


def _numbered(label: Positions, count: int) -> tuple[Ints, Ints]:
    """Return the labels below `count` that occur, and the place of each entry's."""
    occurs = np.zeros(count, bool)
    occurs[label] = True
    return np.flatnonzero(occurs), (np.cumsum(occurs) - 1)[label]


def _outermost(network: Network) -> Ints:
    """Return the outermost set around each node."""
    outer = np.arange(network.num_nodes)
    for _ in range(int(network.depth.max(initial=1)) - 1):
        above = network.parent[outer]
        outer = np.where(above == 0, outer, above)
    return outer


def _means(label: Positions, value: Floats, count: int) -> Floats:
    total = np.bincount(label, weights=value, minlength=count).astype(np.float64)
    return total / np.maximum(np.bincount(label, minlength=count), 1)

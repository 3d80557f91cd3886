"""First come, first served: the baseline that offices know."""

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns import NONE
from sharematch.core.program import Program

__all__ = ["solve_first_come"]

Ints = NDArray[np.int64]


def solve_first_come(program: Program) -> Ints | None:
    """Return the units on each arc when needs choose in turn.

    Needs come by `since` (undated last), then in the order of their keyed hash; each
    takes its nearest free slots. Pinned units are placed first, caps of rules and
    records hold. None where that does not keep a rule's floor.
    """
    network, arcs = program.network, program.measures.arcs
    columns = program.measures.columns
    num = network.num_arcs
    arc_of_edge = program.arc_of_edge
    left = network.upper - network.complete(network.lower[:num])
    if (left < 0).any():
        return None
    units = network.lower[:num].copy()
    since = columns.need_since[arcs.need[arc_of_edge]]
    since = np.where(since == NONE, np.iinfo(np.int64).max, since)
    distance = arcs.distance[arc_of_edge]
    first = np.full(len(columns.need_ids), num)
    need = arcs.need[arc_of_edge]
    np.minimum.at(first, need, np.arange(num))
    order = np.lexsort((np.arange(num), distance, first[need], since))
    parent, tail, head = (
        x.tolist() for x in (network.parent, network.tail, network.head)
    )
    room = left.tolist()
    for edge in order.tolist():
        chain = [edge]
        for node in (tail[edge], head[edge]):
            outer = node
            while outer:
                chain.append(num - 1 + outer)
                outer = parent[outer]
        take = min(room[e] for e in chain)
        if take > 0:
            units[edge] += take
            for e in chain:
                room[e] -= take
    flow = network.complete(units)
    if (flow < network.lower).any():
        return None
    return program.lift(flow)

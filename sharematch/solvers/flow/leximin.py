"""Exact integral leximin of outermost groups in a network, true ties left open.

    maximize, in the order of leximin, the sorted vector of
    (start(g) + sign · x(g)) ÷ weight(g),  x(g) the units of group g, over flows

A block of groups first shares what units it has as if nothing else bounded it, in the
order of `unit_order`; where no flow carries that, a tight cut parts it in two that can
only help each other in one direction, and each is looked at by itself.

For outermost groups the vectors of units are the bases of a polymatroid, and the
optimum is found by decomposition: Fujishige (1980), Groenevelt (1991); all optima
again form such a set, Frank and Murota (2022). For inner groups see
`sharematch.solvers.flow.leximin_parametric`.

Four nodes: the hub, a station with 3 places, Tianfeng that asks for 4 and Lianqiao that
asks for 2. Three units in turn go to Lianqiao (0 of 2), Tianfeng (0 of 4) and Tianfeng
(1 of 4): both have a half. Could Lianqiao not reach the station, the cut around it
would part the two: it has nothing, Tianfeng 3 of 4.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.codes import NONE
from sharematch.core.network.program import GroupGoal, Network
from sharematch.solvers.flow.circulation import Face, Graph, Push, push
from sharematch.solvers.flow.unit_order import cutoff

__all__ = ["has_all_units", "is_outermost", "leximin_by_decomposition"]

Ints = NDArray[np.int64]
Shorts = NDArray[np.int32]
Bools = NDArray[np.bool_]


@dataclass
class _Block:
    """A part of the residual graph that no unit can leave in any optimum.

    Its arrays are its own: what edges may carry is written over. Nodes and edges are
    32-bit numbers, as solvers take them.

    Edges carry how much more and how much less they could; pushing a unit out of a
    group's node along them raises the group by one, pushing one in lowers it.
    """

    nodes: Ints
    tail: Shorts
    head: Shorts
    edge: Shorts
    raisable: Ints
    lowerable: Ints
    group: Ints
    group_node: Ints
    """Local node of each group."""
    least: Ints
    most: Ints
    level: Ints


def contract(network: Network, face: Face, kept_nodes: Ints) -> Ints:
    """Return for each node the one that stands for it without needless edges.

    Edges of nested sets that bound nothing in this face are contracted, those of the
    nodes in `kept` are not.
    """
    nodes = np.arange(network.num_nodes)
    edge = network.edge_of(nodes[1:])
    loose = np.zeros(network.num_nodes, bool)
    loose[1:] = (face.lower[edge] <= 0) & (face.upper[edge] >= network.unbounded)
    loose[kept_nodes] = False
    stands = np.where(loose, network.parent, nodes)
    for _ in range(int(network.depth.max(initial=0))):
        stands = stands[stands]
    return stands


def is_outermost(network: Network, face: Face, goal: GroupGoal) -> bool:
    """Return whether no bound on the goal's side holds some but not all its groups."""
    node = goal.node[goal.node != NONE]
    if len(node) == 0:
        return True
    outer = contract(network, face, node)[network.parent[node]]
    return bool((outer == outer[0]).all())


def has_all_units(network: Network, goal: GroupGoal) -> bool:
    """Return whether every unit of a plan counts for the goal: it serves the most."""
    counts = np.zeros(network.num_nodes, bool)
    counts[goal.node[goal.node != NONE]] = True
    for _ in range(int(network.depth.max(initial=0))):
        counts |= counts[network.parent]
    num = network.num_arcs
    side = network.tail if (network.on_need_side & counts).any() else network.head
    return goal.sign > 0 and bool(counts[side[:num]].all())


def leximin_by_decomposition(network: Network, face: Face, goal: GroupGoal) -> Face:
    """Return the face of all leximin-optimal flows; groups must be outermost."""
    has_node = goal.node != NONE
    node = goal.node[has_node]
    if len(node) == 0:
        return face
    start, weight = goal.start[has_node], goal.weight[has_node]
    stands = contract(network, face, node).astype(np.int32)
    tail, head = stands.take(network.tail), stands.take(network.head)
    group_edge = network.edge_of(node)
    # Outermost groups hang on one node: what enters or leaves there is their total.
    root = int(stands[network.parent[node[0]]])
    forward = bool(network.on_need_side[node[0]]) == (goal.sign > 0)
    # Groups give and take units at their nodes; their own edges would only lead around.
    free = face.lower < face.upper
    free[group_edge] = False
    free &= tail != head
    edge = np.flatnonzero(free)
    # Raising a group pushes a unit out of its node, or pulls one into it.
    block_ends = (tail, head) if forward else (head, tail)
    group_limits = (
        goal.sign * face.lower[group_edge],
        goal.sign * face.upper[group_edge],
    )
    block = _Block(
        nodes=np.arange(network.num_nodes),
        tail=block_ends[0].take(edge),
        head=block_ends[1].take(edge),
        edge=edge.astype(np.int32),
        raisable=(face.upper - face.flow).take(edge),
        lowerable=(face.flow - face.lower).take(edge),
        group=np.arange(len(node)),
        group_node=node,
        least=np.minimum(*group_limits),
        most=np.maximum(*group_limits),
        level=goal.sign * face.flow[group_edge],
    )
    ends = block.tail, block.head
    home, change, boxes = _decompose(block, root, start, weight, len(network.tail))
    flow = network.complete((face.flow + change)[: network.num_arcs])
    lower, upper = face.lower.copy(), face.upper.copy()
    # No optimum moves a unit from part to part; within a part groups keep to their box.
    fixed = edge.take(np.flatnonzero(home.take(ends[0]) != home.take(ends[1])))
    lower[fixed] = upper[fixed] = flow[fixed]
    bounds = np.sort(goal.sign * boxes, axis=0)
    lower[group_edge], upper[group_edge] = bounds[0], bounds[1]
    return Face(*network.tightened(lower, upper), flow)


def _decompose(
    residual: _Block, root: int, start: Ints, weight: Ints, num_edges: int
) -> tuple[Shorts, Ints, Ints]:
    """Return the part of each node, the change of each edge, and boxes (2, groups)."""
    home = np.zeros(len(residual.nodes), np.int32)
    change = np.zeros(num_edges, np.int64)
    boxes = np.stack([residual.level, residual.level])
    num_parts = 1

    def finish(block: _Block, low: Ints, high: Ints) -> None:
        nonlocal num_parts
        home[block.nodes] = num_parts
        num_parts += 1
        boxes[0, block.group], boxes[1, block.group] = low, high

    # The greatest total first: units that can reach the root are gained for good.
    missing = residual.most - residual.level
    rising = np.flatnonzero(missing > 0)
    cut = np.zeros(len(residual.nodes), bool)
    if len(rising):
        unlimited = np.array([root]), np.array([int(missing.sum())])
        cut = _push(residual, rising, missing, unlimited, change).cut()
    inside, outside = _split(residual, cut, residual.most, None)
    finish(outside, outside.level, outside.level)
    todo = [inside]
    while todo:
        block = todo.pop()
        if len(block.group) <= 1 or not len(block.edge):
            finish(block, block.level, block.level)
            continue
        spare = int(block.level.sum() - block.least.sum())
        unit_keys = (start[block.group], weight[block.group])
        below, upto = cutoff(*unit_keys, block.least, block.most, spare)
        # If all groups can stand between `below` and `upto`, the block is done; where
        # one has to stay above or below, the cut that shows it parts the block.
        for cap in (upto, below):
            pushed = _rebalance(block, cap, change)
            if (block.level < cap).any() if cap is below else (block.level > cap).any():
                assert pushed is not None  # nothing to raise is nothing amiss
                todo += _split(block, pushed.cut(), cap, cap)
                break
        else:
            finish(block, below, upto)
    return home, change, boxes


def _rebalance(block: _Block, cap: Ints, change: Ints) -> Push | None:
    """Raise groups below `cap` at the cost of groups above it, as far as that goes.

    Adds to `change` what edges carry more. The cut of what is returned has the groups
    still below their cap on one side; it is None where there was nothing to do.
    """
    over = block.level - cap
    rising, falling = np.flatnonzero(over < 0), np.flatnonzero(over > 0)
    if not len(rising) or not len(falling):
        return None
    sink = block.group_node[falling], over[falling]
    pushed = _push(block, rising, -over, sink, change)
    block.level[falling] -= pushed.given
    return pushed


def _push(
    block: _Block, rising: Ints, room: Ints, sink: tuple[Ints, Ints], change: Ints
) -> Push:
    """Raise groups by up to `room`, at the cost of the sink."""
    pushed = push(
        Graph(len(block.nodes), block.tail, block.head),
        block.raisable,
        block.lowerable,
        (block.group_node[rising], room[rising]),
        sink,
    )
    for edges, units in pushed.moves:
        change[block.edge.take(edges)] += units
        block.raisable[edges] -= units
        block.lowerable[edges] += units
    block.level = block.level.copy()
    block.level[rising] += pushed.taken
    return pushed


def _split(
    block: _Block, inside: Bools, cap: Ints, floor: Ints | None
) -> tuple[_Block, _Block]:
    """Return the block on each side of a tight cut; no unit crosses it any more.

    Groups inside reach no further than `cap` in any optimum, those outside have at
    least `floor`; without one they are settled. What is settled needs no edges.
    """
    # Nodes inside count from 0 up, those outside from -1 down.
    code = np.cumsum(inside, dtype=np.int32)
    nodes = np.arange(len(inside), dtype=np.int32)
    code = np.where(inside, code - np.int32(1), code - nodes - np.int32(1))
    tail, head, group_node = (
        code.take(x) for x in (block.tail, block.head, block.group_node)
    )

    def part(
        edges: Ints, groups: Ints, least: Ints, most: Ints, *, side: bool
    ) -> _Block:
        flip = np.int32(0 if side else -1)
        return _Block(
            nodes=block.nodes.take(np.flatnonzero(inside == side)),
            tail=tail.take(edges) ^ flip,
            head=head.take(edges) ^ flip,
            edge=block.edge.take(edges),
            raisable=block.raisable.take(edges),
            lowerable=block.lowerable.take(edges),
            group=block.group[groups],
            group_node=group_node[groups] ^ flip,
            least=least[groups],
            most=most[groups],
            level=block.level[groups],
        )

    nothing = np.empty(0, np.int64)
    groups = np.flatnonzero(group_node >= 0)
    edges = np.flatnonzero((tail | head) >= 0) if len(groups) > 1 else nothing
    within = part(edges, groups, block.least, np.minimum(block.most, cap), side=True)
    groups = np.flatnonzero(group_node < 0)
    is_open = floor is not None and len(groups) > 1
    edges = np.flatnonzero((tail & head) < 0) if is_open else nothing
    least = block.least if floor is None else np.maximum(block.least, floor)
    return within, part(edges, groups, least, block.most, side=False)

"""Goals in strict order on a network: each narrows the flows left to the next."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sharematch.core.locality import with_neighbors_near
from sharematch.core.merging import merge
from sharematch.core.program import GroupGoal, LinearGoal, Network, Program
from sharematch.solvers.flow import Face, Graph, cheapest, feasible, narrowed, push
from sharematch.solvers.leximin import (
    has_all_units,
    is_outermost,
    leximin_by_decomposition,
    leximin_by_ratio,
)

__all__ = ["Outcome", "is_feasible", "solve_network"]

Ints = NDArray[np.int64]
LARGE = 500_000
"""Arcs from which numbering by place pays."""


@dataclass(frozen=True)
class Outcome:
    """The units on each arc, and how many goals were proved."""

    units: Ints
    num_proved: int


def _graph(network: Network) -> Graph:
    return Graph(network.num_nodes, network.tail, network.head)


def _start(program: Program) -> Face | None:
    network = program.network
    if program.broken:
        return None
    flow = feasible(_graph(network), network.lower, network.upper)
    return None if flow is None else Face(network.lower, network.upper, flow)


def is_feasible(program: Program) -> bool:
    """Return whether any plan keeps all bounds."""
    return _start(program) is not None


def solve_network(
    program: Program,
    before_goal: Callable[[int], None] = lambda _: None,
    check: Callable[[], None] = lambda: None,
    stop: type[BaseException] = KeyboardInterrupt,
) -> Outcome | None:
    """Return an optimal plan, or None where none is feasible.

    `before_goal` is told each goal's position; `check` is called between steps. When
    either raises `stop`, the plan found so far is returned, with the goals proved.
    """
    merged = merge(program)
    program = merged.program
    if program.network.num_arcs >= LARGE:
        program = with_neighbors_near(program)
    face = _start(program)
    if face is None:
        return None
    proved = 0
    has_most = False  # whether no plan left has more units
    try:
        for goal in program.goals:
            before_goal(goal.position)
            if isinstance(goal, GroupGoal):
                face, is_most = _leximin(program, face, goal, check)
                has_most |= is_most
            elif not _is_most_units(program.network.num_arcs, face, goal):
                last = goal is program.goals[-1]
                face = _linear(program, face, goal, last=last)
            elif not has_most:
                face, has_most = _most_units(program, face), True
            proved += 1
        check()
    except stop:
        pass
    return Outcome(merged.lift(program.lift(face.flow)), proved)


def _leximin(
    program: Program, face: Face, goal: GroupGoal, check: Callable[[], None]
) -> tuple[Face, bool]:
    """Return the face of leximin-optimal flows, and whether none has more units."""
    network = program.network
    if is_outermost(network, face, goal):
        settled = has_all_units(network, goal)
        return leximin_by_decomposition(network, face, goal), settled
    return leximin_by_ratio(network, face, goal, check), False


def _linear(program: Program, face: Face, goal: LinearGoal, *, last: bool) -> Face:
    """Return the face of least cost; after the last goal its flow is enough."""
    network = program.network
    cost = np.zeros(len(network.tail), np.int64)
    cost[: network.num_arcs] = goal.cost
    graph = _graph(network)
    flow = cheapest(graph, face, cost)
    if last:
        return Face(face.lower, face.upper, flow)
    return narrowed(graph, face, flow, cost)


def _is_most_units(num_arcs: int, face: Face, goal: LinearGoal) -> bool:
    free = face.lower[:num_arcs] < face.upper[:num_arcs]
    gain = goal.cost[free]
    return bool(len(gain)) and bool(gain[0] < 0) and bool((gain == gain[0]).all())


def _most_units(program: Program, face: Face) -> Face:
    """Return the face of all flows with the most units: a maximum flow and its cut."""
    network = program.network
    free = np.flatnonzero(face.lower < face.upper)
    # The hub falls into two: units leave node 0 and arrive at an extra node.
    sink = network.num_nodes
    head = np.where(network.head == 0, sink, network.head)
    tail = network.tail
    more, less = (face.upper - face.flow)[free], (face.flow - face.lower)[free]
    limit = np.array([max(int(more.sum() + less.sum()), 1)])
    found = push(
        Graph(sink + 1, tail[free], head[free]),
        more,
        less,
        (np.array([0]), limit),
        (np.array([sink]), limit),
    )
    flow, cut = face.flow.copy(), found.cut
    flow[free] += found.change
    leaves = cut[tail] & ~cut[head]
    enters = ~cut[tail] & cut[head]
    return Face(
        lower=np.where(leaves, face.upper, face.lower),
        upper=np.where(enters, face.lower, face.upper),
        flow=flow,
    )

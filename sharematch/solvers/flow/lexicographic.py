"""Goals in strict order on a network: each narrows the flows left to the next.

    F₀ = all flows,   Fᵢ = the flows of Fᵢ₋₁ that are best in goal i

Each Fᵢ is a face again, so it is bounds on edges and no row is added: no tolerance, no
weights between goals (linear goals: Isermann, Linear lexicographic optimization, 1982;
leximin: see `leximin` and `leximin_parametric`).

Four nodes: the hub, a choir of one unit, a hall 3 minutes away and a club 1 minute
away, a place in each. To serve as many as possible fixes the choir's edge at 1 and
leaves both ways open; to travel little then fixes the way through the club.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from sharematch.core.network.locality import with_neighbors_near
from sharematch.core.network.merging import Merged, merge
from sharematch.core.network.program import GroupGoal, LinearGoal, Network, Program
from sharematch.progress import Stop
from sharematch.solvers.flow.circulation import (
    Face,
    Graph,
    cheapest,
    feasible,
    narrowed,
    push,
)
from sharematch.solvers.flow.drops import Pieces
from sharematch.solvers.flow.leximin import (
    has_all_units,
    is_outermost,
    leximin_by_decomposition,
)
from sharematch.solvers.flow.leximin_parametric import leximin_by_ratio
from sharematch.solvers.flow.serial_dictatorship import Turns, need_edges
from sharematch.solvers.monitor import UNWATCHED, Monitor
from sharematch.solvers.outcome import Outcome

__all__ = ["FlowOutcome", "is_feasible", "solve_network"]

Ints = NDArray[np.int64]
LARGE = 500_000
"""Arcs from which numbering by place pays (0.96 of the time at 100,000 needs, 1.2 at
10,000): smaller networks fit into caches anyway."""


@dataclass(frozen=True)
class FlowOutcome(Outcome):
    """The outcome of flows, with those that the goals leave.

    The face is that of all optima if turns were asked for; else only a part of it.
    """

    face: Face


def _start(program: Program) -> Face | None:
    network = program.network
    if program.broken:
        return None
    flow = feasible(Graph.of(network), network.lower, network.upper)
    return None if flow is None else Face(network.lower, network.upper, flow)


def is_feasible(program: Program) -> bool:
    """Return whether any plan keeps all bounds."""
    return _start(program) is not None


def solve_network(
    program: Program,
    monitor: Monitor = UNWATCHED,
    turns: Sequence[int] | None = None,
) -> FlowOutcome | None:
    """Return an optimal plan, or None where none is feasible.

    With `turns`, needs choose in this order among the plans that all goals leave.

    Where the monitor ends it, the plan found so far is returned, with the goals proved.
    """
    # A turn is that of one need: equal ones are told apart.
    merged = Merged(program) if turns is not None else merge(program)
    program = merged.program
    if turns is None and program.network.num_arcs >= LARGE:
        program = with_neighbors_near(program)
    face = _start(program)
    if face is None:
        return None
    num_goals = len(program.goals) + (turns is not None)
    num_proved = 0
    has_most = False  # whether no plan left has more units
    try:
        for goal in program.goals:
            monitor.goal(goal.position, gap=Fraction(0))
            if isinstance(goal, GroupGoal):
                face, is_most = _leximin(program, face, goal, monitor)
                has_most |= is_most
            elif not _is_most_units(program.network.num_arcs, face, goal):
                last = goal is program.goals[-1] and turns is None
                face = _linear(program, face, goal, last=last)
            elif not has_most:
                face, has_most = _most_units(program, face), True
            num_proved += 1
        monitor.check()
        face = _in_turn(program, face, turns)
        num_proved += 1
    except Stop:
        pass
    units = merged.lift(program.lift(face.flow))
    is_proved = tuple(position < num_proved for position in range(num_goals))
    bounds = (None,) * len(program.goals)
    return FlowOutcome(units, bounds, is_proved, "network", face)


def _in_turn(program: Program, face: Face, turns: Sequence[int] | None) -> Face:
    """Return the face with the flow in which needs choose in turn, if there are."""
    if turns is None:
        return face
    edges = need_edges(program)[np.array(turns, np.int64)].tolist()
    flow = Turns(program.network, face).flow(edges)
    return Face(face.lower, face.upper, flow)


def _leximin(
    program: Program, face: Face, goal: GroupGoal, monitor: Monitor
) -> tuple[Face, bool]:
    """Return the face of leximin-optimal flows, and whether none has more units."""
    network = program.network
    if is_outermost(network, face, goal):
        settled = has_all_units(network, goal)
        return leximin_by_decomposition(network, face, goal), settled
    return leximin_by_ratio(network, face, goal, monitor), False


def _linear(program: Program, face: Face, goal: LinearGoal, *, last: bool) -> Face:
    """Return the face of least cost; after the last goal its flow is enough."""
    network = program.network
    if goal.has_drops:
        return _dropping(network, face, goal)
    cost = np.zeros(len(network.tail), np.int64)
    cost[: network.num_arcs] = goal.cost
    graph = Graph.of(network)
    flow = cheapest(graph, face, cost)
    if last:
        return Face(face.lower, face.upper, flow)
    return narrowed(graph, face, flow, cost)


def _dropping(network: Network, face: Face, goal: LinearGoal) -> Face:
    """Return the face of least cost where units of some groups cost more in the end."""
    pieces = Pieces.of(network, goal)
    split = pieces.split(face)
    flow = cheapest(pieces.graph, split, pieces.cost)
    return pieces.joined(narrowed(pieces.graph, split, flow, pieces.cost))


def _is_most_units(num_arcs: int, face: Face, goal: LinearGoal) -> bool:
    if goal.has_drops:
        return False
    free = np.flatnonzero(face.lower[:num_arcs] < face.upper[:num_arcs])
    if not len(free) or goal.cost[free[0]] >= 0:
        return False
    gain = goal.cost.take(free)
    return bool((gain == gain[0]).all())


def _most_units(program: Program, face: Face) -> Face:
    """Return the face of all flows with the most units: a maximum flow and its cut."""
    network = program.network
    free_edges = np.flatnonzero(face.lower < face.upper)
    # The hub falls into two: units leave node 0 and arrive at an extra node.
    sink = network.num_nodes
    head = np.where(network.head == 0, sink, network.head)
    tail = network.tail
    raisable = (face.upper - face.flow)[free_edges]
    lowerable = (face.flow - face.lower)[free_edges]
    limit = np.array([max(int(raisable.sum() + lowerable.sum()), 1)])
    pushed = push(
        Graph(sink + 1, tail[free_edges], head[free_edges]),
        raisable,
        lowerable,
        (np.array([0]), limit),
        (np.array([sink]), limit),
    )
    flow, cut = face.flow.copy(), pushed.cut()
    for edges, units in pushed.moves:
        flow[free_edges[edges]] += units
    leaves = cut[tail] & ~cut[head]
    enters = ~cut[tail] & cut[head]
    return Face(
        lower=np.where(leaves, face.upper, face.lower),
        upper=np.where(enters, face.lower, face.upper),
        flow=flow,
    )

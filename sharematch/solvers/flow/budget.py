"""Goals in strict order while at most so many units move: flows, moves at a price.

    minimize, goal by goal, cost · x   over flows   with   move · x ≤ limit

    max over prices p ≥ 0 of   min over flows of   cost · x + p · (move · x - limit)

Where a goal needs more moves than are allowed, each move gets a price. At one price
the best flows have a face with plans below and above the budget; the line between them
bounds the goal, and the plan nearest to the budget from below is kept. This is the
Lagrangian dual of one side constraint, searched from breakpoint to breakpoint along
the lower hull (Geoffrion 1974; Handler and Zang 1980).

Four nodes: the hub, a choir of two units, a hall 5 minutes away where both sat, and a
club 2 minutes away. To travel little moves both (4 minutes), to move nobody costs 10.
One may move: at a price of 3 minutes all plans are worth the same, 10; the face has
plans with 0, 1 and 2 moves, and the one with 1 is kept, 7 minutes, which is the bound.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import ceil, gcd
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.codes import NONE
from sharematch.core.network.merging import merge
from sharematch.core.network.program import GroupGoal, LinearGoal, Program
from sharematch.model.policy import Goal
from sharematch.solvers.flow.circulation import (
    Face,
    Graph,
    cheapest,
    feasible,
    narrowed,
)
from sharematch.solvers.flow.leximin import is_outermost, leximin_by_decomposition
from sharematch.solvers.flow.leximin_parametric import leximin_by_ratio
from sharematch.solvers.flow.unit_order import cutoff
from sharematch.solvers.monitor import UNWATCHED, Monitor
from sharematch.solvers.outcome import Number, Outcome

__all__ = ["solve_within"]

Ints = NDArray[np.int64]


def solve_within(
    program: Program,
    limit: int,
    goals: Sequence[Goal] = (),
    monitor: Monitor = UNWATCHED,
) -> Outcome | None:
    """Return a plan in which kept units of the baseline are cut by at most `limit`.

    Parameters
    ----------
    program
        Its last goal is to move little; it is no goal of its own, but the measure.
    limit
        Of the last goal's sum of costs (minus the units kept).
    goals
        The policy's, of which the program's others are.

    Returns
    -------
    None where no plan keeps rules and limit.
    """
    merged = merge(program)
    program = merged.program
    *wanted, moves = program.goals
    assert isinstance(moves, LinearGoal)
    network = program.network
    start = None
    if not program.broken:
        start = feasible(Graph.of(network), network.lower, network.upper)
    if start is None:
        return None
    search = _Search(program, Face(network.lower, network.upper, start), moves, limit)
    search.face = search.least_moved(search.face)
    if search.num_moves(search.face) > limit:
        return None
    goal_gaps: list[tuple[bool, int | Face | None]] = []
    for goal in wanted:
        monitor.goal(goal.position, gap=Fraction(0))
        goal_gaps.append(search.goal(goal, monitor))

    def lift(face: Face) -> Ints:
        return merged.lift(program.lift(face.flow))

    units = lift(search.face)
    bounds: list[Number | None] = []
    for term, (_, missing) in zip(goals, goal_gaps, strict=True):
        gap = lift(missing) if isinstance(missing, Face) else missing
        bounds.append(None if gap is None else _bound(program, term, units, gap))
    is_proved = tuple(is_proved for is_proved, _ in goal_gaps)
    return Outcome(units, tuple(bounds), is_proved, "priced")


def _bound(program: Program, goal: Goal, units: Ints, missing: int | Ints) -> Number:
    """Return what no plan can beat, from what may be missing; see `_Search.goal`."""
    measures = program.measures
    if isinstance(missing, np.ndarray):
        return _number(measures.goal_value(goal, missing))
    values = measures.values(goal.measure, units, None, goal.where)
    share = Fraction(missing, max(int(values.denominator[0]), 1))
    value = _number(measures.goal_value(goal, units))
    assert isinstance(value, Fraction)
    return value + goal.sense * share


def _number(value: Any) -> Number:
    return value if isinstance(value, tuple) else Fraction(value)


class _Search:
    """The flows left to later goals."""

    def __init__(
        self, program: Program, face: Face, moves: LinearGoal, limit: int
    ) -> None:
        self.network, self.graph = program.network, Graph.of(program.network)
        self.face, self.limit = face, limit
        self.move = self._cost(moves)
        self.is_exact = True
        """Whether the face has all optima of the goals so far, and no others."""
        self.is_free = True
        """Whether moves are still to be had; else who stays is settled."""
        self.is_spent = False
        """Whether every optimum moves as much as is allowed."""

    def _cost(self, goal: LinearGoal) -> Ints:
        cost = np.zeros(len(self.network.tail), np.int64)
        cost[: self.network.num_arcs] = goal.cost
        return cost

    def num_moves(self, face: Face) -> int:
        return int(self.move @ face.flow)

    def least_moved(self, face: Face) -> Face:
        """Return the face with a flow of it that moves least."""
        if not self.is_free:
            return face
        return Face(face.lower, face.upper, cheapest(self.graph, face, self.move))

    def goal(
        self, goal: LinearGoal | GroupGoal, monitor: Monitor
    ) -> tuple[bool, int | Face | None]:
        """Narrow the face to the best flows; return whether that is proved.

        Beside it stands what may at most be missing to the optimum of a total; of a
        group goal a flow that none exceeds, as if all might move; None where nothing is
        known.
        """
        was_exact = self.is_exact
        if self.is_spent and self._is_move(goal):
            return True, None
        face = self._best(goal, monitor)
        if not self.is_free or self.num_moves(face) <= self.limit:
            self.face = face
            return was_exact, None
        # Later goals choose only among the flows that keep the same units.
        self.is_exact = False
        if isinstance(goal, GroupGoal):
            self._spend_on_groups(goal, face)
            self.face = self._best(goal, monitor)
            return False, face if was_exact else None
        bound = self._spend(self._cost(goal), face)
        missing = int(self._cost(goal) @ self.face.flow) - ceil(bound)
        # At a price above 0 a plan as good that moves less would beat the bound.
        self.is_spent = was_exact and not missing
        self.is_spent &= self.num_moves(self.face) == self.limit
        return was_exact and not missing, missing if was_exact else None

    def _is_move(self, goal: LinearGoal | GroupGoal) -> bool:
        return isinstance(goal, LinearGoal) and bool(
            (self._cost(goal) == self.move).all()
        )

    def _best(self, goal: LinearGoal | GroupGoal, monitor: Monitor) -> Face:
        """Return the best flows, whatever moves, with one that moves least of them."""
        if isinstance(goal, LinearGoal):
            cost = self._cost(goal)
            flow = cheapest(self.graph, self.face, cost)
            return self.least_moved(narrowed(self.graph, self.face, flow, cost))
        if is_outermost(self.network, self.face, goal):
            return self.least_moved(
                leximin_by_decomposition(self.network, self.face, goal)
            )
        return self.least_moved(
            leximin_by_ratio(self.network, self.face, goal, monitor)
        )

    # ---- a price for moves

    def _spend(self, cost: Ints, best: Face) -> Fraction:
        """Spend the budget on a linear goal; return what no plan can fall below."""
        calm = self.least_moved(self.face).flow
        within = cheapest(
            self.graph, narrowed(self.graph, self.face, calm, self.move), cost
        )
        beyond = best.flow
        while True:
            # The line through both points (moves, cost): where some flow lies below
            # it, that is the next corner of the lower hull; else it bounds the goal.
            price = int(cost @ within - cost @ beyond)
            rate = int(self.move @ beyond - self.move @ within)
            common = max(gcd(price, rate), 1)
            price, rate = price // common, rate // common
            priced = rate * cost + price * self.move
            flow = cheapest(self.graph, self.face, priced)
            if int(priced @ flow) == int(priced @ beyond):
                break
            if self.move @ flow <= self.limit:
                within = flow
            else:
                beyond = flow
        face = narrowed(self.graph, self.face, flow, priced)
        few_moves = cheapest(self.graph, face, self.move)
        many_moves = cheapest(self.graph, face, -self.move)
        chosen = _toward(self.graph, few_moves, many_moves, self.move, self.limit)
        bound = Fraction(int(priced @ flow) - price * self.limit, rate)
        # With more kept the goal would be worse: neither more nor less.
        self._settle(face, chosen, exactly=True)
        return bound

    def _settle(self, face: Face, flow: Ints, *, exactly: bool) -> None:
        """Keep the units that stay in this flow from now on."""
        lower, upper = face.lower.copy(), face.upper.copy()
        counts_moves = self.move != 0
        lower[counts_moves] = flow[counts_moves]
        if exactly:
            upper[counts_moves] = flow[counts_moves]
        self.face = Face(lower, upper, flow)
        self.is_free = False

    # ---- groups

    def _spend_on_groups(self, goal: GroupGoal, best: Face) -> None:
        """Raise groups in the order of leximin as far as the budget goes."""
        has_node = goal.node != NONE
        group_edge = self.network.edge_of(goal.node[has_node])
        start, weight = goal.start[has_node], goal.weight[has_node]
        held_units = goal.sign * np.stack(
            [self.face.lower[group_edge], self.face.upper[group_edge]]
        )
        least, most = held_units.min(axis=0), goal.sign * best.flow[group_edge]

        def raised(count: int) -> Face:
            """Return the face in which groups have the first so many units."""
            below, upto = cutoff(start, weight, least, most, count)
            level = below.copy()
            # Of groups whose next units are level the first in order get theirs.
            tied = np.flatnonzero(upto > below)
            level[tied[: max(count - int((below - least).sum()), 0)]] += 1
            lower, upper = self.face.lower.copy(), self.face.upper.copy()
            bounds, pick = (lower, np.maximum) if goal.sign > 0 else (upper, np.minimum)
            bounds[group_edge] = pick(bounds[group_edge], goal.sign * level)
            return self.least_moved(Face(lower, upper, best.flow))

        affordable, unaffordable = 0, int((most - least).sum())
        affordable_face = raised(0)
        while unaffordable - affordable > 1:
            num_units = (affordable + unaffordable) // 2
            middle_face = raised(num_units)
            if self.num_moves(middle_face) <= self.limit:
                affordable, affordable_face = num_units, middle_face
            else:
                unaffordable = num_units
        self._settle(self.face, affordable_face.flow, exactly=False)


def _toward(
    graph: Graph, few_moves: Ints, many_moves: Ints, move: Ints, limit: int
) -> Ints:
    """Return a flow between two whose sum of `move` is near the limit from below.

    Their difference falls into cycles, each of which may be gone along or not.
    """
    flow, change = few_moves.copy(), many_moves - few_moves
    spare_moves = limit - int(move @ few_moves)
    tail = np.where(change > 0, graph.tail, graph.head)
    head = np.where(change > 0, graph.head, graph.tail)
    unpassed_units = {int(e): abs(int(change[e])) for e in np.flatnonzero(change)}
    leaving: dict[int, list[int]] = {}
    for edge in unpassed_units:
        leaving.setdefault(int(tail[edge]), []).append(edge)
    for edges, times in _cycles(leaving, head.tolist(), unpassed_units):
        sign = np.sign(change[edges])
        gain = int((move[edges] * sign).sum())
        passed = min(times, spare_moves // gain) if gain > 0 else 0
        flow[edges] += sign * passed
        spare_moves -= gain * passed
    return flow


def _cycles(
    leaving: dict[int, list[int]], head: list[int], unpassed_units: dict[int, int]
) -> Iterator[tuple[Ints, int]]:
    """Yield a circulation as cycles and how often each is passed."""

    def outward(node: int) -> int | None:
        while leaving[node] and not unpassed_units[leaving[node][-1]]:
            leaving[node].pop()
        return leaving[node][-1] if leaving[node] else None

    for start in leaving:
        while outward(start) is not None:
            path: list[int] = []
            visit_position, node = {start: 0}, start
            while True:
                edge = outward(node)
                assert edge is not None  # what comes in goes out
                path.append(edge)
                node = head[edge]
                if node in visit_position:
                    break
                visit_position[node] = len(path)
            edges = path[visit_position[node] :]
            times = min(unpassed_units[edge] for edge in edges)
            for edge in edges:
                unpassed_units[edge] -= times
            yield np.array(edges), times

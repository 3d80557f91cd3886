"""First come, first served: the baseline that offices know.

    for each need by (since, hash): its nearest slot that has room, rules kept

Whoever is there keeps the place; nobody is moved. No plan of this library is worse in
the first goal where the two differ.

Example: needs 1 to 4 came in this order, two slots of one place. Need 1 takes the
nearer one, need 2 the other; 3 and 4 get nothing, though 1 could have gone elsewhere.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.codes import NONE
from sharematch.core.eligibility.order import turns
from sharematch.core.integer.coupled import CoupledProgram
from sharematch.core.network.program import Program
from sharematch.progress import Stop
from sharematch.solvers.anytime.board import Board
from sharematch.solvers.anytime.neighborhood import Incumbent, served_more
from sharematch.solvers.integer.cpsat import Model
from sharematch.solvers.monitor import UNWATCHED, Monitor

__all__ = ["first_come", "first_come_coupled", "first_come_values"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

LOOK = 4_096
"""Pairs between two looks at the clock."""
FINE = 2**20
"""Ways to take some columns up to which no two are alike in what they cost."""
LARGEST = 2**40
"""What sums of such costs may grow to."""


def first_come(program: Program, monitor: Monitor = UNWATCHED) -> Ints | None:
    """Return the units on each arc when needs choose in turn.

    Needs come by `since` (undated last), then in the order of their keyed hash; each
    takes its nearest free slots. Pinned units are placed first, caps of rules and
    records hold. None where that does not keep a rule's floor. Where the monitor is
    over, who comes later gets nothing.
    """
    network, arcs = program.network, program.measures.arcs
    columns = program.measures.columns
    num = network.num_arcs
    arc_of_edge = program.arc_of_edge
    room_left = network.upper - network.complete(network.lower[:num])
    if program.broken or (room_left < 0).any():
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
    room = room_left.tolist()
    for edge in _in_time(order, monitor):
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


def _in_time(order: Ints, monitor: Monitor) -> Iterator[int]:
    """Yield numbers in order, as many as there is time for."""
    for first in range(0, len(order), LOOK):
        if monitor.is_over():
            return
        yield from order[first : first + LOOK].tolist()


def first_come_coupled(program: CoupledProgram, monitor: Monitor) -> Ints | None:
    """Return the units on each arc when needs that couple choose in turn.

    The order is that of `first_come`. Before it stands a plan with the fewest units
    that keeps decisions and floors, mostly an empty one; each need then takes what it
    can, nearest first, and what others have stays.
    """
    values = first_come_values(program, monitor)
    return None if values is None else program.lift(values)


def first_come_values(
    program: CoupledProgram, monitor: Monitor, *, is_due: bool = False
) -> Ints | None:
    """Return the plan of `first_come_coupled` as values of all variables.

    Where the monitor is over, who comes later gets nothing.

    Parameters
    ----------
    is_due
        Go on with a last look then: no plan is to be behind this one.
    """
    rows, columns = program.rows, program.measures.columns
    board = Board(program)
    values = board.complete()
    distance = program.cover.T @ program.measures.arcs.distance
    if not rows.holds(values):
        least = _least(program, distance, monitor)
        if least is None and is_due:
            least = _least(program, distance, monitor.last_look())
        if least is None:
            return None
        values = least
        board.load(values)
    price = distance[board.column] / np.maximum(board.size, 1)
    incumbent = Incumbent(program, values)
    for need in turns(columns, program.terms.seed).tolist():
        if is_due and monitor.is_over():
            monitor, is_due = monitor.last_look(), False
        if monitor.is_over():
            break
        if not _is_served(board, need, price):
            _serve_exactly(board, incumbent, need, distance, monitor)
    return board.complete()


def _is_served(board: Board, need: int, price: Floats) -> bool:
    """Give a need what it can have where limits from above tell; return if they do."""
    columns = board.columns_of(need)
    if not board.served[need] and not (
        board.may_relieve or board.fitting(columns).any()
    ):
        return True  # nothing fits, by itself or with others of its own
    is_simple = bool(board.is_free[need])
    return is_simple and bool(board.serve(need, price) or board.least[need] < 2)


def _serve_exactly(
    board: Board, incumbent: Incumbent, need: int, distance: Ints, monitor: Monitor
) -> None:
    """Give a need what it can have where more than limits from above tells."""
    columns = board.columns_of(need)
    if (board.size[columns] >= board.demand[need] - board.served[need]).all():
        _serve_at_one(board, columns, distance)
        return
    incumbent.set(board.complete())
    cost, owned = np.zeros_like(distance), board.column[columns]
    cost[owned] = _without_ties(distance[owned], board.program.rows.upper[owned])
    values = served_more(incumbent, need, cost, monitor)
    if values is not None:
        board.load(values)


def _least(program: CoupledProgram, distance: Ints, monitor: Monitor) -> Ints | None:
    """Return a plan with the fewest units that keeps all rows, as values."""
    column = program.column
    upper = program.rows.upper[column]
    tie = _without_ties(distance[column], upper)
    units = program.size[column] * (int(tie @ upper) + 1)
    try:
        model = Model(program.rows, monitor.check)
    except Stop:
        return None
    return model.solve(
        monitor, variable=column, factor=units + tie, maximize=False
    ).values


def _without_ties(cost: Ints, upper: Ints) -> Ints:
    """Return costs of some variables so that of equal ones those in front are taken.

    What a search finds does then not depend on what else its rows say, on goals above
    all. Where numbers would grow too large some ties are left.
    """
    with np.errstate(over="ignore"):  # of thousands there are more than any float
        kinds = np.prod(upper.astype(float) + 1)
    if kinds < FINE:
        # As digits of a number: one unit more behind outweighs all in front.
        tie = np.cumprod(np.append(1, upper + 1))[:-1]
    else:
        tie = np.arange(len(cost))
    scale = int(tie @ upper) + 1
    largest = float(cost.max(initial=0)) * scale * float(upper.sum() + 1)
    return cost * scale + tie if largest < LARGEST else cost


def _serve_at_one(board: Board, columns: Ints, distance: Ints) -> None:
    """Give a need that one column serves the nearest that keeps all rows."""
    good = columns[board.fitting(columns)]
    good = good[board.opening_well(good)]
    for position in good[
        np.argsort(distance[board.column[good]], kind="stable")
    ].tolist():
        if board.put(position):
            if board.program.rows.holds(board.complete()):
                return
            board.take(position)

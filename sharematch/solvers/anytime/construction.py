"""Constructive plans: needs take their columns in turn, where that costs others least.

A column is one thing to choose: a place for a whole need, a series, a unit on an arc.
Its price is the mean scarcity of what it takes: all that needs would put there if each
spread itself evenly over its columns, over what there is. Later goals may weigh in.

Example: a hall of one place at 17:00 and at 18:00. Club A can come at either time, club
B at 17:00 only. Scarcity is 1/2 + 1 at 17:00 and 1/2 at 18:00: A takes 18:00, whoever
is first, and both are served.

All limits from above hold at each step: room, persons, budgets, what opens. Floors and
least uses are looked at afterwards: slots with too few units are closed again.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from sharematch.core.eligibility.order import hash_rank
from sharematch.core.integer.coupled import CoupledProgram
from sharematch.core.integer.program import Total, Vector
from sharematch.solvers.anytime.board import Board, asking_rows, entries
from sharematch.solvers.monitor import UNWATCHED, Monitor

__all__ = ["built", "constructed", "later_price"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

WEIGHTS = (0.0, 1.0, 4.0, 16.0)
"""How much later goals weigh against scarcity, in successive plans."""
BITS = 4
"""Bits in which a need is served where the group that has least comes first."""
CLOSINGS = 8
"""Times that slots with too few units are closed and their needs placed anew."""


# ---- prices


@dataclass(frozen=True)
class _Prices:
    scarcity: Floats
    later: Floats
    """What the goals that tell columns apart say, from 0 to about 1 for each need."""

    def weighed(self, weight: float) -> Floats:
        return self.scarcity + weight * self.later


def _prices(board: Board) -> _Prices:
    entry = csr_array(board.takes).tocoo()  # by limit, then by column and so by need
    per_need = np.diff(board.first)
    upper = board.program.rows.upper[board.column]
    spread = np.minimum(upper * board.size, board.demand[board.need]) / np.maximum(
        per_need[board.need] * board.size, 1
    )
    positive = entry.data > 0
    row, col = entry.row[positive], entry.col[positive]
    taken = entry.data[positive] * spread[col]
    asked = np.bincount(row, taken, minlength=len(board.most))
    scarce = asked / np.maximum(board.most, 1)
    # Limits that a single need has for itself are nobody else's loss.
    is_new = np.append(True, (np.diff(row) != 0) | (np.diff(board.need[col]) != 0))
    num_needs = np.bincount(row[is_new[: len(row)]], minlength=len(board.most))
    shared = num_needs > 1
    number = np.maximum(np.bincount(row, minlength=len(board.most)), 1)
    mean = np.bincount(row, entry.data[positive], minlength=len(board.most)) / number
    share = entry.data[positive] / np.maximum(mean[row], 1)
    weight = shared[row].astype(float)
    total = np.bincount(col, weight * share * scarce[row], minlength=len(board.column))
    count = np.bincount(col, weight, minlength=len(board.column))
    return _Prices(total / np.maximum(count, 1), later_price(board))


def later_price(board: Board) -> Floats:
    """Return what totals after each other say of columns, earlier ones louder."""
    program = board.program
    price = np.zeros(len(board.column))
    loudness = 1.0
    for goal in program.goals:
        if not isinstance(goal, Total):
            continue
        cost: Floats = goal.cost(program.rows.num_variables).astype(float)
        place, switch, _ = entries(board.turns_on, np.arange(len(board.column)))
        worth = cost[board.column] + np.bincount(
            place, cost[board.switch[switch]], minlength=len(board.column)
        )
        worth /= np.maximum(board.size, 1)
        low = np.full(len(board.demand), np.inf)
        high = np.full(len(board.demand), -np.inf)
        np.minimum.at(low, board.need, worth)
        np.maximum.at(high, board.need, worth)
        spread = (high - low)[np.isfinite(low)]
        typical = float(spread.mean()) if len(spread) else 0.0
        if typical > 0:
            price += loudness * (worth - low[board.need]) / typical
            loudness /= 4
    return price


# ---- orders


def _orders(board: Board) -> Iterator[Iterator[int]]:
    """Yield orders of needs: hardest to place first, largest first, as drawn."""
    program = board.program
    ids = program.measures.columns.need_ids
    drawn = hash_rank(program.terms.seed, ids)
    choices = np.diff(board.first)
    asking = np.flatnonzero((choices > 0) & (board.demand > 0))
    size = board.demand
    for keys in (
        (drawn, choices),
        (drawn, choices, -size),
        (drawn, -size, choices),
        (drawn,),
    ):
        order = np.lexsort(tuple(key[asking] for key in keys))
        yield iter(asking[order].tolist())


def _worst_first(
    board: Board, goal: Vector, price: Floats, monitor: Monitor
) -> Iterator[None]:
    """Serve needs bit by bit, each time one of the group that has least.

    A bit is a column, or a quarter of what is asked for: a need with all at once would
    have taken what others need for their first. Within a group, in several orders: the
    largest first, the fewest columns first, the smallest first.
    """
    group, members = _groups(board, goal)
    smallest = np.full(len(board.demand), np.iinfo(np.int64).max)
    np.minimum.at(smallest, board.need, board.size)
    bit = np.maximum(-(-board.demand // BITS), np.maximum(smallest, 1))
    size, choices = bit[members], np.diff(board.first)[members]
    for keys in ((choices, -size), (size, choices), (choices, size)):
        board.clear()
        order = np.lexsort((*keys, group))
        _least_first(board, goal, price, monitor, (group[order], members[order], bit))
        yield


def _least_first(
    board: Board,
    goal: Vector,
    price: Floats,
    monitor: Monitor,
    asking: tuple[Ints, Ints, Ints],
) -> None:
    """Serve a bit of the next need of the group that has least, again and again.

    Parameters
    ----------
    asking
        Groups with their needs in order, and the bit of each need.
    """
    group, members, bit = asking
    waiting: list[list[int]] = [[] for _ in goal.total]
    for g, need in zip(group[::-1].tolist(), members[::-1].tolist(), strict=True):
        waiting[g].append(need)
    total = csr_array(_total_matrix(board, goal))
    heap = [(0.0, g) for g, needs in enumerate(waiting) if needs]
    reached = np.zeros(len(goal.total))
    weight = np.array([float(w) for w in goal.weight])
    heapify(heap)
    while heap and not monitor.is_over():
        _, g = heappop(heap)
        while waiting[g]:
            need = waiting[g][-1]
            columns = board.columns_of(need)
            before = board.values[board.column[columns]].copy()
            is_served = board.serve(need, price, int(bit[need]))
            if not is_served or board.served[need] >= board.demand[need]:
                waiting[g].pop()
            if is_served:
                change = board.values[board.column[columns]] - before
                reached += total[:, columns] @ change
                break
        if waiting[g]:
            heappush(heap, (float(reached[g] / weight[g]), g))


def _total_matrix(board: Board, goal: Vector) -> Any:
    """Return what each column adds to each group of a vector."""
    return board.program.dependents.sums_of(goal.total)[:, board.column]


def _groups(board: Board, goal: Vector) -> tuple[Ints, Ints]:
    """Return group and need of each pair in which the need can add to the group."""
    entry = _total_matrix(board, goal).tocoo()
    pair = np.unique(np.stack([entry.row, board.need[entry.col]]), axis=1)
    return pair[0].astype(np.int64), pair[1].astype(np.int64)


# ---- plans


def constructed(
    program: CoupledProgram,
    is_enough: Callable[[], bool] = lambda: True,
    monitor: Monitor = UNWATCHED,
) -> Iterator[Ints]:
    """Yield plans, as values of all variables; some may miss floors or least uses.

    The first is the plan that has nothing but what must be.

    Parameters
    ----------
    is_enough
        Asked before later goals weigh in: whether some plan so far has all that a first
        goal over groups can have.
    monitor
        Where it is over, needs that come later get nothing.
    """
    yield program.nothing
    board = Board(program, is_strict=True)
    prices = _prices(board)
    vector = next((g for g in program.goals if isinstance(g, Vector)), None)
    for weight in WEIGHTS:
        price = prices.weighed(weight)
        for order in _orders(board):
            board.clear()
            yield from built(board, order, price, monitor)
        if vector is not None and vector.sign > 0:
            for _ in _worst_first(board, vector, price, monitor):
                yield from built(board, next(_orders(board)), price, monitor)
        if not prices.later.any():
            break
        if vector is program.goals[0] and not is_enough():
            break  # what later goals say does not help the first


def built(
    board: Board,
    order: Iterator[int],
    price: Floats,
    monitor: Monitor = UNWATCHED,
) -> Iterator[Ints]:
    """Serve needs in an order, close what is used too little, and serve again."""
    needs: Sequence[int] = list(order)
    _serve(board, needs, price, monitor)
    for _ in range(CLOSINGS):
        values = board.complete()
        if not _close(board, values):
            break
        _serve(board, needs, price, monitor)
    else:
        # What is opened now and not filled is closed for good.
        while _close(board, board.complete()):
            pass
    yield board.complete()


def _serve(board: Board, needs: Sequence[int], price: Floats, monitor: Monitor) -> None:
    """Serve needs one after the other as long as there is time."""
    for need in needs:
        if monitor.is_over():
            break
        board.serve(need, price)


def _close(board: Board, values: Ints) -> bool:
    """Empty the slots that are used by fewer units than they ask for; ban them."""
    rows = board.program.rows
    asks = asking_rows(board.program, None)
    if not len(asks):
        return False
    below = asks[rows.matrix[asks] @ values < rows.least[asks]]
    if not len(below):
        return False
    part = csr_array(rows.matrix[below])
    # Half of them at a time: first those whose needs can go elsewhere, then the
    # emptiest; the others may fill up.
    inside = [_columns_in(board, part, row) for row in range(len(below))]
    stuck = np.array([_num_stuck(board, to_close) for to_close in inside], np.int64)
    lacking = rows.least[below] - part @ values
    worst = np.lexsort((-lacking, stuck))[: max(len(below) // 2, 1)]
    to_close = np.unique(np.concatenate([inside[row] for row in worst.tolist()]))
    board.banned[to_close] = True
    for one in to_close[board.values[board.column[to_close]] > 0].tolist():
        board.take(one, int(board.values[board.column[one]]))
    return True


def _columns_in(board: Board, part: csr_array, row: int) -> Ints:
    """Return the positions of the columns that stand in one row of a part."""
    used = np.zeros(board.program.rows.num_variables, bool)
    used[part.indices[part.indptr[row] : part.indptr[row + 1]]] = True
    return np.flatnonzero(used[board.column])


def _num_stuck(board: Board, place: Ints) -> int:
    """Return how many needs in a place fit nowhere else as the plan is."""
    held = place[board.values[board.column[place]] > 0]
    there = np.unique(board.need[held])
    elsewhere = np.ones(len(board.column), bool)
    elsewhere[place] = False
    ways_out = np.concatenate([place[:0], *map(board.columns_of, there.tolist())])
    ways_out = ways_out[elsewhere[ways_out]]
    before = board.snapshot()
    for one in held.tolist():
        board.take(one, int(board.values[board.column[one]]))
    movable = np.unique(board.need[ways_out[board.fitting(ways_out)]])
    board.restore(before)
    return len(there) - len(movable)

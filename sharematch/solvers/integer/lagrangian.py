"""Bounds where rooms are packed: each room by itself, all other rows at a price.

    L(p) = min over x of cost × x + p × (rows - A x),   rooms kept as packings

At any prices the sum of the best packings is a bound (Geoffrion 1974). Those of the
linear relaxation give its bound or a better one; from there prices follow what their
rows lack or have too much of (Held, Wolfe & Crowder 1974). What the packings of single
rooms leave open is then known almost exactly. A room's packing is a knapsack, solved by
its sizes (Bellman 1957).

Example: needs of 2, 2, 3 and 3, two rooms of 4: the linear relaxation serves 8. With a
price of 1/2 on each need of 2 the best packing of a room is worth 3, by 2 + 2 or by 3,
and the bound 2 × 1/2 + 2 × 3 = 7, which a plan has.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.integer.program import FREE, Rows
from sharematch.solvers.integer.mip import relax
from sharematch.solvers.monitor import Monitor

__all__ = ["lagrangian_bound", "narrowed", "priced_bound"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

PACE = 75_000
"""Entries of the rows for which there must be a second, else none is begun."""
PACKED = 1e8
"""Entries of rows, and items × width of rooms, that are looked at in a second of work:
measured at 0.6e8 to 1.5e8 for rooms of 10 to 1,000."""
ROUNDS = 160
"""Prices that are tried."""
PATIENCE = 8
"""Rounds without a better bound before steps get shorter."""
SHORTER = 0.6
MOMENTUM = 0.7
SCALE = 2**10
"""Prices are whole in this part of a unit of cost: sums are exact."""
LARGEST = 200_000
"""Variables beyond which the linear relaxation is not worth its time."""
CELLS = 5e7
"""Rooms × items × width beyond which packing takes too long: rooms have prices too."""


def lagrangian_bound(
    rows: Rows,
    cost: Ints,
    reached: int,
    monitor: Monitor,
    start: NDArray[np.float64] | None = None,
) -> int | None:
    """Return what Σ cost × variable cannot fall below, None where that is not known.

    Parameters
    ----------
    reached
        What a plan has.
    start
        Prices of the rows to begin with; those of the linear relaxation if left out.
    """
    seconds = monitor.remaining()
    if start is None and seconds is not None and seconds < rows.matrix.nnz / PACE:
        return None
    priced = None if rows.num_variables > LARGEST else _priced(rows, cost)
    if priced is None:
        return None
    if start is None:
        relaxed = relax(rows, cost, monitor)
        if relaxed is None:
            return None
        monitor.spend(relaxed.work)
        start = relaxed.price
    bound = _ascend(priced, start[priced.rows], reached, monitor)
    if bound is None:
        return None
    unit = max(int(np.gcd.reduce(cost)), 1)
    return -(-bound // unit) * unit


def priced_bound(rows: Rows, cost: Ints, price: NDArray[np.float64]) -> int | None:
    """Return what Σ cost × variable cannot fall below at some prices of the rows.

    Any prices give a bound, those of a relaxation its optimum but for rounding: the
    finer they are told the better, as long as sums stay within 64 bits. None where they
    do not.
    """
    for finer in (2**20, 2**10, 1):
        if float(np.abs(cost).max(initial=0)) * finer * SCALE >= FREE:
            continue
        priced = _all_priced(rows, finer * cost)
        whole = _signed(priced, np.rint(price[priced.rows] * finer * SCALE))
        if _is_safe(priced, whole):
            bound, _ = _packed(priced, whole.astype(np.int64))
            unit = max(int(np.gcd.reduce(cost)), 1)
            return -(-bound // (finer * SCALE * unit)) * unit
    return None


def narrowed(rows: Rows, cost: Ints, price: NDArray[np.float64], values: Ints) -> Rows:
    """Return the rows without what only dearer plans than this one have.

    What a variable costs beyond its rows' prices is added to the bound at these prices:
    where that exceeds the plan's cost, no better plan has it (Dantzig, Fulkerson &
    Johnson 1954). The plan itself keeps the rows.
    """
    priced = _all_priced(rows, cost)
    whole = _signed(priced, np.rint(price[priced.rows] * SCALE))
    if not _is_safe(priced, whole):
        return rows
    prices = whole.astype(np.int64)
    bound, _ = _packed(priced, prices)
    reduced_cost = _reduced_cost(priced, prices)
    spare = SCALE * (cost @ values - max(int(np.gcd.reduce(cost)), 1)) - bound
    steps = np.where(
        reduced_cost == 0, FREE, max(spare, 0) // np.maximum(np.abs(reduced_cost), 1)
    )
    reach = np.minimum(steps, rows.upper - rows.lower)
    upper = np.where(reduced_cost > 0, rows.lower + reach, rows.upper)
    lower = np.where(reduced_cost < 0, rows.upper - reach, rows.lower)
    return replace(
        rows, lower=np.minimum(lower, values), upper=np.maximum(upper, values)
    )


@dataclass(frozen=True)
class _Items:
    """What may be packed: `times` units of a variable, into one room."""

    variable: Ints
    times: Ints
    size: Ints
    room: Ints


@dataclass(frozen=True)
class _Priced:
    """Cost, the rows that are priced, and rooms to pack.

    `rows` are the positions of those that `matrix` holds.
    """

    cost: Ints
    lower: Ints
    upper: Ints
    rows: Ints
    matrix: Any
    least: Ints
    most: Ints
    items: _Items
    space: Ints
    is_packed: Bools

    @property
    def num_looks(self) -> int:
        """Entries, and items × width of rooms, that one packing looks at."""
        width = int(self.space.max(initial=0)) + 1
        return int(2 * self.matrix.nnz) + len(self.items.size) * width


def _priced(rows: Rows, cost: Ints) -> _Priced | None:
    """Return the rooms and all other rows, None where nothing is to be packed."""
    is_room = _rooms(rows)
    entry = rows.matrix[np.flatnonzero(is_room)].tocoo()
    space = rows.most[is_room] - rows.matrix[is_room] @ rows.lower
    items = _items(entry.col, entry.data, entry.row, rows)
    fits = (items.size <= space[items.room]) & (items.times > 0)
    items = _Items(*(x[fits] for x in vars(items).values()))
    if not len(items.size) or (space < 0).any():
        return None
    most_items = np.bincount(items.room).max()
    if len(space) * most_items * (int(space.max()) + 1.0) > CELLS:
        return _all_priced(rows, cost)
    return _with_prices(rows, cost, is_room, items, space)


def _all_priced(rows: Rows, cost: Ints) -> _Priced:
    """Return all rows with prices, and no rooms."""
    none = np.empty(0, np.int64)
    items = _Items(none, none, none, none)
    return _with_prices(rows, cost, np.zeros(len(rows.least), bool), items, none)


def _with_prices(
    rows: Rows, cost: Ints, is_room: Bools, items: _Items, space: Ints
) -> _Priced:
    others = np.flatnonzero(~is_room & (np.diff(rows.matrix.indptr) > 0))
    is_packed = np.zeros(rows.num_variables, bool)
    is_packed[rows.matrix[np.flatnonzero(is_room)].indices] = True
    return _Priced(
        cost,
        rows.lower,
        rows.upper,
        others,
        rows.matrix[others],
        rows.least[others],
        rows.most[others],
        items,
        space,
        is_packed,
    )


def _rooms(rows: Rows) -> Bools:
    """Return the limits of rooms that have no variable in common."""
    kinds = np.array([source.kind == "capacity" for source in rows.sources], bool)
    entry = rows.matrix.tocoo()
    negative = np.zeros(len(rows.least), bool)
    negative[entry.row[entry.data < 0]] = True
    is_room = kinds[rows.source] & (rows.least <= -FREE) & (rows.most < FREE)
    is_room &= ~negative & (np.diff(rows.matrix.indptr) > 0)
    in_room = is_room[entry.row]
    count = np.bincount(entry.col[in_room], minlength=rows.num_variables)
    shared = np.zeros(len(is_room), bool)
    shared[entry.row[in_room & (count[entry.col] > 1)]] = True
    return np.asarray(is_room & ~shared, bool)


def _items(variable: Ints, size: Ints, room: Ints, rows: Rows) -> _Items:
    """Return 1, 2, 4, … units of each variable, and the rest: any number is a sum."""
    units_to_split = (rows.upper - rows.lower)[variable]
    parts: list[tuple[Ints, Ints]] = []
    times = 1
    while (units_to_split > 0).any() and len(parts) < 62:
        now = np.minimum(units_to_split, times)
        parts.append((np.flatnonzero(now > 0), now[now > 0]))
        units_to_split, times = units_to_split - now, 2 * times
    entry = np.concatenate([np.empty(0, np.int64), *(entry for entry, _ in parts)])
    many = np.concatenate([np.empty(0, np.int64), *(many for _, many in parts)])
    # Far larger than any room, and still a number.
    total = np.minimum(many, FREE // np.maximum(size[entry], 1)) * size[entry]
    return _Items(variable[entry], many, total, room[entry])


# ---- prices


def _ascend(
    priced: _Priced, start: NDArray[np.float64], reached: int, monitor: Monitor
) -> int | None:
    """Return the best bound of some rounds."""
    norm = np.maximum((priced.matrix * priced.matrix).sum(axis=1), 1).astype(float)
    best: int | None = None
    held, step, still = start, 1.0, 0
    prices, heading = start, np.zeros(len(start))
    for _ in range(ROUNDS if len(priced.space) else 1):  # no better than the relaxation
        whole = _signed(priced, np.rint(prices * SCALE))
        if best is not None and (monitor.is_over() or best >= reached * SCALE):
            break
        if not _is_safe(priced, whole):
            break
        bound, values = _packed(priced, whole.astype(np.int64))
        monitor.spend(priced.num_looks / PACKED)
        if best is None or bound > best + abs(best) // 10**5:
            best, held, still = bound, prices, 0
        else:
            still += 1
            best = max(best, bound)
        if still > PATIENCE:
            prices, heading, step, still = held, 0 * heading, step * SHORTER, 0
            continue
        heading = _lacking(priced, whole, values) + MOMENTUM * heading
        steepness = float((heading * heading / norm).sum())
        if not steepness:
            break
        target = max(reached - bound / SCALE, 0.0)
        ahead = prices + step * target / steepness * heading / norm
        prices = _signed(priced, ahead)
    return None if best is None else -(-best // SCALE)


def _signed(priced: _Priced, prices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return prices with the sign of the bound that their row has."""
    low = np.where(priced.most >= FREE, 0.0, -np.inf)
    high = np.where(priced.least <= -FREE, 0.0, np.inf)
    return np.asarray(np.clip(prices, low, high), np.float64)


def _lacking(
    priced: _Priced, prices: NDArray[np.float64], values: Ints
) -> NDArray[np.float64]:
    """Return what each row lacks, negative where it has too much."""
    sums = priced.matrix @ values
    short, over = priced.least - sums, priced.most - sums
    unpriced = np.where(short > 0, short, np.minimum(over, 0))
    lacking = np.where(prices > 0, short, np.where(prices < 0, over, unpriced))
    return np.asarray(lacking, np.float64)


def _limits(priced: _Priced, prices: Any) -> Ints:
    """Return the bound of each row that its price is for."""
    bound = np.where(prices > 0, priced.least, np.where(prices < 0, priced.most, 0))
    return np.asarray(bound, np.int64)


def _is_safe(priced: _Priced, prices: NDArray[np.float64]) -> bool:
    """Return whether all sums stay within 64 bits."""
    bound = _limits(priced, prices)
    paid = SCALE * np.abs(priced.cost) + abs(priced.matrix).T @ np.abs(prices)
    most = np.maximum(np.abs(priced.lower), np.abs(priced.upper)).astype(float)
    total = (np.abs(bound.astype(float)) * np.abs(prices)).sum() + (paid * most).sum()
    return bool(total < FREE)


def _packed(priced: _Priced, prices: Ints) -> tuple[int, Ints]:
    """Return the bound at these prices, and the values that reach it."""
    reduced_cost = _reduced_cost(priced, prices)
    values = priced.lower.copy()
    most = ~priced.is_packed & (reduced_cost < 0)
    values[most] = priced.upper[most]
    items = priced.items
    gain = -reduced_cost[items.variable] * items.times
    if len(priced.space):
        chosen = _best_packing(items, gain, priced.space)
        np.add.at(values, items.variable[chosen], items.times[chosen])
    return int(_limits(priced, prices) @ prices + reduced_cost @ values), values


def _reduced_cost(priced: _Priced, prices: Ints) -> Ints:
    """Return what is left of each variable's cost when its rows are paid."""
    return np.asarray(SCALE * priced.cost - priced.matrix.T @ prices, np.int64)


def _best_packing(items: _Items, gain: Ints, space: Ints) -> Ints:
    """Return the items that gain most, for each room (Bellman 1957)."""
    gaining = np.flatnonzero(gain > 0)
    order = gaining[
        np.lexsort((-gain[gaining], items.size[gaining], items.room[gaining]))
    ]
    # Of one size, no more than fit are ever packed.
    kind = items.room[order] * (int(space.max()) + 1) + items.size[order]
    rank = np.arange(len(order)) - np.searchsorted(kind, kind)
    size = items.size[order]
    order = order[rank * size + size <= space[items.room[order]]]
    room = items.room[order]
    turn = np.arange(len(order)) - np.searchsorted(room, room)
    width = np.arange(int(space.max()) + 1)
    best = np.zeros((len(space), len(width)), np.int64)
    turns = [order[turn == t] for t in range(int(turn.max(initial=-1)) + 1)]
    taken: list[Bools] = []
    for now in turns:
        room_now, size = items.room[now], items.size[now]
        before = width[None] - size[:, None]
        old = best[room_now]
        new = np.take_along_axis(old, np.maximum(before, 0), 1) + gain[now][:, None]
        taken.append((before >= 0) & (new > old))
        best[room_now] = np.where(taken[-1], new, old)
    space_left, chosen = space.copy(), np.zeros(len(gain), bool)
    for now, took in zip(turns[::-1], taken[::-1], strict=True):
        room_now = items.room[now]
        got = took[np.arange(len(now)), space_left[room_now]]
        chosen[now[got]] = True
        space_left[room_now[got]] -= items.size[now[got]]
    return np.flatnonzero(chosen)

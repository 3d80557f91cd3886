"""What sorted vectors cannot exceed, entry by entry, as linear relaxations tell.

    cut     Σ price_g × value_g ≤ most: a relaxation's prices, exact in integers
    levels  the best vector of whole values that keep all cuts
    again   as long as a relaxation says that these values are too much together

(Benders 1962.) The first cut is that of all values together. Where they compete for the
same rooms or the same money it is often the only one: a plan that shares it out as
evenly as whole units allow is then proved.

Example: three groups ask for 2, 3 and 4, there are 6 places: 1/2, 2/3, 1 at best, two
for each. If the last two can only reach 3 of these places, a relaxation says that 2 + 2
are too much for them, and the best is 1/3, 1/2, 1.
"""

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from heapq import heapify, heappop, heappush
from math import ceil

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from sharematch.core.integer.program import FREE, Rows, Vector
from sharematch.core.network.program import Source
from sharematch.solvers.integer.lagrangian import priced_bound
from sharematch.solvers.integer.leximin import Levels
from sharematch.solvers.integer.mip import relax
from sharematch.solvers.integer.search import Search, ends
from sharematch.solvers.monitor import Monitor

__all__ = ["Ceiling", "ceiling_of", "evenly"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

ROUNDS = 8
"""Relaxations that may cut."""
FINE = 2**16
"""Prices of groups are whole in this part."""
STEPS = 2**30
"""Levels, of which the highest that all can have is the start."""
GROUPS, WORK = 20, 2.0
"""Groups up to which several cuts are looked at together, and deterministic seconds."""


@dataclass(frozen=True)
class Ceiling:
    """A sorted vector, upward, that nothing exceeds, and values by group that have it.

    A relaxation has these values at once, unless there was no time to ask it.
    """

    vector: tuple[Fraction, ...]
    values: Ints

    def rows(self, rows: Rows, goal: Vector) -> Rows:
        """Return rows with those that ask for these values, whatever else is better."""
        groups = np.arange(len(self.values))
        signs = np.full(len(groups), goal.sign)
        shape = (len(groups), rows.num_variables)
        asked = csr_array((signs, (groups, goal.total)), shape=shape)
        free = np.full(len(groups), FREE)
        return rows.with_rows(asked, self.values, free, Source("goal"))


def ceiling_of(rows: Rows, goal: Vector, monitor: Monitor) -> Ceiling | None:
    """Return what no values that keep the rows exceed.

    None where relaxations are not ready in time, or say nothing.
    """
    low, high = (np.array(x, np.int64) for x in ends(rows, goal))
    cuts = [_cut(rows, goal, np.ones(len(low), np.int64), monitor)]
    best: Ceiling | None = None
    for _ in range(ROUNDS):
        if cuts[-1] is None:
            break
        values = _best(goal, low, high, [cut for cut in cuts if cut], monitor)
        if values is None:
            break
        best = Ceiling(_vector(goal, values), values)
        price = _prices_of_lack(rows, goal, values - low, low, monitor)
        if price is None:
            break
        cuts.append(_cut(rows, goal, price, monitor, values))
    return best


def _vector(goal: Vector, values: Ints) -> tuple[Fraction, ...]:
    pairs = zip(values.tolist(), goal.weight, strict=True)
    return tuple(sorted(value / weight for value, weight in pairs))


# ---- cuts

_Cut = tuple[Ints, int]
"""Prices of groups, and what the sum of their values × prices cannot exceed."""


def _cut(
    rows: Rows,
    goal: Vector,
    price: Ints,
    monitor: Monitor,
    values: Ints | None = None,
) -> _Cut | None:
    """Return what the groups' values have at these prices at most.

    None if it is not known in time, or does not cut `values` off.
    """
    cost = np.zeros(rows.num_variables, np.int64)
    np.add.at(cost, goal.total, -goal.sign * price)
    relaxed = relax(rows, cost, monitor, at_corner=False)
    least = None if relaxed is None else priced_bound(rows, cost, relaxed.price)
    if least is None or (values is not None and int(price @ values) <= -least):
        return None
    return price, -least


def _prices_of_lack(
    rows: Rows, goal: Vector, room: Ints, low: Ints, monitor: Monitor
) -> Ints | None:
    """Return prices at which values `room` above `low` are too much, None if not so.

    min Σ lack such that each group has its value, its lack included.
    """
    count, groups = rows.num_variables, np.arange(len(room))
    entries = (
        np.concatenate([np.full(len(room), goal.sign), np.ones(len(room), np.int64)]),
        (np.tile(groups, 2), np.concatenate([goal.total, count + groups])),
    )
    shape = (len(room), count + len(room))
    lacking = rows.with_variables(np.zeros(len(room), np.int64), room).with_rows(
        csr_array(entries, shape=shape),
        low + room,
        np.full(len(room), FREE),
        Source("goal"),
    )
    cost = np.append(np.zeros(count, np.int64), np.ones(len(room), np.int64))
    relaxed = relax(lacking, cost, monitor, at_corner=False)
    if relaxed is None:
        return None
    price = np.maximum(relaxed.price[len(rows.least) :], 0)
    largest = float(price.max(initial=0))
    if largest <= 0 or float(relaxed.values[count:].sum()) < 1 / FINE:
        return None
    whole: Ints = np.rint(price / largest * FINE).astype(np.int64)
    return whole


# ---- levels


def _best(
    goal: Vector, low: Ints, high: Ints, cuts: list[_Cut], monitor: Monitor
) -> Ints | None:
    """Return the values, between bounds, whose vector is the best that keeps all cuts.

    None where that would take too long.
    """
    if len(cuts) == 1:
        return evenly(goal, low, high, cuts[0][1])
    if len(low) > GROUPS:
        return None
    count = np.arange(len(low))
    rows = Rows(
        low,
        high,
        csr_array(np.stack([price for price, _ in cuts])),
        np.full(len(cuts), -FREE),
        np.array([most for _, most in cuts]),
        np.zeros(len(cuts), np.int64),
        (Source("goal"),),
    )
    search = Search(rows, monitor)
    search.values, search.has_plan, search.work = low, rows.holds(low), WORK
    alone = Vector(0, goal.keys, count, goal.weight, 1)
    _, is_proved = Levels(search, alone, monitor).run()
    return search.values[count] if is_proved else None


def evenly(goal: Vector, low: Ints, high: Ints, most: int) -> Ints | None:
    """Return values, `most` in all, of the best vector; None where bounds are more.

    All are at a level that all can have; what is left goes unit by unit to who has
    least, and of those to where it lifts most.
    """
    most = min(most, int(high.sum()))
    if most < int(low.sum()):
        return None
    weight, bounds = goal.weight, [*zip(low.tolist(), high.tolist(), strict=True)]
    top = max((h / w for (_, h), w in zip(bounds, weight, strict=True)), default=0)

    def lifted(step: int) -> list[int]:
        """Return the least values that are all at this level, or at their highest."""
        level = Fraction(step, STEPS) * top
        pairs = zip(weight, bounds, strict=True)
        return [min(max(ceil(level * w), low), high) for w, (low, high) in pairs]

    step = bisect_right(range(1, STEPS + 1), most, key=lambda s: sum(lifted(s)))
    values = lifted(step)
    open_ = [g for g, (_, high) in enumerate(bounds) if values[g] < high]
    heap = [(values[g] / weight[g], weight[g], g) for g in open_]
    heapify(heap)
    for _ in range(most - sum(values)):
        _, _, group = heappop(heap)
        values[group] += 1
        if values[group] < bounds[group][1]:
            heappush(heap, (values[group] / weight[group], weight[group], group))
    return np.array(values, np.int64)

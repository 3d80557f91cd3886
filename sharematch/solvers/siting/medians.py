"""Sites without their room: swaps find good sets, prices of needs bound them all.

The problem behind many sites: each row goes to its cheapest open site, sites may cost,
limits say how many open. Swaps look at every pair of an open and a closed site at once
(Teitz and Bart, 1968; Resende and Werneck, 2007). The bound prices rows instead of
sending each somewhere (Cornuejols, Fisher and Nemhauser, 1977): then sites part, and
the best of them open; it tells as well which sites must open or stay closed in any
better set.

    minimize over sets S   Σ over rows r of min over s in S of cost(r, s) + Σ open(s)
    bound, prices u ≥ 0    Σ u(r) + the least of Σ over s in S of
                           (open(s) + Σ over rows r of min(0, cost(r, s) - u(r)))

Four nodes: two rows, two sites that cost 3 each; the first row costs 1 and 4, the
second 5 and 2. Each set of sites is worth 9: 1 + 5 + 3, 4 + 2 + 3, 1 + 2 + 6. At prices
4 and 5 no site is worth less than 3 - 3 = 0, so no set is below 4 + 5 = 9.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sharematch.solvers.monitor import Monitor
from sharematch.solvers.siting.bounds import Bound
from sharematch.solvers.siting.shape import Siting

__all__ = ["Cell", "Median", "Priced", "Scope", "cells_of"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SHORTEST = 1e-3
"""Steps below this share of the first ones are not worth it."""
PROGRESS = 1e-7
"""By what share a bound has to rise to count as better."""
BEYOND = 1.05
"""Steps aim a little beyond the target."""
STALL = 12
"""Steps without a better bound after which they become shorter."""


@dataclass(frozen=True)
class Cell:
    """Sites of which so many may open, or so much in weight."""

    sites: Ints
    weight: Floats
    most: float


def cells_of(siting: Siting) -> list[Cell]:
    """Return limits on sites that share none; others are left out."""
    num = siting.num_sites
    is_free = np.ones(num, bool)
    cells: list[Cell] = []
    for limit in siting.limits:
        for items in limit.groups:
            weight = items.spread[:num]
            sites = np.flatnonzero(weight > 0)
            if len(sites) and is_free[sites].all():
                is_free[sites] = False
                cells.append(Cell(sites, weight[sites], float(limit.most)))
    rest = np.flatnonzero(is_free)
    if len(rest):
        cells.append(Cell(rest, np.ones(len(rest)), float(num)))
    return cells


@dataclass(frozen=True)
class Scope:
    """All sets with some sites open and some closed, and what bounds them.

    `price` is that of each row.
    """

    is_open: Bools
    is_closed: Bools
    price: Floats
    bound: float = -np.inf


@dataclass(frozen=True)
class Priced:
    """What prices tell of a scope, its bound and prices being the best ones.

    `inside` and `outside` are bounds if a site opens, or stays closed; `share` is how
    often each was open on the way.
    """

    scope: Scope
    inside: Floats
    outside: Floats
    share: Floats


class Median:
    """Rows that go to their cheapest open site; sums here are without `constant`.

    Parameters
    ----------
    bound
        Rows, costs and what sites cost for being open.
    opening
        What goals count for open sites, beside that.
    """

    def __init__(self, siting: Siting, bound: Bound, opening: Floats) -> None:
        self.siting, self.cells = siting, cells_of(siting)
        num = siting.num_sites
        self.cost = bound.cost[:, :num].astype(float)
        self.always = bound.cost[:, -1].astype(float)
        self.times = bound.times.astype(float)
        self.opening = bound.opening[:num].astype(float) + opening[:num]
        self.constant = bound.constant

    # ---- good sets

    def worth(self, is_open: Bools) -> float:
        """Return what a set of sites costs."""
        least = np.minimum(self.always, self._least(is_open))
        return float(self.times @ least + self.opening @ is_open)

    def _least(self, is_open: Bools) -> Floats:
        chosen = self.cost[:, is_open]
        least: Floats = chosen.min(axis=1, initial=np.inf)
        return least

    def grown(self, is_open: Bools) -> Bools:
        """Open the best site again and again, while that helps and limits allow it."""
        is_open = is_open.copy()
        least = np.minimum(self.always, self._least(is_open))
        while True:
            gain = self.times @ np.minimum(self.cost - least[:, None], 0) + self.opening
            allowed = self._may_open(is_open)
            gain = np.where(allowed, gain, np.inf)
            best = int(gain.argmin()) if len(gain) else 0
            if not len(gain) or not gain[best] < 0:
                return is_open
            is_open[best] = True
            least = np.minimum(least, self.cost[:, best])

    def _may_open(self, is_open: Bools) -> Bools:
        closed = np.flatnonzero(~is_open)
        now = np.flatnonzero(is_open)
        sets = np.column_stack([np.tile(now, (len(closed), 1)), closed])
        allowed = np.zeros(len(is_open), bool)
        allowed[closed] = self.siting.holds(sets)
        return allowed

    def swapped(self, is_open: Bools, check: Callable[[], None]) -> Bools:
        """Open, close or swap sites, the best move each time, until none helps."""
        is_open = is_open.copy()
        while True:
            check()
            move = self._best_move(is_open)
            if move is None:
                return is_open
            closes, opens = move
            if closes is not None:
                is_open[closes] = False
            if opens is not None:
                is_open[opens] = True

    def _best_move(self, is_open: Bools) -> tuple[int | None, int | None] | None:
        """Return the site to close and that to open, the best such move."""
        now = np.flatnonzero(is_open & ~self.siting.forced)
        closed = np.flatnonzero(~is_open)
        least, second, nearest = self._nearest(is_open)
        here = np.minimum(self.cost, least[:, None])
        adds = self.times @ (here - least[:, None]) + self.opening
        # What closing a site costs its rows, if each other one opened.
        order = np.argsort(nearest, kind="stable")
        starts = np.searchsorted(nearest[order], now)
        ends = np.searchsorted(nearest[order], now, side="right")
        change = np.empty((len(now), len(is_open) + 1))
        for row, (site, start, end) in enumerate(zip(now, starts, ends, strict=True)):
            rows = order[start:end]
            other = np.minimum(self.cost[rows], second[rows, None]) - here[rows]
            change[row, :-1] = adds + self.times[rows] @ other - self.opening[site]
            away = self.times[rows] @ (second[rows] - least[rows])
            change[row, -1] = away - self.opening[site]
        change[:, np.flatnonzero(is_open)] = np.inf
        moves = np.column_stack(
            [
                np.repeat(now, len(is_open) + 1),
                np.tile(np.arange(len(is_open) + 1), len(now)),
            ]
        )
        alone = np.column_stack([np.full(len(closed), -1), closed])
        moves = np.concatenate([moves, alone])
        gains = np.concatenate([change.ravel(), adds[closed]])
        slack = 1e-9 * max(1.0, float(np.abs(adds).max(initial=0)))
        for at in np.argsort(gains, kind="stable").tolist():
            if not gains[at] < -slack:
                return None
            closes, opens = (int(x) for x in moves[at])
            after = is_open.copy()
            if closes >= 0:
                after[closes] = False
            if opens < len(is_open):
                after[opens] = True
            if self.siting.holds(np.flatnonzero(after)[None, :])[0]:
                return (
                    closes if closes >= 0 else None,
                    opens if opens < len(is_open) else None,
                )
        return None

    def _nearest(self, is_open: Bools) -> tuple[Floats, Floats, Ints]:
        """Return the least cost of each row, the next, and the site; -1 for always."""
        sites = np.append(np.flatnonzero(is_open), -1)
        table = np.column_stack([self.cost[:, is_open], self.always])
        rows = np.arange(len(table))
        first = table.argmin(axis=1)
        least = table[rows, first]
        table[rows, first] = np.inf
        second = table.min(axis=1)
        second = np.minimum(second, np.where(np.isinf(second), least, second))
        return least, second, sites[first]

    # ---- bounds

    def everything(self, forced: Bools) -> Scope:
        """Return all sets, with prices to begin with."""
        price = np.median(self.cost, axis=1)
        return Scope(forced, np.zeros_like(forced), np.minimum(self.always, price))

    def priced(
        self, scope: Scope, target: float, monitor: Monitor, rounds: int
    ) -> Priced:
        """Return the best bound that some steps of prices find.

        Subgradient steps, the shorter the longer they bring nothing, until the bound
        is at the `target`.
        """
        price, kept, best = scope.price, scope.price, -np.inf
        pace, stalled = 1.0, 0
        shares = [scope.is_open.astype(float)]
        for _ in range(rounds):
            value, opened = self._inner(self._reduced(price), scope)
            value += float(self.times @ price)
            shares.append(opened)
            stalled = 0 if value > best + PROGRESS * abs(best) else stalled + 1
            if value > best:
                best, kept = value, price
            if best >= target or monitor.is_over():
                break
            if stalled >= STALL:
                pace, stalled, price = pace / 2, 0, kept
                continue
            step = self._step(price, opened)
            norm = float(step @ step)
            if not norm or pace < SHORTEST:
                break
            length = pace * max(BEYOND * (target - value), 1e-6) / norm
            price = np.minimum(price + length * step, self.always)
        inside, outside = self._each(self._reduced(kept), scope)
        base = float(self.times @ kept)
        return Priced(
            replace(scope, price=kept, bound=max(best, scope.bound)),
            inside + base,
            outside + base,
            np.mean(shares, axis=0),
        )

    def _step(self, price: Floats, opened: Floats) -> Floats:
        """Return the direction in which prices raise the bound."""
        chosen = opened > 0
        served = (self.cost[:, chosen] < price[:, None]) @ opened[chosen]
        step: Floats = self.times * (1 - served)
        step[(price >= self.always) & (step > 0)] = 0
        return step

    def _reduced(self, price: Floats) -> Floats:
        """Return what each site adds if open, rows being paid their prices."""
        paid: Floats = self.times @ np.minimum(self.cost - price[:, None], 0)
        return self.opening + paid

    def _inner(self, reduced: Floats, scope: Scope) -> tuple[float, Floats]:
        """Return the least sum of reduced costs, and how far each site is open."""
        opened = scope.is_open.astype(float)
        total = float(reduced @ opened)
        for cell in self.cells:
            line = _Line(cell, reduced, scope)
            total += line.value(line.most)
            opened[line.sites] = line.taken()
        return total, opened

    def _each(self, reduced: Floats, scope: Scope) -> tuple[Floats, Floats]:
        """Return the least sum if each site opens, and if it stays closed."""
        total, _ = self._inner(reduced, scope)
        inside, outside = np.full((2, len(reduced)), total)
        for cell in self.cells:
            line = _Line(cell, reduced, scope)
            own = line.value(line.most)
            without, within = line.without(), line.within()
            inside[line.sites] = total - own + within
            outside[line.sites] = total - own + without
        inside[scope.is_closed] = np.inf
        outside[scope.is_open] = np.inf
        return inside, outside


class _Line:
    """The sites of a cell by gain per weight, as far as its limit goes."""

    def __init__(self, cell: Cell, reduced: Floats, scope: Scope) -> None:
        is_open, is_closed = scope.is_open, scope.is_closed
        self.most = cell.most - float(cell.weight @ is_open[cell.sites])
        free = ~is_open[cell.sites] & ~is_closed[cell.sites]
        sites, weight = cell.sites[free], cell.weight[free]
        order = np.argsort(reduced[sites] / weight, kind="stable")
        self.sites, self.weight = sites[order], weight[order]
        self.reduced = reduced[self.sites]
        gain = np.minimum(self.reduced, 0)
        self.load = np.concatenate([[0.0], np.cumsum(self.weight)])
        self.sum = np.concatenate([[0.0], np.cumsum(gain)])

    def value(self, most: float) -> float:
        return float(np.interp(most, self.load, self.sum))

    def taken(self) -> Floats:
        room = np.clip((self.most - self.load[:-1]) / self.weight, 0, 1)
        return np.where(self.reduced < 0, room, 0)

    def _others(self, most: Floats) -> Floats:
        """Return the least sum without each site, within a limit."""
        before = self.load[:-1]
        gain = np.minimum(self.reduced, 0)
        later = np.interp(most + self.weight, self.load, self.sum) - gain
        now = np.interp(most, self.load, self.sum)
        return np.asarray(np.where(most > before, later, now), np.float64)

    def without(self) -> Floats:
        return self._others(np.full(len(self.sites), self.most))

    def within(self) -> Floats:
        most = self.most - self.weight
        value = self.reduced + self._others(np.maximum(most, 0))
        return np.where(most < 0, np.inf, value)

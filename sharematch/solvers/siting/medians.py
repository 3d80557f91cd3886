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

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sharematch.solvers.monitor import Monitor
from sharematch.solvers.siting.bounds import Bound
from sharematch.solvers.siting.knapsacks import Filling, knapsacks_of
from sharematch.solvers.siting.shape import Siting

__all__ = ["Median", "Node", "Priced"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# Ratios as in `branches`; numbers of which they hardly depend are only there to end it.
SHORTEST = 1e-3
"""Steps below this share of the first ones are not worth it: 0.03 or 0.00001 changed
the number of branches by a twentieth at most."""
PROGRESS = 1e-7
"""By what share a bound has to rise to count as better: far more than rounding, far
less than a unit; 1e-4 or 1e-10 make 1.05 times the branches or as many."""
BEYOND = 1.05
"""Steps aim a little beyond the target, which only then is reached and not approached
for ever; exactly at it or 1.3 times as far take as many."""
STALL = 12
"""Steps without a better bound after which they become shorter (Held, Wolfe and Crowder
1974 halve them too). After 4 they are short too soon: 1.6 times the branches and 2.9
times the steps; after 40 0.93 and 0.96 times."""
LOOK, ORDERED = 1e-8, 2e-7
"""Deterministic seconds for a cost that is looked at (2 to 18 ns, large tables to
small), and for a swap that is put in order."""
SOON = 0.2
"""Deterministic seconds in which a first set grows in any case."""
LEAST_LOOKS = 5_000
"""Costs looked at for which one step counts however small it is."""
TOLERANCE = 1e-9
"""By what share of the largest saving a set has to be better: sums that only rounding
tells apart would be swapped for ever."""


@dataclass(frozen=True)
class Node:
    """All sets with some sites settled open, some closed, and what bounds them.

    `price` is that of each row.
    """

    is_open: Bools
    is_closed: Bools
    price: Floats
    bound: float = -np.inf


@dataclass(frozen=True)
class Priced:
    """What prices tell of a node, its bound and prices being the best ones.

    The other bounds are by site; `open_share` is how often each was open on the way.
    """

    node: Node
    bound_if_open: Floats
    bound_if_closed: Floats
    open_share: Floats


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
        self.siting, self.knapsacks = siting, knapsacks_of(siting)
        num = siting.num_sites
        self.cost = bound.cost[:, :num].astype(float)
        self.always = bound.cost[:, -1].astype(float)
        self.times = bound.times.astype(float)
        self.opening = bound.opening[:num].astype(float) + opening[:num]
        self.constant = bound.constant

    # ---- good sets

    def cost_of(self, is_open: Bools) -> float:
        """Return what a set of sites costs."""
        least = np.minimum(self.always, self._least(is_open))
        return float(self.times @ least + self.opening @ is_open)

    def _least(self, is_open: Bools) -> Floats:
        chosen = self.cost[:, is_open]
        least: Floats = chosen.min(axis=1, initial=np.inf)
        return least

    @property
    def num_looks(self) -> int:
        """Costs that one step looks at."""
        return max(self.cost.size, LEAST_LOOKS)

    def grown(self, is_open: Bools, monitor: Monitor) -> Bools:
        """Open the best site again and again, while that helps and limits allow it.

        Where the monitor is over, what is soon done is still done: a set is better than
        none.
        """
        is_open = is_open.copy()
        least = np.minimum(self.always, self._least(is_open))
        work = 0.0
        while work < SOON or not monitor.is_over():
            monitor.spend(LOOK * self.num_looks)
            work += LOOK * self.num_looks
            gain = self.times @ np.minimum(self.cost - least[:, None], 0) + self.opening
            gain = np.where(self._may_open(is_open), gain, np.inf)
            best = int(gain.argmin()) if len(gain) else 0
            if not len(gain) or not gain[best] < 0:
                return is_open
            is_open[best] = True
            least = np.minimum(least, self.cost[:, best])
        return is_open

    def _may_open(self, is_open: Bools) -> Bools:
        closed_sites = np.flatnonzero(~is_open)
        members = np.tile(np.flatnonzero(is_open), (len(closed_sites), 1))
        sets = np.column_stack([members, closed_sites])
        may_open = np.zeros(len(is_open), bool)
        may_open[closed_sites] = self.siting.holds(sets)
        return may_open

    def swapped(self, is_open: Bools, monitor: Monitor) -> Bools:
        """Open, close or swap sites, the best move each time, until none helps."""
        num_swaps = int(is_open.sum()) * len(is_open)
        while True:
            monitor.check()
            monitor.spend(2 * LOOK * self.num_looks + ORDERED * num_swaps)
            better = self._best_neighbor(is_open)
            if better is None:
                return is_open
            is_open = better

    def _best_neighbor(self, is_open: Bools) -> Bools | None:
        """Return the best set one move away, None where none is better."""
        num = len(is_open)
        closable = np.flatnonzero(is_open & ~self.siting.forced)
        closed_sites = np.flatnonzero(~is_open)
        least, second, nearest = self._nearest(is_open)
        cost_with = np.minimum(self.cost, least[:, None])
        adds = self.times @ (cost_with - least[:, None]) + self.opening
        # What closing a site costs its rows, by the site that opens, last that none
        # does: only rows that were nearest to it lose, which makes all swaps as cheap
        # to look at as all openings (Resende and Werneck).
        order = np.argsort(nearest, kind="stable")
        first = np.searchsorted(nearest[order], closable)
        last = np.searchsorted(nearest[order], closable, side="right")
        change = np.empty((len(closable), num + 1))
        for row, (site, start, end) in enumerate(
            zip(closable, first, last, strict=True)
        ):
            rows = order[start:end]
            loss = np.minimum(self.cost[rows], second[rows, None]) - cost_with[rows]
            change[row, :-1] = adds + self.times[rows] @ loss - self.opening[site]
            loss_alone = self.times[rows] @ (second[rows] - least[rows])
            change[row, -1] = loss_alone - self.opening[site]
        change[:, np.flatnonzero(is_open)] = np.inf
        change = np.concatenate([change.ravel(), adds[closed_sites]])
        closes = np.repeat(closable, num + 1)
        closes = np.concatenate([closes, np.full(len(closed_sites), num)])
        opens = np.tile(np.arange(num + 1), len(closable))
        opens = np.concatenate([opens, closed_sites])
        slack = TOLERANCE * max(1.0, float(np.abs(adds).max(initial=0)))
        for position in np.argsort(change, kind="stable").tolist():
            if not change[position] < -slack:
                return None
            neighbor = np.append(is_open, False)  # last what stands for no site
            neighbor[closes[position]] = False
            neighbor[opens[position]] = True
            if self.siting.holds(np.flatnonzero(neighbor[:-1])[None, :])[0]:
                return neighbor[:-1]
        return None

    def _nearest(self, is_open: Bools) -> tuple[Floats, Floats, Ints]:
        """Return the least cost of each row, the next, and the site; -1 for always."""
        sites = np.append(np.flatnonzero(is_open), -1)
        table = np.column_stack([self.cost[:, is_open], self.always])
        rows = np.arange(len(table))
        nearest_column = table.argmin(axis=1)
        least = table[rows, nearest_column]
        table[rows, nearest_column] = np.inf
        second = table.min(axis=1)
        second = np.minimum(second, np.where(np.isinf(second), least, second))
        return least, second, sites[nearest_column]

    # ---- bounds

    def root(self, forced: Bools) -> Node:
        """Return all sets, with prices to begin with."""
        price = np.median(self.cost, axis=1)
        return Node(forced, np.zeros_like(forced), np.minimum(self.always, price))

    def priced(
        self, node: Node, target: float, monitor: Monitor, rounds: int
    ) -> Priced:
        """Return the best bound that some steps of prices find.

        Subgradient steps, the shorter the longer they bring nothing, until the bound
        is at the `target`.
        """
        price, best_price, best_bound = node.price, node.price, -np.inf
        pace, stalled = 1.0, 0
        shares = [node.is_open.astype(float)]
        for _ in range(rounds):
            value, opened = self._inner(self._reduced(price), node)
            value += float(self.times @ price)
            monitor.spend(LOOK * self.num_looks)
            shares.append(opened)
            is_progress = value > best_bound + PROGRESS * abs(best_bound)
            stalled = 0 if is_progress else stalled + 1
            if value > best_bound:
                best_bound, best_price = value, price
            if best_bound >= target or monitor.is_over():
                break
            if stalled >= STALL:
                # Too long steps go to and fro: shorter ones, from the best prices on.
                pace, stalled, price = pace / 2, 0, best_price
                continue
            step = self._step(price, opened)
            norm = float(step @ step)
            if not norm or pace < SHORTEST:
                break
            length = pace * max(BEYOND * (target - value), 1e-6) / norm
            # Beyond what is always open costs a price could only lower the bound.
            price = np.minimum(price + length * step, self.always)
        if_open, if_closed = self._each(self._reduced(best_price), node)
        price_sum = float(self.times @ best_price)
        return Priced(
            replace(node, price=best_price, bound=max(best_bound, node.bound)),
            if_open + price_sum,
            if_closed + price_sum,
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

    def _inner(self, reduced: Floats, node: Node) -> tuple[float, Floats]:
        """Return the least sum of reduced costs, and how far each site is open."""
        opened = node.is_open.astype(float)
        total = float(reduced @ opened)
        for knapsack in self.knapsacks:
            filling = Filling(knapsack, reduced, node.is_open, node.is_closed)
            total += filling.value(filling.most)
            opened[filling.sites] = filling.taken()
        return total, opened

    def _each(self, reduced: Floats, node: Node) -> tuple[Floats, Floats]:
        """Return the least sum if each site opens, and if it stays closed."""
        total, _ = self._inner(reduced, node)
        if_open, if_closed = np.full((2, len(reduced)), total)
        for knapsack in self.knapsacks:
            filling = Filling(knapsack, reduced, node.is_open, node.is_closed)
            others = total - filling.value(filling.most)
            if_open[filling.sites] = others + filling.if_open()
            if_closed[filling.sites] = others + filling.if_closed()
        if_open[node.is_closed] = np.inf
        if_closed[node.is_open] = np.inf
        return if_open, if_closed

"""Which sites open of those that share a limit, to reduce costs the most: knapsacks.

    minimize Σ reduced(s) · y(s)   with   Σ weight(s) · y(s) ≤ most,   0 ≤ y(s) ≤ 1

Open in part, sites are taken by gain per weight until the limit is reached (Dantzig
1957). What each site would change, opened or closed for certain, follows from the same
order: sites after it move up by its weight, so all are looked at in one pass.

Four nodes: the hub and three sites of weight 1, of which two may open; at some prices
they reduce costs by 5, 3 and 2. The first two open, 8; with the first closed 5 remain,
with the third open 7.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sharematch.solvers.siting.shape import Siting

__all__ = ["Filling", "Knapsack", "knapsacks_of"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Knapsack:
    """Sites of which so many may open, or so much in weight."""

    sites: Ints
    weight: Floats
    most: float


def knapsacks_of(siting: Siting) -> list[Knapsack]:
    """Return limits on sites that share none; others are left out."""
    num = siting.num_sites
    is_free = np.ones(num, bool)
    knapsacks: list[Knapsack] = []
    for limit in siting.limits:
        for items in limit.groups:
            weight = items.spread[:num]
            sites = np.flatnonzero(weight > 0)
            if len(sites) and is_free[sites].all():
                is_free[sites] = False
                knapsacks.append(Knapsack(sites, weight[sites], float(limit.most)))
    sites = np.flatnonzero(is_free)
    if len(sites):
        knapsacks.append(Knapsack(sites, np.ones(len(sites)), float(num)))
    return knapsacks


class Filling:
    """The free sites of a knapsack by gain per weight, as far as its limit goes.

    A site may be open in part: the linear relaxation (Dantzig 1957).
    """

    def __init__(
        self, knapsack: Knapsack, reduced: Floats, is_open: Bools, is_closed: Bools
    ) -> None:
        self.most = knapsack.most - float(knapsack.weight @ is_open[knapsack.sites])
        free = ~is_open[knapsack.sites] & ~is_closed[knapsack.sites]
        sites, weight = knapsack.sites[free], knapsack.weight[free]
        order = np.argsort(reduced[sites] / weight, kind="stable")
        self.sites, self.weight = sites[order], weight[order]
        self.reduced = reduced[self.sites]
        gain = np.minimum(self.reduced, 0)
        self.load = np.concatenate([[0.0], np.cumsum(self.weight)])
        self.sum = np.concatenate([[0.0], np.cumsum(gain)])

    def value(self, most: float) -> float:
        """Return the least sum of reduced costs within a limit."""
        return float(np.interp(most, self.load, self.sum))

    def taken(self) -> Floats:
        """Return how far each site is open."""
        room = np.clip((self.most - self.load[:-1]) / self.weight, 0, 1)
        return np.where(self.reduced < 0, room, 0)

    def _others(self, most: Floats) -> Floats:
        """Return the least sum without each site, within a limit."""
        # Those after a site move up by its weight; those before it stay.
        gain = np.minimum(self.reduced, 0)
        moved_up = np.interp(most + self.weight, self.load, self.sum) - gain
        as_before = np.interp(most, self.load, self.sum)
        is_reached = most > self.load[:-1]
        return np.asarray(np.where(is_reached, moved_up, as_before), np.float64)

    def if_closed(self) -> Floats:
        """Return the least sum if each site stays closed."""
        return self._others(np.full(len(self.sites), self.most))

    def if_open(self) -> Floats:
        """Return the least sum if each site opens."""
        most = self.most - self.weight
        value = self.reduced + self._others(np.maximum(most, 0))
        return np.where(most < 0, np.inf, value)

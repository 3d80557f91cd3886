"""Siting: problems in which only what opens couples; the rest, given that, is a flow.

    minimize, goal by goal,   f(S) + cost · x
    over sets S of open sites within the rules' limits on f(S),
    and flows x of which units pass open sites alone

What a rule or goal counts of openings is a sum of items: each costs so much once any of
its slots is in use. Slots in the same items open together, as one site; slots in none
are always open. With one linear goal these are the p-median and the facility location
problem (Hakimi 1964; Balinski 1965), with room the capacitated ones.

Four nodes: the hub, a choir, and two halls that cost 5 and 8 to open. "At most one
slot opened" is a limit of 1 on |S|; for the cost f({first}) = 5 and f({second}) = 8.
A hall without opening cost that no rule counts would be always open, and no site.

How a program is recognized as one of these stands in `recognition`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sharematch.core.network.program import Program

__all__ = ["Items", "Limit", "Siting"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
UNLIMITED = 2**62
"""No limit; as far as 64-bit integers go with room for a sum of two."""


@dataclass(frozen=True)
class Items:
    """What one group of a rule or goal pays for open sites.

    `weight` is by site, the last entry, 0, standing for what is always open; each of
    `shared` costs its amount once any of its sites is open.
    """

    weight: Ints
    shared: tuple[tuple[int, Bools], ...] = ()

    def of(self, members: Ints) -> Ints:
        """Return what each set of sites, a row of `members`, pays."""
        total: Ints = self.weight[members].sum(axis=1)
        for cost, is_inside in self.shared:
            total = total + cost * is_inside[members].any(axis=1)
        return total

    @property
    def spread(self) -> NDArray[np.float64]:
        """What each site pays at least, shared costs being dealt out evenly."""
        weight = self.weight.astype(float)
        for cost, is_inside in self.shared:
            weight += cost * is_inside / is_inside.sum()
        return weight

    @property
    def most(self) -> int:
        """What all sites together pay."""
        return int(self.weight.sum()) + sum(cost for cost, _ in self.shared)


@dataclass(frozen=True)
class Limit:
    """What a rule allows of its groups: all within bounds, or near each other.

    Where units cost as well, `node` says where in the network those of each group pass,
    each of them at `per_unit`.
    """

    groups: tuple[Items, ...]
    least: int = -UNLIMITED
    most: int = UNLIMITED
    width: int | None = None
    node: Ints | None = None
    per_unit: int = 0

    def holds(self, members: Ints) -> Bools:
        """Return which sets of sites keep the limit."""
        is_kept = np.ones(len(members), bool)
        paid = [items.of(members) for items in self.groups]
        for amount in paid:
            is_kept &= (amount >= self.least) & (amount <= self.most)
        if self.width is not None and paid:
            is_kept &= np.max(paid, axis=0) - np.min(paid, axis=0) <= self.width
        return is_kept


@dataclass(frozen=True)
class Siting:
    """A network with all sites open, and what opening them costs.

    Attributes
    ----------
    base
        The network of all that does not count openings.
    site
        By slot: its site, `num_sites` where it is always open.
    pays
        By goal of the policy: what open sites add to it; None where nothing.
    flows
        By goal of the policy: its position among the goals of `base`; None if it only
        counts openings.
    is_exact
        Whether an open site has to be in use: then a site is one slot.
    """

    base: Program
    num_sites: int
    site: Ints
    limits: tuple[Limit, ...]
    pays: tuple[Items | None, ...]
    flows: tuple[int | None, ...]
    forced: Bools
    is_exact: bool
    signs: tuple[int, ...]
    """By goal of the policy: 1 where it is to be small, -1 where it is to be great."""

    before: Ints
    """By site: the one that nothing tells from it and that opens first, -1 if none."""

    def implied(self, is_open: Bools, is_closed: Bools) -> tuple[Bools, Bools]:
        """Return open and closed sites with those that equal ones bring with them."""
        is_open, is_closed = is_open.copy(), is_closed.copy()
        # In order, since the site before may itself have one before it.
        followers = np.flatnonzero(self.before >= 0)
        for site in followers.tolist():
            is_closed[site] |= is_closed[self.before[site]]
        for site in followers[::-1].tolist():
            is_open[self.before[site]] |= is_open[site]
        return is_open, is_closed

    @property
    def joint_openings(self) -> list[Bools]:
        """Sets of sites that pay for the same opening."""
        counted = [items for limit in self.limits for items in limit.groups]
        counted += [items for items in self.pays if items is not None]
        sets = [is_inside[:-1] for items in counted for _, is_inside in items.shared]
        return list({sites.tobytes(): sites for sites in sets}.values())

    def holds(self, members: Ints) -> Bools:
        """Return which sets of sites, rows of `members`, all rules allow."""
        is_allowed = np.ones(len(members), bool)
        for limit in self.limits:
            is_allowed &= limit.holds(members)
        return is_allowed

    def mask(self, members: Ints) -> Bools:
        """Return which sites are open in one set, and last that what always is."""
        is_open = np.zeros(self.num_sites + 1, bool)
        is_open[members] = is_open[-1] = True
        return is_open

    @property
    def is_free_to_open(self) -> bool:
        """Whether to open one more site is never worse, where limits allow it."""
        counts = any(items is not None for items in self.pays)
        takes = any(limit.node is not None for limit in self.limits)
        return not (counts or takes or self.is_exact)

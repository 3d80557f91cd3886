"""All sets of sites that may be open, where they are few.

    {S : least ≤ f(S) ≤ most for every limit}, where opening more is never worse the
    maximal ones alone

Where one limit counts sites, these are the k-subsets of the free ones. Else sets grow
site by site in one order, each from the one without its last site, and only while
limits from above hold: what is above one stays above it, since f is monotone (a-priori
pruning; Agrawal and Srikant 1994).

Four nodes: the hub and three sites that cost 2, 3 and 4, at most 6 together. From {}
grow {1}, {2}, {3}, from these {1, 2} and {1, 3}, but not {2, 3} (7), and nothing from
pairs. Where to open is free, {1, 2} and {1, 3} are worth trying.
"""

from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from sharematch.solvers.siting.shape import Siting

__all__ = ["all_sets", "padded"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
GROWTH = 16
"""So many times the sets asked for are written down before limits leave out some: for
100,000 sets of ten sites 128 MB."""


def padded(is_open: Bools) -> Ints:
    """Return sets of sites as rows of members, filled up with what is always open."""
    count = is_open.sum(axis=1)
    num_sites = is_open.shape[1]
    members = np.full((len(is_open), int(count.max(initial=0))), num_sites, np.int64)
    row, column = np.nonzero(is_open)
    place = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    members[row, place] = column
    return members


def all_sets(
    siting: Siting,
    most: int,
    *,
    is_open: Bools | None = None,
    is_closed: Bools | None = None,
    among: Bools | None = None,
) -> Ints | None:
    """Return all sets worth trying, None where there are more than `most`.

    Where to open more is never worse, those to which no site can be added.

    Parameters
    ----------
    is_open, is_closed
        Sites that are in all sets, and in none.
    among
        All sites there are to choose from, as if there were no others.
    """
    is_held = siting.forced if is_open is None else siting.forced | is_open
    is_shut = np.zeros_like(is_held) if is_closed is None else is_closed & ~is_held
    if among is not None:
        is_shut = is_shut | ~(among | is_held)
    size = _one_size(siting)
    if size is None:
        return _grown(siting, most, (is_held, is_shut), among)
    held_sites = np.flatnonzero(is_held)
    free_sites = np.flatnonzero(~is_held & ~is_shut)
    num_missing = min(size - len(held_sites), len(free_sites))
    if num_missing < 0:
        return np.empty((0, size), np.int64)
    num_sets = comb(len(free_sites), num_missing)
    if num_sets > most:
        return None
    chosen = np.array(list(combinations(free_sites.tolist(), num_missing)), np.int64)
    chosen = chosen.reshape(num_sets, num_missing)
    return np.column_stack([np.tile(held_sites, (num_sets, 1)), chosen])


def _one_size(siting: Siting) -> int | None:
    """Return how many sites are open where that is all that is limited."""
    if not siting.is_free_to_open or (siting.before >= 0).any():
        return None
    if len(siting.limits) != 1 or len(siting.limits[0].groups) != 1:
        return None
    (limit,), (items,) = siting.limits, siting.limits[0].groups
    weight = items.weight[: siting.num_sites]
    if items.shared or (weight != 1).any() or limit.most < 0:
        return None
    return min(limit.most, siting.num_sites)


def _grown(
    siting: Siting, most: int, settled: tuple[Bools, Bools], among: Bools | None
) -> Ints | None:
    """Grow sets site by site as long as limits from above hold."""
    is_held, is_shut = settled
    largest = np.flatnonzero(is_held)[None, :]
    last_site = np.full(1, -1, np.int64)
    free_sites = np.flatnonzero(~is_held & ~is_shut)
    sets_by_size: list[Ints] = []
    num_sets = 0
    while len(largest):
        sets_by_size.append(largest)
        num_sets += len(largest)
        if num_sets > most or len(largest) * len(free_sites) > GROWTH * most:
            return None
        parent, column = np.nonzero(last_site[:, None] < free_sites[None, :])
        grown = np.column_stack([largest[parent], free_sites[column]])
        # Of equal sites the first ones open.
        twin = siting.before[free_sites[column]]
        is_kept = (twin < 0) | (largest[parent] == twin[:, None]).any(axis=1)
        is_kept &= _may_grow(siting, grown)
        largest, last_site = grown[is_kept], free_sites[column[is_kept]]
    sets = np.full((num_sets, sets_by_size[-1].shape[1]), siting.num_sites)
    row = 0
    for same_size in sets_by_size:
        sets[row : row + len(same_size), : same_size.shape[1]] = same_size
        row += len(same_size)
    sets = sets[siting.holds(sets)]
    if not siting.is_free_to_open:
        return sets
    sites = np.arange(siting.num_sites) if among is None else np.flatnonzero(among)
    return sets[_are_maximal(siting, sets, sites)]


def _may_grow(siting: Siting, members: Ints) -> Bools:
    """Return which sets of sites no limit from above rules out."""
    may_grow = np.ones(len(members), bool)
    for limit in siting.limits:
        for items in limit.groups:
            may_grow &= items.of(members) <= limit.most
    return may_grow


def _are_maximal(siting: Siting, members: Ints, sites: Ints) -> Bools:
    """Return which sets of sites allow no other site."""
    is_maximal = np.ones(len(members), bool)
    for site in sites.tolist():
        larger = np.column_stack([members, np.full(len(members), site)])
        is_maximal &= (members == site).any(axis=1) | ~siting.holds(larger)
    return is_maximal

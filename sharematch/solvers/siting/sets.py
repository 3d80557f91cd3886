"""All sets of sites that may be open, where they are few."""

from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from sharematch.solvers.siting.shape import Siting

__all__ = ["all_sets", "padded"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def padded(chosen: Bools) -> Ints:
    """Return sets of sites as rows of members, filled up with what is always open."""
    count = chosen.sum(axis=1)
    num_sites = chosen.shape[1]
    members = np.full((len(chosen), int(count.max(initial=0))), num_sites, np.int64)
    row, column = np.nonzero(chosen)
    members[row, np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)] = (
        column
    )
    return members


def all_sets(
    siting: Siting,
    most: int,
    *,
    is_open: Bools | None = None,
    is_closed: Bools | None = None,
) -> Ints | None:
    """Return all sets worth trying, None where there are more than `most`.

    Where to open more is never worse, those to which no site can be added.

    Parameters
    ----------
    is_open, is_closed
        Sites that are in all sets, and in none.
    """
    held = siting.forced if is_open is None else siting.forced | is_open
    shut = np.zeros_like(held) if is_closed is None else is_closed & ~held
    size = _one_size(siting)
    if size is None:
        return _grown(siting, most, held, shut)
    always, free = np.flatnonzero(held), np.flatnonzero(~held & ~shut)
    missing = min(size - len(always), len(free))
    if missing < 0:
        return np.empty((0, size), np.int64)
    count = comb(len(free), missing)
    if count > most:
        return None
    chosen = np.array(list(combinations(free.tolist(), missing)), np.int64)
    chosen = chosen.reshape(count, missing)
    return np.column_stack([np.tile(always, (count, 1)), chosen])


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


def _grown(siting: Siting, most: int, held: Bools, shut: Bools) -> Ints | None:
    """Grow sets site by site as long as limits from above hold."""
    num = siting.num_sites
    now = np.flatnonzero(held)[None, :]
    last = np.full(1, -1, np.int64)
    free = np.flatnonzero(~held & ~shut)
    levels: list[Ints] = []
    total = 0
    while len(now):
        levels.append(now)
        total += len(now)
        if total > most or len(now) * len(free) > 16 * most:
            return None
        row, column = np.nonzero(last[:, None] < free[None, :])
        grown = np.column_stack([now[row], free[column]])
        # Of equal sites the first ones open.
        before = siting.before[free[column]]
        good = (before < 0) | (now[row] == before[:, None]).any(axis=1)
        good &= _may_grow(siting, grown)
        now, last = grown[good], free[column[good]]
    width = max(level.shape[1] for level in levels)
    sets = np.concatenate(
        [
            np.pad(x, ((0, 0), (0, width - x.shape[1])), constant_values=num)
            for x in levels
        ]
    )
    sets = sets[siting.holds(sets)]
    return sets[_are_maximal(siting, sets)] if siting.is_free_to_open else sets


def _may_grow(siting: Siting, members: Ints) -> Bools:
    good = np.ones(len(members), bool)
    for limit in siting.limits:
        for items in limit.groups:
            good &= items.of(members) <= limit.most
    return good


def _are_maximal(siting: Siting, members: Ints) -> Bools:
    good = np.ones(len(members), bool)
    for site in range(siting.num_sites):
        more = np.column_stack([members, np.full(len(members), site)])
        good &= (members == site).any(axis=1) | ~siting.holds(more)
    return good

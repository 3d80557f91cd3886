"""Whether somebody is there: a sum where one variable at most can be 1, or a switch.

    present(label) = Σ of its variables, if no two can be 1 at once, else a switch

Sums keep rows tight for the linear relaxation and need no further variable. At which
moments spans meet is told by `moments`: cliques, of which one held in another is
left out.

Example: spans 9-11, 10-12, 11-13 of one person: the moments 10:00 and 11:00, with two
spans each; 9:00 says nothing that 10:00 does not.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.lookup import pairs
from sharematch.core.integer.variables import Seats

__all__ = ["Present", "is_one_at_most", "moments", "present"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Present(NamedTuple):
    """Entries of rows: that many variables, each of some label."""

    label: Ints
    variable: Ints


def present(seats: Seats, label: Ints, variable: Ints, is_single: Bools) -> Present:
    """Return variables that add up to at least 1 for a label with one of its own on.

    Parameters
    ----------
    label, variable
        Entry i says that `variable[i]`, which is 0 or more, belongs to `label[i]`.
    is_single
        By label, whether at most one of its variables is 1 and none is more: then the
        sum is exactly that; else there is a switch.
    """
    single = is_single[label]
    summed = pairs(label[single], variable[single])
    several = np.flatnonzero(~single)
    labels, row = np.unique(label[several], return_inverse=True)
    switch = seats.switches.any_of(row, variable[several], len(labels), exact=False)
    return Present(
        np.concatenate([summed.first, labels]), np.concatenate([summed.second, switch])
    )


def is_one_at_most(seats: Seats, label: Ints, arc: Ints, count: int) -> Bools:
    """Return the labels of which at most one arc is in use, all being of one need.

    That is so where the need has one booking or unit at most; where all these bookings
    overlap, for then no two are held; and where all are on one day, of one a day.
    """
    columns, cells, arcs = seats.columns, seats.columns.cells, seats.arcs
    need = np.zeros(count, np.int64)
    need[label] = arcs.need[arc]
    start, end = (
        cells.start[arcs.cell[arc]],
        cells.last(arcs.cell[arc], arcs.steps[arc]),
    )
    # All of them overlap where the last to start does so before the first to end.
    meets = _greatest(label, start, count) < -_greatest(label, -end, count)
    date = cells.date[arcs.cell[arc]]
    same_day = _greatest(label, date, count) == -_greatest(label, -date, count)
    daily = (columns.need_times > 1) & (columns.need_per_day == 1)
    meets &= seats.is_indivisible[need]
    one_a_day = daily[need] & same_day
    return np.asarray(seats.is_single[need] | meets | one_a_day, bool)


def _greatest(label: Ints, value: Ints, count: int) -> Ints:
    most = np.full(count, np.iinfo(np.int64).min // 2)
    np.maximum.at(most, label, value)
    return most


def moments(group: Ints, start: Ints, end: Ints, slot: Ints) -> tuple[Ints, Ints]:
    """Return which of some spans meet: a clique's number and a member, pair by pair.

    Any two spans of one group that overlap, or are of one slot, are in some clique;
    the members of each all overlap. A span that lasts no time meets those around it.

    Examples
    --------
    >>> start, end = np.array([9, 10, 11]), np.array([11, 12, 13])
    >>> clique, member = moments(np.zeros(3, int), start, end, np.arange(3))
    >>> [*zip(clique.tolist(), member.tolist())]
    [(1, 0), (1, 1), (2, 1), (2, 2)]
    """
    lasting = np.flatnonzero(end > start)
    times = np.unique(start[lasting])
    width = len(times) + 1
    key = group * width + np.searchsorted(times, start)
    moments = np.unique(key[lasting])
    first = np.searchsorted(moments, key[lasting])
    last = np.searchsorted(
        moments, group[lasting] * width + np.searchsorted(times, end[lasting])
    )
    count = last - first
    member = np.repeat(lasting, count)
    clique = np.repeat(first - np.cumsum(count) + count, count)
    clique = clique + np.arange(count.sum())
    # A moment at whose successor all are still there says nothing of its own.
    soonest = np.full(len(moments), np.iinfo(np.int64).max)
    np.minimum.at(soonest, clique, end[member])
    follows = np.append(moments[1:] // width == moments[:-1] // width, False)
    later = np.append(times, 0)[np.append(moments[1:], 0) % width]
    is_telling = ~(follows[: len(moments)] & (soonest > later[: len(moments)]))
    cliques, members = [clique[is_telling[clique]]], [member[is_telling[clique]]]
    brief = np.flatnonzero(end <= start)
    places = pairs(group[brief], slot[brief])
    for number, (place_group, place_slot) in enumerate(
        zip(places.first, places.second, strict=True)
    ):
        same = (group == place_group) & (slot == place_slot)
        time = start[same][0]
        meets = same | ((group == place_group) & (start < time) & (time < end))
        members.append(np.flatnonzero(meets))
        cliques.append(np.full(int(meets.sum()), len(moments) + number))
    return np.concatenate(cliques), np.concatenate(members)

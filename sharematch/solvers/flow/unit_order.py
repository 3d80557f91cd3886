"""The order in which leximin hands out units, in exact integers.

Unit k of a group (k counted from its start) has the key (ratio before it, weight):
the worse-off group first, of two equally badly off the one with the smaller weight,
for which a unit is the larger jump.

    key(k) = ((start + k - 1) ÷ weight, weight)

That this greedy order is leximin-optimal where groups share one pool of units is the
incremental algorithm of resource allocation (Gross 1956; Federgruen and Groenevelt
1986). Of 3 units Tianfeng (asks for 4) and Lianqiao (asks for 2) have 2 and 1: the keys
in order are (0, 2), (0, 4), (1/4, 4), (1/2, 2), (1/2, 4), (3/4, 4).
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["cutoff"]

Ints = NDArray[np.int64]
FEW = 5_000
"""Units that take no longer to look at one by one than to search among."""


def cutoff(
    start: Ints, weight: Ints, least: Ints, most: Ints, count: int
) -> tuple[Ints, Ints]:
    """Return levels (below, upto) around the last of the `count` best units.

    Group g may hold from `least` to `most` units; unit k takes it from k - 1 to k and
    has the key ((start + k - 1) / weight, weight). With κ the key of the last of the
    `count` best units beyond `least`, `below` is the level of each group with all its
    units of key < κ, `upto` with those of key ≤ κ too.

    Exact for any integers; a pivot search over the sorted units of all groups.

    Examples
    --------
    >>> ints = lambda *xs: np.array(xs, np.int64)
    >>> cutoff(ints(0, 0), ints(10, 2), ints(0, 0), ints(10, 2), 7)
    (array([5, 1]), array([5, 2]))
    """
    if count <= 0:
        return least, least
    if int((most - least).sum()) <= count:
        return most, most
    bound = max(abs(int(start.min())), abs(int(start.max()))) + int(most.max()) + 2
    if bound * int(weight.max()) >= 2**62:
        start, weight = start.astype(object), weight.astype(object)
    low, high = _bracket(start, weight, least, most, count)
    while True:
        # Floats only choose the pivot; what lies before it is compared in integers.
        missing = count - int((low - least).sum())
        pivot, unit = _pivot(start, weight, low, high - low, missing)
        key = (int(start[pivot]) + unit - 1, int(weight[pivot]))
        below, upto = _levels(start, weight, (least, most), key)
        if int((below - least).sum()) >= count:
            high = np.minimum(high, below)
        elif int((upto - least).sum()) < count:
            low = np.maximum(low, upto)
        else:
            return below, upto


def _bracket(
    start: Ints, weight: Ints, least: Ints, most: Ints, count: int
) -> tuple[Ints, Ints]:
    """Return levels that the `count` best units reach, and that they do not exceed.

    Of many units close ones, around the ratio at which all stand after `count` units
    that could be split; floats only propose them.
    """
    if int((most - least).sum()) <= FEW:
        return least, most
    first, last = ((start + level).astype(float) for level in (least, most))
    scale = weight.astype(float)
    # Units taken up to a ratio grow by `scale` between a group's first and last one.
    bends = np.concatenate([first / scale, last / scale])
    order = np.argsort(bends)
    slope = np.cumsum(np.concatenate([scale, -scale]).take(order))
    bends = bends.take(order)
    taken = np.append(0, np.cumsum(slope[:-1] * np.diff(bends)))
    at = max(int(np.searchsorted(taken, count)) - 1, 0)
    if not slope[at] > 0:
        return least, most
    unit = int(weight.max())
    place = unit * float(bends[at] + (count - taken[at]) / slope[at])
    if abs(place) * unit >= 2**61:
        start, weight = start.astype(object), weight.astype(object)
    margin = 2 + int(abs(place) * 2**-48)
    low = _levels(start, weight, (least, most), (int(place) - margin, unit))[0]
    high = _levels(start, weight, (least, most), (int(place) + margin, unit))[1]
    return (
        low if int((low - least).sum()) < count else least,
        high if int((high - least).sum()) >= count else most,
    )


def _pivot(
    start: Ints, weight: Ints, low: Ints, open_units: Ints, count: int
) -> tuple[int, int]:
    """Return a group and the level a unit takes it to: about the `count`-th best open.

    Of few units that one, or one of the same ratio; of many the median of the groups'
    middle ones, weighted by how many are open.
    """
    total = int(open_units.sum())
    groups = np.flatnonzero(open_units > 0)
    if total <= FEW:
        group = np.repeat(groups, open_units[groups])
        begins = np.cumsum(open_units) - open_units - low
        level = np.arange(1, total + 1) - begins[group]
    else:
        group, level = groups, low[groups] + (open_units[groups] + 1) // 2
    ratio = (start[group] + level - 1).astype(float) / weight[group].astype(float)
    if total <= FEW:
        at = int(np.argpartition(ratio, count - 1)[count - 1])
    else:
        order = np.argsort(ratio, kind="stable")
        reached = np.cumsum(open_units[group][order])
        at = int(order[np.searchsorted(reached, total / 2)])
    return int(group[at]), int(level[at])


def _levels(
    start: Ints, weight: Ints, limits: tuple[Ints, Ints], pivot: tuple[int, int]
) -> tuple[Ints, Ints]:
    """Return the levels with all units of key before, and up to, that of the pivot.

    `pivot` is the ratio before a unit, as numerator and the group's weight.
    """
    numerator, denominator = pivot
    scaled_key = -((-numerator * weight) // denominator)  # ratio × weight, rounded up
    tied = (numerator * weight) % denominator == 0
    below = scaled_key - start + (tied & (weight < denominator))
    upto = scaled_key - start + (tied & (weight <= denominator))
    return (
        np.clip(below, *limits).astype(np.int64),
        np.clip(upto, *limits).astype(np.int64),
    )

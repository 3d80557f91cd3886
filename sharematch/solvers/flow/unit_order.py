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
    low, high = least, most
    while True:
        open_units = high - low
        groups = np.flatnonzero(open_units > 0)
        middle = low[groups] + (open_units[groups] + 1) // 2
        # Floats only choose the pivot; what lies before it is compared in integers.
        ratio = (start[groups] + middle - 1).astype(float) / weight[groups].astype(
            float
        )
        order = np.argsort(ratio, kind="stable")
        reached = np.cumsum(open_units[groups][order])
        median_unit = order[np.searchsorted(reached, reached[-1] / 2)]
        pivot = groups[median_unit]
        key = (int(start[pivot]) + int(middle[median_unit]) - 1, int(weight[pivot]))
        below, upto = _levels(start, weight, (least, most), key)
        if int((below - least).sum()) >= count:
            high = np.minimum(high, below)
        elif int((upto - least).sum()) < count:
            low = np.maximum(low, upto)
        else:
            return below, upto


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

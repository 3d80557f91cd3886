"""Lookups in sorted arrays: keys, ranges, rows by owner, spans of time.

Knows nothing of needs and slots.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.codes import NONE

__all__ = [
    "SPAN",
    "Pairs",
    "Sorted",
    "Spans",
    "by_value",
    "expand",
    "find",
    "mask_of",
    "numbered",
    "pairs",
    "pieces",
    "rows_of",
    "spans",
]

Ints = NDArray[np.int64]
Shorts = NDArray[np.int32]
Positions = NDArray[np.integer[Any]]
SPAN = 1 << 16
"""Entries that are looked at at once where there are many: caches hold a dozen arrays
of so few, and their memory serves again."""


def expand(first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """Return (row, value) for every value of every range `first[row]:last[row]`.

    Examples
    --------
    >>> row, value = expand(np.array([3, 7]), np.array([5, 8]))
    >>> row.tolist(), value.tolist()
    ([0, 0, 1], [3, 4, 7])
    """
    # Counting on through all ranges, each set back to where it begins.
    size = np.maximum(last - first, 0)
    row = np.repeat(np.arange(len(size)), size)
    value: Ints = np.repeat(first - np.cumsum(size) + size, size)
    value += np.arange(len(row))
    return row, value


def rows_of(owner: Ints, wanted: Ints) -> tuple[Ints, Ints]:
    """Return (place, row) for every row of every wanted owner; owners ascend by row.

    Examples
    --------
    >>> place, row = rows_of(np.array([0, 2, 2, 5]), np.array([2, 1, 0]))
    >>> place.tolist(), row.tolist()
    ([0, 0, 2], [1, 2, 0])
    """
    first = np.searchsorted(owner, wanted)
    return expand(first, np.searchsorted(owner, wanted, "right"))


def by_value(first: Ints, last: Ints, value: Positions) -> Shorts:
    """Return all of every range `first[row]:last[row]`, each by its values.

    Of equal values the earlier place comes first; all are numbers of 31 bits.

    Examples
    --------
    >>> value = np.array([7, 7, 5, 9, 8])
    >>> by_value(np.array([3, 0]), np.array([5, 3]), value).tolist()
    [4, 3, 2, 0, 1]
    """
    filled = np.flatnonzero(last > first)
    first, last = first[filled], last[filled]
    place = np.empty(int((last - first).sum()), np.int32)
    width, done = int(value.max(initial=0)) + 1, 0
    for piece in pieces(last - first, SPAN):
        row, entry = expand(first[piece], last[piece])
        # Row, value and place as one number: that is sorted twice as fast as places by
        # the others, and fits into 63 bits, so few are the rows.
        bits = (len(entry) - 1).bit_length()
        key = (row * width + value[entry]) << bits
        key += np.arange(len(entry))
        key.sort()
        key &= (1 << bits) - 1
        place[done : done + len(entry)] = entry[key]
        done += len(entry)
    return place


class Pairs(NamedTuple):
    """Distinct pairs in order, and where among them each one given is."""

    first: Ints
    second: Ints
    place: Ints


def pairs(first: Ints, second: Ints) -> Pairs:
    """Return the distinct pairs of numbers, none of them below -1.

    Examples
    --------
    >>> one, other, place = pairs(np.array([2, 0, 2]), np.array([5, -1, 5]))
    >>> one.tolist(), other.tolist(), place.tolist()
    ([0, 2], [-1, 5], [1, 0, 1])
    """
    # One number a pair is sorted many times as fast as columns of two.
    width = int(second.max(initial=0)) + 2
    keys, place = np.unique(first * width + second + 1, return_inverse=True)
    distinct_first, distinct_second = np.divmod(keys, width)
    return Pairs(distinct_first, distinct_second - 1, place)


def numbered(values: Ints, count: int) -> tuple[Ints, Ints]:
    """Return the distinct of some values below `count`, and where each one is.

    Examples
    --------
    >>> values, place = numbered(np.array([7, 3, 7]), 10)
    >>> values.tolist(), place.tolist()
    ([3, 7], [1, 0, 1])
    """
    # A table of `count` takes half as long as sorting here, from 8 a value on longer.
    if count > 4 * len(values):
        return np.unique(values, return_inverse=True)
    is_present = np.zeros(count, bool)
    is_present[values] = True
    return np.flatnonzero(is_present), (np.cumsum(is_present) - 1)[values]


def mask_of(positions: Ints, count: int) -> NDArray[np.bool_]:
    """Return which of `count` entries are named."""
    mask = np.zeros(count, bool)
    mask[positions] = True
    return mask


def find(keys: Ints, wanted: Ints) -> Ints:
    """Return where each wanted key stands among sorted `keys`, NONE where it does not.

    Of equal keys the first is found.
    """
    if not len(keys):
        return np.full(len(wanted), NONE, np.int64)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, place, NONE)


class Sorted:
    """Rows sorted by owner and, for each owner, by value.

    `order` is the permutation that sorts them.
    """

    def __init__(self, owner: Ints, value: Ints) -> None:
        # Ranks instead of values, so that no key overflows.
        self._values, rank = np.unique(value, return_inverse=True)
        key = owner * (len(self._values) + 1) + rank
        self.order = np.argsort(key, kind="stable")
        self._keys = key[self.order]

    def below(self, owner: Ints, value: Ints) -> Ints:
        """Return where the rows of each owner with values below end."""
        return self._end(owner, np.searchsorted(self._values, value))

    def upto(self, owner: Ints, value: Ints) -> Ints:
        """Return where the rows of each owner with values not above end."""
        return self.upto_rank(owner, self.rank(value))

    def rank(self, value: Ints) -> Ints:
        """Return how many different values are not above each one."""
        return np.searchsorted(self._values, value, "right")

    def upto_rank(self, owner: Ints, rank: Ints) -> Ints:
        """Return where the rows of each owner with values of lower rank end."""
        return self._end(owner, rank)

    def begin(self, owner: Ints) -> Ints:
        """Return where the rows of each owner begin."""
        return self._end(owner, np.zeros(len(owner), np.int64))

    def _end(self, owner: Ints, rank: Ints) -> Ints:
        return np.searchsorted(self._keys, owner * (len(self._values) + 1) + rank)


class Spans:
    """Spans of time of several owners."""

    def __init__(self, owner: Ints, start: Ints, end: Ints) -> None:
        self.sorted = Sorted(owner, start)
        order = self.sorted.order
        self.owner, self.start, self.end = owner[order], start[order], end[order]
        ends, rank = np.unique(self.end, return_inverse=True)
        self._ends = np.append(ends, np.iinfo(np.int64).min)
        # Owners ascend, so one running maximum begins anew with each of them.
        latest = np.maximum.accumulate(self.owner * len(self._ends) + rank)
        self._latest = np.append(NONE, latest)

    def latest_end(self, owner: Ints, position: Ints) -> Ints:
        """Return the latest end of each owner's spans before a position.

        The smallest integer where there are none.
        """
        holder, rank = np.divmod(self._latest[position], len(self._ends))
        return np.where(holder == owner, self._ends[rank], self._ends[-1])

    def earlier_end(self) -> Ints:
        """Return for each span the latest end of its owner's spans before it."""
        return self.latest_end(self.owner, np.arange(len(self.owner)))


def spans(count: int) -> Iterator[slice]:
    """Yield consecutive slices of so many entries, `SPAN` of each but the last.

    Examples
    --------
    >>> [(some.start, some.stop) for some in spans(SPAN + 5)] == [
    ...     (0, SPAN),
    ...     (SPAN, SPAN + 5),
    ... ]
    True
    """
    for start in range(0, count, SPAN):
        yield slice(start, min(start + SPAN, count))


def pieces(size: Ints, most: int) -> Iterator[slice]:
    """Yield consecutive slices of rows whose sizes add up to `most`, or of one row."""
    ends = np.cumsum(size)
    start = 0
    while start < len(size):
        full = ends[start] - size[start] + most
        stop = max(start + 1, int(np.searchsorted(ends, full, "right")))
        yield slice(start, stop)
        start = stop

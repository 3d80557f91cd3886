"""Ways in: for each need a few ranges of slots, in some order, with all it may have.

How many pairs a way leaves to a need is known before any is made. Needs that ask for
the same are one asker, whose ranges are found once.

Example: slots in the order of their start; who may come on one evening has a range of
slots for it, like all others of that evening and that kind.
"""

from collections.abc import Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.lookup import expand, pieces, rows_of
from sharematch.core.eligibility.reach import Reach

__all__ = ["CHUNK", "Order", "ReachWay", "Way"]

Ints = NDArray[np.int64]

CHUNK = 1 << 17
"""Pairs looked at at once: few enough for their ten or so arrays to stay in caches."""

_NEVER = np.iinfo(np.int64).max
"""The cost of a way in that is not open to a need."""


class Order:
    """Slots in some order, a slot perhaps several times, for each kind of need."""

    def __init__(self, slot: Ints, fitting: tuple[Ints, Ints]) -> None:
        slots, kinds = fitting
        row, entry = rows_of(slots, slot)
        self._size = len(slot)
        key = kinds[entry] * self._size + row
        order = np.argsort(key, kind="stable")
        self._key, self.slot = key[order], slot[row[order]]

    def cut(self, kind: Ints, first: Ints, last: Ints) -> tuple[Ints, Ints]:
        """Return the ranges of `slot` that fit a kind, between two positions."""
        base = kind * self._size
        start = np.searchsorted(self._key, base + first)
        return start, np.searchsorted(self._key, base + last)


def _by_home(columns: Columns, need: Ints) -> Ints:
    """Return an order in which paths from few communities are wanted at a time."""
    if not len(columns.link_source):
        return np.arange(len(need))
    return np.argsort(columns.need_community[need], kind="stable")


class Way:
    """A way in: for each asker ranges of slots in some order.

    Needs that ask for the same are one asker. Range i is `order.slot[first[i]:last[i]]`
    for asker `asker[i]`; the ranges of an asker do not overlap.

    Parameters
    ----------
    needs, asker_of
        The needs, and the asker of each, NONE where not all that is eligible for it
        would be found.
    kind
        Of each asker.
    """

    def __init__(
        self,
        columns: Columns,
        order: Order,
        needs: Ints,
        asker_of: Ints,
        kind: Ints,
        *,
        asker: Ints,
        between: tuple[Ints, Ints],
    ) -> None:
        self._columns, self._slot, self._needs = columns, order.slot, needs
        first, last = order.cut(kind[asker], *between)
        filled = np.flatnonzero(last > first)
        filled = filled[np.argsort(asker[filled], kind="stable")]
        self._first, self._last = first[filled], last[filled]
        self._ends = np.searchsorted(asker[filled], np.arange(len(kind) + 1))
        total = np.zeros(len(kind), np.int64)
        np.add.at(total, asker[filled], self._last - self._first)
        self._asker_of = asker_of
        self.cost = np.where(asker_of == NONE, _NEVER, np.append(total, 0)[asker_of])

    def pairs(self, chosen: Ints) -> Iterator[tuple[Ints, Ints]]:
        """Yield the pairs of the needs at some places, some at a time."""
        chosen = chosen[_by_home(self._columns, self._needs[chosen])]
        for piece in pieces(self.cost[chosen], CHUNK):
            asker = self._asker_of[chosen[piece]]
            row, ranges = expand(self._ends[asker], self._ends[asker + 1])
            which, position = expand(self._first[ranges], self._last[ranges])
            yield self._needs[chosen[piece][row[which]]], self._slot[position]


class ReachWay:
    """The way in by travel: the slots at the facilities within reach."""

    def __init__(
        self,
        columns: Columns,
        order: Order,
        needs: Ints,
        starts: Ints,
        *,
        reach: Reach,
        limit: Ints,
    ) -> None:
        self._columns, self._order, self._needs = columns, order, needs
        self._starts, self._reach = starts, reach
        with_limit = np.flatnonzero(limit[needs] != NONE)
        need = needs[with_limit]
        kind, everywhere = np.arange(len(columns.kinds)), np.zeros(1, np.int64)
        first, last = order.cut(kind, everywhere, everywhere + starts[-1])
        near, fitting = reach.count(need), (last - first)[columns.need_kind[need]]
        # So many as there would be if all facilities had equally many fitting slots.
        usual = near * fitting // max(1, len(columns.facility_ids))
        self.cost = np.full(len(needs), _NEVER)
        self.cost[with_limit] = np.where(fitting > 0, np.maximum(near, usual), 0)

    def pairs(self, chosen: Ints) -> Iterator[tuple[Ints, Ints]]:
        """Yield the pairs of the needs at some places, some at a time."""
        chosen = chosen[self.cost[chosen] > 0]
        chosen = chosen[_by_home(self._columns, self._needs[chosen])]
        for piece in pieces(self.cost[chosen], CHUNK):
            need = self._needs[chosen[piece]]
            row, facility = self._reach.hits(need)
            first, last = self._ranges(self._columns.need_kind[need[row]], facility)
            for part in pieces(last - first, CHUNK):
                which, position = expand(first[part], last[part])
                yield need[row[part][which]], self._order.slot[position]

    def _ranges(self, kind: Ints, facility: Ints) -> tuple[Ints, Ints]:
        """Return the ranges of slots at facilities that fit needs of some kinds."""
        if self._ends is None:
            between = self._starts[facility], self._starts[facility + 1]
            return self._order.cut(kind, *between)
        place = kind * len(self._starts) + facility
        return self._ends[place], self._ends[place + 1]

    @cached_property
    def _ends(self) -> Ints | None:
        """Where the slots of each kind and facility begin; None if these are many."""
        kinds, width = len(self._columns.kinds), len(self._starts)
        if kinds * width > CHUNK:
            return None
        end = np.tile(self._starts, kinds)
        return self._order.cut(np.repeat(np.arange(kinds), width), end, end)[0]

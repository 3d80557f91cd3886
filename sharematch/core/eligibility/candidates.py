"""Candidates: a few pairs among which all eligible ones are.

For each need the way in that leaves the fewest pairs is taken: its kind alone, or its
kind and its windows, choices, tiers or reach; never needs × slots. Each way is an order
of slots in which those that may do for a need are few ranges, found by bisection, so
how many pairs it would leave is known before any is made. `arcs` judges what comes out.

Example: 1,000 slots for health, 30 of them this week, 12 within 1 km: a need with a
window this week and a limit of 1 km comes in by reach.
"""

from collections.abc import Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.lookup import Spans, expand, find, pieces
from sharematch.core.columns.once import once
from sharematch.core.eligibility.reach import Reach
from sharematch.core.eligibility.travel import Travel

__all__ = ["CHUNK", "Candidates", "fits"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

CHUNK = 1 << 22
"""Pairs looked at at once: 32 MB for each of their ten or so arrays."""

_NEVER = np.iinfo(np.int64).max
"""The cost of a way in that is not open to a need."""


@once
def fits(columns: Columns) -> tuple[Ints, Ints]:
    """Return all (slot, kind) such that a need of the kind fits the slot, sorted."""
    index_of = {kind: i for i, kind in enumerate(columns.kinds)}
    wider_kinds: list[list[int]] = []
    for kind in columns.kinds:
        parts = kind.split("/")
        paths = ("/".join(parts[: i + 1]) for i in range(len(parts)))
        wider_kinds.append([index_of[path] for path in paths if path in index_of])
    ends = np.cumsum([0, *map(len, wider_kinds)])
    flat = np.array([i for indices in wider_kinds for i in indices], np.int64)
    labels = columns.slot_kinds
    row, position = expand(ends[labels.indices], ends[labels.indices + 1])
    key = labels.rows[row] * len(index_of) + flat[position]
    return np.divmod(np.unique(key), max(1, len(index_of)))


class _Order:
    """Slots in some order, a slot perhaps several times, for each kind of need."""

    def __init__(self, slot: Ints, fitting: tuple[Ints, Ints]) -> None:
        slots, kinds = fitting
        first = np.searchsorted(slots, slot)
        row, entry = expand(first, np.searchsorted(slots, slot, "right"))
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


class _Way:
    """A way in: for each need ranges of slots in some order.

    Range i is `order.slot[first[i]:last[i]]` for need `need[i]`; the ranges of a need
    do not overlap. `is_open` says for which needs they hold all eligible slots.
    """

    def __init__(
        self,
        columns: Columns,
        order: _Order,
        need: Ints,
        between: tuple[Ints, Ints],
        is_open: Bools,
    ) -> None:
        self._slot = order.slot
        first, last = order.cut(columns.need_kind[need], *between)
        filled = np.flatnonzero(last > first)
        filled = filled[_by_home(columns, need[filled])]
        self._need, self._first, self._last = need[filled], first[filled], last[filled]
        total = np.zeros(len(is_open), np.int64)
        np.add.at(total, self._need, self._last - self._first)
        self.cost = np.where(is_open, total, _NEVER)

    def pairs(self, chosen: Bools) -> Iterator[tuple[Ints, Ints]]:
        """Yield the pairs of the chosen needs, some at a time."""
        ranges = np.flatnonzero(chosen[self._need])
        for piece in pieces(self._last[ranges] - self._first[ranges], CHUNK):
            chunk = ranges[piece]
            row, position = expand(self._first[chunk], self._last[chunk])
            yield self._need[chunk[row]], self._slot[position]


class _ReachWay:
    """The way in by travel: the slots at the facilities within reach."""

    def __init__(
        self, columns: Columns, order: _Order, starts: Ints, reach: Reach, limit: Ints
    ) -> None:
        self._columns, self._order, self._starts = columns, order, starts
        self._reach = reach
        need = np.flatnonzero(limit != NONE)
        kind = columns.need_kind[need]
        everywhere = np.zeros(len(need), np.int64)
        first, last = order.cut(kind, everywhere, everywhere + starts[-1])
        near = reach.count(need)
        # So many as there would be if all facilities had equally many fitting slots.
        usual = near * (last - first) // max(1, len(columns.facility_ids))
        self.cost = np.full(len(limit), _NEVER)
        self.cost[need] = np.where(last > first, np.maximum(near, usual), 0)

    def pairs(self, chosen: Bools) -> Iterator[tuple[Ints, Ints]]:
        """Yield the pairs of the chosen needs, some at a time."""
        needs = np.flatnonzero(chosen & (self.cost > 0))
        needs = needs[_by_home(self._columns, needs)]
        for piece in pieces(self.cost[needs], CHUNK):
            chunk = needs[piece]
            row, facility = self._reach.hits(chunk)
            between = self._starts[facility], self._starts[facility + 1]
            is_open = np.ones(len(chosen), bool)
            way = _Way(self._columns, self._order, chunk[row], between, is_open)
            yield from way.pairs(chosen)


class Candidates:
    """The candidates among some slots.

    Parameters
    ----------
    travel
        Of the instance.
    slots
        Positions of the slots; to all the resident travels, or from all the service.
    limit
        The farthest that is of use to each need, in m or s; NONE: any distance.
    max_tier
        The widest tier that is of use to each need; NONE: any.
    windows
        Of the needs.
    visiting
        Whether the service travels.
    """

    def __init__(
        self,
        travel: Travel,
        slots: Ints,
        limit: Ints,
        max_tier: Ints,
        windows: Spans,
        *,
        visiting: bool,
    ) -> None:
        self._columns, self._slots = travel.columns, slots
        self._fits = fits(travel.columns)
        self._needs = np.arange(len(limit))
        ways = [self._by_kind(), self._by_time(windows), self._by_choice()]
        ways += [self._by_share(), self._by_tier(max_tier)]
        self._ways: list[_Way | _ReachWay] = [*ways]
        if not travel.is_nowhere and (limit != NONE).any():
            reach = Reach(travel, limit, visiting=visiting)
            order, starts = self._by_facility
            way = _ReachWay(self._columns, order, starts, reach, limit)
            self._ways.append(way)

    def pairs(self) -> Iterator[tuple[Ints, Ints]]:
        """Yield (need, slot), no pair twice, about `CHUNK` pairs at a time."""
        best = np.argmin([way.cost for way in self._ways], axis=0)
        for i, way in enumerate(self._ways):
            yield from way.pairs(best == i)

    @cached_property
    def _by_facility(self) -> tuple[_Order, Ints]:
        """Slots ordered by facility, and where each facility begins."""
        facility = self._columns.slot_facility[self._slots]
        order = np.argsort(facility, kind="stable")
        facilities = np.arange(len(self._columns.facility_ids) + 1)
        starts = np.searchsorted(facility[order], facilities)
        return _Order(self._slots[order], self._fits), starts

    def _by_kind(self) -> _Way:
        order, starts = self._by_facility
        first = np.zeros_like(self._needs)
        is_open = np.ones(len(first), bool)
        between = first, first + starts[-1]
        return _Way(self._columns, order, self._needs, between, is_open)

    def _by_time(self, windows: Spans) -> _Way:
        """Slots ordered by start, untimed ones first."""
        columns, slots = self._columns, self._slots
        timed = columns.slot_is_timed[slots]
        slots = slots[np.lexsort((columns.slot_start[slots], timed))]
        untimed = len(slots) - int(timed.sum())
        start = columns.slot_start[slots[untimed:]]
        # An opening may have begun long before a booking in it does.
        step, length = columns.slot_step, columns.slot_end - columns.slot_start
        longest = int(length[slots[step[slots] != NONE]].max(initial=0))
        # Cut windows where an earlier one ends: no slot is then found twice.
        begin = np.maximum(windows.start - longest, windows.earlier_end() + 1)
        first = untimed + np.searchsorted(start, begin)
        last = untimed + np.searchsorted(start, windows.end, "right")
        has_dates = np.zeros(len(self._needs), bool)
        has_dates[windows.owner] = True
        # Hours of every week are no ranges of times: such needs come in another way.
        has_dates[columns.weekly_need] = False
        any_time = np.zeros(int(has_dates.sum()), np.int64)
        between = (
            np.concatenate((first, any_time)),
            np.concatenate((last, any_time + untimed)),
        )
        need = np.concatenate((windows.owner, np.flatnonzero(has_dates)))
        return _Way(columns, _Order(slots, self._fits), need, between, has_dates)

    def _by_choice(self) -> _Way:
        """Slots ordered by facility: all of a chosen one, or one slot."""
        columns, need = self._columns, self._columns.choice_need
        order, starts = self._by_facility
        place = np.full(len(columns.slot_ids), NONE, np.int64)
        facility = columns.slot_facility[self._slots]
        place[self._slots[np.argsort(facility, kind="stable")]] = np.arange(starts[-1])
        is_facility = columns.choice_slot == NONE
        facility = columns.slot_facility[columns.choice_slot]
        facility = np.where(is_facility, columns.choice_facility, facility)
        is_unknown = facility == NONE  # what was chosen is no record of these columns
        first = np.where(is_facility, starts[facility], place[columns.choice_slot])
        last = np.where(is_facility, starts[facility + 1], first + 1)
        # Of a slot and its facility, both chosen, the facility brings both.
        key = need * len(columns.facility_ids) + facility
        is_covered = ~is_facility & (
            find(np.sort(key[is_facility & ~is_unknown]), key) != NONE
        )
        last = np.where(is_covered | is_unknown | (first == NONE), first, last)
        has_choices = np.zeros(len(self._needs), bool)
        has_choices[need] = True
        return _Way(columns, order, need, (first, last), has_choices)

    @cached_property
    def _nodes(self) -> Ints:
        """(heights, communities): each community and the areas around it, or NONE."""
        columns = self._columns
        communities = len(columns.community_ids)
        above = columns.community_ancestors
        if not columns.area_ids:  # all communities lie in one area
            above = np.zeros((1, communities), np.int64)
        around = np.where(above == NONE, NONE, communities + above)
        return np.vstack((np.arange(communities), around))

    def _node(self, community: Ints, tier: Ints) -> Ints:
        """Return what holds all communities that share with one up to a tier."""
        node = community.copy()
        for height, nodes in enumerate(self._nodes):
            inside = (tier >= height) & (nodes[community] != NONE)
            node[inside] = nodes[community[inside]]
        return node

    def _by_share(self) -> _Way:
        """Slots ordered by the area that they are open to."""
        columns, slots = self._columns, self._slots
        home = columns.facility_community[columns.slot_facility[slots]]
        node = self._node(home, columns.slot_share[slots])
        order = np.argsort(node, kind="stable")
        wanted = self._nodes[:, columns.need_community].ravel()
        between = _equal(node[order], wanted)
        need = np.tile(self._needs, len(self._nodes))
        is_open = np.ones(len(self._needs), bool)
        by_node = _Order(slots[order], self._fits)
        return _Way(columns, by_node, need, between, is_open)

    def _by_tier(self, max_tier: Ints) -> _Way:
        """Slots ordered by each area that they lie in."""
        columns, slots = self._columns, self._slots
        home = columns.facility_community[columns.slot_facility[slots]]
        node = self._nodes[:, home].ravel()
        order = np.argsort(node, kind="stable")
        is_open = max_tier != NONE
        need = np.flatnonzero(is_open)
        wanted = self._node(columns.need_community[need], max_tier[need])
        between = _equal(node[order], wanted)
        by_node = _Order(np.tile(slots, len(self._nodes))[order], self._fits)
        return _Way(columns, by_node, need, between, is_open)


def _equal(values: Ints, wanted: Ints) -> tuple[Ints, Ints]:
    """Return the range of each wanted value among sorted ones."""
    return np.searchsorted(values, wanted), np.searchsorted(values, wanted, "right")

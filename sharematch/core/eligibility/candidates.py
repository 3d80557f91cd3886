"""Candidates: a few pairs among which all eligible ones are.

For each need the way in that leaves the fewest pairs is taken: its kind alone, or its
kind and its windows, choices, tiers or reach; never needs × slots. Each way is an order
of slots in which those that may do for a need are few ranges, found by bisection, so
how many pairs it would leave is known before any is made. `arcs` judges what comes out.

Example: 1,000 slots for health, 30 of them this week, 12 within 1 km: a need with a
window this week and a limit of 1 km comes in by reach.
"""

from collections.abc import Callable, Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.lookup import expand, find, mask_of, numbered, rows_of
from sharematch.core.columns.once import once
from sharematch.core.eligibility.reach import Reach
from sharematch.core.eligibility.starts import hours, windows
from sharematch.core.eligibility.travel import Travel
from sharematch.core.eligibility.ways_in import Order, ReachWay, Way

__all__ = ["Candidates", "fits"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


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


class Candidates:
    """The candidates among some slots.

    Parameters
    ----------
    travel
        Of the instance.
    needs, slots
        Positions, of slots those to all of which the resident travels, or from all of
        which the service does.
    limit
        The farthest that is of use to each need, in m or s; NONE: any distance.
    max_tier
        The widest tier that is of use to each need; NONE: any.
    visiting
        Whether the service travels.
    """

    def __init__(
        self,
        travel: Travel,
        needs: Ints,
        slots: Ints,
        limit: Ints,
        max_tier: Ints,
        *,
        visiting: bool,
    ) -> None:
        self._columns, self._needs, self._slots = travel.columns, needs, slots
        self._fits = fits(travel.columns)
        ways: list[Way | ReachWay] = [self._by_kind()]
        if len(windows(self._columns).owner):
            ways.append(self._by_time())
        if len(self._columns.choice_need):
            ways.append(self._by_choice())
        ways.append(self._by_share())
        if (max_tier != NONE).any():
            ways.append(self._by_tier(max_tier))
        if not travel.is_nowhere and (limit != NONE).any():
            reach = Reach(travel, limit, visiting=visiting)
            order, starts = self._by_facility
            columns = self._columns
            ways.append(
                ReachWay(columns, order, needs, starts, reach=reach, limit=limit)
            )
        self._ways = ways

    def pairs(self) -> Iterator[tuple[Ints, Ints]]:
        """Yield (need, slot), no pair twice, about `CHUNK` pairs at a time."""
        best = np.argmin([way.cost for way in self._ways], axis=0)
        for i, way in enumerate(self._ways):
            yield from way.pairs(np.flatnonzero(best == i))

    def _way(
        self,
        order: Order,
        code: Ints,
        is_open: Bools,
        ranges: Callable[[Ints], tuple[Ints, tuple[Ints, Ints]]],
    ) -> Way:
        """Return a way in for needs of equal code and kind at once.

        Parameters
        ----------
        code
            What a need asks for, beside its kind.
        is_open
            For which needs the ranges hold all eligible slots.
        ranges
            Returns the place and the ends of all ranges of slots for some codes.
        """
        columns, kinds = self._columns, max(len(self._columns.kinds), 1)
        key = (code * kinds + columns.need_kind[self._needs])[is_open]
        asked, place = numbered(key, int(key.max(initial=-1)) + 1)
        asker_of = np.full(len(self._needs), NONE, np.int64)
        asker_of[is_open] = place
        asked_code, kind = np.divmod(asked, kinds)
        asker, between = ranges(asked_code)
        return Way(
            columns, order, self._needs, asker_of, kind, asker=asker, between=between
        )

    @cached_property
    def _by_facility(self) -> tuple[Order, Ints]:
        """Slots ordered by facility, and where each facility begins."""
        facility = self._columns.slot_facility[self._slots]
        order = np.argsort(facility, kind="stable")
        facilities = np.arange(len(self._columns.facility_ids) + 1)
        starts = np.searchsorted(facility[order], facilities)
        return Order(self._slots[order], self._fits), starts

    def _by_kind(self) -> Way:
        order, starts = self._by_facility

        def ranges(code: Ints) -> tuple[Ints, tuple[Ints, Ints]]:
            return np.arange(len(code)), (code, code + starts[-1])

        nothing = np.zeros(len(self._needs), np.int64)
        return self._way(order, nothing, nothing == 0, ranges)

    def _by_time(self) -> Way:
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
        spans, kinds = windows(columns), hours(columns)
        begin = np.maximum(spans.start - longest, spans.earlier_end() + 1)
        first = untimed + np.searchsorted(start, begin)
        last = untimed + np.searchsorted(start, spans.end, "right")

        def ranges(code: Ints) -> tuple[Ints, tuple[Ints, Ints]]:
            asker, window = rows_of(spans.owner, code)
            any_time = np.zeros(len(code), np.int64)
            between = (
                np.concatenate((first[window], any_time)),
                np.concatenate((last[window], any_time + untimed)),
            )
            return np.concatenate((asker, np.arange(len(code)))), between

        has_dates = mask_of(spans.owner, len(kinds.first))
        # Hours of every week are no ranges of times: such needs come in another way.
        has_dates[kinds.kind[columns.weekly_need]] = False
        kind = kinds.kind[self._needs]
        return self._way(Order(slots, self._fits), kind, has_dates[kind], ranges)

    def _by_choice(self) -> Way:
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

        def ranges(code: Ints) -> tuple[Ints, tuple[Ints, Ints]]:
            asker, choice = rows_of(need, code)
            return asker, (first[choice], last[choice])

        has_choices = mask_of(need, len(columns.need_ids))[self._needs]
        return self._way(order, self._needs, has_choices, ranges)

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

    def _by_share(self) -> Way:
        """Slots ordered by the area that they are open to."""
        columns, slots = self._columns, self._slots
        home = columns.facility_community[columns.slot_facility[slots]]
        node = self._node(home, columns.slot_share[slots])
        order = np.argsort(node, kind="stable")

        def ranges(code: Ints) -> tuple[Ints, tuple[Ints, Ints]]:
            wanted = self._nodes[:, code].ravel()
            asker = np.tile(np.arange(len(code)), len(self._nodes))
            return asker, _equal(node[order], wanted)

        home = columns.need_community[self._needs]
        by_node = Order(slots[order], self._fits)
        return self._way(by_node, home, home != NONE, ranges)

    def _by_tier(self, max_tier: Ints) -> Way:
        """Slots ordered by each area that they lie in."""
        columns, slots = self._columns, self._slots
        home = columns.facility_community[columns.slot_facility[slots]]
        node = self._nodes[:, home].ravel()
        order = np.argsort(node, kind="stable")

        def ranges(code: Ints) -> tuple[Ints, tuple[Ints, Ints]]:
            return np.arange(len(code)), _equal(node[order], code)

        is_open = max_tier[self._needs] != NONE
        need = self._needs[is_open]
        wanted = np.full(len(is_open), NONE, np.int64)
        wanted[is_open] = self._node(columns.need_community[need], max_tier[need])
        by_node = Order(np.tile(slots, len(self._nodes))[order], self._fits)
        return self._way(by_node, wanted, is_open, ranges)


def _equal(values: Ints, wanted: Ints) -> tuple[Ints, Ints]:
    """Return the range of each wanted value among sorted ones."""
    return np.searchsorted(values, wanted), np.searchsorted(values, wanted, "right")

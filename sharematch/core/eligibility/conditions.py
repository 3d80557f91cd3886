"""The conditions for a need and a slot to be matched, each written once.

Whether pairs keep them is told for all pairs at once.
"""

from collections.abc import Callable, Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import NONE, STATUSES, Columns, Labels
from sharematch.core.columns.lookup import Spans, expand, find
from sharematch.core.columns.weeks import is_within, meets
from sharematch.core.eligibility.candidates import fits
from sharematch.core.eligibility.travel import UNKNOWN, Travel

__all__ = ["CODES", "UNCHOSEN", "Conditions", "Pairs", "within"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

CODES = (
    *("kind", "time", "closed", "share", "radius", "travel"),
    *("feature", "fee", "group", "choice", "decision", "rule"),
)
"""Reasons why a pair is no arc, in the order in which they are given."""

UNCHOSEN = np.iinfo(np.int64).max
"""The rank of what is not among the choices."""


class Pairs:
    """Pairs of a need and a slot with what several conditions ask for."""

    def __init__(self, travel: Travel, need: Ints, slot: Ints) -> None:
        self._travel, self.need, self.slot = travel, need, slot

    @cached_property
    def key(self) -> Ints:
        """One number per pair; counts of records that fit into memory fit into it."""
        return self.need * len(self._travel.columns.slot_ids) + self.slot

    @cached_property
    def facility(self) -> Ints:
        """The facility of each slot."""
        return self._travel.columns.slot_facility[self.slot]

    @cached_property
    def tier(self) -> Ints:
        """The tier between their communities, NONE where they share nothing."""
        columns = self._travel.columns
        return columns.tier(
            columns.need_community[self.need], columns.facility_community[self.facility]
        )

    @cached_property
    def travel(self) -> Ints:
        """Metres or seconds between them, or UNKNOWN."""
        return self._travel.between(self.need, self.slot)

    def keep(self, mask: Bools) -> "Pairs":
        """Return the pairs where `mask` is true, with what is known of them."""
        kept = Pairs(self._travel, self.need[mask], self.slot[mask])
        for name in ("key", "facility", "tier", "travel"):
            if name in self.__dict__:
                kept.__dict__[name] = self.__dict__[name][mask]
        return kept


class Conditions:
    """All conditions for a pair to be an arc, in the order of CODES."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns

    def judge(self, pairs: Pairs) -> tuple[NDArray[np.int8], Pairs]:
        """Return the first reason against each pair, and the pairs with none."""
        code, visits = np.full(len(pairs.need), -1, np.int8), self._visits(pairs)
        alive = np.arange(len(code))
        for name, condition in self._each():
            good = condition(pairs)
            code[alive[~good]] = CODES.index(name)
            alive, pairs = alive[good], pairs.keep(good)
        code[visits & (code == CODES.index("travel"))] = CODES.index("radius")
        return code, pairs

    def failures(self, pairs: Pairs) -> Bools:
        """Return (codes, pairs): whether each condition stands against each pair."""
        found = np.zeros((len(CODES), len(pairs.need)), bool)
        for name, condition in self._each():
            found[CODES.index(name)] = ~condition(pairs)
        radius, travel = CODES.index("radius"), CODES.index("travel")
        found[radius] = found[travel] & self._visits(pairs)
        found[travel] &= ~found[radius]
        return found

    def _each(self) -> Iterator[tuple[str, Callable[[Pairs], Bools]]]:
        """Yield all conditions with their codes; travel stands for radius too."""
        yield "kind", self._kind
        yield "time", self._time
        yield "closed", self._open
        yield "share", self._share
        yield "travel", self._travel
        yield "feature", self._feature
        yield "fee", self._fee
        yield "group", self._group
        yield "choice", self._choice
        yield "decision", self._decision

    def _kind(self, pairs: Pairs) -> Bools:
        kinds = len(self.columns.kinds)
        wanted = pairs.slot * kinds + self.columns.need_kind[pairs.need]
        good: Bools = find(self._fits, wanted) != NONE
        return good

    @cached_property
    def _fits(self) -> Ints:
        slot, kind = fits(self.columns)
        return slot * len(self.columns.kinds) + kind

    def _time(self, pairs: Pairs) -> Bools:
        columns, spans = self.columns, self.windows
        good = ~(self._has_windows[pairs.need] & columns.slot_is_timed[pairs.slot])
        need, slot = pairs.need[~good], pairs.slot[~good]
        earlier = spans.sorted.upto(need, columns.slot_start[slot])
        is_inside = spans.latest_end(need, earlier) >= columns.slot_end[slot]
        good[~good] = is_inside | self._in_weekly(need, slot)
        return good

    def _in_weekly(self, need: Ints, slot: Ints) -> Bools:
        """Return which timed slots lie within a need's hours of every week."""
        columns, count = self.columns, len(self.columns.need_ids)
        first, last = (
            np.searchsorted(columns.weekly_need, need, side)
            for side in ("left", "right")
        )
        good, length = np.zeros(len(need), bool), columns.slot_end - columns.slot_start
        most = np.bincount(columns.weekly_need, minlength=count).max(initial=0)
        for nth in range(int(most)):
            more = np.flatnonzero((first + nth < last) & ~good)
            row, held = first[more] + nth, slot[more]
            hours = columns.weekly_start[row], columns.weekly_minutes[row]
            good[more] = is_within(columns.slot_clock[held], length[held], *hours)
        return good

    @cached_property
    def windows(self) -> Spans:
        """The time windows of needs."""
        columns = self.columns
        return Spans(columns.window_need, columns.window_start, columns.window_end)

    @cached_property
    def _has_windows(self) -> Bools:
        columns, count = self.columns, len(self.columns.need_ids)
        dated = _present(columns.window_need, count)
        return dated | _present(columns.weekly_need, count)

    def _open(self, pairs: Pairs) -> Bools:
        return self._is_open[pairs.slot]

    @cached_property
    def _is_open(self) -> Bools:
        columns = self.columns
        spans = Spans(columns.closed_facility, columns.closed_start, columns.closed_end)
        earlier = spans.sorted.below(columns.slot_facility, columns.slot_end)
        latest = spans.latest_end(columns.slot_facility, earlier)
        good = ~columns.slot_is_timed | (latest <= columns.slot_start)
        slot = np.flatnonzero(columns.slot_is_timed)
        ends = (
            np.searchsorted(columns.shut_facility, columns.slot_facility[slot], side)
            for side in ("left", "right")
        )
        which, row = expand(*ends)
        slot, hours = slot[which], (columns.shut_start[row], columns.shut_minutes[row])
        length = columns.slot_end[slot] - columns.slot_start[slot]
        good[slot[meets(columns.slot_clock[slot], length, *hours)]] = False
        return good

    def _share(self, pairs: Pairs) -> Bools:
        widest = self.columns.slot_share[pairs.slot]
        good: Bools = (pairs.tier != NONE) & (pairs.tier <= widest)
        return good

    def _travel(self, pairs: Pairs) -> Bools:
        own = self.columns.need_max_travel[pairs.need]
        radius = self.columns.slot_radius[pairs.slot]
        limit = np.where(radius != NONE, radius, own)
        return within(limit, pairs.travel)

    def _feature(self, pairs: Pairs) -> Bools:
        columns = self.columns
        requires = columns.need_requires
        good: Bools = (requires.counts[pairs.need] == 0) | self._visits(pairs)
        need, facility = pairs.need[~good], pairs.facility[~good]
        common = _common(requires, need, columns.facility_features, facility)
        good[~good] = common == requires.counts[need]
        return good

    def _visits(self, pairs: Pairs) -> Bools:
        good: Bools = self.columns.slot_radius[pairs.slot] != NONE
        return good

    def _fee(self, pairs: Pairs) -> Bools:
        most = self.columns.need_max_fee[pairs.need]
        good: Bools = (most == NONE) | (self.columns.slot_fee[pairs.slot] <= most)
        return good

    def _group(self, pairs: Pairs) -> Bools:
        columns = self.columns
        good: Bools = columns.slot_groups.counts[pairs.slot] == 0
        need, slot = pairs.need[~good], pairs.slot[~good]
        good[~good] = _common(columns.need_groups, need, columns.slot_groups, slot) > 0
        return good

    def _choice(self, pairs: Pairs) -> Bools:
        chosen: Bools = self.rank(pairs) != UNCHOSEN
        return chosen | ~self._has_choices[pairs.need]

    @cached_property
    def _has_choices(self) -> Bools:
        return _present(self.columns.choice_need, len(self.columns.need_ids))

    def rank(self, pairs: Pairs) -> Ints:
        """Return the best position in the choices, UNCHOSEN where there is none."""
        rank = np.full(len(pairs.need), UNCHOSEN)
        some = np.flatnonzero(self._has_choices[pairs.need])
        need, slot, facility = (
            values[some] for values in (pairs.need, pairs.slot, pairs.facility)
        )
        slots, facilities = len(self.columns.slot_ids), len(self.columns.facility_ids)
        by_slot = _look_up(self._chosen_slots, need * slots + slot)
        by_facility = _look_up(self._chosen_facilities, need * facilities + facility)
        rank[some] = np.minimum(by_slot, by_facility)
        return rank

    @cached_property
    def _chosen_slots(self) -> tuple[Ints, Ints]:
        columns = self.columns
        key = columns.choice_need * len(columns.slot_ids) + columns.choice_slot
        return _sorted(key, columns.choice_rank, columns.choice_slot != NONE)

    @cached_property
    def _chosen_facilities(self) -> tuple[Ints, Ints]:
        columns = self.columns
        key = columns.choice_need * len(columns.facility_ids) + columns.choice_facility
        return _sorted(key, columns.choice_rank, columns.choice_facility != NONE)

    def _decision(self, pairs: Pairs) -> Bools:
        good: Bools = find(self._refused, pairs.key) == NONE
        return good

    @cached_property
    def _refused(self) -> Ints:
        columns = self.columns
        key = columns.decision_need * len(columns.slot_ids) + columns.decision_slot
        return key[columns.decision_status >= STATUSES.index("declined")]


def _present(need: Ints, count: int) -> Bools:
    """Return which of `count` needs are named."""
    mask = np.zeros(count, bool)
    mask[need] = True
    return mask


def _sorted(key: Ints, value: Ints, mask: Bools) -> tuple[Ints, Ints]:
    """Return the masked keys, sorted, with their values."""
    order = np.argsort(key[mask], kind="stable")
    return key[mask][order], value[mask][order]


def _look_up(table: tuple[Ints, Ints], wanted: Ints) -> Ints:
    """Return the value of each wanted key, UNCHOSEN where it is not there."""
    keys, values = table
    return np.append(values, UNCHOSEN)[find(keys, wanted)]


def within(limit: Ints, value: Ints) -> Bools:
    """Return where a value keeps its limit; an unknown one keeps none."""
    good: Bools = (limit == NONE) | ((value != UNKNOWN) & (value <= limit))
    return good


def _common(one: Labels, one_row: Ints, other: Labels, other_row: Ints) -> Ints:
    """Return how many labels each row of one has in common with a row of the other."""
    count, names = np.zeros(len(one_row), np.int64), len(one.names)
    keys = other.rows * names + other.indices
    for nth in range(one.counts[one_row].max(initial=0)):
        more = np.flatnonzero(one.counts[one_row] > nth)
        label = one.indices[one.indptr[one_row[more]] + nth]
        count[more] += find(keys, other_row[more] * names + label) != NONE
    return count

"""Arcs: the pairs of needs and slots that may be matched, and why others may not.

Each condition is written once; `build` and `reasons` both ask it.
"""

from collections.abc import Callable, Iterator
from dataclasses import MISSING, dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.candidates import Candidates, fits
from sharematch.core.columns import NONE, STATUSES, Columns, Given, Labels
from sharematch.core.lookup import Spans, find
from sharematch.core.travel import UNKNOWN, Travel

__all__ = ["CODES", "UNKNOWN", "Arcs", "build", "failures", "pairs", "reasons"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

CODES = (
    *("kind", "time", "closed", "share", "radius", "travel"),
    *("feature", "fee", "group", "choice", "decision", "rule"),
)
"""Reasons why a pair is no arc, in the order in which they are given."""

_UNCHOSEN = np.iinfo(np.int64).max
"""The rank of what is not among the choices."""


@dataclass(frozen=True)
class Arcs:
    """Pairs that may be matched, as read-only arrays; from `build` sorted and unique.

    `travel` may be UNKNOWN. `rank` is the best position in the need's choices, 0 where
    it has none. `cost` (minor units) and `units` are those of the pair's own record.
    """

    need: Ints
    slot: Ints
    travel: Ints
    tier: Ints
    rank: Ints
    cost: Ints
    units: Ints
    wait: Ints | None = None
    """Days of waiting per unit, where dates do not tell them."""
    lateness: Ints | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            if (array := getattr(self, field.name)) is not None:
                array.setflags(write=False)

    def __len__(self) -> int:
        return len(self.need)

    def keep(self, mask: Bools | Ints) -> "Arcs":
        """Return the arcs where `mask` is true, or those at some positions."""
        arrays = [getattr(self, field.name) for field in fields(self)]
        kept: list[Any] = [None if array is None else array[mask] for array in arrays]
        return Arcs(*kept)

    @cached_property
    def distance(self) -> Ints:
        """Travel as sums count it: an unknown one as the largest known one, or 0."""
        largest = max(0, self.travel.max(initial=0))
        distance = np.where(self.travel == UNKNOWN, largest, self.travel)
        distance.setflags(write=False)
        return distance

    @property
    def num_unknown(self) -> int:
        """How many arcs have an unknown travel."""
        return int((self.travel == UNKNOWN).sum())


def pairs(columns: Columns, need: Ints, slot: Ints) -> Arcs:
    """Return the values of given pairs in the given order, eligible or not."""
    copies = np.array(need, np.int64), np.array(slot, np.int64)
    if columns.given is not None:
        return _given_pairs(columns, columns.given, *copies)
    return _Conditions(columns).arcs(_Pairs(Travel(columns), *copies))


def reasons(columns: Columns, need: Ints, slot: Ints) -> NDArray[np.int8]:
    """Return for each pair the position in CODES of the first reason against it.

    -1 where the pair is an arc. Never "rule": policies are not looked at here, but for
    a published instance, where it stands for whatever kept a pair out.
    """
    if columns.given is not None:
        at = _place(columns, columns.given, need, slot)
        return np.where(at == NONE, CODES.index("rule"), -1).astype(np.int8)
    return _Conditions(columns).judge(_Pairs(Travel(columns), need, slot))[0]


def failures(columns: Columns, need: Ints, slot: Ints) -> Bools:
    """Return (codes, pairs): all that stands against each pair, never "rule".

    Conditions are judged one by one, whatever the others say; of a published instance
    nothing is known.
    """
    if columns.given is not None:
        return np.zeros((len(CODES), len(need)), bool)
    return _Conditions(columns).failures(_Pairs(Travel(columns), need, slot))


def build(
    columns: Columns, max_travel: Ints | None = None, max_tier: Ints | None = None
) -> Arcs:
    """Return all eligible pairs.

    Parameters
    ----------
    columns
        The instance.
    max_travel, max_tier
        Further limits of each need (m or s; tiers), -1 where there is none. The result
        is the same as if arcs were filtered afterwards; an unknown distance satisfies
        no limit.
    """
    none = np.full(len(columns.need_ids), NONE, np.int64)
    far = none if max_travel is None else max_travel
    wide = none if max_tier is None else max_tier
    if columns.given is not None:
        arcs = Arcs(*(getattr(columns.given, field.name) for field in fields(Arcs)))
        good = _within(far[arcs.need], arcs.travel)
        return arcs.keep(good & _within(wide[arcs.need], arcs.tier))
    travel, conditions = Travel(columns), _Conditions(columns)
    found = [conditions.arcs(_Pairs(travel, none[:0], none[:0]))]
    for visiting in (False, True):
        slots = np.flatnonzero((columns.slot_radius != NONE) == visiting)
        if not len(slots):
            continue
        own = columns.need_max_travel
        if visiting:
            own = np.full_like(none, columns.slot_radius[slots].max(initial=0))
        limit = np.where((own == NONE) | ((far != NONE) & (far < own)), far, own)
        windows = conditions.windows
        candidates = Candidates(travel, slots, limit, wide, windows, visiting=visiting)
        for need, slot in candidates.pairs():
            some = conditions.judge(_Pairs(travel, need, slot))[1]
            good = _within(far[some.need], some.travel)
            good &= _within(wide[some.need], some.tier)
            found.append(conditions.arcs(some.keep(good)))
    names = [field.name for field in fields(Arcs) if field.default is MISSING]
    columns_of = ([getattr(arcs, name) for arcs in found] for name in names)
    arcs = Arcs(*map(np.concatenate, columns_of))
    return arcs.keep(np.argsort(arcs.need * len(columns.slot_ids) + arcs.slot))


def _place(columns: Columns, given: Given, need: Ints, slot: Ints) -> Ints:
    width = max(len(columns.slot_ids), 1)
    return find(given.need * width + given.slot, need * width + slot)


def _given_pairs(columns: Columns, given: Given, need: Ints, slot: Ints) -> Arcs:
    """Return pairs as they are given; of others nothing is known."""
    at = _place(columns, given, need, slot)
    known = at != NONE
    values = {
        field.name: np.where(known, np.append(getattr(given, field.name), 0)[at], 0)
        for field in fields(Arcs)
    }
    values |= {"need": need, "slot": slot}
    return Arcs(**values)


# Conditions


class _Pairs:
    """Pairs of a need and a slot with what several conditions ask for."""

    def __init__(self, travel: Travel, need: Ints, slot: Ints) -> None:
        self._travel, self.need, self.slot = travel, need, slot

    @cached_property
    def key(self) -> Ints:
        """One number per pair; counts of records that fit into memory fit into it."""
        return self.need * len(self._travel.columns.slot_ids) + self.slot

    @cached_property
    def facility(self) -> Ints:
        return self._travel.columns.slot_facility[self.slot]

    @cached_property
    def tier(self) -> Ints:
        columns = self._travel.columns
        return columns.tier(
            columns.need_community[self.need], columns.facility_community[self.facility]
        )

    @cached_property
    def travel(self) -> Ints:
        return self._travel.between(self.need, self.slot)

    def keep(self, mask: Bools) -> "_Pairs":
        kept = _Pairs(self._travel, self.need[mask], self.slot[mask])
        for name in ("key", "facility", "tier", "travel"):
            if name in self.__dict__:
                kept.__dict__[name] = self.__dict__[name][mask]
        return kept


class _Conditions:
    """All conditions for a pair to be an arc, in the order of CODES."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns

    def judge(self, pairs: _Pairs) -> tuple[NDArray[np.int8], _Pairs]:
        """Return the first reason against each pair, and the pairs with none."""
        code, visits = np.full(len(pairs.need), -1, np.int8), self._visits(pairs)
        alive = np.arange(len(code))
        for name, condition in self._each():
            good = condition(pairs)
            code[alive[~good]] = CODES.index(name)
            alive, pairs = alive[good], pairs.keep(good)
        code[visits & (code == CODES.index("travel"))] = CODES.index("radius")
        return code, pairs

    def failures(self, pairs: _Pairs) -> Bools:
        """Return (codes, pairs): whether each condition stands against each pair."""
        found = np.zeros((len(CODES), len(pairs.need)), bool)
        for name, condition in self._each():
            found[CODES.index(name)] = ~condition(pairs)
        radius, travel = CODES.index("radius"), CODES.index("travel")
        found[radius] = found[travel] & self._visits(pairs)
        found[travel] &= ~found[radius]
        return found

    def _each(self) -> Iterator[tuple[str, Callable[[_Pairs], Bools]]]:
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

    def _kind(self, pairs: _Pairs) -> Bools:
        kinds = len(self.columns.kinds)
        wanted = pairs.slot * kinds + self.columns.need_kind[pairs.need]
        good: Bools = find(self._fits, wanted) != NONE
        return good

    @cached_property
    def _fits(self) -> Ints:
        slot, kind = fits(self.columns)
        return slot * len(self.columns.kinds) + kind

    def _time(self, pairs: _Pairs) -> Bools:
        columns, spans = self.columns, self.windows
        good = ~(self._has_windows[pairs.need] & columns.slot_is_timed[pairs.slot])
        need, slot = pairs.need[~good], pairs.slot[~good]
        earlier = spans.sorted.upto(need, columns.slot_start[slot])
        good[~good] = spans.latest_end(need, earlier) >= columns.slot_end[slot]
        return good

    @cached_property
    def windows(self) -> Spans:
        columns = self.columns
        return Spans(columns.window_need, columns.window_start, columns.window_end)

    @cached_property
    def _has_windows(self) -> Bools:
        return _present(self.columns.window_need, len(self.columns.need_ids))

    def _open(self, pairs: _Pairs) -> Bools:
        return self._is_open[pairs.slot]

    @cached_property
    def _is_open(self) -> Bools:
        columns = self.columns
        spans = Spans(columns.closed_facility, columns.closed_start, columns.closed_end)
        earlier = spans.sorted.below(columns.slot_facility, columns.slot_end)
        latest = spans.latest_end(columns.slot_facility, earlier)
        good: Bools = ~columns.slot_is_timed | (latest <= columns.slot_start)
        return good

    def _share(self, pairs: _Pairs) -> Bools:
        widest = self.columns.slot_share[pairs.slot]
        good: Bools = (pairs.tier != NONE) & (pairs.tier <= widest)
        return good

    def _travel(self, pairs: _Pairs) -> Bools:
        own = self.columns.need_max_travel[pairs.need]
        radius = self.columns.slot_radius[pairs.slot]
        limit = np.where(radius != NONE, radius, own)
        return _within(limit, pairs.travel)

    def _feature(self, pairs: _Pairs) -> Bools:
        columns = self.columns
        requires = columns.need_requires
        good: Bools = (requires.counts[pairs.need] == 0) | self._visits(pairs)
        need, facility = pairs.need[~good], pairs.facility[~good]
        common = _common(requires, need, columns.facility_features, facility)
        good[~good] = common == requires.counts[need]
        return good

    def _visits(self, pairs: _Pairs) -> Bools:
        good: Bools = self.columns.slot_radius[pairs.slot] != NONE
        return good

    def _fee(self, pairs: _Pairs) -> Bools:
        most = self.columns.need_max_fee[pairs.need]
        good: Bools = (most == NONE) | (self.columns.slot_fee[pairs.slot] <= most)
        return good

    def _group(self, pairs: _Pairs) -> Bools:
        columns = self.columns
        good: Bools = columns.slot_groups.counts[pairs.slot] == 0
        need, slot = pairs.need[~good], pairs.slot[~good]
        good[~good] = _common(columns.need_groups, need, columns.slot_groups, slot) > 0
        return good

    def _choice(self, pairs: _Pairs) -> Bools:
        chosen: Bools = self._rank(pairs) != _UNCHOSEN
        return chosen | ~self._has_choices[pairs.need]

    @cached_property
    def _has_choices(self) -> Bools:
        return _present(self.columns.choice_need, len(self.columns.need_ids))

    def _rank(self, pairs: _Pairs) -> Ints:
        """Return the best position in the choices, _UNCHOSEN where there is none."""
        rank = np.full(len(pairs.need), _UNCHOSEN)
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

    def _decision(self, pairs: _Pairs) -> Bools:
        good: Bools = find(self._refused, pairs.key) == NONE
        return good

    @cached_property
    def _refused(self) -> Ints:
        columns = self.columns
        key = columns.decision_need * len(columns.slot_ids) + columns.decision_slot
        return key[columns.decision_status >= STATUSES.index("declined")]

    # Values

    def arcs(self, pairs: _Pairs) -> Arcs:
        """Return the values of pairs."""
        columns, rank = self.columns, self._rank(pairs)
        key = columns.pair_need * len(columns.slot_ids) + columns.pair_slot
        cost, units = np.zeros_like(rank), np.ones_like(rank)
        at = find(key, pairs.key)
        own = at != NONE
        cost[own] = columns.pair_cost[at[own]]
        units[own] = columns.pair_units[at[own]]
        rank[rank == _UNCHOSEN] = 0
        need, slot = pairs.need, pairs.slot
        return Arcs(need, slot, pairs.travel, pairs.tier, rank, cost, units)


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
    """Return the value of each wanted key, _UNCHOSEN where it is not there."""
    keys, values = table
    return np.append(values, _UNCHOSEN)[find(keys, wanted)]


def _within(limit: Ints, value: Ints) -> Bools:
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

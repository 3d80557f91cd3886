"""The conditions for a need and a slot to be matched, each written once.

    arc = kind ∧ time ∧ open ∧ length ∧ share ∧ travel ∧ feature ∧ fee ∧ group ∧ …

Whether pairs keep them is told for all pairs at once: an array of pairs goes in, an
array of booleans comes out. The first that fails, in the order of CODES, is the reason
that people are told. What asks when a booking may begin stands in `starts`.
"""

from collections.abc import Callable, Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.charges import fee_of
from sharematch.core.columns.codes import NONE, STATUSES
from sharematch.core.columns.lookup import find, mask_of
from sharematch.core.columns.sets import Labels
from sharematch.core.eligibility.candidates import fits
from sharematch.core.eligibility.pairs import Pairs
from sharematch.core.eligibility.starts import StartConditions, Starts
from sharematch.core.eligibility.travel import UNKNOWN

__all__ = ["CODES", "UNCHOSEN", "Conditions", "within"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

CODES = (
    *("kind", "time", "closed", "length", "share", "radius", "travel"),
    *("feature", "fee", "group", "people", "choice", "decision", "rule"),
)
"""Reasons why a pair is no arc, in the order in which they are given."""

TABLE = 1 << 22
"""Cells of the largest table of slots and kinds: 4 MB."""
UNCHOSEN = np.iinfo(np.int64).max
"""The rank of what is not among the choices."""


class Conditions:
    """All conditions for a pair to be an arc, in the order of CODES."""

    def __init__(self, columns: Columns) -> None:
        self.columns, self.times = columns, StartConditions(columns)

    def passing(self, pairs: Pairs) -> Pairs:
        """Return the pairs that keep all conditions but those that ask for a start.

        Without openings none asks for a start: then they keep all.
        """
        is_trivial = self.columns.cells.is_trivial
        for name, condition in self._in_order(pairs):
            if is_trivial or name not in ("time", "closed", "length", "decision"):
                pairs = pairs.keep(condition(pairs))
        if is_trivial:
            return pairs
        return pairs.keep(find(self._refused, pairs.key) == NONE)

    def judge(self, pairs: Pairs) -> tuple[NDArray[np.int8], Pairs]:
        """Return the first reason against each pair, and the pairs with none."""
        code, visits = np.full(len(pairs.need), -1, np.int8), self._visits(pairs)
        alive = np.arange(len(code))
        for name, condition in self._in_order(pairs):
            keeps = condition(pairs)
            code[alive[~keeps]] = CODES.index(name)
            alive, pairs = alive[keeps], pairs.keep(keeps)
        # A service that travels has a radius, a resident a limit: one condition.
        code[visits & (code == CODES.index("travel"))] = CODES.index("radius")
        return code, pairs

    def failures(self, pairs: Pairs) -> Bools:
        """Return (codes, pairs): whether each condition stands against each pair."""
        fails = np.zeros((len(CODES), len(pairs.need)), bool)
        for name, condition in self._in_order(pairs):
            fails[CODES.index(name)] = ~condition(pairs)
        radius, travel = CODES.index("radius"), CODES.index("travel")
        fails[radius] = fails[travel] & self._visits(pairs)
        fails[travel] &= ~fails[radius]
        return fails

    def _in_order(self, pairs: Pairs) -> Iterator[tuple[str, Callable[[Pairs], Bools]]]:
        """Yield conditions with their codes; travel stands for radius too.

        Those that no record asks for hold, and are left out.
        """
        is_each_its_start = self.columns.cells.is_trivial and pairs.cell is None
        for name, condition in self._all:
            if self._is_asked[name] or (
                name in ("time", "closed", "length") and not is_each_its_start
            ):
                yield name, condition

    @property
    def _all(self) -> tuple[tuple[str, Callable[[Pairs], Bools]], ...]:
        return (
            ("kind", self._kind),
            ("time", self._time),
            ("closed", self._open),
            ("length", self._length),
            ("share", self._share),
            ("travel", self._travel),
            ("feature", self._feature),
            ("fee", self._fee),
            ("group", self._group),
            ("people", self._people),
            ("choice", self._choice),
            ("decision", self._decision),
        )

    @cached_property
    def _is_asked(self) -> dict[str, bool]:
        """Whether some record asks for each condition; starts where it has one."""
        columns = self.columns
        return {
            "kind": True,
            "time": len(columns.window_need) + len(columns.weekly_need) > 0,
            "closed": len(columns.closed_facility) + len(columns.shut_facility) > 0,
            "length": bool(columns.is_booked.any()),
            "share": True,
            "travel": self._some_visit or bool((columns.need_max_travel != NONE).any()),
            "feature": len(columns.need_requires.indices) > 0,
            "fee": bool((columns.need_max_fee != NONE).any()),
            "group": len(columns.slot_groups.indices) > 0,
            "people": bool((columns.need_people != NONE).any()),
            "choice": len(columns.choice_need) > 0,
            "decision": len(columns.decision_need) > 0,
        }

    def _kind(self, pairs: Pairs) -> Bools:
        kinds = len(self.columns.kinds)
        wanted = pairs.slot * kinds + self.columns.need_kind[pairs.need]
        if self._is_fitting is None:
            return np.asarray(find(self._fits, wanted) != NONE, bool)
        keeps: Bools = self._is_fitting[wanted]
        return keeps

    @cached_property
    def _is_fitting(self) -> Bools | None:
        """Whether each slot fits each kind, as a table; None if that is large."""
        size = len(self.columns.kinds) * len(self.columns.slot_ids)
        return None if size > TABLE else mask_of(self._fits, size)

    @cached_property
    def _fits(self) -> Ints:
        slot, kind = fits(self.columns)
        return slot * len(self.columns.kinds) + kind

    def _time(self, pairs: Pairs) -> Bools:
        starts = self.times.all_of(pairs)
        return _with_some(starts, self.times.begins_in_time(starts), len(pairs.need))

    def _open(self, pairs: Pairs) -> Bools:
        starts = self.times.all_of(pairs).rather(self.times.begins_in_time)
        return _with_some(starts, self.times.begins_open(starts), len(pairs.need))

    def _length(self, pairs: Pairs) -> Bools:
        starts = self.times.all_of(pairs)
        for condition in (self.times.begins_in_time, self.times.begins_open):
            starts = starts.rather(condition)
        return _with_some(starts, self.times.is_long_enough(starts), len(pairs.need))

    def starts(self, pairs: Pairs) -> tuple[Ints, Ints, Ints]:
        """Return row of a pair, first cell and steps of each booking that may be.

        Of pairs whose slot is no opening there is one, the slot.
        """
        starts = self.times.with_place(pairs)
        if len(self._refused_starts):
            starts = starts.keep(self._is_left(starts))
        slot = self.columns.cells.slot[starts.cell]
        steps = self.columns.booking_steps(starts.need, slot)
        return starts.row, starts.cell, steps

    def _share(self, pairs: Pairs) -> Bools:
        widest = self.columns.slot_share[pairs.slot]
        keeps: Bools = (pairs.tier != NONE) & (pairs.tier <= widest)
        return keeps

    def _travel(self, pairs: Pairs) -> Bools:
        limit = self.columns.need_max_travel[pairs.need]
        if self._some_visit:
            radius = self.columns.slot_radius[pairs.slot]
            limit = np.where(radius != NONE, radius, limit)
        return within(limit, pairs.travel)

    @cached_property
    def _some_visit(self) -> bool:
        return bool((self.columns.slot_radius != NONE).any())

    def _feature(self, pairs: Pairs) -> Bools:
        columns = self.columns
        requires = columns.need_requires
        keeps: Bools = (requires.counts[pairs.need] == 0) | self._visits(pairs)
        need, facility = pairs.need[~keeps], pairs.facility[~keeps]
        common = _common(requires, need, columns.facility_features, facility)
        keeps[~keeps] = common == requires.counts[need]
        return keeps

    def _visits(self, pairs: Pairs) -> Bools:
        visits: Bools = self.columns.slot_radius[pairs.slot] != NONE
        return visits

    def _fee(self, pairs: Pairs) -> Bools:
        most = self.columns.need_max_fee[pairs.need]
        keeps: Bools = most == NONE
        limited = np.flatnonzero(~keeps)
        need, slot = pairs.need[limited], pairs.slot[limited]
        fee = fee_of(self.columns, need, slot)
        keeps[limited] = fee * self.columns.booking_steps(need, slot) <= most[limited]
        return keeps

    def _group(self, pairs: Pairs) -> Bools:
        columns = self.columns
        keeps: Bools = columns.slot_groups.counts[pairs.slot] == 0
        need, slot = pairs.need[~keeps], pairs.slot[~keeps]
        keeps[~keeps] = (
            _common(columns.need_groups, need, columns.slot_groups, slot) > 0
        )
        return keeps

    def _choice(self, pairs: Pairs) -> Bools:
        chosen: Bools = self.rank(pairs) != UNCHOSEN
        return chosen | ~self._has_choices[pairs.need]

    @cached_property
    def _has_choices(self) -> Bools:
        return mask_of(self.columns.choice_need, len(self.columns.need_ids))

    def rank(self, pairs: Pairs) -> Ints:
        """Return the best position in the choices, UNCHOSEN where there is none."""
        rank = np.full(len(pairs.need), UNCHOSEN)
        choosing = np.flatnonzero(self._has_choices[pairs.need])
        need, slot, facility = (
            values[choosing] for values in (pairs.need, pairs.slot, pairs.facility)
        )
        slots, facilities = len(self.columns.slot_ids), len(self.columns.facility_ids)
        by_slot = _look_up(self._chosen_slots, need * slots + slot)
        by_facility = _look_up(self._chosen_facilities, need * facilities + facility)
        rank[choosing] = np.minimum(by_slot, by_facility)
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

    def _people(self, pairs: Pairs) -> Bools:
        columns = self.columns
        heads = columns.need_people[pairs.need]
        keeps: Bools = heads == NONE
        counted = np.flatnonzero(~keeps)
        heads, slot = heads[counted], pairs.slot[counted]
        most = columns.slot_most_people[slot]
        is_enough = heads >= columns.slot_least_people[slot]
        keeps[counted] = is_enough & ((most == NONE) | (heads <= most))
        return keeps

    def _decision(self, pairs: Pairs) -> Bools:
        keeps: Bools = find(self._refused, pairs.key) == NONE
        if not len(self._refused_starts):
            return keeps
        starts = self.times.with_place(pairs)
        has_start = np.zeros(len(keeps), bool)
        has_start[starts.row[self._is_left(starts)]] = True
        # Where no booking fits anyway, that is what stands against the pair.
        has_start[~mask_of(starts.row, len(keeps))] = True
        return keeps & has_start

    def _is_left(self, starts: Starts) -> Bools:
        """Return the starts that no decision takes away."""
        key = starts.need * len(self.columns.cells) + starts.cell
        is_free: Bools = find(self._refused_starts, key) == NONE
        return is_free

    @cached_property
    def _refusals(self) -> Bools:
        return self.columns.decision_status >= STATUSES.index("declined")

    @cached_property
    def _refused(self) -> Ints:
        """Pairs whose starts are all refused, sorted."""
        columns = self.columns
        key = columns.decision_need * len(columns.slot_ids) + columns.decision_slot
        refused: Ints = key[self._refusals & (columns.decision_start == NONE)]
        return refused

    @cached_property
    def _refused_starts(self) -> Ints:
        """Needs and cells of single bookings that are refused, sorted."""
        columns, cells = self.columns, self.columns.cells
        is_single = self._refusals & (columns.decision_start != NONE)
        cell = cells.at(
            columns.decision_slot[is_single], columns.decision_start[is_single]
        )
        key = columns.decision_need[is_single] * len(cells) + cell
        return np.sort(key[cell != NONE])


def _with_some(starts: Starts, mask: Bools, count: int) -> Bools:
    """Return which of `count` pairs have some start where `mask` is true."""
    if starts.is_single and len(mask) == count:  # each pair its own
        return mask
    return mask_of(starts.row[mask], count)


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
    keeps: Bools = (limit == NONE) | ((value != UNKNOWN) & (value <= limit))
    return keeps


def _common(labels: Labels, row: Ints, other: Labels, other_row: Ints) -> Ints:
    """Return how many labels each row of one has in common with a row of the other."""
    count, names = np.zeros(len(row), np.int64), len(labels.names)
    keys = other.rows * names + other.indices
    # Rows bear few labels, so one look-up for each nth label of all rows at once.
    for nth in range(labels.counts[row].max(initial=0)):
        bearing = np.flatnonzero(labels.counts[row] > nth)
        label = labels.indices[labels.indptr[row[bearing]] + nth]
        count[bearing] += find(keys, other_row[bearing] * names + label) != NONE
    return count

"""The conditions for a need and a slot to be matched, each written once.

Whether pairs keep them is told for all pairs at once.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import NONE, STATUSES, Columns, Labels
from sharematch.core.columns.charges import fee_of
from sharematch.core.columns.lookup import Spans, expand, find
from sharematch.core.columns.lookup import pairs as pairs_of
from sharematch.core.columns.weeks import is_within
from sharematch.core.eligibility.candidates import fits
from sharematch.core.eligibility.shut import next_closed, open_cells
from sharematch.core.eligibility.travel import UNKNOWN, Travel

__all__ = ["CODES", "UNCHOSEN", "Conditions", "Pairs", "within"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

CODES = (
    *("kind", "time", "closed", "length", "share", "radius", "travel"),
    *("feature", "fee", "group", "people", "choice", "decision", "rule"),
)
"""Reasons why a pair is no arc, in the order in which they are given."""

UNCHOSEN = np.iinfo(np.int64).max
"""The rank of what is not among the choices."""


class Pairs:
    """Pairs of a need and a slot with what several conditions ask for.

    With a `cell` each, NONE where there is none, they are bookings that begin there.
    """

    def __init__(
        self, travel: Travel, need: Ints, slot: Ints, cell: Ints | None = None
    ) -> None:
        self._travel, self.need, self.slot, self.cell = travel, need, slot, cell

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
        cell = None if self.cell is None else self.cell[mask]
        masked = Pairs(self._travel, self.need[mask], self.slot[mask], cell)
        for name in ("key", "facility", "tier", "travel"):
            if name in self.__dict__:
                masked.__dict__[name] = self.__dict__[name][mask]
        return masked


@dataclass(frozen=True)
class _Starts:
    """Cells at which bookings of pairs might begin: row of the pair, need, cell."""

    row: Ints
    need: Ints
    cell: Ints

    def keep(self, mask: Bools) -> "_Starts":
        """Return the starts where `mask` is true."""
        return _Starts(self.row[mask], self.need[mask], self.cell[mask])

    def rather(self, mask: Bools) -> "_Starts":
        """Return the starts where `mask` is true, of pairs with none all."""
        has_some = _present(self.row[mask], int(self.row.max(initial=-1)) + 1)
        return self.keep(mask | ~has_some[self.row])


class Conditions:
    """All conditions for a pair to be an arc, in the order of CODES."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns

    def passing(self, pairs: Pairs) -> Pairs:
        """Return the pairs that keep all conditions but those that ask for a start.

        Without openings none asks for a start: then they keep all.
        """
        is_trivial = self.columns.cells.is_trivial
        for name, condition in self._each():
            if is_trivial or name not in ("time", "closed", "length", "decision"):
                pairs = pairs.keep(condition(pairs))
        if is_trivial:
            return pairs
        return pairs.keep(find(self._refused, pairs.key) == NONE)

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
        fails = np.zeros((len(CODES), len(pairs.need)), bool)
        for name, condition in self._each():
            fails[CODES.index(name)] = ~condition(pairs)
        radius, travel = CODES.index("radius"), CODES.index("travel")
        fails[radius] = fails[travel] & self._visits(pairs)
        fails[travel] &= ~fails[radius]
        return fails

    def _each(self) -> Iterator[tuple[str, Callable[[Pairs], Bools]]]:
        """Yield all conditions with their codes; travel stands for radius too."""
        yield "kind", self._kind
        yield "time", self._time
        yield "closed", self._open
        yield "length", self._length
        yield "share", self._share
        yield "travel", self._travel
        yield "feature", self._feature
        yield "fee", self._fee
        yield "group", self._group
        yield "people", self._people
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
        starts = self._all_starts(pairs)
        return _present(starts.row[self._begins_in_time(starts)], len(pairs.need))

    def _open(self, pairs: Pairs) -> Bools:
        starts = self._all_starts(pairs)
        starts = starts.rather(self._begins_in_time(starts))
        return _present(starts.row[self._begins_open(starts)], len(pairs.need))

    def _length(self, pairs: Pairs) -> Bools:
        starts = self._all_starts(pairs)
        for condition in (self._begins_in_time, self._begins_open):
            starts = starts.rather(condition(starts))
        return _present(starts.row[self._is_long_enough(starts)], len(pairs.need))

    def starts(self, pairs: Pairs) -> tuple[Ints, Ints, Ints]:
        """Return row of a pair, first cell and steps of each booking that may be.

        Of pairs whose slot is no opening there is one, the slot.
        """
        starts = self._bookings(pairs)
        if len(self._refused_starts):
            starts = starts.keep(self._is_left(starts))
        slot = self.columns.cells.slot[starts.cell]
        steps = self.columns.booking_steps(starts.need, slot)
        return starts.row, starts.cell, steps

    def _bookings(self, pairs: Pairs) -> "_Starts":
        """Return all starts of pairs at which a booking has a place."""
        cells, (hours, example) = self.columns.cells, self._hours
        size = int((cells.first[pairs.slot + 1] - cells.first[pairs.slot]).sum())
        if pairs.cell is None and len(example) * len(cells) < size:
            # Few hours and many needs: each start is looked at once for all of them.
            first, cell = self._places_by_hours
            begin = hours[pairs.need] * len(cells)
            row, entry = expand(
                first[begin + cells.first[pairs.slot]],
                first[begin + cells.first[pairs.slot + 1]],
            )
            return _Starts(row, pairs.need[row], cell[entry])
        return self._with_place(self._all_starts(pairs))

    @cached_property
    def _places_by_hours(self) -> tuple[Ints, Ints]:
        """All starts at which needs of the same hours have a place, kind by kind.

        Before kind × cells + cell there are so many; and the cell of each.
        """
        count, (_, example) = len(self.columns.cells), self._hours
        kind, cell = np.divmod(np.arange(len(example) * count), max(count, 1))
        starts = _Starts(kind, example[kind], cell)
        starts = self._with_place(starts)
        number = np.bincount(starts.row * count + starts.cell, minlength=len(kind))
        return np.append(0, np.cumsum(number)), starts.cell

    @cached_property
    def _hours(self) -> tuple[Ints, Ints]:
        """By need the kind of its windows and minutes, and a need of each kind."""
        columns = self.columns
        _, kind = np.unique(columns.need_minutes, return_inverse=True)
        tables: tuple[tuple[Ints, ...], ...] = (
            (columns.window_need, columns.window_start, columns.window_end),
            (columns.weekly_need, columns.weekly_start, columns.weekly_minutes),
        )
        for owner, start, length in tables:
            order = np.argsort(owner, kind="stable")
            need = owner[order]
            nth = np.arange(len(need)) - np.searchsorted(need, need)
            lengths, of_length = np.unique(length[order], return_inverse=True)
            _, rank = np.unique(start[order], return_inverse=True)
            _, window = np.unique(
                rank * (len(lengths) + 1) + of_length, return_inverse=True
            )
            by_turn = np.argsort(nth, kind="stable")
            for turn in np.split(by_turn, np.cumsum(np.bincount(nth))[:-1]):
                refined = pairs_of(kind[need[turn]], window[turn]).place
                kind[need[turn]] = int(kind.max(initial=0)) + 1 + refined
        _, example, kind = np.unique(kind, return_index=True, return_inverse=True)
        return kind, example

    def _with_place(self, starts: "_Starts") -> "_Starts":
        """Return the starts at which a booking has a place."""
        for condition in (
            self._begins_in_time,
            self._begins_open,
            self._is_long_enough,
        ):
            starts = starts.keep(condition(starts))
        return starts

    def _all_starts(self, pairs: Pairs) -> "_Starts":
        """Return each cell of the slots of pairs as a start, or their own cell."""
        cells = self.columns.cells
        if pairs.cell is not None:
            row = np.flatnonzero(pairs.cell != NONE)
            return _Starts(row, pairs.need[row], pairs.cell[row])
        if cells.is_trivial:
            return _Starts(np.arange(len(pairs.need)), pairs.need, pairs.slot)
        row, cell = expand(cells.first[pairs.slot], cells.first[pairs.slot + 1])
        return _Starts(row, pairs.need[row], cell)

    def _begins_in_time(self, starts: "_Starts") -> Bools:
        return self._in_hours(starts.need, starts.cell, starts.cell)

    def _begins_open(self, starts: "_Starts") -> Bools:
        return self._is_open[starts.cell]

    def _is_long_enough(self, starts: "_Starts") -> Bools:
        """Return the starts from which on all of a booking has a place."""
        columns, cells = self.columns, self.columns.cells
        minutes = columns.need_minutes[starts.need]
        slot = cells.slot[starts.cell]
        step = columns.slot_step[slot]
        is_opening = step != NONE
        # A fixed block is taken whole; who says no minutes has no place in an opening.
        length = columns.slot_end[slot] - columns.slot_start[slot]
        block = columns.slot_is_timed[slot] & (length >= minutes)
        good: Bools = np.where(minutes == NONE, ~is_opening, is_opening | block)
        if cells.is_trivial:
            return good
        good &= ~is_opening | (minutes % np.where(is_opening, step, 1) == 0)
        last = starts.cell + columns.booking_steps(starts.need, slot) - 1
        good &= last < cells.first[slot + 1]
        last = np.where(good, last, starts.cell)
        good &= self._in_hours(starts.need, starts.cell, last)
        # The first cell from here on that is closed lies behind the booking.
        return np.asarray(good & (self._next_closed[starts.cell] > last), bool)

    def _in_hours(self, need: Ints, first: Ints, last: Ints) -> Bools:
        """Return whether spans of cells lie in one of a need's windows."""
        columns, cells, spans = self.columns, self.columns.cells, self.windows
        slot = cells.slot[first]
        good = ~(self._has_windows[need] & columns.slot_is_timed[slot])
        asked = np.flatnonzero(~good)
        need, start, end = (
            need[asked],
            cells.start[first[asked]],
            cells.end[last[asked]],
        )
        earlier = spans.sorted.upto(need, start)
        is_inside = spans.latest_end(need, earlier) >= end
        clock = cells.clock[first[asked]]
        good[asked] = is_inside | self._in_weekly(need, clock, end - start)
        return good

    def _in_weekly(self, need: Ints, clock: Ints, length: Ints) -> Bools:
        """Return which times lie within a need's hours of every week."""
        columns, count = self.columns, len(self.columns.need_ids)
        first, last = (
            np.searchsorted(columns.weekly_need, need, side)
            for side in ("left", "right")
        )
        good = np.zeros(len(need), bool)
        most_hours = np.bincount(columns.weekly_need, minlength=count).max(initial=0)
        for nth in range(int(most_hours)):
            undecided = np.flatnonzero((first + nth < last) & ~good)
            row = first[undecided] + nth
            hours = columns.weekly_start[row], columns.weekly_minutes[row]
            good[undecided] = is_within(clock[undecided], length[undecided], *hours)
        return good

    @cached_property
    def _is_open(self) -> Bools:
        return open_cells(self.columns)

    @cached_property
    def _next_closed(self) -> Ints:
        return next_closed(self.columns)

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

    def _share(self, pairs: Pairs) -> Bools:
        widest = self.columns.slot_share[pairs.slot]
        good: Bools = (pairs.tier != NONE) & (pairs.tier <= widest)
        return good

    def _travel(self, pairs: Pairs) -> Bools:
        limit_of_need = self.columns.need_max_travel[pairs.need]
        radius = self.columns.slot_radius[pairs.slot]
        limit = np.where(radius != NONE, radius, limit_of_need)
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
        steps = self.columns.booking_steps(pairs.need, pairs.slot)
        fee = fee_of(self.columns, pairs.need, pairs.slot) * steps
        return np.asarray((most == NONE) | (fee <= most), bool)

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
        least = columns.slot_least_people[pairs.slot]
        most = columns.slot_most_people[pairs.slot]
        fits = (heads >= least) & ((most == NONE) | (heads <= most))
        return np.asarray((heads == NONE) | fits, bool)

    def _decision(self, pairs: Pairs) -> Bools:
        good: Bools = find(self._refused, pairs.key) == NONE
        if not len(self._refused_starts):
            return good
        starts = self._bookings(pairs)
        has_start = np.zeros(len(good), bool)
        has_start[starts.row[self._is_left(starts)]] = True
        # Where no booking fits anyway, that is what stands against the pair.
        has_start[~_present(starts.row, len(good))] = True
        return good & has_start

    def _is_left(self, starts: _Starts) -> Bools:
        """Return the starts that no decision takes away."""
        key = starts.need * len(self.columns.cells) + starts.cell
        good: Bools = find(self._refused_starts, key) == NONE
        return good

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


def _common(labels: Labels, row: Ints, other: Labels, other_row: Ints) -> Ints:
    """Return how many labels each row of one has in common with a row of the other."""
    count, names = np.zeros(len(row), np.int64), len(labels.names)
    keys = other.rows * names + other.indices
    for nth in range(labels.counts[row].max(initial=0)):
        bearing = np.flatnonzero(labels.counts[row] > nth)
        label = labels.indices[labels.indptr[row[bearing]] + nth]
        count[bearing] += find(keys, other_row[bearing] * names + label) != NONE
    return count

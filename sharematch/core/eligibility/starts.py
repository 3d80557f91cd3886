"""Starts: at which cells a need's booking may begin, by its hours and the facility's.

A start at cell c for a booking of k steps has a place where

    c lies in one window of the need, with all that follows up to c + k - 1,
    no cell from c to c + k - 1 is closed, and the opening has k cells from c on.

Of a slot without steps the one start is the slot, and a need without windows comes at
any time. Each question is asked of all starts at once.

Example: an opening 17:00-19:00 in steps of 30 minutes, a booking of 60 minutes, hours
from 17:30 on: starts 17:30 and 18:00; at 18:30 the opening is over too soon.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.alike import Kinds, alike
from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.lookup import Spans, expand, mask_of, rows_of
from sharematch.core.columns.once import once
from sharematch.core.columns.weeks import is_within
from sharematch.core.eligibility.pairs import Pairs
from sharematch.core.eligibility.shut import next_closed, open_cells

__all__ = ["StartConditions", "Starts", "hours", "windows"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Starts:
    """Cells at which bookings of pairs might begin: row of the pair, need, cell.

    Where they are `single` no pair has more than one.
    """

    row: Ints
    need: Ints
    cell: Ints
    is_single: bool = False

    def keep(self, mask: Bools) -> "Starts":
        """Return the starts where `mask` is true."""
        if mask.all():
            return self
        row, need, cell = self.row[mask], self.need[mask], self.cell[mask]
        return Starts(row, need, cell, self.is_single)

    def rather(self, condition: Callable[["Starts"], Bools]) -> "Starts":
        """Return the starts that keep a condition, of pairs with none all.

        What is single stays as it is, whatever is asked.
        """
        if self.is_single:
            return self
        mask = condition(self)
        has_some = mask_of(self.row[mask], int(self.row.max(initial=-1)) + 1)
        return self.keep(mask | ~has_some[self.row])


@once
def hours(columns: Columns) -> Kinds:
    """Return the kinds of needs by their windows and minutes."""
    tables: list[tuple[Ints, ...]] = [
        (columns.window_need, columns.window_start, columns.window_end),
        (columns.weekly_need, columns.weekly_start, columns.weekly_minutes),
    ]
    return alike(len(columns.need_ids), [columns.need_minutes], tables)


@once
def windows(columns: Columns) -> Spans:
    """Return the windows of dates of all hours; owners are kinds of `hours`."""
    kind, window = rows_of(columns.window_need, hours(columns).first)
    return Spans(kind, columns.window_start[window], columns.window_end[window])


@once
def _ranks(columns: Columns) -> Ints:
    """Return by cell where its start stands among those of windows."""
    return windows(columns).sorted.rank(columns.cells.start)


@once
def _in_time(columns: Columns) -> Bools:
    """Return whether each cell begins in time, for hours of each kind."""
    first, count = hours(columns).first, len(columns.cells)
    kind, cell = np.divmod(np.arange(len(first) * count), max(count, 1))
    return StartConditions(columns).in_hours(first[kind], cell, cell)


class StartConditions:
    """Which starts of pairs have a place, for one instance."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns

    def all_of(self, pairs: Pairs) -> Starts:
        """Return each cell of the slots of pairs as a start, or their own cell."""
        cells = self.columns.cells
        if pairs.cell is not None:
            row = np.flatnonzero(pairs.cell != NONE)
            return Starts(row, pairs.need[row], pairs.cell[row], is_single=True)
        if cells.is_trivial:
            row = np.arange(len(pairs.need))
            return Starts(row, pairs.need, pairs.slot, is_single=True)
        row, cell = expand(cells.first[pairs.slot], cells.first[pairs.slot + 1])
        return Starts(row, pairs.need[row], cell)

    def with_place(self, pairs: Pairs) -> Starts:
        """Return all starts of pairs at which a booking has a place."""
        cells, kinds = self.columns.cells, hours(self.columns)
        size = int((cells.first[pairs.slot + 1] - cells.first[pairs.slot]).sum())
        if pairs.cell is None and len(kinds.first) * len(cells) < size:
            # Few hours and many needs: each start is looked at once for all of them.
            first, cell = self._places_by_hours
            begin = kinds.kind[pairs.need] * len(cells)
            row, entry = expand(
                first[begin + cells.first[pairs.slot]],
                first[begin + cells.first[pairs.slot + 1]],
            )
            return Starts(row, pairs.need[row], cell[entry])
        return self._keep_with_place(self.all_of(pairs))

    def _keep_with_place(self, starts: Starts) -> Starts:
        """Return the starts at which a booking has a place."""
        for condition in (
            self.begins_in_time,
            self.begins_open,
            self.is_long_enough,
        ):
            starts = starts.keep(condition(starts))
        return starts

    @cached_property
    def _places_by_hours(self) -> tuple[Ints, Ints]:
        """All starts at which needs of the same hours have a place, kind by kind.

        Before kind × cells + cell there are so many; and the cell of each.
        """
        count, first = len(self.columns.cells), hours(self.columns).first
        kind, cell = np.divmod(np.arange(len(first) * count), max(count, 1))
        starts = Starts(kind, first[kind], cell)
        starts = self._keep_with_place(starts)
        number = np.bincount(starts.row * count + starts.cell, minlength=len(kind))
        return np.append(0, np.cumsum(number)), starts.cell

    def begins_in_time(self, starts: Starts) -> Bools:
        """Return the starts whose first cell lies in a window of the need."""
        if not self._has_windows.any():
            return np.ones(len(starts.need), bool)
        kinds, count = hours(self.columns), len(self.columns.cells)
        if len(kinds.first) * count > len(starts.need):
            return self.in_hours(starts.need, starts.cell, starts.cell)
        # Few hours and many needs: each cell is looked at once for all of them.
        by_hours = _in_time(self.columns)
        return by_hours.take(kinds.kind[starts.need] * count + starts.cell)

    def begins_open(self, starts: Starts) -> Bools:
        """Return the starts whose first cell is open."""
        return open_cells(self.columns)[starts.cell]

    def is_long_enough(self, starts: Starts) -> Bools:
        """Return the starts from which on all of a booking has a place."""
        columns, cells = self.columns, self.columns.cells
        minutes = columns.need_minutes[starts.need]
        if cells.is_trivial and not (minutes != NONE).any():
            return np.ones(len(minutes), bool)
        slot = cells.slot[starts.cell]
        step = columns.slot_step[slot]
        is_opening = step != NONE
        # A fixed block is taken whole; who says no minutes has no place in an opening.
        length = columns.slot_end[slot] - columns.slot_start[slot]
        block = columns.slot_is_timed[slot] & (length >= minutes)
        has_place: Bools = np.where(minutes == NONE, ~is_opening, is_opening | block)
        if cells.is_trivial:
            return has_place
        has_place &= ~is_opening | (minutes % np.where(is_opening, step, 1) == 0)
        last = starts.cell + columns.booking_steps(starts.need, slot) - 1
        has_place &= last < cells.first[slot + 1]
        last = np.where(has_place, last, starts.cell)
        has_place &= self.in_hours(starts.need, starts.cell, last)
        # The first cell from here on that is closed lies behind the booking.
        return np.asarray(has_place & (next_closed(columns)[starts.cell] > last), bool)

    def in_hours(self, need: Ints, first: Ints, last: Ints) -> Bools:
        """Return whether spans of cells lie in one of a need's windows."""
        columns, cells, spans = self.columns, self.columns.cells, windows(self.columns)
        slot = first if cells.is_trivial else cells.slot[first]
        is_asked = self._has_windows[need] & columns.slot_is_timed[slot]
        asked = np.flatnonzero(is_asked)
        need, first, last = need[asked], first[asked], last[asked]
        end = cells.end[last]
        # Cells are few and asked for often: where they stand in time is known by cell.
        kind = hours(columns).kind[need]
        earlier = spans.sorted.upto_rank(kind, _ranks(columns)[first])
        keeps = spans.latest_end(kind, earlier) >= end
        if len(columns.weekly_need):
            length = end - cells.start[first]
            keeps |= self._in_weekly(need, cells.clock[first], length)
        is_inside = ~is_asked
        is_inside[asked] = keeps
        return is_inside

    def _in_weekly(self, need: Ints, clock: Ints, length: Ints) -> Bools:
        """Return which times lie within a need's hours of every week."""
        columns, count = self.columns, len(self.columns.need_ids)
        first, last = (
            np.searchsorted(columns.weekly_need, need, side)
            for side in ("left", "right")
        )
        is_inside = np.zeros(len(need), bool)
        most_hours = np.bincount(columns.weekly_need, minlength=count).max(initial=0)
        for nth in range(int(most_hours)):
            undecided = np.flatnonzero((first + nth < last) & ~is_inside)
            row = first[undecided] + nth
            hours = columns.weekly_start[row], columns.weekly_minutes[row]
            is_inside[undecided] = is_within(
                clock[undecided], length[undecided], *hours
            )
        return is_inside

    @cached_property
    def _has_windows(self) -> Bools:
        columns, count = self.columns, len(self.columns.need_ids)
        dated = mask_of(columns.window_need, count)
        return dated | mask_of(columns.weekly_need, count)

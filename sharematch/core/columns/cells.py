"""Cells: the steps of openings, numbered through all slots; any other slot is one cell.

    opening 17:00-19:00, step 60     cells 0 (17:00-18:00) and 1 (18:00-19:00)
    a slot without a step            cell 2, from its start to its end

A booking begins at a cell and takes so many of them in a row. What holds at each moment
(capacity, reserve, least use) is counted by cell; prices, filters and names stay those
of the slot. Without openings the cells are the slots.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.codes import DAY, NONE

__all__ = ["Cells"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Cells:
    """All cells, in the order of slots and of time.

    Attributes
    ----------
    first
        By slot, its first cell; one more entry at the end.
    slot
        Of each cell.
    start, end, clock
        Minutes of each cell, the last by the clock as the slot's times are written.
    date
        Day number of each cell's start as written, -1 if untimed.
    is_trivial
        Whether the cells are the slots.
    """

    first: Ints
    slot: Ints
    start: Ints
    end: Ints
    clock: Ints
    date: Ints
    is_trivial: bool

    @classmethod
    def of(cls, step: Ints, start: Ints, end: Ints, clock: Ints, date: Ints) -> "Cells":
        """Return the cells of slots with these steps, -1 where they have none."""
        is_opening = step != NONE
        if not is_opening.any():
            slots = np.arange(len(step) + 1)
            return cls(slots, slots[:-1], start, end, clock, date, is_trivial=True)
        length = np.where(is_opening, step, 1)
        # What is left after the last whole step is no cell.
        count = np.where(is_opening, (end - start) // length, 1)
        first = np.append(0, np.cumsum(count))
        slot = np.repeat(np.arange(len(step)), count)
        offset = (np.arange(len(slot)) - first[slot]) * length[slot]
        begin = start[slot] + offset
        days = (clock[slot] % DAY + offset) // DAY
        cells = cls(
            first,
            slot,
            begin,
            np.where(is_opening[slot], begin + length[slot], end[slot]),
            clock[slot] + offset,
            np.where(date[slot] == NONE, NONE, date[slot] + days),
            is_trivial=False,
        )
        for array in (cells.first, cells.slot, cells.start, cells.end):
            array.setflags(write=False)
        return cells

    def __len__(self) -> int:
        return len(self.slot)

    def last(self, cell: Ints, steps: Ints) -> Ints:
        """Return when bookings end that begin at a cell and take so many."""
        ends: Ints = self.end[cell + steps - 1]
        return ends

    def at(self, slot: Ints, minutes: Ints) -> Ints:
        """Return the cell of a slot that begins at a time, -1 where none does."""
        if not len(self):
            return np.full(len(slot), NONE, np.int64)
        low = int(self.start.min())
        width = max(int(self.start.max()) - low, 0) + 1
        key = self.slot * width + self.start - low
        inside = (minutes >= low) & (minutes < low + width)
        wanted = slot * width + np.where(inside, minutes - low, 0)
        cell = np.minimum(np.searchsorted(key, wanted), len(key) - 1)
        return np.where(inside & (key[cell] == wanted), cell, NONE)

    def starts(self, every: int | Ints, cell: Ints) -> Ints:
        """Return when cells start, for sessions of a rhythm that follow each other.

        A rhythm of whole days leads to the same clock time, also where clocks change in
        between; any other is as many minutes as pass.
        """
        by_clock = np.equal(np.remainder(every, DAY), 0)
        return np.where(by_clock, self.clock[cell], self.start[cell])

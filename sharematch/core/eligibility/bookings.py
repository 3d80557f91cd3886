"""Bookings as sets of arcs, with names: at one moment, of a need on one day."""

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.lookup import pairs
from sharematch.core.eligibility.arcs import Arcs

__all__ = ["cell_names", "days_of"]

Ints = NDArray[np.int64]


def cell_names(columns: Columns) -> Sequence[str]:
    """Return a name for each cell: the slot's, in openings with the time of day."""
    cells = columns.cells
    if cells.is_trivial:
        return columns.slot_ids
    names = [columns.slot_ids[slot] for slot in cells.slot.tolist()]
    clock = cells.clock.tolist()
    first = cells.clock[cells.first[cells.slot]].tolist()
    for cell in np.flatnonzero(columns.slot_step[cells.slot] != NONE).tolist():
        minutes = clock[cell] - first[cell] + first[cell] % 1440
        names[cell] = f"{names[cell]} {minutes // 60:02}:{minutes % 60:02}"
    return names


def days_of(columns: Columns, arcs: Arcs) -> tuple[Ints, Sequence[str], Ints]:
    """Return the day of a need of each arc, their names, and how many bookings it has.

    Of needs that ask for several bookings, so many a day; NONE elsewhere.
    """
    label = np.full(len(arcs), NONE, np.int64)
    arc = np.flatnonzero((columns.need_times > 1)[arcs.need])
    arc = arc[columns.cells.date[arcs.cell[arc]] != NONE]
    if not len(arc):
        return label, (), label[:0]
    days = pairs(arcs.need[arc], columns.cells.date[arcs.cell[arc]])
    label[arc] = days.place
    names = [
        f"{columns.need_ids[need]} {date.fromordinal(day).isoformat()}"
        for need, day in zip(days.first.tolist(), days.second.tolist(), strict=True)
    ]
    return label, names, columns.need_per_day[days.first]

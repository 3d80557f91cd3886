"""When bookings begin and end, as times that people read and as numbers."""

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.reading import minutes_of
from sharematch.core.eligibility.arcs import Arcs

__all__ = ["cells_of", "time_in", "time_of", "times_of"]

Ints = NDArray[np.int64]

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (the clock's own, offsets come on top)


def time_of(columns: Columns, cell: int, minutes: int) -> datetime:
    """Return a time in minutes as written on the clock of a cell's slot."""
    return time_in(columns, int(columns.cells.slot[cell]), minutes)


def time_in(columns: Columns, slot: int, minutes: int) -> datetime:
    """Return a time as written on the clock of a slot, which may have no cell."""
    offset = int(columns.slot_clock[slot] - columns.slot_start[slot])
    time = _EPOCH + timedelta(minutes=minutes + offset)
    if not columns.is_zoned:
        return time
    return time.replace(tzinfo=timezone(timedelta(minutes=offset)))


def times_of(
    columns: Columns, arcs: Arcs
) -> tuple[list[datetime | None], list[datetime | None]]:
    """Return start and end of each arc's booking in an opening, None elsewhere."""
    starts: list[datetime | None] = [None] * len(arcs)
    ends = starts.copy()
    cells = columns.cells
    last = cells.last(arcs.cell, arcs.steps)
    for i in np.flatnonzero(columns.slot_step[arcs.slot] != NONE).tolist():
        cell = int(arcs.cell[i])
        starts[i] = time_of(columns, cell, int(cells.start[cell]))
        ends[i] = time_of(columns, cell, int(last[i]))
    return starts, ends


def cells_of(columns: Columns, slot: Ints, starts: Sequence[datetime | None]) -> Ints:
    """Return the cell at which bookings begin, NONE where none of the slot's does.

    In slots that are no openings a start may be left out.
    """
    cells, cell = columns.cells, columns.cells.first[slot]
    if starts.count(None) == len(starts):
        return np.where(columns.slot_step[slot] == NONE, cell, NONE)
    given = np.array([start is not None for start in starts], bool)
    minutes = np.zeros(len(slot), np.int64)
    minutes[given] = [_minutes(start, columns) for start in starts if start is not None]
    cell_of_start = cells.at(slot[given], minutes[given])
    cell = np.where(columns.slot_step[slot] == NONE, cell, NONE)
    timed = columns.slot_is_timed[slot[given]]
    cell[given] = np.where(timed, cell_of_start, NONE)
    return cell


def _minutes(start: datetime, columns: Columns) -> int:
    """Return minutes as columns hold them; of times of the other kind, no time."""
    # A time that no cell has, so that nothing is found, whatever the town's years.
    if (start.tzinfo is not None) != columns.is_zoned:
        return -(2**40)
    if start.second or start.microsecond:
        return -(2**40)
    return minutes_of(start)

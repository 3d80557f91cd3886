"""How far down a need's preferred windows a booking stands, for the measure of that."""

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.weeks import is_within
from sharematch.core.eligibility.arcs import Arcs

__all__ = ["position_preferred"]

Ints = NDArray[np.int64]


def position_preferred(columns: Columns, arcs: Arcs) -> Ints:
    """Return by arc the position of the first preferred window that holds the booking.

    Outside of all it is their number; 0 where nothing is preferred, and if untimed.
    """
    first, last = (
        np.searchsorted(columns.preferred_need, arcs.need, side)
        for side in ("left", "right")
    )
    has_some = (first < last) & (columns.cells.date[arcs.cell] != NONE)
    position = np.zeros(len(arcs), np.int64)
    if not has_some.any():
        return position
    windows = columns.preferred_position
    position[has_some] = windows[last[has_some] - 1] + 1
    cells, undecided = columns.cells, has_some
    for nth in range(int((last - first).max(initial=0))):
        arc = np.flatnonzero(undecided & (first + nth < last))
        row, cell = first[arc] + nth, arcs.cell[arc]
        start, end = cells.start[cell], cells.last(cell, arcs.steps[arc])
        span = columns.preferred_start[row], columns.preferred_end[row]
        dated = (start >= span[0]) & (end <= span[1])
        hours = span[0], span[1] - span[0]
        weekly = is_within(cells.clock[cell], end - start, *hours)
        holds = np.where(columns.preferred_is_weekly[row], weekly, dated)
        position[arc[holds]] = windows[row[holds]]
        undecided[arc[holds]] = False
    return position

"""Which cells lie in no hours of the facility's own, dated or of every week."""

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.lookup import Spans, expand
from sharematch.core.columns.once import once
from sharematch.core.columns.weeks import meets

__all__ = ["next_closed", "open_cells"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@once
def open_cells(columns: Columns) -> Bools:
    """Return the cells that touch no hours of the facility's own."""
    cells = columns.cells
    facility = columns.slot_facility[cells.slot]
    spans = Spans(columns.closed_facility, columns.closed_start, columns.closed_end)
    earlier = spans.sorted.below(facility, cells.end)
    latest = spans.latest_end(facility, earlier)
    is_timed = columns.slot_is_timed[cells.slot]
    is_open: Bools = ~is_timed | (latest <= cells.start)
    cell = np.flatnonzero(is_timed)
    ends = (
        np.searchsorted(columns.shut_facility, facility[cell], side)
        for side in ("left", "right")
    )
    which, row = expand(*ends)
    cell, hours = cell[which], (columns.shut_start[row], columns.shut_minutes[row])
    length = cells.end[cell] - cells.start[cell]
    is_open[cell[meets(cells.clock[cell], length, *hours)]] = False
    return is_open


@once
def next_closed(columns: Columns) -> Ints:
    """Return by cell the first from it on that is closed; their number if none is."""
    is_open = open_cells(columns)
    count = len(is_open)
    closed = np.where(is_open, count, np.arange(count))
    return np.minimum.accumulate(closed[::-1])[::-1]

"""Set-up: the cells after a booking in which its units stay taken.

    ⌈minutes of set-up ÷ step⌉ cells, up to the end of the opening or a closed cell

Example: steps of 30 minutes, set-up of 45, a booking 17:00-18:00 of an opening until
19:00: taken for others until 19:00, for the same need until 18:00.
"""

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.integers import sums
from sharematch.core.columns.lookup import expand
from sharematch.core.eligibility.arcs import Arcs
from sharematch.core.eligibility.shut import next_closed

__all__ = ["load_of", "setup_cells"]

Ints = NDArray[np.int64]


def setup_cells(columns: Columns, arcs: Arcs, chosen: Ints) -> tuple[Ints, Ints]:
    """Return arcs and cells of set-up, pair by pair, of some arcs.

    As many steps as the facility's minutes of set-up, rounded up; it ends where the
    opening ends, or a closed step begins.
    """
    cells = columns.cells
    if cells.is_trivial:
        return chosen[:0], chosen[:0]
    slot = arcs.slot[chosen]
    setup = columns.facility_setup[columns.slot_facility[slot]]
    chosen = chosen[(setup > 0) & (columns.slot_step[slot] != NONE)]
    if not len(chosen):
        return chosen, chosen
    slot = arcs.slot[chosen]
    setup = columns.facility_setup[columns.slot_facility[slot]]
    first = arcs.cell[chosen] + arcs.steps[chosen]
    last = np.minimum(
        first - (-setup // columns.slot_step[slot]), cells.first[slot + 1]
    )
    inside = np.minimum(first, len(cells) - 1)
    last = np.minimum(last, next_closed(columns)[inside])
    row, cell = expand(first, last)
    return chosen[row], cell


def load_of(columns: Columns, arcs: Arcs, size: Ints) -> Ints:
    """Return by cell the units taken, of so many on each arc: by use or by set-up.

    At each moment a need takes the greater of the two.
    """
    cells = columns.cells
    if cells.is_trivial:
        return sums(arcs.cell, size, len(cells))
    chosen = np.flatnonzero(size)
    row, cell = expand(arcs.cell[chosen], arcs.cell[chosen] + arcs.steps[chosen])
    load = sums(cell, size[chosen][row], len(cells))
    setup_arc, setup_cell = setup_cells(columns, arcs, chosen)
    if not len(setup_arc):
        return load
    width = max(len(cells), 1)
    use = np.unique(arcs.need[chosen][row] * width + cell)
    key, place = np.unique(
        arcs.need[setup_arc] * width + setup_cell, return_inverse=True
    )
    most = np.zeros(len(key), np.int64)
    np.maximum.at(most, place, size[setup_arc])
    # Who is there again takes no more by being there: its units are the same.
    only = ~np.isin(key, use)
    return load + sums(key[only] % width, most[only], len(cells))

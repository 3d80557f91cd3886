"""Room left in slots and facilities under a plan, seen from every arc.

    an arc is full if the least room in its cells is less than one unit's size

Example: an opening of 2 places in cells 0 to 3, one booking of both in cell 1: the
arcs of two steps from 0 and 1 are full, that from 2 is not.
"""

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.codes import NONE
from sharematch.core.eligibility.arcs import Arcs
from sharematch.core.eligibility.setup import load_of
from sharematch.core.measures.measures import Measures

__all__ = ["LIMITS", "full_by"]

Ints = NDArray[np.int64]

LIMITS = ("capacity", "reserve", "max_units")
"""Fields of records that hold a slot full, in the order in which they are named."""


def full_by(measures: Measures, units: Ints) -> Ints:
    """Return for each arc the position in LIMITS of what allows no unit more, or NONE.

    Units count by the size that their pair has in the slot.
    """
    columns, arcs, cells = measures.columns, measures.arcs, measures.columns.cells
    size = units * arcs.units
    guest = arcs.tier > 0
    facility = columns.slot_facility[arcs.slot]
    load = load_of(columns, arcs, size)
    guests = load_of(columns, arcs, np.where(guest, size, 0))
    wear = np.zeros(len(columns.facility_ids), np.int64)
    np.add.at(wear, facility, size * arcs.steps)
    free = columns.slot_capacity[cells.slot] - load
    free_to_guests = (columns.slot_capacity - columns.slot_reserve)[cells.slot] - guests
    limit = columns.facility_max_units
    wear_left = np.where(limit == NONE, np.iinfo(np.int64).max, limit - wear)
    return np.select(
        [
            _least(arcs, free) < arcs.units,
            guest & (_least(arcs, free_to_guests) < arcs.units),
            wear_left[facility] < arcs.units * arcs.steps,
        ],
        range(len(LIMITS)),
        NONE,
    )


def _least(arcs: Arcs, free: Ints) -> Ints:
    """Return the least that is free in the cells of each arc."""
    least = free[arcs.cell]
    for nth in range(1, int(arcs.steps.max(initial=1))):
        longer = arcs.steps > nth
        free_at_nth = free[arcs.cell[longer] + nth]
        least[longer] = np.minimum(least[longer], free_at_nth)
    return least

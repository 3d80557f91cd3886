"""Room left in slots and facilities under a plan, seen from every arc."""

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import NONE
from sharematch.core.measures.measures import Measures

__all__ = ["LIMITS", "full_by"]

Ints = NDArray[np.int64]

LIMITS = ("capacity", "reserve", "max_units")
"""Fields of records that hold a slot full, in the order in which they are named."""


def full_by(measures: Measures, units: Ints) -> Ints:
    """Return for each arc the position in LIMITS of what allows no unit more, or NONE.

    Units count by the size that their pair has in the slot.
    """
    columns, arcs = measures.columns, measures.arcs
    size = units * arcs.units
    facility = columns.slot_facility[arcs.slot]
    load = np.zeros(len(columns.slot_ids), np.int64)
    guests = np.zeros(len(columns.slot_ids), np.int64)
    wear = np.zeros(len(columns.facility_ids), np.int64)
    np.add.at(load, arcs.slot, size)
    np.add.at(guests, arcs.slot, np.where(arcs.tier > 0, size, 0))
    np.add.at(wear, facility, size)
    open_room = columns.slot_capacity - columns.slot_reserve - guests
    limit = columns.facility_max_units
    left = np.where(limit == NONE, np.iinfo(np.int64).max, limit - wear)
    return np.select(
        [
            (columns.slot_capacity - load)[arcs.slot] < arcs.units,
            (arcs.tier > 0) & (open_room[arcs.slot] < arcs.units),
            left[facility] < arcs.units,
        ],
        range(len(LIMITS)),
        NONE,
    )

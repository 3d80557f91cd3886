"""An instance without what couples: all its plans are plans of that, and more are.

    plans ⊆ plans of the loosened instance, whose policy may be a flow

so no plan beats a goal's optimum there, and where that has no plan there is none.

Example: four whole needs of 2 units and two slots for 3: two fit, loosened three do,
as the third may be split.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.core.eligibility.arcs import Arcs

__all__ = ["loosened"]

Ints = NDArray[np.int64]


def loosened(columns: Columns, arcs: Arcs) -> tuple[Columns, Arcs]:
    """Return columns and arcs with what no two needs or slots have to agree on.

    Needs may be split, persons be in two places, rooms be used by few; a booking takes
    one unit's room, at one moment of those that it lasts.
    """
    unit_size = np.ones_like(arcs.units)
    loose = replace(arcs, units=unit_size, moment=_moments(columns, arcs))
    return _uncoupled(columns, arcs), loose


def _moments(columns: Columns, arcs: Arcs) -> Ints:
    """Return a cell of each booking that no two of an opening share beyond its room.

    Bookings of k steps or more cover one of the steps k, 2 k, …: there each is counted.

    Example: steps 0 to 5 and bookings of two steps: one from step 1 on covers step 1,
    one from 2 on covers 3, and 0, 2 and 4 need not be looked at.
    """
    cells, slot = columns.cells, arcs.slot
    least = np.full(len(columns.slot_ids), np.iinfo(np.int64).max)
    np.minimum.at(least, slot, arcs.steps)
    offset, least_steps = arcs.cell - cells.first[slot], least[slot]
    counted: Ints = cells.first[slot] + (offset // least_steps + 1) * least_steps - 1
    return counted


def _uncoupled(columns: Columns, arcs: Arcs) -> Columns:
    """Return columns in which no field of a need or slot couples."""
    needs, slots = len(columns.need_ids), len(columns.slot_ids)
    none = np.full(needs, NONE, np.int64)
    ones = np.ones(needs, np.int64)
    facility = columns.slot_facility[arcs.slot]
    steps = np.full(len(columns.facility_ids), np.iinfo(np.int64).max)
    np.minimum.at(steps, facility, arcs.steps)
    limit = columns.facility_max_units
    return replace(
        columns,
        need_quantity=columns.need_demand,
        need_sessions=ones,
        need_times=ones,
        need_per_day=ones,
        need_min_sessions=none,
        need_rest=np.zeros(needs, np.int64),
        need_every=none,
        need_whole=np.zeros(needs, bool),
        need_min_quantity=np.zeros(needs, np.int64),
        need_together=none,
        need_minutes=none,
        facility_setup=np.zeros(len(columns.facility_ids), np.int64),
        facility_max_units=np.where(limit == NONE, NONE, limit // steps),
        # Nobody is in two places at once where no slot has a time.
        slot_is_timed=np.zeros(slots, bool),
        slot_min_units=np.zeros(slots, np.int64),
        slot_either=np.full(slots, NONE, np.int64),
    )

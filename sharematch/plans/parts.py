"""Which parts of a hall each booking has: parts that lie together, where that can be.

A facility whose capacity counts named parts, in the order in which they lie, has places
for all its bookings at each moment. Here they are given parts: next to each other if
some way is found to do so for all, else to each what is free, as it comes.

Example: parts A, B, C; two parts 17:00-19:00, one 18:00-20:00, two 19:00-21:00. The
first gets A and B, the second C, the third A and B again.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.core.eligibility.arcs import Arcs
from sharematch.core.eligibility.setup import setup_cells

__all__ = ["parts_of"]

Ints = NDArray[np.int64]

MOST_STEPS = 20_000
"""Places tried in one opening before parts are given as they come: well below a second.

Halls have few parts and days few bookings; nearly always the first way tried will do.
"""


class _Booking(NamedTuple):
    arc: int
    need: int
    first: int
    last: int
    """The cell after its use."""
    free: int
    """The cell after its set-up."""
    size: int

    def meets(self, other: "_Booking") -> bool:
        """Return whether two bookings take parts at one moment.

        A need's own set-up goes on while it is there again.
        """
        ends = (self.free, other.free)
        if self.need == other.need:
            ends = (self.last, other.last)
        return self.first < ends[1] and other.first < ends[0]


def parts_of(columns: Columns, arcs: Arcs, units: Ints) -> list[tuple[str, ...]]:
    """Return the parts of each arc's booking, () where none are named."""
    parts_by_arc: list[tuple[str, ...]] = [()] * len(arcs)
    named = [bool(parts) for parts in columns.facility_parts]
    if not any(named):
        return parts_by_arc
    has_parts = np.array(named, bool)[columns.slot_facility[arcs.slot]]
    has_named = (units > 0) & has_parts & (columns.slot_step[arcs.slot] != NONE)
    free = arcs.cell + arcs.steps
    np.maximum.at(free, *_after(columns, arcs, np.flatnonzero(has_named)))
    for slot in np.unique(arcs.slot[has_named]).tolist():
        names = columns.facility_parts[int(columns.slot_facility[slot])]
        bookings = [
            _Booking(
                arc,
                int(arcs.need[arc]),
                int(arcs.cell[arc]),
                int(arcs.cell[arc] + arcs.steps[arc]),
                int(free[arc]),
                int(units[arc] * arcs.units[arc]),
            )
            for arc in np.flatnonzero(has_named & (arcs.slot == slot)).tolist()
        ]
        for arc, parts in _given(bookings, len(names)).items():
            parts_by_arc[arc] = tuple(names[part] for part in parts)
    return parts_by_arc


def _after(columns: Columns, arcs: Arcs, chosen: Ints) -> tuple[Ints, Ints]:
    """Return arcs, and the cells after those of their set-up."""
    arc, cell = setup_cells(columns, arcs, chosen)
    return arc, cell + 1


def _given(bookings: list[_Booking], count: int) -> dict[int, list[int]]:
    """Return the parts of each booking of one opening."""
    order = sorted(bookings, key=lambda b: (b.first, -b.size, b.arc))
    together = _Together(order, count)
    if together.place(0):
        return together.parts_by_arc
    return _as_they_come(order, count)


class _Together:
    """Parts that lie together for all bookings, all ways tried in turn."""

    def __init__(self, order: list[_Booking], count: int) -> None:
        self.order, self.count = order, count
        self.parts_by_arc: dict[int, list[int]] = {}
        self.tries_left = MOST_STEPS

    def place(self, nth: int) -> bool:
        """Return whether all from the nth on have parts."""
        if nth == len(self.order):
            return True
        booking = self.order[nth]
        taken = _taken(booking, self.order[:nth], self.parts_by_arc)
        for first in range(self.count - booking.size + 1):
            self.tries_left -= 1
            tried = [*range(first, first + booking.size)]
            if self.tries_left < 0 or taken.intersection(tried):
                continue
            self.parts_by_arc[booking.arc] = tried
            if self.place(nth + 1):
                return True
            del self.parts_by_arc[booking.arc]
        return False


def _as_they_come(order: list[_Booking], count: int) -> dict[int, list[int]]:
    """Return any free parts for each booking, in order of time."""
    parts_by_arc: dict[int, list[int]] = {}
    for nth, booking in enumerate(order):
        taken = _taken(booking, order[:nth], parts_by_arc)
        free = [part for part in range(count) if part not in taken]
        parts_by_arc[booking.arc] = free[: booking.size]
    return parts_by_arc


def _taken(
    booking: _Booking, earlier: list[_Booking], parts_by_arc: dict[int, list[int]]
) -> set[int]:
    return {part for b in earlier if b.meets(booking) for part in parts_by_arc[b.arc]}

"""Decisions that keep units where they are, and where a pair stands among arcs."""

from dataclasses import dataclass

import numpy as np

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE, STATUSES
from sharematch.core.eligibility.arcs import Arcs

__all__ = ["Pin", "find_arc", "pins_of"]


@dataclass(frozen=True)
class Pin:
    """A pinned or accepted decision: at least `quantity` units on one pair.

    `cell` is where the booking begins, NONE where none of the slot's steps does.
    """

    need: int
    slot: int
    quantity: int
    cell: int


def pins_of(columns: Columns) -> list[Pin]:
    """Return the decisions that keep units, in their order."""
    fixed = np.isin(
        columns.decision_status, [STATUSES.index("pinned"), STATUSES.index("accepted")]
    )
    need, quantity = columns.decision_need, columns.decision_quantity
    # A booking stays as a whole.
    is_whole = (quantity == NONE) | columns.is_booked[need]
    quantity = np.where(is_whole, columns.need_quantity[need], quantity)
    pins = need, columns.decision_slot, quantity, columns.decided_cell
    return [*map(Pin, *(column[fixed].tolist() for column in pins))]


def find_arc(arcs: Arcs, need: int, cell: int) -> int | None:
    """Return where a need's booking stands among arcs sorted by need and cell."""
    first, last = np.searchsorted(arcs.need, [need, need + 1])
    place = int(first + np.searchsorted(arcs.cell[first:last], cell))
    return place if place < last and arcs.cell[place] == cell else None

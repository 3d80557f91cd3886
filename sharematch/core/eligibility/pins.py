"""Decisions that keep units where they are, and where a pair stands among arcs."""

from dataclasses import dataclass

import numpy as np

from sharematch.core.columns.arrays import NONE, STATUSES, Columns
from sharematch.core.eligibility.arcs import Arcs

__all__ = ["Pin", "find_arc", "pins_of"]


@dataclass(frozen=True)
class Pin:
    """A pinned or accepted decision: at least `quantity` units on one pair."""

    need: int
    slot: int
    quantity: int


def pins_of(columns: Columns) -> list[Pin]:
    """Return the decisions that keep units, in their order."""
    fixed = np.isin(
        columns.decision_status, [STATUSES.index("pinned"), STATUSES.index("accepted")]
    )
    return [
        Pin(
            need,
            slot,
            int(columns.need_quantity[need]) if quantity == NONE else quantity,
        )
        for need, slot, quantity in zip(
            columns.decision_need[fixed].tolist(),
            columns.decision_slot[fixed].tolist(),
            columns.decision_quantity[fixed].tolist(),
            strict=True,
        )
    ]


def find_arc(arcs: Arcs, need: int, slot: int) -> int | None:
    """Return where a pair stands among the arcs, which are sorted by need and slot."""
    first, last = np.searchsorted(arcs.need, [need, need + 1])
    at = int(first + np.searchsorted(arcs.slot[first:last], slot))
    return at if at < last and arcs.slot[at] == slot else None

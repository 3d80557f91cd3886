"""Pairs that are given, as a published instance has them."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Given"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Pairs that are given, not derived from records, with what a unit on each counts.

    Sorted by need and slot; `wait` and `lateness` are days.
    """

    need: Ints
    slot: Ints
    travel: Ints
    tier: Ints
    rank: Ints
    cost: Ints
    units: Ints
    wait: Ints
    lateness: Ints
    band: int | None = None
    """How wide the bands are in which `travel` is told, None where it is not."""
    own_names: tuple[str, ...] | None = None
    own: Ints | None = None
    """(own_names, pairs): what a unit adds to measures that are somebody's own."""
    cell: Ints
    """Where the booking begins, see `Cells`."""
    steps: Ints
    """How many cells it takes."""
    fee: Ints | None = None
    """What a unit pays per step, where it is not the slot's fee for all."""
    unpreferred: Ints | None = None
    """How far down the preferred windows the booking stands."""

    @property
    def parts(self) -> tuple[Any, ...]:
        """The arrays that say something."""
        names = [field.name for field in fields(self)]
        if (self.cell == self.slot).all() and (self.steps == 1).all():
            names.remove("cell")
            names.remove("steps")
        return tuple(getattr(self, name) for name in names)

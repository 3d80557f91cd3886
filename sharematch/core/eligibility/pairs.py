"""Pairs of a need and a slot, with what conditions ask of them worked out once."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sharematch.core.eligibility.travel import Travel

__all__ = ["Pairs"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Pairs:
    """Pairs of a need and a slot with what several conditions ask for.

    With a `cell` each, NONE where there is none, they are bookings that begin there.
    """

    def __init__(
        self, travel: Travel, need: Ints, slot: Ints, cell: Ints | None = None
    ) -> None:
        self._travel, self.need, self.slot, self.cell = travel, need, slot, cell

    @cached_property
    def key(self) -> Ints:
        """One number per pair; counts of records that fit into memory fit into it."""
        return self.need * len(self._travel.columns.slot_ids) + self.slot

    @cached_property
    def facility(self) -> Ints:
        """The facility of each slot."""
        return self._travel.columns.slot_facility[self.slot]

    @cached_property
    def tier(self) -> Ints:
        """The tier between their communities, NONE where they share nothing."""
        columns = self._travel.columns
        return columns.tier(
            columns.need_community[self.need], columns.facility_community[self.facility]
        )

    @cached_property
    def travel(self) -> Ints:
        """Metres or seconds between them, or UNKNOWN."""
        return self._travel.between(self.need, self.slot)

    def keep(self, mask: Bools) -> "Pairs":
        """Return the pairs where `mask` is true, with what is known of them."""
        if mask.all():
            return self
        cell = None if self.cell is None else self.cell[mask]
        masked = Pairs(self._travel, self.need[mask], self.slot[mask], cell)
        for name in ("key", "facility", "tier", "travel"):
            if name in self.__dict__:
                masked.__dict__[name] = self.__dict__[name][mask]
        return masked

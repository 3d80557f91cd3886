"""How large sums of variables get: what keeps numbers within 64 bits, and bounds goals.

The variables of one need's arcs share its demand d: with factors f per variable and u
units in each, they add at most

    min(Σ of f × upper, (greatest f ÷ u) × d),

whatever the need can choose from. All else adds up bound by bound.

Example: a need of 2 units, each worth 3, with 5 arcs: at most 6, not 30.
"""

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.codes import NONE
from sharematch.core.integer.expressions import Form
from sharematch.core.integer.program import FREE, Draft
from sharematch.core.integer.variables import Seats

__all__ = ["Ranges"]

Ints = NDArray[np.int64]


class Ranges:
    """Bounds on sums over seats, as their draft stands."""

    def __init__(self, draft: Draft, seats: Seats) -> None:
        self.draft, self.seats = draft, seats

    def of_group(self, form: Form, group: int, scale: int) -> tuple[int, int]:
        """Return what `scale` times a group's value is at least and at most."""
        least, most = self.ends(*form.of(group))
        times = scale // int(form.denominator[group])
        constant = int(form.constant[group])
        return (constant + least) * times, (constant + most) * times

    def ends(self, variable: Ints, factor: Ints) -> tuple[int, int]:
        """Return what a sum is at least and at most.

        No need has more units than it asks for, whatever it can choose from.
        """
        variable, place = np.unique(variable, return_inverse=True)
        upper = self.draft.upper(variable)
        largest = int(np.abs(factor).max(initial=0)) * int(upper.max(initial=0))
        kind = np.int64 if largest * len(place) < FREE else object
        sums = np.zeros(len(variable), kind)
        np.add.at(sums, place, factor.astype(kind))
        factor, reach = sums, sums * upper
        owner, size = self.seats.owner_and_size(variable)
        loose = owner == NONE
        least, most = (
            int(reach[loose & mask].sum()) for mask in (reach < 0, reach > 0)
        )
        owned = np.flatnonzero(~loose)
        owned = owned[np.argsort(owner[owned], kind="stable")]
        starts = np.flatnonzero(np.diff(owner[owned], prepend=NONE))
        if not len(owned):
            return least, most
        demand = self.seats.within_reach[owner[owned[starts]]]
        # Need by need: its variables all at their bounds, or its demand at the best.
        for sign in (1, -1):
            gains = np.maximum(sign * factor[owned], 0)
            most_per_unit = np.maximum.reduceat(-(-gains // size[owned]), starts)
            all_at_once = np.add.reduceat(np.maximum(sign * reach[owned], 0), starts)
            total = int(np.minimum(most_per_unit * demand, all_at_once).sum())
            least, most = (least, most + total) if sign > 0 else (least - total, most)
        return least, most

"""What a unit pays in a slot, per step: the fee, or less where a group has to."""

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.lookup import find

__all__ = ["fee_of"]

Ints = NDArray[np.int64]


def fee_of(columns: Columns, need: Ints, slot: Ints) -> Ints:
    """Return what a unit of each need pays in a slot, per step, in minor units."""
    fee = columns.slot_fee[slot]
    if not len(columns.concession_slot):
        return fee
    priced = np.zeros(len(columns.slot_ids), bool)
    priced[columns.concession_slot] = True
    width, groups = len(columns.groups), columns.need_groups
    key = columns.concession_slot * width + columns.concession_group
    row = np.flatnonzero(priced[slot])
    lowest = fee[row]
    # The nth group of all needs at once: needs bear few, pairs are many.
    for nth in range(int(groups.counts[need[row]].max(initial=0))):
        bearing = np.flatnonzero(groups.counts[need[row]] > nth)
        group = groups.indices[groups.indptr[need[row[bearing]]] + nth]
        concession = find(key, slot[row[bearing]] * width + group)
        group_fee = np.where(
            concession == NONE, lowest[bearing], columns.concession_fee[concession]
        )
        lowest[bearing] = np.minimum(lowest[bearing], group_fee)
    fee = fee.copy()
    fee[row] = lowest
    return fee

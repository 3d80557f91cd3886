"""Blocks: needs that are alike in all that decides where they may go.

A block's arcs are those of its first need, so pairs are looked at once for all of it.

Example: thirty needs for sport of one school, any day after four: one block; one of
them who names a hall is a block of its own.
"""

from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.alike import Kinds, alike
from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.lookup import mask_of
from sharematch.core.columns.sets import Labels
from sharematch.core.eligibility.starts import hours

__all__ = ["blocks"]

Ints = NDArray[np.int64]

_INDIFFERENT = {
    *("need_ids", "need_quantity", "need_weight", "need_since", "need_due"),
    *("need_min_quantity", "need_whole", "need_sessions", "need_every"),
    *("need_person", "need_together", "need_times", "need_per_day"),
    *("need_min_sessions", "need_rest"),
}
"""What needs of one block may differ in: no condition for an arc reads it."""


def blocks(columns: Columns, *limits: Ints) -> Kinds:
    """Return the blocks of needs.

    Who has choices, decisions or pairs of its own is alone in its block.

    Parameters
    ----------
    limits
        Further numbers by need in which needs of a block are alike.
    """
    count = len(columns.need_ids)
    single = np.concatenate(
        [columns.choice_need, columns.decision_need, columns.pair_need]
    )
    number = np.where(mask_of(single, count), np.arange(count), -1)
    numbers = [number, hours(columns).kind, *limits]
    tables: list[tuple[Ints, ...]] = []
    for field in fields(columns):
        if not field.name.startswith("need_") or field.name in _INDIFFERENT:
            continue
        value = getattr(columns, field.name)
        if isinstance(value, Labels):
            tables.append((value.rows, value.indices))
        else:
            by_axis = value.reshape(count, -1).T
            numbers += [np.ascontiguousarray(x).view(np.int64) for x in by_axis]
    return alike(count, numbers, tables)

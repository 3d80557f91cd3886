"""Columns that are everywhere the same: one number, of no length in memory.

They are read-only arrays whose every entry is the same place in memory.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.lookup import spans

__all__ = ["constant", "is_constant", "joined", "negated", "taken"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def constant(value: int, count: int) -> Ints:
    """Return a column of one number.

    Examples
    --------
    >>> constant(7, 3).tolist(), constant(7, 3).nbytes, constant(7, 3).strides
    ([7, 7, 7], 24, (0,))
    """
    return np.ndarray(count, np.int64, np.int64(value).tobytes(), strides=(0,))


def is_constant(column: NDArray[Any]) -> bool:
    """Return whether a column is known to be everywhere the same."""
    return column.strides == (0,) and len(column) > 0


def joined(parts: list[Ints]) -> Ints:
    """Return columns as one; of such as are everywhere the same, one like them."""
    full = [part for part in parts if len(part)]
    values = {int(part[0]) if is_constant(part) else None for part in full}
    if len(values) != 1 or None in values:
        return np.concatenate(parts)
    return constant(int(full[0][0]), sum(map(len, full)))


def negated(column: Ints) -> Ints:
    """Return what is as far below 0 as a column is above."""
    if not is_constant(column):
        return -column
    return constant(-int(column[0]), len(column))


def taken(column: Ints, mask: Bools | NDArray[np.integer[Any]]) -> Ints:
    """Return entries of a column; of one that is everywhere the same, as many."""
    if is_constant(column):
        count = int(mask.sum()) if mask.dtype == bool else len(mask)
        return constant(int(column[0]), count)
    if mask.dtype == bool:
        return column[mask]
    entries = np.empty(len(mask), column.dtype)
    for some in spans(len(mask)):
        entries[some] = column[mask[some]]
    return entries

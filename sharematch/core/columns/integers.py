"""Arithmetic of integer arrays that never wraps around.

Where bounds show that 64 bits will do, which is nearly always, they do; elsewhere the
arrays hold Python's integers, until what comes out fits into 64 bits again.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.codes import NONE

__all__ = ["LIMIT", "largest", "product", "sums", "total"]

Ints = NDArray[np.int64]
LIMIT = 2**62
"""Below this, two integers can be added in 64 bits."""


def largest(values: Ints) -> int:
    """Return the greatest absolute value, 0 where there is none."""
    if not len(values):
        return 0
    return max(int(values.max()), -int(values.min()))


def product(values: Ints, factors: Ints) -> Ints:
    """Return the products of aligned integers."""
    # Two passes to be sure cost less than one in Python's integers.
    if largest(values) * largest(factors) < LIMIT:
        return values * factors
    return _narrow(values.astype(object) * factors.astype(object))


def total(values: Ints) -> int:
    """Return the sum of all."""
    if largest(values) * len(values) < LIMIT:
        return int(values.sum())
    return sum(values.tolist())


def sums(code: Ints, amount: Ints, count: int) -> Ints:
    """Return exact sums of `amount` by `code` below `count`; NONE counts nowhere.

    Examples
    --------
    >>> sums(np.array([0, 1, 0]), np.array([2**61, 5, 2**61]), 2).tolist()
    [4611686018427387904, 5]
    """
    # Most arcs carry nothing: positions are faster than masks.
    counted = np.flatnonzero(amount)
    counted = counted[code[counted] != NONE]
    code, amount = code[counted], amount[counted]
    kind: Any = np.int64 if largest(amount) * len(amount) < LIMIT else object
    totals: Any = np.zeros(count, kind)
    np.add.at(totals, code, amount.astype(kind, copy=False))
    return totals if kind is np.int64 else _narrow(totals)


def _narrow(values: Any) -> Ints:
    """Return Python's integers in 64 bits, where each fits."""
    if largest(values) < LIMIT:
        return np.asarray(values.astype(np.int64))
    return np.asarray(values)

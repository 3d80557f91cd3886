"""Whether a count shows that rows of integers cannot all hold.

A linear program proposes how often to take each row; what counts is the sum of rows so
taken, in whole numbers. Where even the least that it can be is more than it may be, no
values keep all rows, whatever the proposal was.
"""

from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from sharematch.core.integer.program import Rows

__all__ = ["cannot_hold"]

MOST_ENTRIES = 300_000
"""Of a matrix for which a proposal is looked for; larger ones take longer than this:"""
SECONDS = 30.0
"""For the linear program; without its proposal a claim is unproved, not false."""
SCALES = (1, 60, 2**20, 2**40)
"""By which a proposal is multiplied before it is rounded; the first that shows it.

1 for whole prices, 60 for those with small denominators, powers of 2 for all others.
"""


def cannot_hold(rows: Rows) -> bool:
    """Return whether a count shows that no values keep all rows.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> def of(least):
    ...     one = np.ones(2, np.int64)
    ...     matrix, most = csr_array([[2, 3]]), np.array([9])
    ...     return Rows(0 * one, one, matrix, np.array([least]), most, one[:1], ())
    >>> cannot_hold(of(6)), cannot_hold(of(5))
    (True, False)
    """
    matrix = scipy.sparse.csr_array(rows.matrix)
    if matrix.nnz > MOST_ENTRIES:
        return False
    upper = scipy.sparse.vstack([matrix, -matrix], format="csr")
    limit = np.concatenate([rows.most, -rows.least])
    times = _proposal(rows, upper, limit)
    if times is None:
        return False
    return any(_shows(rows, upper, limit, np.rint(times * x)) for x in SCALES)


def _proposal(rows: Rows, upper: Any, limit: Any) -> NDArray[np.float64] | None:
    """Return how often to take each row: prices of the least total that is missing."""
    count, num = upper.shape
    missing = -scipy.sparse.eye_array(count, format="csr")
    propose: Any = scipy.optimize.linprog  # its stubs know no sparse matrix
    solution = propose(
        np.concatenate([np.zeros(num), np.ones(count)]),
        A_ub=scipy.sparse.hstack([upper, missing], format="csr"),
        b_ub=limit.astype(float),
        bounds=np.array(
            [*zip(rows.lower, rows.upper, strict=True), *([(0, np.inf)] * count)],
            float,
        ),
        method="highs",
        options={"time_limit": SECONDS},
    )
    if solution.status != 0:
        return None
    return np.maximum(-np.asarray(solution.ineqlin.marginals, np.float64), 0)


def _shows(rows: Rows, upper: Any, limit: Any, times: NDArray[np.float64]) -> bool:
    """Return whether rows, each taken so often, ask for more than there can be."""
    taken = np.array([int(count) for count in times], object)
    entry = upper.tocoo()
    total = np.zeros(upper.shape[1], object)
    np.add.at(total, entry.col, entry.data.astype(object) * taken[entry.row])
    low, high = rows.lower.astype(object), rows.upper.astype(object)
    least = np.where(total > 0, total * low, total * high).sum()
    return bool(least > (taken * limit.astype(object)).sum())

"""Sets of labels, one for each row, as two arrays.

Example: {a, b}, {}, {b} over the names (a, b) has `indptr` (0, 2, 2, 3) and `indices`
(0, 1, 1).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Labels"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Labels:
    """Which labels each row bears: row i has `indices[indptr[i]:indptr[i + 1]]`."""

    names: tuple[str, ...]
    indptr: Ints
    indices: Ints

    @property
    def parts(self) -> tuple[Any, ...]:
        """All that it holds."""
        return self.names, self.indptr, self.indices

    @property
    def rows(self) -> Ints:
        """The row of each entry of `indices`."""
        return np.repeat(np.arange(len(self.indptr) - 1), np.diff(self.indptr))

    @property
    def counts(self) -> Ints:
        """How many labels each row bears."""
        return np.diff(self.indptr)

    def only(self, is_kept: Bools) -> "Labels":
        """Return the rows with those of their labels that are kept, all names known."""
        entries = is_kept[self.indices]
        counts = np.bincount(self.rows[entries], minlength=len(self.indptr) - 1)
        indptr = np.append(0, np.cumsum(counts))
        return Labels(self.names, indptr, self.indices[entries])

    def bears(self, wanted: Callable[[str], bool]) -> Bools:
        """Return the rows that bear at least one label for which `wanted` is true."""
        is_wanted = np.array([wanted(name) for name in self.names], bool)
        mask = np.zeros(len(self.indptr) - 1, bool)
        if len(is_wanted):
            mask[self.rows[is_wanted[self.indices]]] = True
        return mask

"""Rows that are alike: in all columns, and in their rows of all tables.

Hashes propose which rows are alike, and neighbors in their order are compared entry by
entry: so alike is what is equal, and a collision only leaves two kinds of it.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.lookup import SPAN, expand, pieces

__all__ = ["Kinds", "alike", "differ", "mixed"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Positions = NDArray[np.integer[Any]]
Hashes = NDArray[np.uint64]


class Kinds(NamedTuple):
    """Rows of one kind are alike: the first of each, ascending, and each row's kind."""

    first: Ints
    kind: Ints


def alike(
    count: int, columns: Sequence[Ints], tables: Sequence[tuple[Ints, ...]] = ()
) -> Kinds:
    """Return the kinds of so many rows.

    Parameters
    ----------
    columns
        One number for each row.
    tables
        Of each the row that an entry is of, ascending, and its numbers.

    Examples
    --------
    >>> place = np.array([7, 7, 8, 7])
    >>> hours = np.array([0, 1, 1, 3]), np.array([0, 1, 2, 0])
    >>> alike(4, [place]).kind.tolist(), alike(4, [place], [hours]).first.tolist()
    ([0, 0, 1, 0], [0, 1, 2])
    """
    if not count:
        return Kinds(np.zeros(0, np.int64), np.zeros(0, np.int64))
    columns = [column for column in columns if (column != column[0]).any()]
    tables = [table for table in tables if len(table[0])]
    hashes = np.zeros(count, np.uint64)
    for column in columns:
        hashes = mixed(hashes ^ column.view(np.uint64))
    sizes = [np.bincount(owner, minlength=count) for owner, *_ in tables]
    for size, (owner, *values) in zip(sizes, tables, strict=True):
        nth = np.arange(1, len(owner) + 1) - (np.cumsum(size) - size)[owner]
        entry = mixed(nth.view(np.uint64))
        for value in values:
            entry = mixed(entry ^ value.view(np.uint64))
        # Sums of 32 bits stay exact in floats.
        parts = (entry >> np.uint64(32)).astype(np.float64)
        sums = np.bincount(owner, weights=parts, minlength=count)
        hashes = mixed(hashes ^ sums.astype(np.uint64))
    order = np.argsort(hashes)
    is_new = np.append(True, np.diff(hashes[order]) != 0)
    for column in columns:
        is_new[1:] |= np.diff(column[order]) != 0
    for size, (_, *values) in zip(sizes, tables, strict=True):
        is_new |= differ(order, size, values, is_new)
    first = np.minimum.reduceat(order, np.flatnonzero(is_new))
    rank = np.empty(len(first), np.int64)
    by_first = np.argsort(first)
    rank[by_first] = np.arange(len(first))
    kind = np.empty(count, np.int64)
    kind[order] = rank[np.cumsum(is_new) - 1]
    return Kinds(first[by_first], kind)


def differ(
    order: Ints,
    num_entries: Ints,
    values: Sequence[Positions],
    is_known: Bools,
    rows: Positions | None = None,
) -> Bools:
    """Return which rows in an order have other entries than the one before.

    Parameters
    ----------
    num_entries
        Of each row; those of the first row come first, and so on.
    values
        The entries, each in as many columns.
    is_known
        In the order: what differs in any case, and is not looked at.
    rows
        Where the entries stand in the columns, if not in their order.
    """
    size = num_entries[order]
    first = (np.cumsum(num_entries) - num_entries)[order]
    differs = np.append(False, np.diff(size) != 0)[: len(order)]
    later = np.flatnonzero(~(is_known | differs) & (size > 0))
    for piece in pieces(size[later], SPAN):
        some = later[piece]
        row, entry = expand(first[some], first[some] + size[some])
        before = entry + (first[some - 1] - first[some])[row]
        ends: tuple[Positions, Positions] = entry, before
        if rows is not None:
            ends = rows[entry], rows[before]
        for value in values:
            differs[some[row[value[ends[0]] != value[ends[1]]]]] = True
    return differs


def mixed(x: Hashes) -> Hashes:
    """Return hashes of numbers, good in their upper bits.

    After the finalizer of SplitMix64 (Steele et al., 2014).
    """
    x = x ^ (x >> np.uint64(30))
    x *= np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(27)
    x *= np.uint64(0x94D049BB133111EB)
    return x

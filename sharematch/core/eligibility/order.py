"""An order of needs, slots and arcs that favors no name and no row."""

import hashlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.lookup import by_value
from sharematch.core.eligibility.arcs import Arcs

__all__ = ["arc_order", "hash_rank", "turns"]

Ints = NDArray[np.int64]
Shorts = NDArray[np.int32]


def hash_rank(seed: int, ids: Sequence[str]) -> Ints:
    """Return each id's place in the order of SHA-256(seed, id), not to be changed."""
    return _hash_rank(seed, tuple(ids))


@lru_cache(maxsize=4)
def _hash_rank(seed: int, ids: tuple[str, ...]) -> Ints:
    """Return the places; one solve may ask for those of its needs and slots often."""
    prefix = f"{seed}\0".encode()
    digests = b"".join(hashlib.sha256(prefix + id_.encode()).digest() for id_ in ids)
    rank = np.empty(len(ids), np.int64)
    rank[_in_order(np.frombuffer(digests, ">u8").reshape(-1, 4))] = np.arange(len(ids))
    rank.flags.writeable = False
    return rank


def _in_order(words: NDArray[np.uint64]) -> Ints:
    """Return the order of rows of numbers, the first of each before the others."""
    # One number is sorted twenty times as fast as four, and nearly always tells.
    first = words[:, 0].astype(np.uint64)
    order = np.argsort(first)
    if (first[order[1:]] == first[order[:-1]]).any():
        order = np.lexsort(words.T[::-1])
    return order


def turns(columns: Columns, seed: int) -> Ints:
    """Return needs in the order in which they came, undated ones last."""
    since = columns.need_since
    since = np.where(since == NONE, np.iinfo(np.int64).max, since)
    return np.lexsort((hash_rank(seed, columns.need_ids), since))


def arc_order(seed: int, columns: Columns, arcs: Arcs) -> Shorts:
    """Return arcs by keyed hashes of the ids of their needs, then of their slots.

    Bookings of one need in one opening follow each other in time.

    Parameters
    ----------
    arcs
        Sorted by need, and of one need by slot and cell.
    """
    slot_rank = hash_rank(seed, columns.slot_ids).astype(np.int32)
    needs = np.argsort(hash_rank(seed, columns.need_ids))
    last = np.cumsum(np.bincount(arcs.need, minlength=len(needs)))
    first = np.append(0, last)[:-1]
    return by_value(first[needs], last[needs], slot_rank[arcs.slot])

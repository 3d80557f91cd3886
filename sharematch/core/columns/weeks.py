"""Hours that return every week, compared with times by the clock.

Hours are minutes after Monday 0:00 and a length; whatever is compared is told by when
it starts by its own clock, and how long it is. All are arrays, or broadcast as such.
"""

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.codes import DAY, WEEK

__all__ = ["is_within", "meets", "minutes_off", "since"]

Ints = NDArray[np.int64] | np.int64
Bools = NDArray[np.bool_]

_MONDAY = 3 * DAY
"""From a Monday 0:00 to the start of 1970, which was a Thursday."""


def since(clock: Ints, start: Ints) -> Ints:
    """Return how long ago the hours last began."""
    return (clock + _MONDAY - start) % WEEK


def is_within(clock: Ints, length: Ints, start: Ints, minutes: Ints) -> Bools:
    """Return what lies within the hours of one week's day.

    Examples
    --------
    >>> friday_night = np.array([4 * DAY + 22 * 60]), np.array([4 * 60])
    >>> saturday = np.array([2 * DAY])  # 1 January 1970 was a Thursday
    >>> is_within(saturday, np.array([120]), *friday_night).tolist()
    [True]
    """
    return np.asarray(since(clock, start) + length <= minutes)


def minutes_off(clock: Ints, length: Ints, start: Ints, minutes: Ints) -> Ints:
    """Return by how much the nearest day's hours would have to be wider."""
    # Either the hours under way end later, or those of next week begin earlier.
    ago = since(clock, start)
    last = np.maximum(ago + length - minutes, 0)
    following = WEEK - ago + np.maximum(length - (WEEK - ago) - minutes, 0)
    return np.asarray(np.minimum(last, following))


def meets(clock: Ints, length: Ints, start: Ints, minutes: Ints) -> Bools:
    """Return what has more than an end in common with the hours of any week."""
    ago = since(clock, start)
    is_under_way = (ago < minutes) & ((ago > 0) | (length > 0))
    return np.asarray(is_under_way | (WEEK - ago < length))

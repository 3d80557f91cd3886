"""Windows: where a series of bookings may lie that can lose dates, or choose them.

A need that asks for 12 sessions, one every week, and holds at least 10 of them, takes
a window of 12 dates at one facility and one clock time, and of these at least 10: each
is a column, there only with the window. A window begins at a date that is held, so each
set of dates belongs to one window; where all dates at a clock time lie in one, as in a
season of 12 weeks, and one series is asked for, that is enough. Bookings without a
rhythm choose theirs among all of a facility: a window holds exactly so many of these.

Example: 3 sessions every week, at least 2, openings on the 3rd, 10th and 24th: the
windows from the 3rd (3rd, 10th) and from the 10th (10th, 24th).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.lookup import expand
from sharematch.core.eligibility.arcs import Arcs
from sharematch.core.eligibility.series import steps_of

__all__ = ["Windows", "find_windows", "has_windows"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Windows:
    """Dates of windows, sorted by window and time.

    Attributes
    ----------
    window, arc
        Of each date.
    position
        How many steps after its window's begin each date is; 0 without a rhythm.
    need, least, in_step, is_anchored
        Of each window: whose it is, how many dates it holds at least, whether its dates
        keep step (one that does not holds exactly so many), and whether its first date
        is held in any case.
    """

    window: Ints
    arc: Ints
    position: Ints
    need: Ints
    least: Ints
    in_step: Bools
    is_anchored: Bools


def has_windows(columns: Columns) -> Bools:
    """Return the needs whose sessions are bookings, or may be fewer than asked."""
    loose = columns.is_booked | (columns.need_held_sessions < columns.need_sessions)
    return np.asarray((columns.need_sessions > 1) & loose, bool)


def find_windows(
    columns: Columns,
    arcs: Arcs,
    usable: Bools,
    leader: Ints,
    check: Callable[[], None] = lambda: None,
) -> Windows:
    """Return the windows of all needs that have such.

    Parameters
    ----------
    usable
        Arcs that can be used at all, of needs that stand for themselves or their team,
        in no series.
    leader
        By need: the one that stands for its team.
    check
        Called again and again on the way; what it raises ends it.
    """
    is_usable = usable & has_windows(columns)[arcs.need]
    step = steps_of(columns, leader)[arcs.need]
    in_step = np.flatnonzero(is_usable & (step != NONE))
    parts = [_in_step(columns, arcs, in_step, step, check)]
    parts.append(_free(columns, arcs, np.flatnonzero(is_usable & (step == NONE))))
    shift = len(parts[0].need)
    joined = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("arc", "position", "need", "least", "in_step", "is_anchored")
    }
    window = np.concatenate([parts[0].window, parts[1].window + shift])
    return Windows(window=window, **joined)


def _in_step(
    columns: Columns, arcs: Arcs, arc: Ints, step: Ints, check: Callable[[], None]
) -> Windows:
    """Return for each date the window that begins with it, where it holds enough."""
    arc = arc[columns.slot_is_timed[arcs.slot[arc]]]
    every, need, cells = step[arc], arcs.need[arc], columns.cells
    begin = cells.starts(every, arcs.cell[arc])
    # Dates that can be of one series: the same phase of the rhythm, counted by it.
    nth, phase = np.divmod(begin, np.maximum(every, 1))
    facility = columns.slot_facility[arcs.slot[arc]]
    # One number for need, facility and clock time: sorted many times as fast as three.
    chains = (need * len(columns.facility_ids) + facility) * (every + 1).max(initial=1)
    chains += phase
    check()
    order = np.lexsort((nth, chains))
    check()
    arc, nth, need, chains = arc[order], nth[order], need[order], chains[order]
    is_new = np.append(True, np.diff(chains) != 0)
    chain = np.cumsum(is_new[: len(arc)]) - 1
    if not len(arc):
        return _none()
    # A date has one window, however many slots of the facility begin then.
    is_date = np.append(True, (np.diff(chain) != 0) | (np.diff(nth) != 0))
    first = np.flatnonzero(is_date)
    width = int(np.ptp(nth)) + int(columns.need_sessions[need].max()) + 2
    check()
    key = chain * width + nth - int(nth.min())
    last = np.searchsorted(key, key[first] + columns.need_sessions[need[first]])
    dates = np.cumsum(is_date)
    count = dates[last - 1] - dates[first] + 1
    least = columns.need_held_sessions[need[first]]
    is_window = count >= least
    # One window holds all where a single series is asked for.
    ends = np.append(np.flatnonzero(np.diff(chain)), len(chain) - 1)
    begins = np.append(0, ends[:-1] + 1)
    span = nth[ends] - nth[begins] + 1
    single = span <= columns.need_sessions[need[begins]]
    single &= (columns.need_times[need[begins]] == 1) & (
        columns.need_held_sessions[need[begins]] < columns.need_sessions[need[begins]]
    )
    is_window &= ~single[chain[first]] | (first == begins[chain[first]])
    first, last, least = first[is_window], last[is_window], least[is_window]
    window, entry = expand(first, last)
    return Windows(
        window,
        arc[entry],
        nth[entry] - nth[first[window]],
        need[first],
        least,
        np.ones(len(first), bool),
        ~single[chain[first]],
    )


def _free(columns: Columns, arcs: Arcs, arc: Ints) -> Windows:
    """Return for each facility as many windows as the need may have series."""
    if not len(arc):
        return _none()
    need, facility = arcs.need[arc], columns.slot_facility[arcs.slot[arc]]
    order = np.lexsort((columns.cells.start[arcs.cell[arc]], facility, need))
    arc = arc[order]
    place = (need * len(columns.facility_ids) + facility)[order]
    first = np.flatnonzero(np.append(True, np.diff(place) != 0))
    last = np.append(first[1:], len(arc))
    need = need[order][first]
    enough = last - first >= columns.need_sessions[need]
    first, last, need = first[enough], last[enough], need[enough]
    copy = np.repeat(np.arange(len(need)), columns.need_times[need])
    window, entry = expand(first[copy], last[copy])
    return Windows(
        window,
        arc[entry],
        np.zeros(len(entry), np.int64),
        need[copy],
        columns.need_sessions[need[copy]],
        np.zeros(len(copy), bool),
        np.zeros(len(copy), bool),
    )


def _none() -> Windows:
    empty = np.empty(0, np.int64)
    none = np.empty(0, bool)
    return Windows(empty, empty, empty, empty, empty, none, none)

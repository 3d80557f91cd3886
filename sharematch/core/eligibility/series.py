"""Series: the sessions of a need that follow each other in step, taken all at once.

A need that asks for k sessions, one every so many minutes, takes k slots of one
facility that begin at t, t + every, …: which of them is decided by t alone wherever no
two slots of the facility begin together. Such a series is one column: one thing to
choose, in place of k things that have to agree.

Example: every 30 minutes, 3 sessions, slots at 17:00, 17:30, 18:00, 18:30 and 19:30:
two series, from 17:00 and from 17:30.
"""

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.lookup import pairs
from sharematch.core.eligibility.arcs import Arcs

__all__ = ["find_series", "steps_of"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def find_series(
    columns: Columns, arcs: Arcs, usable: Bools, leader: Ints
) -> tuple[list[Ints], Bools]:
    """Return all series of needs whose sessions keep step, as arcs in order of time.

    Parameters
    ----------
    usable
        Arcs that can be used at all, of needs that stand for themselves or their team.
    leader
        By need: the one that stands for its team.

    Returns
    -------
    For each number of sessions an array (series, sessions) of arcs; and the arcs that
    need nothing else: of facilities where several slots begin together there is none.
    """
    step, cells = steps_of(columns, leader), columns.cells
    is_whole = columns.need_held_sessions == columns.need_sessions
    arc = np.flatnonzero(usable & ((step != NONE) & is_whole)[arcs.need])
    arc = arc[columns.slot_is_timed[arcs.slot[arc]]]
    place = arcs.need[arc] * len(columns.facility_ids)
    place += columns.slot_facility[arcs.slot[arc]]
    begin = cells.starts(step[arcs.need[arc]], arcs.cell[arc])
    order = np.lexsort((begin, place))
    arc, place, begin = arc[order], place[order], begin[order]
    # Where two slots begin together, t does not tell the series: left to rows.
    twice = (np.diff(place) == 0) & (np.diff(begin) == 0)
    plain = ~np.isin(place, place[1:][twice])
    arc, place, begin = arc[plain], place[plain], begin[plain]
    simple = np.zeros(len(arcs), bool)
    simple[arc] = True
    series_by_kind = []
    kinds = pairs(columns.need_sessions[arcs.need[arc]], step[arcs.need[arc]])
    for kind, (sessions, every) in enumerate(
        zip(kinds.first.tolist(), kinds.second.tolist(), strict=True)
    ):
        of_kind = np.flatnonzero(kinds.place == kind)
        chain = _chains(place[of_kind], begin[of_kind], sessions, every)
        series = arc[of_kind][chain]
        # What is longer than a step overlaps the next one.
        end = cells.last(arcs.cell[series], arcs.steps[series])
        apart = end[:, :-1] <= cells.start[arcs.cell[series[:, 1:]]]
        series_by_kind.append(series[apart.all(axis=1)])
    return [series for series in series_by_kind if len(series)], simple


def steps_of(columns: Columns, leader: Ints) -> Ints:
    """Return by need the minutes from one session to the next, NONE without a step.

    Those who sit together keep the step of all; where they differ no series is one.
    """
    count = len(leader)
    low, high = np.full(count, np.iinfo(np.int64).max), np.full(count, NONE)
    asks = (columns.need_every != NONE) & (columns.need_sessions > 1)
    np.minimum.at(low, leader[asks], columns.need_every[asks])
    np.maximum.at(high, leader[asks], columns.need_every[asks])
    return np.where(low == high, high, NONE)[leader]


def _chains(place: Ints, begin: Ints, sessions: int, every: int) -> Ints:
    """Return for each start the positions of its sessions, where all are there.

    Positions are sorted by place, then by begin, each pair once.
    """
    low = int(begin.min(initial=0))
    width = int(begin.max(initial=0)) - low + sessions * every + 1
    key = place * width + begin - low
    start = np.arange(len(key))
    chain = np.empty((len(key), sessions), np.int64)
    for session in range(sessions):
        wanted = key[start] + session * every
        position = np.minimum(np.searchsorted(key, wanted), max(len(key) - 1, 0))
        is_there = key[position] == wanted
        chain[start, session] = position
        start = start[is_there]
    return chain[start]

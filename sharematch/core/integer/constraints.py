"""What records demand as rows: whole needs, courses and series, and all else.

    quantity       Σ x ≤ quantity, of bookings ≤ times
    min_quantity   least × served ≤ Σ x ≤ quantity × served, `served` a switch
    sessions       Σ x = sessions × held at one facility, at each moment ≤ held
    windows        least × there ≤ Σ dates, dates ≤ there

Example: a course of 2 sessions in step with slots at 17:00, 17:30 and 18:00: switches
for the series from 17:00 and from 17:30; at 17:30 one session if either is picked.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.codes import NONE
from sharematch.core.integer.clashes import add_bookings, add_persons
from sharematch.core.integer.program import FREE
from sharematch.core.integer.rooms import add_rooms
from sharematch.core.integer.variables import Seats
from sharematch.core.network.program import Source

__all__ = ["add_records"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def add_records(seats: Seats) -> None:
    """Add every limit and every coupled field of the records to the draft."""
    _quantities(seats)
    _courses(seats)
    add_bookings(seats)
    add_rooms(seats)
    add_persons(seats)


# ---- needs


def _quantities(seats: Seats) -> None:
    """Bound the units of each need, and ask for all or at least so many."""
    columns, arcs = seats.columns, seats.arcs
    is_plain = seats.is_lead & (columns.need_sessions[arcs.need] == 1)
    is_whole = is_plain & seats.is_indivisible[arcs.need]
    _at_most(seats, Source("whole"), arcs.need, is_whole, columns.need_times)
    divisible = is_plain & ~is_whole
    least = columns.need_min_quantity[arcs.need]
    _at_most(
        seats,
        Source("quantity"),
        arcs.need,
        divisible & (least < 2),
        columns.need_quantity,
    )
    asks = np.flatnonzero(divisible & (least >= 2))
    needs, row = np.unique(arcs.need[asks], return_inverse=True)
    served = seats.switches.used(row, asks, len(needs), exact=False)
    rows, ones = np.arange(len(needs)), np.ones(len(asks), np.int64)
    for bound, sign in ((columns.need_min_quantity, 1), (columns.need_quantity, -1)):
        # least × served ≤ Σ units ≤ most × served
        seats.draft.rows(
            Source("min_quantity"),
            np.concatenate([row, rows]),
            np.concatenate([seats.variable[asks], served]),
            sign * np.concatenate([ones, -bound[needs]]),
            least=0,
            count=len(needs),
        )


def _at_most(
    seats: Seats, source: Source, label: Ints, mask: Bools, most: Ints
) -> None:
    """Add Σ variables ≤ most for the masked arcs of each label."""
    arc = np.flatnonzero(mask)
    labels, row = np.unique(label[arc], return_inverse=True)
    bound = most[labels]
    seats.draft.rows(source, row, seats.variable[arc], 1, most=bound, count=len(labels))


def _courses(seats: Seats) -> None:
    """Add needs with sessions: all of them at one facility, in step, or none."""
    columns, arcs = seats.columns, seats.arcs
    arc = np.flatnonzero(seats.is_lead & (columns.need_sessions[arcs.need] > 1))
    facility = columns.slot_facility[arcs.slot]
    arc = arc[np.lexsort((arcs.slot[arc], facility[arc], arcs.need[arc]))]
    place = arcs.need[arc] * max(len(columns.facility_ids), 1) + facility[arc]
    chosen: dict[int, list[int]] = {}
    for course in np.split(arc, np.flatnonzero(np.diff(place)) + 1):
        if len(course):
            need = int(arcs.need[course[0]])
            chosen.setdefault(need, []).append(_course(seats, need, course))
    _series(seats, chosen, add_windows(seats))


def _series(seats: Seats, chosen: Mapping[int, Sequence[int]], windows: Ints) -> None:
    """Let each need with sessions have so many series, or be held at one facility."""
    arcs, times = seats.arcs, seats.columns.need_times
    entry = np.flatnonzero(
        (seats.columns.need_sessions[arcs.need[seats.entry_arc]] > 1)
        & (seats.variable[seats.entry_arc] == seats.nothing)
        & (seats.leader[arcs.need[seats.entry_arc]] == arcs.need[seats.entry_arc])
        & ~np.isin(seats.entry_variable, seats.date_variable)
    )
    pair = np.unique(
        arcs.need[seats.entry_arc[entry]] * seats.draft.num_variables
        + seats.entry_variable[entry]
    )
    need, variable = np.divmod(pair, max(seats.draft.num_variables, 1))
    held = np.repeat(list(chosen), [len(places) for places in chosen.values()])
    places = [place for places in chosen.values() for place in places]
    need = np.concatenate([need, held.astype(np.int64), seats.windows.need])
    variable = np.concatenate([variable, np.array(places, np.int64), windows])
    needs, row = np.unique(need, return_inverse=True)
    most = times[needs]
    seats.draft.rows(Source("sessions"), row, variable, 1, most=most, count=len(needs))


def _course(seats: Seats, need: int, arc: Ints) -> int:
    """Add the sessions of one need at one facility; return whether they are held."""
    columns, draft = seats.columns, seats.draft
    slot, variable = seats.arcs.slot[arc], seats.variable[arc]
    held = draft.switch()
    draft.definitions.switch(held, np.unique(variable))
    count = int(columns.need_sessions[need])
    factor = np.append(np.ones(len(arc), np.int64), -count)
    draft.row(Source("sessions"), [*variable, held], factor, least=0, most=0)
    for clique in cliques(
        columns.slot_start[slot],
        columns.slot_end[slot],
        among=np.flatnonzero(columns.slot_is_timed[slot]),
    ):
        factor = np.append(np.ones(len(clique), np.int64), -1)
        draft.row(Source("sessions"), [*variable[clique], held], factor, most=0)
    members = np.flatnonzero(seats.leader == need)
    for step in sorted({*columns.need_every[members].tolist()} - {NONE}):
        _in_step(seats, arc, held, count, step)
    return held


def _in_step(seats: Seats, arc: Ints, held: int, count: int, step: int) -> None:
    """Let the sessions of a course start every `step` minutes."""
    columns, draft = seats.columns, seats.draft
    slot, variable = seats.arcs.slot[arc], seats.variable[arc]
    timed = columns.slot_is_timed[slot]
    draft.bound(variable[~timed], most=0)
    begin = columns.cells.starts(step, seats.arcs.cell[arc])
    starts = set(begin[timed].tolist())
    series = [
        range(first, first + count * step, step)
        for first in sorted(starts)
        if starts.issuperset(range(first, first + count * step, step))
    ]
    picks = [draft.switch() for _ in series]
    for pick, times in zip(picks, series, strict=True):
        in_series = variable[timed & np.isin(begin, [*times])]
        draft.definitions.switch(pick, np.unique(in_series), threshold=count)
    factor = np.append(np.ones(len(picks), np.int64), -1)
    draft.row(Source("every"), [*picks, held], factor, least=0, most=0)
    for time in sorted(starts):
        # The one session at this time belongs to the series picked.
        starting = variable[timed & (begin == time)]
        picked = [
            pick for pick, times in zip(picks, series, strict=True) if time in times
        ]
        factor = np.repeat([1, -1], [len(starting), len(picked)])
        draft.row(Source("every"), [*starting, *picked], factor, least=0, most=0)


def cliques(start: Ints, end: Ints, among: Ints | None = None) -> Iterator[Ints]:
    """Yield maximal sets of two or more spans that overlap each other.

    Two spans overlap if each starts before the other ends. Every pair that overlaps
    is in one of the sets.

    Examples
    --------
    >>> start, end = np.array([9, 10, 11]), np.array([11, 12, 13])
    >>> [clique.tolist() for clique in cliques(start, end)]
    [[0, 1], [1, 2]]
    """
    chosen = np.arange(len(start)) if among is None else among
    start, end = start[chosen], end[chosen]
    lasting = end > start
    overlapping: list[frozenset[int]] = []
    # All that overlap do so at the start of one of them: no other moment adds a set.
    for time in np.unique(start[lasting]).tolist():
        inside = lasting & (start <= time) & (time < end)
        overlapping.append(frozenset(np.flatnonzero(inside).tolist()))
    for moment in np.flatnonzero(~lasting).tolist():
        around = lasting & (start < start[moment]) & (start[moment] < end)
        overlapping.append(frozenset([moment, *np.flatnonzero(around).tolist()]))
    for members in dict.fromkeys(overlapping):
        if len(members) > 1 and not any(members < other for other in overlapping):
            yield chosen[np.array(sorted(members))]


# ---- series that may lose dates


def add_windows(seats: Seats) -> Ints:
    """Add the windows of series that may lose dates; return whether each is there."""
    draft, windows, held = seats.draft, seats.windows, seats.date_variable
    count = len(windows.need)
    switch = draft.variables(np.ones(count, np.int64))
    if not count:
        return switch
    draft.definitions.switches_of(switch, windows.window, held)
    sessions = seats.columns.need_sessions[windows.need]
    is_full = windows.in_step & (windows.least == sessions)
    # At each date at most one booking, and only with the window.
    key = np.where(
        windows.in_step[windows.window], windows.position, np.arange(len(held))
    )
    # Dates are sorted by window and position.
    is_new = np.append(True, (np.diff(windows.window) != 0) | (np.diff(key) != 0))
    row = np.cumsum(is_new) - 1
    window, position = windows.window[is_new], key[is_new]
    window_switch = switch[window]
    is_sure = is_full[window] | (windows.is_anchored[window] & (position == 0))
    draft.rows(
        Source("every"),
        np.concatenate([row, np.arange(len(window_switch))]),
        np.concatenate([held, window_switch]),
        np.repeat([1, -1], [len(held), len(window_switch)]),
        least=np.where(is_sure, 0, -FREE),
        most=0,
        count=len(window_switch),
    )
    # Enough of them; without a rhythm exactly so many.
    draft.rows(
        Source("sessions"),
        np.concatenate([windows.window, np.arange(count)]),
        np.concatenate([held, switch]),
        np.concatenate([np.ones(len(held), np.int64), -windows.least]),
        least=0,
        most=np.where(windows.in_step, FREE, 0),
        count=count,
    )
    return switch

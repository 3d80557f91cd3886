"""What records demand as rows: room, whole needs, courses, persons, rooms and teams."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns import NONE
from sharematch.core.program import Source
from sharematch.core.seats import Seats

__all__ = ["add_records"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def add_records(seats: Seats) -> None:
    """Add every limit and every coupled field of the records to the draft."""
    _quantities(seats)
    _courses(seats)
    _rooms(seats)
    _least_use(seats)
    _either(seats)
    _persons(seats)


# ---- needs


def _quantities(seats: Seats) -> None:
    """Bound the units of each need, and ask for all or at least so many."""
    columns, arcs = seats.columns, seats.arcs
    plain = seats.is_lead & (columns.need_sessions[arcs.need] == 1)
    whole = plain & seats.is_indivisible[arcs.need]
    _at_most(seats, Source("whole"), arcs.need, whole, 1)
    divisible = plain & ~whole
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
    served = seats.used(row, asks, len(needs), exact=False)
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
    seats: Seats, source: Source, label: Ints, mask: Bools, most: Ints | int
) -> None:
    """Add Σ variables ≤ most for the masked arcs of each label."""
    at = np.flatnonzero(mask)
    labels, row = np.unique(label[at], return_inverse=True)
    bound = most if isinstance(most, int) else most[labels]
    seats.draft.rows(source, row, seats.variable[at], 1, most=bound, count=len(labels))


def _courses(seats: Seats) -> None:
    """Add needs with sessions: all of them at one facility, in step, or none."""
    columns, arcs = seats.columns, seats.arcs
    at = np.flatnonzero(seats.is_lead & (columns.need_sessions[arcs.need] > 1))
    facility = columns.slot_facility[arcs.slot]
    at = at[np.lexsort((arcs.slot[at], facility[at], arcs.need[at]))]
    place = arcs.need[at] * max(len(columns.facility_ids), 1) + facility[at]
    chosen: dict[int, list[int]] = {}
    for course in np.split(at, np.flatnonzero(np.diff(place)) + 1):
        if len(course):
            need = int(arcs.need[course[0]])
            chosen.setdefault(need, []).append(_course(seats, need, course))
    for places in chosen.values():
        seats.draft.row(Source("sessions"), places, 1, most=1)


def _course(seats: Seats, need: int, at: Ints) -> int:
    """Add the sessions of one need at one facility; return whether they are held."""
    columns, draft = seats.columns, seats.draft
    slot, variable = seats.arcs.slot[at], seats.variable[at]
    held = draft.switch()
    count = int(columns.need_sessions[need])
    factor = np.append(np.ones(len(at), np.int64), -count)
    draft.row(Source("sessions"), [*variable, held], factor, least=0, most=0)
    for clique in cliques(
        columns.slot_start[slot],
        columns.slot_end[slot],
        at=np.flatnonzero(columns.slot_is_timed[slot]),
    ):
        factor = np.append(np.ones(len(clique), np.int64), -1)
        draft.row(Source("sessions"), [*variable[clique], held], factor, most=0)
    members = np.flatnonzero(seats.leader == need)
    for step in sorted({*columns.need_every[members].tolist()} - {NONE}):
        _in_step(seats, at, held, count, step)
    return held


def _in_step(seats: Seats, at: Ints, held: int, count: int, step: int) -> None:
    """Let the sessions of a course start every `step` minutes."""
    columns, draft = seats.columns, seats.draft
    slot, variable = seats.arcs.slot[at], seats.variable[at]
    timed = columns.slot_is_timed[slot]
    draft.bound(variable[~timed], most=0)
    begin = columns.starts(step)[slot]
    starts = set(begin[timed].tolist())
    series = [
        range(first, first + count * step, step)
        for first in sorted(starts)
        if starts.issuperset(range(first, first + count * step, step))
    ]
    picks = [draft.switch() for _ in series]
    factor = np.append(np.ones(len(picks), np.int64), -1)
    draft.row(Source("every"), [*picks, held], factor, least=0, most=0)
    for time in sorted(starts):
        # The one session at this time belongs to the series picked.
        now = variable[timed & (begin == time)]
        those = [
            pick for pick, times in zip(picks, series, strict=True) if time in times
        ]
        factor = np.repeat([1, -1], [len(now), len(those)])
        draft.row(Source("every"), [*now, *those], factor, least=0, most=0)


# ---- slots and facilities


def _rooms(seats: Seats) -> None:
    """Bound the room taken in each slot, by guests, and in each facility."""
    columns, arcs = seats.columns, seats.arcs
    used = seats.variable != seats.nothing
    capacity, reserve = columns.slot_capacity, columns.slot_reserve
    _fill(seats, Source("capacity"), arcs.slot, used, capacity)
    guests = used & (arcs.tier > 0) & (reserve[arcs.slot] > 0)
    _fill(seats, Source("reserve"), arcs.slot, guests, capacity - reserve)
    facility = columns.slot_facility[arcs.slot]
    limited = used & (columns.facility_max_units[facility] != NONE)
    _fill(seats, Source("max_units"), facility, limited, columns.facility_max_units)


def _fill(seats: Seats, source: Source, label: Ints, mask: Bools, room: Ints) -> None:
    at = np.flatnonzero(mask)
    labels, row = np.unique(label[at], return_inverse=True)
    size = (seats.arcs.units * seats.step)[at]
    seats.draft.rows(
        source, row, seats.variable[at], size, most=room[labels], count=len(labels)
    )


def slots_in_use(seats: Seats, slots: Ints, *, exact: bool) -> Ints:
    """Return for each of some sorted slots whether it is in use."""
    at = np.flatnonzero(np.isin(seats.arcs.slot, slots))
    at = at[seats.variable[at] != seats.nothing]
    row = np.searchsorted(slots, seats.arcs.slot[at])
    return seats.used(row, at, len(slots), exact=exact)


def _least_use(seats: Seats) -> None:
    """Let slots be used by at least `min_units` or by nobody."""
    columns, arcs = seats.columns, seats.arcs
    at = np.flatnonzero(
        (columns.slot_min_units[arcs.slot] > 1) & (seats.variable != seats.nothing)
    )
    slots, row = np.unique(arcs.slot[at], return_inverse=True)
    opened = slots_in_use(seats, slots, exact=False)
    seats.draft.rows(
        Source("min_units"),
        np.concatenate([row, np.arange(len(slots))]),
        np.concatenate([seats.variable[at], opened]),
        np.concatenate([(arcs.units * seats.step)[at], -columns.slot_min_units[slots]]),
        least=0,
        count=len(slots),
    )


def _either(seats: Seats) -> None:
    """Let at most one slot of each label be used."""
    columns = seats.columns
    slots = np.unique(seats.arcs.slot[seats.variable != seats.nothing])
    slots = slots[columns.slot_either[slots] != NONE]
    labels, row, count = np.unique(
        columns.slot_either[slots], return_inverse=True, return_counts=True
    )
    several = count[row] > 1
    slots = slots[several]
    labels, row = np.unique(columns.slot_either[slots], return_inverse=True)
    opened = slots_in_use(seats, slots, exact=False)
    seats.draft.rows(Source("either"), row, opened, 1, most=1, count=len(labels))


# ---- persons


def _persons(seats: Seats) -> None:
    """Keep two needs of one person from slots that overlap."""
    columns, arcs = seats.columns, seats.arcs
    person = columns.need_person[arcs.need]
    at = np.flatnonzero(
        (person != NONE)
        & columns.slot_is_timed[arcs.slot]
        & (seats.variable != seats.nothing)
    )
    at = at[np.lexsort((arcs.slot[at], arcs.need[at], person[at]))]
    for own in np.split(at, np.flatnonzero(np.diff(person[at])) + 1):
        if len(np.unique(arcs.need[own])) > 1:
            _person(seats, own)


def _person(seats: Seats, at: Ints) -> None:
    columns, arcs = seats.columns, seats.arcs
    slots, place = np.unique(arcs.slot[at], return_inverse=True)
    start, end = columns.slot_start[slots], columns.slot_end[slots]
    groups = [*cliques(start, end)]
    covered = set(np.concatenate([np.empty(0, np.int64), *groups]).tolist())
    groups += [np.array([i]) for i in range(len(slots)) if i not in covered]
    for clique in groups:
        inside = at[np.isin(place, clique)]
        needs, label = np.unique(arcs.need[inside], return_inverse=True)
        if len(needs) > 1:
            present = _presence(seats, inside, label, len(needs))
            seats.draft.row(Source("person"), present, 1, most=1)


def _presence(seats: Seats, at: Ints, label: Ints, count: int) -> Ints:
    """Return variables that add up to at least one for each need that is there."""
    single = seats.is_indivisible | (seats.columns.need_quantity == 1)
    alone = single[seats.arcs.need[at]]
    # Such a need is in one of these slots at most: its own variables add up to 1.
    switch = seats.used(label[~alone], at[~alone], count, exact=False)
    return np.concatenate([seats.variable[at[alone]], switch[np.unique(label[~alone])]])


def cliques(start: Ints, end: Ints, at: Ints | None = None) -> Iterator[Ints]:
    """Yield maximal sets of two or more spans that overlap each other.

    Two spans overlap if each starts before the other ends. Every pair that overlaps
    is in one of the sets.
    """
    chosen = np.arange(len(start)) if at is None else at
    start, end = start[chosen], end[chosen]
    lasting = end > start
    found: list[frozenset[int]] = []
    for time in np.unique(start[lasting]).tolist():
        inside = lasting & (start <= time) & (time < end)
        found.append(frozenset(np.flatnonzero(inside).tolist()))
    for moment in np.flatnonzero(~lasting).tolist():
        around = lasting & (start < start[moment]) & (start[moment] < end)
        found.append(frozenset([moment, *np.flatnonzero(around).tolist()]))
    for one in dict.fromkeys(found):
        if len(one) > 1 and not any(one < other for other in found):
            yield chosen[np.array(sorted(one))]

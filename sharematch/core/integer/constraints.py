"""What records demand as rows: room, whole needs, courses, persons, rooms and teams."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import NONE
from sharematch.core.integer.variables import Seats
from sharematch.core.network.program import Source

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
    _series(seats, chosen)


def _series(seats: Seats, chosen: Mapping[int, Sequence[int]]) -> None:
    """Let each need with sessions have one series, or be held at one facility."""
    arcs = seats.arcs
    entry = np.flatnonzero(
        (seats.columns.need_sessions[arcs.need[seats.entry_arc]] > 1)
        & (seats.variable[seats.entry_arc] == seats.nothing)
        & (seats.leader[arcs.need[seats.entry_arc]] == arcs.need[seats.entry_arc])
    )
    pair = np.unique(
        arcs.need[seats.entry_arc[entry]] * seats.draft.num_variables
        + seats.entry_variable[entry]
    )
    need, variable = np.divmod(pair, max(seats.draft.num_variables, 1))
    held = np.repeat(list(chosen), [len(places) for places in chosen.values()])
    places = [place for places in chosen.values() for place in places]
    need = np.concatenate([need, held.astype(np.int64)])
    variable = np.concatenate([variable, np.array(places, np.int64)])
    needs, row = np.unique(need, return_inverse=True)
    seats.draft.rows(Source("sessions"), row, variable, 1, most=1, count=len(needs))


def _course(seats: Seats, need: int, at: Ints) -> int:
    """Add the sessions of one need at one facility; return whether they are held."""
    columns, draft = seats.columns, seats.draft
    slot, variable = seats.arcs.slot[at], seats.variable[at]
    held = draft.switch()
    draft.definitions.switch(held, np.unique(variable))
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
    begin = columns.starts(step, slot)
    starts = set(begin[timed].tolist())
    series = [
        range(first, first + count * step, step)
        for first in sorted(starts)
        if starts.issuperset(range(first, first + count * step, step))
    ]
    picks = [draft.switch() for _ in series]
    for pick, times in zip(picks, series, strict=True):
        there = variable[timed & np.isin(begin, [*times])]
        draft.definitions.switch(pick, np.unique(there), threshold=count)
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
    used = np.ones(len(arcs), bool)
    capacity, reserve = columns.slot_capacity, columns.slot_reserve
    _fill(seats, Source("capacity"), arcs.slot, used, capacity)
    guests = used & (arcs.tier > 0) & (reserve[arcs.slot] > 0)
    _fill(seats, Source("reserve"), arcs.slot, guests, capacity - reserve)
    facility = columns.slot_facility[arcs.slot]
    limited = used & (columns.facility_max_units[facility] != NONE)
    _fill(seats, Source("max_units"), facility, limited, columns.facility_max_units)


def _fill(seats: Seats, source: Source, label: Ints, mask: Bools, room: Ints) -> None:
    place, variable, units = seats.expand(np.flatnonzero(mask))
    arc = np.flatnonzero(mask)[place]
    labels, row = np.unique(label[arc], return_inverse=True)
    size = seats.arcs.units[arc] * units
    seats.draft.rows(source, row, variable, size, most=room[labels], count=len(labels))


def slots_in_use(seats: Seats, slots: Ints, *, exact: bool) -> Ints:
    """Return for each of some sorted slots whether it is in use."""
    at = np.flatnonzero(np.isin(seats.arcs.slot, slots))
    row = np.searchsorted(slots, seats.arcs.slot[at])
    return seats.used(row, at, len(slots), exact=exact)


def _least_use(seats: Seats) -> None:
    """Let slots be used by at least `min_units` or by nobody."""
    columns, arcs = seats.columns, seats.arcs
    arc = np.flatnonzero(columns.slot_min_units[arcs.slot] > 1)
    place, variable, units = seats.expand(arc)
    arc = arc[place]
    slots, row = np.unique(arcs.slot[arc], return_inverse=True)
    opened = slots_in_use(seats, slots, exact=False)
    seats.draft.rows(
        Source("min_units"),
        np.concatenate([row, np.arange(len(slots))]),
        np.concatenate([variable, opened]),
        np.concatenate([arcs.units[arc] * units, -columns.slot_min_units[slots]]),
        least=0,
        count=len(slots),
    )


def _either(seats: Seats) -> None:
    """Let at most one slot of each label be used."""
    columns = seats.columns
    slots = np.unique(seats.arcs.slot[seats.entry_arc])
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
    """Keep two needs of one person from slots that overlap, moment by moment."""
    columns, arcs = seats.columns, seats.arcs
    arc = np.unique(seats.entry_arc)
    timed = columns.slot_is_timed[arcs.slot[arc]]
    arc = arc[timed & (columns.need_person[arcs.need[arc]] != NONE)]
    person, slot = columns.need_person[arcs.need[arc]], arcs.slot[arc]
    clique, member = _moments(
        person, columns.slot_start[slot], columns.slot_end[slot], slot
    )
    arc = arc[member]
    num_needs = max(len(columns.need_ids), 1)
    there = np.unique(clique * num_needs + arcs.need[arc])
    several = np.bincount(there // num_needs) > 1
    clique, arc = clique[several[clique]], arc[several[clique]]
    names, clique = np.unique(clique, return_inverse=True)
    # A need that is in one slot at most is there as often as its own variables say.
    need = arcs.need[arc]
    single = seats.is_indivisible[need] | (columns.need_quantity[need] == 1)
    place, variable, _ = seats.expand(arc[single])
    pair = np.stack([clique[single][place], need[single][place], variable])
    row, _, variable = np.unique(pair, axis=1)
    labels, own = np.unique(
        clique[~single] * num_needs + need[~single], return_inverse=True
    )
    switch = seats.used(own, arc[~single], len(labels), exact=False)
    seats.draft.rows(
        Source("person"),
        np.concatenate([row, labels // num_needs]),
        np.concatenate([variable, switch]),
        1,
        most=1,
        count=len(names),
    )


def _moments(person: Ints, start: Ints, end: Ints, slot: Ints) -> tuple[Ints, Ints]:
    """Return which of some spans meet: a clique's number and a member, pair by pair.

    Any two spans of one person that overlap, or are of one slot, are in some clique;
    the members of each all overlap. A span that lasts no time meets those around it.
    """
    lasting = np.flatnonzero(end > start)
    times = np.unique(start[lasting])
    width = len(times) + 1
    key = person * width + np.searchsorted(times, start)
    moments = np.unique(key[lasting])
    first = np.searchsorted(moments, key[lasting])
    last = np.searchsorted(
        moments, person[lasting] * width + np.searchsorted(times, end[lasting])
    )
    count = last - first
    member = np.repeat(lasting, count)
    clique = np.repeat(first - np.cumsum(count) + count, count)
    clique = clique + np.arange(count.sum())
    # A moment at whose successor all are still there says nothing of its own.
    soonest = np.full(len(moments), np.iinfo(np.int64).max)
    np.minimum.at(soonest, clique, end[member])
    follows = np.append(moments[1:] // width == moments[:-1] // width, False)
    later = np.append(times, 0)[np.append(moments[1:], 0) % width]
    kept = ~(follows[: len(moments)] & (soonest > later[: len(moments)]))
    cliques_, members = [clique[kept[clique]]], [member[kept[clique]]]
    brief = np.flatnonzero(end <= start)
    for number, one in enumerate(
        np.unique(np.stack([person, slot])[:, brief], axis=1).T
    ):
        same = (person == one[0]) & (slot == one[1])
        time = start[same][0]
        meets = same | ((person == one[0]) & (start < time) & (time < end))
        members.append(np.flatnonzero(meets))
        cliques_.append(np.full(int(meets.sum()), len(moments) + number))
    return np.concatenate(cliques_), np.concatenate(members)


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

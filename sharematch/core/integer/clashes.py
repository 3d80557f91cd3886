"""What cannot be at one time as rows: a need's own bookings, and a person's.

For spans of time that must keep apart, at each moment

    Σ over parties present of 1 ≤ 1,

where a span that needs a rest after it lasts so much longer: two spans overlap then if
the rest is missing, whichever comes first. A party is one need of a person, or one
booking or series of a need.

Example: bookings 9-10, 10-11, 11-12 and 9-12 of one need: three moments, at each of
which one short booking and the long one are present; with 30 minutes of rest two
moments, with two short ones and the long one each.
"""

from collections.abc import Iterator
from itertools import combinations, combinations_with_replacement
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.codes import NONE
from sharematch.core.columns.lookup import pairs
from sharematch.core.eligibility.ways import Ways
from sharematch.core.integer.presence import is_one_at_most, moments, present
from sharematch.core.integer.variables import Seats
from sharematch.core.network.program import Source

__all__ = ["add_bookings", "add_persons"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class _Spans(NamedTuple):
    """Arcs in groups that keep apart, how much longer each lasts, and its party."""

    arc: Ints
    group: Ints
    extra: Ints
    party: Ints


def add_bookings(seats: Seats) -> None:
    """Keep a need's own bookings apart, and to so many a day."""
    columns, arcs = seats.columns, seats.arcs
    arc = seats.live
    need = arcs.need[arc]
    may_clash = (columns.need_times > 1) | _may_overlap(seats)
    leads = seats.leader[need] == need
    leading = arc[may_clash[need] & leads]
    if len(leading):
        _per_day(seats, leading[columns.need_times[arcs.need[leading]] > 1])
        _own_bookings(seats, leading)
    # Who sits with others has the same bookings, but rests and ways of its own.
    rests = (columns.need_times > 1) & (columns.need_rest > 0)
    resting = arc[rests[need]]
    if len(resting):
        _rests(seats, resting)


def _may_overlap(seats: Seats) -> Bools:
    """Return the needs whose one series has several bookings to choose from at a time.

    Those without a rhythm choose theirs; of those with one, few have two at one date,
    or slots that last into the next.
    """
    windows, columns, cells = seats.windows, seats.columns, seats.columns.cells
    several = np.zeros(len(columns.need_ids), bool)
    several[windows.need[~windows.in_step]] = True
    cell, steps = seats.arcs.cell[windows.arc], seats.arcs.steps[windows.arc]
    start, end = cells.start[cell], cells.last(cell, steps)
    # Dates stand in order of time: who meets a later one meets the next.
    meets = (np.diff(windows.position) == 0) | (start[1:] < end[:-1])
    meets &= np.diff(windows.window) == 0
    several[windows.need[windows.window[1:][meets]]] = True
    return several


def _per_day(seats: Seats, arc: Ints) -> None:
    """Let so many bookings of a need begin on one day."""
    columns, arcs = seats.columns, seats.arcs
    date = columns.cells.date[arcs.cell[arc]]
    place, variable, _ = seats.expand(arc)
    days = pairs(arcs.need[arc][place], date[place])
    most = columns.need_per_day[days.first]
    seats.draft.rows(
        Source("per_day"), days.place, variable, 1, most=most, count=len(most)
    )


def _own_bookings(seats: Seats, arc: Ints) -> None:
    """Keep bookings of a need apart."""
    arc = arc[seats.columns.slot_is_timed[seats.arcs.slot[arc]]]
    need = seats.arcs.need[arc]
    _apart(seats, "times", arc, need, np.zeros_like(arc))


def _rests(seats: Seats, arc: Ints) -> None:
    """Keep bookings of a need, or its series, apart with its rest between."""
    columns, arcs = seats.columns, seats.arcs
    arc = arc[columns.slot_is_timed[arcs.slot[arc]]]
    need = arcs.need[arc]
    rest_minutes = columns.need_rest[need]
    several = columns.need_sessions[need] > 1
    is_free = columns.need_every[need] == NONE
    longest = np.zeros(len(columns.need_ids), np.int64)
    cells = columns.cells
    length = cells.last(arcs.cell[arc], arcs.steps[arc]) - cells.start[arcs.cell[arc]]
    np.maximum.at(longest, need, length)
    gap = columns.need_every[need] - longest[need]
    # Inside a series no rest is asked for: where it would matter, series keep apart.
    is_loose = several & (is_free | (gap < rest_minutes))
    for mask, by_series in ((~is_loose, False), (is_loose, True)):
        chosen = arc[mask]
        for spans in _with_ways(seats, chosen, arcs.need[chosen], rest_minutes[mask]):
            if spans.party is not spans.group:
                _parties_apart(seats, "rest", spans)
            elif by_series:
                _series_apart(seats, spans)
            else:
                _apart(seats, "rest", spans.arc, spans.group, spans.extra)


def _with_ways(
    seats: Seats, arc: Ints, group: Ints, rest_minutes: Ints
) -> Iterator[_Spans]:
    """Yield spans with rest after them, by pairs of places where ways count.

    Those of one place are a party of their own; at one place all of a group are.
    """
    if not len(arc):
        return
    ways = Ways(seats.columns)
    if not ways.matter:
        yield _Spans(arc, group, rest_minutes, group)
        return
    place = ways.places(seats.arcs.keep(arc))
    for group_id in np.unique(group).tolist():
        mine = np.flatnonzero(group == group_id)
        places = np.unique(place[mine]).tolist()
        for origin, destination in combinations_with_replacement(places, 2):
            entries = mine[(place[mine] == origin) | (place[mine] == destination)]
            ends = np.array([origin, destination])
            way = ways.minutes(ends, ends[::-1])
            extra = rest_minutes[entries] + np.where(
                place[entries] == origin, way[0], way[1]
            )
            one_group = np.zeros(len(entries), np.int64)
            yield _Spans(
                arc[entries],
                one_group,
                extra,
                one_group if origin == destination else place[entries],
            )


def _apart(seats: Seats, kind: Any, arc: Ints, group: Ints, extra: Ints) -> None:
    """Let no two bookings of a group be at one time, each a party of its own."""
    cells, arcs = seats.columns.cells, seats.arcs
    place, variable, _ = seats.expand(arc)
    start = cells.start[arcs.cell[arc]][place]
    end = (cells.last(arcs.cell[arc], arcs.steps[arc]) + extra)[place]
    clique, member = moments(group[place], start, end, arcs.cell[arc][place])
    members = pairs(clique, variable[member])
    _at_most_one(seats, kind, members.first, members.second)


def _series_apart(seats: Seats, spans: _Spans) -> None:
    """Let no two series of a need, or windows of such, be at one time."""
    place, variable, _ = seats.expand(spans.arc)
    by_variable = spans._replace(
        arc=spans.arc[place],
        group=spans.group[place],
        extra=spans.extra[place],
        party=_series_of(seats, variable),
    )
    clique, member = _cliques(seats, by_variable)
    width = int(by_variable.party.max(initial=0)) + 1
    pairs, label = np.unique(
        clique * width + by_variable.party[member], return_inverse=True
    )
    several = np.bincount(pairs // width)[pairs // width] > 1
    is_shared = several[label]
    pairs, label = np.unique(pairs[label[is_shared]], return_inverse=True)
    none = np.zeros(len(pairs), bool)
    entries = present(seats, label, variable[member[is_shared]], none)
    _at_most_one(seats, "rest", pairs[entries.label] // width, entries.variable)


def _series_of(seats: Seats, variable: Ints) -> Ints:
    """Return a number for the window of each date, or for another variable itself."""
    number = variable + len(seats.windows.need)
    order = np.argsort(seats.date_variable)
    dates = seats.date_variable[order]
    position = np.minimum(np.searchsorted(dates, variable), max(len(dates) - 1, 0))
    if len(dates):
        is_date = dates[position] == variable
        number[is_date] = seats.windows.window[order[position[is_date]]]
    return number


def _parties_apart(seats: Seats, kind: Any, spans: _Spans) -> None:
    """Let no two parties of a group be at one time, as in `_with_ways`."""
    columns = seats.columns
    clique, member = _cliques(seats, spans)
    seats.draft.check()
    width = int(spans.party.max(initial=0)) + 1
    pairs = np.unique(clique * width + spans.party[member])
    several = np.bincount(pairs // width)[clique] > 1
    clique, member = clique[several], member[several]
    arc = spans.arc[member]
    needs = max(len(columns.need_ids), 1)
    key = (clique * width + spans.party[member]) * needs + seats.arcs.need[arc]
    pairs, label = np.unique(key, return_inverse=True)
    single = is_one_at_most(seats, label, arc, len(pairs))
    place, variable, _ = seats.expand(arc)
    entries = present(seats, label[place], variable, single)
    _at_most_one(seats, kind, pairs[entries.label] // needs // width, entries.variable)


def _cliques(seats: Seats, spans: _Spans) -> tuple[Ints, Ints]:
    cells, arcs = seats.columns.cells, seats.arcs
    start = cells.start[arcs.cell[spans.arc]]
    end = cells.last(arcs.cell[spans.arc], arcs.steps[spans.arc]) + spans.extra
    return moments(spans.group, start, end, arcs.cell[spans.arc])


def _at_most_one(seats: Seats, kind: Any, clique: Ints, variable: Ints) -> None:
    """Add Σ variables ≤ 1 for each clique of two or more."""
    size = np.bincount(clique, minlength=1)
    several = size[clique] > 1
    names, row = np.unique(clique[several], return_inverse=True)
    seats.draft.rows(Source(kind), row, variable[several], 1, most=1, count=len(names))


# ---- persons


def add_persons(seats: Seats) -> None:
    """Keep two needs of one person from what overlaps, with rest and way between."""
    columns, arcs = seats.columns, seats.arcs
    arc = seats.live
    timed = columns.slot_is_timed[arcs.slot[arc]]
    arc = arc[timed & (columns.need_person[arcs.need[arc]] != NONE)]
    person, need = columns.need_person[arcs.need[arc]], arcs.need[arc]
    rests = columns.need_rest[need]
    if not rests.any():
        spans = _Spans(arc, person, np.zeros_like(arc), need)
        _parties_apart(seats, "person", spans)
        return
    for person_id in np.unique(person).tolist():
        mine = np.flatnonzero(person == person_id)
        for spans in _of_person(seats, arc[mine], rests[mine]):
            _parties_apart(seats, "person", spans)


def _of_person(seats: Seats, arc: Ints, rests: Ints) -> Iterator[_Spans]:
    """Yield what one person's needs must keep apart, two needs at a time if unlike."""
    need = seats.arcs.need[arc]
    ways = Ways(seats.columns)
    if len(np.unique(need)) < 2:
        return
    if (rests == rests[0]).all() and not (ways.matter and rests[0]):
        yield _Spans(arc, np.zeros_like(arc), rests, need)
        return
    place = ways.places(seats.arcs.keep(arc)) if ways.matter else np.zeros_like(arc)
    for first, second in combinations(np.unique(need).tolist(), 2):
        mine, theirs = np.flatnonzero(need == first), np.flatnonzero(need == second)
        longest = max(int(rests[mine[0]]), int(rests[theirs[0]]))
        for origin in np.unique(place[mine]).tolist():
            for destination in np.unique(place[theirs]).tolist():
                ends = np.array([origin, destination])
                way = ways.minutes(ends, ends[::-1]) if longest else np.zeros(2, int)
                sides = (
                    mine[place[mine] == origin],
                    theirs[place[theirs] == destination],
                )
                entries = np.concatenate(sides)
                extra = longest + np.repeat(way, [len(side) for side in sides])
                yield _Spans(arc[entries], np.zeros_like(entries), extra, need[entries])

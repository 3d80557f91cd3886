"""The week plan: one week of each hall, days side by side, hours downwards.

Where things stand is told in shares of the hours and of the day's width; the template
and the style make boxes of them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from sharematch.plans.bookings import Booking, day_text, hours_text, parts_text
from sharematch.report.facts import Facts, Opening
from sharematch.report.words import Words, same
from sharematch.text import Text

__all__ = ["WeekPlan", "week_plan"]

MOST_HALLS = 40
"""Halls drawn; the bookings of others stand in the table."""

HOUR = 60


@dataclass(frozen=True, slots=True)
class Box:
    """Where something stands, in percent of the height and width of its day."""

    top: float
    height: float
    left: float = 0.0
    width: float = 100.0


@dataclass(frozen=True, slots=True)
class Block:
    """A booking: its boxes, more than one where its parts do not lie together."""

    boxes: list[Box]
    name: str
    hours: Words
    size: Words | None
    label: Words


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a hall: when it is open, and its bookings."""

    name: Words
    openings: list[Box]
    blocks: list[Block]


@dataclass(frozen=True, slots=True)
class Hall:
    """A week of one hall."""

    name: str
    days: list[Day]
    lanes: int
    """How many bookings stand side by side."""
    num_hours: int
    hours: list[tuple[float, str]]


@dataclass(frozen=True, slots=True)
class WeekPlan:
    """The halls with bookings in one week, and what is not drawn."""

    monday: Words
    halls: list[Hall]
    num_free: int
    """Open halls without a booking."""
    num_more_halls: int
    num_elsewhere: int
    """Bookings in other weeks."""


def week_plan(facts: Facts) -> WeekPlan | None:
    """Return the plan of the first week with the most open days; None if none is."""
    if not facts.bookings:
        return None
    monday = _fullest(facts)
    booked: dict[str, list[Booking]] = defaultdict(list)
    for booking in facts.bookings:
        if _monday(booking.start) == monday:
            booked[booking.facility].append(booking)
    opened: dict[str, list[Opening]] = defaultdict(list)
    for opening in facts.openings:
        if _monday(opening.start) == monday:
            opened[opening.facility].append(opening)
    ids = sorted(booked, key=lambda id_: (facts.label("facility", id_), id_))
    shown = Text("date.day", day=monday, month=Text(f"date.month_{monday.month}"))
    return WeekPlan(
        same(shown),
        [_hall(facts, id_, booked[id_], opened[id_]) for id_ in ids[:MOST_HALLS]],
        len(opened.keys() - booked.keys()),
        len(ids[MOST_HALLS:]),
        len(facts.bookings) - sum(map(len, booked.values())),
    )


def _fullest(facts: Facts) -> date:
    """Return the Monday of the first week with bookings that has most open days."""
    days = {opening.start.date() for opening in facts.openings}
    days |= {booking.start.date() for booking in facts.bookings}
    count = Counter(map(_monday, days))
    weeks = {_monday(booking.start) for booking in facts.bookings}
    return min(weeks, key=lambda monday: (-count[monday], monday))


def _monday(day: date) -> date:
    plain = date(day.year, day.month, day.day)
    return plain - timedelta(plain.weekday())


def _hall(
    facts: Facts, id_: str, booked: Sequence[Booking], opened: Sequence[Opening]
) -> Hall:
    """Return the week of a hall: the hours and days on which it is open or used."""
    every: list[Booking | Opening] = [*booked, *opened]
    minutes = [time for one in every for time in _minutes(one)]
    first, last = min(minutes) // HOUR, -(-max(minutes) // HOUR)
    num_hours = max(last - first, 1)

    def box(one: Booking | Opening, left: float = 0.0, width: float = 100.0) -> Box:
        start, end = _minutes(one)
        scale = 100 / (num_hours * HOUR)
        top, height = (start - first * HOUR) * scale, (end - start) * scale
        return Box(*(round(number, 3) for number in (top, height, left, width)))

    lanes_by_booking, num_lanes = _lanes(facts, id_, booked)
    share = 100 / num_lanes
    days = []
    for day in sorted({one.start.date() for one in every}):
        blocks = [
            _block(
                facts,
                booking,
                [box(booking, a * share, n * share) for a, n in _runs(lanes)],
                is_counted=any(one.capacity > 1 for one in opened),
            )
            for booking, lanes in zip(booked, lanes_by_booking, strict=True)
            if booking.start.date() == day
        ]
        own_openings = [box(one) for one in opened if one.start.date() == day]
        days.append(Day(same(day_text(day)), own_openings, blocks))
    hours = [
        (round(100 * (hour - first) / num_hours, 3), f"{hour % 24:02}:00")
        for hour in range(first, first + num_hours)
    ]
    return Hall(facts.label("facility", id_), days, num_lanes, num_hours, hours)


def _minutes(one: Booking | Opening) -> tuple[int, int]:
    """Return start and end by the clock, from the midnight on which it begins."""
    start = one.start.hour * HOUR + one.start.minute
    length = one.end.replace(tzinfo=None) - one.start.replace(tzinfo=None)
    return start, start + int(length / timedelta(minutes=1))


def _block(
    facts: Facts, booking: Booking, boxes: list[Box], *, is_counted: bool
) -> Block:
    size = None
    if booking.parts:
        size = same(parts_text(booking.parts))
    elif is_counted:
        size = same(f"× {booking.quantity}")
    name = facts.label("need", booking.need)
    place = booking.text(facts.label("facility", booking.facility))
    hours = same(hours_text(booking.start, booking.end))
    label = same(Text("report.booking", name=name, place=place, n=booking.quantity))
    return Block(boxes, name, hours, size, label)


def _lanes(
    facts: Facts, id_: str, booked: Sequence[Booking]
) -> tuple[list[list[int]], int]:
    """Return the lanes of each booking, by its parts if all have some, and of all."""
    parts = facts.columns.facility_parts[facts.columns.position["facility"][id_]]
    if parts and all(booking.parts for booking in booked):
        lane_of = {part: lane for lane, part in enumerate(parts)}
        by_parts = [
            sorted(lane_of[part] for part in booking.parts) for booking in booked
        ]
        are_apart = all(
            not {*lanes} & {*others}
            for i, lanes in enumerate(by_parts)
            for others in _beside(booked, by_parts, i)
        )
        if are_apart:
            return by_parts, len(parts)
    first_free: list[list[int]] = []
    for i in range(len(booked)):
        taken = {lane for lanes in _beside(booked, first_free, i) for lane in lanes}
        first_free.append([next(n for n in range(len(booked)) if n not in taken)])
    return first_free, max(lane for (lane,) in first_free) + 1


def _beside(
    booked: Sequence[Booking], lanes_by_booking: Sequence[list[int]], which: int
) -> Iterable[list[int]]:
    """Yield the lanes of earlier bookings that overlap with one."""
    booking = booked[which]
    for earlier, lanes in zip(booked[:which], lanes_by_booking, strict=False):
        if earlier.start < booking.end and booking.start < earlier.end:
            yield lanes


def _runs(lanes: Sequence[int]) -> list[tuple[int, int]]:
    """Return lanes that lie together, as the first of each run and how many."""
    numbered = groupby(enumerate(lanes), key=lambda pair: pair[1] - pair[0])
    runs = [[lane for _, lane in run] for _, run in numbered]
    return [(run[0], len(run)) for run in runs]

"""Courses of eight weeks: the same hour each week, one room; teachers have several.

Some hours fall out: a room that is closed on one of its eight dates cannot be had.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

import sharematch as sm
from benchmarks.race.entries import Answer, Case
from benchmarks.race.textbook import CpSat, Terms, Units, total

WEEKS, MEETINGS, DAYS, COMMUNITIES = 10, 8, 5, 8
HOURS = (9, 11, 14, 16, 18)
FIRST = date(2027, 9, 6)
SIZES = {"8x1": (8, 1), "80x3": (80, 3), "150x4": (150, 4), "300x12": (300, 12)}

Time = tuple[int, int, int]
"""Room, day of the week, hour."""


@dataclass(frozen=True)
class Course:
    community: int
    teacher: int
    days: tuple[int, ...]
    hours: tuple[int, ...]


@dataclass(frozen=True)
class Problem:
    rooms: int
    courses: tuple[Course, ...]
    closed: frozenset[tuple[Time, int]]
    """Times and weeks that fall out."""


def problem(seed: int, size: str) -> Problem:
    rng, (courses, rooms) = Random(f"courses {seed}"), SIZES[size]
    times = [(r, d, h) for r in range(rooms) for d in range(DAYS) for h in HOURS]
    asked = []
    for _ in range(courses):
        first = rng.randrange(len(HOURS) - 1)
        days = tuple(sorted(rng.sample(range(DAYS), rng.choice([1, 2, 3]))))
        hours = HOURS[first : first + rng.choice([1, 2, 3])]
        asked.append(
            Course(rng.randrange(COMMUNITIES), rng.randrange(courses // 2), days, hours)
        )
    falls_out = [
        (each, week) for each in times for week in range(WEEKS) if rng.random() < 0.03
    ]
    return Problem(rooms, tuple(asked), frozenset(falls_out))


def _start(day: int, hour: int, week: int) -> datetime:
    return datetime.combine(FIRST + timedelta(days=day, weeks=week), time(hour))


def _slot(at: Time, week: int) -> str:
    room, day, hour = at
    return f"r{room}-{day}-{hour:02}-{week}"


def ours(problem: Problem) -> tuple[sm.Instance, sm.Policy]:
    length = timedelta(minutes=90)
    instance = sm.Instance(
        communities=[sm.Community(id=f"c{c}") for c in range(COMMUNITIES)],
        facilities=[
            sm.Facility(id=f"r{r}", community=f"c{r % COMMUNITIES}")
            for r in range(problem.rooms)
        ],
        slots=[
            sm.Slot(
                id=_slot((r, day, hour), week),
                facility=f"r{r}",
                kinds=["course"],
                capacity=1,
                start=_start(day, hour, week),
                end=_start(day, hour, week) + length,
            )
            for r in range(problem.rooms)
            for day in range(DAYS)
            for hour in HOURS
            for week in range(WEEKS)
            if ((r, day, hour), week) not in problem.closed
        ],
        needs=[
            sm.Need(
                id=f"n{i}",
                community=f"c{course.community}",
                kind="course",
                sessions=MEETINGS,
                every=7 * 24 * 60,
                person=f"t{course.teacher}",
                since=FIRST,
                windows=[
                    (_start(day, hour, week), _start(day, hour, week) + length)
                    for week in range(WEEKS)
                    for day in course.days
                    for hour in course.hours
                ],
            )
            for i, course in enumerate(problem.courses)
        ],
    )
    fair = sm.Leximin("fill_rate", by="community")
    return instance, sm.Policy(goals=(fair, sm.Maximize("served"), sm.Minimize("wait")))


def direct(problem: Problem, seconds: float) -> Answer:
    """One Boolean for each course, room, time of the week and first week."""
    book, rows, cliques = CpSat(seconds, goals=3), [], Terms(list)
    wait, of_community, asked = [], Terms(list), Units(int)
    for i, course in enumerate(problem.courses):
        starts = []
        asked[course.community] += MEETINGS
        for at, weeks in _possible(problem, course):
            x = book.boolean()
            starts.append(x)
            _, day, hour = at
            wait.append((x, sum(day + 7 * week for week in weeks)))
            for week in weeks:
                cliques[at, week].append(x)
                cliques[course.teacher, day, hour, week].append(x)
                rows.append((_slot(at, week), f"n{i}", 1, x))
        book.one_of(starts)
        of_community[course.community] += [(x, MEETINGS) for x in starts]
    for together in cliques.values():
        book.one_of(together)
    book.leximin_then_most(of_community, asked)
    book.minimize(total(wait))
    return book.answer(rows)


def _possible(problem: Problem, course: Course) -> list[tuple[Time, range]]:
    times = [
        (r, day, h)
        for r in range(problem.rooms)
        for day in course.days
        for h in course.hours
    ]
    runs = [range(first, first + MEETINGS) for first in range(WEEKS - MEETINGS + 1)]
    return [
        (at, weeks)
        for at in times
        for weeks in runs
        if not any((at, week) in problem.closed for week in weeks)
    ]


CASE = Case("courses", tuple(SIZES), problem, ours, direct, large=("300x12",))

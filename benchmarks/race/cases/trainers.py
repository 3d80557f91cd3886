"""Lessons by volunteers, each at one place at a time, near to home; hours overlap."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

import sharematch as sm
from benchmarks.race.entries import Answer, Case
from benchmarks.race.places import Place, metres, near, place
from benchmarks.race.textbook import CpSat, Terms, Units, total

DAYS, COMMUNITIES, REACH = 4, 10, 4_000
LENGTH = timedelta(minutes=90)
SIZES = {"16x2": (16, 2), "200x6": (200, 6), "200x10": (200, 10), "800x30": (800, 30)}


@dataclass(frozen=True)
class Lesson:
    community: int
    volunteer: int
    home: Place
    days: tuple[int, ...]
    hour: int
    """From which on it suits."""


@dataclass(frozen=True)
class Hour:
    room: int
    name: str
    day: int
    start: datetime
    seats: int


@dataclass(frozen=True)
class Problem:
    rooms: tuple[Place, ...]
    hours: tuple[Hour, ...]
    lessons: tuple[Lesson, ...]


def problem(seed: int, size: str) -> Problem:
    rng, (lessons, rooms) = Random(f"trainers {seed}"), SIZES[size]
    centers = [place(rng, 8) for _ in range(COMMUNITIES)]
    hours = []
    for room in range(rooms):
        for day in range(DAYS):
            first = datetime(2027, 4, 5, 13) + timedelta(
                days=day, minutes=30 * rng.randrange(4)
            )
            hours += [
                Hour(
                    room,
                    f"r{room}-{day}-{k}",
                    day,
                    first + k * LENGTH,
                    rng.choice([1, 1, 2]),
                )
                for k in range(5)
            ]
    asked = []
    for _ in range(lessons):
        community = rng.randrange(COMMUNITIES)
        home = near(rng, centers[community], 0.5)
        days = tuple(sorted(rng.sample(range(DAYS), 2)))
        asked.append(
            Lesson(
                community,
                rng.randrange(lessons // 4),
                home,
                days,
                rng.choice([13, 15, 17]),
            )
        )
    return Problem(
        tuple(place(rng, 8) for _ in range(rooms)), tuple(hours), tuple(asked)
    )


def _window(day: int, hour: int) -> tuple[datetime, datetime]:
    start = datetime(2027, 4, 5) + timedelta(days=day)
    return start + timedelta(hours=hour), start + timedelta(hours=23)


def ours(problem: Problem) -> tuple[sm.Instance, sm.Policy]:
    instance = sm.Instance(
        travel={"metric": "plane"},
        communities=[sm.Community(id=f"c{c}") for c in range(COMMUNITIES)],
        facilities=[
            sm.Facility(id=f"r{r}", community=f"c{r % COMMUNITIES}", location=at)
            for r, at in enumerate(problem.rooms)
        ],
        slots=[
            sm.Slot(
                id=hour.name,
                facility=f"r{hour.room}",
                kinds=["lesson"],
                capacity=hour.seats,
                start=hour.start,
                end=hour.start + LENGTH,
            )
            for hour in problem.hours
        ],
        needs=[
            sm.Need(
                id=f"n{i}",
                community=f"c{lesson.community}",
                kind="lesson",
                person=f"v{lesson.volunteer}",
                location=lesson.home,
                max_travel=REACH // 1000,
                windows=[_window(day, lesson.hour) for day in lesson.days],
            )
            for i, lesson in enumerate(problem.lessons)
        ],
    )
    return instance, sm.Policy.fair()


def direct(problem: Problem, seconds: float) -> Answer:
    book, rows = CpSat(seconds, goals=3), []
    of_hour, of_volunteer = Terms(list), Terms(list)
    travel, of_community, asked = [], Terms(list), Units(int)
    for i, lesson in enumerate(problem.lessons):
        asked[lesson.community] += 1
        goes = []
        for hour in problem.hours:
            way = metres(lesson.home, problem.rooms[hour.room])
            is_early = hour.start < _window(hour.day, lesson.hour)[0]
            if way > REACH or hour.day not in lesson.days or is_early:
                continue
            x = book.boolean()
            goes.append(x)
            of_hour[hour].append((x, 1))
            of_volunteer[lesson.volunteer, hour.day].append((hour.start, x))
            travel.append((x, way))
            rows.append((hour.name, f"n{i}", 1, x))
        book.one_of(goes)
        of_community[lesson.community] += [(x, 1) for x in goes]
    for hour, terms in of_hour.items():
        book.within(terms, hour.seats)
    for lessons in of_volunteer.values():
        for moment in {start for start, _ in lessons}:
            book.one_of(x for start, x in lessons if start <= moment < start + LENGTH)
    book.leximin_then_most(of_community, asked)
    book.minimize(total(travel))
    return book.answer(rows)


CASE = Case("trainers", tuple(SIZES), problem, ours, direct, large=("800x30",))

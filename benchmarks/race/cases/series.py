"""Three or four meetings in one house, on any days; leaders have other classes too."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

import sharematch as sm
from benchmarks.race.entries import Answer, Case
from benchmarks.race.textbook import CpSat, Terms, Units, total

COMMUNITIES, DAYS, HOURS = 8, 5, (9, 14, 18)
LENGTH = timedelta(hours=2)
SIZES = {"8x1": (8, 1), "60x6": (60, 6), "60x4": (60, 4), "250x16": (250, 16)}


@dataclass(frozen=True)
class Class:
    community: int
    leader: int
    meetings: int
    heads: int
    days: tuple[int, ...]
    houses: tuple[int, ...]


@dataclass(frozen=True)
class Problem:
    seats: tuple[int, ...]
    """Of each house."""
    classes: tuple[Class, ...]


def problem(seed: int, size: str) -> Problem:
    rng, (classes, houses) = Random(f"series {seed}"), SIZES[size]
    asked = tuple(
        Class(
            rng.randrange(COMMUNITIES),
            rng.randrange(classes // 2),
            rng.choice([3, 4]),
            rng.randint(4, 12),
            tuple(sorted(rng.sample(range(DAYS), rng.choice([2, 3, 4])))),
            tuple(rng.sample(range(houses), min(houses, 3))),
        )
        for _ in range(classes)
    )
    return Problem(tuple(rng.randint(12, 24) for _ in range(houses)), asked)


def _start(day: int, hour: int) -> datetime:
    return datetime(2027, 2, 1, hour) + timedelta(days=day)


def ours(problem: Problem) -> tuple[sm.Instance, sm.Policy]:
    instance = sm.Instance(
        communities=[sm.Community(id=f"c{c}") for c in range(COMMUNITIES)],
        facilities=[
            sm.Facility(id=f"h{h}", community=f"c{h % COMMUNITIES}")
            for h in range(len(problem.seats))
        ],
        slots=[
            sm.Slot(
                id=f"h{h}-{day}-{hour}",
                facility=f"h{h}",
                kinds=["class"],
                capacity=seats,
                start=_start(day, hour),
                end=_start(day, hour) + LENGTH,
            )
            for h, seats in enumerate(problem.seats)
            for day in range(DAYS)
            for hour in HOURS
        ],
        needs=[
            sm.Need(
                id=f"n{i}",
                community=f"c{each.community}",
                kind="class",
                quantity=each.heads,
                sessions=each.meetings,
                person=f"p{each.leader}",
                choices=[f"h{h}" for h in each.houses],
                windows=[(_start(day, 0), _start(day, 23)) for day in each.days],
            )
            for i, each in enumerate(problem.classes)
        ],
    )
    fair = sm.Leximin("fill_rate", by="community")
    return instance, sm.Policy(goals=(fair, sm.Maximize("served"), sm.Minimize("rank")))


def direct(problem: Problem, seconds: float) -> Answer:
    """One Boolean for each class and house, and for each hour that it meets there."""
    book, rows = CpSat(seconds, goals=3), []
    of_hour, cliques, rank = Terms(list), Terms(list), []
    of_community, asked = Terms(list), Units(int)
    for i, each in enumerate(problem.classes):
        units, at = each.meetings * each.heads, {h: book.boolean() for h in each.houses}
        asked[each.community] += units
        book.one_of(at.values())
        for position, (house, is_here) in enumerate(at.items()):
            meets = []
            for day in each.days:
                for hour in HOURS:
                    x = book.model.new_bool_var("")
                    meets.append((x, 1))
                    of_hour[house, day, hour].append((x, each.heads))
                    cliques[each.leader, day, hour].append(x)
                    rows.append((f"h{house}-{day}-{hour}", f"n{i}", each.heads, x))
            book.model.add(total(meets) == each.meetings * is_here)
            of_community[each.community].append((is_here, units))
            rank.append((is_here, units * position))
    for (house, _, _), terms in of_hour.items():
        book.model.add(total(terms) <= problem.seats[house])
    for together in cliques.values():
        book.model.add_at_most_one(together)
    book.leximin_then_most(of_community, asked)
    book.minimize(total(rank))
    return book.answer(rows)


CASE = Case("series", tuple(SIZES), problem, ours, direct, large=("250x16",))

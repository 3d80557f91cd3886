"""Half hours in a row: each club asks for one evening of 60 to 120 minutes.

Two evenings suit it, six halls are wished for in order.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

import sharematch as sm
from benchmarks.race.entries import Answer, Case
from benchmarks.race.textbook import CpSat, Terms, Units, total

EVENINGS, STEPS, COMMUNITIES = 5, 10, 10
SIZES = {"2x12": (2, 12), "8x100": (8, 100), "5x100": (5, 100)}
SIZES |= {"16x200": (16, 200), "40x500": (40, 500)}


@dataclass(frozen=True)
class Club:
    community: int
    steps: int
    windows: tuple[tuple[int, int], ...]
    """Day and first step of each."""
    halls: tuple[int, ...]


@dataclass(frozen=True)
class Problem:
    halls: int
    clubs: tuple[Club, ...]


def problem(seed: int, size: str) -> Problem:
    rng, (halls, clubs) = Random(f"halls {seed}"), SIZES[size]
    return Problem(halls, tuple(_club(rng, halls) for _ in range(clubs)))


def _club(rng: Random, halls: int) -> Club:
    evenings = rng.sample(range(EVENINGS), 2)
    return Club(
        community=rng.randrange(COMMUNITIES),
        steps=rng.choice([2, 3, 3, 4]),
        windows=tuple((day, rng.choice([0, 2, 4])) for day in evenings),
        halls=tuple(rng.sample(range(halls), min(halls, 6))),
    )


def _at(day: int, step: int) -> datetime:
    return datetime(2027, 3, 1, 17) + timedelta(days=day, minutes=30 * step)


def ours(problem: Problem) -> tuple[sm.Instance, sm.Policy]:
    instance = sm.Instance(
        communities=[sm.Community(id=f"c{c}") for c in range(COMMUNITIES)],
        facilities=[
            sm.Facility(id=f"h{h}", community=f"c{h % COMMUNITIES}")
            for h in range(problem.halls)
        ],
        slots=[
            sm.Slot(
                id=f"h{h}-{day}-{step}",
                facility=f"h{h}",
                kinds=["hall"],
                capacity=1,
                start=_at(day, step),
                end=_at(day, step + 1),
            )
            for h in range(problem.halls)
            for day in range(EVENINGS)
            for step in range(STEPS)
        ],
        needs=[
            sm.Need(
                id=f"n{i}",
                community=f"c{club.community}",
                kind="hall",
                sessions=club.steps,
                every=30,
                choices=[f"h{h}" for h in club.halls],
                windows=[(_at(day, a), _at(day, STEPS)) for day, a in club.windows],
            )
            for i, club in enumerate(problem.clubs)
        ],
    )
    fair = sm.Leximin("fill_rate", by="community")
    goals = (fair, sm.Maximize("served"), sm.Minimize("rank"))
    return instance, sm.Policy(goals=goals)


def direct(problem: Problem, seconds: float) -> Answer:
    book = CpSat(seconds, goals=3)
    rows, by_cell = [], Terms(list)
    rank, of_community = [], Terms(list)
    for i, club in enumerate(problem.clubs):
        starts = []
        for position, hall in enumerate(club.halls):
            for day, first in club.windows:
                for start in range(first, STEPS - club.steps + 1):
                    x = book.boolean()
                    starts.append(x)
                    rank.append((x, position * club.steps))
                    for step in range(start, start + club.steps):
                        by_cell[hall, day, step].append(x)
                        rows.append((f"h{hall}-{day}-{step}", f"n{i}", 1, x))
        book.one_of(starts)
        of_community[club.community] += [(x, club.steps) for x in starts]
    for together in by_cell.values():
        book.one_of(together)
    asked = Units(int)
    for club in problem.clubs:
        asked[club.community] += club.steps
    book.leximin_then_most(of_community, asked)
    book.minimize(total(rank))
    return book.answer(rows)


CASE = Case("halls", tuple(SIZES), problem, ours, direct, large=("40x500",))

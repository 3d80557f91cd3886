"""Groups of 10 to 30 who come with 60% of their heads at least, or stay at home."""

from dataclasses import dataclass
from random import Random

import sharematch as sm
from benchmarks.race.entries import Answer, Case
from benchmarks.race.textbook import CpSat, Terms, Units, total

COMMUNITIES = 10
SIZES = {"8x3": (8, 3), "100x30": (100, 30), "100x20": (100, 20), "400x100": (400, 100)}


@dataclass(frozen=True)
class Group:
    community: int
    heads: int
    least: int
    days: tuple[int, ...]
    """Ranked."""


@dataclass(frozen=True)
class Problem:
    places: tuple[int, ...]
    """Of each day that is offered."""
    groups: tuple[Group, ...]


def problem(seed: int, size: str) -> Problem:
    rng, (groups, days) = Random(f"outings {seed}"), SIZES[size]
    asked = []
    for _ in range(groups):
        heads = rng.randint(10, 30)
        wished = tuple(rng.sample(range(days), min(days, 4)))
        asked.append(
            Group(rng.randrange(COMMUNITIES), heads, -(-6 * heads // 10), wished)
        )
    return Problem(tuple(rng.randint(25, 60) for _ in range(days)), tuple(asked))


def ours(problem: Problem) -> tuple[sm.Instance, sm.Policy]:
    instance = sm.Instance(
        communities=[sm.Community(id=f"c{c}") for c in range(COMMUNITIES)],
        facilities=[sm.Facility(id="museum", community="c0")],
        slots=[
            sm.Slot(id=f"d{day}", facility="museum", kinds=["tour"], capacity=places)
            for day, places in enumerate(problem.places)
        ],
        needs=[
            sm.Need(
                id=f"n{i}",
                community=f"c{group.community}",
                kind="tour",
                quantity=group.heads,
                min_quantity=group.least,
                choices=[f"d{day}" for day in group.days],
            )
            for i, group in enumerate(problem.groups)
        ],
    )
    fair = sm.Leximin("fill_rate", by="community")
    return instance, sm.Policy(goals=(fair, sm.Maximize("served"), sm.Minimize("rank")))


def direct(problem: Problem, seconds: float) -> Answer:
    book, rows, of_day = CpSat(seconds, goals=3), [], Terms(list)
    rank, of_community, asked = [], Terms(list), Units(int)
    for i, group in enumerate(problem.groups):
        comes, goes = book.boolean(), []
        asked[group.community] += group.heads
        for position, day in enumerate(group.days):
            x = book.integer(group.heads)
            goes.append((x, 1))
            of_day[day].append((x, 1))
            rank.append((x, position))
            rows.append((f"d{day}", f"n{i}", 1, x))
        book.model.add(total(goes) <= group.heads * comes)
        book.model.add(total(goes) >= group.least * comes)
        of_community[group.community] += goes
    for day, terms in of_day.items():
        book.model.add(total(terms) <= problem.places[day])
    book.leximin_then_most(of_community, asked)
    book.minimize(total(rank))
    return book.answer(rows)


CASE = Case("outings", tuple(SIZES), problem, ours, direct, large=("400x100",))

"""Sixty clubs and more, each a group of its own: halls for all, for 3/4, for half.

A team trains once or twice for 60 to 120 minutes without a break, on evenings that
suit it, in halls of which several teams may share one; its trainer is at one place at a
time. Every club's rate counts, the worst first.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

import sharematch as sm
from benchmarks.race.entries import Answer, Case
from benchmarks.race.textbook import CpSat, Terms, Units, total

DAYS, STEPS = 5, 10
SHARES = {"all": 1.25, "3/4": 0.75, "1/2": 0.5}
SIZES = {"5 3/4": (5, 0.75)} | {
    f"{clubs} {share}": (clubs, room)
    for clubs in (60, 120, 180)
    for share, room in SHARES.items()
}


@dataclass(frozen=True)
class Training:
    name: str
    club: int
    trainer: str
    steps: int
    parts: int
    days: tuple[int, ...]
    first: int
    halls: tuple[int, ...]


@dataclass(frozen=True)
class Problem:
    clubs: int
    parts: tuple[int, ...]
    """Of each hall."""
    trainings: tuple[Training, ...]


def problem(seed: int, size: str) -> Problem:
    rng, (clubs, room) = Random(f"clubs {seed}"), SIZES[size]
    teams = [
        (club, t) for club in range(clubs) for t in range(rng.choice([1, 1, 2, 4]))
    ]
    asked = [(club, t, k) for club, t in teams for k in range(rng.choice([1, 2]))]
    steps = {team: rng.choice([2, 3, 3, 4]) for team in teams}
    shares = {team: rng.choice([1, 1, 2]) for team in teams}
    half_hours = sum(steps[c, t] * shares[c, t] for c, t, _ in asked)
    parts = [3, 2]
    while sum(parts) * DAYS * STEPS < room * half_hours:
        parts.append(rng.choice([1, 2, 2, 3]))
    days = {team: tuple(sorted(rng.sample(range(DAYS), 3))) for team in teams}
    first = {team: rng.choice([0, 2, 4]) for team in teams}
    wished = {team: _wishes(rng, parts, shares[team]) for team in teams}
    return Problem(
        clubs,
        tuple(parts),
        tuple(
            Training(
                f"t{c}-{t}-{k}",
                c,
                f"p{c}-{t}",
                steps[c, t],
                shares[c, t],
                days[c, t],
                first[c, t],
                wished[c, t],
            )
            for c, t, k in asked
        ),
    )


def _wishes(rng: Random, parts: list[int], share: int) -> tuple[int, ...]:
    fits = [hall for hall, most in enumerate(parts) if most >= share]
    return tuple(rng.sample(fits, min(len(fits), 5)))


def _at(day: int, step: int) -> datetime:
    return datetime(2027, 9, 6, 17) + timedelta(days=day, minutes=30 * step)


def ours(problem: Problem) -> tuple[sm.Instance, sm.Policy]:
    instance = sm.Instance(
        communities=[sm.Community(id=f"c{c}") for c in range(problem.clubs)],
        facilities=[
            sm.Facility(id=f"h{h}", community="c0") for h in range(len(problem.parts))
        ],
        slots=[
            sm.Slot(
                id=f"h{h}-{day}-{step}",
                facility=f"h{h}",
                kinds=["hall"],
                capacity=parts,
                start=_at(day, step),
                end=_at(day, step + 1),
            )
            for h, parts in enumerate(problem.parts)
            for day in range(DAYS)
            for step in range(STEPS)
        ],
        needs=[
            sm.Need(
                id=each.name,
                community=f"c{each.club}",
                kind="hall" if each.halls else "none",
                quantity=each.parts,
                sessions=each.steps,
                every=30,
                person=each.trainer,
                choices=[f"h{h}" for h in each.halls],
                windows=[(_at(day, each.first), _at(day, STEPS)) for day in each.days],
            )
            for each in problem.trainings
        ],
    )
    fair = sm.Leximin("fill_rate", by="community")
    goals = (fair, sm.Maximize("served"), sm.Minimize("rank"))
    return instance, sm.Policy(goals=goals)


def direct(problem: Problem, seconds: float) -> Answer:
    book = CpSat(seconds, goals=3)
    rows, of_cell, of_trainer = [], Terms(list), Terms(list)
    rank, of_club, asked = [], Terms(list), Units(int)
    for each in problem.trainings:
        starts, units = [], each.steps * each.parts
        for position, hall in enumerate(each.halls):
            for day in each.days:
                for start in range(each.first, STEPS - each.steps + 1):
                    x = book.boolean()
                    starts.append(x)
                    rank.append((x, position * units))
                    for step in range(start, start + each.steps):
                        of_cell[hall, day, step].append((x, each.parts))
                        of_trainer[each.trainer, day, step].append(x)
                        rows.append((f"h{hall}-{day}-{step}", each.name, each.parts, x))
        book.one_of(starts)
        of_club[each.club] += [(x, units) for x in starts]
        asked[each.club] += units
    for (hall, _, _), terms in of_cell.items():
        book.within(terms, problem.parts[hall])
    for together in of_trainer.values():
        book.one_of(together)
    book.leximin_then_most(of_club, asked)
    book.minimize(total(rank))
    return book.answer(rows)


LARGE = tuple(size for size in SIZES if size.startswith(("120", "180")))
CASE = Case("clubs", tuple(SIZES), problem, ours, direct, large=LARGE)

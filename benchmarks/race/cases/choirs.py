"""Choirs whose voices sit together, and single guests, in rooms that cost to open."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

import sharematch as sm
from benchmarks.race.entries import Answer, Case
from benchmarks.race.textbook import CpSat, Terms, total

EVENINGS, COMMUNITIES = 5, 6
SIZES = {"6x2": (6, 2), "40x6": (40, 6), "40x4": (40, 4), "120x15": (120, 15)}


@dataclass(frozen=True)
class Asking:
    """A choir by the heads of its voices, or a guest: one voice, which may be split."""

    name: str
    community: int
    voices: tuple[int, ...]
    evenings: tuple[int, ...]
    rooms: tuple[int, ...]

    @property
    def is_choir(self) -> bool:
        return len(self.voices) > 1


@dataclass(frozen=True)
class Problem:
    seats: tuple[int, ...]
    opening: tuple[int, ...]
    asking: tuple[Asking, ...]


def problem(seed: int, size: str) -> Problem:
    rng, (choirs, rooms) = Random(f"choirs {seed}"), SIZES[size]
    asking = [
        _asking(rng, f"choir{i}", rng.choice([3, 4, 5]), rooms) for i in range(choirs)
    ]
    asking += [_asking(rng, f"guest{i}", 1, rooms) for i in range(choirs)]
    return Problem(
        tuple(rng.randint(18, 40) for _ in range(rooms)),
        tuple(rng.randint(20, 90) for _ in range(rooms)),
        tuple(asking),
    )


def _asking(rng: Random, name: str, voices: int, rooms: int) -> Asking:
    return Asking(
        name,
        rng.randrange(COMMUNITIES),
        tuple(rng.randint(1, 5) for _ in range(voices)),
        tuple(sorted(rng.sample(range(EVENINGS), 2))),
        tuple(rng.sample(range(rooms), min(rooms, 4))),
    )


def ours(problem: Problem) -> tuple[sm.Instance, sm.Policy]:
    monday, hours = datetime(2027, 5, 3, 19), timedelta(hours=2)
    starts = [monday + timedelta(days=day) for day in range(EVENINGS)]
    instance = sm.Instance(
        communities=[sm.Community(id=f"c{c}") for c in range(COMMUNITIES)],
        facilities=[
            sm.Facility(id=f"r{r}", community=f"c{r % COMMUNITIES}")
            for r in range(len(problem.seats))
        ],
        slots=[
            sm.Slot(
                id=f"r{r}-{day}",
                facility=f"r{r}",
                kinds=["music"],
                capacity=seats,
                opening_cost=problem.opening[r],
                start=start,
                end=start + hours,
            )
            for r, seats in enumerate(problem.seats)
            for day, start in enumerate(starts)
        ],
        needs=[
            sm.Need(
                id=f"{each.name}-{v}",
                community=f"c{each.community}",
                kind="music",
                quantity=heads,
                together=each.name if each.is_choir else None,
                choices=[f"r{r}" for r in each.rooms],
                windows=[(starts[day], starts[day] + hours) for day in each.evenings],
            )
            for each in problem.asking
            for v, heads in enumerate(each.voices)
        ],
    )
    goals = (sm.Maximize("served"), sm.Minimize("cost"), sm.Minimize("rank"))
    return instance, sm.Policy(goals=goals)


def direct(problem: Problem, seconds: float) -> Answer:
    book, rows, of_slot = CpSat(seconds, goals=3), [], Terms(list)
    served, rank = [], []
    for each in problem.asking:
        heads = sum(each.voices)
        at = [
            (position, r, day)
            for position, r in enumerate(each.rooms)
            for day in each.evenings
        ]
        if each.is_choir:
            sits = [book.boolean() for _ in at]
            book.one_of(sits)
        else:
            sits = [book.integer(heads) for _ in at]
            book.model.add(sum(sits) <= heads)
        units = heads if each.is_choir else 1
        for x, (position, r, day) in zip(sits, at, strict=True):
            of_slot[r, day].append((x, units))
            served.append((x, units))
            rank.append((x, units * position))
            for v, voice in enumerate(each.voices):
                share = voice if each.is_choir else 1
                rows.append((f"r{r}-{day}", f"{each.name}-{v}", share, x))
    cost = []
    for (r, _), terms in of_slot.items():
        is_open = book.model.new_bool_var("")
        book.model.add(total(terms) <= problem.seats[r] * is_open)
        cost.append((is_open, problem.opening[r]))
    book.maximize(total(served))
    book.minimize(total(cost))
    book.minimize(total(rank))
    return book.answer(rows)


CASE = Case("choirs", tuple(SIZES), problem, ours, direct, large=("120x15",))

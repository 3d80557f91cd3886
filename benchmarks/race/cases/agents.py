"""Jobs of a size and a price that depend on who does them; workers' hours are short."""

from dataclasses import dataclass
from random import Random

import sharematch as sm
from benchmarks.race.entries import Answer, Case
from benchmarks.race.textbook import CpSat, Terms, total

SIZES = {"12x3": (12, 3), "100x10": (100, 10), "200x20": (200, 20), "400x20": (400, 20)}


@dataclass(frozen=True)
class Problem:
    hours: tuple[tuple[int, ...], ...]
    """Of each job with each worker."""
    cost: tuple[tuple[int, ...], ...]
    most: int
    """Hours of each worker."""


def problem(seed: int, size: str) -> Problem:
    rng, (jobs, workers) = Random(f"agents {seed}"), SIZES[size]
    hours = tuple(
        tuple(rng.randint(5, 25) for _ in range(workers)) for _ in range(jobs)
    )
    cost = tuple(
        tuple(max(40 - x + rng.randint(-6, 6), 1) for x in row) for row in hours
    )
    return Problem(hours, cost, sum(map(sum, hours)) * 65 // (100 * workers * workers))


def ours(problem: Problem) -> tuple[sm.Instance, sm.Policy]:
    workers = range(len(problem.hours[0]))
    instance = sm.Instance(
        communities=[sm.Community(id="town")],
        facilities=[sm.Facility(id=f"w{w}", community="town") for w in workers],
        slots=[
            sm.Slot(id=f"s{w}", facility=f"w{w}", kinds=["job"], capacity=problem.most)
            for w in workers
        ],
        needs=[
            sm.Need(id=f"n{i}", community="town", kind="job")
            for i in range(len(problem.hours))
        ],
        pairs=[
            sm.Pair(
                need=f"n{i}",
                slot=f"s{w}",
                units=row[w],
                cost=problem.cost[i][w],
            )
            for i, row in enumerate(problem.hours)
            for w in workers
        ],
    )
    return instance, sm.Policy(goals=(sm.Maximize("served"), sm.Minimize("cost")))


def direct(problem: Problem, seconds: float) -> Answer:
    book, rows, of_worker = CpSat(seconds, goals=2), [], Terms(list)
    served, cost = [], []
    for i, hours in enumerate(problem.hours):
        does = [book.boolean() for _ in hours]
        book.one_of(does)
        for w, x in enumerate(does):
            of_worker[w].append((x, hours[w]))
            served.append((x, 1))
            cost.append((x, problem.cost[i][w]))
            rows.append((f"s{w}", f"n{i}", 1, x))
    for terms in of_worker.values():
        book.within(terms, problem.most)
    book.maximize(total(served))
    book.minimize(total(cost))
    return book.answer(rows)


CASE = Case("agents", tuple(SIZES), problem, ours, direct, large=("400x20",))

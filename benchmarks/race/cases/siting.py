"""At most k of n points open; people at their own addresses, the frail first.

"all": that everybody is served is a rule, else the first goal. "days": each point is
open on three days. "tight": the points that open have few places to spare.
"""

from dataclasses import dataclass
from math import asin, cos, hypot, radians, sin, sqrt
from random import Random

import sharematch as sm
from benchmarks.race.entries import Answer, Case
from benchmarks.race.textbook import Highs

TOWN = (121.55, 29.868)
SIZES = {
    "60x8x3": (60, 8, 3, 900, ""),
    "300x20x6": (300, 20, 6, 900, ""),
    "300x20x6 all": (300, 20, 6, 900, "all"),
    "300x20x6 days": (300, 20, 6, 900, "days"),
    "300x20x6 tight": (300, 20, 6, 56, "all"),
    "2800x20x6": (2800, 20, 6, 900, ""),
    "2800x20x6 days": (2800, 20, 6, 900, "days"),
    "1000x100x10": (1000, 100, 10, 1000, ""),
}

Place = tuple[float, float]


@dataclass(frozen=True)
class Problem:
    people: tuple[tuple[int, Place, bool], ...]
    """Community, address, whether frail."""
    points: tuple[Place, ...]
    most: int
    capacity: int
    days: int
    is_rule: bool


def problem(seed: int, size: str) -> Problem:
    rng = Random(f"siting {seed}")
    people, points, most, capacity, form = SIZES[size]
    quarters = [_near(rng, TOWN, 0.006) for _ in range(4)]
    return Problem(
        tuple(
            (i % 4, _near(rng, quarters[i % 4], 0.004), i % 6 == 0)
            for i in range(people)
        ),
        tuple(_near(rng, quarters[i % 4], 0.004) for i in range(points)),
        most,
        capacity,
        3 if form == "days" else 1,
        form == "all",
    )


def _near(rng: Random, center: Place, spread: float) -> Place:
    x, y = (round(at + rng.gauss(0, spread), 6) for at in center)
    return x, y


def _metres(a: Place, b: Place) -> int:
    (x, y), (u, v) = (tuple(map(radians, place)) for place in (a, b))
    half = hypot(sin((v - y) / 2), sqrt(cos(y) * cos(v)) * sin((u - x) / 2))
    return round(1.3 * 2 * 6371008.8 * asin(half))


def ours(problem: Problem) -> tuple[sm.Instance, sm.Policy]:
    points = range(len(problem.points))
    instance = sm.Instance(
        travel={"metric": "geo", "detour": "1.3"},
        communities=[sm.Community(id=f"c{c}") for c in range(4)],
        facilities=[
            sm.Facility(id=f"p{p}", community=f"c{p % 4}", location=problem.points[p])
            for p in points
        ],
        slots=[
            sm.Slot(
                id=f"p{p}-{day}",
                facility=f"p{p}",
                kinds=["payout"],
                capacity=problem.capacity,
                start=f"2027-03-0{day + 1}T09:00",
                end=f"2027-03-0{day + 1}T17:00",
            )
            for p in points
            for day in range(problem.days)
        ],
        needs=[
            sm.Need(
                id=f"r{i}",
                community=f"c{community}",
                kind="payout",
                location=home,
                groups=["frail"] if is_frail else [],
            )
            for i, (community, home, is_frail) in enumerate(problem.people)
        ],
    )
    rules: list[sm.AtMost | sm.AtLeast]
    rules = [sm.AtMost("opened_facilities", problem.most)]
    goals: list[sm.Maximize | sm.Minimize]
    goals = [sm.Minimize("travel", where={"group": "frail"}), sm.Minimize("travel")]
    if problem.is_rule:
        rules.append(sm.AtLeast("served", len(problem.people)))
    else:
        goals.insert(0, sm.Maximize("served"))
    return instance, sm.Policy(rules=rules, goals=goals)


def direct(problem: Problem, seconds: float) -> Answer:
    """The days of a point are one: they differ in nothing that a goal asks for."""
    points, room = range(len(problem.points)), problem.capacity * problem.days
    book = Highs(seconds, goals=2 if problem.is_rule else 3)
    is_open = [book.boolean() for _ in points]
    goes = [[book.part() for _ in points] for _ in problem.people]
    for row in goes:
        book.add(sum(row) == 1 if problem.is_rule else sum(row) <= 1)
        for part, site in zip(row, is_open, strict=True):
            book.add(part <= site)
    for p in points:
        book.add(sum(row[p] for row in goes) <= room * is_open[p])
    book.add(sum(is_open) <= problem.most)
    if not problem.is_rule:
        book.maximize([(part, 1) for row in goes for part in row])
    way: list[list[tuple[object, int]]] = [[], []]
    for row, (_, home, is_frail) in zip(goes, problem.people, strict=True):
        for part, place in zip(row, problem.points, strict=True):
            way[is_frail].append((part, _metres(home, place)))
    book.minimize(way[True])
    book.minimize(way[False] + way[True])
    return _on_days(
        book.answer(
            [
                (f"p{p}", f"r{i}", 1, x)
                for i, row in enumerate(goes)
                for p, x in enumerate(row)
            ]
        ),
        problem,
    )


def _on_days(answer: Answer, problem: Problem) -> Answer:
    """Return the plan with each point's people on its days, up to their places."""
    if answer.plan is None:
        return answer
    used = [0] * len(problem.points)
    plan = []
    for point, need, units, *_ in answer.plan:
        at = int(point[1:])
        plan.append((f"{point}-{used[at] // problem.capacity}", need, units))
        used[at] += 1
    return Answer(plan, answer.is_proved, answer.bounds)


LARGE = ("2800x20x6", "2800x20x6 days", "1000x100x10")
CASE = Case("siting", tuple(SIZES), problem, ours, direct, large=LARGE)

"""Rooms with a cost of opening, for customers who ask for many units: most, cheapest.

Each room has a price per unit and customer too; a third goal is the way.
"""

from dataclasses import dataclass
from random import Random

import sharematch as sm
from benchmarks.race.entries import Answer, Case
from benchmarks.race.places import Place, metres, place
from benchmarks.race.textbook import Highs, Terms

SIZES = {"12x4": (12, 4), "50x16": (50, 16), "100x30": (100, 30), "400x40": (400, 40)}


@dataclass(frozen=True)
class Problem:
    homes: tuple[Place, ...]
    asked: tuple[int, ...]
    rooms: tuple[Place, ...]
    capacity: int
    opening: tuple[int, ...]

    def price(self, i: int, j: int) -> int:
        """Return whole euros per unit: a third of the way in kilometres, rounded."""
        return metres(self.homes[i], self.rooms[j]) // 3000


def problem(seed: int, size: str) -> Problem:
    rng = Random(f"openings {seed}")
    customers, rooms = SIZES[size]
    asked = tuple(rng.randint(5, 60) for _ in range(customers))
    return Problem(
        tuple(place(rng, 20) for _ in range(customers)),
        asked,
        tuple(place(rng, 20) for _ in range(rooms)),
        3 * sum(asked) // rooms,
        tuple(rng.randint(150, 400) for _ in range(rooms)),
    )


def ours(problem: Problem) -> tuple[sm.Instance, sm.Policy]:
    customers, rooms = range(len(problem.homes)), range(len(problem.rooms))
    instance = sm.Instance(
        travel={"metric": "plane"},
        communities=[sm.Community(id="town")],
        facilities=[
            sm.Facility(id=f"r{j}", community="town", location=problem.rooms[j])
            for j in rooms
        ],
        slots=[
            sm.Slot(
                id=f"r{j}-all",
                facility=f"r{j}",
                kinds=["room"],
                capacity=problem.capacity,
                opening_cost=problem.opening[j],
            )
            for j in rooms
        ],
        needs=[
            sm.Need(
                id=f"n{i}",
                community="town",
                kind="room",
                quantity=problem.asked[i],
                location=problem.homes[i],
            )
            for i in customers
        ],
        pairs=[
            sm.Pair(need=f"n{i}", slot=f"r{j}-all", cost=problem.price(i, j))
            for i in customers
            for j in rooms
        ],
    )
    goals = (sm.Maximize("served"), sm.Minimize("cost"), sm.Minimize("travel"))
    return instance, sm.Policy(goals=goals)


def direct(problem: Problem, seconds: float) -> Answer:
    book = Highs(seconds, goals=3)
    is_open = [book.boolean() for _ in problem.rooms]
    rows, cost, travel, of_room = [], [], [], Terms(list)
    for i, units in enumerate(problem.asked):
        goes = [book.units(units) for _ in problem.rooms]
        book.add(sum(goes) <= units)
        for j, x in enumerate(goes):
            book.add(x <= units * is_open[j])
            of_room[j].append(x)
            cost.append((x, problem.price(i, j)))
            travel.append((x, metres(problem.homes[i], problem.rooms[j])))
            rows.append((f"r{j}-all", f"n{i}", 1, x))
    for j, terms in of_room.items():
        book.add(sum(terms) <= problem.capacity * is_open[j])
    book.maximize([(x, 1) for terms in of_room.values() for x in terms])
    book.minimize(cost + list(zip(is_open, problem.opening, strict=True)))
    book.minimize(travel)
    return book.answer(rows)


CASE = Case("openings", tuple(SIZES), problem, ours, direct, large=("400x40",))

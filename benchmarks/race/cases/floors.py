"""Floors: a third for every community, half for the elderly; whole needs, rooms cost.

Most served, at the least cost, then the way.
"""

from dataclasses import dataclass
from random import Random

import sharematch as sm
from benchmarks.race.entries import Answer, Case
from benchmarks.race.places import Place, metres, place
from benchmarks.race.textbook import CpSat, Terms, Units, total

COMMUNITIES, NEAREST = 6, 8
SIZES = {
    "18x5": (18, 5),
    "150x25": (150, 25),
    "400x60": (400, 60),
    "1500x200": (1500, 200),
}


@dataclass(frozen=True)
class Asking:
    community: int
    units: int
    home: Place
    is_elderly: bool


@dataclass(frozen=True)
class Room:
    places: int
    opening: int
    at: Place


@dataclass(frozen=True)
class Problem:
    asking: tuple[Asking, ...]
    rooms: tuple[Room, ...]

    @property
    def elderly_floor(self) -> int:
        return sum(each.units for each in self.asking if each.is_elderly) // 2

    def near(self, each: Asking) -> list[int]:
        rooms = sorted(
            range(len(self.rooms)), key=lambda j: metres(each.home, self.rooms[j].at)
        )
        return sorted(rooms[:NEAREST])


def problem(seed: int, size: str) -> Problem:
    rng, (needs, rooms) = Random(f"floors {seed}"), SIZES[size]
    asked = tuple(
        Asking(i % COMMUNITIES, rng.randint(1, 6), place(rng, 8), rng.random() < 0.3)
        for i in range(needs)
    )
    places = 7 * sum(each.units for each in asked) // (10 * rooms)
    offered = tuple(
        Room(rng.randint(places - 1, places + 2), rng.randint(30, 120), place(rng, 8))
        for _ in range(rooms)
    )
    return Problem(asked, offered)


def ours(problem: Problem) -> tuple[sm.Instance, sm.Policy]:
    instance = sm.Instance(
        travel={"metric": "plane"},
        communities=[sm.Community(id=f"c{c}") for c in range(COMMUNITIES)],
        facilities=[
            sm.Facility(id=f"r{j}", community=f"c{j % COMMUNITIES}", location=room.at)
            for j, room in enumerate(problem.rooms)
        ],
        slots=[
            sm.Slot(
                id=f"s{j}",
                facility=f"r{j}",
                kinds=["care"],
                capacity=room.places,
                opening_cost=room.opening,
            )
            for j, room in enumerate(problem.rooms)
        ],
        needs=[
            sm.Need(
                id=f"n{i}",
                community=f"c{each.community}",
                kind="care",
                quantity=each.units,
                whole=True,
                location=each.home,
                groups=["elderly"] if each.is_elderly else [],
                choices=[f"r{j}" for j in problem.near(each)],
            )
            for i, each in enumerate(problem.asking)
        ],
    )
    elderly = {"group": "elderly"}
    rules = [
        sm.AtLeast("fill_rate", "1/3", by="community"),
        sm.AtLeast("served", problem.elderly_floor, where=elderly),
    ]
    goals = (sm.Maximize("served"), sm.Minimize("cost"), sm.Minimize("travel"))
    return instance, sm.Policy(rules=rules, goals=goals)


def direct(problem: Problem, seconds: float) -> Answer:
    book, rows, of_room = CpSat(seconds, goals=3), [], Terms(list)
    elderly, travel, of_community, asked = [], [], Terms(list), Units(int)
    for i, each in enumerate(problem.asking):
        goes = {j: book.boolean() for j in problem.near(each)}
        book.one_of(goes.values())
        asked[each.community] += each.units
        for j, x in goes.items():
            of_room[j].append((x, each.units))
            of_community[each.community].append((x, each.units))
            travel.append((x, each.units * metres(each.home, problem.rooms[j].at)))
            rows.append((f"s{j}", f"n{i}", each.units, x))
        elderly += [(x, each.units) for x in goes.values()] * each.is_elderly
    cost = []
    for j, terms in of_room.items():
        opens = book.model.new_bool_var("")
        book.within(terms, problem.rooms[j].places)
        book.model.add(total(terms) <= problem.rooms[j].places * opens)
        cost.append((opens, problem.rooms[j].opening))
    book.model.add(total(elderly) >= problem.elderly_floor)
    for community, terms in of_community.items():
        book.model.add(3 * total(terms) >= asked[community])
    book.maximize(total(term for terms in of_community.values() for term in terms))
    book.minimize(total(cost))
    book.minimize(total(travel))
    return book.answer(rows)


CASE = Case("floors", tuple(SIZES), problem, ours, direct, large=("1500x200",))

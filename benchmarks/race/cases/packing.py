"""Whole needs of 1 to 10 units, each with its ten nearest places, room for .7 of all.

"fair": the communities' rates come first.
"""

from dataclasses import dataclass
from random import Random

import sharematch as sm
from benchmarks.race.entries import Answer, Case
from benchmarks.race.places import Place, metres, place
from benchmarks.race.textbook import CpSat, Terms, Units, total

NEAREST = 10
SIZES = {
    "30x4": (30, 4, 3, False),
    "400x40": (400, 40, 10, False),
    "400x40 fair": (400, 40, 10, True),
    "2000x200 fair": (2000, 200, 20, True),
}


@dataclass(frozen=True)
class Need:
    community: int
    units: int
    home: Place
    near: tuple[int, ...]


@dataclass(frozen=True)
class Problem:
    needs: tuple[Need, ...]
    places: tuple[Place, ...]
    room: tuple[int, ...]
    is_fair: bool


def problem(seed: int, size: str) -> Problem:
    rng = Random(f"packing {seed}")
    needs, slots, communities, is_fair = SIZES[size]
    centers = [place(rng, 10) for _ in range(communities)]
    places = [place(rng, 10) for _ in range(slots)]
    asked = []
    for _ in range(needs):
        home = place(rng, 10)
        community = min(range(communities), key=lambda c: metres(home, centers[c]))
        nearest = sorted(range(slots), key=lambda s: metres(home, places[s]))
        asked.append(
            Need(community, rng.randint(1, 10), home, tuple(nearest[:NEAREST]))
        )
    room = 7 * sum(need.units for need in asked) // (10 * slots)
    return Problem(tuple(asked), tuple(places), (room,) * slots, is_fair)


def ours(problem: Problem) -> tuple[sm.Instance, sm.Policy]:
    communities = sorted({need.community for need in problem.needs})
    instance = sm.Instance(
        travel={"metric": "plane"},
        communities=[sm.Community(id=f"c{c}") for c in communities],
        facilities=[
            sm.Facility(id=f"s{s}", community=f"c{communities[0]}", location=at)
            for s, at in enumerate(problem.places)
        ],
        slots=[
            sm.Slot(id=f"s{s}-all", facility=f"s{s}", kinds=["any"], capacity=room)
            for s, room in enumerate(problem.room)
        ],
        needs=[
            sm.Need(
                id=f"n{i}",
                community=f"c{need.community}",
                kind="any",
                quantity=need.units,
                whole=True,
                location=need.home,
                choices=[f"s{s}" for s in need.near],
            )
            for i, need in enumerate(problem.needs)
        ],
    )
    goals: list[sm.Leximin | sm.Maximize | sm.Minimize]
    goals = [sm.Maximize("served"), sm.Minimize("travel")]
    if problem.is_fair:
        goals.insert(0, sm.Leximin("fill_rate", by="community"))
    return instance, sm.Policy(goals=goals)


def direct(problem: Problem, seconds: float) -> Answer:
    book = CpSat(seconds, goals=3 if problem.is_fair else 2)
    rows, of_slot, travel = [], Terms(list), []
    of_community, asked = Terms(list), Units(int)
    for i, need in enumerate(problem.needs):
        at = {s: book.boolean() for s in need.near}
        book.one_of(at.values())
        asked[need.community] += need.units
        for s, x in at.items():
            of_slot[s].append((x, need.units))
            of_community[need.community].append((x, need.units))
            travel.append((x, need.units * metres(need.home, problem.places[s])))
            rows.append((f"s{s}-all", f"n{i}", need.units, x))
    for s, terms in of_slot.items():
        book.within(terms, problem.room[s])
    if problem.is_fair:
        book.leximin([(total(of_community[c]), asked[c]) for c in asked])
    book.maximize(total(term for terms in of_community.values() for term in terms))
    book.minimize(total(travel))
    return book.answer(rows)


CASE = Case("packing", tuple(SIZES), problem, ours, direct, large=("2000x200 fair",))

"""Which counters open, at most k, with too few places: fair, most, then the way."""

from dataclasses import dataclass
from random import Random

import sharematch as sm
from benchmarks.race.entries import Answer, Case
from benchmarks.race.places import Place, metres, near, place
from benchmarks.race.textbook import CpSat, Terms, Units, total

COMMUNITIES, REACH = 8, 3_000
SIZES = {"15x5x2": (15, 5, 2), "120x12x4": (120, 12, 4), "400x20x6": (400, 20, 6)}
SIZES |= {"1000x40x12": (1000, 40, 12)}


@dataclass(frozen=True)
class Household:
    community: int
    units: int
    home: Place


@dataclass(frozen=True)
class Problem:
    households: tuple[Household, ...]
    counters: tuple[Place, ...]
    places: int
    """Of each."""
    most: int


def problem(seed: int, size: str) -> Problem:
    rng, (households, counters, most) = Random(f"counters {seed}"), SIZES[size]
    centers = [place(rng, 7) for _ in range(COMMUNITIES)]
    asked = []
    for _ in range(households):
        community = rng.randrange(COMMUNITIES)
        home = near(rng, centers[community], 0.8)
        asked.append(Household(community, rng.randint(1, 4), home))
    places = 8 * sum(each.units for each in asked) // (10 * most)
    return Problem(
        tuple(asked), tuple(place(rng, 7) for _ in range(counters)), places, most
    )


def ours(problem: Problem) -> tuple[sm.Instance, sm.Policy]:
    instance = sm.Instance(
        travel={"metric": "plane"},
        communities=[sm.Community(id=f"c{c}") for c in range(COMMUNITIES)],
        facilities=[
            sm.Facility(id=f"k{j}", community="c0", location=at)
            for j, at in enumerate(problem.counters)
        ],
        slots=[
            sm.Slot(
                id=f"s{j}", facility=f"k{j}", kinds=["aid"], capacity=problem.places
            )
            for j in range(len(problem.counters))
        ],
        needs=[
            sm.Need(
                id=f"n{i}",
                community=f"c{each.community}",
                kind="aid",
                quantity=each.units,
                location=each.home,
                max_travel=REACH // 1000,
            )
            for i, each in enumerate(problem.households)
        ],
    )
    rules = [sm.AtMost("opened_facilities", problem.most)]
    return instance, sm.Policy(rules=rules, goals=sm.Policy.fair().goals)


def direct(problem: Problem, seconds: float) -> Answer:
    book, rows, of_counter = CpSat(seconds, goals=3), [], Terms(list)
    travel, of_community, asked = [], Terms(list), Units(int)
    opens = [book.model.new_bool_var("") for _ in problem.counters]
    for i, each in enumerate(problem.households):
        goes = []
        asked[each.community] += each.units
        for j, at in enumerate(problem.counters):
            if (way := metres(each.home, at)) <= REACH:
                x = book.integer(each.units)
                book.model.add(x <= each.units * opens[j])
                goes.append((x, 1))
                of_counter[j].append((x, 1))
                travel.append((x, way))
                rows.append((f"s{j}", f"n{i}", 1, x))
        book.model.add(total(goes) <= each.units)
        of_community[each.community] += goes
    for j, terms in of_counter.items():
        book.model.add(total(terms) <= problem.places * opens[j])
    book.model.add(sum(opens) <= problem.most)
    book.leximin_then_most(of_community, asked)
    book.minimize(total(travel))
    return book.answer(rows)


CASE = Case("counters", tuple(SIZES), problem, ours, direct, large=("1000x40x12",))

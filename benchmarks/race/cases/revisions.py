"""Places are lost after a plan was told: fair anew, but only so many may move."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import sharematch as sm
from benchmarks.race.entries import Answer, Case, Row
from benchmarks.race.textbook import CpSat, Terms, Units, total

COMMUNITIES = 8
SIZES = {
    "12x4": (12, 4),
    "150x30": (150, 30),
    "400x60": (400, 60),
    "1500x200": (1500, 200),
}


@dataclass(frozen=True)
class Asking:
    community: int
    units: int
    slots: tuple[int, ...]


@dataclass(frozen=True)
class Problem:
    asking: tuple[Asking, ...]
    places: tuple[int, ...]
    """Of each slot, now."""
    told: dict[tuple[int, int], int]
    """Units by need and slot."""
    most_moved: int


def problem(seed: int, size: str) -> Problem:
    rng, (needs, slots) = Random(f"revisions {seed}"), SIZES[size]
    asked = tuple(
        Asking(
            rng.randrange(COMMUNITIES),
            rng.randint(1, 4),
            tuple(rng.sample(range(slots), min(slots, 5))),
        )
        for _ in range(needs)
    )
    places = [8 * sum(each.units for each in asked) // (10 * slots)] * slots
    told = _in_file_order(asked, list(places))
    for slot in rng.sample(range(slots), max(slots // 5, 1)):
        places[slot] //= 2
    lost = 0
    for slot, most in enumerate(places):
        lost += max(sum(told.get((i, slot), 0) for i in range(needs)) - most, 0)
    return Problem(asked, tuple(places), told, lost + sum(told.values()) // 10)


def _in_file_order(
    asked: Sequence[Asking], room: list[int]
) -> dict[tuple[int, int], int]:
    told = {}
    for i, each in enumerate(asked):
        wanted = each.units
        for slot in each.slots:
            if units := min(wanted, room[slot]):
                told[i, slot] = units
                wanted -= units
                room[slot] -= units
    return told


def before(problem: Problem) -> list[Row]:
    return [(f"s{slot}", f"n{i}", units) for (i, slot), units in problem.told.items()]


def ours(problem: Problem) -> tuple[sm.Instance, sm.Policy]:
    instance = sm.Instance(
        communities=[sm.Community(id=f"c{c}") for c in range(COMMUNITIES)],
        facilities=[sm.Facility(id="house", community="c0")],
        slots=[
            sm.Slot(id=f"s{j}", facility="house", kinds=["meal"], capacity=places)
            for j, places in enumerate(problem.places)
        ],
        needs=[
            sm.Need(
                id=f"n{i}",
                community=f"c{each.community}",
                kind="meal",
                quantity=each.units,
                choices=[f"s{j}" for j in each.slots],
            )
            for i, each in enumerate(problem.asking)
        ],
    )
    fair = sm.Leximin("fill_rate", by="community")
    goals = (fair, sm.Maximize("served"), sm.Minimize("moved"))
    return instance, sm.Policy(
        rules=[sm.AtMost("moved", problem.most_moved)], goals=goals
    )


def direct(problem: Problem, seconds: float) -> Answer:
    book, rows, of_slot = CpSat(seconds, goals=3), [], Terms(list)
    kept, of_community, asked = [], Terms(list), Units(int)
    for i, each in enumerate(problem.asking):
        has = []
        asked[each.community] += each.units
        for slot in each.slots:
            x = book.integer(each.units)
            has.append((x, 1))
            of_slot[slot].append((x, 1))
            rows.append((f"s{slot}", f"n{i}", 1, x))
            if units := problem.told.get((i, slot)):
                kept.append((book.integer(units), 1))
                book.model.add(kept[-1][0] <= x)
        book.model.add(total(has) <= each.units)
        of_community[each.community] += has
    for slot, terms in of_slot.items():
        book.model.add(total(terms) <= problem.places[slot])
    moved = sum(problem.told.values()) - total(kept)
    book.model.add(moved <= problem.most_moved)
    book.leximin_then_most(of_community, asked)
    book.minimize(moved)
    return book.answer(rows)


CASE = Case(
    "revisions", tuple(SIZES), problem, ours, direct, large=("1500x200",), before=before
)

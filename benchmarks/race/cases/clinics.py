"""Buses that stop at one of three places a day, for five people at least or not at all.

Disabled residents come first, then all, then the way.
"""

from dataclasses import dataclass
from random import Random

import sharematch as sm
from benchmarks.race.entries import Answer, Case
from benchmarks.race.places import Place, metres, near, place
from benchmarks.race.textbook import CpSat, Terms, total

DAYS, STOPS, COMMUNITIES = 5, 3, 8
LEAST, MOST, REACH = 5, 12, 3_000
SIZES = {"20x1": (20, 1), "150x4": (150, 4), "300x6": (300, 6), "900x20": (900, 20)}


@dataclass(frozen=True)
class Household:
    community: int
    home: Place
    units: int
    is_disabled: bool
    days: tuple[int, ...]


@dataclass(frozen=True)
class Problem:
    households: tuple[Household, ...]
    stops: dict[tuple[int, int, int], Place]
    """Of each bus, day and choice."""


def problem(seed: int, size: str) -> Problem:
    rng, (households, buses) = Random(f"clinics {seed}"), SIZES[size]
    centers = [place(rng, 9) for _ in range(COMMUNITIES)]
    asked = []
    for _ in range(households):
        community = rng.randrange(COMMUNITIES)
        home = near(rng, centers[community], 0.7)
        days = tuple(sorted(rng.sample(range(DAYS), 3)))
        asked.append(
            Household(
                community, home, rng.choice([1, 1, 2, 3]), rng.random() < 0.2, days
            )
        )
    stops = {
        (bus, day, stop): place(rng, 9)
        for bus in range(buses)
        for day in range(DAYS)
        for stop in range(STOPS)
    }
    return Problem(tuple(asked), stops)


def _name(bus: int, day: int, stop: int) -> str:
    return f"b{bus}-{day}-{stop}"


def ours(problem: Problem) -> tuple[sm.Instance, sm.Policy]:
    instance = sm.Instance(
        travel={"metric": "plane"},
        communities=[sm.Community(id=f"c{c}") for c in range(COMMUNITIES)],
        facilities=[
            sm.Facility(id=f"place-{_name(*at)}", community="c0", location=where)
            for at, where in problem.stops.items()
        ],
        slots=[
            sm.Slot(
                id=_name(bus, day, stop),
                facility=f"place-{_name(bus, day, stop)}",
                kinds=["clinic"],
                capacity=MOST,
                min_units=LEAST,
                either=f"b{bus}-{day}",
                start=f"2027-06-{7 + day:02}T09:00",
                end=f"2027-06-{7 + day:02}T16:00",
            )
            for bus, day, stop in problem.stops
        ],
        needs=[
            sm.Need(
                id=f"n{i}",
                community=f"c{each.community}",
                kind="clinic",
                quantity=each.units,
                location=each.home,
                max_travel=REACH // 1000,
                groups=["disabled"] if each.is_disabled else [],
                windows=[
                    (f"2027-06-{7 + day:02}T00:00", f"2027-06-{7 + day:02}T23:00")
                    for day in each.days
                ],
            )
            for i, each in enumerate(problem.households)
        ],
    )
    first = sm.Maximize("served", where={"group": "disabled"})
    goals = (first, sm.Maximize("served"), sm.Minimize("travel"))
    return instance, sm.Policy(goals=goals)


def direct(problem: Problem, seconds: float) -> Answer:
    book, rows = CpSat(seconds, goals=3), []
    of_stop, disabled, travel = Terms(list), [], []
    for i, each in enumerate(problem.households):
        goes = []
        for at, where in problem.stops.items():
            way = metres(each.home, where)
            if way > REACH or at[1] not in each.days:
                continue
            x = book.integer(each.units)
            goes.append(x)
            of_stop[at].append((x, 1))
            travel.append((x, way))
            rows.append((_name(*at), f"n{i}", 1, x))
        book.model.add(sum(goes) <= each.units)
        disabled += [(x, 1) for x in goes] * each.is_disabled
    stands = Terms(list)
    for at, terms in of_stop.items():
        is_used = book.boolean()
        stands[at[:2]].append(is_used)
        book.model.add(total(terms) <= MOST * is_used)
        book.model.add(total(terms) >= LEAST * is_used)
    for together in stands.values():
        book.one_of(together)
    book.maximize(total(disabled))
    book.maximize(total(term for terms in of_stop.values() for term in terms))
    book.minimize(total(travel))
    return book.answer(rows)


CASE = Case("clinics", tuple(SIZES), problem, ours, direct, large=("900x20",))

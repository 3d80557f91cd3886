"""A subsidy limit: houses and days cost to open, each place costs more than its fee.

What a day does not earn is paid by the town; a day that earns more than it costs gives
nothing back.
"""

from dataclasses import dataclass
from random import Random

import sharematch as sm
from benchmarks.race.entries import Answer, Case
from benchmarks.race.textbook import CpSat, Terms, Units, total

COMMUNITIES = 8
SIZES = {"12x2": (12, 2), "120x8": (120, 8), "300x15": (300, 15), "1000x40": (1000, 40)}


@dataclass(frozen=True)
class Day:
    house: int
    places: int
    opening: int
    unit_cost: int
    fee: int


@dataclass(frozen=True)
class Asking:
    community: int
    units: int
    most: int
    """What a place may cost."""
    days: tuple[int, ...]


@dataclass(frozen=True)
class Problem:
    houses: tuple[int, ...]
    """Of each the cost to open."""
    days: tuple[Day, ...]
    asking: tuple[Asking, ...]
    limit: int


def problem(seed: int, size: str) -> Problem:
    rng, (needs, houses) = Random(f"subsidy {seed}"), SIZES[size]
    openings = tuple(rng.randint(20, 120) for _ in range(houses))
    days = tuple(_day(rng, house) for house in range(houses) for _ in range(3))
    asked = []
    for _ in range(needs):
        wished = tuple(sorted(rng.sample(range(len(days)), min(len(days), 6))))
        most = rng.choice([4, 6, 8])
        asked.append(
            Asking(rng.randrange(COMMUNITIES), rng.randint(1, 5), most, wished)
        )
    return Problem(openings, days, tuple(asked), 5 * sum(each.units for each in asked))


def _day(rng: Random, house: int) -> Day:
    places, opening = rng.randint(8, 25), rng.randint(10, 60)
    return Day(house, places, opening, rng.randint(3, 12), rng.randint(2, 8))


def ours(problem: Problem) -> tuple[sm.Instance, sm.Policy]:
    instance = sm.Instance(
        communities=[sm.Community(id=f"c{c}") for c in range(COMMUNITIES)],
        facilities=[
            sm.Facility(id=f"h{h}", community=f"c{h % COMMUNITIES}", opening_cost=cost)
            for h, cost in enumerate(problem.houses)
        ],
        slots=[
            sm.Slot(
                id=f"d{i}",
                facility=f"h{day.house}",
                kinds=["meal"],
                capacity=day.places,
                opening_cost=day.opening,
                unit_cost=day.unit_cost,
                fee=day.fee,
            )
            for i, day in enumerate(problem.days)
        ],
        needs=[
            sm.Need(
                id=f"n{i}",
                community=f"c{each.community}",
                kind="meal",
                quantity=each.units,
                max_fee=each.most,
                choices=[f"d{day}" for day in each.days],
            )
            for i, each in enumerate(problem.asking)
        ],
    )
    fair = sm.Leximin("fill_rate", by="community")
    goals = (fair, sm.Maximize("served"), sm.Minimize("subsidy"))
    rules = [sm.AtMost("subsidy", problem.limit)]
    return instance, sm.Policy(rules=rules, goals=goals)


def direct(problem: Problem, seconds: float) -> Answer:
    book, rows, of_day = CpSat(seconds, goals=3), [], Terms(list)
    of_community, asked = Terms(list), Units(int)
    for i, each in enumerate(problem.asking):
        goes = []
        asked[each.community] += each.units
        for at in each.days:
            if problem.days[at].fee <= each.most:
                x = book.integer(each.units)
                goes.append((x, 1))
                of_day[at].append((x, 1))
                rows.append((f"d{at}", f"n{i}", 1, x))
        book.model.add(total(goes) <= each.units)
        of_community[each.community] += goes
    house_opens = [book.boolean() for _ in problem.houses]
    paid = list(zip(house_opens, problem.houses, strict=True))
    for at, day in enumerate(problem.days):
        opens, loss = book.boolean(), book.integer(problem.limit)
        units = total(of_day[at])
        book.model.add(units <= day.places * opens)
        book.model.add(opens <= house_opens[day.house])
        spent = day.opening * opens + (day.unit_cost - day.fee) * units
        book.model.add(loss >= spent)
        paid.append((loss, 1))
    book.model.add(total(paid) <= problem.limit)
    book.leximin_then_most(of_community, asked)
    book.minimize(total(paid))
    return book.answer(rows)


CASE = Case("subsidy", tuple(SIZES), problem, ours, direct, large=("1000x40",))

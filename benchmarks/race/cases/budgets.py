"""A budget for each provider, and fees that no community together may exceed."""

from dataclasses import dataclass
from random import Random

import sharematch as sm
from benchmarks.race.entries import Answer, Case
from benchmarks.race.textbook import CpSat, Terms, Units, total

COMMUNITIES, PROVIDERS = 8, 4
SIZES = {
    "12x6": (12, 6),
    "150x40": (150, 40),
    "400x80": (400, 80),
    "1500x200": (1500, 200),
}


@dataclass(frozen=True)
class Session:
    provider: int
    places: int
    unit_cost: int
    fee: int


@dataclass(frozen=True)
class Asking:
    community: int
    units: int
    sessions: tuple[int, ...]


@dataclass(frozen=True)
class Problem:
    sessions: tuple[Session, ...]
    asking: tuple[Asking, ...]
    budget: int
    """Of each provider."""
    fees: int
    """The most of each community."""


def problem(seed: int, size: str) -> Problem:
    rng, (needs, sessions) = Random(f"budgets {seed}"), SIZES[size]
    offered = tuple(
        Session(
            rng.randrange(PROVIDERS),
            rng.randint(5, 20),
            rng.randint(3, 15),
            rng.randint(0, 6),
        )
        for _ in range(sessions)
    )
    asked = tuple(
        Asking(
            rng.randrange(COMMUNITIES),
            rng.randint(1, 5),
            tuple(rng.sample(range(sessions), min(sessions, 7))),
        )
        for _ in range(needs)
    )
    units = sum(each.units for each in asked)
    return Problem(offered, asked, 6 * units // PROVIDERS, 2 * units // COMMUNITIES)


def ours(problem: Problem) -> tuple[sm.Instance, sm.Policy]:
    instance = sm.Instance(
        communities=[sm.Community(id=f"c{c}") for c in range(COMMUNITIES)],
        providers=[sm.Provider(id=f"p{p}", sector="public") for p in range(PROVIDERS)],
        facilities=[
            sm.Facility(id=f"f{p}", community=f"c{p}", provider=f"p{p}")
            for p in range(PROVIDERS)
        ],
        slots=[
            sm.Slot(
                id=f"s{i}",
                facility=f"f{each.provider}",
                kinds=["lesson"],
                capacity=each.places,
                unit_cost=each.unit_cost,
                fee=each.fee,
            )
            for i, each in enumerate(problem.sessions)
        ],
        needs=[
            sm.Need(
                id=f"n{i}",
                community=f"c{each.community}",
                kind="lesson",
                quantity=each.units,
                choices=[f"s{s}" for s in each.sessions],
            )
            for i, each in enumerate(problem.asking)
        ],
    )
    rules = [
        sm.AtMost("cost", problem.budget, by="provider"),
        sm.AtMost("fees", problem.fees, by="community"),
    ]
    fair = sm.Leximin("fill_rate", by="community")
    goals = (fair, sm.Maximize("served"), sm.Minimize("rank"))
    return instance, sm.Policy(rules=rules, goals=goals)


def direct(problem: Problem, seconds: float) -> Answer:
    book, rows = CpSat(seconds, goals=3), []
    of_session, cost, fees, rank = Terms(list), Terms(list), Terms(list), []
    of_community, asked = Terms(list), Units(int)
    for i, each in enumerate(problem.asking):
        goes = []
        asked[each.community] += each.units
        for position, at in enumerate(each.sessions):
            x, session = book.integer(each.units), problem.sessions[at]
            goes.append((x, 1))
            of_session[at].append((x, 1))
            cost[session.provider].append((x, session.unit_cost))
            fees[each.community].append((x, session.fee))
            rank.append((x, position))
            rows.append((f"s{at}", f"n{i}", 1, x))
        book.model.add(total(goes) <= each.units)
        of_community[each.community] += goes
    for at, terms in of_session.items():
        book.model.add(total(terms) <= problem.sessions[at].places)
    for terms in cost.values():
        book.model.add(total(terms) <= problem.budget)
    for terms in fees.values():
        book.model.add(total(terms) <= problem.fees)
    book.leximin_then_most(of_community, asked)
    book.minimize(total(rank))
    return book.answer(rows)


CASE = Case("budgets", tuple(SIZES), problem, ours, direct, large=("1500x200",))

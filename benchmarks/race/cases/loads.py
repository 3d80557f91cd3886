"""Most served, then what it costs the providers as evenly as can be, then the way."""

from dataclasses import dataclass
from random import Random

import sharematch as sm
from benchmarks.race.entries import Answer, Case
from benchmarks.race.places import Place, metres, place
from benchmarks.race.textbook import CpSat, Terms, total

REACH = 4_000
SIZES = {"15x6": (15, 6, 3), "120x30": (120, 30, 5), "300x80": (300, 80, 8)}
SIZES |= {"1000x200": (1000, 200, 12)}


@dataclass(frozen=True)
class Offer:
    provider: int
    places: int
    unit_cost: int
    at: Place


@dataclass(frozen=True)
class Problem:
    asking: tuple[tuple[int, Place], ...]
    """Units and home."""
    offers: tuple[Offer, ...]
    providers: int


def problem(seed: int, size: str) -> Problem:
    rng, (needs, offers, providers) = Random(f"loads {seed}"), SIZES[size]
    asked = tuple((rng.randint(1, 4), place(rng, 7)) for _ in range(needs))
    places = sum(units for units, _ in asked) // offers
    return Problem(
        asked,
        tuple(
            Offer(
                rng.randrange(providers),
                rng.randint(places, 2 * places),
                rng.randint(2, 9),
                place(rng, 7),
            )
            for _ in range(offers)
        ),
        providers,
    )


def ours(problem: Problem) -> tuple[sm.Instance, sm.Policy]:
    instance = sm.Instance(
        travel={"metric": "plane"},
        communities=[sm.Community(id="town")],
        providers=[
            sm.Provider(id=f"p{p}", sector="host") for p in range(problem.providers)
        ],
        facilities=[
            sm.Facility(
                id=f"f{j}",
                community="town",
                provider=f"p{offer.provider}",
                location=offer.at,
            )
            for j, offer in enumerate(problem.offers)
        ],
        slots=[
            sm.Slot(
                id=f"s{j}",
                facility=f"f{j}",
                kinds=["care"],
                capacity=offer.places,
                unit_cost=offer.unit_cost,
            )
            for j, offer in enumerate(problem.offers)
        ],
        needs=[
            sm.Need(
                id=f"n{i}",
                community="town",
                kind="care",
                quantity=units,
                location=home,
                max_travel=REACH // 1000,
            )
            for i, (units, home) in enumerate(problem.asking)
        ],
    )
    even = sm.Leximax("cost", by="provider")
    goals = (sm.Maximize("served"), even, sm.Minimize("travel"))
    return instance, sm.Policy(goals=goals)


def direct(problem: Problem, seconds: float) -> Answer:
    book, rows, of_offer = CpSat(seconds, goals=3), [], Terms(list)
    cost, travel = Terms(list), []
    for i, (units, home) in enumerate(problem.asking):
        goes = []
        for j, offer in enumerate(problem.offers):
            if (way := metres(home, offer.at)) <= REACH:
                x = book.integer(units)
                goes.append((x, 1))
                of_offer[j].append((x, 1))
                cost[offer.provider].append((x, offer.unit_cost))
                travel.append((x, way))
                rows.append((f"s{j}", f"n{i}", 1, x))
        book.model.add(total(goes) <= units)
    for j, terms in of_offer.items():
        book.model.add(total(terms) <= problem.offers[j].places)
    book.maximize(total(term for terms in of_offer.values() for term in terms))
    most = sum(offer.places * offer.unit_cost for offer in problem.offers)
    book.leximax([total(terms) for terms in cost.values()], most)
    book.minimize(total(travel))
    return book.answer(rows)


CASE = Case("loads", tuple(SIZES), problem, ours, direct, large=("1000x200",))

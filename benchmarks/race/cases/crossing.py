"""Groups that cross: fair by community, capped by community and kind, even by label.

A need may carry two labels; no label is served more than a fifth better than another.
"""

from dataclasses import dataclass
from itertools import permutations
from random import Random

import sharematch as sm
from benchmarks.race.entries import Answer, Case
from benchmarks.race.places import Place, metres, place
from benchmarks.race.textbook import CpSat, Terms, Units, total

COMMUNITIES, REACH = 8, 3_500
KINDS = ("advice", "meal", "sport")
LABELS = ("disabled", "elderly", "girls", "youth")
SIZES = {
    "20x8": (20, 8),
    "200x40": (200, 40),
    "500x80": (500, 80),
    "2000x250": (2000, 250),
}


@dataclass(frozen=True)
class Asking:
    community: int
    kind: str
    labels: tuple[str, ...]
    units: int
    home: Place


@dataclass(frozen=True)
class Offer:
    kinds: tuple[str, ...]
    places: int
    at: Place


@dataclass(frozen=True)
class Problem:
    asking: tuple[Asking, ...]
    offers: tuple[Offer, ...]
    cap: int
    """On what a community has of one kind."""

    def reach(self, each: Asking) -> list[int]:
        return [
            j
            for j, offer in enumerate(self.offers)
            if each.kind in offer.kinds and metres(each.home, offer.at) <= REACH
        ]


def problem(seed: int, size: str) -> Problem:
    rng, (needs, offers) = Random(f"crossing {seed}"), SIZES[size]
    asked = tuple(
        Asking(
            rng.randrange(COMMUNITIES),
            rng.choice(KINDS),
            tuple(sorted(rng.sample(LABELS, rng.choice([1, 1, 2])))),
            rng.randint(1, 4),
            place(rng, 8),
        )
        for _ in range(needs)
    )
    units = sum(each.units for each in asked)
    places = max(units * 3 // (4 * offers), 1)
    offered = tuple(
        Offer(
            tuple(sorted(rng.sample(KINDS, rng.choice([1, 2])))),
            rng.randint(max(places // 2, 1), places * 3 // 2),
            place(rng, 8),
        )
        for _ in range(offers)
    )
    return Problem(asked, offered, units // (COMMUNITIES * len(KINDS)))


def ours(problem: Problem) -> tuple[sm.Instance, sm.Policy]:
    instance = sm.Instance(
        travel={"metric": "plane"},
        communities=[sm.Community(id=f"c{c}") for c in range(COMMUNITIES)],
        facilities=[
            sm.Facility(id=f"f{j}", community=f"c{j % COMMUNITIES}", location=offer.at)
            for j, offer in enumerate(problem.offers)
        ],
        slots=[
            sm.Slot(
                id=f"s{j}", facility=f"f{j}", kinds=offer.kinds, capacity=offer.places
            )
            for j, offer in enumerate(problem.offers)
        ],
        needs=[
            sm.Need(
                id=f"n{i}",
                community=f"c{each.community}",
                kind=each.kind,
                quantity=each.units,
                groups=each.labels,
                location=each.home,
                max_travel=REACH / 1000,
            )
            for i, each in enumerate(problem.asking)
        ],
    )
    capped = sm.AtMost("served", problem.cap, by=("community", "kind"))
    even = sm.Within("fill_rate", "1/5", by="group")
    return instance, sm.Policy(rules=(capped, even), goals=sm.Policy.fair().goals)


def direct(problem: Problem, seconds: float) -> Answer:
    book, rows, of_offer = CpSat(seconds, goals=3), [], Terms(list)
    travel, served, asked = [], Terms(list), Units(int)
    for i, each in enumerate(problem.asking):
        goes = []
        for j in problem.reach(each):
            x = book.integer(each.units)
            goes.append((x, 1))
            of_offer[j].append((x, 1))
            travel.append((x, metres(each.home, problem.offers[j].at)))
            rows.append((f"s{j}", f"n{i}", 1, x))
        book.model.add(total(goes) <= each.units)
        for group in (each.community, (each.community, each.kind), *each.labels):
            asked[group] += each.units
            served[group] += goes
    for j, terms in of_offer.items():
        book.model.add(total(terms) <= problem.offers[j].places)
    for community in range(COMMUNITIES):
        for kind in KINDS:
            book.model.add(total(served[community, kind]) <= problem.cap)
    labels = [label for label in LABELS if asked[label]]
    for a, b in permutations(labels, 2):
        more = asked[b] * total(served[a]) - asked[a] * total(served[b])
        book.model.add(5 * more <= asked[a] * asked[b])
    communities = [c for c in range(COMMUNITIES) if asked[c]]
    book.leximin([(total(served[c]), asked[c]) for c in communities])
    book.maximize(total(term for c in communities for term in served[c]))
    book.minimize(total(travel))
    return book.answer(rows)


CASE = Case("crossing", tuple(SIZES), problem, ours, direct, large=("2000x250",))

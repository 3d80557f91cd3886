"""Ways that a community may travel in all, days that open at most, weights of needs."""

from dataclasses import dataclass
from random import Random

import sharematch as sm
from benchmarks.race.entries import Answer, Case
from benchmarks.race.places import Place, metres, place
from benchmarks.race.textbook import CpSat, Terms, Units, total

COMMUNITIES, REACH = 6, 4_000
SIZES = {"15x6": (15, 6, 3), "150x40": (150, 40, 15), "400x80": (400, 80, 30)}
SIZES |= {"1500x200": (1500, 200, 80)}


@dataclass(frozen=True)
class Asking:
    community: int
    units: int
    weight: int
    home: Place


@dataclass(frozen=True)
class Problem:
    asking: tuple[Asking, ...]
    offers: tuple[Place, ...]
    places: int
    """Of each offer."""
    most_open: int

    @property
    def most_way(self) -> int:
        """Metres of each community in all."""
        return 1_200 * sum(each.units for each in self.asking) // COMMUNITIES

    @property
    def least_weight(self) -> int:
        return sum(each.units * each.weight for each in self.asking) // 4


def problem(seed: int, size: str) -> Problem:
    rng, (needs, offers, most_open) = Random(f"ways {seed}"), SIZES[size]
    asked = tuple(
        Asking(
            i % COMMUNITIES, rng.randint(1, 4), rng.choice([1, 1, 2, 5]), place(rng, 7)
        )
        for i in range(needs)
    )
    places = 8 * sum(each.units for each in asked) // (10 * most_open)
    return Problem(
        asked, tuple(place(rng, 7) for _ in range(offers)), places, most_open
    )


def ours(problem: Problem) -> tuple[sm.Instance, sm.Policy]:
    instance = sm.Instance(
        travel={"metric": "plane"},
        communities=[sm.Community(id=f"c{c}") for c in range(COMMUNITIES)],
        facilities=[
            sm.Facility(id=f"f{j}", community=f"c{j % COMMUNITIES}", location=at)
            for j, at in enumerate(problem.offers)
        ],
        slots=[
            sm.Slot(
                id=f"s{j}", facility=f"f{j}", kinds=["aid"], capacity=problem.places
            )
            for j in range(len(problem.offers))
        ],
        needs=[
            sm.Need(
                id=f"n{i}",
                community=f"c{each.community}",
                kind="aid",
                quantity=each.units,
                weight=each.weight,
                location=each.home,
                max_travel=REACH // 1000,
            )
            for i, each in enumerate(problem.asking)
        ],
    )
    rules: list[sm.AtLeast | sm.AtMost] = [
        sm.AtMost("travel", problem.most_way, by="community"),
        sm.AtMost("opened_slots", problem.most_open),
        sm.AtLeast("weighted_served", problem.least_weight),
    ]
    fair = sm.Leximin("fill_rate", by="community")
    goals = (fair, sm.Maximize("weighted_served"), sm.Minimize("travel"))
    return instance, sm.Policy(rules=rules, goals=goals)


def direct(problem: Problem, seconds: float) -> Answer:
    book, rows, of_offer = CpSat(seconds, goals=3), [], Terms(list)
    way, weighted = Terms(list), []
    of_community, asked = Terms(list), Units(int)
    for i, each in enumerate(problem.asking):
        goes = []
        asked[each.community] += each.units
        for j, at in enumerate(problem.offers):
            if (metres_there := metres(each.home, at)) <= REACH:
                x = book.integer(each.units)
                goes.append((x, 1))
                of_offer[j].append((x, 1))
                way[each.community].append((x, metres_there))
                weighted.append((x, each.weight))
                rows.append((f"s{j}", f"n{i}", 1, x))
        book.model.add(total(goes) <= each.units)
        of_community[each.community] += goes
    opens = []
    for terms in of_offer.values():
        opens.append((book.boolean(), 1))
        book.model.add(total(terms) <= problem.places * opens[-1][0])
    book.model.add(total(opens) <= problem.most_open)
    for terms in way.values():
        book.model.add(total(terms) <= problem.most_way)
    book.model.add(total(weighted) >= problem.least_weight)
    book.leximin([(total(of_community[c]), asked[c]) for c in asked])
    book.maximize(total(weighted))
    book.minimize(total(term for terms in way.values() for term in terms))
    return book.answer(rows)


CASE = Case("ways", tuple(SIZES), problem, ours, direct, large=("1500x200",))

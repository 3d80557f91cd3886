"""A district in autumn, all rules at once.

Clinics that come for a few people at least, choirs in rooms that cost to open, courses
of eight weeks whose teachers have several, volunteers and technicians who go so far and
so often, counters in houses that cost to open; one limit on what all that is subsidized
with. Disabled residents first, then fair among twelve communities.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from random import Random

import sharematch as sm
from benchmarks.race.entries import Answer, Case
from benchmarks.race.places import Place, metres, near, place
from benchmarks.race.textbook import CpSat, Terms, Units, total

COMMUNITIES, WEEKS, MEETINGS, REACH = 12, 10, 8, 4_000
KINDS = (*["clinic", "payout"] * 6, *["care", "repair"] * 3, *["course"] * 2, "music")
MONDAY = datetime(2027, 9, 6)
SIZES = {"60": 60, "400": 400, "2000": 2000}


@dataclass(frozen=True)
class House:
    name: str
    at: Place
    opening: int = 0
    most: int | None = None
    """Units over the autumn."""
    goes: int | None = None
    """Metres that those who come from here go; None: residents come."""


@dataclass(frozen=True)
class Offer:
    name: str
    house: House
    kind: str
    places: int
    start: datetime
    least: int = 0
    opening: int = 0
    unit_cost: int = 0
    fee: int = 0


@dataclass(frozen=True)
class Party:
    """Who is served together: a household, the voices of a choir, or a course."""

    name: str
    community: int
    kind: str
    home: Place
    members: tuple[int, ...]
    days: tuple[int, ...]
    is_disabled: bool = False
    teacher: str | None = None

    @property
    def is_choir(self) -> bool:
        return self.kind == "music"

    @property
    def is_whole(self) -> bool:
        return self.is_choir or self.teacher is not None

    @property
    def meetings(self) -> int:
        return MEETINGS if self.teacher else 1

    @property
    def heads(self) -> int:
        return sum(self.members)


@dataclass(frozen=True)
class Problem:
    houses: tuple[House, ...]
    offers: tuple[Offer, ...]
    parties: tuple[Party, ...]
    limit: int


def problem(seed: int, size: str) -> Problem:
    rng, needs = Random(f"district {seed}"), SIZES[size]
    centers = [place(rng, 10) for _ in range(COMMUNITIES)]
    parties: list[Party] = []
    asked = 0
    while asked < needs:
        parties.append(_party(rng, len(parties), centers))
        asked += len(parties[-1].members)
    offers = tuple(_offers(rng, needs))
    houses = tuple(dict.fromkeys(offer.house for offer in offers))
    return Problem(houses, offers, tuple(parties), 6 * needs)


def _party(rng: Random, number: int, centers: list[Place]) -> Party:
    community = rng.randrange(COMMUNITIES)
    home = near(rng, centers[community], 0.7)
    kind = rng.choice(KINDS)
    days = tuple(sorted(rng.sample(range(5), 3)))
    if kind == "course":
        teacher = f"t{rng.randrange(4)}-{community}"
        return Party(f"n{number}", community, kind, home, (1,), days, teacher=teacher)
    voices = rng.choice([3, 4]) if kind == "music" else 1
    members = tuple(rng.randint(1, 4) for _ in range(voices))
    is_disabled = voices == 1 and rng.random() < 0.2
    return Party(f"n{number}", community, kind, home, members, days, is_disabled)


def _hour(day: int, at: int, week: int = 0) -> datetime:
    return MONDAY + timedelta(days=day, hours=at, weeks=week)


def _offers(rng: Random, needs: int) -> Iterator[Offer]:
    for i in range(max(needs // 100, 1)):
        yield from _clinic(rng, House(f"clinic{i}", place(rng, 10)))
    for i in range(max(needs // 130, 1)):
        yield from _room(rng, House(f"room{i}", place(rng, 10)))
    for i in range(max(needs // 30, 2)):
        kind, goes = ("care", 2_500) if i % 2 else ("repair", 4_000)
        house = House(f"helper{i}", place(rng, 10), 0, rng.randint(6, 12), goes)
        for day in range(5):
            yield Offer(
                f"{house.name}-{day}", house, kind, 3, _hour(day, 9), 0, 0, 4, 1
            )
    for i in range(max(needs // 40, 2)):
        house = House(f"office{i}", place(rng, 10), rng.randint(40, 100))
        for day in (0, 2):
            yield Offer(
                f"office{i}-{day}", house, "payout", 14, _hour(day, 9), 0, 10, 1
            )


def _clinic(rng: Random, house: House) -> Iterator[Offer]:
    for day in range(5):
        start, cost = _hour(day, 9), rng.randint(5, 9)
        yield Offer(f"{house.name}-{day}", house, "clinic", 9, start, 4, 0, cost, 2)


def _room(rng: Random, house: House) -> Iterator[Offer]:
    seats = rng.randint(12, 25)
    for day in range(5):
        start, opening = _hour(day, 19), rng.randint(20, 60)
        yield Offer(f"{house.name}-{day}", house, "music", seats, start, 0, opening)
    for day, at, week in product(range(5), (15, 17), range(WEEKS)):
        name, start = f"{house.name}-{day}-{at}-{week}", _hour(day, at, week)
        yield Offer(name, house, "course", 1, start, 0, 0, 8, 3)


def ours(problem: Problem) -> tuple[sm.Instance, sm.Policy]:
    instance = sm.Instance(
        travel={"metric": "plane"},
        communities=[sm.Community(id=f"c{c}") for c in range(COMMUNITIES)],
        facilities=[
            sm.Facility(
                id=house.name,
                community=f"c{h % COMMUNITIES}",
                location=house.at,
                opening_cost=house.opening,
                max_units=house.most,
            )
            for h, house in enumerate(problem.houses)
        ],
        slots=[_slot(offer) for offer in problem.offers],
        needs=[need for party in problem.parties for need in _needs(party)],
    )
    rules = [sm.AtMost("subsidy", problem.limit)]
    goals = sm.Policy.vulnerable_first("disabled").goals
    return instance, sm.Policy(rules=rules, goals=goals)


def _slot(offer: Offer) -> sm.Slot:
    goes = offer.house.goes
    return sm.Slot(
        id=offer.name,
        facility=offer.house.name,
        kinds=[offer.kind],
        capacity=offer.places,
        start=offer.start,
        end=offer.start + timedelta(minutes=90),
        min_units=offer.least,
        opening_cost=offer.opening,
        unit_cost=offer.unit_cost,
        fee=offer.fee,
        radius=None if goes is None else goes / 1000,
    )


def _needs(party: Party) -> list[sm.Need]:
    weeks = range(WEEKS if party.teacher else 1)
    days = [MONDAY + timedelta(days=day, weeks=w) for w in weeks for day in party.days]
    return [
        sm.Need(
            id=f"{party.name}-{m}",
            community=f"c{party.community}",
            kind=party.kind,
            quantity=heads,
            location=party.home,
            max_travel=REACH // 1000,
            windows=[(day, day + timedelta(days=1)) for day in days],
            groups=["disabled"] if party.is_disabled else [],
            together=party.name if party.is_choir else None,
            person=party.teacher,
            sessions=party.meetings,
            every=7 * 24 * 60 if party.teacher else None,
        )
        for m, heads in enumerate(party.members)
    ]


def direct(problem: Problem, seconds: float) -> Answer:
    """One variable for each party and what it may have: an hour, or a series."""
    book, rows, travel = CpSat(seconds, goals=4), [], []
    of_offer, lessons, disabled = Terms(list), Terms(list), []
    of_community, asked = Terms(list), Units(int)
    for party, choices in _choices(problem):
        has = []
        asked[party.community] += party.heads * party.meetings
        units = party.heads if party.is_whole else 1
        for way, series in choices:
            x = book.boolean() if party.is_whole else book.integer(party.heads)
            has.append((x, units * len(series)))
            travel.append((x, units * len(series) * way))
            for offer in series:
                of_offer[offer.name].append((x, units))
                lessons[party.teacher or party.name, offer.start].append(x)
                for m, heads in enumerate(party.members):
                    share = heads if party.is_whole else 1
                    rows.append((offer.name, f"{party.name}-{m}", share, x))
        book.within(has, party.heads * party.meetings)
        of_community[party.community] += has
        disabled += has * party.is_disabled
        if party.is_whole:
            book.one_of(x for x, _ in has)
    for (who, _), together in lessons.items():
        if who.startswith("t"):
            book.one_of(together)
    book.model.add(total(_paid(problem, book, of_offer)) <= problem.limit)
    book.maximize(total(disabled))
    book.leximin_then_most(of_community, asked)
    book.minimize(total(travel))
    return book.answer(rows)


def _choices(problem: Problem) -> Iterator[tuple[Party, list[tuple[int, list[Offer]]]]]:
    """Return each party with the ways and hours of all that it may have."""
    offers, at = Terms(list), {(o.house, o.kind, o.start): o for o in problem.offers}
    for offer in problem.offers:
        offers[offer.kind].append(offer)
    for party in problem.parties:
        choices = []
        for first in offers[party.kind]:
            way, most = metres(party.home, first.house.at), first.house.goes or REACH
            if way > most or first.start.weekday() not in party.days:
                continue
            starts = [first.start + timedelta(weeks=w) for w in range(party.meetings)]
            series = [at.get((first.house, first.kind, start)) for start in starts]
            if all(series):
                choices.append((way, [offer for offer in series if offer]))
        yield party, choices


def _paid(problem: Problem, book: CpSat, of_offer: Terms) -> list[tuple[object, int]]:
    """Keep what holds for houses and hours; return what the district pays for each."""
    paid: list[tuple[object, int]] = []
    of_house = Terms(list)
    opens = {house: book.model.new_bool_var("") for house in problem.houses}
    for offer in problem.offers:
        units, is_used = total(of_offer[offer.name]), book.model.new_bool_var("")
        of_house[offer.house] += of_offer[offer.name]
        loss = book.integer(problem.limit)
        book.within(of_offer[offer.name], offer.places)
        book.model.add(units <= offer.places * is_used)
        book.model.add(units >= offer.least * is_used)
        book.model.add(is_used <= opens[offer.house])
        book.model.add(
            loss >= offer.opening * is_used + (offer.unit_cost - offer.fee) * units
        )
        paid.append((loss, 1))
    for house in problem.houses:
        paid.append((opens[house], house.opening))
        if house.most is not None:
            book.model.add(total(of_house[house]) <= house.most)
    return paid


CASE = Case("district", tuple(SIZES), problem, ours, direct, large=("2000",))

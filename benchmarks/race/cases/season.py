"""A season: 61 clubs, about 300 trainings of 60 to 120 minutes, 13 halls in parts.

A team trains at most once a day, a trainer is at one place at a time. Fewer halls: the
same wishes, those for halls that are closed go, who has none left keeps asking. "39" is
a town three times as large, "given" a season in CSV, where one is at hand. "most": only
how many are served counts, then ranks; "entitled": a club's units by its entitlement.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from random import Random

import sharematch as sm
from benchmarks.race.entries import Answer, Case
from benchmarks.race.prototype import BESIDE
from benchmarks.race.textbook import CpSat, Terms, Units, Variable, total

GIVEN = BESIDE / "race" / "town_season"
STEP = timedelta(minutes=30)
MONDAY = datetime(2027, 9, 6)
PARTS = (3, 3, 3, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1)
SIZES = {"1": (1, 1), "3": (3, 3), "13": (13, 13), "9": (13, 9), "7": (13, 7)}
SIZES |= {"13 most": (13, 13), "9 most": (13, 9), "9 entitled": (13, 9)}
SIZES |= {"39": (39, 39), "26 of 39": (39, 26)}
GIVEN_SIZES = {"given 13": 13, "given 9": 9, "given 7": 7} if GIVEN.exists() else {}

Window = tuple[datetime, datetime]


@dataclass(frozen=True)
class Hall:
    name: str
    kind: str
    parts: int
    starts: tuple[datetime, ...]

    @cached_property
    def offered(self) -> frozenset[datetime]:
        return frozenset(self.starts)

    def slot(self, start: datetime) -> str:
        return f"{self.name}-{start:%d-%H%M}"


@dataclass(frozen=True)
class Training:
    name: str
    club: str
    kind: str
    parts: int
    steps: int
    windows: tuple[Window, ...]
    halls: tuple[str, ...]
    trainer: str
    is_once: bool
    """Whether its team has no other on that day."""

    @property
    def units(self) -> int:
        return self.parts * self.steps

    def fits(self, hall: Hall) -> bool:
        return self.kind in (hall.kind, "sport") and hall.parts >= self.parts


@dataclass(frozen=True)
class Problem:
    halls: tuple[Hall, ...]
    trainings: tuple[Training, ...]
    form: str = ""
    """What comes first: the rates, "most", or what clubs are entitled to; "any": the
    rates, and trainings go to any hall."""

    @property
    def entitlement(self) -> dict[str, int]:
        clubs = sorted({each.club for each in self.trainings})
        return {club: 4 + 5 * (i % 4) for i, club in enumerate(clubs)}

    def with_halls(self, count: int) -> "Problem":
        halls = self.halls[:count]
        kept = {hall.name for hall in halls}
        asked = tuple(_wishing(each, kept) for each in self.trainings)
        return replace(self, halls=halls, trainings=asked)


def _wishing(training: Training, kept: set[str]) -> Training:
    halls = tuple(hall for hall in training.halls if hall in kept)
    return replace(training, halls=halls, kind=training.kind if halls else "none")


def problem(seed: int, size: str) -> Problem:
    if size in GIVEN_SIZES:
        return given(GIVEN).with_halls(GIVEN_SIZES[size])
    form = size.partition(" ")[2] if size.endswith(("most", "entitled")) else ""
    return replace(town(seed, *SIZES[size]), form=form)


def town(seed: int, halls: int, kept: int) -> Problem:
    """Return a town of so many halls, of which the first few are kept."""
    rng = Random(f"season {seed}")
    all_halls = tuple(_hall(rng, h) for h in range(halls))
    clubs = [f"c{c:03}" for c in range(round(4.7 * halls))]
    teams = [(c, t) for c in clubs for t in range(rng.choice([1, 1, 2, 2, 3, 3, 8]))]
    asked = [each for club, t in teams for each in _team(rng, club, t, all_halls)]
    return Problem(all_halls, tuple(asked)).with_halls(kept)


def _hall(rng: Random, number: int) -> Hall:
    kind = "sport/room" if number % 13 >= 10 else "sport/hall"
    first, starts = rng.choice([32, 32, 34]), []
    for day in range(5 + rng.choice([0, 1, 1, 2])):
        steps = range(first, 44) if day < 5 else range(18, 36)
        starts += [MONDAY + timedelta(days=day) + step * STEP for step in steps]
    return Hall(f"h{number:02}", kind, PARTS[number % 13], tuple(starts))


def _team(
    rng: Random, club: str, number: int, halls: tuple[Hall, ...]
) -> Iterable[Training]:
    kind = rng.choice(["sport", "sport/hall", "sport/hall"])
    parts, steps = rng.choice([1] * 7 + [2, 2, 3]), rng.choice([2, 3, 3, 3, 4])
    fits = [
        h.name
        for h in halls
        if h.parts >= parts and h.kind in (kind, f"{kind}/room", f"{kind}/hall")
    ]
    wished = rng.sample(fits, min(len(fits), rng.choice([3, 3, 4, 5, 6, 8])))
    since = rng.choice([16, 18])  # the young come early
    days = sorted(rng.sample(range(6), rng.choice([2, 3, 4, 5])))
    hours = [(day, (since, since + 4) if day < 5 else (9, 18)) for day in days]
    windows = tuple((_at(day, first), _at(day, last)) for day, (first, last) in hours)
    count, name = rng.choice([1, 1, 2, 2, 3]), f"{club}-{number}"
    for k in range(count):
        yield Training(
            name=f"{name}-{k}",
            club=club,
            kind=kind if wished else "none",
            parts=parts,
            steps=steps,
            windows=windows,
            halls=tuple(wished),
            trainer=f"p-{name}",
            is_once=count > 1,
        )


def _at(day: int, hour: int) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour)


def given(folder: Path) -> Problem:
    """Read a season of the same form, slots of half an hour."""
    starts, kind_and_parts = defaultdict(list), {}
    for row in _table(folder / "slots.csv"):
        starts[row["facility"]].append(datetime.fromisoformat(row["start"]))
        kind_and_parts[row["facility"]] = row["kinds"], int(row["capacity"])
    halls = []
    for name, (kind, parts) in sorted(kind_and_parts.items()):
        halls.append(Hall(name, kind, parts, tuple(sorted(starts[name]))))
    trainings = [
        Training(
            name=row["id"],
            club=row["community"],
            kind=row["kind"],
            parts=int(row["quantity"]),
            steps=int(row["sessions"]),
            windows=tuple(_window(text) for text in row["windows"].split(";")),
            halls=tuple(row["choices"].split(";")),
            trainer=row["person"],
            is_once="once-" in row["groups"],
        )
        for row in _table(folder / "needs.csv")
    ]
    return Problem(tuple(halls), tuple(trainings))


def _table(path: Path) -> list[Mapping[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _window(text: str) -> Window:
    start, end = map(datetime.fromisoformat, text.split("/"))
    return start, end


def ours(problem: Problem) -> tuple[sm.Instance, sm.Policy]:
    town = next(iter(problem.entitlement))
    instance = sm.Instance(
        communities=[
            sm.Community(id=club, entitlement=units)
            for club, units in problem.entitlement.items()
        ],
        facilities=[
            sm.Facility(id=hall.name, community=town) for hall in problem.halls
        ],
        slots=[
            sm.Slot(
                id=hall.slot(start),
                facility=hall.name,
                kinds=[hall.kind],
                capacity=hall.parts,
                start=start,
                end=start + STEP,
            )
            for hall in problem.halls
            for start in hall.starts
        ],
        needs=[
            sm.Need(
                id=each.name,
                community=each.club,
                kind=each.kind,
                quantity=each.parts,
                sessions=each.steps,
                every=30,
                groups=[f"once-{each.units}"] if each.is_once else [],
                windows=each.windows,
                choices=each.halls,
                person=each.trainer,
            )
            for each in problem.trainings
        ],
    )
    once = sorted({each.units for each in problem.trainings if each.is_once})
    rules = [
        sm.AtMost("served", k, by=("person", "day"), where={"group": f"once-{k}"})
        for k in once
    ]
    first: dict[str, list[sm.Leximin]] = {
        "": [sm.Leximin("fill_rate", by="community")],
        "most": [],
        "entitled": [sm.Leximin("served", by="community", weights="entitlement")],
    }
    goals: list[sm.Leximin | sm.Maximize | sm.Minimize]
    goals = [*first[problem.form], sm.Maximize("served"), sm.Minimize("rank")]
    return instance, sm.Policy(rules=rules, goals=goals)


def direct(problem: Problem, seconds: float, *, is_rank_by_hour: bool = True) -> Answer:
    """One Boolean for each training, hall and start."""
    book = CpSat(seconds, goals=2 if problem.form in ("most", "any") else 3)
    halls = {hall.name: hall for hall in problem.halls}
    rows, of_cell, cliques = [], Terms(list), Terms(list)
    rank, of_club = [], Terms(list)
    for each in problem.trainings:
        starts: list[Variable] = []
        rank_units = each.units if is_rank_by_hour else each.parts
        for position, hall in enumerate(halls[name] for name in each.halls):
            for start in _possible(each, hall):
                x = book.boolean()
                starts.append(x)
                rank.append((x, position * rank_units))
                for moment in (start + k * STEP for k in range(each.steps)):
                    of_cell[hall.name, moment].append((x, each.parts))
                    cliques[each.trainer, moment].append(x)
                    rows.append((hall.slot(moment), each.name, each.parts, x))
                if each.is_once:
                    cliques[each.trainer, start.date()].append(x)
        book.one_of(starts)
        of_club[each.club] += [(x, each.units) for x in starts]
    for (name, _), terms in of_cell.items():
        book.within(terms, halls[name].parts)
    for together in cliques.values():
        book.one_of(together)
    _solve(problem, book, of_club)
    _minimize_rank(problem, book, rank)
    return book.answer(rows)


def _solve(problem: Problem, book: CpSat, of_club: Terms) -> None:
    asked = Units(int)
    for each in problem.trainings:
        asked[each.club] += each.units
    if problem.form != "most":
        weights = problem.entitlement if problem.form == "entitled" else asked
        clubs = [(total(of_club[club]), weights[club]) for club in asked]
        book.leximin(clubs, [asked[club] for club in asked])
    book.maximize(total(term for terms in of_club.values() for term in terms))


def _minimize_rank(
    problem: Problem, book: CpSat, rank: list[tuple[Variable, int]]
) -> None:
    if problem.form != "any":
        book.minimize(total(rank))


def _possible(training: Training, hall: Hall) -> Iterable[datetime]:
    if not training.fits(hall):
        return
    length = training.steps * STEP
    for start in hall.starts:
        inside = any(a <= start and start + length <= b for a, b in training.windows)
        if inside and all(
            start + k * STEP in hall.offered for k in range(training.steps)
        ):
            yield start


LARGE = ("39", "26 of 39")
CASE = Case(
    "season",
    (*SIZES, *GIVEN_SIZES),
    problem,
    ours,
    direct,
    large=LARGE,
    seasons=("1", "3", "13", "9", "7", *LARGE, *GIVEN_SIZES),
)

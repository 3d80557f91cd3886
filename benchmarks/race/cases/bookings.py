"""A season as offices have it: openings by day, teams that ask for bookings.

The town of `season`, not cut into half hours: a team is one need, with the minutes of
its trainings and how many a week, one a day. Every club's share of the minutes that it
asks for counts, the worst first. "40" has about 190 clubs and 950 trainings; "any":
they may go to any hall that is large enough, which makes 400 to 800 columns a team.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby

import sharematch as sm
from benchmarks.race.cases import season
from benchmarks.race.cases.season import STEP, Hall, Problem, Training
from benchmarks.race.entries import Answer, Case, Row

MINUTES = 30
SIZES = {"1": (1, 1), "3": (3, 3), "13": (13, 13), "9": (13, 9), "7": (13, 7)}
SIZES |= {"40": (40, 40), "27 of 40": (40, 27)}
LARGE = ("40", "27 of 40", "40 any", "27 of 40 any")


def problem(seed: int, size: str) -> Problem:
    name = size.removesuffix(" any")
    town = season.town(seed, *SIZES[name])
    return town if name == size else _anywhere(town)


def _anywhere(town: Problem) -> Problem:
    """Return the town with teams that go to any hall."""
    asked = [
        replace(each, halls=tuple(h.name for h in town.halls if each.fits(h)))
        for each in town.trainings
    ]
    return replace(town, trainings=tuple(asked), form="any")


def _team(training: Training) -> str:
    return training.name.rpartition("-")[0]


def _opening(hall: str, start: datetime) -> str:
    return f"{hall}-{start:%d}"


def ours(problem: Problem) -> tuple[sm.Instance, sm.Policy]:
    clubs = sorted({each.club for each in problem.trainings})
    instance = sm.Instance(
        communities=[sm.Community(id=club) for club in clubs],
        facilities=[
            sm.Facility(id=hall.name, community=clubs[0]) for hall in problem.halls
        ],
        slots=[opening for hall in problem.halls for opening in _openings(hall)],
        needs=[
            _need(team, list(asked), is_choosing=problem.form != "any")
            for team, asked in groupby(problem.trainings, key=_team)
        ],
    )
    fair = sm.Leximin("minutes", by="community", weights="demand")
    rank = [] if problem.form == "any" else [sm.Minimize("rank")]
    return instance, sm.Policy(goals=[fair, sm.Maximize("minutes"), *rank])


def _openings(hall: Hall) -> Iterator[sm.Slot]:
    for _, on_a_day in groupby(hall.starts, key=datetime.date):
        starts = list(on_a_day)
        yield sm.Slot(
            id=_opening(hall.name, starts[0]),
            facility=hall.name,
            kinds=[hall.kind],
            capacity=hall.parts,
            start=starts[0],
            end=starts[-1] + STEP,
            step=MINUTES,
        )


def _need(team: str, asked: Sequence[Training], *, is_choosing: bool) -> sm.Need:
    training = asked[0]
    return sm.Need(
        id=team,
        community=training.club,
        kind=training.kind,
        quantity=training.parts,
        minutes=MINUTES * training.steps,
        times=len(asked),
        windows=training.windows,
        choices=training.halls if is_choosing else (),
        person=training.trainer,
    )


def half_hours(problem: Problem) -> sm.Instance:
    """Return the same season cut into half hours, a need for each training."""
    return season.ours(problem)[0]


def joined(problem: Problem, plan: Sequence[Row]) -> list[Row]:
    """Return bookings in place of half hours."""
    begun = {
        hall.slot(start): (start, _opening(hall.name, start))
        for hall in problem.halls
        for start in hall.starts
    }
    bookings: list[Row] = []
    for training, rows in groupby(sorted(plan, key=_training), key=_training):
        half_hours = list(rows)
        start, opening = min(begun[slot] for slot, *_ in half_hours)
        team, _, _ = training.rpartition("-")
        bookings.append((opening, team, half_hours[0][2], start))
    return bookings


def _training(row: Row) -> str:
    return row[1]


def direct(problem: Problem, seconds: float) -> Answer:
    """The model of `season`, its half hours joined."""
    answer = season.direct(problem, seconds, is_rank_by_hour=False)
    if answer.plan is None:
        return answer
    return replace(answer, plan=joined(problem, answer.plan))


CASE = Case(
    "bookings",
    (*SIZES, *LARGE[2:]),
    problem,
    ours,
    direct,
    large=LARGE,
    seasons=tuple(SIZES),
    half_hours=half_hours,
    joined=joined,
)

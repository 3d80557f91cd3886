"""All cases by name."""

from typing import Any

from benchmarks.race.cases import (
    agents,
    bookings,
    budgets,
    choirs,
    clinics,
    clubs,
    counters,
    courses,
    crossing,
    district,
    floors,
    halls,
    loads,
    openings,
    outings,
    packing,
    revisions,
    season,
    series,
    siting,
    subsidy,
    trainers,
    ways,
)
from benchmarks.race.entries import Case

__all__ = ["CASES"]

_FAMILIES = (
    *(halls, clubs, season, bookings, courses, series, choirs, trainers),
    *(siting, counters, openings, packing, agents, clinics, outings),
    *(subsidy, budgets, crossing, floors, loads, ways, revisions, district),
)

CASES: dict[str, Case[Any]] = {module.CASE.name: module.CASE for module in _FAMILIES}

"""All cases by name."""

from typing import Any

from benchmarks.race.cases import (
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
    openings,
    outings,
    packing,
    season,
    siting,
    subsidy,
    trainers,
)
from benchmarks.race.entries import Case

__all__ = ["CASES"]

_FAMILIES = (
    *(halls, clubs, season, courses, choirs, trainers),
    *(siting, counters, openings, packing, clinics, outings),
    *(subsidy, budgets, crossing, floors, district),
)

CASES: dict[str, Case[Any]] = {module.CASE.name: module.CASE for module in _FAMILIES}

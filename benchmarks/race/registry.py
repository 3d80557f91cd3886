"""All cases by name."""

from typing import Any

from benchmarks.race.cases import (
    choirs,
    clinics,
    clubs,
    courses,
    halls,
    openings,
    outings,
    packing,
    season,
    siting,
    trainers,
)
from benchmarks.race.entries import Case

__all__ = ["CASES"]

_FAMILIES = (
    *(halls, clubs, season, courses, choirs, trainers),
    *(siting, openings, packing, clinics, outings),
)

CASES: dict[str, Case[Any]] = {module.CASE.name: module.CASE for module in _FAMILIES}

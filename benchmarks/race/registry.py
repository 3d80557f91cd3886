"""All cases by name."""

from typing import Any

from benchmarks.race.cases import clubs, halls, openings, packing, season, siting
from benchmarks.race.entries import Case

__all__ = ["CASES"]

CASES: dict[str, Case[Any]] = {
    module.CASE.name: module.CASE
    for module in (halls, clubs, season, siting, openings, packing)
}

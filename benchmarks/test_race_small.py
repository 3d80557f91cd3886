"""Small races: no plan behind first come, no plan better than one that is proved."""

import pytest

from benchmarks.race.entrants import Heat, run_here
from benchmarks.race.registry import CASES
from benchmarks.race.results import faults, race
from benchmarks.race.tables import lines

SMALL = [(case, CASES[case].sizes[0]) for case in CASES]
SHORT = [("halls", "5x100"), ("clubs", "60 3/4"), ("season", "3"), ("district", "400")]


@pytest.mark.parametrize(("case", "size"), SMALL)
def test_small_plans_agree_with_their_direct_model(case: str, size: str) -> None:
    """Where both are proved they are equal: better than a proved one is a fault."""
    row = race(Heat(case, 1, size, 2.0), ("ours", "direct", "first_come"), run_here)
    assert faults(row) == [], lines(row)
    assert row["behind"]["first_come"] is None, lines(row)


@pytest.mark.parametrize(("case", "size"), SHORT)
def test_where_places_are_short_no_plan_is_behind_first_come(
    case: str, size: str
) -> None:
    row = race(Heat(case, 1, size, 1.0), ("ours", "first_come"), run_here)
    assert faults(row) == [], lines(row)
    assert row["behind"] == {"first_come": None}, lines(row)

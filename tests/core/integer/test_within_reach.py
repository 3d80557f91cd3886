"""What a need can have at the most: as much as its days hold, closed ones left out."""

from datetime import datetime, timedelta
from typing import Any

import pytest

import sharematch as sm
from sharematch.core.columns.encoding import encode
from sharematch.core.integer.lowering import lower_coupled
from sharematch.core.integer.program import Vector
from sharematch.core.measures.admission import admitted_arcs
from sharematch.core.measures.measures import Measures

WEEK = timedelta(weeks=1)
MONDAY = datetime(2027, 9, 6, 17)


def town(
    closed: tuple[int, ...], *needs: dict[str, Any], weeks: int = 8
) -> sm.Instance:
    """Return a hall that is open on Mondays, but for some weeks."""
    return sm.Instance(
        communities=[sm.Community(id="tianfeng")],
        facilities=[sm.Facility(id="hall", community="tianfeng")],
        slots=[
            sm.Slot(
                id=f"week {week}",
                facility="hall",
                kinds=["x"],
                capacity=4,
                start=MONDAY + week * WEEK,
                end=MONDAY + week * WEEK + timedelta(hours=3),
                step=30,
            )
            for week in range(weeks)
            if week not in closed
        ],
        needs=[
            sm.Need.model_validate(
                {"community": "tianfeng", "kind": "x", "every": 10080, **need}
            )
            for need in needs
        ],
    )


TEAM = {"minutes": 90, "sessions": 8, "min_sessions": 3}
THRICE = {"minutes": 60, "every": None, "times": 3}
EARLY = {"windows": [(MONDAY, MONDAY + WEEK + timedelta(hours=3))]}


@pytest.mark.parametrize(
    ("closed", "needs", "most"),
    [
        ((), [{"id": "a", **TEAM}], 8),
        ((2, 3), [{"id": "a", **TEAM}], 6),
        ((2, 3), [{"id": "a", **TEAM, "quantity": 2, "times": 2, "per_day": 2}], 24),
        ((0, 7), [{"id": "a", **TEAM}], 6),
        (
            (2,),
            [
                {"id": "a", **TEAM, "together": "t"},
                {"id": "b", **TEAM, "together": "t", "quantity": 2},
            ],
            21,
        ),
        ((), [{"id": "a", **THRICE}], 3),
        ((), [{"id": "a", **THRICE, **EARLY}], 2),
        ((1,), [{"id": "a", **THRICE, **EARLY, "quantity": 2, "per_day": 2}], 4),
        ((), [{"id": "a", **THRICE, **EARLY, "per_day": 2}], 3),
        (
            (),
            [
                {"id": "a", **THRICE, **EARLY, "together": "t"},
                {"id": "b", **THRICE, **EARLY, "together": "t", "quantity": 2},
                {"id": "c", **THRICE},
            ],
            9,
        ),
    ],
)
def test_no_bound_counts_more_than_the_days_hold(
    closed: tuple[int, ...], needs: list[dict[str, Any]], most: int
):
    instance = town(closed, *needs)
    columns = encode(instance)
    measures = Measures(columns, admitted_arcs(columns, ()))
    goals = [sm.Leximin("served", by="community")]
    program = lower_coupled(measures, (), goals)
    (goal,) = program.goals
    assert isinstance(goal, Vector)
    (total,) = goal.total
    assert program.rows.upper[total] == most
    result = sm.solve(instance, sm.Policy(goals=goals))
    assert result.status == "optimal"
    assert result.value("served") == most

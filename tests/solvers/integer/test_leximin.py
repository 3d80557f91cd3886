"""Levels of a sorted vector: wherever the search is cut, no plan exceeds the bound."""

from typing import Any

import pytest

import sharematch as sm
from sharematch.core.columns.encoding import encode
from sharematch.core.integer.lowering import lower_coupled
from sharematch.core.integer.program import Vector
from sharematch.core.measures.admission import admitted_arcs
from sharematch.core.measures.measures import Measures
from sharematch.solvers.integer.cpsat import Answer
from sharematch.solvers.integer.leximin import Levels
from sharematch.solvers.integer.search import Search
from sharematch.solvers.monitor import UNWATCHED

ASKED = {"a": 1, "b": 1, "c": 2, "d": 4, "e": 9}


def levels(places: int) -> Levels:
    """Return levels of who gets how much of what they ask for, in one hall."""
    town = sm.Instance(
        communities=[sm.Community(id=id_) for id_ in ASKED],
        facilities=[sm.Facility(id="hall", community="a")],
        slots=[
            sm.Slot(id=day, facility="hall", kinds=["x"], capacity=places)
            for day in ("mon", "tue")
        ],
        needs=[
            sm.Need(id=id_, community=id_, kind="x", quantity=n)
            for id_, n in ASKED.items()
        ],
    )
    columns = encode(town)
    measures = Measures(columns, admitted_arcs(columns, ()))
    program = lower_coupled(measures, (), [sm.Leximin("fill_rate", by="community")])
    (goal,) = program.goals
    assert isinstance(goal, Vector)
    search = Search(program.rows, UNWATCHED)
    nothing = program.values_of(0 * program.lift(program.rows.lower))
    search.values, search.has_plan = nothing, True
    return Levels(search, goal, UNWATCHED)


@pytest.mark.parametrize("places", [1, 2, 4, 6, 8])
@pytest.mark.parametrize("silent", [False, True])
def test_bounds_hold_wherever_levels_are_cut(
    places: int, monkeypatch: pytest.MonkeyPatch, *, silent: bool
):
    best, is_proved = levels(places).run()
    assert is_proved
    assert isinstance(best, tuple)
    whole = Levels._best
    for after in range(12):
        calls = 0

        def cut(self: Levels, variables: Any, after: int = after) -> Answer:
            nonlocal calls
            calls += 1
            answer = whole(self, variables)
            if calls <= after:
                return answer
            # A step that is cut has its plan, and a bound or not even that.
            return Answer(answer.values, None if silent else answer.bound, False)

        monkeypatch.setattr(Levels, "_best", cut)
        bound, _ = levels(places).run()
        monkeypatch.setattr(Levels, "_best", whole)
        assert isinstance(bound, tuple)
        assert bound >= best, after

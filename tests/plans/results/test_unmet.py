"""Why needs stay unmet, and who comes first, where needs couple."""

from datetime import date
from typing import Any

import pytest

import sharematch as sm


def town(needs: list[sm.Need], slots: list[sm.Slot], **rest: Any) -> sm.Instance:
    return sm.Instance(
        communities=[sm.Community(id="tianfeng"), sm.Community(id="lianqiao")],
        facilities=[sm.Facility(id="hall", community="tianfeng")],
        slots=slots,
        needs=needs,
        **rest,
    )


def need(id_: str, quantity: int, **fields: Any) -> sm.Need:
    return sm.Need(
        id=id_, community="tianfeng", kind="any", quantity=quantity, **fields
    )


def slot(id_: str, capacity: int, **fields: Any) -> sm.Slot:
    return sm.Slot(id=id_, facility="hall", kinds=["any"], capacity=capacity, **fields)


MOST = sm.Policy(goals=[sm.Maximize("served"), sm.Minimize("cost")])


@pytest.mark.parametrize(
    ("needs", "slots", "rules", "reasons"),
    [
        # Two places are left where five come together.
        ([need("choir", 5, whole=True)], [slot("mon", 2)], [], {"choir": "coupled"}),
        # Nothing is left.
        (
            [need("choir", 5, whole=True), need("class", 5, whole=True)],
            [slot("mon", 5)],
            [],
            {"class": "full", "choir": "full"},
        ),
        # Nobody else wants the room, and it takes four to open it.
        ([need("x", 3)], [slot("mon", 9, min_units=4)], [], {"x": "coupled"}),
        # Whoever is whole meets a cap.
        (
            [need("x", 4, whole=True)],
            [slot("mon", 9)],
            [sm.AtMost("served", 3)],
            {"x": "rule"},
        ),
        # A budget forbids it.
        (
            [need("x", 4, min_quantity=2)],
            [slot("mon", 9, unit_cost=2)],
            [sm.AtMost("cost", 3)],
            {"x": "rule"},
        ),
        # Weekly sessions, but there is one week.
        (
            [need("course", 1, sessions=2, every=10080)],
            [slot("mon", 9, start="2026-01-05T10:00", end="2026-01-05T11:00")],
            [],
            {"course": "coupled"},
        ),
    ],
)
def test_the_first_reason_that_holds_is_named(
    needs: list[sm.Need], slots: list[sm.Slot], rules: Any, reasons: dict[str, str]
):
    policy = sm.Policy(rules=rules, goals=MOST.goals)
    result = sm.solve(town(needs, slots), policy)
    found = {u.need: u.reason for u in result.unmet}
    assert found
    assert found.items() <= reasons.items()


def test_a_budget_for_units_and_what_they_open_is_a_rule():
    # Two units and the opening cost 3; neither alone is beyond 2.50.
    room = slot("s1", 2, unit_cost=1, opening_cost=1)
    needs = [need("pair", 2, whole=True), need("one", 1)]
    policy = sm.Policy(rules=[sm.AtMost("cost", "2.50")], goals=[])
    reasons = {u.need: u.reason for u in sm.solve(town(needs, [room]), policy).unmet}
    assert reasons["pair"] == "rule"


def test_a_goal_may_keep_a_need_unmet():
    policy = sm.Policy(goals=[sm.Minimize("opened_slots")])
    result = sm.solve(town([need("x", 2, whole=True)], [slot("mon", 2)]), policy)
    assert [(u.need, u.reason) for u in result.unmet] == [("x", "goal")]


@pytest.mark.parametrize(("least", "reasons"), [(3, ["coupled"]), (2, [])])
def test_a_date_that_fits_is_no_series_that_fits(least: int, reasons: list[str]):
    """The hall lasts for two units, and each date of the course takes one."""
    lesson = {"minutes": 30, "sessions": 3, "every": 30, "min_sessions": least}
    evening = {"start": "2026-01-05T18:00", "end": "2026-01-05T20:00", "step": 30}
    worn = sm.Instance(
        communities=[sm.Community(id="tianfeng")],
        facilities=[sm.Facility(id="hall", community="tianfeng", max_units=2)],
        slots=[slot("mon", 2, **evening)],
        needs=[need("course", 1, **lesson)],
    )
    result = sm.solve(worn, MOST)
    assert result.value("served") == 2 - 2 * len(reasons)
    told = [u.reason for u in result.unmet if not result.value("served")]
    assert told == reasons


def test_first_come_serves_whole_needs_in_turn():
    needs = [
        need("late", 3, whole=True, since=date(2026, 1, 3)),
        need("early", 2, whole=True, since=date(2026, 1, 1)),
        need("next", 2, whole=True, since=date(2026, 1, 2)),
    ]
    result = sm.solve(town(needs, [slot("mon", 4)]), sm.Policy.first_come())
    assert (result.status, result.structure) == ("feasible", "greedy")
    assert {a.need: a.quantity for a in result.allocation} == {"early": 2, "next": 2}


def test_first_come_keeps_floors_and_decisions():
    needs = [
        need("x", 2, whole=True, since=date(2026, 1, 1)),
        need("y", 2, whole=True, since=date(2026, 1, 2)),
    ]
    pinned = sm.Decision(need="y", slot="mon", status="pinned")
    instance = town(needs, [slot("mon", 3)], decisions=[pinned])
    result = sm.solve(instance, sm.Policy.first_come())
    assert [a.need for a in result.allocation] == ["y"]

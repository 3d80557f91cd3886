"""What looks odd in an instance or a policy is named, with the ids it is about."""

from typing import Any

import pytest

import sharematch as sm
from sharematch.checkup import check_up
from sharematch.errors import InputError


def town(**changes: Any) -> sm.Instance:
    fields: dict[str, Any] = {
        "communities": [sm.Community(id="a"), sm.Community(id="b")],
        "facilities": [sm.Facility(id="f", community="a")],
        "slots": [sm.Slot(id="s", facility="f", kinds=["h"], capacity=3)],
        "needs": [sm.Need(id="n", community="b", kind="h", quantity=2)],
    }
    return sm.Instance(**fields | changes)


def codes(instance: sm.Instance, policy: sm.Policy | None = None) -> list[str]:
    return [warning.code for warning in check_up(instance, policy).warnings]


def test_nothing_odd():
    checkup = check_up(town())
    assert checkup.warnings == ()
    assert checkup.counts["communities"] == 2
    assert checkup.counts["units_asked"] == 2
    assert checkup.counts["places"] == 3
    assert checkup.counts["arcs"] == 1


def test_empty_instance_is_legal():
    assert codes(sm.Instance()) == []


def test_unreachable_and_unused():
    (need, slot) = check_up(
        town(needs=[sm.Need(id=f"n{i}", community="b", kind="tea") for i in range(7)])
    ).warnings
    assert (need.code, slot.code) == ("unreachable", "unused")
    assert need.ids == tuple(f"n{i}" for i in range(7))
    assert str(need) == (
        "7 needs that no slot can serve, mostly because of kind: "
        "n0, n1, n2, n3, n4 and 2 more"
    )
    assert str(slot) == "1 slot that no need can use: s"


def test_rules_of_the_policy_count():
    (need, slot) = check_up(town(), sm.Policy.own_only()).warnings
    assert "because of rule: n" in str(need)
    assert slot.code == "unused"


def test_nothing_to_serve_or_no_place_is_not_odd():
    idle = sm.Slot(id="t", facility="f", kinds=["tea"], capacity=0)
    none = sm.Need(id="m", community="b", kind="tea", quantity=0)
    made = town()
    assert codes(town(slots=[*made.slots, idle], needs=[*made.needs, none])) == []


def test_parity_gap():
    slot = sm.Slot(
        id="s", facility="f", kinds=["h"], capacity=3, fee=5, staff_fee="4.50"
    )
    (gap,) = check_up(town(slots=[slot])).warnings
    assert (gap.code, gap.ids) == ("parity_gap", ("s",))
    assert codes(town(slots=[slot.model_copy(update={"staff_fee": None})])) == []


def test_unknown_distance():
    here = sm.Community(id="a", location=(121, 29))
    assert codes(town(communities=[here, sm.Community(id="b")])) == ["unknown_distance"]


@pytest.mark.parametrize(
    ("goals", "expected"),
    [
        ([sm.Minimize("cost"), sm.Maximize("served")], ["empty_plan"]),
        ([sm.Leximax("used", by="slot")], ["empty_plan"]),
        ([sm.Maximize("travel"), sm.Minimize("travel")], ["empty_plan"]),
        ([sm.Maximize("served"), sm.Minimize("cost")], []),
        ([sm.Minimize("unmet"), sm.Minimize("cost")], []),
        ([sm.Leximin("fill_rate", by="community"), sm.Minimize("cost")], []),
        ([], []),
    ],
)
def test_goals_that_an_empty_plan_serves_best(goals: list[Any], expected: list[str]):
    assert codes(town(), sm.Policy(goals=goals)) == expected


def test_policy_that_names_what_is_not_there():
    policy = sm.Policy(goals=[sm.Maximize("served", where={"community": "nowhere"})])
    with pytest.raises(InputError, match="nowhere"):
        check_up(town(), policy)


def test_moved_needs_no_baseline_to_be_checked():
    policy = sm.Policy(goals=[sm.Maximize("served"), sm.Minimize("moved")])
    assert codes(town(), policy) == []


def test_to_dict():
    document = check_up(town(needs=[])).to_dict()
    assert document["warnings"] == [
        {"code": "unused", "message": "1 slot that no need can use", "ids": ["s"]}
    ]

"""What looks odd in an instance or a policy is named, with the ids it is about."""

from typing import Any

import pytest

import sharematch as sm
from sharematch.analysis.checkup import check_up
from sharematch.claims import check_claims
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


LOST = [
    (sm.Maximize("served", where={"group": "!girls"}), 'group "!girls"'),
    (sm.Maximize("served", where={"group": ["girls", "grils"]}), 'group "grils"'),
    (sm.Maximize("served", where={"kind": "tea/green"}), 'kind "tea/green"'),
    (sm.Maximize("served", where={"tags": "new"}), 'tags "new"'),
    (sm.Maximize("served", where={"person": "p"}), 'person "p"'),
    (sm.Maximize("served", where={"sector": "market"}), 'sector "market"'),
    (sm.Maximize("served", where={"week": "2026-W02"}), 'week "2026-W02"'),
    (sm.Minimize("used", where={"day": "2026-01-05"}), 'day "2026-01-05"'),
    (sm.Minimize("used", where={"month": "2026-01"}), 'month "2026-01"'),
    (sm.Maximize("served", where={"community": "a"}), 'community "a"'),
    (
        sm.Maximize("served", where={"group": "girls", "community": "b"}),
        "its filter matches nothing",
    ),
    (sm.Leximin("fill_rate", by="person"), "no person to judge"),
    (sm.Leximax("used", by="day"), "no day to judge"),
]


@pytest.mark.parametrize(("term", "told"), LOST)
def test_what_nobody_has_is_a_warning_in_rules_and_goals(term: Any, told: str):
    needs = [
        sm.Need(id="n", community="b", kind="h", quantity=2),
        sm.Need(id="m", community="c", kind="h", groups={"girls"}),
    ]
    communities = [sm.Community(id=c) for c in "abc"]
    instance = town(needs=needs, communities=communities)
    served = sm.Maximize("served")
    policies = [sm.Policy(goals=[served, term])]
    if term.op != "leximax":
        rule = sm.Within(term.measure, 9, by=term.by or "community", where=term.where)
        if term.measure != "used":
            policies.append(sm.Policy(rules=[rule], goals=[served]))
        bound = sm.AtMost(term.measure, 9, by=term.by, where=term.where)
        policies.append(sm.Policy(rules=[bound], goals=[served]))
    for policy in policies:
        (found,) = [w for w in check_up(instance, policy).warnings if told in str(w)]
        assert found.code == "unmatched"
        assert str(found).startswith(("goal 2 (", "rule 1 ("))
        result = sm.solve(instance, policy)
        assert str(found) in result.warnings
        assert not any(f.code == "warning" for f in check_claims(instance, result))


def test_a_filter_that_matches_nothing_is_told_without_a_plan_too():
    policy = sm.Policy(rules=[sm.AtLeast("served", 1, where={"group": "grils"})])
    result = sm.solve(town(), policy)
    assert result.status == "infeasible"
    assert result.warnings == (
        'rule 1 (at_least served): group "grils" matches nothing in the instance',
    )


def test_bookings_that_say_nothing_or_too_little():
    day = {"start": "2026-12-01T17:00", "end": "2026-12-01T21:00"}
    evening = {"facility": "hall", "kinds": ["x"], "capacity": 1, **day}
    need = {"community": "c", "kind": "x"}
    town = sm.Instance(
        communities=[sm.Community(id="c")],
        facilities=[sm.Facility(id="hall", community="c", max_units=9)],
        slots=[
            sm.Slot.model_validate(evening | {"id": "a", "step": 60, "people": "5-"}),
            sm.Slot.model_validate(evening | {"id": "b", "step": 30}),
        ],
        needs=[
            sm.Need.model_validate(need | fields)
            for fields in (
                {"id": "idle", "minutes": 60, "rest": 15, "people": 9},
                {"id": "team", "minutes": 60, "rest": 15, "person": "li", "people": 9},
                {"id": "twice", "minutes": 60, "rest": 15, "times": 2},
            )
        ],
    )
    found = {odd.code: odd.ids for odd in check_up(town).warnings}
    assert found["idle_rest"] == ("idle",)
    assert found["untold_people"] == ("twice",)
    assert found["mixed_steps"] == ("hall",)
    whole = town.replace(facilities=[sm.Facility(id="hall", community="c")])
    assert "mixed_steps" not in {odd.code for odd in check_up(whole).warnings}


def test_a_way_that_nobody_knows_is_told():
    """A team that rests goes from hall to hall, to one of which nobody says where."""
    day: dict[str, Any] = {"start": "2026-12-01T17:00", "end": "2026-12-01T21:00"}

    def town(*, unit: str = "min", rest: int = 15) -> sm.Instance:
        speed = {"speed": 15} if unit == "min" else {}
        return sm.Instance(
            travel={"unit": unit, "metric": "plane", **speed},
            communities=[
                sm.Community(id="c", location=[0, 0]),
                sm.Community(id="d"),
            ],
            facilities=[
                sm.Facility(id="east", community="c", location=[1, 0]),
                sm.Facility(id="west", community="d", location=[2, 0]),
                sm.Facility(id="lost", community="d"),
            ],
            slots=[
                sm.Slot(id=id_, facility=id_, kinds=["x"], capacity=1, step=30, **day)
                for id_ in ("east", "west", "lost")
            ],
            needs=[
                sm.Need(
                    id="team", community="c", kind="x", minutes=60, times=2, rest=rest
                )
            ],
        )

    (odd,) = (o for o in check_up(town()).warnings if o.code == "unknown_ways")
    assert set(odd.ids) == {"east", "west", "lost"}
    assert "not known" in str(odd)
    for other in (town(unit="km"), town(rest=0)):
        assert "unknown_ways" not in {o.code for o in check_up(other).warnings}

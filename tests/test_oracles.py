"""The oracle against cases worked out by hand."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from inspect import unwrap
from typing import Any

import pytest

from tests import oracles
from tests.tiny import Fields, namespace, policy_namespace, tiny_case

HALF = Fraction(1, 2)
FAIR: list[Fields] = [
    {"op": "leximin", "measure": "fill_rate", "by": "community"},
    {"op": "maximize", "measure": "served"},
    {"op": "minimize", "measure": "travel"},
]


def town(
    homes: str,
    slots: list[Fields],
    needs: Mapping[str, Any],
    **more: Any,
) -> Any:
    """Return an instance: one facility for each slot, in its `home`.

    `needs` maps ids such as "a1" (of community A) to quantities or fields.
    """
    rows = [dict(slot) for slot in slots]
    facilities = [
        {"id": f"at {row['id']}", "community": row.pop("home", homes[0])}
        for row in rows
    ]
    return namespace(
        {
            "communities": [{"id": home} for home in homes],
            "facilities": facilities,
            "slots": [{"facility": f"at {row['id']}", **row} for row in rows],
            "needs": [
                {
                    "id": name,
                    "community": name[0].upper(),
                    **(value if isinstance(value, dict) else {"quantity": value}),
                }
                for name, value in needs.items()
            ],
            **more,
        }
    )


def solved(
    instance: Any, *rules: Fields, goals: list[Fields] | None = None
) -> tuple[list[Any], dict[tuple[str, str], int]]:
    policy = policy_namespace({"rules": list(rules), "goals": goals or FAIR})
    found = oracles.best(instance, policy)
    assert found is not None
    values, plan = found
    assert oracles.violations(instance, policy, plan) == []
    return values, plan


def shares(instance: Any, plan: Mapping[tuple[str, str], int]) -> dict[Any, Any]:
    found: dict[Any, Any] = oracles.measure(instance, plan, "served", "community")
    return found


# The worked cases of the model


def test_a_slot_of_its_own_frees_the_shared_one():
    instance = town(
        "AB",
        [{"id": "s1", "share": "own"}, {"id": "s2"}],
        {"a1": 1, "a2": 1, "b1": 1},
    )
    values, plan = solved(instance)
    assert values == [(HALF, 1), 2, 0]
    assert plan["b1", "s2"] == 1


@pytest.mark.parametrize(
    ("capacity", "expected"), [(6, {"A": 5, "B": 1}), (7, {"A": 5, "B": 2})]
)
def test_rates_are_compared_not_counts(capacity, expected):
    instance = town("AB", [{"id": "s", "capacity": capacity}], {"a": 10, "b": 2})
    assert shares(instance, solved(instance)[1]) == expected


def test_the_larger_jump_comes_first():
    instance = town("AB", [{"id": "s"}], {"a": 1, "b": 10})
    assert solved(instance)[0][0] == (0, 1)


@pytest.mark.parametrize(
    ("reserve", "rules", "expected"),
    [
        (0, [], {"A": 1, "B": 1}),
        (
            0,
            [
                {
                    "op": "at_least",
                    "measure": "fill_rate",
                    "bound": "alone",
                    "by": "community",
                }
            ],
            {"A": 2, "B": 0},
        ),
        (1, [], {"A": 1, "B": 1}),
    ],
)
def test_nobody_loses_by_sharing(reserve, rules, expected):
    slot = {"id": "s", "capacity": 2, "reserve": reserve}
    instance = town("AB", [slot], {"a": 2, "b": 2})
    assert shares(instance, solved(instance, *rules)[1]) == expected
    assert oracles.alone(instance, (), "A") == 2
    assert oracles.alone(instance, (), "B") == 0


def test_the_past_counts():
    past = [
        {"community": "A", "served": 8, "demand": 10},
        {"community": "B", "served": 2, "demand": 10},
    ]
    instance = town("AB", [{"id": "s", "capacity": 6}], {"a": 4, "b": 4}, past=past)
    values, plan = solved(instance)
    assert shares(instance, plan) == {"A": 2, "B": 4}
    assert values[0] == (Fraction(6, 14), Fraction(10, 14))


def test_a_tie_is_left_to_travel():
    links = [
        {"source": "A", "target": "at s", "travel": 2},
        {"source": "B", "target": "at s", "travel": 1},
    ]
    instance = town("ABC", [{"id": "s", "home": "C"}], {"a": 1, "b": 1}, links=links)
    values, plan = solved(instance)
    assert plan == {("b", "s"): 1}
    assert values == [(0, 1), 1, 1000]


def test_ties_stay_open_for_later_goals():
    links = [
        {"source": "H", "target": "at s1", "travel": 0},
        {"source": "I", "target": "at s2", "travel": 0},
        *(
            {"source": home, "target": target, "travel": "0.1"}
            for home, target in (
                ("F", "at s1"),
                ("G", "at s1"),
                ("H", "at s2"),
                ("I", "at s1"),
            )
        ),
    ]
    instance = town(
        "FGHIX",
        [{"id": "s1", "home": "X"}, {"id": "s2", "home": "X"}],
        {"f": 1, "g": 1, "h": {"groups": ["h"]}, "i": {"groups": ["h"]}},
        links=links,
    )
    instance.slots[1].groups = frozenset({"h"})
    values, plan = solved(instance)
    assert values == [(0, 0, 1, 1), 2, 0]
    assert set(plan) == {("h", "s1"), ("i", "s2")}


# Inner groups, loads, lower bounds


def test_leximin_by_need_under_a_cap_may_serve_fewer():
    instance = town(
        "AB",
        [{"id": "s1", "capacity": 2}, {"id": "s2", "capacity": 2}],
        {
            "a1": {"quantity": 2, "choices": ["s1"]},
            "a2": {"quantity": 2, "choices": ["s2"]},
            "b3": {"quantity": 2, "choices": ["s2"]},
        },
    )
    cap = {"op": "at_most", "measure": "served", "bound": 2, "by": "community"}
    goals = [{"op": "leximin", "measure": "fill_rate", "by": "need"}]
    values, plan = solved(instance, cap, goals=goals)
    assert values == [(HALF, HALF, HALF)]
    assert sum(plan.values()) == 3


@pytest.mark.parametrize(("op", "used"), [("leximin", "small"), ("leximax", "large")])
def test_leximin_and_leximax_of_loads_differ(op, used):
    slots = [{"id": "small", "capacity": 1}, {"id": "large", "capacity": 10}]
    instance = town("A", slots, {"a": 1})
    goals = [
        {"op": "maximize", "measure": "served"},
        {"op": op, "measure": "utilization", "by": "slot"},
    ]
    assert solved(instance, goals=goals)[1] == {("a", used): 1}


def test_an_earlier_goal_on_the_slot_side_binds():
    instance = town(
        "AB",
        [
            {"id": "s1", "capacity": 3, "groups": ["a"]},
            {"id": "s2", "capacity": 1},
        ],
        {"a": {"quantity": 4, "groups": ["a"]}, "b": 4},
    )
    first = {"op": "maximize", "measure": "served", "where": {"slot": "s1"}}
    values, plan = solved(instance, goals=[first, *FAIR])
    assert shares(instance, plan) == {"A": 3, "B": 1}
    assert values[:2] == [3, (Fraction(1, 4), Fraction(3, 4))]


def test_slack_lets_later_goals_give_up_a_share():
    slots = [{"id": "s", "capacity": 4, "fee": "1.00"}]
    instance = town("A", slots, {"a": 4})
    goals = [
        {"op": "maximize", "measure": "served", "slack": "0.3"},
        {"op": "minimize", "measure": "fees"},
    ]
    assert solved(instance, goals=goals)[0] == [4, Decimal("3.00")]


# Eligibility

AT_NINE = {"start": "2026-01-30T09:00", "end": "2026-01-30T10:00"}
LATER = {"start": "2026-01-30T10:00", "end": "2026-01-30T12:00"}


@pytest.mark.parametrize(
    ("code", "slot", "need"),
    [
        (None, {}, {}),
        ("kind", {"kinds": ["help"]}, {"kind": "help/home"}),
        (None, {"kinds": ["help/home"]}, {"kind": "help"}),
        ("kind", {"kinds": ["helpers"]}, {"kind": "help"}),
        ("time", AT_NINE, {"windows": [LATER]}),
        (None, AT_NINE, {"windows": [LATER, AT_NINE]}),
        (None, {}, {"windows": [LATER]}),
        ("share", {"share": 0}, {}),
        (None, {"share": 1}, {}),
        ("travel", {}, {"max_travel": "1.249"}),
        (None, {}, {"max_travel": "1.25"}),
        ("radius", {"radius": 1}, {}),
        ("radius", {"radius": "1.9"}, {"max_travel": 0}),
        (None, {"radius": 2}, {"max_travel": 0, "requires": ["lift"]}),
        ("feature", {}, {"requires": ["lift"]}),
        ("fee", {"fee": "2.01"}, {"max_fee": 2}),
        ("group", {"groups": ["old", "ill"]}, {"groups": ["well"]}),
        (None, {"groups": ["old", "ill"]}, {"groups": ["well", "ill"]}),
        ("choice", {}, {"choices": ["t"]}),
        (None, {}, {"choices": ["t", "at s"]}),
        ("decision", {}, {"id": "no"}),
        ("rule", {}, {"groups": ["tired"]}),
        ("share", {"share": 0, "fee": 9}, {"max_fee": 2, "requires": ["lift"]}),
    ],
)
def test_first_reason(code, slot, need):
    instance = town(
        "AB",
        [{"id": "s", "home": "B", **slot}, {"id": "t"}],
        {"a": need},
        links=[
            {"source": "A", "target": "at s", "travel": "1.25", "two_way": False},
            {"source": "at s", "target": "A", "travel": 2, "two_way": False},
        ],
        decisions=[{"need": "no", "slot": "s", "status": "declined"}],
    )
    rule = {"op": "at_most", "measure": "travel", "bound": 1249, "by": "assignment"}
    rule["where"] = {"group": "tired"}
    rules = policy_namespace({"rules": [rule]}).rules
    here = instance.needs[0], instance.slots[0]
    assert oracles.refusal(instance, rules, *here) == code


def test_closed_hours_may_touch():
    instance = town("A", [{"id": "s", **AT_NINE}], {"a": 1})
    here = instance.needs[0], instance.slots[0]
    instance.facilities[0].closed = (
        namespace({"needs": [{"id": "a", "community": "A", "windows": [LATER]}]})
        .needs[0]
        .windows
    )
    assert oracles.refusal(instance, (), *here) is None
    instance.facilities[0].closed = (instance.slots[0],)
    assert oracles.refusal(instance, (), *here) == "closed"


def test_tiers():
    instance = namespace(
        {
            "areas": [
                {"id": "d", "level": "district"},
                {"id": "x", "level": "subdistrict", "parent": "d"},
                {"id": "y", "level": "subdistrict", "parent": "d"},
                {"id": "z", "level": "subdistrict"},
            ],
            "communities": [
                {"id": "A", "area": "x"},
                {"id": "B", "area": "x"},
                {"id": "C", "area": "y"},
                {"id": "D", "area": "z"},
                {"id": "E"},
            ],
        }
    )
    case = oracles.Case(instance)
    found = [case.tier_between("A", other) for other in "ABCDE"]
    assert found == [0, 1, 2, None, None]
    assert case.tier_between("E", "E") == 0
    assert [case.tier_number(t) for t in ("own", "subdistrict", "district")] == [
        0,
        1,
        2,
    ]


# Travel


def settled(**places: Any) -> Any:
    """Return a case of a need in A and a slot in B with some locations."""
    instance = town("AB", [{"id": "s", "home": "B"}], {"a": {}})
    instance.travel.metric = "plane"
    homes = {home.id: home for home in instance.communities}
    homes["A"].location = places.get("A")
    homes["B"].location = places.get("B")
    instance.needs[0].location = places.get("need")
    instance.facilities[0].location = places.get("facility")
    return instance


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ({}, 0),
        ({"A": (0.0, 0.0)}, None),
        ({"A": (0.0, 0.0), "B": (0.3, 0.4)}, 500),
        ({"A": (0.0, 0.0), "B": (0.3, 0.4), "need": (0.3, 0.0)}, 400),
        ({"A": (0.0, 0.0), "B": (0.3, 0.4), "facility": (0.0, 0.0005)}, 1),
        ({"A": (0.0, 0.0), "B": (0.0, 0.0), "facility": (0.0, 0.00049)}, 0),
    ],
)
def test_plane(places, expected):
    instance = settled(**places)
    here = instance.needs[0], instance.slots[0]
    assert oracles.travel(instance, *here) == expected


def test_detour_and_speed():
    instance = settled(A=(0.0, 0.0), B=(0.3, 0.4))
    here = instance.needs[0], instance.slots[0]
    instance.travel.detour = Decimal("1.3")
    assert oracles.travel(instance, *here) == 650
    instance.travel.unit, instance.travel.speed = "min", Decimal(4)
    assert oracles.travel(instance, *here) == 585


def test_great_circle():
    instance = settled(A=(121.55, 29.87), B=(121.56, 29.87))
    instance.travel.metric = "geo"
    here = instance.needs[0], instance.slots[0]
    assert oracles.travel(instance, *here) == 964


def test_paths_come_before_locations():
    instance = settled(A=(0.0, 0.0), B=(0.3, 0.4), need=(9.0, 9.0))
    here = instance.needs[0], instance.slots[0]
    links = [
        {"source": "A", "target": "C", "travel": "0.0005"},
        {"source": "C", "target": "B", "travel": "0.25", "two_way": False},
    ]
    instance.links = namespace({"links": links}).links
    assert oracles.travel(instance, *here) == 251
    instance.slots[0].radius = Decimal(5)
    assert oracles.travel(instance, *here) == oracles.travel(
        settled(A=(9.0, 9.0), B=(0.3, 0.4)), *here
    )


def test_unknown_distance_counts_as_the_largest_known_arc():
    links = [{"source": "A", "target": "B", "travel": 2}]
    slots = [{"id": "s", "home": "B"}, {"id": "t", "home": "C"}]
    instance = town("ABC", slots, {"a": 1, "b": 1}, links=links)
    plan = {("a", "t"): 1}
    assert oracles.travel(instance, instance.needs[0], instance.slots[1]) is None
    assert oracles.measure(instance, plan, "travel") == 2000
    near = {"op": "at_most", "measure": "travel", "bound": 1999, "by": "assignment"}
    rules = policy_namespace({"rules": [near]}).rules
    assert oracles.eligible_pairs(instance, rules) == [("b", "s")]
    assert oracles.measure(instance, plan, "travel", rules=rules) == 0


# Measures


def test_measures():
    instance = namespace(
        {
            "communities": [{"id": "A", "tags": ["old"]}, {"id": "B"}],
            "providers": [{"id": "club", "sector": "volunteer"}],
            "facilities": [
                {"id": "f", "community": "A", "provider": "club", "opening_cost": 7},
                {"id": "g", "community": "B"},
            ],
            "slots": [
                {
                    "id": "s",
                    "facility": "f",
                    "capacity": 5,
                    "fee": 3,
                    "staff_fee": "2.50",
                    "unit_cost": 4,
                    "opening_cost": "0.10",
                    "start": "2026-02-01T09:00+08:00",
                    "end": "2026-02-01T10:00+08:00",
                },
                {"id": "t", "facility": "g", "capacity": 2, "fee": 5, "unit_cost": 1},
            ],
            "needs": [
                {
                    "id": "a",
                    "community": "A",
                    "quantity": 3,
                    "weight": 2,
                    "choices": ["t", "f"],
                    "kind": "help/home",
                    "since": "2026-01-30",
                    "due": "2026-01-31",
                },
                {"id": "b", "community": "B", "quantity": 2, "person": "Bo"},
            ],
            "pairs": [{"need": "b", "slot": "s", "cost": "0.25", "units": 2}],
            "past": [
                {"community": "A", "served": 1, "demand": 5},
                {"person": "Bo", "served": 1, "demand": 2},
            ],
        }
    )
    plan = {("a", "s"): 2, ("a", "t"): 1, ("b", "s"): 1}

    def value(name: str, by: Any = None, where: Any = None) -> Any:
        before = {("b", "s"): 2}
        return oracles.measure(instance, plan, name, by, where, baseline=before)

    assert value("served") == 4
    assert value("demand", "need") == {"a": 3, "b": 2}
    assert value("unmet") == 1
    assert value("fill_rate") == Fraction(4, 5)
    assert value("fill_rate", "community") == {"A": HALF, "B": HALF}
    assert value("fill_rate", "person") == {"Bo": HALF}
    assert value("fill_rate", "community", {"tags": "old"}) == {"A": 1}
    assert value("weighted_served") == 7
    assert value("wait") == 4
    assert value("lateness") == 2
    assert value("fees") == Decimal("14.00")
    assert value("parity_gap") == Decimal("1.50")
    assert value("rank") == 2
    assert value("tier", "slot") == {"s": 1, "t": 1}
    assert value("lent", "community") == {"A": 1, "B": 1}
    assert value("borrowed", "need") == {"a": 1, "b": 1}
    assert value("cost") == Decimal("20.35")
    assert value("subsidy", "slot") == {"s": Decimal("10.35"), "t": Decimal("0.00")}
    assert value("used", "day") == {"2026-02-01": 4}
    assert value("used", "week") == {"2026-W05": 4}
    assert value("used", "month", {"sector": "volunteer"}) == {"2026-02": 4}
    assert value("utilization", "community") == {"A": Fraction(4, 5), "B": HALF}
    assert value("opened_slots") == 2
    assert value("opened_facilities", "sector") == {"volunteer": 1}
    assert value("moved", "need") == {"a": 0, "b": 1}
    assert value("served", ("community", "kind"), {"kind": "help"}) == {
        ("A", "help/home"): 3,
        ("B", "help"): 1,
    }
    with pytest.raises(ValueError, match="fill_rate"):
        value("fill_rate", "slot")
    with pytest.raises(ValueError, match="cost"):
        value("cost", "kind")


# Violations


def codes(
    instance: Any, plan: Mapping[tuple[str, str], int], *rules: Fields
) -> set[str]:
    policy = policy_namespace({"rules": list(rules)})
    found = oracles.violations(instance, policy, plan)
    return {line.split(":")[0] for line in found}


def test_violations_of_limits():
    slots = [
        {"id": "s", "capacity": 3, "reserve": 2},
        {"id": "t", "facility": "at s", "capacity": 3},
    ]
    instance = town("AB", slots, {"a": 3, "b": 3})
    instance.facilities[0].max_units = 4
    assert codes(instance, {("a", "s"): 3, ("b", "t"): 1}) == set()
    assert codes(instance, {("a", "s"): 4}) == {"capacity", "quantity"}
    assert codes(instance, {("b", "s"): 2}) == {"reserve"}
    assert codes(instance, {("a", "s"): 2, ("b", "t"): 3}) == {"max_units"}
    assert codes(instance, {("a", "x"): 1}) == {"plan"}
    assert codes(instance, {("a", "s"): 0}) == {"plan"}


def test_violations_of_decisions_and_rules():
    decisions = [{"need": "a", "slot": "s", "status": "pinned", "quantity": 1}]
    instance = town(
        "AB", [{"id": "s", "capacity": 4}], {"a": 3, "b": 1}, decisions=decisions
    )
    floor = {"op": "at_least", "measure": "fill_rate", "bound": "2/3"}
    floor["by"] = "community"
    width = {"op": "within", "measure": "served", "width": 1, "by": "need"}
    assert codes(instance, {("b", "s"): 1}) == {"decision"}
    assert codes(instance, {("a", "s"): 2, ("b", "s"): 1}, floor, width) == set()
    assert codes(instance, {("a", "s"): 2}, floor, width) == {"rule"}
    budget = {"op": "at_most", "measure": "fees", "bound": "2.50"}
    instance.slots[0].fee = Decimal("1.25")
    assert codes(instance, {("a", "s"): 2}, budget) == set()
    assert codes(instance, {("a", "s"): 3}, budget) == {"rule"}


def test_violations_of_coupled_fields():
    hours = [
        {"start": f"2026-01-{day}T{hour}:00", "end": f"2026-01-{day}T{hour + 1}:30"}
        for day, hour in ((12, 10), (12, 11), (19, 10), (26, 10))
    ]
    slots: list[Fields] = [
        {"id": f"s{i}", "facility": "at s0", "capacity": 9, **span}
        for i, span in enumerate(hours)
    ]
    slots[1] |= {"min_units": 2, "either": "room"}
    slots[3] |= {"either": "room"}
    two = {"quantity": 2}
    instance = town(
        "A",
        slots,
        {
            "a whole": {**two, "whole": True},
            "a least": {"quantity": 3, "min_quantity": 2},
            "a course": {**two, "sessions": 2, "every": 10080},
            "a t1": {**two, "together": "t"},
            "a t2": {"together": "t"},
            "a p1": {"person": "p"},
            "a p2": {"person": "p"},
        },
    )
    assert codes(instance, {("a whole", "s0"): 2}) == set()
    assert codes(instance, {("a whole", "s0"): 1}) == {"whole"}
    assert codes(instance, {("a least", "s0"): 1}) == {"min_quantity"}
    assert codes(instance, {("a least", "s0"): 1, ("a least", "s2"): 1}) == set()
    assert codes(instance, {("a course", "s0"): 2, ("a course", "s2"): 2}) == set()
    assert codes(instance, {("a course", "s0"): 2}) == {"sessions"}
    assert codes(instance, {("a course", "s0"): 2, ("a course", "s3"): 2}) == {"every"}
    assert codes(instance, {("a t1", "s0"): 2}) == {"together"}
    assert codes(instance, {("a t1", "s0"): 2, ("a t2", "s0"): 1}) == set()
    assert codes(instance, {("a p1", "s0"): 1, ("a p2", "s1"): 1}) == {
        "person",
        "min_units",
    }
    assert codes(instance, {("a p1", "s0"): 1, ("a p2", "s0"): 1}) == {"person"}
    assert codes(instance, {("a p1", "s0"): 1, ("a p2", "s2"): 1}) == set()
    assert codes(instance, {("a least", "s1"): 2, ("a p1", "s3"): 1}) == {"either"}


# Random cases


@pytest.mark.parametrize("seed", range(40))
def test_tiny_cases_are_repeatable_and_solvable_by_enumeration(seed):
    fields, terms = tiny_case(seed)
    assert unwrap(tiny_case)(seed) == (fields, terms)
    instance, policy = namespace(fields), policy_namespace(terms)
    found = oracles.best(instance, policy)
    case = oracles.Case(instance, policy.rules)
    everything = list(case.plans())
    assert not any(case.violations(plan) for plan in everything)
    assert (found is None) == (not everything)
    assert len({tuple(sorted(plan.items())) for plan in everything}) == len(everything)
    if found is not None:
        values, plan = found
        assert oracles.violations(instance, policy, plan) == []
        assert values == [
            oracles.goal_value(instance, goal, plan, rules=policy.rules)
            for goal in policy.goals
        ]

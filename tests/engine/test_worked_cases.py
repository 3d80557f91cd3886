"""The worked cases of the model: small towns whose answer is known by hand."""

from fractions import Fraction
from typing import Any

import pytest

import sharematch as sm


def town(
    communities: str,
    slots: dict[str, dict[str, Any]],
    needs: dict[str, tuple[str, int]],
    **rest: Any,
) -> sm.Instance:
    """Return a town whose slots stand in facilities of their own, if not said."""
    facilities = {f.id: f for f in rest.pop("facilities", ())}
    for id_ in slots:
        facilities.setdefault(id_, sm.Facility(id=id_, community=communities[0]))
    return sm.Instance(
        communities=[sm.Community(id=c) for c in communities],
        facilities=facilities.values(),
        slots=[
            sm.Slot(**{"id": id_, "facility": id_, "kinds": ["any"], **fields})
            for id_, fields in slots.items()
        ],
        needs=[
            sm.Need(id=id_, community=community, kind="any", quantity=quantity)
            for id_, (community, quantity) in needs.items()
        ],
        **rest,
    )


def rows(result: sm.Result) -> list[dict[str, Any]]:
    return list(result.by("community"))


def served(result: sm.Result) -> dict[str, int]:
    assert result.is_optimal
    return {str(row["id"]): row["served"] for row in rows(result)}


def rates(result: sm.Result) -> list[Fraction]:
    value = result.goals[0].value
    assert isinstance(value, tuple)
    return list(value)


def test_1_each_community_gets_its_share():
    instance = town(
        "AB",
        {"s1": {"capacity": 1, "share": "own"}, "s2": {"capacity": 1}},
        {"a1": ("A", 1), "a2": ("A", 1), "b1": ("B", 1)},
    )
    result = sm.solve(instance)
    plan = {a.slot: a.need for a in result.allocation}
    assert plan["s1"] in ("a1", "a2")
    assert plan["s2"] == "b1"
    assert rates(result) == [Fraction(1, 2), 1]
    assert result.value("served") == 2


@pytest.mark.parametrize(("capacity", "expected"), [(6, (5, 1)), (7, (5, 2))])
def test_2_ratios_not_numbers(capacity: int, expected: tuple[int, int]):
    instance = town(
        "AB", {"s": {"capacity": capacity}}, {"a": ("A", 10), "b": ("B", 2)}
    )
    assert tuple(served(sm.solve(instance)).values()) == expected


def test_3_the_smaller_community_first():
    instance = town("AB", {"s": {"capacity": 1}}, {"a": ("A", 1), "b": ("B", 10)})
    assert served(sm.solve(instance)) == {"A": 1, "B": 0}


def test_4_nobody_loses():
    def two(**fields: Any) -> sm.Instance:
        return town(
            "AB", {"s": {"capacity": 2, **fields}}, {"a": ("A", 2), "b": ("B", 2)}
        )

    fair = sm.Policy.fair()
    alone = sm.Policy(
        rules=[sm.AtLeast("fill_rate", "alone", by="community")], goals=fair.goals
    )
    assert served(sm.solve(two())) == {"A": 1, "B": 1}
    assert served(sm.solve(two(), alone)) == {"A": 2, "B": 0}
    less = sm.AtLeast("fill_rate", "alone - 1", by="community")
    below = sm.Policy(rules=[less], goals=fair.goals)
    assert served(sm.solve(two(), below)) == {"A": 1, "B": 1}
    assert served(sm.solve(two(reserve=1))) == {"A": 1, "B": 1}


def test_5_the_past_counts():
    instance = town(
        "AB",
        {"s": {"capacity": 6}},
        {"a": ("A", 4), "b": ("B", 4)},
        past=[
            sm.Past(community="A", served=8, demand=10),
            sm.Past(community="B", served=2, demand=10),
        ],
    )
    result = sm.solve(instance)
    assert served(result) == {"A": 2, "B": 4}
    assert rates(result) == [Fraction(6, 14), Fraction(10, 14)]


def test_6_a_tie_is_left_to_the_next_goal():
    instance = town(
        "AB",
        {"s": {"capacity": 1}},
        {"a": ("A", 1), "b": ("B", 1)},
        facilities=[sm.Facility(id="s", community="B")],
        links=[
            sm.Link(source="A", target="s", travel=2),
            sm.Link(source="B", target="s", travel=1),
        ],
    )
    result = sm.solve(instance)
    assert served(result) == {"A": 0, "B": 1}
    assert result.value("travel") == 1000


def test_7_ties_stay_open():
    far = {("g1", "s1"), ("g2", "s1"), ("h1", "s2"), ("h2", "s1")}
    near = {("h1", "s1"), ("h2", "s2")}
    names = ("g1", "g2", "h1", "h2")
    instance = sm.Instance(
        communities=[sm.Community(id=f"c-{n}") for n in names],
        facilities=[sm.Facility(id=s, community="c-g1") for s in ("s1", "s2")],
        slots=[
            sm.Slot(id=f"slot-{s}", facility=s, kinds=["any"], capacity=1)
            for s in ("s1", "s2")
        ],
        needs=[
            sm.Need(
                id=n,
                community=f"c-{n}",
                kind="any",
                choices=[s for m, s in sorted(far | near) if m == n],
            )
            for n in names
        ],
        links=[
            sm.Link(source=f"c-{n}", target=s, travel=length, two_way=False)
            for pairs, length in ((far, "0.1"), (near, 0))
            for n, s in sorted(pairs)
        ],
    )
    result = sm.solve(instance)
    assert {(a.need, a.slot) for a in result.allocation} == {
        ("h1", "slot-s1"),
        ("h2", "slot-s2"),
    }
    assert result.value("travel") == 0

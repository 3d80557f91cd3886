"""What joins needs and slots, and how many components it leaves, by hand."""

from typing import Any

import pytest

import sharematch as sm
from sharematch.core.columns.encoding import encode
from sharematch.core.eligibility import arcs
from sharematch.core.measures.components import Joint, components
from sharematch.core.measures.measures import Measures

PLACES = ("junmiao", "lianqiao", "tianfeng")


def town(**changes: dict[str, Any]) -> Measures:
    """Return three places, each with a hall, a slot and a need of a kind of its own.

    `changes` are fields of records by id: of needs n0 to n2, slots s0 to s2 and halls.
    """

    def fields(id_: str, **own: Any) -> dict[str, Any]:
        return {"id": id_, **own, **changes.get(id_, {})}

    records: dict[str, Any] = {
        "communities": [{"id": place} for place in PLACES],
        "facilities": [fields(f"hall{i}", community=p) for i, p in enumerate(PLACES)],
        "slots": [
            fields(f"s{i}", facility=f"hall{i}", kinds=[f"k{i}"], capacity=1)
            for i in range(3)
        ],
        "needs": [
            fields(f"n{i}", community=p, kind=f"k{i}", quantity=1)
            for i, p in enumerate(PLACES)
        ],
        "decisions": changes.get("decisions", []),
    }
    columns = encode(sm.Instance(**records))
    return Measures(columns, arcs.build(columns))


SERVED, UNMET = sm.Maximize("served"), sm.Minimize("unmet")


@pytest.mark.parametrize(
    ("changes", "rules", "goals", "joints", "component"),
    [
        ({}, [], [SERVED], [], [0, 1, 2]),
        (
            {"s2": {"facility": "hall0"}, "hall0": {"max_units": 1}},
            [],
            [SERVED],
            [Joint("max_units", 0, 1, "hall0")],
            [0, 1, 0],
        ),
        (
            {"s1": {"facility": "hall2"}, "hall2": {"opening_cost": 1}},
            [],
            [SERVED],
            [Joint("opening_cost", 0, 1, "hall2")],
            [0, 1, 1],
        ),
        (
            {"s1": {"facility": "hall2"}},
            [],
            [SERVED, sm.Minimize("opened_facilities")],
            [Joint("opened_facilities", 0, 1, "hall2")],
            [0, 1, 1],
        ),
        (
            {"s0": {"either": "e"}, "s2": {"either": "e"}},
            [],
            [SERVED],
            [Joint("either", 0, 1, "e")],
            [0, 1, 0],
        ),
        (
            {"n0": {"person": "p"}, "n1": {"person": "p"}},
            [],
            [SERVED],
            [Joint("person", 0, 1, "p")],
            [0, 0, 1],
        ),
        (
            {"n1": {"together": "g"}, "n2": {"together": "g"}},
            [],
            [SERVED],
            [Joint("together", 0, 1, "g")],
            [0, 1, 1],
        ),
        (
            {},
            [sm.AtMost("served", 2)],
            [SERVED],
            [Joint("rule", 0, 2, "")],
            [0, 0, 0],
        ),
        (
            {},
            [
                sm.AtMost("travel", 9, by="assignment"),
                sm.AtMost("served", 1, where={"kind": ["k0", "k2"]}),
            ],
            [SERVED],
            [Joint("rule", 1, 1, "")],
            [0, 1, 0],
        ),
        (
            {"n1": {"community": "junmiao"}},
            [],
            [UNMET, sm.Leximin("fill_rate", by="community")],
            [Joint("goal", 1, 1, "junmiao")],
            [0, 0, 1],
        ),
        (
            {},
            [],
            [sm.Minimize("unmet", slack=1), SERVED],
            [Joint("goal", 0, 2, "")],
            [0, 0, 0],
        ),
        (
            {},
            [sm.Within("fill_rate", 1, by="community")],
            [SERVED],
            [Joint("rule", 0, 2, "")],
            [0, 0, 0],
        ),
    ],
)
def test_each_joint_joins_what_it_names(
    changes: Any, rules: Any, goals: Any, joints: Any, component: Any
):
    base = {f"hall{i}": {"location": (i, 0)} for i in range(3)}
    merged = {id_: base.get(id_, {}) | changes.get(id_, {}) for id_ in base | changes}
    found = components(town(**merged), rules, goals, by_travel=False)
    assert list(found.joints) == joints
    assert found.need.tolist() == found.slot.tolist() == component
    assert found.count == len({*component})

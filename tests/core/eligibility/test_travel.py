"""Travel between single pairs, as the model says."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sharematch as sm
from sharematch.core.columns.encoding import encode
from sharematch.core.eligibility.reach import Reach
from sharematch.core.eligibility.travel import UNKNOWN, Travel

Fields = dict[str, Any]


def town(**changes: Any) -> Fields:
    """Return one need in a, one slot in b."""
    fields: Fields = {
        "communities": [{"id": "a"}, {"id": "b"}],
        "facilities": [{"id": "f", "community": "b"}],
        "slots": [{"id": "s", "facility": "f", "kinds": ["help"], "capacity": 1}],
        "needs": [{"id": "n", "community": "a", "kind": "help"}],
    }
    return fields | changes


def far(fields: Fields) -> int:
    instance: Any = sm.Instance.model_validate(fields)
    return int(Travel(encode(instance)).between(np.array([0]), np.array([0]))[0])


def link(source: str, target: str, length: Any, **more: Any) -> Fields:
    return {"source": source, "target": target, "travel": length, **more}


def places(**xy: Any) -> list[Fields]:
    return [{"id": name, "location": place} for name, place in xy.items()]


VISIT = [
    {"id": "s", "facility": "f", "kinds": ["help"], "capacity": 1, "radius": 1},
]
ONE_WAY = [link("a", "b", 1, two_way=False), link("b", "a", 2, two_way=False)]
HOME = [{"id": "f", "community": "a"}]
PLANE = {"metric": "plane"}
WALK = {"metric": "plane", "unit": "min", "speed": 4}


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        pytest.param(town(), 0, id="nothing is known at all"),
        pytest.param(
            town(communities=[{"id": "a", "location": [0, 0]}, {"id": "b"}]),
            UNKNOWN,
            id="one place is known, the other is not",
        ),
        pytest.param(
            town(
                communities=[{"id": "a"}, {"id": "b", "location": [0, 0]}],
                facilities=HOME,
            ),
            0,
            id="one community, neither with a location",
        ),
        pytest.param(
            town(
                communities=[{"id": "a"}, {"id": "b"}],
                facilities=[{"id": "f", "community": "a", "location": [0, 0]}],
            ),
            UNKNOWN,
            id="one community, one with a location",
        ),
        pytest.param(
            town(communities=places(a=[0, 0], b=[0, 1])),
            111_195,
            id="a degree of a great circle",
        ),
        pytest.param(
            town(communities=places(a=[179.5, 0], b=[-179.5, 0])),
            111_195,
            id="across the date line",
        ),
        pytest.param(
            town(communities=places(a=[0, 0], b=[3, 4]), travel=PLANE),
            5000,
            id="plane",
        ),
        pytest.param(
            town(
                communities=places(a=[0, 0], b=[0, 0.25]),
                travel=PLANE | {"detour": 1.25},
            ),
            313,
            id="halves go up",
        ),
        pytest.param(
            town(communities=places(a=[0.1, 0], b=[0.1005, 0]), travel=PLANE),
            1,
            id="halves go up though binary fractions lie below",
        ),
        pytest.param(
            town(communities=places(a=[0, 0], b=[0, 2]), travel=WALK),
            1800,
            id="seconds at a speed",
        ),
        pytest.param(
            town(
                communities=places(a=[0, 0], b=[0, 1]),
                needs=[
                    {"id": "n", "community": "a", "kind": "help", "location": [0, 0.5]}
                ],
                travel=PLANE,
            ),
            500,
            id="the need's own place",
        ),
        pytest.param(
            town(
                communities=places(a=[0, 0], b=[0, 1]),
                links=[link("a", "b", 3)],
                travel=PLANE | {"detour": 2},
            ),
            3000,
            id="a path goes before the distance and has no detour",
        ),
        pytest.param(town(links=[link("b", "a", 3)]), 3000, id="a link back"),
        pytest.param(
            town(links=[link("b", "a", 3, two_way=False)]), UNKNOWN, id="no link back"
        ),
        pytest.param(
            town(
                communities=places(a=[0, 0], b=[0, 1]),
                links=[link("b", "a", 3, two_way=False)],
                travel=PLANE,
            ),
            1000,
            id="the distance where there is no path",
        ),
        pytest.param(
            town(
                communities=places(a=[0, 0], b=[0, 1]),
                links=[link("b", "a", 3, two_way=False)],
                travel={"unit": "min"},
            ),
            UNKNOWN,
            id="no path and no speed",
        ),
        pytest.param(town(links=ONE_WAY), 1000, id="the resident travels"),
        pytest.param(town(links=ONE_WAY, slots=VISIT), 2000, id="the service travels"),
        pytest.param(
            town(links=[link("a", "b", 3), link("b", "a", 2)]), 2000, id="the shorter"
        ),
        pytest.param(
            town(links=[link("a", "b", 0), link("b", "f", 0)]), 0, id="of length zero"
        ),
        pytest.param(
            town(links=[link("a", "b", 0.0005), link("b", "f", "0.0005")]),
            2,
            id="each link is rounded by itself",
        ),
        pytest.param(
            town(links=[link("a", "b", 1), link("f", "a", 9, two_way=False)]),
            UNKNOWN,
            id="a facility with a link is not at its community",
        ),
        pytest.param(town(links=[link("b", "a", 1)], facilities=HOME), 0, id="at home"),
        pytest.param(
            town(links=[link("a", "b", 1.5)], travel={"unit": "min"}), 90, id="minutes"
        ),
    ],
)
def test_travel(fields: Fields, wanted: int):
    assert far(fields) == wanted


def chain(count: int) -> sm.Instance:
    """Return communities in a row, each as far from the next as a field may say."""
    ids = [f"c{i}" for i in range(count + 1)]
    return sm.Instance(
        communities=[sm.Community(id=id_) for id_ in ids],
        facilities=[sm.Facility(id="f", community=ids[-1])],
        slots=[sm.Slot(id="s", facility="f", kinds=["k"], capacity=1)],
        needs=[sm.Need(id="n", community="c0", kind="k")],
        links=[
            sm.Link(source=one, target=other, travel=10**12)
            for one, other in pairwise(ids)
        ],
    )


def test_distances_are_exact_or_refused_by_name():
    assert sm.solve(chain(9)).value("travel") == 9 * 10**15
    with pytest.raises(sm.SharematchError, match="travel: distances grow beyond"):
        sm.solve(chain(10))
    cases: tuple[Any, ...] = (
        ("plane", [(-(10**12), 0), (10**12, 0)]),
        ("geo", [(0, 0), (180, 0)]),
    )
    for metric, places in cases:
        town = sm.Instance(
            communities=[
                sm.Community(id=f"c{i}", location=place)
                for i, place in enumerate(places)
            ],
            facilities=[sm.Facility(id="f", community="c0")],
            slots=[sm.Slot(id="s", facility="f", kinds=["k"], capacity=1)],
            needs=[sm.Need(id="n", community="c1", kind="k", max_travel=1)],
            travel={"metric": metric, "detour": 10**12},
        )
        with pytest.raises(sm.SharematchError, match="travel: distances grow beyond"):
            sm.solve(town)


@given(st.integers(0, 10**6))
def test_reach_is_all_within_a_limit_whatever_the_limits(seed: int):
    random = np.random.default_rng(seed)
    metric = "geo" if seed % 2 else "plane"
    corner = (104.0, 30.6) if metric == "geo" else (0, 0)
    width = 0.3 if metric == "geo" else 30

    def place(n: int) -> dict[str, Any]:
        x, y = (round(float(v), 4) for v in corner + random.random(2) * width)
        near = n % 3 != 0  # some stand together
        return {"location": (x, y) if near else corner}

    limits = np.round(10 ** random.uniform(-3, 2, 40), 3).tolist()
    town = sm.Instance(
        communities=[sm.Community(id="tianfeng")],
        facilities=[
            sm.Facility(id=f"f{i}", community="tianfeng", **place(i)) for i in range(25)
        ],
        slots=[sm.Slot(id="s", facility="f0", kinds=["sport"], capacity=1)],
        needs=[
            sm.Need(
                id=f"n{i:02}",
                community="tianfeng",
                kind="sport",
                max_travel=limit,
                **place(i),
            )
            for i, limit in enumerate([0, *limits, 1e6])
        ],
        travel={"metric": metric},
    )
    columns = encode(town)
    travel, limit = Travel(columns), columns.need_max_travel
    needs = np.arange(len(limit))
    row, facility = Reach(travel, limit, visiting=False).hits(needs)
    reached = set(zip(row.tolist(), facility.tolist(), strict=True))
    assert len(reached) == len(row)
    far = travel._rounded(
        travel.need_points,
        np.repeat(needs, 25),
        travel.facility_points,
        np.tile(np.arange(25), len(needs)),
    ).reshape(-1, 25)
    within = np.nonzero(far <= limit[:, None])
    assert {*zip(*(x.tolist() for x in within), strict=True)} <= reached
    counts = Reach(travel, limit, visiting=False).count(needs)
    assert (np.bincount(row, minlength=len(needs)) == counts).all()

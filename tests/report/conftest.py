"""Results to report on."""

from typing import Any

import pytest

import sharematch as sm
from tests.halls import halls

Case = tuple[sm.Instance, sm.Result]

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title></style></script><b>",
    "{{ 7 * 7 }}{% raw %}",
    "' onmouseover='alert(1)",
    "<!-- & -->",
    "javascript:alert(1)",
    "天封 \u202e\ufffd",
)
"""Names that would be markup, a template or a script if they were not escaped."""


@pytest.fixture(scope="session")
def old_town() -> Case:
    town = sm.scenario.old_town()
    return town, sm.solve(town)


@pytest.fixture(scope="session")
def booked() -> Case:
    """A plan of bookings in halls."""
    town = halls()
    return town, sm.solve(town)


@pytest.fixture(scope="session")
def hostile() -> Case:
    """A town in which every name that people choose is hostile."""
    names = [f"{i} {name}" for i, name in enumerate(HOSTILE)]
    town = sm.Instance(
        name=HOSTILE[0],
        currency="<i>",
        communities=[
            sm.Community(id=name, location=(i % 3, i // 3), tags=[name])
            for i, name in enumerate(names)
        ],
        travel={"metric": "plane"},
        providers=[sm.Provider(id=names[1], sector="host")],
        facilities=[
            sm.Facility(id=name, community=names[i - 1], provider=names[1])
            for i, name in enumerate(names)
        ],
        slots=[
            sm.Slot(
                id=name,
                facility=name,
                kinds=[HOSTILE[0].replace("/", "|")],
                capacity=3,
                fee=2,
                start="2026-03-02T09:00",
                end="2026-03-02T10:00",
            )
            for name in names
        ],
        needs=[
            sm.Need(
                id=name, community=name, kind=HOSTILE[0].replace("/", "|"), quantity=9
            )
            for name in names
        ],
    )
    policy = sm.Policy(
        name=HOSTILE[1],
        rules=[sm.AtMost("served", 20, where={"group": [HOSTILE[1]]})],
        goals=[sm.Maximize("served"), sm.Minimize("travel")],
    )
    return town, sm.solve(town, policy)


def town(**fields: Any) -> sm.Instance:
    """Return two communities of which one has all places, with some fields changed."""
    every: dict[str, Any] = {
        "communities": [sm.Community(id="tianfeng"), sm.Community(id="lianqiao")],
        "facilities": [sm.Facility(id="station", community="tianfeng")],
        "slots": [sm.Slot(id="mon", facility="station", kinds=["health"], capacity=30)],
        "needs": [
            sm.Need(id="t", community="tianfeng", kind="health", quantity=40),
            sm.Need(id="l", community="lianqiao", kind="health", quantity=20),
        ],
    }
    return sm.Instance(**every | fields)

"""Sectors that leave or join, repairs, tiers that open."""

from datetime import datetime
from fractions import Fraction
from typing import Any

import pytest

import sharematch as sm
from sharematch.errors import InputError
from sharematch.scenario import old_town
from sharematch.season import joining, leaving, opening, what_if


@pytest.fixture(scope="module")
def today() -> sm.Result:
    return sm.solve(old_town())


def test_a_sector_leaves(today: sm.Result):
    town = old_town()
    gone = {answer.slot for answer in leaving(town, sector="market")}
    sectors = {p.id: p.sector for p in town.providers}
    market = {
        f.id for f in town.facilities if sectors.get(f.provider or "") == "market"
    }
    assert gone == {slot.id for slot in town.slots if slot.facility in market}
    found = what_if(today, leaving(town, sector="market"))
    held = sum(a.quantity for a in today.allocation if a.slot in gone)
    assert found.least.forced == held > 0
    # Nobody else has to move, and what is left is a best plan again.
    assert found.least.moved == held
    assert found.path[-1].least_fill_rate > found.path[0].least_fill_rate
    moved = [step.moved for step in found.path]
    assert moved == sorted(moved)
    rows: list[dict[str, Any]] = list(found.by_community())
    assert {row["community"]: row["today"] for row in rows}["tianfeng"] == 365
    served = [sum(row[name] for row in rows) for name in ("today", "best", "change")]
    assert served[:2] == [2501, found.best.result.value("served")]
    assert served[2] == served[1] - served[0]


def test_a_room_closes_for_repairs(today: sm.Result):
    town = old_town()
    monday = datetime.fromisoformat("2026-12-07T00:00")
    if town.slots[0].start is not None and town.slots[0].start.tzinfo:
        monday = monday.replace(tzinfo=town.slots[0].start.tzinfo)
    host = next(s.facility for s in town.slots if s.start is not None)
    gone = leaving(town, facility=host, start=monday, end=monday.replace(day=9))
    slots = {slot.id: slot for slot in town.slots}
    for answer in gone:
        slot = slots[answer.slot]
        assert slot.facility == host
        assert slot.start is not None
        assert slot.start < monday.replace(day=9)
    assert len(gone) < sum(slot.facility == host for slot in town.slots)
    found = what_if(today, gone)
    assert found.least.moved <= found.best.moved
    with pytest.raises(InputError, match="no slot is meant"):
        leaving(town, facility="nowhere")


def two() -> sm.Instance:
    """Return two communities in one district; the hall is Tianfeng's own."""
    return sm.Instance(
        communities=[sm.Community(id="tianfeng"), sm.Community(id="lianqiao")],
        facilities=[sm.Facility(id="hall", community="tianfeng", share="own")],
        slots=[sm.Slot(id="mon", facility="hall", kinds=["choir"], capacity=4)],
        needs=[
            sm.Need(id="t", community="tianfeng", kind="choir", quantity=4),
            sm.Need(id="l", community="lianqiao", kind="choir", quantity=4),
        ],
    )


def test_a_tier_opens():
    today = sm.solve(two())
    found = what_if(today, instance=opening(two(), None), stops=1)
    assert [(s.moved, s.served, s.least_fill_rate) for s in found.path] == [
        (0, 4, Fraction(0)),
        (1, 4, Fraction(1, 4)),
        (2, 4, Fraction(1, 2)),
    ]
    assert [dict(row) for row in found.by_community()] == [
        {"community": "lianqiao", "today": 0, "least": 0, "best": 2, "change": 2},
        {"community": "tianfeng", "today": 4, "least": 4, "best": 2, "change": -2},
    ]
    assert "least_fill_rate" in str(found)


def test_a_provider_joins():
    today = sm.solve(two())
    now = joining(
        two(),
        providers=[sm.Provider(id="school", sector="public")],
        facilities=[sm.Facility(id="gym", community="lianqiao", provider="school")],
        slots=[sm.Slot(id="tue", facility="gym", kinds=["choir"], capacity=3)],
    )
    found = what_if(today, instance=now)
    assert len(found.path) == 1
    assert found.best.moved == 0
    assert found.best.result.value("served") == 7


def test_a_change_that_no_plan_survives_is_an_error():
    rule = sm.Policy(rules=[sm.AtLeast("served", 4)], goals=[sm.Maximize("served")])
    today = sm.solve(two(), rule)
    with pytest.raises(InputError, match="no plan keeps the rules: units served"):
        what_if(today, leaving(two(), facility="hall"))

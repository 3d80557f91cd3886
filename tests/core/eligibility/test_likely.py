"""Likely arcs against all, and against what first come takes."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

import sharematch as sm
from sharematch.core.columns.encoding import encode
from sharematch.core.eligibility import arcs as arcs_module
from sharematch.core.eligibility.likely import likely
from sharematch.core.eligibility.order import turns


def season(*, clubs: int, halls: int, **fields: Any) -> sm.Instance:
    """Return clubs that want four Mondays, and halls that are open for two hours."""
    monday = datetime(2027, 3, 1, 17)
    times = [monday + timedelta(weeks=week) for week in range(4)]
    asked: dict[str, Any] = {
        "minutes": 60,
        "sessions": 4,
        "every": 7 * 24 * 60,
        "min_sessions": 3,
    }
    return sm.Instance(
        communities=[sm.Community(id="junmiao")],
        facilities=[sm.Facility(id=f"h{h}", community="junmiao") for h in range(halls)],
        slots=[
            sm.Slot(
                id=f"h{h}-{week}",
                facility=f"h{h}",
                kinds=["sport"],
                start=start,
                end=start + timedelta(hours=2),
                capacity=1,
                step=60,
            )
            for h in range(halls)
            for week, start in enumerate(times)
        ],
        needs=[
            sm.Need(id=f"n{n}", community="junmiao", kind="sport", **asked | fields)
            for n in range(clubs)
        ],
    )


def kept(instance: sm.Instance, most: int) -> tuple[Any, Any]:
    columns = encode(instance)
    arcs = arcs_module.build(columns)
    return arcs, arcs.keep(likely(columns, arcs, 0, most))


def test_what_first_come_takes_is_kept_whole():
    instance = season(clubs=6, halls=3)
    arcs, few = kept(instance, 1)
    assert len(few) < len(arcs)
    first_come = sm.solve(instance, sm.Policy.first_come())
    assert first_come.value("served") == 6 * 4  # two at a time in three halls
    columns = encode(instance)
    pairs = {*zip(few.need.tolist(), few.cell.tolist(), strict=True)}
    for booking in first_come.allocation:
        need = columns.position["need"][booking.need]
        slot = columns.position["slot"][booking.slot]
        start = columns.cells.first[slot : slot + 1]
        hour = booking.start.hour - 17 if booking.start is not None else 0
        assert (need, int(start[0]) + hour) in pairs


@pytest.mark.parametrize("most", [1, 10, 40, 1_000])
def test_more_is_kept_where_there_is_time_for_more(most: int):
    arcs, few = kept(season(clubs=3, halls=30), most * 3)
    num_arcs = np.bincount(few.need, minlength=3)
    assert (num_arcs >= 4).all()  # a series each
    assert (num_arcs <= max(most, 7 * 4)).all()
    if most == 1_000:
        assert len(few) > len(arcs) / 2


def test_those_who_come_late_have_none_when_time_is_over():
    instance = season(clubs=3, halls=2)
    columns = encode(instance)
    arcs = arcs_module.build(columns)
    looks = iter([False, True])
    few = arcs.keep(likely(columns, arcs, 0, 1, lambda: next(looks)))
    assert {*few.need.tolist()} == {int(turns(columns, 0)[0])}


def test_single_units_find_the_nearest_room():
    instance = sm.Instance(
        travel={"metric": "plane"},
        communities=[sm.Community(id="tianfeng", location=(0, 0))],
        facilities=[
            sm.Facility(id=f"f{i:02}", community="tianfeng", location=(i, 0))
            for i in range(40)
        ],
        slots=[
            sm.Slot(id=f"s{i:02}", facility=f"f{i:02}", kinds=["check"], capacity=1)
            for i in range(40)
        ],
        needs=[
            sm.Need(
                id=f"n{i}",
                community="tianfeng",
                kind="check",
                quantity=3,
                location=(0, 0),
            )
            for i in range(2)
        ],
    )
    _, few = kept(instance, 1)
    first, second = turns(encode(instance), 0).tolist()
    nearest = {0, 1, 2}
    assert nearest <= {*few.slot[few.need == first].tolist()}
    assert {3, 4, 5} <= {*few.slot[few.need == second].tolist()}
    assert len(few) < 40

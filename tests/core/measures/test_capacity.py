"""What allows no unit more, seen from every arc."""

import numpy as np
import pytest

import sharematch as sm
from sharematch.core.columns.encoding import encode
from sharematch.core.eligibility import arcs
from sharematch.core.measures.capacity import LIMITS, full_by
from sharematch.core.measures.measures import Measures


@pytest.mark.parametrize(
    ("own", "guest", "by"),
    [
        ([0, 0, 0], 0, [None] * 4),
        ([3, 0, 0], 1, [None] * 4),
        # Two of the five are kept for the community itself.
        ([0, 0, 0], 3, [None] * 3 + ["reserve"]),
        ([1, 0, 0], 3, ["max_units"] * 3 + ["reserve"]),
        ([2, 0, 0], 3, ["capacity"] * 4),
    ],
)
def test_what_is_full_is_named(own: list[int], guest: int, by: list[str | None]):
    limit = 4 if "max_units" in by else None
    instance = sm.Instance(
        communities=[sm.Community(id=name) for name in ("tianfeng", "lianqiao")],
        facilities=[sm.Facility(id="hall", community="tianfeng", max_units=limit)],
        slots=[
            sm.Slot(id="mon", facility="hall", kinds=["any"], capacity=5, reserve=2)
        ],
        needs=[
            sm.Need(id=f"{place}{i}", community=place, kind="any", quantity=5)
            for place, count in (("tianfeng", 3), ("lianqiao", 1))
            for i in range(count)
        ],
    )
    columns = encode(instance)
    measures = Measures(columns, arcs.build(columns))
    order = [columns.need_ids[n] for n in measures.arcs.need]
    units = dict(zip(sorted(order, reverse=True), [*own, guest], strict=True))
    names = dict(zip(sorted(order, reverse=True), by, strict=True))
    found = full_by(measures, np.array([units[n] for n in order]))
    assert [LIMITS[i] if i >= 0 else None for i in found] == [names[n] for n in order]

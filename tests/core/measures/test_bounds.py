"""Whether units may rise or fall under a rule, exactly, in groups of any size."""

from fractions import Fraction

import numpy as np
import pytest

import sharematch as sm
from sharematch.core.columns.encoding import encode
from sharematch.core.eligibility import arcs
from sharematch.core.measures.bounds import rule_bounds
from sharematch.core.measures.measures import Measures

HUGE = 10**12
"""Units asked for; times as much again, floating point numbers round."""


@pytest.mark.parametrize("limit", [333333333336, 333333333333])
@pytest.mark.parametrize("off", [-1, 0, 1])
def test_shares_of_huge_groups_are_compared_exactly(limit: int, off: int):
    instance = sm.Instance(
        communities=[sm.Community(id="tianfeng")],
        facilities=[sm.Facility(id="hall", community="tianfeng")],
        slots=[sm.Slot(id="mon", facility="hall", kinds=["any"], capacity=HUGE)],
        needs=[sm.Need(id="x", community="tianfeng", kind="any", quantity=HUGE)],
    )
    columns = encode(instance)
    measures = Measures(columns, arcs.build(columns))
    share, units = Fraction(limit, HUGE), np.array([limit + off])
    for rule in (sm.AtMost, sm.AtLeast):
        term = rule("fill_rate", share, by="community")
        (bound,) = rule_bounds(measures, "rule 1", term, units, {})
        more, less = limit + off + 1, limit + off - 1
        most = rule is sm.AtMost
        assert bound.can_rise.tolist() == [more <= limit if most else more >= limit]
        assert bound.can_fall.tolist() == [less <= limit if most else less >= limit]

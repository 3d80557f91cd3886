"""Spans that meet, against a look at each two of them."""

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sharematch.core.integer.presence import moments

Span = tuple[int, int, int]
SPANS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 5), st.integers(0, 3)), max_size=8
)
"""Group, begin and length of spans; some last no time."""


def meets(one: Span, other: Span) -> bool:
    """Return whether two spans of one group are at one time, each in its own slot."""
    (group, start, length), (other_group, other_start, other_length) = one, other
    end, other_end = start + length, other_start + other_length
    return group == other_group and start < other_end and other_start < end


@given(SPANS)
def test_any_two_spans_that_overlap_are_in_some_clique(spans: list[Span]):
    group, start, length = np.array(spans, np.int64).reshape(-1, 3).T
    clique, member = moments(group, start, start + length, np.arange(len(spans)))
    members = {
        number: set(member[clique == number].tolist())
        for number in set(clique.tolist())
    }
    together = {
        pair
        for spans_of_clique in members.values()
        for pair in combinations(sorted(spans_of_clique), 2)
    }
    assert together == {
        (i, j)
        for i, j in combinations(range(len(spans)), 2)
        if meets(spans[i], spans[j])
    }

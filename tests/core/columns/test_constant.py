"""Columns of one number behave as any others do, and stay of no length."""

import numpy as np
import pytest

from sharematch.core.columns import lookup
from sharematch.core.columns.constant import (
    constant,
    is_constant,
    joined,
    negated,
    taken,
)


@pytest.mark.parametrize("span", [1, 4, 1 << 16])
def test_entries_are_those_of_a_plain_array(span: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lookup, "SPAN", span)
    rng = np.random.default_rng(span)
    for column in (rng.integers(-9, 9, 11), constant(-4, 11), np.zeros(0, np.int64)):
        plain, count = column.copy(), len(column)
        for chosen in (
            rng.random(count) < 0.5,
            rng.permutation(count).astype(np.int32),
        ):
            entries = taken(column, chosen)
            assert entries.tolist() == plain[chosen].tolist()
            assert is_constant(entries) == (is_constant(column) and len(entries) > 0)
        assert negated(column).tolist() == (-plain).tolist()
        assert joined([column, column[:3]]).tolist() == [*plain, *plain[:3]]


def test_columns_of_one_number_stay_so_where_they_agree():
    assert is_constant(joined([constant(5, 3), constant(5, 2), constant(7, 0)]))
    assert not is_constant(joined([constant(5, 3), constant(6, 2)]))
    assert is_constant(negated(constant(5, 3)))

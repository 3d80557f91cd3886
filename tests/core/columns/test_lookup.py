"""Orders within ranges, and ranges of many entries, against plain Python."""

import numpy as np
import pytest

from sharematch.core.columns import lookup
from sharematch.core.columns.lookup import by_value, spans


@pytest.mark.parametrize("span", [1, 3, 16, 1 << 16])
@pytest.mark.parametrize("most", [0, 1, 5, 2**31 - 1])
def test_ranges_are_ordered_each_by_its_values(
    span: int, most: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(lookup, "SPAN", span)
    rng = np.random.default_rng(span + most)
    value = rng.integers(0, most, 40, endpoint=True).astype(np.int32)
    value[rng.integers(40, size=3)] = most
    size = rng.integers(0, 9, 12)
    last = np.minimum(rng.integers(0, 40, 12) + size, 40)
    first = np.maximum(last - size, 0)
    expected = [
        place
        for a, b in zip(first.tolist(), last.tolist(), strict=True)
        for place in sorted(range(a, b), key=lambda place: (value[place], place))
    ]
    assert by_value(first, last, value).tolist() == expected


def test_rows_values_and_places_fit_into_one_number():
    """As many rows as are looked at at once, of the largest values that may be."""
    count = lookup.SPAN + 3
    value = np.full(count, 2**31 - 1, np.int64)
    value[1::2] = 0
    each = np.arange(count)
    assert (by_value(each, each + 1, value) == each).all()
    whole = by_value(np.array([0]), np.array([count]), value)
    assert (whole == np.concatenate([each[1::2], each[::2]])).all()


@pytest.mark.parametrize("count", [0, 1, lookup.SPAN, lookup.SPAN + 1])
def test_spans_hold_each_entry_once(count: int):
    entries = [i for some in spans(count) for i in range(some.start, some.stop)]
    assert entries == [*range(count)]

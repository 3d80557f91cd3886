"""Rows in the making: entries, bounds and sources by hand."""

import numpy as np
from numpy.typing import NDArray

from sharematch.core.integer.program import FREE, Draft, Rows
from sharematch.core.network.program import Source

CAPACITY, RULE = Source("capacity"), Source("rule", 1)


def ints(*values: int) -> NDArray[np.int64]:
    return np.array(values, np.int64)


def drafted() -> Rows:
    """Return x0 + 2 x2 ≤ 4 and 3 x1 ≥ 1 of slots, and 1 ≤ x0 - x3 ≤ 2 of a rule."""
    draft = Draft()
    assert draft.variables([5, 6, 7]).tolist() == [0, 1, 2]
    assert draft.switch() == 3
    draft.rows(
        CAPACITY,
        ints(0, 1, 0, 0),
        ints(0, 1, 2, 2),
        ints(1, 3, 1, 1),
        least=[-FREE, 1],
        most=[4, FREE],
    )
    draft.row(RULE, [0, 3, 1, 1], [1, -1, 2, -2], least=1, most=2)
    draft.bound(ints(0, 0, 2), least=[1, 2, 0], most=[9, 4, 6])
    assert draft.upper(ints(2, 0)).tolist() == [6, 4]
    assert draft.lower(ints(2, 0)).tolist() == [0, 2]
    return draft.finish()


def test_rows_are_what_was_added():
    rows = drafted()
    assert rows.matrix.toarray().tolist() == [[1, 0, 2, 0], [0, 3, 0, 0], [1, 0, 0, -1]]
    assert rows.matrix.nnz == 5  # equal entries are one, and those that cancel none
    assert rows.least.tolist() == [-FREE, 1, 1]
    assert rows.most.tolist() == [4, FREE, 2]
    assert (rows.lower.tolist(), rows.upper.tolist()) == ([2, 0, 0, 0], [4, 6, 6, 1])
    assert (rows.source.tolist(), rows.sources) == ([0, 0, 1], (CAPACITY, RULE))
    assert rows.num_variables == 4


def test_values_within_all_bounds_hold():
    rows = drafted()
    assert rows.holds(ints(2, 1, 1, 0))
    for values in (
        (1, 1, 1, 0),
        (2, 7, 1, 0),
        (2, 1, 2, 0),
        (2, 0, 1, 0),
        (4, 1, 0, 1),
    ):
        assert not rows.holds(ints(*values)), values


def test_rows_may_be_empty_and_counted():
    draft = Draft()
    draft.variables([1])
    draft.rows(CAPACITY, ints(), ints(), 1)
    assert draft.num_rows == 0
    draft.rows(CAPACITY, ints(), ints(), 1, most=3, count=2)
    rows = draft.finish()
    assert rows.matrix.shape == (2, 1)
    assert (rows.least.tolist(), rows.most.tolist()) == ([-FREE] * 2, [3] * 2)


def test_rows_grow_and_shrink():
    rows = drafted()
    wide = rows.with_variables(ints(-1), ints(8))
    assert wide.matrix.shape == (3, 5)
    assert (wide.lower[-1], wide.upper[-1], rows.matrix.shape) == (-1, 8, (3, 4))
    for source, position in ((RULE, 1), (Source("use"), 2)):
        more = wide.with_rows(np.eye(1, 5, dtype=np.int64), ints(6), ints(7), source)
        assert more.matrix.toarray()[3].tolist() == [1, 0, 0, 0, 0]
        assert (more.least[3], more.most[3]) == (6, 7)
        assert more.source.tolist() == [0, 0, 1, position]
        assert more.sources[position] == source
    only = rows.only(np.array([False, True, True]))
    assert only.matrix.toarray().tolist() == [[0, 3, 0, 0], [1, 0, 0, -1]]
    assert (only.least.tolist(), only.most.tolist()) == ([1, 1], [FREE, 2])
    assert only.source.tolist() == [0, 1]

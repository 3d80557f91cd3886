"""Small counts are hidden, and nothing that is shown gives them away."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from scipy.optimize import linprog

from sharematch.report.counts import Counts, hidden
from sharematch.report.ranges import Key

Lines = list[tuple[Key, ...]]


def cross(table: list[list[int]]) -> tuple[dict[Key, int], Lines]:
    """Return the counts of a table with both margins, and their sums."""
    values: dict[Key, int] = {("all",): sum(map(sum, table))}
    rows, columns = range(len(table)), range(len(table[0]))
    lines: Lines = []
    for i in rows:
        values["row", str(i)] = sum(table[i])
        for j in columns:
            values["cell", str(i), str(j)] = table[i][j]
        lines.append((("row", str(i)), *(("cell", str(i), str(j)) for j in columns)))
    for j in columns:
        values["column", str(j)] = sum(row[j] for row in table)
        lines.append((("column", str(j)), *(("cell", str(i), str(j)) for i in rows)))
    lines.append((("all",), *(("row", str(i)) for i in rows)))
    lines.append((("all",), *(("column", str(j)) for j in columns)))
    return values, lines


def spans(
    values: dict[Key, int], lines: Lines, out: frozenset[Key]
) -> dict[Key, tuple[float, float]]:
    """Return how small and how large hidden counts can be, by linear programs.

    Zeros are shown, so whoever reads a page knows that a hidden count is 1 at least.
    """
    unseen = sorted(out)
    at = {key: i for i, key in enumerate(unseen)}
    matrix, right = [], []
    for line in lines:
        row, known = np.zeros(len(unseen)), 0
        for i, key in enumerate(line):
            sign = 1 if i else -1
            if key in at:
                row[at[key]] += sign
            else:
                known += sign * values[key]
        if row.any():
            matrix.append(row)
            right.append(-known)
    found = {}
    for key in unseen:
        goal = np.zeros(len(unseen))
        goal[at[key]] = 1
        ends = []
        for sign in (1, -1):
            done = linprog(sign * goal, A_eq=matrix, b_eq=right, bounds=(1, 10_000))
            assert done.status == 0
            ends.append(sign * float(done.fun or 0))
        found[key] = ends[0], ends[1]
    return found


tables = st.integers(1, 4).flatmap(
    lambda width: st.lists(
        st.lists(
            st.one_of(st.integers(0, 6), st.integers(0, 60)),
            min_size=width,
            max_size=width,
        ),
        min_size=1,
        max_size=5,
    )
)


@given(tables)
def test_no_small_count_can_be_computed_from_what_is_shown(table: list[list[int]]):
    values, lines = cross(table)
    out = hidden(values, lines, 5)
    assert {key for key, value in values.items() if 0 < value < 5} <= out
    if out:
        for key, (low, high) in spans(values, lines, out).items():
            assert high - low > 0.5, key


@given(tables)
def test_nothing_is_hidden_where_nothing_is_small(table: list[list[int]]):
    values, lines = cross([[5 * value for value in row] for row in table])
    assert hidden(values, lines, 5) == frozenset()


def test_ones_that_must_be_ones_are_not_left_with_their_sum():
    values: dict[Key, int] = {("all",): 5}
    values |= {("cell", str(i)): 1 for i in range(5)}
    assert hidden(values, [(("all",), *(("cell", str(i)) for i in range(5)))], 5) == (
        frozenset(values)
    )


def test_sums_that_only_together_give_a_count_away():
    # Each row and column hides two, but the corner stands alone in their difference.
    values: dict[Key, int] = {("t",): 22, ("a",): 2, ("b",): 20, ("u",): 29, ("c",): 9}
    lines: Lines = [
        (("t",), ("a",), ("b",)),
        (("u",), ("b",), ("c",)),
        (("v",), ("a",), ("c",)),
    ]
    values["v",] = 11
    out = hidden(values, lines, 5)
    low, high = spans(values, lines, out)["a",]
    assert high > low


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 3)), min_size=1))
def test_places_give_nothing_away(rows: list[tuple[int, int]]):
    counts = Counts({("all",): sum(used for used, _ in rows)})
    for i, (used, left) in enumerate(rows):
        counts.values["used", str(i)] = used
        counts.put_public(("places", str(i)), used + left)
        counts.cap(("used", str(i)), ("places", str(i)))
    counts.add(("all",), [("used", str(i)) for i in range(len(rows))])
    counts.hide(5)
    for i, (used, _) in enumerate(rows):
        if counts.shown("used", str(i)) is None:
            assert used > 0
            places = counts.shown("places", str(i))
            # All between one and the places there are, if these are told.
            assert places is None or places > 1
        elif used > 0:
            assert used >= 5
    unseen = [
        used for i, (used, _) in enumerate(rows) if ("used", str(i)) in counts.out
    ]
    if unseen and counts.shown("all") is not None:
        assert sum(unseen) > len(unseen)
        rooms = [counts.shown("places", str(i)) for i, _ in enumerate(rows)]
        told = [room for i, room in enumerate(rooms) if ("used", str(i)) in counts.out]
        if None not in told:
            assert sum(unseen) < sum(room or 0 for room in told)


def test_where_all_places_are_taken_some_are_not_told():
    counts = Counts({("used",): 1, ("all",): 20, ("rest",): 19})
    counts.put_public(("places",), 1)
    counts.cap(("used",), ("places",))
    counts.add(("all",), [("used",), ("rest",)])
    counts.hide(5)
    assert counts.out == {("used",), ("rest",), ("places",)}


def test_what_is_left_of_shown_counts_is_not_small():
    values: dict[Key, int] = {("served",): 20, ("borrowed",): 18, ("own",): 2}
    line: tuple[Key, ...] = ("served",), ("borrowed",), ("own",)
    assert hidden(values, [line], 5, implied=[("own",)]) == {("borrowed",)}


def test_what_follows_all_the_same_is_shown():
    # The second row follows from the first, whatever is hidden: it tells of nobody.
    values: dict[Key, int] = {("a",): 3, ("b",): 9, ("all",): 12, ("copy",): 9}
    lines: Lines = [(("all",), ("a",), ("b",)), (("copy",), ("b",))]
    out = hidden(values, lines, 5)
    assert ("a",) in out
    assert len(out & {("b",), ("copy",), ("all",)}) in (1, 2)
    for key, (low, high) in spans(values, lines, out).items():
        assert high > low, key


def test_what_has_one_whole_value_is_hidden_better():
    # Twice the one is the other and at most 3: between 1 and 1.5 if both are unknown.
    counts = Counts({("a",): 1, ("b",): 1, ("both",): 2})
    counts.put_public(("places",), 3)
    counts.cap(("both",), ("places",))
    counts.add(("both",), [("a",), ("b",)])
    counts.add(("a",), [("b",)])
    counts.hide(5)
    assert counts.out == {("a",), ("b",), ("both",), ("places",)}


def test_unknown_parts_count_nothing():
    counts = Counts({("all",): 7, ("a",): 7}, [(("all",), ("a",), ("b",))])
    counts.hide(5)
    assert (counts.shown("all"), counts.shown("b")) == (7, 0)


def test_the_least_telling_count_goes_with_a_small_one():
    values: dict[Key, int] = {("all",): 40, ("a",): 3, ("b",): 7, ("c",): 30, ("d",): 0}
    line: tuple[Key, ...] = (("all",), ("a",), ("b",), ("c",), ("d",))
    assert hidden(values, [line], 5) == {("a",), ("b",)}


@pytest.mark.parametrize("below", [1, 0])
def test_a_limit_that_hides_nothing(below: int):
    values, lines = cross([[1, 2], [3, 4]])
    assert hidden(values, lines, below) == frozenset()

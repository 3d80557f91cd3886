"""Counts of residents' units, what sums to what, and which are too small to show.

A count from 1 to below the limit could point at single people: it is hidden, and with
it as many others as keep it from being computed out of the sums around it
(complementary cell suppression; Willenborg & de Waal, Elements of Statistical
Disclosure Control, 2001, chapter 8).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

__all__ = ["Counts", "Key", "hidden"]

Key = tuple[str, ...]
Line = tuple[Key, ...]
"""A total, then its parts."""

MOST_CELLS = 1_500
"""Cells of one system whose sums are solved; in larger ones each sum by itself."""


@dataclass
class Counts:
    """Counts by key; `sums` are totals with their parts, `out` what is not shown."""

    values: dict[Key, int] = field(default_factory=dict)
    sums: list[Line] = field(default_factory=list)
    out: frozenset[Key] = frozenset()

    def add(self, total: Key, parts: Iterable[Key]) -> None:
        """Remember that a total is the sum of parts."""
        self.sums.append((total, *parts))

    def hide(self, below: int) -> None:
        """Hide counts from 1 to below this, and what would give them away."""
        self.out = hidden(self.values, self.sums, below)

    def shown(self, *key: str) -> int | None:
        """Return a count, 0 where there is none, None where it is hidden."""
        return None if key in self.out else self.values.get(key, 0)


def hidden(
    values: Mapping[Key, int], sums: Sequence[Line], below: int
) -> frozenset[Key]:
    """Return the keys of counts that must not be shown.

    Those from 1 to `below` - 1; and others, such that no sum (for up to `MOST_CELLS`
    hidden counts that hang together: no combination of sums) yields one of them.

    Examples
    --------
    >>> values = {("all",): 12, ("a",): 2, ("b",): 10}
    >>> sorted(hidden(values, [(("all",), ("a",), ("b",))], 5))
    [('a',), ('b',)]
    """
    small = {key for key, value in values.items() if 0 < value < below}
    out, lines = set(small), [_known(line, values) for line in sums]
    while True:
        _close(out, lines, values)
        given_away = _determined(out, lines) & small
        cells = (_next(key, out, lines, values) for key in given_away)
        more = {cell for cell in cells if cell}
        if not more:
            return frozenset(out)
        out |= more


def _known(line: Line, values: Mapping[Key, int]) -> Line:
    """Return a line without the parts that nobody counts."""
    return (line[0], *(key for key in line[1:] if key in values))


def _close(out: set[Key], lines: Sequence[Line], values: Mapping[Key, int]) -> None:
    """Hide more until no line by itself gives a hidden count away."""
    by_key: dict[Key, list[int]] = defaultdict(list)
    for i, line in enumerate(lines):
        for key in line:
            by_key[key].append(i)
    todo = [*range(len(lines))]
    while todo:
        line = lines[todo.pop()]
        if not _gives_away(line, out, values):
            continue
        cell = _smallest(line, out, values)
        if cell is not None:
            out.add(cell)
            todo += by_key[cell]


def _gives_away(line: Line, out: set[Key], values: Mapping[Key, int]) -> bool:
    unseen = [key for key in line if key in out]
    if len(unseen) == 1:
        return True
    # Zeros are shown: parts that must be at least 1 each and add up to their number.
    all_ones = all(values[key] == 1 for key in unseen)
    return bool(unseen) and line[0] not in out and all_ones


def _smallest(line: Line, out: set[Key], values: Mapping[Key, int]) -> Key | None:
    """Return the cell of a line whose loss says least: parts first, zeros last."""
    seen = [key for key in line if key not in out]
    if not seen:
        return None
    return min(seen, key=lambda k: (values[k] == 0, k == line[0], values[k], k))


def _next(
    key: Key, out: set[Key], lines: Sequence[Line], values: Mapping[Key, int]
) -> Key | None:
    cells = (_smallest(line, out, values) for line in lines if key in line)
    return next((cell for cell in cells if cell is not None), None)


def _determined(out: set[Key], lines: Sequence[Line]) -> set[Key]:
    """Return the hidden counts that all lines together determine."""
    rows = [cells for line in lines if (cells := _unseen(line, out))]
    found: set[Key] = set()
    for part in _components(rows):
        at = {key: i for i, key in enumerate(sorted({k for row in part for k in row}))}
        if len(at) > MOST_CELLS:
            continue
        matrix = np.zeros((len(part), len(at)))
        for i, row in enumerate(part):
            for key, sign in row.items():
                matrix[i, at[key]] = sign
        _, values, vectors = np.linalg.svd(matrix, full_matrices=False)
        span = vectors[values > 1e-9]
        # A unit vector lies in the span of the rows: its cell is their combination.
        share = (span**2).sum(axis=0)
        found |= {key for key, i in at.items() if share[i] > 1 - 1e-9}
    return found


def _unseen(line: Line, out: set[Key]) -> dict[Key, int]:
    return {key: 1 if i else -1 for i, key in enumerate(line) if key in out}


def _components(rows: Sequence[Mapping[Key, int]]) -> list[list[Mapping[Key, int]]]:
    """Return the rows in groups that share no cell."""
    home: dict[Key, list[Mapping[Key, int]]] = {}
    for row in rows:
        merged: list[Mapping[Key, int]] = [row]
        for old in {id(home[key]): home[key] for key in row if key in home}.values():
            merged += old
        for key in {key for each in merged for key in each}:
            home[key] = merged
    return [*{id(part): part for part in home.values()}.values()]

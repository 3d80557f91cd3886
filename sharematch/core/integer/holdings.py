"""Which series hold the bookings of a plan: the way back from units to columns.

Bookings of a need say which dates are held, not which series each belongs to. Here they
are given to series and windows again, such that each booking is in one and series keep
their rest from each other: the first booking left over is the first of some series.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import NONE, Columns
from sharematch.core.eligibility.arcs import Arcs
from sharematch.core.eligibility.ways import Ways
from sharematch.core.eligibility.windows import Windows

__all__ = ["Holdings"]

Ints = NDArray[np.int64]
Group = tuple[tuple[int, ...], tuple[int, ...]]
"""Variables that are on together, and the arcs that they hold."""


@dataclass(frozen=True)
class Holdings:
    """The series and windows of needs, as variables over arcs.

    Attributes
    ----------
    series
        By need: variable and arcs, in order of time, of each of its series.
    windows, date
        The windows and the variable of each date.
    """

    columns: Columns
    arcs: Arcs
    series: dict[int, list[tuple[int, tuple[int, ...]]]]
    windows: Windows
    date: Ints

    def chosen(self, need: int, held: Sequence[int]) -> list[int] | None:
        """Return the variables that hold exactly these arcs, None if none do."""
        columns, arc = self.columns, np.array(held, np.int64)
        every = int(columns.need_every[need])
        slot, cell = self.arcs.slot[arc], self.arcs.cell[arc]
        begin = columns.cells.start[cell]
        phase = np.zeros(len(arc), np.int64)
        if every != NONE:
            begin = columns.cells.starts(every, cell)
            phase = begin % every
        order = np.lexsort((arc, begin, phase, columns.slot_facility[slot]))
        left = tuple(arc[order].tolist())
        most = int(columns.need_times[need])
        for groups in self._covers(need, left, most):
            if self._apart(need, groups):
                return [variable for variables, _ in groups for variable in variables]
        return None

    def _covers(
        self, need: int, left: tuple[int, ...], most: int
    ) -> Iterator[list[Group]]:
        """Yield ways to hold all that is left in at most so many series."""
        if not left:
            yield []
        elif most:
            for group in self._groups(need, left):
                taken = set(group[1])
                rest = tuple(arc for arc in left if arc not in taken)
                for groups in self._covers(need, rest, most - 1):
                    yield [group, *groups]

    def _groups(self, need: int, left: tuple[int, ...]) -> Iterator[Group]:
        """Yield series that hold the first of what is left, the longest first."""
        first, there = left[0], set(left)
        for variable, arcs in self.series.get(need, ()):
            if arcs[0] == first and there.issuperset(arcs):
                yield (variable,), arcs
        windows = self.windows
        for window in np.flatnonzero(windows.need == need).tolist():
            span = slice(*np.searchsorted(windows.window, [window, window + 1]))
            own = {
                arc: variable
                for arc, variable in zip(
                    windows.arc[span].tolist(), self.date[span].tolist(), strict=True
                )
                if arc in there
            }
            begins = windows.arc[span][windows.position[span] == 0]
            is_late = bool(windows.is_anchored[window]) and first not in begins
            if first not in own or is_late:
                continue
            least = int(windows.least[window])
            inside = [arc for arc in left if arc in own]
            held: Iterator[Sequence[int]]
            if windows.in_step[window]:
                held = (inside[:n] for n in range(len(inside), least - 1, -1))
            else:
                others = combinations(inside[1:], least - 1)
                held = ([first, *more] for more in others)
            for dates in held:
                yield tuple(own[arc] for arc in dates), tuple(dates)

    def _apart(self, need: int, groups: Sequence[Group]) -> bool:
        """Return whether series keep their rest, and free windows differ."""
        variables = [v for own, _ in groups for v in own]
        windows = [self._window(own) for own, _ in groups]
        known = [window for window in windows if window is not None]
        if len({*variables}) < len(variables) or len({*known}) < len(known):
            return False
        rest = int(self.columns.need_rest[need])
        if not rest:
            return True
        return not any(
            self._too_close(i, j, rest)
            for (_, one), (_, other) in combinations(groups, 2)
            for i in one
            for j in other
        )

    def _window(self, variables: Sequence[int]) -> int | None:
        at = np.flatnonzero(self.date == variables[0])
        return int(self.windows.window[at[0]]) if len(at) else None

    def _too_close(self, one: int, other: int, rest: int) -> bool:
        arcs, cells = self.arcs, self.columns.cells
        both = np.array([one, other])
        ways = Ways(self.columns)
        place = ways.places(arcs.keep(both))
        after, before = (rest + ways.minutes(place, place[::-1])).tolist()
        start = cells.start[arcs.cell[both]].tolist()
        end = cells.last(arcs.cell[both], arcs.steps[both]).tolist()
        return bool(start[1] < end[0] + after and start[0] < end[1] + before)

"""Which series hold the bookings of a plan: the way back from units to columns.

Bookings of a need say which dates are held, not which series each belongs to. Here they
are given to series and windows again, such that each booking is in one and series keep
their rest from each other: the first booking left over is the first of some series.

Example: weekly bookings on the 3rd, 10th, 17th and 24th for two series of two dates:
3rd and 10th, then 17th and 24th; had the 10th no series from the 3rd, the search would
go back.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
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
        unheld = tuple(arc[order].tolist())
        most = int(columns.need_times[need])
        for groups in self._covers(need, unheld, most):
            if self._apart(need, groups):
                return [variable for variables, _ in groups for variable in variables]
        return None

    def _covers(
        self, need: int, unheld: tuple[int, ...], most: int
    ) -> Iterator[list[Group]]:
        """Yield ways to hold all that is left in at most so many series."""
        if not unheld:
            yield []
        elif most:
            for group in self._groups(need, unheld):
                taken = set(group[1])
                still_unheld = tuple(arc for arc in unheld if arc not in taken)
                for groups in self._covers(need, still_unheld, most - 1):
                    yield [group, *groups]

    def _groups(self, need: int, unheld: tuple[int, ...]) -> Iterator[Group]:
        """Yield series that hold the first of what is left, the longest first."""
        first, unheld_arcs = unheld[0], set(unheld)
        for variable, arcs in self.series.get(need, ()):
            if arcs[0] == first and unheld_arcs.issuperset(arcs):
                yield (variable,), arcs
        windows = self.windows
        for window in np.flatnonzero(windows.need == need).tolist():
            span = slice(*np.searchsorted(windows.window, [window, window + 1]))
            variable_of = {
                arc: variable
                for arc, variable in zip(
                    windows.arc[span].tolist(), self.date[span].tolist(), strict=True
                )
                if arc in unheld_arcs
            }
            begins = windows.arc[span][windows.position[span] == 0]
            is_late = bool(windows.is_anchored[window]) and first not in begins
            if first not in variable_of or is_late:
                continue
            least = int(windows.least[window])
            inside = [arc for arc in unheld if arc in variable_of]
            held: Iterator[Sequence[int]]
            if windows.in_step[window]:
                held = (inside[:n] for n in range(len(inside), least - 1, -1))
            else:
                others = combinations(inside[1:], least - 1)
                held = ([first, *more] for more in others)
            for dates in held:
                yield tuple(variable_of[arc] for arc in dates), tuple(dates)

    def _apart(self, need: int, groups: Sequence[Group]) -> bool:
        """Return whether series keep their rest, and free windows differ."""
        variables = [v for held_by, _ in groups for v in held_by]
        windows = [self._window(held_by) for held_by, _ in groups]
        taken = [window for window in windows if window is not None]
        if len({*variables}) < len(variables) or len({*taken}) < len(taken):
            return False
        rest_minutes = int(self.columns.need_rest[need])
        if not rest_minutes:
            return True
        return not any(
            self._too_close(i, j, rest_minutes)
            for (_, arcs), (_, other_arcs) in combinations(groups, 2)
            for i in arcs
            for j in other_arcs
        )

    def _window(self, variables: Sequence[int]) -> int | None:
        date = np.flatnonzero(self.date == variables[0])
        return int(self.windows.window[date[0]]) if len(date) else None

    def _too_close(self, arc: int, other_arc: int, rest_minutes: int) -> bool:
        arcs, cells = self.arcs, self.columns.cells
        ends = np.array([arc, other_arc])
        ways = Ways(self.columns)
        place = ways.places(arcs.keep(ends))
        after, before = (rest_minutes + ways.minutes(place, place[::-1])).tolist()
        start = cells.start[arcs.cell[ends]].tolist()
        end = cells.last(arcs.cell[ends], arcs.steps[ends]).tolist()
        return bool(start[1] < end[0] + after and start[0] < end[1] + before)

"""A board: a plan in the making, and what room each limit leaves.

    room = most - A x - (what is opened),   x may grow where each of its rows has room

Columns are put and taken one by one, at the cost of what they touch; what a place takes
to open is taken with its first unit. Sums that count above zero alone count as all in
them that is above zero: what fits then fits in any case.

Example: a hall of two places at 17:00 that costs 4 to open, 5 to spend. The first need
takes a place and 4, the second the other place; of two more neither fits.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.lookup import pairs
from sharematch.core.eligibility.series import steps_of
from sharematch.core.integer.coupled import CoupledProgram
from sharematch.core.integer.program import FREE

__all__ = ["Board", "asking_rows", "entries"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class _Window(NamedTuple):
    """Dates of a series that may lose some, as positions of columns; see `windows`."""

    dates: Ints
    position: Ints
    least: int
    in_step: bool
    is_anchored: bool


class Board:
    """A plan in the making: what is chosen, and what room each limit leaves.

    Attributes
    ----------
    column
        The variables that can be chosen, sorted by the need that owns them.
    first
        By need, where its columns begin in `column`; one more entry at the end.

    Parameters
    ----------
    without
        Rows that are not asked.
    is_strict
        Whether sums that count above zero alone, each for itself, are limited as if
        all in them that is above zero counted: what fits then fits in any case.
    """

    def __init__(
        self,
        program: CoupledProgram,
        *,
        without: Bools | None = None,
        is_strict: bool = False,
    ) -> None:
        self.program, rows = program, program.rows
        self.column, self.first = program.column, program.first
        self.need = program.owner[self.column]
        num_needs = len(self.first) - 1
        self.limits = _limits(program, without, is_strict=is_strict)
        self._ignored = without
        matrix, self.most = _linear(program, self.limits)
        by_variable = csc_array(matrix)
        self.takes = by_variable[:, self.column]
        """What each column takes of each limit, by column."""
        switches = program.dependents.switches
        members = csr_array(switches.matrix)[switches.number == 1]
        self.switch = switches.variable[switches.number == 1]
        self.turns_on = csc_array(members)[:, self.column]
        """The switches each column turns on, by column."""
        self.opening = by_variable[:, self.switch]
        """What each switch takes of each limit, by switch."""
        self.may_relieve = bool((self.takes.data < 0).any())
        self.may_relieve |= bool((self.opening.data < 0).any())
        """Whether some column, or what it opens, makes room in a limit."""
        asks = asking_rows(program, without)
        self.least_use = rows.least[asks]
        by_variable = csc_array(rows.matrix[asks])
        self.fills = by_variable[:, self.column]
        """What each column adds to each least use, by column."""
        self.demands = by_variable[:, self.switch]
        """What each switch asks for, below 0, by switch."""
        self.size = program.size[self.column]
        columns = program.measures.columns
        self.demand = program.demand
        self.least = np.zeros(num_needs, np.int64)
        divisible = columns.need_sessions == 1
        self.least[divisible] = columns.need_min_quantity[divisible]
        place = np.full(program.rows.num_variables, NONE, np.int64)
        place[program.variable] = program.measures.arcs.slot
        place[0] = NONE
        self.slot = place[self.column]
        """Of columns that stand for one slot alone: which."""
        self.is_course = np.zeros(num_needs, bool)
        cells = (columns.need_sessions[self.need] > 1) & (self.slot != NONE)
        self.is_course[self.need[cells]] = True
        self.every = steps_of(columns, program.leader)
        self.is_date = np.isin(self.column, program.date)
        """Columns that are dates of a series which may lose some."""
        self._sort_windows()
        self.is_free = self._unfettered()
        """Needs for which limits from above say all."""
        self.clear()

    def _sort_windows(self) -> None:
        """Sort the windows that can hold enough dates by their needs."""
        windows = self.program.windows
        place = np.full(self.program.rows.num_variables, NONE)
        place[self.column] = np.arange(len(self.column))
        date = place[self.program.date]
        there = np.flatnonzero(date != NONE)
        window = windows.window[there]
        enough = np.bincount(window, minlength=len(windows.need)) >= windows.least
        there = there[enough[window]]
        self._date, self._position = date[there], windows.position[there]
        held = np.flatnonzero(enough)
        held = held[np.argsort(windows.need[held], kind="stable")]
        self._window = held
        bounds = windows.window[there]
        self._window_begin = np.searchsorted(bounds, held)
        self._window_end = np.searchsorted(bounds, held, side="right")
        needs = np.arange(len(self.first))
        self._window_of = np.searchsorted(windows.need[held], needs)

    def _windows(self, need: int) -> list[_Window]:
        """Return the windows of a need's series that can hold enough dates."""
        windows, own_windows = self.program.windows, list[_Window]()
        for one in range(self._window_of[need], self._window_of[need + 1]):
            dates = slice(self._window_begin[one], self._window_end[one])
            window = self._window[one]
            own_windows.append(
                _Window(
                    self._date[dates],
                    self._position[dates],
                    int(windows.least[window]),
                    bool(windows.in_step[window]),
                    bool(windows.is_anchored[window]),
                )
            )
        return own_windows

    def _unfettered(self) -> Bools:
        """Return the needs whose columns stand in no row that a plan may fall below."""
        rows, num_variables = self.program.rows, self.program.rows.num_variables
        kind = np.array([source.kind for source in rows.sources])[rows.source]
        other = np.ones(len(kind), bool)
        other[self.limits] = False
        if self._ignored is not None:
            other &= ~self._ignored
        # Least quantities are looked at when a need is served, and dates held in step.
        other &= ~np.isin(kind, ["use", "goal", "min_quantity"])
        other[self._rows_in_step(kind)] = False
        matrix = csr_array(rows.matrix[np.flatnonzero(other)])
        entry, least = matrix.tocoo(), rows.least[other]
        most = rows.most[other]
        harmful = ((entry.data < 0) & (least[entry.row] > -FREE)) | (
            (entry.data > 0) & (most[entry.row] < FREE)
        )
        risky = np.zeros(num_variables, bool)
        risky[entry.col[harmful]] = True
        dependents = self.program.dependents
        # What follows from a column is as risky as what it follows from.
        for sums in (dependents.least, dependents.totals, dependents.parts):
            bad = np.flatnonzero(risky[sums.variable])
            risky[sums.matrix[bad].indices] = True
        switches = dependents.switches
        bad = np.flatnonzero(risky[switches.variable])
        risky[switches.matrix[bad].indices] = True
        free = np.ones(len(self.demand), bool)
        free[self.need[risky[self.column]]] = False
        return free

    def _rows_in_step(self, kind: Any) -> Ints:
        """Return the rows of needs whose only columns are dates of one series in step.

        As many of them are held as fit, in the window that has most.
        """
        columns, windows = self.program.measures.columns, self.program.windows
        in_step = columns.need_times == 1
        in_step[windows.need[~windows.in_step]] = False
        in_step[self.need[~self.is_date]] = False
        of_series = np.flatnonzero(np.isin(kind, ["every", "sessions"]))
        entry = self.program.rows.matrix[of_series].tocoo()
        owner = self.program.owner[entry.col]
        is_in_step = np.zeros(len(of_series), bool)
        # Dates of one need stand together, with what says that its window is there.
        is_in_step[entry.row[(owner != NONE) & in_step[owner]]] = True
        return of_series[is_in_step]

    def load(self, values: Ints) -> None:
        """Take what is chosen from values of all variables."""
        self.clear()
        change = values[self.column] - self.values[self.column]
        self.values[self.column] += change
        np.add.at(self.served, self.need, change * self.size)
        self.count += self.turns_on @ change
        held = self.values[self.column]
        is_on = (self.count > 0).astype(np.int64)
        self.room = self.most - self.takes @ held - self.opening @ is_on

    def snapshot(self) -> tuple[Ints, ...]:
        """Return what `restore` takes back."""
        now = self.values, self.served, self.count, self.room
        return tuple(array.copy() for array in now)

    def restore(self, before: tuple[Ints, ...]) -> None:
        """Take back what was kept."""
        self.values, self.served, self.count, self.room = (
            array.copy() for array in before
        )

    def clear(self) -> None:
        """Take everything away but what has to be there."""
        rows = self.program.rows
        self.values = rows.lower.copy()
        self.values[self.program.dependents.switches.variable] = 0
        self.served = np.zeros(len(self.demand), np.int64)
        held = self.values[self.column]
        np.add.at(self.served, self.need, held * self.size)
        self.count = np.zeros(len(self.switch), np.int64)
        """Of each switch, how many units keep it on."""
        self.count += self.turns_on @ held
        self.banned = np.zeros(len(self.column), bool)
        taken = self.takes @ held + self.opening @ (self.count > 0).astype(np.int64)
        self.room = self.most - taken

    def columns_of(self, need: int) -> Ints:
        """Return the positions of a need's columns."""
        return np.arange(self.first[need], self.first[need + 1])

    def fitting(self, positions: Ints) -> Bools:
        """Return which columns can be one greater, all others kept."""
        good = ~self.banned[positions]
        good &= (
            self.values[self.column[positions]]
            < self.program.rows.upper[self.column[positions]]
        )
        place, limit, amount = entries(self.takes, positions)
        short = (amount > 0) & (amount > self.room[limit])
        good[place[short]] = False
        place, switch, _ = entries(self.turns_on, positions)
        off = self.count[switch] == 0
        place, switch = place[off], switch[off]
        if len(place):
            which, limit, amount = entries(self.opening, switch)
            short = (amount > 0) & (amount > self.room[limit])
            good[place[which[short]]] = False
        return good

    def opening_well(self, positions: Ints) -> Bools:
        """Return which columns, one greater, leave no slot with too little use."""
        use = self.fills @ self.values[self.column]
        use += self.demands @ (self.count > 0).astype(np.int64)
        place, asked, amount = entries(self.fills, positions)
        which, switch, _ = entries(self.turns_on, positions)
        off = self.count[switch] == 0
        of_switch, opened, cost = entries(self.demands, switch[off])
        num_asked = max(len(self.least_use), 1)
        key = np.concatenate([place, which[off][of_switch]]) * num_asked
        key += np.concatenate([asked, opened])
        pair, where = np.unique(key, return_inverse=True)
        change = np.bincount(where, np.concatenate([amount, cost]), len(pair))
        asked = pair % num_asked
        good = np.ones(len(positions), bool)
        good[(pair // num_asked)[use[asked] + change < self.least_use[asked]]] = False
        return good

    def put(self, position: int, times: int = 1) -> bool:
        """Make a column greater; return whether all limits hold, else nothing is done.

        Limits that a column takes of by itself and by opening a place are looked at
        together here.
        """
        limit, amount = entries(self.takes, np.array([position]))[1:]
        _, switch, _ = entries(self.turns_on, np.array([position]))
        new = switch[self.count[switch] == 0]
        _, opened, cost = entries(self.opening, new)
        limits = np.concatenate([limit, opened])
        amounts = np.concatenate([amount * times, cost])
        np.subtract.at(self.room, limits, amounts)
        if ((self.room[limits] < 0) & (amounts > 0)).any():
            np.add.at(self.room, limits, amounts)
            return False
        self.count[switch] += times
        self.values[self.column[position]] += times
        self.served[self.need[position]] += times * int(self.size[position])
        return True

    def put_all(self, positions: Ints) -> bool:
        """Make some columns one greater; return whether all limits hold, as `put`."""
        _, limit, amount = entries(self.takes, positions)
        _, switch, _ = entries(self.turns_on, positions)
        new = np.unique(switch[self.count[switch] == 0])
        _, opened, cost = entries(self.opening, new)
        limits = np.concatenate([limit, opened])
        amounts = np.concatenate([amount, cost])
        np.subtract.at(self.room, limits, amounts)
        if ((self.room[limits] < 0) & (amounts > 0)).any():
            np.add.at(self.room, limits, amounts)
            return False
        np.add.at(self.count, switch, 1)
        self.values[self.column[positions]] += 1
        np.add.at(self.served, self.need[positions], self.size[positions])
        return True

    def take(self, position: int, times: int = 1) -> None:
        """Make a column smaller."""
        limit, amount = entries(self.takes, np.array([position]))[1:]
        np.add.at(self.room, limit, amount * times)
        _, switch, _ = entries(self.turns_on, np.array([position]))
        self.count[switch] -= times
        _, closed, cost = entries(self.opening, switch[self.count[switch] == 0])
        np.add.at(self.room, closed, cost)
        self.values[self.column[position]] -= times
        self.served[self.need[position]] -= times * int(self.size[position])

    def serve(self, need: int, price: Floats, most: int | None = None) -> int:
        """Give a need all it can have where that is cheapest; return its new units.

        Parameters
        ----------
        most
            Units after which it has enough for now; what is one column stays whole.
        """
        before = int(self.served[need])
        lacking = int(self.demand[need]) - before
        if lacking <= 0:
            return 0
        enough = before + (lacking if most is None else max(most, self.least[need]))
        if self.is_course[need]:
            return self._hold(need, price)
        self._hold_series(need, price)
        undated = self.columns_of(need)
        undated = undated[~self.is_date[undated]]
        good = undated[self.fitting(undated) & (self.size[undated] <= lacking)]
        placed: list[tuple[int, int]] = []
        for position in good[np.argsort(price[good], kind="stable")].tolist():
            size = int(self.size[position])
            times = min(
                (self.demand[need] - self.served[need]) // size,
                -((self.served[need] - enough) // size),
                self._most(position),
            )
            if times > 0 and self.put(position, int(times)):
                placed.append((position, int(times)))
            is_full = self.served[need] + size > self.demand[need]
            if is_full or self.served[need] >= enough:
                break
        if before + sum(t for _, t in placed) < self.least[need] and placed:
            for position, times in placed:
                self.take(position, times)
        return int(self.served[need]) - before

    def _hold_series(self, need: int, price: Floats) -> None:
        """Hold series that may lose dates, as many of each as there is room for."""
        windows = self._windows(need)
        if not windows:
            return
        dates = np.concatenate([window.dates for window in windows])
        sizes = [len(window.dates) for window in windows]
        fits = self.fitting(dates)
        label = np.repeat(np.arange(len(windows)), sizes)
        fitting = np.bincount(label, fits, len(windows))
        mean = np.bincount(label, price[dates] * fits, len(windows)) / np.maximum(
            fitting, 1
        )
        # At one date one of them is held, of those that choose theirs any.
        position = np.concatenate([window.position for window in windows])
        moments = pairs(label[fits], position[fits]).first
        in_step = np.array([window.in_step for window in windows])
        count = np.where(in_step, np.bincount(moments, minlength=len(sizes)), fitting)
        held = np.bincount(label, self.values[self.column[dates]], len(windows))
        for one in np.lexsort((mean, -count, held == 0)).tolist():
            if self.served[need] >= self.demand[need]:
                return
            if held[one] or count[one] >= windows[one].least:
                self._hold_dates(windows[one], price, is_there=bool(held[one]))

    def may_hold_more(self, need: int) -> bool:
        """Return whether dates that fit one by one are enough for a series, or more."""
        for window in self._windows(need):
            is_held = self.values[self.column[window.dates]] > 0
            fits = self.fitting(window.dates) & ~is_held
            is_there = fits | is_held
            places = window.position if window.in_step else np.arange(len(fits))
            if fits.any() and len(np.unique(places[is_there])) >= window.least:
                return True
        return False

    def _hold_dates(self, window: _Window, price: Floats, *, is_there: bool) -> None:
        """Put what fits of a window, unless that is too little."""
        if is_there and not window.in_step:
            return  # it holds what it is to hold
        if not is_there and window.in_step and self._hold_at_once(window):
            return
        held: list[int] = []
        for position in np.unique(window.position).tolist():
            here = window.dates[window.position == position]
            if not (is_there and self.values[self.column[here]].any()):
                most = 1 if window.in_step else window.least
                held += self._put_cheapest(here, price, most)
            if window.is_anchored and not held and not is_there:
                return  # such a window begins with a date that is held
        if len(held) < window.least and not is_there:
            for date in held:
                self.take(date)

    def _hold_at_once(self, window: _Window) -> bool:
        """Put all dates of a window that fit, if they do so together, one at a time."""
        positions = window.position
        if len(np.unique(positions)) < len(positions):
            return False
        fits = self.fitting(window.dates)
        is_begun = not window.is_anchored or fits[np.argmin(positions)]
        if not is_begun or np.count_nonzero(fits) < window.least:
            return True  # it can hold too little
        return self.put_all(window.dates[fits])

    def _put_cheapest(self, positions: Ints, price: Floats, most: int) -> list[int]:
        """Put so many of some columns, the cheapest that fit; return those put."""
        fits, put_there = positions[self.fitting(positions)], list[int]()
        for one in fits[np.argsort(price[fits], kind="stable")].tolist():
            if len(put_there) < most and self.put(one):
                put_there.append(one)
        return put_there

    def _hold(self, need: int, price: Floats) -> int:
        """Hold all sessions of a need at one facility where that can be."""
        slots_alone = self.columns_of(need)
        slots_alone = slots_alone[self.slot[slots_alone] != NONE]
        good = slots_alone[self.fitting(slots_alone)]
        place = self.program.measures.columns.slot_facility[self.slot[good]]
        cost = price[good]
        _, place_of = np.unique(place, return_inverse=True)
        mean = np.bincount(place_of, cost) / np.maximum(np.bincount(place_of), 1)
        for facility in np.argsort(mean, kind="stable").tolist():
            here = good[place_of == facility]
            order = np.argsort(price[here], kind="stable")
            for cells in self._sessions(need, here[order]):
                held: list[int] = []
                for cell in cells:
                    if not self.put(cell):
                        break
                    held.append(cell)
                if len(held) == len(cells):
                    return int(self.size[cells].sum())
                for cell in held:
                    self.take(cell)
        return 0

    def _sessions(self, need: int, cells: Ints) -> Iterator[list[int]]:
        """Yield ways to hold all sessions in some cells, given from the cheapest on."""
        columns, slot = self.program.measures.columns, self.slot[cells]
        count, every = int(columns.need_sessions[need]), int(self.every[need])
        if every != NONE:
            start = columns.cells.starts(every, columns.cells.first[slot])
            first_at: dict[int, int] = {}
            for cell in np.flatnonzero(columns.slot_is_timed[slot]).tolist():
                first_at.setdefault(int(start[cell]), cell)
            for begin in first_at:
                times = [begin + every * session for session in range(count)]
                if all(time in first_at for time in times):
                    yield [int(cells[first_at[time]]) for time in times]
            return
        for order in (slot, slot[np.argsort(columns.slot_end[slot], kind="stable")]):
            chosen = _apart(columns, order, count)
            if len(chosen) == count:
                yield cells[
                    [int(np.flatnonzero(slot == s)[0]) for s in chosen]
                ].tolist()

    def _most(self, position: int) -> int:
        """Return by how much a column can grow."""
        upper = self.program.rows.upper[self.column[position]]
        more = int(upper - self.values[self.column[position]])
        if more <= 1:
            return more
        limit, amount = entries(self.takes, np.array([position]))[1:]
        positive = amount > 0
        rooms = self.room[limit[positive]] // amount[positive]
        return min(more, int(rooms.min(initial=more)))

    def complete(self) -> Ints:
        """Return the values of all variables."""
        return self.program.dependents.complete(self.values)


def _apart(columns: Columns, slots: Ints, count: int) -> list[int]:
    """Return the first slots, up to so many, that do not overlap those before them."""
    start, end = columns.slot_start, columns.slot_end
    timed = columns.slot_is_timed
    chosen: list[int] = []
    for slot in slots.tolist():
        clashes = (
            timed[slot]
            and timed[other]
            and end[other] > start[slot]
            and end[slot] > start[other]
            for other in chosen
        )
        if not any(clashes):
            chosen.append(slot)
        if len(chosen) == count:
            break
    return chosen


def _limits(program: CoupledProgram, without: Bools | None, *, is_strict: bool) -> Ints:
    """Return the rows that bound from above what is chosen or opened."""
    rows = program.rows
    kind = np.array([source.kind for source in rows.sources])[rows.source]
    free, part = np.zeros((2, rows.num_variables), bool)
    dependents = program.dependents
    part[dependents.parts.variable] = True
    free[dependents.totals.variable] = True
    free[dependents.least.variable] = True
    entry = rows.matrix.tocoo()
    odd = np.zeros(rows.matrix.shape[0], bool)
    bad = free[entry.col] | (part[entry.col] & ((entry.data < 0) | (not is_strict)))
    odd[entry.row[bad]] = True
    plain = (rows.most < FREE) & ~odd & ~np.isin(kind, ["use", "goal", "every"])
    plain &= ~((kind == "sessions") & (rows.least > -FREE))
    if without is not None:
        plain &= ~without
    return np.flatnonzero(plain)


def entries(matrix: csc_array, major: Ints) -> tuple[Ints, Ints, Ints]:
    """Return place in `major`, minor index and value of all entries of some columns."""
    start, stop = matrix.indptr[major], matrix.indptr[major + 1]
    count = stop - start
    place = np.repeat(np.arange(len(major)), count)
    entry = np.repeat(start - np.cumsum(count) + count, count) + np.arange(count.sum())
    return place, np.asarray(matrix.indices[entry], np.int64), matrix.data[entry]


def _linear(program: CoupledProgram, limits: Ints) -> tuple[Any, Ints]:
    """Return limits over what is chosen and opened, and how much each allows.

    A sum that counts above zero alone counts as all in it that is above zero: no less
    than it is.
    """
    rows, parts = program.rows, program.dependents.parts
    matrix = csr_array(rows.matrix[limits])
    share = matrix[:, parts.variable]
    above = parts.matrix.copy()
    above.data = np.maximum(above.data, 0)
    most = rows.most[limits] - share @ np.maximum(parts.number, 0)
    return matrix + share @ above, most


def asking_rows(program: CoupledProgram, without: Bools | None) -> Ints:
    """Return the rows that ask for least uses of what is opened."""
    rows = program.rows
    asks = np.array([s.kind == "min_units" for s in rows.sources], bool)[rows.source]
    return np.flatnonzero(asks if without is None else asks & ~without)

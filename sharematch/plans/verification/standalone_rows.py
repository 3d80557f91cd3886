"""What one community could be served where needs or slots couple, pair by pair.

    max Σ units  under rows over units and use of each arc, each as its record says it

By scipy's branch and bound (HiGHS). As plain as can be: it checks what faster rows say,
and shares none of them.

Example: two whole needs of 2 units and a slot for 3: rows u = 2 used, u' = 2 used',
u + u' ≤ 3 serve 2.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations, permutations

import numpy as np
import scipy
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.core.eligibility.arcs import Arcs
from sharematch.core.eligibility.setup import setup_cells
from sharematch.core.eligibility.ways import Ways
from sharematch.errors import SolverError

__all__ = ["StandaloneRows"]

Ints = NDArray[np.int64]
Term = tuple[int, float]


class StandaloneRows:
    """Units and use of each arc, and further switches, under linear rows."""

    def __init__(self, columns: Columns, arcs: Arcs) -> None:
        self.columns, self.arcs = columns, arcs
        self.need, self.slot = arcs.need.tolist(), arcs.slot.tolist()
        self.start = columns.cells.start[arcs.cell]
        self.end = columns.cells.last(arcs.cell, arcs.steps)
        self.ways = Ways(columns)
        self.places = self.ways.places(arcs)
        self.upper: list[float] = []
        self.rows: list[tuple[list[Term], float]] = []
        """Sums that may not exceed a bound."""
        quantity = columns.need_quantity[arcs.need].tolist()
        self.units = [self._variable(most) for most in quantity]
        self.use = [self._variable(1) for _ in quantity]
        for units, use, most in zip(self.units, self.use, quantity, strict=True):
            self._at_most([(units, 1), (use, -most)], 0)
            self._at_most([(use, 1), (units, -1)], 0)

    def _variable(self, upper: float) -> int:
        self.upper.append(upper)
        return len(self.upper) - 1

    def _at_most(self, terms: list[Term], bound: float) -> None:
        self.rows.append((terms, bound))

    def _equal(self, terms: list[Term]) -> None:
        self._at_most(terms, 0)
        self._at_most([(variable, -factor) for variable, factor in terms], 0)

    def _exclude(self, arcs: Iterable[int], clash: Callable[[int, int], bool]) -> None:
        """Let at most one arc be used of every two that clash."""
        for first, second in combinations(arcs, 2):
            if clash(first, second):
                self._at_most([(self.use[first], 1), (self.use[second], 1)], 1)

    def _grouped(
        self, label: Ints, among: list[int] | None = None
    ) -> Iterator[tuple[int, list[int]]]:
        entries = np.arange(len(label)) if among is None else np.array(among, np.int64)
        for group in np.unique(label[entries][label[entries] != NONE]).tolist():
            yield group, entries[label[entries] == group].tolist()

    def most(self) -> int:
        """Return the greatest number of units."""
        if not self.units:
            return 0
        for need, arcs in self._grouped(self.arcs.need):
            self._need(need, arcs)
        self._rooms()
        self._persons()
        self._together()
        # Nothing is at least a bound: each such row was turned around.
        entry = [(i, v, f) for i, (terms, _) in enumerate(self.rows) for v, f in terms]
        row, variable, factor = zip(*entry, strict=True)
        matrix = scipy.sparse.csr_array(
            (factor, (row, variable)), shape=(len(self.rows), len(self.upper))
        )
        gain = np.zeros(len(self.upper))
        gain[self.units] = -1
        solution = scipy.optimize.milp(
            gain,
            integrality=np.ones(len(gain), np.int64),
            bounds=scipy.optimize.Bounds(0, np.array(self.upper, float)),
            constraints=scipy.optimize.LinearConstraint(
                matrix, ub=[bound for _, bound in self.rows]
            ),
            options={"mip_rel_gap": 0},
        )
        if solution.status != 0:
            raise SolverError(
                "solver.what_a_community_is_served_alone", cause=solution.message
            )
        return -round(solution.fun)

    def _need(self, need: int, arcs: list[int]) -> None:
        columns = self.columns
        quantity, least = columns.need_quantity[need], columns.need_min_quantity[need]
        sessions = int(columns.need_sessions[need])
        units = [(self.units[a], 1.0) for a in arcs]
        self._at_most(units, float(columns.need_demand[need]))
        is_whole = columns.need_whole[need] or columns.need_together[need] != NONE
        if sessions > 1 and columns.need_every[need] != NONE:
            self._timed_alone(arcs)
        if columns.is_booked[need] or columns.need_min_sessions[need] != NONE:
            self._bookings(need, arcs)
            return
        if is_whole or sessions > 1:
            for a in arcs:
                self._equal([(self.units[a], 1), (self.use[a], -float(quantity))])
        if sessions > 1:
            self._sessions(need, arcs)
        elif is_whole:
            self._at_most([(self.use[a], 1) for a in arcs], 1)
        else:
            served = self._variable(1)
            for a in arcs:
                self._at_most([(self.use[a], 1), (served, -1)], 0)
            fewer = [(variable, -factor) for variable, factor in units]
            self._at_most([*fewer, (served, float(least))], 0)

    def _sessions(self, need: int, arcs: list[int]) -> None:
        columns = self.columns
        held = self._variable(1)
        sessions = int(columns.need_sessions[need])
        self._equal([*((self.use[a], 1.0) for a in arcs), (held, -sessions)])
        self._exclude(arcs, lambda a, b: not self._go_together(need, a, b))

    def _timed_alone(self, arcs: list[int]) -> None:
        """Take the slots without a time out: they are in step with nothing."""
        for a in arcs:
            if not self.columns.slot_is_timed[self.slot[a]]:
                self.upper[self.use[a]] = 0

    def _go_together(self, need: int, first: int, second: int) -> bool:
        """Return whether two slots may both be sessions of a need."""
        columns = self.columns
        slots = self.slot[first], self.slot[second]
        if columns.slot_facility[slots[0]] != columns.slot_facility[slots[1]]:
            return False
        every = int(columns.need_every[need])
        if every != NONE:
            # k different times, all multiples of the step and less than k steps apart
            cells = columns.cells.first[np.array(slots)]
            starts = columns.cells.starts(every, cells).tolist()
            steps, remainder = divmod(abs(starts[0] - starts[1]), every)
            if remainder or not 0 < steps < columns.need_sessions[need]:
                return False
        return not self._overlap(*slots)

    def _overlap(self, first: int, second: int) -> bool:
        columns = self.columns
        if not (columns.slot_is_timed[first] and columns.slot_is_timed[second]):
            return False
        start, end = columns.slot_start, columns.slot_end
        return bool(start[first] < end[second] and start[second] < end[first])

    def _bookings(self, need: int, arcs: list[int]) -> None:
        """Let a need have so many bookings, or series of such, none too close."""
        columns, quantity = self.columns, float(self.columns.need_quantity[need])
        times = int(columns.need_times[need])
        for a in arcs:
            self._equal([(self.units[a], 1), (self.use[a], -quantity)])
        if times > 1:
            for _, day in self._grouped(columns.cells.date[self.arcs.cell], arcs):
                most = float(columns.need_per_day[need])
                self._at_most([(self.use[a], 1) for a in day], most)
        if columns.need_sessions[need] == 1:
            self._at_most([(self.use[a], 1) for a in arcs], float(times))
            rest_minutes = int(columns.need_rest[need]) if times > 1 else 0
            self._exclude(arcs, lambda a, b: self._too_close(a, b, rest_minutes))
            return
        self._exclude(arcs, lambda a, b: self._too_close(a, b, 0))
        self._in_series(need, arcs, times)

    def _in_series(self, need: int, arcs: list[int], times: int) -> None:
        """Give each booking to one of so many series; see `BookingCheck`."""
        columns = self.columns
        sessions = int(columns.need_sessions[need])
        rest_minutes = int(columns.need_rest[need])
        least = int(columns.need_held_sessions[need])
        held_by_series = [{a: self._variable(1) for a in arcs} for _ in range(times)]
        for a in arcs:
            self._equal([(self.use[a], 1), *((held[a], -1) for held in held_by_series)])
        pairs = [*combinations(arcs, 2)]
        apart = [pair for pair in pairs if not self._same_series(need, *pair)]
        close = [
            pair
            for pair in pairs
            if rest_minutes and self._too_close(*pair, rest_minutes)
        ]
        for held in held_by_series:
            is_held = self._variable(1)
            total = [(variable, 1.0) for variable in held.values()]
            self._at_most([*total, (is_held, -float(sessions))], 0)
            self._at_most([*((v, -1.0) for v in held.values()), (is_held, least)], 0)
            for a, b in apart:
                self._at_most([(held[a], 1), (held[b], 1)], 1)
        for first, second in permutations(held_by_series, 2):
            for a, b in close:
                self._at_most([(first[a], 1), (second[b], 1)], 1)

    def _same_series(self, need: int, first: int, second: int) -> bool:
        columns = self.columns
        facility = columns.slot_facility[self.arcs.slot[[first, second]]]
        if facility[0] != facility[1]:
            return False
        every = int(columns.need_every[need])
        if every == NONE:
            return True
        starts = columns.cells.starts(every, self.arcs.cell[[first, second]]).tolist()
        steps, remainder = divmod(abs(starts[0] - starts[1]), every)
        return bool(remainder == 0 and 0 < steps < columns.need_sessions[need])

    def _too_close(self, first: int, second: int, rest_minutes: int) -> bool:
        """Return whether two arcs overlap, or miss a rest and the way between."""
        ends = np.array([first, second])
        if not self.columns.slot_is_timed[self.arcs.slot[ends]].all():
            return False
        start, end = self.start, self.end
        after = before = rest_minutes
        if rest_minutes:
            place = self.places[ends]
            after, before = (
                rest_minutes + self.ways.minutes(place, place[::-1])
            ).tolist()
        return bool(
            start[first] < end[second] + before and start[second] < end[first] + after
        )

    def _rooms(self) -> None:
        columns, arcs = self.columns, self.arcs
        for facility, pairs in self._grouped(columns.slot_facility[arcs.slot]):
            limit = columns.facility_max_units[facility]
            if limit != NONE:
                size = (arcs.units * arcs.steps).tolist()
                room = [(self.units[a], float(size[a])) for a in pairs]
                self._at_most(room, float(limit))
        use, set_up = self._by_cell()
        for cell in sorted({*use, *set_up}):
            self._room(cell, use.get(cell, []), set_up.get(cell, []))
        self._either()

    def _by_cell(self) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
        """Return the arcs that use each cell, and those that are set up in it."""
        use: dict[int, list[int]] = {}
        set_up: dict[int, list[int]] = {}
        for a, (cell, steps) in enumerate(
            zip(self.arcs.cell.tolist(), self.arcs.steps.tolist(), strict=True)
        ):
            for used_cell in range(cell, cell + steps):
                use.setdefault(used_cell, []).append(a)
        everything = np.arange(len(self.arcs))
        for a, cell in zip(
            *setup_cells(self.columns, self.arcs, everything), strict=True
        ):
            set_up.setdefault(int(cell), []).append(int(a))
        return use, set_up

    def _room(self, cell: int, use: list[int], set_up: list[int]) -> None:
        """Bound what is taken of one cell; ask for its least use."""
        columns, size = self.columns, self.arcs.units.tolist()
        slot = int(columns.cells.slot[cell])
        room = [(self.units[a], float(size[a])) for a in use]
        least = float(columns.slot_min_units[slot])
        if least > 1:
            opened = self._variable(1)
            for a in use:
                self._at_most([(self.use[a], 1), (opened, -1)], 0)
            self._at_most([*((v, -f) for v, f in room), (opened, least)], 0)
        # Who is there again while its set-up lasts takes its units once.
        again = {self.need[a] for a in set_up}
        room = [
            (v, f)
            for a, (v, f) in zip(use, room, strict=True)
            if self.need[a] not in again
        ]
        for need in sorted(again):
            is_present = self._variable(1)
            arcs_of_need = [a for a in (*use, *set_up) if self.need[a] == need]
            for a in arcs_of_need:
                self._at_most([(self.use[a], 1), (is_present, -1)], 0)
            each = float(size[arcs_of_need[0]] * columns.need_quantity[need])
            room.append((is_present, each))
        self._at_most(room, float(columns.slot_capacity[slot]))

    def _either(self) -> None:
        """Let at most one slot of a label be used; of openings, at each moment."""
        columns, arcs = self.columns, self.arcs
        end = self.end.copy()
        taken = setup_cells(columns, arcs, np.arange(len(arcs)))
        np.maximum.at(end, taken[0], columns.cells.end[taken[1]])
        is_opening = columns.slot_step[arcs.slot] != NONE

        def clash(first: int, second: int) -> bool:
            if arcs.slot[first] == arcs.slot[second]:
                return False
            if not is_opening[first] and not is_opening[second]:
                return True
            timed = columns.slot_is_timed[arcs.slot[[first, second]]].all()
            meets = self.start[first] < end[second] and self.start[second] < end[first]
            return bool(timed and meets)

        for _, labeled in self._grouped(columns.slot_either[arcs.slot]):
            self._exclude(labeled, clash)

    def _persons(self) -> None:
        columns, arcs = self.columns, self.arcs

        def clash(first: int, second: int) -> bool:
            if self.need[first] == self.need[second]:
                return False
            slot = int(arcs.slot[first])
            if slot == arcs.slot[second] and columns.slot_step[slot] == NONE:
                return bool(columns.slot_is_timed[slot])
            rest_minutes = int(columns.need_rest[arcs.need[[first, second]]].max())
            return self._too_close(first, second, rest_minutes)

        for _, of_person in self._grouped(columns.need_person[arcs.need]):
            self._exclude(of_person, clash)

    def _together(self) -> None:
        columns = self.columns
        home = set(columns.need_community[self.arcs.need].tolist())
        cells = self.arcs.cell.tolist()
        use = {
            (n, c): v
            for n, c, v in zip(
                self.need, self.arcs.cell.tolist(), self.use, strict=True
            )
        }
        for _, arcs in self._grouped(columns.need_together[self.arcs.need]):
            label = columns.need_together[self.need[arcs[0]]]
            members = np.flatnonzero(columns.need_together == label)
            members = members[np.isin(columns.need_community[members], list(home))]
            for a in arcs:
                for member in members.tolist():
                    other = use.get((member, cells[a]))
                    if other is None:
                        self.upper[self.use[a]] = 0
                    elif other != self.use[a]:
                        self._at_most([(self.use[a], 1), (other, -1)], 0)

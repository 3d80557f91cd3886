"""Seats: the variables that stand for units on arcs, and whether arcs are in use.

    units[a] = Σ over entries of arc a of entry_units × variable

A divisible need has one variable per arc, its units there. A whole need has one that
is 0 or 1, its `step` being its quantity, and so has a booking. Needs that sit together
share theirs, which are those of their leader. A series of sessions in step has one for
all its arcs at once (see `sharematch.core.eligibility.series`); one that may lose dates
has one for each date.

Example: needs of 2 units, divisible and whole, each with arcs to two slots: variables
up to 2 and 2, and up to 1 and 1 with step 2.
"""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.codes import NONE
from sharematch.core.columns.lookup import mask_of, pairs
from sharematch.core.eligibility.order import arc_order
from sharematch.core.eligibility.series import find_series
from sharematch.core.eligibility.windows import find_windows, has_windows
from sharematch.core.integer.program import Draft
from sharematch.core.integer.switches import Switches
from sharematch.core.measures.measures import Measures

__all__ = ["Seats"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Seats:
    """The variables of all arcs of an instance, in a draft.

    Parameters
    ----------
    draft
        Empty; variable 0 becomes one that is always 0.
    measures
        Over the admitted arcs.
    seed
        Of the keyed hash that orders the variables.

    Attributes
    ----------
    variable, step
        By arc: the variable that stands for it alone, and its units per value. Arcs
        that are in series alone have the variable that is always 0.
    date_variable
        By date of `windows`: whether it is held.
    entry_arc, entry_variable, entry_units
        Units on arcs are Σ `entry_units` × `entry_variable` over the entries of each;
        sorted by arc.
    """

    def __init__(self, draft: Draft, measures: Measures, seed: int) -> None:
        self.draft = draft
        self.columns, self.arcs = measures.columns, measures.arcs
        self.seed = seed
        self.nothing = int(draft.variables(0)[0])
        self.variable, self.step = self._variables()
        self.entry_arc, self.entry_variable, self.entry_units = self._entries()
        self._entry_start = np.searchsorted(
            self.entry_arc, np.arange(len(self.arcs) + 1)
        )
        self.switches = Switches(self)

    @cached_property
    def is_indivisible(self) -> Bools:
        """Needs whose units in a slot are all or none."""
        columns = self.columns
        together = columns.need_together != NONE
        sessions = (columns.need_sessions > 1) | columns.is_booked
        return np.asarray(columns.need_whole | together | sessions, bool)

    @cached_property
    def is_single(self) -> Bools:
        """Needs that have one booking at most, or one unit."""
        columns = self.columns
        asks_once = (columns.need_sessions == 1) & (columns.need_times == 1)
        return np.asarray(
            asks_once & (self.is_indivisible | (columns.need_quantity <= 1))
        )

    @cached_property
    def team(self) -> Ints:
        """By need: its label `together` if others bear it too, else NONE."""
        label = self.columns.need_together
        counts = np.bincount(label[label != NONE], minlength=1)
        alone = (label == NONE) | (counts[np.maximum(label, 0)] < 2)
        return np.where(alone, NONE, label)

    @cached_property
    def leader(self) -> Ints:
        """By need: the one whose arcs stand for its whole team; itself without one."""
        leader = np.arange(len(self.team))
        inside = np.flatnonzero(self.team != NONE)
        labels, first = np.unique(self.team[inside], return_index=True)
        leader[inside] = inside[first[np.searchsorted(labels, self.team[inside])]]
        return leader

    @cached_property
    def order(self) -> Ints:
        """Arcs by keyed hashes of ids, so that no name and no row is favored."""
        return arc_order(self.seed, self.columns, self.arcs).astype(np.int64)

    def _variables(self) -> tuple[Ints, Ints]:
        columns, arcs = self.columns, self.arcs
        quantity = columns.need_quantity[arcs.need]
        is_whole = self.is_indivisible[arcs.need]
        step = np.where(is_whole, np.maximum(quantity, 1), 1)
        room = columns.slot_capacity[arcs.slot]
        room = np.where(arcs.tier > 0, room - columns.slot_reserve[arcs.slot], room)
        limit = columns.facility_max_units[columns.slot_facility[arcs.slot]]
        limit = np.where(limit == NONE, room, limit // arcs.steps)
        most = np.minimum(np.minimum(room, limit) // arcs.units, quantity) // step
        # A whole need has no arc to a slot in which it does not fit.
        alive = (most > 0) & self._whole_team_fits(most)
        leads = alive & (self.leader[arcs.need] == arcs.need)
        self.draft.check()
        self.series, in_series = find_series(columns, arcs, leads, self.leader)
        self.draft.check()
        self.windows = find_windows(
            columns, arcs, leads & ~in_series, self.leader, self.draft.check
        )
        in_series[self.windows.arc] = True
        in_series |= leads & has_windows(columns)[arcs.need]
        self.draft.check()
        alive &= ~self._of_leaders(in_series)
        variable = np.full(len(arcs), self.nothing, np.int64)
        if not alive.any():
            return variable, step
        # The arcs of a team to one slot share a variable.
        slots = max(len(columns.cells), 1)
        key = (self.leader[arcs.need] * slots + arcs.cell)[self.order]
        alive, most = alive[self.order], most[self.order]
        keys, first, place = np.unique(
            key[alive], return_index=True, return_inverse=True
        )
        rank = np.empty(len(keys), np.int64)
        rank[np.argsort(first)] = np.arange(len(keys))
        upper = np.zeros(len(keys), np.int64)
        upper[rank[place]] = most[alive]
        variable[self.order[alive]] = self.draft.variables(upper)[rank[place]]
        return variable, step

    def _of_leaders(self, mask: Bools) -> Bools:
        """Return the arcs whose leader's arc to the same slot is in the mask."""
        if (self.team == NONE).all():
            return mask
        width = max(len(self.columns.cells), 1)
        marked = self.arcs.need[mask] * width + self.arcs.cell[mask]
        pair = self.leader[self.arcs.need] * width + self.arcs.cell
        return np.asarray(np.isin(pair, marked), bool)

    def _entries(self) -> tuple[Ints, Ints, Ints]:
        """Return which units on which arcs each variable stands for, sorted by arc."""
        single = np.flatnonzero(self.variable != self.nothing)
        arc, variable = [single], [self.variable[single]]
        series_variables = self._series_variables()
        for series, columns in zip(self.series, series_variables, strict=True):
            member_arcs, place = self._members_of(series)
            arc.append(member_arcs)
            variable.append(columns[place])
        dates = np.ones(len(self.windows.arc), np.int64)
        self.date_variable = self.draft.variables(dates)
        if len(dates):
            member_arcs, place = self._members_of(self.windows.arc[:, None])
            arc.append(member_arcs)
            variable.append(self.date_variable[place])
        arcs, variables = np.concatenate(arc), np.concatenate(variable)
        order = np.lexsort((variables, arcs))
        arcs, variables = arcs[order], variables[order]
        return arcs, variables, self.step[arcs]

    def _series_variables(self) -> list[Ints]:
        """Add a variable for each series, in an order that favors no name."""
        rank = np.empty(len(self.arcs), np.int64)
        rank[self.order] = np.arange(len(self.arcs))
        self.draft.check()
        variables_by_length = []
        for series in self.series:
            place = np.empty(len(series), np.int64)
            place[np.lexsort(rank[series].T[::-1])] = np.arange(len(series))
            variables_by_length.append(
                self.draft.variables(np.ones(len(series), np.int64))[place]
            )
        return variables_by_length

    def _members_of(self, series: Ints) -> tuple[Ints, Ints]:
        """Return the arcs of all who sit together in series, and the series of each."""
        place = np.repeat(np.arange(len(series)), series.shape[1])
        arc = series.ravel()
        team = self.team[self.arcs.need[arc]]
        alone = team == NONE
        if alone.all():
            return arc, place
        width = max(len(self.columns.cells), 1)
        seat = self.team[self.arcs.need] * width + self.arcs.cell
        by_seat = np.argsort(seat, kind="stable")
        wanted = team * width + self.arcs.cell[arc]
        first = np.searchsorted(seat[by_seat], wanted)
        count = np.searchsorted(seat[by_seat], wanted, side="right") - first
        first, count = np.where(alone, 0, first), np.where(alone, 0, count)
        spread = np.repeat(first - np.cumsum(count) + count, count)
        others = by_seat[spread + np.arange(count.sum())]
        return (
            np.concatenate([arc[alone], others]),
            np.concatenate([place[alone], np.repeat(place, count)]),
        )

    def expand(self, arc: Ints) -> tuple[Ints, Ints, Ints]:
        """Return the entries of arcs: place in `arc`, variable and units of each."""
        first, last = self._entry_start[arc], self._entry_start[arc + 1]
        count = last - first
        place = np.repeat(np.arange(len(arc)), count)
        entry = np.repeat(first - np.cumsum(count) + count, count)
        entry = entry + np.arange(count.sum())
        return place, self.entry_variable[entry], self.entry_units[entry]

    @cached_property
    def live(self) -> Ints:
        """Arcs that some variable stands for."""
        return np.flatnonzero(np.diff(self._entry_start))

    def owner_and_size(self, variable: Ints) -> tuple[Ints, Ints]:
        """Return the need that stands behind each variable, and its units per value.

        Needs of a team count as their leader's. NONE for what only follows from others.
        """
        owner, size = self._owners_and_sizes
        # Behind the variables of arcs are only such as follow from others.
        place = np.minimum(variable, len(owner) - 1)
        return owner[place], size[place]

    @cached_property
    def _owners_and_sizes(self) -> tuple[Ints, Ints]:
        count = int(self.entry_variable.max(initial=0)) + 2
        owner = np.full(count, NONE, np.int64)
        owner[self.entry_variable] = self.leader[self.arcs.need[self.entry_arc]]
        size = np.bincount(self.entry_variable, self.entry_units, minlength=count)
        return owner, size.astype(np.int64)

    @cached_property
    def demand(self) -> Ints:
        """By need: the units that it and those who sit with it ask for."""
        total = np.zeros(len(self.leader), np.int64)
        np.add.at(total, self.leader, self.columns.need_demand)
        return total

    @cached_property
    def within_reach(self) -> Ints:
        """By need: the units that it and those who sit with it can have at the most.

        As many as they ask for; of a series that may lose dates, and loses some in any
        case, only those of the window that has most; of bookings, as many as there are
        days for them.

        Example: 21 weeks, in two of which all is closed: 19/21 of what is asked; three
        trainings a week, one a day, on two evenings: 2/3.
        """
        columns = self.columns
        bookings = np.maximum(columns.need_sessions * columns.need_times, 1)
        dates = columns.need_times * self._most_dates
        most = np.minimum(np.minimum(dates, self._most_by_day), bookings)
        return np.where(
            most < bookings, self.demand // bookings * most, self.demand
        ).astype(np.int64)

    @property
    def _most_dates(self) -> Ints:
        """By need: how many of its sessions one series can hold."""
        windows, columns = self.windows, self.columns
        # Sorted by window, and where it matters by position.
        is_new = np.ones(len(windows.window), bool)
        is_new[1:] = (np.diff(windows.window) != 0) | (np.diff(windows.position) != 0)
        dates = np.bincount(windows.window[is_new], minlength=len(windows.need))
        sessions = columns.need_sessions[windows.need]
        most = np.zeros(len(self.leader), np.int64)
        np.maximum.at(most, windows.need, np.where(windows.in_step, dates, sessions))
        has_windows = mask_of(windows.need, len(self.leader))
        return np.where(has_windows, most, columns.need_sessions)

    @property
    def _most_by_day(self) -> Ints:
        """By need that asks several times: how many bookings its days can hold."""
        columns = self.columns
        need = self.arcs.need[self.live]
        several = (columns.need_times[need] > 1) & (self.leader[need] == need)
        need, cell = need[several], self.arcs.cell[self.live[several]]
        days = pairs(need, columns.cells.date[cell])
        per_day = columns.need_per_day[days.first]
        most = columns.need_sessions * columns.need_times
        most[columns.need_times > 1] = 0
        np.add.at(most, days.first, per_day)
        return most

    def _whole_team_fits(self, most: Ints) -> Bools:
        """Return the arcs whose slot each member of the need's team can use."""
        team = self.team[self.arcs.need]
        inside = np.flatnonzero((team != NONE) & (most > 0))
        size = np.bincount(self.team[self.team != NONE], minlength=1)
        slots = max(len(self.columns.cells), 1)
        seat = team * slots + self.arcs.cell
        distinct, place, count = np.unique(
            seat[inside], return_inverse=True, return_counts=True
        )
        fits = team == NONE
        fits[inside] = (count == size[distinct // slots])[place]
        return np.asarray(fits, bool)

    @cached_property
    def is_lead(self) -> Bools:
        """Arcs of needs that stand for themselves or their team, and can be used."""
        is_leader = self.leader[self.arcs.need] == self.arcs.need
        return np.asarray(is_leader & (self.variable != self.nothing), bool)

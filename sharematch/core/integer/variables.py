"""Seats: the variables that stand for units on arcs, and whether arcs are in use.

A divisible need has one variable per arc, its units there. A whole need has one that
is 0 or 1, its `step` being its quantity, and so has a booking. Needs that sit together
share theirs. A series of sessions in step has one for all its arcs at once (see
`sharematch.core.eligibility.series`); one that may lose dates has one for each date.
"""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from sharematch.core.columns.arrays import NONE
from sharematch.core.eligibility.order import arc_order
from sharematch.core.eligibility.series import find_series
from sharematch.core.eligibility.windows import find_windows, has_windows
from sharematch.core.integer.program import FREE, Draft
from sharematch.core.measures.measures import Measures
from sharematch.core.network.program import Source

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
        self._switches: dict[bytes, int] = {}
        self._exact: set[int] = set()
        self.variable, self.step = self._variables()
        self.entry_arc, self.entry_variable, self.entry_units = self._entries()
        self._entry_start = np.searchsorted(
            self.entry_arc, np.arange(len(self.arcs) + 1)
        )

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
        return arc_order(self.seed, self.columns, self.arcs)

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
        alive = (most > 0) & self._whole_team_fits(most)
        leads = alive & (self.leader[arcs.need] == arcs.need)
        self.series, in_series = find_series(columns, arcs, leads, self.leader)
        self.windows = find_windows(columns, arcs, leads & ~in_series, self.leader)
        in_series[self.windows.arc] = True
        in_series |= leads & has_windows(columns)[arcs.need]
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

    def upper(self, variable: Ints) -> Ints:
        """Return the greatest values of variables of arcs."""
        return self.draft.upper(variable)

    # ---- in use or not

    def used(self, label: Ints, arc: Ints, count: int, *, exact: bool) -> Ints:
        """Return for each label a variable that says whether one of its arcs is in use.

        It is at least 1 where one is; with `exact` also 0 where none is.

        Parameters
        ----------
        label, arc
            Entry i says that `arc[i]` belongs to `label[i]`, below `count`.
        """
        place, variable, _ = self.expand(arc)
        return self.any_of(label[place], variable, count, exact=exact)

    def any_of(self, label: Ints, variable: Ints, count: int, *, exact: bool) -> Ints:
        """Return for each label a variable that says whether one of its own is on."""
        pair = np.unique(label * self.draft.num_variables + variable)
        label, variable = np.divmod(pair, max(self.draft.num_variables, 1))
        upper = self.upper(variable)
        result = np.full(count, self.nothing, np.int64)
        bounds = np.searchsorted(label, np.arange(count + 1))
        for position in np.flatnonzero(np.diff(bounds)).tolist():
            span = slice(bounds[position], bounds[position + 1])
            members = variable[span]
            if len(members) == 1 and upper[span][0] == 1:
                result[position] = members[0]
                continue
            key = members.tobytes()
            if key not in self._switches:
                self._switches[key] = self.draft.switch()
                self.draft.definitions.switch(self._switches[key], members)
            result[position] = self._switches[key]
        if exact:
            self._link_back(result[label], variable)
        return result

    def link(self) -> None:
        """Tie variables, switches and rooms to the switches that they turn on.

        A switch inside another one turns that on for all its variables, and the room of
        a slot or facility is there where its switch is on: single links alone allow
        more than there is room for. Openings have room at each moment, so only their
        facilities are looked at.
        """
        if not self._switches:
            return
        switch = np.array([*self._switches.values()], np.int64)
        members = [np.frombuffer(key, np.int64) for key in self._switches]
        inside = self._incidence(members)
        small, large = _nested(inside, inside)
        self._turns_on(switch[small], switch[large])
        pairs = np.ones(len(small), np.int64), (large, small)
        shape = (len(switch), len(switch))
        covered = csr_array(pairs, shape=shape) @ inside
        entry = (inside - inside.multiply(covered > 0)).tocoo()
        single = entry.data > 0
        variable = entry.col[single].astype(np.int64)
        self._turns_on(variable, switch[entry.row[single]])
        columns, arcs = self.columns, self.arcs
        facility = columns.slot_facility[arcs.slot]
        is_opening = columns.slot_step != NONE
        room = np.where(is_opening, NONE, columns.slot_capacity)
        self._open_rooms(arcs.slot, room, switch, inside)
        self._open_rooms(facility, columns.facility_max_units, switch, inside)

    def _incidence(self, members: Sequence[Ints]) -> csr_array:
        """Return sets × variables, 1 where a set holds a variable."""
        row = np.repeat(np.arange(len(members)), [len(set_) for set_ in members])
        variable = np.concatenate([np.empty(0, np.int64), *members])
        shape = (len(members), self.draft.num_variables)
        return csr_array((np.ones(len(row), np.int64), (row, variable)), shape=shape)

    def _turns_on(self, variable: Ints, switch: Ints) -> None:
        """Add variable ≤ its greatest value × switch, pair by pair."""
        row = np.arange(len(variable))
        upper = self.upper(variable)
        self.draft.rows(
            Source("use"),
            np.concatenate([row, row]),
            np.concatenate([variable, switch]),
            np.concatenate([np.ones(len(row), np.int64), -upper]),
            most=0,
            count=len(row),
        )

    def _open_rooms(
        self, label: Ints, room: Ints, switch: Ints, inside: csr_array
    ) -> None:
        """Give labels their room only where the smallest switches around are on."""
        entry = np.flatnonzero(room[label[self.entry_arc]] != NONE)
        arc, variable = self.entry_arc[entry], self.entry_variable[entry]
        labels, row = np.unique(label[arc], return_inverse=True)
        size = self.arcs.units[arc] * self.arcs.steps[arc] * self.entry_units[entry]
        shape = (len(labels), self.draft.num_variables)
        taken = csr_array((size, (row, variable)), shape=shape)
        held, around = _nested(taken > 0, inside, strict=False)
        count = np.diff(inside.indptr)[around]
        smallest = np.full(len(labels), FREE)
        np.minimum.at(smallest, held, count)
        least = count == smallest[held]
        held, around = held[least], around[least]
        upper = self.upper(np.arange(self.draft.num_variables))
        most = np.asarray(taken @ upper, np.int64)
        entries = taken[held].tocoo()
        row = np.concatenate([entries.row, np.arange(len(held))])
        variable = np.concatenate([entries.col, switch[around]])
        self.draft.rows(
            Source("use"),
            row.astype(np.int64),
            variable.astype(np.int64),
            np.concatenate([entries.data, -np.minimum(room[labels], most)[held]]),
            most=0,
            count=len(held),
        )

    def _link_back(self, switch: Ints, variable: Ints) -> None:
        """Add switch ≤ Σ variables for each switch that has no such row yet."""
        pair = np.unique(switch * self.draft.num_variables + variable)
        switch, variable = np.divmod(pair, max(self.draft.num_variables, 1))
        fresh = (switch != variable) & ~np.isin(
            switch, np.array(sorted(self._exact), np.int64)
        )
        switch, variable = switch[fresh], variable[fresh]
        owners, row = np.unique(switch, return_inverse=True)
        self._exact.update(owners.tolist())
        self.draft.rows(
            Source("use"),
            np.concatenate([row, np.arange(len(owners))]),
            np.concatenate([variable, owners]),
            np.concatenate(
                [np.ones(len(row), np.int64), np.full(len(owners), -1, np.int64)]
            ),
            least=0,
            count=len(owners),
        )


def _nested(
    sets: csr_array, others: csr_array, *, strict: bool = True
) -> tuple[Ints, Ints]:
    """Return the pairs of a set and one of the others that holds all of it.

    With `strict` it holds more.
    """
    size, sizes = np.diff(sets.indptr), np.diff(others.indptr)
    common = (sets.astype(np.int64) @ others.T).tocoo()
    inside = common.data == size[common.row]
    if strict:
        inside &= size[common.row] < sizes[common.col]
    return common.row[inside].astype(np.int64), common.col[inside].astype(np.int64)

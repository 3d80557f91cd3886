"""Switches: variables that say whether something is in use, and what they open.

    u ≥ x_v ÷ upper_v for each variable v of a set; where asked also u ≤ Σ x_v.

One set has one switch, and a set of one variable that is 0 or 1 none but that. Single
links allow a solver's fractions more than there is room for, so a slot's or a
facility's room is opened by its switch too: Σ size × x ≤ room × u.

Example: two needs of one unit in a slot of capacity 2 whose use costs money: u ≥ x,
u ≥ x', and x + x' ≤ 2 u.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from sharematch.core.columns.codes import NONE
from sharematch.core.integer.program import FREE
from sharematch.core.network.program import Source

if TYPE_CHECKING:
    from sharematch.core.integer.variables import Seats

__all__ = ["Switches"]

Ints = NDArray[np.int64]


class Switches:
    """The switches of sets of variables of seats, each made once."""

    def __init__(self, seats: "Seats") -> None:
        self.seats, self.draft = seats, seats.draft
        self._switches: dict[bytes, int] = {}
        self._exact: set[int] = set()
        """Switches that have a row which keeps them off where nothing is in use."""

    def used(self, label: Ints, arc: Ints, count: int, *, exact: bool) -> Ints:
        """Return for each label a variable that says whether one of its arcs is in use.

        It is at least 1 where one is; with `exact` also 0 where none is.

        Parameters
        ----------
        label, arc
            Entry i says that `arc[i]` belongs to `label[i]`, below `count`.
        """
        place, variable, _ = self.seats.expand(arc)
        return self.any_of(label[place], variable, count, exact=exact)

    def any_of(self, label: Ints, variable: Ints, count: int, *, exact: bool) -> Ints:
        """Return for each label a variable that says whether one of its own is on."""
        pair = np.unique(label * self.draft.num_variables + variable)
        label, variable = np.divmod(pair, max(self.draft.num_variables, 1))
        upper = self.draft.upper(variable)
        result = np.full(count, self.seats.nothing, np.int64)
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
        # Variables of a switch inside are tied to that one: no need to tie them twice.
        covered = csr_array(pairs, shape=shape) @ inside
        entry = (inside - inside.multiply(covered > 0)).tocoo()
        single = entry.data > 0
        variable = entry.col[single].astype(np.int64)
        self._turns_on(variable, switch[entry.row[single]])
        columns, arcs = self.seats.columns, self.seats.arcs
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
        upper = self.draft.upper(variable)
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
        entry = np.flatnonzero(room[label[self.seats.entry_arc]] != NONE)
        arc, variable = self.seats.entry_arc[entry], self.seats.entry_variable[entry]
        labels, row = np.unique(label[arc], return_inverse=True)
        size = (
            self.seats.arcs.units[arc]
            * self.seats.arcs.steps[arc]
            * self.seats.entry_units[entry]
        )
        shape = (len(labels), self.draft.num_variables)
        taken = csr_array((size, (row, variable)), shape=shape)
        held, around = _nested(taken > 0, inside, strict=False)
        count = np.diff(inside.indptr)[around]
        smallest = np.full(len(labels), FREE)
        np.minimum.at(smallest, held, count)
        least = count == smallest[held]
        held, around = held[least], around[least]
        upper = self.draft.upper(np.arange(self.draft.num_variables))
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

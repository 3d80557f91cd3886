"""What communities could be served by their own slots, for the verifier.

A maximum flow, and for communities that may couple an integer program, pair by pair;
both by scipy. Shares neither rows nor solver with `solve`.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations

import numpy as np
import scipy
from numpy.typing import NDArray

from sharematch.core.columns.arrays import NONE, Columns
from sharematch.core.eligibility.arcs import Arcs
from sharematch.errors import InputError, SolverError

__all__ = ["alone", "may_couple", "most_served"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Term = tuple[int, float]


def alone(columns: Columns, arcs: Arcs) -> dict[str, int]:
    """Return the most each community could be served by its own slots, others absent.

    One maximum flow: own needs, own slots, their facilities. Communities whose needs
    or slots may couple are looked at one by one.

    Parameters
    ----------
    arcs
        Those that the rules by assignment admit.

    Raises
    ------
    InputError
        Where more units are asked than scipy's maximum flow can count.
    """
    own = arcs.keep(arcs.tier == 0)
    n, s, f = len(columns.need_ids), len(columns.slot_ids), len(columns.facility_ids)
    source, sink = n + s + f, n + s + f + 1
    most = int(columns.need_quantity.sum())
    if most >= 2**31:
        raise InputError("large.the_bound_alone_takes_fewer_than")
    limit = columns.facility_max_units
    limit = np.where(limit == NONE, most, limit)
    tail = (np.full(n, source), own.need, n + np.arange(s), n + s + np.arange(f))
    head = (
        np.arange(n),
        n + own.slot,
        n + s + columns.slot_facility,
        np.full(f, sink),
    )
    room = (
        columns.need_quantity,
        columns.need_quantity[own.need],
        columns.slot_capacity,
        limit,
    )
    graph = scipy.sparse.csr_array(
        (
            np.minimum(np.concatenate(room), most).astype(np.int32),
            (np.concatenate(tail), np.concatenate(head)),
        ),
        shape=(sink + 1, sink + 1),
    )
    flow = scipy.sparse.csgraph.maximum_flow(graph, source, sink).flow
    served = flow[[source], :n].toarray()[0].astype(np.int64)
    total = np.zeros(len(columns.community_ids), np.int64)
    np.add.at(total, columns.need_community, served)
    home = columns.need_community[own.need]
    for community in np.unique(home[may_couple(columns, own)]).tolist():
        total[community] = most_served(columns, own.keep(home == community))
    return dict(zip(columns.community_ids, total.tolist(), strict=True))


def may_couple(columns: Columns, arcs: Arcs) -> Bools:
    """Return the pairs whose need or slot has a field that may couple."""
    special = columns.need_whole | (columns.need_min_quantity > 1)
    special |= (columns.need_sessions > 1) | (columns.need_together != NONE)
    special |= columns.need_person != NONE
    shared = (columns.slot_min_units > 1) | (columns.slot_either != NONE)
    found = special[arcs.need] | shared[arcs.slot] | (arcs.units > 1)
    return np.asarray(found, bool)


def most_served(columns: Columns, arcs: Arcs) -> int:
    """Return the most units that needs of one community can get on these arcs.

    Needs without an arc here are absent, but for those of the same community that are
    together with others.
    """
    return _Program(columns, arcs).most()


class _Program:
    """Units and use of each arc, and further switches, under linear rows."""

    def __init__(self, columns: Columns, arcs: Arcs) -> None:
        self.columns, self.arcs = columns, arcs
        self.need, self.slot = arcs.need.tolist(), arcs.slot.tolist()
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
        for one, other in combinations(arcs, 2):
            if clash(one, other):
                self._at_most([(self.use[one], 1), (self.use[other], 1)], 1)

    def _grouped(self, label: Ints) -> Iterator[tuple[int, list[int]]]:
        for one in np.unique(label[label != NONE]).tolist():
            yield one, np.flatnonzero(label == one).tolist()

    def most(self) -> int:
        """Return the greatest number of units."""
        if not self.units:
            return 0
        for need, arcs in self._grouped(self.arcs.need):
            self._need(need, arcs)
        self._rooms()
        self._persons()
        self._together()
        entry = [(i, v, f) for i, (terms, _) in enumerate(self.rows) for v, f in terms]
        row, variable, factor = zip(*entry, strict=True)
        matrix = scipy.sparse.csr_array(
            (factor, (row, variable)), shape=(len(self.rows), len(self.upper))
        )
        gain = np.zeros(len(self.upper))
        gain[self.units] = -1
        found = scipy.optimize.milp(
            gain,
            integrality=np.ones(len(gain), np.int64),
            bounds=scipy.optimize.Bounds(0, np.array(self.upper, float)),
            constraints=scipy.optimize.LinearConstraint(
                matrix, ub=[bound for _, bound in self.rows]
            ),
            options={"mip_rel_gap": 0},
        )
        if found.status != 0:
            raise SolverError(
                "solver.what_a_community_is_served_alone", cause=found.message
            )
        return -round(found.fun)

    def _need(self, need: int, arcs: list[int]) -> None:
        columns = self.columns
        quantity, least = columns.need_quantity[need], columns.need_min_quantity[need]
        sessions = int(columns.need_sessions[need])
        units = [(self.units[a], 1.0) for a in arcs]
        self._at_most(units, float(quantity * sessions))
        is_whole = columns.need_whole[need] or columns.need_together[need] != NONE
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
        if columns.need_every[need] != NONE:
            for a in arcs:
                if not columns.slot_is_timed[self.slot[a]]:
                    self.upper[self.use[a]] = 0

    def _go_together(self, need: int, one: int, other: int) -> bool:
        """Return whether two slots may both be sessions of a need."""
        columns = self.columns
        slots = self.slot[one], self.slot[other]
        if columns.slot_facility[slots[0]] != columns.slot_facility[slots[1]]:
            return False
        every = int(columns.need_every[need])
        if every != NONE:
            # k different times, all multiples of the step and less than k steps apart
            starts = columns.starts(every, np.array(slots)).tolist()
            steps, rest = divmod(abs(starts[0] - starts[1]), every)
            if rest or not 0 < steps < columns.need_sessions[need]:
                return False
        return not self._overlap(*slots)

    def _overlap(self, one: int, other: int) -> bool:
        columns = self.columns
        if not (columns.slot_is_timed[one] and columns.slot_is_timed[other]):
            return False
        start, end = columns.slot_start, columns.slot_end
        return bool(start[one] < end[other] and start[other] < end[one])

    def _rooms(self) -> None:
        columns, arcs = self.columns, self.arcs
        size = arcs.units.tolist()
        opened: dict[int, int] = {}
        for slot, own in self._grouped(arcs.slot):
            room = [(self.units[a], float(size[a])) for a in own]
            self._at_most(room, float(columns.slot_capacity[slot]))
            opened[slot] = self._variable(1)
            for a in own:
                self._at_most([(self.use[a], 1), (opened[slot], -1)], 0)
            least = float(columns.slot_min_units[slot])
            self._at_most([*((v, -f) for v, f in room), (opened[slot], least)], 0)
        for facility, own in self._grouped(columns.slot_facility[arcs.slot]):
            limit = columns.facility_max_units[facility]
            if limit != NONE:
                room = [(self.units[a], float(size[a])) for a in own]
                self._at_most(room, float(limit))
        labels: dict[int, list[Term]] = {}
        for slot, switch in opened.items():
            labels.setdefault(int(columns.slot_either[slot]), []).append((switch, 1))
        for label, switches in labels.items():
            if label != NONE:
                self._at_most(switches, 1)

    def _persons(self) -> None:
        columns = self.columns

        def clash(one: int, other: int) -> bool:
            slots = self.slot[one], self.slot[other]
            if self.need[one] == self.need[other]:
                return False
            if slots[0] == slots[1]:
                return bool(columns.slot_is_timed[slots[0]])
            return self._overlap(*slots)

        for _, arcs in self._grouped(columns.need_person[self.arcs.need]):
            self._exclude(arcs, clash)

    def _together(self) -> None:
        columns = self.columns
        home = set(columns.need_community[self.arcs.need].tolist())
        use = {
            (n, s): v for n, s, v in zip(self.need, self.slot, self.use, strict=True)
        }
        for _, arcs in self._grouped(columns.need_together[self.arcs.need]):
            label = columns.need_together[self.need[arcs[0]]]
            members = np.flatnonzero(columns.need_together == label)
            members = members[np.isin(columns.need_community[members], list(home))]
            for a in arcs:
                for member in members.tolist():
                    other = use.get((member, self.slot[a]))
                    if other is None:
                        self.upper[self.use[a]] = 0
                    elif other != self.use[a]:
                        self._at_most([(self.use[a], 1), (other, -1)], 0)

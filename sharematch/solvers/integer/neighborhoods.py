"""Large-neighborhood search: rooms that share needs are filled anew, few at a time.

    max Σ aims, by weight in order, over the arcs into a group of slots, all else kept

Slots are cut into groups that share needs. The arcs into one group are freed, all
others stay, and CP-SAT fills the group anew for all goals at once (Shaw 1998). Groups
grow while nearly all of them are solved to the end. Chains lead from slots with room to
needs that lack some, each step a need that could move on (augmenting paths).

Example: needs 1 to 4, slots a, b, c of one place, c free; 4 can only use a, where 1 is,
who could use b, where 2 is, who could use c: the chain c, b, a frees all three.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Event

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from sharematch.core.integer.coupled import CoupledProgram
from sharematch.core.integer.program import FREE, Rows
from sharematch.solvers.integer.cpsat import Answer, Model, num_threads
from sharematch.solvers.integer.moves import Patch, Patched
from sharematch.solvers.integer.watching import POLL
from sharematch.solvers.monitor import UNWATCHED, Monitor

__all__ = ["Aim", "Neighborhoods"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

EFFORT = 0.25
"""Deterministic seconds for one group."""
AT_ONCE = 2
"""Groups filled side by side; more would tie the plan to the machine's size."""
NEAR = 40
"""Slots that count as near another one."""
STEPS = 2_000
"""Steps in which the reach of an aim is counted."""
MOST = 2**45
"""Aims are weighed against each other in numbers below this."""


@dataclass(frozen=True)
class Aim:
    """Σ factor × variable, as great as possible.

    `per_unit` is what one more unit on any arc changes at most, where the variables
    are none of arcs but follow them.
    """

    variable: Ints
    factor: Ints
    per_unit: int | None = None


@dataclass(frozen=True)
class _Part:
    """A patch, and what each of its variables gains."""

    patch: Patch
    factor: Ints


class Neighborhoods(Patched):
    """A plan that keeps all rows, and ways to better it.

    Parameters
    ----------
    program
        For where arcs lead.
    rows
        The program's, maybe with more of them.
    values
        A plan that keeps all rows.
    aims
        What to raise, in strict order.
    """

    def __init__(
        self,
        program: CoupledProgram,
        rows: Rows,
        values: Ints,
        aims: Sequence[Aim],
        monitor: Monitor,
    ) -> None:
        super().__init__(program, rows, values)
        self.monitor, self.aims, self.effort = monitor, aims, EFFORT
        self.factors = np.zeros((len(aims), rows.num_variables), np.int64)
        for row, aim in zip(self.factors, aims, strict=True):
            np.add.at(row, aim.variable, aim.factor)
        arcs = program.measures.arcs
        live = np.flatnonzero(rows.upper[program.variable] > 0)
        self.variable, self.need = program.variable[live], arcs.need[live]
        self.slot, self.step = arcs.slot[live], program.step[live]
        self.demand = program.measures.columns.need_demand
        self.capacity = program.measures.columns.slot_capacity
        self.by_slot = np.argsort(self.slot, kind="stable")
        self.num_slots = len(program.measures.columns.slot_ids)
        self.first = np.searchsorted(
            self.slot[self.by_slot], np.arange(self.num_slots + 1)
        )
        self.unit = np.ones(rows.num_variables, np.int64)
        self.unit[program.variable] = program.step
        self.shared = self._shared()
        self._near: dict[int, list[int]] = {}

    def value(self) -> tuple[int, ...]:
        """Return what the plan is worth to each aim."""
        return tuple((self.factors @ self.values).tolist())

    # ---- groups of slots

    def _shared(self) -> csr_array:
        """Return how many needs each slot shares with each other one."""
        num_needs = int(self.need.max(initial=0)) + 1
        ones = np.ones(len(self.need), np.int32)
        shape = (self.num_slots, num_needs)
        reach = csr_array((ones, (self.slot, self.need)), shape=shape)
        return csr_array(reach @ reach.T)

    def near(self, slot: int) -> list[int]:
        """Return the slots that share needs with one, the most first."""
        if slot not in self._near:
            span = slice(*self.shared.indptr[slot : slot + 2])
            order = np.argsort(-self.shared.data[span], kind="stable")[:NEAR]
            self._near[slot] = self.shared.indices[span][order].tolist()
        return self._near[slot]

    def partition(self, size: int, rng: np.random.Generator) -> list[list[int]]:
        """Cut all slots into groups of up to `size` that share needs."""
        free = np.diff(self.first) > 0
        groups: list[list[int]] = []
        for seed in rng.permutation(self.num_slots).tolist():
            if not free[seed]:
                continue
            group, edge = [seed], [seed]
            free[seed] = False
            while edge and len(group) < size:
                for slot in self.near(edge.pop(0)):
                    if free[slot] and len(group) < size:
                        free[slot] = False
                        group.append(slot)
                        edge.append(slot)
            groups.append(group)
        return groups

    def chains(self, size: int, lacking: Bools, surplus: Bools) -> list[list[int]]:
        """Return groups that lead from a slot with room to a need that lacks it.

        Along a chain each slot can take a need from the next one.

        Parameters
        ----------
        lacking, surplus
            Needs that ought to get more, and needs that may get less.
        """
        load = np.zeros(self.num_slots, np.int64)
        units = self.values[self.variable] * self.step
        np.add.at(load, self.slot, units)
        placed = np.flatnonzero(units)
        order = placed[np.argsort(self.need[placed], kind="stable")]
        first_of_need = np.searchsorted(
            self.need[order], np.arange(len(self.demand) + 1)
        )
        lacking = lacking & (self._served() < self.demand)
        groups: list[list[int]] = []
        taken: set[int] = set()
        closed: set[int] = set()
        wanted = np.zeros(self.num_slots, bool)
        wanted[self.slot[lacking[self.need]]] = True
        room = self.capacity - load
        np.add.at(room, self.slot, np.where(surplus[self.need], units, 0))
        for start in np.argsort(-room, kind="stable").tolist():
            if room[start] <= 0:
                break
            if start in closed:
                continue
            chain = self._chain(start, order, first_of_need, wanted, closed)
            if isinstance(chain, set):
                closed |= chain  # nor does anything from there on
            elif 1 < len(chain) <= size:
                for slot in [*chain]:
                    spare = size - len(chain)
                    fresh = [x for x in self.near(slot) if x not in chain]
                    chain += [x for x in fresh if x not in taken][: min(spare, 2)]
                taken.update(chain)
                closed.update(chain)
                groups.append(chain)
        return groups

    def _chain(
        self,
        start: int,
        order: Ints,
        first_of_need: Ints,
        wanted: Bools,
        closed: set[int],
    ) -> list[int] | set[int]:
        """Return the slots of a shortest chain, or the set of all in reach without one.

        Slots that are closed are in no chain.
        """
        came: dict[int, int] = {start: start}
        edge = [start]
        for slot in edge:
            if wanted[slot]:
                chain = [slot]
                while chain[-1] != start:
                    chain.append(came[chain[-1]])
                return chain
            needs = self.need[self.by_slot[self.first[slot] : self.first[slot + 1]]]
            for need in needs.tolist():
                for arc in order[
                    first_of_need[need] : first_of_need[need + 1]
                ].tolist():
                    other = int(self.slot[arc])
                    if other not in came and other not in closed:
                        came[other] = slot
                        edge.append(other)
        return set(came)

    # ---- one group

    def _free(self, slots: Sequence[int]) -> Ints:
        """Return the variables of arcs into these slots that are free to change.

        Needs that have all they ask for elsewhere stay there.
        """
        arcs = np.concatenate(
            [self.by_slot[self.first[s] : self.first[s + 1]] for s in slots]
        )
        units = self.values[self.variable[arcs]] * self.step[arcs]
        here = np.zeros(len(self.demand), np.int64)
        np.add.at(here, self.need[arcs], units)
        elsewhere = self._served() - here
        return np.unique(
            self.variable[arcs[(elsewhere < self.demand)[self.need[arcs]]]]
        )

    def _served(self) -> Ints:
        served = np.zeros(len(self.demand), np.int64)
        np.add.at(served, self.need, self.values[self.variable] * self.step)
        return served

    def sweep(self, groups: Sequence[Sequence[int]], depth: int) -> float:
        """Fill groups anew, two at a time; return the share that is proved.

        A change must raise one of the first `depth` aims. Both of two are made from
        the same plan, so it does not matter which is ready first.

        Raises
        ------
        BaseException
            What `check` of the monitor raises, between groups.
        """
        proved = 0
        over = Event()
        with ThreadPoolExecutor(min(AT_ONCE, num_threads())) as pool:
            for first in range(0, len(groups), AT_ONCE):
                self.monitor.check()
                parts = [self._part(g) for g in groups[first : first + AT_ONCE]]
                answers = [pool.submit(self._fill, part, over) for part in parts]
                try:
                    while wait(answers, POLL).not_done:
                        self.monitor.check()
                except BaseException:
                    over.set()
                    raise
                work = 0.0
                for part, task in zip(parts, answers, strict=True):
                    answer = task.result()
                    proved += answer.is_proved
                    work += answer.work
                    if answer.values is not None:
                        self._take(part, answer.values, depth)
                self.monitor.spend(work)
        return proved / max(len(groups), 1)

    def _part(self, slots: Sequence[int]) -> "_Part":
        """Return the rows of some slots, all else being as it is."""
        patch = self.patch(self._free(slots))
        return _Part(patch, self._weighed(patch.free, patch.inner, slots))

    def _fill(self, part: "_Part", over: Event) -> Answer:
        return Model(part.patch.inner).solve(
            UNWATCHED.until(over),
            variable=np.arange(len(part.factor)),
            factor=part.factor,
            hint=part.patch.here,
            seconds=self.monitor.remaining(),
            effort=self.effort,
        )

    def _take(self, part: "_Part", values: Ints, depth: int) -> None:
        """Make a change if it is better and, with what changed since, keeps all."""
        change = values - part.patch.here
        main = self.factors[:depth, part.patch.free] @ change
        if part.factor @ change > 0 and tuple(main) > (0,) * depth:
            self.put(part.patch, values)

    def _weighed(self, free: Ints, inner: Rows, slots: Sequence[int]) -> Ints:
        """Return one objective that puts each aim before all later ones.

        Large sums are counted in coarse steps: weights that differ too much make the
        search slow, and a change is judged by the aims themselves.
        """
        factors = self.factors[:, free]
        if len(factors) == 1:
            return np.asarray(factors[0], np.int64)
        reach = self._reach(free, inner, slots)
        total = np.zeros(len(free), np.int64)
        weight = 1
        for factor, most in zip(factors[::-1], reach[::-1], strict=True):
            step = max(most // STEPS, 1)
            total += np.rint(factor / step).astype(np.int64) * weight
            weight *= most // step + 1
            if weight >= MOST:
                break
        return total

    def _reach(self, free: Ints, inner: Rows, slots: Sequence[int]) -> list[int]:
        """Return how far each aim can change at most."""
        room = int(self.capacity[list(slots)].sum())
        is_arc = self.is_arc[free]
        spread = np.minimum(inner.upper - inner.lower, FREE // 2**20)
        reach: list[int] = []
        for aim, factor in zip(self.aims, np.abs(self.factors[:, free]), strict=True):
            if aim.per_unit is not None:
                reach.append(aim.per_unit * room)
                continue
            each = (factor // self.unit[free])[is_arc].max(initial=0)
            arcs = min(int((factor * spread)[is_arc].sum()), int(each + 1) * room)
            reach.append(arcs + int((factor * spread)[~is_arc].sum()))
        return reach

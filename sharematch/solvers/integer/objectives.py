"""Goals as sums that neighborhoods raise, one after the other.

    Σ over groups of min(x_g, target_g),   target_g what a relaxed plan gives g

What a relaxed plan reaches is as far as a sum counts: more than that is not to be had.
A vector is so raised by a sum: first to just below its relaxed values, then to them.

Example: four groups have 3, 3, 2 and 2 in the relaxed flow; a plan with 4, 3, 2, 1
counts 3 + 3 + 2 + 1 = 9 of 10, for the fourth unit of the first is none of it.
"""

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from sharematch.core.columns.codes import NONE
from sharematch.core.integer.coupled import CoupledProgram
from sharematch.core.integer.program import FREE, Total, Vector
from sharematch.core.measures.groups import Grouping
from sharematch.core.network.program import Source
from sharematch.solvers.integer.neighborhoods import Aim

__all__ = ["Aims"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Aims:
    """Goals as sums to raise: of vectors, what groups have up to the relaxed plan's.

    Before that, what they have up to one need less: nobody is to be far behind.
    """

    def __init__(
        self, program: CoupledProgram, values: Ints, units: Ints, num_proved: int
    ) -> None:
        self.program, self.rows, self.values = program, program.rows, values
        self.aims: list[Aim] = []
        self.most: list[int | None] = []
        """What each aim can reach at most, where that is known."""
        self.targets: list[tuple[Vector, Any, Ints] | None] = []
        for goal, term in zip(program.goals, program.terms.goals, strict=True):
            is_bounded = goal.position < num_proved
            if isinstance(goal, Total):
                sign = 1 if goal.maximize else -1
                self.aims.append(Aim(goal.variable, sign * goal.factor))
                self.most.append(
                    self._reached(goal, term, units) if is_bounded else None
                )
                self.targets.append(None)
            else:
                target = self._numerators(goal, term, units)
                near = target - goal.sign * int(program.step.max(initial=1))
                self._vector(goal, term, near)
                self._vector(goal, term, target)

    def _reached(self, goal: Total, term: Any, units: Ints) -> int | None:
        value = self.program.measures.goal_value(term, units)
        assert not isinstance(value, tuple)
        number = Fraction(value) * goal.denominator - goal.constant
        return int(number) if goal.maximize else -int(number)

    def _numerators(self, goal: Vector, term: Any, units: Ints) -> Ints:
        values = self.program.measures.values(term.measure, units, term.by, term.where)
        of = dict(zip(values.keys, values.numerator.tolist(), strict=True))
        return np.array([of[key] for key in goal.keys], np.int64)

    def _vector(self, goal: Vector, term: Any, target: Ints) -> None:
        """Add a variable for each group: its total, as far as the target counts."""
        ends = (
            goal.sign * self.rows.lower[goal.total],
            goal.sign * self.rows.upper[goal.total],
        )
        target = goal.sign * np.maximum(goal.sign * target, np.minimum(*ends))
        now, sign = self.values[goal.total], goal.sign
        count, first = len(target), self.rows.num_variables
        counted_totals = np.arange(first, first + count)
        low = np.minimum(
            sign * self.rows.lower[goal.total], sign * self.rows.upper[goal.total]
        )
        self.rows = self.rows.with_variables(
            np.minimum(low, sign * target), sign * target
        )
        row = np.arange(count)
        matrix = csr_array(
            (
                np.concatenate([np.full(count, sign), np.full(count, -1)]),
                (
                    np.concatenate([row, row]),
                    np.concatenate([goal.total, counted_totals]),
                ),
            ),
            shape=(count, self.rows.num_variables),
        )
        none = np.full(count, FREE)
        self.rows = self.rows.with_rows(matrix, 0 * none, none, Source("goal"))
        self.values = np.concatenate(
            [self.values, np.minimum(sign * now, sign * target)]
        )
        self.aims.append(
            Aim(counted_totals, np.ones(count, np.int64), self._per_unit(goal))
        )
        self.most.append(int((sign * target).sum()))
        self.targets.append((goal, term, target))

    def _per_unit(self, goal: Vector) -> int:
        """Return what one unit on an arc adds to a group's total at most."""
        rows = self.program.rows.matrix.tocsc()[:, goal.total].tocoo().row
        entries = self.program.rows.matrix[np.unique(rows)].tocoo()
        step = np.ones(self.program.rows.num_variables, np.int64)
        step[self.program.variable] = self.program.step
        return int((np.abs(entries.data) // step[entries.col]).max(initial=1))

    def lacks(self, values: Ints) -> tuple[Ints, Ints]:
        """Return the group of each variable in the first vector, and what groups lack.

        Variables in none are in the last group, which lacks nothing.
        """
        first = next((target for target in self.targets if target is not None), None)
        owner = np.zeros(self.program.rows.num_variables, np.int64)
        if first is None:
            return owner, np.array([FREE])
        goal, term, wanted = first
        grouping, place = self._places(goal, term)
        owner[:] = len(wanted)
        group = place[grouping.group]
        owner[self.program.variable[grouping.arc]] = np.where(
            group == NONE, len(wanted), group
        )
        lack = goal.sign * (wanted - values[goal.total])
        return owner, np.append(np.maximum(lack, 0), 0)

    def _places(self, goal: Vector, term: Any) -> tuple[Grouping, Ints]:
        """Return the groups of a goal's term, and where they stand in the goal."""
        measures = self.program.measures
        grouping = measures.grouping(term.measure, term.by, term.where)
        of = {key: i for i, key in enumerate(goal.keys)}
        return grouping, np.array([of.get(k, NONE) for k in grouping.keys], np.int64)

    def wanting(self, position: int, values: Ints) -> tuple[Bools, Bools]:
        """Return needs whose units raise an aim, and needs that may lose some."""
        program = self.program
        count = len(program.measures.columns.need_ids)
        lacking, surplus = np.ones(count, bool), np.zeros(count, bool)
        target = self.targets[position]
        if target is not None:
            goal, term, wanted = target
            grouping, place = self._places(goal, term)
            behind = np.append(goal.sign * (wanted - values[goal.total]) > 0, False)
            ahead = np.append(goal.sign * (wanted - values[goal.total]) < 0, False)
            need = program.measures.arcs.need[grouping.arc]
            lacking = np.zeros(count, bool)
            lacking[need[behind[place[grouping.group]]]] = True
            surplus[need[ahead[place[grouping.group]]]] = True
        return lacking, surplus

"""What tells of one goal, all before it kept: linear relaxations, and the whole model.

    follow     a linear relaxation, and a plan that follows it
    ahead      relaxations of a vector and of the totals after it, for bounds alone
    whole      CP-SAT on all rows

Each returns a plan, a bound, and whether they meet, as far as it knows. Earlier totals
are kept exactly, vectors in their least entry, so that no plan that is as good is cut
off; where only a plan is sought, in each entry.

Example: four clubs, three hours, all want to be served: the relaxation of `served` is
3, and the plan that follows it serves three.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.integer.coupled import CoupledProgram
from sharematch.core.integer.program import Total, Vector
from sharematch.solvers.anytime.ceilings import Ceiling, ceiling_of
from sharematch.solvers.anytime.guidance import (
    Guide,
    followed,
    guided,
    later_cost,
    least_bound,
    total_bound,
)
from sharematch.solvers.anytime.improvement import Improvement
from sharematch.solvers.anytime.worth import goal_worth, upward, worth
from sharematch.solvers.integer.cpsat import Answer
from sharematch.solvers.integer.goals import keep, keep_each, keep_worst
from sharematch.solvers.integer.leximin import Levels
from sharematch.solvers.integer.search import Search, simple_bound
from sharematch.solvers.monitor import Monitor

__all__ = ["GoalState", "Models", "Told"]

Ints = NDArray[np.int64]

WHOLE = 3_000_000
"""Entries of rows beyond which the whole is not modeled at once."""
CLOSER = 0.5
"""Share of the time for the whole in which groups of vectors keep what they have."""
CEILED = 0.25
"""Share of the time for relaxations in which all entries of a vector are bounded."""
AIMED = 0.6
"""Share of it in which a plan that has these is sought."""


Told = tuple[Ints | None, Any, bool]
"""Values of a plan, a bound upward, and whether they meet; None what is not known."""


@dataclass
class GoalState:
    """What is known of a goal, upward: no plan is worth more than `bound`."""

    bound: Any
    is_proved: bool = False


class Models:
    """Asked for a goal, they tell plans and bounds; what is kept is `plan`'s values."""

    def __init__(
        self, program: CoupledProgram, plan: Improvement, states: list[GoalState]
    ) -> None:
        self.program, self.plan, self.states = program, plan, states
        self.guides: dict[int, Guide] = {}

    def follow(self, position: int, monitor: Monitor) -> Told:
        """Return a plan that follows a goal's linear relaxation, and its bound."""
        is_total = isinstance(self.program.goals[position], Total)
        return (self._relaxed if is_total else self._steep)(position, monitor)

    def ahead(self, position: int, monitor: Monitor) -> Told:
        """Return a bound of a vector's least entry; bound the totals after it too.

        What they reach with earlier goals left out they cannot exceed: their own turn
        is often too short for a relaxation of so many rows.
        """
        bound, rows = self._bounded(position, monitor)[0], self.program.rows
        for later in self.program.goals[position + 1 :]:
            if isinstance(later, Total) and not monitor.is_over():
                least = total_bound(rows, later.cost(rows.num_variables), monitor)
                state = self.states[later.position]
                if least is not None:
                    state.bound = min(state.bound, -least)
        return None, bound, False

    def may_bound(self, position: int) -> bool:
        """Return whether a relaxation may tell more of the least entry of a vector."""
        if self.program.rows.matrix.nnz > WHOLE:
            return False
        return bool(self.plan.worth[position][0] < self.states[position].bound[0])

    def whole(
        self, position: int, monitor: Monitor, *, effort: float | None = None
    ) -> Told:
        """Return a plan, a bound and whether they meet, by CP-SAT on all rows."""
        if self.program.rows.matrix.nnz > WHOLE:
            return None, None, False
        goal = self.program.goals[position]
        if isinstance(goal, Vector):
            search = self._search(position, monitor)
            search.work = effort
            bound, is_proved = Levels(search, goal, monitor).run()
            return search.values, upward(goal, bound), is_proved
        closer = None
        if self._is_loose(position):
            effort = None if effort is None else (1 - CLOSER) * effort
            closer = self._searched(
                position, monitor.share(CLOSER), effort, by_group=True
            )[0]
        values, answer = self._searched(position, monitor, effort)
        most, is_proved = answer.bound, answer.is_proved
        if most is not None and not goal.maximize:
            most = -most
        if closer is not None and self._is_better(closer, values):
            return closer, most, False
        return values, most, is_proved

    def _relaxed(self, position: int, monitor: Monitor) -> Told:
        """Return a plan and a bound of a total, from its linear relaxation."""
        guide = self._guide(position, monitor)
        if guide is None:
            return None, None, False
        self.guides[position] = guide
        least = guide.bound()
        if self._is_after_vector(position):
            closer = self._guide(position, monitor, by_group=True)
            guide = guide if closer is None else closer
        self.plan.relaxed[position] = guide.relaxed
        values = guide.completed(monitor)
        if values is None:
            count = self.program.rows.num_variables
            values = followed(self.program, guide.relaxed[:count])
        return values, None if least is None else -least, False

    def _guide(
        self, position: int, monitor: Monitor, *, by_group: bool = False
    ) -> Guide | None:
        goal = self.program.goals[position]
        assert isinstance(goal, Total)
        rows = self._search(position, monitor, by_group=by_group).settled()
        return guided(
            rows, goal.cost(rows.num_variables), self.program.is_choice, monitor
        )

    def _is_after_vector(self, position: int) -> bool:
        return any(isinstance(g, Vector) for g in self.program.goals[:position])

    def _steep(self, position: int, monitor: Monitor) -> Told:
        """Return a plan and a bound of a vector, from linear relaxations.

        The plan has what bounds the vector, or follows that of a steep concave sum.
        """
        bound, ceiling = self._bounded(position, monitor)
        values = None
        if ceiling is not None and ceiling.vector <= bound:
            values = self._at(position, ceiling, monitor.share(AIMED))
        if values is None:
            values = self.plan.steep(position, monitor)
        return values, bound, False

    def _bounded(self, position: int, monitor: Monitor) -> tuple[Any, Ceiling | None]:
        """Return a bound of a vector from relaxations: of its least entry, of all."""
        goal = self.program.goals[position]
        assert isinstance(goal, Vector)
        # With less for the least others may have more, up to all they could have alone.
        alone = upward(goal, simple_bound(self.program.rows, goal))
        rows = self._search(position, monitor).settled()
        least = least_bound(rows, goal, monitor)
        bound = alone if least is None else (min(least, alone[0]), *alone[1:])
        ceiling = ceiling_of(rows, goal, monitor.share(CEILED))
        return (bound if ceiling is None else min(bound, ceiling.vector)), ceiling

    def _at(self, position: int, ceiling: Ceiling, monitor: Monitor) -> Ints | None:
        """Return a plan that has what a vector cannot exceed, None if none was found.

        It follows the relaxation of later goals beside that.
        """
        goal = self.program.goals[position]
        assert isinstance(goal, Vector)
        rows = ceiling.rows(self._search(position, monitor).settled(), goal)
        cost = later_cost(self.program, position)
        guide = guided(rows, cost, self.program.is_choice, monitor)
        return None if guide is None else guide.completed(monitor)

    def _searched(
        self,
        position: int,
        monitor: Monitor,
        effort: float | None,
        *,
        by_group: bool = False,
    ) -> tuple[Ints, Answer]:
        """Return what CP-SAT finds for a total on all rows."""
        search = self._search(position, monitor, by_group=by_group)
        search.work = effort
        goal = self.program.goals[position]
        assert isinstance(goal, Total)
        if position in self.guides:
            search.rows = self.guides[position].narrowed(
                search.settled(), search.values
            )
        answer = search.best(
            (goal.variable, goal.factor), maximize=goal.maximize, monitor=monitor
        )
        return search.values, answer

    def _search(
        self, position: int, monitor: Monitor, *, by_group: bool = False
    ) -> Search:
        """Return a search for a goal over the whole model, earlier ones kept by rows.

        Totals are kept exactly, vectors in their least entry, so that no plan that is
        as good in them is cut off; `by_group` in each entry, so that no plan that is
        worse is left.
        """
        program = self.program
        search = Search(program.rows, monitor)
        search.values, search.has_plan = self.plan.values, True
        floors = [*self.plan.floors, *[None] * position]
        for earlier, floor in zip(program.goals[:position], floors, strict=False):
            if isinstance(earlier, Vector):
                (keep_each if by_group else keep_worst)(search, earlier)
            elif floor is None:
                keep(search, earlier)
            else:
                sign = 1 if earlier.maximize else -1
                search.row(earlier.variable, sign * earlier.factor, floor)
        return search

    def _is_loose(self, position: int) -> bool:
        """Return whether what keeps the least of a vector leaves worse ones of it."""
        for goal in self.program.goals[:position]:
            if isinstance(goal, Vector):
                entries = goal_worth(goal, self.plan.values)
                if entries and entries[-1] > entries[0]:
                    return True
        return False

    def _is_better(self, values: Ints, other_values: Ints) -> bool:
        floors = self.plan.floors
        one, other = (
            worth(self.program, x[: self.program.rows.num_variables], floors)
            for x in (values, other_values)
        )
        return one > other

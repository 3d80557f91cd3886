"""Rows that grow goal by goal, and the best plan that keeps them.

    rows_k = rows_(k-1) and {goal k is no worse than its optimum}

Each goal adds a few rows and variables; the model is extended, not built anew, and the
plan of the goal before is where the next one begins.

Example: four needs, two slots: after `served` = 2 there is one row more, and the plan
with two needs is the hint for `travel`.
"""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from sharematch.core.integer.program import FREE, Rows, Total, Vector
from sharematch.core.network.program import Source
from sharematch.errors import SolverError
from sharematch.progress import Stop
from sharematch.solvers.integer.cpsat import Answer, Model
from sharematch.solvers.integer.mip import engine, solve_linear
from sharematch.solvers.monitor import Monitor
from sharematch.solvers.outcome import Number

__all__ = ["Search", "ends", "simple_bound"]

Ints = NDArray[np.int64]

LINEAR = 0.8
"""Share of the time left that branch and bound gets before CP-SAT goes on."""


class Search:
    """Rows that grow, and the best plan that keeps them."""

    def __init__(self, rows: Rows, monitor: Monitor) -> None:
        self.rows, self.monitor = rows, monitor
        self.model: Model | None = None
        self.is_large = self.is_begun = self.is_mixed = False
        self.values = np.zeros(rows.num_variables, np.int64)
        self.has_plan = rows.holds(self.values)
        """Whether `values` keep all rows."""
        self.patience: float | None = None
        """Deterministic seconds for one answer where there is no limit; None: all."""
        self.work: float | None = None
        """Deterministic seconds left for all answers; None: those of the monitor."""
        self.answers: dict[int, Answer] = {}
        """Answers for goals by their positions, found on the way."""
        self._new: list[tuple[Ints, Ints, int, int]] = []

    def add(self, lower: Ints, upper: Ints, values: Ints) -> Ints:
        """Add variables with their values in the best plan; return their positions."""
        first = self.rows.num_variables
        self.rows = self.rows.with_variables(lower, upper)
        self.values = np.concatenate([self.values, values])
        return np.arange(first, self.rows.num_variables)

    def row(self, variable: Ints, factor: Ints, least: int, most: int = FREE) -> None:
        """Add one row."""
        self._new.append((variable, factor, least, most))

    def settled(self) -> Rows:
        """Return all rows, new ones included."""
        if self._new:
            variables, factors, least, most = zip(*self._new, strict=True)
            row = np.repeat(np.arange(len(variables)), [len(v) for v in variables])
            matrix = csr_array(
                (np.concatenate(factors), (row, np.concatenate(variables))),
                shape=(len(variables), self.rows.num_variables),
            )
            matrix.sum_duplicates()
            self.rows = self.rows.with_rows(
                matrix, np.array(least), np.array(most), Source("goal")
            )
            self._new = []
        return self.rows

    def _modeled(self, monitor: Monitor) -> Model | None:
        """Return the model with all new rows, None where there is no time for it."""
        rows, model = self.settled(), self.model
        self.model = None
        try:
            if model is None or model.is_left:
                model = Model(rows, monitor.check)
            else:
                model.extend(rows, monitor.check)
        except Stop:
            return None
        self.model = model
        return model

    def best(
        self,
        objective: tuple[Ints, Ints] | None,
        *,
        maximize: bool = True,
        monitor: Monitor | None = None,
    ) -> Answer:
        """Return the best answer and keep its plan.

        Parameters
        ----------
        monitor
            For this answer alone.
        """
        monitor = monitor or self.monitor
        if monitor.is_over() or (self.work is not None and self.work <= 0):
            return Answer(None, None, is_proved=False)
        relaxed = self._linear(objective, maximize=maximize, monitor=monitor)
        if relaxed is not None and self._kept(relaxed, objective, maximize=maximize):
            return relaxed
        variable, factor = objective or (None, None)
        model = self._modeled(monitor)
        if model is None:
            return Answer(None, None, is_proved=False) if relaxed is None else relaxed
        answer = model.solve(
            monitor,
            variable=variable,
            factor=factor,
            maximize=maximize,
            hint=self.values,
            seconds=monitor.remaining(),
            patience=self._patience(monitor),
        )
        self._spend(answer.work, monitor)
        if answer.values is None and answer.is_proved and self.has_plan:
            raise SolverError("solver.a_plan_that_kept_all_rows")
        self._kept(answer, objective, maximize=maximize)
        if relaxed is None or answer.is_proved or relaxed.bound is None:
            return answer
        bounds = [relaxed.bound, *([] if answer.bound is None else [answer.bound])]
        bound = min(bounds) if maximize else max(bounds)
        is_proved = self.has_plan and self._worth(self.values, objective) == bound
        return Answer(self.values if self.has_plan else None, bound, is_proved)

    def _spend(self, work: float, monitor: Monitor) -> None:
        """Take note of work, of one's own account where there is one."""
        if self.work is None:
            monitor.spend(work)
        else:
            self.work -= work

    def _patience(self, monitor: Monitor) -> float | None:
        """Return the deterministic seconds for one answer."""
        if monitor.remaining() is not None:
            return None
        work = monitor.effort if self.work is None else self.work
        limits = [x for x in (self.patience, work) if x is not None]
        return min(limits, default=None)

    def _kept(
        self, answer: Answer, objective: tuple[Ints, Ints] | None, *, maximize: bool
    ) -> bool:
        """Keep an answer's plan unless the one there is better; return if proved."""
        if answer.values is not None:
            sign = 1 if maximize else -1
            now = sign * self._worth(answer.values, objective)
            if not self.has_plan or now >= sign * self._worth(self.values, objective):
                self.values, self.has_plan = answer.values, True
        return answer.is_proved

    def _worth(self, values: Ints, objective: tuple[Ints, Ints] | None) -> int:
        if objective is None:
            return 0
        variable, factor = objective
        return int(factor @ values[variable])

    def _linear(
        self, objective: tuple[Ints, Ints] | None, *, maximize: bool, monitor: Monitor
    ) -> Answer | None:
        """Return what branch and bound finds, None where CP-SAT suits better."""
        solver = None if objective is None else engine(self.rows, objective[0])
        if solver is None or objective is None:
            return None
        shared = monitor.share(LINEAR)
        answer = solve_linear(
            self.settled(),
            *objective,
            shared if self.work is None else shared.within(self.work),
            maximize=maximize,
            solver=solver,
        )
        self._spend(answer.work, monitor)
        return answer


def simple_bound(rows: Rows, goal: Total | Vector) -> Number:
    """Return what the bounds of single variables allow."""
    if isinstance(goal, Vector):
        tops = zip(ends(rows, goal)[1], goal.weight, strict=True)
        return tuple(goal.sign * x for x in sorted(top / w for top, w in tops))
    if goal.best is not None:
        return Fraction(goal.best + goal.constant, goal.denominator)
    best = goal.factor * np.where(
        (goal.factor > 0) == goal.maximize,
        rows.upper[goal.variable],
        rows.lower[goal.variable],
    )
    return Fraction(int(best.sum()) + goal.constant, goal.denominator)


def ends(rows: Rows, goal: Vector) -> tuple[list[int], list[int]]:
    """Return the least and the greatest sign × total of each group."""
    ends = rows.lower[goal.total].tolist(), rows.upper[goal.total].tolist()
    if goal.sign > 0:
        return ends
    return [-x for x in ends[1]], [-x for x in ends[0]]

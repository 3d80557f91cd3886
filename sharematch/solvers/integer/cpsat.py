"""CP-SAT on rows: exact, deterministic, stoppable, silent.

    max Σ factor × x   such that   least ≤ A x ≤ most, lower ≤ x ≤ upper, x whole

First one search with strong linear relaxations, which ends most small problems; then a
portfolio of a fixed number of searches that take turns in an order of their own, so
that what is found does not depend on threads (OR-Tools, `interleave_search`).

Example: x + y ≤ 1, y + z ≤ 1, z + u ≤ 1: two at most, such as x and z; with a hint of x
and u the search begins there.

Grounds: on small problems of seasons (550 variables, 0.3 s each) the full linear
relaxation solved 18 of 24 to the end, the usual one 13, none 8; without presolve 12.
Presolved once, without symmetries and trials, the same work took a tenth less time in
seasons, clubs and bookings, and half in courses, for plans as good or a little better.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from multiprocessing import parent_process
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.integer.program import FREE, Rows
from sharematch.errors import SolverError
from sharematch.solvers.integer.watching import watched
from sharematch.solvers.monitor import Monitor

__all__ = ["Answer", "Model", "num_threads"]

Ints = NDArray[np.int64]

GRACE = 0.4
"""Seconds that a search gets to end once it is asked to; what is large is simplified,
before any search begins, without a look."""
LOOK = 1_000
"""Rows between two looks at the clock while a model is made."""
ALONE = 2.0
"""Deterministic seconds that one search gets before a portfolio takes over."""
LARGE = 60_000
"""Entries of rows beyond which that one looks at them less before it begins: the levels
of 150 courses, of 78,000, are proved in half the time."""
PORTFOLIO = 8
"""Searches that take turns, in an order that does not depend on the machine."""
LEAST = 2
"""Threads below which CP-SAT would choose other searches."""


def num_threads() -> int:
    """Return how many threads a search may use; what it finds does not depend on it.

    In a process that another one started it is one: others work beside it.
    """
    return 1 if parent_process() is not None else os.cpu_count() or 1


@dataclass(frozen=True)
class Answer:
    """What a search found.

    `values` is the best plan, None if there is none so far. `bound` is what no plan
    exceeds (or, minimizing, falls below), None if nothing is known.
    """

    values: Ints | None
    bound: int | None
    is_proved: bool
    """Whether `values` is optimal, or no plan exists."""
    work: float = 0.0
    """The deterministic seconds it took."""


def _cp_sat() -> Any:
    """Return the package; it loads pandas, so only where it is needed."""
    return import_module("ortools.sat.python.cp_model")


class Model:
    """A CP-SAT model that grows with its rows.

    Parameters
    ----------
    check
        Called again and again while it is made; what it raises ends that.

    Attributes
    ----------
    is_left
        Whether a search that did not end in time still has it: nothing may be changed.
    """

    def __init__(self, rows: Rows, check: Callable[[], None] = lambda: None) -> None:
        self._model = _cp_sat().CpModel()
        self._num_variables = self._num_rows = self._num_entries = 0
        self.is_left = False
        self.extend(rows, check)

    def extend(self, rows: Rows, check: Callable[[], None] = lambda: None) -> None:
        """Take over variables and rows that the model does not have yet."""
        check()
        proto, num_modeled = self._model.proto, self._num_variables
        low = rows.lower[num_modeled:]
        high = np.maximum(low, rows.upper[num_modeled:])
        if (low > rows.upper[num_modeled:]).any():
            proto.constraints.add().bool_or.literals.extend([])  # no value is left
        variables = proto.variables
        for domain in np.stack([low, high], axis=1).tolist():
            variables.add().domain.extend(domain)
        check()
        self._num_variables = rows.num_variables
        fresh = slice(self._num_rows, None)
        limits = np.stack([rows.least[fresh], rows.most[fresh]], axis=1)
        limits[limits >= FREE] = np.iinfo(np.int64).max
        limits[limits <= -FREE] = np.iinfo(np.int64).min
        matrix = rows.matrix
        start = matrix.indptr.tolist()
        column, data = matrix.indices.tolist(), matrix.data.tolist()
        constraints = proto.constraints
        for row, domain in enumerate(limits.tolist(), self._num_rows):
            if not row % LOOK:
                check()
            linear = constraints.add().linear
            linear.vars.extend(column[start[row] : start[row + 1]])
            linear.coeffs.extend(data[start[row] : start[row + 1]])
            linear.domain.extend(domain)
        self._num_rows, self._num_entries = matrix.shape[0], matrix.nnz

    def solve(
        self,
        monitor: Monitor | None,
        *,
        variable: Ints | None = None,
        factor: Ints | None = None,
        maximize: bool = True,
        hint: Ints | None = None,
        seconds: float | None = None,
        effort: float | None = None,
        patience: float | None = None,
        is_short: bool = False,
    ) -> Answer:
        """Return the best values for Σ factor × variable, or any without an objective.

        Parameters
        ----------
        monitor
            Without one the search is not looked at until it ends.
        hint
            Values to begin with; at best a plan that keeps all rows.
        seconds
            Wall time after which the best plan so far is returned.
        effort
            The same in deterministic seconds: the same everywhere.
        patience
            Deterministic seconds after which the portfolio ends too; None: at a proof.
        is_short
            Spend little on looking at the rows before the search.
        """
        self._aim(variable, factor, maximize=maximize)
        self._hint(hint)
        answer, work = Answer(None, None, is_proved=False), 0.0
        if monitor is not None and effort is not None:
            monitor = monitor.within(None)  # it has its own
        begin = time.perf_counter()
        is_large = effort is None and self._num_entries > LARGE
        for portfolio in (False, True):
            solver = _solver(effort, patience, portfolio=portfolio)
            # A first search of many entries may not need what the portfolio sees.
            if is_short or (is_large and not portfolio):
                _shorten(solver)
            if seconds is not None:
                seconds_left = max(seconds - (time.perf_counter() - begin), 0.0)
                solver.parameters.max_time_in_seconds = seconds_left
            status = _run(solver, self._model, monitor)
            if status is None:
                self.is_left = True
                return replace(answer, work=work)
            answer = self._answer(solver, status, has_objective=factor is not None)
            work += solver.response_proto.deterministic_time
            if (
                answer.is_proved
                or effort is not None
                or (monitor is not None and monitor.is_over())
            ):
                break
            if answer.values is not None:
                self._hint(answer.values)
        return replace(answer, work=work)

    def _aim(
        self, variable: Ints | None, factor: Ints | None, *, maximize: bool
    ) -> None:
        proto = self._model.proto
        proto.clear_objective()
        if variable is None or factor is None:
            return
        total = np.zeros(self._num_variables, np.int64)
        np.add.at(total, variable, factor)
        counted = np.flatnonzero(total)
        sign = -1 if maximize else 1
        proto.objective.vars.extend(counted.tolist())
        proto.objective.coeffs.extend((sign * total[counted]).tolist())
        proto.objective.scaling_factor = sign

    def _hint(self, values: Ints | None) -> None:
        proto = self._model.proto
        proto.clear_solution_hint()
        if values is not None:
            proto.solution_hint.vars.extend(range(len(values)))
            proto.solution_hint.values.extend(values.tolist())

    def _answer(
        self,
        solver: Any,
        status: Any,
        *,
        has_objective: bool,
    ) -> Answer:
        cp_model = _cp_sat()
        if status == cp_model.MODEL_INVALID:
            raise SolverError(
                "solver.cp_sat_refuses_the_model", cause=self._model.validate()
            )
        if status == cp_model.INFEASIBLE:
            return Answer(None, None, is_proved=True)
        if status == cp_model.UNKNOWN:
            return Answer(None, None, is_proved=False)
        values = np.array(solver.response_proto.solution, np.int64)
        bound = round(solver.best_objective_bound) if has_objective else None
        return Answer(values, bound, is_proved=status == cp_model.OPTIMAL)


def _solver(effort: float | None, patience: float | None, *, portfolio: bool) -> Any:
    solver: Any = _cp_sat().CpSolver()
    solver.parameters.random_seed = 0
    # Its own handler would end the process, and take the place of the caller's.
    solver.parameters.catch_sigint_signal = False
    if portfolio:
        threads = min(max(num_threads(), LEAST), PORTFOLIO)
        solver.parameters.num_workers = threads
        solver.parameters.interleave_search = True
        solver.parameters.interleave_batch_size = 3 * PORTFOLIO
        if patience is not None:
            solver.parameters.max_deterministic_time = patience
    else:
        solver.parameters.num_workers = 1
        alone = ALONE if patience is None else min(ALONE, patience)
        solver.parameters.max_deterministic_time = alone if effort is None else effort
        solver.parameters.linearization_level = 2
    return solver


def _shorten(solver: Any) -> None:
    """Presolve once, without trials and symmetries."""
    solver.parameters.max_presolve_iterations = 1
    solver.parameters.cp_model_probing_level = 0
    solver.parameters.symmetry_level = 0


def _run(solver: Any, model: Any, monitor: Monitor | None) -> Any:
    """Solve in a thread of its own; None where it is left alone there."""
    if monitor is None:
        return solver.solve(model)
    return watched(
        lambda: solver.solve(model), monitor, grace=GRACE, stop=solver.stop_search
    )

"""CP-SAT on rows: exact, deterministic, stoppable, silent."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from importlib import import_module
from multiprocessing import parent_process
from threading import Thread
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.rows import FREE, Rows
from sharematch.errors import SolverError

__all__ = ["Answer", "Model", "Watch", "is_over", "num_threads"]

Ints = NDArray[np.int64]

POLL = 0.05
"""Seconds between two looks at the clock."""
ALONE = 2.0
"""Deterministic seconds that one search gets before a portfolio takes over."""
PORTFOLIO = 8
"""Searches that take turns, in an order that does not depend on the machine."""
LEAST = 2
"""Threads below which CP-SAT would choose other searches."""


@dataclass(frozen=True)
class Watch:
    """What a long search looks at: `check` raises `stop` when it is over.

    `remaining` returns the seconds left, None without a limit.
    """

    check: Callable[[], None] = lambda: None
    stop: type[BaseException] = KeyboardInterrupt
    remaining: Callable[[], float | None] = lambda: None
    tell: Callable[[Fraction], None] = lambda _: None
    """Called with the gap of each goal when it is done."""

    def share(self, part: float) -> "Watch":
        """Return a watch that ends after this part of the seconds left."""
        left = self.remaining()
        if left is None:
            return self
        end = time.perf_counter() + part * left

        def remaining() -> float:
            return max(end - time.perf_counter(), 0.0)

        def check() -> None:
            self.check()
            if not remaining():
                raise self.stop

        return Watch(check, self.stop, remaining, self.tell)


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


def _cp_sat() -> Any:
    """Return the package; it loads pandas, so only where it is needed."""
    return import_module("ortools.sat.python.cp_model")


class Model:
    """A CP-SAT model that grows with its rows."""

    def __init__(self, rows: Rows) -> None:
        cp_model = _cp_sat()
        self._model = cp_model.CpModel()
        self._variables: list[Any] = []
        self._num_rows = 0
        self.extend(rows)

    def extend(self, rows: Rows) -> None:
        """Take over variables and rows that the model does not have yet."""
        cp_model = _cp_sat()
        model, known = self._model, len(self._variables)
        for low, high in zip(
            rows.lower[known:].tolist(), rows.upper[known:].tolist(), strict=True
        ):
            if low > high:
                model.add_bool_or([])  # no value is left
            self._variables.append(model.new_int_var(low, max(low, high), ""))
        matrix = rows.matrix
        start, column, data = matrix.indptr, matrix.indices.tolist(), matrix.data
        for row in range(self._num_rows, matrix.shape[0]):
            span = slice(start[row], start[row + 1])
            expression = cp_model.LinearExpr.weighted_sum(
                [self._variables[i] for i in column[span]], data[span].tolist()
            )
            domain = cp_model.Domain(_limit(rows.least[row]), _limit(rows.most[row]))
            model.add_linear_expression_in_domain(expression, domain)
        self._num_rows = matrix.shape[0]

    def solve(
        self,
        watch: Watch | None,
        *,
        variable: Ints | None = None,
        factor: Ints | None = None,
        maximize: bool = True,
        hint: Ints | None = None,
        seconds: float | None = None,
        effort: float | None = None,
        patience: float | None = None,
    ) -> Answer:
        """Return the best values for Σ factor × variable, or any without an objective.

        Parameters
        ----------
        watch
            Without one the search is not looked at until it ends.
        hint
            Values to begin with; at best a plan that keeps all rows.
        seconds
            Wall time after which the best plan so far is returned.
        effort
            The same in deterministic seconds: the same everywhere.
        patience
            Deterministic seconds after which the portfolio ends too; None: at a proof.
        """
        self._aim(variable, factor, maximize=maximize)
        self._hint(hint)
        answer = Answer(None, None, is_proved=False)
        begin = time.perf_counter()
        for portfolio in (False, True):
            solver = _solver(effort, patience, portfolio=portfolio)
            if seconds is not None:
                left = max(seconds - (time.perf_counter() - begin), 0.0)
                solver.parameters.max_time_in_seconds = left
            status = _run(solver, self._model, watch)
            answer = self._answer(solver, status, has_objective=factor is not None)
            if answer.is_proved or effort is not None or is_over(watch):
                break
            if answer.values is not None:
                self._hint(answer.values)
        return answer

    def _aim(
        self, variable: Ints | None, factor: Ints | None, *, maximize: bool
    ) -> None:
        self._model.clear_objective()
        if variable is None or factor is None:
            return
        expression = _cp_sat().LinearExpr.weighted_sum(
            [self._variables[i] for i in variable.tolist()], factor.tolist()
        )
        if maximize:
            self._model.maximize(expression)
        else:
            self._model.minimize(expression)

    def _hint(self, values: Ints | None) -> None:
        self._model.clear_hints()
        if values is not None:
            for one, value in zip(self._variables, values.tolist(), strict=True):
                self._model.add_hint(one, value)

    def _answer(
        self,
        solver: Any,
        status: Any,
        *,
        has_objective: bool,
    ) -> Answer:
        cp_model = _cp_sat()
        if status == cp_model.MODEL_INVALID:
            raise SolverError(f"CP-SAT refuses the model: {self._model.validate()}")
        if status == cp_model.INFEASIBLE:
            return Answer(None, None, is_proved=True)
        bound = None
        if status == cp_model.UNKNOWN:
            return Answer(None, bound, is_proved=False)
        values = np.array(solver.response_proto.solution, np.int64)
        if has_objective:
            bound = round(solver.best_objective_bound)
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
        solver.parameters.max_deterministic_time = ALONE if effort is None else effort
        solver.parameters.linearization_level = 2
    return solver


def is_over(watch: Watch | None) -> bool:
    """Return whether a search has to end."""
    if watch is None:
        return False
    try:
        watch.check()
    except watch.stop:
        return True
    return False


def _run(solver: Any, model: Any, watch: Watch | None) -> Any:
    """Solve in a thread of its own, so that this one can look at the clock."""
    if watch is None:
        return solver.solve(model)
    status: list[Any] = []
    thread = Thread(target=lambda: status.append(solver.solve(model)), daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(POLL)
            try:
                watch.check()
            except watch.stop:
                solver.stop_search()
    except BaseException:
        solver.stop_search()
        thread.join()
        raise
    return status[0]


def _limit(bound: int) -> int:
    cp_model = _cp_sat()
    if bound >= FREE:
        return int(cp_model.INT_MAX)
    return int(cp_model.INT_MIN) if bound <= -FREE else int(bound)

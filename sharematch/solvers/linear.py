"""Linear programs over rows: bounds by GLOP, facility location by SCIP.

Both work in floating point. A plan from here is rounded and checked in integers; a
bound is rounded away from the optimum by more than the solvers' tolerance.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from math import floor, inf
from threading import Thread

import numpy as np
from numpy.typing import NDArray
from ortools.math_opt.python import mathopt

from sharematch.core.rows import FREE, Rows
from sharematch.solvers.coupled import POLL, Answer, Watch

__all__ = ["linear_bound", "solve_linear"]

Ints = NDArray[np.int64]

TOLERANCE = 1e-7
"""What floating point may be off, as a share of the value."""


@dataclass(frozen=True)
class _Built:
    model: mathopt.Model
    variables: list[mathopt.Variable]


def _build(
    rows: Rows, variable: Ints, factor: Ints, integral: NDArray[np.bool_]
) -> _Built:
    """Return the model that makes Σ factor × variable as great as possible."""
    model = mathopt.Model()
    variables = [
        model.add_variable(lb=low, ub=high, is_integer=whole)
        for low, high, whole in zip(
            rows.lower.astype(float).tolist(),
            rows.upper.astype(float).tolist(),
            integral.tolist(),
            strict=True,
        )
    ]
    matrix = rows.matrix
    start, column = matrix.indptr.tolist(), matrix.indices.tolist()
    data = matrix.data.astype(float).tolist()
    least = np.where(rows.least <= -FREE, -inf, rows.least).tolist()
    most = np.where(rows.most >= FREE, inf, rows.most).tolist()
    for row in range(matrix.shape[0]):
        constraint = model.add_linear_constraint(lb=least[row], ub=most[row])
        for at in range(start[row], start[row + 1]):
            constraint.set_coefficient(variables[column[at]], data[at])
    for one, gain in zip(variable.tolist(), factor.astype(float).tolist(), strict=True):
        now = model.objective.get_linear_coefficient(variables[one])
        model.objective.set_linear_coefficient(variables[one], now + gain)
    model.objective.is_maximize = True
    return _Built(model, variables)


def linear_bound(
    rows: Rows, variable: Ints, factor: Ints, watch: Watch, *, maximize: bool
) -> int | None:
    """Return what Σ factor × variable cannot exceed (or fall below), if it is found."""
    sign = 1 if maximize else -1
    whole = np.zeros(rows.num_variables, bool)
    built = _build(rows, variable, sign * factor, whole)
    result = _run(built, mathopt.SolverType.GLOP, watch)
    if result.termination.reason != mathopt.TerminationReason.OPTIMAL:
        return None
    return sign * _rounded_up(result.objective_value())


def _rounded_up(value: float) -> int:
    return floor(value + TOLERANCE * max(1.0, abs(value)))


def solve_linear(
    rows: Rows,
    variable: Ints,
    factor: Ints,
    watch: Watch,
    *,
    maximize: bool,
    seconds: float,
) -> Answer:
    """Return the best plan by branch and bound, units of divisible needs continuous.

    Only switches must be whole: once they are decided, what is left is mostly a flow,
    whose corners are whole. A plan that rounding breaks is not returned.
    """
    sign = 1 if maximize else -1
    switches = rows.upper - rows.lower <= 1
    built = _build(rows, variable, sign * factor, switches)
    result = _run(built, mathopt.SolverType.GSCIP, watch, seconds)
    values = None
    if result.has_primal_feasible_solution():
        found = result.variable_values(built.variables)
        values = np.rint(np.array(found)).astype(np.int64)
        if not rows.holds(values):
            values = None
    if result.termination.reason == mathopt.TerminationReason.INFEASIBLE:
        return Answer(None, None, is_proved=True)
    dual = result.termination.objective_bounds.dual_bound
    if abs(dual) == inf:
        return Answer(values, None, is_proved=False)
    bound = sign * _rounded_up(dual)
    reached = None if values is None else int(factor @ values[variable])
    return Answer(values, bound, is_proved=reached == bound)


def _run(
    built: _Built,
    solver: mathopt.SolverType,
    watch: Watch,
    seconds: float | None = None,
) -> mathopt.SolveResult:
    """Solve in a thread of its own, so that this one can look at the clock."""
    left = watch.remaining()
    limit = min((x for x in (seconds, left) if x is not None), default=None)
    parameters = mathopt.SolveParameters(
        time_limit=None if limit is None else timedelta(seconds=max(limit, 0.01)),
        relative_gap_tolerance=0.0,
        random_seed=0,
    )
    if solver == mathopt.SolverType.GSCIP:
        # Presolving aggregates what the links keep tight.
        parameters.presolve = mathopt.Emphasis.OFF
    results: list[mathopt.SolveResult] = []

    def work() -> None:
        results.append(mathopt.solve(built.model, solver, params=parameters))

    # These solvers cannot be stopped from outside: the clock only tells of progress.
    thread = Thread(target=work, daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(POLL)
        with suppress(watch.stop):
            watch.check()
    return results[0]

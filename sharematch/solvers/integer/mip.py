"""Branch and bound on linear relaxations, where that is stronger than CP-SAT.

    max Σ factor × x, units of divisible needs continuous, switches whole

(Land & Doig 1960.) Facility location goes to SCIP, pair sizes and relaxations to HiGHS.
Both work in floating point: a plan from here is rounded and checked in integers, and a
bound is trusted to a billionth of its value. Models are messages made of whole arrays,
not objects, of which there would be one a variable.

Example: four needs, two rooms of 3 places that cost 4 and 5 to open: the relaxation
opens the first and a third of the second, for 4 + 5/3; the one branch that has a plan
opens both.

Grounds: measured, see the benchmarks; SCIP without presolve, which undoes the links. A
model of 2.2 million entries is handed over in 0.4 s, as objects in 2.6 s, in which no
other thread of this process does anything.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from math import floor, inf

import numpy as np
from numpy.typing import NDArray
from ortools.math_opt.callback_pb2 import CallbackRegistrationProto
from ortools.math_opt.core.python import solver as bare
from ortools.math_opt.model_parameters_pb2 import ModelSolveParametersProto
from ortools.math_opt.model_pb2 import ModelProto
from ortools.math_opt.parameters_pb2 import SolverInitializerProto
from ortools.math_opt.python import mathopt
from ortools.math_opt.result_pb2 import SolveResultProto, SolveStatsProto
from ortools.math_opt.solution_pb2 import SOLUTION_STATUS_FEASIBLE
from ortools.util.python.solve_interrupter import SolveInterrupter

from sharematch.core.integer.program import FREE, Rows
from sharematch.solvers.integer.cpsat import Answer
from sharematch.solvers.integer.watching import watched
from sharematch.solvers.monitor import Monitor

__all__ = ["PACKING", "Relaxed", "engine", "relax", "solve_linear"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

PACKING = mathopt.SolverType.HIGHS
"""The solver for units of several sizes that are packed."""
PRICING = mathopt.SolverType.PDLP
"""The solver for prices alone: from outside and inside, by steps of first order."""
ROUGH, LARGE = 1e-4, 60_000
"""What its prices may be off, and entries of rows beyond which they are sooner there:
with 457,000 of a district after 3 to 4 seconds, not 75 as by the simplex method, at a
bound of .586, not .585; with fewer than 50,000 no sooner."""
SOON = {PACKING: (70_000, 2), PRICING: (300_000, 1)}
"""Entries whose relaxation is ready in a second at the best, and the power with which
time grows beyond: where there is less time than that, none is begun. By the simplex
method 50,000 in 1 second and 457,000 in 75; for prices alone 1.5 million in 9."""
TOLERANCE = 1e-9
"""What floating point may be off, as a share of the value."""
GRACE = 0.2
"""Seconds by which a solver may overrun."""
FEW = 150
"""Variables up to which CP-SAT, exact in integers, is as fast."""
UNLIMITED = 120.0
"""Deterministic seconds for one answer where there is no limit."""
PACE, ITERATED, BRANCHED = 75_000, 1e8, 1e6
"""Entries of the rows for which work of a second must be left, else none is begun; so
many entries, each as often as there is a step, or a node of a hundred, count as one: on
3,000 to 36,000 entries 0.8 to 1.7 times as long as that."""
MOST = 2**31 - 1
"""The greatest number that solvers take for a limit."""
MANY_ROOMS = 100
"""Rooms beyond which packing is better done a few rooms at a time."""


def engine(rows: Rows, variable: Ints) -> mathopt.SolverType | None:
    """Return the solver that suits an objective better than CP-SAT, None if none does.

    SCIP where the objective counts switches of rooms (opening costs), HiGHS where units
    of several sizes are packed.
    """
    if rows.num_variables <= FEW:
        return None
    kinds = np.array([source.kind for source in rows.sources])
    if not len(kinds):
        return None
    kind = kinds[rows.source]
    columns = rows.matrix.tocoo()
    links = kind[columns.row] == "use"
    switches = np.unique(columns.col[links & (columns.data < 0)])
    if np.isin(switches, variable).any():
        return mathopt.SolverType.GSCIP
    return PACKING if _is_packing(rows, kind) else None


def _is_packing(rows: Rows, kind: NDArray[np.str_]) -> bool:
    """Return whether needs that are whole take more in some of a few rooms."""
    room = rows.matrix[np.isin(kind, ["capacity", "max_units"])]
    if room.shape[0] > MANY_ROOMS or not room.nnz:
        return False
    size = np.zeros(rows.num_variables, np.int64)
    np.maximum.at(size, room.indices, room.data)
    need = rows.matrix[np.isin(kind, ["whole", "quantity"]) & (rows.most == 1)]
    if not need.nnz:
        return False
    starts = need.indptr[:-1][np.diff(need.indptr) > 0]
    sizes = size[need.indices]
    least, most = np.minimum.reduceat(sizes, starts), np.maximum.reduceat(sizes, starts)
    return bool((least < most).any())


@dataclass(frozen=True)
class _Built:
    model: ModelProto
    num_entries: int

    def most(self, looks: float) -> int:
        """Return how often all entries may be looked at."""
        return min(int(looks / self.num_entries) + 1, MOST)

    def work(self, done: SolveStatsProto) -> float:
        """Return the deterministic seconds of what was done."""
        num_steps = int(done.simplex_iterations + done.first_order_iterations)
        num_branched = max(int(done.node_count) - 1, 0)
        return self.num_entries * (num_steps / ITERATED + num_branched / BRANCHED)


def _build(
    rows: Rows, variable: Ints, factor: Ints, integral: NDArray[np.bool_]
) -> _Built:
    """Return the model that makes Σ factor × variable as great as possible."""
    gain = np.zeros(rows.num_variables)
    np.add.at(gain, variable, factor.astype(float))
    matrix = rows.matrix.sorted_indices().tocoo()
    proto = ModelProto()
    proto.variables.ids.extend(range(rows.num_variables))
    proto.variables.lower_bounds.extend(rows.lower.astype(float).tolist())
    proto.variables.upper_bounds.extend(rows.upper.astype(float).tolist())
    proto.variables.integers.extend(integral.tolist())
    limits = proto.linear_constraints
    limits.ids.extend(range(matrix.shape[0]))
    limits.lower_bounds.extend(np.where(rows.least <= -FREE, -inf, rows.least).tolist())
    limits.upper_bounds.extend(np.where(rows.most >= FREE, inf, rows.most).tolist())
    proto.linear_constraint_matrix.row_ids.extend(matrix.row.tolist())
    proto.linear_constraint_matrix.column_ids.extend(matrix.col.tolist())
    proto.linear_constraint_matrix.coefficients.extend(
        matrix.data.astype(float).tolist()
    )
    in_objective = np.flatnonzero(gain)
    proto.objective.linear_coefficients.ids.extend(in_objective.tolist())
    proto.objective.linear_coefficients.values.extend(gain[in_objective].tolist())
    proto.objective.maximize = True
    return _Built(proto, max(rows.matrix.nnz, 1))


def _rounded_up(value: float) -> int:
    return floor(value + TOLERANCE * max(1.0, abs(value)))


def solve_linear(
    rows: Rows,
    variable: Ints,
    factor: Ints,
    monitor: Monitor,
    *,
    maximize: bool,
    solver: mathopt.SolverType,
) -> Answer:
    """Return the best plan by branch and bound, units of divisible needs continuous.

    Only switches must be whole: once they are decided, what is left is mostly a flow,
    whose corners are whole. A plan that rounding breaks is not returned, and that there
    is none is not believed. A plan counts as optimal if it is within `TOLERANCE` of
    the bound. Without a limit it ends after so many nodes as the work left allows.
    """
    sign = 1 if maximize else -1
    switches = rows.upper - rows.lower <= 1
    if _is_too_large(rows, monitor):
        return Answer(None, None, is_proved=False)
    built = _build(rows, variable, sign * factor, switches)
    result = _run(built, solver, monitor, is_branching=True)
    if result is None:
        return Answer(None, None, is_proved=False)
    values, solution = None, _primal(result)
    if solution is not None:
        values = np.rint(solution).astype(np.int64)
        if not rows.holds(values):
            values = None
    work = built.work(result.solve_stats)
    dual = result.termination.objective_bounds.dual_bound
    if abs(dual) == inf:
        return Answer(values, None, is_proved=False, work=work)
    bound = sign * _rounded_up(dual)
    reached = None if values is None else int(factor @ values[variable])
    if reached is not None and abs(bound - reached) <= TOLERANCE * abs(reached):
        bound = reached
    return Answer(values, bound, is_proved=reached == bound, work=work)


@dataclass(frozen=True)
class Relaxed:
    """An optimum of the linear relaxation, and what it would pay for a unit of a row.

    `values` are of variables, `price` of rows: negative where a limit from above holds.
    `is_corner` says whether values are exact and at a corner, of which most are whole.
    """

    values: Floats
    price: Floats
    is_corner: bool
    work: float
    """The deterministic seconds it took."""


def relax(
    rows: Rows, cost: Ints, monitor: Monitor, *, at_corner: bool = True
) -> Relaxed | None:
    """Return the linear relaxation of least cost.

    None where it has no optimum or is not ready in time; without a limit it ends
    after so many steps as the work left allows.

    Parameters
    ----------
    at_corner
        Look for values at a corner, of which most are whole, where the time may be
        enough. Who needs prices alone has them sooner without, where rows are many.
    """
    if _is_too_large(rows, monitor):
        return None
    is_rough = rows.matrix.nnz > LARGE
    is_rough &= not (at_corner and _may_be_ready(rows, PACKING, monitor))
    solver = PRICING if is_rough else PACKING
    if not _may_be_ready(rows, solver, monitor):
        return None
    everything = np.arange(rows.num_variables)
    continuous = np.zeros(rows.num_variables, bool)
    built = _build(rows, everything, -cost, continuous)
    result = _run(built, solver, monitor, is_branching=False)
    if result is None:
        return None
    values, price = _primal(result), _dual(result)
    if values is None or price is None:
        return None
    work = built.work(result.solve_stats)
    return Relaxed(values, -price, is_corner=not is_rough, work=work)


def _may_be_ready(rows: Rows, solver: mathopt.SolverType, monitor: Monitor) -> bool:
    """Return whether the time left may be enough for a relaxation."""
    seconds = monitor.remaining()
    entries, power = SOON[solver]
    return seconds is None or seconds >= (rows.matrix.nnz / entries) ** power


def _primal(result: SolveResultProto) -> Floats | None:
    """Return the best values of all variables, None where none keep the rows."""
    solution = next(iter(result.solutions), None)
    if solution is None or not solution.HasField("primal_solution"):
        return None
    primal = solution.primal_solution
    if primal.feasibility_status != SOLUTION_STATUS_FEASIBLE:
        return None
    return np.array(primal.variable_values.values, np.float64)


def _dual(result: SolveResultProto) -> Floats | None:
    """Return the best prices of all rows, None where none bound the objective."""
    solution = next(iter(result.solutions), None)
    if solution is None or not solution.HasField("dual_solution"):
        return None
    dual = solution.dual_solution
    if dual.feasibility_status != SOLUTION_STATUS_FEASIBLE:
        return None
    return np.array(dual.dual_values.values, np.float64)


def _is_too_large(rows: Rows, monitor: Monitor) -> bool:
    """Return whether the time or the work left are too little for any answer."""
    if monitor.is_over():
        return True
    return monitor.effort is not None and monitor.effort < rows.matrix.nnz / PACE


def _run(
    built: _Built,
    solver: mathopt.SolverType,
    monitor: Monitor,
    *,
    is_branching: bool,
) -> SolveResultProto | None:
    """Solve in a thread of its own, so that this one can look at the clock.

    Of these solvers only that of prices can be stopped from outside. One that is not
    ready soon after it ought to be is left alone, and None returned.
    """
    parameters = mathopt.SolveParameters(
        relative_gap_tolerance=0.0, random_seed=0 if solver != PRICING else None
    )
    if solver == PRICING:
        optimal = parameters.pdlp.termination_criteria.simple_optimality_criteria
        optimal.eps_optimal_relative = optimal.eps_optimal_absolute = ROUGH
    seconds = monitor.remaining()
    if seconds is not None:
        parameters.time_limit = timedelta(seconds=max(seconds, 0.01))
    else:
        effort = UNLIMITED if monitor.effort is None else monitor.effort
        if is_branching:
            parameters.node_limit = built.most(effort * BRANCHED)
        else:
            parameters.iteration_limit = built.most(effort * ITERATED)
    if solver == mathopt.SolverType.GSCIP:
        # Presolving aggregates what the links keep tight.
        parameters.presolve = mathopt.Emphasis.OFF
    interrupter = SolveInterrupter() if solver == PRICING else None

    def work() -> SolveResultProto | None:
        # A solver that gives up with an error has no answer; how it is told differs.
        with suppress(Exception):
            return bare.solve(
                built.model,
                solver.value,
                SolverInitializerProto(),
                parameters.to_proto(),
                ModelSolveParametersProto(),
                None,
                CallbackRegistrationProto(),
                None,
                None if interrupter is None else interrupter.pybind_interrupter,
            )
        return None

    stop = (lambda: None) if interrupter is None else interrupter.interrupt
    return watched(work, monitor, grace=GRACE, seconds=seconds, stop=stop)

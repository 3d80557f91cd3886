"""What direct models share: goals in strict order, each value kept before the next.

The time left is split evenly among the goals left, a leximin, which is many searches,
has half of it; what a proof saves goes to the next. Each search starts from the plan
before, the first from what fits in file order.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from fractions import Fraction
from math import ceil, floor
from time import perf_counter
from typing import Any

from ortools.math_opt.python import mathopt
from ortools.sat.python import cp_model

from benchmarks.race.entries import Answer, Row

__all__ = ["THREADS", "CpSat", "Highs", "Terms", "Units", "Variable", "total"]

THREADS = 2
SCALE = 10_000
"""Rates are searched for in steps of one in so many, then exactly."""

SLACK = 1e-4
"""What a goal kept may lose to rounding; all goals are whole numbers."""

FOUND = (cp_model.OPTIMAL, cp_model.FEASIBLE)

Variable = Any
Total = Any
Terms = defaultdict[Any, list[Any]]
Units = defaultdict[Any, int]


def total(terms: Iterable[tuple[Variable, int]]) -> Total:
    """Return Σ coefficient × variable for CP-SAT, quickly for many terms too."""
    pairs = list(terms)
    return cp_model.LinearExpr.weighted_sum(
        [variable for variable, _ in pairs], [factor for _, factor in pairs]
    )


class _Clock:
    def __init__(self, seconds: float, goals: int) -> None:
        self.begin = perf_counter()
        self._end, self._goals = self.begin + seconds, goals
        self.done: list[float] = []

    def left(self) -> float:
        return max(self._end - perf_counter(), 0.01)

    def lap(self) -> None:
        """Take the time of a goal that is done."""
        self.done.append(perf_counter() - self.begin)

    def share(self, least: float = 0.0) -> float:
        """Return the seconds of the next goal."""
        self._goals -= 1
        return self.left() * max(least, 1 / (self._goals + 1))


class CpSat:
    """A model for CP-SAT; its goals are solved as they are named."""

    def __init__(self, seconds: float, goals: int) -> None:
        self.model = cp_model.CpModel()
        self._booleans: list[Variable] = []
        self._limits: list[tuple[Sequence[tuple[Variable, int]], int]] = []
        self._clock = _Clock(seconds, goals)
        self._known: cp_model.CpSolver | None = None
        self._is_proved: list[bool] = []
        self._bounds: list[float | None] = []

    def boolean(self) -> Variable:
        variable = self.model.new_bool_var("")
        self._booleans.append(variable)
        return variable

    def integer(self, most: int) -> Variable:
        return self.model.new_int_var(0, most, "")

    def within(self, terms: Sequence[tuple[Variable, int]], most: int) -> None:
        """Keep Σ coefficient × Boolean within a limit: a clique, where it is one."""
        self._limits.append((terms, most))
        if all(2 * factor > most >= factor for _, factor in terms):
            self.model.add_at_most_one(variable for variable, _ in terms)
        else:
            self.model.add(total(terms) <= most)

    def one_of(self, variables: Iterable[Variable]) -> None:
        """Allow one of these Booleans at most."""
        self.within([(variable, 1) for variable in variables], 1)

    def maximize(self, goal: Total) -> None:
        self._goal(goal, 1)

    def minimize(self, goal: Total) -> None:
        self._goal(goal, -1)

    def leximin(
        self, groups: Sequence[tuple[Total, int]], most: Sequence[int] | None = None
    ) -> None:
        """Lift the worst rate, then level by level as many groups as can be lifted.

        Each group is a pair of its units and its weight; it has at most its weight, or
        `most`. A plan that serves many is the start: from nothing the worst rate is not
        lifted for long.
        """
        end = perf_counter() + self._clock.share(1 / 2)
        self._search(sum(units for units, _ in groups), self._until(end) / 3)
        limits = [weight for _, weight in groups] if most is None else most
        least = min(
            SCALE * limit // weight
            for limit, (_, weight) in zip(limits, groups, strict=True)
        )
        worst = self.model.new_int_var(0, least, "")
        for units, weight in groups:
            self.model.add(SCALE * units >= weight * worst)
        status = self._search(worst, self._until(end) / 2)
        is_proved = status == cp_model.OPTIMAL
        self._bounds.append(self._bound() / SCALE if status in FOUND else None)
        lifted: list[Variable] = [True] * len(groups)
        level = Fraction(-1)
        while self._known is not None:
            rates = [Fraction(self._value(u), weight) for u, weight in groups]
            higher = [rate for rate in rates if rate > level]
            if not higher:
                break
            level = min(higher)
            for (units, weight), is_above in zip(groups, lifted, strict=True):
                at_least = ceil(level * weight)
                self.model.add(units >= at_least).only_enforce_if(is_above)
            lifted = [
                self._is_lifted(units, floor(level * weight) + 1, limit)
                for limit, (units, weight) in zip(limits, groups, strict=True)
            ]
            status = self._search(total((b, 1) for b in lifted), self._until(end) / 3)
            is_proved &= status == cp_model.OPTIMAL
            if status not in FOUND:
                break
            count = sum(map(self._value, lifted))
            self.model.add(total((b, 1) for b in lifted) >= count)
        self._is_proved.append(is_proved)
        self._clock.lap()

    def leximin_then_most(self, of_group: Terms, asked: Units) -> None:
        """Solve for the rates of all groups that ask, then for all that is served."""
        self.leximin([(total(of_group[group]), asked[group]) for group in asked])
        self.maximize(total(term for terms in of_group.values() for term in terms))

    def leximax(self, loads: Sequence[Total], most: int) -> None:
        """Make the largest load small, then the next: a leximin of what is spared."""
        self.leximin([(most - load, most) for load in loads])
        spared = self._bounds[-1]
        self._bounds[-1] = None if spared is None else most * (1 - spared)

    @staticmethod
    def _until(end: float) -> float:
        return max(end - perf_counter(), 0.01)

    def _is_lifted(self, units: Total, enough: int, most: int) -> Variable:
        if enough > most:
            return self.model.new_constant(0)
        is_above = self.model.new_bool_var("")
        self.model.add(units >= enough).only_enforce_if(is_above)
        return is_above

    def answer(self, rows: Iterable[tuple[str, str, int, Variable]]) -> Answer:
        """Return the plan: slot, need and units per variable of each row."""
        known = tuple(self._is_proved), tuple(self._bounds), tuple(self._clock.done)
        if self._known is None:
            return Answer(None, *known)
        plan: list[Row] = []
        for slot, need, units, variable in rows:
            if value := self._value(variable):
                plan.append((slot, need, units * value))
        return Answer(plan, *known)

    def _goal(self, goal: Total, sign: int) -> None:
        status = self._search(sign * goal, self._clock.share())
        self._is_proved.append(status == cp_model.OPTIMAL)
        self._bounds.append(sign * self._bound() if status in FOUND else None)
        if self._known is not None:
            self.model.add(sign * goal >= sign * self._value(goal))
        self._clock.lap()

    def _search(self, goal: Total, seconds: float) -> cp_model.CpSolverStatus:
        """Look for the greatest value from the plan before."""
        self.model.maximize(goal)
        if self._known is None:
            self._hint(dict(self._in_file_order()))
            self._solve(self._clock.left() / 4, is_start=True)
        if self._known is None:
            seconds = max(seconds, self._clock.left() / 2)
        else:
            self._hint(dict(enumerate(self._known.response_proto.solution)))
        self._last, status = self._solve(seconds)
        return status

    def _hint(self, values: dict[int, int]) -> None:
        self.model.clear_hints()  # type: ignore[no-untyped-call]
        hint = self.model.proto.solution_hint
        hint.vars.extend(list(values))
        hint.values.extend(list(values.values()))

    def _solve(
        self, seconds: float, *, is_start: bool = False
    ) -> tuple[cp_model.CpSolver, cp_model.CpSolverStatus]:
        """Solve; as a start all variables that have a hint stay there."""
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = THREADS
        solver.parameters.max_time_in_seconds = max(seconds, 0.01)
        solver.parameters.fix_variables_to_their_hinted_value = is_start
        status = solver.solve(self.model)
        assert is_start or status in (*FOUND, cp_model.UNKNOWN), status
        if status in FOUND:
            self._known = solver
        return solver, status

    def _in_file_order(self) -> Iterator[tuple[int, int]]:
        """Give each what is free in turn: the start of a search without a plan."""
        limits_of: dict[int, list[tuple[int, int]]] = defaultdict(list)
        room = [most for _, most in self._limits]
        for i, (terms, _) in enumerate(self._limits):
            for variable, units in terms:
                limits_of[variable.index].append((i, units))
        for variable in self._booleans:
            limits = limits_of[variable.index]
            is_chosen = bool(limits) and all(room[i] >= units for i, units in limits)
            for i, units in limits if is_chosen else ():
                room[i] -= units
            yield variable.index, int(is_chosen)

    def _value(self, variable: Variable) -> int:
        assert self._known is not None
        return int(self._known.value(variable))

    def _bound(self) -> float:
        return float(self._last.best_objective_bound)


class Highs:
    """A linear model with whole numbers for HiGHS; goals as they are named.

    It uses threads as it sees fit: OR-Tools does not hand it their number.
    """

    def __init__(self, seconds: float, goals: int) -> None:
        self.model = mathopt.Model()
        self._clock = _Clock(seconds, goals)
        self._values: dict[Variable, float] | None = None
        self._is_proved: list[bool] = []
        self._bounds: list[float | None] = []

    def boolean(self) -> Variable:
        return self.model.add_binary_variable()

    def part(self) -> Variable:
        return self.model.add_variable(lb=0.0, ub=1.0)

    def units(self, most: int) -> Variable:
        return self.model.add_variable(lb=0.0, ub=float(most))

    def add(self, condition: Any) -> None:
        self.model.add_linear_constraint(condition)

    def maximize(self, terms: Sequence[tuple[Variable, int]]) -> None:
        self._goal(terms, 1)

    def minimize(self, terms: Sequence[tuple[Variable, int]]) -> None:
        self._goal(terms, -1)

    def answer(self, rows: Iterable[tuple[str, str, int, Variable]]) -> Answer:
        known = tuple(self._is_proved), tuple(self._bounds), tuple(self._clock.done)
        if self._values is None:
            return Answer(None, *known)
        plan: list[Row] = []
        for slot, need, units, variable in rows:
            if value := round(units * self._values[variable]):
                plan.append((slot, need, value))
        return Answer(plan, *known)

    def _goal(self, terms: Sequence[tuple[Variable, int]], sign: int) -> None:
        goal = mathopt.fast_sum([factor * variable for variable, factor in terms])
        self.model.set_linear_objective(goal, is_maximize=sign > 0)
        seconds = timedelta(seconds=self._clock.share())
        parameters = mathopt.SolveParameters(
            time_limit=seconds, relative_gap_tolerance=0.0, absolute_gap_tolerance=0.5
        )
        found = mathopt.solve(self.model, mathopt.SolverType.HIGHS, params=parameters)
        reason = found.termination.reason
        self._is_proved.append(reason == mathopt.TerminationReason.OPTIMAL)
        self._bounds.append(float(found.termination.objective_bounds.dual_bound))
        if found.has_primal_feasible_solution():
            self._values = dict(found.variable_values())
        if self._values is not None:
            value = sum(factor * self._values[x] for x, factor in terms)
            self.add(sign * goal >= sign * round(value) - SLACK)
        self._clock.lap()

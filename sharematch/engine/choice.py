"""Which solver solves what: each is asked, in order, whether it supports a problem.

    Impossible     what keeps units on a pair that is no arc: it has no plan
    FirstCome      policies without goals: one need after the other
    Flow           what is a flow: exact, to the end
    BudgetedFlow   a flow but for one bound on moves, too large to be left to rows
    Narrow         more pairs than there is time to make rows for: a likely few
    Decomposed     rows that fall into parts, or in which openings alone couple
    Integer        all else

The first that gives no reason against it solves the problem.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from sharematch.core.integer.coupled import CoupledProgram
from sharematch.core.measures.measures import Measures
from sharematch.core.network.program import Program
from sharematch.core.network.uncoupled import Reason
from sharematch.engine.problem import MANY, Budget, Problem
from sharematch.progress import Stop
from sharematch.solvers.anytime.greedy import first_come, first_come_coupled
from sharematch.solvers.flow.budget import solve_within
from sharematch.solvers.flow.lexicographic import is_feasible, solve_network
from sharematch.solvers.integer.decomposition import Division, solve_parts
from sharematch.solvers.lexicographic import (
    SEARCH,
    filled_up,
    has_plan,
    not_behind,
    solve_coupled,
)
from sharematch.solvers.monitor import Monitor
from sharematch.solvers.outcome import Outcome
from sharematch.solvers.siting import solve_siting
from sharematch.solvers.siting.shape import Siting
from sharematch.text import Text

__all__ = ["SOLVERS", "Solver", "choose", "first_plan", "may_have_plan"]

log = logging.getLogger("sharematch")

Ints = NDArray[np.int64]

FEW_ARCS = 1_500
"""Up to so many a limit on moves is left to CP-SAT, beyond them moves are priced.

CP-SAT proves small ones exactly; priced moves may leave a gap at a budget between two
breakpoints, and scale like flows.
"""
CHECKED = 1.5e-7
"""Seconds for each pair to check and measure a plan."""


class Solver(Protocol):
    """One way to solve problems of some structure."""

    def supports(self, problem: Problem, /) -> Reason | None:
        """Return why a problem is not for it, None if it is."""

    def program(
        self, problem: Problem, /
    ) -> Program | CoupledProgram | Measures | None:
        """Return the form of a problem that it solves; None if it needs none."""

    def solve(self, problem: Problem, monitor: Monitor, /) -> Outcome | None:
        """Return the best plan found, None where none exists or none was found.

        Where the monitor ends it, that is the best so far.
        """


class Prover(Solver, Protocol):
    """A solver that can tell whether there is any plan."""

    def has_plan(self, problem: Problem, monitor: Monitor, /) -> bool | None:
        """Return whether any plan keeps all terms; None: nobody could tell in time."""


class Impossible:
    """A decision that no arc can keep: there is no plan."""

    def supports(self, problem: Problem) -> Reason | None:
        return None if problem.is_misplaced else Text("unsuited.decisions_have_pairs")

    def program(self, _problem: Problem) -> None:
        return None

    def solve(self, _problem: Problem, _monitor: Monitor) -> None:
        return None

    def has_plan(self, _problem: Problem, _monitor: Monitor) -> bool:
        return False


class FirstCome:
    """One need after the other, by date of asking, each as near as it can."""

    def supports(self, problem: Problem) -> Reason | None:
        is_asked = problem.policy.method == "first_come"
        return None if is_asked else Text("unsuited.goals_decide")

    def program(self, problem: Problem) -> Program | CoupledProgram:
        assert problem.program is not None
        return problem.program

    def solve(self, problem: Problem, monitor: Monitor) -> Outcome | None:
        program = self.program(problem)
        monitor.enter("goal", text="first come")
        if isinstance(program, Program):
            units = first_come(program)
        else:
            units = first_come_coupled(program, monitor)
        return None if units is None else Outcome(units, (), (), "greedy")


class Flow:
    """Goals in strict order on a network: exact."""

    def supports(self, problem: Problem) -> Reason | None:
        return problem.flow if isinstance(problem.flow, Reason) else None

    def program(self, problem: Problem) -> Program:
        assert isinstance(problem.flow, Program)
        return problem.flow

    def solve(self, problem: Problem, monitor: Monitor) -> Outcome | None:
        turns, position_of = None, problem.columns.position["need"]
        if problem.turns is not None:
            turns = [position_of[need] for need in problem.turns]
        program = self.program(problem)
        outcome = solve_network(program, monitor, turns)
        if outcome is None or all(outcome.is_proved):
            return outcome
        simple = first_come(program, monitor.last_look())
        if simple is None:
            return outcome
        goals, measures = problem.policy.goals, problem.measures
        is_better = measures.worth(goals, simple) > measures.worth(goals, outcome.units)
        return replace(outcome, units=simple) if is_better else outcome

    def has_plan(self, problem: Problem, _monitor: Monitor) -> bool:
        return is_feasible(self.program(problem))


class BudgetedFlow:
    """Flows in which no more may move than a rule allows: moves at a price."""

    def supports(self, problem: Problem) -> Reason | None:
        if problem.turns is not None:
            return Text("unsuited.needs_choose_in_turn")
        if problem.goals and len(problem.everything) <= FEW_ARCS:
            return Text("unsuited.few_pairs")
        return problem.budget if isinstance(problem.budget, Reason) else None

    def program(self, problem: Problem) -> Program:
        return self._budget(problem).program

    def _budget(self, problem: Problem) -> Budget:
        assert isinstance(problem.budget, Budget)
        return problem.budget

    def solve(self, problem: Problem, monitor: Monitor) -> Outcome | None:
        budget = self._budget(problem)
        return solve_within(budget.program, budget.limit, problem.goals, monitor)

    def has_plan(self, problem: Problem, _monitor: Monitor) -> bool:
        budget = self._budget(problem)
        return solve_within(budget.program, budget.limit) is not None


class Narrow:
    """More pairs than rows can be made for in time: the best plan over a likely few."""

    def supports(self, problem: Problem) -> Reason | None:
        return None if problem.is_wide else Text("unsuited.rows_are_made_in_time")

    def program(self, problem: Problem) -> Measures:
        return problem.measures

    def solve(self, problem: Problem, monitor: Monitor) -> Outcome | None:
        monitor = monitor.sparing(CHECKED * len(problem.measures.arcs))
        narrow, kept = problem.narrowed(monitor)
        log.debug("%d of %d pairs", len(kept), len(problem.measures.arcs))
        outcome = choose(narrow).solve(narrow, monitor)
        return None if outcome is None else _spread(problem, kept, outcome.units)


class Decomposed:
    """Parts one by one, or what opens and then flows; the whole where these fail."""

    def supports(self, problem: Problem) -> Reason | None:
        if isinstance(problem.division, Division) or isinstance(problem.siting, Siting):
            return None
        return problem.siting

    def program(self, problem: Problem) -> CoupledProgram:
        return problem.rows

    def solve(self, problem: Problem, monitor: Monitor) -> Outcome | None:
        program, outcome = problem.rows, None
        with suppress(Stop):
            monitor.goal(0)
        share = monitor.share(SEARCH)
        with suppress(Stop):
            if isinstance(problem.division, Division):
                outcome = solve_parts(program, problem.division, share)
            if outcome is None and isinstance(problem.siting, Siting):
                outcome = solve_siting(program, problem.siting, share)
        if outcome is None:
            return solve_coupled(program, monitor)
        if all(outcome.is_proved):
            return outcome
        log.debug("not all proved: compared with simple plans of the whole")
        return filled_up(program, not_behind(program, outcome, monitor), monitor)


class Integer:
    """Rows over integers, searched as a whole."""

    def supports(self, _problem: Problem) -> Reason | None:
        return None

    def program(self, problem: Problem) -> CoupledProgram:
        return problem.rows

    def solve(self, problem: Problem, monitor: Monitor) -> Outcome | None:
        return solve_coupled(problem.rows, monitor)

    def has_plan(self, problem: Problem, monitor: Monitor) -> bool | None:
        return has_plan(problem.rows, monitor)


def first_plan(problem: Problem, monitor: Monitor) -> Outcome | None:
    """Return a plan for a search that has ended before there was any: first come.

    Over likely pairs alone where all are many. None where that breaks a rule.
    """
    if problem.is_misplaced:
        return None
    if not (problem.is_wide or monitor.is_over()):
        with suppress(Stop):  # rows took too long
            return Narrow().solve(problem, monitor)
    kept, few = np.arange(len(problem.measures.arcs)), problem
    last_look = monitor.last_look(spared=CHECKED * len(kept))
    if len(kept) > MANY:
        few, kept = problem.narrowed(last_look)
    program = few.program
    if isinstance(program, Program):
        units = first_come(program, last_look)
    else:
        assert program is not None
        units = first_come_coupled(program, last_look)
    return None if units is None else _spread(problem, kept, units)


def _spread(problem: Problem, kept: Ints, few_units: Ints) -> Outcome:
    """Return units on some arcs as those on all; of all nothing is known."""
    units = np.zeros(len(problem.measures.arcs), np.int64)
    units[kept] = few_units
    count = len(problem.policy.goals) + (problem.turns is not None)
    return Outcome(units, (None,) * count, (False,) * count, "coupled")


PROVERS: tuple[Prover, ...] = (Impossible(), Flow(), BudgetedFlow(), Integer())
SOLVERS: tuple[Solver, ...] = (
    Impossible(),
    FirstCome(),
    Flow(),
    BudgetedFlow(),
    Narrow(),
    Decomposed(),
    Integer(),
)


def choose(problem: Problem) -> Solver:
    """Return the first solver that supports a problem."""
    return _first(problem, SOLVERS)


def may_have_plan(problem: Problem, monitor: Monitor) -> bool:
    """Return whether some plan keeps all terms, also if nobody could tell in time."""
    return _first(problem, PROVERS).has_plan(problem, monitor) is not False


Kind = TypeVar("Kind", bound=Solver)


def _first(problem: Problem, solvers: Sequence[Kind]) -> Kind:
    for solver in solvers:
        reason = solver.supports(problem)
        if reason is None:
            return solver
        log.debug("not %s: %s", type(solver).__name__, reason)
    raise AssertionError("the last of the solvers supports all problems")

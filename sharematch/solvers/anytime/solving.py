"""Large coupled problems: a plan at once, then a better one as long as there is time.

    start      the best of many constructive plans (`construction`) and first come;
    goal       for each goal in turn small problems around what it lacks
               (`improvement`), and beside them relaxations and the whole (`models`),
               which prove or bound;
    after      what time is left goes to the goals that are not proved.

Bounds come from the flow without what couples, from linear relaxations, from the whole
model, and from what each group could have alone. A plan at the bound of a goal ends
that goal at once.

Example: four clubs, three hours, all want to be served: the start serves three, which
is the flow's bound; `served` is proved without a search, and `rank` has all the time.

Grounds: what these shares of the time bring is measured by `benchmarks/race`.
"""

import logging
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from fractions import Fraction
from threading import Event
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.integer.coupled import CoupledProgram
from sharematch.core.integer.equals import merged
from sharematch.core.integer.program import Total, Vector
from sharematch.core.integer.relaxation import relaxation
from sharematch.progress import Stop
from sharematch.solvers.anytime.greedy import first_come_values
from sharematch.solvers.anytime.improvement import Improvement
from sharematch.solvers.anytime.models import GoalState, Models, Told
from sharematch.solvers.anytime.start import WORK, best_start
from sharematch.solvers.anytime.worth import (
    downward,
    goal_worth,
    slack_floor,
    upward,
    worth,
)
from sharematch.solvers.flow.lexicographic import solve_network
from sharematch.solvers.integer.search import simple_bound
from sharematch.solvers.monitor import UNWATCHED, Monitor
from sharematch.solvers.outcome import IntegerOutcome, Number

__all__ = ["solve_anytime"]

log = logging.getLogger("sharematch")

Ints = NDArray[np.int64]

SHARES = {True: 0.6, False: 0.5}
"""Share of the time left for a goal that is not the last: of a vector, of a total."""
LONGER, KEPT = 0.25, 0.15
"""Share of what is left by which a vector's time is prolonged as long as that brings
something, and share of all its time that is kept for later goals."""
GROUPS = 20
"""Groups beyond which the levels of a large model are not proved one by one."""
PATIENT = 0.2
"""Share of a goal's time in which a large model may find a proof."""
PROVABLE = 60_000
"""Entries of rows up to which the whole model is searched as long as there is time."""
LEVELED, LEVELS = 150_000, 0.9
"""Entries up to which the levels of few groups are soon proved, and share of the time
they may take: those of 150 courses in 8 communities, of 78,000, in 2 seconds."""
RELAXED = 0.6
"""Share of a total's time that its linear relaxation may take."""
RELAXABLE = 500_000
"""Entries of rows up to which it is solved where there is no limit."""


class _Over(Exception):  # noqa: N818 (time, not an error)
    """A stage of the search has ended."""


def solve_anytime(
    program: CoupledProgram,
    monitor: Monitor,
    more: Iterable[Ints] = (),
    tightened: Callable[[IntegerOutcome], IntegerOutcome] = lambda outcome: outcome,
    until: Monitor = UNWATCHED,
) -> IntegerOutcome | None:
    """Return the best plan found with what is known of each goal, None without one.

    Parameters
    ----------
    more
        Other plans to begin with, as values of all variables.
    tightened
        Returns an outcome with closer bounds, once the search has ended.
    until
        The search goes on until this is over where these leave it time.
    """
    values = best_start(program, monitor, more)
    if values is None:
        return None
    first = [x[:1] if isinstance(x, tuple) else x for x in worth(program, values)]
    log.debug("start: %s", ", ".join(map(str, first)))
    equal = merged(program)
    log.debug("%d columns stand for those of equal needs too", len(equal.column))
    stages = _Stages(equal.program, equal.fold(values), monitor)

    def outcome() -> IntegerOutcome:
        values, bounds, proved = stages.outcome()
        return IntegerOutcome.of(program, equal.unfold(values), bounds, proved)

    with suppress(Stop):
        stages.run()
    if any(floor is not None for floor in stages.plan.floors):
        # What an early goal gave up within its slack may be worth less in later ones.
        simple = first_come_values(program, monitor.last_look())
        if simple is not None and program.rows.holds(simple):
            stages.plan.offer(equal.fold(simple))
    found = outcome()
    if all(found.is_proved):
        return found
    found = tightened(found)
    if until.remaining() is None or until.is_over():
        return found
    stages.know(found.bounds)
    with suppress(Stop):
        stages.go_on(until)
    return outcome()


class _Stages:
    def __init__(self, program: CoupledProgram, values: Ints, monitor: Monitor) -> None:
        self.program, self.monitor = program, monitor
        self.plan = Improvement(program, values, monitor)
        self.states = [
            GoalState(upward(goal, simple_bound(program.rows, goal)))
            for goal in program.goals
        ]
        self.models = Models(program, self.plan, self.states)

    # ---- one goal after the other

    def run(self) -> None:
        """Better all goals until all are proved, or the time is over."""
        goals = self.program.goals
        self._flow()
        monitor = self.monitor
        for position, goal in enumerate(goals):
            self.monitor.goal(position)
            is_last = position == len(goals) - 1
            share = 1.0 if is_last else SHARES[isinstance(goal, Vector)]
            self._better(position, monitor.share(share))
            if isinstance(goal, Vector) and not is_last:
                self._prolong(position, monitor)
            if monitor.effort is not None:
                monitor = monitor.within((1 - share) * monitor.effort)
            state = self.states[position]
            self.monitor.close(_gap(goal, self.plan.worth[position], state.bound))
            floor = None
            if isinstance(goal, Total) and goal.slack:
                floor = slack_floor(goal, self.plan.values)
            self.plan.floors.append(floor)
        self.go_on(self.monitor)

    def _prolong(self, position: int, monitor: Monitor) -> None:
        """Go on with a vector that still gets better, at the cost of later goals."""
        seconds_left = monitor.remaining()
        if seconds_left is None:
            return
        least = seconds_left * KEPT / (1 - SHARES[True])
        while not self._settled(position) and (monitor.remaining() or 0) > least:
            before = self.plan.worth[position]
            best = self.states[position].bound
            with suppress(Stop):
                self.plan.run(position, monitor.share(LONGER), best=best)
            if self.plan.worth[position] == before:
                break
            self._report(position, monitor)

    def know(self, bounds: Iterable[Number]) -> None:
        """Take over bounds of goals that are found elsewhere."""
        for goal, state, bound in zip(
            self.program.goals, self.states, bounds, strict=True
        ):
            state.bound = min(state.bound, upward(goal, bound))
            self._settled(goal.position)

    def go_on(self, monitor: Monitor) -> None:
        """Give the time that is left to what is not proved."""
        self.monitor = self.plan.monitor = monitor
        self.plan.worth = worth(self.program, self.plan.values, self.plan.floors)
        while self.monitor.remaining() is not None:
            open_ = [i for i, state in enumerate(self.states) if not state.is_proved]
            if not open_:
                break
            for position in open_:
                before = self.plan.worth[: position + 1]
                self._better(position, self.monitor.share(1 / len(open_)))
                if self.plan.worth[: position + 1] != before:
                    # What was best for later goals was so beside an earlier value.
                    for state in self.states[position + 1 :]:
                        state.is_proved = False

    def _better(self, position: int, monitor: Monitor) -> None:
        """Better one goal, as long as its share of the time lasts or until a proof."""
        if self._settled(position):
            return
        self._report(position, monitor)
        if monitor.remaining() is None:
            self._steady(position, WORK if monitor.effort is None else monitor.effort)
        else:
            self._timed(position, monitor)
        self._settled(position)

    def _steady(self, position: int, work: float) -> None:
        """Better one goal by fixed work: small problems first, then the whole."""
        if self.program.rows.matrix.nnz <= RELAXABLE:
            told = self.models.follow(position, self.monitor.within(work))
            self._take(position, told)
        if self._settled(position):
            return
        self.plan.run(
            position, self.monitor, best=self.states[position].bound, work=work / 2
        )
        if not self._settled(position):
            told = self.models.whole(position, self.monitor, effort=work / 2)
            self._take(position, told)

    def _timed(self, position: int, monitor: Monitor) -> None:
        """Better one goal in its time: small problems, and the whole beside them.

        First the linear relaxation: a bound, and a plan that follows it; where levels
        of few groups are soon proved, these. A proof that is not there soon in a large
        problem is not to be waited for: then small ones have both cores.
        """
        is_small = self._num_entries <= PROVABLE
        goal = self.program.goals[position]
        is_long = isinstance(goal, Vector) and len(goal.total) > GROUPS
        is_total = isinstance(goal, Total)
        has_levels = not (is_small or is_total or is_long)
        has_levels &= self._num_entries <= LEVELED
        if is_total or is_small:
            self._beside(position, monitor.share(RELAXED), self.models.follow)
        elif has_levels:
            self._beside(position, monitor.share(LEVELS), self.models.whole)
        elif self.models.may_bound(position):
            share = PATIENT if is_long else RELAXED
            self._beside(position, monitor.share(share), self.models.ahead)
        if not (self._settled(position) or has_levels) and (is_small or not is_long):
            patient = monitor if is_small else monitor.share(PATIENT)
            self._beside(position, patient, self.models.whole)
        self._report(position, monitor)
        if not self._settled(position):
            with suppress(Stop):
                self.plan.run(position, monitor, best=self.states[position].bound)
        self.monitor.check()

    @property
    def _num_entries(self) -> int:
        return int(self.program.rows.matrix.nnz)

    def _beside(
        self, position: int, monitor: Monitor, work: Callable[[int, Monitor], Told]
    ) -> None:
        """Do some work in a thread of its own, small problems beside it."""
        over, ended = Event(), Event()
        best = self.states[position].bound
        with ThreadPoolExecutor(1) as pool:
            task = pool.submit(work, position, monitor.until(over))
            task.add_done_callback(lambda _: ended.set())
            try:
                with suppress(_Over, Stop):
                    self.plan.run(
                        position, monitor.until(ended, _Over), best=best, at_once=1
                    )
                if not self._settled(position):
                    with suppress(Stop):
                        _wait(task, monitor)
            finally:
                over.set()
            self._take(position, task.result())

    def _report(self, position: int, monitor: Monitor) -> None:
        """Tell how far a goal is."""
        goal, state = self.program.goals[position], self.states[position]
        value, bound = self.plan.worth[position], state.bound
        if isinstance(goal, Vector):
            pairs = zip(value, bound, strict=True)
            first = next((pair for pair in pairs if pair[0] != pair[1]), None)
            value, bound = first or (Fraction(0), Fraction(0))
            value, bound = goal.sign * value, goal.sign * bound
        else:
            value, bound = downward(goal, value), downward(goal, bound)
        monitor.report(value, bound)

    def _settled(self, position: int) -> bool:
        """Return whether a goal is at its bound, all earlier ones at theirs."""
        goal, state = self.program.goals[position], self.states[position]
        has_slack = isinstance(goal, Total) and bool(goal.slack)
        if self.plan.worth[position] >= state.bound:
            state.is_proved = True
        elif not (has_slack and position < len(self.plan.floors)):
            state.is_proved = False  # slack may be used up later, and only it
        return state.is_proved

    # ---- bounds

    def _flow(self) -> None:
        """Bound goals by the flow without what couples, as far as they are reached."""
        relaxed = relaxation(self.program, check=self.monitor.check)
        if relaxed is None:
            return
        outcome = solve_network(relaxed.program, self.monitor.aside())
        if outcome is None:
            return
        units = relaxed.lift(outcome.units)
        count = min(outcome.num_proved, len(relaxed.program.goals))
        for goal, term, state in zip(
            self.program.goals[:count],
            self.program.terms.goals,
            self.states,
            strict=False,
        ):
            value = self.program.measures.goal_value(term, units)
            number = value if isinstance(value, tuple) else Fraction(value)
            reached = upward(goal, number)
            state.bound = min(state.bound, reached)
            # What bounds later goals is beside this value: no plan that has less of
            # it, though at a bound of another kind, is bounded by that.
            if self.plan.worth[goal.position] < reached:
                break

    def _take(self, position: int, told: Told) -> None:
        values, bound, is_proved = told
        if values is not None:
            values = self.program.dependents.complete(
                values[: self.program.rows.num_variables]
            )
            if self.program.rows.holds(values):
                self.plan.offer(values)
        state = self.states[position]
        if bound is not None:
            state.bound = min(state.bound, bound)
            if is_proved and values is not None:
                reached = goal_worth(self.program.goals[position], values)
                state.bound = min(state.bound, reached)
        self._settled(position)

    # ---- what comes out

    def outcome(self) -> tuple[Ints, list[Number], list[bool]]:
        """Return the plan with bounds; a goal counts as proved if all before it are."""
        program, plan = self.program, self.plan
        bounds: list[Number] = []
        proved: list[bool] = []
        for goal, state in zip(program.goals, self.states, strict=True):
            reached = goal_worth(goal, plan.values)
            is_proved = self._settled(goal.position)
            proved.append(is_proved and all(proved))
            bounds.append(downward(goal, max(state.bound, reached)))
        return plan.values, bounds, proved


def _wait(task: "Future[Any]", monitor: Monitor) -> None:
    while not task.done():
        monitor.check()
        with suppress(TimeoutError):
            task.result(timeout=0.05)


def _gap(goal: Total | Vector, value: Any, bound: Any) -> Fraction:
    """Return how far a goal may be from optimal."""
    if isinstance(goal, Vector):
        differences = (abs(b - v) for b, v in zip(bound, value, strict=True))
        return next((d for d in differences if d), Fraction(0))
    reached, most = downward(goal, value), downward(goal, bound)
    assert isinstance(reached, Fraction)
    assert isinstance(most, Fraction)
    return abs(most - reached) / max(Fraction(1), abs(reached))

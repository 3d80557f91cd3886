"""Plans made better goal by goal: few needs at a time are placed anew by CP-SAT.

    choose   needs that the goal would like to serve better, and who stands there
    solve    max Σ (steps of the goal), all other needs where they are
    take     if the exact values of all goals, in order, are better or equal

For each goal in turn: needs that the goal would like to serve better, and those that
stand where these could be, are freed; all else is kept. The small problem is solved for
a sum that stands for the goal (a steep concave one where the least of many groups
counts). Sizes follow what can be solved to the end, ways to choose what has gained.
Two are solved side by side, of different needs.

Source: large-neighborhood search (Shaw 1998), adaptive (Ropke & Pisinger 2006), toward
a relaxation (Danna, Rothberg & Le Pape 2005); the steep sum puts the first eighth of a
group above all that others have beyond it, as leximin does.

Example: clubs A, B, C in halls a, b, c, of which b holds two; D could use a only. D and
A are freed, and C by chance: A moves to c, C to b beside B, and D to a.

To lift the least of many groups it is enough that all others stay above them: such
problems have more answers than the sum's, and end as soon as nobody is left behind.

Grounds (a hundred clubs in five full halls, ten groups, 14 CPU seconds; what the least
group has): the steep sum alone .76, with lifting .81, with steps as small as groups are
apart .83.

Grounds (five towns with too few halls, 8 s each; what the poorest lack, by the steep
sum, 4 to the power of 8 times it): problems with needs in common side by side .553,
without .533; with 60 needs and 0.1 s at first instead of 30 and 0.05 s .519, with 0.2 s
.533. Towns of 100 needs did better with half of both.
"""

from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from copy import copy
from dataclasses import dataclass
from threading import Event
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from sharematch.core.integer.coupled import CoupledProgram
from sharematch.core.integer.program import Total, Vector
from sharematch.solvers.anytime.aims import Objective, TotalAim, VectorAim
from sharematch.solvers.anytime.guidance import guided
from sharematch.solvers.anytime.neighborhood import Cut
from sharematch.solvers.anytime.standing import Standing
from sharematch.solvers.integer.cpsat import Answer, Model, num_threads
from sharematch.solvers.integer.watching import POLL
from sharematch.solvers.monitor import UNWATCHED, Monitor

__all__ = ["Improvement"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

EFFORT, LONGEST, SMALL = 0.1, 0.4, 200
"""Deterministic seconds for one small problem at first, and once nothing is gained;
needs below which it gets less in proportion."""
STILL = 12
"""Small problems without a gain after which small problems get twice as long."""
AT_ONCE = 2
"""Small problems solved side by side; more would tie the plan to the machine's size."""
BEGIN, LEAST, FIRST_SHARE = 60, 10, 4
"""Needs in the first small problem, and in the smallest; at first one in so many."""
COLUMNS = 8_000
"""Columns that the needs in the first small problem have, those that do not fit too:
where a need may go anywhere, few needs make a problem as large as many that ask for a
few halls each."""
SHARES = {"goal": 0.35, "lift": 0.35, "switch": 0.3, "relaxation": 0.35}
"""Shares of small problems at first: around what the goal lacks, to lift the least of a
vector, around a place that is used by many or by none, around what a relaxation has
otherwise (Danna 2005)."""
MEMORY, SELDOM = 0.05, 0.1
"""How fast shares follow what each way gains, and how far one falls that gains none."""
ELSEWHERE = 0.01
"""From how much of a column on a relaxation is said to have it."""
GROWTH = 16
"""Part by which they grow after one that was solved to the end, and shrink else."""
PATIENCE = 80
"""Small problems without a gain after which a goal is left."""


@dataclass(frozen=True)
class _Pending:
    """A small problem that is being solved, the needs in it and why these."""

    way: str
    needs: Bools
    cut: Cut
    answer: "Future[Answer]"


@dataclass
class _Pace:
    """How large small problems are to be, and how long each may take.

    So many needs that half of them are solved to the end; longer and larger ones where
    none gains any more.
    """

    want: int
    effort: float
    most: int
    spent: float = 0.0
    still: int = 0
    """Small problems since the last gain."""

    def is_over(self, work: float | None) -> bool:
        """Return whether nothing was gained for long, or the work is done."""
        return self.still >= PATIENCE or (work is not None and self.spent >= work)

    def note(self, *, is_proved: bool, is_better: bool) -> None:
        """Follow what came of one small problem."""
        self.spent += self.effort
        self.still = 0 if is_better else self.still + 1
        if self.still and self.still % STILL == 0 and self.effort < LONGEST:
            self.effort *= 2  # larger ones see further
            self.want = self.want * 3 // 2
        change = self.want // GROWTH
        self.want += change + 1 if is_proved else -change
        self.want = min(max(self.want, LEAST), self.most)


class _Ways:
    """Ways to choose needs, drawn by how often each has gained lately (Ropke 2006)."""

    def __init__(self) -> None:
        self._gain = dict.fromkeys(SHARES, 1.0)

    def drawn(self, ways: Sequence[str], rng: np.random.Generator) -> str:
        """Draw one of some ways."""
        chance = np.array([SHARES[way] * max(self._gain[way], SELDOM) for way in ways])
        return ways[int(rng.choice(len(ways), p=chance / chance.sum()))]

    def note(self, way: str, *, is_better: bool) -> None:
        """Follow whether one of a way gained."""
        self._gain[way] += MEMORY * (is_better - self._gain[way])


def _objective(aim: TotalAim | VectorAim, way: str, cut: Cut) -> Objective:
    if way == "lift" and isinstance(aim, VectorAim):
        return aim.lift(cut)
    return aim.objective(cut)


def _ready(pending: Sequence[_Pending], monitor: Monitor) -> int:
    """Wait for one that is solved; return its position."""
    answers = [task.answer for task in pending]
    while not wait(answers, POLL, return_when=FIRST_COMPLETED).done:
        monitor.check()
    return next(i for i, answer in enumerate(answers) if answer.done())


class Improvement(Standing):
    """The best plan so far, and its betterment.

    Parameters
    ----------
    values
        Of all variables of the program; they keep all rows.

    Attributes
    ----------
    relaxed
        By position of a total: the values of its linear relaxation, where known.
    """

    def __init__(self, program: CoupledProgram, values: Ints, monitor: Monitor) -> None:
        super().__init__(program, values)
        self.monitor = monitor
        self.relaxed: dict[int, Floats] = {}
        switches = program.dependents.switches
        by_switch = switches.matrix[:, self.incumbent.column]
        several = np.diff(csr_array(by_switch).indptr) > 1
        self._switches = np.flatnonzero(several & (switches.number == 1))
        self._members = csr_array(csr_array(by_switch)[self._switches])

    def steep(self, position: int, monitor: Monitor) -> Ints | None:
        """Return values that follow the relaxation of a vector's steep concave sum."""
        goal = self.program.goals[position]
        assert isinstance(goal, Vector)
        incumbent = copy(self.incumbent)  # the plan may be bettered meanwhile
        incumbent.set(self.values)
        cut = incumbent.cut(incumbent.asking)
        task = VectorAim(self, goal).objective(cut)
        is_choice = self.program.is_choice[cut.free]
        guide = guided(task.rows, -task.factor, is_choice, monitor)
        values = None if guide is None else guide.completed(monitor, is_short=True)
        return (
            None if values is None else incumbent.changed(cut, values[: len(cut.free)])
        )

    def run(
        self,
        position: int,
        monitor: Monitor,
        *,
        best: Any = None,
        work: float | None = None,
        at_once: int = AT_ONCE,
    ) -> None:
        """Better one goal, all earlier ones kept, until small problems gain no more.

        Parameters
        ----------
        best
            The value upward at which there is nothing more to gain.
        work
            Deterministic seconds for all small problems, None without end.
        at_once
            How many of them side by side.

        Raises
        ------
        BaseException
            What `check` of the monitor raises, between small problems.
        """
        goal = self.program.goals[position]
        aim: TotalAim | VectorAim = (
            TotalAim(self, goal) if isinstance(goal, Total) else VectorAim(self, goal)
        )
        everybody = len(self.incumbent.asking)
        in_columns = COLUMNS * everybody // max(len(self.incumbent.column), 1)
        begin = max(min(BEGIN, everybody // FIRST_SHARE, in_columns), LEAST)
        effort = EFFORT * min(everybody / SMALL, 1)
        pace = _Pace(begin, effort, most=max(everybody, LEAST))
        ways = _Ways()
        over = Event()
        with ThreadPoolExecutor(min(at_once, num_threads())) as pool:
            pending: list[_Pending] = []
            try:
                while not pace.is_over(work):
                    if best is not None and self.worth[position] >= best:
                        return
                    monitor.check()
                    while len(pending) < at_once:
                        way = ways.drawn(self._ways(position), self.rng)
                        in_hand = self._in_hand(pending)
                        needs = self._chosen(aim, way, pace.want, in_hand)
                        if not needs.any():
                            break
                        cut = self.incumbent.cut(np.flatnonzero(needs))
                        task = _objective(aim, way, cut)
                        answer = pool.submit(self._solved, task, pace.effort, over)
                        pending.append(_Pending(way, needs, cut, answer))
                    if not pending:
                        return  # nobody can be placed at all
                    # By the clock what is ready first is taken first; by work always
                    # in order, so that all machines come to the same.
                    first = pending if work is None else pending[:1]
                    ready = pending.pop(_ready(first, monitor))
                    answered = ready.answer.result()
                    is_better = self._taken(ready.cut, answered)
                    is_whole = int(ready.needs.sum()) == everybody
                    is_enough = is_whole and answered.is_proved and not is_better
                    if is_enough and ready.way != "lift":
                        return
                    ways.note(ready.way, is_better=is_better)
                    pace.note(is_proved=answered.is_proved, is_better=is_better)
            finally:
                over.set()
                for waiting in pending:
                    waiting.answer.cancel()

    def _in_hand(self, pending: Sequence[_Pending]) -> Bools:
        """Return which needs are being placed anew: what else is changed fits then."""
        in_hand = np.zeros(self.incumbent.num_needs, bool)
        for task in pending:
            in_hand |= task.needs
        return in_hand

    def _ways(self, position: int) -> list[str]:
        """Return the ways in which needs can be chosen for a goal."""
        ways = ["goal"]
        if isinstance(self.program.goals[position], Vector):
            ways.append("lift")
        if len(self._switches):
            ways.append("switch")
        if position in self.relaxed:
            ways.append("relaxation")
        return ways

    def _chosen(
        self, aim: TotalAim | VectorAim, way: str, want: int, in_hand: Bools
    ) -> Bools:
        """Choose needs to place anew: what the aim asks for, and who stands there."""
        incumbent, rng = self.incumbent, self.rng
        asking = incumbent.asking
        if want >= len(asking):
            everybody = np.zeros(incumbent.num_needs, bool)
            # All at once, when nobody else is in hand: then a proof is one.
            everybody[asking] = not in_hand.any()
            return everybody
        around = None
        if way == "switch":
            around = self._around_a_switch(want)
        elif way == "relaxation":
            around = self._toward(self.relaxed[aim.goal.position], want)
        seeds, wanted = around or aim.seeds(rng, want)
        chosen = np.zeros(incumbent.num_needs, bool)
        chosen[seeds] = True
        chosen &= ~in_hand
        spare = want - len(seeds)
        if spare > 0 and len(wanted):
            touch = incumbent.blockers(seeds, wanted)
            touch[in_hand] = 0
            touch = touch * (0.5 + rng.random(len(touch)))
            likely = np.argsort(-touch, kind="stable")[:spare]
            chosen[likely[touch[likely] > 0]] = True
        spare = want - int(chosen.sum())
        if spare > 0:
            others = asking[~(chosen | in_hand)[asking]]
            chosen[rng.choice(others, min(spare, len(others)), replace=False)] = True
        return chosen

    def _around_a_switch(self, want: int) -> tuple[Ints, Ints]:
        """Return needs that could use one place together, and their ways into it."""
        incumbent, rng = self.incumbent, self.rng
        members = self._members[[int(rng.integers(len(self._switches)))]].indices
        columns = incumbent.column[members]
        is_there = incumbent.values[columns] > 0
        lacks = (self.units() < self.demand)[incumbent.need[members]]
        order = np.lexsort((rng.random(len(members)), ~lacks, ~is_there))
        needs = incumbent.need[members[order]]
        _, first = np.unique(needs, return_index=True)
        chosen = np.sort(needs[np.sort(first)[: max(want * 2 // 3, 1)]])
        inside = np.isin(incumbent.need[members], chosen) & ~is_there
        return chosen, columns[inside]

    def _toward(self, relaxed: Floats, want: int) -> tuple[Ints, Ints] | None:
        """Draw needs that a relaxation places otherwise, and where it does.

        They are around one of them: such as want room where it does. None where it
        places all as they are.
        """
        incumbent, rng = self.incumbent, self.rng
        missing = relaxed[incumbent.column] - incumbent.values[incumbent.column]
        wanted = np.flatnonzero(missing > ELSEWHERE)
        if not len(wanted):
            return None
        center = incumbent.need[rng.choice(wanted)]
        wanted_by_center = wanted[incumbent.need[wanted] == center]
        room = np.unique(
            incumbent.by_variable[:, incumbent.column[wanted_by_center]].indices
        )
        there = incumbent.rows.matrix[room[incumbent.is_room[room]]]
        near = np.bincount(there.indices, minlength=incumbent.rows.num_variables)
        closeness = np.zeros(incumbent.num_needs)
        np.add.at(
            closeness,
            incumbent.need[wanted],
            near[incumbent.column[wanted]] * missing[wanted],
        )
        closeness *= 0.5 + rng.random(len(closeness))
        closeness[center] = np.inf
        count = max(int(rng.integers(1, max(want // 2, 2))), 1)
        chosen = np.argsort(-closeness, kind="stable")[:count]
        seeds = np.sort(chosen[closeness[chosen] > 0])
        inside = np.isin(incumbent.need[wanted], seeds)
        return seeds, incumbent.column[wanted[inside]]

    def _solved(self, task: Objective, effort: float, over: Event) -> Answer:
        return Model(task.rows).solve(
            UNWATCHED.until(over),
            variable=np.arange(len(task.factor)),
            factor=task.factor,
            hint=task.hint,
            effort=effort,
            seconds=self.monitor.remaining(),
            is_short=True,
        )

    def _taken(self, cut: Cut, answer: Answer) -> bool:
        if answer.values is None:
            return False
        values = self.incumbent.changed(cut, answer.values[: len(cut.free)])
        if values is None:
            return False
        return self.offer(self.program.dependents.complete(values))

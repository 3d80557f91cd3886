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

Grounds (five towns with too few halls, 8 s each; what the poorest lack, by the steep
sum, 4 to the power of 8 times it): problems with needs in common side by side .553,
without .533; with 60 needs and 0.1 s at first instead of 30 and 0.05 s .519, with 0.2 s
.533. Towns of 100 needs did better with half of both.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from copy import copy
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from sharematch.core.integer.lowering import CoupledProgram
from sharematch.core.integer.program import FREE, Rows, Total, Vector
from sharematch.core.network.program import Source
from sharematch.solvers.anytime.guidance import guided
from sharematch.solvers.anytime.neighborhood import Cut, Incumbent
from sharematch.solvers.anytime.worth import Worth, goal_worth, worth
from sharematch.solvers.integer.cpsat import Answer, Model, num_threads
from sharematch.solvers.monitor import Monitor

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
SHARES = {"goal": 0.35, "switch": 0.3, "relaxation": 0.35}
"""Shares of small problems at first: around what the goal lacks, around a place that is
used by many or by none, around what a relaxation has otherwise (Danna 2005)."""
MEMORY, SELDOM = 0.05, 0.1
"""How fast shares follow what each way gains, and how far one falls that gains none."""
STEPS, STEEPNESS = 8, 4
"""Steps of the concave sum, and how much more each is worth than the next."""
UNIT = 200
"""The least weight of a step: what later goals may say within one unit of it."""
ELSEWHERE = 0.01
"""From how much of a column on a relaxation is said to have it."""
CHANCE = 4
"""What a column may count by chance, of UNIT, where no later goal tells."""
MOST = 2.0**55
"""What a sum that a small problem is solved for may reach."""
GROWTH = 16
"""Part by which they grow after one that was solved to the end, and shrink else."""
PATIENCE = 80
"""Small problems without a gain after which a goal is left."""


@dataclass(frozen=True)
class _Objective:
    rows: Rows
    factor: Ints
    hint: Ints


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


def _ready(pending: Sequence[_Pending]) -> int:
    """Wait for one that is solved; return its position."""
    wait([task.answer for task in pending], return_when=FIRST_COMPLETED)
    return next(i for i, task in enumerate(pending) if task.answer.done())


class Improvement:
    """A plan that keeps all rows, and its betterment.

    Parameters
    ----------
    values
        Of all variables of the program; they keep all rows.

    Attributes
    ----------
    floors
        Of goals with slack that are done: how much of them counts.
    relaxed
        By position of a total: the values of its linear relaxation, where known.
    demand
        By need: the units that it and those who sit with it ask for.
    """

    def __init__(self, program: CoupledProgram, values: Ints, monitor: Monitor) -> None:
        self.program, self.monitor = program, monitor
        self.incumbent = Incumbent(program, values)
        self.floors: list[Any] = []
        self.relaxed: dict[int, Floats] = {}
        self.worth: Worth = worth(program, self.incumbent.values)
        self.rng = np.random.default_rng(0)
        self.demand = program.demand
        switches = program.dependents.switches
        by_switch = switches.matrix[:, self.incumbent.column]
        several = np.diff(csr_array(by_switch).indptr) > 1
        self._switches = np.flatnonzero(several & (switches.number == 1))
        self._members = csr_array(csr_array(by_switch)[self._switches])
        self._size = program.size[self.incumbent.column]

    def units(self) -> Ints:
        """Return the units of each need and those who sit with it."""
        incumbent = self.incumbent
        got = self._size * incumbent.values[incumbent.column]
        return np.bincount(incumbent.need, got, minlength=incumbent.num_needs).astype(
            np.int64
        )

    @property
    def values(self) -> Ints:
        """The best values so far."""
        return self.incumbent.values

    def steep(self, position: int, monitor: Monitor) -> Ints | None:
        """Return values that follow the relaxation of a vector's steep concave sum."""
        goal = self.program.goals[position]
        assert isinstance(goal, Vector)
        incumbent = copy(self.incumbent)  # the plan may be bettered meanwhile
        incumbent.set(self.values)
        cut = incumbent.cut(incumbent.asking)
        task = _VectorAim(self, goal).objective(cut)
        is_choice = self.program.is_choice[cut.free]
        guide = guided(task.rows, -task.factor, is_choice, monitor)
        values = None if guide is None else guide.completed(monitor, is_short=True)
        return (
            None if values is None else incumbent.changed(cut, values[: len(cut.free)])
        )

    def offer(self, values: Ints) -> bool:
        """Take other values, which keep all rows, unless worse; return if better."""
        value = worth(self.program, values, self.floors)
        if value < self.worth:
            return False
        # What is as good is taken too: from there other ways may lead on.
        self.incumbent.set(values)
        is_better = value > self.worth
        self.worth = value
        return is_better

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
        aim: _TotalAim | _VectorAim = (
            _TotalAim(self, goal) if isinstance(goal, Total) else _VectorAim(self, goal)
        )
        everybody = len(self.incumbent.asking)
        begin = max(min(BEGIN, everybody // FIRST_SHARE), LEAST)
        effort = EFFORT * min(everybody / SMALL, 1)
        pace = _Pace(begin, effort, most=max(everybody, LEAST))
        ways = _Ways()
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
                        task = aim.objective(cut)
                        answer = pool.submit(self._solved, task, pace.effort)
                        pending.append(_Pending(way, needs, cut, answer))
                    # By the clock what is ready first is taken first; by work always
                    # in order, so that all machines come to the same.
                    ready = pending.pop(0 if work is not None else _ready(pending))
                    answered = ready.answer.result()
                    is_better = self._taken(ready.cut, answered)
                    is_whole = int(ready.needs.sum()) == everybody
                    if is_whole and answered.is_proved and not is_better:
                        return
                    ways.note(ready.way, is_better=is_better)
                    pace.note(is_proved=answered.is_proved, is_better=is_better)
            finally:
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
        if len(self._switches):
            ways.append("switch")
        if position in self.relaxed:
            ways.append("relaxation")
        return ways

    def _chosen(
        self, aim: "_TotalAim | _VectorAim", way: str, want: int, in_hand: Bools
    ) -> Bools:
        """Choose needs to place anew: what the aim asks for, and who stands there."""
        incumbent, rng = self.incumbent, self.rng
        asking = incumbent.asking
        if want >= len(asking):
            everybody = np.zeros(incumbent.num_needs, bool)
            everybody[asking] = True
            return everybody & ~in_hand
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

    def _solved(self, task: _Objective, effort: float) -> Answer:
        return Model(task.rows).solve(
            None,
            variable=np.arange(len(task.factor)),
            factor=task.factor,
            hint=task.hint,
            effort=effort,
            seconds=self.monitor.remaining(),
        )

    def _taken(self, cut: Cut, answer: Answer) -> bool:
        if answer.values is None:
            return False
        values = self.incumbent.changed(cut, answer.values[: len(cut.free)])
        if values is None:
            return False
        return self.offer(self.program.dependents.complete(values))


def _held(
    improvement: Improvement, cut: Cut, goals: Sequence[Total | Vector]
) -> Iterator[tuple[Ints, Ints, int]]:
    """Yield variables, factors and least sum of rows that keep goals where they are."""
    floors = improvement.floors
    for position, goal in enumerate(goals):
        if isinstance(goal, Vector):
            inside, place = cut.place(goal.total)
            for variable in place.tolist():
                sign = np.array([goal.sign])
                yield np.array([variable]), sign, goal.sign * int(cut.now[variable])
            continue
        inside, place = cut.place(goal.variable)
        factor = goal.factor[inside] * (1 if goal.maximize else -1)
        given = 0
        if position < len(floors) and floors[position] is not None:
            # What slack leaves may be used up here.
            given = max(goal_worth(goal, improvement.values) - floors[position], 0)
        if len(place):
            yield place, factor, int(factor @ cut.now[place]) - given


def _extended(
    cut: Cut, rows: Sequence[tuple[Ints, Ints, int]], upper: Ints, hint: Ints
) -> tuple[Rows, Ints]:
    """Return the rows of a cut with more variables from 0 up, and more rows ≥ least."""
    inner = cut.inner.with_variables(np.zeros(len(upper), np.int64), upper)
    now = np.concatenate([cut.now, hint])
    if not rows:
        return inner, now
    variables, factors, least = zip(*rows, strict=True)
    row = np.repeat(np.arange(len(rows)), [len(v) for v in variables])
    matrix = csr_array(
        (np.concatenate(factors), (row, np.concatenate(variables))),
        shape=(len(rows), inner.num_variables),
    )
    matrix.sum_duplicates()
    none = np.full(len(rows), FREE)
    return inner.with_rows(matrix, np.array(least), none, Source("use")), now


def _tamed(factor: Ints, upper: Ints) -> Ints:
    """Return factors in coarser steps, where a sum of them could grow too large.

    What a small problem is solved for may be coarse: changes are judged exactly.
    """
    reach = float((np.abs(factor.astype(float)) * upper).sum())
    return factor if reach < MOST else np.rint(factor * (MOST / reach)).astype(np.int64)


def _whisper(improvement: Improvement, cut: Cut, position: int, most: int) -> Ints:
    """Return what later totals say, in numbers that add up to about `most`."""
    factor = np.zeros(len(cut.free), np.int64)
    for goal in improvement.program.goals[position + 1 :]:
        if not isinstance(goal, Total):
            continue
        inside, place = cut.place(goal.variable)
        worth_here = np.zeros(len(cut.free))
        np.add.at(
            worth_here, place, goal.factor[inside] * (1.0 if goal.maximize else -1.0)
        )
        largest = np.abs(worth_here).max(initial=0)
        if largest == 0 or most < 2:
            continue
        # A unit of a goal is not to be lost in rounding where it is a small number.
        scale = 1.0 if largest <= most else most / largest
        factor += np.rint(worth_here * scale).astype(np.int64)
        most //= 8
    return factor


class _TotalAim:
    """A sum to be made as great, or as small, as possible."""

    def __init__(self, improvement: Improvement, goal: Total) -> None:
        self.improvement, self.goal = improvement, goal
        program = improvement.program
        sign = 1 if goal.maximize else -1
        gain = np.zeros(program.rows.num_variables, np.int64)
        np.add.at(gain, goal.variable, sign * goal.factor)
        self.gain = gain
        self.worth = gain.astype(float)
        switches = program.dependents.switches
        # What a switch costs is shared by all that may turn it on.
        count = np.maximum(np.diff(switches.matrix.indptr), 1)
        share = gain[switches.variable] / count
        self._alone = self.worth + switches.matrix.T @ share
        self.worth = self._alone
        self.size = program.size

    def _look(self) -> None:
        """See what columns are worth beside the plan: nothing above a ceiling."""
        improvement = self.improvement
        least, upper = (
            improvement.program.dependents.least,
            improvement.program.rows.upper,
        )
        counts = self.gain[least.variable] != 0
        if counts.any():
            place = least.variable[counts]
            open_ = improvement.values[place] < upper[place]
            self.worth = self._alone + least.matrix[counts].T @ (
                self.gain[place] * open_
            )

    def seeds(self, rng: np.random.Generator, want: int) -> tuple[Ints, Ints]:
        """Draw needs by what they could gain, and the columns that are better."""
        incumbent = self.improvement.incumbent
        column, need = incumbent.column, incumbent.need
        self._look()
        per_unit = self.worth[column] / np.maximum(self.size[column], 1)
        best = np.full(incumbent.num_needs, -np.inf)
        np.maximum.at(best, need, per_unit)
        values = incumbent.values[column]
        now = np.bincount(
            need, self.worth[column] * values, minlength=incumbent.num_needs
        )
        units = np.bincount(
            need, self.size[column] * values, minlength=incumbent.num_needs
        )
        asked = self.improvement.demand
        open_ = np.where(best > 0, asked, units)  # who has nothing may stay so
        regret = np.where(np.isfinite(best), best, 0) * open_ - now
        regret = np.where(np.isfinite(best), np.maximum(regret, 0), 0)
        alive = np.flatnonzero(regret > 0)
        if not len(alive):
            count = min(want // 2, len(incumbent.asking))
            drawn = rng.choice(incumbent.asking, count, replace=False)
            return drawn.astype(np.int64), np.empty(0, np.int64)
        chance = regret[alive] / regret[alive].sum()
        chance = 0.5 * chance + 0.5 / len(alive)
        count = min(max(int(rng.integers(1, max(want // 4, 2))), 1), len(alive))
        seeds = np.sort(rng.choice(alive, count, replace=False, p=chance))
        unused = np.flatnonzero(np.isin(need, seeds) & (values == 0))
        level = now / np.maximum(units, 1)
        better = per_unit[unused] > np.where(units > 0, level, 0)[need[unused]]
        if not better.any():
            better[:] = True
        return seeds, column[unused[better]]

    def objective(self, cut: Cut) -> _Objective:
        """Return the goal's own sum, and a little of what later ones say."""
        improvement, position = self.improvement, self.goal.position
        held = [*_held(improvement, cut, improvement.program.goals[:position])]
        empty = np.empty(0, np.int64)
        rows, now = _extended(cut, held, empty, empty)
        factor = self.gain[cut.free]
        divisor = max(int(np.gcd.reduce(np.abs(factor))), 1)
        whisper = _whisper(improvement, cut, position, UNIT // 4)
        if not whisper.any():  # nothing tells plans apart: chance does
            whisper = improvement.rng.integers(0, CHANCE, len(cut.free))
        # Money counts in cents: sums that leave no room for a whisper go without.
        reach = float((np.abs(factor // divisor).astype(float) * rows.upper).sum())
        unit = UNIT if reach * UNIT < MOST else 1
        loud = _tamed(factor // divisor * unit, rows.upper)
        return _Objective(rows, loud + (whisper if unit > 1 else 0), now)


class _VectorAim:
    """A sorted vector: the least group counts first."""

    def __init__(self, improvement: Improvement, goal: Vector) -> None:
        self.improvement, self.goal = improvement, goal
        program = improvement.program
        switches = program.dependents.switches
        incumbent = improvement.incumbent
        members = program.dependents.sums_of(goal.total)
        # A column adds by itself, or by what it turns on.
        by_switch = members[:, switches.variable] @ switches.matrix
        entry = (members + by_switch)[:, incumbent.column].tocoo()
        self.members = csr_array(
            (np.ones(len(entry.row)), (entry.row, entry.col)), shape=entry.shape
        )
        self.weight = np.array([float(w) for w in goal.weight])
        lower, upper = program.rows.lower[goal.total], program.rows.upper[goal.total]
        self.low = np.where(goal.sign > 0, lower, -upper)
        self.high = np.where(goal.sign > 0, upper, -lower)

    def _ratios(self) -> Floats:
        total = self.improvement.values[self.goal.total]
        ratios: Floats = self.goal.sign * total / self.weight
        return ratios

    def seeds(self, rng: np.random.Generator, want: int) -> tuple[Ints, Ints]:
        """Return needs of a few of the groups that stand worst."""
        incumbent = self.improvement.incumbent
        ratios = self._ratios()
        can = self.goal.sign * self.improvement.values[self.goal.total] < self.high
        spread = max(float(np.ptp(ratios)), 1e-9) if len(ratios) else 1.0
        noisy = ratios + 0.25 * spread * rng.random(len(ratios))
        noisy[~can] = np.inf
        count = int(rng.integers(1, 5))
        worst = np.argsort(noisy, kind="stable")[:count]
        worst = worst[np.isfinite(noisy[worst])]
        members = np.unique(self.members[worst].indices).astype(np.int64)
        needs: Ints = np.unique(incumbent.need[members])
        if self.goal.sign < 0:  # who is there is to leave
            there = members[incumbent.values[incumbent.column[members]] > 0]
            needs = np.unique(incumbent.need[there])
        most = max(want * 2 // 3, 1)
        if len(needs) > most:
            needs = np.sort(rng.choice(needs, most, replace=False))
        mine = np.zeros(incumbent.num_needs, bool)
        mine[needs] = True
        if self.goal.sign > 0:
            lacking = mine & (self.improvement.units() < self.improvement.demand)
            wanted = members[lacking[incumbent.need[members]]]
        else:
            out = np.ones(len(incumbent.column), bool)
            out[members] = False
            wanted = np.flatnonzero(mine[incumbent.need] & out)
        wanted = wanted[incumbent.values[incumbent.column[wanted]] == 0]
        return needs, incumbent.column[wanted]

    def objective(self, cut: Cut) -> _Objective:
        """Return a steep concave sum of the groups' values, then later goals."""
        improvement, goal = self.improvement, self.goal
        held = [*_held(improvement, cut, improvement.program.goals[: goal.position])]
        inside, place = cut.place(goal.total)
        now = goal.sign * cut.now[place]
        ratios = now / self.weight[inside]
        low = float(ratios.min(initial=0.0))
        high = float((self.high[inside] / self.weight[inside]).max(initial=low))
        ends = [low + (high - low) * step / STEPS for step in range(STEPS + 1)]
        upper, hint, factor, rows = [], [], [], list(held)
        count = len(cut.free)
        unit = float(self.weight[inside].max(initial=1.0))
        for group, variable, value in zip(
            inside.tolist(), place.tolist(), now.tolist(), strict=True
        ):
            weight = goal.weight[group]
            least = int(self.low[group])
            bounds = [ceil(Fraction(end) * weight) for end in ends]
            bounds = [
                least,
                *(min(max(b, least), int(self.high[group])) for b in bounds),
            ]
            widths = np.maximum(np.diff(bounds), 0)
            filled = value - least
            steps = np.arange(count, count + len(widths))
            for level, width in enumerate(widths.tolist()):
                share = min(filled, width)
                filled -= share
                upper.append(width)
                hint.append(share)
                each = UNIT * unit / float(weight) * STEEPNESS ** (STEPS - level)
                factor.append(each)
            count += len(widths)
            rows.append(
                (
                    np.append(steps, variable),
                    np.append(np.full(len(steps), -1), goal.sign),
                    least,
                )
            )
        whole, values = _extended(
            cut, rows, np.array(upper, np.int64), np.array(hint, np.int64)
        )
        whisper = _whisper(improvement, cut, goal.position, UNIT // 4)
        steep = np.array(factor, float)
        reach = float((steep * np.array(upper, float)).sum())
        if reach > MOST:
            steep, whisper = steep * (MOST / reach), 0 * whisper
        steep = np.maximum(np.rint(steep), 1)
        return _Objective(
            whole, np.concatenate([whisper, steep.astype(np.int64)]), values
        )

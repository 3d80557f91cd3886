"""Goals in small problems: which needs to place anew, and for which sum.

    total    max Σ factor × x + a whisper of later goals
    vector   max Σ over groups and steps k of 4^(8-k) × y_gk ÷ weight_g, Σ_k y_gk ≤ x_g
    lift     max number of groups at one level that get above it, then Σ x_g

Seven steps y_gk lead from the lowest share to the highest that a group has, one to what
it could have, each worth four times the next: who has least counts first, as leximin
has it, and all gains add up; nobody falls below the lowest. To lift asks less: who is
above the level stays so, however much is given up there; who is below keeps its share.
Later goals whisper: what they say adds up to less than one unit of the goal.

Example: four groups with shares 0, 1/2, 1/2 and 1: one more eighth for the first is
worth 4^7, for the next two 4^3 each, for the last nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from sharematch.core.integer.program import FREE, Rows, Total, Vector
from sharematch.core.network.program import Source
from sharematch.solvers.anytime.neighborhood import Cut
from sharematch.solvers.anytime.standing import Standing
from sharematch.solvers.anytime.worth import goal_worth

__all__ = ["Objective", "TotalAim", "VectorAim"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

STEPS, STEEPNESS = 8, 4
"""Steps of the concave sum, and how much more each is worth than the next."""
UNIT = 200
"""The least weight of a step: what later goals may say within one unit of it."""
CHANCE = 4
"""What a column may count by chance, of UNIT, where no later goal tells."""
MOST = 2.0**55
"""What a sum that a small problem is solved for may reach."""


@dataclass(frozen=True)
class Objective:
    """A small problem: max Σ `factor` × variable over rows, from `hint` on."""

    rows: Rows
    factor: Ints
    hint: Ints


def _held(
    standing: Standing, cut: Cut, goals: Sequence[Total | Vector]
) -> Iterator[tuple[Ints, Ints, int]]:
    """Yield variables, factors and least sum of rows that keep goals where they are."""
    floors = standing.floors
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
            given = max(goal_worth(goal, standing.values) - floors[position], 0)
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


def _whisper(standing: Standing, cut: Cut, position: int, most: int) -> Ints:
    """Return what later totals say, in numbers that add up to about `most`."""
    factor = np.zeros(len(cut.free), np.int64)
    for goal in standing.program.goals[position + 1 :]:
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


class TotalAim:
    """A sum to be made as great, or as small, as possible."""

    def __init__(self, standing: Standing, goal: Total) -> None:
        self.standing, self.goal = standing, goal
        program = standing.program
        self.gain = gain = -goal.cost(program.rows.num_variables)
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
        standing = self.standing
        least, upper = (
            standing.program.dependents.least,
            standing.program.rows.upper,
        )
        counts = self.gain[least.variable] != 0
        if counts.any():
            place = least.variable[counts]
            open_ = standing.values[place] < upper[place]
            self.worth = self._alone + least.matrix[counts].T @ (
                self.gain[place] * open_
            )

    def seeds(self, rng: np.random.Generator, want: int) -> tuple[Ints, Ints]:
        """Draw needs by what they could gain, and the columns that are better."""
        incumbent = self.standing.incumbent
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
        asked = self.standing.demand
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

    def objective(self, cut: Cut) -> Objective:
        """Return the goal's own sum, and a little of what later ones say."""
        standing, position = self.standing, self.goal.position
        held = [*_held(standing, cut, standing.program.goals[:position])]
        empty = np.empty(0, np.int64)
        rows, now = _extended(cut, held, empty, empty)
        factor = self.gain[cut.free]
        divisor = max(int(np.gcd.reduce(np.abs(factor))), 1)
        whisper = _whisper(standing, cut, position, UNIT // 4)
        if not whisper.any():  # nothing tells plans apart: chance does
            whisper = standing.rng.integers(0, CHANCE, len(cut.free))
        # Money counts in cents: sums that leave no room for a whisper go without.
        reach = float((np.abs(factor // divisor).astype(float) * rows.upper).sum())
        unit = UNIT if reach * UNIT < MOST else 1
        loud = _tamed(factor // divisor * unit, rows.upper)
        return Objective(rows, loud + (whisper if unit > 1 else 0), now)


class VectorAim:
    """A sorted vector: the least group counts first."""

    def __init__(self, standing: Standing, goal: Vector) -> None:
        self.standing, self.goal = standing, goal
        program = standing.program
        switches = program.dependents.switches
        incumbent = standing.incumbent
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
        self.level: Fraction | None = None
        """The lowest ratio of the groups that were drawn last."""

    def _ratios(self) -> Floats:
        total = self.standing.values[self.goal.total]
        ratios: Floats = self.goal.sign * total / self.weight
        return ratios

    def _exactly(self, group: int) -> Fraction:
        value = int(self.standing.values[self.goal.total[group]])
        return self.goal.sign * value / self.goal.weight[group]

    def seeds(self, rng: np.random.Generator, want: int) -> tuple[Ints, Ints]:
        """Return needs of a few of the groups that stand worst."""
        incumbent = self.standing.incumbent
        ratios = self._ratios()
        can = self.goal.sign * self.standing.values[self.goal.total] < self.high
        spread = max(float(np.ptp(ratios)), 1e-9) if len(ratios) else 1.0
        noisy = ratios + 0.25 * spread * rng.random(len(ratios))
        noisy[~can] = np.inf
        count = int(rng.integers(1, 5))
        worst = np.argsort(noisy, kind="stable")[:count]
        worst = worst[np.isfinite(noisy[worst])]
        self.level = min(map(self._exactly, worst.tolist()), default=None)
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
            lacking = mine & (self.standing.units() < self.standing.demand)
            wanted = members[lacking[incumbent.need[members]]]
        else:
            out = np.ones(len(incumbent.column), bool)
            out[members] = False
            wanted = np.flatnonzero(mine[incumbent.need] & out)
        wanted = wanted[incumbent.values[incumbent.column[wanted]] == 0]
        return needs, incumbent.column[wanted]

    def objective(self, cut: Cut) -> Objective:
        """Return a steep concave sum of the groups' values, then later goals."""
        standing, goal = self.standing, self.goal
        held = [*_held(standing, cut, standing.program.goals[: goal.position])]
        inside, place = cut.place(goal.total)
        now = goal.sign * cut.now[place]
        lowest = min(map(self._exactly, inside.tolist()), default=Fraction(0))
        low = float(lowest)
        high = float((self.high[inside] / self.weight[inside]).max(initial=low))
        # Where all stand close together steps are small: the last is all beyond them.
        most = float((now / self.weight[inside]).max(initial=low))
        top = most if low < most < high else low + (high - low) * (STEPS - 1) / STEPS
        ends = [low + (top - low) * step / (STEPS - 1) for step in range(STEPS)]
        ends.append(high)
        upper, hint, factor, rows = [], [], [], list(held)
        count = len(cut.free)
        unit = float(self.weight[inside].max(initial=1.0))
        for group, variable, value in zip(
            inside.tolist(), place.tolist(), now.tolist(), strict=True
        ):
            weight = goal.weight[group]
            # Nobody falls below the lowest.
            least = max(int(self.low[group]), min(ceil(lowest * weight), value))
            bounds = [ceil(Fraction(end) * weight) for end in ends]
            bounds = [min(max(b, least), int(self.high[group])) for b in bounds]
            bounds[0] = least
            widths = np.maximum(np.diff(bounds), 0)
            filled = value - least
            steps = np.arange(count, count + len(widths))
            for level, width in enumerate(widths.tolist()):
                share = min(filled, width)
                filled -= share
                upper.append(width)
                hint.append(share)
                each = UNIT * unit / float(weight) * STEEPNESS ** (STEPS - 1 - level)
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
        whisper = _whisper(standing, cut, goal.position, UNIT // 4)
        steep = np.array(factor, float)
        reach = float((steep * np.array(upper, float)).sum())
        if reach > MOST:
            steep, whisper = steep * (MOST / reach), 0 * whisper
        steep = np.maximum(np.rint(steep), 1)
        return Objective(
            whole, np.concatenate([whisper, steep.astype(np.int64)]), values
        )

    def lift(self, cut: Cut) -> Objective:
        """Return how many groups at the level drawn get above it, then all there is."""
        standing, goal = self.standing, self.goal
        rows = [*_held(standing, cut, standing.program.goals[: goal.position])]
        inside, place = cut.place(goal.total)
        ratios = [self._exactly(group) for group in inside.tolist()]
        level = self.level
        if level not in ratios:
            level = min(ratios, default=Fraction(0))
        sign, count = np.array([goal.sign]), len(cut.free)
        factor = np.zeros(count, np.int64)
        factor[place] = goal.sign
        for group, variable, ratio in zip(
            inside.tolist(), place.tolist(), ratios, strict=True
        ):
            value = goal.sign * int(cut.now[variable])
            above = floor(level * goal.weight[group]) + 1
            if ratio != level:
                rows.append((np.array([variable]), sign, min(value, above)))
                continue
            switch = np.array([variable, count])
            rows.append((switch, np.append(sign, value - above), value))
            count += 1
        num_lifts = count - len(cut.free)
        spread = (self.high - self.low)[inside].sum()
        loud = np.full(num_lifts, min(int(spread) + 1, int(MOST) // max(num_lifts, 1)))
        ones, none = np.ones(num_lifts, np.int64), np.zeros(num_lifts, np.int64)
        whole, values = _extended(cut, rows, ones, none)
        return Objective(whole, np.concatenate([factor, loud]), values)

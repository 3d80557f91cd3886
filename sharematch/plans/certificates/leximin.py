"""How the groups of a leximin or leximax goal stand, and what a unit is worth to each.

A *step* makes a group stand better by one unit; what has been proved leaves each group
a range of steps from the plan, which holds 0. Two ways to cost steps have the same
optima as the goal:

- By rank, for groups that no bound on their own side binds together: a step costs the
  rank of its key. Their units form an M-natural-convex set, on which every increasing
  order of keys has the same optima (Frank and Murota, 2022).
- Ratio by ratio, for any groups: from the lowest ratio up, as few groups as possible
  stay at it. Steps away from it save 1, steps that arrive at it cost 1 (after Megiddo,
  1974).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.integers import LIMIT
from sharematch.core.measures.bounds import members
from sharematch.core.measures.measures import Measures

if TYPE_CHECKING:
    from sharematch.core.columns.attributes import Key

__all__ = ["FAR", "Slopes", "Standing"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
FAR = 2**60
"""Steps that no group has: without a bound."""


@dataclass(frozen=True)
class Slopes:
    """What the last and the next unit of each group costs, below 0 where it saves."""

    last: Ints
    following: Ints


class Standing:
    """The groups of one goal around one plan.

    Parameters
    ----------
    measures, goal
        The goal's measure by group, a count.
    units
        The plan, on each arc.
    """

    def __init__(self, measures: Measures, name: str, goal: Any, units: Ints) -> None:
        grouping = measures.grouping(goal.measure, goal.by, goal.where)
        weights = measures.weights(goal, grouping)
        takes_part = np.array([weight > 0 for weight in weights], bool)
        groups = members(measures, goal, takes_part)
        self.keys: Sequence[Key] = grouping.keys
        self.units = groups.total(units)
        self.has_arcs = groups.step != 0
        self.can_rise = self.has_arcs.copy()
        self.can_fall = self.units > 0
        self.families = groups.bounds(name, self.units, self.can_rise, self.can_fall)
        better = goal.sense
        self.sign = better * (-1 if (groups.step < 0).any() else 1)
        """1 where a step is one unit more, -1 where it is one unit less."""
        values = measures.values(goal.measure, units, goal.by, goal.where)
        self._measure(better, values.numerator, values.denominator, weights)
        most = np.full(len(self.keys), FAR)
        self.low: Ints = -self.units if self.sign > 0 else -most
        self.high: Ints = most if self.sign > 0 else self.units.copy()
        self.ratio: Fraction | None = None
        """The ratio reached, where groups are looked at ratio by ratio."""

    def _measure(
        self, better: int, over: Ints, under: Ints, weights: Sequence[Fraction]
    ) -> None:
        """Set `over` / `under`, how a group stands, and `jump` / `under`, a step."""
        weights = [weight or Fraction(1) for weight in weights]
        numerator = np.array([weight.numerator for weight in weights], object)
        jump = np.array([weight.denominator for weight in weights], object)
        over, under = better * over * jump, np.maximum(under, 1) * numerator
        largest = max([1, *(abs(over) + jump * (self.units + 2)), *under])
        kind = np.int64 if largest * max([1, *under]) < LIMIT else object
        self.over, self.under, self.jump = (
            np.array(x, kind) for x in (over, under, jump)
        )

    def decide(self) -> None:
        """Make the groups bounds for later goals."""
        for family in self.families:
            family.is_decided = True

    def fits(self, level: Ints, slopes: Slopes) -> Bools:
        """Return the groups that gain nothing by another unit more or less."""
        return np.asarray(
            (~self.can_rise | (level <= slopes.following))
            & (~self.can_fall | (level >= slopes.last))
        )

    def _in_units(self, last: Ints, following: Ints) -> Slopes:
        """Return slopes over units, given those over steps."""
        return Slopes(last, following) if self.sign > 0 else Slopes(-following, -last)

    def _narrow(self, low: Ints, high: Ints) -> None:
        self.low, self.high = low, high
        down, up = (low, high) if self.sign > 0 else (-high, -low)
        self.can_fall &= down < 0
        self.can_rise &= up > 0

    def holds_plan(self) -> bool:
        """Return whether the plan is still within the range of steps of each group."""
        return not ((self.low > 0) | (self.high < 0)).any()

    # ---- by rank

    def ranks(self) -> Slopes:
        """Return the ranks of each group's last and next unit: below 0, best last."""
        last, following = _ranks(self.over, self.under, self.jump)
        return self._in_units(last, following)

    def keep_ranks(self, level: Ints, slopes: Slopes) -> None:
        """Keep to what is optimal under levels that fit."""
        rise, fall = level == slopes.following, level == slopes.last
        if self.sign < 0:
            rise, fall = fall, rise
        self._narrow(np.where(fall, self.low, 0), np.where(rise, self.high, 0))

    # ---- ratio by ratio

    def next_ratio(self) -> Fraction | None:
        """Go to the next ratio at which a group stands in the plan; None at the end.

        Only there could fewer groups stand than in the plan: all ratios before are left
        behind, or not arrived at. After it, `low` to `high` of a group that may stand
        at it is one step at most.
        """
        loose = (self.low < self.high) & self.has_arcs
        waits = np.zeros(len(loose), bool)
        if self.ratio is not None:
            low = np.where(loose, self.low, 0)
            loose &= self._compare(self.over + (low + 1) * self.jump, self.under) > 0
            # Its next step leaves an earlier ratio, it waits to see where it arrives.
            waits = loose & (
                self._compare(self.over + low * self.jump, self.under) <= 0
            )
        stands = loose & np.where(waits, self.low < 0, self.high > 0)
        low, high = self.low.copy(), self.high.copy()
        leaves, arrives = loose & ~waits, waits & ~stands
        if not stands.any():
            self.ratio = None
            low[leaves], high[arrives] = high[leaves], low[arrives]
            self._narrow(low, high)
            return None
        self.ratio = ratio = _least(self.over[stands], self.under[stands])
        missing = ratio.numerator * self.under - ratio.denominator * self.over
        reached = -(-missing // (ratio.denominator * self.jump))
        low[leaves] = np.clip(reached, low, high)[leaves]
        after = self.over + np.where(arrives, low + 1, 0) * self.jump
        arrives &= self._compare(after, self.under) < 0
        high[arrives] = low[arrives]
        self._narrow(low, high)
        return ratio

    def _compare(self, over: Any, under: Any) -> Ints:
        assert self.ratio is not None
        value, ratio = over * self.ratio.denominator, under * self.ratio.numerator
        signs: Ints = (value > ratio).astype(np.int64) - (value < ratio)
        return signs

    def _at_ratio(self) -> tuple[Ints, Ints]:
        """Return what each group's first step costs, and any further one."""
        loose = (self.low < self.high) & self.has_arcs
        over = self.over + np.where(loose, self.low, 0) * self.jump
        leaves = loose & (self._compare(over, self.under) == 0)
        arrives = loose & (self._compare(over, self.under) < 0)
        arrives &= self._compare(over + self.jump, self.under) == 0
        first = arrives.astype(np.int64) - leaves
        return first, np.maximum(first, 0)

    def slopes(self) -> Slopes:
        """Return what units cost at the ratio reached."""
        first, further = self._at_ratio()
        last = np.where(self.low == -1, first, further)
        following = np.where(self.low == 0, first, further)
        return self._in_units(last, following)

    def keep_ratio(self, level: Ints) -> None:
        """Keep to what is optimal at the ratio reached, under levels that fit."""
        first, further = self._at_ratio()
        level = self.sign * level
        low, high, one_step = self.low, self.high, np.minimum(self.low + 1, self.high)
        least = np.where(level > further, high, np.where(level > first, one_step, low))
        most = np.where(level < first, low, np.where(level < further, one_step, high))
        self._narrow(least, most)


def _ranks(over: Any, under: Any, jump: Any) -> Ints:
    """Return (2, groups) ranks of the last step of each group and of the next one.

    By the ratio before the step, then the larger step first.
    """
    unders, jumps = under.tolist(), jump.tolist()
    # Ratios that differ do so by 1 at least, times this, and so rounded down as well.
    scale = max([1, *unders]) ** 2
    keys = [
        (before * scale // under_, -step * scale // under_)
        for befores in (over - jump, over)
        for before, under_, step in zip(befores.tolist(), unders, jumps, strict=True)
    ]
    rank = {key: place for place, key in enumerate(sorted({*keys}))}
    ranks = [rank[key] - len(rank) for key in keys]
    return np.array(ranks, np.int64).reshape(2, -1)


def _least(over: Any, under: Any) -> Fraction:
    """Return the least of some fractions, exactly."""
    # Floats propose, integers decide: what is less than the proposal is proposed next.
    best = int(np.argmin(over / under))
    while True:
        less = np.flatnonzero(over * under[best] < over[best] * under)
        if not len(less):
            return Fraction(int(over[best]), int(under[best]))
        best = int(less[np.argmin(over[less] / under[less])])

"""Sorted vectors over rows, made as great as possible level by level.

    max t such that each open group has at least t; who can have no more is closed at t;
    again with those that are open

(Ogryczak & Śliwiński 2006.) Which of the groups are at the level is left open by one
switch each, as long as the next level is: their number is what counts. Where ratios lie
closer together than 50 bits tell apart, t is sought in steps and then confirmed.

Example: groups of 1, 1, 2 and 4 needs and five slots that all can use: t = 1/2, above
which neither of the last two gets; then t = 1 for the first two.
"""

from fractions import Fraction
from math import ceil, floor, lcm

import numpy as np
from numpy.typing import NDArray

from sharematch.core.integer.program import Vector, reach
from sharematch.solvers.integer.cpsat import Answer
from sharematch.solvers.integer.search import Search, ends
from sharematch.solvers.monitor import Monitor
from sharematch.solvers.outcome import Number

__all__ = ["Levels"]

Ints = NDArray[np.int64]


class Levels:
    """Optimize a sorted vector level by level.

    A level is the least value t that more groups can exceed: first t as great as
    possible, then as many groups as possible above it.
    """

    def __init__(self, search: Search, goal: Vector, monitor: Monitor) -> None:
        self.search, self.goal = search, goal
        self.monitor = monitor
        self.count = len(goal.total)
        self.least, self.most = ends(search.rows, goal)
        self.above: Ints | None = None
        """A switch for each group that is above the level so far."""
        self.proved: list[Fraction] = []
        """The first entries of the best vector."""
        self.open_bound = (-1, Fraction(0))
        """A place in that vector, and what its entry is at most."""

    def _value(self, group: int) -> Fraction:
        reached = int(self.search.values[self.goal.total[group]])
        return self.goal.sign * reached / self.goal.weight[group]

    def _best(self, variables: Ints) -> Answer:
        """Make a sum as great as possible in half of the seconds left."""
        ones = np.ones(len(variables), np.int64)
        return self.search.best((variables, ones), monitor=self.monitor.share(0.5))

    def run(self) -> tuple[Number, bool]:
        """Return the bound, and whether it is reached."""
        passed = 0  # groups at or below the level
        is_proved = True
        while passed < self.count:
            level, level_proved = self._raise(passed)
            above, above_bound = self._exceed(level)
            if is_proved and level_proved:
                self.proved += [level] * (self.count - above_bound - passed)
            is_proved = is_proved and level_proved and above == above_bound
            passed = self.count - above
        return self.bound(), is_proved

    def bound(self) -> tuple[Fraction, ...]:
        """Return a vector that no plan's exceeds, the first difference deciding."""
        simple = sorted(
            top / weight
            for top, weight in zip(self.most, self.goal.weight, strict=True)
        )
        num_proved = len(self.proved)
        open_levels = simple[num_proved:]
        place, bound = self.open_bound
        if open_levels and place == num_proved:
            open_levels[0] = min(open_levels[0], bound)
        return tuple(self.goal.sign * x for x in (*self.proved, *open_levels))

    def _raise(self, passed: int) -> tuple[Fraction, bool]:
        """Raise the least value of the groups above the last level."""
        scale, is_exact = self._scale()
        search, goal = self.search, self.goal
        values = sorted(self._value(g) for g in range(self.count))
        low = min(
            floor(e / w * scale) for e, w in zip(self.least, goal.weight, strict=True)
        )
        high = max(
            floor(e / w * scale) for e, w in zip(self.most, goal.weight, strict=True)
        )
        (height,) = search.add(
            np.array([low]), np.array([high]), np.array([floor(values[passed] * scale)])
        )
        for group in range(self.count):
            self._keep_above(group, int(height), scale, high)
        answer = self._best(np.array([height]))
        values = sorted(self._value(g) for g in range(self.count))
        level = values[passed]
        if answer.bound is not None:
            top = answer.bound if is_exact else answer.bound + 1
            self._know(passed, Fraction(top, 1) / scale)
        is_proved = answer.is_proved
        while is_proved and not is_exact:
            # Between two steps of the scale there may be a better ratio.
            switch = self._all_above(level)
            if switch is None:
                break
            answer = self._best(np.array([switch]))
            is_proved = answer.is_proved
            if not search.values[switch]:
                break
            level = sorted(self._value(g) for g in range(self.count))[passed]
        for group in range(self.count):
            self._at_least(group, ceil(level * goal.weight[group]), self._switch(group))
        return level, is_proved

    def _know(self, passed: int, bound: Fraction) -> None:
        if len(self.proved) == passed:
            self.open_bound = passed, bound

    def _scale(self) -> tuple[int, bool]:
        """Return how many steps a ratio of 1 has, and whether they tell all apart."""
        exact = lcm(*(weight.numerator for weight in self.goal.weight))
        ends = [*zip(self.least, self.most, strict=True)]
        roomy = 2**50 // reach(ends, self.goal.weight)
        return (exact, True) if exact <= roomy else (max(roomy, 1), False)

    def _switch(self, group: int) -> int | None:
        return None if self.above is None else int(self.above[group])

    def _keep_above(self, group: int, height: int, scale: int, high: int) -> None:
        """Keep a group's scaled value at `height`, if it is above the last level."""
        weight, total = self.goal.weight[group], int(self.goal.total[group])
        # sign × total ÷ weight × scale ≥ height, in integers
        gain = self.goal.sign * scale * weight.denominator
        need = weight.numerator
        switch = self._switch(group)
        if switch is None:
            self.search.row(np.array([total, height]), np.array([gain, -need]), 0)
            return
        worst = self.least[group] * scale * weight.denominator - need * high
        self.search.row(
            np.array([total, height, switch]),
            np.array([gain, -need, min(worst, 0)]),
            min(worst, 0),
        )

    def _at_least(self, group: int, bound: int, switch: int | None) -> None:
        """Keep sign × total of a group at `bound`, where the switch is on."""
        total, sign, low = (
            int(self.goal.total[group]),
            self.goal.sign,
            self.least[group],
        )
        if bound <= low:
            return
        if switch is None:
            self.search.row(np.array([total]), np.array([sign]), bound)
        else:
            factors = np.array([sign, low - bound])
            self.search.row(np.array([total, switch]), factors, low)

    def _all_above(self, level: Fraction) -> int | None:
        """Return a switch that lifts all groups in play above the level."""
        (lifted,) = self.search.add(
            np.zeros(1, np.int64), np.ones(1, np.int64), np.zeros(1, np.int64)
        )
        for group in range(self.count):
            bound = floor(level * self.goal.weight[group]) + 1
            switch = self._switch(group)
            low = self.least[group]
            if switch is None:
                self._at_least(group, bound, int(lifted))
            elif bound > low:
                # Both switches on: at least the bound.
                factors = np.array([self.goal.sign, low - bound, low - bound])
                total = int(self.goal.total[group])
                self.search.row(
                    np.array([total, switch, lifted]), factors, 2 * low - bound
                )
        return int(lifted)

    def _exceed(self, level: Fraction) -> tuple[int, int]:
        """Let as many groups as possible exceed the level; return how many, at most."""
        search, goal = self.search, self.goal
        over = [self._value(g) > level for g in range(self.count)]
        top = np.array(
            [m / w > level for m, w in zip(self.most, goal.weight, strict=True)],
            np.int64,
        )
        before = self.above
        now = search.add(np.zeros(self.count, np.int64), top, np.array(over, np.int64))
        for group in range(self.count):
            bound = floor(level * goal.weight[group]) + 1
            if top[group]:
                self._at_least(group, bound, int(now[group]))
            if before is not None:
                search.row(np.array([before[group], now[group]]), np.array([1, -1]), 0)
        self.above = now
        ones = np.ones(self.count, np.int64)
        answer = self._best(now)
        above = int(search.values[now].sum())
        search.row(now, ones, above)
        if answer.is_proved:
            return above, above
        return above, self.count if answer.bound is None else answer.bound

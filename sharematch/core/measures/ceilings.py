"""Goals that add up groups, each as far as its ceiling, in whole numbers.

The value is Σ over groups g of min(x_g, c_g), x_g the measure of the group and c_g its
ceiling. min(x, c) = x - max(x - c, 0): a sum over units, less what lies above. In units
on arcs that is convex where each unit of a group adds the same, so it is a flow: the
edge of a group costs more from its ceiling on (Ahuja, Magnanti & Orlin, Network Flows,
1993, chapter 14).

Two of three units, the ceiling 2, a unit worth 1: the third saves 0, as it costs the 1
that it adds.
"""

from dataclasses import dataclass, field
from math import lcm
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.integers import LIMIT, product
from sharematch.core.measures.bounds import members
from sharematch.core.measures.by_group import Numbers, numbers_by_group
from sharematch.core.measures.measures import FAR_APART, Measures
from sharematch.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sharematch.core.columns.attributes import Key
    from sharematch.core.measures.groups import Grouping

__all__ = ["Ceilings", "Drops", "Surplus", "has_ceilings", "is_summed"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def is_summed(goal: Any) -> bool:
    """Return whether a goal adds up groups, or counts as far as a ceiling."""
    return goal.op == "maximize" and (goal.by is not None or has_ceilings(goal))


def has_ceilings(goal: Any) -> bool:
    """Return whether a goal counts groups, or the whole, up to some number."""
    return goal.op == "maximize" and goal.upto is not None


@dataclass(frozen=True)
class Drops:
    """Where a unit of a group starts to be worth less: from `start` on by `amount`.

    In order of groups, those of one from the first on.
    """

    group: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    start: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    amount: Ints = field(default_factory=lambda: np.empty(0, np.int64))

    def up_to(self, units: Ints) -> Ints:
        """Return what the last unit of each group is worth less than the first."""
        lost = np.zeros(len(units), np.int64)
        is_passed = self.start < units[self.group]
        np.add.at(lost, self.group[is_passed], self.amount[is_passed])
        return lost


class Ceilings:
    """What each group of a goal counts, and how far.

    Attributes
    ----------
    denominator
        The goal's value is Σ min(`times` × numerator, `ceiling`) ÷ this.
    times
        By group; 0 for those that do not count at all.
    ceiling
        By group, None for those that count in full.

    Raises
    ------
    InputError
        For numbers beyond 64 bits.
    """

    def __init__(self, measures: Measures, goal: Any) -> None:
        self.measures, self.goal = measures, goal
        self.grouping: Grouping = measures.grouping(goal.measure, goal.by, goal.where)
        nothing = np.zeros(len(measures.arcs), np.int64)
        at_zero = measures.values(goal.measure, nothing, goal.by, goal.where)
        judged = at_zero.judged if goal.by is not None else at_zero.denominator > 0
        numbers: Numbers = [None] * len(judged)
        if has_ceilings(goal):
            numbers = numbers_by_group(measures.columns, goal, "upto", self.grouping)
        numbers = [
            number if counts else None
            for number, counts in zip(numbers, judged.tolist(), strict=True)
        ]
        self.denominator = lcm(
            1,
            *(number.denominator for number in numbers if number is not None),
            *np.unique(at_zero.denominator[judged]).tolist(),
        )
        if self.denominator >= LIMIT:
            raise self._too_large()
        denominators = np.where(judged, at_zero.denominator, 1)
        self.times: Ints = np.where(judged, self.denominator // denominators, 0)
        self.ceiling = [
            None if number is None else int(number * self.denominator)
            for number in numbers
        ]
        self.has_ceiling: Bools = np.array([n is not None for n in numbers], bool)
        self.at_zero = product(at_zero.numerator, self.times)

    def _too_large(self) -> InputError:
        name = f"{self.goal.op} {self.goal.measure}"
        return InputError([Problem(record=name, **FAR_APART)])

    def gains(self) -> Ints:
        """Return what a unit on each arc adds before any ceiling is reached.

        Nothing where units take from what has a ceiling: there only those count that
        bring it below, see `drops`.
        """
        grouping, per_unit = self.grouping, self.per_unit()
        per_unit[self.has_ceiling[grouping.group] & (per_unit < 0)] = 0
        arcs = len(self.measures.arcs)
        most = int(np.abs(per_unit).max(initial=0)) if len(per_unit) else 0
        overlaps = np.bincount(grouping.arc, minlength=1).max(initial=0)
        if most * int(overlaps) >= LIMIT:
            raise self._too_large()
        total = np.zeros(arcs, np.int64)
        np.add.at(total, grouping.arc, per_unit.astype(np.int64))
        return total

    def per_unit(self) -> Ints:
        """Return what a unit adds to its group, by entry of the grouping."""
        grouping = self.grouping
        per_arc = self.measures.coefficients(self.goal.measure)[grouping.arc]
        return product(per_arc, self.times[grouping.group])

    def steps(self) -> Ints | None:
        """Return what each unit adds to its group, 0 for none that does.

        None where units of one group with a ceiling add unequal amounts.
        """
        grouping, per_unit = self.grouping, self.per_unit()
        held = (per_unit != 0) & self.has_ceiling[grouping.group]
        step = np.zeros(len(grouping.keys), per_unit.dtype)
        step[grouping.group[held]] = per_unit[held]
        is_even = (per_unit == step[grouping.group])[held].all()
        return step if is_even else None

    def drops(self) -> Drops:
        """Return where units start to be worth less; there must be `steps`.

        A unit that passes the ceiling counts for the part below it.
        """
        step = self.steps()
        assert step is not None
        rows: list[tuple[int, int, int]] = []
        for group in np.flatnonzero(self.has_ceiling & (step != 0)).tolist():
            ceiling, unit_step = self.ceiling[group], int(step[group])
            assert ceiling is not None
            # Where units take from the measure, those that bring it below count.
            above = ceiling - int(self.at_zero[group])
            full, last_part = divmod(above if unit_step > 0 else -above, abs(unit_step))
            rows += [(group, max(full, 0), abs(unit_step) - last_part)]
            rows += [(group, max(full + 1, 0), last_part)] * (last_part > 0)
        array = np.array(rows, object).reshape(-1, 3)
        array = array[array[:, 1] < LIMIT] if len(array) else array
        return Drops(*(array[:, i].astype(np.int64) for i in range(3)))


class Surplus:
    """The groups of a goal with ceilings around one plan, for its proof.

    Parameters
    ----------
    units
        The plan, on each arc.
    """

    def __init__(self, measures: Measures, name: str, goal: Any, units: Ints) -> None:
        ceilings = Ceilings(measures, goal)
        groups = members(measures, goal, ceilings.has_ceiling)
        drops = ceilings.drops()
        self.keys: Sequence[Key] = groups.grouping.keys
        self.gains = ceilings.gains()
        held = groups.total(units)
        self.last, self.following = drops.up_to(held), drops.up_to(held + 1)
        self.can_rise: Bools = groups.step != 0
        self.can_fall: Bools = held > 0
        self.families = groups.bounds(name, held, self.can_rise, self.can_fall)

    def fits(self, level: Ints) -> Bools:
        """Return the groups whose level lies between their last unit and the next."""
        return np.asarray(
            (~self.can_rise | (level <= self.following))
            & (~self.can_fall | (level >= self.last))
        )

    def keep(self, level: Ints) -> None:
        """Keep to what is optimal under levels that fit, from now on a bound."""
        self.can_rise &= level == self.following
        self.can_fall &= level == self.last
        for family in self.families:
            family.is_decided = True

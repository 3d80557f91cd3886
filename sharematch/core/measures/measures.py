"""The vocabulary of measures: each a form over arcs, by group, under a filter.

Goals, rules, tables and the verifier all read measures from here and nowhere else.
Values are integers in the smallest unit (units, metres or seconds, days, minor units
of money); ratios come as numerator and denominator.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import NONE, Columns
from sharematch.core.columns.charges import fee_of
from sharematch.core.columns.filters import Filter, booking_mask, need_mask
from sharematch.core.columns.integers import LIMIT, product, sums
from sharematch.core.eligibility.arcs import Arcs
from sharematch.core.eligibility.preferences import position_preferred
from sharematch.core.measures.by_group import Numbers, numbers_by_group
from sharematch.core.measures.groups import By, Grouping, Key, group
from sharematch.errors import InputError, Problem
from sharematch.model.vocabulary import MEASURES

__all__ = [
    "FAR_APART",
    "Baseline",
    "Grouping",
    "Key",
    "Measures",
    "Values",
    "whole_weights",
]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FAR_APART = {
    "message": "large.groups_lie_too_far_apart_for",
    "hint": "large.use_larger_units_for_quantities_or",
}
"""What is said of groups whose values, each by its weight, cannot be compared."""


@dataclass(frozen=True, slots=True)
class Values:
    """A measure by group: `numerator` over `denominator` (1 unless a ratio)."""

    keys: tuple[Key, ...]
    numerator: Ints
    denominator: Ints
    judged: Bools

    def fraction(self, position: int) -> Fraction:
        """Return one group's value; 0 where the denominator is 0."""
        under = int(self.denominator[position])
        return Fraction(int(self.numerator[position]), under) if under else Fraction(0)


class Baseline(NamedTuple):
    """An earlier plan, for the measure `moved`.

    Parameters
    ----------
    units
        On each arc.
    num_gone
        Units on pairs that are no arcs any more.
    gone, lost
        Those of these pairs whose records are still there, and their units.
    """

    units: Ints
    num_gone: int
    gone: Arcs
    lost: Ints

    def keep(self, mask: Bools | Ints) -> "Baseline":
        """Return the baseline over some of the arcs."""
        return self._replace(units=self.units[mask])


class Measures:
    """Measures over the arcs of one instance.

    Parameters
    ----------
    columns, arcs
        The instance and its pairs; coefficients are aligned with `arcs`.
    baseline
        For the measure `moved`.
    """

    def __init__(
        self,
        columns: Columns,
        arcs: Arcs,
        baseline: Baseline | None = None,
    ) -> None:
        self.columns = columns
        self.arcs = arcs
        self.baseline = baseline

    # ---- per unit of an arc

    def coefficients(self, name: str) -> Ints:
        """Return what one unit on each arc adds to `name`; opening costs apart."""
        return _PER_UNIT[name](self)

    def ones(self) -> Ints:
        """Return 1 per unit on each arc."""
        return np.ones(len(self.arcs), np.int64)

    def wait(self) -> Ints:
        """Return days from `since` to the slot's date."""
        own = self.arcs.wait
        return self.days(self.columns.need_since) if own is None else own

    def lateness(self) -> Ints:
        """Return days from `due` to the slot's date."""
        own = self.arcs.lateness
        return self.days(self.columns.need_due) if own is None else own

    def days(self, first: Ints) -> Ints:
        """Return days from `first` of the need to the slot's date, 0 where unknown."""
        first = first[self.arcs.need]
        date_ = self.columns.cells.date[self.arcs.cell]
        known = (first != NONE) & (date_ != NONE)
        return np.where(known, np.maximum(date_ - first, 0), 0)

    def fees(self) -> Ints:
        """Return what a unit pays for the whole of its booking."""
        return fee_of(self.columns, self.arcs.need, self.arcs.slot) * self.arcs.steps

    def parity_gap(self) -> Ints:
        """Return what a unit pays above the staff fee."""
        staff = self.columns.slot_staff_fee[self.arcs.slot]
        gap = np.maximum(self.fees() - staff * self.arcs.steps, 0)
        return np.where(staff == NONE, 0, gap)

    def cost(self) -> Ints:
        """Return the slot's unit cost and the pair's own."""
        each = self.columns.slot_unit_cost[self.arcs.slot]
        return each * self.arcs.steps + self.arcs.cost

    def subsidy(self) -> Ints:
        """Return what the fee leaves of the cost, not below 0."""
        left: Ints = np.maximum(self.cost() - self.fees(), 0)
        return left

    def minutes(self) -> Ints:
        """Return how long a unit's booking is, 0 if untimed."""
        cells, arcs = self.columns.cells, self.arcs
        return cells.last(arcs.cell, arcs.steps) - cells.start[arcs.cell]

    def unpreferred(self) -> Ints:
        """Return the position of the first preferred window that holds the booking."""
        return position_preferred(self.columns, self.arcs)

    def lots(self) -> Ints:
        """Return how many units on each arc are one booking."""
        columns = self.columns
        is_whole = columns.need_whole | (columns.need_together != NONE)
        is_whole |= (columns.need_minutes != NONE) | (columns.need_sessions > 1)
        size = np.where(is_whole, np.maximum(columns.need_quantity, 1), 1)
        return size[self.arcs.need]

    def across(self) -> Ints:
        """Return 1 where facility and need are of different communities."""
        return (self.arcs.tier > 0).astype(np.int64)

    # ---- filters and groups

    def mask(self, name: str, where: Filter) -> Bools:
        """Return the arcs that pass the filter, read for measure `name`."""
        good = need_mask(self.columns, name, where)[self.arcs.need]
        cell, steps = self.arcs.cell, self.arcs.steps
        good &= booking_mask(self.columns, name, where, cell, steps)
        return good

    def grouping(self, name: str, by: By, where: Filter = None) -> Grouping:
        """Return the groups of measure `name` under a filter."""
        return group(self.columns, self.arcs, name, by, where)

    # ---- values of a plan

    def values(
        self,
        name: str,
        units: Ints,
        by: By = None,
        where: Filter = None,
    ) -> Values:
        """Return measure `name` of a plan with `units` on each arc.

        Raises
        ------
        KeyError
            For `moved` without a baseline.
        """
        grouping = self.grouping(name, by, where)
        count = len(grouping.keys)
        one = np.ones(count, np.int64)
        on = units[grouping.arc]

        def total(per_unit: Ints) -> Ints:
            each = product(on, per_unit[grouping.arc])
            return sums(grouping.group, each, count)

        denominator = one
        if name in ("opened_slots", "opened_facilities", "cost", "subsidy"):
            numerator = self._opened(name, grouping, units)
        elif name == "moved":
            lost = self.gone(grouping, by, where)
            numerator = self._moved(grouping, units) + lost
        elif name == "bookings":
            bookings = units[grouping.arc] // self.lots()[grouping.arc]
            numerator = sums(grouping.group, bookings, count)
        else:
            numerator = total(self.coefficients(name))
        if name in ("demand", "unmet"):
            numerator = grouping.size + numerator
        elif name == "fill_rate":
            numerator = grouping.past_served + numerator
            denominator = grouping.past_demand + grouping.size
        elif name == "utilization":
            denominator = grouping.size
        return Values(grouping.keys, numerator, denominator, grouping.judged)

    def weights(self, goal: Any, grouping: Grouping) -> list[Fraction]:
        """Return what a group goal divides each group by, 0 for no part in it.

        Raises
        ------
        InputError
            For weights of groups that the instance does not have.
        """
        if getattr(goal, "weights", None) is None:
            return [Fraction(1)] * len(grouping.keys)
        weights = numbers_by_group(self.columns, goal, "weights", grouping)
        return [weight or Fraction(0) for weight in weights]

    def goal_value(
        self, goal: Any, units: Ints
    ) -> int | Fraction | tuple[Fraction, ...]:
        """Return what a goal is worth in a plan: a total, or the sorted vector.

        Money is in minor units; a total is no whole number where a ceiling is none.
        """
        values = self.values(goal.measure, units, goal.by, goal.where)
        if goal.op in ("maximize", "minimize"):
            return self._total_value(goal, values)
        grouping = self.grouping(goal.measure, goal.by, goal.where)
        weights = self.weights(goal, grouping)
        vector = sorted(
            values.fraction(i) / weight
            for i, weight in enumerate(weights)
            if weight > 0 and values.judged[i]
        )
        return tuple(vector if goal.op == "leximin" else reversed(vector))

    def _total_value(self, goal: Any, values: Values) -> int | Fraction:
        """Return the sum of what counts of each group; a total is one group."""
        ceilings: Numbers = [None] * len(values.keys)
        if goal.op == "maximize" and goal.upto is not None:
            grouping = self.grouping(goal.measure, goal.by, goal.where)
            ceilings = numbers_by_group(self.columns, goal, "upto", grouping)
        value = Fraction(0)
        for i, ceiling in enumerate(ceilings):
            if goal.by is None or values.judged[i]:
                own = values.fraction(i)
                value += own if ceiling is None else min(own, ceiling)
        is_ratio = MEASURES[goal.measure].unit == "ratio"
        return value if is_ratio or value.denominator > 1 else int(value)

    def gone(self, grouping: Grouping, by: By, where: Filter) -> Ints:
        """Return each group's units of the baseline on pairs that are no arcs now.

        Raises
        ------
        KeyError
            Without a baseline.
        """
        if self.baseline is None:
            raise KeyError("moved")
        if by is None and not where:
            return np.array([self.baseline.num_gone])
        other = Measures(self.columns, self.baseline.gone)
        there = other.grouping("moved", by, where)
        lost = sums(there.group, self.baseline.lost[there.arc], len(there.keys))
        by_key = dict(zip(there.keys, lost.tolist(), strict=True))
        return np.array([by_key.get(key, 0) for key in grouping.keys], np.int64)

    def _moved(self, grouping: Grouping, units: Ints) -> Ints:
        assert self.baseline is not None
        lost = np.maximum(self.baseline.units - units, 0)
        return sums(grouping.group, lost[grouping.arc], len(grouping.keys))

    def _opened(self, name: str, grouping: Grouping, units: Ints) -> Ints:
        """Measures that look at whether slots and facilities are in use at all."""
        columns, count = self.columns, len(grouping.keys)
        on = units[grouping.arc] > 0
        arc, group = grouping.arc[on], grouping.group[on]
        slots = len(columns.slot_ids)
        slot_key, at = np.unique(
            group * max(slots, 1) + self.arcs.slot[arc], return_inverse=True
        )
        slot_group, slot = np.divmod(slot_key, max(slots, 1))
        facilities = len(columns.facility_ids)
        facility_key = np.unique(
            slot_group * max(facilities, 1) + columns.slot_facility[slot]
        )
        facility_group, facility = np.divmod(facility_key, max(facilities, 1))
        if name == "opened_slots":
            return np.bincount(slot_group, minlength=count).astype(np.int64)
        if name == "opened_facilities":
            return np.bincount(facility_group, minlength=count).astype(np.int64)
        per_unit = self.cost()[arc]
        if name == "subsidy":
            per_unit = per_unit - self.fees()[arc]
        amount = sums(at, product(units[arc], per_unit), len(slot_key))
        amount = amount + columns.slot_opening_cost[slot]
        if name == "subsidy":
            amount = np.maximum(amount, 0)
        opening = columns.facility_opening_cost[facility]
        return sums(slot_group, amount, count) + sums(facility_group, opening, count)


def whole_weights(name: str, weights: Sequence[Fraction]) -> list[int]:
    """Return positive weights as the least integers in the same proportions.

    Raises
    ------
    InputError
        Where 64 bits do not hold them; `name` is the goal's.
    """
    common = lcm(*(weight.denominator for weight in weights))
    whole = [int(weight * common) for weight in weights]
    shared = max(gcd(*whole), 1)
    whole = [weight // shared for weight in whole]
    if max(whole, default=0) >= LIMIT:
        raise InputError([Problem(record=name, **FAR_APART)])
    return whole


_PER_UNIT: dict[str, Callable[[Measures], Ints]] = {
    "served": Measures.ones,
    "fill_rate": Measures.ones,
    "demand": lambda m: 0 * m.ones(),
    "unmet": lambda m: -m.ones(),
    "used": lambda m: m.arcs.units * m.arcs.steps,
    "utilization": lambda m: m.arcs.units * m.arcs.steps,
    "minutes": Measures.minutes,
    "bookings": Measures.ones,
    "unpreferred": Measures.unpreferred,
    "unit_cost": Measures.cost,
    "unit_subsidy": Measures.subsidy,
    "weighted_served": lambda m: m.columns.need_weight[m.arcs.need],
    "travel": lambda m: m.arcs.distance,
    "wait": Measures.wait,
    "lateness": Measures.lateness,
    "fees": Measures.fees,
    "parity_gap": Measures.parity_gap,
    "rank": lambda m: m.arcs.rank,
    "tier": lambda m: m.arcs.tier,
    "lent": Measures.across,
    "borrowed": Measures.across,
    "cost": Measures.cost,
    "subsidy": Measures.subsidy,
}

"""Measures of plans: each a form over arcs, by group, under a filter.

    value_g = (Σ over arcs a of g of per_unit_a × x_a + constant_g) ÷ denominator_g

What each counts stands in `sharematch.model.measures`; here is what that comes to over
arcs. Values are integers in the smallest unit (units, metres or seconds, days, minor
units of money); ratios come as numerator and denominator.

Example: the share served of a community that asks for 4 units and has 1 and 2 on two
arcs, after a past round with 1 of 2: (1 + 2 + 1) ÷ (4 + 2).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.attributes import Key
from sharematch.core.columns.filters import Filter, booking_mask, need_mask
from sharematch.core.columns.integers import LIMIT, product, sums
from sharematch.core.columns.lookup import numbered
from sharematch.core.eligibility.arcs import Arcs
from sharematch.core.measures.by_group import Numbers, numbers_by_group
from sharematch.core.measures.groups import By, Grouping, group, grouped_by
from sharematch.core.measures.own import own_form
from sharematch.core.measures.pairs import ArcPairs
from sharematch.errors import InputError, Problem
from sharematch.model.measure import LinearForm
from sharematch.model.measures import MEASURES

__all__ = ["FAR_APART", "Baseline", "Measures", "Values", "whole_weights"]

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
        self._own: dict[str, LinearForm] = {}  # functions of others may take long
        self._last: tuple[Any, Grouping] | None = None

    # ---- forms

    def form(self, name: str) -> LinearForm:
        """Return what a measure counts, by arc."""
        measure, given = MEASURES[name], self.columns.given
        is_published = given is not None and name in (given.own_names or ())
        if measure.origin or is_published:
            if name not in self._own:
                self._own[name] = own_form(measure, self.columns, self.arcs)
            return self._own[name]
        earlier = None if self.baseline is None else self.baseline.units
        return measure.form(ArcPairs(self.columns, self.arcs, earlier))

    def coefficients(self, name: str) -> Ints:
        """Return what one unit on each arc adds to `name`; what use adds is apart."""
        form = self.form(name)
        if form.per_unit is None:
            return np.zeros(len(self.arcs), np.int64)
        return np.maximum(form.per_unit, 0) if form.floor == "slot" else form.per_unit

    def named(self, where: Filter) -> Ints:
        """Return 1 where the need passes the filter's part about needs, for `mix`."""
        named = need_mask(self.columns, "mix", where)
        return named[self.arcs.need].astype(np.int64)

    # ---- filters and groups

    def mask(self, name: str, where: Filter) -> Bools:
        """Return the arcs that pass the filter, read for measure `name`."""
        if not where:
            return np.ones(len(self.arcs), bool)
        passes = need_mask(self.columns, name, where)[self.arcs.need]
        cell, steps = self.arcs.cell, self.arcs.steps
        passes &= booking_mask(self.columns, name, where, cell, steps)
        return passes

    def grouping(self, name: str, by: By, where: Filter = None) -> Grouping:
        """Return the groups of measure `name` under a filter."""
        key = grouped_by(name, by, where)
        # Lowering a goal asks several times; more than the last would take room.
        if self._last is None or self._last[0] != key:
            self._last = key, group(self.columns, self.arcs, name, by, where)
        return self._last[1]

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
            For a measure that needs a baseline, without one.
        """
        return self._values_of(name, self.grouping(name, by, where), units, by, where)

    def _values_of(
        self, name: str, grouping: Grouping, units: Ints, by: By, where: Filter
    ) -> Values:
        form = self.form(name)
        if name == "mix":
            return self._shares(grouping, units, where)
        over = self.constant(form, grouping) + self._added(form, grouping, units)
        if form.start is not None:
            over = over + self.gone(name, by, where, grouping)
        under = self.denominator(form, grouping)
        return Values(grouping.keys, over, under, grouping.judged)

    def constant(self, form: LinearForm, grouping: Grouping) -> Ints:
        """Return what each group's numerator holds whatever the plan."""
        past = grouping.past_served
        return past + grouping.size if form.adds_size else past

    def denominator(self, form: LinearForm, grouping: Grouping) -> Ints:
        """Return what each group's numerator is divided by."""
        if form.per_size:
            return grouping.past_demand + grouping.size
        return np.ones(len(grouping.keys), np.int64)

    def _shares(self, grouping: Grouping, units: Ints, where: Filter) -> Values:
        """Return which share of the units of each group needs that are named have."""
        held, count = units[grouping.arc], len(grouping.keys)
        named = held * self.named(where)[grouping.arc]
        everybody = sums(grouping.group, held, count)
        judged = grouping.judged & (everybody > 0)  # of nobody there is no share
        return Values(
            grouping.keys, sums(grouping.group, named, count), everybody, judged
        )

    def weights(self, goal: Any, grouping: Grouping) -> list[Fraction]:
        """Return what a group goal divides each group by, 0 for no part in it.

        Raises
        ------
        InputError
            For weights of groups that the instance does not have.
        """
        if goal.weights is None:
            return [Fraction(1)] * len(grouping.keys)
        weights = numbers_by_group(self.columns, goal, "weights", grouping)
        return [weight or Fraction(0) for weight in weights]

    def goal_value(
        self, goal: Any, units: Ints
    ) -> int | Fraction | tuple[Fraction, ...]:
        """Return what a goal is worth in a plan: a total, or the sorted vector.

        Money is in minor units; a total is no whole number where a ceiling is none.
        """
        name, by, where = goal.measure, goal.by, goal.where
        grouping = self.grouping(name, by, where)
        values = self._values_of(name, grouping, units, by, where)
        if goal.op in ("maximize", "minimize"):
            return self._total_value(goal, values)
        weights = self.weights(goal, grouping)
        vector = sorted(
            values.fraction(i) / weight
            for i, weight in enumerate(weights)
            if weight > 0 and values.judged[i]
        )
        return tuple(vector if goal.sense > 0 else reversed(vector))

    def worth(self, goals: Sequence[Any], units: Ints) -> list[Any]:
        """Return the values of goals, so that the greater list is better."""
        worth: list[Any] = []
        for goal in goals:
            value: Any = self.goal_value(goal, units)
            is_vector, sign = isinstance(value, tuple), goal.sense
            worth.append([sign * x for x in value] if is_vector else sign * value)
        return worth

    def _total_value(self, goal: Any, values: Values) -> int | Fraction:
        """Return the sum of what counts of each group; a total is one group."""
        ceilings: Numbers = [None] * len(values.keys)
        if goal.op == "maximize" and goal.upto is not None:
            grouping = self.grouping(goal.measure, goal.by, goal.where)
            ceilings = numbers_by_group(self.columns, goal, "upto", grouping)
        value = Fraction(0)
        for i, ceiling in enumerate(ceilings):
            if goal.by is None or values.judged[i]:
                group_value = values.fraction(i)
                value += group_value if ceiling is None else min(group_value, ceiling)
        is_ratio = MEASURES[goal.measure].unit == "ratio"
        return value if is_ratio or value.denominator > 1 else int(value)

    def gone(self, name: str, by: By, where: Filter, grouping: Grouping) -> Ints:
        """Return each group's units of the baseline on pairs that are no arcs now.

        Raises
        ------
        KeyError
            Without a baseline.
        """
        if self.baseline is None:
            raise KeyError(name)
        if by is None and not where:
            return np.array([self.baseline.num_gone])
        groups_gone = group(self.columns, self.baseline.gone, name, by, where)
        lost = sums(
            groups_gone.group,
            self.baseline.lost[groups_gone.arc],
            len(groups_gone.keys),
        )
        by_key = dict(zip(groups_gone.keys, lost.tolist(), strict=True))
        return np.array([by_key.get(key, 0) for key in grouping.keys], np.int64)

    def _added(self, form: LinearForm, grouping: Grouping, units: Ints) -> Ints:
        """Return what units, and what they use, add to each group."""
        arc, count = grouping.arc, len(grouping.keys)
        if form.is_fixed:
            return np.zeros(count, np.int64)
        if form.per_unit is not None and not form.looks_at_use:
            group = grouping.group
            if form.start is None:
                carrying = np.flatnonzero(units[arc])
                arc, group = arc[carrying], group[carrying]
            held = units[arc] if form.lot is None else units[arc] // form.lot[arc]
            added = product(held, form.per_unit[arc])
            if form.start is not None:
                added = np.maximum(form.start[arc] + added, 0)
            return sums(group, added, count)
        return self._added_by_use(form, grouping, units)

    def _added_by_use(self, form: LinearForm, grouping: Grouping, units: Ints) -> Ints:
        columns, count = self.columns, len(grouping.keys)
        # What is paid once for a slot in use counts once for each group that uses it.
        in_use = units[grouping.arc] > 0
        arc, group = grouping.arc[in_use], grouping.group[in_use]
        width = max(len(columns.slot_ids), 1)
        slots, first, place = _distinct(
            group * width + self.arcs.slot[arc], count * width
        )
        amount = np.zeros(len(slots), np.int64)
        if form.per_unit is not None:
            amount = sums(place, product(units[arc], form.per_unit[arc]), len(slots))
        if form.slot_use is not None:
            amount = amount + form.slot_use[arc[first]]
        if form.floor == "slot":
            amount = np.maximum(amount, 0)
        added = sums(slots // width, amount, count)
        if form.facility_use is not None:
            width = max(len(columns.facility_ids), 1)
            facility = columns.slot_facility[self.arcs.slot[arc]]
            places, first, _ = _distinct(group * width + facility, count * width)
            added = added + sums(places // width, form.facility_use[arc[first]], count)
        return added


def _distinct(keys: Ints, count: int) -> tuple[Ints, Ints, Ints]:
    """Return distinct keys below `count`, where each is first, which each one is."""
    distinct, place = numbered(keys, count)
    first = np.empty(len(distinct), np.int64)
    first[place[::-1]] = np.arange(len(keys))[::-1]
    return distinct, first, place


def whole_weights(name: str, weights: Sequence[Fraction]) -> list[int]:
    """Return positive weights as the least integers in the same proportions.

    Raises
    ------
    InputError
        Where 64 bits do not hold them; `name` is the goal's.
    """
    denominator = lcm(*(weight.denominator for weight in weights))
    integers = [int(weight * denominator) for weight in weights]
    shared = max(gcd(*integers), 1)
    integers = [weight // shared for weight in integers]
    if max(integers, default=0) >= LIMIT:
        raise InputError([Problem(record=name, **FAR_APART)])
    return integers

"""The goals of a policy over rows: sums, sums up to ceilings, sorted vectors.

    maximize, minimize   Σ factor × variable,
    up to ceilings       Σ over groups of y_g, where y_g ≤ x_g and y_g ≤ ceiling_g,
    leximin, leximax     the sorted vector of x_g ÷ weight_g, each x_g a variable.

Example: four needs of two communities, leximin of shares served: a variable for each
community's units, and as its weight what it asks for.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.integer.expressions import Form, Forms
from sharematch.core.integer.program import FREE, Draft, Total, Vector, reach
from sharematch.core.integer.ranges import Ranges
from sharematch.core.measures.ceilings import Ceilings, is_summed
from sharematch.core.measures.measures import FAR_APART, Measures
from sharematch.core.network.program import Source
from sharematch.errors import InputError, Problem
from sharematch.model.wording import named_term

__all__ = ["GoalForms"]

Ints = NDArray[np.int64]


class GoalForms:
    """Goals over rows, with variables for the totals of groups."""

    def __init__(
        self, measures: Measures, forms: Forms, draft: Draft, ranges: Ranges
    ) -> None:
        self.measures, self.forms, self.draft = measures, forms, draft
        self.ranges = ranges

    def lower(self, position: int, goal: Any) -> Total | Vector:
        """Return one goal, with variables for the totals of its groups."""
        upward = goal.sense > 0
        form = self.forms.of_term("goal", position, goal, 1 if upward else -1)
        if is_summed(goal):
            return self._summed(position, goal, form)
        if goal.op in ("maximize", "minimize"):
            ends = self.ranges.ends(*form.of(0))
            return Total(
                position,
                *form.of(0),
                best=ends[1] if upward else ends[0],
                constant=int(form.constant[0]),
                denominator=max(int(form.denominator[0]), 1),
                maximize=upward,
                slack=goal.slack,
            )
        grouping = self.measures.grouping(goal.measure, goal.by, goal.where)
        weights = self.measures.weights(goal, grouping)
        part = [
            group
            for group, weight in enumerate(weights)
            if weight > 0 and form.judged[group]
        ]
        # All ranges first: to look up bounds after each new variable takes long.
        ranges = [self.ranges.of_group(form, g, int(form.denominator[g])) for g in part]
        divisors = tuple(weights[g] * int(form.denominator[g]) for g in part)
        if part and reach(ranges, divisors) >= FREE // 8:
            name = named_term("goal", position, goal)
            raise InputError([Problem(record=name, **FAR_APART)])
        totals = [
            self._total(position, form, group, *ends)
            for group, ends in zip(part, ranges, strict=True)
        ]
        return Vector(
            position,
            keys=tuple(form.keys[g] for g in part),
            total=np.array(totals, np.int64),
            weight=divisors,
            sign=1 if upward else -1,
        )

    def _summed(self, position: int, goal: Any, form: Form) -> Total:
        """Return the sum of all groups, each as far as its ceiling."""
        ceilings = Ceilings(self.measures, goal)
        name = named_term("goal", position, goal)
        parts: list[tuple[Ints, Ints]] = []
        constant = best = 0
        for group in np.flatnonzero(ceilings.times).tolist():
            variable, factor = form.of(group)
            times, ceiling = int(ceilings.times[group]), ceilings.ceiling[group]
            start = int(form.constant[group])
            least, most = (
                (start + x) * times for x in self.ranges.ends(variable, factor)
            )
            if max(abs(least), abs(most)) >= FREE // 8:
                raise InputError([Problem(record=name, **FAR_APART)])
            # Only a group that may end on either side of its ceiling needs a variable.
            if ceiling is not None and least >= ceiling:
                constant += ceiling
            elif ceiling is None or most <= ceiling:
                constant += start * times
                best += most - start * times
                parts.append((variable, factor * times))
            else:
                counted = int(self.draft.variables(ceiling, least)[0])
                best += ceiling
                above = factor * times, start * times
                self._count_up_to(position, counted, variable, *above)
                parts.append((np.array([counted]), np.ones(1, np.int64)))
        empty = np.empty(0, np.int64)
        variable, factor = (
            np.concatenate([empty, *(part[i] for part in parts)]) for i in range(2)
        )
        return Total(
            position,
            variable,
            factor,
            best=best,
            constant=constant,
            denominator=ceilings.denominator,
            maximize=True,
            slack=goal.slack,
        )

    def _count_up_to(
        self, position: int, counted: int, variable: Ints, factor: Ints, constant: int
    ) -> None:
        """Let a variable be a sum at most, and follow from it up to its upper bound."""
        define = self.draft.definitions.at_most
        define(counted, variable, factor, constant)
        empty = np.empty(0, np.int64)
        define(counted, empty, empty, int(self.draft.upper(np.array([counted]))[0]))
        self.draft.row(
            Source("goal", position),
            np.append(variable, counted),
            np.append(factor, -1),
            least=-constant,
        )

    def _total(
        self, position: int, form: Form, group: int, least: int, most: int
    ) -> int:
        """Return a variable that equals a group's numerator."""
        variable, factor = form.of(group)
        total = int(self.draft.variables(most, least)[0])
        constant = int(form.constant[group])
        self.draft.definitions.total(total, variable, factor, constant)
        self.draft.row(
            Source("goal", position),
            np.append(variable, total),
            np.append(factor, -1),
            least=-constant,
            most=-constant,
        )
        return total

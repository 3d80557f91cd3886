"""The rules of a policy as rows over integers.

    at_least, at_most   Σ factor × variable + constant ≥ or ≤ bound × denominator,
    mix                 q × named - p × all ≥ 0 for a share of at least p ÷ q,
    within              base ≤ each group's value ≤ base + width, base a variable.

Example: two communities of demand 2 and 4 whose served shares may differ by 1/4: in
quarters of units, base ≤ 2 x, x' ≤ base + 1.
"""

from collections.abc import Mapping
from fractions import Fraction
from math import ceil, floor, lcm
from typing import Any

import numpy as np

from sharematch.core.columns.filters import check_filter
from sharematch.core.integer.expressions import Form, Forms
from sharematch.core.integer.program import FREE, Draft
from sharematch.core.integer.ranges import Ranges
from sharematch.core.measures.admission import bounds_of
from sharematch.core.measures.measures import FAR_APART, Measures
from sharematch.core.network.program import Source
from sharematch.errors import InputError, Problem
from sharematch.model.measures import MEASURES
from sharematch.model.vocabulary import units_below_alone
from sharematch.model.wording import named_term

__all__ = ["RuleRows"]


class RuleRows:
    """The rows of rules by group or of the whole.

    Parameters
    ----------
    alone
        For the bound "alone": what each community can be served by itself.
    """

    def __init__(
        self,
        measures: Measures,
        forms: Forms,
        draft: Draft,
        ranges: Ranges,
        alone: Mapping[str, int],
    ) -> None:
        self.measures, self.forms, self.draft = measures, forms, draft
        self.ranges, self.alone = ranges, alone

    def add(self, position: int, rule: Any) -> None:
        """Add the rows of one rule."""
        if rule.measure == "mix":
            self._mixed(position, rule)
            return
        push = {"at_least": 1, "at_most": -1, "within": 0}[rule.op]
        form = self.forms.of_term("rule", position, rule, push)
        source = Source("rule", position)
        if rule.op == "within":
            self._within(source, rule, form)
            return
        below = units_below_alone(rule)
        bounds: list[Fraction | None] = []
        if below is None:
            grouping = self.measures.grouping(rule.measure, rule.by, rule.where)
            bounds = bounds_of(self.measures.columns, rule, grouping)
        for group in np.flatnonzero(form.judged).tolist():
            if below is not None:
                key = form.keys[group]
                assert isinstance(key, str)
                past = int(form.constant[group])
                bound = Fraction(past + self.alone.get(key, 0) - below)
            elif (group_bound := bounds[group]) is not None:
                bound = group_bound * int(form.denominator[group])
            else:
                continue
            self._bounded(source, rule.op, form, group, bound)

    def _mixed(self, position: int, rule: Any) -> None:
        """Bound a share of units by their sum: n ÷ all ≥ p ÷ q is q·n - p·all ≥ 0."""
        columns = self.measures.columns
        check_filter(columns, rule.where, "rule", position)
        named, everybody = self.forms.shares(rule.by, rule.where)
        grouping = self.measures.grouping("mix", rule.by, rule.where)
        bounds = bounds_of(columns, rule, grouping)
        limit = "least" if rule.op == "at_least" else "most"
        for group in np.flatnonzero(named.judged).tolist():
            bound = bounds[group]
            if bound is None:
                continue
            named_variable, factor = named.of(group)
            any_variable, other = everybody.of(group)
            over, under = bound.as_integer_ratio()
            largest = max(map(abs, self.ranges.ends(any_variable, other)))
            if largest * max(abs(over), under) >= FREE // 8:
                name = named_term("rule", position, rule)
                raise InputError([Problem(record=name, **FAR_APART)])
            self.draft.row(
                Source("rule", position),
                np.concatenate([named_variable, any_variable]),
                np.concatenate([factor * under, -other * over]),
                **{limit: 0},
            )

    def _bounded(
        self, source: Source, op: str, form: Form, group: int, bound: Fraction
    ) -> None:
        constant = int(form.constant[group])
        if op == "at_least":
            limits = {"least": _clipped(ceil(bound) - constant)}
        else:
            limits = {"most": _clipped(floor(bound) - constant)}
        self.draft.row(source, *form.of(group), **limits)

    def _within(self, source: Source, rule: Any, form: Form) -> None:
        """Keep all groups between some number and that number plus the width."""
        groups = np.flatnonzero(form.judged).tolist()
        width = MEASURES[rule.measure].to_minor(rule.width)
        # All groups in whole numbers of one common denominator.
        scale = lcm(*(int(form.denominator[g]) for g in groups), 1)
        ranges = {g: self.ranges.of_group(form, g, scale) for g in groups}
        largest = max((abs(x) for r in ranges.values() for x in r), default=0)
        width = min(width, Fraction(2 * largest, scale))  # no two lie farther apart
        if largest + width * scale >= FREE // 8:
            self._pairwise(source, rule, width, form, groups)
            return
        low = min((least for least, _ in ranges.values()), default=0)
        high = max((most for _, most in ranges.values()), default=0)
        base = int(self.draft.variables(high, low)[0])
        for group in groups:
            variable, factor = form.of(group)
            times = scale // int(form.denominator[group])
            constant = int(form.constant[group]) * times
            # The least of all groups is the best base: it follows from them.
            self.draft.definitions.at_most(base, variable, factor * times, constant)
            self.draft.row(
                source,
                [*variable, base],
                [*(factor * times), -1],
                least=-constant,
                most=floor(width * scale) - constant,
            )

    def _pairwise(
        self, source: Source, rule: Any, width: Fraction, form: Form, groups: list[int]
    ) -> None:
        """Compare every two groups: the numbers of all at once would be too large."""
        for first in groups:
            for second in groups:
                if first == second:
                    continue
                scale = lcm(int(form.denominator[first]), int(form.denominator[second]))
                ranges = (
                    self.ranges.of_group(form, group, scale)
                    for group in (first, second)
                )
                largest = sum(max(map(abs, ends)) for ends in ranges)
                if largest + width * scale >= FREE // 2:
                    name = named_term("rule", source.position, rule)
                    raise InputError([Problem(record=name, **FAR_APART)])
                ups, downs = (
                    scale // int(form.denominator[first]),
                    scale // int(form.denominator[second]),
                )
                above, factor = form.of(first)
                below, counter = form.of(second)
                constant = int(form.constant[first]) * ups
                constant -= int(form.constant[second]) * downs
                self.draft.row(
                    source,
                    [*above, *below],
                    [*(factor * ups), *(-counter * downs)],
                    most=_clipped(floor(width * scale) - constant),
                )


def _clipped(bound: int) -> int:
    return max(-FREE, min(FREE, bound))

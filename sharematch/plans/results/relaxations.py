"""The least by which a rule or decision has to give way for others to hold.

Whether a plan exists is monotone in a bound, so the least that lets others hold is
found by bisection over the values that the measure can take, in ever larger steps
first: if the k-th value is the first that will do, about 2 log k plans are looked for.

Example: floors of 3 units for two communities and 4 places: for the one 2 is tried,
then 1, with which the other holds.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from math import ceil, floor
from typing import Any

import numpy as np

from sharematch.core.columns.integers import sums
from sharematch.core.measures.admission import bound_of
from sharematch.core.measures.measures import Measures
from sharematch.model.measures import MEASURES
from sharematch.model.vocabulary import units_below_alone
from sharematch.plans.results.own_bounds import has_own_bounds, in_numbers, shifted
from sharematch.plans.results.terms import Problem, Term

__all__ = ["least_relaxation"]

LARGEST = 2**62
"""Values of totals above it are not looked through."""
MOST_VALUES = 1_000_000
"""Values of a ratio that are looked through for the least relaxation.

They are made as fractions before any is tried: a million take a second or two.
"""


def least_relaxation(
    problem: Problem,
    term: Term,
    others: Sequence[Term],
    holds: Callable[[Sequence[Term]], bool],
) -> Term | None:
    """Return the term relaxed as little as lets the others hold; None: not found."""

    def try_with(value: Any) -> bool:
        return holds([*others, Term(term.position, value)])

    if not term.is_pin:
        rule = _first(_looser(problem, term.value), try_with)
        return None if rule is None else replace(term, value=rule)
    pin = term.value
    fewer = _Lazy(
        range(pin.quantity - 1, 0, -1), lambda units: replace(pin, quantity=units)
    )
    relaxed_pin = _first(fewer, try_with) or replace(pin, quantity=0)
    return Term(term.position, relaxed_pin)


class _Lazy(Sequence[Any]):
    """Values, each made when it is looked at."""

    def __init__(
        self, values: Sequence[Any], make: Callable[[Any], Any] = lambda value: value
    ) -> None:
        self._values, self._make = values, make

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, position: Any) -> Any:
        return self._make(self._values[position])


def _first(steps: Sequence[Any], holds: Callable[[Any], bool]) -> Any:
    """Return the first step that holds, None if none does; all after it hold too."""
    last, width = -1, 1
    # Small steps are likely to do, and each trial is a solve: gallop, then halve.
    while True:
        position = min(last + width, len(steps) - 1)
        if position == last:
            return None
        if holds(steps[position]):
            break
        last, width = position, 2 * width
    while position - last > 1:
        middle = (last + position) // 2
        if holds(steps[middle]):
            position = middle
        else:
            last = middle
    return steps[position]


def _looser(problem: Problem, rule: Any) -> _Lazy:
    """Return the rule with ever looser bounds, one for each value it can tell apart."""
    if rule.op == "within":
        return _Lazy(
            _widths(problem, rule),
            lambda width: rule.model_copy(update={"width": Fraction(width)}),
        )
    below = units_below_alone(rule)
    if below is not None:
        columns = problem.columns
        communities = len(columns.community_ids)
        asked = sums(columns.need_community, columns.need_demand, communities)
        return _Lazy(
            range(below + 1, int(asked.max(initial=0)) + 1),
            lambda units: rule.model_copy(update={"bound": f"alone - {units}"}),
        )
    scale = MEASURES[rule.measure].scale
    if has_own_bounds(rule):
        return _shifts(problem, rule, scale)
    bound = bound_of(problem.columns, rule)
    levels = ("own", *problem.columns.levels)

    def with_bound(value: Any) -> Any:
        new_bound: Any = Fraction(value) / scale
        if isinstance(rule.bound, str) and value < len(levels):
            new_bound = levels[value]
        return rule.model_copy(update={"bound": new_bound})

    values: Sequence[Any]
    if MEASURES[rule.measure].unit != "ratio" and rule.by != "assignment":
        most = range(max(0, floor(bound) + 1), LARGEST)
        least = range(min(ceil(bound) - 1, LARGEST), -1, -1)
        values = most if rule.op == "at_most" else least
    elif rule.op == "at_most":
        values = sorted(v for v in _values(problem, rule) if v > bound)
    else:
        values = sorted((v for v in _values(problem, rule) if v < bound), reverse=True)
    return _Lazy(values, with_bound)


def _shifts(problem: Problem, rule: Any, scale: int) -> _Lazy:
    """Return the rule with the bounds of all its groups ever looser, by equal steps."""
    if not isinstance(rule.bound, Mapping):
        rule = in_numbers(Measures(problem.columns, problem.everything), rule)
    numbers = [number * scale for number in rule.bound.values()]
    steps: Sequence[Any]
    if MEASURES[rule.measure].unit == "ratio":
        sign = 1 if rule.op == "at_most" else -1
        apart = {
            sign * (value - number)
            for value in _values(problem, rule)
            for number in numbers
        }
        steps = sorted(step for step in apart if step > 0)
    else:
        # The first step brings one of them to a whole number, and so each that follows.
        fractions = {number - floor(number) for number in numbers}
        sign = 1 if rule.op == "at_most" else -1
        first = sorted({(-sign * x) % 1 or Fraction(1) for x in fractions})
        most = max((ceil(number) for number in numbers), default=0)
        count = LARGEST if rule.op == "at_most" else max(most, 0) * len(first)
        steps = _Lazy(range(count), lambda i: first[i % len(first)] + i // len(first))
    return _Lazy(steps, lambda step: shifted(rule, Fraction(step) / scale))


def _values(problem: Problem, rule: Any) -> Iterable[Any]:
    """Return the values that single assignments, or groups, can have."""
    measures = Measures(problem.columns, problem.everything)
    if rule.by == "assignment":
        is_known = measures.mask(rule.measure, rule.where)
        if "pair.travel" in MEASURES[rule.measure].reads:
            is_known &= measures.arcs.travel >= 0
        return {*np.unique(measures.coefficients(rule.measure)[is_known]).tolist()}
    if rule.measure == "mix":
        return _shares(problem)
    grouping = measures.grouping(rule.measure, rule.by, rule.where)
    size = grouping.size[grouping.judged].tolist()
    if sum(size) > MOST_VALUES:
        return ()
    past = grouping.past_served[grouping.judged].tolist()
    denominators = (grouping.past_demand + grouping.size)[grouping.judged].tolist()
    return {
        Fraction(start + units, denominator)
        for start, most, denominator in zip(past, size, denominators, strict=True)
        for units in range(most + 1)
    }


def _shares(problem: Problem) -> Iterable[Fraction]:
    """Return the shares that some of any number of units can be."""
    most = int(problem.columns.need_demand.sum())
    if most**2 > MOST_VALUES:
        return ()
    return {
        Fraction(share_units, units)
        for units in range(1, most + 1)
        for share_units in range(units + 1)
    }


def _widths(problem: Problem, rule: Any) -> Sequence[Any]:
    measure = MEASURES[rule.measure]
    if measure.unit != "ratio":
        widths = range(floor(measure.to_minor(rule.width)) + 1, LARGEST)
        return _Lazy(widths, lambda minor: Fraction(minor, measure.scale))
    values = list(_values(problem, rule))
    if len(values) ** 2 > MOST_VALUES:
        return ()
    between = {abs(a - b) for a, b in combinations(values, 2)}
    return sorted(width for width in between if width > rule.width)

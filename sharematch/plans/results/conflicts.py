"""Rules and decisions that cannot all hold, and how little would resolve that.

A conflict is irreducible: without any one of its members the others can hold. For each
member the least relaxation is found by bisection over the values that its measure can
take; whether a plan exists is monotone in every bound, but for rules by assignment
beside the bound "alone", which is what they leave each community.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations
from math import ceil, floor
from typing import Any, Protocol

import numpy as np

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.integers import sums
from sharematch.core.eligibility import arcs as arcs_module
from sharematch.core.eligibility.arcs import Arcs
from sharematch.core.eligibility.pins import Pin, find_arc
from sharematch.core.measures.admission import bound_of
from sharematch.core.measures.measures import Measures
from sharematch.model.measures import MEASURES
from sharematch.model.numbers import number_text
from sharematch.model.policy import Policy
from sharematch.model.vocabulary import units_below_alone
from sharematch.model.wording import rule_text
from sharematch.plans.results.own_bounds import (
    as_text,
    has_own_bounds,
    in_numbers,
    only,
    shifted,
)
from sharematch.plans.results.shortage import shortage_of
from sharematch.plans.results.status import ConflictTerm
from sharematch.progress import Stop
from sharematch.text import Text

__all__ = ["Problem", "Term", "conflict_of", "terms_of", "told"]

LARGEST = 2**62
"""Values of totals above it are not looked through."""
MOST_VALUES = 1_000_000
"""Values of a ratio that are looked through for the least relaxation."""


class Problem(Protocol):
    """Records and a policy that are asked about; who solves, or checks, has more.

    `everything` are all eligible pairs, `admitted` those that some rules leave.
    """

    # What each is, is said above.
    @property
    def columns(self) -> Columns: ...  # noqa: D102 (above)

    @property
    def everything(self) -> Arcs: ...  # noqa: D102 (above)

    @property
    def policy(self) -> Policy: ...  # noqa: D102 (above)

    @property
    def pins(self) -> list[Pin]: ...  # noqa: D102 (above)

    def admitted(self, rules: Sequence[Any]) -> Arcs: ...  # noqa: D102 (above)


@dataclass(frozen=True)
class Term:
    """A rule of the policy, or a pin, at its position.

    `is_partial`: a rule with a bound for each group, for some of them.
    """

    position: int
    value: Any
    is_partial: bool = False

    @property
    def is_pin(self) -> bool:
        """Whether it is a decision."""
        return isinstance(self.value, Pin)

    @property
    def key(self) -> tuple[bool, int]:
        """What tells it from all others, relaxed or not."""
        return self.is_pin, self.position


def conflict_of(
    problem: Problem, may_hold: Callable[[Sequence[Any], list[Pin]], bool]
) -> tuple[ConflictTerm, ...] | None:
    """Return an irreducible set of rules and decisions that cannot all hold.

    Parameters
    ----------
    may_hold
        Returns whether some plan may keep some rules and decisions; raises `Stop` where
        there is no time left to tell.

    Returns
    -------
    None where all can hold, or nobody could tell in time; each member with the least
    relaxation that lets the set hold, where one is found in time.
    """
    terms = terms_of(problem)

    def holds(tried: Sequence[Term]) -> bool:
        rules = [term.value for term in tried if not term.is_pin]
        pins = [term.value for term in tried if term.is_pin]
        return may_hold(rules, pins)

    if holds(terms):
        return None
    conflict = _irreducible(terms, holds)
    if any(
        not term.is_pin and units_below_alone(term.value) is not None for term in terms
    ):
        conflict = _thinned(terms if holds(conflict) else conflict, holds)
    with suppress(Stop):
        conflict = _narrowed(problem, conflict, holds)
    return told(problem, terms, conflict, holds)


def terms_of(problem: Problem) -> list[Term]:
    """Return all that may be in conflict: decisions, then rules."""
    terms = [Term(i, pin) for i, pin in enumerate(problem.pins)]
    return [*terms, *(Term(i, rule) for i, rule in enumerate(problem.policy.rules))]


def told(
    problem: Problem,
    terms: Sequence[Term],
    members: Sequence[Term],
    holds: Callable[[Sequence[Term]], bool],
) -> tuple[ConflictTerm, ...]:
    """Return each term that was found among all, with its least relaxation.

    What `holds` cannot say in time (it raises `Stop`) is left out.
    """
    named = [_named(problem, term) for term in members]
    measures = Measures(problem.columns, problem.everything)
    short = shortage_of(measures, [term.value for term in members])
    if short is not None:
        for i in short.terms:
            named[i] = replace(
                named[i], least=short.least, asked=short.asked, places=short.places
            )
    with suppress(Stop):  # what is known by then is told
        for i, term in enumerate(members):
            others = [other for other in members if other is not term]
            relaxed = _least(problem, term, others, holds)
            if relaxed is None:
                continue
            other_terms = [other for other in terms if other.key != term.key]
            widened = _kept(_widened(problem, relaxed))
            named[i] = replace(
                named[i],
                relaxed=_relaxed_to(relaxed),
                remains=not holds([*other_terms, *widened]),
            )
    return tuple(named)


def _irreducible(
    terms: Sequence[Term], holds: Callable[[Sequence[Term]], bool]
) -> list[Term]:
    """Return a subset that does not hold while each smaller one does (QuickXplain)."""

    def explain(
        fixed: list[Term], open_terms: list[Term], *, grown: bool
    ) -> list[Term]:
        if grown and not holds(fixed):
            return []
        if len(open_terms) == 1:
            return open_terms
        half = len(open_terms) // 2
        first, second = open_terms[:half], open_terms[half:]
        late = explain(fixed + first, second, grown=bool(first))
        early = explain(fixed + late, first, grown=bool(late))
        return early + late

    if not terms or not holds([]):
        return []
    members = explain([], list(terms), grown=False)
    return sorted(members, key=lambda term: (not term.is_pin, term.position))


def _thinned(
    terms: Sequence[Term], holds: Callable[[Sequence[Term]], bool]
) -> list[Term]:
    """Drop terms one by one as long as the rest does not hold, however often."""
    members, place = [*terms], 0
    while place < len(members):
        others = [*members[:place], *members[place + 1 :]]
        if holds(others):
            place += 1
        else:
            members, place = others, 0
    return members


# Bounds by group


def _narrowed(
    problem: Problem, terms: list[Term], holds: Callable[[Sequence[Term]], bool]
) -> list[Term]:
    """Return a conflict in which rules bound no more groups than it takes."""
    measures = Measures(problem.columns, problem.everything)
    atoms: list[Term] = []
    for term in terms:
        if term.is_pin or not has_own_bounds(term.value):
            atoms.append(term)
            continue
        rule = in_numbers(measures, term.value)
        atoms += [
            Term(term.position, only(rule, [key]), is_partial=True)
            for key in rule.bound
        ]
    if not any(atom.is_partial for atom in atoms):
        return terms
    joined: dict[tuple[bool, int], Term] = {}
    for atom in _irreducible(atoms, holds):
        before = joined.get(atom.key)
        joined[atom.key] = atom if before is None else _joined(before, atom.value)
    return [*joined.values()]


def _joined(term: Term, rule: Any) -> Term:
    """Return a rule with the bounds of both."""
    bounds = {**term.value.bound, **rule.bound}
    return replace(term, value=rule.model_copy(update={"bound": bounds}))


def _widened(problem: Problem, term: Term) -> Term:
    """Return a rule with all its bounds by group, those of the term as they are."""
    if not term.is_partial:
        return term
    measures = Measures(problem.columns, problem.everything)
    rule = in_numbers(measures, problem.policy.rules[term.position])
    return _joined(replace(term, value=rule), term.value)


# What a term says


def _named(problem: Problem, term: Term) -> ConflictTerm:
    if not term.is_pin:
        text = rule_text(term.value)
        bound = as_text(term.value.bound) if term.is_partial else ""
        return ConflictTerm("rule", text, rule=term.position + 1, bound=bound)
    pin, columns = term.value, problem.columns
    need, slot = columns.need_ids[pin.need], columns.slot_ids[pin.slot]
    code, quantity = _refusal(problem, pin), pin.quantity
    values = {"need": need, "quantity": quantity, "slot": slot}
    text = Text("conflict.keeps", **values)
    if code:
        why = Text(f"reason.{code}")
        text = Text("conflict.not_possible", what=text, why=why)
    return ConflictTerm(
        "decision", text, need=need, slot=slot, code=code, quantity=quantity
    )


def _refusal(problem: Problem, pin: Pin) -> str:
    """Return why a pinned pair is no arc, empty if it is one."""
    (reason,) = arcs_module.reasons(
        problem.columns, np.array([pin.need]), np.array([pin.slot])
    ).tolist()
    if reason >= 0:
        return arcs_module.CODES[reason]
    admitted = problem.admitted(problem.policy.rules)
    return "rule" if find_arc(admitted, pin.need, pin.cell) is None else ""


def _relaxed_to(relaxed: Term) -> str:
    """Return what a term is relaxed to, as files write it."""
    value = relaxed.value
    if relaxed.is_pin:
        return str(value.quantity)
    bound = value.width if value.op == "within" else value.bound
    if isinstance(bound, Mapping):
        return as_text(bound)
    return bound if isinstance(bound, str) else str(number_text(bound))


# The least relaxation


def _least(
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


def _kept(term: Term) -> tuple[Term, ...]:
    """Return the term, nothing for a decision that keeps nothing: it is withdrawn."""
    return () if term.is_pin and not term.value.quantity else (term,)


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
    while True:  # gallop, then halve
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
        part = {number - floor(number) for number in numbers}
        sign = 1 if rule.op == "at_most" else -1
        first = sorted({(-sign * x) % 1 or Fraction(1) for x in part})
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

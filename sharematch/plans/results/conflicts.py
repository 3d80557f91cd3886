"""Rules and decisions that cannot all hold, and how little would resolve that.

A conflict is irreducible: without any one of its members the others can hold. For each
member the least relaxation is found by bisection over the values that its measure can
take; whether a plan exists is monotone in every bound, but for rules by assignment
beside the bound "alone", which is what they leave each community.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np

from sharematch.core.eligibility import arcs as arcs_module
from sharematch.core.eligibility.pins import Pin, find_arc
from sharematch.core.measures.measures import Measures
from sharematch.model.numbers import number_text
from sharematch.model.vocabulary import units_below_alone
from sharematch.model.wording import rule_text
from sharematch.plans.results.own_bounds import (
    as_text,
    has_own_bounds,
    in_numbers,
    only,
)
from sharematch.plans.results.relaxations import least_relaxation
from sharematch.plans.results.shortage import shortage_of
from sharematch.plans.results.status import ConflictTerm
from sharematch.plans.results.terms import Problem, Term, terms_of
from sharematch.progress import Stop
from sharematch.text import Text

__all__ = ["conflict_of", "told"]


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
            relaxed = least_relaxation(problem, term, others, holds)
            if relaxed is None:
                continue
            other_terms = [other for other in terms if other.key != term.key]
            widened = _unless_withdrawn(_widened(problem, relaxed))
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


def _unless_withdrawn(term: Term) -> tuple[Term, ...]:
    """Return the term, nothing for a decision that keeps nothing: it is withdrawn."""
    return () if term.is_pin and not term.value.quantity else (term,)

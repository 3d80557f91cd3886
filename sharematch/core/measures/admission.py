"""Which arcs the rules by assignment of a policy admit, and the bounds of rules."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.eligibility.arcs import Arcs, build
from sharematch.core.eligibility.travel import UNKNOWN
from sharematch.core.measures.by_group import Numbers, numbers_by_group
from sharematch.core.measures.groups import Grouping
from sharematch.core.measures.measures import Measures
from sharematch.errors import InputError, Problem
from sharematch.model.measures import MEASURES
from sharematch.text import Text

__all__ = ["admitted", "admitted_arcs", "bound_of", "bounds_of", "settled"]

Bools = NDArray[np.bool_]


def admitted(measures: Measures, rules: Sequence[Any]) -> Bools:
    """Return the arcs that every rule by assignment admits."""
    is_admitted = np.ones(len(measures.arcs), bool)
    for rule in rules:
        if rule.by != "assignment":
            continue
        value = measures.coefficients(rule.measure)
        bound = bound_of(measures.columns, rule)
        limit = floor(bound) if rule.op == "at_most" else ceil(bound)
        # Values are far below: a bound beyond 64 bits holds, or fails, like this one.
        limit = max(min(limit, 2**62), -(2**62))
        fits = value <= limit if rule.op == "at_most" else value >= limit
        if "pair.travel" in MEASURES[rule.measure].reads:
            fits &= measures.arcs.travel != UNKNOWN
        is_admitted &= fits | ~measures.mask(rule.measure, rule.where)
    return is_admitted


def admitted_arcs(columns: Columns, rules: Sequence[Any]) -> Arcs:
    """Return the arcs that the records and every rule by assignment admit."""
    arcs = build(columns)
    return arcs.keep(admitted(Measures(columns, arcs), rules))


def settled(columns: Columns, pairs: Arcs, rules: Sequence[Any]) -> Arcs:
    """Return the pairs of a plan with unknown distances as they count in it.

    Each counts as the largest one that is known among the arcs that rules admit.
    """
    if not pairs.num_unknown:
        return pairs
    largest = max(0, int(admitted_arcs(columns, rules).travel.max(initial=0)))
    is_known = pairs.travel != UNKNOWN
    return replace(pairs, travel=np.where(is_known, pairs.travel, largest))


def bounds_of(columns: Columns, rule: Any, grouping: Grouping) -> Numbers:
    """Return a rule's bound for each group in the measure's smallest unit.

    None where a group has none. Not for the bound "alone".
    """
    return numbers_by_group(columns, rule, "bound", grouping)


def bound_of(columns: Columns, rule: Any) -> Fraction:
    """Return the bound of a rule by assignment in the measure's smallest unit."""
    if isinstance(rule.bound, str):
        tier = columns.tier_number(rule.bound)
        if tier is None:
            tier_names = ", ".join(("own", *columns.levels))
            raise InputError(
                [
                    Problem(
                        "instance.is_no_tier_of_this_instance",
                        "policy",
                        field="bound",
                        value=rule.bound,
                        hint=Text("instance.one_of", known=tier_names),
                    )
                ]
            )
        return Fraction(tier)
    return MEASURES[rule.measure].to_minor(rule.bound)

"""Rules with a bound of its own for each group, looked at for some groups only."""

import json
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from sharematch.core.columns.attributes import Key
from sharematch.core.measures.admission import bounds_of
from sharematch.core.measures.measures import Measures
from sharematch.model.measures import MEASURES
from sharematch.model.numbers import number_text
from sharematch.model.vocabulary import GROUP_FIELDS

__all__ = ["as_text", "has_own_bounds", "in_numbers", "only", "shifted"]


def has_own_bounds(rule: Any) -> bool:
    """Return whether a rule's bound is another one for each group."""
    if rule.op == "within":
        return False
    by_field = rule.by not in (None, "assignment") and rule.bound in GROUP_FIELDS
    return isinstance(rule.bound, Mapping) or by_field


def in_numbers(measures: Measures, rule: Any) -> Any:
    """Return a rule with a number for each group that it bounds.

    Groups are judged by what there is, whatever pairs are left.
    """
    grouping = measures.grouping(rule.measure, rule.by, rule.where)
    bounds = bounds_of(measures.columns, rule, grouping)
    scale = MEASURES[rule.measure].scale
    judged = np.flatnonzero(grouping.judged).tolist()
    return _with(
        rule,
        {
            grouping.keys[i]: bound / scale
            for i in judged
            if (bound := bounds[i]) is not None
        },
    )


def only(rule: Any, keys: Iterable[Key]) -> Any:
    """Return a rule, its numbers by group, for some of these groups."""
    return _with(rule, {key: rule.bound[key] for key in keys})


def shifted(rule: Any, amount: Fraction) -> Any:
    """Return a rule with all its numbers looser by some amount; floors end at 0."""
    if rule.op == "at_most":
        return _with(rule, {key: n + amount for key, n in rule.bound.items()})
    return _with(
        rule,
        {key: min(n, max(n - amount, Fraction())) for key, n in rule.bound.items()},
    )


def _with(rule: Any, bounds: Mapping[Key, Fraction]) -> Any:
    return rule.model_copy(update={"bound": dict(bounds)})


def as_text(bounds: Mapping[Key, Fraction]) -> str:
    """Return numbers by group in one line, as files have them."""
    named = {
        " | ".join(key) if isinstance(key, tuple) else key: number_text(number)
        for key, number in bounds.items()
    }
    return json.dumps(named, ensure_ascii=False, sort_keys=True)

"""A policy in plain words."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from sharematch.model.policy import Policy
from sharematch.model.vocabulary import MEASURES

__all__ = ["goal_text", "policy_text", "rule_text"]

_MEASURE = {
    "served": "units served",
    "demand": "units asked for",
    "unmet": "units unmet",
    "fill_rate": "share of demand served",
    "weighted_served": "weighted units served",
    "travel": "travel",
    "wait": "days of waiting",
    "lateness": "days late",
    "fees": "fees",
    "parity_gap": "fees above what the host's staff pay",
    "rank": "distance from first choices",
    "tier": "sharing tier",
    "lent": "units lent",
    "borrowed": "units borrowed",
    "cost": "cost",
    "subsidy": "subsidy",
    "used": "units in use",
    "utilization": "share of capacity in use",
    "opened_slots": "slots opened",
    "opened_facilities": "facilities opened",
    "moved": "units moved",
}


def policy_text(policy: Policy) -> str:
    """Return what a policy says, in sentences a civil servant can read out.

    Examples
    --------
    >>> print(policy_text(Policy.own_only()))
    For each assignment: sharing tier at most own. First: make the worst-off \
community's share of demand served as great as possible, then the next. Then: as \
many units served as possible. Then: as little travel as possible.
    """
    if policy.method == "first_come":
        start = "Needs choose in turn by date; each takes its nearest free places."
        return " ".join([start, *(f"{_start(rule_text(r))}." for r in policy.rules)])
    parts = [_start(rule_text(rule)) for rule in policy.rules]
    for position, goal in enumerate(policy.goals):
        parts.append(f"{'Then' if position else 'First'}: {goal_text(goal)}")
    return " ".join(f"{part}." for part in parts) or "Any plan that keeps the records."


def rule_text(rule: Any) -> str:
    """Return one rule in words."""
    what = f"{_MEASURE[rule.measure]}{_where(rule.where)}"
    if rule.op == "within":
        width = _number(rule.width, rule.measure)
        return f"{what}: at most {width} between any two {_plural(rule.groups)}"
    if rule.bound == "alone":
        return "no community gets less than its own places alone could give it"
    side = "at least" if rule.op == "at_least" else "at most"
    bound = _number(rule.bound, rule.measure)
    scope = ""
    if rule.by == "assignment":
        scope = "for each assignment: "
    elif rule.groups:
        scope = f"for each {_groups(rule.groups)}: "
    return f"{scope}{what} {side} {bound}"


def goal_text(goal: Any) -> str:
    """Return one goal in words."""
    what = f"{_MEASURE[goal.measure]}{_where(goal.where)}"
    many = MEASURES[goal.measure].unit in ("units", "count", "days")
    slack = (
        f", up to {_number(goal.slack, 'fill_rate')} less good for later goals"
        if getattr(goal, "slack", None)
        else ""
    )
    if goal.op == "maximize":
        return f"as {'many' if many else 'much'} {what} as possible{slack}"
    if goal.op == "minimize":
        return f"as {'few' if many else 'little'} {what} as possible{slack}"
    group = _groups(goal.groups)
    if goal.op == "leximin":
        per = " for its weight" if goal.weights is not None else ""
        return (
            f"make the worst-off {group}'s {what}{per} as great as possible, "
            "then the next"
        )
    return f"make the highest {what} of a {group} as small as possible, then the next"


def _groups(groups: Iterable[str]) -> str:
    return " and ".join(groups)


def _plural(groups: Iterable[str]) -> str:
    text = _groups(groups)
    if text.endswith("y") and not text.endswith("day"):
        return f"{text[:-1]}ies"
    return f"{text}s"


def _where(where: Any) -> str:
    if not where:
        return ""
    parts = [f"{key} {' or '.join(values)}" for key, values in where.items()]
    return f" ({', '.join(parts)})"


def _number(value: Fraction | str, measure: str) -> str:
    if isinstance(value, str):
        return value
    unit = MEASURES[measure].unit
    if unit == "ratio":
        percent = value * 100
        shown = percent.numerator if percent.denominator == 1 else float(percent)
        return f"{shown:g} %"
    shown = value.numerator if value.denominator == 1 else float(value)
    return f"{shown}" if value.denominator == 1 else f"{shown:g}"


def _start(text: str) -> str:
    return text[:1].upper() + text[1:]

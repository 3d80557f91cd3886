"""The words of policies beside measures: groups and filters, and whose they are."""

import re
from typing import Any, Literal

from sharematch.model.measures import MEASURES

__all__ = [
    "CALENDAR",
    "FILTER_KEYS",
    "GROUPS",
    "GROUP_FIELDS",
    "NEED_GROUPS",
    "NUMBERS_BY_GROUP",
    "SLOT_GROUPS",
    "group_side",
    "units_below_alone",
]


NEED_GROUPS = ("community", "area", "kind", "need", "person", "group")
CALENDAR = ("day", "week", "month", "weekday")
"""Groups by the date of a slot's start."""
SLOT_GROUPS = ("slot", "facility", "provider", "sector", *CALENDAR)
GROUPS = (*NEED_GROUPS, *SLOT_GROUPS)
FILTER_KEYS = (*GROUPS, "tags", "time")
GROUP_FIELDS = ("population", "entitlement", "demand", "people")
"""What can stand for a number by group: fields of its records, added up."""
NUMBERS_BY_GROUP = ("bound", "upto", "weights")
"""Fields of rules and goals that may be numbers by group."""


def group_side(group: str, measure: str) -> Literal["need", "slot"]:
    """Return whose attribute `group` is when it groups or filters `measure`."""
    if group in ("community", "area"):
        return MEASURES[measure].place
    return "need" if group in (*NEED_GROUPS, "tags") else "slot"


_ALONE = re.compile(r"alone(?: - ([1-9][0-9]{0,14}))?")


def units_below_alone(rule: Any) -> int | None:
    """Return by how many units a rule lets communities get less than alone.

    None for rules whose bound is no such.

    Examples
    --------
    >>> from sharematch import AtLeast
    >>> units_below_alone(AtLeast("fill_rate", "alone - 2", by="community"))
    2
    """
    bound = rule.bound
    if rule.measure != "fill_rate" or not isinstance(bound, str):
        return None
    match = _ALONE.fullmatch(bound)
    return int(match[1] or 0) if match else None

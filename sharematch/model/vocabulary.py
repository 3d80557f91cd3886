"""The words of policies: measures with their side and unit, groups, filters.

Formulas stand in `sharematch.core.measures`; here is only what a policy needs to be
checked before any instance is there.
"""

import re
from dataclasses import dataclass
from typing import Any, Literal

__all__ = [
    "FILTER_KEYS",
    "GROUPS",
    "MEASURES",
    "NEED_GROUPS",
    "SLOT_GROUPS",
    "MeasureFacts",
    "group_side",
    "units_below_alone",
]


@dataclass(frozen=True, slots=True)
class MeasureFacts:
    """What a measure is: its `side` (which groups it takes) and its `unit`.

    `community` says whose community and area a group or filter by place means.
    `counts` is true where the value of a group counts units of arcs one by one.
    """

    side: Literal["need", "slot", "both"]
    unit: Literal["units", "ratio", "distance", "days", "money", "count", "ranks"]
    place: Literal["need", "slot"] = "need"
    counts: bool = False


MEASURES: dict[str, MeasureFacts] = {
    "served": MeasureFacts("both", "units", counts=True),
    "demand": MeasureFacts("need", "units"),
    "unmet": MeasureFacts("need", "units", counts=True),
    "fill_rate": MeasureFacts("need", "ratio", counts=True),
    "weighted_served": MeasureFacts("need", "units"),
    "travel": MeasureFacts("both", "distance"),
    "wait": MeasureFacts("both", "days"),
    "lateness": MeasureFacts("both", "days"),
    "fees": MeasureFacts("both", "money"),
    "parity_gap": MeasureFacts("both", "money"),
    "rank": MeasureFacts("both", "ranks"),
    "tier": MeasureFacts("both", "ranks"),
    "lent": MeasureFacts("both", "units", place="slot", counts=True),
    "borrowed": MeasureFacts("both", "units", counts=True),
    "cost": MeasureFacts("slot", "money", place="slot"),
    "subsidy": MeasureFacts("slot", "money", place="slot"),
    "used": MeasureFacts("slot", "units", place="slot", counts=True),
    "utilization": MeasureFacts("slot", "ratio", place="slot", counts=True),
    "opened_slots": MeasureFacts("slot", "count", place="slot"),
    "opened_facilities": MeasureFacts("slot", "count", place="slot"),
    "moved": MeasureFacts("both", "units"),
}

NEED_GROUPS = ("community", "area", "kind", "need", "person", "group")
SLOT_GROUPS = ("slot", "facility", "provider", "sector", "day", "week", "month")
GROUPS = (*NEED_GROUPS, *SLOT_GROUPS)
FILTER_KEYS = (*GROUPS, "tags")


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
    bound = getattr(rule, "bound", None)
    if rule.measure != "fill_rate" or not isinstance(bound, str):
        return None
    found = _ALONE.fullmatch(bound)
    return int(found[1] or 0) if found else None

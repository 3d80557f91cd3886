"""The words of policies: measures with their side and unit, groups, filters.

Formulas stand in `sharematch.core.measures`; here is only what a policy needs to be
checked before any instance is there.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = [
    "CALENDAR",
    "FILTER_KEYS",
    "GROUPS",
    "GROUP_FIELDS",
    "MEASURES",
    "NEED_GROUPS",
    "SLOT_GROUPS",
    "MeasureFacts",
    "group_side",
    "units_below_alone",
]


@dataclass(frozen=True, slots=True)
class MeasureFacts:
    """What a measure is, and what prices can prove of a goal over it.

    Parameters
    ----------
    side, unit
        Which groups it takes, and what it is told in.
    priced
        Whether prices can prove that a total is the best: "always" where it is a sum
        over units; "unopened" where it is one unless something costs to open;
        "minimized" where it is one only for who wants little of it; "never" else.
    counts
        Whether a group's value counts units of arcs one by one. Prices prove goals over
        groups of such measures alone.
    place
        Whose community and area a group or filter by place means.
    """

    side: Literal["need", "slot", "both"]
    unit: Literal[
        "units", "ratio", "distance", "days", "money", "count", "ranks", "minutes"
    ]
    priced: Literal["always", "unopened", "minimized", "never"] = field(kw_only=True)
    counts: bool = field(kw_only=True)
    place: Literal["need", "slot"] = "need"


# Every measure answers for itself what prices prove of it: there are no defaults.
MEASURES: dict[str, MeasureFacts] = {
    "served": MeasureFacts("both", "units", priced="always", counts=True),
    "demand": MeasureFacts("need", "units", priced="always", counts=False),
    "unmet": MeasureFacts("need", "units", priced="always", counts=True),
    "fill_rate": MeasureFacts("need", "ratio", priced="always", counts=True),
    "weighted_served": MeasureFacts("need", "units", priced="always", counts=False),
    "travel": MeasureFacts("both", "distance", priced="always", counts=False),
    "wait": MeasureFacts("both", "days", priced="always", counts=False),
    "lateness": MeasureFacts("both", "days", priced="always", counts=False),
    "fees": MeasureFacts("both", "money", priced="always", counts=False),
    "parity_gap": MeasureFacts("both", "money", priced="always", counts=False),
    "rank": MeasureFacts("both", "ranks", priced="always", counts=False),
    "tier": MeasureFacts("both", "ranks", priced="always", counts=False),
    "lent": MeasureFacts("both", "units", "slot", priced="always", counts=True),
    "borrowed": MeasureFacts("both", "units", priced="always", counts=True),
    "cost": MeasureFacts("slot", "money", "slot", priced="unopened", counts=False),
    "subsidy": MeasureFacts("slot", "money", "slot", priced="unopened", counts=False),
    "used": MeasureFacts("slot", "units", "slot", priced="always", counts=True),
    "utilization": MeasureFacts("slot", "ratio", "slot", priced="always", counts=True),
    "opened_slots": MeasureFacts("slot", "count", "slot", priced="never", counts=False),
    "opened_facilities": MeasureFacts(
        "slot", "count", "slot", priced="never", counts=False
    ),
    "bookings": MeasureFacts("both", "count", priced="always", counts=True),
    "minutes": MeasureFacts("both", "minutes", priced="always", counts=False),
    "unpreferred": MeasureFacts("both", "ranks", priced="always", counts=False),
    "unit_cost": MeasureFacts("both", "money", priced="always", counts=False),
    "unit_subsidy": MeasureFacts("both", "money", priced="always", counts=False),
    "moved": MeasureFacts("both", "units", priced="minimized", counts=False),
}

NEED_GROUPS = ("community", "area", "kind", "need", "person", "group")
CALENDAR = ("day", "week", "month", "weekday")
"""Groups by the date of a slot's start."""
SLOT_GROUPS = ("slot", "facility", "provider", "sector", *CALENDAR)
GROUPS = (*NEED_GROUPS, *SLOT_GROUPS)
FILTER_KEYS = (*GROUPS, "tags", "time")
GROUP_FIELDS = ("population", "entitlement", "demand")
"""What can stand for a number by group: fields of its records, added up."""


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

"""Words of records and policies, and what plans and values are."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple, TypeAlias

from tests.oracles.moments import Span

Key: TypeAlias = tuple[Any, ...]
"""Need and slot, and in an opening the start of the booking."""
Plan: TypeAlias = Mapping[Any, int]
"""Units by key."""
Pair: TypeAlias = tuple[str, str]
Group: TypeAlias = str | tuple[str, ...]
By: TypeAlias = str | tuple[str, ...] | None
Where: TypeAlias = Mapping[str, Any] | None
Value: TypeAlias = int | Fraction | Decimal
GoalResult: TypeAlias = Value | tuple[Fraction, ...]


class Flow(NamedTuple):
    """Units of a need in a slot, and when (None: untimed)."""

    need: Any
    slot: Any
    span: Span | None
    units: int


NEED_KEYS = ("community", "area", "kind", "need", "person", "group")
DATED_KEYS = ("day", "week", "month", "weekday", "time")
SLOT_KEYS = ("slot", "facility", "provider", "sector", *DATED_KEYS)
NEED_MEASURES = ("demand", "unmet", "fill_rate", "weighted_served")
SLOT_MEASURES = (
    "cost",
    "subsidy",
    "used",
    "utilization",
    "opened_slots",
    "opened_facilities",
)
ARC_MEASURES = (
    "travel",
    "wait",
    "lateness",
    "fees",
    "parity_gap",
    "rank",
    "tier",
    "lent",
    "borrowed",
    "moved",
    "bookings",
    "minutes",
    "unpreferred",
    "unit_cost",
    "unit_subsidy",
)
UNIT_MEASURES = (
    "served",
    "unmet",
    "fill_rate",
    "used",
    "utilization",
    "lent",
    "borrowed",
)
MONEY = ("fees", "parity_gap", "cost", "subsidy", "unit_cost", "unit_subsidy")


def kind_within(kind: str, wider: str) -> bool:
    """Say whether the path `kind` is `wider` or lies below it."""
    return kind == wider or kind.startswith(wider + "/")


def plain(by: Any) -> By:
    """Return `by` as None, a string or a tuple of strings."""
    return by if by is None or isinstance(by, str) else tuple(by)


def values_of(value: Any) -> tuple[str, ...]:
    """Return the values of one key of a filter as texts."""
    if isinstance(value, (list, tuple, set, frozenset)):
        return tuple(str(v) for v in value)
    return (str(value),)

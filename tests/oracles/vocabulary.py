"""Words of records and policies, and what plans and values are."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

Pair: TypeAlias = tuple[str, str]
Plan: TypeAlias = Mapping[Pair, int]
Group: TypeAlias = str | tuple[str, ...]
By: TypeAlias = str | tuple[str, ...] | None
Where: TypeAlias = Mapping[str, Any] | None
Value: TypeAlias = int | Fraction | Decimal
GoalResult: TypeAlias = Value | tuple[Fraction, ...]
Flow: TypeAlias = tuple[Any, Any, int]

NEED_KEYS = ("community", "area", "kind", "need", "person", "group")
SLOT_KEYS = ("slot", "facility", "provider", "sector", "day", "week", "month")
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
MONEY = ("fees", "parity_gap", "cost", "subsidy")


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

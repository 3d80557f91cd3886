"""Plain stand-ins for records and policies, without any check."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import Any, TypeAlias

Fields: TypeAlias = dict[str, Any]


def decimal(value: Any) -> Decimal:
    """Return a number by its decimal text."""
    return Decimal(str(value))


def moment(value: Any) -> datetime:
    """Return a time from ISO 8601 text."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def day(value: Any) -> date:
    """Return a date from ISO 8601 text; of a time, its date."""
    return value if type(value) is date else moment(value).date()


def spans(value: Any) -> tuple[SimpleNamespace | str, ...]:
    """Return windows with `start` and `end`; those of weekdays stay texts."""
    return tuple(
        span
        if isinstance(span, str)
        else SimpleNamespace(start=moment(span["start"]), end=moment(span["end"]))
        for span in value
    )


def point(value: Any) -> tuple[float, float]:
    """Return a location as two floats."""
    return float(value[0]), float(value[1])


CONVERT: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("tags", "features", "groups", "kinds", "requires"), frozenset),
    **dict.fromkeys(("fee", "staff_fee", "unit_cost", "opening_cost"), decimal),
    **dict.fromkeys(("max_fee", "cost", "max_travel", "radius", "travel"), decimal),
    **dict.fromkeys(("entitlement", "detour", "speed"), decimal),
    **dict.fromkeys(("windows", "closed", "preferred"), spans),
    **dict.fromkeys(("start", "end"), moment),
    **dict.fromkeys(("since", "due"), day),
    "location": point,
    "choices": tuple,
    "concessions": lambda fees: {g: decimal(fee) for g, fee in fees.items()},
}

DEFAULTS: dict[str, Fields] = {
    "areas": {"level": "", "parent": None},
    "communities": {
        "area": None,
        "location": None,
        "population": None,
        "tags": (),
        "entitlement": None,
    },
    "providers": {"sector": "public", "community": None},
    "facilities": {
        "provider": None,
        "location": None,
        "features": (),
        "closed": (),
        "max_units": None,
        "share": None,
        "opening_cost": 0,
        "setup": 0,
        "consent": "ask",
        "parts": (),
    },
    "slots": {
        "kinds": ("help",),
        "capacity": 1,
        "start": None,
        "end": None,
        "reserve": 0,
        "fee": 0,
        "staff_fee": None,
        "unit_cost": 0,
        "opening_cost": 0,
        "min_units": 0,
        "either": None,
        "share": None,
        "groups": (),
        "radius": None,
        "step": None,
        "people": None,
        "concessions": {},
    },
    "needs": {
        "kind": "help",
        "quantity": 1,
        "groups": (),
        "weight": 1,
        "location": None,
        "windows": (),
        "max_travel": None,
        "max_fee": None,
        "requires": (),
        "choices": (),
        "since": None,
        "due": None,
        "min_quantity": 0,
        "whole": False,
        "sessions": 1,
        "every": None,
        "min_sessions": None,
        "minutes": None,
        "times": 1,
        "per_day": 1,
        "preferred": (),
        "rest": 0,
        "people": None,
        "person": None,
        "together": None,
    },
    "pairs": {"cost": 0, "units": 1},
    "links": {"two_way": True},
    "past": {"community": None, "person": None},
    "decisions": {"quantity": None, "start": None},
}
TRAVEL: Fields = {"unit": "km", "metric": "geo", "detour": 1, "speed": None}
TERM: Fields = {"by": None, "where": None}
GOAL: Fields = {"weights": None, "slack": None, "upto": None}


def record(fields: Mapping[str, Any]) -> SimpleNamespace:
    """Return an object with `fields` as attributes, values as records hold them."""
    return SimpleNamespace(
        **{
            name: value if value is None else CONVERT.get(name, lambda v: v)(value)
            for name, value in fields.items()
        }
    )


def namespace(fields: Mapping[str, Any]) -> SimpleNamespace:
    """Return a stand-in for the instance that `fields` describe."""
    collections = {
        name: tuple(record({**defaults, **row}) for row in fields.get(name, ()))
        for name, defaults in DEFAULTS.items()
    }
    travel = record({**TRAVEL, **fields.get("travel", {})})
    return SimpleNamespace(name=fields.get("name", ""), travel=travel, **collections)


def policy_namespace(fields: Mapping[str, Any]) -> SimpleNamespace:
    """Return a stand-in for the policy that `fields` describe."""
    return SimpleNamespace(
        name=fields.get("name", ""),
        rules=tuple(_term(row) for row in fields.get("rules", ())),
        goals=tuple(_term({**GOAL, **row}) for row in fields.get("goals", ())),
    )


def _term(row: Mapping[str, Any]) -> SimpleNamespace:
    fields = {**TERM, **row}
    if isinstance(fields["by"], list):
        fields["by"] = tuple(fields["by"])
    if fields["where"] is not None:
        fields["where"] = {
            key: (value,) if isinstance(value, str) else tuple(value)
            for key, value in fields["where"].items()
        }
    for name in ("bound", "width", "slack", "weights", "upto"):
        value = fields.get(name)
        if isinstance(value, Mapping):
            fields[name] = {
                tuple(key.split(" | ")) if " | " in key else key: _number(amount)
                for key, amount in value.items()
            }
        else:
            fields[name] = _number(value)
    return SimpleNamespace(**fields)


def _number(value: Any) -> Any:
    if value is None or (isinstance(value, str) and not value[0].isdigit()):
        return value
    return Fraction(str(value))

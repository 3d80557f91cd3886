"""Instances and policies as plain data in one canonical form, and their hashes.

Defaults are left out, sets and collections are sorted, numbers and times are written
in one way only, so equal content gives equal data whatever the order it came in.
`Instance(**data)` and `Policy(**data)` read the data back.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cache
from hashlib import sha256
from math import isnan
from typing import Any

from sharematch.model import numbers
from sharematch.model.arguments import typed
from sharematch.model.base import Record
from sharematch.model.frames import Frame
from sharematch.model.instance import Instance
from sharematch.model.policy import Policy
from sharematch.model.records import COLLECTIONS
from sharematch.model.ways import Travel
from sharematch.model.windows import Window

__all__ = [
    "MONEY_FIELDS",
    "instance_data",
    "policy_data",
    "policy_hash",
    "record_data",
    "time_text",
]

MONEY_FIELDS = frozenset(
    ("fee", "staff_fee", "unit_cost", "opening_cost", "max_fee", "cost")
)
"""Fields in major units of money; every other decimal field is a plain number."""

_KEYS: dict[str, tuple[str, ...]] = {
    "pairs": ("need", "slot"),
    "links": ("source", "target"),
    "past": ("community", "person"),
    "decisions": ("need", "slot", "start"),
}


def instance_data(instance: Instance) -> dict[str, Any]:
    """Return an instance as plain data, ready for JSON.

    Equal for instances that differ only in the order of records, sets and windows.

    Examples
    --------
    >>> import sharematch as sm
    >>> instance_data(sm.Instance(communities=[sm.Community(id="a", tags={"old"})]))
    {'communities': [{'id': 'a', 'tags': ['old']}]}
    """
    data: dict[str, Any] = {}
    for field in ("name", "currency"):
        if value := getattr(instance, field):
            data[field] = value
    if instance.travel != Travel():
        data["travel"] = record_data(instance.travel)
    for collection in COLLECTIONS:
        frame = instance.frames[collection]
        if frame.count:
            keys = _KEYS.get(collection, ("id",))
            data[collection] = sorted(
                _rows(frame), key=lambda row: [row.get(key, "") for key in keys]
            )
    return data


def _rows(frame: Frame) -> Iterator[dict[str, Any]]:
    """Yield what `record_data` returns of each record; each value is written once."""
    columns: dict[str, Iterable[object]] = {}
    for name, default, write in _fields(frame.record):
        if name == "location":
            assert frame.points is not None
            points = frame.points.tolist()
            columns[name] = (_UNSAID if isnan(p[0]) else p for p in points)
            continue
        field = frame.fields[name]
        written = [
            _UNSAID if value == default else write(value) for value in field.values
        ]
        if written != [_UNSAID]:
            columns[name] = map(written.__getitem__, field.code.tolist())
    for row in zip(*columns.values(), strict=True):
        said = zip(columns, row, strict=True)
        yield {name: value for name, value in said if value is not _UNSAID}


def policy_data(policy: Policy) -> dict[str, Any]:
    """Return a policy as plain data, ready for JSON; rules stay in their order.

    Examples
    --------
    >>> import sharematch as sm
    >>> policy_data(sm.Policy(goals=[sm.Maximize("served")]))
    {'goals': [{'op': 'maximize', 'measure': 'served'}]}
    """
    data: dict[str, Any] = {}
    for field in ("name", "method"):
        if (value := getattr(policy, field)) != Policy.model_fields[field].default:
            data[field] = value
    for field in ("rules", "goals"):
        if terms := getattr(policy, field):
            data[field] = [{"op": term.op, **record_data(term)} for term in terms]
    return data


@typed
def policy_hash(policy: Policy) -> str:
    """Return "sha256:…" of the content, independent of the order of rules.

    Examples
    --------
    >>> import sharematch as sm
    >>> policy_hash(sm.Policy.fair())[:7]
    'sha256:'
    """
    data = policy_data(policy)
    if "rules" in data:
        data["rules"].sort(key=_compact)
    return _hash(data)


def record_data(record: Record) -> dict[str, Any]:
    """Return the fields of one record that differ from their defaults."""
    values = record.__dict__
    data = {}
    for name, default, write in _fields(type(record)):
        value = values[name]
        # Most fields hold the default itself; comparing by identity first is quick.
        if value is not default and value != default:
            data[name] = write(value)
    return data


def time_text(time: datetime) -> str:
    """Return a time as ISO 8601 text in whole minutes, in its own offset."""
    return time.isoformat(timespec="minutes")


_REQUIRED = object()
_UNSAID = object()
"""Stands where a record has the default."""


@cache
def _fields(
    record: type[Record],
) -> tuple[tuple[str, object, Callable[[Any], object]], ...]:
    """Return name, default and writer of each field."""
    return tuple(
        (
            name,
            _REQUIRED if field.is_required() else field.default,
            _money if name in MONEY_FIELDS else _WRITERS.get(name, _plain),
        )
        for name, field in record.model_fields.items()
        if name != "op"
    )


def _plain(value: object) -> object:  # noqa: PLR0911 (one line per type)
    match value:
        case str() | bool() | int():
            return value
        case frozenset():
            return sorted(value)
        case tuple():
            return list(value)
        case Decimal():
            return _number(value)
        case Fraction():
            return numbers.number_text(value)
        case datetime():
            return time_text(value)
        case date():
            return value.isoformat()
    raise TypeError(f"no plain form of {value!r}")


def _money(value: Decimal) -> str:
    return format(value, ".2f")


def _number(value: Decimal) -> int | float | str:
    """Return a JSON number that reads back as exactly `value`, else its text."""
    if value == value.to_integral_value():
        return int(value)
    near = float(value)
    return near if Decimal(repr(near)) == value else format(value, "f")


def _windows(windows: tuple[Window | str, ...]) -> list[dict[str, str] | str]:
    dated = [window for window in windows if not isinstance(window, str)]
    # The texts decide between equal times that are written in different offsets.
    spans = [(w.start, w.end, time_text(w.start), time_text(w.end)) for w in dated]
    weekly = [window for window in windows if isinstance(window, str)]
    return [
        *({"start": start, "end": end} for _, _, start, end in sorted(spans)),
        *sorted(weekly),
    ]


def _ranked_windows(windows: tuple[Window | str, ...]) -> list[dict[str, str] | str]:
    return [written for window in windows for written in _windows((window,))]


def _fees(fees: Mapping[str, Decimal]) -> dict[str, str]:
    return {group: _money(fee) for group, fee in sorted(fees.items())}


def _where(where: Mapping[str, tuple[str, ...]]) -> dict[str, object]:
    return {
        key: values[0] if len(values) == 1 else list(values)
        for key, values in sorted(where.items())
    }


def _by_group(value: object) -> object:
    """Return numbers by group, one number for all, or the name of their field."""
    if not isinstance(value, Mapping):
        return _plain(value)
    # Files cannot have pairs as keys: "a | b" stands for the pair (a, b).
    return {
        " | ".join(key) if isinstance(key, tuple) else key: numbers.number_text(number)
        for key, number in sorted(value.items(), key=lambda item: str(item[0]))
    }


_WRITERS: dict[str, Callable[[Any], object]] = {
    "windows": _windows,
    "closed": _windows,
    "preferred": _ranked_windows,
    "concessions": _fees,
    "where": _where,
    **dict.fromkeys(("bound", "upto", "weights"), _by_group),
}


def _compact(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _hash(data: object) -> str:
    return f"sha256:{sha256(_compact(data).encode()).hexdigest()}"

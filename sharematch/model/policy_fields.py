"""Fields of rules and goals: what they accept, what they hold, how files have them."""

import difflib
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from sharematch.errors import InputError, Problem
from sharematch.model import numbers
from sharematch.model.fields import as_tuple
from sharematch.model.measures import MEASURES
from sharematch.model.vocabulary import FILTER_KEYS, GROUP_FIELDS, GROUPS
from sharematch.model.week import DAYS, week_text
from sharematch.text import Text

__all__ = [
    "Bound",
    "Ceiling",
    "Filters",
    "GroupBy",
    "MeasureName",
    "Share",
    "Weights",
    "Width",
]


def _measure(value: object) -> object:
    if not isinstance(value, str) or value not in MEASURES:
        near = difflib.get_close_matches(str(value), MEASURES, 1)
        raise InputError(
            [
                Problem(
                    "policy.is_not_a_measure",
                    hint=f"{near[0]}?"
                    if near
                    else Text("instance.one_of", known=", ".join(MEASURES)),
                    value=str(value),
                )
            ]
        )
    return value


def _group(value: object) -> object:
    if value == "assignment" or value in GROUPS:
        return value
    near = difflib.get_close_matches(str(value), (*GROUPS, "assignment"), 1)
    known = Text("policy.one_of_assignment", known=", ".join(GROUPS))
    raise InputError(
        [
            Problem(
                "policy.is_not_a_group",
                hint=f"{near[0]}?" if near else known,
                value=str(value),
            )
        ]
    )


def _by(value: object) -> object:
    if value is None or isinstance(value, str):
        return None if value is None else _group(value)
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise ValueError(Text("policy.must_be_a_group_or_a"))
    if "assignment" in value or value[0] == value[1]:
        raise ValueError(Text("policy.a_pair_must_be_two_different"))
    return tuple(_group(part) for part in value)


def _where(value: object) -> object:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise ValueError(Text("policy.must_be_a_mapping_such_as"))
    filters: dict[str, tuple[str, ...]] = {}
    for key, items in value.items():
        if key not in FILTER_KEYS:
            near = difflib.get_close_matches(str(key), FILTER_KEYS, 1)
            raise InputError(
                [
                    Problem(
                        "policy.is_not_a_filter",
                        value=str(key),
                        hint=f"{near[0]}?"
                        if near
                        else Text("instance.one_of", known=", ".join(FILTER_KEYS)),
                    )
                ]
            )
        values = (items,) if isinstance(items, str) else as_tuple(items)
        assert isinstance(values, tuple)
        if not values or not all(isinstance(item, str) and item for item in values):
            raise ValueError(Text("policy.must_be_a_value_or_a", key=key))
        filters[key] = tuple(sorted(set(map(_READ.get(key, str), values))))
    return dict(sorted(filters.items())) or None


def _weekday(value: str) -> str:
    if value not in DAYS:
        raise ValueError(
            Text("booking.is_no_weekday", day=value, known=", ".join(DAYS))
        )
    return value


_READ = {"time": week_text, "weekday": _weekday}
"""Filters whose values are of a form; others are names of records and labels."""


def _number(value: object) -> Fraction:
    """Return a number as exact as files say it; sums may have any size, and so it."""
    number = numbers.exact(value)
    if number.denominator > numbers.LARGEST:
        raise ValueError(Text("value.is_out_of_range"))
    return number


def _bound(value: object) -> object:
    if isinstance(value, Mapping):
        return _by_group(value, _number)
    if isinstance(value, str):
        try:
            return _number(value)
        except ValueError:
            if re.fullmatch(r"[\d.,/+-]+", value) or not value:
                raise
            return value
    return _number(value)


def _not_negative(value: object) -> Fraction:
    number = _number(value)
    if number < 0:
        raise ValueError(Text("value.must_not_be_negative"))
    return number


def _slack(value: object) -> Fraction | None:
    if value is None:
        return None
    number = _not_negative(value)
    if number > 1:
        raise InputError(
            [
                Problem(
                    "policy.must_be_a_share_between_0",
                    value=str(value),
                    hint="policy.0_02_for_two_percent",
                )
            ]
        )
    return number or None


def _ceiling(value: object) -> object:
    if value is None or value in GROUP_FIELDS:
        return value
    if isinstance(value, Mapping):
        return _by_group(value, _not_negative)
    return _not_negative(value)


def _weights(value: object) -> object:
    if value is None or value in GROUP_FIELDS:
        return value
    if not isinstance(value, Mapping):
        fields = ", ".join(f'"{name}"' for name in GROUP_FIELDS)
        raise ValueError(Text("policy.must_be_a_field_or_numbers", fields=fields))
    return _by_group(value, _weight)


def _by_group(
    value: Mapping[Any, object], read: Callable[[object], Fraction]
) -> dict[str | tuple[str, str], Fraction]:
    """Return a number for each group that is named."""
    return {_group_key(key): read(number) for key, number in value.items()}


def _weight(value: object) -> Fraction:
    number = _not_negative(value)
    if number > numbers.LARGEST:
        raise ValueError(Text("value.is_out_of_range"))
    return number


def _group_key(key: object) -> str | tuple[str, str]:
    if isinstance(key, str):
        # Files cannot have pairs as keys: "a | b" stands for the pair (a, b).
        parts = tuple(part.strip() for part in key.split(" | "))
        return (parts[0], parts[1]) if len(parts) == 2 else key
    if (
        isinstance(key, tuple)
        and len(key) == 2
        and all(isinstance(p, str) for p in key)
    ):
        return (str(key[0]), str(key[1]))
    raise ValueError(Text("policy.must_be_numbers_by_group"))


def _write_numbers(value: object) -> object:
    """Return a number, a field's name or numbers by group as files have them."""
    if isinstance(value, Fraction):
        return numbers.number_text(value)
    if not isinstance(value, Mapping):
        return value
    return {
        " | ".join(key) if isinstance(key, tuple) else key: numbers.number_text(number)
        for key, number in sorted(value.items(), key=lambda item: str(item[0]))
    }


_NUMBER = {"anyOf": [{"type": "number"}, {"type": "string"}]}
_MEASURE_SCHEMA = {"type": "string", "enum": list(MEASURES)}
_GROUP_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "string", "enum": [*GROUPS, "assignment"]},
        {
            "type": "array",
            "items": {"type": "string", "enum": list(GROUPS)},
            "minItems": 2,
            "maxItems": 2,
        },
        {"type": "null"},
    ]
}
_WHERE_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {
            "type": "object",
            "propertyNames": {"enum": list(FILTER_KEYS)},
            "additionalProperties": {
                "anyOf": [
                    {"type": "string"},
                    {"type": "array", "items": {"type": "string"}},
                ]
            },
        },
        {"type": "null"},
    ]
}
_FIELD_SCHEMA: dict[str, Any] = {"type": "string", "enum": list(GROUP_FIELDS)}
_BY_GROUP_SCHEMA: dict[str, Any] = {"type": "object", "additionalProperties": _NUMBER}
_WEIGHTS_SCHEMA: dict[str, Any] = {
    "anyOf": [_FIELD_SCHEMA, _BY_GROUP_SCHEMA, {"type": "null"}]
}
_BOUND_SCHEMA: dict[str, Any] = {"anyOf": [*_NUMBER["anyOf"], _BY_GROUP_SCHEMA]}
_CEILING_SCHEMA: dict[str, Any] = {"anyOf": [*_BOUND_SCHEMA["anyOf"], {"type": "null"}]}

MeasureName = Annotated[str, BeforeValidator(_measure), WithJsonSchema(_MEASURE_SCHEMA)]
GroupBy = Annotated[
    str | tuple[str, str] | None, BeforeValidator(_by), WithJsonSchema(_GROUP_SCHEMA)
]
Filters = Annotated[
    dict[str, tuple[str, ...]] | None,
    BeforeValidator(_where),
    WithJsonSchema(_WHERE_SCHEMA),
]
Bound = Annotated[
    Fraction | str | dict[str | tuple[str, str], Fraction],
    BeforeValidator(_bound),
    PlainSerializer(_write_numbers),
    WithJsonSchema(_BOUND_SCHEMA),
]
Ceiling = Annotated[
    Fraction | str | dict[str | tuple[str, str], Fraction] | None,
    BeforeValidator(_ceiling),
    PlainSerializer(_write_numbers),
    WithJsonSchema(_CEILING_SCHEMA),
]
Share = Annotated[
    Fraction | None,
    BeforeValidator(_slack),
    PlainSerializer(lambda v: None if v is None else numbers.number_text(v)),
    WithJsonSchema({"anyOf": [*_NUMBER["anyOf"], {"type": "null"}]}),
]
Width = Annotated[
    Fraction,
    BeforeValidator(_not_negative),
    PlainSerializer(numbers.number_text),
    WithJsonSchema(_NUMBER),
]
Weights = Annotated[
    str | dict[str | tuple[str, str], Fraction] | None,
    BeforeValidator(_weights),
    PlainSerializer(_write_numbers),
    WithJsonSchema(_WEIGHTS_SCHEMA),
]

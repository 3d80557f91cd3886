"""The types of record fields: what they accept, what they hold, their JSON schema."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

from sharematch.model import numbers
from sharematch.model.week import week_text
from sharematch.text import Text

__all__ = [
    "CONTROL",
    "Count",
    "Day",
    "Heads",
    "Id",
    "Kind",
    "Kinds",
    "Label",
    "Labels",
    "Length",
    "Location",
    "Money",
    "Positive",
    "Ranked",
    "Tier",
    "Time",
    "Units",
    "Weekly",
    "YesNo",
    "as_tuple",
    "as_windows",
    "kind_of_window",
]


def _at_least(low: int, convert: Any) -> BeforeValidator:
    def check(value: object) -> Any:
        number = convert(value)
        if number < low:
            limit = (
                Text("value.must_not_be_negative")
                if low == 0
                else Text("value.must_be_at_least", low=low)
            )
            raise ValueError(limit)
        return number

    return BeforeValidator(check)


def as_tuple(value: object) -> object:
    """Refuse a bare string where a list is meant: it would fall into letters."""
    if isinstance(value, str):
        raise ValueError(Text("value.must_be_a_list_such_as", value=value))
    if isinstance(value, Iterable) and not isinstance(value, Mapping):
        return tuple(value)
    raise ValueError(Text("value.must_be_a_list"))


def _windows(value: object) -> object:
    pairs = as_tuple(value)
    assert isinstance(pairs, tuple)
    return tuple(
        {"start": item[0], "end": item[1]}
        if isinstance(item, (tuple, list)) and len(item) == 2
        else item
        for item in pairs
    )


def kind_of_window(value: object) -> str:
    """Return whether a window is of dates or of weekdays."""
    return "weekly" if isinstance(value, str) else "dated"


def _weekly(value: object) -> str:
    assert isinstance(value, str)
    if "/" in value:  # as in cells of tables
        raise ValueError(Text("booking.must_have_start_and_end"))
    return week_text(value)


def _heads(value: object) -> str:
    """Return least and most heads as text such as "10-30"."""
    # A column of "-30" alone is read as numbers by some.
    text = str(value) if isinstance(value, int) and value < 0 else value
    ends = str(text).split("-") if isinstance(text, str) else []
    if len(ends) != 2 or not any(ends) or not all(map(_is_whole, ends)):
        raise ValueError(Text("booking.must_be_least_and_most"))
    least, most = (numbers.to_units(int(end)) if end else None for end in ends)
    if least is not None and most is not None and least > most:
        raise ValueError(Text("booking.must_have_the_least_first"))
    return "-".join("" if end is None else str(end) for end in (least, most))


def _is_whole(text: str) -> bool:
    return not text or (text.isascii() and text.isdecimal() and len(text) <= 60)


def _location(value: object) -> object:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise ValueError(Text("value.must_be_two_numbers_such_as"))
    point = [numbers.coordinate(number) for number in value]
    if len(point) != 2:
        raise ValueError(Text("value.must_be_two_numbers_such_as"))
    return tuple(point)


def _share(value: object) -> object:
    if isinstance(value, str) and value.strip() == value and value:
        return value
    number = numbers.to_units(value)
    if number < 0:
        raise ValueError(Text("value.must_not_be_negative"))
    return number


def _number_schema(**limit: int) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [{"type": "number", **limit}, {"type": "string"}]})


_TIME_SCHEMA = {"type": "string", "format": "date-time"}

CONTROL = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
"""Control characters and line breaks: no name has one, so lists of names are lines."""

Id = Annotated[
    str,
    StringConstraints(
        strict=True, min_length=1, max_length=500, pattern=rf"^[^{CONTROL}]*$"
    ),
]
Label = Id
Kind = Annotated[
    str,
    StringConstraints(
        strict=True,
        max_length=500,  # what looks at every step of a path takes time of its square
        pattern=rf"^[^/\s;{CONTROL}][^/;{CONTROL}]*(/[^/;{CONTROL}]+)*$",
    ),
]
# Limits stand before what reads a value: they are said of what it has become.
_in_order = PlainSerializer(sorted, list[str], when_used="json")
"""Equal sets are written alike, in whatever order they hold their labels."""
Labels = Annotated[frozenset[Label], BeforeValidator(as_tuple), _in_order]
Units = Annotated[int, Field(ge=0), _at_least(0, numbers.to_units)]
Count = Annotated[int, Field(ge=1), _at_least(1, numbers.to_units)]
Money = Annotated[Decimal, _at_least(0, numbers.to_money), _number_schema(minimum=0)]
Length = Annotated[Decimal, _at_least(0, numbers.to_decimal), _number_schema(minimum=0)]
Time = Annotated[
    datetime, BeforeValidator(numbers.to_datetime), WithJsonSchema(_TIME_SCHEMA)
]
Day = Annotated[date, BeforeValidator(numbers.to_date)]
Location = Annotated[tuple[float, float], BeforeValidator(_location)]
Tier = Annotated[
    int | str,
    BeforeValidator(_share),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string"}]}),
]
Kinds = Annotated[
    frozenset[Kind], Field(min_length=1), BeforeValidator(as_tuple), _in_order
]
Ranked = Annotated[tuple[Id, ...], BeforeValidator(as_tuple)]
YesNo = Annotated[bool, Field(strict=True)]
Positive = Annotated[
    Decimal,
    BeforeValidator(numbers.to_decimal),
    _number_schema(exclusiveMinimum=0),
]
Weekly = Annotated[
    str,
    BeforeValidator(_weekly),
    WithJsonSchema({"type": "string", "examples": ["mon-fri 16:00-20:00", "tue"]}),
]
Heads = Annotated[
    str,
    BeforeValidator(_heads),
    WithJsonSchema({"type": "string", "pattern": r"^([0-9]+-[0-9]*|-[0-9]+)$"}),
]
as_windows = BeforeValidator(_windows)
"""Takes pairs of times for windows."""

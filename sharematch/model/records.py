"""The records of an instance: frozen, checked one by one when they are made.

What a record says about another (an id that must exist, a tier's name) is checked by
`sharematch.model.instance`, which sees them all.
"""

import difflib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

from sharematch.errors import InputError, Problem
from sharematch.model import numbers

__all__ = [
    "Area",
    "Community",
    "Decision",
    "Facility",
    "Link",
    "Need",
    "Pair",
    "Past",
    "Provider",
    "Record",
    "Slot",
    "Travel",
    "Window",
    "identity_of",
    "problems_of",
]


def _at_least(low: int, convert: Any) -> BeforeValidator:
    def check(value: object) -> Any:
        number = convert(value)
        if number < low:
            limit = "must not be negative" if low == 0 else f"must be at least {low}"
            raise ValueError(limit)
        return number

    return BeforeValidator(check)


def _items(value: object) -> object:
    """Refuse a bare string where a list is meant: it would fall into letters."""
    if isinstance(value, str):
        raise ValueError(f'must be a list, such as ["{value}"]')
    if isinstance(value, Iterable) and not isinstance(value, Mapping):
        return tuple(value)
    raise ValueError("must be a list")


def _windows(value: object) -> object:
    pairs = _items(value)
    assert isinstance(pairs, tuple)
    return tuple(
        {"start": item[0], "end": item[1]}
        if isinstance(item, (tuple, list)) and len(item) == 2
        else item
        for item in pairs
    )


def _location(value: object) -> object:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise ValueError("must be two numbers, such as [121.55, 29.87]")
    point = [float(numbers.exact(number)) for number in value]
    if len(point) != 2:
        raise ValueError("must be two numbers, such as [121.55, 29.87]")
    return tuple(point)


def _share(value: object) -> object:
    if isinstance(value, str) and value.strip() == value and value:
        return value
    number = numbers.to_units(value)
    if number < 0:
        raise ValueError("must not be negative")
    return number


_NUMBER_SCHEMA = {"anyOf": [{"type": "number", "minimum": 0}, {"type": "string"}]}
_TIME_SCHEMA = {"type": "string", "format": "date-time"}

Id = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=500)]
Label = Id
Kind = Annotated[
    str, StringConstraints(strict=True, pattern=r"^[^/\s;][^/;]*(/[^/;]+)*$")
]
Labels = Annotated[frozenset[Label], BeforeValidator(_items)]
Units = Annotated[int, _at_least(0, numbers.to_units), Field(ge=0)]
Count = Annotated[int, _at_least(1, numbers.to_units), Field(ge=1)]
Money = Annotated[
    Decimal, _at_least(0, numbers.to_money), WithJsonSchema(_NUMBER_SCHEMA)
]
Length = Annotated[
    Decimal, _at_least(0, numbers.to_decimal), WithJsonSchema(_NUMBER_SCHEMA)
]
Time = Annotated[
    datetime, BeforeValidator(numbers.to_datetime), WithJsonSchema(_TIME_SCHEMA)
]
Day = Annotated[date, BeforeValidator(numbers.to_date)]
Location = Annotated[tuple[float, float], BeforeValidator(_location)]
Tier = Annotated[int | str, BeforeValidator(_share)]


class Record(BaseModel):
    """Base of all records and policy terms: frozen, no unknown fields.

    Raises
    ------
    InputError
        At construction, with every wrong field named.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    _label: ClassVar[str] = ""

    def __init__(self, /, **fields: Any) -> None:
        try:
            super().__init__(**fields)
        except ValidationError as error:
            raise InputError(problems_of(error, type(self), fields)) from None

    # Keeps pydantic on its fast path: nested records need no call of __init__.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @classmethod
    def label(cls) -> str:
        """Return the word messages use for this record."""
        return cls._label or cls.__name__.lower()

    def __repr__(self) -> str:
        shown = ", ".join(f"{key}={value!r}" for key, value in self._set_fields())
        return f"{type(self).__name__}({shown})"

    __str__ = __repr__

    def _set_fields(self) -> Iterable[tuple[str, object]]:
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if field.is_required() or value != field.default:
                yield name, value


class Window(Record):
    """A span of time, `start` to `end`."""

    start: Time
    end: Time

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        _check_span(self.start, self.end)
        return self


Windows = Annotated[tuple[Window, ...], BeforeValidator(_windows)]


def _check_span(start: datetime, end: datetime) -> None:
    if (start.tzinfo is None) != (end.tzinfo is None):
        raise _wrong("end", end, "start and end must both have a zone, or neither")
    if end < start:
        raise _wrong(
            "end",
            end.isoformat(),
            f"must not be before start {start.isoformat()}",
            "swap start and end",
        )


def _wrong(field: str, value: object, message: str, hint: str = "") -> InputError:
    """Return an error about one field; `problems_of` adds the record and its id."""
    return InputError([Problem(message, field=field, value=str(value), hint=hint)])


class Area(Record):
    """A part of the town at some `level`, such as a subdistrict in a district."""

    id: Id
    level: Label
    parent: Id | None = None


class Community(Record):
    """People who live together: the side that needs, and often also lends."""

    id: Id
    area: Id | None = None
    location: Location | None = None
    population: Units | None = None
    tags: Labels = frozenset()
    entitlement: Length | None = None


class Provider(Record):
    """Who runs facilities: an owner with its sector."""

    id: Id
    sector: Literal["public", "host", "volunteer", "market"]
    community: Id | None = None


class Facility(Record):
    """A place, or a team, that offers slots."""

    id: Id
    community: Id
    provider: Id | None = None
    location: Location | None = None
    features: Labels = frozenset()
    closed: Windows = ()
    max_units: Units | None = None
    share: Tier | None = None
    opening_cost: Money = Decimal("0.00")


class Slot(Record):
    """So many places at a facility, for some kinds of need, perhaps at some time."""

    id: Id
    facility: Id
    kinds: Annotated[frozenset[Kind], BeforeValidator(_items), Field(min_length=1)]
    capacity: Units
    start: Time | None = None
    end: Time | None = None
    reserve: Units = 0
    fee: Money = Decimal("0.00")
    staff_fee: Money | None = None
    unit_cost: Money = Decimal("0.00")
    opening_cost: Money = Decimal("0.00")
    min_units: Units = 0
    either: Label | None = None
    share: Tier | None = None
    groups: Labels = frozenset()
    radius: Length | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.start is not None and self.end is not None:
            _check_span(self.start, self.end)
        elif self.start is not None:
            raise _wrong("end", None, "is missing", f"end={self.start.isoformat()}")
        elif self.end is not None:
            raise _wrong("start", None, "is missing", f"start={self.end.isoformat()}")
        for field in ("reserve", "min_units"):
            if (value := getattr(self, field)) > self.capacity:
                raise _wrong(
                    field,
                    value,
                    f"must not be above capacity {self.capacity}",
                    f"{field}={self.capacity}",
                )
        return self


class Need(Record):
    """So many units of one kind, asked for by people of one community."""

    id: Id
    community: Id
    kind: Kind
    quantity: Units = 1
    groups: Labels = frozenset()
    weight: Units = 1
    location: Location | None = None
    windows: Windows = ()
    max_travel: Length | None = None
    max_fee: Money | None = None
    requires: Labels = frozenset()
    choices: Annotated[tuple[Id, ...], BeforeValidator(_items)] = ()
    since: Day | None = None
    due: Day | None = None
    min_quantity: Units = 0
    whole: Annotated[bool, Field(strict=True)] = False
    sessions: Count = 1
    every: Count | None = None
    person: Label | None = None
    together: Label | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.min_quantity > self.quantity:
            raise _wrong(
                "min_quantity",
                self.min_quantity,
                f"must not be above quantity {self.quantity}",
                f"min_quantity={self.quantity}",
            )
        if self.every is not None and self.sessions == 1:
            raise _wrong(
                "every", self.every, "needs sessions above 1", "leave every out"
            )
        if len(set(self.choices)) < len(self.choices):
            twice = next(c for c in self.choices if self.choices.count(c) > 1)
            raise _wrong("choices", twice, "stands there twice", "list it once")
        return self


class Pair(Record):
    """Price and size of one need in one slot."""

    need: Id
    slot: Id
    cost: Money = Decimal("0.00")
    units: Count = 1


class Link(Record):
    """A way between two communities or facilities."""

    source: Id
    target: Id
    travel: Length
    two_way: Annotated[bool, Field(strict=True)] = True


class Past(Record):
    """What a community or a person asked for and got in earlier rounds."""

    community: Id | None = None
    person: Label | None = None
    served: Units
    demand: Units

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.community is None) == (self.person is None):
            raise _wrong(
                "community", self.community, "give either a community or a person"
            )
        if self.served > self.demand:
            raise _wrong(
                "served",
                self.served,
                f"must not be above demand {self.demand}",
                f"demand={self.served}",
            )
        return self


class Decision(Record):
    """What was already said about one need in one slot."""

    need: Id
    slot: Id
    status: Literal["pinned", "accepted", "declined", "forbidden"]
    quantity: Units | None = None


class Travel(Record):
    """How distances are measured: unit, metric, detour factor, speed in km/h."""

    unit: Literal["km", "min"] = "km"
    metric: Literal["geo", "plane"] = "geo"
    detour: Length = Decimal(1)
    speed: Annotated[Decimal, BeforeValidator(numbers.to_decimal)] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.speed is not None and self.speed <= 0:
            raise _wrong("speed", self.speed, "must be above 0")
        return self


_MESSAGES = {
    "missing": "is missing",
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
    "string_too_long": "is too long",
    "string_pattern_mismatch": "must be a path such as health/clinic",
    "model_type": "must be a record with named fields",
    "model_attributes_type": "must be a record with named fields",
}


def problems_of(
    error: ValidationError, record: type[BaseModel], fields: object
) -> list[Problem]:
    """Return what a validation found, in this library's words."""
    identity = identity_of(fields) if isinstance(fields, Mapping) else ""
    label = record.label() if issubclass(record, Record) else record.__name__.lower()
    found = []
    for item in error.errors(include_url=False):
        cause = item.get("ctx", {}).get("error")
        place = [str(part) for part in item["loc"] if part not in ("int", "str")]
        if isinstance(cause, InputError):
            for problem in cause.problems:
                own = not problem.record
                path = ".".join(filter(None, [*place, problem.field]))
                found.append(
                    Problem(
                        problem.message,
                        label if own else problem.record,
                        identity if own else problem.id,
                        path if own else problem.field,
                        _short(problem.value),
                        problem.hint,
                    )
                )
            continue
        message, hint = str(cause or ""), ""
        field = ".".join(place)
        value = "" if item["type"] == "missing" else _short(item["input"])
        if item["type"] == "extra_forbidden":
            message = "is not a known field"
            near = difflib.get_close_matches(place[-1], record.model_fields, 1)
            hint = f"{near[0]}?" if near and len(place) == 1 else ""
        elif item["type"] == "literal_error":
            message = f"must be {item['ctx']['expected']}"
        elif not message:
            message = _MESSAGES.get(item["type"], item["msg"])
        found.append(Problem(message, label, identity, field, value, hint))
    return found


def identity_of(fields: Mapping[str, Any]) -> str:
    """Return what messages call a record: its id, or what it joins."""
    return _short(fields.get("id", "")) or " → ".join(
        _short(fields[key])
        for key in ("need", "slot", "source", "target", "community", "person")
        if fields.get(key) is not None
    )


def _short(value: object) -> str:
    try:
        text = str(value) if isinstance(value, (str, Decimal)) else repr(value)
    except ValueError:  # an integer with more digits than Python writes out
        text = "(a huge number)"
    return text if len(text) <= 60 else f"{text[:57]}..."

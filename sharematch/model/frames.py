"""Tables of records as columns, without an object for each row.

A field is checked once for each different value, by the same types as in records, and
rows are checked against each other with arrays. What passes is exactly what records
would accept. Nothing here says what is wrong: tables that do not pass are read again
as records, whose messages name it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import chain
from math import isnan
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from sharematch.errors import InputError
from sharematch.model import numbers
from sharematch.model.cells import LOCATION_COLUMNS, reader_of
from sharematch.model.fields import CONTROL
from sharematch.model.records import Record

__all__ = [
    "MISSING",
    "Field",
    "Frame",
    "Raw",
    "columns_of_rows",
    "distinct",
    "frame_of",
]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class _Missing:
    """The type of MISSING."""

    def __repr__(self) -> str:
        return "MISSING"

    def __reduce__(self) -> str:
        return "MISSING"


MISSING = _Missing()
"""Stands where a row says nothing: the field has its default."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of all rows: row i has `values[code[i]]`; every value occurs."""

    values: Sequence[Any]
    code: Ints

    def rows(self) -> Iterable[Any]:
        """Return the value of each row."""
        return map(self.values.__getitem__, self.code.tolist())


Raw = Field
"""A field as a table holds it, not checked yet."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The records of one collection as fields; `points` are their locations or NaN."""

    record: type[Record]
    count: int
    fields: Mapping[str, Field]
    points: Floats | None = None

    def field(self, name: str) -> tuple[Sequence[Any], Ints]:
        """Return the values of a field, and which of them each row has."""
        field = self.fields[name]
        return field.values, field.code

    def make(self) -> tuple[Record, ...]:
        """Return the records."""
        names = [*self.fields]
        columns = [field.rows() for field in self.fields.values()]
        if self.points is not None:
            names.append("location")
            columns.append(
                None if isnan(x) else (x, y) for x, y in self.points.tolist()
            )
        return tuple(
            self.record.model_construct(**dict(zip(names, row, strict=True)))
            for row in zip(*columns, strict=True)
        )

    def ordered(self, order: Ints) -> "Frame":
        """Return the same rows in another order."""
        fields = {
            name: Field(field.values, field.code[order])
            for name, field in self.fields.items()
        }
        points = None if self.points is None else self.points[order]
        return Frame(self.record, self.count, fields, points)


def distinct(values: Sequence[Any], *, blanks: bool = True) -> Raw:
    """Return values as a field; with `blanks` NaN, NaT and None count as missing.

    Examples
    --------
    >>> field = distinct(["a", "b", None, "a"])
    >>> field.values, field.code.tolist()
    (['a', 'b', MISSING], [0, 1, 2, 0])
    """
    if isinstance(values, np.ndarray):
        if values.dtype.kind in "iufbM" and values.ndim == 1:
            found, code = np.unique(values, return_inverse=True)
            return Field([_plain(value) for value in found.tolist()], code)
        values = values.tolist()
    kinds = set(map(type, values))
    keys: Iterable[Any] = values
    if len(kinds & {bool, int, float, Decimal}) > 1:  # 1, 1.0 and true are equal
        keys = ((type(value), _key(value)) for value in values)
    elif kinds & {list, dict, set, np.ndarray}:
        keys = map(_key, values)
    seen: dict[Any, int] = {}
    code = np.fromiter(
        (seen.setdefault(k, len(seen)) for k in keys), np.int64, len(values)
    )
    first = np.full(len(seen), len(values))
    np.minimum.at(first, code, np.arange(len(values)))
    some = [values[i] for i in first.tolist()]
    return Field([_plain(value) for value in some] if blanks else some, code)


def _key(value: Any) -> Any:
    return repr(value) if isinstance(value, (list, dict, set, np.ndarray)) else value


def _plain(value: Any) -> Any:
    """Return a cell of a dataframe as a plain value; NaN and NaT differ from all."""
    if value is None or value is MISSING:
        return MISSING
    if isinstance(value, np.ndarray):
        return value.tolist()
    try:
        return MISSING if value != value else value  # noqa: PLR0124 (of any type)
    except ValueError:  # an array in disguise
        return value


def columns_of_rows(rows: object) -> dict[str, Raw] | None:
    """Return the columns of rows as in JSON, None where one is no mapping."""
    if not isinstance(rows, list) or set(map(type, rows)) - {dict}:
        return None
    names = dict.fromkeys(chain.from_iterable(rows))
    return {
        name: distinct([row.get(name, MISSING) for row in rows], blanks=False)
        for name in names
    }


def frame_of(
    record: type[Record], raw: Mapping[str, Raw], count: int, *, cells: bool
) -> Frame | None:
    """Return the checked rows of one collection, None where anything may be wrong.

    Parameters
    ----------
    raw
        Values by name of column.
    count
        How many rows there are.
    cells
        Whether text is read as in CSV files, or values are as in JSON.
    """
    raw = dict(raw)
    points: Floats | None = None
    if "location" in record.model_fields:
        found = _points(raw, count)
        if found is None:
            return None
        points = found
    fields: dict[str, Field] = {}
    for name, about in record.model_fields.items():
        if name == "location":
            continue
        field = raw.pop(name, None)
        if field is None:
            if about.is_required():
                return None
            fields[name] = Field([about.default], np.zeros(count, np.int64))
        else:
            default = MISSING if about.is_required() else about.default
            checked = _checked(record, name, field, default, cells=cells)
            if checked is None:
                return None
            fields[name] = checked
    return None if raw else Frame(record, count, fields, points)


def _checked(
    record: type[Record], name: str, field: Raw, default: object, *, cells: bool
) -> Field | None:
    """Return a field of valid values, None where a record might refuse one."""
    if not field.values:
        return field
    if name in _TEXTS:
        return field if _are_ids(field.values) else None
    read, check = reader_of(name), _adapter(record, name).validate_python
    values = []
    try:
        for value in field.values:
            if value is MISSING or (cells and value == ""):
                if default is MISSING:
                    return None
                values.append(default)
            elif cells and isinstance(value, str):
                values.append(check(read(value)))
            else:
                values.append(check(value))
    except (ValidationError, InputError):
        return None
    return Field(values, field.code)


_TEXTS = frozenset(("id", "need", "slot", "source", "target"))
"""Required fields that hold ids, mostly of different value in each row."""
_CONTROL = re.compile(f"[{CONTROL}]")


def _are_ids(values: Sequence[Any]) -> bool:
    if set(map(type, values)) != {str}:
        return False
    lengths, text = [*map(len, values)], "".join(values)
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    if _CONTROL.search(text):
        return False
    return min(lengths) > 0 and max(lengths) <= 500


@cache
def _adapter(record: type[Record], name: str) -> TypeAdapter[Any]:
    field = record.model_fields[name]
    metadata = tuple(field.metadata)
    kind: Any = Annotated[field.annotation, *metadata] if metadata else field.annotation
    return TypeAdapter(kind)


def _points(raw: dict[str, Raw], count: int) -> Floats | None:
    """Take the columns of locations out of `raw`; None where one may be wrong."""
    pairs = [pair for pair in LOCATION_COLUMNS if raw.keys() & set(pair)]
    points = np.full((count, 2), np.nan)
    if "location" in raw:
        field = raw.pop("location")
        if pairs:
            return None
        read = [_point(value) for value in field.values]
        if None in read:
            return None
        points[:] = np.array(read, np.float64).reshape(-1, 2)[field.code]
    for pair in pairs:
        if len(pairs) > 1 or not set(pair) <= raw.keys():
            return None
        for axis, name in enumerate(pair):
            field = raw.pop(name)
            numbers_ = [_coordinate(value) for value in field.values]
            if None in numbers_:
                return None
            points[:, axis] = np.array(numbers_, np.float64)[field.code]
    half = np.isnan(points).any(axis=1) & ~np.isnan(points).all(axis=1)
    return None if half.any() else points


def _point(value: Any) -> tuple[float, float] | None:
    if value is MISSING:
        return (np.nan, np.nan)
    if isinstance(value, (list, tuple)) and len(value) == 2:
        one, other = map(_coordinate, value)
        if one is None or other is None or isnan(one) or isnan(other):
            return None
        return one, other
    return None


def _coordinate(value: Any) -> float | None:
    """Return a number, NaN where there is none, None where it may be wrong."""
    if value is MISSING or value == "":
        return np.nan
    if type(value) is float and 1e-9 < abs(value) < 1e9:  # nearly always
        return value
    try:
        return float(numbers.exact(value))
    except ValueError:
        return None

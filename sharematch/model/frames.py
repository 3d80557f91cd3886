"""Frames: the records of an instance as columns, the form in which it holds them.

A column is a list of different values and, for each row, which of them it has. Frames
never change; records are views, made when they are first asked for. Copies share
frames, so whatever was made of one is known by the frame itself, never by a name in
a record.
"""

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache, cached_property
from math import isnan
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from sharematch.model.base import Record
from sharematch.model.garbage import without_collection
from sharematch.model.prices import Prices
from sharematch.model.records import COLLECTIONS
from sharematch.model.ways import Travel
from sharematch.model.windows import Window

__all__ = [
    "MISSING",
    "Field",
    "Frame",
    "Frames",
    "Raw",
    "combinations",
    "distinct",
    "field_of",
    "numbered",
    "plain_times",
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
    """One field of all rows: row i has `values[code[i]]`; every value occurs.

    `unset` is the position of the default that stands where rows say nothing, if any.
    """

    values: Sequence[Any]
    code: Ints
    unset: int = -1

    def rows(self) -> Iterable[Any]:
        """Return the value of each row."""
        return map(self.values.__getitem__, self.code.tolist())

    def numbered(self) -> Ints:
        """Return a number for each row: the same one where values are equal."""
        number = {value: i for i, value in enumerate(dict.fromkeys(self.values))}
        return np.array([number[value] for value in self.values], np.int64)[self.code]


Raw = Field
"""A field as a table holds it, not checked yet."""


@dataclass(frozen=True, eq=False)
class Frame:
    """The records of one collection as fields; `points` are their locations or NaN.

    `given` are the records themselves, where these were first.
    """

    record: type[Record]
    count: int
    fields: Mapping[str, Field]
    points: Floats | None = None
    given: tuple[Record, ...] | None = None

    @classmethod
    def of(cls, record: type[Record], records: Sequence[Any]) -> Self:
        """Return the frame of records.

        Examples
        --------
        >>> from sharematch import Need
        >>> needs = [Need(id=x, community="junmiao", kind="culture") for x in "ab"]
        >>> frame = Frame.of(Need, needs)
        >>> frame.fields["id"].values, frame.fields["kind"].values
        (['a', 'b'], ['culture'])
        """
        rows = [item.__dict__ for item in records]
        fields = {
            name: _coded([row[name] for row in rows])
            for name in record.model_fields
            if name != "location"
        }
        points = None
        if "location" in record.model_fields:
            places = [row["location"] or (np.nan, np.nan) for row in rows]
            points = np.array(places, np.float64).reshape(-1, 2)
        # Others than plain records, of a class of one's own, are not kept: what they
        # say beside the fields is no part of an instance.
        is_plain = set(map(type, records)) <= {record}
        given = tuple(records) if is_plain else None
        return cls(record, len(rows), fields, points, given)

    @cached_property
    def records(self) -> tuple[Any, ...]:
        """The records."""
        return self._made() if self.given is None else self.given

    def field(self, name: str) -> tuple[Sequence[Any], Ints]:
        """Return the values of a field, and which of them each row has."""
        field = self.fields[name]
        return field.values, field.code

    def value(self, name: str, row: int) -> Any:
        """Return the value that a row has in a field."""
        field = self.fields[name]
        return field.values[field.code[row]]

    def rows_where(self, name: str, wanted: Callable[[Any], bool]) -> list[int]:
        """Return the rows whose value is wanted; asks once for each different one."""
        field = self.fields[name]
        good = [i for i, value in enumerate(field.values) if wanted(value)]
        return np.flatnonzero(np.isin(field.code, good)).tolist() if good else []

    def ordered(self, order: Ints) -> "Frame":
        """Return the same rows in another order."""
        fields = {
            name: Field(field.values, field.code[order], field.unset)
            if len(field.values) > 1
            else field  # most fields of most instances
            for name, field in self.fields.items()
        }
        points = None if self.points is None else self.points[order]
        return Frame(self.record, self.count, fields, points)

    def _made(self) -> tuple[Record, ...]:
        names = [*self.fields]
        columns = [field.rows() for field in self.fields.values()]
        if self.points is not None:
            names.append("location")
            columns.append(
                None if isnan(x) else (x, y) for x, y in self.points.tolist()
            )
        # In the order of the class, as records made one by one have them.
        place = {name: i for i, name in enumerate(names)}
        names = [*self.record.model_fields]
        columns = [columns[place[name]] for name in names]
        rows = zip(*columns, strict=True)
        with without_collection():
            return tuple(
                self.record.made_of(dict(zip(names, row, strict=True)), given)
                for row, given in zip(rows, self._names_given(), strict=True)
            )

    def _names_given(self) -> Iterable[set[str]]:
        """Yield the fields about which each row says something."""
        has = np.ones((len(self.record.model_fields), self.count), bool)
        for place, name in enumerate(self.record.model_fields):
            if name in self.fields:
                has[place] = self.fields[name].code != self.fields[name].unset
            elif self.points is not None:
                has[place] = ~np.isnan(self.points[:, 0])
        kinds, kind = np.unique(has, axis=1, return_inverse=True)
        names = np.array([*self.record.model_fields])
        sets = [set(names[mask].tolist()) for mask in kinds.T]
        return (sets[i].copy() for i in kind.reshape(-1).tolist())

    def __reduce__(self) -> tuple[Any, ...]:
        if self.given is not None:
            return Frame.of, (self.record, self.given)
        return Frame, (self.record, self.count, self.fields, self.points)


@dataclass(frozen=True, eq=False)
class Frames:
    """All that an instance says: a frame for each collection, and the rest.

    Made anew for every change, so what is worked out of an instance can be kept by
    the identity of these.
    """

    by_name: Mapping[str, Frame]
    name: str = ""
    travel: Travel = Travel()  # noqa: RUF009 (frozen)
    currency: str = ""

    def __getitem__(self, collection: str) -> Frame:
        return self.by_name.get(collection) or no_rows(collection)


@cache
def no_rows(collection: str) -> Frame:
    """Return the frame of a collection without records."""
    return Frame.of(COLLECTIONS[collection], ())


def combinations(columns: Sequence[Ints]) -> tuple[Ints, Ints]:
    """Return the first row of each different combination, and how many rows have it."""
    key, width = columns[0], int(columns[0].max(initial=0)) + 1
    for column in columns[1:]:
        size = int(column.max(initial=0)) + 1
        key, width = key * size + column, width * size
    if width > len(key):
        _, first, count = np.unique(key, return_index=True, return_counts=True)
        return first, count
    # Marks need no sort.
    count = np.bincount(key, minlength=width)
    first = np.empty(width, np.int64)
    first[key[::-1]] = np.arange(len(key))[::-1]
    present = np.flatnonzero(count)
    return first[present], count[present]


def _coded(values: list[Any]) -> Field:
    """Return the values of valid records as a field."""
    if not values:
        return Field([], np.zeros(0, np.int64))
    first = values[0]
    is_same = type(first) is not datetime and first == values[-1]
    if is_same and values.count(first) == len(values):
        return Field([first], np.zeros(len(values), np.int64))
    is_timed = datetime in set(map(type, values))
    return field_of(values, [*map(_instant, values)] if is_timed else values)


def field_of(values: Sequence[Any], keys: Sequence[Any]) -> Field:
    """Return values as a field, those of equal keys as one: the first."""
    different, code = numbered(keys, len(keys))
    if len(different) == len(keys):
        return Field(values, code)
    if keys is values:
        return Field([*different], code)
    # Numbers grow where a key is met first.
    first = np.flatnonzero(np.diff(np.maximum.accumulate(code), prepend=-1))
    return Field([values[i] for i in first.tolist()], code)


def numbered(keys: Iterable[Any], count: int) -> tuple[dict[Any, Any], Ints]:
    """Return the different ones of `count` keys, and which of them each is.

    Examples
    --------
    >>> different, code = numbered(["a", "b", "a"], 3)
    >>> [*different], code.tolist()
    (['a', 'b'], [0, 1, 0])
    """
    keys = iter(keys)
    first_few = [*itertools.islice(keys, _SAMPLE)]
    if len({*first_few}) == len(first_few):  # ids, which need no look-up
        first_few += keys
        seen: dict[Any, Any] = dict.fromkeys(first_few)
        if len(seen) == count:
            return seen, np.arange(count)
    number = defaultdict[Any, int](itertools.count().__next__)
    codes = map(number.__getitem__, itertools.chain(first_few, keys))
    return number, np.fromiter(codes, np.int64, count)


_SAMPLE = 100
"""Where so many are different at the beginning, all may be."""


def _instant(value: Any) -> Any:
    """Return a key of times as written: equal ones may have different offsets."""
    if isinstance(value, datetime):
        return value if value.tzinfo is None else (value, value.utcoffset())
    return value


def distinct(values: Sequence[Any], *, blanks: bool = True) -> Raw:
    """Return values as a field; with `blanks` NaN, NaT and None count as missing.

    Examples
    --------
    >>> field = distinct(["a", "b", None, "a"])
    >>> field.values, field.code.tolist()
    (['a', 'b', MISSING], [0, 1, 2, 0])
    """
    if isinstance(values, np.ndarray):
        is_plain = values.ndim == 1 and not isinstance(values, np.ma.MaskedArray)
        if values.dtype.kind in "iufbM" and is_plain:
            different, code = np.unique(values, return_inverse=True)
            return Field([_plain(value) for value in different.tolist()], code)
        values = values.tolist()
    field = field_of(values, _keys(values))
    return Field([*map(_plain, field.values)], field.code) if blanks else field


_COMPARED = {str, bytes, int, float, bool, Decimal, frozenset, list}
"""Types whose values are told apart by themselves, where all are of one."""


def _keys(values: Sequence[Any]) -> Sequence[Any]:
    """Return what tells values apart: 1, 1.0 and true are equal, so are some times."""
    kinds = set(map(type, values)) - {_Missing, type(None)}
    if len(kinds) > 1 or kinds - _COMPARED:
        return [*zip(map(type, values), map(_key, values), strict=True)]
    # No list has the text of MISSING or None.
    return [*map(repr, values)] if list in kinds else values


def _key(value: Any) -> Any:
    if isinstance(value, datetime):
        return _instant(value)
    if isinstance(value, tuple) and value and isinstance(value[0], Window):
        return value
    if isinstance(value, Prices):
        return value
    if isinstance(value, np.ndarray):
        value = value.tolist()  # its own text leaves out the middle
    if isinstance(value, (list, tuple, dict, set)):
        return repr(value)
    return id(value) if value.__hash__ is None else value


def plain_times(array: Any) -> Any:
    """Return an array of times in a unit that Python has; others as they are."""
    # Days and nanoseconds would come out as dates and as bare numbers.
    return array.astype("datetime64[us]") if array.dtype.kind == "M" else array


def _plain(value: Any) -> Any:
    """Return a cell of a dataframe as a plain value; what is none is MISSING."""
    if isinstance(value, np.ndarray):
        return plain_times(value).tolist()
    if isinstance(value, np.generic):
        value = plain_times(value).item()
    if value is None or value is MISSING:
        return MISSING
    try:
        # NaN and NaT differ from themselves.
        return MISSING if value != value else value  # noqa: PLR0124 (of any type)
    except ValueError:  # an array in disguise
        return value
    except TypeError:  # the NA of pandas does not say whether it does
        return MISSING if type(value).__name__ == "NAType" else value

"""Columns of values as in tables and files become frames, if nothing is wrong.

A field is checked once for each different value, by the same types as in records, and
what fields of one row keep between them once for each different combination, by the
same rules. Nothing here says what is wrong: what does not pass is read again as
records, whose messages name it.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import chain, repeat
from operator import is_
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from sharematch.errors import InputError
from sharematch.model import numbers
from sharematch.model.base import Record, RowRule
from sharematch.model.cells import LOCATION_COLUMNS, reader_of
from sharematch.model.frames import MISSING, Field, Frame, Raw, combinations, distinct
from sharematch.text import Text

__all__ = ["columns_of_rows", "frame_of"]

Floats = NDArray[np.float64]


def columns_of_rows(rows: object) -> dict[str, Raw] | None:
    """Return the columns of rows as in JSON, None where one is no mapping."""
    if not isinstance(rows, list) or set(map(type, rows)) - {dict}:
        return None
    names = dict.fromkeys(chain.from_iterable(rows))
    if rows and not names:
        return None  # no column tells how many rows there are
    columns = {
        name: [*map(dict.get, rows, repeat(name), repeat(MISSING))] for name in names
    }
    # Hardly two locations are alike: to look for those costs more than it saves.
    return {
        name: Field(column, np.arange(len(column)))
        if name == "location"
        else distinct(column, blanks=False)
        for name, column in columns.items()
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
        points = _points(raw, count)
        if points is None:
            return None
    fields: dict[str, Field] = {}
    everywhere = np.zeros(count, np.int64)
    for name, about in record.model_fields.items():
        if name == "location":
            continue
        default = MISSING if about.is_required() else about.default
        column = raw.pop(name, None)
        if column is None:
            checked = None if about.is_required() else Field([default], everywhere, 0)
        else:
            checked = _checked(record, name, column, default, cells=cells)
        if checked is None:
            return None
        fields[name] = checked
    if raw or not all(_keeps(rule, fields) for rule in record.row_rules()):
        return None
    return Frame(record, count, fields, points)


def _checked(
    record: type[Record], name: str, column: Raw, default: object, *, cells: bool
) -> Field | None:
    """Return a field of valid values, None where a record might refuse one."""
    said = column.values
    blank = _blank(said, cells=cells)
    if blank:
        if default is MISSING:
            return None
        said = [value for i, value in enumerate(said) if i not in blank]
    read = reader_of(name) if cells else None
    if read is not None:
        said = [read(value) if isinstance(value, str) else value for value in said]
    try:
        checked = _all_of(record, name).validate_python(said)
    except (ValidationError, InputError):
        return None
    if not blank:
        return Field(checked, column.code)
    # All that say nothing are one value: a cell may be empty in more than one way.
    is_said = np.ones(len(column.values), np.int64)
    is_said[[*blank]] = 0
    place = np.where(is_said, np.cumsum(is_said) - 1, len(checked))
    return Field([*checked, default], place[column.code], len(checked))


def _blank(values: Sequence[Any], *, cells: bool) -> set[int]:
    """Return the positions of values that say nothing."""
    # Ids, which are many, all say something.
    if not cells and not any(map(is_, values, repeat(MISSING))):
        return set()
    return {
        i
        for i, value in enumerate(values)
        if value is MISSING or (cells and isinstance(value, str) and not value)
    }


@cache
def _all_of(record: type[Record], name: str) -> TypeAdapter[list[Any]]:
    """Return what checks a list of values of a field, as the record does."""
    field = record.model_fields[name]
    metadata = tuple(field.metadata)
    kind: Any = Annotated[field.annotation, *metadata] if metadata else field.annotation
    many: Any = list[kind]
    return TypeAdapter(many)


def _keeps(rule: RowRule, fields: Mapping[str, Field]) -> bool:
    """Say whether all rows keep a rule; each different combination is asked once."""
    columns = [fields[name] for name in rule.fields]
    varying = [column.code for column in columns if len(column.values) > 1]
    first = combinations(varying)[0] if varying else np.arange(len(columns[0].code))[:1]
    values = [
        map(column.values.__getitem__, column.code[first].tolist())
        for column in columns
    ]
    try:
        for combination in zip(*values, strict=True):
            rule.check(*combination)
    except InputError:
        return False
    return True


def _points(raw: dict[str, Raw], count: int) -> Floats | None:
    """Take the columns of locations out of `raw`; None where one may be wrong."""
    pairs = [pair for pair in LOCATION_COLUMNS if raw.keys() & set(pair)]
    points = np.full((count, 2), np.nan)
    try:
        if "location" in raw:
            field = raw.pop("location")
            if pairs:
                return None
            points[:] = _places(field.values)[field.code]
        for pair in pairs:
            if len(pairs) > 1 or not set(pair) <= raw.keys():
                return None
            for axis, name in enumerate(pair):
                field = raw.pop(name)
                points[:, axis] = _along(field.values)[field.code]
    except ValueError:
        return None
    half = np.isnan(points).any(axis=1) & ~np.isnan(points).all(axis=1)
    return None if half.any() else points


def _places(values: Sequence[Any]) -> Floats:
    """Return a row of two numbers for each location, NaN where there is none."""
    if isinstance(values, np.ndarray):  # read as such
        return values
    given = [i for i, v in enumerate(values) if v is not MISSING and v is not None]
    pairs = [values[i] for i in given]
    if set(map(type, pairs)) - {list, tuple} or set(map(len, pairs)) - {2}:
        raise ValueError(Text("value.must_be_two_numbers"))
    places = np.full((len(values), 2), np.nan)
    places[given] = numbers.coordinates([*chain.from_iterable(pairs)]).reshape(-1, 2)
    return places


def _along(values: Sequence[Any]) -> Floats:
    """Return a number for each cell of an axis, NaN where there is none."""
    blank = _blank(values, cells=True)
    given = [i for i in range(len(values)) if i not in blank]
    places = np.full(len(values), np.nan)
    places[given] = numbers.coordinates([values[i] for i in given])
    return places

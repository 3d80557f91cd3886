"""Instances in JSON straight to columns, where msgspec is there and nothing is wrong.

Each record is parted into the texts of its values, and each different text is read
once, by what reads any JSON here. So a value is what it always was, however long its
digits are. Whatever is in doubt is not read: the caller then reads the file as ever.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cache
from itertools import chain
from operator import attrgetter
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

import numpy as np

from sharematch.io.native import documents
from sharematch.model import numbers
from sharematch.model.base import Record
from sharematch.model.frames import MISSING, Raw, numbered
from sharematch.model.records import COLLECTIONS

if TYPE_CHECKING:
    import msgspec

__all__ = ["columns_of_json"]

SMALLEST = 1 << 16
"""Smaller files are read before msgspec has come in."""
_LONGEST_PLACE = 60
"""A location of more characters may hold a number that is refused."""
_COLON, _QUOTE = ord(":"), ord('"')
_UNSAID = b" null"
"""Stands where a row says nothing; the text of a value begins with no space."""
_PART = 1 << 22

_NAME = re.compile(rb'"(\w+)"\s*:')
_SPACED = re.compile(rb'"\s+:')
_TINY = re.compile(rb"[eE]-\d{3}")
_SAMPLE = 1 << 16
"""So many characters tell the fields of most rows."""

Columns = dict[str, dict[str, Raw]]


def columns_of_json(content: bytes) -> tuple[Columns, dict[str, Any]] | None:
    """Return the columns of each collection, and all other fields.

    None where anything may be wrong, or msgspec is not installed.
    """
    if len(content) < SMALLEST:
        return None
    try:
        return _read(content)
    except (ImportError, ValueError, RecursionError):
        return None


def _read(content: bytes) -> tuple[Columns, dict[str, Any]] | None:
    import msgspec

    num_keys = _num_keys(content)
    if num_keys is None:
        return None
    parts = msgspec.json.decode(content, type=dict[str, msgspec.Raw])
    num_seen = len(parts)
    columns: Columns = {}
    fields: dict[str, Any] = {}
    for name, part in parts.items():
        if name in COLLECTIONS:
            columns[name], num_told = _columns(COLLECTIONS[name], part)
            num_seen += num_told
        else:
            value = bytes(part)
            num_seen += _count(value)
            fields[name] = documents.parse_json(value.decode())
    # A key that stands there twice hides what it said first.
    return (columns, fields) if num_seen == num_keys else None


def _num_keys(content: bytes) -> int | None:
    """Return how many names of fields there are, in records within others too.

    They end in a quotation mark and a colon; text of values may, which only makes
    them seem more. None where spaces stand between the two.
    """
    signs = np.frombuffer(content, np.uint8)
    num_keys, num_spaced = 0, 0
    for begin in range(0, len(signs), _PART):
        part = signs[max(begin - 1, 0) : begin + _PART]
        before = part[:-1][part[1:] == _COLON]
        num_spaced += int(np.count_nonzero(before <= ord(" ")))
        num_keys += int(np.count_nonzero(before == _QUOTE))
    return None if num_spaced and _SPACED.search(content) else num_keys


def _count(value: bytes) -> int:
    return value.count(b'":')


def _columns(record: type[Record], part: "msgspec.Raw") -> tuple[dict[str, Raw], int]:
    """Return the columns of one collection, and how many keys it has."""
    columns: dict[str, Raw] = {}
    num_keys = 0
    names, rows = _rows(record, part)
    for name in names:
        values = map(attrgetter(name), rows)
        if name == "location":
            column, num_told = _places(values)
        elif _type_of(record, name) is None:
            column, num_told = _parsed(values, len(rows))
        else:
            column, num_told = _typed(values, len(rows))
        num_keys += num_told
        if num_told:
            columns[name] = column
    if rows and not columns:
        raise ValueError  # nothing tells how many rows there are
    return columns, num_keys


def _rows(record: type[Record], part: "msgspec.Raw") -> tuple[Sequence[str], list[Any]]:
    """Return rows, their values not yet read, and the names that they may have."""
    import msgspec

    first = {name.decode() for name in {*_NAME.findall(memoryview(part)[:_SAMPLE])}}
    every = tuple(record.model_fields)
    for names in (tuple(name for name in every if name in first), every):
        try:
            return names, msgspec.json.decode(part, type=_rows_type(record, names))
        except msgspec.ValidationError:  # later rows may have other fields
            if names == every:
                raise
    raise AssertionError


@cache
def _rows_type(record: type[Record], names: Sequence[str]) -> Any:
    """Return the type of rows with no other fields than these: text or not yet read."""
    import msgspec

    unsaid = msgspec.Raw(_UNSAID)
    row: Any = msgspec.defstruct(
        record.__name__,
        [
            (name, kind, MISSING) if kind else (name, msgspec.Raw, unsaid)
            for name, kind in ((name, _type_of(record, name)) for name in names)
        ],
        forbid_unknown_fields=True,
        gc=False,
    )
    return list[row]


@cache
def _type_of(record: type[Record], name: str) -> Any:
    """Return what a field holds in JSON, text or whole numbers; None for all else."""
    kinds = _kinds(record.model_fields[name].annotation) - {type(None)}
    if kinds <= {str, date, datetime}:
        return str | None
    return int | None if kinds == {int} else None


def _kinds(annotation: Any) -> set[Any]:
    """Return the types that a value of a field may have."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _kinds(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return {kind for part in get_args(annotation) for kind in _kinds(part)}
    return {annotation}


def _typed(values: Iterable[Any], count: int) -> tuple[Raw, int]:
    """Return a column of read values, and how many rows say one."""
    different, code = numbered(values, count)
    num_said = count
    if MISSING in different:
        num_said -= int(np.count_nonzero(code == [*different].index(MISSING)))
    return Raw([*different], code), num_said


def _parsed(values: Iterable["msgspec.Raw"], count: int) -> tuple[Raw, int]:
    """Return a column of any values, and how many keys these are and hold."""
    different, code = numbered(map(bytes, values), count)
    times = np.bincount(code, minlength=len(different))
    num_keys = np.array([_count(x) + (x != _UNSAID) for x in different], np.int64)
    read: Any = documents.parse_json(f"[{b','.join(different).decode()}]")
    if _UNSAID in different:
        read[[*different].index(_UNSAID)] = MISSING
    return Raw(read, code), int(num_keys @ times)


def _places(values: Iterable["msgspec.Raw"]) -> tuple[Raw, int]:
    """Return a column of locations, and how many; ValueError for what may be none."""
    import msgspec

    content = b"[%b]" % b",".join(values)
    pairs = msgspec.json.decode(content, type=list[tuple[float, float] | None])
    is_place = np.array([*map(bool, pairs)], bool)
    near = np.fromiter(chain.from_iterable(filter(None, pairs)), np.float64)
    signs = np.frombuffer(content, np.uint8)[1:-1]
    begins, ends = (np.flatnonzero(signs == bracket) for bracket in b"[]")
    # Some are refused: of too many digits, or of an exponent that makes them 0.
    if (ends - begins).max(initial=0) >= _LONGEST_PLACE:
        raise ValueError
    if not near.all() and _TINY.search(content):
        raise ValueError
    points: Any = np.full((len(pairs), 2), np.nan)
    points[is_place] = numbers.coordinates(near).reshape(-1, 2)
    return Raw(points, np.arange(len(points))), len(pairs) - content.count(_UNSAID)

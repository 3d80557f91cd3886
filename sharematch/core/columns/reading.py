"""Reading: one field of all records of a type becomes an array.

Values come coded, a list of the different ones and which of them each row has; each
is read once.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain, islice
from operator import attrgetter, le
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.codes import DAY, NONE
from sharematch.core.columns.sets import Labels
from sharematch.model.frames import Frame
from sharematch.model.week import read_week

__all__ = [
    "Cached",
    "Preferred",
    "by_id",
    "distinct",
    "each",
    "fees",
    "frozen",
    "in_order",
    "in_rows",
    "ints",
    "is_given",
    "labels",
    "length_reader",
    "members",
    "minor_units",
    "minutes_of",
    "numbered",
    "numbers",
    "past",
    "points",
    "positions",
    "preferred",
    "spans",
    "spread",
    "weeks",
]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY = _EPOCH.toordinal()


def minutes_of(time: datetime) -> int:
    """Return minutes since 1970, of the zone's instant or of the naive clock."""
    if time.tzinfo is None:
        return (time.toordinal() - _FIRST_DAY) * 1440 + time.hour * 60 + time.minute
    gap = time - _EPOCH
    return gap.days * 1440 + gap.seconds // 60


def clock_of(time: datetime) -> int:
    """Return minutes since 1970 by the clock, as written, in whatever zone."""
    return minutes_of(time.replace(tzinfo=None))


class Cached(dict[Any, int]):
    """What a function returns, asked once for each different value."""

    def __init__(self, read: Callable[[Any], int]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, value: Any) -> int:
        result = self[value] = self._read(value)
        return result


def length_reader(unit: str) -> Callable[[Decimal], int]:
    """Return what makes whole metres of km, or seconds of minutes, halves upwards."""
    factor, half = 1000 if unit == "km" else 60, Decimal("0.5")
    return Cached(lambda value: int((value * factor + half) // 1)).__getitem__


def minor_units(amount: Decimal) -> int:
    """Return an amount of money in hundredths."""
    return int(amount.scaleb(2))


def by_id(rows: Frame) -> Frame:
    """Return rows in the order of their ids, in which most files have them."""
    ids = in_rows(rows, "id")
    if all(map(le, ids, islice(ids, 1, None))):
        return rows
    return rows.ordered(np.array(sorted(range(len(ids)), key=ids.__getitem__), int))


def positions(rows: Frame) -> dict[str, int]:
    """Return where each id stands."""
    return dict(zip(in_rows(rows, "id"), range(rows.count), strict=True))


def in_rows(rows: Frame, name: str) -> list[Any]:
    """Return the value of each row."""
    return [*rows.fields[name].rows()]


def distinct(rows: Frame, name: str) -> set[Any]:
    """Return the different values of a field, None left out."""
    return {*rows.field(name)[0]} - {None}


def members(rows: Frame, name: str) -> set[str]:
    """Return the different labels in the sets of a field."""
    return {*chain.from_iterable(distinct(rows, name))}


def numbered(names: Iterable[str]) -> dict[str, int]:
    """Return the place of each name among the sorted ones."""
    return {name: i for i, name in enumerate(sorted(set(names)))}


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """Return an array that nobody writes to any more."""
    array.setflags(write=False)
    return array


def ints(values: Iterable[int], count: int) -> Ints:
    """Return so many numbers as a read-only array."""
    return frozen(np.fromiter(values, np.int64, count))


def numbers(rows: Frame, name: str, read: Callable[[Any], int] = int) -> Ints:
    """Return a field of all rows as read, NONE where it is None."""
    return each(rows.field(name), read)


def each(field: tuple[Sequence[Any], Ints], read: Callable[[Any], int]) -> Ints:
    """Return the values of a field as read, NONE where they are None."""
    values, code = field
    if None not in values:
        decoded = ints(values if read is int else map(read, values), len(values))
    elif all(value is None for value in values):
        decoded = frozen(np.full(len(values), NONE, np.int64))
    else:
        decoded = ints((NONE if v is None else read(v) for v in values), len(values))
    return frozen(decoded[code])


def is_given(rows: Frame, name: str) -> Bools:
    """Return the rows in which a field is not None."""
    values, code = rows.field(name)
    given = np.array([value is not None for value in values], bool)
    return frozen(given[code])


def in_order(*columns: Ints) -> tuple[Ints, ...]:
    """Return columns in the order of the first, then of the second and so on."""
    if not _are_in_order(columns):
        order = np.lexsort(columns[::-1])
        columns = tuple(column[order] for column in columns)
    return tuple(map(frozen, columns))


def _are_in_order(columns: Sequence[Ints]) -> bool:
    """Return whether columns are ordered so, as those of most files are."""
    equal = np.ones(max(len(columns[0]) - 1, 0), bool)
    for column in columns:
        later, earlier = column[1:], column[:-1]
        if (equal & (later < earlier)).any():
            return False
        equal &= later == earlier
    return True


def spread(items: Sequence[Sequence[Any]], code: Ints) -> tuple[list[Any], Ints, Ints]:
    """Return items in one list, and which row holds which of them."""
    count = np.fromiter(map(len, items), np.int64, len(items))
    flat = [*chain.from_iterable(items)]
    begin = np.cumsum(count) - count
    held = count[code]
    row = np.repeat(np.arange(len(code)), held)
    rank = np.arange(len(row)) - np.repeat(np.cumsum(held) - held, held)
    return flat, row, begin[code][row] + rank


def spans(rows: Frame, name: str) -> tuple[Ints, ...]:
    """Return row, start and end of all windows of dates, in this order."""
    values, code = rows.field(name)
    dated = [[w for w in value if not isinstance(w, str)] for value in values]
    flat, row, which = spread(dated, code)
    start = _minutes([*map(attrgetter("start"), flat)])
    end = _minutes([*map(attrgetter("end"), flat)])
    return in_order(row, start[which], end[which])


def weeks(rows: Frame, name: str) -> tuple[Ints, ...]:
    """Return row, minute of the week and length of all weekly windows' days."""
    values, code = rows.field(name)
    hours = [
        _hours(text for text in value if isinstance(text, str)) for value in values
    ]
    flat, row, which = spread(hours, code)
    start, minutes = np.array(flat, np.int64).reshape(-1, 2).T
    return in_order(row, start[which], minutes[which])


def _hours(texts: Iterable[str]) -> list[tuple[int, int]]:
    """Return minute of the week and length of each day of weekly windows."""
    read = (read_week(text) for text in texts)
    return sorted({(d * DAY + w.start, w.minutes) for w in read for d in w.days})


class Preferred(NamedTuple):
    """Windows in order of liking: columns sorted by row, position and time."""

    row: Ints
    position: Ints
    is_weekly: Bools
    start: Ints
    end: Ints


def preferred(rows: Frame, name: str) -> Preferred:
    """Return windows in order of liking; a weekly one is one position for its days."""
    values, code = rows.field(name)
    flat, row, which = spread([[*_liked(value)] for value in values], code)
    table = np.array(flat, np.int64).reshape(-1, 4)[which]
    row, position, weekly, start, end = in_order(row, *table.T)
    return Preferred(row, position, frozen(weekly.astype(bool)), start, end)


def _liked(windows: Sequence[Any]) -> Iterable[tuple[int, int, int, int]]:
    """Yield position, whether weekly, start and end of windows."""
    for position, window in enumerate(windows):
        if isinstance(window, str):
            for start, minutes in _hours([window]):
                yield position, 1, start, start + minutes
        else:
            yield position, 0, minutes_of(window.start), minutes_of(window.end)


def fees(rows: Frame, name: str, group_at: dict[str, int]) -> tuple[Ints, ...]:
    """Return row, group and fee in minor units of all prices by group."""
    values, code = rows.field(name)
    priced = [
        [(group_at[group], minor_units(fee)) for group, fee in value.items()]
        for value in values
    ]
    flat, row, which = spread(priced, code)
    group, fee = np.array(flat, np.int64).reshape(-1, 2).T
    return in_order(row, group[which], fee[which])


def _minutes(times: Sequence[datetime]) -> Ints:
    # Equal times of a zone can be two instants; those of the naive clock are one.
    naive = all(time.tzinfo is None for time in times)
    read = Cached(minutes_of).__getitem__ if naive else minutes_of
    return ints(map(read, times), len(times))


def points(rows: Frame) -> Floats:
    """Return (n, 2) coordinates, NaN where a record has no location."""
    points = rows.points
    assert points is not None
    return frozen(points.copy())


def labels(rows: Frame, name: str, names: Sequence[str] | None = None) -> Labels:
    """Return the labels each row bears, over `names` or over those it has itself."""
    values, code = rows.field(name)
    if names is None:
        names = sorted(members(rows, name))
    index_of: dict[Hashable, int] = {name: i for i, name in enumerate(names)}
    # Many rows bear the same few sets: each is sorted once.
    indices_of: dict[frozenset[str], list[int]] = {}
    for label_set in values:
        if label_set not in indices_of:
            indices_of[label_set] = sorted(index_of[name] for name in label_set)
    flat, row, which = spread([*map(indices_of.__getitem__, values)], code)
    indptr = np.zeros(rows.count + 1, np.int64)
    np.cumsum(np.bincount(row, minlength=rows.count), out=indptr[1:])
    indices = ints(flat, len(flat))[which]
    return Labels(tuple(names), frozen(indptr), frozen(indices))


def past(rows: Frame, owner: str, name: str, position_of: dict[str, int]) -> Ints:
    """Return a number of earlier rounds for each community or person, 0 if none."""
    total = np.zeros(len(position_of), np.int64)
    owner_position = numbers(rows, owner, position_of.__getitem__)
    has_owner = owner_position != NONE
    total[owner_position[has_owner]] = numbers(rows, name)[has_owner]
    return frozen(total)

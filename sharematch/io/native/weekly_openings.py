"""Openings by weekday, as offices keep them: a table whose rows become dated slots.

A row has the columns of a slot but `start` and `end`: instead of them it says on which
`weekdays` it is open, `from` when `to` when, from which date (`valid_from`) `until`
which, `except` on some days. An `id` begins the ids of its slots, else the facility's.
With a `zone` (such as Europe/Berlin) times have offsets, which follow its clock.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sharematch.errors import InputError, Problem
from sharematch.io.native.atomic import check_inside
from sharematch.io.native.days_off import days_between, is_table, read_days_off
from sharematch.io.openings import zone_named
from sharematch.model import numbers
from sharematch.model.cells import Header
from sharematch.model.places import Slot
from sharematch.model.week import Week, read_week
from sharematch.plans.repeating import MOST_DAYS
from sharematch.text import Text

__all__ = ["COLUMNS_OF_OPENINGS", "OPENINGS", "slots_of"]

OPENINGS = "openings.csv"
"""The table's name in a folder."""

_OWN = ("weekdays", "from", "to", "valid_from", "until", "except", "zone")
_NEEDED = ("facility", "weekdays", "from", "to", "valid_from", "until")

COLUMNS_OF_OPENINGS = frozenset(_OWN)
"""Columns that a slot has not."""

Row = dict[str, Any]
_DAY = timedelta(days=1)


def slots_of(
    names: Sequence[str],
    rows: Iterable[tuple[int, Sequence[str]]],
    folder: Path,
    problems: list[Problem],
) -> Iterator[tuple[Text, Row]]:
    """Yield the fields of each slot, and where the row stood that it comes from.

    Parameters
    ----------
    names
        Of the columns.
    rows
        Their numbers and cells.
    folder
        Where files of exceptions lie.
    problems
        What is wrong is added to these.
    """
    columns = ["_".join(name.lower().split()) for name in names]
    missing = [name for name in _NEEDED if name not in columns]
    for name in missing:
        hint = Text("table.add_a_column", field=name)
        about = ("value.is_missing", "column", name)
        problems.append(Problem(*about, source=OPENINGS, hint=hint))
    others = [name for name in columns if name not in (*_OWN, "id")]
    header = Header(["id", *others], Slot, OPENINGS)
    problems += header.problems
    if missing or header.is_broken:
        return
    for number, cells in rows:
        source = Text("place.row_table", table=OPENINGS, row=number)
        row = dict(zip(columns, (cell.strip() for cell in cells), strict=False))
        prefix = row.get("id") or row.get("facility", "")
        fields, wrong = header.fields(
            [prefix, *(row.get(name, "") for name in others)], source
        )
        problems += wrong
        if fields is None:
            continue
        yield from _dated(fields, _Opening(row, prefix, folder, source), problems)


def _dated(
    fields: Row, opening: "_Opening", problems: list[Problem]
) -> Iterator[tuple[Text, Row]]:
    try:
        spans = [*opening.spans()]
    except InputError as error:
        problems += error.problems
        return
    for start, end in spans:
        id_ = f"{opening.prefix} {start.isoformat(timespec='minutes')[:16]}"
        yield opening.source, {**fields, "id": id_, "start": start, "end": end}


class _Opening:
    """One row: hours on some weekdays, between two dates, with exceptions."""

    def __init__(
        self, row: Mapping[str, str], prefix: str, folder: Path, source: Text
    ) -> None:
        self.row, self.prefix, self.folder, self.source = row, prefix, folder, source

    def spans(self) -> Iterator[tuple[Any, Any]]:
        """Yield start and end of each date; InputError names the cell that is wrong."""
        row, zone = self.row, None
        if name := row.get("zone"):
            zone = zone_named(name)
            if zone is None:
                raise self._wrong("zone", Text("booking.is_no_zone"))
        week = self._week()
        first, last = self._date("valid_from"), self._date("until")
        if not 0 <= (last - first).days < MOST_DAYS:
            raise self._wrong("until", Text("booking.must_follow", most=MOST_DAYS))
        gone = {*self._exceptions()}
        for day in _days(first, last):
            if day.weekday() in week.days and day not in gone:
                yield week.on(day, zone)

    def _week(self) -> Week:
        text = f"{self.row['weekdays']} {self.row['from']}-{self.row['to']}"
        try:
            return read_week(text)
        except ValueError as error:
            raise self._wrong("weekdays", error.args[0], text) from None

    def _date(self, name: str) -> date:
        try:
            return numbers.to_date(self.row.get(name, ""))
        except ValueError as error:
            raise self._wrong(name, error.args[0]) from None

    def _exceptions(self) -> Iterator[date]:
        """Yield days off; a file of the folder has some in each row."""
        for part in filter(None, map(str.strip, self.row.get("except", "").split(";"))):
            if not is_table(part):
                try:
                    yield from _days(*days_between(part))
                except ValueError as error:
                    raise self._wrong("except", error.args[0], part) from None
                continue
            path = self.folder / part
            check_inside(self.folder, path)
            if not path.is_file():
                raise self._wrong("except", Text("booking.is_no_file"), part)
            for off in read_days_off(path):
                if off.facility in ("", self.row.get("facility")):
                    yield from _days(off.first, off.last)

    def _wrong(self, field: str, message: str, value: str | None = None) -> InputError:
        shown = self.row.get(field, "") if value is None else value
        about = ("slot", self.prefix, field, shown[:60])
        return InputError([Problem(message, *about, source=self.source)])


def _days(first: date, last: date) -> Iterator[date]:
    yield from (first + n * _DAY for n in range((last - first).days + 1))

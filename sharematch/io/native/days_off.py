"""Days off: holidays and other days without openings or bookings, as a table.

The first cell of a row is a date, or two of them such as 2026-12-24/2027-01-06. A
column `facility` names the one that is closed, empty for all; the next other cell is
the reason.
"""

import os
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from sharematch.errors import InputError, Problem
from sharematch.io.native.delimited import read_sheet
from sharematch.model import numbers
from sharematch.model.arguments import typed
from sharematch.model.cells import unguarded
from sharematch.plans.repeating import MOST_DAYS, DayOff
from sharematch.text import Text

__all__ = ["days_between", "is_table", "read_days_off"]

_FACILITY = "facility"
_KNOWN = ("date", "day", "reason", "name", _FACILITY)


def is_table(text: str) -> bool:
    """Say whether a text names a file of days off, rather than days."""
    return text.lower().endswith((".csv", ".txt"))


def days_between(text: str) -> tuple[date, date]:
    """Return the first and last day that a text names; ValueError for what is none.

    Examples
    --------
    >>> first, last = days_between("2026-12-24/2027-01-06")
    >>> (last - first).days
    13
    """
    first, _, last = text.partition("/")
    try:
        begin, end = numbers.to_date(first), numbers.to_date(last or first)
    except ValueError:
        raise ValueError(Text("booking.is_no_day_off")) from None
    if not 0 <= (end - begin).days < MOST_DAYS:
        raise ValueError(Text("booking.is_no_day_off"))
    return begin, end


@typed
def read_days_off(path: str | os.PathLike[str]) -> tuple[DayOff, ...]:
    r"""Read days off from a table: a date or two of them, a reason, maybe a facility.

    The first row may name the columns; rows that begin with "#" are passed over.

    Raises
    ------
    InputError
        When the file cannot be read, or a row names no days.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     table = Path(folder, "days_off.csv")
    ...     _ = table.write_text(
    ...         "date,reason,facility\n"
    ...         "2027-10-04/2027-10-17,autumn holidays,\n"
    ...         "2027-11-14,election,school-hall\n"
    ...     )
    ...     for one in read_days_off(table):
    ...         print(one.first, one.last, one.reason, one.facility or "everywhere")
    2027-10-04 2027-10-17 autumn holidays everywhere
    2027-11-14 2027-11-14 election school-hall
    """
    problems: list[Problem] = []
    days_off = [*_rows(Path(path), problems)]
    if problems:
        raise InputError(problems)
    return tuple(days_off)


def _rows(path: Path, problems: list[Problem]) -> Iterator[DayOff]:
    place = 0  # of the facility's cell; the date's is the first
    for number, row in read_sheet(path, _KNOWN, {}).rows:
        # Without names of columns nothing says what separates them.
        split = re.split("[;\t]", row[0]) if len(row) == 1 else row
        cells = [unguarded(cell.strip()) for cell in split]
        if cells[0].startswith("#"):
            continue
        if number == 1 and not cells[0][:1].isdecimal():
            names = [cell.lower() for cell in cells]
            place = names.index(_FACILITY) if _FACILITY in names else 0
            continue
        try:
            first, last = days_between(cells[0])
        except ValueError as error:
            source = Text("place.row", file=os.fspath(path), row=number)
            message, value = error.args[0], cells[0][:60]
            problems.append(Problem(message, field="date", value=value, source=source))
            continue
        facility = cells[place] if 0 < place < len(cells) else ""
        others = (c for column, c in enumerate(cells[1:], 1) if column != place and c)
        yield DayOff(first, last, next(others, ""), facility)

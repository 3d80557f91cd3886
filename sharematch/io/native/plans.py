"""Plans and the answers to them as tables: written to be handed out, read back."""

import difflib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from sharematch.errors import InputError, Problem
from sharematch.io.native.delimited import read_sheet
from sharematch.model.answers import Answer, answers_of
from sharematch.model.arguments import typed
from sharematch.model.canonical import time_text
from sharematch.model.cells import csv_cell, csv_row, unguarded
from sharematch.model.frames import Frame
from sharematch.model.instance import Instance
from sharematch.plans.allocation import Allocation, Assignment
from sharematch.text import Text

__all__ = [
    "assignments_text",
    "questions_text",
    "read_answers",
    "read_plan",
    "read_usage",
]

COLUMNS = ("slot", "need", "quantity", "facility", "start", "end", "community", "kind")
_NEEDED = ("slot", "need", "quantity")
_PLAN = (*_NEEDED, "start", "end")
_ANSWER = ("need", "slot", "status", "quantity", "start")
_ASKED = "asked"
_USAGE = ("need", "slot", "used", "start")
_WHOLE = ("quantity", "used")
_MOST_DIGITS = 60

Made = TypeVar("Made")


@typed
def read_plan(
    path: str | os.PathLike[str], instance: Instance | None = None
) -> Allocation:
    r"""Read a plan from a CSV file with the columns `need`, `slot` and `quantity`.

    In openings `start` says when a booking begins. Other columns, such as those of a
    plan that was handed out, are passed over.

    Parameters
    ----------
    instance
        The records, if they are at hand: the times of slots that are no openings, which
        say nothing new, are then left out.

    Raises
    ------
    InputError
        When the file cannot be read, a column is missing, or a row means nothing.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> path = Path(mkdtemp()) / "plan.csv"
    >>> _ = path.write_text("need;slot;quantity\nelderly;mon;2\n")
    >>> [(a.need, a.quantity) for a in read_plan(path)]
    [('elderly', 2)]
    """
    rows, problems = _read(Path(path), _NEEDED, _PLAN)
    if instance is not None:
        openings = {slot.id for slot in instance.slots if slot.step is not None}
        for row in rows.values():
            if row.get("slot") not in openings:
                row.pop("start", None)
                row.pop("end", None)
    return _by_row(path, rows, Allocation, problems)


@typed
def read_answers(
    path: str | os.PathLike[str], instance: Instance | None = None
) -> tuple[Answer, ...]:
    r"""Read answers from a CSV file with `need`, `slot`, `status`.

    Columns `quantity` and `start` may be there. Others are passed over, but for one
    whose name is nearly that of these. A row whose status is still `asked`, as in the
    questions of a round, was not answered and says nothing.

    Parameters
    ----------
    path
        The file.
    instance
        The records that needs and slots must be among, if they are at hand.

    Raises
    ------
    InputError
        When the file cannot be read, a column is missing, or a row means nothing.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> path = Path(mkdtemp()) / "answers.csv"
    >>> _ = path.write_text("need,slot,status\nelderly,mon,declined\n")
    >>> read_answers(path)[0].status
    'declined'
    """
    rows, problems = _read(Path(path), _ANSWER[:3], _ANSWER)
    said = {n: row for n, row in rows.items() if row.get("status") != _ASKED}
    return _by_row(path, said, lambda rows: answers_of(rows, instance), problems)


@typed
def read_usage(path: str | os.PathLike[str]) -> list[dict[str, Any]]:
    r"""Read from a CSV file with `need`, `slot`, `used` what was really used.

    A column `start` says of which booking in an opening.

    Raises
    ------
    InputError
        When the file cannot be read or a column is missing.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> path = Path(mkdtemp()) / "used.csv"
    >>> _ = path.write_text("need,slot,used\nelderly,mon,1\n")
    >>> read_usage(path)
    [{'need': 'elderly', 'slot': 'mon', 'used': 1}]
    """
    rows, problems = _read(Path(path), _USAGE[:3], _USAGE)
    if problems:
        raise InputError(problems)
    return list(rows.values())


def _read(
    path: Path, needed: Iterable[str], known: Sequence[str]
) -> tuple[dict[int, dict[str, Any]], list[Problem]]:
    """Return the rows of a table by number, as fields, and wrong columns."""
    sheet = read_sheet(path, known, dict.fromkeys(_WHOLE, "whole"))
    header = sheet.header
    problems = [
        Problem("value.is_missing", "column", name, source=str(path))
        for name in needed
        if name not in header
    ]
    absent = [name for name in known if name not in header]
    for name in dict.fromkeys(header):
        if near := difflib.get_close_matches(name, absent, 1, 0.8):
            about = ("column", name, "", "", f"{near[0]}?", str(path))
            problems.append(Problem("value.is_not_known", *about))
    if any(problem.code == "value.is_missing" for problem in problems):
        raise InputError(problems)
    rows = {
        number: {name: _cell(name, row[name]) for name in known if name in row}
        for number, row in sheet.by_name()
    }
    return {number: row for number, row in rows.items() if row}, problems


def _cell(name: str, text: str) -> str | int:
    text = unguarded(text)
    if name in _WHOLE and text.isascii() and text.isdecimal():
        return int(text[:_MOST_DIGITS])  # a longer number is too large in any case
    return text


def _by_row(
    path: str | os.PathLike[str],
    rows: Mapping[int, dict[str, Any]],
    make: Callable[[Iterable[Mapping[str, Any]]], Made],
    problems: Iterable[Problem],
) -> Made:
    """Return what rows make; problems name the file and the row of the table."""
    all_problems = [*problems]
    numbers = list(rows)
    try:
        made = make(rows.values())
        if not all_problems:
            return made
    except InputError as error:
        for problem in error.problems:
            row = numbers[int(problem.id) - 1]
            source = Text("place.row", file=os.fspath(path), row=row)
            all_problems.append(replace(problem, source=source, record="", id=""))
    raise InputError(all_problems)


def assignments_text(instance: Instance, allocation: Allocation) -> str:
    """Return a plan as CSV: one row for each slot and need, in order of their ids.

    In openings one row for each booking, with its own times; where some have named
    parts of a hall, a last column has them, parted by semicolons.
    """
    slots, needs = instance.frames["slots"], instance.frames["needs"]
    slot_ids, need_ids = allocation.slots, allocation.needs
    begin, finish = (_by_id(slots, name, _time_shown) for name in ("start", "end"))
    times = [*zip(slot_ids, allocation.starts, allocation.ends, strict=True)]
    # Each different text is made a cell once, and no record is made for its row.
    columns = [
        map({x: csv_cell(x) for x in slot_ids}.__getitem__, slot_ids),
        map({x: csv_cell(x) for x in need_ids}.__getitem__, need_ids),
        map(str, allocation.quantities.tolist()),
        map(_by_id(slots, "facility").__getitem__, slot_ids),
        (begin[x] if start is None else _time_shown(start) for x, start, _ in times),
        (finish[x] if start is None else _time_shown(end) for x, start, end in times),
        map(_by_id(needs, "community").__getitem__, need_ids),
        map(_by_id(needs, "kind").__getitem__, need_ids),
    ]
    names: tuple[str, ...] = COLUMNS
    if any(allocation.parts):
        names = (*names, "parts")
        columns.append(csv_cell(";".join(parts)) for parts in allocation.parts)
    rows = map(",".join, zip(*columns, strict=True))
    return "\n".join((csv_row(names), *rows, ""))


def _by_id(
    frame: Frame, name: str, shown: Callable[[Any], str] = str
) -> dict[str, str]:
    """Return the cell of a field by the id of each record."""
    values, code = frame.field(name)
    cells = [csv_cell(shown(value)) for value in values]
    ids = frame.fields["id"].rows()
    return dict(zip(ids, map(cells.__getitem__, code.tolist()), strict=True))


def _time_shown(time: datetime | None) -> str:
    return "" if time is None else time_text(time)


def questions_text(instance: Instance, asked: Iterable[Assignment]) -> str:
    """Return as CSV what hosts are asked; they put their answers for `asked`.

    `read_answers` reads the table back.
    """
    slots = {slot.id: slot for slot in instance.slots}
    needs = {need.id: need for need in instance.needs}
    lines = [csv_row((*_ANSWER, "end", "facility", "community", "kind"))]
    for question in asked:
        slot, need = slots[question.slot], needs[question.need]
        span = (question.start or slot.start, question.end or slot.end)
        start, end = (time_text(t) if t is not None else "" for t in span)
        told = need.id, slot.id, _ASKED, str(question.quantity), start, end
        lines.append(csv_row((*told, slot.facility, need.community, need.kind)))
    return "\n".join((*lines, ""))

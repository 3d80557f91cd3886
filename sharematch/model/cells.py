"""Cells of tables: what a field says as text, and back.

Sets and lists are separated by ";", a location stands in two columns, a window is
start/end, an empty cell means the default.

Spreadsheets run text that begins like a formula, be it after spaces or a tab. Such
text is written with an apostrophe before it, which they take as "this is text"; reading
takes it away.
"""

import difflib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from sharematch.errors import InputError, Problem
from sharematch.model.base import Record
from sharematch.model.problems import identity_of
from sharematch.model.records import COLLECTIONS
from sharematch.text import Text

__all__ = [
    "LOCATION_COLUMNS",
    "NUMBERS",
    "Header",
    "cell_text",
    "columns_of",
    "csv_cell",
    "csv_row",
    "csv_text",
    "guarded",
    "reader_of",
    "unguarded",
]

LOCATION_COLUMNS = (("x", "y"), ("lon", "lat"))
LISTS = frozenset(("tags", "features", "kinds", "groups", "requires", "choices"))
LISTS |= {"parts"}
WINDOWS = frozenset(("windows", "closed", "preferred"))
FLAGS = frozenset(("whole", "two_way"))
WHOLE = frozenset(("population", "max_units", "capacity", "reserve", "min_units"))
WHOLE |= frozenset(("quantity", "weight", "min_quantity", "sessions", "every"))
WHOLE |= frozenset(("units", "served", "demand", "setup", "step", "rest"))
WHOLE |= frozenset(("minutes", "times", "per_day", "min_sessions"))

DECIMALS = frozenset(("entitlement", "opening_cost", "fee", "staff_fee", "unit_cost"))
DECIMALS |= {"radius", "concessions", "max_travel", "max_fee", "cost", "travel"}
NUMBERS = {
    **dict.fromkeys(WHOLE, "whole"),
    **dict.fromkeys(DECIMALS, "decimal"),
    **dict.fromkeys((name for pair in LOCATION_COLUMNS for name in pair), "degrees"),
}
"""The kind of number that a column of records has."""

Fields = dict[str, Any]

# Spreadsheets take wide signs too, and some drop what cannot be seen before them.
MOST_HINTS = 20
"""So many unknown columns get a hint at what may be meant."""

_FORMULA = r"(?:[\t\r\n]|\s*[=+\-@＝＋－＠])"
# Where ";" separates columns, as in much of Europe, cells begin there too.
_UNSAFE = re.compile(rf"(^|;)('*{_FORMULA})")
_GUARDED = re.compile(rf"(^|;)'('*{_FORMULA})")
_SPECIAL = re.compile('[,"\r\n]')
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


def guarded(cell: str) -> str:
    """Return the text of a cell so that no spreadsheet takes it for a formula.

    Numbers stay as they are. `unguarded` gives back exactly what went in.

    Examples
    --------
    >>> guarded("=1+1"), guarded("-3.7"), unguarded(guarded("=1+1"))
    ("'=1+1", '-3.7', '=1+1')
    """
    return cell if _NUMBER.fullmatch(cell) else _UNSAFE.sub(r"\1'\2", cell)


def unguarded(cell: str) -> str:
    """Return a cell's text without the apostrophes that `guarded` put in."""
    return _GUARDED.sub(r"\1\2", cell) if "'" in cell else cell


def csv_row(cells: Iterable[str]) -> str:
    """Return guarded cells as a row of CSV, without its end.

    A line break of any kind stands in quotation marks: some readers begin a new row at
    a lone carriage return.

    Examples
    --------
    >>> csv_row(["a", "-3", "b,c"])
    'a,-3,"b,c"'
    """
    return ",".join(map(csv_cell, cells))


def csv_cell(cell: str) -> str:
    r"""Return a guarded cell as it stands in CSV.

    Examples
    --------
    >>> csv_cell("=1,5")
    '"\'=1,5"'
    """
    cell = guarded(cell)
    if _SPECIAL.search(cell) is None:
        return cell
    return '"{}"'.format(cell.replace('"', '""'))


class Header:
    """The columns of one table: turns its rows into fields of records.

    `problems` lists what is wrong with the columns themselves; with `is_broken`, rows
    cannot be read by them.
    """

    def __init__(self, names: Sequence[str], record: type[Record], source: str) -> None:
        self.names = names
        self.label = record.label()
        self.required_id = "id" in names
        known = set(record.model_fields) - {"location"}
        self._readers = [
            (name, _READERS.get(name, _same) if name in known else None)
            for name in names
        ]
        self._places = [
            pair
            for pair in LOCATION_COLUMNS
            if "location" in record.model_fields and set(pair) <= set(names)
        ]
        self.problems = list(_header_problems(names, record, source))
        self.is_broken = any(p.code != "value.is_not_known" for p in self.problems)

    def fields(
        self, cells: Sequence[Any], source: str
    ) -> tuple[Fields | None, list[Problem]]:
        """Return the fields of a row, None if it has no id, and what is wrong."""
        problems = []
        if any(cells[len(self.names) :]):
            message = Text(
                "table.has_cells_the_first_row_has",
                count=len(cells),
                width=len(self.names),
            )
            hint = Text("table.put_cells_with_commas_in_quotation")
            problems.append(Problem(message, source=source, hint=hint))
        fields: Fields = {}
        for (name, read), cell in zip(self._readers, cells, strict=False):
            if _is_said(cell) and read is not None:
                fields[name] = read(cell) if isinstance(cell, str) else cell
        if self.required_id and "id" not in fields:
            problems.append(Problem("value.is_missing", field="id", source=source))
            return None, problems
        for pair in self._places:
            values = {
                name: cell
                for name, cell in zip(self.names, cells, strict=False)
                if name in pair and _is_said(cell)
            }
            if len(values) == 2:
                fields["location"] = [values[name] for name in pair]
            for name, cell in values.items() if len(values) == 1 else ():
                message = Text("table.needs_both_and", one=pair[0], other=pair[1])
                about = (self.label, identity_of(fields), name, str(cell))
                problems.append(Problem(message, *about, source=source))
        return fields, problems


def _is_said(cell: object) -> bool:
    # A cell that holds a series cannot be compared with a text.
    return cell is not None and not (isinstance(cell, str) and not cell)


def columns_of(record: type[Record]) -> set[str]:
    """Return the columns that a table of records may have."""
    names = set(record.model_fields)
    if "location" in names:
        names |= {name for pair in LOCATION_COLUMNS for name in pair}
        names -= {"location"}
    return names


def _header_problems(
    header: Sequence[str], record: type[Record], name: str
) -> Iterator[Problem]:
    known = columns_of(record)
    unknown = 0
    for column, count in Counter(header).items():
        if count > 1:
            yield Problem("field.stands_there_twice", "column", column, source=name)
        if column not in known:
            unknown += 1  # to look for what is alike takes long
            hint = _hint(column, known) if unknown <= MOST_HINTS else ""
            yield Problem(
                "value.is_not_known", "column", column, source=name, hint=hint
            )
    for field, about in record.model_fields.items():
        if about.is_required() and field not in header:
            hint = Text("table.add_a_column", field=field)
            yield Problem("value.is_missing", "column", field, source=name, hint=hint)
    used = [pair for pair in LOCATION_COLUMNS if known & set(pair) & set(header)]
    if len(used) > 1:
        yield Problem(
            "table.has_columns_x_y_and_lon", source=name, hint="table.keep_two"
        )
    for column in set(used[0]) - set(header) if used else ():
        yield Problem("value.is_missing", "column", column, source=name)


def _hint(column: str, known: Iterable[str]) -> str:
    if set(column) & {";", "\t", "|"}:
        return Text("hsds.separate_columns_by_commas")
    near = difflib.get_close_matches(column, known, 1)
    return (
        f"{near[0]}?"
        if near
        else Text("instance.one_of", known=", ".join(sorted(known)))
    )


def _same(cell: str) -> object:
    return cell


def _list(cell: str) -> object:
    return _split(cell)


def _windows(cell: str) -> object:
    return [_window(item) for item in _split(cell)]


def _flag(cell: str) -> object:
    """Return what a cell says; here and below, the cell itself if it says nothing."""
    return _FLAG_WORDS.get(cell.lower(), cell)


_FLAG_WORDS = {"true": True, "false": False, "yes": True, "no": False} | {
    "1": True,
    "0": False,
}


def _tier(cell: str) -> object:
    return _whole(cell) if cell.isdecimal() else cell


def _whole(cell: str) -> object:
    if len(cell) > 60 or not cell.isascii() or "_" in cell:
        return cell
    try:
        return int(cell) if cell.isdecimal() else Decimal(cell)
    except InvalidOperation:
        return cell


def _split(cell: str) -> list[str]:
    return [item.strip() for item in cell.split(";") if item.strip()]


def _fees(cell: str) -> object:
    """Return fees by group, such as "low-income=0;youth=1.50"."""
    parts = [item.rpartition("=") for item in _split(cell)]
    groups = [group.strip() for group, _, _ in parts]
    if not all(groups) or len(set(groups)) < len(groups):
        return cell
    return {
        group: fee.strip() for group, (_, _, fee) in zip(groups, parts, strict=True)
    }


def _window(item: str) -> object:
    start, slash, end = item.partition("/")
    return {"start": start.strip(), "end": end.strip()} if slash else item


_READERS: dict[str, Callable[[str], object]] = {
    **dict.fromkeys(LISTS, _list),
    **dict.fromkeys(WINDOWS, _windows),
    **dict.fromkeys(FLAGS, _flag),
    **dict.fromkeys(WHOLE, _whole),
    "share": _tier,
    "people": _tier,
    "concessions": _fees,
}


def reader_of(field: str) -> Callable[[str], object] | None:
    """Return what turns the text of a cell into a value of a field; None if itself."""
    return _READERS.get(field)


def csv_text(
    collection: str, rows: Sequence[Mapping[str, Any]], location: tuple[str, str]
) -> str:
    """Return plain records as CSV: the required columns and those with a value.

    Raises
    ------
    InputError
        When a value cannot stand in a cell: a ";" inside a list, spaces around text.
    """
    record = COLLECTIONS[collection]
    used = {field for row in rows for field in row}
    columns = [
        column
        for field, about in record.model_fields.items()
        if about.is_required() or field in used
        for column in (location if field == "location" else (field,))
    ]
    lines = [csv_row(columns)]
    for row in rows:
        names = row.keys() - {"location"}
        cells = {name: cell_text(row, name, record) for name in names}
        if "location" in row:
            cells |= {
                name: repr(number)
                for name, number in zip(location, row["location"], strict=True)
            }
        lines.append(csv_row(cells.get(column, "") for column in columns))
    return "\n".join((*lines, ""))


def cell_text(row: Mapping[str, Any], field: str, record: type[Record]) -> str:
    """Return the text of a field's cell, not yet guarded.

    Raises
    ------
    InputError
        When it would not be read back as the same value.
    """
    value = row[field]
    cell = _TEXT.get(field, _text)(value)
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    is_same = is_number or _READERS.get(field, _same)(cell) == value
    if not is_same or cell.strip() != cell or "\r" in cell:
        raise InputError(
            [
                Problem(
                    "table.cannot_stand_in_a_table",
                    record.label(),
                    identity_of(row),
                    field,
                    str(value),
                    Text("table.write_a_json_file"),
                )
            ]
        )
    return cell


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")
    return str(value)


def _spans(windows: Iterable[Mapping[str, str] | str]) -> str:
    return ";".join(
        window if isinstance(window, str) else f"{window['start']}/{window['end']}"
        for window in windows
    )


def _prices(fees: Mapping[str, str]) -> str:
    return ";".join(f"{group}={fee}" for group, fee in fees.items())


_TEXT: dict[str, Callable[[Any], str]] = {
    **dict.fromkeys(LISTS, ";".join),
    **dict.fromkeys(WINDOWS, _spans),
    "concessions": _prices,
}

"""An instance as a folder of tables: one CSV (or Parquet) file for each collection.

The same values as in JSON, in cells: sets and lists separated by ";", a location in two
columns, a window as start/end, an empty cell for the default.
"""

import csv
import difflib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from sharematch.errors import InputError, Problem
from sharematch.io import documents
from sharematch.io.atomic import path_error
from sharematch.model.instance import COLLECTIONS
from sharematch.model.records import Record, identity_of

__all__ = ["LOCATION_COLUMNS", "MANIFEST", "FolderReader", "csv_text", "is_table"]

MANIFEST = "instance.toml"
"""The file of a folder that holds what is no table."""

LOCATION_COLUMNS = (("x", "y"), ("lon", "lat"))
PAST_KEYS = ("community", "person")
LISTS = frozenset(("tags", "features", "kinds", "groups", "requires", "choices"))
WINDOWS = frozenset(("windows", "closed"))
FLAGS = frozenset(("whole", "two_way"))
WHOLE = frozenset(("population", "max_units", "capacity", "reserve", "min_units"))
WHOLE |= frozenset(("quantity", "weight", "min_quantity", "sessions", "every"))
WHOLE |= frozenset(("units", "served", "demand"))

Row = dict[str, Any]


def is_table(name: str) -> bool:
    """Say whether a file of this name holds a collection."""
    stem, _, suffix = name.rpartition(".")
    return stem in COLLECTIONS and suffix in ("csv", "parquet")


class FolderReader:
    """Reads the tables of a folder; remembers which row each record stood in.

    After `read`, `problems` lists what is wrong with the tables themselves. With
    `is_broken`, whole columns or tables are missing, and what the records say of each
    other is not worth checking.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []
        self.is_broken = False
        self._rows: dict[tuple[str, str], list[str]] = {}
        self._numbers: dict[str, list[str]] = {}

    def read(self) -> dict[str, Any]:
        """Return the fields of the instance as plain data.

        Raises
        ------
        InputError
            When the folder holds no instance, or `instance.toml` cannot be read.
        """
        try:
            names = sorted(path.name for path in self.folder.iterdir())
        except OSError as error:
            raise path_error(self.folder, error) from error
        tables = [name for name in names if is_table(name)]
        if not tables and MANIFEST not in names:
            hint = "it lies in another folder; needs.csv is one file of an instance"
            raise InputError(
                [Problem("holds no instance", str(self.folder), hint=hint)]
            )
        data: dict[str, Any] = {}
        if MANIFEST in names:
            manifest = documents.read(self.folder / MANIFEST)
            data = documents.check_format(manifest, "instance", MANIFEST)
        self._check_names(names)
        for name in tables:
            collection = name.rpartition(".")[0]
            if collection in data:
                message = f"{collection} stand in another file too"
                self._break([Problem(message, source=name)])
                continue
            try:
                data[collection] = list(self._records(collection, name))
            except InputError as error:
                self._break(error.problems)
        return data

    def locate(self, problem: Problem) -> str:
        """Return file and row that a problem of a record is about, as far as known."""
        collection = _COLLECTION_OF.get(problem.record, "")
        name = next(iter(self._names(collection)), "")
        if not name:
            return MANIFEST if (self.folder / MANIFEST).exists() else ""
        rows = self._rows.get((collection, problem.id), [])
        number = problem.id.removeprefix("number ")
        if not rows and number.isdecimal() and number != problem.id:
            rows = self._numbers[collection][int(number) - 1 : int(number)]
        return f"{name} row{'s' * (len(rows) > 1)} {', '.join(rows)}" if rows else name

    def _break(self, problems: Iterable[Problem]) -> None:
        self.problems += problems
        self.is_broken = True

    def _names(self, collection: str) -> Iterator[str]:
        for suffix in ("csv", "parquet"):
            if (self.folder / f"{collection}.{suffix}").exists():
                yield f"{collection}.{suffix}"

    def _check_names(self, names: Sequence[str]) -> None:
        """Refuse a table whose name is nearly right: leaving it out would be silent."""
        absent = [name for name in COLLECTIONS if not any(self._names(name))]
        for name in names:
            stem, _, suffix = name.rpartition(".")
            if suffix.lower() not in ("csv", "parquet") or is_table(name):
                continue
            if near := difflib.get_close_matches(stem.lower(), absent, 1, 0.75):
                hint = f"{near[0]}.{suffix.lower()}?"
                message = "is not the name of a table"
                self._break([Problem(message, source=name, hint=hint)])

    def _records(self, collection: str, name: str) -> Iterator[Row]:
        path = self.folder / name
        load = _load_csv if name.endswith(".csv") else _load_parquet
        header, rows = load(path)
        record = COLLECTIONS[collection]
        if problems := list(_header_problems(header, record, name)):
            self._break(problems)
        for number, cells in rows:
            source = f"{name} row {number}"
            fields, problems = _fields_of(header, cells, record, source)
            self.problems += problems
            if fields is None:
                continue
            names = {identity_of(fields)}
            if collection == "past":  # called so where one stands there twice
                names |= {f"{key} → {fields.get(key)}" for key in PAST_KEYS}
            for identity in names:
                self._rows.setdefault((collection, identity), []).append(str(number))
            self._numbers.setdefault(collection, []).append(str(number))
            yield fields


_COLLECTION_OF = {cls.label(): name for name, cls in COLLECTIONS.items()}


def _load_csv(path: Path) -> tuple[list[str], Iterable[tuple[int, list[str]]]]:
    lines = io.StringIO(documents.read_text(path), newline="")
    # Rows are numbered as a spreadsheet does: the header is row 1.
    rows: list[tuple[int, list[str]]] = []
    try:
        for number, row in enumerate(csv.reader(lines, strict=True), 1):
            cells = [cell.strip() for cell in row]
            if any(cells):
                rows.append((number, cells))
    except csv.Error as error:
        source = f"{path.name} row {len(rows) + 1}"
        raise InputError([Problem(str(error), source=source)]) from None
    if not rows:
        hint = "add a first row with the names of the columns"
        raise InputError([Problem("is empty", source=path.name, hint=hint)])
    header = rows[0][1]
    while not header[-1]:
        header.pop()
    return header, rows[1:]


def _load_parquet(path: Path) -> tuple[list[str], Iterable[tuple[int, list[Any]]]]:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        hint = "pip install 'sharematch[parquet]', or a CSV file"
        raise InputError(
            [Problem("needs pyarrow to be read", source=path.name, hint=hint)]
        ) from None
    try:
        table = parquet.read_table(path)
        columns = [column.to_pylist() for column in table.columns]
    except (OSError, ValueError, pa.ArrowException) as error:
        message = str(error).partition("\n")[0]
        raise InputError([Problem(message, source=path.name)]) from None
    rows = [list(row) for row in zip(*columns, strict=True)]
    return list(table.column_names), list(enumerate(rows, 1))


def _columns(record: type[Record]) -> set[str]:
    names = set(record.model_fields)
    if "location" in names:
        names |= {name for pair in LOCATION_COLUMNS for name in pair}
        names -= {"location"}
    return names


def _header_problems(
    header: Sequence[str], record: type[Record], name: str
) -> Iterator[Problem]:
    known = _columns(record)
    for column in dict.fromkeys(header):
        if header.count(column) > 1:
            yield Problem("stands there twice", "column", column, source=name)
        if column not in known:
            hint = _hint(column, known)
            yield Problem("is not known", "column", column, source=name, hint=hint)
    for field, about in record.model_fields.items():
        if about.is_required() and field not in header:
            hint = f"add a column {field}"
            yield Problem("is missing", "column", field, source=name, hint=hint)
    used = [pair for pair in LOCATION_COLUMNS if known & set(pair) & set(header)]
    if len(used) > 1:
        yield Problem("has columns x, y and lon, lat", source=name, hint="keep two")
    for column in set(used[0]) - set(header) if used else ():
        yield Problem("is missing", "column", column, source=name)


def _hint(column: str, known: Iterable[str]) -> str:
    if set(column) & {";", "\t"}:
        return "separate columns by commas"
    near = difflib.get_close_matches(column, known, 1)
    return f"{near[0]}?" if near else f"one of {', '.join(sorted(known))}"


def _fields_of(
    header: Sequence[str], cells: Sequence[Any], record: type[Record], source: str
) -> tuple[Row | None, list[Problem]]:
    """Return the fields of one row, None if it has no id, and what is wrong."""
    extra = [cell for cell in cells[len(header) :] if cell]
    problems = []
    if extra:
        message = f"has {len(cells)} cells, the first row has {len(header)}"
        hint = "put cells with commas in quotation marks"
        problems.append(Problem(message, value=extra[0], source=source, hint=hint))
    found = {
        column: cell
        for column, cell in zip(header, cells, strict=False)
        if cell is not None and cell != ""
    }
    if "id" in header and "id" not in found:
        problems.append(Problem("is missing", field="id", source=source))
        return None, problems
    fields: Row = {}
    for column, cell in found.items():
        if column in record.model_fields and column != "location":
            fields[column] = _value(column, cell) if isinstance(cell, str) else cell
    for pair in LOCATION_COLUMNS:
        here = [column for column in pair if column in found]
        if "location" in record.model_fields and len(here) == 2:
            fields["location"] = [found[column] for column in pair]
        elif "location" in record.model_fields and here and set(pair) <= set(header):
            message = f"needs both {pair[0]} and {pair[1]}"
            problems.append(
                Problem(
                    message,
                    record.label(),
                    identity_of(found),
                    here[0],
                    str(found[here[0]]),
                    source=source,
                )
            )
    return fields, problems


def _value(field: str, cell: str) -> object:
    """Return what a cell says; where it says nothing that fits, the cell itself."""
    if field in LISTS:
        return _split(cell)
    if field in WINDOWS:
        return [_window(item) for item in _split(cell)]
    if field in FLAGS:
        return _FLAG_WORDS.get(cell.lower(), cell)
    if field in WHOLE:
        return _whole(cell)
    if field == "share" and cell.isdecimal():
        return _whole(cell)
    return cell


_FLAG_WORDS = {"true": True, "false": False, "yes": True, "no": False} | {
    "1": True,
    "0": False,
}


def _split(cell: str) -> list[str]:
    return [item.strip() for item in cell.split(";") if item.strip()]


def _window(item: str) -> object:
    start, slash, end = item.partition("/")
    return {"start": start.strip(), "end": end.strip()} if slash else item


def _whole(cell: str) -> object:
    if len(cell) > 60:
        return cell
    try:
        number = Decimal(cell)
    except InvalidOperation:
        return cell
    return number if cell.isascii() else cell


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
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        cells = {name: _cell(row, name, record) for name in row if name != "location"}
        if "location" in row:
            cells |= {
                name: repr(number)
                for name, number in zip(location, row["location"], strict=True)
            }
        writer.writerow([cells.get(column, "") for column in columns])
    return text.getvalue()


def _cell(row: Mapping[str, Any], field: str, record: type[Record]) -> str:
    value = row[field]
    cell = _TEXT.get(field, _text)(value)
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    is_same = is_number or _value(field, cell) == value
    if not is_same or cell.strip() != cell or "\r" in cell:
        raise InputError(
            [
                Problem(
                    "cannot stand in a table",
                    record.label(),
                    identity_of(row),
                    field,
                    str(value),
                    "write a .json file",
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


def _spans(windows: Iterable[Mapping[str, str]]) -> str:
    return ";".join(f"{window['start']}/{window['end']}" for window in windows)


_TEXT: dict[str, Callable[[Any], str]] = {
    **dict.fromkeys(LISTS, ";".join),
    **dict.fromkeys(WINDOWS, _spans),
}

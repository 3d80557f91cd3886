"""An instance as a folder of tables: one CSV (or Parquet) file for each collection.

The same values as in JSON, in cells; how is said in `sharematch.model.cells`.
"""

import difflib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sharematch.errors import InputError, Problem
from sharematch.io.native import documents
from sharematch.io.native.atomic import check_inside, path_error
from sharematch.io.native.delimited import read_sheet
from sharematch.io.native.encodings import WORKBOOKS, check_no_workbook
from sharematch.io.native.quick_csv import columns_of_csv
from sharematch.io.native.weekly_openings import COLUMNS_OF_OPENINGS, OPENINGS, slots_of
from sharematch.model.cells import NUMBERS, Header, columns_of, unguarded
from sharematch.model.extras import install
from sharematch.model.frames import MISSING, Raw, distinct, numbered
from sharematch.model.instance import Instance
from sharematch.model.records import COLLECTIONS
from sharematch.model.rows import RowIndex
from sharematch.text import Text

__all__ = ["MANIFEST", "FolderReader", "columns_of_table", "is_table"]

MANIFEST = "instance.toml"
"""The file of a folder that holds what is no table."""

UNREAD = (".gz", ".zip", ".bz2", ".xz", ".zst", ".tsv", ".tab")
"""How tables end that somebody packed, or saved with tabs."""
MOST_ROWS = 20_000_000
"""More are not read from one Parquet table."""

Row = dict[str, Any]


def is_table(name: str) -> bool:
    """Say whether a file of this name holds a collection."""
    stem, _, suffix = name.rpartition(".")
    return stem in COLLECTIONS and suffix in ("csv", "parquet")


class FolderReader:
    """Reads the tables of a folder; remembers which row each record stood in.

    After `read`, `problems` lists what is wrong with the tables themselves. With
    `is_broken`, whole columns or tables are missing, those of the collections in
    `broken`, and what the records say of each other is not worth checking.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []
        self.is_broken = False
        self.broken: set[str] = set()
        self._index = RowIndex({})
        self._opening_of: dict[str, str] = {}

    def by_column(self) -> Instance | None:
        """Return the instance if nothing is wrong, much faster than by records."""
        try:
            names = [path.name for path in self.folder.iterdir()]
            paths = {
                name.rpartition(".")[0]: self.folder / name
                for name in names
                if name.lower().endswith((".csv", ".parquet"))
            }
            manifest_fields: dict[str, Any] = {}
            if any(
                _is_workbook(name, names) or _is_unread(name, names) for name in names
            ):
                return None
            for path in (*paths.values(), self.folder / MANIFEST):
                check_inside(self.folder, path)
            if MANIFEST in names:
                manifest = documents.read(self.folder / MANIFEST)
                manifest_fields = documents.check_format(manifest, "instance", MANIFEST)
            elif not paths:
                return None
            num_tables = sum(map(is_table, names))
            if not paths.keys() <= COLLECTIONS.keys() or num_tables != len(paths):
                return None
            columns = {name: columns_of_table(path) for name, path in paths.items()}
        except (InputError, OSError):
            return None
        if None in columns.values():
            return None
        known = {name: each for name, each in columns.items() if each is not None}
        return Instance.from_columns(known, manifest_fields, cells=True)

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
        has_openings = OPENINGS in names
        if not tables and not has_openings and MANIFEST not in names:
            hint = Text("folder.it_lies_in_another_folder_needs")
            raise InputError(
                [Problem("folder.holds_no_instance", str(self.folder), hint=hint)]
            )
        self._index = RowIndex({name.rpartition(".")[0]: name for name in tables})
        data: dict[str, Any] = {}
        if MANIFEST in names:
            check_inside(self.folder, self.folder / MANIFEST)
            manifest = documents.read(self.folder / MANIFEST)
            data = documents.check_format(manifest, "instance", MANIFEST)
        self._check_names(names)
        for name in tables:
            collection = name.rpartition(".")[0]
            if collection in data:
                message = Text("folder.stand_in_another_file_too", table=collection)
                self._break([Problem(message, source=name)])
                continue
            try:
                data[collection] = list(self._records(collection, name))
            except InputError as error:
                self._break(error.problems, collection)
        self.problems += self._index.problems
        if has_openings:
            data["slots"] = [*data.get("slots", ()), *self._openings()]
        return data

    def _openings(self) -> Iterator[Row]:
        """Yield the slots of openings by weekday; remember which row each is of."""
        path = self.folder / OPENINGS
        check_inside(self.folder, path)
        problems: list[Problem] = []
        try:
            names, rows = _load_csv(path)
            for source, fields in slots_of(names, rows, self.folder, problems):
                self._opening_of[fields["id"]] = source
                yield fields
        except InputError as error:
            problems += error.problems
        if problems:
            self._break(problems, "slots")

    def locate(self, problem: Problem) -> str:
        """Return file and row that a problem of a record is about, as far as known."""
        if problem.record == "slot" and problem.id in self._opening_of:
            return self._opening_of[problem.id]
        manifest = MANIFEST if (self.folder / MANIFEST).exists() else ""
        return self._index.locate(problem) or manifest

    def _break(self, problems: Iterable[Problem], collection: str = "") -> None:
        self.problems += problems
        self.is_broken = True
        self.broken.add(collection)

    def _names(self, collection: str) -> Iterator[str]:
        for suffix in ("csv", "parquet"):
            if (self.folder / f"{collection}.{suffix}").exists():
                yield f"{collection}.{suffix}"

    def _check_names(self, names: Sequence[str]) -> None:
        """Refuse a table whose name is nearly right: leaving it out would be silent."""
        absent = [name for name in COLLECTIONS if not any(self._names(name))]
        for name in names:
            stem, _, suffix = name.rpartition(".")
            if _is_workbook(name, names):
                try:
                    check_no_workbook(Path(name))
                except InputError as error:
                    self._break(error.problems)
                continue
            if _is_unread(name, names):
                stem, suffix = name.partition(".")[0], "csv"
            elif suffix.lower() not in ("csv", "parquet") or is_table(name):
                continue
            if near := difflib.get_close_matches(stem.lower(), absent, 1, 0.75):
                hint = f"{near[0]}.{suffix.lower()}?"
                message = Text("folder.is_not_the_name_of_a")
                self._break([Problem(message, source=name, hint=hint)])

    def _records(self, collection: str, name: str) -> Iterator[Row]:
        path = self.folder / name
        check_inside(self.folder, path)
        load = _load_csv if name.endswith(".csv") else _load_parquet
        columns, rows = load(path)
        header = Header(columns, COLLECTIONS[collection], name)
        if header.is_broken:
            self._break(header.problems, collection)
        else:
            self.problems += header.problems
        yield from self._index.read(collection, header, rows)


def _is_workbook(name: str, names: Iterable[str]) -> bool:
    """Say whether this is a workbook in place of a table that is not there."""
    stem, _, suffix = name.lower().rpartition(".")
    is_one = stem in COLLECTIONS or f"{stem}.csv" == OPENINGS
    return f".{suffix}" in WORKBOOKS and is_one and not _has_table(stem, names)


def _is_unread(name: str, names: Iterable[str]) -> bool:
    """Say whether this is a table that is not there otherwise, packed or with tabs."""
    stem = name.lower().partition(".")[0]
    is_packed = name.lower().endswith(UNREAD)
    return is_packed and stem in COLLECTIONS and not _has_table(stem, names)


def _has_table(stem: str, names: Iterable[str]) -> bool:
    return not {f"{stem}.csv", f"{stem}.parquet"}.isdisjoint(names)


def columns_of_table(path: Path) -> dict[str, Raw] | None:
    """Return the columns of a table, None where rows do not fit its first row."""
    if path.suffix == ".parquet":
        table = _parquet_table(path)
        return {name: _coded(table[name]) for name in table.column_names}
    quick = columns_of_csv(path, _known_columns(path))
    if quick is not None:
        return quick
    names, rows = _load_csv(path)
    width = len(names)
    if len(set(names)) < width or any(any(cells[width:]) for _, cells in rows):
        return None
    full = [(cells + [""] * width)[:width] for _, cells in rows]
    by_column = zip(*full, strict=True) if full else [()] * width
    return {name: distinct(cells) for name, cells in zip(names, by_column, strict=True)}


def _coded(column: Any) -> Raw:
    """Return a column of a table as a field, each different cell made once.

    A null is an empty cell; NaN is a number that cannot be used.
    """
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        # Its values need neither differ nor occur.
        column, kind = column.cast(kind.value_type), kind.value_type
    is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    is_other = pa.types.is_boolean(kind) or pa.types.is_timestamp(kind)
    array = column.combine_chunks()  # stays in chunks where it is too large
    is_whole = not isinstance(array, pa.ChunkedArray)
    if is_whole and pa.types.is_list(kind) and pa.types.is_string(kind.value_type):
        return _coded_lists(array)
    if not is_whole or not (is_text or is_number or is_other):
        cells = [MISSING if x is None else x for x in column.to_pylist()]
        return distinct(cells, blanks=False)
    coded = array.dictionary_encode(null_encoding="encode")
    values = coded.dictionary
    if is_text or (is_number and not values.null_count):
        cells = values.to_numpy(zero_copy_only=False).tolist()
    else:
        cells = values.to_pylist()
    if values.null_count:
        cells = [MISSING if cell is None else cell for cell in cells]
    code = coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return Raw(cells, code)


def _coded_lists(array: Any) -> Raw:
    """Return lists of texts as a field: they are told apart by numbers of texts."""
    coded = array.values.dictionary_encode(null_encoding="encode")
    texts, numbers = coded.dictionary.to_pylist(), coded.indices.to_pylist()
    ends = array.offsets.to_pylist()
    keys: list[tuple[int, ...] | None] = [
        tuple(numbers[begin:end]) if begin < end else ()
        for begin, end in itertools.pairwise(ends)
    ]
    if array.null_count:
        for row in np.flatnonzero(array.is_null().to_numpy(zero_copy_only=False)):
            keys[row] = None
    different, code = numbered(keys, len(keys))
    lists = [MISSING if key is None else [texts[i] for i in key] for key in different]
    return Raw(lists, code)


def _load_csv(path: Path) -> tuple[list[str], Iterable[tuple[int, list[str]]]]:
    sheet = read_sheet(path, _known_columns(path), NUMBERS)
    if not sheet.rows:
        hint = Text("folder.add_a_first_row_with_the")
        raise InputError([Problem("value.is_empty", source=path.name, hint=hint)])
    rows = ((number, list(map(unguarded, cells))) for number, cells in sheet.body)
    return list(map(unguarded, sheet.header)), list(rows)


def _known_columns(path: Path) -> frozenset[str]:
    collection = path.stem if path.stem in COLLECTIONS else "slots"  # of openings
    return COLUMNS_OF_OPENINGS | columns_of(COLLECTIONS[collection])


def _load_parquet(path: Path) -> tuple[list[str], Iterable[tuple[int, list[Any]]]]:
    table = _parquet_table(path)
    columns = [column.to_pylist() for column in table.columns]
    rows = [list(row) for row in zip(*columns, strict=True)]
    return list(table.column_names), list(enumerate(rows, 1))


def _parquet_table(path: Path) -> Any:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        hint = Text("folder.install_or_a_csv_file", command=install("parquet"))
        raise InputError(
            [Problem("folder.needs_pyarrow_to_be_read", source=path.name, hint=hint)]
        ) from None
    try:
        # A few bytes can stand for any number of equal rows: so count them first.
        with parquet.ParquetFile(path) as file:
            count = file.metadata.num_rows
            if count <= MOST_ROWS:
                table = file.read()
                table.validate(full=True)  # text that is no UTF-8, lists that overlap
                return table
        message: str = Text("folder.has_rows_more_than", count=count, most=MOST_ROWS)
    except (OSError, ValueError, pa.ArrowException) as error:
        message = str(error).partition("\n")[0]
    raise InputError([Problem(message, source=path.name)])

"""Large tables in CSV straight to columns, where pyarrow is there and nothing is odd.

Read is what any reader of CSV takes for the same rows: cells between commas, some of
them in quotation marks, as many in each row. All else is left to `delimited`, which
also says what is wrong.
"""

import csv
import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sharematch.io.native.delimited import first_row, separator_of
from sharematch.io.native.encodings import read_table_text
from sharematch.model.cells import NUMBERS, unguarded
from sharematch.model.frames import Raw, distinct

__all__ = ["columns_of_csv"]

SMALLEST = 1 << 20
"""Smaller files are read before pyarrow has come in."""

_CELL = r'(?:"(?:[^"\n]|"")*+"|[^",\n]*+)'
_PLAIN_LINE = re.compile(rf"{_CELL}(?:,{_CELL})*+\r?$", re.MULTILINE)


def columns_of_csv(path: Path, known: Collection[str]) -> dict[str, Raw] | None:
    """Return the columns of a table, their cells without what spreadsheets add.

    None where rows could be told apart in another way, or pyarrow is not installed.

    Raises
    ------
    InputError
        When the file cannot be read, or its separators are mixed.
    """
    if path.stat().st_size < SMALLEST:
        return None
    text = read_table_text(path)
    head, _, body = text.partition("\n")
    names = [unguarded(name) for name in first_row(head, ",")]
    has_quotes = '"' in text
    if (
        "\0" in text
        or text.startswith("\ufeff")
        or ("\r" in text and text.count("\r") != text.count("\r\n"))
        or (has_quotes and not _is_plain(text))
        or not names
        or len({*names, ""}) <= len(names)
        or separator_of(path, head, known) != ","
    ):
        return None
    table = _table(body, names, has_quotes=has_quotes)
    if table is None:
        return None
    has_guards = "'" in text
    columns = {name: _coded(table[name], has_guards=has_guards) for name in names}
    if any(_is_doubtful(name, columns[name], has_quotes=has_quotes) for name in names):
        return None
    return None if _has_blank_row([*columns.values()]) else columns


def _is_plain(text: str) -> bool:
    """Say whether all quotation marks are around whole cells, or doubled in these."""
    place = text.find('"')
    while place >= 0:
        line = _PLAIN_LINE.match(text, text.rfind("\n", 0, place) + 1)
        if line is None:
            return False
        place = text.find('"', line.end())
    return True


def _table(body: str, names: Sequence[str], *, has_quotes: bool) -> Any:
    """Return a table of texts, each column coded; None where it is none."""
    try:
        import pyarrow as pa
        from pyarrow import csv as arrow_csv
    except ImportError:
        return None
    kind = pa.dictionary(pa.int32(), pa.string())
    try:
        return arrow_csv.read_csv(
            pa.BufferReader(body.encode()),
            arrow_csv.ReadOptions(column_names=names),
            arrow_csv.ParseOptions(quote_char='"' if has_quotes else False),
            arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, kind)),
        )
    except pa.ArrowException:
        return None


def _coded(column: Any, *, has_guards: bool) -> Raw:
    coded = column.unify_dictionaries().combine_chunks()
    cells = [*map(str.strip, coded.dictionary.to_pylist())]
    if has_guards:
        cells = [*map(unguarded, cells)]
    field = distinct(cells, blanks=False)
    return Raw(field.values, field.code[coded.indices.to_numpy()])


def _is_doubtful(name: str, column: Raw, *, has_quotes: bool) -> bool:
    if max(map(len, column.values), default=0) > csv.field_size_limit():
        return True
    # A comma that does not separate may be one of decimals, or of thousands.
    is_number = has_quotes and name.lower() in NUMBERS
    return is_number and any("," in x or x.count(".") > 1 for x in column.values)


def _has_blank_row(columns: Sequence[Raw]) -> bool:
    """Say whether some row has no cell with anything in it: it is passed over."""
    is_blank = np.ones(len(columns[0].code), bool)
    for column in columns:
        is_blank &= np.array([not cell for cell in column.values], bool)[column.code]
    return bool(is_blank.any())

"""Tables as text, as spreadsheets of many countries write them: rows of cells.

Columns are separated by commas, semicolons or tabs, as the first row says. Numbers may
have a decimal comma where it can be nothing else; what could be thousands is refused.
"""

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sharematch.errors import InputError, Problem
from sharematch.io.native.encodings import read_table_text
from sharematch.text import Text

__all__ = ["Sheet", "read_sheet"]

_SEPARATORS = (",", ";", "\t")
_NAMED = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)

_SIGNS = frozenset("0123456789+-.,")
_IN_NUMBER = re.compile(r"(?<=\d)[.,](?=\d)")
_COMMA = re.compile(r"[+-]?\d*,\d+", re.ASCII)
_POINT = re.compile(r"[+-]?\d*\.\d+", re.ASCII)
_GROUPS = re.compile(
    r"[+-]?[1-9]\d{0,2}(?:,\d{3})+|[+-]?[1-9]\d{0,2}(?:\.\d{3})+", re.ASCII
)

Row = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows with their numbers as a spreadsheet counts them; blank ones are left out.

    Cells have decimal points in the columns of numbers.
    """

    name: str
    rows: list[Row]

    @property
    def header(self) -> list[str]:
        """The first row, without empty cells at its end; nothing in an empty table."""
        names = list(self.rows[0][1]) if self.rows else []
        while names and not names[-1]:
            names.pop()
        return names

    @property
    def body(self) -> list[Row]:
        """All other rows."""
        return self.rows[1:]

    def by_name(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield number and cells by column, empty ones left out.

        Raises
        ------
        InputError
            For a row with more cells than columns: one of them may be half a number.
        """
        names = self.header
        for number, cells in self.body:
            if any(cell.strip() for cell in cells[len(names) :]):
                count = {"count": len(cells), "width": len(names)}
                message = Text("table.has_cells_the_first_row_has", **count)
                source = Text("place.row_table", table=self.name, row=number)
                hint = Text("table.put_cells_with_commas_in_quotation")
                raise InputError([Problem(message, source=source, hint=hint)])
            pairs = zip(names, cells, strict=False)
            yield number, {name: cell for name, cell in pairs if cell}


def read_sheet(
    path: Path,
    known: Collection[str],
    numbers: Mapping[str, str],
    *,
    keep_spaces: bool = False,
) -> Sheet:
    """Read a table.

    Parameters
    ----------
    path
        The file.
    known
        Names that its columns may have; they tell what separates them.
    numbers
        The kind of number in columns: "whole", "decimal" or, of a location, "degrees".
    keep_spaces
        Whether spaces around cells, but for those of the first row, are part of them.

    Raises
    ------
    InputError
        When it cannot be read, its separators are mixed, or a number could be two.
    """
    text = read_table_text(path)
    first_line = _NAMED.match(text)
    separator = first_line.group(1) if first_line else ""
    text = text[first_line.end() :] if first_line else text
    separator = separator or separator_of(path, text, known)
    rows = _parsed(path, text, separator, keep_spaces=keep_spaces)
    if not rows:
        return Sheet(path.name, rows)
    _check_rows(path, rows, separator)
    # Commas are in cells only where they do not separate, or stand in quotation marks.
    if separator != "," or '"' in text:
        _Numbers(path, separator, rows, numbers).settle()
    return Sheet(path.name, rows)


def _parsed(path: Path, text: str, separator: str, *, keep_spaces: bool) -> list[Row]:
    rows: list[Row] = []
    number = 0
    try:
        for number, cells in enumerate(_reader(text, separator), 1):
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                rows.append((number, cells if keep_spaces and rows else stripped))
    except csv.Error as error:
        source = Text("place.row_table", table=path.name, row=number + 1)
        raise InputError([Problem(str(error), source=source)]) from None
    return rows


def _reader(text: str, separator: str) -> "Iterable[list[str]]":
    lines = io.StringIO(text, newline="")
    return csv.reader(lines, strict=True, delimiter=separator)


def separator_of(path: Path, text: str, known: Collection[str]) -> str:
    """Return what separates columns: by which the first row has most known names."""
    names = {separator: first_row(text, separator) for separator in _SEPARATORS}
    score = {
        separator: len({name.lower() for name in row} & {*known})
        for separator, row in names.items()
    }
    most = max(score.values())
    best = [separator for separator in _SEPARATORS if score[separator] == most]
    if most == 0 or len({tuple(names[separator]) for separator in best}) == 1:
        return best[0] if most else ","
    if len(best) > 1:
        raise InputError([_mixed(path, 1)])
    return best[0]


def first_row(text: str, separator: str) -> list[str]:
    try:
        for cells in _reader(text, separator):
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                return stripped
    except csv.Error:
        pass
    return []


def _check_rows(path: Path, rows: list[Row], separator: str) -> None:
    """Refuse a row that fits the first row by another separator than its own."""
    width = len(rows[0][1])
    others = [other for other in _SEPARATORS if other != separator]
    for number, cells in rows[1:]:
        if len(cells) >= width or cells[0].startswith("#"):
            continue
        line = _IN_NUMBER.sub("", separator.join(cells))
        counts = {sign: len(re.findall(rf"{sign}(?! )", line)) for sign in others}
        kept = line.count(separator)
        # Where commas separate, semicolons may be those of lists.
        both = kept + counts.get(",", -1) if kept else -1
        if (kept == 0 and width - 1 in counts.values()) or both == width - 1:
            raise InputError([_mixed(path, number)])


def _mixed(path: Path, number: int) -> Problem:
    source = Text("place.row_table", table=path.name, row=number)
    hint = Text("table.separate_all_by_commas")
    return Problem("table.separators_are_mixed", source=source, hint=hint)


class _Numbers:
    """The numbers of one table: which of them have a decimal comma."""

    def __init__(
        self, path: Path, separator: str, rows: list[Row], kinds: Mapping[str, str]
    ) -> None:
        self.path, self.separator, self.rows = path, separator, rows
        names = [name.lower() for name in rows[0][1]]
        self.columns = [
            (index, name, kinds[name])
            for index, name in enumerate(names)
            if name in kinds
        ]
        cells = [parts for _, _, cell in self._cells() for parts in _parts(cell)]
        clear = [cell for cell in cells if not _GROUPS.fullmatch(cell)]
        self.has_comma = any(map(_COMMA.fullmatch, clear))
        self.has_point = any(map(_POINT.fullmatch, clear))
        self.is_mixed = self.has_comma and self.has_point

    def _cells(self) -> Iterator[tuple[int, tuple[int, str, str], str]]:
        """Yield position of a row, column and cell, where it has a comma or point."""
        for position, (_, cells) in enumerate(self.rows[1:], 1):
            for column in self.columns:
                cell = cells[column[0]] if column[0] < len(cells) else ""
                if "," in cell or "." in cell:
                    yield position, column, cell

    def settle(self) -> None:
        """Put decimal points into the rows; refuse what could be two numbers."""
        problems: dict[str, Problem] = {}
        for position, (index, name, kind), cell in self._cells():
            number, cells = self.rows[position]
            if any(self._is_doubtful(part, kind) for part in _parts(cell)):
                source = Text("place.row_table", table=self.path.name, row=number)
                problem = Problem(
                    "table.could_be_two_numbers",
                    field=name,
                    value=cell[:60],
                    source=source,
                    hint="table.write_numbers_with_a_point",
                )
                problems.setdefault(name, problem)  # the first of a column tells it
            else:
                cells[index] = _with_points(cell)
        if problems:
            raise InputError(problems.values())

    def _is_doubtful(self, cell: str, kind: str) -> bool:
        """Return whether a cell could be read as two numbers."""
        signs = cell.count(",") + cell.count(".")
        may_be_thousands = _GROUPS.fullmatch(cell) is not None
        is_decimal = _COMMA.fullmatch(cell) or _POINT.fullmatch(cell)
        if signs > 1:
            return may_be_thousands or {",", "."} <= set(cell) <= _SIGNS
        if not is_decimal or (kind == "degrees" and not self.is_mixed):
            return False  # no number at all, or none that goes into thousands
        if self.is_mixed or not may_be_thousands:
            return self.is_mixed
        if "," in cell:
            return kind == "whole" or not self.has_comma
        if self.separator == "," and not self.has_comma:
            return False
        return kind == "whole" or not self.has_point


def _parts(cell: str) -> list[str]:
    """Return the numbers of a cell: of fees by group each."""
    return [part.rpartition("=")[2].strip() for part in cell.split(";")]


def _with_points(cell: str) -> str:
    parts = (part.rpartition("=") for part in cell.split(";"))
    return ";".join(f"{group}{sign}{_with_point(x)}" for group, sign, x in parts)


def _with_point(number: str) -> str:
    is_decimal = _COMMA.fullmatch(number.strip())
    return number.replace(",", ".") if is_decimal else number

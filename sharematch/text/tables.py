"""A small table: rows of values, shown as text, in notebooks, or in any dataframe."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from html import escape
from typing import Any
from unicodedata import east_asian_width

from sharematch.text import percent

__all__ = ["Table", "cells_of", "padded"]

Value = int | str | Fraction | Decimal | None

MOST_ROWS = 60
"""Of a table in a notebook."""


class Table:
    """Rows with the same columns.

    Iterating yields rows as dictionaries; `str` is the table as text; dataframes take
    it through the Arrow interface (needs pyarrow), ratios as floating-point numbers.

    Examples
    --------
    >>> print(Table([{"id": "tianfeng", "served": 2, "fill_rate": Fraction(1, 2)}]))
    id        served  fill_rate
    tianfeng       2        50%
    """

    def __init__(
        self, rows: Iterable[Mapping[str, Value]], columns: Sequence[str] | None = None
    ) -> None:
        self.rows: list[dict[str, Value]] = [dict(row) for row in rows]
        first = self.rows[0] if self.rows else {}
        self.columns: tuple[str, ...] = tuple(columns or first)

    def __iter__(self) -> Iterator[dict[str, Value]]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Table) and self.rows == other.rows

    __hash__ = None  # type: ignore[assignment]  # rows may change

    def to_dict(self) -> dict[str, list[Value]]:
        """Return the values by column."""
        return {name: [row[name] for row in self.rows] for name in self.columns}

    def to_pandas(self, *, floats: bool = True) -> Any:
        """Return the table as a pandas dataframe (needs pandas).

        Parameters
        ----------
        floats
            Ratios and money as floating-point numbers, to count and draw with; else
            as they are here, exact.

        Examples
        --------
        >>> table = Table([{"id": "tianfeng", "fill_rate": Fraction(1, 2)}])
        >>> table.to_pandas().fill_rate.mean()
        np.float64(0.5)
        >>> table.to_pandas(floats=False).fill_rate[0]
        Fraction(1, 2)
        """
        import pandas as pd  # noqa: PLC0415 (only who asks for it needs it)

        frame = pd.DataFrame(self.to_dict())
        for name, values in self.to_dict().items() if floats else ():
            if any(isinstance(value, (Fraction, Decimal)) for value in values):
                frame[name] = [None if v is None else float(v) for v in values]
                frame[name] = frame[name].astype("float64")
        return frame

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> Any:
        """Return the table as an Arrow stream."""
        import pyarrow as pa  # noqa: PLC0415 (an extra; only dataframes need it)

        columns = {
            name: [float(v) if isinstance(v, Fraction) else v for v in values]
            for name, values in self.to_dict().items()
        }
        return pa.table(columns).__arrow_c_stream__(requested_schema)

    def cells(self) -> list[list[str]]:
        """Return the cells as text, row by row."""
        return [[_show(row[name]) for name in self.columns] for row in self.rows]

    def is_text(self) -> list[bool]:
        """Return for each column whether it holds text, which stands to the left."""
        return [
            all(row[name] is None or isinstance(row[name], str) for row in self.rows)
            for name in self.columns
        ]

    @property
    def width(self) -> int:
        """How many cells of a terminal the table as text fills."""
        return max(map(cells_of, str(self).split("\n")))

    def __repr__(self) -> str:
        return f"<Table {len(self)} rows: {', '.join(self.columns)}>"

    def __str__(self) -> str:
        if not self.columns:
            return "(empty)"
        lines = [list(self.columns), *self.cells()]
        widths = [max(map(cells_of, column)) for column in zip(*lines, strict=True)]
        columns = list(zip(widths, self.is_text(), strict=True))
        return "\n".join(
            "  ".join(
                padded(cell, width, left=is_text)
                for cell, (width, is_text) in zip(line, columns, strict=True)
            ).rstrip()
            for line in lines
        )

    def _repr_html_(self) -> str:
        """Return the table for notebooks; the first rows of a long one."""
        sides = ["left" if is_text else "right" for is_text in self.is_text()]

        def line(tag: str, cells: Iterable[str]) -> str:
            inner = "".join(
                f'<{tag} style="text-align:{side}">{escape(cell)}</{tag}>'
                for cell, side in zip(cells, sides, strict=True)
            )
            return f"<tr>{inner}</tr>"

        shown = Table(self.rows[:MOST_ROWS], self.columns).cells()
        body = "".join(line("td", cells) for cells in shown)
        more = len(self) - len(shown)
        note = f"<p>and {more} more rows</p>" if more else ""
        head = line("th", self.columns)
        return f"<table><thead>{head}</thead><tbody>{body}</tbody></table>{note}"


def _show(value: Value) -> str:
    if value is None:
        return "-"
    if isinstance(value, Fraction):
        return percent(value)
    return value if isinstance(value, str) else f"{value:,}"


def padded(text: str, width: int, *, left: bool = False) -> str:
    """Return a text filled with spaces to so many cells of a terminal.

    Examples
    --------
    >>> padded("社区", 6), padded("town", 6, left=True)
    ('  社区', 'town  ')
    """
    space = " " * (width - cells_of(text))
    return text + space if left else space + text


def cells_of(text: str) -> int:
    """Return how many cells of a terminal a text fills: Chinese signs fill two.

    Examples
    --------
    >>> cells_of("社区"), cells_of("town")
    (4, 4)
    """
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)

"""A small table: rows of values, shown as text or handed to any dataframe."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

__all__ = ["Table"]

Value = int | str | Fraction | Decimal | None


class Table:
    """Rows with the same columns.

    Iterating yields rows as dictionaries; `str` is the table as text; dataframes take
    it through the Arrow interface (needs pyarrow), ratios as floating-point numbers.

    Examples
    --------
    >>> print(Table([{"id": "tianfeng", "served": 2, "fill_rate": Fraction(1, 2)}]))
    id        served  fill_rate
    tianfeng       2       50 %
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

    __hash__ = None  # type: ignore[assignment]

    def to_dict(self) -> dict[str, list[Value]]:
        """Return the values by column."""
        return {name: [row[name] for row in self.rows] for name in self.columns}

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> Any:
        """Return the table as an Arrow stream."""
        import pyarrow as pa  # noqa: PLC0415 (an extra; only dataframes need it)

        columns = {
            name: [float(v) if isinstance(v, Fraction) else v for v in values]
            for name, values in self.to_dict().items()
        }
        return pa.table(columns).__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        return f"<Table {len(self)} rows: {', '.join(self.columns)}>"

    def __str__(self) -> str:
        if not self.columns:
            return "(empty)"
        text = [[_show(row[name]) for name in self.columns] for row in self.rows]
        widths = [
            max(len(name), *(len(line[i]) for line in text)) if text else len(name)
            for i, name in enumerate(self.columns)
        ]
        is_text = [
            all(isinstance(row[name], str) for row in self.rows)
            for name in self.columns
        ]
        lines = [
            "  ".join(
                cell.ljust(width) if left else cell.rjust(width)
                for cell, width, left in zip(line, widths, is_text, strict=True)
            ).rstrip()
            for line in [list(self.columns), *text]
        ]
        return "\n".join(lines)


def _show(value: Value) -> str:
    if value is None:
        return "-"
    if isinstance(value, Fraction):
        return f"{round(value * 100)} %"
    return str(value)

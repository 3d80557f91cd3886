"""The summary of a run: one row for each result, as CSV and as Parquet."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sharematch.model.cells import csv_row, unguarded
from sharematch.model.measures import MEASURES, table_order
from sharematch.text.tables import Table

__all__ = ["COLUMNS", "csv_line", "parquet_of", "summary_line"]

TOTALS = table_order("total")
COLUMNS = (
    *("name", "status", "structure", "gap", "worst_fill_rate"),
    *TOTALS,
    *("seed", "instance"),
)
"""`gap` is the widest of all goals', `worst_fill_rate` that of the worst community."""


def summary_line(name: str, document: Mapping[str, Any]) -> str:
    """Return the row of a result, given as its JSON document, as a line of CSV."""
    return csv_line(_cells(name, document))


def _cells(name: str, document: Mapping[str, Any]) -> Iterator[object]:
    yield from (name, document["status"], document["structure"])
    yield max((goal["gap"] for goal in document["goals"]), key=Fraction, default="")
    rows = (row for row in document["by"].get("community", ()) if row["demand"])
    yield min((row["fill_rate"] for row in rows), key=Fraction, default="")
    yield from (document["measures"].get(measure, "") for measure in TOTALS)
    yield from (document["provenance"][key] for key in ("seed", "instance"))


def csv_line(cells: Iterable[object]) -> str:
    """Return cells as a line of CSV, without its end; none is taken for a formula."""
    return csv_row(map(str, cells))


def parquet_of(lines: Iterable[str]) -> bytes:
    """Return the summary as a Parquet file; ratios are floats, money is decimal."""
    import pyarrow as pa  # noqa: PLC0415 (an extra)
    import pyarrow.parquet as pq  # noqa: PLC0415 (an extra)

    rows = (
        {name: _typed(name, row[name]) for name in COLUMNS}
        for row in csv.DictReader(lines, COLUMNS)
    )
    file = io.BytesIO()
    pq.write_table(pa.table(Table(rows, COLUMNS)), file)
    return file.getvalue()


def _typed(name: str, text: str) -> Fraction | Decimal | int | str | None:
    if not text:
        return None
    unit = MEASURES[name].unit if name in MEASURES else ""
    if unit == "ratio" or name in ("gap", "worst_fill_rate"):
        return Fraction(text)
    if unit == "money":
        return Decimal(text)
    return int(text) if unit or name == "seed" else unguarded(text)

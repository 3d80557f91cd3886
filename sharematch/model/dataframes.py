"""Dataframes of any kind as columns; and row by row where something is wrong."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from sharematch.errors import InputError, Problem
from sharematch.model.cells import Header
from sharematch.model.frames import MISSING, Raw, distinct, plain_times
from sharematch.model.records import COLLECTIONS
from sharematch.model.rows import RowIndex
from sharematch.text import Text

if TYPE_CHECKING:
    from sharematch.model.instance import Instance

__all__ = ["columns_of", "read_rows"]


def columns_of(table: object, collection: str) -> dict[str, Raw]:
    """Return the columns of a dataframe or of a mapping.

    Raises
    ------
    InputError
        When it is neither, or columns are not equally long.
    """
    if isinstance(table, Mapping):
        named = {str(name): values for name, values in table.items()}
        plain = {name: _listed(x, name, collection) for name, x in named.items()}
    else:
        try:
            frame = nw.from_native(table, eager_only=True)  # type: ignore[call-overload]  # else TypeError
        except TypeError:
            message = Text("table.must_be_a_dataframe_or_a")
            raise InputError([Problem(message, "instance", field=collection)]) from None
        except nw.exceptions.DuplicateError:
            given: Any = table
            names = getattr(given, "column_names", None) or given.columns
            raise _stands_twice([*map(str, names)], collection) from None
        names = [*map(str, frame.columns)]
        if len(set(names)) < len(names):
            raise _stands_twice(names, collection)
        columns = [_values(frame.get_column(name)) for name in frame.columns]
        plain = dict(zip(names, columns, strict=True))
    lengths = {name: len(values) for name, values in plain.items()}
    if len(set(lengths.values())) > 1:
        shown = ", ".join(f"{name} {count}" for name, count in lengths.items())
        raise InputError(
            [
                Problem(
                    "table.has_columns_of_different_length", collection, lengths=shown
                )
            ]
        )
    return {name: distinct(values) for name, values in plain.items()}


def _stands_twice(names: list[str], collection: str) -> InputError:
    twice = next(name for name in names if names.count(name) > 1)
    about = (Text("field.stands_there_twice"), "column", twice)
    return InputError([Problem(*about, source=collection)])


def _listed(values: Any, name: str, collection: str) -> Any:
    if isinstance(values, np.ndarray) and values.ndim == 1:
        return plain_times(values)
    if isinstance(values, (str, bytes, Mapping)) or not hasattr(values, "__len__"):
        message = Text("table.must_be_a_list_or_an")
        raise InputError([Problem(message, collection, field=name)])
    column: Any = values  # a series of any kind, or a plain list
    if hasattr(column, "to_pylist"):  # an array of pyarrow
        return column.to_pylist()
    try:
        return _values(nw.from_native(column, series_only=True))
    except TypeError:
        return list(values)


def _values(series: Any) -> Any:
    """Return the cells of a column: numbers as an array, others as a list."""
    is_number = series.dtype.is_numeric() and series.dtype != nw.Decimal
    if is_number and not series.is_null().any():
        return series.to_numpy()
    return series.to_list()


def read_rows(
    instance: "type[Instance]",
    tables: Mapping[str, Mapping[str, Raw]],
    plain_fields: Mapping[str, Any],
) -> "Instance":
    """Return an instance by way of records; what is wrong names its row.

    Raises
    ------
    InputError
        With everything that is wrong.
    """
    index = RowIndex({name: name for name in tables})
    data: dict[str, Any] = dict(plain_fields)
    broken = False
    for collection, columns in tables.items():
        header = Header([*columns], COLLECTIONS[collection], collection)
        index.problems += header.problems
        broken |= bool(header.problems)
        fields = [field.rows() for field in columns.values()]
        rows = zip(*fields, strict=True)
        blank = ([None if x is MISSING else x for x in row] for row in rows)
        data[collection] = list(index.read(collection, header, enumerate(blank, 1)))
    if broken:
        raise InputError(index.problems)
    try:
        made = instance(**data)
        if not index.problems:
            return made
    except InputError as error:
        index.problems += [
            replace(problem, source=problem.source or index.locate(problem))
            for problem in error.problems
        ]
    raise InputError(index.problems)

"""An instance as a folder of Parquet tables, which `tables` reads."""

import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sharematch.errors import InputError, Problem
from sharematch.io.native import documents
from sharematch.io.native.atomic import is_folder, new_folder, write_bytes, write_text
from sharematch.io.native.tables import MANIFEST
from sharematch.model.arguments import typed
from sharematch.model.base import Record
from sharematch.model.canonical import instance_data
from sharematch.model.cells import cell_text
from sharematch.model.extras import install
from sharematch.model.instance import Instance
from sharematch.model.records import COLLECTIONS
from sharematch.text import Text

__all__ = ["write_parquet"]


@typed
def write_parquet(instance: Instance, path: str | os.PathLike[str]) -> None:
    """Write an instance as a folder of Parquet tables, whole or not at all.

    Raises
    ------
    InputError
        When there is something at the path, or pyarrow is not installed.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> folder = Path(mkdtemp()) / "town"
    >>> sm.io.write_parquet(town, folder)
    >>> sm.io.read_instance(folder) == town
    True
    """
    path = Path(path)
    if path.exists() and (not is_folder(path) or any(path.iterdir())):
        hint = Text("file.name_a_new_folder")
        raise InputError([Problem("file.is_there_already", str(path), hint=hint)])
    data = instance_data(instance)
    tables = {
        name: _table(data.pop(name), record)
        for name, record in COLLECTIONS.items()
        if name in data
    }
    head = {"format": "sharematch-instance", "version": documents.VERSION}
    with new_folder(path) as folder:
        for name, content in tables.items():
            write_bytes(folder / f"{name}.parquet", content)
        write_text(folder / MANIFEST, documents.toml_text({**head, **data}))


def _table(rows: Sequence[Mapping[str, Any]], record: type[Record]) -> bytes:
    """Return rows as a Parquet file: the required columns and those with a value."""
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        hint = install("parquet")
        raise InputError([Problem("folder.parquet_needs_pyarrow", hint=hint)]) from None
    used = {field for row in rows for field in row}
    columns: dict[str, list[Any]] = {}
    for field in record.model_fields:
        if field == "location" and field in used:
            for axis, name in enumerate(("x", "y")):
                columns[name] = [
                    float(row[field][axis]) if field in row else None for row in rows
                ]
        elif field in used:
            columns[field] = _column(rows, field, record)
    file = io.BytesIO()
    parquet.write_table(pa.table(columns), file)
    return file.getvalue()


def _column(
    rows: Sequence[Mapping[str, Any]], field: str, record: type[Record]
) -> list[Any]:
    """Return the values of a field: of one type as they are, else as their cells."""
    values = [row.get(field) for row in rows]
    types = {type(value) for value in values} - {type(None)}
    # A tier may be a number or a level's name, which only its cell keeps apart.
    is_plain = len(types) == 1 and types <= {int, str, bool} and field != "share"
    is_list = types == {list} and all(
        isinstance(item, str) for value in values if value for item in value
    )
    if is_plain or is_list:
        return values
    return [cell_text(row, field, record) if field in row else None for row in rows]

"""Files of what is published of a plan; see `sharematch.publication`."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from sharematch.errors import InputError, Problem
from sharematch.io.native import documents
from sharematch.io.native.atomic import (
    check_suffix,
    is_folder,
    new_folder,
    path_error,
    write_text,
)
from sharematch.io.native.encodings import write_table_text
from sharematch.io.native.files import read_instance
from sharematch.model.cells import csv_row
from sharematch.text import Text

if TYPE_CHECKING:
    from sharematch.core.columns.arrays import Columns
    from sharematch.io.publishing.publishing import Publication
    from sharematch.model.instance import Instance

__all__ = ["read_key", "read_records", "write_publication", "write_tokens"]

AnyPath = str | os.PathLike[str]


def read_records(path: AnyPath) -> "Instance | Columns":
    """Read an instance, or the columns of a published one.

    Raises
    ------
    InputError
        For a file that is neither.
    """
    from sharematch.io.publishing.reading import FORMAT, columns_of

    path = Path(path)
    if not is_folder(path) and path.suffix.lower() == ".json":
        data = documents.read(path)
        if data.get("format") == FORMAT:
            return columns_of(data)
    return read_instance(path)


def write_publication(publication: "Publication", folder: AnyPath) -> None:
    """Write `instance.json` and `result.json` to a new folder, whole or not at all.

    Raises
    ------
    InputError
        When the folder cannot be written, or is there with anything in it.
    """
    folder = Path(folder)
    if folder.exists() and (not is_folder(folder) or any(folder.iterdir())):
        message = Text("file.is_there_already_with_something_in")
        raise InputError([Problem(message, str(folder), hint="file.name_a_new_folder")])
    with new_folder(folder) as made:
        for name in ("instance", "result"):
            text = documents.json_text(getattr(publication, name))
            write_text(made / f"{name}.json", text)


def read_key(path: AnyPath) -> bytes:
    """Return the secret of a file; a file that is not there is made, with a new one."""
    path = Path(path)
    if not path.exists():
        write_text(path, f"{secrets.token_hex(32)}\n")
        path.chmod(0o600)
    try:
        return path.read_bytes().strip()
    except OSError as error:
        raise path_error(path, error) from error


def write_tokens(tokens: Mapping[str, str], path: AnyPath) -> None:
    """Write each need's token as CSV: to be handed out one by one, never published."""
    check_suffix(path, ".csv")
    rows = [("need", "token"), *sorted(tokens.items())]
    write_table_text(path, "\n".join((*map(csv_row, rows), "")))
    Path(path).chmod(0o600)

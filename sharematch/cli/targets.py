"""What a command writes stands apart from what it reads, and from each other."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sharematch.errors import InputError, Problem
from sharematch.text import Text

__all__ = ["check_apart"]

WRITTEN = frozenset(
    ("assignments", "folder", "letters", "out_path", "report", "target", "timings")
) | {"tokens"}
"""Parameters of commands that name what is written; other paths are read."""
REVISED = frozenset(("draft",))
"""Parameters that name what may be read and then replaced: a plan that is made anew."""
NOT_PATHS = frozenset(("commitment", "store"))
"""Parameters that may name a file, or say something else."""


def check_apart(parameters: Mapping[str, Any]) -> None:
    """Refuse an output that is named twice, or that is an input.

    Raises
    ------
    InputError
        Naming it.
    """
    written: list[Path] = []
    read = [
        path
        for name in parameters.keys() - WRITTEN - REVISED
        for path in _paths(parameters, name)
    ]
    for name in sorted(parameters.keys() & WRITTEN):
        for path in _paths(parameters, name):
            if _is_device(path):
                continue
            if any(_is_same(path, other) for other in written):
                message = Text("file.is_named_twice_one_would_replace")
                raise InputError(
                    [Problem(message, str(path), hint="file.name_two_files")]
                )
            if any(_is_part(path, other) for other in read):
                message = Text("file.is_read_by_this_command_and")
                raise InputError(
                    [Problem(message, str(path), hint="file.name_another_file")]
                )
            written.append(path)


def _paths(parameters: Mapping[str, Any], name: str) -> Iterator[Path]:
    given = parameters[name]
    values: Iterable[Any] = given if isinstance(given, (list, tuple)) else (given,)
    for value in values:
        if isinstance(value, Path):
            yield value
        elif isinstance(value, str) and name in NOT_PATHS and "\0" not in value:
            yield Path(value)


def _is_device(path: Path) -> bool:
    """Return whether writing replaces nothing: a pipe, a terminal, /dev/null."""
    try:
        return path.exists() and not path.is_file() and not path.is_dir()
    except (OSError, ValueError):  # told where it is written
        return False


def _is_same(one: Path, other: Path) -> bool:
    try:
        if os.path.realpath(one) == os.path.realpath(other):
            return True
        return one.samefile(other)
    except (OSError, ValueError):  # one is not there
        return False


def _is_part(path: Path, read: Path) -> bool:
    """Return whether a file is what is read, or a table of the folder that is read."""
    from sharematch.io.native.tables import MANIFEST, is_table

    is_table_of = _is_same(path.parent, read) and read.is_dir()
    inside = is_table_of and (path.name == MANIFEST or is_table(path.name))
    return inside or _is_same(path, read)

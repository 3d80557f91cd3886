"""Which instances a batch has: those of a folder, or those a manifest lists."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sharematch.errors import InputError, Problem
from sharematch.io.native.atomic import check_inside, is_folder, path_error
from sharematch.io.native.delimited import read_sheet
from sharematch.io.native.documents import SUFFIXES
from sharematch.io.native.tables import MANIFEST, is_table
from sharematch.text import Text

__all__ = ["Input", "content_hash", "find_inputs", "hash_of"]

_COLUMNS = {"path", "name"}
LONGEST_NAME = 200
"""Bytes; most file systems end at 255."""


@dataclass(frozen=True, slots=True)
class Input:
    """One instance: a name, which names its result, and where it is."""

    name: str
    path: Path


def find_inputs(source: Path, besides: Iterable[Path] = ()) -> tuple[Input, ...]:
    """Return the instances of a folder or of a manifest, sorted by name.

    A folder holds ``.json`` and ``.toml`` files and folders of tables, each named as
    its result will be; what begins with a dot, and `besides`, are left out. A manifest
    is a ``.csv`` file with a column ``path`` (from where the manifest lies) and
    perhaps ``name``.

    Raises
    ------
    InputError
        When there is none, two have one name, or a manifest cannot be read.
    """
    if is_folder(source):
        others = {path.resolve() for path in besides}
        inputs = list(_in_folder(source, others))
    else:
        inputs = list(_in_manifest(source))
    if not inputs:
        raise InputError([Problem("batch.holds_no_instances", str(source))])
    problems = [*_bad_names(inputs, source), *_repeated(inputs, source)]
    if problems:
        raise InputError(problems)
    return tuple(sorted(inputs, key=lambda item: item.name))


def _in_folder(folder: Path, others: set[Path]) -> Iterator[Input]:
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        raise path_error(folder, error) from error
    if any(_is_part(path) for path in paths):
        message = Text("batch.is_one_instance_a_folder_of")
        hint = f"sharematch solve {folder}"
        raise InputError([Problem(message, str(folder), hint=hint)])
    for path in paths:
        if path.name.startswith(".") or _resolved(path) in others:
            continue
        check_inside(folder, path)
        if path.is_dir():
            if any(_is_part(inner) for inner in path.iterdir()):
                yield Input(path.name, path)
        elif path.suffix.lower() in SUFFIXES:
            yield Input(path.stem, path)


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except RuntimeError:  # a link that leads to itself
        return path


def _is_part(path: Path) -> bool:
    return path.name == MANIFEST or is_table(path.name)


def _in_manifest(path: Path) -> Iterator[Input]:
    if path.suffix.lower() != ".csv":
        message = Text("batch.is_neither_a_folder_nor_a")
        raise InputError([Problem(message, str(path))])
    sheet = read_sheet(path, _COLUMNS, {}, keep_spaces=True)
    columns = sheet.header
    if "path" not in columns or {*columns} - _COLUMNS:
        named = ", ".join(columns) or "none"
        message = Text("batch.must_have_the_columns_path_and", found=named)
        raise InputError([Problem(message, source=str(path))])
    for number, cells in sheet.body:
        row = dict(zip(columns, cells, strict=False))
        if len(cells) > len(columns) or not row.get("path"):
            code = "has_too_many_cells" if row.get("path") else "must_have_a_path"
            source = Text("place.row", file=path, row=number)
            raise InputError([Problem(f"batch.{code}", source=source)])
        target = path.parent / row["path"]
        yield Input(row.get("name") or target.stem, target)


def _bad_names(inputs: list[Input], source: Path) -> Iterator[Problem]:
    for item in inputs:
        name = item.name
        size = len(name.encode(errors="surrogateescape"))
        if name.startswith(".") or set(name) & set("/\\\0"):
            message = Text("batch.cannot_be_the_name_of_a")
        elif not name.isprintable():  # halves of characters too
            message = Text("batch.holds_characters_that_cannot_be_printed")
        elif size > LONGEST_NAME:
            message = Text("batch.is_longer_than_bytes", most=LONGEST_NAME)
        else:
            continue
        yield Problem(message, field="name", value=repr(name), source=str(source))


def _repeated(inputs: list[Input], source: Path) -> Iterator[Problem]:
    # Some file systems take two names that differ in case for one.
    first: dict[str, Input] = {}
    for item in inputs:
        other = first.setdefault(item.name.casefold(), item)
        if other is not item:
            yield Problem(
                "batch.and_would_have_one_result",
                str(item.path),
                hint="instance.rename_one_of_them",
                source=str(source),
                path=other.path,
                name=f"{other.name}.json",
            )


def hash_of(content: bytes) -> str:
    """Return "sha256:…" of bytes."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def content_hash(path: Path) -> str:
    """Return "sha256:…" of the bytes of a file, or of all files of a folder.

    Raises
    ------
    InputError
        When it cannot be read.
    """
    try:
        if not path.is_dir():
            return hash_of(path.read_bytes())
        files = sorted(part for part in path.iterdir() if part.is_file())
        for part in files:
            check_inside(path, part)
        parts = [f"{part.name}\0{hash_of(part.read_bytes())}\n" for part in files]
        return hash_of("".join(parts).encode(errors="surrogateescape"))
    except OSError as error:
        raise path_error(path, error) from error

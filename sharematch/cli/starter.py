"""Small instances and policies to start from, with comments on what goes where."""

from importlib.resources import files
from pathlib import Path

from sharematch.errors import InputError, Problem
from sharematch.io.native.atomic import is_folder, new_folder, write_text
from sharematch.text import Text

__all__ = ["write_starter"]


def write_starter(folder: Path, like: str) -> list[str]:
    """Write one of `starters` into a new or empty folder; return its files' names.

    Raises
    ------
    InputError
        When the folder cannot be made, or holds something.
    """
    if folder.exists() and is_folder(folder) and any(folder.iterdir()):
        hint = Text("file.name_a_new_folder")
        raise InputError([Problem("file.is_not_empty", str(folder), hint=hint)])
    source = files("sharematch.cli").joinpath("starters", like)
    texts = {file.name: file.read_text(encoding="utf-8") for file in source.iterdir()}
    with new_folder(folder) as made:
        for name, text in sorted(texts.items()):
            write_text(made / name, text)
    return sorted(texts)

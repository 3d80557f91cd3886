"""Files and folders that appear whole or not at all."""

import difflib
import errno
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sharematch.errors import InputError, Problem
from sharematch.text import Text, heard

__all__ = [
    "check_inside",
    "check_suffix",
    "check_target",
    "is_folder",
    "new_folder",
    "path_error",
    "remove_remains",
    "write_bytes",
    "write_text",
]

_PREFIX = ".sharematch-"
"""Begins the names of what is not finished."""


def path_error(path: Path, error: OSError) -> InputError:
    """Return the error for a path that cannot be read or written."""
    hint = _like(path) if isinstance(error, FileNotFoundError) else ""
    message = heard("system", error.strerror or str(error))
    return InputError([Problem(message, str(path), hint=hint)])


def _like(path: Path) -> str:
    """Return the path beside it with a name that is almost the same, else nothing."""
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return ""
    close = difflib.get_close_matches(path.name, names, 1, 0.8)
    return str(path.with_name(close[0])) if close else ""


def is_folder(path: Path) -> bool:
    """Say whether there is a folder at `path`, or a file.

    Raises
    ------
    InputError
        When there is nothing, or the path cannot be followed.
    """
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except OSError as error:
        raise path_error(path, error) from error
    except ValueError as error:  # a NUL in the name
        raise InputError(
            [Problem(heard("system", str(error)), repr(str(path)))]
        ) from error


def check_inside(folder: Path, path: Path) -> None:
    """Refuse a link in a folder whose target lies outside of it.

    A folder that others hand in must not make us read, or write, what is elsewhere.

    Raises
    ------
    InputError
        When the link leads out, or nowhere.
    """
    try:
        if path.is_symlink() and not path.resolve(strict=True).is_relative_to(
            folder.resolve()
        ):
            message = "file.is_a_link_that_leads_out"
            hint = "file.put_the_file_itself_there"
            raise InputError([Problem(message, str(path), hint=hint)])
    except (OSError, RuntimeError) as error:  # a link that leads to itself
        known = error if isinstance(error, OSError) else OSError(errno.ELOOP, "")
        message = heard("system", os.strerror(known.errno or errno.ELOOP))
        raise InputError([Problem(message, str(path))]) from None


def check_suffix(path: str | os.PathLike[str], *suffixes: str) -> None:
    """Refuse a name that promises another format than one of these.

    A name without a suffix promises nothing.

    Raises
    ------
    InputError
        For such a name.
    """
    named = Path(path)
    if named.suffix and named.suffix.lower() not in suffixes:
        message = Text("file.is_of_no_known_type", type=named.suffix.lower())
        names = " or ".join(f"{named.stem}{suffix}" for suffix in suffixes)
        raise InputError(
            [Problem(message, str(path), hint=Text("file.name_it", name=names))]
        )


def check_target(path: str | os.PathLike[str], *suffixes: str) -> None:
    """Refuse a path where no file can be written, before hours of work are done.

    Parameters
    ----------
    suffixes
        Of the format that will be written, if it has any.

    Raises
    ------
    InputError
        When the path is a folder or lies in none, or promises another format.
    """
    if suffixes:
        check_suffix(path, *suffixes)
    target = _target(path)
    if not is_folder(target.parent):
        error = NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        raise path_error(Path(path), error)
    if target.is_dir():
        raise InputError([Problem("file.is_a_folder_a_file_is", str(path))])


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write `text` as UTF-8 so that readers see the old file or the new one.

    Raises
    ------
    InputError
        When the path is a folder, lies in none, or may not be written.
    """
    write_bytes(path, text.encode())


def write_bytes(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file so that readers see the old one or the new one.

    Raises
    ------
    InputError
        When the path is a folder, lies in none, or may not be written.
    """
    target = _target(path)
    try:
        if target.exists() and not target.is_file() and not target.is_dir():
            target.write_bytes(content)  # a pipe, a terminal
        elif target.is_dir():
            raise InputError([Problem("file.is_a_folder_a_file_is", str(path))])
        else:
            _replace(target, content)
    except OSError as error:
        raise path_error(Path(path), error) from error


def _target(path: str | os.PathLike[str]) -> Path:
    """Return what a link points to: that is replaced, and the link stays a link."""
    try:
        return Path(os.path.realpath(path))
    except ValueError as error:  # a NUL in the name
        raise InputError(
            [Problem(heard("system", str(error)), repr(os.fspath(path)))]
        ) from error


def remove_remains(folder: Path) -> None:
    """Remove what writers left that were killed; none may be at work in the folder.

    Raises
    ------
    InputError
        When it cannot be removed.
    """
    try:
        for path in folder.glob(f"{_PREFIX}*"):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
    except OSError as error:
        raise path_error(folder, error) from error


def _replace(target: Path, content: bytes) -> None:
    temporary = target.with_name(f"{_PREFIX}{secrets.token_hex(8)}")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, temporary)
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


@contextmanager
def new_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield an empty folder that takes the place of `path` when all went well.

    What stood at `path` is removed then; the caller has made sure that it may be.

    Raises
    ------
    InputError
        When the path is a file, lies in no folder, or may not be written.
    """
    target = _target(path)
    token = secrets.token_hex(8)
    temporary = target.with_name(f"{_PREFIX}{token}")
    old = target.with_name(f"{_PREFIX}{token}-old")
    try:
        temporary.mkdir()
        yield temporary
        if target.is_dir():
            target.rename(old)
        elif target.exists():
            raise InputError([Problem("file.is_a_file_a_folder_is", str(path))])
        temporary.rename(target)
    except OSError as error:
        raise path_error(Path(path), error) from error
    finally:
        # Whatever happened between the two renames, `path` is there afterwards.
        if old.exists() and not target.exists():
            old.rename(target)
        for remains in (temporary, old):
            shutil.rmtree(remains, ignore_errors=True)

"""The files of sentences: found by language and code, a section read when needed.

A file has sections; a code is the name of a section and that of an entry in it. Before
the first section stands how the language counts: `plural`, in the words of gettext
(``n != 1``), gives the place of the form that goes with a number.
"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from gettext import c2py
from pathlib import Path
from typing import Any

__all__ = [
    "LANGUAGES",
    "Entry",
    "Lang",
    "entry",
    "form_for",
    "header",
    "section",
    "sections",
]

Entry = str | list[str]
"""A sentence, or its forms by number."""

_HEADING = re.compile(r"^\[(\w+)\]$", re.MULTILINE)


class Lang(StrEnum):
    """The languages of answers for people."""

    EN = "en"
    ZH = "zh"


LANGUAGES: tuple[str, ...] = tuple(Lang)


@cache
def _parts(lang: str) -> dict[str, str]:
    """Return the text of each section of a file; what stands before them under ""."""
    source = Path(__file__).with_name(f"{Path(lang).name}.toml")
    if not source.exists():
        return {}
    first, *pieces = _HEADING.split(source.read_text("utf-8"))
    return {"": first, **dict(zip(pieces[::2], pieces[1::2], strict=True))}


def sections(lang: str) -> tuple[str, ...]:
    """Return the names of all sections of a file."""
    return tuple(filter(None, _parts(lang)))


@cache
def section(lang: str, name: str) -> Mapping[str, Entry]:
    """Return the entries of a section.

    Only what is asked for is read: all of it takes some milliseconds.
    """
    import tomllib  # noqa: PLC0415 (takes longer than all else here)

    entries: dict[str, Any] = tomllib.loads(_parts(lang)[name])
    return entries


def header(lang: str) -> Mapping[str, Entry]:
    """Return what a file says of its language: ``language``, ``tag``, ``plural``."""
    return section(lang, "")


@cache
def _plural(lang: str) -> Callable[[int], int]:
    return c2py(str(header(lang)["plural"]))


def form_for(number: object, lang: str) -> int:
    """Return which form of an entry goes with a number; the last with no whole one."""
    return _plural(lang)(number) if isinstance(number, int) else -1


def entry(code: str, lang: str) -> tuple[Entry | None, str]:
    """Return what is said for a code, and in which language: English, if need be."""
    name, _, key = code.partition(".")
    for spoken in (lang, Lang.EN):
        if name in _parts(spoken):
            spoken_entry = section(spoken, name).get(key)
            if spoken_entry is not None:
                return spoken_entry, spoken
    return None, lang

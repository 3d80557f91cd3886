"""One iCalendar file in the making: its events, their ids, its file's name."""

import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sharematch.errors import InputError, Problem
from sharematch.io.ical.reading import calendar_module
from sharematch.io.native.atomic import is_folder, new_folder, write_bytes
from sharematch.io.native.encodings import write_table_text
from sharematch.text import Text

__all__ = ["Calendar", "file_name", "instant", "uid_of", "write_all"]

_PLAIN = re.compile(r"[a-z0-9][a-z0-9_-]{0,60}", re.ASCII)


class Calendar:
    """One calendar in the making."""

    def __init__(self, name: str, shown: str | None = None) -> None:
        self.name = name
        self._module = calendar_module()
        self._calendar = self._module.Calendar()
        self._calendar.add("prodid", "-//sharematch//sharematch//EN")
        self._calendar.add("version", "2.0")
        self._calendar.add("x-wr-calname", self.text(shown or name))

    def text(self, value: str) -> Any:
        """Return what stands for a text: line breaks escaped, no other controls."""
        lines = value.replace("\r\n", "\n").replace("\r", "\n")
        shown = "".join(c if c.isprintable() or c == "\n" else " " for c in lines)
        return self._module.vText(shown)

    def add(self, uid: str, start: datetime, end: datetime | None) -> Any:
        """Add an event and return it."""
        event = self._module.Event()
        event.add("uid", self.text(uid))
        # Of the plan, not of the clock: equal plans give equal files.
        event.add("dtstamp", start.replace(tzinfo=start.tzinfo or UTC).astimezone(UTC))
        event.add("dtstart", instant(start))
        event.add("dtend", instant(end or start))
        self._calendar.add_component(event)
        return event

    def add_zone(self, zone: Any) -> None:
        """Add the definition of a zone, before the events that name it."""
        self._calendar.subcomponents.insert(0, zone)

    def to_bytes(self) -> bytes:
        """Return the content of its file."""
        return bytes(self._calendar.to_ical())


def instant(when: datetime) -> datetime:
    """Return a time as calendars write it: in a named zone, else UTC, or floating."""
    if when.tzinfo is None or isinstance(when.tzinfo, ZoneInfo):
        return when
    return when.astimezone(UTC)


def uid_of(*parts: str) -> str:
    """Return the id of an event, the same for equal parts."""
    text = "\0".join(parts)
    return f"{sha256(text.encode()).hexdigest()[:32]}@sharematch"


def file_name(name: str) -> str:
    """Return a name that no file system takes for anything else, each name another."""
    if _PLAIN.fullmatch(name):
        return name
    shown = re.sub(r"[^\w-]+", "_", name)[:40]
    return f"{shown}-{sha256(name.encode()).hexdigest()[:8]}"


def write_all(
    folder: str | os.PathLike[str],
    calendars: Mapping[str, Calendar],
    tables: Mapping[str, str] | None = None,
) -> None:
    """Write calendars, and tables beside them, by the names of their files.

    Raises
    ------
    InputError
        When there is something at the path.
    """
    path = Path(folder)
    if path.exists() and (not is_folder(path) or any(path.iterdir())):
        hint = Text("file.name_a_new_folder")
        raise InputError([Problem("file.is_there_already", str(path), hint=hint)])
    with new_folder(path) as made:
        for name, calendar in calendars.items():
            write_bytes(made / name, calendar.to_bytes())
        for name, text in (tables or {}).items():
            write_table_text(made / name, text)

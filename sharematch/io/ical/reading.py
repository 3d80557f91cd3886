"""iCalendar (RFC 5545, 7953): calendars of facilities to slots, plans to calendars.

A calendar is a facility. What is marked free is an opening (VEVENT with TRANSP
TRANSPARENT, AVAILABLE, FREEBUSY FREE), all else is busy and cut out of the openings.
Needs the package icalendar (extra `ical`).
"""

import os
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sharematch.errors import InputError, Problem
from sharematch.io.carry import Ledger, Reading, instance_of
from sharematch.io.geo.hours import hours_of
from sharematch.io.ical.events import NAME, Events, Opening, name_of, text_of
from sharematch.io.ical.times import Times
from sharematch.io.ical.zones import Zones
from sharematch.io.native.atomic import check_inside, is_folder, path_error
from sharematch.io.native.documents import read_text
from sharematch.io.openings import Cutting, Offer, Span, cut
from sharematch.model.arguments import typed
from sharematch.model.extras import install
from sharematch.model.instance import Instance
from sharematch.text import Text

__all__ = ["calendar_module", "read_ical"]

_ESCAPED = re.compile(r"\\([nN,;\\])")
_FOLD = re.compile(r"(?:\r?\n)+[ \t]")
_PART = re.compile(
    r"^(BEGIN|END):(?!VCALENDAR\b)([A-Z0-9-]{1,60})[ \t]*(?=\r?$)",
    re.MULTILINE | re.IGNORECASE,
)


def calendar_module() -> Any:
    """Return the package icalendar.

    Raises
    ------
    InputError
        When it is not installed.
    """
    try:
        import icalendar
    except ImportError:
        hint = install("ical")
        raise InputError(
            [Problem("ical.calendars_need_icalendar", hint=hint)]
        ) from None
    return icalendar


@typed
def read_ical(
    path: str | os.PathLike[str],
    cutting: Cutting,
    *,
    instance: Instance | None = None,
    hours: str | None = None,
    kind: str = "open",
) -> Reading:
    """Read the calendars of facilities: openings less busy times, as slots.

    Parameters
    ----------
    path
        An `.ics` file, or a folder of them. A calendar is named by its NAME or
        X-WR-CALNAME, else by its file.
    cutting
        Days, zone and length of the slots.
    instance
        What the slots are added to; its facilities are named as the calendars. Without
        it, the facilities belong to one community.
    hours
        Hours, as OpenStreetMap writes them, for calendars with busy times only.
    kind
        Kind of slots where an event has no CATEGORIES.

    Returns
    -------
    The instance with the slots, and notes on what could not be carried.

    Raises
    ------
    InputError
        When a file is not valid, or a busy time cannot be followed: leaving it out
        would offer what is taken.

    Examples
    --------
    >>> from datetime import date
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> path = Path(mkdtemp()) / "town.ics"
    >>> _ = sm.io.write_ical(town, path)
    >>> cutting = sm.openings.Cutting(first=date(2026, 12, 7), last=date(2026, 12, 13))
    >>> type(sm.io.read_ical(path, cutting)).__name__
    'Reading'
    """
    path = Path(path)
    ledger = Ledger()
    problems: list[Problem] = []
    facilities: list[dict[str, Any]] = []
    offers: list[Offer] = []
    for name, component in _calendars(path):
        parts = component.subcomponents
        zones = Zones(part for part in parts if name_of(part) == "VTIMEZONE")
        reader = Events(name, Times(cutting, zones), kind, ledger)
        reader.read(component)
        problems += reader.problems
        openings, busy = reader.openings, reader.busy
        if not openings and hours is not None:
            spans = hours_of(hours, cutting, name, ledger)
            openings = [Opening(tuple(spans), (kind,), None, name)]
        elif not openings:
            ledger.assumed(
                "calendar", "", name, Text("carry.nothing_marked_free_so_no_slots")
            )
        facilities.append({"id": name, "community": "everyone"})
        offers += _offers(name, openings, busy, ledger, cutting)
    if problems:
        raise InputError(problems)
    made = cut(offers, cutting)
    for name, _ in made.rests:
        ledger.lost(
            "calendar", "opening", name, Text("carry.rests_shorter_than_a_slot")
        )
    if instance is not None:
        added = [*instance.slots, *made.slots]
        fields = {key: getattr(instance, key) for key in Instance.model_fields}
        return Reading(instance_of({**fields, "slots": added}, path), ledger.notes)
    for facility in facilities:
        ledger.assumed("facility", "community", facility["id"], "everyone")
    fields = {"communities": [{"id": "everyone"}], "facilities": facilities}
    return Reading(instance_of({**fields, "slots": made.slots}, path), ledger.notes)


def _files(path: Path) -> list[Path]:
    if not is_folder(path):
        return [path]
    files = sorted(path.glob("*.ics"))
    for file in files:
        check_inside(path, file)
    return files


def _calendars(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield name and content of each calendar."""
    module = calendar_module()
    try:
        files = _files(path)
    except OSError as error:
        raise path_error(path, error) from error
    if not files:
        raise InputError([Problem("ical.holds_no_ics_files", str(path))])
    for file in files:
        text = _PART.sub(_as_event, _FOLD.sub("", read_text(file)))
        try:
            with warnings.catch_warnings(action="ignore"):  # names of zones it guesses
                components = module.Calendar.from_ical(text, multiple=True)
            calendars = [part for part in components if part.name == "VCALENDAR"]
        except Exception as error:  # whatever its parser trips over
            message = Text(
                "ical.is_no_calendar", cause=f"{type(error).__name__} {error}"
            )
            raise InputError([Problem(message[:200], str(file))]) from None
        if not calendars:
            raise InputError([Problem("ical.holds_no_vcalendar", str(file))])
        for number, calendar in enumerate(calendars, 1):
            # A name of its own is text too, which the parser does not know.
            common = _ESCAPED.sub(_unescaped, text_of(calendar, "X-WR-CALNAME"))
            name = text_of(calendar, "NAME") or common.strip()
            plain = file.stem if len(calendars) == 1 else f"{file.stem} {number}"
            yield name or plain, calendar


def _unescaped(match: re.Match[str]) -> str:
    return " " if match[1] in "nN" else match[1]


def _as_event(line: re.Match[str]) -> str:
    """Return the line of any part of a calendar as that of an event with its name.

    The parser keeps of events alone what it cannot read, and follows the rules of
    zones for ever.
    """
    is_begin = line[1].upper() == "BEGIN"
    return f"BEGIN:VEVENT\n{NAME}:{line[2].upper()}" if is_begin else "END:VEVENT"


def _offers(
    facility: str,
    openings: list[Opening],
    busy: list[Span],
    ledger: Ledger,
    cutting: Cutting,
) -> Iterator[Offer]:
    """Yield what a calendar offers: openings alike as one, our own by their names."""
    alike: dict[tuple[Any, ...], list[Opening]] = {}
    for opening in openings:
        key = (opening.kinds, opening.capacity, opening.name if opening.is_own else "")
        alike.setdefault(key, []).append(opening)
    for (kinds, capacity, name), group in alike.items():
        fields: dict[str, Any] = {"facility": facility, "kinds": kinds}
        if capacity is None:
            ledger.assumed("slot", "capacity", facility, str(cutting.capacity))
        else:
            fields["capacity"] = capacity
        others = len(alike) > 1 and not name
        plain = f"{facility} {' '.join(kinds)}" if others else facility
        spans = [span for opening in group for span in opening.spans]
        yield Offer(name or plain, spans, fields, busy, is_single=bool(name))

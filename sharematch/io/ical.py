"""iCalendar (RFC 5545, 7953): calendars of facilities to slots, plans to calendars.

A calendar is a facility. What is marked free is an opening (VEVENT with TRANSP
TRANSPARENT, AVAILABLE, FREEBUSY FREE), all else is busy and cut out of the openings.
Needs the package icalendar (extra `ical`).
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sharematch.errors import InputError, Problem
from sharematch.io.atomic import is_folder, path_error
from sharematch.io.carry import Ledger, Reading, instance_of
from sharematch.io.documents import read_text
from sharematch.io.ical_times import PROPERTIES, Times
from sharematch.io.osm import hours_of
from sharematch.model.instance import Instance
from sharematch.openings import Cutting, Offer, Span, cut

__all__ = ["CAPACITY", "calendar_module", "read_ical"]

CAPACITY = "X-SHAREMATCH-CAPACITY"
"""The property in which openings written by this library carry their places."""

# Their rules may run for ever. Zones are known by their names, so none is read.
_ZONES = re.compile(
    r"^BEGIN:VTIMEZONE\s*?$.*?^END:VTIMEZONE\s*?$",
    re.MULTILINE | re.DOTALL | re.IGNORECASE,
)
_READ = PROPERTIES | {
    *("UID", "DTSTAMP", "CREATED", "LAST-MODIFIED", "SEQUENCE", "CLASS"),
    *("TRANSP", "STATUS", "CATEGORIES", CAPACITY),
}
_UNSAFE_IN_KIND = re.compile(r"[;\s]+")


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
        hint = "pip install 'sharematch[ical]'"
        raise InputError([Problem("calendars need icalendar", hint=hint)]) from None
    return icalendar


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
    """
    path = Path(path)
    ledger = Ledger()
    problems: list[Problem] = []
    facilities: list[dict[str, Any]] = []
    offers: list[Offer] = []
    for name, component in _calendars(path):
        reader = _Calendar(name, Times(cutting), kind, ledger)
        reader.read(component)
        problems += reader.problems
        openings, busy = reader.openings, reader.busy
        if not openings and hours is not None:
            spans = hours_of(hours, cutting, name, ledger)
            openings = [_Opening(spans, (kind,), None, name)]
        elif not openings:
            ledger.assumed("calendar", "", name, "nothing marked free, so no slots")
        facilities.append({"id": name, "community": "everyone"})
        offers += _offers(name, openings, busy, ledger, cutting)
    if problems:
        raise InputError(problems)
    made = cut(offers, cutting)
    for name, _ in made.rests:
        ledger.lost("calendar", "opening", name, "rests shorter than a slot")
    if instance is not None:
        added = [*instance.slots, *made.slots]
        fields = {key: getattr(instance, key) for key in Instance.model_fields}
        return Reading(instance_of({**fields, "slots": added}, path), ledger.notes)
    for facility in facilities:
        ledger.assumed("facility", "community", facility["id"], "everyone")
    fields = {"communities": [{"id": "everyone"}], "facilities": facilities}
    return Reading(instance_of({**fields, "slots": made.slots}, path), ledger.notes)


def _calendars(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield name and content of each calendar."""
    module = calendar_module()
    try:
        files = sorted(path.glob("*.ics")) if is_folder(path) else [path]
    except OSError as error:
        raise path_error(path, error) from error
    if not files:
        raise InputError([Problem("holds no .ics files", str(path))])
    for file in files:
        text = _ZONES.sub("", read_text(file).replace("\r\n", "\n"))
        try:
            found = module.Calendar.from_ical(text, multiple=True)
            calendars = [part for part in found if part.name == "VCALENDAR"]
        except Exception as error:  # whatever its parser trips over
            message = f"is no calendar: {type(error).__name__} {error}"
            raise InputError([Problem(message[:200], str(file))]) from None
        if not calendars:
            raise InputError([Problem("holds no VCALENDAR", str(file))])
        for number, calendar in enumerate(calendars, 1):
            name = _text(calendar, "NAME") or _text(calendar, "X-WR-CALNAME")
            plain = file.stem if len(calendars) == 1 else f"{file.stem} {number}"
            yield name or plain, calendar


def _text(component: Any, name: str) -> str:
    value = component.get(name, "")
    value = value[0] if isinstance(value, list) and value else value
    return str(value).strip()


@dataclass(frozen=True)
class _Opening:
    spans: Iterable[Span]
    kinds: tuple[str, ...]
    capacity: int | None
    name: str
    is_own: bool = False


def _offers(
    facility: str,
    openings: list[_Opening],
    busy: list[Span],
    ledger: Ledger,
    cutting: Cutting,
) -> Iterator[Offer]:
    """Yield what a calendar offers: openings alike as one, our own by their names."""
    alike: dict[tuple[Any, ...], list[_Opening]] = {}
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


@dataclass
class _Calendar:
    """Reads the events of one calendar into openings and busy times."""

    name: str
    times: Times
    kind: str
    ledger: Ledger
    openings: list[_Opening] = field(default_factory=list)
    busy: list[Span] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def read(self, calendar: Any) -> None:
        """Read all events; those that cannot be followed are told."""
        moved = self._moved(calendar)
        for event in calendar.subcomponents:
            if event.name == "VEVENT":
                is_free = _text(event, "TRANSP").upper() == "TRANSPARENT"
                if _text(event, "STATUS").upper() != "CANCELLED":
                    self._event(event, moved, is_free=is_free)
            elif event.name == "VFREEBUSY":
                self._free_busy(event)
            elif event.name == "VAVAILABILITY":
                parts = (p for p in event.subcomponents if p.name == "AVAILABLE")
                for part in parts:
                    self._event(part, {}, is_free=True, limits=event)
            else:
                self.ledger.lost("calendar", str(event.name)[:20], self.name)

    def _moved(self, calendar: Any) -> dict[str, set[datetime]]:
        """Return the occurrences that other events take the place of, by UID."""
        moved: dict[str, set[datetime]] = {}
        for event in calendar.subcomponents:
            if event.name == "VEVENT" and "RECURRENCE-ID" in event:
                try:
                    when = self.times.when(event.get("RECURRENCE-ID"))
                except ValueError:
                    continue  # told with the event itself
                moved.setdefault(_text(event, "UID"), set()).add(when)
        return moved

    def _event(
        self,
        event: Any,
        moved: Mapping[str, set[datetime]],
        *,
        is_free: bool,
        limits: Any = None,
    ) -> None:
        label = _text(event, "UID") or _text(event, "SUMMARY") or "event"
        self._tell_rest(event, label)
        replaced = moved.get(label, set()) if "RECURRENCE-ID" not in event else set()
        broken = [name for name, _ in event.errors if str(name).upper() in PROPERTIES]
        reason, spans = f"{''.join(broken[:1])} cannot be read", []
        try:
            if not broken:
                spans = list(self.times.occurrences(event, replaced))
                spans = self.times.within(spans, limits) if limits else spans
                reason = ""
        except (ValueError, OverflowError) as error:
            reason = str(error)
        if reason and is_free:
            self.ledger.lost("event", "", label, reason[:80])
        elif reason:
            about = ("event", label[:60])
            self.problems.append(Problem(reason, *about, source=self.name))
        if reason:
            return
        if not is_free:
            self.busy += spans
            return
        capacity = _text(event, CAPACITY)
        is_own = re.fullmatch(r"\d{1,13}", capacity, re.ASCII) is not None
        number = int(capacity) if is_own else None
        kinds = self._kinds(event, label)
        self.openings.append(_Opening(spans, kinds, number, label, is_own))

    def _tell_rest(self, event: Any, label: str) -> None:
        """Note what an event says beside when it is and of what kind."""
        for name in event:
            if str(name).upper() not in _READ:
                self.ledger.lost("event", str(name)[:40], label)
        for part in event.subcomponents:
            self.ledger.lost("event", str(part.name)[:40], label)

    def _kinds(self, event: Any, label: str) -> tuple[str, ...]:
        """Return the CATEGORIES of an event as kinds."""
        found = event.get("CATEGORIES", ())
        kinds: set[str] = set()
        for part in found if isinstance(found, list) else [found]:
            for text in map(str, getattr(part, "cats", ())):
                plain = "/".join(
                    filter(None, _UNSAFE_IN_KIND.sub(" ", text).strip().split("/"))
                ).strip()
                kinds |= {plain} if plain else set()
        if not kinds:
            self.ledger.assumed("slot", "kinds", label, self.kind)
        return tuple(sorted(kinds)) or (self.kind,)

    def _free_busy(self, component: Any) -> None:
        found = component.get("FREEBUSY", ())
        try:
            for period in found if isinstance(found, list) else [found]:
                span = self.times.period(period)
                if str(period.params.get("FBTYPE", "BUSY")).upper() == "FREE":
                    kinds = (self.kind,)
                    self.openings.append(_Opening([span], kinds, None, self.name))
                else:
                    self.busy.append(span)
        except (ValueError, AttributeError, OverflowError):
            message = "FREEBUSY cannot be read"
            self.problems.append(Problem(message, "calendar", self.name))

"""iCalendar files from an instance or a plan: one for each facility and community."""

import os
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from sharematch.core.columns.encoding import encode
from sharematch.core.columns.labels import labels
from sharematch.errors import InputError, Problem
from sharematch.io.carry import Ledger, Note
from sharematch.io.ical.reading import CAPACITY, calendar_module
from sharematch.io.native.atomic import is_folder, new_folder, write_bytes
from sharematch.model.arguments import expect
from sharematch.model.canonical import time_text
from sharematch.model.instance import Instance
from sharematch.model.records import Facility, Slot
from sharematch.model.week import read_week
from sharematch.plans.allocation import Allocation
from sharematch.plans.bookings import bookings_of
from sharematch.text import Text

__all__ = ["write_calendars", "write_ical"]

_PLAIN = re.compile(r"[a-z0-9][a-z0-9_-]{0,60}", re.ASCII)


def write_ical(instance: Instance, folder: str | os.PathLike[str]) -> tuple[Note, ...]:
    """Write a calendar of openings for each facility: its slots and closed hours.

    `read_ical` reads them back: slots with their id, kinds, capacity and times.

    Returns
    -------
    Notes on what calendars do not carry.

    Raises
    ------
    InputError
        When there is something at the path, or icalendar is not installed.
    """
    expect(Instance, instance=instance)
    ledger = Ledger()
    calendars = {
        facility.id: _Calendar(facility.id) for facility in instance.facilities
    }
    named: list[Facility | Slot] = [*instance.facilities, *instance.slots]
    for item in named:
        if item.id.strip() != item.id or not item.id.isprintable():
            message = Text("carry.its_spaces_or_control_characters_may")
            ledger.lost(item.label(), "id", item.id, message)
    for slot in sorted(instance.slots, key=lambda slot: slot.id):
        if slot.start is None or slot.start == slot.end:
            ledger.lost("slot", "", slot.id, Text("carry.takes_no_time"))
            continue
        calendar = calendars[slot.facility]
        event = calendar.add(slot.id, slot.start, slot.end)
        event.add("categories", [calendar.text(kind) for kind in sorted(slot.kinds)])
        event.add("transp", "TRANSPARENT")
        event.add(CAPACITY, str(slot.capacity))
    begins: dict[str, list[datetime]] = {f.id: [] for f in instance.facilities}
    for slot in instance.slots:
        begins[slot.facility] += [slot.start] if slot.start is not None else []
    for facility in instance.facilities:
        for number, (start, end) in enumerate(_closed(facility, begins), 1):
            uid = _uid("closed", facility.id, str(number))
            calendars[facility.id].add(uid, start, end)
    ledger.lost_records(
        instance,
        {
            "facilities": ("id", "closed"),
            "slots": ("id", "facility", "kinds", "capacity", "start", "end"),
        },
    )
    _write(folder, {f"{_file_name(c.name)}.ics": c for c in calendars.values()})
    return ledger.notes


def _closed(
    facility: Facility, begins: Mapping[str, list[datetime]]
) -> Iterator[tuple[datetime, datetime]]:
    """Yield a facility's closed times; of weekly ones those on dates of its slots."""
    for window in facility.closed:
        if isinstance(window, str):
            yield from read_week(window).around(begins[facility.id])
        else:
            yield window.start, window.end


def write_calendars(
    instance: Instance, allocation: Allocation, folder: str | os.PathLike[str]
) -> tuple[Note, ...]:
    """Write a plan as calendars: one for each facility and each community in it.

    Files are named `facility-NAME.ics` and `community-NAME.ics`; names that are no
    plain names of files are changed and made unique. Equal plans give equal bytes.

    Returns
    -------
    Notes on assignments of untimed slots, which stand in no calendar. A booking in an
    opening has its own start and end, and says which parts of its hall it has.

    Raises
    ------
    InputError
        When there is something at the path, or icalendar is not installed.

    Examples
    --------
    >>> import tempfile
    >>> import sharematch as sm
    >>> town = sm.Instance(
    ...     communities=[sm.Community(id="lianqiao")],
    ...     facilities=[sm.Facility(id="hall", community="lianqiao")],
    ...     slots=[
    ...         sm.Slot(
    ...             id="mon",
    ...             facility="hall",
    ...             kinds=["choir"],
    ...             capacity=9,
    ...             start="2026-03-02T19:00",
    ...             end="2026-03-02T21:00",
    ...         )
    ...     ],
    ...     needs=[sm.Need(id="l-choir", community="lianqiao", kind="choir")],
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     notes = write_calendars(town, sm.solve(town).allocation, f"{folder}/plan")
    ...     print(sorted(os.listdir(f"{folder}/plan")))
    ['community-lianqiao.ics', 'facility-hall.ics']
    """
    ledger = Ledger()
    slots = {slot.id: slot for slot in instance.slots}
    needs = {need.id: need for need in instance.needs}
    facilities = {facility.id: facility for facility in instance.facilities}
    calendars: dict[tuple[str, str], _Calendar] = {}
    label = labels(encode(instance))
    booked = {
        (one.slot, one.need, one.start): one.text(label("facility", one.facility))
        for one in bookings_of(instance, allocation)
    }
    for assignment in allocation:
        slot, need = slots[assignment.slot], needs[assignment.need]
        if slot.start is None:
            ledger.lost(
                "assignment",
                "",
                need.id,
                Text("carry.slot_has_no_time", slot=slot.id[:62]),
            )
            continue
        start, end = assignment.start or slot.start, assignment.end or slot.end
        own = () if assignment.start is None else (time_text(start),)
        uid = _uid(slot.id, need.id, *own)
        told = booked.get((slot.id, need.id, start), label("slot", slot.id))
        for owner in (("facility", slot.facility), ("community", need.community)):
            calendar = calendars.setdefault(owner, _Calendar(owner[1], label(*owner)))
            event = calendar.add(uid, start, end)
            whose = ("community", need.community)
            about = label(*(whose if owner[0] == "facility" else ("need", need.id)))
            summary = f"{need.kind}: {about} × {assignment.quantity}"
            event.add("summary", calendar.text(summary))
            event.add("categories", [calendar.text(need.kind)])
            event.add("location", calendar.text(label("facility", slot.facility)))
            event.add("description", calendar.text(told))
            _add_place(event, facilities[slot.facility], instance)
    _write(
        folder,
        {
            f"{record}-{_file_name(name)}.ics": calendar
            for (record, name), calendar in calendars.items()
        },
    )
    return ledger.notes


class _Calendar:
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
        event.add("dtstamp", _instant(start.replace(tzinfo=start.tzinfo or UTC)))
        event.add("dtstart", _instant(start))
        event.add("dtend", _instant(end or start))
        self._calendar.add_component(event)
        return event

    def to_bytes(self) -> bytes:
        """Return the content of its file."""
        return bytes(self._calendar.to_ical())


def _instant(when: datetime) -> datetime:
    """Return a time as calendars write it without naming zones: UTC, or floating."""
    return when if when.tzinfo is None else when.astimezone(UTC)


def _uid(*parts: str) -> str:
    text = "\0".join(parts)
    return f"{sha256(text.encode()).hexdigest()[:32]}@sharematch"


def _add_place(event: Any, facility: Facility, instance: Instance) -> None:
    if facility.location is not None and instance.travel.metric == "geo":
        longitude, latitude = facility.location
        event.add("geo", (latitude, longitude))


def _file_name(name: str) -> str:
    """Return a name that no file system takes for anything else, each name another."""
    if _PLAIN.fullmatch(name):
        return name
    shown = re.sub(r"[^\w-]+", "_", name)[:40]
    return f"{shown}-{sha256(name.encode()).hexdigest()[:8]}"


def _write(folder: str | os.PathLike[str], calendars: "dict[str, _Calendar]") -> None:
    path = Path(folder)
    if path.exists() and (not is_folder(path) or any(path.iterdir())):
        hint = Text("file.name_a_new_folder")
        raise InputError([Problem("file.is_there_already", str(path), hint=hint)])
    with new_folder(path) as made:
        for name, calendar in calendars.items():
            write_bytes(made / name, calendar.to_bytes())

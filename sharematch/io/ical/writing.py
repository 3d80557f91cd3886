"""iCalendar files from an instance: the openings of each facility."""

import os
from collections.abc import Iterator, Mapping
from datetime import datetime

from sharematch.io.carry import Ledger, Note
from sharematch.io.ical.events import CAPACITY
from sharematch.io.ical.making import Calendar, file_name, uid_of, write_all
from sharematch.model.arguments import typed
from sharematch.model.instance import Instance
from sharematch.model.places import Facility, Slot
from sharematch.model.week import read_week
from sharematch.text import Text

__all__ = ["write_ical"]


@typed
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

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> result = sm.solve(town)
    >>> path = Path(mkdtemp()) / "plan.ics"
    >>> notes = sm.io.write_ical(town, path)
    >>> path.exists()
    True
    """
    ledger = Ledger()
    calendars = {facility.id: Calendar(facility.id) for facility in instance.facilities}
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
            uid = uid_of("closed", facility.id, str(number))
            calendars[facility.id].add(uid, start, end)
    ledger.lost_records(
        instance,
        {
            "facilities": ("id", "closed"),
            "slots": ("id", "facility", "kinds", "capacity", "start", "end"),
        },
    )
    write_all(folder, {f"{file_name(c.name)}.ics": c for c in calendars.values()})
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

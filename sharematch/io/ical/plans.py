"""A plan as calendars, on its own dates or through a season."""

import os
from collections.abc import Iterator
from datetime import UTC, date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sharematch.core.columns.encoding import encode
from sharematch.core.columns.labels import labels
from sharematch.io.carry import Ledger, Note
from sharematch.io.ical.making import Calendar, file_name, instant, uid_of, write_all
from sharematch.io.ical.reading import calendar_module
from sharematch.model.arguments import typed
from sharematch.model.canonical import time_text
from sharematch.model.cells import csv_row
from sharematch.model.instance import Instance
from sharematch.model.places import Facility
from sharematch.plans.allocation import Allocation
from sharematch.plans.bookings import bookings_of
from sharematch.plans.repeating import Repeated, Series, timed
from sharematch.text import Text

__all__ = ["NOT_HELD", "write_calendars"]

NOT_HELD = "not_held.csv"
"""The table of what falls out of a season, beside its calendars."""

_DAY = timedelta(days=1)


@typed
def write_calendars(
    instance: Instance,
    allocation: Allocation,
    folder: str | os.PathLike[str],
    *,
    season: Repeated | None = None,
) -> tuple[Note, ...]:
    """Write a plan as calendars: one for each facility and each community in it.

    Files are named `facility-NAME.ics` and `community-NAME.ics`; names that are no
    plain names of files are changed and made unique. Equal plans give equal bytes.

    Parameters
    ----------
    season
        The plan repeated, by `sharematch.season.repeat`: each booking is an event that
        recurs until its last date, without those that fall out. These are listed beside
        the calendars, in `not_held.csv`.

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
    calendars: dict[tuple[str, str], Calendar] = {}
    label = labels(encode(instance))
    needs = {need.id: need for need in instance.needs}
    facilities = {facility.id: facility for facility in instance.facilities}
    is_opening = {slot.id: slot.step is not None for slot in instance.slots}
    for series, told in _told(instance, allocation, season):
        booking, need = series.booking, needs[series.booking.need]
        start = (time_text(booking.start),) if is_opening[booking.slot] else ()
        uid = uid_of(booking.slot, booking.need, *start)
        for owner in (("facility", booking.facility), ("community", need.community)):
            calendar = calendars.setdefault(owner, Calendar(owner[1], label(*owner)))
            event = calendar.add(uid, series.held[0].start, series.held[0].end)
            _add_dates(event, series, 1 if season is None else season.weeks)
            whose = ("community", need.community)
            about = label(*(whose if owner[0] == "facility" else ("need", need.id)))
            summary = f"{need.kind}: {about} × {booking.quantity}"
            event.add("summary", calendar.text(summary))
            event.add("categories", [calendar.text(need.kind)])
            place = label("facility", booking.facility)
            event.add("location", calendar.text(place))
            event.add("description", calendar.text(told))
            _add_place(event, facilities[booking.facility], instance)
    if season is not None and season.zone is not None:
        zone = _zone(season.zone, season.first, season.last)
        for calendar in calendars.values():
            calendar.add_zone(zone)
    files = {
        f"{record}-{file_name(name)}.ics": calendar
        for (record, name), calendar in calendars.items()
    }
    tables = {} if season is None else {NOT_HELD: _not_held_text(season)}
    write_all(folder, files, tables)
    return _notes(instance, allocation, season)


def _told(
    instance: Instance, plan: Allocation, season: Repeated | None
) -> Iterator[tuple[Series, str]]:
    """Yield the series of events, and what each is described as."""
    label = labels(encode(instance))
    if season is not None:
        for series in season.series:
            if series.held:
                booking = series.booking
                yield series, booking.where(label("facility", booking.facility))
        return
    booked = {
        (booking.slot, booking.need, booking.start)
        for booking in bookings_of(instance, plan)
    }
    for booking in timed(instance, plan):
        told = label("slot", booking.slot)
        if (booking.slot, booking.need, booking.start) in booked:
            told = booking.text(label("facility", booking.facility))
        yield Series(booking, (booking,), ()), told


def _notes(
    instance: Instance, plan: Allocation, season: Repeated | None
) -> tuple[Note, ...]:
    """Return what stands in no calendar, and what was assumed of clocks."""
    ledger = Ledger()
    untimed = {slot.id for slot in instance.slots if slot.start is None}
    for assignment in plan:
        if assignment.slot in untimed:
            detail = Text("carry.slot_has_no_time", slot=assignment.slot[:62])
            ledger.lost("assignment", "", assignment.need, detail)
    if season is not None and season.zone is None:
        offsets = {series.booking.start.strftime("%z") for series in season.series}
        for offset in sorted(offsets - {""}):
            detail = Text("carry.one_offset_for_all_dates")
            ledger.assumed("calendar", "zone", offset, detail)
    return ledger.notes


def _add_dates(event: Any, series: Series, weeks: int) -> None:
    """Add on which later dates an event is: a rule, and what falls out of it."""
    first, *later = (instant(booking.start) for booking in series.held)
    if not later:
        return
    last = later[-1] if later[-1].tzinfo is None else later[-1].astimezone(UTC)
    event.add("rrule", {"freq": "weekly", "interval": weeks, "until": last})
    fallen = (instant(booking.booking.start) for booking in series.missing)
    if without := [start for start in fallen if first < start < later[-1]]:
        event.add("exdate", without)


def _not_held_text(season: Repeated) -> str:
    """Return what falls out of a season as CSV, by date."""
    rows = [("need", "facility", "quantity", "start", "end", "parts", "reason")]
    for missing in season.missing:
        booking = missing.booking
        times = time_text(booking.start), time_text(booking.end)
        cells = str(booking.quantity), *times, ";".join(booking.parts), missing.reason
        rows.append((booking.need, booking.facility, *cells))
    return "\n".join((*map(csv_row, rows), ""))


def _zone(name: str, first: date, last: date) -> Any:
    """Return the definition of a zone from one day to another."""
    made = calendar_module().Timezone
    return made.from_tzinfo(
        ZoneInfo(name), name, first_date=first, last_date=last + _DAY
    )


def _add_place(event: Any, facility: Facility, instance: Instance) -> None:
    if facility.location is not None and instance.travel.metric == "geo":
        longitude, latitude = facility.location
        event.add("geo", (latitude, longitude))

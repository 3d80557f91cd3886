"""A week plan repeated through a season: dated bookings, and what falls out."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sharematch.errors import InputError, Problem
from sharematch.model import numbers
from sharematch.model.arguments import expect, typed
from sharematch.model.instance import Instance
from sharematch.model.windows import Window
from sharematch.plans.allocation import Allocation
from sharematch.plans.bookings import Booking
from sharematch.plans.results.given import instance_first
from sharematch.text import Text

if TYPE_CHECKING:
    from sharematch.plans.results.result import Result

__all__ = ["DayOff", "NotHeld", "Repeated", "Series", "repeat", "timed"]

MOST_DAYS = 3_660
"""Ten years; a later last day is taken for a slip of the pen."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DayOff:
    """Days on which nothing is held: in all facilities, or in one.

    Parameters
    ----------
    first, last
        Both included.
    reason
        As people are told it.
    facility
        Its id; empty for all.

    Examples
    --------
    >>> from datetime import date
    >>> DayOff(date(2027, 9, 13), date(2027, 9, 19), "autumn holidays").facility
    ''
    """

    first: date
    last: date
    reason: str = ""
    facility: str = ""


@dataclass(frozen=True, slots=True)
class NotHeld:
    """A booking of one date that falls out.

    Parameters
    ----------
    booking
        As it would have been.
    code
        ``off`` (a day off) or ``closed`` (a closed window of its facility).
    reason
        In words.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> first = town.slots[0].start.date()
    >>> off = sm.season.DayOff(first, first, "holiday")
    >>> season = sm.season.repeat(sm.solve(town), "2026-12-31", off=[off])
    >>> {missing.code for missing in season.missing}
    {'off'}
    """

    booking: Booking
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Series:
    """A booking of the week plan on all its dates, those that are held and the rest.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> first = town.slots[0].start.date()
    >>> off = sm.season.DayOff(first, first, "holiday")
    >>> season = sm.season.repeat(sm.solve(town), "2026-12-31", off=[off])
    >>> [len(one.held) + len(one.missing) for one in season.series]
    [3, 4]
    """

    booking: Booking
    held: tuple[Booking, ...]
    missing: tuple[NotHeld, ...]


@dataclass(frozen=True, slots=True)
class Repeated:
    """A week plan through a season.

    Parameters
    ----------
    first, last
        The season's days, both included.
    weeks
        From each date of a booking to its next: as many as the plan's openings span.
    zone
        Whose clock counts; None where times say no zone, or one offset for all dates.
    series
        In the order of the plan; those with no date in the season are not among them.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> first = town.slots[0].start.date()
    >>> off = sm.season.DayOff(first, first, "holiday")
    >>> season = sm.season.repeat(sm.solve(town), "2026-12-31", off=[off])
    >>> season.weeks, season.last
    (1, datetime.date(2026, 12, 31))
    """

    first: date
    last: date
    weeks: int
    zone: str | None
    series: tuple[Series, ...]

    @property
    def bookings(self) -> tuple[Booking, ...]:
        """All bookings that are held, by date."""
        return tuple(sorted((b for s in self.series for b in s.held), key=_order))

    @property
    def missing(self) -> tuple[NotHeld, ...]:
        """All that falls out, by date."""
        every = (fallen for series in self.series for fallen in series.missing)
        return tuple(sorted(every, key=lambda fallen: _order(fallen.booking)))


@instance_first
@typed
def repeat(
    plan: "Result | Allocation",
    last: date | str,
    *,
    first: date | str | None = None,
    off: Iterable[DayOff] = (),
    zone: str | None = None,
    instance: Instance | None = None,
) -> Repeated:
    """Repeat a week plan through a season, without days off and closed hours.

    The plan is made for a week (or for two, or more: what its slots span) and holds in
    every week of the season, at the same hours. What falls on a day off, or into a
    closed window of its facility, is left out and listed.

    Parameters
    ----------
    plan
        Of a week. Assignments of untimed slots have no dates and are left out.
    last
        The season's last day, which is part of it.
    first
        The season's first day; of the plan's slots if left out.
    off
        Holidays and other days off; `io.read_days_off` reads a table of them.
    zone
        A time zone, such as "Europe/Berlin": hours stay what its clock shows. Without
        one, times keep the offset that they have, if any.
    instance
        The plan's records; those of its result if left out.

    Raises
    ------
    InputError
        For a plan whose records are not at hand, days in a wrong order or more than ten
        years, an unknown zone or facility.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.Instance(
    ...     communities=[sm.Community(id="junmiao")],
    ...     facilities=[sm.Facility(id="hall", community="junmiao")],
    ...     slots=[
    ...         sm.Slot(
    ...             id="tue",
    ...             facility="hall",
    ...             kinds=["dance"],
    ...             capacity=1,
    ...             start="2027-09-07T17:00",
    ...             end="2027-09-07T18:30",
    ...             step=30,
    ...         )
    ...     ],
    ...     needs=[sm.Need(id="d", community="junmiao", kind="dance", minutes=90)],
    ... )
    >>> autumn = DayOff(date(2027, 9, 13), date(2027, 9, 19), "autumn holidays")
    >>> season = repeat(sm.solve(town), "2027-09-30", off=[autumn])
    >>> [f"{one.start:%d %b %H:%M}" for one in season.bookings]
    ['07 Sep 17:00', '21 Sep 17:00', '28 Sep 17:00']
    >>> [(f"{one.booking.start:%d %b}", one.reason) for one in season.missing]
    [('14 Sep', 'autumn holidays')]
    """
    # Who only reads tables of days off needs no results.
    from sharematch.plans.results.result import Result  # noqa: PLC0415 (loads slowly)

    expect(Result, Allocation, plan=plan)
    known = plan.instance if isinstance(plan, Result) else None
    town = known if instance is None else instance
    if town is None:
        raise InputError(
            "season.the_plan_is_without_its_instance", hint="repeat(…, instance=…)"
        )
    given = plan.allocation if isinstance(plan, Result) else plan
    clock = None if zone is None else _zone(zone)
    days = [slot.start.date() for slot in town.slots if slot.start is not None]
    until = _day("last", last)
    begin = min(days, default=until) if first is None else _day("first", first)
    if not 0 <= (until - begin).days < MOST_DAYS:
        message = Text("opening.must_be_a_day_from_on", first=begin)
        raise InputError([Problem(message, field="last", value=str(until))])
    weeks = (_monday(max(days)) - _monday(min(days))).days // 7 + 1 if days else 1
    pauses = _Pauses(town, off, clock)
    series = []
    for booking in timed(town, given, clock):
        held, missing = [], []
        for dated in _dated(booking, begin, until, weeks):
            if (why := pauses.of(dated)) is None:
                held.append(dated)
            else:
                missing.append(NotHeld(dated, *why))
        if held or missing:
            series.append(Series(booking, tuple(held), tuple(missing)))
    return Repeated(begin, until, weeks, zone, tuple(series))


def _day(field: str, value: date | str) -> date:
    try:
        return numbers.to_date(value)
    except ValueError as error:
        problem = Problem(error.args[0], field=field, value=str(value)[:40])
        raise InputError([problem]) from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # no such name, a folder, a bad path
        message = Text("opening.is_no_time_zone_known_here")
        hint = Text("opening.a_name_such_as_asia_shanghai")
        problem = Problem(message, field="zone", value=name[:40], hint=hint)
        raise InputError([problem]) from None


def timed(
    town: Instance, plan: Allocation, clock: tzinfo | None = None
) -> Iterator[Booking]:
    """Yield what a plan holds at some time, in its order, whole slots too."""
    slots = {slot.id: slot for slot in town.slots}
    for assignment in plan:
        slot = slots[assignment.slot]
        start, end = assignment.start or slot.start, assignment.end or slot.end
        if start is not None and end is not None:
            where = assignment.need, assignment.slot, slot.facility, assignment.quantity
            yield Booking(*where, _on(clock, start), _on(clock, end), assignment.parts)


def _on(clock: tzinfo | None, time: datetime) -> datetime:
    """Return a time as a clock shows it, or as it is; one without offset is its own."""
    if clock is None:
        return time
    return time.replace(tzinfo=clock) if time.tzinfo is None else time.astimezone(clock)


def _dated(booking: Booking, first: date, last: date, weeks: int) -> Iterator[Booking]:
    """Yield a booking on each of its dates in a season."""
    period = 7 * weeks
    day = booking.start.date()
    start = day + timedelta(days=-((day - first).days // period) * period)
    while start <= last:
        later = start - day
        # By the clock: where the time has a zone, its offset follows.
        yield replace(booking, start=booking.start + later, end=booking.end + later)
        start += timedelta(days=period)


class _Pauses:
    """When nothing is held, and why."""

    def __init__(
        self, town: Instance, off: Iterable[DayOff], clock: tzinfo | None
    ) -> None:
        self.off: dict[tuple[str, date], str] = {}
        self.closed: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
        facilities = {facility.id for facility in town.facilities}
        for number, pause in enumerate(off, 1):
            if pause.facility and pause.facility not in facilities:
                about = "day_off", str(number), "facility", pause.facility[:60]
                raise InputError([Problem("value.is_not_known", *about)])
            for day in range(min((pause.last - pause.first).days + 1, MOST_DAYS)):
                key = pause.facility, pause.first + day * _DAY
                self.off.setdefault(key, pause.reason)
        for facility in town.facilities:
            for window in facility.closed:
                # Weekly ones are the same in each week: no booking is in them.
                if isinstance(window, Window):
                    span = _on(clock, window.start), _on(clock, window.end)
                    self.closed[facility.id].append(span)

    def of(self, booking: Booking) -> tuple[str, str] | None:
        """Return the code and the reason for which a booking falls out, if any."""
        day = booking.start.date()
        for facility in ("", booking.facility):
            if (reason := self.off.get((facility, day))) is not None:
                return "off", reason or Text("season.a_day_off")
        for start, end in self.closed[booking.facility]:
            if start < booking.end and booking.start < end:
                return "closed", Text("refused.closed")
        return None


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _order(booking: Booking) -> tuple[datetime, str, str, str]:
    return booking.start, booking.facility, booking.slot, booking.need

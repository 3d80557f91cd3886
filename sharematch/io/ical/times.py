"""Times of a calendar on the clock of the places: moments, lengths, periods.

Objects are those of the package icalendar. Whatever cannot be followed is a ValueError
with the reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sharematch.io.ical.zones import Zone, Zones
from sharematch.io.openings import MOST_DAYS, Cutting, Span
from sharematch.text import Text

__all__ = ["PROPERTIES", "Length", "Moment", "Times"]

PROPERTIES = frozenset(
    ("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID")
)
"""The properties that say when; one that cannot be read spoils its event."""

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Moment:
    """A time as it is written: what the clock of a zone shows, or a whole day.

    Without a zone it is on the clock of the places.
    """

    wall: datetime
    zone: Zone | None = None
    is_day: bool = False

    @property
    def day(self) -> date:
        """Return the day as it is written."""
        return self.wall.date()

    @property
    def is_midnight(self) -> bool:
        """Say whether it is the start of a day, as it is written."""
        return self.wall.time() == time()


@dataclass(frozen=True)
class Length:
    """How long something lasts: days, as the calendar counts them, and a rest."""

    days: int = 0
    rest: timedelta = timedelta()


class Times:
    """Puts times of a calendar on the clock of the places."""

    def __init__(self, cutting: Cutting, zones: Zones) -> None:
        self.cutting = cutting
        self._zones = zones
        self._utc = Zones(()).zone("UTC")

    def moment(self, prop: Any) -> Moment:
        """Return the time of a property."""
        return self._moment(getattr(prop, "dt", None), _zone_name(prop))

    def _moment(self, value: object, zone: str) -> Moment:
        if isinstance(value, datetime):
            wall = value.replace(tzinfo=None)
            if value.tzinfo is not None and (not zone or value.tzname() == "UTC"):
                return Moment(value.astimezone(UTC).replace(tzinfo=None), self._utc)
            return Moment(wall, self._zones.zone(zone) if zone else None)
        if isinstance(value, date):
            return Moment(datetime.combine(value, time()), is_day=True)
        raise ValueError(Text("ical.a_time_cannot_be_read"))

    def listed(self, event: Any, name: str) -> Iterator[tuple[Moment, Length | None]]:
        """Yield the times of EXDATE or RDATE, and the lengths of periods."""
        lists = event.get(name, ())
        for part in lists if isinstance(lists, list) else [lists]:
            zone = _zone_name(part)
            for each in getattr(part, "dts", ()):
                if isinstance(each.dt, tuple):
                    yield self._period(each.dt, zone)
                else:
                    yield self._moment(each.dt, zone), None

    def _period(self, value: Any, zone: str) -> tuple[Moment, Length]:
        start, end = value
        begin = self._moment(start, zone)
        if isinstance(end, timedelta):
            return begin, self.duration(end)
        return begin, self.between(begin, self._moment(end, zone))

    def period(self, prop: Any) -> list[Span]:
        """Return when a period of FREEBUSY is."""
        return self.spans(*self._period(prop.dt, _zone_name(prop)))

    def local(self, when: datetime) -> datetime:
        """Return a time on the clock of the places."""
        if when.tzinfo is not None and self.cutting.zone is None:
            raise ValueError(Text("ical.has_a_zone_name_the_zone"))
        return self.cutting.local(when)

    def instants(self, moment: Moment) -> list[datetime]:
        """Return when a moment is, by each clock that its zone may mean."""
        if not 1900 <= moment.wall.year <= 3100:
            raise ValueError(Text("ical.lies_too_far_away"))
        if moment.zone is None:
            return [self.local(moment.wall)]
        return [self.local(when) for when in moment.zone.moments(moment.wall)]

    def instant(self, moment: Moment) -> datetime:
        """Return when a moment is, by the likeliest clock of its zone."""
        return self.instants(moment)[0]

    def wall(self, moment: Moment, zone: Zone | None) -> datetime:
        """Return what the clock of another zone shows at a moment."""
        if moment.zone is zone or moment.is_day:
            return moment.wall
        when = self.instant(moment)
        return when.replace(tzinfo=None) if zone is None else zone.wall(when)

    def day_of(self, moment: Moment) -> date:
        """Return the day that a time of day stands for, where days are counted.

        Midnight on the clock of the places is that day, whatever zone it is written
        in; of other times the day is as written.
        """
        if not moment.is_day and moment.zone is not None:
            when = self.instant(moment)
            if when.time() == time():
                return when.date()
        return moment.day

    def spans(self, start: Moment, length: Length) -> list[Span]:
        """Return the spans of something, one for each clock that differs."""
        end = Moment(start.wall + length.days * _DAY, start.zone, start.is_day)
        begins, ends = self.instants(start), self.instants(end)
        # Where but one of both may be read in two ways, the other goes with each.
        count = max(len(begins), len(ends))
        pairs = zip(
            *(each * (count // len(each)) for each in (begins, ends)), strict=True
        )
        spans = [(begin, until + length.rest) for begin, until in pairs]
        return list(dict.fromkeys(spans))

    def between(self, start: Moment, end: Moment) -> Length:
        """Return the length from a start to an end: in days, or in time that passes."""
        if start.is_day != end.is_day:
            raise ValueError(Text("ical.has_an_end_that_is_not"))
        if start.is_day:
            return _checked(Length(days=(end.day - start.day).days))
        if (start.zone is None) != (end.zone is None):
            raise ValueError(Text("ical.has_an_end_that_is_not"))
        return _checked(Length(rest=self.instant(end) - self.instant(start)))

    def duration(self, length: object) -> Length:
        """Return a length; its days are those of the calendar (RFC 5545, 3.8.5.3)."""
        if not isinstance(length, timedelta) or length < timedelta():
            raise ValueError(Text("ical.has_an_end_before_its_start"))
        day_part = timedelta(seconds=length.seconds, microseconds=length.microseconds)
        return _checked(Length(length.days, day_part))

    def length(self, event: Any, start: Moment) -> Length:
        """Return the length of an event: a day has its own, a time by itself none."""
        if "DTEND" in event:
            return self.between(start, self.moment(event.get("DTEND")))
        if "DURATION" in event:
            return self.duration(getattr(event.get("DURATION"), "dt", None))
        return Length(days=1) if start.is_day else Length()

    def limits(self, event: Any) -> Span:
        """Return the days asked for, as far as a VAVAILABILITY speaks of them."""
        low, high = self.cutting.horizon
        if "DTSTART" not in event:
            if "DTEND" in event:
                high = min(high, *self.instants(self.moment(event.get("DTEND"))))
            elif "DURATION" in event:
                raise ValueError(Text("ical.has_a_length_and_no_start"))
            return low, high
        start = self.moment(event.get("DTSTART"))
        begins = self.instants(start)
        if "DTEND" in event or "DURATION" in event:
            spans = self.spans(start, self.length(event, start))
            high = min(high, *(end for _, end in spans))
        return max(low, *begins), high


def _checked(length: Length) -> Length:
    if length.days < 0 or length.rest < timedelta():
        raise ValueError(Text("ical.has_an_end_before_its_start"))
    if length.days + length.rest / _DAY > MOST_DAYS:
        raise ValueError(Text("ical.lasts_longer_than_ten_years"))
    return length


def _zone_name(prop: Any) -> str:
    return str(getattr(prop, "params", {}).get("TZID", "") or "").strip()

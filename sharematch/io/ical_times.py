"""When the events of a calendar take place: starts, lengths, rules and exceptions.

Objects are those of the package icalendar. Whatever cannot be followed is a ValueError
with the reason; nothing runs longer than the days asked for.
"""

from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sharematch.io.recurrence import Recurrence
from sharematch.openings import MOST_DAYS, Cutting, Span

__all__ = ["PROPERTIES", "Times"]

PROPERTIES = frozenset(
    ("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID")
)
"""The properties that say when; one that cannot be read spoils its event."""

_DAY = timedelta(days=1)


class Times:
    """Puts times of a calendar on the clock of the places."""

    def __init__(self, cutting: Cutting) -> None:
        self._cutting = cutting

    def local(self, when: datetime) -> datetime:
        """Return a time on the clock of the places."""
        if when.tzinfo is not None and self._cutting.zone is None:
            raise ValueError("has a zone; name the zone of the places too")
        if not 1900 <= when.year <= 3100:
            raise ValueError("lies too far away")
        return self._cutting.local(when)

    def when(self, prop: Any) -> datetime:
        """Return the time of a property, of a day its start."""
        value = getattr(prop, "dt", None)
        if isinstance(value, datetime):
            return self.local(value)
        if isinstance(value, date) and 1900 <= value.year <= 3100:
            return self._cutting.moment(value)
        raise ValueError("a time cannot be read")

    def period(self, prop: Any) -> Span:
        """Return a period: from a time to another, or for so long."""
        start, end = prop.dt
        begin = self.local(start)
        return begin, begin + end if isinstance(end, timedelta) else self.local(end)

    def within(self, spans: list[Span], limits: Any) -> list[Span]:
        """Return what lies between the start and end of a VAVAILABILITY."""
        low, high = self._cutting.horizon
        if "DTSTART" in limits:
            low = max(low, self.when(limits.get("DTSTART")))
        if "DTEND" in limits:
            high = min(high, self.when(limits.get("DTEND")))
        return [(max(start, low), min(end, high)) for start, end in spans]

    def occurrences(self, event: Any, replaced: Collection[datetime]) -> Iterator[Span]:
        """Yield when an event takes place, less the occurrences that others replace.

        A length in time passes as such; one in days ends at midnight.
        """
        start = getattr(event.get("DTSTART"), "dt", None)
        if not isinstance(start, date) or "EXRULE" in event:
            raise ValueError("has no start, or a rule of exceptions")
        length = self._length(event, start)
        span_on = self._span_maker(start, length)
        left_out = {*replaced, *map(self.when, _dates(event, "EXDATE"))}
        for day in self._days(event, start, length):
            span = span_on(day)
            if span[0] not in left_out:
                yield span
        for each in _dates(event, "RDATE"):
            if isinstance(each.dt, tuple):
                yield self.period(each)
            elif type(each.dt) is not type(start):
                raise ValueError("has a date that is not like its start")
            elif isinstance(start, datetime):
                begin = self.when(each)
                yield begin, begin + length
            else:
                yield span_on(each.dt)

    def _span_maker(self, start: date, length: timedelta) -> Callable[[date], Span]:
        """Return what makes the occurrence of a day."""

        def whole_days(day: date) -> Span:
            return self._cutting.moment(day), self._cutting.moment(day + length)

        def timed(day: date) -> Span:
            begin = self.local(_on(start, day))
            return begin, begin + length

        return timed if isinstance(start, datetime) else whole_days

    def _length(self, event: Any, start: date) -> timedelta:
        length: object = timedelta() if isinstance(start, datetime) else _DAY
        if "DTEND" in event:
            end = getattr(event.get("DTEND"), "dt", None)
            if isinstance(start, datetime) and isinstance(end, datetime):
                if (end.tzinfo is None) != (start.tzinfo is None):
                    raise ValueError("has an end that is not like its start")
                length = self.local(end) - self.local(start)
            elif isinstance(end, date) and type(end) is type(start):
                length = timedelta(days=end.toordinal() - start.toordinal())
            else:
                raise ValueError("has an end that is not like its start")
        elif "DURATION" in event:
            length = getattr(event.get("DURATION"), "dt", None)
        if not isinstance(length, timedelta) or length < timedelta():
            raise ValueError("has an end before its start")
        if length > MOST_DAYS * _DAY:
            raise ValueError("lasts longer than ten years")
        return length

    def _days(self, event: Any, start: date, length: timedelta) -> Iterator[date]:
        """Yield the days of the occurrences that may reach into the days asked for."""
        first_day = start.date() if isinstance(start, datetime) else start
        if not 1900 <= first_day.year <= 3100:
            raise ValueError("lies too far away")
        rules = event.get("RRULE")
        if rules is None:
            yield first_day
            return
        if isinstance(rules, list):
            raise ValueError("has two rules")
        text = rules.to_ical().decode().upper()
        parts = dict(part.split("=", 1) for part in text.split(";") if "=" in part)
        until = next(iter(rules.get("UNTIL", ())), None)
        last_day = until.date() if isinstance(until, datetime) else until
        if isinstance(until, datetime):
            last_day = until.date() + _DAY  # its clock may be another than the event's
        rule = Recurrence.of(parts, last_day)
        first = self._cutting.first - length - 2 * _DAY
        for day in rule.days(first_day, first, self._cutting.last + 2 * _DAY):
            if isinstance(until, datetime) and self._is_after(start, day, until):
                return
            yield day

    def _is_after(self, start: date, day: date, until: datetime) -> bool:
        if isinstance(start, datetime):
            return self.local(_on(start, day)) > self.local(until)
        return day > until.date()


def _on(start: date, day: date) -> Any:
    """Return a start, at its time of day, on another day."""
    return start.replace(year=day.year, month=day.month, day=day.day)


def _dates(event: Any, name: str) -> Iterator[Any]:
    """Yield the times of EXDATE or RDATE, which may stand there several times."""
    found = event.get(name, ())
    for part in found if isinstance(found, list) else [found]:
        yield from getattr(part, "dts", ())

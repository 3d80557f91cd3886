"""Weekly notation: "mon-fri 16:00-20:00", the same hours on some days of every week."""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo
from typing import NamedTuple

from sharematch.text import Text

__all__ = ["DAYS", "Week", "read_week", "week_text"]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = 1440

_CLOCK = r"(\d{1,2}):(\d{2})"
_NOTATION = re.compile(rf"(\S+)(?: {_CLOCK}-{_CLOCK})?", re.ASCII)


class Week(NamedTuple):
    """Hours on some days of every week.

    Parameters
    ----------
    days
        Places in DAYS, ascending.
    start, end
        Minutes after midnight; an end beyond 1440 lies on the next day.
    """

    days: tuple[int, ...]
    start: int
    end: int

    @property
    def minutes(self) -> int:
        """How long it is."""
        return self.end - self.start

    def on(self, day: date, zone: tzinfo | None = None) -> tuple[datetime, datetime]:
        """Return when it begins and ends on a day, by the clock of a zone.

        Examples
        --------
        >>> start, end = read_week("fri 22:00-2:00").on(date(2026, 12, 4))
        >>> start.isoformat(), end.isoformat()
        ('2026-12-04T22:00:00', '2026-12-05T02:00:00')
        """
        midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 (the zone's)
        start, end = (
            (midnight + timedelta(minutes=clock)).replace(tzinfo=zone)
            for clock in (self.start, self.end)
        )
        return start, end

    def around(self, times: Iterable[datetime]) -> list[tuple[datetime, datetime]]:
        """Return its hours on the dates of times, by their clocks.

        Hours that run into the next day are also those of the day before.

        Examples
        --------
        >>> tuesday = datetime(2026, 12, 1, 9, 30)
        >>> [(start, end)] = read_week("tue 18:00-20:00").around([tuesday])
        >>> start.isoformat(), end.isoformat()
        ('2026-12-01T18:00:00', '2026-12-01T20:00:00')
        """
        whole_days = {
            time.replace(hour=0, minute=0) - timedelta(days=before)
            for time in times
            for before in range(1 + (self.end > _DAY))
        }
        return [
            (day + timedelta(minutes=self.start), day + timedelta(minutes=self.end))
            for day in sorted(whole_days)
            if day.weekday() in self.days
        ]

    def __str__(self) -> str:
        days = _days_text(self.days)
        if (self.start, self.end) == (0, _DAY):
            return days
        end = self.end if self.end <= _DAY else self.end - _DAY
        return f"{days} {_clock_text(self.start)}-{_clock_text(end)}"


def read_week(text: str) -> Week:
    """Return what weekly notation says; ValueError for what is none.

    Examples
    --------
    >>> read_week("fri-mon")
    Week(days=(0, 4, 5, 6), start=0, end=1440)
    >>> read_week("fri 22:00-2:00")
    Week(days=(4,), start=1320, end=1560)
    """
    match = _NOTATION.fullmatch(" ".join(text.lower().split()).replace(", ", ","))
    if match is None:
        raise ValueError(Text("booking.must_be_a_window"))
    days = sorted({day for part in match[1].split(",") for day in _days(part)})
    if match[2] is None:
        return Week(tuple(days), 0, _DAY)
    start, end = _minutes(match[2], match[3]), _minutes(match[4], match[5])
    if start == _DAY:
        raise ValueError(Text("booking.must_begin_before_midnight"))
    if start == end:
        raise ValueError(Text("booking.must_end_at_another_time"))
    return Week(tuple(days), start, end if end > start else end + _DAY)


def week_text(text: str) -> str:
    """Return weekly notation written in one way; ValueError for what is none.

    Examples
    --------
    >>> week_text("Sun, sat 09:00-13:00"), week_text("mon,tue,wed 0:00-24:00")
    ('sat,sun 9:00-13:00', 'mon-wed')
    """
    return str(read_week(text))


def _days(part: str) -> list[int]:
    ends = part.split("-")
    if len(ends) > 2 or not all(end in DAYS for end in ends):
        raise ValueError(Text("booking.must_be_a_window"))
    first, last = DAYS.index(ends[0]), DAYS.index(ends[-1])
    return [(first + more) % 7 for more in range((last - first) % 7 + 1)]


def _minutes(hours: str, minutes: str) -> int:
    clock = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or clock > _DAY:
        raise ValueError(Text("booking.is_no_time_of_day", time=f"{hours}:{minutes}"))
    return clock


def _clock_text(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"


def _days_text(days: tuple[int, ...]) -> str:
    """Return days as text, three and more in a row as a range, over a Sunday too."""
    if len(days) == len(DAYS):
        return "mon-sun"
    runs = []
    for first in (day for day in days if (day - 1) % 7 not in days):
        run = [first]
        while (run[-1] + 1) % 7 in days:
            run.append((run[-1] + 1) % 7)
        names = [DAYS[day] for day in run]
        runs.append(f"{names[0]}-{names[-1]}" if len(run) > 2 else ",".join(names))
    return ",".join(runs)

"""The dates of a rule of a calendar, on the clock of what it repeats."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import product
from typing import Any

from sharematch.io.ical.times import Moment, Times
from sharematch.io.recurrence import Recurrence
from sharematch.text import Text

__all__ = ["Rule", "rule_parts"]

_DAY = timedelta(days=1)
_MOST_DATES = 100_000
_CLOCK_PARTS = {"BYHOUR": 24, "BYMINUTE": 60, "BYSECOND": 60}


def rule_parts(rule: Any) -> dict[str, str]:
    """Return the parts of an RRULE. Raises ValueError if there are several rules."""
    if isinstance(rule, list):
        raise ValueError(Text("ical.has_two_rules"))
    text = rule.to_ical().decode().upper()
    return dict(part.split("=", 1) for part in text.split(";") if "=" in part)


class Rule:
    """An RRULE of what begins at `start`.

    With `ends_late`, an end that may be one of two days is the later one.
    """

    def __init__(
        self, rule: Any, start: Moment, times: Times, *, ends_late: bool
    ) -> None:
        if not 1900 <= start.wall.year <= 3100:
            raise ValueError(Text("ical.lies_too_far_away"))
        parts = rule_parts(rule)
        self._start = start
        self._times = times
        self._clocks = _clock_times(parts, start)
        self._until = next(iter(rule.get("UNTIL", ())), None)
        self._days = Recurrence.of(parts, self._last_day(ends_late=ends_late))

    def between(self, first: date, last: date) -> Iterator[Moment]:
        """Yield the dates from one day to another."""
        start = self._start
        days = self._days.days(start.day, first, last)
        walls = (datetime.combine(d, clock) for d in days for clock in self._clocks)
        for number, wall in enumerate(walls):
            if number > _MOST_DATES:
                raise ValueError(Text("ical.has_too_many_dates"))
            moment = Moment(wall, start.zone, start.is_day)
            if wall >= start.wall and not self._is_past(moment):
                yield moment

    def doubt(self, moment: Moment) -> str:
        """Return why a date may not be meant: the day that ends a rule of times."""
        is_last = type(self._until) is date and moment.day == self._until
        if is_last and not moment.is_day:
            return Text("ical.its_rule_ends_on_a_day")
        return ""

    def _is_past(self, moment: Moment) -> bool:
        """Say whether a date lies after the moment at which the rule ends."""
        until = self._until
        if not isinstance(until, datetime) or moment.is_day:
            return False
        if until.tzinfo is None:
            return moment.wall > until
        return self._times.instant(moment) > self._times.local(until)

    def _last_day(self, *, ends_late: bool) -> date | None:
        until = self._until
        if not isinstance(until, datetime):
            return until if isinstance(until, date) else None
        if not self._start.is_day:
            return until.date() + _DAY  # the moment decides
        days = [until.date()]
        if until.tzinfo is not None and until.time() != time():
            days.append(self._times.local(until).date())
        return max(days) if ends_late else min(days)


def _clock_times(parts: dict[str, str], start: Moment) -> list[time]:
    """Return the times of day of a rule, and take what says them out of it."""
    begin = start.wall.time()
    values = {"BYHOUR": begin.hour, "BYMINUTE": begin.minute, "BYSECOND": begin.second}
    choices = []
    for name, limit in _CLOCK_PARTS.items():
        text = parts.pop(name, str(values[name]))
        numbers = sorted({int(n) if n.isdecimal() else -1 for n in text.split(",")})
        if not numbers or not all(0 <= n < limit for n in numbers):
            raise ValueError(Text("ical.a_rule_with_cannot_be_followed", part=name))
        choices.append(numbers)
    clocks = [time(h, m, s) for h, m, s in product(*choices)]
    counts = "COUNT" in parts or "BYSETPOS" in parts
    if clocks != [begin] and (counts or start.is_day):
        raise ValueError(Text("ical.a_rule_that_counts_times_of"))
    return clocks

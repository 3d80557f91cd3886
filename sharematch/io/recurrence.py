"""Days of a recurrence rule (RFC 5545, 3.3.10), as iCalendar and HSDS write it.

Bounded: only periods between the start and the last day asked for are looked at, so a
rule that never holds ends as soon as any other. Rules by the hour, the minute or the
second are refused.
"""

import re
from calendar import isleap, monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sharematch.text import Text

__all__ = ["Recurrence"]

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_LIMITS = {
    "BYMONTHDAY": 31,
    "BYYEARDAY": 366,
    "BYWEEKNO": 53,
    "BYMONTH": 12,
    "BYSETPOS": 366,
}
MOST_COUNTED = 7_500
"""A rule with a count has to be followed from its start: so far, some twenty years."""

Numbers = tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Recurrence:
    """A rule; `days` yields the days on which it holds.

    `byday` holds pairs of an ordinal, 0 for every, and a weekday from 0, Monday.
    """

    freq: str
    interval: int = 1
    count: int | None = None
    until: date | None = None
    byday: tuple[tuple[int, int], ...] = ()
    bymonthday: Numbers = ()
    byyearday: Numbers = ()
    byweekno: Numbers = ()
    bymonth: Numbers = ()
    bysetpos: Numbers = ()
    wkst: int = 0

    @classmethod
    def of(cls, parts: Mapping[str, str], until: date | None = None) -> "Recurrence":
        """Return the rule of some parts, such as FREQ, INTERVAL, BYDAY.

        Raises ValueError, with what is wrong, for parts that cannot be followed.
        """
        known = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST", *_LIMITS}
        if unknown := sorted(parts.keys() - known):
            raise ValueError(
                Text("ical.a_rule_with_cannot_be_followed", part=unknown[0][:20])
            )
        freq = parts.get("FREQ", "")
        if freq not in FREQUENCIES:
            raise ValueError(
                Text("ical.a_rule_of_frequency_cannot_be", frequency=freq[:20])
            )
        byday = tuple(map(_weekday, _split(parts.get("BYDAY", ""))))
        if freq in ("DAILY", "WEEKLY") and any(ordinal for ordinal, _ in byday):
            raise ValueError(
                Text("ical.a_rule_cannot_count_weekdays", frequency=freq.lower())
            )
        count = parts.get("COUNT")
        start = parts.get("WKST", "MO")
        if start not in WEEKDAYS:
            raise ValueError(Text("ical.is_no_weekday", text=start[:20]))
        return cls(
            freq=freq,
            interval=_number(parts.get("INTERVAL", "1"), 9999),
            count=None if count is None else _number(count, 999_999),
            until=until,
            byday=byday,
            wkst=WEEKDAYS.index(start),
            **{
                name.lower(): tuple(
                    _signed(text, limit) for text in _split(parts.get(name, ""))
                )
                for name, limit in _LIMITS.items()
            },
        )

    def days(self, start: date, first: date, last: date) -> Iterator[date]:
        """Yield the days from `first` to `last` on which a rule from `start` holds.

        Raises ValueError when the start lies too far back to follow the rule from it.
        """
        stop = last if self.until is None else min(last, self.until)
        if start.year < 1900 or (self._counts and (stop - start).days > MOST_COUNTED):
            raise ValueError(Text("ical.has_a_start_too_far_back"))
        if (complete := self._complete(start)) != self:
            yield from complete.days(start, first, last)
            return
        counted = 0
        for period in self._periods(start, first, stop):
            for day in self._chosen([day for day in period if self._holds(day)]):
                if day < start:
                    continue
                counted += 1
                if day > stop or (self._counts and counted > (self.count or 0)):
                    return
                if day >= first:
                    yield day

    @property
    def _counts(self) -> bool:
        return self.count is not None

    def _complete(self, start: date) -> "Recurrence":
        """Return the rule with what it leaves to the start."""
        if self.byday or self.bymonthday or self.byyearday or self.byweekno:
            return self
        fields = dict(vars(self))
        if self.freq == "WEEKLY":
            fields["byday"] = ((0, start.weekday()),)
        elif self.freq in ("MONTHLY", "YEARLY"):
            fields["bymonthday"] = (start.day,)
        if self.freq == "YEARLY" and not self.bymonth:
            fields["bymonth"] = (start.month,)
        return Recurrence(**fields)

    def _periods(self, start: date, first: date, stop: date) -> Iterator[list[date]]:
        """Yield the days of each period that counts, from `first` on if that may be."""
        begin = start if self.count is not None else max(start, first)
        match self.freq:
            case "DAILY":
                skipped = (begin - start).days // self.interval * self.interval
                day = start + timedelta(days=skipped)
                while day <= stop:
                    yield [day]
                    day += timedelta(days=self.interval)
            case "WEEKLY":
                monday = self._monday_of(start)
                weeks = (begin - monday).days // 7 // self.interval * self.interval
                day = monday + timedelta(weeks=weeks)
                while day <= stop:
                    yield [day + timedelta(days=n) for n in range(7)]
                    day += timedelta(weeks=self.interval)
            case _:
                length = 12 if self.freq == "YEARLY" else 1
                step = self.interval * length
                zero = _number_of(start) // length * length
                month = zero + (_number_of(begin) - zero) // step * step
                while month <= _number_of(stop):
                    yield _days_between(_month(month), _month(month + length))
                    month += step

    def _holds(self, day: date) -> bool:
        return (
            (not self.bymonth or day.month in self.bymonth)
            and (not self.bymonthday or _is_among(self.bymonthday, *_in_month(day)))
            and (not self.byyearday or _is_among(self.byyearday, *_in_year(day)))
            and (not self.byweekno or self._is_in_week(day))
            and (not self.byday or any(self._is_day(day, *each) for each in self.byday))
        )

    def _is_in_week(self, day: date) -> bool:
        """Say whether a day lies in one of the weeks, the first having four days."""
        number, year = self._week(self._monday_of(day))
        last, _ = self._week(self._monday_of(date(year, 12, 28)))
        return _is_among(self.byweekno, number, last)

    def _monday_of(self, day: date) -> date:
        return day - timedelta(days=(day.weekday() - self.wkst) % 7)

    @staticmethod
    def _week(monday: date) -> tuple[int, int]:
        middle = monday + timedelta(days=3)
        return (middle.timetuple().tm_yday - 1) // 7 + 1, middle.year

    def _is_day(self, day: date, ordinal: int, weekday: int) -> bool:
        if day.weekday() != weekday or ordinal == 0:
            return day.weekday() == weekday
        is_of_year = self.freq == "YEARLY" and not self.bymonth
        number, length = _in_year(day) if is_of_year else _in_month(day)
        before, after = (number - 1) // 7 + 1, -((length - number) // 7 + 1)
        return ordinal in (before, after)

    def _chosen(self, days: list[date]) -> list[date]:
        if not self.bysetpos:
            return days
        places = (n - 1 if n > 0 else n + len(days) for n in self.bysetpos)
        return [days[n] for n in sorted(set(places)) if 0 <= n < len(days)]


def _is_among(numbers: Numbers, number: int, length: int) -> bool:
    """Say whether a number is listed, from the start or, below 0, from the end."""
    return number in numbers or number - length - 1 in numbers


def _in_month(day: date) -> tuple[int, int]:
    """Return the number of a day in its month, and the length of that."""
    return day.day, monthrange(day.year, day.month)[1]


def _in_year(day: date) -> tuple[int, int]:
    """Return the number of a day in its year, and the length of that."""
    return day.timetuple().tm_yday, 365 + isleap(day.year)


def _number_of(day: date) -> int:
    """Return the number of a day's month."""
    return day.year * 12 + day.month - 1


def _month(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)


def _days_between(first: date, end: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((end - first).days)]


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _number(text: str, limit: int) -> int:
    if not re.fullmatch(r"\d{1,7}", text, re.ASCII) or not 1 <= int(text) <= limit:
        raise ValueError(
            Text("ical.must_be_a_number_from_1", text=text[:20], most=limit)
        )
    return int(text)


def _signed(text: str, limit: int) -> int:
    number = int(text) if re.fullmatch(r"[+-]?\d{1,3}", text, re.ASCII) else 0
    if not 1 <= abs(number) <= limit:
        raise ValueError(
            Text("ical.must_be_a_number_from_1_to", text=text[:20], most=limit)
        )
    return number


def _weekday(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"([+-]?\d{1,2})?([A-Z]{2})", text, re.ASCII)
    if not match or match[2] not in WEEKDAYS or match[1] in ("0", "+0", "-0"):
        raise ValueError(Text("ical.is_no_weekday", text=text[:20]))
    return int(match[1] or 0), WEEKDAYS.index(match[2])

"""Schedules of HSDS: days by a rule or on a date, clock times, time zones."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone

from sharematch.io.hsds_tables import Row
from sharematch.io.recurrence import Recurrence
from sharematch.model import numbers
from sharematch.openings import Cutting, Span

__all__ = ["day_of", "openings"]

_PARTS = (
    "freq",
    "interval",
    "count",
    "byday",
    "byweekno",
    "bymonthday",
    "byyearday",
    "wkst",
)
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?")


def openings(row: Row, cutting: Cutting) -> Iterator[Span]:
    """Yield the openings of a schedule. Raises ValueError if it has none to say."""
    opens, closes = _clock(row, "opens_at"), _clock(row, "closes_at")
    first, last = day_of(row, "valid_from"), day_of(row, "valid_to")
    start, until = day_of(row, "dtstart"), day_of(row, "until")
    begin = max(cutting.first - timedelta(days=1), first or date.min)
    end = min(cutting.last + timedelta(days=1), last or date.max)
    for day in _days(row, start or first, until, begin, end):
        begin_at, end_at = (_moment(day, at, row, cutting) for at in (opens, closes))
        if end_at <= begin_at:
            end_at = _moment(day + timedelta(days=1), closes, row, cutting)
        yield begin_at, end_at


def _moment(day: date, clock: time, row: Row, cutting: Cutting) -> datetime:
    if clock.tzinfo is None and cutting.zone is None and row.get("timezone"):
        clock = clock.replace(tzinfo=_offset(row["timezone"]))
    if clock.tzinfo is None:
        return cutting.moment(day, clock)
    return cutting.local(datetime.combine(day, clock))


def _days(
    row: Row, start: date | None, until: date | None, begin: date, end: date
) -> Iterator[date]:
    parts = {
        name.upper(): str(row[name]).strip().upper()
        for name in _PARTS
        if row.get(name) not in (None, "")
    }
    if "FREQ" not in parts:
        if start is None:
            raise ValueError("has neither a day nor a rule")
        if begin <= start <= end:
            yield start
        return
    # TUE for TU is seen, and a count of 1.0
    if "BYDAY" in parts:
        parts["BYDAY"] = re.sub(r"([A-Z]{2})[A-Z]+", r"\1", parts["BYDAY"])
    yield from Recurrence.of(parts, until).days(start or begin, begin, end)


def day_of(row: Row, field: str) -> date | None:
    """Return the day that a field holds, if any. Raises ValueError for what is none."""
    value = row.get(field)
    if value in (None, ""):
        return None
    try:
        return date.fromisoformat(str(value).strip()[:10])
    except ValueError:
        raise ValueError(f"{field} must be a date such as 2026-01-31") from None


def _clock(row: Row, field: str) -> time:
    found = _CLOCK.fullmatch(str(row.get(field) or "").strip().upper())
    if not found:
        raise ValueError(f"{field} must be a time such as 09:00")
    hour, minute, second = (int(part or 0) for part in found.group(1, 2, 3))
    zone = None
    if text := found[4]:
        zone = UTC if text == "Z" else _offset(text)
    # 24:00 closes at midnight.
    hour = 0 if (hour, minute, second) == (24, 0, 0) else hour
    return time(hour, minute, second, tzinfo=zone)


def _offset(value: object) -> timezone:
    """Return a zone from hours east of Greenwich, or from +05:30."""
    text = str(value).strip()
    found = re.fullmatch(r"([+-])(\d\d):?(\d\d)", text, re.ASCII)
    if found:
        minutes = int(found[2]) * 60 + int(found[3])
        return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))
    hours = numbers.exact(text)
    if not -24 < hours < 24:
        raise ValueError("timezone must be hours from UTC")
    return timezone(timedelta(minutes=int(hours * 60)))

"""Schedules of HSDS: days by a rule or on a date, clock times, time zones."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone

from sharematch.io.carry import Ledger
from sharematch.io.hsds.tables import Row
from sharematch.io.openings import Cutting, Span
from sharematch.io.recurrence import Recurrence
from sharematch.model import numbers
from sharematch.text import Text

__all__ = ["day_of", "openings", "openings_on"]

_DAY = timedelta(days=1)
_EPOCH = date(2001, 1, 1)
"""A Monday, from which weeks, months and years count where no start is said."""

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


def openings(row: Row, cutting: Cutting, ledger: Ledger) -> Iterator[Span]:
    """Yield the openings of a schedule. Raises ValueError if it has none to say."""
    opens, closes = _clock(row, "opens_at"), _clock(row, "closes_at")
    first, last = day_of(row, "valid_from"), day_of(row, "valid_to")
    start, until = day_of(row, "dtstart"), day_of(row, "until")
    begin = max(cutting.first - _DAY, first or date.min)
    end = min(cutting.last + _DAY, last or date.max)
    for day in _days(row, start or first, until, (begin, end), ledger):
        span = _span(day, opens, closes, row, cutting)
        _tell_conflict(row, span[0], cutting, ledger)
        yield span


def openings_on(row: Row, first: date, last: date, cutting: Cutting) -> Iterator[Span]:
    """Yield the openings of each day of a range. Raises ValueError if it has none."""
    opens, closes = _clock(row, "opens_at"), _clock(row, "closes_at")
    first, last = max(first, cutting.first - _DAY), min(last, cutting.last)
    for number in range((last - first).days + 1):
        yield _span(first + number * _DAY, opens, closes, row, cutting)


def _span(day: date, opens: time, closes: time, row: Row, cutting: Cutting) -> Span:
    begin, end = (_moment(day, clock, row, cutting) for clock in (opens, closes))
    if end <= begin:
        end = _moment(day + _DAY, closes, row, cutting)
    return begin, end


def _moment(day: date, clock: time, row: Row, cutting: Cutting) -> datetime:
    if clock.tzinfo is None and cutting.zone is None and row.get("timezone"):
        clock = clock.replace(tzinfo=_offset(row["timezone"]))
    if clock.tzinfo is None:
        return cutting.moment(day, clock)
    return cutting.local(datetime.combine(day, clock))


def _tell_conflict(row: Row, begin: datetime, cutting: Cutting, ledger: Ledger) -> None:
    """Note a `timezone` that the zone of the places never has in that year."""
    offset = begin.utcoffset()
    if offset is None or row.get("timezone") in (None, ""):
        return
    seasons = [cutting.moment(date(begin.year, month, 1)) for month in (1, 7)]
    stated = _offset(row["timezone"]).utcoffset(None)
    if stated not in {offset, *(season.utcoffset() for season in seasons)}:
        detail = Text("hsds.not_that_of_the_places_which")
        example = f"{row['id']}: {row['timezone']}"
        ledger.lost("schedule", "timezone", example, detail)


def _days(
    row: Row,
    start: date | None,
    until: date | None,
    asked: tuple[date, date],
    ledger: Ledger,
) -> Iterator[date]:
    begin, end = asked
    parts = {
        name.upper(): str(row[name]).strip().upper()
        for name in _PARTS
        if row.get(name) not in (None, "")
    }
    if "FREQ" not in parts:
        if start is None:
            raise ValueError(Text("hsds.has_neither_a_day_nor_a"))
        if begin <= start <= end:
            yield start
        return
    # TUE for TU is seen, and a count of 1.0
    if "BYDAY" in parts:
        parts["BYDAY"] = re.sub(r"([A-Z]{2})[A-Z]+", r"\1", parts["BYDAY"])
    parts = {k: re.sub(r"^(\d+)\.0+$", r"\1", value) for k, value in parts.items()}
    if start is None:
        start = _epoch(parts, row, ledger)
    yield from Recurrence.of(parts, until).days(start, begin, end)


def _epoch(parts: dict[str, str], row: Row, ledger: Ledger) -> date:
    """Return where a rule starts that does not say it: always the same day.

    Raises ValueError where all depends on the start.
    """
    named = {name for name in parts if name.startswith("BY")}
    if "COUNT" in parts or (not named and parts["FREQ"] != "DAILY"):
        raise ValueError(Text("hsds.has_a_rule_that_needs_dtstart"))
    if parts["FREQ"] == "YEARLY" and named == {"BYMONTHDAY"}:
        raise ValueError(Text("hsds.has_a_rule_that_needs_dtstart"))
    if parts.get("INTERVAL", "1") != "1":
        detail = Text("hsds.its_rule_counts_from", day=_EPOCH)
        ledger.assumed("schedule", "dtstart", row["id"], detail)
    return _EPOCH


def day_of(row: Row, field: str) -> date | None:
    """Return the day that a field holds, if any. Raises ValueError for what is none."""
    value = row.get(field)
    if value in (None, ""):
        return None
    try:
        return date.fromisoformat(str(value).strip()[:10])
    except ValueError:
        raise ValueError(Text("hsds.must_be_a_date_such_as", field=field)) from None


def _clock(row: Row, field: str) -> time:
    match = _CLOCK.fullmatch(str(row.get(field) or "").strip().upper())
    if not match:
        raise ValueError(Text("hsds.must_be_a_time_such_as", field=field))
    hour, minute, second = (int(part or 0) for part in match.group(1, 2, 3))
    zone = None
    if text := match[4]:
        zone = UTC if text == "Z" else _offset(text)
    # 24:00 closes at midnight.
    hour = 0 if (hour, minute, second) == (24, 0, 0) else hour
    return time(hour, minute, second, tzinfo=zone)


def _offset(value: object) -> timezone:
    """Return a zone from hours east of Greenwich, or from +05:30."""
    text = str(value).strip()
    match = re.fullmatch(r"([+-])(\d\d):?(\d\d)", text, re.ASCII)
    if match:
        minutes = int(match[2]) * 60 + int(match[3])
        return timezone(timedelta(minutes=-minutes if match[1] == "-" else minutes))
    hours = numbers.exact(text)
    if not -24 < hours < 24:
        raise ValueError(Text("hsds.timezone_must_be_hours_from_utc"))
    return timezone(timedelta(minutes=int(hours * 60)))

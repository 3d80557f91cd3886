"""Time zones of a calendar: names known here, and its own definitions (VTIMEZONE).

A zone whose name is known, but which the calendar defines otherwise, has two clocks:
what is read has to hold by both.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from sharematch.io.openings import zone_named
from sharematch.io.recurrence import Recurrence
from sharematch.text import Text

__all__ = ["Zone", "Zones"]

_MOST_OBSERVANCES = 300
_CLOCK_PARTS = ("BYHOUR", "BYMINUTE", "BYSECOND")
_LONGEST_GAP_YEARS = 12
"""Rules of zones hold in some year of these, or never again."""


@dataclass(frozen=True)
class _NamedClock:
    """The clock of a zone known here."""

    zone: ZoneInfo

    def moment(self, wall: datetime) -> datetime:
        """Return when the clock shows a time; of a time shown twice, the first."""
        return wall.replace(tzinfo=self.zone).astimezone(UTC)

    def wall(self, moment: datetime) -> datetime:
        """Return what the clock shows at a moment."""
        return moment.astimezone(self.zone).replace(tzinfo=None)

    def speaks_of(self, _wall: datetime) -> bool:
        """Say whether a time is among those that it knows of: all are."""
        return True


@dataclass
class _Observance:
    """An offset of a zone, and the times at which it begins, on the clock before."""

    start: datetime
    before: timedelta
    after: timedelta
    rule: Recurrence | None
    until: datetime | None
    dates: tuple[datetime, ...]
    _years: dict[int, list[datetime]] = field(default_factory=dict)

    def onset(self, wall: datetime) -> datetime | None:
        """Return the last time at or before another at which it begins."""
        dates = self._single_onsets
        number = bisect_right(dates, wall)
        onsets = dates[number - 1 : number] if number else []
        for year in range(wall.year, wall.year - _LONGEST_GAP_YEARS, -1):
            if earlier := [when for when in self._in_year(year) if when <= wall]:
                onsets += earlier
                break
        return max(onsets, default=None)

    @cached_property
    def _single_onsets(self) -> list[datetime]:
        return sorted((self.start, *self.dates))

    @property
    def last_known(self) -> datetime:
        """The last time of which it speaks, if it does not go on for ever."""
        last = self._single_onsets[-1]
        return (
            last if self.until is None else max(last, self.until.replace(tzinfo=None))
        )

    @cached_property
    def _last_year(self) -> int:
        return 9999 if self.until is None else self.until.year

    def _in_year(self, year: int) -> list[datetime]:
        year = min(year, self._last_year)
        if self.rule is None or year < max(self.start.year, 1900):
            return []
        if year not in self._years:
            # Weekdays of a yearly rule depend on no year, so it may begin later.
            begin = self.start.date()
            if begin.year < 1900:
                begin = begin.replace(year=1900, day=min(begin.day, 28))
            days = self.rule.days(begin, date(year, 1, 1), date(year, 12, 31))
            onsets = [datetime.combine(day, self.start.time()) for day in days]
            self._years[year] = [each for each in onsets if not self._is_past(each)]
        return self._years[year]

    def _is_past(self, onset: datetime) -> bool:
        if self.until is None:
            return False
        if self.until.tzinfo is None:
            return onset > self.until
        return onset.replace(tzinfo=timezone(self.before)) > self.until


@dataclass(frozen=True)
class _OwnClock:
    """The clock of a definition."""

    observances: tuple[_Observance, ...]

    def moment(self, wall: datetime) -> datetime:
        """Return when the clock shows a time; of a time shown twice, the first."""
        return (wall - self._offset(wall)).replace(tzinfo=UTC)

    def wall(self, moment: datetime) -> datetime:
        """Return what the clock shows at a moment."""
        plain = moment.astimezone(UTC).replace(tzinfo=None)
        shown = [
            plain + offset for each in self.observances for offset in _offsets(each)
        ]
        exact = (wall for wall in shown if self.moment(wall) == moment)
        return next(exact, shown[0])

    def speaks_of(self, wall: datetime) -> bool:
        """Say whether a time is among those that the definition was made for.

        Many programs write down the changes of some years alone.
        """
        first, last = self._known_years
        return first <= wall and (last is None or wall <= last)

    @cached_property
    def _known_years(self) -> tuple[datetime, datetime | None]:
        parts = self.observances
        is_endless = len(parts) == 1 or any(
            each.rule is not None and each.until is None for each in parts
        )
        last = None if is_endless else max(each.last_known for each in parts)
        return min(each.start for each in parts), last

    def _offset(self, wall: datetime) -> timedelta:
        begun = [
            (onset - each.before, onset, each)
            for each in self.observances
            if (onset := each.onset(wall)) is not None
        ]
        if not begun:
            return min(self.observances, key=lambda each: each.start).before
        _, onset, current = max(begun, key=lambda item: item[0])
        # A time that the clock leaves out counts from the hour before it.
        is_left_out = wall < onset + (current.after - current.before)
        return current.before if is_left_out else current.after


def _offsets(observance: _Observance) -> tuple[timedelta, timedelta]:
    return observance.after, observance.before


_Clock = _NamedClock | _OwnClock


@dataclass(frozen=True)
class Zone:
    """A time zone of a calendar, and the clocks it may mean, the likeliest first."""

    name: str
    clocks: tuple[_Clock, ...]

    def moments(self, wall: datetime) -> list[datetime]:
        """Return when each of the clocks shows a time."""
        first, *others = self.clocks
        return [
            first.moment(wall),
            *(each.moment(wall) for each in others if each.speaks_of(wall)),
        ]

    def wall(self, moment: datetime) -> datetime:
        """Return what the likeliest clock shows at a moment."""
        return self.clocks[0].wall(moment)


class Zones:
    """The zones of a calendar, by the names that its times give."""

    def __init__(self, definitions: Iterable[Any]) -> None:
        self._definitions: dict[str, Any] = {}
        for definition in definitions:
            self._definitions.setdefault(_name(definition), definition)
        self._known: dict[str, Zone] = {}

    def zone(self, name: str) -> Zone:
        """Return a zone. Raises ValueError if it is neither known nor defined."""
        name = name.strip()
        if name not in self._known:
            clocks: list[_Clock] = []
            if (named := _known_here(name)) is not None:
                clocks.append(_NamedClock(named))
            if name in self._definitions:
                try:
                    clocks.append(_own_clock(self._definitions[name]))
                except (ValueError, OverflowError, AttributeError, KeyError, TypeError):
                    if not clocks:
                        code = "ical.its_time_zone_is_defined_in"
                        raise ValueError(Text(code, zone=name[:40])) from None
            if not clocks:
                code = "ical.its_time_zone_is_not_known"
                raise ValueError(Text(code, zone=name[:40]))
            self._known[name] = Zone(name, tuple(clocks))
        return self._known[name]


def _name(definition: Any) -> str:
    return str(definition.get("TZID", "")).strip()


def _known_here(name: str) -> ZoneInfo | None:
    """Return the zone of a name: as IANA writes it, as Windows, or after a prefix."""
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    plain = name.strip("/")
    parts = plain.split("/") if name.startswith("/") else [plain]
    suffixes = ["/".join(parts[number:]) for number in range(min(len(parts), 6))]
    for candidate in (plain, WINDOWS_TO_OLSON.get(plain, ""), *suffixes):
        if candidate and (zone := zone_named(candidate)) is not None:
            return zone
    return None


def _own_clock(definition: Any) -> _OwnClock:
    """Return the clock of a definition. Raises ValueError if it cannot be followed."""
    # STANDARD and DAYLIGHT
    observances = tuple(map(_observance, definition.subcomponents))
    if not 0 < len(observances) <= _MOST_OBSERVANCES:
        raise ValueError(Text("ical.defines_no_offset_or_too_many"))
    return _OwnClock(observances)


def _observance(part: Any) -> _Observance:
    if part.errors:
        raise ValueError(Text("value.cannot_be_read"))
    start = part["DTSTART"].dt
    if not isinstance(start, datetime):
        start = datetime.combine(start, time())
    after = part["TZOFFSETTO"].td
    before = part["TZOFFSETFROM"].td if "TZOFFSETFROM" in part else after
    rule, until = None, None
    if "RRULE" in part:
        text = part["RRULE"].to_ical().decode().upper()  # of two there is none
        parts = dict(each.split("=", 1) for each in text.split(";") if "=" in each)
        until = next(iter(part["RRULE"].get("UNTIL", ())), None)
        if isinstance(until, date) and not isinstance(until, datetime):
            until = datetime.combine(until, start.time())
        for name, number in zip(_CLOCK_PARTS, start.timetuple()[3:6], strict=True):
            if parts.pop(name, str(number)).lstrip("0") != str(number).lstrip("0"):
                raise ValueError(Text("ical.has_a_rule_of_times_of"))
        if parts.get("FREQ") != "YEARLY" or "COUNT" in parts:
            raise ValueError(Text("ical.has_no_yearly_rule"))
        rule = Recurrence.of(parts)
    dates = tuple(_dates(part))
    plain = start.replace(tzinfo=None)
    return _Observance(plain, before, after, rule, until, dates)


def _dates(part: Any) -> Iterator[datetime]:
    entries = part.get("RDATE", ())
    for each in entries if isinstance(entries, list) else [entries]:
        for entry in getattr(each, "dts", ()):
            if not isinstance(entry.dt, datetime):
                raise ValueError(Text("ical.has_a_date_without_a_time"))
            yield entry.dt.replace(tzinfo=None)

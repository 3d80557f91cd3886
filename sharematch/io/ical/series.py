"""When the events of one UID take place: the dates of a series, and its changes.

The dates of a rule and of RDATE, less those of EXDATE, each replaced by the change that
names it (RECURRENCE-ID), or moved by the last one that holds from then on
(RANGE=THISANDFUTURE). Nothing runs longer than the days asked for.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sharematch.io.ical.rules import Rule
from sharematch.io.ical.times import PROPERTIES, Length, Moment, Times
from sharematch.io.openings import MOST_DAYS, Span
from sharematch.text import Text

__all__ = ["Occurrence", "Series", "is_cancelled", "newest"]

_REPEATS = {"RRULE", "RDATE"}
_DAY = timedelta(days=1)
_ZONES_APART = 2 * _DAY
"""Days by which what two clocks show may differ, and one more."""


@dataclass(frozen=True)
class Occurrence:
    """When an event takes place; `doubt` says why that may not have been meant.

    Several spans are several readings of the same time.
    """

    event: Any
    spans: tuple[Span, ...]
    doubt: str = ""


@dataclass
class _Date:
    """A date of a series, before it is changed."""

    moment: Moment
    length: Length
    doubt: str = ""
    is_left_out: bool = False
    is_replaced: bool = False


@dataclass
class _Change:
    """An event that replaces one date of its series, or all from there on."""

    event: Any
    named: Moment
    start: Moment
    length: Length
    is_cancelled: bool
    hits: list[_Date] = field(default_factory=list)


def newest(events: Iterable[Any], is_busy: Callable[[Any], bool]) -> list[Any]:
    """Return the versions of an event that count: those of the highest SEQUENCE.

    Of several, all busy ones, for leaving one out would offer what is taken, and of the
    others those written last.
    """
    versions = [*events]
    if len(versions) > 1:
        versions = [*{event.to_ical(): event for event in versions}.values()]
    top = max((_sequence(event) for event in versions), default=0)
    level = [event for event in versions if _sequence(event) == top]
    last = max(map(_stamp, level), default=())
    return [event for event in level if is_busy(event) or _stamp(event) == last]


def _sequence(event: Any) -> int:
    number = event.get("SEQUENCE", 0)
    return int(number) if isinstance(number, int) else 0


def _stamp(event: Any) -> tuple[str, ...]:
    times = (event.get("DTSTAMP"), event.get("LAST-MODIFIED"))
    return tuple(str(getattr(each, "dt", "")) for each in times)


def is_cancelled(event: Any) -> bool:
    """Say whether an event says that it does not take place."""
    return str(event.get("STATUS", "")).strip().upper() == "CANCELLED"


class Series:
    """The events of one UID.

    Parameters
    ----------
    is_busy
        Says whether an event takes time; a cancelled one does not.
    tell
        Takes a property and what was not carried of it.
    """

    def __init__(
        self,
        events: Iterable[Any],
        times: Times,
        is_busy: Callable[[Any], bool],
        tell: Callable[[str, str], None],
    ) -> None:
        self._times = times
        self._is_busy = is_busy
        self._tell = tell
        first, last = times.cutting.first, times.cutting.last
        self._first, self._last = first - _ZONES_APART, last + _ZONES_APART
        events = list(events)
        mains = [event for event in events if "RECURRENCE-ID" not in event]
        changes = [event for event in events if "RECURRENCE-ID" in event]
        if not mains:  # some programs name a date of the series in all of its events
            mains = [each for each in changes if each.keys() & _REPEATS]
            changes = [each for each in changes if not each.keys() & _REPEATS]
        self._mains = newest(mains, is_busy)
        if len(self._mains) < len(mains):
            tell("SEQUENCE", Text("ical.older_versions"))
        if len(self._mains) > 1:
            tell("UID", Text("ical.the_same_stands_there_again"))
        self._changes = changes

    def occurrences(self) -> Iterator[Occurrence]:
        """Yield when the events take place, in the days asked for or around them.

        Raises ValueError when that cannot be followed.
        """
        single, lasting = self._read_changes()
        if lasting and not self._mains:
            raise ValueError(Text("ical.changes_dates_of_a_series_that"))
        for main in self._mains:
            if not is_cancelled(main):
                yield from self._main(main, single, lasting)
        lasting = [each for each in lasting if self._is_in_view(each) and not each.hits]
        for change in [*single, *lasting]:
            if self._is_outdated(change):
                self._tell("SEQUENCE", Text("ical.older_versions"))
            elif not change.is_cancelled:
                yield self._changed(change)

    def _is_outdated(self, change: _Change) -> bool:
        """Say whether a later version of its series lacks the date of a change."""
        sequence = min(map(_sequence, self._mains), default=0)
        is_there = any(not date.is_left_out for date in change.hits)
        return (
            _sequence(change.event) < sequence
            and not is_there
            and self._is_in_view(change)
        )

    # ── changes ──────────────────────────────────────────────────────────────────

    def _read_changes(self) -> tuple[list[_Change], list[_Change]]:
        """Return the changes of one date each, and those that hold from there on."""
        versions: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
        named: dict[tuple[Any, ...], Moment] = {}
        for event in self._changes:
            _check(event)
            prop = event.get("RECURRENCE-ID")
            if isinstance(prop, list):
                raise ValueError(Text("ical.names_two_dates_that_it_changes"))
            scope = str(prop.params.get("RANGE", "")).upper()
            if scope not in ("", "THISANDFUTURE"):
                raise ValueError(
                    Text("ical.changes_a_range_that_is_not", range=scope[:20])
                )
            moment = self._times.moment(prop)
            where: Any = moment.day if moment.is_day else self._times.instant(moment)
            key = (scope, moment.is_day, where)
            versions[key].append(event)
            named[key] = moment
        single: list[_Change] = []
        lasting: list[_Change] = []
        for key, events in versions.items():
            for event in newest(events, self._is_busy):
                change = self._change(event, named[key])
                (lasting if key[0] else single).append(change)
        return single, lasting

    def _change(self, event: Any, named: Moment) -> _Change:
        cancelled = is_cancelled(event)
        if cancelled and "DTSTART" not in event:
            return _Change(event, named, named, Length(), is_cancelled=True)
        start = self._times.moment(event.get("DTSTART"))
        length = self._times.length(event, start)
        for name in ("RRULE", "RDATE", "EXDATE"):
            if name in event:
                self._check_repeated(event, name)
        return _Change(event, named, start, length, cancelled)

    def _check_repeated(self, event: Any, name: str) -> None:
        """Refuse a rule of its own of what changes all dates; of one date it is told.

        Some programs repeat in each change what the series says.
        """
        same = {_text(main, name) for main in self._mains}
        is_lasting = event.get("RECURRENCE-ID").params.get("RANGE")
        if is_lasting and _text(event, name) not in same:
            raise ValueError(Text("ical.changes_a_series_to_another_rule"))
        self._tell(name, Text("ical.of_a_changed_date"))

    def _is_in_view(self, change: _Change) -> bool:
        """Say whether the date that a change names is among the days looked at."""
        return self._first <= change.named.day <= self._last

    def _changed(self, change: _Change) -> Occurrence:
        """Return when a change takes place instead of the date that it names."""
        doubt = ""
        if self._mains and all(map(is_cancelled, self._mains)):
            doubt = Text("ical.its_series_is_cancelled")
        elif change.hits and all(date.is_left_out for date in change.hits):
            doubt = Text("ical.changes_a_date_that_was_taken")
        elif self._mains and not change.hits and self._is_in_view(change):
            doubt = Text("ical.changes_a_date_that_its_series")
        return self._occurrence(change.event, change.start, change.length, doubt)

    # ── the series ───────────────────────────────────────────────────────────────

    def _main(
        self, event: Any, single: list[_Change], lasting: list[_Change]
    ) -> Iterator[Occurrence]:
        _check(event)
        if "EXRULE" in event:
            raise ValueError(Text("ical.has_no_start_or_a_rule"))
        start = self._times.moment(event.get("DTSTART"))
        length = self._times.length(event, start)
        dates = [
            *self._dates(event, start, length, self._reach(start, length, lasting))
        ]
        self._match(event, dates, single, lasting)
        begins = sorted(
            ((self._wall(change, start), change) for change in lasting),
            key=lambda item: item[0],
        )
        walls = [wall for wall, _ in begins]
        for each in dates:
            if each.is_left_out or each.is_replaced:
                continue
            if not (number := bisect_right(walls, each.moment.wall)):
                yield self._occurrence(event, each.moment, each.length, each.doubt)
                continue
            wall, change = begins[number - 1]
            if not change.is_cancelled:
                yield self._moved(change, each, self._shift(change, start, wall))

    def _reach(
        self, start: Moment, length: Length, lasting: list[_Change]
    ) -> timedelta:
        """Return how far from its date something may still take place."""
        longest = max(map(_days, [length, *(change.length for change in lasting)]))
        shifts = [self._shift(each, start, self._wall(each, start)) for each in lasting]
        reach = longest * _DAY + max(map(abs, shifts), default=timedelta())
        if reach > 2 * MOST_DAYS * _DAY:
            raise ValueError(Text("ical.lies_too_far_away"))
        return reach

    def _match(
        self,
        event: Any,
        dates: list[_Date],
        single: list[_Change],
        lasting: list[_Change],
    ) -> None:
        """Mark the dates that are taken out or replaced; give changes theirs."""
        by_day: dict[date, list[_Date]] = defaultdict(list)
        for each in dates:
            by_day[each.moment.day].append(each)
        for moment, _ in self._times.listed(event, "EXDATE"):
            for hit in self._hits(
                moment, by_day, "EXDATE", must_be_sure=self._is_busy(event)
            ):
                hit.is_left_out = True
        for change in [*single, *lasting]:
            change.hits += self._hits(change.named, by_day, "RECURRENCE-ID")
        for hit in (hit for change in single for hit in change.hits):
            hit.is_replaced = True

    def _wall(self, change: _Change, start: Moment) -> datetime:
        """Return the date that a change names on the clock of its series."""
        if change.hits:
            return change.hits[0].moment.wall
        if start.is_day:
            return datetime.combine(self._times.day_of(change.named), time())
        if change.named.is_day:
            return datetime.combine(change.named.day, start.wall.time())
        return self._times.wall(change.named, start.zone)

    def _shift(self, change: _Change, start: Moment, wall: datetime) -> timedelta:
        """Return by how much a change moves the dates from there on."""
        if change.start.is_day and not start.is_day:
            wall = datetime.combine(wall.date(), time())
        return change.start.wall - wall

    def _moved(self, change: _Change, date: _Date, shift: timedelta) -> Occurrence:
        wall = date.moment.wall + shift
        if change.start.is_day:
            wall = datetime.combine(wall.date(), time())
        moment = Moment(wall, change.start.zone, change.start.is_day)
        return self._occurrence(change.event, moment, change.length, date.doubt)

    def _occurrence(
        self, event: Any, start: Moment, length: Length, doubt: str
    ) -> Occurrence:
        if start.is_day and length.days == 0:
            length, doubt = Length(days=1), doubt or Text("ical.ends_when_it_begins")
        spans = self._times.spans(start, length)
        if len(spans) > 1:
            doubt = doubt or Text("ical.its_time_zone_is_defined_otherwise")
        return Occurrence(event, tuple(spans), doubt)

    # ── dates ────────────────────────────────────────────────────────────────────

    def _dates(
        self, event: Any, start: Moment, length: Length, around: timedelta
    ) -> Iterator[_Date]:
        """Yield the dates of a rule and of RDATE that may reach the days asked for."""
        first, last = self._first - around, self._last + around
        prop = event.get("RRULE", [])
        listed = prop if isinstance(prop, list) else [prop]
        rules = {each.to_ical(): each for each in listed}
        walls = set()
        for each in rules.values():
            rule = Rule(each, start, self._times, ends_late=self._is_busy(event))
            for moment in rule.between(first, last):
                walls.add(moment.wall)
                doubt = (
                    Text("ical.has_two_rules") if len(rules) > 1 else rule.doubt(moment)
                )
                yield _Date(moment, length, doubt)
        if not rules:
            yield _Date(start, length)
        elif first <= start.day <= last and start.wall not in walls:
            yield _Date(start, length, Text("ical.its_first_day_lies_outside_its"))
        for moment, period in self._times.listed(event, "RDATE"):
            if moment.is_day != start.is_day:
                raise ValueError(Text("ical.has_a_date_that_is_not"))
            if first <= moment.day <= last:
                yield _Date(moment, length if period is None else period)

    def _hits(
        self,
        named: Moment,
        by_day: dict[date, list[_Date]],
        name: str,
        *,
        must_be_sure: bool = False,
    ) -> list[_Date]:
        """Return the dates that EXDATE or RECURRENCE-ID mean.

        The same moment; else, unless that `must_be_sure`, what the clock shows in
        another zone; else the same day, where the name is written as a day or at
        midnight. A change takes the place of one date alone.
        """
        days = (named.day + timedelta(days=n) for n in range(-2, 3))
        near = [each for day in days for each in by_day.get(day, ())]
        if near and near[0].moment.is_day:
            day = self._times.day_of(named)
            return [each for each in near if each.moment.day == day]
        if near and not named.is_day:
            when = self._times.instant(named)
            if exact := [x for x in near if self._times.instant(x.moment) == when]:
                return exact
            if alike := [each for each in near if each.moment.wall == named.wall]:
                detail = Text("ical.in_another_zone_read_as_of")
                if must_be_sure:
                    detail = Text("ical.in_another_zone_so_it_takes")
                self._tell(name, detail)
                return [] if must_be_sure else alike
        on_day = [x for x in near if named.is_midnight and x.moment.day == named.day]
        if on_day:
            self._tell(name, Text("ical.a_day_of_a_series_with"))
        is_one = len({each.moment.wall for each in on_day}) == 1
        return on_day if is_one or name == "EXDATE" else []


def _check(event: Any) -> None:
    """Refuse an event of which a time cannot be read."""
    for name, _ in event.errors:
        if str(name).upper() in PROPERTIES:
            raise ValueError(Text("ical.cannot_be_read", field=name))
    if "DTSTART" not in event and not is_cancelled(event):
        raise ValueError(Text("ical.has_no_start_or_a_rule"))


def _text(event: Any, name: str) -> bytes:
    value = event.get(name)
    parts = value if isinstance(value, list) else [value]
    return b"".join(sorted(part.to_ical() for part in parts if part is not None))


def _days(length: Length) -> int:
    return length.days + length.rest.days + 1

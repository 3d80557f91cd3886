"""Calendars made up at random, against icalendar's parser and dateutil's rule sets.

The other reader follows what RFC 5545 says, date by date and without bounds. What is
meant to differ is not made up here but tested by name in `test_ical_series.py` and
`test_ical_zones.py`: dates written as another kind of value or in another zone, a first
day outside its rule, busy events in two versions, names of zones that the calendar
defines otherwise.
"""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
from dateutil.rrule import rruleset, rrulestr
from hypothesis import settings

from sharematch import io
from sharematch.openings import Cutting, Span, merged, without

TOWN = ZoneInfo("Europe/Berlin")
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC")
# With a night in which the clock is put forward, in Europe and in America.
DAYS = Cutting(first=date(2026, 3, 2), last=date(2026, 4, 5), zone="Europe/Berlin")
RULES = (
    *("FREQ=DAILY", "FREQ=DAILY;INTERVAL=3", "FREQ=DAILY;BYDAY=MO,WE,FR"),
    *("FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2", "FREQ=WEEKLY;INTERVAL=2;WKST=SU"),
    *("FREQ=MONTHLY", "FREQ=MONTHLY;BYMONTHDAY=-1,1", "FREQ=YEARLY"),
    *("FREQ=YEARLY;BYMONTH=3,4;BYDAY=TU", "FREQ=DAILY;BYHOUR=9,17;BYMINUTE=30"),
)
TIMES = 10
"""Calendars for each example that the profile allows."""


# ── calendars made up ────────────────────────────────────────────────────────────


class Made:
    """One calendar in the making: lines, and what it holds."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//t//t//EN"]
        self.holds: Counter[str] = Counter()
        for number in range(self.random.randint(1, 4)):
            self._series(f"e{number}")
        self.lines.append("END:VCALENDAR")

    def _is(self, what: str, chance: float) -> bool:
        found = self.random.random() < chance
        self.holds[what] += found
        return found

    def _event(self, uid: str, *lines: str, is_free: bool) -> None:
        self.lines += ["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260101T000000Z", *lines]
        self.lines += ["TRANSP:TRANSPARENT"] * is_free + ["END:VEVENT"]

    def _series(self, uid: str) -> None:
        chance = self.random
        is_free = uid == "e0" or self._is("free", 0.4)
        is_day = self._is("whole days", 0.25)
        zone = chance.choice(ZONES)
        day = date(2026, 2, 20) + timedelta(days=chance.randint(0, 30))
        start = datetime.combine(day, time(0 if is_day else chance.randint(0, 23)))
        lines = [written("DTSTART", zone, start, is_day=is_day)]
        if is_day:
            lines.append(f"DURATION:P{chance.randint(1, 3)}D")
        elif self._is("end", 0.5):
            end = start + timedelta(minutes=chance.randint(15, 900))
            lines.append(written("DTEND", zone, end))
        else:
            lines.append(f"DURATION:PT{chance.randint(15, 900)}M")
        dates = [start]
        if self._is("rule", 0.8):
            rule, dates = self._rule(start, zone, is_day=is_day)
            lines.append(f"RRULE:{rule}")
        if self._is("more dates", 0.4):
            more = [start + timedelta(days=chance.randint(1, 40)) for _ in range(3)]
            lines.append(written("RDATE", zone, *more, is_day=is_day))
            dates += more
        if self._is("dates taken out", 0.4):
            gone = chance.sample(dates, min(len(dates), 2))
            lines.append(written("EXDATE", zone, *gone, is_day=is_day))
            dates = [each for each in dates if each not in gone]
        if self._is("old version", 0.2):
            old = written("DTSTART", zone, start + timedelta(days=1), is_day=is_day)
            self._event(uid, old, "DURATION:P1D", is_free=is_free)
            lines.append("SEQUENCE:2")
        if self._is("canceled", 0.05):
            lines.append("STATUS:CANCELLED")
            dates = []
        self._event(uid, *lines, is_free=is_free)
        self._changes(uid, dates, zone, is_day=is_day, is_free=is_free)

    def _rule(
        self, start: datetime, zone: str, *, is_day: bool
    ) -> tuple[str, list[datetime]]:
        """Return a rule that the start belongs to, and its first dates."""
        rules = [rule for rule in RULES if not (is_day and "HOUR" in rule)]
        while True:
            rule = self.random.choice(rules)
            if "HOUR" not in rule:
                if self._is("count", 0.3):
                    rule += f";COUNT={self.random.randint(1, 20)}"
                elif self._is("until", 0.3):
                    until = start + timedelta(days=self.random.randint(0, 50))
                    text = f"{until:%Y%m%d}" if is_day else stamp(until, zone)
                    rule += f";UNTIL={text}"
            plain = ";".join(p for p in rule.split(";") if not p.startswith("UNTIL"))
            found = rrulestr(plain, dtstart=start).xafter(start, 12, inc=True)
            dates = [*found]
            if dates and dates[0] == start:
                until_text = rule.partition("UNTIL=")[2].rstrip("Z")
                if until_text:
                    last = start + timedelta(days=1)
                    dates = [each for each in dates if each < last]
                return rule, dates

    def _changes(
        self,
        uid: str,
        dates: list[datetime],
        zone: str,
        *,
        is_day: bool,
        is_free: bool,
    ) -> None:
        chance = self.random
        if not dates or not self._is("changes", 0.5):
            return
        named = chance.sample(dates, min(len(dates), chance.randint(1, 2)))
        for number, when in enumerate(named):
            scope = ""
            if number == 0 and self._is("this and future", 0.3):
                scope = ";RANGE=THISANDFUTURE"
            where = zone if is_day else chance.choice((zone, "UTC", zone))
            name = written(f"RECURRENCE-ID{scope}", where, when, is_day=is_day, of=zone)
            new = when + timedelta(days=chance.randint(-3, 3))
            new += timedelta(hours=0 if is_day else chance.randint(-5, 5))
            lines = [name, written("DTSTART", zone, new, is_day=is_day)]
            lines.append("DURATION:P1D" if is_day else "DURATION:PT45M")
            if self._is("canceled date", 0.2):
                lines.append("STATUS:CANCELLED")
            if self._is("changed twice", 0.2):
                old = [name, lines[1], "DURATION:P2D", "SEQUENCE:1"]
                self._event(uid, *old, is_free=is_free)
                lines.append("SEQUENCE:3")
            turned = self._is("free made busy", 0.1)
            self._event(uid, *lines, is_free=is_free and not turned)


def stamp(wall: datetime, zone: str) -> str:
    return f"{wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC):%Y%m%dT%H%M%SZ}"


def written(
    name: str, zone: str, *walls: datetime, is_day: bool = False, of: str = ""
) -> str:
    """Write times of the clock of `of`, else `zone`, in `zone`."""
    if is_day:
        return f"{name};VALUE=DATE:" + ",".join(f"{each:%Y%m%d}" for each in walls)
    shown = [
        each.replace(tzinfo=ZoneInfo(of or zone)).astimezone(ZoneInfo(zone))
        for each in walls
    ]
    if zone == "UTC":
        return f"{name}:" + ",".join(f"{each:%Y%m%dT%H%M%SZ}" for each in shown)
    return f"{name};TZID={zone}:" + ",".join(f"{each:%Y%m%dT%H%M%S}" for each in shown)


# ── the other reader ─────────────────────────────────────────────────────────────


def instant(value: Any) -> datetime:
    """Return the moment of a value of icalendar, of a day its midnight in the town."""
    is_time = isinstance(value, datetime)
    when = value if is_time else datetime.combine(value, time(), TOWN)
    moment: datetime = when.astimezone(UTC)
    return moment


def others_hours(text: str) -> list[Span]:
    """Return what is open, by icalendar and dateutil."""
    groups: dict[str, list[Any]] = {}
    for event in icalendar.Calendar.from_ical(text).walk("VEVENT"):
        groups.setdefault(str(event["UID"]), []).append(event)
    found: dict[bool, list[Span]] = {True: [], False: []}
    for events in groups.values():
        for event, begin, end in takes_place(events):
            is_free = event.get("TRANSP") == "TRANSPARENT"
            found[is_free].append((instant(begin), instant(end)))
    low, high = (when.astimezone(UTC) for when in DAYS.horizon)
    open_ = ((max(low, begin), min(high, end)) for begin, end in found[True])
    return without(merged(open_), found[False])


def takes_place(events: list[Any]) -> Iterator[tuple[Any, Any, Any]]:
    """Yield event, start and end of each date of one UID."""
    main = max((e for e in events if "RECURRENCE-ID" not in e), key=sequence)
    changes: dict[datetime, Any] = {}
    for event in sorted((e for e in events if "RECURRENCE-ID" in e), key=sequence):
        changes[instant(event["RECURRENCE-ID"].dt)] = event
    if main.get("STATUS") == "CANCELLED":
        return
    lasting = {
        when: event
        for when, event in changes.items()
        if "RANGE" in event["RECURRENCE-ID"].params
    }
    for begin in dates(main):
        when = instant(begin)
        if when in changes and when not in lasting:
            event = changes[when]
            first = event["DTSTART"].dt
        else:
            before = [other for other in lasting if other <= when]
            event = lasting[max(before)] if before else main
            first = begin
            if before:
                own = event["RECURRENCE-ID"].dt
                if isinstance(begin, datetime):
                    own = own.astimezone(begin.tzinfo).replace(tzinfo=None)
                    moved = event["DTSTART"].dt.replace(tzinfo=None) - own
                else:
                    moved = event["DTSTART"].dt - own
                first = begin + moved
        if event.get("STATUS") != "CANCELLED":
            yield event, first, ends(event, first)


def sequence(event: Any) -> int:
    return int(event.get("SEQUENCE", 0))


def dates(main: Any) -> list[Any]:
    start = main["DTSTART"].dt
    is_day = not isinstance(start, datetime)
    zone = None if is_day else start.tzinfo
    wall = datetime.combine(start, time()) if is_day else start.replace(tzinfo=None)
    found = rruleset()
    found.rdate(wall)
    if "RRULE" in main:
        rule = main["RRULE"].to_ical().decode()
        until = main["RRULE"].get("UNTIL", [None])[0]
        if isinstance(until, datetime):
            local = until.astimezone(zone).replace(tzinfo=None)
            head, _, tail = rule.partition("UNTIL=")
            rule = f"{head}UNTIL={local:%Y%m%dT%H%M%S}" + tail[16:]
        followed: Any = rrulestr(rule, dtstart=wall)
        found.rrule(followed)
    for name, add in (("RDATE", found.rdate), ("EXDATE", found.exdate)):
        for each in main[name].dts if name in main else ():
            value = each.dt
            add(
                datetime.combine(value, time())
                if is_day
                else value.astimezone(zone).replace(tzinfo=None)
            )
    last = datetime.combine(DAYS.last + timedelta(days=30), time())
    shown = found.between(datetime(2026, 1, 1), last, inc=True)
    return [each.date() if is_day else each.replace(tzinfo=zone) for each in shown]


def ends(event: Any, begin: Any) -> Any:
    if "DTEND" in event:
        return instant(begin) + (
            instant(event["DTEND"].dt) - instant(event["DTSTART"].dt)
        )
    length = event["DURATION"].dt
    if not isinstance(begin, datetime) or length % timedelta(days=1) == timedelta():
        return begin + length  # days are those of the clock
    return instant(begin) + length


# ── both ─────────────────────────────────────────────────────────────────────────


def our_hours(path: Path, text: str) -> list[Span]:
    path.write_text(text, "utf-8", newline="")
    slots = io.read_ical(path, DAYS).instance.slots
    spans = ((s.start, s.end) for s in slots if s.start and s.end)
    return merged((start.astimezone(UTC), end.astimezone(UTC)) for start, end in spans)


def test_calendars_are_read_as_by_icalendar_and_dateutil(tmp_path: Path, capsys: Any):
    count = settings.default.max_examples * TIMES  # type: ignore[union-attr]
    holds: Counter[str] = Counter()
    with_hours = 0
    for seed in range(count):
        made = Made(seed)
        holds += made.holds
        text = "\r\n".join([*made.lines, ""])
        found = our_hours(tmp_path / "hall.ics", text)
        assert found == others_hours(text), f"seed {seed}\n{text}"
        with_hours += bool(found)
    with capsys.disabled():
        print(  # noqa: T201
            f"\n{count:,} calendars alike, {with_hours:,} with hours; {dict(holds)}"
        )
    assert with_hours > count / 2
    assert all(holds[what] > count / 100 for what in holds)

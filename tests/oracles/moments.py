"""Spans of time, windows of dates and of weekdays, and the raster of an opening."""

import math
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)")


class Span(NamedTuple):
    """A time with a start and an end."""

    start: datetime
    end: datetime


def overlap(one: Any, other: Any) -> bool:
    """Say whether two spans of time share more than an end point."""
    return bool(one.start < other.end and other.start < one.end)


def minutes_of(span: Any) -> int:
    """Return how long a span is, in minutes."""
    return int((span.end - span.start) / timedelta(minutes=1))


def weekdays(text: str) -> set[int]:
    """Return the numbers of weekdays that a list such as "mon-wed,sat" names."""
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        start = WEEKDAYS.index(first)
        stop = WEEKDAYS.index(last or first)
        found |= {(start + i) % 7 for i in range((stop - start) % 7 + 1)}
    return found


def clock(text: str) -> timedelta:
    """Return the time since midnight."""
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise ValueError(f"{text} is no time of day")
    return timedelta(hours=int(match[1]), minutes=int(match[2]))


def on_dates(window: Any, span: Any) -> Iterator[Span]:
    """Yield the dated spans of a window that could meet a span of time.

    A weekly window is one for each of its dates, by the clock of the span's own start.
    """
    if not isinstance(window, str):
        yield Span(window.start, window.end)
        return
    days, _, hours = window.strip().partition(" ")
    since, _, until = (hours.strip() or "0:00-24:00").partition("-")
    opens, closes = clock(since), clock(until)
    if closes <= opens:
        closes += timedelta(days=1)
    zone = span.start.tzinfo
    named = weekdays(days)
    last = span.end.astimezone(zone) if zone else span.end
    today: date = span.start.date() - timedelta(days=2)
    while today <= last.date():
        if today.weekday() in named:
            midnight = datetime(today.year, today.month, today.day, tzinfo=zone)
            yield Span(midnight + opens, midnight + closes)
        today += timedelta(days=1)


def holds(window: Any, span: Any) -> bool:
    """Say whether a span lies inside a window."""
    return any(
        one.start <= span.start and span.end <= one.end
        for one in on_dates(window, span)
    )


def touches(windows: Iterable[Any], span: Any) -> bool:
    """Say whether a span overlaps any window."""
    return any(overlap(one, span) for w in windows for one in on_dates(w, span))


def raster(slot: Any) -> list[Span]:
    """Return the steps of an opening; what is left below a step is not used."""
    step = timedelta(minutes=int(slot.step))
    count = math.floor((slot.end - slot.start) / step)
    return [
        Span(slot.start + i * step, slot.start + (i + 1) * step) for i in range(count)
    ]


def cells(slot: Any) -> list[Span | None]:
    """Return what a slot consists of: its steps, or the whole of it (None: untimed)."""
    if slot.start is None:
        return [None]
    if slot.step is None:
        return [Span(slot.start, slot.end)]
    return list(raster(slot))

"""Opening hours as OpenStreetMap writes them: what is open without a doubt.

The grammar is that of the package opening-hours-py (extra `osm`). Where it reads more
than opening_hours.js does (open ends and words as open hours, holidays of a weekday as
holidays or weekdays), its text is made plain first, so that nothing is offered that may
be closed.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from sharematch.errors import InputError, Problem
from sharematch.io.carry import Ledger
from sharematch.io.geo import hours_text
from sharematch.io.geo.holidays import days_around, days_from, public_holidays
from sharematch.io.geo.hours_text import (
    SUN,
    holidays_in,
    is_holiday,
    says,
    spills_until,
    with_weekdays,
)
from sharematch.io.geo.shapes import Point
from sharematch.io.openings import Cutting, Span, merged, without, zone_named
from sharematch.model.extras import install
from sharematch.text import Text

__all__ = ["hours_of"]

LONGEST_HOURS = 1000
_DAY = timedelta(days=1)


def hours_of(
    text: str,
    cutting: Cutting,
    name: str,
    ledger: Ledger,
    country: str | None = None,
    *,
    open_end: time | None = None,
    school_holidays: Iterable[date] | None = None,
    at: Point | None = None,
) -> list[Span]:
    """Return the openings that an `opening_hours` tag says, within the days asked for.

    What is unknown, has conditions in words, or cannot be read is noted, not offered.

    Parameters
    ----------
    country
        Code such as "FI" or, with a region, "DE-BE", for public holidays. Without it
        no day is one.
    open_end
        When hours close of which only the start is said, such as "18:00+". Without it
        they are not offered.
    school_holidays
        The days of school holidays. Without them only what is open with and without
        is offered.
    at
        Longitude and latitude of the place, for hours by the sun; its zone is needed
        too. Without them the sun rises at 7 and sets at 19.

    Raises
    ------
    InputError
        When opening-hours-py is not installed, or the country is not known.

    Examples
    --------
    >>> week = Cutting(first=date(2026, 3, 2), last=date(2026, 3, 8))
    >>> ledger = Ledger()
    >>> for start, end in hours_of("Tu 9:00-12:00,18:00+", week, "hall", ledger):
    ...     print(start, end)
    2026-03-03 09:00:00 2026-03-03 12:00:00
    >>> print(*ledger.notes)
    lost place opening_hours: hours without an end ("hall")
    """
    module = _package()

    def tell(detail: str) -> None:
        ledger.lost("place", "opening_hours", name, detail)

    public: frozenset[date] = frozenset()
    if country is not None:
        public = public_holidays(module, country, cutting)
    elif says(text, "PH"):
        tell(Text("carry.holidays_of_no_known_country"))
    school = [frozenset(school_holidays or ())]
    if school_holidays is None and says(text, "SH"):
        tell(Text("osm.school_holidays_are_not_known"))
        school.append(days_around(cutting))
    holidays = [{"PH": public, "SH": days} for days in school]
    sun = _sun(text, cutting, at)
    is_read = len(text) <= LONGEST_HOURS and _parsed(module, text, {}) is not None
    plain = hours_text.plain(text, open_end, tell) if is_read else ""
    readings = [_reading(module, plain, cutting, days, sun=sun) for days in holidays]
    if not plain or any(reading is None for reading in readings):
        tell(Text("carry.cannot_be_read", cause=text[:60]))
        return []
    if re.search(SUN, text) and not sun:
        ledger.assumed(
            "place", "opening_hours", name, Text("carry.the_sun_rises_at_7_sets")
        )
    first = datetime.combine(cutting.first, time())
    spans = [(first, datetime.combine(cutting.last + _DAY, time()))]
    for reading in readings:
        spans = _in_both(spans, merged(_open(reading or (), tell)))
    return [(cutting.local(begin), cutting.local(end)) for begin, end in spans]


def _package() -> Any:
    try:
        import opening_hours
    except ImportError:
        hint = install("osm")
        message = Text("osm.needs_opening_hours_py_to_be")
        raise InputError([Problem(message, field="opening_hours", hint=hint)]) from None
    return opening_hours


def _sun(text: str, cutting: Cutting, at: Point | None) -> dict[str, Any]:
    """Return what says when the sun rises, for hours that depend on it."""
    if at is None or cutting.zone is None or not re.search(SUN, text):
        return {}
    longitude, latitude = at
    zone = zone_named(cutting.zone)
    return {"timezone": zone, "coords": (latitude, longitude), "auto_country": False}


def _parsed(module: Any, text: str, sun: dict[str, Any]) -> Any:
    """Return the hours of a text, None where it cannot be read."""
    try:
        return module.OpeningHours(text, **sun)
    except module.ParserError:
        return None


# ── hours of days ────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Interval:
    """Hours, with the words that go with them."""

    begin: datetime
    end: datetime
    is_known: bool
    words: str


def _reading(
    module: Any,
    text: str,
    cutting: Cutting,
    holidays: Mapping[str, frozenset[date]],
    *,
    sun: dict[str, Any],
) -> list[_Interval] | None:
    """Return the hours of a text that are open or may be, None if it cannot be read."""
    # From yesterday on, whose hours may end today.
    days = [*days_from(cutting.first - _DAY, cutting.last)]
    named = holidays_in(text)
    holding = [
        tuple(name for name in named if is_holiday(name, day, holidays)) for day in days
    ]
    plain = {each: with_weekdays(text, each) for each in set(holding)}
    texts = [plain[each] for each in holding]
    begins = [0, *(n for n in range(1, len(days)) if texts[n] != texts[n - 1])]
    readings: list[_Interval] = []
    for begin, end in pairwise([*begins, len(days)]):
        hours = _parsed(module, texts[begin], sun)
        if hours is None:
            return None
        start = datetime.combine(days[begin], time())
        stop = datetime.combine(days[end - 1] + _DAY, time())
        intervals = [*_intervals(hours, start, stop)]
        if begin > 0:
            intervals = [*_from(intervals, start, start + spills_until(text))]
        readings += intervals
    return readings


def _intervals(hours: Any, start: datetime, stop: datetime) -> Iterator[_Interval]:
    for begin, end, state, words in hours.intervals(start, stop):
        if str(state) != "closed":
            shown = [each.replace(tzinfo=None) for each in (begin, end or stop)]
            yield _Interval(shown[0], shown[1], str(state) == "open", words or "")


def _from(
    intervals: Iterable[_Interval], start: datetime, end: datetime
) -> Iterator[_Interval]:
    """Yield intervals, less early hours that may be of a yesterday unlike today.

    Where one of both is a holiday, those are not what today's rules say of yesterday.
    """
    for interval in intervals:
        if interval.begin > start:
            yield interval
        elif interval.end > end:
            yield replace(interval, begin=max(interval.begin, end))


def _open(reading: Iterable[_Interval], tell: Callable[[str], None]) -> Iterator[Span]:
    """Yield the hours that are known; tell the others, and what is said in words."""
    for interval in reading:
        if interval.words:
            tell(Text("carry.in_words", words=interval.words[:60]))
        elif not interval.is_known:
            tell(Text("carry.hours_that_may_be_open"))
        if interval.is_known:
            yield interval.begin, interval.end


def _in_both(spans: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """Return the time of spans that is in others too."""
    whole = (datetime(1, 1, 1), datetime(9999, 1, 1))  # noqa: DTZ001
    return without(spans, without([whole], others))

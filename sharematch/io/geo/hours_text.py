"""What a text of opening hours says, made plain for the package that follows it.

Each of its hours says whether they are known, and a day has no holidays but weekdays
only: where opening-hours-py reads otherwise than opening_hours.js, nothing is left to
read in two ways.
"""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date, time, timedelta

from sharematch.text import Text

__all__ = [
    "SUN",
    "holidays_in",
    "is_holiday",
    "plain",
    "says",
    "spills_until",
    "with_weekdays",
]

_QUOTED = re.compile(r'("[^"]*")')
_ENDS_IN_STATE = re.compile(r"\b(open|off|closed|unknown)\s*$")
SUN = r"(?:sunrise|sunset|dawn|dusk)"
_TIME = rf"(?:\d{{1,2}}:\d\d|{SUN}|\({SUN}\s*[+-]\s*\d{{1,2}}:\d\d\))"
_HOURS = rf"{_TIME}(?:\s*-\s*{_TIME})?(?:\+(?![\d:])|/\d{{1,3}}(?::\d\d)?)?"
_LIST_OF_HOURS = re.compile(
    rf"(?<![\d:+-])(?P<list>{_HOURS}(?:\s*,\s*{_HOURS})*)"
    r"(?P<state>\s*\b(?:open|off|closed|unknown)\b)?"
)
_ONE_OF_HOURS = re.compile(
    rf"(?P<start>{_TIME})(?:\s*-\s*(?P<end>{_TIME}))?(?P<rest>\+|/.*)?"
)
_SUN_TIMES = {
    "dawn": time(6),
    "sunrise": time(7),
    "sunset": time(19),
    "dusk": time(20),
}
_WEEKDAY = r"(?:Mo|Tu|We|Th|Fr|Sa|Su)"
_OFFSET = r"(?:\s*[+-]\s*\d{1,3}\s*days?)?"
_HOLIDAY = rf"(?:PH|SH){_OFFSET}"
_DAYS = rf"{_WEEKDAY}(?:\s*-\s*{_WEEKDAY})?(?:\s*\[[^\]]*\])?{_OFFSET}"
_LIST_OF_DAYS = rf"(?:{_HOLIDAY}|{_DAYS})(?:\s*,\s*(?:{_HOLIDAY}|{_DAYS}))*"
_DAY_SELECTOR = re.compile(rf"\b{_LIST_OF_DAYS}(?:\s+{_LIST_OF_DAYS})*")
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DATE = rf"(?:\d{{4}}\s+)?{_MONTH}(?:\s+\d{{1,2}})?(?:\s*-\s*(?:{_MONTH}|\d{{1,2}}\b))?"
_EASTER_TO_EASTER = re.compile(r"easter[^,;|]*-\s*easter")
"""Of such ranges the last day is closed for opening_hours.js, open for the package."""

_AND_A_DATE = re.compile(rf"({_DATE})\s*,\s+(?={_DATE})")
_END_OF_RULE = re.compile(r";|\|\||(,)\s")
_SAYS_WHEN = re.compile(rf"{_TIME}|24/7|\b(?:open|off|closed|unknown)\b")
_TAKES_OVER = re.compile(
    r"\|\|\s*(?:24/7|00:00-24:00)?\s*(?=open|off|closed|unknown|;|\|\||$)"
)
"""A fallback for all days, which the package puts before all else."""

_NEVER = "PH"
"""What holds on no day: the package is asked without a country."""


def says(text: str, word: str) -> bool:
    """Say whether a word stands in a text, and not among its comments."""
    return re.search(rf"\b{word}\b", _QUOTED.sub("", text)) is not None


def plain(text: str, open_end: time | None, tell: Callable[[str], None]) -> str:
    """Return a text that says of each of its hours whether they are known.

    Empty where it is not clear which days its hours are of: the package reads a list
    with spaces, as in "Mo, Tu 9:00-12:00", as one more rule, Monday as open all day.
    """

    def hours(match: re.Match[str]) -> str:
        return _known_hours(match, open_end, tell)

    made = ""
    for part in _QUOTED.split(text):
        if not part.startswith('"'):
            lists = _DAY_SELECTOR.sub(_without_spaces, part)
            made += _LIST_OF_HOURS.sub(hours, _AND_A_DATE.sub(r"\1,", lists))
        elif _ENDS_IN_STATE.search(made):
            made += part
        else:
            made = f"{made.rstrip()} unknown {part}"
    bare = _QUOTED.sub("", made)
    begin = 0
    if _EASTER_TO_EASTER.search(bare):
        return ""
    for match in _END_OF_RULE.finditer(bare):
        if match[1] and not _SAYS_WHEN.search(bare, begin, match.start()):
            return ""
        begin = match.end()
    return _TAKES_OVER.sub("|| Mo-Su 00:00-24:00 ", made).strip()


def _without_spaces(match: re.Match[str]) -> str:
    return re.sub(r"\s*,\s*", ",", match[0])


def _known_hours(
    match: re.Match[str], open_end: time | None, tell: Callable[[str], None]
) -> str:
    """Return the hours of a list that have an end; else that they are unknown."""
    state = match["state"] or ""
    is_closed = state.strip() in ("off", "closed")
    known: list[str] = []
    ends: list[str] = []
    parts = [part.strip() for part in match["list"].split(",")]
    for part in parts:
        one = _ONE_OF_HOURS.fullmatch(part)
        if one is None or not one["rest"]:
            known.append(part)
        elif one["rest"] == "+":
            ended = _with_end(one["start"], one["end"], open_end)
            if not ended or ended[0].endswith(f"-{one['end']}"):
                tell(Text("osm.hours_without_an_end"))
                ends.append(one["end"] or one["start"])
            known += ended
        elif is_closed:
            known.append(f"{one['start']}-{one['end']}")
        else:
            tell(Text("osm.times_not_hours"))
    known = [*filter(None, (_before(part, ends) for part in known))]
    if known:
        return ",".join(known) + state
    start = _ONE_OF_HOURS.fullmatch(parts[0])
    assert start is not None
    return f"{start['start']}-24:00{state if is_closed else ' unknown'}"


def _before(part: str, ends: list[str]) -> str:
    """Return hours as far as they lie before what has no known end."""
    for end in ends:
        one = _ONE_OF_HOURS.fullmatch(part)
        if one is None or one["end"] is None:
            return ""
        start, stop, limit = map(_nominal, (one["start"], one["end"], end))
        if start >= limit:
            return ""
        if stop > limit or stop <= start:
            part = f"{one['start']}-{end}"
    return part


def _with_end(start: str, end: str | None, open_end: time | None) -> list[str]:
    """Return hours of which it is not known when they end, as far as they are known."""
    begin = _clock(end or start)
    if open_end is not None and (begin is None or begin < open_end):
        return [f"{start}-{open_end:%H:%M}"]
    return [f"{start}-{end}"] if end else []


def _nominal(text: str) -> time:
    """Return a time of day, also of the sun: rough, to compare."""
    match = re.search(SUN, text)
    return _SUN_TIMES[match[0]] if match else _clock(text) or time()


def _clock(text: str) -> time | None:
    match = re.fullmatch(r"(\d{1,2}):(\d\d)", text)
    if match is None:
        return None
    hour, minute = int(match[1]), int(match[2])
    return time(hour, minute) if hour < 24 and minute < 60 else time.max


def holidays_in(text: str) -> list[str]:
    """Return the holidays that a text names, such as "PH" and "PH -1 day"."""
    return [*dict.fromkeys(re.findall(_HOLIDAY, _QUOTED.sub("", text)))]


def is_holiday(name: str, day: date, holidays: Mapping[str, frozenset[date]]) -> bool:
    """Say whether a day is what a text names, such as the day before a holiday."""
    shift = re.sub(r"[^\d+-]", "", name[2:])
    return day - timedelta(days=int(shift or 0)) in holidays[name[:2]]


def with_weekdays(text: str, holding: Collection[str]) -> str:
    """Return a text with weekdays only, for days on which some holidays hold.

    Holidays and weekdays are either of both with a comma between, both without.
    """

    def selector(match: re.Match[str]) -> str:
        weekdays = []
        for part in re.finditer(_LIST_OF_DAYS, match[0]):
            items = [item.strip() for item in part[0].split(",")]
            named = [item for item in items if item[:2] in ("PH", "SH")]
            plain = ",".join(item for item in items if item not in named)
            if any(item in holding for item in named):
                continue
            if not plain:
                return _NEVER
            weekdays.append(plain)
        return " ".join(weekdays) or "Mo-Su"

    return "".join(
        part if part.startswith('"') else _DAY_SELECTOR.sub(selector, part)
        for part in _QUOTED.split(text)
    )


def spills_until(text: str) -> timedelta:
    """Return until when, after midnight, hours of the day before may last."""
    latest = timedelta()
    for match in re.finditer(rf"({_TIME})\s*-\s*({_TIME})", text):
        start, end = (_minutes(part) for part in match.groups())
        if end > 24 * 60:
            latest = max(latest, timedelta(minutes=end) - timedelta(days=1))
        elif end < start:
            is_of_sun = re.search(SUN, match[2]) is not None
            latest = max(latest, timedelta(minutes=12 * 60 if is_of_sun else end))
    return latest


def _minutes(text: str) -> int:
    match = re.fullmatch(r"(\d{1,2}):(\d\d)", text)
    if match is not None:
        return int(match[1]) * 60 + int(match[2])
    clock = _nominal(text)
    return clock.hour * 60 + clock.minute

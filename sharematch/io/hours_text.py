"""What a text of opening hours says, made plain for the package that follows it.

Each of its hours says whether they are known, and a day has no holidays but weekdays
only: where opening-hours-py reads otherwise than opening_hours.js, nothing is left to
read in two ways.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, time, timedelta

__all__ = ["SUN", "on_day", "passes_midnight", "plain", "says"]

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
_WEEKDAY = r"(?:Mo|Tu|We|Th|Fr|Sa|Su)"
_OFFSET = r"(?:\s*[+-]\s*\d{1,3}\s*days?)?"
_HOLIDAY = rf"(?:PH|SH){_OFFSET}"
_DAYS = rf"{_WEEKDAY}(?:\s*-\s*{_WEEKDAY})?(?:\s*\[[^\]]*\])?{_OFFSET}"
_LIST_OF_DAYS = rf"(?:{_HOLIDAY}|{_DAYS})(?:\s*,\s*(?:{_HOLIDAY}|{_DAYS}))*"
_DAY_SELECTOR = re.compile(rf"\b{_LIST_OF_DAYS}(?:\s+{_LIST_OF_DAYS})*")
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
    """Return a text that says of each of its hours whether they are known."""

    def hours(found: re.Match[str]) -> str:
        return _known_hours(found, open_end, tell)

    made = ""
    for part in _QUOTED.split(text):
        if not part.startswith('"'):
            made += _LIST_OF_HOURS.sub(hours, part)
        elif _ENDS_IN_STATE.search(made):
            made += part
        else:
            made = f"{made.rstrip()} unknown {part}"
    return _TAKES_OVER.sub("|| Mo-Su 00:00-24:00 ", made).strip()


def _known_hours(
    found: re.Match[str], open_end: time | None, tell: Callable[[str], None]
) -> str:
    """Return the hours of a list that have an end; else that they are unknown."""
    state = found["state"] or ""
    known = []
    parts = [part.strip() for part in found["list"].split(",")]
    for part in parts:
        one = _ONE_OF_HOURS.fullmatch(part)
        if one is None or not one["rest"]:
            known.append(part)
        elif one["rest"] == "+":
            known += _with_end(one["start"], one["end"], open_end, tell)
        elif state.strip() in ("off", "closed"):
            known.append(f"{one['start']}-{one['end']}")
        else:
            tell("times, not hours")
    if known:
        return ",".join(known) + state
    start = _ONE_OF_HOURS.fullmatch(parts[0])
    assert start is not None
    state = state if state.strip() in ("off", "closed") else " unknown"
    return f"{start['start']}-24:00{state}"


def _with_end(
    start: str, end: str | None, open_end: time | None, tell: Callable[[str], None]
) -> list[str]:
    """Return hours of which it is not known when they end, as far as they are known."""
    begin = _clock(end or start)
    if open_end is not None and (begin is None or begin < open_end):
        return [f"{start}-{open_end:%H:%M}"]
    tell("hours without an end")
    return [f"{start}-{end}"] if end else []


def _clock(text: str) -> time | None:
    found = re.fullmatch(r"(\d{1,2}):(\d\d)", text)
    if found is None:
        return None
    hour, minute = int(found[1]), int(found[2])
    return time(hour, minute) if hour < 24 and minute < 60 else time.max


def on_day(text: str, day: date, holidays: Mapping[str, frozenset[date]]) -> str:
    """Return what hours say on a day, with weekdays only.

    Holidays and weekdays are either of both with a comma between, both without.
    """

    def is_on(item: str) -> bool:
        shift = re.sub(r"[^\d+-]", "", item[2:])
        return day - timedelta(days=int(shift or 0)) in holidays[item[:2]]

    def selector(found: re.Match[str]) -> str:
        if not re.search("PH|SH", found[0]):
            return found[0]
        weekdays = []
        for part in re.finditer(_LIST_OF_DAYS, found[0]):
            items = [item.strip() for item in part[0].split(",")]
            named = [item for item in items if item[:2] in holidays]
            plain = ",".join(item for item in items if item[:2] not in holidays)
            if any(map(is_on, named)):
                continue
            if not plain:
                return _NEVER
            weekdays.append(plain)
        return " ".join(weekdays) or "Mo-Su"

    parts = _QUOTED.split(text)
    return "".join(
        part if part.startswith('"') else _DAY_SELECTOR.sub(selector, part)
        for part in parts
    )


def passes_midnight(text: str) -> bool:
    """Say whether hours may end on the next day."""
    for found in re.finditer(rf"({_TIME})\s*-\s*({_TIME})", text):
        start, end = map(_clock, found.groups())
        if end is None or (end < start if start is not None else end < time(12)):
            return True
        if end == time.max and found[2] != "24:00":
            return True
    return False

"""Calendars as tests write and read them."""

from datetime import date
from pathlib import Path
from typing import Any

from sharematch import io
from sharematch.openings import Cutting

ZONE = "Europe/Berlin"
MARCH = Cutting(first=date(2026, 3, 2), last=date(2026, 3, 31), zone=ZONE)
OPEN = "TRANSP:TRANSPARENT"


def block(name: str, *lines: str, uid: str = "a") -> list[str]:
    head = [f"BEGIN:{name}", f"UID:{uid}", "DTSTAMP:20260101T000000Z"]
    return [*head, *lines, f"END:{name}"]


def event(*lines: str, uid: str = "a") -> list[str]:
    return block("VEVENT", *lines, uid=uid)


def at(name: str, *walls: str, zone: str = ZONE) -> str:
    """Write times such as 03-02 10:00, or days such as 03-02."""
    texts = [wall.replace("-", "").replace(" ", "T").replace(":", "") for wall in walls]
    if "T" in texts[0]:
        return f"{name};TZID={zone}:" + ",".join(f"2026{text}00" for text in texts)
    return f"{name};VALUE=DATE:" + ",".join(f"2026{text}" for text in texts)


def opened(
    folder: Path, *lines: str, cutting: Cutting = MARCH
) -> tuple[list[str], Any]:
    """Return what a calendar opens, such as 03-02 10:00-11:00, and what it tells."""
    text = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//t//t//EN", *lines]
    path = folder / "hall.ics"
    path.write_text("\r\n".join([*text, "END:VCALENDAR", ""]), "utf-8", newline="")
    town, notes = io.read_ical(path, cutting)
    shown = [
        f"{slot.start:%m-%d %H:%M}-{slot.end:%H:%M}"
        for slot in town.slots
        if slot.start and slot.end
    ]
    return sorted(shown), {note.detail or note.field for note in notes}


HOUR = (at("DTSTART", "03-02 10:00"), at("DTEND", "03-02 11:00"))
DAY = (at("DTSTART", "03-02 08:00"), at("DTEND", "03-02 18:00"))
DAYS = event(*DAY, "RRULE:FREQ=DAILY;COUNT=4", OPEN, uid="open")


def available(
    *parts: list[str], uid: str = "v", more: tuple[str, ...] = ()
) -> list[str]:
    lines = [line for part in parts for line in part]
    return block("VAVAILABILITY", *more, *lines, uid=uid)


def zone(name: str, *parts: str) -> list[str]:
    """Define a zone by parts such as "STANDARD 19701025T030000 +0200 +0100"."""
    lines = ["BEGIN:VTIMEZONE", f"TZID:{name}"]
    for part in parts:
        kind, start, before, after, *rules = part.split()
        lines += [f"BEGIN:{kind}", f"DTSTART:{start}", f"TZOFFSETFROM:{before}"]
        lines += [f"TZOFFSETTO:{after}", *rules, f"END:{kind}"]
    return [*lines, "END:VTIMEZONE"]


OWN_BERLIN = (
    "STANDARD 16011028T030000 +0200 +0100 RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
    "DAYLIGHT 16010325T020000 +0100 +0200 RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
)

"""Calendars as they are exported: series with exceptions, changes, zones, priorities.

What a calendar says is busy is never offered; what it says is free is offered where
that is sure, else told.
"""

import time as clock
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sharematch import io
from sharematch.errors import InputError
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


# ── dates of a series ────────────────────────────────────────────────────────────


def test_a_date_added_and_taken_out_again_is_not_offered(tmp_path: Path):
    more = at("RDATE", "03-04 10:00", "03-05 10:00")
    out = at("EXDATE", "03-04 10:00")
    found, _ = opened(tmp_path, *event(*HOUR, more, out, OPEN))
    assert found == ["03-02 10:00-11:00", "03-05 10:00-11:00"]


@pytest.mark.parametrize("status", ["", "STATUS:CANCELLED"])
def test_a_date_added_may_be_moved_or_canceled(tmp_path: Path, status: str):
    more = at("RDATE", "03-04 10:00")
    moved = (at("RECURRENCE-ID", "03-04 10:00"), at("DTSTART", "03-06 12:00"))
    changed = event(*moved, "DURATION:PT1H", OPEN, *filter(None, [status]))
    found, _ = opened(tmp_path, *event(*HOUR, more, OPEN), *changed)
    rest = [] if status else ["03-06 12:00-13:00"]
    assert found == ["03-02 10:00-11:00", *rest]


def test_a_period_added_has_its_own_length_and_can_be_taken_out(tmp_path: Path):
    periods = "20260304T090000Z/PT3H,20260305T090000Z/20260305T093000Z"
    lines = (*HOUR, f"RDATE;VALUE=PERIOD:{periods}", at("EXDATE", "03-04 10:00"))
    found, _ = opened(tmp_path, *event(*lines, OPEN))
    assert found == ["03-02 10:00-11:00", "03-05 10:00-10:30"]


@pytest.mark.parametrize(
    "line", ["EXDATE;VALUE=DATE:20260304", "EXDATE:20260304T000000"]
)
def test_a_day_takes_out_what_is_on_it(tmp_path: Path, line: str):
    series = (*HOUR, "RRULE:FREQ=DAILY;COUNT=4", line)
    found, told = opened(tmp_path, *event(*series, OPEN))
    assert found == ["03-02 10:00-11:00", "03-03 10:00-11:00", "03-05 10:00-11:00"]
    assert "a day, of a series with times" in told
    found, _ = opened(tmp_path, *DAYS, *event(*series))
    assert "03-04 08:00-18:00" in found


def test_a_time_in_another_zone_takes_out_what_is_free_alone(tmp_path: Path):
    series = (*HOUR, "RRULE:FREQ=DAILY;COUNT=2", "EXDATE:20260303T100000Z")
    found, told = opened(tmp_path, *event(*series, OPEN))
    assert found == ["03-02 10:00-11:00"]
    assert "in another zone, read as of its series" in told
    found, told = opened(tmp_path, *DAYS, *event(*series))
    assert "03-03 11:00-18:00" in found
    assert "in another zone, so it takes out nothing" in told


def test_a_change_of_a_day_with_several_times_replaces_none(tmp_path: Path):
    rule = "RRULE:FREQ=DAILY;BYHOUR=10,15;UNTIL=20260303T220000Z"
    named = ("RECURRENCE-ID;VALUE=DATE:20260303", at("DTSTART", "03-03 12:00"))
    changed = (*named, "DURATION:PT1H")
    found, _ = opened(tmp_path, *DAYS, *event(*HOUR, rule), *event(*changed))
    assert [each for each in found if each.startswith("03-03")] == [
        *("03-03 08:00-10:00", "03-03 11:00-12:00", "03-03 13:00-15:00"),
        "03-03 16:00-18:00",
    ]


def test_times_of_day_in_a_rule(tmp_path: Path):
    rule = "RRULE:FREQ=DAILY;BYHOUR=10,15;UNTIL=20260303T220000Z"
    found, _ = opened(tmp_path, *event(*HOUR, rule, OPEN))
    assert found == [
        *("03-02 10:00-11:00", "03-02 15:00-16:00"),
        *("03-03 10:00-11:00", "03-03 15:00-16:00"),
    ]
    with pytest.raises(InputError, match="counts times of day"):
        opened(tmp_path, *event(*HOUR, "RRULE:FREQ=DAILY;BYHOUR=10,15;COUNT=3"))


def test_a_first_day_outside_its_rule_blocks_and_is_not_offered(tmp_path: Path):
    series = (*DAY, "RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=2")
    found, told = opened(tmp_path, *event(*series, OPEN))
    assert found == ["03-03 08:00-18:00", "03-10 08:00-18:00"]
    assert "its first day lies outside its rule" in told
    found, _ = opened(tmp_path, *DAYS, *event(*series))
    assert found == ["03-04 08:00-18:00", "03-05 08:00-18:00"]


@pytest.mark.parametrize("until", ["20260304T225959Z", "20260304", "20260304T000000Z"])
def test_a_series_of_days_ends_on_the_day_of_the_town(tmp_path: Path, until: str):
    series = (at("DTSTART", "03-02"), f"RRULE:FREQ=DAILY;UNTIL={until}")
    found, _ = opened(tmp_path, *event(*series, OPEN))
    assert found == ["03-02 00:00-00:00"]  # three days, without a pause
    west = Cutting(first=MARCH.first, last=MARCH.last, zone="America/Los_Angeles")
    town = event(at("DTSTART", "03-02"), "DURATION:P9D", OPEN, uid="open")
    late = "RRULE:FREQ=DAILY;UNTIL=20260305T075959Z"
    found, _ = opened(
        tmp_path, *town, *event(at("DTSTART", "03-02"), late), cutting=west
    )
    assert found == ["03-06 00:00-00:00"]  # one of two days, if busy the later


def test_a_day_that_ends_when_it_begins_is_a_day_of_busy_time(tmp_path: Path):
    series = (at("DTSTART", "03-03"), at("DTEND", "03-03"))
    found, told = opened(tmp_path, *event(*series, OPEN))
    assert not found
    assert "ends when it begins" in told
    found, _ = opened(tmp_path, *DAYS, *event(*series))
    assert "03-03 08:00-18:00" not in found


def test_days_of_a_duration_are_days_of_the_clock(tmp_path: Path):
    night = (at("DTSTART", "03-28 12:00"), "DURATION:P1D", OPEN)
    assert opened(tmp_path, *event(*night))[0] == ["03-28 12:00-12:00"]


# ── changes ──────────────────────────────────────────────────────────────────────

WEEKS = (at("DTSTART", "03-05"), at("DTEND", "03-06"), "RRULE:FREQ=WEEKLY;COUNT=2")
MOVED_DAY = (at("DTSTART", "03-13"), at("DTEND", "03-14"))


@pytest.mark.parametrize(
    "named",
    [
        "RECURRENCE-ID;VALUE=DATE:20260312",
        "RECURRENCE-ID;TZID=GMT Standard Time:20260312T000000",
        "RECURRENCE-ID:20260312T000000",
        "RECURRENCE-ID:20260311T230000Z",
        "RECURRENCE-ID;TZID=America/New_York:20260312T000000",
    ],
)
def test_a_day_moved_by_an_export_that_writes_it_as_a_time(tmp_path: Path, named: str):
    changed = event(named, *MOVED_DAY, OPEN)
    found, _ = opened(tmp_path, *event(*WEEKS, OPEN), *changed)
    assert found == ["03-05 00:00-00:00", "03-13 00:00-00:00"]
    town = event(at("DTSTART", "03-12 10:00"), "DURATION:PT1H", OPEN, uid="open")
    found, _ = opened(tmp_path, *town, *event(*WEEKS), *event(named, *MOVED_DAY))
    assert found == ["03-12 10:00-11:00"]


@pytest.mark.parametrize(
    "named",
    [
        at("RECURRENCE-ID", "03-03 10:00"),
        "RECURRENCE-ID:20260303T090000Z",
        "RECURRENCE-ID:20260303T100000",
        "RECURRENCE-ID;VALUE=DATE:20260303",
        at("RECURRENCE-ID", "03-03 10:00", zone="GMT Standard Time"),
        at("RECURRENCE-ID", "03-03 00:00", zone="GMT Standard Time"),
        at("RECURRENCE-ID", "03-03 04:00", zone="America/New_York"),
    ],
)
@pytest.mark.parametrize("repeats", [False, True])
def test_a_time_moved_by_any_way_to_write_it(tmp_path: Path, named: str, repeats: bool):
    rule = "RRULE:FREQ=DAILY;COUNT=3"
    moved = (named, at("DTSTART", "03-03 14:00"), at("DTEND", "03-03 15:00"))
    changed = event(*moved, OPEN, *([rule] if repeats else []))
    found, told = opened(tmp_path, *event(*HOUR, rule, OPEN), *changed)
    assert found == ["03-02 10:00-11:00", "03-03 14:00-15:00", "03-04 10:00-11:00"]
    assert ("of a changed date" in told) == repeats


def test_a_change_of_a_date_that_is_not_there(tmp_path: Path):
    rule = "RRULE:FREQ=DAILY;COUNT=2"
    moved = (at("RECURRENCE-ID", "03-10 10:00"), at("DTSTART", "03-05 14:00"))
    lines = (*moved, "DURATION:PT1H")
    found, told = opened(tmp_path, *event(*HOUR, rule, OPEN), *event(*lines, OPEN))
    assert found == ["03-02 10:00-11:00", "03-03 10:00-11:00"]
    assert "changes a date that its series does not have" in told
    found, _ = opened(tmp_path, *DAYS, *event(*HOUR, rule), *event(*lines))
    assert "03-05 15:00-18:00" in found
    # Without its series it stands by itself.
    assert opened(tmp_path, *event(*lines, OPEN))[0] == ["03-05 14:00-15:00"]


def test_busy_time_moved_from_a_date_on_is_followed(tmp_path: Path):
    rule = "RRULE:FREQ=DAILY;COUNT=4"
    named = at("RECURRENCE-ID;RANGE=THISANDFUTURE", "03-03 10:00")
    moved = (named, at("DTSTART", "03-03 14:00"), at("DTEND", "03-03 15:30"))
    found, _ = opened(tmp_path, *DAYS, *event(*HOUR, rule), *event(*moved))
    assert found == [
        *("03-02 08:00-10:00", "03-02 11:00-18:00"),
        *("03-03 08:00-14:00", "03-03 15:30-18:00"),
        *("03-04 08:00-14:00", "03-04 15:30-18:00"),
        *("03-05 08:00-14:00", "03-05 15:30-18:00"),
    ]
    canceled = event(named, "STATUS:CANCELLED")
    found, _ = opened(tmp_path, *DAYS, *event(*HOUR, rule), *canceled)
    assert len(found) == 5  # cut on the first day alone
    for wrong in ("RRULE:FREQ=WEEKLY", "EXDATE:20260304T090000Z"):
        with pytest.raises(InputError, match="changes a series to another rule"):
            opened(tmp_path, *DAYS, *event(*HOUR, rule), *event(*moved, wrong))
    for scope in ("THISANDPRIOR", "ALL"):
        other = event(named.replace("THISANDFUTURE", scope), *moved[1:])
        with pytest.raises(InputError, match="range that is not known"):
            opened(tmp_path, *event(*HOUR, rule), *other)
    with pytest.raises(InputError, match="series that is not there"):
        opened(tmp_path, *DAYS, *event(*moved))


def test_a_series_moved_long_ago(tmp_path: Path):
    named = at("RECURRENCE-ID;RANGE=THISANDFUTURE", "01-13 10:00")
    series = (at("DTSTART", "01-06 10:00"), "DURATION:PT1H", "RRULE:FREQ=WEEKLY")
    moved = (named, at("DTSTART", "01-15 09:00"), "DURATION:PT2H")
    found, _ = opened(tmp_path, *event(*series, OPEN), *event(*moved, OPEN))
    assert found == [
        f"{day} 09:00-11:00" for day in ("03-05", "03-12", "03-19", "03-26")
    ]


def test_a_series_of_an_own_zone_moved_long_ago(tmp_path: Path):
    own = zone("Mine", *OWN_BERLIN)
    start = at("DTSTART", "01-06 10:00", zone="Mine")
    series = event(start, "DURATION:PT1H", "RRULE:FREQ=WEEKLY", OPEN)
    named = "RECURRENCE-ID;RANGE=THISANDFUTURE:20260113T090000Z"
    moved = event(
        named, at("DTSTART", "01-15 09:00", zone="Mine"), "DURATION:PT2H", OPEN
    )
    found, _ = opened(tmp_path, *own, *series, *moved)
    assert found == [
        f"{day} 09:00-11:00" for day in ("03-05", "03-12", "03-19", "03-26")
    ]
    # In summer the clock of the zone shows two hours more than that of Greenwich.
    late = named.replace("0113T09", "0714T08")
    year = Cutting(first=date(2026, 8, 1), last=date(2026, 8, 8), zone=ZONE)
    moved = event(
        late, at("DTSTART", "07-16 09:00", zone="Mine"), "DURATION:PT2H", OPEN
    )
    found, _ = opened(tmp_path, *own, *series, *moved, cutting=year)
    assert found == ["08-06 09:00-11:00"]


def test_versions(tmp_path: Path):
    other = (at("DTSTART", "03-03 10:00"), "DURATION:PT1H")
    lines = [*event(*HOUR, "SEQUENCE:1", OPEN), *event(*other, OPEN)]
    found, told = opened(tmp_path, *lines)
    assert found == ["03-02 10:00-11:00"]
    assert "older versions" in told
    # Of equal ones the last written counts; busy ones all.
    late = [
        line.replace("20260101", "20260102")
        for line in event(*other, "SEQUENCE:1", OPEN)
    ]
    assert opened(tmp_path, *lines, *late)[0] == ["03-03 10:00-11:00"]
    busy = [*event(*HOUR), *event(*other)]
    found, told = opened(tmp_path, *DAYS, *busy)
    assert len(found) == 6
    assert "the same stands there again" in told
    gone = event(*HOUR, "SEQUENCE:2", "STATUS:CANCELLED")
    assert not opened(tmp_path, *lines, *gone)[0]


def test_a_change_that_a_later_version_of_its_series_lacks(tmp_path: Path):
    rule = ("RRULE:FREQ=DAILY;COUNT=4", at("EXDATE", "03-03 10:00"), "SEQUENCE:2")
    for named in ("03-03 10:00", "03-09 10:00"):
        moved = (at("RECURRENCE-ID", named), at("DTSTART", "03-04 14:00"))
        old = event(*moved, "DURATION:PT1H", "SEQUENCE:1")
        found, told = opened(tmp_path, *DAYS, *event(*HOUR, *rule), *old)
        assert "03-04 11:00-18:00" in found
        assert "older versions" in told
        new = event(*moved, "DURATION:PT1H", "SEQUENCE:2")
        found, _ = opened(tmp_path, *DAYS, *event(*HOUR, *rule), *new)
        assert "03-04 11:00-14:00" in found


def test_two_rules_block_and_are_not_offered(tmp_path: Path):
    rules = ("RRULE:FREQ=DAILY;COUNT=2", "RRULE:FREQ=DAILY;INTERVAL=3;COUNT=2")
    found, told = opened(tmp_path, *event(*DAY, *rules, OPEN))
    assert not found
    assert "has two rules" in told
    found, _ = opened(tmp_path, *DAYS, *event(*DAY, *rules))
    assert found == ["03-04 08:00-18:00"]
    twice = event(*DAY, rules[0], rules[0], OPEN)
    assert len(opened(tmp_path, *twice)[0]) == 2


def test_a_rule_of_times_that_ends_on_a_day(tmp_path: Path):
    series = (*DAY, "RRULE:FREQ=DAILY;UNTIL=20260303")
    found, told = opened(tmp_path, *event(*series, OPEN))
    assert found == ["03-02 08:00-18:00"]
    assert "its rule ends on a day, not at a time" in told
    found, _ = opened(tmp_path, *DAYS, *event(*series))
    assert found == ["03-04 08:00-18:00", "03-05 08:00-18:00"]


def test_a_series_all_of_whose_events_name_a_date(tmp_path: Path):
    named = at("RECURRENCE-ID;RANGE=THISANDFUTURE", "03-02 10:00")
    more = at("RDATE", "03-02 10:00", "03-04 10:00")
    found, _ = opened(tmp_path, *event(*HOUR, named, more, OPEN))
    assert found == ["03-02 10:00-11:00", "03-04 10:00-11:00"]


def test_lines_folded_over_empty_lines(tmp_path: Path):
    folded = ["DTSTART", "", f" ;TZID={ZONE}:20260302T100000"]
    found, _ = opened(tmp_path, *event(*folded, "DURATION:PT1H", OPEN))
    assert found == ["03-02 10:00-11:00"]


@pytest.mark.parametrize("transp", [[], [OPEN]])
def test_a_calendar_of_cancellations_opens_and_takes_nothing(
    tmp_path: Path, transp: list[str]
):
    found, told = opened(tmp_path, "METHOD:CANCEL", *event(*HOUR, *transp))
    assert not found
    assert "is a cancellation" in told
    found, told = opened(tmp_path, "METHOD:COUNTER", *event(*HOUR, *transp))
    assert not found
    assert ("proposes or asks" in told) == bool(transp)


# ── availability ─────────────────────────────────────────────────────────────────


def available(
    *parts: list[str], uid: str = "v", more: tuple[str, ...] = ()
) -> list[str]:
    lines = [line for part in parts for line in part]
    return block("VAVAILABILITY", *more, *lines, uid=uid)


MORNING = (at("DTSTART", "03-02 09:00"), at("DTEND", "03-02 12:00"))


def test_availability_lasts_as_long_as_it_says(tmp_path: Path):
    part = block("AVAILABLE", *MORNING, "RRULE:FREQ=DAILY", uid="b")
    limits = (at("DTSTART", "03-02 00:00"), "DURATION:P2D")
    found, _ = opened(tmp_path, *available(part, more=limits))
    assert found == ["03-02 09:00-12:00", "03-03 09:00-12:00"]
    found, told = opened(tmp_path, *available(part, more=("DURATION:P2D",)))
    assert not found
    assert "has a length and no start" in told


def test_availability_of_one_day_is_replaced(tmp_path: Path):
    part = block("AVAILABLE", *MORNING, "RRULE:FREQ=DAILY;COUNT=3", uid="b")
    moved = (at("RECURRENCE-ID", "03-03 09:00"), at("DTSTART", "03-03 14:00"))
    other = block("AVAILABLE", *moved, at("DTEND", "03-03 15:00"), uid="b")
    found, _ = opened(tmp_path, *available(part, other))
    assert found == ["03-02 09:00-12:00", "03-03 14:00-15:00", "03-04 09:00-12:00"]


@pytest.mark.parametrize(
    ("base", "day", "cut"),
    [("9", "1", True), ("1", "9", False), ("0", "9", True), ("5", "5", True)],
)
def test_availability_of_the_highest_priority_counts(
    tmp_path: Path, base: str, day: str, cut: bool
):
    part = block("AVAILABLE", *MORNING, "RRULE:FREQ=DAILY;COUNT=4", uid="b")
    closed = (at("DTSTART", "03-04 00:00"), at("DTEND", "03-05 00:00"))
    found, _ = opened(
        tmp_path,
        *available(part, more=(f"PRIORITY:{base}",)),
        *available(uid="c", more=(*closed, f"PRIORITY:{day}")),
    )
    days = ["03-02", "03-03", *([] if cut else ["03-04"]), "03-05"]
    assert found == [f"{day} 09:00-12:00" for day in days]


def test_what_a_higher_priority_opens_and_what_equals_add(tmp_path: Path):
    part = block("AVAILABLE", *MORNING, "RRULE:FREQ=DAILY;COUNT=2", uid="b")
    late = (at("DTSTART", "03-03 14:00"), at("DTEND", "03-03 15:00"))
    limits = (at("DTSTART", "03-03 00:00"), "DURATION:P1D")
    other = block("AVAILABLE", *late, uid="d")
    lines = (*available(part), *available(other, uid="c", more=limits))
    both = ["03-02 09:00-12:00", "03-03 09:00-12:00", "03-03 14:00-15:00"]
    assert opened(tmp_path, *lines)[0] == both
    ranked = available(other, uid="c", more=(*limits, "PRIORITY:1"))
    found, _ = opened(tmp_path, *available(part), *ranked)
    assert found == ["03-02 09:00-12:00", "03-03 14:00-15:00"]


def test_free_events_in_time_that_is_not_available(tmp_path: Path):
    part = block("AVAILABLE", *MORNING, uid="b")
    found, told = opened(tmp_path, *available(part), *DAYS)
    assert found == ["03-02 09:00-12:00"]
    assert "in time that is not available" in told


# ── zones ────────────────────────────────────────────────────────────────────────


def zone(name: str, *parts: str) -> list[str]:
    """Define a zone by parts such as "STANDARD 19701025T030000 +0200 +0100"."""
    lines = ["BEGIN:VTIMEZONE", f"TZID:{name}"]
    for part in parts:
        kind, start, before, after, *rules = part.split()
        lines += [f"BEGIN:{kind}", f"DTSTART:{start}", f"TZOFFSETFROM:{before}"]
        lines += [f"TZOFFSETTO:{after}", *rules, f"END:{kind}"]
    return [*lines, "END:VTIMEZONE"]


HOUSE = zone("House Time", "STANDARD 19700101T000000 -0500 -0500")
OWN_BERLIN = (
    "STANDARD 16011028T030000 +0200 +0100 RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
    "DAYLIGHT 16010325T020000 +0100 +0200 RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
)


def test_the_own_zone_of_a_calendar_is_followed(tmp_path: Path):
    taken = event(at("DTSTART", "03-02 10:00", zone="House Time"), "DURATION:PT1H")
    found, _ = opened(tmp_path, *HOUSE, *DAYS, *taken)
    assert found[:2] == ["03-02 08:00-16:00", "03-02 17:00-18:00"]
    with pytest.raises(InputError, match="House Time is not known, and the calendar"):
        opened(tmp_path, *DAYS, *taken)
    found, told = opened(tmp_path, *taken[:-1], OPEN, taken[-1])
    assert not found
    assert any("House Time is not known" in each for each in told)


def test_summer_time_of_an_own_zone(tmp_path: Path):
    name = '"(UTC+01:00) Amsterdam, Berlin, Rome"'
    start = at("DTSTART", "03-27 10:00", zone=name)
    series = event(start, "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=4", OPEN)
    own = zone("(UTC+01:00) Amsterdam\\, Berlin\\, Rome", *OWN_BERLIN)
    utc = Cutting(first=MARCH.first, last=MARCH.last, zone="UTC")
    assert opened(tmp_path, *own, *series, cutting=utc)[0] == [
        *("03-27 09:00-10:00", "03-28 09:00-10:00"),
        *("03-29 08:00-09:00", "03-30 08:00-09:00"),
    ]


@pytest.mark.parametrize(
    ("wall", "utc"),
    [
        ("03-29 01:59", "03-29 00:59"),
        ("03-29 02:30", "03-29 01:30"),  # left out: counts from the hour before
        ("03-29 03:00", "03-29 01:00"),
        ("10-25 02:30", "10-25 00:30"),  # shown twice: the first
        ("10-25 03:00", "10-25 02:00"),
    ],
)
def test_an_own_zone_shows_what_the_known_one_shows(
    tmp_path: Path, wall: str, utc: str
):
    year = Cutting(first=date(2026, 1, 1), last=date(2026, 12, 31), zone="UTC")
    for name, own in ((ZONE, []), ("Mine", zone("Mine", *OWN_BERLIN))):
        lines = event(at("DTSTART", wall, zone=name), "DURATION:PT5M", OPEN)
        found, _ = opened(tmp_path, *own, *lines, cutting=year)
        assert [each[:11] for each in found] == [utc]


def test_a_known_zone_defined_otherwise_blocks_both_and_opens_neither(tmp_path: Path):
    own = zone(ZONE, "STANDARD 19700101T000000 +0300 +0300")
    taken = event(*HOUR, uid="b")
    utc = Cutting(first=MARCH.first, last=date(2026, 3, 2), zone="UTC")
    plain = event("DTSTART:20260302T060000Z", "DURATION:PT8H", OPEN, uid="open")
    found, _ = opened(tmp_path, *own, *plain, *taken, cutting=utc)
    assert found == ["03-02 06:00-07:00", "03-02 08:00-09:00", "03-02 10:00-14:00"]
    found, told = opened(tmp_path, *own, *event(*HOUR, OPEN))
    assert not found
    assert "its time zone is defined otherwise than its name says" in told
    # One that says the same changes nothing.
    same = zone(ZONE, *OWN_BERLIN)
    assert opened(tmp_path, *same, *event(*HOUR, OPEN))[0] == ["03-02 10:00-11:00"]


def test_a_zone_defined_for_some_years_alone_is_known_by_its_name(tmp_path: Path):
    own = zone(
        ZONE,
        "STANDARD 20201025T030000 +0200 +0100 RDATE:20211031T030000",
        "DAYLIGHT 20210328T020000 +0100 +0200 RDATE:20220327T020000",
    )
    for day in ("03-02", "03-30"):
        hour = (at("DTSTART", f"{day} 10:00"), "DURATION:PT1H", OPEN)
        assert opened(tmp_path, *own, *event(*hour))[0] == [f"{day} 10:00-11:00"]


def test_a_zone_as_some_programs_write_it(tmp_path: Path):
    rule = "RRULE:FREQ=YEARLY;BYMINUTE=0;BYHOUR={};BYDAY=-1SU;BYMONTH={}"
    parts = (
        f"STANDARD 19501029T030000 +0200 +0100 {rule.format(3, 10)}",
        f"DAYLIGHT 19500326T020000 +0100 +0200 {rule.format(2, 3)}",
    )
    for own in (zone("Mine", *parts), zone("Mine", "STANDARD 20170101 +0100 +0100")):
        hour = (at("DTSTART", "03-02 10:00", zone="Mine"), "DURATION:PT1H", OPEN)
        assert opened(tmp_path, *own, *event(*hour))[0] == ["03-02 10:00-11:00"]


def test_names_of_zones(tmp_path: Path):
    for name in (
        "W. Europe Standard Time",
        "/freeassociation.sourceforge.net/Tzfile/Europe/Berlin",
        "/Europe/Berlin",
    ):
        lines = event(at("DTSTART", "03-02 10:00", zone=name), "DURATION:PT1H", OPEN)
        assert opened(tmp_path, *lines)[0] == ["03-02 10:00-11:00"], name


@pytest.mark.parametrize(
    "part",
    [
        "STANDARD 19000101T000000 +0200 +0300 RRULE:FREQ=SECONDLY",
        "STANDARD 19000101T000000 +0200 +0300 RRULE:FREQ=YEARLY;BYMONTH=2;COUNT=9",
        "STANDARD 19000101T000000 +0200 +0300 RRULE:FREQ=YEARLY;BYHOUR=3;BYMONTH=2",
        "STANDARD soon +0200 +0300",
        "STANDARD 19000101T000000 +0200 east",
    ],
)
@pytest.mark.parametrize("line", ["BEGIN:VTIMEZONE", "BEGIN:VTIME\r\n ZONE"])
def test_a_zone_that_cannot_be_followed(tmp_path: Path, part: str, line: str):
    own = zone("Mine", part)
    own[0] = line  # lines may be folded anywhere
    hour = (at("DTSTART", "03-02 10:00", zone="Mine"), "DURATION:PT1H")
    begin = clock.perf_counter()
    found, told = opened(tmp_path, *own, *event(*hour, OPEN))
    assert not found
    assert any("cannot be followed" in each for each in told)
    with pytest.raises(InputError, match="Mine is defined in a way"):
        opened(tmp_path, *own, *event(*hour))
    assert clock.perf_counter() - begin < 5


def test_what_cannot_be_read_elsewhere_spoils_nothing(tmp_path: Path):
    todo = block("VTODO", "DUE:never", "PRIORITY:high")
    alarm = ("BEGIN:VALARM", "TRIGGER:soon", "END:VALARM")
    lines = [*todo, *event(*HOUR, "GEO:here", *alarm, OPEN)]
    found, told = opened(tmp_path, *lines)
    assert found == ["03-02 10:00-11:00"]
    assert told >= {"VTODO", "VALARM", "GEO"}
    part = block("AVAILABLE", "DTSTART:soon", "DURATION:PT1H", uid="b")
    found, told = opened(tmp_path, *available(part), *event(*HOUR, OPEN, uid="c"))
    assert not found
    assert "DTSTART cannot be read" in told
    busy = ("BEGIN:VFREEBUSY", "FREEBUSY:soon", "END:VFREEBUSY")
    with pytest.raises(InputError, match="FREEBUSY cannot be read"):
        opened(tmp_path, *busy)


def test_much_of_everything_ends_soon(tmp_path: Path):
    dates = ",".join(f"{1970 + n // 12}{n % 12 + 1:02}01T000000" for n in range(60))
    part = f"STANDARD 19700101T000000 +0100 +0100 RDATE:{dates}"
    own = zone("Mine", *[part] * 60)
    rule = "RRULE:FREQ=DAILY;BYHOUR=8,9,10,11,12,13"
    start = at("DTSTART", "01-01 08:00", zone="Mine")
    named = [f"2026{n // 28 + 1:02}{n % 28 + 1:02}T080000" for n in range(100)]
    series = event(start, "DURATION:PT1H", rule, OPEN)
    for name in named:
        lines = (
            f"RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Mine:{name}",
            f"DTSTART:{name}",
        )
        series += event(*lines, "DURATION:PT30M", OPEN)
    series += event(*HOUR, at("EXDATE", *["03-02 10:00"] * 3_000), OPEN, uid="b")
    begin = clock.perf_counter()
    opened(tmp_path, *own, *series)
    assert clock.perf_counter() - begin < 10
    many = zone("Mine", *[part] * 301)
    _, told = opened(tmp_path, *many, *series)
    assert any("cannot be followed" in each for each in told)


def test_a_zone_of_past_years_and_one_of_single_dates(tmp_path: Path):
    past = "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH={};UNTIL=20201231T000000Z"
    parts = [
        f"STANDARD 20001029T030000 +0200 +0100 {past.format(10)}",
        f"DAYLIGHT 20000326T020000 +0100 +0200 {past.format(3)}",
        "STANDARD 20260310T000000 +0100 +0500 RDATE:20260320T000000",
        "STANDARD 20260315T000000 +0500 +0100",
    ]
    start = at("DTSTART", "03-09 10:00", zone="Mine")
    series = event(start, "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=3", OPEN)
    utc = Cutting(first=MARCH.first, last=MARCH.last, zone="UTC")
    found, _ = opened(tmp_path, *zone("Mine", *parts), *series, cutting=utc)
    assert found == ["03-09 09:00-10:00", "03-16 09:00-10:00", "03-23 05:00-06:00"]

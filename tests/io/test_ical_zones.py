"""Zones of calendars: known ones, their own, and what cannot be followed."""

import time as clock
from datetime import date
from pathlib import Path

import pytest

from sharematch.errors import InputError
from sharematch.openings import Cutting
from tests.io.calendars import (
    DAYS,
    HOUR,
    MARCH,
    OPEN,
    OWN_BERLIN,
    ZONE,
    at,
    available,
    block,
    event,
    opened,
    zone,
)

HOUSE = zone("House Time", "STANDARD 19700101T000000 -0500 -0500")


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

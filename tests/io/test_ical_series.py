"""Calendars as they are exported: series with exceptions, changes, priorities.

What a calendar says is busy is never offered; what it says is free is offered where
that is sure, else told.
"""

from datetime import date
from pathlib import Path

import pytest

from sharematch.errors import InputError
from sharematch.openings import Cutting
from tests.io.calendars import (
    DAY,
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

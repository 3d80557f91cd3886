"""Calendars: openings less busy times become slots, plans become calendars."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import icalendar
import pytest
from hypothesis import HealthCheck, given, settings

import sharematch as sm
from sharematch import io
from sharematch.errors import InputError
from sharematch.openings import Cutting
from sharematch.plans.bookings import bookings_of
from tests.halls import PLAN, halls
from tests.strategies import ANY_TEXT, instances

PRINTED = ANY_TEXT.filter(lambda text: text.strip() == text and text.isprintable())
same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
ZONE = "Europe/Helsinki"


def event(*lines: str, uid: str = "e") -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{uid}",
        "DTSTAMP:20260101T000000Z",
        *lines,
        "END:VEVENT",
    ]


def free(*lines: str, uid: str = "free") -> list[str]:
    return event("TRANSP:TRANSPARENT", *lines, uid=uid)


def read(folder: Path, *lines: str, **options: Any) -> io.Reading:
    text = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *lines, "END:VCALENDAR", ""]
    (folder / "hall.ics").write_text("\r\n".join(text), "utf-8", newline="")
    how = {"first": date(2026, 3, 23), "last": date(2026, 4, 5), "zone": ZONE}
    cutting = Cutting(**{**how, **options.pop("cutting", {})})
    return io.read_ical(folder / "hall.ics", cutting, **options)


def starts(reading: io.Reading) -> list[str]:
    return sorted(
        slot.start.isoformat("T", "minutes")
        for slot in reading.instance.slots
        if slot.start
    )


WEEKLY = (
    f"DTSTART;TZID={ZONE}:20260105T090000",
    f"DTEND;TZID={ZONE}:20260105T110000",
    "RRULE:FREQ=WEEKLY",
)


def test_an_opening_each_week_stays_at_nine_when_the_clock_changes(tmp_path: Path):
    found = read(tmp_path, *free(*WEEKLY, "CATEGORIES:health,culture/choir"))
    assert starts(found) == ["2026-03-23T09:00+02:00", "2026-03-30T09:00+03:00"]
    slot = found.instance.slots[0]
    assert slot.kinds == {"health", "culture/choir"}
    assert slot.facility == "hall"
    assert [str(note) for note in found.notes] == [
        'assumed slot capacity: 1 ("hall")',
        'assumed facility community: everyone ("hall")',
    ]


def test_busy_times_and_exceptions_are_cut_out(tmp_path: Path):
    found = read(
        tmp_path,
        *free(*WEEKLY, f"EXDATE;TZID={ZONE}:20260323T090000"),
        *event("DTSTART:20260330T070000Z", "DURATION:PT30M"),
        *event("DTSTART:20260330T060000Z", "DURATION:PT9H", "STATUS:CANCELLED"),
        cutting={"minutes": 30},
    )
    assert starts(found) == [
        "2026-03-30T09:00+03:00",
        "2026-03-30T09:30+03:00",
        "2026-03-30T10:30+03:00",
    ]


def test_what_an_event_says_beside_its_time_is_told(tmp_path: Path):
    alarm = ("BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT5M", "END:VALARM")
    found = read(tmp_path, *free(*WEEKLY, "SUMMARY:Open house", "LOCATION:2nd", *alarm))
    lost = {note.field for note in found.notes if note.code == "lost"}
    assert lost == {"SUMMARY", "LOCATION", "VALARM"}


def test_a_whole_day_is_busy_from_midnight_to_midnight(tmp_path: Path):
    found = read(
        tmp_path,
        *free("DTSTART;VALUE=DATE:20260328", "DTEND;VALUE=DATE:20260331"),
        *event("DTSTART;VALUE=DATE:20260329"),
    )
    assert [(s.start, s.end) for s in found.instance.slots] == [
        (
            datetime.fromisoformat("2026-03-28T00:00+02:00"),
            datetime.fromisoformat("2026-03-29T00:00+02:00"),
        ),
        (
            datetime.fromisoformat("2026-03-30T00:00+03:00"),
            datetime.fromisoformat("2026-03-31T00:00+03:00"),
        ),
    ]


def test_a_moved_occurrence_takes_the_place_of_the_old_one(tmp_path: Path):
    found = read(
        tmp_path,
        *free(*WEEKLY),
        *free(
            f"RECURRENCE-ID;TZID={ZONE}:20260330T090000",
            f"DTSTART;TZID={ZONE}:20260331T140000",
            "DURATION:PT1H",
        ),
    )
    assert starts(found) == ["2026-03-23T09:00+02:00", "2026-03-31T14:00+03:00"]


def test_availability_free_busy_and_more_dates(tmp_path: Path):
    found = read(
        tmp_path,
        *("BEGIN:VAVAILABILITY", "UID:v", "DTSTART:20260324T000000Z"),
        "DTEND:20260326T000000Z",
        *("BEGIN:AVAILABLE", "UID:w", "DTSTART:20260301T070000Z"),
        *("DURATION:PT2H", "RRULE:FREQ=DAILY;UNTIL=20260325T070000Z"),
        *("END:AVAILABLE", "END:VAVAILABILITY"),
        *("BEGIN:VFREEBUSY", "UID:f", "DTSTAMP:20260101T000000Z"),
        "FREEBUSY;FBTYPE=FREE:20260401T070000Z/PT1H,20260402T070000Z/PT1H",
        "FREEBUSY:20260402T060000Z/20260402T080000Z",
        "END:VFREEBUSY",
        *free("DTSTART:20260403T070000Z", "DURATION:PT1H", "RDATE:20260404T070000Z"),
    )
    assert starts(found) == [
        "2026-03-24T09:00+02:00",
        "2026-03-25T09:00+02:00",
        "2026-04-01T10:00+03:00",
        "2026-04-03T10:00+03:00",
        "2026-04-04T10:00+03:00",
    ]


def test_hours_in_words_of_a_map_for_calendars_that_say_only_what_is_busy(
    tmp_path: Path,
):
    found = read(
        tmp_path,
        *event("DTSTART:20260331T060000Z", "DURATION:PT1H"),
        hours="Tu 09:00-12:00",
        kind="culture",
        cutting={"minutes": 60},
    )
    assert starts(found) == [
        *("2026-03-24T09:00+02:00", "2026-03-24T10:00+02:00", "2026-03-24T11:00+02:00"),
        *("2026-03-31T10:00+03:00", "2026-03-31T11:00+03:00"),
    ]
    assert read(tmp_path, *event("DTSTART:20260331T060000Z")).notes[0].code == "assumed"


def test_slots_are_added_to_the_facilities_of_an_instance(tmp_path: Path):
    town = sm.Instance(
        communities=[sm.Community(id="tianfeng")],
        facilities=[sm.Facility(id="hall", community="tianfeng")],
    )
    found = read(tmp_path, *free(*WEEKLY), instance=town)
    assert len(found.instance.slots) == 2
    assert found.instance.facilities == town.facilities
    with pytest.raises(InputError, match="hall"):
        read(tmp_path, *free(*WEEKLY), instance=sm.Instance())


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (("RRULE:FREQ=SECONDLY",), "SECONDLY cannot be followed"),
        (("RRULE:FREQ=BOGUS",), "RRULE cannot be read"),
        ((f"RRULE:FREQ=DAILY;COUNT={'9' * 5000}",), "RRULE cannot be read|must be"),
        (("EXRULE:FREQ=DAILY",), "rule of exceptions"),
        (("DTEND:20250101T000000Z",), "end before its start"),
        (("DTEND:20990101T000000Z",), "longer than ten years"),
        (("DTEND;VALUE=DATE:20270101",), "not like its start"),
        (("DURATION:PT99999999999999999H",), "DURATION cannot be read|before|longer"),
    ],
)
def test_what_cannot_be_followed_is_lost_if_free_an_error_if_busy(
    tmp_path: Path, lines: tuple[str, ...], message: str
):
    begin = "DTSTART:20260330T070000Z"
    found = read(tmp_path, *free(begin, *lines))
    assert not found.instance.slots
    assert found.notes[0].code == "lost"
    with pytest.raises(InputError, match=message):
        read(tmp_path, *event(begin, *lines))


def test_a_zone_of_the_events_needs_one_of_the_places(tmp_path: Path):
    with pytest.raises(InputError, match="name the zone of the places"):
        read(tmp_path, *event("DTSTART:20260330T070000Z"), cutting={"zone": None})


@pytest.mark.parametrize(
    "text", ["", "x", "BEGIN:VEVENT\nEND:VEVENT", "BEGIN:VCALENDAR"]
)
def test_what_is_no_calendar(tmp_path: Path, text: str):
    (tmp_path / "a.ics").write_text(text)
    week = Cutting(first=date(2026, 3, 2), last=date(2026, 3, 8))
    for path in (tmp_path / "a.ics", tmp_path):
        with pytest.raises(InputError, match=r"a\.ics"):
            io.read_ical(path, week)


@same_folder
@given(instance=instances(text=PRINTED))
def test_round_trip_of_openings(tmp_path_factory: Any, instance: sm.Instance):
    folder = tmp_path_factory.mktemp("town") / "calendars"
    instance = instance.replace(
        facilities=[f.model_copy(update={"closed": ()}) for f in instance.facilities]
    )
    notes = io.write_ical(instance, folder)
    if not instance.facilities:
        return
    aware = any(s.start and s.start.tzinfo for s in instance.slots)
    days = Cutting(
        first=date(2026, 1, 1), last=date(2026, 4, 1), zone="UTC" if aware else None
    )
    again = io.read_ical(folder, days)
    told = sum(
        note.count for note in notes if (note.record, note.field) == ("slot", "")
    )
    timed = [s for s in instance.slots if s.start and s.end and s.start < s.end]
    assert told == len(instance.slots) - len(timed)
    found = sorted(again.instance.slots, key=lambda slot: slot.id)
    assert [facts(slot) for slot in found] == [
        facts(slot) for slot in sorted(timed, key=lambda slot: slot.id)
    ]


def facts(slot: sm.Slot) -> tuple[Any, ...]:
    return slot.id, slot.facility, slot.kinds, slot.capacity, slot.start, slot.end


@pytest.mark.parametrize(
    "text", ["a\nb", "a\r\nSUMMARY:b", "a;b,c:d\\n", 'a\x0b"', "a\x85b"]
)
@pytest.mark.parametrize("field", ["facility", "slot", "kind", "community", "need"])
def test_line_breaks_are_escaped_or_refused(tmp_path: Path, text: str, field: str):
    names = {"facility": "f", "slot": "s", "kind": "k", "community": "c", "need": "n"}
    names[field] = text
    home = names["community"]
    try:
        town = sm.Instance(
            communities=[sm.Community(id=home)],
            facilities=[sm.Facility(id=names["facility"], community=home)],
            slots=[
                sm.Slot(
                    id=names["slot"],
                    facility=names["facility"],
                    kinds=[names["kind"]],
                    capacity=1,
                    start="2026-03-02T09:00",
                    end="2026-03-02T10:00",
                )
            ],
            needs=[sm.Need(id=names["need"], community=home, kind=names["kind"])],
        )
    except InputError:
        return  # no id, no kind
    io.write_ical(town, tmp_path / "town")
    io.write_calendars(town, sm.solve(town).allocation, tmp_path / "plan")
    for path in tmp_path.rglob("*.ics"):
        lines = path.read_bytes().decode().split("\r\n")
        assert not [line for line in lines if not line.isprintable()]
        assert sum(line.startswith("SUMMARY") for line in lines) <= 1
        icalendar.Calendar.from_ical(path.read_bytes())
    week = Cutting(first=date(2026, 3, 2), last=date(2026, 3, 8))
    again = io.read_ical(tmp_path / "town", week).instance
    plain = "".join(c if c.isprintable() else " " for c in text.replace("\r\n", "\n"))
    expected = plain if field in ("facility", "slot") else names["slot"]
    assert expected in {again.slots[0].id, again.facilities[0].id}


def test_a_plan_becomes_a_calendar_for_each_facility_and_community(tmp_path: Path):
    zone = timedelta(hours=8)
    start = datetime.fromisoformat("2026-03-02T09:00+08:00")
    town = sm.Instance(
        communities=[sm.Community(id="天封"), sm.Community(id="../lianqiao")],
        facilities=[sm.Facility(id="hall", community="天封", location=[121.5, 29.9])],
        slots=[
            sm.Slot(
                id="mon",
                facility="hall",
                kinds=["choir"],
                capacity=9,
                start=start,
                end=start + zone,
            ),
            sm.Slot(id="any", facility="hall", kinds=["dance"], capacity=9),
        ],
        needs=[
            sm.Need(id="t", community="天封", kind="choir", quantity=2),
            sm.Need(id=r"l\nSUMMARY:x;,", community="../lianqiao", kind="choir"),
            sm.Need(id="d", community="天封", kind="dance"),
        ],
    )
    plan = sm.solve(town).allocation
    notes = io.write_calendars(town, plan, tmp_path / "plan")
    assert [str(note) for note in notes] == [
        'lost assignment: slot any has no time ("d")'
    ]
    names = sorted(path.name for path in tmp_path.rglob("*.ics"))
    assert [path.name for path in tmp_path.iterdir()] == ["plan"]
    assert names[2] == "facility-hall.ics"
    assert all("/" not in name and not name.startswith(".") for name in names)
    hall = icalendar.Calendar.from_ical((tmp_path / "plan" / names[2]).read_bytes())
    events = sorted(hall.walk("VEVENT"), key=lambda e: str(e["summary"]))
    assert [str(e["summary"]) for e in events] == [
        "choir: ../lianqiao × 1",
        "choir: 天封 × 2",
    ]
    assert events[0].decoded("dtstart") == start
    assert events[0].decoded("dtend") == start + zone
    first = {path.name: path.read_bytes() for path in (tmp_path / "plan").iterdir()}
    io.write_calendars(town, plan, tmp_path / "again")
    assert first == {p.name: p.read_bytes() for p in (tmp_path / "again").iterdir()}
    with pytest.raises(InputError, match="is there already"):
        io.write_calendars(town, plan, tmp_path / "again")


def test_bookings_have_their_own_times_and_parts_in_calendars(tmp_path: Path):
    town = halls()
    io.write_calendars(town, PLAN, tmp_path / "plan")
    found = {}
    for facility in ("hall", "gym"):
        data = (tmp_path / "plan" / f"facility-{facility}.ics").read_bytes()
        events = icalendar.Calendar.from_ical(data).walk("VEVENT")
        assert len({str(event["uid"]) for event in events}) == len(events)
        for event in events:
            times = event.decoded("dtstart"), event.decoded("dtend")
            found[facility, *times] = str(event["description"])
    assert found == {
        (one.facility, one.start, one.end): one.text(
            {"hall": "School hall"}.get(one.facility, one.facility)
        )
        for one in bookings_of(town, PLAN)
    }
    hall = [key for key in found if key[0] == "hall"]
    assert sorted(key[1:] for key in hall) == sorted(
        (row.start, row.end) for row in PLAN if row.start is not None
    )

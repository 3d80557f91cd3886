"""Open Referral HSDS: directories become instances and come back."""

import csv
import json
import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings

import sharematch as sm
from sharematch import io
from sharematch.errors import InputError
from sharematch.openings import Cutting
from tests.strategies import ANY_TEXT, instances

same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
WEEKS = Cutting(first=date(2026, 3, 23), last=date(2026, 4, 5), zone="Europe/Helsinki")


def service(**fields: Any) -> dict[str, Any]:
    """A service as the API answers it, with everything nested inside."""
    return {
        "id": "s-1",
        "name": "Choir evenings",
        "status": "active",
        "description": "Sing with us",
        "organization": {"id": "o-1", "name": "Lianqiao club", "description": "x"},
        "capacities": [
            {
                "id": "c-1",
                "available": 12,
                "maximum": 20,
                "unit": {"id": "u", "name": "place"},
                "updated": "2026-01-01T00:00:00Z",
            }
        ],
        "cost_options": [
            {"id": "f-1", "amount": 2.5, "currency": "eur", "option": "for all"},
            {"id": "f-2", "amount": 9, "valid_to": "2025-12-31", "currency": "eur"},
        ],
        "attributes": [
            {
                "id": "a-1",
                "taxonomy_term": {
                    "id": "t-1",
                    "name": "culture/choir",
                    "taxonomy": "x",
                },
            }
        ],
        "schedules": [
            {
                "id": "h-1",
                "freq": "WEEKLY",
                "byday": "MO,WE",
                "opens_at": "18:00",
                "closes_at": "20:00",
            }
        ],
        "service_at_locations": [
            {
                "id": "l-1",
                "location": {
                    "id": "p-1",
                    "name": "Old hall",
                    "location_type": "physical",
                    "latitude": 60.17,
                    "longitude": 24.94,
                    "organization_id": "o-1",
                    "accessibility": [{"id": "x-1", "description": "step-free"}],
                },
            }
        ],
        **fields,
    }


def read(folder: Path, data: object, **options: Any) -> io.Reading:
    path = folder / "hsds.json"
    path.write_text(json.dumps(data), "utf-8")
    return io.read_hsds(path, options.pop("cutting", WEEKS), **options)


def test_a_service_becomes_slots_of_a_facility(tmp_path: Path):
    town, notes = read(tmp_path, {"contents": [service()], "total_items": 1})
    assert town.providers == (sm.Provider(id="Lianqiao club", sector="host"),)
    (hall,) = town.facilities
    assert (hall.id, hall.provider, hall.location) == (
        "Old hall",
        "Lianqiao club",
        (24.94, 60.17),
    )
    assert hall.features == {"step-free"}
    assert town.currency == "EUR"
    assert [
        slot.start.isoformat("T", "minutes") for slot in town.slots if slot.start
    ] == [
        "2026-03-23T18:00+02:00",
        "2026-03-25T18:00+02:00",
        "2026-03-30T18:00+03:00",
        "2026-04-01T18:00+03:00",
    ]
    assert {(s.kinds, s.capacity, str(s.fee)) for s in town.slots} == {
        (frozenset({"culture/choir"}), 12, "2.50")
    }
    assert {(n.code, n.record, n.field) for n in notes} == {
        ("lost", "service", "description"),
        ("lost", "cost_option", "option"),
        ("lost", "organization", "description"),
        ("lost", "service_capacity", "maximum"),
        ("assumed", "provider", "sector"),
        ("assumed", "facility", "community"),
    }


SHAPES = ["one", "list", "tables", "organization", "place", "page"]


@pytest.mark.parametrize("shape", SHAPES)
def test_json_comes_in_several_shapes(tmp_path: Path, shape: str):
    whole = service()
    plain = service(service_at_locations=[])
    (at,) = whole["service_at_locations"]
    data: Any = {
        "place": {**at, "service": plain},
        "page": {"total_pages": 3, "page_number": 1, "contents": [whole]},
        "one": whole,
        "list": [whole, service()],
        "tables": json.loads(tables_of(whole)),
        "organization": {
            "id": "o",
            "name": "n",
            "description": "",
            "services": [whole],
        },
    }[shape]
    town, notes = read(tmp_path, data)
    assert len(town.slots) == 4
    assert [f.id for f in town.facilities] == ["Old hall"]
    assert ("other pages" in {note.record for note in notes}) == (shape == "page")


@pytest.mark.parametrize(
    "item",
    [
        {"version": "3.0", "profile": "x", "openapi_url": "y"},
        {"id": "t", "name": "culture", "taxonomy": "x"},
        {"id": "t", "name": "x", "uri": "y", "version": "1"},
        {"id": "x"},
    ],
)
def test_objects_of_the_api_that_are_no_services(tmp_path: Path, item: dict[str, str]):
    with pytest.raises(InputError, match="holds no HSDS"):
        read(tmp_path, item)
    town, notes = read(tmp_path, [service(), item])
    assert len(town.slots) == 4
    assert "object of another kind" in {note.record for note in notes}
    place = service()["service_at_locations"][0]["location"]
    town, _ = read(tmp_path, place)
    assert [facility.id for facility in town.facilities] == ["Old hall"]


def tables_of(whole: dict[str, Any]) -> str:
    place = whole["service_at_locations"][0]["location"]
    schedule = {**whole["schedules"][0], "service_id": "s-1"}
    return json.dumps(
        {
            "service": [{"id": "s-1", "name": "x", "status": "active"}],
            "location": [{k: v for k, v in place.items() if k != "organization_id"}],
            "service_at_location": [
                {"id": "l-1", "service_id": "s-1", "location_id": "p-1"}
            ],
            "schedule": [schedule],
        }
    )


@pytest.mark.parametrize(
    ("schedule", "starts"),
    [
        (
            {"dtstart": "2026-03-24", "opens_at": "9:00", "closes_at": "10:00"},
            ["24T09:00"],
        ),
        (
            {
                "freq": "MONTHLY",
                "byday": "-1TU",
                "opens_at": "09:00Z",
                "closes_at": "10:00Z",
            },
            ["31T12:00"],
        ),
        (
            {
                "freq": "WEEKLY",
                "interval": "2",
                "dtstart": "2026-03-17",
                "opens_at": "22:00:00",
                "closes_at": "02:00:00",
            },
            ["31T22:00"],
        ),
        (
            {
                "freq": "WEEKLY",
                "byday": "TUE",
                "valid_from": "2026-03-25",
                "valid_to": "2026-03-31",
                "opens_at": "09:00-05:00",
                "closes_at": "10:00-05:00",
            },
            ["31T17:00"],
        ),
        ({"opens_at": "09:00", "closes_at": "10:00"}, []),
        ({"freq": "WEEKLY", "byday": "MO", "opens_at": "nine", "closes_at": "x"}, []),
        ({"freq": "SECONDLY", "opens_at": "09:00", "closes_at": "10:00"}, []),
    ],
)
def test_schedules(tmp_path: Path, schedule: dict[str, str], starts: list[str]):
    town, notes = read(tmp_path, service(schedules=[{"id": "h", **schedule}]))
    found = [
        slot.start.isoformat("T", "minutes")[8:16] for slot in town.slots if slot.start
    ]
    assert found == starts
    assert any(n.record == "schedule" and n.code == "lost" for n in notes) == (
        not starts
    )


def test_a_zone_in_hours_counts_where_there_is_no_other(tmp_path: Path):
    schedule = {
        "id": "h",
        "dtstart": "2026-03-24",
        "timezone": 3,
        "opens_at": "09:00",
        "closes_at": "10:00",
    }
    plain = Cutting(first=WEEKS.first, last=WEEKS.last)
    town, _ = read(tmp_path, service(schedules=[schedule]), cutting=plain)
    assert [s.start for s in town.slots] == [datetime(2026, 3, 24, 9)]


def test_what_is_not_offered_or_said_is_told(tmp_path: Path):
    for fields, record in (
        ({"status": "defunct"}, "service"),
        ({"schedules": []}, "schedule"),
        ({"capacities": []}, "slot"),
        ({"attributes": []}, "slot"),
    ):
        _, notes = read(tmp_path, service(**fields))
        assert record in {note.record for note in notes}


BAD: dict[str, tuple[Any, str]] = {
    "text": ("x", "objects are needed"),
    "empty object": ({}, "holds no HSDS|organization|name"),
    "service as text": ({"service": ["x"]}, "must be an object"),
    "tables as text": ({"service": "x"}, "must be a list"),
    "amount": (
        service(cost_options=[{"id": "f", "amount": "free"}]),
        'cost_option "f"',
    ),
    "capacity": (
        service(capacities=[{"id": "c", "available": "many"}]),
        "available many",
    ),
    "dangling": (
        {"service_at_location": [{"id": "l", "service_id": "s", "location_id": ["p"]}]},
        r"location_id \['p'\]: is not among the locations",
    ),
    "latitude": (
        {"location": [{"id": "p", "latitude": 91, "longitude": 0}]},
        'location "p": latitude 91',
    ),
}


RECORDS = ("amount", "capacity", "dangling", "latitude")
"""The cases in which a single record is wrong."""


@pytest.mark.parametrize("case", [case for case in BAD if case != "empty object"])
def test_bad_input(tmp_path: Path, case: str):
    data, message = BAD[case]
    if case in RECORDS:
        town, notes = read(tmp_path, data)
        assert not [slot for slot in town.slots if case != "capacity"]
        assert any(note.detail.startswith("left out: ") for note in notes)
    with pytest.raises(InputError, match=message):
        read(tmp_path, data, strict=True)


def nested(depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {"id": "x", "status": "active"}
    for _ in range(depth):
        found = {"id": "x", "services": [found]}
    return found


def test_deep_nesting_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="nested too deeply"):
        read(tmp_path, nested(200))


@pytest.mark.parametrize(
    "place", ["../secret.csv", "/etc/passwd", "a\\..\\b", "link.csv", "c:x", "a\0b"]
)
def test_a_package_cannot_name_files_outside(tmp_path: Path, place: str):
    (tmp_path / "secret.csv").write_text("id,name\na,b\n")
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    resource = {"name": "organization", "path": place}
    (folder / "datapackage.json").write_text(json.dumps({"resources": [resource]}))
    with pytest.raises(InputError, match="must be the path of a file in the folder"):
        io.read_hsds(folder, WEEKS)


def test_a_folder_without_a_package_is_read_by_the_names_of_its_files(tmp_path: Path):
    (tmp_path / "locations.csv").write_text("id,name,location_type\np,Hall,physical\n")
    (tmp_path / "phones.csv").write_text("id\n1\n")
    town, notes = io.read_hsds(tmp_path, WEEKS)
    assert town.facilities[0].id == "Hall"
    assert notes[0].record == "phones"
    (tmp_path / "locations.csv").unlink()
    with pytest.raises(InputError, match="holds no HSDS"):
        io.read_hsds(tmp_path, WEEKS)


@pytest.mark.parametrize("name", ["town", "town.json"])
@same_folder
@given(instance=instances(text=ANY_TEXT))
def test_round_trip(tmp_path_factory: Any, name: str, instance: sm.Instance):
    path = tmp_path_factory.mktemp("town") / name
    notes = io.write_hsds(instance, path)
    lost = [note for note in notes if not note.field]
    aware = any(s.start and s.start.tzinfo for s in instance.slots)
    days = Cutting(
        first=date(2026, 1, 1), last=date(2026, 4, 1), zone="UTC" if aware else None
    )
    if name == "town" and not (instance.facilities or instance.providers):
        return  # an empty folder is no data package
    again = io.read_hsds(path, days).instance
    for record, collection in (
        ("provider", "providers"),
        ("facility", "facilities"),
        ("slot", "slots"),
    ):
        gone = sum(note.count for note in lost if note.record == record)
        assert (
            len(getattr(again, collection)) == len(getattr(instance, collection)) - gone
        )
    before = {slot.id: slot for slot in instance.slots}
    for slot in again.slots:
        assert facts(slot) == facts(before[slot.id])
    places = {facility.id: facility for facility in instance.facilities}
    for facility in again.facilities:
        old = places[facility.id]
        assert (facility.community, facility.provider) == (old.community, old.provider)
        assert facility.features == old.features
        if instance.travel.metric == "geo":
            assert facility.location == old.location


def facts(slot: sm.Slot) -> tuple[Any, ...]:
    place = (slot.id, slot.facility, slot.kinds, slot.capacity)
    return (*place, slot.start, slot.end, slot.fee)


PLACES = "id,name,organization_id,latitude,longitude\nl1,Hall,o1,41.9,-87.6\n"
FILES = {
    "organizations": "id,name,description\no1,Org,Org\n",
    "locations": PLACES,
    "services": "id,organization_id,name,status\ns1,o1,Choir,active\n",
    "service_at_location": "id,service_id,location_id\na1,s1,l1\n",
}
WEEKLY = "id,service_at_location_id,freq,interval,byday,opens_at,closes_at,timezone\n"


def folder_of(folder: Path, **files: str) -> Path:
    """Write the tables of a small directory; others replace or add to them."""
    for name, text in {**FILES, **files}.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
    return folder


def starts(reading: io.Reading) -> list[str]:
    return sorted(
        slot.start.isoformat("T", "minutes")[5:16]
        for slot in reading.instance.slots
        if slot.start
    )


def told(reading: io.Reading, record: str) -> list[tuple[str, str, str]]:
    return [
        (note.field, note.example, note.detail)
        for note in reading.notes
        if note.record == record
    ]


# ── schedules ────────────────────────────────────────────────────────────────────


def test_every_other_week_counts_from_a_fixed_day(tmp_path: Path):
    rule = f"{WEEKLY}h1,a1,WEEKLY,2,MO,09:00,12:00,\n"
    folder = folder_of(tmp_path, schedules=rule)
    found = set()
    for first in range(16, 31):
        days = Cutting(first=date(2026, 3, first), last=date(2026, 4, 20))
        reading = io.read_hsds(folder, days)
        found |= {start for start in starts(reading) if start >= "03-31"}
        assert ("dtstart", "h1", "its rule counts from 2001-01-01") in told(
            reading, "schedule"
        )
    assert found == {"04-06T09:00", "04-20T09:00"}
    for head, cells in (("valid_from", "2026-03-23"), ("dtstart", "2026-03-23")):
        text = rule.replace("timezone", f"timezone,{head}").replace(
            ",\n", f",,{cells}\n"
        )
        days = Cutting(first=date(2026, 3, 25), last=date(2026, 4, 20))
        reading = io.read_hsds(folder_of(tmp_path, schedules=text), days)
        assert starts(reading) == ["04-06T09:00", "04-20T09:00"]
        assert not told(reading, "schedule")


@pytest.mark.parametrize(
    "rule", ["WEEKLY,,,", "MONTHLY,,,", "YEARLY,,,", "WEEKLY,,MO,5", "DAILY,,,3"]
)
def test_a_rule_that_needs_its_start_is_left_out(tmp_path: Path, rule: str):
    head = "id,service_at_location_id,freq,interval,byday,count,opens_at,closes_at\n"
    folder = folder_of(tmp_path, schedules=f"{head}h1,a1,{rule},09:00,12:00\n")
    reading = io.read_hsds(folder, WEEKS)
    assert not reading.instance.slots
    row = "schedules.csv row 2 (h1)"
    detail = "left out: has a rule that needs dtstart"
    assert told(reading, "schedule") == [("", row, detail)]
    with pytest.raises(InputError, match=r"schedules.csv row 2: .*needs dtstart"):
        io.read_hsds(folder, WEEKS, strict=True)


@pytest.mark.parametrize(
    ("number", "is_told"), [("-8", True), ("2", False), ("3.0", False), ("0", True)]
)
def test_a_timezone_that_is_not_that_of_the_places_is_told(
    tmp_path: Path, number: str, is_told: bool
):
    text = f"{WEEKLY}h1,a1,WEEKLY,,MO,09:00,12:00,{number}\n"
    reading = io.read_hsds(folder_of(tmp_path, schedules=text), WEEKS)
    assert starts(reading) == ["03-23T09:00", "03-30T09:00"]
    expected = ("timezone", f"h1: {number}", "not that of the places, which counts")
    assert (expected in told(reading, "schedule")) == is_told


OWNERS = "id,service_id,location_id,service_at_location_id"
REGULAR = f"{OWNERS},weekday,opens_at,closes_at\n"
HOLIDAYS = f"{OWNERS},closed,opens_at,closes_at,start_date,end_date\n"


@pytest.mark.parametrize("owner", ["s1,,", ",l1,", ",,a1", "s1,l1,"])
def test_weekdays_and_holidays_of_version_1(tmp_path: Path, owner: str):
    days = [("Monday", "24"), ("Tue", "25"), ("3", "26"), ("7", "27")]
    hours = "".join(f"r{n},{owner},{day},09:00,12:00\n" for day, n in days)
    closed = f"c1,{owner},TRUE,,,2026-03-30,2026-03-31\n"
    other = f"c2,{owner},false,10:00,11:00,2026-04-01,2026-04-02\n"
    elsewhere = "c3,s2,,,TRUE,,,2026-03-23,2026-04-05\n"
    folder = folder_of(
        tmp_path,
        regular_schedules=REGULAR + hours,
        holiday_schedules=HOLIDAYS + closed + other + elsewhere,
    )
    reading = io.read_hsds(folder, WEEKS)
    assert starts(reading) == [
        *("03-23T09:00", "03-24T09:00", "03-25T09:00", "03-29T09:00"),
        *("04-01T10:00", "04-02T10:00", "04-05T09:00"),
    ]
    assert told(reading, "directory") == [("version", tmp_path.name, "1.x")]
    assert ("weekday", "regular_schedules.csv row 4", "1 is Monday") in told(
        reading, "regular_schedule"
    )


@pytest.mark.parametrize(
    ("rows", "detail"),
    [
        (["0,09:00,12:00"], "0 is no weekday"),
        (["0,09:00,12:00", "1,09:00,12:00"], "1 is no weekday"),
        (["Someday,09:00,12:00"], "Someday is no weekday"),
        (["Monday,,"], "says no hours"),
        (["Monday,00:00,00:00"], "ends when it begins"),
    ],
)
def test_weekdays_that_say_no_hours(tmp_path: Path, rows: list[str], detail: str):
    text = REGULAR + "".join(f"r{n},s1,,,{row}\n" for n, row in enumerate(rows))
    reading = io.read_hsds(folder_of(tmp_path, regular_schedules=text), WEEKS)
    assert not reading.instance.slots
    assert detail in {detail for *_, detail in told(reading, "regular_schedule")}


def test_holidays_that_cannot_be_read(tmp_path: Path):
    hours = f"{REGULAR}r,s1,,,Monday,09:00,12:00\n"
    text = f"{HOLIDAYS}c1,s1,,,TRUE,,,soon,2026-03-31\n"
    text += "c2,s1,,,no,x,y,2026-03-23,2026-03-23\n"
    files = {"regular_schedules": hours, "holiday_schedules": text}
    reading = io.read_hsds(folder_of(tmp_path, **files), WEEKS)
    assert starts(reading) == ["03-30T09:00"]  # what is unknown on March 23 is closed
    assert [detail for *_, detail in told(reading, "holiday_schedule")] == [
        "left out: start_date must be a date such as 2026-01-31",
        "closed: opens_at must be a time such as 09:00",
    ]
    with pytest.raises(InputError, match=r"holiday_schedules.csv row 2"):
        io.read_hsds(tmp_path, WEEKS, strict=True)


def test_other_tables_of_version_1(tmp_path: Path):
    folder = folder_of(
        tmp_path,
        services="id,name,status,location_id\ns1,Choir,active,l1\n",
        regular_schedules=f"{REGULAR}r,s1,,,MO,09:00,12:00\n",
        services_taxonomy="id,service_id,taxonomy_id\nx,s1,t1\n",
        taxonomy="id,name,parent_name,vocabulary\nt1,Food; Health/Care,,Open\n",
        accessibility_for_disabilities="id,location_id,accessibility\ny,l1,ramp\n",
        eligibility="id,service_id,eligibility\ne,s1,all\n",
    )
    (tmp_path / "service_at_location.csv").unlink()
    town, notes = io.read_hsds(folder, WEEKS)
    assert {slot.kinds for slot in town.slots} == {frozenset({"Food Health/Care"})}
    assert town.facilities[0].features == {"ramp"}
    assert "eligibility" in {note.record for note in notes}


def test_nested_objects_of_version_1_and_2(tmp_path: Path):
    hours: dict[str, Any] = {"opens_at": "18:00", "closes_at": "20:00"}
    regular = {
        "id": "r",
        "weekday": "Monday",
        "opens_at": "18:00",
        "closes_at": "20:00",
    }
    attribute = {"id": "a", "taxonomy_term": {"id": "t", "term": "choir"}}
    place = service()["service_at_locations"][0]["location"]
    place["accessibility_for_disabilities"] = [{"id": "x", "accessibility": "lift"}]
    closed = {"closed": True, "start_date": "2026-03-30", "end_date": "2026-03-30"}
    for old, kind in (
        (
            {"regular_schedules": [regular], "holiday_schedules": [closed]},
            "Choir evenings",
        ),
        (
            {
                "service_attributes": [attribute],
                "schedules": [{"id": "h", "freq": "WEEKLY", "byday": "MO", **hours}],
            },
            "choir",
        ),
    ):
        whole = service(schedules=[], attributes=[], service_at_locations=[])
        town, notes = read(tmp_path, [{**whole, "locations": [place], **old}])
        assert {slot.kinds for slot in town.slots} == {frozenset({kind})}
        assert len(town.slots) == (1 if "holiday_schedules" in old else 2)
        assert town.facilities[0].features == {"step-free", "lift"}
        assert "directory" in {note.record for note in notes}


# ── bad records and files ────────────────────────────────────────────────────────


def test_one_bad_record_is_left_out_and_told_with_its_row(tmp_path: Path):
    folder = folder_of(
        tmp_path,
        locations=f"{PLACES}l2,Pool,o1,x,0\nl3,Gym,o9,1,2\nl1,Twice,o1,1,2\n",
        service_at_location="id,service_id,location_id\na1,s1,l1\na2,s1,l2\na3,s1,l3,,x\n",
        schedules=f"{WEEKLY}h1,a1,WEEKLY,,MO,09:00,12:00,\nh2,a1,WEEKLY,,TU,nine,12:00,\n",
    )
    reading = io.read_hsds(folder, WEEKS)
    assert [facility.id for facility in reading.instance.facilities] == ["Hall", "Gym"]
    assert starts(reading) == ["03-23T09:00", "03-30T09:00"]
    assert told(reading, "location") == [
        ("id", "locations.csv row 5 (l1) l1", "left out: stands there twice"),
        ("latitude", "locations.csv row 3 (l2) x", "left out: must be a number"),
        (
            *("organization_id", "locations.csv row 4 (l3) o9"),
            "is not among the organizations",
        ),
    ]
    assert told(reading, "service_at_location") == [
        (
            *("", "service_at_location.csv row 4 (a3)"),
            "left out: has 5 cells, the first row has 3",
        ),
        (
            *("location_id", "service_at_location.csv row 3 (a2) l2"),
            "left out: is not among the locations",
        ),
    ]
    with pytest.raises(InputError) as raised:
        io.read_hsds(folder, WEEKS, strict=True)
    assert {problem.source for problem in raised.value.problems} == {
        *("locations.csv row 3", "locations.csv row 4", "locations.csv row 5"),
        *("service_at_location.csv row 3", "service_at_location.csv row 4"),
        "schedules.csv row 3",
    }


@pytest.mark.parametrize("amount", ["free", "-1", "", "1/3"])
def test_what_costs_an_unknown_amount_is_not_free(tmp_path: Path, amount: str):
    folder = folder_of(
        tmp_path,
        schedules=f"{WEEKLY}h1,a1,WEEKLY,,MO,09:00,12:00,\n",
        cost_options=f"id,service_id,amount\nc,s1,{amount}\n",
    )
    reading = io.read_hsds(folder, WEEKS)
    assert not reading.instance.slots
    if amount == "1/3":
        assert "service" in {note.record for note in reading.notes}
        return
    assert ("fee", "Choir", "not known, so no slots") in told(reading, "service")
    reading = io.read_hsds(folder, WEEKS, fee=Decimal(4))
    assert {str(slot.fee) for slot in reading.instance.slots} == {"4.00"}
    files = {"cost_options": "id,service_id,amount\nc,s1,\nd,s1,2\n"}
    reading = io.read_hsds(folder_of(tmp_path, **files), WEEKS)
    assert {str(slot.fee) for slot in reading.instance.slots} == {"2.00"}


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (PLACES.replace(",", "|"), "column id|name", "separate columns by commas"),
        ("id,name,id\nl1,Hall,l2\n", "column id: stands there twice", ""),
        ("l1,Hall\n", "column l1: is not known", "one of id, location_type"),
        ("", "is empty", "add a first row"),
        ('id,name\nl1,"Hall\n', "locations.csv", ""),
    ],
)
def test_tables_that_cannot_be_read(tmp_path: Path, text: str, message: str, hint: str):
    with pytest.raises(InputError) as raised:
        io.read_hsds(folder_of(tmp_path, locations=text), WEEKS)
    shown = str(raised.value).replace('"', "")
    assert message.replace("\t", "\\t") in shown or message in shown
    assert hint in raised.value.problems[0].hint


@pytest.mark.parametrize("separator", [";", "\t"])
def test_tables_may_be_separated_otherwise(tmp_path: Path, separator: str):
    plain = io.read_hsds(folder_of(tmp_path, locations=PLACES), WEEKS)
    text = PLACES.replace(",", separator).replace(".", ",")
    other = io.read_hsds(folder_of(tmp_path, locations=text), WEEKS)
    assert other.instance == plain.instance
    assert plain.instance.facilities[0].location is not None


def test_a_package_that_lists_a_file_that_is_not_there(tmp_path: Path):
    folder = folder_of(tmp_path)
    names = ["organizations", "locations", "services", "service_at_location"]
    resources = [{"name": name, "path": f"{name}.csv"} for name in names]
    resources.append({"name": "phones", "path": "phones.csv"})  # not read in any case
    package = folder / "datapackage.json"
    package.write_text(json.dumps({"resources": resources}))
    assert io.read_hsds(folder, WEEKS).instance.facilities
    resources.append({"name": "schedules", "path": "data/schedules.csv"})
    package.write_text(json.dumps({"resources": resources}))
    with pytest.raises(InputError, match=r"path data/schedules.csv: is not there"):
        io.read_hsds(folder, WEEKS)


# ── what is written ──────────────────────────────────────────────────────────────

REQUIRED = {
    "organization": ("id", "name", "description"),
    "service": ("id", "organization_id", "name", "status"),
    "location": ("id", "location_type"),
    "service_at_location": ("id", "service_id", "location_id"),
    "schedule": ("id",),
    "service_capacity": ("id", "service_id", "unit_id", "available", "updated"),
    "unit": ("id", "name"),
    "cost_option": ("id", "service_id"),
    "accessibility": ("id", "location_id"),
    "attribute": ("id", "link_id", "link_entity", "taxonomy_term_id"),
    "taxonomy_term": ("id", "name", "description"),
}
"""What HSDS 3.1 requires of tables."""

NUMBERS = (
    "latitude",
    "longitude",
    "timezone",
    "count",
    "amount",
    "available",
    "maximum",
)
DATES = ("valid_from", "valid_to", "dtstart")
TIMES = ("opens_at", "closes_at")


def check_fields(entity: str, row: dict[str, Any], required: tuple[str, ...]) -> None:
    """Check what the schemas say of a record, in JSON and in tables."""
    assert not [name for name in required if row.get(name) in (None, "")], entity
    for name, value in row.items():
        if value in (None, ""):
            continue
        if name in NUMBERS:
            assert float(value) is not None
        if name in DATES:
            date.fromisoformat(value)
        if name in TIMES:
            assert re.fullmatch(r"\d\d:\d\d:\d\d([+-]\d\d:\d\d)?", value), value
        if name == "id" or name.endswith("_id"):
            UUID(value)
    assert row.get("status", "active") == "active"
    assert row.get("freq") in (None, "", "WEEKLY")
    assert row.get("location_type", "physical") == "physical"


@same_folder
@given(instance=instances(text=ANY_TEXT))
def test_what_is_written_is_what_the_schemas_ask_for(
    tmp_path_factory: Any, instance: sm.Instance
):
    folder = tmp_path_factory.mktemp("town")
    io.write_hsds(instance, folder / "town")
    io.write_hsds(instance, folder / "town.json")
    package = json.loads((folder / "town" / "datapackage.json").read_text("utf-8"))
    ids: dict[str, set[str]] = {}
    tables = {}
    for resource in package["resources"]:
        text = (folder / "town" / resource["path"]).read_text("utf-8")
        rows = list(csv.DictReader(text.splitlines()))
        fields = [field["name"] for field in resource["schema"]["fields"]]
        assert fields == [*rows[0]]
        ids[resource["name"]] = {row["id"] for row in rows}
        assert len(ids[resource["name"]]) == len(rows)
        tables[resource["name"]] = rows
    for entity, rows in tables.items():
        for row in rows:
            check_fields(entity, row, REQUIRED[entity])
            for name, value in row.items():
                target = name.removesuffix("_id")
                if value and target != name and target in REQUIRED:
                    assert value in ids[target]
    for whole in json.loads((folder / "town.json").read_text("utf-8")):
        check_nested("service", whole)


def check_nested(entity: str, item: dict[str, Any]) -> None:
    needed = (name for name in REQUIRED[entity] if not name.endswith("_id"))
    check_fields(entity, item, tuple(n for n in needed if not n.startswith("link_")))
    for name in ("amount", "available", "maximum", "latitude", "timezone"):
        assert isinstance(item.get(name, 0), int | float)
    inner = {
        "organization": "organization",
        "location": "location",
        "unit": "unit",
        "taxonomy_term": "taxonomy_term",
        "service_at_locations": "service_at_location",
        "schedules": "schedule",
        "capacities": "service_capacity",
        "cost_options": "cost_option",
        "attributes": "attribute",
        "accessibility": "accessibility",
    }
    for name, kind in inner.items():
        held = item.get(name, [])
        for each in held if isinstance(held, list) else [held]:
            check_nested(kind, each)


def test_slots_longer_than_a_day_are_told(tmp_path: Path):
    start = datetime(2026, 3, 2, 9)
    town = sm.Instance(
        communities=[sm.Community(id="a"), sm.Community(id="b")],
        facilities=[sm.Facility(id="hall", community="a")],
        slots=[
            sm.Slot(
                id=f"s{hours}",
                facility="hall",
                kinds=["x"],
                capacity=1,
                start=start,
                end=start + timedelta(hours=hours),
            )
            for hours in (0, 24, 25)
        ],
    )
    notes = io.write_hsds(town, tmp_path / "town")
    assert [str(n) for n in notes] == [
        'lost slot: takes no time ("s0")',
        'lost slot: longer than a day ("s25")',
        "lost service organization_id: the facility names no provider, "
        'HSDS asks for one ("s24")',
        'lost community: has no place ("b")',
    ]
    first = {p.name: p.read_bytes() for p in (tmp_path / "town").iterdir()}
    io.write_hsds(town, tmp_path / "again")
    assert first == {p.name: p.read_bytes() for p in (tmp_path / "again").iterdir()}

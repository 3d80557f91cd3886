"""Open Referral HSDS in tables: schedules, older versions, and bad records."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sharematch import io
from sharematch.errors import InputError
from sharematch.openings import Cutting
from tests.io.directories import (
    PLACES,
    WEEKLY,
    WEEKS,
    folder_of,
    read,
    service,
    starts,
    told,
)


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

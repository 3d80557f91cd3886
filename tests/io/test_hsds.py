"""Open Referral HSDS in JSON and as packages: directories become instances."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import sharematch as sm
from sharematch import io
from sharematch.errors import InputError
from sharematch.openings import Cutting
from tests.io.directories import WEEKS, read, service


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

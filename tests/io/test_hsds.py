"""Open Referral HSDS: directories become instances and come back."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

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


@pytest.mark.parametrize("shape", ["one", "list", "tables", "organization"])
def test_json_comes_in_several_shapes(tmp_path: Path, shape: str):
    whole = service()
    data: Any = {
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
    town, _ = read(tmp_path, data)
    assert len(town.slots) == 4
    assert [f.id for f in town.facilities] == ["Old hall"]


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


@pytest.mark.parametrize("case", [case for case in BAD if case != "empty object"])
def test_bad_input(tmp_path: Path, case: str):
    data, message = BAD[case]
    with pytest.raises(InputError, match=message):
        read(tmp_path, data)


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

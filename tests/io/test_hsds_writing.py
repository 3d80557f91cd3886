"""Open Referral HSDS as it is written: by its schemas, and back as it was."""

import csv
import json
import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings

import sharematch as sm
from sharematch import io
from sharematch.openings import Cutting
from tests.strategies import ANY_TEXT, instances

same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


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

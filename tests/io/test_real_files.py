"""Round trips of real places: libraries, clinics and sports places of Helsinki."""

from datetime import date
from pathlib import Path

import pytest

import sharematch as sm
from sharematch import io
from sharematch.model.canonical import instance_data
from sharematch.openings import Cutting

ROOT = Path(__file__).parents[2]
PLACES = ROOT / "examples" / "helsinki" / "facilities.geojson"
TORONTO = ROOT.parent / "shared" / "data" / "toronto" / "communities.geojson"

# With a night in which the clock is put forward.
DAYS = Cutting(first=date(2026, 3, 27), last=date(2026, 3, 30), zone="Europe/Helsinki")


@pytest.fixture(scope="module")
def city() -> sm.Instance:
    homes = {"kamppi": (24.931, 60.168), "kluuvi": (24.948, 60.172)}
    communities = [sm.Community(id=name, location=at) for name, at in homes.items()]
    return io.read_osm(PLACES, DAYS, communities=communities, country="FI").instance


def test_as_a_directory(tmp_path: Path, city: sm.Instance):
    for name in ("city", "city.json"):
        notes = io.write_hsds(city, tmp_path / name)
        again = io.read_hsds(tmp_path / name, DAYS).instance
        if name == "city":
            assert not [note for note in notes if not note.field]
            assert facts(again, "facilities") == facts(city, "facilities")
        assert facts(again, "slots") == facts(city, "slots")
        assert len(again.slots) > 50


def test_as_calendars(tmp_path: Path, city: sm.Instance):
    io.write_ical(city, tmp_path / "calendars")
    again = io.read_ical(tmp_path / "calendars", DAYS).instance
    assert {f.id for f in again.facilities} == {f.id for f in city.facilities}
    assert facts(again, "slots") == facts(city, "slots")
    bare = city.replace(slots=())
    added = io.read_ical(tmp_path / "calendars", DAYS, instance=bare).instance
    assert facts(added, "slots") == facts(city, "slots")


def test_as_a_map(tmp_path: Path, city: sm.Instance):
    io.write_geojson(city, tmp_path / "city.geojson")
    again = io.read_geojson(tmp_path / "city.geojson").instance
    assert instance_data(again) == instance_data(city.replace(slots=()))


def test_in_tables(tmp_path: Path, city: sm.Instance):
    io.write_instance(city, tmp_path / "city")
    io.write_parquet(city, tmp_path / "tables")
    url = f"sqlite:///{tmp_path / 'city.db'}"
    io.write_sql(city, url)
    for again in (
        io.read_instance(tmp_path / "city"),
        io.read_instance(tmp_path / "tables"),
        io.read_sql(url),
    ):
        assert io.instance_hash(again) == io.instance_hash(city)


@pytest.mark.skipif(not TORONTO.exists(), reason="not part of the project")
def test_polygons_of_a_city():
    found = io.read_geojson(TORONTO)
    assert len(found.instance.communities) == 140
    for community in found.instance.communities:
        assert community.location is not None
        x, y = community.location
        assert -79.7 < x < -79.1
        assert 43.5 < y < 43.9


def facts(city: sm.Instance, collection: str) -> dict[str, object]:
    """The records of a collection as plain data, times as instants."""
    records = getattr(city, collection)
    return {
        record.id: (
            record.model_dump(exclude={"start", "end"}),
            getattr(record, "start", None),
            getattr(record, "end", None),
        )
        for record in records
    }

"""Places of OpenStreetMap: hours become slots, wheelchair tags features."""

import json
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import sharematch as sm
from sharematch import io
from sharematch.errors import InputError
from sharematch.io.carry import Ledger
from sharematch.io.geo.hours import hours_of
from sharematch.openings import Cutting

EXAMPLES = Path(__file__).parents[2] / "examples"
WEEK = Cutting(first=date(2026, 3, 23), last=date(2026, 3, 29), zone="Europe/Helsinki")


def place(name: str, x: float = 24.9, /, **tags: str) -> dict[str, Any]:
    geometry = {"type": "Point", "coordinates": [x, 60.1]}
    return {"type": "Feature", "id": name, "geometry": geometry, "properties": tags}


def read(folder: Path, *places: Any, **options: Any) -> io.Reading:
    path = folder / "map.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [*places]}))
    return io.read_osm(path, options.pop("cutting", WEEK), **options)


def test_a_place_becomes_a_facility_with_slots(tmp_path: Path):
    library = place(
        "node/1",
        name="Old library",
        amenity="library",
        opening_hours="Mo-Fr 09:00-17:00; We off",
        wheelchair="yes",
        operator="City",
        capacity="40",
        charge="2.50 EUR",
        phone="1",
        **{"operator:type": "public"},
    )
    town, notes = read(tmp_path, library)
    (facility,) = town.facilities
    assert (facility.id, facility.provider) == ("Old library", "City")
    assert facility.features == {"step-free"}
    assert town.providers == (sm.Provider(id="City", sector="public"),)
    assert [slot.start.strftime("%a %H:%M%z") for slot in town.slots if slot.start] == [
        *("Mon 09:00+0200", "Tue 09:00+0200", "Thu 09:00+0200", "Fri 09:00+0200"),
    ]
    assert {(s.kinds, s.capacity, str(s.fee)) for s in town.slots} == {
        (frozenset({"amenity/library"}), 40, "2.50")
    }
    assert [str(note) for note in notes] == [
        'assumed facility community: everyone ("Old library")',
        'lost place phone ("Old library")',
    ]


def test_tags_that_are_no_text(tmp_path: Path):
    hall = place("node/1", amenity="hall", opening_hours="Mo 9:00-10:00")
    hall["properties"] |= {"capacity": 40, "contact": {"a": 1}, "note": None}
    town, notes = read(tmp_path, hall)
    assert town.slots[0].capacity == 40
    assert ("contact", "no text") in {(note.field, note.detail) for note in notes}


def test_kinds_asked_for_and_the_nearest_community(tmp_path: Path):
    communities = [
        sm.Community(id="west", location=[24.8, 60.1]),
        sm.Community(id="east", location=[25.0, 60.1]),
    ]
    town, notes = read(
        tmp_path,
        place("node/1", 24.81, amenity="library"),
        place("node/2", 24.99, kind="leisure=pitch", wheelchair="limited"),
        place("node/3", amenity="bar"),
        place("node/4", amenity="library", access="private"),
        place("node/5", 24.99, amenity="library", name="twice"),
        place("node/6", 24.99, amenity="library", name="twice"),
        kinds={"amenity=library": "culture", "leisure=pitch": "sport"},
        communities=communities,
    )
    assert {f.id: f.community for f in town.facilities} == {
        "node/1": "west",
        "node/2": "east",
        "twice (node/5)": "east",
        "twice (node/6)": "east",
    }
    assert town.facilities[1].features == {"partly step-free"}
    assert {(n.record, n.detail) for n in notes if n.code == "lost"} == {
        ("place", "of no kind asked for"),
        ("place", "not open to the public"),
    }


@pytest.mark.parametrize(
    ("hours", "spans", "note"),
    [
        ("Mo 09:00-12:00,13:00-17:00", 2, ""),
        ("24/7", 1, ""),
        ("PH off", 0, "holidays of no known country"),
        ("Mo 22:00-02:00", 1, ""),
        ('Mo 09:00-12:00 "ring twice"', 0, "in words: ring twice"),
        ('Mo 09:00-12:00 open "ring twice"', 1, "in words: ring twice"),
        ("Mo 09:00-12:00 unknown", 0, "hours that may be open"),
        ("sunrise-sunset", 7, "the sun rises at 7, sets at 19"),
        ("whenever", 0, "cannot be read: whenever"),
        ("Mo " * 400, 0, "cannot be read: " + ("Mo " * 20)),
    ],
)
def test_hours(hours: str, spans: int, note: str):
    ledger = Ledger()
    assert len(hours_of(hours, WEEK, "x", ledger)) == spans
    assert [n.detail for n in ledger.notes] == ([note] if note else [])


def test_an_end_or_school_holidays_may_be_given(tmp_path: Path):
    hall = place("n", amenity="hall", opening_hours="Mo 18:00+; Tu 9:00-10:00; SH off")
    assert not read(tmp_path, hall)[0].slots
    days = [date(2026, 3, 24)]
    town, _ = read(tmp_path, hall, open_end=time(22), school_holidays=days)
    assert [f"{s.start:%a %H:%M}" for s in town.slots if s.start] == ["Mon 18:00"]


def test_holidays_of_a_country():
    # The Friday before Easter and the Monday after it.
    easter = Cutting(first=date(2026, 4, 3), last=date(2026, 4, 6))
    hours = "Mo-Fr 09:00-17:00; PH off"
    assert not hours_of(hours, easter, "x", Ledger(), "FI")
    assert len(hours_of(hours, easter, "x", Ledger(), "CN")) == 2
    with pytest.raises(InputError, match="country XX"):
        hours_of(hours, easter, "x", Ledger(), "XX")


@pytest.mark.parametrize(
    ("charge", "fee"),
    [
        ("2.50 EUR", "2.50"),
        ("€5", "5"),
        ("5€", "5"),
        ("EUR 7", "7"),
        ("2,50 EUR", "2.50"),
        ("3 euros", "3"),
        ("$ 4", "4"),
        ("5 EUR/person", "5"),
        ("0 EUR", "0"),
        ("1 EUR/30 minutes", "6"),
        ("2 EUR/hour", "6"),
        ("0.50 € / h", "1.50"),
        ("3 EUR per 2 hours", "6"),
        ("5 EUR/day", "5"),
        *((text, None) for text in ("10-20 EUR", "5 EUR; 3 EUR", "from 5 EUR", "yes")),
        *((text, None) for text in ("50 EUR/month", "1,000 EUR", "EUR", "€5 EUR", "")),
        *(
            (text, None)
            for text in ("5 EUR/2 persons", "5 EUR/hour (adults)", "-5 EUR")
        ),
    ],
)
def test_a_charge_is_a_price_or_not_known_but_never_free(
    tmp_path: Path, charge: str, fee: str | None
):
    hours = {"opening_hours": "Mo 09:00-12:00", "fee": "yes"}
    hall = place("node/1", amenity="hall", charge=charge, **hours)
    town, notes = read(tmp_path, hall)
    if fee is not None:
        assert [slot.fee for slot in town.slots] == [Decimal(fee)]
        return
    assert not town.slots
    assert [n.detail for n in notes if n.field == "fee"] == [
        f"not known, so no slots: {charge or 'yes'}"
    ]
    town, notes = read(tmp_path, hall, fee=Decimal("7.50"))
    assert [slot.fee for slot in town.slots] == [Decimal("7.50")]
    assert ("assumed", "fee") in {(note.code, note.field) for note in notes}


def test_a_charge_by_the_hour_follows_the_length_of_slots(tmp_path: Path):
    hall = place("n", amenity="hall", opening_hours="Mo 9:00-11:00", charge="3 EUR/h")
    cutting = Cutting(first=WEEK.first, last=WEEK.last, minutes=90)
    town, _ = read(tmp_path, hall, cutting=cutting)
    assert [slot.fee for slot in town.slots] == [Decimal(6)]  # hours begun
    assert town.currency == "EUR"
    other = place("m", amenity="hall", opening_hours="Mo 9:00-11:00", charge="CHF 3")
    town, notes = read(tmp_path, hall, other)
    assert town.currency == sm.Instance().currency
    assert "in several currencies" in {note.detail for note in notes}


CENTER = {"lat": 60.2, "lon": 24.8}


def test_an_answer_of_overpass(tmp_path: Path):
    elements: list[dict[str, Any]] = [
        {"type": "node", "id": 1, "lat": 60.1, "lon": 24.9, "tags": {"shop": "books"}},
        {"type": "way", "id": 2, "center": CENTER, "tags": {"shop": "tea"}},
        {"type": "node", "id": 3, "lat": 60.1, "lon": 24.9},
    ]
    path = tmp_path / "answer.json"
    path.write_text(json.dumps({"elements": elements}))
    town, _ = io.read_osm(path, WEEK)
    assert {f.id: f.location for f in town.facilities} == {
        "node/1": (24.9, 60.1),
        "way/2": (24.8, 60.2),
    }
    elements[1]["center"] = [60.2, 24.8]
    path.write_text(json.dumps({"elements": elements}))
    with pytest.raises(InputError, match="way/2") as raised:
        io.read_osm(path, WEEK)
    assert "out center" in raised.value.problems[0].hint
    del elements[1]["center"]
    elements[1] |= {"nodes": [1, 3], "bounds": {"minlat": 60, "minlon": 24}}
    path.write_text(json.dumps({"elements": elements}))
    with pytest.raises(InputError, match=r"way/2.*: has no center"):
        io.read_osm(path, WEEK)
    remark = "runtime error: Query timed out"
    path.write_text(json.dumps({"elements": elements[:1], "remark": remark}))
    with pytest.raises(InputError, match="is not complete: runtime error"):
        io.read_osm(path, WEEK)
    elements[0]["lat"] = "north"
    path.write_text(json.dumps({"elements": elements}))
    with pytest.raises(InputError, match="node/1"):
        io.read_osm(path, WEEK)


def test_all_real_places_are_read_and_their_hours_too():
    path = EXAMPLES / "helsinki" / "facilities.geojson"
    town, notes = io.read_osm(path, WEEK, country="FI")
    data = json.loads(path.read_text("utf-8"))
    tags = [feature["properties"] for feature in data["features"]]
    assert len(town.facilities) == len(tags) == 174
    assert not any("cannot be read" in note.detail for note in notes)
    open_at = {slot.facility for slot in town.slots}
    told = sum("opening_hours" in tag for tag in tags)
    # One opens from September to May on Fridays; all others every week.
    assert len(open_at) == told == 34
    step_free = [f for f in town.facilities if "step-free" in f.features]
    assert len(step_free) == sum(tag.get("wheelchair") == "yes" for tag in tags)

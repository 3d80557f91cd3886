"""`sharematch convert`: between formats, and what it says got lost."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import sharematch as sm
from sharematch import io
from sharematch.cli import app

TOWN = sm.Instance(
    communities=[sm.Community(id="tianfeng", location=[121.55, 29.87])],
    facilities=[
        sm.Facility(id="station", community="tianfeng", location=[121.56, 29.87])
    ],
    slots=[sm.Slot(id="mon", facility="station", kinds=["health"], capacity=3)],
    needs=[sm.Need(id="elderly", community="tianfeng", kind="health")],
)


def convert(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["convert", *map(str, arguments)])


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("town.json", ()),
        ("town.toml", ()),
        ("town", ()),
        ("tables", ("--to", "parquet")),
    ],
)
def test_own_formats_lose_nothing(tmp_path: Path, name: str, options: tuple[str, ...]):
    io.write_instance(TOWN, tmp_path / "from.json")
    done = convert(tmp_path / "from.json", tmp_path / name, *options)
    assert done.exit_code == 0
    assert done.stderr == ""
    assert done.stdout == f"Written: {tmp_path / name}\n"
    assert io.read_instance(tmp_path / name) == TOWN
    back = convert(tmp_path / name, tmp_path / "back.json")
    assert back.exit_code == 0
    assert io.read_instance(tmp_path / "back.json") == TOWN


def test_what_is_lost_is_told(tmp_path: Path):
    io.write_instance(TOWN, tmp_path / "from.json")
    done = convert(tmp_path / "from.json", tmp_path / "town.geojson")
    assert done.exit_code == 0
    assert done.stderr.splitlines() == [
        "Not carried: slot × 1 (mon)",
        "Not carried: need × 1 (elderly)",
    ]
    told = convert(
        tmp_path / "from.json", tmp_path / "town.geojson", "--json", "--quiet"
    )
    assert told.stderr == ""
    assert json.loads(told.stdout)["notes"][0] == {
        "code": "lost",
        "record": "slot",
        "field": "",
        "count": 1,
        "example": "mon",
        "detail": "",
    }
    back = convert(tmp_path / "town.geojson", tmp_path / "back")
    assert back.exit_code == 0
    assert io.read_instance(tmp_path / "back").communities == TOWN.communities


def test_bad_input_writes_nothing(tmp_path: Path):
    (tmp_path / "from.geojson").write_text("{")
    done = convert(tmp_path / "from.geojson", tmp_path / "to.json")
    assert done.exit_code == 1
    assert "from.geojson" in done.stderr
    assert not (tmp_path / "to.json").exists()
    io.write_instance(TOWN, tmp_path / "from.json")
    for name in ("to.xml", "from.json/x"):
        done = convert(tmp_path / "from.json", tmp_path / name)
        assert done.exit_code == 1, name


WEEK = ("--first", "2026-03-02", "--last", "2026-03-08")
TIMED = TOWN.replace(
    slots=[
        sm.Slot(
            id="mon",
            facility="station",
            kinds=["health"],
            capacity=3,
            start="2026-03-02T09:00+02:00",
            end="2026-03-02T12:00+02:00",
        )
    ]
)


@pytest.mark.parametrize("kind", ["hsds", "ical"])
def test_directories_and_calendars_keep_slots(tmp_path: Path, kind: str):
    io.write_instance(TIMED, tmp_path / "from.json")
    done = convert(tmp_path / "from.json", tmp_path / "town", "--to", kind)
    assert done.exit_code == 0
    assert "Not carried: need × 1 (elderly)" in done.stderr
    back = convert(
        tmp_path / "town",
        tmp_path / "back.json",
        *WEEK,
        *("--zone", "Europe/Helsinki", "--minutes", 60),
        *("--break", "10:00-10:30", "--lang", "zh"),
    )
    assert back.exit_code == 0, back.stderr
    slots = io.read_instance(tmp_path / "back.json").slots
    assert [slot.start.isoformat("T", "minutes") for slot in slots if slot.start] == [
        "2026-03-02T09:00+02:00",
        "2026-03-02T10:30+02:00",
    ]
    assert {slot.capacity for slot in slots} == {3}
    if kind == "ical":
        assert "假定" in back.stderr


def test_a_directory_is_read_as_far_as_it_can_be_or_refused(tmp_path: Path):
    folder = tmp_path / "directory"
    folder.mkdir()
    rows = "l1,Hall,60,24\nl2,Pool,91,24\n"
    (folder / "locations.csv").write_text(f"id,name,latitude,longitude\n{rows}")
    (folder / "services.csv").write_text("id,name\n")
    done = convert(folder, tmp_path / "town", *WEEK)
    assert done.exit_code == 0, done.stderr
    assert "locations.csv row 3 (l2)" in done.stderr
    assert "left out: must be longitude" in done.stderr
    assert len(io.read_instance(tmp_path / "town").facilities) == 1
    done = convert(folder, tmp_path / "new", *WEEK, "--strict")
    assert done.exit_code == 1
    assert "locations.csv row 3" in done.stderr
    assert not (tmp_path / "new").exists()


def test_what_hours_leave_open_may_be_assumed(tmp_path: Path):
    tags = {"amenity": "pool", "name": "Pool", "fee": "yes"}
    tags["opening_hours"] = "Mo 18:00+; Tu,We,PH 9:00-11:00; SH off"
    place = {"type": "node", "id": 1, "lat": 52.5, "lon": 13.4, "tags": tags}
    (tmp_path / "map.json").write_text(json.dumps({"elements": [place]}))
    plain = (tmp_path / "map.json", tmp_path / "town", "--from", "osm", *WEEK)
    done = convert(*plain, "--lang", "zh")
    assert done.exit_code == 0
    assert "没有写明结束的时间" in done.stderr
    assert "费用不明，因此没有时段：yes" in done.stderr
    assert not io.read_instance(tmp_path / "town").slots
    asked = ("--assume-open-end", "22:00", "--assume-fee", "3.50")
    days = ("--school-holidays", "none", "--school-holidays", "2026-03-03/2026-03-03")
    done = convert(*plain, *asked, *days, "--country", "DE-BE")
    assert done.exit_code == 0, done.stderr
    town = io.read_instance(tmp_path / "town")
    assert sorted(slot.id for slot in town.slots) == [
        *("Pool 2026-03-02T18:00", "Pool 2026-03-04T09:00", "Pool 2026-03-08T09:00"),
    ]
    assert {str(slot.fee) for slot in town.slots} == {"3.50"}


def test_places_of_a_map_become_slots(tmp_path: Path):
    tags = {
        "amenity": "library",
        "name": "Old library",
        "opening_hours": "Mo 9:00-11:00",
    }
    place = {"type": "node", "id": 1, "lat": 60.1, "lon": 24.9, "tags": tags}
    (tmp_path / "map.json").write_text(json.dumps({"elements": [place]}))
    options = ("--from", "osm", *WEEK, "--holiday", "2026-03-09", "--country", "FI")
    done = convert(tmp_path / "map.json", tmp_path / "town", *options)
    assert done.exit_code == 0, done.stderr
    assert len(io.read_instance(tmp_path / "town").slots) == 1
    for wrong, code in (
        (("--assume-open-end", "25:00"), 1),
        (("--assume-fee", "-1"), 1),
        (("--school-holidays", "2026-04-02/2026-04-01"), 1),
        (("--school-holidays", "soon"), 1),
        (("--first", "x"), 1),
        (("--break", "12-13"), 1),
        (("--country", "XX"), 1),
        (("--zone", "Mars"), 1),
        (("--to", "osm"), 2),
    ):
        done = convert(tmp_path / "map.json", tmp_path / "new", *options, *wrong)
        assert done.exit_code == code, done.stderr
    assert (
        convert(tmp_path / "map.json", tmp_path / "new", "--from", "osm").exit_code == 2
    )
    assert not (tmp_path / "new").exists()

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

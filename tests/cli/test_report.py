"""`sharematch report`: who issues a page and when, and where communities lie."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import sharematch as sm
from sharematch import io
from sharematch.cli import app

RUN = CliRunner()
SQUARE = [[121.5, 29.8], [121.6, 29.8], [121.6, 29.9], [121.5, 29.9], [121.5, 29.8]]


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str, str]:
    """Return the paths of a town, its result and the page to write."""
    town = sm.Instance(
        communities=[
            sm.Community(id="j", name="Junmiao", location=(121.55, 29.87)),
            sm.Community(id="lianqiao", location=(121.57, 29.86)),
        ],
        facilities=[sm.Facility(id="hall", community="j")],
        slots=[sm.Slot(id="mon", facility="hall", kinds=["x"], capacity=3)],
        needs=[sm.Need(id="n", community="lianqiao", kind="x", quantity=2)],
    )
    io.write_instance(town, tmp_path / "town.json")
    io.write_result(sm.solve(town), tmp_path / "plan.json")
    names = ("town.json", "plan.json", "page.html")
    return tuple(str(tmp_path / name) for name in names)  # type: ignore[return-value]


def write(files: tuple[str, str, str], *more: str) -> Any:
    return RUN.invoke(app, ["report", *files[:2], "--out", files[2], *more])


def outlines(folder: Path, *named: tuple[str, Any]) -> str:
    features = [
        {"type": "Feature", "properties": {"name": name}, "geometry": geometry}
        for name, geometry in named
    ]
    path = folder / "outlines.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return str(path)


def test_issuer_and_day_stand_on_the_page(files: tuple[str, str, str]):
    assert (
        write(files, "--issuer", "Old town office", "--issued", "2026-11-30").exit_code
        == 0
    )
    page = Path(files[2]).read_text(encoding="utf-8")
    assert "Old town office" in page
    assert "30 November 2026" in page
    assert write(files, "--issuer", "Old town office").exit_code == 0
    assert str(date.today().year) in Path(files[2]).read_text(encoding="utf-8")  # noqa: DTZ011
    assert write(files).exit_code == 0
    assert "Issued" not in Path(files[2]).read_text(encoding="utf-8")


@pytest.mark.parametrize("command", ["solve", "demo"])
def test_issuer_and_day_stand_on_pages_of_other_commands(
    files: tuple[str, str, str], command: str
):
    given = [command, *files[: command == "solve"]]
    page = ["--report", files[2]]
    told = ["--issuer", "Old town office", "--issued", "2026-11-30"]
    assert RUN.invoke(app, [*given, *page, *told]).exit_code == 0
    text = Path(files[2]).read_text(encoding="utf-8")
    assert "Old town office" in text
    assert "30 November 2026" in text
    for more in (told[:2], told[2:]):
        done = RUN.invoke(app, [*given, *more, "--lang", "en"])
        assert done.exit_code == 2
        assert "goes with --report" in done.output
    assert RUN.invoke(app, [*given, *page, "--issued", "soon"]).exit_code == 2


def test_outlines_of_a_solve_stand_on_its_page(
    files: tuple[str, str, str], tmp_path: Path
):
    square = {"type": "Polygon", "coordinates": [SQUARE]}
    path = outlines(tmp_path, ("Junmiao", square))
    solved = ["solve", files[0], "--outlines", path]
    assert RUN.invoke(app, [*solved, "--report", files[2]]).exit_code == 0
    assert "outline" in Path(files[2]).read_text(encoding="utf-8")
    assert RUN.invoke(app, solved).exit_code == 2


def test_a_wrong_day_is_refused(files: tuple[str, str, str]):
    done = write(files, "--issued", "tomorrow", "--lang", "en")
    assert done.exit_code == 2
    assert "--issued" in done.output
    assert not Path(files[2]).exists()


def test_outlines_are_those_of_communities_by_id_or_name(
    files: tuple[str, str, str], tmp_path: Path
):
    square = {"type": "Polygon", "coordinates": [SQUARE]}
    twice = {"type": "MultiPolygon", "coordinates": [[SQUARE], [SQUARE]]}
    point = {"type": "Point", "coordinates": SQUARE[0]}
    path = outlines(
        tmp_path, ("Junmiao", square), ("lianqiao", twice), ("x", square), ("j", point)
    )
    assert write(files, "--outlines", path).exit_code == 0
    page = Path(files[2]).read_text(encoding="utf-8")
    assert page.count('class="outline"') == 3
    found = io.read_outlines(path, io.read_instance(files[0]))
    assert {one: len(rings) for one, rings in found.items()} == {"j": 1, "lianqiao": 2}


@pytest.mark.parametrize(
    ("name", "geometry", "message"),
    [
        ("x", {"type": "Polygon", "coordinates": [SQUARE]}, "no polygon of any"),
        (
            "j",
            {"type": "Polygon", "coordinates": [SQUARE[:-1]]},
            "rings must be closed",
        ),
        ("j", {"type": "Polygon", "coordinates": []}, "list"),
    ],
)
def test_outlines_that_are_none_are_refused(
    files: tuple[str, str, str], tmp_path: Path, name: str, geometry: Any, message: str
):
    path = outlines(tmp_path, (name, geometry))
    done = write(files, "--outlines", path, "--lang", "en")
    assert done.exit_code == 1
    assert message in done.output
    assert not Path(files[2]).exists()

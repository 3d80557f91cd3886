"""The case study: its reader on a town made up, its figures where the tables are."""

import json
import os
from dataclasses import asdict
from pathlib import Path

import pytest

import sharematch as sm
from benchmarks.toronto import LICENSE, __main__, tables
from benchmarks.toronto.city import IMPROVEMENT_AREA, Assumptions, read_city
from benchmarks.toronto.study import study
from sharematch.errors import InputError

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("TORONTO", ROOT.parent / "shared" / "data" / "toronto"))
EXPECTED = json.loads(__main__.EXPECTED.read_text(encoding="utf-8"))
PAGE = ROOT / "docs" / "toronto.md"

COMMUNITIES = """\
community_id,name,population,age_65_plus,low_income_pct,designation
1,Tianfeng,4000,1000,20.0,NIA
2,Lianqiao,3000,610,10.0,No Designation
"""
FACILITIES = "facility_id,name,lon,lat,community_id\n7,Tianfeng hall,0.01,0.01,1\n"
SLOTS = """\
slot_id,facility_id,category,age_min,start,end
1,7,sports,60,2026-01-05T09:00,2026-01-05T10:00
2,7,arts,55,2026-01-05T10:00,2026-01-05T11:00
3,7,sports,13,2026-01-05T11:00,2026-01-05T12:00
4,7,early_years,,2026-01-05T11:00,2026-01-05T12:00
"""


def square(community: str, west: float) -> dict[str, object]:
    east = west + 0.02
    ring = [[west, 0], [east, 0], [east, 0.02], [west, 0.02], [west, 0]]
    return {
        "type": "Feature",
        "properties": {"community_id": int(community)},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


@pytest.fixture
def town(tmp_path: Path) -> Path:
    squares = [square("1", 0), square("2", 0.02)]
    shapes = {"type": "FeatureCollection", "features": squares}
    texts = {
        "communities.csv": COMMUNITIES,
        "facilities.csv": FACILITIES,
        "slots.csv": SLOTS,
        "communities.geojson": json.dumps(shapes),
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_tables_become_records(town: Path) -> None:
    city = read_city(town)
    assert [slot.id for slot in city.slots] == ["1", "2"]
    assert [sorted(slot.kinds) for slot in city.slots] == [
        ["older-adults/active"],
        ["older-adults/calm"],
    ]
    units = {need.id: need.quantity for need in city.needs}
    # 50 of 1,000; two of three active; a fifth of each with a low income.
    assert {k: v for k, v in units.items() if k.startswith("1-")} == {
        "1-active-low-income": 7,
        "1-active": 26,
        "1-calm-low-income": 3,
        "1-calm": 14,
    }
    assert sum(v for k, v in units.items() if k.startswith("2-")) == 31
    assert city.communities[0].tags == {IMPROVEMENT_AREA}
    assert city.communities[1].location == pytest.approx((0.03, 0.01))


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("communities.csv", "610", "many", 'community "2".*age_65_plus.*many'),
        ("communities.csv", "610", "nan", 'community "2".*age_65_plus.*nan'),
        ("communities.csv", "2,Lianqiao", "3,Lianqiao", 'community "3".*no polygon'),
        ("facilities.csv", "0.01,0.01", "east,0.01", 'facility "7".*lon.*east'),
        ("slots.csv", "arts,55", "opera,55", 'slot "2".*category.*opera'),
        ("slots.csv", "category", "sort", "column.*category.*missing"),
    ],
)
def test_bad_tables_are_named(
    town: Path, file: str, old: str, new: str, message: str
) -> None:
    path = town / file
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), "utf-8")
    with pytest.raises(InputError, match=message):
        read_city(town)


def test_the_command(town: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = town / "out"
    __main__.main([str(town), "--out", str(out)])
    printed = capsys.readouterr().out
    assert printed.startswith(str(Assumptions()))
    assert LICENSE in printed
    assert "others than those" in printed
    written = json.loads((out / "figures.json").read_text(encoding="utf-8"))
    own = written["figures"]["plans"][0]
    # 33 ask for the 20 active places of Tianfeng, 17 for the 20 calm ones.
    assert (own["served"], own["served_nothing"]) == (37, 1)
    assert {p.name for p in out.glob("*.svg")} == {
        "map.svg",
        "lorenz.svg",
        "toronto.svg",
    }


def test_the_page_shows_what_was_found() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert f"```text\n{tables.text(EXPECTED['figures'])}\n```" in page
    assert f"```text\n{Assumptions()}\n```" in page
    assert all(line in page for line in LICENSE.splitlines())
    assert EXPECTED["figures"]["assumed"] == asdict(Assumptions())


@pytest.mark.slow
@pytest.mark.skipif(not DATA.exists(), reason="the City's tables are not here")
def test_figures_are_reproduced() -> None:
    if __main__.digest(DATA) != EXPECTED["data"]:
        pytest.skip("the City's tables are others than those of the page")
    assumed = Assumptions()
    found = study(read_city(DATA, assumed), assumed)
    assert found.figures() == EXPECTED["figures"]
    for plan in found.plans.values():
        assert plan.is_optimal
        assert not sm.check_certificate(found.instance, plan)
